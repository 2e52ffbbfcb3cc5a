"""Errors: whatever a user can meet is an AutodiffError and of the built-in kind that Python programs catch."""

from __future__ import annotations

import ast
import builtins
import copy
import importlib
import math
import pickle
import pkgutil
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import autodiff
from autodiff import (
    Dual,
    Tape,
    Trace,
    Var,
    check,
    check_rule,
    checkpoint,
    derivative,
    elementary,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    ln,
    logsumexp,
    sin,
    softmax,
    sqrt,
    trace,
    vjp,
)
from autodiff.errors import (
    ArgumentError,
    AutodiffError,
    BindingError,
    DefinitionError,
    DivisionByZeroError,
    DomainError,
    ExpressionError,
    LostDerivativeError,
    MissingPartError,
    OptionError,
    OutOfRangeError,
    ShapeError,
    TapeError,
    TooLargeError,
    TraceFileError,
    UnknownNameError,
    UnsupportedError,
    WriteError,
)
from autodiff.operations.array_rule import ARRAYS_BY_NAME
from autodiff.operations.rule import operation
from autodiff.render.files import write

PACKAGE = Path(autodiff.__file__).parent
MODULES = [
    importlib.import_module(each.name)
    for each in pkgutil.walk_packages([str(PACKAGE)], "autodiff.")
    if each.name != "autodiff.__main__"  # it runs the command
]

# --- every raise ----------------------------------------------------------------------------------------------
# What is raised and is no AutodiffError, and why nobody meets it, or why Python has it so.
NOT_OURS = {
    ("autodiff.operations.rule", "AttributeError"): "the protocol of __getattr__",
    ("autodiff.modes.lifted", "NotImplementedError"): "an abstract method",
    ("autodiff.expression.language", "KeyError"): "the protocol of a Mapping",
    ("autodiff.operations.functions", "ValueError"): "values speak as math does; evaluate makes it a DomainError",
    ("autodiff.render.json.from_json", "ValueError"): "caught beside json's own",
    ("autodiff.render.files", "FileExistsError"): "caught by write",
    ("autodiff.render.steps.keys", "OSError"): "caught by the stepper, which then reads lines",
    ("autodiff.render.steps.keys", "KeyboardInterrupt"): "the key Ctrl-C",
    ("autodiff.render.steps.keys", "SystemExit"): "a signal ends the program",
    ("autodiff.cli.main", "OSError"): "caught by main itself",
}
CAUGHT = {  # internal classes, each caught before anybody sees it
    "Wrong": "it becomes a TraceFileError when the place is known",
    "NotInJavaScript": "the player says that an operation has no program",
    "_NotComparedError": "the check says what it does not compare",
}


def raises(module: ModuleType) -> Iterator[tuple[ast.Raise, str]]:
    """Every raise statement, with the name of the class in whose body it stands."""

    def walk(node: ast.AST, inside: str) -> Iterator[tuple[ast.Raise, str]]:
        if isinstance(node, ast.Raise):
            yield node, inside
        for child in ast.iter_child_nodes(node):
            yield from walk(child, child.name if isinstance(child, ast.ClassDef) else inside)

    assert module.__file__ is not None
    yield from walk(ast.parse(Path(module.__file__).read_text("utf-8")), "")


def raised(expression: ast.expr, module: ModuleType, inside: str) -> Iterator[type | None]:
    """The classes that an expression after `raise` can be an instance of; None for an exception that is passed on."""
    if isinstance(expression, ast.IfExp):
        yield from raised(expression.body, module, inside)
        yield from raised(expression.orelse, module, inside)
    elif isinstance(expression, ast.Name) and expression.id in ("error", "stopped"):
        yield None
    elif isinstance(expression, ast.Call):
        yield from made(expression.func, module, inside)
    else:
        yield named(expression, module, inside)


def made(function: ast.expr, module: ModuleType, inside: str) -> Iterator[type | None]:
    """The class of what a call makes: of the class itself, or of what a function says that it returns."""
    if isinstance(function, ast.IfExp):
        yield from made(function.body, module, inside)
        yield from made(function.orelse, module, inside)
    elif isinstance(function, ast.Call):  # type(error)(…): the same class once more
        assert ast.unparse(function.func) == "type"
        yield None
    elif isinstance(function, ast.Attribute) and function.attr == "at":
        yield importlib.import_module("autodiff.render.json.decoding").Wrong
    else:
        found = named(function, module, inside)
        yield found if isinstance(found, type) else typing.get_type_hints(found)["return"]


def named(expression: ast.expr, module: ModuleType, inside: str) -> Any:
    """What a name means in a module; `self` is the class in whose body it stands."""
    if isinstance(expression, ast.Attribute):
        return getattr(named(expression.value, module, inside), expression.attr)
    assert isinstance(expression, ast.Name), ast.unparse(expression)
    if expression.id == "self":
        return getattr(module, inside)
    return getattr(module, expression.id, None) or getattr(builtins, expression.id)


def test_every_raise_is_ours_and_of_a_built_in_kind() -> None:
    used, count = set(), 0
    for module in MODULES:
        for statement, inside in raises(module):
            count += 1
            for found in raised(statement.exc, module, inside) if statement.exc else ():
                where = f"{module.__name__}:{statement.lineno} raises {found}"
                if found is None:
                    continue
                if found.__name__ in CAUGHT or (module.__name__, found.__name__) in NOT_OURS:
                    used |= {found.__name__, (module.__name__, found.__name__)}
                    continue
                assert issubclass(found, AutodiffError), f"{where}: choose a class of errors.py"
                assert found is not AutodiffError, f"{where}: say what kind of mistake it is"
    assert count > 250
    assert used >= NOT_OURS.keys() | CAUGHT.keys(), "an exception to the rule is no longer needed"


def ours(kind: type = AutodiffError) -> Iterator[type[AutodiffError]]:
    for each in kind.__subclasses__():
        yield each
        yield from ours(each)


@pytest.mark.parametrize("kind", sorted(set(ours()), key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_every_error_is_of_a_built_in_kind_and_says_what_it_was_told(kind: type[AutodiffError]) -> None:
    assert any(base.__module__ == "builtins" and issubclass(base, Exception) and base is not Exception
               for base in kind.__mro__)  # fmt: skip
    assert kind.__doc__
    if kind is not ExpressionError:
        error = kind("it's wrong")
        for same in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert type(same) is kind
            assert str(same) == "it's wrong"


# --- numbers that behave as floats do ---------------------------------------------------------------------------
def number(x: float) -> float:
    return x


def dual(x: float) -> Any:
    return Dual(x, 1.0)


def var(x: Any) -> Any:
    return Tape().var(x)


KINDS = pytest.mark.parametrize("make", [number, dual, var, lambda x: Dual(dual(x), 1.0)],
                                ids=["float", "Dual", "Var", "Dual of Duals"])  # fmt: skip
DIVISIONS: dict[str, Callable[[Any], Any]] = {
    "x / 0": lambda make: make(1.0) / 0,
    "1 / x": lambda make: 1 / make(0.0),
    "x / -0.0": lambda make: make(1.0) / -0.0,
    "x / x": lambda make: (lambda x: x / x)(make(0.0)),
    "x // 0": lambda make: make(1.0) // 0,
    "1 // x": lambda make: 1 // make(0.0),
    "x % 0": lambda make: make(1.0) % 0.0,
    "1 % x": lambda make: 1 % make(0.0),
    "divmod(x, 0)": lambda make: divmod(make(1.0), 0),
    "divmod(1, x)": lambda make: divmod(1, make(0.0)),
    "x ** -1": lambda make: make(0.0) ** -1,
    "x ** -1.5": lambda make: make(-0.0) ** -1.5,
    "0.0 ** x": lambda make: 0.0 ** make(-2.0),
}


@KINDS
@pytest.mark.parametrize("divide", DIVISIONS.values(), ids=DIVISIONS)
def test_a_division_by_zero_is_caught_as_one(divide: Callable[[Any], Any], make: Callable[[float], Any]) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        divide(make)
    if make is not number:
        assert type(caught.value) is DivisionByZeroError
        assert isinstance(caught.value, (DomainError, ValueError))


@KINDS
def test_a_whole_number_that_is_too_large_overflows(make: Callable[[float], Any]) -> None:
    huge = 10**400
    for attempt in (lambda x: x * huge, lambda x: huge + x, lambda x: x**huge, lambda x: huge / x):
        with pytest.raises(OverflowError) as caught:
            attempt(make(2.0))
        assert make is number or type(caught.value) is TooLargeError
    assert make(2.0) < huge


def test_outside_of_a_domain_is_a_value_error_and_no_division() -> None:
    for f, x in ((ln, -1.0), (ln, 0.0), (sqrt, -1.0), (lambda x: x**0.5, -8.0)):
        for make in (dual, var):
            with pytest.raises(ValueError, match=r"positive|not negative") as caught:
                f(make(x))
            assert type(caught.value) is DomainError


def test_a_function_that_handles_its_poles_is_differentiated_as_it_runs() -> None:
    def f(x: Any) -> Any:
        try:
            return 1 / (x - 1)
        except ZeroDivisionError:
            return 3 * x

    assert (grad(f)(1.0), derivative(f)(1.0), grad(f)(2.0)) == (3.0, 3.0, -1.0)


@pytest.mark.parametrize(
    ("what", "at", "kind", "message"),
    [
        ("1/x", 0, DivisionByZeroError, "1 / v₀ with v₀ = 0: division by zero (row v₁)"),
        ("1/0", None, DivisionByZeroError, "1/0: division by zero"),
        ("ln(x)", -1, DomainError, "ln v₀ with v₀ = −1: the logarithm needs a positive number (row v₁)"),
        (lambda x: 1 / x, 0, DivisionByZeroError, "division by zero"),
        (lambda x: ln(x), 0, DomainError, "the logarithm needs a positive number"),
    ],
    ids=["a row", "a constant", "a logarithm", "a function", "a function outside of its domain"],
)
def test_a_trace_that_stops_says_the_same_and_keeps_the_kind(what: Any, at: Any, kind: type, message: str) -> None:
    with pytest.raises(DomainError) as caught:
        trace(what, at=at)
    assert (type(caught.value), str(caught.value)) == (kind, message)


@pytest.mark.parametrize("make", [dual, var])
@pytest.mark.parametrize("stranger", ["a", None, 1j, object()], ids=["a text", "None", "a complex number", "an object"])
def test_operators_beside_what_is_no_number_are_pythons_own_complaint(make: Any, stranger: object) -> None:
    for attempt in (lambda x: x + stranger, lambda x: stranger - x, lambda x: x < stranger):
        with pytest.raises(TypeError, match=r"unsupported operand|not supported") as caught:
            attempt(make(2.0))
        assert not isinstance(caught.value, AutodiffError)


# --- misuse ---------------------------------------------------------------------------------------------------
A = np.array([1.0, 2.0, 3.0])
M = np.arange(6.0).reshape(2, 3)
FORMULA = "x1*x2 + sin(x1)"


def square(x: Any) -> Any:
    return x * x


def traced(mode: str = "reverse") -> Trace:
    return trace(FORMULA, at=(2, 5), mode=mode)


def stopped() -> Trace:
    with pytest.raises(DomainError) as caught:
        trace("ln(x)", at=-1)
    assert isinstance(caught.value.trace, Trace)
    return caught.value.trace


def inside_grad(f: Callable[[Any], Any]) -> Callable[[], Any]:
    return lambda: grad(f)(1.0)


Misuse = tuple[Callable[[], Any], type, type, str]
MISUSE: dict[str, Misuse] = {
    # Dual, Var, Tape
    "len of a number": (lambda: len(dual(1.0)), ArgumentError, TypeError, "no entries"),
    "entries of a number": (lambda: list(var(1.0)), ArgumentError, TypeError, "no entries"),
    "an index of a number": (lambda: var(1.0)[0], ArgumentError, TypeError, "needs an array"),
    "float of a Var": (lambda: float(var(1.0)), LostDerivativeError, TypeError, "Use .primal"),
    "int of a Dual": (lambda: int(dual(1.0)), LostDerivativeError, TypeError, "Use .primal"),
    "complex of a Dual": (lambda: complex(dual(1.0)), LostDerivativeError, TypeError, "Use .primal"),
    "math.sin of a Var": (lambda: math.sin(var(1.0)), LostDerivativeError, TypeError, "autodiff.sin"),
    "a pickled Var": (lambda: pickle.dumps(var(1.0)), LostDerivativeError, TypeError, "outside its tape"),
    "an entry that is set": (lambda: var(A).__setitem__(0, 1.0), UnsupportedError, TypeError, "np.where"),
    "a Dual of a text": (lambda: Dual("a"), LostDerivativeError, TypeError, "a Dual holds real numbers, not str"),
    "a Dual of a huge number": (lambda: Dual(10**400), TooLargeError, OverflowError, "a Dual: the number is too large"),
    "a tangent that is a text": (lambda: Dual(1.0, "a"), LostDerivativeError, TypeError, "a tangent or seed holds"),
    "tangents that are a text": (lambda: Dual(A, "a"), LostDerivativeError, TypeError, "a tangent or seed holds"),
    "no tangents": (lambda: Dual(A, None), LostDerivativeError, TypeError, "not NoneType"),
    "a tangent of another shape": (lambda: Dual(A, np.ones(2)), ShapeError, ValueError, "(3,), not (2,)"),
    "tangents for a number": (lambda: Dual(1.0, A), ShapeError, ValueError, "a number, not (3,)"),
    "a ragged tangent": (lambda: Dual(A, [[1], [1, 2]]), ShapeError, ValueError, "is an array of numbers, not [[1]"),
    "a Var without a tape": (lambda: Var(1.0), TapeError, RuntimeError, "with Tape(): x = Var(2.0)"),
    "a Var on no tape": (lambda: Var(1.0, tape="t"), ArgumentError, TypeError, "recorded on a Tape, not on str"),
    "a Var of a text": (lambda: Tape().var("a"), LostDerivativeError, TypeError, "a Var holds real numbers, not str"),
    "a Var of a huge number": (lambda: Tape().var(10**400), TooLargeError, OverflowError, "a Var: the number is too"),
    "Vars of two tapes": (lambda: var(1.0) + var(1.0), TapeError, RuntimeError, "two different tapes"),
    "a row that is not there": (lambda: var(1.0).tape[5], OutOfRangeError, IndexError, "there is no row 5"),
    "rows of a slice": (lambda: var(1.0).tape[0:1], ArgumentError, TypeError, "the number of a row, not slice"),
    "an adjoint too early": (lambda: var(1.0).adjoint, TapeError, RuntimeError, "call y.backward()"),
    "a seed that is a text": (lambda: var(1.0).backward("a"), LostDerivativeError, TypeError, "holds real numbers"),
    "a seed that is None": (lambda: var(1.0).backward(None), LostDerivativeError, TypeError, "not NoneType"),
    "no seed for an array": (lambda: var(A).backward(), TapeError, RuntimeError, "a seed of shape (3,)"),
    "a seed of another shape": (lambda: var(A).backward(np.ones(2)), ShapeError, ValueError, "(3,), not (2,)"),
    "seeds for a number": (lambda: var(1.0).backward(A), ShapeError, ValueError, "a number, not (3,)"),
    "backward inside grad": (inside_grad(lambda x: x.backward()), TapeError, RuntimeError, "instead of backward()"),
    # derivatives
    "the derivative of a number": (lambda: derivative(3), ArgumentError, TypeError, "of a function, not of int: 3"),
    "the gradient of a text": (lambda: grad("x^2"), ArgumentError, TypeError, "of a function, not of str"),
    "the Jacobian of None": (lambda: jacobian(None), ArgumentError, TypeError, "of a function, not of NoneType"),
    "jvp of a number": (lambda: jvp(3, 1.0, 1.0), ArgumentError, TypeError, "of a function, not of int"),
    "vjp of a number": (lambda: vjp(3, 1.0), ArgumentError, TypeError, "of a function, not of int"),
    "hvp of a number": (lambda: hvp(3, 1.0, 1.0), ArgumentError, TypeError, "of a function, not of int"),
    "a checkpoint of a number": (lambda: checkpoint(3), ArgumentError, TypeError, "of a function, not of int"),
    "a checkpoint of texts": (lambda: checkpoint(lambda x: "a")(var(1.0)), LostDerivativeError, TypeError, "not str"),
    "a derivative nowhere": (lambda: derivative(square)(), ArgumentError, TypeError, "needs a point"),
    "keywords only": (lambda: grad(square)(x=1.0), ArgumentError, TypeError, "positional arguments"),
    "argnums too large": (lambda: grad(square, 5)(1.0), OutOfRangeError, IndexError, "called with 1 positional"),
    "argnums too small": (lambda: grad(square, (0, -2))(1.0), OutOfRangeError, IndexError, "argnums=(0, -2)"),
    "argnums of a text": (lambda: grad(square, "x")(1.0), ArgumentError, TypeError, "or a sequence of them, not 'x'"),
    "argnums of a float": (lambda: grad(square, 0.0)(1.0), ArgumentError, TypeError, "a whole number"),
    "argnums of floats": (lambda: grad(square, [0.0])(1.0), ArgumentError, TypeError, "a whole number"),
    "argnums in lists": (lambda: grad(square, [[0]])(1.0), ArgumentError, TypeError, "a whole number"),
    "the gradient at a text": (lambda: grad(square)("a"), LostDerivativeError, TypeError, "argument 0 holds real"),
    "the gradient at integers": (lambda: grad(square)(np.arange(3)), LostDerivativeError, TypeError, "x.astype(float)"),
    "the gradient of an array": (lambda: grad(square)(A), LostDerivativeError, TypeError, "use jacobian, or np.sum"),
    "the gradient of nothing": (inside_grad(lambda x: None), LostDerivativeError, TypeError, "one number"),
    "a huge argument": (lambda: grad(square)(10**400), TooLargeError, OverflowError, "argument 0: the number is too"),
    "no pair with has_aux": (lambda: grad(square, has_aux=True)(1.0), LostDerivativeError, TypeError, "(result, aux)"),
    "a mode of jacobian": (lambda: jacobian(square, mode="foward"), OptionError, ValueError, "choose 'auto'"),
    "a mode of hessian": (lambda: hessian(square, mode="rev"), OptionError, ValueError, "choose 'auto'"),
    "the direction of grad": (lambda: grad(square).direction(1.0), MissingPartError, AttributeError, "only a Jacobian"),
    "too many tangents": (lambda: jvp(square, (1.0,), (1.0, 2.0)), ShapeError, ValueError, "2 tangents for 1 primals"),
    "a tangent in another tree": (lambda: jvp(lambda p: p["a"], ({"a": 1.0},), ({"b": 1.0},)), ShapeError, ValueError,
                                  "['a'] is missing"),
    "jvp along another shape": (lambda: jvp(square, (A,), (np.ones(2),)), ShapeError, ValueError, "(3,), not (2,)"),
    "jvp along a text": (lambda: jvp(square, 1.0, "a"), LostDerivativeError, TypeError, "a tangent or seed holds"),
    "a pullback of another shape": (lambda: vjp(square, A)[1](np.ones(2)), ShapeError, ValueError, "(3,), not (2,)"),
    "a pullback of a text": (lambda: vjp(square, 1.0)[1]("a"), LostDerivativeError, TypeError, "tangent or seed holds"),
    "a pullback of one for two": (lambda: vjp(lambda x: (x, x), 1.0)[1](1.0), ShapeError, ValueError, "2 outputs"),
    # operations
    "too many operands": (lambda: sin(1.0, 2.0), ArgumentError, TypeError, "sin takes 1 operand, not 2"),
    "a text for a number": (lambda: sin("a"), ArgumentError, TypeError, "sin takes real numbers, not str: 'a'"),
    "a complex array": (lambda: sin(np.array([1j])), ArgumentError, TypeError, "real and imaginary parts"),
    "an array of texts": (lambda: sin(np.array(["a"])), ArgumentError, TypeError, "real numbers, not ndarray"),
    "an array of None": (lambda: sin(np.array([None])), ArgumentError, TypeError, "real numbers, not NoneType"),
    "the sine of a huge number": (lambda: sin(10**400), TooLargeError, OverflowError, "sin: the number is too large"),
    "logsumexp of a text": (lambda: logsumexp("a"), ArgumentError, TypeError, "real numbers, not str"),
    "softmax of None": (lambda: softmax(None), ArgumentError, TypeError, "real numbers, not NoneType"),
    "a name that is no text": (lambda: elementary(3, math.sin, lambda z, x: x), DefinitionError, ValueError, "not 3"),
    "a built-in name": (lambda: elementary("sin", math.sin, lambda z, x: x), DefinitionError, ValueError, "my_sin"),
    "a value that is none": (lambda: elementary("v", 3, lambda z, x: x), DefinitionError, ValueError, "a function"),
    "a partial that is none": (lambda: elementary("v", math.sin, 3), DefinitionError, ValueError, "lambda z, x: …"),
    "a fact that is none": (lambda: elementary("v", math.sin, lambda z, x: x, latx="a"), DefinitionError, ValueError,
                            "latx"),
    "a push that is none": (lambda: elementary("v", abs, push=1, pull=2), DefinitionError, ValueError, "lambda t, z"),
    "rules of two lengths": (lambda: elementary("v", abs, push=(abs, abs), pull=abs), DefinitionError, ValueError,
                             "2 and 1 rules"),
    "a pull of too little": (lambda: elementary("v", abs, push=lambda t, z, x: t, pull=lambda g: g), DefinitionError,
                             ValueError, "lambda g, z, x: …"),
    "a rule too few": (lambda: grad(lambda x: np.sum(pairs(x, x)))(A), DefinitionError, ValueError, "called with 2"),
    "an unknown operation": (lambda: operation("wobble"), UnknownNameError, KeyError, "with elementary"),
    # checks
    "check of a text": (lambda: check("x^2"), ArgumentError, TypeError, "check(trace('x^2', …))"),
    "check at no point": (lambda: check(square), ArgumentError, TypeError, "the arguments of f"),
    "check at a text": (lambda: check(square, "a"), ArgumentError, TypeError, "argument x is a number or an array"),
    "check of texts": (lambda: check(lambda x: "a", 1.0), LostDerivativeError, TypeError, "not str: 'a'"),
    "check of a trace that stopped": (lambda: check(stopped()), DomainError, ValueError, "the run stopped"),
    "check_rule of a function": (lambda: check_rule(square), ArgumentError, TypeError, "an operation, such as sin"),
    "check_rule at a text": (lambda: check_rule(sin, "a"), ArgumentError, TypeError, "operand 1 is a number"),
    "check_rule of an array": (lambda: check_rule(ARRAYS_BY_NAME["matmul"]), ArgumentError, TypeError, "operands to"),
    # traces
    "a trace of a number": (lambda: trace(3), BindingError, ValueError, "an expression, a function or a tape, not int"),
    "a trace at nothing": (lambda: trace("x"), BindingError, ValueError, "no values given"),
    "a trace at a text": (lambda: trace("x", at="a"), BindingError, ValueError, "'a' is not a number"),
    "a trace at i": (lambda: trace("x", at=1j), BindingError, ValueError, "'1j' is not a finite number"),
    "a trace at an object": (lambda: trace(square, at=object()), BindingError, ValueError, "is not a finite number"),
    "a trace at a Var": (lambda: trace("x", at=var(1.0)), BindingError, ValueError, "is not a finite number"),
    "a mode of trace": (lambda: trace("x", at=1, mode="rev"), BindingError, ValueError, "forward, reverse or both"),
    "an order of trace": (lambda: trace("x", at=1, order="up"), BindingError, ValueError, "choose terms"),
    "wrt a number": (lambda: trace("x", at=1, mode="forward", wrt=0), BindingError, ValueError, "no variable '0'"),
    "an output by number": (lambda: trace("x", at=1, output=0), BindingError, ValueError, "no output '0'"),
    "a seed of a trace": (lambda: trace("x", at=1, seed=("a",)), BindingError, ValueError, "'a' is not a number"),
    "a seed of None": (lambda: trace("x", at=1, seed=[None]), BindingError, ValueError, "holds 'None'"),
    "a seed by a number": (lambda: trace("x", at=1, seed={1: 1.0}), BindingError, ValueError, "no output '1'"),
    "a trace of texts": (lambda: trace(lambda x: np.array(["a"]), at=1), BindingError, ValueError, "returns numbers"),
    "a misspelt function": (lambda: trace("snh(x)", at=1), ExpressionError, ValueError, "did you mean 'sinh'"),
    "a gradient of forward mode": (lambda: traced("forward").gradient, MissingPartError, AttributeError, "'reverse'"),
    "a tangent of reverse mode": (lambda: traced().tangent, MissingPartError, AttributeError, "mode='forward'"),
    "a Jacobian of one mode": (lambda: traced().jacobian, MissingPartError, AttributeError, "mode='both'"),
    "a gradient of what stopped": (lambda: stopped().gradient, DomainError, ValueError, "the run stopped"),
    # media
    "an unknown format": (lambda: traced().to("htm"), OptionError, ValueError, "did you mean 'html'"),
    "a format that is none": (lambda: traced().to(None), OptionError, ValueError, "unknown format 'None'"),
    "a list for a format": (lambda: traced().to([]), OptionError, ValueError, "unknown format '[]'"),
    "an option of a format": (lambda: traced().to("csv", style="book"), ArgumentError, TypeError, "takes digits"),
    "an option of a method": (lambda: traced().to_text(styel="book"), ArgumentError, TypeError, "did you mean 'style'"),
    "a style": (lambda: traced().to_text(style="bok"), OptionError, ValueError, "did you mean 'book'"),
    "a style that is none": (lambda: traced().to_text(style=None), OptionError, ValueError, "unknown style 'None'"),
    "digits below zero": (lambda: traced().to_text(digits=-1), OptionError, ValueError, "from 0 to 17"),
    "digits that are true": (lambda: traced().to_text(digits=True), OptionError, ValueError, "digits is True"),
    "rows of a text": (lambda: traced().to_text(rows="a"), OptionError, ValueError, "rows is 'a'"),
    "no rows": (lambda: traced().to_html(rows=0), OptionError, ValueError, "rows is 0"),
    "a direction": (lambda: traced().graph(direction="back"), OptionError, ValueError, "choose forward, reverse"),
    "a direction it has not": (lambda: traced().graph(direction="forward"), OptionError, ValueError, "no tangents"),
    "a notation": (lambda: traced().to_tikz(notation="block"), OptionError, ValueError, "choose nodes, blocks"),
    "a folder for a file": (lambda: write("a", PACKAGE), WriteError, OSError, "it is a folder"),
    "a file that is there": (lambda: write("a", __file__), WriteError, OSError, "exists already"),
    "JSON that is none": (lambda: Trace.from_json("{"), TraceFileError, ValueError, "this is not JSON"),
    "JSON of something else": (lambda: Trace.from_json("[1]"), TraceFileError, ValueError, "expected an object"),
    "JSON that is no text": (lambda: Trace.from_json(None), TraceFileError, ValueError, "is a text, not NoneType"),
}  # fmt: skip

pairs = elementary("pairs_of_the_tests", np.multiply, push=lambda t, z, x, y: t * y, pull=lambda g, z, x, y: g * y)


@pytest.mark.parametrize(("attempt", "kind", "built_in", "phrase"), MISUSE.values(), ids=MISUSE)
def test_misuse_is_told_in_one_class_of_ours(
    attempt: Callable[[], Any], kind: type[AutodiffError], built_in: type[Exception], phrase: str
) -> None:
    with pytest.raises(built_in) as caught:
        attempt()
    assert type(caught.value) is kind
    assert phrase in str(caught.value)


# What our own functions find wrong with arrays; the built-in kind is that of numpy's error for plain arrays.
ARRAYS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "@ with a number": (lambda x, m: x @ 2.0, "write * with numbers"),
    "einsum with a term too many": (lambda x, m: np.einsum("ij,jk->ik", m), "2 terms in 'ij,jk->ik' for 1 operands"),
    "einsum with an axis too many": (
        lambda x, m: np.einsum("ijk->i", m),
        "the term 'ijk' in 'ijk->i' is for an operand",
    ),
    "einsum with an axis too few": (lambda x, m: np.einsum("i->i", m), "the term 'i'"),
    "einsum with half an arrow": (lambda x, m: np.einsum("ij-i", m), "the term 'ij-i'"),
    "tensordot of other lengths": (lambda x, m: np.tensordot(m, m, 1), "(2, 3) and (2, 3)"),
    "cross of long vectors": (lambda x, m: np.cross(np.append(x, 1.0), np.ones(4)), "length 2 or 3, not 4 and 4"),
    "linalg.cross of short vectors": (lambda x, m: np.linalg.cross(x[:2], x[:2]), "length 3"),
    "vecdot of other lengths": (lambda x, m: np.linalg.vecdot(x, np.ones(2)), "3 and 2"),
    "transpose with an axis twice": (lambda x, m: m.transpose(0, 0), "each of the 2 axes once"),
    "moveaxis of two axes to one": (lambda x, m: np.moveaxis(m, (0, 1), (0,)), "1 destinations for 2 axes"),
    "split into unequal parts": (lambda x, m: np.split(x, 2), "use np.array_split"),
    "meshgrid": (lambda x, m: np.meshgrid(x, x, indexing="ji"), "'xy' or 'ij', not 'ji'"),
    "diag of a cube": (lambda x, m: np.diag(np.ones((2, 2, 2)) * x[0]), "not an array of shape (2, 2, 2)"),
    "select with a choice too many": (lambda x, m: np.select([x > 1], [x, x]), "2 choices for 1 conditions"),
    "take with a mode": (lambda x, m: np.take(x, 1, mode="foo"), "'raise', 'wrap' or 'clip', not 'foo'"),
    "choose beyond the choices": (lambda x, m: np.choose([0, 5], [x[:2], x[:2]]), "there are 2 choices"),
    "piecewise": (lambda x, m: np.piecewise(x, [x > 1], [1, 2, 3]), "3 functions for 1 conditions"),
    "max of chosen entries": (lambda x, m: np.max(x, where=x > 1), "needs initial="),
    "differences −1 times": (lambda x, m: np.diff(x, n=-1), "0 or more, not -1"),
    "gradient with spacings": (lambda x, m: np.gradient(x, 1.0, 2.0), "2 spacings for 1 axes"),
    "gradient of one point": (lambda x, m: np.gradient(x[:1]), "at least two points"),
    "a quantile above 1": (lambda x, m: np.quantile(x, 1.5), "between 0 and 1"),
    "interp with a value too few": (lambda x, m: np.interp(x, x, x[:2]), "not (2,) for (3,)"),
    "convolve of a matrix": (lambda x, m: np.convolve(x, m), "two vectors"),
    "correlate with a mode": (lambda x, m: np.correlate(x, x, mode="foo"), "'full', 'same' or 'valid', not 'foo'"),
    "a norm of matrices": (lambda x, m: np.linalg.norm(m, 3), "ord=3 is no norm over 2 axes"),
    "a norm of vectors": (lambda x, m: np.linalg.norm(x, "nuc"), "ord='nuc' is no norm of vectors"),
    "eigh with UPLO": (lambda x, m: np.linalg.eigh(m[:, :2], UPLO="Q"), "'L' or 'U', not 'Q'"),
    "cholesky of a rectangle": (lambda x, m: np.linalg.cholesky(m), "a square matrix is needed"),
    "matrix_power of a rectangle": (lambda x, m: np.linalg.matrix_power(m, 2), "a square matrix is needed"),
    "qr of a vector": (lambda x, m: np.linalg.qr(x), "a matrix is needed"),
    "svd of a vector": (lambda x, m: np.linalg.svd(x), "a matrix is needed"),
    "lstsq of other lengths": (lambda x, m: np.linalg.lstsq(m, x), "not (3,) for (2, 3)"),
}


@pytest.mark.parametrize("make", [lambda x: Dual(x, np.ones_like(x)), var], ids=["Dual", "Var"])
@pytest.mark.parametrize(("attempt", "phrase"), ARRAYS.values(), ids=ARRAYS)
def test_array_functions_complain_in_the_kind_of_numpy(attempt: Any, phrase: str, make: Any) -> None:
    with pytest.raises(Exception) as numpys:  # noqa: PT011  # whatever numpy raises
        attempt(A, M)
    tape = Tape()
    operands = [tape.var(x) if make is var else make(x) for x in (A, M)]
    with pytest.raises(type(numpys.value)) as caught:
        attempt(*operands)
    assert isinstance(caught.value, AutodiffError)
    assert phrase in str(caught.value)


# What numpy finds wrong with values and shapes is numpy's own error, as it is for plain arrays.
NUMPYS: dict[str, Callable[[Any, Any], Any]] = {
    "an index beyond the end": lambda x, m: x[5],
    "an index too many": lambda x, m: x[1, 1],
    "a text for an index": lambda x, m: x["a"],
    "two ellipses": lambda x, m: m[..., ...],
    "a mask of another length": lambda x, m: x[np.array([True, False])],
    "reshape to another size": lambda x, m: x.reshape(2, 2),
    "reshape with an order": lambda x, m: np.reshape(x, 3, order="Q"),
    "concatenate other shapes": lambda x, m: np.concatenate([x, m]),
    "stack other shapes": lambda x, m: np.stack([x, m]),
    "matmul of other shapes": lambda x, m: m @ m,
    "a sum of other shapes": lambda x, m: x + np.ones(2),
    "a product of other shapes": lambda x, m: x[:2] * m,
    "an axis that is not there": lambda x, m: np.sum(x, axis=3),
    "einsum with an unknown letter": lambda x, m: np.einsum("ij->k", m),
    "einsum of other lengths": lambda x, m: np.einsum("ij,ji->i", m, m),
    "a singular matrix": lambda x, m: np.linalg.inv(m[:, :2] * 0),
    "solve with a rectangle": lambda x, m: np.linalg.solve(m, x),
    "whether an array is true": lambda x, m: bool(x),
    "the maximum of nothing": lambda x, m: np.max(x[:0]),
}


@pytest.mark.parametrize("attempt", NUMPYS.values(), ids=NUMPYS)
def test_what_numpy_finds_wrong_is_its_own_error(attempt: Callable[[Any, Any], Any]) -> None:
    tape = Tape()
    caught = []
    for x, m in ((A, M), (Dual(A, A), Dual(M, M)), (tape.var(A), tape.var(M))):
        with pytest.raises(Exception) as error:  # noqa: PT011  # whatever numpy raises
            attempt(x, m)
        caught.append(type(error.value))
    assert len(set(caught)) == 1

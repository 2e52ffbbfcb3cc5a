"""What an operation is: its value, its partial derivatives, its domain, its conventions, its typesetting.

Everything else in the package reads what is written here; nothing else states a derivative.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from autodiff.errors import DefinitionError, DomainError

# A partial derivative as a function of the result z and the operands x, y: lambda z, x, y: …
# What it computes depends on what it is fed: numbers, Duals, Vars, or formulas (Expr).
Partial = Callable[..., Any]
Interval = tuple[float, float]

REALS: Interval = (-math.inf, math.inf)
PLAIN = frozenset((float, int, bool))
ARRAYS: set[type] = set()  # numpy's array types, once numpy is in use: told apart without asking for attributes


@dataclass(frozen=True)
class Domain:
    """Where a function has a value: the sentence an error prints, and an open interval for each operand.

    The intervals are where tests draw their points; the function itself decides what it refuses.
    """

    needs: str
    intervals: tuple[Interval, ...]


@dataclass(frozen=True)
class Convention:
    """What is used at points where the formula of the partial has no single answer.

    `where` tells the points from the operands; `partials` are the numbers used there, None for an operand
    whose formula is right even there; `note` is the sentence that a table prints.
    """

    where: Callable[..., bool]
    note: str
    partials: tuple[float | None, ...]


@dataclass(frozen=True)
class Notation:
    """How an operation is typeset: its kind (`infix`, `prefix`, `power`, `function`, `bars`, `root`,
    `greater`, `heaviside`, `gaussian`), its symbol in text and in LaTeX.
    """

    kind: str
    symbol: str
    latex: str


class Constant(float):
    """A number that remembers how it was written: π, or ln 2, or 2π/3.

    `formula` is a symbol (a string) or an operation with its operands.

    >>> Constant(3.141592653589793, "π") * 2
    6.283185307179586
    """

    __slots__ = ("formula",)
    formula: str | tuple[Operation, tuple[float, ...]]

    def __new__(cls, value: float, formula: str | tuple[Operation, tuple[float, ...]]) -> Constant:
        """A float with its formula."""
        self = super().__new__(cls, value)
        self.formula = formula
        return self

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """To numpy it is a plain float: beside an array of single precision it must not make it double."""
        return getattr(ufunc, method)(*(float(x) if type(x) is Constant else x for x in inputs), **options)

    def __reduce__(self) -> tuple[object, ...]:
        return Constant, (float(self), self.formula)


@dataclass(frozen=True, eq=False)
class Operation:
    """One elementary operation. Call it with numbers, Duals, Vars or formulas.

    `function` works on floats and may raise ValueError or ZeroDivisionError outside its domain;
    `overflow` says what stands for a value too large for a float.
    """

    name: str
    function: Callable[..., float]
    partials: tuple[Partial, ...]
    notation: Notation
    domain: Domain
    conventions: tuple[Convention, ...] = ()
    overflow: Callable[..., float] = field(default=lambda *_: math.inf)
    vector: Callable[..., Any] | None = None  # its value at arrays, where numpy has no function of its name
    sympy: Callable[..., Any] | None = None  # its reading in sympy, where to_sympy.py has none
    code: int = -1  # its place in the table; a tape row stores this number

    @property
    def arity(self) -> int:
        """How many operands it takes."""
        return len(self.partials)

    def __call__(self, *operands: Any) -> Any:
        """Apply to operands of any kind: the one with the highest level decides what happens.

        Raises TypeError for what is not a real number, a Dual, a Var or a formula, or for a wrong number of operands.
        """
        top, level, foreign = None, 0, False
        for operand in operands:
            kind = type(operand)
            if kind in ARRAYS:
                foreign = True
            elif kind not in PLAIN:
                its = getattr(operand, "level", 0)
                if its > level:
                    top, level = operand, its
                elif not its and kind is not Constant:  # a Fraction, something of numpy's
                    foreign = True
        if len(operands) != self.arity:
            plural = "s" * (self.arity > 1)
            raise TypeError(f"{self.name} takes {self.arity} operand{plural}, not {len(operands)}")
        if foreign:
            return self._call_foreign(operands, top)
        return self.evaluate(*operands) if top is None else top.apply(self, operands)

    def _call_foreign(self, operands: tuple[Any, ...], top: Any) -> Any:
        """The call with operands that are neither Python's numbers nor ours: arrays are arrays, the rest are floats."""
        if top is None and all(map(_is_plain_array, operands)):
            return self.on_arrays(*operands)
        at_home = top is not None and not top.is_array  # beside a Python number, numpy's scalars are Python numbers
        settled = tuple(settle(operand, self.name, at_home=at_home) for operand in operands)
        if top is not None:
            return top.apply(self, settled)
        if any(hasattr(operand, "level") for operand in settled):  # an array of Vars has become one Var
            return self(*settled)
        return self.on_arrays(*settled) if any(hasattr(x, "dtype") for x in settled) else self.evaluate(*settled)

    def on_arrays(self, *values: Any) -> Any:
        """The value at numpy arrays, entry by entry, as numpy has it: nan and inf outside the domain, no error."""
        try:
            return AT_ARRAYS[self](*values)
        except KeyError:
            from autodiff.operations.numpy_values import vectorized  # numpy is imported by those who have an array

            AT_ARRAYS[self] = vectorized(self)
            return AT_ARRAYS[self](*values)

    def evaluate(self, *values: float) -> float:
        """The value at plain numbers.

        Raises DomainError outside the domain; a value too large for a float is ±inf.
        """
        try:
            return self.function(*values)
        except OverflowError:
            return self.overflow(*map(float, values))  # an int that no float can hold raises here
        except (ValueError, ZeroDivisionError):
            raise DomainError(self.complaint(*values)) from None

    def complaint(self, *values: float) -> str:
        """The sentence for values outside the domain."""
        if not all(map(math.isfinite, values)):
            return f"{self.name} needs finite numbers"
        return self.domain.needs or f"{self.name} has no value here"

    def convention_at(self, *values: float) -> Convention | None:
        """The convention that applies at these operands, if any."""
        return next((rule for rule in self.conventions if rule.where(*values)), None)

    def __reduce__(self) -> tuple[object, ...]:
        return operation, (self.name,)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def _is_plain_array(operand: Any) -> bool:
    """Whether an operand is a numpy array of floats, or a Python number."""
    return type(operand) in PLAIN or getattr(getattr(operand, "dtype", None), "kind", "") == "f"


def settle(operand: Any, name: str, *, at_home: bool = False) -> Any:
    """An operand as operations store it: a number, a real numpy array, or something lifted.

    `at_home` makes numpy's scalars Python floats. Raises TypeError for anything else.
    """
    if type(operand) in PLAIN or type(operand) is Constant or hasattr(operand, "level"):
        return operand
    dtype = getattr(operand, "dtype", None)
    if dtype is not None and dtype.kind == "O":
        from autodiff.operations.arrays import from_objects

        return from_objects(operand)
    if dtype is not None and dtype.kind in "fiub":
        return float(operand) if at_home and operand.ndim == 0 else operand
    if dtype is not None and dtype.kind == "c":
        raise TypeError(f"{name} takes real numbers, not complex ones: differentiate by their real and imaginary parts")
    if isinstance(operand, Real):
        return float(operand)
    raise TypeError(f"{name} takes real numbers, not {type(operand).__name__}: {operand!r:.40}")


AT_ARRAYS: dict[Operation, Callable[..., Any]] = {}  # the operations as functions of arrays, as far as they were needed
TABLE: list[Operation] = []
FIRST: list[Partial] = []  # the partials of all operations by code, for the tape's inner loop
LAST: list[Partial] = []
BY_NAME: dict[str, Operation] = {}
BUILT_IN: set[str] = set()  # the names that nobody may define anew


def operation(name: str) -> Operation:
    """The operation of that name in the table."""
    return BY_NAME[name]


def enter(
    name: str,
    function: Callable[..., float],
    *partials: Partial,
    notation: Notation,
    needs: str = "",
    on: tuple[Interval, ...] = (),
    at: tuple[Convention, ...] = (),
    overflow: Callable[..., float] = lambda *_: math.inf,
    vector: Callable[..., Any] | None = None,
    sympy: Callable[..., Any] | None = None,
) -> Operation:
    """Enter an operation into the table; `elementary` says what the arguments are."""
    _check_definition(name, function, partials)
    entry = Operation(
        name=name,
        function=function,
        partials=partials,
        notation=notation,
        domain=Domain(needs, on or (REALS,) * len(partials)),
        conventions=at,
        overflow=overflow,
        vector=vector,
        sympy=sympy,
        code=len(TABLE),
    )
    TABLE.append(entry)
    FIRST.append(partials[0])
    LAST.append(partials[-1])
    BY_NAME[name] = entry
    return entry


def _check_definition(name: str, function: object, rules: tuple[object, ...]) -> None:
    """Raises DefinitionError for what could not work, when it is defined and not when it is used."""
    if not name.isidentifier():
        raise DefinitionError(f"an operation needs a name made of letters, digits and _, not {name!r}")
    if name in BUILT_IN:
        raise DefinitionError(f"{name} is built in: choose another name, such as my_{name}")
    if not callable(function):
        raise DefinitionError(f"the value of {name} must be a function, not {type(function).__name__}")
    for k, rule in enumerate(rules):
        if not callable(rule) or not _takes(rule, len(rules) + 1):
            operands = ", ".join("xyuvw"[: len(rules)]) if len(rules) <= 5 else "…"
            raise DefinitionError(
                f"partial {k + 1} of {name} must be a function of the result z and the {len(rules)} operand"
                f"{'s' * (len(rules) > 1)}: lambda z, {operands}: …"
            )


def _takes(rule: Callable[..., object], count: int) -> bool:
    """Whether a rule can be called with so many arguments."""
    code = getattr(rule, "__code__", None)
    if code is not None and code.co_argcount == count:  # nearly always, and inspect is slow
        return True
    import inspect

    try:
        inspect.signature(rule).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # a built-in function that does not tell
        return True
    return True


def elementary(
    name: str, function: Callable[..., Any], *partials: Partial, push: Any = None, pull: Any = None, latex: str = "",
    **facts: Any,
) -> Any:  # fmt: skip
    """Define an operation: its value, and its partial derivatives or how it pushes tangents and pulls adjoints.

    A function of numbers gives a partial ∂z/∂x for each operand: a function of the result z and the operands, written
    with operators and functions of this package, so that it can be differentiated and printed in its turn. The
    operation then works on numbers, arrays (entry by entry), Duals, Vars and formulas, and as a word in `trace("…")`.
    Facts that may follow: `needs`, the sentence for points outside its domain; `on`, an open interval for each operand;
    `at`, the Conventions at its kinks; `vector`, its value at whole arrays; `sympy`, its reading in sympy, for `check`.

    >>> from autodiff import grad, sigmoid
    >>> swish = elementary("swish", lambda x: x * sigmoid(x), lambda z, x: sigmoid(x) + z * sigmoid(-x))
    >>> swish(0.0), grad(swish)(0.0), grad(grad(swish))(0.0)
    (0.0, 0.5, 0.5)

    A function of arrays gives `push` and `pull` instead, a function (or a tuple of them, one for each operand) with the
    tangent t of the operand, or the adjoint g of the result, in front: push is ż, pull is x̄. Settings are keywords.

    >>> import numpy as np
    >>> reverse = elementary("reverse", lambda x: x[::-1], push=lambda t, z, x: t[::-1], pull=lambda g, z, x: g[::-1])
    >>> grad(lambda x: reverse(x)[0] ** 2)(np.array([1.0, 2.0, 3.0]))
    array([0., 0., 6.])

    Whether the rule is right, `check_rule(operation)` finds out. Raises DefinitionError for the name of a built-in
    operation, and for rules that do not take the right arguments. Defining a name once more replaces it.
    """
    if BUILT_IN:  # the table is complete: this is a definition of a user's, and all built-in names must be known
        from autodiff.operations import decompositions  # noqa: F401
    if push is None and pull is None:
        if not partials:
            raise DefinitionError(f"{name} needs a partial for each operand, or push= and pull=")
        notation = Notation("function", name, latex or rf"\operatorname{{{name}}}")
        return enter(name, function, *partials, notation=notation, **facts)
    if push is None or pull is None or partials or facts:
        raise DefinitionError(f"{name}: give its partials, or push= and pull= and nothing else")
    _check_definition(name, function, ())
    from autodiff.operations.array_rule import each_operand

    return each_operand(name, function, push, pull)


def infix(
    name: str, symbol: str, function: Callable[..., float], *partials: Partial, latex: str = "", **facts: Any
) -> Operation:
    """Enter an operation that is written between its operands."""
    notation = Notation("infix", symbol, latex or symbol)
    return enter(name, function, *partials, notation=notation, **facts)


def special(
    name: str, kind: str, symbol: str, function: Callable[..., float], *partials: Partial, **facts: Any
) -> Operation:
    """Enter an operation with a way of writing of its own: −x, x^y, |x|, √x, [x > y]."""
    return enter(name, function, *partials, notation=Notation(kind, symbol, symbol), **facts)

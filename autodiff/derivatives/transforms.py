"""Derivatives of Python functions: derivative, grad, value_and_grad, jvp, vjp, jacobian, hessian, hvp.

All of them nest in every order; each differentiation has a level of its own. Arguments and results are numbers, numpy
arrays, and trees of them: nested tuples, lists, dicts and dataclasses.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

from autodiff.derivatives.jacobians import Direction, blocks, choose, size
from autodiff.derivatives.runs import (
    Argnums,
    Function,
    adjoints_of,
    as_number,
    check_callable,
    inputs_of,
    like_arguments,
    name_of,
    outputs_of,
    own,
    run_on_tape,
    split_aux,
    stripped,
    value_of,
)
from autodiff.derivatives.trees import leaves, map_leaves, match, rebuild
from autodiff.errors import ArgumentError, LostDerivativeError, MissingPartError, ShapeError
from autodiff.modes.dual import Dual, as_tangent
from autodiff.modes.levels import Differentiation, under_way
from autodiff.modes.lifted import is_operand
from autodiff.modes.rows import nought
from autodiff.modes.tape import Var
from autodiff.operations.operands import plain, shape


class Derived:
    """A function made from another: it keeps its name, docstring and signature, can be pickled if the other can, and
    is a method where the other is one.
    """

    keeps_labels = True  # a gradient has the labels of the arguments: None and strings in their trees

    def __init__(self, how: Callable[..., Any], f: Function, **options: Any) -> None:
        check_callable(f)
        functools.update_wrapper(self, f)  # first, because it copies what f holds, and f may be a Derived itself
        self.how, self.f, self.options = how, f, options

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The derivative at these arguments."""
        return self.how(self.f, args, kwargs, **self.options)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self) -> Any:
        module, name = getattr(self, "__module__", ""), getattr(self, "__qualname__", "")
        if getattr(sys.modules.get(module), name, None) is self:  # a decorated function: pickled by its name
            return name
        return _derived, (self.how, self.f, self.options)

    def __repr__(self) -> str:
        return f"<{self.how.__name__.strip('_')} of {name_of(self.f)}>"

    def direction(self, *args: Any, **kwargs: Any) -> Direction:
        """For a Jacobian: which direction it takes at these arguments, and why."""
        if "mode" not in self.options:
            raise MissingPartError(f"{self!r} has no direction to choose: only a Jacobian has")
        run = run_on_tape(self.f, args, kwargs, self.options["argnums"])
        result, _ = split_aux(run.result, self.options["has_aux"], self.f)
        outputs = [leaf.value for leaf in outputs_of(result, self.f)]
        return choose(sum(map(size, run.inputs)), sum(map(size, outputs)), self.options["mode"])


def _derived(how: Callable[..., Any], f: Function, options: dict[str, Any]) -> Derived:
    return Derived(how, f, **options)


# --- forward mode -----------------------------------------------------------------------------------------------
def derivative(f: Function) -> Function:
    """The derivative of a function of one number, by forward mode; several outputs give several derivatives.

    At an array, it is the derivative entry by entry, of a function that works entry by entry.

    >>> derivative(lambda x: x**3)(2.0)
    12.0
    >>> derivative(derivative(lambda x: x**3))(2.0)
    12.0
    """
    return Derived(_derivative, f)


def _derivative(f: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if not args:
        raise ArgumentError(f"the derivative of {name_of(f)} needs a point: one positional argument")
    x, *others = args
    ones = map_leaves(lambda leaf: 1.0, x)
    found = jvp(lambda x: f(x, *others, **kwargs), (x,), (ones,))[1]
    if shape(x) and any(shape(leaf.value) != shape(x) for leaf in leaves(found)):
        raise LostDerivativeError(
            f"{name_of(f)} does not work entry by entry on an array of shape {shape(x)}: use grad or jacobian"
        )
    return found


def jvp(f: Function, primals: Any, tangents: Any) -> tuple[Any, Any]:
    """(f(*primals), J·tangents): the value and its derivative in one direction, by one forward pass.

    `primals` and `tangents` are sequences of arguments, or a single argument each, built alike.
    Raises ShapeError if they are not.

    >>> jvp(lambda x, y: x * y, (2.0, 5.0), (1.0, 0.0))
    (10.0, 5.0)
    """
    check_callable(f)
    primals, tangents = _sequence(primals), _sequence(tangents)
    if len(primals) != len(tangents):
        raise ShapeError(f"jvp needs a tangent for each primal: {len(tangents)} tangents for {len(primals)} primals")
    run = Differentiation()
    at = [x for number, primal in enumerate(primals) for x in inputs_of(number, primal)]
    moved = [
        t
        for n, (x, tangent) in enumerate(zip(primals, tangents, strict=True))
        for t in match(tangent, x, f"jvp needs tangents built like the primals; argument {n}")
    ]
    new = iter([Dual(x, t, level=run.level) for x, t in zip(at, moved, strict=True)])
    duals = [rebuild(x, new) for x in primals]
    with under_way(run):
        result = f(*duals)
    found = [leaf.value for leaf in outputs_of(result, f)]
    mine = [type(y) is Dual and y.level == run.level for y in found]
    values = [y.primal if own else y for y, own in zip(found, mine, strict=True)]
    given = {id(t) for t in moved}
    slopes = [y.tangent if own else nought(y) for y, own in zip(found, mine, strict=True)]
    slopes = [own(slope) if id(slope) in given else slope for slope in slopes]  # an input that is an output
    return rebuild(result, iter(values)), rebuild(result, iter(slopes))


# --- reverse mode -----------------------------------------------------------------------------------------------


def vjp(f: Function, *primals: Any, has_aux: bool = False) -> Any:
    """(f(*primals), pullback): pullback(seed) is the tuple seedᵀ·J, by one reverse sweep.

    A seed is built like the output; ShapeError if it is not. With `has_aux`, f returns (output, aux), and aux is passed
    through as a third result.

    >>> value, pullback = vjp(lambda x, y: x * y, 2.0, 5.0)
    >>> value, pullback(1.0)
    (10.0, (5.0, 2.0))
    """
    check_callable(f)
    tape, _, inputs, result, _ = run_on_tape(f, primals, {}, None)
    result, aux = split_aux(result, has_aux, f)
    outputs = outputs_of(result, f)

    def pullback(seed: Any) -> tuple[Any, ...]:
        given = match(seed, result, f"the seed needs a number for each of the {len(outputs)} outputs")
        seeds: dict[int, Any] = {}
        for leaf, weight in zip(outputs, given, strict=True):
            y = leaf.value
            if type(y) is Var and y.tape is tape:
                weight = as_tangent(weight, y.primal)
                seeds[y.row] = weight if y.row not in seeds else seeds[y.row] + weight
        found = iter(adjoints_of(tape, inputs, seeds))
        return tuple(rebuild(x, found) for x in primals)

    value = rebuild(result, iter([value_of(tape, leaf.value) for leaf in outputs]))
    return (value, pullback, stripped(tape, aux)) if has_aux else (value, pullback)


def value_and_grad(f: Function, argnums: Argnums = None, *, has_aux: bool = False) -> Function:
    """A function that returns (f(args), partials) from one run and one reverse sweep.

    The partials are those of `grad`. With `has_aux`, f returns (value, aux), and
    the result is ((value, aux), partials).

    >>> value_and_grad(lambda x, y: x * y)(2.0, 5.0)
    (10.0, (5.0, 2.0))
    """
    return Derived(_value_and_grad, f, argnums=argnums, has_aux=has_aux)


def _value_and_grad(
    f: Function, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Argnums, has_aux: bool
) -> tuple[Any, Any]:
    run = run_on_tape(f, args, kwargs, argnums)
    tape, result = run.tape, run.result
    y, aux = split_aux(result, has_aux, f)
    if type(y) is not Var:
        y = as_number(y, f)
    if not is_operand(y) or size(y) != 1:
        shown = f"an array of shape {shape(y)}: use jacobian, or np.sum" if shape(y) else f"{y!r:.60}"
        raise LostDerivativeError(f"grad needs a function that returns one number; {name_of(f)} returned {shown}")
    seeds = {}
    if type(y) is Var and y.tape is tape:
        seeds[y.row] = 1.0 if type(y.primal) is float else as_tangent(1.0, y.primal)
    partials = like_arguments(args, run, argnums, adjoints_of(tape, run.inputs, seeds))
    value = value_of(tape, y)
    return (value, stripped(tape, aux)) if has_aux else value, partials


def grad(f: Function, argnums: Argnums = None, *, has_aux: bool = False) -> Function:
    """The partial derivatives of a function that returns one number, by reverse mode.

    They are built like the arguments: a single one for a function of one argument, a tuple for several, or as
    `argnums` says: one index, or a sequence of indices. With `has_aux`, f returns (value, aux), and the result is
    (partials, aux).

    >>> grad(lambda x, y: x * y)(2.0, 5.0)
    (5.0, 2.0)
    >>> grad(lambda x, y: x * y, argnums=1)(2.0, 5.0)
    2.0
    >>> grad(lambda p: p["w"] ** 2 + p["b"])({"w": 3.0, "b": 1.0})
    {'w': 6.0, 'b': 1.0}
    """
    return Derived(_grad, f, argnums=argnums, has_aux=has_aux)


def _grad(f: Function, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Argnums, has_aux: bool) -> Any:
    value, partials = _value_and_grad(f, args, kwargs, argnums, has_aux)
    return (partials, value[1]) if has_aux else partials


# --- whole matrices ---------------------------------------------------------------------------------------------
def jacobian(f: Function, argnums: Argnums = None, *, mode: str = "auto", has_aux: bool = False) -> Function:
    """All partial derivatives of all outputs, from one run.

    For each output there is what `grad` returns: between arrays, an array of shape (*output.shape, *input.shape).
    `mode` is "forward" (all columns are pushed forward at once), "reverse" (all rows are pulled back at once) or
    "auto", the cheaper of the two; jacobian(f).direction(*args) says which and why.

    >>> jacobian(lambda x, y: (x * y, x + y))(2.0, 5.0)
    ((5.0, 2.0), (1.0, 1.0))
    >>> print(jacobian(lambda x: (x, 2 * x, x * x)).direction(2.0))
    forward: 1 inputs to push, 3 outputs to pull back
    """
    choose(1, 1, mode)  # complain about an unknown mode now
    return Derived(_jacobian, f, argnums=argnums, mode=mode, has_aux=has_aux)


def _jacobian(
    f: Function, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Argnums, mode: str, has_aux: bool
) -> Any:
    run = run_on_tape(f, args, kwargs, argnums)
    tape, inputs = run.tape, run.inputs
    result, aux = split_aux(run.result, has_aux, f)
    outputs = [leaf.value for leaf in outputs_of(result, f)]
    rows = [
        like_arguments(args, run, argnums, [_entry(part, x, y) for part, x in zip(row, inputs, strict=True)])
        for row, y in zip(blocks(tape, inputs, outputs, mode), outputs, strict=True)
    ]
    found = rebuild(result, iter(rows))
    return (found, stripped(tape, aux)) if has_aux else found


def _entry(part: Any, x: Any, y: Any) -> Any:
    """A block of a Jacobian; between Python numbers, a float."""
    if type(part) is float or hasattr(part, "level"):
        return part
    if not hasattr(plain(x), "dtype") and not shape(y):
        return float(part)
    dtype = getattr(plain(x), "dtype", None)
    return part[()] if dtype is None or (part.dtype == dtype and part.flags.writeable) else part.astype(dtype)[()]


def hessian(f: Function, argnums: Argnums = None, *, mode: str = "forward", has_aux: bool = False) -> Function:
    """The second derivatives of a function that returns one number: the Jacobian of its gradient.

    >>> hessian(lambda x, y: x**2 * y)(2.0, 5.0)
    ((10.0, 4.0), (4.0, 0.0))
    """
    return jacobian(grad(f, argnums, has_aux=has_aux), argnums, mode=mode, has_aux=has_aux)


def hvp(f: Function, primals: Any, tangents: Any) -> Any:
    """The Hessian times a vector, without computing the Hessian: the derivative of the gradient in one direction.

    Forward mode over reverse mode (Pearlmutter, "Fast exact multiplication by the Hessian", 1994).

    >>> hvp(lambda x, y: x**2 * y, (2.0, 5.0), (1.0, 0.0))
    (10.0, 4.0)
    """
    return jvp(grad(f), primals, tangents)[1]


def _sequence(value: Any) -> Sequence[Any]:
    return value if type(value) in (tuple, list) else (value,)

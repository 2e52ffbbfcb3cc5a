"""Derivatives of Python functions: derivative, grad, value_and_grad, jvp, vjp, jacobian, hessian, hvp.

All of them nest in every order; each differentiation has a level of its own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from numbers import Real
from typing import Any

from autodiff.dual import Dual
from autodiff.errors import LostDerivativeError
from autodiff.lifted import is_operand, new_level, under_way
from autodiff.tape import NOTHING, Tape, Var

Function = Callable[..., Any]
Argnums = int | Sequence[int] | None


class _Forward:
    """A forward differentiation under way."""

    def __init__(self) -> None:
        self.level = new_level()


def derivative(f: Function) -> Function:
    """The derivative of a function of one number, by forward mode; a tuple of outputs gives a tuple.

    >>> derivative(lambda x: x**3)(2.0)
    12.0
    >>> derivative(derivative(lambda x: x**3))(2.0)
    12.0
    """

    @functools.wraps(f)
    def df(x: Any, *args: Any, **kwargs: Any) -> Any:
        return jvp(lambda x: f(x, *args, **kwargs), (x,), (1.0,))[1]

    return df


def jvp(f: Function, primals: Any, tangents: Any) -> tuple[Any, Any]:
    """(f(primals), J·tangents): the value and its derivative in one direction, by one forward pass.

    `primals` and `tangents` are sequences of equal length, or two numbers.

    >>> jvp(lambda x, y: x * y, (2.0, 5.0), (1.0, 0.0))
    (10.0, 5.0)
    """
    primals, tangents = _sequence(primals), _sequence(tangents)
    if len(primals) != len(tangents):
        raise ValueError(f"jvp needs a tangent for each primal: {len(tangents)} tangents for {len(primals)} primals")
    run = _Forward()
    with under_way(run):
        result = f(*(Dual(x, t, level=run.level) for x, t in zip(primals, tangents, strict=True)))

    def at_this_level(y: Any) -> bool:
        return type(y) is Dual and y.level == run.level

    value = _map(lambda y: y.primal if at_this_level(y) else y, result)
    return value, _map(lambda y: y.tangent if at_this_level(y) else 0.0, result)


def _record(f: Function, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Tape, Any]:
    """Run f on Vars of a fresh tape; rows 0, 1, … are the arguments."""
    with Tape(anywhere=True) as tape:
        return tape, f(*map(tape.var, args), **kwargs)


def _pullback(tape: Tape, count: int, y: Any, seed: Any) -> list[Any]:
    """The adjoints of the first `count` rows when the result `y` has the adjoint `seed`."""
    if type(y) is Var and y.tape is tape:
        adjoints = tape.sweep(y.row, seed)[:count]
        return [0.0 if adjoint is NOTHING else adjoint for adjoint in adjoints] + [0.0] * (count - len(adjoints))
    return [0.0] * count  # y does not depend on this tape


def _value(tape: Tape, y: Any) -> Any:
    return y.primal if type(y) is Var and y.tape is tape else y


def vjp(f: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """(f(primals), pullback): pullback(seed) is the tuple seedᵀ·J, by one reverse sweep for each output.

    A seed has the shape of the outputs; ValueError if it has not.

    >>> value, pullback = vjp(lambda x, y: x * y, 2.0, 5.0)
    >>> value, pullback(1.0)
    (10.0, (5.0, 2.0))
    """
    tape, result = _record(f, primals, {})

    def pullback(seed: Any) -> tuple[Any, ...]:
        parts = [_pullback(tape, len(primals), y, weight) for y, weight in _with_seeds(result, seed)]
        return tuple(sum(column[1:], column[0]) for column in zip(*parts, strict=True)) or (0.0,) * len(primals)

    return _map(lambda y: _value(tape, y), result), pullback


def value_and_grad(f: Function, argnums: Argnums = None) -> Function:
    """A function that returns (f(args), partials) from one run and one reverse sweep.

    The partials are those of `grad`.

    >>> value_and_grad(lambda x, y: x * y)(2.0, 5.0)
    (10.0, (5.0, 2.0))
    """

    @functools.wraps(f)
    def value_and_grad_f(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        tape, y = _record(f, args, kwargs)
        if not is_operand(y):
            name = getattr(f, "__name__", "the function")
            raise LostDerivativeError(f"grad needs a function that returns one number; {name} returned {y!r}")
        return _value(tape, y), _chosen(_pullback(tape, len(args), y, 1.0), argnums)

    return value_and_grad_f


def grad(f: Function, argnums: Argnums = None) -> Function:
    """The partial derivatives of a function of numbers, by reverse mode.

    They come as a tuple, as a single number for a function of one argument, or as `argnums` says: one index, or
    a sequence of indices.

    >>> grad(lambda x, y: x * y)(2.0, 5.0)
    (5.0, 2.0)
    >>> grad(lambda x, y: x * y, argnums=1)(2.0, 5.0)
    2.0
    """
    both = value_and_grad(f, argnums)

    @functools.wraps(f)
    def grad_f(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return grad_f


def jacobian(f: Function, argnums: Argnums = None) -> Function:
    """All partial derivatives of a function with several outputs: a row, as `grad` returns it, for each output.

    One run, and one reverse sweep for each output.

    >>> jacobian(lambda x, y: (x * y, x + y))(2.0, 5.0)
    ((5.0, 2.0), (1.0, 1.0))
    """

    @functools.wraps(f)
    def jacobian_f(*args: Any, **kwargs: Any) -> Any:
        tape, result = _record(f, args, kwargs)
        rows = _map(lambda y: _chosen(_pullback(tape, len(args), y, 1.0), argnums), result)
        return tuple(rows) if isinstance(rows, list) else rows

    return jacobian_f


def hessian(f: Function, argnums: Argnums = None) -> Function:
    """The second derivatives of a function of numbers: the Jacobian of its gradient.

    >>> hessian(lambda x, y: x**2 * y)(2.0, 5.0)
    ((10.0, 4.0), (4.0, 0.0))
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Function, primals: Any, tangents: Any) -> Any:
    """The Hessian times a vector without the Hessian: the derivative of the gradient in one direction.

    Forward mode over reverse mode (Pearlmutter, "Fast exact multiplication by the Hessian", 1994).

    >>> hvp(lambda x, y: x**2 * y, (2.0, 5.0), (1.0, 0.0))
    (10.0, 4.0)
    """
    return jvp(grad(f), primals, tangents)[1]


def _chosen(partials: list[Any], argnums: Argnums) -> Any:
    if argnums is None:
        return partials[0] if len(partials) == 1 else tuple(partials)
    if isinstance(argnums, int):
        return partials[argnums]
    return tuple(partials[k] for k in argnums)


def _with_seeds(result: Any, seed: Any) -> Iterator[tuple[Any, Any]]:
    """Each output with its seed; outputs inside outputs have seeds inside seeds."""
    if not isinstance(result, (tuple, list)):
        yield result, float(seed) if isinstance(seed, Real) else seed
        return
    if not isinstance(seed, (tuple, list)) or len(seed) != len(result):
        raise ValueError(f"the function has {len(result)} outputs: the seed needs a number for each, not {seed!r:.60}")
    for output, weight in zip(result, seed, strict=True):
        yield from _with_seeds(output, weight)


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (tuple, list)) else (value,)


def _map(function: Callable[[Any], Any], value: Any) -> Any:
    """The function on each output: one, or a tuple or list of them."""
    if isinstance(value, (tuple, list)):
        items = [_map(function, item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)  # a named tuple, or a plain one
    if not is_operand(value):
        raise LostDerivativeError(f"a function to differentiate returns numbers, not {type(value).__name__}: {value!r}")
    return function(value)

"""Pushing a tangent and pulling an adjoint through one operation, singular points included.

These are the two questions that both modes ask of every operation; neither mode knows how they are answered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autodiff.errors import DomainError
from autodiff.modes.array_methods import plain
from autodiff.modes.lifted import Lifted
from autodiff.operations import elementary as table
from autodiff.operations.operands import is_zero, shape
from autodiff.operations.rule import PLAIN, Operation

if TYPE_CHECKING:
    from autodiff.operations.array_rule import ArrayOperation

Settings = Mapping[str, Any]
NO_SETTINGS: Settings = {}


def partial(operation: Operation, k: int, z: Any, operands: Sequence[Any]) -> Any:
    """∂z/∂(operand k). At singular points: the operation's convention, else the limit (±inf), else NaN.

    >>> partial(table.sqrt, 0, 0.0, [0.0])
    inf
    """
    try:
        return operation.partials[k](z, *operands)
    except (ArithmeticError, DomainError):
        return singular_partial(operation, k, z, operands)


def singular_partial(operation: Operation, k: int, z: Any, operands: Sequence[Any]) -> Any:
    """What stands for ∂z/∂(operand k) where its formula divides by zero or leaves a domain."""
    values = [plain(operand) for operand in operands]
    convention = operation.convention_at(*values)
    agreed = convention.partials[k] if convention else None
    if agreed is not None:
        return agreed
    lifted: list[Any] = [operand for operand in operands if isinstance(operand, Lifted)]
    if lifted:
        # The limit of a higher derivative: no number we could vouch for, and none for its own derivatives either. All
        # derivatives of the exponential involve its operands, so NaN reaches every one of them.
        return table.exp(sum(lifted[1:], lifted[0])) * math.nan
    result = operation.partials[k](_Extended(z), *map(_Extended, values))
    return result.value if isinstance(result, _Extended) else float(result)


def push(
    operation: Any, z: Any, operands: Sequence[Any], tangents: Sequence[Any], settings: Settings, width: int = 0
) -> Any:
    """The tangent of the result; the tangent of a constant operand is None.

    Elementary operations: Σ tangent × partial. With a `width`, tangents have one more axis at the end, of that length:
    so many directions are pushed at once.
    """
    if type(operation) is not Operation:
        with _arrays().np.errstate(all="ignore"):  # singular points are dealt with; the value has had its warning
            return _push_arrays(operation, z, operands, tangents, settings, width)
    if width or shape(z):
        with _arrays().np.errstate(all="ignore"):
            return _spread(_sum(operation, z, operands, tangents, width), (*shape(z), width) if width else shape(z))
    return _sum(operation, z, operands, tangents, 0)


def _sum(operation: Operation, z: Any, operands: Sequence[Any], tangents: Sequence[Any], width: int) -> Any:
    total: Any = None
    for k, tangent in enumerate(tangents):
        if tangent is not None:
            term = times(tangent, operation, k, z, operands, width)
            total = term if total is None else total + term
    return total


def _push_arrays(
    operation: ArrayOperation,
    z: Any,
    operands: Sequence[Any],
    tangents: Sequence[Any],
    settings: Settings,
    width: int,
) -> Any:
    if not width:
        return _spread(operation.push(tangents, z, operands, **settings), shape(z))
    if operation.wide_push:
        return _spread(operation.wide_push(tangents, z, operands, width=width, **settings), (*shape(z), width))
    directions = [[t if t is None else t[..., n] for t in tangents] for n in range(width)]
    pushed = [_spread(operation.push(one, z, operands, **settings), shape(z)) for one in directions]
    return _arrays().stack(*pushed, axis=len(shape(z)))


def _spread(tangent: Any, full: tuple[int, ...]) -> Any:
    """A tangent in the shape of the result, which other operands may have broadcast."""
    return tangent if shape(tangent) == full else _arrays().broadcast_to(tangent, shape=full)


def pull(operation: Any, k: int, z: Any, operands: Sequence[Any], adjoint: Any, settings: Settings) -> Any:
    """The contribution of the adjoint of the result to the adjoint of operand k, in its shape and precision."""
    if type(operation) is not Operation:
        return operation.pull(k, adjoint, z, *operands, **settings)
    contribution = times(adjoint, operation, k, z, operands)
    x = operands[k]
    if shape(contribution) != shape(x) or getattr(contribution, "dtype", None) != getattr(x, "dtype", None):
        return _arrays().fit(contribution, x)
    return contribution


def times(factor: Any, operation: Operation, k: int, z: Any, operands: Sequence[Any], width: int = 0) -> Any:
    """Tangent or adjoint × partial.

    In arrays an entry that is exactly 0 says that nothing depends on it there, so 0 × ∞ is 0: that keeps
    np.where(x > 0, np.sqrt(x), 0) free of NaN at x = 0, whichever way it is differentiated.
    """
    slope = partial(operation, k, z, operands)
    if type(slope) in PLAIN or not (shape(slope) or shape(factor)):
        return factor * slope
    if width and shape(slope):
        slope = _arrays().reshape(slope, shape=(*shape(slope), 1))
    product = factor * slope
    if math.isfinite(plain(product).sum()):
        return product
    where = _arrays().where
    for convention in operation.conventions:
        if convention.partials[k] is not None:
            corner = _arrays().np.asarray(convention.where(*map(plain, operands)))
            product = where(factor * convention.partials[k], product, mask=corner[..., None] if width else corner)
    nothing = is_zero(factor)
    return where(0.0, product, mask=nothing) if nothing.any() else product


def _arrays() -> Any:
    from autodiff.operations import arrays  # imports numpy, which those who come here have done

    return arrays


class _Extended(Lifted):
    """A float that follows IEEE 754 where Python raises: 1/0 is inf, 0/0 is NaN, ln 0 is −inf."""

    __slots__ = ("value",)
    level = 1

    def __init__(self, value: float) -> None:
        self.value = value

    def apply(self, operation: Operation, operands: tuple[Any, ...]) -> _Extended:
        values = [operand.value if isinstance(operand, _Extended) else operand for operand in operands]
        try:
            return _Extended(operation.evaluate(*values))
        except DomainError:
            return _Extended(_limit(operation, *values))


def _limit(operation: Operation, x: float, y: float = 0.0) -> float:
    """The limit of the three operations that partials send to infinity; NaN where there is none."""
    if operation is table.div and x and x == x and y == 0:
        return math.copysign(math.inf, x) * math.copysign(1.0, y)
    if operation is table.power and x == 0 and y < 0:
        return math.inf
    if operation is table.ln and x == 0:
        return -math.inf
    return math.nan

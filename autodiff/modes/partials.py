"""One partial at a point, singular points included; pushing a tangent and pulling an adjoint through one operation.

These are the questions that both modes ask of every operation; neither mode knows how they are answered.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autodiff.errors import DomainError
from autodiff.modes.lifted import Lifted
from autodiff.modes.rows import NO_SETTINGS, Settings
from autodiff.operations import elementary as table
from autodiff.operations.operands import plain, shape
from autodiff.operations.rule import Operation


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
    if convention is not None and convention.partials[k] is not None:
        return by_convention(convention.partials[k], z, operands)
    return by_convention(_limit(operation.partials[k], plain(z), values), z, operands)


def by_convention(slope: Any, z: Any, operands: Sequence[Any]) -> Any:
    """A slope that is laid down: a rule is asked; a number has no derivative that could be vouched for."""
    if callable(slope):
        return slope(z, *operands)
    for operand in operands:
        if isinstance(operand, Lifted):
            slope = table.agreed(slope, operand)
    return slope


def push(
    operation: Any,
    z: Any,
    operands: Sequence[Any],
    tangents: Sequence[Any],
    settings: Settings = NO_SETTINGS,
    width: int = 0,
) -> Any:
    """The tangent of the result: Σ tangent × partial; the tangent of a constant operand is None.

    With a `width`, tangents have one more axis at the end, of that length, and that many directions are pushed at once.
    """
    if width or type(operation) is not Operation or shape(z):
        from autodiff.modes.array_partials import push_arrays

        return push_arrays(operation, z, operands, tangents, settings, width)
    total: Any = None
    for k, tangent in enumerate(tangents):
        if tangent is not None:
            term = tangent * partial(operation, k, z, operands)
            total = term if total is None else total + term
    return total


def pull(
    operation: Any, k: int, z: Any, operands: Sequence[Any], adjoint: Any, settings: Settings = NO_SETTINGS
) -> Any:
    """The contribution of the adjoint of the result to the adjoint of operand k: adjoint × partial."""
    if type(operation) is not Operation or shape(z) or shape(operands[k]) or hasattr(plain(operands[k]), "dtype"):
        from autodiff.modes.array_partials import pull_arrays

        return pull_arrays(operation, k, z, operands, adjoint, settings)
    return adjoint * partial(operation, k, z, operands)


# --- limits ---------------------------------------------------------------------------------------------------
def _limit(rule: Any, z: Any, values: Sequence[Any]) -> float:
    """What a partial tends to where its formula fails: the formula, worked out by IEEE 754."""
    found = rule(_Extended(z), *map(_Extended, values))
    return found.value if isinstance(found, _Extended) else float(found)


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
            return _Extended(_outside(operation, *values))


def _outside(operation: Operation, x: float, y: float = 0.0) -> float:
    """The limit of the three operations that partials send to infinity; NaN where there is none."""
    if operation is table.div and x and x == x and y == 0:
        return math.copysign(math.inf, x) * math.copysign(1.0, y)
    if operation in (table.power, table.raised) and x == 0 and y < 0:
        return math.inf
    if operation is table.ln and x == 0:
        return -math.inf
    return math.nan

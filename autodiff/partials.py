"""Pushing a tangent and pulling an adjoint through one operation, singular points included.

These are the two questions that both modes ask of every operation; neither mode knows how they are answered.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autodiff.errors import DomainError
from autodiff.lifted import Lifted, plain
from autodiff.operations import elementary as table
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


def push(operation: Operation, z: Any, operands: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The tangent of the result: Σ tangent × partial over the operands whose tangent is not None."""
    total: Any = None
    for k, tangent in enumerate(tangents):
        if tangent is not None:
            term = tangent * partial(operation, k, z, operands)
            total = term if total is None else total + term
    return total


def pull(operation: Operation, z: Any, operands: Sequence[Any], adjoint: Any, wanted: Sequence[bool]) -> list[Any]:
    """The contribution adjoint × partial to the adjoint of every wanted operand, None for the others."""
    return [adjoint * partial(operation, k, z, operands) if want else None for k, want in enumerate(wanted)]


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

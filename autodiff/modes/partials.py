"""One partial at a point, singular points included."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autodiff.errors import DomainError
from autodiff.modes.lifted import Lifted
from autodiff.operations import elementary as table
from autodiff.operations.operands import plain
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
    """The slope that stands in for the formula: a rule is evaluated; a number has NaN for its derivative.

    So does a rule, beyond the powers written in it: −x/3 has the derivative −1/3, and then NaN.
    """
    moving = [operand for operand in operands if isinstance(operand, Lifted)]
    if not callable(slope):
        for operand in moving:
            slope = table.agreed(slope, operand)
        return slope
    degree = _degree(slope, len(operands)) if moving else math.inf
    found = slope(z, *operands)
    return found if degree == math.inf else sum((table.beyond(degree, operand) for operand in moving), found)


class _Degree(Lifted):
    """An operand that counts powers: the degree of a polynomial, ∞ for anything else."""

    __slots__ = ("degree",)
    level = 1

    def __init__(self, degree: float) -> None:
        self.degree = degree

    def apply(self, operation: Operation, operands: tuple[Any, ...]) -> _Degree:
        first, *rest = (operand.degree if isinstance(operand, _Degree) else 0 for operand in operands)
        if operation in (table.neg, table.add, table.sub):
            return _Degree(max(first, *rest, 0))
        if operation is table.mul:
            return _Degree(first + rest[0])
        if operation is table.div and not rest[0]:
            return _Degree(first)
        exponent = operands[-1]
        if operation is table.power and not isinstance(exponent, _Degree) and exponent >= 0 and exponent % 1 == 0:
            return _Degree(first * exponent)
        return _Degree(math.inf)


def _degree(rule: Any, arity: int) -> float:
    """The degree of a rule in its operands, taken together."""
    found = rule(_Degree(math.inf), *(_Degree(1) for _ in range(arity)))
    return found.degree if isinstance(found, _Degree) else 0


# --- limits ---------------------------------------------------------------------------------------------------
def _limit(rule: Any, z: Any, values: Sequence[Any]) -> float:
    """What a partial tends to where its formula fails: the formula, evaluated by the rules of IEEE 754."""
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
    """The limit of an operation that sends partials to infinity; NaN where there is none."""
    if operation is table.div and x and x == x and y == 0:
        return math.copysign(math.inf, x) * math.copysign(1.0, y)
    if operation in (table.power, table.raised) and x == 0 and y < 0:
        return math.inf
    if operation is table.ln and x == 0:
        return -math.inf
    return math.nan

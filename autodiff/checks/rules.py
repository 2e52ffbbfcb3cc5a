"""The cross-check of the rule of an operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autodiff.checks.faults import first_fault, points
from autodiff.checks.point import FunctionReport, PointCheck
from autodiff.errors import ArgumentError
from autodiff.operations.rule import Operation


def check_rule(operation: Any, *operands: Any, **settings: Any) -> FunctionReport:
    """Check the rule of an operation against its own values, at given operands or at points of its domain.

    The points are drawn from inside the domain, and always include 0, ±1, tiny numbers, equal operands, the ends of
    intervals and the points of its conventions, where it has a value. An array operation needs operands (arrays of the
    shapes it takes) and its settings.

    >>> import math
    >>> from autodiff import elementary
    >>> good = elementary("e_to_the", lambda x: math.exp(x), lambda z, x: z)
    >>> print(check_rule(good))  # doctest: +ELLIPSIS
    ✓ forward, reverse and numerical derivatives of e_to_the agree to second order: ...
    >>> bad = elementary("e_to_the", lambda x: math.exp(x), lambda z, x: 2 * z)
    >>> print(check_rule(bad, 0.0).suspects[0])
    e_to_the is wrong: partial 1 gives 2, the values give 1
    """
    if not hasattr(operation, "notation"):
        kind = type(operation).__name__
        raise ArgumentError(f"check_rule takes an operation, such as sin, not {kind}: check(f, …) checks a function")
    if not operands and type(operation) is not Operation:
        raise ArgumentError(
            f"{operation.name} works on arrays: check_rule({operation.name}, x, …) needs operands to try"
        )
    reports = []
    for point in [operands] if operands else points(operation):
        fault = first_fault(operation, point, settings)
        if fault:
            where = "" if operands else f" (at {', '.join(f'{x:g}' for x in point)})"
            return FunctionReport(operation.name, 1, 0.0, (), (f"{operation.name} is wrong: {fault}{where}",), ())
        reports.append(_report(operation, point, settings))
    bad = next((report for report in reports if not report.ok), None)
    return FunctionReport(
        operation.name,
        sum(report.compared for report in reports),
        max(report.worst for report in reports),
        bad.mismatches if bad else (),
        bad.suspects if bad else (),
        tuple(dict.fromkeys(kink for report in reports for kink in report.kinks)),
    )


def _report(operation: Any, point: Sequence[Any], settings: Mapping[str, Any]) -> FunctionReport:
    """The check of an operation as a function of the operands with respect to which it can be differentiated."""
    fixed = getattr(operation, "orders", ())

    def moving(*xs: Any) -> Any:
        rest = iter(xs)
        return operation(*(x if k in fixed else next(rest) for k, x in enumerate(point)), **settings)

    return PointCheck(moving, [x for k, x in enumerate(point) if k not in fixed]).run().report(operation.name)

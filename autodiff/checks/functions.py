"""The cross-check of a Python function: forward mode, reverse mode and numerical derivatives, to second order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autodiff.checks.faults import wrong_rules
from autodiff.checks.point import FunctionReport, PointCheck
from autodiff.checks.rules import check_rule
from autodiff.derivatives.trees import leaves, rebuild
from autodiff.errors import ArgumentError
from autodiff.modes.rows import CONSTANT, INPUT, parts
from autodiff.modes.tape import Tape, Var
from autodiff.operations.operands import plain
from autodiff.operations.rule import BUILT_IN, Operation

Function = Callable[..., Any]


def check_function(f: Function, *args: Any) -> FunctionReport:
    """Compare the derivatives of f at a point with differences of its values, in both modes, to second order.

    Where f takes complex numbers, the complex step sharpens the comparison. Arrays of more than 100 entries are
    compared in random directions. Your own operations in f are also checked at their special points, as `check_rule`
    does. Raises what f raises.
    """
    import numpy as np

    if not args:
        raise ArgumentError("check(f, …) needs a point: the arguments of f")
    with np.errstate(all="ignore"):
        check = PointCheck(f, args).run()
        run = _run(f, check.args)
        suspects = list(_suspects(run)) if check.mismatches else []
        suspects = suspects or list(_wrong_elsewhere(run))
    name = str(getattr(f, "__name__", None) or getattr(f, "name", type(f).__name__))
    return check.report(name, suspects)


def _run(f: Function, args: Sequence[Any]) -> Tape:
    """One run of f on a tape."""
    with Tape(anywhere=True) as tape:
        point = iter([Var(leaf.value, tape=tape) for arg in args for leaf in leaves(arg)])
        f(*(rebuild(arg, point) for arg in args))
    return tape


def _wrong_elsewhere(tape: Tape) -> Iterator[str]:
    """What is wrong, at any point, with the operations of a run that are not built in."""
    for operation in dict.fromkeys(parts(row)[0] for row in tape.rows if row[0] != INPUT):
        if type(operation) is Operation and operation.name not in BUILT_IN:
            report = check_rule(operation)
            yield from report.suspects or map(f"{operation.name}: {{}}".format, report.mismatches[:1])


def _suspects(tape: Tape) -> Iterator[str]:
    """The operations of a run whose own rule disagrees with their own values."""
    import numpy as np

    seen = set()
    for n, row in enumerate(tape.rows):
        if row[0] == INPUT:
            continue
        operation, numbers, values, settings = parts(row)
        if operation.name in seen:
            continue
        fixed = getattr(operation, "orders", ())
        wanted = [k for k, number in enumerate(numbers) if number != CONSTANT and k not in fixed]
        wrong = next(iter(wrong_rules(operation, values, settings, wanted)), None)
        if wrong is not None:
            seen.add(operation.name)
            at = ", ".join(np.array2string(np.asarray(plain(x)), precision=4, threshold=6) for x in values)
            yield f"{operation.name} is wrong (row {n}, at {at}): {wrong}"

"""Making a Trace: run the function once on a tape, then sweep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autodiff.errors import BindingError, did_you_mean
from autodiff.expression.names import canonical
from autodiff.expression.parser import Program
from autodiff.modes.tape import Tape
from autodiff.tracing.binding import Values, count, listed, real
from autodiff.tracing.directions import FORWARD, MODES, REVERSE
from autodiff.tracing.functions import run_function
from autodiff.tracing.numbering import ORDERS
from autodiff.tracing.run import Run, run_program, unswept
from autodiff.tracing.sweeps import ChainRule, sweep_from
from autodiff.tracing.tapes import run_tape
from autodiff.tracing.trace import Trace

Seed = Mapping[str, float] | Sequence[float] | float


def trace(
    what: str | Program | Tape | Callable[..., Any],
    at: Values | None = None,
    *,
    mode: str = "reverse",
    wrt: str | None = None,
    seed: Seed | None = None,
    output: str | None = None,
    order: str | None = None,
) -> Trace:
    """Trace an expression, a program or a Python function of scalars at a point, or a tape that was recorded by hand.

    `at` gives values in natural order of the names, or a mapping by name. Forward mode starts from the first
    variable, or `wrt`, or `seed` (one number per variable); reverse mode from the first output, or `output`, or
    `seed` (one number per output). Raises ExpressionError, BindingError or DomainError; a DomainError carries the rows
    up to the failing one as its attribute `trace`.

    >>> t = trace("x1*x2 + sin(x1)", at={"x1": 0, "x2": 3})
    >>> t.gradient
    {'x1': 4.0, 'x2': 0.0}
    """
    _choose(mode, tuple(MODES), "mode")
    if order is not None:
        _choose(order, ORDERS, "order")
    run = _run(what, at, order)
    if run.failure:
        error = run.failure_kind(run.failure)
        error.trace = run.trace(unswept(mode))
        raise error
    return swept(run, mode, wrt, seed, output)


def _run(what: Any, at: Values | None, order: str | None) -> Run:
    if isinstance(what, Tape):
        if at is not None:
            raise BindingError("a tape has its values already: leave 'at' out")
        return run_tape(what)
    if not (isinstance(what, (str, Program)) or callable(what)):
        raise BindingError(f"trace takes an expression, a function or a tape, not {type(what).__name__}")
    return run_function(what, at) if callable(what) else run_program(what, at, order)


def swept(run: Run, mode: str, wrt: str | None = None, seed: Seed | None = None, output: str | None = None) -> Trace:
    """The Trace of a finished run: its rows with their tangents, adjoints or both; options as those of `trace`."""
    directions = MODES[mode]
    chosen = {FORWARD: wrt, REVERSE: output}
    if seed is not None and len(directions) > 1:
        raise BindingError("a seed belongs to one direction: use mode forward or reverse")
    for direction, why_not in _ALL_AT_ONCE.items():
        if chosen[direction] is not None and direction not in directions:
            raise BindingError(why_not)
    chain = ChainRule(run.steps, run.outputs)
    names = [output.name for output in run.outputs]
    sweeps = []
    for direction in directions:
        starts = direction.starts(run.variables, names)
        sweeps.append(sweep_from(chain, direction, _seed(starts, chosen[direction], seed, _STARTS[direction])))
    jacobian = _jacobian(chain) if len(directions) > 1 else ()
    return run.trace(sweeps, chain.notes, jacobian)


# What a seed belongs to; and why the other end of a sweep cannot be chosen.
_STARTS = {FORWARD: "variable", REVERSE: "output"}
_ALL_AT_ONCE = {
    FORWARD: "reverse mode gives the derivatives with respect to all variables at once: wrt belongs to forward mode",
    REVERSE: "forward mode gives the tangents of all outputs at once: output belongs to reverse mode",
}


def _jacobian(chain: ChainRule) -> tuple[tuple[float, ...], ...]:
    """One reverse sweep for each output."""
    rows = []
    for output in chain.outputs:
        found = sweep_from(chain, REVERSE, {other.name: float(other is output) for other in chain.outputs})
        slopes = {row.ref.of: row.value for row in found.rows}
        rows.append(tuple(slopes[str(step.label)] for step in chain.inputs))
    return tuple(rows)


def _seed(names: Sequence[str], chosen: str | None, seed: Seed | None, kind: str) -> dict[str, float]:
    """A number for each name: 1 for the chosen one (the first if none is) and 0 for the others, or the given seed."""
    if chosen is not None and seed is not None:
        raise BindingError(f"choose one: a seed, or the {kind} '{chosen}'")
    if isinstance(seed, Mapping):
        given = {canonical(str(name)): _number(value) for name, value in seed.items()}
        for name in given:
            _known(name, names, kind)
        return {name: given.get(name, 0.0) for name in names}
    if seed is not None:
        numbers = [_number(value) for value in listed(seed)]
        if len(numbers) != len(names):
            counts = f"{count(len(numbers), 'number')} for {count(len(names), kind)}"
            raise BindingError(f"the seed has {counts}: {', '.join(names)}")
        return dict(zip(names, numbers, strict=True))
    first = canonical(str(chosen)) if chosen is not None else next(iter(names), "")
    if names:
        _known(first, names, kind)
    return {name: 1.0 if name == first else 0.0 for name in names}


def _number(value: Any) -> float:
    """An entry of a seed, which may be infinite or NaN."""
    if isinstance(value, str):
        return real(value, "seed")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise BindingError(f"the seed holds {str(value)[:40]!r}, which is not a number") from None


def _known(name: str, names: Sequence[str], kind: str) -> None:
    if name not in names:
        hint = did_you_mean(name, names)
        known = f"the {kind}s are: {', '.join(names)}" if names else f"there are no {kind}s"
        raise BindingError(f"there is no {kind} '{name}'; {known}" + (f"\n{hint}" if hint else ""))


def _choose(given: str, known: Sequence[str], what: str) -> None:
    if given not in known:
        raise BindingError(f"unknown {what} '{given}': choose {', '.join(known[:-1])} or {known[-1]}")

"""A tape that was recorded by hand, read as a run: its rows in the notation of tables."""

from __future__ import annotations

from autodiff.errors import BindingError
from autodiff.expression.blocks import frozen
from autodiff.modes.rows import INPUT
from autodiff.modes.tape import Tape, Var
from autodiff.operations.operands import plain, shape
from autodiff.tracing.rows import Step
from autodiff.tracing.run import Run
from autodiff.tracing.source import MOST


def run_tape(tape: Tape) -> Run:
    """The rows of a tape. Its output is the row whose backward() ran last, or else the last row.

    An output that is an array has no seed of one number, so such a run has no outputs.

    >>> with Tape() as tape:
    ...     x, y = Var(2.0), Var(5.0)
    >>> z = x * y
    >>> run = run_tape(tape)
    >>> [step.ref.of for step in run.steps], run.outputs[0].value
    ([-1, 0, 1], 10.0)
    """
    if not len(tape):
        raise BindingError("the tape is empty: there is nothing to trace")
    if len(tape) > MOST:
        raise BindingError(f"the tape has {len(tape):,} rows, and a table has at most {MOST:,}")
    place = _places(tape)
    inputs = [frozen(plain(row[1])) for row in tape.rows if row[0] == INPUT]
    names = ["x"] if len(inputs) == 1 else [f"x{n}" for n in range(1, len(inputs) + 1)]
    run = Run("tape", dict(zip(names, inputs, strict=True)), (), ())
    for n, row in enumerate(tape.rows):
        if row[0] != INPUT:
            operation, operands, value, settings = tape[n]
            moved = [place[o] if type(o) is int else plain(o) for o in operands]
            run.add(operation, moved, plain(value), None, settings)
    last = place[(len(tape) if tape.adjoints is None else len(tape.adjoints)) - 1]
    run.finish([] if shape(run.steps[last].value) else [(None, last)])
    return run


def step_of(var: Var) -> Step:
    """The row that a Var points to."""
    return run_tape(var.tape).steps[_places(var.tape)[var.row]]


def _places(tape: Tape) -> dict[int, int]:
    """The places of the rows when the independent variables stand first, in the order in which they were made."""
    inputs = [n for n, row in enumerate(tape.rows) if row[0] == INPUT]
    others = [n for n, row in enumerate(tape.rows) if row[0] != INPUT]
    return {row: n for n, row in enumerate([*inputs, *others])}

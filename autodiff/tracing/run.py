"""One run of a function on a tape: its rows, with their names and values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autodiff.errors import DomainError
from autodiff.expression.blocks import Block, all_finite, frozen
from autodiff.expression.expr import Symbol
from autodiff.expression.names import Ref, canonical, unicode_ref
from autodiff.expression.numbers import MINUS, shortest
from autodiff.expression.parser import Program, parse
from autodiff.expression.printing import UnicodePrinter
from autodiff.modes.tape import Tape
from autodiff.operations.rule import Operation
from autodiff.tracing.binding import Values, bind
from autodiff.tracing.cells import primal_formula
from autodiff.tracing.directions import MODES
from autodiff.tracing.numbering import plan
from autodiff.tracing.rows import Note, Output, Step, Sweep
from autodiff.tracing.source import Source
from autodiff.tracing.trace import Trace

# What is noted about a value that is not a number.
TOO_LARGE = "the value is too large for a number of double precision: ∞ stands for it"
NO_VALUE = "no number is the value here: it is undefined"


class Run:
    """A finished (or broken off) run: its rows with their names and values."""

    def __init__(
        self, expression: str, point: Mapping[str, float], labels: Iterable[str], names: Iterable[str]
    ) -> None:
        self.expression = expression
        self.variables = tuple(point)
        self.letter = _row_letter([*point, *labels, *names])
        self.steps: list[Step] = []
        self.outputs: list[Output] = []
        self.notes: list[Note] = []
        self.failure = ""
        self.failure_kind = DomainError
        for name, value in point.items():
            self.steps.append(Step(self.ref(len(self.steps)), name, None, (), Symbol(name), value))

    def ref(self, row: int) -> Ref:
        """The name of a row of the tape: rows 0, 1, … are v₁₋ₙ, v₂₋ₙ, and so on."""
        return Ref("primal", row - len(self.variables) + 1, 0, self.letter)

    def operand(self, operand: Any) -> Any:
        """A row number as a name; a constant as it is, an array as a Block."""
        if type(operand) is int:
            return self.ref(operand)
        return Block(operand) if getattr(operand, "shape", ()) else operand

    def add(
        self,
        operation: Any,
        operands: Sequence[Any],
        value: Any,
        label: str | None,
        settings: Mapping[str, Any] | None = None,
        source: Source | None = None,
    ) -> None:
        """Enter an operation and its value."""
        named = tuple(map(self.operand, operands))
        formula = primal_formula(operation, named, settings)
        value = frozen(value)
        ref = self.ref(len(self.steps))
        self.steps.append(Step(ref, label, operation, named, formula, value, settings or {}, source))
        if isinstance(value, Block):
            if not all_finite(value):
                self.notes.append(Note(ref, "not all entries are finite numbers"))
        elif not math.isfinite(value):
            self._note_not_finite(ref, operands, value)

    def _note_not_finite(self, ref: Ref, operands: Sequence[Any], value: float) -> None:
        values = [self.steps[o].value if type(o) is int else o for o in operands]
        if all(all_finite(v if isinstance(v, Block) else frozen(v)) for v in values):
            self.notes.append(Note(ref, TOO_LARGE))
        elif math.isnan(value) and not any(v != v for v in values if isinstance(v, float)):
            self.notes.append(Note(ref, NO_VALUE))

    def fail(self, operation: Operation, operands: Sequence[Any], error: DomainError) -> None:
        """Say where and why the run stopped."""
        formula = primal_formula(operation, map(self.operand, operands))
        rows = [o for o in dict.fromkeys(operands) if type(o) is int]
        given = ", ".join(f"{unicode_ref(self.ref(o))} = {shortest(self.steps[o].value, minus=MINUS)}" for o in rows)
        row = unicode_ref(self.ref(len(self.steps)))
        self.failure_kind = type(error)
        self.failure = f"{UnicodePrinter().text(formula)} with {given}: {error} (row {row})"

    def finish(self, outputs: Sequence[tuple[str | None, Any]], taken: Iterable[str] = ()) -> None:
        """Name the outputs; names of their own avoid the variables and what is `taken`."""
        names = _output_names([name for name, _ in outputs], {*self.variables, *taken})
        for name, (_, operand) in zip(names, outputs, strict=True):
            value = self.steps[operand].value if type(operand) is int else float(operand)
            self.outputs.append(Output(name, self.operand(operand), value))

    def trace(
        self, sweeps: Iterable[Sweep], notes: Iterable[Note] = (), jacobian_rows: tuple[tuple[float, ...], ...] = ()
    ) -> Trace:
        """The run as a Trace, with what the sweeps add."""
        return Trace(
            expression=self.expression,
            letter=self.letter,
            variables=self.variables,
            steps=tuple(self.steps),
            outputs=tuple(self.outputs),
            sweeps=tuple(sweeps),
            jacobian_rows=jacobian_rows,
            notes=(*self.notes, *notes),
            failure=self.failure,
        )


def unswept(mode: str) -> tuple[Sweep, ...]:
    """The sweeps of a mode before they are made, for a run that has nothing to sweep."""
    return tuple(map(Sweep, MODES[mode]))


def run_program(what: str | Program, at: Values | None, order: str | None) -> Run:
    """Record a program row by row, in the order of its plan."""
    names = {canonical(str(name)) for name in at} if isinstance(at, Mapping) else ()
    program = parse(what, names=names) if isinstance(what, str) else what
    point = bind(program, at)
    planned = plan(program, order)
    expression = program.text.strip()
    named = [name for name, _ in planned.outputs if name]
    run = Run(expression, point, planned.labels.values(), named)
    tape = Tape()
    variables = [tape.var(value) for value in point.values()]
    for operation, operands in planned.rows:
        try:
            var = operation(*(variables[o] if type(o) is int else o for o in operands))
        except DomainError as error:
            run.fail(operation, operands, error)
            return run
        run.add(operation, operands, var.primal, planned.labels.get(len(variables)))
        variables.append(var)
    run.finish(planned.outputs, [name for name, _ in program.steps])
    return run


def _row_letter(names: Iterable[str]) -> str:
    """v, unless the user's names include v, v1, v2, …: a table must not call two things by one name."""
    taken = {match[1] for name in names if (match := re.fullmatch(r"([a-z])\d*", name))}
    return next((letter for letter in "vwuszqpr" if letter not in taken), "v")


def _output_names(given: Sequence[str | None], taken: set[str]) -> list[str]:
    """y, or y1 … ym; another letter if something else is called so. A name that is given twice counts once."""
    given = [name if name not in given[:n] else None for n, name in enumerate(given)]
    numbers = [""] if len(given) == 1 else [str(n) for n in range(1, len(given) + 1)]
    taken = {*taken, *(name for name in given if name)}
    stems = {re.sub(r"\d+$", "", name) for name in taken} if len(given) == 1 else set()  # y is not among y1, y2
    free = (a for a in ("y", "f", "g", "h", "out") if a not in stems and not any(a + n in taken for n in numbers))
    letter = next(free, "result")
    return [name or letter + number for name, number in zip(given, numbers, strict=True)]

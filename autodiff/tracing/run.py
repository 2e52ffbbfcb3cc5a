"""One run of a function on a tape: its rows, with their names and values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from autodiff.errors import BindingError, DomainError
from autodiff.expression.expr import Symbol
from autodiff.expression.names import Ref, canonical, unicode_ref
from autodiff.expression.numbers import MINUS, shortest
from autodiff.expression.parser import Program, parse
from autodiff.expression.printing import UnicodePrinter
from autodiff.lifted import is_operand, under_way
from autodiff.operations.rule import Operation
from autodiff.tape import Tape, Var
from autodiff.tracing.binding import Values, bind, count, real
from autodiff.tracing.cells import primal_formula
from autodiff.tracing.numbering import plan
from autodiff.tracing.trace import Note, Output, Step, Trace


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
        for name, value in point.items():
            self.steps.append(Step(self.ref(len(self.steps)), name, None, (), Symbol(name), value))

    def ref(self, row: int) -> Ref:
        """The name of a row of the tape: rows 0, 1, … are v₁₋ₙ, v₂₋ₙ, and so on."""
        return Ref("primal", row - len(self.variables) + 1, 0, self.letter)

    def operand(self, operand: Any) -> Ref | float:
        """A row number as a name; a constant as it is."""
        return self.ref(operand) if type(operand) is int else operand

    def add(self, operation: Operation, operands: Sequence[Any], value: float, label: str | None) -> None:
        """Enter an operation and its value."""
        named = tuple(map(self.operand, operands))
        step = Step(self.ref(len(self.steps)), label, operation, named, primal_formula(operation, named), value)
        self.steps.append(step)
        if not math.isfinite(value):
            values = [self.steps[o].value if type(o) is int else o for o in operands]
            if all(map(math.isfinite, values)):
                self.notes.append(
                    Note(step.ref, "the value is too large for a number of double precision: ∞ stands for it")
                )
            elif math.isnan(value) and not any(map(math.isnan, values)):
                self.notes.append(Note(step.ref, "no number is the value here: it is undefined"))

    def fail(self, operation: Operation, operands: Sequence[Any], error: DomainError) -> None:
        """Say where and why the run stopped."""
        formula = primal_formula(operation, map(self.operand, operands))
        rows = [o for o in dict.fromkeys(operands) if type(o) is int]
        given = ", ".join(f"{unicode_ref(self.ref(o))} = {shortest(self.steps[o].value, minus=MINUS)}" for o in rows)
        row = unicode_ref(self.ref(len(self.steps)))
        self.failure = f"{UnicodePrinter().text(formula)} with {given}: {error} (row {row})"

    def finish(self, outputs: Sequence[tuple[str | None, Any]], taken: Iterable[str] = ()) -> None:
        """Name the outputs; names of their own avoid the variables and what is `taken`."""
        names = _output_names([name for name, _ in outputs], {*self.variables, *taken})
        for name, (_, operand) in zip(names, outputs, strict=True):
            value = self.steps[operand].value if type(operand) is int else float(operand)
            self.outputs.append(Output(name, self.operand(operand), value))

    def trace(self, mode: str, **parts: Any) -> Trace:
        """The run as a Trace, with what a sweep adds."""
        return Trace(
            expression=self.expression,
            mode=mode,
            letter=self.letter,
            variables=self.variables,
            steps=tuple(self.steps),
            outputs=tuple(self.outputs),
            failure=self.failure,
            **{"seed": (), "notes": tuple(self.notes), **parts},
        )


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


def run_function(function: Callable[..., Any], at: Values | None) -> Run:
    """Call a Python function on Vars and read the rows off the tape."""
    name = getattr(function, "__name__", "function")
    point = _function_point(function, at)
    tape = Tape(anywhere=True)
    run = Run(name, point, (), ())
    variables = [tape.var(value) for value in point.values()]
    results: Any = ()
    try:
        with under_way(tape):
            results = function(*variables)
    except DomainError as error:
        run.failure = str(error)
    for n in range(len(variables), len(tape)):
        row = tape[n]
        if row.operation is None:
            raise BindingError(f"{name} makes a new Var while it is traced; variables come from its arguments only")
        run.add(row.operation, row.operands, float(row.value), None)
    several = isinstance(results, (tuple, list))
    outputs = [_function_output(tape, result) for result in (results if several else [results])]
    run.finish([(None, output) for output in outputs])
    return run


def _function_output(tape: Tape, result: Any) -> Any:
    if isinstance(result, Var) and result.tape is tape:
        return result.row
    if not is_operand(result):
        raise BindingError(f"a function to trace returns numbers, not {type(result).__name__}: {str(result)[:40]}")
    return float(result)


def _function_point(function: Callable[..., Any], at: Values | None) -> dict[str, float]:
    """Values for the positional parameters; *x takes those that are left, as x1, x2 and so on."""
    import inspect

    values = [] if at is None else [at] if isinstance(at, (int, float)) else at
    names: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
        elif parameter.kind == parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}{n}" for n in range(1, len(values) - len(names) + 1)]
    given = [values[name] for name in names if name in values] if isinstance(values, Mapping) else list(values)
    if len(given) != len(names):
        takes = f"the function takes {len(names)}: {', '.join(names)}" if names else "the function takes none"
        raise BindingError(f"{count(len(given), 'value')} given, but {takes}")
    return {name: real(value) for name, value in zip(names, given, strict=True)}


def _row_letter(names: Iterable[str]) -> str:
    """v, unless the user's names include v, v1, v2, …: a table must not call two things by one name."""
    taken = {match[1] for name in names if (match := re.fullmatch(r"([a-z])\d*", name))}
    return next((letter for letter in "vwuszqpr" if letter not in taken), "v")


def _output_names(given: Sequence[str | None], taken: set[str]) -> list[str]:
    """y, or y1 … ym; another letter if something else is called so. A name that is given twice counts once."""
    given = [name if name not in given[:n] else None for n, name in enumerate(given)]
    numbers = [""] if len(given) == 1 else [str(n) for n in range(1, len(given) + 1)]
    taken = {*taken, *(name for name in given if name)}
    letter = next(a for a in ("y", "f", "g", "h", "out", "result") if not any(a + n in taken for n in numbers))
    return [name or letter + number for name, number in zip(given, numbers, strict=True)]

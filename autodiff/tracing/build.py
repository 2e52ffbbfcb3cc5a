"""Making a Trace: run the function once on a tape, then sweep."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from autodiff.errors import BindingError, DomainError, did_you_mean
from autodiff.expression.expr import Symbol
from autodiff.expression.names import Ref, canonical, unicode_ref
from autodiff.expression.numbers import fixed
from autodiff.expression.parser import Program, parse
from autodiff.expression.printing import UnicodePrinter
from autodiff.lifted import under_way
from autodiff.operations.rule import Operation
from autodiff.tape import Tape, Var
from autodiff.tracing.binding import Values, bind
from autodiff.tracing.cells import primal_formula
from autodiff.tracing.numbering import ORDERS, plan
from autodiff.tracing.sweeps import Sweep, forward, reverse
from autodiff.tracing.trace import MODES, Note, Output, Step, Trace

Seed = Mapping[str, float] | Sequence[float]


def trace(
    what: str | Program | Callable[..., Any],
    at: Values | None = None,
    *,
    mode: str = "reverse",
    wrt: str | None = None,
    seed: Seed | None = None,
    output: str | None = None,
    order: str | None = None,
) -> Trace:
    """Trace an expression, a program or a Python function of scalars at a point.

    `at` gives values in natural order of the names, or a mapping by name. Forward mode starts from the first
    variable, or `wrt`, or `seed` (one number per variable); reverse mode from the first output, or `output`, or
    `seed` (one number per output). Raises ExpressionError, BindingError or DomainError; a DomainError carries the rows
    up to the failing one as its attribute `trace`.

    >>> t = trace("x1*x2 + sin(x1)", at={"x1": 0, "x2": 3})
    >>> t.gradient
    {'x1': 4.0, 'x2': 0.0}
    """
    _choose(mode, MODES, "mode")
    if order is not None:
        _choose(order, ORDERS, "order")
    run = _run_function(what, at) if callable(what) else _run_program(what, at, order)
    if run.failure:
        error = DomainError(run.failure)
        error.trace = run.trace(mode)  # type: ignore[attr-defined]  # the rows that could be worked out
        raise error
    return _sweep(run, mode, wrt, seed, output)


class _Run:
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
        return self.ref(operand) if type(operand) is int else operand

    def add(self, operation: Operation, operands: Sequence[Any], value: float, label: str | None) -> None:
        step = Step(self.ref(len(self.steps)), label, operation, tuple(map(self.operand, operands)), Symbol(""), value)
        formula = primal_formula(operation, step.operands)
        self.steps.append(Step(step.ref, label, operation, step.operands, formula, value))
        if not math.isfinite(value):
            values = [self.steps[o].value if type(o) is int else o for o in operands]
            if all(map(math.isfinite, values)):
                self.notes.append(
                    Note(step.ref, "the value is too large for a number of double precision: ∞ stands for it")
                )
            elif math.isnan(value) and not any(map(math.isnan, values)):
                self.notes.append(Note(step.ref, "no number is the value here: it is undefined"))

    def fail(self, operation: Operation, operands: Sequence[Any], error: DomainError) -> None:
        formula = primal_formula(operation, map(self.operand, operands))
        rows = [o for o in dict.fromkeys(operands) if type(o) is int]
        given = ", ".join(f"{unicode_ref(self.ref(o))} = {fixed(self.steps[o].value)}" for o in rows)
        row = unicode_ref(self.ref(len(self.steps)))
        self.failure = f"{UnicodePrinter().text(formula)} with {given}: {error} (row {row})"

    def finish(self, outputs: Sequence[tuple[str | None, Any]]) -> None:
        labels = [step.label for step in self.steps if step.label]
        names = _output_names([name for name, _ in outputs], labels)
        for name, (_, operand) in zip(names, outputs, strict=True):
            value = self.steps[operand].value if type(operand) is int else float(operand)
            self.outputs.append(Output(name, self.operand(operand), value))

    def trace(self, mode: str, **parts: Any) -> Trace:
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


def _run_program(what: str | Program, at: Values | None, order: str | None) -> _Run:
    names = {canonical(str(name)) for name in at} if isinstance(at, Mapping) else ()
    program = parse(what, names=names) if isinstance(what, str) else what
    point = bind(program, at)
    planned = plan(program, order)
    expression = program.text.strip()
    named = [name for name, _ in planned.outputs if name]
    run = _Run(expression, point, planned.labels.values(), named)
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
    run.finish(planned.outputs)
    return run


def _run_function(function: Callable[..., Any], at: Values | None) -> _Run:
    name = getattr(function, "__name__", "function")
    point = _function_point(function, at)
    tape = Tape(anywhere=True)
    run = _Run(name, point, (), ())
    variables = [tape.var(value) for value in point.values()]
    with under_way(tape):
        results = function(*variables)
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
    return float(result)


def _function_point(function: Callable[..., Any], at: Values | None) -> dict[str, float]:
    import inspect

    names = [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    if isinstance(at, Mapping):
        at = [at[name] for name in names if name in at]
    values = [] if at is None else [at] if isinstance(at, (int, float)) else list(at)
    if len(values) != len(names):
        given = f"{len(values) or 'no'} value{'s' * (len(values) != 1)}"
        raise BindingError(f"{given} given, but the function takes {len(names)}: {', '.join(names)}")
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def _sweep(run: _Run, mode: str, wrt: str | None, seed: Seed | None, output: str | None) -> Trace:
    if mode == "both" and seed is not None:
        raise BindingError("a seed belongs to one direction: use mode forward or reverse")
    if mode == "reverse" and wrt:
        raise BindingError("reverse mode gives the derivatives by all variables at once: wrt belongs to forward mode")
    if mode == "forward" and output:
        raise BindingError("forward mode gives the tangents of all outputs at once: output belongs to reverse mode")
    sweep = Sweep(run.steps, run.outputs, run.letter)
    parts: dict[str, Any] = {}
    seeds: dict[str, float] = {}
    outputs = [output.name for output in run.outputs]
    if mode in ("forward", "both"):
        tangent_seed = _seed(run.variables, wrt, seed, "variable")
        parts["tangents"] = tuple(forward(sweep, list(tangent_seed.values())))
        seeds |= tangent_seed
    if mode in ("reverse", "both"):
        adjoint_seed = _seed(outputs, output, seed, "output")
        parts["adjoints"] = tuple(reverse(sweep, list(adjoint_seed.values())))
        seeds |= adjoint_seed
    if mode == "both":
        parts["jacobian_rows"] = _jacobian(sweep)
    notes = (*run.notes, *sweep.notes)
    return run.trace(mode, seed=tuple(seeds.items()), notes=notes, **parts)


def _jacobian(sweep: Sweep) -> tuple[tuple[float, ...], ...]:
    """One reverse sweep for each output."""
    rows = []
    for output in sweep.outputs:
        seed = [1.0 if other is output else 0.0 for other in sweep.outputs]
        found = {row.ref.of: row.value for row in reverse(sweep, seed)}
        rows.append(tuple(found[str(step.label)] for step in sweep.inputs))
    return tuple(rows)


def _seed(names: Sequence[str], chosen: str | None, seed: Seed | None, kind: str) -> dict[str, float]:
    """A number for each name: 1 for the chosen one (the first if none is) and 0 for the others, or the given seed."""
    if chosen is not None and seed is not None:
        raise BindingError(f"choose one: a seed, or the {kind} '{chosen}'")
    if isinstance(seed, Mapping):
        given = {canonical(name): float(value) for name, value in seed.items()}
        for name in given:
            _known(name, names, kind)
        return {name: given.get(name, 0.0) for name in names}
    if seed is not None:
        numbers = [float(value) for value in seed]
        if len(numbers) != len(names):
            raise BindingError(f"the seed has {len(numbers)} numbers for {len(names)} {kind}s: {', '.join(names)}")
        return dict(zip(names, numbers, strict=True))
    first = canonical(chosen) if chosen else next(iter(names), "")
    if names:
        _known(first, names, kind)
    return {name: 1.0 if name == first else 0.0 for name in names}


def _known(name: str, names: Sequence[str], kind: str) -> None:
    if name not in names:
        hint = did_you_mean(name, names)
        known = f"the {kind}s are: {', '.join(names)}" if names else f"there are no {kind}s"
        raise BindingError(f"there is no {kind} '{name}'; {known}" + (f"\n{hint}" if hint else ""))


def _choose(given: str, known: Sequence[str], what: str) -> None:
    if given not in known:
        raise BindingError(f"unknown {what} '{given}': choose {', '.join(known[:-1])} or {known[-1]}")


def _row_letter(names: Iterable[str]) -> str:
    """v, unless the user's names include v, v1, v2, …: a table must not call two things by one name."""
    taken = {match[1] for name in names if (match := re.fullmatch(r"([a-z])\d*", name))}
    return next((letter for letter in "vwuszqpr" if letter not in taken), "v")


def _output_names(given: Sequence[str | None], labels: Sequence[str]) -> list[str]:
    """y, or y1 … ym; another letter if a variable or a row of the user's is called so."""
    numbers = [""] if len(given) == 1 else [str(n) for n in range(1, len(given) + 1)]
    taken = {*labels, *(name for name in given if name)}
    letter = next(a for a in ("y", "f", "g", "h", "out", "result") if not any(a + n in taken for n in numbers))
    return [name or letter + number for name, number in zip(given, numbers, strict=True)]

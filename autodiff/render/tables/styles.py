"""The five published ways to lay out a trace. Each is one function from a Trace to the sides of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from autodiff.expression.expr import Expr, Num, Symbol
from autodiff.expression.names import Ref
from autodiff.render.words.sheet import Cell, Line, Side, Writer
from autodiff.tracing.directions import Direction
from autodiff.tracing.rows import Contribution, Derivative, Step, Sweep, Value
from autodiff.tracing.trace import Trace

PRIMAL = "Primal trace"


class Page(NamedTuple):
    """The sides of one table, and the sweep that it shows, if it shows one."""

    sides: list[Side]
    sweep: Sweep | None = None


# --- full -----------------------------------------------------------------------------------------------------
def full(trace: Trace, write: Writer) -> list[Page]:
    """Formula, numbers and value of every row; the chain rule too in reverse mode."""
    primal = Side(PRIMAL, [_full_primal(step, write) for step in trace.steps] + _outputs(trace, write))

    def page(sweep: Sweep) -> Page:
        way = sweep.direction
        lines = [_full_derivative(row, write, with_rule=way.chain_rule) for row in sweep.rows]
        return Page([primal, Side(way.title, lines)], sweep)

    return list(map(page, trace.swept)) or [Page([primal])]


def _full_primal(step: Step, write: Writer) -> Line:
    if step.operation is None:
        numbers = Cell("", "numbers")
        return Line(
            (_name(step.ref, write), _is(_formula_of(step, write)), numbers, _value(step.value, write)), step.ref
        )
    numbers = _numbers(step.formula, step.value, write)
    return Line((_name(step.ref, write), _is(_formula_of(step, write)), numbers, _value(step.value, write)), step.ref)


def _full_derivative(row: Derivative, write: Writer, *, with_rule: bool) -> Line:
    name, value = _name(row.ref, write), _value(row.value, write)
    formula = _is(write.formula(row.formula))
    if row.rule is None:  # a seed or a copy: its one part stands in the first column
        if isinstance(row.formula, Num):
            formula = Cell("")
        blanks = (Cell("", "formula"),) * with_rule + (Cell("", "numbers"),)
        return Line((name, formula, *blanks, value), row.ref)
    rule = (_is(write.formula(row.rule), "rule"),) * with_rule
    return Line((name, *rule, formula, _numbers(row.formula, row.value, write), value), row.ref)


# --- book -----------------------------------------------------------------------------------------------------
def book(trace: Trace, write: Writer) -> list[Page]:
    """Tables 3.1 and 3.2 of the textbook chapter."""
    primal = Side(PRIMAL, _book_primal(trace, write))

    def page(sweep: Sweep) -> Page:
        way = sweep.direction
        return Page([primal, Side(way.title, [_book_derivative(row, write, way) for row in sweep.rows])], sweep)

    return list(map(page, trace.swept)) or [Page([primal])]


def _book_primal(trace: Trace, write: Writer) -> list[Line]:
    lines = []
    for step in trace.steps:
        formula = _formula_of(step, write)
        last = write.number(step.value) if step.operation is None else write.numbers(step.formula)
        lines.append(Line((_name(step.ref, write), _is(_joined(formula, last))), step.ref))
    for output in trace.outputs:
        formula = _joined(_operand(output.operand, write), write.number(output.value))
        lines.append(Line((_name(output.name, write), _is(formula)), Ref("primal", output.name)))
    return lines


def _book_derivative(row: Derivative, write: Writer, way: Direction) -> Line:
    name, formula = _name(row.ref, write), write.formula(row.formula)
    if row.rule is None and not way.backward and isinstance(row.ref.of, int):  # v̇₋₁ = ẋ₁ = 1
        return Line((name, _is(_joined(formula, write.number(row.value))), Cell("", "value")), row.ref)
    if row.rule is None:
        copied = Cell("") if isinstance(row.formula, Num) else _is(formula)
        return Line((name, copied, _value(row.value, write)), row.ref)
    parts = (write.formula(row.rule), formula) if way.chain_rule else (formula, write.numbers(row.formula))
    return Line((name, _is(_joined(*parts)), _value(row.value, write)), row.ref)


# --- baydin ---------------------------------------------------------------------------------------------------
def baydin(trace: Trace, write: Writer) -> list[Page]:
    """Tables 2 and 3 of Baydin et al., JMLR 18 (2018): every contribution to an adjoint on a row of its own."""
    pages = book(trace, write)
    for page in pages:
        if page.sweep and page.sweep.direction.backward:
            page.sides[-1].lines = list(_accumulation(trace, page.sweep, write))
    return pages


def _accumulation(trace: Trace, sweep: Sweep, write: Writer) -> Iterator[Line]:
    so_far: dict[Ref, Any] = {}
    names = {output.operand: output.name for output in reversed(trace.outputs)}
    for row in sweep.rows:
        if row.seed:
            start = row.formula
            if row.contributions:
                start = Symbol(sweep.direction.ref(names[row.ref._replace(kind="primal")]))
            so_far[row.ref] = row.seed
            yield Line((_name(row.ref, write), _is(write.formula(start)), _value(row.seed, write)), row.ref)
    for row, n in sweep.arrivals(trace.steps):
        yield _arrival(row, n, so_far, write)
    for row in sweep.rows:
        if row.rule is None and not row.seed:
            yield _book_derivative(row, write, sweep.direction)


def _arrival(row: Derivative, n: int, so_far: dict[Ref, Any], write: Writer) -> Line:
    part, complete = row.contributions[n], n == len(row.contributions) - 1
    rule, formula = write.formula(Symbol(part.rule)), write.formula(part.formula)
    if row.ref in so_far:
        before = write.ref(row.ref)
        rule, formula = f"{before} + {rule}", f"{before} + {formula}"
    so_far[row.ref] = so_far.get(row.ref, 0.0) + part.value
    cells = (_name(row.ref, write), _is(_joined(rule, formula)), _value(so_far[row.ref], write))
    return Line(cells, row.ref if complete else None)


# --- griewank -------------------------------------------------------------------------------------------------
def griewank(trace: Trace, write: Writer) -> list[Page]:
    """Tables 1.1–1.3 of Griewank & Walther (2008): one column, three ruled blocks; tangents under their rows,
    adjoints below.
    """
    primal = [_full_primal(step, write) for step in trace.steps] + _outputs(trace, write)
    starts = {len(trace.inputs), len(trace.steps)}
    lines = [Line(line.cells, line.ref, after_rule=n in starts and n > 0) for n, line in enumerate(primal)]

    def page(sweep: Sweep) -> Page:
        rows = [_full_derivative(row, write, with_rule=False) for row in sweep.rows]
        if sweep.direction.backward:
            below = [*lines, *_ruled(rows, len(trace.inputs))]
        else:
            below = [line for pair in zip(lines, rows, strict=True) for line in pair]
        return Page([Side(f"{PRIMAL} and {sweep.direction.title.lower()}", below)], sweep)

    return list(map(page, trace.swept)) or [Page([Side("Evaluation trace", lines)])]


def _ruled(rows: list[Line], inputs: int) -> list[Line]:
    """The adjoints below the rows, those of the variables under a rule of their own."""
    rows[0].after_rule = True
    if 0 < inputs < len(rows):
        rows[-inputs].after_rule = True
    return rows


# --- cs207 ----------------------------------------------------------------------------------------------------
def cs207(traces: Sequence[Trace], write: Writer) -> list[Page]:
    """The tables of Harvard's course: in forward mode a column for each seed, in reverse mode each local partial."""
    first = traces[0]

    def page(sweep: Sweep) -> Page:
        way = sweep.direction
        side = _cs207_backward(first, sweep, write) if way.backward else _cs207_forward(traces, sweep, write)
        return Page([side], sweep)

    return list(map(page, first.swept)) or full(first, write)


def _cs207_forward(traces: Sequence[Trace], first: Sweep, write: Writer) -> Side:
    sweeps = [trace.sweep(first.direction) for trace in traces]
    header = (
        "Trace",
        "Elementary function",
        "Value",
        "Elementary derivative",
        *(_along(each, write) for each in sweeps),
    )
    lines = []
    for n, step in enumerate(traces[0].steps):
        tangents = [Cell(write.number(sweep.rows[n].value), "value") for sweep in sweeps]
        cells = (
            _name(step.ref, write),
            Cell(_formula_of(step, write)),
            Cell(write.number(step.value), "value"),
            Cell(write.formula(first.rows[n].formula), "rule"),
        )
        lines.append(Line((*cells, *tangents), step.ref))
    return Side(_mode(first), lines, header)


def _mode(sweep: Sweep) -> str:
    return f"{sweep.direction.name.capitalize()} mode"


def _along(sweep: Sweep, write: Writer) -> str:
    return f"along {write.inline(write.ref(sweep.alone))}" if sweep.alone else "along the seed"


def _cs207_backward(trace: Trace, sweep: Sweep, write: Writer) -> Side:
    steps = {sweep.direction.ref(step.ref): step for step in trace.steps}
    slopes: dict[Ref, list[Contribution]] = {}
    for part in sorted((part for row in sweep.rows for part in row.contributions), key=lambda part: part.k):
        slopes.setdefault(part.step.ref, []).append(part)
    width = max(map(len, slopes.values()), default=0)
    header = ("Node", "Value", *("Local partial",) * width, "Adjoint")
    lines = []
    for row in sweep.rows:
        if row.ref in steps:
            step = steps[row.ref]
            partials = [_partial(part, write) for part in slopes.get(step.ref, [])]
            blanks = [Cell("", "rule")] * (width - len(partials))
            values = Cell(write.number(step.value), "value"), Cell(write.number(row.value), "value")
            lines.append(Line((_name(step.ref, write), values[0], *partials, *blanks, values[1]), row.ref))
    return Side(_mode(sweep), lines, header)


def _partial(part: Contribution, write: Writer) -> Cell:
    name = write.ref(part.rule._replace(kind="partial"))
    shown = [] if part.partial is None else [write.formula(part.partial)]
    if part.partial_value is not None:
        shown.append(write.number(part.partial_value))
    return Cell(_joined(name, *shown), "rule")


STYLES: dict[str, Callable[[Trace, Writer], list[Page]]] = {
    "full": full,
    "book": book,
    "baydin": baydin,
    "griewank": griewank,
    "cs207": lambda trace, write: cs207([trace], write),
}


# --- parts of a row -------------------------------------------------------------------------------------------
def _name(ref: Ref | str, write: Writer) -> Cell:
    return Cell(write.ref(ref), "name")


def _is(text: str, role: str = "formula") -> Cell:
    return Cell(f"= {text}" if text else "", role)


def _value(value: Value, write: Writer) -> Cell:
    return _is(write.number(value), "value")


def _numbers(formula: Expr, value: Value, write: Writer) -> Cell:
    """The numbers, unless they only repeat the value or the formula."""
    numbers = write.numbers(formula)
    repeats = numbers in (write.number(value), write.formula(formula))
    return Cell("", "numbers") if repeats else _is(numbers, "numbers")


def _formula_of(step: Step, write: Writer) -> str:
    """The formula of a row, after the name that a statement gave it."""
    if step.operation is None:
        return write.ref(str(step.label))
    formula = write.formula(step.formula)
    return _joined(write.ref(step.label), formula) if step.label else formula


def _operand(operand: Ref | Value, write: Writer) -> str:
    return write.ref(operand) if isinstance(operand, Ref) else write.number(operand)


def _outputs(trace: Trace, write: Writer) -> list[Line]:
    lines = []
    for output in trace.outputs:
        name, value = _name(output.name, write), _value(output.value, write)
        source = _is(write.ref(output.operand)) if isinstance(output.operand, Ref) else Cell("")
        lines.append(Line((name, source, Cell("", "numbers"), value), Ref("primal", output.name)))
    return lines


def _joined(*parts: str) -> str:
    """Parts with equals signs between them; a part that repeats the one before it is left out."""
    return " = ".join(part for n, part in enumerate(parts) if n == 0 or part != parts[n - 1])

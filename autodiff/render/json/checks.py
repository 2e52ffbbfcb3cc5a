"""What the media rely on in a trace, checked when one is read: its names and shapes fit together."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from autodiff.expression.blocks import Block
from autodiff.expression.expr import Expr
from autodiff.expression.names import Ref
from autodiff.render.json.decoding import Wrong
from autodiff.tracing.directions import Direction
from autodiff.tracing.record import PAIRS
from autodiff.tracing.rows import Contribution, Derivative, Step, Sweep
from autodiff.tracing.trace import Trace


def check_record(trace: Trace) -> None:
    """Raise Wrong, with the place, unless rows read earlier rows, and each row, input and output has its derivative."""
    known: set[Ref] = set()
    for n, step in enumerate(trace.steps):
        try:
            _check_step(trace, step, known, is_input=n < len(trace.variables))
        except Wrong as wrong:
            raise wrong.at(f".steps[{n}]")  # noqa: B904  # it is the same exception
        known.add(step.ref)
    if len(set(trace.variables)) < len(trace.variables):
        raise Wrong("two variables have the same name").at(".steps")
    for n, output in enumerate(trace.outputs):
        if isinstance(output.operand, Ref) and output.operand not in known:
            raise Wrong("there is no such row").at(f".outputs[{n}]")
    if len({output.name for output in trace.outputs}) < len(trace.outputs):
        raise Wrong("two outputs have the same name").at(".outputs")
    if not trace.failure:
        _check_derivatives(trace)


def _check_step(trace: Trace, step: Step, known: set[Ref], *, is_input: bool) -> None:
    if (step.operation is None) != is_input:
        raise Wrong("the rows of the variables come first")
    if step.ref.letter != trace.letter:
        raise Wrong(f"the letter of its name is not {trace.letter}")
    operands = set(step.reads)
    if operands - known or step.ref in known:
        raise Wrong("it reads a row that does not come before it, or its name is taken")
    blocks = [operand for operand in step.operands if isinstance(operand, Block)]
    if any(block not in blocks for block in _blocks(step.formula)):
        raise Wrong("an array in it is not an operand").at(".formula")
    for key in _names(step.formula):
        if key not in operands and not (is_input and key == step.label):
            raise Wrong("it names a row that is not an operand").at(".formula")


def _check_derivatives(trace: Trace) -> None:
    outputs = trace.output_names
    if not outputs:
        raise Wrong("there is none").at(".outputs")
    for sweep in trace.sweeps:
        _check_rows(trace, sweep)
    wanted = [name for sweep in trace.sweeps for name in sweep.direction.starts(trace.variables, outputs)]
    if [name for name, _ in trace.seed] != wanted:
        raise Wrong("each variable (forward) and each output (reverse) has one, in their order").at(".seed")
    shape = [len(trace.variables)] * len(outputs) if len(trace.sweeps) > 1 else []
    if [len(row) for row in trace.jacobian_rows] != shape:
        raise Wrong("it has a row for each output and a number for each variable in mode both").at(".jacobian")
    arrays = any(isinstance(value, Block) for step in trace.steps for value in (step.value, *step.operands))
    for row in trace.derivatives:
        if not arrays and any(map(_blocks, _formulas_of(row))):
            raise Wrong("there are arrays in the derivatives, but none in the rows")
    _check_formulas(trace)


def _check_rows(trace: Trace, sweep: Sweep) -> None:
    """Each row has its derivative, and then each of the ends; only the row of an output has a seed."""
    direction, place = sweep.direction, f".{sweep.direction.kind}s"
    rows, ends = [step.ref.of for step in trace.steps], list(direction.ends(trace.variables, trace.output_names))
    found = [row.ref.of for row in sweep.rows]
    if not direction.backward and found != [*rows, *ends]:
        raise Wrong("each row and each output has one, in their order").at(place)
    count = len(rows)
    if direction.backward and not (_same(found[:count], rows) and _same(found[count:], ends)):
        raise Wrong("each row and each variable has one, the rows first").at(place)
    seeded = {output.operand for output in trace.outputs} if direction.backward else ()
    for n, row in enumerate(sweep.rows):
        if row.seed and row.ref._replace(kind="primal") not in seeded:
            raise Wrong("only the row of an output has a seed").at(f"{place}[{n}]")


def _same(found: list[Any], wanted: list[Any]) -> bool:
    return sorted(map(repr, found)) == sorted(map(repr, wanted))


def _check_formulas(trace: Trace) -> None:
    """Formulas name what exists, and a derivative has the shape of its row."""
    known = {key for key in trace.values() if isinstance(key, Ref)}
    names = {ref.of for ref in known}
    values = {step.ref.of: step.value for step in trace.steps}
    values |= {output.name: output.value for output in trace.outputs}
    values |= {str(step.label): step.value for step in trace.inputs}
    for sweep in trace.sweeps:
        kind = sweep.direction.kind
        place = f".{kind}s"
        for n, row in enumerate(sweep.rows):
            if row.ref.kind != kind or _shape(row.value) != _shape(values[row.ref.of]):
                raise Wrong(f"it is no {kind} of the shape of its row").at(f"{place}[{n}]")
            for part in row.contributions:
                _check_contribution(part, row, values, sweep.direction, place=f"{place}[{n}]")
            for key in _names_of(row):
                there = {key.of, key.by} <= names if isinstance(key, Ref) and key.kind in PAIRS else key in known
                if not there:
                    raise Wrong("a formula names what is not there").at(f"{place}[{n}]")


def _check_contribution(
    part: Contribution, row: Derivative, values: dict[Any, Any], direction: Direction, *, place: str
) -> None:
    """A contribution goes from an operand to its row or back, and has the shapes of both."""
    operand, step = part.step.operands[part.k], part.step
    source, target = (step.ref, operand) if direction.backward else (operand, step.ref)
    if not isinstance(operand, Ref) or target != row.ref._replace(kind="primal"):
        raise Wrong("a contribution belongs to another row").at(place)
    assert isinstance(source, Ref)
    if _shape(part.factor) != _shape(values[source.of]) or _shape(part.value) != _shape(row.value):
        raise Wrong("a contribution does not have the shape of its rows").at(place)


def _shape(value: Any) -> tuple[int, ...]:
    return value.shape if isinstance(value, Block) else ()


def _names_of(row: Derivative) -> Iterator[Hashable]:
    """The names in all formulas of a derivative."""
    yield from (part.rule for part in row.contributions)
    for formula in _formulas_of(row):
        yield from _names(formula)


def _formulas_of(row: Derivative) -> list[Expr]:
    parts = [formula for part in row.contributions for formula in (part.formula, part.partial)]
    return [formula for formula in (row.formula, row.rule, *parts) if formula is not None]


def _names(formula: Expr) -> list[Hashable]:
    """The names in a formula; an array constant in it is not a name."""
    return [key for key in formula.symbols() if not isinstance(key, Block)]


def _blocks(formula: Expr) -> list[Block]:
    """The arrays in a formula."""
    return [key for key in formula.symbols() if isinstance(key, Block)]

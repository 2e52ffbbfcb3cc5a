"""What the media rely on in a trace, checked where one is read: its names and shapes fit together."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from autodiff.expression.blocks import Block
from autodiff.expression.expr import Expr, fold
from autodiff.expression.names import Ref
from autodiff.render.reading import Wrong
from autodiff.render.record import PAIRS
from autodiff.tracing.trace import Derivative, Step, Trace


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
    operands = {operand for operand in step.operands if isinstance(operand, Ref)}
    if operands - known or step.ref in known:
        raise Wrong("it reads a row that does not come before it, or its name is taken")
    for key in _names(step.formula):
        if key not in operands and not (is_input and key == step.label):
            raise Wrong("it names a row that is no operand").at(".formula")


def _check_derivatives(trace: Trace) -> None:
    rows = [step.ref.of for step in trace.steps]
    outputs = [output.name for output in trace.outputs]
    if not outputs:
        raise Wrong("there is none").at(".outputs")
    if trace.mode != "reverse" and [tangent.ref.of for tangent in trace.tangents] != [*rows, *outputs]:
        raise Wrong("each row and each output has one, in their order").at(".tangents")
    adjoints, count = [adjoint.ref.of for adjoint in trace.adjoints], len(rows)
    complete = _same(adjoints[:count], rows) and _same(adjoints[count:], list(trace.variables))
    if trace.mode != "forward" and not complete:
        raise Wrong("each row and each variable has one, the rows first").at(".adjoints")
    ends = {output.operand for output in trace.outputs}
    for n, adjoint in enumerate(trace.adjoints):
        if adjoint.seed and adjoint.ref._replace(kind="primal") not in ends:
            raise Wrong("only the row of an output has a seed").at(f".adjoints[{n}]")
    wanted = [*(trace.variables if trace.mode != "reverse" else ()), *(outputs if trace.mode != "forward" else ())]
    if [name for name, _ in trace.seed] != wanted:
        raise Wrong("each variable (forward) and each output (reverse) has one, in their order").at(".seed")
    shape = [len(trace.variables)] * len(outputs) if trace.mode == "both" else []
    if [len(row) for row in trace.jacobian_rows] != shape:
        raise Wrong("it has a row for each output and a number for each variable in mode both").at(".jacobian")
    _check_formulas(trace)


def _same(found: list[Any], wanted: list[Any]) -> bool:
    return sorted(map(repr, found)) == sorted(map(repr, wanted))


def _check_formulas(trace: Trace) -> None:
    """Formulas name what is there, and a derivative has the shape of its row."""
    known = trace.values().keys()
    names = {ref.of for ref in known if isinstance(ref, Ref)}
    values = {step.ref.of: step.value for step in trace.steps}
    values |= {output.name: output.value for output in trace.outputs}
    values |= {str(step.label): step.value for step in trace.inputs}
    for kind, derivatives in (("tangent", trace.tangents), ("adjoint", trace.adjoints)):
        place = f".{kind}s"
        for n, row in enumerate(derivatives):
            if row.ref.kind != kind or _shape(row.value) != _shape(values[row.ref.of]):
                raise Wrong(f"it is no {kind} of the shape of its row").at(f"{place}[{n}]")
            for key in _names_of(row):
                there = {key.of, key.by} <= names if isinstance(key, Ref) and key.kind in PAIRS else key in known
                if not there:
                    raise Wrong("a formula names what is not there").at(f"{place}[{n}]")


def _shape(value: Any) -> tuple[int, ...]:
    return value.shape if isinstance(value, Block) else ()


def _names_of(row: Derivative) -> Iterator[Hashable]:
    """The names in all formulas of a derivative."""
    formulas = [row.formula, *([row.rule] if row.rule else [])]
    for part in row.contributions:
        formulas += [part.formula, *([part.partial] if part.partial else [])]
        yield part.rule
    for formula in formulas:
        yield from _names(formula)


def _names(formula: Expr) -> list[Hashable]:
    """The names in a formula; an array that stands in it as a constant is none."""
    found: list[Hashable] = []
    fold(formula, lambda number: None, found.append, lambda operation, operands: None)
    return [key for key in found if not isinstance(key, Block)]

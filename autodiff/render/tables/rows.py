"""Rows as text, for `trace.rows` and JSON."""

from __future__ import annotations

from collections.abc import Iterator

from autodiff.expression.names import Ref
from autodiff.expression.printing import AsciiPrinter, UnicodePrinter
from autodiff.render.words.sheet import Writer
from autodiff.tracing.rows import Derivative, DerivativeText, RowText
from autodiff.tracing.trace import Trace


def row_texts(trace: Trace, *, digits: int = 3, ascii_only: bool = False) -> Iterator[RowText]:
    """Every row with its derivative: the adjoint where there is one, else the tangent."""
    write = Writer(AsciiPrinter if ascii_only else UnicodePrinter, trace, digits=digits)
    direction, found = trace.main.direction, {row.ref: row for row in trace.main.rows}
    for step in trace.steps:
        row = found.get(direction.ref(step.ref))
        is_input = step.operation is None
        yield RowText(
            name=write.ref(step.ref),
            operation="input" if step.operation is None else step.operation.name,
            operands=tuple(write.ref(o) if isinstance(o, Ref) else write.number(o) for o in step.operands),
            formula=write.ref(str(step.label)) if is_input else write.formula(step.formula),
            numbers=write.number(step.value) if is_input else write.numbers(step.formula),
            value=step.value,
            derivative=derivative_text(row, write) if row else None,
            source=step.source,
        )


def derivative_text(row: Derivative, write: Writer) -> DerivativeText:
    """A tangent or adjoint as text."""
    return DerivativeText(
        name=write.ref(row.ref),
        rule=write.formula(row.rule) if row.rule else "",
        formula=write.formula(row.formula),
        numbers=write.numbers(row.formula),
        value=row.value,
    )

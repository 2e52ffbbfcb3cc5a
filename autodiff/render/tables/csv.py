"""Rows as comma-separated values, for spreadsheets and data frames: values in full precision, formulas as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autodiff.expression.blocks import Block
from autodiff.expression.names import Ref
from autodiff.expression.printing import AsciiPrinter, UnicodePrinter
from autodiff.render.tables.rows import derivative_text, row_texts
from autodiff.render.words.ascii import to_ascii
from autodiff.render.words.sheet import Writer
from autodiff.text import harmless
from autodiff.tracing.directions import Direction
from autodiff.tracing.rows import Derivative, DerivativeText, Sweep
from autodiff.tracing.trace import Trace

_PRIMAL = ("name", "label", "operation", "operands", "formula", "numbers", "value")
_DERIVATIVE = ("name", "rule", "formula", "numbers", "value")
# A spreadsheet takes a cell that begins like this for a formula; in East Asia, also with the full-width signs.
_ACTIVE = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?", re.ASCII)


def to_csv(trace: Trace | Sequence[Trace], *, digits: int | None = None, ascii_only: bool = False) -> str:
    """A line for each row and each output, under a line of heads. Several traces follow each other, numbered in front.

    `derivative_…` is the adjoint, or the tangent in forward mode; mode both also has `tangent_…`. Values are written
    so that they read back exactly (inf and nan by these names, arrays as nested lists); `digits` rounds the column
    `numbers` alone. A text that a spreadsheet could take for a formula has an apostrophe in front.

    >>> from autodiff import trace
    >>> print(to_csv(trace("x^2", at=3)).splitlines()[2])
    v₁,,power,v₀; 2,v₀²,3²,9.0,v̄₁,,ȳ,1,1.0
    """
    traces = [trace] if isinstance(trace, Trace) else list(trace)
    others = list(dict.fromkeys(sweep.direction for each in traces for sweep in each.sweeps[:-1]))
    groups = ["derivative", *(direction.kind for direction in others)]
    heads = [*_PRIMAL, *(f"{group}_{part}" for group in groups for part in _DERIVATIVE)]
    number = len(traces) > 1
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    write.writerow(["trace"] * number + heads)
    for n, each in enumerate(traces, 1):
        table = _Table(each, 3 if digits is None else digits, others, ascii_only=ascii_only)
        write.writerows([n] * number + row for row in (*table.rows(), *table.outputs()))
    return text.getvalue().removesuffix("\n")


class _Table:
    """The lines of one trace."""

    def __init__(self, trace: Trace, digits: int, others: Sequence[Direction], *, ascii_only: bool) -> None:
        self.trace, self.ascii_only = trace, ascii_only
        self.write = Writer(AsciiPrinter if ascii_only else UnicodePrinter, trace, digits=digits)
        self.texts = row_texts(trace, digits=digits, ascii_only=ascii_only)
        sweeps = (trace.main, *map(trace.sweep, others))
        self.main, *self.others = [(sweep, {row.ref: row for row in sweep.rows}) for sweep in sweeps]

    def rows(self) -> Iterator[list[str]]:
        """The inputs and the operations."""
        for step, text in zip(self.trace.steps, self.texts, strict=True):
            label = step.label or ""
            cells = (text.name, label, text.operation, "; ".join(text.operands), text.formula, text.numbers)
            yield [*self.cells(cells), _value(text.value), *self.derivative(text.derivative), *self.besides(step.ref)]

    def outputs(self) -> Iterator[list[str]]:
        """The outputs: which row each is, and its tangent, or the seed of its adjoint."""
        write = self.write
        for output in self.trace.outputs:
            operand = write.ref(output.operand) if isinstance(output.operand, Ref) else ""
            number = write.number(output.value)
            cells = (write.ref(output.name), "", "output", operand, operand or number, number)
            derivative = self.derivative(self.text(output.name, *self.main))
            yield [*self.cells(cells), _value(output.value), *derivative, *self.besides(output.name)]

    def besides(self, of: Ref | str) -> list[str]:
        """The columns of the other sweeps."""
        return [cell for sweep, rows in self.others for cell in self.derivative(self.text(of, sweep, rows))]

    def text(self, of: Ref | str, sweep: Sweep, rows: Mapping[Ref, Derivative]) -> DerivativeText | None:
        """The derivative of a row or an output in a sweep; where the sweep starts from outputs, the seed of one."""
        ref = sweep.direction.ref(of)
        if ref in rows:
            return derivative_text(rows[ref], self.write)
        if not rows or isinstance(of, Ref):
            return None
        weight = dict(sweep.seed)[of]
        number = self.write.number(weight)
        return DerivativeText(self.write.ref(ref), "", number, number, weight)

    def derivative(self, text: DerivativeText | None) -> list[str]:
        """The columns of a derivative."""
        if text is None:
            return [""] * len(_DERIVATIVE)
        return [*self.cells((text.name, text.rule, text.formula, text.numbers)), _value(text.value)]

    def cells(self, texts: Sequence[str]) -> list[str]:
        """Texts as cells."""
        return [safe(to_ascii(text) if self.ascii_only else text) for text in texts]


def safe(text: str) -> str:
    """A text on one line that no spreadsheet takes for a formula.

    >>> safe("=1+1"), safe("v₀ + 1"), safe("-0.5")
    ("'=1+1", 'v₀ + 1', '-0.5')
    """
    text = harmless(text).strip()
    return f"'{text}" if text.startswith(_ACTIVE) and not _NUMBER.fullmatch(text) else text


def _value(value: Any) -> str:
    return str(value.tolist()) if isinstance(value, Block) else repr(float(value))

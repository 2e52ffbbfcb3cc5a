"""Rows as comma-separated values, for spreadsheets and data frames: values in full precision, formulas as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from autodiff.expression.blocks import Block
from autodiff.expression.names import Ref
from autodiff.expression.printing import AsciiPrinter, UnicodePrinter
from autodiff.render.tables.rows import derivative_text, row_texts
from autodiff.render.words.plain import to_ascii
from autodiff.render.words.sheet import Writer
from autodiff.text import harmless
from autodiff.tracing.rows import DerivativeText
from autodiff.tracing.trace import Trace

_PRIMAL = ("name", "label", "operation", "operands", "formula", "numbers", "value")
_DERIVATIVE = ("name", "rule", "formula", "numbers", "value")
# A spreadsheet takes a cell that begins so for a formula; the full-width signs too, where such are typed.
_ACTIVE = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?", re.ASCII)


def to_csv(trace: Trace | Sequence[Trace], *, digits: int | None = None, ascii_only: bool = False) -> str:
    """A line for each row and each output, under a line of heads. Several traces follow each other, numbered in front.

    `derivative_…` is the adjoint, or the tangent in forward mode; mode both has `tangent_…` besides. Values are written
    so that they read back exactly (inf and nan by these names, arrays as nested lists); `digits` rounds the column
    `numbers` alone. A text that a spreadsheet could take for a formula has an apostrophe in front.

    >>> from autodiff import trace
    >>> print(to_csv(trace("x^2", at=3)).splitlines()[2])
    v₁,,power,v₀; 2,v₀²,3²,9.0,v̄₁,,ȳ,1,1.0
    """
    traces = [trace] if isinstance(trace, Trace) else list(trace)
    both = any(each.mode == "both" for each in traces)
    heads = [*_PRIMAL, *(f"derivative_{part}" for part in _DERIVATIVE)]
    heads += [f"tangent_{part}" for part in _DERIVATIVE] if both else []
    number = len(traces) > 1
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    write.writerow(["trace"] * number + heads)
    for n, each in enumerate(traces, 1):
        table = _Table(each, 3 if digits is None else digits, both=both, ascii_only=ascii_only)
        write.writerows([n] * number + row for row in (*table.rows(), *table.outputs()))
    return text.getvalue().removesuffix("\n")


class _Table:
    """The lines of one trace."""

    def __init__(self, trace: Trace, digits: int, *, both: bool, ascii_only: bool) -> None:
        self.trace, self.both, self.ascii_only = trace, both, ascii_only
        self.write = Writer(AsciiPrinter if ascii_only else UnicodePrinter, trace, digits=digits)
        self.texts = row_texts(trace, digits=digits, ascii_only=ascii_only)
        self.tangents = {row.ref.of: row for row in trace.tangents}

    def rows(self) -> Iterator[list[str]]:
        """The inputs and the operations."""
        for step, text in zip(self.trace.steps, self.texts, strict=True):
            label = step.label or ""
            cells = (text.name, label, text.operation, "; ".join(text.operands), text.formula, text.numbers)
            derivative = self.derivative(text.derivative)
            yield [*self.cells(cells), _value(text.value), *derivative, *self.tangent(step.ref.of)]

    def outputs(self) -> Iterator[list[str]]:
        """The outputs: which row each is, and its tangent, or the seed of its adjoint."""
        seed, write = dict(self.trace.seed), self.write
        for output in self.trace.outputs:
            operand = write.ref(output.operand) if isinstance(output.operand, Ref) else ""
            number = write.number(output.value)
            cells = (write.ref(output.name), "", "output", operand, operand or number, number)
            derivative = None
            if self.trace.adjoints:
                weight = seed[output.name]
                name, number = write.ref(Ref("adjoint", output.name)), write.number(weight)
                derivative = DerivativeText(name, "", number, number, weight)
            elif self.trace.tangents:
                derivative = derivative_text(self.tangents[output.name], write)
            yield [*self.cells(cells), _value(output.value), *self.derivative(derivative), *self.tangent(output.name)]

    def tangent(self, name: int | str) -> list[str]:
        """The columns of the tangent that mode both has besides."""
        if not self.both:
            return []
        row = self.tangents.get(name)
        return self.derivative(derivative_text(row, self.write) if row else None)

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

"""Rows as comma-separated values, for spreadsheets and data frames: values in full precision, formulas as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from autodiff.expression.blocks import Block
from autodiff.expression.printing import UnicodePrinter
from autodiff.render.rows import derivative_text, row_texts
from autodiff.render.sheet import Writer
from autodiff.signs import harmless
from autodiff.tracing.trace import DerivativeText, Trace

_PRIMAL = ("name", "label", "operation", "operands", "formula", "numbers", "value")
_DERIVATIVE = ("name", "rule", "formula", "numbers", "value")
# A spreadsheet takes a cell that begins so for a formula; the full-width signs too, where such are typed.
_ACTIVE = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?", re.ASCII)


def to_csv(trace: Trace | Sequence[Trace], *, digits: int | None = None) -> str:
    """A line for each row of the trace, under a line of heads. Several traces follow each other, numbered in front.

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
        write.writerows([n] * number + row for row in _rows(each, 3 if digits is None else digits, both=both))
    return text.getvalue().removesuffix("\n")


def _rows(trace: Trace, digits: int, *, both: bool) -> Iterator[list[Any]]:
    tangents = {row.ref.of: row for row in trace.tangents} if both else {}
    write = Writer(UnicodePrinter, trace, digits=digits)
    for step, text in zip(trace.steps, row_texts(trace, digits=digits), strict=True):
        primal = (text.name, step.label or "", text.operation, "; ".join(text.operands), text.formula, text.numbers)
        cells = [*map(safe, primal), _value(text.value), *_derivative(text.derivative)]
        if both:
            tangent = tangents.get(step.ref.of)
            cells += _derivative(derivative_text(tangent, write) if tangent else None)
        yield cells


def _derivative(text: DerivativeText | None) -> list[str]:
    if text is None:
        return [""] * len(_DERIVATIVE)
    return [*map(safe, (text.name, text.rule, text.formula, text.numbers)), _value(text.value)]


def safe(text: str) -> str:
    """A text on one line that no spreadsheet takes for a formula.

    >>> safe("=1+1"), safe("v₀ + 1"), safe("-0.5")
    ("'=1+1", 'v₀ + 1', '-0.5')
    """
    text = harmless(text).strip()
    return f"'{text}" if text.startswith(_ACTIVE) and not _NUMBER.fullmatch(text) else text


def _value(value: Any) -> str:
    return str(value.tolist()) if isinstance(value, Block) else repr(float(value))

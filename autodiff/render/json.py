"""A trace as JSON, with numbers in full precision."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from autodiff.checking import Report
from autodiff.expression.blocks import Block
from autodiff.expression.names import Ref
from autodiff.expression.printing import AsciiPrinter, UnicodePrinter
from autodiff.render.rows import derivative_text, row_texts
from autodiff.render.sheet import Writer
from autodiff.tracing.trace import DerivativeText, Trace


def to_json(
    trace: Trace | Sequence[Trace], *, digits: int = 3, ascii_only: bool = False, reports: Sequence[Report] = ()
) -> str:
    """One object for a trace, a list for several. ∞ and NaN are the strings "Infinity", "-Infinity" and "NaN"."""
    traces = [trace] if isinstance(trace, Trace) else list(trace)
    objects = [as_object(each, digits=digits, ascii_only=ascii_only) for each in traces]
    for found, report in zip(objects, reports, strict=False):
        found["check"] = {"ok": report.ok, "summary": report.summary}
    return json.dumps(objects[0] if len(objects) == 1 else objects, ensure_ascii=ascii_only, indent=2, allow_nan=False)


def as_object(trace: Trace, *, digits: int = 3, ascii_only: bool = False) -> dict[str, Any]:
    """The trace as plain dictionaries and lists."""
    found: dict[str, Any] = {
        "expression": trace.expression,
        "mode": trace.mode,
        "variables": _numbers(trace.point),
        "outputs": _numbers({output.name: output.value for output in trace.outputs}),
        "seed": _numbers(dict(trace.seed)),
    }
    if trace.mode == "forward":
        found["tangent"] = _numbers(trace.tangent)
    else:
        found["gradient"] = _numbers(trace.gradient)
    if trace.mode == "both":
        found["jacobian"] = {name: _numbers(row) for name, row in trace.jacobian.items()}
    found["rows"] = _rows(trace, digits, ascii_only)
    found["notes"] = [{"row": _name(note.ref, ascii_only), "text": note.text} for note in trace.notes]
    return found


def _rows(trace: Trace, digits: int, ascii_only: bool) -> list[dict[str, Any]]:
    write = Writer(AsciiPrinter if ascii_only else UnicodePrinter, trace, digits=digits)
    tangents = {row.ref.of: row for row in trace.tangents}
    rows = []
    for step, text in zip(trace.steps, row_texts(trace, digits=digits, ascii_only=ascii_only), strict=True):
        row: dict[str, Any] = {**text._asdict(), "value": _number(text.value)}
        row["operands"] = list(text.operands)
        row["label"] = step.label
        row["source"] = None if step.source is None else step.source._asdict()
        row["derivative"] = _derivative(text.derivative)
        if trace.mode == "both":
            row["tangent"] = _derivative(derivative_text(tangents[step.ref.of], write))
        rows.append(row)
    return rows


def _derivative(text: DerivativeText | None) -> dict[str, Any] | None:
    return None if text is None else {**text._asdict(), "value": _number(text.value)}


def _name(ref: Ref, ascii_only: bool) -> str:
    return (AsciiPrinter if ascii_only else UnicodePrinter)().ref(ref)


def _entries(value: Any) -> Any:
    return [_entries(entry) for entry in value] if isinstance(value, list) else _number(value)


def _numbers(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: Any) -> Any:
    if isinstance(value, Block):
        return _entries(value.tolist())
    if math.isfinite(value):
        return float(value)
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"

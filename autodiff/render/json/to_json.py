"""A trace as JSON, with numbers in full precision: what people read, and under "record" all that `from_json` needs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autodiff.checks.traces import Report
from autodiff.expression.blocks import Block
from autodiff.expression.names import Ref
from autodiff.expression.numbers import json_number
from autodiff.expression.printing import AsciiPrinter, UnicodePrinter
from autodiff.render.tables.rows import derivative_text, row_texts
from autodiff.render.words.sheet import Writer
from autodiff.tracing.record import VERSION, as_record
from autodiff.tracing.rows import DerivativeText
from autodiff.tracing.trace import Trace

_LONE = re.compile("[\ud800-\udfff]")  # halves of characters, in names of files: no encoding takes them


def to_json(
    trace: Trace | Sequence[Trace],
    *,
    digits: int | None = None,
    ascii_only: bool = False,
    reports: Sequence[Report] = (),
) -> str:
    """One object for a trace, a list for several. ∞ and NaN are the strings "Infinity", "-Infinity" and "NaN".

    >>> from autodiff import trace
    >>> from autodiff.render.json.from_json import from_json
    >>> t = trace("x sin x", at=2)
    >>> from_json(to_json(t)) == t
    True
    """
    traces = [trace] if isinstance(trace, Trace) else list(trace)
    decimals = 3 if digits is None else digits
    objects = [as_object(each, digits=decimals, ascii_only=ascii_only) for each in traces]
    for found, report in zip(objects, reports, strict=False):
        found["check"] = {"ok": report.ok, "summary": report.summary}
    texts = [_text(found, as_record(each), ascii_only) for found, each in zip(objects, traces, strict=True)]
    if len(texts) == 1:
        return texts[0]
    return "[\n  " + ",\n".join(texts).replace("\n", "\n  ") + "\n]" if texts else "[]"


def _text(found: dict[str, Any], record: dict[str, Any], ascii_only: bool) -> str:
    """The object as text, with its record last; each row of the trace is a line, which makes long traces fast."""
    encode = json.JSONEncoder(ensure_ascii=ascii_only, allow_nan=False, check_circular=False).encode
    text = _members({**found, "record": record}, encode, "\n")
    return text if ascii_only else _LONE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _members(found: dict[str, Any], encode: Callable[[Any], str], line: str) -> str:
    parts = []
    for key, value in found.items():
        if key == "record":
            text = _members(value, encode, f"{line}  ")
        elif isinstance(value, (list, Iterator)):
            rows = f",{line}    ".join(map(encode, value))
            text = f"[{line}    {rows}{line}  ]" if rows else "[]"
        else:
            text = encode(value)
        parts.append(f"{line}  {encode(key)}: {text}")
    return "{" + ",".join(parts) + line + "}"


def as_object(trace: Trace, *, digits: int = 3, ascii_only: bool = False) -> dict[str, Any]:
    """The trace as plain dictionaries and lists."""
    found: dict[str, Any] = {
        "version": VERSION,
        "expression": trace.expression,
        "mode": trace.mode,
        "variables": _numbers(trace.point),
        "outputs": _numbers({output.name: output.value for output in trace.outputs}),
        "seed": _numbers(dict(trace.seed)),
    }
    if trace.failure:  # there are no derivatives
        found["failure"] = trace.failure
    else:
        last = trace.sweeps[-1].direction
        found[last.result] = _numbers(trace.result(last))
    if len(trace.sweeps) > 1 and not trace.failure:
        found["jacobian"] = {name: _numbers(row) for name, row in trace.jacobian.items()}
    found["rows"] = _rows(trace, digits, ascii_only)
    found["notes"] = [{"row": _name(note.ref, ascii_only), "text": note.text} for note in trace.notes]
    return found


def _rows(trace: Trace, digits: int, ascii_only: bool) -> list[dict[str, Any]]:
    write = Writer(AsciiPrinter if ascii_only else UnicodePrinter, trace, digits=digits)
    others = [(sweep.direction, {row.ref: row for row in sweep.rows}) for sweep in trace.sweeps[:-1]]
    rows = []
    for step, text in zip(trace.steps, row_texts(trace, digits=digits, ascii_only=ascii_only), strict=True):
        row: dict[str, Any] = {**text._asdict(), "value": _number(text.value)}
        row["operands"] = list(text.operands)
        row["label"] = step.label
        row["source"] = None if step.source is None else step.source._asdict()
        row["derivative"] = _derivative(text.derivative)
        for direction, found in others:
            if direction.ref(step.ref) in found:
                row[direction.kind] = _derivative(derivative_text(found[direction.ref(step.ref)], write))
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
    return _entries(value.tolist()) if isinstance(value, Block) else json_number(value)

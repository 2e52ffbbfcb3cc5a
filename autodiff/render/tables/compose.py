"""From traces to sheets: the style's sides, with a caption above and footers and notes below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from autodiff.checks.traces import Report
from autodiff.errors import OptionError, did_you_mean
from autodiff.expression.blocks import Block
from autodiff.render.tables.footers import footer, legend, work
from autodiff.render.tables.styles import STYLES, Page, cs207
from autodiff.render.words.sheet import Cell, Line, Sheet, Side, Writer
from autodiff.tracing.rows import Sweep, Value
from autodiff.tracing.trace import Trace


def default_digits(style: str) -> int:
    """Four decimals in Griewank's tables, three in the others."""
    return 4 if style == "griewank" else 3


def check_style(style: str) -> None:
    """Raise OptionError for an unknown style."""
    if not isinstance(style, str) or style not in STYLES:
        hint = did_you_mean(str(style), STYLES)
        raise OptionError(f"unknown style '{style}': choose {', '.join(STYLES)}" + (f"\n{hint}" if hint else ""))


def compose(
    trace: Trace | Sequence[Trace],
    style: str,
    digits: int | None,
    reports: Sequence[Report],
    writer: Callable[..., Writer],
    *,
    source: bool = False,
    rows: int | None = None,
    hint: str = "",
) -> list[Sheet]:
    """The sheets of one trace, or of several that share their primal rows.

    Most styles give a sheet for each trace and direction; cs207 puts all seeds of forward mode into one.
    `writer` makes a medium's Writer for a trace; `source` shows the line of the program beside each row;
    `rows` leaves out rows in the middle of longer sides, and `hint` says there how to see them.
    """
    check_style(style)
    if rows is not None and (not isinstance(rows, int) or rows < 1):
        raise OptionError(f"rows is {rows!r:.40}: give a whole number from 1 up, or None for all rows")
    traces = [trace] if isinstance(trace, Trace) else list(trace)
    decimals = default_digits(style) if digits is None else digits
    writers = [writer(each, digits=decimals, fill=style == "griewank") for each in traces]
    sheets = []
    if style == "cs207" and len(traces) > 1:  # the first trace has the primal rows of all
        sheets.append(_sheet(traces[0], cs207(traces, writers[0])[0], writers[0], reports[:1], traces))
        traces, writers = traces[:1], writers[:1]
    for n, (each, write) in enumerate(zip(traces, writers, strict=True) if not sheets else ()):
        for page in STYLES[style](each, write):
            sheets.append(_sheet(each, page, write, reports[n : n + 1], [each]))
        if len(each.sweeps) > 1 and not each.failure:
            sheets[-1].footer.append(work(each))
    if source:
        for sheet in sheets:
            sheet.sides[0] = _with_source(sheet.sides[0], traces[0], writers[0])
    if rows is not None:
        for sheet in sheets:
            sheet.sides = [_shortened(side, rows, hint, writers[0]) for side in sheet.sides]
    return sheets


def _shortened(side: Side, rows: int, hint: str, write: Writer) -> Side:
    """The first and the last lines of a side that has more than `rows`, and how many are left out between them."""
    left_out = len(side.lines) - rows
    if left_out <= 1:
        return side
    front = (rows + 1) // 2
    gap = Line((Cell(write.prose("…"), "note"), Cell(write.prose(f"{left_out} rows left out{hint}"), "note")))
    return replace(side, lines=[*side.lines[:front], gap, *side.lines[len(side.lines) - (rows - front) :]])


def _sheet(trace: Trace, page: Page, write: Writer, reports: Sequence[Report], traces: Sequence[Trace]) -> Sheet:
    sides, sweep = page
    notes = [f"{write.inline(write.ref(note.ref))}: {write.prose(note.text)}" for note in trace.notes]
    if reports:
        sides = [_with_checks(side, reports[0], write) for side in sides]
    lines = [line for each in traces for line in footer(each, each.sweep(sweep.direction), write)] if sweep else []
    found = list(dict.fromkeys(lines))
    if reports:
        found.append(write.prose(str(reports[0])))
    found += map(write.prose, legend(trace))
    if trace.failure:
        found.append(write.prose(f"Stopped: {trace.failure}"))
    return Sheet(caption(trace, write, sweep), sides, found, notes)


def caption(trace: Trace, write: Writer, sweep: Sweep | None) -> str:
    """What is traced, where, and in which direction."""
    at = ", ".join(write.equation(write.ref(name), _exact(value, write)) for name, value in trace.point.items())
    where = f" at {at}" if at else ""
    expression = write.code("; ".join(line.strip() for line in trace.expression.splitlines() if line.strip()))
    how = f", {sweep.direction.name} mode" if sweep else ""
    return f"{expression}{where}{how}"


def _exact(value: Value, write: Writer) -> str:
    return write.number(value) if isinstance(value, Block) else write.names.exact(value)


def _with_source(side: Side, trace: Trace, write: Writer) -> Side:
    """The side with the place and the text of the line that made each row."""
    sources = {step.ref.of: step.source for step in trace.steps}
    lines = []
    for line in side.lines:
        primal = line.ref is not None and (line.ref.kind == "primal" or bool(side.header))  # cs207 has one line per row
        source = sources.get(line.ref.of) if primal and line.ref is not None else None
        texts = (write.prose(source.place), write.code(source.text) if source.text else "") if source else ("", "")
        lines.append(replace(line, cells=(*line.cells, *(Cell(text, "source") for text in texts))))
    return replace(side, lines=lines, header=(*side.header, "Line", "Text") if side.header else ())


def _with_checks(side: Side, report: Report, write: Writer) -> Side:
    """The side with a column of verdicts."""
    verdicts = {verdict.ref: verdict for verdict in report.verdicts}
    lines: list[Line] = []
    for line in side.lines:
        verdict = verdicts.get(line.ref) if line.ref else None
        mark = "" if verdict is None else write.prose(f"{'✓' if verdict.ok else '✗'} {verdict.ulps:.2g} ulp")
        lines.append(replace(line, cells=(*line.cells, Cell(mark, "check"))))
    return replace(side, lines=lines, header=(*side.header, "Check") if side.header else ())

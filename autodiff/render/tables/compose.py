"""From traces to sheets: the style's sides, with a caption above and footers and notes below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autodiff.checks.traces import Report
from autodiff.errors import OptionError, did_you_mean
from autodiff.expression.blocks import Block
from autodiff.expression.names import Ref
from autodiff.render.tables.styles import STYLES, cs207
from autodiff.render.words.sheet import Cell, Line, Sheet, Side, Writer
from autodiff.tracing.rows import Value
from autodiff.tracing.trace import Trace

_SIGNS = {
    "heaviside": "H(v) is 1 for v > 0, ½ for v = 0 and 0 for v < 0.",
    "greater": "[v > 0] is 1 where v > 0, and 0 elsewhere.",
}


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
    `rows` leaves rows in the middle of longer sides out, and `hint` says there how to see them.
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
        if each.mode == "both" and not each.failure:
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


def _sheet(trace: Trace, sides: list[Side], write: Writer, reports: Sequence[Report], traces: Sequence[Trace]) -> Sheet:
    notes = [f"{write.inline(write.ref(note.ref))}: {write.prose(note.text)}" for note in trace.notes]
    if reports:
        sides = [_with_checks(side, reports[0], write) for side in sides]
    kinds = {side.title for side in sides}
    footer: list[str] = []
    forward = bool(trace.tangents) and any("tangent" in kind.lower() or "Forward" in kind for kind in kinds)
    if forward:
        for each in traces:
            footer += [line for line in forward_footer(each, write) if line not in footer]
    elif trace.adjoints:
        footer = reverse_footer(trace, write)
    if reports:
        footer.append(write.prose(str(reports[0])))
    footer += map(write.prose, legend(trace))
    if trace.failure:
        footer.append(write.prose(f"Stopped: {trace.failure}"))
    return Sheet(caption(trace, write, "forward" if forward else "reverse"), sides, footer, notes)


def caption(trace: Trace, write: Writer, direction: str) -> str:
    """What is traced, where, and in which direction."""
    at = ", ".join(write.equation(write.ref(name), _exact(value, write)) for name, value in trace.point.items())
    where = f" at {at}" if at else ""
    expression = write.code("; ".join(line.strip() for line in trace.expression.splitlines() if line.strip()))
    how = f", {direction} mode" if trace.tangents or trace.adjoints else ""
    return f"{expression}{where}{how}"


def _exact(value: Value, write: Writer) -> str:
    return write.number(value) if isinstance(value, Block) else write.names.exact(value)


def forward_footer(trace: Trace, write: Writer) -> list[str]:
    """The derivative that one forward pass found."""
    seed = {name: value for name, value in trace.seed if name in trace.variables}
    moving = [name for name, value in seed.items() if value]
    lines = []
    if len(moving) == 1 and seed[moving[0]] == 1:
        slopes = [
            write.equation(write.ref(Ref("partial", name, moving[0])), write.number(value))
            for name, value in trace.tangent.items()
        ]
        lines.append(", ".join(slopes))
    else:
        slopes = [write.equation(write.ref(Ref("tangent", n)), write.number(v)) for n, v in trace.tangent.items()]
        along = [write.equation(write.ref(Ref("tangent", n)), write.number(v)) for n, v in seed.items()]
        lines.append(", ".join(slopes) + (" along " + ", ".join(along) if along else ""))
        if along:
            lines.append("One forward pass gives the Jacobian times the seed.")
    if len(trace.variables) > 1 and len(lines) == 1:
        lines.append("One forward pass gives one column of the Jacobian.")
    return lines


def reverse_footer(trace: Trace, write: Writer) -> list[str]:
    """The gradient that one reverse pass found."""
    seed = {name: value for name, value in trace.seed if name not in trace.variables}
    seeded = [name for name, value in seed.items() if value]
    one = len(seeded) == 1 and seed[seeded[0]] == 1
    names = [Ref("partial", seeded[0], n) if one else Ref("adjoint", n) for n in trace.variables]
    slopes = [
        write.equation(write.ref(name), write.number(value))
        for name, value in zip(names, trace.gradient.values(), strict=True)
    ]
    lines = [", ".join(slopes)] if slopes else []
    if len(trace.variables) > 1 and one:
        lines.append("One reverse pass gives one row of the Jacobian: all of these at once.")
    if not one and seed:
        weights = ", ".join(write.equation(write.ref(Ref("adjoint", n)), write.number(v)) for n, v in seed.items())
        lines.append(f"Seeded with {weights}.")
    others = [name for name in seed if name not in seeded]
    if others:
        shown = ", ".join(write.inline(write.ref(name)) for name in others)
        lines.append(f"Not differentiated here: {shown} (choose with --output or --seed).")
    return lines


def legend(trace: Trace) -> list[str]:
    """What the signs in the derivatives mean that no book explains."""
    used: set[str] = set()

    def note(operation: Any, _: tuple[None, ...]) -> None:
        used.add(operation.name)

    for row in (*trace.tangents, *trace.adjoints):
        for part in row.contributions:
            if part.partial is not None:
                part.partial.fold(lambda number: None, lambda symbol: None, note)
    return [text for name, text in _SIGNS.items() if name in used]


def work(trace: Trace) -> str:
    """Products and sums of n forward passes against m reverse passes."""
    tangent = sum(len(row.contributions) for row in trace.tangents)
    adjoint = sum(len(row.contributions) for row in trace.adjoints)
    n, m = len(trace.variables), len(trace.outputs)
    forward = f"{n} forward pass{'es' * (n != 1)} of {tangent} products = {n * tangent}"
    reverse = f"{m} reverse pass{'es' * (m != 1)} of {adjoint} products = {m * adjoint}"
    return f"Work for the whole Jacobian: {forward}; {reverse}."


def _with_source(side: Side, trace: Trace, write: Writer) -> Side:
    """The side with the place and the text of the line that made each row."""
    sources = {step.ref.of: step.source for step in trace.steps}
    lines = []
    for line in side.lines:
        primal = line.ref is not None and (line.ref.kind == "primal" or bool(side.header))  # cs207 has one line a row
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

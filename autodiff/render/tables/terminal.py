"""Tables as text: two sides next to each other, one under the other where the terminal is narrow, and
row by row where it is narrower still.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autodiff.checks.traces import Report
from autodiff.expression.printing import AsciiPrinter, UnicodePrinter
from autodiff.render.tables.compose import compose
from autodiff.render.words.ascii import to_ascii
from autodiff.render.words.sheet import Cell, Sheet, Side, Writer
from autodiff.tracing.trace import Trace

GAP = "     "  # between the two sides
HANG = 4  # indentation of continued lines
HINT = " (--rows all shows them)"
WIDEST = 160  # a cell longer than this juts out of its column instead of stretching it

# A segment is a piece of text and its role; a line is a list of segments.
Segment = tuple[str, str]
TextLine = list[Segment]

# How each role looks; without colour the words and signs say the same.
THEME = {"caption": "bold", "title": "bold", "rule-line": "dim", "name": "cyan", "value": "bold", "rule": "dim",
         "numbers": "dim", "note": "yellow", "source": "dim", "right": "green", "wrong": "bold red"}  # fmt: skip


def to_text(
    trace: Trace | Sequence[Trace],
    *,
    style: str = "full",
    digits: int | None = None,
    ascii_only: bool = False,
    width: int | None = None,
    reports: Sequence[Report] = (),
    source: bool = False,
    rows: int | None = None,
) -> str:
    """The table as plain text, as wide as its content or, with `width`, fitted to that many columns.

    `source` shows the line of the program beside each row; `rows` leaves out rows in the middle of longer tables.
    """
    options = {"width": width, "reports": reports, "source": source, "rows": rows}
    lines = to_lines(trace, style=style, digits=digits, ascii_only=ascii_only, **options)  # type: ignore[arg-type]
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def to_lines(
    trace: Trace | Sequence[Trace],
    *,
    style: str = "full",
    digits: int | None = None,
    ascii_only: bool = False,
    width: int | None = None,
    reports: Sequence[Report] = (),
    source: bool = False,
    rows: int | None = None,
) -> list[TextLine]:
    """The table as lines of segments (text, role) for a terminal to colour."""

    def writer(trace: Trace, **options: Any) -> Writer:
        return Writer(
            AsciiPrinter if ascii_only else UnicodePrinter, trace, prose=to_ascii if ascii_only else str, **options
        )

    sheets = compose(trace, style, digits, reports, writer, source=source, rows=rows, hint=HINT)
    layout = TableLayout(width, "-" if ascii_only else "─", "=" if ascii_only else "═")
    lines: list[TextLine] = []
    for n, sheet in enumerate(sheets):
        lines += [[]] * (n > 0)
        lines += layout.sheet(sheet)
    return lines


class TableLayout:
    """Lays a sheet out in lines, for a terminal of some width or as wide as it gets."""

    def __init__(self, width: int | None, rule: str, heavy: str) -> None:
        self.width = width
        self.rule = rule
        self.heavy = heavy

    def sheet(self, sheet: Sheet) -> Iterator[TextLine]:
        """All lines of a sheet."""
        yield from self.wrapped(sheet.caption, "caption")
        yield []
        blocks = [self.block(side) for side in sheet.sides]
        widths = [max(map(line_width, block), default=0) for block in blocks]
        if self.width is None or sum(widths) + len(GAP) * (len(blocks) - 1) <= self.width:
            yield from _beside(blocks, widths)
        else:
            for n, (side, block, width) in enumerate(zip(sheet.sides, blocks, widths, strict=True)):
                if n:
                    yield []
                yield from block if width <= self.width else self.narrow(side)
        if sheet.footer or sheet.notes:
            yield []
        for line in sheet.footer:
            role = {"✓": "right", "✗": "wrong"}.get(line[:1], "footer")
            yield from self.wrapped(line, role)
        for line in sheet.notes:
            yield from self.wrapped(f"Note: {line}", "note")

    def block(self, side: Side) -> list[TextLine]:
        """A side as a grid: columns aligned, a title on top."""
        rows = [[Cell(text, "title") for text in side.header]] if side.header else []
        rows += [list(line.cells) for line in side.lines]
        columns = max(map(len, rows), default=0)
        sizes = [[text_cells(row[n].text) for row in rows if n < len(row)] for n in range(columns)]
        widths = [max((size for size in column if size <= WIDEST), default=0) for column in sizes]
        lines = [_padded(row, widths, between="  " if side.header else " ") for row in rows]
        whole = max(
            [text_cells(side.title), *(size for size in map(line_width, lines) if size <= sum(widths) + 2 * columns)]
        )
        thin: TextLine = [(self.rule * whole, "rule-line")]
        body: list[TextLine] = []
        if side.header:
            body += [lines.pop(0), thin]
        for line, cells in zip(side.lines, lines, strict=True):
            body += [thin] * line.after_rule + [cells]
        return [[(side.title, "title")], [(self.heavy * whole, "rule-line")] if side.header else thin, *body]

    def narrow(self, side: Side) -> Iterator[TextLine]:
        """A side row by row: as many parts of a row on a line as fit, the others indented below."""
        assert self.width is not None
        yield from self.wrapped(side.title, "title")
        yield [(self.rule * min(self.width, text_cells(side.title)), "rule-line")]
        widest = max((text_cells(line.cells[0].text) for line in side.lines), default=0)
        for line in side.lines:
            name, *parts = line.cells
            here: TextLine = [(name.text + " " * (widest - text_cells(name.text)), name.role)]
            for n, cell in enumerate(parts):
                if not cell.text:
                    continue
                text = f"{side.header[n + 1]}: {cell.text}" if side.header else cell.text
                if line_width(here) + 1 + text_cells(text) <= self.width:
                    here.append((f" {text}", cell.role))
                    continue
                if len(here) == 1:  # nothing but the name so far
                    text = f"{here[0][0]} {text}"
                else:
                    yield here
                    text = " " * HANG + text
                *full, last = self.wrapped(text, cell.role)
                yield from full
                here = last
            yield here

    def wrapped(self, text: str, role: str) -> Iterator[TextLine]:
        """A line, broken at spaces (or anywhere, if it must be) to fit the width."""
        if self.width is None or text_cells(text) <= self.width:
            yield [(text, role)]
            return
        room = max(self.width, HANG + 2)
        line, indent = "", ""
        start = len(text) - len(text.lstrip())
        words = text.split()
        line = " " * start
        for word in words:
            candidate = f"{line} {word}" if line.strip() else line + word
            if text_cells(candidate) <= room:
                line = candidate
                continue
            if line.strip():
                yield [(line, role)]
            indent = " " * HANG
            line = indent + word
            while (cut := _cut(line, room)) < len(line):
                yield [(line[:cut], role)]
                line = indent + line[cut:]
        if line.strip():
            yield [(line, role)]


def _padded(row: Sequence[Cell], widths: Sequence[int], between: str) -> TextLine:
    line: TextLine = []
    for n, cell in enumerate(row):
        pad = " " * max(0, widths[n] - text_cells(cell.text)) + between * (n + 1 < len(row) and bool(widths[n]))
        line.append((cell.text + pad, cell.role))
    return line


def _beside(blocks: Sequence[list[TextLine]], widths: Sequence[int]) -> Iterator[TextLine]:
    for n in range(max(map(len, blocks), default=0)):
        line: TextLine = []
        for block, width in zip(blocks, widths, strict=True):
            here = block[n] if n < len(block) else []
            line += here
            if block is not blocks[-1]:
                line.append((" " * (width - line_width(here)) + GAP, ""))
        yield line


def _cut(text: str, room: int) -> int:
    """How many characters fit into `room` cells, combining marks kept with their letters."""
    cut = room
    while cut < len(text) and text_cells(text[: cut + 1]) <= room:
        cut += 1
    return max(cut, HANG + 1)


def line_width(line: TextLine) -> int:
    """Terminal cells of a line."""
    return sum(text_cells(text) for text, _ in line)


def text_cells(text: str) -> int:
    """Terminal cells of a text; v̇ is two code points and one cell."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)

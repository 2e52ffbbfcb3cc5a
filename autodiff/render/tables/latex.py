"""Tables as a LaTeX document with booktabs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autodiff.checks.traces import Report
from autodiff.errors import TooLargeError
from autodiff.render.graph.tikz import Figure
from autodiff.render.graph.tikz import figure as draw
from autodiff.render.tables.compose import compose, default_digits
from autodiff.render.words.latex_words import MathPrinter, escape
from autodiff.render.words.sheet import Cell, Line, Sheet, Side, Writer
from autodiff.tracing.trace import Trace

_CENTIMETRE = 28.45  # points
_LARGEST = 500  # centimetres: pages of PDF end at 508
_ROW = 0.6  # centimetres
_ROWS = 400  # rows on one page: LaTeX puts pages together at up to half of what TeX can measure
_WIDE = 60  # signs of a cell; a longer formula is broken into lines
_LINE = 5000  # signs of source after which a line ends at the next of these places:
_PLACES = (re.compile(r"[^\\ ]() (?=.)"), "\n"), (re.compile(r"\\allowbreak\{\}()(?=.)"), "%\n")
_SHRUNK = (r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{", "}")
_PREAMBLE = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb,booktabs%s}
\usepackage[margin=1cm]{geometry}
\setlength{\parindent}{0pt}
\renewcommand{\arraystretch}{1.3}
\pagestyle{empty}
\raggedright
\makeatletter
\newcommand{\sheet}[2]{\clearpage %% a page of this width and height
  \ifdefined\pagewidth \pagewidth=#1\pageheight=#2\else \pdfpagewidth=#1\pdfpageheight=#2\fi
  \textwidth=\dimexpr#1-2cm\relax \columnwidth=\textwidth \linewidth=\textwidth \hsize=\textwidth
  \textheight=\dimexpr#2-2cm\relax \vsize=\textheight \@colht=\textheight \@colroom=\textheight}
\makeatother
\begin{document}"""


class _Page(NamedTuple):
    """A page of its own size in centimetres."""

    text: str
    width: float
    height: float

    def __str__(self) -> str:
        width, height = (min(_LARGEST, math.ceil(size)) for size in (self.width, self.height))
        return f"\\sheet{{{width}cm}}{{{height}cm}}\n{self.text}"


def to_latex(
    trace: Trace | Sequence[Trace], *, style: str = "full", digits: int | None = None, reports: Sequence[Report] = (),
    source: bool = False, figure: bool = True,
) -> str:  # fmt: skip
    """A complete document, each page as large as what is on it; copy its tabular or tikzpicture into your own.

    The computational graph has a page of its own, one for each direction, unless `figure` is False. A long table goes
    on over several pages.
    """
    sheets = compose(trace, style, digits, reports, _writer, source=source)
    pages = [page for sheet in sheets for page in _pages(sheet)]
    if figure:
        pages += _figures(trace, default_digits(style) if digits is None else digits)
    body = "\n".join(map(str, pages))
    return _in_lines(f"{_PREAMBLE % (',tikz' if figure else '')}\n{body}\n\\end{{document}}")


def _in_lines(text: str) -> str:
    """The same for TeX, in lines that it can read: it takes no more than 200,000 signs at once."""
    for place, end in _PLACES:
        text = "\n".join(_broken(line, place, end) for line in text.split("\n"))
    return text


def _broken(line: str, place: re.Pattern[str], end: str) -> str:
    pieces, start = [], 0
    while found := place.search(line, start + _LINE):
        pieces.append(line[start : found.start(1)])
        start = found.end()
    return end.join([*pieces, line[start:]])


def to_latex_table(trace: Trace | Sequence[Trace], *, style: str = "full", rows: int | None = None) -> str:
    """The table alone, shrunk to the width of the line, for a document that loads amsmath, amssymb, booktabs, graphicx.

    `rows` leaves out rows in the middle of longer tables.
    """
    sheets = compose(trace, style, None, (), _writer, rows=rows)
    return "\n\n\\bigskip\n".join(page.text for sheet in sheets for page in _pages(sheet, *_SHRUNK))


def _figures(trace: Trace | Sequence[Trace], digits: int) -> Iterator[_Page]:
    """The graphs of traces: one for each direction, or a single one of a run that stopped early."""
    for each in [trace] if isinstance(trace, Trace) else trace:
        ways = [None] if each.failure else [sweep.direction.name for sweep in each.sweeps]
        for way in ways:
            title = "Computational graph" + (f", {way} mode" if way else "")
            try:
                drawn = draw(each, direction=way, digits=digits)
            except TooLargeError as reason:  # more than TeX can draw: the table is still worth having
                drawn = Figure(escape(str(reason)), 0.0, 0.0)
            width, height = drawn.width / _CENTIMETRE + 3, drawn.height / _CENTIMETRE + 4
            yield _Page(f"{title}\\par\\medskip\n{drawn.text}", max(16.0, width), height)


def _writer(trace: Trace, **options: Any) -> Writer:
    return Writer(
        MathPrinter,
        trace,
        inline=lambda latex: f"${latex}$",
        prose=escape,
        code=_code,
        **options,
    )


def _code(text: str) -> str:
    """Typed text; a line may break behind an operator, and inside a word that is longer than any."""
    words = re.split(r"(?<=[-+*/^(),; ])", text)
    parts = [part for word in words for part in re.findall(r"[\x00-\x7f]{1,20}|.{1,4}", word)]
    breakable = "\\allowbreak{}".join(map(escape, parts))
    return rf"\texttt{{{breakable}}}"


def _signs(text: str) -> int:
    """About how many signs wide something is."""
    return len(re.sub(r"\\[A-Za-z]+|[{}_^]", "", text))


def _room(text: str) -> int:
    """The signs of a line of a long cell: its lines must fit on a page."""
    return max(_WIDE, _signs(text) // 250)


def _lines(text: str) -> int:
    """About how many lines a cell has."""
    return 1 if _signs(text) <= _WIDE else 1 + math.ceil(1.3 * _signs(text) / _room(text))


def _length(sheet: Sheet, columns: Sequence[int], rows: slice) -> int:
    """About how many signs wide these rows of a table are, each gap between columns counted as three."""
    total = 0
    for side, count in zip(sheet.sides, columns, strict=True):
        lines = side.lines[rows]
        for n in range(count):
            texts = [line.cells[n].text for line in lines if n < len(line.cells)] + list(side.header[n : n + 1])
            total += 3 + max((min(_signs(text), _room(text)) for text in texts), default=0)
    return total


def _pages(sheet: Sheet, before: str = "", after: str = "") -> Iterator[_Page]:
    """A table on one page, or on several if it is long; `before` and `after` stand around each tabular."""
    columns = [_columns(side) for side in sheet.sides]
    parts: list[list[str]] = [[]]
    heights = [0]
    for n in range(max(len(side.lines) for side in sheet.sides)):
        row, lines = _row(sheet, columns, n)
        if heights[-1] + lines > _ROWS:
            parts.append([])
            heights.append(0)
        parts[-1].append(row)
        heights[-1] += lines
    start = 0
    for n, (rows, height) in enumerate(zip(parts, heights, strict=True)):
        width = max(16.0, 4 + _length(sheet, columns, slice(start, start + len(rows))) / 5)
        start += len(rows)
        caption = sheet.caption + (" (continued)" if n else "")
        below = list(_below(sheet)) if n == len(parts) - 1 else []
        tabular = before + "\n".join(_tabular(sheet, columns, rows)) + after
        text = "\n".join([rf"{caption}\par\medskip", tabular, *below])
        prose = sum(1 + _signs(line) / (5 * width) for line in (caption, *below))
        yield _Page(text, width, 6 + _ROW * (height + prose))


def _tabular(sheet: Sheet, columns: Sequence[int], rows: Sequence[str]) -> Iterator[str]:
    gaps = ["@{\\qquad}"] * (len(columns) - 1) + ["@{}"]  # behind each side; between columns there is LaTeX's own
    spec = "".join("l" * count + gap for count, gap in zip(columns, gaps, strict=True))
    yield rf"\begin{{tabular}}{{@{{}}{spec}}}"
    yield r"\toprule"
    heads = []
    for side, count, gap in zip(sheet.sides, columns, gaps, strict=True):
        # A head over several columns has gaps of its own: in front none, as its first column has none there.
        heads += list(side.header) or [rf"\multicolumn{{{count}}}{{@{{}}l{gap}}}{{{side.title}}}"]
    yield " & ".join(heads) + r" \\"
    yield r"\midrule"
    yield from rows
    yield r"\bottomrule"
    yield r"\end{tabular}"


def _below(sheet: Sheet) -> Iterator[str]:
    for line in sheet.footer:
        yield rf"\par\smallskip {line}"
    for line in sheet.notes:
        yield rf"\par\smallskip \emph{{Note:}} {line}"


def _row(sheet: Sheet, columns: Sequence[int], n: int) -> tuple[str, int]:
    """The row of a table, and how many lines high it is."""
    here = [side.lines[n] if n < len(side.lines) else Line(()) for side in sheet.sides]
    cells: list[str] = []
    for line, count in zip(here, columns, strict=True):
        found = [_cell(cell) for cell in line.cells]
        cells += found + [""] * (count - len(found))
    rule = "\\midrule\n" if any(line.after_rule for line in here) else ""
    high = max((_lines(cell.text) for line in here for cell in line.cells), default=1)
    return f"{rule}{' & '.join(cells)} \\\\", high


def _columns(side: Side) -> int:
    return len(side.header) or max((len(line.cells) for line in side.lines), default=1)


def _cell(cell: Cell) -> str:
    if not cell.text or cell.role in ("check", "source", "note"):
        return _folded(cell.text, cell.text)
    # A parenthesis that grows with its content cannot be broken into lines.
    formula = re.sub(r"\\(?:left|right)\b", "", cell.text) if _signs(cell.text) > _WIDE else cell.text
    return _folded(cell.text, f"${{}}{formula}$" if formula.startswith("=") else f"${formula}$")


def _folded(text: str, written: str) -> str:
    """A cell, broken into lines if it is long."""
    return rf"\parbox[t]{{{_room(text) // 5}cm}}{{{written}}}" if _signs(text) > _WIDE else written

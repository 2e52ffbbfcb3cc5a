"""Tables as a LaTeX document with booktabs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from autodiff.checking import Report
from autodiff.errors import AutodiffError
from autodiff.render.compose import compose, default_digits
from autodiff.render.graph import DIRECTIONS
from autodiff.render.graph_tikz import Figure
from autodiff.render.graph_tikz import figure as draw
from autodiff.render.latex_words import MathPrinter, escape
from autodiff.render.sheet import Cell, Sheet, Side, Writer
from autodiff.tracing.trace import Trace

_CENTIMETRE = 28.45  # points
_SHRUNK = (r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{", "}")
_PREAMBLE = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb,booktabs%(packages)s}
\usepackage[paperwidth=%(width)s,paperheight=%(height)s,margin=1cm]{geometry}
\setlength{\parindent}{0pt}
\renewcommand{\arraystretch}{1.3}
\pagestyle{empty}
\raggedright
\begin{document}"""


def to_latex(
    trace: Trace | Sequence[Trace], *, style: str = "full", digits: int | None = None, reports: Sequence[Report] = (),
    source: bool = False, figure: bool = True,
) -> str:  # fmt: skip
    """A complete document, its pages as large as the table; copy its tabular or its tikzpicture into your own.

    The computational graph has a page of its own, one for each direction, unless `figure` is False.
    """
    sheets = compose(trace, style, digits, reports, _writer, source=source)
    figures = list(_figures(trace, default_digits(style) if digits is None else digits)) if figure else []
    longest = max(_length(sheet) for sheet in sheets)
    tallest = max(len(side.lines) for sheet in sheets for side in sheet.sides)
    width = max([16.0, 4 + longest // 5, *(drawn.width / _CENTIMETRE + 3 for _, drawn in figures)])
    height = max([8 + 2 * tallest // 3, *(drawn.height / _CENTIMETRE + 4 for _, drawn in figures)])
    preamble = _PREAMBLE % {
        "packages": ",tikz" if figure else "",
        "width": f"{min(500, math.ceil(width))}cm",
        "height": f"{min(500, math.ceil(height))}cm",
    }
    pages = ["\n".join(_sheet(sheet)) for sheet in sheets]
    pages += [f"{title}\\par\\medskip\n{drawn.text}" for title, drawn in figures]
    body = "\n\\clearpage\n".join(pages)
    return f"{preamble}\n{body}\n\\end{{document}}"


def to_latex_table(trace: Trace | Sequence[Trace], *, style: str = "full", rows: int | None = None) -> str:
    """The table alone, shrunk to the width of the line, for a document that loads amsmath, amssymb, booktabs, graphicx.

    `rows` leaves rows in the middle of longer tables out.
    """
    sheets = compose(trace, style, None, (), _writer, rows=rows)
    return "\n\n\\bigskip\n".join("\n".join(_sheet(sheet, *_SHRUNK)) for sheet in sheets)


def _figures(trace: Trace | Sequence[Trace], digits: int) -> Iterator[tuple[str, Figure]]:
    """The graphs of traces with their titles: one for each direction, and one of a run that stopped before any."""
    for each in [trace] if isinstance(trace, Trace) else trace:
        ways = [None] if each.failure else [way for way in DIRECTIONS if each.mode in (way, "both")]
        for way in ways:
            title = "Computational graph" + (f", {way} mode" if way else "")
            try:
                yield title, draw(each, direction=way, digits=digits)
            except AutodiffError as reason:  # more than TeX can draw: the table is still worth having
                yield title, Figure(escape(str(reason)), 0.0, 0.0)


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
    """Typed text; a line may break behind an operator."""
    parts = re.split(r"(?<=[-+*/^(),; ])", text)
    breakable = r"\allowbreak{}".join(map(escape, parts))
    return rf"\texttt{{{breakable}}}"


def _length(sheet: Sheet) -> int:
    """About how many signs wide a table is, each gap between columns counted as three."""
    total = 0
    for side in sheet.sides:
        for n in range(_columns(side)):
            texts = [line.cells[n].text for line in side.lines if n < len(line.cells)] + list(side.header[n : n + 1])
            total += 3 + max((len(re.sub(r"\\[A-Za-z]+|[{}_^]", "", text)) for text in texts), default=0)
    return total


def _sheet(sheet: Sheet, before: str = "", after: str = "") -> Iterator[str]:
    columns = [_columns(side) for side in sheet.sides]
    yield rf"{sheet.caption}\par\medskip"
    spec = "@{\\qquad}".join("l" * n for n in columns)
    yield rf"{before}\begin{{tabular}}{{@{{}}{spec}@{{}}}}"
    yield r"\toprule"
    heads = []
    for side, n in zip(sheet.sides, columns, strict=True):
        heads += list(side.header) if side.header else [rf"\multicolumn{{{n}}}{{l}}{{{side.title}}}"]
    yield " & ".join(heads) + r" \\"
    yield r"\midrule"
    for n in range(max(len(side.lines) for side in sheet.sides)):
        if any(n < len(side.lines) and side.lines[n].after_rule for side in sheet.sides):
            yield r"\midrule"
        cells: list[str] = []
        for side, width in zip(sheet.sides, columns, strict=True):
            found = [_cell(cell) for cell in side.lines[n].cells] if n < len(side.lines) else []
            cells += found + [""] * (width - len(found))
        yield " & ".join(cells) + r" \\"
    yield r"\bottomrule"
    yield rf"\end{{tabular}}{after}"
    for line in sheet.footer:
        yield rf"\par\smallskip {line}"
    for line in sheet.notes:
        yield rf"\par\smallskip \emph{{Note:}} {line}"


def _columns(side: Side) -> int:
    return len(side.header) or max((len(line.cells) for line in side.lines), default=1)


def _cell(cell: Cell) -> str:
    if not cell.text or cell.role in ("check", "source", "note"):
        return cell.text
    return f"${{}}{cell.text}$" if cell.text.startswith("=") else f"${cell.text}$"

"""Tables as GitHub-flavoured Markdown with LaTeX mathematics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from autodiff.checks.traces import Report
from autodiff.render.tables.compose import compose
from autodiff.render.words.ascii import to_ascii
from autodiff.render.words.latex_words import NamePrinter
from autodiff.render.words.sheet import Cell, Sheet, Side, Writer
from autodiff.tracing.trace import Trace

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|$~&])")


def to_markdown(
    trace: Trace | Sequence[Trace], *, style: str = "full", digits: int | None = None, reports: Sequence[Report] = (),
    source: bool = False, ascii_only: bool = False,
) -> str:  # fmt: skip
    """The table as Markdown; a primal and a derivative row share a line as they do in the book."""
    sheets = compose(trace, style, digits, reports, _writer, source=source)
    text = "\n\n".join("\n".join(_sheet(sheet)) for sheet in sheets)
    return to_ascii(text) if ascii_only else text


def _writer(trace: Trace, **options: Any) -> Writer:
    return Writer(NamePrinter, trace, inline=_math, prose=escape, code=_code, **options)


def _code(text: str) -> str:
    """A code span, fenced by more backticks than the text has in a row."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def escape(text: str) -> str:
    """Text in which no character means anything to Markdown."""
    return _MARKUP.sub(r"\\\1", text)


def _math(latex: str) -> str:
    """Mathematics between dollar signs.

    An underscore behind a space can open an emphasis but never close one, so no pair of subscripts becomes italics;
    a bar would end the table cell.
    """
    return f"${latex.replace('_{', ' _{').replace('|', chr(92) + 'vert ')}$" if latex else ""


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield sheet.caption
    yield ""
    heads = [_header(side) for side in sheet.sides]
    yield "| " + " | ".join(head for side in heads for head in side) + " |"
    yield "|" + "---|" * sum(map(len, heads))
    for n in range(max(len(side.lines) for side in sheet.sides)):
        cells: list[str] = []
        for side, head in zip(sheet.sides, heads, strict=True):
            found = [_cell(cell) for cell in side.lines[n].cells] if n < len(side.lines) else []
            cells += found + [""] * (len(head) - len(found))
        yield "| " + " | ".join(cells) + " |"
    for line in sheet.footer:
        yield ""
        yield line
    for line in sheet.notes:
        yield ""
        yield f"*Note:* {line}"


def _header(side: Side) -> list[str]:
    if side.header:
        return list(side.header)
    columns = max((len(line.cells) for line in side.lines), default=1)
    return [side.title, *[""] * (columns - 1)]


def _cell(cell: Cell) -> str:
    if cell.role not in ("check", "source"):
        return _math(cell.text)
    # A bar ends the cell even inside a code span, and there a backslash before it is not shown.
    return cell.text.replace("|", r"\|") if cell.text.startswith("`") else cell.text

"""Tables as an HTML fragment with MathML: no script, nothing from elsewhere, readable without its style sheet.

Each side of a table is a <table> of its own, because in reverse mode its rows have nothing to do with those beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from autodiff.checks.traces import Report
from autodiff.expression.mathml import MathmlPrinter, escape
from autodiff.render.tables.compose import compose, default_digits
from autodiff.render.words.ascii import references
from autodiff.render.words.sheet import Cell, Line, Sheet, Side, Writer
from autodiff.tracing.trace import Trace
from autodiff.tracing.why.moments import moments

CLASS = "autodiff-trace"
LONG = 200  # parts of a formula; a longer one scrolls in its cell
_HEADS = {"name": "Row", "rule": "Chain rule", "formula": "Formula", "numbers": "Numbers", "value": "Value",
          "check": "Check", "source": "Line"}  # fmt: skip
_PROSE = ("check", "source", "note")
# Styles and writers join written mathematics by these signs, as plain text between elements.
_JOINT = re.compile(r"(?:^|(?<=>) )([=+−]) (?=<)")

# The fragment takes its colours from the page around it, dark or light; softer ones are mixed from the text colour.
_STYLE = """
.C { --line: color-mix(in srgb, currentColor 50%, transparent);
  --soft: color-mix(in srgb, currentColor 78%, transparent);
  --band: color-mix(in srgb, currentColor 6%, transparent);
  font: 1rem/1.5 system-ui, sans-serif; padding: .5rem; }
.C figure { margin: 0 0 1.5rem; }
.C figcaption { font-weight: 600; margin-bottom: .5rem; overflow-wrap: anywhere; }
.C code { font-family: ui-monospace, monospace; unicode-bidi: isolate; white-space: pre-wrap; padding: 0; }
.C .sides { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: flex-start; overflow-x: auto; }
.C table { border-collapse: collapse; border-block: 2px solid; }
.C table, .C th, .C td, .C caption, .C code, .C tbody tr:nth-child(odd) { color: inherit; background: none; }
.C caption { text-align: start; font-style: italic; padding-block: .25rem; }
.C th, .C td { text-align: start; vertical-align: baseline; padding: .2rem .6rem; height: 1.75rem;
  white-space: nowrap; }
.C math { math-style: normal; }
.C thead th { border-bottom: 1px solid; font-size: .85em; height: auto; }
.C tbody + tbody { border-top: 1px solid var(--line); }
.C tbody th { font-weight: inherit; }
.C tbody tr:nth-child(even) { background: var(--band); }
.C .numbers, .C .rule, .C .source { color: var(--soft); }
.C .wide { max-width: 44rem; overflow-x: auto; padding-block: .25rem; }
.C summary { cursor: pointer; font-weight: 600; }
.C ol { padding-inline-start: 3ch; }
.C p { margin: .4rem 0; overflow-wrap: anywhere; }
@media print {
  .C { color: #000; background: #fff; padding: 0; }
  .C .sides { overflow: visible; }
  .C thead { display: table-header-group; }
  .C tr, .C figcaption, .C p { break-inside: avoid; }
}
""".replace(".C", f".{CLASS}.{CLASS}")  # the doubled class outranks a notebook's own rules for tables


def to_html(
    trace: Trace | Sequence[Trace], *, style: str = "full", digits: int | None = None, reports: Sequence[Report] = (),
    source: bool = False, rows: int | None = None, why: bool = False, ascii_only: bool = False,
) -> str:  # fmt: skip
    """A fragment to put into a page: a figure for each table, with its style sheet in front.

    `source` shows the line of the program beside each row; `rows` leaves out rows in the middle of longer tables;
    `why` puts one sentence for each step below, folded up.

    >>> from autodiff import trace
    >>> to_html(trace("x^2", at=3)).count("<table>")
    2
    """
    sheets = compose(trace, style, digits, reports, _writer, source=source, rows=rows)
    traces = [trace] if isinstance(trace, Trace) else trace
    lines = [f'<div class="{CLASS}" lang="en" dir="ltr">', f"<style>{_STYLE}</style>"]
    for sheet in sheets:
        lines += _sheet(sheet)
    if why:
        for each in traces:
            lines += _sentences(each, default_digits(style) if digits is None else digits)
    text = "\n".join([*lines, "</div>"])
    return references(text) if ascii_only else text


def to_page(trace: Trace | Sequence[Trace], **options: Any) -> str:
    """A whole page with the fragment in it; options are those of `to_html`."""
    first = trace if isinstance(trace, Trace) else trace[0]
    title = escape(" ".join(first.expression.split()))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>:root {{ color-scheme: light dark; }}</style>\n</head>\n<body>\n<main>\n"
        f"{to_html(trace, **options)}\n</main>\n</body>\n</html>"
    )


def _writer(trace: Trace, **options: Any) -> Writer:
    return Writer(MathmlPrinter, trace, inline=in_math, prose=escape, code=_code, **options)


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def in_math(mathml: str) -> str:
    """Written mathematics as an element of its own."""
    return f"<math>{_JOINT.sub(_sign, mathml)}</math>"


def _sign(joint: re.Match[str]) -> str:
    return f"<mo>{joint[1]}</mo>"


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield "<figure>"
    yield f"<figcaption>{sheet.caption}</figcaption>"
    titles = escape(" and ".join(side.title for side in sheet.sides))
    yield f'<div class="sides" role="group" aria-label="{titles}" tabindex="0">'  # wide tables scroll, also by keyboard
    for side in sheet.sides:
        yield from _table(side)
    yield "</div>"
    for line in sheet.footer:
        yield f'<p class="result">{line}</p>'
    for line in sheet.notes:
        yield f'<p class="note"><strong>Note:</strong> {line}</p>'
    yield "</figure>"


def _sentences(trace: Trace, digits: int) -> Iterator[str]:
    """Why each step happens, folded up."""
    write = _writer(trace, digits=digits)
    yield '<details class="why"><summary>Why: every step in a sentence</summary>'
    yield "<ol>"
    for moment in moments(trace, digits=digits):
        yield f"<li>{moment.written(write)}</li>"
    yield "</ol>"
    yield "</details>"


def _table(side: Side) -> Iterator[str]:
    width = max([len(side.header), *(len(line.cells) for line in side.lines)])
    filled = {n for line in side.lines for n, cell in enumerate(line.cells) if cell.text}
    shown = [n for n in range(width) if n == 0 or n in filled]
    heads = [side.header[n] for n in shown] if side.header else _heads([_column(side, n) for n in shown])
    yield "<table>"
    yield f"<caption>{escape(side.title)}</caption>"
    yield "<thead>"
    yield "<tr>" + "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr>"
    yield "</thead>"
    yield "<tbody>"
    for n, line in enumerate(side.lines):
        if line.after_rule and n:
            yield "</tbody>"
            yield "<tbody>"
        yield f"<tr>{_row(line, shown)}</tr>"
    yield "</tbody>"
    yield "</table>"


def _column(side: Side, n: int) -> str:
    """What most cells of a column are: short rows have their formula where others have the chain rule."""
    roles = Counter(line.cells[n].role for line in side.lines if n < len(line.cells) and line.cells[n].text)
    if "rule" in roles:
        return "rule"
    return roles.most_common(1)[0][0] if roles else "formula"


def _heads(columns: Sequence[str]) -> list[str]:
    """The head of each column; the second of a program's columns is the text of the line."""
    return ["Text" if role == "source" and role in columns[:n] else _HEADS[role] for n, role in enumerate(columns)]


def _row(line: Line, shown: Sequence[int]) -> str:
    cells = [line.cells[n] if n < len(line.cells) else Cell("") for n in shown]
    first = f'<th scope="row">{_cell(cells[0])}</th>'
    return first + "".join(f'<td class="{cell.role}">{_cell(cell)}</td>' for cell in cells[1:])


def _cell(cell: Cell) -> str:
    if cell.role in _PROSE or not cell.text:
        return cell.text
    math = in_math(cell.text)
    if math.count("<m") < LONG:
        return math
    return f'<div class="wide" role="group" aria-label="Long formula" tabindex="0">{math}</div>'

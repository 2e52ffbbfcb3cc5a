"""Tables as a LaTeX document with booktabs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from autodiff.checking import Report
from autodiff.expression.printing import LatexPrinter
from autodiff.render.compose import compose
from autodiff.render.plain import to_ascii
from autodiff.render.sheet import Cell, Sheet, Side, Writer
from autodiff.tracing.trace import Trace

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': "''",
}  # fmt: skip
_MATHEMATICS = {
    "−": "-", "×": r"\times", "·": r"\cdot", "√": r"\surd", "∞": r"\infty", "½": r"\tfrac12", "✓": r"\checkmark",
    "✗": r"\times", "π": r"\pi", "∂": r"\partial",
}  # fmt: skip
_PREAMBLE = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb,booktabs}
\usepackage[paperwidth=%(width)s,paperheight=%(height)s,margin=1cm]{geometry}
\setlength{\parindent}{0pt}
\renewcommand{\arraystretch}{1.3}
\pagestyle{empty}
\raggedright
\begin{document}"""


def to_latex(
    trace: Trace | Sequence[Trace], *, style: str = "full", digits: int | None = None, reports: Sequence[Report] = (),
    source: bool = False,
) -> str:  # fmt: skip
    """A complete document, one page as large as the table; copy its tabular into your own."""
    sheets = compose(trace, style, digits, reports, _writer, source=source)
    longest = max(_length(sheet) for sheet in sheets)
    tallest = max(len(side.lines) for sheet in sheets for side in sheet.sides)
    preamble = _PREAMBLE % {
        "width": f"{min(500, max(16, 4 + longest // 5))}cm",
        "height": f"{min(500, 8 + 2 * tallest // 3)}cm",
    }
    pages = "\n\\clearpage\n".join("\n".join(_sheet(sheet)) for sheet in sheets)
    return f"{preamble}\n{pages}\n\\end{{document}}"


def _writer(trace: Trace, **options: Any) -> Writer:
    return Writer(
        LatexPrinter,
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


def escape(text: str) -> str:
    r"""Text in which no character means anything to LaTeX; other scripts become ASCII.

    >>> escape("50% of x_1 − ½")
    '50\\% of x\\_1 $-$ $\\tfrac12$'
    """
    return re.sub(r"[\s\S]", lambda match: _character(match[0]), text)


def _character(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char in _MATHEMATICS:
        return f"${_MATHEMATICS[char]}$"
    return char if char.isascii() else escape(to_ascii(char))


def _length(sheet: Sheet) -> int:
    """About how many signs wide a table is, each gap between columns counted as three."""
    total = 0
    for side in sheet.sides:
        for n in range(_columns(side)):
            texts = [line.cells[n].text for line in side.lines if n < len(line.cells)] + list(side.header[n : n + 1])
            total += 3 + max((len(re.sub(r"\\[A-Za-z]+|[{}_^]", "", text)) for text in texts), default=0)
    return total


def _sheet(sheet: Sheet) -> Iterator[str]:
    columns = [_columns(side) for side in sheet.sides]
    yield rf"{sheet.caption}\par\medskip"
    spec = "@{\\qquad}".join("l" * n for n in columns)
    yield rf"\begin{{tabular}}{{@{{}}{spec}@{{}}}}"
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
    yield r"\end{tabular}"
    for line in sheet.footer:
        yield rf"\par\smallskip {line}"
    for line in sheet.notes:
        yield rf"\par\smallskip \emph{{Note:}} {line}"


def _columns(side: Side) -> int:
    return len(side.header) or max((len(line.cells) for line in side.lines), default=1)


def _cell(cell: Cell) -> str:
    if not cell.text or cell.role in ("check", "source"):
        return cell.text
    return f"${{}}{cell.text}$" if cell.text.startswith("=") else f"${cell.text}$"

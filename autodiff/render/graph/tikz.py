r"""The computational graph of a trace as a figure in TikZ: what the SVG shows, where it shows it, typeset by LaTeX."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from autodiff.errors import TooLargeError
from autodiff.expression.names import Ref
from autodiff.expression.numbers import to_superscript
from autodiff.expression.printing import UnicodePrinter
from autodiff.render.graph.geometry import Layout, Point, arrow
from autodiff.render.graph.graph import Graph, choose, graph
from autodiff.render.graph.shapes import NOTATIONS, TINY
from autodiff.render.graph.svg import arrange
from autodiff.render.graph.tikz_shapes import SHAPES, Notation, Pen
from autodiff.render.words.latex_words import MathPrinter, words
from autodiff.render.words.sheet import Writer
from autodiff.tracing.trace import Trace

UNIT = 0.68  # points for a unit of the layout: TeX's letters are narrower than those it was made for
LARGEST = 14_000.0  # points: TeX measures to 16383, and pages of PDF end at 14400
MOST = 1500  # rows, outputs and edges: pdfTeX has memory for about 2000
_STYLES = r"""  x=1pt, y=-1pt, line width={thin}pt, line cap=round,
  box/.style={{draw, fill=black!5}}, given/.style={{draw, fill=black!14}},
  result/.style={{draw, fill=white, line width={thick}pt}},
  nothing/.style={{draw=black!58, text=black!58, dash pattern=on {dash}pt off {dash}pt}},
  % Mathematics on its baseline; what is wider than its room is scaled down to it.
  room/.store in=\room,
  mathematics/.style={{anchor=base, inner sep=0pt, outer sep=0pt, scale={scale},
    execute at begin node=\setbox0\hbox\bgroup$,
    execute at end node=$\egroup\ifdim\wd0>\room\relax\resizebox{{\room}}{{!}}{{\box0}}\else\box0\fi}},
  sign/.style={{mathematics, font=\fontsize{{10.95}}{{13}}\bfseries\boldmath}},
  words/.style={{mathematics, font=\fontsize{{9}}{{11}}\selectfont}},
  beside/.style={{mathematics, font=\fontsize{{8}}{{10}}\selectfont}}"""


@dataclass(frozen=True)
class Figure:
    """A tikzpicture, and how large it is in points."""

    text: str
    width: float
    height: float


def to_tikz(trace: Trace, *, direction: str | None = None, notation: str = "nodes", digits: int = 3) -> str:
    r"""The graph as a tikzpicture, for a document with \usepackage{amsmath,tikz}.

    >>> from autodiff import trace
    >>> print(to_tikz(trace("x^2", at=3)).splitlines()[1])
    \begin{tikzpicture}[
    """
    return figure(trace, direction=direction, notation=notation, digits=digits).text


def figure(trace: Trace, *, direction: str | None = None, notation: str = "nodes", digits: int = 3) -> Figure:
    """The graph as a tikzpicture, with its size. Raises TooLargeError for one that TeX has no memory for."""
    choose(notation, NOTATIONS, "notation")
    measured = graph(trace, direction, digits, lambda each, digits: Writer(MeasuredPrinter, each, digits=digits))
    marks = len(measured.nodes) + len(measured.edges)
    if marks > MOST:
        raise TooLargeError(
            f"TeX has no memory for a figure of {marks} rows and edges (at most {MOST}): draw it as SVG"
        )
    drawn = graph(trace, direction, digits, lambda each, digits: Writer(LinePrinter, each, digits=digits, prose=_prose))
    placed = arrange(measured, notation)
    width, height = UNIT * placed.width, UNIT * placed.height
    scale = min(1.0, LARGEST / max(width, height))
    picture = _Picture(measured, drawn, placed, SHAPES[notation], Pen(UNIT * scale, UNIT))
    return Figure("\n".join(picture.lines(scale)), width * scale, height * scale)


class MeasuredPrinter(UnicodePrinter):
    """Text for the layout, about as wide as LaTeX writes it: numbers with powers of ten.

    >>> MeasuredPrinter().number(-1.5e-9)
    '−1.5 × 10⁻⁹'
    """

    def number(self, value: Any, *, fill: bool = True) -> str:
        """A number."""
        return _with_power(super().number(value, fill=fill))

    def exact(self, value: float) -> str:
        """A number with all its digits."""
        return _with_power(super().exact(value))


def _with_power(number: str) -> str:
    return re.sub(r"(?<=\d)e(-?)(\d+)", lambda found: f" × 10{'⁻' * len(found[1])}{to_superscript(found[2])}", number)


class LinePrinter(MathPrinter):
    r"""LaTeX for places that are one line high.

    >>> LinePrinter().ref(Ref("partial", 2, 0))
    '\\partial v_{2}/\\partial v_{0}'
    """

    left, right = "(", ")"

    def ref(self, key: Hashable) -> str:
        """A name, a partial with a slash."""
        if isinstance(key, Ref) and key.kind == "partial":
            of, by = (key._replace(kind="primal", of=name, by=0) for name in (key.of, key.by))
            return rf"\partial {super().ref(of)}/\partial {super().ref(by)}"
        return super().ref(key)


def _prose(text: str) -> str:
    return r"{}^{\wedge}" if text == "^" else words(text)  # a caret on its own is hardly visible in text


class _Picture:
    """A graph twice, as the layout measured it and as LaTeX writes it, and where everything stands."""

    def __init__(self, measured: Graph, drawn: Graph, placed: Layout, shapes: Notation, pen: Pen) -> None:
        self.measured, self.drawn, self.placed, self.shapes, self.pen = measured, drawn, placed, shapes, pen

    def lines(self, scale: float) -> Iterator[str]:
        """All of it; if the figure is scaled down to what TeX can measure, so are its lines and texts."""
        sizes = {"thin": 0.6 * scale, "thick": 1.2 * scale, "dash": 2.6 * scale, "scale": scale}
        yield r"% needs \usepackage{amsmath,tikz}"
        if scale < 1:
            yield f"% larger than TeX can measure: drawn at {100 * scale:.3g} % of its size"
        yield r"\begin{tikzpicture}["
        yield _STYLES.format(**{name: f"{size:.4g}" for name, size in sizes.items()}) + "]"
        for n in range(len(self.drawn.edges)):
            yield from self._edge(n)
        for n, (measured, node) in enumerate(zip(self.measured.nodes, self.drawn.nodes, strict=True)):
            yield f"% row {node.row}" if node.row is not None else "% output"
            yield from self.shapes.drawing(measured, node, self.placed.boxes[n], self.pen)
        yield r"\end{tikzpicture}"

    def _edge(self, n: int) -> Iterator[str]:
        measured, edge, pen = self.measured.edges[n], self.drawn.edges[n], self.pen
        yield f"% edge {edge.key}"
        source, target = (
            self.shapes.insets(self.measured.nodes[m], self.placed.boxes[m]) for m in (edge.source, edge.target)
        )
        backward = self.drawn.direction.backward
        route, tip, base = arrow(self.placed.routes[n], source[1], target[0], backward=backward)
        dashed, colour = ("[nothing]", "[black!58]") if edge.empty else ("", "")
        yield rf"\draw{dashed} {_path(route, pen)};"
        corners = (tip, Point(tip.x + base, tip.y - 4), Point(tip.x + base, tip.y + 4))
        yield rf"\fill{colour} {' -- '.join(map(pen.at, corners))} -- cycle;"
        label = self.placed.labels[n]
        if label is not None:
            texts = ((measured.partial, edge.partial, -5.0), (measured.contribution, edge.contribution, 14.0))
            for said, latex, down in texts:
                if latex:
                    middle = Point(label.middle.x, label.middle.y + down)
                    yield pen.text("beside", middle, (said, latex), label.width - 4, TINY, empty=edge.empty)


def _path(route: list[Point], pen: Pen) -> str:
    """Straight from the first point to the second, curved to the third, and so on."""
    parts = [pen.at(route[0])]
    for n, (before, here) in enumerate(pairwise(route)):
        middle = (before.x + here.x) / 2
        curve = f".. controls {pen.at(Point(middle, before.y))} and {pen.at(Point(middle, here.y))} .."
        parts += ["--" if n % 2 == 0 or before.y == here.y else curve, pen.at(here)]
    return " ".join(parts)

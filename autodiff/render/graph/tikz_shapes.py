"""How a node looks in TikZ, in each notation: as large as in the SVG, with the same marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from autodiff.render.graph.geometry import Point, Rect
from autodiff.render.graph.graph import Node
from autodiff.render.graph.shapes import LARGE, LINE, SMALL, Blocks, Cards
from autodiff.render.graph.text_width import text_width

LOOSE, TIGHT = 1.3, 2.5  # an equation (or a text without parts) up to this many times its room is only scaled down
_STYLES = {"input": "given", "row": "box", "output": "result"}


@dataclass(frozen=True)
class Pen:
    """Writes marks of a picture: a unit of the layout is `scale` points, and `unit` points of texts not scaled yet."""

    scale: float
    unit: float

    def length(self, units: float) -> str:
        """A length."""
        return f"{units * self.scale:.2f}".rstrip("0").rstrip(".")

    def at(self, point: Point) -> str:
        """A point."""
        return f"({self.length(point.x)},{self.length(point.y)})"

    def text(
        self, style: str, at: Point, text: tuple[str, str], room: float, size: float, *, empty: bool = False
    ) -> str:
        """A line of mathematics, centred on a point of its baseline: as it was measured, and in LaTeX."""
        colour = ", text=black!58" if empty else ""
        latex = within(*text, room, size)
        return rf"\node[{style}, room={room * self.unit:.1f}pt{colour}] at {self.at(at)} {{{latex}}};"


def within(text: str, latex: str, room: float, size: float) -> str:
    r"""The LaTeX of an equation; if it is far too wide for its room, dots for its longest part.

    >>> within("v = 2 × 3 × 4 = 24", r"v = 2 \times 3 \times 4 = 24", 50, 10)
    'v = \\ldots = 24'
    """
    pieces, parts = text.split(" = "), latex.split(" = ")
    most = room * (LOOSE if len(parts) > 1 else TIGHT)
    if text_width(text, size) <= most:
        return latex
    widths = [text_width(part, size) for part in pieces]
    if len(pieces) != len(parts) or sum(widths) - max(widths) > most:
        return r"\ldots"
    parts[widths.index(max(widths))] = r"\ldots"
    return " = ".join(parts)


class TikzCards(Cards):
    """A box for each row: its operation, its name and value, its tangent or adjoint; inputs have round ends."""

    def drawing(self, measured: Node, node: Node, rect: Rect, pen: Pen) -> Iterator[str]:
        """The marks of a node in its box."""
        corner = {"input": min(rect.height / 2, 24.0), "row": 8.0, "output": 0.0}[node.kind]
        yield (
            rf"\draw[{_style(node)}, rounded corners={pen.length(corner)}pt] {pen.at(Point(rect.left, rect.top))} "
            rf"rectangle {pen.at(Point(rect.left + rect.width, rect.top + rect.height))};"
        )
        at, room = Point(rect.middle.x, rect.top + 21), rect.width - 20
        yield pen.text("sign", at, (measured.sign, _spaced(node.sign)), room, LARGE, empty=node.empty)
        for said, latex in ((measured.primal, node.primal), (measured.summed, node.summed)):
            if latex:
                at = Point(at.x, at.y + LINE)
                yield pen.text("words", at, (said, latex), room, SMALL, empty=node.empty)


class TikzBlocks(Blocks):
    """A function block with the circle of its result; the value stands above the circle, the derivative below."""

    def drawing(self, measured: Node, node: Node, rect: Rect, pen: Pen) -> Iterator[str]:
        """The marks of a node in its box."""
        centre, radius, style = self._centre(measured, rect), self._radius(measured), _style(node)
        if node.kind == "row":
            yield from self._function(measured, node, rect, pen)
        yield rf"\draw[{style}] {pen.at(centre)} circle[radius={pen.length(radius)}];"
        name = (measured.sign, node.sign) if node.kind == "input" else (measured.name, node.name)
        yield pen.text("words", Point(centre.x, centre.y + 4), name, 2 * radius - 6, SMALL, empty=node.empty)
        room = rect.width - self._front(measured)
        above, below = Point(centre.x, centre.y - radius - 5), Point(centre.x, centre.y + radius + 14)
        yield pen.text("words", above, (measured.value, node.value), room, SMALL, empty=node.empty)
        if node.derivative:
            yield pen.text("words", below, (measured.derivative, node.derivative), room, SMALL, empty=node.empty)

    def _function(self, measured: Node, node: Node, rect: Rect, pen: Pen) -> Iterator[str]:
        """The block of a function, round on its right side unless its result is an output, and the wire behind it."""
        centre, half = self._centre(measured, rect), self.block / 2
        width = self._front(measured) - self.wire
        right = rect.left + width
        wire = pen.at(Point(right, centre.y)), pen.at(Point(centre.x - self._radius(measured), centre.y))
        yield rf"\draw{'[nothing]' if node.empty else ''} {' -- '.join(wire)};"
        top, bottom = centre.y - half, centre.y + half
        side = f"-- {pen.at(Point(right, top))} -- {pen.at(Point(right, bottom))}"
        if not node.is_output:
            # The y-axis points downward, so these angles run clockwise.
            side = (
                f"-- {pen.at(Point(right - half, top))} arc[start angle=-90, end angle=90, radius={pen.length(half)}]"
            )
        corners = pen.at(Point(rect.left, top)), pen.at(Point(rect.left, bottom))
        yield rf"\draw[{_style(node)}] {corners[0]} {side} -- {corners[1]} -- cycle;"
        middle = Point(rect.left + width / 2 - (0.0 if node.is_output else 4.0), centre.y + 5)
        yield pen.text("sign", middle, (measured.sign, _spaced(node.sign)), width - 8, LARGE, empty=node.empty)


Notation: TypeAlias = TikzCards | TikzBlocks
SHAPES: dict[str, Notation] = {"nodes": TikzCards(), "blocks": TikzBlocks()}


def _style(node: Node) -> str:
    return _STYLES[node.kind] + (", fill=black!5, nothing" if node.empty else "")


def _spaced(sign: str) -> str:
    """A sign with something on both sides, so that TeX puts an operator's space between it and a constant."""
    return f"{{}}{sign}{{}}"

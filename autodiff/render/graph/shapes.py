"""How a node looks in each notation: its size, and its marks in SVG. Each notation is one class.

"nodes" has a card for each row. "blocks" is the notation of lectures on backpropagation: a variable is a circle,
shaded where it is given; a function is a block, round on the side to which it is easy to compute; one whose result is
an output, a cost, is a square block.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from autodiff.render.graph.geometry import Point, Rect, Size
from autodiff.render.graph.graph import Node
from autodiff.render.graph.text_width import fitted, shortened, text_width
from autodiff.text import harmless

LARGE, SMALL, TINY = 16.0, 12.0, 11.0  # font sizes: a sign, the lines of a node, the labels of edges
LINE = 16.0  # from one line to the next
LONGEST = 260.0  # the widest text in a node; longer ones are cut, and complete in its title


def safe(text: str) -> str:
    r"""Text that is not markup, whatever it holds; what cannot be shown, and what reorders a line, is replaced.

    >>> safe("<script> & \x00")
    '&lt;script&gt; &amp; �'
    """
    return escape(harmless(text))


def text(x: float, y: float, content: str, kind: str) -> str:
    """A line of text, centred on x, its baseline at y."""
    return f'<text class="{kind}" x="{place(x)}" y="{place(y)}">{safe(content)}</text>'


def place(value: float) -> str:
    """A coordinate, to a tenth.

    >>> place(2.0), place(-0.04), place(2.25)
    ('2', '0', '2.2')
    """
    return f"{round(value, 1) + 0.0:g}" if abs(value) < 1e5 else f"{value:.1f}"


class Cards:
    """A box for each row: its operation, its name and value, its tangent or adjoint; inputs have round ends."""

    def size(self, node: Node) -> Size:
        """How much room a node needs."""
        lines = self._lines(node)
        sign = text_width(shortened(node.sign, LONGEST, LARGE), LARGE, bold=True)
        width = max([sign, *(text_width(line, SMALL) for line in lines)]) + 22
        height = 30 + LINE * len(lines)
        return Size(math.ceil(max(width, 52)), height, height / 2 - 12)

    def insets(self, node: Node, rect: Rect) -> tuple[float, float]:
        """How far inside its box, left and right, a link meets its outline."""
        return 0.0, 0.0

    def marks(self, node: Node, rect: Rect) -> Iterator[str]:
        """The marks of a node in its box."""
        corner = {"input": rect.height / 2, "row": 8.0, "output": 0.0}[node.kind]
        yield (
            f'<rect class="shape" x="{place(rect.left)}" y="{place(rect.top)}" width="{place(rect.width)}" '
            f'height="{place(rect.height)}" rx="{place(min(corner, 24.0))}"/>'
        )
        x, y = rect.middle.x, rect.top + 21
        yield text(x, y, shortened(node.sign, LONGEST, LARGE), "sign")
        for n, line in enumerate(self._lines(node), start=1):
            yield text(x, y + LINE * n, line, "line")

    def _lines(self, node: Node) -> list[str]:
        return [fitted(line, LONGEST, SMALL) for line in (node.primal, node.summed) if line]


class Blocks:
    """A function block with the circle of its result; the value stands above the circle, the derivative below."""

    block, wire, least = 34.0, 16.0, 19.0  # height of a block; from it to its circle; the least radius of a circle

    def size(self, node: Node) -> Size:
        """How much room a node needs."""
        outside = max(text_width(line, SMALL) for line in self._outside(node))
        circle = max(2 * self._radius(node), outside)
        return Size(math.ceil(self._front(node) + circle), 2 * (self._radius(node) + LINE + 4), 8.0)

    def insets(self, node: Node, rect: Rect) -> tuple[float, float]:
        """How far inside its box, left and right, a link meets its outline."""
        centre, radius = self._centre(node, rect), self._radius(node)
        left = centre.x - radius - rect.left if not self._front(node) else 0.0
        return left, rect.left + rect.width - centre.x - radius

    def marks(self, node: Node, rect: Rect) -> Iterator[str]:
        """The marks of a node in its box."""
        centre, radius = self._centre(node, rect), self._radius(node)
        front = self._front(node)
        if front:
            width, half = front - self.wire, self.block / 2
            left, top, right = place(rect.left), place(centre.y - half), rect.left + width
            yield f'<path class="wire" d="M{place(right)} {place(centre.y)}H{place(centre.x - radius)}"/>'
            round_side = f"H{place(right - half)}a{half:g} {half:g} 0 0 1 0 {self.block:g}H{left}z"
            square = f"H{place(right)}v{self.block:g}H{left}z"
            yield f'<path class="shape" d="M{left} {top}{square if node.is_output else round_side}"/>'
            shift = 0.0 if node.is_output else -4.0
            yield text(rect.left + width / 2 + shift, centre.y + 5, self._sign(node), "sign")
        yield f'<circle class="variable" cx="{place(centre.x)}" cy="{place(centre.y)}" r="{place(radius)}"/>'
        yield text(centre.x, centre.y + 4, self._name(node), "line")
        above, below = self._outside(node)
        yield text(centre.x, centre.y - radius - 5, above, "line")
        if below:
            yield text(centre.x, centre.y + radius + 14, below, "line")

    def _front(self, node: Node) -> float:
        """The width of the function block and its wire."""
        if node.kind != "row":
            return 0.0
        return max(self.block, text_width(self._sign(node), LARGE, bold=True) + 22) + self.wire

    def _name(self, node: Node) -> str:
        return shortened(node.sign if node.kind == "input" else node.name, 120, SMALL)

    def _sign(self, node: Node) -> str:
        return shortened(node.sign, 120, LARGE)

    def _radius(self, node: Node) -> float:
        return max(self.least, text_width(self._name(node), SMALL) / 2 + 6)

    def _centre(self, node: Node, rect: Rect) -> Point:
        front = self._front(node)
        return Point(rect.left + front + (rect.width - front) / 2, rect.middle.y)

    def _outside(self, node: Node) -> tuple[str, str]:
        return shortened(node.value, LONGEST, SMALL), fitted(node.derivative, LONGEST, SMALL)


NOTATIONS: dict[str, Cards | Blocks] = {"nodes": Cards(), "blocks": Blocks()}

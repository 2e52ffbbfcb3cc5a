"""What a layout takes and returns: sizes and links, rectangles and routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

EDGE = 1e-6  # what rounding may do to an edge
HEAD = 8.0  # the length of an arrowhead


class Size(NamedTuple):
    """How large a node is; `reach` is how far from the middle of its sides links may end."""

    width: float
    height: float
    reach: float = 0.0


class Link(NamedTuple):
    """A link between nodes, with the size of its label; the source has the lower number."""

    source: int
    target: int
    width: float = 0.0
    height: float = 0.0


class Point(NamedTuple):
    """A point of the drawing; y grows downward."""

    x: float
    y: float


class Rect(NamedTuple):
    """A rectangle of the drawing."""

    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        """Its centre."""
        return Point(self.left + self.width / 2, self.top + self.height / 2)

    def overlaps(self, other: Rect) -> bool:
        """Whether the two have more than an edge in common."""
        return (
            self.left < other.left + other.width - EDGE
            and other.left < self.left + self.width - EDGE
            and self.top < other.top + other.height - EDGE
            and other.top < self.top + self.height - EDGE
        )


@dataclass(frozen=True)
class Layout:
    """Places for everything. A route is straight from its first point to its second, curved to the third, and so on."""

    width: float
    height: float
    boxes: tuple[Rect, ...]
    labels: tuple[Rect | None, ...]
    routes: tuple[tuple[Point, ...], ...]
    crossings: int


class Arrow(NamedTuple):
    """A link as it is drawn: its line, the tip of its head, and where the base of the head stands beside the tip."""

    route: list[Point]
    tip: Point
    base: float


def arrow(route: Sequence[Point], inside: float, beyond: float, *, backward: bool) -> Arrow:
    """A link between two outlines, one `inside` before its first point, the other `beyond` its last.

    The line stops inside the head, whose tip stays sharp.

    >>> arrow([Point(0, 0), Point(50, 0)], 1, 2, backward=False)
    Arrow(route=[Point(x=-1, y=0), Point(x=45.6, y=0)], tip=Point(x=52, y=0), base=-8.0)
    """
    line = list(route)
    line[0] = Point(line[0].x - inside, line[0].y)
    line[-1] = Point(line[-1].x + beyond, line[-1].y)
    end, base = (0, HEAD) if backward else (-1, -HEAD)
    tip = line[end]
    line[end] = Point(tip.x + base * 0.8, tip.y)
    return Arrow(line, tip, base)

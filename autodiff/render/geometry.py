"""What a layout is given and what it gives: sizes and links, rectangles and routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

EDGE = 1e-6  # what rounding may do to an edge


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

"""The coordinates of a layered drawing whose columns are in order: heights, sides of columns, routes of links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from autodiff.render.graph.geometry import Layout, Link, Point, Rect, Size
from autodiff.render.graph.layers import Columns, crossings, places

MARGIN = 16.0  # around the drawing
GAP, STEEP, WIDEST = 28.0, 0.2, 80.0  # between columns: the least, how much more for each unit that a link climbs
STUB = 10.0  # of this gap a link runs straight at each node, for the arrowhead
PORTS = 13.0  # between the ends of two links at the same node
SWEEPS, MANY = 6, 5_000  # sweeps back and forth; with this many items one must do
SNAP = 8.0  # a link that climbs no more than this is made level


class Placed(Protocol):
    """The items of columns: the nodes, numbered as they are given, then the labels and the passing links."""

    sizes: Sequence[Size]  # of the nodes
    links: Sequence[Link]
    early: bool  # labels stand next to the source
    column: list[int]  # of each item
    width: list[float]
    height: list[float]  # with the space around it
    before: list[list[int]]  # the neighbours of an item in the column before it, and in the next one
    behind: list[list[int]]
    chains: list[list[int]]  # the items that each link passes
    label: list[int | None]


class Pull(NamedTuple):
    """How far below another item an item wants to be, and how strongly."""

    item: int
    down: float
    weight: float


class Drawing:
    """The coordinates of ordered columns."""

    def __init__(self, items: Placed, columns: Columns) -> None:
        self.items, self.columns = items, columns
        self.start, self.end = self._ports()
        self.before, self.behind = self._pulls()
        self.y = self._heights()
        self.left, self.right = self._sides()

    def layout(self) -> Layout:
        """The places of everything."""
        items = self.items
        boxes = tuple(self._rect(n, size.width, size.height) for n, size in enumerate(items.sizes))
        labels = tuple(
            None if label is None else self._rect(label, link.width, link.height)
            for label, link in zip(items.label, items.links, strict=True)
        )
        routes = tuple(self._routes(boxes))
        bottoms = [self.y[n] + items.height[n] / 2 for n in range(len(self.y))]
        height = max(bottoms, default=0.0) + MARGIN
        return Layout(self.right[-1] + MARGIN, height, boxes, labels, routes, crossings(self.columns, items.behind))

    def _rect(self, item: int, width: float, height: float) -> Rect:
        column = self.items.column[item]
        middle = (self.left[column] + self.right[column]) / 2
        return Rect(middle - width / 2, self.y[item] - height / 2, width, height)

    def _heights(self) -> list[float]:
        """The middle of each item: near those of its neighbours, above all along the same link, without overlaps."""
        items = self.items
        y = [0.0] * len(items.column)
        for column in self.columns:
            _place_apart(column, [0.0] * len(column), [1.0] * len(column), items.height, y)
        forward, backward = self.columns, self.columns[::-1]
        plans = [(forward, self.before), (backward, self.behind)] * (SWEEPS if len(y) < MANY else 1)
        both = [before + behind for before, behind in zip(self.before, self.behind, strict=True)]
        plans += [(backward, both), (forward, both)] * 2
        for n, (columns, pulls) in enumerate(plans):
            snap = SNAP if n >= len(plans) - 2 else 0.0
            for column in columns:
                wanted, weights = [], []
                for item in column:
                    want, weight = _wanted(item, pulls[item], y, snap)
                    wanted.append(want)
                    weights.append(weight)
                _place_apart(column, wanted, weights, items.height, y)
        self._straighten(y)
        top = min((y[n] - items.height[n] / 2 for n in range(len(y))), default=0.0) - MARGIN
        return [value - top for value in y]

    def _straighten(self, y: list[float]) -> None:
        """Let long links run level from their labels on, as far as they can; nothing else moves for their sake."""
        items, nodes = self.items, len(self.items.sizes)
        columns, pulls = (self.columns, self.before) if items.early else (self.columns[::-1], self.behind)
        for column in columns:
            wanted, weights = [], []
            for item in column:
                level = next((pull for pull in pulls[item] if item >= nodes and pull.item >= nodes), None)
                wanted.append(y[level.item] if level else y[item])
                weights.append(1.0 if level else 1000.0)
            _place_apart(column, wanted, weights, items.height, y)

    def _ports(self) -> tuple[dict[int, float], dict[int, float]]:
        """How far below the middle of its node each link starts and ends: from top to bottom as the links come."""
        items, place = self.items, places(self.columns)
        starts: list[list[tuple[int, int]]] = [[] for _ in items.sizes]
        ends: list[list[tuple[int, int]]] = [[] for _ in items.sizes]
        for n, link in enumerate(items.links):
            chain = items.chains[n]
            starts[link.source].append((place[chain[0] if chain else link.target], n))
            ends[link.target].append((place[chain[-1] if chain else link.source], n))
        found: tuple[dict[int, float], dict[int, float]] = ({}, {})
        for side, nodes in zip(found, (starts, ends), strict=True):
            for size, links in zip(items.sizes, nodes, strict=True):
                step = min(PORTS, 2 * size.reach / max(1, len(links) - 1))
                side.update((n, (k - (len(links) - 1) / 2) * step) for k, (_, n) in enumerate(sorted(links)))
        return found

    def _pulls(self) -> tuple[list[list[Pull]], list[list[Pull]]]:
        """What draws each item towards a height: its neighbours before and behind it, from port to port."""
        items, nodes = self.items, len(self.items.sizes)
        before: list[list[Pull]] = [[] for _ in items.column]
        behind: list[list[Pull]] = [[] for _ in items.column]
        for n, link in enumerate(items.links):
            chain = [link.source, *items.chains[n], link.target]
            if len(chain) == 2 and items.column[link.target] - items.column[link.source] > 1:
                continue  # drawn behind the others: it draws nothing
            for left, right in pairwise(chain):
                down = (self.start[n] if left < nodes else 0.0) - (self.end[n] if right < nodes else 0.0)
                weight = 8.0 if left >= nodes and right >= nodes else 1.0
                before[right].append(Pull(left, down, weight))
                behind[left].append(Pull(right, -down, weight))
        return before, behind

    def _sides(self) -> tuple[list[float], list[float]]:
        """The left and the right side of each column; the gap before it is wide where links climb steeply."""
        left, right, x = [], [], MARGIN
        for n, column in enumerate(self.columns):
            ends = self.items.before
            steepest = max((abs(self.y[end] - self.y[item]) for item in column for end in ends[item]), default=0.0)
            x += min(WIDEST, GAP + STEEP * steepest) if n else 0.0
            left.append(x)
            x += max((self.items.width[item] for item in column), default=0.0)
            right.append(x)
        return left or [MARGIN], right or [MARGIN]

    def _routes(self, boxes: Sequence[Rect]) -> Iterator[tuple[Point, ...]]:
        items = self.items
        for n, link in enumerate(items.links):
            source, target = boxes[link.source], boxes[link.target]
            start, end = items.column[link.source], items.column[link.target]
            first, last = source.middle.y + self.start[n], target.middle.y + self.end[n]
            points = [Point(source.left + source.width, first), Point(self.right[start] + STUB, first)]
            for item in items.chains[n]:
                column = items.column[item]
                points += [Point(self.left[column], self.y[item]), Point(self.right[column], self.y[item])]
            yield (*points, Point(self.left[end] - STUB, last), Point(target.left, last))


def _wanted(item: int, pulls: Sequence[Pull], y: Sequence[float], snap: float) -> tuple[float, float]:
    """Where an item is drawn to, and how strongly; level with its heaviest neighbour if that is at most `snap` away."""
    if not pulls:
        return y[item], 0.5
    weight = sum(pull.weight for pull in pulls)
    mean = sum(pull.weight * (y[pull.item] + pull.down) for pull in pulls) / weight
    if snap:
        nearest = min(pulls, key=lambda pull: (-pull.weight, abs(y[pull.item] + pull.down - mean)))
        level = y[nearest.item] + nearest.down
        mean = level if abs(level - mean) <= snap else mean
    return mean, weight


def _place_apart(
    column: Sequence[int], wanted: Sequence[float], weights: Sequence[float], height: Sequence[float], y: list[float]
) -> None:
    """Put each item of a column as near to where it is wanted as the items above and below allow.

    With the heights before an item taken off, "apart" means "not less than the one above": a weighted isotonic
    regression, which pooling neighbours that violate it solves exactly.
    """
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    offsets, down = [], 0.0
    for item, want, weight in zip(column, wanted, weights, strict=True):
        offsets.append(down + height[item] / 2)
        mean, many = want - offsets[-1], 1
        down += height[item]
        while pools and pools[-1][0] >= mean:
            above, its_weight, its_many = pools.pop()
            mean = (above * its_weight + mean * weight) / (its_weight + weight)
            weight += its_weight
            many += its_many
        pools.append((mean, weight, many))
    means = [mean for mean, _, many in pools for _ in range(many)]
    for item, mean, offset in zip(column, means, offsets, strict=True):
        y[item] = mean + offset

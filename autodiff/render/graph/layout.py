"""A layered layout: where the boxes, the labels and the links of a graph are drawn, sources left and targets right.

Columns of nodes alternate with columns of labels. A label is an item of its own column and a long link an item of each
column it passes, so whatever stands in one column is spaced apart, and links cross only in the gaps between columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from autodiff.render.graph.coordinates import Drawing
from autodiff.render.graph.geometry import Layout, Link, Size
from autodiff.render.graph.layers import Columns, ordered

APART = 22.0  # between two nodes of a column
ASIDE = 8.0  # between a label and what is above it
LANE = 14.0  # the height of a passing link
LANES = 20_000  # passing items; the longest links beyond are drawn behind the others, straight


def layout(sizes: Sequence[Size], links: Sequence[Link], *, last: Iterable[int] = (), early: bool = False) -> Layout:
    """Lay a graph out. The nodes of `last` share the last column; `early` puts labels next to the source."""
    items = Items(sizes, links, _layers(len(sizes), links, set(last)), early=early)
    columns = ordered(items.columns, items.before, items.behind)
    return Drawing(items, columns).layout()


def _layers(count: int, links: Sequence[Link], last: set[int]) -> list[int]:
    """The layer of each node: the longest path from a node without a source."""
    layer = [0] * count
    for link in sorted(links, key=lambda link: link.target):
        layer[link.target] = max(layer[link.target], layer[link.source] + 1)
    end = max((layer[n] + 1 for n in range(count) if n not in last), default=0)
    return [end if n in last else layer[n] for n in range(count)]


class Items:
    """The nodes, the labels and the passing links as items of columns, each with its neighbours."""

    def __init__(self, sizes: Sequence[Size], links: Sequence[Link], layers: list[int], *, early: bool) -> None:
        self.sizes, self.links, self.early = sizes, links, early
        self.column = [2 * layer for layer in layers]
        self.width = [size.width for size in sizes]
        self.height = [size.height + APART for size in sizes]
        self.before: list[list[int]] = [[] for _ in sizes]
        self.behind: list[list[int]] = [[] for _ in sizes]
        self.chains: list[list[int]] = [[] for _ in links]  # the items that each link passes
        self.label: list[int | None] = [None] * len(links)
        room = LANES
        spans = [self.column[link.target] - self.column[link.source] for link in links]
        for n in sorted(range(len(links)), key=spans.__getitem__):
            room -= spans[n]
            if room > 0:
                self._chain(n)
        self.columns: Columns = [[] for _ in range(max(self.column, default=0) + 1)]
        for item, column in enumerate(self.column):
            self.columns[column].append(item)

    def _chain(self, n: int) -> None:
        link = self.links[n]
        first, end = self.column[link.source], self.column[link.target]
        labelled = first + 1 if self.early else end - 1
        chain = [link.source]
        for column in range(first + 1, end):
            has_label = column == labelled and bool(link.width)
            chain.append(len(self.column))
            self.column.append(column)
            self.width.append(link.width if has_label else 0.0)
            self.height.append(link.height + ASIDE if has_label else LANE)
            self.before.append([])
            self.behind.append([])
            if has_label:
                self.label[n] = chain[-1]
        chain.append(link.target)
        for left, right in pairwise(chain):
            self.behind[left].append(right)
            self.before[right].append(left)
        self.chains[n] = chain[1:-1]

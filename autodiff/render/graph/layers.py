"""The order of the items in each column of a layered drawing: few crossings, always the same for the same graph."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

Columns = list[list[int]]
Ends = Sequence[Sequence[int]]  # the neighbours of each item in the column before it, or behind it

SWEEPS = 12  # of a small graph; a large one gets as many as WORK items allow
WORK = 60_000
CAREFUL = 4_000  # up to this many items, neighbours are tried the other way round
PATIENCE = 4  # sweeps without a better order


def ordered(columns: Columns, before: Ends, behind: Ends) -> Columns:
    """The columns with their items in an order of few crossings.

    Barycentre sweeps back and forth (Sugiyama, Tagawa & Toda 1981), then exchanges of neighbours (Gansner et al. 1993).
    The given order is kept where no other is better.
    """
    size = sum(map(len, columns))
    here = [list(column) for column in columns]
    best, fewest, waited = here, -1, 0
    for n in range(max(2, min(SWEEPS, WORK // max(1, size)))):
        # The first sweep runs from the inputs, which stand in their natural order.
        _sweep(here, before if n % 2 == 0 else behind, forward=n % 2 == 0)
        if size <= CAREFUL:
            _exchange(here, before, behind)
        found = crossings(here, behind)
        waited += 1
        if fewest < 0 or found < fewest:
            best, fewest, waited = [list(column) for column in here], found, 0
        if not fewest or waited == PATIENCE:
            break
    return best


def crossings(columns: Columns, behind: Ends) -> int:
    """How many pairs of links cross."""
    place = places(columns)
    total = 0
    for column in columns:
        seen: list[int] = []
        for item in column:
            ends = [place[end] for end in behind[item]]
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def places(columns: Columns) -> dict[int, int]:
    """The place of each item in its column."""
    return {item: place for column in columns for place, item in enumerate(column)}


def _sweep(columns: Columns, fixed: Ends, *, forward: bool) -> None:
    """Sort each column by the mean place of the neighbours in the column that has just been sorted."""
    place = places(columns)
    for n in range(len(columns)) if forward else reversed(range(len(columns))):
        mean = {
            item: sum(place[end] for end in fixed[item]) / len(fixed[item]) if fixed[item] else place[item]
            for item in columns[n]
        }
        columns[n].sort(key=mean.__getitem__)  # stable: ties stay as they are
        place.update((item, k) for k, item in enumerate(columns[n]))


def _exchange(columns: Columns, before: Ends, behind: Ends) -> None:
    """Exchange neighbours as long as that removes crossings."""
    place = places(columns)
    improved, rounds = True, 0
    while improved and rounds < PATIENCE:
        improved, rounds = False, rounds + 1
        for column in columns:
            for k in range(len(column) - 1):
                first, second = column[k], column[k + 1]
                gain = 0
                for ends in (before, behind):
                    upper = sorted([place[end] for end in ends[first]])
                    lower = sorted([place[end] for end in ends[second]])
                    gain += sum(bisect_left(lower, end) for end in upper)  # crossings as they stand
                    gain -= sum(bisect_left(upper, end) for end in lower)  # and the other way round
                if gain > 0:
                    column[k], column[k + 1] = second, first
                    place[first], place[second] = k + 1, k
                    improved = True

"""The reverse sweep of a tape of numbers: one loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autodiff.errors import DomainError
from autodiff.modes.partials import partial
from autodiff.modes.rows import NOTHING, Row, parts
from autodiff.operations.rule import FIRST, LAST


def sweep(rows: list[Row], seeds: Mapping[int, Any]) -> list[Any]:
    """The adjoints of the rows up to the last seeded one, starting from the adjoints in `seeds`.

    Rows that no seeded row depends on have the adjoint NOTHING, which is 0.

    adjoint(i) = Σ adjoint(n) · ∂vₙ/∂vᵢ over the rows n that use row i (Griewank & Walther 2008, Table 3.5).
    """
    last = max(seeds)
    adjoints: list[Any] = [NOTHING] * (last + 1)
    for n, seed in seeds.items():
        adjoints[n] = seed
    nothing, first_partial, last_partial = NOTHING, FIRST, LAST
    n = last
    for row in reversed(rows[: last + 1] if last + 1 < len(rows) else rows):
        adjoint = adjoints[n]
        n -= 1
        if adjoint is nothing:
            continue
        try:
            if len(row) == 6:
                code, z, i, x, j, y = row
                # Both partials come before either is added: if one is singular, nothing has been added yet.
                if i >= 0:
                    p = first_partial[code](z, x, y)
                    if j >= 0:
                        q = last_partial[code](z, x, y)
                        adjoints[j] += adjoint * q
                    adjoints[i] += adjoint * p
                else:
                    adjoints[j] += adjoint * last_partial[code](z, x, y)
            elif len(row) == 4:
                code, z, i, x = row
                adjoints[i] += adjoint * first_partial[code](z, x)
        except (ArithmeticError, DomainError):
            _pull_singular(row, adjoint, adjoints)
    return adjoints


def _pull_singular(row: Row, adjoint: Any, adjoints: list[Any]) -> None:
    """The same for one row at a singular point, through `partial`, which knows what holds there."""
    operation, numbers, values, _ = parts(row)
    for k, i in enumerate(numbers):
        if i >= 0:
            adjoints[i] += adjoint * partial(operation, k, row[1], values)

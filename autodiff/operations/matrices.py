"""Matrices in batches: how decompositions are entered, and what their rules are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.operations.array_facts import SILENT, Sample, Words, regular
from autodiff.operations.array_rule import ArrayOperation, enter_array
from autodiff.operations.arrays import ALL, concatenate, getitem, reshape, swap, transpose, where
from autodiff.operations.operands import is_zero, shape

Batches = Any  # a matrix, or an array of matrices along its last two axes


def decomposition(
    name: str,
    function: Callable[..., Any],
    push: Any,
    pull: Any,
    words: Words = SILENT,
    samples: tuple[Sample, ...] = (regular((3, 3)), regular((2, 3, 3))),
) -> ArrayOperation:
    """Enter an operation on matrices whose rules work in batches: many directions are one more batch axis in front."""

    def push_one(tangents: Sequence[Any], z: Any, operands: Sequence[Any], **settings: Any) -> Any:
        return push(tangents[0], z, *operands, **settings)

    def wide_push(tangents: Sequence[Any], z: Any, operands: Sequence[Any], *, width: int, **settings: Any) -> Any:
        n = len(shape(z))
        moved = push(transpose(tangents[0], axes=(n, *range(n))), z, *operands, **settings)
        return transpose(moved, axes=(*range(1, n + 1), 0))

    def pull_one(k: int, g: Any, z: Any, a: Any, **settings: Any) -> Any:
        return pull(g, z, a, **settings)

    return enter_array(name, function, push_one, pull_one, wide_push, words=words, samples=samples)


# --- parts -----------------------------------------------------------------------------------------------------
def rows(z: Batches, start: int, stop: int | None) -> Batches:
    """Some rows of matrices."""
    return getitem(z, index=(*(ALL,) * (len(shape(z)) - 2), slice(start, stop)))


def pile(*parts: Batches) -> Batches:
    """Matrices on top of each other."""
    ends, axis = np.cumsum([shape(part)[-2] for part in parts]), len(shape(parts[0])) - 2
    return concatenate(*parts, axis=axis, ends=tuple(map(int, ends)))


def eye(x: Batches) -> Any:
    """A mask of the diagonal."""
    return np.eye(shape(x)[-1], dtype=bool)


def diagonal_row(x: Batches) -> Batches:
    """The diagonals, each as a matrix of one row."""
    n = np.arange(shape(x)[-1])
    diagonal = getitem(x, index=(*(ALL,) * (len(shape(x)) - 2), n, n))
    return reshape(diagonal, shape=(*shape(x)[:-2], 1, len(n)))


def below(x: Batches, k: int) -> Batches:
    """The entries on the k-th diagonal and below; zeros above."""
    return where(x, 0.0, mask=np.tri(shape(x)[-1], k=k, dtype=bool))


def over(x: Batches, y: Batches, ignored: Any = False) -> Batches:
    """The quotient x / y, 0 where it is ignored. Where y is 0 it is NaN, and 0 where x is 0 for good (`is_zero`)."""
    nothing = y == 0
    quotient = x / where(np.nan, y, mask=nothing)
    return where(0.0, quotient, mask=ignored | (nothing & is_zero(x)))


# --- symmetric matrices -----------------------------------------------------------------------------------------
def mirrored(t: Batches, uplo: str = "L") -> Batches:
    """The symmetric matrix that numpy sees: it reads one triangle."""
    t = swap(t) if uplo == "U" else t
    return below(t, 0) + swap(below(t, -1))


def folded(g: Batches, uplo: str = "L") -> Batches:
    """The transpose of that: all slopes go to the triangle that is read."""
    folded = below(g, 0) + below(swap(g), -1)
    return swap(folded) if uplo == "U" else folded

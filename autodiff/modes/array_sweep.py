"""The reverse sweep of tapes that hold arrays; tapes of numbers are swept without numpy, by `sweep`.

The same loop, with two differences: adjoints have the shape and the precision of the values of their rows, and an
adjoint that is a sum is added to in place, since a loop over n entries of an array must not cost n whole arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autodiff.modes.array_partials import pull_arrays
from autodiff.modes.rows import CONSTANT, NO_SETTINGS, NOTHING, Row
from autodiff.operations.array_rule import ARRAY_TABLE
from autodiff.operations.arrays import getitem, is_basic
from autodiff.operations.operands import ARRAYS
from autodiff.operations.rule import TABLE


def sweep_arrays(rows: list[Row], seeds: Mapping[int, Any], keep: int | None) -> list[Any]:
    """The adjoints of the rows up to the last seeded one. With `keep`, only those of the rows before row `keep` are
    wanted, and the others are let go on the way.
    """
    last = max(seeds)
    adjoints: list[Any] = [NOTHING] * (last + 1)
    own: set[int] = set()  # rows whose adjoint is a sum that we made ourselves, so we may add to it in place
    for n, seed in seeds.items():
        adjoints[n] = seed
    let_go = last + 1 if keep is None else keep
    with np.errstate(all="ignore"):  # singular points are dealt with; numpy has warned about the values already
        for n in range(last, -1, -1):
            row, adjoint = rows[n], adjoints[n]
            size = len(row)
            if adjoint is NOTHING or size == 2:  # the result does not depend on it, or it is a variable
                continue
            if n >= let_go:
                adjoints[n] = NOTHING
            if size % 2:
                _pull_row(row, adjoint, adjoints, own)
                continue
            operation, z, operands = TABLE[row[0]], row[1], row[3::2]
            for k, i in enumerate(row[2::2]):
                if i != CONSTANT:
                    _add(adjoints, own, i, pull_arrays(operation, k, z, operands, adjoint, NO_SETTINGS))
    return adjoints


def _pull_row(row: tuple[Any, ...], adjoint: Any, adjoints: list[Any], own: set[int]) -> None:
    """Pull the adjoint of an array operation back to its operands."""
    operation, z, settings = ARRAY_TABLE[row[0]], row[1], row[-1]
    if operation is getitem and type(adjoint) in ARRAYS and type(row[3]) is np.ndarray:
        _add_at(adjoints, own, row[2], row[3], settings["index"], adjoint)
        return
    if len(row) == 5:
        _add(adjoints, own, row[2], operation.pull(0, adjoint, z, row[3], **settings))
        return
    numbers, values = row[2:-1:2], row[3::2]
    if operation.pull_all is not None:
        for i, contribution in zip(numbers, operation.pull_all(adjoint, z, values, **settings), strict=True):
            if i != CONSTANT:
                _add(adjoints, own, i, contribution)
        return
    for k, i in enumerate(numbers):
        if i != CONSTANT:
            _add(adjoints, own, i, operation.pull(k, adjoint, z, *values, **settings))


def _add_at(adjoints: list[Any], own: set[int], i: int, x: Any, index: tuple[Any, ...], adjoint: Any) -> None:
    """Pull back to the entries of x at this index, in place: a loop over n entries must not cost n whole arrays."""
    have: Any = adjoints[i]
    if type(have) is not np.ndarray and have is not NOTHING:  # a Dual or Var
        adjoints[i] = have + getitem.pull(0, adjoint, None, x, index=index)
        return
    if i not in own:
        have = have.copy() if type(have) is np.ndarray else np.zeros_like(x)
        adjoints[i] = have
        own.add(i)
    if is_basic(index):
        have[index] += adjoint
    else:
        np.add.at(have, index, adjoint)


def _add(adjoints: list[Any], own: set[int], i: int, contribution: Any) -> None:
    have = adjoints[i]
    if have is NOTHING:
        adjoints[i] = contribution
    elif i in own and not hasattr(contribution, "level"):
        have += contribution
        adjoints[i] = have
    else:
        adjoints[i] = have = have + contribution
        if type(have) is np.ndarray and have.ndim:
            own.add(i)
        else:
            own.discard(i)

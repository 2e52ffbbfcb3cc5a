"""The reverse sweep of tapes that hold arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from autodiff.errors import DomainError
from autodiff.modes.partials import NO_SETTINGS, pull
from autodiff.modes.tape import CONSTANT, NOTHING
from autodiff.operations.array_rule import ARRAY_TABLE
from autodiff.operations.arrays import fit, getitem, is_basic
from autodiff.operations.rule import ARRAYS, FIRST, LAST, TABLE

ONE = 1  # the partial of sums, told apart by identity: nothing is multiplied by it
_isfinite, _vdot = math.isfinite, np.vdot


def sweep_arrays(rows: list[tuple[Any, ...]], seeds: Mapping[int, Any], keep: int | None) -> list[Any]:
    """The adjoints of the rows up to the last seeded one; of `Tape.sweep`, which see, the version for arrays.

    Adjoints have the shape and the precision of their rows' values.
    """
    last = max(seeds)
    adjoints: list[Any] = [NOTHING] * (last + 1)
    own: set[int] = set()  # rows whose adjoint is a sum that we made ourselves, so that we may add to it in place
    for n, seed in seeds.items():
        adjoints[n] = seed
    let_go = last + 1 if keep is None else keep
    with np.errstate(all="ignore"):  # singular points are dealt with; the values have had their warnings
        for n in range(last, -1, -1):
            adjoint = adjoints[n]
            if adjoint is NOTHING:
                continue
            row = rows[n]
            size = len(row)
            if size == 2:  # an independent variable
                continue
            if n >= let_go:
                adjoints[n] = NOTHING
            if size % 2:
                _pull_row(row, adjoint, adjoints, own)
                continue
            i = row[2]
            if i != CONSTANT:
                _add(adjoints, own, i, _scaled(row, FIRST, row[3], 0, adjoint))
            if size == 6 and (j := row[4]) != CONSTANT:
                _add(adjoints, own, j, _scaled(row, LAST, row[5], 1, adjoint))
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


def _scaled(row: tuple[Any, ...], rules: list[Any], x: Any, k: int, adjoint: Any) -> Any:
    """Adjoint × partial of an elementary operation, as `pull` has it, the everyday cases without further calls."""
    if type(adjoint) in ARRAYS:
        try:
            slope = rules[row[0]](row[1], row[3]) if len(row) == 4 else rules[row[0]](row[1], row[3], row[5])
            found = adjoint if slope is ONE else adjoint * slope
        except (ArithmeticError, DomainError):  # a singular point of a row of numbers
            slope = found = None
        # A sum of squares is finite if all entries are: 0 × ∞ must not go by unnoticed.
        if type(found) in ARRAYS and (type(slope) is int or _isfinite(_vdot(found, found))):
            same = found.shape == getattr(x, "shape", ()) and found.dtype == getattr(x, "dtype", found.dtype)
            return found if same else fit(found, x)
    return pull(TABLE[row[0]], k, row[1], row[3::2], adjoint, NO_SETTINGS)


def _add_at(adjoints: list[Any], own: set[int], i: int, x: Any, index: tuple[Any, ...], adjoint: Any) -> None:
    """Pull back to the entries of x with this index, in place: a loop over n entries must not cost n whole arrays."""
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

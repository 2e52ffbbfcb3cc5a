"""Functions that move entries around: reshape, transpose, repeat, flip and their kin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.arrays.register import lift, positive, positives, refuse, stands_for
from autodiff.errors import OptionError, ShapeError
from autodiff.operations import arrays as ops
from autodiff.operations.operands import shape
from autodiff.operations.operands import shape as form

ALL = slice(None)


# --- shape ------------------------------------------------------------------------------------------------------
@stands_for(np.reshape)
def reshape(a: Any, shape: Any = None, order: Any = "C", *, newshape: Any = None, copy: Any = None) -> Any:
    """np.reshape; one length may be −1."""
    a = lift(a)
    wanted = shape if newshape is None else newshape
    full = np.empty(form(a), np.dtype([])).reshape(wanted, order=order).shape  # numpy works out −1, and may complain
    if order == "F":
        return transpose(ops.reshape(transpose(a), shape=full[::-1]))
    return ops.reshape(a, shape=full)


@stands_for(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """np.ravel: all entries in one row."""
    return reshape(a, -1, "F" if order == "F" else "C")


@stands_for(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """np.squeeze: without the axes of length 1."""
    a = lift(a)
    return ops.reshape(a, shape=np.empty(shape(a), np.dtype([])).squeeze(axis).shape)


@stands_for(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """np.expand_dims: with new axes of length 1."""
    a = lift(a)
    return ops.reshape(a, shape=np.expand_dims(np.empty(shape(a), np.dtype([])), axis).shape)


@stands_for(np.atleast_1d)
def atleast_1d(*arrays: Any) -> Any:
    """np.atleast_1d."""
    return _each(lambda a: a if shape(a) else ops.reshape(a, shape=(1,)), arrays)


@stands_for(np.atleast_2d)
def atleast_2d(*arrays: Any) -> Any:
    """np.atleast_2d: a vector becomes one row."""
    return _each(lambda a: a if len(shape(a)) > 1 else ops.reshape(a, shape=(1, math.prod(shape(a)))), arrays)


@stands_for(np.atleast_3d)
def atleast_3d(*arrays: Any) -> Any:
    """np.atleast_3d."""
    return _each(lambda a: ops.reshape(a, shape=np.atleast_3d(np.empty(shape(a), np.dtype([]))).shape), arrays)


def _each(function: Any, arrays: Sequence[Any]) -> Any:
    results = tuple(function(lift(a)) for a in arrays)
    return results[0] if len(results) == 1 else results


@stands_for(np.transpose, np.permute_dims)
def transpose(a: Any, axes: Any = None) -> Any:
    """np.transpose: the axes in another order, or reversed."""
    a = lift(a)
    n = len(shape(a))
    order = tuple(range(n))[::-1] if axes is None else tuple(positive(axis, n) for axis in axes)
    if sorted(order) != list(range(n)):
        raise OptionError(f"np.transpose needs each of the {n} axes once, not {axes}")
    return ops.transpose(a, axes=order)


@stands_for(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """np.swapaxes."""
    a = lift(a)
    order = list(range(len(shape(a))))
    i, j = positive(axis1, len(order)), positive(axis2, len(order))
    order[i], order[j] = j, i
    return ops.transpose(a, axes=tuple(order))


@stands_for(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """np.moveaxis."""
    a = lift(a)
    n = len(shape(a))
    old, new = positives(source, n), positives(destination, n)
    if len(old) != len(new):
        raise ShapeError(f"np.moveaxis: {len(new)} destinations for {len(old)} axes")
    moved = dict(zip(new, old, strict=True))
    rest = iter(k for k in range(n) if k not in moved.values())
    return ops.transpose(a, axes=tuple(moved[k] if k in moved else next(rest) for k in range(n)))


@stands_for(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """np.rollaxis: one axis moved to the place before another."""
    n = len(shape(a))
    axis, start = positive(axis, n), positive(start, n + 1) if start >= 0 else positive(start, n)
    return moveaxis(a, axis, start - 1 if axis < start else start)


@stands_for(np.copy)
def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """np.copy: the same, because nothing can write into it."""
    return lift(a)


@stands_for(np.astype)
def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """np.astype: in another precision."""
    refuse("astype", {"device": None if device == "cpu" else device})
    return lift(x).astype(dtype)


@stands_for(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    """np.matrix_transpose: the last two axes exchanged."""
    return swapaxes(x, -1, -2)


@stands_for(np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """np.broadcast_to."""
    return ops.broadcast_to(lift(array), shape=tuple(map(int, np.atleast_1d(shape))))


@stands_for(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    """np.broadcast_arrays."""
    arrays = [lift(a) for a in args]
    common = np.broadcast_shapes(*map(shape, arrays))
    return tuple(ops.broadcast_to(a, shape=common) for a in arrays)


# --- repeating and turning --------------------------------------------------------------------------------------
def cast(x: Any, dtype: Any) -> Any:
    """In the precision that a function was asked for, if it was."""
    return x if dtype is None else ops.astype(x, dtype=np.dtype(dtype))


@stands_for(np.repeat)
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """np.repeat: each entry several times."""
    a, axis = (ravel(a), 0) if axis is None else (lift(a), axis)
    axis = positive(axis, len(shape(a)))
    return along(a, np.repeat(np.arange(shape(a)[axis]), repeats), axis)


@stands_for(np.tile)
def tile(A: Any, reps: Any) -> Any:  # noqa: N803  # numpy's name
    """np.tile: the whole array several times."""
    a, counts = lift(A), tuple(np.atleast_1d(reps))
    ndim = max(len(shape(a)), len(counts))
    a = ops.reshape(a, shape=(1,) * (ndim - len(shape(a))) + shape(a))
    for axis, count in enumerate((1,) * (ndim - len(counts)) + counts):
        if count != 1:
            a = along(a, np.tile(np.arange(shape(a)[axis]), count), axis)
    return a


@stands_for(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """np.roll: shifted, with what falls off put back at the other end."""
    a = lift(a)
    if axis is None:
        return reshape(roll(ravel(a), shift, 0), shape(a))
    for step, where in np.broadcast(shift, axis):
        k = positive(where, len(shape(a)))
        a = along(a, np.roll(np.arange(shape(a)[k]), step), k)
    return a


@stands_for(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """np.flip: in reverse order."""
    m = lift(m)
    axes = positives(axis, len(shape(m)))
    return ops.getitem(m, index=tuple(slice(None, None, -1) if k in axes else ALL for k in range(len(shape(m)))))


@stands_for(np.flipud)
def flipud(m: Any) -> Any:
    """np.flipud."""
    return flip(m, 0)


@stands_for(np.fliplr)
def fliplr(m: Any) -> Any:
    """np.fliplr."""
    return flip(m, 1)


@stands_for(np.rot90)
def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """np.rot90: a quarter turn, k times."""
    m = lift(m)
    for _ in range(k % 4):
        m = flip(swapaxes(m, *axes), axes[0])
    return m


def along(a: Any, numbers: Any, axis: int) -> Any:
    """The entries with these numbers along an axis."""
    return ops.getitem(a, index=(*(ALL,) * axis, numbers))

"""Functions that choose entries: indexing, where, clip, sort, take, diagonals and triangles."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.arrays.reducing import sum_
from autodiff.arrays.register import lift, positive, refuse, stands_for
from autodiff.arrays.shaping import along, ravel
from autodiff.errors import OptionError, ShapeError, UnsupportedError
from autodiff.operations import arrays as ops
from autodiff.operations.elementary import maximum, minimum
from autodiff.operations.operands import plain, shape

ALL = slice(None)


def getitem(x: Any, index: Any) -> Any:
    """x[index] for every index that numpy takes: numbers, slices, None, …, arrays of numbers, masks."""
    parts = index if isinstance(index, tuple) else (index,)
    found: list[Any] = []
    for part in parts:
        part = plain(part)  # a Var as an index would have no derivative to give; numpy refuses floats
        if isinstance(part, (list, np.ndarray)):
            part = np.asarray(part) if np.size(part) or hasattr(part, "dtype") else np.asarray(part, dtype=int)
        elif isinstance(part, (np.integer, np.bool_)):
            part = part.item()
        found.append(part)
    places = [k for k, part in enumerate(found) if part is Ellipsis]
    if len(places) == 1:  # numpy refuses several
        [dots] = places
        used = 0
        for part in found:
            if isinstance(part, (bool, np.ndarray)) and np.asarray(part).dtype == bool:
                used += np.ndim(part)
            elif part is not None and part is not Ellipsis:
                used += 1
        found[dots : dots + 1] = [ALL] * (len(shape(x)) - used)
    return ops.getitem(x, index=tuple(found))


@stands_for(np.where)
def where(condition: Any, *branches: Any) -> Any:
    """np.where: the derivative follows the entries that are chosen; the other branch may be nan or inf there."""
    condition = plain(lift(condition))
    if not branches:
        return np.where(condition)
    x, y = map(lift, branches)
    if not np.ndim(condition) and not shape(x) and not shape(y):
        return x if condition else y
    return ops.where(x, y, mask=condition)


@stands_for(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """np.select: the first choice whose condition holds."""
    if len(condlist) != len(choicelist):
        raise ShapeError(f"np.select: {len(choicelist)} choices for {len(condlist)} conditions")
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = where(condition, choice, result)
    return result


@stands_for(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None,  # noqa: A002
         **options: Any) -> Any:  # fmt: skip
    """np.clip: slope 1 between the limits, 0 outside, ½ on a limit."""
    refuse("clip", {"out": out, **options})
    x, low, high = lift(a), a_min if min is None else min, a_max if max is None else max
    x = x if low is None or low is np._NoValue else maximum(x, lift(low))
    return x if high is None or high is np._NoValue else minimum(x, lift(high))


@stands_for(np.nan_to_num)
def nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """np.nan_to_num: entries that are replaced have no slope."""
    x = lift(x)
    values = plain(x)
    return ops.where(x, np.nan_to_num(values, nan=nan, posinf=posinf, neginf=neginf), mask=np.isfinite(values))


@stands_for(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """np.sort: the derivative follows each entry to its place; equal entries keep their order."""
    refuse("sort", {"order": order})
    x = lift(a)
    if axis is None:
        x, axis = ravel(x), 0
    return take_along_axis(x, np.argsort(plain(x), axis=axis, kind="stable"), axis)


@stands_for(np.partition)
def partition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    """np.partition."""
    refuse("partition", {"order": order})
    x = lift(a)
    if axis is None:
        x, axis = ravel(x), 0
    return take_along_axis(x, np.argpartition(plain(x), kth, axis=axis), axis)


@stands_for(np.take)
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    """np.take: entries by number; one that is taken twice gets both slopes."""
    refuse("take", {"out": out})
    x, axis = (ravel(a), 0) if axis is None else (lift(a), positive(axis, len(shape(a))))
    numbers = in_range(np.asarray(indices), shape(x)[axis], mode)
    if not x.size:  # numpy decides what may be taken from an empty array
        return np.take(plain(x), numbers, axis, mode=mode)  # type: ignore[call-overload]
    return along(x, numbers if numbers.ndim else int(numbers), axis)


def in_range(numbers: Any, n: int, mode: str) -> Any:
    """The numbers of entries among n; those out of range are wrapped or clipped if the mode says so."""
    if mode not in ("raise", "wrap", "clip"):
        raise OptionError(f"mode is 'raise', 'wrap' or 'clip', not {mode!r}")
    if mode == "raise" or not n:
        return numbers
    return numbers % n if mode == "wrap" else np.clip(numbers, 0, n - 1)


@stands_for(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    """np.take_along_axis."""
    x, axis = (ravel(arr), 0) if axis is None else (lift(arr), positive(axis, len(shape(arr))))
    grid = list(np.ogrid[tuple(slice(n) for n in np.shape(indices))])
    for k, n in enumerate(shape(x)):
        if k != axis and n == 1:
            grid[k] = np.zeros_like(grid[k])
    grid[axis] = np.asarray(indices)
    return ops.getitem(x, index=tuple(grid))


@stands_for(np.compress)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    """np.compress: the entries whose condition holds."""
    refuse("compress", {"out": out})
    return take(a, np.flatnonzero(plain(condition)), axis)


@stands_for(np.delete)
def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    """np.delete: without some entries."""
    x, axis = (ravel(arr), 0) if axis is None else (lift(arr), positive(axis, len(shape(arr))))
    return along(x, np.delete(np.arange(shape(x)[axis]), obj), axis)


# --- diagonals and triangles ------------------------------------------------------------------------------------
@stands_for(np.linalg.diagonal)
def diagonals(x: Any, /, *, offset: int = 0) -> Any:
    """np.linalg.diagonal: of the last two axes."""
    return diagonal(x, offset, -2, -1)


@stands_for(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int | None = None, axis2: int | None = None) -> Any:
    """np.diagonal: the diagonal of the matrices along two axes, as the last axis."""
    x = lift(a)
    n = len(shape(x))
    first, second = positive(0 if axis1 is None else axis1, n), positive(1 if axis2 is None else axis2, n)
    rest = tuple(k for k in range(n) if k not in (first, second))
    x = ops.transpose(x, axes=(*rest, first, second))
    down, right = max(-offset, 0), max(offset, 0)
    rows = np.arange(max(min(shape(x)[-2] - down, shape(x)[-1] - right), 0))
    return ops.getitem(x, index=(*(ALL,) * len(rest), rows + down, rows + right))


@stands_for(np.linalg.trace)
def traces(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """np.linalg.trace: of the last two axes."""
    return trace(x, offset, -2, -1, dtype)


@stands_for(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    """np.trace: the sum of the diagonal."""
    refuse("trace", {"out": out})
    return sum_(diagonal(a, offset, axis1, axis2), -1, dtype)


@stands_for(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """np.diag: the diagonal of a matrix, or the matrix with a given diagonal."""
    x = lift(v)
    if len(shape(x)) == 2:
        return diagonal(x, k)
    if len(shape(x)) != 1:
        raise ShapeError(f"np.diag needs a vector or a matrix, not an array of shape {shape(x)}")
    rows = np.arange(shape(x)[0])
    n = len(rows) + abs(k)
    return ops.scatter(x, index=(rows + max(-k, 0), rows + max(k, 0)), shape=(n, n))


def _below(x: Any, k: int) -> Any:
    """A mask of the entries on the k-th diagonal and below."""
    rows, columns = (shape(x) * 2)[-2:]  # numpy makes a square matrix of a vector
    return np.tri(rows, columns, k, bool)


@stands_for(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """np.tril: zeros above a diagonal."""
    x = lift(m)
    return ops.where(x, 0.0, mask=_below(x, k))


@stands_for(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """np.triu: zeros below a diagonal."""
    x = lift(m)
    return ops.where(0.0, x, mask=_below(x, k - 1))


@stands_for(np.full_like)
def full_like(a: Any, fill_value: Any, *args: Any, **options: Any) -> Any:
    """np.full_like: the fill value keeps its derivative."""
    empty = np.empty_like(plain(lift(a)), *args, **options)
    return ops.astype(ops.broadcast_to(lift(fill_value), shape=np.shape(empty)), dtype=empty.dtype)


@stands_for(np.put, np.copyto, np.place, np.putmask, np.fill_diagonal, np.put_along_axis)
def write_into(*_: Any, **__: Any) -> Any:
    """The functions that write into an array."""
    raise UnsupportedError(
        "writing into an array would drop a derivative: build a new one with np.where(mask, new, old), "
        "np.concatenate([…]) or np.stack([…])"
    )

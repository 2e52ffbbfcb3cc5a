"""Functions that build an array from others: pad, insert, choose, piecewise, apply_along_axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.arrays.joining import concatenate, stack
from autodiff.arrays.register import lift, positive, refuse, stands_for
from autodiff.arrays.selecting import diag, in_range, take, where
from autodiff.arrays.shaping import along, cast, moveaxis, ravel
from autodiff.errors import OptionError, ShapeError, UnsupportedError
from autodiff.operations import arrays as ops
from autodiff.operations.array_rule import precision
from autodiff.operations.operands import plain, shape

ALL = slice(None)


# --- more entries -----------------------------------------------------------------------------------------------
@stands_for(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """np.pad with constants or with its own entries: mode constant, edge, reflect, symmetric or wrap."""
    x = lift(array)
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap"):
        raise UnsupportedError(f"np.pad with mode={mode!r} has no rule for Duals and Vars")
    widths = np.broadcast_to(_widths(pad_width, len(shape(x))), (len(shape(x)), 2)).tolist()
    if mode == "constant":
        return _pad_constant(x, widths, **options)
    if options.get("reflect_type", "even") != "even":
        refuse("pad", {"reflect_type": options["reflect_type"]})
    for axis, width in enumerate(widths):
        if any(width):
            x = along(x, np.pad(np.arange(shape(x)[axis]), width, mode, **options), axis)
    return x


def _widths(pad_width: Any, ndim: int) -> Any:
    if not isinstance(pad_width, dict):
        return pad_width
    widths: list[Any] = [(0, 0)] * ndim
    for axis, width in pad_width.items():
        widths[positive(axis, ndim)] = (width, width) if np.ndim(width) == 0 else width
    return widths


def _pad_constant(x: Any, widths: list[list[int]], constant_values: Any = 0) -> Any:
    inside = tuple(slice(before, before + n) for (before, _), n in zip(widths, shape(x), strict=True))
    full = tuple(sum(width) + n for width, n in zip(widths, shape(x), strict=True))
    result = ops.scatter(x, index=inside, shape=full)
    around = lift(constant_values)
    if hasattr(around, "level"):
        if shape(around):
            raise UnsupportedError("np.pad takes one constant_values= that has a derivative, not several")
    else:
        around = np.pad(np.zeros(shape(x), precision(x)), widths, constant_values=around)
    mask = np.zeros(full, bool)
    mask[inside] = True
    return ops.where(result, around, mask=mask)


@stands_for(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """np.insert: new entries before those with the given numbers."""
    x, axis = (ravel(arr), 0) if axis is None else (lift(arr), positive(axis, len(shape(arr))))
    n, new = shape(x)[axis], lift(values)
    before = np.arange(n)[obj] if isinstance(obj, slice) else np.asarray(plain(obj))
    before = np.flatnonzero(before) if before.dtype == bool else before.astype(int) if not before.size else before
    if len(shape(new)) < len(shape(x)):
        new = ops.reshape(new, shape=(1,) * (len(shape(x)) - len(shape(new))) + shape(new))
    if before.ndim == 0:  # as in numpy: the first axis of the values is the one that is inserted
        new = moveaxis(new, 0, axis)
    count = shape(new)[axis] if before.size == 1 else before.size
    new = ops.broadcast_to(new, shape=tuple(count if k == axis else length for k, length in enumerate(shape(x))))
    new = cast(new, precision(x) if np.dtype(precision(x)).kind == "f" else None)
    order = np.insert(np.arange(n), before if before.size != 1 else before.item(), n + np.arange(count))
    return along(concatenate([x, new], axis), order, axis)


@stands_for(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """np.diagflat: the matrix with all the entries on a diagonal."""
    return diag(ravel(v), k)


# --- choices ----------------------------------------------------------------------------------------------------
@stands_for(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """np.extract: the entries whose condition holds."""
    return take(ravel(arr), np.flatnonzero(plain(condition)))


@stands_for(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """np.choose: each entry from the choice with its number."""
    refuse("choose", {"out": out})
    options = [lift(choice) for choice in choices]
    n = len(options)
    numbers = in_range(np.asarray(plain(a)), n, mode)
    if np.any((numbers < 0) | (numbers >= n)):
        raise OptionError(f"np.choose: there are {n} choices, numbered from 0")
    result = options[0]
    for k, choice in enumerate(options):
        result = where(numbers == k, choice, result)
    return result


@stands_for(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """np.piecewise: each function sees the entries whose condition holds; the last that holds counts."""
    x = lift(x)
    single = isinstance(condlist, (bool, np.bool_)) or (np.ndim(condlist[0]) == 0 and shape(x))
    conditions = [np.broadcast_to(plain(c), shape(x)) for c in ([condlist] if single else condlist)]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(conditions, axis=0))
    if len(funclist) != len(conditions):
        raise ShapeError(f"np.piecewise: {len(funclist)} functions for {len(conditions)} conditions")
    result: Any = np.zeros(shape(x), precision(x))
    for condition, function in zip(conditions, funclist, strict=True):
        found = function
        if callable(function):
            chosen = ops.getitem(x, index=(np.atleast_1d(condition),)) if shape(x) else x
            if not np.any(condition):
                continue
            found = lift(function(chosen, *args, **kw))
            if shape(x):
                some = ops.broadcast_to(found, shape=shape(chosen))
                found = ops.scatter(some, index=(condition,), shape=shape(x))
        result = where(condition, found, result)
    return result


@stands_for(np.apply_along_axis)
def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """np.apply_along_axis: a function of each of the vectors along an axis."""
    x = lift(arr)
    axis = positive(axis, len(shape(x)))
    rest = (*shape(x)[:axis], *shape(x)[axis + 1 :])
    vectors = ops.reshape(moveaxis(x, axis, -1), shape=(int(np.prod(rest)), shape(x)[axis]))
    results = stack([func1d(vector, *args, **kwargs) for vector in vectors])
    its = shape(results)[1:]
    results = ops.reshape(results, shape=(*rest, *its))
    first = range(len(rest), len(rest) + len(its))
    return moveaxis(results, tuple(first), tuple(range(axis, axis + len(its))))

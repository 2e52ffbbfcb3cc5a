"""Functions that work along axes: sums, means, extremes, norms, cumulative sums."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.arrays.door import lift, positive, positives, refuse, stands_for
from autodiff.arrays.shaping import ravel, swapaxes
from autodiff.operations import arrays as ops
from autodiff.operations.array_rule import kept, shape

NONE = np._NoValue


def _flag(keepdims: Any) -> bool:
    return keepdims is not NONE and bool(keepdims)


def _masked(x: Any, where: Any, neutral: float) -> Any:
    return x if where is NONE or where is True else ops.where(x, neutral, mask=np.asarray(where))


def _cast(x: Any, dtype: Any) -> Any:
    return x if dtype is None else ops.astype(x, dtype=np.dtype(dtype))


@stands_for(np.sum)
def sum_(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NONE, initial: Any = NONE,
         where: Any = NONE) -> Any:  # fmt: skip
    """np.sum."""
    if out is not None:
        refuse("sum", {"out": out})
    x = a if hasattr(a, "level") else lift(a)
    if where is not NONE or dtype is not None:
        x = _masked(_cast(x, dtype), where, 0.0)
    if not shape(x):
        return x if initial is NONE else initial + x
    result = ops.sum_(x, axis=positives(axis, len(shape(x))), keepdims=_flag(keepdims))
    return result if initial is NONE else initial + result


@stands_for(np.mean)
def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NONE, **options: Any) -> Any:
    """np.mean."""
    if out is not None or options:
        refuse("mean", {"out": out, **options})
    x = _cast(a if hasattr(a, "level") else lift(a), dtype)
    ndim = len(shape(x))
    return ops.mean(x, axis=positives(axis, ndim), keepdims=_flag(keepdims)) if ndim else x


def _count(x: Any, axis: Any) -> int:
    return math.prod(shape(x)[k] for k in positives(axis, len(shape(x))))


@stands_for(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = NONE) -> Any:
    """np.average."""
    refuse("average", {"returned": returned or None})
    if weights is None:
        return mean(a, axis, keepdims=keepdims)
    x, w = lift(a), lift(weights)
    if shape(w) != shape(x):
        w = ops.reshape(w, shape=tuple(n if k in positives(axis, len(shape(x))) else 1 for k, n in enumerate(shape(x))))
    return sum_(x * w, axis, keepdims=keepdims) / sum_(w + 0 * x, axis, keepdims=keepdims)


@stands_for(np.var)
def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = NONE,
        **options: Any) -> Any:  # fmt: skip
    """np.var: the mean square distance from the mean."""
    ddof = options.pop("correction", ddof)
    refuse("var", {"out": out, **options})
    x = _cast(lift(a), dtype)
    away = x - mean(x, axis, keepdims=True)
    return sum_(away * away, axis, keepdims=keepdims) / (_count(x, axis) - ddof)


@stands_for(np.std)
def std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = NONE,
        **options: Any) -> Any:  # fmt: skip
    """np.std: the root of the variance; slope 0 where all entries are equal."""
    ddof = options.pop("correction", ddof)
    refuse("std", {"out": out, **options})
    x = _cast(lift(a), dtype)
    return ops.std(x, axis=positives(axis, len(shape(x))), keepdims=_flag(keepdims), ddof=ddof)


@stands_for(np.prod)
def prod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NONE, initial: Any = NONE,
         where: Any = NONE) -> Any:  # fmt: skip
    """np.prod, by multiplying halves: zeros among the entries need no special rule."""
    refuse("prod", {"out": out})
    x = _masked(_cast(lift(a), dtype), where, 1.0)
    full = kept(shape(x), positives(axis, len(shape(x))))
    for k in positives(axis, len(shape(x))):
        x = _product(x, k)
    if not _flag(keepdims):
        axes = positives(axis, len(full))
        x = ops.reshape(x, shape=tuple(n for k, n in enumerate(full) if k not in axes)) if full else x
    return x if initial is NONE else initial * x


def _product(x: Any, axis: int) -> Any:
    front = (slice(None),) * axis
    if shape(x)[axis] == 0:
        return np.ones(kept(shape(x), (axis,)), x.dtype)
    while (n := shape(x)[axis]) > 1:
        halves = [ops.getitem(x, index=(*front, part)) for part in (slice(0, n // 2), slice(n // 2, 2 * (n // 2)))]
        product = halves[0] * halves[1]
        rest = ops.getitem(x, index=(*front, slice(n - 1, n))) if n % 2 else None
        x = product if rest is None else ops.concatenate(product, rest, axis=axis, ends=(n // 2, n // 2 + 1))
    return x


@stands_for(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """np.cumsum."""
    refuse("cumsum", {"out": out})
    x, axis = (ravel(a), 0) if axis is None else (lift(a), axis)
    return ops.cumsum(_cast(x, dtype), axis=positive(axis, len(shape(x))))


@stands_for(np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """np.cumprod, by doubling: zeros among the entries need no special rule."""
    refuse("cumprod", {"out": out})
    x, axis = (ravel(a), 0) if axis is None else (lift(a), positive(axis, len(shape(a))))
    x, front, step = _cast(x, dtype), (slice(None),) * axis, 1
    while step < shape(x)[axis]:
        first, early, late = (ops.getitem(x, index=(*front, part)) for part in
                              (slice(0, step), slice(0, -step), slice(step, None)))  # fmt: skip
        x = ops.concatenate(first, late * early, axis=axis, ends=(step, shape(x)[axis]))
        step *= 2
    return x


def _extreme(name: str, operation: Any) -> Any:
    def function(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NONE, initial: Any = NONE,
                 where: Any = NONE) -> Any:  # fmt: skip
        refuse(name, {"out": out, "initial": initial, "where": where})
        x = lift(a)
        if not shape(x):
            return x
        return operation(x, axis=positives(axis, len(shape(x))), keepdims=_flag(keepdims))

    function.__doc__ = f"np.{name}; entries that are equally extreme share the slope."
    return function


max_ = stands_for(np.max, np.amax)(_extreme("max", ops.amax))
min_ = stands_for(np.min, np.amin)(_extreme("min", ops.amin))


@stands_for(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NONE) -> Any:
    """np.ptp: the largest minus the smallest entry."""
    return max_(a, axis, out, keepdims) - min_(a, axis, out, keepdims)


def _ignoring_nan(name: str, function: Any, neutral: float) -> Any:
    def nan_function(a: Any, *args: Any, **options: Any) -> Any:
        x = lift(a)
        return function(ops.where(neutral, x, mask=x != x), *args, **options)

    nan_function.__doc__ = f"np.{name}: NaN entries count as {neutral:g} and get no slope."
    return nan_function


nansum = stands_for(np.nansum)(_ignoring_nan("nansum", sum_, 0.0))
nanprod = stands_for(np.nanprod)(_ignoring_nan("nanprod", prod, 1.0))
nanmax_ = stands_for(np.nanmax)(_ignoring_nan("nanmax", max_, -np.inf))
nanmin_ = stands_for(np.nanmin)(_ignoring_nan("nanmin", min_, np.inf))


@stands_for(np.nanmean)
def nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NONE) -> Any:
    """np.nanmean: the mean of the entries that are numbers."""
    x = lift(a)
    counts = np.sum(x == x, axis=axis, keepdims=_flag(keepdims), dtype=getattr(x, "dtype", float))
    return nansum(x, axis, dtype, out, keepdims) / counts


@stands_for(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = NONE, append: Any = NONE) -> Any:
    """np.diff: each entry minus the one before."""
    refuse("diff", {"prepend": prepend, "append": append})
    x = lift(a)
    front = (slice(None),) * positive(axis, len(shape(x)))
    for _ in range(n):
        late, early = (ops.getitem(x, index=(*front, part)) for part in (slice(1, None), slice(0, -1)))
        x = late - early
    return x


@stands_for(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """np.trapezoid: the area under a line through the points."""
    y = swapaxes(y, axis, -1) if shape(y) else lift(y)
    steps = dx if x is None else diff(lift(x) if len(shape(x)) == 1 else swapaxes(x, axis, -1))
    return sum_(steps * (y[..., 1:] + y[..., :-1]) / 2, -1)

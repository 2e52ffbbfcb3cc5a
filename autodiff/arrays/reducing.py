"""Functions that reduce axes: sums, means, products, variances, extremes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.arrays.register import lift, positives, refuse, stands_for
from autodiff.arrays.shaping import cast
from autodiff.errors import OptionError
from autodiff.operations import arrays as ops
from autodiff.operations import reductions
from autodiff.operations.array_rule import kept, precision
from autodiff.operations.elementary import maximum, minimum
from autodiff.operations.operands import plain, shape

NONE = np._NoValue


def _flag(keepdims: Any) -> bool:
    return keepdims is not NONE and bool(keepdims)


def _masked(x: Any, where: Any, neutral: float) -> Any:
    return x if where is NONE or where is True else ops.where(x, neutral, mask=np.asarray(where))


@stands_for(np.sum)
def sum_(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NONE, initial: Any = NONE,
         where: Any = NONE) -> Any:  # fmt: skip
    """np.sum."""
    if out is not None:
        refuse("sum", {"out": out})
    x = a if hasattr(a, "level") else lift(a)
    if where is not NONE or dtype is not None:
        x = _masked(cast(x, dtype), where, 0.0)
    if not shape(x):
        return x if initial is NONE else initial + x
    result = ops.sum_(x, axis=positives(axis, len(shape(x))), keepdims=_flag(keepdims))
    return result if initial is NONE else initial + result


@stands_for(np.mean)
def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NONE, *,
         where: Any = NONE) -> Any:  # fmt: skip
    """np.mean."""
    if out is not None:
        refuse("mean", {"out": out})
    x = cast(a if hasattr(a, "level") else lift(a), dtype)
    ndim = len(shape(x))
    if where is NONE or where is True:
        return ops.mean(x, axis=positives(axis, ndim), keepdims=_flag(keepdims)) if ndim else x
    return sum_(x, axis, keepdims=keepdims, where=where) / _counts(x, axis, keepdims, where)


def _counts(x: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """How many entries there are to reduce."""
    axes = positives(axis, len(shape(x)))
    if where is NONE or where is True:
        return math.prod(shape(x)[k] for k in axes)
    mask = np.broadcast_to(plain(where), shape(x))
    return np.sum(mask, axis=axes, keepdims=_flag(keepdims), dtype=precision(x))


@stands_for(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = NONE) -> Any:
    """np.average."""
    refuse("average", {"returned": returned or None})
    if weights is None:
        return mean(a, axis, keepdims=keepdims)
    x, w = lift(a), lift(weights)
    if shape(w) != shape(x):
        w = ops.reshape(w, shape=tuple(n if k in positives(axis, len(shape(x))) else 1 for k, n in enumerate(shape(x))))
    every = ops.broadcast_to(w, shape=np.broadcast_shapes(shape(w), shape(x)))
    return sum_(x * w, axis, keepdims=keepdims) / sum_(every, axis, keepdims=keepdims)


@stands_for(np.var)
def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = NONE, *,
        where: Any = NONE, mean: Any = NONE, correction: Any = NONE) -> Any:  # fmt: skip
    """np.var: the mean square distance from the mean."""
    refuse("var", {"out": out, "mean": mean})
    x = cast(lift(a), dtype)
    away = _away(x, axis, where)
    ddof = ddof if correction is NONE else correction
    return sum_(away * away, axis, keepdims=keepdims) / _free(_counts(x, axis, keepdims, where), ddof)


def _away(x: Any, axis: Any, where: Any) -> Any:
    """Distances from the mean; 0 for entries that are left out."""
    return _masked(x - mean(x, axis, keepdims=True, where=where), where, 0.0)


def _free(counts: Any, ddof: float) -> Any:
    """The degrees of freedom; where the counts are an array, at least 0."""
    return counts - ddof if np.ndim(counts) == 0 else np.where(counts > ddof, counts - ddof, 0)


@stands_for(np.std)
def std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = NONE, *,
        where: Any = NONE, mean: Any = NONE, correction: Any = NONE) -> Any:  # fmt: skip
    """np.std: the root of the variance; slope 0 where all entries are equal."""
    refuse("std", {"out": out, "mean": mean})
    x = cast(lift(a), dtype)
    axes, ddof = positives(axis, len(shape(x))), ddof if correction is NONE else correction
    if where is NONE or where is True:
        return reductions.std(x, axis=axes, keepdims=_flag(keepdims), ddof=ddof)
    distance = reductions.norm(_away(x, axes, where), axis=axes, keepdims=_flag(keepdims))
    return distance / np.sqrt(_free(_counts(x, axes, keepdims, where), ddof))


@stands_for(np.prod)
def prod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = NONE, initial: Any = NONE,
         where: Any = NONE) -> Any:  # fmt: skip
    """np.prod, by multiplying halves: zeros among the entries need no special rule."""
    refuse("prod", {"out": out})
    x = _masked(cast(lift(a), dtype), where, 1.0)
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


def _extreme(name: str, operation: Any, larger: Any, least: float) -> Any:
    def function(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NONE, initial: Any = NONE,
                 where: Any = NONE) -> Any:  # fmt: skip
        if out is not None:
            refuse(name, {"out": out})
        x = lift(a)
        if where is not NONE and where is not True:
            if initial is NONE:
                raise OptionError(f"np.{name}(…, where=…) needs initial=, in case nothing is chosen")
            x = _masked(x, where, least)
        if not shape(x):
            return x if initial is NONE else larger(x, lift(initial))
        axes, kept_dims = positives(axis, len(shape(x))), _flag(keepdims)
        if initial is NONE:
            return operation(x, axis=axes, keepdims=kept_dims)
        if not math.prod(shape(x)):
            full = np.sum(np.empty(shape(x)), axes, keepdims=kept_dims).shape
            return cast(ops.broadcast_to(lift(initial), shape=full), precision(x))
        return larger(operation(x, axis=axes, keepdims=kept_dims), lift(initial))

    function.__doc__ = f"np.{name}; entries that are equally extreme share the slope."
    return function


max_ = stands_for(np.max, np.amax)(_extreme("max", reductions.amax, maximum, -np.inf))
min_ = stands_for(np.min, np.amin)(_extreme("min", reductions.amin, minimum, np.inf))


@stands_for("logaddexp.reduce")
def logsumexp(a: Any, axis: Any = 0, keepdims: Any = NONE, **options: Any) -> Any:
    """np.logaddexp.reduce: the logarithm of the sum of exponentials."""
    refuse("logaddexp.reduce", options)
    x = lift(a)
    return reductions.logsumexp(x, axis=positives(axis, len(shape(x))), keepdims=_flag(keepdims))


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


def _numbers_only(name: str, function: Any) -> Any:
    def nan_function(a: Any, *args: Any, **options: Any) -> Any:
        x = lift(a)
        known = x == x
        where = options.pop("where", NONE)
        chosen = known if where is NONE else known & plain(where)
        return function(ops.where(x, 0.0, mask=known), *args, where=chosen, **options)

    nan_function.__doc__ = f"np.{name}: of the entries that are numbers."
    return nan_function


nanmean = stands_for(np.nanmean)(_numbers_only("nanmean", mean))
nanvar = stands_for(np.nanvar)(_numbers_only("nanvar", var))
nanstd = stands_for(np.nanstd)(_numbers_only("nanstd", std))

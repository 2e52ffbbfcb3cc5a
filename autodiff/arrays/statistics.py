"""Functions of samples of numbers: quantiles, covariances."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.arrays.joining import concatenate
from autodiff.arrays.reducing import mean
from autodiff.arrays.register import lift, positives, refuse, stands_for
from autodiff.arrays.selecting import diagonal, sort
from autodiff.arrays.shaping import atleast_2d, cast, squeeze, transpose
from autodiff.errors import OptionError, UnsupportedError
from autodiff.operations import arrays as ops
from autodiff.operations import products
from autodiff.operations.array_rule import kept, precision
from autodiff.operations.elementary import sqrt
from autodiff.operations.operands import PLAIN, plain, shape

NONE = np._NoValue


# --- quantiles --------------------------------------------------------------------------------------------------
def _line(low: Any, high: Any, share: Any) -> Any:
    return low + (high - low) * share


def _middle(low: Any, high: Any, share: Any) -> Any:
    return (low + high) / 2


METHODS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "linear": _line,
    "midpoint": _middle,
    "lower": lambda low, high, share: low,
    "higher": lambda low, high, share: high,
}


def _ranked(a: Any, q: Any, axis: Any, keepdims: Any, blend: Callable[[Any, Any, Any], Any], skip: bool,
            whole: float = 1) -> Any:  # fmt: skip
    """Between the two entries whose ranks enclose the quantile's; without `skip`, NaN among the entries gives NaN."""
    x = lift(a)
    q = (np.asarray(q, precision(x))[()] if type(q) in PLAIN else lift(q)) / whole
    if not np.all((plain(q) >= 0) & (plain(q) <= 1)):
        raise OptionError("quantiles lie between 0 and 1, percentiles between 0 and 100")
    axes = positives(axis, len(shape(x)))
    rest = tuple(k for k in range(len(shape(x))) if k not in axes)
    lengths, full = tuple(shape(x)[k] for k in rest), kept(shape(x), axes)
    n = math.prod(shape(x)[k] for k in axes)
    x = sort(ops.reshape(ops.transpose(x, axes=(*rest, *axes)), shape=(*lengths, n)))
    missing = np.isnan(plain(x)).sum(axis=-1)
    place = ops.reshape(q, shape=(*shape(q), *(1,) * len(rest))) * (n - 1 - (missing if skip else 0 * missing))
    place = cast(place, precision(q * ops.getitem(x, index=(*(0,) * len(rest), slice(0, 1)))))
    below = np.floor(plain(place))
    grid = np.ogrid[tuple(slice(length) for length in lengths)] if lengths else ()
    low, high = (
        ops.getitem(x, index=(*grid, ranks.astype(int) if np.ndim(ranks) else int(ranks)))
        for ranks in (below, np.ceil(plain(place)))
    )
    result = blend(low, high, place - below)
    if not skip and np.any(missing):
        result = ops.where(np.nan, result, mask=missing > 0)
    return ops.reshape(result, shape=(*shape(q), *full)) if keepdims is not NONE and keepdims else result


def _quantile(name: str, whole: float, skip: bool) -> Any:
    def function(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
                 method: str = "linear", keepdims: Any = NONE, **options: Any) -> Any:  # fmt: skip
        refuse(name, {"out": out, **options})
        if method not in METHODS:
            raise UnsupportedError(f"np.{name} with method={method!r} has no rule for Duals and Vars: use 'linear'")
        return _ranked(a, q, axis, keepdims, METHODS[method], skip, whole)

    function.__doc__ = f"np.{name}: the derivative follows the two entries between which it lies."
    return function


quantile = stands_for(np.quantile)(_quantile("quantile", 1, skip=False))
percentile = stands_for(np.percentile)(_quantile("percentile", 100, skip=False))
nanquantile = stands_for(np.nanquantile)(_quantile("nanquantile", 1, skip=True))
nanpercentile = stands_for(np.nanpercentile)(_quantile("nanpercentile", 100, skip=True))


def _median(name: str, skip: bool) -> Any:
    def function(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = NONE) -> Any:
        refuse(name, {"out": out})
        return _ranked(a, 0.5, axis, keepdims, _middle, skip)

    function.__doc__ = f"np.{name}: the middle entry, or the mean of the two in the middle."
    return function


median = stands_for(np.median)(_median("median", skip=False))
nanmedian = stands_for(np.nanmedian)(_median("nanmedian", skip=True))


# --- covariances ------------------------------------------------------------------------------------------------
@stands_for(np.cov)
def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None, fweights: Any = None,
        aweights: Any = None, *, dtype: Any = None) -> Any:  # fmt: skip
    """np.cov: the covariances of the variables, each of which is a row."""
    refuse("cov", {"fweights": fweights, "aweights": aweights})
    variables = [lift(v) for v in (m, y) if v is not None]
    rows = [atleast_2d(v) if rowvar or len(shape(v)) == 1 else transpose(v) for v in variables]
    x = concatenate(rows, dtype=float if dtype is None else dtype)  # as in numpy, double unless told otherwise
    away = x - mean(x, 1, keepdims=True)
    free = shape(x)[1] - ((0 if bias else 1) if ddof is None else ddof)
    return squeeze(products.matmul(away, ops.swap(away)) / (free if free > 0 else 0.0))


@stands_for(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """np.corrcoef: the covariances divided by the standard deviations."""
    c = cov(x, y, rowvar, dtype=dtype)
    if not shape(c):
        return c / c
    deviations = sqrt(diagonal(c))
    return c / ops.reshape(deviations, shape=(*shape(deviations), 1)) / deviations

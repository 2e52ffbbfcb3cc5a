"""Functions of samples and polynomials: grids, interpolation, convolution, powers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.arrays.joining import concatenate
from autodiff.arrays.register import lift, refuse, stands_for
from autodiff.arrays.shaping import cast, flip, moveaxis
from autodiff.errors import OptionError, ShapeError
from autodiff.operations import arrays as ops
from autodiff.operations import products
from autodiff.operations.array_rule import precision
from autodiff.operations.operands import plain, shape


@stands_for(np.linspace)
def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
             axis: int = 0, *, device: Any = None) -> Any:  # fmt: skip
    """np.linspace: evenly spaced from start to stop; the derivative follows both."""
    refuse("linspace", {"device": None if device == "cpu" else device})
    first, last = lift(start), lift(stop)
    count = num - 1 if endpoint else num
    away = last - first + 0.0
    places = np.arange(num, dtype=precision(away)).reshape(-1, *(1,) * len(shape(away)))
    steps = places * away / count if count > 0 else places * away
    result = moveaxis(first + steps, 0, axis)
    if retstep:
        return cast(result, dtype), away / count if count > 0 else np.nan
    return cast(result, dtype)


@stands_for(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """np.interp: along a line through the points; at a point, the slope is that on its right."""
    x, xp, fp = lift(x), lift(xp), lift(fp)
    if len(shape(xp)) != 1 or shape(xp) != shape(fp) or not shape(xp)[0]:
        raise ShapeError(f"np.interp needs as many values as points, at least one, not {shape(fp)} for {shape(xp)}")
    if period is not None:
        x, xp, fp = _unrolled(x, xp, fp, abs(lift(period)))
        left = right = None
    points, n = plain(xp), shape(xp)[0]
    numbers = np.searchsorted(points, plain(x), side="right") - 1
    numbers = np.clip(numbers, 0, n - 2 if n > 1 else 0)
    index: Any = numbers if np.ndim(numbers) else int(numbers)
    begin, low = ops.getitem(xp, index=(index,)), ops.getitem(fp, index=(index,))
    if n > 1:
        end, high = ops.getitem(xp, index=(index + 1,)), ops.getitem(fp, index=(index + 1,))
        result = low + (high - low) * ((x - begin) / (end - begin))
    else:
        result = low + 0.0 * x
    result = ops.where(fp[0] if left is None else lift(left), result, mask=plain(x) < points[0])
    result = ops.where(fp[-1] if right is None else lift(right), result, mask=plain(x) > points[-1])
    return cast(result, float)  # as in numpy, whatever the precision of the points


def _unrolled(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    """The same points within one period, with one more before and after."""
    x, xp = x % period, xp % period
    order = np.argsort(plain(xp))
    xp, fp = (ops.getitem(v, index=(order,)) for v in (xp, fp))
    return x, concatenate([xp[-1:] - period, xp, xp[:1] + period]), concatenate([fp[-1:], fp, fp[:1]])


# --- convolution ------------------------------------------------------------------------------------------------
@stands_for(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """np.correlate: inner products of one vector with the windows of another."""
    x, y = lift(a), lift(v)
    if len(shape(x)) != 1 or len(shape(y)) != 1 or not shape(x)[0] or not shape(y)[0]:
        raise ShapeError(f"np.convolve and np.correlate need two vectors with entries, not {shape(x)} and {shape(y)}")
    (n,), (m,) = shape(x), shape(y)
    if n < m:
        return flip(correlate(y, x, mode))
    if mode not in ("full", "same", "valid"):
        raise OptionError(f"np.correlate: mode is 'full', 'same' or 'valid', not {mode!r}")
    before, after = {"full": (m - 1, m - 1), "same": (m // 2, m - 1 - m // 2), "valid": (0, 0)}[mode]
    wide = ops.scatter(x, index=(slice(before, before + n),), shape=(before + n + after,))
    windows = np.add.outer(np.arange(n + before + after - m + 1), np.arange(m))
    return products.matmul(ops.getitem(wide, index=(windows,)), y)


@stands_for(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """np.convolve: the coefficients of a product of polynomials."""
    x, y = lift(a), lift(v)
    if shape(x) < shape(y):
        x, y = y, x
    return correlate(x, flip(y), mode)


# --- polynomials ------------------------------------------------------------------------------------------------
@stands_for(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """np.polyval: the highest power comes first."""
    x = lift(x)
    result: Any = np.zeros(shape(x), precision(x))
    for coefficient in lift(p):
        result = result * x + coefficient
    return result


@stands_for(np.vander)
def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:  # noqa: N803  # numpy's name
    """np.vander: a column for each power."""
    x = lift(x)
    powers = np.arange(shape(x)[0] if N is None else N)
    return ops.reshape(x, shape=(*shape(x), 1)) ** (powers if increasing else powers[::-1])

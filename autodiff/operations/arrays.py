"""The table of array operations: everything numpy does to arrays is composed of these.

z is the result and x, y are the operands; g is the adjoint of z, and k tells which operand is asked about. Axes are
counted from the front and shapes are written out: the door that translates numpy's calls sees to that.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.operations.array_rule import kept, precision, reduction, transposed
from autodiff.operations.elementary import absolute, exp, sign
from autodiff.operations.operands import Shape
from autodiff.operations.operands import shape as form

ALL = slice(None)
SMALL = 4096  # entries


def spread(x: Any, shape: Shape) -> Any:
    """np.broadcast_to; a small array is filled, which is quicker than a view of strides 0."""
    if math.prod(shape) > SMALL:
        return np.broadcast_to(x, shape)
    result = np.empty(shape, getattr(x, "dtype", float))
    result[...] = x
    return result


# --- shape ------------------------------------------------------------------------------------------------------
sum_ = transposed(
    "sum",
    lambda x, axis, keepdims: np.add.reduce(x, axis, keepdims=keepdims),
    lambda k, g, z, x, axis, keepdims: broadcast_to(
        g if len(axis) == len(form(x)) else reshape(g, shape=kept(form(x), axis)), shape=form(x)
    ),
)
mean = transposed(
    "mean",
    lambda x, axis, keepdims: np.add.reduce(x, axis, keepdims=keepdims) / _count(x, axis),
    lambda k, g, z, x, axis, keepdims: broadcast_to(
        (g if len(axis) == len(form(x)) else reshape(g, shape=kept(form(x), axis))) / _count(x, axis), shape=form(x)
    ),
)
broadcast_to = transposed(
    "broadcast_to",
    lambda x, shape: spread(x, shape),
    lambda k, g, z, x, shape: fit(g, x),
    widen=lambda width, shape: {"shape": (*shape, width)},
    idle=lambda x, shape: form(x) == shape,
)
reshape = transposed(
    "reshape",
    lambda x, shape: np.reshape(x, shape) if shape else np.reshape(x, ())[()],
    lambda k, g, z, x, shape: reshape(g, shape=form(x)),
    widen=lambda width, shape: {"shape": (*shape, width)},
    idle=lambda x, shape: form(x) == shape,
)
transpose = transposed(
    "transpose",
    lambda x, axes: np.transpose(x, axes),
    lambda k, g, z, x, axes: transpose(g, axes=tuple(map(int, np.argsort(axes)))),
    widen=lambda width, axes: {"axes": (*axes, len(axes))},
    idle=lambda x, axes: axes == tuple(range(len(axes))),
)
cumsum = transposed(
    "cumsum",
    lambda x, axis: np.cumsum(x, axis=axis),
    lambda k, g, z, x, axis: flip(cumsum(flip(g, axis), axis=axis), axis),
)
astype = transposed(
    "astype",
    lambda x, dtype: np.asarray(x).astype(dtype)[()],
    lambda k, g, z, x, dtype: fit(g, x),
    idle=lambda x, dtype: getattr(x, "dtype", None) == dtype,
)


# --- parts ------------------------------------------------------------------------------------------------------
def scattered(x: Any, index: tuple[Any, ...], shape: Shape) -> Any:
    """Zeros of the shape with x added at the index; an entry that the index names twice is added to twice."""
    result = np.zeros(shape, getattr(x, "dtype", float))
    if is_basic(index):
        result[index] = x
    else:
        np.add.at(result, index, x)
    return result


def is_basic(index: tuple[Any, ...]) -> bool:
    """Whether an index is made of slices, numbers and None only: then it names no entry twice."""
    return all(isinstance(part, (slice, int, type(None))) for part in index)


getitem = transposed(
    "getitem",
    lambda x, index: x[index],
    lambda k, g, z, x, index: scatter(g, index=index, shape=form(x)),
    idle=lambda x, index: index == (),
)
scatter = transposed(
    "scatter",
    scattered,
    lambda k, g, z, x, index, shape: getitem(g, index=index),
    widen=lambda width, index, shape: {"index": index, "shape": (*shape, width)},
)
concatenate = transposed(
    "concatenate",
    lambda *xs, axis, ends: np.concatenate(xs, axis=axis),
    lambda k, g, z, *xs, axis, ends: fit(
        getitem(g, index=(*(ALL,) * axis, slice(ends[k - 1] if k else 0, ends[k]))), xs[k]
    ),
)
stack = transposed(
    "stack",
    lambda *xs, axis: np.stack(xs, axis=axis),
    lambda k, g, z, *xs, axis: fit(getitem(g, index=(*(ALL,) * axis, k)), xs[k]),
)
where = transposed(
    "where",
    lambda x, y, mask: np.asarray(np.where(mask, x, y))[()],
    lambda k, g, z, x, y, mask: fit(where(*((g, 0.0) if k == 0 else (0.0, g)), mask=mask), (x, y)[k]),
    widen=lambda width, mask: {"mask": np.asarray(mask)[..., None]},
)


# --- reductions -------------------------------------------------------------------------------------------------
def _shared(z: Any, x: Any, axis: Shape) -> Any:
    """Which entries are the extreme one; several share the slope between them."""
    chosen = x == z
    return chosen / np.sum(chosen, axis=axis, keepdims=True).astype(precision(x))


def _norm(x: Any, axis: Shape, keepdims: bool) -> Any:
    """The Euclidean norm; entries whose squares would vanish or overflow are scaled first."""
    with np.errstate(over="ignore", under="ignore"):
        z = np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    if np.all((z > 1e-140) & (z < np.inf)) or not np.any(x):
        return z
    scale = np.max(np.abs(x), axis=axis, keepdims=True, initial=0)
    scale = np.where((scale > 0) & (scale < np.inf), scale, 1).astype(x.dtype)
    return np.sqrt(np.sum((x / scale) ** 2, axis=axis, keepdims=keepdims)) * np.reshape(scale, np.shape(z))


def _logsumexp(x: Any, axis: Shape, keepdims: bool) -> Any:
    """The logarithm of Σ eˣ, with the largest x taken out so that nothing overflows."""
    most = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    most = np.where(np.isfinite(most), most, 0).astype(precision(x))
    with np.errstate(divide="ignore"):  # nothing but −∞: their sum is 0, and its logarithm −∞
        z = np.log(np.sum(np.exp(x - most), axis=axis, keepdims=True)) + most
    return z if keepdims else np.reshape(z, tuple(n for k, n in enumerate(form(x)) if k not in axis))[()]


def _softmax(z: Any, x: Any, axis: Shape) -> Any:
    weights = exp(x - z)  # their sum is 1, up to the rounding of z
    return weights / sum_(weights, axis=axis, keepdims=True)


def _count(x: Any, axis: Shape) -> int:
    return math.prod([form(x)[k] for k in axis])


def _centred(x: Any, axis: Shape) -> Any:
    """Distances from the mean; centred twice, so that their sum is 0 where the mean had to be rounded."""
    away = x - sum_(x, axis=axis, keepdims=True) / _count(x, axis)
    return away - sum_(away, axis=axis, keepdims=True) / _count(x, axis)


amax = reduction("amax", lambda x, axis, keepdims: np.max(x, axis=axis, keepdims=keepdims), _shared)
amin = reduction("amin", lambda x, axis, keepdims: np.min(x, axis=axis, keepdims=keepdims), _shared)
norm = reduction("norm", _norm, lambda z, x, axis: where(0.0, x / z, mask=z == 0))
pnorm = reduction(
    "pnorm",
    lambda x, axis, keepdims, p: np.sum(np.abs(x) ** p, axis=axis, keepdims=keepdims) ** (1.0 / p),
    lambda z, x, axis, p: where(0.0, sign(x) * (absolute(x) / z) ** (p - 1), mask=z == 0),
)
logsumexp = reduction("logsumexp", _logsumexp, _softmax)
std = reduction(
    "std",
    lambda x, axis, keepdims, ddof: np.std(x, axis=axis, keepdims=keepdims, ddof=ddof),
    lambda z, x, axis, ddof: where(0.0, _centred(x, axis) / (z * (_count(x, axis) - ddof)), mask=z == 0),
)


# --- what rules are made of -------------------------------------------------------------------------------------
def fit(g: Any, x: Any) -> Any:
    """An adjoint summed over the axes along which x was broadcast, in the precision of x."""
    want, have = form(x), form(g)
    if have == want and type(x) is type(g) is np.ndarray and x.dtype == g.dtype:
        return g
    if have != want:
        front = len(have) - len(want)
        if have[front:] == want:
            axis = tuple(range(front))
        else:
            axis = tuple([k for k, n in enumerate(have) if k < front or (n != 1 and want[k - front] == 1)])
        if type(g) is np.ndarray:
            g = np.add.reduce(g, axis) if axis else g
            g = g if g.shape == want else g.reshape(want)
        else:
            g = reshape(sum_(g, axis=axis, keepdims=False) if axis else g, shape=want)
    dtype = getattr(x, "dtype", None)
    return g if dtype is None or getattr(g, "dtype", dtype) == dtype else astype(g, dtype=dtype)


def flip(x: Any, axis: int) -> Any:
    """The entries in reverse order along an axis."""
    return getitem(x, index=(*(ALL,) * axis, slice(None, None, -1)))


def swap(x: Any) -> Any:
    """The last two axes exchanged."""
    n = len(form(x))
    return transpose(x, axes=(*range(n - 2), n - 1, n - 2))

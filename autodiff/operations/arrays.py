"""Array operations that are linear: sums, shapes and parts. Most of what numpy does to arrays is composed of these.

z is the result and x, y are the operands; g is the adjoint of z, and k is the number of the operand in question. Axes
are counted from the front and shapes are written out: the door that translates numpy's calls sees to that.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.operations.array_facts import Words, over_axes, sample
from autodiff.operations.array_rule import kept, transposed
from autodiff.operations.operands import Shape
from autodiff.operations.operands import shape as form
from autodiff.operations.rule import named

ALL = slice(None)
SMALL = 4096  # entries


def spread(x: Any, shape: Shape) -> Any:
    """np.broadcast_to; a small array is filled, which is quicker than a view of strides 0."""
    if math.prod(shape) > SMALL:
        return np.broadcast_to(x, shape)
    result = np.empty(shape, getattr(x, "dtype", float))
    result[...] = x
    return result


def count(x: Any, axis: Shape) -> int:
    """How many entries lie along some axes."""
    return math.prod([form(x)[k] for k in axis])


# --- shape ------------------------------------------------------------------------------------------------------
sum_ = transposed(
    "sum",
    lambda x, axis, keepdims: np.add.reduce(x, axis, keepdims=keepdims),
    lambda k, g, z, x, axis, keepdims: broadcast_to(
        g if len(axis) == len(form(x)) else reshape(g, shape=kept(form(x), axis)), shape=form(x)
    ),
    Words("adds up the entries of {}", "the adjoint of the sum is handed to every entry"),
    samples=over_axes(),
)
mean = transposed(
    "mean",
    lambda x, axis, keepdims: np.add.reduce(x, axis, keepdims=keepdims) / count(x, axis),
    lambda k, g, z, x, axis, keepdims: broadcast_to(
        (g if len(axis) == len(form(x)) else reshape(g, shape=kept(form(x), axis))) / count(x, axis), shape=form(x)
    ),
    Words("averages the entries of {}", "every entry gets an equal share of the adjoint of the mean"),
    samples=over_axes(),
)
broadcast_to = transposed(
    "broadcast_to",
    lambda x, shape: spread(x, shape),
    lambda k, g, z, x, shape: fit(g, x),
    Words("repeats {} until its shape is full", "the adjoints of all copies of an entry are added up"),
    widen=lambda width, shape: {"shape": (*shape, width)},
    idle=lambda x, shape: form(x) == shape,
    samples=(sample((3,), shape=(2, 3)), sample((2, 1), shape=(4, 2, 3)), sample((), shape=(2, 2))),
)
reshape = transposed(
    "reshape",
    lambda x, shape: np.reshape(x, shape) if shape else np.reshape(x, ())[()],
    lambda k, g, z, x, shape: reshape(g, shape=form(x)),
    Words("puts the entries of {} into another shape", "the adjoint is put back into the old shape"),
    widen=lambda width, shape: {"shape": (*shape, width)},
    idle=lambda x, shape: form(x) == shape,
    samples=(sample((2, 3), shape=(3, 2)), sample((1, 1), shape=()), sample((2, 1, 2), shape=(4,))),
)
transpose = transposed(
    "transpose",
    lambda x, axes: np.transpose(x, axes),
    lambda k, g, z, x, axes: transpose(g, axes=tuple(map(int, np.argsort(axes)))),
    Words("exchanges the axes of {}", "the axes of the adjoint are exchanged back"),
    widen=lambda width, axes: {"axes": (*axes, len(axes))},
    idle=lambda x, axes: axes == tuple(range(len(axes))),
    notation=named("transpose", "transposed"),
    samples=(sample((2, 3), axes=(1, 0)), sample((2, 3, 4), axes=(2, 0, 1))),
)
cumsum = transposed(
    "cumsum",
    lambda x, axis: np.cumsum(x, axis=axis),
    lambda k, g, z, x, axis: flip(cumsum(flip(g, axis), axis=axis), axis),
    Words(
        "adds up the entries of {} one by one and keeps every sum",
        "each entry gets the adjoints of all the sums it is part of",
    ),
    samples=(sample((4,), axis=0), sample((2, 3), axis=1)),
)
astype = transposed(
    "astype",
    lambda x, dtype: np.asarray(x).astype(dtype)[()],
    lambda k, g, z, x, dtype: fit(g, x),
    Words("converts {} to another precision", "the adjoint is converted back to the old precision"),
    idle=lambda x, dtype: getattr(x, "dtype", None) == dtype,
    samples=(sample((3,), dtype=np.dtype("float32")), sample((2, 3), dtype=np.dtype("float64"))),
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
    """Whether an index consists only of slices, numbers and None: then it names no entry twice."""
    return all(isinstance(part, (slice, int, type(None))) for part in index)


getitem = transposed(
    "getitem",
    lambda x, index: x[index],
    lambda k, g, z, x, index: scatter(g, index=index, shape=form(x)),
    Words(
        "takes entries out of {}",
        "the adjoint goes back to where its entries were taken from, and the other entries get 0",
        one="takes one entry out of {}",
    ),
    idle=lambda x, index: index == (),
    notation=named("getitem", "indexed"),
    samples=(
        sample((5,), index=(slice(1, 4),)),
        sample((3, 4), index=(slice(None, None, -1), 2)),
        sample((3,), index=(1,)),
        sample((3, 2), index=(np.array([0, 2, 0]),)),
    ),
)
scatter = transposed(
    "scatter",
    scattered,
    lambda k, g, z, x, index, shape: getitem(g, index=index),
    Words("puts {} into an array of zeros", "the adjoint is taken back from where the entries were put"),
    widen=lambda width, index, shape: {"index": index, "shape": (*shape, width)},
    samples=(
        sample((3,), index=(slice(1, 4),), shape=(5,)),
        sample((3, 2), index=(np.array([0, 2, 0]),), shape=(3, 2)),
    ),
)
concatenate = transposed(
    "concatenate",
    lambda *xs, axis, ends: np.concatenate(xs, axis=axis),
    lambda k, g, z, *xs, axis, ends: fit(
        getitem(g, index=(*(ALL,) * axis, slice(ends[k - 1] if k else 0, ends[k]))), xs[k]
    ),
    Words(
        "joins {} end to end",
        "each part gets back its own piece of the adjoint",
        together="the tangent of each part goes where the part goes",
    ),
    unsaid=("ends",),
    samples=(sample((2, 3), (1, 3), axis=0, ends=(2, 3)), sample((2, 1), (2, 2), (2, 3), axis=1, ends=(1, 3, 6))),
)
stack = transposed(
    "stack",
    lambda *xs, axis: np.stack(xs, axis=axis),
    lambda k, g, z, *xs, axis: fit(getitem(g, index=(*(ALL,) * axis, k)), xs[k]),
    Words(
        "stacks {}",
        "each part gets back its own slice of the adjoint",
        together="the tangent of each part goes where the part goes",
    ),
    samples=(sample((), (), (), axis=0), sample((2, 3), (2, 3), axis=1)),
)
where = transposed(
    "where",
    lambda x, y, mask: np.asarray(np.where(mask, x, y))[()],
    lambda k, g, z, x, y, mask: fit(where(*((g, 0.0) if k == 0 else (0.0, g)), mask=mask), (x, y)[k]),
    Words(
        "chooses, entry by entry, from {}",
        "only the entries that were chosen get the adjoint",
        together="the tangents of the entries that were chosen go on",
    ),
    widen=lambda width, mask: {"mask": np.asarray(mask)[..., None]},
    samples=(
        sample((2, 3), (3,), mask=np.array([[True, False, True], [False, True, True]])),
        sample((), (2,), mask=np.array([True, False])),
    ),
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

"""Functions that run along an axis: cumulative sums, running extremes, differences, slopes, areas."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.arrays.joining import concatenate
from autodiff.arrays.reducing import sum_
from autodiff.arrays.register import lift, positive, positives, refuse, stands_for
from autodiff.arrays.selecting import take_along_axis
from autodiff.arrays.shaping import cast, moveaxis, ravel
from autodiff.errors import ArgumentError, OptionError, ShapeError
from autodiff.operations import arrays as ops
from autodiff.operations.array_rule import kept, precision
from autodiff.operations.operands import plain, shape

ALL = slice(None)
NONE = np._NoValue


# --- cumulative -------------------------------------------------------------------------------------------------
@stands_for(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """np.cumsum."""
    refuse("cumsum", {"out": out})
    x, axis = (ravel(a), 0) if axis is None else (lift(a), axis)
    return ops.cumsum(cast(x, dtype), axis=positive(axis, len(shape(x))))


@stands_for(np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """np.cumprod, by doubling: zeros among the entries need no special rule."""
    refuse("cumprod", {"out": out})
    x, axis = (ravel(a), 0) if axis is None else (lift(a), positive(axis, len(shape(a))))
    x, front, step = cast(x, dtype), (slice(None),) * axis, 1
    while step < shape(x)[axis]:
        first, early, late = (ops.getitem(x, index=(*front, part)) for part in
                              (slice(0, step), slice(0, -step), slice(step, None)))  # fmt: skip
        x = ops.concatenate(first, late * early, axis=axis, ends=(step, shape(x)[axis]))
        step *= 2
    return x


def _cumulative(name: str, function: Any, first: float) -> Any:
    def cumulative(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None,
                   include_initial: bool = False) -> Any:  # fmt: skip
        refuse(name, {"out": out})
        x = lift(x)
        if axis is None and len(shape(x)) != 1:
            raise OptionError(f"np.{name} needs axis= for an array of {len(shape(x))} axes")
        axis = positive(axis or 0, len(shape(x)))
        result = function(x, axis, dtype)
        start = np.full(kept(shape(x), (axis,)), first, precision(result))
        return concatenate([start, result], axis) if include_initial else result

    cumulative.__doc__ = f"np.{name}."
    return cumulative


# both of numpy 2.1
cumulative_sum = stands_for(getattr(np, "cumulative_sum", "cumulative_sum"))(_cumulative("cumulative_sum", cumsum, 0))
cumulative_prod = stands_for(getattr(np, "cumulative_prod", "cumulative_prod"))(
    _cumulative("cumulative_prod", cumprod, 1)
)


@stands_for("maximum.accumulate")
def running_maximum(a: Any, axis: int = 0, **options: Any) -> Any:
    """np.maximum.accumulate; of equal entries, the first gets the slope."""
    return _running(np.maximum, a, axis, options)


@stands_for("minimum.accumulate")
def running_minimum(a: Any, axis: int = 0, **options: Any) -> Any:
    """np.minimum.accumulate; of equal entries, the first gets the slope."""
    return _running(np.minimum, a, axis, options)


def _running(extreme: Any, a: Any, axis: int, options: dict[str, Any]) -> Any:
    refuse(f"{extreme.__name__}.accumulate", options)
    x = lift(a)
    axis = positive(axis, len(shape(x)))
    best = extreme.accumulate(plain(x), axis=axis)
    numbers = np.arange(shape(x)[axis]).reshape([-1 if k == axis else 1 for k in range(best.ndim)])
    late, early = (best[(*(ALL,) * axis, part)] for part in (slice(1, None), slice(0, -1)))
    changed = np.concatenate([np.zeros(kept(best.shape, (axis,)), bool), (late != early) & (early == early)], axis=axis)
    return take_along_axis(x, np.maximum.accumulate(np.where(changed, numbers, 0), axis=axis), axis)


# --- differences ------------------------------------------------------------------------------------------------
@stands_for(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = NONE, append: Any = NONE) -> Any:
    """np.diff: each entry minus the one before."""
    x = lift(a)
    if n < 0:
        raise OptionError(f"np.diff: n is how often to take differences, 0 or more, not {n}")
    axis = positive(axis, len(shape(x)))
    ends = [end if end is NONE else _slab(lift(end), x, axis) for end in (prepend, append)]
    parts = [part for part in (ends[0], x, ends[1]) if part is not NONE]
    x = concatenate(parts, axis) if len(parts) > 1 else x
    front = (slice(None),) * axis
    for _ in range(n):
        late, early = (ops.getitem(x, index=(*front, part)) for part in (slice(1, None), slice(0, -1)))
        x = late - early
    return x


def _slab(end: Any, x: Any, axis: int) -> Any:
    """What is put before or after x; a number becomes a slab of length 1."""
    return end if shape(end) else ops.broadcast_to(end, shape=kept(shape(x), (axis,)))


@stands_for(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """np.trapezoid: the area under a line through the points."""
    y = moveaxis(y, axis, -1)
    steps = dx if x is None else diff(lift(x) if len(np.shape(x)) == 1 else moveaxis(x, axis, -1))
    return sum_(steps * (y[..., 1:] + y[..., :-1]) / 2, -1)


@stands_for(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """np.ediff1d: each entry minus the one before, with more at the ends."""
    x = ravel(ary)
    parts = [to_begin, diff(x), to_end]
    return concatenate([cast(ravel(part), precision(x)) for part in parts if part is not None])


@stands_for(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """np.gradient: central differences, one-sided at the edges; at evenly or unevenly spaced points."""
    refuse("gradient", {"edge_order": None if edge_order == 1 else edge_order})
    y = lift(f)
    axes = positives(axis, len(shape(y)))
    if len(varargs) not in (0, 1, len(axes)):
        raise ArgumentError(f"np.gradient: {len(varargs)} spacings for {len(axes)} axes")
    spacings = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    slopes = tuple(_slope(y, lift(spacing), k) for k, spacing in zip(axes, spacings, strict=True))
    return slopes[0] if len(slopes) == 1 else slopes


def _slope(y: Any, x: Any, axis: int) -> Any:
    """A central difference is the mean of the two one-sided ones, weighted with the step on the other side."""
    n = shape(y)[axis]
    if n < 2:
        raise ShapeError("np.gradient needs at least two points along each axis")
    if shape(x) not in ((), (n,)):
        raise ShapeError(f"np.gradient: {shape(x)} coordinates for {n} points")
    front = (ALL,) * axis
    steps = x
    if shape(x):
        steps = ops.reshape(diff(x), shape=tuple(n - 1 if k == axis else 1 for k in range(len(shape(y)))))
    one_sided = diff(y, axis=axis) / steps

    def part(v: Any, *where: int | None) -> Any:
        return ops.getitem(v, index=(*front, slice(*where)))

    early, late = part(one_sided, 0, -1), part(one_sided, 1, None)
    if shape(x):
        before, after = part(steps, 0, -1), part(steps, 1, None)
        central = (early * after + late * before) / (before + after)
    else:
        central = (early + late) / 2
    slopes = concatenate([part(one_sided, 0, 1), central, part(one_sided, n - 2, None)], axis)
    return cast(slopes, precision(y) if np.dtype(precision(y)).kind == "f" else None)

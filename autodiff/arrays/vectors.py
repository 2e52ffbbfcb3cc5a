"""Products of vectors, also in batches: cross, vecdot, matvec, vecmat."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.arrays.algebra import matmul
from autodiff.arrays.reducing import sum_
from autodiff.arrays.register import lift, positive, stands_for
from autodiff.arrays.shaping import moveaxis, squeeze
from autodiff.errors import ShapeError
from autodiff.operations import arrays as ops
from autodiff.operations.operands import shape


@stands_for(np.cross)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    """np.cross of vectors of length 2 or 3; of two of length 2, only the third component."""
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    if not {shape(x)[-1], shape(y)[-1]} <= {2, 3}:
        raise ShapeError(f"np.cross needs vectors of length 2 or 3, not {shape(x)[-1]} and {shape(y)[-1]}")
    flat = shape(x)[-1] == shape(y)[-1] == 2
    (x1, x2, *x3), (y1, y2, *y3) = ([v[..., k] for k in range(shape(v)[-1])] for v in (x, y))
    third = x1 * y2 - x2 * y1
    if flat:
        return third
    first = _difference(x2, y3, x3, y2)
    second = -_difference(x1, y3, x3, y1)
    return moveaxis(ops.stack(first, second, third, axis=len(shape(third))), -1, axisc)


def _difference(x: Any, y3: list[Any], x3: list[Any], y: Any) -> Any:
    """A component x y₃ − x₃ y, where a vector of length 2 has no third component."""
    products = [x * y3[0]] if y3 else []
    products += [-(x3[0] * y)] if x3 else []
    return sum(products[1:], products[0])


@stands_for(np.linalg.cross)
def linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """np.linalg.cross, of vectors of length 3."""
    x, y = lift(x1), lift(x2)
    if shape(x)[positive(axis, len(shape(x)))] != 3 or shape(y)[positive(axis, len(shape(y)))] != 3:
        raise ShapeError(f"np.linalg.cross needs vectors of length 3, not arrays of shape {shape(x)} and {shape(y)}")
    return cross(x, y, axis=axis)


@stands_for("vecdot", np.linalg.vecdot)
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """np.vecdot: the inner products along an axis."""
    x, y = (moveaxis(v, axis, -1) for v in (x1, x2))
    if shape(x)[-1] != shape(y)[-1]:
        raise ShapeError(f"np.vecdot: the vectors have lengths that differ, {shape(x)[-1]} and {shape(y)[-1]}")
    return sum_(x * y, -1)


@stands_for("matvec")
def matvec(x1: Any, x2: Any, /) -> Any:
    """np.matvec: matrices times vectors."""
    y = lift(x2)
    return squeeze(matmul(x1, ops.reshape(y, shape=(*shape(y), 1))), -1)


@stands_for("vecmat")
def vecmat(x1: Any, x2: Any, /) -> Any:
    """np.vecmat: vectors times matrices."""
    x = lift(x1)
    return squeeze(matmul(ops.reshape(x, shape=(*shape(x)[:-1], 1, shape(x)[-1])), x2), -2)

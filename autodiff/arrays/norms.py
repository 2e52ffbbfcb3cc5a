"""Norms of vectors and matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.arrays.decomposing import svdvals
from autodiff.arrays.reducing import max_, min_, sum_
from autodiff.arrays.register import lift, positives, stands_for
from autodiff.errors import OptionError
from autodiff.operations import arrays as ops
from autodiff.operations import reductions
from autodiff.operations.array_rule import kept, precision
from autodiff.operations.elementary import absolute
from autodiff.operations.operands import plain, shape


@stands_for(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002  # numpy's name
    """np.linalg.norm; slope 0 at the origin, where a norm has a corner."""
    x = lift(x)
    axes = positives(axis, len(shape(x)))
    if ord is None or (ord == "fro" and len(axes) == 2):
        return reductions.norm(x, axis=axes, keepdims=keepdims)
    if len(axes) == 1:
        return _vector_norm(x, ord, axes, keepdims)
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        largest = max_ if ord > 0 else min_
        down = axes[0] if abs(ord) == 1 else axes[1]
        return largest(sum_(absolute(x), down, keepdims=True), axes, keepdims=keepdims)
    if len(axes) == 2 and ord in (2, -2, "nuc"):
        return _spectral_norm(x, ord, axes, keepdims)
    raise OptionError(f"np.linalg.norm: ord={ord!r} is no norm over {len(axes)} axes")


def _vector_norm(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:  # noqa: A002  # numpy's name
    if isinstance(ord, str):
        raise OptionError(f"np.linalg.norm: ord={ord!r} is no norm of vectors")
    if ord in (np.inf, -np.inf):
        return (max_ if ord > 0 else min_)(absolute(x), axes, keepdims=keepdims)
    if ord == 0:
        return np.sum(plain(x) != 0, axis=axes, keepdims=keepdims, dtype=precision(x))
    if ord == 1:
        return sum_(absolute(x), axes, keepdims=keepdims)
    if ord == 2:
        return reductions.norm(x, axis=axes, keepdims=keepdims)
    return reductions.pnorm(x, axis=axes, keepdims=keepdims, p=ord)


def _spectral_norm(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:  # noqa: A002  # numpy's name
    """The largest, the smallest or the sum of the singular values."""
    rest = tuple(k for k in range(len(shape(x))) if k not in axes)
    s = svdvals(ops.transpose(x, axes=(*rest, *axes)))
    s = ops.where(0.0, s, mask=plain(s) == 0)  # a corner, with slope 0
    result = {2: max_, -2: min_, "nuc": sum_}[ord](s, -1)
    return ops.reshape(result, shape=kept(shape(x), axes)) if keepdims else result


@stands_for(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:  # noqa: A002
    """np.linalg.vector_norm."""
    x = lift(x)
    return _vector_norm(x, ord, positives(axis, len(shape(x))), keepdims)


@stands_for(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:  # noqa: A002
    """np.linalg.matrix_norm."""
    return norm(x, ord, (-2, -1), keepdims)

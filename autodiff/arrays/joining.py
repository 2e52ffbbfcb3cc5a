"""Functions that join arrays and take them apart: concatenate, stack, block, split, grids."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from autodiff.arrays.register import lift, positive, refuse, stands_for
from autodiff.arrays.shaping import along, atleast_1d, atleast_2d, atleast_3d, broadcast_arrays, cast, ravel, transpose
from autodiff.errors import OptionError, ShapeError
from autodiff.operations import arrays as ops
from autodiff.operations.operands import shape

ALL = slice(None)


# --- joining ----------------------------------------------------------------------------------------------------
def _unusual(casting: str) -> str | None:
    return None if casting == "same_kind" else casting


@stands_for(np.concatenate)
def concatenate(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """np.concatenate."""
    refuse("concatenate", {"out": out, "casting": _unusual(casting)})
    parts = [cast(lift(a), dtype) for a in arrays]
    if axis is None:
        parts, axis = [ravel(part) for part in parts], 0
    axis = positive(axis, len(shape(parts[0])))
    ends = tuple(itertools.accumulate(shape(part)[axis] for part in parts))
    return ops.concatenate(*parts, axis=axis, ends=ends)


@stands_for(np.stack)
def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """np.stack."""
    refuse("stack", {"out": out, "casting": _unusual(casting)})
    parts = [cast(lift(a), dtype) for a in arrays]
    return ops.stack(*parts, axis=positive(axis, len(shape(parts[0])) + 1))


@stands_for(np.vstack)
def vstack(tup: Any, **options: Any) -> Any:
    """np.vstack: rows on top of each other."""
    return concatenate([atleast_2d(a) for a in tup], 0, **options)


@stands_for(np.hstack)
def hstack(tup: Any, **options: Any) -> Any:
    """np.hstack: side by side."""
    parts = [atleast_1d(a) for a in tup]
    return concatenate(parts, 0 if len(shape(parts[0])) == 1 else 1, **options)


@stands_for(np.column_stack)
def column_stack(tup: Any) -> Any:
    """np.column_stack: vectors as columns."""
    parts = [lift(a) for a in tup]
    return concatenate([transpose(atleast_2d(a)) if len(shape(a)) < 2 else a for a in parts], 1)


@stands_for(np.dstack)
def dstack(tup: Any) -> Any:
    """np.dstack."""
    return concatenate([atleast_3d(a) for a in tup], 2)


@stands_for(np.block)
def block(arrays: Any) -> Any:
    """np.block: nested lists of blocks, the innermost side by side."""
    deep = _depth(arrays)

    def join(part: Any, level: int) -> Any:
        if not isinstance(part, list):
            part = lift(part)
            ndim = deep if deep > len(shape(part)) else len(shape(part))
            return ops.reshape(part, shape=(1,) * (ndim - len(shape(part))) + shape(part))
        parts = [join(entry, level + 1) for entry in part]
        ndim = sorted(len(shape(entry)) for entry in parts)[-1]
        same = [ops.reshape(entry, shape=(1,) * (ndim - len(shape(entry))) + shape(entry)) for entry in parts]
        return concatenate(same, level - deep)

    return join(arrays, 0)


def _depth(part: Any) -> int:
    return 1 + _depth(part[0]) if isinstance(part, list) else 0


@stands_for(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """np.append."""
    return concatenate([arr, values], axis)


# --- taking apart -----------------------------------------------------------------------------------------------
@stands_for(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """np.split: into parts of equal length, or at the given places."""
    ary = lift(ary)
    n = shape(ary)[positive(axis, len(shape(ary)))]
    if not np.ndim(indices_or_sections) and n % indices_or_sections:
        raise ShapeError(f"np.split: {n} entries do not make {indices_or_sections} equal parts: use np.array_split")
    return array_split(ary, indices_or_sections, axis)


@stands_for(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """np.array_split: into parts whose lengths differ by one at most, or at the given places."""
    ary = lift(ary)
    axis = positive(axis, len(shape(ary)))
    numbers = np.array_split(np.arange(shape(ary)[axis]), indices_or_sections)
    starts = list(itertools.accumulate((len(part) for part in numbers), initial=0))
    if not np.ndim(indices_or_sections):
        return [_slice(ary, a, b, axis) for a, b in itertools.pairwise(starts)]
    edges = [0, *indices_or_sections, shape(ary)[axis]]
    return [_slice(ary, a, b, axis) for a, b in itertools.pairwise(edges)]


def _slice(a: Any, start: int, stop: int, axis: int) -> Any:
    return ops.getitem(a, index=(*(ALL,) * axis, slice(int(start), int(stop))))


@stands_for(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """np.vsplit."""
    return split(ary, indices_or_sections, 0)


@stands_for(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """np.hsplit."""
    return split(ary, indices_or_sections, 0 if len(shape(ary)) == 1 else 1)


@stands_for(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """np.dsplit."""
    return split(ary, indices_or_sections, 2)


@stands_for(getattr(np, "unstack", "unstack"))  # of numpy 2.1
def unstack(x: Any, /, *, axis: int = 0) -> Any:
    """np.unstack: the parts along an axis, without it."""
    x = lift(x)
    axis = positive(axis, len(shape(x)))
    return tuple(along(x, k, axis) for k in range(shape(x)[axis]))


@stands_for(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """np.meshgrid: vectors as the coordinates of a grid."""
    if indexing not in ("xy", "ij"):
        raise OptionError(f"np.meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    vectors = [ravel(x) for x in xi]
    places = list(range(len(vectors)))
    if indexing == "xy":
        places[:2] = places[:2][::-1]
    grids = [
        ops.reshape(x, shape=tuple(math.prod(shape(x)) if k == place else 1 for k in range(len(vectors))))
        for x, place in zip(vectors, places, strict=True)
    ]
    return tuple(grids) if sparse else broadcast_arrays(*grids)

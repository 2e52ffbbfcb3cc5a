"""Pushing tangents and pulling adjoints where arrays take part. Kept apart from `partials`, which needs no numpy.

In a tangent or adjoint, an entry that is exactly 0 says that nothing depends on it there, so 0 × ∞ is 0: that keeps
np.where(x > 0, np.sqrt(x), 0) free of NaN at x = 0, whichever way it is differentiated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.modes.partials import by_convention, partial
from autodiff.modes.rows import Settings
from autodiff.operations import arrays
from autodiff.operations.array_rule import ArrayOperation
from autodiff.operations.operands import ARRAYS, PLAIN, is_zero, plain, shape
from autodiff.operations.rule import Operation

ONE = 1  # the partial of a sum, recognized by identity: nothing is multiplied by it


def push_arrays(
    operation: Any, z: Any, operands: Sequence[Any], tangents: Sequence[Any], settings: Settings, width: int
) -> Any:
    """The tangent of a result, in its shape; with a width, that many tangents along one more axis."""
    full = (*shape(z), width) if width else shape(z)
    with np.errstate(all="ignore"):  # singular points are dealt with; numpy has warned about the value already
        if type(operation) is not Operation:
            return _push_whole(operation, z, operands, tangents, settings, width, full)
        terms = [
            _scaled(tangent, partial(operation, k, z, operands), operation, k, z, operands, width)
            for k, tangent in enumerate(tangents)
            if tangent is not None
        ]
        return _spread(sum(terms[1:], terms[0]), full)


def _push_whole(
    operation: ArrayOperation,
    z: Any,
    operands: Sequence[Any],
    tangents: Sequence[Any],
    settings: Settings,
    width: int,
    full: tuple[int, ...],
) -> Any:
    """Through an operation on whole arrays; if it does not take many directions at once, they are pushed one by one."""
    if not width:
        return _spread(operation.push(tangents, z, operands, **settings), full)
    if operation.wide_push:
        return _spread(operation.wide_push(tangents, z, operands, width=width, **settings), full)
    directions = [[t if t is None else t[..., n] for t in tangents] for n in range(width)]
    pushed = [_spread(operation.push(one, z, operands, **settings), shape(z)) for one in directions]
    return arrays.stack(*pushed, axis=len(shape(z)))


def _spread(tangent: Any, full: tuple[int, ...]) -> Any:
    """A tangent in the shape of the result, which other operands may have broadcast."""
    return tangent if shape(tangent) == full else arrays.broadcast_to(tangent, shape=full)


def pull_arrays(operation: Any, k: int, z: Any, operands: Sequence[Any], adjoint: Any, settings: Settings) -> Any:
    """The contribution of an adjoint to that of operand k, in the shape and precision of the operand."""
    if type(operation) is not Operation:
        return operation.pull(k, adjoint, z, *operands, **settings)
    slope = partial(operation, k, z, operands)
    if slope is ONE and type(adjoint) in ARRAYS:  # a sum: the sweep never writes into what it was given
        return arrays.fit(adjoint, operands[k])
    return arrays.fit(_scaled(adjoint, slope, operation, k, z, operands), operands[k])


def _scaled(
    factor: Any, slope: Any, operation: Operation, k: int, z: Any, operands: Sequence[Any], width: int = 0
) -> Any:
    """Tangent or adjoint × partial, entry by entry."""
    if type(slope) in PLAIN or not (shape(slope) or shape(factor)):
        return factor * slope
    if width and shape(slope):
        slope = arrays.reshape(slope, shape=(*shape(slope), 1))
    product = factor * slope
    return product if _is_finite(product) else _mended(product, factor, operation, k, z, operands, width)


def _is_finite(x: Any) -> bool:
    """Whether all entries are surely finite; summing their squares is quicker than looking at each."""
    if type(x) in ARRAYS:
        return math.isfinite(np.vdot(x, x))
    return math.isfinite(plain(x).sum())


def _mended(
    product: Any, factor: Any, operation: Operation, k: int, z: Any, operands: Sequence[Any], width: int
) -> Any:
    """A product that is not finite, mended: conventions where they apply, 0 where the factor is 0 for good."""
    for convention in operation.conventions:
        if convention.partials[k] is not None:
            corner = np.asarray(convention.where(*map(plain, operands)))
            agreed = by_convention(convention.partials[k], z, operands)
            if width and shape(agreed):
                agreed = arrays.reshape(agreed, shape=(*shape(agreed), 1))
            product = arrays.where(factor * agreed, product, mask=corner[..., None] if width else corner)
    nothing = is_zero(factor)
    return arrays.where(0.0, product, mask=nothing) if nothing.any() else product

"""The chain rule through one operation: pushing a tangent, pulling an adjoint.

These are the two questions that forward and reverse mode ask of every operation; neither mode knows how they are
answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autodiff.modes.partials import partial
from autodiff.modes.rows import NO_SETTINGS, Settings
from autodiff.operations.operands import plain, shape
from autodiff.operations.rule import Operation


def push(
    operation: Any,
    z: Any,
    operands: Sequence[Any],
    tangents: Sequence[Any],
    settings: Settings = NO_SETTINGS,
    width: int = 0,
) -> Any:
    """The tangent of the result: Σ tangent × partial; the tangent of a constant operand is None.

    With a `width`, tangents have one more axis of that length at the end, and that many directions are pushed at once.
    """
    if width or type(operation) is not Operation or shape(z):
        from autodiff.modes.array_partials import push_arrays

        return push_arrays(operation, z, operands, tangents, settings, width)
    total: Any = None
    for k, tangent in enumerate(tangents):
        if tangent is not None:
            term = tangent * partial(operation, k, z, operands)
            total = term if total is None else total + term
    return total


def pull(
    operation: Any, k: int, z: Any, operands: Sequence[Any], adjoint: Any, settings: Settings = NO_SETTINGS
) -> Any:
    """The contribution of the adjoint of the result to the adjoint of operand k: adjoint × partial."""
    if type(operation) is not Operation or shape(z) or shape(operands[k]) or hasattr(plain(operands[k]), "dtype"):
        from autodiff.modes.array_partials import pull_arrays

        return pull_arrays(operation, k, z, operands, adjoint, settings)
    return adjoint * partial(operation, k, z, operands)

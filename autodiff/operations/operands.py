"""What rules ask of an operand, be it a number, an array, a Dual or a Var."""

from __future__ import annotations

from typing import Any

Shape = tuple[int, ...]


def shape(x: Any) -> Shape:
    """The shape of an operand; a Python number has none."""
    its: Shape = getattr(x, "shape", ())
    return its


def is_zero(x: Any) -> Any:
    """Where an operand is 0, and so are the tangents it carries itself: where nothing depends on it."""
    if not hasattr(x, "primal"):
        return x == 0
    zero, tangent = is_zero(x.primal), getattr(x, "tangent", None)
    if tangent is None:
        return zero
    still = is_zero(tangent)
    return zero & (still.all(axis=-1) if x.width else still)

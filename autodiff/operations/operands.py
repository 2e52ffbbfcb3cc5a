"""What operations take (numbers, arrays, Duals and Vars), and what rules ask of it."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any

from autodiff.errors import ArgumentError, TooLargeError
from autodiff.operations.constant import Constant

Shape = tuple[int, ...]

PLAIN = frozenset((float, int, bool, Constant))
ARRAYS: set[type] = set()  # numpy's array types, once numpy is in use: recognized without asking for attributes


def plain(value: Any) -> Any:
    """The plain number or array at the bottom of nested Duals and Vars.

    >>> from autodiff import Dual
    >>> plain(Dual(Dual(2, 1), 0))
    2.0
    """
    while hasattr(value, "primal"):
        value = value.primal
    return value


def shape(x: Any) -> Shape:
    """The shape of an operand; a Python number has none."""
    its: Shape = getattr(x, "shape", ())
    return its


def is_zero(x: Any) -> Any:
    """Where an operand is 0 for good: where it is 0, and so are the tangents it carries itself."""
    if not hasattr(x, "primal"):
        return x == 0
    zero, tangent = is_zero(x.primal), getattr(x, "tangent", None)
    if tangent is None:
        return zero
    still = is_zero(tangent)
    return zero & (still.all(axis=-1) if x.width else still)


def highest(operands: Iterable[Any]) -> Any:
    """The operand that the innermost differentiation made, None if there is none."""
    return max((x for x in operands if hasattr(x, "level")), key=lambda x: x.level, default=None)


def as_float(x: Any, what: str) -> float:
    """A number as a float; `what` says whose it is. Raises TooLargeError for a whole number that no float can hold."""
    try:
        return float(x)
    except OverflowError:
        raise TooLargeError(f"{what}: the number is too large for double precision, which ends at 1.8e308") from None


def as_operand(value: Any, name: str, *, at_home: bool = False) -> Any:
    """A value as operations store it: a number, a real numpy array, or something lifted.

    `at_home` makes numpy's scalars Python floats; `name` is that of the operation, for the complaint.
    Raises ArgumentError for anything else.
    """
    if type(value) in PLAIN or hasattr(value, "level"):
        return value
    dtype = getattr(value, "dtype", None)
    if dtype is not None and dtype.kind == "O":
        return _from_objects(value)
    if dtype is not None and dtype.kind in "fiub":
        return float(value) if at_home and value.ndim == 0 else value
    if dtype is not None and dtype.kind == "c":
        raise ArgumentError(
            f"{name} takes real numbers, not complex ones: differentiate with respect to their real and imaginary parts"
        )
    if isinstance(value, Real):
        return as_float(value, name)
    raise ArgumentError(f"{name} takes real numbers, not {type(value).__name__}: {value!r:.40}")


def _from_objects(array: Any) -> Any:
    """An array of Duals or Vars and numbers as one Dual or Var; of numbers alone, as an array of numbers."""
    entries = [as_operand(entry, "an array of objects") for entry in array.flat]
    top = highest(entries)
    if top is not None:
        return top.gather(entries, array.shape)
    import numpy as np

    return np.array(entries, dtype=float).reshape(array.shape)

"""Operations on what is neither a Python number nor ours: numpy's arrays and scalars, fractions, arrays of Vars.

Kept apart from the call itself, so that programs with plain numbers neither import nor pay for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autodiff.operations.operands import PLAIN, as_operand, highest

if TYPE_CHECKING:
    from autodiff.operations.rule import Operation

AT_ARRAYS: dict[Operation, Callable[..., Any]] = {}  # operations as functions of arrays: those needed so far


def call_foreign(operation: Operation, operands: tuple[Any, ...]) -> Any:
    """The operation, with arrays as arrays, an array of Vars as one Var, and all other real numbers as floats."""
    top = highest(operands)
    if top is None and all(map(_is_plain_array, operands)):
        return at_arrays(operation, *operands)
    at_home = top is not None and not top.is_array  # beside a Python number, numpy's scalars are Python numbers
    known = tuple(as_operand(operand, operation.name, at_home=at_home) for operand in operands)
    top = highest(known)  # an array of Vars has become one Var
    if top is not None:
        return top.apply(operation, known)
    return at_arrays(operation, *known) if any(hasattr(x, "dtype") for x in known) else operation.evaluate(*known)


def at_arrays(operation: Operation, *values: Any) -> Any:
    """The value at numpy arrays, entry by entry, as in numpy: nan and inf outside the domain, no error."""
    try:
        return AT_ARRAYS[operation](*values)
    except KeyError:
        from autodiff.operations.numpy_values import vectorized  # only those who have an array import numpy

        AT_ARRAYS[operation] = vectorized(operation)
        return AT_ARRAYS[operation](*values)


def _is_plain_array(operand: Any) -> bool:
    """Whether an operand is a numpy array of floats, or a Python number."""
    return type(operand) in PLAIN or getattr(getattr(operand, "dtype", None), "kind", "") == "f"

"""What every function in this room begins with: its registration under numpy's name, its operands, its axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.arrays.names import KNOWN_FUNCTIONS
from autodiff.errors import UnsupportedError
from autodiff.operations import arrays as ops
from autodiff.operations.operands import as_operand

Function = Callable[..., Any]


def stands_for(*names: Any) -> Callable[[Function], Function]:
    """Register a function of ours as what numpy's functions (or ufuncs, by name) mean for Duals and Vars."""

    def register(function: Function) -> Function:
        for name in names:
            KNOWN_FUNCTIONS[name] = function
        return function

    return register


def lift(x: Any) -> Any:
    """An argument of a numpy function as an operand: lists become arrays, lists of Vars become one Var."""
    if isinstance(x, (list, tuple)):
        entries = [lift(entry) for entry in x]
        if any(hasattr(entry, "level") for entry in entries):
            return ops.stack(*entries, axis=0)
        x = np.asarray(x)
    return as_operand(x, "a function of arrays")


def positive(axis: Any, ndim: int) -> int:
    """An axis counted from the front. Raises numpy's AxisError if there is no such axis."""
    return int(np.lib.array_utils.normalize_axis_index(axis, ndim))


def positives(axis: Any, ndim: int) -> tuple[int, ...]:
    """One axis, several, or None for all of them, counted from the front."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(np.lib.array_utils.normalize_axis_tuple(axis, ndim))


def refuse(name: str, options: dict[str, Any]) -> None:
    """Complain about options that are set and not supported."""
    for option, value in options.items():
        if value is not None and value is not np._NoValue:
            if option == "out":
                raise UnsupportedError(
                    f"np.{name}(…, out=…) would write into an array and drop the derivative: use the returned value"
                )
            raise UnsupportedError(f"np.{name} takes no {option}= for Duals and Vars")

"""The values of the elementary operations at numpy arrays.

Where numpy has the function, it is numpy's; the others are written here, or are the scalar function entry by entry.
Values only: the derivatives are those of the table, which holds for arrays as it does for numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import DomainError
from autodiff.operations.rule import ARRAYS, Operation

ARRAYS.update((np.ndarray, np.float64, np.float32))

Array = Any  # a numpy array or numpy scalar of any real dtype


def sigmoid(x: Array) -> Array:
    """1/(1 + e⁻ˣ) without overflow in either tail."""
    small = np.asarray(np.abs(x) * -1.0)
    np.exp(small, out=small)
    below = small + 1
    small[x >= 0] = 1  # in an array of one number too
    small /= below
    return small[()]


def sech(x: Array) -> Array:
    """1/cosh x, which fades to 0."""
    return 1 / np.cosh(x)


def greater(x: Array, y: Array) -> Array:
    """1 where x > y, 0 where it is not; NaN where either is."""
    return heaviside(x, y, at_equal=0)


def heaviside(x: Array, y: Array, at_equal: float = 0.5) -> Array:
    """1 where x > y, 0 where x < y, ½ where they are equal; NaN where either is."""
    kind = np.result_type(x, y, np.float16)
    step = np.where(x > y, 1, np.where(x == y, at_equal, 0)).astype(kind)
    return np.where((x == x) & (y == y), step, kind.type(np.nan))[()]


VECTORS: dict[str, Callable[..., Any]] = {
    "neg": operator.neg,
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "power": operator.pow,  # numpy squares faster by ** than by np.power
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "ln": np.log,
    "sec": lambda x: 1 / np.cos(x),
    "csc": lambda x: 1 / np.sin(x),
    "cot": lambda x: 1 / np.tan(x),
    "sech": sech,
    "sigmoid": sigmoid,
    "softplus": lambda x: np.logaddexp(0, x),
    "relu": lambda x: np.maximum(x, 0),
    "abs": np.abs,
    "min": np.minimum,
    "max": np.maximum,
    "greater": greater,
    "heaviside": heaviside,
}
for _name in (
    "exp", "expm1", "log2", "log10", "log1p", "sqrt", "cbrt", "hypot", "sin", "cos", "tan", "arcsin", "arccos",
    "arctan", "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "sign", "floor", "ceil", "logaddexp",
):  # fmt: skip
    VECTORS[_name] = getattr(np, _name)


def vectorized(operation: Operation) -> Callable[..., Any]:
    """The operation as a function of arrays."""
    return operation.vector or VECTORS.get(operation.name) or _entry_by_entry(operation)


def _entry_by_entry(operation: Operation) -> Callable[..., Any]:
    """The scalar function at each entry; NaN outside its domain, as numpy does."""

    def at_entry(*values: float) -> float:
        try:
            return operation.evaluate(*map(float, values))
        except DomainError:
            return np.nan

    over_entries = np.vectorize(at_entry, otypes=[float])

    def at_arrays(*values: Any) -> Any:
        kind = np.result_type(*values, np.float16)
        return np.asarray(over_entries(*values), dtype=kind)[()]

    return at_arrays

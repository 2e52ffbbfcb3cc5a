"""The values of the elementary operations at numpy arrays.

Where numpy has the function, it is numpy's; the others are written here, or call the scalar function entry by entry.
Values only: the derivatives are those of the table, which holds for arrays as it does for numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from autodiff.operations import functions
from autodiff.operations.operands import ARRAYS

if TYPE_CHECKING:
    from autodiff.operations.rule import Operation

ARRAYS.update((np.ndarray, np.float64, np.float32))

Array = Any  # a numpy array or numpy scalar of any real dtype


def sigmoid(x: Array) -> Array:
    """1/(1 + e⁻ˣ) without overflow in either tail."""
    small = np.asarray(np.abs(x) * -1.0)
    np.exp(small, out=small)
    below = small + 1
    small[x >= 0] = 1  # also in an array of a single number
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


def softplus(x: Array) -> Array:
    """ln(1 + eˣ) without overflow."""
    return np.logaddexp(0, x)


def relu(x: Array) -> Array:
    """max(x, 0); NaN stays NaN."""
    return np.maximum(x, 0)


def sec(x: Array) -> Array:
    """1/cos x."""
    return 1 / np.cos(x)


def csc(x: Array) -> Array:
    """1/sin x."""
    return 1 / np.sin(x)


def cot(x: Array) -> Array:
    """1/tan x."""
    return 1 / np.tan(x)


def power_log(x: Array, y: Array) -> Array:
    """xʸ ln x; its limits at x = 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where((x == 0) & (y > 0), 0.0 * x, x**y * np.log(x)))[()]


def agreed(c: Array, x: Array) -> Array:
    """The number c wherever x is a number."""
    return np.asarray(np.where(np.isnan(x), x, c))[()]


def beyond(n: Array, x: Array) -> Array:
    """0 wherever x is a number and n is not negative."""
    return np.asarray(np.where((n >= 0) & (x == x), 0.0, np.nan), np.result_type(x, np.float16))[()]


def sincn(n: Array, x: Array) -> Array:
    """The n-th derivative of sin x / x: the power series near 0, the recurrence from |x| = n/2 on."""
    orders = np.unique(n)
    if orders.size != 1 or orders[0] not in range(21):
        return _entry_by_entry(functions.sincn)(n, x)
    order, near = int(orders[0]), np.abs(x) < max(1, orders[0] / 2)
    with np.errstate(all="ignore"):
        derivatives = np.sin(x), np.cos(x), -np.sin(x), -np.cos(x)
        far = derivatives[0] / x
        for k in range(1, order + 1):
            far = (derivatives[k % 4] - k * far) / x
    series = functions.sinc_series(order, np.where(near, x, 0), terms=20)
    return np.asarray(np.where(near, series, far), np.result_type(x, np.float16))[()]


def vectorized(operation: Operation) -> Callable[..., Any]:
    """An operation as a function of arrays: its own, one of this module, numpy's, or else entry by entry."""
    if callable(operation.vector):
        return operation.vector
    if operation.vector:
        return cast(Callable[..., Any], globals()[operation.vector])
    return getattr(np, operation.numpy[0]) if operation.numpy else _entry_by_entry(operation.evaluate)


def _entry_by_entry(function: Callable[..., float]) -> Callable[..., Any]:
    """The scalar function at each entry; NaN outside its domain, as numpy does."""

    def at_entry(*values: float) -> float:
        try:
            return function(*map(float, values))
        except ValueError:
            return np.nan

    over_entries = np.vectorize(at_entry, otypes=[float])

    def at_arrays(*values: Any) -> Any:
        kind = np.result_type(*values, np.float16)
        return np.asarray(over_entries(*values), dtype=kind)[()]

    return at_arrays

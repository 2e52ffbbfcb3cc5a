"""The door through which numpy hands over its calls: which of our functions stands behind which of numpy's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.arrays import (  # noqa: F401  # they register their functions
    algebra,
    building,
    decomposing,
    elementwise,
    joining,
    norms,
    reducing,
    running,
    sampling,
    selecting,
    shaping,
    statistics,
    vectors,
)
from autodiff.arrays.names import COMPARISONS, KNOWN_FUNCTIONS, KNOWN_UFUNCS
from autodiff.arrays.register import lift, refuse
from autodiff.errors import UnsupportedError, did_you_mean
from autodiff.operations import arrays as ops
from autodiff.operations import products
from autodiff.operations.operands import plain, shape
from autodiff.operations.rule import BY_NUMPY_NAME, Operation

# Functions whose results do not move with their arguments, or depend only on shapes: they see the plain values.
PLAINLY: set[Any] = {
    np.all, np.allclose, np.any, np.argmax, np.argmin, np.argpartition, np.argsort, np.argwhere, np.array_equal,
    np.array_repr, np.array_str, np.array2string, np.count_nonzero, np.digitize, np.empty_like, np.flatnonzero,
    np.isclose, np.iscomplex, np.iscomplexobj, np.isneginf, np.isposinf, np.isreal, np.isrealobj, np.lexsort,
    np.may_share_memory, np.nanargmax, np.nanargmin, np.ndim, np.nonzero, np.ones_like, np.result_type,
    np.searchsorted, np.shape, np.shares_memory, np.size, np.zeros_like, np.can_cast, np.min_scalar_type, np.fix,
    np.imag, np.linalg.matrix_rank, np.array_equiv, np.isin, np.round, np.around,
}  # fmt: skip
# The same for ufuncs; those that round (rint, trunc) are flat between their jumps.
PLAINLY_UFUNCS = {
    "isnan", "isinf", "isfinite", "signbit", "rint", "trunc", "heaviside",
    "logical_and", "logical_or", "logical_not", "logical_xor",
}  # fmt: skip


def call(function: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """One of numpy's functions with a Dual or Var among its arguments."""
    ours = KNOWN_FUNCTIONS.get(function)
    if ours is not None:
        return ours(*args, **kwargs)
    if function in PLAINLY:
        return function(*map(_plainly, args), **{name: _plainly(value) for name, value in kwargs.items()})
    raise UnsupportedError(_unknown(_name(function)))


def call_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """One of numpy's ufuncs with a Dual or Var among its inputs; NotImplemented for what is not a number."""
    name = ufunc.__name__
    if options.get("out") is not None:
        raise UnsupportedError(
            f"np.{name} would write its result into an array of plain numbers and drop the derivative: "
            "write y = y + x instead of y += x, and do without out="
        )
    if method != "__call__":
        return _call_method(name, method, inputs, options)
    axis = {"axis": options["axis"]} if name == "vecdot" and "axis" in options else {}
    refuse(name, {option: value for option, value in options.items() if option not in axis})
    try:
        operands = [lift(x) for x in inputs]
    except TypeError:
        return NotImplemented
    if name in COMPARISONS:
        answer = COMPARISONS[name](*map(plain, operands))
        return answer if np.ndim(answer) else bool(answer)
    if name in PLAINLY_UFUNCS:
        return ufunc(*map(plain, operands))
    operation = KNOWN_FUNCTIONS.get(name) or BY_NUMPY_NAME.get(name)
    if operation is None:
        raise UnsupportedError(_unknown(name))
    if name == "matmul":
        KNOWN_UFUNCS[ufunc] = products.matmul
    elif type(operation) is Operation:
        KNOWN_UFUNCS[ufunc] = operation
    return operation(*operands, **axis)


# What stands behind np.add.reduce and its like: the numpy function, or a name of our own.
METHODS: dict[tuple[str, str], Any] = {
    ("add", "reduce"): np.sum, ("multiply", "reduce"): np.prod, ("maximum", "reduce"): np.max,
    ("minimum", "reduce"): np.min, ("add", "accumulate"): np.cumsum, ("multiply", "accumulate"): np.cumprod,
    ("logaddexp", "reduce"): "logaddexp.reduce", ("maximum", "accumulate"): "maximum.accumulate",
    ("minimum", "accumulate"): "minimum.accumulate",
}  # fmt: skip


def _call_method(name: str, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """np.add.reduce and its like."""
    if (name, method) in METHODS:
        x, *rest = inputs
        axis = rest[0] if rest else options.pop("axis", 0)
        return KNOWN_FUNCTIONS[METHODS[name, method]](x, axis, **options)
    if method == "outer":
        x, y = map(lift, inputs)
        x = ops.reshape(x, shape=(*shape(x), *(1,) * len(shape(y))))
        return call_ufunc(getattr(np, name), "__call__", (x, y), options)
    raise UnsupportedError(f"np.{name}.{method} has no rule for Duals and Vars")


def _plainly(x: Any) -> Any:
    return [_plainly(entry) for entry in x] if isinstance(x, (list, tuple)) else plain(x)


def _name(function: Any) -> str:
    module = getattr(function, "__module__", "numpy").removeprefix("numpy")
    return f"{module}.{function.__name__}".removeprefix(".")


def _unknown(name: str) -> str:
    known = [_name(key) if callable(key) else key for key in (*KNOWN_FUNCTIONS, *PLAINLY)]
    hint = did_you_mean(name, known)
    hint = f"; {hint.rstrip('?')}?" if hint else "."
    return (
        f"np.{name} has no rule for Duals and Vars{hint} Write it with functions that have "
        f"one, or define it: autodiff.elementary('my_{name.rpartition('.')[2]}', value, partial); "
        "help(autodiff.elementary) shows how"
    )

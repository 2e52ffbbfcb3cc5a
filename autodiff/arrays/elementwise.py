"""numpy's entry-by-entry functions that our table lacks, composed of those it has."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.arrays.register import stands_for
from autodiff.operations import arrays as ops
from autodiff.operations import elementary as table
from autodiff.operations.operands import PLAIN, plain


@stands_for("square")
def square(x: Any) -> Any:
    """np.square."""
    return x**2


@stands_for("reciprocal")
def reciprocal(x: Any) -> Any:
    """np.reciprocal."""
    return 1 / x


@stands_for("positive", "conjugate", np.real, np.real_if_close)
def positive(x: Any) -> Any:
    """np.positive."""
    return x


@stands_for("exp2")
def exp2(x: Any) -> Any:
    """np.exp2."""
    return 2.0**x


@stands_for("logaddexp2")
def logaddexp2(x: Any, y: Any) -> Any:
    """np.logaddexp2."""
    return table.logaddexp(x * table.LN2, y * table.LN2) / table.LN2


@stands_for("deg2rad", "radians")
def radians(x: Any) -> Any:
    """np.radians."""
    return x * (math.pi / 180)


@stands_for("rad2deg", "degrees")
def degrees(x: Any) -> Any:
    """np.degrees."""
    return x * (180 / math.pi)


@stands_for("float_power")
def float_power(x: Any, y: Any) -> Any:
    """np.float_power: a power in double precision, whatever comes in."""
    double = np.dtype(float)
    x, y = (ops.astype(v, dtype=double) if hasattr(v, "dtype") else v for v in (x, y))
    return x**y


@stands_for("copysign")
def copysign(x: Any, y: Any) -> Any:
    """np.copysign: |x| with the sign of y."""
    sign = math.copysign(1.0, y) if type(y) in PLAIN else np.copysign(1.0, plain(y))
    return table.absolute(x) * sign


@stands_for("fmod")
def fmod(x: Any, y: Any) -> Any:
    """np.fmod: the remainder with the sign of x."""
    return x - y * np.trunc(plain(x) / plain(y))


@stands_for(np.sinc)
def sinc(x: Any) -> Any:
    """np.sinc: sin πx / πx."""
    return table.sincn(0, math.pi * x)


@stands_for("divmod")
def divmod_(x: Any, y: Any) -> Any:
    """np.divmod: the whole quotient, which is flat, and the remainder."""
    return x // y, x % y


@stands_for("modf")
def modf(x: Any) -> Any:
    """np.modf: the part after the point, and the whole part, which is flat."""
    whole = np.trunc(plain(x))
    return x - whole, whole

"""Derivatives from values alone, to compare ours with: extrapolated differences, and the complex step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from autodiff.errors import AutodiffError

SHRINK = 1.6  # each step of the differences is this many times smaller than the one before
STEPS = 12
EPSILON = 2.0**-51  # the rounding of a value, with that of the operation before it
Curve = Callable[[float], Any]  # a function of a step t, with an array for its value


class Estimate(NamedTuple):
    """A numerical derivative, and how far off it may be, entry by entry."""

    value: Any
    error: Any


def difference(curve: Curve, *reaches: float) -> Estimate:
    """The derivative of curve(t) at t = 0 by central differences, extrapolated to step 0.

    The error of a central difference is a series in h²; Neville's scheme removes its terms one by one, and the entry of
    the tableau whose neighbours agree best is taken (Ridders, "Accurate computation of F′(x) and F″(x)", 1982).
    `reaches` are the largest steps to start from, 0.1 if none is given; where the curve has no value that far out,
    smaller ones are taken. Where a wide and a narrow one disagree, the narrow one is believed: the wide one may have
    gone past a pole or a corner. NaN, with an error of ∞, where the curve has no value on either side.

    >>> slope = difference(lambda t: math.exp(1 + t))
    >>> bool(abs(slope.value - math.e) < 1e-11), bool(slope.error < 1e-11)
    (True, True)
    """
    import numpy as np

    with np.errstate(all="ignore"):
        middle = np.asarray(curve(0.0), float)
        wide, *narrower = sorted(reaches or (0.1,), reverse=True)
        best = _extrapolated(curve, middle, wide)
        for reach in narrower:
            new = _extrapolated(curve, middle, reach)
            rounding = EPSILON * np.max(abs(middle), initial=0.0) / reach  # entries may share that of the largest
            apart = abs(best.value - new.value) > 10 * np.maximum(new.error, rounding)
            stays = (best.error <= new.error) & ~apart
            best = Estimate(np.where(stays, best.value, new.value), np.where(stays, best.error, new.error))
    return best


def _extrapolated(curve: Curve, middle: Any, reach: float) -> Estimate:
    """The best entries of the tableau of differences that starts at one largest step."""
    import numpy as np

    best = Estimate(np.full(middle.shape, math.nan), np.full(middle.shape, math.inf))
    h = _largest_step(curve, middle, reach)
    row: list[Any] = []
    for _ in range(STEPS if h else 0):
        new = [(np.asarray(curve(h), float) - np.asarray(curve(-h), float)) / (2 * h)]
        noise = EPSILON * abs(middle) / h  # the rounding of the two values
        factor = SHRINK**2
        for older in row:
            new.append((new[-1] * factor - older) / (factor - 1))
            error = np.maximum(np.maximum(abs(new[-1] - new[-2]), abs(new[-1] - older)), noise)
            better = error <= best.error
            best = Estimate(np.where(better, new[-1], best.value), np.where(better, error, best.error))
            factor *= SHRINK**2
        row, h = new, h / SHRINK
    return best


def _largest_step(curve: Curve, middle: Any, reach: float) -> float:
    """A step to both sides at which the curve has values wherever it has them in the middle; 0 if there is none."""
    import numpy as np

    defined = np.isfinite(middle)
    for _ in range(60):
        try:
            if all(np.isfinite(np.asarray(curve(step), float))[defined].all() for step in (reach, -reach)):
                return reach
        except (ArithmeticError, ValueError, AutodiffError):
            pass
        reach /= 4
    return 0.0


def complex_step(curve: Callable[[complex], Any]) -> Any:
    """The derivative of curve(t) at t = 0 from the imaginary part of curve(ih), exact to rounding if it is analytic.

    None where the function does not take complex numbers (Squire & Trapp, "Using complex variables …", 1998).

    >>> import cmath
    >>> float(complex_step(lambda t: cmath.exp(1 + t)) - math.e)
    0.0
    """
    import numpy as np

    h = 1e-200
    try:
        with np.errstate(all="ignore"):
            value = np.asarray(curve(complex(0, h)))
        return value.imag / h if value.dtype.kind == "c" else None
    except Exception:  # whatever a function of real numbers does when it is given complex ones
        return None


def has_kink(curve: Curve, scale: float = 1.0) -> Any:
    """Where the slopes to the left and to the right differ, however small the step; steps are multiples of `scale`.

    In a smooth curve they come closer as the step does: those of x² at 0 are h and −h.

    >>> bool(has_kink(abs)), bool(has_kink(lambda t: t * t))
    (True, False)
    """
    import numpy as np

    found: Any = True
    wide: Any = math.inf
    with np.errstate(all="ignore"):
        middle = np.asarray(curve(0.0), float)
        for h in (1e-5 * scale, 1e-7 * scale, 1e-9 * scale):
            try:
                right = (np.asarray(curve(h), float) - middle) / h
                left = (middle - np.asarray(curve(-h), float)) / h
            except (ArithmeticError, ValueError, AutodiffError):  # the edge of a domain
                return np.zeros(middle.shape, bool)
            noise = EPSILON * abs(middle) / h
            gap = abs(right - left)
            found = found & (gap > 1e-3 * (abs(right) + abs(left)) + 10 * noise)
            found = found & ~(gap < 0.1 * wide) if math.inf is not wide else found
            wide = gap
    return found

"""What is wrong with the rule of one operation: its pushes and pulls against differences of its own values."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from autodiff.checks.numerical import Estimate, difference, has_kink
from autodiff.errors import ArgumentError, DomainError
from autodiff.modes.chain import pull, push
from autodiff.operations.operands import plain, shape
from autodiff.operations.rule import Convention, Operation

ROUNDING = 1e-8  # the relative error of the derivatives that differences give at best
SHARES = (0.15, 0.35, 0.55, 0.7, 0.85)
# Where functions have their corners and poles; and points for which no convention was made.
LANDMARKS = (0.0, 1.0, -1.0)
TINY = (1e-9, 1e-5)  # alone, and beside other operands: few doubles lie between 1 and 1 + 10⁻⁹
EQUAL = (0.7, -1.3)


def wrong_rules(operation: Any, values: Sequence[Any], settings: Any, wanted: Sequence[int]) -> Iterator[str]:
    """What is wrong with how an operation pushes tangents and pulls adjoints at these operands."""
    import numpy as np

    random = np.random.default_rng(1)
    z = operation(*values, **settings)
    for k in wanted:
        x = np.asarray(values[k], float)
        v = np.ones(()) if not x.shape else random.normal(size=x.shape)
        g = np.ones(()) if not shape(z) else random.normal(size=shape(z))

        def curve(t: float, k: int = k, x: Any = x, v: Any = v) -> Any:
            moved = (x + t * v)[()] if type(values[k]) is not float else float(x + t * v)
            return operation(*values[:k], moved, *values[k + 1 :], **settings)

        size = scale(values)
        exact = difference(curve, 0.03 * size, 0.1)
        doing = "push"
        try:
            with np.errstate(all="ignore"):
                tangents = [v[()] if j == k else None for j in range(len(values))]
                pushed = push(operation, z, values, tangents, settings)
                doing = "pull"
                pulled = pull(operation, k, z, values, g[()], settings)
        except Exception as error:  # whatever a wrong rule may raise
            yield f"{doing} for operand {k + 1} fails: {error}"
            continue
        tolerance = 10 * exact.error + ROUNDING * np.abs(exact.value)
        whose = "partial" if type(operation) is Operation else "push for operand"
        away = np.where(np.isinf(pushed) & ~trusted(exact), 0.0, abs(pushed - exact.value) - tolerance)
        if np.any(away > 0) and not np.any(has_kink(curve, size)):
            worst = np.unravel_index(np.nanargmax(away), np.shape(exact.value))
            yield f"{whose} {k + 1} gives {np.asarray(pushed)[worst]:.6g}, the values give {exact.value[worst]:.6g}"
            continue
        if shape(pulled) != x.shape:
            yield f"the adjoint of operand {k + 1} has the shape {shape(pulled)}, not {x.shape}"
            continue
        there, back = np.sum(pushed * g), np.sum(pulled * v)
        if not (math.isnan(there) and math.isnan(back)) and not math.isclose(
            there, back, rel_tol=1e-9, abs_tol=1e-9 * (1 + np.sum(abs(g)))
        ):
            yield f"pull for operand {k + 1} is not the transpose of its push: ⟨g, ż⟩ is {there:.6g}, not {back:.6g}"


def scale(values: Sequence[Any]) -> float:
    """The scale on which functions of these operands vary: their smallest size other than 0, or else 1.

    >>> scale([0.0, 1e-9]), scale([0.0])
    (1e-09, 1.0)
    """
    import numpy as np

    sizes = [float(np.max(np.abs(x), initial=0.0)) for x in map(plain, values)]
    return min((size for size in sizes if size and math.isfinite(size)), default=1.0)


def trusted(estimate: Estimate) -> Any:
    """Where an estimate is good enough to contradict a slope that is infinite or not known."""
    return estimate.error < 1e-3 * abs(estimate.value)


def first_fault(operation: Any, point: Sequence[Any], settings: Any) -> str:
    """What is wrong with a rule at a point; the empty string if nothing is."""
    import numpy as np

    with np.errstate(all="ignore"):
        found = [entries(x, f"operand {k + 1}") for k, x in enumerate(point)]
        values = [x[()] if shape(x) else float(x) for x in found]
        wanted = [k for k in range(len(values)) if k not in getattr(operation, "orders", ())]
        return next(wrong_rules(operation, values, settings, wanted), "")


def entries(value: Any, name: str) -> Any:
    """The entries of an argument, in double precision; `name` is that of the argument.

    Raises ArgumentError for what is neither a number nor an array of numbers.
    """
    import numpy as np

    try:
        return np.asarray(value, float)
    except (TypeError, ValueError):
        kind = type(value).__name__
        raise ArgumentError(f"{name} is a number or an array of numbers, not {kind}: {value!r:.40}") from None


# --- points ---------------------------------------------------------------------------------------------------
Point = tuple[float, ...]


def points(operation: Operation) -> Iterator[Point]:
    """Points of an elementary operation: some inside its domain, and all those at which rules go wrong unnoticed."""
    for share in SHARES:
        yield tuple(
            float(round(x)) if k in operation.orders else x
            for k, interval in enumerate(operation.domain.intervals)
            for x in (_inside(interval, (share + 0.13 * k) % 1),)
        )
    yield from special_points(operation)


def special_points(operation: Operation) -> Iterator[Point]:
    """Points of conventions, 0, ±1, tiny numbers, equal operands, ends of intervals: those where it has a value.

    >>> from autodiff import ln
    >>> list(special_points(ln))
    [(1.0,), (1e-09,)]
    """
    asked = [x for convention in operation.conventions for x in _asked_for(convention, operation.arity)]
    ends = [[x for x in interval if math.isfinite(x)] for interval in operation.domain.intervals]
    tiny = TINY[min(operation.arity, 2) - 1]
    choices = [
        (0.0, 1.0) if k in operation.orders else dict.fromkeys((*LANDMARKS, tiny, -tiny, *ends[k], *asked))
        for k in range(operation.arity)
    ]
    equal = [(x,) * operation.arity for x in EQUAL if operation.arity > 1 and not operation.orders]
    for point in (*itertools.product(*choices), *equal):
        within = zip(point, operation.domain.intervals, strict=True)
        if all(low <= x <= high for x, (low, high) in within) and _has_value(operation, point):
            yield point


def _asked_for(convention: Convention, arity: int) -> list[float]:
    """The numbers that a convention compares operands with: it applies at these, or nearby."""
    numbers: list[float] = []
    with contextlib.suppress(Exception):  # whatever a condition does with something that is not a number
        convention.where(*(_Asked(numbers) for _ in range(arity)))
    return numbers


class _Asked:
    """An operand that notes what it is compared with."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, numbers: list[float]) -> None:
        self.numbers = numbers

    def _compare(self, other: Any) -> _Asked:
        if isinstance(other, (int, float)) and math.isfinite(other):
            self.numbers.append(float(other))
        return self

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _compare  # type: ignore[assignment]

    def _same(self, *_: Any) -> _Asked:
        return self

    __and__ = __or__ = __abs__ = __neg__ = __mod__ = __add__ = __sub__ = __mul__ = __truediv__ = __pow__ = _same


def _has_value(operation: Operation, point: Point) -> bool:
    try:
        return math.isfinite(operation.evaluate(*point))
    except DomainError:
        return False


def _inside(interval: tuple[float, float], part: float) -> float:
    """A point of an open interval, bounded or not, some part (0 to 1) of the way along."""
    low, high = interval
    spread = math.tan(math.pi * (part - 0.5) * 0.8)  # −3 … 3
    if math.isfinite(low) and math.isfinite(high):
        return low + part * (high - low)
    if math.isfinite(low):
        return low + abs(spread) + 0.1
    return high - abs(spread) - 0.1 if math.isfinite(high) else spread

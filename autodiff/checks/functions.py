"""The cross-check of a Python function: forward mode, reverse mode and numerical derivatives, to second order."""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autodiff.checks.numerical import Estimate, complex_step, difference, has_kink
from autodiff.derivatives.transforms import grad, jvp, vjp
from autodiff.derivatives.trees import leaves, rebuild
from autodiff.errors import AutodiffError
from autodiff.modes.partials import pull, push
from autodiff.modes.rows import CONSTANT, INPUT, parts
from autodiff.modes.tape import Tape, Var
from autodiff.operations.operands import plain, shape
from autodiff.operations.rule import Operation

Function = Callable[..., Any]
ROUNDING = 1e-8  # relative to the derivative: what differences can be trusted to at best
MANY = 100  # arrays with more entries than this are checked in random directions first


@dataclass(frozen=True)
class Mismatch:
    """A derivative that is not what the values say: of which argument and entry, by whom, and what it should be."""

    where: str
    ours: str
    got: float
    expected: float
    uncertainty: float

    def __str__(self) -> str:
        return (
            f"{self.where}: {self.ours} gives {self.got:.10g}, the values give {self.expected:.10g} "
            f"± {self.uncertainty:.1g}"
        )


@dataclass(frozen=True)
class FunctionReport:
    """The outcome of the check of a function; prints as a few lines."""

    name: str
    compared: int
    worst: float  # the largest relative difference
    mismatches: tuple[Mismatch, ...]
    suspects: tuple[str, ...]  # operations whose own rule is wrong
    kinks: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether everything agrees."""
        return not self.mismatches and not self.suspects

    def __str__(self) -> str:
        if self.ok:
            text = (
                f"✓ forward, reverse and numerical derivatives of {self.name} agree to second order: "
                f"{self.compared} numbers, within {self.worst:.1g}"
            )
            return "\n".join([text, *(f"  not compared, at a kink: {kink}" for kink in self.kinks)])
        wrong = f"{len(self.mismatches)} of {self.compared} derivatives are wrong" if self.mismatches else "wrong"
        lines = [f"✗ {self.name}: {wrong}"]
        lines += [f"  {mismatch}" for mismatch in self.mismatches[:5]]
        if len(self.mismatches) > 5:
            lines.append(f"  and {len(self.mismatches) - 5} more")
        lines += [f"  the rule of {suspect}" for suspect in self.suspects]
        return "\n".join(lines)


def check_function(f: Function, *args: Any) -> FunctionReport:
    """Compare the derivatives of f at a point with differences of its values, in both modes, to second order.

    Where f takes complex numbers, the complex step sharpens the comparison. Arrays of more than 100 entries are
    compared in random directions. Raises what f raises.
    """
    import numpy as np

    with np.errstate(all="ignore"):
        check = _Check(f, args)
        check.first_order()
        if not check.mismatches:
            check.second_order()
        suspects = tuple(_suspects(f, check.args)) if check.mismatches else ()
    name = str(getattr(f, "__name__", None) or getattr(f, "name", type(f).__name__))
    return FunctionReport(
        name, check.compared, check.worst, tuple(check.mismatches), suspects, tuple(dict.fromkeys(check.kinks))
    )


class _Check:
    """One check under way: the point, its directions, and what was found."""

    def __init__(self, f: Function, args: Sequence[Any]) -> None:
        import numpy as np

        self.f = f
        self.random = np.random.default_rng(0)
        self.inputs = [leaf for name, arg in zip(_names(f), args, strict=False) for leaf in leaves(arg, name)]
        self.point = [np.asarray(leaf.value, float) for leaf in self.inputs]
        self.given = tuple(args)
        self.args = self.at(self.point)  # in double precision, whatever comes in
        self.compared, self.worst = 0, 0.0
        self.mismatches: list[Mismatch] = []
        self.kinks: list[str] = []

    def at(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Arguments built like the given ones; numbers stay numbers."""
        new = iter([v if shape(leaf.value) else v[()] for v, leaf in zip(values, self.inputs, strict=True)])
        return tuple(rebuild(arg, new) for arg in self.given)

    def directions(self) -> Iterator[tuple[str, list[Any]]]:
        """A name and a tangent for every input: single entries of small arrays, random directions in large ones."""
        import numpy as np

        for n, (leaf, x) in enumerate(zip(self.inputs, self.point, strict=True)):
            zeros = [np.zeros_like(other) for other in self.point]
            if x.size > MANY:
                for k in range(3):
                    yield (
                        f"{leaf.path}, random direction {k + 1}",
                        [*zeros[:n], self.random.normal(size=x.shape), *zeros[n + 1 :]],
                    )
                continue
            for index in np.ndindex(x.shape):
                unit = np.zeros_like(x)
                unit[index] = 1.0
                entry = f", entry [{', '.join(map(str, index))}]" if index else ""
                yield leaf.path + entry, [*zeros[:n], unit, *zeros[n + 1 :]]

    def reaches(self, v: Sequence[Any]) -> tuple[float, ...]:
        """Steps to try in the direction v: shares of the point where it moves, for fast functions too, and a tenth."""
        import numpy as np

        size = max((float(np.max(np.abs(x * (d != 0)), initial=0.0)) for x, d in zip(self.point, v, strict=True)))
        return (0.03 * size, 1e-4 * size, 1e-6 * size, 0.1) if size else (0.1, 1e-4)

    def along(self, v: Sequence[Any], g: Function) -> Callable[[Any], Any]:
        """G on the line through the point in the direction v."""
        return lambda t: g(*self.at([x + t * d for x, d in zip(self.point, v, strict=True)]))

    def first_order(self) -> None:
        """J·v by forward mode, by reverse mode, and from values."""
        import numpy as np

        _, pullback = vjp(self.outputs, *self.args)
        rows = [pullback(unit) for unit in np.eye(self.value(*self.args).size)]
        for name, v in self.directions():
            forward = np.asarray(jvp(self.outputs, self.args, self.at(v))[1])
            backward = np.array([_inner(row, v) for row in rows])
            line = self.along(v, self.value)
            reaches = self.reaches(v)
            exact = _sharpened(difference(line, *reaches), complex_step(line))
            kink = has_kink(line, 10 * reaches[0])
            self.compare(name, {"forward mode": forward, "reverse mode": backward}, exact, kink)

    def second_order(self) -> None:
        """The derivative of the gradient of a random sum of the outputs, in a random direction."""
        import numpy as np

        weights = self.random.normal(size=self.value(*self.args).size)
        every = tuple(range(len(self.args)))
        gradient = grad(lambda *args: np.sum(self.outputs(*args) * weights), every)
        v = [self.random.normal(size=x.shape) for x in self.point]
        forward = jvp(lambda *args: _vector(gradient(*args)), self.args, self.at(v))[1]
        backward = _vector(grad(lambda *args: _inner(gradient(*args), v), every)(*self.args))
        line = self.along(v, lambda *args: _vector(gradient(*args)))
        ours = {"forward over reverse mode": np.asarray(forward), "reverse over reverse mode": backward}
        reaches = self.reaches(v)
        self.compare("second derivatives", ours, difference(line, *reaches), has_kink(line, 10 * reaches[0]))

    def outputs(self, *args: Any) -> Any:
        """All outputs of f in one vector, derivatives and all."""
        return _vector(self.f(*args))

    def value(self, *args: Any) -> Any:
        """All outputs of f in one vector of plain numbers."""
        return plain(self.outputs(*args))

    def compare(self, where: str, ours: dict[str, Any], exact: Estimate, kink: Any) -> None:
        """Hold each entry of our derivatives against the numerical one."""
        # Where the exact derivative is 0, the terms that cancel to it leave their rounding behind.
        floor = 1e-15 * max((abs(x) for x in exact.value if math.isfinite(x)), default=0.0)
        for who, found in ours.items():
            for k, (got, want, error) in enumerate(zip(found, *exact, strict=True)):
                if math.isnan(want):  # the values say nothing here: an edge of the domain, or NaN
                    continue
                self.compared += 1
                off = abs(got - want)
                if off <= 10 * error + ROUNDING * abs(want) + floor or (
                    math.isinf(got) and not error < 1e-3 * abs(want)
                ):
                    if error <= 1e-3 * abs(want):  # a coarse estimate says nothing about how close we are
                        self.worst = max(self.worst, off / abs(want))
                    continue
                label = f"{where}, output {k}" if len(found) > 1 and where != "second derivatives" else where
                if kink[k]:
                    self.kinks.append(label)
                else:
                    self.mismatches.append(Mismatch(label, who, float(got), float(want), float(error)))


def _names(f: Function) -> Iterator[str]:
    """The parameters of f as a report names them, for as many arguments as there are."""
    try:
        names = [p.name for p in inspect.signature(f).parameters.values() if p.kind is not p.VAR_POSITIONAL]
    except (TypeError, ValueError):
        names = []
    return itertools.chain(map("argument {}".format, names), map("argument {}".format, itertools.count(len(names))))


def _vector(nest: Any) -> Any:
    """All leaves of a nest in one vector."""
    import numpy as np

    return np.concatenate([np.ravel(leaf.value) for leaf in leaves(nest)] or [np.zeros(0)])


def _inner(gradient: Any, v: Sequence[Any]) -> Any:
    import numpy as np

    # Entries that do not move are left out: an infinite slope times 0 is no part of the sum.
    return sum(
        np.sum(leaf.value[d != 0] * d[d != 0]) if np.shape(d) else leaf.value * d
        for leaf, d in zip(leaves(gradient), v, strict=True)
    )


def _sharpened(estimate: Estimate, sharp: Any) -> Estimate:
    """The estimate by differences, and by the complex step where that agrees: f may not be analytic."""
    import numpy as np

    if sharp is None or np.shape(sharp) != np.shape(estimate.value):
        return estimate
    agree = abs(sharp - estimate.value) <= 10 * estimate.error + 1e-6 * abs(sharp)
    error = np.where(agree, 1e-14 * abs(sharp), estimate.error)
    return Estimate(np.where(agree, sharp, estimate.value), error)


# --- who is to blame --------------------------------------------------------------------------------------------
def _suspects(f: Function, args: Sequence[Any]) -> Iterator[str]:
    """The operations of a run whose own rule disagrees with their own values."""
    import numpy as np

    with Tape(anywhere=True) as tape:
        point = iter([Var(leaf.value, tape=tape) for arg in args for leaf in leaves(arg)])
        f(*(rebuild(arg, point) for arg in args))
    seen = set()
    for n, row in enumerate(tape.rows):
        if row[0] == INPUT:
            continue
        operation, numbers, values, settings = parts(row)
        if operation.name in seen:
            continue
        wanted = [k for k, number in enumerate(numbers) if number != CONSTANT]
        wrong = next(iter(wrong_rules(operation, values, settings, wanted)), None)
        if wrong is not None:
            seen.add(operation.name)
            at = ", ".join(np.array2string(np.asarray(plain(x)), precision=4, threshold=6) for x in values)
            yield f"{operation.name} is wrong (row {n}, at {at}): {wrong}"


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

        size = float(np.max(np.abs(x), initial=0.0))
        exact = difference(curve, 0.03 * size if size else 0.1, 0.1)
        doing = "push"
        try:
            with np.errstate(all="ignore"):
                tangents = [v[()] if j == k else None for j in range(len(values))]
                pushed = push(operation, z, values, tangents, settings)
                doing = "pull"
                pulled = pull(operation, k, z, values, g[()], settings)
        except Exception as error:  # whatever a rule that is wrong may raise
            yield f"{doing} for operand {k + 1} fails: {error}"
            continue
        tolerance = 10 * exact.error + ROUNDING * np.abs(exact.value)
        whose = "partial" if type(operation) is Operation else "push for operand"
        away = abs(pushed - exact.value) - tolerance
        if np.any(away > 0) and not np.any(has_kink(curve, size or 1.0)):
            worst = np.unravel_index(np.nanargmax(away), np.shape(exact.value))
            yield f"{whose} {k + 1} gives {np.asarray(pushed)[worst]:.6g}, the values give {exact.value[worst]:.6g}"
            continue
        if shape(pulled) != x.shape:
            yield f"the adjoint of operand {k + 1} has the shape {shape(pulled)}, not {x.shape}"
            continue
        there, back = np.sum(pushed * g), np.sum(pulled * v)
        if not math.isclose(there, back, rel_tol=1e-9, abs_tol=1e-9 * (1 + np.sum(abs(g)))):
            yield f"pull for operand {k + 1} is not the transpose of its push: ⟨g, ż⟩ is {there:.6g}, not {back:.6g}"


def check_rule(operation: Any, *operands: Any, **settings: Any) -> FunctionReport:
    """Check the rule of an operation against its own values, at given operands or at points drawn from its domain.

    An array operation needs operands (arrays of the shapes it takes) and its settings.

    >>> from autodiff import elementary, exp
    >>> good = elementary("e_to_the", lambda x: math.exp(x), lambda z, x: z)
    >>> print(check_rule(good))  # doctest: +ELLIPSIS
    ✓ forward, reverse and numerical derivatives of e_to_the agree to second order: ...
    >>> bad = elementary("e_to_the", lambda x: math.exp(x), lambda z, x: 2 * z)
    >>> print(check_rule(bad, 0.0).suspects[0])
    e_to_the is wrong: partial 1 gives 2, the values give 1
    """
    points = [operands] if operands else list(_points(operation))
    wrong = [
        f"{operation.name} is wrong: {found}" for point in points for found in _first_wrong(operation, point, settings)
    ]
    if wrong:
        return FunctionReport(operation.name, 1, 0.0, (), tuple(wrong[:1]), ())
    reports = [check_function(lambda *xs: operation(*xs, **settings), *point) for point in points]
    bad = next((report for report in reports if not report.ok), None)
    mismatches = bad.mismatches if bad else ()
    return FunctionReport(
        operation.name,
        sum(report.compared for report in reports),
        max(report.worst for report in reports),
        mismatches,
        bad.suspects if bad else (),
        tuple(kink for report in reports for kink in report.kinks),
    )


def _first_wrong(operation: Any, point: Sequence[Any], settings: Any) -> list[str]:
    """What is wrong with the rule at a point, if anything."""
    import numpy as np

    with np.errstate(all="ignore"):
        values = [np.asarray(x, float)[()] if shape(x) else float(x) for x in point]
        return list(wrong_rules(operation, values, settings, range(len(values))))[:1]


def _points(operation: Any) -> Iterator[tuple[float, ...]]:
    """Points inside the domain of an elementary operation."""
    if type(operation) is not Operation:
        raise AutodiffError(
            f"{operation.name} works on arrays: check_rule({operation.name}, x, …) needs operands to try"
        )
    for share in (0.15, 0.35, 0.55, 0.7, 0.85):
        point = []
        for k, interval in enumerate(operation.domain.intervals):
            point.append(_inside(interval, (share + 0.13 * k) % 1))
        yield tuple(point)


def _inside(interval: tuple[float, float], part: float) -> float:
    """A point of an open interval, bounded or not, at a part from 0 to 1 of the way."""
    low, high = interval
    spread = math.tan(math.pi * (part - 0.5) * 0.8)  # −3 … 3
    if math.isfinite(low) and math.isfinite(high):
        return low + part * (high - low)
    if math.isfinite(low):
        return low + abs(spread) + 0.1
    return high - abs(spread) - 0.1 if math.isfinite(high) else spread

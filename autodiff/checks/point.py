"""The check of a function at one point: both modes against differences of its values, to second order."""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autodiff.checks.faults import ROUNDING, entries, scale, trusted
from autodiff.checks.numerical import Estimate, complex_step, difference, has_kink
from autodiff.derivatives.transforms import grad, jvp, vjp
from autodiff.derivatives.trees import leaves, rebuild, refuse_leaf
from autodiff.modes.lifted import is_operand
from autodiff.operations.operands import plain, shape

Function = Callable[..., Any]
MANY = 100  # arrays with more entries than this are checked in random directions


@dataclass(frozen=True)
class Mismatch:
    """A derivative that is not what the values say: of which argument and entry, in which mode, what it should be."""

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


class PointCheck:
    """One check under way: the point, its directions, and what was found."""

    def __init__(self, f: Function, args: Sequence[Any]) -> None:
        import numpy as np

        self.f = f
        self.random = np.random.default_rng(0)
        self.inputs = [leaf for name, arg in zip(_names(f), args, strict=False) for leaf in leaves(arg, name)]
        self.point = [entries(leaf.value, leaf.path) for leaf in self.inputs]
        self.given = tuple(args)
        self.args = self.at(self.point)  # in double precision, whatever comes in
        self.compared, self.worst = 0, 0.0
        self.mismatches: list[Mismatch] = []
        self.kinks: list[str] = []

    def run(self) -> PointCheck:
        """Compare first derivatives, and second ones unless the first are already wrong."""
        import numpy as np

        with np.errstate(all="ignore"):
            self.first_order()
            if not self.mismatches:
                self.second_order()
        return self

    def report(self, name: str, suspects: Sequence[str] = ()) -> FunctionReport:
        """What was found."""
        kinks = tuple(dict.fromkeys(self.kinks))
        return FunctionReport(name, self.compared, self.worst, tuple(self.mismatches), tuple(suspects), kinks)

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
        """Steps to try in the direction v: 0.1, and shares of the largest entry that moves, for fast functions too."""
        import numpy as np

        size = max((float(np.max(np.abs(x * (d != 0)), initial=0.0)) for x, d in zip(self.point, v, strict=True)))
        shares = (0.03 * size, 1e-4 * size, 1e-6 * size) if size else (1e-4,)
        return (0.1, *shares, 0.03 * scale(self.point))

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
            kink = has_kink(line, scale(self.point))
            self.compare(name, {"forward mode": forward, "reverse mode": backward}, exact, kink)

    def second_order(self) -> None:
        """The derivative of the gradient of a randomly weighted sum of the outputs, in a random direction."""
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
        self.compare("second derivatives", ours, difference(line, *reaches), has_kink(line, scale(self.point)))

    def outputs(self, *args: Any) -> Any:
        """All outputs of f in one vector, derivatives and all."""
        result = self.f(*args)
        for leaf in leaves(result):
            if not is_operand(leaf.value):
                raise refuse_leaf(leaf, "the function to check")
        return _vector(result)

    def value(self, *args: Any) -> Any:
        """All outputs of f in one vector of plain numbers."""
        return plain(self.outputs(*args))

    def compare(self, where: str, ours: dict[str, Any], exact: Estimate, kink: Any) -> None:
        """Compare each entry of our derivatives with the numerical one."""
        # Where the exact derivative is 0, terms that cancel leave their rounding behind.
        floor = 1e-15 * max((abs(x) for x in exact.value if math.isfinite(x)), default=0.0)
        for who, found in ours.items():
            for k, (got, want, error) in enumerate(zip(found, *exact, strict=True)):
                if math.isnan(want):  # the values say nothing here: an edge of the domain, or NaN
                    continue
                self.compared += 1
                off = abs(got - want)
                trust = trusted(Estimate(want, error))
                if math.isnan(got) and not trust:  # we give no number, and neither do the values
                    self.kinks.append(where)
                    continue
                if off <= 10 * error + ROUNDING * abs(want) + floor or (math.isinf(got) and not trust):
                    if error <= 10 * ROUNDING * abs(want) and math.isfinite(
                        got
                    ):  # a coarse estimate says nothing about how close we are
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


def _vector(tree: Any) -> Any:
    """All leaves of a tree in one vector."""
    import numpy as np

    return np.concatenate([np.ravel(leaf.value) for leaf in leaves(tree)] or [np.zeros(0)])


def _inner(gradient: Any, v: Sequence[Any]) -> Any:
    import numpy as np

    # Entries that do not move are left out: an infinite slope times 0 does not belong to the sum.
    return sum(
        np.sum(leaf.value[d != 0] * d[d != 0]) if np.shape(d) else leaf.value * d
        for leaf, d in zip(leaves(gradient), v, strict=True)
    )


def _sharpened(estimate: Estimate, sharp: Any) -> Estimate:
    """The estimate by differences, sharpened by the complex step where that agrees: f may not be analytic."""
    import numpy as np

    if sharp is None or np.shape(sharp) != np.shape(estimate.value):
        return estimate
    agree = abs(sharp - estimate.value) <= 10 * estimate.error + 1e-6 * abs(sharp)
    error = np.where(agree, 1e-14 * abs(sharp), estimate.error)
    return Estimate(np.where(agree, sharp, estimate.value), error)

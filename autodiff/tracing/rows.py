"""What a trace is made of: rows of values, sweeps with rows of derivatives and their contributions, outputs, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from autodiff.expression.expr import Expr
from autodiff.expression.names import Ref, factor_of
from autodiff.tracing.directions import Direction
from autodiff.tracing.source import Source

Value = Any  # of a row: a float, or a Block where the row is an array


@dataclass(frozen=True)
class Step:
    """A primal row: an independent variable (no operation) or an elementary operation."""

    ref: Ref
    label: str | None  # the user's name of the variable, or the name a statement gave
    operation: Any  # an elementary or an array operation; None for an independent variable
    operands: tuple[Ref | Value, ...]
    formula: Expr
    value: Value
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)  # of an array operation
    source: Source | None = None  # the line of the program that made the row

    @property
    def links(self) -> list[tuple[int, Ref]]:
        """Those of its operands that are rows, each with its number."""
        return [(k, operand) for k, operand in enumerate(self.operands) if isinstance(operand, Ref)]

    @property
    def reads(self) -> list[Ref]:
        """The rows that it reads, each once, in operand order."""
        return list(dict.fromkeys(operand for _, operand in self.links))


def arrivals(steps: Sequence[Step]) -> Iterator[tuple[Step, int, Ref]]:
    """The order in which contributions to adjoints arrive: from the last row to the first, in operand order.

    Each arrival is the row that sends, the number of its operand, and the row that receives.
    """
    for step in reversed(steps):
        for k, operand in step.links:
            yield step, k, operand


@dataclass(frozen=True)
class Contribution:
    """One term of a derivative: factor × partial, the factor being a tangent or an adjoint."""

    rule: Ref  # v̄₃ ∂v₃/∂v₀, a "push" or a "pull"
    step: Step  # the row whose operation is differentiated,
    k: int  # with respect to this one of its operands
    factor: Value
    partial: Expr | None  # an array operation has none: it is pushed and pulled as a whole
    partial_value: Value | None
    formula: Expr
    value: Value

    @property
    def factor_ref(self) -> Ref:
        """The name of the row that the factor is: v̄₃ of v̄₃ ∂v₃/∂v₀."""
        return factor_of(self.rule)


@dataclass(frozen=True)
class Derivative:
    """A tangent or adjoint row: the sum of its contributions, in the order in which they arrive.

    `rule` is None and there are no contributions where the row starts from a seed or copies another. `seed` is
    what an output adds to the adjoint of its row.
    """

    ref: Ref
    rule: Expr | None
    formula: Expr
    value: Value
    contributions: tuple[Contribution, ...] = ()
    seed: float = 0.0


@dataclass(frozen=True)
class Sweep:
    """One pass through the rows: its direction, the seed from which it starts, and its rows in their order.

    A sweep over a run that stopped has no rows.
    """

    direction: Direction
    seed: tuple[tuple[str, float], ...] = ()
    rows: tuple[Derivative, ...] = ()

    @property
    def moving(self) -> dict[str, float]:
        """Those of its seeds that are not 0."""
        return {name: weight for name, weight in self.seed if weight}

    @cached_property
    def alone(self) -> str | None:
        """The name whose seed is 1 while all others are 0: then the sweep finds derivatives."""
        moving = self.moving
        return next(iter(moving)) if list(moving.values()) == [1] else None

    def arrivals(self, steps: Sequence[Step]) -> list[tuple[Derivative, int]]:
        """The contributions as they arrive from these steps, each as its row and its number there."""
        made = {(part.step.ref, part.k): (row, n) for row in self.rows for n, part in enumerate(row.contributions)}
        return [made[step.ref, k] for step, k, _ in arrivals(steps) if (step.ref, k) in made]

    def asked(self, end: str) -> Ref:
        """What it finds at one of its ends: ∂y/∂x where one seed is 1 and the others 0, else ẏ or x̄."""
        start = self.alone
        if start is None:
            return self.direction.ref(end)
        return Ref("partial", start, end) if self.direction.backward else Ref("partial", end, start)


@dataclass(frozen=True)
class Output:
    """A dependent variable: its name, and the row or constant that it is."""

    name: str
    operand: Ref | float
    value: float


@dataclass(frozen=True)
class Note:
    """A remark under a table: which row, and why."""

    ref: Ref
    text: str


class RowText(NamedTuple):
    """A row as text, the way tables print it."""

    name: str
    operation: str
    operands: tuple[str, ...]
    formula: str
    numbers: str
    value: Value
    derivative: DerivativeText | None
    source: Source | None = None


class DerivativeText(NamedTuple):
    """The derivative of a row as text."""

    name: str
    rule: str
    formula: str
    numbers: str
    value: Value

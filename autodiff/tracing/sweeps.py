"""The sweeps over the rows of a run, which keep every contribution.

The numbers come from the same `partial` that Dual and Var use; the formulas from the same rules.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from autodiff.expression.blocks import Block, frozen, raw
from autodiff.expression.expr import Expr, Num, Symbol
from autodiff.expression.names import Ref, factor_of
from autodiff.expression.shown import Shown
from autodiff.modes.chain import pull, push
from autodiff.modes.partials import partial
from autodiff.operations.rule import Operation
from autodiff.tracing.cells import partial_formula, term, total
from autodiff.tracing.directions import FORWARD, REVERSE, Direction
from autodiff.tracing.rows import Contribution, Derivative, Note, Output, Step, Sweep, Value

# What is noted about a slope that is not a number.
INFINITE_SLOPE = "the slope is infinite here"
NO_SLOPE = "no slope here: the derivative is undefined"
ZERO_TIMES_INFINITY = "its contribution is 0 × ∞, which is undefined"


class ChainRule:
    """The chain rule over the rows of a run: one contribution after the other, and the notes taken on the way."""

    def __init__(
        self, steps: Sequence[Step], outputs: Sequence[Output], values: Mapping[Any, Value] | None = None
    ) -> None:
        self.steps = steps
        self.outputs = outputs
        self.inputs = [step for step in steps if step.operation is None]
        self.value = {step.ref: step.value for step in steps} if values is None else values
        self.notes: dict[Note, None] = {}

    def contribution(self, direction: Direction, step: Step, k: int, factor: Value) -> Contribution:
        """Factor × ∂(step)/∂(its operand k): the factor is the tangent of that operand, or the adjoint of the step."""
        operation, operand = step.operation, step.operands[k]
        assert operation is not None
        assert isinstance(operand, Ref)
        rule = Ref(direction.part, step.ref.of, operand.of, step.ref.letter)
        values = [self.value[o] if isinstance(o, Ref) else o for o in step.operands]
        z = self.value[step.ref]
        blocks = any(isinstance(value, Block) for value in (*values, z, factor))
        by = self._by_rule if blocks or type(operation) is not Operation else self._by_partial
        partial, slope, formula, value = by(direction, step, k, Symbol(factor_of(rule)), factor, z, values)
        return Contribution(
            rule=rule,
            step=step,
            k=k,
            factor=factor,
            partial=partial,
            partial_value=slope,
            formula=formula,
            value=value,
        )

    def _by_partial(
        self, direction: Direction, step: Step, k: int, name: Symbol, factor: float, z: float, values: list[Any]
    ) -> tuple[Expr, float, Expr, float]:
        """Between numbers: the partial and its value, the contribution and its value."""
        slope = float(partial(step.operation, k, z, values))
        formula = partial_formula(step.operation, k, step.ref, step.operands)
        value = factor * slope
        self.remark(step, k, (z, *values), slope, factor, value)
        return formula, slope, term(name, formula, whole=direction.chain_rule), value

    def _by_rule(
        self, direction: Direction, step: Step, k: int, name: Symbol, factor: Any, z: Any, values: list[Any]
    ) -> tuple[Expr | None, None, Expr, Any]:
        """The same where arrays take part: the rule is run once, on values that remember their formulas."""
        import numpy as np  # there are arrays, so it is imported already

        result = Shown(raw(z), Symbol(step.ref))
        operands = [
            Shown(raw(value), Symbol(o)) if isinstance(o, Ref) else raw(value)
            for o, value in zip(step.operands, values, strict=True)
        ]
        moving = Shown(raw(factor), name)
        with np.errstate(all="ignore"):
            if direction.backward:
                found = pull(step.operation, k, result, operands, moving, step.settings)
            else:
                tangents = [moving if j == k else None for j in range(len(operands))]
                found = push(step.operation, result, operands, tangents, step.settings)
        if type(step.operation) is not Operation:
            return None, None, found.formula, frozen(found.primal)
        formula = partial_formula(step.operation, k, step.ref, step.operands)
        return formula, None, term(name, formula, whole=direction.chain_rule), frozen(found.primal)

    def remark(self, step: Step, k: int, values: Sequence[float], slope: float, factor: float, value: float) -> None:
        """Note a convention that was used, an infinite or missing slope, and 0 × ∞; `values` begin with the result."""
        convention = step.operation.convention_at(*values[1:])
        if convention and convention.partials[k] is not None:
            self.notes[Note(step.ref, convention.note)] = None
        elif math.isinf(slope) and all(map(math.isfinite, values)):
            self.notes[Note(step.ref, INFINITE_SLOPE)] = None
        elif math.isnan(slope) and not any(map(math.isnan, values[1:])):
            self.notes[Note(step.ref, NO_SLOPE)] = None
        if math.isnan(value) and not math.isnan(slope) and not math.isnan(factor):
            self.notes[Note(step.ref, ZERO_TIMES_INFINITY)] = None


def sweep_from(chain: ChainRule, direction: Direction, seed: Mapping[str, float]) -> Sweep:
    """A whole sweep, from the seed of each variable (forward) or output (backward)."""
    rows = (reverse if direction.backward else forward)(chain, list(seed.values()))
    return Sweep(direction, tuple(seed.items()), tuple(rows))


def forward(chain: ChainRule, seed: Sequence[float]) -> list[Derivative]:
    """The tangents of all rows, first to last, then of the outputs.

    v̇ᵢ = Σ v̇ⱼ ∂vᵢ/∂vⱼ over the operands j (Griewank & Walther 2008, Table 3.4).
    """
    rows: list[Derivative] = []
    tangent: dict[Ref, float] = {}
    for step in chain.steps:
        ref = FORWARD.ref(step.ref)
        if step.operation is None:
            value = seed[len(rows)]
            row = Derivative(ref, None, Symbol(FORWARD.ref(str(step.label))), value)
        else:
            terms = [chain.contribution(FORWARD, step, k, tangent[operand]) for k, operand in step.links]
            row = _sum(ref, terms)
        tangent[step.ref] = row.value
        rows.append(row)
    for output in chain.outputs:
        ref = FORWARD.ref(output.name)
        if isinstance(output.operand, Ref):
            source = FORWARD.ref(output.operand)
            rows.append(Derivative(ref, None, Symbol(source), tangent[output.operand]))
        else:
            rows.append(Derivative(ref, None, Num(0), 0.0))
    return rows


def reverse(chain: ChainRule, seed: Sequence[float]) -> list[Derivative]:
    """The adjoints in order of completion, then those of the independent variables.

    v̄ⱼ = Σ v̄ᵢ ∂vᵢ/∂vⱼ over the consumers i of row j (Griewank & Walther 2008, Table 3.5). Contributions come in the
    order of `arrivals`, and a row is complete when its last one has come; rows that do not reach a seeded output have
    the adjoint 0. Unlike the loops of `modes`, this one keeps every contribution and waits for a row to be complete.
    """
    adjoints = _Adjoints(chain, seed)
    for step in reversed(chain.steps):
        if step.ref not in adjoints.reaching and step.operation is not None:
            adjoints.complete(step.ref)  # nothing will arrive there: complete from the start
    for step in reversed(chain.steps):
        if step.ref in adjoints.reaching:
            adjoints.deliver(step)
    for step in reversed(chain.inputs):
        if step.ref not in adjoints.value:
            adjoints.complete(step.ref)
    rows = adjoints.rows
    finished = {row.ref.of: n for n, row in enumerate(rows)}
    for step in sorted(chain.inputs, key=lambda step: finished[step.ref.of]):
        source = REVERSE.ref(step.ref)
        rows.append(Derivative(REVERSE.ref(str(step.label)), None, Symbol(source), adjoints.value[step.ref]))
    return rows


class _Adjoints:
    """The state of a reverse sweep: what has arrived at each row, and how many consumers it still waits for."""

    def __init__(self, chain: ChainRule, seed: Sequence[float]) -> None:
        self.chain = chain
        self.arrived: dict[Ref, list[Contribution]] = defaultdict(list)
        self.seeds: dict[Ref, list[tuple[str, float]]] = defaultdict(list)
        for output, weight in zip(chain.outputs, seed, strict=True):
            if isinstance(output.operand, Ref) and weight:
                self.seeds[output.operand].append((output.name, weight))
        self.reaching = _reaching(chain.steps, set(self.seeds))
        self.waiting = Counter(o for step in chain.steps if step.ref in self.reaching for o in step.reads)
        self.value: dict[Ref, float] = {}
        self.rows: list[Derivative] = []

    def complete(self, ref: Ref) -> None:
        """Enter the adjoint of a row to which nothing more will arrive."""
        row = _adjoint(REVERSE.ref(ref), self.seeds[ref], self.arrived[ref])
        if not row.contributions and isinstance(self.chain.value[ref], Block):
            row = replace(row, value=self.chain.value[ref].filled(row.value))
        self.value[ref] = row.value
        self.rows.append(row)

    def deliver(self, step: Step) -> None:
        """Send the contributions of a row to its operands; those that wait for nothing else are complete."""
        if step.ref not in self.value:  # an output that no other row uses
            self.complete(step.ref)
        for k, operand in step.links:
            self.arrived[operand].append(self.chain.contribution(REVERSE, step, k, self.value[step.ref]))
        for operand in step.reads:
            self.waiting[operand] -= 1
            if not self.waiting[operand]:
                self.complete(operand)


def _reaching(steps: Sequence[Step], outputs: set[Ref]) -> set[Ref]:
    """The rows on which the outputs depend."""
    found = set(outputs)
    for step in reversed(steps):
        if step.ref in found:
            found.update(step.reads)
    return found


def _adjoint(ref: Ref, seeds: list[tuple[str, float]], terms: list[Contribution]) -> Derivative:
    sources: list[Expr] = [Symbol(REVERSE.ref(name)) for name, _ in seeds]
    seed = sum((weight for _, weight in seeds), 0.0)
    return _sum(ref, terms, sources, seed) if terms else Derivative(ref, None, total(sources), seed, seed=seed)


def _sum(ref: Ref, terms: list[Contribution], sources: Sequence[Expr] = (), seed: float = 0.0) -> Derivative:
    rules = [Symbol(rule) for rule in dict.fromkeys(term.rule for term in terms)]
    formula = total([*sources, *(term.formula for term in terms)])
    value = seed + sum(term.value for term in terms)
    return Derivative(ref, total([*sources, *rules]), formula, value, tuple(terms), seed)

"""Why every step of a trace happens: one sentence for each moment, from the structure of the trace alone.

A moment is the least that can be shown on its own: a row gets its value, a tangent follows, a seed is put in, one
contribution arrives. Steppers, players, notebooks and graders read the same moments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.expression.expr import Expr, Num, operand_expr
from autodiff.expression.names import Ref
from autodiff.tracing.cells import total
from autodiff.tracing.rows import Contribution, Derivative, Step, Sweep, Value
from autodiff.tracing.why.adjoint import Adjoints
from autodiff.tracing.why.primal import Rows
from autodiff.tracing.why.sentences import PlainScribe, Scribe, Sentence
from autodiff.tracing.why.tangent import Tangents

if TYPE_CHECKING:
    from autodiff.tracing.trace import Trace

Phase = str  # "primal", or the kind of a direction


class Edge(NamedTuple):
    """The path of a contribution: from the row that uses a value back to operand k, which is that value."""

    consumer: Ref
    operand: Ref
    k: int


@dataclass(frozen=True)
class Moment:
    """One thing that happens: `ref` gets its value, or grows to it, for the reason `why`.

    `step` is the primal row in question and `derivative` its whole tangent or adjoint; `formula` is what stands in
    the cell so far: for an adjoint, the contributions that have arrived. `complete` says that nothing more
    will come. If the run broke off, the last moment has the reason and no value.
    """

    phase: Phase
    ref: Ref
    value: Value | None
    formula: Expr | None
    sentence: Sentence
    why: str  # the sentence in plain text with Unicode names
    step: Step | None = None
    derivative: Derivative | None = None
    contribution: Contribution | None = None
    complete: bool = True

    @property
    def edge(self) -> Edge | None:
        """The path of the contribution, if there is one."""
        if self.contribution is None:
            return None
        step, k = self.contribution.step, self.contribution.k
        operand = step.operands[k]
        assert isinstance(operand, Ref)
        return Edge(step.ref, operand, k)

    def written(self, scribe: Scribe) -> str:
        """The sentence as another medium writes it; a `render.words.sheet.Writer` is a scribe.

        >>> from autodiff import trace
        >>> from autodiff.expression.printing import AsciiPrinter
        >>> from autodiff.render.words.ascii import to_ascii
        >>> from autodiff.render.words.sheet import Writer
        >>> t = trace("x1*x2", at=(2, 5))
        >>> moments(t)[-2].written(Writer(AsciiPrinter, t, prose=to_ascii))
        'x1 is the row v[-1], so dy/dx1 = adj v[-1] = 5.'
        """
        return self.sentence.written(scribe)


def moments(trace: Trace, *, digits: int = 3) -> tuple[Moment, ...]:
    """Everything that happens in a trace, in order; `digits` are the decimals in `why`.

    Inputs, rows and outputs; the tangents from first to last; the seeds of the reverse sweep, the rows that it does
    not reach, each contribution from the last consumer to the first, and the copies to the inputs.

    >>> from autodiff import trace
    >>> for moment in moments(trace("x1*x2", at=(2, 5))):
    ...     print(moment.why)
    The input x₁ enters as v₋₁ = 2.
    The input x₂ enters as v₀ = 5.
    v₁ multiplies v₋₁ and v₀: 2 × 5 = 10.
    The output y is v₁ = 10.
    The seed: we ask how y changes, so ȳ = 1 and v̄₁ starts as 1.
    Through v₁ = v₋₁ × v₀, a change of v₋₁ is multiplied by v₀ = 5: v̄₋₁ = 1 × 5 = 5.
    Through v₁ = v₋₁ × v₀, a change of v₀ is multiplied by v₋₁ = 2: v̄₀ = 1 × 2 = 2.
    x₁ is the row v₋₁, so ∂y/∂x₁ = v̄₋₁ = 5.
    x₂ is the row v₀, so ∂y/∂x₂ = v̄₀ = 2.
    """
    return tuple(_Teller(trace, PlainScribe(trace, digits)).all())


class _Teller:
    def __init__(self, trace: Trace, scribe: Scribe) -> None:
        self.trace = trace
        self.scribe = scribe
        self.rows = Rows(trace)

    def all(self) -> Iterator[Moment]:
        yield from self.primals()
        for sweep in self.trace.swept:
            yield from self.backward(sweep) if sweep.direction.backward else self.forward(sweep)

    def moment(self, phase: Phase, ref: Ref, said: Sentence, **told: Any) -> Moment:
        return Moment(phase, ref, sentence=said, why=said.written(self.scribe), **told)

    def primals(self) -> Iterator[Moment]:
        for step in self.trace.steps:
            said = self.rows.input(step) if step.operation is None else self.rows.operation(step)
            yield self.moment("primal", step.ref, said, value=step.value, formula=step.formula, step=step)
        for output in self.trace.outputs:
            told = {"value": output.value, "formula": operand_expr(output.operand), "step": self.rows.of_output(output)}
            yield self.moment("primal", Ref("primal", output.name), self.rows.output(output), **told)
        if self.trace.failure:
            missing = Ref("primal", len(self.trace.operations) + 1, 0, self.trace.letter)
            yield self.moment("primal", missing, self.rows.failure(), value=None, formula=None)

    def derivative(self, row: Derivative, said: Sentence, step: Step | None, **changed: Any) -> Moment:
        """A moment of a tangent or adjoint; it is complete, and has the value of its row, unless that is `changed`."""
        told = {"value": row.value, "formula": row.formula, "step": step, "derivative": row, **changed}
        return self.moment(row.ref.kind, row.ref, said, **told)

    def forward(self, sweep: Sweep) -> Iterator[Moment]:
        """The tangents, row by row."""
        say, count = Tangents(self.rows, sweep), len(self.trace.steps)
        for step, row in zip(self.trace.steps, sweep.rows, strict=False):
            yield self.derivative(
                row, say.start(step, row) if step.operation is None else say.operation(step, row), step
            )
        for output, row in zip(self.trace.outputs, sweep.rows[count:], strict=True):
            yield self.derivative(row, say.output(output, row), self.rows.of_output(output))

    def backward(self, sweep: Sweep) -> Iterator[Moment]:
        """The sweep, replayed: a row of the trace holds its contributions in the order in which they arrived."""
        say, count = Adjoints(self.rows, sweep), len(self.trace.steps)
        steps = {sweep.direction.ref(ref): step for ref, step in self.rows.step.items()}
        found = {row.ref: row for row in sweep.rows[:count]}
        for ref in say.names:
            step, row = self.rows.step[ref], found[sweep.direction.ref(ref)]
            more = {"value": row.seed, "formula": total(say.sources(step)), "complete": not row.contributions}
            yield self.derivative(row, say.seed(step, row), step, **more)
        for row in sorted(found.values(), key=lambda row: steps[row.ref].operation is None):  # the inputs last
            step = steps[row.ref]
            if not row.contributions and step.ref not in say.names:
                yield self.derivative(row, say.nothing(step), step, formula=Num(0))
        yield from self.arrivals(say, steps)
        by_label = {str(step.label): step for step in self.trace.inputs}
        for row in sweep.rows[count:]:
            step = by_label[str(row.ref.of)]
            yield self.derivative(row, say.copy(step, row), step)

    def arrivals(self, say: Adjoints, steps: dict[Ref, Step]) -> Iterator[Moment]:
        """Each contribution to an adjoint, and what the adjoint is then."""
        so_far: dict[Ref, tuple[Any, list[Expr]]] = {}
        for row, n in say.sweep.arrivals(self.trace.steps):
            part, step = row.contributions[n], steps[row.ref]
            start = say.sources(step)
            before, terms = so_far.get(row.ref, (row.seed if start else None, start))
            last = n == len(row.contributions) - 1
            # The sweep adds in its own order: the last sum is the value of the row, to the last bit.
            value = row.value if last else part.value if before is None else before + part.value
            formula = total([*terms, part.formula])
            so_far[row.ref] = value, [formula]
            said = say.arrival(step, row, n, before, value)
            more = {"value": value, "formula": formula, "contribution": part, "complete": last}
            yield self.derivative(row, said, step, **more)

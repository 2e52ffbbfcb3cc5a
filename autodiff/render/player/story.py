"""Why each moment happens, for the player: the sentences of `tracing.why` with holes where the page puts numbers in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autodiff.expression.blocks import Block
from autodiff.expression.expr import Call, Expr, Num, Symbol
from autodiff.expression.names import Ref
from autodiff.expression.templates import Templates
from autodiff.operations import elementary as table
from autodiff.programs.javascript import javascript_number
from autodiff.render.words.sheet import Writer
from autodiff.tracing.directions import BOTH, FORWARD, REVERSE, Direction
from autodiff.tracing.rows import Contribution, Derivative, Sweep
from autodiff.tracing.sweeps import ChainRule, sweep_from
from autodiff.tracing.trace import Trace
from autodiff.tracing.why.moments import Moment, moments
from autodiff.tracing.why.sentences import Equation, Filled, Function, Number, Sentence, Shape

MOST = 6000  # moments whose sentences are kept for seeds of one 1; beyond, those that hold for all seeds must do
OPEN = math.nan  # a number that the page puts in: it equals no number, so no sentence makes a special case of it

BEFORE = Symbol("what has arrived so far")
Leaf = Any


class Story:
    """The moments of a trace, and of the same run with other seeds."""

    def __init__(self, trace: Trace, index: dict[Ref, int], write: Writer, templates: Templates, leaf: Leaf) -> None:
        self.trace, self.index, self.write, self.templates = trace, index, write, templates
        self.name_of = leaf
        self._arrays = any(isinstance(step.value, Block) for step in trace.steps)

    def stories(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The sentences by phase, seed and moment.

        "why" holds for any inputs; "exact" has those that differ at the inputs of the trace, where something is 0
        or noted. Of a trace with arrays, whose inputs do not change in the page, all are exact.
        """
        found: dict[str, dict[str, Any]] = {
            name: {"primal": {"": {}}, **{way.kind: {} for way in BOTH}} for name in ("why", "exact")
        }
        given = moments(self.trace)
        self._enter(found, "primal", "", given, moments(replace(self.trace, notes=())))
        if self.trace.failure:
            return found
        for sweep in self.trace.sweeps:
            self._seed(found, sweep.direction, [weight for _, weight in sweep.seed])
        for sweep in self.trace.sweeps:  # what any seed may need: which parts arrive depends on its zeros alone
            for size in (1.0, 0.0, 2.0):
                self._seed(found, sweep.direction, [size] * len(sweep.seed), ends=size == 2)
        for sweep in self.trace.sweeps:
            count, way = len(sweep.seed), sweep.direction
            for k in range(min(count, 1 + MOST // len(given))):
                self._seed(found, way, [float(n == k) for n in range(count)])
                if way.backward:
                    self._seed(found, way, [2.0 * (n == k) for n in range(count)], ends=True)
        return found

    def _seed(self, found: Any, way: Direction, seed: list[float], *, ends: bool = False) -> None:
        """The sentences of a sweep from a seed; with `ends` only those that mention it."""
        text = ",".join(map(_javascript, seed))
        if text in found["why"][way.kind] or (ends and self._arrays):
            return
        seeded = self._seeded(way, seed)
        exact, general = () if ends else moments(seeded), () if self._arrays else moments(anywhere(seeded))
        self._enter(found, way.kind, text, exact, general)
        if ends:
            told = found["why"][way.kind][text]
            found["why"][way.kind][text] = {key: parts for key, parts in told.items() if not self._is_inside(key)}

    def _is_inside(self, key: str) -> bool:
        """Whether a moment belongs to a row inside the graph, where only the zeros of a seed matter."""
        inputs = len(self.trace.variables)
        return key[0] in "cn" or (key[0] == "t" and key[1] != "o" and int(key[1:]) >= inputs)

    def _enter(self, found: Any, phase: str, seed: str, exact: Sequence[Moment], general: Sequence[Moment]) -> None:
        """Both kinds of sentences for the moments of a phase."""
        arrays = self._arrays
        told = {} if arrays else {self.key(each): self.told(each) for each in general if each.phase == phase}
        found["why"][phase][seed] = {key: parts for key, parts in told.items() if parts is not None}
        found["exact"][phase][seed] = special = {}
        for moment in exact:
            parts = None if arrays else self.told(moment)
            if moment.phase == phase and (parts is None or parts != told[self.key(moment)]):
                special[self.key(moment)] = [moment.why] if parts is None else parts

    def _seeded(self, way: Direction, seed: list[float]) -> Trace:
        """The trace with one sweep, from a seed of its own."""
        chain = ChainRule(self.trace.steps, self.trace.outputs)
        names = way.starts(self.trace.variables, self.trace.output_names)
        swept = sweep_from(chain, way, dict(zip(names, seed, strict=True)))
        return replace(self.trace, sweeps=(swept,), notes=tuple(dict.fromkeys((*self.trace.notes, *chain.notes))))

    def key(self, moment: Moment) -> str:
        """The name of a moment in the page."""
        ref, row = moment.ref, self.index.get(moment.ref._replace(kind="primal"))
        if row is None:
            if moment.value is None:
                return "failed"
            if moment.phase == REVERSE.kind:
                return f"x{self.trace.variables.index(str(ref.of))}"
            place = [output.name for output in self.trace.outputs].index(str(ref.of))
            return f"{'o' if moment.phase == 'primal' else 'to'}{place}"
        if moment.phase != REVERSE.kind:
            return f"{moment.phase[0]}{row}"
        if moment.contribution is not None:
            return f"c{self.index[moment.contribution.step.ref]}.{moment.contribution.k}"
        return f"n{row}" if moment.formula == Num(0) else f"s{row}"

    # --- sentences ------------------------------------------------------------------------------------------
    def told(self, moment: Moment) -> list[Any] | None:
        """The sentence of a moment in parts, if the page can fill them in."""
        found = [self._part(part, moment) for part in moment.sentence.parts]
        return None if None in found else found

    def _part(self, part: Any, moment: Moment) -> Any:
        if isinstance(part, Equation):
            slope = next((each for each in _parts_of(moment) if each.partial in part.sides), None)
            sides = [self._number(side, moment, slope) if isinstance(side, Number) else self._part(side, moment)
                     for side in part.sides]  # fmt: skip
            return None if None in sides else {"equation": sides}
        if isinstance(part, Filled):
            return {"tree": self.templates.tree(_with_before(part.formula, moment), self._leaf)}
        if isinstance(part, Number):
            return self._number(part, moment, None)
        if isinstance(part, (Ref, Expr, Function, Shape)):
            return Sentence((part,)).written(self.write)
        return part

    def _number(self, number: Number, moment: Moment, slope: Contribution | None) -> Any:
        if slope is not None:
            return {"number": "slope", "row": self.index[slope.step.ref], "operand": slope.k}
        same = number.value == moment.value or (number.value != number.value and moment.value != moment.value)
        return {"number": "value"} if same else None

    def _leaf(self, key: Any) -> str:
        return "B" if key == "what has arrived so far" else str(self.name_of(key))

    # --- arrays ---------------------------------------------------------------------------------------------
    def lines(self) -> dict[str, Any]:
        """The moments and lines of the adjoints, written here because the page does not compute arrays."""
        write = self.write
        adjoints = self.trace.sweep(REVERSE)
        lines = [self._line(row.ref, row.formula, row.rule, row.value) for row in adjoints.rows]
        told = []
        for moment in moments(replace(self.trace, sweeps=(adjoints,))):
            if moment.phase == REVERSE.kind:
                rule = moment.derivative.rule if moment.derivative and moment.contribution else None
                edge = moment.edge
                edges = [f"{self.index[edge.operand]} {self.index[edge.consumer]} {edge.k}"] if edge else []
                line = self._line(moment.ref, moment.formula or Num(0), rule, moment.value)
                told.append({**line, "key": self.key(moment), "edges": edges, "complete": moment.complete,
                             "why": moment.written(write)})  # fmt: skip
        return {"lines": lines, "moments": told}

    def _line(self, ref: Ref, formula: Expr, rule: Expr | None, value: Any) -> dict[str, Any]:
        write, shown = self.write, self.write.number(value)
        row = self.index.get(ref._replace(kind="primal"))
        at = self.trace.variables.index(str(ref.of)) if row is None else row
        text = "" if isinstance(formula, Num) else write.formula(formula)
        numbers = write.numbers(formula) if rule is not None else ""
        return {
            "phase": ref.kind, "id": f"{'x' if row is None else 'a'}{at}", "key": f"{'x' if row is None else 'a'}{at}",
            "row": at, "name": write.ref(ref), "rule": write.formula(rule) if rule is not None else "", "formula": text,
            "numbers": "" if numbers in (shown, text) else numbers, "shown": shown, "edges": [],
        }  # fmt: skip


def _javascript(value: float) -> str:
    """A number as JavaScript writes it in a key."""
    return javascript_number(value) if value else "0"


def _parts_of(moment: Moment) -> list[Contribution]:
    """The contributions that a moment speaks of."""
    if moment.contribution is not None:
        return [moment.contribution]
    return list(moment.derivative.contributions) if moment.phase == FORWARD.kind and moment.derivative else []


def anywhere(trace: Trace) -> Trace:
    """The trace at inputs yet to be chosen: nothing is noted, what cannot move is 0, and all other numbers are open."""
    return replace(trace, notes=(), sweeps=tuple(map(_anywhere, trace.sweeps)))


def _anywhere(sweep: Sweep) -> Sweep:
    alive: set[Ref] = set()

    def living(part: Contribution) -> Contribution:
        amount = OPEN if part.factor_ref in alive else 0.0
        return replace(part, factor=amount, partial_value=OPEN, value=amount)

    def row(found: Derivative) -> Derivative:
        if not isinstance(found.ref.of, int):  # a copy
            return replace(found, value=OPEN if found.value else 0.0)
        parts = tuple(map(living, found.contributions))
        if found.seed or any(part.factor for part in parts) or (not parts and found.value):
            alive.add(found.ref)
        return replace(found, contributions=parts, value=OPEN if found.ref in alive and parts else found.value)

    return replace(sweep, rows=tuple(map(row, sweep.rows)))


def _with_before(formula: Expr, moment: Moment) -> Expr:
    """The formula of a later contribution, with a name for the sum of what had arrived before."""
    part = moment.contribution
    if part is None or not isinstance(formula, Call) or formula.operation not in (table.add, table.sub):
        return formula
    first, second = formula.operands
    return Call(formula.operation, (BEFORE, second)) if isinstance(first, Num) and second == part.formula else formula

"""A trace as plain data for the player: names, formulas with holes, values, slopes; and its program as JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from autodiff.expression.blocks import Block
from autodiff.expression.expr import Num, Symbol
from autodiff.expression.names import Ref
from autodiff.expression.numbers import LARGE, json_number
from autodiff.expression.printing import UnicodePrinter
from autodiff.expression.templates import Templates
from autodiff.operations.rule import Operation
from autodiff.programs.javascript import NotInJavaScript
from autodiff.programs.trace_javascript import program_of
from autodiff.render.player.source import source_of
from autodiff.render.player.story import Story
from autodiff.render.words.sheet import Writer
from autodiff.text import harmless
from autodiff.tracing.cells import total
from autodiff.tracing.directions import BOTH, FORWARD, REVERSE, Direction
from autodiff.tracing.rows import Derivative, Output, Step, Sweep
from autodiff.tracing.run import NO_VALUE, TOO_LARGE
from autodiff.tracing.sweeps import INFINITE_SLOPE, NO_SLOPE, ZERO_TIMES_INFINITY, ChainRule, sweep_from
from autodiff.tracing.trace import Trace

ARRAYS = (
    "Its rows hold arrays, which this page shows and steps through but does not compute: change the inputs in Python."
)
FUNCTION = (
    "It is a run of a Python function, whose rows may depend on the inputs, so this page does not run it again: "
    "change the inputs in Python."
)
BROKEN = "The run stopped before its end, so there is nothing to differentiate; change the inputs to go on."


class PlayerData:
    """What the page needs to know of one trace."""

    def __init__(self, trace: Trace, digits: int) -> None:
        self.both = both_directions(trace)
        self.asked = trace
        self.digits = digits
        self.index = {step.ref: n for n, step in enumerate(trace.steps)}
        self.write = Writer(UnicodePrinter, self.both, digits=digits)
        self.templates = Templates(digits)
        self.scalar = not has_arrays(trace)

    @cached_property
    def drawn(self) -> Trace:
        """The trace for the drawing: with all seeds 1, so that every edge has its labels."""
        trace = self.both
        if not self.scalar or trace.failure:
            return trace
        seeds = {way: dict.fromkeys(starts_of(trace, way), 1.0) for way in BOTH}
        return replace(trace, sweeps=tuple(sweep_from(self._chain, way, seed) for way, seed in seeds.items()))

    @cached_property
    def program(self) -> tuple[str, str]:
        """The rows and their partials as JavaScript; or an empty text and a sentence that says why."""
        if not self.scalar:
            return "", ARRAYS
        if any(step.source for step in self.both.steps):
            return "", FUNCTION
        try:
            return program_of(self.both, self.index), ""
        except NotInJavaScript as reason:
            return "", f"{reason}, which this page cannot run: change the inputs in Python."

    def data(self, title: str | None) -> dict[str, Any]:
        """All of it, as JSON can hold it."""
        trace, write = self.both, self.write
        _, reason = self.program
        found: dict[str, Any] = {
            "title": harmless(title or "; ".join(filter(None, map(str.strip, trace.expression.splitlines())))),
            "mode": self.asked.sweeps[-1].direction.name,
            "look": {"digits": self.digits, "small": 0.5 * 10.0**-self.digits, "large": LARGE},
            "frozen": reason,
            "scalar": self.scalar,
            "broken": BROKEN if trace.failure else "",
            "failure": trace.failure,
            "variables": [
                {
                    "name": name,
                    "shown": write.ref(name),
                    "adjoint": write.ref(REVERSE.ref(name)),
                    "tangent": write.ref(FORWARD.ref(name)),
                }
                for name in trace.variables
            ],
            "seeds": {each.direction.kind: [number(weight) for _, weight in each.seed] for each in trace.sweeps},
            "notes": [f"{write.ref(note.ref)}: {note.text}" for note in trace.notes],
            "remarks": {
                "large": TOO_LARGE,
                "noValue": NO_VALUE,
                "infinite": INFINITE_SLOPE,
                "noSlope": NO_SLOPE,
                "product": ZERO_TIMES_INFINITY,
            },
            "source": source_of(trace, self.index),
            "steps": [self._step(n, step) for n, step in enumerate(trace.steps)],
            "outputs": [self._output(output) for output in trace.outputs],
            "tangents": [self._derivative(row) for row in trace.tangents],
        }
        story = Story(trace, self.index, write, self.templates, self.leaf)
        found |= story.stories()
        if not self.scalar:
            found["adjointStory"] = story.lines()
        names = frozenset((0, 1, 2))
        self.templates.sums(names | self._pulled)
        found["templates"] = self.templates.rules
        return found

    _pulled: frozenset[int] = frozenset()  # the kinds of piece that contributions to adjoints can be

    def leaf(self, key: Any) -> str:
        """A name as the page knows it: p3, t3 and a3 belong to row 3, T0 and A0 are the seeds."""
        if key in self.index:
            return f"p{self.index[key]}"
        row = Ref("primal", key.of, 0, key.letter)
        if row in self.index:
            return f"{key.kind[0]}{self.index[row]}"
        way = next(way for way in BOTH if way.kind == key.kind)
        return f"{key.kind[0].upper()}{starts_of(self.both, way).index(key.of)}"

    # --- parts ----------------------------------------------------------------------------------------------
    def _step(self, n: int, step: Step) -> dict[str, Any]:
        write = self.write
        is_input = step.operation is None
        formula = write.ref(str(step.label)) if is_input else write.formula(step.formula)
        named = f"{write.ref(step.label)} = {formula}" if step.label and not is_input else formula
        found: dict[str, Any] = {
            "name": write.ref(step.ref),
            "label": write.ref(step.label) if step.label else None,
            "adjoint": write.ref(REVERSE.ref(step.ref)),
            "formula": named,
            "plain": formula,
            "value": number(step.value),
            "operation": None if is_input else step.operation.name,
            "operands": [self.index[o] if isinstance(o, Ref) else {"value": number(o)} for o in step.operands],
        }
        if not self.scalar:
            found["shown"] = write.number(step.value)
            found["numbers"] = "" if is_input else write.numbers(step.formula)
        elif not is_input:
            found["tree"] = self.templates.tree(step.formula, self.leaf)
            found["needs"] = step.operation.domain.needs
            found["conventions"] = [convention.note for convention in step.operation.conventions]
            found["pulls"] = self._pulls(step)
        return found

    def _pulls(self, step: Step) -> list[dict[str, Any] | None]:
        """What each operand receives from the row's adjoint, and what its tangent sends to the row."""
        return [self._pull(step, k) if isinstance(o, Ref) else None for k, o in enumerate(step.operands)]

    def _pull(self, step: Step, k: int) -> dict[str, Any]:
        write = self.write
        pull, push = (self._chain.contribution(way, step, k, 1.0) for way in (REVERSE, FORWARD))
        tree, kinds = self.templates.known(pull.formula, self.leaf)
        self._pulled |= kinds
        assert pull.partial is not None  # the operations are elementary here
        return {
            "partial": [write.ref(pull.rule._replace(kind="partial")), write.formula(pull.partial)],
            "push": write.formula(push.formula),
            "rule": write.formula(Symbol(pull.rule)),
            "first": write.formula(pull.formula),
            "later": write.formula(total([Symbol("S"), pull.formula])).removeprefix("S"),
            "tree": tree,
            "slope": number(pull.partial_value),
        }

    @cached_property
    def _chain(self) -> ChainRule:
        return ChainRule(self.both.steps, self.both.outputs)

    def _output(self, output: Output) -> dict[str, Any]:
        write, operand = self.write, output.operand
        return {
            "name": write.ref(output.name),
            "seed": write.ref(REVERSE.ref(output.name)),
            "row": self.index[operand] if isinstance(operand, Ref) else None,
            "formula": write.ref(operand) if isinstance(operand, Ref) else "",
            "value": number(output.value),
        }

    def _derivative(self, row: Derivative) -> dict[str, Any]:
        """A tangent."""
        write = self.write
        found: dict[str, Any] = {
            "name": write.ref(row.ref),
            "formula": "" if isinstance(row.formula, Num) else write.formula(row.formula),
        }
        if not self.scalar:
            found |= {
                "numbers": "" if row.rule is None else write.numbers(row.formula),
                "shown": write.number(row.value),
            }
        elif row.rule is not None:
            found["tree"] = self.templates.tree(row.formula, self.leaf)
        return found


def both_directions(trace: Trace) -> Trace:
    """The trace with both sweeps: the one it lacks starts from its first variable or output."""
    chain = ChainRule(trace.steps, trace.outputs)
    sweeps = []
    for way in BOTH:
        found = trace.sweep(way)
        seed = dict(found.seed) or {name: float(n == 0) for n, name in enumerate(starts_of(trace, way))}
        if trace.failure:
            sweeps.append(Sweep(way, tuple(seed.items())))
        else:
            sweeps.append(found if found.rows else sweep_from(chain, way, seed))
    return replace(trace, sweeps=tuple(sweeps), notes=tuple(dict.fromkeys((*trace.notes, *chain.notes))))


def starts_of(trace: Trace, direction: Direction) -> Sequence[str]:
    """The names that the seed of a direction belongs to."""
    return direction.starts(trace.variables, trace.output_names)


def has_arrays(trace: Trace) -> bool:
    """Whether a row holds an array, or is made by an array operation."""
    return any(map(_is_array, trace.steps))


def _is_array(step: Step) -> bool:
    values = (step.value, *step.operands)
    return any(isinstance(value, Block) for value in values) or type(step.operation) not in (Operation, type(None))


def number(value: Any) -> Any:
    """A number as JSON can hold it; an array is shown as text only."""
    return None if value is None or isinstance(value, Block) else json_number(value)

"""Why a tangent is what it is, in words; and what both modes say about a contribution."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from autodiff.expression.blocks import Block
from autodiff.expression.expr import Num
from autodiff.expression.names import Ref
from autodiff.operations import elementary as table
from autodiff.operations.rule import Operation
from autodiff.tracing.rows import Contribution, Derivative, Output, Step, Sweep
from autodiff.tracing.sweeps import INFINITE_SLOPE, NO_SLOPE, ZERO_TIMES_INFINITY
from autodiff.tracing.why.primal import Rows, pushed, through
from autodiff.tracing.why.sentences import Filled, Number, Part, Parts, Sentence, Shape, equation, listed, sentence

_TIMES = ("never", "once", "twice", "three times", "four times")
_RULES = {
    table.add: "The tangent of a sum is the sum of the tangents: ",
    table.sub: "The tangent of a difference is the difference of the tangents: ",
    table.mul: "In a product the change of each factor is multiplied by the other factor: ",
}


class Tangents:
    """The sentences for the tangents of one trace."""

    def __init__(self, rows: Rows, sweep: Sweep) -> None:
        self.rows, self.sweep = rows, sweep

    def start(self, step: Step, row: Derivative) -> Sentence:
        """The tangent of a variable: what the seed means."""
        name = str(step.label)
        only = [Ref("primal", moving) for moving in self.sweep.moving] if len(self.sweep.moving) == 1 else []
        if not row.value:
            still = ", and 0 is all that it hands on" if self.rows.consumers[step.ref] else ""
            when: Parts = ("when only ", only[0], " moves") if only else ("in this direction",)
            return sentence(step.ref, " does not move ", *when, ", so its tangent is 0", still)
        if only and row.value == 1:
            says: Parts = "we ask how everything changes with ", Ref("primal", name)
        else:
            says = Ref("primal", name), " moves at the rate ", Number(row.value)
        seed = equation(self.sweep.direction.ref(name), Number(row.value))
        return sentence("The seed: ", *says, ", so ", seed, " and ", row.ref, " starts as ", Number(row.value))

    def operation(self, step: Step, row: Derivative) -> Sentence:
        """The tangent of an operation, from the tangents of its operands."""
        arrived, operands = row.contributions, step.reads
        if not arrived:
            return sentence(step.ref, " depends on no input, so its tangent is ", Number(row.value))
        if is_zero(row.value) and all(is_zero(part.factor) for part in arrived):
            verb = "does" if len(operands) == 1 else "do"
            still = f", which {verb} not move, so its tangent is 0 too"
            return sentence(step.ref, " depends only on ", *listed(operands), still)
        if isinstance(row.value, Block) or any(part.partial_value is None for part in arrived):
            return sentence(*self._arrays(step, row), *value_or_shape(row.ref, row.value))
        notes = remarks(self.rows, arrived)
        if len(arrived) == 1:
            return sentence(*self._alone(arrived[0]), equation(*_sides(row)), *notes)
        if len(operands) == 1:
            why: Parts = step.ref, " uses ", operands[0], f" {often(len(arrived))}, and its change counts each time: "
        elif step.operation in _RULES:
            why = (_RULES[step.operation],)
        else:
            why = "The changes of ", *listed(operands), ", each times its own partial, add up: "
        return sentence(*why, equation(*_sides(row, with_formula=True)), *notes)

    def output(self, output: Output, row: Derivative) -> Sentence:
        """The tangent of an output: a copy, and often the derivative that was asked for."""
        name = Ref("primal", output.name)
        if not isinstance(output.operand, Ref):
            return sentence("The output ", name, " is a constant, so its tangent is 0")
        copy = equation(self.sweep.asked(output.name), row.formula, Number(row.value))
        return sentence("The output ", name, " is ", output.operand, ", so ", copy)

    def _alone(self, part: Contribution) -> list[Part]:
        """The one contribution to a tangent, up to its equation."""
        operand = operand_of(part)
        if part.partial == Num(1):
            return [part.step.ref, " moves exactly as ", operand, " does: "]
        if part.partial == Num(-1):
            return [part.step.ref, " moves as much as ", operand, " does, the other way: "]
        return ["Through ", *through(part.step), ", ", *multiplied(part), ": "]

    def _arrays(self, step: Step, row: Derivative) -> list[Part]:
        parts: list[Part] = ["Through ", *through(step), ", "]
        if len(row.contributions) > 1:
            if type(step.operation) is not Operation and step.operation.words.together:
                return [*parts, step.operation.words.together]
            return [*parts, "the changes of ", *listed(step.reads), " add up"]
        if type(step.operation) is not Operation:
            return [*parts, pushed(step)]
        return [*parts, *multiplied(row.contributions[0])]


# --- what both modes say ----------------------------------------------------------------------------------------
def multiplied(part: Contribution) -> list[Part]:
    """What happens to a change of the operand: it is multiplied by the partial."""
    change = "a change of " if part.partial_value is not None else "each entry of a change of "
    if part.partial is None:
        return [change, operand_of(part), " is pulled through"]
    value = () if part.partial_value is None else (Number(part.partial_value),)
    return [change, operand_of(part), " is multiplied by ", equation(part.partial, *value)]


def remarks(rows: Rows, parts: Iterable[Contribution]) -> list[Part]:
    """The notes of the trace about these contributions, in parentheses: kinks, infinite and missing slopes."""
    texts = dict.fromkeys(text for part in parts for text in _notes(rows, part))
    return [f" ({'; '.join(texts)})"] if texts else []


def _notes(rows: Rows, part: Contribution) -> list[str]:
    """What was noted about this partial and this product; other notes of the row are about other operands."""
    step, slope = part.step, part.partial_value
    if slope is None:
        return []
    convention = step.operation.convention_at(*rows.values(step))
    about = set()
    if convention is not None and convention.partials[part.k] is not None:
        about.add(convention.note)
    elif math.isinf(slope) or slope != slope:
        about.add(NO_SLOPE if slope != slope else INFINITE_SLOPE)
    if part.value != part.value and slope == slope:
        about.add(ZERO_TIMES_INFINITY)
    return [text for text in rows.notes.get(step.ref, ()) if text in about and text != rows.value_note(step)]


def operand_of(part: Contribution) -> Ref:
    """The row with respect to which an operation is differentiated."""
    operand = part.step.operands[part.k]
    assert isinstance(operand, Ref)
    return operand


def often(count: int) -> str:
    """Once, twice, three times."""
    return _TIMES[count] if count < len(_TIMES) else f"{count} times"


def is_zero(value: Any) -> bool:
    """Whether a number, or every entry of an array, is 0."""
    return not value.array.any() if isinstance(value, Block) else value == 0


def value_or_shape(ref: Ref, value: Any) -> list[Part]:
    """The end of a sentence about arrays: the shape of what came out, or the number."""
    if isinstance(value, Block):
        return ["; ", ref, " has the shape ", Shape(value)]
    return [": ", equation(ref, Number(value))]


def _sides(row: Derivative, *, with_formula: bool = False) -> list[Any]:
    return [row.ref, *([row.formula] if with_formula else []), Filled(row.formula), Number(row.value)]

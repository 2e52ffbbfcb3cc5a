"""What a primal row does, in words; and the words for array operations in all three phases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autodiff.expression.blocks import Block, all_finite
from autodiff.expression.expr import operand_expr
from autodiff.expression.names import Ref
from autodiff.operations.rule import Operation
from autodiff.tracing.rows import Output, Step
from autodiff.tracing.why.sentences import (
    Filled,
    Function,
    Number,
    Part,
    Parts,
    Sentence,
    Shape,
    equation,
    listed,
    sentence,
)

if TYPE_CHECKING:
    from autodiff.tracing.trace import Trace


class Rows:
    """The rows of one trace: who feeds whom, and what has been noted where."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.step = {step.ref: step for step in trace.steps}
        self.value: dict[Any, Any] = {step.ref: step.value for step in trace.steps}
        self.consumers: dict[Ref, list[Ref]] = {step.ref: [] for step in trace.steps}
        for step in trace.steps:
            for operand in step.reads:
                self.consumers[operand].append(step.ref)
        self.notes: dict[Ref, list[str]] = {}
        for note in trace.notes:
            self.notes.setdefault(note.ref, []).append(note.text)

    def of_output(self, output: Output) -> Step | None:
        """The row that an output is, unless it is a constant."""
        return self.step.get(output.operand) if isinstance(output.operand, Ref) else None

    def values(self, step: Step) -> list[Any]:
        """The values of the operands of a row."""
        return [self.value[operand] if isinstance(operand, Ref) else operand for operand in step.operands]

    def value_note(self, step: Step) -> str:
        """What was noted about the value of a row, rather than about its slope: it is the first note of the row."""
        if all_finite(step.value) or step.operation is None:
            return ""
        fresh = all(map(all_finite, self.values(step)))
        if not fresh and not (isinstance(step.value, float) and step.value != step.value):
            return ""
        if not fresh and any(value != value for value in self.values(step) if isinstance(value, float)):
            return ""
        return next(iter(self.notes.get(step.ref, ())), "")

    # --- sentences ------------------------------------------------------------------------------------------
    def input(self, step: Step) -> Sentence:
        """A variable enters."""
        return sentence(
            "The input ", Ref("primal", str(step.label)), " enters as ", equation(step.ref, Number(step.value))
        )

    def operation(self, step: Step) -> Sentence:
        """What an elementary operation does with its operands."""
        note = self.value_note(step)
        called: Parts = (", called ", Ref("primal", step.label), ",") if step.label else ()
        return sentence(step.ref, *called, " ", *self._does(step), *((f" ({note})",) if note else ()))

    def output(self, output: Output) -> Sentence:
        """Which row an output is."""
        name = Ref("primal", output.name)
        if not isinstance(output.operand, Ref):
            return sentence("The output ", name, " is the constant ", Number(output.value), ", whatever the inputs are")
        return sentence("The output ", name, " is ", equation(output.operand, Number(output.value)))

    def failure(self) -> Sentence:
        """Why the run stopped."""
        return sentence("The run stops here, at ", self.trace.failure.rstrip("."))

    def _does(self, step: Step) -> list[Part]:
        values = self.values(step)
        if type(step.operation) is not Operation:
            return [*_done(step), _along(step, values), *_result(step)]
        doing = _doing(step)
        if isinstance(step.value, Block):
            return [*doing, ", entry by entry", *_result(step)]
        return [*doing, ": ", equation(Filled(step.formula), Number(step.value))]


def through(step: Step) -> list[Part]:
    """What a change goes through: sin, or the row v₂ = v₋₁ × v₀."""
    if len(step.operands) == 1 and step.operation.notation.kind == "function" and type(step.operation) is Operation:
        return [Function(step.operation)]
    return [equation(step.ref, step.formula)]


def pushed(step: Step) -> str:
    """What pushing a tangent through an array operation means."""
    return step.operation.words.pushed or f"the tangent is pushed through {step.operation.name} as a whole"


def pulled(step: Step) -> str:
    """What pulling an adjoint through an array operation means."""
    return step.operation.words.pulled or f"the adjoint is pulled back through {step.operation.name} as a whole"


def _done(step: Step) -> list[Part]:
    """What an array operation does, with its operands in the places that its words leave for them."""
    words = step.operation.words
    does = words.does if isinstance(step.value, Block) else words.one or words.does
    before, *after = (does or f"applies {step.operation.name} to {{}}").split("{}")
    operands: list[Parts] = list(map(_operand, step.operands))
    if len(after) != len(operands):
        operands = [listed(operands)]
    return [before, *(part for group, text in zip(operands, after, strict=False) for part in (*group, text))]


def _operand(operand: Any) -> Parts:
    if isinstance(operand, Ref):
        return (operand,)
    if isinstance(operand, Block):
        return "a constant array of shape ", Shape(operand)
    return "the constant ", operand_expr(operand)


def _doing(step: Step) -> list[Part]:
    """The verb of an elementary operation with its operands; without a verb, the formula says it."""
    operation, operands = step.operation, step.operands
    x, y = _operand(operands[0]), _operand(operands[-1])
    if operation.name in _MIXED:
        return _mixed(*_MIXED[operation.name], operands)
    if operation.name in _ORDERED:
        first, second, swapped = _ORDERED[operation.name]
        return [first, *(y if swapped else x), second, *(x if swapped else y)]
    if operation.name == "power":
        exponent = operands[1]
        if not isinstance(exponent, (Ref, Block)):
            return ["squares ", *x] if exponent == 2 else ["raises ", *x, " to the power ", operand_expr(exponent)]
        return ["raises ", *x, " to the power ", *y]
    if operation.name == "neg":
        return ["turns the sign of ", *x]
    if len(operands) == 1 and operation.notation.kind == "function":
        return ["applies ", Function(operation), " to ", *x]
    return ["is ", step.formula]


_MIXED = {"add": ("adds ", " to ", True), "mul": ("multiplies ", " by ", False)}  # True: the constant comes first
_ORDERED = {"sub": ("subtracts ", " from ", True), "div": ("divides ", " by ", False)}  # True: the last comes first


def _mixed(verb: str, word: str, constant_first: bool, operands: tuple[Any, ...]) -> list[Part]:
    """An operation whose operands may change places: two rows, a row and itself, a row and a constant."""
    x, y = operands
    if isinstance(x, Ref) and isinstance(y, Ref):
        return [verb, x, word, "itself"] if x == y else [verb, x, " and ", y]
    row, constant = (x, y) if isinstance(x, Ref) else (y, x)
    first, second = (constant, row) if constant_first else (row, constant)
    return [verb, *_operand(first), word, *_operand(second)]


def _along(step: Step, values: list[Any]) -> str:
    axis = step.settings.get("axis")
    block = values[0]
    if isinstance(axis, tuple) and isinstance(block, Block) and len(axis) < len(block.shape):
        return " along ax" + ("is " if len(axis) == 1 else "es ") + " and ".join(map(str, axis))
    return ""


def _result(step: Step) -> list[Part]:
    if isinstance(step.value, Block):
        return ["; its shape is ", Shape(step.value)]
    return [": ", equation(step.ref, Number(step.value))]

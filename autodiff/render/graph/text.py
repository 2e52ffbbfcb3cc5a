"""The neighbourhood of a row in the graph as text, and text fit for a terminal."""

from __future__ import annotations

from autodiff.expression.names import Ref
from autodiff.render.tables.terminal import TextLine, text_cells
from autodiff.render.words.sheet import Writer
from autodiff.text import harmless
from autodiff.tracing.rows import Step
from autodiff.tracing.trace import Trace
from autodiff.tracing.why.moments import Moment

FEW = 6  # rows named or drawn around a row; the others are only counted


class Graph:
    """Who feeds whom in a trace."""

    def __init__(self, trace: Trace, write: Writer, *, ascii_only: bool) -> None:
        self.write, self.ascii_only = write, ascii_only
        self.steps = {step.ref: step for step in trace.steps}
        self.consumers: dict[Ref, list[Ref]] = {step.ref: [] for step in trace.steps}
        for step in trace.steps:
            for operand in step.reads:
                self.consumers[operand].append(step.ref)
        self.labels: dict[Ref, list[str]] = {}
        for output in trace.outputs:
            if isinstance(output.operand, Ref):
                self.labels.setdefault(output.operand, []).append(output.name)

    def sign(self, unicode: str, in_ascii: str) -> str:
        """A sign as the terminal can show it."""
        return in_ascii if self.ascii_only else unicode

    def around(self, moment: Moment, width: int) -> list[TextLine]:
        """The current row with its operands and its consumers: v₂ ×  ← v₋₁, v₀   → v₄."""
        if moment.step is None:
            return []
        edge = moment.edge
        consumers = self.consumers[moment.step.ref]
        shown = [ref for n, ref in enumerate(consumers) if n < FEW or (edge and ref == edge.consumer)]
        around = [*moment.step.reads[:FEW], moment.step.ref, *shown]
        lines: list[TextLine] = [[("Graph", "title")]]
        for ref in around:
            here = ref == moment.step.ref
            sign = self.sign("▶ ", "> ") if here else "  "
            sends = f"   {self.sign('⇒', '=>')} {self.write.ref(edge.operand)}" if edge and ref == edge.consumer else ""
            text = cut(harmless(sign + self._node(self.steps[ref]) + sends), width, self.sign("…", "..."))
            lines.append([(text, "current" if here else "dim")])
        return lines

    def _node(self, step: Step) -> str:
        write = self.write
        if step.operation is None:
            text = f"{write.ref(step.ref)} {write.ref(str(step.label))}"
        else:
            name = write.names.function_name(step.operation)
            operands = [write.ref(o) if isinstance(o, Ref) else write.number(o) for o in step.operands]
            text = f"{write.ref(step.ref)} {name}  {self.sign('←', '<-')} {self._some(operands)}"
        goes = [write.ref(ref) for ref in self.consumers[step.ref]]
        goes += map(write.ref, self.labels.get(step.ref, ()))
        return text + (f"   {self.sign('→', '->')} {self._some(goes)}" if goes else "")

    def _some(self, names: list[str]) -> str:
        more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
        return ", ".join(names[:FEW]) + more


def cut(text: str, room: int, dots: str) -> str:
    """The text, shortened to this many cells."""
    if text_cells(text) <= room:
        return text
    if room <= len(dots):
        return ""
    while text and text_cells(text) + len(dots) > room:
        text = text[:-1]
    return text.rstrip() + dots

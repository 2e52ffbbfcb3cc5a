"""The computational graph of a trace, before it meets a medium: rows as nodes, operands as edges, with their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autodiff.errors import OptionError, did_you_mean
from autodiff.expression.blocks import Block
from autodiff.expression.names import Ref
from autodiff.expression.printing import UnicodePrinter
from autodiff.render.graph.signs import edge_texts, sign_of
from autodiff.render.words.sheet import Writer
from autodiff.tracing.directions import DIRECTIONS, FORWARD, Direction
from autodiff.tracing.rows import Derivative, Output, Step
from autodiff.tracing.trace import Trace

TERMS = 3  # a node shows a sum of up to this many contributions; of more, only the result
SENTENCES = 60  # rows that a description lists


@dataclass(frozen=True)
class Node:
    """A row, or an output. `row` is its place among the steps; `empty` says that its tangent or adjoint is zero."""

    kind: str  # "input", "row" or "output"
    row: int | None
    name: str
    sign: str  # the operation; of an input or output, the user's name
    value: str
    primal: str  # v₂ = 10
    derivative: str  # v̇₂ = 5
    summed: str  # v̇₂ = 5 + 0 = 5
    sentence: str
    empty: bool = False
    is_output: bool = False  # an output is this row


@dataclass(frozen=True)
class Edge:
    """An operand of a row, or the row that an output is; `partial` and `contribution` are what stands beside it."""

    source: int
    target: int
    k: int
    partial: str
    contribution: str
    empty: bool = False

    @property
    def key(self) -> str:
        """Its name for those who look for it: source, target, and which operand of the target."""
        return f"{self.source} {self.target} {self.k}"


@dataclass(frozen=True)
class Graph:
    """The nodes (the rows in their order, then the outputs) and the edges."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    direction: Direction
    title: str
    description: str


def in_unicode(trace: Trace, digits: int) -> Writer:
    """The Writer of the media that draw their own letters."""
    return Writer(UnicodePrinter, trace, digits=digits)


def graph(
    trace: Trace, direction: str | None = None, digits: int = 3, writer: Callable[[Trace, int], Writer] = in_unicode
) -> Graph:
    """The graph of a trace; the direction is that of its adjoints if it has any, unless one is chosen.

    `writer` makes a medium's Writer, whose `prose` writes words that stand in mathematics.
    """
    return _Reader(trace, _direction(trace, direction), writer(trace, digits)).graph()


def choose(given: str, known: Iterable[str], what: str) -> None:
    """Raise OptionError for a word that is not known."""
    if not isinstance(given, str) or given not in known:
        hint = did_you_mean(str(given), known)
        raise OptionError(f"unknown {what} '{given}': choose {', '.join(known)}" + (f"\n{hint}" if hint else ""))


def _direction(trace: Trace, name: str | None) -> Direction:
    if name is None:
        return trace.swept[-1].direction if trace.swept else FORWARD
    choose(name, DIRECTIONS, "direction")
    direction = DIRECTIONS[name]
    if direction not in (sweep.direction for sweep in trace.sweeps):
        raise OptionError(f"this trace has no {direction.kind}s: trace with mode='{name}' or mode='both'")
    return direction


class _Reader:
    """Reads the texts of nodes and edges off a trace."""

    def __init__(self, trace: Trace, direction: Direction, write: Writer) -> None:
        self.trace, self.direction, self.write = trace, direction, write
        self.seeded = write.prose(" (seed)")
        self.sweep = trace.sweep(direction)
        self.seed = dict(self.sweep.seed)
        self.derivatives = {row.ref: row for row in self.sweep.rows}
        self.parts = {(part.step.ref, part.k): part for row in self.sweep.rows for part in row.contributions}
        self.index = {step.ref: n for n, step in enumerate(trace.steps)}
        self.outputs = {output.operand for output in trace.outputs if isinstance(output.operand, Ref)}

    def graph(self) -> Graph:
        """All of it."""
        trace = self.trace
        nodes = (*map(self._row, range(len(trace.steps)), trace.steps), *map(self._output, trace.outputs))
        edges = tuple(self._edges())
        title = "; ".join(line.strip() for line in trace.expression.splitlines() if line.strip())
        return Graph(nodes, edges, self.direction, title, self._description(nodes, edges))

    # --- nodes ----------------------------------------------------------------------------------------------
    def _row(self, n: int, step: Step) -> Node:
        write, is_input = self.write, step.operation is None
        label, name = write.ref(step.label) if step.label else "", write.ref(step.ref)
        primal = [name, label, write.number(step.value)] if label and not is_input else [name, write.number(step.value)]
        row = self.derivatives.get(self.direction.ref(step.ref))
        said = label if is_input else write.formula(step.formula)
        sentence = f"{name} = {said} = {write.number(step.value)}"
        return Node(
            kind="input" if is_input else "row",
            row=n,
            name=name,
            sign=label if is_input else sign_of(step, write),
            value=write.number(step.value),
            primal=" = ".join(primal),
            derivative=self._derivative(row, step, summed=False),
            summed=self._derivative(row, step, summed=True),
            sentence=sentence + (f", {write.ref(row.ref)} = {write.number(row.value)}" if row else ""),
            empty=row is not None and is_zero(row.value),
            is_output=step.ref in self.outputs,
        )

    def _derivative(self, row: Derivative | None, step: Step, *, summed: bool) -> str:
        if row is None:
            return ""
        write = self.write
        value, name = write.number(row.value), write.ref(row.ref)
        if step.operation is None:
            own = write.ref(self.direction.ref(str(step.label)))
            if not self.direction.backward:
                return f"{name} = {own} = {value}{self.seeded}"
            name = f"{own} = {name}"
        terms = ([row.seed] if row.seed else []) + [part.value for part in row.contributions]
        if not summed or not 1 < len(terms) <= TERMS or any(isinstance(term, Block) for term in terms):
            return f"{name} = {value}"
        return f"{name} = {self._sum(terms)} = {value}"

    def _sum(self, terms: list[float]) -> str:
        texts = [self.write.number(term) for term in terms]
        minus = self.write.names.minus
        later = [f" {minus} {text[1:]}" if text.startswith(minus) else f" + {text}" for text in texts[1:]]
        return texts[0] + "".join(later)

    def _output(self, output: Output) -> Node:
        write = self.write
        name, value = write.ref(output.name), write.number(output.value)
        inside = [write.ref(output.operand)] if isinstance(output.operand, Ref) else []
        derivative, empty = "", False
        mark = self.direction.ref(output.name)
        if mark in self.derivatives:
            arrived = self.derivatives[mark].value
            derivative, empty = f"{write.ref(mark)} = {write.number(arrived)}", is_zero(arrived)
        elif self.derivatives:
            seed = self._seed(output)
            derivative, empty = f"{write.ref(mark)} = {write.number(seed)}{self.seeded}", not seed
        primal = " = ".join([name, *inside, value])
        sentence = primal + (f", {derivative}" if derivative else "")
        return Node("output", None, name, name, value, primal, derivative, derivative, sentence, empty)

    def _seed(self, output: Output) -> float:
        return self.seed.get(output.name, 0.0)

    # --- edges ----------------------------------------------------------------------------------------------
    def _edges(self) -> Iterator[Edge]:
        for n, step in enumerate(self.trace.steps):
            for k, operand in enumerate(step.operands):
                if isinstance(operand, Ref):
                    yield self._edge(n, step, k, operand)
        for m, output in enumerate(self.trace.outputs):
            if isinstance(output.operand, Ref):
                source = self.index[output.operand]
                row = self.derivatives.get(self.direction.ref(output.name))
                empty = is_zero(row.value) if row else self.direction.backward and not self._seed(output)
                yield Edge(source, len(self.trace.steps) + m, 0, "", "", empty)

    def _edge(self, n: int, step: Step, k: int, operand: Ref) -> Edge:
        part = self.parts.get((step.ref, k))
        if part is None:  # the row reaches no seeded output, or there are no derivatives at all
            return Edge(self.index[operand], n, k, "", "", bool(self.derivatives))
        partial, contribution = edge_texts(part, self.write)
        return Edge(self.index[operand], n, k, partial, contribution, is_zero(part.value))

    # --- the whole ------------------------------------------------------------------------------------------
    def _description(self, nodes: tuple[Node, ...], edges: tuple[Edge, ...]) -> str:
        counts = [sum(node.kind == kind for node in nodes) for kind in ("input", "row", "output")]
        words = [f"{count} {word}{'s' * (count != 1)}" for count, word in zip(counts, ("input", "operation", "output"),
                                                                              strict=True)]  # fmt: skip
        way = self.direction.arrows if self.derivatives else "Arrows run from the inputs to the outputs"
        sentences = [f"Computational graph with {', '.join(words[:2])} and {words[2]}", way]
        sentences += [node.sentence for node in nodes[:SENTENCES]]
        if len(nodes) > SENTENCES:
            sentences.append(f"{len(nodes) - SENTENCES} more follow")
        if any(edge.empty for edge in edges):
            sentences.append(f"Dashed paths carry the {self.direction.kind} 0")
        return ". ".join([*sentences, *([self.trace.failure] if self.trace.failure else [])]) + "."


def is_zero(value: Any) -> bool:
    """Whether a number, or every entry of an array, is zero."""
    return not value.array.any() if isinstance(value, Block) else value == 0

"""The computational graph of a trace in the language of Graphviz: dot -Tsvg draws it."""

from __future__ import annotations

from collections.abc import Iterator

from autodiff.render.graph.graph import Edge, Graph, Node, graph
from autodiff.render.words.ascii import references
from autodiff.tracing.trace import Trace

SHAPES = {
    "input": 'shape=box, style="rounded,filled", fillcolor="#dcdcdc"',
    "row": 'shape=box, style="rounded"',
    "output": "shape=box, penwidth=2",
}
_SPECIAL = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;"})  # Graphviz reads entities in plain labels
EMPTY = 'color="#6b6b6b", fontcolor="#6b6b6b", '


def to_dot(trace: Trace, *, direction: str | None = None, digits: int = 3, ascii_only: bool = False) -> str:
    """The graph as a digraph in DOT: the same nodes, edges and texts as in the SVG."""
    text = "\n".join(_lines(graph(trace, direction, digits)))
    return references(text) if ascii_only else text


def quoted(*lines: str) -> str:
    r"""Lines of text as one quoted string of DOT, in which nothing but the line breaks means anything.

    >>> print(quoted('a "b" \\N', "c & d"))
    "a \"b\" \\N\nc &amp; d"
    """
    clean = ("".join(letter if letter.isprintable() else " " for letter in line) for line in lines if line)
    return '"' + r"\n".join(line.translate(_SPECIAL) for line in clean) + '"'


def _lines(drawn: Graph) -> Iterator[str]:
    names = [f"row {node.row}" if node.row is not None else f"output {n}" for n, node in enumerate(drawn.nodes)]
    yield "digraph trace {"
    yield f"  graph [rankdir=LR, label={quoted(drawn.title)}, labelloc=t];"
    yield '  node [fontname="DejaVu Sans,sans-serif", fontsize=12];'
    yield '  edge [fontname="DejaVu Sans,sans-serif", fontsize=10];'
    for name, node in zip(names, drawn.nodes, strict=True):
        yield f"  {quoted(name)} [{_node(node)}];"
    for kind, rank in (("input", "source"), ("output", "sink")):
        same = "; ".join(quoted(name) for name, node in zip(names, drawn.nodes, strict=True) if node.kind == kind)
        if same:
            yield f"  {{rank={rank}; {same}}}"
    for edge in drawn.edges:
        look = _edge(edge, backward=drawn.direction.backward)
        yield f"  {quoted(names[edge.source])} -> {quoted(names[edge.target])} [{look}];"
    yield "}"


def _node(node: Node) -> str:
    shape = SHAPES[node.kind]
    if node.empty:
        shape = EMPTY + (shape.replace('style="', 'style="dashed,') if "style" in shape else f'{shape}, style="dashed"')
    return f"label={quoted(node.sign, node.primal, node.summed)}, {shape}"


def _edge(edge: Edge, *, backward: bool) -> str:
    parts = [f"label={quoted(edge.partial, edge.contribution)}"] if edge.partial or edge.contribution else []
    parts += ["dir=back"] if backward else []  # the inputs stay on the left
    parts += [EMPTY + 'style="dashed"'] if edge.empty else []
    return ", ".join(parts)

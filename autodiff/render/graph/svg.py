"""The computational graph of a trace as a picture: standalone SVG, for light and dark, colour or not, and for a player.

A node carries `data-row`, the place of its row among the steps, or `data-output`; an edge carries `data-edge`, "source
target k". They have the classes node (input, row, output), edge and, where nothing passes, empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import pairwise

from autodiff.render.graph.geometry import Layout, Link, Point, arrow
from autodiff.render.graph.graph import Edge, Graph, Node, choose, graph
from autodiff.render.graph.layout import layout
from autodiff.render.graph.shapes import NOTATIONS, TINY, Blocks, Cards, place, safe, text
from autodiff.render.graph.text_width import fitted, text_width
from autodiff.render.words.ascii import references
from autodiff.tracing.trace import Trace

WIDEST = 230.0  # of the label of an edge
FAMILY = "'DejaVu Sans', Verdana, 'Segoe UI', Arial, sans-serif"
LIGHT = {"paper": "#ffffff", "ink": "#1a1a1a", "faint": "#6b6b6b", "fill": "#f3f3f3", "given": "#dcdcdc"}
DARK = {"paper": "#15171a", "ink": "#ececec", "faint": "#9c9c9c", "fill": "#24272b", "given": "#3d4147"}
RULES = """
.autodiff-graph text{font-family:FAMILY;text-anchor:middle;fill:var(--ink)}
.autodiff-graph .paper{fill:var(--paper)}
.autodiff-graph .sign{font-size:16px;font-weight:bold}
.autodiff-graph .line{font-size:12px}
.autodiff-graph .label{font-size:11px;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round;paint-order:stroke}
.autodiff-graph .shape,.autodiff-graph .variable{fill:var(--fill);stroke:var(--ink);stroke-width:1.3px}
.autodiff-graph .input .shape,.autodiff-graph .input .variable{fill:var(--given)}
.autodiff-graph .output .shape{fill:var(--paper);stroke-width:2.2px}
.autodiff-graph .path,.autodiff-graph .wire{fill:none;stroke:var(--ink);stroke-width:1.3px}
.autodiff-graph .head{fill:var(--ink)}
.autodiff-graph .empty .path{stroke:var(--faint);stroke-dasharray:5 4}
.autodiff-graph .empty .shape,.autodiff-graph .empty .variable{fill:var(--fill);stroke:var(--faint)}
.autodiff-graph .empty .shape,.autodiff-graph .empty .variable{stroke-dasharray:5 4}
.autodiff-graph .empty .wire{stroke:var(--faint);stroke-dasharray:3 3}
.autodiff-graph .empty .head{fill:var(--faint)}
.autodiff-graph .empty text{fill:var(--faint)}
""".replace("FAMILY", FAMILY)


class Svg(str):
    """The text of a picture, which a notebook shows as the picture."""

    __slots__ = ()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        title = re.search("<title[^>]*>(.*?)</title>", self)
        alt = f"Computational graph of {unescape(title[1])}" if title else "Computational graph"
        return {"image/svg+xml": str(self), "text/plain": alt}, {"image/svg+xml": {"alt": alt}}


def to_svg(
    trace: Trace, *, direction: str | None = None, notation: str = "nodes", digits: int = 3, prefix: str = "graph",
    ascii_only: bool = False,
) -> Svg:  # fmt: skip
    """The graph as a standalone SVG; `prefix` begins its ids, for pages with several."""
    text = picture(trace, _themed(), direction=direction, notation=notation, digits=digits, prefix=prefix)
    return Svg(references(text) if ascii_only else text)


def picture(
    trace: Trace, style: str, *, direction: str | None = None, notation: str = "nodes", digits: int = 3,
    prefix: str = "graph",
) -> str:  # fmt: skip
    """The graph as SVG in a style of its own."""
    choose(notation, NOTATIONS, "notation")
    drawn = graph(trace, direction, digits)
    return "\n".join(_document(drawn, arrange(drawn, notation), NOTATIONS[notation], style, prefix))


def arrange(drawn: Graph, notation: str = "nodes") -> Layout:
    """Where everything stands in the picture of a graph: boxes by its nodes, labels and routes by its edges."""
    links = [Link(edge.source, edge.target, *_label_size(edge_lines(edge))) for edge in drawn.edges]
    outputs = [n for n, node in enumerate(drawn.nodes) if node.kind == "output"]
    # A label stands where the product arrives: at the row that has the tangent, or at the one that has the adjoint.
    sizes = list(map(NOTATIONS[notation].size, drawn.nodes))
    return layout(sizes, links, last=outputs, early=drawn.direction.backward)


def light_style() -> str:
    """The style for readers that know neither variables nor dark mode."""
    rules = RULES
    for name, colour in LIGHT.items():
        rules = rules.replace(f"var(--{name})", colour)
    return rules


def _themed() -> str:
    light, dark = (";".join(f"--{name}:{colour}" for name, colour in theme.items()) for theme in (LIGHT, DARK))
    themes = f"\n.autodiff-graph{{{light}}}\n@media (prefers-color-scheme:dark){{.autodiff-graph{{{dark}}}}}"
    return themes + RULES


def edge_lines(edge: Edge) -> tuple[str, str]:
    """What stands above an edge and below it."""
    above, below = (fitted(line, WIDEST, TINY) for line in (edge.partial, edge.contribution))
    return above, below


def _label_size(lines: Sequence[str]) -> tuple[float, float]:
    width = max(text_width(line, TINY) for line in lines)
    return (width + 8, 34.0) if width else (0.0, 0.0)


def _document(drawn: Graph, placed: Layout, shapes: Cards | Blocks, style: str, prefix: str) -> Iterator[str]:
    width, height, name = place(placed.width), place(placed.height), safe(prefix)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="autodiff-graph {drawn.direction.name}" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-title {name}-desc">'
    )
    yield f'<title id="{name}-title">{safe(drawn.title)}</title>'
    yield f'<desc id="{name}-desc">{safe(drawn.description)}</desc>'
    yield f"<style>{style}</style>"
    yield f'<rect class="paper" width="{width}" height="{height}"/>'
    yield '<g class="edges">'
    for n in range(len(drawn.edges)):
        yield from _edge(drawn, n, placed, shapes, name)
    yield '</g>\n<g class="nodes">'
    outputs = 0
    for n, node in enumerate(drawn.nodes):
        identity = f'data-row="{node.row}"' if node.row is not None else f'data-output="{outputs}"'
        number = f"row-{node.row}" if node.row is not None else f"output-{outputs}"
        outputs += node.row is None
        kinds = _classes("node", node.kind, node)
        yield f'<g id="{name}-{number}" class="{kinds}" {identity} data-name="{safe(node.name)}">'
        yield f"<title>{safe(node.sentence)}</title>"
        yield from shapes.marks(node, placed.boxes[n])
        yield "</g>"
    yield "</g>\n</svg>"


def _edge(drawn: Graph, n: int, placed: Layout, shapes: Cards | Blocks, prefix: str) -> Iterator[str]:
    edge = drawn.edges[n]
    name = f"{prefix}-edge-{edge.key.replace(' ', '-')}"
    yield f'<g id="{name}" class="{_classes("edge", "", edge)}" data-edge="{edge.key}">'
    whole = "; ".join(line for line in (edge.partial, edge.contribution) if line)
    if whole:
        yield f"<title>{safe(whole)}</title>"
    source, target = (shapes.insets(drawn.nodes[m], placed.boxes[m]) for m in (edge.source, edge.target))
    route, (x, y), base = arrow(placed.routes[n], source[1], target[0], backward=drawn.direction.backward)
    yield f'<path class="path" d="{_path(route)}"/>'
    yield f'<path class="head" d="M{place(x)} {place(y)}L{place(x + base)} {place(y - 4)}V{place(y + 4)}z"/>'
    label = placed.labels[n]
    if label is not None:
        for line, down in zip(edge_lines(edge), (-5.0, 13.0), strict=True):
            if line:
                yield text(label.middle.x, label.middle.y + down, line, "label")
    yield "</g>"


def _path(route: Sequence[Point]) -> str:
    """Straight from the first point to the second, curved to the third, and so on; one level line where it can be."""
    parts = [f"M{place(route[0].x)} {place(route[0].y)}"]
    y, x = place(route[0].y), ""
    for n, (before, here) in enumerate(pairwise(route)):
        level = place(here.y) == y
        if level:
            x = place(here.x)  # the line is drawn when it ends
            continue
        parts.append(f"H{x}" if x else "")
        middle, x, y = place((before.x + here.x) / 2), "", place(here.y)
        parts.append(f"C{middle} {place(before.y)} {middle} {y} {place(here.x)} {y}")
        assert n % 2  # only the gaps between columns are climbed
    return "".join([*parts, f"H{x}" if x else ""])


def _classes(first: str, second: str, item: Node | Edge) -> str:
    return " ".join(filter(None, (first, second, "empty" if item.empty else "")))

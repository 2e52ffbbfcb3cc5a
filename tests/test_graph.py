"""The computational graph: layout, SVG, DOT and PNG, all from the same Trace."""

from __future__ import annotations

import math
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autodiff import AutodiffError, Trace, trace
from autodiff.errors import DomainError
from autodiff.expression.names import Ref
from autodiff.expression.parser import parse
from autodiff.expression.printing import UnicodePrinter
from autodiff.render.graph import png
from autodiff.render.graph.dot import to_dot
from autodiff.render.graph.geometry import Layout, Link, Rect, Size
from autodiff.render.graph.graph import graph
from autodiff.render.graph.layout import layout
from autodiff.render.graph.png import to_png
from autodiff.render.graph.svg import arrange, to_svg
from autodiff.render.graph.text_width import text_width
from autodiff.render.words.sheet import Writer
from autodiff.tracing.files import read_trace_file
from tests import needs
from tests.changing import renamed

ROOT = Path(__file__).parent.parent
PATHS = sorted((ROOT / "traces").glob("*.toml"))
BOOK = "ln(x1)+x1*x2-sin(x2)"
NETWORK = (
    "h1 = sigmoid(w11*x1 + w12*x2 + b1); h2 = sigmoid(w21*x1 + w22*x2 + b2); o = sigmoid(u1*h1 + u2*h2 + c); (o - 1)^2"
)
NAME = "{http://www.w3.org/2000/svg}"
each_file = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


# --- graphs ---------------------------------------------------------------------------------------------------
def of_ones(text: str, mode: str = "both") -> Trace:
    return trace(text, at=dict.fromkeys(parse(text).variables, 1.0), mode=mode)


def of_file(path: Path) -> Trace:
    file = read_trace_file(str(path))
    return trace(file.get("expression"), file.get("at"), mode="both", order=file.get("order"))


def at_random(rows: int, seed: int = 1) -> Trace:
    """A program whose rows read some of the eight before them."""
    draw = random.Random(seed)
    names, lines = ["x1", "x2", "x3", "x4"], ["r0 = x1 + x2*x3*x4"]
    for n in range(1, rows):
        names.append(f"r{n - 1}")
        a, b = draw.choice(names[-8:]), draw.choice(names[-8:])
        operation = draw.choice(["{a}*{b}", "{a} + {b}", "sin({a})", "tanh({b})", "{a} - {b}"])
        lines.append(f"r{n} = {operation.format(a=a, b=b)}")
    return of_ones("\n".join([*lines, f"r{rows - 1}"]))


SAMPLES = {
    "book": lambda: trace(BOOK, at=(2, 5), mode="both"),
    "square": lambda: trace("x*x", at=3, mode="both"),
    "one row": lambda: trace("x", at=3, mode="both"),
    "a constant": lambda: trace("3", mode="both"),
    "network": lambda: of_ones(NETWORK),
    "thirty inputs": lambda: of_ones(" + ".join(f"x{n}*x{n + 1}" for n in range(1, 30))),
    "hundred rows": lambda: at_random(96),
    "outputs": lambda: trace("a = x*y; a, sin(a), 3, a", at=(1, 2), mode="both"),
    "long formulas": lambda: trace("softplus(tanh(x)^0.333333333)/log10(x + 123456.789)", at=2, mode="both"),
}  # fmt: skip
each_sample = pytest.mark.parametrize("name", SAMPLES)


# --- layout ---------------------------------------------------------------------------------------------------
def straight(placed: Layout) -> list[tuple[int, Rect]]:
    """The straight parts of the routes as flat rectangles, with their link."""
    found = []
    for n, route in enumerate(placed.routes):
        for a, b in zip(route[::2], route[1::2], strict=True):
            assert a.y == b.y
            assert a.x <= b.x
            found.append((n, Rect(a.x, a.y - 0.5, b.x - a.x, 1.0)))
    return found


def check_apart(placed: Layout, links: list[tuple[int, int]]) -> None:
    """No boxes, labels or lines on top of each other; lines climb only where nothing stands."""
    labels = [label for label in placed.labels if label]
    whole = Rect(0, 0, placed.width, placed.height)
    for things in (placed.boxes, labels):
        for n, thing in enumerate(things):
            assert whole.left < thing.left
            assert thing.left + thing.width < whole.width
            assert whole.top < thing.top
            assert thing.top + thing.height < whole.height
            assert not any(thing.overlaps(other) for other in things[n + 1 :])
    assert not any(label.overlaps(box) for label in labels for box in placed.boxes)
    for n, line in straight(placed):
        others = [box for m, box in enumerate(placed.boxes) if m not in links[n]]
        others += [label for m, label in enumerate(placed.labels) if label and m != n]
        assert not any(line.overlaps(other) for other in others)
    for route in placed.routes:
        for a, b in zip(route[1::2], route[2::2], strict=False):
            assert a.x < b.x
            climb = Rect(a.x, 0, b.x - a.x, placed.height)
            assert not any(climb.overlaps(thing) for thing in (*placed.boxes, *labels))


@pytest.mark.no_cover
@each_sample
@pytest.mark.parametrize("notation", ["nodes", "blocks"])
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_nothing_overlaps(name: str, notation: str, direction: str) -> None:
    drawn = graph(SAMPLES[name](), direction)
    placed = arrange(drawn, notation)
    check_apart(placed, [(edge.source, edge.target) for edge in drawn.edges])


@each_file
def test_nothing_overlaps_in_published_traces(path: Path) -> None:
    drawn = graph(of_file(path))
    check_apart(arrange(drawn), [(edge.source, edge.target) for edge in drawn.edges])


@each_sample
def test_inputs_stand_left_outputs_right_and_links_run_between(name: str) -> None:
    drawn = graph(SAMPLES[name]())
    placed = arrange(drawn)
    middles = [box.middle.x for box in placed.boxes]
    for kind, end in (("input", min), ("output", max)):
        assert all(x == end(middles) for x, node in zip(middles, drawn.nodes, strict=True) if node.kind == kind)
    for edge, route in zip(drawn.edges, placed.routes, strict=True):
        source, target = placed.boxes[edge.source], placed.boxes[edge.target]
        assert (route[0].x, route[-1].x) == (source.left + source.width, target.left)
        assert source.top < route[0].y < source.top + source.height
        assert target.top < route[-1].y < target.top + target.height


@pytest.mark.parametrize(("name", "most"), [("book", 0), ("square", 0), ("thirty inputs", 0), ("outputs", 0),
                                            ("network", 8), ("hundred rows", 90)])  # fmt: skip
def test_few_links_cross(name: str, most: int) -> None:
    assert arrange(graph(SAMPLES[name]())).crossings <= most


def test_a_complete_bipartite_graph_crosses_as_little_as_it_must() -> None:
    links = [Link(source, target) for target in (3, 4, 5) for source in (0, 1, 2)]
    assert layout([Size(10, 10)] * 6, links).crossings == 9


def test_a_tangle_that_can_be_undone_is_undone() -> None:
    count = 12
    links = [Link(n, count + (n * 5) % count) for n in range(count)]
    assert layout([Size(10, 10)] * (2 * count), links).crossings == 0


def test_a_layout_of_nothing_is_nothing() -> None:
    assert layout([], []).boxes == ()


@pytest.mark.no_cover
def test_large_graphs_are_drawn_too() -> None:
    chain = "\n".join(["a0 = sin(x)", *(f"a{n} = sin(a{n - 1})" for n in range(1, 1000)), "a999"])
    for large in (of_ones(chain), of_ones("+".join(f"x{n}" for n in range(1, 501))), at_random(1000)):
        assert len(ET.fromstring(to_svg(large)).findall(f".//{NAME}g[@data-row]")) == len(large.steps)


def test_links_too_long_for_lanes_of_their_own_are_still_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autodiff.render.graph.layout.LANES", 30)
    drawn = graph(SAMPLES["network"]())
    placed = arrange(drawn)
    assert any(len(route) == 4 for route in placed.routes)
    assert all(route[0].x < route[-1].x for route in placed.routes)
    assert not any(a.overlaps(b) for n, a in enumerate(placed.boxes) for b in placed.boxes[n + 1 :])


# --- contents -------------------------------------------------------------------------------------------------
def texts(group: ET.Element) -> list[str]:
    return [element.text or "" for element in group.iter(f"{NAME}text")]


def operand_count(traced: Trace) -> int:
    inside = sum(isinstance(operand, Ref) for step in traced.steps for operand in step.operands)
    return inside + sum(isinstance(output.operand, Ref) for output in traced.outputs)


def check_contents(traced: Trace, direction: str) -> None:
    write = Writer(UnicodePrinter, traced)
    root = ET.fromstring(to_svg(traced, direction=direction))
    rows = root.findall(f".//{NAME}g[@data-row]")
    edges = {group.get("data-edge"): group for group in root.findall(f".//{NAME}g[@data-edge]")}
    assert [group.get("data-row") for group in rows] == [str(n) for n in range(len(traced.steps))]
    assert len(root.findall(f".//{NAME}g[@data-output]")) == len(traced.outputs)
    assert len(edges) == operand_count(traced)
    derivatives = {row.ref.of: row for row in (traced.tangents if direction == "forward" else traced.adjoints)}
    index = {step.ref: n for n, step in enumerate(traced.steps)}
    for group, step in zip(rows, traced.steps, strict=True):
        _, primal, derivative = texts(group)
        row = derivatives[step.ref.of]
        assert primal.startswith(f"{write.ref(step.ref)} = ")
        assert primal.endswith(f" = {write.number(step.value)}")
        assert derivative.removesuffix(" (seed)").endswith(f"= {write.number(row.value)}")
        for part in row.contributions:
            operand = part.step.operands[part.k]
            assert isinstance(operand, Ref)
            edge = edges[f"{index[operand]} {index[part.step.ref]} {part.k}"]
            title = edge.findtext(f"{NAME}title") or ""
            assert title.endswith((f"= {write.number(part.value)}", write.formula(part.formula)))
            assert f"{write.ref(part.rule._replace(kind='partial'))} = " in title
            assert ("empty" in (edge.get("class") or "").split()) == (part.value == 0)


@each_file
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_the_numbers_are_those_of_the_trace(path: Path, direction: str) -> None:
    check_contents(of_file(path), direction)


@pytest.mark.no_cover
@each_sample
@pytest.mark.parametrize("direction", ["forward", "reverse"])
@pytest.mark.parametrize("notation", ["nodes", "blocks"])
def test_every_picture_is_well_formed_and_told(name: str, direction: str, notation: str) -> None:
    traced = SAMPLES[name]()
    svg = to_svg(traced, direction=direction, notation=notation)
    assert svg == to_svg(SAMPLES[name](), direction=direction, notation=notation)
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert set((root.get("aria-labelledby") or "").split()) <= set(ids)
    assert root.findtext(f"{NAME}title") == "; ".join(traced.expression.splitlines())
    described = root.findtext(f"{NAME}desc") or ""
    assert described.startswith("Computational graph with ")
    assert described.endswith(".")
    outside = [value for element in root.iter() for key, value in element.items() if "href" in key or key == "src"]
    assert not outside
    assert not root.findall(f".//{NAME}script")
    assert "url(" not in svg
    assert "prefers-color-scheme:dark" in svg


def test_the_forward_graph_of_the_book() -> None:
    root = ET.fromstring(to_svg(trace(BOOK, at=(2, 5), mode="forward")))
    rows = [texts(group) for group in root.findall(f".//{NAME}g[@data-row]")]
    assert rows[0] == ["x₁", "v₋₁ = 2", "v̇₋₁ = ẋ₁ = 1 (seed)"]
    assert rows[3] == ["×", "v₂ = 10", "v̇₂ = 5 + 0 = 5"]
    empty = {
        group.get("data-edge") for group in root.findall(f".//{NAME}g[@data-edge]") if "empty" in str(group.attrib)
    }
    assert empty == {"1 3 1", "1 4 0", "4 6 1"}
    assert texts(root.findall(f".//{NAME}g[@data-edge='1 3 1']")[0]) == ["∂v₂/∂v₀ = v₋₁ = 2", "v̇₀ × v₋₁ = 0"]


def test_the_reverse_graph_of_the_book() -> None:
    root = ET.fromstring(to_svg(trace(BOOK, at=(2, 5))))
    rows = [texts(group) for group in root.findall(f".//{NAME}g[@data-row]")]
    assert rows[1] == ["x₂", "v₀ = 5", "x̄₂ = v̄₀ = −0.284 + 2 = 1.716"]
    assert texts(root.findall(f".//{NAME}g[@data-output]")[0]) == ["y", "y = v₅ = 11.652", "ȳ = 1 (seed)"]
    arriving = [texts(root.findall(f".//{NAME}g[@data-edge='1 {n} {k}']")[0])[1] for n, k in ((3, 1), (4, 0))]
    assert arriving == ["v̄₂ × v₋₁ = 2", "v̄₃ × cos v₀ = −0.284"]


def test_equal_operands_have_an_edge_each() -> None:
    edges = graph(trace("x*x", at=3)).edges
    assert [(edge.key, edge.contribution) for edge in edges[:2]] == [("0 1 0", "v̄₁ × v₀ = 3"), ("0 1 1", "v̄₁ × v₀ = 3")]


@pytest.mark.parametrize(
    ("text", "sign"),
    [("2x", "2 ×"), ("x*2", "× 2"), ("x^2", "^2"), ("2^x", "2^"), ("x^(-1)", "^(−1)"), ("-x", "−"), ("1/x", "1 /"),
     ("max(x, 0)", "max(·, 0)"), ("|x|", "|·|"), ("√x", "√"), ("ln x", "ln"), ("x*π", "× π"), ("x - 3", "− 3")],
)  # fmt: skip
def test_constants_stand_in_the_sign(text: str, sign: str) -> None:
    assert graph(trace(text, at=2)).nodes[1].sign == sign


def test_the_direction_is_that_of_the_trace() -> None:
    forward, reverse, both = (trace(BOOK, at=(2, 5), mode=mode) for mode in ("forward", "reverse", "both"))
    assert [graph(each).direction.name for each in (forward, reverse, both)] == ["forward", "reverse", "reverse"]
    assert graph(both, "forward").nodes == graph(forward).nodes
    assert graph(both, "reverse").edges == graph(reverse).edges
    with pytest.raises(AutodiffError, match="no adjoints: trace with mode='reverse' or mode='both'"):
        to_svg(forward, direction="reverse")
    with pytest.raises(AutodiffError, match="did you mean 'reverse'"):
        to_svg(reverse, direction="revers")
    with pytest.raises(AutodiffError, match="unknown notation 'block': choose nodes, blocks"):
        to_svg(reverse, notation="block")


def test_rows_that_reach_no_seeded_output_are_empty() -> None:
    drawn = graph(trace("a = sin(x); b = cos(x); a, b", at=1))
    assert [node.empty for node in drawn.nodes] == [False, False, True, False, True]
    assert [edge.empty for edge in drawn.edges] == [False, True, False, True]


def test_a_run_that_stopped_is_drawn_up_to_there() -> None:
    with pytest.raises(DomainError) as caught:
        trace("sin(x)*ln(-x)", at=2)
    stopped = caught.value.trace
    assert isinstance(stopped, Trace)
    root = ET.fromstring(to_svg(stopped))
    assert len(root.findall(f".//{NAME}g[@data-row]")) == len(stopped.steps)
    assert "needs a positive number" in (root.findtext(f"{NAME}desc") or "")


def test_arrays_are_shown_by_shape_and_in_short_form() -> None:
    def squares(x: Any) -> Any:
        return np.sum(np.tanh(x[1:]) * 2)

    traced = trace(squares, at=[np.arange(9.0)], mode="both")
    for direction in ("forward", "reverse"):
        root = ET.fromstring(to_svg(traced, direction=direction))
        shown = [text for group in root.findall(f".//{NAME}g[@data-row]") for text in texts(group)]
        assert any(re.search(r"\[.*, …, .*\] \(8\)$", text) for text in shown)
        assert "·[1:]" in shown
        drawn = graph(traced, direction)
        check_apart(arrange(drawn), [(edge.source, edge.target) for edge in drawn.edges])


# --- hostile names --------------------------------------------------------------------------------------------
HOSTILE = ["<script>alert(1)</script>", '"/><script>', "]]>", "&lt;", 'a\\"b\\N', "\x00\x1b[31m", "\u202egnp", "<!--"]


def hostile_trace(name: str) -> Trace:
    traced = trace("a = x + 2y; a*x", at=(1, 2), mode="both")
    names = {"x": f"{name}0", "y": f"{name}1", "a": f"{name}2", traced.outputs[0].name: name}
    return replace(renamed(traced, names), expression=name)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_hostile_names_are_text(name: str, direction: str) -> None:
    for notation in ("nodes", "blocks"):
        svg = to_svg(hostile_trace(name), direction=direction, notation=notation, prefix=name)
        root = ET.fromstring(svg)
        found = {element.tag.removeprefix(NAME) for element in root.iter()}
        assert found <= {"svg", "title", "desc", "style", "rect", "circle", "path", "g", "text"}
        assert not any(key.startswith("on") for element in root.iter() for key in element.attrib)
        assert root.findtext(f"{NAME}title") == "".join(c if c.isprintable() else "�" for c in name)
    check_dot(to_dot(hostile_trace(name), direction=direction))


# --- DOT ------------------------------------------------------------------------------------------------------
QUOTED = r'"(?:[^"\\\n]|\\.)*"'
VALUE = rf"(?:{QUOTED}|[\w.]+)"
ATTRIBUTES = rf"\[(?:\w+={VALUE}(?:, \w+={VALUE})*)?\]"
STATEMENT = re.compile(
    rf"  (?:(?:graph|node|edge|{QUOTED}|{QUOTED} -> {QUOTED}) {ATTRIBUTES};|\{{rank=\w+(?:; {QUOTED})+\}})"
)


def check_dot(dot: str) -> None:
    first, *statements, last = dot.split("\n")
    assert (first, last) == ("digraph trace {", "}")
    for statement in statements:
        assert STATEMENT.fullmatch(statement), statement


@each_sample
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_dot_has_the_nodes_and_edges_of_the_trace(name: str, direction: str) -> None:
    traced = SAMPLES[name]()
    dot = to_dot(traced, direction=direction)
    check_dot(dot)
    assert dot.count(" -> ") == operand_count(traced)
    assert len(re.findall(r'(?m)^  "(?:row|output) \d+" \[', dot)) == len(traced.steps) + len(traced.outputs)
    assert dot.count("dir=back") == (operand_count(traced) if direction == "reverse" else 0)


@needs.DOT.mark
def test_graphviz_draws_every_graph_without_a_complaint() -> None:
    traces = [*(make() for make in SAMPLES.values()), *map(hostile_trace, HOSTILE)]
    dots = [to_dot(traced, direction=direction) for traced in traces for direction in ("forward", "reverse")]
    done = subprocess.run(["dot", "-Tsvg"], input="\n".join(dots), capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("<svg") == len(dots)


# --- PNG ------------------------------------------------------------------------------------------------------
def test_png_has_its_signature_and_its_texts() -> None:
    pytest.importorskip("resvg_py")
    traced = trace("x*x", at=3)
    png = to_png(traced)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    root = ET.fromstring(to_svg(traced))
    assert abs(wide - 2 * float(root.get("width") or 0)) <= 2
    assert abs(high - 2 * float(root.get("height") or 0)) <= 2
    assert png != to_png(trace("x*x", at=4))  # nothing but texts differs
    assert to_png(traced, scale=1.0, notation="blocks", direction="reverse").startswith(b"\x89PNG")


def test_a_png_has_no_more_pixels_than_the_memory_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("resvg_py")
    assert 4 * png.MOST < 250e6  # bytes
    monkeypatch.setattr(png, "MOST", 2e6)  # to draw 60 million pixels takes many seconds
    long, longer = (trace("+".join(f"sin({k}x)*y" for k in range(n)), at=(1, 2)) for n in (7, 30))
    wide, high = (int.from_bytes(to_png(long)[at : at + 4], "big") for at in (16, 20))
    assert 1.9e6 < wide * high <= 2e6
    with pytest.raises(AutodiffError, match="take SVG"):
        to_png(longer)
    for scale in (0, -1, math.nan, 2.0):
        with pytest.raises(AutodiffError, match="no PNG of a graph of"):
            to_png(longer, scale=scale)


def test_png_without_its_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(AutodiffError, match="pip install resvg-py"):
        to_png(trace("x*x", at=3))


def test_png_without_fonts_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mute:
        @staticmethod
        def svg_to_bytes(**_: object) -> bytes:
            return b"the same picture, whatever the text"

    monkeypatch.setitem(sys.modules, "resvg_py", Mute)  # type: ignore[arg-type]
    with pytest.raises(AutodiffError, match="needs a font"):
        to_png(trace("x*x", at=3))


# --- widths ---------------------------------------------------------------------------------------------------
def test_long_labels_keep_their_numbers() -> None:
    root = ET.fromstring(to_svg(SAMPLES["long formulas"]()))
    labels = [texts(group) for group in root.findall(f".//{NAME}g[@data-edge]")]
    cut = [label for pair in labels for label in pair if "…" in label]
    assert cut
    assert all(re.search(r"… = −?[\d.]+$", label) for label in cut)


def test_marks_take_no_width_and_subscripts_less_than_digits() -> None:
    assert text_width("v̄₁", 10) == text_width("v₁", 10) < text_width("v1", 10)
    assert text_width("W", 10) > text_width("i", 10)

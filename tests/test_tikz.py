"""The computational graph in TikZ: what the SVG shows, where it shows it, in LaTeX that compiles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autodiff import AutodiffError, Trace, trace
from autodiff.errors import DomainError
from autodiff.expression.printing import LatexPrinter
from autodiff.render.graph.graph import graph
from autodiff.render.graph.shapes import NOTATIONS
from autodiff.render.graph.svg import arrange
from autodiff.render.graph.tikz import LARGEST, UNIT, Figure, figure, to_tikz
from autodiff.render.tables.latex import to_latex
from autodiff.render.tables.styles import STYLES
from autodiff.render.words.latex_words import escape
from autodiff.render.words.sheet import Writer
from autodiff.tracing.directions import DIRECTIONS
from tests import needs
from tests.latex import compiled, in_one
from tests.test_graph import BOOK, PATHS, SAMPLES, at_random, each_sample, hostile_trace, of_file

NODE = re.compile(r"\\node\[(\w+), room=[\d.]+pt(, text=black!58)?\] at \(([-\d.]+),([-\d.]+)\) \{(.*)\};")
SIGNS = "x^2; 2^x; x^y; y*2; x - 3; -x; √y; |x|; max(x, 0); hypot(x, y); relu(x); 1/x; e^x; log10(y); x*π; gamma(y)"
HOSTILE = [r"\input{x}", "$", "%", "}", "{", "^^M", "#1", "a & b", "~_^", "_", "a__", "a = b = \\csname c", "\n\n",
           "\x00\x1b", "漢字", "\u202egnp", r"\end{tikzpicture}", '"<>|', "x" * 300]  # fmt: skip


def arrays() -> Trace:
    def net(x: Any) -> Any:
        return np.sum(np.tanh(np.outer(x, x)[1:] @ x) * 2e-9) + np.max(x)

    return trace(net, at=[np.arange(5.0)], mode="both")


def texts(tikz: str) -> list[str]:
    return [found[5] for found in NODE.finditer(tikz)]


def balanced(latex: str) -> bool:
    depth = 0
    for brace in re.findall(r"\\[\\{}]|[{}]", latex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0


# --- contents -------------------------------------------------------------------------------------------------
@each_sample
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_row_output_and_edge_is_drawn(name: str, direction: str, notation: str) -> None:
    traced = SAMPLES[name]()
    tikz = to_tikz(traced, direction=direction, notation=notation)
    drawn = graph(traced, direction)
    assert re.findall(r"(?m)^% edge (.*)$", tikz) == [edge.key for edge in drawn.edges]
    assert re.findall(r"(?m)^% row (.*)$", tikz) == [str(n) for n in range(len(traced.steps))]
    assert len(re.findall(r"(?m)^% output$", tikz)) == len(traced.outputs)
    assert tikz.count(r"\node") == len(texts(tikz))
    assert len(re.findall(r"\\fill", tikz)) == len(drawn.edges)
    assert len(re.findall(r"(?m)^\\fill\[black!58\]", tikz)) == sum(edge.empty for edge in drawn.edges)
    assert tikz.isascii()
    assert balanced(tikz)


def test_the_forward_figure_of_the_book() -> None:
    found = texts(to_tikz(trace(BOOK, at=(2, 5), mode="forward")))
    assert {"{}x_{1}{}", "v_{-1} = 2", r"\dot{v}_{-1} = \dot{x}_{1} = 1\text{ (seed)}"} <= set(found)
    assert {r"{}\times{}", "v_{2} = 10", r"\dot{v}_{2} = 5 + 0 = 5"} <= set(found)
    assert {r"\partial v_{2}/\partial v_{0} = v_{-1} = 2", r"\dot{v}_{0} \times v_{-1} = 0"} <= set(found)


def test_the_reverse_figure_of_the_book() -> None:
    found = texts(to_tikz(trace(BOOK, at=(2, 5))))
    assert {"v_{0} = 5", r"\bar{x}_{2} = \bar{v}_{0} = -0.284 + 2 = 1.716", r"\bar{y} = 1\text{ (seed)}"} <= set(found)
    assert {r"\bar{v}_{2} \times v_{-1} = 2", r"\bar{v}_{3} \times \cos v_{0} = -0.284"} <= set(found)


def test_arrows_point_the_way_the_derivatives_go() -> None:
    for direction, way in (("forward", -1), ("reverse", 1)):
        tikz = to_tikz(SAMPLES["book"](), direction=direction)
        heads = re.findall(r"(?m)^\\fill(?:\[.*?\])? \(([\d.]+),[\d.]+\) -- \(([\d.]+),", tikz)
        assert heads
        assert all((float(back) - float(tip)) * way > 0 for tip, back in heads)


def test_everything_stands_where_the_svg_has_it() -> None:
    placed = arrange(graph(trace(BOOK, at=(2, 5))))
    drawn = figure(trace(BOOK, at=(2, 5)))
    corners = re.findall(r"\\draw\[.*\] \(([\d.]+),([\d.]+)\) rectangle \(([\d.]+),([\d.]+)\);", drawn.text)
    for found, box in zip(corners, placed.boxes, strict=True):
        wanted = (box.left, box.top, box.left + box.width, box.top + box.height)
        assert [float(value) for value in found] == pytest.approx([UNIT * value for value in wanted], abs=0.01)
    assert (drawn.width, drawn.height) == pytest.approx((UNIT * placed.width, UNIT * placed.height))


def test_the_mathematics_is_that_of_the_tables() -> None:
    traced = SAMPLES["network"]()
    write, found = Writer(LatexPrinter, traced), " ".join(texts(to_tikz(traced)))
    for step, row in zip(traced.steps, graph(traced).nodes, strict=False):
        assert f"{write.ref(step.ref)} = " in found
        assert f"{write.number(step.value)}" in found
        assert row.name not in found


def test_signs_are_mathematics() -> None:
    found = texts(to_tikz(trace(SIGNS.replace(";", ","), at=(2, 3))))
    wedge = r"{}^{\wedge}"
    wanted = [f"{wedge}2", f"2{wedge}", wedge, r"\times 2", "- 3", r"\text{$-$}", r"\text{$\surd$}", r"1 /",
              r"\left|\text{$\cdot$}\right|", r"\max(\text{$\cdot$}, 0)", r"\operatorname{hypot}", r"\log_{10}",
              r"\times \pi", r"\Gamma"]  # fmt: skip
    assert {f"{{}}{sign}{{}}" for sign in wanted} <= set(found)


def test_arrays_are_shown_in_short_form() -> None:
    found = texts(to_tikz(arrays(), direction="forward"))
    assert r"v_{3} = [0, 0, \ldots, 16]\;(5\times5)" in found
    assert r"\dot{v}_{3}[1{:}] = [1, 0, \ldots, 0]\;(4\times5)" in found


def test_texts_without_room_keep_their_ends() -> None:
    long = trace("softplus(tanh(x)^0.333333333)/log10(x*123456789.123456789 + 1)", at=2)
    assert any(re.fullmatch(r".* = \\ldots = [-\d.]+", text) for text in texts(to_tikz(long)))


# --- sizes and errors -----------------------------------------------------------------------------------------
def test_a_figure_larger_than_tex_can_measure_is_scaled_down() -> None:
    drawn = figure(at_random(250))
    assert max(drawn.width, drawn.height) == LARGEST
    assert "% larger than TeX can measure: drawn at " in drawn.text
    places = [float(value) for found in re.findall(r"\(([\d.]+),([\d.]+)\)", drawn.text) for value in found]
    assert max(places) <= LARGEST
    with pytest.raises(AutodiffError, match=r"no memory for a figure of \d+ rows and edges"):
        to_tikz(at_random(1000))


def test_the_options_are_those_of_the_svg() -> None:
    traced = trace(BOOK, at=(2, 5), mode="forward")
    with pytest.raises(AutodiffError, match="this trace has no adjoints"):
        to_tikz(traced, direction="reverse")
    with pytest.raises(AutodiffError, match="unknown notation 'block'"):
        to_tikz(traced, notation="block")
    assert r"v_{1} = 0.69315" in to_tikz(traced, digits=5)


# --- in a document --------------------------------------------------------------------------------------------
def test_a_document_has_its_figures_after_its_tables() -> None:
    traced = trace(BOOK, at=(2, 5), mode="both")
    assert "tikz" not in to_latex(traced, figure=False)
    document = traced.to_latex(style="griewank")
    assert r"booktabs,tikz}" in document
    assert document.rindex(r"\end{tabular}") < document.index(r"\begin{tikzpicture}")
    for direction in DIRECTIONS:
        assert figure(traced, direction=direction, digits=4).text in document
    assert to_latex([trace(BOOK, at=(2, 5))] * 2).count(r"\begin{tikzpicture}") == 2


@pytest.mark.no_cover
def test_a_document_says_when_its_figure_is_too_large() -> None:
    document = at_random(1000).to_latex()
    assert "TeX has no memory for a figure of" in document
    assert "tikzpicture" not in document


def test_a_run_that_stopped_is_drawn_up_to_there() -> None:
    with pytest.raises(DomainError) as caught:
        trace("sin(x)*ln(-x)", at=2)
    stopped = caught.value.trace
    assert isinstance(stopped, Trace)
    document = stopped.to_latex()
    assert "Computational graph\\par" in document
    assert document.count("% row ") == len(stopped.steps)


# --- hostile names --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_text(name: str) -> None:
    for direction in DIRECTIONS:
        for notation in NOTATIONS:
            tikz = to_tikz(hostile_trace(name), direction=direction, notation=notation)
            assert tikz.isascii()
            assert tikz.isprintable() or set(filter(lambda c: not c.isprintable(), tikz)) == {"\n"}
            assert balanced(tikz)
            assert not re.search(r"\\(input|csname)", tikz)
            assert tikz.count(r"\end{") == 1
            assert tikz.count(r"\node") == len(texts(tikz))
    if name.isprintable() and name.isascii() and len(name) < 100:
        assert escape(name).replace("=", "{=}") in tikz


# --- compiled -------------------------------------------------------------------------------------------------
def measured(tikz: str) -> str:
    """The figure, which tells its size on the way."""
    return f"\\setbox1\\hbox{{%\n{tikz}}}\\typeout{{size \\the\\wd1 \\the\\dimexpr\\ht1+\\dp1}}\\box1\n"


def check_sizes(figures: Iterable[Figure], said: str) -> None:
    """Every figure is no larger than it says."""
    figures = list(figures)
    sizes = re.findall(r"size ([\d.]+)pt([\d.]+)pt", said)
    assert len(sizes) == len(figures)
    for (width, height), each in zip(sizes, figures, strict=True):
        assert float(width) <= each.width
        assert float(height) <= each.height


@pytest.mark.no_cover
@needs.TEX.mark
def test_published_traces_compile_in_both_directions(tmp_path: Path) -> None:
    traces = [of_file(path) for path in PATHS]
    figures = [figure(each, direction=direction) for each in traces for direction in DIRECTIONS]
    document = in_one(each.to_latex() for each in traces)
    for tikz in {each.text for each in figures}:
        document = document.replace(tikz, measured(tikz))
    said = compiled(document, tmp_path)
    assert "Overfull" not in said
    check_sizes(figures, said)


@needs.TEX.mark
def test_samples_arrays_signs_and_hostile_names_compile(tmp_path: Path) -> None:
    traces = [SAMPLES[name]() for name in ("outputs", "a constant", "long formulas", "square")]
    traces += [arrays(), trace(SIGNS.replace(";", ","), at=(2, 3), mode="both"), *map(hostile_trace, HOSTILE)]
    figures = [
        figure(each, direction=direction, notation=notation)
        for each in traces
        for direction, notation in zip(DIRECTIONS, reversed(NOTATIONS), strict=True)
    ]
    figures.append(figure(arrays(), notation="blocks"))
    shown = "".join(measured(each.text) for each in figures)
    head = r"\documentclass{article}\usepackage{amsmath,tikz}"  # nothing else
    check_sizes(figures, compiled(rf"{head}\begin{{document}}{shown}\end{{document}}", tmp_path))


@needs.TEX.mark
def test_documents_with_figures_compile_and_each_figure_has_a_page(tmp_path: Path) -> None:
    said = compiled(trace(BOOK, at=(2, 5), mode="both").to_latex(), tmp_path)
    assert "Overfull" not in said
    assert re.findall(r"\[(\d+)[\]{]", said)[-1] == "4"  # two tables and two figures


@needs.TEX.mark
def test_pages_are_as_large_as_what_is_on_them_and_long_tables_go_on(tmp_path: Path) -> None:
    short = trace(BOOK, at=(2, 5)).to_latex()
    traced = trace("+".join(f"sin({n}x)*(y - {n})" for n in range(200)), at=(1, 2))
    long = traced.to_latex(figure=False)
    wide = trace("x*(" + "+".join(["1"] * 300) + ")", at=2).to_latex(figure=False)
    preamble, begin, end = short.partition(r"\begin{document}")[0], r"\begin{document}", r"\end{document}"
    bodies = [document.partition(begin)[2].partition(end)[0] for document in (short, long, wide)]
    said = compiled("".join([preamble, begin, *bodies, end]), tmp_path)
    assert "Overfull" not in said
    sizes = [[int(size) for size in each] for each in re.findall(r"\\sheet\{(\d+)cm\}\{(\d+)cm\}", "".join(bodies))]
    assert re.findall(r"\[(\d+)[\]{]", said)[-1] == str(len(sizes))  # nothing was pushed to a page of its own
    (_, table), (wider, figure), *several, _ = sizes
    assert table < 20 < wider
    assert figure < 20
    assert len(several) == 3
    assert all(height < 290 for _, height in sizes)
    assert long.count("\\\\\n") - 3 == max(len(traced.steps) + 1, len(traced.adjoints))
    assert long.count("(continued)") == 2


def halves(x: float) -> Any:
    y: Any = x
    for _ in range(2500):
        y = y * 0.5 + x  # 这个函数把输入的数字乘以二 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    return y


@pytest.mark.no_cover
@needs.TEX.mark
def test_no_line_is_longer_than_tex_can_read_and_none_leaves_its_column(tmp_path: Path) -> None:
    document = trace(halves, at=1).to_latex(source=True, figure=False)
    assert max(map(len, document.splitlines())) < 50_000
    assert "Overfull" not in compiled(document, tmp_path)


@needs.TEX.mark
def test_tables_of_hostile_names_compile_too(tmp_path: Path) -> None:
    traces = [replace(hostile_trace(name), sweeps=hostile_trace(name).sweeps[:1]) for name in HOSTILE]
    compiled(to_latex(traces), tmp_path)


@needs.TEX.mark
@pytest.mark.parametrize("style", list(STYLES))
def test_every_trace_file_compiles_in_every_style(style: str, tmp_path: Path) -> None:
    documents = [of_file(path).to_latex(style=style, figure=False) for path in PATHS]
    assert "Overfull" not in compiled(in_one(documents), tmp_path)

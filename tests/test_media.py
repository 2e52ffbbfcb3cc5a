"""Terminal, Markdown, LaTeX and JSON: all from the same Trace."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

from autodiff import AutodiffError, Trace, check, elementary, sigmoid, trace
from autodiff.expression.numbers import fixed, shortest
from autodiff.expression.printing import LatexPrinter
from autodiff.media import FORMATS
from autodiff.operations.array_rule import ARRAYS_BY_NAME
from autodiff.operations.rule import BY_NAME, named
from autodiff.render.steps.stepper import listing
from autodiff.render.tables.latex import escape as escape_latex
from autodiff.render.tables.markdown import escape as escape_markdown
from autodiff.render.tables.styles import STYLES
from autodiff.render.tables.terminal import to_text
from autodiff.render.words.latex_words import MathPrinter, NamePrinter
from autodiff.tracing.source import Source
from tests import needs
from tests.latex import BEGIN, compiled, in_one

BOOK = "ln(x1)+x1*x2-sin(x2)"
SAMPLES = {
    "book": (BOOK, (2, 5)),
    "every function": (
        "sinh x + cosh x + tanh x + |x| + √x + cbrt x + max(x, 2) + erf x + gamma x + x^π + 2^x + σ(x) + floor x", 0.7
    ),
    "long names": ("rate_of_change*theta^2 + k_B*T_max", {"rate_of_change": 1, "theta": 2, "k_B": 3, "T_max": 4}),
    "outputs": ("a = x*y; a, sin(a), 3", (1, 2)),
    "infinities": ("√(x^2) + exp(1000 + x)", 0),
    "one row": ("x", 1),
    "vietnamese": ("điểm + tg x", {"điểm": 1, "x": 2}),
    "tiny numbers": ("x*1e-9 + 1e12*x", 1e-5),
}  # fmt: skip


def samples() -> list[Any]:
    return [
        pytest.param(trace(text, at=at, mode=mode), id=f"{name}-{mode}")  # type: ignore[arg-type]
        for name, (text, at) in SAMPLES.items()
        for mode in ("forward", "reverse", "both")
    ]


# --- numbers --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "text"),
    [(0.69314, "0.693"), (10.0, "10"), (5.5, "5.5"), (1.7163, "1.716"), (-0.0, "0"), (0.0004, "4e-4"),
     (0.0005, "0.001"), (-2.25, "−2.25"), (999999.5, "999999.5"), (1e6, "1e6"), (1.23456e-17, "1.235e-17"),
     (float("inf"), "∞"), (float("-inf"), "−∞"), (float("nan"), "undefined"), (0.9999, "1")],
)  # fmt: skip
def test_numbers_have_three_decimals(value: float, text: str) -> None:
    assert fixed(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_shortest_text_of_a_number_reads_back(value: float) -> None:
    assert float(shortest(value)) == value


@given(st.floats(-1e307, 1e307), st.integers(0, 12))
def test_printed_numbers_are_right_to_the_last_digit(value: float, digits: int) -> None:
    printed = fixed(value, digits, minus="-")
    unit = 10.0**-digits if "e" not in printed else 10.0 ** (int(printed.split("e")[1]) - digits)
    assert abs(float(printed) - value) <= unit * 0.5000001


# --- terminal -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("traced", samples())
@pytest.mark.parametrize("style", STYLES)
def test_every_style_prints_every_trace(traced: Trace, style: str) -> None:
    text = to_text(traced, style=style)
    assert traced.outputs[0].name[0] in text.replace("ẏ", "y")
    assert all(line == line.rstrip() for line in text.splitlines())
    assert to_text(traced, style=style, ascii_only=True).isascii()


@pytest.mark.no_cover
@pytest.mark.parametrize("traced", samples())
@pytest.mark.parametrize("width", [12, 20, 40, 80, 120])
def test_text_fits_the_terminal(traced: Trace, width: int) -> None:
    for style in STYLES:
        lines = to_text(traced, style=style, width=width).splitlines()
        assert max(map(cell_len, lines)) <= width


def test_a_narrow_terminal_gets_the_sides_one_under_the_other() -> None:
    traced = trace(BOOK, at=(2, 5))
    wide, narrow = to_text(traced, style="book"), to_text(traced, style="book", width=70)
    assert "Primal trace                       Adjoint trace" in wide
    assert "Primal trace\n" in narrow
    assert [line for line in narrow.splitlines() if line in wide]
    assert "v̄₀  = v̄₃ ∂v₃/∂v₀ + v̄₂ ∂v₂/∂v₀ = v̄₃ × cos v₀ + v̄₂ × v₋₁ = 1.716" in narrow


def test_ascii_names() -> None:
    text = to_text(trace("sin x2 * θ", at=(2, 5)), ascii_only=True)
    text = " ".join(text.split())
    for part in ("v[-1] = x2", "adj v2 dv2/dv1 = adj v2 * v0", "adj theta", "v1 = sin v[-1]"):
        assert part in text


@pytest.mark.parametrize("digits", [-1, 18, "3", 2.0, None])
def test_digits_that_are_none(digits: Any) -> None:
    traced = trace(BOOK, at=(2, 5))
    for name, medium in FORMATS.items():
        if "digits" in medium.options() and not (digits is None and "style" in medium.options()):
            if digits is None and name in ("json", "csv"):
                continue
            with pytest.raises(AutodiffError, match="whole number from 0 to 17"):
                traced.to(name, digits=digits)


def test_signs_that_no_book_explains_are_explained() -> None:
    heaviside, bracket = "H(v) is 1 for v > 0, ½ for v = 0 and 0 for v < 0.", "[v > 0] is 1 where v > 0"
    both = trace("max(x, y) + relu(x)", at=(1, 2)).to_text()
    assert heaviside in both
    assert bracket in both
    assert heaviside not in trace("relu(x)", at=1).to_text(style="griewank")
    assert bracket in trace("relu(x)", at=1, mode="forward").to_text(style="cs207")
    assert bracket not in trace("max(x, y)", at=(1, 2)).to_text()


# --- Markdown -------------------------------------------------------------------------------------------------
@pytest.mark.no_cover
@pytest.mark.parametrize("traced", samples())
@pytest.mark.parametrize("style", STYLES)
def test_markdown_is_one_table_with_its_mathematics_intact(traced: Trace, style: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(traced.to_markdown(style=style))
    pages = len(STYLES[style](traced, _writer(traced)))
    assert sum(token.type == "table_open" for token in tokens) == pages
    rows = [token.content for token in tokens if token.type == "inline"]
    inside = [child for token in tokens for child in token.children or []]
    assert not any(child.type in ("em_open", "strong_open", "html_inline", "link_open") for child in _in_cells(tokens))
    assert any("$" in row for row in rows)
    assert inside


def _writer(traced: Trace) -> Any:
    from autodiff.expression.printing import UnicodePrinter
    from autodiff.render.words.sheet import Writer

    return Writer(UnicodePrinter, traced)


def _in_cells(tokens: list[Any]) -> list[Any]:
    """What stands inside table cells."""
    found, depth = [], 0
    for token in tokens:
        depth += token.nesting * (token.type in ("td_open", "td_close"))
        found += (token.children or []) if depth else []
    return found


def test_a_name_that_is_no_word_leaves_the_mathematics_whole() -> None:
    def product(_: Any, x: Any) -> Any:
        return _ * x

    for style in STYLES:
        written = trace(product, at=(2, 3), mode="both").to_markdown(style=style)
        assert "$_ " not in written
        tokens = MarkdownIt("commonmark").enable("table").parse(written)
        assert not any(child.type == "em_open" for token in tokens for child in token.children or [])


def test_markdown_of_the_book() -> None:
    text = trace(BOOK, at=(2, 5)).to_markdown(style="book")
    assert text.startswith("`ln(x1)+x1*x2-sin(x2)` at $x _{1} = 2$, $x _{2} = 5$, reverse mode\n\n| Primal trace |  |")
    assert (
        r"| $\bar{v} _{4}$ | $= \bar{v} _{5} \frac{\partial v _{5}}{\partial v _{4}} = \bar{v} _{5} \times 1$" in text
    )


@given(st.text(max_size=40))
def test_escaped_text_means_nothing_to_markdown(text: str) -> None:
    line = "a " + " ".join(text.split()) + " b"
    tokens = MarkdownIt("commonmark").parse(escape_markdown(line))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    shown = "".join(child.content for child in tokens[1].children or [] if child.type.startswith("text"))
    assert shown == line.replace("\x00", "�")


# --- LaTeX ----------------------------------------------------------------------------------------------------
def _with_source(text: str) -> Trace:
    """A trace of which each row came from a line with this text, in a file of this name."""

    def product(x: Any, y: Any) -> Any:
        return x * y

    found = trace(product, at=(2, 3))
    source = Source(f"{text}.py", 1, text, "f")
    return replace(found, expression=text, steps=tuple(replace(step, source=source) for step in found.steps))


@given(st.text("`|\\<b> \n\r\t*_$a&[](){}!", min_size=1, max_size=30).filter(str.strip))
@example("a = '`` | ``' # <script>alert(1)</script>")
@example(r"`\|`|``\``|<script>")
@example("one\ntwo | three")
def test_a_source_line_stays_one_cell_of_code(text: str) -> None:
    written = _with_source(text).to_markdown(source=True)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(written)
    assert not any(child.type == "html_inline" for token in tokens for child in token.children or [])
    assert not any(token.type == "html_block" for token in tokens)
    assert sum(token.type == "table_open" for token in tokens) == 1
    line = " ".join(re.split("[\n\r\t]", text))
    codes = [child.content for child in _in_cells(tokens) if child.type == "code_inline"]
    assert [code.strip(" ") for code in codes] == [line.strip(" ")] * 3


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Ll"]), min_size=1, max_size=10))
def test_no_text_steers_the_terminal(text: str) -> None:
    found = _with_source(text)
    tables = [found.to_text(source=True, ascii_only=plain) for plain in (False, True)]
    for shown in (*tables, found.to_markdown(source=True)):
        assert shown.replace("\n", "").isprintable()
    assert "".join(listing(found)).isprintable()


@given(st.text(max_size=40))
def test_escaped_text_means_nothing_to_latex(text: str) -> None:
    escaped = escape_latex(text)
    assert escaped.isascii() or any(ord(char) > 127 for char in text)
    for command in (r"\textbackslash{}", r"\textasciicircum{}", r"\textasciitilde{}", r"\textless{}", r"\textgreater{}",
                    r"\textbar{}"):  # fmt: skip
        escaped = escaped.replace(command, "")
    bare = [c for n, c in enumerate(escaped) if c in "%#&_{}" and (n == 0 or escaped[n - 1] != "\\")]
    assert not bare


# --- names in LaTeX -------------------------------------------------------------------------------------------
NAMES = ("my_swish", "_hidden", "end_", "two__parts", "φ_2", "điểm_số", "Ünï_1", "日本")


def bare(latex: str) -> list[str]:
    """The underscores that lower a part of a word; those of the printers stand before braces."""
    return re.findall(r"(?<!\\)_(?!\{)", latex.replace(r"\log_2", ""))


@pytest.mark.parametrize("printer", [LatexPrinter, NamePrinter, MathPrinter])
def test_no_underscore_in_the_name_of_an_operation_is_a_subscript(printer: type[LatexPrinter]) -> None:
    for operation in (*BY_NAME.values(), *ARRAYS_BY_NAME.values()):
        assert not bare(printer().function_name(operation)), operation.name  # type: ignore[arg-type]
    for name in NAMES:
        found = printer().function_name(SimpleNamespace(notation=named(name)))  # type: ignore[arg-type]
        assert found.startswith(r"\operatorname{")
        assert found.isascii()
        assert not bare(found)


def named_by_users() -> Trace:
    """A trace with such names and words wherever a user can put one."""
    flips = []
    for name in NAMES:
        elementary(name, lambda x: x * sigmoid(x), lambda z, x: sigmoid(x) + z * sigmoid(-x))
        turn = f"turn_{name}"
        flips.append(
            elementary(
                turn,
                lambda x, **_: x[::-1],
                push=lambda t, z, x, **_: t[::-1],
                pull=lambda g, z, x, **_: g[::-1],
            )
        )

    def f(long_name_of: Any, θ_x: Any) -> Any:
        for name, flip in zip(NAMES, flips, strict=True):
            long_name_of = flip(long_name_of, **{name: r"50% a_b \x {y} #1 $z^~é ∂_" + "\x1b[2J", "k_1": "_", "p": 2})
            θ_x = BY_NAME[name](θ_x)
        return {"out_put": np.sum(long_name_of * θ_x), "_y": θ_x}

    return trace(f, at=[np.array([1.0, 2.0, 3.0]), 0.5])


def test_words_of_users_are_words_in_latex() -> None:
    traced = named_by_users()
    for text in (traced.to_latex(), traced.to_markdown().replace(" _{", "_{"), str(traced.to("tikz"))):
        prose = re.sub(r"`+.*?`+", "", text)
        assert not bare(re.sub(r"\$\\partial\$", "", prose))
        assert r"\operatorname{my\_swish}" in text
        assert r"\operatorname{turn\_my\_swish}(" in text
    plain = traced.to_text(ascii_only=True)
    assert plain.isascii()
    assert "\x1b" not in plain


@needs.TEX.mark
def test_words_of_users_compile(tmp_path: Path) -> None:
    compiled(named_by_users().to_latex(), tmp_path)


@needs.TEX.mark
def test_latex_compiles_for_every_sample_and_style(tmp_path: Path) -> None:
    traces: list[Any] = [parameter.values[0] for parameter in samples()]
    documents = [traced.to_latex(style=style, figure=False) for traced in traces for style in STYLES]
    checked = trace(BOOK, at=(2, 5))
    documents.append(checked.to_latex(reports=[check(checked)], figure=False))
    assert "Overfull" not in compiled(in_one(documents), tmp_path, draft=False)


@pytest.mark.parametrize("style", ["full", "book", "baydin", "griewank"])
def test_the_head_of_a_side_has_the_gaps_of_the_columns_it_spans(style: str) -> None:
    text = trace(BOOK, at=(2, 5), mode="both").to_latex(style=style)
    columns = re.findall(r"\\begin\{tabular\}\{(.*)\}\n", text)
    for spec, heads in zip(columns, re.findall(r"\\toprule\n(.*)\n", text), strict=True):
        spans = re.findall(r"\\multicolumn\{(\d)\}\{@\{\}l(@\{.*?\})\}\{", heads)
        assert spec == "@{}" + "".join("l" * int(count) + gap for count, gap in spans)


@needs.TEX.mark
def test_the_head_of_a_side_stands_on_its_first_column(tmp_path: Path) -> None:
    text = trace(BOOK, at=(2, 5), mode="forward").to_latex(figure=False)
    text = text.replace(BEGIN, r"\newcommand{\here}{\pdfsavepos\write16{here \the\pdflastxpos}}" + BEGIN)
    for sign in ("Primal trace", "Tangent trace", "$v_{-1}$", r"$\dot{v}_{-1}$"):
        text = text.replace(sign, rf"\here {sign}", 1)
    heads, cells = [re.findall(r"here (\d+)", compiled(text, tmp_path))[n:][:2] for n in (0, 2)]
    assert heads == cells
    assert heads[0] != heads[1]


# --- JSON -----------------------------------------------------------------------------------------------------
def strict(text: str) -> Any:
    """JSON as the standard has it: no NaN, no Infinity."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("traced", samples())
def test_json_has_all_that_readers_need(traced: Trace) -> None:
    found = strict(traced.to_json())
    needed = {"expression", "mode", "variables", "outputs", "seed", "rows"}
    needed |= {"tangent"} if traced.mode == "forward" else {"gradient"}
    needed |= {"jacobian"} if traced.mode == "both" else set()
    assert needed <= set(found)
    for row in found["rows"]:
        assert {"name", "operation", "operands", "formula", "numbers", "value", "derivative"} <= set(row)
        assert {"name", "rule", "formula", "numbers", "value"} == set(row["derivative"])


def test_json_numbers_are_in_full_precision() -> None:
    found = strict(trace(BOOK, at=(2, 5), mode="both").to_json())
    assert found["outputs"] == {"y": 11.652071455223084}
    assert found["gradient"] == {"x1": 5.5, "x2": 1.7163378145367738}
    assert found["jacobian"] == {"y": found["gradient"]}
    assert found["rows"][3]["derivative"]["formula"] == "v̄₄ × 1"
    assert found["rows"][3]["tangent"]["formula"] == "v̇₋₁ × v₀ + v̇₀ × v₋₁"


def test_infinities_in_json_are_words() -> None:
    found = strict(trace("√(x^2)*exp(1000 + x)", at=0).to_json())
    assert found["gradient"] == {"x": "NaN"}
    assert found["rows"][-2]["value"] == "Infinity"

"""What leaves the program: MathML, HTML, CSV, and files. For JSON see test_reading.py."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
import os
import re
import stat
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodiff import AutodiffError, Trace, check, trace
from autodiff.errors import DomainError
from autodiff.expression.array_calls import Applied
from autodiff.expression.blocks import Block
from autodiff.expression.expr import Call, Expr, Symbol
from autodiff.expression.mathml import MathmlPrinter, escape
from autodiff.expression.names import Ref
from autodiff.expression.parser import parse_expression
from autodiff.media import FORMATS, VIEWS, Medium, applicable, export, format_of
from autodiff.operations import elementary as table_of
from autodiff.render.files import write
from autodiff.render.tables.csv import safe, to_csv
from autodiff.render.tables.html import to_html, to_page
from autodiff.render.tables.styles import STYLES
from autodiff.tracing.directions import REVERSE
from autodiff.tracing.rows import Sweep
from tests.strategies import formulas
from tests.test_media import BOOK, samples
from tests.test_reading import array_traces

# --- MathML ---------------------------------------------------------------------------------------------------
CORE = {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msup", "msub", "mfrac", "msqrt", "mover"}
CHILDREN = {"msup": 2, "msub": 2, "mfrac": 2, "mover": 2}


def mathml(text: str) -> ET.Element:
    """The element, checked: only MathML Core, every script with its two children, text in tokens only."""
    root = ET.fromstring(f"<math>{text}</math>")
    for element in root.iter():
        assert element.tag in CORE
        assert len(element) == CHILDREN.get(element.tag, len(element))
        assert bool((element.text or "").strip()) == (element.tag in ("mi", "mn", "mo", "mtext"))
        assert not (element.tail or "").strip()
    return root


def shown(text: str) -> str:
    return "".join(mathml(text).itertext())


@given(formulas)
def test_any_formula_is_mathml(formula: Expr) -> None:
    mathml(MathmlPrinter().text(formula))
    values = {"x": -1.5, "y": math.inf, "x1": 1e-12, "theta": math.nan}
    mathml(MathmlPrinter(values=values).text(formula))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ln(x1)", "<mi>ln</mi><mo>\u2061</mo><mspace"),
        ("x^2", "<msup><mi>x</mi><mn>2</mn></msup>"),
        ("(sin x)^2", "<msup><mi>sin</mi><mn>2</mn></msup>"),
        ("√(x+1)", "<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>"),
        ("x/y", "<mi>x</mi><mo>/</mo><mi>y</mi>"),
        ("-x", '<mo form="prefix">−</mo><mi>x</mi>'),
        ("e^(-x)", '<msup><mi>e</mi><mrow><mo form="prefix">−</mo><mi>x</mi></mrow></msup>'),
        ("log2 x", "<msub><mi>log</mi><mn>2</mn></msub>"),
        ("Theta*k_B", "<mi>Θ</mi><mo>×</mo><msub><mi>k</mi><mi>B</mi></msub>"),
        ("σ(x)", "<mi>σ</mi>"),
        ("1e-9^x", "<mn>10</mn>"),
    ],
)
def test_formulas_in_mathml(text: str, parts: str) -> None:
    assert parts in MathmlPrinter().text(parse_expression(text))


def test_steps_and_errors_in_mathml() -> None:
    x, y = Symbol("x"), Symbol("y")
    assert shown(MathmlPrinter().text(Call(table_of.heaviside, (x, y)))) == "H\u2061(x−y)"
    assert shown(MathmlPrinter().text(Call(table_of.greater, (x, y)))) == "[x>y]"
    assert shown(MathmlPrinter().text(Call(table_of.mod, (x, y)))) == "xmody"
    assert shown(MathmlPrinter().text(Call(table_of.gaussian, (x,)))) == "exp\u2061(−x2)"


def test_names_in_mathml() -> None:
    printer = MathmlPrinter()
    assert shown(printer.ref(Ref("tangent", 2))) == "v˙2"
    assert shown(printer.ref(Ref("adjoint", -1))) == "v¯−1"
    assert mathml(printer.ref(Ref("partial", 2, 0)))[0].tag == "mfrac"
    pull = mathml(printer.ref(Ref("pull", 3, 0)))
    assert [element.tag for element in pull] == ["msub", "mo", "mfrac"]
    assert mathml(printer.ref(Ref("adjoint", "x2")))[0][0].tag == "mover"
    assert shown(printer.ref(("x", 1))) == "('x', 1)"


def test_numbers_in_mathml() -> None:
    printer = MathmlPrinter()
    assert [shown(printer.number(x)) for x in (-0.5, math.inf, -math.inf, math.nan)] == ["−0.5", "∞", "−∞", "undefined"]
    assert shown(printer.number(-1.5e-9)) == "−1.5×10−9"
    assert shown(printer.number(Block(np.arange(12.0).reshape(3, 4)))) == "[0,1,…,11](3×4)"
    assert shown(printer.number(Block(np.zeros(0)))) == "[](0)"


@pytest.mark.parametrize("traced", array_traces())
def test_array_operations_in_mathml(traced: Trace) -> None:
    names, values = MathmlPrinter(), MathmlPrinter(values=traced.values())
    for step in traced.steps:
        mathml(names.text(step.formula))
        mathml(values.text(step.formula))


def test_how_array_operations_are_written() -> None:
    from autodiff.operations import arrays as ops
    from autodiff.operations import products

    printer, x = MathmlPrinter(), Symbol("x")
    calls = [
        (Applied(ops.transpose, {"axes": (1, 0)}), (x,), "xT"),
        (Applied(ops.getitem, {"index": (slice(1, None), None, ...)}), (x,), "x[1:,None,Ellipsis]"),
        (Applied(ops.sum_, {"axis": (0, 1), "keepdims": True}), (x,), "sum(x,axis=0×1,keepdims=True)"),
        (Applied(products.matmul, {}), (x, x + 1), "x\u2062(x+1)"),
        (Applied(products.einsum, {"subscripts": "<b>,&->"}), (x, x), "einsum(x,x,subscripts=<b>,&->)"),
        (Applied(ops.where, {"mask": np.array([True, False])}), (x, x), "where(x,x,mask=[1,0])"),
    ]
    for applied, operands, text in calls:
        assert shown(printer.text(Call(applied, operands))) == text


@given(st.text())
def test_escaped_text_means_nothing_to_a_page(text: str) -> None:
    root = ET.fromstring(f'<p title="{escape(text)}">{escape(text)}</p>')
    assert len(root) == 0
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\ud800-\udfff\x00-\x08]", root.text or "")


# --- HTML -----------------------------------------------------------------------------------------------------
ELEMENTS = {"div", "style", "figure", "figcaption", "code", "table", "caption", "thead", "tbody", "tr", "th", "td", "p",
            "strong"}  # fmt: skip


def page(text: str) -> ET.Element:
    """The fragment, checked: well formed, no script, nothing from elsewhere."""
    root = ET.fromstring(text)
    for element in root.iter():
        assert element.tag in CORE | ELEMENTS
        assert not [name for name in element.attrib if name.startswith("on") or name in ("href", "src", "style", "id")]
    css = root.findtext("style") or ""
    assert not re.search("@import|url\\(|https?:|expression", css)
    assert "<" not in css
    return root


@pytest.mark.no_cover
@pytest.mark.parametrize("traced", [*samples(), *array_traces()])
@pytest.mark.parametrize("style", STYLES)
def test_html_in_every_style(traced: Trace, style: str) -> None:
    root = page(to_html(traced, style=style, source=True))
    figures = root.findall("figure")
    assert figures
    for figure in figures:
        assert figure.findtext("figcaption/code") is not None
        for table in figure.iter("table"):
            assert table.findtext("caption")
            heads = table.findall("thead/tr/th")
            assert all(head.get("scope") == "col" and "".join(head.itertext()) for head in heads)
            for row in table.findall("tbody/tr"):
                assert [cell.tag for cell in row] == ["th"] + ["td"] * (len(heads) - 1)
                assert row[0].get("scope") == "row"
    for math_ in root.iter("math"):
        mathml("".join(ET.tostring(child, "unicode") for child in math_))


def test_html_of_the_book() -> None:
    root = page(to_html(trace(BOOK, at=(2, 5)), style="full"))
    primal, adjoint = root.iter("table")
    heads = [["".join(head.itertext()) for head in table.findall("thead/tr/th")] for table in (primal, adjoint)]
    assert heads == [["Row", "Formula", "Numbers", "Value"], ["Row", "Chain rule", "Formula", "Numbers", "Value"]]
    row = adjoint.findall("tbody/tr")[5]
    parts = ["".join(cell.itertext()) for cell in row]
    assert parts[0] == "v¯0"
    assert parts[2:] == ["=v¯3×cos\u2061v0+v¯2×v−1", "=−1×cos\u20615+1×2", "=1.716"]
    assert len(row[1].findall("math/mfrac")) == 2
    assert next("".join(p.itertext()) for p in root.iter("p")) == "∂y∂x1=5.5, ∂y∂x2=1.716"


def test_html_of_several_traces_with_checks_notes_and_blocks() -> None:
    traces = [trace(BOOK, at=(2, 5), mode="forward", wrt=name) for name in ("x1", "x2")]
    reports = [check(each) for each in traces]
    root = page(to_html(traces, style="cs207", reports=reports))
    assert len(list(root.iter("table"))) == 1
    assert "along x2" in ["".join(head.itertext()) for head in root.iter("th")]
    assert "✓ 0 ulp" in ["".join(cell.itertext()) for cell in root.iter("td")]
    assert len(list(page(to_html(trace(BOOK, at=(2, 5)), style="griewank")).iter("tbody"))) == 5
    noted = page(to_html(trace("|x|", at=0), digits=1))
    assert "Note: v1: |v| has a corner at 0; slope 0 is used" in ["".join(p.itertext()) for p in noted.iter("p")]


@pytest.mark.parametrize("style", [style for style in STYLES if style != "cs207"])  # it has a column for each operand
def test_no_two_columns_have_the_same_head(style: str) -> None:
    traced = trace("x^2 y, x + y, 7", {"x": 1, "y": 2}, mode="both")
    for table in page(to_html(traced, style=style)).iter("table"):
        heads = ["".join(head.itertext()) for head in table.find("thead").iter("th")]  # type: ignore[union-attr]
        assert len(set(heads)) == len(heads)


def test_html_of_a_trace_that_stopped() -> None:
    with pytest.raises(DomainError) as caught:
        trace("ln(x)", at=-2)
    broken: Any = caught.value.trace
    stopped = "Stopped: ln v₀ with v₀ = −2: the logarithm needs a positive number (row v₁)"
    assert stopped in "".join(page(to_html(broken)).itertext())
    for style in STYLES:
        assert stopped in broken.to_text(style=style).splitlines()
    assert "Stopped: ln v₀ with v₀" in broken.to_markdown()
    assert r"\par\smallskip Stopped: ln v0 with v0" in broken.to_latex()


HOSTILE = "<script>alert('1')</script> & \"x\" ]]> <!-- --> \u202e\u2066\x00\ud800 <img src=x onerror=1>"


def test_hostile_texts_stay_texts() -> None:
    def א(ب: Any, نص: Any) -> Any:  # noqa: N802, N803  # names that Python takes and that run from right to left
        return ب * نص

    traced = trace(א, at=(2, 3), mode="both")
    page(to_html(traced, source=True))
    steps = tuple(
        dataclasses.replace(
            step, label=HOSTILE, source=step.source and step.source._replace(text=HOSTILE, file=HOSTILE)
        )
        for step in traced.steps
    )
    notes = (dataclasses.replace(trace("|x|", at=0).notes[0], text=HOSTILE),)
    outputs = (dataclasses.replace(traced.outputs[0], name=HOSTILE),)
    adjoints = dataclasses.replace(traced.sweep(REVERSE), seed=((HOSTILE, 1.0),))
    evil = dataclasses.replace(
        traced, steps=steps, expression=HOSTILE, notes=notes, outputs=outputs, variables=(), sweeps=(adjoints,)
    )
    stopped = dataclasses.replace(evil, sweeps=(Sweep(REVERSE),), failure=HOSTILE)
    for style in STYLES:
        for each in (evil, stopped):
            text = to_html(each, style=style, source=True)
            page(text)
            assert "<script" not in text
            assert "\u202e" not in text
            text.encode()
    assert "<title>&lt;script&gt;" in to_page(evil)


# What exported notebooks say of tables, in short.
NOTEBOOK = """<style>.x { color: #222 } .x table { color: #333 } .x td, .x th { color: #444; background: #fff }
.x tbody tr:nth-child(odd) { background: #f5f5f5 } .x code { background: #eee }</style>"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "colours", [("rgb(238, 238, 238)", "rgb(17, 17, 17)"), ("rgb(34, 34, 34)", "rgb(255, 255, 255)")]
)
@pytest.mark.parametrize("doctype", ["<!DOCTYPE html>", ""])
def test_a_fragment_takes_ink_and_paper_of_its_page(
    browser: Any, scheme: str, colours: tuple[str, str], doctype: str
) -> None:
    ink, paper = colours
    page = browser.new_page(color_scheme=scheme)
    style = f"color: {ink}; background: {paper}"
    fragment = trace(BOOK, at=(2, 5)).to_html(why=True)
    page.set_content(f'{doctype}{NOTEBOOK}<body style="{style}"><div class="x" style="{style}">{fragment}</div>')
    found = page.evaluate("""() => [...document.querySelectorAll(".autodiff-trace *")].map((each) => {
      const { color, backgroundColor } = getComputedStyle(each);
      return [each.className, color, backgroundColor];
    })""")
    page.close()
    inks = {color for name, color, _ in found}
    papers = {background for _, _, background in found}
    soft = {color for color in inks if color.startswith("color(srgb") and color.endswith("/ 0.78)")}
    band = {each for each in papers if each.startswith("color(srgb") and each.endswith("/ 0.06)")}
    assert inks - soft == {ink}
    assert len(soft) == 1
    assert papers - band == {"rgba(0, 0, 0, 0)"}
    assert len(band) == 1


def test_a_whole_page() -> None:
    text = to_page(trace(BOOK, at=(2, 5)), style="book")
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<title>ln(x1)+x1*x2-sin(x2)</title>" in text


# --- CSV ------------------------------------------------------------------------------------------------------
def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("traced", [*samples(), *array_traces()])
def test_csv_has_a_line_for_each_row_and_output_with_exact_values(traced: Trace) -> None:
    rows = table(to_csv(traced))
    count = len(traced.steps)
    assert len(rows) == count + len(traced.outputs)
    for row, output in zip(rows[count:], traced.outputs, strict=True):
        assert row["operation"] == "output"
        assert repr(float(row["value"])) == repr(output.value)
        column = {"forward": "derivative_value", "both": "tangent_value"}.get(traced.mode)
        if column:
            assert repr(float(row[column])) == repr(traced.tangent[output.name])
        if traced.mode != "forward":
            assert float(row["derivative_value"]) == dict(traced.seed)[output.name]
    for row, step, text in zip(rows, traced.steps, traced.rows, strict=False):
        assert None not in row
        assert (row["name"], row["formula"], row["operation"]) == (text.name, text.formula, text.operation)
        if isinstance(step.value, Block):
            assert row["value"] == str(step.value.tolist())
        else:
            assert repr(float(row["value"])) == repr(step.value)
    assert ("tangent_value" in rows[0]) == (traced.mode == "both")


def test_csv_of_the_book() -> None:
    rows = table(to_csv(trace(BOOK, at=(2, 5)), digits=1))
    assert rows[1] | {"name": "v₀", "label": "x2", "derivative_value": "1.7163378145367738"} == rows[1]
    assert rows[2]["numbers"] == "ln 2"
    assert rows[4]["value"] == "-0.9589242746631385"
    assert [rows[-1][key] for key in ("name", "formula", "numbers", "derivative_name", "derivative_value")] == [
        "y", "v₅", "11.7", "ȳ", "1.0"
    ]  # fmt: skip
    assert table(to_csv(trace("3+4", at=())))[0]["value"] == "7.0"
    both = table(to_csv(trace(BOOK, at=(2, 5), mode="both")))
    assert both[3]["tangent_formula"] == "v̇₋₁ × v₀ + v̇₀ × v₋₁"


def test_csv_of_several_traces_is_numbered() -> None:
    rows = table(to_csv([trace(BOOK, at=(2, 5), mode="forward", wrt=name) for name in ("x1", "x2")]))
    assert [row["trace"] for row in rows] == ["1"] * 8 + ["2"] * 8


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "-x", "=cmd|' /C calc'!A0"]
)
def test_no_cell_is_a_formula_to_a_spreadsheet(text: str) -> None:
    assert safe(text) == f"'{text.strip()}"
    steps = trace("x*2", at=3).steps
    evil = dataclasses.replace(trace("x*2", at=3), steps=(dataclasses.replace(steps[0], label=text), *steps[1:]))
    [row] = [row for row in csv.reader(io.StringIO(to_csv(evil), newline="")) if row[2] == "input"]
    assert row[1] == safe(text)
    assert not row[4].startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("text", ["-1", "-0.5", "+2", "-1e-9", "x", "", "−1", "1=2"])
def test_numbers_stay_numbers(text: str) -> None:
    assert safe(text) == text


# --- one way to every medium ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["table", "markdown", "latex", "html", "json", "csv"])
def test_every_format_of_one_trace_and_of_several(name: str) -> None:
    traced = trace(BOOK, at=(2, 5))
    text = export(traced, name)
    assert isinstance(text, str)
    assert text
    assert export([traced, traced], name) != text
    assert format_of("table" + FORMATS[name].suffixes[0]) == name


@pytest.mark.parametrize("name", [name for name, medium in FORMATS.items() if not medium.binary])
def test_every_format_can_do_with_ascii(name: str) -> None:
    traced = trace("a = θ^2 √x; điểm a + |x| + π", at={"θ": 2, "x": 0, "điểm": 1}, mode="forward", wrt="θ")
    options = {"ascii_only": True} if "ascii_only" in FORMATS[name].options() else {}
    assert str(export(traced, name, **options)).isascii()


def test_formats_and_options_that_nobody_knows() -> None:
    traced = trace(BOOK, at=(2, 5))
    with pytest.raises(AutodiffError, match=r"unknown format 'htm': choose table, json[^\n]*\ndid you mean 'html'"):
        export(traced, "htm")
    with pytest.raises(AutodiffError, match="the format csv takes no option 'style': it takes digits"):
        export(traced, "csv", style="book")
    with pytest.raises(
        AutodiffError, match="takes no option 'digit': it takes digits, ascii_only\ndid you mean 'digits'"
    ):
        export(traced, "csv", digit=2)
    assert applicable("csv", {"style": "book", "digits": 2}) == {"digits": 2}
    assert format_of("x") is None


def test_a_format_is_entered_by_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, "page", Medium("render.tables.html:to_page", "a page"))
    assert export(trace(BOOK, at=(2, 5)), "page").startswith("<!DOCTYPE")  # type: ignore[arg-type]
    with pytest.raises(AutodiffError, match="takes no option 'width': it takes none"):
        export(trace(BOOK, at=(2, 5)), "page", width=3)


METHODS = {"to_text": "table", "to_markdown": "markdown", "to_latex": "latex", "to_json": "json", "to_html": "html",
           "to_csv": "csv", "graph": "svg", "to_tikz": "tikz", "to_dot": "dot", "to_png": "png",
           "to_player": "player"}  # fmt: skip


def test_each_format_has_a_method_that_explains_its_options() -> None:
    assert sorted(METHODS.values()) == sorted(FORMATS)
    assert {name for name in vars(Trace) if name.startswith("to_")} | {"graph"} == set(METHODS)
    for method, name in METHODS.items():
        documented = getattr(Trace, method).__doc__
        if "options" in documented and "those of" not in documented:
            listed = re.sub(r"\([^)]*\)", "", documented.rpartition(":")[2])
            assert set(re.findall(r"[a-z]\w+", listed)) <= set(FORMATS[name].options()), method


@pytest.mark.parametrize("method", [*METHODS, "player"])
def test_a_misspelt_option_of_a_method_is_told_with_what_was_meant(method: str) -> None:
    said = f"the {'format ' + METHODS[method] if method in METHODS else 'widget'} takes no option 'digts': it takes "
    with pytest.raises(AutodiffError, match=rf"^{said}[a-z_, ]+\ndid you mean 'digits'\?$"):
        getattr(trace(BOOK, at=(2, 5)), method)(digts=2)


def test_every_medium_of_the_table_is_there() -> None:
    assert all(callable(medium.load()) and medium.about for medium in (*FORMATS.values(), *VIEWS.values()))


def test_the_table_of_media_imports_no_medium() -> None:
    import subprocess

    probe = (
        "import sys, autodiff.media;"
        "found = [name for name in sys.modules if name.startswith('autodiff.render')];"
        "sys.exit(str(found or ''))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert done.stderr.strip() == ""


# --- files ----------------------------------------------------------------------------------------------------
def test_a_file_is_written_whole_and_not_twice(tmp_path: Path) -> None:
    path = tmp_path / "trace é.json"
    write("one", path)
    assert path.read_bytes() == b"one\n"
    with pytest.raises(AutodiffError, match=r"exists already: choose another name, or --force"):
        write("two", path)
    assert path.read_bytes() == b"one\n"
    write(b"\x00two", str(path), force=True)
    assert path.read_bytes() == b"\x00two"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_new_file_has_the_usual_rights_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    path, usual = tmp_path / "a.txt", tmp_path / "b.txt"
    usual.touch()
    write("x", path)
    assert path.stat().st_mode == usual.stat().st_mode
    path.chmod(0o640)
    write("y", path, force=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640 or os.name == "nt"


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_leads_to_the_file_and_a_device_is_written_to(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    with pytest.raises(AutodiffError, match="exists already"):
        write("new", link)
    write("new", link, force=True)
    assert real.read_text() == "new\n"
    assert link.is_symlink()
    for force in (False, True):
        write("nothing", "/dev/null", force=force)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_paths_that_cannot_be_written(tmp_path: Path) -> None:
    for path, complaint in [
        (tmp_path, "it is a folder"),
        (tmp_path / "none" / "a.txt", f"there is no folder {re.escape(str(tmp_path / 'none'))}"),
        ("", "the name of the file is empty"),
        ("a\0b", "its name is not the name of a file"),
        (tmp_path / ("a" * 300), "cannot write .*: "),
    ]:
        with pytest.raises(AutodiffError, match=complaint):
            write("x", path)
    (tmp_path / "file").write_text("")
    with pytest.raises(AutodiffError, match="there is no folder"):
        write("x", tmp_path / "file" / "a.txt")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file"]


def test_without_rights_or_room_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with pytest.raises(AutodiffError, match=r"cannot write .*a\.txt: permission denied"):
            write("x", tmp_path / "a.txt")
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(AutodiffError, match="No space left on device"):
            write("x", path, force=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"

    def slow(beside: str, target: str, *, links: bool) -> None:
        path.write_text("theirs")
        if not links:
            raise PermissionError(1, "no links here")
        raise FileExistsError(17, "File exists")

    for links in (True, False):
        monkeypatch.setattr(os, "link", lambda *names, links=links: slow(*names, links=links))
        path.unlink(missing_ok=True)
        with pytest.raises(AutodiffError, match="exists already"):
            write("ours", path)
        assert path.read_text() == "theirs"
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError(1, "no links here")))
    path.unlink()
    write("ours", path)
    assert path.read_text() == "ours\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]

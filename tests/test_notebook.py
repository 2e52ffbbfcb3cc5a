"""What notebooks show: of each object HTML, LaTeX and text; in a real kernel, in exported pages and on paper."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autodiff import Dual, Tape, Trace, Var, elementary, grad, sin, trace
from autodiff.errors import BindingError, DomainError
from autodiff.render.player.widget import StaticPlayer, player_widget
from autodiff.render.tables.html import to_html
from tests import needs
from tests.latex import compiled
from tests.test_player import everything, made

BOOK = "ln(x1)+x1*x2-sin(x2)"
MEDIA = {"text/plain", "text/html", "text/latex"}
LATEX = r"""\documentclass{article}\usepackage[utf8]{inputenc}\usepackage{amsmath,amssymb,booktabs,graphicx}
\begin{document}%s\end{document}"""


def bundle(shown: Any) -> dict[str, str]:
    found: dict[str, str] = shown._repr_mimebundle_(include=None, exclude=None)
    assert set(found) == MEDIA
    return found


# --- traces -------------------------------------------------------------------------------------------------------
def test_a_trace_shows_its_table_in_three_media_with_the_reasons_below() -> None:
    shown = trace(BOOK, at=(2, 5))
    found = bundle(shown)
    assert found["text/plain"] == str(shown)
    assert found["text/html"] == to_html(shown, why=True)
    assert found["text/html"].count("<li>") == len(shown.why) == 19
    assert r"\begin{tabular}" in found["text/latex"]
    assert r"\documentclass" not in found["text/latex"]


def test_reasons_are_the_sentences_of_the_stepper_and_the_player() -> None:
    assert (
        trace("x1*x2", at=(2, 5)).why[6]
        == "Through v₁ = v₋₁ × v₀, a change of v₀ is multiplied by v₋₁ = 2: v̄₀ = 1 × 2 = 2."
    )


def test_long_traces_are_shortened_and_say_so() -> None:
    found = bundle(made("hundred rows"))
    for text in found.values():
        assert "rows left out" in text
    assert found["text/html"].count("<tr>") < 140
    assert found["text/latex"].count(r"\\") < 40


def test_a_run_that_stopped_is_shown_up_to_there() -> None:
    with pytest.raises(DomainError) as caught:
        trace("sin(x)*ln(-x)", at=2)
    assert "Stopped:" in bundle(caught.value.trace)["text/html"]


@everything
def test_every_sample_has_a_bundle(name: str) -> None:
    bundle(made(name))


@needs.TEX.mark
def test_the_latex_of_all_samples_compiles_on_common_paper(tmp_path: Path) -> None:
    from tests.test_player import FILES, MADE

    cells = [bundle(made(name))["text/latex"] for name in (*MADE, *FILES)]
    cells += [bundle(shown)["text/latex"] for shown in numbers()]
    said = compiled(LATEX % "\n\n".join(cells), tmp_path)
    too_wide = [float(size) for size in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", said)]
    assert max(too_wide, default=0) < 200  # typed expressions may run on; tables never do


# --- numbers ------------------------------------------------------------------------------------------------------
def numbers() -> list[Any]:
    with Tape() as tape:
        x, y = Var(2.0), Var(np.arange(3.0))
    z = x * np.sum(np.sin(y))
    z.backward()
    return [Dual(2, 1), Dual(7, -4) ** 2, Dual(Dual(1, 2), Dual(0, -1)), Dual(1e-20, float("nan")), x, y, z, tape,
            Dual(np.arange(9.0), np.ones(9)), Dual(float("inf"), float("-inf"))]  # fmt: skip


def test_a_dual_is_a_sum_with_epsilon() -> None:
    found = bundle(Dual(7, -4))
    assert found == {
        "text/plain": "7 - 4ε",
        "text/html": "<math><mn>7</mn><mo>−</mo><mn>4</mn><mi>ε</mi></math>",
        "text/latex": r"$7 - 4\,\varepsilon$",
    }
    assert bundle(Dual(0.1, 1e-7))["text/latex"] == r"$0.1 + 1 \times 10^{-7}\,\varepsilon$"
    nested = Dual(Dual(1, 2), Dual(3, 4))
    latex = r"$[[1, 0], [0, 1]] + [[1, 1], [1, 1]]\,\varepsilon$"
    assert bundle(Dual(np.eye(2), np.ones((2, 2))))["text/latex"] == latex
    assert bundle(nested)["text/latex"] == r"$(1 + 2\,\varepsilon) + (3 + 4\,\varepsilon)\,\varepsilon$"


def test_a_var_is_the_equation_of_its_row_and_its_adjoint() -> None:
    with Tape():
        x, y = Var(2.0), Var(5.0)
    z = x * y
    assert bundle(z)["text/latex"] == "$v_{1} = v_{-1} \\times v_{0} = 10$"
    z.backward()
    assert bundle(x)["text/latex"] == "$v_{-1} = x_{1} = 2, \\bar{v}_{-1} = 5$"
    assert "<mo>×</mo>" in bundle(z)["text/html"]


def test_all_kinds_of_numbers_are_shown() -> None:
    for shown in numbers():
        assert bundle(shown)["text/html"].startswith("<")


def test_a_number_inside_a_differentiation_can_be_shown() -> None:
    seen = []

    def f(x: Any) -> Any:
        y = x * x
        seen.append(bundle(y))
        return y

    grad(grad(f))(3.0)
    assert "9" in seen[0]["text/html"]


# --- tapes --------------------------------------------------------------------------------------------------------
def test_a_tape_is_the_trace_of_its_rows() -> None:
    with Tape() as tape:
        x1, x2 = Var(2.0), Var(5.0)
    y = x1 * x2 + sin(x2)
    assert "Adjoint trace" not in bundle(tape)["text/plain"]
    assert "v₃  = v₁ + v₂" in bundle(tape)["text/plain"]
    y.backward(3.0)
    shown = bundle(tape)["text/plain"]
    assert "Adjoint trace" in shown
    assert "Seeded with ȳ = 3." in shown
    assert f"x̄₁ = {x1.adjoint:g}" in shown
    assert y.tape is tape


def test_a_tape_can_be_traced_in_every_mode() -> None:
    with Tape() as tape:
        x1 = Var(2.0)
    squared = x1 * x1
    with tape:
        x2 = Var(5.0)  # an input that comes late still stands first
    y = squared * x2
    found = trace(tape, mode="both")
    assert found.jacobian == {"y": {"x1": 20.0, "x2": 4.0}}
    y.backward()
    assert found.gradient == {"x1": x1.adjoint, "x2": x2.adjoint}
    assert trace(tape, mode="forward", wrt="x2").tangent == {"y": 4.0}
    assert Trace.from_json(found.to_json()) == found


def test_a_tape_of_arrays_shows_arrays() -> None:
    with Tape() as tape:
        x = Var(np.arange(3.0))
    y = np.sum(x * x)
    y.backward()
    assert "x̄  = v̄₀" in bundle(tape)["text/plain"]
    with Tape() as tape:
        x = Var(np.arange(3.0))
    x * 2
    assert "Adjoint trace" not in bundle(tape)["text/plain"]  # no one number to start from


def test_tapes_that_cannot_be_traced_say_so() -> None:
    assert Tape()._repr_mimebundle_() == {"text/plain": "<Tape with 0 rows>"}
    with pytest.raises(BindingError, match="the tape is empty"):
        trace(Tape())
    with Tape() as tape:
        Var(1.0)
    with pytest.raises(BindingError, match="has its values already"):
        trace(tape, at=2)
    with pytest.raises(BindingError, match="an expression, a function or a tape, not int"):
        trace(3)  # type: ignore[arg-type]


def test_a_very_long_tape_is_only_named() -> None:
    with Tape() as tape:
        x = Var(1.0)
    for _ in range(3000):
        x = x + 1
    assert tape._repr_mimebundle_() == {"text/plain": "<Tape with 3001 rows>"}
    assert bundle(x)["text/latex"] == "$3001$"


# --- hostile names ------------------------------------------------------------------------------------------------
@needs.TEX.mark
def test_hostile_names_are_only_text(tmp_path: Path) -> None:
    from tests.test_graph import hostile_trace
    from tests.test_player import HOSTILE
    from tests.test_tikz import HOSTILE as IN_LATEX

    shown = [bundle(hostile_trace(name)) for name in (*HOSTILE, *IN_LATEX)]
    for found in shown:
        assert not re.search(r"<(script|img|iframe)\b", found["text/html"])
    compiled(LATEX % "\n\n".join(found["text/latex"] for found in shown), tmp_path)


# --- the player ---------------------------------------------------------------------------------------------------
def test_without_anywidget_there_is_the_table_and_the_player_as_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "anywidget", None)
    given = made("one row")
    found = player_widget(given)
    assert isinstance(found, StaticPlayer)
    html = bundle(found)["text/html"]
    assert html.startswith(bundle(given)["text/html"])
    assert '<iframe srcdoc="&lt;!DOCTYPE html&gt;' in html


def test_a_graph_shows_itself_as_a_picture_with_a_text_in_its_place() -> None:
    picture: Any = trace("x + y * 2", at=(2, 5)).graph()
    data, metadata = picture._repr_mimebundle_()
    assert data["image/svg+xml"] == picture
    assert metadata["image/svg+xml"]["alt"].startswith("Computational graph")


def test_the_widget_shows_itself_and_a_table_for_paper() -> None:
    anywidget = pytest.importorskip("anywidget")
    shells = pytest.importorskip("IPython.core.interactiveshell")
    capture = pytest.importorskip("IPython.utils.capture")
    widget = trace(BOOK, at=(2, 5)).player(title="Mine")
    assert isinstance(widget, anywidget.AnyWidget)
    assert widget.data["title"] == "Mine"
    shells.InteractiveShell.instance()
    try:
        with capture.capture_output() as caught:
            widget._ipython_display_()
    finally:
        shells.InteractiveShell.clear_instance()
    table, view = (output.data for output in caught.outputs)
    assert table["text/latex"] == bundle(trace(BOOK, at=(2, 5)))["text/latex"]
    assert "autodiff-export" in table["text/html"]
    assert "<iframe srcdoc" in table["text/html"]
    assert view["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.model_id
    assert (view["text/html"], view["text/latex"]) == ("", "")


# --- real notebooks -----------------------------------------------------------------------------------------------
CELLS = """
from autodiff import trace, Dual, Var, Tape, elementary
t = trace("ln(x1)+x1*x2-sin(x2)", at=(2, 5)); t
---
Dual(2, 1)**2 - 7
---
with Tape() as tape:
    x, y = Var(2.0), Var(5.0)
z = x*y; z.backward(); z
---
tape
---
t.player()
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    made_of = nbformat.v4.new_notebook()
    made_of.cells = [nbformat.v4.new_code_cell(text.strip()) for text in CELLS.split("---")]
    nbclient.NotebookClient(made_of, timeout=120, kernel_name="python3").execute()
    path = tmp_path_factory.mktemp("notebook") / "lesson.ipynb"
    nbformat.write(made_of, path)
    return path


def outputs(path: Path) -> list[dict[str, Any]]:
    return [o["data"] for cell in json.loads(path.read_text("utf-8"))["cells"] for o in cell["outputs"] if "data" in o]


def test_every_cell_shows_itself_in_a_real_kernel(notebook: Path) -> None:
    shown = outputs(notebook)
    assert len(shown) == 6
    assert all(set(data) >= MEDIA for data in shown)
    text = "".join(shown[0]["text/html"])
    assert "<table>" in text
    assert "<math>" in text


def test_the_player_in_a_real_kernel_is_a_widget_and_a_table(notebook: Path) -> None:
    pytest.importorskip("anywidget")
    table, widget = outputs(notebook)[4:]
    assert "application/vnd.jupyter.widget-view+json" in widget
    assert "".join(widget["text/html"]) == "".join(widget["text/latex"]) == ""
    assert "srcdoc" in "".join(table["text/html"])
    assert r"\begin{tabular}" in "".join(table["text/latex"])


def exported(notebook: Path, kind: str) -> str:
    nbconvert = pytest.importorskip("nbconvert")
    text, _ = getattr(nbconvert, f"{kind}Exporter")().from_filename(str(notebook))
    return str(text)


def test_an_exported_page_shows_tables_and_plays_without_a_network(notebook: Path, browser: Any) -> None:
    page_file = notebook.with_suffix(".html")
    page_file.write_text(exported(notebook, "HTML"), "utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(page_file.as_uri(), wait_until="domcontentloaded")
    assert page.locator("table caption", has_text="Adjoint trace").count() >= 3
    page.locator("summary", has_text="Play it").press("Enter")
    frame = page.frame_locator("iframe")
    frame.get_by_label("Step forward").click()
    assert frame.locator(".counter").inner_text() == "Step 2 of 19 · primal phase"
    context.close()


@needs.TEX.mark
def test_exported_latex_has_tables_that_compile(notebook: Path, tmp_path: Path) -> None:
    text = exported(notebook, "Latex")
    tables = re.findall(r"\\resizebox\{.*?\\end\{tabular\}\}", text, re.DOTALL)
    assert len(tables) == 3
    compiled(LATEX % "\n\n".join(tables), tmp_path)


@needs.PAPER.mark
def test_a_notebook_becomes_a_pdf(notebook: Path) -> None:
    nbconvert = pytest.importorskip("nbconvert")
    content, _ = nbconvert.PDFExporter().from_filename(str(notebook))
    assert content.startswith(b"%PDF")


def test_an_operation_of_the_user_is_typeset() -> None:
    own = elementary("notebook_own", lambda x: 2 * x, lambda z, x: 2)
    with Tape():
        x = Var(3.0)
    assert "notebook" in bundle(own(x))["text/latex"]

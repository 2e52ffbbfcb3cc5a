"""Traces of Python functions: what they compute, which line made each row, and FILE.py:FUNCTION at the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markdown_it import MarkdownIt

from autodiff import (
    AutodiffError,
    Tape,
    Var,
    check,
    checkpoint,
    elementary,
    exp,
    grad,
    jacobian,
    jvp,
    ln,
    sin,
    trace,
)  # fmt: skip
from autodiff.cli.requests import traces_of
from autodiff.errors import CodeRefusedError
from autodiff.expression.blocks import Block
from autodiff.render.tables.styles import STYLES
from autodiff.render.tables.terminal import to_text
from autodiff.tracing.files import read_trace_file
from tests import needs
from tests.latex import compiled, in_one
from tests.test_command import in_terminal, message_of, refused, run, run_here

close = np.testing.assert_allclose
HERE = Path(__file__)
A = np.array([[1.0, 2.0], [3.0, 4.0]])
ARR = np.array([1.0, 2.0, 4.0])


def half_wave(u: Any) -> Any:
    return sin(u) / 2  # the helper's line


def loop(x: Any, y: Any) -> Any:
    total = 0.0
    for k in range(1, 5):
        if k % 2:  # noqa: SIM108
            total = total + half_wave(x * k)
        else:
            total = total * y
    return total


def early(x: Any, y: Any) -> Any:
    if x > 1:
        return x * y
    return ln(x) * y


def product(*factors: Any) -> Any:
    result = 1.0
    for factor in factors:
        result = result * factor
    return result


def with_default(x: Any, y: Any = 3.0) -> Any:
    return x**y


def matrix(x: Any, y: Any) -> Any:
    w = np.array([x, y]) @ A
    return np.sum(w * w)


def scaled(x: Any, arr: Any) -> Any:
    return np.sum(x * arr) + np.max(arr[1:])


def of_list(x: Any, entries: Any) -> Any:
    return x * entries[0] + exp(entries[1])


def long_block(x: Any) -> Any:
    return np.sum(np.tanh(x * np.arange(12.0).reshape(3, 4)))


def line_of(text: str) -> int:
    """The number of the only line of this file with that text."""
    lines = HERE.read_text("utf-8").splitlines()
    [number] = [n for n, line in enumerate(lines, 1) if line.strip() == text]
    return number


SAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "loop": (loop, (2.0, 5.0)),
    "early return": (early, (2.0, 5.0)),
    "late return": (early, (0.5, 5.0)),
    "star": (product, (2.0, 3.0, 5.0)),
    "default left out": (with_default, (2.0,)),
    "default given": (with_default, (2.0, 4.0)),
    "matrix": (matrix, (2.0, 5.0)),
    "array": (scaled, (2.0, ARR)),
    "list": (of_list, (2.0, [3.0, 0.5])),
    "long block": (long_block, (0.1,)),
    "lambda": (lambda x: np.exp(x) * x, (0.5,)),
}
each_sample = pytest.mark.parametrize("name", SAMPLES)


def flat(nest: Any) -> list[float]:
    return [float(v) for part in (nest if isinstance(nest, (tuple, list)) else [nest]) for v in np.ravel(part)]


# --- what is computed -----------------------------------------------------------------------------------------
@each_sample
def test_value_gradient_and_tangent_are_those_of_the_function(name: str) -> None:
    f, at = SAMPLES[name]
    both = trace(f, at=at, mode="both")
    assert both.value == pytest.approx(float(f(*at)), rel=1e-14)
    found = grad(f)(*at)
    close(list(both.gradient.values()), flat(list(found) if isinstance(found, tuple) else [found]), rtol=1e-14)
    first = trace(f, at=at, mode="forward")
    unit: list[Any] = [np.zeros(np.shape(x)) if np.shape(x) else 0.0 for x in at]
    unit[0] = 1.0
    unit = [list(t) if isinstance(x, list) else t for x, t in zip(at, unit, strict=True)]
    [tangent] = first.tangent.values()
    assert tangent == pytest.approx(float(jvp(f, at, tuple(unit))[1]), rel=1e-14)


@each_sample
def test_sympy_agrees_with_traces_of_functions(name: str) -> None:
    f, at = SAMPLES[name]
    report = check(trace(f, at=at, mode="both"))
    assert report.ok, str(report)


def test_arguments_get_names_of_their_own() -> None:
    assert trace(product, at=(2, 3, 5)).point == {"factors1": 2.0, "factors2": 3.0, "factors3": 5.0}
    assert trace(scaled, at=(2.0, ARR)).variables == ("x", "arr1", "arr2", "arr3")
    assert trace(with_default, at={"x": 2.0}).variables == ("x",)
    assert trace(with_default, at={"y": 2.0, "x": 5.0}).point == {"x": 5.0, "y": 2.0}
    assert trace(lambda entries: entries[0] * entries[1], at=[[2.0, 3.0]]).gradient == {
        "entries1": 3.0,
        "entries2": 2.0,
    }


def test_a_default_in_front_of_star_arguments_needs_no_value() -> None:
    def f(x: Any, y: Any = 2.0, *rest: Any) -> Any:
        return x * y + sum(rest)

    assert trace(f, at=[3.0]).gradient == {"x": 2.0}


@pytest.mark.parametrize(
    "f",
    [
        lambda a: np.sum(np.maximum(a, 2.0)),
        lambda a: np.sum(np.clip(a, 0.0, 2.0)),
        lambda a: np.sum(np.hypot(a, 1.0)),
        lambda a: np.sum(np.arctan2(a, 2.0)),
        lambda a: np.sum(np.exp2(a)),
        lambda a: np.linalg.det(np.diag(a)),
        lambda a: np.linalg.solve(np.diag(a), ARR) @ a,
        lambda a: a.sum() if np.isfinite(a).all() else 0.0,
    ],
    ids=["maximum", "clip", "hypot", "arctan2", "exp2", "det", "solve", "isfinite"],
)
def test_numpy_does_in_a_trace_what_it_does_in_grad(f: Callable[..., Any]) -> None:
    close(list(trace(f, at=[ARR]).gradient.values()), grad(f)(ARR))


def test_several_outputs_of_every_kind() -> None:
    def f(x: Any, arr: Any) -> Any:
        return {"product": x * arr, "parts": [x, (arr[0],)], "constant": 7.0}

    both = trace(f, at=(2.0, ARR), mode="both")
    assert both.value == (2.0, 4.0, 8.0, 2.0, 1.0, 7.0)
    found = jacobian(lambda x, arr: np.append(x * arr, [x, arr[0], 7.0]))(2.0, ARR)
    close([list(row.values()) for row in both.jacobian.values()], np.column_stack(found))
    assert trace(f, at=(2.0, ARR), output="y3").gradient == {"x": 4.0, "arr1": 0.0, "arr2": 0.0, "arr3": 2.0}
    assert trace(f, at=(2.0, ARR), mode="forward", wrt="arr1").tangent["y5"] == 1.0


def test_numbers_in_gradients_are_floats() -> None:
    assert [type(v) for v in trace(lambda x: 3, at=2.0).gradient.values()] == [float]
    assert {type(v) for v in trace(lambda a: np.sort(a)[0], at=[ARR]).gradient.values()} == {float}


def test_inner_derivatives_can_be_traced() -> None:
    assert trace(lambda x: grad(lambda y: y**3)(x), at=2.0).gradient == {"x": 12.0}


def test_checkpoints_can_be_traced() -> None:
    step = checkpoint(lambda a, b: a * b)
    assert trace(lambda a, b: step(a, b) + a, at=(2.0, 3.0)).gradient == {"a": 4.0, "b": 2.0}
    assert trace(checkpoint(lambda x: np.sum(x * ARR)), at=2.0, mode="forward").tangent == {"y": 7.0}


@pytest.mark.parametrize(
    ("f", "at", "message"),
    [
        (loop, (2,), "1 value given, but the function takes 2: x, y"),
        (loop, {"x": 2, "q": 5}, "'q'"),
        (loop, {"y": 5}, "the function takes 2: x, y"),
        (lambda w: w[0], (1, 2), "give the list as one value"),
        (lambda x: "word", 1, "returns numbers, not str"),
        (lambda x, x1: x[0] * x1, [[1.0, 2.0], 3.0], "x1"),
    ],
    ids=["too few", "unknown name", "missing name", "list", "no number", "two of one name"],
)
def test_wrong_values_get_a_message_that_helps(f: Callable[..., Any], at: Any, message: str) -> None:
    with pytest.raises(AutodiffError) as caught:
        trace(f, at=at)
    assert message in str(caught.value)


# --- lines ----------------------------------------------------------------------------------------------------
def test_rows_know_their_line() -> None:
    rows = trace(loop, at=(2, 5)).rows
    assert [row.source for row in rows[:2]] == [None, None]
    where = [(row.operation, row.source.line, row.source.text) for row in rows[2:7] if row.source]
    outer, inner = "total = total + half_wave(x * k)", "return sin(u) / 2  # the helper's line"
    expected = [("mul", outer), ("sin", inner), ("div", inner), ("add", outer), ("mul", "total = total * y")]
    assert where == [(operation, line_of(text), text) for operation, text in expected]
    assert {Path(row.source.file) for row in rows if row.source} == {HERE}
    assert [row.source.function for row in rows[3:5] if row.source] == ["half_wave", "half_wave"]
    assert rows[3].source is not None
    assert rows[3].source.place == f"{HERE.name}:{line_of(inner)}"


def test_rows_made_inside_numpy_are_of_the_line_that_called_it() -> None:
    texts = [row.source.text for row in trace(matrix, at=(2, 5)).rows if row.source]
    assert set(texts) == {"w = np.array([x, y]) @ A", "return np.sum(w * w)"}
    assert texts == sorted(texts, reverse=True)
    texts = [row.source.text for row in trace(long_block, at=0.1).rows if row.source]
    assert texts == ["return np.sum(np.tanh(x * np.arange(12.0).reshape(3, 4)))"] * 3


def test_rows_of_lambdas_and_nested_functions() -> None:
    square = lambda u: u * u  # noqa: E731

    def outer(x: Any) -> Any:
        def inner(z: Any) -> Any:
            return z + 1.5

        return inner(square(x))

    sources = [row.source for row in trace(outer, at=2.0).rows if row.source]
    assert [s.function for s in sources] == ["<lambda>", "inner"]
    assert [s.text for s in sources] == ["square = lambda u: u * u  # noqa: E731", "return z + 1.5"]
    assert [s.line for s in sources] == [line_of(s.text) for s in sources]


def test_functions_without_a_file_have_lines_without_text() -> None:
    space: dict[str, Any] = {}
    exec("def f(x):\n    return x * x", space)
    [source] = [row.source for row in trace(space["f"], at=2.0).rows if row.source]
    assert (source.line, source.text, source.function) == (2, "", "f")


def test_typed_expressions_have_no_lines() -> None:
    assert {row.source for row in trace("x*y", at=(2, 3)).rows} == {None}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("mode", ["forward", "reverse", "both"])
def test_every_style_shows_the_lines_it_is_asked_for(style: str, mode: str) -> None:
    traced = trace(loop, at=(2, 5), mode=mode)
    place = f"{HERE.name}:{line_of('total = total * y')}"
    text = traced.to_text(style=style, source=True)
    assert place in text
    assert "total = total * y" in text
    assert HERE.name not in traced.to_text(style=style)
    assert "total = total * y" in traced.to_markdown(style=style, source=True)
    assert "total = total*y" in traced.to_latex(style=style, source=True).replace(r"\allowbreak{}", "").replace(
        " * ", "*"
    )


def test_several_seeds_in_one_table_show_the_lines_too() -> None:
    traces = [trace(loop, at=(2, 5), mode="forward", wrt=name) for name in ("x", "y")]
    assert "total = total * y" in to_text(traces, style="cs207", source=True)


# --- arrays in tables -----------------------------------------------------------------------------------------
def test_rows_that_are_arrays_are_blocks() -> None:
    traced = trace(long_block, at=0.1, mode="both")
    _, product_, tanh_, total = traced.rows
    assert isinstance(product_.value, Block)
    assert product_.value == Block(0.1 * np.arange(12.0).reshape(3, 4))
    assert product_.value.shape == tanh_.value.shape == (3, 4)
    assert product_.value.text("{:.1f}".format) == "[0.0, 0.1, …, 1.1] (3×4)"
    assert isinstance(total.value, float)
    assert tanh_.derivative is not None
    close(tanh_.derivative.value.array, np.ones((3, 4)))
    text = traced.to_text()
    assert "[0, 0.1, …, 1.1] (3×4)" in text
    assert max(map(len, text.splitlines())) < 400
    with pytest.raises(ValueError, match="read-only"):
        product_.value.array[0, 0] = 5.0


def test_blocks_in_json_are_nested_lists() -> None:
    found = json.loads(trace(long_block, at=0.1, mode="both").to_json())
    rows = found["rows"]
    close(rows[1]["value"], 0.1 * np.arange(12.0).reshape(3, 4))
    close(rows[1]["tangent"]["value"], np.arange(12.0).reshape(3, 4))
    assert np.shape(rows[1]["derivative"]["value"]) == (3, 4)
    assert rows[1]["source"]["text"].startswith("return np.sum(np.tanh")
    assert rows[0]["source"] is None
    assert rows[1]["source"]["line"] == line_of(rows[1]["source"]["text"])


@each_sample
@pytest.mark.parametrize("style", STYLES)
def test_markdown_of_functions_is_a_table_whose_rows_have_equal_length(name: str, style: str) -> None:
    f, at = SAMPLES[name]
    text = trace(f, at=at, mode="both").to_markdown(style=style, source=True)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    assert any(token.type == "table_open" for token in tokens)
    assert not any(token.type == "fence" for token in tokens)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    for line in lines:
        assert line.endswith("|")


@needs.TEX.mark
def test_latex_of_functions_compiles_in_all_styles(tmp_path: Path) -> None:
    odd = elementary("soft_sign", lambda x: x / (1 + abs(x)), lambda z, x: 1 / (1 + np.abs(x)) ** 2)

    def hostile(x: Any) -> Any:
        return odd(x) * 100 % 7  # $ & % # _ { } ~ ^ \ < > |

    cases = [SAMPLES["loop"], SAMPLES["matrix"], SAMPLES["long block"], SAMPLES["array"], (hostile, (0.5,))]
    traces = [trace(f, at=at, mode="both") for f, at in cases]
    documents = [traced.to_latex(style=style, source=True, figure=False) for traced in traces for style in STYLES]
    compiled(in_one(documents), tmp_path, draft=False)


def test_long_tables_are_shortened_on_request() -> None:
    traced = trace(lambda x: product(*[x] * 30), at=1.5)
    whole, short = traced.to_text(), traced.to_text(rows=6)
    assert len(short.splitlines()) < 15 < len(whole.splitlines())
    assert "rows left out" in short
    assert "rows left out" not in whole


# --- the command ----------------------------------------------------------------------------------------------
LESSON = '''\
"""A lesson."""
import math
import numpy as np
from sibling_of_lesson import twice
from autodiff import ln, sin

def small(x, y):
    return x * y + sin(x)

def energy(x, y):
    total = twice(x)
    for k in range(40):
        total = total + sin(y * k)
    return total * y

def broken(x):
    z = 2 * x
    return z["a"]

def uses_math(x):
    return math.sin(x)

def outside(x):
    a = x * 2
    return ln(a - 100)

def talks(x):
    print("hello")
    return x * x

def arrays(x, y):
    return np.sum(np.array([x, y]) @ np.ones((2, 2)))

class Callable:
    def __call__(self, x):
        return x["a"]

instance = Callable()

def foreign(x):
    return x + None
'''


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "path", sys.path.copy())  # a run in this process adds the folder
    sys.modules.pop("sibling_of_lesson", None)
    (tmp_path / "sibling_of_lesson.py").write_text("def twice(x):\n    return 2 * x\n", "utf-8")
    (tmp_path / "lesson.py").write_text(LESSON, "utf-8")
    return str(tmp_path / "lesson.py")


def test_a_function_of_a_file(lesson: str) -> None:
    done = run(f"{lesson}:small", "--at", "2,5", "--source")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("small at x = 2, y = 5, reverse mode\n")
    assert done.stdout.count("lesson.py:8 return x * y + sin(x)") == 3
    assert "∂f/∂x = 4.584, ∂f/∂y = 2" in done.stdout
    assert "lesson.py:8" not in run(f"{lesson}:small", "--at", "x=2,y=5").stdout
    assert "= 14" in run(f"{lesson}:arrays", "--at", "2,5", "--check").stdout


def test_rows_at_the_command(lesson: str) -> None:
    every = run(f"{lesson}:energy", "--at", "2,5", "--rows", "all")
    few = run(f"{lesson}:energy", "--at", "2,5", "--rows", "6")
    assert (every.returncode, few.returncode) == (0, 0)
    assert every.stdout == run(f"{lesson}:energy", "--at", "2,5").stdout  # piped: nothing is left out
    assert len(every.stdout.splitlines()) > 120 > 20 > len(few.stdout.splitlines())
    assert "119 rows left out (--rows all shows them)" in few.stdout
    for wrong in ("1", "0", "-3", "many", "2.5", ""):
        refusal = message_of(run_here(f"{lesson}:energy", "--at", "2,5", "--rows", wrong))
        assert "give a whole number from 2 up, or all" in refusal


def test_a_terminal_gets_long_tables_shortened(lesson: str) -> None:
    shown = in_terminal(200, f"{lesson}:energy", "--at", "2,5", "--color", "never")
    assert "rows left out" in shown
    assert len(shown.splitlines()) < 150
    assert "rows left out" not in in_terminal(200, f"{lesson}:energy", "--at", "2,5", "--rows", "all")


@pytest.mark.parametrize("form", ["json", "markdown", "latex", "table"])
@pytest.mark.parametrize("mode", ["forward", "reverse", "both"])
def test_modes_and_formats_of_a_function(lesson: str, mode: str, form: str) -> None:
    done = run_here(f"{lesson}:small", "--at", "2,5", "--mode", mode, "--format", form, "--check", "--source")
    assert (done.returncode, done.stderr) == (0, "")
    if form == "json":
        assert json.loads(done.stdout)["rows"][2]["source"]["line"] == 8
        assert json.loads(done.stdout)["check"]["ok"] is True


@pytest.mark.parametrize(
    ("function", "at", "messages"),
    [
        ("smal", "2,5", ["has no function 'smal'", "did you mean 'small'?"]),
        ("small", "2", ["1 value given, but the function takes 2: x, y"]),
        ("small", "2,3,4", ["3 values given, but the function takes 2: x, y"]),
        ("small", "x=2,q=3", ["'q'"]),
        ("broken", "2", ["broken fails: a number has no entries", 'lesson.py, line 18: return z["a"]']),
        ("uses_math", "2", ["autodiff.sin(x) or numpy.sin(x)", "lesson.py, line 21: return math.sin(x)"]),
        ("instance", "2", ["Callable fails: a number has no entries", 'lesson.py, line 36: return x["a"]']),
        ("foreign", "2", ["foreign fails: TypeError: unsupported operand", "lesson.py, line 41: return x + None"]),
    ],
)
def test_what_is_wrong_with_a_function_is_said_in_one_message(
    lesson: str, function: str, at: str, messages: list[str]
) -> None:
    found = message_of(run_here(f"{lesson}:{function}", "--at", at))
    for message in messages:
        assert message in found


def test_a_function_that_ends_the_program_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "ends.py"
    path.write_text("import sys\n\ndef f(x):\n    sys.exit(3)\n\nasync def g(x):\n    return x\n", "utf-8")
    assert "f ends the program, with exit status 3" in refused(f"{path}:f", "--at", "1")
    assert "a function to trace returns numbers, not coroutine" in refused(f"{path}:g", "--at", "1")


def test_a_tape_longer_than_any_table_is_refused() -> None:
    with Tape() as tape:
        x = Var(1.0)
    for _ in range(100_000):
        x = x * 1.0
    with pytest.raises(AutodiffError, match="the tape has 100,001 rows, and a table has at most 100,000"):
        trace(tape)


def test_arguments_that_make_no_readable_table_are_refused() -> None:
    def same(x_1: Any, x1: Any) -> Any:
        return x_1 * x1

    with pytest.raises(AutodiffError, match="two variables would be called x₁"):
        trace(same, at=(2, 3))
    for empty in (np.zeros(0), [], np.zeros((2, 0))):
        with pytest.raises(AutodiffError, match="x is empty"):
            trace(lambda x: np.sum(x), at=[empty])
    with pytest.raises(AutodiffError, match="x has 1,000 entries"):
        trace(lambda x: np.sum(x), at=[np.zeros(1000)])
    assert trace(lambda x: np.sum(x * np.ones(1000)), at=2).value == 2000


def test_missing_and_broken_files(tmp_path: Path, lesson: str) -> None:
    assert "there is no file" in refused(f"{tmp_path}/none.py:f", "--at", "1")
    (tmp_path / "wrong.py").write_text("def f(x)\n    return x\n", "utf-8")
    assert "SyntaxError" in refused(f"{tmp_path}/wrong.py:f", "--at", "1")
    assert "wrong.py, line 1" in refused(f"{tmp_path}/wrong.py:f", "--at", "1")
    (tmp_path / "fails.py").write_text("import math\nmath.oops\n\ndef f(x):\n    return x\n", "utf-8")
    assert "fails.py, line 2: math.oops" in refused(f"{tmp_path}/fails.py:f", "--at", "1")


def test_the_line_is_named_however_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "fails.py").write_text("import math\nmath.oops\n", "utf-8")
    command = [sys.executable, "-m", "autodiff", "fails.py:f", "--at", "1"]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=tmp_path, env=environment)
    assert done.returncode == 2
    assert "fails.py, line 2: math.oops" in done.stderr


def test_rows_up_to_a_point_outside_the_domain_are_shown(lesson: str) -> None:
    done = run(f"{lesson}:outside", "--at", "2")
    assert done.returncode == 2
    assert "v₂ = v₁ − 100 = 4 − 100 = −96" in done.stdout
    assert "the logarithm needs a positive number" in done.stderr
    assert "lesson.py:25" in done.stderr


def test_what_a_function_prints_does_not_spoil_the_output(lesson: str) -> None:
    done = run(f"{lesson}:talks", "--at", "3", "--format", "json")
    assert json.loads(done.stdout)["gradient"] == {"x": 6.0}
    assert "hello" in done.stderr


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """A trace file whose expression is a function in a file that leaves a mark when it is run."""
    mark = f"open({str(tmp_path / 'mark')!r}, 'w').close()"
    (tmp_path / "theirs.py").write_text(f"{mark}\n\ndef f(x):\n    return x * x\n", "utf-8")
    path = tmp_path / "theirs.toml"
    path.write_text(f"expression = {json.dumps(f'{tmp_path}/theirs.py:f')}\nat = [3]\n", "utf-8")
    return path


@pytest.mark.parametrize("options", [[], ["--check"], ["--at", "2"], ["--format", "json"], ["--step"]], ids=" ".join)
def test_a_trace_file_runs_a_python_file_only_where_it_may(stranger: Path, options: list[str]) -> None:
    program, mark = stranger.with_suffix(".py"), stranger.with_name("mark")
    told = refused("--file", str(stranger), *options)
    assert told == (
        f"autodiff-trace: the expression {program}:f would run the Python file {program}: "
        "if you trust it, allow it with --allow-code (allow_code=True)\n"
    )
    assert not mark.exists()
    assert run("--file", str(stranger), "--allow-code", *options).returncode == 0
    assert mark.exists()


def test_what_is_typed_runs_and_what_is_read_runs_where_it_may(stranger: Path) -> None:
    typed, mark = f"{stranger.with_suffix('.py')}:f", stranger.with_name("mark")
    assert "--allow-code" in refused("-", "--at", "3", stdin=typed)
    assert not mark.exists()
    expected = run(typed, "--at", "3").stdout
    assert "∂y/∂x = 6" in expected
    assert mark.exists()
    assert run("-", "--at", "3", "--allow-code", stdin=typed).stdout == expected
    assert run("--file", str(stranger), "--allow-code").stdout == expected


def test_a_trace_file_is_data_in_python_too(stranger: Path) -> None:
    data = read_trace_file(str(stranger)).data
    with pytest.raises(PermissionError, match=r"theirs\.py: .*allow_code=True") as caught:
        traces_of(data)
    assert type(caught.value) is CodeRefusedError
    assert not stranger.with_name("mark").exists()
    assert traces_of(data, allow_code=True)[0].gradient == {"x": 6.0}


@pytest.mark.parametrize("name", ["json", "random", "types", "numbers", "rich", "trace"])
def test_a_file_may_be_called_like_a_module_that_the_command_needs(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("from autodiff import sin\n\ndef f(x):\n    return x * sin(x)\n", "utf-8")
    for options in (["--format", "json"], ["--check", "--color", "always"]):
        done = run(f"{tmp_path}/{name}.py:f", "--at", "2", *options)
        assert (done.returncode, done.stderr) == (0, ""), options


@pytest.mark.parametrize("folder", ["numpy", "ünï cödé", "a:b"])
def test_a_file_may_lie_in_any_folder(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    path = tmp_path / folder / "mine.py"
    path.write_text("def f(x):\n    return x * x\n", "utf-8")
    done = run(f"{path}:f", "--at", "2", "--source")
    assert "mine.py:2 return x * x" in done.stdout

"""The command, through its front door: a real process with real streams.

Where only the words matter, and many cases are alike, the command runs in this process: starting Python takes longer
than the command does.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from autodiff.cli.main import main
from tests.processes import environment

ROOT = Path(__file__).parents[1]
BOOK = "ln(x1)+x1*x2-sin(x2)"


def run(*arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "autodiff", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, encoding="utf-8", cwd=ROOT,
                          env=environment(**settings), timeout=100)  # nothing may hang  # fmt: skip


def run_here(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, with streams of UTF-8."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    streams = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    with contextlib.chdir(ROOT), mock.patch.dict(os.environ, environment(), clear=True), streams[0], streams[1]:
        status = main(arguments)
    shown = [stream.buffer.getvalue().decode("utf-8") for stream in (out, err)]  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(arguments, status, *shown)


def refused(*arguments: str, stdin: str = "", **settings: str) -> str:
    """The one short message of a refusal."""
    return message_of(run(*arguments, stdin=stdin, **settings))


def message_of(done: subprocess.CompletedProcess[str]) -> str:
    """The one short message with which the command refuses."""
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert done.stderr.startswith("autodiff-trace: ")
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 600
    assert len(done.stderr.splitlines()) <= 5
    return done.stderr


def in_terminal(columns: int, *arguments: str, **environment: str) -> str:
    """What the command writes to a terminal of so many columns."""
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    clean = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
    settings = {**clean, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **environment}
    command = [sys.executable, "-m", "autodiff", *arguments]
    with subprocess.Popen(command, stdout=slave, stdin=slave, stderr=slave, cwd=ROOT, env=settings) as process:
        os.close(slave)
        chunks = []
        while True:
            try:
                chunk = os.read(master, 65536)
            except OSError:
                break
            if not chunk:
                break
            chunks.append(chunk)
        process.wait()
    os.close(master)
    return b"".join(chunks).decode("utf-8").replace("\r\n", "\n")


# --- the main job ---------------------------------------------------------------------------------------------
def test_the_reverse_table_of_the_book() -> None:
    done = run(BOOK, "--at", "2,5", "--mode", "reverse", "--style", "book")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "v₃ = sin v₀ = sin 5 v̄₂ = v̄₄ ∂v₄/∂v₂ = v̄₄ × 1 = 1" in lines
    assert "∂y/∂x₁ = 5.5, ∂y/∂x₂ = 1.716" in lines
    assert lines[4].startswith("v₋₁ = x₁ = 2 v̄₅ = ȳ = 1")


def test_the_readme_shows_what_the_command_prints() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for mode in ("reverse", "forward"):
        assert run(BOOK, "--at", "2,5", "--mode", mode, "--style", "book").stdout in readme
    assert refused("ln(x1) + snh(x2)", "--at", "1,2") in readme


@pytest.mark.parametrize("mode", ["forward", "reverse", "both"])
@pytest.mark.parametrize("form", ["table", "json", "markdown", "latex"])
@pytest.mark.parametrize("style", ["full", "book", "baydin", "griewank", "cs207"])
def test_every_mode_format_and_style(mode: str, form: str, style: str) -> None:
    done = run_here("x^2*y, x + y", "--at", "x=1,y=2", "--mode", mode, "--format", form, "--style", style)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\n")


def test_values_and_expressions_may_start_with_a_minus() -> None:
    assert "= −9" in run("-x^2", "--at", "-3").stdout
    assert "= 7" in run("--at", "-2,5", "-x1 + x2").stdout
    assert "= 7" in run("--at=-2,5", "--", "-x1+x2").stdout
    assert "ẏ = −3 along ẋ₁ = −1, ẋ₂ = 2" in run("--mode", "forward", "--seed", "-1,2", "x1-x2", "--at", "1,1").stdout


def test_options() -> None:
    assert "∂y/∂x₂ = 1.716" in run(BOOK, "--at", "2,5", "--mode", "forward", "--wrt", "x2").stdout
    assert run(BOOK, "--at", "2,5", "--mode", "forward", "--wrt", "all").stdout.count("Tangent trace") == 2
    assert "along x₁  along x₂" in run(BOOK, "--at", "2,5", "--mode=forward", "--wrt=all", "--style=cs207").stdout
    assert "11.65207" in run(BOOK, "--at", "2,5", "--digits", "5").stdout
    assert "∂y₂/∂x = 2" in run("x, 2x", "--at", "1", "--output", "y2").stdout
    assert (
        "Work for the whole Jacobian: 2 forward passes of 8 products = 16; 1 reverse pass of 8"
        in run(BOOK, "--at", "2,5", "--mode", "both").stdout
    )
    assert run(BOOK, "--at", "2,pi/2").returncode == 0
    assert run(BOOK, "--at", "2,pi/2").stdout == run(BOOK, "--at", "2,π/2").stdout


def test_standard_input_and_files(tmp_path: Path) -> None:
    assert "= 4" in run("-", "--at", "2", stdin="x^x\n").stdout
    assert "v₁ = a" in run("-", "--at", "2", stdin="a = x^2\nsin(a)\n").stdout
    path = tmp_path / "mine.toml"
    path.write_text('expression = "x*y"\nat = { x = 2, y = 3 }\nmode = "forward"\nwrt = "y"\n', "utf-8")
    assert "∂f/∂y = 2" in run("--file", str(path)).stdout
    assert "∂f/∂x = 3" in run("--file", str(path), "--wrt", "x").stdout
    assert "= 35" in run("--file", str(path), "--at", "5,7").stdout


def test_help_fits_80_columns_and_shows_examples() -> None:
    done = run("--help", COLUMNS="200")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert 'autodiff-trace "ln(x1)+x1*x2-sin(x2)" --at 2,5' in done.stdout
    assert re.fullmatch(r"autodiff-trace \d+\.\d+\.\d+\n", run("--version").stdout)


# --- checks ---------------------------------------------------------------------------------------------------
def test_check_marks_every_row() -> None:
    done = run(BOOK, "--at", "2,5", "--mode", "both", "--check")
    assert done.returncode == 0
    assert done.stdout.count("ulp") == 5 * 2 + 8 + 9 + 2
    assert "✓ all 22 values agree with sympy" in done.stdout


def test_a_wrong_rule_is_found_and_the_exit_status_says_so() -> None:
    sabotage = (
        "import sys, dataclasses\n"
        "from autodiff.operations import elementary as table\n"
        "object.__setattr__(table.sin, 'partials', (lambda z, x: table.cos(x) * 1.001,))\n"
        "from autodiff.cli.main import main\n"
        f"sys.exit(main([{BOOK!r}, '--at', '2,5', '--check']))\n"
    )
    done = subprocess.run([sys.executable, "-c", sabotage], capture_output=True, encoding="utf-8", cwd=ROOT,
                          env={**os.environ, "PYTHONIOENCODING": "utf-8"})  # fmt: skip
    assert done.returncode == 1
    row = next(line for line in done.stdout.splitlines() if "v̄₀  = v̄₃" in line)
    assert "✗" in row
    assert "✗ 1 of 14 values differ from sympy" in done.stdout


VALUED = ("--at", "--seed", "--output", "--rows", "--out", "--graph", "--digits", "--mode", "--wrt", "--format")


# --- wrong input ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expression is missing"),
        (["", "--at", "1"], "empty"),
        (["  ", "--at", "1"], "empty"),
        (["x1 +", "--at", "1"], "ends too early"),
        (["((x)", "--at", "1"], "never closed"),
        (["foo + 1", "--at", "1"], "unknown name 'foo'"),
        (["foo(x)", "--at", "1"], "unknown function 'foo'"),
        ([BOOK, "--at", "2"], "1 value given, but the expression has 2 variables: x1, x2"),
        ([BOOK, "--at", "2,5,7"], "3 values given"),
        ([BOOK], "no values given"),
        ([BOOK, "--at", "2,"], "a value is missing"),
        ([BOOK, "--at", "2,five"], "'five' is not a number"),
        ([BOOK, "--at", "2,nan"], "is not a number"),
        ([BOOK, "--at", "2,1e999"], "is not a number"),
        ([BOOK, "--at", "2,1_0"], "is not a number"),
        ([BOOK, "--at", "2,1e"], "is not a number"),
        ([BOOK, "--at", "2,\uff15"], "is not a number"),
        ([BOOK, "--at", "x1=2,5,x2=3"], "decimal point"),
        (["x1 + x_1", "--at", "1,2"], "1 variable"),
        ([BOOK, "--at", "x1=2,x1=3"], "twice"),
        ([BOOK, "--at", "x1=2,3"], "by name"),
        ([BOOK, "--at", "x1=2,x3=3"], "no variable 'x3'"),
        (["x" * 100_000, "--at", "1"], "too long"),
        (["(" * 10_000 + "x" + ")" * 10_000, "--at", "1"], "nested"),
        (["9^9^9^9"], "too large"),
        (["x + 9^9^9^9", "--at", "1"], "too large"),
        (["x\x07", "--at", "1"], "U+0007"),
        (["x\x1b[31m", "--at", "1"], "U+001B"),
        (["a__b", "--at", "1"], "two underscores"),
        (["x.real", "--at", "1"], "unexpected character"),
        (["x.__class__", "--at", "1"], "unexpected character"),
        (["__import__('os').system('true')", "--at", "1"], "unexpected character"),
        (["lambda x: x", "--at", "1"], "unexpected character"),
        (["'x'", "--at", "1"], "unexpected character"),
        (["x[0]", "--at", "1"], "no elements"),
        (["ｘ", "--at", "1"], "did you mean 'x'?"),
        (["\u202ex", "--at", "1"], "RIGHT-TO-LEFT"),
        (["١ + x", "--at", "1"], "ARABIC-INDIC"),
        (["x", "--at", "1", "--mode", "sideways"], "invalid choice"),
        (["x", "--at", "1", "--mdoe", "reverse"], "did you mean '--mode'"),
        (["x", "--at"], "expected one argument"),
        (["x", "--at", "--check"], "expected one argument"),
        *((["x", option, "--"], f"{option} needs a value") for option in VALUED),
        *((["x", f"{option}=--"], f"{option} needs a value") for option in VALUED),
        (["x", "--at", "é"], "--at: 'é' is not a number"),
        (["x", "--at", "1", "--out", "o.pdf"], ".tex becomes a PDF"),
        (["x", "--at", "1", "--out", "o.xyz"], "no format has files that end in .xyz"),
        (["x", "--at", "1", "--out", "README.md"], "README.md exists already"),
        (["x", "--at", "1", "--out", "tests", "--format", "csv"], "it is a folder"),
        (["x", "--at", "1", "--graph", "o.txt"], "its name must end in one of .svg, .tikz, .dot, .png"),
        (["x", "--at", "1", "--graph", "o"], "must end in"),
        (["x", "--at", "1", "--format", "png"], "goes into a file"),
        (["x", "--at", "1", "--out", "-", "--format", "png"], "goes into a file"),
        (["x", "--at", "1", "--graph", "o.svg", "--out", "./o.svg"], "give each its own"),
        (["x", "--at", "1", "--notation", "blocks"], "--notation is for pictures"),
        (["x", "--at", "1", "--graph", "o.dot", "--notation", "blocks"], "--notation is for pictures"),
        (["x", "--at", "1", "--direction", "forward", "--format", "csv"], "--direction is for pictures"),
        (["x", "--at", "1", "--mode", "reverse", "--direction", "forward", "--format", "svg"], "no tangents"),
        (["x*y", "--at", "1,2", "--mode", "forward", "--wrt", "all", "--graph", "o.svg"], "--graph: svg shows one"),
        (["x*y", "--at", "1,2", "--mode", "forward", "--wrt", "all", "--format", "player"], "player shows one trace"),
        (["x", "--at", "1", "--rows", "one"], "from 2 up, or all"),
        (["x", "+", "y", "--at", "1"], "put it in quotes"),
        (["x", "--at", "1", "--digits", "many"], "whole number"),
        (["x", "--at", "1", "--digits", "-1"], "whole number"),
        (["x", "--at", "1", "--digits", "99"], "whole number"),
        (["x", "--at", "1", "--file", "f.toml"], "not both"),
        (["--file", "no-such-file.toml"], "cannot read no-such-file.toml"),
        (["--file", "README.md"], "not a trace file"),
        (["--file", "pyproject.toml"], "unknown key"),
        (["--file", "tests"], "cannot read"),
        (["ln(x - 3)", "--at", "1"], "the logarithm needs a positive number (row v₂)"),
        (["1/x", "--at", "0"], "division by zero"),
        (["arcsin x", "--at", "2"], "from −1 to 1"),
    ],
    ids=lambda value: ascii(value)[:40],
)  # fmt: skip
def test_wrong_input_gets_one_short_message(arguments: list[str], message: str) -> None:
    assert message in message_of(run_here(*arguments))


@pytest.mark.parametrize("arguments", [[], ["x1 +", "--at", "1"], [BOOK, "--at", "2,5,7"], ["x", "--at", "é"],
                                       ["x", "--mdoe", "reverse"], ["--file", "README.md"], ["1/x", "--at", "0"]],
                         ids=ascii)  # fmt: skip
def test_a_process_refuses_in_the_same_words(arguments: list[str]) -> None:
    assert refused(*arguments) == message_of(run_here(*arguments))


@pytest.mark.parametrize("line", ["seed = [[1]]", "seed = { y = 1979-05-27 }", "at = [true]", "at = { x = 1979-05-27 }",
                                  f"note = 'x'\nat = {'[' * 5000}"])  # fmt: skip
def test_trace_files_with_values_that_are_none(line: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'expression = "x"\n{line}\n', "utf-8")
    assert "mine.toml" in refused("--file", str(path))


def test_nothing_is_written_if_something_is_wrong(tmp_path: Path) -> None:
    there = tmp_path / "there.txt"
    there.write_text("mine", "utf-8")
    refused("x", "--at", "1", "--graph", str(tmp_path / "a.svg"), "--out", str(there))
    refused("x*y", "--at", "1,2", "--mode", "forward", "--wrt", "all", "--out", str(tmp_path / "b.svg"))
    assert [path.name for path in tmp_path.iterdir()] == ["there.txt"]
    assert there.read_text("utf-8") == "mine"
    link = tmp_path / "link.svg"
    link.symlink_to(tmp_path / "a.svg")
    assert "give each its own" in refused("x", "--at", "1", "--graph", str(link), "--out", str(tmp_path / "a.svg"))


def test_pictures_in_both_notations_and_directions(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    found = set()
    for direction in ("forward", "reverse"):
        for notation in ("nodes", "blocks"):
            choice = ("--direction", direction, "--notation", notation)
            options = ("--mode", "both", *choice, "--graph", str(path), "--force")
            assert run(BOOK, "--at", "2,5", *options).returncode == 0
            found.add(path.read_text("utf-8"))
            assert f'class="autodiff-graph {direction}"' in path.read_text("utf-8")
    assert len(found) == 4
    options = ("--out", "-", "--format", "svg", "--mode", "both", "--notation", "blocks")
    assert run(BOOK, "--at", "2,5", *options).stdout in found
    assert not (ROOT / "-").exists()


def test_decimals_follow_the_style_in_every_format() -> None:
    for form in ("table", "svg", "csv", "json"):
        shown = run(BOOK, "--at", "2,5", "--style", "griewank", "--format", form).stdout
        assert re.search(r"10\.6931(?!\d)", shown)


@pytest.mark.parametrize("form", ["table", "markdown", "latex", "html", "player", "json", "csv", "svg", "tikz", "dot"])
def test_every_format_shows_how_far_a_run_came(form: str) -> None:
    done = run("x + ln(x - 3)", "--at", "1", "--format", form)
    assert done.returncode == 2
    assert done.stderr == "autodiff-trace: ln v₁ with v₁ = −2: the logarithm needs a positive number (row v₂)\n"
    assert len(done.stdout.splitlines()) > 2


@pytest.mark.parametrize("form", ["table", "markdown", "latex", "html", "player", "json", "csv", "svg", "tikz", "dot"])
def test_every_format_can_be_written_where_only_ascii_is_taken(form: str) -> None:
    for options in ({"PYTHONIOENCODING": "ascii"}, {}):
        done = run("θ^2 + |x|", "--at", "2,0", "--format", form, *(() if options else ("--ascii",)), **options)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.isascii()


def test_names_of_files_do_not_steer_the_terminal(tmp_path: Path) -> None:
    message = refused("--file", str(tmp_path / "no\x1b[2J\u202e.toml"))
    assert "\x1b" not in message
    assert "\u202e" not in message
    path = tmp_path / "keys.toml"
    path.write_text('"\\u001B[31m" = 1\n', "utf-8")
    assert "unknown key '�[31m'" in refused("--file", str(path))


def test_the_rows_up_to_a_failing_one_are_printed() -> None:
    done = run("x + ln(x - 3)", "--at", "1")
    assert done.returncode == 2
    assert "v₁ = v₀ − 3 = 1 − 3 = −2" in done.stdout
    assert done.stderr == "autodiff-trace: ln v₁ with v₁ = −2: the logarithm needs a positive number (row v₂)\n"


def test_bytes_that_are_no_text_are_refused() -> None:
    command = [sys.executable, "-m", "autodiff", "-", "--at", "1"]
    done = subprocess.run(command, input=b"\xff\xfe x", capture_output=True, cwd=ROOT)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


# --- terminals ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("shell", "status", "message"),
    [
        ("- --at 1 <&-", 2, "standard input is closed"),
        ("x --at 1 >&-", 2, "standard output is closed"),
        ("x --at 1 >/dev/full", 2, "cannot write: No space left"),
        ("--help >/dev/full", 2, "cannot write"),
        ("--version >/dev/full", 2, "cannot write"),
        ("'x+' --at 1 2>&-", 2, ""),
        ("'x+' --at 1 2>/dev/full", 2, ""),
    ],
)
def test_closed_and_full_streams_are_no_crash(shell: str, status: int, message: str) -> None:
    command = ["bash", "-c", f"'{sys.executable}' -m autodiff {shell}"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT)
    assert done.returncode == status
    assert message in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_byte_order_mark_and_windows_line_ends_are_skipped() -> None:
    command = [sys.executable, "-m", "autodiff", "-", "--at", "3", "--ascii"]
    done = subprocess.run(command, input="\ufeffx^2\r\n".encode(), capture_output=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"= 9" in done.stdout


def test_a_c_locale_reads_utf_8_and_writes_ascii() -> None:
    done = run("θ² + √x", "--at", "2,3", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert "theta" in done.stdout


def test_constants_alone_have_an_empty_gradient() -> None:
    assert json.loads(run("2e + √2", "--format", "json").stdout)["gradient"] == {}
    assert json.loads(run("2", "--mode", "both", "--format", "json").stdout)["jacobian"] == {"y": {}}


def test_a_sum_of_thousands_of_terms_is_printed() -> None:
    done = run("+".join(f"sin({n}x)" for n in range(2000)), "--at", "1")
    assert done.returncode == 0


def test_an_ascii_output_falls_back_by_itself() -> None:
    done = run("√x1 * θ", "--at", "2,5", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert "adj v2 dv2/dv1" in done.stdout
    assert run("√x", "--at", "2", "--ascii").stdout.isascii()
    assert run("√x", "--at", "2", "--format", "json", PYTHONIOENCODING="ascii").stdout.isascii()
    assert run("ln x", "--at", "-2", PYTHONIOENCODING="ascii").stderr.isascii()


def test_a_closed_pipe_is_no_error() -> None:
    text = "+".join(f"sin(x{n})" for n in range(1, 400))
    values = ",".join("1" for _ in range(1, 400))
    command = f'"{sys.executable}" -m autodiff "{text}" --at {values} | head -1'
    done = subprocess.run(["bash", "-c", command], capture_output=True, cwd=ROOT, encoding="utf-8")
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


def test_colours_are_for_terminals() -> None:
    assert "\x1b[" not in run(BOOK, "--at", "2,5").stdout
    assert "\x1b[" in run(BOOK, "--at", "2,5", "--color", "always").stdout
    assert "\x1b[" in in_terminal(200, BOOK, "--at", "2,5")
    assert "\x1b[" not in in_terminal(200, BOOK, "--at", "2,5", NO_COLOR="1")
    assert "\x1b[" not in in_terminal(200, BOOK, "--at", "2,5", TERM="dumb")
    assert "\x1b[" not in in_terminal(200, BOOK, "--at", "2,5", "--color", "never")
    coloured = re.sub(r"\x1b\[[0-9;]*m", "", run(BOOK, "--at", "2,5", "--color", "always").stdout)
    assert [line.rstrip() for line in coloured.splitlines()] == run(BOOK, "--at", "2,5").stdout.splitlines()


@pytest.mark.parametrize("columns", [20, 60, 80, 200])
def test_terminals_of_any_width(columns: int) -> None:
    from rich.cells import cell_len

    text = in_terminal(columns, BOOK, "--at", "2,5", "--color", "never")
    assert max(map(cell_len, text.splitlines())) <= columns
    assert "1.716" in text


# --- start-up -------------------------------------------------------------------------------------------------
def test_the_command_imports_neither_numpy_nor_sympy() -> None:
    probe = (
        "import sys\n"
        "from autodiff.cli.main import main\n"
        f"status = main([{BOOK!r}, '--at', '2,5'])\n"
        "heavy = {'numpy', 'sympy', 'mpmath', 'rich.console', 'rich_argparse', 'unittest'} & set(sys.modules)\n"
        "sys.exit(f'{status} {heavy}' if status or heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, encoding="utf-8", cwd=ROOT,
                          env={**os.environ, "PYTHONIOENCODING": "utf-8"})  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_json_through_the_command() -> None:
    found = json.loads(run(BOOK, "--at", "2,5", "--format", "json").stdout)
    assert found["gradient"]["x1"] == 5.5
    several = json.loads(run(BOOK, "--at", "2,5", "--mode", "forward", "--wrt", "all", "--format", "json").stdout)
    assert [each["seed"] for each in several] == [{"x1": 1.0, "x2": 0.0}, {"x1": 0.0, "x2": 1.0}]

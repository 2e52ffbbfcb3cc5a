"""The terminal stepper: what it shows, and sessions with real key presses in a pseudo terminal."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from autodiff import Trace, trace
from autodiff.errors import DomainError
from autodiff.render.steps import keys
from autodiff.render.steps.frames import Frames, frames
from autodiff.render.steps.keys import CLEAR, ENTER, LEAVE, Terminal
from autodiff.render.steps.stepper import step_through
from autodiff.tracing.why.moments import moments
from tests.changing import renamed

ROOT = Path(__file__).parents[1]
BOOK = "ln(x1)+x1*x2-sin(x2)"
NETWORK = "; ".join(["a0 = x", *(f"a{n} = sin(a{n - 1})*y" for n in range(1, 40)), "a39"])
LAST = 19  # moments of the book's reverse trace


@pytest.fixture
def book() -> Trace:
    return trace(BOOK, at=(2, 5))


def text(picture: Any) -> list[str]:
    return str(picture).splitlines()


# --- frames ---------------------------------------------------------------------------------------------------
def test_a_frame_has_the_place_the_table_so_far_the_sentence_and_the_keys(book: Trace) -> None:
    lines = text(frames(book, width=100, height=24)[6])
    assert lines[0] == f"step 7 of {LAST} · primal · {BOOK}"
    assert lines[8] == "▶ v₅  = v₄ − v₃  = 10.693 + 0.959 = 11.652"
    assert not any("v̄" in line or "y " in line for line in lines[:-3])
    assert lines[-2] == "v₅ subtracts v₃ from v₄: 10.693 + 0.959 = 11.652."
    assert lines[-1].startswith("Enter next")


def test_a_row_grows_as_contributions_arrive_and_the_sender_is_marked(book: Trace) -> None:
    pictures = frames(book, width=120, height=24)
    first, second = text(pictures[13]), text(pictures[15])
    [growing] = [line for line in first if "▶" in line and "= −0.284" in line]
    assert "v̄₀ = v̄₃ × cos v₀ + …" in " ".join(growing.split())
    assert any("v̄₃ × cos v₀ + v̄₂ × v₋₁ = −1 × cos 5 + 1 × 2 = 1.716" in line for line in second)
    assert sum("▶ v̄" in line for line in second) == 1
    assert any(line.startswith("• v₂ ") for line in second)


def test_the_graph_stands_beside_the_table_where_there_is_room(book: Trace) -> None:
    wide = str(frames(book, width=150, height=24)[3])
    assert "▶ v₂ ×  ← v₋₁, v₀   → v₄" in wide
    assert "v₀ x₂   → v₂, v₃" in wide
    assert "⇒ v₀" in str(frames(book, width=150, height=24)[15])
    assert "Graph" not in str(frames(book, width=119, height=24)[3])


@pytest.mark.no_cover
@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
@pytest.mark.parametrize("height", [4, 10, 24, 60])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_every_frame_fits_and_shows_the_current_row(width: int, height: int, ascii_only: bool) -> None:
    for subject in (trace(BOOK, (2, 5), mode="both"), trace(NETWORK, (1, 0.5), mode="both")):
        pictures = frames(subject, width=width, height=height, ascii_only=ascii_only)
        for picture in pictures[:: max(1, len(pictures) // 25)]:
            lines = text(picture)
            assert len(lines) <= height
            assert max(map(cell_len, lines)) <= width
            assert any(line.lstrip().startswith((">", "▶")) or "▶" in line or "> " in line for line in lines)
            assert not ascii_only or str(picture).isascii()


def test_frames_are_a_sequence(book: Trace) -> None:
    pictures = frames(book)
    assert len(pictures) == LAST == len(moments(book))
    assert pictures[-1].number == LAST
    assert [picture.number for picture in pictures[2:5]] == [3, 4, 5]
    with pytest.raises(IndexError):
        pictures[LAST]


def test_both_modes_show_each_phase_beside_the_primal_rows() -> None:
    pictures = frames(trace(BOOK, (2, 5), mode="both"), width=120, height=30)
    tangent = next(p for p in pictures if p.moment.phase == "tangent" and p.number > 13)
    assert "v̇₁" in str(tangent)
    assert "v̄" not in str(tangent)
    assert "v̇" not in str(pictures[-1])


def test_an_expression_from_standard_input_leaves_the_keyboard_to_the_stepper() -> None:
    command = f"echo 'x*y' | '{sys.executable}' -m autodiff - --at 2,3 --step"
    child, terminal = pty.fork()
    if not child:
        os.environ["TERM"] = "xterm-256color"
        os.execvp("bash", ["bash", "-c", command])
    shown = ""
    for _ in range(200):
        try:
            shown += os.read(terminal, 65536).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            break
        if "step 1 of" in shown and "step 2 of" not in shown:
            os.write(terminal, b"n")
        elif "step 2 of" in shown:
            os.write(terminal, b"q")
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert "step 2 of" in shown


def test_without_a_terminal_to_ask_all_steps_are_listed() -> None:
    command = [sys.executable, "-m", "autodiff", "-", "--at", "2,3", "--step"]
    done = subprocess.run(command, input="x*y", capture_output=True, encoding="utf-8", start_new_session=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(trace("x*y", at=(2, 3)).why)


def test_a_failure_is_the_last_frame() -> None:
    with pytest.raises(DomainError) as caught:
        trace("ln(x - 3)*x", 2)
    assert isinstance(caught.value.trace, Trace)
    last = str(frames(caught.value.trace)[-1])
    assert "▶ v₂ ✗" in last
    assert "the logarithm needs a positive number" in " ".join(last.split())


def test_arrays_fit_too() -> None:
    def product(x: float, y: float) -> Any:
        return np.sum(np.tanh(np.stack([x, y]) @ np.ones((2, 50))))

    for picture in frames(trace(product, (0.1, 0.2), mode="both"), width=60, height=16):
        assert max(map(cell_len, text(picture))) <= 60


def test_names_cannot_steer_the_terminal(book: Trace) -> None:
    name = "\x1b[2J\r\nx\u202e"
    bad = replace(renamed(book, {"x1": name}), expression="\x1b]0;title\x07 x")
    for picture in frames(bad, width=130):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", str(picture))
    output = io.StringIO()
    step_through(bad, write=output)
    assert "\x1b" not in output.getvalue()
    assert len(output.getvalue().splitlines()) == len(moments(bad))


# --- without a terminal ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("ascii_only", [False, True])
def test_piped_output_is_one_sentence_a_line(book: Trace, ascii_only: bool) -> None:
    output = io.StringIO()
    step_through(book, read=io.StringIO("q\n"), write=output, ascii_only=ascii_only)
    lines = output.getvalue().splitlines()
    assert len(lines) == LAST
    if ascii_only:
        assert output.getvalue().isascii()
    else:
        assert lines[0] == " 1  The input x₁ enters as v₋₁ = 2."
        assert [line[4:] for line in lines] == [moment.why for moment in moments(book)]


class Screen(io.StringIO):
    """An output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def by_lines(subject: Trace, typed: str) -> list[int]:
    """The steps that are shown when these lines are typed."""
    output = Screen()
    step_through(subject, read=io.StringIO(typed), write=output, width=80, height=20)
    assert "\x1b" not in output.getvalue()
    return [int(n) for n in re.findall(r"^step (\d+) of", output.getvalue(), re.MULTILINE)]


@pytest.mark.parametrize(
    ("typed", "steps"),
    [
        ("\n\nb\nq\n", [1, 2, 3, 2]),
        ("12\nG\n\ng\nb\n", [1, 12, LAST, LAST, 1, 1]),
        ("999\n0\n", [1, LAST, 1]),
        ("", [1]),
        ("?\n\n\nq\n", [1, 1, 2]),
        ("nonsense\nn\n", [1, 1, 2]),
    ],
)
def test_lines_do_where_there_are_no_single_keys(book: Trace, typed: str, steps: list[int]) -> None:
    assert by_lines(book, typed) == steps


def test_no_input_at_all(book: Trace) -> None:
    output = Screen()
    step_through(book, read=None if sys.stdin is None else io.StringIO(), write=output)
    assert output.getvalue().startswith("step 1 of")


def test_nothing_to_step_through() -> None:
    nothing = trace(lambda: (), ())
    output = Screen()
    step_through(nothing, read=io.StringIO("\n"), write=output)
    assert output.getvalue() == ""


# --- in a terminal --------------------------------------------------------------------------------------------
PROGRAM = f"""
import sys
from autodiff import trace
from autodiff.render.steps.stepper import step_through
step_through(trace({BOOK!r}, at=(2, 5)), colour="colour" in sys.argv)
print("AFTERWARDS")
"""


class Session:
    """A real process in a pseudo terminal."""

    def __init__(self, columns: int = 80, rows: int = 24, *arguments: str, **environment: str) -> None:
        self.master, self.slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(self.slave)
        clean = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
        settings = {**clean, "TERM": "xterm", "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT), **environment}
        command = [sys.executable, "-W", "error", "-c", PROGRAM, *arguments]
        # A process that leads its session cannot be stopped, one without a terminal of its own knows no Ctrl-C.
        alone: dict[str, Any] = {"process_group": 0} if "stoppable" in arguments else {"preexec_fn": self._own}
        alone |= {"stdin": self.slave, "stdout": self.slave, "stderr": self.slave}
        self.process: subprocess.Popen[bytes] = subprocess.Popen(command, env=settings, **alone)
        self.output = ""

    def _own(self) -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C is a signal
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests that run in the background may have inherited none

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, pressed: str) -> None:
        os.write(self.master, pressed.encode())

    def sees(self, wanted: str, seconds: float = 100) -> str:
        """Wait until something stands on the screen; what came since the last look."""
        deadline = time.monotonic() + seconds
        while wanted not in self.output:
            assert time.monotonic() < deadline, f"{wanted!r} did not come, but {self.output!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                self.output += os.read(self.master, 65536).decode("utf-8", "replace")
        seen, self.output = self.output, ""
        return seen

    def ended(self, status: int | None = 0) -> None:
        """The process is gone and the terminal is as it was."""
        found = self.process.wait(100)
        assert status is None or found == status
        assert termios.tcgetattr(self.slave) == self.before

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session()
    yield made
    made.close()


def test_a_session_with_keys(session: Session) -> None:
    first = session.sees("? help")
    assert ENTER in first
    assert f"step 1 of {LAST}" in first
    for pressed, step in [("\r", 2), (" ", 3), ("\x1b[C", 4), ("b", 3), ("\x1b[D", 2), ("G", LAST), ("g", 1)]:
        session.press(pressed)
        shown = session.sees("q quit")
        assert CLEAR in shown
        assert f"step {step} of {LAST}" in shown, pressed
    session.press("1")
    session.sees("step 1")
    session.press("29")
    session.sees("step 129")
    session.press("\x7f")
    session.sees("step 12")
    session.press("\r")
    assert f"step 12 of {LAST}" in session.sees("q quit")
    session.press("?")
    session.sees("one step back")
    session.press(" ")
    assert f"step 12 of {LAST}" in session.sees("q quit")
    session.press("q")
    assert LEAVE in session.sees("AFTERWARDS")
    session.ended()


@pytest.mark.parametrize("pressed", ["q", "\x03", "\x04"])
def test_leaving_is_quiet_and_gives_the_terminal_back(session: Session, pressed: str) -> None:
    session.sees("? help")
    session.press(pressed)
    seen = session.sees("AFTERWARDS")
    assert LEAVE in seen
    assert "Traceback" not in seen
    session.ended()


def test_a_signal_that_ends_the_process_gives_the_terminal_back(session: Session) -> None:
    session.sees("? help")
    session.process.send_signal(signal.SIGTERM)
    session.sees(LEAVE)
    session.ended(128 + signal.SIGTERM)


def test_stopping_and_going_on() -> None:
    session = Session(80, 24, "stoppable")
    session.sees("? help")
    session.process.send_signal(signal.SIGTSTP)
    session.sees(LEAVE)
    os.waitpid(session.process.pid, os.WUNTRACED)  # it stands still
    assert termios.tcgetattr(session.slave) == session.before
    session.process.send_signal(signal.SIGCONT)
    assert ENTER in session.sees("? help")
    session.press("q")
    session.sees("AFTERWARDS")
    session.ended()
    session.close()


def test_a_new_size_is_noticed(session: Session) -> None:
    session.sees("? help")
    session.press("G")
    session.sees("q quit")
    session.resize(40, 10)
    shown = session.sees("q quit").rpartition(CLEAR)[2].replace("\r", "").split("\n")
    assert len(shown) <= 10
    assert max(map(cell_len, shown)) <= 40
    session.press("q")
    session.sees("AFTERWARDS")


def test_a_narrow_and_short_terminal() -> None:
    session = Session(40, 10)
    try:
        session.sees("? help")
        session.press("16\r")
        while "step 16 of" not in (shown := session.sees("q quit")):
            pass
        lines = shown.rpartition(CLEAR)[2].replace("\r", "").split("\n")
        assert len(lines) <= 10
        assert any(line.startswith("▶ v̄₀") for line in lines)
        session.press("q")
        session.sees("AFTERWARDS")
        session.ended()
    finally:
        session.close()


def test_a_dumb_terminal_gets_lines() -> None:
    session = Session(TERM="dumb")
    try:
        session.sees("? help")
        session.press("5\n")
        assert "\x1b" not in session.sees(f"step 5 of {LAST}")
        session.press("q\n")
        session.sees("AFTERWARDS")
        session.ended()
    finally:
        session.close()


def test_colour_is_added_to_the_sign() -> None:
    session = Session(80, 24, "colour")
    try:
        assert "\x1b[1m▶ v₋₁" in session.sees("? help")
        session.press("q")
        session.sees("AFTERWARDS")
    finally:
        session.close()


# --- keys -----------------------------------------------------------------------------------------------------
class Console:
    """What msvcrt offers, with keys pressed in advance."""

    def __init__(self, pressed: str) -> None:
        self.pressed = list(pressed)

    def kbhit(self) -> bool:
        return bool(self.pressed)

    def getwch(self) -> str:
        return self.pressed.pop(0)


def test_the_keys_of_windows(monkeypatch: pytest.MonkeyPatch, book: Trace) -> None:
    monkeypatch.setattr(keys, "_windows", lambda: keys._Windows(Console("\xe0M\xe0K7\r\x00Oq")))
    output, source = Screen(), Screen()
    monkeypatch.setenv("TERM", "xterm")
    step_through(book, read=source, write=output, width=80, height=20)
    steps = [int(n) for n in re.findall(r"step (\d+) of", output.getvalue())]
    assert steps == [1, 2, 1, 1, 7, LAST]
    assert output.getvalue().endswith(LEAVE)


def test_an_input_without_a_mode_is_refused() -> None:
    with Path(os.devnull).open() as nothing, pytest.raises(OSError, match="no single keys"):
        Terminal(nothing, Screen())


def test_frames_of_a_long_trace_all_have_lines() -> None:
    pictures: Frames = frames(trace(NETWORK, (1, 0.5), mode="both"), width=80, height=24)
    for number in range(0, len(pictures), 10):
        assert pictures[number].lines

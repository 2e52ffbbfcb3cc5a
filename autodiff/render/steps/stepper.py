"""Stepping through a trace: one moment after the other in a terminal, or all of them as lines of text."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

from autodiff.render.graph.text import cut
from autodiff.render.steps.frames import HELP, Frame, Frames, frames
from autodiff.render.steps.keys import Terminal
from autodiff.render.tables.terminal import TextLine
from autodiff.render.words.ascii import to_ascii
from autodiff.tracing.trace import Trace

__all__ = ["Frame", "Frames", "frames", "step_through"]

_NEXT = ("", "\r", "\n", " ", "next", "n", "j", "l")
_BACK = ("b", "back", "p", "h", "k")
_COLOURS = {"current": "1", "title": "1", "caption": "2", "keys": "2", "dim": "2"}
_ERASE = ("\x7f", "\b")


def step_through(
    trace: Trace,
    *,
    read: TextIO | None = None,
    write: TextIO | None = None,
    width: int | None = None,
    height: int | None = None,
    ascii_only: bool = False,
    digits: int = 3,
    colour: bool = False,
) -> None:
    """Step through a trace: by single keys in a terminal, line by line where there are none.

    Where the output is not a terminal, all sentences are written, one to a line. `width` and `height` replace the size
    of the terminal, which may change while it runs. Ctrl-C and the end of the input leave quietly.
    """
    read, write = sys.stdin if read is None else read, sys.stdout if write is None else write
    if not write.isatty():
        write.writelines(line + "\n" for line in listing(trace, ascii_only=ascii_only, digits=digits))
        return
    pictures = frames(trace, width=width or 80, height=height or 24, ascii_only=ascii_only, digits=digits)
    stepper = _Stepper(pictures, write, width, height, colour)
    if not pictures:
        return
    terminal = _terminal(read, write)
    try:
        if terminal is None:
            stepper.by_lines(read)
        else:
            with terminal:
                stepper.by_keys(terminal)
    except KeyboardInterrupt:
        pass


def _terminal(read: TextIO | None, write: TextIO) -> Terminal | None:
    """The terminal, if it gives single keys and understands control codes."""
    if read is None or not read.isatty() or os.environ.get("TERM") == "dumb":
        return None
    try:
        return Terminal(read, write)
    except OSError:
        return None


def listing(trace: Trace, *, ascii_only: bool = False, digits: int = 3) -> list[str]:
    """Every sentence with the number of its step."""
    pictures = frames(trace, ascii_only=ascii_only, digits=digits)
    size = len(str(len(pictures)))
    return [f"{n + 1:>{size}}  {pictures.sentence(n)}" for n in range(len(pictures))]


class _Stepper:
    """Where the user is in a trace, and what has been typed so far."""

    def __init__(self, pictures: Frames, write: TextIO, width: int | None, height: int | None, colour: bool) -> None:
        self.frames, self.write = pictures, write
        self.given = width, height
        self.colour = colour
        self.at = 0
        self.typed = ""  # digits of a number
        self.helping = False

    def obey(self, command: str) -> bool:
        """Do what a key or a line says; returns whether to go on."""
        last = len(self.frames) - 1
        if self.helping:  # any key closes the help
            self.helping = False
            return command not in ("q", "Q")
        if command.isascii() and command.isdigit():
            self.at = min(max(int(command[:9]) - 1, 0), last)
        elif command in _NEXT:
            self.at = min(self.at + 1, last)
        elif command in _BACK:
            self.at = max(self.at - 1, 0)
        elif command in ("g", "G"):
            self.at = 0 if command == "g" else last
        self.helping = command == "?"
        return command not in ("q", "Q")

    # --- single keys ----------------------------------------------------------------------------------------
    def by_keys(self, terminal: Terminal) -> None:
        """Redraw the screen after every key."""
        size = self._measure()
        terminal.show(self.screen())

        def idle(lost: bool) -> None:
            nonlocal size
            if (now := self._measure()) != size or lost:
                size = now
                terminal.show(self.screen())

        for key in terminal.keys(idle):
            size = self._measure()
            if not self._press(key):
                return
            terminal.show(self.screen())

    def _press(self, key: str) -> bool:
        """A key: digits wait for Enter, everything else is a command."""
        if key in "0123456789" and not self.helping:
            self.typed = (self.typed + key)[:9]
            return True
        typed, self.typed = self.typed, ""
        if typed and key in _ERASE:
            self.typed = typed[:-1]
            return True
        if typed and key in ("\r", "\n"):
            return self.obey(typed)
        return self.obey(key)

    def _measure(self) -> tuple[int, int]:
        """Ask the terminal for its size, and draw for it."""
        try:
            found = os.get_terminal_size(self.write.fileno())
        except (OSError, ValueError):
            found = shutil.get_terminal_size()
        size = self.given[0] or found.columns or 80, self.given[1] or found.lines or 24
        self.frames.resize(*size)
        return size

    def screen(self) -> str:
        """What the screen shows now."""
        if self.helping:
            return "\n".join(self._help())
        lines = list(self.frames[self.at].lines)
        if self.typed:
            lines[-1] = self.frames.keys(self.typed)
        return "\n".join(map(self._painted, lines))

    def _help(self) -> list[str]:
        in_ascii = [to_ascii(line.replace("→", "right").replace("←", "left")) for line in HELP]
        lines = in_ascii if self.frames.ascii_only else list(HELP)
        return [cut(line, self.frames.width, "") for line in lines[: self.frames.height]]

    def _painted(self, line: TextLine) -> str:
        if not self.colour:
            return "".join(text for text, _ in line).rstrip()
        return "".join(f"\x1b[{_COLOURS[role]}m{text}\x1b[0m" if role in _COLOURS else text for text, role in line)

    # --- lines ----------------------------------------------------------------------------------------------
    def by_lines(self, read: TextIO | None) -> None:
        """Show a frame, read a line; for terminals without single keys."""
        while True:
            self._measure()
            self.write.write(self.screen() + "\n")
            self.write.flush()
            line = read.readline() if read is not None else ""
            if not line or not self.obey(line.strip()):
                return

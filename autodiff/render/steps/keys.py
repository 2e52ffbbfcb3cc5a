"""Single keys from a terminal, and a terminal that is always left as it was found."""

from __future__ import annotations

import os
import re
import select
import signal
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from types import FrameType
from typing import Any, TextIO

# One key: an escape sequence such as that of an arrow, or one sign.
_KEY = re.compile(r"\x1b\[[0-9;]*[A-Za-z~]|\x1bO.|\x1b|[\s\S]")
_NAMES = {"\x1b[C": "next", "\x1b[B": "next", "\x1b[D": "back", "\x1b[A": "back", "\x1b[6~": "next", "\x1b[5~": "back",
          "\x1b[H": "g", "\x1b[F": "G", "\x1b[1~": "g", "\x1b[4~": "G", "\x1bOC": "next", "\x1bOD": "back",
          "\x1bOB": "next", "\x1bOA": "back", "\x1bOH": "g", "\x1bOF": "G"}  # fmt: skip
_WINDOWS = {"M": "next", "P": "next", "K": "back", "H": "back", "Q": "next", "I": "back", "G": "g", "O": "G"}
ENTER = "\x1b[?1049h\x1b[?25l"  # another screen, no cursor
LEAVE = "\x1b[?25h\x1b[?1049l"
CLEAR = "\x1b[H\x1b[2J"
_POLL = 0.25  # seconds after which a new size of the terminal is noticed

Wait = Callable[[bool], None]


class Terminal:
    """A terminal in the mode of single keys. Use it in a `with`: whatever happens, its mode is restored.

    Raises OSError where the terminal cannot give single keys.
    """

    def __init__(self, read: TextIO, write: TextIO) -> None:
        self.read, self.write = read, write
        self.handlers: dict[int, Any] = {}
        self.stopping = False  # Ctrl-Z was pressed
        self.resumed = False
        try:
            self.input = _windows() or _Posix(read)
        except (ImportError, OSError, ValueError) as error:
            raise OSError("no single keys here") from error

    def __enter__(self) -> Terminal:
        self._catch_signals()
        try:
            self._take()
        except BaseException:
            self._release_signals()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._give_back()
        finally:
            self._release_signals()

    def keys(self, idle: Wait) -> Iterator[str]:
        """Keys by name or as they are, until the input ends.

        `idle` is called when nothing was pressed for a while; it is told whether the screen has been lost.
        """
        while True:
            text = self.input.wait(_POLL)
            if self.stopping:
                self._stand_still()
            if text is None:
                lost, self.resumed = self.resumed, False
                idle(lost)
                continue
            if not text:
                return
            for key in _KEY.findall(text):
                if key == "\x04":  # the sign for the end of input
                    return
                if key == "\x03":
                    raise KeyboardInterrupt
                yield _NAMES.get(key, key)

    def show(self, text: str) -> None:
        """Show a whole screen."""
        self.write.write(CLEAR + text)
        self.write.flush()

    def _take(self) -> None:
        self.input.take()
        try:
            self.write.write(ENTER)
            self.write.flush()
        except BaseException:
            self.input.give_back()
            raise

    def _give_back(self) -> None:
        try:
            self.write.write(LEAVE)
            self.write.flush()
        finally:
            self.input.give_back()

    # --- signals --------------------------------------------------------------------------------------------
    def _catch_signals(self) -> None:
        """Before a signal ends or stops the process, restore the terminal."""
        if threading.current_thread() is not threading.main_thread():
            return
        for name in ("SIGTERM", "SIGHUP", "SIGQUIT"):
            if hasattr(signal, name):
                number = getattr(signal, name)
                self.handlers[number] = signal.signal(number, _end)
        if hasattr(signal, "SIGTSTP"):
            self.handlers[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._stop)

    def _release_signals(self) -> None:
        for number, handler in self.handlers.items():
            signal.signal(number, handler)

    def _stop(self, number: int, _: FrameType | None) -> None:
        """Ctrl-Z. The signal may come in the middle of writing, so it is obeyed after that."""
        self.stopping = True

    def _stand_still(self) -> None:
        """Restore the terminal, stop, and take it over again when the shell resumes us."""
        self.stopping = False
        self._give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # the process sleeps here
        signal.signal(signal.SIGTSTP, self._stop)
        self._take()
        self.resumed = True


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


class _Posix:
    """Keys through termios."""

    def __init__(self, read: TextIO) -> None:
        import codecs
        import termios
        import tty

        self.termios, self.tty = termios, tty
        self.number = read.fileno()
        try:
            self.mode = termios.tcgetattr(self.number)
        except termios.error as error:
            raise OSError(str(error)) from error
        self.decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def take(self) -> None:
        self.tty.setcbreak(self.number, self.termios.TCSADRAIN)  # keys pressed before are not thrown away

    def give_back(self) -> None:
        self.termios.tcsetattr(self.number, self.termios.TCSADRAIN, self.mode)

    def wait(self, seconds: float) -> str | None:
        """What was typed; None if nothing was, "" at the end of the input."""
        if not select.select([self.number], [], [], seconds)[0]:
            return None
        try:
            data = os.read(self.number, 1024)
        except OSError:  # the terminal is gone
            return ""
        return (self.decode(data) or None) if data else ""


class _Windows:
    """Keys through msvcrt, whose arrows come as two signs."""

    def __init__(self, console: Any) -> None:
        self.console = console

    def take(self) -> None:
        os.system("")  # makes the console of Windows obey escape sequences

    def give_back(self) -> None:
        pass

    def wait(self, seconds: float) -> str | None:
        import time

        deadline = time.monotonic() + seconds
        while not self.console.kbhit():
            if time.monotonic() > deadline:
                return None
            time.sleep(0.01)
        sign: str = self.console.getwch()
        if sign in ("\x00", "\xe0"):
            named = _WINDOWS.get(self.console.getwch(), "")
            return {"next": "\x1b[C", "back": "\x1b[D", "g": "g", "G": "G"}.get(named, "\x1b")
        return "\x04" if sign == "\x1a" else sign


def _windows() -> _Windows | None:
    return _Windows(import_module("msvcrt")) if os.name == "nt" else None

"""Which line of a program made which row: the tape of a traced function keeps the line of each row."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

from autodiff.errors import BindingError

_HERE = str(Path(__file__).parents[1]) + os.sep


MOST = 100_000  # rows of a table: nobody reads more, and an endless loop must be stopped somewhere


class Source(NamedTuple):
    """A line of a program: its file, its number, its text, and the function it stands in."""

    file: str
    line: int
    text: str
    function: str

    @property
    def place(self) -> str:
        """The file without its folders, and the line."""
        return f"{Path(self.file).name}:{self.line}"


class SourcedRows(list[Any]):
    """The rows of a tape; when one is appended, the line being run is noted beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, int, str]] = []

    def append(self, row: Any) -> None:
        """Append a row, and the innermost line that is neither ours nor numpy's."""
        if len(self) >= MOST:
            raise BindingError(
                f"the trace is longer than {MOST:,} rows; grad differentiates such a function without a table, and "
                "checkpoint(f) makes a call of f one row"
            )
        frame = sys._getframe(1)
        while frame.f_back is not None and _is_library(frame.f_code.co_filename):
            frame = frame.f_back
        self.lines.append((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
        super().append(row)

    def source(self, n: int) -> Source:
        """Where row n was made."""
        import linecache

        file, line, function = self.lines[n]
        return Source(file, line, linecache.getline(file, line).strip(), function)


def _is_library(file: str) -> bool:
    numpy = getattr(sys.modules.get("numpy"), "__file__", None)
    inside_numpy = numpy is not None and file.startswith(str(Path(numpy).parent) + os.sep)
    return inside_numpy or file.startswith((_HERE, "<frozen"))

"""What the command writes: the formats, the files, and how it looks in a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from autodiff.cli.arguments import UsageError
from autodiff.media import FORMATS, applicable, export, format_of
from autodiff.render.files import check_target, write
from autodiff.tracing.trace import Trace

LONGEST = 60  # rows of a table in a terminal
_NEEDED = "v̇₋₁v̄₀−×√∂²∞✓─"  # an output that cannot show these gets ASCII


class Output:
    """Where the traces of one call go.

    Mistakes in names, formats and files are found when it is made, before anything is computed.
    """

    def __init__(self, options: Any, request: dict[str, Any]) -> None:
        self.options, self.request = options, request
        self.path = None if options.out == "-" else options.out
        self.format = self._format()
        self.picture = self._picture()
        formats = [self.format, *([self.picture] if self.picture else [])]
        for name in ("notation", "direction"):
            if getattr(options, name) and not any(name in FORMATS[each].options() for each in formats):
                raise UsageError(f"--{name} is for pictures: add --graph FILE.svg, .tikz or .png, or --format svg")
        self._check_files()

    def _format(self) -> str:
        """What to write: as --format says, or the ending of the file."""
        chosen: str | None = self.options.format
        if chosen is None and self.path is not None:
            end = os.path.splitext(self.path)[1]
            chosen = format_of(self.path)
            if end and chosen is None:
                raise UsageError(
                    f"--out {self.path}: no format has files that end in {end}; give --format, or another ending"
                    + (" (.tex becomes a PDF by pdflatex)" if end.lower() == ".pdf" else "")
                )
        if chosen and FORMATS[chosen].binary and self.path is None:
            raise UsageError("a picture of pixels goes into a file: --out FILE.png")
        return chosen or "table"

    def _picture(self) -> str | None:
        """The format of --graph."""
        if self.options.graph is None:
            return None
        name = format_of(self.options.graph)
        if name is None or not FORMATS[name].draws:
            ends = ", ".join(medium.suffixes[0] for medium in FORMATS.values() if medium.draws)
            raise UsageError(f"--graph {self.options.graph}: its name must end in one of {ends}")
        return name

    def _check_files(self) -> None:
        paths = [path for path in (self.path, self.options.graph) if path is not None]
        if len(set(map(os.path.realpath, paths))) < len(paths):
            raise UsageError(f"--out and --graph name the same file, {self.path}: give each its own")
        for path in paths:
            check_target(path, force=self.options.force)

    # --- writing --------------------------------------------------------------------------------------------
    def write(self, traces: Sequence[Trace], reports: Sequence[Any]) -> None:
        """Write everything; failures show before the first file is written."""
        if len(traces) > 1:
            for option, name in (("--graph", self.picture), ("--format", self.format)):
                if name and not FORMATS[name].several:
                    raise UsageError(f"{option}: {name} shows one trace, and --wrt all has {len(traces)}: choose one")
        made = self._made(traces, reports)
        self.draw(traces[0])
        if self.path is not None:
            write(made if isinstance(made, (str, bytes)) else _plain_text(made), self.path, force=self.options.force)
        elif isinstance(made, str):
            sys.stdout.write(made.rstrip("\n") + "\n")
        elif coloured(self.options.color):
            from autodiff.render.tables.colour import print_coloured

            print_coloured(made)
        else:
            sys.stdout.write(_plain_text(made))

    def draw(self, found: Trace) -> None:
        """Write the file of --graph."""
        if self.picture:
            drawn = export(found, self.picture, **self._chosen(self.picture, []))
            write(drawn, self.options.graph, force=self.options.force)

    def _made(self, traces: Sequence[Trace], reports: Sequence[Any]) -> Any:
        """Text or bytes; for a table its lines, which a terminal may colour."""
        chosen = self._chosen(self.format, reports)
        if self.format != "table":
            what = traces if FORMATS[self.format].several else traces[0]
            return export(what, self.format, **chosen)
        from autodiff.render.tables.terminal import to_lines

        return to_lines(traces, width=self._width(), **chosen)

    def _chosen(self, name: str, reports: Sequence[Any]) -> dict[str, Any]:
        """Those of the options that a format takes."""
        options, request = self.options, self.request
        style = request.get("style", "full")
        look = {
            "style": style,
            "digits": self.digits,
            "rows": self._rows(),
            "source": options.source,
            "reports": reports,
            "title": request.get("title"),
            "notation": options.notation,
            "direction": options.direction,
            "ascii_only": options.ascii or (self.path is None and not shows_unicode(sys.stdout)),
        }
        return applicable(name, {key: value for key, value in look.items() if value is not None})

    @property
    def digits(self) -> int:
        """The decimals that were asked for, or those of the style."""
        from autodiff.render.tables.compose import default_digits

        given: int | None = self.request["digits"]
        return default_digits(self.request.get("style", "full")) if given is None else given

    def _rows(self) -> int | None:
        """How many rows of a table to show at most: all of them where the output is not a terminal."""
        given: str | None = self.options.rows
        if given is None:
            return LONGEST if self.format == "table" and self.path is None and sys.stdout.isatty() else None
        if given == "all":
            return None
        if not given.isascii() or not given.isdigit() or int(given) < 2:
            raise UsageError(f"--rows {given}: give a whole number from 2 up, or all")
        return int(given)

    def _width(self) -> int | None:
        """The columns of the terminal; None (as wide as the content) where there is none."""
        import shutil

        if self.path is None and sys.stdout.isatty():
            return max(shutil.get_terminal_size().columns, 10)
        return None


def _plain_text(lines: Sequence[Any]) -> str:
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)


def coloured(choice: str) -> bool:
    """Whether to write in colours."""
    if choice != "auto":
        return choice == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def shows_unicode(stream: Any) -> bool:
    """Whether a stream can show the signs of a table."""
    try:
        _NEEDED.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True

"""One way to every medium: `export` makes the text or bytes of a format, `write` puts them into a file."""

from __future__ import annotations

import errno
import importlib
import os
import stat
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from autodiff.errors import AutodiffError, did_you_mean


class Format(NamedTuple):
    """A medium: the module and the function that make it, the usual ends of its files, and what it is."""

    module: str
    function: str
    suffixes: tuple[str, ...]
    about: str
    binary: bool = False
    several: bool = True  # whether it takes several traces at once
    draws: bool = False  # whether it is the computational graph

    def load(self) -> Callable[..., Any]:
        """The function; its module is imported now, and not before."""
        found: Callable[..., Any] = getattr(importlib.import_module(f"autodiff.render.{self.module}"), self.function)
        return found

    def options(self) -> tuple[str, ...]:
        """The names of the options that the function takes."""
        import inspect  # takes a while: only those who ask should wait

        parameters = inspect.signature(self.load()).parameters.values()
        return tuple(each.name for each in parameters if each.kind == each.KEYWORD_ONLY)


_DRAWING: Any = {"several": False, "draws": True}

# A medium of its own module is entered here by one line.
FORMATS: dict[str, Format] = {
    "table": Format("tables.terminal", "to_text", (".txt",), "a table as text"),
    "json": Format("json.to_json", "to_json", (".json",), "all of the trace as JSON, which reads back"),
    "markdown": Format("tables.markdown", "to_markdown", (".md",), "a table with LaTeX mathematics"),
    "latex": Format("tables.latex", "to_latex", (".tex",), "a LaTeX document"),
    "html": Format("tables.html", "to_html", (".html", ".htm"), "a fragment of a page, with MathML"),
    "csv": Format("tables.csv", "to_csv", (".csv",), "rows for spreadsheets"),
    "player": Format("player.page", "to_player", (), "a page to step through, in one file", several=False),
    "svg": Format("graph.svg", "to_svg", (".svg",), "the computational graph as a picture", **_DRAWING),
    "tikz": Format("graph.tikz", "to_tikz", (".tikz",), "the computational graph as a figure in TikZ", **_DRAWING),
    "dot": Format("graph.dot", "to_dot", (".dot", ".gv"), "the computational graph for Graphviz", **_DRAWING),
    "png": Format("graph.png", "to_png", (".png",), "the computational graph as pixels", binary=True, **_DRAWING),
}


def export(trace: Any, format: str, **options: Any) -> str | bytes:  # noqa: A002  # it is the word for it
    """A trace, or several, in a format. Raises AutodiffError for an unknown format, or an option it does not take.

    >>> from autodiff import trace
    >>> export(trace("x^2", at=3), "csv").splitlines()[1]
    'v₀,x,input,,x,3,3.0,v̄₀,v̄₁ ∂v₁/∂v₀,v̄₁ × 2 × v₀,1 × 2 × 3,6.0'
    """
    medium = _known(format)
    taken = medium.options()
    for name in options:
        if name not in taken:
            takes = f"it takes {', '.join(taken)}" if taken else "it takes none"
            raise AutodiffError(f"the format {format} takes no option '{name}': {takes}")
    found: str | bytes = medium.load()(trace, **options)
    return found


def applicable(format: str, options: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002
    """Those of the options that a format takes."""
    taken = _known(format).options()
    return {name: value for name, value in options.items() if name in taken}


def format_of(path: str) -> str | None:
    """The format that the end of a file's name tells, if any.

    >>> format_of("a/table.HTML"), format_of("table.doc")
    ('html', None)
    """
    end = os.path.splitext(path)[1].lower()
    return next((name for name, medium in FORMATS.items() if end and end in medium.suffixes), None)


def _known(format: str) -> Format:  # noqa: A002
    if format not in FORMATS:
        hint = did_you_mean(format, FORMATS)
        raise AutodiffError(f"unknown format '{format}': choose {', '.join(FORMATS)}" + (f"\n{hint}" if hint else ""))
    return FORMATS[format]


# --- files ----------------------------------------------------------------------------------------------------
def write(content: str | bytes, path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Put text (in UTF-8, with a line end) or bytes into a file, whole or not at all.

    A file that is there is replaced with `force` only. Raises AutodiffError that says so, or why it cannot be written.
    """
    if isinstance(content, str):
        content = (content if content.endswith("\n") else content + "\n").encode("utf-8", "replace")
    shown = os.fspath(path)
    if not shown:
        raise AutodiffError("cannot write: the name of the file is empty")
    try:
        mode = check_target(shown, force=force)
        if mode is not None and not stat.S_ISREG(mode):  # /dev/stdout, a pipe: nothing is there to be overwritten
            with open(shown, "wb") as stream:
                stream.write(content)
            return
        _replace(content, os.path.realpath(shown), mode, force=force)  # through a link, to the file that is meant
    except FileExistsError:
        raise AutodiffError(_exists(shown)) from None
    except (OSError, ValueError) as error:
        raise AutodiffError(f"cannot write {shown}: {_reason(error, shown)}") from None


def check_target(path: str, *, force: bool = False) -> int | None:
    """The mode of the file that is there. Raises AutodiffError for a folder, and without `force` for a file."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):  # nothing is there, or writing will say what is wrong
        return None
    if stat.S_ISDIR(mode):
        raise AutodiffError(f"cannot write {path}: it is a folder")
    if stat.S_ISREG(mode) and not force:
        raise AutodiffError(_exists(path))
    return mode


def _exists(path: str) -> str:
    return f"{path} exists already: choose another name, or --force (force=True) to replace it"


def _replace(content: bytes, target: str, mode: int | None, *, force: bool) -> None:
    """Write beside the target, then let the new file take its name."""
    folder, name = os.path.split(target)
    beside = os.path.join(folder, f".{name[:100]}.{os.urandom(4).hex()}.tmp")
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(opened, "wb") as stream:
            stream.write(content)
        if mode is not None:
            os.chmod(beside, stat.S_IMODE(mode))
        if force or not _linked(beside, target):
            os.replace(beside, target)
    finally:
        if os.path.lexists(beside):
            os.unlink(beside)


def _linked(beside: str, target: str) -> bool:
    """Give a new file its name, unless another program was faster; False where the system has no links.

    Raises FileExistsError if the name is taken by now.
    """
    try:
        os.link(beside, target)
    except FileExistsError:
        raise
    except (OSError, AttributeError, NotImplementedError):
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "exists", target) from None
        return False
    return True


def _reason(error: OSError | ValueError, path: str) -> str:
    if not isinstance(error, OSError):
        return "its name is not the name of a file"
    folder = os.path.dirname(path) or "."
    if error.errno in (errno.ENOENT, errno.ENOTDIR) and not os.path.isdir(folder):
        return f"there is no folder {folder}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "permission denied"
    return error.strerror or str(error)

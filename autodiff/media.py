"""How a Trace, a Tape, a Dual, a Var and an operation show themselves: the one table of media.

The table knows the names of functions, "module:function", and no code: what lies below the media can show itself
without importing them, and a medium is imported when it is first asked for.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from autodiff.errors import ArgumentError, OptionError, did_you_mean


class Medium(NamedTuple):
    """A medium: the function that makes it, what it is, and the usual endings of its files."""

    function: str  # "module:function", the module without "autodiff."
    about: str
    suffixes: tuple[str, ...] = ()
    binary: bool = False
    several: bool = True  # whether it takes several traces at once
    draws: bool = False  # whether it is the computational graph

    def load(self) -> Callable[..., Any]:
        """The function; its module is imported now, not earlier."""
        module, _, name = self.function.partition(":")
        found: Callable[..., Any] = getattr(importlib.import_module(f"autodiff.{module}"), name)
        return found

    def options(self) -> tuple[str, ...]:
        """The names of the options that the function takes: its keywords, each of which has a default."""
        return tuple(getattr(self.load(), "__kwdefaults__", None) or ())


_DRAWING: Any = {"several": False, "draws": True}

# The formats of a trace. One line enters a medium that has a module of its own.
FORMATS: dict[str, Medium] = {
    "table": Medium("render.tables.terminal:to_text", "a table as text", (".txt",)),
    "json": Medium("render.json.to_json:to_json", "all of the trace as JSON, which reads back", (".json",)),
    "markdown": Medium("render.tables.markdown:to_markdown", "a table with LaTeX mathematics", (".md",)),
    "latex": Medium("render.tables.latex:to_latex", "a LaTeX document", (".tex",)),
    "html": Medium("render.tables.html:to_html", "a fragment of a page, with MathML", (".html", ".htm")),
    "csv": Medium("render.tables.csv:to_csv", "rows for spreadsheets", (".csv",)),
    "player": Medium("render.player.page:to_player", "a page to step through, in one file", several=False),
    "svg": Medium("render.graph.svg:to_svg", "the computational graph as a picture", (".svg",), **_DRAWING),
    "tikz": Medium("render.graph.tikz:to_tikz", "the computational graph as a figure in TikZ", (".tikz",), **_DRAWING),
    "dot": Medium("render.graph.dot:to_dot", "the computational graph for Graphviz", (".dot", ".gv"), **_DRAWING),
    "png": Medium("render.graph.png:to_png", "the computational graph as pixels", (".png",), binary=True, **_DRAWING),
}

# What is shown inside Python and in notebooks.
VIEWS: dict[str, Medium] = {
    "help": Medium("expression.about:describe", "an operation, for help(sin)"),
    "rows": Medium("render.tables.rows:row_texts", "the rows of a trace as text"),
    "widget": Medium("render.player.widget:player_widget", "the player of a trace in a notebook"),
    "trace": Medium("render.notebook:trace_bundle", "a trace in a notebook"),
    "tape": Medium("render.notebook:tape_bundle", "a tape in a notebook"),
    "number": Medium("render.notebook:number_bundle", "a Dual or a Var in a notebook"),
    "reader": Medium("render.json.from_json:from_json", "a trace from its JSON"),
}


def export(trace: Any, format: str, **options: Any) -> Any:  # noqa: A002  # it is the word for it
    """A trace, or several, in a format.

    Raises OptionError for an unknown format, ArgumentError for an option it does not take or too many traces.

    >>> from autodiff import trace
    >>> export(trace("x^2", at=3), "csv").splitlines()[1]
    'v₀,x,input,,x,3,3.0,v̄₀,v̄₁ ∂v₁/∂v₀,v̄₁ × 2 × v₀,1 × 2 × 3,6.0'
    """
    medium = _known(format)
    if isinstance(trace, (list, tuple)) and not medium.several:
        raise ArgumentError(f"the format {format} shows one trace, not {len(trace)}")
    return _made(f"format {format}", medium, trace, options)


def view(name: str, shown: Any, **options: Any) -> Any:
    """One of the views of a trace, a tape or a number. Raises ArgumentError for an option that it does not take."""
    return _made(name, VIEWS[name], shown, options)


def _made(name: str, medium: Medium, shown: Any, options: Mapping[str, Any]) -> Any:
    taken = medium.options() if options else ()
    for option in options:
        if option not in taken:
            takes = f"it takes {', '.join(taken)}" if taken else "it takes none"
            hint = did_you_mean(option, taken)
            raise ArgumentError(f"the {name} takes no option '{option}': {takes}" + (f"\n{hint}" if hint else ""))
    return medium.load()(shown, **options)


def applicable(format: str, options: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002
    """Those of the options that a format takes."""
    taken = _known(format).options()
    return {name: value for name, value in options.items() if name in taken}


def format_of(path: str) -> str | None:
    """The format that a file's ending stands for, if any.

    >>> format_of("a/table.HTML"), format_of("table.doc")
    ('html', None)
    """
    end = os.path.splitext(path)[1].lower()
    return next((name for name, medium in FORMATS.items() if end and end in medium.suffixes), None)


def _known(format: str) -> Medium:  # noqa: A002
    if not isinstance(format, str) or format not in FORMATS:
        hint = did_you_mean(str(format), FORMATS)
        raise OptionError(f"unknown format '{format}': choose {', '.join(FORMATS)}" + (f"\n{hint}" if hint else ""))
    return FORMATS[format]

"""The player: a trace as one HTML file that steps through it, recomputes it, and needs nothing but a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from autodiff.errors import AutodiffError, TraceFileError
from autodiff.render.graph.svg import RULES, picture
from autodiff.render.player.data import PlayerData, has_arrays
from autodiff.render.tables.terminal import to_text
from autodiff.render.words.ascii import escapes, references
from autodiff.tracing.directions import BOTH
from autodiff.tracing.trace import Trace

# The modules, each after those it builds on; a page and a widget get them as one.
MODULES = ("values", "numbers", "engine", "typeset", "story", "dom", "tables", "graph", "panels", "player")
LARGEST_GRAPH = 1500  # rows; with more, only the tables are shown
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?:const|function) (\w+)", re.MULTILINE)


def to_player(trace: Trace, *, digits: int = 3, title: str | None = None, ascii_only: bool = False) -> str:
    """A page with graph and table side by side, to step through, predict, nudge and recompute.

    >>> from autodiff import trace
    >>> page = to_player(trace("x1*x2 + sin(x1)", at=(2, 5)))
    >>> page[:15], "http" in page.replace("http-equiv", "").replace("http://www.w3.org/", "")
    ('<!DOCTYPE html>', False)
    """
    return player_page(*player_data(trace, digits, title), ascii_only=ascii_only)


def player_page(source: PlayerData, data: dict[str, Any], *, ascii_only: bool = False) -> str:
    """The page that shows what `player_data` found."""
    style, script, given = player_style(), module(source) + player_file("page.js"), as_script_data(data)
    if ascii_only:
        script, given = escapes(script), escapes(given)
    parts = {
        "policy": _policy([script], [style]),
        "title": escape(data["title"]),
        "style": style,
        "table": escape(to_text(source.asked, digits=source.digits)),
        "data": given,
        "script": script,
    }
    page = re.sub(r"\{\{(\w+)\}\}", lambda hole: parts[hole[1]], player_file("page.html"))
    return references(page) if ascii_only else page


def player_data(trace: Trace, digits: int, title: str | None) -> tuple[PlayerData, dict[str, Any]]:
    """What the page is given, the drawings included.

    The rows are swept once more, for the other direction and other seeds. Raises TraceFileError where array operations
    cannot run with the settings that a trace from JSON says they had.
    """
    try:
        source = PlayerData(trace, digits)
        return source, {**source.data(title), "graphs": _graphs(source)}
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
        if isinstance(error, AutodiffError) or not has_arrays(trace):
            raise
        raise TraceFileError(f"the rows of this trace do not fit together: {error}") from error


def module(source: PlayerData) -> str:
    """The player as one JavaScript module, with the program of this trace."""
    program = source.program[0] or "const program = null;\n"
    return "\n" + _modules() + program


def player_style() -> str:
    """The style of the player and of the drawing in it."""
    return "\n" + RULES + player_file("player.css")


@cache
def player_file(name: str) -> str:
    """A file of the player."""
    return (files("autodiff.render.player") / "files" / name).read_text("utf-8")


@cache
def _modules() -> str:
    return "".join(_scoped(_IMPORT.sub("", player_file(f"{name}.js"))) for name in MODULES)


def _scoped(text: str) -> str:
    r"""A module in a scope of its own that shows only its exported names; the last module is left as it is.

    >>> _scoped("const a = 1;\nexport const b = a;\n")
    'const { b } = (() => {\nconst a = 1;\nconst b = a;\nreturn { b };\n})();\n'
    """
    names = ", ".join(_EXPORT.findall(text))
    if not names:
        return text
    inside = _EXPORT.sub(lambda found: found[0].removeprefix("export "), text)
    return f"const {{ {names} }} = (() => {{\n{inside}return {{ {names} }};\n}})();\n"


def as_script_data(data: Any) -> str:
    r"""JSON that no parser of HTML can take for a tag or a comment.

    >>> as_script_data("</script><!-- &")
    '"\\u003c/script\\u003e\\u003c!-- \\u0026"'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _policy(scripts: list[str], styles: list[str]) -> str:
    """Only what stands in this file may run, and nothing may be fetched."""
    allowed = {kind: " ".join(map(_hash, texts)) for kind, texts in (("script", scripts), ("style", styles))}
    return (
        f"default-src 'none'; script-src {allowed['script']}; style-src {allowed['style']}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}'"


def _graphs(source: PlayerData) -> dict[str, str]:
    """The drawing for each direction, without its style: that stands in the page once."""
    if len(source.both.steps) > LARGEST_GRAPH:
        return dict.fromkeys((way.name for way in BOTH), "")
    drawings = {}
    for way in BOTH:
        drawing = picture(source.drawn, "", direction=way.name, digits=source.digits, prefix=way.name)
        drawings[way.name] = drawing.replace("<style></style>", "")
    return drawings

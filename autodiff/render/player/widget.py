"""The player in a notebook: an anywidget if that is installed; otherwise, and in exports, table and player as HTML."""

from __future__ import annotations

from html import escape
from importlib import import_module
from typing import Any

from autodiff.render.notebook import Bundle, trace_bundle
from autodiff.render.player.page import module, player_data, player_page, player_style
from autodiff.tracing.trace import Trace

FRAME = (
    "<details><summary>Play it</summary>"
    '<iframe srcdoc="{page}" title="Player" loading="lazy" style="width: 100%; height: 46rem; border: 1px solid">'
    "</iframe></details>"
)
# Not where a kernel runs: there the widget itself is shown.
IN_EXPORTS = (
    "<style>:is(.jp-LabShell, .jp-NotebookShell) .autodiff-export {{ display: none }}</style>"
    '<div class="autodiff-export">{static}</div>'
)


class StaticPlayer:
    """The table of a trace, and folded up below it the player as a page in the page."""

    def __init__(self, trace: Trace, page: str) -> None:
        self.trace, self.page = trace, page

    def _repr_mimebundle_(self, **_: Any) -> Bundle:
        bundle = trace_bundle(self.trace)
        return bundle | {"text/html": bundle["text/html"] + FRAME.format(page=escape(self.page))}


def player_widget(trace: Trace, *, digits: int = 3, title: str | None = None) -> Any:
    """A widget that steps through the trace; without anywidget its table, with the player folded up below.

    Exported pages have the table beside the widget, because a widget needs a kernel or the network there.
    """
    source, data = player_data(trace, digits, title)
    static = StaticPlayer(trace, player_page(source, data))
    try:
        anywidget, traitlets = import_module("anywidget"), import_module("traitlets")
    except ImportError:
        return static

    def show(self: Any) -> None:
        """Two outputs: the table for paper and for exported pages, and the view of the widget."""
        display = import_module("IPython.display").display
        bundle = static._repr_mimebundle_()
        display({**bundle, "text/html": IN_EXPORTS.format(static=bundle["text/html"])}, raw=True)
        found = self._repr_mimebundle_()
        view, metadata = found if isinstance(found, tuple) else (found, None)
        display({**view, "text/html": "", "text/latex": ""}, raw=True, metadata=metadata)

    # The program of the page belongs to this trace, so the widget has a class of its own.
    parts = {
        "__doc__": "The player of one trace.",
        "_esm": module(source),
        "_css": player_style(),
        "_ipython_display_": show,
        "data": traitlets.Dict(data).tag(sync=True),
    }
    return type("TracePlayer", (anywidget.AnyWidget,), parts)()

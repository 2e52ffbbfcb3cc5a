"""The player in a notebook: an anywidget where that is installed, else the table."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from autodiff.render.player import module, player_data, player_style
from autodiff.render.player_data import PlayerData
from autodiff.tracing.trace import Trace


def player_widget(trace: Trace, *, digits: int = 3, title: str | None = None) -> Any:
    """A widget that steps through the trace; without anywidget the trace itself, which a notebook shows as a table."""
    try:
        anywidget, traitlets = import_module("anywidget"), import_module("traitlets")
    except ImportError:
        return trace
    source = PlayerData(trace, digits)
    # The program of the page belongs to this trace, so the widget has a class of its own.
    parts = {
        "__doc__": "The player of one trace.",
        "_esm": module(source),
        "_css": player_style(),
        "data": traitlets.Dict(player_data(source, title)).tag(sync=True),
    }
    return type("TracePlayer", (anywidget.AnyWidget,), parts)()

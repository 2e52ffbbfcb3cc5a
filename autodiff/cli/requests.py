"""From what was asked for, by options or by a trace file, to traces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from autodiff.tracing.build import trace
from autodiff.tracing.trace import Trace

PYTHON_FUNCTION = re.compile(r".+\.py:[^\W\d]\w*")  # lesson.py:energy


def traces_of(request: Mapping[str, Any]) -> list[Trace]:
    """One trace, or one for each variable with --wrt all."""
    given = {key: request[key] for key in ("mode", "wrt", "output", "seed", "order") if key in request}
    expression, at = request["expression"], request.get("at")
    if PYTHON_FUNCTION.fullmatch(expression):
        from autodiff.cli.functions import call_safely, load_function

        expression = call_safely(load_function(expression))
    if given.get("wrt") != "all":
        return [trace(expression, at, **given)]
    first = trace(expression, at, **{**given, "wrt": None})
    return [trace(expression, at, **{**given, "wrt": name}) for name in first.variables] or [first]

"""From what was asked for, by options or by a trace file, to traces."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from autodiff.errors import BindingError, CodeRefusedError
from autodiff.expression.numbers import MOST_DIGITS
from autodiff.expression.tokens import MAX_LENGTH
from autodiff.tracing.binding import parse_values
from autodiff.tracing.build import trace
from autodiff.tracing.trace import Trace

PYTHON_FUNCTION = re.compile(r".+\.py:[^\W\d]\w*")  # lesson.py:energy


def request_of(options: Any) -> dict[str, Any]:
    """What to trace and how; options take precedence over the trace file."""
    request: dict[str, Any] = {}
    if options.file is not None:
        from autodiff.tracing.files import read_trace_file

        request = dict(read_trace_file(options.file).data)
    else:
        request["expression"] = _from_stdin() if options.expression == "-" else options.expression
    for key in ("mode", "wrt", "output", "order", "style"):
        if getattr(options, key) is not None:
            request[key] = getattr(options, key)
    for key in ("at", "seed"):
        if getattr(options, key) is not None:
            request[key] = parse_values(getattr(options, key), f"--{key}")
    if options.digits is not None:
        request["digits"] = options.digits
    request["digits"] = _digits(request.get("digits"))
    return request


def _digits(given: Any) -> int | None:
    if given is None:
        return None
    if not str(given).isascii() or not str(given).isdigit() or not 0 <= int(given) <= MOST_DIGITS:
        raise BindingError(f"--digits {given}: give a whole number from 0 to {MOST_DIGITS}")
    return int(given)


def _from_stdin() -> str:
    if sys.stdin is None:
        raise BindingError("standard input is closed")
    try:
        return sys.stdin.buffer.read(4 * MAX_LENGTH + 4).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BindingError("standard input is not text in UTF-8") from None


def may_run_code(options: Any) -> bool:
    """Whether a Python file may be run: one that the user typed is meant, one that was read from a file may not be."""
    typed = options.file is None and options.expression != "-"
    return typed or bool(options.allow_code)


def traces_of(request: Mapping[str, Any], *, allow_code: bool = False) -> list[Trace]:
    """One trace, or one for each variable with wrt "all".

    An expression such as lesson.py:energy runs that file, but only with `allow_code`; else CodeRefusedError is raised.
    """
    given = {key: request[key] for key in ("mode", "wrt", "output", "seed", "order") if key in request}
    expression, at = request["expression"], request.get("at")
    if PYTHON_FUNCTION.fullmatch(expression):
        if not allow_code:
            raise CodeRefusedError(
                f"the expression {expression} would run the Python file {expression.rpartition(':')[0]}: "
                "if you trust it, allow it with --allow-code (allow_code=True)"
            )
        from autodiff.cli.functions import call_safely, load_function

        expression = call_safely(load_function(expression))
    if given.get("wrt") != "all":
        return [trace(expression, at, **given)]
    first = trace(expression, at, **{**given, "wrt": None})
    return [trace(expression, at, **{**given, "wrt": name}) for name in first.variables] or [first]

"""A longer trace takes longer in proportion: calls and bytes are counted, no clock is read."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from autodiff import Trace, sin, trace
from autodiff.media import export

ROWS = 40
LONGER = 4  # times as many: what is quadratic takes 16 times as much


def chain(rows: int) -> Trace:
    def f(x: Any) -> Any:
        for _ in range(rows):
            x = sin(x)
        return x

    return trace(f, at=1.0)


def fan(rows: int) -> Trace:
    """All rows use one input: its adjoint is a sum of as many terms."""

    def f(x: Any) -> Any:
        y = x
        for _ in range(rows):
            y = y * x
        return y

    return trace(f, at=1.0001)


def outputs(rows: int) -> Trace:
    """As many outputs as inputs, each with its seed."""
    return trace(lambda *xs: tuple(map(sin, xs)), at=[1.0] * rows, seed=[1.0] * rows)


SHAPES = (chain, fan, outputs)
MEDIA: dict[str, Callable[[Trace], Any]] = {
    "table": lambda t: export(t, "table"),
    "markdown": lambda t: export(t, "markdown"),
    "latex": lambda t: export(t, "latex", figure=False),
    "html": lambda t: export(t, "html", why=True),
    "csv": lambda t: export(t, "csv"),
    "json": lambda t: export(t, "json"),
    "dot": lambda t: export(t, "dot"),
    "contributions": lambda t: export(t, "markdown", style="baydin"),
}


def calls(write: Callable[[Trace], Any], given: Trace) -> int:
    """How many functions are called, and generators resumed."""
    count = 0

    def note(_frame: object, event: str, _what: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        write(given)
    finally:
        sys.setprofile(before)
    return count


def peak(write: Callable[[Trace], Any], given: Trace) -> int:
    """The most bytes held at once."""
    tracemalloc.start()
    write(given)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
@pytest.mark.parametrize("medium", MEDIA)
def test_work_and_memory_grow_as_the_text_does(medium: str, shape: Callable[[int], Trace]) -> None:
    write = MEDIA[medium]
    short, long = shape(ROWS), shape(LONGER * ROWS)
    growth = max(LONGER, len(write(long)) / len(write(short)))
    for measure in (calls, peak):
        assert measure(write, long) / measure(write, short) < 1.3 * growth, measure.__name__


@pytest.mark.parametrize("medium", ["table", "markdown", "latex", "html", "dot"])
def test_a_long_formula_in_one_word_is_written_at_once(medium: str) -> None:
    """A search for the ends of its lines that starts anew at each letter would run for hours."""
    given = trace("×".join(["1"] * 20_000), at={})
    assert str(export(given, medium)).count("1") >= 20_000


def test_a_long_formula_in_one_word_is_broken_into_lines() -> None:
    text = "×".join(["1"] * 20_000)
    lines = export(trace(text, at={}), "table", width=60)
    assert "".join(str(lines).split()).startswith(text)

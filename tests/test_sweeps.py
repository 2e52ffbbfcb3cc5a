"""The sweeps of a trace: which it has, from which seeds, and that everything else follows them."""

from __future__ import annotations

import ast
import copy
import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

import autodiff
from autodiff import Trace, trace
from autodiff.expression.names import MARKS, Ref
from autodiff.render.json.from_json import from_json
from autodiff.tracing.directions import DIRECTIONS, FORWARD, MODES, REVERSE
from tests.test_media import BOOK


@pytest.fixture(params=list(MODES))
def traced(request: pytest.FixtureRequest) -> Trace:
    return trace("x^2 y, x + y", at={"x": 1, "y": 2}, mode=request.param)


def test_a_trace_holds_a_sweep_for_each_direction_of_its_mode(traced: Trace) -> None:
    assert tuple(sweep.direction for sweep in traced.sweeps) == MODES[traced.mode]
    for sweep in traced.sweeps:
        assert [name for name, _ in sweep.seed] == (["y1", "y2"] if sweep.direction.backward else ["x", "y"])
        assert {row.ref.kind for row in sweep.rows} == {sweep.direction.kind}
        assert {part.rule.kind for row in sweep.rows for part in row.contributions} == {sweep.direction.part}
    assert traced.swept == traced.sweeps
    assert traced.derivatives == (*traced.tangents, *traced.adjoints)
    assert traced.seed == tuple(each for sweep in traced.sweeps for each in sweep.seed)


def test_the_main_sweep_is_the_last_that_found_something() -> None:
    assert [trace(BOOK, (2, 5), mode=mode).main.direction for mode in MODES] == [FORWARD, REVERSE, REVERSE]
    assert trace("2", mode="both").main.direction is FORWARD  # nothing is pulled back to where nothing moves


def test_a_run_that_stopped_keeps_its_mode_and_no_rows() -> None:
    for mode in MODES:
        with pytest.raises(autodiff.AutodiffError) as caught:
            trace("ln(x) + y", at=(-1, 2), mode=mode)
        stopped = caught.value.trace  # type: ignore[attr-defined]
        assert (stopped.mode, stopped.swept, stopped.seed, stopped.derivatives) == (mode, (), (), ())


def test_copies_have_the_same_directions(traced: Trace) -> None:
    for other in (copy.deepcopy(traced), pickle.loads(pickle.dumps(traced)), from_json(traced.to_json())):
        assert other == traced
        assert all(a.direction is b.direction for a, b in zip(other.sweeps, traced.sweeps, strict=True))


def test_the_seed_says_what_is_asked_for() -> None:
    def asked(sweep: object, end: str) -> Ref:
        return sweep.asked(end)  # type: ignore[attr-defined,no-any-return]

    (forward, reverse), ends = trace("x y", at=(1, 2), mode="both").sweeps, ("f", "x")
    assert (forward.alone, reverse.alone) == ("x", "f")
    assert [asked(each, end) for each, end in zip((forward, reverse), ends, strict=True)] == [
        Ref("partial", "f", "x"), Ref("partial", "f", "x")
    ]  # fmt: skip
    for seed in ((2.0,), (0.0,)):
        other = replace(reverse, seed=(("f", *seed),))
        assert other.alone is None
        assert asked(other, "x") == Ref("adjoint", "x")
    two = replace(forward, seed=(("x", 1.0), ("y", 1.0)))
    assert (two.alone, asked(two, "f")) == (None, Ref("tangent", "f"))


def test_contributions_arrive_from_the_last_row_back() -> None:
    traced = trace("a = x*y; b = sin(a); a*b + x", at=(1, 2))
    reverse = traced.sweep(REVERSE)
    arrived = [row.contributions[n] for row, n in reverse.arrivals(traced.steps)]
    assert [(part.step.ref.of, part.k) for part in arrived] == [(4, 0), (4, 1), (3, 0), (3, 1), (2, 0), (1, 0), (1, 1)]
    for row in reverse.rows:
        assert [n for other, n in reverse.arrivals(traced.steps) if other is row] == list(range(len(row.contributions)))


def test_every_contribution_knows_the_row_of_its_factor(traced: Trace) -> None:
    known = traced.values()
    parts = [part for row in traced.derivatives for part in row.contributions]
    assert parts
    for part in parts:
        assert known[part.factor_ref] == part.factor
        assert part.factor_ref in {row.ref for row in traced.derivatives}


def test_every_direction_has_a_mark_and_a_key_in_the_json() -> None:
    assert {direction.kind for direction in DIRECTIONS.values()} == set(MARKS)
    record = json.loads(trace("x", at=1).to_json())["record"]
    assert {f"{direction.kind}s" for direction in DIRECTIONS.values()} <= set(record)


def test_rows_of_a_sweep_that_the_mode_has_not_are_refused() -> None:
    found = json.loads(trace("x^2", at=3, mode="both").to_json())
    found["mode"] = "reverse"
    with pytest.raises(autodiff.AutodiffError, match=r"record\.tangents: mode reverse has none"):
        from_json(json.dumps(found))


def test_the_direction_decides_and_not_its_name() -> None:
    """No file compares the name of a mode or the kind of a name with a text: it asks the direction."""
    words = {word for way in DIRECTIONS.values() for word in (way.name, way.kind, f"{way.kind}s", way.part, way.title)}
    rooms = ("tracing", "checks", "programs", "render", "cli")
    for room in rooms:
        for path in (Path(autodiff.__file__).parent / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Compare):
                    texts = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
                    assert not texts & (words | {"both"}), f"{path}, line {node.lineno}"

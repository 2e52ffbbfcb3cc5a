"""The player in a real browser: what it shows is the Trace, to the last printed digit, whatever is pressed or typed."""

from __future__ import annotations

import functools
import json
import math
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autodiff import elementary, sigmoid, sin, trace
from autodiff.errors import DomainError
from autodiff.expression.names import Ref, unicode_ref
from autodiff.expression.numbers import fixed
from autodiff.expression.printing import UnicodePrinter
from autodiff.render.graph.graph import graph
from autodiff.render.player.data import both_directions
from autodiff.render.player.page import to_player
from autodiff.render.tables.styles import full
from autodiff.render.words.sheet import Writer
from autodiff.tracing.directions import DIRECTIONS
from autodiff.tracing.files import read_trace_file
from autodiff.tracing.trace import Trace
from autodiff.tracing.why.moments import Moment, moments
from tests import needs

pytestmark = needs.BROWSER.mark
TRACES = Path(__file__).parents[1] / "traces"
FILES = ("table-3-2", "equation-3-43", "baydin-table-2", "griewank-table-1-2", "mazur-network", "micrograd-readme",
         "cs231n-max-gate", "wikipedia-code")  # fmt: skip
HUNDRED = " + ".join(f"sin({n} x)*y" for n in range(1, 35))
THIRTY = " + ".join(f"x{n}*x{n % 30 + 1}" for n in range(1, 31))
MADE: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "book": ("ln(x1)+x1*x2-sin(x2)", {"x1": 2, "x2": 5}, {"mode": "forward"}),
    "one row": ("x^2", {"x": 3}, {}),
    "no operation": ("x", {"x": 3}, {}),
    "hundred rows": (HUNDRED, {"x": 0.7, "y": -2}, {}),
    "vector": ("x^2 y, x + y, x, 7", {"x": 1, "y": -2}, {}),
    "weights": ("x^2 y, x + y, sin(x + y)", {"x": 1, "y": -2}, {"seed": (2, -0.5, 0)}),
    "constants": ("2 x + π/3 - (1/3)^x", {"x": 1.5}, {}),
    "kinks": ("|x| + max(x, y) + relu(x) + sqrt(z)", {"x": 0, "y": 0, "z": 0}, {}),
    "infinite": ("exp(1000 x) - exp(x)*1e300*x^200", {"x": 30}, {}),
    "long names": (
        "rate_of_return*time_to_maturity + rate_of_return",
        {"rate_of_return": 0.05, "time_to_maturity": 30},
        {},
    ),
    "thirty inputs": (THIRTY, {f"x{n}": n / 7 for n in range(1, 31)}, {}),
    "statements": ("a = exp(x); b = a^2; sin(a + b)/b", {"x": 0.5}, {}),
    "special": ("erf(x) + gamma(x) + lgamma(x) + softplus(x) + sigmoid(x)*hypot(x, 2)", {"x": 1.3}, {}),
    "unused input": ("a = y^2; x^3", {"x": 2, "y": 3}, {}),
}


READ = """
const row = (tr) => [...tr.querySelectorAll("th, .cells span, .value")].map((e) => e.textContent).filter(Boolean);
const read = () => Object.fromEntries([...document.querySelectorAll(".tables table")].map((t) =>
  [t.className, [...t.querySelectorAll("tbody tr")].map(row)]));
const look = () => {
  const tr = document.querySelector("tr[aria-current=step]");
  return { row: tr && row(tr), growing: Boolean(tr) && tr.classList.contains("growing"),
    why: document.querySelector(".why").textContent, counter: document.querySelector(".counter").textContent,
    nodes: [...document.querySelectorAll(".graph .node.now")].map((n) => n.dataset.name),
    edges: [...document.querySelectorAll(".graph .edge.now")].map((e) => e.dataset.edge),
    source: [...document.querySelectorAll(".lines .now")].map((e) => e.textContent) };
};
const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
const field = (text) => [...document.querySelectorAll("label")].find((l) => l.textContent === text).control;
const put = (text, value) => {
  field(text).value = value;
  field(text).dispatchEvent(new Event("change", { bubbles: true }));
};
"""


class Player:
    """A page with what went wrong on it, and what can be read off it."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.trouble = page, []
        page.set_default_timeout(60_000)
        page.on("console", lambda message: self.trouble.append(message.text))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("request", lambda request: self.trouble.append(request.url) if request.url.startswith("http") else None)
        page.goto(address)

    def run(self, script: str, given: Any = None) -> Any:
        """A script in the page, with the helpers above."""
        return self.page.evaluate(f"(given) => {{ {READ} {script} }}", given)

    def press(self, *keys: str) -> None:
        """Keys, as a person presses them."""
        for key in keys:
            self.page.keyboard.press(key)

    def now(self) -> dict[str, Any]:
        """What is lit up, and the sentence."""
        return self.run("return look();")

    def put(self, *fields: tuple[str, str]) -> None:
        """Text or choices into fields, by their labels."""
        self.run("for (const [label, value] of given) put(label, value);", [list(each) for each in fields])


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    """What the pages share: no page of ours stores anything, and a context of its own takes longer than the page."""
    made = browser.new_context()
    yield made
    made.close()


@pytest.fixture
def opened(context: Any, tmp_path: Path) -> Iterator[Callable[..., Player]]:
    players: list[Player] = []

    def start(trace_or_page: Trace | str, **options: Any) -> Player:
        html = trace_or_page if isinstance(trace_or_page, str) else to_player(trace_or_page, **options)
        path = tmp_path / f"page{len(players)}.html"
        path.write_text(html, "utf-8")
        players.append(Player(context.new_page(), path.as_uri()))
        return players[-1]

    yield start
    for player in players:
        player.page.close()
    assert [each for player in players for each in player.trouble] == []


@functools.cache
def made(name: str) -> Trace:
    if name in MADE:
        what, at, options = MADE[name]
        return trace(what, at, **options)
    data = dict(read_trace_file(str(TRACES / f"{name}.toml")).data)
    return trace(
        data["expression"],
        data.get("at"),
        **{k: data[k] for k in ("mode", "wrt", "output", "seed", "order") if k in data},
    )


@functools.cache
def page_of(name: str) -> str:
    """The page of a sample; the large ones take seconds to write."""
    return to_player(made(name))


def expected(given: Trace, direction: str, digits: int = 3) -> dict[str, list[list[str]]]:
    """What the media that print tables show for this trace."""
    both = both_directions(given)
    pages = full(both, Writer(UnicodePrinter, both, digits=digits))
    way = DIRECTIONS[direction]
    sides = next(page.sides for page in pages if page.sweep and page.sweep.direction is way)
    return {kind: [[cell.text for cell in line.cells if cell.text] for line in side.lines]
            for kind, side in zip(("primal", way.kind), sides, strict=True)}  # fmt: skip


everything = pytest.mark.parametrize("name", [*MADE, *FILES])


@pytest.mark.no_cover
@everything
def test_every_step_shows_what_the_trace_says(name: str, opened: Callable[..., Player]) -> None:
    given = made(name)
    both = both_directions(given)
    write = Writer(UnicodePrinter, both)
    index = {step.ref: n for n, step in enumerate(both.steps)}
    player = opened(page_of(name))
    for direction in ("forward", "reverse"):
        phases = ("primal", "tangent" if direction == "forward" else "adjoint")
        story = [moment for moment in moments(both) if moment.phase in phases]
        seen = player.run("""put("Mode", given[0]); press("Home"); const seen = [];
            for (let n = 0; n < given[1]; n += 1) { seen.push(look()); press("ArrowRight"); } return [seen, read()];""",
            [direction, len(story)])  # fmt: skip
        for n, (moment, now) in enumerate(zip(story, seen[0], strict=True)):
            assert now["row"][0] == write.ref(moment.ref), n
            assert now["row"][-1] == f"= {write.number(moment.value)}", n
            assert now["growing"] == (not moment.complete), n
            if moment.formula is not None and moment.complete and len(now["row"]) > 2:
                assert any(text.endswith(f"= {write.formula(moment.formula)}") for text in now["row"][1:-1]), n
            assert now["why"] == moment.why, n
            assert now["counter"] == f"Step {n + 1} of {len(story)} · {moment.phase} phase"
            lit = write.ref(moment.step.ref) if moment.step else None
            assert lit is None or now["nodes"][:1] == [lit] or moment.ref.of not in (moment.step.ref.of,), n
            if moment.edge is not None:
                assert now["edges"] == [f"{index[moment.edge.operand]} {index[moment.edge.consumer]} {moment.edge.k}"]
        assert seen[1] == expected(given, direction)
        assert player.page.locator(".notes li").all_inner_texts() == [
            f"{write.ref(n.ref)}: {n.text}" for n in both.notes
        ]


def values_to_try(given: Trace) -> list[dict[str, float]]:
    """Other inputs: scaled, negative, whole, and with the first alone changed."""
    point = given.point
    return [
        {name: value * 1.25 + 0.0625 for name, value in point.items()},
        {name: -value - 0.3 for name, value in point.items()},
        {name: float(n + 2) for n, name in enumerate(point)},
        {name: (0.0 if n == 0 else value) for n, (name, value) in enumerate(point.items())},
    ]


@pytest.mark.no_cover
@everything
def test_changed_inputs_and_seeds_are_computed_as_python_does(name: str, opened: Callable[..., Player]) -> None:
    given = made(name)
    player = opened(page_of(name))
    player.run("document.body.style.display = 'none'")  # only words are read here; laying them out takes the time
    for point in values_to_try(given)[: 2 if len(given.point) > 5 else 4]:
        player.put(*((f"{unicode_ref(label)} =", repr(value)) for label, value in point.items()))
        for direction in ("forward", "reverse"):
            kinds = given.variables if direction == "forward" else [output.name for output in given.outputs]
            for chosen in range(min(len(kinds), 3)):
                label = "Derivative by" if direction == "forward" else "Derivative of"
                player.put(("Mode", direction), (label, str(chosen)))
                shown, now, whys = player.run("""press("Home"); const whys = [];
                    for (let n = 0, at = ""; at !== look().counter; n += 1) {
                      at = look().counter; whys.push(look().why); press("ArrowRight");
                    } return [read(), look(), whys];""")
                seed = [float(n == chosen) for n in range(len(kinds))]
                again = run_again(recorded(given, name), point, direction, seed)
                if isinstance(again, DomainError):
                    assert str(again) in now["why"]
                    assert [row[-1] for row in shown["primal"]] == [f"= {fixed(s.value)}" for s in again.trace.steps]
                else:
                    assert shown == expected(again, direction), (point, direction, chosen)
                    for moment, why in zip(moments(again), whys, strict=True):
                        assert why == moment.why or is_zero(moment), (point, direction, chosen)


def is_zero(moment: Moment) -> bool:
    """Whether the sentence may say that something does not move, or hands on 0: the page says how it comes to be 0."""
    parts = moment.derivative.contributions if moment.derivative else ()
    return bool(parts) and (moment.value == 0 or any(part.factor == 0 or part.value == 0 for part in parts))


def run_again(what: str, point: dict[str, float], mode: str, seed: list[float]) -> Any:
    try:
        return trace(what, point, mode=mode, seed=seed)
    except DomainError as error:
        return error


def recorded(given: Trace, name: str) -> str:
    return MADE[name][0] if name in MADE else given.expression


# --- traces that the page does not compute ------------------------------------------------------------------------
def spread(x: float) -> Any:
    scaled = np.array([1.0, 2.0, 3.0]) * x
    return np.sum(np.sin(scaled))


def branching(x: float, y: float) -> Any:
    squared = x * x
    return sin(squared) if x > 1 else squared + y


def test_arrays_are_shown_and_stepped_but_not_computed(opened: Callable[..., Player]) -> None:
    given = trace(spread, at=(2,))
    player = opened(given)
    assert player.run('press("End"); return read();') == expected(given, "reverse")
    assert player.run('put("Mode", "forward"); press("End"); return read();') == expected(given, "forward")
    assert player.page.locator(".frozen").all_inner_texts()[0].startswith("Its rows hold arrays")
    assert player.page.get_by_label("x =", exact=True).is_disabled()
    assert player.page.get_by_label("Predict before reveal").is_disabled()
    both = both_directions(given)
    story = [moment for moment in moments(both) if moment.phase != "tangent"]
    walk = """put("Mode", "reverse"); press("Home"); const seen = [];
        for (let n = 0; n < given; n += 1) { seen.push(look()); press("ArrowRight"); } return seen;"""
    seen = player.run(walk, len(story))
    for moment, now in zip(story, seen, strict=True):
        assert now["why"] == moment.why
        assert now["row"][-1] == f"= {UnicodePrinter().number(moment.value)}"


def test_a_python_function_lights_up_its_lines_and_takes_seeds_but_no_inputs(opened: Callable[..., Player]) -> None:
    given = trace(branching, at=(2, 3))
    player = opened(given)
    assert "run of a Python function" in player.page.locator(".frozen").first.inner_text()
    assert player.page.get_by_label("x =", exact=True).is_disabled()
    player.press("ArrowRight", "ArrowRight")
    assert [text.partition(":")[0] for text in player.now()["source"]] == ["test_player.py"]
    assert "squared = x * x" in player.now()["source"][0]
    player.press("ArrowRight")
    assert "return sin(squared)" in player.now()["source"][0]
    again = trace(branching, at=(2, 3), mode="forward", seed=(0.5, 2))
    player.put(("Mode", "forward"), ("ẋ =", "0.5"), ("ẏ =", "2"))
    assert player.run('press("End"); return read();') == expected(again, "forward")


def test_an_operation_of_the_user_is_shown_but_not_computed(opened: Callable[..., Player]) -> None:
    elementary("player_swish", lambda x: x * sigmoid(x), lambda z, x: sigmoid(x) + z * sigmoid(-x))
    given = trace("player_swish(x)*x", at=0.5)
    player = opened(given)
    assert "player_swish is an operation written in Python" in player.page.locator(".frozen").first.inner_text()
    assert player.run('press("End"); return read();') == expected(given, "reverse")


def test_a_run_that_stopped_shows_where_and_goes_on_with_better_inputs(opened: Callable[..., Player]) -> None:
    with pytest.raises(DomainError) as found:
        trace("x + ln(x)", at=-2)
    player = opened(found.value.trace)
    player.press("End")
    assert player.now()["why"] == f"The run stops here, at {found.value}."


@pytest.mark.parametrize(
    ("what", "points"),
    [
        ("|x| + max(x, y) + relu(x) + hypot(x, y) + x^2", [(1, 2), (0, 0), (3, 3), (0, 1), (1, 2)]),
        ("exp(x)*exp(x) - y", [(500, 1), (800, 1), (800, -1e308)]),
        ("exp(x) - exp(2x) + y", [(1, 2), (800, 1)]),
        ("sqrt(x) + arcsin(y)", [(0.25, 0.5), (0, 0.5), (0, 1), (0.25, -1)]),
        ("cbrt(x) + sqrt(|y|)", [(1, 2), (2, 0), (0, 0)]),
        ("x^y", [(2, 3), (-1, -2), (0, 2), (-2, 3)]),
    ],
)
def test_new_inputs_are_noted_as_python_notes_them(
    what: str, points: list[tuple[float, float]], opened: Callable[..., Player]
) -> None:
    player = opened(trace(what, points[0]))
    for x, y in points:
        player.put(("x =", str(x)), ("y =", str(y)))
        again = both_directions(trace(what, {"x": x, "y": y}))
        wanted = [f"{UnicodePrinter().ref(n.ref)}: {n.text}" for n in again.notes]
        assert sorted(player.page.locator(".notes li").all_inner_texts()) == sorted(wanted), (x, y)


# --- controls -----------------------------------------------------------------------------------------------------
def counter(player: Player) -> str:
    return str(player.page.inner_text(".counter")).partition(" of")[0]


def test_keys_buttons_slider_and_rows_all_step(opened: Callable[..., Player]) -> None:
    player = opened(made("table-3-2"))
    player.press("ArrowRight", "ArrowRight", "ArrowLeft")
    assert counter(player) == "Step 2"
    player.press("End")
    assert counter(player) == "Step 19"
    assert player.page.get_by_label("Step forward").is_disabled()
    player.press("Home")
    assert counter(player) == "Step 1"
    for label, step in [
        ("Step forward", "Step 2"),
        ("Last step", "Step 19"),
        ("Step back", "Step 18"),
        ("First step", "Step 1"),
    ]:
        player.page.get_by_label(label, exact=True).click()
        assert counter(player) == step
    slider = player.page.get_by_label("Step", exact=True)
    slider.focus()
    player.press("ArrowRight", "ArrowRight")
    assert counter(player) == "Step 3"
    assert slider.get_attribute("aria-valuetext") == "step 3 of 19, v₁"
    player.page.locator("tr", has_text="sin v₀").first.click()
    assert counter(player) == "Step 5"
    assert player.page.locator(".lines .now").all_inner_texts() == ["sin x₂"]


def test_space_plays_at_the_chosen_speed_and_pauses(opened: Callable[..., Player]) -> None:
    player = opened(made("one row"))
    clock = player.page.clock  # the time of the page goes as the test says
    clock.install(time=0)
    clock.pause_at(1000)
    player.page.get_by_label("Speed").select_option("fast")
    player.page.evaluate("document.activeElement.blur()")
    player.press("Space")
    assert player.page.locator(".play").inner_text() == "Pause"
    for passed, step in ((699, "Step 1"), (1, "Step 2"), (700, "Step 3")):
        clock.run_for(passed)
        assert counter(player) == step
    player.press("Space")
    assert player.page.locator(".play").inner_text() == "Play"
    clock.run_for(10_000)
    assert counter(player) == "Step 3"
    player.page.locator(".play").click()
    clock.run_for(3 * 700)
    assert counter(player) == "Step 6"
    assert player.page.locator(".play").inner_text() == "Play"
    assert player.page.get_by_label("Step forward").is_disabled()


def test_keys_work_after_a_box_is_ticked_and_at_the_ends(opened: Callable[..., Player]) -> None:
    player = opened(made("table-3-2"))
    player.page.get_by_label("Large graph above").check()
    player.press("ArrowRight")
    assert counter(player) == "Step 2"
    player.page.get_by_label("Last step").focus()
    player.press("Enter", "ArrowLeft")
    assert counter(player) == "Step 18"
    assert player.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Last step"


def test_inputs_outside_the_domain_lead_to_the_row_where_the_run_stops(opened: Callable[..., Player]) -> None:
    player = opened(trace("ln(x)/(x-y)", {"x": 2, "y": 3}))
    player.put(("x =", "-1"))
    now = player.now()
    assert "The run stops here" in now["why"]
    assert now["nodes"] == ["v₁"]
    assert now["source"] == ["ln x"]


def test_a_wrong_number_stays_named_until_it_is_mended(opened: Callable[..., Player]) -> None:
    player = opened(made("vector"))
    player.put(("x =", "abc"), ("y =", "xyz"), ("y =", "3"))
    assert "x: “abc” is not a number" in player.page.inner_text(".inputs .complaint")
    player.put(("x =", "2"))
    assert player.page.inner_text(".inputs .complaint") == ""


def test_typing_in_a_field_does_not_step(opened: Callable[..., Player]) -> None:
    player = opened(made("one row"))
    player.page.get_by_label("x =").focus()
    player.press("Home", "ArrowRight", "End", "Space")
    assert counter(player) == "Step 1"


def test_wrong_numbers_are_named_and_change_nothing(opened: Callable[..., Player]) -> None:
    player = opened(made("one row"))
    field = player.page.get_by_label("x =")
    for text, said in (
        ("two", "“two” is not a number"), ("", "A number is missing"), ("1e999", "is not a number"),
        ("1/0", "is not a number"), ("<b>", "“<b>” is not a number"), ("1,5", "Use a point"),
    ):  # fmt: skip
        field.fill(text)
        field.press("Tab")
        assert said in player.page.inner_text(".inputs .complaint")
        assert field.get_attribute("aria-invalid") == "true"
    assert player.run('press("End"); return read();') == expected(made("one row"), "reverse")
    for text, value in (
        ("−0.5", -0.5), ("–0.5", -0.5), ("1/3", 1 / 3), ("π", math.pi), ("-2π/3", -2 * math.pi / 3), (" 2e-3 ", 2e-3)
    ):  # fmt: skip
        field.fill(text)
        field.press("Tab")
        assert player.run("return read();") == expected(trace("x^2", value), "reverse")
    player.page.get_by_role("button", name="Back to the given inputs").click()
    assert field.input_value() == "3"


def test_weights_are_a_seed_too(opened: Callable[..., Player]) -> None:
    player = opened(made("vector"))
    player.page.get_by_text("Seed in numbers").click()
    typed = {"y1": "2", "y2": "-0.5", "y4": "1"}
    player.put(*((f"{unicode_ref(Ref('adjoint', name))} =", text) for name, text in typed.items()))
    again = trace(MADE["vector"][0], MADE["vector"][1], seed=(2, -0.5, 0, 1))
    assert player.run('press("End"); return read();') == expected(again, "reverse")
    assert player.page.get_by_label("Derivative of").input_value() == "own"


WALK = """press("Home"); const seen = [];
    for (let n = 0; n < given; n += 1) { seen.push(look()); press("ArrowRight"); } return seen;"""
SEEDS = {"forward": [(4, 0.25), (0, 0), (3, 0), (1, 1), (0, 1), (0, -2), (1, 0)],
         "reverse": [(2, -3), (0, 0), (2, 0), (1, 1), (0, 1), (0, 0.5), (1, 0)]}  # fmt: skip


@pytest.mark.parametrize(("mode", "seed"), [(mode, seed) for mode, seeds in SEEDS.items() for seed in seeds])
def test_reasons_hold_for_any_seed(mode: str, seed: tuple[float, float], opened: Callable[..., Player]) -> None:
    what, at = "sin(x)*y + exp(y), x*y", {"x": 1, "y": -2}
    player = opened(trace(what, at, mode=mode))
    names = ("ẋ", "ẏ") if mode == "forward" else ("ȳ₁", "ȳ₂")
    player.put(*((f"{name} =", repr(size)) for name, size in zip(names, seed, strict=True)))
    phases = ("primal", "tangent" if mode == "forward" else "adjoint")
    told = [moment for moment in moments(trace(what, at, mode=mode, seed=seed)) if moment.phase in phases]
    for moment, now in zip(told, player.run(WALK, len(told)), strict=True):
        assert now["why"] == moment.why
        assert now["row"][-1] == f"= {UnicodePrinter().number(moment.value)}"


def test_long_traces_with_many_inputs_have_a_sentence_at_every_step(opened: Callable[..., Player]) -> None:
    what = " + ".join(f"x{n}*x{n + 1}" for n in range(1, 40))
    at = [0.5 + n / 8 for n in range(40)]
    player = opened(trace(what, at))
    told = trace(what, at).why
    assert [now["why"] for now in player.run(WALK, len(told))] == list(told)
    player.put(("Mode", "forward"), ("Derivative by", "39"))
    told = trace(what, at, mode="forward", wrt="x40").why
    seen = [now["why"] for now in player.run(WALK, len(told))]
    assert all(why.count(" = ") < 5 and not why.startswith("v̇") for why in seen)
    assert seen[-1].startswith("The output y is v₇₇, so ")
    assert seen[-1].endswith(told[-1].rpartition(" = ")[2])


@pytest.mark.parametrize(("what", "x", "y"), [("ln(x)*exp(y)", 2, 1000), ("cbrt(x)*y", 0, 3), ("x^y", -1e308, 1000)])
def test_what_does_not_move_but_meets_infinity_is_not_called_0(
    what: str, x: float, y: float, opened: Callable[..., Player]
) -> None:
    player = opened(trace(what, {"x": 2.0, "y": 3.0}))
    player.put(("x =", repr(x)), ("y =", repr(y)))
    for mode in ("forward", "reverse"):
        for chosen, name in enumerate(("x", "y") if mode == "forward" else ("",)):
            label = "Derivative by" if mode == "forward" else "Derivative of"
            player.put(("Mode", mode), (label, str(chosen)))
            again = trace(what, {"x": x, "y": y}, mode=mode, **({"wrt": name} if name else {}))
            for moment, now in zip(moments(again), player.run(WALK, len(moments(again))), strict=True):
                assert now["why"] == moment.why
                assert moment.value == moment.value or "its tangent is 0" not in moment.why


def test_minus_zero_is_zero(opened: Callable[..., Player]) -> None:
    player = opened(trace("arctan2(y, x)", {"x": -1, "y": 1}))
    player.put(("y =", "-0"))
    again = trace("arctan2(y, x)", {"x": -1, "y": -0.0})
    assert player.run('press("End"); return read();') == expected(again, "reverse")


def test_a_convention_is_about_its_own_operand(opened: Callable[..., Player]) -> None:
    player = opened(trace("y^x", {"x": 0.5, "y": 2}))
    player.put(("y =", "0"))
    again = trace("y^x", {"x": 0.5, "y": 0})
    assert [now["why"] for now in player.run(WALK, len(again.why))] == list(again.why)
    notes = player.page.locator(".notes li").all_inner_texts()
    assert "v₁: the slope is infinite here" in notes


# The labels of the lit edges that cover a node, at every step.
COVERED = """put("Mode", given); press("Home"); const found = [];
    const over = (one, other) => one.width && one.left < other.right - 1 && other.left < one.right - 1 &&
      one.top < other.bottom - 1 && other.top < one.bottom - 1;
    const boxes = (all) => [...document.querySelectorAll(all)].map((each) => each.getBoundingClientRect());
    for (let at = ""; at !== look().counter; press("ArrowRight")) {
      at = look().counter;
      const nodes = boxes(".graph .node .shape, .graph .node .variable");
      if (boxes(".graph .edge.now text").some((label) => nodes.some((node) => over(label, node)))) found.push(at);
    }
    return found;"""


@pytest.mark.parametrize("name", ["mazur-network", "sradc-gist"])
def test_labels_of_the_current_step_keep_clear_of_the_nodes(name: str, opened: Callable[..., Player]) -> None:
    player = opened(made(name))
    player.page.set_viewport_size({"width": 1920, "height": 1080})
    for direction in ("forward", "reverse"):
        assert player.run(COVERED, direction) == []


# --- predict ------------------------------------------------------------------------------------------------------
def test_a_value_is_hidden_until_it_is_guessed(opened: Callable[..., Player]) -> None:
    player = opened(made("table-3-2"))
    player.page.get_by_label("Predict before reveal").check()
    player.page.evaluate("document.activeElement.blur()")
    for _ in range(3):
        player.press("ArrowRight")
    assert player.page.locator("tr.now .value").inner_text() == ""
    assert "10" not in player.page.locator(".panes").inner_text().replace("10.693", "")
    assert player.page.inner_text(".why") == "Predict v₂ before it opens."
    field = player.page.locator(".guess input")
    field.fill("ten")
    field.press("Enter")
    assert "is not a number" in player.page.inner_text(".guess")
    field.fill("7")
    field.press("Enter")
    assert player.page.inner_text(".why").startswith("Not quite: 7 is 3 too low (30 % of it); v₂ is 10.")
    assert player.page.locator("tr.now .value").inner_text() == "= 10"
    player.press("ArrowRight")
    player.page.locator(".guess input").fill("0.959")
    player.page.get_by_role("button", name="Check").click()
    assert "The size is right, the sign is not." in player.page.inner_text(".why")
    player.press("ArrowRight")
    player.page.locator(".guess input").fill("10.6931")
    player.page.get_by_role("button", name="Check").click()
    assert player.page.inner_text(".why").startswith("Right: v₄ is 10.693.")
    player.press("ArrowRight")
    player.page.get_by_role("button", name="Show").click()
    assert player.page.locator("tr.now .value").inner_text() == "= 11.652"
    assert "hidden while you predict" in player.page.inner_text(".nudge")
    player.page.get_by_label("Predict before reveal").uncheck()
    assert "y moves by about" in player.page.inner_text(".nudge")


@pytest.mark.parametrize(
    ("guess", "said"), [("1", "1 is 1e308 too low (100 % of it)"), ("-1e308", "The size is right")]
)
def test_guesses_at_the_end_of_the_numbers(guess: str, said: str, opened: Callable[..., Player]) -> None:
    player = opened(trace("1e300*x", at=1e8))
    player.page.get_by_label("Predict before reveal").check()
    player.press("ArrowRight")
    player.page.locator(".guess input").fill(guess)
    player.page.get_by_role("button", name="Check").click()
    assert said in player.page.inner_text(".why")
    assert "∞ %" not in player.page.inner_text(".why")


def test_a_guess_may_be_short_and_is_kept_while_other_things_change(opened: Callable[..., Player]) -> None:
    player = opened(trace("ln(x)*y", {"x": 2, "y": 3}), digits=17)
    player.page.get_by_label("Predict before reveal").check()
    player.press("ArrowRight", "ArrowRight")
    field = player.page.locator(".guess input")
    field.fill("0.6931")
    for event in ("beforeprint", "afterprint"):
        player.page.evaluate(f"window.dispatchEvent(new Event('{event}'))")
    player.page.get_by_label("Large graph above").check()
    assert field.input_value() == "0.6931"
    field.press("Enter")
    assert player.page.inner_text(".why").startswith("Right: v₁ is 0.693")


def test_play_stops_where_a_value_is_to_be_predicted(opened: Callable[..., Player]) -> None:
    player = opened(made("table-3-2"))
    player.page.get_by_label("Predict before reveal").check()
    player.page.locator(".play").click()
    assert player.page.locator(".play").inner_text() == "Play"
    assert player.page.evaluate("document.activeElement.closest('.guess') !== null")


# --- nudge --------------------------------------------------------------------------------------------------------
def test_a_nudge_compares_the_prediction_with_the_truth(opened: Callable[..., Player]) -> None:
    player = opened(made("table-3-2"))
    read = """[...document.querySelectorAll(".nudges tbody tr")].map((tr) =>
        [...tr.children].map((td) => td.textContent))"""

    def y(x1: float, x2: float) -> float:
        return math.log(x1) + x1 * x2 - math.sin(x2)

    for row, moved in ((0, lambda ds: y(2 + ds, 5)), (1, lambda ds: y(2, 5 + ds))):
        player.put(("Row", str(row)), ("ds =", "0.2"))
        adjoint = list(made("table-3-2").gradient.values())[row]
        lines = player.page.evaluate(read)
        for n, line in enumerate(lines):
            ds = 0.2 / 2**n
            wanted = [ds, adjoint * ds, moved(ds) - y(2, 5), moved(ds) - y(2, 5) - adjoint * ds]
            assert [float(cell.replace("−", "-")) for cell in line[:4]] == pytest.approx(wanted, rel=1e-3)
        assert float(lines[3][4]) == pytest.approx(4, rel=0.1)
    player.put(("Row", "5"))
    assert "straight line" in player.page.inner_text(".nudge")
    player.put(("x₁ =", "3"), ("Row", "0"))
    assert player.page.evaluate(read)[0][1] == "1.067"  # (1/3 + 5) × 0.2
    player.put(("Mode", "forward"))
    assert player.page.evaluate(read)[0][1] == "1.067"


def test_a_nudge_across_a_kink_does_not_claim_what_does_not_hold(opened: Callable[..., Player]) -> None:
    player = opened(trace("|x| + x^2", 0))
    assert "does not fall as ds²" in player.page.inner_text(".nudge")
    player.put(("x =", "3"))
    assert "it falls as ds²" in player.page.inner_text(".nudge")


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_the_graph_shows_the_numbers_of_the_run(direction: str, opened: Callable[..., Player]) -> None:
    player = opened(made("table-3-2"))
    player.put(("x₁ =", "3"), ("x₂ =", "-0.5"), ("Mode", direction))
    read = """press("End"); const texts = (e) => [...e.querySelectorAll("text")].map((t) => t.textContent);
        return [[...document.querySelectorAll(".graph .node")].map(texts),
                [...document.querySelectorAll(".graph .edge")].map((e) => [e.dataset.edge, texts(e)])];"""
    nodes, edges = player.run(read)
    drawn = graph(trace(MADE["book"][0], (3, -0.5), mode=direction), direction)
    labels = {edge.key: [text for text in (edge.partial, edge.contribution) if text] for edge in drawn.edges}
    assert dict(edges) == labels
    values = [[text.rpartition(" = ")[2] for text in (node.primal, node.derivative)] for node in drawn.nodes]
    assert [[text.rpartition(" = ")[2] for text in node[1:]] for node in nodes] == values


CURVES = [("x^2", 1, "1e-5"), ("x^2", 1, "1e-20"), ("exp(x)", 1, "1e-6"), ("sin(x)", 0, "1e-5"), ("x^2+x", 0, "1e-9"),
          ("x^2 + 1e20*0*x", 3, "1e-12")]  # fmt: skip


@pytest.mark.parametrize(("what", "at", "ds"), CURVES)
def test_a_curve_is_never_called_a_straight_line(what: str, at: float, ds: str, opened: Callable[..., Player]) -> None:
    player = opened(trace(what, at))
    player.put(("ds =", ds))
    assert "straight line" not in player.page.inner_text(".nudge")


def test_a_nudge_out_of_the_domain_says_so(opened: Callable[..., Player]) -> None:
    player = opened(trace("ln(x)", 0.1))
    player.put(("ds =", "-0.5"))
    assert "out of the domain" in player.page.inner_text(".nudge")


# --- safety -------------------------------------------------------------------------------------------------------
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'`${alert(1)}\\",
    "<!--<script>",
    "]]>&amp;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_never_become_markup_or_script(text: str, opened: Callable[..., Player]) -> None:
    given = trace("x*y + x", at=(2, 3))
    steps = tuple(replace(step, label=text if n == 2 else step.label) for n, step in enumerate(given.steps))
    player = opened(replace(given, expression=text, steps=steps))
    assert player.page.inner_text("h1") == text
    assert player.page.title() == text
    assert player.page.evaluate("document.querySelectorAll('script').length") == 2
    assert player.page.evaluate("document.querySelectorAll('img').length") == 0
    assert any(text in row[1] for row in player.run("return read();")["primal"])
    source = Path(player.page.url.removeprefix("file://")).read_text("utf-8")
    assert source.count("</script>") == 2
    assert opened(given, title=text).page.inner_text("h1") == text


def test_the_policy_lets_nothing_else_run(opened: Callable[..., Player]) -> None:
    player = opened(made("one row"))
    player.page.evaluate(
        """() => { const s = document.createElement("script"); s.textContent = "window.ran = 1";
                   document.body.append(s); }"""
    )
    assert player.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in text for text in player.trouble)
    player.trouble.clear()
    page = to_player(made("one row"))
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


# --- looks --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
@pytest.mark.parametrize("name", ["table-3-2", "thirty inputs", "long names"])
def test_the_page_never_scrolls_sideways(width: int, name: str, opened: Callable[..., Player]) -> None:
    player = opened(page_of(name))
    player.page.set_viewport_size({"width": width, "height": 800})
    player.press("End")
    assert player.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_ends_where_its_content_ends(opened: Callable[..., Player]) -> None:
    player = opened(page_of("hundred rows"))
    end = "document.querySelector('main').getBoundingClientRect().bottom + scrollY"
    assert player.page.evaluate(f"document.documentElement.scrollHeight - ({end})") < 50


@pytest.mark.parametrize("width", [360, 1280])
def test_long_names_and_numbers_leave_room_for_the_formulas(width: int, opened: Callable[..., Player]) -> None:
    name = "the_total_kinetic_energy_of_the_first_body"
    for given, digits in ((trace(f"{name}*speed_of_light + ln({name})", (2, 5)), 3), (made("table-3-2"), 17)):
        player = opened(given, digits=digits)
        player.page.set_viewport_size({"width": width, "height": 800})
        player.press("End")
        narrowest = "Math.min(...[...document.querySelectorAll('.cells')].map((e) => e.getBoundingClientRect().width))"
        assert player.page.evaluate(narrowest) > 100
        assert player.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_graph_may_stand_above_the_tables(opened: Callable[..., Player]) -> None:
    player = opened(made("table-3-2"))
    player.page.set_viewport_size({"width": 1920, "height": 1080})
    graph, tables = player.page.locator(".graph"), player.page.locator(".tables")
    beside = graph.bounding_box()["width"]
    assert graph.bounding_box()["x"] + beside < tables.bounding_box()["x"]
    player.page.get_by_label("Large graph above").check()
    assert graph.bounding_box()["width"] > 1.5 * beside
    assert graph.bounding_box()["y"] + graph.bounding_box()["height"] < tables.bounding_box()["y"]


def test_paper_shows_all_values_and_no_controls(opened: Callable[..., Player]) -> None:
    given = made("table-3-2")
    player = opened(given)
    player.page.emulate_media(media="print")
    player.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert player.run("return read();") == expected(given, "reverse")
    assert not player.page.locator(".toolbar").first.is_visible()
    assert player.page.locator(".tables").is_visible()
    assert player.page.locator(".now").count() == 0
    player.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert counter(player) == "Step 1"


def test_each_step_is_announced_and_every_control_has_a_name(opened: Callable[..., Player]) -> None:
    player = opened(made("table-3-2"))
    live = player.page.locator("[role=status][aria-live=polite]")
    player.press("ArrowRight")
    assert live.inner_text().split("\n")[0] == "Step 2 of 19 · primal phase"
    assert "The input x₂ enters" in live.inner_text()
    nameless = player.page.evaluate("""[...document.querySelectorAll("button, input, select")].filter((e) =>
        !e.textContent.trim() && !e.getAttribute("aria-label") && !e.labels?.length).length""")
    assert nameless == 0
    help_text = player.page.locator(".keylist").inner_text()
    assert all(key in help_text for key in ("→", "←", "Home", "End", "Space"))


def test_nothing_moves_for_those_who_wish_no_motion(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "still.html"
    path.write_text(to_player(made("one row")), "utf-8")
    for wish, lasting in (("reduce", "0s"), ("no-preference", "0.15s")):
        context = browser.new_context(reduced_motion=wish)
        page = context.new_page()
        page.goto(path.as_uri())
        assert (
            page.evaluate("getComputedStyle(document.querySelector('tbody tr')).transitionDuration").split(",")[0]
            == lasting
        )
        context.close()


@needs.ACCESSIBILITY.mark
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["table-3-2", "kinks", "vector"])
def test_axe_finds_nothing(name: str, scheme: str, browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "axe.html"
    path.write_text(to_player(made(name)), "utf-8")
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(path.as_uri())
    page.add_script_tag(path=str(needs.AXE))
    for act in ("ArrowRight", "End"):
        page.keyboard.press(act)
        found = page.evaluate(
            "axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 120))]))"
        )
        assert found == []
    page.get_by_label("Predict before reveal").check()
    found = page.evaluate(
        "axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 120))]))"
    )
    assert found == []
    context.close()


# --- the widget ---------------------------------------------------------------------------------------------------
def test_the_widget_has_the_same_player(opened: Callable[..., Player]) -> None:
    from autodiff.render.player.widget import player_widget

    pytest.importorskip("anywidget")
    widget = player_widget(made("table-3-2"))
    data = json.loads(json.dumps(widget.data, allow_nan=False))
    call = (
        f"\nplayer.render({{ model: {{ get: (name) => ({{ data: {json.dumps(data)} }})[name] }}, el: document.body }});"
    )
    text = (widget._esm + call).replace("</", "<\\/")
    player = opened(f"<!DOCTYPE html><html lang=en><meta charset=utf-8><style>{widget._css}</style><body tabindex=0>"
                    f'<script type="module">{text}</script></body></html>')  # fmt: skip
    assert player.run('press("End"); return read();') == expected(made("table-3-2"), "reverse")


def test_two_widgets_on_a_page_keep_to_themselves(opened: Callable[..., Player]) -> None:
    from autodiff.render.player.widget import player_widget

    pytest.importorskip("anywidget")
    scripts = []
    for name in ("table-3-2", "vector"):
        widget = player_widget(made(name))
        data = json.dumps(json.loads(json.dumps(widget.data, allow_nan=False)))
        call = f"\nplayer.render({{ model: {{ get: () => ({data}) }}, el: document.getElementById('{name}') }});"
        scripts.append((widget._esm + call).replace("</", "<\\/"))
    body = "".join(f'<div id="{name}"></div>' for name in ("table-3-2", "vector"))
    modules = "".join(f'<script type="module">{script}</script>' for script in scripts)
    player = opened(f"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Two</title><body>{body}{modules}")
    ids = player.page.evaluate("[...document.querySelectorAll('[id^=adt]')].map((e) => e.id)")
    assert len(ids) == len(set(ids)) > 20
    player.page.locator("#vector").get_by_text("Predict before reveal").click()
    assert player.page.locator("#vector input[type=checkbox]").first.is_checked()
    assert not player.page.locator("[id='table-3-2'] input[type=checkbox]").first.is_checked()


def test_the_files_of_the_player_are_in_the_wheel() -> None:
    found = subprocess.run(
        ["git", "check-ignore", "autodiff/render/player/files/player.js"], cwd=TRACES.parent, capture_output=True
    )
    assert found.returncode == 1  # hatch packs what git does not ignore

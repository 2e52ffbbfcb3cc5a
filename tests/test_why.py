"""Why every step of a trace happens: the moments of a trace, and their sentences."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autodiff import Trace, trace
from autodiff.errors import DomainError
from autodiff.expression.blocks import Block, raw
from autodiff.expression.names import Ref
from autodiff.expression.printing import AsciiPrinter, LatexPrinter, UnicodePrinter
from autodiff.render.tables.latex import _writer as latex_writer
from autodiff.render.words.ascii import to_ascii
from autodiff.render.words.sheet import Writer
from autodiff.tracing.files import read_trace_file
from autodiff.tracing.why.moments import Edge, Moment, moments
from tests.changing import renamed

ROOT = Path(__file__).parents[1]
BOOK = "ln(x1)+x1*x2-sin(x2)"
MODES = ("forward", "reverse", "both")
MATRIX = np.array([[2.0, 1.0], [0.0, 3.0]])


def from_file(path: Path, mode: str) -> Trace:
    data = read_trace_file(str(path)).data
    options = {key: data[key] for key in ("wrt", "seed", "output", "order") if key in data}
    if mode != data.get("mode", "reverse"):
        for key in ("wrt", "seed", "output"):
            options.pop(key, None)
    return trace(data["expression"], data.get("at"), mode=mode, **options)


def arrays(a: Any, b: Any) -> Any:
    x = np.stack([a, b])
    h = np.tanh(MATRIX @ x + x[0])
    return np.sum(h * h) + np.max(x) + np.mean(x.reshape(2, 1)), x[1]


CASES: dict[str, tuple[Any, ...]] = {
    "book": (BOOK, (2, 5)),
    "square": ("x*x", 3),
    "kink": ("abs(x) + sqrt(x)", 0),
    "several": ("a = x*y; b = a*3 + x; a, b, 3, a", (2, 3)),
    "unused": ("a = x^2; b = sin(y); b", (1, 2)),
    "constant": ("2*3", ()),
    "itself": ("x", 7),
    "overflow": ("exp(1000 x)", 1),
    "many": ("+".join(f"x^{n}" for n in range(2, 16)), 1.1),
    "equals": ("max(x, y) * x^y", (2, 2)),
    "arrays": (arrays, (0.1, 0.2)),
}  # fmt: skip
FILES = sorted((ROOT / "traces").glob("*.toml"))
SUBJECTS = [pytest.param(path, mode, id=f"{path.stem}-{mode}") for path in FILES for mode in MODES] + [
    pytest.param(name, mode, id=f"{name}-{mode}") for name in CASES for mode in MODES
]
each = pytest.mark.parametrize(("subject", "mode"), SUBJECTS)


def traced(subject: Path | str, mode: str) -> Trace:
    return from_file(subject, mode) if isinstance(subject, Path) else trace(*CASES[subject], mode=mode)


def same(left: Any, right: Any) -> bool:
    return left == right or (isinstance(left, float) and math.isnan(left) and math.isnan(right))


def names(t: Trace) -> set[Ref]:
    """Every name that may stand in a sentence."""
    known = set(t.values()) | {row.ref for row in (*t.tangents, *t.adjoints)}
    labels = [step.label for step in t.steps if step.label]
    known |= {Ref("primal", label) for label in labels}
    known |= {Ref(kind, o.name) for kind in ("primal", "tangent", "adjoint") for o in t.outputs}
    known |= {Ref(kind, name) for kind in ("tangent", "adjoint") for name in t.variables}
    return known | {Ref("partial", o.name, x) for o in t.outputs for x in t.variables}


# --- all traces -----------------------------------------------------------------------------------------------
@each
def test_there_is_a_moment_for_everything_that_happens(subject: Path | str, mode: str) -> None:
    t = traced(subject, mode)
    found = moments(t)
    phases = [moment.phase for moment in found]
    assert phases == sorted(phases, key=["primal", "tangent", "adjoint"].index)
    assert phases.count("primal") == len(t.steps) + len(t.outputs)
    assert phases.count("tangent") == len(t.tangents)
    seeded = {o.operand for o in t.outputs if isinstance(o.operand, Ref) and dict(t.seed).get(o.name)}
    rows = t.adjoints[: len(t.steps)]
    bare = [row for row in rows if not row.contributions and Ref("primal", row.ref.of, 0, t.letter) not in seeded]
    arrivals = sum(len(row.contributions) for row in rows)
    expected = len(seeded) + len(bare) + arrivals + len(t.variables) if t.adjoints else 0
    assert phases.count("adjoint") == expected


@each
def test_the_last_value_of_every_name_is_that_of_the_trace(subject: Path | str, mode: str) -> None:
    t = traced(subject, mode)
    last = {(moment.phase, moment.ref): moment for moment in moments(t)}
    wanted: dict[Any, Any] = {("primal", step.ref): step.value for step in t.steps}
    wanted |= {("primal", Ref("primal", output.name)): output.value for output in t.outputs}
    wanted |= {("tangent", row.ref): row.value for row in t.tangents}
    wanted |= {("adjoint", row.ref): row.value for row in t.adjoints}
    assert last.keys() == wanted.keys()
    for key, value in wanted.items():
        assert same(last[key].value, value), key
        assert last[key].complete
    for row in (*t.tangents, *t.adjoints):
        assert last[(row.ref.kind, row.ref)].formula == row.formula  # type: ignore[index]


@each
def test_contributions_add_up_one_by_one_from_the_last_consumer_to_the_first(subject: Path | str, mode: str) -> None:
    t = traced(subject, mode)
    so_far: dict[Ref, Any] = {}
    consumers = []
    for moment in moments(t):
        if moment.phase != "adjoint":
            assert moment.edge is None
            continue
        if moment.contribution is None:
            so_far[moment.ref] = moment.value
            continue
        assert moment.edge == Edge(moment.contribution.step.ref, moment.step.ref, moment.contribution.k)  # type: ignore[union-attr]
        consumers.append((-moment.edge.consumer.of, moment.edge.k))  # type: ignore[operator]
        total = raw(so_far.get(moment.ref, 0.0)) + raw(moment.contribution.value)
        np.testing.assert_allclose(raw(moment.value), total, rtol=1e-12, atol=1e-300)
        so_far[moment.ref] = moment.value
    assert consumers == sorted(consumers)


@each
def test_every_sentence_is_one_sentence_about_names_of_the_trace(subject: Path | str, mode: str) -> None:
    t = traced(subject, mode)
    known = names(t)
    for moment in moments(t):
        assert moment.why.endswith(".")
        assert not moment.why.endswith("..")
        assert "\n" not in moment.why
        assert "  " not in moment.why
        assert ". " not in moment.why
        assert "Ref(" not in moment.why
        assert set(moment.sentence.refs) <= known, moment.why
        assert moment.sentence.refs


@each
def test_ascii_is_ascii_and_latex_has_no_unicode_names(subject: Path | str, mode: str) -> None:
    t = traced(subject, mode)
    plain = Writer(AsciiPrinter, t, prose=to_ascii)
    unicode = Writer(UnicodePrinter, t)
    latex = latex_writer(t)
    for moment in moments(t):
        assert moment.written(plain).isascii()
        assert moment.written(unicode) == moment.why
        assert moment.written(latex).count("$") % 2 == 0
        assert "₁" not in moment.written(latex)


# --- the book -------------------------------------------------------------------------------------------------
PRIMAL = [
    "The input x₁ enters as v₋₁ = 2.",
    "The input x₂ enters as v₀ = 5.",
    "v₁ applies ln to v₋₁: ln 2 = 0.693.",
    "v₂ multiplies v₋₁ and v₀: 2 × 5 = 10.",
    "v₃ applies sin to v₀: sin 5 = −0.959.",
    "v₄ adds v₁ and v₂: 0.693 + 10 = 10.693.",
    "v₅ subtracts v₃ from v₄: 10.693 + 0.959 = 11.652.",
    "The output y is v₅ = 11.652.",
]
REVERSE = [
    "The seed: we ask how y changes, so ȳ = 1 and v̄₅ starts as 1.",
    "v₅ changes exactly as v₄ does, so v₄ gets the whole of v̄₅: v̄₄ = 1 × 1 = 1.",
    "v₅ falls as fast as v₃ grows, so v₃ gets v̄₅ with its sign turned: v̄₃ = 1 × (−1) = −1.",
    "v₄ changes exactly as v₁ does, so v₁ gets the whole of v̄₄: v̄₁ = 1 × 1 = 1.",
    "v₄ changes exactly as v₂ does, so v₂ gets the whole of v̄₄: v̄₂ = 1 × 1 = 1.",
    "v₀ feeds v₂ and v₃, so its adjoint is the sum of two contributions; the first comes through sin, where a change "
    "of v₀ is multiplied by cos v₀ = 0.284: −1 × cos 5 = −0.284.",
    "v₋₁ feeds v₁ and v₂, so its adjoint is the sum of two contributions; the first comes through v₂ = v₋₁ × v₀, "
    "where a change of v₋₁ is multiplied by v₀ = 5: 1 × 5 = 5.",
    "The second of two contributions to v̄₀ comes through v₂ = v₋₁ × v₀, where a change of v₀ is multiplied by "
    "v₋₁ = 2: −0.284 + 1 × 2 = 1.716.",
    "The second of two contributions to v̄₋₁ comes through ln, where a change of v₋₁ is multiplied by "
    "1 / v₋₁ = 0.5: 5 + 1 / 2 = 5.5.",
    "x₂ is the row v₀, so ∂y/∂x₂ = v̄₀ = 1.716.",
    "x₁ is the row v₋₁, so ∂y/∂x₁ = v̄₋₁ = 5.5.",
]
FORWARD = [
    "The seed: we ask how everything changes with x₁, so ẋ₁ = 1 and v̇₋₁ starts as 1.",
    "v₀ does not move when only x₁ moves, so its tangent is 0, and 0 is all that it hands on.",
    "Through ln, a change of v₋₁ is multiplied by 1 / v₋₁ = 0.5: v̇₁ = 1 / 2 = 0.5.",
    "In a product the change of each factor is multiplied by the other factor: "
    "v̇₂ = v̇₋₁ × v₀ + v̇₀ × v₋₁ = 1 × 5 + 0 × 2 = 5.",
    "v₃ depends only on v₀, which does not move, so its tangent is 0 too.",
    "The tangent of a sum is the sum of the tangents: v̇₄ = v̇₁ + v̇₂ = 0.5 + 5 = 5.5.",
    "The tangent of a difference is the difference of the tangents: v̇₅ = v̇₄ − v̇₃ = 5.5 − 0 = 5.5.",
    "The output y is v₅, so ∂y/∂x₁ = v̇₅ = 5.5.",
]


def whys(*arguments: Any, **options: Any) -> list[str]:
    return [moment.why for moment in moments(trace(*arguments, **options))]


def test_the_sentences_of_the_book_example() -> None:
    assert whys(BOOK, (2, 5)) == PRIMAL + REVERSE
    assert whys(BOOK, (2, 5), mode="forward") == PRIMAL + FORWARD
    assert whys(BOOK, (2, 5), mode="both") == PRIMAL + FORWARD + REVERSE


def test_the_same_sentence_in_ascii_and_latex() -> None:
    t = trace(BOOK, (2, 5))
    moment = moments(t)[10]
    assert moment.written(Writer(AsciiPrinter, t, prose=to_ascii)) == (
        "v5 falls as fast as v3 grows, so v3 gets adj v5 with its sign turned: adj v3 = 1 * (-1) = -1."
    )
    assert moment.written(Writer(LatexPrinter, t, inline="${}$".format)) == (
        r"$v_{5}$ falls as fast as $v_{3}$ grows, so $v_{3}$ gets $\bar{v}_{5}$ with its sign turned: "
        r"$\bar{v}_{3} = 1 \times \left(-1\right) = -1$."
    )


def test_digits() -> None:
    assert moments(trace("sin x", at=1), digits=6)[1].why == "v₁ applies sin to v₀: sin 1 = 0.841471."


# --- single sentences -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("x*x", 3), {}, "v₁ multiplies v₀ by itself: 3 × 3 = 9."),
        (("x*x", 3), {}, "The second of two contributions to v̄₀ comes through v₁ = v₀ × v₀, where a change of v₀ is "
                         "multiplied by v₀ = 3: 3 + 1 × 3 = 6."),
        (("x*x", 3), {"mode": "forward"}, "v₁ uses v₀ twice, and its change counts each time: "
                                          "v̇₁ = v̇₀ × v₀ + v̇₀ × v₀ = 1 × 3 + 1 × 3 = 6."),
        (("2x + 3", 3), {}, "v₁ multiplies v₀ by the constant 2: 2 × 3 = 6."),
        (("2x + 3", 3), {}, "v₂ adds the constant 3 to v₁: 6 + 3 = 9."),
        (("2 - x", 3), {}, "v₁ subtracts v₀ from the constant 2: 2 − 3 = −1."),
        (("2 / x", 4), {}, "v₁ divides the constant 2 by v₀: 2 / 4 = 0.5."),
        (("x^2", 3), {}, "v₁ squares v₀: 3² = 9."),
        (("2^x", 3), {}, "v₁ raises the constant 2 to the power v₀: 2³ = 8."),
        (("-x", 3), {"mode": "forward"}, "v₁ moves as much as v₀ does, the other way: v̇₁ = −1."),
        (("a = exp x; a*2", 0), {}, "v₁, called a, applies exp to v₀: exp 0 = 1."),
        (("π x", 1), {}, "v₁ multiplies v₀ by the constant π: 3.142 × 1 = 3.142."),
        (("max(x, 2)", 3), {}, "v₁ is max(v₀, 2): max(3, 2) = 3."),
        (("x, 3", 3), {}, "The output y₂ is the constant 3, whatever the inputs are."),
        (("x, 3", 3), {"mode": "forward"}, "The output y₂ is a constant, so its tangent is 0."),
        (("x*y, x + y", (2, 3)), {}, "The seed: we ask how y₁ changes and not y₂, so ȳ₁ = 1 and v̄₁ starts as 1."),
        (("x*y, x + y", (2, 3)), {}, "Every output that depends on v₂ has the seed 0, so its adjoint is 0."),
        (("a = x; b = x^2; c = a*2; c", 1), {}, "The seed: we ask how c changes, so c̄ = 1 and v̄₂ starts as 1."),
        (("a = x^2; a, sin(a)", 1), {"seed": (2, 1)},
         "The seed: a counts with the weight 2, so ā = 2 and v̄₁ starts as 2; more arrives from v₂."),
        (("a = x^2; a, sin(a)", 1), {"seed": (2, 1)},
         "v₁ is the output a and feeds v₂, so its adjoint is the seed plus one contribution; it comes through sin, "
         "where a change of v₁ is multiplied by cos v₁ = 0.54: 2 + 1 × cos 1 = 2.54."),
        (("x, x", 1), {"seed": (2, 3)}, "The seeds: y₁ and y₂ are the same row, so v̄₀ starts as ȳ₁ + ȳ₂ = 5."),
        (("x*y", (2, 3)), {"mode": "forward", "seed": (2, 1)},
         "The seed: x moves at the rate 2, so ẋ = 2 and v̇₋₁ starts as 2."),
        (("x*x + 0*x", 3), {"seed": (2,)}, "x is the row v₀, so x̄ = v̄₀ = 12."),
        (("abs(x)", 0), {}, "Through v₁ = |v₀|, a change of v₀ is multiplied by sign v₀ = 0: v̄₀ = 1 × sign 0 = 0 "
                            "(|v| has a corner at 0; slope 0 is used)."),
        (("sqrt(x)", 0), {}, "Through v₁ = √v₀, a change of v₀ is multiplied by 1 / (2 × v₁) = ∞: "
                             "v̄₀ = 1 / (2 × 0) = ∞ (the slope is infinite here)."),
        (("exp(1000 x)", 1), {}, "v₂ applies exp to v₁: exp 1000 = ∞ (the value is too large for a number of double "
                                 "precision: ∞ stands for it)."),
        (("abs(x)*y", (0, 0)), {}, "v₁ has the adjoint 0, so it hands on 0: v̄₋₁ = 0 × sign 0 = 0 "
                                    "(|v| has a corner at 0; slope 0 is used)."),
    ],
)  # fmt: skip
def test_sentences(arguments: tuple[Any, ...], options: dict[str, Any], said: str) -> None:
    assert said in whys(*arguments, **options), "\n".join(whys(*arguments, **options))


def test_a_row_that_no_output_needs() -> None:
    def wasteful(x: float, y: float) -> float:
        _ = x * y
        return y + 1

    found = whys(wasteful, (2.0, 3.0))
    assert "No output depends on v₁, so its adjoint is 0." in found
    assert "No output depends on v₋₁, so its adjoint is 0." in found


def test_a_row_with_many_consumers_is_counted() -> None:
    found = whys(*CASES["many"])
    assert any("v₀ feeds 14 rows, so its adjoint is the sum of 14 contributions; the first" in why for why in found)
    assert any(why.startswith("The 11th of 14 contributions") for why in found)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_arrays_are_told_by_their_shapes(mode: str) -> None:
    t = trace(arrays, (0.1, 0.2), mode=mode)
    found = [moment.why for moment in moments(t)]
    assert "v₁ stacks v₋₁ and v₀; its shape is 2." in found
    assert "v₂ is the matrix product of a constant array of shape 2×2 and v₁; its shape is 2." in found
    if mode == "reverse":
        assert any("the adjoint of the sum is handed to every entry; v̄₆ has the shape 2." in why for why in found)
        assert any(isinstance(moment.value, Block) and moment.contribution for moment in moments(t))
    else:
        apart = "the tangent of each part goes where the part goes; v̇₁ has the shape 2."
        assert f"Through v₁ = stack(v₋₁, v₀, axis=0), {apart}" in found
        assert "Through tanh, each entry of a change of v₄ is multiplied by sech² v₄; v̇₅ has the shape 2." in found


@pytest.mark.parametrize(("text", "at"), [("ln(x - 3)*x", 2), ("1/(x - x)", 1)])
def test_a_failure_ends_with_its_reason(text: str, at: float) -> None:
    with pytest.raises(DomainError) as caught:
        trace(text, at)
    broken = caught.value.trace
    assert isinstance(broken, Trace)
    *rest, last = moments(broken)
    assert len(rest) == len(broken.steps)
    assert last.value is None
    assert last.why.startswith("The run stops here, at ")
    assert str(caught.value) in last.why


def test_hostile_names_are_text() -> None:
    t = trace("x*x + y", (2, 3))
    bad = "{0}%s$<b>\\x"
    found = [moment.why for moment in moments(renamed(t, {"x": bad}))]
    assert found[0] == f"The input {bad} enters as v₋₁ = 2."
    assert any(bad in why for why in found[-2:])


def test_a_long_trace_is_told_to_its_end() -> None:
    t = trace("; ".join(["a0 = x", *(f"a{n} = a{n - 1}*x" for n in range(1, 1500)), "a1499"]), 1)
    found: tuple[Moment, ...] = moments(t)
    assert found[-1].value == 1500

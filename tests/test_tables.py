"""The cells of a trace: the textbook's tables, and every rule of the format."""

from __future__ import annotations

import math
import pickle
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autodiff import AutodiffError, Trace, cos, grad, jvp, ln, sin, trace
from autodiff.errors import BindingError, DomainError, ExpressionError
from autodiff.expression.expr import Expr, evaluate
from autodiff.expression.names import Ref, unicode_ref
from autodiff.expression.parser import parse_expression
from autodiff.render.tables.styles import STYLES
from tests.strategies import smooth_formulas

BOOK = "ln(x1)+x1*x2-sin(x2)"


def lines(traced: Trace, style: str = "book", side: int = 1, page: int = 0) -> list[str]:
    """One side of the table, each line with its cells joined by single spaces."""
    from autodiff.expression.printing import UnicodePrinter
    from autodiff.render.words.sheet import Writer

    write = Writer(UnicodePrinter, traced, digits=4 if style == "griewank" else 3, fill=style == "griewank")
    sides = STYLES[style](traced, write)[page].sides
    return [" ".join(cell.text for cell in line.cells if cell.text) for line in sides[side].lines]


def formulas(text: str, at: object, **options: str) -> list[str]:
    """The formulas of the operation rows."""
    return [row.formula for row in trace(text, at, **options).rows if row.operation != "input"]  # type: ignore[arg-type]


def derivatives(text: str, at: object, mode: str = "reverse") -> dict[str, str]:
    """The derivative formula of every row, by name."""
    found = [row.derivative for row in trace(text, at, mode=mode).rows]  # type: ignore[arg-type]
    return {row.name: row.formula for row in found if row}


PRIMAL = [
    "v₋₁ = x₁ = 2",
    "v₀ = x₂ = 5",
    "v₁ = ln v₋₁ = ln 2",
    "v₂ = v₋₁ × v₀ = 2 × 5",
    "v₃ = sin v₀ = sin 5",
    "v₄ = v₁ + v₂ = 0.693 + 10",
    "v₅ = v₄ − v₃ = 10.693 + 0.959",
    "y = v₅ = 11.652",
]


def test_table_3_1() -> None:
    traced = trace(BOOK, at=(2, 5), mode="forward")
    assert lines(traced, side=0) == PRIMAL
    assert lines(traced) == [
        "v̇₋₁ = ẋ₁ = 1",
        "v̇₀ = ẋ₂ = 0",
        "v̇₁ = v̇₋₁ / v₋₁ = 1 / 2 = 0.5",
        "v̇₂ = v̇₋₁ × v₀ + v̇₀ × v₋₁ = 1 × 5 + 0 × 2 = 5",
        "v̇₃ = v̇₀ × cos v₀ = 0 × cos 5 = 0",
        "v̇₄ = v̇₁ + v̇₂ = 0.5 + 5 = 5.5",
        "v̇₅ = v̇₄ − v̇₃ = 5.5 − 0 = 5.5",
        "ẏ = v̇₅ = 5.5",
    ]


def test_table_3_2() -> None:
    traced = trace(BOOK, at=(2, 5), mode="reverse")
    assert lines(traced, side=0) == PRIMAL
    assert lines(traced) == [
        "v̄₅ = ȳ = 1",
        "v̄₄ = v̄₅ ∂v₅/∂v₄ = v̄₅ × 1 = 1",
        "v̄₃ = v̄₅ ∂v₅/∂v₃ = v̄₅ × (−1) = −1",
        "v̄₁ = v̄₄ ∂v₄/∂v₁ = v̄₄ × 1 = 1",
        "v̄₂ = v̄₄ ∂v₄/∂v₂ = v̄₄ × 1 = 1",
        "v̄₀ = v̄₃ ∂v₃/∂v₀ + v̄₂ ∂v₂/∂v₀ = v̄₃ × cos v₀ + v̄₂ × v₋₁ = 1.716",
        "v̄₋₁ = v̄₂ ∂v₂/∂v₋₁ + v̄₁ ∂v₁/∂v₋₁ = v̄₂ × v₀ + v̄₁ / v₋₁ = 5.5",
        "x̄₂ = v̄₀ = 1.716",
        "x̄₁ = v̄₋₁ = 5.5",
    ]


def test_the_full_style_adds_numbers_and_values() -> None:
    traced = trace(BOOK, at=(2, 5))
    assert lines(traced, "full", side=0)[4:] == [
        "v₃ = sin v₀ = sin 5 = −0.959",
        "v₄ = v₁ + v₂ = 0.693 + 10 = 10.693",
        "v₅ = v₄ − v₃ = 10.693 + 0.959 = 11.652",
        "y = v₅ = 11.652",
    ]
    zero = "v̄₀ = v̄₃ ∂v₃/∂v₀ + v̄₂ ∂v₂/∂v₀ = v̄₃ × cos v₀ + v̄₂ × v₋₁ = −1 × cos 5 + 1 × 2 = 1.716"
    assert lines(traced, "full")[5] == zero


def test_the_baydin_style_shows_each_contribution_in_sweep_order() -> None:
    assert lines(trace(BOOK, at=(2, 5)), "baydin")[5:] == [
        "v̄₀ = v̄₃ ∂v₃/∂v₀ = v̄₃ × cos v₀ = −0.284",
        "v̄₋₁ = v̄₂ ∂v₂/∂v₋₁ = v̄₂ × v₀ = 5",
        "v̄₀ = v̄₀ + v̄₂ ∂v₂/∂v₀ = v̄₀ + v̄₂ × v₋₁ = 1.716",
        "v̄₋₁ = v̄₋₁ + v̄₁ ∂v₁/∂v₋₁ = v̄₋₁ + v̄₁ / v₋₁ = 5.5",
        "x̄₂ = v̄₀ = 1.716",
        "x̄₁ = v̄₋₁ = 5.5",
    ]


def test_the_griewank_style_has_one_column_with_tangents_under_their_rows() -> None:
    found = lines(trace(BOOK, at=(2, 5), mode="forward"), "griewank", side=0)
    assert found[4:6] == ["v₁ = ln v₋₁ = ln 2.0000 = 0.6931", "v̇₁ = v̇₋₁ / v₋₁ = 1.0000 / 2.0000 = 0.5000"]
    assert lines(trace(BOOK, at=(2, 5)), "griewank", side=0)[-1] == "x̄₁ = v̄₋₁ = 5.5000"


def test_the_cs207_style_shows_local_partials() -> None:
    assert lines(trace(BOOK, at=(2, 5)), "cs207", side=0)[2] == "v₃ −0.959 ∂v₃/∂v₀ = cos v₀ = 0.284 −1"
    assert lines(trace(BOOK, at=(2, 5), mode="forward"), "cs207", side=0)[2] == "v₁ ln v₋₁ 0.693 v̇₋₁ / v₋₁ 0.5"


# --- rows -----------------------------------------------------------------------------------------------------
def test_equation_3_43_becomes_the_six_rows_of_3_44() -> None:
    six = ["exp v₀", "v₁²", "v₁ + v₂", "exp v₃", "sin v₃", "v₄ + v₅"]
    assert formulas("exp(exp(x) + exp(x)^2) + sin(exp(x) + exp(x)^2)", 0.5) == six
    program = "a = exp(x); b = a^2; c = a + b; d = exp(c); e = sin(c); d + e"
    assert formulas(program, 0.5) == six


def test_rows_of_statements_keep_their_names() -> None:
    assert lines(trace("a = exp(x); a^2", at=0), side=0)[:2] == ["v₀ = x = 0", "v₁ = a = exp v₀ = exp 0"]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (None, ["ln", "mul", "sin", "add", "sub"]),
        ("terms", ["ln", "mul", "sin", "add", "sub"]),
        ("evaluation", ["ln", "mul", "add", "sin", "sub"]),
        ("level", ["ln", "mul", "sin", "add", "sub"]),
    ],
)
def test_orders(order: str | None, names: list[str]) -> None:
    traced = trace(BOOK, at=(2, 5), order=order)
    assert [step.operation.name for step in traced.operations if step.operation] == names


def test_level_order_sorts_by_distance_from_the_inputs() -> None:
    assert formulas("sin(cos(x)) + exp(x)", 1, order="level") == ["cos v₀", "exp v₀", "sin v₁", "v₃ + v₂"]


def test_programs_keep_the_order_in_which_they_ran() -> None:
    assert formulas("a = ln(x1) + x1*x2; a - sin(x2)", (2, 5)) == [
        "ln v₋₁", "v₋₁ × v₀", "v₁ + v₂", "sin v₀", "v₃ − v₄",
    ]  # fmt: skip


def test_constants_stand_inline() -> None:
    assert formulas("2πx + √2/3·x + ln 2", 3) == ["2 × π × v₀", "√2 / 3 × v₀", "v₁ + v₂", "v₃ + ln 2"]
    assert [row.numbers for row in trace("2πx", at=3).rows][1] == "2 × 3.142 × 3"


def test_variables_are_bound_in_natural_order() -> None:
    assert trace("x10 + 2x2 + 3x1", at=(1, 2, 3)).point == {"x1": 1, "x2": 2, "x10": 3}
    assert trace("b + a", at={"b": 1, "a": 2}).variables == ("a", "b")
    assert trace("x₁ + x₂", at={"x₂": 1, "x1": 2}).point == {"x1": 2, "x2": 1}


def test_names_of_outputs_and_rows_never_clash_with_the_users() -> None:
    assert trace("x*y", at=(1, 2)).outputs[0].name == "f"
    assert trace("x*f + y", at=(1, 2, 3)).outputs[0].name == "g"
    assert [output.name for output in trace("x, x^2", at=1).outputs] == ["y1", "y2"]
    assert [output.name for output in trace("r = x; s = r^2, r", at=1).outputs] == ["s", "r"]
    assert [output.name for output in trace("a = x; a, a, sin(x)", at=1).outputs] == ["a", "y2", "y3"]
    assert trace("y1 = x^2; y2 = y1 x; y1 + y2, y2", at=2).outputs[0].name == "f1"
    assert trace("y = x^2; y + 1", at=1).outputs[0].name == "f"
    assert formulas("v1*v2", (1, 2)) == ["w₋₁ × w₀"]
    assert formulas("v + w", (1, 2)) == ["u₋₁ + u₀"]


# --- derivative cells -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "tangent", "adjoint"),
    [
        ("x + 2", "v̇₀", "v̄₁ × 1"),
        ("2 - x", "−v̇₀", "v̄₁ × (−1)"),
        ("-x", "−v̇₀", "v̄₁ × (−1)"),
        ("2x", "v̇₀ × 2", "v̄₁ × 2"),
        ("x/2", "v̇₀ / 2", "v̄₁ / 2"),
        ("2/x", "v̇₀ × (−v₁ / v₀)", "v̄₁ × (−v₁ / v₀)"),
        ("x^2", "v̇₀ × 2 × v₀", "v̄₁ × 2 × v₀"),
        ("x^3", "v̇₀ × 3 × v₀²", "v̄₁ × 3 × v₀²"),
        ("x^0.5", "v̇₀ × 0.5 × v₀^(−0.5)", "v̄₁ × 0.5 × v₀^(−0.5)"),
        ("x^1", "v̇₀", "v̄₁ × 1"),
        ("2^x", "v̇₀ × v₁ × ln 2", "v̄₁ × v₁ × ln 2"),
        ("e^x", "v̇₀ × v₁", "v̄₁ × v₁"),
        ("√x", "v̇₀ / (2 × v₁)", "v̄₁ / (2 × v₁)"),
        ("ln x", "v̇₀ / v₀", "v̄₁ / v₀"),
        ("log2 x", "v̇₀ / (v₀ × ln 2)", "v̄₁ / (v₀ × ln 2)"),
        ("cos x", "v̇₀ × (−sin v₀)", "v̄₁ × (−sin v₀)"),
        ("tan x", "v̇₀ × (1 + v₁²)", "v̄₁ × (1 + v₁²)"),
        ("tanh x", "v̇₀ × sech² v₀", "v̄₁ × sech² v₀"),
        ("sigmoid x", "v̇₀ × v₁ × sigmoid(−v₀)", "v̄₁ × v₁ × sigmoid(−v₀)"),
        ("erf x", "v̇₀ × (2 / √π × exp(−v₀²))", "v̄₁ × (2 / √π × exp(−v₀²))"),
        ("relu x", "v̇₀ × [v₀ > 0]", "v̄₁ × [v₀ > 0]"),
        ("max(x, 3)", "v̇₀ × H(v₀ − 3)", "v̄₁ × H(v₀ − 3)"),
        ("x*x", "v̇₀ × v₀ + v̇₀ × v₀", "v̄₁ × v₀ + v̄₁ × v₀"),
    ],
)
def test_derivative_formulas_are_printed_from_the_rule(text: str, tangent: str, adjoint: str) -> None:
    assert derivatives(text, 1.5, "forward")["v̇₁"] == tangent
    assert derivatives(text, 1.5)["v̄₀"] == adjoint


def test_a_row_that_uses_an_operand_twice_names_the_chain_once() -> None:
    row = trace("x*x", at=3).rows[0].derivative
    assert row is not None
    assert (row.rule, row.formula, row.value) == ("v̄₁ ∂v₁/∂v₀", "v̄₁ × v₀ + v̄₁ × v₀", 6.0)


def test_negative_numbers_are_put_in_with_parentheses() -> None:
    numbers = [row.numbers for row in trace("x^2 + x*y - y", at=(-3, -2)).rows]
    assert numbers[2:] == ["(−3)²", "−3 × (−2)", "9 + 6", "15 + 2"]
    assert trace("x + y", at=(1, -2)).rows[2].numbers == "1 + (−2)"
    assert trace("sin x", at=-2).rows[1].numbers == "sin(−2)"


def test_constants_are_never_differentiated() -> None:
    assert trace("x^2", at=-1).gradient == {"x": -2.0}
    assert trace("x^2", at=-1).notes == ()


def test_adjoints_stand_in_order_of_completion() -> None:
    names = [unicode_ref(row.ref) for row in trace("a = x*y; b = sin(a); a*b + x", at=(1, 2)).adjoints]
    assert names == ["v̄₄", "v̄₃", "v̄₂", "v̄₁", "v̄₋₁", "v̄₀", "x̄", "ȳ"]


# --- outputs and seeds ----------------------------------------------------------------------------------------
def test_several_outputs() -> None:
    first = trace("x*y, x + y", at=(2, 3))
    assert (first.value, first.gradient) == ((6.0, 5.0), {"x": 3.0, "y": 2.0})
    assert trace("x*y, x + y", at=(2, 3), output="y2").gradient == {"x": 1.0, "y": 1.0}
    assert trace("x*y, x + y", at=(2, 3), seed=(1, 10)).gradient == {"x": 13.0, "y": 12.0}
    assert trace("x*y, x + y", at=(2, 3), seed={"y2": 2}).gradient == {"x": 2.0, "y": 2.0}
    both = trace("x*y, x + y", at=(2, 3), mode="both")
    assert both.jacobian == {"y1": {"x": 3.0, "y": 2.0}, "y2": {"x": 1.0, "y": 1.0}}


def test_a_run_that_stopped_has_no_derivatives() -> None:
    for mode in ("forward", "reverse", "both"):
        with pytest.raises(DomainError) as caught:
            trace("ln(x) + y", at=(-1, 2), mode=mode)
        stopped: Any = caught.value.trace
        for name in ("gradient", "tangent", "jacobian"):
            with pytest.raises(AutodiffError, match="the run stopped"):
                getattr(stopped, name)


def test_an_output_has_a_name_unlike_those_of_the_inputs() -> None:
    for text, name in (("x*y", "f"), ("y1*y2", "f"), ("y1*f", "g"), ("x1*x2", "y"), ("y_max*x", "y")):
        assert [output.name for output in trace(text, at=(2, 3)).outputs] == [name]
    assert [output.name for output in trace("y1, x", at=(2, 3)).outputs] == ["f1", "f2"]


def test_an_output_that_feeds_another_collects_seed_and_contribution() -> None:
    traced = trace("a = x^2; a, sin(a)", at=1, seed=(1, 1))
    row = traced.rows[1].derivative
    assert row is not None
    assert row.formula == "ā + v̄₂ × cos v₁"
    assert row.value == pytest.approx(1 + math.cos(1))
    assert lines(traced, "baydin")[1:3] == ["v̄₁ = ā = 1", "v̄₁ = v̄₁ + v̄₂ ∂v₂/∂v₁ = v̄₁ + v̄₂ × cos v₁ = 1.54"]


def test_forward_seeds() -> None:
    assert trace(BOOK, at=(2, 5), mode="forward").tangent == {"y": 5.5}
    assert trace(BOOK, at=(2, 5), mode="forward", wrt="x2").tangent["y"] == pytest.approx(2 - math.cos(5))
    assert trace("x*y", at=(2, 3), mode="forward", seed=(1, 10)).tangent == {"f": 23.0}


@pytest.mark.parametrize("text", ["5", "2 + 3", "x, 5"])
def test_constants_as_outputs(text: str) -> None:
    values = [0.0] * ("x" in text)
    traced = trace(text, at=values, mode="both")
    assert traced.outputs[-1].value == 5.0
    assert traced.to_text()


def test_a_variable_itself_is_a_trace_without_operations() -> None:
    assert trace("x", at=7).gradient == {"x": 1.0}
    assert lines(trace("x", at=7)) == ["v̄₀ = ȳ = 1", "x̄ = v̄₀ = 1"]


def test_rows_that_do_not_reach_the_output_have_the_adjoint_zero() -> None:
    assert derivatives("x, sin(x)", 1)["v̄₁"] == "0"


# --- singular points ------------------------------------------------------------------------------------------
def test_a_point_outside_the_domain_tells_the_row_and_keeps_the_rows_before_it() -> None:
    with pytest.raises(DomainError) as caught:
        trace("ln(x - 3) + x", at=1)
    assert str(caught.value) == "ln v₁ with v₁ = −2: the logarithm needs a positive number (row v₂)"
    partial = caught.value.trace
    assert isinstance(partial, Trace)
    assert [step.value for step in partial.steps] == [1.0, -2.0]
    assert "v₁ = v₀ − 3" in partial.to_text()


@pytest.mark.parametrize(
    ("text", "at", "gradient", "note"),
    [
        ("|x|", 0, 0, "corner"),
        ("relu x", 0, 0, "corner"),
        ("max(x, 2)", 2, 0.5, "half the slope"),
        ("min(x, 2)", 2, 0.5, "half the slope"),
        ("floor x", 2, 0, "jumps"),
        ("√x", 0, math.inf, "infinite"),
        ("cbrt x", 0, math.inf, "infinite"),
        ("x^0.5", 0, math.inf, "infinite"),
        ("arcsin x", 1, math.inf, "infinite"),
        ("x^0", 0, 0, "0⁰"),
    ],
)
def test_kinks_and_infinite_slopes_are_noted(text: str, at: float, gradient: float, note: str) -> None:
    traced = trace(text, at=at)
    assert traced.gradient == {"x": gradient}
    assert note in traced.notes[0].text
    assert "Note: v₁" in traced.to_text()


def test_zero_times_infinity_is_undefined_and_said_to_be() -> None:
    traced = trace("√(x^2)", at=0)
    assert math.isnan(traced.gradient["x"])
    assert any("0 × ∞" in note.text for note in traced.notes)
    assert "undefined" in traced.to_text()


def test_an_overflow_prints_infinity_with_a_note() -> None:
    traced = trace("exp(x)", at=1000)
    assert traced.value == math.inf
    assert "too large" in traced.notes[0].text
    assert "∞" in traced.to_text()


def test_minus_zero_is_zero() -> None:
    assert trace("√x", at=-0.0).gradient == {"x": math.inf}
    assert trace("√(0*x)", at=-1).gradient["x"] == pytest.approx(math.nan, nan_ok=True)


def test_the_message_for_a_domain_shows_the_digits_that_matter() -> None:
    with pytest.raises(DomainError, match=r"v₀ = 1\.0000001: arcsin needs"):
        trace("arcsin x", at=1.0000001)


def test_rows_that_nothing_reaches_stand_first() -> None:
    names = [unicode_ref(row.ref) for row in trace("x^2 y, x + y", at=(1, 2)).adjoints]
    assert names == ["v̄₃", "v̄₂", "v̄₁", "v̄₀", "v̄₋₁", "ȳ", "x̄"]


def test_exponents_are_worked_out() -> None:
    assert derivatives("x^-2", 2)["v̄₀"] == "v̄₁ × (−2 × v₀^(−3))"


def test_powers_of_zero_and_negative_bases() -> None:
    assert trace("x^y", at=(0, 2)).gradient == {"x": 0.0, "y": 0.0}
    assert trace("x^2", at=0).gradient == {"x": 0.0}
    negative = trace("x^y", at=(-2, 3))
    assert negative.gradient["x"] == 12.0
    assert math.isnan(negative.gradient["y"])
    assert "no slope" in negative.notes[0].text


# --- wrong requests -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("x*y", {"at": (1,)}, "2 variables: x, y"),
        ("x*y", {"at": (1, 2, 3)}, "2 variables: x, y"),
        ("x*y", {}, "no values"),
        ("x", {"at": {"z": 1}}, "no variable 'z'"),
        ("x + theta", {"at": {"x": 1, "teta": 1}}, "did you mean 'theta'"),
        ("x", {"at": {"x": 1, "pi": 3}}, "constant"),
        ("x", {"at": math.nan}, "finite"),
        ("x", {"at": ["a"]}, "'a' is not a number"),
        ("x", {"at": [None]}, "finite"),
        ("x", {"at": 1, "mode": "sideways"}, "unknown mode"),
        ("x", {"at": 1, "order": "up"}, "unknown order"),
        ("x", {"at": 1, "wrt": "x"}, "forward mode"),
        ("x", {"at": 1, "mode": "forward", "output": "y"}, "reverse mode"),
        ("x", {"at": 1, "mode": "forward", "wrt": "z"}, "variables are: x"),
        ("x", {"at": 1, "output": "y3"}, "outputs are: y"),
        ("x", {"at": 1, "seed": (1, 2)}, "2 numbers for 1 output"),
        ("x", {"at": 1, "mode": "both", "seed": (1,)}, "one direction"),
        ("x", {"at": 1, "output": "y", "seed": (1,)}, "choose one"),
        ("x", {"at": 1, "output": ""}, "outputs are: y"),
        ("x", {"at": 10**400}, "finite"),
    ],
)
def test_wrong_requests_are_refused(text: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(BindingError, match=message):
        trace(text, **options)  # type: ignore[arg-type]


def test_a_word_that_may_be_a_forgotten_product_needs_its_value_by_name() -> None:
    with pytest.raises(ExpressionError, match=r"x\*y"):
        trace("xy + 1", at=2)
    with pytest.raises(ExpressionError, match=r"write a\*b"):
        trace("ab + a + b", at={"a": 1, "b": 2})
    with pytest.raises(ExpressionError, match="arctg"):
        trace("arcctg x", at=(1, 2))
    assert trace("xy + 1", at={"xy": 2}).value == 3


@pytest.mark.parametrize("text", ["ln(-1) + x", "1/0*x", "9^9^9^9", "x + 10^400", "√(-2) x"])
def test_constants_without_a_value_are_refused(text: str) -> None:
    with pytest.raises(DomainError):
        trace(text, at=[1.0] * ("x" in text))


def test_results_of_the_other_direction_are_not_guessed() -> None:
    with pytest.raises(AutodiffError, match="reverse"):
        _ = trace("x", at=1, mode="forward").gradient
    with pytest.raises(AutodiffError, match="forward"):
        _ = trace("x", at=1).tangent
    with pytest.raises(AutodiffError, match="both"):
        _ = trace("x", at=1).jacobian


# --- functions and values -------------------------------------------------------------------------------------
def test_a_python_function_is_traced_as_it_runs() -> None:
    def swing(length: float, angle: float) -> object:
        height = length * (1 - cos(angle))
        for _ in range(2):
            height = height + sin(angle)
        return height

    traced = trace(swing, at=(2, 0.5))
    assert traced.expression == "swing"
    assert [row.operation for row in traced.rows[2:]] == ["cos", "sub", "mul", "sin", "add", "sin", "add"]
    assert traced.gradient == pytest.approx(dict(zip(("length", "angle"), grad(swing)(2.0, 0.5), strict=True)))
    assert trace(lambda x: (x, 3.0), at={"x": 1}).value == (1.0, 3.0)
    assert trace(lambda *x: x[0] * x[1], at=(2, 3)).gradient == {"x1": 3.0, "x2": 2.0}
    with pytest.raises(BindingError, match="not NoneType"):
        trace(lambda x: None, at=1)
    with pytest.raises(BindingError, match="not int"):
        trace(5, at=1)  # type: ignore[arg-type]
    with pytest.raises(BindingError, match="takes 2"):
        trace(swing, at=1)
    with pytest.raises(DomainError) as caught:
        trace(lambda x: ln(x - 3), at=1)
    assert isinstance(caught.value.trace, Trace)
    assert len(caught.value.trace.steps) == 2


def test_a_trace_is_a_frozen_value_that_pickles() -> None:
    traced = trace("max(x, 2) + x^π + digamma(x) + 2^x", at=2.5, mode="both")
    copy = pickle.loads(pickle.dumps(traced))
    assert copy == traced
    assert copy.to_text() == traced.to_text()
    with pytest.raises(AttributeError):
        traced.mode = "forward"  # type: ignore[misc]


@given(smooth_formulas, st.tuples(*[st.floats(1, 2)] * 3))
@example(parse_expression("cbrt(x - x)"), (1.0, 1.0, 1.0))  # no slope: both must find that there is none
@settings(max_examples=200)
def test_a_trace_finds_what_grad_and_jvp_find(formula: Expr, point: tuple[float, float, float]) -> None:
    at = dict(zip("xyz", point, strict=True))

    def function(x: object, y: object, z: object) -> object:
        return evaluate(formula, {"x": x, "y": y, "z": z})

    traced = trace(f"{formula} + 0*x + 0*y + 0*z", at=at, mode="both")
    gradient = grad(function)(*point)
    assert list(traced.gradient.values()) == pytest.approx(list(gradient), rel=1e-9, abs=1e-9, nan_ok=True)
    tangent = jvp(function, point, (1.0, 0.0, 0.0))[1]
    assert traced.tangents[-1].value == pytest.approx(tangent, rel=1e-9, abs=1e-9, nan_ok=True)


def test_references_name_rows() -> None:
    assert [unicode_ref(Ref(kind, -1)) for kind in ("primal", "tangent", "adjoint")] == ["v₋₁", "v̇₋₁", "v̄₋₁"]

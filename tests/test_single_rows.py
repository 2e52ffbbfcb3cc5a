"""Single rows of a trace: found by their names, and worked out anew from other values of what they read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodiff import AutodiffError, Tape, Trace, Var, checkpoint, elementary, sin, trace
from autodiff.errors import DomainError
from autodiff.expression.blocks import Block
from autodiff.expression.names import Ref, ascii_ref, unicode_ref
from autodiff.expression.printing import AsciiPrinter, UnicodePrinter
from autodiff.operations.rule import BY_NAME
from autodiff.render.player.data import has_arrays
from autodiff.render.tables.styles import STYLES
from autodiff.render.words.sheet import Writer
from autodiff.tracing.recompute import Recomputed
from autodiff.tracing.rows import Derivative, Output, Step
from tests.test_media import BOOK


def program(x: Any, y: Any) -> Any:
    z = x
    for _ in range(3):
        z = z * y + sin(z)
    return z, z * y


def layer(x: Any, y: Any) -> Any:
    return np.sum(np.tanh(np.array([[2.0, 1.0], [0.0, 3.0]]) @ x) ** 2) + y * x[1:], np.max(x)


def segmented(x: Any, y: Any) -> Any:
    return checkpoint(lambda x, y: sin(x) * y)(x, y) + x


def by_hand() -> Tape:
    with Tape() as tape:
        x, y = Var(np.array([1.0, 2.0])), Var(3.0)
    np.sum(x * x * y).backward()
    return tape


SUBJECTS: dict[str, tuple[Any, Any]] = {
    "book": (BOOK, (2, 5)),
    "several": ("x^2 y, x + y, 3", (1, 2)),
    "statements": ("a = exp(x); b = a^2; a, sin(a + b), b", 0.5),
    "one row": ("x*x + x^x", 2),
    "constants": ("2x + π x/3 + e^x - 7", 0.1),
    "sqrt at 0": ("sqrt(x) + 2", 0),
    "cbrt at 0": ("cbrt(x)*y", (0, 3)),
    "hypot at 0": ("hypot(x, y) + x", (0, 0)),
    "kinks": ("|x| + relu(x) + max(x, y)", (0, 0)),
    "no product": ("sqrt(x*y) + 0*z", (0, 1, 2)),
    "too large": ("exp(x)*y", (800, 1)),
    "v is taken": ("v1*v2 + v1", (2, 3)),
    "a variable": ("x", 2),
    "a number": ("2", None),
    "function": (program, (0.5, 1.5)),
    "one row for a call": (segmented, (0.5, 2)),
    "by hand": (by_hand(), None),
    "arrays": (layer, (np.array([0.1, 0.2]), 2.0)),
}


@pytest.fixture(params=list(SUBJECTS))
def traced(request: pytest.FixtureRequest) -> Trace:
    return trace(*SUBJECTS[request.param], mode="both")


def same(a: Any, b: Any) -> bool:
    if isinstance(a, Block):
        return isinstance(b, Block) and a.shape == b.shape and np.allclose(a.array, b.array, 1e-15, 0, equal_nan=True)
    return bool(a == b or (a != a and b != b))


# --- by name --------------------------------------------------------------------------------------------------
def test_every_row_is_found_by_what_is_printed(traced: Trace) -> None:
    for row in (*traced.steps, *traced.derivatives):
        assert traced[row.ref] is traced[unicode_ref(row.ref)] is traced[ascii_ref(row.ref)] is row
    for step in traced.steps:
        assert step.label is None or traced[step.label] is step
    for text in traced.rows:
        assert text.name in traced
        assert text.derivative is None or text.derivative.name in traced
    for printer in (UnicodePrinter, AsciiPrinter):
        for style in ("full", "griewank", "cs207"):
            pages = STYLES[style](traced, Writer(printer, traced))
            for line in (line for page in pages for side in page.sides for line in side.lines):
                assert line.cells[0].text in traced


@pytest.mark.parametrize(
    ("names", "of"),
    [
        (("v3", "v₃", " v_3 ", "v[3]"), Ref("primal", 3)),
        (("v[-1]", "v₋₁", "v-1", "v−1", "v_-1"), Ref("primal", -1)),
        (("v̄₀", "adj v0", "adj  v[0]"), Ref("adjoint", 0)),
        (("v̇₋₁", "d v[-1]", "d v₋₁"), Ref("tangent", -1)),
        (("x̄₁", "adj x1", "adj x_1"), Ref("adjoint", "x1")),
        (("ẏ", "d y"), Ref("tangent", "y")),
    ],
)
def test_the_spellings_of_a_name(names: tuple[str, ...], of: Ref) -> None:
    traced = trace(BOOK, (2, 5), mode="both")
    for name in names:
        assert traced[name] is traced[of]
        assert getattr(traced[name], "ref") == of  # noqa: B009


def test_the_users_own_names() -> None:
    traced = trace("θ₁ = exp(x_2); k_B = θ₁^2; k_B + θ₁, θ₁", {"x2": 1}, mode="both")
    first, second = traced.operations[:2]
    assert all(traced[name] is first for name in ("θ₁", "θ1", "θ_1", "theta1"))
    assert traced["k_B"] is second
    assert traced["x_2"] is traced["x₂"] is traced.steps[0]
    assert isinstance(traced["y1"], Output)
    assert traced["k̄_B"] is traced["adj k_B"] is traced[Ref("adjoint", second.ref.of)]
    assert traced["d k_B"] is traced[Ref("tangent", second.ref.of)]
    assert traced["d θ₁"].ref == Ref("tangent", "θ1")  # the output that is called so: it has a row of its own


def test_a_seed_is_a_row_that_holds_its_number() -> None:
    traced = trace("a b, a", (2, 5), seed=(2, -1))
    found = traced["ȳ₂"]
    assert isinstance(found, Derivative)
    assert (found.value, found.rule, found.contributions) == (-1.0, None, ())


def test_a_name_that_is_not_there_is_told_with_what_was_meant() -> None:
    traced = trace(BOOK, (2, 5))
    with pytest.raises(AutodiffError, match=r"^there is no row 'v9' in this trace\nits rows are v\[-1\], v0, v1, v2"):
        traced["v9"]
    with pytest.raises(AutodiffError, match=r"^there is no row 'v̄₉' in this trace\ndid you mean 'v̄"):
        traced["v̄₉"]
    with pytest.raises(AutodiffError, match=r"^there is no row 'v̇₁' in this trace"):
        traced["v̇₁"]  # it has no tangents
    with pytest.raises(AutodiffError, match=r"^there is no row 'adj w' in this trace\ndid you mean 'adj y'"):
        traced["adj w"]
    with pytest.raises(KeyError, match="there is no row 'v̇₃'"):
        traced[Ref("tangent", 3)]
    assert "v9" not in traced
    assert Ref("tangent", 3) not in traced
    assert 3 not in traced
    with pytest.raises(TypeError, match="not iterable"):
        list(traced)  # type: ignore[call-overload]


# --- worked out anew ------------------------------------------------------------------------------------------
def test_from_its_own_values_each_row_is_what_it_is(traced: Trace) -> None:
    for row in (*traced.steps, *traced.derivatives):
        again = traced.recompute(row.ref)
        assert again.ref == row.ref
        assert same(again.value, row.value), unicode_ref(row.ref)
        if isinstance(row, Derivative) and row.contributions:
            assert len(again.contributions) == len(row.contributions)
            for ours, theirs in zip(again.contributions, row.contributions, strict=True):
                assert same(ours.value, theirs.value)
                assert same(ours.factor, theirs.factor)
                assert (ours.rule, ours.partial, ours.formula) == (theirs.rule, theirs.partial, theirs.formula)
        if not has_arrays(traced):
            assert again.bound is not None
            assert again.bound >= 0
    for output in traced.outputs:
        assert traced.recompute(output.name).value == output.value


def test_the_names_that_are_read_are_those_of_the_formula(traced: Trace) -> None:
    known = traced.values()
    for row in (*traced.steps, *traced.derivatives):
        again = traced.recompute(row.ref)
        keys = [key for key in row.formula.symbols() if not isinstance(key, Block)]
        assert list(again.used) == [key if isinstance(key, Ref) else Ref("primal", key) for key in keys]
        assert all(same(value, known[ref]) for ref, value in again.used.items())


def test_the_symbols_of_inputs_and_seeds_are_keys_of_values(traced: Trace) -> None:
    known = traced.values()
    for row in (*traced.steps, *traced.derivatives):
        assert set(row.formula.symbols()) <= {*known, *(key for key in row.formula.symbols() if isinstance(key, Block))}


def test_what_a_student_has_counts() -> None:
    traced = trace(BOOK, (2, 5), mode="both")
    assert traced.recompute("v2", {"v[-1]": 3, "v0": 0.5}).value == 1.5
    assert traced.recompute("v₂", {"x1": 3, "x2": 0.5}).value == 1.5  # v₋₁ only copies x₁
    assert traced.recompute("v₂", {"x1": 3, "v₋₁": 4}).value == 20.0  # but has a value of its own here
    assert traced.recompute("v[-1]", {"x1": 3, "v₋₁": 4}).value == 3.0
    assert traced.recompute("y", {"v5": 7}).value == 7.0
    assert traced.recompute("x̄₁", {"v̄₋₁": 7}).value == 7.0
    assert traced.recompute("v̇₁", {"ẋ₁": 4}).value == 2.0
    assert traced.recompute("v̄₅", {"ȳ": 3}).value == 3.0
    again = traced.recompute("adj v0", {"adj v3": 2, "v0": 0, "v[-1]": 10})
    assert again.value == 12.0
    assert again.used == {
        Ref("adjoint", 3): 2.0,
        Ref("primal", 0): 0.0,
        Ref("adjoint", 2): 1.0,
        Ref("primal", -1): 10.0,
    }
    assert [(part.factor, part.partial_value, part.value) for part in again.contributions] == [(2, 1, 2), (1, 10, 10)]
    assert traced.recompute("v̄₀").value == traced["v̄₀"].value  # nothing has changed in the trace


def test_an_output_that_goes_on_has_its_seed_and_contributions() -> None:
    traced = trace("a = x^2; a, 3a", 2, seed=(1, 1))
    assert traced.recompute("adj v1").value == 4.0
    again = traced.recompute("adj v1", {"ā": 10, "adj v2": 2})
    assert (again.value, [part.value for part in again.contributions]) == (16.0, [6.0])


@pytest.mark.parametrize(
    ("text", "at", "name", "value", "note"),
    [
        ("sqrt(x)", 0, "adj v0", math.inf, "the slope is infinite here"),
        ("cbrt(x)", 0, "d v1", math.inf, "the slope is infinite here"),
        ("hypot(x, y)", (0, 0), "adj v0", 0.0, BY_NAME["hypot"].conventions[0].note),
        ("hypot(x, y)", (0, 0), "d v1", 0.0, BY_NAME["hypot"].conventions[0].note),
    ],
)
def test_singular_points_are_those_of_the_sweeps(text: str, at: Any, name: str, value: float, note: str) -> None:
    traced = trace(text, at, mode="both")
    again = traced.recompute(name)
    assert (again.value, again.notes) == (value, (note,))
    regular = trace(text, 1 if at == 0 else (3, 4), mode="both")
    moved = {f"v[{n}]" if n < 0 else f"v{n}": 0 for n in (-1, 0, 1) if Ref("primal", n) in regular}
    assert regular.recompute(name, moved).value == value  # and the other way, from regular to singular
    assert regular.recompute(name).notes == ()


def test_outside_of_a_domain_and_with_what_is_no_number() -> None:
    traced = trace(BOOK, (2, 5))
    with pytest.raises(DomainError, match="the logarithm needs a positive number"):
        traced.recompute("v1", {"v[-1]": -2})
    with pytest.raises(AutodiffError, match="the value of v0 is 'five', which is not a number"):
        traced.recompute("v2", {"v0": "five"})
    with pytest.raises(AutodiffError, match=r"the value of v₀ has the shape \(2,\), not \(\)"):
        traced.recompute("v2", {"v0": np.ones(2)})
    with pytest.raises(AutodiffError, match="there is no row 'v7'"):
        traced.recompute("v2", {"v7": 1})
    with pytest.raises(AutodiffError, match="there is no row 'w'"):
        traced.recompute("v2", off={"w": 1})


def test_rows_of_arrays() -> None:
    traced = trace(lambda x: np.sum(x * x), (np.array([1.0, 2.0]),), mode="both")
    product = next(step for step in traced.operations if step.operation.name == "mul")
    operand = product.operands[0]
    again = traced.recompute(product.ref, {operand: np.array([3.0, 4.0])})
    assert isinstance(again.value, Block)
    assert again.value.tolist() == [9.0, 16.0]
    assert again.bound is None
    adjoint = traced.recompute(Ref("adjoint", operand.of), {operand: np.array([3.0, 4.0])})
    assert adjoint.value.tolist() == [6.0, 8.0]


def test_an_operation_of_a_users_own() -> None:
    elementary("squared_for_rows", lambda x: x * x, lambda z, x: 2 * x)
    traced = trace("squared_for_rows(x) + x", 3, mode="both")
    assert traced.recompute("v1", {"x": 4}).value == 16.0
    assert traced.recompute("v̇₁", {"v0": 4}).value == 8.0


# --- bounds ---------------------------------------------------------------------------------------------------
def moved(traced: Trace, again: Recomputed, off: float, signs: list[int]) -> float:
    values = {ref: value + sign * off for (ref, value), sign in zip(again.used.items(), signs, strict=False)}
    return float(traced.recompute(again.ref, values).value)


SMOOTH = ("ln(x)+x*y-sin(y)", "exp(x*y)/(x + y)", "tanh(x)^3 + y^x", "sqrt(x)*cbrt(y) + hypot(x, y)", "erf(x) - x/y/7")


@given(st.sampled_from(SMOOTH), st.tuples(st.floats(0.5, 2), st.floats(0.5, 2)), st.data())
def test_the_bound_holds_for_values_that_are_off(text: str, at: tuple[float, float], data: st.DataObject) -> None:
    traced, off = trace(text, at, mode="both"), 1e-6
    row = data.draw(st.sampled_from([*traced.operations, *traced.derivatives]))
    own = traced.recompute(row.ref)
    again = traced.recompute(row.ref, own.used, off=off)
    signs = data.draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=len(own.used), max_size=len(own.used)))
    assert again.bound is not None
    assert abs(moved(traced, again, off, signs) - row.value) <= again.bound * (1 + 1e-4)


def test_the_bound_is_reached() -> None:
    traced = trace(BOOK, (2, 5), mode="both")
    assert traced.recompute("v2", {"v[-1]": 2, "v0": 5}, off=0.01).bound == pytest.approx(0.07, rel=1e-12)
    assert traced.recompute("d v4", {"d v1": 0.5, "d v2": 5}, off=0.01).bound == pytest.approx(0.02, rel=1e-12)
    # v̄₋₁ = v̄₂ v₀ + v̄₁ / v₋₁: 5 × 0.01 + 1 × 0.01 + 0.01 / 2 + 0.01 / 4
    given = {"adj v2": 1, "v0": 5, "adj v1": 1, "v[-1]": 2}
    assert traced.recompute("adj v[-1]", given, off=0.01).bound == pytest.approx(0.0675, rel=1e-12)
    assert traced.recompute("v2", {"v0": 5}, off=0.01).bound == pytest.approx(0.02, rel=1e-12)
    assert traced.recompute("v2", off={"v0": 0.1}).bound == pytest.approx(0.2, rel=1e-12)
    assert traced.recompute("v1", off={"x1": 0.1}).bound == pytest.approx(traced.recompute("v1").bound)  # v₋₁ is read


def test_without_more_it_is_half_an_ulp_of_everything() -> None:
    traced = trace("x - y", (0.3, 0.1 + 0.2))
    again = traced.recompute("v1")
    assert again.bound == pytest.approx(math.ulp(0.3) / 2 + math.ulp(0.1 + 0.2) / 2, rel=1e-6)
    assert abs(again.value) <= again.bound * (1 + 1e-6)  # nothing but rounding is left
    residue = trace("sin(x)", math.pi).recompute("v1")
    assert abs(residue.value) < residue.bound
    assert trace("3x", 0.0).recompute("v1").bound < 1e-300
    tenth, half = (trace(text, 3.0).recompute("v1").bound for text in ("0.1x", "0.5x"))
    assert half == pytest.approx(0.5 * math.ulp(3.0) / 2 + math.ulp(1.5) / 2)  # a half is what it says, a tenth is not
    assert tenth == pytest.approx(0.1 * math.ulp(3.0) / 2 + 3 * math.ulp(0.1) / 2 + math.ulp(0.3) / 2)
    assert trace("x^2", -1).recompute("v1").bound < 1e-15  # no logarithm is taken


def test_where_nothing_bounds_a_value_the_bound_is_infinite() -> None:
    assert trace("sqrt(x)", 0).recompute("v1", {"v0": 0}, off=0.001).bound == math.inf
    assert trace("sqrt(x)", 0).recompute("v1").bound < 1e-300  # 0 is off by nothing
    assert trace("sqrt(x)", 0, mode="both").recompute("adj v0", {"v0": 0}, off=0.001).bound == math.inf
    assert trace("exp(x)", 800).recompute("v1").bound == math.inf


def test_kinds_of_rows() -> None:
    traced = trace(BOOK, (2, 5), mode="both")
    assert [type(traced[name]) for name in ("v1", "x1", "y", "d v1", "adj x1")] == [
        Step,
        Step,
        Output,
        *[Derivative] * 2,
    ]

"""The check against sympy: it says yes to what is right and no to what is wrong."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff import Trace, check, trace
from autodiff.expression.expr import Expr
from autodiff.expression.to_sympy import derivative_of, sympy_function
from autodiff.operations.rule import TABLE, Operation
from tests.changing import with_rows
from tests.strategies import smooth_formulas

BOOK = "ln(x1)+x1*x2-sin(x2)"


def nudged(value: float, ulps: int) -> float:
    """The double so many ulps above."""
    return value + ulps * math.ulp(value)


def test_the_book_is_right() -> None:
    report = check(trace(BOOK, at=(2, 5), mode="both"))
    assert report.ok
    assert len(report.verdicts) == 5 + 8 + 9
    assert str(report).startswith("✓ all 22 values agree with sympy (30 digits)")
    assert "so does the whole expression" in str(report)


@pytest.mark.parametrize("place", [2, 5, 6])
def test_a_wrong_value_is_found_where_it_stands(place: int) -> None:
    right = trace(BOOK, at=(2, 5))
    step = right.steps[place]
    wrong = replace(step, value=nudged(step.value, 100))
    report = check(replace(right, steps=(*right.steps[:place], wrong, *right.steps[place + 1 :])))
    assert not report.ok
    assert step.ref in [verdict.ref for verdict in report.verdicts if not verdict.ok]
    assert max(verdict.ulps for verdict in report.verdicts) > 50


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_every_wrong_derivative_is_found(mode: str) -> None:
    right = trace(BOOK, at=(2, 5), mode=mode)
    for row in right.derivatives:
        value = nudged(row.value, 100) if row.value else 1e-10
        changed = replace(row, value=value)
        wrong = with_rows(right, lambda each, row=row, changed=changed: changed if each is row else each)  # type: ignore[misc]
        assert row.ref in [verdict.ref for verdict in check(wrong).verdicts if not verdict.ok]


def test_rows_that_are_not_the_typed_expression_are_found() -> None:
    right = trace(BOOK, at=(2, 5))
    report = check(replace(right, expression="ln(x1)+x1*x2+sin(x2)"))
    assert not report.ok
    assert "the whole expression differs" in report.whole


@pytest.mark.parametrize("at", [-800.0, -40.0, -1e-9, 0.0, 1e-300, 20.0, 40.0, 800.0])
@pytest.mark.parametrize("text", ["sigmoid x", "softplus x", "tanh x", "expm1(x)/2", "log1p(exp(-|x|))", "sech x"])
def test_stable_forms_keep_their_digits(text: str, at: float) -> None:
    assert check(trace(text, at=at)).ok


@pytest.mark.parametrize(
    ("text", "at"),
    [("|x|", 0), ("max(x, 2)", 2), ("√x", 0), ("√(x^2)", 0), ("exp(x)", 1000), ("x^y", (-2, 3)), ("x^y", (0, 2)),
     ("floor(x) + ceil x", 2), ("x", 1), ("5", ()), ("(-x)^3", 2), ("x^(-2)", -3), ("10^x", 300)],
)  # fmt: skip
def test_kinks_overflows_and_edges_agree_too(text: str, at: object) -> None:
    report = check(trace(text, at=at, mode="both"))  # type: ignore[arg-type]
    assert report.ok, str(report)


def test_an_ill_conditioned_expression_is_still_right_row_by_row() -> None:
    assert check(trace("(1 + x) - 1 - x", at=1e-10)).ok
    assert check(trace("sin(1e10 x)", at=3.7)).ok


def test_a_large_expression_is_checked_row_by_row() -> None:
    report = check(trace(" + ".join(f"sin(x{n})" for n in range(1, 200)), at=[0.5] * 199))
    assert report.ok
    assert "too large" in report.whole


def test_a_python_function_is_checked_row_by_row() -> None:
    report = check(trace(lambda x, y: x * y + x, at=(2, 3)))
    assert report.ok
    assert "not typed text" in report.whole


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.name)
def test_sympy_knows_every_operation(operation: Operation) -> None:
    assert callable(sympy_function(operation))
    for k in range(operation.arity):
        if k not in operation.orders:
            assert derivative_of(operation, k)[0] is not None


@given(smooth_formulas, st.tuples(*[st.floats(1, 2)] * 3))
@settings(max_examples=60)
def test_random_formulas_pass(formula: Expr, point: tuple[float, float, float]) -> None:
    traced: Trace = trace(f"{formula} + 0*x + 0*y + 0*z", at=point, mode="both")
    report = check(traced)
    assert report.ok, (str(formula), str(report))

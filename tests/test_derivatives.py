"""derivative, grad, value_and_grad, jvp, vjp, jacobian: their results, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff import AutodiffError, derivative, grad, jacobian, jvp, ln, relu, sqrt, value_and_grad, vjp
from autodiff.expression.expr import Expr, evaluate
from tests.strategies import smooth_formulas


def test_shapes_of_results() -> None:
    assert grad(lambda x: x * x)(3.0) == 6.0
    assert grad(lambda x, y: x * y)(2.0, 5.0) == (5.0, 2.0)
    assert grad(lambda x, y: x * y, argnums=-1)(2.0, 5.0) == 2.0
    assert grad(lambda x, y, z: x * y * z, argnums=(2, 0))(2.0, 5.0, 7.0) == (10.0, 35.0)
    assert value_and_grad(lambda x, y: x * y)(2.0, 5.0) == (10.0, (5.0, 2.0))
    assert jacobian(lambda x: (x, x * x))(3.0) == (1.0, 6.0)
    assert jacobian(lambda x, y: [x * y, x])(2.0, 5.0) == ((5.0, 2.0), (1.0, 0.0))
    assert jacobian(lambda x, y: x * y)(2.0, 5.0) == (5.0, 2.0)
    assert derivative(lambda x: (x, x**2))(3.0) == (1.0, 6.0)
    assert jvp(lambda x: x**2, 3.0, 1.0) == (9.0, 6.0)
    value, pullback = vjp(lambda x, y: (x * y, x + y), 2.0, 5.0)
    assert (value, pullback((1.0, 10.0))) == ((10.0, 7.0), (15.0, 12.0))


def test_functions_keep_their_names_and_their_other_arguments() -> None:
    def energy(x: Any, *, scale: float = 1.0) -> Any:
        """Half the square."""
        return scale * x * x / 2

    for transform in (derivative, grad, value_and_grad, jacobian):
        assert transform(energy).__name__ == "energy"
        assert transform(energy).__doc__ == "Half the square."
    assert grad(energy)(3.0, scale=2.0) == 6.0
    assert derivative(energy)(3.0, scale=2.0) == 6.0


def test_constants_have_no_slope() -> None:
    assert grad(lambda x, y: 7.0)(1.0, 2.0) == (0.0, 0.0)
    assert derivative(lambda x: 7.0)(1.0) == 0.0
    assert vjp(lambda x: 7.0, 1.0)[1](1.0) == (0.0,)
    assert jacobian(lambda x, y: (x, 7.0))(1.0, 2.0) == ((1.0, 0.0), (0.0, 0.0))


@pytest.mark.parametrize("result", [None, "y", object()])
def test_functions_that_return_no_number_are_refused(result: object) -> None:
    for differentiate in (grad, derivative, value_and_grad, jacobian):
        with pytest.raises(AutodiffError, match="return"):
            differentiate(lambda x: result)(1.0)
    with pytest.raises(ValueError, match="2 tangents for 1"):
        jvp(lambda x: x, (1.0,), (1.0, 2.0))


def test_domain_errors_tell_what_is_needed() -> None:
    with pytest.raises(AutodiffError, match="positive"):
        grad(lambda x: ln(x))(-1.0)
    with pytest.raises(AutodiffError, match="division by zero"):
        derivative(lambda x: 1 / x)(0.0)


def test_branches_follow_the_value() -> None:
    def f(x: Any) -> Any:
        return x * x if x > 1 else relu(x) + 3 * x

    assert [grad(f)(x) for x in (2.0, 0.5, -1.0)] == [4.0, 4.0, 3.0]


@given(smooth_formulas, st.tuples(*[st.floats(1, 2)] * 3), st.tuples(*[st.floats(-1, 1)] * 3))
@settings(max_examples=200, deadline=None)
def test_forward_meets_reverse(formula: Expr, point: tuple[float, ...], direction: tuple[float, ...]) -> None:
    def f(*values: Any) -> Any:
        return evaluate(formula, dict(zip("xyz", values, strict=True)))

    slope = jvp(f, point, direction)[1]
    gradient = grad(f)(*point)
    scale = sum(abs(g * d) for g, d in zip(gradient, direction, strict=True))
    assert slope == pytest.approx(sum(g * d for g, d in zip(gradient, direction, strict=True)), abs=1e-10 * (1 + scale))


def test_rows_the_result_does_not_use_cannot_spoil_it() -> None:
    assert grad(lambda x: (sqrt(x), 2 * x)[1])(0.0) == 2.0
    assert grad(lambda x, y: (sqrt(x * y), x)[1])(0.0, 0.0) == (1.0, 0.0)

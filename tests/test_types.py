"""Dual, Tape and Var as numbers and as objects, and the functions that differentiate."""

from __future__ import annotations

import gc
import math
import operator
import weakref
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff import (
    AutodiffError,
    Dual,
    Tape,
    Var,
    derivative,
    grad,
    jacobian,
    jvp,
    ln,
    relu,
    sin,
    sqrt,
    value_and_grad,
    vjp,
)
from autodiff.errors import LostDerivativeError, TapeError
from autodiff.expression.expr import Expr, evaluate
from tests.strategies import smooth_formulas

BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv]
NUMBERS = [2, 2.0, True, Fraction(3, 2), np.float64(1.5), np.float32(1.5), np.int64(2)]


def slope_forward(f: Callable[[Any], Any], x: float) -> Any:
    return f(Dual(x, 1.0)).tangent


def slope_reverse(f: Callable[[Any], Any], x: float) -> Any:
    with Tape():
        v = Var(x)
    f(v).backward()
    return v.adjoint


def quotient(f: Callable[[float], float], x: float) -> float:
    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6


# --- arithmetic -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.__name__)
@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: type(number).__name__)
def test_numbers_stand_on_either_side(op: Callable[[Any, Any], Any], number: Any) -> None:
    plain = float(number)
    for f, g in ((lambda x: op(x, number), lambda x: op(x, plain)), (lambda x: op(number, x), lambda x: op(plain, x))):
        expected = quotient(g, 2.3)
        assert slope_forward(f, 2.3) == pytest.approx(expected, abs=1e-7)
        assert slope_reverse(f, 2.3) == pytest.approx(expected, abs=1e-7)
        assert f(Dual(2.3, 1.0)).primal == pytest.approx(g(2.3), rel=1e-14)


def test_other_operators() -> None:
    for make in (lambda x: Dual(x, 1.0), Tape().var):
        x = make(-2.5)
        assert (-x).primal == 2.5
        assert (+x) is x
        assert abs(x).primal == 2.5
        assert math.floor(x).primal == -3.0
        assert math.ceil(x).primal == -2.0
        assert [part.primal for part in divmod(x, 2)] == list(divmod(-2.5, 2))
        assert [part.primal for part in divmod(7, x)] == list(divmod(7, -2.5))
    assert slope_forward(lambda x: divmod(x, 2)[1], 3.3) == 1.0
    assert slope_reverse(lambda x: abs(x) * -x, -2.0) == pytest.approx(quotient(lambda x: abs(x) * -x, -2.0))


@pytest.mark.parametrize("make", [lambda x: Dual(x, 1.0), lambda x: Tape().var(x)], ids=["Dual", "Var"])
def test_comparisons_look_at_the_value(make: Callable[[float], Any]) -> None:
    two = make(2.0)
    assert two == 2
    assert two != 3
    assert two < 3
    assert two <= 2
    assert two > 1.5
    assert two > 1
    assert two >= make(2.0)
    assert two == make(2.0)
    assert bool(two)
    assert not make(0.0)
    assert hash(two) == hash(2.0)
    assert two != "2"
    assert max(two, 3) == 3
    with pytest.raises(TypeError):
        _ = two < "3"


@pytest.mark.parametrize("make", [lambda x: Dual(x, 1.0), lambda x: Tape().var(x)], ids=["Dual", "Var"])
@pytest.mark.parametrize("drop", [float, int, complex, round, math.sin, math.trunc, operator.index, "abc".__getitem__])
def test_a_derivative_is_never_lost_silently(make: Callable[[float], Any], drop: Callable[[Any], Any]) -> None:
    with pytest.raises(LostDerivativeError, match=r"\.primal.*autodiff\.sin"):
        drop(make(0.0))


@pytest.mark.parametrize("stranger", ["2", None, 1j, [1.0], {}])
def test_strangers_are_type_errors(stranger: object) -> None:
    for x in (Dual(2.0, 1.0), Tape().var(2.0)):
        for op in BINARY:
            with pytest.raises(TypeError):
                op(x, stranger)
        with pytest.raises(TypeError):
            sin(stranger)


def test_numpy_functions_of_one_number() -> None:
    assert slope_forward(np.sin, 0.5) == math.cos(0.5)
    assert slope_reverse(lambda x: np.log(x) * np.float64(2) + np.maximum(x, 1.0), 0.5) == 4.0
    assert isinstance(np.exp(Dual(1, 1)), Dual)
    assert np.float64(2) * Dual(3, 1) == 6.0
    with pytest.raises(TypeError):
        np.spacing(Dual(1, 1))
    with pytest.raises(TypeError):
        np.add(Dual(1, 1), 1, out=np.zeros(1))


# --- Dual -----------------------------------------------------------------------------------------------------
def test_a_dual_shows_what_it_is() -> None:
    assert repr(Dual(2, 1)) == "2 + 1ε"
    assert repr(Dual(2, -0.5)) == "2 - 0.5ε"
    assert repr(Dual(2)) == "2 + 0ε"
    assert repr(Dual(Dual(2, 1), Dual(1, 0))) == "(2 + 1ε) + (1 + 0ε)ε"
    assert repr(Dual(2, 1) ** 2) == "4 + 4ε"
    with pytest.raises(LostDerivativeError, match="real numbers"):
        Dual("2", 1)


def test_duals_made_by_hand_nest() -> None:
    x = Dual(Dual(3.0, 1.0), 1.0)
    assert (x**3).tangent.tangent == 18.0


# --- Tape and Var ---------------------------------------------------------------------------------------------
def test_a_var_needs_a_tape() -> None:
    with pytest.raises(TapeError, match="with Tape"):
        Var(2.0)
    with Tape() as tape:
        assert Var(2).tape is tape
    assert Var(2.0, tape=tape).row == 1
    with pytest.raises(TapeError, match="real number"):
        tape.var("2")
    assert repr(tape.var(2.5)) == "Var(2.5, row 2)"
    assert repr(tape) == "<Tape with 3 rows>"


def test_vars_of_unrelated_tapes_are_refused() -> None:
    first, second = Tape(), Tape()
    with pytest.raises(TapeError, match="two different tapes"):
        _ = first.var(2.0) * second.var(3.0)
    with Tape():
        x = Var(2.0)
    with Tape():
        y = Var(3.0)
        with pytest.raises(TapeError):
            _ = x + y


def test_nested_tapes_are_a_nested_differentiation() -> None:
    with Tape():
        x = Var(2.0)
        with Tape():
            y = Var(3.0)
            z = x * x * y * y
            z.backward()
            slope = y.adjoint  # 2x²y, recorded on the outer tape
            slope.backward()
    assert slope == 24.0
    assert x.adjoint == 24.0


def test_backward_starts_afresh_and_needs_no_zeroing() -> None:
    with Tape() as tape:
        x, unused = Var(3.0), Var(1.0)
    y = x * x
    with pytest.raises(TapeError, match="backward"):
        _ = x.adjoint
    y.backward()
    y.backward()
    assert (x.adjoint, x.grad, unused.adjoint) == (6.0, 6.0, 0.0)
    y.backward(10.0)
    assert x.adjoint == 60.0
    later = x * y
    assert later.adjoint == 0.0
    assert [row.value for row in map(tape.__getitem__, range(len(tape)))] == [3.0, 1.0, 9.0, 27.0]


def test_rows_the_result_does_not_use_cannot_spoil_it() -> None:
    assert grad(lambda x: (sqrt(x), 2 * x)[1])(0.0) == 2.0
    assert grad(lambda x, y: (sqrt(x * y), x)[1])(0.0, 0.0) == (1.0, 0.0)


def test_a_long_chain_needs_no_recursion() -> None:
    with Tape():
        x = Var(1.0)
    y = x
    for _ in range(200_000):
        y = y * 1.0000001
    y.backward()
    assert x.adjoint == pytest.approx(1.0000001**200_000)


def test_a_tape_goes_with_its_last_var() -> None:
    gc.disable()
    try:
        tape = Tape()
        x = tape.var(2.0)
        y = sin(x) * x
        y.backward()
        gone = weakref.ref(tape)
        del tape, x
        assert gone() is not None
        del y
        assert gone() is None
    finally:
        gc.enable()


# --- derivatives ----------------------------------------------------------------------------------------------
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

"""Differentiations inside differentiations: no two of them ever confuse their perturbations."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest

from autodiff import (
    AutodiffError,
    Dual,
    Tape,
    Var,
    arctan2,
    cos,
    derivative,
    exp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    ln,
    sin,
    tanh,
    value_and_grad,
    vjp,
)
from autodiff.modes.levels import active, new_level

Function = Callable[[Any], Any]


def by_dual(f: Function) -> Function:
    """The derivative by a Dual made by hand. Duals made from numbers share a level; nested ones need their own."""

    def df(x: Any) -> Any:
        return f(Dual(x, 1.0, level=new_level())).tangent

    return df


def by_tape(f: Function) -> Function:
    """The derivative by a tape made by hand."""

    def df(x: Any) -> Any:
        with Tape():
            variable = Var(x)
            y = f(variable)
        y.backward()
        return variable.adjoint

    return df


WAYS: dict[str, Callable[[Function], Function]] = {
    "derivative": derivative,
    "grad": grad,
    "jvp": lambda f: lambda x: jvp(f, x, 1.0)[1],
    "vjp": lambda f: lambda x: vjp(f, x)[1](1.0)[0],
    "dual": by_dual,
    "tape": by_tape,
}
each_way = pytest.mark.parametrize("d", WAYS.values(), ids=WAYS)
CHIEF = ["derivative", "grad", "dual", "tape"]


def names(ways: tuple[Any, ...]) -> str:
    return "-".join(ways)


each_pair = pytest.mark.parametrize("pair", list(itertools.product(WAYS, repeat=2)), ids=names)
each_triple = pytest.mark.parametrize("triple", list(itertools.product(CHIEF, repeat=3)), ids=names)


# --- published cases ------------------------------------------------------------------------------------------
@each_pair
def test_siskind_and_pearlmutter_2005(pair: tuple[str, str]) -> None:
    """d/dx (x · d/dy (x + y) at y = 1) at x = 1 is 1; with confused perturbations it is 2."""
    outer, inner = (WAYS[name] for name in pair)
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0


@each_pair
def test_a_product_instead_of_the_sum(pair: tuple[str, str]) -> None:
    """d/dx (x · d/dy (x·y) at y = 2) is d/dx x² = 2x."""
    outer, inner = (WAYS[name] for name in pair)
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0) == 6.0


@each_pair
def test_the_inner_point_is_the_outer_variable(pair: tuple[str, str]) -> None:
    """d/dx (d/dy (x·y²) at y = x) is d/dx 2x² = 4x, and not the 6x that y = x put in first would give."""
    outer, inner = (WAYS[name] for name in pair)
    assert outer(lambda x: inner(lambda y: x * y * y)(x))(3.0) == 12.0


@each_pair
def test_an_inner_function_without_the_inner_variable_has_slope_zero(pair: tuple[str, str]) -> None:
    outer, inner = (WAYS[name] for name in pair)
    assert outer(lambda x: x * inner(lambda y: x * x + 0 * y)(2.0) + x)(3.0) == 1.0


@pytest.mark.parametrize("d", [derivative, grad], ids=["derivative", "grad"])
def test_a_derivative_of_what_does_not_depend_on_the_variable_is_zero(d: Callable[[Function], Function]) -> None:
    for outer in (derivative, grad):
        assert outer(lambda x: x * d(lambda y: x * x)(2.0) + x)(3.0) == 1.0


def shift(offset: Any) -> Callable[[Function], Function]:
    """The curried shift of Manzyuk, Pearlmutter, Radul, Rush & Siskind, "Perturbation confusion in forward automatic
    differentiation of higher-order functions" (2019): s u f x = f(x + u).
    """
    return lambda f: lambda x: f(x + offset)


def derivative_of_closure(make: Callable[[Any], Callable[[Function], Function]], u: float) -> Any:
    """D of a function that returns a function of functions, taken where the arguments are all there: pointwise."""
    return lambda f: lambda x: derivative(lambda offset: make(offset)(f)(x))(u)


def test_the_amazing_bug_of_a_curried_shift() -> None:
    """D s 0 is d/dx; applied twice to exp it gives exp″, where confused perturbations give 0."""
    differentiate = derivative_of_closure(shift, 0.0)
    assert differentiate(exp)(1.0) == math.e
    assert differentiate(differentiate(exp))(1.0) == math.e
    assert differentiate(differentiate(lambda x: x**3))(2.0) == 12.0


@each_pair
def test_the_curried_shift_in_any_two_ways(pair: tuple[str, str]) -> None:
    outer, inner = (WAYS[name] for name in pair)

    def first(f: Function) -> Function:
        return lambda x: outer(lambda offset: shift(offset)(f)(x))(0.0)

    def second(f: Function) -> Function:
        return lambda x: inner(lambda offset: shift(offset)(f)(x))(0.0)

    assert first(second(lambda x: x**3))(2.0) == 12.0


def test_a_closure_that_outlives_its_differentiation_does_not_disturb_the_next() -> None:
    kept: list[Any] = []

    def f(x: Any) -> Any:
        kept.append(x)
        return x * x

    assert derivative(f)(3.0) == 6.0
    assert derivative(lambda y: y * kept[0])(5.0).primal == 3.0
    assert grad(f)(2.0) == 4.0
    assert grad(lambda y: y * y * kept[1].primal)(5.0) == 20.0


@each_way
def test_the_order_of_differentiations_from_jax(d: Callable[[Function], Function]) -> None:
    """The repeated-derivative cases of JAX's and autograd's own tests."""
    assert d(d(d(lambda x: x**4)))(2.0) == 48.0
    assert d(lambda x: x * d(lambda y: x * y * y)(x))(2.0) == pytest.approx(2 * 3 * 2.0**2)  # (x · 2x²)′
    assert d(lambda x: d(lambda y: sin(x) * y)(x) * x)(1.0) == pytest.approx(math.sin(1) + math.cos(1))
    assert d(lambda x: d(lambda y: d(lambda z: x * y * z)(1.0))(1.0))(1.0) == 1.0
    assert d(lambda x: d(tanh)(x) * d(lambda y: x)(1.0) if False else d(tanh)(x))(0.5) == pytest.approx(
        -2 * math.tanh(0.5) * (1 - math.tanh(0.5) ** 2)
    )


@each_way
def test_a_derivative_as_a_step_of_a_loop(d: Callable[[Function], Function]) -> None:
    """Newton's iteration for √a, differentiated by a: the inner function closes over the outer variable."""

    def root(a: Any) -> Any:
        x = 1.0
        for _ in range(8):
            x = x - (x * x - a) / d(lambda t: t * t - a)(x)
        return x

    assert d(root)(2.0) == pytest.approx(0.5 / math.sqrt(2), rel=1e-14)


def test_minimisation_inside_maximisation() -> None:
    """The saddle of Siskind & Pearlmutter: gradients of a function that is itself made with gradients."""

    def best_response(x: Any) -> Any:
        y = 0.0
        for _ in range(60):
            y = y - 0.25 * derivative(lambda t: (t - x) ** 2 + 0.5 * t * t)(y)
        return y

    assert best_response(3.0) == pytest.approx(2.0)
    assert grad(best_response)(3.0) == pytest.approx(2 / 3)


# --- every pair and triple, with closures over all outer variables --------------------------------------------
def mixed(x: Any, y: Any, z: Any) -> Any:
    return sin(x * y) * z * z + x * y * exp(y * z) + x * x * z


@each_pair
def test_every_pair_gives_the_mixed_second_derivative(pair: tuple[str, str]) -> None:
    """d/dx (x · ∂m/∂y(x, y, x) at y = 0.7) at x = 1.3, worked out by hand."""
    outer, inner = (WAYS[name] for name in pair)
    x, y = 1.3, 0.7
    slope = outer(lambda x: x * inner(lambda y: mixed(x, y, x))(y))(x)
    # ∂m/∂y = x z² cos(xy) + x e^(yz) (1 + yz) with z = x, times x
    expected = (
        4 * x**3 * math.cos(x * y)
        - x**4 * y * math.sin(x * y)
        + (2 * x + x * x * y) * math.exp(x * y) * (1 + x * y)
        + x * x * y * math.exp(x * y)
    )
    assert slope == pytest.approx(expected, rel=1e-13)


@each_triple
def test_every_triple_gives_the_mixed_third_derivative(triple: tuple[str, str, str]) -> None:
    """d/dx (x · d/dy (x y · d/dz (x y z + x z²) at z = y) at y = x) = d/dx (x · (2x²y + 6x²y)·…), by hand below."""
    first, second, third = (WAYS[name] for name in triple)

    def innermost(x: Any, y: Any) -> Any:
        return third(lambda z: x * y * z + x * z * z)(y)  # x y + 2 x y = 3 x y

    def middle(x: Any) -> Any:
        return second(lambda y: x * y * innermost(x, y))(x)  # d/dy 3 x² y² at y = x: 6 x³

    assert first(lambda x: x * middle(x))(2.0) == pytest.approx(24 * 2.0**3, rel=1e-14)  # d/dx 6 x⁴


@each_triple
def test_every_triple_of_plain_repetition(triple: tuple[str, str, str]) -> None:
    first, second, third = (WAYS[name] for name in triple)
    assert first(second(third(lambda x: x**5 / 60)))(2.0) == pytest.approx(4.0, rel=1e-15)
    assert first(second(third(sin)))(0.5) == pytest.approx(-math.cos(0.5), rel=1e-15)
    assert first(second(third(ln)))(0.5) == pytest.approx(2 / 0.5**3, rel=1e-15)


@each_triple
def test_sibling_differentiations_do_not_mix(triple: tuple[str, str, str]) -> None:
    first, second, third = (WAYS[name] for name in triple)

    def f(x: Any) -> Any:
        return second(lambda y: x * y * y)(3.0) * third(lambda y: sin(x) * y)(2.0)  # 6x sin x

    assert first(f)(0.5) == pytest.approx(6 * math.sin(0.5) + 3 * math.cos(0.5), rel=1e-15)


# --- things made by hand --------------------------------------------------------------------------------------
def test_duals_made_by_hand_from_plain_numbers_inside_a_differentiation() -> None:
    def f(x: Any) -> Any:
        return x * (Dual(2.0, 1.0) * x * x).tangent  # x³

    assert derivative(f)(2.0) == grad(f)(2.0) == by_tape(f)(2.0) == 12.0


def test_a_differentiation_at_a_dual_made_by_hand() -> None:
    x = Dual(2.0, 1.0)
    for d in (derivative, grad, by_tape):
        slope = d(lambda y: y**3)(x)
        assert (slope.primal, slope.tangent) == (12.0, 12.0)


def test_a_closure_over_a_dual_made_by_hand() -> None:
    x = Dual(2.0, 1.0)
    for d in (derivative, grad, by_tape):
        slope = d(lambda y: x * x * y * y)(3.0)  # 2 x² y
        assert (slope.primal, slope.tangent) == (24.0, 24.0)


def test_a_dual_made_by_hand_inside_an_open_tape_lies_above_it() -> None:
    with Tape():
        x = Var(3.0)
        y = Dual(2.0, 1.0) * x * x
    y.tangent.backward()
    assert (y.primal.primal, y.tangent.primal, x.adjoint) == (18.0, 9.0, 6.0)


def test_a_dual_of_a_var_is_forward_over_reverse() -> None:
    with Tape():
        x = Var(2.0)
    y = Dual(x, 1.0) ** 3
    y.tangent.backward()
    assert (y.tangent.primal, x.adjoint) == (12.0, 12.0)


def test_a_var_of_a_dual_is_reverse_over_forward() -> None:
    with Tape():
        x = Var(Dual(2.0, 1.0))
    y = x**3
    y.backward()
    assert (x.adjoint.primal, x.adjoint.tangent) == (12.0, 12.0)


def test_a_var_of_a_var_is_reverse_over_reverse() -> None:
    with Tape():
        x = Var(2.0)
        with Tape():
            inner = Var(x)
            y = inner**3
    y.backward()
    inner.adjoint.backward()
    assert (inner.adjoint.primal, x.adjoint) == (12.0, 12.0)


def test_a_var_of_a_var_of_a_closed_tape() -> None:
    with Tape():
        x = Var(2.0)
    with Tape():
        inner = Var(x)
    y = inner**3
    y.backward()
    inner.adjoint.backward()
    assert (inner.adjoint.primal, x.adjoint) == (12.0, 12.0)


def test_a_second_derivative_by_a_second_sweep_on_a_tape_of_vars() -> None:
    with Tape():
        x, y = Var(2.0), Var(5.0)
        by_x, by_y = grad(lambda x, y: x * x * y)(x, y)
    by_x.backward()
    assert (x.adjoint, y.adjoint) == (10.0, 4.0)
    by_y.backward()
    assert (x.adjoint, y.adjoint) == (4.0, 0.0)


def test_a_sweep_of_the_tape_that_grad_is_recording_loses_no_derivative_in_silence() -> None:
    def f(x: Any) -> Any:
        y = x * x
        y.backward()
        return x.adjoint * x  # 2x²

    with contextlib.suppress(AutodiffError):
        assert grad(f)(2.0) == 8.0


@each_pair
def test_everything_is_closed_after_nesting(pair: tuple[str, str]) -> None:
    outer, inner = (WAYS[name] for name in pair)
    outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0)
    assert active.stack == []


# --- second derivatives of several variables ------------------------------------------------------------------
def f(x: Any, y: Any) -> Any:
    return sin(x * y) + x * x * ln(y) + arctan2(x, y) + exp(x) / y


POINT = (0.8, 1.7)
HESSIANS: dict[str, Callable[[], Any]] = {
    "hessian": lambda: hessian(f)(*POINT),
    "jacobian of grad": lambda: jacobian(grad(f))(*POINT),
    "forward over reverse": lambda: tuple(zip(*(jvp(grad(f), POINT, seed)[1] for seed in UNITS), strict=True)),
    "hvp": lambda: tuple(zip(*(hvp(f, POINT, seed) for seed in UNITS), strict=True)),
    "reverse over forward": lambda: tuple(
        grad(lambda x, y, seed=seed: jvp(f, (x, y), seed)[1])(*POINT) for seed in UNITS
    ),
    "forward over forward": lambda: tuple(
        tuple(jvp(lambda x, y, inner=inner: jvp(f, (x, y), inner)[1], POINT, outer)[1] for outer in UNITS)
        for inner in UNITS
    ),
    "grad of each partial": lambda: tuple(grad(grad(f, argnums=k))(*POINT) for k in (0, 1)),
    "value_and_grad": lambda: tuple(
        value_and_grad(lambda x, y, k=k: value_and_grad(f)(x, y)[1][k])(*POINT)[1] for k in (0, 1)
    ),
    "vjp of grad": lambda: tuple(vjp(grad(f), *POINT)[1](seed) for seed in UNITS),
}
UNITS = ((1.0, 0.0), (0.0, 1.0))


def expected_hessian() -> tuple[tuple[float, float], tuple[float, float]]:
    x, y = POINT
    s, c, r = math.sin(x * y), math.cos(x * y), (x * x + y * y) ** 2
    xx = -y * y * s + 2 * math.log(y) - 2 * x * y / r + math.exp(x) / y
    xy = c - x * y * s + 2 * x / y + (x * x - y * y) / r - math.exp(x) / y**2
    yy = -x * x * s - x * x / y**2 + 2 * x * y / r + 2 * math.exp(x) / y**3
    return (xx, xy), (xy, yy)


@pytest.mark.parametrize("ours", HESSIANS.values(), ids=HESSIANS)
def test_every_way_to_the_hessian_arrives(ours: Callable[[], Any]) -> None:
    for row, expected in zip(ours(), expected_hessian(), strict=True):
        assert row == pytest.approx(expected, rel=1e-13)


def test_a_third_derivative_tensor_of_two_variables() -> None:
    def cubic(x: Any, y: Any) -> Any:
        return x**3 + 2 * x * x * y + 5 * x * y * y

    assert jacobian(hessian(cubic))(1.0, 2.0) == (((6.0, 4.0), (4.0, 10.0)), ((4.0, 10.0), (10.0, 0.0)))


def test_a_derivative_inside_a_differentiated_function_of_several_variables() -> None:
    def work(x: Any, y: Any) -> Any:
        return grad(lambda t: t * t * cos(x * y))(x) + derivative(lambda t: x * y * t)(1.0)  # 2x cos xy + xy

    x, y = POINT
    by_x = 2 * math.cos(x * y) - 2 * x * y * math.sin(x * y) + y
    by_y = -2 * x * x * math.sin(x * y) + x
    assert grad(work)(x, y) == pytest.approx((by_x, by_y), rel=1e-14)
    assert jvp(work, (x, y), (2.0, -1.0))[1] == pytest.approx(2 * by_x - by_y, rel=1e-13)


def test_a_gradient_penalty_as_in_machine_learning() -> None:
    """grad of (f + |∇f|²), where the inner gradient closes over a weight."""

    def loss(w: Any) -> Any:
        by_x, by_y = grad(lambda x, y: w * x * x * y + w * w * y)(1.0, 2.0)
        return w + by_x * by_x + by_y * by_y  # w + 16 w² + (w + w²)²

    assert grad(loss)(3.0) == derivative(loss)(3.0) == 1 + 32 * 3 + 2 * (3 + 9) * (1 + 6)

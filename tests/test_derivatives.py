"""derivative, grad, value_and_grad, jvp, vjp, jacobian, hessian, hvp: their results, and what they refuse."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff import (
    AutodiffError,
    derivative,
    exp,
    grad,
    hessian,
    hvp,
    hypot,
    jacobian,
    jvp,
    ln,
    maximum,
    relu,
    sin,
    sqrt,
    value_and_grad,
    vjp,
)
from autodiff.expression.expr import Expr, Num, Symbol, evaluate
from autodiff.operations import elementary as table
from tests.strategies import SMOOTH, calls

TRANSFORMS = {t.__name__: t for t in (derivative, grad, value_and_grad, jacobian, hessian)}
each_transform = pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)


def product(x: Any, y: Any, z: Any) -> Any:
    return x * y * y * z


# --- shapes ---------------------------------------------------------------------------------------------------
def test_one_argument_gives_a_number() -> None:
    assert grad(lambda x: x * x)(3.0) == 6.0
    assert value_and_grad(lambda x: x * x)(3.0) == (9.0, 6.0)
    assert derivative(lambda x: x * x)(3.0) == 6.0
    assert jacobian(lambda x: x * x)(3.0) == 6.0
    assert hessian(lambda x: x**3)(2.0) == 12.0
    assert hvp(lambda x: x**3, 2.0, 0.5) == 6.0
    assert jvp(lambda x: x * x, 3.0, 2.0) == (9.0, 12.0)


def test_several_arguments_give_a_tuple() -> None:
    assert grad(product)(2.0, 3.0, 5.0) == (45.0, 60.0, 18.0)
    assert value_and_grad(product)(2.0, 3.0, 5.0) == (90.0, (45.0, 60.0, 18.0))
    assert jacobian(product)(2.0, 3.0, 5.0) == (45.0, 60.0, 18.0)
    assert hessian(product)(2.0, 3.0, 5.0) == ((0.0, 30.0, 9.0), (30.0, 20.0, 12.0), (9.0, 12.0, 0.0))
    assert hvp(product, (2.0, 3.0, 5.0), (1.0, 0.0, -1.0)) == (-9.0, 18.0, 9.0)
    assert jvp(product, (2.0, 3.0, 5.0), (1.0, 0.0, -1.0)) == (90.0, 27.0)


@pytest.mark.parametrize(
    ("argnums", "partials"),
    [
        (0, 45.0),
        (2, 18.0),
        (-1, 18.0),
        (-3, 45.0),
        ((1,), (60.0,)),
        ((2, 0), (18.0, 45.0)),
        ([0, -1], (45.0, 18.0)),
        ((1, 1), (60.0, 60.0)),
        ((), ()),
        (range(2), (45.0, 60.0)),
    ],
)
def test_argnums_choose_partials(argnums: Any, partials: Any) -> None:
    point = (2.0, 3.0, 5.0)
    assert grad(product, argnums)(*point) == partials
    assert value_and_grad(product, argnums=argnums)(*point) == (90.0, partials)
    assert jacobian(product, argnums)(*point) == partials
    assert jacobian(lambda *xs: (product(*xs), 7.0), argnums)(*point)[0] == partials


def test_argnums_of_a_hessian_choose_rows_and_columns() -> None:
    assert hessian(product, 1)(2.0, 3.0, 5.0) == 20.0
    assert hessian(product, -1)(2.0, 3.0, 5.0) == 0.0
    assert hessian(product, (1,))(2.0, 3.0, 5.0) == ((20.0,),)
    assert hessian(product, (2, 1))(2.0, 3.0, 5.0) == ((0.0, 12.0), (12.0, 20.0))


@pytest.mark.parametrize("argnums", [3, -4, (0, 3)])
def test_an_argument_that_is_not_there_is_an_index_error(argnums: Any) -> None:
    for transform in (grad, value_and_grad, jacobian, hessian):
        with pytest.raises(IndexError):
            transform(product, argnums)(2.0, 3.0, 5.0)


def test_outputs_as_a_tuple_or_a_list() -> None:
    def outputs(kind: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
        return lambda x, y: kind((x * y, x + y, 7.0))

    for kind in (tuple, list):
        f = outputs(kind)
        assert jacobian(f)(2.0, 5.0) == kind(((5.0, 2.0), (1.0, 1.0), (0.0, 0.0)))
        assert jvp(f, (2.0, 5.0), (1.0, 0.0)) == (kind((10.0, 7.0, 7.0)), kind((5.0, 1.0, 0.0)))
        value, pullback = vjp(f, 2.0, 5.0)
        assert value == kind((10.0, 7.0, 7.0))
        assert pullback((1.0, 0.0, 5.0)) == pullback([1.0, 0.0, 5.0]) == (5.0, 2.0)
        assert pullback((1.0, 10.0, 0.0)) == (15.0, 12.0)
        assert derivative(lambda x, f=f: f(x, 5.0))(2.0) == kind((5.0, 1.0, 0.0))
        assert jacobian(lambda x, f=f: f(x, 5.0))(2.0) == kind((5.0, 1.0, 0.0))


def test_outputs_inside_outputs_keep_their_shape() -> None:
    def nested(x: Any) -> Any:
        return (x, [x * x, 7.0]), x**3

    assert derivative(nested)(2.0) == ((1.0, [4.0, 0.0]), 12.0)
    assert jacobian(nested)(2.0) == ((1.0, [4.0, 0.0]), 12.0)
    assert jvp(nested, 2.0, 10.0) == (((2.0, [4.0, 7.0]), 8.0), ((10.0, [40.0, 0.0]), 120.0))
    value, pullback = vjp(nested, 2.0)
    assert value == ((2.0, [4.0, 7.0]), 8.0)
    assert pullback(((1.0, [10.0, 5.0]), 100.0)) == (1241.0,)


def test_a_function_without_outputs_depends_on_nothing() -> None:
    value, pullback = vjp(lambda x, y: (), 1.0, 2.0)
    assert (value, pullback(())) == ((), (0.0, 0.0))
    assert jacobian(lambda x, y: ())(1.0, 2.0) == ()


class Polar(NamedTuple):
    radius: Any
    height: Any


def test_outputs_as_a_named_tuple() -> None:
    def polar(x: Any, y: Any) -> Polar:
        return Polar(hypot(x, y), 2 * y)

    assert jvp(polar, (3.0, 4.0), (0.0, 1.0)) == (Polar(5.0, 8.0), Polar(0.8, 2.0))
    assert jacobian(polar)(3.0, 4.0) == Polar((0.6, 0.8), (0.0, 2.0))


def test_a_pullback_can_be_used_again_and_again() -> None:
    value, pullback = vjp(lambda x, y: x * y, 2.0, 5.0)
    assert [value, pullback(1.0), pullback(-2.0), pullback(1.0)] == [10.0, (5.0, 2.0), (-10.0, -4.0), (5.0, 2.0)]


@pytest.mark.parametrize("seed", [1.0, (1.0,), (1.0, 2.0, 3.0)])
def test_a_pullback_with_a_wrong_number_of_seeds_says_how_many(seed: Any) -> None:
    pullback = vjp(lambda x: (x, x * x), 2.0)[1]
    with pytest.raises(ValueError, match="2 outputs"):
        pullback(seed)


@pytest.mark.parametrize("tangents", [(1.0, 2.0), (), 1.0])
def test_jvp_and_hvp_need_a_tangent_for_each_primal(tangents: Any) -> None:
    for transform in (jvp, hvp):
        with pytest.raises(ValueError, match="for 3 primals"):
            transform(product, (2.0, 3.0, 5.0), tangents)


@pytest.mark.parametrize("number", [2, True, Fraction(1, 4), np.float64(2), np.int64(2)], ids=repr)
def test_arguments_of_any_kind_of_number_give_floats(number: Any) -> None:
    point = float(number)
    results = (*value_and_grad(lambda x: x * x)(number), *jvp(lambda x: x * x, number, 1), hessian(exp)(number))
    assert results == (point * point, 2 * point, point * point, 2 * point, math.exp(point))
    assert {type(result) for result in results} == {float}


def test_single_precision_stays_single_precision() -> None:
    number = np.float32(0.5)
    results = (*value_and_grad(lambda x: x * x)(number), *jvp(lambda x: x * x, number, 1), hessian(np.exp)(number))
    assert results == (0.25, 1.0, 0.25, 1.0, np.exp(number))
    assert {type(result) for result in results} == {np.float32}


def test_partials_are_floats_even_where_nothing_depends_on_anything() -> None:
    partials = [*grad(lambda x, y, z: x + 1)(1.0, 2.0, 3.0), *vjp(lambda x, y: 3, 1.0, 2.0)[1](1)]
    for row in hessian(lambda x, y: 3 * x)(1.0, 2.0):
        partials += row
    assert {type(partial) for partial in partials} == {float}


@pytest.mark.parametrize("seed", [1, True, Fraction(1), np.float64(1), np.int64(1)], ids=repr)
def test_seeds_of_any_kind_of_number_give_floats(seed: Any) -> None:
    partials = vjp(lambda x, y, z: x - y, 1.0, 2.0, 3.0)[1](seed)
    assert partials == (1.0, -1.0, 0.0)
    assert {type(partial) for partial in partials} == {float}


# --- names and other arguments --------------------------------------------------------------------------------
def energy(x: Any, mass: Any = 2.0, *, scale: float = 1.0, label: str = "") -> Any:
    """Half the square."""
    return scale * mass * x * x / (2 + 0 * len(label))


@each_transform
def test_functions_keep_their_names(transform: Callable[..., Any]) -> None:
    changed = transform(energy)
    assert (changed.__name__, changed.__doc__) == ("energy", "Half the square.")
    assert inspect.signature(changed) == inspect.signature(energy)


def test_keyword_arguments_are_passed_on_and_not_differentiated() -> None:
    assert grad(energy)(3.0, scale=2.0) == 12.0
    assert grad(energy)(3.0, mass=5.0, label="kinetic") == 15.0
    assert grad(energy)(3.0, 5.0, scale=2.0) == (30.0, 9.0)
    assert value_and_grad(energy)(3.0, scale=2.0) == (18.0, 12.0)
    assert jacobian(energy)(3.0, scale=2.0) == 12.0
    assert hessian(energy)(3.0, scale=2.0) == 4.0


def test_derivative_passes_further_arguments_on_as_they_are() -> None:
    assert derivative(energy)(3.0, 5.0, scale=2.0, label="kinetic") == 30.0
    assert derivative(lambda x, flag: x * 2 if flag == "double" else x)(3.0, "double") == 2.0


def test_a_function_with_any_number_of_arguments() -> None:
    def squares(*xs: Any) -> Any:
        return sum(x * x for x in xs)

    assert grad(squares)(1.0) == 2.0
    assert grad(squares)(1.0, 2.0, 3.0) == (2.0, 4.0, 6.0)
    assert grad(squares)() == ()


def test_callable_objects_and_partials_have_derivatives_too() -> None:
    class Quadratic:
        def __call__(self, x: Any) -> Any:
            return 3 * x * x

    assert grad(Quadratic())(2.0) == derivative(Quadratic())(2.0) == hessian(Quadratic())(2.0) * 2 == 12.0
    assert grad(sin)(0.5) == grad(np.sin)(0.5) == derivative(np.sin)(0.5) == math.cos(0.5)


# --- constants, and what is no number -------------------------------------------------------------------------
@pytest.mark.parametrize("constant", [7.0, 7, True, Fraction(7, 2), np.float64(7)], ids=repr)
def test_constant_functions_have_no_slope(constant: Any) -> None:
    assert grad(lambda x, y: constant)(1.0, 2.0) == (0.0, 0.0)
    assert value_and_grad(lambda x: constant)(1.0) == (constant, 0.0)
    assert derivative(lambda x: constant)(1.0) == 0.0
    assert jvp(lambda x: constant, 1.0, 1.0) == (constant, 0.0)
    assert jacobian(lambda x, y: (x, constant))(1.0, 2.0) == ((1.0, 0.0), (0.0, 0.0))
    assert hessian(lambda x, y: constant)(1.0, 2.0) == ((0.0, 0.0), (0.0, 0.0))
    assert hvp(lambda x, y: constant, (1.0, 2.0), (1.0, 1.0)) == (0.0, 0.0)
    value, pullback = vjp(lambda x, y: constant, 1.0, 2.0)
    assert (value, pullback(1.0)) == (constant, (0.0, 0.0))


def test_a_linear_function_has_no_curvature() -> None:
    assert hessian(lambda x, y: 3 * x)(1.0, 2.0) == ((0.0, 0.0), (0.0, 0.0))
    assert hvp(lambda x, y: 3 * x, (1.0, 2.0), (1.0, 1.0)) == (0.0, 0.0)


@pytest.mark.parametrize("result", [None, "y", 1j, {}, object(), [None], (1.0, "y")], ids=lambda it: type(it).__name__)
def test_functions_that_return_no_number_are_refused(result: object) -> None:
    def f(x: Any) -> Any:
        return result

    for attempt in (
        *(lambda t=transform: t(f)(1.0) for transform in TRANSFORMS.values()),
        lambda: jvp(f, 1.0, 1.0),
        lambda: vjp(f, 1.0),
        lambda: hvp(f, 1.0, 1.0),
    ):
        with pytest.raises(AutodiffError, match="return"):
            attempt()


@pytest.mark.parametrize("result", [(1.0,), [1.0, 2.0]])
def test_the_gradient_of_several_outputs_is_refused_and_names_the_function(result: object) -> None:
    def several(x: Any) -> Any:
        return result

    for transform in (grad, value_and_grad, hessian):
        with pytest.raises(AutodiffError, match="one number; several returned"):
            transform(several)(1.0)


@pytest.mark.parametrize("argument", [None, "2", 1j, np.array([1j]), np.array(["a"])], ids=repr)
def test_arguments_that_are_no_numbers_are_refused(argument: Any) -> None:
    for attempt in (
        *(lambda t=transform: t(lambda x: x)(argument) for transform in TRANSFORMS.values()),
        lambda: jvp(lambda x, y: x, (argument, 1.0), (1.0, 1.0)),
        lambda: vjp(lambda x: x, argument),
    ):
        with pytest.raises(AutodiffError, match=f"real numbers?, not {type(argument).__name__}"):
            attempt()


def test_domain_errors_tell_what_is_needed() -> None:
    for d in (derivative, grad):
        with pytest.raises(AutodiffError, match="positive"):
            d(ln)(-1.0)
        with pytest.raises(AutodiffError, match="division by zero"):
            d(lambda x: 1 / x)(0.0)


def test_branches_follow_the_value() -> None:
    def f(x: Any) -> Any:
        return x * x if x > 1 else relu(x) + 3 * x

    for d in (derivative, grad):
        assert [d(f)(x) for x in (2.0, 0.5, -1.0)] == [4.0, 4.0, 3.0]
    assert grad(lambda x, y: max(x, y) * 2)(1.0, 3.0) == grad(lambda x, y: maximum(x, y) * 2)(1.0, 3.0) == (0.0, 2.0)


def test_rows_the_result_does_not_use_cannot_spoil_it() -> None:
    assert grad(lambda x: (sqrt(x), 2 * x)[1])(0.0) == 2.0
    assert grad(lambda x, y: (sqrt(x * y), x)[1])(0.0, 0.0) == (1.0, 0.0)


def test_an_argument_given_twice_counts_twice() -> None:
    shared = 3.0
    assert grad(lambda x, y: x * y)(shared, shared) == (3.0, 3.0)
    assert derivative(lambda x: product(x, x, x))(2.0) == 32.0


# --- random formulas ------------------------------------------------------------------------------------------
# A cube root is upright at 0, where a random formula may well lead it: no slope to compare there.
GENTLE = [operation for operation in SMOOTH if operation is not table.cbrt]
formulas = st.recursive(
    st.sampled_from("xyz").map(Symbol) | st.floats(0.5, 3).map(Num), lambda inner: calls(inner, GENTLE), max_leaves=12
)
points = st.tuples(*[st.floats(1, 2)] * 3)
directions = st.tuples(*[st.floats(-1, 1)] * 3)


def function_of(formula: Expr) -> Callable[..., Any]:
    return lambda *values: evaluate(formula, dict(zip("xyz", values, strict=True)))


def dot(a: Any, b: Any) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def size(a: Any) -> float:
    """What rounding errors are small beside: sums may cancel."""
    return 1 + max(map(abs, a))


@given(formulas, points, directions)
@settings(max_examples=200)
def test_forward_meets_reverse(formula: Expr, point: tuple[float, ...], direction: tuple[float, ...]) -> None:
    f = function_of(formula)
    value, slope = jvp(f, point, direction)
    assert value == evaluate(formula, dict(zip("xyz", point, strict=True))) == value_and_grad(f)(*point)[0]
    gradient = grad(f)(*point)
    assert slope == pytest.approx(dot(gradient, direction), abs=1e-9 * size(gradient))
    for k in range(3):
        basis = tuple(float(n == k) for n in range(3))
        assert jvp(f, point, basis)[1] == pytest.approx(gradient[k], abs=1e-9 * size(gradient))


@given(formulas, formulas, points, directions, st.tuples(st.floats(-1, 1), st.floats(-1, 1)))
@settings(max_examples=100)
def test_a_pushforward_and_a_pullback_are_transposes(
    first: Expr, second: Expr, point: tuple[float, ...], tangent: tuple[float, ...], weight: tuple[float, ...]
) -> None:
    """⟨ȳ, Jẋ⟩ = ⟨Jᵀȳ, ẋ⟩, and both agree with the Jacobian."""

    def f(*xs: Any) -> tuple[Any, Any]:
        return function_of(first)(*xs), function_of(second)(*xs)

    matrix = jacobian(f)(*point)
    scale = size(entry for row in matrix for entry in row)
    pushed, pulled = jvp(f, point, tangent)[1], vjp(f, *point)[1](weight)
    assert dot(weight, pushed) == pytest.approx(dot(pulled, tangent), abs=1e-9 * scale)
    assert pushed == pytest.approx(tuple(dot(row, tangent) for row in matrix), abs=1e-9 * scale)
    assert pulled == pytest.approx(tuple(dot(weight, col) for col in zip(*matrix, strict=True)), abs=1e-9 * scale)


@given(formulas, points, directions)
@settings(max_examples=100)
def test_hessians_are_symmetric_and_agree_with_hvp(
    formula: Expr, point: tuple[float, ...], direction: tuple[float, ...]
) -> None:
    """Schwarz: the order of differentiation does not matter."""
    f = function_of(formula)
    matrix = hessian(f)(*point)
    scale = 1 + max(size(row) for row in matrix)
    for row, column in zip(matrix, zip(*matrix, strict=True), strict=True):
        assert row == pytest.approx(column, abs=1e-8 * scale)
    expected = [dot(row, direction) for row in matrix]
    assert hvp(f, point, direction) == pytest.approx(expected, abs=1e-8 * scale)

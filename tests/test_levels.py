"""Nested differentiation: every pair and triple of ways to differentiate, and the published cases of confusion."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable
from typing import Any

import pytest

from autodiff import Dual, Tape, Var, cos, derivative, exp, grad, hessian, hvp, jacobian, jvp, sin, vjp
from autodiff.lifted import active, new_level

Function = Callable[[Any], Any]
Differentiate = Callable[[Function], Function]


def by_hand_forward(f: Function) -> Function:
    """A Dual made by the user, with a level of its own: Duals made without one share their ε."""

    def df(x: Any) -> Any:
        seed = Dual(x, 1.0, level=new_level())
        y = f(seed)
        return y.tangent if isinstance(y, Dual) and y.level == seed.level else 0.0

    return df


def by_hand_reverse(f: Function) -> Function:
    """A tape opened by the user."""

    def df(x: Any) -> Any:
        with Tape():
            v = Var(x)
            y = f(v)
        y.backward()
        return v.adjoint

    return df


WAYS: dict[str, Differentiate] = {
    "derivative": derivative,
    "grad": grad,
    "Dual": by_hand_forward,
    "Tape": by_hand_reverse,
}
PAIRS = list(itertools.product(WAYS, repeat=2))
TRIPLES = list(itertools.product(WAYS, repeat=3))


def f(x: Any) -> Any:
    return sin(x) * x**3 + exp(-x * x)


def exact(order: int, x: float) -> float:
    """The derivative of f, from sympy."""
    import sympy

    s = sympy.Symbol("x")
    return float(sympy.diff(sympy.sin(s) * s**3 + sympy.exp(-s * s), s, order).subs(s, x))


@pytest.mark.parametrize("ways", PAIRS + TRIPLES, ids="-".join)
def test_higher_derivatives_in_every_nesting(ways: tuple[str, ...]) -> None:
    df: Function = f
    for way in reversed(ways):
        df = WAYS[way](df)
    assert df(0.7) == pytest.approx(exact(len(ways), 0.7), rel=1e-12)


@pytest.mark.parametrize(("outer", "inner"), PAIRS)
def test_siskind_and_pearlmutter_2005(outer: str, inner: str) -> None:
    """d/dx (x · d/dy (x + y) at y = 1) at x = 1 is 1, not 2."""
    assert WAYS[outer](lambda x: x * WAYS[inner](lambda y: x + y)(1.0))(1.0) == 1.0
    assert WAYS[outer](lambda x: x * WAYS[inner](lambda y: x * y)(1.0))(3.0) == 6.0
    assert WAYS[outer](lambda x: x * WAYS[inner](lambda y: x * y * y)(x))(2.0) == pytest.approx(6 * 4.0)


@pytest.mark.parametrize(("first", "second", "third"), TRIPLES)
def test_closures_over_two_outer_variables(first: str, second: str, third: str) -> None:
    """d/dx d/dy d/dz of x²y³z⁴ in closures, each seeing the others as constants."""

    def outer(x: Any) -> Any:
        def middle(y: Any) -> Any:
            return WAYS[third](lambda z: x**2 * y**3 * z**4)(1.5) + x * y

        return WAYS[second](middle)(0.5)

    x, y, z = 2.0, 0.5, 1.5
    assert WAYS[first](outer)(x) == pytest.approx(2 * x * 3 * y**2 * 4 * z**3 + 1)


@pytest.mark.parametrize(("outer", "inner"), PAIRS)
def test_a_derivative_inside_a_differentiated_function(outer: str, inner: str) -> None:
    """Newton's step, differentiated: x − f/f′ has the derivative f·f″/f′²."""
    step = WAYS[outer](lambda x: x - f(x) / WAYS[inner](f)(x))
    expected = exact(0, 0.7) * exact(2, 0.7) / exact(1, 0.7) ** 2
    assert step(0.7) == pytest.approx(expected, rel=1e-11)


def test_the_curried_shift() -> None:
    """The case of Manzyuk et al. (2019): a derivative of a function that returns a function, taken twice."""

    def shift(offset: Any) -> Callable[[Function], Function]:
        return lambda g: lambda x: g(x + offset)

    def slope_of_shift(g: Function) -> Function:
        return lambda x: derivative(lambda offset: shift(offset)(g)(x))(0.0)

    assert slope_of_shift(slope_of_shift(exp))(1.0) == pytest.approx(math.e)


def test_an_inner_derivative_that_ignores_its_variable() -> None:
    assert grad(lambda x: x * derivative(lambda y: x * x)(5.0))(3.0) == 0.0
    assert derivative(lambda x: grad(lambda y: x)(5.0))(3.0) == 0.0


def test_hessians_by_every_road() -> None:
    def g(x: Any, y: Any) -> Any:
        return x**2 * y + sin(x * y) - cos(y)

    matrix = hessian(g)(0.3, 1.1)
    assert matrix[0][1] == pytest.approx(matrix[1][0], rel=1e-14)
    assert matrix == jacobian(grad(g))(0.3, 1.1)
    columns = [jvp(grad(g), (0.3, 1.1), seed)[1] for seed in ((1.0, 0.0), (0.0, 1.0))]
    assert list(zip(*columns, strict=True)) == [pytest.approx(row) for row in matrix]
    assert hvp(g, (0.3, 1.1), (1.0, 0.0)) == pytest.approx(columns[0])
    _, pullback = vjp(grad(g), 0.3, 1.1)
    assert pullback((1.0, 0.0)) == pytest.approx(matrix[0])


@pytest.mark.parametrize("differentiate", [derivative, grad])
def test_levels_are_released_when_a_function_fails(differentiate: Differentiate) -> None:
    def fails(x: Any) -> Any:
        return derivative(lambda y: grad(lambda z: z / 0)(y))(x)

    with pytest.raises(ValueError, match="division by zero"):
        differentiate(fails)(1.0)
    assert active.stack == []
    assert differentiate(f)(0.7) == pytest.approx(exact(1, 0.7))


def test_threads_do_not_mix() -> None:
    found: dict[int, float] = {}
    ready = threading.Barrier(4)

    def work(n: int) -> None:
        ready.wait()
        found[n] = sum(grad(lambda x: derivative(lambda y: x**n * y**n)(1.0))(1.0) for _ in range(300)) / 300

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: n * n for n in range(1, 5)}

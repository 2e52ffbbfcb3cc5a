"""Arrays at singular points, what is refused and what passes through, arrays of objects."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import (
    AutodiffError,
    Tape,
    Var,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    logsumexp,
    relu,
    sigmoid,
    softmax,
    softplus,
    vjp,
)
from tests.test_arrays import close, differences

Function = Callable[..., Any]
Array = Any
quiet = np.errstate(all="ignore")  # for values that numpy itself warns about
NAN, INF = math.nan, math.inf


# --- singular points ------------------------------------------------------------------------------------------
def slopes(f: Function, x: Array) -> Array:
    """The Jacobian, which must come out the same in every way there is to work it out."""
    forward, reverse = (jacobian(f, mode=mode)(x) for mode in ("forward", "reverse"))
    np.testing.assert_allclose(forward, reverse, rtol=1e-12, atol=1e-300)
    seed = np.ones(np.shape(f(x)))
    np.testing.assert_allclose(vjp(f, x)[1](seed)[0], reverse.sum(axis=tuple(range(seed.ndim))), rtol=1e-12)
    units = np.eye(x.size).reshape(-1, *x.shape)
    columns = np.stack([jvp(f, x, unit)[1] for unit in units], axis=-1)
    np.testing.assert_allclose(columns.reshape(np.shape(forward)), forward, rtol=1e-12, atol=1e-300)
    return forward


def vec(*entries: float) -> Array:
    return np.array(entries, dtype=float)


X = vec(1, 2, 3)


@pytest.mark.parametrize("order", [None, 1, 2, 3, INF])
@quiet
def test_a_norm_has_slope_0_at_the_origin(order: float | None) -> None:
    np.testing.assert_array_equal(slopes(lambda x: np.linalg.norm(x, order), np.zeros(3)), np.zeros(3))


@quiet
def test_the_norm_of_a_row_of_zeros_leaves_the_other_rows_alone() -> None:
    close(slopes(lambda x: np.linalg.norm(x, axis=1), vec(0, 0, 3, 4).reshape(2, 2))[1], [[0, 0], [0.6, 0.8]])
    second = hessian(lambda x: np.linalg.norm(x, axis=1).sum())(vec(0, 0, 3, 4).reshape(2, 2))
    assert np.isnan(second[0, :, 0]).all()  # a corner: its slope 0 is taken by convention, and has no derivative
    close(second[1, :, 1], np.array([[16, -12], [-12, 9]]) / 125)
    close(second[1, :, 0], np.zeros((2, 2)))


@quiet
def test_the_norm_of_tiny_and_of_huge_entries_keeps_its_digits() -> None:
    for size in (1e-300, 1e-170, 1e170, 1e300):
        close(slopes(np.linalg.norm, vec(3 * size, 4 * size)), [0.6, 0.8])


SINGULAR: dict[str, tuple[Function, Array, Any]] = {
    "√0": (np.sqrt, vec(0, 4), np.diag([INF, 0.25])),
    "x^½ at 0": (lambda x: x**0.5, vec(0, 4), np.diag([INF, 0.25])),
    "∛0": (np.cbrt, vec(0, 8), np.diag([INF, 1 / 12])),
    "ln 0": (np.log, vec(0, 2), np.diag([INF, 0.5])),
    "1/0": (lambda x: 1 / x, vec(0, 2), np.diag([-INF, -0.25])),
    "x/0": (lambda x: x / vec(0, 2), vec(3, 3), np.diag([INF, 0.5])),
    "0**0, a number": (lambda x: x**0, vec(0, 2), np.zeros((2, 2))),
    "0**0, an array": (lambda x: x ** vec(0, 0), vec(0, 2), np.zeros((2, 2))),
    "0**1": (lambda x: x**1, vec(0, 2), np.eye(2)),
    "0**2": (lambda x: x**2, vec(0, 2), np.diag([0.0, 4])),
    "0**2, an array": (lambda x: x ** vec(2, 3), vec(0, 2), np.diag([0.0, 12])),
    "the exponent of 0**2 moves": (lambda x: vec(0, 1) ** x, vec(2, 2), np.zeros((2, 2))),
    "the exponent of 0**0 moves": (lambda x: vec(0, 1) ** x, vec(0, 0), np.zeros((2, 2))),
    "|0|": (np.abs, vec(0, -2), np.diag([0.0, -1])),
    "relu": (relu, vec(0, 2), np.diag([0.0, 1])),
    "hypot at the origin": (lambda x: np.hypot(x, 0 * x), vec(0, -2), np.diag([0.0, -1])),
    "sinc 0": (np.sinc, vec(0, 1), np.diag([0.0, -1])),
    "max of equals": (np.max, vec(1, 2, 2), vec(0, 0.5, 0.5)),
    "min of equals along an axis": (lambda x: np.min(x[None], axis=1), vec(1, 1, 2), vec(0.5, 0.5, 0)[None]),
    "max of all equal": (np.max, np.ones(4), np.full(4, 0.25)),
    "max of −∞": (np.max, vec(-INF, 1), vec(0, 1)),
    "maximum of equals": (lambda x: np.maximum(x, vec(1, 3)), vec(1, 2), np.diag([0.5, 0])),
    "minimum with itself": (lambda x: np.minimum(x, x), vec(1, 2), np.eye(2)),
    "clip on a limit": (lambda x: np.clip(x, 0, 1), vec(0, 0.5, 2), np.diag([0.5, 1, 0])),
    "sort of equals": (np.sort, vec(2, 1, 1), np.eye(3)[[1, 2, 0]]),
    "exp that overflows": (np.exp, vec(1000, 0), np.diag([INF, 1])),
    "exp that vanishes": (np.exp, vec(-1000, 0), np.diag([0.0, 1])),
    "std of equals": (np.std, np.ones(4), np.zeros(4)),
    "std of equals whose mean rounds": (np.std, np.full(7, 0.1), np.zeros(7)),
    "std along an axis": (lambda x: np.std(x.reshape(2, 2), 1), vec(1, 1, 1, 2), [[0, 0, 0, 0], [0, 0, -0.5, 0.5]]),
    "prod with one zero": (np.prod, vec(2, 0, 3), vec(0, 6, 0)),
    "prod with two zeros": (np.prod, vec(0, 0, 3), np.zeros(3)),
    "cumprod with a zero": (np.cumprod, vec(2, 0, 3), [[1, 0, 0], [0, 2, 0], [0, 6, 0]]),
    "det of a singular matrix": (np.linalg.det, vec(1, 2, 2, 4).reshape(2, 2), [[4, -2], [-2, 1]]),
    "det of rank n − 2": (np.linalg.det, np.ones((3, 3)), np.zeros((3, 3))),
    "det of zeros": (np.linalg.det, np.zeros((2, 2)), np.zeros((2, 2))),
    "det of 0": (np.linalg.det, np.zeros((1, 1)), np.ones((1, 1))),
    "logsumexp of huge numbers": (logsumexp, vec(1e300, 1e300, -1e300), vec(0.5, 0.5, 0)),
    "logsumexp with −∞": (logsumexp, vec(-INF, 0), vec(0, 1)),
    "a program for logsumexp": (lambda x: (m := x.max()) + np.log(np.sum(np.exp(x - m))), vec(1e5, 1e5), vec(0.5, 0.5)),
    "softmax of huge numbers": (softmax, vec(1e300, 1e300), [[0.25, -0.25], [-0.25, 0.25]]),
    "logaddexp of huge numbers": (lambda x: np.logaddexp(x, 2 * x), vec(-1e300, 1e300), np.diag([1.0, 2])),
    "sigmoid far out": (sigmoid, vec(-1e300, 1e300), np.zeros((2, 2))),
    "softplus far out": (softplus, vec(-1e300, 1e300), np.diag([0.0, 1])),
    "tanh far out": (np.tanh, vec(-1e300, 1e300), np.zeros((2, 2))),
    "arctan far out": (np.arctan, vec(-1e300, 0), np.diag([0.0, 1])),
    "where √x": (lambda x: np.where(x > 0, np.sqrt(x), 0), vec(-1, 0, 4), np.diag([0, 0, 0.25])),
    "where ln x": (lambda x: np.where(x > 0, np.log(x), x), vec(-1, 0, 4), np.diag([1, 1, 0.25])),
    "where 1/x": (lambda x: np.where(x == 0, 1, 1 / x), vec(0, 2), np.diag([0, -0.25])),
    "where exp": (lambda x: np.where(x < 1, np.exp(x), x), vec(0, 1e4), np.eye(2)),
    "where arccos": (lambda x: np.where(np.abs(x) < 1, np.arccos(x), 0), vec(1, 2, 0), np.diag([0, 0, -1.0])),
    "where x/|x|": (lambda x: np.where(x != 0, x / np.abs(x), 0) * x, vec(0, -2), np.diag([0.0, -1])),
    "mask then √": (lambda x: np.sqrt(x[x > 0]), vec(0, 4), [[0, 0.25]]),
    "missing data": (lambda x: np.where(vec(1, 0), 0, (x - vec(NAN, 1)) ** 2), vec(5, 3), np.diag([0.0, 4])),
    "nansum": (lambda x: np.nansum(x * vec(NAN, 2)), vec(5, 3), vec(0, 2)),
}  # fmt: skip
each_point = pytest.mark.parametrize("name", SINGULAR)


@each_point
@quiet
def test_the_slope_at_a_singular_point(name: str) -> None:
    f, x, wanted = SINGULAR[name]
    np.testing.assert_allclose(slopes(f, x), wanted, rtol=1e-12, atol=1e-12)


@each_point
def test_derivatives_add_no_warnings_of_their_own(name: str) -> None:
    f, x, _ = SINGULAR[name]
    total = lambda x: np.sum(f(x))  # noqa: E731
    ways: list[Function] = [grad(total), jacobian(f, mode="forward"), jacobian(f, mode="reverse")]
    ways += [lambda x: jvp(f, x, np.ones_like(x))]
    for way in ways:
        assert warned(way, x) <= warned(f, x)


def warned(f: Function, x: Array) -> set[str]:
    """What numpy warns of while a function runs."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        f(x)
    return {str(each.message) for each in caught}


def test_what_does_not_depend_on_the_argument_has_slope_0() -> None:
    for mode in ("forward", "reverse", "auto"):
        close(jacobian(lambda x: 1.0, mode=mode)(X), np.zeros(3))
        close(jacobian(lambda x: (np.ones(2), np.sum(x)), mode=mode)(X)[0], np.zeros((2, 3)))
        close(jacobian(lambda x: np.ones((2, 1)), mode=mode)(X), np.zeros((2, 1, 3)))
        close(hessian(np.sum, mode=mode)(X), np.zeros((3, 3)))
    close(grad(lambda x: 1.0)(X), np.zeros(3))
    close(jvp(lambda x: np.ones(2), X, X)[1], np.zeros(2))


@quiet
def test_a_branch_that_is_not_taken_leaves_no_nan_in_second_derivatives() -> None:
    root = lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0))  # noqa: E731
    close(hessian(root)(vec(-1, 0, 4)), np.diag([0, 0, -1 / 32]))
    close(hvp(root, vec(-1, 0, 4), np.ones(3)), [0, 0, -1 / 32])
    missing = lambda x: np.sum(np.where(np.isnan(vec(NAN, 1)), 0, (x - vec(NAN, 1)) ** 2))  # noqa: E731
    close(hessian(missing)(vec(0, 0)), np.diag([0.0, 2]))


def test_second_derivatives_of_polynomials_exist_at_their_zeros() -> None:
    close(hessian(np.prod)(vec(0, 0, 3)), [[0, 3, 0], [3, 0, 0], [0, 0, 0]])
    close(hessian(lambda x: np.sum(x ** vec(0, 1, 2, 3)))(np.zeros(4)), np.diag([0, 0, 2.0, 0]))
    wanted = np.zeros((2, 2, 2, 2))
    wanted[0, 0, 1, 1] = wanted[1, 1, 0, 0] = 1
    wanted[0, 1, 1, 0] = wanted[1, 0, 0, 1] = -1
    close(hessian(np.linalg.det)(vec(1, 2, 3, 4).reshape(2, 2)), wanted)
    close(hessian(np.linalg.det)(vec(1, 2, 2, 4).reshape(2, 2)), wanted)


@pytest.mark.parametrize("f", [
    np.sum, np.prod, np.max, np.min, np.std, np.var, np.median, np.ptp, np.linalg.norm, logsumexp, softmax, np.cumsum,
    np.cumprod, np.sort, np.sin, np.sqrt, np.abs, relu, sigmoid, lambda x: np.maximum(x, 0), lambda x: np.clip(x, 0, 1),
    lambda x: x ** x, lambda x: np.linalg.det(np.outer(x, x)), lambda x: np.linalg.inv(np.outer(x, x) + np.eye(3)),
    lambda x: np.where(x > 0, x, 0), lambda x: np.hypot(x, 1), lambda x: np.logaddexp(x, 0), np.sinc, np.cbrt,
])  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@quiet
def test_nan_goes_in_and_the_value_is_numpys(f: Function) -> None:
    for bad in (NAN, INF, -INF):
        x = vec(1, bad, 3)
        wanted = f(x)
        np.testing.assert_allclose(jvp(f, x, np.ones(3))[0], wanted)
        value, pullback = vjp(f, x)
        np.testing.assert_allclose(value, wanted)
        pullback(np.ones_like(wanted))
    assert np.isnan(grad(lambda x: np.sum(np.sin(x) * x))(vec(1, NAN, 3))).tolist() == [False, True, False]


@quiet
def test_a_matrix_of_nan_beside_a_singular_one_has_cofactors_of_nan() -> None:
    found = grad(lambda a: np.linalg.det(a).sum())(np.stack([vec(1, 2, 2, 4).reshape(2, 2), np.full((2, 2), NAN)]))
    close(found[0], [[4, -2], [-2, 1]])
    assert np.isnan(found[1]).all()


# --- what is refused ------------------------------------------------------------------------------------------


def grow(x: Any) -> Any:
    a = np.zeros(3)
    a += x
    return a.sum()


def put(x: Any, index: Any = 0) -> Any:
    x[index] = 1.0
    return x.sum()


def fill(x: Any) -> Any:
    a = np.zeros(3)
    a[:] = x
    return a.sum()


REFUSED: dict[str, tuple[Function, str]] = {
    "out= of a ufunc": (lambda x: np.sin(x, out=np.zeros(3)).sum(), "out="),
    "out= of a reduction": (lambda x: np.sum(x, out=np.zeros(())), "out="),
    "x[0] = 1": (put, "np.where"),
    "x[mask] = 1": (lambda x: put(x, x > 1), "np.where"),
    "a += x": (grow, r"y = y \+ x"),
    "a[:] = x": (fill, "derivative would be lost"),
    "np.copyto": (lambda x: np.copyto(np.zeros(3), x), "writing into an array"),
    "x.sort()": (lambda x: x.sort(), r"np\.sort"),
    "np.asarray": (lambda x: np.asarray(x).sum(), "derivative would be lost"),
    "np.array": (lambda x: np.array([x, x]).sum(), r"np\.stack"),
    "float": (lambda x: float(x.sum()), "derivative would be lost"),
    "int": (lambda x: int(x[0]), "derivative would be lost"),
    "astype(int)": (lambda x: x.astype(int).sum(), r"\.primal"),
    "np.linalg.eig": (lambda x: np.linalg.eig(np.outer(x, x)), r"np\.linalg\.eig has no rule.*autodiff\.elementary"),
    "np.fft": (lambda x: np.fft.fft(x), r"np\.fft\.fft has no rule .*autodiff\.elementary"),
    "np.unwrap": (lambda x: np.unwrap(x), r"np\.unwrap has no rule.*autodiff\.elementary"),
    "a ufunc": (lambda x: np.nextafter(x, 0), r"np\.nextafter has no rule .*autodiff\.elementary"),
    "where= of a ufunc": (lambda x: np.sin(x, where=[True, False, True]), "where="),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_drop_a_derivative_is_refused_with_advice(name: str) -> None:
    f, advice = REFUSED[name]
    for attempt in (lambda: grad(f)(X), lambda: jvp(f, X, X), lambda: jacobian(f, mode="forward")(X)):
        with pytest.raises(AutodiffError, match=advice) as caught:
            attempt()
        assert isinstance(caught.value, TypeError)
    assert "?." not in str(caught.value)


@pytest.mark.parametrize("x", [np.arange(3), np.array([True]), np.array([1j]), np.array(["1"]), np.array([1], "M8[s]")])
def test_arrays_of_anything_but_real_numbers_cannot_be_differentiated_by(x: Array) -> None:
    for attempt in (lambda: grad(np.sum)(x), lambda: jvp(np.sum, x, np.ones(x.shape)), lambda: jacobian(np.sum)(x)):
        with pytest.raises(TypeError, match="real numbers"):
            attempt()


def test_complex_constants_are_refused() -> None:
    with pytest.raises(TypeError, match="complex"):
        grad(lambda x: np.sum(x * np.array([1j, 1, 1])))(X)


SEEDS = [np.ones(2), np.ones((3, 1)), np.ones((1, 3)), np.ones((3, 3)), np.ones(0), np.ones(1)]
each_seed = pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: str(seed.shape))


@each_seed
def test_a_seed_has_the_shape_of_the_array_that_it_seeds(seed: Array) -> None:
    with Tape():
        y = 2 * Var(X)
    attempts = [lambda: vjp(np.sin, X)[1](seed), lambda: jvp(np.sin, X, seed), lambda: y.backward(seed)]
    for attempt in (*attempts, lambda: vjp(np.sum, X)[1](seed)):
        with pytest.raises(ValueError, match="shape"):
            attempt()


@each_seed
@pytest.mark.parametrize("f", [np.sin, lambda x: x], ids=["sin", "identity"])
def test_a_seed_of_a_number_is_a_number(f: Function, seed: Array) -> None:
    for attempt in (lambda: vjp(f, 1.0)[1](seed), lambda: jvp(f, 1.0, seed)):
        with pytest.raises((ValueError, TypeError), match=r"shape|number"):
            attempt()


def test_a_complex_seed_is_refused_rather_than_cut_down_to_its_real_part() -> None:
    for attempt in (lambda: vjp(np.sin, X)[1](X * 1j), lambda: jvp(np.sin, X, X * 1j)):
        with pytest.raises(TypeError, match="real"):
            attempt()


def test_grad_of_an_array_says_its_shape_and_what_to_write() -> None:
    with pytest.raises(AutodiffError, match=r"shape \(3,\): use jacobian, or np.sum"):
        grad(np.sin)(X)


# --- what passes through --------------------------------------------------------------------------------------
def test_questions_about_values_and_form_have_plain_answers() -> None:
    def f(x: Any) -> Any:
        answers = [
            np.argmax(x),
            np.argsort(x),
            np.isnan(x),
            np.isfinite(x),
            x > 1,
            x == x,
            np.shape(x),
            x.shape,
            x.ndim,
        ]
        answers += [
            x.size,
            len(x),
            x.dtype,
            np.zeros_like(x),
            np.sign(x).dtype,
            np.any(x > 2),
            x.argmin(),
            np.nonzero(x),
        ]
        answers += [np.allclose(x, x), np.count_nonzero(x), np.searchsorted(x, 2), np.rint(x), np.array_equal(x, X)]
        assert not any(hasattr(answer, "level") for answer in answers)
        assert answers[0] == 2
        assert answers[1].tolist() == [0, 1, 2]
        return x[np.argmax(x)] * np.sum(x > 1)

    close(grad(f)(X), [0, 0, 2])
    close(jvp(f, X, X)[1], 6.0)


@pytest.mark.parametrize("f", [np.sum, np.mean, np.prod, np.max, np.var, np.std, np.median, np.linalg.norm, logsumexp])
def test_a_full_reduction_is_a_numpy_scalar_as_in_numpy_and_not_an_array_without_axes(f: Function) -> None:
    assert type(f(X)) is np.float64
    assert type(vjp(f, X)[0]) is np.float64
    assert [type(part) for part in jvp(f, X, X)] == [np.float64, np.float64]


def test_results_are_arrays_of_their_own() -> None:
    seed, x = np.ones(3), X.copy()
    (bar,) = vjp(lambda x: x, x)[1](seed)
    bar += 1
    gradient = grad(np.sum)(x)
    gradient += 1
    columns = jacobian(lambda x: np.broadcast_to(x.sum(), 3))(x)
    columns += 1
    assert (seed.tolist(), x.tolist(), columns.tolist()) == ([1] * 3, X.tolist(), [[2] * 3] * 3)


# --- arrays of objects ----------------------------------------------------------------------------------------
A = vec(1, 2, 3, 5).reshape(2, 2)
OBJECTS: dict[str, Function] = {
    "v @ A": lambda x, y: (np.array([x, y]) @ A).sum(),
    "A @ v": lambda x, y: (A @ np.array([x, y])).sum(),
    "v @ v": lambda x, y: np.array([x, y]) @ np.array([y, 1.0]),
    "np.dot": lambda x, y: np.dot(np.array([x, y]), np.array([y, x * y])),
    "sin": lambda x, y: np.sin(np.array([x, y])).sum(),
    "tanh of exp": lambda x, y: np.tanh(np.exp(np.array([x, 2 * y]))).sum(),
    "norm": lambda x, y: np.linalg.norm(np.array([x, y])),
    "norm of rows": lambda x, y: np.linalg.norm(np.array([[x, y], [y, 1.0]]), axis=1).sum(),
    "sum of squares": lambda x, y: np.sum(np.array([x, y, 1.0]) ** 2),
    "mean": lambda x, y: np.mean(np.array([x * y, y])),
    "max": lambda x, y: np.max(np.array([x, y])),
    "where": lambda x, y: np.where(np.array([True, False]), np.array([x * y, y]), 0.0).sum(),
    "concatenate": lambda x, y: np.concatenate([np.array([x]), np.array([x * y])]).prod(),
    "times a Var": lambda x, y: (np.array([x, y]) * np.stack([y, y])).sum(),
    "array from array": lambda x, y: (np.array([[x, y], [1.0, x]]).T @ np.array([x, y]))[0],
}


@pytest.mark.parametrize("name", OBJECTS)
def test_arrays_of_objects_differentiate(name: str) -> None:
    f, at, moves = OBJECTS[name], [0.7, 0.4], [1.0, -0.5]
    value, tangent = jvp(f, at, moves)
    assert value == pytest.approx(f(*at), rel=1e-13)
    assert tangent == pytest.approx(differences(lambda *xs: [f(*xs)], at, moves)[0], rel=1e-7)
    assert np.dot(grad(f)(*at), moves) == pytest.approx(tangent, rel=1e-12)
    along = differences(grad(f), at, moves)
    np.testing.assert_allclose(hvp(f, at, moves), along, rtol=1e-6, atol=1e-7)


def test_an_array_of_objects_is_a_result_and_an_argument() -> None:
    close(np.array(jacobian(lambda x, y: np.array([x * y, x]))(3.0, 4.0)), [[4, 1], [3, 0]])
    close(grad(lambda v: np.sin(v).sum())(np.array([1.0, 2.0], dtype=object)), np.cos([1, 2]))

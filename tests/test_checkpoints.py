"""Checkpoints: the same values and derivatives as without, in less memory."""

from __future__ import annotations

import inspect
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import check, checkpoint, derivative, grad, hessian, hvp, jacobian, jvp, sin, value_and_grad, vjp
from autodiff.errors import AutodiffError, TapeError

close = np.testing.assert_allclose
X = np.linspace(0.1, 1.0, 4)


def step(x: Any) -> Any:
    """One step."""
    return np.tanh(np.sin(x) * 1.5) + x


def chain(once: Callable[..., Any], times: int = 4) -> Callable[..., Any]:
    def run(x: Any) -> Any:
        for _ in range(times):
            x = once(x)
        return np.sum(x * x)

    return run


WAYS: dict[str, Callable[[Callable[..., Any]], Any]] = {
    "value": lambda f: f(X),
    "grad": lambda f: grad(f)(X),
    "value_and_grad": lambda f: value_and_grad(f)(X)[1],
    "vjp": lambda f: vjp(f, X)[1](2.0)[0],
    "jvp": lambda f: jvp(f, (X,), (X**2,))[1],
    "jacobian forward": lambda f: jacobian(f, mode="forward")(X),
    "jacobian reverse": lambda f: jacobian(f, mode="reverse")(X),
    "hessian forward": lambda f: hessian(f, mode="forward")(X),
    "hessian reverse": lambda f: hessian(f, mode="reverse")(X),
    "hvp": lambda f: hvp(f, (X,), (X**2,)),
    "reverse over reverse": lambda f: grad(lambda x: np.sum(grad(f)(x) ** 2))(X),
    "reverse over forward": lambda f: grad(lambda x: jvp(f, (x,), (X,))[1])(X),
    "third": lambda f: grad(lambda x: np.sum(hvp(f, (x,), (X,))))(X),
}


@pytest.mark.parametrize("way", WAYS)
def test_derivatives_are_those_without_a_checkpoint(way: str) -> None:
    close(WAYS[way](chain(checkpoint(step))), WAYS[way](chain(step)), rtol=1e-12)


@pytest.mark.parametrize("way", WAYS)
def test_checkpoints_in_checkpoints(way: str) -> None:
    inner = checkpoint(step)
    outer = checkpoint(lambda x: inner(inner(x)))
    close(WAYS[way](chain(outer, 2)), WAYS[way](chain(step, 4)), rtol=1e-12)


def test_functions_of_numbers_alone() -> None:
    area = checkpoint(lambda a, b: a * sin(b))
    assert area(2.0, 3.0) == 2.0 * sin(3.0)
    assert grad(area)(2.0, 3.0) == pytest.approx(grad(lambda a, b: a * sin(b))(2.0, 3.0))
    assert derivative(lambda a: area(a, 3.0))(2.0) == pytest.approx(sin(3.0))
    close(hessian(area)(2.0, 3.0), hessian(lambda a, b: a * sin(b))(2.0, 3.0))
    assert all(type(part) is float for part in grad(area)(2.0, 3.0))
    assert check(area, 2.0, 3.0).ok


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_several_outputs(mode: str) -> None:
    def parts(p: Any, b: Any, *, scale: float = 1.0) -> Any:
        return {"product": p["a"] * b * scale, "rest": (np.outer(p["a"], p["a"]), b[0], [5.0]), "name": "parts"}

    once = checkpoint(parts)
    arguments = ({"a": X, "label": "input"}, X**2)
    plain, marked = parts(*arguments, scale=3.0), once(*arguments, scale=3.0)
    assert marked["name"] == "parts"
    close(marked["rest"][0], plain["rest"][0])

    def total(p: Any, b: Any, f: Callable[..., Any] = parts) -> Any:
        found = f(p, b, scale=3.0)
        return np.sum(found["product"]) * found["rest"][1] + np.sum(found["rest"][0] ** 2) + found["rest"][2][0]

    ours, theirs = grad(lambda p, b: total(p, b, once))(*arguments), grad(total)(*arguments)
    close(ours[0]["a"], theirs[0]["a"])
    close(ours[1], theirs[1])
    ours = jacobian(lambda a, b: once({"a": a}, b)["rest"][:2], mode=mode)(X, X**2)
    theirs = jacobian(lambda a, b: parts({"a": a}, b)["rest"][:2], mode=mode)(X, X**2)
    for row, other in zip(ours, theirs, strict=True):
        for block, its in zip(row, other, strict=True):
            close(block, its)


def test_results_that_do_not_move() -> None:
    assert grad(checkpoint(lambda a: 3.0))(2.0) == 0.0
    assert grad(checkpoint(lambda a: a))(2.0) == 1.0
    assert jacobian(checkpoint(lambda a: (a, 3.0)))(2.0) == (1.0, 0.0)
    assert jacobian(checkpoint(lambda a, b: (b, a)))(2.0, 3.0) == ((0.0, 1.0), (1.0, 0.0))
    assert grad(lambda a: (checkpoint(lambda b: ())(a), a)[1])(2.0) == 1.0


def test_precision_is_kept() -> None:
    single = X.astype(np.float32)
    once = checkpoint(lambda a: (2 * a, 5.0))
    assert grad(lambda a: np.sum(once(a)[0]))(single).dtype == np.float32
    _, (doubled, _) = value_and_grad(lambda a: (np.sum(once(a)[0]), once(a)), has_aux=True)(single)[0]
    assert doubled.dtype == np.float32


def test_arguments_that_are_no_real_numbers_are_passed_on() -> None:
    pick = checkpoint(lambda x, how, index, count: sum(x[index] for _ in range(count)) * (2 if how == "twice" else 1))
    assert np.sum(pick(X, "twice", np.array([0, 0]), 3)) == pytest.approx(12 * X[0])
    close(grad(lambda x: np.sum(pick(x, "twice", np.array([0, 0]), 3)))(X), [12.0, 0.0, 0.0, 0.0])


def test_keyword_arguments_are_passed_on() -> None:
    pick = checkpoint(lambda x, *, how, index: np.sum(x[index]) * (2 if how == "twice" else 1))
    close(grad(lambda x: pick(x, how="twice", index=np.array([0, 0])))(X), [4.0, 0.0, 0.0, 0.0])
    with pytest.raises(TapeError, match="positional arguments only"):
        grad(lambda a: checkpoint(lambda x, k: x * k)(2.0, k=a))(3.0)


def test_a_method_can_be_checkpointed() -> None:
    class Layer:
        weight = 2.0

        @checkpoint
        def call(self, x: Any) -> Any:
            return self.weight * x * x

    assert grad(lambda x: Layer().call(x))(3.0) == 12.0


def measured(f: Callable[..., Any]) -> int:
    """The most memory in use at once during a gradient, in bytes."""
    x = np.ones(10_000)
    grad(f)(x)
    tracemalloc.start()
    try:
        grad(f)(x)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_is_lower() -> None:
    def ten(x: Any) -> Any:
        for _ in range(10):
            x = np.sin(x) * 0.5 + x
        return x

    assert measured(chain(checkpoint(ten), 10)) < 0.4 * measured(chain(ten, 10))


def test_a_function_runs_once_without_derivatives_and_once_more_on_the_way_back() -> None:
    calls = []

    @checkpoint
    def counted(x: Any) -> Any:
        calls.append(x)
        return x * x

    counted(2.0)
    assert len(calls) == 1
    grad(counted)(2.0)
    assert len(calls) == 3


def test_closing_over_a_var_is_refused() -> None:
    for way in (lambda f: grad(f)(2.0), lambda f: jvp(f, (2.0,), (1.0,)), lambda f: jacobian(f, mode="forward")(2.0)):
        with pytest.raises(TapeError, match="closes over a Var"):
            way(lambda a: checkpoint(lambda b: a * b)(a))
    with pytest.raises(TapeError, match="closes over a Var"):
        grad(lambda a: np.sum(checkpoint(lambda b: a * b)(a)))(X)


def test_closing_over_a_var_of_an_outer_differentiation_is_no_loss() -> None:
    def f(mark: Callable[..., Any]) -> Any:
        return grad(lambda a: grad(lambda b: mark(lambda c: a * c * c)(b))(3.0))(2.0)

    assert f(checkpoint) == f(lambda g: g) == 6.0


def test_a_closure_without_derivative_in_the_arguments_is_not_marked() -> None:
    assert grad(lambda a: checkpoint(lambda b: a * b)(3.0))(2.0) == 3.0


def test_exceptions_inside_propagate() -> None:
    @checkpoint
    def fails(x: Any) -> Any:
        raise KeyError("inside")

    for way in (lambda: fails(2.0), lambda: grad(fails)(2.0), lambda: jvp(fails, (2.0,), (1.0,))):
        with pytest.raises(KeyError, match="inside"):
            way()
    assert grad(checkpoint(lambda x: x * x))(2.0) == 4.0  # and nothing is left behind


def test_results_that_are_no_numbers_are_refused() -> None:
    with pytest.raises((AutodiffError, TypeError)):
        grad(lambda a: checkpoint(lambda b: {b})(a))(2.0)


def test_the_name_is_kept() -> None:
    marked = checkpoint(step)
    assert (marked.__name__, marked.__doc__, marked.__wrapped__) == ("step", "One step.", step)  # type: ignore[attr-defined]
    assert inspect.signature(marked) == inspect.signature(step)
    assert checkpoint(np.sin).__name__ == "sin"
    close(grad(lambda x: np.sum(checkpoint(np.sin)(x)))(X), np.cos(X))

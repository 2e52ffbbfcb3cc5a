"""Operations that users define, and the checks that find a wrong one: check_rule and check of a function."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autodiff import (
    absolute,
    arcsin,
    check,
    check_rule,
    cos,
    derivative,
    elementary,
    exp,
    grad,
    hessian,
    hypot,
    jacobian,
    jvp,
    ln,
    maximum,
    relu,
    sigmoid,
    sin,
    sqrt,
    trace,
)
from autodiff.checks.functions import FunctionReport
from autodiff.errors import DefinitionError, DomainError, ExpressionError
from autodiff.operations import array_rule, rule
from autodiff.operations.rule import Convention

close = np.testing.assert_allclose
X = np.array([0.5, 1.0, 2.0])
SQUARE_MATRIX = np.array([[2.0, 1.0], [1.0, 3.0]])
BUILT_IN = [operation for operation in rule.TABLE if operation.name in rule.BUILT_IN]


@pytest.fixture(autouse=True)
def tables_as_before() -> Iterator[None]:
    """Names that a test defines are gone after it."""
    by_name, array_names = dict(rule.BY_NAME), dict(array_rule.ARRAYS_BY_NAME)
    yield
    for table, before in ((rule.BY_NAME, by_name), (array_rule.ARRAYS_BY_NAME, array_names)):
        table.clear()
        table.update(before)


def swish() -> Any:
    return elementary("swish", lambda x: x * sigmoid(x), lambda z, x: sigmoid(x) + z * sigmoid(-x))


def weigh() -> Any:
    return elementary("weigh", lambda x, y: x * y * y, lambda z, x, y: y**2, lambda z, x, y: 2 * x * y)


def rotate(**changed: Any) -> Any:
    rules: dict[str, Any] = {"push": lambda t, z, x: np.roll(t, 1), "pull": lambda g, z, x: np.roll(g, -1)}
    return elementary("rotate", lambda x: np.roll(x, 1), **{**rules, **changed})


# --- definitions ----------------------------------------------------------------------------------------------
def test_an_operation_with_partials_is_differentiated_everywhere() -> None:
    f, g = swish(), weigh()
    reference = lambda x: x * sigmoid(x)  # noqa: E731
    assert f(1.5) == reference(1.5)
    assert grad(f)(1.5) == pytest.approx(grad(reference)(1.5))
    assert derivative(f)(1.5) == pytest.approx(grad(reference)(1.5))
    assert grad(grad(grad(f)))(1.5) == pytest.approx(grad(grad(grad(reference)))(1.5))
    assert derivative(derivative(derivative(f)))(1.5) == pytest.approx(grad(grad(grad(reference)))(1.5))
    assert grad(g)(2.0, 3.0) == (9.0, 12.0)
    assert hessian(g)(2.0, 3.0) == ((0.0, 6.0), (6.0, 4.0))
    assert g(2, 3) == 18


def test_it_works_on_arrays_entry_by_entry() -> None:
    f, g = swish(), weigh()
    close(f(X), [f(x) for x in X.tolist()])
    close(jacobian(f)(X), np.diag([grad(f)(x) for x in X.tolist()]))
    close(hessian(lambda a: np.sum(f(a)))(X), np.diag([grad(grad(f))(x) for x in X.tolist()]), atol=1e-15)
    close(g(X, 2.0), 4 * X)
    close(g(X[:, None], X), X[:, None] * X * X)
    close(grad(lambda y: np.sum(g(X, y)))(3.0), 6 * np.sum(X))
    assert f(X.astype(np.float32)).dtype == np.float32
    assert f(np.zeros((0, 3))).shape == (0, 3)


def test_an_operation_with_push_and_pull() -> None:
    f = rotate()
    close(f(X), np.roll(X, 1))
    close(grad(lambda x: f(x)[0] ** 2)(X), [0.0, 0.0, 4.0])
    for mode in ("forward", "reverse"):
        close(jacobian(f, mode=mode)(X), np.roll(np.eye(3), 1, axis=0))
    close(hessian(lambda x: np.sum(f(x) ** 3))(X), np.diag(6 * X))
    assert check_rule(f, X).ok
    outer = elementary(
        "outer_product",
        lambda x, y: np.outer(x, y),
        push=(lambda t, z, x, y: np.outer(t, y), lambda t, z, x, y: np.outer(x, t)),
        pull=(lambda g, z, x, y: g @ y, lambda g, z, x, y: g.T @ x),
    )
    assert check_rule(outer, X, X[:2]).ok
    close(grad(lambda y: np.sum(outer(X, y)))(X[:2]), [3.5, 3.5])


@pytest.mark.parametrize("name", ["factor", "k", "z", "g", "x", "width"])
def test_settings_may_have_any_name(name: str) -> None:
    rules: dict[str, Any] = {"push": lambda t, /, *_, **s: s[name] * t, "pull": lambda g, /, *_, **s: s[name] * g}
    times = elementary("times_setting", lambda operand, /, **s: s[name] * operand, **rules)
    close(grad(lambda x: np.sum(times(x, **{name: 3.0})))(X), [3.0] * 3)
    close(jacobian(lambda x: times(x, **{name: 3.0}), mode="forward")(X), 3 * np.eye(3))


def test_a_second_definition_replaces_the_first_and_leaves_what_uses_it() -> None:
    first = elementary("twice_or_thrice", lambda x: 2 * x, lambda z, x: 2)
    second = elementary("twice_or_thrice", lambda x: 3 * x, lambda z, x: 3)
    assert (grad(first)(1.0), grad(second)(1.0)) == (2.0, 3.0)
    assert trace("twice_or_thrice(x)", at=1).gradient == {"x": 3.0}


@pytest.mark.parametrize("name", ["sin", "add", "max", "power", "sum", "matmul", "reshape", "getitem", "solve"])
@pytest.mark.parametrize("with_partials", [True, False])
def test_the_names_of_built_in_operations_are_refused(name: str, with_partials: bool) -> None:
    rules: dict[str, Any] = {"push": lambda t, z, x: t, "pull": lambda g, z, x: g}
    partials, rules = ((lambda z, x: 1,), {}) if with_partials else ((), rules)
    with pytest.raises(DefinitionError, match=f"{name} is built in: choose another name, such as my_{name}"):
        elementary(name, lambda x: x, *partials, **rules)


@pytest.mark.parametrize("name", ["", "x y", "2x", "sin-", "a.b", "f(x)", "$"])
def test_a_name_is_an_identifier(name: str) -> None:
    with pytest.raises(DefinitionError, match="letters, digits and _"):
        elementary(name, lambda x: x, lambda z, x: 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((lambda x: x,), "needs a partial for each operand"),
        ((lambda x: x, lambda x: 1), "partial 1 of wrong must be a function of the result z and the 1 operand"),
        ((lambda x, y: x, lambda z, x, y: 1, lambda z, y: 0), r"partial 2 of wrong .* 2 operands: lambda z, x, y: …"),
        ((lambda x: x, 3), "partial 1 of wrong must be a function"),
        ((3, lambda z, x: 1), "the value of wrong must be a function, not int"),
    ],
)
def test_rules_that_cannot_work_are_refused_at_once(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        elementary("wrong", *arguments)


def test_a_push_needs_a_pull_and_nothing_else() -> None:
    with pytest.raises(DefinitionError, match="push= and pull="):
        elementary("wrong", lambda x: x, push=lambda t, z, x: t)
    with pytest.raises(DefinitionError, match="push= and pull="):
        elementary("wrong", lambda x: x, lambda z, x: 1, push=lambda t, z, x: t, pull=lambda g, z, x: g)


def test_a_partial_may_be_any_callable() -> None:
    class Rules:
        def slope(self, z: Any, x: Any) -> Any:
            return 2 * x

    assert grad(elementary("by_method", lambda x: x * x, Rules().slope))(3.0) == 6.0
    assert grad(elementary("by_default", lambda x: x * x, lambda z, x, factor=2: factor * x))(3.0) == 6.0


def test_operands_are_counted_and_are_numbers() -> None:
    with pytest.raises(TypeError, match="swish takes 1 operand, not 2"):
        swish()(1.0, 2.0)
    with pytest.raises(TypeError, match="weigh takes 2 operands, not 1"):
        weigh()(X)
    with pytest.raises(TypeError, match="real numbers, not str"):
        swish()("x")
    with pytest.raises(ExpressionError, match="'weigh' takes 2 values, not 1"):
        trace("weigh(x)", at=1) if weigh() else None


def test_facts_of_a_definition_are_used() -> None:
    f = elementary(
        "half_log", lambda x: math.log(x) / 2, lambda z, x: 1 / (2 * x), needs="half a logarithm needs more",
        on=((0.0, math.inf),), latex=r"\operatorname{hl}", sympy=lambda x: __import__("sympy").log(x) / 2,
    )  # fmt: skip
    with pytest.raises(DomainError, match="half a logarithm needs more"):
        grad(f)(-1.0)
    traced = trace("half_log(x) x", at=2, mode="both")
    assert r"\operatorname{hl}" in traced.to_latex()
    report = check(traced)
    assert report.ok
    assert "so does the whole expression" in str(report)
    bent = elementary("bent", abs, lambda z, x: x / z, at=(Convention(lambda x: x == 0, "flat at 0", (0,)),))
    assert grad(bent)(0.0) == 0.0
    assert "Note: v₁: flat at 0" in trace("bent(x)", at=0).to_text()


def test_an_error_without_a_sentence_of_its_own_says_which_operation() -> None:
    f = elementary("reciprocal_square", lambda x: 1 / x**2, lambda z, x: -2 * z / x)
    with pytest.raises(DomainError, match="reciprocal_square"):
        f(0.0)


def test_it_is_a_word_of_the_language_and_printed_in_tables() -> None:
    swish(), weigh()
    traced = trace("swish(x) + weigh(x, y)", at=(2, 3), mode="both")
    assert traced.gradient["y"] == 12.0
    text = traced.to_text()
    assert "weigh(v₋₁, v₀) = weigh(2, 3)" in text
    assert "v̄₁ × (σ v₋₁ + v₁ × σ(−v₋₁))" in text.replace("sigmoid", "σ")
    assert "weigh" in traced.to_latex()
    assert "weigh" in traced.to_markdown()
    assert "sympy has no reading" in str(check(traced))
    wrong = elementary("wrong_reading", lambda x: x**3, lambda z, x: 3 * x**2, sympy=lambda x: x**4)
    assert not check(trace(wrong, at=2)).ok


def test_defined_operations_are_pickled_by_name() -> None:
    for operation in (swish(), weigh(), rotate()):
        assert pickle.loads(pickle.dumps(operation)) is operation
    assert pickle.loads(pickle.dumps(grad(swish())))(1.5) == grad(swish())(1.5)


# --- check_rule -----------------------------------------------------------------------------------------------
@pytest.mark.no_cover
@pytest.mark.parametrize("operation", [op for op in BUILT_IN if len(op.orders) < op.arity], ids=lambda op: op.name)
def test_the_rules_of_the_table_agree_with_their_values(operation: Any) -> None:
    report = check_rule(operation)
    assert report.ok, str(report)
    assert report.compared >= 10
    assert report.worst < 1e-6


def test_a_wrong_partial_is_found() -> None:
    report = check_rule(elementary("wrong_second", lambda x, y: x * y**2, lambda z, x, y: y**2, lambda z, x, y: x * y))
    assert not report.ok
    assert len(report.suspects) == 1
    assert report.suspects[0].startswith("wrong_second is wrong: partial 2")
    assert "partial 2 gives" in report.suspects[0]
    assert str(report).startswith("✗ wrong_second: ")
    slightly = elementary("slightly_wrong", lambda x: math.exp(x), lambda z, x: z * (1 + 1e-6))
    assert not check_rule(slightly, 1.0).ok


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"pull": lambda g, z, x: g}, "pull for operand 1 is not the transpose of its push"),
        ({"push": lambda t, z, x: 2 * np.roll(t, 1)}, "push for operand 1 gives"),
        ({"pull": lambda g, z, x: np.sum(g)}, r"the pull of rotate has the shape \(\), not that of operand 1, \(3,\)"),
        ({"pull": lambda g, z, x: g[:2]}, r"the pull of rotate has the shape \(2,\), not that of operand 1, \(3,\)"),
        ({"push": lambda t, z, x: t[:2]}, r"push for operand 1 fails: .*shape \(2,\) into shape \(3,\)"),
    ],
    ids=["pull", "push", "number for an array", "short pull", "short push"],
)
def test_a_wrong_push_or_pull_is_found(changed: dict[str, Any], message: str) -> None:
    report = check_rule(rotate(**changed), X)
    assert not report.ok
    assert len(report.suspects) == 1
    report_text = report.suspects[0]
    with pytest.raises(ValueError, match=message):
        raise ValueError(report_text)


def test_a_rule_that_is_right_but_cannot_be_differentiated_again_is_found() -> None:
    def slope(z: Any, x: Any) -> Any:
        while hasattr(x, "primal"):
            x = x.primal
        return 3 * x**2

    report = check_rule(elementary("flat_slope", lambda x: x**3, slope), 1.5)
    assert not report.ok
    assert report.mismatches[0].where == "second derivatives"


# --- check of a function --------------------------------------------------------------------------------------
def model(parameters: Any, x: Any) -> Any:
    hidden = np.tanh(parameters["layers"][0]["w"] @ x + parameters["layers"][0]["b"])
    return {"score": hidden @ parameters["out"], "norm": np.sqrt(np.sum(hidden**2))}


PARAMETERS = {"layers": [{"w": np.arange(6.0).reshape(2, 3) / 10, "b": X[:2], "name": "first"}], "out": X[1:]}


def test_a_right_function_passes() -> None:
    report = check(model, PARAMETERS, X)
    assert isinstance(report, FunctionReport)
    assert report.ok, str(report)
    assert report.name == "model"
    assert report.worst < 1e-9
    assert str(report).startswith("✓ forward, reverse and numerical derivatives of model agree to second order: ")
    assert check(sin, 1.0).name == "sin"


def test_a_wrong_rule_is_named_with_argument_and_entry() -> None:
    bad = elementary("bad_cube", lambda x: x**3, lambda z, x: 2 * x**2)

    def f(p: Any, y: Any) -> Any:
        return np.sum(p["layers"][0]["w"]) * y + bad(p["layers"][0]["w"][1, 2])

    report = check(f, PARAMETERS, 2.0)
    assert not report.ok
    assert {m.where for m in report.mismatches} == {"argument p['layers'][0]['w'], entry [1, 2]"}
    assert {m.ours for m in report.mismatches} == {"forward mode", "reverse mode"}
    assert report.mismatches[0].got == pytest.approx(2 + 2 * 0.25)
    assert report.mismatches[0].expected == pytest.approx(2 + 3 * 0.25)
    assert [s.split()[0] for s in report.suspects] == ["bad_cube"]
    large = check(lambda x: np.sum(bad(x)) * 2, np.ones(200))
    assert "argument x, random direction 1" in str(large)
    assert [s.split()[0] for s in large.suspects] == ["bad_cube"]


def test_an_error_in_a_small_output_is_not_hidden_by_a_large_one() -> None:
    bad = elementary("bad_square", lambda x: x * x, lambda z, x: 3 * x)
    assert not check(lambda x: (bad(x) * 1e-9, 1e3 * x), 1.0).ok
    assert not check(lambda x: bad(x) * 1e-12, 1.0).ok


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (relu, (0.0,)),
        (relu, (np.array([0.0, 1.0, -1.0]),)),
        (lambda x: maximum(3 * x, x), (0.0,)),
        (lambda x: np.max(x, axis=0), (np.array([[1.0, 2.0], [1.0, 0.0]]),)),
        (lambda x: absolute(x) + relu(x) * 2, (0.0,)),
        (lambda x, y: hypot(x, y) + relu(x), (0.0, 0.0)),
    ],
    ids=["relu", "relu of an array", "maximum", "max", "sum", "hypot"],
)
def test_kinks_are_reported_and_are_no_errors(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    report = check(f, *args)
    assert report.ok, str(report)
    if f is relu:
        assert report.kinks
        assert "not compared, at a kink: argument" in str(report)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: x * x, (3,)),
        (lambda p: p[0] * p[1], ([2, 3],)),
        (lambda x: np.sum(np.exp(x)), (np.linspace(0, 1, 1000),)),
        (lambda x: np.sum(x * x), (X.astype(np.float32),)),
        (lambda x: np.sum(x), (np.zeros((0, 3)),)),
        (lambda x: 3.0, (1.0,)),
        (lambda x: (), (1.0,)),
        (lambda x: x**3, (1e8,)),
        (lambda x: x**3, (1e-12,)),
        (exp, (700.0,)),
        (sin, (1e6,)),
        (lambda x: 1 / x, (0.001,)),
        (lambda x: 1 / x, (0.05,)),
        (ln, (1e-6,)),
        (ln, (1e-3,)),
        (sqrt, (0.0,)),
        (lambda x: x**1.5, (0.0,)),
        (arcsin, (1.0,)),
        (lambda x: np.sum(np.sqrt(x)), (np.array([0.0, 1.0]),)),
        (lambda x: np.sqrt(np.sum(x * x)), (np.zeros(2),)),
        (lambda x: x * math.nan, (1.0,)),
        (lambda x: sin(1e6 * x), (1.0,)),
    ],
    ids=["int", "ints", "large", "float32", "empty", "constant", "nothing", "large point", "tiny point", "exp", "sin",
         "near a pole", "by a pole", "near an edge", "by an edge", "√ at 0", "x^1.5 at 0", "arcsin 1", "√ of arrays",
         "norm at 0", "nan", "fast wave"],
)  # fmt: skip
def test_right_functions_pass_at_awkward_points(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    report = check(f, *args)
    assert report.ok, str(report)


def test_a_smooth_function_has_no_kinks() -> None:
    for f in (lambda x: cos(5e3 * x), lambda x: sin(1e6 * x)):
        assert check(f, 1.0).kinks == ()


def test_second_order_is_compared_in_both_ways() -> None:
    @elementary_square
    def slope(z: Any, x: Any) -> Any:
        while hasattr(x, "primal"):
            x = x.primal
        return 2 * x

    report = check(lambda x: np.sum(slope(x)), X)
    assert {m.ours for m in report.mismatches} == {"forward over reverse mode", "reverse over reverse mode"}


def elementary_square(partial: Callable[..., Any]) -> Any:
    return elementary("user_square", lambda x: x * x, partial)


def test_what_the_function_raises_is_raised() -> None:
    with pytest.raises(KeyError):
        check(lambda x: {}["missing"], 1.0)
    with pytest.raises(DomainError):
        check(ln, -1.0)


def test_second_derivatives_of_matrix_products() -> None:
    b = SQUARE_MATRIX + 1
    f = lambda x, y: np.sum(x @ y)  # noqa: E731
    tangents = (np.ones((2, 2)), np.ones((2, 2)))
    close(jvp(grad(f), (SQUARE_MATRIX, b), tangents)[1][0], np.full((2, 2), 2.0))
    close(hessian(f)(SQUARE_MATRIX, b)[0][1][0, 0], [[1.0, 1.0], [0.0, 0.0]])
    assert check(f, SQUARE_MATRIX, b).ok

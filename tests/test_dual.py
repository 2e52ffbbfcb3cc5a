"""Duals: arithmetic with every kind of number, comparisons, printing, and what they refuse."""

from __future__ import annotations

import contextlib
import copy
import math
import operator
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autodiff
from autodiff import AutodiffError, Dual, absolute, derivative, sin
from autodiff.errors import DomainError, LostDerivativeError
from autodiff.operations.rule import BY_NUMPY_NAME

NUMBERS = [3, 3.0, True, Fraction(3, 2), np.float64(2.5), np.float32(1.5), np.int64(3), -2, 0.5]
# With the partial derivatives of each operator by its left and right operand.
OPERATORS: dict[Callable[[Any, Any], Any], tuple[Callable[..., float], Callable[..., float]]] = {
    operator.add: (lambda x, y: 1, lambda x, y: 1),
    operator.sub: (lambda x, y: 1, lambda x, y: -1),
    operator.mul: (lambda x, y: y, lambda x, y: x),
    operator.truediv: (lambda x, y: 1 / y, lambda x, y: -x / y**2),
    operator.pow: (lambda x, y: y * x ** (y - 1), lambda x, y: x**y * math.log(x) if x > 0 else math.nan),
    operator.floordiv: (lambda x, y: 0, lambda x, y: 0),
    operator.mod: (lambda x, y: 1, lambda x, y: -(x // y)),
}
each_operator = pytest.mark.parametrize("apply", OPERATORS, ids=lambda apply: apply.__name__)
each_number = pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{type(number).__name__}({number})")
FOREIGN = ["2", None, 1j, [2.0], {}, object()]


def parts(dual: Dual) -> tuple[float, float]:
    return dual.primal, dual.tangent


@each_operator
@each_number
def test_numbers_stand_on_the_right_of_every_operator(apply: Callable[..., Any], number: Any) -> None:
    value, slope = apply(5.25, float(number)), OPERATORS[apply][0](5.25, float(number))
    assert parts(apply(Dual(5.25, 2.0), number)) == pytest.approx((value, 2 * slope))


@each_operator
@each_number
def test_numbers_stand_on_the_left_of_every_operator(apply: Callable[..., Any], number: Any) -> None:
    x = 5.0  # a whole exponent, so that negative bases have a power
    value, slope = apply(float(number), x), OPERATORS[apply][1](float(number), x)
    assert parts(apply(number, Dual(x, 2.0))) == pytest.approx((value, 2 * slope), nan_ok=True)


@each_operator
def test_two_duals_bring_both_tangents(apply: Callable[..., Any]) -> None:
    by_x, by_y = OPERATORS[apply]
    x, y = 5.25, 1.75
    result = apply(Dual(x, 2.0), Dual(y, -3.0))
    assert parts(result) == pytest.approx((apply(x, y), 2 * by_x(x, y) - 3 * by_y(x, y)))


@each_operator
@each_number
def test_results_hold_plain_floats(apply: Callable[..., Any], number: Any) -> None:
    results = apply(Dual(5.0, 1.0), number), apply(number, Dual(5.0, 1.0))
    assert [type(part) for result in results for part in parts(result)] == [float] * 4


@each_operator
def test_numpy_numbers_follow_the_rules_of_floats(apply: Callable[..., Any]) -> None:
    x = Dual(1e300, 1.0)
    assert parts(apply(x, np.float64(1e300))) == pytest.approx(parts(apply(x, 1e300)), nan_ok=True)
    assert parts(apply(Dual(np.float64(2), 1), 3)) == parts(apply(Dual(2.0, 1), 3))


@pytest.mark.parametrize("zero", [0, 0.0, np.float64(0), np.int64(0), Dual(0, 1), Dual(np.float64(0), 1)], ids=repr)
@pytest.mark.parametrize("apply", [operator.truediv, operator.floordiv, operator.mod])
def test_division_by_any_zero_is_a_domain_error(apply: Callable[..., Any], zero: Any) -> None:
    for attempt in (lambda: apply(Dual(1, 1), zero), lambda: apply(np.float64(1), Dual(0, 1) + zero)):
        with pytest.raises(DomainError):
            attempt()


def test_unary_operators() -> None:
    x = Dual(-2.5, 3.0)
    assert parts(-x) == (2.5, -3.0)
    assert parts(+x) == (-2.5, 3.0)
    assert parts(abs(x)) == (2.5, -3.0)
    assert parts(math.floor(x)) == (-3.0, 0.0)
    assert parts(math.ceil(x)) == (-2.0, 0.0)


def test_divmod_is_floor_division_and_remainder() -> None:
    for quotient, rest in (divmod(Dual(7.5, 1.0), 2), divmod(7.5, Dual(2.0, 1.0)), divmod(Dual(7.5, 1), Dual(2.0, 1))):
        assert (quotient.primal, quotient.tangent, rest.primal) == (3.0, 0.0, 1.5)
    assert [rest.tangent for _, rest in (divmod(Dual(7.5, 1.0), 2), divmod(7.5, Dual(2.0, 1.0)))] == [1.0, -3.0]


def test_augmented_assignment_makes_a_new_dual() -> None:
    x = y = Dual(2.0, 1.0)
    y *= x
    y += 1
    assert parts(y) == (5.0, 4.0)
    assert parts(x) == (2.0, 1.0)


def test_python_s_own_functions_that_only_use_operators_work() -> None:
    duals = [Dual(3, 1), Dual(1, 2), Dual(2, 4)]
    assert parts(sum(duals)) == (6.0, 7.0)
    assert parts(math.prod(duals)) == (6.0, 2 + 12 + 12)
    assert max(duals) is duals[0]
    assert [dual.tangent for dual in sorted(duals)] == [2, 4, 1]


def test_arguments_of_different_kinds_are_stored_as_floats() -> None:
    for number in NUMBERS:
        kind = np.float32 if isinstance(number, np.float32) else float
        assert [type(part) for part in parts(Dual(number, number))] == [kind, kind]
    assert parts(Dual(2)) == (2.0, 0.0)


def test_an_int_too_large_for_a_float_is_never_taken_for_something_else() -> None:
    for attempt in (lambda: Dual(2, 1) / 10**400, lambda: 10**400 / Dual(2, 1), lambda: Dual(2, 1) - 10**400):
        with pytest.raises((OverflowError, AutodiffError)):
            attempt()


# --- comparisons ----------------------------------------------------------------------------------------------
COMPARISONS = [operator.lt, operator.le, operator.eq, operator.ne, operator.ge, operator.gt]


@pytest.mark.parametrize("compare", COMPARISONS, ids=lambda compare: compare.__name__)
@each_number
def test_comparisons_look_at_the_primal(compare: Callable[..., Any], number: Any) -> None:
    for x in (-2.0, 0.5, 1.0, 1.5, 2.5, 3.0, 7.0):
        assert compare(Dual(x, 9.0), number) is compare(x, float(number))
        assert bool(compare(number, Dual(x, 9.0))) is compare(float(number), x)
        assert compare(Dual(x, 9.0), Dual(number, -9.0)) is compare(x, float(number))


def test_a_branch_takes_the_path_of_the_value() -> None:
    def hinge(x: Any) -> Any:
        return x * x if x > 1 else -x

    assert [derivative(hinge)(x) for x in (0.5, 1.0, 2.0)] == [-1.0, -1.0, 4.0]


def test_nested_duals_compare_by_the_number_at_the_bottom() -> None:
    nested = Dual(Dual(2.0, 5.0), 1.0)
    assert nested == 2
    assert nested < Dual(3.0, 0.0)
    assert not Dual(Dual(0.0, 1.0), 1.0)


def test_equal_numbers_are_equal_and_hash_alike_whatever_their_tangents() -> None:
    assert Dual(2, 1) == Dual(2, 7) == 2
    assert len({Dual(2, 1), Dual(2, 7), 2}) == 1
    assert {2: "two"}[Dual(2, 5)] == "two"
    assert Dual(2, 1) in [1, 2]


def test_truth_is_that_of_the_primal() -> None:
    assert Dual(2, 0)
    assert not Dual(0, 2)


@pytest.mark.parametrize("other", FOREIGN, ids=lambda other: type(other).__name__)
def test_a_dual_equals_nothing_foreign_and_has_no_order_with_it(other: object) -> None:
    assert (Dual(2, 1) == other) is False
    assert (Dual(2, 1) != other) is True
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        with pytest.raises(TypeError):
            compare(Dual(2, 1), other)


def test_nan_equals_nothing() -> None:
    assert Dual(math.nan, 1) != Dual(math.nan, 1)


# --- printing -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("dual", "text"),
    [
        (Dual(2, 1), "2 + 1ε"),
        (Dual(2, -1), "2 - 1ε"),
        (Dual(-2.5, 0.125), "-2.5 + 0.125ε"),
        (Dual(1 / 3, -1e-20), "0.333333333333 - 1e-20ε"),
        (Dual(Dual(2, 1), Dual(1, 0)), "(2 + 1ε) + (1 + 0ε)ε"),
        (Dual(Dual(2, 1), Dual(-1, 0)), "(2 + 1ε) + (-1 + 0ε)ε"),
        (Dual(Dual(2, -3), -1), "(2 - 3ε) - 1ε"),
        (Dual(math.inf, math.nan), "inf + nanε"),
        (Dual(Fraction(1, 4), Fraction(-1, 2)), "0.25 - 0.5ε"),
        (Dual(np.float64(2), np.int64(-3)), "2 - 3ε"),
    ],
)
def test_a_dual_prints_as_the_sum_it_is(dual: Dual, text: str) -> None:
    assert repr(dual) == str(dual) == text


def test_a_dual_survives_a_copy_and_a_pickle() -> None:
    nested = Dual(Dual(2, 1), Dual(-1, 0.5))
    for twin in (copy.copy(nested), copy.deepcopy(nested), pickle.loads(pickle.dumps(nested))):
        assert repr(twin) == repr(nested)
        assert repr(twin * nested) == repr(nested * nested)


# --- what a Dual refuses --------------------------------------------------------------------------------------
LOSSES: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "int": int,
    "complex": complex,
    "round": round,
    "round to digits": lambda x: round(x, 2),
    "trunc": math.trunc,
    "math.sin": math.sin,
    "math.sqrt": math.sqrt,
    "math.isnan": math.isnan,
    "index": lambda x: [1, 2, 3][x],
    "range": lambda x: range(x),
    "np.float64": np.float64,
    "np.array of floats": lambda x: np.array([x], dtype=float),
}


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_what_would_drop_the_derivative_is_refused_and_says_what_to_use(lose: Callable[[Any], Any]) -> None:
    with pytest.raises(LostDerivativeError) as caught:
        lose(Dual(2.0, 1.0))
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, AutodiffError)
    for hint in ("Dual", ".primal", "autodiff.sin", "numpy.sin"):
        assert hint in str(caught.value)


def test_what_the_message_names_works() -> None:
    x = Dual(2.0, 1.0)
    assert float(x.primal) == 2.0
    assert parts(autodiff.sin(x)) == parts(np.sin(x)) == (math.sin(2), math.cos(2))


@each_operator
@pytest.mark.parametrize("other", FOREIGN, ids=lambda other: type(other).__name__)
def test_foreign_operands_are_a_type_error(apply: Callable[..., Any], other: object) -> None:
    with pytest.raises(TypeError):
        apply(Dual(2.0, 1.0), other)
    if not (apply is operator.mod and isinstance(other, str)):  # "2" % x is text formatting
        with pytest.raises(TypeError):
            apply(other, Dual(2.0, 1.0))


@pytest.mark.parametrize("value", FOREIGN, ids=lambda value: type(value).__name__)
def test_a_dual_holds_real_numbers_only(value: Any) -> None:
    for attempt in (lambda: Dual(value, 1.0), lambda: Dual(1.0, value)):
        with pytest.raises(LostDerivativeError, match=f"real numbers, not {type(value).__name__}"):
            attempt()


def test_divmod_and_power_refuse_what_they_cannot_do() -> None:
    for attempt in (lambda: divmod(Dual(7, 1), "2"), lambda: divmod("2", Dual(7, 1)), lambda: pow(Dual(7, 1), 2, 5)):
        with pytest.raises(TypeError):
            attempt()


# --- numpy's door ---------------------------------------------------------------------------------------------
OTHERWISE = {"greater", "heaviside"}  # numpy means something else by these names
IN_NUMPY = [
    name for name in dir(np) if isinstance(getattr(np, name), np.ufunc) and name in BY_NUMPY_NAME.keys() - OTHERWISE
]


@pytest.mark.parametrize("name", IN_NUMPY)
def test_numpy_s_functions_are_our_operations(name: str) -> None:
    ufunc, operation = getattr(np, name), BY_NUMPY_NAME[name]
    operands = [Dual(1.25, 1.0) if operation.name == "arccosh" else Dual(0.25, 1.0), Dual(0.75, -2.0)]
    ours = operation(*operands[: operation.arity])
    assert parts(ufunc(*operands[: operation.arity])) == parts(ours)
    assert ours.primal == pytest.approx(float(ufunc(*(x.primal for x in operands[: operation.arity]))))


def test_numpy_has_most_of_our_functions() -> None:
    assert {"sin", "cos", "exp", "log", "sqrt", "tanh", "arctan2", "absolute", "maximum"} <= set(IN_NUMPY)


def test_numpy_s_comparisons_are_comparisons() -> None:
    x = Dual(2.0, 1.0)
    assert [np.less(x, 3), np.less_equal(2, x), np.equal(x, 2), np.not_equal(x, x)] == [True, True, True, False]
    assert [np.greater(x, 3), np.greater(3, x), np.greater_equal(x, x)] == [False, True, True]


def test_numpy_s_step_function_is_numpy_s_or_refused() -> None:
    with contextlib.suppress(TypeError):  # its second argument is the value at 0; ours is where the step is
        assert np.heaviside(Dual(0.25, 1.0), 0.75) == np.heaviside(0.25, 0.75)


def test_what_numpy_cannot_do_with_a_dual_is_a_type_error() -> None:
    for attempt in (lambda: np.frexp(Dual(1, 1)), lambda: np.add(Dual(1, 1), "2")):
        with pytest.raises(TypeError):
            attempt()


def test_a_numpy_array_of_duals_is_an_array_of_objects() -> None:
    doubled = np.array([Dual(1, 1), Dual(2, 1)]) * 2
    assert [parts(dual) for dual in doubled] == [(2.0, 2.0), (4.0, 2.0)]


# --- levels ---------------------------------------------------------------------------------------------------
def test_duals_made_by_hand_from_numbers_share_a_level() -> None:
    assert parts(Dual(2, 1) * Dual(5, 0)) == (10.0, 5.0)


def test_a_dual_of_duals_carries_the_second_derivative() -> None:
    x = Dual(Dual(2.0, 1.0), Dual(1.0, 0.0))
    cube = x**3
    assert (cube.primal.primal, cube.primal.tangent, cube.tangent.primal, cube.tangent.tangent) == (8, 12, 12, 12)


def test_an_operation_peels_the_highest_level_and_treats_the_others_as_constants() -> None:
    outer, inner = Dual(2.0, 1.0, level=1), Dual(3.0, 1.0, level=2)
    product = outer * inner
    assert product.level == 2
    assert parts(product.primal) == (6.0, 3.0)
    assert parts(product.tangent) == (2.0, 1.0)


def test_domain_errors_come_from_inside_a_function_as_they_are() -> None:
    with pytest.raises(DomainError, match="positive"):
        derivative(autodiff.ln)(-1.0)


def test_the_functions_of_the_package_take_plain_numbers_too() -> None:
    assert sin(0.5) == math.sin(0.5)
    assert absolute(-2) == 2

"""Tapes and Vars: recording, sweeping, what a tape refuses, and when it goes away."""

from __future__ import annotations

import math
import operator
import threading
import weakref
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autodiff
from autodiff import AutodiffError, Tape, Var, arctan2, derivative, exp, grad, jvp, sin, sqrt
from autodiff.errors import DomainError, LostDerivativeError, TapeError
from autodiff.modes.levels import active
from autodiff.modes.rows import Recorded
from autodiff.operations import elementary as table

NUMBERS = [3, 3.0, True, Fraction(3, 2), np.float64(2.5), np.float32(1.5), np.int64(3), -2, 0.5]
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.floordiv, operator.mod]
each_operator = pytest.mark.parametrize("apply", OPERATORS, ids=lambda apply: apply.__name__)
each_number = pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{type(number).__name__}({number})")
FOREIGN = ["2", None, 1j, [2.0], {}, object()]


def variables(*values: Any) -> list[Var]:
    with Tape():
        return [Var(value) for value in values]


def sweep(f: Callable[..., Any], *values: Any) -> tuple[float, ...]:
    """The value and the adjoints of all arguments."""
    arguments = variables(*values)
    y = f(*arguments)
    y.backward()
    return y.primal, *(x.adjoint for x in arguments)


# --- arithmetic -----------------------------------------------------------------------------------------------
@each_operator
@each_number
def test_numbers_stand_on_either_side_of_every_operator(apply: Callable[..., Any], number: Any) -> None:
    plain = float(number)
    for f, same in (
        (lambda x: apply(x, number), lambda x: apply(x, plain)),
        (lambda x: apply(number, x), lambda x: apply(plain, x)),
    ):
        reverse = sweep(f, 5.0)
        assert reverse == pytest.approx(jvp(same, 5.0, 1.0), nan_ok=True)
        assert [type(part) for part in reverse] == [float, float]


@each_operator
def test_two_vars_get_an_adjoint_each(apply: Callable[..., Any]) -> None:
    forward = [jvp(apply, (5.25, 1.75), seed) for seed in ((1.0, 0.0), (0.0, 1.0))]
    assert sweep(apply, 5.25, 1.75) == pytest.approx((forward[0][0], forward[0][1], forward[1][1]))


@each_operator
def test_one_var_on_both_sides_gets_both_contributions(apply: Callable[..., Any]) -> None:
    assert sweep(lambda x: apply(x, x), 1.75) == pytest.approx(jvp(lambda x: apply(x, x), 1.75, 1.0))


@pytest.mark.parametrize("zero", [0, 0.0, np.float64(0), np.int64(0)], ids=repr)
@pytest.mark.parametrize("apply", [operator.truediv, operator.floordiv, operator.mod])
def test_division_by_any_zero_is_a_domain_error(apply: Callable[..., Any], zero: Any) -> None:
    one, nothing = variables(1, zero)
    for attempt in (lambda: apply(one, zero), lambda: apply(one, nothing), lambda: apply(np.float64(1), nothing)):
        with pytest.raises(DomainError):
            attempt()


def test_unary_operators_and_divmod() -> None:
    assert sweep(operator.neg, 2.5) == (-2.5, -1.0)
    assert sweep(operator.pos, 2.5) == (2.5, 1.0)
    assert sweep(abs, -2.5) == (2.5, -1.0)
    assert sweep(math.floor, 2.5) == (2.0, 0.0)
    assert sweep(math.ceil, 2.5) == (3.0, 0.0)
    assert sweep(lambda x: sum(divmod(x, 2)), 7.5) == (4.5, 1.0)
    assert sweep(lambda x: sum(divmod(7.5, x)), 2.0) == (4.5, -3.0)


def test_overflow_is_infinite_and_no_error() -> None:
    assert sweep(lambda x: x**400, 10.0) == (math.inf, math.inf)
    assert sweep(lambda x: x * 1e308, 10.0) == (math.inf, 1e308)
    assert sweep(lambda x: x * np.float64(1e308), 10.0) == (math.inf, 1e308)


def test_an_int_too_large_for_a_float_is_never_taken_for_something_else() -> None:
    for f in (lambda x: x / 10**400, lambda x: 10**400 / x, lambda x: x - 10**400, lambda x: x * 10**400):
        with pytest.raises((OverflowError, AutodiffError)):
            sweep(f, 2.0)


def test_numpy_s_functions_and_numbers_work_on_vars() -> None:
    assert sweep(np.sin, 2.0) == sweep(sin, 2.0) == (math.sin(2), math.cos(2))
    assert sweep(np.arctan2, 1.0, 2.0) == sweep(arctan2, 1.0, 2.0)
    assert sweep(lambda x: np.float64(3) * x, 2.0) == (6.0, 3.0)
    assert sweep(lambda x: np.float64(3) - x / np.int64(2), 2.0) == (2.0, -0.5)
    assert sweep(lambda x: np.array([x, 2 * x]).sum(), 2.0) == (6.0, 3.0)


# --- comparisons and printing ---------------------------------------------------------------------------------
@each_number
@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.eq, operator.ne, operator.ge, operator.gt])
def test_comparisons_look_at_the_value(compare: Callable[..., Any], number: Any) -> None:
    for value in (-2.0, 0.5, 1.0, 1.5, 2.5, 3.0):
        (x,) = variables(value)
        assert compare(x, number) is compare(value, float(number))
        assert bool(compare(number, x)) is compare(float(number), value)


def test_equal_values_are_equal_and_hash_alike() -> None:
    x, y, z = variables(2.0, 2.0, 0.0)
    assert x == y == 2
    assert len({x, y, 2}) == 1
    assert x
    assert not z
    assert x != "2"


def test_a_var_shows_its_value_and_row() -> None:
    x, y = variables(2.0, 1 / 3)
    assert [repr(x), repr(y), repr(x * y)] == [
        "Var(2, row 0)",
        "Var(0.333333333333, row 1)",
        "Var(0.666666666667, row 2)",
    ]
    assert repr(variables(Fraction(1, 4))[0]) == "Var(0.25, row 0)"
    assert repr(variables(x)[0]) == "Var(Var(2, row 0), row 0)"


def test_a_tape_shows_how_long_it_is() -> None:
    with Tape() as tape:
        assert repr(tape) == "<Tape with 0 rows>"
        x = Var(2.0)
        assert repr(tape) == "<Tape with 1 row>"
    assert sin(x) * 2 == 2 * sin(x)
    assert (len(tape), repr(tape)) == (5, "<Tape with 5 rows>")


def test_rows_say_operation_operands_and_value() -> None:
    with Tape() as tape:
        x = Var(3.0)
    y = 2 * x - x
    assert y == 3
    assert list(map(tape.__getitem__, range(3))) == [
        Recorded(None, (), 3.0),
        Recorded(table.mul, (2.0, 0), 6.0),
        Recorded(table.sub, (1, 0), 3.0),
    ]
    assert [type(operand) for operand in tape[1].operands] == [float, int]
    assert tape[-1] == tape[2]
    with pytest.raises(IndexError):
        tape[3]


# --- what a Var refuses ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "lose",
    [float, int, complex, round, math.trunc, math.sin, lambda x: [1, 2, 3][x], lambda x: round(x, 2), np.float64],
)
def test_what_would_drop_the_derivative_is_refused_and_says_what_to_use(lose: Callable[[Any], Any]) -> None:
    (x,) = variables(2.0)
    with pytest.raises(LostDerivativeError) as caught:
        lose(x)
    assert isinstance(caught.value, TypeError)
    for hint in ("Var", ".primal", "autodiff.sin", "numpy.sin"):
        assert hint in str(caught.value)


@each_operator
@pytest.mark.parametrize("other", FOREIGN, ids=lambda other: type(other).__name__)
def test_foreign_operands_are_a_type_error_and_leave_no_row(apply: Callable[..., Any], other: object) -> None:
    (x,) = variables(2.0)
    with pytest.raises(TypeError):
        apply(x, other)
    if not (apply is operator.mod and isinstance(other, str)):  # "2" % x is text formatting
        with pytest.raises(TypeError):
            apply(other, x)
    assert len(x.tape) == 1


@pytest.mark.parametrize("value", FOREIGN, ids=lambda value: type(value).__name__)
def test_a_var_holds_real_numbers_only(value: Any) -> None:
    with Tape() as tape, pytest.raises(AutodiffError, match=f"real numbers, not {type(value).__name__}"):
        tape.var(value)


def test_a_refused_operation_leaves_the_tape_as_it_was() -> None:
    x, y = variables(1.0, 0.0)
    for attempt in (lambda: x / y, lambda: autodiff.ln(y - 1), lambda: (y - 1) ** 0.5):
        with pytest.raises(DomainError):
            attempt()
    z = x + 2 * y
    z.backward()
    assert (x.adjoint, y.adjoint) == (1.0, 2.0)


# --- which tape -----------------------------------------------------------------------------------------------
def test_a_var_without_a_tape_is_an_error_that_shows_how() -> None:
    with pytest.raises(TapeError, match=r"with Tape\(\): x = Var\(2.0\)"):
        Var(2.0)
    with Tape():
        Var(2.0)
    with pytest.raises(TapeError):
        Var(2.0)


def test_a_var_lands_on_the_innermost_open_tape_or_the_one_it_is_told() -> None:
    lone = Tape()
    with Tape() as outer:
        assert Var(1.0).tape is outer
        with Tape() as inner:
            assert Var(1.0).tape is inner
            assert Var(1.0, tape=outer).tape is outer
            assert lone.var(1.0).tape is lone
        assert Var(1.0).tape is outer


def meet(x: Var, y: Var) -> None:
    for attempt in (lambda: x * y, lambda: y * x, lambda: arctan2(x, y), lambda: arctan2(y, x)):
        with pytest.raises(TapeError, match="two different tapes"):
            attempt()


def test_vars_of_two_tapes_used_one_after_the_other_do_not_meet() -> None:
    (x,) = variables(2.0)
    (y,) = variables(3.0)
    meet(x, y)


def test_vars_of_two_tapes_that_were_never_opened_do_not_meet() -> None:
    meet(Tape().var(2.0), Tape().var(3.0))


def test_a_var_of_an_unopened_tape_does_not_meet_one_of_an_opened_tape() -> None:
    lone = Tape().var(2.0)
    (x,) = variables(3.0)
    meet(lone, x)


def test_a_tape_made_early_and_opened_inside_another_is_inside_it() -> None:
    early = Tape()
    with Tape():
        x = Var(2.0)
        with early:
            y = Var(3.0)
    product = x * y
    product.backward()
    assert y.adjoint == 2.0
    assert product.tape is early


def test_properly_nested_tapes_may_meet() -> None:
    with Tape() as outer:
        x = Var(2.0)
        with Tape():
            y = Var(3.0)
            z = x * y * y
    z.backward()
    slope = y.adjoint  # 2xy, a Var of the outer tape
    assert slope.tape is outer
    slope.backward()
    assert (slope.primal, x.adjoint) == (12.0, 6.0)


def test_a_tape_can_be_opened_again_to_add_variables() -> None:
    tape = Tape()
    with tape:
        x = Var(2.0)
    with tape:
        y = Var(3.0)
    z = x * y
    z.backward()
    assert (x.adjoint, y.adjoint) == (3.0, 2.0)


def test_grad_accepts_vars_of_a_tape_that_is_open_and_of_one_that_is_closed() -> None:
    with Tape():
        x = Var(2.0)
        inside = grad(lambda t: t * t * x)(x)
    outside = grad(lambda t: t * t * x)(x)
    for slope in (inside, outside):
        slope.backward()  # ∂(t²x)/∂t at t = x is 2x²
        assert (slope.primal, x.adjoint) == (8.0, 8.0)


# --- sweeping -------------------------------------------------------------------------------------------------
def test_an_adjoint_before_any_backward_is_an_error_that_says_so() -> None:
    (x,) = variables(2.0)
    for attempt in (lambda: x.adjoint, lambda: x.grad):
        with pytest.raises(TapeError, match=r"backward\(\)"):
            attempt()


def test_backward_twice_starts_afresh() -> None:
    (x,) = variables(3.0)
    y = x * x
    for _ in range(2):
        y.backward()
        assert x.adjoint == x.grad == 6.0


def test_backward_from_another_row_forgets_the_first() -> None:
    x, y = variables(2.0, 5.0)
    product, double = x * y, 2 * x
    product.backward()
    assert (x.adjoint, y.adjoint, product.adjoint, double.adjoint) == (5.0, 2.0, 1.0, 0.0)
    double.backward()
    assert (x.adjoint, y.adjoint, product.adjoint, double.adjoint) == (2.0, 0.0, 0.0, 1.0)


def test_what_the_result_does_not_depend_on_has_the_adjoint_zero() -> None:
    x, y = variables(2.0, 5.0)
    before = x + y
    z = 3 * x
    z.backward()
    after = Var(1.0, tape=x.tape)
    for idle in (y, before, after, z + 1):
        assert idle.adjoint == 0.0
        assert type(idle.adjoint) is float


def test_a_seed_scales_all_adjoints() -> None:
    x, y = variables(2.0, 5.0)
    z = x * y
    z.backward(-3)
    assert (x.adjoint, y.adjoint, z.adjoint) == (-15.0, -6.0, -3)


def test_rows_that_the_result_does_not_use_do_not_disturb_it() -> None:
    def idle_root(x: Any) -> Any:
        return x + 1 if sqrt(x) < 1 else x

    def idle_exponential(x: Any) -> Any:
        return [exp(x), 3 * x][1]

    assert grad(idle_root)(0.0) == derivative(idle_root)(0.0) == 1.0
    assert grad(idle_exponential)(1000.0) == derivative(idle_exponential)(1000.0) == 3.0


def test_a_variable_that_is_the_result_has_the_adjoint_one() -> None:
    x, y = variables(2.0, 5.0)
    x.backward()
    assert (x.adjoint, y.adjoint) == (1.0, 0.0)


def test_reuse_of_a_row_sums_its_contributions() -> None:
    def f(x: Any) -> Any:
        shared = sin(x)
        return shared * shared + shared / x - shared

    assert sweep(f, 1.25) == pytest.approx(jvp(f, 1.25, 1.0))


@pytest.mark.no_cover
@pytest.mark.parametrize("step", [sin, lambda x: x * 1.0, lambda x: 1.0 + x, lambda x: x + x * 0.0])
def test_a_chain_of_200000_operations_is_swept_without_recursion(step: Callable[[Any], Any]) -> None:
    with Tape() as tape:
        x = Var(1.0)
    y = x
    while len(tape) <= 200_000:
        y = step(y)
    y.backward()
    assert 0 < x.adjoint <= 1
    assert len(tape) > 200_000


# --- life and death -------------------------------------------------------------------------------------------
def test_a_tape_is_released_with_its_last_var() -> None:
    with Tape() as tape:
        x = Var(2.0)
    gone = weakref.ref(tape)
    y = sin(x) * x
    y.backward()
    del tape, x
    assert gone() is not None
    del y
    assert gone() is None


def test_grad_leaves_no_tape_behind() -> None:
    tapes = []

    def f(x: Any) -> Any:
        tapes.append(weakref.ref(x.tape))
        return x * x

    assert grad(f)(3.0) == 6.0
    assert tapes[0]() is None


class _OopsError(Exception):
    pass


def _fails(*_: Any) -> Any:
    raise _OopsError


@pytest.mark.parametrize(
    "differentiate",
    [
        lambda: grad(_fails)(1.0),
        lambda: derivative(_fails)(1.0),
        lambda: autodiff.jacobian(_fails)(1.0),
        lambda: autodiff.hessian(_fails)(1.0, 2.0),
        lambda: autodiff.hvp(_fails, (1.0,), (1.0,)),
        lambda: autodiff.vjp(_fails, 1.0),
        lambda: jvp(_fails, 1.0, 1.0),
        lambda: autodiff.value_and_grad(_fails)(1.0),
        lambda: grad(lambda x: derivative(_fails)(x))(1.0),
        lambda: derivative(lambda x: grad(_fails)(x))(1.0),
    ],
)
def test_levels_are_released_on_exceptions(differentiate: Callable[[], Any]) -> None:
    with pytest.raises(_OopsError):
        differentiate()
    assert active.stack == []
    assert grad(lambda x: x * x)(3.0) == derivative(lambda x: x * x)(3.0) == 6.0


def test_an_exception_closes_open_tapes() -> None:
    with pytest.raises(_OopsError), Tape(), Tape():
        raise _OopsError
    assert active.stack == []


def test_threads_that_differentiate_at_once_do_not_mix() -> None:
    results: dict[int, list[float]] = {}
    barrier = threading.Barrier(8)

    def work(n: int) -> None:
        def f(x: Any) -> Any:
            y = x
            for _ in range(300):
                y = sin(y) + derivative(lambda t, y=y: t * t * y)(0.5) * 0
            return y * n + grad(lambda t: t * x)(1.0) * n

        barrier.wait()
        results[n] = [grad(f)(1.0), derivative(f)(1.0), float(len(active.stack))]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (one,) = {slopes[0] for n, slopes in results.items() if n == 1}
    assert results == {n: [pytest.approx(n * one), pytest.approx(n * one), 0.0] for n in range(8)}


def test_an_open_tape_of_one_thread_is_not_open_in_another() -> None:
    caught: list[BaseException] = []

    def work() -> None:
        try:
            Var(2.0)
        except TapeError as error:
            caught.append(error)

    with Tape():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert len(caught) == 1

"""The rule table: every operation against finite differences, sympy and itself, in both modes, corners included.

Everything here goes through the table, so a new rule arrives tested.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import itertools
import math
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autodiff import AutodiffError, Dual, Tape, Var, derivative, grad
from autodiff.errors import DomainError
from autodiff.expression.expr import Expr, Symbol
from autodiff.expression.language import FUNCTIONS
from autodiff.expression.to_sympy import derivative_of, differentiate, sympy_function
from autodiff.operations import elementary as table
from autodiff.operations.rule import BY_NAME, BY_NUMPY_NAME, TABLE, Convention, Interval, Operation

Point = tuple[float, ...]

each_operation = pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.name)
# The order of a polygamma function is a whole number: nothing to differentiate.
SLOPES = [(op, k) for op in TABLE for k in range(op.arity) if k not in op.orders]
each_slope = pytest.mark.parametrize(("operation", "k"), SLOPES, ids=lambda part: getattr(part, "name", part))
FRACTIONS = [(0.13, 0.61), (0.37, 0.29), (0.71, 0.83), (0.93, 0.07)]
REACH = 4.0  # how far points lie from the finite end of an infinite interval


# --- points and the two modes ---------------------------------------------------------------------------------
def ends(interval: Interval) -> Interval:
    """An interval cut to a finite one."""
    low, high = interval
    if math.isinf(low):
        return (-REACH, REACH) if math.isinf(high) else (high - REACH, high)
    return low, min(high, low + REACH)


def point_at(operation: Operation, fractions: tuple[float, float]) -> Point:
    spans = [ends(interval) for interval in operation.domain.intervals]
    point = [low + part * (high - low) for (low, high), part in zip(spans, fractions, strict=False)]
    return tuple(float(round(x)) if k in operation.orders else x for k, x in enumerate(point))


def inside(operation: Operation) -> st.SearchStrategy[Point]:
    """Points inside the domain, away from its ends and from corners."""
    spans = [ends(interval) for interval in operation.domain.intervals]
    operands = [
        st.floats(low + (high - low) / 500, high - (high - low) / 500, allow_subnormal=False) for low, high in spans
    ]
    for k in operation.orders:
        operands[k] = st.integers(0, 4).map(float)
    return st.tuples(*operands).filter(
        lambda point: operation.convention_at(*point) is None and math.hypot(*point) > 0.001
    )


def forward(operation: Operation, point: Point, tangents: Point) -> Any:
    """The value and the tangent, by Duals."""
    return operation(*(Dual(x, t) if t else x for x, t in zip(point, tangents, strict=True)))


def forward_partial(operation: Operation, k: int, point: Point) -> float:
    return forward(operation, point, tuple(float(n == k) for n in range(operation.arity))).tangent


def reverse(operation: Operation, point: Point, seed: float = 1.0) -> tuple[float, ...]:
    """The adjoints of the operands, by a tape."""
    with Tape() as tape:
        operands = [Var(x) for x in point]
    operation(*operands).backward(seed)
    return tuple(tape.adjoints[: operation.arity])


def reverse_partial(operation: Operation, k: int, point: Point) -> float:
    """The adjoint of one operand, the others being constants."""
    with Tape():
        moving = Var(point[k])
    operation(*(moving if n == k else x for n, x in enumerate(point))).backward()
    return moving.adjoint


def ulps_between(a: float, b: float) -> float:
    return abs(a - b) / math.ulp(max(abs(a), abs(b)))


@contextlib.contextmanager
def within_seconds(seconds: float) -> Iterator[None]:
    """Fail instead of hanging; the time is that of this process, so a busy machine changes nothing."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"no answer in {seconds} s")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


# --- partials against three other ways of knowing them --------------------------------------------------------
@each_slope
@pytest.mark.parametrize("fractions", FRACTIONS)
def test_partials_agree_with_finite_differences(operation: Operation, k: int, fractions: tuple[float, float]) -> None:
    point = point_at(operation, fractions)
    low, high = ends(operation.domain.intervals[k])
    step = (high - low) / 10000

    def moved(steps: int) -> float:
        return operation(*(x + steps * step * (n == k) for n, x in enumerate(point)))

    quotient = (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * step)
    assert forward_partial(operation, k, point) == pytest.approx(quotient, rel=1e-7, abs=1e-8)


def _jumps(*_: Any) -> int:
    """Sympy's δ, which stands in the derivatives of a jump and is 0 beside it."""
    return 0


def _heaviside(x: Any, at_zero: Any = 0.5) -> Any:
    return mpmath.mpf(x > 0) if x else at_zero


def number_function(symbols: tuple[Any, ...], expr: Any) -> Callable[..., Any]:
    return sympy.lambdify(symbols, expr, [{"DiracDelta": _jumps, "Heaviside": _heaviside}, "mpmath"])


@functools.cache
def exact_partial(operation: Operation, k: int) -> Callable[..., Any]:
    expr, symbols = derivative_of(operation, k)
    return number_function(symbols, expr)


@pytest.mark.no_cover
@each_slope
@settings(max_examples=15)
@given(data=st.data())
def test_partials_agree_with_sympy(operation: Operation, k: int, data: st.DataObject) -> None:
    point = data.draw(inside(operation))
    with mpmath.workdps(40):
        exact = float(exact_partial(operation, k)(*map(mpmath.mpf, point)))
    assert forward_partial(operation, k, point) == pytest.approx(exact, rel=1e-13, abs=1e-300)


def _analytic_ufuncs() -> dict[Operation, Any]:
    """numpy's complex functions that share a name with one of our operations; |x| and its like are not analytic."""
    found = {}
    for name, ufunc in vars(np).items():
        operation = BY_NUMPY_NAME.get(name)
        if operation is None or not isinstance(ufunc, np.ufunc):
            continue
        is_smooth = not operation.conventions or operation is table.power
        if is_smooth and any(kind.startswith("D" * operation.arity) for kind in ufunc.types):
            found[operation] = ufunc
    return found


COMPLEX = _analytic_ufuncs()


@pytest.mark.parametrize("fractions", FRACTIONS)
@pytest.mark.parametrize(
    ("operation", "k"),
    [(op, k) for op in COMPLEX for k in range(op.arity)],
    ids=lambda part: getattr(part, "name", part),
)
def test_partials_agree_with_the_complex_step(operation: Operation, k: int, fractions: tuple[float, float]) -> None:
    step = 1e-100
    point = point_at(operation, fractions)
    stepped = COMPLEX[operation](*(complex(x, step * (n == k)) for n, x in enumerate(point)))
    assert reverse_partial(operation, k, point) == pytest.approx(stepped.imag / step, rel=1e-13)


def test_most_smooth_operations_have_a_complex_step() -> None:
    assert len(COMPLEX) >= 24


# --- the two modes against each other -------------------------------------------------------------------------
@pytest.mark.no_cover
@each_slope
@settings(max_examples=15)
@given(data=st.data())
def test_both_modes_give_the_same_partial(operation: Operation, k: int, data: st.DataObject) -> None:
    point = data.draw(inside(operation))
    pushed = forward_partial(operation, k, point)
    assert ulps_between(pushed, reverse_partial(operation, k, point)) <= 2
    assert ulps_between(pushed, reverse(operation, point)[k]) <= 2


@pytest.mark.no_cover
@pytest.mark.parametrize("operation", [op for op in TABLE if len(op.orders) < op.arity], ids=lambda op: op.name)
@settings(max_examples=15)
@given(data=st.data())
def test_a_pushed_tangent_meets_a_pulled_adjoint(operation: Operation, data: st.DataObject) -> None:
    point = data.draw(inside(operation))
    numbers = st.floats(0.1, 10) | st.floats(-10, -0.1)
    tangents = data.draw(st.tuples(*[numbers] * operation.arity))
    tangents = tuple(0.0 if k in operation.orders else t for k, t in enumerate(tangents))
    weight = data.draw(numbers)
    adjoints = reverse(operation, point, weight)
    terms = [adjoint * tangent for adjoint, tangent in zip(adjoints, tangents, strict=True) if tangent]
    pushed = weight * forward(operation, point, tangents).tangent
    assert pushed == pytest.approx(sum(terms), abs=1e-14 * max(map(abs, terms)))


@each_operation
def test_both_modes_keep_the_value_of_plain_numbers(operation: Operation) -> None:
    for fractions in FRACTIONS:
        point = point_at(operation, fractions)
        value = operation(*point)
        with Tape():
            recorded = operation(*map(Var, point))
        assert type(value) is float
        assert value == recorded.primal == forward(operation, point, (1.0,) * operation.arity).primal


# --- higher derivatives, by nesting ---------------------------------------------------------------------------
MODES: dict[str, Callable[..., Any]] = {"F": derivative, "R": grad}
SECOND, THIRD = ("".join(word) for word in itertools.product("FR", repeat=2)), itertools.product("FR", repeat=3)
NESTINGS = [*SECOND, *("".join(word) for word in THIRD)]
DIRECTION = (0.7, -0.4)


def directional(expr: Any, symbols: tuple[Any, ...], direction: tuple[float, ...]) -> Any:
    """Sympy's derivative along a line."""
    return sum(
        sympy.Rational(slope) * differentiate(expr, symbol)
        for symbol, slope in zip(symbols, direction, strict=True)
        if slope
    )


@functools.cache
def exact_along(operation: Operation, direction: tuple[float, ...], order: int) -> Callable[..., Any]:
    symbols = tuple(sympy.Dummy(f"x{n}", real=True) for n in range(operation.arity))
    expr = sympy_function(operation)(*symbols)
    for _ in range(order):
        expr = directional(expr, symbols, direction)
    return number_function(symbols, expr)


@pytest.mark.no_cover
@each_operation
@pytest.mark.parametrize("word", NESTINGS)
def test_higher_derivatives_by_nesting_agree_with_sympy(operation: Operation, word: str) -> None:
    direction = tuple(0.0 if k in operation.orders else slope for k, slope in enumerate(DIRECTION[: operation.arity]))
    for fractions in FRACTIONS[:3]:
        point = point_at(operation, fractions)

        def along(t: Any, point: Point = point) -> Any:
            return operation(*(x + t * slope if slope else x for x, slope in zip(point, direction, strict=True)))

        nested = along
        for letter in reversed(word):
            nested = MODES[letter](nested)
        with mpmath.workdps(40):
            exact = float(exact_along(operation, direction, len(word))(*map(mpmath.mpf, point)))
        assert nested(0.0) == pytest.approx(exact, rel=1e-10, abs=1e-12)


# --- conventions ----------------------------------------------------------------------------------------------
SPECIAL = [-1e300, -2.5, -2.0, -1.5, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 1.5, 2.0, 1e300]


def special_points(operation: Operation) -> Iterator[Point]:
    """Points among which are those with a convention and those outside the domain."""
    orders = [-1.0, 0.0, 0.5, 1.0, 5.0]  # of polygamma: a huge one takes its time, see the tests of extremes
    first = orders if 0 in operation.orders else SPECIAL
    return itertools.product(*[first, SPECIAL][-operation.arity :])


def accepts(operation: Operation, point: Point) -> bool:
    try:
        operation.evaluate(*point)
    except DomainError:
        return False
    return True


def points_of(operation: Operation, convention: Convention) -> list[Point]:
    """The special points at which this convention is the one that applies."""
    points = special_points(operation)
    return [p for p in points if accepts(operation, p) and operation.convention_at(*p) is convention]


def slope_by(convention: Convention, k: int, operation: Operation, point: Point) -> Any:
    """The slope that a convention lays down: a number, or what its rule says."""
    agreed = convention.partials[k]
    return agreed(operation(*point), *point) if callable(agreed) else agreed


AGREED = [
    (op, convention, k)
    for op in TABLE
    for convention in op.conventions
    for k, agreed in enumerate(convention.partials)
    if agreed is not None
]
each_agreement = pytest.mark.parametrize(
    ("operation", "convention", "k"), AGREED, ids=lambda part: getattr(part, "name", getattr(part, "note", part))
)


@each_agreement
def test_both_modes_follow_the_convention(operation: Operation, convention: Convention, k: int) -> None:
    points = points_of(operation, convention)
    assert points
    for point in points:
        agreed = slope_by(convention, k, operation, point)
        assert forward_partial(operation, k, point) == agreed
        assert reverse_partial(operation, k, point) == agreed
        assert reverse(operation, point)[k] == agreed


@each_agreement
def test_the_formula_gives_the_convention_wherever_it_gives_anything(
    operation: Operation, convention: Convention, k: int
) -> None:
    for point in points_of(operation, convention):
        with contextlib.suppress(ArithmeticError, DomainError):
            slope = operation.partials[k](operation(*point), *point)
            assert slope == slope_by(convention, k, operation, point)


@pytest.mark.parametrize(
    ("operation", "point"),
    [
        (table.absolute, (0.0,)),
        (table.relu, (0.0,)),
        (table.sign, (0.0,)),
        (table.maximum, (1.5, 1.5)),
        (table.minimum, (1.5, 1.5)),
        (table.floor, (2.0,)),
        (table.ceil, (2.0,)),
        (table.floordiv, (4.0, 2.0)),
        (table.hypot, (0.0, 0.0)),
        (table.power, (0.0, 0.0)),
        (table.power, (0.0, 2.5)),
    ],
    ids=lambda part: getattr(part, "name", part),
)
def test_corners_and_jumps_have_a_convention_with_a_sentence(operation: Operation, point: Point) -> None:
    convention = operation.convention_at(*point)
    assert convention is not None
    assert len(convention.note) > 10
    assert len(convention.partials) == operation.arity


@pytest.mark.parametrize(
    ("operation", "x", "limit"),
    [(table.sqrt, 0.0, math.inf), (table.cbrt, 0.0, math.inf), (table.arcsin, 1.0, math.inf),
     (table.arcsin, -1.0, math.inf), (table.arccos, 1.0, -math.inf), (table.arccosh, 1.0, math.inf)],
    ids=lambda part: getattr(part, "name", part),
)  # fmt: skip
def test_an_upright_tangent_has_an_infinite_slope(operation: Operation, x: float, limit: float) -> None:
    assert forward_partial(operation, 0, (x,)) == limit
    assert reverse_partial(operation, 0, (x,)) == limit
    second = [derivative(derivative(operation))(x), grad(grad(operation))(x), derivative(grad(operation))(x)]
    assert not any(map(math.isfinite, second))


# --- domains --------------------------------------------------------------------------------------------------
def lifted_attempts(operation: Operation, point: Point) -> Iterator[Callable[[], Any]]:
    """The operation on numbers, on Duals, and on Vars."""
    yield lambda: operation(*point)
    yield lambda: operation(*(Dual(x, 1.0) for x in point))
    with Tape() as tape:
        yield lambda: operation(*map(tape.var, point))


@each_operation
def test_outside_the_domain_the_call_says_what_it_needs(operation: Operation) -> None:
    refused = [point for point in special_points(operation) if not accepts(operation, point)]
    assert bool(refused) == bool(operation.domain.needs)
    for point in refused:
        for attempt in lifted_attempts(operation, point):
            with pytest.raises(DomainError) as caught:
                attempt()
            assert str(caught.value) == operation.domain.needs
            assert isinstance(caught.value, AutodiffError)
            assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("ln", (0.0,)), ("ln", (-1.0,)), ("log2", (-1.0,)), ("log10", (0.0,)), ("log1p", (-1.0,)), ("sqrt", (-1.0,)),
        ("arcsin", (1.5,)), ("arcsin", (-1.5,)), ("arccos", (1.5,)), ("arccosh", (0.5,)), ("arctanh", (1.0,)),
        ("arctanh", (-1.0,)), ("csc", (0.0,)), ("cot", (0.0,)), ("gamma", (0.0,)), ("gamma", (-2.0,)),
        ("lgamma", (-1.0,)), ("digamma", (0.0,)), ("polygamma", (1.0, -2.0)), ("div", (1.0, 0.0)),
        ("div", (0.0, 0.0)), ("mod", (1.0, 0.0)), ("floordiv", (1.0, 0.0)), ("power", (-2.0, 0.5)),
        ("power", (0.0, -1.0)), ("polygamma", (-1.0, 2.0)), ("polygamma", (1.5, 2.0)),
    ],
)  # fmt: skip
def test_these_are_outside(name: str, point: Point) -> None:
    with pytest.raises(DomainError):
        BY_NAME[name](*point)


@each_operation
def test_the_domain_of_the_table_is_accepted(operation: Operation) -> None:
    assert len(operation.domain.intervals) == operation.arity
    for fractions in itertools.product((0.001, 0.3, 0.999), repeat=2):
        assert math.isfinite(operation(*point_at(operation, fractions)))


# --- infinities, overflow and NaN -----------------------------------------------------------------------------
INF = math.inf
LIMITS = {
    "exp": {(1000.0,): INF, (-1000.0,): 0.0, (INF,): INF, (-INF,): 0.0},
    "expm1": {(1000.0,): INF, (-INF,): -1.0},
    "sinh": {(1000.0,): INF, (-1000.0,): -INF, (-INF,): -INF},
    "cosh": {(1000.0,): INF, (-1000.0,): INF, (-INF,): INF},
    "tanh": {(1000.0,): 1.0, (-INF,): -1.0},
    "sech": {(1000.0,): 0.0, (-INF,): 0.0},
    "sigmoid": {(1000.0,): 1.0, (-1000.0,): 0.0, (INF,): 1.0, (-INF,): 0.0},
    "softplus": {(1e308,): 1e308, (-1000.0,): 0.0, (INF,): INF, (-INF,): 0.0},
    "gamma": {(200.0,): INF, (-200.5,): 0.0, (1e-310,): INF, (-1e-310,): -INF, (INF,): INF},
    "lgamma": {(1e307,): INF, (INF,): INF},
    "digamma": {(INF,): INF, (1e-310,): -INF},
    "polygamma": {(1.0, INF): 0.0, (1.0, 1e-200): INF, (2.0, 1e-200): -INF},
    "power": {(10.0, 400.0): INF, (-10.0, 401.0): -INF, (-10.0, 400.0): INF, (10.0, -400.0): 0.0, (2.0, -INF): 0.0},
    "mul": {(1e200, 1e200): INF, (-1e200, 1e200): -INF},
    "div": {(1e200, 1e-200): INF, (1.0, INF): 0.0},
    "add": {(1.7e308, 1.7e308): INF},
    "hypot": {(1.7e308, 1.7e308): INF, (-INF, 1.0): INF},
    "floordiv": {(1e300, 1e-300): INF, (-1.0, INF): -1.0},
    "ln": {(INF,): INF},
    "sqrt": {(INF,): INF},
    "cbrt": {(-INF,): -INF},
    "arctan": {(INF,): math.pi / 2, (-INF,): -math.pi / 2},
    "arctan2": {(INF, 1.0): math.pi / 2, (1.0, INF): 0.0},
    "arcsinh": {(-INF,): -INF},
    "arccosh": {(INF,): INF},
    "relu": {(INF,): INF, (-INF,): 0.0},
    "abs": {(-INF,): INF},
    "sign": {(-INF,): -1.0},
    "max": {(INF, 1.0): INF},
    "min": {(INF, 1.0): 1.0},
    "floor": {(-INF,): -INF, (1e300,): 1e300},
    "ceil": {(INF,): INF, (1e300,): 1e300},
    "gaussian": {(-INF,): 0.0, (1e300,): 0.0},
    "erf": {(INF,): 1.0, (-INF,): -1.0},
    "erfc": {(INF,): 0.0, (-INF,): 2.0, (1e300,): 0.0},
}
CASES = [(name, point, limit) for name, cases in LIMITS.items() for point, limit in cases.items()]


@pytest.mark.parametrize(("name", "point", "limit"), CASES)
def test_values_too_large_for_a_float_are_infinite_and_limits_are_reached(
    name: str, point: Point, limit: float
) -> None:
    operation = BY_NAME[name]
    assert operation(*point) == limit
    with Tape():
        assert operation(*map(Var, point)).primal == limit
    assert forward(operation, point, (1.0,) * operation.arity).primal == limit


@pytest.mark.parametrize(
    ("name", "point"),
    [("sin", (INF,)), ("cos", (-INF,)), ("tan", (INF,)), ("arcsin", (INF,)), ("gamma", (-INF,)), ("digamma", (-INF,))],
)
def test_an_infinity_without_a_limit_is_refused(name: str, point: Point) -> None:
    with pytest.raises(DomainError, match=f"{name} needs finite numbers"):
        BY_NAME[name](*point)


@pytest.mark.parametrize(
    ("name", "x", "limit"),
    [("exp", 1000.0, INF), ("sinh", -1000.0, INF), ("cosh", -1000.0, -INF), ("tanh", 1000.0, 0.0),
     ("sigmoid", -1000.0, 0.0), ("softplus", 1000.0, 1.0), ("softplus", -INF, 0.0), ("gamma", 200.0, INF),
     ("erf", INF, 0.0), ("erfc", 1e300, 0.0), ("gaussian", 1.7e308, 0.0), ("gaussian", -1.7e308, 0.0),
     ("ln", INF, 0.0), ("sqrt", INF, 0.0), ("arctan", -INF, 0.0), ("sech", 1000.0, 0.0), ("arcsinh", INF, 0.0)],
)  # fmt: skip
def test_slopes_have_their_limits_too(name: str, x: float, limit: float) -> None:
    assert forward_partial(BY_NAME[name], 0, (x,)) == limit
    assert reverse_partial(BY_NAME[name], 0, (x,)) == limit


def _depends_on_operands(operation: Operation, k: int) -> bool:
    """Whether the rule, fed with names, gives a formula in which a name is left."""
    rule = operation.partials[k](Symbol("z"), *map(Symbol, "xy"[: operation.arity]))
    return isinstance(rule, Expr) and rule.fold(lambda _: False, lambda _: True, lambda _, parts: any(parts))


@each_operation
def test_nan_in_gives_nan_out(operation: Operation) -> None:
    point = point_at(operation, FRACTIONS[0])
    for k in range(operation.arity):
        for attempt in lifted_attempts(operation, tuple(math.nan if n == k else x for n, x in enumerate(point))):
            with within_seconds(20):
                value = attempt()
            assert math.isnan(getattr(value, "primal", value))


@each_slope
def test_nan_in_gives_a_nan_slope_unless_the_slope_is_constant(operation: Operation, k: int) -> None:
    nothing = (math.nan,) * operation.arity
    with within_seconds(20):
        slopes = forward_partial(operation, k, nothing), reverse_partial(operation, k, nothing)
    assert [math.isnan(slope) for slope in slopes] == [_depends_on_operands(operation, k)] * 2


@each_operation
def test_extreme_operands_get_an_answer_at_once(operation: Operation) -> None:
    extremes = [-1e300, -1e15 - 0.5, -1e5 - 0.5, -1e-300, 1e-300, 0.5, 1e5, 1e15, 1e300]
    first = [0.0, 1.0, 5.0] if 0 in operation.orders else extremes
    points = itertools.product(*[first, extremes][-operation.arity :])
    with within_seconds(20):
        for point in points:
            if accepts(operation, point):
                for k in range(operation.arity):
                    forward_partial(operation, k, point)


def test_a_huge_order_of_polygamma_gets_an_answer_at_once() -> None:
    program = "import contextlib, autodiff\nwith contextlib.suppress(ValueError): autodiff.polygamma(1e15, 0.5)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=100)  # no signal would stop the arithmetic


# --- how operations behave as objects -------------------------------------------------------------------------
@each_operation
def test_an_operation_is_itself_after_a_pickle_and_a_copy(operation: Operation) -> None:
    assert pickle.loads(pickle.dumps(operation)) is operation
    assert copy.deepcopy(operation) is operation
    assert TABLE[operation.code] is operation


@each_operation
def test_a_wrong_number_of_operands_is_a_type_error_that_says_how_many(operation: Operation) -> None:
    expected = rf"{operation.name} takes {operation.arity} operand"
    for count in (operation.arity - 1, operation.arity + 1, operation.arity + 2):
        for attempt in lifted_attempts(operation, (2.5,) * count):
            with pytest.raises(TypeError, match=expected):
                attempt()


NAMED = [op for op in TABLE if op.notation.kind == "function"]  # infix operations: see test_dual.py and test_tape.py


@pytest.mark.parametrize("operation", NAMED, ids=lambda operation: operation.name)
@pytest.mark.parametrize("stranger", ["2", None, 1j, [2.0], {}], ids=repr)
def test_a_function_of_what_is_not_a_real_number_is_a_type_error(operation: Operation, stranger: object) -> None:
    for others in ((Dual(2.5, 1.0),), (Tape().var(2.5),)):
        operands = (stranger,) if operation.arity == 1 else (stranger, *others)
        with pytest.raises(TypeError):
            operation(*operands)
        with pytest.raises(TypeError):
            operation(*reversed(operands))


# --- the language knows them ----------------------------------------------------------------------------------
SPOKEN = [
    "exp", "ln", "log", "log2", "log10", "log1p", "expm1", "sqrt", "cbrt", "sin", "cos", "tan", "sec", "csc", "cot",
    "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "sigmoid",
    "softplus", "relu", "abs", "sign", "min", "max", "hypot", "erf", "erfc", "gamma", "lgamma", "floor", "ceil",
]  # fmt: skip
ALSO_SPOKEN = {
    "log": "ln", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh",
    "acosh": "arccosh", "atanh": "arctanh", "logistic": "sigmoid", "σ": "sigmoid", "tg": "tan", "ctg": "cot",
    "cotg": "cot", "arctg": "arctan", "lg": "log10", "sh": "sinh", "ch": "cosh", "th": "tanh",
}  # fmt: skip


@pytest.mark.parametrize("name", SPOKEN)
def test_the_language_has_the_function(name: str) -> None:
    assert FUNCTIONS[name] in TABLE


@pytest.mark.parametrize(("alias", "name"), ALSO_SPOKEN.items())
def test_the_language_has_the_alias(alias: str, name: str) -> None:
    assert FUNCTIONS[alias] is BY_NAME[name]


@settings(max_examples=200)
@given(x=st.floats(), y=st.floats(allow_nan=False), operation=st.sampled_from(TABLE))
def test_any_float_gives_a_float_or_a_domain_error(x: float, y: float, operation: Operation) -> None:
    assume(0 not in operation.orders)  # huge orders are slow: see above
    try:
        value = operation(*(x, y)[: operation.arity])
    except DomainError:
        return
    assert type(value) is float

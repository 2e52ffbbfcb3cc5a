"""Every value and every partial over the whole range of doubles, against mpmath.

The exact value is mpmath's, in hundreds of digits; the exact partial is a difference quotient of it with a step so
small that it is good to 60 digits. No derivative rule but the one under test takes part.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sympy
from mpmath import mp, mpf

from autodiff import derivative, grad
from autodiff.errors import DomainError
from autodiff.expression.to_sympy import sympy_function
from autodiff.modes.partials import partial
from autodiff.operations import elementary as table
from autodiff.operations.rule import TABLE, Operation

Point = tuple[float, ...]
pytestmark = pytest.mark.no_cover

ULPS = 4.0
SMALLEST = 5e-324  # the spacing of the subnormal numbers
NORMAL = 2.2250738585072014e-308  # below it a double has fewer than 53 bits

# Where the platform itself is worse. CPython computes gamma and lgamma by a Lanczos sum of its own; 16,000 random
# points between −170 and 171 gave at most 6.6 ulp for gamma, and 17,000 between −50 and 10⁶ at most 11.3 ulp for
# lgamma (near its zeros on the negative axis). The partial of gamma is gamma × digamma and takes that error over.
# glibc's cbrt is off by up to 2.7 ulp, and its partial 1/(3z²) doubles that.
PLATFORM = {("gamma", "value"): 8.0, ("gamma", 0): 9.0, ("lgamma", "value"): 12.0, ("cbrt", 0): 7.0}
# 1 + y ln x takes over the rounding of the logarithm where it is nearly 0.
PLATFORM[("power_log", 0)] = 64.0

# The textbook forms of these partials pass through x², x ln 10 or hypot(x, y), which overflow just before the partial
# itself would leave the normal numbers; a result that would be subnormal comes out as 0.
FLUSHED = {("log10", 0), ("arctan", 0), ("arctan2", 0), ("arctan2", 1)}


# --- the exact side -------------------------------------------------------------------------------------------
def _erfc(x: Any) -> Any:
    return mp.erfc(x) if x < 1000 else mpf(0)  # e^(−10⁶): mpmath gives up on much larger ones


def _heaviside(x: Any, at_zero: Any) -> Any:
    return mpf(x > 0) if x else at_zero


def _once(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A slow function of mpmath that works out each value once in each precision: the points share their operands."""
    known = functools.cache(lambda x, _: function(x))
    return lambda x: known(x, mp.prec)


def _exact_function(operation: Operation) -> Callable[..., Any]:
    symbols = sympy.symbols(f"x:{operation.arity}", real=True)
    modules = [{"erfc": _erfc, "Heaviside": _heaviside, "exp": _once(mp.exp), "log": _once(mp.log)}, "mpmath"]
    return sympy.lambdify(symbols, sympy_function(operation)(*symbols), modules)


def _exact_value(function: Callable[..., Any], operands: list[Any]) -> Any:
    """The exact value, None where there is no real one."""
    try:
        value = function(*operands)
    except (ValueError, ZeroDivisionError):
        return None
    return mpf(value) if mp.isfinite(value) and mp.im(value) == 0 else None


def _exact_partial(function: Callable[..., Any], operands: list[Any], k: int) -> Any:
    """The mean of two difference quotients; None where the function ends, or where the two differ: it jumps or bends.

    The steps to the left and to the right are unequal: at a jump, equal ones would agree.
    """
    sizes = [abs(operand) for operand in operands if operand]
    step = min([mpf(1), *sizes]) * mpf(10) ** -50
    if len(operands) > 1:
        step /= max([mpf(1), *sizes])
    here = _exact_value(function, operands)
    quotients = []
    for delta in (step, -step / 3):
        there = _exact_value(function, [operand + delta * (n == k) for n, operand in enumerate(operands)])
        if here is None or there is None:
            return None
        quotients.append((there - here) / delta)
    right, left = quotients
    agree = abs(right - left) <= mpf(10) ** -20 * abs(left + right) + mpf(10) ** -340
    return (left + right) / 2 if agree else None


def _as_double(exact: Any) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.copysign(math.inf, exact)


def _off(got: float, exact: Any, spare: float = 0.0) -> float:
    """The distance in ulps of the exact result. Among the subnormals an ulp is 5e−324, whatever the number."""
    nearest = _as_double(exact)
    if math.isinf(nearest) or not math.isfinite(got):
        return 0.0 if got == nearest else math.inf
    return max(0.0, float(abs(mpf(got) - exact)) - spare) / math.ulp(nearest)


# --- the points -----------------------------------------------------------------------------------------------
WIDE = [m * 10.0**k for k, m in zip(range(-300, 301, 60), itertools.cycle((1.0, 2.71828, 7.3)), strict=False)]
EDGES = [SMALLEST, 1e-310, NORMAL, 1e-154, 1.3e154, 9.4e160, 1.7e308]
MIDDLE = [1.37 * 2.0**k for k in range(-28, 3)] + [0.37 * k for k in range(1, 27)]
MIDDLE += [115.78495365583869]  # glibc's cbrt is off by 2.7 ulp here
NEAR = [c + s * 2.0**-k for c in (1.0, 2.0) for s in (-1, 1) for k in (1, 3, 12, 27, 40, 51, 52)]
NEAR += [0.5, 1.0, 2.0, 3.0, math.nextafter(1, 0), math.nextafter(2, 0), math.pi / 2, math.pi, 11.0]
# Where something overflows, underflows, saturates or changes its method.
TURNS = [
    5.0,
    6.0,
    8.5,
    15.0,
    19.1,
    20.0,
    26.0,
    26.55,
    27.0,
    27.2,
    40.0,
    170.6,
    171.6,
    350.0,
    372.0,
    400.0,
    700.0,
    709.7,
]
TURNS += [710.0, 744.4, 745.2, 800.0]
POSITIVE = WIDE + EDGES + MIDDLE + NEAR + TURNS
REAL = [0.0, *POSITIVE, *(-x for x in POSITIVE)]

PAIRED = [SMALLEST, 3.3e-200, 1.7e-30, 0.1, 1.0, 3.7, 1.3e20, 7.7e160, 1.7e308]
BASES = [0.0, 1e-308, 3.3e-200, 1.7e-30, 0.37, 0.999999, 1.0, 1.0000001, 2.0, 41.0, 1.1e300]
BASES += [-x for x in BASES[1:]]
EXPONENTS = [0.0, 3.3e-200, 1.7e-30, 0.5, 1.0, 1.5, 2.0, 3.0, 145.3, 145.0, 2.0**52, 2.0**52 + 1, 1.1e300]
EXPONENTS += [-x for x in EXPONENTS[1:]]
WITHOUT_NEIGHBOUR = 2.0**53  # from here on no double holds y − 1, so a negative base gets the sign of another power
ORDERS = [0.0, 1.0, 2.0, 5.0, 20.0]
# mpmath sums |x| terms for polygamma at negative x; test_rules.py asks for an answer in finite time further out.
GAMMA_FAMILY = [x for x in REAL if x > -200]
MANY = 1e20  # quotients beyond this jump with every step, however small


def _points(operation: Operation) -> Iterator[Point]:
    if operation in (table.power, table.raised, table.power_log):
        for base, exponent in itertools.product(BASES, EXPONENTS):
            if operation is table.power_log:
                if base > 0:
                    yield base, exponent
            elif base >= 0 or abs(exponent) < WITHOUT_NEIGHBOUR:
                yield base, exponent
    elif operation is table.sincn:  # 0F1 of mpmath takes its time further out
        yield from itertools.product(ORDERS, [x for x in REAL[::5] if abs(x) < 1e4])
    elif operation is table.polygamma:
        yield from itertools.product(ORDERS, [x for x in GAMMA_FAMILY[::9] if 1e-20 < abs(x) < 1e20])
    elif operation.arity == 2:
        pairs = itertools.product([0.0, *PAIRED, *(-x for x in PAIRED)], repeat=2)
        jumps = operation in (table.floordiv, table.mod)
        yield from (pair for pair in pairs if not (jumps and abs(pair[0]) > MANY * abs(pair[1] or 1)))
    elif operation is table.digamma:
        yield from ((x,) for x in GAMMA_FAMILY[::3])
    else:
        yield from ((x,) for x in (GAMMA_FAMILY if "gamma" in operation.name else REAL))


def _digits(operation: Operation, point: Point) -> int:
    """Enough for the cancellation in ln(1 + 1e−300), e^−800 beside 1, and a quotient at 1e308 with steps of 1e−300."""
    if operation in (table.digamma, table.polygamma):
        return 450 if operation is table.digamma else 160  # slow at many digits, and without such cancellation
    near = all(x == 0 or 1e-10 < abs(x) < 10 for x in point)
    return (150 if near else 700) + 400 * (operation.arity - 1)


def _evaluate(operation: Operation, point: Point) -> float | None:
    try:
        return operation.evaluate(*point)
    except DomainError:
        return None


def _miss(point: Point, got: float | None, exact: Any, ulps: float) -> tuple[float, str]:
    expected = None if exact is None else f"{_as_double(exact):.17g}"
    return ulps, f"at {point}: {got}, not {expected}, {ulps:.3g} ulp"


def _report(misses: list[tuple[float, str]]) -> str:
    worst = sorted(misses, reverse=True)
    return f"{len(worst)} misses, the worst: " + "; ".join(text for _, text in worst[:8])


# What is taken by convention has no exact value to be held against.
MATHEMATICAL = [op for op in TABLE if op not in (table.agreed, table.beyond)]


@pytest.mark.parametrize("operation", MATHEMATICAL, ids=lambda operation: operation.name)
def test_values_are_within_4_ulp_and_exist_exactly_where_mathematics_has_one(operation: Operation) -> None:
    bound = PLATFORM.get((operation.name, "value"), ULPS)
    function = _exact_function(operation)
    misses = []
    for point in _points(operation):
        with mp.workdps(_digits(operation, point)):
            exact, got = _exact_value(function, list(map(mpf, point))), _evaluate(operation, point)
            ulps = (0.0 if exact is got else math.inf) if exact is None or got is None else _off(got, exact)
        if not ulps <= bound:
            misses.append(_miss(point, got, exact, ulps))
    assert not misses, _report(misses)


PARTIALS = [(op, k) for op in MATHEMATICAL for k in range(op.arity) if k not in op.orders]


@pytest.mark.parametrize(("operation", "k"), PARTIALS, ids=lambda part: getattr(part, "name", part))
def test_partials_are_within_4_ulp(operation: Operation, k: int) -> None:
    bound = PLATFORM.get((operation.name, k), ULPS)
    function = _exact_function(operation)
    misses = []
    compared = 0
    for point in _points(operation):
        z = _evaluate(operation, point)
        with mp.workdps(_digits(operation, point)):
            exact = _exact_partial(function, list(map(mpf, point)), k)
            if z is None or exact is None:
                continue
            got = partial(operation, k, z, point)
            ulps = math.inf if math.isnan(got) else _off(got, exact, _inherited(z, exact))
            if got == 0 and abs(exact) < NORMAL and (operation.name, k) in FLUSHED:
                ulps = 0.0
        compared += 1
        if not ulps <= bound:
            misses.append(_miss(point, got, exact, ulps))
    assert compared >= 10
    assert not misses, _report(misses)


def _inherited(z: float, exact: Any) -> float:
    """The error that a rule in z cannot avoid: a subnormal z is rounded to 5e−324, an overflowed z is no number."""
    if math.isinf(z):
        return math.inf if abs(exact) < mpf(1.7e308) else 0.0
    return float(abs(exact) * SMALLEST / abs(z)) if 0 < abs(z) < NORMAL else 0.0


# --- powers, to the third derivative --------------------------------------------------------------------------
Mode = Callable[[Callable[[Any], Any]], Callable[[Any], Any]]
MODES: dict[str, Mode] = {"F": derivative, "R": grad}
NESTINGS = ["".join(word) for order in (1, 2, 3) for word in itertools.product("FR", repeat=order)]


def _nested(word: str, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """FR is forward over reverse: the last letter differentiates first."""
    for letter in reversed(word):
        f = MODES[letter](f)
    return f


def _power_derivative(x: float, n: float, order: int) -> Any:
    """n(n−1)…(n−order+1) · x^(n−order), None where it is infinite."""
    factor = mpf(1)
    for j in range(order):
        factor *= mpf(n) - j
    if not factor:
        return mpf(0)
    return None if x == 0 and n < order else factor * mpf(x) ** (mpf(n) - order)


CONSTANT_POWERS = [
    (x, n)
    for n in (0, 1, 2, 3, 0.5, -1, -2, 1.5)
    for x in (-3.0, -1.0, 0.0, 0.5, 2.0, 1e-200, 1e200)
    if (x >= 0 or n == int(n)) and not (x == 0 and n < 0)
]


@pytest.mark.parametrize(("x", "n"), CONSTANT_POWERS)
def test_constant_powers_to_the_third_derivative_in_every_nesting(x: float, n: float) -> None:
    misses = {}
    for word in NESTINGS:
        exact, got = _power_derivative(x, n, len(word)), _nested(word, lambda v: v**n)(x)
        right = not math.isfinite(got) if exact is None else _off(got, exact) <= ULPS
        if not right:
            misses[word] = f"{got}, not {exact if exact is None else _as_double(exact)}"
    assert not misses


@pytest.mark.parametrize("word", NESTINGS)
@pytest.mark.parametrize("base", [0.5, 1.0, math.e, 10.0, 1e-5, 1e100])
def test_powers_of_a_constant_to_the_third_derivative(base: float, word: str) -> None:
    for x in (-2.0, -0.5, 0.0, 1.0, 3.0):
        exact = mp.log(base) ** len(word) * mpf(base) ** x
        assert _off(_nested(word, lambda v: base**v)(x), exact) <= 2 * ULPS  # one rounding of ln c for each order


@pytest.mark.parametrize("word", NESTINGS)
def test_powers_of_zero_stay_zero_for_positive_exponents(word: str) -> None:
    assert _nested(word, lambda v: 0**v)(2.5) == 0


@pytest.mark.parametrize("mode", [grad, lambda f: lambda x, y: (_slope(f, x, y, 0), _slope(f, x, y, 1))])
@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (0.0, 0.0, (0.0, 0.0)),
        (0.0, 0.5, (math.inf, 0.0)),
        (0.0, 1.0, (1.0, 0.0)),
        (0.0, 2.0, (0.0, 0.0)),
        (1.0, 0.0, (0.0, 0.0)),
        (2.0, 3.0, (12.0, 8 * math.log(2))),
    ],
)
def test_both_slopes_of_a_power_at_its_conventions(
    mode: Any, x: float, y: float, expected: tuple[float, float]
) -> None:
    assert mode(lambda x, y: x**y)(x, y) == pytest.approx(expected, rel=1e-15, abs=0)


def _slope(f: Callable[[Any, Any], Any], x: float, y: float, k: int) -> Any:
    return derivative(lambda v: f(v, y) if k == 0 else f(x, v))((x, y)[k])


@pytest.mark.parametrize("word", NESTINGS)
@pytest.mark.parametrize("n", [1, 2, 3, -1, -2])
def test_a_negative_base_with_a_whole_constant_exponent_needs_no_logarithm(n: int, word: str) -> None:
    assert _off(_nested(word, lambda v: v**n)(-1.7), _power_derivative(-1.7, n, len(word))) <= ULPS

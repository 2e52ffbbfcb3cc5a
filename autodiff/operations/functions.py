"""Values of the functions that Python's math module lacks, stable over the whole double range."""

from __future__ import annotations

import functools
import math
from typing import Any


def sigmoid(x: float) -> float:
    """1/(1 + e⁻ˣ), written so that neither tail overflows."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    small = math.exp(x)
    return small / (1 + small)


def softplus(x: float) -> float:
    """ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|)."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x))) if x == x else x


def logaddexp(x: float, y: float) -> float:
    """ln(eˣ + eʸ) = max(x, y) + ln(1 + e^−|x−y|)."""
    return x if x == y and math.isinf(x) else max(x, y) + math.log1p(math.exp(-abs(x - y)))


def sqrt(x: float) -> float:
    """The square root; that of −0 is 0, so that its slope is +∞."""
    return math.sqrt(x) + 0.0


def sech(x: float) -> float:
    """1/cosh x = 2e^−|x| / (1 + e^−2|x|), which fades to 0 instead of overflowing."""
    small = math.exp(-abs(x))
    return 2 * small / (1 + small * small)


def relu(x: float) -> float:
    """max(x, 0); NaN stays NaN."""
    return x if not x <= 0 else 0.0


def sign(x: float) -> float:
    """−1, 0 or 1; NaN stays NaN."""
    return math.copysign(1.0, x) if x and x == x else x * 1.0


def greater(x: float, y: float) -> float:
    """1 where x > y, 0 where it is not; NaN if either is."""
    return 1.0 if x > y else 0.0 if x <= y else math.nan


def heaviside(x: float, y: float) -> float:
    """1 where x > y, 0 where x < y, ½ where they are equal; NaN if either is."""
    return 0.5 if x == y else greater(x, y)


def larger(x: float, y: float) -> float:
    """The larger of two numbers; NaN if either is."""
    return x if x >= y else y if y > x else math.nan


def smaller(x: float, y: float) -> float:
    """The smaller of two numbers; NaN if either is."""
    return x if x <= y else y if y < x else math.nan


def floor(x: float) -> float:
    """The largest whole number not above x; infinities and NaN stay."""
    return float(math.floor(x)) if math.isfinite(x) else x


def ceil(x: float) -> float:
    """The smallest whole number not below x; infinities and NaN stay."""
    return float(math.ceil(x)) if math.isfinite(x) else x


def gaussian(x: float) -> float:
    """e^(−x²). The rounding error of x² would be amplified x² times, so it is computed and put back.

    Veltkamp's splitting gives x² = square + error exactly (T. J. Dekker, Numerische Mathematik 18, 1971).
    """
    if not abs(x) < 28:  # e^(−28²) is below the smallest double
        return 0.0 if x == x else x
    square = x * x
    high = x * 134217729.0  # 2²⁷ + 1
    high -= high - x
    low = x - high
    error = ((high * high - square) + 2 * high * low) + low * low
    return math.exp(-square) * (1 - error)


def overflowed_power(x: float, y: float) -> float:
    """±inf for a power too large for a float: odd powers keep the sign of the base."""
    return -math.inf if x < 0 and y % 2 == 1 else math.inf


def power_log(x: float, y: float) -> float:
    """xʸ ln x; its limits at x = 0 and ∞."""
    if x != x or y != y:
        return math.nan
    if x == 0 or x == math.inf:
        return 0.0 if (y > 0) == (x == 0) and y else math.copysign(math.inf, x - 1)
    logarithm = math.log(x)
    return math.pow(x, y) * logarithm


def beyond(n: float, x: float) -> float:
    """0, while n counts derivatives still to come; there is no value for n below 0."""
    if n != n or x != x:
        return math.nan
    if n < 0:
        raise ValueError("no derivative is known")
    return 0.0


@functools.cache
def _multiprecision() -> Any:
    """A private mpmath context, for functions without a stable closed form in doubles."""
    import mpmath

    context = mpmath.MPContext()
    context.prec = 160
    return context


def lgamma(x: float) -> float:
    """Ln |Γ(x)|; near its zeros at 1 and 2 the C library's version loses its digits."""
    value = math.lgamma(x)
    if not abs(value) < 1 or x in (1, 2):
        return value
    return float(_multiprecision().loggamma(x).real)


LARGEST_ORDER = 1000


def polygamma(n: float, x: float) -> float:
    """The n-th derivative of ψ = (ln Γ)′, with poles at 0, −1, −2 and so on.

    Far left of 0 the reflection formula is used (NIST Digital Library, 5.15.6), with the fractional part f of x in
    place of x where only the period matters: ψₙ(x) = ψₙ(f) − (−1)ⁿ (ψₙ(1−f) − ψₙ(1−x)). Summing up from x would
    take |x| terms.
    """
    if x != x or n != n:
        return math.nan
    if not 0 <= n <= LARGEST_ORDER or n != int(n) or x == -math.inf or (x <= 0 and x == math.floor(x)):
        raise ValueError("pole, or no order")
    if x == math.inf:
        return x if n == 0 else 0.0
    context = _multiprecision()
    order, exact = int(n), context.mpf(x)
    if x > -10:
        return float(context.psi(order, exact))
    fraction = exact - context.floor(exact)
    reflected = context.psi(order, 1 - fraction) - context.psi(order, 1 - exact)
    return float(context.psi(order, fraction) - (-1) ** order * reflected)


def digamma(x: float) -> float:
    """ψ(x) = Γ′(x)/Γ(x)."""
    return polygamma(0, x)


MOST_DERIVATIVES = 100


def sincn(n: float, x: float) -> float:
    """The n-th derivative of sin x / x, which is 1 at 0.

    Near 0 the power series is differentiated term by term. Further out, x f⁽ⁿ⁾ = sin⁽ⁿ⁾ x − n f⁽ⁿ⁻¹⁾, which is the
    n-th derivative of x f = sin x, is followed from n = 0 on. Both carry so many digits that enough are left when some
    cancel.
    """
    if x != x or n != n:
        return math.nan
    if not 0 <= n <= MOST_DERIVATIVES or n != int(n) or math.isinf(x):
        raise ValueError("no order, or no finite number")
    if n == 0:
        return math.sin(x) / x if x else 1.0
    context, order = _multiprecision(), int(n)
    exact = context.mpf(x)
    if abs(x) < 60:  # the terms are below e⁶⁰, so that at most 87 bits cancel
        return float(sinc_series(order, exact))
    derivatives = context.sin(exact), context.cos(exact), -context.sin(exact), -context.cos(exact)
    found = derivatives[0] / exact
    for k in range(1, order + 1):
        found = (derivatives[k % 4] - k * found) / exact
    return float(found)


def sinc_series(n: int, x: Any, terms: int = 200) -> Any:
    """Σ ± xᵐ / (m! (m+n+1)) over m ≥ 0 of the parity of n: the n-th derivative of Σ ± xᵐ / (m+1)! for even m.

    >>> sinc_series(0, 0.0), sinc_series(1, 0.0), sinc_series(2, 0.0)
    (1.0, 0.0, -0.3333333333333333)
    """
    parity = n % 2
    term = x**parity * (-1) ** ((parity + n) // 2)
    total = term / (parity + n + 1)
    for m in range(parity + 2, 2 * terms, 2):
        term = -term * x * x / (m * (m - 1))
        total = total + term / (m + n + 1)
    return total


def sincn_in_sympy(n: Any, x: Any) -> Any:
    """The same, ∫₀¹ tⁿ cos(xt + nπ/2) dt, in hypergeometric functions, which sympy can differentiate."""
    import sympy

    half, square = sympy.Rational(1, 2), -(x**2) / 4
    even = sympy.hyper([(n + 1) / 2], [half, (n + 3) / 2], square) / (n + 1)
    odd = x * sympy.hyper([n / 2 + 1], [3 * half, n / 2 + 2], square) / (n + 2)
    cos, sin = (
        sympy.Piecewise((1, sympy.Eq(turn, 0)), (-1, sympy.Eq(turn, 2)), (0, True))  # exactly, because n is whole
        for turn in (sympy.Mod(n, 4), sympy.Mod(n + 3, 4))
    )
    return cos * even - sin * odd

"""The table: one line for each elementary operation, with everything only that operation knows.

A rule is a lambda over our own operations: z is the result, x and y are the operands. Fed with numbers it
gives a number; with Duals or Vars, a higher derivative; with formulas, what tables, LaTeX and sympy read.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from autodiff.operations import functions as values
from autodiff.operations.rule import BUILT_IN, BY_NAME, PLAIN, Constant, Convention, elementary, infix, special

INF = math.inf
POSITIVE, UNIT, NONNEGATIVE = (0.0, INF), (-1.0, 1.0), (0.0, INF)
ANY = (-INF, INF)


def _flat_at(where: Callable[..., bool], note: str, *partials: float) -> tuple[Convention]:
    return (Convention(where, note, partials),)


def _is_plain_zero(y: object) -> bool:
    """Whether an exponent is the constant 0: x⁰ is flat everywhere, but 0·x⁻¹ would be 0·∞ near 0."""
    return type(y) in PLAIN and not y


pi = Constant(math.pi, "π")
e = Constant(math.e, "e")

# --- arithmetic -----------------------------------------------------------------------------------------------
# fmt: off
neg = special("neg", "prefix", "−", operator.neg, lambda z, x: -1)
add = infix("add", "+", operator.add, lambda z, x, y: 1, lambda z, x, y: 1)
sub = infix("sub", "−", operator.sub, lambda z, x, y: 1, lambda z, x, y: -1, latex="-")
mul = infix("mul", "×", operator.mul, lambda z, x, y: y, lambda z, x, y: x, latex=r"\times")
div = infix("div", "/", operator.truediv, lambda z, x, y: 1 / y, lambda z, x, y: -z / y,
            needs="division by zero", on=(ANY, POSITIVE))
power = special("power", "power", "^", math.pow, lambda z, x, y: 0 if _is_plain_zero(y) else y * x ** (y - 1), lambda z, x, y: z * ln(x),
                needs="a power needs a positive base, or a whole exponent, or zero to a positive exponent",
                on=(POSITIVE, ANY), overflow=values.overflowed_power,
                at=(Convention(lambda x, y: (x == 0) & (y == 0),
                               "0⁰ is 1 and both its slopes are taken as 0", (0, 0)),
                    Convention(lambda x, y: (x == 0) & (y > 0),
                               "0 to a positive power stays 0 when the exponent moves", (None, 0))))
floordiv = infix("floordiv", "//", operator.floordiv, lambda z, x, y: 0, lambda z, x, y: 0,
                 latex=r"\mathbin{//}", needs="division by zero", on=(ANY, POSITIVE),
                 at=_flat_at(lambda x, y: x % y == 0, "a floor jumps at whole numbers; 0 is used", 0, 0))
mod = infix("mod", "mod", operator.mod, lambda z, x, y: 1, lambda z, x, y: -(x // y),
            latex=r"\bmod", needs="a remainder needs a divisor other than zero", on=(ANY, POSITIVE))

# --- exponentials and logarithms ------------------------------------------------------------------------------
exp = elementary("exp", math.exp, lambda z, x: z, latex=r"\exp")
expm1 = elementary("expm1", math.expm1, lambda z, x: exp(x))
ln = elementary("ln", math.log, lambda z, x: 1 / x, latex=r"\ln",
                needs="the logarithm needs a positive number", on=(POSITIVE,))
LN2, LN10 = (Constant(math.log(base), (ln, (base,))) for base in (2.0, 10.0))
log2 = elementary("log2", math.log2, lambda z, x: 1 / (x * LN2), latex=r"\log_2",
                  needs="the logarithm needs a positive number", on=(POSITIVE,))
log10 = elementary("log10", math.log10, lambda z, x: 1 / (x * LN10), latex=r"\log_{10}",
                   needs="the logarithm needs a positive number", on=(POSITIVE,))
log1p = elementary("log1p", math.log1p, lambda z, x: 1 / (1 + x),
                   needs="log1p needs a number above −1", on=((-1.0, INF),))

# --- roots ----------------------------------------------------------------------------------------------------
sqrt = special("sqrt", "root", "√", values.sqrt, lambda z, x: 1 / (2 * z),
               needs="the square root needs a number that is not negative", on=(NONNEGATIVE,))
cbrt = elementary("cbrt", math.cbrt, lambda z, x: 1 / (3 * z**2))
hypot = elementary("hypot", math.hypot, lambda z, x, y: x / z, lambda z, x, y: y / z,
                   at=_flat_at(lambda x, y: (x == 0) & (y == 0),
                               "hypot has a corner at the origin; slope 0 is used", 0, 0))

# --- trigonometry ---------------------------------------------------------------------------------------------
sin = elementary("sin", math.sin, lambda z, x: cos(x), latex=r"\sin")
cos = elementary("cos", math.cos, lambda z, x: -sin(x), latex=r"\cos")
tan = elementary("tan", math.tan, lambda z, x: 1 + z**2, latex=r"\tan")
sec = elementary("sec", lambda x: 1 / math.cos(x), lambda z, x: z * tan(x), latex=r"\sec")
csc = elementary("csc", lambda x: 1 / math.sin(x), lambda z, x: -z * cot(x), latex=r"\csc",
                 needs="the cosecant has a pole where the sine is 0", on=((0.0, math.pi),))
cot = elementary("cot", lambda x: 1 / math.tan(x), lambda z, x: -1 - z**2, latex=r"\cot",
                 needs="the cotangent has a pole where the sine is 0", on=((0.0, math.pi),))
# 1 − x² would lose its digits near ±1 and overflow far out; the products of its factors do neither.
arcsin = elementary("arcsin", math.asin, lambda z, x: 1 / sqrt((1 - x) * (1 + x)), latex=r"\arcsin",
                    needs="arcsin needs a number from −1 to 1", on=(UNIT,))
arccos = elementary("arccos", math.acos, lambda z, x: -1 / sqrt((1 - x) * (1 + x)), latex=r"\arccos",
                    needs="arccos needs a number from −1 to 1", on=(UNIT,))
arctan = elementary("arctan", math.atan, lambda z, x: 1 / (1 + x**2), latex=r"\arctan")
arctan2 = elementary("arctan2", math.atan2, lambda z, x, y: y / hypot(x, y) / hypot(x, y),
                     lambda z, x, y: -x / hypot(x, y) / hypot(x, y))

# --- hyperbolic functions -------------------------------------------------------------------------------------
sinh = elementary("sinh", math.sinh, lambda z, x: cosh(x), latex=r"\sinh",
                  overflow=lambda x: math.copysign(INF, x))
cosh = elementary("cosh", math.cosh, lambda z, x: sinh(x), latex=r"\cosh")
# 1 − z² is 0 in doubles from x = 19 on; sech² x keeps its digits.
tanh = elementary("tanh", math.tanh, lambda z, x: sech(x) ** 2, latex=r"\tanh")
sech = elementary("sech", values.sech, lambda z, x: -z * tanh(x))
arcsinh = elementary("arcsinh", math.asinh, lambda z, x: 1 / hypot(1, x))
arccosh = elementary("arccosh", math.acosh, lambda z, x: 1 / (sqrt(x - 1) * sqrt(x + 1)),
                     needs="arccosh needs a number from 1 up", on=((1.0, INF),))
arctanh = elementary("arctanh", math.atanh, lambda z, x: 1 / ((1 - x) * (1 + x)),
                     needs="arctanh needs a number between −1 and 1", on=(UNIT,))

# --- machine learning -----------------------------------------------------------------------------------------
# σ(−x) is 1 − z without the cancellation that z × (1 − z) suffers for large x.
sigmoid = elementary("sigmoid", values.sigmoid, lambda z, x: z * sigmoid(-x), latex=r"\sigma")
softplus = elementary("softplus", values.softplus, lambda z, x: sigmoid(x))
logaddexp = elementary("logaddexp", values.logaddexp, lambda z, x, y: sigmoid(x - y), lambda z, x, y: sigmoid(y - x))
relu = elementary("relu", values.relu, lambda z, x: greater(x, 0),
                  at=_flat_at(lambda x: x == 0, "relu has a corner at 0; slope 0 is used", 0))

# --- corners and steps ----------------------------------------------------------------------------------------
absolute = special("abs", "bars", "|", abs, lambda z, x: sign(x),
                   at=_flat_at(lambda x: x == 0, "|v| has a corner at 0; slope 0 is used", 0))
sign = elementary("sign", values.sign, lambda z, x: 0,
                  at=_flat_at(lambda x: x == 0, "sign jumps at 0; sign 0 = 0 and slope 0 are used", 0))
minimum = elementary("min", values.smaller, lambda z, x, y: heaviside(y, x), lambda z, x, y: heaviside(x, y), latex=r"\min",
                     at=_flat_at(lambda x, y: x == y, "min of equals: each operand gets half the slope", 0.5, 0.5))
maximum = elementary("max", values.larger, lambda z, x, y: heaviside(x, y), lambda z, x, y: heaviside(y, x), latex=r"\max",
                     at=_flat_at(lambda x, y: x == y, "max of equals: each operand gets half the slope", 0.5, 0.5))
greater = special("greater", "greater", ">", values.greater, lambda z, x, y: 0, lambda z, x, y: 0,
                  at=_flat_at(lambda x, y: x == y, "[x > y] jumps where x = y; 0 and slope 0 are used", 0, 0))
heaviside = special("heaviside", "heaviside", "H", values.heaviside, lambda z, x, y: 0, lambda z, x, y: 0,
                    at=_flat_at(lambda x, y: x == y, "H(x − y) jumps where x = y; ½ and slope 0 are used", 0, 0))
floor = elementary("floor", values.floor, lambda z, x: 0,
                   at=_flat_at(lambda x: x == math.floor(x), "floor jumps at whole numbers; slope 0 is used", 0))
ceil = elementary("ceil", values.ceil, lambda z, x: 0,
                  at=_flat_at(lambda x: x == math.floor(x), "ceil jumps at whole numbers; slope 0 is used", 0))

# --- special functions ----------------------------------------------------------------------------------------
TWO_OVER_ROOT_PI = Constant(2 / math.sqrt(math.pi), (div, (2.0, Constant(math.sqrt(math.pi), (sqrt, (pi,))))))
gaussian = special("gaussian", "gaussian", "exp", values.gaussian, lambda z, x: -2 * (x * z))
erf = elementary("erf", math.erf, lambda z, x: TWO_OVER_ROOT_PI * gaussian(x))
erfc = elementary("erfc", math.erfc, lambda z, x: -TWO_OVER_ROOT_PI * gaussian(x))
gamma = elementary("gamma", math.gamma, lambda z, x: z * digamma(x), latex=r"\Gamma",
                   needs="gamma has poles at 0, −1, −2, …", on=(POSITIVE,),
                   overflow=lambda x: math.copysign(INF, x))
lgamma = elementary("lgamma", values.lgamma, lambda z, x: digamma(x), latex=r"\ln\Gamma",
                    needs="lgamma has poles at 0, −1, −2, …", on=(POSITIVE,))
digamma = elementary("digamma", values.digamma, lambda z, x: polygamma(1, x), latex=r"\psi",
                     needs="digamma has poles at 0, −1, −2, …", on=(POSITIVE,))
polygamma = elementary("polygamma", values.polygamma, lambda z, x, y: math.nan, lambda z, x, y: polygamma(x + 1, y),
                       needs="polygamma needs a whole order from 0 to 1000, and has poles at 0, −1, −2, …",
                       on=((0.0, INF), POSITIVE), overflow=lambda n, x: INF if n % 2 else -INF)
# fmt: on
BUILT_IN.update(BY_NAME)

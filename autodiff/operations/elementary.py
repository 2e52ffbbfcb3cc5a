"""The table: one line for each elementary operation, with everything only that operation knows.

A rule is a lambda over our own operations: z is the result, x and y are the operands. Fed with numbers it
gives a number; with Duals or Vars, a higher derivative; with formulas, what tables, LaTeX and sympy read.
`elementary` says what the facts after the rule are.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from autodiff.operations import functions as values
from autodiff.operations.constant import Constant
from autodiff.operations.define import elementary, infix, special
from autodiff.operations.operands import PLAIN
from autodiff.operations.rule import BUILT_IN, BY_NAME, Convention, Operation, Partial

INF = math.inf
POSITIVE, UNIT, NONNEGATIVE = (0.0, INF), (-1.0, 1.0), (0.0, INF)
ANY = (-INF, INF)
POWER = "a power needs a positive base, or a whole exponent, or zero to a positive exponent"


def _at(where: Callable[..., bool], note: str, *partials: float | Partial | None) -> tuple[Convention]:
    return (Convention(where, note, partials),)


def _is_plain_zero(y: object) -> bool:
    """Whether an exponent is the constant 0: x⁰ is flat everywhere, but 0·x⁻¹ would be 0·∞ near 0."""
    return type(y) in PLAIN and not y


def _lowered(x: object, y: object) -> object:
    """xʸ⁻¹ in the slope of xʸ. Where y moves too, the slope of 0⁰ along y must be −∞ there and not a convention."""
    return raised(x, y - 1) if hasattr(y, "primal") else x ** (y - 1)  # type: ignore[operator]


pi = Constant(math.pi, "π")
e = Constant(math.e, "e")

# --- arithmetic -----------------------------------------------------------------------------------------------
# fmt: off
neg = special("neg", "prefix", "−", operator.neg, lambda z, x: -1, numpy="negative", vector=operator.neg, sympy=operator.neg)
add = infix("add", "+", operator.add, lambda z, x, y: 1, lambda z, x, y: 1, numpy="add", sympy=operator.add)
sub = infix("sub", "−", operator.sub, lambda z, x, y: 1, lambda z, x, y: -1, latex="-", numpy="subtract", sympy=operator.sub)
mul = infix("mul", "×", operator.mul, lambda z, x, y: y, lambda z, x, y: x, latex=r"\times", numpy="multiply", sympy=operator.mul)
div = infix("div", "/", operator.truediv, lambda z, x, y: 1 / y, lambda z, x, y: -z / y,
            needs="division by zero", on=(ANY, POSITIVE),
            numpy=("divide", "true_divide"), sympy=operator.truediv, forms=((1, lambda z, x, y: -x / y**2),), poles=lambda x, y: y == 0)
power = special("power", "power", "^", math.pow,
                lambda z, x, y: 0 if _is_plain_zero(y) else y * _lowered(x, y), lambda z, x, y: z * ln(x),
                needs=POWER, on=(POSITIVE, ANY), overflow=values.overflowed_power,
                at=(Convention(lambda x, y: (x == 0) & (y == 0), "0⁰ is 1 and both its slopes are taken as 0",
                               (lambda z, x, y: agreed(0, y), 0)),
                    Convention(lambda x, y: (x == 0) & (y > 0), "0 to a positive power stays 0 when the exponent moves",
                               (None, lambda z, x, y: power_log(x, y)))),
                numpy=("power", "pow", "float_power"), vector=operator.pow,  # numpy squares faster by ** than by np.power
                sympy=operator.pow, javascript="power", forms=((0, lambda z, x, y: y * z / x),), poles=lambda x, y: (x == 0) & (y < 0) & (y != -INF))
floordiv = infix("floordiv", "//", operator.floordiv, lambda z, x, y: 0, lambda z, x, y: 0,
                 latex=r"\mathbin{//}", needs="division by zero", on=(ANY, POSITIVE),
                 at=_at(lambda x, y: x % y == 0, "a floor jumps at whole numbers; 0 is used", 0, 0),
                 numpy="floor_divide", means=lambda x, y: floor(x / y), javascript="floordiv", poles=lambda x, y: y == 0)
mod = infix("mod", "mod", operator.mod, lambda z, x, y: 1, lambda z, x, y: -(x // y),
            latex=r"\bmod", needs="a remainder needs a divisor other than zero", on=(ANY, POSITIVE),
            numpy=("remainder", "mod"), means=lambda x, y: x - y * floor(x / y), javascript="mod", poles=lambda x, y: y == 0)

# --- exponentials and logarithms ------------------------------------------------------------------------------
exp = elementary("exp", math.exp, lambda z, x: z, latex=r"\exp",
                 numpy="exp", sympy="exp", javascript="Math.exp", forms=((0, lambda z, x: exp(x)),))
expm1 = elementary("expm1", math.expm1, lambda z, x: exp(x),
                   numpy="expm1", means=lambda x: exp(x) - 1, javascript="Math.expm1", forms=((0, lambda z, x: z + 1),))
ln = elementary("ln", math.log, lambda z, x: 1 / x, latex=r"\ln",
                needs="the logarithm needs a positive number", on=(POSITIVE,),
                numpy="log", sympy="log", javascript="Math.log", poles=lambda x: x == 0)
LN2, LN10 = (Constant(math.log(base), (ln, (base,))) for base in (2.0, 10.0))
log2 = elementary("log2", math.log2, lambda z, x: 1 / (x * LN2), latex=r"\log_2", mathml="<msub><mi>log</mi><mn>2</mn></msub>",
                  needs="the logarithm needs a positive number", on=(POSITIVE,),
                  numpy="log2", means=lambda x: ln(x) / LN2, javascript="log2", poles=lambda x: x == 0)
log10 = elementary("log10", math.log10, lambda z, x: 1 / (x * LN10), latex=r"\log_{10}", mathml="<msub><mi>log</mi><mn>10</mn></msub>",
                   needs="the logarithm needs a positive number", on=(POSITIVE,),
                   numpy="log10", means=lambda x: ln(x) / LN10, javascript="log10", poles=lambda x: x == 0)
log1p = elementary("log1p", math.log1p, lambda z, x: 1 / (1 + x),
                   needs="log1p needs a number above −1", on=((-1.0, INF),),
                   numpy="log1p", means=lambda x: ln(1 + x), javascript="Math.log1p", poles=lambda x: x == -1)

# --- roots ----------------------------------------------------------------------------------------------------
sqrt = special("sqrt", "root", "√", values.sqrt, lambda z, x: 1 / (2 * z),
               needs="the square root needs a number that is not negative", on=(NONNEGATIVE,),
               numpy="sqrt", sympy="sqrt", javascript="sqrt", forms=((0, lambda z, x: z / (2 * x)),))
cbrt = elementary("cbrt", math.cbrt, lambda z, x: 1 / (3 * z**2),
                  numpy="cbrt", means=lambda x: sign(x) * absolute(x) ** THIRD, javascript="Math.cbrt",
                  forms=((0, lambda z, x: z / (3 * x)),))
THIRD = Constant(1 / 3, (div, (1.0, 3.0)))
hypot = elementary("hypot", math.hypot, lambda z, x, y: x / z, lambda z, x, y: y / z,
                   at=_at(lambda x, y: (x == 0) & (y == 0), "hypot has a corner at the origin; slope 0 is used", 0, 0),
                   numpy="hypot", means=lambda x, y: sqrt(x**2 + y**2), javascript="Math.hypot",
                   forms=((0, lambda z, x, y: x / sqrt(x**2 + y**2)), (1, lambda z, x, y: y / sqrt(x**2 + y**2))))

# --- trigonometry ---------------------------------------------------------------------------------------------
sin = elementary("sin", math.sin, lambda z, x: cos(x), latex=r"\sin", numpy="sin", sympy="sin", javascript="Math.sin")
cos = elementary("cos", math.cos, lambda z, x: -sin(x), latex=r"\cos", numpy="cos", sympy="cos", javascript="Math.cos")
tan = elementary("tan", math.tan, lambda z, x: 1 + z**2, latex=r"\tan", numpy="tan", sympy="tan", javascript="Math.tan",
                 forms=((0, lambda z, x: sec(x) ** 2), (0, lambda z, x: 1 / cos(x) ** 2)))
sec = elementary("sec", lambda x: 1 / math.cos(x), lambda z, x: z * tan(x), latex=r"\sec",
                 vector="sec", sympy="sec", javascript="sec", forms=((0, lambda z, x: sin(x) / cos(x) ** 2),))
csc = elementary("csc", lambda x: 1 / math.sin(x), lambda z, x: -z * cot(x), latex=r"\csc",
                 needs="the cosecant has a pole where the sine is 0", on=((0.0, math.pi),),
                 vector="csc", sympy="csc", javascript="csc", forms=((0, lambda z, x: -cos(x) / sin(x) ** 2),), poles=lambda x: x == 0)
cot = elementary("cot", lambda x: 1 / math.tan(x), lambda z, x: -1 - z**2, latex=r"\cot",
                 needs="the cotangent has a pole where the sine is 0", on=((0.0, math.pi),),
                 vector="cot", sympy="cot", javascript="cot",
                 forms=((0, lambda z, x: -(csc(x) ** 2)), (0, lambda z, x: -1 / sin(x) ** 2)), poles=lambda x: x == 0)
# 1 − x² would lose its digits near ±1 and overflow far out; the products of its factors do neither.
arcsin = elementary("arcsin", math.asin, lambda z, x: 1 / sqrt((1 - x) * (1 + x)), latex=r"\arcsin",
                    needs="arcsin needs a number from −1 to 1", on=(UNIT,), numpy=("arcsin", "asin"), sympy="asin",
                    javascript="Math.asin", forms=((0, lambda z, x: 1 / sqrt(1 - x**2)),))
arccos = elementary("arccos", math.acos, lambda z, x: -1 / sqrt((1 - x) * (1 + x)), latex=r"\arccos",
                    needs="arccos needs a number from −1 to 1", on=(UNIT,), numpy=("arccos", "acos"), sympy="acos",
                    javascript="Math.acos", forms=((0, lambda z, x: -1 / sqrt(1 - x**2)),))
arctan = elementary("arctan", math.atan, lambda z, x: 1 / (1 + x**2), latex=r"\arctan", numpy=("arctan", "atan"), sympy="atan",
                    javascript="Math.atan")
arctan2 = elementary("arctan2", math.atan2, lambda z, x, y: y / hypot(x, y) / hypot(x, y),
                     lambda z, x, y: -x / hypot(x, y) / hypot(x, y),
                     numpy=("arctan2", "atan2"), sympy="atan2", javascript="Math.atan2",
                     forms=((0, lambda z, x, y: y / (x**2 + y**2)), (1, lambda z, x, y: -x / (x**2 + y**2))))

# --- hyperbolic functions -------------------------------------------------------------------------------------
sinh = elementary("sinh", math.sinh, lambda z, x: cosh(x), latex=r"\sinh", overflow=lambda x: math.copysign(INF, x),
                  numpy="sinh", sympy="sinh", javascript="Math.sinh")
cosh = elementary("cosh", math.cosh, lambda z, x: sinh(x), latex=r"\cosh", numpy="cosh", sympy="cosh", javascript="Math.cosh")
# 1 − z² is 0 in doubles from x = 19 on; sech² x keeps its digits.
tanh = elementary("tanh", math.tanh, lambda z, x: sech(x) ** 2, latex=r"\tanh", numpy="tanh", sympy="tanh", javascript="Math.tanh",
                  forms=((0, lambda z, x: 1 - z**2), (0, lambda z, x: 1 / cosh(x) ** 2)))
sech = elementary("sech", values.sech, lambda z, x: -z * tanh(x), vector="sech", sympy="sech", javascript="sech")
arcsinh = elementary("arcsinh", math.asinh, lambda z, x: 1 / hypot(1, x), numpy=("arcsinh", "asinh"), sympy="asinh",
                     javascript="Math.asinh", forms=((0, lambda z, x: 1 / sqrt(x**2 + 1)),))
arccosh = elementary("arccosh", math.acosh, lambda z, x: 1 / (sqrt(x - 1) * sqrt(x + 1)),
                     needs="arccosh needs a number from 1 up", on=((1.0, INF),), numpy=("arccosh", "acosh"), sympy="acosh",
                     javascript="Math.acosh", forms=((0, lambda z, x: 1 / sqrt(x**2 - 1)),))
arctanh = elementary("arctanh", math.atanh, lambda z, x: 1 / ((1 - x) * (1 + x)),
                     needs="arctanh needs a number between −1 and 1", on=(UNIT,), numpy=("arctanh", "atanh"), sympy="atanh",
                     javascript="Math.atanh", forms=((0, lambda z, x: 1 / (1 - x**2)),), poles=lambda x: (x == 1) | (x == -1))

# --- machine learning -----------------------------------------------------------------------------------------
# σ(−x) is 1 − z without the cancellation that z × (1 − z) suffers for large x.
sigmoid = elementary("sigmoid", values.sigmoid, lambda z, x: z * sigmoid(-x), latex=r"\sigma", mathml="<mi>σ</mi>",
                     vector="sigmoid", means=lambda x: 1 / (1 + exp(-x)), javascript="sigmoid",
                     forms=((0, lambda z, x: z * (1 - z)),))
softplus = elementary("softplus", values.softplus, lambda z, x: sigmoid(x),
                      vector="softplus", means=lambda x: ln(1 + exp(x)), javascript="softplus",
                      forms=((0, lambda z, x: 1 / (1 + exp(-x))),))
logaddexp = elementary("logaddexp", values.logaddexp, lambda z, x, y: sigmoid(x - y), lambda z, x, y: sigmoid(y - x),
                       numpy="logaddexp", means=lambda x, y: ln(exp(x) + exp(y)), javascript="logaddexp")
relu = elementary("relu", values.relu, lambda z, x: greater(x, 0),
                  at=_at(lambda x: x == 0, "relu has a corner at 0; slope 0 is used", 0),
                  vector="relu", means=lambda x: maximum(x, 0), javascript="relu")

# --- corners and steps ----------------------------------------------------------------------------------------
absolute = special("abs", "bars", "|", abs, lambda z, x: sign(x),
                   at=_at(lambda x: x == 0, "|v| has a corner at 0; slope 0 is used", 0),
                   numpy=("absolute", "abs", "fabs"), vector=abs, sympy="Abs", javascript="Math.abs",
                   forms=((0, lambda z, x: x / z),))
sign = elementary("sign", values.sign, lambda z, x: 0,
                  at=_at(lambda x: x == 0, "sign jumps at 0; sign 0 = 0 and slope 0 are used", 0),
                  numpy="sign", sympy="sign", javascript="sign")
minimum = elementary("min", values.smaller, lambda z, x, y: heaviside(y, x), lambda z, x, y: heaviside(x, y), latex=r"\min",
                     at=_at(lambda x, y: x == y, "min of equals: each operand gets half the slope", 0.5, 0.5),
                     numpy=("minimum", "fmin"), sympy="Min", javascript="min")
maximum = elementary("max", values.larger, lambda z, x, y: heaviside(x, y), lambda z, x, y: heaviside(y, x), latex=r"\max",
                     at=_at(lambda x, y: x == y, "max of equals: each operand gets half the slope", 0.5, 0.5),
                     numpy=("maximum", "fmax"), sympy="Max", javascript="max")
greater = special("greater", "greater", ">", values.greater, lambda z, x, y: 0, lambda z, x, y: 0,
                  at=_at(lambda x, y: x == y, "[x > y] jumps where x = y; 0 and slope 0 are used", 0, 0),
                  vector="greater", means=lambda x, y: maximum(sign(x - y), 0), javascript="greater")
heaviside = special("heaviside", "heaviside", "H", values.heaviside, lambda z, x, y: 0, lambda z, x, y: 0,
                    at=_at(lambda x, y: x == y, "H(x − y) jumps where x = y; ½ and slope 0 are used", 0, 0),
                    vector="heaviside", means=lambda x, y: (1 + sign(x - y)) / 2, javascript="heaviside")
floor = elementary("floor", values.floor, lambda z, x: 0,
                   at=_at(lambda x: x % 1 == 0, "floor jumps at whole numbers; slope 0 is used", 0),
                   numpy="floor", sympy="floor", javascript="Math.floor")
ceil = elementary("ceil", values.ceil, lambda z, x: 0,
                  at=_at(lambda x: x % 1 == 0, "ceil jumps at whole numbers; slope 0 is used", 0),
                  numpy="ceil", sympy="ceiling", javascript="Math.ceil")

# --- special functions ----------------------------------------------------------------------------------------
TWO_OVER_ROOT_PI = Constant(2 / math.sqrt(math.pi), (div, (2.0, Constant(math.sqrt(math.pi), (sqrt, (pi,))))))
gaussian = special("gaussian", "gaussian", "exp", values.gaussian, lambda z, x: -2 * (x * z),
                   means=lambda x: exp(-(x**2)), javascript="gaussian")
erf = elementary("erf", math.erf, lambda z, x: TWO_OVER_ROOT_PI * gaussian(x), sympy="erf", javascript="erf",
                 forms=((0, lambda z, x: TWO_OVER_ROOT_PI * exp(-(x**2))),))
erfc = elementary("erfc", math.erfc, lambda z, x: -TWO_OVER_ROOT_PI * gaussian(x), sympy="erfc", javascript="erfc",
                  forms=((0, lambda z, x: -TWO_OVER_ROOT_PI * exp(-(x**2))),))
gamma = elementary("gamma", math.gamma, lambda z, x: z * digamma(x), latex=r"\Gamma", mathml='<mi mathvariant="normal">Γ</mi>',
                   needs="gamma has poles at 0, −1, −2, …", on=(POSITIVE,), overflow=lambda x: math.copysign(INF, x),
                   sympy="gamma", javascript="gamma", poles=lambda x: (x <= 0) & (x % 1 == 0))
lgamma = elementary("lgamma", values.lgamma, lambda z, x: digamma(x), latex=r"\ln\Gamma",
                    mathml='<mrow><mi>ln</mi><mspace width="0.1667em"/><mi mathvariant="normal">Γ</mi></mrow>',
                    needs="lgamma has poles at 0, −1, −2, …", on=(POSITIVE,),
                    means=lambda x: ln(absolute(gamma(x))), javascript="lgamma", poles=lambda x: (x <= 0) & (x % 1 == 0))
digamma = elementary("digamma", values.digamma, lambda z, x: polygamma(1, x), latex=r"\psi", mathml="<mi>ψ</mi>",
                     needs="digamma has poles at 0, −1, −2, …", on=(POSITIVE,), sympy="digamma", javascript="digamma", poles=lambda x: (x <= 0) & (x % 1 == 0))
polygamma = elementary("polygamma", values.polygamma, lambda z, x, y: math.nan, lambda z, x, y: polygamma(x + 1, y),
                       needs="polygamma needs a whole order from 0 to 1000, and has poles at 0, −1, −2, …",
                       on=((0.0, INF), POSITIVE), overflow=lambda n, x: INF if n % 2 else -INF,
                       orders=(0,), sympy="polygamma", javascript="polygamma")
# The n-th derivative of sin x / x. The formula (cos x − sin x / x) / x would lose its digits near 0 and divide by zero
# there; this has no singular point.
sincn = elementary("sincn", values.sincn, lambda z, n, x: math.nan, lambda z, n, x: sincn(n + 1, x),
                   needs="sincn needs a whole order from 0 to 100", on=((0.0, INF), ANY),
                   orders=(0,), vector="sincn", sympy=values.sincn_in_sympy, javascript="sincn")

# --- what only rules use --------------------------------------------------------------------------------------
# xʸ in the slope of a power, and xʸ ln x: together they are closed under differentiation, at x = 0 too.
raised = special("raised", "power", "^", math.pow, lambda z, x, y: y * raised(x, y - 1), lambda z, x, y: power_log(x, y),
                 needs=POWER, on=(POSITIVE, ANY), overflow=values.overflowed_power, vector=operator.pow, sympy=operator.pow, javascript="power",
                 at=_at(lambda x, y: (x == 0) & (y == 0), "0⁰ is 1 and flat along its base", lambda z, x, y: agreed(0, y), None), poles=lambda x, y: (x == 0) & (y < 0) & (y != -INF))
power_log = special("power_log", "inner", "power_log", values.power_log,
                    lambda z, x, y: raised(x, y - 1) * (1 + y * ln(x)), lambda z, x, y: z * ln(x),
                    needs=POWER, on=(POSITIVE, ANY), overflow=lambda x, y: INF if x > 1 else -INF,
                    at=(*_at(lambda x, y: (x == 0) & (y > 1), "xʸ ln x is flat at 0",
                             lambda z, x, y: y * power_log(x, y - 1) + raised(x, y - 1), lambda z, x, y: agreed(0, x)),
                        *_at(lambda x, y: (x == 0) & (y > 0), "0 to a positive power stays 0 when the exponent moves",
                             None, lambda z, x, y: agreed(0, x))),
                    vector="power_log", means=lambda x, y: x**y * ln(x), javascript="power_log")
# A number taken by convention, such as the slope at a corner: its derivatives are not known, whatever moves x.
agreed = special("agreed", "inner", "agreed", lambda c, x: c if x == x else x, lambda z, c, x: 1, lambda z, c, x: agreed(math.nan, x),
                 orders=(1,), vector="agreed", means=lambda c, x: c, javascript="(c, x) => (x === x ? c : x)")
# What a convention says beyond the powers written in it: 0, whose first n derivatives are 0, and the others NaN.
beyond = special("beyond", "inner", "beyond", values.beyond,
                 lambda z, n, x: math.nan, lambda z, n, x: beyond(n - 1, x),
                 needs="nothing is known of further derivatives", on=((0.0, INF), ANY), orders=(0, 1), vector="beyond", means=lambda n, x: 0 * x, javascript="(n, x) => (n >= 0 && x === x ? 0 : NaN)")
# fmt: on
# What `from autodiff import …` offers from the table: functions, by the names they have here.
__all__ = ["e", "pi"]
__all__ += [
    name
    for name, it in globals().items()
    if isinstance(it, Operation) and it.notation.kind in ("function", "bars", "root")
]
BUILT_IN.update(BY_NAME)

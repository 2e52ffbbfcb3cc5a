"""Automatic differentiation to learn from: forward and reverse mode, and the tables that show how they work.

>>> from autodiff import grad, ln, sin
>>> x1_bar, x2_bar = grad(lambda x1, x2: ln(x1) + x1 * x2 - sin(x2))(2.0, 5.0)
>>> x1_bar, round(x2_bar, 3)
(5.5, 1.716)
"""

from autodiff.arrays.soft import logsumexp, softmax
from autodiff.checks.functions import check_rule
from autodiff.checks.traces import check
from autodiff.derivatives.checkpoints import checkpoint
from autodiff.derivatives.transforms import derivative, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autodiff.errors import AutodiffError
from autodiff.modes.dual import Dual
from autodiff.modes.tape import Tape, Var
from autodiff.operations.elementary import (
    absolute,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cbrt,
    ceil,
    cos,
    cosh,
    cot,
    csc,
    digamma,
    e,
    erf,
    erfc,
    exp,
    expm1,
    floor,
    gamma,
    hypot,
    lgamma,
    ln,
    log1p,
    log2,
    log10,
    maximum,
    minimum,
    pi,
    polygamma,
    relu,
    sec,
    sech,
    sigmoid,
    sign,
    sin,
    sinh,
    softplus,
    sqrt,
    tan,
    tanh,
)
from autodiff.operations.elementary import ln as log
from autodiff.operations.rule import elementary
from autodiff.tracing.build import trace
from autodiff.tracing.trace import Trace

__version__ = "0.1.0"

__all__ = [
    "AutodiffError",
    "Dual",
    "Tape",
    "Trace",
    "Var",
    "absolute",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cbrt",
    "ceil",
    "check",
    "check_rule",
    "checkpoint",
    "cos",
    "cosh",
    "cot",
    "csc",
    "derivative",
    "digamma",
    "e",
    "elementary",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "floor",
    "gamma",
    "grad",
    "hessian",
    "hvp",
    "hypot",
    "jacobian",
    "jvp",
    "lgamma",
    "ln",
    "log",
    "log1p",
    "log2",
    "log10",
    "logsumexp",
    "maximum",
    "minimum",
    "pi",
    "polygamma",
    "relu",
    "sec",
    "sech",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "tan",
    "tanh",
    "trace",
    "value_and_grad",
    "vjp",
]

"""Automatic differentiation to learn from: forward and reverse mode, and the tables that show how they work.

>>> from autodiff import grad, ln, sin
>>> x1_bar, x2_bar = grad(lambda x1, x2: ln(x1) + x1 * x2 - sin(x2))(2.0, 5.0)
>>> x1_bar, round(x2_bar, 3)
(5.5, 1.716)
"""

from autodiff.arrays.soft import logsumexp, softmax
from autodiff.checks.rules import check_rule
from autodiff.checks.traces import check
from autodiff.derivatives.checkpoints import checkpoint
from autodiff.derivatives.transforms import derivative, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autodiff.errors import AutodiffError
from autodiff.modes.dual import Dual
from autodiff.modes.tape import Tape, Var
from autodiff.operations.define import elementary
from autodiff.operations.elementary import *  # noqa: F403  # what is entered in the table is public
from autodiff.operations.elementary import __all__ as _functions
from autodiff.operations.elementary import ln as log
from autodiff.operations.rule import Convention
from autodiff.tracing.build import trace
from autodiff.tracing.trace import Trace

__version__ = "0.1.0"

__all__ = [
    "AutodiffError",
    "Convention",
    "Dual",
    "Tape",
    "Trace",
    "Var",
    "check",
    "check_rule",
    "checkpoint",
    "derivative",
    "elementary",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "log",
    "logsumexp",
    "softmax",
    "trace",
    "value_and_grad",
    "vjp",
]
__all__ += _functions

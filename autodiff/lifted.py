"""What Dual, Var and Expr share: arithmetic operators, levels, and numpy's door.

Every differentiation runs at a level of its own. An operation peels the highest level among its operands
and treats the others as constants, so nested differentiations cannot confuse their perturbations
(Siskind & Pearlmutter, "Perturbation confusion and referential transparency", 2005).
"""

from __future__ import annotations

import itertools
import operator
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Real
from typing import Any, NoReturn

from autodiff.errors import LostDerivativeError
from autodiff.operations import elementary as table
from autodiff.operations.rule import BY_NAME, PLAIN, Operation

Method = Callable[..., Any]

# Levels of differentiations are this far apart; Duals made by hand lie between them.
LEVEL_STEP = 1024
_issued = itertools.count(LEVEL_STEP, LEVEL_STEP)  # next() of a count is atomic: levels never repeat


class _Active(threading.local):
    """The differentiations under way in this thread, outermost first."""

    def __init__(self) -> None:
        self.stack: list[Any] = []


active = _Active()


def new_level() -> int:
    """A level above every level issued so far."""
    return next(_issued)


def innermost_level() -> int:
    """The level of the innermost differentiation under way, or 0."""
    return active.stack[-1].level if active.stack else 0


@contextmanager
def under_way(differentiation: Any) -> Iterator[None]:
    """Hold an object with a `level` as the innermost differentiation; released on exceptions too."""
    active.stack.append(differentiation)
    try:
        yield
    finally:
        active.stack.remove(differentiation)


def is_operand(value: object) -> bool:
    """Whether a value may stand beside a Dual, Var or Expr in an operation."""
    return type(value) in PLAIN or isinstance(value, (Lifted, Real))


def _forward(operation: Operation) -> Method:
    def method(self: Lifted, other: Any) -> Any:
        return operation(self, other) if is_operand(other) else NotImplemented

    return method


def _reflected(operation: Operation) -> Method:
    def method(self: Lifted, other: Any) -> Any:
        return operation(other, self) if is_operand(other) else NotImplemented

    return method


def _unary(operation: Operation) -> Method:
    return lambda self: operation(self)


# Which operation stands behind which of Python's binary operators.
OPERATORS: dict[str, Operation] = {
    "add": table.add,
    "sub": table.sub,
    "mul": table.mul,
    "truediv": table.div,
    "pow": table.power,
    "floordiv": table.floordiv,
    "mod": table.mod,
}

# numpy's names of our operations where they differ from ours.
UFUNCS: dict[str, str] = {
    "negative": "neg",
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "true_divide": "div",
    "float_power": "power",
    "floor_divide": "floordiv",
    "remainder": "mod",
    "log": "ln",
    "absolute": "abs",
    "fabs": "abs",
    "minimum": "min",
    "maximum": "max",
    "fmin": "min",
    "fmax": "max",
}


COMPARISONS: dict[str, Method] = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
FOREIGN = frozenset(("heaviside",))  # means something else in numpy


class Lifted:
    """Anything our operations accept beside plain numbers; subclasses say what applying one means."""

    __slots__ = ()
    level: int

    def apply(self, operation: Operation, operands: tuple[Any, ...]) -> Any:
        """Apply `operation`, of whose operands this one has the highest level."""
        raise NotImplementedError

    __neg__ = _unary(table.neg)
    __abs__ = _unary(table.absolute)
    __floor__ = _unary(table.floor)
    __ceil__ = _unary(table.ceil)

    def __pos__(self) -> Any:
        return self

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """np.sin(x), np.float64(2) * x and the like: numpy hands the call over, we use our table."""
        name = ufunc.__name__
        answer = COMPARISONS.get(name) or BY_NAME.get(UFUNCS.get(name, name))
        # numpy wraps a scalar that stands on the left into an array without dimensions.
        operands = [x.item() if getattr(x, "ndim", None) == 0 else x for x in inputs]
        if answer is None or name in FOREIGN or method != "__call__" or options or not all(map(is_operand, operands)):
            return NotImplemented
        return answer(*operands)


for _name, _operation in OPERATORS.items():
    setattr(Lifted, f"__{_name}__", _forward(_operation))
    setattr(Lifted, f"__r{_name}__", _reflected(_operation))


def plain(value: Any) -> Any:
    """The plain number at the bottom of nested Duals and Vars.

    >>> from autodiff import Dual
    >>> plain(Dual(Dual(2, 1), 0))
    2.0
    """
    while isinstance(value, LiftedNumber):
        value = value.primal
    return value


def _comparison(compare: Callable[[Any, Any], Any]) -> Method:
    def method(self: LiftedNumber, other: Any) -> Any:
        return bool(compare(plain(self), plain(other))) if is_operand(other) else NotImplemented

    return method


class LiftedNumber(Lifted):
    """A Dual or a Var: a number that knows its derivative.

    Comparisons look at the plain value alone, so that `if x > 0` takes the branch that the value takes; equal
    values are equal and have equal hashes, whatever their derivatives.
    """

    __slots__ = ()
    primal: Any

    __eq__ = _comparison(operator.eq)
    __ne__ = _comparison(operator.ne)
    __lt__ = _comparison(operator.lt)
    __le__ = _comparison(operator.le)
    __gt__ = _comparison(operator.gt)
    __ge__ = _comparison(operator.ge)

    def __hash__(self) -> int:
        return hash(plain(self))

    def __bool__(self) -> bool:
        return bool(plain(self))

    def __float__(self) -> NoReturn:
        kind = type(self).__name__
        raise LostDerivativeError(
            f"a {kind} cannot become a plain number: its derivative would be lost. "
            f"Use .primal for the value alone, and autodiff.sin(x) or numpy.sin(x) instead of math.sin(x)"
        )

    __int__ = __complex__ = __index__ = __trunc__ = __float__

    def __round__(self, digits: int | None = None) -> NoReturn:
        self.__float__()

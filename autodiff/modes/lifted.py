"""What Dual, Var and Expr share: arithmetic operators, comparisons, and numpy's door."""

from __future__ import annotations

import operator
from collections.abc import Callable
from numbers import Real
from typing import Any, NoReturn

from autodiff import media
from autodiff.arrays.names import KNOWN_FUNCTIONS, KNOWN_UFUNCS
from autodiff.errors import LostDerivativeError
from autodiff.modes.array_methods import ArrayMethods, lost
from autodiff.operations import elementary as table
from autodiff.operations.operands import ARRAYS, PLAIN, as_float, as_operand, plain
from autodiff.operations.rule import TABLE, Operation

Method = Callable[..., Any]


def is_operand(value: object) -> bool:
    """Whether a value may stand beside a Dual, Var or Expr in an operation."""
    return type(value) in PLAIN or isinstance(value, (Lifted, Real)) or getattr(value, "dtype", None) is not None


def _forward(operation: Operation) -> Method:
    def method(self: Lifted, other: Any) -> Any:
        if is_operand(other):
            return operation(self, other)
        return operation(self, _as_array(other)) if _is_list_beside_array(self, other) else NotImplemented

    return method


def _reflected(operation: Operation) -> Method:
    def method(self: Lifted, other: Any) -> Any:
        if is_operand(other):
            return operation(other, self)
        return operation(_as_array(other), self) if _is_list_beside_array(self, other) else NotImplemented

    return method


def _is_list_beside_array(self: Lifted, other: object) -> bool:
    """As in numpy: [1, 2] * x multiplies entry by entry if x is an array."""
    return self.is_array and isinstance(other, (list, tuple))


def _as_array(values: Any) -> Any:
    from autodiff.arrays.register import lift

    return lift(values)


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


class Lifted:
    """Anything our operations accept besides plain numbers; subclasses say what applying one means."""

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

    @property
    def is_array(self) -> bool:
        """Whether the plain value belongs to numpy: an array or one of numpy's scalars."""
        return False

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """np.sin(x), np.float64(2) * x and the like: numpy hands over the call, and we use our table."""
        if method == "__call__" and not options and list not in map(type, inputs):
            operation = KNOWN_UFUNCS.get(ufunc)
            if type(operation) is Operation:
                return operation(*inputs)
        from autodiff.arrays.door import call_ufunc

        return call_ufunc(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """np.sum(x), np.concatenate([x, y]) and the like."""
        ours = KNOWN_FUNCTIONS.get(function)
        if ours is not None:
            return ours(*args, **kwargs)
        from autodiff.arrays.door import call

        return call(function, args, kwargs)


for _name, _operation in OPERATORS.items():
    setattr(Lifted, f"__{_name}__", _forward(_operation))
    setattr(Lifted, f"__r{_name}__", _reflected(_operation))


def _comparison(compare: Callable[[Any, Any], Any]) -> Method:
    def method(self: LiftedNumber, other: Any) -> Any:
        if not is_operand(other):
            return NotImplemented
        answer = compare(plain(self), plain(other))
        return answer if getattr(answer, "shape", ()) else bool(answer)

    return method


def as_primal(value: Any, what: str, which: object = "") -> Any:
    """A value with respect to which one can differentiate: a float, a numpy array of floats, or something lifted.

    Raises LostDerivativeError for anything else; `what` and `which` say whose value it would be.
    """
    if type(value) is float or (type(value) in ARRAYS and value.dtype.kind == "f" and value.ndim):
        return value
    if isinstance(value, LiftedNumber):
        return value
    dtype, what = getattr(value, "dtype", None), f"{what} {which}".rstrip()
    if type(value).__name__ in ("matrix", "MaskedArray"):  # their products and sums are not those of arrays
        raise LostDerivativeError(f"{what} is a numpy {type(value).__name__}: pass np.asarray(…) of it")
    if dtype is not None and dtype.kind in "fOiub" and (value.ndim or dtype.kind == "f"):
        if dtype.kind in "iub":
            raise LostDerivativeError(
                f"{what} holds real numbers, and this is an array of {dtype}, which cannot move by a small step: "
                "pass x.astype(float), or leave it out of the differentiation with argnums="
            )
        return float(value) if dtype.str[1:] == "f8" and not value.ndim else as_operand(value, what)
    if not isinstance(value, (Lifted, Real)):
        shown = f"{value!r:.60}"
        raise LostDerivativeError(f"{what} holds real numbers, not {type(value).__name__}: {shown}")
    return as_float(value, what) if isinstance(value, Real) else value


class LiftedNumber(ArrayMethods, Lifted):
    """A Dual or a Var: a number, or an array of numbers, that knows its derivative.

    Comparisons look only at the plain value, so `if x > 0` takes the branch that the value takes; equal values are
    equal and have equal hashes, whatever their derivatives.
    """

    __slots__ = ()
    primal: Any

    __eq__ = _comparison(operator.eq)
    __ne__ = _comparison(operator.ne)
    __lt__ = _comparison(operator.lt)
    __le__ = _comparison(operator.le)
    __gt__ = _comparison(operator.gt)
    __ge__ = _comparison(operator.ge)

    @property
    def is_array(self) -> bool:
        """Whether the plain value belongs to numpy: an array or one of numpy's scalars."""
        return hasattr(plain(self), "dtype")

    def __hash__(self) -> int:
        return hash(plain(self))

    def __bool__(self) -> bool:
        return bool(plain(self))

    def __float__(self) -> NoReturn:
        raise lost(self, "number")

    __int__ = __complex__ = __index__ = __trunc__ = __float__

    def __format__(self, spec: str) -> str:
        """Text for people: a format such as .3f is that of the value."""
        return format(plain(self), spec) if spec else str(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle: dict[str, str] = media.view("number", self)
        return bundle

    def __round__(self, digits: int | None = None) -> NoReturn:
        self.__float__()


def _named(operation: Operation) -> Method:
    return lambda self, *others: operation(self, *others)


# An array of objects asks its entries: np.sin(np.array([x, y])) calls x.sin() and y.sin().
for _entry in TABLE:
    if _entry.numpy and _entry.notation.kind in ("function", "root"):
        setattr(LiftedNumber, _entry.numpy[0], _named(_entry))

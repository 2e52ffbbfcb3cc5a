"""Forward mode: a number that carries its tangent along (Clifford 1873; Wengert 1964)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.errors import AutodiffError, LostDerivativeError, ShapeError
from autodiff.modes.chain import push
from autodiff.modes.levels import innermost_level
from autodiff.modes.lifted import LiftedNumber, as_primal
from autodiff.modes.rows import NO_SETTINGS, Settings
from autodiff.operations.operands import ARRAYS, plain, shape


class Dual(LiftedNumber):
    """primal + tangent·ε with ε² = 0.

    A function f called on Dual(x, 1) returns Dual(f(x), f′(x)). `level` is chosen automatically: above everything
    inside, and above the differentiation under way; so Duals made by hand side by side share one ε. `derivative` takes
    a new level each time. If you nest Duals by hand over a closure, give the inner one its own: level=new_level().

    >>> from autodiff import sin
    >>> x = Dual(2, 1)
    >>> x * x + 3
    7 + 4ε
    >>> (1 / x).tangent
    -0.25
    >>> x < 3, float(x.primal)
    (True, 2.0)
    """

    __slots__ = ("level", "primal", "tangent", "width")

    def __init__(self, primal: Any, tangent: Any = 0.0, *, level: int | None = None, width: int = 0) -> None:
        self.primal = as_primal(primal, "a Dual")
        self.tangent = as_tangent(tangent, self.primal, width)
        inside = max(innermost_level(), getattr(primal, "level", 0), getattr(tangent, "level", 0))
        self.level: int = inside + 1 if level is None else level
        self.width = width

    def apply(self, operation: Any, operands: tuple[Any, ...], settings: Settings = NO_SETTINGS) -> Dual:
        """Push the tangents of the operands of this level; all other operands are constants."""
        level = self.level
        primals, tangents = [], []
        for operand in operands:
            if type(operand) is Dual and operand.level == level:
                primals.append(operand.primal)
                tangents.append(operand.tangent)
            else:
                primals.append(operand)
                tangents.append(None)
        z = operation(*primals, **settings)
        result = _blank(Dual)
        result.level, result.primal, result.width = level, z, self.width
        result.tangent = push(operation, z, primals, tangents, settings, self.width)
        return result

    def __repr__(self) -> str:
        tangent = _show(self.tangent)
        sign, size = ("-", tangent[1:]) if tangent.startswith("-") else ("+", tangent)
        return f"{_show(self.primal)} {sign} {size}ε"


_blank: Callable[[type[Dual]], Dual] = object.__new__  # a Dual whose slots are filled directly, without __init__


def as_tangent(value: Any, primal: Any, width: int = 0) -> Any:
    """A tangent in the shape and precision of its primal; with a width, that many directions along one more axis."""
    if type(primal) in ARRAYS and type(value) is float and not primal.ndim and not width:  # the seed of a gradient
        return primal.dtype.type(value)
    dtype = getattr(plain(primal), "dtype", None)
    if dtype is None and not width:
        if shape(value):
            raise ShapeError(f"a tangent or seed has the shape of its primal, a number, not {shape(value)}")
        return as_primal(value, "a tangent or seed")
    import numpy as np

    if value is None or isinstance(value, str):
        raise LostDerivativeError(f"a tangent or seed holds real numbers, not {type(value).__name__}: {value!r:.40}")

    full = (*shape(primal), width) if width else shape(primal)
    if not isinstance(value, LiftedNumber):
        value = _real_array(value, dtype or float)
        value = value if value.ndim else value[()]
    if shape(value) == () != full and not width:  # one number for all entries
        value = np.broadcast_to(value, full)
    if shape(value) != full:
        raise ShapeError(f"a tangent or seed has the shape of its primal, {full}, not {shape(value)}")
    return value


def _real_array(value: Any, dtype: Any) -> Any:
    import numpy as np

    try:
        found = np.asarray(value)
        if found.dtype.kind == "c":
            raise LostDerivativeError("a tangent or seed holds real numbers, not complex ones")
        return found.astype(dtype, copy=False)
    except AutodiffError:
        raise
    except (TypeError, ValueError) as error:
        raise ShapeError(f"a tangent or seed is an array of numbers, not {value!r:.40}: {error}") from None


def _show(value: Any) -> str:
    if isinstance(value, LiftedNumber):
        return f"({value!r})"
    return f"{value:.12g}" if not shape(value) else " ".join(f"{value!r}".split())

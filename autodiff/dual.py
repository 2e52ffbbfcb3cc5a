"""Forward mode: a number that carries its tangent along (Clifford 1873; Wengert 1964)."""

from __future__ import annotations

from numbers import Real
from typing import Any

from autodiff.errors import LostDerivativeError
from autodiff.lifted import LiftedNumber, innermost_level, is_operand
from autodiff.operations.rule import Operation
from autodiff.partials import push


class Dual(LiftedNumber):
    """primal + tangent·ε with ε² = 0.

    A function called on Dual(x, 1) returns Dual(f(x), f′(x)). `level` is chosen by itself: above everything
    inside, and above the differentiation under way; so Duals made by hand side by side share one ε. `derivative` takes
    a level of its own each time; whoever nests by hand over a closure gives the inner Dual one: level=new_level().

    >>> from autodiff import sin
    >>> x = Dual(2, 1)
    >>> x * x + 3
    7 + 4ε
    >>> (1 / x).tangent
    -0.25
    >>> x < 3, float(x.primal)
    (True, 2.0)
    """

    __slots__ = ("level", "primal", "tangent")

    def __init__(self, primal: Any, tangent: Any = 0.0, *, level: int | None = None) -> None:
        self.primal = _number(primal)
        self.tangent = _number(tangent)
        inside = max(innermost_level(), getattr(primal, "level", 0), getattr(tangent, "level", 0))
        self.level: int = inside + 1 if level is None else level

    def apply(self, operation: Operation, operands: tuple[Any, ...]) -> Dual:
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
        z = operation(*primals)
        return Dual(z, push(operation, z, primals, tangents), level=level)

    def __repr__(self) -> str:
        tangent = _show(self.tangent)
        sign, size = ("-", tangent[1:]) if tangent.startswith("-") else ("+", tangent)
        return f"{_show(self.primal)} {sign} {size}ε"


def _number(value: Any) -> Any:
    """An operand as a Dual stores it: Python numbers become floats, liftable things stay."""
    if not is_operand(value):
        raise LostDerivativeError(f"a Dual holds real numbers, not {type(value).__name__}: {value!r}")
    return float(value) if isinstance(value, Real) else value


def _show(value: Any) -> str:
    return f"({value!r})" if isinstance(value, LiftedNumber) else f"{value:.12g}"

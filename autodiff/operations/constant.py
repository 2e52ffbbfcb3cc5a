"""Numbers that remember how they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autodiff.operations.rule import Operation


class Constant(float):
    """A number that remembers how it was written: π, or ln 2, or 2π/3.

    `formula` is a symbol (a string) or an operation with its operands.

    >>> Constant(3.141592653589793, "π") * 2
    6.283185307179586
    """

    __slots__ = ("formula",)
    formula: str | tuple[Operation, tuple[float, ...]]

    def __new__(cls, value: float, formula: str | tuple[Operation, tuple[float, ...]]) -> Constant:
        """A float with its formula."""
        self = super().__new__(cls, value)
        self.formula = formula
        return self

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """To numpy it is a plain float: beside an array of single precision it must not make the result double."""
        return getattr(ufunc, method)(*(float(x) if type(x) is Constant else x for x in inputs), **options)

    def __reduce__(self) -> tuple[object, ...]:
        return Constant, (float(self), self.formula)

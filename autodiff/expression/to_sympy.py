"""Formulas as sympy objects, built directly: no text is ever handed to sympy's own parser."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from autodiff.errors import UnknownNameError
from autodiff.expression.expr import Expr, Symbol, as_expr
from autodiff.operations.constant import Constant
from autodiff.operations.rule import Operation


@functools.cache
def sympy_function(operation: Operation) -> Callable[..., Any]:
    """Sympy's function for an operation: the one that its entry names, or what it means in other operations.

    Raises UnknownNameError if the entry says neither.
    """
    if callable(operation.sympy):
        return operation.sympy
    if operation.sympy:
        import sympy

        found: Callable[..., Any] = getattr(sympy, operation.sympy)
        return found
    if operation.means is None:
        raise UnknownNameError(f"{operation.name} has no reading in sympy: say sympy= or means= where it is defined")
    names = [f"x{n}" for n in range(operation.arity)]
    formula = as_expr(operation.means(*map(Symbol, names)))
    return lambda *operands: to_sympy(formula, dict(zip(names, operands, strict=True)))


def to_sympy(expr: Expr, symbols: Mapping[Hashable, Any]) -> Any:
    """The formula as a sympy expression, with `symbols` for its names.

    >>> import sympy
    >>> from autodiff.expression.parser import parse_expression
    >>> to_sympy(parse_expression("2x^2 + ln x"), {"x": sympy.Symbol("x", positive=True)})
    2*x**2 + log(x)
    """
    return expr.fold(
        number_to_sympy,
        symbols.__getitem__,
        lambda operation, operands: sympy_function(operation)(*operands),
    )


def number_to_sympy(value: float) -> Any:
    """A number exactly as the double it is; π, e and constants made from them by their formula."""
    import sympy

    if isinstance(value, Constant):
        if isinstance(value.formula, str):
            return {"π": sympy.pi, "e": sympy.E}[value.formula]
        operation, operands = value.formula
        return sympy_function(operation)(*map(number_to_sympy, operands))
    return sympy.Integer(int(value)) if value == int(value) else sympy.Rational(float(value))


def differentiate(expr: Any, symbol: Any) -> Any:
    """Sympy's derivative; 0 where it leaves that of floor or ceil unevaluated: they are flat between their jumps."""
    import sympy

    def is_left_standing(part: Any) -> bool:
        return isinstance(part, (sympy.Derivative, sympy.Subs))

    return sympy.diff(expr, symbol).replace(is_left_standing, lambda _: sympy.Integer(0))


@functools.cache
def derivative_of(operation: Operation, k: int) -> tuple[Any, tuple[Any, ...]]:
    """Sympy's own derivative of an operation with respect to operand k, and the symbols it is written in."""
    import sympy

    symbols = tuple(sympy.Dummy(f"x{n}", real=True) for n in range(operation.arity))
    derivative = differentiate(sympy_function(operation)(*symbols), symbols[k])
    return sympy.powsimp(derivative), symbols  # y·xʸ/x has no value at 0, y·xʸ⁻¹ does

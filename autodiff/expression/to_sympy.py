"""Formulas as sympy objects, built directly: no text is ever handed to sympy's own parser."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from autodiff.expression.expr import Expr, fold
from autodiff.operations.rule import Constant, Operation


@functools.cache
def functions() -> dict[str, Callable[..., Any]]:
    """Sympy's reading of every operation in the table, by name."""
    import sympy

    def gaussian(x: Any) -> Any:
        return sympy.exp(-(x**2))

    def cbrt(x: Any) -> Any:
        return sympy.sign(x) * sympy.Abs(x) ** sympy.Rational(1, 3)

    return {
        "neg": lambda x: -x,
        "add": lambda x, y: x + y,
        "sub": lambda x, y: x - y,
        "mul": lambda x, y: x * y,
        "div": lambda x, y: x / y,
        "power": lambda x, y: x**y,
        "floordiv": lambda x, y: sympy.floor(x / y),
        "mod": lambda x, y: x - y * sympy.floor(x / y),
        "exp": sympy.exp,
        "expm1": lambda x: sympy.exp(x) - 1,
        "ln": sympy.log,
        "log2": lambda x: sympy.log(x) / sympy.log(2),
        "log10": lambda x: sympy.log(x) / sympy.log(10),
        "log1p": lambda x: sympy.log(1 + x),
        "sqrt": sympy.sqrt,
        "cbrt": cbrt,
        "hypot": lambda x, y: sympy.sqrt(x**2 + y**2),
        "sin": sympy.sin,
        "cos": sympy.cos,
        "tan": sympy.tan,
        "sec": sympy.sec,
        "csc": sympy.csc,
        "cot": sympy.cot,
        "arcsin": sympy.asin,
        "arccos": sympy.acos,
        "arctan": sympy.atan,
        "arctan2": sympy.atan2,
        "sinh": sympy.sinh,
        "cosh": sympy.cosh,
        "tanh": sympy.tanh,
        "sech": sympy.sech,
        "arcsinh": sympy.asinh,
        "arccosh": sympy.acosh,
        "arctanh": sympy.atanh,
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
        "logaddexp": lambda x, y: sympy.log(sympy.exp(x) + sympy.exp(y)),
        "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
        "relu": lambda x: sympy.Max(x, 0),
        "abs": sympy.Abs,
        "sign": sympy.sign,
        "min": sympy.Min,
        "max": sympy.Max,
        "greater": lambda x, y: sympy.Heaviside(x - y, 0),
        "heaviside": lambda x, y: sympy.Heaviside(x - y, sympy.Rational(1, 2)),
        "floor": sympy.floor,
        "ceil": sympy.ceiling,
        "gaussian": gaussian,
        "erf": sympy.erf,
        "erfc": sympy.erfc,
        "gamma": sympy.gamma,
        "lgamma": lambda x: sympy.log(sympy.Abs(sympy.gamma(x))),
        "digamma": sympy.digamma,
        "polygamma": sympy.polygamma,
    }


def reading(operation: Operation) -> Callable[..., Any]:
    """Sympy's reading of an operation: ours, or the one it was defined with. Raises LookupError if it has none."""
    found = functions().get(operation.name) or operation.sympy
    if found is None:
        raise LookupError(f"{operation.name} has no reading in sympy")
    return found


def to_sympy(expr: Expr, symbols: Mapping[Hashable, Any]) -> Any:
    """The formula as a sympy expression, with `symbols` for its names.

    >>> import sympy
    >>> from autodiff.expression.parser import parse_expression
    >>> to_sympy(parse_expression("2x^2 + ln x"), {"x": sympy.Symbol("x", positive=True)})
    2*x**2 + log(x)
    """
    return fold(
        expr,
        number_to_sympy,
        symbols.__getitem__,
        lambda operation, operands: reading(operation)(*operands),
    )


def number_to_sympy(value: float) -> Any:
    """A number exactly as the double it is; π, e and constants made from them by their formula."""
    import sympy

    if isinstance(value, Constant):
        if isinstance(value.formula, str):
            return {"π": sympy.pi, "e": sympy.E}[value.formula]
        operation, operands = value.formula
        return reading(operation)(*map(number_to_sympy, operands))
    return sympy.Integer(int(value)) if value == int(value) else sympy.Rational(float(value))


def differentiate(expr: Any, symbol: Any) -> Any:
    """Sympy's derivative; where it leaves that of floor or ceil standing, 0: they are flat between their jumps."""
    import sympy

    def is_left_standing(part: Any) -> bool:
        return isinstance(part, (sympy.Derivative, sympy.Subs))

    return sympy.diff(expr, symbol).replace(is_left_standing, lambda _: sympy.Integer(0))


@functools.cache
def derivative_of(operation: Operation, k: int) -> tuple[Any, tuple[Any, ...]]:
    """Sympy's own derivative of an operation with respect to operand k, and the symbols it is written in."""
    import sympy

    symbols = tuple(sympy.Dummy(f"x{n}", real=True) for n in range(operation.arity))
    derivative = differentiate(reading(operation)(*symbols), symbols[k])
    return sympy.powsimp(derivative), symbols  # y·xʸ/x has no value at 0, y·xʸ⁻¹ does

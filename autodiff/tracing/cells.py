"""The formulas in the cells of a trace, all printed from the rules of the operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from autodiff.expression.array_calls import Applied
from autodiff.expression.expr import Call, Expr, Num, Symbol, as_expr, operand_expr
from autodiff.expression.names import Ref
from autodiff.operations import elementary as table
from autodiff.operations.rule import Operation


def primal_formula(operation: Any, operands: Iterable[Any], settings: Mapping[str, Any] | None = None) -> Expr:
    """The operation as written: v₋₁ × v₀."""
    applied = operation if type(operation) is Operation else Applied(operation, settings)
    return Call(applied, tuple(operand_expr(operand) for operand in operands))


def partial_formula(operation: Operation, k: int, z: Ref, operands: Iterable[Any]) -> Expr:
    """∂z/∂(operand k), from the operation's one rule fed with names."""
    result: Any = operation.partials[k](Symbol(z), *(operand_expr(operand) for operand in operands))
    return as_expr(result)


def term(factor: Expr, partial: Expr, *, whole: bool) -> Expr:
    """Tangent × partial or adjoint × partial, tidied.

    ×1 is dropped and ×(−1) is a minus sign, unless the `whole` term is shown: in adjoints both stay, where they show
    that a partial was there. ×(1/v) becomes /v, and a product is multiplied in factor by factor.
    """
    if isinstance(partial, Num) and not whole:
        if partial.value == 1:
            return factor
        if partial.value == -1:
            return Call(table.neg, (factor,))
    if isinstance(partial, Call) and partial.operation is table.div and partial.operands[0] == Num(1):
        return Call(table.div, (factor, partial.operands[1]))
    if isinstance(partial, Call) and partial.operation is table.mul and _is_plain(partial.operands[0]):
        first, second = partial.operands
        return term(term(factor, first, whole=True), second, whole=True)
    return Call(table.mul, (factor, partial))


def _is_plain(expr: Expr) -> bool:
    """Whether a factor can stand in a product without parentheses."""
    return not (isinstance(expr, Call) and expr.operation in (table.neg, table.div, table.add, table.sub))


def total(terms: list[Expr]) -> Expr:
    """The sum of terms; a negative term is subtracted."""
    return reduce(_plus, terms) if terms else Num(0)


def _plus(left: Expr, right: Expr) -> Expr:
    if isinstance(right, Call) and right.operation is table.neg:
        return Call(table.sub, (left, right.operands[0]))
    return Call(table.add, (left, right))

"""Values that show what is done to them: how the rule of an array operation is printed."""

from __future__ import annotations

from typing import Any

from autodiff.expression.array_calls import Applied
from autodiff.expression.expr import Call, Expr, as_expr, operand_expr
from autodiff.modes.lifted import LiftedNumber
from autodiff.operations import elementary as table


class Shown(LiftedNumber):
    """A value that remembers its formula. A rule fed with these gives the number and its formula in one run."""

    __slots__ = ("formula", "primal")
    level = 1 << 61  # above every differentiation, below formulas

    def __init__(self, primal: Any, formula: Expr) -> None:
        self.primal, self.formula = primal, formula

    def apply(self, operation: Any, operands: tuple[Any, ...], settings: Any = None) -> Any:
        """The value of the operation, and its formula; a number taken by convention is shown as that number."""
        if operation is table.agreed:
            return operands[0]
        values = [operand.primal if isinstance(operand, Shown) else operand for operand in operands]
        written = tuple(
            operand.formula if isinstance(operand, Shown) else operand_expr(operand) for operand in operands
        )
        if settings is None:
            return Shown(operation(*values), as_expr(operation(*written)))
        return Shown(operation(*values, **settings), Call(Applied(operation, settings), written))

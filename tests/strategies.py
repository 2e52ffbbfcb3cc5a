"""Random formulas for Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from autodiff.expression.expr import Call, Expr, Num, Symbol
from autodiff.expression.language import CONSTANTS, FUNCTIONS
from autodiff.operations import elementary as table
from autodiff.operations.rule import Operation

BINARY = (table.add, table.sub, table.mul, table.div, table.power)
NAMES = ("x", "y", "x1", "x12", "theta", "θ", "k_B", "w2")

numbers = st.one_of(
    st.integers(0, 1000).map(float),
    st.floats(0, 1e9, allow_nan=False, allow_infinity=False),
    st.sampled_from(list(CONSTANTS.values())),
).map(Num)
leaves = numbers | st.sampled_from(NAMES).map(Symbol)


def calls(operands: st.SearchStrategy[Expr], operations: list[Operation]) -> st.SearchStrategy[Expr]:
    """One of the operations, on operands drawn from a strategy."""
    return st.sampled_from(operations).flatmap(
        lambda operation: st.tuples(*[operands] * operation.arity).map(lambda drawn: Call(operation, drawn))
    )


# Everything the input language can say.
formulas = st.recursive(
    leaves, lambda inner: calls(inner, [*BINARY, table.neg, *dict.fromkeys(FUNCTIONS.values())]), max_leaves=25
)

# Formulas that are smooth and finite wherever their variables are between 1 and 2.
SMOOTH = [table.add, table.sub, table.mul, table.neg, table.sin, table.cos, table.tanh, table.arctan, table.sigmoid,
          table.softplus, table.erf, table.arcsinh, table.cbrt]  # fmt: skip
smooth_formulas = st.recursive(
    st.sampled_from(["x", "y", "z"]).map(Symbol) | st.floats(0.5, 3).map(Num),
    lambda inner: calls(inner, SMOOTH),
    max_leaves=12,
)

"""The words of the expression language."""

from __future__ import annotations

from autodiff.operations import elementary as table
from autodiff.operations.rule import TABLE, Constant, Operation

CONSTANTS: dict[str, Constant] = {"pi": table.pi, "e": table.e}

ALIASES = {
    "log": "ln", "lg": "log10", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "arsinh": "arcsinh", "arcosh": "arccosh",
    "artanh": "arctanh", "tg": "tan", "ctg": "cot", "cotg": "cot", "cosec": "csc", "arctg": "arctan",
    "sh": "sinh", "ch": "cosh", "th": "tanh", "logistic": "sigmoid", "σ": "sigmoid", "ReLU": "relu",
    "sgn": "sign", "Γ": "gamma",
}  # fmt: skip

# Every operation that is written with its name, and those that have a sign of their own besides.
FUNCTIONS: dict[str, Operation] = {
    entry.name: entry for entry in TABLE if entry.notation.kind in ("function", "bars", "root", "greater", "heaviside")
}
FUNCTIONS |= {alias: FUNCTIONS[name] for alias, name in ALIASES.items()}

# Aliases that are letters: functions only in front of a parenthesis, and only while they are not variables.
LETTERS = frozenset(name for name in FUNCTIONS if len(name) == 1)

# max(a, b, c) is max(max(a, b), c).
CHAINED = frozenset((table.minimum, table.maximum, table.hypot))

INVERSES = {
    "sin": "arcsin", "cos": "arccos", "tan": "arctan", "sinh": "arcsinh", "cosh": "arccosh", "tanh": "arctanh",
}  # fmt: skip

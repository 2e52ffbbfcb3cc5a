"""The words of the expression language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autodiff.operations import elementary as table
from autodiff.operations.constant import Constant
from autodiff.operations.rule import BUILT_IN, BY_NAME, Operation

CONSTANTS: dict[str, Constant] = {"pi": table.pi, "e": table.e}

ALIASES = {
    "log": "ln", "lg": "log10", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "arsinh": "arcsinh", "arcosh": "arccosh",
    "artanh": "arctanh", "tg": "tan", "ctg": "cot", "cotg": "cot", "cosec": "csc", "arctg": "arctan",
    "sh": "sinh", "ch": "cosh", "th": "tanh", "logistic": "sigmoid", "σ": "sigmoid", "ReLU": "relu",
    "sgn": "sign", "Γ": "gamma",
}  # fmt: skip

# Operations that are written by name, and those that also have a sign of their own.
_NAMED = frozenset(("function", "bars", "root", "greater", "heaviside"))


class _Functions(Mapping[str, Operation]):
    """The functions of the language: the table as it is now, so that a function the user defines is a word at once."""

    def __getitem__(self, word: str) -> Operation:
        entry = BY_NAME[ALIASES.get(word, word)]
        if entry.notation.kind not in _NAMED:
            raise KeyError(word)
        return entry

    def __iter__(self) -> Iterator[str]:
        return iter([word for word in (*BY_NAME, *ALIASES) if word in self])

    def __len__(self) -> int:
        return len(list(iter(self)))


FUNCTIONS = _Functions()
BUILT_IN.update((*ALIASES, *CONSTANTS))  # a new operation must not be called like a word that means something


def is_letter(word: str) -> bool:
    """Whether a function's name is one letter, which may also be a variable: only a parenthesis makes it a call."""
    return len(word) == 1 and word in FUNCTIONS


# max(a, b, c) is max(max(a, b), c).
CHAINED = frozenset((table.minimum, table.maximum, table.hypot))

INVERSES = {
    "sin": "arcsin", "cos": "arccos", "tan": "arctan", "sinh": "arcsinh", "cosh": "arccosh", "tanh": "arctanh",
}  # fmt: skip

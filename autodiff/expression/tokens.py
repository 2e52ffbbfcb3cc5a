"""Splitting typed text into tokens."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from autodiff.errors import ExpressionError
from autodiff.expression.names import canonical

MAX_LENGTH = 65_536  # characters
MAX_NAME = 50  # characters

# What textbooks and keyboards write for the same sign.
_SAME_SIGN = {
    "×": "*", "·": "*", "⋅": "*", "∙": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/", "−": "-", "–": "-", "‐": "-",
    "**": "^", "[": "(", "]": ")", "{": "(", "}": ")",
}  # fmt: skip
_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏẀ-ỹΑ-Ωα-ωϑϕϖϱϵ"
# An index of subscript digits ends a name: R₁R₂ is R₁ times R₂. π is a name of its own unless an index follows.
_PATTERN = re.compile(
    rf"""(?P<space>[ \t\r\u00a0\u2005-\u200a\u202f\u205f\u2061\u2062]+)
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<fraction>[{_FRACTIONS}])
    | (?P<name>π(?![_₀-₉])|[{_LETTER}](?:(?!π)[{_LETTER}0-9_])*[₀-₉]*)
    | (?P<superscript>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)
    | (?P<sign>\*\*|[-+*/^()\[\]{{}}|,;=√∛\n×·⋅∙∗÷∕⁄−–‐])""",
    re.VERBOSE | re.ASCII,
)


class Token(NamedTuple):
    """A token: its kind (number, fraction, name, superscript, sign, end), its text in one spelling, its place."""

    kind: str
    text: str
    start: int
    end: int


def normalized(text: str) -> str:
    """The text as the tokens see it: accents composed with their letters, and Greek μ for the micro sign.

    >>> normalized("\u00b5 + y\u0302") == "μ + ŷ"
    True
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text).replace("\u00b5", "μ")


def tokenize(text: str) -> list[Token]:
    """The tokens of a normalized text, with an end token last.

    Raises ExpressionError at the first character that is not in the language.

    >>> [token.text for token in tokenize("2·x₁²")][:-1]
    ['2', '*', 'x1', '2']
    """
    if len(text) > MAX_LENGTH:
        message = f"the expression is too long: {len(text):,} characters, at most {MAX_LENGTH:,}"
        raise ExpressionError(message, "", 0, 0)
    tokens = []
    place = 0
    while place < len(text):
        match = _PATTERN.match(text, place)
        if match is None:
            raise _unknown_character(text, place)
        if match.lastgroup != "space":
            tokens.append(_token(str(match.lastgroup), match[0], text, place))
        place = match.end()
    return [*tokens, Token("end", "", len(text), len(text))]


def _token(kind: str, spelled: str, text: str, start: int) -> Token:
    end = start + len(spelled)
    if kind == "name":
        if "__" in spelled:
            raise ExpressionError(f"the name '{spelled[:MAX_NAME]}' has two underscores in a row", text, start, end)
        if len(spelled) > MAX_NAME:
            message = f"a name has at most {MAX_NAME} characters"
            raise ExpressionError(message, text, start, start + 1, hint="for a product write * between the factors")
        spelled = {"π": "pi"}.get(spelled, canonical(spelled))
    elif kind == "superscript":
        spelled = spelled.translate(_SUPERSCRIPTS)
        if not re.fullmatch(r"[-+]?\d+", spelled):
            raise ExpressionError("these superscripts are not a whole number", text, start, end)
    elif kind == "number" and float(spelled) == float("inf"):
        raise ExpressionError("this number is too large", text, start, end)
    return Token(kind, _SAME_SIGN.get(spelled, spelled), start, end)


def _unknown_character(text: str, place: int) -> ExpressionError:
    char = text[place]
    code = f"U+{ord(char):04X}"
    name = unicodedata.name(char, "")
    shown = f"'{char}'" if char.isascii() and char.isprintable() else f"{code} {name}".strip()
    simple = unicodedata.normalize("NFKC", char)
    hint = ""
    if not char.isascii() and simple.isascii() and simple.isprintable() and simple.strip():
        hint = f"did you mean {simple!r}?"
    elif char == "_":
        hint = "names start with a letter"
    elif unicodedata.combining(char):
        hint = "write the mark as a word: x_hat, x_bar"
    elif char == "—":
        hint = "did you mean '-'?"
    return ExpressionError(f"unexpected character {shown}", text, place, place + 1, hint=hint)

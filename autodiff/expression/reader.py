"""A cursor over tokens, with the errors that point into the text."""

from __future__ import annotations

from collections.abc import Collection

from autodiff.errors import ExpressionError
from autodiff.expression.tokens import Token, normalized, tokenize

MAX_DEPTH = 100  # nested parentheses, powers and functions


class Reader:
    """The tokens of a text and what a parser remembers while it reads them."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        self.text = normalized(text)
        self.tokens = tokenize(self.text)
        self.at = 0
        self.depth = 0
        self.parentheses = 0
        self.bars = 0  # bars open since the last parenthesis
        self.places: dict[str, tuple[int, int]] = {}
        self.assigned: set[str] = set()
        self.constants: set[str] = set()  # those that were used as such
        self.variables = {*names, *self._evident_variables()}

    def _evident_variables(self) -> set[str]:
        """The names that somewhere have no parenthesis behind them: they cannot be functions."""
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return {word.text for word, after in pairs if word.kind == "name" and self.shown(after) != "("}

    def shown(self, token: Token) -> str:
        """A token as it was typed."""
        return self.text[token.start : token.end]

    @property
    def here(self) -> Token:
        """The next token; line ends inside parentheses do not count."""
        while self.parentheses and self.tokens[self.at].text == "\n":
            self.at += 1
        return self.tokens[self.at]

    def take(self) -> Token:
        """The next token, and on to the one behind it."""
        token = self.here
        self.at += token.kind != "end"
        return token

    def accept(self, *signs: str) -> Token | None:
        """The next token if it is one of these signs."""
        return self.take() if self.here.kind == "sign" and self.here.text in signs else None

    def fail(self, message: str, start: Token, end: Token | None = None, hint: str = "") -> ExpressionError:
        """An error that points from one token to another."""
        return ExpressionError(message, self.text, start.start, (end or start).end, hint=hint)

    def deeper(self) -> None:
        """One more level of nesting; too many are refused."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"nested more than {MAX_DEPTH} deep", self.here)

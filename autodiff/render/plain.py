"""Sentences for media that cannot show every sign."""

from __future__ import annotations

import unicodedata

_SIGNS = {
    "−": "-", "–": "-", "×": "*", "·": "*", "√": "sqrt", "∞": "inf", "∂": "d", "½": "1/2", "…": "...", "—": "-",
    "✓": "ok", "✗": "WRONG", "π": "pi", "⁰": "^0", "²": "^2", "³": "^3", "ε": "eps", "�": "?", "₋": "-",
}  # fmt: skip


def to_ascii(text: str) -> str:
    """A sentence in ASCII.

    >>> to_ascii("ln v₋₁ with v₋₁ = −2")
    'ln v-1 with v-1 = -2'
    """
    return text if text.isascii() else "".join(map(_letter, text))


def _letter(char: str) -> str:
    if char.isascii():
        return char
    if char in _SIGNS:
        return _SIGNS[char]
    from autodiff.expression.names import ascii_ref

    if unicodedata.combining(char):
        return ""
    plain = unicodedata.normalize("NFKD", char)
    return plain if plain.isascii() else ascii_ref(char)

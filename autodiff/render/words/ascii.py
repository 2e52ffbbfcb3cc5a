"""Texts without signs beyond ASCII, for terminals that cannot show them and for files that must not have them."""

from __future__ import annotations

import json
import re
import unicodedata

from autodiff.expression.names import ascii_ref

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


def references(text: str) -> str:
    """A page, or a picture in SVG or DOT, in ASCII: signs beyond it by their numbers, which show as the signs.

    >>> references("<mi>θ</mi>")
    '<mi>&#952;</mi>'
    """
    return text.encode("ascii", "xmlcharrefreplace").decode()


def escapes(script: str) -> str:
    r"""A script, or JSON, in ASCII: signs beyond it, which stand only in its strings, as escapes.

    >>> escapes("const name = 'θ';")
    "const name = '\\u03b8';"
    """
    return re.sub(r"[^\x00-\x7f]", lambda sign: json.dumps(sign[0])[1:-1], script)


def _letter(char: str) -> str:
    if char.isascii():
        return char
    if char in _SIGNS:
        return _SIGNS[char]
    if unicodedata.combining(char):
        return ""
    letters = unicodedata.normalize("NFKD", char)
    return letters if letters.isascii() else ascii_ref(char)

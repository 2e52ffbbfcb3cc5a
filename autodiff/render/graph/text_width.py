"""How wide a text is, without a font: the widths of DejaVu Sans, where hardly anything is narrower than elsewhere.

A picture leaves room for its texts before any reader's font is known, so the estimate is on the wide side.
"""

from __future__ import annotations

import unicodedata

_CLASSES = {
    0.28: "'ijl", 0.32: " ,.·I", 0.34: "/:;\\|ί", 0.36: "-fι", 0.39: "()[]tᵀ", 0.42: "!₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹r",
    0.46: "\"", 0.5: "*J`", 0.53: "sz∂₋₊", 0.55: "cεζέ", 0.57: "?L_Γνξ", 0.6: "kvxyFTaoγκλςτδθυχ",
    0.63: "bdghnpquΣηρσđe", 0.64: "$0123456789{}βμ√", 0.66: "αφ", 0.68: "EKPSYAVΑΔΛΕΚΡΥ", 0.7: "BXZΒΖΧπ",
    0.74: "CRUψ", 0.77: "HNDĐΗΝΠΩ", 0.8: "&GOQΘΟΦ", 0.84: "#+<=>^~Ψωw−×∞≥≤≈", 0.87: "MΜ",
}  # fmt: skip
_WIDTHS = {letter: width for width, letters in _CLASSES.items() for letter in letters}
_OTHER = 1.0  # @ % m W … and the letters of alphabets not listed
BOLD = 1.12  # a bold letter compared with a regular one


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text at a font size; a combining mark takes none.

    >>> text_width("v", 10), text_width("v\u0304", 10), text_width("漢字", 10)
    (6.0, 6.0, 20.0)
    """
    return sum(map(_width, text)) * size * (BOLD if bold else 1.0)


def _width(letter: str) -> float:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    if unicodedata.combining(letter):
        return 0.0
    base = unicodedata.normalize("NFD", letter)[0]  # é is as wide as e
    return _WIDTHS.get(base, _OTHER)


def shortened(text: str, most: float, size: float) -> str:
    """The text, or as much of its front as fits with an ellipsis.

    >>> shortened("sin v", 100, 10), shortened("a long formula", 40, 10)
    ('sin v', 'a lon…')
    """
    if text_width(text, size) <= most:
        return text
    room = most - text_width("…", size)
    cut = 0
    for letter in text:
        room -= _width(letter) * size
        if room < 0:
            break
        cut += 1
    return text[:cut].rstrip() + "…"


def fitted(text: str, most: float, size: float) -> str:
    """An equation in this much room: its longest part is cut, the others are whole.

    >>> fitted("y = a long formula = 5", 90, 10)
    'y = a long f… = 5'
    """
    if text_width(text, size) <= most:
        return text
    parts = text.split(" = ")
    longest = max(range(len(parts)), key=lambda n: text_width(parts[n], size))
    room = most - text_width(text, size) + text_width(parts[longest], size)
    parts[longest] = shortened(parts[longest], room, size)
    return " = ".join(parts) if room > 3 * size else shortened(text, most, size)

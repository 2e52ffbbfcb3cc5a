"""Characters that do something instead of showing something, and how many cells of a terminal a text takes."""

from __future__ import annotations

import unicodedata

_ACTIVE = ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")  # controls, marks of direction, halves of characters, ends of lines


def harmless(text: str, keep: str = "") -> str:
    r"""The text, with a sign in the place of every character that steers a terminal, a page or the text around it.

    Tabs and ends of lines become spaces, unless they are among the characters to `keep`.

    >>> harmless("a\x1b[2Jb"), harmless("two\nlines"), harmless("two\nlines", keep="\n")
    ('a�[2Jb', 'two lines', 'two\nlines')
    """
    if text.isprintable():
        return text
    return "".join(char if char in keep else _shown(char) for char in text)


def _shown(char: str) -> str:
    if char in "\t\n\r":
        return " "
    return "\ufffd" if unicodedata.category(char) in _ACTIVE else char


def visible(text: str) -> str:
    """Replace what would move the cursor or reorder the line: controls, combining and bidi characters."""
    return "".join(char if _stays(char) else "�" for char in text)


def _stays(char: str) -> bool:
    if char.isascii():
        return char.isprintable()
    return char.isprintable() and unicodedata.bidirectional(char) not in ("R", "AL", "AN", "NSM")


def cells(text: str) -> int:
    """How many terminal cells the text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)

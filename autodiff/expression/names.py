"""Names: how variables are spelled, ordered and written, and the names of the rows of a trace."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_SUBSCRIPTS = str.maketrans("0123456789-+", "₀₁₂₃₄₅₆₇₈₉₋₊")
_TO_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "omicron": "ο", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
_GREEK_SPELLED = {letter: name for name, letter in GREEK.items()} | {
    letter.upper(): name.capitalize() for name, letter in GREEK.items()
}
_STROKED = {"đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}  # letters without a decomposition
# Greek capitals that LaTeX writes with a Latin letter.
_LATIN_CAPITALS = {"Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O",
                   "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X", "ο": "o"}  # fmt: skip


class Ref(NamedTuple):
    """A name in a trace: `kind` is "primal", "tangent" or "adjoint" of a row number or of a user's name, or
    "partial" (∂v_of/∂v_by); "pull" is that partial behind the adjoint of `of`, "push" behind the tangent of `by`.
    """

    kind: str
    of: int | str
    by: int | str = 0
    letter: str = "v"


class Mark(NamedTuple):
    """What turns a name into that of its derivative: a combining sign, a word in front, a command, a sign above."""

    unicode: str
    ascii: str
    latex: str
    mathml: str


MARKS = {"tangent": Mark("\u0307", "d ", "dot", "\u02d9"), "adjoint": Mark("\u0304", "adj ", "bar", "\u00af")}
_NO_MARK = Mark("", "", "", "")


def mark_of(key: Ref) -> Mark:
    """The mark of a name; the name of a value has none."""
    return MARKS.get(key.kind, _NO_MARK)


def factor_of(key: Ref) -> Ref:
    """The tangent or adjoint in front of the partial of a "push" or "pull"."""
    return Ref("tangent", key.by, 0, key.letter) if key.kind == "push" else Ref("adjoint", key.of, 0, key.letter)


def canonical(name: str) -> str:
    """The one spelling of a name: x₁ and x_1 are x1.

    >>> canonical("x₁₂"), canonical("x_12"), canonical("k_B")
    ('x12', 'x12', 'k_B')
    """
    return re.sub(r"(?<=[^\W\d_])_(\d+)$", r"\1", name.translate(_TO_DIGITS))


def natural_key(name: str) -> list[tuple[int, str | int]]:
    """Sort key of the natural order: x1 < x2 < x10, otherwise alphabetical.

    >>> sorted(["x10", "b", "x2", "x1"], key=natural_key)
    ['b', 'x1', 'x2', 'x10']
    """
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.findall(r"\d+|\D+", name)]


def is_evident(name: str) -> bool:
    """Whether a name is clearly a variable's: one letter or a spelled Greek letter, with an index or a subscript.

    >>> [is_evident(name) for name in ("x", "x12", "theta", "k_B", "xy", "rate")]
    [True, True, True, True, False, False]
    """
    stem = re.match(r"[^\d_]*", name)
    return stem is not None and (len(stem[0]) == 1 or stem[0].lower() in GREEK or "_" in name)


def split_name(name: str) -> tuple[str, str]:
    """A name and its subscript: x12 → x, 12; k_B → k, B."""
    match = re.fullmatch(r"(.*?[^\d_])_?(\d+)|([^_]+)_(.+)", name)
    if not match:
        return name, ""
    return (match[1], match[2]) if match[1] else (match[3], match[4])


def unicode_ref(key: Ref | str, mark: str = "") -> str:
    """A name in Unicode.

    >>> unicode_ref("x1"), unicode_ref("k_B"), unicode_ref(Ref("primal", -1)), unicode_ref(Ref("partial", 3, 0))
    ('x₁', 'k_B', 'v₋₁', '∂v₃/∂v₀')
    """
    if isinstance(key, str):
        stem, index = split_name(key)
        rest = index.translate(_SUBSCRIPTS) if index.isdigit() else f"_{index}" if index else ""
        return unicodedata.normalize("NFC", stem[0] + mark) + stem[1:] + rest
    if key.kind == "partial":
        return f"∂{_unicode_row(key.of, key)}/∂{_unicode_row(key.by, key)}"
    if key.kind in ("push", "pull"):
        return f"{unicode_ref(factor_of(key))} {unicode_ref(key._replace(kind='partial'))}"
    return _unicode_row(key.of, key, mark_of(key).unicode)


def _unicode_row(name: int | str, key: Ref, mark: str = "") -> str:
    return f"{key.letter}{mark}{str(name).translate(_SUBSCRIPTS)}" if isinstance(name, int) else unicode_ref(name, mark)


def ascii_ref(key: Ref | str) -> str:
    """A name in ASCII.

    >>> ascii_ref(Ref("primal", -1)), ascii_ref(Ref("tangent", 2)), ascii_ref(Ref("adjoint", 0)), ascii_ref("θ")
    ('v[-1]', 'd v2', 'adj v0', 'theta')
    """
    if isinstance(key, str):
        return "".join(letter if letter.isascii() else _spelled(letter) for letter in key)
    if key.kind in ("push", "pull"):
        return f"{ascii_ref(factor_of(key))} {ascii_ref(key._replace(kind='partial'))}"
    of = _ascii_row(key.of, key)
    return f"d{of}/d{_ascii_row(key.by, key)}" if key.kind == "partial" else mark_of(key).ascii + of


def _ascii_row(name: int | str, key: Ref) -> str:
    if isinstance(name, int):
        return f"{key.letter}{name}" if name >= 0 else f"{key.letter}[{name}]"
    return ascii_ref(name)


def _spelled(letter: str) -> str:
    """A letter in ASCII: Greek by its name, others without their accents."""
    if letter in _GREEK_SPELLED:
        return _GREEK_SPELLED[letter]
    base = _STROKED.get(letter) or unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else f"u{ord(letter):04x}"


def latex_ref(key: Ref | str, mark: str = "") -> str:
    r"""A name in LaTeX.

    >>> latex_ref("x1"), latex_ref("θ"), latex_ref("rate"), latex_ref(Ref("tangent", -1))
    ('x_{1}', '\\theta', '\\mathrm{rate}', '\\dot{v}_{-1}')
    """
    if isinstance(key, str):
        stem, index = split_name(key)
        sub = f"_{{{index if index.isdigit() else _latex_word(index)}}}" if index else ""
        return _marked(_latex_word(stem), mark) + sub
    if key.kind == "partial":
        return rf"\frac{{\partial {_latex_row(key.of, key)}}}{{\partial {_latex_row(key.by, key)}}}"
    if key.kind in ("push", "pull"):
        return f"{latex_ref(factor_of(key))} {latex_ref(key._replace(kind='partial'))}"
    return _latex_row(key.of, key, mark_of(key).latex)


def latex_function(name: str) -> str:
    r"""The name of a function in LaTeX, in upright letters.

    >>> latex_function("my_swish"), latex_function("φ_2")
    ('\\operatorname{my\\_swish}', '\\operatorname{\\phi \\_ 2}')
    """
    letters = name if name.isascii() else " ".join(map(_latex_letter, name))
    return rf"\operatorname{{{letters}}}".replace("_", r"\_")


def _latex_row(name: int | str, key: Ref, mark: str = "") -> str:
    return f"{_marked(key.letter, mark)}_{{{name}}}" if isinstance(name, int) else latex_ref(name, mark)


def _marked(text: str, mark: str) -> str:
    return rf"\{mark}{{{text}}}" if mark else text


def _latex_word(word: str) -> str:
    if len(word) == 1:
        return _latex_letter(word)
    if word.lower() in GREEK:
        return rf"\{word}" if word != "omicron" else "o"
    if any(letter in _GREEK_SPELLED for letter in word):
        return " ".join(_latex_letter(letter) for letter in word).replace("_", r"\_")
    letters = "".join(letter if letter.isascii() else _spelled(letter) for letter in word)
    return rf"\mathrm{{{letters}}}".replace("_", r"\_")


def _latex_letter(letter: str) -> str:
    if letter in _LATIN_CAPITALS:
        return rf"\mathrm{{{_LATIN_CAPITALS[letter]}}}"
    if letter in _GREEK_SPELLED:
        return rf"\{_GREEK_SPELLED[letter]}"
    return letter if letter.isascii() else _spelled(letter)

"""How numbers are printed."""

from __future__ import annotations

import math
from typing import Any

from autodiff.errors import OptionError

MINUS = "−"
LARGE = 1e6  # from here on, scientific notation
MOST_DIGITS = 17  # decimals: a double has no more
# The numbers for which JSON has no sign, as JavaScript spells them.
NOT_FINITE = {"Infinity": math.inf, "-Infinity": -math.inf, "NaN": math.nan}
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def check_digits(digits: Any) -> None:
    """Raise OptionError unless this is a number of decimals."""
    if not isinstance(digits, int) or isinstance(digits, bool) or not 0 <= digits <= MOST_DIGITS:
        raise OptionError(f"digits is {digits!r}: give a whole number from 0 to {MOST_DIGITS}")


def fixed(value: float, digits: int = 3, *, minus: str = MINUS, fill: bool = False) -> str:
    """A number with `digits` decimals, trailing zeros dropped unless `fill`; −0 is 0.

    Numbers that would round to 0, or have more than six digits before the point, are in scientific notation.

    >>> fixed(0.6931), fixed(10.0), fixed(-0.0), fixed(-2.5), fixed(1.23456e-9), fixed(math.inf), fixed(math.nan)
    ('0.693', '10', '0', '−2.5', '1.235e-9', '∞', 'undefined')
    >>> fixed(3, 4, fill=True)
    '3.0000'
    """
    if value != value:
        return "undefined"
    size = abs(value)
    if math.isinf(size):
        text = "∞" if minus == MINUS else "inf"
    elif size and (size >= LARGE or size < 0.5 * 10.0**-digits):
        mantissa, _, exponent = f"{size:.{digits}e}".partition("e")
        text = f"{_trim(mantissa)}e{int(exponent)}"
    else:
        text = f"{size:.{digits}f}"
        text = text if fill else _trim(text)
    return minus + text if value < 0 else text


def shortest(value: float, *, minus: str = "-") -> str:
    """The shortest text that reads back as the same number, whole numbers without a point.

    >>> shortest(2.0), shortest(-0.5), shortest(1e-3), shortest(1e22)
    ('2', '-0.5', '0.001', '1e22')
    """
    if value != value or math.isinf(value):
        return fixed(value, minus=minus)
    size = abs(value)
    text = str(int(size)) if size < 1e16 and size == int(size) else repr(float(size))
    text = text.replace("e+", "e").replace("e-0", "e-")
    return minus + text if value < 0 else text


def json_number(value: float) -> float | str:
    """A number as JSON holds it: itself, or the word for ∞ or NaN.

    >>> json_number(0.1), json_number(math.inf), json_number(-math.inf), json_number(math.nan)
    (0.1, 'Infinity', '-Infinity', 'NaN')
    """
    if math.isfinite(value):
        return float(value)
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_superscript(digits: str) -> str:
    """'2' as '²'."""
    return digits.translate(_SUPERSCRIPTS)


def to_latex(text: str) -> str:
    r"""A printed number in LaTeX.

    >>> to_latex("1.5e-9"), to_latex("-inf"), to_latex("undefined")
    ('1.5 \\times 10^{-9}', '-\\infty', '\\text{undefined}')
    """
    if text.endswith("undefined"):
        return r"\text{undefined}"
    text = text.replace("inf", r"\infty")
    mantissa, e, exponent = text.partition("e")
    return rf"{mantissa} \times 10^{{{exponent}}}" if e else text

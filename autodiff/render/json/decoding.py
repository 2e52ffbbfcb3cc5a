"""Reading JSON with care: objects and lists, words, numbers, arrays, settings; errors say what is wrong and where."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, TypeVar

from autodiff.errors import did_you_mean
from autodiff.expression.blocks import Block
from autodiff.expression.numbers import NOT_FINITE

T = TypeVar("T")
DTYPES = ("float64", "float32", "float16", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
          "uint64")  # fmt: skip
_JSON = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


class Wrong(Exception):  # noqa: N818  # it becomes a TraceFileError when the place is known
    """What is wrong, and where; the place is put together on the way out."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.place = ""

    def at(self, place: str) -> Wrong:
        """The same, with the enclosing place in front."""
        self.place = place + self.place
        return self


def inside(place: str, read: Callable[[Any], T], value: Any) -> T:
    """What `read` makes of a value that stands at this place."""
    try:
        return read(value)
    except Wrong as wrong:
        raise wrong.at(place)  # noqa: B904  # it is the same exception


def kind_of(value: Any) -> str:
    """What a value is, in JSON's words."""
    return _JSON.get(type(value), "a number")


def expected(what: str, value: Any) -> Wrong:
    """The complaint that something else was expected."""
    shown = f"{value!r:.40}" if isinstance(value, (str, int, float)) else ""
    return Wrong(f"expected {what}, not {kind_of(value)}" + (f" ({shown})" if shown else ""))


def fields(value: Any, needed: tuple[str, ...], allowed: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these keys and no others."""
    if not isinstance(value, dict):
        raise expected("an object", value)
    for key in needed:
        if key not in value:
            raise Wrong(f"the key '{key}' is missing")
    for key in value:
        if key not in needed and key not in allowed:
            hint = did_you_mean(key, (*needed, *allowed))
            raise Wrong(f"the key '{key:.40}' means nothing here" + (f"\n{hint}" if hint else ""))
    return value


def field(value: dict[str, Any], key: str, read: Callable[[Any], T]) -> T:
    """The value of a key, read."""
    return inside(f".{key}", read, value[key])


def each(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """A reader of lists from one of their entries."""

    def read_all(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise expected("a list", value)
        found: list[T] = []
        try:
            found.extend(map(read, value))
        except Wrong as wrong:
            raise wrong.at(f"[{len(found)}]")  # noqa: B904
        return tuple(found)

    return read_all


def optional(read: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """The same, or null."""
    return lambda value: None if value is None else read(value)


# --- words and numbers ----------------------------------------------------------------------------------------
def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise expected("a text", value)
    return value


def word(value: Any) -> str:
    """The name of a variable, an output or a statement."""
    if not isinstance(value, str) or not value.isidentifier():
        raise expected("a name made of letters, digits and _", value)
    return value


def letter(value: Any) -> str:
    """The letter of the rows."""
    if not isinstance(value, str) or not re.fullmatch("[a-z]", value):
        raise expected("a letter from a to z", value)
    return value


def whole(value: Any) -> int:
    """A whole number."""
    if type(value) is not int:
        raise expected("a whole number", value)
    return value


def real(value: Any) -> float:
    """A plain number; ∞ and NaN are words."""
    if type(value) in (float, int) and abs(value) <= 1.7976931348623157e308:
        return float(value)
    if isinstance(value, str) and value in NOT_FINITE:
        return NOT_FINITE[value]
    raise expected("a number of double precision", value)


def value_of_row(value: Any) -> Any:
    """The value of a row: a float, or an array."""
    return Block(array(value)) if isinstance(value, dict) else real(value)


def array(value: Any) -> Any:
    """An array of numbers or of truth values."""
    found = fields(value, ("dtype", "shape", "entries"))
    dtype, shape = found["dtype"], field(found, "shape", each(whole))
    if dtype not in DTYPES:
        raise expected(f"one of {', '.join(DTYPES)}", dtype).at(".dtype")
    entries = field(found, "entries", each(real if "float" in dtype else whole if "int" in dtype else _truth))
    if any(length < 0 for length in shape) or math.prod(shape) != len(entries):
        raise Wrong(f"{len(entries)} entries do not fill the shape {list(shape)}")
    import numpy as np

    try:
        with np.errstate(all="ignore"):
            return np.array(entries, dtype).reshape(shape)
    except (ValueError, OverflowError) as error:
        raise Wrong(str(error)) from None


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise expected("true or false", value)
    return value


# --- settings -------------------------------------------------------------------------------------------------
def setting(value: Any) -> Any:
    """A setting of an array operation."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if not re.fullmatch(r"[\w ,.>-]{0,200}", value, re.ASCII):  # "ij,jk->ik"; means nothing special in any medium
            raise expected("letters, digits, commas and ->", value)
        return value
    if isinstance(value, (int, float)):
        real(value)
        return value
    if not isinstance(value, dict):
        raise expected("a setting", value)
    if "entries" in value:
        found = array(value)
        return found if found.shape else found[()]
    if len(value) != 1 or next(iter(value)) not in _SETTINGS:
        raise expected(f"an object with one of {', '.join(_SETTINGS)}", value)
    [(kind, its)] = value.items()
    return inside(f".{kind}", _SETTINGS[kind], its)


def _slice(value: Any) -> slice:
    parts = each(optional(whole))(value)
    if len(parts) != 3:
        raise expected("start, stop and step", value)
    return slice(*parts)


def _dtype(value: Any) -> Any:
    if value not in DTYPES:
        raise expected(f"one of {', '.join(DTYPES)}", value)
    import numpy as np

    return np.dtype(value)


def _function(value: Any) -> Any:
    raise Wrong(f"the function {value!s:.40} was not written: a trace with a checkpoint in it cannot be read back")


_SETTINGS: dict[str, Callable[[Any], Any]] = {
    "slice": _slice,
    "tuple": lambda value: each(setting)(value),
    "list": lambda value: list(each(setting)(value)),
    "ellipsis": lambda value: ...,
    "float": real,
    "dtype": _dtype,
    "function": _function,
}

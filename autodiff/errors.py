"""Every error a user can meet, and the art of guessing what they meant.

Those that need numpy, or belong to the command, are defined beside what raises them.
"""

from __future__ import annotations

from collections.abc import Iterable

from autodiff.text import cells, visible

_WINDOW = 30  # characters of a long expression shown on either side of a mistake


class AutodiffError(Exception):
    """The base of every error this package raises on purpose.

    Each of them also derives from the built-in error that Python programs catch for such a mistake.

    >>> from autodiff import Dual
    >>> try:
    ...     Dual(1.0, 1.0) / 0
    ... except ZeroDivisionError as error:
    ...     print(error)
    division by zero
    """


# --- numbers and functions --------------------------------------------------------------------------------------
class DomainError(AutodiffError, ValueError):
    """A function was asked for a value where it has none, such as the logarithm of −2.

    If a trace stops because of it, `trace` holds the rows up to there.
    """

    trace: object = None


class DivisionByZeroError(DomainError, ZeroDivisionError):
    """A number was divided by zero, or zero was raised to a negative power."""


class TooLargeError(AutodiffError, OverflowError):
    """Something is too large for what should hold it: a whole number for a float, a figure for TeX."""


class ArgumentError(AutodiffError, TypeError):
    """A call was given what it cannot take: not a function, not a real number, too many operands or too few."""


class OptionError(AutodiffError, ValueError):
    """An option was given a value that is not one of its choices, or lies outside its range."""


class ShapeError(AutodiffError, ValueError):
    """Arrays or trees do not fit together: their shapes, lengths or parts differ."""


class OutOfRangeError(AutodiffError, IndexError):
    """There is no argument or row with that number."""


class LostDerivativeError(AutodiffError, TypeError):
    """Something would have turned a Dual or Var into a plain number and dropped its derivative."""


class UnsupportedError(AutodiffError, TypeError):
    """numpy has something and we do not, or it would write into an array and drop a derivative."""


class TapeError(AutodiffError, RuntimeError):
    """A Var met no tape, or the wrong one."""


# --- operations and traces --------------------------------------------------------------------------------------
class DefinitionError(AutodiffError, ValueError):
    """An operation cannot be defined like this."""


class UnknownNameError(AutodiffError, KeyError):
    """Nothing has that name."""

    __str__ = Exception.__str__  # a KeyError would print its message in quotes


class BindingError(AutodiffError, ValueError):
    """Values and variables do not match: too few, too many, or a name nobody knows."""


class MissingPartError(AutodiffError, AttributeError):
    """An object was asked for what it lacks, such as a trace in forward mode for its gradient."""


class TraceFileError(AutodiffError, ValueError):
    """A trace file cannot be read or says something a trace file cannot say."""


class CodeRefusedError(AutodiffError, PermissionError):
    """What was read would run a Python file, and the caller has not allowed that."""


class WriteError(AutodiffError, OSError):
    """A file cannot be written, or exists already."""


class NotInstalledError(AutodiffError, ImportError):
    """What a medium needs is not installed: a package, or a font."""


class ExpressionError(AutodiffError, ValueError):
    """A typed expression cannot be read; the message shows the text with a caret under the place.

    >>> print(ExpressionError("unknown function 'snh'", "1 + snh(x)", 4, 7, hint="did you mean 'sinh'?"))
    unknown function 'snh'
      1 + snh(x)
          ^^^
    did you mean 'sinh'?
    """

    def __init__(self, message: str, text: str, start: int, end: int, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.start = start
        self.end = max(end, start + 1)
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_expression_error, (
            type(self),
            self.message,
            self.text,
            self.start,
            self.end,
            self.hint,
        )

    def __str__(self) -> str:
        lines = [self.message, *point_at(self.text, self.start, self.end)]
        return "\n".join([*lines, self.hint] if self.hint else lines)


def _rebuild_expression_error(
    kind: type[ExpressionError], message: str, text: str, start: int, end: int, hint: str
) -> ExpressionError:
    return kind(message, text, start, end, hint=hint)


def point_at(text: str, start: int, end: int) -> list[str]:
    """Two lines: the line of `text` that holds `start`, and carets under start…end; none for blank text.

    >>> print(*point_at("a + $", 4, 5), sep=chr(10))
      a + $
          ^
    """
    if not text.strip():
        return []
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    last = len(text) if last < 0 else last
    left, right = max(first, start - _WINDOW), min(last, max(end, start + 1) + _WINDOW)
    before = ("…" if left > first else "") + visible(text[left:start])
    inside = visible(text[start : min(end, right)])
    after = visible(text[min(end, right) : right]) + ("…" if right < last else "")
    return [f"  {before}{inside}{after}".rstrip(), "  " + " " * cells(before) + "^" * max(1, cells(inside))]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion for a misspelt word, or the empty string.

    >>> did_you_mean("snh", ["sinh", "sin", "cosh"])
    "did you mean 'sinh' or 'sin'?"
    >>> did_you_mean("qqq", ["sin"])
    ''
    """
    import difflib

    close = difflib.get_close_matches(word, sorted(known), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(repr(match) for match in close)}?" if close else ""

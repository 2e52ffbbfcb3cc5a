"""What a row of a tape holds. It is plain data.

    (code, value)                       an independent variable; code is −1
    (code, value, i, x)                 operation TABLE[code] of row i, whose value was x
    (code, value, i, x, j, y)           the same of rows i and j; a constant operand has row −1
    (code, value, i, x, …, settings)    operation ARRAY_TABLE[code] of one or more rows: an odd number of entries

Codes are whole numbers, not Operation objects, so that the garbage collector drops the rows from its lists: that keeps
the cost of a row the same from the first to the millionth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from autodiff.operations.operands import plain
from autodiff.operations.rule import TABLE

Settings = Mapping[str, Any]  # of an array operation: an axis, a shape, an index
NO_SETTINGS: Settings = {}
Row = tuple[Any, ...]

INPUT = -1  # the code of an independent variable
CONSTANT = -1  # the row number of an operand that is not a row
# The adjoint of a row that the result does not depend on. Such rows are skipped: 0 times an infinite slope would
# be NaN. It is an int and adjoints are floats (or lifted), so it is recognized by identity.
NOTHING = 0


class Recorded(NamedTuple):
    """A row, unpacked: operands are row numbers (int) or constants (never an int)."""

    operation: Any
    operands: tuple[Any, ...]
    value: Any
    settings: Settings = NO_SETTINGS


def parts(row: Row) -> tuple[Any, tuple[int, ...], tuple[Any, ...], Settings]:
    """The operation of a row, the row numbers of its operands, their values, and the settings."""
    if len(row) % 2:
        from autodiff.operations.array_rule import ARRAY_TABLE

        return ARRAY_TABLE[row[0]], row[2:-1:2], row[3::2], row[-1]
    return TABLE[row[0]], row[2::2], row[3::2], NO_SETTINGS


def unpacked(row: Row) -> Recorded:
    """A row as people read it."""
    if row[0] == INPUT:
        return Recorded(None, (), row[1])
    operation, numbers, values, settings = parts(row)
    pairs = zip(numbers, values, strict=True)
    operands = tuple(i if i != CONSTANT else float(x) if type(x) is int else x for i, x in pairs)
    return Recorded(operation, operands, row[1], settings)


def nought(primal: Any) -> Any:
    """The adjoint of what nothing depends on: 0, in the shape and precision of the primal."""
    value = plain(primal)
    if not hasattr(value, "dtype"):
        return 0.0
    import numpy as np

    return np.zeros_like(value)[()]

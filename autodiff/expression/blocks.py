"""Values of rows that are arrays, in traces: frozen, comparable, printed by shape and in a short form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

SHOWN = 6  # a block with more entries than this is shortened
ENDS = 2, 1  # to this many entries at its front and at its end


class Block:
    """An array that is the value of a row. Blocks are equal when their shapes and entries are.

    >>> import numpy as np
    >>> Block(np.arange(3.0)), Block(np.eye(2)), Block(np.arange(12.0).reshape(3, 4))
    (Block([0, 1, 2] (3)), Block([[1, 0], [0, 1]] (2×2)), Block([0, 1, …, 11] (3×4)))
    """

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array.copy()
        self.array.flags.writeable = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return tuple(self.array.shape)

    def text(
        self, number: Callable[[float], str], *, dots: str = "…", times: str = "×", with_shape: bool = True
    ) -> str:
        """The entries in reading order, of many only the first and last; then the shape."""
        flat = self.array.reshape(-1)
        if flat.size > SHOWN:
            front, end = ENDS
            parts = [*map(number, flat[:front].tolist()), dots, *map(number, flat[-end:].tolist())]
            entries = f"[{', '.join(parts)}]"
        else:
            entries = _nested(self.array.tolist(), number)
        return f"{entries} ({times.join(map(str, self.shape))})" if with_shape else entries

    def filled(self, value: float) -> Block:
        """An array of the same shape, with one number everywhere."""
        import numpy as np  # there are arrays, so it is imported already

        return Block(np.full(self.shape, value))

    def tolist(self) -> Any:
        """The entries as nested lists."""
        return self.array.tolist()

    def __add__(self, other: Any) -> Block:
        return Block(self.array + raw(other))

    __radd__ = __add__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Block):
            return NotImplemented
        return self.shape == other.shape and self.array.tobytes() == other.array.tobytes()

    def __hash__(self) -> int:
        return hash((self.shape, self.array.tobytes()))

    def __reduce__(self) -> tuple[object, ...]:
        return Block, (self.array,)

    def __repr__(self) -> str:
        return f"Block({self.text('{:.4g}'.format)})"


def _nested(entries: Any, number: Callable[[float], str]) -> str:
    if not isinstance(entries, list):
        return number(entries)
    return f"[{', '.join(_nested(entry, number) for entry in entries)}]"


def frozen(value: Any) -> Any:
    """A value as a trace keeps it: a float, or a Block for an array."""
    return Block(value) if getattr(value, "shape", ()) else float(value)


def raw(value: Any) -> Any:
    """The array inside a Block; a number as it is."""
    return value.array if isinstance(value, Block) else value


def all_finite(value: Any) -> bool:
    """Whether a number, or every entry of a Block, is finite."""
    return all(map(math.isfinite, value.array.ravel())) if isinstance(value, Block) else math.isfinite(value)

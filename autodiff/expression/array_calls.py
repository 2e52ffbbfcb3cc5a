"""Array operations in formulas: v₂ @ v₃, v₁ᵀ, v₀[1:], sum(v₂, axis=0)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autodiff.expression.blocks import Block
from autodiff.operations.rule import Notation
from autodiff.text import harmless


class Applied:
    """An array operation with its settings, as a formula holds it."""

    def __init__(self, operation: Any, settings: Any) -> None:
        self.operation, self.settings = operation, dict(settings)
        self.name: str = operation.name
        self.notation: Notation = operation.notation

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Applied) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return self.name, tuple((key, _frozen(value)) for key, value in self.settings.items())

    def __call__(self, *operands: Any) -> Any:
        """The operation with these settings."""
        return self.operation(*operands, **self.settings)


def _frozen(value: Any) -> Any:
    """A setting as something that can be compared and hashed."""
    if hasattr(value, "tobytes"):
        return Block(value)
    if isinstance(value, slice):
        return "slice", value.start, value.stop, value.step
    return tuple(map(_frozen, value)) if isinstance(value, (tuple, list)) else value


# --- settings as text -----------------------------------------------------------------------------------------
def said(applied: Applied) -> list[tuple[str, str]]:
    """The settings of an array operation that matter, and their values as text: axis, 0; keepdims=False is left out."""
    return [
        (key, _setting(value))
        for key, value in applied.settings.items()
        if value is not False and key not in applied.operation.unsaid
    ]


def index_text(index: Sequence[Any]) -> str:
    """What stands between the brackets of x[1:, 2]."""
    return ", ".join(map(_index, index))


def _index(part: Any) -> str:
    if isinstance(part, slice):
        step = f":{part.step}" if part.step is not None else ""
        return f"{'' if part.start is None else part.start}:{'' if part.stop is None else part.stop}{step}"
    return _setting(part)


def _setting(value: Any) -> str:
    if isinstance(value, tuple) and all(isinstance(part, int) for part in value):
        return "×".join(map(str, value)) if len(value) > 1 else str(value[0]) if value else "()"
    if isinstance(value, tuple):
        return f"({', '.join(map(_index, value))})"
    if getattr(value, "shape", ()):
        return Block(value).text("{:g}".format, with_shape=False)
    return harmless(str(value))

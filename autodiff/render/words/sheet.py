"""A table before it meets a medium: sides, rows and cells of mathematics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autodiff.expression.expr import Expr
from autodiff.expression.names import Ref
from autodiff.expression.printing import Printer
from autodiff.text import harmless
from autodiff.tracing.trace import Trace


class Cell(NamedTuple):
    """A piece of written mathematics and its part in the row: name, rule, formula, numbers, value or check."""

    text: str
    role: str = "formula"


@dataclass
class Line:
    """A row of a side. `ref` is whose value it shows; `after_rule` draws a line above it."""

    cells: tuple[Cell, ...]
    ref: Ref | None = None
    after_rule: bool = False


@dataclass
class Side:
    """The primal or the derivative half of a table."""

    title: str
    lines: list[Line]
    header: tuple[str, ...] = ()


@dataclass
class Sheet:
    """A whole table with its caption, footer and notes."""

    caption: str
    sides: list[Side]
    footer: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Writer:
    """Writes the mathematics of one trace for one medium.

    `inline` wraps mathematics that stands in a sentence, `prose` makes a sentence safe for the medium, and
    `code` shows what the user typed; neither receives a character that steers a terminal or ends a line.
    """

    def __init__(
        self,
        printer: type[Printer],
        trace: Trace,
        *,
        digits: int = 3,
        fill: bool = False,
        inline: Callable[[str], str] = str,
        prose: Callable[[str], str] = str,
        code: Callable[[str], str] | None = None,
    ) -> None:
        self.names = printer(digits=digits, fill=fill)
        self.values = printer(values=trace.values(), digits=digits, fill=fill)
        self.inline = inline
        self._prose, self._code = prose, code or prose

    def prose(self, text: str) -> str:
        """A sentence."""
        return self._prose(harmless(text))

    def code(self, text: str) -> str:
        """What the user typed."""
        return self._code(harmless(text))

    def ref(self, ref: Ref | str) -> str:
        """A name."""
        return self.names.ref(ref)

    def number(self, value: Any) -> str:
        """A number."""
        return self.names.number(value)

    def formula(self, expr: Expr) -> str:
        """A formula in names."""
        return self.names.text(expr)

    def numbers(self, expr: Expr) -> str:
        """The formula with values put in."""
        return self.values.text(expr)

    def equation(self, *parts: str) -> str:
        """Mathematics for a sentence: parts joined by equals signs."""
        return self.inline(" = ".join(parts))

"""Sentences with mathematics in them, kept in parts, so that every medium writes the names its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from autodiff.expression.blocks import Block
from autodiff.expression.expr import Expr
from autodiff.expression.names import Ref
from autodiff.expression.printing import Printer, UnicodePrinter

if TYPE_CHECKING:
    from autodiff.tracing.trace import Trace


class Filled(NamedTuple):
    """A formula with values put in: 2 × 5."""

    formula: Expr


class Number(NamedTuple):
    """A number, as tables print it."""

    value: Any


class Function(NamedTuple):
    """The name of a function: sin."""

    operation: Any


class Shape(NamedTuple):
    """The shape of an array: 3×4."""

    block: Block


class Equation(NamedTuple):
    """Pieces of mathematics with equals signs between them; one that is written like the one before it is left out."""

    sides: tuple[Mathematics, ...]


Mathematics: TypeAlias = Ref | Expr | Filled | Number | Function | Shape
Part: TypeAlias = str | Mathematics | Equation
Parts: TypeAlias = Sequence[Part]


class Scribe(Protocol):
    """What writes a sentence; a `render.words.sheet.Writer` is one.

    `names` and `values` print mathematics, `inline` wraps it for a sentence.
    """

    names: Printer
    values: Printer
    inline: Callable[[str], str]

    def prose(self, text: str, /) -> str:
        """Words, safe for the medium."""


class PlainScribe:
    """Writes plain text with Unicode names."""

    def __init__(self, trace: Trace, digits: int = 3) -> None:
        self.names: Printer = UnicodePrinter(digits=digits)
        self.values: Printer = UnicodePrinter(values=trace.values(), digits=digits)
        self.inline: Callable[[str], str] = str
        self.prose: Callable[[str], str] = str


@dataclass(frozen=True)
class Sentence:
    """A sentence in parts: words, and mathematics for a printer."""

    parts: tuple[Part, ...]

    def written(self, scribe: Scribe) -> str:
        """The sentence in the medium of the scribe."""
        return "".join(_written(part, scribe) for part in self.parts)

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Every name in the sentence, each once, in order: what a player may highlight."""
        return tuple(dict.fromkeys(ref for part in self.parts for ref in _refs(part)))


def sentence(*parts: Part) -> Sentence:
    """A sentence of these parts, closed with a full stop."""
    return Sentence((*parts, "."))


def equation(*sides: Mathematics) -> Equation:
    """Mathematics with equals signs."""
    return Equation(sides)


def listed(items: Iterable[Part | Parts], last: str = " and ") -> list[Part]:
    """Items with commas and a last word between them: v₁, v₂ and v₃.

    >>> "".join(listed(["a", "b", "c"]))
    'a, b and c'
    """
    groups: list[list[Part]] = [list(item) if type(item) in (list, tuple) else [item] for item in items]  # type: ignore[list-item,arg-type]
    parts: list[Part] = []
    for n, group in enumerate(groups):
        if n:
            parts.append(last if n == len(groups) - 1 else ", ")
        parts += group
    return parts


def _written(part: Part, scribe: Scribe) -> str:
    if isinstance(part, str):
        return scribe.prose(part)
    sides = part.sides if isinstance(part, Equation) else (part,)
    texts = [_mathematics(side, scribe) for side in sides]
    return scribe.inline(" = ".join(text for n, text in enumerate(texts) if n == 0 or text != texts[n - 1]))


def _mathematics(side: Mathematics, scribe: Scribe) -> str:
    if isinstance(side, Ref):
        return scribe.names.ref(side)
    if isinstance(side, Filled):
        return scribe.values.text(side.formula)
    if isinstance(side, Number):
        return scribe.names.number(side.value)
    if isinstance(side, Function):
        return scribe.names.function_name(side.operation)
    if isinstance(side, Shape):
        return scribe.names.by.join(map(str, side.block.shape))
    return scribe.names.text(side)


def _refs(part: Part) -> Iterator[Ref]:
    if isinstance(part, Ref):
        yield part
    elif isinstance(part, Equation):
        for side in part.sides:
            yield from _refs(side)
    elif isinstance(part, (Expr, Filled)):
        formula = part.formula if isinstance(part, Filled) else part
        yield from (key for key in formula.symbols() if isinstance(key, Ref))

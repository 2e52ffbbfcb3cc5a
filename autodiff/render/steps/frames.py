"""What a stepper shows at each moment of a trace: the table so far, the sentence, the row's place in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from autodiff.expression.names import Ref
from autodiff.expression.printing import AsciiPrinter, UnicodePrinter
from autodiff.render.graph.text import Graph, cut
from autodiff.render.tables.terminal import GAP, HANG, TableLayout, TextLine, line_width, text_cells
from autodiff.render.words.ascii import to_ascii
from autodiff.render.words.sheet import Writer
from autodiff.text import harmless
from autodiff.tracing.trace import Trace
from autodiff.tracing.why.moments import Moment, moments

TITLES = {"primal": "Primal trace", "tangent": "Tangent trace", "adjoint": "Adjoint trace"}
KEYS = (
    "Enter next · b back · g first · G last · 12 Enter jumps · ? help · q quit",
    "Enter next · b back · ? help · q quit",
    "? help · q quit",
)
HELP = (
    "Enter, Space, →    next step",
    "b, ←               one step back",
    "g, G               first step, last step",
    "1 2 Enter          step 12",
    "?                  this help",
    "q, Ctrl-C          leave",
)
ROOMY = 120  # columns from which the graph is drawn
SHORTEST, NARROWEST = 4, 20  # a terminal that says it is smaller is treated as this large


@dataclass(frozen=True)
class Frame:
    """What is shown at one moment: lines of segments, and the same in one sentence."""

    number: int  # from 1
    of: int
    moment: Moment
    sentence: str
    lines: tuple[TextLine, ...]

    def __str__(self) -> str:
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self.lines)


class Frames(Sequence[Frame]):
    """The frames of a trace, each drawn when it is asked for, so that long traces start at once."""

    def __init__(self, trace: Trace, *, width: int, height: int, ascii_only: bool, digits: int) -> None:
        self.trace = trace
        self.moments = moments(trace, digits=digits)
        prose = to_ascii if ascii_only else str
        self.write = Writer(AsciiPrinter if ascii_only else UnicodePrinter, trace, digits=digits, prose=prose)
        self.ascii_only = ascii_only
        self.resize(width, height)
        self.graph = Graph(trace, self.write, ascii_only=ascii_only)
        self.cells = [self._cells(moment) for moment in self.moments]

    def resize(self, width: int, height: int) -> None:
        """Draw for a terminal of this size from now on."""
        self.width, self.height = max(width, NARROWEST), max(height, SHORTEST)

    def __len__(self) -> int:
        return len(self.moments)

    @overload
    def __getitem__(self, n: int) -> Frame: ...
    @overload
    def __getitem__(self, n: slice) -> Sequence[Frame]: ...
    def __getitem__(self, n: int | slice) -> Frame | Sequence[Frame]:
        if isinstance(n, slice):
            return [self[k] for k in range(*n.indices(len(self)))]
        n = range(len(self))[n]
        return Frame(n + 1, len(self), self.moments[n], self.sentence(n), tuple(self._drawn(n)))

    def sentence(self, n: int) -> str:
        """The sentence of a moment, without signs that would steer a terminal."""
        return harmless(self.moments[n].written(self.write))

    def sign(self, unicode: str, in_ascii: str) -> str:
        """A sign as the terminal can show it."""
        return in_ascii if self.ascii_only else unicode

    # --- the picture ----------------------------------------------------------------------------------------
    def _drawn(self, n: int) -> list[TextLine]:
        moment = self.moments[n]
        says = list(TableLayout(self.width, "", "").wrapped(self.sentence(n), "sentence"))
        room = self.height - 2 - len(says)  # the caption and the keys stand around them
        airy = room >= 6
        room = max(room - 2 * airy, 1)
        says = says[: max(self.height - 3, 1)]
        blank: list[TextLine] = [[]] * airy
        return [self._caption(n), *blank, *self._body(n, moment, room), *blank, *says, self.keys()]

    def _caption(self, n: int) -> TextLine:
        dot = self.sign(" · ", " - ")
        where = f"step {n + 1} of {len(self)}{dot}{self.moments[n].phase}"
        whole = harmless(" ".join(self.trace.expression.split()))
        expression = dot + (to_ascii(whole) if self.ascii_only else whole)
        dots = self.sign("…", "...")
        where = cut(where, self.width, dots)
        return [(where, "title"), (cut(expression, self.width - text_cells(where), dots), "caption")]

    def keys(self, typed: str = "") -> TextLine:
        """The bottom line: the digits typed so far, or the keys."""
        if typed:
            return [(cut(f"step {typed}", self.width, ""), "keys")]
        fitting = (to_ascii(line).replace("*", "-") if self.ascii_only else line for line in KEYS)
        return [(next((line for line in fitting if text_cells(line) <= self.width), ""), "keys")]

    def _body(self, n: int, moment: Moment, room: int) -> list[TextLine]:
        sides = self._sides(n)
        widths = [max(map(line_width, self._aligned(side)), default=0) for side in sides]
        graph = self.graph.around(moment, self.width) if self.width >= ROOMY else []
        taken = sum(widths) + len(GAP) * (len(sides) - 1)
        if taken <= self.width:
            blocks = [self._window(self._aligned(side), marks(side), room) for side in sides]
            if graph and taken + len(GAP) + max(map(line_width, graph)) <= self.width:
                return _columns([*blocks, graph[:room]], [*widths, 0])
            body = _columns(blocks, widths)
        else:
            stacked = [row for side in sides for row in side]
            if max(map(line_width, self._aligned(stacked))) <= self.width:
                lines = self._aligned(stacked)
            else:
                lines = [self._narrow(row) for row in stacked]
            body = self._window(lines, marks(stacked), room)
        if graph and len(body) + len(graph) < room:
            body += [[], *graph]
        return body

    def _sides(self, n: int) -> list[list[_Row]]:
        """The primal rows so far, and the derivative rows of the phase so far."""
        here = self.moments[n]
        latest: dict[Ref, int] = {}
        for k, moment in enumerate(self.moments[: n + 1]):
            if moment.phase in ("primal", here.phase):
                latest[moment.ref] = k  # a row that grows keeps its place
        beside = here.contribution.step.ref if here.contribution else here.step.ref if here.step else None
        marked = {here.ref: self.sign("▶", ">")}
        if here.phase != "primal" and beside is not None:
            marked[beside] = self.sign("•", "*")
        sides: dict[str, list[_Row]] = {}
        for ref, k in latest.items():
            row = _Row(marked.get(ref, " "), self.cells[k], ref == here.ref)
            sides.setdefault(self.moments[k].phase, []).append(row)
        return list(sides.values())

    def _cells(self, moment: Moment) -> tuple[str, ...]:
        """Name, formula, numbers and value of a row, as far as they are known; repetitions are left out."""
        write, name = self.write, self.write.ref(moment.ref)
        if moment.formula is None:
            return tuple(map(harmless, (name, self.sign("✗", "x"), "", "")))
        formula, numbers = write.formula(moment.formula), write.numbers(moment.formula)
        value = write.number(moment.value)
        if not moment.complete:
            formula += self.sign(" + …", " + ...")
        parts = [formula if formula != value else "", numbers if numbers not in (formula, value) else ""]
        if not moment.complete:
            parts[1] = ""
        return tuple(map(harmless, (name, *(f"= {part}" if part else "" for part in (*parts, value)))))

    def _aligned(self, rows: Sequence[_Row]) -> list[TextLine]:
        widths = [max((text_cells(row.cells[k]) for row in rows), default=0) for k in range(4)]
        return [
            _line(row, [_padded(cell, width) for cell, width in zip(row.cells, widths, strict=True)]) for row in rows
        ]

    def _narrow(self, row: _Row) -> TextLine:
        """The fullest form of a row that fits: without the numbers, then without the formula, finally cut short."""
        name, formula, numbers, value = row.cells
        for cells in ([name, formula, numbers, value], [name, formula, value], [name, value]):
            line = _line(row, [cell for cell in cells if cell])
            if line_width(line) <= self.width:
                return line
        return [(cut("".join(text for text, _ in line), self.width, self.sign("…", "...")), line[0][1])]

    def _window(self, lines: list[TextLine], at: int, room: int) -> list[TextLine]:
        """As many lines as there is room for, with the current one among them."""
        if len(lines) <= room:
            return lines
        first = min(max(at - room // 2, 0), len(lines) - room)
        shown = lines[first : first + room]
        more: TextLine = [(self.sign("  ⋮", "  :"), "dim")]
        if room >= HANG:
            shown[0] = more if first and at != first else shown[0]
            shown[-1] = more if first + room < len(lines) and at != first + room - 1 else shown[-1]
        return shown


@dataclass(frozen=True)
class _Row:
    sign: str
    cells: tuple[str, ...]
    current: bool


def frames(trace: Trace, *, width: int = 80, height: int = 24, ascii_only: bool = False, digits: int = 3) -> Frames:
    """What is shown at each moment of a trace, on a terminal of this size.

    >>> from autodiff import trace
    >>> for line in str(frames(trace("x1*x2", at=(2, 5)), width=70, height=10)[5]).splitlines()[2:6]:
    ...     print(line.strip())
    v₋₁ = x₁               = 2        v̄₁  = ȳ               = 1
    v₀  = x₂               = 5      ▶ v̄₋₁ = v̄₁ × v₀ = 1 × 5 = 5
    • v₁  = v₋₁ × v₀ = 2 × 5 = 10
    y   = v₁               = 10
    """
    return Frames(trace, width=width, height=height, ascii_only=ascii_only, digits=digits)


def marks(rows: Sequence[_Row]) -> int:
    """Which row must be visible: the current one, or the one beside it."""
    current = (n for n, row in enumerate(rows) if row.current)
    return next(current, next((n for n, row in enumerate(rows) if row.sign != " "), len(rows) - 1))


def _line(row: _Row, cells: Sequence[str]) -> TextLine:
    return [(f"{row.sign} {' '.join(cells)}".rstrip(), "current" if row.current else "row")]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - text_cells(text))


def _columns(blocks: Sequence[list[TextLine]], widths: Sequence[int]) -> list[TextLine]:
    lines: list[TextLine] = []
    for k in range(max(map(len, blocks), default=0)):
        line: TextLine = []
        for block, width in zip(blocks, widths, strict=True):
            here = block[k] if k < len(block) else []
            line += [*here, (" " * (width - line_width(here)) + GAP, "")] if block is not blocks[-1] else here
        lines.append(line)
    return lines

"""The rows of a trace by their names, as tables print them: v₃, v[-1], v̄₀, adj v0, x1, or the name of a statement."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

from autodiff.errors import ArgumentError, UnknownNameError, did_you_mean
from autodiff.expression.expr import Num
from autodiff.expression.names import MARKS, Ref, ascii_ref, canonical, unicode_ref
from autodiff.tracing.rows import Derivative, Output, Step

if TYPE_CHECKING:
    from autodiff.tracing.trace import Trace

Row: TypeAlias = Step | Derivative | Output
Name: TypeAlias = Ref | str

FEW = 8  # names that an error lists
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₋−", "0123456789--")


class Names:
    """Every name of a trace, with the row that it belongs to."""

    def __init__(self, trace: Trace) -> None:
        self.rows: dict[Ref, Row] = {}
        self.refs: dict[str, Ref] = {}
        self.shown: list[Ref] = []  # the names that are printed
        for step in trace.steps:
            self._enter(step.ref, step)
        for step in trace.operations:
            if step.label:  # the name of a statement is another name of its row
                self._enter(Ref("primal", step.label), step, step.ref)
        for step in trace.inputs:
            self._enter(Ref("primal", str(step.label)), step)
        for output in trace.outputs:
            self._enter(Ref("primal", output.name), output)
        for row in trace.derivatives:
            self._enter(row.ref, row)
        for sweep in trace.sweeps:
            for name, weight in sweep.seed:  # no row computes it
                ref = sweep.direction.ref(name)
                self._enter(ref, Derivative(ref, None, Num(weight), weight))
            for step in trace.operations:
                if step.label and sweep.rows:
                    ref = sweep.direction.ref(step.ref)
                    self._enter(sweep.direction.ref(step.label), self.rows[ref], ref)

    def _enter(self, name: Ref, row: Row, ref: Ref | None = None) -> None:
        self.shown.append(name)
        self.rows.setdefault(ref or name, row)
        for text in (unicode_ref(name), ascii_ref(name)):
            self.refs.setdefault(_spelling(text), ref or name)

    def ref(self, name: Name) -> Ref:
        """The name as it stands in formulas. Raises UnknownNameError, with what may have been meant."""
        if not isinstance(name, (Ref, str)):
            raise ArgumentError(f"a row is looked up by its name, such as 'v1' or 'x', not by {name!r:.40}")
        found = name if isinstance(name, Ref) else self.refs.get(_spelling(name))
        if found is None or found not in self.rows:
            text = unicode_ref(name) if isinstance(name, Ref) else str(name)
            shown = list(dict.fromkeys(map(ascii_ref if text.isascii() else unicode_ref, self.shown)))
            first = f"its rows are {', '.join(shown[:FEW])}{', …' * (len(shown) > FEW)}"
            hint = did_you_mean(text, shown) or first
            raise UnknownNameError(f"there is no row '{text}' in this trace\n{hint}")
        return found

    def knows(self, name: object) -> bool:
        """Whether a row has this name."""
        return name in self.rows if isinstance(name, Ref) else isinstance(name, str) and _spelling(name) in self.refs

    def row(self, name: Name) -> Row:
        """The row of a name; for a seed, which no row computes, a row that holds its number."""
        return self.rows[self.ref(name)]


def _spelling(name: str) -> str:
    """One spelling for all those of a name.

    >>> {_spelling(name) for name in ("v₋₁", "v[-1]", " v_-1", "v−1")}, {_spelling(name) for name in ("adj  v_0", "v̄₀")}
    ({'v-1'}, {'adj v0'})
    """
    text = " ".join(unicodedata.normalize("NFD", name).translate(_DIGITS).split())
    for mark in MARKS.values():
        if mark.unicode in text:
            text = mark.ascii + text.replace(mark.unicode, "")
    return canonical(re.sub(r"\[(-?\d+)\]$|_(-\d+)$", r"\1\2", text))

"""The Trace: one run of a function and its derivative sweep, as a frozen value.

All media are pure functions of a Trace; they are known only by name, in `autodiff.media`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from autodiff import media
from autodiff.errors import DomainError, MissingPartError
from autodiff.expression.names import Ref
from autodiff.tracing.directions import FORWARD, MODES, REVERSE, Direction
from autodiff.tracing.rows import Derivative, Note, Output, RowText, Step, Sweep

if TYPE_CHECKING:
    from autodiff.tracing.lookup import Name, Names, Row
    from autodiff.tracing.recompute import Recomputed


@dataclass(frozen=True, eq=False)
class Trace:
    """A run with its derivative. Print it, or look at `value`, `gradient`, `tangent`, `jacobian`, `rows`.

    Two traces are equal when all that they say is equal, NaN included.

    >>> from autodiff import trace
    >>> t = trace("ln(x1)+x1*x2-sin(x2)", at=(2, 5), mode="reverse")
    >>> round(t.value, 3), {name: round(value, 3) for name, value in t.gradient.items()}
    (11.652, {'x1': 5.5, 'x2': 1.716})
    >>> t.rows[2].formula, t.rows[2].derivative.formula
    ('ln v₋₁', 'v̄₄ × 1')
    """

    expression: str
    letter: str  # the letter of the rows: v, or another if the user's names include v1
    variables: tuple[str, ...]
    steps: tuple[Step, ...]
    outputs: tuple[Output, ...]
    sweeps: tuple[Sweep, ...]  # in the order of its mode
    jacobian_rows: tuple[tuple[float, ...], ...] = ()
    notes: tuple[Note, ...] = ()
    failure: str = ""  # why the run stopped before its end, if it did

    def __eq__(self, other: object) -> bool:
        from autodiff.tracing.record import recorded

        return recorded(self) == recorded(other) if isinstance(other, Trace) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.expression, self.mode, self.variables, len(self.steps)))

    # --- results --------------------------------------------------------------------------------------------
    @property
    def value(self) -> float | tuple[float, ...]:
        """The value of the output; a tuple for several."""
        values = tuple(output.value for output in self.outputs)
        return values[0] if len(values) == 1 else values

    @property
    def point(self) -> dict[str, float]:
        """The values of the variables."""
        return {str(step.label): step.value for step in self.inputs}

    @property
    def gradient(self) -> dict[str, float]:
        """∂y/∂x for every variable x (reverse mode): the adjoints of the variables."""
        return self.result(REVERSE)

    @property
    def tangent(self) -> dict[str, float]:
        """The tangent of every output (forward mode)."""
        return self.result(FORWARD)

    def result(self, direction: Direction) -> dict[str, float]:
        """What the sweep in a direction found at its ends. Raises AutodiffError if there is none."""
        self._check_complete()
        its = self.sweeps[0].direction
        if direction not in (sweep.direction for sweep in self.sweeps):
            has = f"a {its.name} trace has a {its.result}, not a {direction.result}"
            raise MissingPartError(f"{has}: use mode='{direction.name}'")
        found = {row.ref.of: row.value for row in self.sweep(direction).rows}
        return {name: found[name] for name in direction.ends(self.variables, self.output_names)}

    @property
    def jacobian(self) -> dict[str, dict[str, float]]:
        """∂(output)/∂(variable) for every output and variable (mode "both")."""
        self._check_complete()
        if len(self.sweeps) == 1:
            raise MissingPartError(f"a {self.mode} trace has one direction only: use mode='both' for the Jacobian")
        rows = zip(self.outputs, self.jacobian_rows, strict=True)
        return {output.name: dict(zip(self.variables, row, strict=True)) for output, row in rows}

    def _check_complete(self) -> None:
        if self.failure:
            raise DomainError(f"the run stopped, so it has no derivatives: {self.failure}")

    # --- parts ----------------------------------------------------------------------------------------------
    @property
    def inputs(self) -> tuple[Step, ...]:
        """The rows of the independent variables."""
        return self.steps[: len(self.variables)]

    @property
    def operations(self) -> tuple[Step, ...]:
        """The rows of the elementary operations."""
        return self.steps[len(self.variables) :]

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the outputs."""
        return tuple(output.name for output in self.outputs)

    @property
    def mode(self) -> str:
        """What was asked for: "forward", "reverse" or "both"."""
        directions = tuple(sweep.direction for sweep in self.sweeps)
        return next(name for name, wanted in MODES.items() if wanted == directions)

    @property
    def swept(self) -> tuple[Sweep, ...]:
        """The sweeps that found something: none where the run stopped."""
        return tuple(sweep for sweep in self.sweeps if sweep.rows)

    @property
    def main(self) -> Sweep:
        """The sweep to show where there is room for only one: the last that found something."""
        return (self.swept or self.sweeps)[-1]

    def sweep(self, direction: Direction) -> Sweep:
        """The sweep in a direction; an empty one if there is none."""
        return next((sweep for sweep in self.sweeps if sweep.direction is direction), Sweep(direction))

    @property
    def derivatives(self) -> tuple[Derivative, ...]:
        """The rows of all sweeps."""
        return tuple(row for sweep in self.sweeps for row in sweep.rows)

    @property
    def tangents(self) -> tuple[Derivative, ...]:
        """The tangents of all rows, then of the outputs."""
        return self.sweep(FORWARD).rows

    @property
    def adjoints(self) -> tuple[Derivative, ...]:
        """The adjoints of all rows in the order of their completion, then of the variables."""
        return self.sweep(REVERSE).rows

    @property
    def seed(self) -> tuple[tuple[str, float], ...]:
        """The seeds of all sweeps."""
        return tuple(each for sweep in self.sweeps for each in sweep.seed)

    def values(self) -> dict[Any, Any]:
        """The value of every name and every symbol in the trace: what cells that show numbers put in."""
        known: dict[Any, Any] = {step.ref: step.value for step in self.steps}
        known |= {str(step.label): step.value for step in self.inputs}  # the symbol of a variable, in its formula
        known |= {Ref("primal", output.name): output.value for output in self.outputs}
        known |= {Ref("primal", str(step.label)): step.value for step in self.inputs}
        known |= {row.ref: row.value for row in self.derivatives}
        for sweep in self.sweeps:
            for name, value in sweep.seed:
                known.setdefault(sweep.direction.ref(name), value)
        return known

    # --- single rows ----------------------------------------------------------------------------------------
    @cached_property
    def names(self) -> Names:
        """The names of all rows, to look them up."""
        from autodiff.tracing.lookup import Names

        return Names(self)

    def __getitem__(self, name: Name) -> Row:
        """A row by its name: a Step, a Derivative (of a tangent or adjoint) or an Output.

        A name is written as tables print it (v₃, v̄₀), in ASCII (v3, v[-1], d v2, adj v0), or as the user wrote it:
        that of a variable, an output, a statement. Raises UnknownNameError for a name that the trace does not have.

        >>> from autodiff import trace
        >>> t = trace("ln(x1)+x1*x2-sin(x2)", at=(2, 5))
        >>> t["v[-1]"].label, t["x1"].value, round(t["adj v0"].value, 3)
        ('x1', 2.0, 1.716)
        """
        return self.names.row(name)

    def __contains__(self, name: object) -> bool:
        """Whether there is a row of that name."""
        return self.names.knows(name)

    __iter__ = None  # rows are found by name here, not by number

    def recompute(
        self, name: Name, values: Mapping[Name, Any] | None = None, *, off: float | Mapping[Name, float] | None = None
    ) -> Recomputed:
        """The row of that name, worked out again from other values of the names it reads; those not given stay.

        Names are those of `trace[name]`; a value that is given for x₁ counts for v₋₁ too, which only copies it. The
        result has the value, the names that were read with their values, the contributions of a derivative (factor,
        partial and product), and a `bound`: how far the value can be off, to first order, when what is read and what is
        worked out is rounded. Everything read is taken to be off by half an ulp, unless `off` says otherwise: a number
        for all the given values, or numbers by name. Raises UnknownNameError for an unknown name, BindingError or
        ShapeError for a value that cannot be that of its row, and DomainError where the operation has no value.

        >>> from autodiff import trace
        >>> t = trace("ln(x1)+x1*x2-sin(x2)", at=(2, 5))
        >>> again = t.recompute("adj v0", {"adj v3": -1, "adj v2": 0.5}, off=0.05)
        >>> round(again.value, 3), [part.value for part in again.contributions], round(again.bound, 3)
        (0.716, [-0.28366218546322625, 1.0], 0.114)
        """
        from autodiff.tracing.recompute import recompute

        return recompute(self, name, values or {}, off)

    # --- how it shows itself ----------------------------------------------------------------------------------
    @property
    def why(self) -> tuple[str, ...]:
        """One sentence for each step: why the row has its value, the adjoint its contributions.

        >>> from autodiff import trace
        >>> trace("x1*x2", at=(2, 5)).why[2]
        'v₁ multiplies v₋₁ and v₀: 2 × 5 = 10.'
        """
        from autodiff.tracing.why.moments import moments

        return tuple(moment.why for moment in moments(self))

    @property
    def rows(self) -> tuple[RowText, ...]:
        """Every row as text, with its derivative."""
        return tuple(media.view("rows", self))

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self, **options: Any) -> str:
        """The table as plain text; options are those of the command line: style, digits, ascii_only."""
        return _text(self, "table", options)

    def to_markdown(self, **options: Any) -> str:
        """The table as Markdown with LaTeX mathematics; options: style, digits."""
        return _text(self, "markdown", options)

    def to_latex(self, **options: Any) -> str:
        """A complete LaTeX document with the table; options: style, digits, source, figure (the graph, with TikZ)."""
        return _text(self, "latex", options)

    def to_json(self, **options: Any) -> str:
        """The trace as JSON; options: digits, ascii_only."""
        return _text(self, "json", options)

    def to_html(self, **options: Any) -> str:
        """The table as an accessible fragment of a page, with MathML; options: style, digits, source, rows, why."""
        return _text(self, "html", options)

    def to_csv(self, **options: Any) -> str:
        """The rows for a spreadsheet; option: digits."""
        return _text(self, "csv", options)

    def graph(self, **options: Any) -> str:
        """The computational graph as SVG; options: direction, notation ("nodes" or "blocks"), digits."""
        return _text(self, "svg", options)

    def to_tikz(self, **options: Any) -> str:
        """The computational graph as a tikzpicture for your LaTeX; options: direction, notation, digits."""
        return _text(self, "tikz", options)

    def to_dot(self, **options: Any) -> str:
        """The computational graph for Graphviz; options: direction, digits."""
        return _text(self, "dot", options)

    def to_png(self, **options: Any) -> bytes:
        """The computational graph as PNG, with the package resvg-py; options: those of graph, and scale."""
        made: bytes = media.export(self, "png", **options)
        return made

    def to_player(self, **options: Any) -> str:
        """A page in one file to step through the trace, predict and recompute; options: digits, title."""
        return _text(self, "player", options)

    def player(self, **options: Any) -> Any:
        """The same in a notebook, with the package anywidget; without it the table; options: digits, title."""
        return media.view("widget", self, **options)

    def to(self, format: str, **options: Any) -> str | bytes:  # noqa: A002  # it is the word for it
        """Any format: table, markdown, latex, html, player, json, csv, svg, tikz, dot, png; options are its own."""
        made: str | bytes = media.export(self, format, **options)
        return made

    @staticmethod
    def from_json(text: str) -> Trace:
        """The trace that `to_json` wrote. Raises TraceFileError, with the place, for anything else."""
        found: Trace = media.view("reader", text)
        return found

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle: dict[str, str] = media.view("trace", self)
        return bundle


def _text(trace: Trace, format: str, options: Mapping[str, Any]) -> str:  # noqa: A002
    made: str = media.export(trace, format, **options)
    return made

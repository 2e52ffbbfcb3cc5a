"""The Trace: one run of a function and its derivative sweep, as a frozen value.

All media are pure functions of a Trace; nothing here knows about terminals, LaTeX or pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autodiff.errors import AutodiffError
from autodiff.expression.expr import Expr
from autodiff.expression.names import Ref
from autodiff.tracing.source import Source

Value = Any  # of a row: a float, or a Block where the row is an array

DIRECTIONS = ("forward", "reverse")
MODES = (*DIRECTIONS, "both")


@dataclass(frozen=True)
class Step:
    """A primal row: an independent variable (no operation) or an elementary operation."""

    ref: Ref
    label: str | None  # the user's name of the variable, or the name a statement gave
    operation: Any  # an elementary or an array operation; None for an independent variable
    operands: tuple[Ref | Value, ...]
    formula: Expr
    value: Value
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)  # of an array operation
    source: Source | None = None  # the line of the program that made the row


@dataclass(frozen=True)
class Contribution:
    """One term of a derivative: factor × partial, the factor being a tangent or an adjoint."""

    rule: Ref  # v̄₃ ∂v₃/∂v₀, a "push" or a "pull"
    step: Step  # the row whose operation is differentiated,
    k: int  # with respect to this one of its operands
    factor: Value
    partial: Expr | None  # an array operation has none: it is pushed and pulled as a whole
    partial_value: Value | None
    formula: Expr
    value: Value


@dataclass(frozen=True)
class Derivative:
    """A tangent or adjoint row: the sum of its contributions, in the order in which they arrive.

    `rule` is None and there are no contributions where the row starts from a seed or copies another. `seed` is
    what an output adds to the adjoint of its row.
    """

    ref: Ref
    rule: Expr | None
    formula: Expr
    value: Value
    contributions: tuple[Contribution, ...] = ()
    seed: float = 0.0


@dataclass(frozen=True)
class Output:
    """A dependent variable: its name, and the row or constant that it is."""

    name: str
    operand: Ref | float
    value: float


@dataclass(frozen=True)
class Note:
    """A remark under a table: which row, and why."""

    ref: Ref
    text: str


class RowText(NamedTuple):
    """A row as text, the way tables print it."""

    name: str
    operation: str
    operands: tuple[str, ...]
    formula: str
    numbers: str
    value: Value
    derivative: DerivativeText | None
    source: Source | None = None


class DerivativeText(NamedTuple):
    """The derivative of a row as text."""

    name: str
    rule: str
    formula: str
    numbers: str
    value: Value


@dataclass(frozen=True, eq=False)
class Trace:
    """A run with its derivative. Print it, or look at `value`, `gradient`, `tangent`, `jacobian`, `rows`.

    Two traces are equal when they record the same, NaN included.

    >>> from autodiff import trace
    >>> t = trace("ln(x1)+x1*x2-sin(x2)", at=(2, 5), mode="reverse")
    >>> round(t.value, 3), {name: round(value, 3) for name, value in t.gradient.items()}
    (11.652, {'x1': 5.5, 'x2': 1.716})
    >>> t.rows[2].formula, t.rows[2].derivative.formula
    ('ln v₋₁', 'v̄₄ × 1')
    """

    expression: str
    mode: str
    letter: str  # the letter of the rows: v, or another if the user's names include v1
    variables: tuple[str, ...]
    steps: tuple[Step, ...]
    outputs: tuple[Output, ...]
    seed: tuple[tuple[str, float], ...]
    tangents: tuple[Derivative, ...] = ()
    adjoints: tuple[Derivative, ...] = ()
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
        self._check_complete()
        if self.mode == "forward":
            raise AutodiffError("a forward trace has a tangent, not a gradient: use mode='reverse'")
        found = {row.ref.of: row.value for row in self.adjoints}
        return {name: found[name] for name in self.variables}

    @property
    def tangent(self) -> dict[str, float]:
        """The tangent of every output (forward mode)."""
        self._check_complete()
        if self.mode == "reverse":
            raise AutodiffError("a reverse trace has a gradient, not a tangent: use mode='forward'")
        found = {row.ref.of: row.value for row in self.tangents}
        return {output.name: found[output.name] for output in self.outputs}

    @property
    def jacobian(self) -> dict[str, dict[str, float]]:
        """∂(output)/∂(variable) for all of both (mode "both")."""
        self._check_complete()
        if self.mode != "both":
            raise AutodiffError(f"a {self.mode} trace has one direction only: use mode='both' for the Jacobian")
        rows = zip(self.outputs, self.jacobian_rows, strict=True)
        return {output.name: dict(zip(self.variables, row, strict=True)) for output, row in rows}

    def _check_complete(self) -> None:
        if self.failure:
            raise AutodiffError(f"the run stopped, so it has no derivatives: {self.failure}")

    # --- parts ----------------------------------------------------------------------------------------------
    @property
    def inputs(self) -> tuple[Step, ...]:
        """The rows of the independent variables."""
        return self.steps[: len(self.variables)]

    @property
    def operations(self) -> tuple[Step, ...]:
        """The rows of the elementary operations."""
        return self.steps[len(self.variables) :]

    def values(self) -> dict[Ref, Any]:
        """The value of every name in the trace: what is put in where a cell shows numbers."""
        known: dict[Ref, Any] = {step.ref: step.value for step in self.steps}
        known |= {Ref("primal", output.name): output.value for output in self.outputs}
        known |= {Ref("primal", str(step.label)): step.value for step in self.inputs}
        known |= {row.ref: row.value for row in (*self.tangents, *self.adjoints)}
        for name, value in self.seed:
            known.setdefault(Ref("tangent" if name in self.variables else "adjoint", name), value)
        return known

    # --- texts ----------------------------------------------------------------------------------------------
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
        from autodiff.render.tables.rows import row_texts

        return tuple(row_texts(self))

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self, **options: Any) -> str:
        """The table as plain text; options are those of the command line: style, digits, ascii_only."""
        from autodiff.render.tables.terminal import to_text

        return to_text(self, **options)

    def to_markdown(self, **options: Any) -> str:
        """The table as Markdown with LaTeX mathematics; options: style, digits."""
        from autodiff.render.tables.markdown import to_markdown

        return to_markdown(self, **options)

    def to_latex(self, **options: Any) -> str:
        """A complete LaTeX document with the table; options: style, digits, source, figure (the graph, with TikZ)."""
        from autodiff.render.tables.latex import to_latex

        return to_latex(self, **options)

    def to_json(self, **options: Any) -> str:
        """The trace as JSON; options: digits, ascii_only."""
        from autodiff.render.json.to_json import to_json

        return to_json(self, **options)

    def to_html(self, **options: Any) -> str:
        """The table as an accessible fragment of a page, with MathML; options: style, digits, source, rows, why."""
        from autodiff.render.tables.html import to_html

        return to_html(self, **options)

    def to_csv(self, **options: Any) -> str:
        """The rows for a spreadsheet; option: digits."""
        from autodiff.render.tables.csv import to_csv

        return to_csv(self, **options)

    def graph(self, **options: Any) -> str:
        """The computational graph as SVG; options: direction, notation ("nodes" or "blocks"), digits."""
        from autodiff.render.graph.svg import to_svg

        return to_svg(self, **options)

    def to_tikz(self, **options: Any) -> str:
        """The computational graph as a tikzpicture for your LaTeX; options: direction, notation, digits."""
        from autodiff.render.graph.tikz import to_tikz

        return to_tikz(self, **options)

    def to_dot(self, **options: Any) -> str:
        """The computational graph for Graphviz; options: direction, digits."""
        from autodiff.render.graph.dot import to_dot

        return to_dot(self, **options)

    def to_png(self, **options: Any) -> bytes:
        """The computational graph as PNG, with the package resvg-py; options: those of graph, and scale."""
        from autodiff.render.graph.png import to_png

        return to_png(self, **options)

    def to_player(self, **options: Any) -> str:
        """A page in one file to step through the trace, predict and recompute; options: digits, title."""
        from autodiff.render.player.page import to_player

        return to_player(self, **options)

    def player(self, **options: Any) -> Any:
        """The same in a notebook, with the package anywidget, else the table; options: digits, title."""
        from autodiff.render.player.widget import player_widget

        return player_widget(self, **options)

    def to(self, format: str, **options: Any) -> str | bytes:  # noqa: A002  # it is the word for it
        """Any format: table, markdown, latex, html, player, json, csv, svg, tikz, dot, png; options are its own."""
        from autodiff.render.exports import export

        return export(self, format, **options)

    @staticmethod
    def from_json(text: str) -> Trace:
        """The trace that `to_json` wrote. Raises AutodiffError, with the place, for anything else."""
        from autodiff.render.json.from_json import from_json

        return from_json(text)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from autodiff.render.notebook import trace_bundle

        return trace_bundle(self)

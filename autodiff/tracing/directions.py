"""The directions in which derivatives run through the rows of a trace: all that differs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodiff.expression.names import Ref


@dataclass(frozen=True, eq=False)
class Direction:
    """A direction: tangents run forward from the inputs, adjoints backward from the outputs."""

    name: str  # "forward": in options, captions and files
    kind: str  # "tangent": of the names of its rows
    part: str  # "push": of the names of their contributions, each a factor times a partial
    backward: bool  # from the outputs to the inputs
    chain_rule: bool  # whether a table shows the chain rule, and × 1 in a formula
    title: str  # of its side of a table
    result: str  # what it finds
    column: str  # what one pass seeded with a single 1 gives, as a sentence under a table
    arrows: str  # how its values run through a graph

    def ref(self, of: Ref | str) -> Ref:
        """The name of its row that belongs to a primal row, a variable or an output.

        >>> REVERSE.ref(Ref("primal", 3)), FORWARD.ref("x1").kind
        (Ref(kind='adjoint', of=3, by=0, letter='v'), 'tangent')
        """
        return Ref(self.kind, of) if isinstance(of, str) else Ref(self.kind, of.of, 0, of.letter)

    def starts(self, variables: Sequence[str], outputs: Sequence[str]) -> Sequence[str]:
        """Where it starts, which is what its seed belongs to."""
        return outputs if self.backward else variables

    def ends(self, variables: Sequence[str], outputs: Sequence[str]) -> Sequence[str]:
        """Where it ends, with what it finds."""
        return variables if self.backward else outputs

    def __reduce__(self) -> str:
        return self.name.upper()  # a copy is the same object


FORWARD = Direction(
    name="forward",
    kind="tangent",
    part="push",
    backward=False,
    chain_rule=False,
    title="Tangent trace",
    result="tangent",
    column="One forward pass gives one column of the Jacobian.",
    arrows="Arrows run from the inputs to the outputs, as the tangents do",
)
REVERSE = Direction(
    name="reverse",
    kind="adjoint",
    part="pull",
    backward=True,
    chain_rule=True,
    title="Adjoint trace",
    result="gradient",
    column="One reverse pass gives one row of the Jacobian: all of these at once.",
    arrows="Arrows run from the outputs back to the inputs, as the adjoints do",
)
BOTH = (FORWARD, REVERSE)
DIRECTIONS = {direction.name: direction for direction in BOTH}
# What a trace can be asked for, and the sweeps that it then has, in order.
MODES = {FORWARD.name: (FORWARD,), REVERSE.name: (REVERSE,), "both": BOTH}

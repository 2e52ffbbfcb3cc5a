"""Whole Jacobians from one run: all columns pushed forward along its tape at once, or all rows pulled back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autodiff.errors import OptionError
from autodiff.modes.chain import push
from autodiff.modes.dual import Dual
from autodiff.modes.levels import Differentiation, under_way
from autodiff.modes.rows import INPUT, NOTHING, nought, parts
from autodiff.modes.tape import Tape, Var
from autodiff.operations.operands import shape

WIDEST = 512  # directions carried at once: more would not be faster, and would need more memory


class Direction(NamedTuple):
    """Which way a Jacobian is worked out, and why.

    >>> print(choose(2, 100, "auto"))
    forward: 2 inputs to push, 100 outputs to pull back
    """

    mode: str
    inputs: int
    outputs: int

    def __str__(self) -> str:
        return f"{self.mode}: {self.inputs} inputs to push, {self.outputs} outputs to pull back"


def choose(inputs: int, outputs: int, mode: str) -> Direction:
    """The cheaper direction. Pulling costs somewhat more than pushing, so forward mode wins a tie.

    Raises OptionError for an unknown mode.
    """
    if mode not in ("auto", "forward", "reverse"):
        raise OptionError(f"unknown mode {mode!r}: choose 'auto', 'forward' or 'reverse'")
    cheaper = "forward" if inputs <= outputs else "reverse"
    return Direction(cheaper if mode == "auto" else mode, inputs, outputs)


def size(x: Any) -> int:
    """How many entries a number or array has."""
    return math.prod(shape(x))


def blocks(tape: Tape, inputs: Sequence[Any], outputs: Sequence[Any], mode: str) -> list[list[Any]]:
    """∂(output)/∂(input) for every output and input, of shape (*output.shape, *input.shape).

    The inputs are the first rows of the tape, given by their values.
    """
    direction = choose(sum(map(size, inputs)), sum(map(size, outputs)), mode)
    if not tape.arrays and not any(map(shape, outputs)):
        scalars = _pushed_scalars if direction.mode == "forward" else _pulled_scalars
        return scalars(tape, len(inputs), outputs)
    wide = _pushed if direction.mode == "forward" else _pulled
    return wide(tape, inputs, outputs)


# --- numbers ----------------------------------------------------------------------------------------------------
def _row(tape: Tape, y: Any) -> int | None:
    """The row of an output, None for one that does not depend on the tape."""
    return y.row if type(y) is Var and y.tape is tape else None


def _pulled_scalars(tape: Tape, count: int, outputs: Sequence[Any]) -> list[list[Any]]:
    """One reverse sweep for each output."""
    found = []
    for y in outputs:
        row = _row(tape, y)
        adjoints = [] if row is None else tape.sweep({row: 1.0})[:count]
        adjoints += [NOTHING] * (count - len(adjoints))
        found.append([0.0 if adjoint is NOTHING else adjoint for adjoint in adjoints])
    return found


def _pushed_scalars(tape: Tape, count: int, outputs: Sequence[Any]) -> list[list[Any]]:
    """One sweep forward along the tape for each input."""
    columns = []
    for k in range(count):
        tangents = sweep_forward(tape, {k: 1.0})
        columns.append([0.0 if (row := _row(tape, y)) is None else _or_zero(tangents[row]) for y in outputs])
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in outputs]


def _or_zero(tangent: Any) -> Any:
    return 0.0 if tangent is None else tangent


def sweep_forward(tape: Tape, seeds: dict[int, Any], width: int = 0) -> list[Any]:
    """The tangents of all rows of a tape, first row to last; None for rows that no seeded row feeds."""
    tangents: list[Any] = []
    for n, row in enumerate(tape.rows):
        if row[0] == INPUT:
            tangents.append(seeds.get(n))
            continue
        operation, numbers, values, settings = parts(row)
        moving = [None if i < 0 else tangents[i] for i in numbers]
        still = all(tangent is None for tangent in moving)
        tangents.append(None if still else push(operation, row[1], values, moving, settings, width))
    return tangents


# --- arrays -----------------------------------------------------------------------------------------------------
def _chunks(total: int) -> Iterator[tuple[int, int]]:
    return ((start, min(start + WIDEST, total)) for start in range(0, total, WIDEST))


def _unit_seeds(values: Sequence[Any], start: int, stop: int) -> list[Any]:
    """The unit directions start … stop of all values together: for each value an array of its shape and precision, with
    one more axis at the end.
    """
    import numpy as np

    seeds, first = [], 0
    for x in values:
        count = size(x)
        seed = np.zeros((count, stop - start), getattr(x, "dtype", float))
        numbers = np.arange(max(start, first), min(stop, first + count))
        seed[numbers - first, numbers - start] = 1
        seeds.append(seed.reshape(*shape(x), stop - start))
        first += count
    return seeds


def _pushed(tape: Tape, inputs: Sequence[Any], outputs: Sequence[Any]) -> list[list[Any]]:
    """The columns: many tangents along one more axis at the end."""
    import numpy as np

    from autodiff.operations import arrays

    shapes = [shape(x) for x in inputs]
    sizes = list(map(math.prod, shapes))
    pieces: list[list[Any]] = [[] for _ in outputs]
    for start, stop in _chunks(sum(sizes)):
        seeds = _unit_seeds(inputs, start, stop)
        with np.errstate(all="ignore"):
            tangents = sweep_forward(tape, dict(enumerate(seeds)), stop - start)
        for y, piece in zip(outputs, pieces, strict=True):
            row = _row(tape, y)
            tangent = None if row is None else tangents[row]
            piece.append(np.zeros((*shape(y), stop - start)) if tangent is None else tangent)
    found = []
    for y, piece in zip(outputs, pieces, strict=True):
        axis = len(shape(y))
        whole = _joined(piece, axis) if piece else np.zeros((*shape(y), 0))
        parts, first = [], 0
        for its, count in zip(shapes, sizes, strict=True):
            part = arrays.getitem(whole, index=(*(slice(None),) * axis, slice(first, first + count)))
            parts.append(arrays.reshape(part, shape=(*shape(y), *its)))
            first += count
        found.append(parts)
    return found


def _pulled(tape: Tape, inputs: Sequence[Any], outputs: Sequence[Any]) -> list[list[Any]]:
    """The rows. Pulling is linear in the adjoint: a Dual whose tangents are all the seeds is pulled back, and its
    tangents are all the rows.
    """
    import numpy as np

    from autodiff.operations import arrays

    shapes = [shape(y) for y in outputs]
    sizes = list(map(math.prod, shapes))
    pieces: list[list[Any]] = [[] for _ in inputs]
    for start, stop in _chunks(sum(sizes)):
        seeds: dict[int, Any] = {}
        run = Differentiation()
        for y, seed in zip(outputs, _unit_seeds(outputs, start, stop), strict=True):
            row = _row(tape, y)
            if row is not None:
                many = Dual(nought(y), seed, level=run.level, width=stop - start)
                seeds[row] = many if row not in seeds else seeds[row] + many
        with under_way(run):
            adjoints = tape.sweep(seeds, keep=len(inputs)) if seeds else []
        for n, (x, piece) in enumerate(zip(inputs, pieces, strict=True)):
            adjoint: Any = adjoints[n] if n < len(adjoints) else NOTHING
            still = not (type(adjoint) is Dual and adjoint.level == run.level)
            piece.append(np.zeros((*shape(x), stop - start)) if still else adjoint.tangent)
    found: list[list[Any]] = [[] for _ in outputs]
    for x, piece in zip(inputs, pieces, strict=True):
        axis = len(shape(x))
        whole = _joined(piece, axis) if piece else np.zeros((*shape(x), 0))
        whole = arrays.transpose(whole, axes=(axis, *range(axis)))
        first = 0
        for row_blocks, its, count in zip(found, shapes, sizes, strict=True):
            part = arrays.getitem(whole, index=(slice(first, first + count),))
            row_blocks.append(arrays.reshape(part, shape=(*its, *shape(x))))
            first += count
    return found


def _joined(piece: list[Any], axis: int) -> Any:
    if len(piece) == 1:
        return piece[0]
    import numpy as np

    return np.concatenate(piece, axis=axis)

"""Reverse mode: a tape (Wengert list) of rows, and Var, a pointer to a row with the arithmetic of a number.

Row n refers only to earlier rows, so the order of recording is a topological order and the reverse sweep is
a loop. `rows` says what a row holds.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from autodiff import media
from autodiff.errors import ArgumentError, OutOfRangeError, TapeError
from autodiff.modes.array_methods import lost
from autodiff.modes.dual import as_tangent
from autodiff.modes.levels import active, new_level
from autodiff.modes.lifted import LiftedNumber, as_primal
from autodiff.modes.rows import CONSTANT, INPUT, NO_SETTINGS, NOTHING, Recorded, Row, Settings, nought, unpacked
from autodiff.modes.sweep import sweep
from autodiff.operations.operands import ARRAYS, PLAIN, plain
from autodiff.operations.rule import Operation


class Tape:
    """A list of the elementary operations of one run.

    >>> with Tape() as tape:
    ...     x = Var(3.0)
    >>> y = x * x + 2 * x
    >>> y.backward()
    >>> x.adjoint
    8.0
    >>> len(tape), tape[1]
    (4, Recorded(operation=<operation mul>, operands=(0, 0), value=9.0, settings={}))
    """

    __slots__ = ("__weakref__", "adjoints", "arrays", "enclosing", "level", "rows")

    def __init__(self, *, anywhere: bool = False) -> None:
        self.rows: list[Row] = []
        self.adjoints: list[Any] | None = None
        self.arrays = False  # whether any row holds an array; then adjoints are arrays, with a sweep of their own
        self.level = new_level()
        # The tapes whose Vars may appear here as constants; None for the tapes of grad and its kin, which
        # accept any Var that a function closes over.
        self.enclosing: list[Any] | None = None if anywhere else list(active.stack)

    def __enter__(self) -> Tape:
        active.stack.append(self)
        if not self.rows:  # a tape that is still empty takes its place among the open ones now
            self.level = new_level()
            self.enclosing = None if self.enclosing is None else active.stack[:-1]
        return self

    def __exit__(self, *_: object) -> None:
        active.stack.remove(self)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, n: int) -> Recorded:
        try:
            return unpacked(self.rows[operator.index(n)])
        except IndexError:
            raise OutOfRangeError(f"the tape has {len(self)} rows, numbered from 0: there is no row {n}") from None
        except TypeError:
            raise ArgumentError(f"tape[…] takes the number of a row, not {n!r:.40}") from None

    def __repr__(self) -> str:
        return f"<Tape with {len(self)} row{'s' * (len(self) != 1)}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle: dict[str, str] = media.view("tape", self)
        return bundle

    def var(self, value: Any) -> Var:
        """A new independent variable on this tape."""
        return self.independent(as_primal(value, "a Var"))

    def independent(self, primal: Any) -> Var:
        """A new independent variable whose value has been checked already."""
        if type(primal) is not float and (type(primal) in ARRAYS or hasattr(plain(primal), "dtype")):
            self.arrays = True
        return self.record((INPUT, primal))

    def record(self, row: Row) -> Var:
        """Append a row and return the Var that points to it."""
        var = _blank(Var)
        var.tape, var.row, var.primal = self, len(self.rows), row[1]
        self.rows.append(row)
        return var

    def sweep(self, seeds: Mapping[int, Any], *, keep: int | None = None) -> list[Any]:
        """The adjoints of the rows up to the last seeded one, starting from the adjoints in `seeds`.

        Rows that no seeded row depends on have the adjoint NOTHING, which is 0. With `keep`, only the adjoints of the
        rows before row `keep` are wanted, and other arrays are let go on the way.
        """
        if self.arrays:
            from autodiff.modes.array_sweep import sweep_arrays

            return sweep_arrays(self.rows, seeds, keep)
        return sweep(self.rows, seeds)


class Var(LiftedNumber):
    """A variable on a tape.

    `Var(2.0)` needs an open tape (`with Tape():`) or `tape=`. After `y.backward()`, `x.adjoint` (or `x.grad`)
    is ∂y/∂x; every backward pass starts afresh, so there is nothing to zero.
    Raises TapeError with no tape open, or when Vars of unrelated tapes meet.

    >>> from autodiff import sin
    >>> with Tape():
    ...     x, y = Var(2.0), Var(5.0)
    >>> z = x * y - sin(y)
    >>> z.backward()
    >>> x.grad, round(y.grad, 3)
    (5.0, 1.716)
    """

    __slots__ = ("primal", "row", "tape")

    def __init__(self, value: Any, *, tape: Tape | None = None) -> None:
        if tape is None:
            tape = next((held for held in reversed(active.stack) if isinstance(held, Tape)), None)
        if tape is None:
            raise TapeError("a Var needs a tape to be recorded on: write 'with Tape(): x = Var(2.0)', or tape.var(2.0)")
        if not isinstance(tape, Tape):
            raise ArgumentError(f"a Var is recorded on a Tape, not on {type(tape).__name__}: {tape!r:.40}")
        self.tape: Tape = tape
        self.primal: Any = as_primal(value, "a Var")
        self.row: int = len(tape.rows)
        if hasattr(plain(self.primal), "dtype"):
            tape.arrays = True
        tape.rows.append((INPUT, self.primal))

    @property
    def level(self) -> int:  # type: ignore[override]  # one level for all Vars of a tape
        """The level of its tape."""
        return self.tape.level

    def apply(self, operation: Any, operands: tuple[Any, ...], settings: Settings = NO_SETTINGS) -> Var:
        """Record the operation; operands that are not on this tape are constants."""
        tape = self.tape
        row: list[Any] = [operation.code, None]
        for operand in operands:
            if type(operand) is Var:
                if operand.tape is tape:
                    row += operand.row, operand.primal
                    continue
                _refuse_stranger(tape, operand.tape)
            row += CONSTANT, operand
        if type(operation) is Operation:
            z = row[1] = operation(*row[3::2])
            if type(z) is not float and hasattr(plain(z), "dtype"):
                tape.arrays = True
        else:
            row[1] = operation(*row[3::2], **settings)
            row.append(settings)
            tape.arrays = True
        return tape.record(tuple(row))

    def __copy__(self) -> Var:
        return self

    def __deepcopy__(self, memo: Any) -> Var:
        return self  # a copy would be on a tape of its own, and its derivative would be lost

    def __reduce__(self) -> Any:
        raise lost(self, "record outside its tape")

    def backward(self, seed: Any = 1.0) -> None:
        """Sweep the tape from this row back, with `seed` as this row's adjoint; sets `.adjoint` everywhere.

        Raises TapeError inside grad and its kin, whose tapes are not for sweeping by hand.
        """
        if self.tape.enclosing is None:
            raise TapeError(
                "this Var belongs to the grad under way, and its adjoints would be plain numbers there: "
                "call grad or derivative inside the function instead of backward()"
            )
        if self.shape and type(seed) in PLAIN and self.size != 1:
            raise TapeError(f"backward() needs a seed of shape {self.shape}: the result is an array, not a number")
        seed = as_tangent(seed, self.primal)
        self.tape.adjoints = self.tape.sweep({self.row: seed})

    @property
    def adjoint(self) -> Any:
        """∂y/∂self for the y whose backward() ran last on this tape; 0.0 if y does not depend on it."""
        if self.tape.adjoints is None:
            raise TapeError("no adjoints yet: call y.backward() on the result first")
        adjoints = self.tape.adjoints
        if self.row < len(adjoints) and adjoints[self.row] is not NOTHING:
            return adjoints[self.row]
        return nought(self.primal)

    @property
    def grad(self) -> Any:
        """The adjoint, under the name that PyTorch gives it."""
        return self.adjoint

    def __repr__(self) -> str:
        plainly = isinstance(self.primal, LiftedNumber) or self.shape
        return f"Var({repr(self.primal) if plainly else f'{self.primal:.12g}'}, row {self.row})"


_blank: Callable[[type[Var]], Var] = object.__new__  # a Var whose slots are filled directly, without __init__


def _refuse_stranger(tape: Tape, other: Tape) -> None:
    if tape.enclosing is not None and other not in tape.enclosing:
        raise TapeError(
            "these Vars live on two different tapes: record both on one tape, or open the second tape "
            "inside the first ('with Tape() as outer: with Tape() as inner: …') to nest them"
        )

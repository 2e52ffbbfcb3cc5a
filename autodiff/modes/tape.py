"""Reverse mode: a tape (Wengert list) of rows, and Var, a pointer to a row with the arithmetic of a number.

Row n refers only to earlier rows, so the order of recording is a topological order and the reverse sweep is
a loop. A row is plain data:

    (code, value)                       an independent variable; code is −1
    (code, value, i, x)                 operation TABLE[code] of row i, whose value was x
    (code, value, i, x, j, y)           the same of rows i and j; a constant operand has row −1
    (code, value, i, x, …, settings)    operation ARRAY_TABLE[code] of one or more rows: an odd number of entries

Codes are whole numbers and not Operation objects because the garbage collector then drops the rows from its lists:
that keeps the cost of a row the same from the first to the millionth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from autodiff.errors import DomainError, TapeError
from autodiff.modes.array_methods import lost, plain
from autodiff.modes.dual import as_tangent
from autodiff.modes.lifted import KNOWN_UFUNCS, OPERATORS, LiftedNumber, active, as_primal, new_level
from autodiff.modes.partials import NO_SETTINGS, Settings, partial
from autodiff.operations import elementary as table
from autodiff.operations.rule import ARRAYS, FIRST, LAST, PLAIN, TABLE, Operation

INPUT = -1  # the code of an independent variable
CONSTANT = -1  # the row number of an operand that is not a row
# The adjoint of a row that the result does not depend on. Such rows are passed over: 0 times an infinite slope would
# be NaN. An int, because adjoints are floats (or lifted), so that it is told apart by identity.
NOTHING = 0


class Recorded(NamedTuple):
    """A row of a tape, unpacked: operands are row numbers (int) or constants (never an int)."""

    operation: Any
    operands: tuple[Any, ...]
    value: Any
    settings: Settings = NO_SETTINGS


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
        self.rows: list[tuple[Any, ...]] = []
        self.adjoints: list[Any] | None = None
        self.arrays = False  # whether any row holds an array; then adjoints are arrays, and the sweep is another
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
        row = self.rows[n]
        if row[0] == INPUT:
            return Recorded(None, (), row[1])
        operation, numbers, values, settings = parts(row)
        pairs = zip(numbers, values, strict=True)
        operands = tuple(i if i != CONSTANT else float(x) if type(x) is int else x for i, x in pairs)
        return Recorded(operation, operands, row[1], settings)

    def __repr__(self) -> str:
        return f"<Tape with {len(self)} row{'s' * (len(self) != 1)}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from autodiff.render.notebook import tape_bundle

        return tape_bundle(self)

    def var(self, value: Any) -> Var:
        """A new independent variable on this tape."""
        return self.independent(float(value) if type(value) in PLAIN else as_primal(value, "a Var"))

    def independent(self, primal: Any) -> Var:
        """A new independent variable whose value is known to be fit for one."""
        if type(primal) is not float and (type(primal) in ARRAYS or hasattr(plain(primal), "dtype")):
            self.arrays = True
        return self.record((INPUT, primal))

    def record(self, row: tuple[Any, ...]) -> Var:
        """Append a row and return the Var that points to it."""
        var = _blank(Var)
        var.tape, var.row, var.primal = self, len(self.rows), row[1]
        self.rows.append(row)
        return var

    def sweep(self, seeds: Mapping[int, Any], *, keep: int | None = None) -> list[Any]:
        """The adjoints of the rows up to the last seeded one, from the adjoints that `seeds` starts with: one loop.

        Rows that no seeded row depends on have the adjoint NOTHING, which is 0. `keep` says that only the adjoints of
        the rows below it are wanted: arrays above are let go on the way.

        adjoint(i) = Σ adjoint(n) · ∂vₙ/∂vᵢ over the rows n that use row i (Griewank & Walther 2008, Table 3.5).
        """
        if self.arrays:
            from autodiff.modes.array_sweep import sweep_arrays

            return sweep_arrays(self.rows, seeds, keep)
        last = max(seeds)
        adjoints: list[Any] = [NOTHING] * (last + 1)
        for n, seed in seeds.items():
            adjoints[n] = seed
        nothing, left, right = NOTHING, FIRST, LAST
        n = last
        for row in reversed(self.rows[: last + 1] if last + 1 < len(self.rows) else self.rows):
            adjoint = adjoints[n]
            n -= 1
            if adjoint is nothing:
                continue
            try:
                if len(row) == 6:
                    code, z, i, x, j, y = row
                    if i >= 0:
                        p = left[code](z, x, y)
                        if j >= 0:
                            q = right[code](z, x, y)
                            adjoints[i] += adjoint * p
                            adjoints[j] += adjoint * q
                        else:
                            adjoints[i] += adjoint * p
                    else:
                        adjoints[j] += adjoint * right[code](z, x, y)
                elif len(row) == 4:
                    code, z, i, x = row
                    adjoints[i] += adjoint * left[code](z, x)
            except (ArithmeticError, DomainError):  # a singular point: nothing was added for this row yet
                self._pull_singular(row, adjoint, adjoints)
        return adjoints

    @staticmethod
    def _pull_singular(row: tuple[Any, ...], adjoint: Any, adjoints: list[Any]) -> None:
        operation, z, operands = TABLE[row[0]], row[1], row[3::2]
        for k, i in enumerate(row[2::2]):
            if i != CONSTANT:
                adjoints[i] += adjoint * partial(operation, k, z, operands)


def parts(row: tuple[Any, ...]) -> tuple[Any, tuple[int, ...], tuple[Any, ...], Settings]:
    """The operation of a row, the row numbers of its operands, their values, and the settings."""
    if len(row) % 2:
        from autodiff.operations.array_rule import ARRAY_TABLE

        return ARRAY_TABLE[row[0]], row[2:-1:2], row[3::2], row[-1]
    return TABLE[row[0]], row[2::2], row[3::2], NO_SETTINGS


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

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """np.tanh(x), A @ x and the like; between arrays on one tape, numpy's own function gives the value."""
        operation = KNOWN_UFUNCS.get(ufunc)
        if operation is None or method != "__call__" or options:
            return LiftedNumber.__array_ufunc__(self, ufunc, method, *inputs, **options)
        tape = self.tape
        row: list[Any] = [operation.code, None]
        for x in inputs:
            if type(x) is Var and x.tape is tape:
                value = x.primal
                row += x.row, value
            else:
                value = x
                row += CONSTANT, x
            if type(value) not in ARRAYS or value.dtype.kind != "f" or not value.ndim:
                return LiftedNumber.__array_ufunc__(self, ufunc, method, *inputs, **options)
        values = row[3::2]
        if type(operation) is Operation:
            row[1] = ufunc(*values)
        else:
            row[1] = operation.function(*values)
            row.append(NO_SETTINGS)
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
        if self.tape.arrays:
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


def nought(primal: Any) -> Any:
    """The adjoint of what nothing depends on: 0, in the shape and precision of the primal."""
    value = plain(primal)
    if not hasattr(value, "dtype"):
        return 0.0
    import numpy as np

    return np.zeros_like(value)[()]


_blank: Callable[[type[Var]], Var] = object.__new__  # a Var whose slots are filled at once, past __init__


def _refuse_stranger(tape: Tape, other: Tape) -> None:
    if tape.enclosing is not None and other not in tape.enclosing:
        raise TapeError(
            "these Vars live on two different tapes: record both on one tape, or open the second tape "
            "inside the first ('with Tape() as outer: with Tape() as inner: …') to nest them"
        )


def _recorder(operation: Operation, *, reflected: bool) -> Callable[[Var, Any], Any]:
    """An operator of Var that records the everyday cases without any dispatch: same tape, or a plain number."""
    function, code, blank, kind = operation.function, operation.code, _blank, Var
    scalars_only = operation is table.power  # math.pow would make a number of an array of length 1

    def method(self: Var, other: Any) -> Any:
        tape, x = self.tape, self.primal
        if scalars_only and type(x) is not float:
            if type(x) in ARRAYS and type(other) in PLAIN:
                return tape.record((code, x**other, self.row, x, CONSTANT, other))
            return general(self, other)
        try:
            if type(other) is kind and other.tape is tape:
                y = other.primal
                row = (code, function(x, y), self.row, x, other.row, y)
            elif type(other) in PLAIN:
                row = (code, function(x, other), self.row, x, CONSTANT, other)
            elif type(other) in ARRAYS and other.ndim and other.dtype.kind in "fiub":
                row = (code, function(x, other), self.row, x, CONSTANT, other)
                tape.arrays = True
            else:
                return general(self, other)
        except (ValueError, ArithmeticError, TypeError):  # outside the domain, overflow, a lifted primal
            return general(self, other)
        rows = tape.rows
        var = blank(kind)
        var.tape, var.row, var.primal = tape, len(rows), row[1]
        rows.append(row)
        return var

    def reflected_method(self: Var, other: Any) -> Any:
        tape, y = self.tape, self.primal
        if type(other) not in PLAIN or (scalars_only and type(y) is not float):
            return general(self, other)
        try:
            row = (code, function(other, y), CONSTANT, other, self.row, y)
        except (ValueError, ArithmeticError, TypeError):
            return general(self, other)
        rows = tape.rows
        var = blank(kind)
        var.tape, var.row, var.primal = tape, len(rows), row[1]
        rows.append(row)
        return var

    general = getattr(LiftedNumber, f"__{'r' * reflected}{_DUNDER[code]}__")
    return reflected_method if reflected else method


_DUNDER = {operation.code: name for name, operation in OPERATORS.items()}
for _name, _operation in OPERATORS.items():
    setattr(Var, f"__{_name}__", _recorder(_operation, reflected=False))
    setattr(Var, f"__r{_name}__", _recorder(_operation, reflected=True))

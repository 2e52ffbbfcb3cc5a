"""The operators of Var without any dispatch, for speed: they record what `Var.apply` would record.

Only the everyday cases are here, where nothing has to be looked up: the other operand is on the same tape, or is a
plain number, or a numpy array. Everything else goes through the call of the operation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.arrays.names import KNOWN_UFUNCS
from autodiff.modes.lifted import OPERATORS, LiftedNumber
from autodiff.modes.rows import CONSTANT, NO_SETTINGS
from autodiff.modes.tape import Var
from autodiff.operations.elementary import power
from autodiff.operations.operands import ARRAYS, PLAIN
from autodiff.operations.rule import Operation

Operator = Callable[[Var, Any], Any]
_blank: Callable[[type[Var]], Var] = object.__new__  # a Var whose slots are filled directly, without __init__
# Outside the domain, an overflow, a primal that is itself a Var: the call of the operation knows what to do.
_NOT_EVERYDAY = (ValueError, ArithmeticError, TypeError)


def recorder(operation: Operation, general: Operator) -> Operator:
    """Var ∘ other, where other is a Var of the same tape or a plain number."""
    function, code, blank, kind = operation.function, operation.code, _blank, Var

    def record(self: Var, other: Any) -> Any:
        tape, x = self.tape, self.primal
        if type(other) is kind and other.tape is tape:
            j, y = other.row, other.primal
        elif type(other) in PLAIN:
            j, y = CONSTANT, other
        else:
            return general(self, other)
        try:
            z = function(x, y)
        except _NOT_EVERYDAY:
            return general(self, other)
        rows = tape.rows
        var = blank(kind)
        var.tape, var.row, var.primal = tape, len(rows), z
        rows.append((code, z, self.row, x, j, y))
        return var

    return record


def reflected_recorder(operation: Operation, general: Operator) -> Operator:
    """Number ∘ var."""
    function, code, blank, kind = operation.function, operation.code, _blank, Var

    def record(self: Var, other: Any) -> Any:
        if type(other) not in PLAIN:
            return general(self, other)
        tape, y = self.tape, self.primal
        try:
            z = function(other, y)
        except _NOT_EVERYDAY:
            return general(self, other)
        rows = tape.rows
        var = blank(kind)
        var.tape, var.row, var.primal = tape, len(rows), z
        rows.append((code, z, CONSTANT, other, self.row, y))
        return var

    return record


def _of_numbers(record: Operator, general: Operator) -> Operator:
    """A recorder for numbers only: math.pow would turn an array of one entry into a number."""

    def guarded(self: Var, other: Any) -> Any:
        is_number = type(self.primal) is float and type(getattr(other, "primal", other)) in PLAIN
        return record(self, other) if is_number else general(self, other)

    return guarded


def _beside_array(operation: Operation, general: Operator) -> Operator:
    """Var ∘ array, by numpy's arithmetic without numpy's protocols; also Var ** number where the Var holds an array."""
    function, code = operation.vector, operation.code
    assert callable(function)

    def record(self: Var, other: Any) -> Any:
        x, kind = self.primal, type(other)
        everyday = kind in ARRAYS and other.ndim and other.dtype.kind in "fiub"
        if (everyday and operation is not power) or (kind in PLAIN and type(x) in ARRAYS):
            try:
                z = function(x, other)
            except _NOT_EVERYDAY:
                return general(self, other)
            self.tape.arrays = True
            return self.tape.record((code, z, self.row, x, CONSTANT, other))
        return general(self, other)

    return record


for _name, _operation in OPERATORS.items():
    _general, _reflected = getattr(LiftedNumber, f"__{_name}__"), getattr(LiftedNumber, f"__r{_name}__")
    _record = recorder(_operation, _beside_array(_operation, _general))
    _record_reflected = reflected_recorder(_operation, _reflected)
    if _operation is power:
        _record = _of_numbers(_record, _beside_array(_operation, _general))
        _record_reflected = _of_numbers(_record_reflected, _reflected)
    setattr(Var, f"__{_name}__", _record)
    setattr(Var, f"__r{_name}__", _record_reflected)


def call_between_arrays(self: Var, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """np.tanh(x), A @ x and the like: between arrays on one tape, numpy's own function gives the value."""
    operation = KNOWN_UFUNCS.get(ufunc)
    if operation is None or method != "__call__" or options:
        return LiftedNumber.__array_ufunc__(self, ufunc, method, *inputs, **options)
    tape = self.tape
    row: list[Any] = [operation.code, None]
    for x in inputs:
        i, value = (x.row, x.primal) if type(x) is Var and x.tape is tape else (CONSTANT, x)
        row += i, value
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


Var.__array_ufunc__ = call_between_arrays  # type: ignore[assignment,method-assign]  # `self` is narrower

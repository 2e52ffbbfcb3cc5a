"""Reading names, constants, formulas and operations of a recorded trace: the counterpart of record.py.

What is read is data: only the names of operations are looked up, and no operation is run.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

from autodiff.errors import did_you_mean
from autodiff.expression.array_calls import Applied
from autodiff.expression.blocks import Block
from autodiff.expression.expr import Call, Expr, Num, Symbol
from autodiff.expression.names import MARKS, Ref
from autodiff.operations.constant import Constant
from autodiff.operations.rule import BY_NAME, Operation
from autodiff.render.json.decoding import (
    Wrong,
    array,
    each,
    expected,
    field,
    fields,
    inside,
    letter,
    real,
    setting,
    word,
)
from autodiff.tracing.record import PAIRS

ONE_ROW = ("primal", *MARKS)  # the kinds of names of one row
KINDS = (*ONE_ROW, *PAIRS)


# --- numbers -------------------------------------------------------------------------------------------------
def number(value: Any) -> Any:
    """A number as it was written, a Constant or an array."""
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int:
        real(value)
        return value
    if isinstance(value, dict):
        return Block(array(value)) if "entries" in value else constant(value)
    return real(value)


def constant(value: Any) -> Constant:
    """A number that remembers how it was written."""
    found = fields(value, ("constant", "value"))
    amount, written = field(found, "value", real), found["constant"]
    if isinstance(written, str):
        if written not in ("π", "e"):
            raise expected("π or e", written).at(".constant")
        return Constant(amount, written)
    if isinstance(written, list):
        operation, operands = inside(".constant", _operation_on_numbers, written)
        return Constant(amount, (operation, operands))
    return inside(".constant", _chain_of_numbers, written)


def _operation_on_numbers(value: Any, first: tuple[float, ...] = ()) -> tuple[Operation, tuple[float, ...]]:
    if not isinstance(value, list) or not value:
        raise expected("an operation with its operands", value)
    operands = (*first, *each(_operand_of_constant)(value[1:]))
    return _elementary(value[0], len(operands)), operands


def _operand_of_constant(value: Any) -> float:
    found = number(value)
    if isinstance(found, Block):
        raise expected("a number", value)
    return float(found) if type(found) is int else found


def _chain_of_numbers(value: Any) -> Constant:
    found = fields(value, ("first", "then"))
    here = field(found, "first", _operand_of_constant)

    def link(part: Any) -> None:
        nonlocal here
        if not isinstance(part, list) or len(part) < 2:
            raise expected("an operation, its operands and its value", part)
        here = Constant(real(part[-1]), _operation_on_numbers(part[:-1], (here,)))

    field(found, "then", each(link))
    if type(here) is not Constant:
        raise Wrong("a chain needs a link")
    return here


# --- names and formulas ---------------------------------------------------------------------------------------
def name(value: Any) -> Ref:
    """A name in a trace."""
    if not isinstance(value, dict):
        raise expected('a name such as {"primal": 3}', value)
    if len(value) == 1:  # the everyday case, quickly
        [(kind, of)] = value.items()
        if type(of) is int and kind in ONE_ROW:
            return Ref(kind, of)
    kinds = [key for key in value if key in KINDS]
    if len(kinds) != 1:
        raise expected(f"an object with one of {', '.join(KINDS)}", value)
    [kind] = kinds
    fields(value, (kind,), ("letter",))
    written = field(value, "letter", letter) if "letter" in value else "v"
    if kind not in PAIRS:
        return Ref(kind, field(value, kind, _row), 0, written)
    rows = field(value, kind, each(_row))
    if len(rows) != 2:
        raise expected("two rows", value[kind]).at(f".{kind}")
    return Ref(kind, *rows, written)


def _row(value: Any) -> int | str:
    return value if type(value) is int else word(value)


def row(kind: str) -> Callable[[Any], Ref]:
    """A reader of names of one kind."""

    def read(value: Any) -> Ref:
        found = name(value)
        if found.kind != kind:
            raise Wrong(f"expected a name of kind {kind}, not {found.kind}")
        return found

    return read


def operand(value: Any) -> Any:
    """An operand: a name or a constant."""
    is_number = not isinstance(value, dict) or "constant" in value or "entries" in value
    return number(value) if is_number else name(value)


def operand_of_output(value: Any) -> Any:
    """The row or the number that an output is."""
    found = operand(value)
    if isinstance(found, Block):
        raise expected("a row or a number", value)
    return found


def formula(value: Any) -> Expr:
    """A formula from its tree."""
    if isinstance(value, list):
        return _call(value)
    if not isinstance(value, dict):
        return Num(number(value))
    if "operation" in value:
        return _call(value)
    if "name" in value:
        return Symbol(field(fields(value, ("name",)), "name", word))
    if "first" in value:
        return _chain(fields(value, ("first", "then")))
    found = operand(value)
    return Symbol(found) if isinstance(found, (Ref, Block)) else Num(found)


def _chain(value: dict[str, Any]) -> Expr:
    here = field(value, "first", formula)

    def link(part: Any) -> None:
        nonlocal here
        here = _call(part, (here,))

    field(value, "then", each(link))
    return here


def _call(value: Any, first: tuple[Expr, ...] = ()) -> Call:
    """An operation on formulas: ["mul", x, y], or an object for an operation on arrays."""
    if isinstance(value, list) and value:
        operands = (*first, *each(formula)(value[1:]))
        return Call(_elementary(value[0], len(operands)), operands)
    found = fields(value, ("operation", "operands", "settings"))
    operands = (*first, *field(found, "operands", each(formula)))
    operation, chosen = array_operation(found["operation"], len(operands), found["settings"])
    return Call(Applied(operation, chosen), operands)


# --- operations -----------------------------------------------------------------------------------------------
def _elementary(value: Any, operands: int) -> Operation:
    operation = BY_NAME.get(value) if isinstance(value, str) else None
    if operation is None:
        raise _unknown(value, BY_NAME)
    if operation.arity != operands:
        raise Wrong(f"{operation.name} takes {operation.arity} operands, not {operands}")
    return operation


def elementary(operands: int) -> Callable[[Any], Operation]:
    """A reader of elementary operations with that many operands."""
    return lambda value: _elementary(value, operands)


def array_operation(value: Any, operands: int, settings: Any) -> tuple[Any, dict[str, Any]]:
    """An operation on arrays with its settings, which must be those that it takes."""
    known = _array_operations()
    operation = known.get(value) if isinstance(value, str) else None
    if operation is None:
        raise _unknown(value, known)
    if not isinstance(settings, dict):
        raise expected("an object", settings).at(".settings")
    if not operands:
        raise Wrong(f"{value} has no operand")
    found = {key: inside(f".settings.{key:.40}", setting, its) for key, its in settings.items()}
    try:
        inspect.signature(operation.function).bind(*[None] * operands, **found)
    except TypeError as error:
        raise Wrong(f"{value}: {error}") from None
    if not isinstance(found.get("index", ()), tuple):
        raise Wrong(f"{value}: its index is not a tuple")
    return operation, found


@functools.cache
def _array_operations() -> dict[str, Any]:
    """The table of array operations; it imports numpy."""
    from autodiff.operations.array_table import ARRAYS_BY_NAME

    return ARRAYS_BY_NAME


def _unknown(value: Any, known: Any) -> Wrong:
    if not isinstance(value, str):
        return expected("the name of an operation", value)
    hint = did_you_mean(value, known)
    return Wrong(f"unknown operation '{value:.40}'" + (f"\n{hint}" if hint else ""))

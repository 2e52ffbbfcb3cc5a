"""A trace as plain data that holds all of it: what `from_json` reads back and trace.schema.json describes.

A formula is a tree: ["mul", {"adjoint": 4}, ["cos", {"primal": 0}]] is v̄₄ × cos v₀. Numbers keep all their digits.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from autodiff.expression.array_calls import Applied
from autodiff.expression.blocks import Block
from autodiff.expression.expr import Call, Expr, Num, Symbol
from autodiff.expression.names import Ref
from autodiff.expression.numbers import json_number
from autodiff.operations.constant import Constant
from autodiff.tracing.directions import DIRECTIONS
from autodiff.tracing.rows import Contribution, Derivative, Step

if TYPE_CHECKING:
    from autodiff.tracing.trace import Trace

VERSION = 1
PAIRS = ("partial", "push", "pull")  # the kinds of names that join two rows
DEEP = 16  # a formula that leans further to the left is written as a chain: JSON readers give up on deep nesting


def as_record(trace: Trace) -> dict[str, Any]:
    """What a reader needs besides expression, mode and failure. Each row is made when it is written."""
    place = {step.ref: n for n, step in enumerate(trace.steps)}

    def of_row(row: Derivative) -> dict[str, Any]:
        return _derivative(row, place)

    return {
        "letter": trace.letter,
        "seed": ([name, number(value)] for name, value in trace.seed),
        "outputs": (
            {"name": output.name, "operand": operand(output.operand), "value": number(output.value)}
            for output in trace.outputs
        ),
        "jacobian": ([number(value) for value in row] for row in trace.jacobian_rows),
        "notes": ({"ref": name(note.ref), "text": note.text} for note in trace.notes),
        "steps": map(_step, trace.steps),
        **{f"{way.kind}s": map(of_row, trace.sweep(way).rows) for way in DIRECTIONS.values()},
    }


def recorded(trace: Trace) -> dict[str, Any]:
    """All that a trace says, as data in which NaN is a word, so that equal traces compare equal."""
    rows = {key: list(value) if isinstance(value, Iterator) else value for key, value in as_record(trace).items()}
    return {"expression": trace.expression, "mode": trace.mode, "failure": trace.failure, **rows}


# --- rows -----------------------------------------------------------------------------------------------------
def _step(step: Step) -> dict[str, Any]:
    found = {
        "ref": name(step.ref),
        "label": step.label,
        "operation": None if step.operation is None else step.operation.name,
        "operands": [operand(each) for each in step.operands],
        "formula": formula(step.formula),
        "value": number(step.value),
        "source": None if step.source is None else step.source._asdict(),
    }
    if isinstance(step.formula, Call) and isinstance(step.formula.operation, Applied):  # an array operation
        found["settings"] = _settings(step.settings)
    return found


def _derivative(row: Derivative, place: dict[Ref, int]) -> dict[str, Any]:
    contributions = [_contribution(part, place) for part in row.contributions]
    # The formula is the sum of those of the contributions: their trees are there already.
    known = {id(part.formula): found["formula"] for part, found in zip(row.contributions, contributions, strict=True)}
    return {
        "ref": name(row.ref),
        "rule": None if row.rule is None else formula(row.rule),
        "formula": formula(row.formula, known),
        "value": number(row.value),
        "seed": number(row.seed),
        "contributions": contributions,
    }


def _contribution(part: Contribution, place: dict[Ref, int]) -> dict[str, Any]:
    return {
        "rule": name(part.rule),
        "step": place[part.step.ref],
        "k": part.k,
        "factor": number(part.factor),
        "partial": None if part.partial is None else formula(part.partial),
        "partial_value": None if part.partial_value is None else number(part.partial_value),
        "formula": formula(part.formula),
        "value": number(part.value),
    }


# --- formulas -------------------------------------------------------------------------------------------------
def formula(expr: Expr, known: Mapping[int, Any] = MappingProxyType({})) -> Any:
    """A formula as a tree; one that leans far to the left, such as a sum of many terms, as a chain.

    `known` holds the trees of some of its parts, by their identity.
    """
    if id(expr) in known:
        return known[id(expr)]
    spine: list[Call] = []
    while isinstance(expr, Call):
        spine.append(expr)
        expr = expr.operands[0]
    found = number(expr.value) if isinstance(expr, Num) else _symbol(expr)
    if len(spine) > DEEP:
        return {"first": found, "then": [_call(call, [], known) for call in reversed(spine)]}
    for call in reversed(spine):
        found = _call(call, [found], known)
    return found


def _call(call: Call, first: list[Any], known: Mapping[int, Any]) -> Any:
    operands = [*first, *(formula(each, known) for each in call.operands[1:])]
    applied = call.operation
    if isinstance(applied, Applied):
        return {"operation": applied.name, "operands": operands, "settings": _settings(applied.settings)}
    return [applied.name, *operands]


def _symbol(expr: Expr) -> Any:
    assert isinstance(expr, Symbol)
    key = expr.key
    return {"name": key} if isinstance(key, str) else name(key) if isinstance(key, Ref) else number(key)


def name(ref: Ref) -> dict[str, Any]:
    """A name: {"adjoint": 4}, {"primal": "y"}, {"partial": [3, 0]} for ∂v₃/∂v₀; its letter where it is not v."""
    found: dict[str, Any] = {ref.kind: [ref.of, ref.by] if ref.kind in PAIRS else ref.of}
    if ref.letter != "v":
        found["letter"] = ref.letter
    return found


def operand(value: Any) -> Any:
    """An operand: a name or a constant."""
    return name(value) if isinstance(value, Ref) else number(value)


# --- numbers and settings -------------------------------------------------------------------------------------
def number(value: Any) -> Any:
    """A number in full precision, with the formula that it was written as; an array with its dtype and shape."""
    if type(value) is float:
        return json_number(value)
    if type(value) is Constant:
        return _constant(value)
    if isinstance(value, Block):
        return array(value.array)
    if isinstance(value, int):
        return int(value)
    return number(float(value))


def _constant(value: Constant) -> dict[str, Any]:
    """π, or ln 2: what was written, and its value. A chain holds the value behind each of its links."""
    spine: list[tuple[str, tuple[float, ...], float]] = []
    here: float = value
    while type(here) is Constant and not isinstance(here.formula, str):
        operation, operands = here.formula
        spine.append((operation.name, operands[1:], float(here)))
        here = operands[0]
    first = {"constant": here.formula, "value": float(here)} if type(here) is Constant else number(here)
    if len(spine) > DEEP:
        links = [[name, *map(number, rest), number(result)] for name, rest, result in reversed(spine)]
        return {"constant": {"first": first, "then": links}, "value": number(float(value))}
    for name, rest, result in reversed(spine):
        first = {"constant": [name, first, *map(number, rest)], "value": number(result)}
    found: dict[str, Any] = first
    return found


def array(value: Any) -> dict[str, Any]:
    """An array, its entries in reading order."""
    entries = value.ravel().tolist()
    if value.dtype.kind == "f":
        entries = list(map(json_number, entries))
    return {"dtype": value.dtype.name, "shape": list(value.shape), "entries": entries}


def _settings(settings: Any) -> dict[str, Any]:
    return {key: setting(value) for key, value in settings.items()}


def setting(value: Any) -> Any:
    """A setting of an array operation. Of a function, such as that of a checkpoint, only the name is kept."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, slice):
        return {"slice": [setting(part) for part in (value.start, value.stop, value.step)]}
    if isinstance(value, (tuple, list)):
        return {type(value).__name__: [setting(part) for part in value]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"float": json_number(value)}
    if isinstance(value, int):
        return int(value)
    return _setting_of_numpy(value)


def _setting_of_numpy(value: Any) -> Any:
    dtype = getattr(value, "dtype", None)
    if dtype is not None and dtype.kind in "fiub":
        return operator.index(value) if dtype.kind in "iu" and not value.shape else array(value)
    if isinstance(getattr(value, "itemsize", None), int) and hasattr(value, "kind"):
        return {"dtype": value.name}
    return {"function": str(getattr(value, "__name__", None) or repr(value))}

"""A trace from its JSON. Reading runs nothing: what the text says is compared with what a trace can say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from autodiff.errors import TraceFileError
from autodiff.render.json import formulas
from autodiff.render.json.checks import check_record
from autodiff.render.json.decoding import (
    Wrong,
    each,
    expected,
    field,
    fields,
    inside,
    letter,
    optional,
    real,
    text,
    value_of_row,
    whole,
    word,
)
from autodiff.tracing.directions import DIRECTIONS, MODES, Direction
from autodiff.tracing.record import VERSION
from autodiff.tracing.rows import Contribution, Derivative, Note, Output, Step, Sweep
from autodiff.tracing.source import Source
from autodiff.tracing.trace import Trace

_ROWS = {f"{direction.kind}s": direction for direction in DIRECTIONS.values()}  # of a sweep, each under its key
_RECORD = ("letter", "seed", "outputs", "jacobian", "notes", "steps", *_ROWS)
_STEP = ("ref", "label", "operation", "operands", "formula", "value", "source")
_DERIVATIVE = ("ref", "rule", "formula", "value", "seed", "contributions")
_CONTRIBUTION = ("rule", "step", "k", "factor", "partial", "partial_value", "formula", "value")


def from_json(text: str) -> Trace:
    """The trace that `to_json` wrote.

    Raises TraceFileError, which names the place, for what is not a trace in JSON, is of another version, or uses
    operations that are not defined here.
    """
    found = all_from_json(text)
    if len(found) != 1:
        raise TraceFileError(
            f"there are {len(found)} traces in this JSON: read them with autodiff.render.json.from_json.all_from_json"
        )
    return found[0]


def all_from_json(text: str) -> list[Trace]:
    """All the traces in a JSON text, which holds one or a list of them. Raises TraceFileError as `from_json` does."""
    if not isinstance(text, str):
        raise TraceFileError(f"a trace in JSON is a text, not {type(text).__name__}")
    try:
        found = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise TraceFileError(f"this is not JSON: {why}") from None
    try:
        return list(inside("", each(_trace), found)) if isinstance(found, list) else [_trace(found)]
    except Wrong as wrong:
        place = wrong.place.removeprefix(".")
        raise TraceFileError(f"this is not a trace in JSON: {f'{place}: ' if place else ''}{wrong}") from None
    except RecursionError:
        raise TraceFileError("this is not a trace in JSON: it is nested too deeply") from None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f'{name} is not JSON; write "{name}"')


def _trace(found: Any) -> Trace:
    if not isinstance(found, dict):
        raise expected("an object", found)
    if found.get("version") != VERSION:
        said = found.get("version", "none")
        raise Wrong(f"its version is {said!s:.20}, and this program reads version {VERSION}")
    for key in ("expression", "mode", "record"):
        if key not in found:
            raise Wrong(f"the key '{key}' is missing")
    mode = field(found, "mode", text)
    if mode not in MODES:
        raise expected(f"one of {', '.join(MODES)}", mode).at(".mode")
    parts = inside(".record", lambda value: _record(value, MODES[mode]), found["record"])
    failure = field(found, "failure", text) if "failure" in found else ""
    trace = Trace(expression=field(found, "expression", text), failure=failure, **parts)
    inside(".record", check_record, trace)
    return trace


def _record(value: Any, directions: Sequence[Direction]) -> dict[str, Any]:
    found = fields(value, _RECORD)
    steps = field(found, "steps", each(_step))
    variables = tuple(str(step.label) for step in steps if step.operation is None)
    return {
        "letter": field(found, "letter", letter),
        "variables": variables,
        "steps": steps,
        "outputs": field(found, "outputs", each(_output)),
        "sweeps": _sweeps(found, directions, steps, len(variables)),
        "jacobian_rows": field(found, "jacobian", each(each(real))),
        "notes": field(found, "notes", each(_note)),
    }


def _sweeps(
    found: dict[str, Any], directions: Sequence[Direction], steps: tuple[Step, ...], variables: int
) -> tuple[Sweep, ...]:
    """The sweeps of a mode; what stands under their keys is checked as a whole, once the trace is complete."""
    seeds = list(field(found, "seed", each(_seed)))
    sweeps = []
    for key, direction in _ROWS.items():
        rows = field(found, key, each(lambda value: _derivative(value, steps)))
        if direction in directions:
            own = len(seeds) if direction is directions[-1] else variables
            sweeps.append(Sweep(direction, tuple(seeds[:own]), rows))
            del seeds[:own]
        elif rows:
            raise Wrong(f"mode {directions[0].name} has none").at(f".{key}")
    return tuple(sweeps)


def _step(value: Any) -> Step:
    found = fields(value, _STEP, ("settings",))
    operands = field(found, "operands", each(formulas.operand))
    settings: dict[str, Any] = {}
    if "settings" in found:
        operation, settings = formulas.array_operation(found["operation"], len(operands), found["settings"])
    else:
        operation = field(found, "operation", optional(formulas.elementary(len(operands))))
    return Step(
        ref=field(found, "ref", formulas.row("primal")),
        label=field(found, "label", word if operation is None else optional(word)),
        operation=operation,
        operands=operands,
        formula=field(found, "formula", formulas.formula),
        value=field(found, "value", value_of_row),
        settings=settings,
        source=field(found, "source", optional(_source)),
    )


def _source(value: Any) -> Source:
    found = fields(value, Source._fields)
    line = field(found, "line", whole)
    return Source(field(found, "file", text), line, field(found, "text", text), field(found, "function", text))


def _derivative(value: Any, steps: tuple[Step, ...]) -> Derivative:
    found = fields(value, _DERIVATIVE)
    return Derivative(
        ref=field(found, "ref", formulas.name),
        rule=field(found, "rule", optional(formulas.formula)),
        formula=field(found, "formula", formulas.formula),
        value=field(found, "value", value_of_row),
        contributions=field(found, "contributions", each(lambda part: _contribution(part, steps))),
        seed=field(found, "seed", real),
    )


def _contribution(value: Any, steps: tuple[Step, ...]) -> Contribution:
    found = fields(value, _CONTRIBUTION)
    n, k = field(found, "step", whole), field(found, "k", whole)
    if not 0 <= n < len(steps):
        raise Wrong(f"there is no step {n}")
    if not 0 <= k < len(steps[n].operands):
        raise Wrong(f"step {n} has no operand {k}")
    return Contribution(
        rule=field(found, "rule", formulas.name),
        step=steps[n],
        k=k,
        factor=field(found, "factor", value_of_row),
        partial=field(found, "partial", optional(formulas.formula)),
        partial_value=field(found, "partial_value", optional(value_of_row)),
        formula=field(found, "formula", formulas.formula),
        value=field(found, "value", value_of_row),
    )


def _output(value: Any) -> Output:
    found = fields(value, ("name", "operand", "value"))
    operand = field(found, "operand", formulas.operand_of_output)
    return Output(field(found, "name", word), operand, field(found, "value", value_of_row))


def _seed(value: Any) -> tuple[str, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise expected("a name and a number", value)
    return inside("[0]", word, value[0]), inside("[1]", real, value[1])


def _note(value: Any) -> Note:
    found = fields(value, ("ref", "text"))
    return Note(field(found, "ref", formulas.name), field(found, "text", text))

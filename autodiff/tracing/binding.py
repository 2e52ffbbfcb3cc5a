"""Giving values to variables: --at 2,5 in natural order, --at x2=5,x1=2 by name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from autodiff.errors import AutodiffError, BindingError, ExpressionError, did_you_mean
from autodiff.expression.language import CONSTANTS, FUNCTIONS
from autodiff.expression.names import canonical, is_evident
from autodiff.expression.numbers import shortest
from autodiff.expression.parser import Program, parse
from autodiff.tracing.numbering import plan

Values = Mapping[str, Any] | Sequence[Any] | float


def parse_values(text: str, what: str = "--at") -> dict[str, float] | list[float]:
    """Values as typed: "2,5" or "x1=2, x2=5".

    >>> parse_values("2,-5e-1"), parse_values("x2=5,x1=2")
    ([2.0, -0.5], {'x2': 5.0, 'x1': 2.0})
    """
    parts = [part.strip() for part in text.replace("−", "-").replace(";", ",").split(",")]
    if not text.strip():
        return []
    named = ["=" in part for part in parts]
    if not any(named):
        return [_number(part, what) for part in parts]
    if not all(named):
        hint = "\nwrite numbers with a decimal point: x=2.5" if re.search(r"=\s*-?\d+,\d+(,|$)", text) else ""
        raise BindingError(f"{what} {text[:60]}: give all values by name (x1=2,x2=5) or none (2,5){hint}")
    values: dict[str, float] = {}
    for part in parts:
        name, _, number = part.partition("=")
        name = canonical(name.strip())
        if name in values:
            raise BindingError(f"{what} gives '{name}' twice")
        values[name] = _number(number.strip(), what)
    return values


def _number(text: str, what: str) -> float:
    """A number, or one of the constants, or a multiple or fraction of it such as pi/2: a variable's value is data."""
    try:
        value = float(text) if text.isascii() else _constant_value(text)
        value = math.nan if "_" in text else value
    except ValueError:
        value = _constant_value(text)
    if not math.isfinite(value):
        raise BindingError(f"{what}: '{text}' is not a number" if text else f"{what}: a value is missing")
    return value


def _constant_value(text: str) -> float:
    """The value of an expression without variables; 2e is not one of them, for it lacks its exponent."""
    if re.fullmatch(r"[-+\d.]+e", text):
        return math.nan
    try:
        planned = plan(parse(text))
    except AutodiffError:
        return math.nan
    one = len(planned.outputs) == 1 and not planned.variables
    return float(planned.outputs[0][1]) if one else math.nan


def bind(program: Program, at: Values | None) -> dict[str, float]:
    """A value for every variable of a program, in natural order.

    Raises BindingError when count or names do not match; the message lists the variables.
    """
    variables = program.variables
    if isinstance(at, Mapping):
        values = {canonical(str(name)): real(value) for name, value in at.items()}
        if len(values) < len(at):
            raise BindingError("a name is given twice, in two spellings")
        _refuse_unknown(values, program)
        return {name: values[name] for name in variables}
    _refuse_unclear_names(program)
    given = listed(at)
    if len(given) != len(variables):
        raise BindingError(f"{count(len(given), 'value')} given, but {_variables(variables)}")
    return {name: real(value) for name, value in zip(variables, given, strict=True)}


def listed(values: Any) -> list[Any]:
    """Values one by one: those of a sequence, a single one, or none."""
    if values is None:
        return []
    try:
        return list(values)
    except TypeError:
        return [values]


def real(value: Any, what: str = "at") -> float:
    """A finite number from a number or from text such as "pi/2"."""
    if isinstance(value, str):
        return _number(value, what)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise BindingError(f"{str(value)[:40]!r} is not a finite number")
    return number + 0.0  # −0 is 0


def _refuse_unknown(values: Mapping[str, float], program: Program) -> None:
    variables = program.variables
    for name in values:
        if name in CONSTANTS:
            value = shortest(round(CONSTANTS[name], 6))
            raise BindingError(f"'{name}' is the constant {value}…; give the variable another name")
        if name not in variables:
            hint = did_you_mean(name, variables)
            raise BindingError(
                f"there is no variable '{name}': {_variables(variables)}" + (f"\n{hint}" if hint else "")
            )
    missing = [name for name in variables if name not in values]
    for name in missing:
        if len(name) > 1 and name.isalpha() and set(name) <= set(values):
            hint = f"for a product write {'*'.join(name)}"
            raise ExpressionError(f"no value for '{name}'", program.text, *program.places[name], hint=hint)
    if missing:
        raise BindingError(f"no value for {', '.join(missing)}: {_variables(variables)}")


def _refuse_unclear_names(program: Program) -> None:
    """A word such as xy may be a slip for x*y: without its value by name, nobody can tell."""
    for name in program.variables:
        if not is_evident(name):
            product = "*".join(name) if name.isalpha() and len(name) < 8 else "x*y"
            hint = (
                did_you_mean(name, FUNCTIONS)
                or f"for a product write {product}; for a variable give its value by name: --at {name}=2"
            )
            raise ExpressionError(f"unknown name '{name}'", program.text, *program.places[name], hint=hint)


def count(number: int, word: str) -> str:
    """'no values', '1 value', '2 values'."""
    return f"{number or 'no'} {word}{'s' * (number != 1)}"


def _variables(variables: Sequence[str]) -> str:
    if not variables:
        return "the expression has no variables"
    return f"the expression has {count(len(variables), 'variable')}: {', '.join(variables)}"

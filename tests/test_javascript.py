"""JavaScript written from the rule table, against Python: every operation's value and every partial."""

from __future__ import annotations

import base64
import json
import math
import random
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import autodiff
from autodiff.errors import DomainError
from autodiff.expression.expr import Call, Expr, Symbol
from autodiff.expression.numbers import fixed, shortest
from autodiff.modes.partials import partial
from autodiff.operations import elementary as table
from autodiff.operations.rule import BUILT_IN, TABLE, Operation
from autodiff.programs.javascript import (
    JavaScriptPrinter,
    NotInJavaScript,
    javascript_number,
    javascript_partial,
    javascript_refusal,
)
from tests import needs

FILES = Path(autodiff.__file__).parent / "render" / "player" / "files"
OPERATIONS = [entry for entry in TABLE if entry.name in BUILT_IN]
Z, X, Y = map(Symbol, "zxy")
PRINTER = JavaScriptPrinter({"x": "x", "y": "y", "z": "z"})
CORNERS = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, 1e-320, 1e-9, -1e-9, 20.0, -20.0, 170.5, 700.0, -700.0,
           720.0, 1e10, -1e10, 1e200, -1e200, math.inf, -math.inf, math.nan]  # fmt: skip
pytestmark = needs.NODE_JS.mark


def run_node(program: str, given: Any) -> Any:
    """What a module prints as JSON when it reads `given`; doubles travel as text that both sides read exactly."""
    command = ["node", "--input-type=module", "-e", program]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def module(name: str) -> str:
    """The address of a module by its content: that it is one, older versions of node do not tell from a file."""
    return f"data:text/javascript;base64,{base64.b64encode((FILES / name).read_bytes()).decode()}"


HEAD = f"""
import * as all from {module("values.js")!r};
import {{ readFileSync }} from "node:fs";
for (const name of Object.keys(all)) globalThis[name] = all[name];
const given = JSON.parse(readFileSync(0, "utf8"));
"""


def points(operation: Operation) -> Iterator[tuple[float, ...]]:
    """Points over the domain, small and large, and the corners."""
    draw = random.Random(operation.name)
    if operation.arity == 1:
        yield from ((corner,) for corner in CORNERS)
    else:
        yield from ((x, y) for x in CORNERS for y in CORNERS)
    for _ in range(400):
        point = []
        for low, high in operation.domain.intervals:
            reach = 10.0 ** draw.uniform(-6, 2.4)
            low, high = max(low, -reach), min(high, reach)
            point.append(draw.uniform(low, high))
        if 0 in operation.orders:
            point[0] = float(draw.randrange(12))
        yield tuple(point)


def value_or_none(operation: Operation, point: tuple[float, ...]) -> float | None:
    try:
        return float(operation.evaluate(*point))
    except DomainError:
        return None


def close(found: float, wanted: float, scale: float = 0.0) -> bool:
    if wanted != wanted or math.isinf(wanted):
        return found == wanted or (found != found and wanted != wanted)
    return abs(found - wanted) <= 1e-12 * max(abs(wanted), scale) + 1e-307


def scale(operation: Operation, point: tuple[float, ...]) -> float:
    """What errors are relative to: ln |Γ| and ψ have zeros left of 0, and tan a rounded pole."""
    return 1.0 if operation in (table.lgamma, table.digamma) and point[0] < 0 else 0.0


@pytest.mark.no_cover
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_values_and_partials_are_those_of_python(operation: Operation) -> None:
    operands: list[Expr] = [X, Y][: operation.arity]
    value = PRINTER.text(Call(operation, tuple(operands)))
    partials = [javascript_partial(PRINTER, operation, k, Z, operands) for k in range(operation.arity)]
    refusal = javascript_refusal(PRINTER, operation, "z", operands) or "false"
    cases = [(point, value_or_none(operation, point)) for point in points(operation)]
    if operation is table.polygamma:  # far left of 0, and in the hundredth derivative, doubles do not carry it
        cases = [(point, z) for point, z in cases if not (point[0] > 12 and point[1] < 1000)]
    args = ", ".join("xy"[: operation.arity])
    program = (
        HEAD
        + f"""
const value = ({args}) => {value};
const refuses = (z, {args}) => {refusal};
const partials = [{", ".join(f"(z, {args}) => {text}" for text in partials)}];
const out = given.map(([point, z]) => {{
  const operands = point.map(Number);
  const found = value(...operands);
  const slopes = z === null ? [] : partials.map((slope) => String(slope(Number(z), ...operands)));
  return [refuses(found, ...operands) ? null : String(found), slopes];
}});
console.log(JSON.stringify(out));
"""
    )
    sent = [([javascript_number(x) for x in p], None if z is None else javascript_number(z)) for p, z in cases]
    wrong = []
    for (point, z), (found, slopes) in zip(cases, run_node(program, sent), strict=True):
        if (found is None) != (z is None) or (z is not None and not close(number(found), z, scale(operation, point))):
            wrong.append((point, "value", found, z))
        for k, slope in enumerate(slopes):
            wanted = float(partial(operation, k, z, point))
            if not close(number(slope), wanted, abs(z or 0.0) if operation is table.gamma else scale(operation, point)):
                wrong.append((point, k, slope, wanted))
    assert not wrong, f"{len(wrong)} of {len(cases)}: {wrong[:8]}"


def table_expr(rule: Any) -> Expr:
    from autodiff.expression.expr import as_expr

    return as_expr(rule)


def number(text: str) -> float:
    return float(text.replace("Infinity", "inf"))


def test_every_operation_has_a_name_in_javascript() -> None:
    exported = run_node(HEAD + "console.log(JSON.stringify(Object.keys(all)));", [])
    called = {entry.javascript for entry in OPERATIONS} - {""}
    assert {name for name in called if "=>" not in name and not name.startswith("Math.")} == set(exported) - {"isNew"}
    assert {entry.name for entry in OPERATIONS if not entry.javascript} == {"neg", "add", "sub", "mul", "div"}


def test_an_operation_of_the_user_is_not_written() -> None:
    own = autodiff.elementary("not_for_javascript", lambda x: 2 * x, lambda z, x: 2)
    with pytest.raises(NotInJavaScript):
        PRINTER.text(own(X))


def doubles() -> list[float]:
    draw = random.Random(7)
    found = [0.0625, 0.1875, 2.5, 0.5, 0.0005, 0.00049999999999999, 999999.9995, 999999.9994, 1e6, 9.9995e9, 1e23,
             5e-324, 1.7976931348623157e308, 0.0, -0.0, math.inf, -math.inf, math.nan, 1e16, 1e15, 123456789012345680.0,
             0.0001, 0.00001, 1e-5, 1.5e-5, 1e22, 9007199254740993.0]  # fmt: skip
    for _ in range(3000):
        found.append(struct.unpack("d", draw.randbytes(8))[0])
        found.append(draw.uniform(-1, 1) * 10 ** draw.uniform(-9, 9))
        found.append(draw.randrange(-(10**7), 10**7) / 2 ** draw.randrange(1, 20))  # ties
    return found


@pytest.mark.parametrize("digits", [0, 1, 2, 3, 4, 6, 10, 17])
def test_numbers_are_printed_digit_by_digit_as_python_prints_them(digits: int) -> None:
    values = doubles()
    program = (
        HEAD
        + f"""
const {{ fixed, shortest }} = await import({module("numbers.js")!r});
const look = {{ digits: {digits}, small: {0.5 * 10.0**-digits!r}, large: 1e6 }};
console.log(JSON.stringify(given.map((x) => [fixed(Number(x), look), shortest(Number(x))])));
"""
    )
    found = run_node(program, [javascript_number(value) for value in values])
    wanted = [[fixed(value, digits), shortest(value, minus="−")] for value in values]
    wrong = [(value, f, w) for value, f, w in zip(values, found, wanted, strict=True) if f != w]
    assert not wrong, (len(wrong), wrong[:5])

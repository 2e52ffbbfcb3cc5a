"""Writing formulas as JavaScript: the value of each row and its partials, from the same table as everything else.

What is written here calls only `Math` and the functions of `render/player/files/values.js`, one for each operation that
`Math` lacks or defines differently.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from autodiff.expression.expr import Expr, Symbol, as_expr
from autodiff.expression.numbers import json_number, shortest
from autodiff.expression.printing import ATOM, SIGN, Piece, Printer
from autodiff.operations import elementary as table
from autodiff.operations.rule import Operation

_OPERATORS = frozenset((table.add, table.sub, table.mul, table.div))


class NotInJavaScript(ValueError):  # noqa: N818 — a fact about an operation, not a mistake
    """An operation whose value is known only as Python code."""


class JavaScriptPrinter(Printer):
    """Formulas as JavaScript; `names` says how each name is written there.

    >>> from autodiff.expression.expr import Symbol
    >>> x = Symbol("x")
    >>> JavaScriptPrinter({"x": "v[0]"}).text(table.sin(x) / 2 - x**2)
    'Math.sin(v[0]) / 2 - power(v[0], 2)'
    """

    bare_functions = False

    def __init__(self, names: Mapping[Any, str]) -> None:
        super().__init__()
        self.written = names

    def constant(self, value: float) -> Piece:
        """A number with all its digits."""
        text = javascript_number(value)
        return self._number(text) if text != "NaN" else Piece(text, ATOM, name=True)

    def symbol(self, key: Hashable) -> Piece:
        """A name."""
        return Piece(self.written[key], ATOM, name=True)

    def call(self, operation: Operation, operands: tuple[Piece, ...]) -> Piece:
        """An operator where JavaScript has the same one, otherwise a function."""
        if operation is table.neg:
            return Piece("-" + self.paren(operands[0], operands[0].binds <= SIGN), SIGN, negative=True)
        if operation in _OPERATORS:
            return self._infix(operation, *operands)
        if type(operation) is not Operation or not operation.javascript:
            raise NotInJavaScript(f"{operation.name} is an operation written in Python")
        name = operation.javascript if "=>" not in operation.javascript else f"({operation.javascript})"
        return Piece(f"{name}({', '.join(operand.text for operand in operands)})", ATOM)


def javascript_number(value: float) -> str:
    """A number as JavaScript reads it back.

    >>> javascript_number(0.1), javascript_number(-3.0), javascript_number(math.inf), javascript_number(math.nan)
    ('0.1', '-3', 'Infinity', 'NaN')
    """
    if math.isfinite(value):
        return shortest(value) if value or math.copysign(1.0, value) > 0 else "-0"
    return str(json_number(value))


def javascript_partial(
    printer: JavaScriptPrinter, operation: Operation, k: int, z: Expr, operands: Sequence[Expr]
) -> str:
    """∂z/∂(operand k) as JavaScript: the formula from the operation's one rule, its conventions in front.

    The formula is worked out by the rules of IEEE 754, as in `partials.partial` where Python raises.

    >>> from autodiff.expression.expr import Symbol
    >>> z, x, y = map(Symbol, "zxy")
    >>> printer = JavaScriptPrinter({"x": "x", "y": "y", "z": "z"})
    >>> javascript_partial(printer, table.hypot, 0, z, [x, y])
    'x === 0 && y === 0 ? 0 : x / z'
    """
    general = text = printer.text(as_expr(operation.partials[k](z, *operands)))
    probes = [_Probe(printer.text(operand)) for operand in operands]
    for convention in reversed(operation.conventions):
        agreed = convention.partials[k]
        if callable(agreed):
            chosen = printer.text(as_expr(agreed(z, *operands)))
        else:
            chosen = general if agreed is None else javascript_number(agreed)
        if chosen != text:
            text = f"{_condition(convention.where(*probes))} ? {chosen} : {text}"
    if operation is table.power and k == 0 and isinstance(operands[1], Symbol):
        text = f"{probes[1].text} === 0 ? 0 : {text}"  # its rule says so of the number 0, and here all are numbers
    return text


def javascript_conventions(printer: JavaScriptPrinter, operation: Operation, operands: Sequence[Expr]) -> list[str]:
    """When each convention of an operation applies.

    >>> from autodiff.expression.expr import Symbol
    >>> javascript_conventions(JavaScriptPrinter({"x": "x"}), table.absolute, [Symbol("x")])
    ['x === 0']
    """
    probes = [_Probe(printer.text(operand)) for operand in operands]
    return [_condition(convention.where(*probes)) for convention in operation.conventions]


def javascript_refusal(printer: JavaScriptPrinter, operation: Operation, z: str, operands: Sequence[Expr]) -> str:
    """The condition on which Python refuses to give an operation its value, where JavaScript has `z`; empty for never.

    Python's operators give NaN where IEEE 754 does; its functions refuse what would give NaN.

    >>> from autodiff.expression.expr import Symbol
    >>> javascript_refusal(JavaScriptPrinter({"x": "x"}), table.ln, "z", [Symbol("x")])
    'x === 0 || isNew(z, x)'
    """
    texts = [printer.text(operand) for operand in operands]
    found = [] if operation.poles is None else [_condition(operation.poles(*map(_Probe, texts)))]
    if operation.notation.kind != "infix":
        found.append(f"isNew({', '.join([z, *texts])})")
    return " || ".join(found)


def _condition(found: Any) -> str:
    if not isinstance(found, _Probe):
        raise NotInJavaScript("a convention that cannot be written down")
    return found.text


class _Probe:
    """An operand that writes down what a convention asks of it."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, text: str) -> None:
        self.text = text

    def _ask(self, sign: str, other: object) -> _Probe:
        return _Probe(f"{self.text} {sign} {_written(other)}")

    def __eq__(self, other: object) -> _Probe:  # type: ignore[override]
        return self._ask("===", other)

    def __ne__(self, other: object) -> _Probe:  # type: ignore[override]
        return self._ask("!==", other)

    def __le__(self, other: object) -> _Probe:
        return self._ask("<=", other)

    def __gt__(self, other: object) -> _Probe:
        return self._ask(">", other)

    def __lt__(self, other: object) -> _Probe:
        return self._ask("<", other)

    def __and__(self, other: _Probe) -> _Probe:
        return self._ask("&&", other)

    def __or__(self, other: _Probe) -> _Probe:
        return _Probe(f"({self.text} || {other.text})")

    def __mod__(self, other: object) -> _Probe:
        return _Probe(f"mod({self.text}, {_written(other)})")

    def __bool__(self) -> bool:
        raise NotInJavaScript("a convention that decides in Python")


def _written(other: Any) -> str:
    return other.text if isinstance(other, _Probe) else javascript_number(float(other))

"""Turning a program into a list of rows: equal subexpressions are one row, constants are none, and the rows
stand in the order in which a person would work them out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from autodiff.errors import DomainError
from autodiff.expression.expr import Call, Expr, Num, Symbol, as_expr
from autodiff.expression.parser import Program
from autodiff.operations import elementary as table
from autodiff.operations.constant import Constant
from autodiff.operations.rule import Operation

ORDERS = ("terms", "evaluation", "level")

# An operand is the number of a row (int) or a constant (float).
Operand = Any


@dataclass
class Plan:
    """Rows to record: 0…n−1 are the variables, the others (operation, operands)."""

    variables: tuple[str, ...]
    rows: list[tuple[Operation, tuple[Operand, ...]]]
    labels: dict[int, str]  # names that statements gave to rows
    outputs: list[tuple[str | None, Operand]]


def plan(program: Program, order: str | None = None) -> Plan:
    """The rows of a program.

    `order` is "terms" (terms of a sum from left to right, each completely, before any is added; the default for
    an expression), "evaluation" (as a program runs; the default for statements) or "level" (by longest distance
    from the inputs).

    >>> from autodiff.expression.parser import parse
    >>> [operation.name for operation, _ in plan(parse("ln(x1)+x1*x2-sin(x2)")).rows]
    ['ln', 'mul', 'sin', 'add', 'sub']
    >>> [operation.name for operation, _ in plan(parse("ln(x1)+x1*x2-sin(x2)"), "evaluation").rows]
    ['ln', 'mul', 'add', 'sin', 'sub']
    """
    order = order or ("evaluation" if program.steps else "terms")
    planner = _Planner(program.variables, by_terms=order != "evaluation")
    labels: dict[int, str] = {}
    for name, expr in program.steps:
        operand = planner.operand(expr)
        planner.known[name] = operand
        if type(operand) is int and operand >= len(program.variables):
            labels.setdefault(operand, name)
    outputs: list[tuple[str | None, Operand]] = []
    named = {name for name, _ in program.steps}
    for output, expr in program.outputs:
        name_of_step = str(expr.key) if isinstance(expr, Symbol) and expr.key in named else None
        outputs.append((output or name_of_step, planner.operand(expr)))
        if output:
            planner.known[output] = outputs[-1][1]
    result = Plan(program.variables, planner.rows, labels, outputs)
    return by_level(result) if order == "level" else result


class _Planner:
    def __init__(self, variables: tuple[str, ...], *, by_terms: bool) -> None:
        self.known: dict[Any, Operand] = {name: row for row, name in enumerate(variables)}
        self.inputs = len(variables)
        self.by_terms = by_terms
        self.rows: list[tuple[Operation, tuple[Operand, ...]]] = []
        self.numbers: dict[tuple[Any, ...], int] = {}  # value numbering: what a row computes → its number
        self.done: dict[int, Operand] = {}  # by identity of the formula

    def operand(self, expr: Expr) -> Operand:
        """The row or constant that holds a formula; recorded now if it is new. A loop, not a recursion."""
        pending: list[tuple[Expr, bool]] = [(expr, False)]
        while pending:
            here, ready = pending.pop()
            if id(here) in self.done:
                continue
            if isinstance(here, Num):
                self.done[id(here)] = here.value
            elif isinstance(here, Symbol):
                self.done[id(here)] = self.known[here.key]
            elif isinstance(here, Call) and ready:
                operands = tuple(self.done[id(operand)] for operand in here.operands)
                self.done[id(here)] = self.row(here.operation, operands)
            elif isinstance(here, Call):
                spine = self.spine(here)
                terms = [spine[-1].operands[0], *(node.operands[-1] for node in reversed(spine))]
                first = list(here.operands) if len(spine) == 1 else terms
                pending.extend((node, True) for node in spine)
                pending.extend((operand, False) for operand in reversed(first))
        return self.done[id(expr)]

    def spine(self, call: Call) -> list[Call]:
        """The chain of + and − whose terms are all worked out before the first of them is added."""
        chain = [call]
        if self.by_terms and call.operation in (table.add, table.sub):
            below = call.operands[0]
            while isinstance(below, Call) and below.operation in (table.add, table.sub) and id(below) not in self.done:
                chain.append(below)
                below = below.operands[0]
        return chain

    def row(self, operation: Operation, operands: tuple[Operand, ...]) -> Operand:
        if not any(type(operand) is int for operand in operands):
            return _constant(operation, operands)
        what = (operation.code, *map(_identity, operands))
        if what not in self.numbers:
            self.numbers[what] = self.inputs + len(self.rows)
            self.rows.append((operation, operands))
        return self.numbers[what]


def _identity(operand: Operand) -> Any:
    if type(operand) is int:
        return operand
    return "constant", float(operand), getattr(operand, "formula", None)


def _constant(operation: Operation, operands: tuple[float, ...]) -> Constant:
    """An operation on constants is a constant that remembers how it was written."""
    try:
        value = operation.evaluate(*operands)
    except DomainError as error:
        raise type(error)(f"{_written(operation, operands)}: {error}") from None
    if not math.isfinite(value):
        raise DomainError(f"{_written(operation, operands)} is too large for a number of double precision")
    return Constant(value, (operation, operands))


def _written(operation: Operation, operands: tuple[float, ...]) -> Call:
    return Call(operation, tuple(as_expr(operand) for operand in operands))


def by_level(given: Plan) -> Plan:
    """The same rows sorted by their longest distance from the inputs."""
    inputs = len(given.variables)
    levels = [0] * inputs
    for _, operands in given.rows:
        levels.append(1 + max(levels[operand] for operand in operands if type(operand) is int))
    ranked = sorted(range(inputs, len(levels)), key=levels.__getitem__)
    place = {row: inputs + n for n, row in enumerate(ranked)} | {row: row for row in range(inputs)}

    def moved(operand: Operand) -> Operand:
        return place[operand] if type(operand) is int else operand

    rows = [given.rows[row - inputs] for row in ranked]
    return Plan(
        given.variables,
        [(operation, tuple(map(moved, operands))) for operation, operands in rows],
        {place[row]: name for row, name in given.labels.items()},
        [(name, moved(operand)) for name, operand in given.outputs],
    )

"""What the rows of a trace come from: lines of a program, or an expression with the place of each row in it."""

from __future__ import annotations

from typing import Any

from autodiff.expression.expr import operand_expr
from autodiff.expression.names import Ref
from autodiff.expression.printing import ATOM, Piece, UnicodePrinter
from autodiff.tracing.rows import Step
from autodiff.tracing.trace import Trace

LONGEST = 4000  # letters of an expression that is still written out with the places of its rows
_OPEN, _CLOSE = "\ue100", "\ue101"  # around the number of a row, and behind its text

Line = dict[str, Any]


def source_of(trace: Trace, index: dict[Ref, int]) -> list[Line]:
    """Lines of text in pieces: a string, or a row's number followed by its pieces; and where the line stands."""
    if any(step.source for step in trace.steps):
        return _program_lines(trace)
    return _expression_lines(trace, index) or [{"place": "", "parts": [trace.expression], "rows": []}]


def _program_lines(trace: Trace) -> list[Line]:
    """Each line that made a row, once, in the order of the program."""
    rows: dict[tuple[str, int], list[int]] = {}
    sources = {}
    for n, step in enumerate(trace.steps):
        if step.source:
            place = (step.source.file, step.source.line)
            rows.setdefault(place, []).append(n)
            sources[place] = step.source
    return [
        {"place": sources[place].place, "parts": [sources[place].text or "(no text)"], "rows": rows[place]}
        for place in sorted(rows)
    ]


def _expression_lines(trace: Trace, index: dict[Ref, int]) -> list[Line]:
    """The expression, put together again from the rows, each with its places; nothing if it is too long."""
    printer = UnicodePrinter()
    pieces: dict[Any, Piece] = {}
    lines: list[Line] = []
    for n, step in enumerate(trace.steps):
        piece = _piece(step, pieces, printer)
        text = f"{_OPEN}{n}{_OPEN}{piece.text}{_CLOSE}"
        if len(text) > LONGEST:
            return []
        if step.operation is not None and step.label:  # a statement: other lines use its name
            lines.append({"place": "", "parts": [f"{printer.ref(step.label)} = ", *_parts(text)], "rows": []})
            text = printer.ref(step.label)
            piece = Piece(text, ATOM, name=True)
            text = f"{_OPEN}{n}{_OPEN}{text}{_CLOSE}"
        pieces[step.ref] = piece._replace(text=text)
    for output in trace.outputs:
        found = pieces[output.operand] if isinstance(output.operand, Ref) else printer.constant(output.operand)
        lines.append({"place": "", "parts": [f"{printer.ref(output.name)} = ", *_parts(found.text)], "rows": []})
    return lines if sum(len(str(line)) for line in lines) <= 8 * LONGEST else []


def _piece(step: Step, pieces: dict[Any, Piece], printer: UnicodePrinter) -> Piece:
    if step.operation is None:
        return Piece(printer.ref(str(step.label)), ATOM, name=True)
    operands = tuple(
        pieces[operand] if isinstance(operand, Ref) else printer.piece(operand_expr(operand))
        for operand in step.operands
    )
    return printer.call(getattr(step.formula, "operation", step.operation), operands)


def _parts(text: str) -> list[Any]:
    """Text with marks as nested lists: ["a ", [3, "b"]]."""
    stack: list[list[Any]] = [[]]
    rest = text
    while rest:
        opened, closed = rest.find(_OPEN), rest.find(_CLOSE)
        first = min((place for place in (opened, closed) if place >= 0), default=len(rest))
        if first:
            stack[-1].append(rest[:first])
        if first == len(rest):
            break
        if first == opened:
            row, _, rest = rest[first + 1 :].partition(_OPEN)
            stack[-1].append([int(row)])
            stack.append(stack[-1][-1])
        else:
            stack.pop()
            rest = rest[first + 1 :]
    return stack[0]

"""The program of a trace as JavaScript: the values of its rows, their partials and the conventions at their kinks."""

from __future__ import annotations

from collections.abc import Iterable

from autodiff.expression.expr import Expr, Symbol, operand_expr
from autodiff.expression.names import Ref
from autodiff.programs.javascript import (
    JavaScriptPrinter,
    javascript_conventions,
    javascript_partial,
    javascript_refusal,
)
from autodiff.tracing.rows import Step
from autodiff.tracing.trace import Trace


def program_of(trace: Trace, index: dict[Ref, int]) -> str:
    """The program as functions of v, the list of values; it contains no text from the user.

    Raises NotInJavaScript for an operation that is known only as Python code.
    """
    printer = JavaScriptPrinter({ref: f"v[{n}]" for ref, n in index.items()})
    parts = {
        "values": ["null" if step.operation is None else _function(printer.text(step.formula)) for step in trace.steps],
        "refusals": [_refusal(step, printer) for step in trace.steps],
        "slopes": [_list(_slopes(step, printer)) for step in trace.steps],
        "conventions": [_list(_conventions(step, printer)) for step in trace.steps],
    }
    body = "".join(
        f"  {name}: [{''.join(f'{chr(10)}    {row},' for row in rows)}\n  ],\n" for name, rows in parts.items()
    )
    return f"const program = {{\n{body}}};\n"


def _refusal(step: Step, printer: JavaScriptPrinter) -> str:
    """Where a run stops, as in Python."""
    if step.operation is None:
        return "null"
    z, operands = printer.text(Symbol(step.ref)), list(map(operand_expr, step.operands))
    return _function(javascript_refusal(printer, step.operation, z, operands) or "false")


def _slopes(step: Step, printer: JavaScriptPrinter) -> Iterable[str]:
    """The partial with respect to each operand; none for a constant."""
    operands = list(map(operand_expr, step.operands))
    for k, operand in enumerate(step.operands):
        if isinstance(operand, Ref):
            yield _function(javascript_partial(printer, step.operation, k, Symbol(step.ref), operands))
        else:
            yield "null"


def _conventions(step: Step, printer: JavaScriptPrinter) -> Iterable[str]:
    """When each convention applies, and for which of the operands that can move it then decides the partial."""
    if step.operation is None:
        return
    operands: list[Expr] = list(map(operand_expr, step.operands))
    conditions = javascript_conventions(printer, step.operation, operands)
    for condition, convention in zip(conditions, step.operation.conventions, strict=True):
        pairs = zip(step.operands, convention.partials, strict=True)
        says = ("true" if isinstance(o, Ref) and p is not None else "false" for o, p in pairs)
        yield f"[{_function(condition)}, {_list(says)}]"


def _function(text: str) -> str:
    return f"(v) => {text}"


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"

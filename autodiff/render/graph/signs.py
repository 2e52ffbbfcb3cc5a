"""What is written beside the edges of a graph, and the operation of a row as a sign."""

from __future__ import annotations

from typing import Any

from autodiff.expression.expr import Call, Symbol, operand_expr
from autodiff.expression.names import Ref
from autodiff.render.words.sheet import Writer
from autodiff.tracing.rows import Contribution, Step


def edge_texts(part: Contribution, write: Writer) -> tuple[str, str]:
    """∂v₂/∂v₀ = v₋₁ = 2, and v̄₂ × v₋₁ = 2; an array operation as a whole has no partial."""
    partial = ""
    if part.partial is not None:
        texts = [write.ref(part.rule._replace(kind="partial")), write.formula(part.partial)]
        texts += [] if part.partial_value is None else [write.number(part.partial_value)]
        partial = " = ".join(dict.fromkeys(texts))
    return partial, " = ".join(dict.fromkeys((write.formula(part.formula), write.number(part.value))))


def sign_of(step: Step, write: Writer) -> str:
    """The operation of a row as a sign or name, with the constants it holds: ×, ln, × 2, ^2, max(·, 0)."""
    operation = step.operation
    rows = [isinstance(operand, Ref) for operand in step.operands]
    kind = operation.notation.kind
    if kind in ("infix", "power"):
        space, sign = (" ", write.names.sign(operation).strip()) if kind == "infix" else ("", write.prose("^"))
        left, right = (_constant(operand, write) for operand in step.operands)
        return (left + space if left else "") + sign + (space + right if right else "")
    if all(rows) and kind == "function":
        return write.names.function_name(operation)
    if all(rows) and kind in ("root", "prefix", "matrix_product"):
        return write.prose(operation.notation.symbol)
    if sum(rows) > 2:
        return write.prose(f"{operation.name}(…)")
    holes = tuple(Symbol("·") if is_row else operand_expr(o) for o, is_row in zip(step.operands, rows, strict=True))
    applied = step.formula.operation if isinstance(step.formula, Call) else operation
    return write.formula(Call(applied, holes))


def _constant(operand: Any, write: Writer) -> str:
    if isinstance(operand, Ref):
        return ""
    text = write.formula(operand_expr(operand))
    return f"({text})" if text.startswith(write.names.minus) else text

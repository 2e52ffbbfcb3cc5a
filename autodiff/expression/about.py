"""What an operation is, in words for people: the text of help(sin)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from autodiff.expression.expr import Call, Symbol, as_expr
from autodiff.expression.printing import UnicodePrinter
from autodiff.operations.rule import Operation


def describe(operation: Operation) -> str:
    """The formula of an operation, its domain, its derivative and its conventions, from its entry in the table.

    >>> from autodiff import sigmoid
    >>> print(describe(sigmoid))
    sigmoid(x) = 1 / (1 + exp(−x))
    <BLANKLINE>
    It has a value for all real numbers.
    With z = sigmoid x, ∂z/∂x = z × sigmoid(−x), in textbooks also z × (1 − z).
    """
    names = list(operation.__signature__.parameters)
    operands = [Symbol(name) for name in names]
    write = UnicodePrinter().text
    called = write(Call(operation, tuple(operands)))
    lines = [f"{operation.name}({', '.join(names)})", ""]
    if operation.means is not None:
        with contextlib.suppress(Exception):  # the same
            lines[0] += f" = {write(as_expr(operation.means(*operands)))}"
    elif called != lines[0]:
        lines[0] += f" = {called}"
    needs = operation.domain.needs
    lines.append(f"Its domain: {needs}." if needs else "It has a value for all real numbers.")
    lines += [f"With z = {called}, {text}." for text in _partials(operation, names, operands)]
    lines += [f"Convention: {convention.note}." for convention in operation.conventions]
    if operation.numpy:
        lines.append(
            f"numpy calls it {', '.join(operation.numpy)}; np.{operation.numpy[0]} of a Dual or Var is the same."
        )
    return "\n".join(lines)


def _partials(operation: Operation, names: list[str], operands: list[Symbol]) -> Iterator[str]:
    """∂z/∂x = … for every operand, with the other forms that textbooks have."""
    z, write = Symbol("z"), UnicodePrinter().text

    def written(rule: Any) -> str:
        try:
            return write(as_expr(rule(z, *operands)))
        except Exception:  # a rule of a user's may do anything with what is not a number
            return "(worked out by Python code)"

    for k, name in enumerate(names):
        if k not in operation.orders:
            others = [written(rule) for which, rule in operation.forms if which == k]
            also = f", in textbooks also {' or '.join(others)}" if others else ""
            yield f"∂z/∂{name} = {written(operation.partials[k])}{also}"

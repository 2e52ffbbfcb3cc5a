"""The cross-check: every row of a trace against sympy, in arithmetic of 30 digits.

Each row is checked with the operands it really had: its value against sympy's value of the operation, its tangent or
adjoint against the chain rule with sympy's symbolic partial derivatives. So a row's ✓ says that this row is
right, however badly conditioned the rows before it are. Then the whole is checked: the derivatives that the rows imply,
worked out in many digits, against sympy's derivative of the expression as it was typed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from autodiff.checks.functions import check_function
from autodiff.errors import ArgumentError, DomainError, UnknownNameError
from autodiff.expression.blocks import Block
from autodiff.expression.expr import Expr
from autodiff.expression.names import Ref
from autodiff.expression.parser import parse
from autodiff.expression.to_sympy import derivative_of, differentiate, number_to_sympy, sympy_function, to_sympy
from autodiff.modes.partials import by_convention
from autodiff.operations import elementary as table
from autodiff.operations.rule import Operation
from autodiff.tracing.rows import Derivative, Step, arrivals
from autodiff.tracing.trace import Trace

DIGITS = 30
WORKING = 60  # digits carried,
MANY = 400  # digits where those are not enough: ln(1 + e⁻⁸⁰⁰) cancels 350 of them
TOLERANCE = 8.0  # ulps of the largest term: a row is one operation and a short sum
LARGEST = 400  # an expression with more parts than this is not differentiated as a whole


@dataclass(frozen=True)
class Verdict:
    """One checked number: in which row, whether it is right, how far off it is in ulps of its largest term."""

    ref: Ref
    ok: bool
    ulps: float


@dataclass(frozen=True)
class Report:
    """The outcome of a check; prints as one line."""

    verdicts: tuple[Verdict, ...]
    whole: str  # what the check of the whole expression found
    whole_ok: bool

    @property
    def ok(self) -> bool:
        """Whether everything is right."""
        return self.whole_ok and all(verdict.ok for verdict in self.verdicts)

    @property
    def summary(self) -> str:
        """One line."""
        wrong = sum(not verdict.ok for verdict in self.verdicts)
        worst = max((verdict.ulps for verdict in self.verdicts), default=0.0)
        if wrong:
            return f"{wrong} of {len(self.verdicts)} values differ from sympy, by up to {worst:.3g} ulp; {self.whole}"
        return (
            f"all {len(self.verdicts)} values agree with sympy ({DIGITS} digits), within {worst:.2g} ulp; {self.whole}"
        )

    def __str__(self) -> str:
        return ("✓ " if self.ok else "✗ ") + self.summary


def check(what: Trace | Callable[..., Any], *args: Any) -> Any:
    """Check a trace against sympy, or the derivatives of a Python function at a point against its values.

    For a trace, every row is checked, and the expression as a whole; for a function, forward mode, reverse mode and
    differences of its values are compared to second order. The report has `ok`, and prints what was found.

    >>> from autodiff import check, trace
    >>> check(trace("ln(x1)+x1*x2-sin(x2)", at=(2, 5))).ok
    True
    >>> check(lambda x, y: x * y**2, 2.0, 5.0).ok
    True
    """
    if callable(what):
        return check_function(what, *args)
    if not isinstance(what, Trace):
        raise ArgumentError(
            f"check takes a trace or a function, not {type(what).__name__}: check(trace({what!r:.40}, …))"
        )
    return check_trace(what)


def check_trace(trace: Trace) -> Report:
    """Check every row of a trace, and the expression as a whole, against sympy.

    Raises DomainError for a trace that stopped: it has no derivatives.
    """
    if trace.failure:
        raise DomainError(f"the run stopped, so it has no derivatives to check: {trace.failure}")
    known = trace.values()
    unread = {name for step in trace.operations if (name := _unread(step))}
    verdicts = [_check_value(step, known) for step in trace.operations if not _unread(step)]
    for row in trace.derivatives:
        if not isinstance(row.value, Block) and not any(_unread(part.step) for part in row.contributions):
            verdicts.append(_check_derivative(row, known))
    if unread:
        names = ", ".join(sorted(unread))
        whole_ok, whole = True, f"rows with {names}, of which sympy has no reading, are not compared"
    else:
        whole_ok, whole = _check_whole(trace)
    return Report(tuple(verdicts), whole, whole_ok)


def _unread(step: Step) -> str:
    """The name of an operation that cannot be compared with sympy; the empty string if it can."""
    assert step.operation is not None
    if any(isinstance(value, Block) for value in (step.value, *step.operands)) or type(step.operation) is not Operation:
        return "arrays"
    try:
        sympy_function(step.operation)
    except UnknownNameError:
        return step.operation.name
    return ""


# --- row by row -----------------------------------------------------------------------------------------------
def _operands(step: Step, known: dict[Ref, Any], constant: Callable[[float], Any] = float) -> list[Any]:
    return [known[operand] if isinstance(operand, Ref) else constant(operand) for operand in step.operands]


def _check_value(step: Step, known: dict[Ref, float]) -> Verdict:
    assert step.operation is not None
    exact = _value(step.operation, _operands(step, known), surely=True)
    return _verdict(step.ref, step.value, exact, [exact])


def _check_derivative(row: Derivative, known: dict[Ref, float]) -> Verdict:
    """The row's sum once more, with sympy's partials in place of ours."""
    if not row.contributions:
        copied = _copied(row.formula, known)
        return Verdict(row.ref, copied == row.value or copied != copied, 0.0)
    terms = []
    for part in row.contributions:
        assert part.step.operation is not None
        slope = _partial(part.step.operation, part.k, _operands(part.step, known), surely=True)
        if slope is None or not math.isfinite(part.factor):
            return Verdict(row.ref, not math.isfinite(row.value), 0.0)
        terms.append(_float(part.factor) * slope)
    return _verdict(row.ref, row.value, sum(terms) + _float(row.seed), terms)


def _copied(formula: Expr, known: dict[Ref, float]) -> float:
    """The value of a row that starts from a seed or copies another."""
    return float(formula.fold(float, lambda key: known[key], lambda operation, values: operation(*values)))  # type: ignore[index]


def _verdict(ref: Ref, ours: float, exact: Any, terms: Iterable[Any]) -> Verdict:
    """Compare a double with an exact number, in ulps of the largest term that went into it."""
    if exact is None:
        return Verdict(ref, not math.isfinite(ours), 0.0)
    try:
        size = max(abs(float(term)) for term in terms)
    except OverflowError:
        size = math.inf
    if not math.isfinite(ours) or not math.isfinite(size):
        return Verdict(ref, not math.isfinite(ours) and size > 1e308, 0.0)
    ulps = float(abs(_float(ours) - exact)) / math.ulp(max(size, abs(ours)))
    return Verdict(ref, ulps <= TOLERANCE, ulps)


# --- sympy's side ---------------------------------------------------------------------------------------------
def _float(value: Any) -> Any:
    """A double as exactly the number it is."""
    import sympy

    return value if isinstance(value, sympy.Basic) else sympy.Float(float(value), MANY)


def _value(operation: Operation, operands: list[Any], *, surely: bool = False) -> Any:
    """Sympy's value of an operation, None where it has none."""
    import sympy

    symbols = [sympy.Dummy(real=True) for _ in operands]
    return _evaluate(sympy_function(operation)(*symbols), symbols, operands, surely=surely)


def _partial(operation: Operation, k: int, operands: list[Any], *, surely: bool = False) -> Any:
    """Sympy's partial derivative; at a kink, where it has none, our convention."""
    values = [float(operand) for operand in operands]
    convention = operation.convention_at(*values)
    if convention is not None and convention.partials[k] is not None:
        return _float(by_convention(convention.partials[k], operation(*values), values))
    derivative, symbols = derivative_of(operation, k)
    return _evaluate(derivative, symbols, operands, surely=surely)


def _evaluate(expr: Any, symbols: Iterable[Any], operands: list[Any], *, surely: bool = False) -> Any:
    """The value of a sympy expression to `WORKING` digits, None where it is not a finite real number.

    Small whole numbers are put in exactly, so that (−2)³ stays real; others as the doubles they are. `surely` works
    it out twice, and once more with many digits if the two differ.
    """
    import sympy

    needed = [(symbol, x) for symbol, x in zip(symbols, operands, strict=True) if symbol in expr.free_symbols]
    if not all(_is_finite(operand) for _, operand in needed):
        return None
    pairs = [(symbol, _float(operand)) for symbol, operand in needed]
    whole = {symbol: sympy.Integer(int(v)) for symbol, v in pairs if abs(v) <= 1024 and v == int(v)}
    others = {symbol: v for symbol, v in pairs if symbol not in whole}
    formula = expr.xreplace(whole)
    try:
        result = formula.evalf(WORKING, subs=others)
        if surely:
            better = formula.evalf(WORKING + 20, subs=others)
            if not abs(result - better) <= abs(better) * 10.0 ** -(DIGITS + 10):
                result = formula.evalf(MANY, subs=others)
    except (ZeroDivisionError, TypeError):  # a pole, or a complex number that cannot be compared
        return None
    if not result.is_number:  # 0^0.5 is left standing until the exponent is put in
        result = formula.xreplace(others)
    return result if result.is_number and result.is_real and result.is_finite else None


def _is_finite(value: Any) -> bool:
    return math.isfinite(value) if isinstance(value, float) else bool(value.is_finite)


# --- the whole ------------------------------------------------------------------------------------------------
def _check_whole(trace: Trace) -> tuple[bool, str]:
    """The derivatives with respect to all variables: as the rows imply them, and by sympy from the typed text."""
    import sympy

    if any(_at_kink(step, trace.values()) for step in trace.operations):
        return True, "at a kink the expression as a whole is not compared"
    try:
        outputs, symbols = _typed(trace)
    except _NotComparedError as reason:
        return True, f"the expression as a whole is not compared: {reason}"
    point = [_float(step.value) for step in trace.inputs]
    worst = sympy.Float(0)
    for output, expr in zip(trace.outputs, outputs, strict=True):
        implied = _implied(trace, output.operand)
        if implied is None:
            return True, "a row without a finite value: the expression as a whole is not compared"
        slopes, largest = implied
        for ours, symbol in zip(slopes, symbols, strict=True):
            exact = _evaluate(differentiate(expr, symbol), symbols, point)
            if exact is None:
                return True, "sympy finds no number for the derivative of the whole expression"
            worst = max(worst, abs(exact - ours) / max(abs(exact), abs(ours), largest))
    ok = float(worst) < 10.0**-DIGITS
    return ok, "so does the whole expression" if ok else f"the whole expression differs by {float(worst):.1e}"


class _NotComparedError(Exception):
    """Why an expression is not differentiated as a whole."""


def _typed(trace: Trace) -> tuple[list[Any], list[Any]]:
    """The outputs as sympy reads the typed text, and the symbols of the variables."""
    import sympy

    try:
        program = parse(trace.expression, names=trace.variables)
    except ValueError:
        raise _NotComparedError("it is not typed text") from None
    symbols = {name: sympy.Dummy(name, real=True) for name in trace.variables}
    if set(program.variables) != set(symbols):
        raise _NotComparedError("it is not typed text")
    known: dict[Any, Any] = dict(symbols)
    sizes: dict[Any, int] = defaultdict(lambda: 1)
    outputs = []
    for name, expr in [*program.steps, *program.outputs]:
        size = expr.fold(lambda _: 1, lambda key: sizes[key], lambda _, parts: 1 + sum(parts))
        if size > LARGEST:
            raise _NotComparedError("it is too large")
        sizes[name], known[name] = size, to_sympy(expr, known)
        outputs.append(known[name])
    return outputs[len(program.steps) :], list(symbols.values())


def _at_kink(step: Step, known: dict[Ref, float]) -> bool:
    assert step.operation is not None
    if step.operation is table.power:
        return False  # its conventions are sympy's too
    return step.operation.convention_at(*_operands(step, known)) is not None


def _exact_constant(value: float) -> Any:
    """π as π and 1/3 as a third, not as the doubles next to them."""
    return number_to_sympy(value).evalf(MANY)


def _implied(trace: Trace, output: Ref | float) -> tuple[list[Any], Any] | None:
    """∂output/∂variables from the rows alone, by a reverse sweep over sympy's partials; and the largest contribution
    on the way, relative to which a difference is measured: the terms of a derivative may cancel.
    """
    value: dict[Ref, Any] = {step.ref: _float(step.value) for step in trace.inputs}
    for step in trace.operations:
        assert step.operation is not None
        value[step.ref] = _value(step.operation, _operands(step, value, _exact_constant))
        if value[step.ref] is None:
            return None
    adjoint: dict[Ref, Any] = defaultdict(lambda: _float(0.0))
    largest = _float(1.0)
    if isinstance(output, Ref):
        adjoint[output] = largest
    for step, k, operand in arrivals(trace.steps):
        if adjoint[step.ref]:
            slope = _partial(step.operation, k, _operands(step, value, _exact_constant))
            if slope is None:
                return None
            contribution = adjoint[step.ref] * slope
            largest = max(largest, abs(contribution))
            adjoint[operand] += contribution
    return [adjoint[step.ref] for step in trace.inputs], largest

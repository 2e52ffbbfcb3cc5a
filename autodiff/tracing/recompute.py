"""A row worked out again from other values of what it reads: what a cell should hold, given the cells before it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from autodiff.errors import ArgumentError, BindingError, ShapeError
from autodiff.expression.blocks import Block, frozen, raw
from autodiff.expression.expr import Expr, Symbol, evaluate, operand_expr
from autodiff.expression.names import Ref, unicode_ref
from autodiff.modes.dual import Dual
from autodiff.modes.partials import partial
from autodiff.operations.rule import Operation
from autodiff.tracing.directions import DIRECTIONS
from autodiff.tracing.lookup import Name, Row
from autodiff.tracing.rows import Contribution, Derivative, Output, Step, Value
from autodiff.tracing.sweeps import ChainRule

if TYPE_CHECKING:
    from autodiff.tracing.trace import Trace

Off: TypeAlias = float | Mapping[Name, float] | None


@dataclass(frozen=True)
class Recomputed:
    """A row, worked out again.

    `used` are the names in its formula with the values taken for them. A derivative has its `contributions`, each with
    its factor, partial and value. `bound` is how far `value` can be off, to first order, where everything that goes
    into it is rounded; arrays have none. `notes` say which kinks and singular slopes were met.
    """

    ref: Ref
    value: Value
    used: dict[Ref, Value]
    bound: float | None
    contributions: tuple[Contribution, ...] = ()
    notes: tuple[str, ...] = ()


def recompute(trace: Trace, name: Name, values: Mapping[Name, Any], off: Off) -> Recomputed:
    """The row of that name from these values; `Trace.recompute` explains it."""
    names = trace.names
    if not isinstance(values, Mapping):
        raise ArgumentError(f"values are given by name, as in {{'v1': 2}}, not as {values!r:.40}")
    given = {names.ref(each): _value(each, value) for each, value in values.items()}
    if isinstance(off, Mapping):
        errors = {names.ref(each): _error(error) for each, error in off.items()}
    else:
        errors = {} if off is None else dict.fromkeys(given, _error(off))
    ref = names.ref(name)
    return _Again(trace, given, errors).row(ref, names.row(ref))


def _error(off: Any) -> float:
    """How far a value may be off."""
    try:
        return abs(float(off))
    except (TypeError, ValueError, OverflowError):
        raise BindingError(f"off is a number, or a number for each name, not {off!r:.40}") from None


def _value(name: Name, value: Any) -> Value:
    try:
        return value if isinstance(value, Block) else frozen(value)
    except (TypeError, ValueError, OverflowError):
        raise BindingError(f"the value of {name} is {value!r:.40}, which is not a number") from None


class _Again:
    """A trace with some of its values changed, and how far each value may be off."""

    def __init__(self, trace: Trace, given: Mapping[Ref, Value], errors: Mapping[Ref, float]) -> None:
        self.known, self.errors = trace.values(), dict(errors)
        for ref, value in given.items():
            was = _shape(self.known[ref])
            if _shape(value) != was:
                raise ShapeError(f"the value of {unicode_ref(ref)} has the shape {_shape(value)}, not {was}")
        self.known |= given
        rows: list[Step | Derivative] = [*trace.inputs, *trace.derivatives]
        for row in rows:  # what only copies a name has the value that is given for that name: v₋₁ = x₁
            if isinstance(row.formula, Symbol) and (source := _named(row.formula.key)) in given:
                self.known[row.formula.key] = given[source]
                if row.ref not in given:
                    self.known[row.ref] = given[source]
                    self.errors.setdefault(row.ref, self.error(source))
        self.chain = ChainRule(trace.steps, trace.outputs, self.known)

    def row(self, ref: Ref, row: Row) -> Recomputed:
        """A row of any kind."""
        if isinstance(row, Step) and row.operation is not None:
            return self.operation(ref, row)
        if isinstance(row, Derivative) and row.contributions:
            return self.derivative(ref, row)
        return self.copy(ref, row)

    def copy(self, ref: Ref, row: Row) -> Recomputed:
        """A row that takes its value from elsewhere: an input, an output, a seed."""
        formula = operand_expr(row.operand) if isinstance(row, Output) else row.formula
        used = self.used(formula)
        value = evaluate(formula, self.known) if used else row.value
        return Recomputed(ref, value, used, None if isinstance(value, Block) else _total(map(self.error, used)))

    def operation(self, ref: Ref, step: Step) -> Recomputed:
        """The value of an operation."""
        values = [self.known[o] if isinstance(o, Ref) else o for o in step.operands]
        value = frozen(step.operation(*map(raw, values), **step.settings))
        bound = None
        if type(step.operation) is Operation and not any(isinstance(each, Block) for each in (value, *values)):
            errors = enumerate(map(self.error, step.operands))
            moved = [abs(partial(step.operation, k, value, values)) * error for k, error in errors if error]
            bound = _total([*moved, _half_ulp(value)])
        return Recomputed(ref, value, self.used(step.formula), bound)

    def derivative(self, ref: Ref, row: Derivative) -> Recomputed:
        """The sum of the contributions, and of the seeds of a row that is an output too."""
        way = next(way for way in DIRECTIONS.values() if way.kind == row.ref.kind)
        parts = tuple(
            self.chain.contribution(way, part.step, part.k, self.known[part.factor_ref]) for part in row.contributions
        )
        seeds = [each for each in _refs(row.formula) if isinstance(each.of, str)]
        value = sum((self.known[each] for each in seeds), 0.0) + sum(part.value for part in parts)
        bound = None
        if all(part.partial_value is not None for part in parts):
            bound = _total([*map(self.error, seeds), *map(self.error_of_product, parts), _half_ulp(value)])
        notes = tuple(dict.fromkeys(note.text for note in self.chain.notes))
        return Recomputed(ref, value, self.used(row.formula), bound, parts, notes)

    def used(self, formula: Expr) -> dict[Ref, Value]:
        """The names in a formula with their values."""
        return {each: self.known[each] for each in _refs(formula)}

    # --- errors ---------------------------------------------------------------------------------------------
    def error(self, operand: Ref | float) -> float:
        """How far a value may be off: what the caller said, else half an ulp; a constant may be exact."""
        if isinstance(operand, Ref):
            return self.errors[operand] if operand in self.errors else _half_ulp(self.known[operand])
        return 0.0 if Decimal(repr(float(operand))) == Decimal(float(operand)) else _half_ulp(operand)

    def error_of_product(self, part: Contribution) -> float:
        """How far the product of factor and partial may be off; the partial is off by what its rule reads."""
        assert part.partial_value is not None
        names = [part.step.ref, *part.step.operands]
        values = [self.known[each] if isinstance(each, Ref) else each for each in names]
        errors = enumerate(map(self.error, names))
        slope = _total(
            [_half_ulp(part.partial_value), *(_moved(part, values, n, error) for n, error in errors if error)]
        )
        factor = self.error(part.factor_ref)
        products = [abs(a) * b for a, b in ((part.partial_value, factor), (part.factor, slope)) if b]
        return _total([*products, _half_ulp(part.value)])


def _moved(part: Contribution, values: Sequence[Any], n: int, error: float) -> float:
    """How far a partial moves with the n-th of what its rule reads: the result of the operation, then its operands."""
    z, *operands = (Dual(value, 1.0) if m == n else value for m, value in enumerate(values))
    found = partial(part.step.operation, part.k, z, operands)
    return abs(found.tangent) * error if isinstance(found, Dual) else 0.0


def _half_ulp(value: float) -> float:
    return math.ulp(value) / 2


def _total(errors: Iterable[float]) -> float:
    """The sum of errors; ∞ where it is unknown."""
    found = sum(errors)
    return math.inf if found != found else found


def _refs(formula: Expr) -> list[Ref]:
    """The names in a formula, each once; an array constant in it is not a name."""
    return [_named(key) for key in formula.symbols() if not isinstance(key, Block)]


def _named(key: Any) -> Ref:
    return key if isinstance(key, Ref) else Ref("primal", key)


def _shape(value: Value) -> tuple[int, ...]:
    return value.shape if isinstance(value, Block) else ()

"""A formula: a number, a symbol, or an operation on formulas."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from autodiff.expression.blocks import Block
from autodiff.expression.names import Ref
from autodiff.expression.printing import LanguagePrinter
from autodiff.modes.lifted import Lifted
from autodiff.operations import elementary as table
from autodiff.operations.constant import Constant
from autodiff.operations.rule import Operation

T = TypeVar("T")
_Flat = list[tuple[Any, ...]]


class Expr(Lifted):
    """A formula; arithmetic on it builds a larger one. Two formulas are equal when they are written the same way.

    >>> x = Symbol("x")
    >>> table.sin(x) * 2 + x
    Expr('sin(x)*2 + x')
    """

    __slots__ = ("_hash",)
    level = 1 << 62  # above every differentiation: an operation that meets a formula becomes one

    def apply(self, operation: Operation, operands: tuple[Any, ...]) -> Expr:
        """The operation on formulas, tidied."""
        return build(operation, tuple(as_expr(operand) for operand in operands))

    def fold(
        self,
        number: Callable[[float], T],
        symbol: Callable[[Hashable], T],
        call: Callable[[Operation, tuple[T, ...]], T],
    ) -> T:
        """Work the formula out from its leaves up, without recursion; a shared part only once.

        >>> x = Symbol("x")
        >>> (x * x + 1).fold(lambda number: 1, lambda key: 1, lambda operation, sizes: 1 + sum(sizes))
        5
        """
        done: dict[int, T] = {}
        pending = [self]
        while pending:
            here = pending[-1]
            if id(here) in done:
                pending.pop()
            elif isinstance(here, Call):
                waiting = [operand for operand in here.operands if id(operand) not in done]
                if waiting:
                    pending.extend(reversed(waiting))
                else:
                    done[id(here)] = call(here.operation, tuple(done[id(operand)] for operand in here.operands))
            elif isinstance(here, Symbol):
                done[id(here)] = symbol(here.key)
            elif isinstance(here, Num):
                done[id(here)] = number(here.value)
        return done[id(self)]

    def symbols(self) -> list[Hashable]:
        """The keys of its symbols, each once, from left to right."""
        found: dict[Hashable, None] = {}
        self.fold(lambda number: None, found.setdefault, lambda operation, operands: None)
        return list(found)

    def terms(self) -> tuple[Expr, list[tuple[Operation, Expr]]]:
        """The first term of a sum, and the others with their + or −; what is not a sum is its own first term.

        >>> x = Symbol("x")
        >>> (x + 2 - x).terms()
        (Expr('x'), [(<operation add>, Expr('2')), (<operation sub>, Expr('x'))])
        """
        first, others = self, []
        while isinstance(first, Call) and first.operation in (table.add, table.sub):
            others.append((first.operation, first.operands[1]))
            first = first.operands[0]
        return first, others[::-1]

    def _flat(self) -> _Flat:
        """The formula in postfix order: equality and hash without recursion."""
        return self.fold(lambda number: [_key(number)], lambda key: [("symbol", key)], _join)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expr) and hash(self) == hash(other) and self._flat() == other._flat()

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            self._hash: int = hash(tuple(self._flat()))
            return self._hash

    def __repr__(self) -> str:
        return f"Expr({str(self)!r})"

    def __str__(self) -> str:
        return LanguagePrinter().text(self)


class Num(Expr):
    """A number; a Constant prints the way it was written."""

    __slots__ = ("value",)

    def __init__(self, value: float) -> None:
        self.value = value if type(value) is Constant else float(value)

    def __reduce__(self) -> tuple[object, ...]:
        return Num, (self.value,)


class Symbol(Expr):
    """A name, or any other key that a printer knows how to write."""

    __slots__ = ("key",)

    def __init__(self, key: Hashable) -> None:
        self.key = key

    def __reduce__(self) -> tuple[object, ...]:
        return Symbol, (self.key,)


class Call(Expr):
    """An operation with its operands."""

    __slots__ = ("operands", "operation")

    def __init__(self, operation: Any, operands: tuple[Expr, ...]) -> None:
        self.operation = operation
        self.operands = operands

    def __reduce__(self) -> tuple[object, ...]:
        return Call, (self.operation, self.operands)


def _key(number: float) -> tuple[Any, ...]:
    written = number.formula if type(number) is Constant else None
    return "number", float(number), written


def _join(operation: Operation, operands: tuple[_Flat, ...]) -> _Flat:
    return [row for operand in operands for row in operand] + [("call", operation)]


def as_expr(value: Any) -> Expr:
    """A formula for a number; a Constant that remembers an operation is unfolded into it. A loop, not a recursion."""
    if isinstance(value, Expr):
        return value
    if type(value) is not Constant:
        return Num(value)
    done: dict[int, Expr] = {}
    pending: list[Any] = [value]
    while pending:
        here = pending[-1]
        if type(here) is Constant and not isinstance(here.formula, str):
            operation, operands = here.formula
            rest = [operand for operand in operands if id(operand) not in done]
            pending += rest
            if rest:
                continue
            done[id(here)] = Call(operation, tuple(done[id(operand)] for operand in operands))
        else:
            done[id(here)] = here if isinstance(here, Expr) else Num(here)
        pending.pop()
    return done[id(value)]


def operand_expr(operand: Any) -> Expr:
    """An operand as a formula: the name of a row, a number, or an array in its short form."""
    if isinstance(operand, (Ref, Block)):
        return Symbol(operand)
    return Symbol(Block(operand)) if getattr(operand, "shape", ()) else as_expr(operand)


def evaluate(expr: Expr, values: Mapping[Any, Any]) -> Any:
    """The value of a formula when its symbols have `values`: numbers, Duals, Vars or formulas.

    >>> evaluate(Symbol("x") * 3, {"x": 2.0})
    6.0
    """
    return expr.fold(lambda number: number, values.__getitem__, lambda operation, operands: operation(*operands))


def build(operation: Operation, operands: tuple[Expr, ...]) -> Expr:
    """An operation on formulas, tidied the way a person would: x¹ is x, 1 × x is x, 3 − 1 is 2.

    The parser does not come here: what a user typed stays as typed.
    """
    known = [_number(operand) for operand in operands]
    if operation is table.power and known[1] == 1:
        return operands[0]
    if operation is table.power and known[1] == 0:
        return Num(1)
    if operation is table.mul and 1 in known:
        return operands[1 - known.index(1)]
    if operation is table.mul and 0 in known:
        return Num(0)
    numbers = [value for value in known if value is not None]
    if len(numbers) == len(operands) and _folds(operation, numbers):
        return Num(operation.evaluate(*numbers))
    return Call(operation, operands)


def _number(expr: Expr) -> float | None:
    """The value of a number, or of a number with a minus in front."""
    if isinstance(expr, Call) and expr.operation is table.neg and isinstance(expr.operands[0], Num):
        return -expr.operands[0].value
    return expr.value if isinstance(expr, Num) else None


def _folds(operation: Operation, known: list[float]) -> bool:
    """Sums of plain numbers are worked out (the exponent 3 − 1), and logarithms that are 1 (ln e)."""
    if operation in (table.add, table.sub, table.neg):
        return all(type(value) is float for value in known)
    return operation is table.ln and known[0] == table.e

"""What an operation is: its value, its partial derivatives, its domain, its conventions, its typesetting.

Everything else in the package reads what is written here; nothing else states a derivative.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autodiff import media
from autodiff.errors import ArgumentError, DivisionByZeroError, DomainError, UnknownNameError
from autodiff.operations.operands import PLAIN, as_float

# A partial derivative as a function of the result z and the operands x, y: lambda z, x, y: …
# What it computes depends on what it is fed: numbers, Duals, Vars, or formulas (Expr).
Partial = Callable[..., Any]
Interval = tuple[float, float]

REALS: Interval = (-math.inf, math.inf)


@dataclass(frozen=True)
class Domain:
    """Where a function has a value: the sentence an error prints, and an open interval for each operand.

    The intervals are where tests draw their points; the function itself decides what it refuses.
    """

    needs: str
    intervals: tuple[Interval, ...]


@dataclass(frozen=True)
class Convention:
    """What is used at points where the formula of a partial has no single answer.

    `where` recognizes the points by their operands. `partials` says what ∂z/∂(operand) is there: a rule
    (lambda z, x: 2 * x), which is itself differentiated; a number, the slope taken at a corner, whose own derivative
    is not known and so is NaN; or None for an operand whose formula is right even there. `note` is the sentence that
    a table prints.

    >>> from autodiff import elementary, grad
    >>> bump = elementary(
    ...     "bump", lambda x: x * abs(x), lambda z, x: 2 * z / x,
    ...     at=(Convention(lambda x: x == 0, "x |x| is flat at 0", (lambda z, x: 2 * abs(x),)),),
    ... )
    >>> grad(bump)(0.0), grad(bump)(-3.0)
    (0.0, 6.0)
    """

    where: Callable[..., bool]
    note: str
    partials: tuple[float | Partial | None, ...]


@dataclass(frozen=True)
class Notation:
    """How an operation is typeset: its kind (`infix`, `prefix`, `power`, `function`, `bars`, `root`,
    `greater`, `heaviside`, `gaussian`), its symbol in text and, if it is more than a word, in LaTeX and MathML.
    """

    kind: str
    symbol: str
    latex: str = ""
    mathml: str = ""


def named(name: str, kind: str = "function", latex: str = "", mathml: str = "") -> Notation:
    """The notation of an operation that is written by its name."""
    return Notation(kind, name, latex, mathml)


@dataclass(frozen=True, eq=False)
class Operation:
    """One elementary operation. Call it with numbers, Duals, Vars or formulas.

    `function` works on floats and may raise ValueError or ZeroDivisionError outside its domain;
    `overflow` says what stands for a value too large for a float. The facts below it say how numpy, sympy and
    JavaScript compute the same value; what is not given follows from the rest, as far as it can.
    """

    name: str
    function: Callable[..., float]
    partials: tuple[Partial, ...]
    notation: Notation
    domain: Domain
    conventions: tuple[Convention, ...] = ()
    overflow: Callable[..., float] = field(default=lambda *_: math.inf)
    numpy: tuple[str, ...] = ()  # what numpy calls it, for arrays and for those who call numpy: log, for ln
    vector: Callable[..., Any] | str = ""  # its value at arrays where that is not numpy's: a function, or its name
    means: Callable[..., Any] | None = None  # the same in other operations: lambda x: ln(1 + x), for log1p
    sympy: Callable[..., Any] | str = ""  # the same function in sympy, or sympy's name for it
    javascript: str = ""  # its value in JavaScript: Math.log, or (x) => …
    poles: Callable[..., bool] | None = None  # where its value is infinite, which Python refuses and IEEE 754 does not
    forms: tuple[tuple[int, Partial], ...] = ()  # (k, rule): other ways in which textbooks write ∂z/∂(operand k)
    orders: tuple[int, ...] = ()  # operands with respect to which there is no derivative: the order n of polygamma
    code: int = -1  # its place in the table; a tape row stores this number
    arity: int = field(init=False)  # how many operands it takes

    def __post_init__(self) -> None:
        for attribute, value in (("arity", len(self.partials)), ("__name__", self.name), ("__qualname__", self.name)):
            object.__setattr__(self, attribute, value)

    def __call__(self, *operands: Any) -> Any:
        """Apply to numbers, or let the operand with the highest level say what applying means.

        Raises ArgumentError for what is not a real number, a Dual, a Var or a formula, and for too many or too few.
        """
        if len(operands) != self.arity:
            plural = "s" * (self.arity > 1)
            raise ArgumentError(f"{self.name} takes {self.arity} operand{plural}, not {len(operands)}")
        top, level = None, 0
        for operand in operands:
            if type(operand) not in PLAIN:
                its = getattr(operand, "level", None)
                if its is None:
                    from autodiff.operations.foreign import call_foreign

                    return call_foreign(self, operands)
                if its > level:
                    top, level = operand, its
        return self.evaluate(*operands) if top is None else top.apply(self, operands)

    def evaluate(self, *values: float) -> float:
        """The value at plain numbers.

        Raises DomainError outside the domain (DivisionByZeroError where it divides by zero); a value too large for a
        float is ±inf.
        """
        try:
            return self.function(*values)
        except OverflowError:
            return self.overflow(*(as_float(value, self.name) for value in values))
        except (ValueError, ZeroDivisionError) as error:
            divided = isinstance(error, ZeroDivisionError) or self._divides_as_a_power(*values)
            raise (DivisionByZeroError if divided else DomainError)(self.complaint(*values)) from None

    def _divides_as_a_power(self, *values: float) -> bool:
        """Whether this is 0 to a negative power: math.pow raises ValueError for it, ** ZeroDivisionError."""
        return self.notation.kind == "power" and self.poles is not None and bool(self.poles(*values))

    def complaint(self, *values: float) -> str:
        """The sentence for values outside the domain."""
        if not all(map(math.isfinite, values)):
            return f"{self.name} needs finite numbers"
        return self.domain.needs or f"{self.name} has no value here"

    def convention_at(self, *values: float) -> Convention | None:
        """The convention that applies at these operands, if any."""
        return next((rule for rule in self.conventions if rule.where(*values)), None)

    def __get__(self, instance: object, owner: type | None = None) -> Operation:
        """Itself: in the body of a class it is not a method. Having this makes help(sin) the help of a function."""
        return self

    def __getattr__(self, attribute: str) -> Any:
        """`__signature__`, computed on demand: the operands, by the names that the rule gives them."""
        if attribute != "__signature__":
            raise AttributeError(f"an operation has no attribute {attribute!r}")
        import inspect

        names = inspect.signature(self.partials[0]).parameters
        operands = list(names)[1:] if len(names) == self.arity + 1 else [f"x{n + 1}" for n in range(self.arity)]
        return inspect.Signature([inspect.Parameter(each, inspect.Parameter.POSITIONAL_ONLY) for each in operands])

    def __reduce__(self) -> tuple[object, ...]:
        return operation, (self.name,)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


class _Help:
    """The docstring of an operation: its formula, domain, derivative and conventions; for the class, its own."""

    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, instance: Operation | None, owner: type) -> str | None:
        return self.of_class if instance is None else str(media.view("help", instance))


Operation.__doc__ = _Help(Operation.__doc__)  # type: ignore[assignment]

TABLE: list[Operation] = []
FIRST: list[Partial] = []  # the partials of all operations by code, for the tape's inner loop
LAST: list[Partial] = []
BY_NAME: dict[str, Operation] = {}
BY_NUMPY_NAME: dict[str, Operation] = {}  # the operation by numpy's name for it
BUILT_IN: set[str] = set()  # the names that nobody may redefine


def operation(name: str) -> Operation:
    """The operation of that name in the table. Raises UnknownNameError for one that is not defined in this program."""
    if name not in BY_NAME:
        raise UnknownNameError(f"no operation is called {name}: define it first, with elementary")
    return BY_NAME[name]

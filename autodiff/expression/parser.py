"""Reading typed text: a precedence-climbing parser for the language of textbooks.

    program   = { name "=" sum (";" | newline) } outputs
    outputs   = [ name "=" ] sum { "," [ name "=" ] sum }
    sum       = product { ("+" | "-") product }
    product   = signed { ("*" | "/" | nothing) signed }
    signed    = { "+" | "-" } power
    power     = atom [ "^" signed power | superscript ]
    atom      = number | name | "(" sum ")" | "|" sum "|" | "√" root | function application

The text is only ever split into tokens and looked up in our own table.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from autodiff.errors import ExpressionError
from autodiff.expression.expr import Expr
from autodiff.expression.formula import FormulaReader
from autodiff.expression.language import FUNCTIONS, is_letter
from autodiff.expression.names import natural_key
from autodiff.expression.tokens import Token


@dataclass(frozen=True)
class Program:
    """What a text says: named steps in order, then outputs (name or None, formula)."""

    text: str
    steps: tuple[tuple[str, Expr], ...]
    outputs: tuple[tuple[str | None, Expr], ...]
    places: dict[str, tuple[int, int]]  # where each variable appears first

    @property
    def variables(self) -> tuple[str, ...]:
        """The independent variables in natural order: x1 < x2 < x10, otherwise alphabetical."""
        return tuple(sorted(self.places, key=natural_key))

    def __str__(self) -> str:
        steps = [f"{name} = {expr}" for name, expr in self.steps]
        outputs = [f"{name} = {expr}" if name else str(expr) for name, expr in self.outputs]
        return "; ".join([*steps, ", ".join(outputs)])


def parse(text: str, *, names: Collection[str] = ()) -> Program:
    """Read a program: one expression, several outputs, or statements.

    `names` are names known to be variables. Raises ExpressionError with the place of the mistake.

    >>> program = parse("a = exp(x); b = a^2; sin(a + b)")
    >>> program.variables, str(program)
    (('x',), 'a = exp(x); b = a^2; sin(a + b)')
    """
    return _ProgramReader(text, names).program()


def parse_expression(text: str) -> Expr:
    """Read a single expression.

    >>> parse_expression("2x^2")
    Expr('2*x^2')
    """
    program = parse(text)
    if program.steps or len(program.outputs) != 1:
        raise ExpressionError("one expression was expected here, not a program", text, 0, len(text))
    return program.outputs[0][1]


class _ProgramReader(FormulaReader):
    """Statements and outputs."""

    def program(self) -> Program:
        if all(token.text in ("\n", ";", "") for token in self.tokens):
            raise ExpressionError("the expression is empty", self.text, 0, 0, hint="try 'x^2 + 1'")
        steps: list[tuple[str, Expr]] = []
        while True:
            while self.accept("\n", ";"):
                pass
            first = self.here
            outputs = [self.output()]
            while comma := self.accept(","):
                self._refuse_decimal_comma(comma)
                outputs.append(self.output())
            separator = self.here
            if separator.kind != "end" and not self.accept("\n", ";"):
                raise self.unexpected()
            while self.accept("\n", ";"):
                pass
            if self.here.kind == "end":
                named = [*steps, *((name, expr) for name, expr in outputs if name)]
                self._refuse_repeated(named)
                return Program(self.text, tuple(steps), tuple(outputs), self.places)
            for name, expr in outputs:
                if name is None:
                    message = "only the last statement may go without a name"
                    raise self.fail(message, first, self.tokens[self.at - 2], hint="write a = … to use it later")
                steps.append((name, expr))
            self.assigned |= {str(name) for name, _ in outputs}

    def output(self) -> tuple[str | None, Expr]:
        """A sum, with a name in front if there is one."""
        name = self.here
        if name.kind != "name" or self.tokens[self.at + 1].text != "=":
            return None, self.sum()
        self.take()
        self.take()
        if (name.text in FUNCTIONS and not is_letter(name.text)) or name.text == "pi":
            raise self.fail(f"'{name.text}' already has a meaning; choose another name", name)
        if name.text in self.places or name.text in self.constants:
            raise self.fail(f"'{name.text}' is used before this line gives it a value", name)
        if name.text in self.assigned:
            raise self.fail(f"'{name.text}' has a value already; choose another name", name)
        expr = self.sum()
        if name.text in self.places or name.text in self.constants:
            raise self.fail(f"'{name.text}' is defined by itself", name)
        return name.text, expr

    def _refuse_repeated(self, named: list[tuple[str, Expr]]) -> None:
        names = [name for name, _ in named]
        for name in names:
            if names.count(name) > 1:
                raise ExpressionError(f"'{name}' gets a value twice", self.text, 0, len(self.text))

    def _refuse_decimal_comma(self, comma: Token) -> None:
        before, after = self.tokens[self.at - 2], self.here
        if before.kind == after.kind == "number" and before.end == comma.start and after.start == comma.end:
            hint = f"write {before.text}.{after.text}; for two outputs put a space behind the comma"
            raise self.fail("a decimal comma is not read as a number", before, after, hint)

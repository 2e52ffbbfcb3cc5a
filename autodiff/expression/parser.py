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

from autodiff.errors import ExpressionError, did_you_mean
from autodiff.expression.expr import Call, Expr, Num, Symbol
from autodiff.expression.language import CHAINED, CONSTANTS, FUNCTIONS, INVERSES, LETTERS
from autodiff.expression.names import natural_key
from autodiff.expression.tokens import Token, tokenize
from autodiff.operations import elementary as table
from autodiff.operations.rule import Operation

MAX_DEPTH = 100  # nested parentheses, powers and functions
_SUMS = {"+": table.add, "-": table.sub}
_PRODUCTS = {"*": table.mul, "/": table.div}


@dataclass(frozen=True)
class Program:
    """What a text says: named steps in order, then outputs (name or None, formula)."""

    text: str
    steps: tuple[tuple[str, Expr], ...]
    outputs: tuple[tuple[str | None, Expr], ...]
    places: dict[str, tuple[int, int]]  # where each variable stands first

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
    return _Parser(text, names).program()


def parse_expression(text: str) -> Expr:
    """Read a single expression.

    >>> parse_expression("2x^2")
    Expr('2*x^2')
    """
    program = parse(text)
    if program.steps or len(program.outputs) != 1:
        raise ExpressionError("one expression was expected here, not a program", text, 0, len(text))
    return program.outputs[0][1]


class _Parser:
    def __init__(self, text: str, names: Collection[str]) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0
        self.depth = 0
        self.parentheses = 0
        self.bars = 0  # bars open since the last parenthesis
        self.places: dict[str, tuple[int, int]] = {}
        self.assigned: set[str] = set()
        self.variables = {*names, *self._evident_variables()}

    def _evident_variables(self) -> set[str]:
        """Names that stand somewhere without a parenthesis behind them cannot be functions."""
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return {word.text for word, after in pairs if word.kind == "name" and after.text != "("}

    # --- tokens ---------------------------------------------------------------------------------------------
    @property
    def here(self) -> Token:
        """The next token; line ends inside parentheses do not count."""
        while self.parentheses and self.tokens[self.at].text == "\n":
            self.at += 1
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.here
        self.at += token.kind != "end"
        return token

    def accept(self, *signs: str) -> Token | None:
        return self.take() if self.here.kind == "sign" and self.here.text in signs else None

    def fail(self, message: str, start: Token, end: Token | None = None, hint: str = "") -> ExpressionError:
        return ExpressionError(message, self.text, start.start, (end or start).end, hint=hint)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"nested more than {MAX_DEPTH} deep", self.here)

    # --- statements -----------------------------------------------------------------------------------------
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
        if (name.text in FUNCTIONS and name.text not in LETTERS) or name.text in CONSTANTS:
            raise self.fail(f"'{name.text}' already has a meaning; choose another name", name)
        if name.text in self.places:
            raise self.fail(f"'{name.text}' is used before this line gives it a value", name)
        if name.text in self.assigned:
            raise self.fail(f"'{name.text}' has a value already; choose another name", name)
        expr = self.sum()
        if name.text in self.places:
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

    # --- sums and products ----------------------------------------------------------------------------------
    def sum(self) -> Expr:
        left = self.product()
        while sign := self.accept("+", "-"):
            left = Call(_SUMS[sign.text], (left, self.product()))
        return left

    def product(self) -> Expr:
        first = self.here
        left = self.signed()
        divisor: Token | None = None
        while True:
            if sign := self.accept("*", "/"):
                divisor = self.here if sign.text == "/" else None
                left = Call(_PRODUCTS[sign.text], (left, self.signed()))
            elif self._begins_factor():
                if divisor:
                    raise self._ambiguous_division(first, divisor)
                left = Call(table.mul, (left, self.signed()))
            else:
                return left

    def _begins_factor(self) -> bool:
        """Whether the next token can be multiplied without a sign: 2x, 2 sin x, (a)(b), 2|x|."""
        token = self.here
        if token.kind == "number":
            message = "a sign is missing between these two"
            raise self.fail(message, self.tokens[self.at - 1], token, hint="for a product write *")
        return token.kind == "name" or token.text in ("(", "√") or (token.text == "|" and not self.bars)

    def _ambiguous_division(self, first: Token, divisor: Token) -> ExpressionError:
        last = self.tokens[self.at - 1]
        top = self.text[first.start : divisor.start].rstrip().removesuffix("/").removesuffix("÷").rstrip()
        bottom, factor = self.text[divisor.start : last.end], self.here.text
        shown = f"{factor}(…)" if factor == "(" or factor in FUNCTIONS else factor
        shown = shown.replace("((", "(")
        hint = f"write {top}/({bottom}*{shown}) or ({top}/{bottom})*{shown}"
        return self.fail("a product without a sign behind a division can be read in two ways", first, self.here, hint)

    def signed(self) -> Expr:
        negations = 0
        while sign := self.accept("+", "-"):
            negations += sign.text == "-"
            if negations > MAX_DEPTH:
                raise self.fail(f"more than {MAX_DEPTH} signs in a row", sign)
        operand = self.power()
        for _ in range(negations):
            operand = Call(table.neg, (operand,))
        return operand

    def power(self) -> Expr:
        base = self.atom()
        if self.here.kind == "superscript":
            base = Call(table.power, (base, self.superscript()))
        if not self.accept("^"):
            return base
        self.deeper()
        digit = self.here
        exponent = self.signed()
        self.depth -= 1
        after = self.here
        if digit.kind == "number" and after.kind == "name" and digit.end == after.start:
            power = self.text[digit.start : digit.end]
            hint = f"write ^({power}*{after.text}) or ^{power} * {after.text}"
            raise self.fail("this exponent can be read in two ways", digit, after, hint)
        return Call(table.power, (base, exponent))

    def superscript(self) -> Expr:
        value = int(self.take().text)
        return Num(value) if value >= 0 else Call(table.neg, (Num(-value),))

    # --- atoms ----------------------------------------------------------------------------------------------
    def atom(self) -> Expr:
        token = self.here
        if token.kind == "number":
            self.take()
            return Num(float(token.text))
        if token.kind == "name":
            return self.name()
        if token.text == "(":
            return self.parenthesised()
        if token.text == "|":
            return self.between_bars()
        if self.accept("√"):
            return self.root(token)
        raise self.unexpected()

    def unexpected(self) -> ExpressionError:
        token = self.here
        if token.kind == "end" or token.text == "\n":
            before = self.tokens[max(self.at - 1, 0)]
            return self.fail(
                "the expression ends too early: something is missing here", token, hint=f"after '{before.text}'"
            )
        if token.text == ")":
            return self.fail("this ')' closes nothing", token)
        if token.text == "=":
            return self.fail("'=' gives a name to a whole statement: a = …", token)
        return self.fail(f"'{self.text[token.start : token.end]}' is not expected here", token)

    def parenthesised(self) -> Expr:
        opening = self.take()
        outer_bars, self.bars = self.bars, 0
        self.parentheses += 1
        self.deeper()
        inside = self.sum()
        self.depth -= 1
        self.expect_closing(opening)
        self.bars = outer_bars
        return inside

    def expect_closing(self, opening: Token) -> None:
        if self.here.text != ")":
            raise self.fail("this '(' is never closed", opening) if self.here.kind == "end" else self.unexpected()
        self.take()
        self.parentheses -= 1

    def between_bars(self) -> Expr:
        opening = self.take()
        self.bars += 1
        self.deeper()
        inside = self.sum()
        self.depth -= 1
        if not self.accept("|"):
            raise self.fail("this '|' is never closed", opening) if self.here.kind == "end" else self.unexpected()
        self.bars -= 1
        return Call(table.absolute, (inside,))

    def root(self, sign: Token) -> Expr:
        self.deeper()
        bare = self.here.kind in ("number", "name") and self.here.text not in FUNCTIONS
        inside = self.power()
        self.depth -= 1
        after = self.here
        if bare and after.kind == "name" and after.start == self.tokens[self.at - 1].end:
            read = self.text[sign.end : after.start]
            hint = f"write √({read}*{after.text}) or √{read} * {after.text}"
            raise self.fail("how far this root reaches can be read in two ways", sign, after, hint)
        return Call(table.sqrt, (inside,))

    def name(self) -> Expr:
        token = self.take()
        called = self.here.text == "("
        if token.text in FUNCTIONS and not (token.text in LETTERS and (not called or token.text in self.variables)):
            return self.application(token, FUNCTIONS[token.text])
        if token.text in CONSTANTS:
            return Num(CONSTANTS[token.text])
        if called and token.text not in self.variables | self.assigned:
            raise self._unknown_function(token)
        if token.text not in self.assigned:
            self.places.setdefault(token.text, (token.start, token.end))
        return Symbol(token.text)

    def _unknown_function(self, token: Token) -> ExpressionError:
        hint = (
            did_you_mean(token.text, {function.name for function in FUNCTIONS.values()})
            or f"for a product write {token.text}*(…)"
        )
        return self.fail(f"unknown function '{token.text}'", token, hint=hint)

    # --- functions ------------------------------------------------------------------------------------------
    def application(self, word: Token, function: Operation) -> Expr:
        """sin(x), sin x, sin 2x, sin² x, max(a, b, c)."""
        self.deeper()
        exponent = self.function_power(word, function)
        if self.here.text == "(":
            operands = self.arguments(word, function)
        elif function.arity == 1:
            operands = [self.bare_argument(word)]
        else:
            raise self.fail(
                f"'{word.text}' needs {function.arity} values in parentheses", word, hint=f"write {word.text}(a, b)"
            )
        self.depth -= 1
        while len(operands) > function.arity:
            operands[:2] = [Call(function, tuple(operands[:2]))]
        result = Call(function, tuple(operands))
        return result if exponent is None else Call(table.power, (result, exponent))

    def function_power(self, word: Token, function: Operation) -> Expr | None:
        """The exponent of sin² x; sin⁻¹ is refused, for half the world reads it as arcsin and half as 1/sin."""
        caret = self.accept("^")
        token = self.here
        if not caret and token.kind != "superscript":
            return None
        if token.text.startswith("-") or (token.text == "(" and self.tokens[self.at + 1].text == "-"):
            inverse = INVERSES.get(function.name)
            hint = f"write {inverse}(x) or 1/{word.text}(x)" if inverse else f"write 1/{word.text}(x)"
            raise self.fail(f"'{word.text}^-1' can be read in two ways", word, token, hint)
        if token.kind == "superscript":
            return self.superscript()
        return self.atom() if token.kind != "name" or token.text not in FUNCTIONS else None

    def arguments(self, word: Token, function: Operation) -> list[Expr]:
        opening = self.take()
        outer_bars, self.bars = self.bars, 0
        self.parentheses += 1
        operands = [self.sum()]
        while self.accept(","):
            operands.append(self.sum())
        self.expect_closing(opening)
        self.bars = outer_bars
        few, many = len(operands) < function.arity, len(operands) > function.arity and function not in CHAINED
        if few or many:
            takes = "one value" if function.arity == 1 else f"{function.arity} values"
            raise self.fail(f"'{word.text}' takes {takes}, not {len(operands)}", word, self.tokens[self.at - 1])
        return operands

    def bare_argument(self, word: Token) -> Expr:
        """One factor without parentheses: x, 2x, 2 π x, x^2, √x, |x|, another function; with signs in front."""
        if not (self.here.kind in ("number", "name") or self.here.text in ("-", "+", "√", "|")):
            raise self.fail(f"'{word.text}' needs a value", word, hint=f"write {word.text}(x)")
        argument = self.signed()
        while self._continues_argument():
            argument = Call(table.mul, (argument, self.power()))
        if self.here.text == "(" and self.tokens[self.at - 1].kind == "name":
            read = self.text[word.end : self.here.start].strip()
            hint = f"write {word.text}({read}*(…)) or {word.text}({read})*(…)"
            raise self.fail(f"how far '{word.text}' reaches can be read in two ways", word, self.here, hint)
        return argument

    def _continues_argument(self) -> bool:
        token, before = self.here, self.tokens[self.at - 1]
        if before.text in (")", "|") or token.kind != "name":
            return False
        return token.text not in FUNCTIONS or (token.text in LETTERS and token.text in self.variables)

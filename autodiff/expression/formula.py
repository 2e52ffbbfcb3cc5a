"""Reading one formula: sums, products, powers, functions."""

from __future__ import annotations

import re
import unicodedata

from autodiff.errors import ExpressionError, did_you_mean
from autodiff.expression.expr import Call, Expr, Num, Symbol
from autodiff.expression.language import CHAINED, CONSTANTS, FUNCTIONS, INVERSES, is_letter
from autodiff.expression.reader import MAX_DEPTH, Reader
from autodiff.expression.tokens import Token
from autodiff.operations import elementary as table
from autodiff.operations.rule import Operation

_SUMS = {"+": table.add, "-": table.sub}
_PRODUCTS = {"*": table.mul, "/": table.div}


class FormulaReader(Reader):
    """Precedence climbing: each method reads one level of the grammar in parser.py."""

    # --- sums and products ----------------------------------------------------------------------------------
    def sum(self) -> Expr:
        """Terms with + or − between them."""
        left = self.product()
        while sign := self.accept("+", "-"):
            left = Call(_SUMS[sign.text], (left, self.product()))
        return left

    def product(self) -> Expr:
        """Factors with × or / between them, or nothing."""
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
        """Whether the next token can be multiplied without a sign: 2x, 2 sin x, (a)(b), 2|x|, N 2^(−t)."""
        token, before = self.here, self.tokens[self.at - 1]
        if token.kind in ("number", "fraction"):
            if before.kind not in ("number", "fraction") and self.tokens[self.at + 1].text == "^":
                return True
            raise self.fail("a sign is missing between these two", before, token, hint="for a product write *")
        return token.kind == "name" or token.text in ("(", "√", "∛") or (token.text == "|" and not self.bars)

    def _rest_of_product(self) -> str:
        """The text of all factors that follow without a sign, to be shown in a hint."""
        first = self.here
        try:
            while self._begins_factor():
                self.signed()
        except ExpressionError:
            return f"{first.text}…"
        return self.text[first.start : self.tokens[self.at - 1].end]

    def _ambiguous_division(self, first: Token, divisor: Token) -> ExpressionError:
        last, factor = self.tokens[self.at - 1], self.here
        top = self.text[first.start : divisor.start].rstrip()[:-1].rstrip()
        bottom, rest = self.text[divisor.start : last.end], self._rest_of_product()
        hint = f"write {top}/({bottom}*{rest}) or ({top}/{bottom})*{rest}"
        return self.fail("a product without a sign behind a division can be read in two ways", first, factor, hint)

    def signed(self) -> Expr:
        """A power with any signs in front; they bind tighter than a product, weaker than a power."""
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
        """An atom with an exponent, right-associative."""
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
        """The exponent of x²."""
        value = int(self.take().text)
        return Num(value) if value >= 0 else Call(table.neg, (Num(-value),))

    # --- atoms ----------------------------------------------------------------------------------------------
    def atom(self) -> Expr:
        """What binds tightest."""
        token = self.here
        if token.kind == "number":
            self.take()
            return Num(float(token.text))
        if token.kind == "fraction":
            return self.fraction()
        if token.kind == "name":
            return self.name()
        if token.text == "(":
            return self.parenthesised()
        if token.text == "|":
            return self.between_bars()
        if self.accept("√", "∛"):
            return self.root(token)
        raise self.unexpected()

    def fraction(self) -> Expr:
        """½ is 1/2."""
        top, _, bottom = unicodedata.normalize("NFKC", self.take().text).partition("⁄")
        return Call(table.div, (Num(float(top)), Num(float(bottom))))

    def unexpected(self) -> ExpressionError:
        """The error for a token that nothing can begin with."""
        token = self.here
        if token.kind == "end" or token.text == "\n":
            before = self.tokens[max(self.at - 1, 0)]
            return self.fail(
                "the expression ends too early: something is missing here", token, hint=f"after '{before.text}'"
            )
        if token.text == ")":
            typed = self.shown(token)
            missing = self.parentheses and self.tokens[self.at - 1].text in ("(", ",", *"+-*/^")
            message = f"something is missing before this '{typed}'" if missing else f"this '{typed}' closes nothing"
            return self.fail(message, token)
        if token.text == "=":
            return self.fail("'=' gives a name to a whole statement: a = …", token)
        return self.fail(f"'{self.shown(token)}' is not expected here", token)

    def parenthesised(self) -> Expr:
        """A sum in parentheses of any shape."""
        before, opening = self.tokens[self.at - 1], self.take()
        self._refuse_indexing(before, opening)
        outer_bars, self.bars = self.bars, 0
        self.parentheses += 1
        self.deeper()
        inside = self.sum()
        self.depth -= 1
        self.expect_closing(opening)
        self.bars = outer_bars
        return inside

    def _refuse_indexing(self, before: Token, opening: Token) -> None:
        """4ε[(σ/r)^12 − …] is a product; x[0] and x[i] are not mathematics."""
        inside, after = self.here, self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        bracket = self.text[opening.start] == "["
        if bracket and before.kind == "name" and inside.kind in ("name", "number") and after.text == ")":
            raise self.fail(
                "variables have no elements", before, after, hint=f"write {before.text}{inside.text} for a name"
            )

    def expect_closing(self, opening: Token) -> None:
        """The parenthesis that closes `opening`, of the same shape."""
        if self.here.text != ")":
            raise (
                self.fail(f"this '{self.shown(opening)}' is never closed", opening)
                if self.here.kind == "end"
                else self.unexpected()
            )
        closing = self.take()
        if "()[]{}".index(self.shown(opening)) + 1 != "()[]{}".index(self.shown(closing)):
            message = f"'{self.shown(opening)}' is closed by '{self.shown(closing)}'"
            raise self.fail(message, opening, closing)
        self.parentheses -= 1

    def between_bars(self) -> Expr:
        """|x|. Inside bars the next bar closes, unless something was opened in between."""
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
        """√2, √x, √(x + 1)."""
        self.deeper()
        bare = self.here.kind in ("number", "name") and self.here.text not in FUNCTIONS
        inside = self.power()
        self.depth -= 1
        after = self.here
        if bare and after.kind == "name" and after.start == self.tokens[self.at - 1].end:
            read = self.text[sign.end : after.start]
            hint = f"write √({read}*{after.text}) or √{read} * {after.text}"
            raise self.fail("how far this root reaches can be read in two ways", sign, after, hint)
        return Call(table.sqrt if sign.text == "√" else table.cbrt, (inside,))

    def name(self) -> Expr:
        """A variable, a constant, or a function with its arguments."""
        token = self.take()
        called = self.shown(self.here) == "("
        if token.text in FUNCTIONS and not (is_letter(token.text) and (not called or token.text in self.variables)):
            return self.application(token, FUNCTIONS[token.text])
        if token.text in CONSTANTS and token.text not in self.assigned:
            self.constants.add(token.text)
            return Num(CONSTANTS[token.text])
        if called and token.text not in self.variables | self.assigned:
            raise self._unknown_function(token)
        if token.text not in self.assigned:
            self.places.setdefault(token.text, (token.start, token.end))
        return Symbol(token.text)

    def _unknown_function(self, token: Token) -> ExpressionError:
        hint = did_you_mean(token.text, {function.name for function in FUNCTIONS.values()})
        if not hint and re.fullmatch(r"[\w\s,]*\)\s*=.*", self.text[self.here.end :], re.DOTALL):
            hint = "leave out the left side and type what it is equal to"
        return self.fail(
            f"unknown function '{token.text}'", token, hint=hint or f"for a product write {token.text}*(…)"
        )

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
        """The arguments in parentheses."""
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
            takes = f"at least {takes}" if function in CHAINED else takes
            raise self.fail(f"'{word.text}' takes {takes}, not {len(operands)}", word, self.tokens[self.at - 1])
        return operands

    def bare_argument(self, word: Token) -> Expr:
        """One factor without parentheses: x, 2x, 2 π x, x^2, √x, |x|, another function; a minus may stand in front."""
        here = self.here
        negative = here.text == "-" and self.tokens[self.at + 1].start == here.end  # sin -x, but not sin - x
        if not (negative or here.kind in ("number", "fraction", "name") or here.text in ("√", "∛", "|")):
            raise self.fail(f"'{word.text}' needs a value", word, hint=f"write {word.text}(x)")
        argument = self.signed()
        while self._continues_argument():
            argument = Call(table.mul, (argument, self.power()))
        following = self.here
        if following.text == "(" and self.tokens[self.at - 1].kind in ("name", "number"):
            read, rest = self.text[word.end : following.start].strip(), self._rest_of_product()
            hint = f"write {word.text}({read}*{rest}) or {word.text}({read})*{rest}"
            raise self.fail(f"how far '{word.text}' reaches can be read in two ways", word, following, hint)
        return argument

    def _continues_argument(self) -> bool:
        token, before = self.here, self.tokens[self.at - 1]
        if before.text in (")", "|") or token.kind != "name":
            return False
        return token.text not in FUNCTIONS or (is_letter(token.text) and token.text in self.variables)

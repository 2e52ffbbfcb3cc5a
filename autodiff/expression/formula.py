"""Reading one formula: sums, products, powers, functions."""

from __future__ import annotations

from autodiff.errors import ExpressionError, did_you_mean
from autodiff.expression.expr import Call, Expr, Num, Symbol
from autodiff.expression.language import CHAINED, CONSTANTS, FUNCTIONS, INVERSES, LETTERS
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
        """The error for a token that nothing can begin with."""
        token = self.here
        if token.kind == "end" or token.text == "\n":
            before = self.tokens[max(self.at - 1, 0)]
            return self.fail(
                "the expression ends too early: something is missing here", token, hint=f"after '{before.text}'"
            )
        if token.text == ")":
            message = "something is missing before this ')'" if self.parentheses else "this ')' closes nothing"
            return self.fail(message, token)
        if token.text == "=":
            return self.fail("'=' gives a name to a whole statement: a = …", token)
        return self.fail(f"'{self.text[token.start : token.end]}' is not expected here", token)

    def parenthesised(self) -> Expr:
        """A sum in parentheses."""
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
        """The parenthesis that closes `opening`."""
        if self.here.text != ")":
            raise self.fail("this '(' is never closed", opening) if self.here.kind == "end" else self.unexpected()
        self.take()
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
        return Call(table.sqrt, (inside,))

    def name(self) -> Expr:
        """A variable, a constant, or a function with its arguments."""
        token = self.take()
        called = self.here.text == "("
        if token.text in FUNCTIONS and not (token.text in LETTERS and (not called or token.text in self.variables)):
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
            raise self.fail(f"'{word.text}' takes {takes}, not {len(operands)}", word, self.tokens[self.at - 1])
        return operands

    def bare_argument(self, word: Token) -> Expr:
        """One factor without parentheses: x, 2x, 2 π x, x^2, √x, |x|, another function; a minus may stand in front."""
        here = self.here
        negative = here.text == "-" and self.tokens[self.at + 1].start == here.end  # sin -x, but not sin - x
        if not (negative or here.kind in ("number", "name") or here.text in ("√", "|")):
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

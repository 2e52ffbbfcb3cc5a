"""Writing formulas: in the input language, in Unicode or ASCII for tables, in LaTeX.

A printer decides how each kind of notation looks; when to put parentheses is decided once, here.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from autodiff.expression.array_calls import Applied, index_text, said
from autodiff.expression.blocks import Block
from autodiff.expression.names import Ref, ascii_ref, latex_function, latex_ref, unicode_ref
from autodiff.expression.numbers import check_digits, fixed, shortest, to_latex, to_superscript
from autodiff.operations import elementary as table
from autodiff.operations.constant import Constant
from autodiff.operations.rule import Operation

if TYPE_CHECKING:
    from autodiff.expression.expr import Expr

SUM, PRODUCT, SIGN, APPLICATION, POWER, ATOM = range(1, 7)
_INFIX = {"add": SUM, "sub": SUM, "mul": PRODUCT, "div": PRODUCT, "floordiv": PRODUCT, "mod": PRODUCT}
_OWN_SIGNS = {"add": "plus", "sub": "minus", "mul": "times", "div": "over"}  # which a printer chooses


class Piece(NamedTuple):
    """A piece of written mathematics: its text, how tightly it binds, and what it is where that matters."""

    text: str
    binds: int
    negative: bool = False  # starts with a minus sign
    number: bool = False  # nothing but a number
    name: bool = False  # a plain name or number: a function needs no parentheses around it


_BEFORE = Piece("", SUM)  # what stands before a term of a sum, left out


class Printer:
    """Writes formulas as text; subclasses choose the signs.

    With `values`, names are replaced by their values: "v₁ + v₂" becomes "0.693 + 10".
    """

    plus, minus, times, over, left, right = "+", "-", "*", "/", "(", ")"
    bare_functions = True  # write sin x, not sin(x), where x is a plain name

    def __init__(self, *, values: Mapping[Any, float] | None = None, digits: int = 3, fill: bool = False) -> None:
        check_digits(digits)
        self.values = values
        self.digits = digits
        self.fill = fill

    def text(self, expr: Expr) -> str:
        """The formula as text; the terms of a sum are joined once, for each copies all that stands before it."""
        first, others = expr.terms()
        texts = [self.piece(first).text]
        texts += [self.call(sign, (_BEFORE, self.piece(term))).text for sign, term in others]
        return "".join(texts)

    def piece(self, expr: Expr) -> Piece:
        """The formula as a part of a larger one."""
        return expr.fold(self.constant, self.symbol, self.call)

    # --- leaves ---------------------------------------------------------------------------------------------
    def number(self, value: Any, *, fill: bool = True) -> str:
        """A number as a table prints it, an array in its short form; `fill` keeps zeros if the printer does."""
        if isinstance(value, Block):
            return self.block(value)
        return fixed(value, self.digits, minus=self.minus, fill=self.fill and fill)

    dots, by = "…", "×"  # in arrays: for entries left out, and between the lengths of a shape

    def block(self, block: Block, *, with_shape: bool = True) -> str:
        """An array; its shape stands behind it where it is a value of its own."""
        return block.text(self.number, dots=self.dots, times=self.by, with_shape=with_shape)

    def exact(self, value: float) -> str:
        """A number with all its digits."""
        return shortest(value, minus=self.minus)

    def ref(self, key: Hashable) -> str:
        """A name."""
        return str(key)

    def constant(self, value: float) -> Piece:
        """A number in a formula: π as a sign, others in their shortest form."""
        if isinstance(value, Constant) and isinstance(value.formula, str) and self.values is None:
            return Piece(self.named_constant(value.formula), ATOM, name=True)
        if self.values is None:
            return self._number(self.exact(value))
        return self._number(self.number(value, fill=False))

    def named_constant(self, symbol: str) -> str:
        """How π and e are written."""
        return symbol

    def symbol(self, key: Hashable) -> Piece:
        """A name, or its value where values are put in."""
        value = self.values.get(key) if self.values is not None else None
        block = key if isinstance(key, Block) else value
        if isinstance(block, Block):
            return Piece(self.block(block, with_shape=False), ATOM)
        if value is not None:
            return self._number(self.number(value))
        return Piece(self.ref(key), ATOM, name=True)

    def _number(self, text: str) -> Piece:
        negative = text.startswith(self.minus)
        return Piece(text, SIGN if negative else ATOM, negative, number=True, name=not negative)

    # --- operations -----------------------------------------------------------------------------------------
    def call(self, operation: Operation, operands: tuple[Piece, ...]) -> Piece:
        """An operation on pieces."""
        return getattr(self, f"_{operation.notation.kind}")(operation, *operands)  # type: ignore[no-any-return]

    def paren(self, piece: Piece, needed: bool) -> str:
        """The piece, in parentheses if needed."""
        return f"{self.left}{piece.text}{self.right}" if needed else piece.text

    def _infix(self, operation: Operation, x: Piece, y: Piece) -> Piece:
        binds = _INFIX[operation.name]
        sign = self.sign(operation)
        if operation is table.sub and y.negative and y.number and self.values is not None:
            sign, y = self.sign(table.add), Piece(y.text[len(self.minus) :], ATOM)
        lead = self.paren(x, x.binds < binds)
        # (a / b) × c may be read a / (b × c) by hasty eyes, but a − (b − c) must keep its parentheses:
        # every operator associates to the left, so only the right operand of equal strength needs them.
        tail = self.paren(y, y.binds <= binds or y.negative)
        return Piece(f"{lead}{sign}{tail}", binds, x.negative and lead == x.text)

    def sign(self, operation: Operation) -> str:
        """An infix operator with the space around it."""
        own = _OWN_SIGNS.get(operation.name)
        return f" {getattr(self, own) if own else operation.notation.symbol} "

    def _prefix(self, _: Operation, x: Piece) -> Piece:
        return Piece(self.minus + self.paren(x, x.binds <= SIGN), SIGN, negative=True)

    def _power(self, _: Operation, base: Piece, exponent: Piece) -> Piece:
        lead = self.paren(base, base.binds <= POWER)
        return Piece(lead + self.exponent(exponent), POWER)

    def exponent(self, exponent: Piece) -> str:
        """The exponent of a power, with the sign that raises it."""
        return "^" + self.paren(exponent, exponent.binds < POWER)

    def _function(self, operation: Operation, *operands: Piece) -> Piece:
        name = self.function_name(operation)
        if len(operands) == 1 and self.bare_functions and operands[0].name:
            return Piece(f"{name} {operands[0].text}", APPLICATION)
        inside = ", ".join(operand.text for operand in operands)
        return Piece(f"{name}{self.left}{inside}{self.right}", ATOM)

    def function_name(self, operation: Operation) -> str:
        """How the name of a function is written."""
        return operation.notation.symbol

    def _bars(self, _: Operation, x: Piece) -> Piece:
        return Piece(f"|{x.text}|", ATOM)

    def _root(self, operation: Operation, x: Piece) -> Piece:
        return Piece(operation.notation.symbol + self.paren(x, not x.name), ATOM)

    def _greater(self, operation: Operation, x: Piece, y: Piece) -> Piece:
        return Piece(f"[{x.text} {operation.notation.symbol} {y.text}]", ATOM)

    def _heaviside(self, operation: Operation, x: Piece, y: Piece) -> Piece:
        difference = self._infix(table.sub, x, y).text
        return Piece(f"{operation.notation.symbol}{self.left}{difference}{self.right}", ATOM)

    def _inner(self, operation: Operation, *operands: Piece) -> Piece:
        return self._function(operation, *operands)

    def _gaussian(self, _: Operation, x: Piece) -> Piece:
        """e^(−x²), which the rule of erf uses as one operation."""
        two = self.constant(2.0)
        return self._function(table.exp, self._prefix(table.neg, self._power(table.power, x, two)))

    # --- array operations, with their settings ---------------------------------------------------------------
    turned = "ᵀ"  # the sign of a transpose

    def _array(self, applied: Applied, *operands: Piece) -> Piece:
        settings = [self.setting(key, text) for key, text in said(applied)]
        inside = ", ".join([*(operand.text for operand in operands), *settings])
        return Piece(f"{self.array_name(applied)}({inside})", ATOM)

    def _matrix_product(self, applied: Applied, x: Piece, y: Piece) -> Piece:
        return Piece(self.paren(x, x.binds < ATOM) + self.matrix_sign(applied) + self.paren(y, y.binds < ATOM), PRODUCT)

    def _transposed(self, applied: Applied, x: Piece) -> Piece:
        if applied.settings["axes"] != (1, 0):
            return self._array(applied, x)
        return Piece(self.paren(x, x.binds < ATOM) + self.turned, ATOM)

    def _indexed(self, applied: Applied, x: Piece) -> Piece:
        return Piece(f"{self.paren(x, x.binds < ATOM)}[{self.data(index_text(applied.settings['index']))}]", ATOM)

    def array_name(self, applied: Applied) -> str:
        """How the name of an array operation is written."""
        return applied.notation.symbol

    def matrix_sign(self, applied: Applied) -> str:
        """What stands between the factors of a matrix product, with the space around it."""
        return f" {applied.notation.symbol} "

    def setting(self, key: str, text: str) -> str:
        """A setting of an array operation: axis=0."""
        return f"{key}={self.data(text)}"

    def data(self, text: str) -> str:
        """The text of a setting, given in Unicode, for this medium."""
        return text


class LanguagePrinter(Printer):
    """The input language: the parser reads what it writes back as the same formula.

    >>> from autodiff.expression.parser import parse_expression
    >>> LanguagePrinter().text(parse_expression("ln(x1) + x1·x2 − sin x2"))
    'ln(x1) + x1*x2 - sin(x2)'
    """

    bare_functions = False

    def sign(self, operation: Operation) -> str:
        sign = super().sign(operation)
        return sign.strip() if operation in (table.mul, table.div) else sign

    def named_constant(self, symbol: str) -> str:
        return {"π": "pi"}.get(symbol, symbol)

    def _root(self, operation: Operation, x: Piece) -> Piece:
        return self._function(operation, x)

    def _bars(self, operation: Operation, x: Piece) -> Piece:
        return self._function(operation, x)

    def _greater(self, operation: Operation, x: Piece, y: Piece) -> Piece:
        return self._function(operation, x, y)

    def _heaviside(self, operation: Operation, x: Piece, y: Piece) -> Piece:
        return self._function(operation, x, y)

    def function_name(self, operation: Operation) -> str:
        return operation.name


class UnicodePrinter(Printer):
    """Tables in a terminal: × − √ ² and v₋₁."""

    minus, times = "−", "×"

    def ref(self, key: Hashable) -> str:
        return unicode_ref(key) if isinstance(key, (Ref, str)) else str(key)

    def exponent(self, exponent: Piece) -> str:
        return to_superscript(exponent.text) if _is_short(exponent) else super().exponent(exponent)

    def _power(self, operation: Operation, base: Piece, exponent: Piece) -> Piece:
        if base.binds == APPLICATION and _is_short(exponent):  # (cos v)² is written cos² v
            name, _, argument = base.text.partition(" ")
            return Piece(f"{name}{self.exponent(exponent)} {argument}", APPLICATION)
        return super()._power(operation, base, exponent)


class AsciiPrinter(Printer):
    """Tables where Unicode cannot be shown: v[-1], d v2, adj v0."""

    dots, by, turned = "...", "x", ".T"

    def data(self, text: str) -> str:
        return ascii_ref(text.replace("×", self.by).replace("…", self.dots))

    def setting(self, key: str, text: str) -> str:
        return super().setting(ascii_ref(key), text)

    def array_name(self, applied: Applied) -> str:
        return ascii_ref(super().array_name(applied))

    def ref(self, key: Hashable) -> str:
        return ascii_ref(key) if isinstance(key, (Ref, str)) else str(key)

    def named_constant(self, symbol: str) -> str:
        return {"π": "pi"}.get(symbol, symbol)

    def _root(self, operation: Operation, x: Piece) -> Piece:
        return self._function(operation, x)

    def function_name(self, operation: Operation) -> str:
        return ascii_ref(operation.name)


class LatexPrinter(UnicodePrinter):
    """LaTeX mathematics, without the dollar signs."""

    minus, times, left, right = "-", r"\times", r"\left(", r"\right)"

    def number(self, value: Any, *, fill: bool = True) -> str:
        if isinstance(value, Block):
            return self.block(value)
        return to_latex(super().number(value, fill=fill))

    def exact(self, value: float) -> str:
        return to_latex(super().exact(value))

    dots, by, turned = r"\ldots", r"\times", r"^{\mathsf{T}}"

    def array_name(self, applied: Applied) -> str:
        return applied.notation.latex or latex_function(applied.notation.symbol)

    def matrix_sign(self, applied: Applied) -> str:
        return applied.notation.latex

    def setting(self, key: str, text: str) -> str:
        word = key.replace("_", r"\_")
        return f"{key}={self.data(text)}" if len(key) == 1 else rf"\text{{{word}}}={self.data(text)}"

    def data(self, text: str) -> str:
        return text.replace("_", r"\_").replace("×", r"{\times}").replace("…", self.dots)

    def named_constant(self, symbol: str) -> str:
        return {"π": r"\pi"}.get(symbol, symbol)

    def ref(self, key: Hashable) -> str:
        return latex_ref(key) if isinstance(key, (Ref, str)) else str(key)

    def sign(self, operation: Operation) -> str:
        return (
            super().sign(operation)
            if operation.name in ("add", "sub", "mul", "div")
            else f" {operation.notation.latex} "
        )

    def exponent(self, exponent: Piece) -> str:
        return f"^{{{exponent.text}}}"

    def function_name(self, operation: Operation) -> str:
        return operation.notation.latex or latex_function(operation.notation.symbol)

    def _bars(self, _: Operation, x: Piece) -> Piece:
        return Piece(rf"\left|{x.text}\right|", ATOM)

    def _root(self, _: Operation, x: Piece) -> Piece:
        return Piece(rf"\sqrt{{{x.text}}}", ATOM)

    def _greater(self, operation: Operation, x: Piece, y: Piece) -> Piece:
        return Piece(rf"\left[{x.text} {operation.notation.symbol} {y.text}\right]", ATOM)


def _is_short(exponent: Piece) -> bool:
    """Whether an exponent is written with small digits: 2, 10, but not 1000000000."""
    return exponent.text.isdigit() and len(exponent.text) <= 3

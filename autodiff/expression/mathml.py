"""Writing formulas as MathML Core, for pages: a printer in the manner of those in printing.py.

Pieces are runs of elements without a <math> around them. All text is escaped on its way in.
"""

from __future__ import annotations

import html
import re
from collections.abc import Hashable
from typing import Any

from autodiff.expression.array_calls import Applied, index_text, said
from autodiff.expression.blocks import Block
from autodiff.expression.names import GREEK, Ref, factor_of, mark_of, split_name
from autodiff.expression.numbers import MINUS, fixed, shortest
from autodiff.expression.printing import APPLICATION, ATOM, POWER, Piece, Printer
from autodiff.operations import elementary as table
from autodiff.operations.rule import Operation
from autodiff.text import harmless

_SPACE = '<mspace width="0.1667em"/>'
_TIMES = "<mo>\u2062</mo>"  # invisible: says "times" to a screen reader
_APPLY = f"<mo>\u2061</mo>{_SPACE}"  # "of"
# Chromium sets wide spaces around brackets that may stretch.
_OPEN, _CLOSE = '<mo form="prefix" stretchy="false">', '<mo form="postfix" stretchy="false">'
_IN_ARRAYS = {"[": f"<mrow>{_OPEN}[</mo><mrow>", "]": f"</mrow>{_CLOSE}]</mo></mrow>", ", ": "<mo>,</mo>"}
_PARTS = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|[^\W\d]\w*|\s+|.", re.DOTALL)


def escape(text: str) -> str:
    """Text in which no character means anything to HTML or XML, or changes the direction of the text around it.

    >>> escape('<b> & "c"'), escape("a\u202eb")
    ('&lt;b&gt; &amp; &quot;c&quot;', 'a\ufffdb')
    """
    return html.escape(harmless(text, keep="\t\n"))


def group(text: str) -> str:
    """A run of elements as one element.

    >>> group("<mi>x</mi>"), group("<mi>x</mi><mn>2</mn>")
    ('<mi>x</mi>', '<mrow><mi>x</mi><mn>2</mn></mrow>')
    """
    return text if _is_one(text) else f"<mrow>{text}</mrow>"


def _is_one(text: str) -> bool:
    depth = 0
    for found in re.finditer(r"<(/?)[^<>]*?(/?)>", text):
        depth += -1 if found[1] else 0 if found[2] else 1
        if depth == 0:
            return found.end() == len(text)
    return False


# --- names ----------------------------------------------------------------------------------------------------
def mathml_ref(key: Ref | str, mark: str = "") -> str:
    """A name in MathML.

    >>> mathml_ref("x1"), mathml_ref("theta")
    ('<msub><mi>x</mi><mn>1</mn></msub>', '<mi>θ</mi>')
    >>> mathml_ref(Ref("adjoint", "θ"))
    '<mover><mi>θ</mi><mo stretchy="false">¯</mo></mover>'
    """
    if isinstance(key, str):
        stem, index = split_name(key)
        return _indexed(stem, index, mark)
    if key.kind == "partial":
        over, under = (f"<mrow><mo>∂</mo>{_row(name, key)}</mrow>" for name in (key.of, key.by))
        return f"<mfrac>{over}{under}</mfrac>"
    if key.kind in ("push", "pull"):
        return f"{mathml_ref(factor_of(key))}{_TIMES}{mathml_ref(key._replace(kind='partial'))}"
    return _row(key.of, key, mark_of(key).mathml)


def _row(name: int | str, key: Ref, mark: str = "") -> str:
    return _indexed(key.letter, str(name), mark) if isinstance(name, int) else mathml_ref(name, mark)


def _indexed(stem: str, index: str, mark: str) -> str:
    base = _word(stem)
    if mark:
        # With accent="true", Chromium lets the dot touch the letter.
        base = f'<mover>{base}<mo stretchy="false">{mark}</mo></mover>'
    if not index:
        return base
    below = group(_number(index.replace("-", MINUS))) if re.fullmatch(r"-?\d+", index) else _word(index)
    return f"<msub>{base}{below}</msub>"


def _word(word: str) -> str:
    """A name without its index; Greek letters that are spelled out become letters."""
    if word.lower() in GREEK and len(word) > 1:
        letter = GREEK[word.lower()]
        word = letter.upper() if word[0].isupper() else letter
    return f"<mi>{escape(word)}</mi>"


# --- numbers --------------------------------------------------------------------------------------------------
def _number(text: str) -> str:
    """A printed number in MathML.

    >>> _number("−2.5")
    '<mo form="prefix">−</mo><mn>2.5</mn>'
    >>> _number("1.5e-9")
    '<mrow><mn>1.5</mn><mo>×</mo><msup><mn>10</mn><mrow><mo form="prefix">−</mo><mn>9</mn></mrow></msup></mrow>'
    """
    if text.startswith(MINUS):
        return MathmlPrinter.minus + _number(text[1:])
    if text == "∞":
        return "<mi>∞</mi>"
    if text == "undefined":
        return "<mtext>undefined</mtext>"
    mantissa, e, exponent = text.partition("e")
    if not e:
        return f"<mn>{escape(text)}</mn>"
    power = group(_number(exponent.replace("-", MINUS)))
    return f"<mrow><mn>{escape(mantissa)}</mn><mo>×</mo><msup><mn>10</mn>{power}</msup></mrow>"


class MathmlPrinter(Printer):
    """MathML Core, without the <math> around it; fractions and roots stand where LaTeX has them.

    >>> from autodiff.expression.parser import parse_expression
    >>> MathmlPrinter().text(parse_expression("2x"))
    '<mn>2</mn><mo>×</mo><mi>x</mi>'
    """

    minus, times, over = '<mo form="prefix">−</mo>', "×", "/"
    left, right = f"<mrow>{_OPEN}(</mo><mrow>", f"</mrow>{_CLOSE})</mo></mrow>"

    # --- leaves ---------------------------------------------------------------------------------------------
    def number(self, value: Any, *, fill: bool = True) -> str:
        """A number as a table prints it."""
        if isinstance(value, Block):
            return self.block(value)
        return _number(fixed(value, self.digits, fill=self.fill and fill))

    def exact(self, value: float) -> str:
        """A number with all its digits."""
        return _number(shortest(value, minus=MINUS))

    def block(self, block: Block, *, with_shape: bool = True) -> str:
        """An array between brackets, then its shape."""
        text = block.text(self.number, dots="<mo>…</mo>", with_shape=False)
        found = re.sub(r"\[|\]|, ", lambda sign: _IN_ARRAYS[sign[0]], text)
        if not with_shape:
            return found
        shape = "<mo>×</mo>".join(f"<mn>{length}</mn>" for length in block.shape)
        return f"{found}{_SPACE}{self.left}{shape}{self.right}"

    def ref(self, key: Hashable) -> str:
        """A name."""
        return mathml_ref(key) if isinstance(key, (Ref, str)) else f"<mi>{escape(str(key))}</mi>"

    def named_constant(self, symbol: str) -> str:
        """How π and e are written."""
        return f"<mi>{escape(symbol)}</mi>"

    # --- operations -----------------------------------------------------------------------------------------
    def sign(self, operation: Operation) -> str:
        """An infix operator; the page knows the space around it."""
        signs = {"sub": MINUS, "mul": self.times, "div": self.over}
        return f"<mo>{escape(signs.get(operation.name, operation.notation.symbol))}</mo>"

    def function_name(self, operation: Operation | Applied) -> str:
        """How the name of a function is written."""
        return operation.notation.mathml or f"<mi>{escape(operation.notation.symbol)}</mi>"

    def _function(self, operation: Operation, *operands: Piece) -> Piece:
        name = self.function_name(operation)
        if len(operands) == 1 and operands[0].name:
            return Piece(f"{name}{_APPLY}{operands[0].text}", APPLICATION)
        inside = "<mo>,</mo>".join(operand.text for operand in operands)
        return Piece(f"{name}<mo>\u2061</mo>{self.left}{inside}{self.right}", ATOM)

    def _power(self, operation: Operation, base: Piece, exponent: Piece) -> Piece:
        above = group(exponent.text)
        if base.binds == APPLICATION and re.fullmatch(r"<mn>\d{1,3}</mn>", above):  # (cos v)² is written cos² v
            name, apply, argument = base.text.partition(_APPLY)
            return Piece(f"<msup>{group(name)}{above}</msup>{apply}{argument}", APPLICATION)
        ambiguous = base.binds <= POWER or "<msup>" in base.text  # 1.5 × 10⁻⁹ is a number, yet needs parentheses here
        return Piece(f"<msup>{group(self.paren(base, ambiguous))}{above}</msup>", POWER)

    def _bars(self, _: Operation, x: Piece) -> Piece:
        return Piece(f"<mrow>{_OPEN}|</mo><mrow>{x.text}</mrow>{_CLOSE}|</mo></mrow>", ATOM)

    def _root(self, _: Operation, x: Piece) -> Piece:
        return Piece(f"<msqrt>{x.text}</msqrt>", ATOM)

    def _greater(self, operation: Operation, x: Piece, y: Piece) -> Piece:
        inside = f"{x.text}<mo>{escape(operation.notation.symbol)}</mo>{y.text}"
        return Piece(f"<mrow>{_OPEN}[</mo><mrow>{inside}</mrow>{_CLOSE}]</mo></mrow>", ATOM)

    def _heaviside(self, operation: Operation, x: Piece, y: Piece) -> Piece:
        difference = self._infix(table.sub, x, y).text
        return Piece(f"{self.function_name(operation)}<mo>\u2061</mo>{self.left}{difference}{self.right}", ATOM)

    # --- arrays ---------------------------------------------------------------------------------------------
    def _array(self, applied: Applied, *operands: Piece) -> Piece:
        settings = [self.setting(key, text) for key, text in said(applied)]
        inside = f"<mo>,</mo>{_SPACE}".join([*(group(operand.text) for operand in operands), *settings])
        return Piece(f"<mrow>{self.function_name(applied)}{_OPEN}(</mo>{inside}{_CLOSE})</mo></mrow>", ATOM)

    def _transposed(self, applied: Applied, x: Piece) -> Piece:
        if applied.settings["axes"] != (1, 0):
            return self._array(applied, x)
        return Piece(f'<msup>{group(self.paren(x, x.binds < ATOM))}<mi mathvariant="normal">T</mi></msup>', ATOM)

    def _indexed(self, applied: Applied, x: Piece) -> Piece:
        index = self.data(f"[{index_text(applied.settings['index'])}]")
        return Piece(f"<mrow>{group(self.paren(x, x.binds < ATOM))}{index}</mrow>", ATOM)

    def matrix_sign(self, applied: Applied) -> str:
        """The factors of a matrix product stand side by side."""
        return f"{_TIMES}{_SPACE}"

    def setting(self, key: str, text: str) -> str:
        """A setting of an array operation."""
        return self.data(f"{key}={text}")

    def data(self, text: str) -> str:
        """A setting as elements: its words, numbers and signs."""
        return "".join(map(_part, _PARTS.findall(text)))


def _part(text: str) -> str:
    """A word, number or sign as an element."""
    if text.isspace():
        return _SPACE if text == " " else ""
    if text[-1].isdigit() and not text[0].isidentifier():
        return f"<mn>{escape(text.replace('-', MINUS))}</mn>"
    kind = "mi" if text[0].isidentifier() else "mo"
    start = _OPEN if text in ("(", "[") else _CLOSE if text in (")", "]") else f"<{kind}>"
    return f"{start}{escape(text)}</{kind}>"

"""Formulas with holes for values, for media that put the values in themselves, such as a page that recomputes.

How a formula with values looks depends on them: parentheses stand around a negative number, "+ −2" becomes "− 2", a
short exponent is raised. No medium decides that again: the printer is asked once for every kind of piece that can
occur, and its answers are written down as a table of templates.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable
from typing import Any

from autodiff.expression.expr import Expr
from autodiff.expression.printing import APPLICATION, ATOM, SIGN, Piece, UnicodePrinter
from autodiff.operations import elementary as table

# Where a template shows operand k: all of it or its front, its end after the first space, raised as an exponent.
# Four letters from the private use area for each operand.
HOLES = 0xE000
FRONT, END, RAISED = range(3)
# What a number looks like decides how it is treated.
SHORT, PLAIN, NEGATIVE = range(3)
_STAND_IN = ("777", "⁷⁷⁷")  # for a short number: a printer must see digits

Shape = tuple[int, bool, bool, bool]  # of a piece: how tightly it binds, negative, number, name
Tree = Any  # a leaf, or a list of an operation's name and trees
Known = tuple[Tree, frozenset[int]]  # a formula, and the kinds of piece that it can be


class Templates:
    r"""Collects the templates that some formulas need.

    >>> from autodiff.expression.expr import Symbol
    >>> templates = Templates(digits=3)
    >>> templates.tree(Symbol("x") - 2, str)
    ['sub', 'x', {'text': '2', 'kind': 0}]
    >>> [line for line, _ in templates.rules["sub"].values()]
    ['\ue000 − \ue004', '\ue000 − \ue004', '−\ue000 − \ue004']
    """

    def __init__(self, digits: int) -> None:
        self.printer = UnicodePrinter(values={}, digits=digits)
        # The kinds of piece; the first three are numbers.
        self.kinds: dict[tuple[Shape, bool], int] = {
            ((ATOM, False, True, True), True): SHORT,
            ((ATOM, False, True, True), False): PLAIN,
            ((SIGN, True, True, False), False): NEGATIVE,
        }
        self.rules: dict[str, dict[str, tuple[str, int]]] = {}

    def tree(self, expr: Expr, leaf: Callable[[Any], Tree]) -> Tree:
        """A formula for the page, its names as `leaf` writes them; the rules it needs are entered."""
        return self.known(expr, leaf)[0]

    def known(self, expr: Expr, leaf: Callable[[Any], Tree]) -> Known:
        """The same, with the kinds of piece that the formula can be."""

        def symbol(key: Hashable) -> Known:
            return leaf(key), frozenset((SHORT, PLAIN, NEGATIVE))

        return expr.fold(self._number, symbol, self._call)

    def sums(self, terms: frozenset[int]) -> None:
        """Enter the rules for sums of any of these kinds, of any length."""
        reached: frozenset[int] = frozenset()
        found = terms
        while found != reached:
            reached = found
            _, more = self._call(table.add, ((None, reached), (None, terms)))
            found = reached | more

    def _number(self, value: float) -> Known:
        text = self.printer.constant(value).text
        kind = number_kind(text)
        return {"text": text, "kind": kind}, frozenset((kind,))

    def _call(self, operation: Any, operands: tuple[Known, ...]) -> Known:
        results = set()
        rules = self.rules.setdefault(operation.name, {})
        for kinds in itertools.product(*(sorted(kinds) for _, kinds in operands)):
            key = " ".join(map(str, kinds))
            if key not in rules:
                rules[key] = self._ask(operation, kinds)
            results.add(rules[key][1])
        return [operation.name, *(tree for tree, _ in operands)], frozenset(results)

    def _ask(self, operation: Any, kinds: tuple[int, ...]) -> tuple[str, int]:
        """The template of an operation on pieces of these kinds, and the kind of the result."""
        shapes = list(self.kinds)
        pieces = []
        for k, kind in enumerate(kinds):
            (binds, negative, number, name), short = shapes[kind]
            hole = chr(HOLES + 4 * k)
            raised = operation.notation.kind == "power" and k == 1
            text = (
                _STAND_IN[0] if short and raised else f"{hole} {chr(ord(hole) + END)}" if binds == APPLICATION else hole
            )
            pieces.append(Piece(self.printer.minus * (kind == NEGATIVE) + text, binds, negative, number, name))
        found = self.printer.call(operation, tuple(pieces))
        exponent = HOLES + 4
        text = found.text.replace(_STAND_IN[0], chr(exponent)).replace(_STAND_IN[1], chr(exponent + RAISED))
        result = (found.binds, found.negative, found.number, found.name), False
        return text, self.kinds.setdefault(result, len(self.kinds))


def number_kind(text: str) -> int:
    """The kind of a printed number."""
    if text.startswith(UnicodePrinter.minus):
        return NEGATIVE
    return SHORT if text.isdigit() and len(text) <= 3 else PLAIN

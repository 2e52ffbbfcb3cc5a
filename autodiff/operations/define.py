"""Defining an operation: one call, the same for the table and for users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.errors import DefinitionError
from autodiff.operations.array_facts import Words
from autodiff.operations.definition_checks import check_definition, check_facts, check_sweeps
from autodiff.operations.rule import (
    BUILT_IN,
    BY_NAME,
    BY_NUMPY_NAME,
    FIRST,
    LAST,
    REALS,
    TABLE,
    Convention,
    Domain,
    Interval,
    Notation,
    Operation,
    Partial,
    named,
)


def enter(
    name: str,
    function: Callable[..., float],
    *partials: Partial,
    notation: Notation,
    needs: str = "",
    on: tuple[Interval, ...] = (),
    at: tuple[Convention, ...] = (),
    numpy: str | tuple[str, ...] = (),
    **facts: Any,
) -> Operation:
    """Enter an operation into the table; `elementary` says what the arguments are."""
    entry = Operation(
        name=name,
        function=function,
        partials=partials,
        notation=notation,
        domain=Domain(needs, on or (REALS,) * len(partials)),
        conventions=at,
        numpy=(numpy,) if isinstance(numpy, str) else numpy,
        code=len(TABLE),
        **facts,
    )
    TABLE.append(entry)
    FIRST.append(partials[0])
    LAST.append(partials[-1])
    BY_NAME[name] = entry
    for its_name in entry.numpy:  # numpy's functions stay those of the table: nobody else is called by np.sin
        if BY_NUMPY_NAME.get(its_name, entry).name == name:
            BY_NUMPY_NAME[its_name] = entry
    return entry


def elementary(
    name: str, function: Callable[..., Any], *partials: Partial, push: Any = None, pull: Any = None, latex: str = "",
    mathml: str = "", words: Words | None = None, **facts: Any,
) -> Any:  # fmt: skip
    """Define an operation: its value, and its partial derivatives or how it pushes tangents and pulls adjoints.

    A function of numbers gives a partial ∂z/∂x for each operand: a function of the result z and the operands, written
    with operators and functions of this package, so that it can itself be differentiated and printed. The
    operation then works on numbers, arrays (entry by entry), Duals, Vars and formulas, and as a word in `trace("…")`.
    Facts that may follow:

    - `needs`, the sentence for points outside its domain; `on`, an open interval for each operand; `at`, the
      Conventions at its kinks and singular points; `overflow`, what stands for a value too large; `orders`, the
      operands that are whole numbers, with respect to which there is no derivative;
    - `latex` and `mathml`, how its name is typeset; `forms`, pairs (k, rule) of other ways to write a partial;
    - `means`, the same value in other operations (lambda x: ln(1 + x)); `numpy`, what numpy calls it; `vector`, its
      value at whole arrays; `sympy`, the same function in sympy, or sympy's name for it; `javascript`, its value for
      the player, and `poles`, where that is infinite and Python has none.

    >>> from autodiff import grad, sigmoid
    >>> swish = elementary("swish", lambda x: x * sigmoid(x), lambda z, x: sigmoid(x) + z * sigmoid(-x))
    >>> swish(0.0), grad(swish)(0.0), grad(grad(swish))(0.0)
    (0.0, 0.5, 0.5)

    A function of arrays gives `push` and `pull` instead, each a function, or a tuple with one for each operand. `push`
    takes the tangent t of the operand first and returns ż; `pull` takes the adjoint g of the result first and returns
    x̄. Settings are keywords.

    >>> import numpy as np
    >>> reverse = elementary("reverse", lambda x: x[::-1], push=lambda t, z, x: t[::-1], pull=lambda g, z, x: g[::-1])
    >>> grad(lambda x: reverse(x)[0] ** 2)(np.array([1.0, 2.0, 3.0]))
    array([0., 0., 6.])

    It may also give its `latex` and `mathml`, and in `words` what the why-sentences say of it.

    `check_rule(operation)` finds out whether the rule is right. Raises DefinitionError for the name of a built-in
    operation, for facts it does not know, and for rules that do not take the right arguments. Defining a name again
    replaces it.
    """
    if BUILT_IN:  # the table is complete: a user is defining this, and all built-in names must be known
        from autodiff.operations import array_table  # noqa: F401

        check_facts(name, len(partials), facts)
    check_definition(name, function, partials)
    if push is None and pull is None and words is None:
        if not partials:
            raise DefinitionError(f"{name} needs a partial for each operand, or push= and pull=")
        return enter(name, function, *partials, notation=named(name, "function", latex, mathml), **facts)
    if push is None or pull is None or partials or facts:
        raise DefinitionError(f"{name}: give its partials and facts, or push= and pull= (and latex=, mathml=, words=)")
    check_sweeps(name, push, pull)
    from autodiff.operations.array_rule import each_operand

    return each_operand(name, function, push, pull, named(name, "array", latex, mathml), words)


def infix(
    name: str, symbol: str, function: Callable[..., float], *partials: Partial, latex: str = "", **facts: Any
) -> Operation:
    """Enter an operation that is written between its operands; Python's operators already work on whole arrays."""
    notation = Notation("infix", symbol, latex or symbol)
    return enter(name, function, *partials, notation=notation, vector=function, **facts)


def special(
    name: str, kind: str, symbol: str, function: Callable[..., float], *partials: Partial, **facts: Any
) -> Operation:
    """Enter an operation with a notation of its own: −x, x^y, |x|, √x, [x > y]."""
    return enter(name, function, *partials, notation=Notation(kind, symbol), **facts)

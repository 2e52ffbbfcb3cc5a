"""The expression language: what it reads, what it refuses, and that it reads back what it writes."""

from __future__ import annotations

import contextlib
import math
import sys

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autodiff import AutodiffError
from autodiff.errors import ExpressionError
from autodiff.expression.expr import Expr, evaluate
from autodiff.expression.parser import parse, parse_expression
from autodiff.expression.to_sympy import to_sympy
from autodiff.expression.tokens import MAX_LENGTH
from tests.strategies import formulas, smooth_formulas

READINGS = {
    "ln(x1)+x1*x2-sin(x2)": "ln(x1) + x1*x2 - sin(x2)",
    "−x²": "-x^2",
    "(-x)^2": "(-x)^2",
    "2^3^2": "2^3^2",
    "(2^3)^2": "(2^3)^2",
    "2^-x": "2^(-x)",
    "x⁻¹": "x^(-1)",
    "-2x": "-2*x",
    "a-b-c": "a - b - c",
    "a-(b-c)": "a - (b - c)",
    "a/b/c": "a/b/c",
    "a/(b/c)": "a/(b/c)",
    "a·b × c ÷ d": "a*b*c/d",
    "x**2": "x^2",
    ".5 + 1e-3 + 2.": "0.5 + 0.001 + 2",
    "2x1": "2*x1",
    "2 sin(x)": "2*sin(x)",
    "(a)(b)": "a*b",
    "2(x+1)(x-1)": "2*(x + 1)*(x - 1)",
    "x(1-x)": "x*(1 - x)",
    "2πr": "2*pi*r",
    "π²": "pi^2",
    "m c^2": "m*c^2",
    "x²y": "x^2*y",
    "3e^(2x)": "3*e^(2*x)",
    "sin x2": "sin(x2)",
    "ln 2": "ln(2)",
    "sin 2x1": "sin(2*x1)",
    "sin x^2": "sin(x^2)",
    "sin(x)^2": "sin(x)^2",
    "sin^2 x": "sin(x)^2",
    "sin²x + cos²(x)": "sin(x)^2 + cos(x)^2",
    "sin x cos y": "sin(x)*cos(y)",
    "A sin ω t": "A*sin(ω*t)",
    "ln sin x": "ln(sin(x))",
    "sin -x": "sin(-x)",
    "1/sin x": "1/sin(x)",
    "√2 + √x + √(x+1)": "sqrt(2) + sqrt(x) + sqrt(x + 1)",
    "|x|": "abs(x)",
    "||x| - 1|": "abs(abs(x) - 1)",
    "|x||y|": "abs(x)*abs(y)",
    "2|x|": "2*abs(x)",
    "x₁ + x₁₂": "x1 + x12",
    "log x + lg x": "ln(x) + log10(x)",
    "tg x + ctg x + cotg x + arctg x": "tan(x) + cot(x) + cot(x) + arctan(x)",
    "sh x + ch x + th x": "sinh(x) + cosh(x) + tanh(x)",
    "asin(x) + acosh(x) + atan2(x, y)": "arcsin(x) + arccosh(x) + arctan2(x, y)",
    "σ(x)": "sigmoid(x)",
    "(x - μ)/σ": "(x - μ)/σ",
    "σ (y - x), σ": "σ*(y - x), σ",
    "max(a, b, c)": "max(max(a, b), c)",
    "--x": "-(-x)",
    "+x": "x",
    "x*y, x + y": "x*y, x + y",
    "a = exp(x); b = a²\nsin(a + b)": "a = exp(x); b = a^2; sin(a + b)",
    "exp(x)\n": "exp(x)",
    "e = sin(c); e + e^2": "e = sin(c); e + e^2",
    "(x +\n y)": "x + y",
    "½m v² + x^½": "1/2*m*v^2 + x^(1/2)",
    "∛x + ∛(x+1)": "cbrt(x) + cbrt(x + 1)",
    "R₁R₂/(R₁ + R₂)": "R1*R2/(R1 + R2)",
    "x_1 + k_B": "x1 + k_B",
    "log_2 8x": "log2(8*x)",
    "4ε[(s/r)^12 - (s/r)^6]": "4*ε*((s/r)^12 - (s/r)^6)",
    "{x + 1}[x - 1]": "(x + 1)*(x - 1)",
    "N 2^(-t/T)": "N*2^(-t/T)",
    "a∗b⁄c ‐ d": "a*b/c - d",
    "\u00b5 + y\u0302": "μ + ŷ",
    "f\u2061(x) + f": "f*x + f",
    "a = x\u00a0+ 1; a": "a = x + 1; a",
}


@pytest.mark.parametrize("text", READINGS)
def test_text_is_read_as_a_textbook_means_it(text: str) -> None:
    assert str(parse(text)) == READINGS[text]


REFUSALS = {
    "": "empty",
    "  \n ; ": "empty",
    "x1 +": "ends too early",
    "(x": "never closed",
    "x)": "closes nothing",
    "|x": "never closed",
    "((x)": "never closed",
    "x y)": "closes nothing",
    "*x": "not expected",
    "1/2x1": "two ways",
    "x/y(1)": "unknown function 'y'",
    "1/2(x)": "two ways",
    "e^2x": "two ways",
    "√2x": "two ways",
    "sin x (1 + x)": "two ways",
    "sin^-1 x": "arcsin",
    "tan⁻¹ x": "arctan",
    "ln^-1 x": "1/ln(x)",
    "x 2": "sign is missing",
    "2 3": "sign is missing",
    "0,5x": "0.5",
    "ln(x1) + snh(x2)": "did you mean 'sinh' or 'sin'?",
    "f(x)": "unknown function 'f'",
    "x(2)": "x*(…)",
    "sin": "needs a value",
    "sin + 1": "needs a value",
    "sin - x": "needs a value",
    "min 2": "2 values",
    "hypot(1)": "2 values",
    "sin(1, 2)": "one value",
    "exp()": "missing before",
    "a__b": "two underscores",
    "_x": "unexpected character",
    "x.real": "unexpected character",
    "x[0]": "no elements",
    "x[i]": "no elements",
    "(x]": "closed by",
    "R₁_": "unexpected character",
    "f(x) = x^2": "leave out the left side",
    "sin 2(x + 1)": "sin(2*(x + 1))",
    "1/(σ√(2π)) e^(−x²)": "write 1/((σ√(2π))*e^(−x²)) or (1/(σ√(2π)))*e^(−x²)",
    "max(x)": "at least 2 values",
    "sin()": "missing before",
    "x" * 60: "at most 50 characters",
    "x̂": "x_hat",
    "x — y": "did you mean '-'?",
    "x == 1": "'='",
    "lambda x: x": "unexpected character",
    "'x'": "unexpected character",
    "__import__('os')": "unexpected character",
    "x; y": "only the last statement",
    "a = 1; a = 2; a": "already",
    "x + 1; x = 2": "only the last",
    "b = x; x = 2; b": "used before",
    "a = a + 1": "defined by itself",
    "x*e; e = 2": "only the last",
    "a = e^2; e = 2; a*e": "used before",
    "e = e + 1": "defined by itself",
    "sin = 2": "already has a meaning",
    "pi = 3": "already has a meaning",
    "a = b = 1": "gives a name",
    "ｘ + 1": "did you mean 'x'?",
    "x１": "did you mean '1'?",
    "שx": "HEBREW",
    "\u202ex": "RIGHT-TO-LEFT OVERRIDE",
    "x\x07": "U+0007",
    "x\x00": "U+0000",
    "x\u200by": "U+200B",
    "1e400": "too large",
    "x ? y": "unexpected character",
    "x²³⁻": "not a whole number",
    "(" * 10_000 + "x" + ")" * 10_000: "nested more than",
    "-" * 10_000 + "x": "signs in a row",
    "x" + "^x" * 5_000: "nested more than",
    "sin " * 5_000 + "x": "nested more than",
    "x" * 100_000: "too long",
}


@pytest.mark.parametrize("text", REFUSALS, ids=lambda text: ascii(text[:30]))
def test_what_cannot_be_read_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    message = str(caught.value)
    assert REFUSALS[text] in message
    assert len(message) < 400


@pytest.mark.parametrize("text", REFUSALS, ids=lambda text: ascii(text[:30]))
def test_the_work_for_a_refusal_grows_no_faster_than_the_text(text: str) -> None:
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    with contextlib.suppress(ExpressionError):
        parse(text)
    sys.setprofile(None)
    assert calls < 5000 + 60 * len(text)


def test_the_caret_stands_under_the_mistake() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("ln(x1) + snh(x2)")
    assert str(caught.value).splitlines() == [
        "unknown function 'snh'",
        "  ln(x1) + snh(x2)",
        "           ^^^",
        "did you mean 'sinh' or 'sin'?",
    ]


def test_the_caret_counts_wide_characters_twice() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("θ + １")
    line, caret = str(caught.value).splitlines()[1:3]
    assert (line, caret) == ("  θ + １", "      ^^")


def test_a_long_expression_is_shown_around_the_mistake() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("x + " * 500 + "$ + " + "x + " * 500 + "x")
    line, caret = str(caught.value).splitlines()[1:3]
    assert line.startswith("  …")
    assert line.endswith("…")
    assert line[caret.index("^")] == "$"


def test_ambiguous_divisions_offer_both_readings() -> None:
    with pytest.raises(ExpressionError, match=r"write 1/\(2\*x1\) or \(1/2\)\*x1"):
        parse("1/2x1")


@pytest.mark.no_cover
def test_the_length_limit_is_inclusive() -> None:
    text = "x" + "+x" * ((MAX_LENGTH - 1) // 2)
    assert parse(text).variables == ("x",)


def test_a_sum_of_five_thousand_terms_is_read_and_written() -> None:
    text = " + ".join(f"x{n}" for n in range(1, 5001))
    program = parse(text)
    assert len(program.variables) == 5000
    assert program.variables[:3] == ("x1", "x2", "x3")
    assert str(program) == text


@pytest.mark.no_cover
@given(formulas)
@settings(max_examples=500)
def test_a_formula_survives_writing_and_reading(formula: Expr) -> None:
    assert parse_expression(str(formula)) == formula


@given(formulas)
def test_spaces_change_nothing(formula: Expr) -> None:
    text = str(formula)
    assert str(parse(text.replace(" ", "").replace("+", "  + "))) == text


@given(smooth_formulas, st.floats(1, 2), st.floats(1, 2), st.floats(1, 2))
def test_sympy_reads_the_same_value(formula: Expr, x: float, y: float, z: float) -> None:
    values = {"x": x, "y": y, "z": z}
    ours = evaluate(formula, values)
    symbols = {name: sympy.Symbol(name, real=True) for name in values}
    exact = to_sympy(formula, symbols).evalf(30, subs={symbols[name]: sympy.Float(v, 40) for name, v in values.items()})
    assume(abs(ours) < 1e100)
    assert math.isclose(ours, float(exact), rel_tol=1e-9, abs_tol=1e-9)


ALPHABET = "xyθ12.5eπ()|+-*/^·×÷−√²³ ,;=\nsincolgtah_[]{}'\"#\\\u202e１ש\x07"


@pytest.mark.no_cover
@given(st.text(ALPHABET, max_size=60) | st.text(max_size=30))
@settings(max_examples=1000)
def test_any_text_is_read_or_refused_politely(text: str) -> None:
    try:
        program = parse(text)
    except AutodiffError as error:
        assert str(error)  # noqa: PT017 - either outcome is fine, a crash is not
    else:
        assert parse(str(program), names=program.variables).outputs == program.outputs

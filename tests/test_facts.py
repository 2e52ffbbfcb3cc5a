"""What a line of the table says beside its rule: told in a sentence where it is missing, and true where it is not."""

from __future__ import annotations

import inspect
import itertools
import math
import pydoc
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff
from autodiff import Convention, Dual, Tape, Var, derivative, elementary, grad, hessian
from autodiff.checks.faults import points
from autodiff.expression.to_sympy import sympy_function
from autodiff.modes.partials import partial
from autodiff.operations.rule import BUILT_IN, TABLE, Operation

ROOT = Path(__file__).parents[1]
BUILT_INS = [entry for entry in TABLE if entry.name in BUILT_IN]
each_entry = pytest.mark.parametrize("entry", BUILT_INS, ids=lambda entry: entry.name)

# numpy has none of these, and no formula of its functions is as exact: arrays are worked through entry by entry.
ENTRY_BY_ENTRY = {"erf", "erfc", "gamma", "lgamma", "digamma", "polygamma", "gaussian"}


def missing(entry: Operation) -> Iterator[str]:
    """What a line of the table does not say, in sentences for whoever wrote it."""
    if not (entry.sympy or entry.means):
        yield f"{entry.name} has no reading for --check: add sympy= (sympy's name of it) or means= (other operations)"
    if not (entry.javascript or entry.notation.kind in ("infix", "prefix")):
        yield f"{entry.name} has no value in the player: add javascript='Math.…', or '(x) => …'"
    if not (entry.numpy or entry.vector or entry.name in ENTRY_BY_ENTRY):
        yield f"{entry.name} has no value at arrays: add numpy= (numpy's name of it) or vector= (a function of arrays)"
    for convention in entry.conventions:
        if len(convention.partials) != entry.arity:
            yield f"{entry.name} has a convention that does not speak of each of its {entry.arity} operands"


@each_entry
def test_a_line_says_all_that_its_readers_need(entry: Operation) -> None:
    assert list(missing(entry)) == []


def test_what_is_missing_is_told_in_sentences() -> None:
    bare = elementary("bare_of_facts", lambda x: x, lambda z, x: 1)
    told = " | ".join(missing(bare))
    for fact in ("sympy=", "means=", "javascript=", "numpy=", "vector="):
        assert fact in told


# --- what is said is true -------------------------------------------------------------------------------------
@each_entry
def test_the_value_at_arrays_is_that_at_numbers(entry: Operation) -> None:
    for point in points(entry):
        columns = [np.array([x, x]) for x in point]
        with np.errstate(all="ignore"):
            found = entry(*columns)
        assert found.shape == (2,)
        assert found[0] == pytest.approx(entry(*point), rel=1e-14, abs=1e-300)
        single = entry(*(column.astype(np.float32) for column in columns))
        assert single.dtype == np.float32


@each_entry
def test_other_forms_of_a_partial_are_equal_to_it(entry: Operation) -> None:
    for (k, rule), point in itertools.product(entry.forms, itertools.islice(points(entry), 5)):
        z = entry(*point)
        assert rule(z, *point) == pytest.approx(partial(entry, k, z, point), rel=1e-12), (entry.name, k, point)


@each_entry
def test_what_an_operation_means_is_what_it_is(entry: Operation) -> None:
    if entry.means is not None:
        for point in itertools.islice(points(entry), 5):
            assert entry.means(*point) == pytest.approx(entry(*point), rel=1e-13)


@each_entry
def test_sympy_reads_it_as_numbers_do(entry: Operation) -> None:
    import sympy

    for point in itertools.islice(points(entry), 3):
        symbols = sympy.symbols(f"x:{entry.arity}", real=True)
        exact = sympy_function(entry)(*symbols).subs(dict(zip(symbols, map(sympy.Rational, point), strict=True)))
        assert float(exact) == pytest.approx(entry(*point), rel=1e-12)


@each_entry
def test_arrays_of_vars_find_it_under_numpys_name(entry: Operation) -> None:
    ufunc = getattr(np, entry.numpy[0], None) if entry.numpy else None
    has_objects = any("O" in kind for kind in getattr(ufunc, "types", ()))  # of logaddexp numpy knows numbers only
    if has_objects and entry.notation.kind in ("function", "root"):
        point = next(points(entry))
        operands = [np.array([Dual(x, 1.0)], dtype=object) for x in point]
        found = getattr(np, entry.numpy[0])(*operands)[0]
        assert getattr(found, "primal", found) == entry(*point)
        if not entry.conventions:
            assert found.tangent == entry(*(Dual(x, 1.0) for x in point)).tangent


# --- operations look like functions ---------------------------------------------------------------------------
@each_entry
def test_an_operation_looks_like_a_function(entry: Operation) -> None:
    assert entry.__name__ == entry.__qualname__ == entry.name
    operands = inspect.signature(entry).parameters
    assert len(operands) == entry.arity
    text = pydoc.plain(pydoc.render_doc(entry))
    assert f"{entry.name}({', '.join(operands)}, /)" in text
    for name in list(operands)[: 0 if entry.orders else None]:
        assert f"∂z/∂{name} = " in text
    for convention in entry.conventions:
        assert convention.note in text
    if entry.domain.needs:
        assert entry.domain.needs in text


def test_names_reach_what_is_made_of_operations() -> None:
    assert repr(grad(autodiff.sin)) == "<grad of sin>"
    assert str(autodiff.trace(autodiff.sin, at=1)).startswith("sin at x = 1")
    assert "1 / (1 + exp(−x))" in str(autodiff.sigmoid.__doc__)
    assert "in textbooks also z × (1 − z)" in str(autodiff.sigmoid.__doc__)
    assert str(Operation.__doc__).startswith("One elementary operation.")


def test_an_operation_in_a_class_is_no_method() -> None:
    class Layer:
        activation = autodiff.tanh

    assert Layer().activation(0.5) == math.tanh(0.5)


def test_every_function_of_the_table_is_public() -> None:
    for name, entry in vars(autodiff.operations.elementary).items():
        if isinstance(entry, Operation) and entry.notation.kind in ("function", "bars", "root"):
            assert getattr(autodiff, name) is entry
            assert name in autodiff.__all__


def test_numpys_functions_stay_those_of_the_table() -> None:
    mine = elementary("sine_of_mine", math.sin, lambda z, x: autodiff.cos(x), numpy="sin")
    assert mine(np.array([0.5]))[0] == math.sin(0.5)
    assert repr(np.sin(Dual(0.5, 1.0))) == repr(autodiff.sin(Dual(0.5, 1.0)))
    with Tape() as tape:
        x = Var(np.array([0.5]))
    np.sin(x)
    assert tape[1].operation is autodiff.sin


def test_a_fact_that_is_none_is_named_with_a_suggestion() -> None:
    with pytest.raises(autodiff.AutodiffError, match=r"elementary takes no latx=.*\ndid you mean 'latex'"):
        elementary("mistyped", lambda x: x, lambda z, x: 1, latx="x")


AT_0 = Convention(lambda x: x == 0, "a corner", (0,))
WRONG_FACTS: dict[str, tuple[dict[str, Any], str]] = {
    "no tuple": ({"at": AT_0}, r"at= of .* is a tuple of Conventions"),
    "no Convention": ({"at": (0,)}, r"at= of .* is a tuple of Conventions"),
    "no tuple of slopes": ({"at": (Convention(AT_0.where, "", 0),)}, "a tuple of 1, a slope for each operand"),  # type: ignore[arg-type]
    "too many slopes": ({"at": (Convention(AT_0.where, "", (0, 0)),)}, "a tuple of 1, a slope for each operand"),
    "a text as slope": ({"at": (Convention(AT_0.where, "", ("a",)),)}, "slope 1 of a Convention"),  # type: ignore[arg-type]
    "a rule of too little": ({"at": (Convention(AT_0.where, "", (lambda x: 0,)),)}, "slope 1 of a Convention"),
    "a condition of two": ({"at": (Convention(lambda x, y: x == y, "", (0,)),)}, "a function of its 1 operands"),
    "a name as vector": ({"vector": "nosuch"}, "vector= of .* is a function of arrays"),
    "a number as overflow": ({"overflow": 7}, "overflow= of .* is a function"),
    "a number as orders": ({"orders": 0}, "orders= of .* is a tuple of places"),
    "a place beyond": ({"orders": (1,)}, "orders= of .* is a tuple of places"),
    "an interval alone": ({"on": (0, 1)}, "on= of .* is a tuple with an open interval"),
    "a form alone": ({"forms": (lambda z, x: x,)}, "forms= of .* is a tuple of pairs"),
    "a form of no operand": ({"forms": ((3, lambda z, x: x),)}, "forms= of .* is a tuple of pairs"),
    "a number as JavaScript": ({"javascript": 3}, "javascript= of .* is JavaScript"),
    "a number as meaning": ({"means": 3}, "means= of .* is a function"),
    "a number as sympy": ({"sympy": 3}, "sympy= of .* is sympy's name"),
}


@pytest.mark.parametrize(("facts", "message"), WRONG_FACTS.values(), ids=WRONG_FACTS)
def test_facts_of_the_wrong_kind_are_refused_where_they_are_given(facts: dict[str, Any], message: str) -> None:
    with pytest.raises(autodiff.AutodiffError, match=message):
        elementary("wrongly_said", lambda x: x, lambda z, x: 1, **facts)


@pytest.mark.parametrize(
    "slope", [lambda z, x: math.cos(x), lambda z, x: 1 if x > 0 else -1, lambda z, x: float(x > 0)]
)
def test_a_rule_that_is_no_formula_works_on_numbers(slope: Callable[..., Any]) -> None:
    plain_rule = elementary("plain_rule", lambda x: abs(x), slope)
    assert grad(plain_rule)(1.0) == slope(1.0, 1.0) == derivative(plain_rule)(1.0)
    assert "worked out by Python code" in str(plain_rule.__doc__)
    assert repr(grad(plain_rule)) == "<grad of plain_rule>"


@pytest.mark.parametrize("slope", [1, lambda z, x: 1 + 2 * x])
@pytest.mark.parametrize("power", [2, 4])
def test_a_wrong_slope_of_an_even_function_is_no_corner(slope: Any, power: int) -> None:
    even = elementary("even_one", lambda x: x**power, lambda z, x: power * z / x,
                      at=(Convention(lambda x: x == 0, "", (slope,)),))  # fmt: skip
    assert not autodiff.check_rule(even).ok
    assert not autodiff.check(even, 0.0).ok


def test_an_average_with_an_infinite_entry_is_numpys() -> None:
    x, w = np.array([1.0, np.inf, 2.0]), np.array([1.0, 2.0, 1.0])
    value, slopes = autodiff.value_and_grad(lambda x: np.average(x, weights=w))(x)
    assert (value, slopes.tolist()) == (np.inf, [0.25, 0.5, 0.25])
    rows = np.array([x, x + 1])
    _, tangent = autodiff.jvp(lambda x: np.average(x, axis=1, weights=w), rows, np.ones((2, 3)))
    assert tangent.tolist() == [1.0, 1.0]


# --- a convention is a rule -----------------------------------------------------------------------------------
def nested(f: object, order: int, letters: str) -> object:
    for letter in (letters * order)[:order]:
        f = {"F": derivative, "R": grad}[letter](f)
    return f


@pytest.mark.parametrize("letters", ["F", "R", "FR", "RF"])
def test_a_rule_at_a_singular_point_is_right_to_every_order_that_it_is(letters: str) -> None:
    ratio = elementary(
        "exp_ratio", lambda x: math.expm1(x) / x if x else 1.0, lambda z, x: (autodiff.exp(x) - z) / x,
        at=(Convention(lambda x: x == 0, "a removable gap", (lambda z, x: 0.5 + x / 3 + x * x / 8,)),),
    )  # fmt: skip
    assert [nested(ratio, order, letters)(0.0) for order in (1, 2, 3)] == pytest.approx([1 / 2, 1 / 3, 1 / 4])
    for order in (4, 5):  # the series ends there, and a 0 would be wrong
        assert math.isnan(nested(ratio, order, letters)(0.0))
    x = np.array([0.0, 1.0])
    assert grad(lambda x: np.sum(derivative(ratio)(x)))(x) == pytest.approx([1 / 3, math.e - 2], rel=1e-9)
    assert math.isnan(grad(lambda x: np.sum(nested(ratio, 3, "F")(x)))(x)[0])


@pytest.mark.parametrize("letters", ["F", "R", "FR", "RF"])
def test_the_rule_of_a_gap_is_vouched_for_as_far_as_it_is_written(letters: str) -> None:
    gap = elementary(
        "sinc_with_a_gap", lambda x: math.sin(x) / x if x else 1.0, lambda z, x: (autodiff.cos(x) - z) / x,
        at=(Convention(lambda x: x == 0, "flat at its top", (lambda z, x: -x / 3,)),),
    )  # fmt: skip
    assert nested(gap, 1, letters)(0.0) == 0
    assert nested(gap, 2, letters)(0.0) == -1 / 3
    for order in (3, 4):
        assert math.isnan(nested(gap, order, letters)(0.0))
    assert not autodiff.check_rule(
        elementary(
            "wrong_gap", lambda x: math.sin(x) / x if x else 1.0, lambda z, x: (autodiff.cos(x) - z) / x,
            at=(Convention(lambda x: x == 0, "flat at its top", (0,)),),
        )
    ).ok  # fmt: skip


@pytest.mark.parametrize("letters", ["F", "R", "FR", "RF"])
def test_a_number_at_a_corner_has_no_derivative(letters: str) -> None:
    corner = elementary(
        "corner_with_a_number", lambda x: abs(x), lambda z, x: x / z,
        at=(Convention(lambda x: x == 0, "slope 0 is used", (0,)),),
    )  # fmt: skip
    assert nested(corner, 1, letters)(0.0) == 0.0
    for order in (2, 3, 4):
        assert math.isnan(nested(corner, order, letters)(0.0))
    x = np.array([0.0, 2.0])
    slopes = hessian(lambda x: np.sum(corner(x) * np.array([1.0, 1.0])))(x)
    assert math.isnan(slopes[0, 0])
    assert slopes[1, 1] == 0.0


@pytest.mark.parametrize("f", [np.linalg.norm, lambda x: np.linalg.norm(x, 3), np.std], ids=["norm", "3-norm", "std"])
def test_lengths_have_a_corner_at_the_origin(f: Callable[..., Any]) -> None:
    x = np.zeros(3)
    assert grad(f)(x).tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(hessian(f)(x)).all()
    rows = np.array([[0.0, 0.0], [3.0, 4.0]])
    second = hessian(lambda x: np.sum(np.linalg.norm(x, axis=1)))(rows)
    assert np.isnan(second[0, :, 0]).all()
    assert second[1, :, 1] == pytest.approx((np.eye(2) - np.outer(rows[1], rows[1]) / 25) / 5)


def test_a_power_at_zero_has_a_symmetric_hessian() -> None:
    for y in (0.5, 1.0, 1.5, 2.0, 3.0):
        (_, xy), (yx, yy) = hessian(lambda x, y: x**y)(0.0, y)
        assert xy == yx or math.isnan(xy) or math.isnan(yx), y
        assert yy == 0.0
    assert hessian(lambda x, y: x**y)(0.0, 2.0) == ((2.0, 0.0), (0.0, 0.0))
    assert hessian(lambda x, y: x**y)(0.0, 1.0)[0][1] == -math.inf
    assert all(math.isnan(entry) for row in hessian(autodiff.hypot)(0.0, 0.0) for entry in row)


@pytest.mark.parametrize("x", [0.0, 1e-12, 1e-9, -1e-6, 1e-3, 0.1, 1.0, 3.7])
@pytest.mark.parametrize("order", range(1, 6))
def test_sinc_is_smooth_at_its_top(x: float, order: int) -> None:
    from mpmath import mp

    with mp.workdps(60):
        exact = float(mp.diff(mp.sincpi, mp.mpf(x), order))
    for letters in ("F", "R", "RF"):
        assert nested(np.sinc, order, letters)(x) == pytest.approx(exact, rel=1e-12, abs=1e-12 * math.pi**order)
    column = grad(lambda v: np.sum(nested(np.sinc, order - 1, "F")(v)))(np.array([x, x]))
    assert column == pytest.approx([exact, exact], rel=1e-11, abs=1e-12 * math.pi**order)


def test_powers_of_arrays_of_one_entry_stay_arrays() -> None:
    with Tape() as tape:
        x, y = Var(2.0), Var(np.array([3.0]))
    assert (x**y).primal.shape == (y**x).primal.shape == (1,)
    assert tape.rows[-1][1][0] == 9.0


# --- one line is one line -------------------------------------------------------------------------------------
LINE = """
sinc = elementary("sinc", lambda x: values.sincn(0, x), lambda z, x: sincn(1, x),
                  vector=lambda x: sincn(0, x), means=lambda x: sincn(0, x),
                  javascript="(x) => (x === 0 ? 1 : Math.sin(x) / x)",
                  forms=((0, lambda z, x: (cos(x) - z) / x),))
"""
PROGRAM = """
import numpy as np
from autodiff import check, derivative, grad, sinc, trace
assert grad(grad(sinc))(0.0) == derivative(grad(sinc))(0.0) == -1 / 3
assert abs(grad(grad(grad(grad(sinc))))(0.0) - 0.2) < 1e-15
assert np.allclose(grad(lambda x: np.sum(sinc(x)))(np.array([0.0, 1.0])), [0, np.cos(1) - np.sin(1)])
t = trace("x sinc x", at=2, mode="both")
assert check(t).ok, check(t)
for style in ("full", "book", "baydin", "griewank", "cs207"):
    assert "sinc" in t.to_text(style=style)
for medium in ("markdown", "latex", "html", "csv", "json", "player", "svg", "tikz", "dot"):
    assert "sinc" in t.to(medium), medium
assert "operation written in Python" not in t.to_player()
"""
FILES = ("test_rules", "test_accuracy", "test_check", "test_definitions", "test_facts", "test_javascript")


def test_adding_a_function_is_one_line(tmp_path: Path) -> None:
    """A copy of the package with one line more passes whatever iterates over the table."""
    for folder in ("autodiff", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    table = tmp_path / "autodiff" / "operations" / "elementary.py"
    text = table.read_text("utf-8")
    place = text.index("\n# --- what only rules use")
    table.write_text(text[:place] + LINE + text[place:], "utf-8")
    run = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    chosen = [f"tests/{name}.py" for name in FILES]
    run = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-k",
        "sinc and not sincn and not one_line",
        *chosen,
    ]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout[-3000:]
    assert (
        "-sinc" in subprocess.run([*run, "--collect-only"], cwd=tmp_path, capture_output=True, encoding="utf-8").stdout
    )  # it was among what was tried

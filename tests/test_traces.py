"""Every published cell of traces/*.toml against ours: numbers, whole lines and formulas, as the sources print them.

A number with a decimal point is right to half a unit of its last place (or of the last of `decimals` places, where the
source drops trailing zeros); any other cell, such as 5, 1/2 or sqrt(2)/2, is exact. Cells under `misrounded` are known
to be off by more than half a unit, and by no more than one.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from autodiff import Trace, check, trace
from autodiff.expression.expr import evaluate
from autodiff.expression.names import ascii_ref
from autodiff.expression.parser import parse_expression
from autodiff.expression.printing import UnicodePrinter
from autodiff.render.tables.compose import default_digits
from autodiff.render.tables.styles import PRIMAL, STYLES
from autodiff.render.words.sheet import Writer
from autodiff.tracing.directions import DIRECTIONS
from autodiff.tracing.files import TraceFile, read_trace_file
from tests.test_command import run_here

ROOT = Path(__file__).parent.parent
PATHS = sorted((ROOT / "traces").glob("*.toml"))
LINES = {"primal": PRIMAL, **{direction.kind: direction.title for direction in DIRECTIONS.values()}}
NUMBERS = {"values": "", "tangents": "tangent ", "adjoints": "adjoint "}  # with their prefix under `misrounded`
CELLS = {*LINES, "formulas", *NUMBERS}
SLACK = 1e-12

each_file = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


# --- ours -----------------------------------------------------------------------------------------------------
def traced(file: TraceFile) -> Trace:
    options = {key: file.get(key) for key in ("mode", "wrt", "seed", "output", "order") if file.get(key) is not None}
    return trace(file.get("expression"), file.get("at"), **options)


def our_lines(ours: Trace, style: str, digits: int | None) -> dict[str, list[str]]:
    """The lines of each side in a style: their cells joined with single spaces."""
    decimals = default_digits(style) if digits is None else digits
    write = Writer(UnicodePrinter, ours, digits=decimals, fill=style == "griewank")
    sides = [side for page in STYLES[style](ours, write) for side in page.sides]
    return {
        side.title: [" ".join(cell.text for cell in line.cells if cell.text) for line in side.lines] for side in sides
    }


def our_formulas(ours: Trace) -> list[str]:
    return [row.formula for row in ours.rows if row.operation != "input"]


def our_numbers(ours: Trace, kind: str) -> dict[str, float]:
    """Numbers by the name of their primal row, and by the name that the user gave the row."""
    if kind == "values":
        numbers = {ascii_ref(step.ref): step.value for step in ours.steps}
        numbers |= {ascii_ref(output.name): output.value for output in ours.outputs}
    else:
        rows = ours.tangents if kind == "tangents" else ours.adjoints
        numbers = {ascii_ref(row.ref._replace(kind="primal")): row.value for row in rows}
    for step in ours.steps:
        if step.label and ascii_ref(step.ref) in numbers:
            numbers.setdefault(ascii_ref(step.label), numbers[ascii_ref(step.ref)])
    return numbers


# --- ours against theirs --------------------------------------------------------------------------------------
def disagreements(file: TraceFile) -> list[str]:
    """What differs between the published cells of a file and our trace, one sentence each."""
    ours, published = traced(file), file.get("published")
    unknown = published.keys() - CELLS - {"style", "decimals", "misrounded"}
    found = [f"published.{key} means nothing" for key in sorted(unknown)]
    lines = our_lines(ours, published.get("style", "full"), file.get("digits"))
    for key in LINES.keys() & published.keys():
        found += line_faults(published[key], lines.get(LINES[key], []))
    if "formulas" in published:
        found += line_faults(published["formulas"], our_formulas(ours))
    return found + list(number_faults(ours, published))


def line_faults(published: list[str], ours: list[str]) -> list[str]:
    pairs = zip_longest(published, ours, fillvalue="nothing")
    return [f"published is {theirs}, ours is {our}" for theirs, our in pairs if theirs != our]


def number_faults(ours: Trace, published: dict[str, Any]) -> Iterator[str]:
    misrounded = set(published.get("misrounded", {}))
    for kind, prefix in NUMBERS.items():
        numbers = our_numbers(ours, kind)
        for key, printed in published.get(kind, {}).items():
            name = prefix + key
            known = name in misrounded
            misrounded.discard(name)
            if key not in numbers:
                yield f"{name} is published as {printed}, but there is no such row"
            elif fault := number_fault(printed, numbers[key], published.get("decimals"), misrounded=known):
                yield f"{name} {fault}"
    yield from (f"{name} is called misrounded, but no number is published for it" for name in sorted(misrounded))


def number_fault(printed: str, ours: float, decimals: int | None = None, *, misrounded: bool = False) -> str:
    """What is wrong with a printed number, nothing if it is right."""
    unit = unit_of(printed, decimals)
    off = abs(ours - evaluate(parse_expression(printed), {}))
    right = off <= unit / 2 + SLACK
    if misrounded and right:
        return f"is published as {printed} and called misrounded, but {ours!r} rounds to it"
    if right or (misrounded and off <= unit + SLACK):
        return ""
    return f"is published as {printed}, ours is {ours!r}"


def unit_of(printed: str, decimals: int | None) -> float:
    """One unit in the last place of a rounded number; 0 for an exact one."""
    rounded = re.fullmatch(r"-?\d*\.(\d+)", printed)
    if not rounded:
        return 0.0
    return 10.0 ** -(len(rounded[1]) if decimals is None else decimals)


# --- tests ----------------------------------------------------------------------------------------------------
@each_file
def test_published_cells_are_ours(path: Path) -> None:
    assert disagreements(read_trace_file(str(path))) == []


@each_file
def test_file_names_its_source_and_publishes_something(path: Path) -> None:
    file = read_trace_file(str(path))
    assert file.get("title")
    assert file.get("source")
    assert any((file.get("published") or {}).get(key) for key in CELLS)


@each_file
def test_sympy_agrees(path: Path) -> None:
    report = check(traced(read_trace_file(str(path))))
    assert report.ok, report.summary


@each_file
def test_command_prints_the_table(path: Path) -> None:
    done = run_here("--file", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    statements = read_trace_file(str(path)).get("expression").split("\n")
    assert done.stdout.startswith("; ".join(line.strip() for line in statements if line.strip()) + " at ")


def test_the_gallery_is_not_empty() -> None:
    assert len(PATHS) >= 18


@pytest.mark.parametrize(
    ("name", "kind", "key", "printed", "complaint"),
    [
        ("table-3-2", "values", "y", "11.653", "y is published as 11.653, ours is"),
        ("table-3-2", "adjoints", "v0", "1.715", "adjoint v0 is published as 1.715, ours is"),
        ("table-3-2", "adjoints", "v0", "-1.716", "adjoint v0 is published as -1.716, ours is"),
        ("table-3-2", "adjoints", "v1", "1.1", "adjoint v1 is published as 1.1, ours is 1.0"),
        ("table-3-2", "adjoints", "v9", "1", "adjoint v9 is published as 1, but there is no such row"),
        ("table-3-1", "tangents", "v1", "1/3", "tangent v1 is published as 1/3, ours is 0.5"),
        (
            "table-3-1",
            "primal",
            4,
            "v₃ = sin v₀ = cos 5",
            "published is v₃ = sin v₀ = cos 5, ours is v₃ = sin v₀ = sin 5",
        ),
        ("table-3-1", "tangent", -1, "ẏ = v̇₄ = 5.5", "published is ẏ = v̇₄ = 5.5, ours is ẏ = v̇₅ = 5.5"),
        ("baydin-table-3", "adjoint", 5, "v̄₀ = −0.283", "published is v̄₀ = −0.283, ours is v̄₀ = v̄₃ ∂v₃/∂v₀"),
        ("equation-3-43", "formulas", 0, "exp v₁", "published is exp v₁, ours is exp v₀"),
        ("griewank-table-1-3", "misrounded", "v5", "no", "v5 is published as 1.4924 and called misrounded, but"),
        ("griewank-table-1-3", "misrounded", "v7", "no", "v7 is called misrounded, but no number is published for it"),
        ("griewank-table-1-3", "values", "v6", "2.0168", "v6 is published as 2.0168, ours is"),
    ],
)
def test_a_false_cell_is_found(name: str, kind: str, key: str | int, printed: str, complaint: str) -> None:
    file = read_trace_file(str(ROOT / "traces" / f"{name}.toml"))
    data = deepcopy(file.data)
    data["published"][kind][key] = printed
    [found] = disagreements(TraceFile(file.path, data))
    assert found.startswith(complaint)


def test_a_missing_line_and_a_misspelt_key_are_found() -> None:
    file = read_trace_file(str(ROOT / "traces" / "table-3-1.toml"))
    data = deepcopy(file.data)
    data["published"]["primal"].pop()
    data["published"]["tangants"] = data["published"].pop("tangents")
    misspelt, missing = disagreements(TraceFile(file.path, data))
    assert misspelt == "published.tangants means nothing"
    assert missing == "published is nothing, ours is y = v₅ = 11.652"

"""Hundreds of formulas as textbooks print them: read as meant, traced, and every row checked."""

from __future__ import annotations

import math
import random
import tomllib
from pathlib import Path
from typing import Any

import pytest

from autodiff import check, trace
from autodiff.expression.names import ascii_ref

pytestmark = pytest.mark.no_cover
FORMULAS: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("formulas.toml").read_text("utf-8"))["formula"]


def point_in(formula: dict[str, Any]) -> dict[str, float]:
    """A point of the formula's box, the same in every run."""
    draw = random.Random(formula["name"])
    return {name: draw.uniform(*interval) for name, interval in formula["ranges"].items()}


def python_value(formula: dict[str, Any], point: dict[str, float]) -> tuple[float, ...]:
    """The value of the independent reading that stands beside the formula in the file."""
    names: dict[str, Any] = {ascii_ref(name).replace("lambda", "lam"): value for name, value in point.items()}
    value = eval(formula["python"], {"math": math}, names)  # our own test data
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: ascii(formula["name"]))
def test_a_textbook_formula_is_read_traced_and_checked(formula: dict[str, Any]) -> None:
    point = point_in(formula)
    traced = trace(formula["text"], at=point, mode="both")
    ours = [output.value for output in traced.outputs]
    assert ours == pytest.approx(python_value(formula, point), rel=1e-9, abs=1e-12)
    report = check(traced)
    assert report.ok, str(report)

"""A chain of 1000 operations: what forward mode and reverse mode cost over plain floats."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from autodiff import derivative, grad, jvp, sin
from benchmarks.contenders import Contender, check_agreement
from benchmarks.report import Report, Table
from benchmarks.timing import Bench

STEPS = 250  # of four operations each
AT = 0.3


def chain(x: Any, sin: Callable[[Any], Any] = sin) -> Any:
    for _ in range(STEPS):
        x = sin(x * 1.1 + 0.5) - 0.1
    return x


def chain_by_hand(x: float) -> float:
    """The same, with the tangent carried along by hand."""
    sine, cosine, tangent = math.sin, math.cos, 1.0
    for _ in range(STEPS):
        inner = x * 1.1 + 0.5
        tangent = tangent * 1.1 * cosine(inner)
        x = sine(inner) - 0.1
    return tangent


def run(bench: Bench) -> Report:
    values = [
        Contender("plain floats, math.sin", partial(chain, AT, math.sin)),
        Contender("plain floats, autodiff.sin", partial(chain, AT)),
    ]
    derivatives = [
        Contender("derivative by hand, plain floats", partial(chain_by_hand, AT)),
        Contender("derivative: Dual, forward mode", partial(derivative(chain), AT)),
        Contender("jvp: value and derivative, forward mode", partial(jvp, chain, AT, 1.0)),
        Contender("grad: Tape and Var, reverse mode", partial(grad(chain), AT)),
    ]
    check_agreement(values)
    check_agreement([contender for contender in derivatives if not contender.name.startswith("jvp")])
    timings = bench.compare([*values, *derivatives], rounds=25)
    rows = []
    for timing in timings:
        per = {"us_per_operation": 1e6 * timing.median / (4 * STEPS)}
        rows.append({**timing.row(timings[0], "ratio_to_floats"), **per})
    note = "all derivatives of one chain; with n inputs forward mode needs n runs, reverse mode one"
    return Report("forward: a chain of 1000 operations with one input", [Table("", rows)], [], [note])

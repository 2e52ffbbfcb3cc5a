"""Memory and time of a long run with and without checkpoint: a pendulum of 400,000 operations, a net of 200 layers."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import checkpoint, grad, sin
from benchmarks.report import Floor, Report, Table
from benchmarks.timing import Bench

STEPS, SEGMENTS = 1000, 100
LAYERS, BLOCK = 200, 20


def swing(angle: Any, speed: Any) -> Any:
    """A pendulum through many small steps of time; four operations a step."""
    for _ in range(STEPS):
        speed = speed - 0.001 * sin(angle)
        angle = angle + 0.001 * speed
    return angle, speed


def pendulum(piece: Callable[..., Any]) -> Callable[[], Any]:
    def final(angle: Any) -> Any:
        speed: Any = 0.0
        for _ in range(SEGMENTS):
            angle, speed = piece(angle, speed)
        return angle

    return lambda: grad(final)(0.5)


def layers(x: Any, scale: Any) -> Any:
    for _ in range(BLOCK):
        x = np.tanh(scale * x + 0.1)
    return x


def network(piece: Callable[..., Any]) -> Callable[[], Any]:
    start = np.linspace(-1, 1, 100_000)

    def total(scale: Any) -> Any:
        x: Any = start
        for _ in range(LAYERS // BLOCK):
            x = piece(x, scale)
        return np.sum(x)

    return lambda: grad(total)(0.9)


def measured(name: str, call: Callable[[], Any]) -> dict[str, Any]:
    started = time.perf_counter()
    result = call()
    took = time.perf_counter() - started
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"name": name, "peak_MB": peak / 1e6, "time_s": took, "derivative": float(result)}


def run(bench: Bench) -> Report:
    report = Report("checkpointing: peak memory of the reverse sweep, and what it costs in time")
    bench.expect(4)
    for title, make, piece, bound in (
        ("a pendulum, 100 × 1000 steps of scalars", pendulum, swing, 0.1),
        ("a network of 10 × 20 layers of 100,000 numbers", network, layers, 0.5),
    ):
        rows = []
        for name, f in (("plain", piece), ("checkpoint", checkpoint(piece))):
            rows.append(measured(name, make(f)))
            bench.step()
        plain, saved = rows
        assert abs(plain["derivative"] - saved["derivative"]) <= 1e-12 * abs(plain["derivative"])
        report.tables.append(Table(title, rows))
        share = saved["peak_MB"] / plain["peak_MB"]
        report.floors.append(Floor(f"{title}: memory with checkpoint to memory without", share, "≤", bound))
    return report

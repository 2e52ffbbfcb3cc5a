"""What an operation costs as tapes grow: time with the reverse sweep, and memory. Each size in a process of its own.

`python -m benchmarks.scaling time chain 1000000` is such a process; it prints JSON.
"""

from __future__ import annotations

import gc
import json
import math
import statistics
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

from autodiff import Tape
from benchmarks.report import Floor, Report, Table
from benchmarks.rosenbrock import operations
from benchmarks.rosenbrock_peers import points, rosenbrock
from benchmarks.timing import Bench

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10**4, 10**5, 10**6)
KINDS = ("chain", "rosenbrock")
FACTOR = 1.0000001
OPERATIONS_TIMED = 10**6  # in each process: a small size is repeated


def record(kind: str, size: int) -> tuple[Tape, list[Any], Any, int]:
    """A tape of about `size` operations, its inputs, its result and the exact number of operations."""
    tape = Tape()
    if kind == "chain":
        x: Any = tape.var(1.0)
        y = x
        for _ in range(size // 2):
            y = y * FACTOR + 0.5
        return tape, [x], y, size // 2 * 2
    n = size // 8 + 1
    inputs = [tape.var(x) for x in points(n)]
    return tape, inputs, rosenbrock(inputs), operations(n)


def run_once(kind: str, size: int) -> list[float]:
    _, inputs, y, _ = record(kind, size)
    y.backward()
    return [x.adjoint for x in inputs]


def time_per_operation(kind: str, size: int) -> float:
    """Seconds; the median over repeated runs, the tape's release included."""
    slope = run_once(kind, size)[0]
    if kind == "chain" and not math.isclose(slope, FACTOR ** (size // 2), rel_tol=1e-9):
        raise AssertionError(f"the derivative of the chain is {slope}")
    samples = []
    for _ in range(max(1, OPERATIONS_TIMED // size)):
        gc.collect()
        start = time.perf_counter()
        run_once(kind, size)
        samples.append(time.perf_counter() - start)
    return statistics.median(samples) / record(kind, size)[3]


def bytes_per_row(kind: str, size: int) -> dict[str, float]:
    """The tape alone, and the peak with the adjoints of the sweep."""
    gc.collect()
    tracemalloc.start()
    tape, _, y, _ = record(kind, size)
    held = tracemalloc.get_traced_memory()[0]
    y.backward()
    return {"tape": held / len(tape), "peak": tracemalloc.get_traced_memory()[1] / len(tape)}


def in_fresh_process(what: str, kind: str, size: int) -> Any:
    command = [sys.executable, "-m", "benchmarks.scaling", what, kind, str(size)]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def run(bench: Bench) -> Report:
    report = Report("scaling: the cost of an operation, recording and reverse sweep together")
    sizes, rounds = (SIZES[:2], 1) if bench.quick else (SIZES, 5)
    cases = [(kind, size) for kind in KINDS for size in sizes]
    bench.expect((rounds + 1) * len(cases))
    found: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
    for _ in range(rounds):
        for case in cases:
            found[case].append(1e6 * in_fresh_process("time", *case))
            bench.step()
    medians = {case: statistics.median(samples) for case, samples in found.items()}
    rows: list[dict[str, Any]] = []
    for (kind, size), samples in found.items():
        memory = in_fresh_process("bytes", kind, size)
        bench.step()
        times = {"median": medians[kind, size], "min": min(samples), "max": max(samples)}
        best = min(medians[kind, other] for other in sizes)
        row = {"name": kind, "operations": size, **{f"{k}_us_per_operation": t for k, t in times.items()}}
        row |= {"ratio_to_best": medians[kind, size] / best}
        rows.append(row | {"tape_bytes_per_row": memory["tape"], "peak_bytes_per_row": memory["peak"]})
    report.tables.append(Table("each size in fresh processes", rows))
    for kind in KINDS:
        worst = max(row["ratio_to_best"] for row in rows if row["name"] == kind)
        report.floors.append(Floor(f"{kind}: worst size over best size, per operation", worst, "≤", 2.0))
    return report


if __name__ == "__main__":
    measure = {"time": time_per_operation, "bytes": bytes_per_row}[sys.argv[1]]
    print(json.dumps(measure(sys.argv[2], int(sys.argv[3]))))

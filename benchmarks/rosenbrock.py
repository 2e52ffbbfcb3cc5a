"""The Rosenbrock function of n scalars, written as a plain loop: its value and all n partials."""

from __future__ import annotations

from functools import partial

from benchmarks import rosenbrock_peers as peers
from benchmarks.contenders import check_agreement, gather, in_deep_thread
from benchmarks.report import Floor, Report, Table
from benchmarks.timing import Bench

SIZES = (100, 10_000)
OPERATIONS_PER_TERM = 8  # pow, sub, pow, mul, add, rsub, pow, add: as written in the function
FLOORS = {"micrograd": 8.0, "autograd": 20.0}


def operations(n: int) -> int:
    return OPERATIONS_PER_TERM * (n - 1)


def measure(bench: Bench, n: int, report: Report) -> None:
    xs = peers.points(n)
    builders = {"autodiff": peers.ours, "micrograd": peers.micrograd, "autograd": peers.autograd}
    if n <= 100:
        builders["torch"] = peers.torch
    counted, skipped = gather((module, partial(build, xs)) for module, build in builders.items())
    check_agreement([contender for contender, _ in counted])
    contenders = [contender for contender, _ in counted]
    in_a_loop = bench.compare(contenders, rounds=9, sample_seconds=0.3)
    few_calls = in_a_loop if n > 1000 else bench.compare(contenders, rounds=45, sample_seconds=0.01)
    few_calls = [timing.without_gc() for timing in few_calls]
    rows = []
    for timing, few, (_, nodes) in zip(in_a_loop, few_calls, counted, strict=True):
        row = timing.row(in_a_loop[0], unit="ms")
        row["us_per_operation"] = 1e6 * timing.median / operations(n)
        row |= {"nodes": nodes, "us_per_node": 1e6 * timing.median / nodes}
        row["us_per_operation_few_calls"] = 1e6 * few.median / operations(n)
        row["ratio_few_calls"] = few.ratio_to(few_calls[0])
        rows.append(row)
        floor = FLOORS.get(timing.name.split(",")[0])
        if floor:
            what = f"n = {n:,}: times faster than {timing.name}, per operation"
            report.floors.append(Floor(f"{what}, in a loop", row["ratio_to_ours"], "≥", floor))
            report.floors.append(Floor(f"{what}, few calls", row["ratio_few_calls"], "≥", floor))
    report.tables.append(Table(f"n = {n:,}: {operations(n):,} operations", rows))
    report.notes += skipped


def run(bench: Bench) -> Report:
    report = Report("rosenbrock: Σ 100·(x[i+1] − x[i]²)² + (1 − x[i])² over n scalars, value and n partials")
    for n in SIZES:
        in_deep_thread(partial(measure, bench, n, report))  # micrograd's backward recurses
    report.notes += [
        "nodes: the rows or nodes the library itself records, inputs and constants included",
        "in a loop: many calls and the collection of their garbage; few calls: on a clean heap, garbage not collected",
    ]
    return report

"""Measure autodiff and its peers side by side: python benchmarks/run.py [--only GROUP] [--json FILE] [--quick]."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GROUPS = ("book", "rosenbrock", "scaling", "startup", "forward", "mlp", "jacobian", "checkpointing", "media")
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM", "NUMBA")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__)
    parser.add_argument("--only", metavar="GROUP", action="append", choices=GROUPS, help=f"one of {', '.join(GROUPS)}")
    parser.add_argument("--json", metavar="FILE", type=Path, default=ROOT / "benchmarks/results/latest.json")
    parser.add_argument("--quick", action="store_true", help="few and short samples: does everything still run?")
    return parser.parse_args()


def use_one_thread() -> None:
    """Before anything is imported that starts threads, and for every process that we start."""
    for name in THREADS:
        os.environ[f"{name}_NUM_THREADS"] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["JAX_PLATFORMS"] = "cpu"


def main() -> int:
    options = parse_arguments()
    use_one_thread()
    sys.path[0] = str(ROOT)  # measure this checkout, and find `benchmarks` as a package

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from benchmarks.report import machine
    from benchmarks.timing import Bench

    console = Console(width=None if sys.stdout.isatty() else 140)
    bar = Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        refresh_per_second=2,
    )
    where = machine()  # before we add to the load
    reports = {}
    with bar as progress:
        for name in GROUPS:
            if options.only is None or name in options.only:
                task = progress.add_task(name, total=None)
                group = importlib.import_module(f"benchmarks.{name}")
                reports[name] = group.run(Bench(progress, task, quick=options.quick))
                progress.stop_task(task)

    result: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "quick": options.quick,
        "machine": where,
        "groups": {name: report.to_json() for name, report in reports.items()},
    }
    for report in reports.values():
        report.print(console)
    if (where["load_average"] or 0.0) > where["cores"] / 2:
        console.print(f"[yellow]other work was running (load {where['load_average']:.1f}): measure again[/]")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    console.print(f"written to {options.json}", highlight=False, soft_wrap=True)
    return 0 if options.quick or all(report.ok for report in reports.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

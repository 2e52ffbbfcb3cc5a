"""The wall time of the installed command, from a shell's point of view: a clean venv, compiled bytecode."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.contenders import Contender
from benchmarks.report import Floor, Report, Table
from benchmarks.timing import Bench

ROOT = Path(__file__).resolve().parent.parent
EXPRESSION = ["ln(x1)+x1*x2-sin(x2)", "--at", "2,5"]
IMPORTS = {
    "python, import rich.console, rich.table": "import rich.console, rich.table",
    "bare python": "pass",
    "python, import numpy": "import numpy",
    "python, import sympy": "import sympy",
}
DROPPED = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "COLUMNS")


def execute(command: list[str], folder: Path) -> str:
    """Run away from the checkout, so that the installed package is the one that is found."""
    environment = {key: value for key, value in os.environ.items() if key not in DROPPED}
    environment["PYTHONIOENCODING"] = "utf-8"
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with status {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


def install(folder: Path) -> Path:
    """A clean venv with this checkout installed by pip; returns its folder of commands."""
    execute([sys.executable, "-m", "venv", str(folder / "venv")], folder)
    commands = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    execute([str(commands / "python"), "-m", "pip", "install", "--quiet", str(ROOT)], folder)
    return commands


def run(bench: Bench) -> Report:
    report = Report(f"startup: autodiff-trace {' '.join(EXPRESSION)}, the whole process")
    bench.expect(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            commands = install(folder)
            bench.step()
        except RuntimeError as error:
            report.notes.append(f"skipped, no installation: {error}")
            return report
        ours = [str(commands / "autodiff-trace"), *EXPRESSION]
        if "5.5" not in execute(ours, folder):
            raise AssertionError("autodiff-trace does not print the partial 5.5")
        others = {title: [str(commands / "python"), "-c", code] for title, code in IMPORTS.items()}
        all_commands = {"autodiff-trace": ours, "autodiff-trace --color always": [*ours, "--color", "always"], **others}
        contenders = [Contender(title, partial(execute, command, folder)) for title, command in all_commands.items()]
        timings = bench.compare(contenders, rounds=25, sample_seconds=0.0)
    rich = timings[2]
    report.tables.append(Table("", [timing.row(rich, "ratio_to_rich", "ms") for timing in timings]))
    report.floors.append(Floor("autodiff-trace over python that imports rich", timings[0].ratio_to(rich), "≤", 1.5))
    return report

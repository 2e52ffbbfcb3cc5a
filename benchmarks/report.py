"""What a group hands back, as tables on the terminal and as JSON."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

PACKAGES = ("numpy", "sympy", "rich", "micrograd", "autograd", "jax", "jaxlib", "torch", "casadi", "numba")


@dataclass(frozen=True)
class Table:
    """Rows with the same keys; a key is a column, and ends in its unit."""

    title: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Floor:
    """A promise: `value` must be at least, or at most, `bound`."""

    what: str
    value: float
    sense: str  # "≥" or "≤"
    bound: float

    @property
    def ok(self) -> bool:
        return self.value >= self.bound if self.sense == "≥" else self.value <= self.bound


@dataclass
class Report:
    """The findings of one group."""

    title: str
    tables: list[Table] = field(default_factory=list)
    floors: list[Floor] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return all(floor.ok for floor in self.floors)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "floors": [{**asdict(floor), "ok": floor.ok} for floor in self.floors]}

    def print(self, console: Console) -> None:
        console.rule(escape(self.title))
        for table in self.tables:
            console.print(_rich_table(table))
        for floor in self.floors:
            verdict = "[bold green]PASS[/]" if floor.ok else "[bold red]FAIL[/]"
            console.print(f"{verdict}  {escape(floor.what)}: {floor.value:.3g} (floor: {floor.sense} {floor.bound:g})")
        for note in self.notes:
            console.print(f"[dim]{escape(note)}[/]")


def _rich_table(table: Table) -> RichTable:
    grid = RichTable(title=escape(table.title), title_justify="left", title_style="bold")
    for key in table.rows[0]:
        text = all(isinstance(row[key], str) for row in table.rows)
        grid.add_column(re.sub(r"\bus\b", "µs", key.replace("_", " ")), justify="left" if text else "right")
    for row in table.rows:
        grid.add_row(*(escape(_cell(value)) for value in row.values()))
    return grid


def _cell(value: Any) -> str:
    """Three significant digits, or whole numbers; nothing for what was not measured."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}".rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def machine() -> dict[str, Any]:
    """Where and with what the numbers came about."""
    versions: dict[str, str | None] = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "packages": versions,
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found[1] if found else platform.processor()

"""Long traces in every medium: what writing them takes as they grow, and how a browser copes with player and figure.

`python -m benchmarks.media html fan 8000` writes one trace, in a process of its own; it prints JSON.
"""

from __future__ import annotations

import gc
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autodiff import sin, trace
from autodiff.media import export
from benchmarks.report import Floor, Report, Table
from benchmarks.timing import Bench

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 2_000, 4_000, 8_000)  # rows
FEWER = {"tikz": (60, 120, 240, 480), "player": (125, 250, 500, 1_000)}  # what TeX can draw; what the player is for
MEDIA = ("table", "markdown", "latex", "html", "csv", "json", "svg", "dot", "why", "notebook", *FEWER)
MOST_GROWTH = 1.5
LONG = 10_000
LONGEST_JSON = 2.0  # seconds for so many rows
STEP = 100.0  # milliseconds from a key to a page that is drawn: what feels like at once
SWITCHES = ["--no-sandbox", "--disable-gpu"]
ACTS = """async () => {
  const found = {};
  const drawn = async (name, act) => {
    const start = performance.now();
    act();
    document.body.offsetHeight;
    found[name] = performance.now() - start;
  };
  const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  await drawn("to the last step", () => press("End"));
  for (let n = 0; n < 9; n += 1) await drawn(`back ${n}`, () => press("ArrowLeft"));
  const field = [...document.querySelectorAll("label")].find((label) => label.textContent === "x =").control;
  await drawn("another input", () => {
    field.value = "0.8";
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  return found;
}"""


def chain(rows: int) -> Any:
    """Each row uses the one before it."""

    def f(x: Any) -> Any:
        for _ in range(rows):
            x = sin(x)
        return x

    return trace(f, at=0.7)


def fan(rows: int) -> Any:
    """Each row uses the one input too, whose adjoint is a sum of as many terms."""

    def f(x: Any) -> Any:
        y = x
        for _ in range(rows):
            y = y * x
        return y

    return trace(f, at=1.0001)


def typed(rows: int) -> Any:
    """A formula of about this many rows: a sum of sines, each of a multiple of x and times y."""
    terms = (rows - 1) // 4
    return trace(" + ".join(f"sin({n} x)*y" for n in range(1, terms + 1)), {"x": 0.7, "y": -2})


SHAPES: dict[str, Callable[[int], Any]] = {"chain": chain, "fan": fan, "typed": typed}


def written(medium: str, given: Any) -> str:
    if medium == "why":
        return "\n".join(given.why)
    if medium == "notebook":
        return "\n".join(given._repr_mimebundle_().values())
    return str(export(given, medium))


def writing(medium: str, shape: str, rows: int) -> dict[str, float]:
    """Characters, seconds (the median of some samples) and bytes at the most."""
    written(medium, SHAPES[shape](10))  # what is imported and compiled once is not counted
    given = SHAPES[shape](rows)
    samples = []
    for _ in range(max(1, max(SIZES) // rows // 2)):
        gc.collect()
        start = time.perf_counter()
        text = written(medium, given)
        samples.append(time.perf_counter() - start)
    tracemalloc.start()
    written(medium, given)
    return {"characters": len(text), "s": statistics.median(samples), "bytes": tracemalloc.get_traced_memory()[1]}


def in_fresh_process(medium: str, shape: str, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.media", medium, shape, str(rows)]
    found: dict[str, float] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return found


def sizes_of(medium: str, bench: Bench) -> tuple[int, ...]:
    return FEWER.get(medium, SIZES)[: 2 if bench.quick else None]


def growing(bench: Bench, medium: str, shape: str) -> dict[str, Any]:
    """The longest trace of a shape in a medium, and how its costs have grown beyond its text or its rows."""
    sizes = sizes_of(medium, bench)
    found = []
    for rows in sizes:
        found.append(in_fresh_process(medium, shape, rows))
        bench.step()
    scales = [max(rows / sizes[0], each["characters"] / found[0]["characters"])
              for rows, each in zip(sizes, found, strict=True)]  # fmt: skip

    def growth(key: str) -> float:
        costs = [each[key] / scale for each, scale in zip(found, scales, strict=True)]
        return costs[-1] / min(costs)

    last = found[-1]
    row = {"name": medium, "shape": shape, "rows": sizes[-1], "size_MB": last["characters"] / 1e6, "time_s": last["s"]}
    return row | {"peak_MB": last["bytes"] / 1e6, "time_growth": growth("s"), "memory_growth": growth("bytes")}


def browsing(folder: Path) -> dict[str, float]:
    """Milliseconds for opening the player and the figure of 1,000 rows, and for what a reader does there."""
    from playwright.sync_api import sync_playwright

    given = typed(1_000)
    pages = {"player": folder / "player.html", "svg": folder / "figure.svg"}
    for name, path in pages.items():
        path.write_text(str(export(given, name)), "utf-8")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        page = browser.new_page()
        found = {}
        for name, path in reversed(pages.items()):
            page.goto(path.as_uri(), wait_until="load")
            found[f"open the {name}"] = page.evaluate("performance.timing.loadEventEnd - performance.timing.fetchStart")
        acts = page.evaluate(ACTS)
        browser.close()
    steps = sorted(time for name, time in acts.items() if name.startswith("back"))
    return {**found, "one step": steps[len(steps) // 2]} | {k: v for k, v in acts.items() if not k.startswith("back")}


def run(bench: Bench) -> Report:
    report = Report("media: long traces")
    cases = [(medium, shape) for medium in MEDIA for shape in ("chain", "fan")]
    bench.expect(1 + sum(len(sizes_of(medium, bench)) for medium, _ in cases))
    rows = [growing(bench, *case) for case in cases]
    report.tables.append(
        Table("writing them; growth: the longest to the cheapest, for as much text or as many rows", rows)
    )
    for what in ("time", "memory"):
        worst = max(row[f"{what}_growth"] for row in rows)
        report.floors.append(Floor(f"{what} of the longest to the cheapest, for as much", worst, "≤", MOST_GROWTH))
    long = in_fresh_process("json", "typed", LONG)
    bench.step()
    report.floors.append(Floor(f"seconds for {LONG:,} rows as JSON", long["s"], "≤", LONGEST_JSON))
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = browsing(Path(folder))
    except Exception as error:  # no playwright, no chromium
        report.notes.append(f"no browser: {type(error).__name__}: {str(error).splitlines()[0]}")
        return report
    times = [{"name": name, "time_ms": time} for name, time in found.items()]
    report.tables.append(Table("in Chromium, 1,000 rows", times))
    report.floors.append(Floor("milliseconds for one step in the player of 1,000 rows", found["one step"], "≤", STEP))
    return report


if __name__ == "__main__":
    print(json.dumps(writing(sys.argv[1], sys.argv[2], int(sys.argv[3]))))

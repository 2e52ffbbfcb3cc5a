"""Long traces in every medium: what it takes to write them, and how a browser copes with the player and the figure."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from autodiff import trace
from autodiff.media import export
from benchmarks.contenders import Contender
from benchmarks.report import Floor, Report, Table
from benchmarks.timing import Bench

MEDIA = {1_000: ("table", "json", "csv", "html", "svg", "player"), 10_000: ("table", "json", "csv")}
LONGEST_JSON = 2.0  # seconds for 10,000 rows
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


def of_rows(rows: int) -> Any:
    """A trace of about this many rows: a sum of sines, each of a multiple of x and times y."""
    terms = (rows - 1) // 4
    return trace(" + ".join(f"sin({n} x)*y" for n in range(1, terms + 1)), {"x": 0.7, "y": -2})


def writing(bench: Bench, rows: int) -> Table:
    given = of_rows(rows)
    made: dict[str, str | bytes] = {}

    def make(name: str) -> None:
        made[name] = export(given, name)

    contenders = [Contender(name, partial(make, name)) for name in MEDIA[rows]]
    lines = [
        {"name": t.name, "median_s": t.median, "max_s": max(t.samples), "size_MB": len(made[t.name]) / 1e6}
        for t in bench.compare(contenders, rounds=5, sample_seconds=0.0)
    ]
    return Table(f"writing a trace of {len(given.steps):,} rows", lines)


def browsing(folder: Path) -> dict[str, float]:
    """Milliseconds for opening the player and the figure of 1,000 rows, and for what a reader does there."""
    from playwright.sync_api import sync_playwright

    given = of_rows(1_000)
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
    report.tables += [writing(bench, rows) for rows in MEDIA]
    json = next(line for line in report.tables[-1].rows if line["name"] == "json")
    report.floors.append(Floor("seconds for 10,000 rows as JSON", json["median_s"], "≤", LONGEST_JSON))
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = browsing(Path(folder))
    except Exception as error:  # no playwright, no chromium
        report.notes.append(f"no browser: {type(error).__name__}: {str(error).splitlines()[0]}")
        return report
    rows = [{"name": name, "time_ms": time} for name, time in found.items()]
    report.tables.append(Table("in Chromium, 1,000 rows", rows))
    report.floors.append(Floor("milliseconds for one step in the player of 1,000 rows", found["one step"], "≤", STEP))
    return report

"""The gallery: a page with the table, the figure, the player and the LaTeX of every file in traces/.

    python docs/gallery.py             writes docs/gallery/index.html and the files that it shows
    python docs/gallery.py FOLDER      writes them there

A trace file whose expression is FILE.py:FUNCTION is refused, unless --allow-code says that it may run that file.
What stands there from an earlier run is replaced; a page that is no gallery is left alone.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from rich.progress import track

from autodiff.cli.requests import traces_of
from autodiff.errors import CodeRefusedError
from autodiff.media import FORMATS, applicable, export
from autodiff.render.files import write
from autodiff.render.tables.compose import default_digits
from autodiff.tracing.files import read_trace_file
from autodiff.tracing.trace import Trace

ROOT = Path(__file__).parents[1]
TITLE = "<title>Gallery of worked traces</title>"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{heading}
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 90rem; padding: 0 1rem 4rem; color: #1b1b1f;
  background: #fff; }}
a {{ color: #0b50c2; }}
nav ul {{ columns: 24rem; padding-left: 1.2rem; }}
article {{ border-top: 1px solid #8a8990; margin-top: 2.5rem; }}
h2, p, code, pre {{ overflow-wrap: anywhere; }}
.note {{ max-width: 75ch; }}
.figure {{ overflow-x: auto; margin: 1rem 0; }}
.figure img {{ display: block; max-width: none; }}
pre {{ max-height: 24rem; overflow: auto; padding: .75rem; border: 1px solid #8a8990; white-space: pre-wrap; }}
iframe {{ box-sizing: border-box; width: 100%; height: 46rem; border: 1px solid #8a8990; }}
summary {{ cursor: pointer; margin: .5rem 0; }}
:focus-visible {{ outline: 3px solid #0b50c2; outline-offset: 2px; }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #e8e8ee; background: #141318; }}
  a {{ color: #9cc2ff; }}
}}
</style>
</head>
<body>
<header>
<h1>Gallery of worked traces</h1>
<p>Every file of traces/: its table in the style of its source, the computational graph, the player, and the LaTeX.</p>
<nav aria-label="Traces"><ul>
{contents}
</ul></nav>
</header>
<main>
{articles}
</main>
<script>
// A player is loaded when it is unfolded: all at once would be too many.
for (const folded of document.querySelectorAll("[data-page]")) {{
  folded.addEventListener("toggle", () => {{
    const frame = Object.assign(document.createElement("iframe"), {{ src: folded.dataset.page, title: "Player" }});
    folded.append(frame);
  }}, {{ once: true }});
}}
</script>
</body>
</html>
"""
ARTICLE = """<article id="{name}" aria-labelledby="{name}-title">
<h2 id="{name}-title">{title}</h2>
<p>{source}</p>
{note}
{table}
<div class="figure" tabindex="0" role="group" aria-label="Figure">
<img src="{link}.svg" width="{size[0]}" height="{size[1]}" alt="Computational graph of {title}" loading="lazy">
</div>
<p><a href="{link}.svg">Figure</a> · <a href="{link}.html">Player</a> · <a href="{link}.tex">LaTeX</a></p>
<details data-page="{link}.html"><summary>Play it here</summary></details>
<details><summary>LaTeX of table and figure</summary><pre tabindex="0">{latex}</pre></details>
<details><summary>How to print it</summary><pre>autodiff-trace --file {path}</pre></details>
</article>"""


class Entry(NamedTuple):
    """A trace file with its traces: one, or one for each variable."""

    name: str
    data: dict[str, Any]
    traces: list[Trace]


def entries(folder: Path, *, allow_code: bool = False) -> list[Entry]:
    """Every trace file, in the order of the names; `allow_code` lets them run the Python files that they name."""
    read = [(path.stem, read_trace_file(str(path)).data) for path in sorted(folder.glob("*.toml"))]
    return [Entry(name, data, traces_of(data, allow_code=allow_code)) for name, data in read]


def media(entry: Entry) -> dict[str, str]:
    """The table as HTML, and the files: figure, player, LaTeX."""
    look = {key: entry.data[key] for key in ("style", "digits", "title") if key in entry.data}
    look.setdefault("digits", default_digits(look.get("style", "full")))
    found = {}
    for name, medium in (("table", "html"), ("svg", "svg"), ("html", "player"), ("tex", "latex")):
        what = entry.traces if FORMATS[medium].several else entry.traces[0]
        found[name] = str(export(what, medium, **applicable(medium, look)))
    return found


def link(name: str) -> str:
    """The way to a file beside the page, whatever signs its name has."""
    return f"./{quote(name)}"


def article(entry: Entry, made: dict[str, str]) -> str:
    """The part of the page that shows a trace."""
    data = entry.data
    return ARTICLE.format(
        name=escape(entry.name),
        link=link(entry.name),
        path=escape(shlex.quote(f"traces/{entry.name}.toml")),
        title=escape(data.get("title", entry.name)),
        source=escape(data.get("source", "")),
        note=f'<p class="note">{escape(data["note"])}</p>' if "note" in data else "",
        table=made["table"],
        size=re.findall(r'\b(?:width|height)="(\d+)', made["svg"])[:2],  # so that nothing moves when it is loaded
        latex=escape(made["tex"]),
    )


def build(target: Path, folder: Path = ROOT / "traces", *, allow_code: bool = False) -> Iterator[str]:
    """Write the page and its files; yields the name of each trace when it is done."""
    found = entries(folder, allow_code=allow_code)
    target.mkdir(parents=True, exist_ok=True)
    articles, contents = [], []
    for entry in found:
        made = media(entry)
        for suffix in ("svg", "html", "tex"):
            write(made[suffix], target / f"{entry.name}.{suffix}", force=True)
        articles.append(article(entry, made))
        contents.append(f'<li><a href="#{quote(entry.name)}">{escape(entry.data.get("title", entry.name))}</a></li>')
        yield entry.name
    page = PAGE.format(heading=TITLE, contents="\n".join(contents), articles="\n".join(articles))
    write(page, target / "index.html", force=True)


def main(arguments: Sequence[str]) -> None:
    """Build the gallery and say where it is."""
    about, _, use = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=use, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "gallery", help="where to write it")
    parser.add_argument("--allow-code", action="store_true", help="run the Python files that trace files name")
    options = parser.parse_args(arguments)
    target: Path = options.folder
    page = target / "index.html"
    if target.exists() and not target.is_dir():
        parser.error(f"{target} is a file: name a folder")
    if page.exists() and TITLE not in page.read_text("utf-8", "replace"):
        parser.error(f"{page} is no gallery: name another folder")
    count = len(list((ROOT / "traces").glob("*.toml")))
    made = build(target, allow_code=options.allow_code)
    try:
        names = list(track(made, "Traces", total=count, disable=not sys.stderr.isatty()))
    except CodeRefusedError as error:
        parser.error(str(error))
    sys.stdout.write(f"{len(names)} traces: open {target / 'index.html'}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The gallery: one command makes a page with everything of every trace file, and a browser shows it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.processes import environment

ROOT = Path(__file__).parents[1]
NAMES = sorted(path.stem for path in (ROOT / "traces").glob("*.toml"))


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    command = [sys.executable, "docs/gallery.py", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{len(NAMES)} traces" in done.stdout
    return folder


def test_every_trace_file_has_a_table_a_figure_a_player_and_latex(gallery: Path) -> None:
    page = (gallery / "index.html").read_text("utf-8")
    assert re.findall(r'<article id="([^"]+)"', page) == NAMES
    for article in page.split("<article ")[1:]:
        assert "<table>" in article
    for name in NAMES:
        assert (gallery / f"{name}.svg").read_text("utf-8").startswith("<svg")
        assert (gallery / f"{name}.html").read_text("utf-8").startswith("<!DOCTYPE html>")
        latex = (gallery / f"{name}.tex").read_text("utf-8")
        assert r"\begin{tabular}" in latex
        assert r"\begin{tikzpicture}" in latex
    assert len(list(gallery.iterdir())) == 3 * len(NAMES) + 1


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {str(value) for name, value in attrs if name in ("href", "src")}


def test_every_link_leads_somewhere(gallery: Path) -> None:
    links, page = Links(), (gallery / "index.html").read_text("utf-8")
    links.feed(page)
    assert links.found
    for link in links.found:
        assert f'id="{link[1:]}"' in page if link.startswith("#") else (gallery / unquote(link)).exists()


def test_a_folder_that_is_none_and_a_page_of_somebody_else_are_left_alone(tmp_path: Path) -> None:
    file, folder = tmp_path / "file", tmp_path / "mine"
    folder.mkdir()
    for path in (file, folder / "index.html"):
        path.write_text("mine", "utf-8")
    for target, message in ((file, "is a file: name a folder"), (folder, "is no gallery: name another folder")):
        done = subprocess.run(
            [sys.executable, "docs/gallery.py", str(target)], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 2
        assert message in done.stderr
    assert (folder / "index.html").read_text("utf-8") == file.read_text("utf-8") == "mine"
    done = subprocess.run([sys.executable, "docs/gallery.py", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert "writes them there" in done.stdout


def test_no_python_file_is_run_unasked(tmp_path: Path) -> None:
    folder, page = tmp_path / "traces", tmp_path / "page"
    folder.mkdir()
    (folder / "theirs.py").write_text("print('it ran')\n\ndef f(x):\n    return x * x\n", "utf-8")
    (folder / "theirs.toml").write_text(f"expression = {json.dumps(f'{folder}/theirs.py:f')}\nat = [3]\n", "utf-8")
    command = [sys.executable, "-c", BUILD, str(folder), str(page)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert "CodeRefusedError" in done.stderr
    assert "it ran" not in done.stderr
    assert not page.exists()
    done = subprocess.run([*command, "allow"], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "it ran\n")
    assert (page / "theirs.svg").exists()


BUILD = """
import sys
from pathlib import Path
sys.path.insert(0, "docs")
import gallery
list(gallery.build(Path(sys.argv[2]), Path(sys.argv[1]), allow_code=sys.argv[3:] == ["allow"]))
"""
STRANGE = ["javascript:alert(1)", "a b#c?d%20", '"><script>alert(1)<', "http:", "ệ & 'x'"]


def test_names_of_files_are_names_and_nothing_else(tmp_path: Path, browser: Any) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    for name in STRANGE:
        (folder / f"{name}.toml").write_text('expression = "x^2"\nat = [3]\n', "utf-8")
    command = [sys.executable, "-c", BUILD, str(folder), str(tmp_path / "page")]
    subprocess.run(command, cwd=ROOT, check=True)
    page = browser.new_page()
    page.goto((tmp_path / "page" / "index.html").as_uri())
    addresses = page.evaluate("[...document.querySelectorAll('a, img')].map((each) => each.href || each.src)")
    here = (tmp_path / "page").as_uri()
    assert len(addresses) == 5 * len(STRANGE)
    assert all(address.startswith(here) for address in addresses)
    for address in addresses:
        path, _, place = address.partition("#")
        assert Path(unquote(path.removeprefix("file://"))).exists()
        assert not place or page.evaluate("(name) => document.getElementById(name) !== null", unquote(place))
    for name in STRANGE:
        article = page.locator(f"article:has(h2:text-is({name!r}))")
        article.locator("summary", has_text="Play it here").press("Enter")
        assert article.frame_locator("iframe").locator(".counter").inner_text().startswith("Step 1 of")
    page.close()


def test_the_page_opens_from_disk_at_any_width_without_a_request(gallery: Path, browser: Any) -> None:
    trouble: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: trouble.append(message.text))
    page.on("request", lambda request: request.url.startswith("http") and trouble.append(request.url))
    page.goto((gallery / "index.html").as_uri())
    assert len(page.frames) == 1  # players are loaded when they are unfolded
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#table-3-2 summary", has_text="Play it here").press("Enter")
    frame = page.frame_locator("#table-3-2 iframe")
    frame.get_by_label("Last step").click()
    assert frame.locator(".counter").inner_text() == "Step 19 of 19 · adjoint phase"
    page.close()
    assert trouble == []

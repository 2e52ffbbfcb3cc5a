"""The programs that some tests need. Where one is missing these tests are skipped, and say why; in CI they fail.

`python -m tests.needs` prints the Debian packages of what is missing here.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

NODE = shutil.which("node")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"


@dataclass(frozen=True)
class Need:
    """Something that a test cannot do without."""

    here: bool
    reason: str
    packages: str = ""  # of Debian
    in_ci: bool = True

    @property
    def mark(self) -> pytest.MarkDecorator:
        """Skips a test where this is missing."""
        return pytest.mark.skipif(not self.here, reason=self.reason)


def _has(*programs: str, style: str) -> bool:
    """Whether these programs are here, and this file of TeX."""
    return all(map(shutil.which, (*programs, "kpsewhich"))) and not subprocess.call(
        ["kpsewhich", style], stdout=subprocess.DEVNULL
    )


TEX = Need(
    _has("pdflatex", style="tikz.sty"),
    "pdflatex with TikZ is not installed, so what it makes of our LaTeX is not seen",
    "texlive-latex-base texlive-latex-recommended texlive-pictures",
)
_DRIVEN = sys.platform != "linux" or ctypes.util.find_library("atomic")  # what drives the browser is linked with it
BROWSER = Need(
    bool(CHROMIUM and _DRIVEN and importlib.util.find_spec("playwright")),
    "Chromium is not installed, so the pages are not played in a browser",
    "chromium fonts-dejavu-core libatomic1",
)
NODE_JS = Need(NODE is not None, "node is not installed, so the JavaScript of the rules is not run", "nodejs")
ACCESSIBILITY = Need(
    AXE.exists(),
    "axe-core is not installed (npm install --no-save axe-core@4), so it checks no page",
    "" if shutil.which("npm") else "npm",
)
DOT = Need(shutil.which("dot") is not None, "Graphviz is not installed, so it reads none of our graphs", "graphviz")
PAPER = Need(
    _has("xelatex", "pandoc", style="tcolorbox.sty"),
    "a PDF of a notebook takes xelatex, pandoc and tcolorbox: half a gigabyte, which CI does without",
    in_ci=False,
)
NEEDS = (TEX, BROWSER, NODE_JS, ACCESSIBILITY, DOT, PAPER)

if __name__ == "__main__":
    print(*(need.packages for need in NEEDS if not need.here and need.in_ci and need.packages))

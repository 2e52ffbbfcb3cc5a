"""pdflatex for the tests. It starts slowly, so documents are compiled together, as the pages of one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

BEGIN, END = r"\begin{document}", r"\end{document}"


def in_one(documents: Iterable[str]) -> str:
    """One document with the pages of all, whose preambles are the same."""
    parts = [document.partition(BEGIN) for document in documents]
    (preamble,) = {part[0] for part in parts}
    return "".join([preamble, BEGIN, *(body.partition(END)[0] for _, _, body in parts), END])


def compiled(document: str, folder: Path, *, draft: bool = True) -> str:
    """What pdflatex says about a document that it compiles; as a draft, without the fonts, which are slow."""
    (folder / "document.tex").write_text(document, "utf-8")
    options = ["-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", *["-draftmode"] * draft]
    command = ["pdflatex", *options, "document.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-2000:]
    assert draft or (folder / "document.pdf").read_bytes().startswith(b"%PDF")
    return done.stdout

"""Colours for a terminal, by rich. The theme adds to what words and signs already say."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from autodiff.render.tables.terminal import THEME, TextLine


def print_coloured(lines: Sequence[TextLine]) -> None:
    """Print lines of segments in the colours of their roles."""
    console = Console(force_terminal=True, highlight=False, no_color=False)
    for line in lines:
        text = Text.assemble(*((part, THEME.get(role, "")) for part, role in line))
        console.print(text, soft_wrap=True)

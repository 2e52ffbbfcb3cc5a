"""The computational graph of a trace as a PNG, drawn by resvg where that is installed."""

from __future__ import annotations

from importlib import import_module

from autodiff.errors import AutodiffError
from autodiff.render.graph_svg import FAMILY, picture, plain
from autodiff.tracing.trace import Trace

MISSING = "a PNG needs the package resvg-py: pip install resvg-py (SVG and DOT need nothing)"
NO_FONT = "a PNG needs a font, and there is none on this machine: install one, such as DejaVu Sans (fonts-dejavu-core)"
PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
    f'<text x="5" y="15" style="font-family:{FAMILY};font-size:12px">%s</text></svg>'
)


def to_png(
    trace: Trace, *, scale: float = 2.0, direction: str | None = None, notation: str = "nodes", digits: int = 3
) -> bytes:
    """The graph as a PNG on white, `scale` pixels to each unit of the SVG; the other options are those of to_svg.

    Raises AutodiffError where resvg-py is not installed, or where it finds no font.
    """
    try:
        resvg = import_module("resvg_py")
    except ImportError:
        raise AutodiffError(MISSING) from None

    def draw(svg: str, zoom: float) -> bytes:
        return bytes(resvg.svg_to_bytes(svg_string=svg, zoom=zoom, dpi=96))

    if draw(PROBE % "v", 1.0) == draw(PROBE % " ", 1.0):  # without a font, texts are left out in silence
        raise AutodiffError(NO_FONT)
    return draw(picture(trace, plain(), direction=direction, notation=notation, digits=digits), scale)

"""The computational graph of a trace as a PNG, drawn by resvg if it is installed."""

from __future__ import annotations

import math
import re
from importlib import import_module
from numbers import Real

from autodiff.errors import NotInstalledError, OptionError
from autodiff.render.graph.svg import FAMILY, light_style, picture
from autodiff.tracing.trace import Trace

MISSING = "a PNG needs the package resvg-py: pip install resvg-py (SVG and DOT need nothing)"
NO_FONT = "a PNG needs a font, and there is none on this machine: install one, such as DejaVu Sans (fonts-dejavu-core)"
SCALE = 2.0  # pixels to each unit of the SVG
READABLE = 0.5  # with fewer, letters are blots
MOST = 60e6  # pixels: a picture takes four bytes for each while it is drawn
PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
    f'<text x="5" y="15" style="font-family:{FAMILY};font-size:12px">%s</text></svg>'
)


def to_png(
    trace: Trace, *, scale: float | None = None, direction: str | None = None, notation: str = "nodes", digits: int = 3
) -> bytes:
    """The graph as a PNG on white, `scale` pixels to each unit of the SVG; the other options are those of to_svg.

    By default there are two, and fewer in a large graph. Raises NotInstalledError where resvg-py is not installed or
    finds no font, and OptionError where the picture would be too large for the memory or too small to be read.
    """
    try:
        resvg = import_module("resvg_py")
    except ImportError:
        raise NotInstalledError(MISSING) from None

    def draw(svg: str, zoom: float) -> bytes:
        return bytes(resvg.svg_to_bytes(svg_string=svg, zoom=zoom, dpi=96))

    if draw(PROBE % "v", 1.0) == draw(PROBE % " ", 1.0):  # without a font, texts are left out in silence
        raise NotInstalledError(NO_FONT)
    svg = picture(trace, light_style(), direction=direction, notation=notation, digits=digits)
    return draw(svg, _zoom(svg, scale))


def _zoom(svg: str, scale: float | None) -> float:
    """The scale that was asked for, or the usual one if there is room for it."""
    found = re.search(r'viewBox="0 0 (\S+) (\S+)"', svg)
    assert found is not None
    if not isinstance(scale, (Real, type(None))):
        raise OptionError(f"scale is {scale!r:.40}: give the pixels for each unit of the graph, such as 2")
    room = math.sqrt(MOST / (float(found[1]) * float(found[2])))
    zoom = min(SCALE, room) if scale is None else scale
    if not 0 < zoom <= room or (scale is None and zoom < READABLE):
        size = f"{float(found[1]):.0f} × {float(found[2]):.0f}"
        raise OptionError(
            f"no PNG of a graph of {size} units at the scale {zoom:.3g}: there is room for {room:.2g}; take SVG, which "
            "has no such limit, or another scale"
        )
    return zoom

"""Levels: what keeps nested differentiations apart.

Every differentiation runs at a level of its own. An operation peels the highest level among its operands
and treats the others as constants, so nested differentiations cannot confuse their perturbations
(Siskind & Pearlmutter, "Perturbation confusion and referential transparency", 2005).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# The levels of differentiations are this far apart; those of Duals made by hand lie between them.
LEVEL_STEP = 1024
_issued = itertools.count(LEVEL_STEP, LEVEL_STEP)  # next() of a count is atomic: levels never repeat


class _Active(threading.local):
    """The differentiations under way in this thread, outermost first."""

    def __init__(self) -> None:
        self.stack: list[Any] = []


active = _Active()


def new_level() -> int:
    """A level above every level issued so far."""
    return next(_issued)


def innermost_level() -> int:
    """The level of the innermost differentiation under way, or 0."""
    return active.stack[-1].level if active.stack else 0


class Differentiation:
    """A differentiation that is nothing but its level; a tape is one that holds more."""

    def __init__(self) -> None:
        self.level = new_level()


@contextmanager
def under_way(differentiation: Any) -> Iterator[None]:
    """Hold an object with a `level` as the innermost differentiation; released on exceptions too."""
    active.stack.append(differentiation)
    try:
        yield
    finally:
        active.stack.remove(differentiation)

"""Interleaved timing: A, B, C, A, B, C, … so that a machine that speeds up or slows down does so for all alike."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from rich.progress import Progress, TaskID

from benchmarks.contenders import Contender


@dataclass(frozen=True)
class Timing:
    """Seconds per call, one sample for each round.

    A sample ends with a garbage collection, so that all pay for the garbage they leave behind; `before_gc` are the
    same samples without that.
    """

    name: str
    samples: tuple[float, ...]
    before_gc: tuple[float, ...] = ()

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    def without_gc(self) -> Timing:
        return Timing(self.name, self.before_gc)

    def ratio_to(self, other: Timing) -> float:
        """The median of the ratios round by round: neighbours in time are compared."""
        return statistics.median(a / b for a, b in zip(self.samples, other.samples, strict=True))

    def row(self, ours: Timing, ratio: str = "ratio_to_ours", unit: str = "us") -> dict[str, Any]:
        """A row of a table; times in the unit, `us` or `ms`."""
        scale = {"us": 1e6, "ms": 1e3}[unit]
        low, high = min(self.samples), max(self.samples)
        times = {"median": self.median, "min": low, "max": high}
        return {"name": self.name, **{f"{k}_{unit}": scale * t for k, t in times.items()}, ratio: self.ratio_to(ours)}


class Bench:
    """What a group gets: the progress bar it advances, and `compare`."""

    def __init__(self, progress: Progress, task: TaskID, *, quick: bool) -> None:
        self.progress, self.task, self.quick = progress, task, quick
        self.steps = 0

    def expect(self, steps: int) -> None:
        """Announce that many further calls of `step`."""
        self.steps += steps
        self.progress.update(self.task, total=self.steps)

    def step(self) -> None:
        self.progress.advance(self.task)

    def compare(self, contenders: Sequence[Contender], rounds: int = 15, sample_seconds: float = 0.02) -> list[Timing]:
        """Time the contenders in turn, `rounds` times; a sample repeats a fast call until it takes that long."""
        rounds, sample_seconds = (3, sample_seconds / 10) if self.quick else (rounds, sample_seconds)
        self.expect(len(contenders) * rounds)
        found: list[list[tuple[float, float]]] = [[] for _ in contenders]
        gc.collect()
        gc.freeze()  # what the peers have imported must not weigh on anyone's garbage collection
        try:
            calls = [_calls_per_sample(contender.call, sample_seconds) for contender in contenders]
            for _ in range(rounds):
                for contender, count, samples in zip(contenders, calls, found, strict=True):
                    samples.append(_sample(contender.call, count))
                    self.step()
        finally:
            gc.unfreeze()
        names = [contender.name for contender in contenders]
        return [Timing(name, *zip(*samples, strict=True)) for name, samples in zip(names, found, strict=True)]


def _sample(call: Callable[[], Any], count: int) -> tuple[float, float]:
    """Seconds per call, with and without the collection of the garbage that the calls leave behind."""
    gc.collect()  # the collector stays on, as it is in use
    start = time.perf_counter()
    for _ in repeat(None, count):
        call()
    called = time.perf_counter()
    gc.collect()
    return (time.perf_counter() - start) / count, (called - start) / count


def _calls_per_sample(call: Callable[[], Any], sample_seconds: float) -> int:
    call()  # warm: compilation, caches
    count = 1
    while (took := _sample(call, count)[0] * count) < sample_seconds:
        count = max(2 * count, min(10 * count, math.ceil(count * sample_seconds / took)))
    return count

"""Interleaved timing: A, B, C, A, B, C, … so that a machine that speeds up or slows down does so for all alike."""

from __future__ import annotations

import gc
import math
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Any, TypeVar

from rich.progress import Progress, TaskID

T = TypeVar("T")


def numbers(result: Any) -> list[float]:
    """A value with its partials, however nested, as a flat list of floats."""
    if isinstance(result, (tuple, list)):
        return [x for item in result for x in numbers(item)]
    return [float(result)]


@dataclass(frozen=True)
class Contender:
    """Something to time. `read` turns the result into [value, partial, partial, …]; it is not timed."""

    name: str
    call: Callable[[], Any]
    read: Callable[[Any], list[float]] = numbers


@dataclass(frozen=True)
class Timing:
    """Seconds per call, one sample for each round."""

    name: str
    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    def ratio_to(self, other: Timing) -> float:
        """The median of the ratios round by round: neighbours in time are compared."""
        return statistics.median(a / b for a, b in zip(self.samples, other.samples, strict=True))

    def row(self, ours: Timing, ratio: str = "ratio_to_ours", unit: str = "us") -> dict[str, Any]:
        """A row of a table; times in the unit, `us` or `ms`."""
        scale = {"us": 1e6, "ms": 1e3}[unit]
        low, high = min(self.samples), max(self.samples)
        times = {"median": self.median, "min": low, "max": high}
        return {"name": self.name, **{f"{k}_{unit}": scale * t for k, t in times.items()}, ratio: self.ratio_to(ours)}


def gather(peers: Iterable[tuple[str, Callable[[], list[Contender]]]]) -> tuple[list[Contender], list[str]]:
    """The contenders of the peers that are installed, and a line for each that is not."""
    found: list[Contender] = []
    skipped: list[str] = []
    for module, build in peers:
        try:
            found += build()
        except ImportError as error:
            skipped.append(f"{module}: skipped, it cannot be imported ({error})")
    return found, skipped


def check_agreement(contenders: Sequence[Contender], rel_tol: float = 1e-9) -> None:
    """Refuse to time a contender whose value or gradient is not that of the first one."""
    want = contenders[0].read(contenders[0].call())
    for contender in contenders[1:]:
        got = contender.read(contender.call())
        same = len(got) == len(want) and all(
            math.isclose(a, b, rel_tol=rel_tol, abs_tol=1e-12) for a, b in zip(got, want, strict=True)
        )
        if not same:
            raise AssertionError(f"{contender.name} disagrees with {contenders[0].name}: {got[:4]} against {want[:4]}")


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
        calls = [_calls_per_sample(contender.call, sample_seconds) for contender in contenders]
        samples: list[list[float]] = [[] for _ in contenders]
        gc.collect()
        gc.freeze()  # what the peers have imported must not weigh on anyone's garbage collection
        try:
            for _ in range(rounds):
                for contender, count, found in zip(contenders, calls, samples, strict=True):
                    found.append(_sample(contender.call, count))
                    self.step()
        finally:
            gc.unfreeze()
        return [Timing(contender.name, tuple(found)) for contender, found in zip(contenders, samples, strict=True)]


def _sample(call: Callable[[], Any], count: int) -> float:
    gc.collect()  # the garbage of the one before; the collector stays on, as it is in use
    start = time.perf_counter()
    for _ in repeat(None, count):
        call()
    return (time.perf_counter() - start) / count


def _calls_per_sample(call: Callable[[], Any], sample_seconds: float) -> int:
    call()  # warm: compilation, caches
    count = 1
    while (took := _sample(call, count) * count) < sample_seconds:
        count = max(2 * count, min(10 * count, math.ceil(count * sample_seconds / took)))
    return count


def in_deep_thread(task: Callable[[], T]) -> T:
    """Run in a thread with half a gigabyte of stack, for libraries that recurse over their graph."""
    limit = sys.getrecursionlimit()
    threading.stack_size(2**29)
    sys.setrecursionlimit(10**6)
    try:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(task).result()
    finally:
        threading.stack_size(0)
        sys.setrecursionlimit(limit)

"""What is timed: a call with a name, checked against the others before anyone starts a clock."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

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


def gather(peers: Iterable[tuple[str, Callable[[], list[T]]]]) -> tuple[list[T], list[str]]:
    """The contenders of the peers that are installed, and a line for each that is not."""
    found: list[T] = []
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

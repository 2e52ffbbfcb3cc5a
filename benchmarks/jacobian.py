"""The dense Jacobian, 100 × 100, of f(x) = tanh(A x) · sin(B x) + x."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import autodiff
from benchmarks.arrays import REL_TOL, entries, import_jax, waiting
from benchmarks.contenders import Contender, check_agreement, gather
from benchmarks.report import Floor, Report, Table
from benchmarks.timing import Bench

N = 100
FLOOR = 3.0  # times as long as the fastest of UNCOMPILED
UNCOMPILED = ("autograd.jacobian", "JAX jacfwd, without jit", "JAX jacrev, without jit")
MODES = {"auto": "", "forward": ", forward", "reverse": ", reverse"}


def data() -> list[Any]:
    """A, B and the point."""
    draw = np.random.default_rng(0).standard_normal
    return [draw((N, N)) / np.sqrt(N), draw((N, N)) / np.sqrt(N), draw(N)]


def with_functions_of(module: Any, a: Any, b: Any) -> Any:
    return lambda x: module.tanh(a @ x) * module.sin(b @ x) + x


def ours() -> list[Contender]:
    a, b, x = data()
    f = with_functions_of(np, a, b)
    return [
        Contender(f"autodiff (ours){label}", partial(autodiff.jacobian(f, mode=mode), x), entries)
        for mode, label in MODES.items()
    ]


def autograd() -> list[Contender]:
    import autograd
    import autograd.numpy

    a, b, x = data()
    return [Contender(UNCOMPILED[0], partial(autograd.jacobian(with_functions_of(autograd.numpy, a, b)), x), entries)]


def jax() -> list[Contender]:
    jax = import_jax()
    a, b, x = map(jax.device_put, data())
    f = with_functions_of(jax.numpy, a, b)
    return [
        Contender(UNCOMPILED[1], partial(waiting(jax.jacfwd(f)), x), entries),
        Contender(UNCOMPILED[2], partial(waiting(jax.jacrev(f)), x), entries),
        Contender("JAX jacfwd, jit", partial(waiting(jax.jit(jax.jacfwd(f))), x), entries),
        Contender("JAX jacrev, jit", partial(waiting(jax.jit(jax.jacrev(f))), x), entries),
    ]


PEERS = [("autodiff", ours), ("autograd", autograd), ("jax", jax)]


def run(bench: Bench) -> Report:
    contenders, notes = gather(PEERS)
    check_agreement(contenders, rel_tol=REL_TOL)
    timings = bench.compare(contenders, rounds=25)
    rows = sorted((timing.row(timings[0]) for timing in timings), key=lambda row: row["median_us"])
    floors = []
    peers = [timing for timing in timings if timing.name in UNCOMPILED]
    if peers:
        best = min(peers, key=lambda timing: timing.median)
        what = f"times as long as {best.name}, the fastest of autograd and JAX without jit"
        floors.append(Floor(what, timings[0].ratio_to(best), "≤", FLOOR))
    notes.append("JAX with jit: for information, it compiles the whole Jacobian into one program")
    title = f"jacobian: the {N} × {N} Jacobian of tanh(A x) · sin(B x) + x"
    return Report(title, [Table("", rows)], floors, notes)

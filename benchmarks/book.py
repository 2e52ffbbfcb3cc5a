"""Value and gradient of the textbook's example, ln(x1) + x1·x2 − sin(x2), at (2, 5)."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import autodiff
from benchmarks.contenders import Contender, check_agreement, gather, numbers
from benchmarks.report import Report, Table
from benchmarks.timing import Bench

AT = (2.0, 5.0)


def by_hand(x1: float, x2: float) -> tuple[float, float, float]:
    return math.log(x1) + x1 * x2 - math.sin(x2), 1 / x1 + x2, x1 - math.cos(x2)


def with_functions_of(module: Any, ln: str = "log") -> Any:
    log, sin = getattr(module, ln), module.sin
    return lambda x1, x2: log(x1) + x1 * x2 - sin(x2)


def ours() -> list[Contender]:
    f = with_functions_of(autodiff, "ln")
    return [Contender("autodiff (ours)", partial(autodiff.value_and_grad(f), *AT))]


def hand_written() -> list[Contender]:
    return [Contender("hand-written Python", partial(by_hand, *AT))]


def numba() -> list[Contender]:
    from numba import njit

    call: Any = njit(by_hand)
    return [Contender("hand-written, numba", partial(call, *AT))]


def sympy() -> list[Contender]:
    import sympy

    x1, x2 = sympy.symbols("x1 x2")
    f = with_functions_of(sympy)(x1, x2)
    call = sympy.lambdify((x1, x2), [f, f.diff(x1), f.diff(x2)], modules="math", cse=True)
    return [Contender("sympy lambdify, cse", partial(call, *AT))]


def jax() -> list[Contender]:
    import jax

    jax.config.update("jax_enable_x64", True)
    eager = jax.value_and_grad(with_functions_of(jax.numpy), (0, 1))
    compiled = jax.jit(eager)
    scalars = tuple(jax.device_put(x) for x in AT)

    def wait(function: Any, *at: Any) -> Any:
        return jax.block_until_ready(function(*at))

    return [
        Contender("JAX jit, device scalars", partial(wait, compiled, *scalars)),
        Contender("JAX jit, Python floats", partial(wait, compiled, *AT)),
        Contender("JAX without jit", partial(wait, eager, *AT)),
    ]


def casadi() -> list[Contender]:
    import casadi

    x1, x2 = casadi.SX.sym("x1"), casadi.SX.sym("x2")
    f = with_functions_of(casadi)(x1, x2)
    call = casadi.Function("f", [x1, x2], [f, casadi.gradient(f, x1), casadi.gradient(f, x2)])
    return [Contender("CasADi function", partial(call, *AT))]


def torch() -> list[Contender]:
    import torch

    torch.set_num_threads(1)
    f = with_functions_of(torch)

    def call() -> Any:
        at = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in AT]
        y = f(*at)
        y.backward()
        return y, [x.grad for x in at]

    return [Contender("PyTorch eager", call, lambda result: numbers((result[0].item(), result[1])))]


def autograd() -> list[Contender]:
    import autograd
    import autograd.numpy

    return [Contender("autograd", partial(autograd.value_and_grad(with_functions_of(autograd.numpy), (0, 1)), *AT))]


PEERS = [
    ("autodiff", ours),
    ("math", hand_written),
    ("sympy", sympy),
    ("jax", jax),
    ("casadi", casadi),
    ("torch", torch),
    ("autograd", autograd),
    ("numba", numba),
]


def run(bench: Bench) -> Report:
    contenders, skipped = gather(PEERS)
    check_agreement(contenders)
    timings = bench.compare(contenders, rounds=25)
    rows = sorted((timing.row(timings[0]) for timing in timings), key=lambda row: row["median_us"])
    notes = [*skipped, "micrograd: skipped, it has no logarithm and no sine"]
    return Report("book: value and gradient of ln(x1) + x1·x2 − sin(x2) at (2, 5)", [Table("", rows)], [], notes)

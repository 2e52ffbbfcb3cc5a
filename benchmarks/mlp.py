"""Value and gradient of a network of two layers: x W₁ + b₁ → tanh → W₂ + b₂, and the mean of the squared errors."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

import autodiff
from benchmarks.arrays import REL_TOL, entries, import_jax, import_torch, waiting
from benchmarks.contenders import Contender, check_agreement, gather
from benchmarks.report import Floor, Report, Table
from benchmarks.timing import Bench, Timing

Arrays = list[Any]  # w1, b1, w2, b2, x, target
PARAMETERS = (0, 1, 2, 3)
HAND_WRITTEN = "hand-written numpy"
SLOWER = ("autograd", "PyTorch eager")  # at every size


class Size(NamedTuple):
    """A batch and the widths of the layers; `floor` is how many times as long as hand-written numpy ours may take."""

    batch: int
    inputs: int
    hidden: int
    outputs: int
    floor: float | None

    def __str__(self) -> str:
        return f"batch {self.batch}, {self.inputs} → {self.hidden} → {self.outputs}"


SIZES = (Size(1, 2, 2, 1, None), Size(32, 64, 64, 10, 2.5), Size(128, 784, 256, 10, 1.3))


def data(size: Size) -> Arrays:
    draw = np.random.default_rng(0).standard_normal
    w1 = draw((size.inputs, size.hidden)) / np.sqrt(size.inputs)
    w2 = draw((size.hidden, size.outputs)) / np.sqrt(size.hidden)
    biases = 0.1 * draw(size.hidden), 0.1 * draw(size.outputs)
    return [w1, biases[0], w2, biases[1], draw((size.batch, size.inputs)), draw((size.batch, size.outputs))]


def with_functions_of(module: Any) -> Any:
    def loss(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, target: Any) -> Any:
        hidden = module.tanh(x @ w1 + b1)
        return module.mean((hidden @ w2 + b2 - target) ** 2)

    return loss


def by_hand(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, target: Any) -> tuple[Any, tuple[Any, ...]]:
    hidden = np.tanh(x @ w1 + b1)
    error = hidden @ w2 + b2 - target
    back = error * (2 / error.size)
    inner = back @ w2.T * (1 - hidden * hidden)
    return np.mean(error * error), (x.T @ inner, inner.sum(axis=0), hidden.T @ back, back.sum(axis=0))


def ours(at: Arrays) -> list[Contender]:
    call = partial(autodiff.value_and_grad(with_functions_of(np), argnums=PARAMETERS), *at)
    return [Contender("autodiff (ours)", call, entries)]


def hand_written(at: Arrays) -> list[Contender]:
    return [Contender(HAND_WRITTEN, partial(by_hand, *at), entries)]


def autograd(at: Arrays) -> list[Contender]:
    import autograd
    import autograd.numpy

    call = partial(autograd.value_and_grad(with_functions_of(autograd.numpy), PARAMETERS), *at)
    return [Contender("autograd", call, entries)]


def torch(at: Arrays) -> list[Contender]:
    torch = import_torch()
    loss = with_functions_of(torch)
    tensors = [torch.tensor(array, requires_grad=k in PARAMETERS) for k, array in enumerate(at)]
    parameters = tensors[: len(PARAMETERS)]

    def call() -> Any:
        value = loss(*tensors)
        return value.detach(), torch.autograd.grad(value, parameters)

    return [Contender("PyTorch eager", call, entries)]


def jax(at: Arrays) -> list[Contender]:
    jax = import_jax()
    compiled = jax.jit(jax.value_and_grad(with_functions_of(jax.numpy), PARAMETERS))
    on_device = [jax.device_put(array) for array in at]
    return [Contender("JAX jit, device arrays", partial(waiting(compiled), *on_device), entries)]


PEERS = [("autodiff", ours), ("numpy", hand_written), ("autograd", autograd), ("torch", torch), ("jax", jax)]


def floors(size: Size, timings: dict[str, Timing], mine: Timing) -> list[Floor]:
    found = []
    if size.floor:
        what = f"{size}: times as long as {HAND_WRITTEN}"
        found.append(Floor(what, mine.ratio_to(timings[HAND_WRITTEN]), "≤", size.floor))
    for name in SLOWER:
        if name in timings:
            found.append(Floor(f"{size}: times faster than {name}", timings[name].ratio_to(mine), "≥", 1.0))
    return found


def measure(bench: Bench, size: Size, report: Report) -> None:
    contenders, skipped = gather((module, partial(build, data(size))) for module, build in PEERS)
    check_agreement(contenders, rel_tol=REL_TOL)
    timings = bench.compare(contenders, rounds=25, sample_seconds=0.05)
    by_name = {timing.name: timing for timing in timings}
    rows = []
    for timing in sorted(timings, key=lambda timing: timing.median):
        own = {"ratio_to_hand_written": timing.ratio_to(by_name[HAND_WRITTEN])}
        rows.append({**timing.row(timings[0]), **own})
    report.tables.append(Table(str(size), rows))
    report.floors += floors(size, by_name, timings[0])
    report.notes += [line for line in skipped if line not in report.notes]


def run(bench: Bench) -> Report:
    report = Report("mlp: value and gradient of mean((tanh(x W₁ + b₁) W₂ + b₂ − t)²) with respect to W₁, b₁, W₂, b₂")
    for size in SIZES:
        measure(bench, size, report)
    return report

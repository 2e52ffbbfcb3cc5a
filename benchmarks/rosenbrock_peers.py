"""The Rosenbrock function of n scalars as a plain loop, who differentiates it, and how many nodes each records."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from autodiff import Tape, value_and_grad
from benchmarks.contenders import Contender, numbers


def rosenbrock(x: Sequence[Any]) -> Any:
    total = 0.0
    for i in range(len(x) - 1):
        total = total + 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return total


def points(n: int) -> list[float]:
    return [0.5 + 0.01 * (i % 37) for i in range(n)]


def reachable(roots: Sequence[Any], parents: Any) -> int:
    """The number of nodes of a graph, counted by walking it."""
    seen, waiting = set(roots), list(roots)
    while waiting:
        new = [parent for parent in parents(waiting.pop()) if parent is not None and parent not in seen]
        seen.update(new)
        waiting += new
    return len(seen)


Counted = tuple[Contender, int]


def ours(xs: list[float]) -> list[Counted]:
    def record() -> tuple[Tape, list[Any], Any]:
        tape = Tape()
        variables = [tape.var(x) for x in xs]
        return tape, variables, rosenbrock(variables)

    def call() -> Any:
        _, variables, y = record()
        y.backward()
        return y.primal, [x.adjoint for x in variables]

    rows = len(record()[0])
    one_call = partial(value_and_grad(lambda *x: rosenbrock(x)), *xs)
    return [
        (Contender("ours, Tape and Var", call), rows),
        (Contender("ours, value_and_grad", one_call), rows),
    ]


def micrograd(xs: list[float]) -> list[Counted]:
    from micrograd.engine import Value

    def call() -> Any:
        variables = [Value(x) for x in xs]
        y = rosenbrock(variables)
        y.backward()
        return y.data, [x.grad for x in variables]

    nodes = reachable([rosenbrock([Value(x) for x in xs])], lambda node: node._prev)
    return [(Contender("micrograd", call), nodes)]


def autograd(xs: list[float]) -> list[Counted]:
    import autograd
    import numpy
    from autograd.core import VJPNode
    from autograd.tracer import trace

    # The form that is faster: gradients of a long list take autograd quadratic time, those of an array do not.
    form, at = ("list", xs) if len(xs) <= 1000 else ("array", numpy.array(xs))

    def f(x: Any) -> Any:
        return rosenbrock([x[i] for i in range(len(x))])  # index each x once: fewer nodes

    end = trace(VJPNode.new_root(), f, at)[1]
    nodes = reachable([end], lambda node: node.parents)
    call = partial(autograd.value_and_grad(f), at)
    return [(Contender(f"autograd, {form}", call, lambda result: numbers((result[0], list(result[1])))), nodes)]


def torch(xs: list[float]) -> list[Counted]:
    import torch

    torch.set_num_threads(1)

    def record() -> tuple[list[Any], Any]:
        variables = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in xs]
        return variables, rosenbrock(variables)

    def call() -> Any:
        variables, y = record()
        y.backward()
        return y.detach(), [x.grad for x in variables]

    nodes = reachable([record()[1].grad_fn], lambda node: [parent for parent, _ in node.next_functions])
    return [(Contender("PyTorch, scalars", call), nodes)]

"""Traces with something changed in them, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from autodiff import Trace
from autodiff.tracing.rows import Derivative


def with_rows(trace: Trace, change: Callable[[Derivative], Derivative]) -> Trace:
    """The trace with every tangent and adjoint changed."""
    sweeps = (replace(sweep, rows=tuple(map(change, sweep.rows))) for sweep in trace.sweeps)
    return replace(trace, sweeps=tuple(sweeps))


def renamed(trace: Trace, names: dict[str, str]) -> Trace:
    """The trace with other names of its variables and outputs, whatever they are."""

    def row(found: Derivative) -> Derivative:
        return replace(found, ref=found.ref._replace(of=names.get(str(found.ref.of), found.ref.of)))

    sweeps = (
        replace(sweep, seed=tuple((names.get(name, name), weight) for name, weight in sweep.seed),
                rows=tuple(map(row, sweep.rows)))
        for sweep in trace.sweeps
    )  # fmt: skip
    return replace(
        trace,
        steps=tuple(replace(step, label=names.get(str(step.label), step.label)) for step in trace.steps),
        outputs=tuple(replace(output, name=names.get(output.name, output.name)) for output in trace.outputs),
        variables=tuple(names.get(name, name) for name in trace.variables),
        sweeps=tuple(sweeps),
    )

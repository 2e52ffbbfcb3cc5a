"""What stands under a table: what a sweep found, what its signs mean, and how much work it was."""

from __future__ import annotations

from typing import Any

from autodiff.render.words.sheet import Writer
from autodiff.tracing.rows import Sweep
from autodiff.tracing.trace import Trace

_SIGNS = {
    "heaviside": "H(v) is 1 for v > 0, ½ for v = 0 and 0 for v < 0.",
    "greater": "[v > 0] is 1 where v > 0, and 0 elsewhere.",
}


def footer(trace: Trace, sweep: Sweep, write: Writer) -> list[str]:
    """The derivatives that a sweep found, and which part of the Jacobian they are."""
    direction = sweep.direction
    found = [
        write.equation(write.ref(sweep.asked(end)), write.number(value))
        for end, value in trace.result(direction).items()
    ]
    seed = [write.equation(write.ref(direction.ref(name)), write.number(value)) for name, value in sweep.seed]
    lines = [", ".join(found)] if found else []
    if sweep.alone:
        lines += [direction.column] if len(trace.variables) > 1 else []
    elif seed and direction.backward:
        lines.append(f"Seeded with {', '.join(seed)}.")
    elif seed:
        lines[0] += f" along {', '.join(seed)}"
        lines.append("One forward pass gives the Jacobian times the seed.")
    return lines + (_left_out(sweep, write) if direction.backward else [])


def _left_out(sweep: Sweep, write: Writer) -> list[str]:
    """The outputs that are not differentiated, in a sweep from outputs."""
    others = [write.inline(write.ref(name)) for name, weight in sweep.seed if not weight]
    return [f"Not differentiated here: {', '.join(others)} (choose with --output or --seed)."] if others else []


def legend(trace: Trace) -> list[str]:
    """What those signs in the derivatives mean that no book explains."""
    used: set[str] = set()

    def note(operation: Any, _: tuple[None, ...]) -> None:
        used.add(operation.name)

    for row in trace.derivatives:
        for part in row.contributions:
            if part.partial is not None:
                part.partial.fold(lambda number: None, lambda symbol: None, note)
    return [text for name, text in _SIGNS.items() if name in used]


def work(trace: Trace) -> str:
    """Products and sums of the passes that each direction needs for the whole Jacobian."""
    parts = []
    for sweep in trace.sweeps:
        products = sum(len(row.contributions) for row in sweep.rows)
        n = len(sweep.direction.starts(trace.variables, trace.output_names))
        parts.append(f"{n} {sweep.direction.name} pass{'es' * (n != 1)} of {products} products = {n * products}")
    return f"Work for the whole Jacobian: {'; '.join(parts)}."

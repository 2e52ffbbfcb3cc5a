"""What a notebook shows: HTML with MathML for the screen, LaTeX for export, plain text for everything else."""

from __future__ import annotations

from typing import Any

from autodiff.expression.blocks import Block, frozen
from autodiff.expression.mathml import MathmlPrinter
from autodiff.expression.printing import Printer
from autodiff.modes.dual import Dual
from autodiff.modes.lifted import LiftedNumber
from autodiff.modes.tape import Tape, Var
from autodiff.operations.operands import plain, shape
from autodiff.render.tables.html import in_math, to_html
from autodiff.render.tables.latex import to_latex_table
from autodiff.render.tables.terminal import to_text
from autodiff.render.words.latex_words import NamePrinter
from autodiff.tracing.build import swept
from autodiff.tracing.directions import REVERSE
from autodiff.tracing.rows import Step
from autodiff.tracing.run import unswept
from autodiff.tracing.tapes import run_tape, step_of
from autodiff.tracing.trace import Trace

Bundle = dict[str, str]

LONGEST = 60  # rows of a table; of longer ones the middle is left out
PAGE = 34  # rows that fit on a sheet of paper
LONGEST_TAPE = 2000  # rows; a longer tape is only named
DIGITS = 12  # of a number on its own, as many as its repr has
EPSILON = {NamePrinter: r"\,\varepsilon", MathmlPrinter: "<mi>ε</mi>"}
PARENTHESES = {NamePrinter: ("(", ")"), MathmlPrinter: ("<mo>(</mo>", "<mo>)</mo>")}


def trace_bundle(shown: Trace) -> Bundle:
    """A trace: its table, with the sentences folded up below it."""
    return {
        "text/plain": to_text(shown, rows=LONGEST),
        "text/html": to_html(shown, rows=LONGEST, why=len(shown.steps) <= LONGEST),
        "text/latex": to_latex_table(shown, rows=PAGE),
    }


def tape_bundle(tape: Tape) -> Bundle:
    """A tape: the trace of its rows, with the adjoints of the last backward()."""
    if not 0 < len(tape) <= LONGEST_TAPE:
        return {"text/plain": repr(tape)}
    run = run_tape(tape)
    if tape.adjoints is None or not run.outputs:
        return trace_bundle(run.trace(unswept(REVERSE.name)))
    return trace_bundle(swept(run, REVERSE.name, seed=[float(plain(tape.adjoints[-1]))]))


def number_bundle(shown: LiftedNumber) -> Bundle:
    r"""A Dual as a sum, a Var as the equation of its row.

    >>> number_bundle(Dual(7, -4))["text/latex"]
    '$7 - 4\\,\\varepsilon$'
    """
    step = step_of(shown) if isinstance(shown, Var) and len(shown.tape) <= LONGEST_TAPE else None
    latex, mathml = (_equations(shown, step, printer()) for printer in EPSILON)
    html = ", ".join(map(in_math, mathml))
    return {"text/plain": repr(shown), "text/html": html, "text/latex": f"${', '.join(latex)}$"}


def _equations(shown: LiftedNumber, step: Step | None, write: Printer) -> list[str]:
    """A number; of a Var its row, if that is known, and its adjoint if there is one."""
    number = _number(shown.primal if isinstance(shown, Var) else shown, write)
    if not isinstance(shown, Var) or step is None:
        return [number]
    formula = write.text(step.formula) if step.operation else write.ref(str(step.label))
    found = [" = ".join((write.ref(step.ref), formula, number))]
    if shown.tape.adjoints is not None:
        found.append(" = ".join((write.ref(REVERSE.ref(step.ref)), _number(shown.adjoint, write))))
    return found


def _number(value: Any, write: Printer, *, alone: bool = True) -> str:
    """A number, an array in its short form, or a sum with ε, in which a shape would look like a factor."""
    if not isinstance(value, Dual):
        found = frozen(plain(value))
        if isinstance(found, Block):
            return write.block(found, with_shape=alone)
        return write.exact(float(f"{found:.{DIGITS}g}"))
    negative = not shape(value.tangent) and plain(value.tangent) < 0
    primal, tangent = (_term(part, write) for part in (value.primal, -value.tangent if negative else value.tangent))
    return f"{primal} {'−-'[type(write) is NamePrinter] if negative else '+'} {tangent}{EPSILON[type(write)]}"


def _term(value: Any, write: Printer) -> str:
    left, right = PARENTHESES[type(write)] if isinstance(value, Dual) else ("", "")
    return left + _number(value, write, alone=False) + right

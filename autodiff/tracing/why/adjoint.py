"""Why an adjoint is what it is, in words: the seed, each contribution, zeros and copies."""

from __future__ import annotations

from collections import Counter
from typing import Any

from autodiff.expression.blocks import Block
from autodiff.expression.expr import Expr, Num, Symbol
from autodiff.expression.names import Ref
from autodiff.operations.rule import Operation
from autodiff.tracing.cells import total
from autodiff.tracing.rows import Contribution, Derivative, Step, Sweep
from autodiff.tracing.why.primal import Rows, pulled, through
from autodiff.tracing.why.sentences import Filled, Number, Part, Parts, Sentence, equation, listed, sentence
from autodiff.tracing.why.tangent import is_zero, multiplied, often, operand_of, remarks, value_or_shape

FEW = 4  # up to this many names are listed one by one
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


class Adjoints:
    """The sentences for the adjoints of one trace."""

    def __init__(self, rows: Rows, sweep: Sweep) -> None:
        self.rows, self.sweep = rows, sweep
        trace = rows.trace
        self.names: dict[Ref, list[str]] = {}  # of the outputs with a seed, by their rows
        for output in trace.outputs:
            if isinstance(output.operand, Ref) and output.name in sweep.moving:
                self.names.setdefault(output.operand, []).append(output.name)
        self.reaching = {output.operand for output in trace.outputs if isinstance(output.operand, Ref)}
        for step in reversed(trace.steps):
            if step.ref in self.reaching:
                self.reaching.update(step.reads)

    def seed(self, step: Step, row: Derivative) -> Sentence:
        """What the adjoint of an output starts from."""
        names = self.names[step.ref]
        later = list(dict.fromkeys(part.step.ref for part in row.contributions))
        more: Parts = ("; more arrives from ", *listed(reversed(later))) if 0 < len(later) <= FEW else (
            ("; more arrives later",) if later else ()
        )  # fmt: skip
        start: Parts = row.ref, " starts as "
        if len(names) > 1:
            sources = equation(total(self.sources(step)), Number(row.seed))
            primal = [Ref("primal", name) for name in names]
            return sentence("The seeds: ", *listed(primal), " are the same row, so ", *start, sources, *more)
        name, weight = names[0], self.sweep.moving[names[0]]
        if self.sweep.alone:
            asks: Parts = "we ask how ", Ref("primal", name), " changes", *self._not_asked(name)
        else:
            asks = Ref("primal", name), " counts with the weight ", Number(weight)
        seed = equation(self.sweep.direction.ref(name), Number(weight))
        return sentence("The seed: ", *asks, ", so ", seed, " and ", *start, Number(weight), *more)

    def nothing(self, step: Step) -> Sentence:
        """Why nothing arrives at a row."""
        if step.ref not in self.reaching:
            return sentence("No output depends on ", step.ref, ", so its adjoint is 0")
        return sentence("Every output that depends on ", step.ref, " has the seed 0, so its adjoint is 0")

    def arrival(self, step: Step, row: Derivative, n: int, before: Any, value: Any) -> Sentence:
        """Contribution n of a row arrives where there was `before`; now the adjoint is `value`."""
        part, count = row.contributions[n], len(row.contributions)
        notes = remarks(self.rows, [part])
        array = part.partial_value is None
        names = self.names.get(step.ref, [])
        if count == 1 and not names:
            if array:
                return sentence(*self._array(part), *value_or_shape(row.ref, value))
            return sentence(*self._alone(part, row), *notes)
        if array or isinstance(value, Block):
            result = value_or_shape(row.ref, value)
        else:
            terms = [part.formula] if before is None else [Num(before), part.formula]
            result = [": ", equation(Filled(total(terms)), Number(value))]
        if n:
            where: Parts = f"The {_nth(n + 1)} of {_number(count)} contributions to ", row.ref, " comes "
        else:
            comes = "the first comes " if count > 1 else "it comes "
            where = *self._sources(step, row, names), f", so its adjoint is {_parts(count, names)}; {comes}"
        return sentence(*where, *self._way(part), *result, *notes)

    def copy(self, step: Step, row: Derivative) -> Sentence:
        """The adjoint of a variable is that of its row; often it is the derivative that was asked for."""
        derivative = equation(self.sweep.asked(str(step.label)), row.formula, Number(row.value))
        return sentence(Ref("primal", str(step.label)), " is the row ", step.ref, ", so ", derivative)

    def sources(self, step: Step) -> list[Expr]:
        """The seeds that a row starts from."""
        return [Symbol(self.sweep.direction.ref(name)) for name in self.names.get(step.ref, ())]

    # --- parts of sentences ---------------------------------------------------------------------------------
    def _not_asked(self, name: str) -> Parts:
        others = [Ref("primal", output.name) for output in self.rows.trace.outputs if output.name != name]
        if len(others) > FEW:
            return (f" and none of the other {len(others)} outputs",)
        return (" and not ", *listed(others, " or ")) if others else ()

    def _alone(self, part: Contribution, row: Derivative) -> list[Part]:
        """The one contribution to an adjoint, with its equation."""
        consumer, operand = part.step.ref, operand_of(part)
        full = equation(row.ref, Filled(row.formula), Number(row.value))
        if is_zero(part.factor) and is_zero(part.value):
            return [consumer, " has the adjoint 0, so it hands on 0: ", full]
        if part.partial == Num(1):
            gets: Parts = operand, " gets the whole of ", part.factor_ref, ": "
            return [consumer, " changes exactly as ", operand, " does, so ", *gets, full]
        if part.partial == Num(-1):
            return [consumer, " falls as fast as ", operand, " grows, so ", operand, " gets ", part.factor_ref,
                    " with its sign turned: ", full]  # fmt: skip
        return ["Through ", *through(part.step), ", ", *multiplied(part), ": ", full]

    def _way(self, part: Contribution) -> list[Part]:
        """Where one of several contributions comes from, and what happened to it on its way."""
        if is_zero(part.factor) and is_zero(part.value):
            return ["from ", part.step.ref, ", whose adjoint is 0"]
        came: list[Part] = ["through ", *through(part.step), ", where "]
        if type(part.step.operation) is not Operation:
            return [*came, pulled(part.step)]
        if part.partial in (Num(1), Num(-1)):
            how = "unchanged" if part.partial == Num(1) else "with its sign turned"
            return [*came, "a change of ", operand_of(part), f" passes {how}"]
        return [*came, *multiplied(part)]

    def _array(self, part: Contribution) -> list[Part]:
        came: list[Part] = ["Through ", *through(part.step), ", "]
        if type(part.step.operation) is not Operation:
            return [*came, pulled(part.step)]
        operand = operand_of(part)
        many = isinstance(part.step.value, Block) and not isinstance(self.rows.value[operand], Block)
        collected = ", and what arrives from all entries is added up" if many else ""
        if part.partial == Num(1):
            return [*came, "a change of ", operand, " passes unchanged", collected]
        return [*came, *multiplied(part), collected]

    def _sources(self, step: Step, row: Derivative, names: list[str]) -> list[Part]:
        """Who uses a row: v₀ feeds v₂ and v₃."""
        uses = Counter(part.step.ref for part in row.contributions)
        feeds: list[Parts] = [
            [ref, f" ({often(count)})"] if count > 1 else [ref] for ref, count in reversed(uses.items())
        ]
        output: list[Part] = (
            [step.ref, " is the output ", Ref("primal", names[0]), " and "] if names else [step.ref, " "]
        )
        if len(uses) > FEW:
            return [*output, f"feeds {len(uses)} rows"]
        if len(uses) == 1 and sum(uses.values()) > 1:
            [(ref, count)] = uses.items()
            return [*output, f"is used {often(count)} by ", ref]
        return [*output, "feeds ", *listed(feeds)]


def _parts(count: int, names: list[str]) -> str:
    contributions = f"{_number(count)} contribution{'s' * (count > 1)}"
    return f"the seed plus {contributions}" if names else f"the sum of {contributions}"


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _nth(n: int) -> str:
    if n < len(_ORDINALS):
        return _ORDINALS[n]
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"

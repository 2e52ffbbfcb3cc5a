"""One run of a Python function on a tape: its rows are then read, each with the line of the program that made it."""

from __future__ import annotations

import inspect
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from autodiff.derivatives.trees import leaves
from autodiff.errors import BindingError, DomainError, did_you_mean
from autodiff.expression.names import unicode_ref
from autodiff.modes.levels import under_way
from autodiff.modes.lifted import is_operand
from autodiff.modes.tape import Tape, Var
from autodiff.operations.operands import plain, shape
from autodiff.tracing.binding import Values, count, listed, real
from autodiff.tracing.run import Run
from autodiff.tracing.source import SourcedRows

ENTRIES = 200  # of an argument that is an array

Function = Callable[..., Any]


def run_function(function: Function, at: Values | None) -> Run:
    """Call a Python function on Vars and read the rows off the tape."""
    name = getattr(function, "__name__", "function")
    arguments = _arguments(function, at)
    point = {label: value for argument in arguments for label, value in argument.items()}
    tape = Tape(anywhere=True)
    rows = tape.rows = SourcedRows()
    run = Run(name, point, (), ())
    variables = [[tape.var(value) for value in argument.values()] for argument in arguments]
    outputs: list[Any] = []
    try:
        with under_way(tape):
            given = [argument.passed(own) for argument, own in zip(arguments, variables, strict=True)]
            outputs = list(_outputs(function(*given)))
    except DomainError as error:
        run.failure, run.failure_kind = str(error), type(error)
        if len(rows.lines) > len(point):
            run.failure += f" (after row {len(rows) - 1} of the tape, {rows.source(len(rows) - 1).place})"
    for n in range(len(point), len(tape)):
        row = tape[n]
        if row.operation is None:
            raise BindingError(f"{name} makes a new Var while it is traced; variables come from its arguments only")
        run.add(row.operation, row.operands, plain(row.value), None, row.settings, rows.source(n))
    run.finish([(None, _operand(tape, output)) for output in outputs])
    return run


def _outputs(results: Any) -> Iterator[Any]:
    """The numbers that a function returned; the entries of an array are numbers of their own."""
    for leaf in leaves(results):
        if shape(leaf.value):
            import numpy as np

            yield from (leaf.value[index] for index in np.ndindex(leaf.value.shape))
        else:
            yield leaf.value


def _operand(tape: Tape, result: Any) -> Any:
    if isinstance(result, Var) and result.tape is tape:
        return result.row
    if not is_operand(result) or getattr(getattr(result, "dtype", None), "kind", "f") not in "fiub":
        if inspect.iscoroutine(result):
            result.close()  # nobody awaits it
        raise BindingError(f"a function to trace returns numbers, not {type(result).__name__}: {str(result)[:40]}")
    return float(plain(result))


class _Argument(dict[str, float]):
    """The named values of one argument: one number, or the entries of a list or array; none for a constant."""

    def __init__(self, name: str, value: Any, *, constant: bool = False) -> None:
        self.constant, self.value = constant, value
        self.kind = type(value) if isinstance(value, (list, tuple)) or shape(value) else None
        self.shape = shape(value)
        if 0 in self.shape or (self.kind is not None and len(value) == 0):
            raise BindingError(f"{name} is empty: it has no entries to trace")
        if math.prod(self.shape) > ENTRIES:
            raise BindingError(
                f"{name} has {math.prod(self.shape):,} entries, and each would be a variable with a row of its own: "
                f"trace with at most {ENTRIES}; an array that is not a variable may be as large as you like"
            )
        entries = [value] if self.kind is None else value.ravel().tolist() if self.shape else list(value)
        names = [name] if self.kind is None else [f"{name}{n}" for n in range(1, len(entries) + 1)]
        super().__init__({} if constant else zip(names, map(real, entries), strict=True))

    def passed(self, variables: list[Var]) -> Any:
        """The variables as the function gets them: an array of them is one Var, as it is under grad."""
        if self.constant:
            return self.value
        if self.kind is None:
            return variables[0]
        if not self.shape:
            return self.kind(variables)
        import numpy as np

        return np.stack(variables).reshape(self.shape)


def _arguments(function: Function, at: Values | None) -> list[_Argument]:
    """Values for the positional parameters; *x takes the rest, as x1, x2 and so on.

    Parameters that have a default need no value. A list or array is the value of one parameter, and its entries are
    variables of their own.
    """
    values: Any = at if isinstance(at, Mapping) else listed(at)
    parameters, rest = _parameters(function, len(values))
    names = [parameter.name for parameter in parameters]
    if rest is not None:
        names += [f"{rest}{n}" for n in range(1, len(values) + 1)]
    found = _by_name(values, names) if isinstance(values, Mapping) else dict(zip(names, values, strict=False))
    lacking = [p.name for p in parameters if p.default is p.empty and p.name not in found]
    if lacking or len(found) < len(values):
        raise BindingError(_mismatch(len(values), [p.name for p in parameters], rest, lacking))
    last = names.index(next(reversed(found))) if found else -1
    arguments = []
    for n, name in enumerate(names[: last + 1]):
        if name in found:
            arguments.append(_Argument(name, found[name]))
        elif n < len(parameters):
            arguments.append(_Argument(name, parameters[n].default, constant=True))
    labels = [label for argument in arguments for label in argument]
    shown = Counter(map(unicode_ref, labels))
    twice = [label for label in labels if shown[unicode_ref(label)] > 1]
    if twice:
        alike = " and ".join(dict.fromkeys(label for label in twice if unicode_ref(label) == unicode_ref(twice[0])))
        raise BindingError(f"two variables would be called {unicode_ref(twice[0])} ({alike}): rename a parameter")
    return arguments


def _by_name(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Values given by name, in the order of the parameters."""
    for name in values:
        if name not in names:
            hint = did_you_mean(str(name), names)
            takes = f"the function takes {', '.join(names)}" if names else "the function takes none"
            raise BindingError(f"there is no parameter '{name}'; {takes}" + (f"\n{hint}" if hint else ""))
    return {name: values[name] for name in names if name in values}


def _mismatch(given: int, names: Sequence[str], rest: str | None, lacking: Sequence[str]) -> str:
    shown = [*names, *([f"*{rest}"] if rest else [])]
    takes = f"the function takes {len(names)}: {', '.join(shown)}" if shown else "the function takes none"
    hint = ""
    if len(shown) == 1 and given > 1:
        hint = f"\nif {shown[0]} is a list of numbers, give the list as one value: at=[[…]]"
    elif lacking and given:
        hint = f"\nno value for {', '.join(lacking)}"
    return f"{count(given, 'value')} given, but {takes}{hint}"


def _parameters(function: Function, available: int) -> tuple[list[inspect.Parameter], str | None]:
    """The positional parameters, and the name of the one that takes all further values."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    try:
        found = list(inspect.signature(function).parameters.values())
    except ValueError:  # a built-in function without a signature
        return [inspect.Parameter(f"x{n}", kind) for n in range(1, available + 1)], None
    positional = [p for p in found if p.kind in (p.POSITIONAL_ONLY, kind)]
    return positional, next((p.name for p in found if p.kind == p.VAR_POSITIONAL), None)

"""One run of a Python function on a tape: its rows are read off, each with the line of the program that made it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from autodiff.array_methods import plain
from autodiff.errors import BindingError, DomainError
from autodiff.lifted import is_operand, under_way
from autodiff.structure import leaves
from autodiff.tape import Tape, Var
from autodiff.tracing.binding import Values, count, real
from autodiff.tracing.run import Run
from autodiff.tracing.source import SourcedRows

Function = Callable[..., Any]


def run_function(function: Function, at: Values | None) -> Run:
    """Call a Python function on Vars and read the rows off the tape."""
    name = getattr(function, "__name__", "function")
    arguments = _arguments(function, at)
    point = {label: value for argument in arguments for label, value in argument.items()}
    tape = Tape(anywhere=True)
    rows = tape.rows = SourcedRows()
    run = Run(name, point, (), ())
    given = [argument.passed([tape.var(value) for value in argument.values()]) for argument in arguments]
    outputs: list[Any] = []
    try:
        with under_way(tape):
            outputs = list(_outputs(function(*given)))
    except DomainError as error:
        run.failure = str(error)
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
        if getattr(leaf.value, "shape", ()):
            import numpy as np

            yield from (leaf.value[index] for index in np.ndindex(leaf.value.shape))
        else:
            yield leaf.value


def _operand(tape: Tape, result: Any) -> Any:
    if isinstance(result, Var) and result.tape is tape:
        return result.row
    if not is_operand(result):
        raise BindingError(f"a function to trace returns numbers, not {type(result).__name__}: {str(result)[:40]}")
    return float(plain(result))


def _shape(value: Any) -> tuple[int, ...]:
    its: tuple[int, ...] = getattr(value, "shape", ())
    return its


class _Argument(dict[str, float]):
    """The named values of one argument: one number, or the entries of a list or array."""

    def __init__(self, name: str, value: Any) -> None:
        self.kind = type(value) if isinstance(value, (list, tuple)) or _shape(value) else None
        self.shape = _shape(value)
        entries = [value] if self.kind is None else value.ravel().tolist() if self.shape else list(value)
        names = [name] if self.kind is None else [f"{name}{n}" for n in range(1, len(entries) + 1)]
        super().__init__(zip(names, map(real, entries), strict=True))

    def passed(self, variables: list[Var]) -> Any:
        """The variables as the function gets them."""
        if self.kind is None:
            return variables[0]
        if not self.shape:
            return self.kind(variables)
        import numpy as np

        array = np.empty(len(variables), dtype=object)
        array[:] = variables
        return array.reshape(self.shape)


def _arguments(function: Function, at: Values | None) -> list[_Argument]:
    """Values for the positional parameters; *x takes those that are left, as x1, x2 and so on.

    Parameters that have a default need no value. A list or array is the value of one parameter, and its entries are
    variables of their own.
    """
    values: Any = [] if at is None else [at] if isinstance(at, (int, float)) else at
    names, required = _parameters(function, len(values))
    if isinstance(values, Mapping):
        unknown = [str(name) for name in values if name not in names]
        given = [values[name] for name in names if name in values]
        missing = len(given) < len([name for name in names[:required] if name in values]) or unknown
        names = [name for name in names if name in values] if not missing else names
    else:
        given = list(values)
    if not required <= len(given) <= len(names) or (isinstance(values, Mapping) and len(given) < len(values)):
        takes = f"the function takes {len(names)}: {', '.join(names)}" if names else "the function takes none"
        hint = ""
        if len(names) == 1 and len(given) > 1:
            hint = f"\nif {names[0]} is a list of numbers, give the list as one value: at=[[…]]"
        raise BindingError(f"{count(len(given), 'value')} given, but {takes}{hint}")
    return [_Argument(name, value) for name, value in zip(names, given, strict=False)]


def _parameters(function: Function, available: int) -> tuple[list[str], int]:
    """The names of the positional parameters, and how many of them need a value."""
    names: list[str] = []
    required = 0
    try:
        parameters: Sequence[inspect.Parameter] = list(inspect.signature(function).parameters.values())
    except ValueError:  # a built-in function that does not tell
        return [f"x{n}" for n in range(1, available + 1)], available
    for parameter in parameters:
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
            required += parameter.default is parameter.empty
        elif parameter.kind == parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}{n}" for n in range(1, available - len(names) + 1)]
            required = len(names)
    return names, required

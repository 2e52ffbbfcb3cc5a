"""One run of a function for its derivative: its arguments become Vars, its results and adjoints become plain again.

It is what grad, vjp and jacobian share: the leaves of the arguments, and results built like the arguments.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, NamedTuple

from autodiff.derivatives.trees import Leaf, children, is_label, leaves, map_leaves, rebuild, refuse_leaf
from autodiff.errors import ArgumentError, LostDerivativeError, OutOfRangeError
from autodiff.modes.lifted import as_primal, is_operand
from autodiff.modes.rows import NOTHING, nought
from autodiff.modes.tape import Tape, Var
from autodiff.operations.operands import ARRAYS, as_operand, plain

Function = Callable[..., Any]
Argnums = Any  # a whole number, a sequence of them, or None for all


def check_callable(f: object) -> None:
    """Raises ArgumentError for what is not a function."""
    if not callable(f):
        raise ArgumentError(f"a derivative is taken of a function, not of {type(f).__name__}: {f!r:.40}")


def name_of(f: Function) -> str:
    """What a function is called, in messages."""
    return str(getattr(f, "__name__", None) or type(f).__name__)


def inputs_of(number: int, arg: Any) -> list[Any]:
    """The leaves of an argument with respect to which a function is differentiated, checked and converted."""
    if children(arg) is None:
        return [as_primal(arg, "argument", number)]
    return [as_primal(leaf.value, "argument", leaf.path) for leaf in leaves(arg, str(number))]


class Run(NamedTuple):
    """A run on a tape. Its rows 0, 1, … are the leaves of the arguments with respect to which f is differentiated."""

    tape: Tape
    chosen: Sequence[int]  # the numbers of these arguments
    inputs: list[Any]  # the values of these leaves
    result: Any
    nested: bool  # whether an argument is more than one leaf


def run_on_tape(f: Function, args: Sequence[Any], kwargs: dict[str, Any], argnums: Argnums) -> Run:
    """Run f on Vars of a fresh tape."""
    chosen = _numbers(argnums, len(args), f, kwargs)
    inputs: list[Any] = []
    given = list(args)
    with Tape(anywhere=True) as tape:
        nested = False
        for k in chosen:
            arg = args[k]
            if children(arg) is None:
                inputs.append(x := as_primal(arg, "argument", k))
                given[k] = tape.independent(x)
            else:
                found = inputs_of(k, arg)
                inputs += found
                given[k] = rebuild(arg, map(tape.independent, found))
                nested = True
        return Run(tape, chosen, inputs, f(*given, **kwargs), nested)


def _numbers(argnums: Argnums, count: int, f: Function, keywords: Any = ()) -> Sequence[int]:
    """The numbers of the arguments with respect to which to differentiate."""
    if argnums is None:
        if keywords and not count:
            raise ArgumentError(
                f"{name_of(f)} was called with keywords only: "
                "derivatives are taken with respect to positional arguments"
            )
        return range(count)
    try:
        found = _distinct(tuple(map(operator.index, (argnums,) if isinstance(argnums, Integral) else argnums)), count)
    except TypeError:
        raise ArgumentError(f"argnums is a whole number, or a sequence of them, not {argnums!r:.40}") from None
    if found is None:
        raise OutOfRangeError(f"argnums={argnums}: {name_of(f)} was called with {count} positional arguments")
    return found


@functools.lru_cache
def _distinct(wanted: tuple[int, ...], count: int) -> tuple[int, ...] | None:
    """The numbers counted from the front, each once; None if one is out of range."""
    if wanted and not (-count <= min(wanted) and max(wanted) < count):
        return None
    return tuple(dict.fromkeys(k % count for k in wanted))


def outputs_of(result: Any, f: Function) -> list[Leaf]:
    """The leaves of what a function returned. Raises LostDerivativeError for what is not a number."""
    found = list(leaves(result))
    labels = [] if found or result in ((), []) else [Leaf("", result)]
    for n, leaf in enumerate(found):
        found[n] = Leaf(leaf.path, as_number(leaf.value, f))
        if not is_operand(found[n].value):
            labels.append(leaf)
    if labels or (_has_label(result) and not getattr(f, "keeps_labels", False)):
        raise refuse_leaf((labels or [Leaf("", result)])[0], f"the function to differentiate, {name_of(f)},")
    return found


def as_number(value: Any, f: Function) -> Any:
    """An output: an array of objects becomes one Var or Dual."""
    foreign = not hasattr(value, "level") and getattr(getattr(value, "dtype", None), "kind", "") == "O"
    return as_operand(value, name_of(f)) if foreign else value


def _has_label(result: Any) -> bool:
    parts = children(result)
    return is_label(result) if parts is None else any(_has_label(part) for _, part in parts)


def adjoints_of(tape: Tape, inputs: Sequence[Any], seeds: dict[int, Any]) -> list[Any]:
    """The adjoint of every input, in its shape and precision."""
    found = tape.sweep(seeds, keep=len(inputs)) if seeds else []
    found += [NOTHING] * (len(inputs) - len(found))
    shared = seeds if min(seeds, default=len(inputs)) < len(inputs) else ()  # an output may be an input itself
    given: set[int] = set()  # arrays handed out: no two results may be one array
    results = []
    for n, (adjoint, x) in enumerate(zip(found, inputs, strict=False)):
        results.append(_handed_out(adjoint, x, n in shared or id(adjoint) in given))
        given.add(id(adjoint))
    return results


def _handed_out(adjoint: Any, x: Any, shared: bool) -> Any:
    """An adjoint as it is handed out: a float for a Python number, an array of its own for an array."""
    if adjoint is NOTHING:
        return nought(x)
    if type(adjoint) not in ARRAYS and (type(adjoint) is float or hasattr(adjoint, "level")):
        return adjoint
    if type(x) not in ARRAYS and not hasattr(plain(x), "dtype"):
        return float(adjoint)
    flags = adjoint.flags
    return adjoint if flags.owndata and flags.writeable and not shared else adjoint.copy()


def value_of(tape: Tape, y: Any) -> Any:
    """The value of what a run on the tape returned."""
    return y.primal if type(y) is Var and y.tape is tape else y


def like_arguments(args: Sequence[Any], run: Run, argnums: Argnums, new: list[Any]) -> Any:
    """Results for the leaves, built like the arguments: those of a single argument, or a tuple."""
    parts = new
    if run.nested:
        found = iter(new)
        parts = [rebuild(args[k], found) for k in run.chosen]
    if isinstance(argnums, Integral) or (argnums is None and len(parts) == 1):
        return parts[0]
    if argnums is None or len(argnums) == len(parts):
        return tuple(parts)
    # An argument that is asked for twice gets two results.
    return tuple(map_leaves(own, parts[run.chosen.index(k % len(args))]) for k in argnums)


def own(x: Any) -> Any:
    """A copy of an array; a number as it is."""
    return x.copy() if type(x) in ARRAYS else x


def split_aux(result: Any, has_aux: bool, f: Function) -> tuple[Any, Any]:
    """What a function returned, and what it returned besides."""
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:
        raise LostDerivativeError(
            f"with has_aux=True, {name_of(f)} must return a pair (result, aux), not {result!r:.60}"
        )
    return result


def stripped(tape: Tape, aux: Any) -> Any:
    """What a function returned besides its result, as plain values."""
    return map_leaves(lambda leaf: value_of(tape, leaf), aux)

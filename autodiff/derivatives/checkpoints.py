"""Checkpointing: a function whose run is one row of the tape, and is run again on the way back.

Memory for time: nothing of the function's own rows is kept between the two sweeps (Griewank & Walther 2008, ch. 12).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from autodiff.derivatives.runs import check_callable
from autodiff.derivatives.transforms import jvp, vjp
from autodiff.derivatives.trees import leaves, map_leaves, rebuild, refuse_leaf
from autodiff.errors import TapeError
from autodiff.modes.lifted import Lifted, is_operand
from autodiff.operations.operands import shape

Function = Callable[..., Any]
_EMPTY = object()


def checkpoint(f: Function) -> Function:
    """The same function, which a tape records as a single row: it keeps the arguments and runs f again in the sweep.

    Arguments and results are numbers, arrays and trees of them; keyword arguments are passed on and not differentiated.
    f may depend on what is differentiated only through its arguments: TapeError if it closes over a Var.

    >>> import numpy as np
    >>> from autodiff import grad
    >>> @checkpoint
    ... def step(x):
    ...     return np.sin(np.sin(x))
    >>> grad(lambda x: step(step(x)))(0.0)
    1.0
    """
    check_callable(f)

    @functools.wraps(f)
    def once(*args: Any, **kwargs: Any) -> Any:
        given = [leaf.value for arg in args for leaf in leaves(arg)]
        level = max((getattr(x, "level", 0) for x in given), default=0)
        if any(isinstance(leaf.value, Lifted) for leaf in leaves(kwargs)):
            raise TapeError(
                f"checkpoint({_name(f)}) differentiates with respect to positional arguments only: pass the Var as one"
            )
        if not level:
            return f(*args, **kwargs)
        run = _Run(f, args, kwargs, level)
        return run.unpacked(_operation()(*(x for x in given if isinstance(x, Lifted)), run=run))

    return once


def _name(f: Function) -> str:
    return str(getattr(f, "__name__", type(f).__name__))


class _Run:
    """One call of a function as a function of the leaves of its arguments, with all its results in one vector."""

    def __init__(self, f: Function, args: Sequence[Any], kwargs: dict[str, Any], level: int) -> None:
        self.f, self.kwargs, self.level = f, kwargs, level
        # What is differentiated leaves an empty place; a number of layers, an index or a self is kept as it is.
        self.args = [map_leaves(lambda x: _EMPTY if isinstance(x, Lifted) else x, arg) for arg in args]
        self.result: Any = None  # the tree of the results, with 0 for its leaves
        self.forms: list[tuple[tuple[int, ...], Any]] = []  # their shapes and precisions

    def __call__(self, *values: Any) -> Any:
        new = iter(values)
        args = [map_leaves(lambda x: next(new) if x is _EMPTY else x, arg) for arg in self.args]
        result = self.f(*args, **self.kwargs)
        found = []
        for leaf in leaves(result):
            if not is_operand(leaf.value):
                raise refuse_leaf(leaf, f"checkpoint({_name(self.f)})")
            found.append(leaf.value)
        if (
            max((getattr(x, "level", 0) for x in values), default=0)
            < self.level
            <= max((getattr(y, "level", 0) for y in found), default=0)
        ):
            raise TapeError(
                f"checkpoint({_name(self.f)}) closes over a Var, whose derivative would be lost: pass it as an argument"
            )
        self.result = map_leaves(lambda _: 0.0, result)
        self.forms = [(shape(y), getattr(y, "dtype", None)) for y in found]
        if len(found) == 1:
            return found[0]
        import numpy as np

        return np.concatenate([np.ravel(y) for y in found]) if found else np.zeros(0)

    def unpacked(self, vector: Any) -> Any:
        """The results as the function returns them."""
        if len(self.forms) == 1:
            return rebuild(self.result, iter([vector]))
        import numpy as np

        found, first = [], 0
        for its, dtype in self.forms:
            last = first + int(np.prod(its, dtype=int))
            part = np.reshape(vector[first:last], its) if its else vector[first]
            found.append(part if dtype is None else part.astype(dtype))
            first = last
        return rebuild(self.result, iter(found))

    def __repr__(self) -> str:
        return _name(self.f)


@functools.cache
def _operation() -> Any:
    """The row of the tape: its rule runs the function again."""
    from autodiff.operations.array_facts import Words
    from autodiff.operations.array_rule import enter_array, precision, zeros

    def push(tangents: Sequence[Any], z: Any, operands: Sequence[Any], run: _Run) -> Any:
        moving = [zeros(x, precision(x)) if t is None else t for t, x in zip(tangents, operands, strict=True)]
        return jvp(run, tuple(operands), tuple(moving))[1]

    def pull_all(g: Any, z: Any, operands: Sequence[Any], run: _Run) -> Sequence[Any]:
        found: tuple[Any, ...] = vjp(run, *operands)[1](g)
        return found

    return enter_array(
        "checkpoint",
        lambda *values, run: run(*values),
        push,
        lambda k, g, z, *operands, run: pull_all(g, z, operands, run)[k],
        pull_all=pull_all,
        words=Words(
            "runs a function on {} and keeps none of its rows",
            pushed="the function is run again, and the tangent goes along",
            pulled="the function is run again, this time on a tape, and the adjoint is pulled back through its rows",
        ),
    )

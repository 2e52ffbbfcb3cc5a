"""What an array operation is: its value, how a tangent is pushed through it, how an adjoint is pulled back.

Most array operations are linear in each operand. Such an operation pushes its tangents by itself, and its rule is one
line: the transpose, which pulls an adjoint back. Rules are made of our own operations, so they work at every level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autodiff.errors import DefinitionError
from autodiff.operations.operands import ARRAYS, Shape, shape
from autodiff.operations.rule import Notation

ARRAYS.update((np.ndarray, np.float64, np.float32))

# pull(k, g, z, *operands, **settings): what the adjoint g of the result z contributes to the adjoint of operand k.
Pull = Callable[..., Any]
# push(tangents, z, operands, **settings): the tangent of z; the tangent of a constant operand is None.
Push = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class ArrayOperation:
    """An operation on whole arrays. Call it with arrays, Duals or Vars, and its settings by keyword.

    Settings are plain data (an axis, a shape, an index); a tape keeps them in the row. `wide_push` pushes tangents that
    have one more axis at the end, for many directions at once; without it `push` is called once for each direction.
    """

    name: str
    function: Callable[..., Any]
    push: Push
    pull: Pull
    wide_push: Push | None = None
    idle: Callable[..., bool] | None = None  # where the operation returns its operand as it is
    pull_all: Callable[..., Sequence[Any]] | None = None  # for all operands at once, where that is cheaper
    code: int = -1

    def __call__(self, *operands: Any, **settings: Any) -> Any:
        """Apply to operands of any kind: the one with the highest level decides what happens."""
        if self.idle is not None and self.idle(*operands, **settings):
            return operands[0]
        if len(operands) == 1 and type(operands[0]) in ARRAYS:
            return self.function(operands[0], **settings)
        top, level = None, 0
        for operand in operands:
            if type(operand) not in ARRAYS:
                its = getattr(operand, "level", 0)
                if its > level:
                    top, level = operand, its
        return self.function(*operands, **settings) if top is None else top.apply(self, operands, settings)

    @property
    def notation(self) -> Notation:
        """Written with its name."""
        return Notation("function", self.name, rf"\operatorname{{{self.name}}}")

    def __reduce__(self) -> tuple[object, ...]:
        return array_operation, (self.name,)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


ARRAY_TABLE: list[ArrayOperation] = []
ARRAYS_BY_NAME: dict[str, ArrayOperation] = {}


def array_operation(name: str) -> ArrayOperation:
    """The array operation of that name."""
    return ARRAYS_BY_NAME[name]


def enter_array(
    name: str,
    function: Callable[..., Any],
    push: Push,
    pull: Pull,
    wide_push: Push | None = None,
    idle: Callable[..., bool] | None = None,
    pull_all: Callable[..., Sequence[Any]] | None = None,
) -> ArrayOperation:
    """Enter an array operation into its table."""
    entry = ArrayOperation(name, function, push, pull, wide_push, idle, pull_all, code=len(ARRAY_TABLE))
    ARRAY_TABLE.append(entry)
    ARRAYS_BY_NAME[name] = entry
    return entry


def transposed(
    name: str,
    function: Callable[..., Any],
    pull: Pull,
    widen: Callable[..., dict[str, Any]] | None = None,
    idle: Callable[..., bool] | None = None,
) -> ArrayOperation:
    """Enter an operation that is linear in all its operands together, such as a sum, a reshape or a concatenation.

    `widen(width, **settings)` gives the settings under which it acts on operands with one more axis at the end.
    """

    def push(tangents: Sequence[Any], z: Any, operands: Sequence[Any], **settings: Any) -> Any:
        full = [zeros(x, precision(z)) if t is None else t for t, x in zip(tangents, operands, strict=True)]
        return entry(*full, **settings)

    def wide_push(tangents: Sequence[Any], z: Any, operands: Sequence[Any], *, width: int, **settings: Any) -> Any:
        wide = [zeros(x, precision(z), width) if t is None else t for t, x in zip(tangents, operands, strict=True)]
        return entry(*wide, **(widen(width, **settings) if widen else settings))

    entry = enter_array(name, function, push, pull, wide_push, idle)
    return entry


def multilinear(name: str, function: Callable[..., Any], pull: Pull, wide: Callable[..., Any]) -> ArrayOperation:
    """Enter an operation that is linear in each operand, such as a matrix product.

    `wide(k, width, *operands, **settings)` is its value when operand k has one more axis at the end.
    """

    def push(tangents: Sequence[Any], z: Any, operands: Sequence[Any], **settings: Any) -> Any:
        return total(
            entry(*operands[:k], t, *operands[k + 1 :], **settings) for k, t in enumerate(tangents) if t is not None
        )

    def wide_push(tangents: Sequence[Any], z: Any, operands: Sequence[Any], *, width: int, **settings: Any) -> Any:
        return total(
            wide(k, width, *operands[:k], t, *operands[k + 1 :], **settings)
            for k, t in enumerate(tangents)
            if t is not None
        )

    entry = enter_array(name, function, push, pull, wide_push)
    return entry


def each_operand(name: str, function: Callable[..., Any], push: Any, pull: Any) -> ArrayOperation:
    """Enter an operation with rules operand by operand, as `elementary` takes them."""
    pushes = push if isinstance(push, tuple) else (push,)
    pulls = pull if isinstance(pull, tuple) else (pull,)

    def push_all(tangents: Sequence[Any], z: Any, operands: Sequence[Any], /, **settings: Any) -> Any:
        return total(
            rule(t, z, *operands, **settings) for rule, t in zip(pushes, tangents, strict=True) if t is not None
        )

    def pull_one(k: int, g: Any, z: Any, /, *operands: Any, **settings: Any) -> Any:
        found = pulls[k](g, z, *operands, **settings)
        if shape(found) != shape(operands[k]):
            raise DefinitionError(
                f"the pull of {name} has the shape {shape(found)}, not that of operand {k + 1}, {shape(operands[k])}: "
                "check_rule finds out more"
            )
        return found

    return enter_array(name, function, push_all, pull_one)


def reduction(name: str, function: Callable[..., Any], weight: Callable[..., Any]) -> ArrayOperation:
    """Enter an operation that reduces axes and whose partials have the shape of x, such as a norm or a maximum.

    `weight(z, x, axis, **settings)` is ∂z/∂x with the reduced axes of z kept as axes of length 1. The settings of the
    operation are `axis`, a tuple, `keepdims`, and what else the function takes.
    """

    def push(tangents: Sequence[Any], z: Any, operands: Sequence[Any], *, width: int = 0, **settings: Any) -> Any:
        (x,), (t,), sum_ = operands, tangents, ARRAYS_BY_NAME["sum"]
        w = partials(z, x, **settings)
        if width:
            w = ARRAYS_BY_NAME["reshape"](w, shape=(*shape(x), 1))
        return sum_(t * w, axis=settings["axis"], keepdims=settings["keepdims"])

    def pull(k: int, g: Any, z: Any, x: Any, **settings: Any) -> Any:
        return _full(g, x, settings["axis"]) * partials(z, x, **settings)

    def partials(z: Any, x: Any, *, axis: Shape, keepdims: bool, **settings: Any) -> Any:
        return weight(_full(z, x, axis), x, axis, **settings)

    def _full(z: Any, x: Any, axis: Shape) -> Any:
        return ARRAYS_BY_NAME["reshape"](z, shape=kept(shape(x), axis))

    return enter_array(name, function, push, pull, push)


def total(terms: Any) -> Any:
    """The sum of at least one term."""
    result: Any = None
    for term in terms:
        result = term if result is None else result + term
    return result


def precision(x: Any) -> Any:
    """The dtype of an operand; Python's numbers are doubles."""
    return getattr(x, "dtype", np.dtype(float))


def zeros(x: Any, dtype: Any, width: int | None = None) -> Any:
    """The tangent of a constant operand, where one must be written out, in the precision of the result."""
    return np.zeros(shape(x) if width is None else (*shape(x), width), dtype)


def kept(shape: Shape, axis: Shape) -> Shape:
    """The shape with the axes in `axis` reduced to length 1."""
    return tuple(1 if k in axis else n for k, n in enumerate(shape))

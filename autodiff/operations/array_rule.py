"""What an array operation is: its value, how a tangent is pushed through it, how an adjoint is pulled back.

Most array operations are linear in each operand. Such an operation is its own push, and its rule is one line: the
transpose, which pulls an adjoint back. Rules are made of our own operations, so they work at every level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autodiff.errors import DefinitionError, MissingPartError, UnknownNameError
from autodiff.operations.array_facts import SILENT, Sample, Words
from autodiff.operations.operands import ARRAYS, Shape, shape
from autodiff.operations.rule import BUILT_IN, Notation, named

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
    notation: Notation
    wide_push: Push | None = None
    idle: Callable[..., bool] | None = None  # where the operation returns its operand as it is
    pull_all: Callable[..., Sequence[Any]] | None = None  # for all operands at once, where that is cheaper
    words: Words = SILENT
    unsaid: tuple[str, ...] = ()  # settings that a formula leaves out because they follow from the operands
    samples: tuple[Sample, ...] = ()
    code: int = -1

    def __post_init__(self) -> None:
        for attribute in ("__name__", "__qualname__"):
            object.__setattr__(self, attribute, self.name)

    def __get__(self, instance: object, owner: type | None = None) -> ArrayOperation:
        """Itself, as an elementary operation is."""
        return self

    def __getattr__(self, attribute: str) -> Any:
        """`__signature__`, when somebody asks: that of its value."""
        if attribute != "__signature__":
            raise MissingPartError(f"an operation has no attribute {attribute!r}")
        import inspect

        return inspect.signature(self.function)

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

    def __reduce__(self) -> tuple[object, ...]:
        return array_operation, (self.name,)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


ARRAY_TABLE: list[ArrayOperation] = []
ARRAYS_BY_NAME: dict[str, ArrayOperation] = {}


def array_operation(name: str) -> ArrayOperation:
    """The array operation of that name. Raises UnknownNameError for one that is not defined in this program."""
    if name not in ARRAYS_BY_NAME:
        raise UnknownNameError(f"no operation on arrays is called {name}: define it first, with elementary")
    return ARRAYS_BY_NAME[name]


def enter_array(
    name: str,
    function: Callable[..., Any],
    push: Push,
    pull: Pull,
    wide_push: Push | None = None,
    *,
    notation: Notation | None = None,
    built_in: bool = True,
    **facts: Any,
) -> ArrayOperation:
    """Enter an array operation into its table; facts are the other attributes of an `ArrayOperation`."""
    code = len(ARRAY_TABLE)
    entry = ArrayOperation(name, function, push, pull, notation or named(name, "array"), wide_push, code=code, **facts)
    ARRAY_TABLE.append(entry)
    ARRAYS_BY_NAME[name] = entry
    if built_in:
        BUILT_IN.add(name)
    return entry


def transposed(
    name: str,
    function: Callable[..., Any],
    pull: Pull,
    words: Words = SILENT,
    widen: Callable[..., dict[str, Any]] | None = None,
    **facts: Any,
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

    words = words.filled(pushed="the tangent goes the same way as the value, for the operation is linear")
    entry = enter_array(name, function, push, pull, wide_push, words=words, **facts)
    return entry


def multilinear(
    name: str,
    function: Callable[..., Any],
    pull: Pull,
    wide: Callable[..., Any],
    words: Words = SILENT,
    **facts: Any,
) -> ArrayOperation:
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

    words = words.filled(pushed="the tangent takes the place of its operand, for the operation is linear in it")
    entry = enter_array(name, function, push, pull, wide_push, words=words, **facts)
    return entry


def each_operand(
    name: str, function: Callable[..., Any], push: Any, pull: Any, notation: Notation, words: Words | None
) -> ArrayOperation:
    """Enter an operation that a user defines, with a rule for each operand, as `elementary` takes them."""
    pushes = push if isinstance(push, tuple) else (push,)
    pulls = pull if isinstance(pull, tuple) else (pull,)

    def check_count(operands: Sequence[Any]) -> None:
        if len(operands) != len(pulls):
            raise DefinitionError(f"{name} has rules for {len(pulls)} operands, and was called with {len(operands)}")

    def push_all(tangents: Sequence[Any], z: Any, operands: Sequence[Any], /, **settings: Any) -> Any:
        check_count(operands)
        return total(
            rule(t, z, *operands, **settings) for rule, t in zip(pushes, tangents, strict=True) if t is not None
        )

    def pull_one(k: int, g: Any, z: Any, /, *operands: Any, **settings: Any) -> Any:
        check_count(operands)
        found = pulls[k](g, z, *operands, **settings)
        if shape(found) != shape(operands[k]):
            raise DefinitionError(
                f"the pull of {name} has the shape {shape(found)}, not that of operand {k + 1}, {shape(operands[k])}: "
                "check_rule finds out more"
            )
        return found

    return enter_array(name, function, push_all, pull_one, notation=notation, words=words or SILENT, built_in=False)


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

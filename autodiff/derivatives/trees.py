"""Trees, that is nested tuples, lists, dicts and dataclasses of numbers and arrays: their leaves, and the same tree
with other leaves.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from autodiff.errors import LostDerivativeError, ShapeError


class Leaf(NamedTuple):
    """A number or array in a tree, and the path to it, such as `['layers'][0].weight`."""

    path: str
    value: Any


def children(value: Any) -> list[tuple[str, Any]] | None:
    """The parts of a tuple, list, dict or dataclass, each with the step to it; None for a leaf."""
    if type(value) is float or hasattr(value, "dtype"):
        return None
    if isinstance(value, dict):
        return [(f"[{key!r}]", part) for key, part in value.items()]
    if isinstance(value, (tuple, list)):
        names = getattr(value, "_fields", None)
        return [(f".{names[n]}" if names else f"[{n}]", part) for n, part in enumerate(value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(f".{field.name}", getattr(value, field.name)) for field in dataclasses.fields(value)]
    return None


def is_label(value: Any) -> bool:
    """Whether a part of a tree is not meant as a number: it stays as it is."""
    return value is None or isinstance(value, str)


def leaves(value: Any, path: str = "") -> Iterator[Leaf]:
    """The leaves of a tree in order, without the labels.

    >>> [leaf.path for leaf in leaves({"w": [1.0, 2.0], "name": "layer"})]
    ["['w'][0]", "['w'][1]"]
    """
    parts = children(value)
    if parts is None:
        yield Leaf(path, value)
        return
    for step, part in parts:
        if not is_label(part):
            yield from leaves(part, path + step)


def rebuild(value: Any, new: Iterator[Any]) -> Any:
    """A tree like `value` with the new leaves in place of its own.

    >>> rebuild({"w": [1.0, 2.0], "name": "layer"}, iter("ab"))
    {'w': ['a', 'b'], 'name': 'layer'}
    """
    parts = children(value)
    if parts is None:
        return next(new)
    filled = [part if is_label(part) else rebuild(part, new) for _, part in parts]
    if isinstance(value, dict):
        result = copy.copy(value)  # an OrderedDict or defaultdict stays one
        result.update(zip(value, filled, strict=True))
        return result
    if isinstance(value, (tuple, list)):
        return type(value)(*filled) if hasattr(value, "_fields") else type(value)(filled)
    result = copy.copy(value)
    for field, part in zip(dataclasses.fields(value), filled, strict=True):
        object.__setattr__(result, field.name, part)  # a frozen dataclass too
    return result


def map_leaves(function: Callable[[Any], Any], value: Any) -> Any:
    """A tree of the results of the function at the leaves."""
    return rebuild(value, map(function, [leaf.value for leaf in leaves(value)]))


def match(value: Any, like: Any, what: str, path: str = "") -> list[Any]:
    """The leaves of a tree that must be built like another, in the order of the other; dicts may differ in order.

    Raises ShapeError, with the path to the place, where they differ.
    """
    wanted = children(like)
    if wanted is None:
        return [value]
    found = children(value)
    if found is None or isinstance(value, dict) != isinstance(like, dict):
        raise ShapeError(f"{what}{path}: {len(wanted)} parts are needed, not {value!r:.60}")
    parts = dict(found)
    if len(parts) != len(wanted) or any(step not in parts for step, _ in wanted):
        odd = next((step for step, _ in wanted if step not in parts), None)
        missing = f" ({odd} is missing)" if odd is not None else ""
        raise ShapeError(f"{what}{path}: {len(parts)} parts for {len(wanted)}{missing}")
    leaves_of = [match(parts[step], part, what, path + step) for step, part in wanted if not is_label(part)]
    return [leaf for part in leaves_of for leaf in part]


def refuse_leaf(leaf: Leaf, what: str) -> LostDerivativeError:
    """The complaint about a leaf that is not a number."""
    return LostDerivativeError(f"{what} returns numbers, not {type(leaf.value).__name__}: {leaf.value!r:.60}")

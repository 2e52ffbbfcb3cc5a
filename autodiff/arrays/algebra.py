"""Functions of linear algebra: products, linear systems, determinants."""

from __future__ import annotations

import math
import operator
from string import ascii_letters
from typing import Any

import numpy as np

from autodiff.arrays.decomposing import square_matrix
from autodiff.arrays.register import lift, positive, refuse, stands_for
from autodiff.arrays.shaping import ravel
from autodiff.errors import ShapeError
from autodiff.operations import arrays as ops
from autodiff.operations import products, systems
from autodiff.operations.operands import plain, shape


# --- products ---------------------------------------------------------------------------------------------------
@stands_for("matmul", np.linalg.matmul)
def matmul(x1: Any, x2: Any) -> Any:
    """np.matmul, for vectors, matrices and batches of them."""
    x, y = (x if hasattr(x, "level") else lift(x) for x in (x1, x2))
    if not shape(x) or not shape(y):
        raise ShapeError("@ needs vectors or matrices: write * with numbers")
    return products.matmul(x, y)


@stands_for(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """np.dot: over the last axis of a and the last but one of b."""
    refuse("dot", {"out": out})
    x, y = lift(a), lift(b)
    if not shape(x) or not shape(y):
        return x * y
    if len(shape(x)) <= 2 and len(shape(y)) <= 2:
        return products.matmul(x, y)
    return tensordot(x, y, ((-1,), (-1 if len(shape(y)) == 1 else -2,)))


@stands_for(np.vdot)
def vdot(a: Any, b: Any) -> Any:
    """np.vdot: the inner product of all entries."""
    return products.matmul(ravel(a), ravel(b))


@stands_for(np.inner)
def inner(a: Any, b: Any) -> Any:
    """np.inner: over the last axes."""
    x, y = lift(a), lift(b)
    return x * y if not shape(x) or not shape(y) else tensordot(x, y, ((-1,), (-1,)))


@stands_for(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """np.outer: every entry times every entry."""
    refuse("outer", {"out": out})
    x, y = ravel(a), ravel(b)
    return ops.reshape(x, shape=(*shape(x), 1)) * y


@stands_for(np.linalg.outer)
def linalg_outer(x1: Any, x2: Any, /) -> Any:
    """np.linalg.outer."""
    return outer(x1, x2)


@stands_for(np.tensordot, np.linalg.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """np.tensordot: sums over pairs of axes, as one matrix product."""
    x, y = lift(a), lift(b)
    n, m = len(shape(x)), len(shape(y))
    first, second = (range(n - axes, n), range(axes)) if isinstance(axes, (int, np.integer)) else axes
    over_x = tuple(positive(k, n) for k in np.atleast_1d(first))
    over_y = tuple(positive(k, m) for k in np.atleast_1d(second))
    if [shape(x)[k] for k in over_x] != [shape(y)[k] for k in over_y]:
        raise ShapeError(f"np.tensordot: the axes to sum have lengths that differ: {shape(x)} and {shape(y)}")
    rest_x = tuple(k for k in range(n) if k not in over_x)
    rest_y = tuple(k for k in range(m) if k not in over_y)
    shared = math.prod(shape(x)[k] for k in over_x)
    full = (*(shape(x)[k] for k in rest_x), *(shape(y)[k] for k in rest_y))
    left = ops.reshape(ops.transpose(x, axes=(*rest_x, *over_x)), shape=(math.prod(full[: len(rest_x)]), shared))
    right = ops.reshape(ops.transpose(y, axes=(*over_y, *rest_y)), shape=(shared, math.prod(full[len(rest_x) :])))
    return ops.reshape(products.matmul(left, right), shape=full)


@stands_for(np.einsum)
def einsum(*operands: Any, out: Any = None, optimize: Any = False, order: str = "K", casting: str = "safe",
           **options: Any) -> Any:  # fmt: skip
    """np.einsum with subscripts as text or as lists of numbers; an ellipsis stands for the axes not named."""
    refuse("einsum", {"out": out, "casting": casting if casting != "safe" else None, **options})
    subscripts, arrays = _subscripts(operands)
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(arrays):
        raise ShapeError(f"np.einsum: {len(terms)} terms in '{subscripts}' for {len(arrays)} operands")
    for term, x in zip(terms, arrays, strict=True):
        named = len(term.replace("...", ""))
        if named > len(shape(x)) or (named < len(shape(x)) and "..." not in term):
            raise ShapeError(f"np.einsum: the term '{term}' in '{subscripts}' is for an operand of shape {shape(x)}")
    spare = [letter for letter in ascii_letters if letter not in subscripts]
    hidden = [len(shape(x)) - len(term.replace("...", "")) for term, x in zip(terms, arrays, strict=True)]
    names = "".join(spare[: sorted(hidden)[-1]])
    most = len(names)
    full = [term.replace("...", names[most - count :]) for term, count in zip(terms, hidden, strict=True)]
    if not arrow:
        once = sorted(letter for letter in set("".join(terms)) - {"."} if "".join(terms).count(letter) == 1)
        output = "..." + "".join(once)
    # A broadcast axis of length 1 under a shared letter is left out: numpy spreads it, our rule would not.
    lengths: dict[str, int] = {}
    for term, x in zip(full, arrays, strict=True):
        for letter, length in zip(term, shape(x), strict=True):
            lengths[letter] = length if lengths.get(letter, 1) == 1 else lengths[letter]
    for k, (term, x) in enumerate(zip(full, arrays, strict=True)):
        narrow = [n for n, letter in enumerate(term) if shape(x)[n] == 1 != lengths[letter]]
        if narrow:
            arrays[k] = ops.reshape(x, shape=tuple(length for n, length in enumerate(shape(x)) if n not in narrow))
            full[k] = "".join(letter for n, letter in enumerate(term) if n not in narrow)
    return products.einsum(*arrays, subscripts=f"{','.join(full)}->{output.replace('...', names)}")


def _subscripts(operands: tuple[Any, ...]) -> tuple[str, list[Any]]:
    if isinstance(operands[0], str):
        return operands[0], [lift(x) for x in operands[1:]]

    def text(numbers: Any) -> str:
        return "".join("..." if n is Ellipsis else ascii_letters[n] for n in numbers)

    arrays = [lift(x) for x in operands[: len(operands) // 2 * 2 : 2]]
    written = ",".join(text(numbers) for numbers in operands[1::2][: len(arrays)])
    return written + (f"->{text(operands[-1])}" if len(operands) % 2 else ""), arrays


@stands_for(np.kron)
def kron(a: Any, b: Any) -> Any:
    """np.kron: a matrix of multiples of b."""
    x, y = lift(a), lift(b)
    n = len(shape(x)) if len(shape(x)) > len(shape(y)) else len(shape(y))
    x = ops.reshape(x, shape=(1,) * (n - len(shape(x))) + shape(x))
    y = ops.reshape(y, shape=(1,) * (n - len(shape(y))) + shape(y))
    product = ops.reshape(x, shape=tuple(k for length in shape(x) for k in (length, 1))) * ops.reshape(
        y, shape=tuple(k for length in shape(y) for k in (1, length))
    )
    return ops.reshape(product, shape=tuple(i * j for i, j in zip(shape(x), shape(y), strict=True)))


@stands_for(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """np.linalg.multi_dot, from left to right."""
    refuse("linalg.multi_dot", {"out": out})
    first, *rest = arrays
    for other in rest:
        first = dot(first, other)
    return first


@stands_for(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """np.linalg.matrix_power for whole n."""
    a, n = square_matrix(a), operator.index(n)
    if n < 0:
        return matrix_power(systems.inv(a), -n)
    if n == 0:
        return np.broadcast_to(np.eye(shape(a)[-1], dtype=a.dtype), shape(a))
    half = matrix_power(a, n // 2) if n > 1 else None
    square = a if half is None else products.matmul(half, half)
    return products.matmul(square, a) if half is not None and n % 2 else square


# --- linear systems ---------------------------------------------------------------------------------------------
@stands_for(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """np.linalg.solve: x with a x = b."""
    a, b = lift(a), lift(b)
    if len(shape(b)) > 1:
        return systems.solve(a, b)
    x = systems.solve(a, ops.reshape(b, shape=(*shape(b), 1)))
    return ops.reshape(x, shape=shape(x)[:-1])


@stands_for(np.linalg.inv)
def inv(a: Any) -> Any:
    """np.linalg.inv."""
    return systems.inv(lift(a))


@stands_for(np.linalg.det)
def det(a: Any) -> Any:
    """np.linalg.det; a singular matrix has a gradient too, its cofactors."""
    a = lift(a)
    return systems.det(a, axis=_last_two(a), keepdims=False)


@stands_for(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """np.linalg.slogdet: the sign, which has no slope, and ln |det|."""
    a = lift(a)
    sign, _ = np.linalg.slogdet(plain(a))
    kind = type(np.linalg.slogdet(np.eye(1)))
    return kind(sign, systems.logabsdet(a, axis=_last_two(a), keepdims=False))


def _last_two(a: Any) -> tuple[int, int]:
    return len(shape(a)) - 2, len(shape(a)) - 1

"""Array operations that are sums of products: the matrix product, and einsum.

The rules are those of Giles, "Collected matrix derivative results for forward and reverse mode AD" (2008).
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_letters
from typing import Any

import numpy as np

from autodiff.operations.array_facts import Words, sample
from autodiff.operations.array_rule import multilinear, precision
from autodiff.operations.arrays import fit, reshape, swap
from autodiff.operations.operands import shape
from autodiff.operations.rule import Notation


# --- matrix products --------------------------------------------------------------------------------------------
def _pull_matmul(k: int, g: Any, z: Any, x: Any, y: Any) -> Any:
    """x̄ = ḡ yᵀ and ȳ = xᵀ ḡ, summed over the batches that were broadcast; vectors are matrices of one row or column."""
    if type(g) is type(x) is type(y) is np.ndarray and x.ndim == y.ndim == 2:  # the everyday case
        found = g.dot(y.T) if k == 0 else x.T.dot(g)
        return found if found.dtype == (x, y)[k].dtype else fit(found, (x, y)[k])
    row, column = len(x.shape) == 1, len(y.shape) == 1
    if row and column:
        return fit(g * (y if k == 0 else x), (x, y)[k])
    left = reshape(x, shape=(1, *x.shape)) if row else x
    right = reshape(y, shape=(*y.shape, 1)) if column else y
    if row or column:
        batch = shape(g)[:-1]
        g = reshape(g, shape=(*batch, 1, right.shape[-1]) if row else (*batch, left.shape[-2], 1))
    found = g @ right.mT if k == 0 else left.mT @ g
    found = fit(found, (left, right)[k])
    return reshape(found, shape=(x, y)[k].shape) if (row, column)[k] else found


def wide_matmul(k: int, width: int, x: Any, y: Any) -> Any:
    """The product when operand k has one more axis at its end: its directions become further rows or columns."""
    if k == 0 and len(x.shape) == 2:  # x is a vector
        return matmul(swap(y) if len(y.shape) > 1 else y, x)
    if k == 0:
        m, inner = x.shape[-3:-1]
        z = matmul(reshape(swap(x), shape=(*x.shape[:-3], m * width, inner)), y)
        if len(y.shape) == 1:
            return reshape(z, shape=(*z.shape[:-1], m, width))
        return swap(reshape(z, shape=(*z.shape[:-2], m, width, z.shape[-1])))
    if len(y.shape) == 2:  # y is a vector
        return matmul(x, y)
    inner, n = y.shape[-3:-1]
    z = matmul(x, reshape(y, shape=(*y.shape[:-3], inner, n * width)))
    return reshape(z, shape=(*z.shape[:-1], n, width))


def _product(x: Any, y: Any) -> Any:
    """np.matmul; for two matrices, np.dot is the same product with less overhead."""
    return x.dot(y) if x.ndim == y.ndim == 2 else np.matmul(x, y)


matmul = multilinear(
    "matmul",
    _product,
    _pull_matmul,
    wide_matmul,
    Words(
        "is the matrix product of {}",
        pushed="the tangent of one factor is multiplied by the other factor",
        pulled="the adjoint is multiplied by the other factor, transposed",
    ),
    notation=Notation("matrix_product", "@", r"\,"),
    samples=(
        sample((2, 3), (3, 4)),
        sample((3,), (3,)),
        sample((2, 3), (3,)),
        sample((3,), (3, 2)),
        sample((3,), (2, 3, 2)),
        sample((2, 1, 2, 3), (4, 3, 2)),
    ),
)


# --- sums of products -------------------------------------------------------------------------------------------
def _pull_einsum(k: int, g: Any, z: Any, *operands: Any, subscripts: str) -> Any:
    """The same sum with ḡ in place of operand k, whose letters become those of the result.

    An index that occurs in operand k alone is spread by a vector of ones; one that occurs there twice lies on the
    diagonal, which a unit matrix picks out.
    """
    inputs, output = subscripts.split("->")[0].split(","), subscripts.split("->")[1]
    own, x = inputs[k], operands[k]
    terms, factors = [output], [g]
    for n, other in enumerate(inputs):
        if n != k:
            terms.append(other)
            factors.append(operands[n])
    unused: Iterator[str] = (letter for letter in ascii_letters if letter not in subscripts)
    wanted = ""
    for letter, length in zip(own, shape(x), strict=True):
        if letter in wanted:
            twin = next(unused)
            terms.append(letter + twin)
            factors.append(np.eye(length, dtype=precision(x)))
            letter = twin
        elif not any(letter in term for term in terms):
            terms.append(letter)
            factors.append(np.ones(length, dtype=precision(x)))
        wanted += letter
    return fit(einsum(*factors, subscripts=f"{','.join(terms)}->{wanted}"), x)


def _wide_einsum(k: int, width: int, *operands: Any, subscripts: str) -> Any:
    inputs, output = subscripts.split("->")[0].split(","), subscripts.split("->")[1]
    direction = next(letter for letter in ascii_letters if letter not in subscripts)
    inputs[k] += direction
    return einsum(*operands, subscripts=f"{','.join(inputs)}->{output}{direction}")


einsum = multilinear(
    "einsum",
    lambda *operands, subscripts: np.einsum(subscripts, *operands, optimize=len(operands) > 2),
    _pull_einsum,
    _wide_einsum,
    Words(
        "adds up products of the entries of {}, as its subscripts say",
        pulled="the adjoint takes the place of the factor, and the result of the sum has the subscripts of the factor",
    ),
    samples=(
        sample((2, 3), (4, 3), subscripts="ij,kj->ik"),
        sample((2, 3), (3,), subscripts="ij,j->j"),
        sample((3, 3), subscripts="ii->i"),
        sample((2, 3), (3, 2), (2,), subscripts="ij,jk,k->i"),
    ),
)

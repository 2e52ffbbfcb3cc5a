"""Array operations of linear algebra: products, and the solution of linear systems.

The rules are those of Giles, "Collected matrix derivative results for forward and reverse mode AD" (2008).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_letters
from typing import Any

import numpy as np

from autodiff.operations.array_rule import ARRAYS_BY_NAME, enter_array, multilinear, precision, reduction
from autodiff.operations.arrays import fit, getitem, reshape, swap
from autodiff.operations.operands import shape
from autodiff.operations.rule import BUILT_IN


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
    """np.matmul; of small matrices, np.dot is the same product with less ado."""
    return x.dot(y) if x.ndim == y.ndim == 2 else np.matmul(x, y)


matmul = multilinear("matmul", _product, _pull_matmul, wide_matmul)


# --- sums of products -------------------------------------------------------------------------------------------
def _pull_einsum(k: int, g: Any, z: Any, *operands: Any, subscripts: str) -> Any:
    """The same sum with ḡ in the place of operand k, whose letters become the result.

    An index that stands in operand k alone is spread by a vector of ones; one that stands there twice sits on the
    diagonal, which a unit matrix picks.
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
)


# --- linear systems ---------------------------------------------------------------------------------------------
def _push_solve(tangents: Sequence[Any], z: Any, operands: Sequence[Any]) -> Any:
    """A Ẋ = Ḃ − Ȧ X."""
    (da, db), (a, _) = tangents, operands
    moved = None if da is None else -matmul(da, z)
    return solve(a, moved if db is None else db if moved is None else db + moved)


def _wide_solve(tangents: Sequence[Any], z: Any, operands: Sequence[Any], *, width: int) -> Any:
    (da, db), (a, _) = tangents, operands
    moved = None if da is None else -wide_matmul(0, width, da, z)
    right: Any = moved if db is None else db if moved is None else db + moved
    n, columns = right.shape[-3:-1]
    x = solve(a, reshape(right, shape=(*right.shape[:-3], n, columns * width)))
    return reshape(x, shape=(*x.shape[:-1], columns, width))


def _pull_solve(k: int, g: Any, z: Any, a: Any, b: Any) -> Any:
    """B̄ = A⁻ᵀ X̄ and Ā = −B̄ Xᵀ."""
    right = solve(swap(a), g)
    return fit(right, b) if k == 1 else fit(-matmul(right, swap(z)), a)


def _push_inv(tangents: Sequence[Any], z: Any, operands: Sequence[Any]) -> Any:
    return -matmul(z, matmul(tangents[0], z))


def _wide_inv(tangents: Sequence[Any], z: Any, operands: Sequence[Any], *, width: int) -> Any:
    return -wide_matmul(1, width, z, wide_matmul(0, width, tangents[0], z))


def _cofactors(z: Any, x: Any) -> Any:
    """det(A)·A⁻ᵀ. A singular matrix has cofactors too: from A = U S Vᵀ they are det U det V · U (products of the other
    singular values) Vᵀ. Where they will be differentiated themselves, they are determinants of minors.
    """
    if hasattr(x, "level"):
        return _minors(x) if x.shape[-1] < 4 or np.any(z == 0) else z * swap(inv(x))
    if np.all(z != 0):
        return z * swap(inv(x))
    known = np.isfinite(x).all(axis=(-2, -1), keepdims=True)  # a matrix with NaN has cofactors of NaN
    u, s, vt = np.linalg.svd(np.where(known, x, np.eye(x.shape[-1])))
    n = s.shape[-1]
    others = np.where(np.eye(n, dtype=bool), 1, s[..., None, :]).prod(axis=-1)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    cofactors = sign[..., None, None] * (u * others[..., None, :]) @ vt
    return np.where(known, cofactors, np.nan).astype(x.dtype)


def _minors(x: Any) -> Any:
    """The cofactors as signed determinants of what is left when a row and a column are struck out."""
    n = x.shape[-1]
    others = np.array([[k for k in range(n) if k != i] for i in range(n)], dtype=int).reshape(n, max(n - 1, 0))
    front = (slice(None),) * (len(x.shape) - 2)
    minors = getitem(x, index=(*front, others[:, None, :, None], others[None, :, None, :]))
    axis = len(x.shape), len(x.shape) + 1
    return det(minors, axis=axis, keepdims=False) * (-1.0) ** np.add.outer(np.arange(n), np.arange(n))


solve = enter_array("solve", lambda a, b: np.linalg.solve(a, b), _push_solve, _pull_solve, _wide_solve)
inv = enter_array(
    "inv",
    lambda a: np.linalg.inv(a),
    _push_inv,
    lambda k, g, z, a: -matmul(swap(z), matmul(g, swap(z))),
    _wide_inv,
)
det = reduction("det", lambda a, axis, keepdims: np.linalg.det(a), lambda z, a, axis: _cofactors(z, a))
logabsdet = reduction("logabsdet", lambda a, axis, keepdims: np.linalg.slogdet(a)[1], lambda z, a, axis: swap(inv(a)))
BUILT_IN.update(ARRAYS_BY_NAME)

"""Array operations that solve linear systems: solutions, inverses, determinants.

The rules are those of Giles, "Collected matrix derivative results for forward and reverse mode AD" (2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.operations.array_facts import Words, regular
from autodiff.operations.array_rule import enter_array
from autodiff.operations.arrays import fit, getitem, reshape, swap
from autodiff.operations.products import matmul, wide_matmul
from autodiff.operations.reductions import reduction

# Where determinants are tried.
MATRICES = (regular((3, 3), axis=(0, 1), keepdims=False), regular((2, 4, 4), axis=(1, 2), keepdims=False))


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
    singular values) Vᵀ. Where they are to be differentiated themselves, they are determinants of minors.
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


solve = enter_array(
    "solve",
    lambda a, b: np.linalg.solve(a, b),
    _push_solve,
    _pull_solve,
    _wide_solve,
    words=Words(
        "solves the linear system with the matrix {} and the right-hand side {}",
        pushed="the same system is solved for the tangent, with the change of the right-hand side minus that of the "
        "matrix times the solution",
        pulled="the transposed system is solved for the adjoint of the right-hand side, and the matrix gets minus that "
        "times the transposed solution",
    ),
    samples=(regular((3, 3), (3, 2)), regular((2, 3, 3), (2, 3, 1)), regular((2, 3, 3), (3, 2))),
)
inv = enter_array(
    "inv",
    lambda a: np.linalg.inv(a),
    _push_inv,
    lambda k, g, z, a: -matmul(swap(z), matmul(g, swap(z))),
    _wide_inv,
    words=Words(
        "is the inverse of {}",
        pushed="the tangent is multiplied by the inverse on both sides, and its sign is turned",
        pulled="the adjoint is multiplied by the transposed inverse on both sides, and its sign is turned",
    ),
    samples=(regular((3, 3)), regular((2, 3, 3))),
)
det = reduction(
    "det",
    lambda a, axis, keepdims: np.linalg.det(a),
    lambda z, a, axis: _cofactors(z, a),
    Words(
        "is the determinant of {}",
        pushed="the tangent of each entry is multiplied by its cofactor, and the products are added up",
        pulled="each entry gets the adjoint times its cofactor",
    ),
    MATRICES,
)
logabsdet = reduction(
    "logabsdet",
    lambda a, axis, keepdims: np.linalg.slogdet(a)[1],
    lambda z, a, axis: swap(inv(a)),
    Words(
        "is the logarithm of the absolute value of the determinant of {}",
        pushed="the tangent of each entry is multiplied by the same entry of the transposed inverse, and the products "
        "are added up",
        pulled="each entry gets the adjoint times the same entry of the transposed inverse",
    ),
    MATRICES,
)

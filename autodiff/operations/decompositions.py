"""Array operations that decompose matrices: Cholesky, eigenvectors, QR, singular values; and the pseudoinverse.

The result of a decomposition is one array, its parts on top of each other: so a tape has one row for it, and its rule,
which is made of the result, can be differentiated in its turn. The rules are those of Giles (2008), of Walter & Lehmann
(2012, "Algorithmic differentiation of linear algebra functions") and, for the pseudoinverse, of Golub & Pereyra (1973).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.operations.array_rule import ArrayOperation, enter_array
from autodiff.operations.arrays import ALL, concatenate, getitem, reshape, swap, transpose, where
from autodiff.operations.operands import is_zero, shape
from autodiff.operations.products import matmul, solve
from autodiff.operations.rule import BUILT_IN

Batches = Any  # a matrix, or an array of matrices along its last two axes


def decomposition(name: str, function: Callable[..., Any], push: Any, pull: Any) -> ArrayOperation:
    """Enter an operation on matrices whose rules work in batches: many directions are one more batch in front."""

    def push_one(tangents: Sequence[Any], z: Any, operands: Sequence[Any], **settings: Any) -> Any:
        return push(tangents[0], z, *operands, **settings)

    def wide_push(tangents: Sequence[Any], z: Any, operands: Sequence[Any], *, width: int, **settings: Any) -> Any:
        n = len(shape(z))
        moved = push(transpose(tangents[0], axes=(n, *range(n))), z, *operands, **settings)
        return transpose(moved, axes=(*range(1, n + 1), 0))

    def pull_one(k: int, g: Any, z: Any, a: Any, **settings: Any) -> Any:
        return pull(g, z, a, **settings)

    return enter_array(name, function, push_one, pull_one, wide_push)


# --- what the rules are made of ---------------------------------------------------------------------------------
def rows(z: Batches, start: int, stop: int | None) -> Batches:
    """Some rows of matrices."""
    return getitem(z, index=(*(ALL,) * (len(shape(z)) - 2), slice(start, stop)))


def _pile(*parts: Batches) -> Batches:
    """Matrices on top of each other."""
    ends, axis = np.cumsum([shape(part)[-2] for part in parts]), len(shape(parts[0])) - 2
    return concatenate(*parts, axis=axis, ends=tuple(map(int, ends)))


def _eye(x: Batches) -> Any:
    return np.eye(shape(x)[-1], dtype=bool)


def _diagonal_row(x: Batches) -> Batches:
    """The diagonals, each as a matrix of one row."""
    n = np.arange(shape(x)[-1])
    diagonal = getitem(x, index=(*(ALL,) * (len(shape(x)) - 2), n, n))
    return reshape(diagonal, shape=(*shape(x)[:-2], 1, len(n)))


def _below(x: Batches, k: int) -> Batches:
    """The entries on the k-th diagonal and below; zeros above."""
    return where(x, 0.0, mask=np.tri(shape(x)[-1], k=k, dtype=bool))


def _over(x: Batches, y: Batches, ignored: Any = False) -> Batches:
    """The quotient x / y, 0 where it is ignored. Where y is 0 there is no limit and it is NaN, unless x is nothing."""
    nothing = y == 0
    quotient = x / where(np.nan, y, mask=nothing)
    return where(0.0, quotient, mask=ignored | (nothing & is_zero(x)))


# --- symmetric matrices -----------------------------------------------------------------------------------------
def _mirrored(t: Batches, uplo: str = "L") -> Batches:
    """The symmetric matrix that numpy sees: it reads one triangle."""
    t = swap(t) if uplo == "U" else t
    return _below(t, 0) + swap(_below(t, -1))


def _folded(g: Batches, uplo: str = "L") -> Batches:
    """The transpose of that: all slopes go to the triangle that is read."""
    folded = _below(g, 0) + _below(swap(g), -1)
    return swap(folded) if uplo == "U" else folded


# --- A = L Lᵀ ---------------------------------------------------------------------------------------------------
def _half(x: Batches) -> Batches:
    """The lower triangle, with half the diagonal."""
    return _below(x, 0) * (1.0 - 0.5 * _eye(x)).astype(x.dtype)


def _push_cholesky(t: Batches, z: Batches, a: Batches) -> Batches:
    """L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ)."""
    return matmul(z, _half(solve(z, swap(solve(z, _mirrored(t))))))


def _pull_cholesky(g: Batches, z: Batches, a: Batches) -> Batches:
    """Ā = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹."""
    upper = swap(z)
    return _folded(swap(solve(upper, swap(solve(upper, _half(matmul(upper, g)))))))


cholesky = decomposition("cholesky", lambda a: np.linalg.cholesky(a), _push_cholesky, _pull_cholesky)


# --- A V = V Λ, for symmetric A ---------------------------------------------------------------------------------
def _eigh(a: Any, uplo: Any) -> Any:
    """The eigenvalues as the first row, each above its eigenvector."""
    values, vectors = np.linalg.eigh(a, uplo)
    return np.concatenate([values[..., None, :], vectors], axis=-2)


def _push_eigh(t: Batches, z: Batches, a: Batches, uplo: str) -> Batches:
    """λ̇ is the diagonal of Vᵀ Ȧ V; V̇ = V X with the rest of it, divided by the gaps between the eigenvalues."""
    values, vectors = rows(z, 0, 1), rows(z, 1, None)
    moved = matmul(swap(vectors), matmul(_mirrored(t, uplo), vectors))
    turned = _over(moved, values - swap(values), _eye(values))
    return _pile(_diagonal_row(moved), matmul(vectors, turned))


def _pull_eigh(g: Batches, z: Batches, a: Batches, uplo: str) -> Batches:
    values, vectors = rows(z, 0, 1), rows(z, 1, None)
    turned = _over(matmul(swap(vectors), rows(g, 1, None)), values - swap(values), _eye(values))
    inner = where(rows(g, 0, 1), turned, mask=_eye(values))
    return _folded(matmul(vectors, matmul(inner, swap(vectors))), uplo)


eigh = decomposition("eigh", _eigh, _push_eigh, _pull_eigh)


# --- A = Q R, with at least as many rows as columns -------------------------------------------------------------
def _qr(a: Any) -> Any:
    """Q on top of R."""
    return np.concatenate(np.linalg.qr(a), axis=-2)


def _push_qr(t: Batches, z: Batches, a: Batches) -> Batches:
    """With Ȧ R⁻¹ = Q̇ + Q Ṙ R⁻¹: QᵀQ̇ is antisymmetric and Ṙ R⁻¹ is an upper triangle, which tells them apart."""
    m = shape(a)[-2]
    q, r = rows(z, 0, m), rows(z, m, None)
    moved = swap(solve(swap(r), swap(t)))
    both = matmul(swap(q), moved)
    below = _below(both, -1)
    upper = both - below + swap(below)
    return _pile(moved - matmul(q, upper), matmul(upper, r))


def _pull_qr(g: Batches, z: Batches, a: Batches) -> Batches:
    """Ā = (Q̄ + Q S) R⁻ᵀ, where S is symmetric with the lower triangle of R R̄ᵀ − Q̄ᵀ Q."""
    m = shape(a)[-2]
    q, r, qbar, rbar = rows(z, 0, m), rows(z, m, None), rows(g, 0, m), rows(g, m, None)
    both = matmul(r, swap(rbar)) - matmul(swap(qbar), q)
    symmetric = _below(both, 0) + swap(_below(both, -1))
    return swap(solve(r, swap(qbar + matmul(q, symmetric))))


qr = decomposition("qr", _qr, _push_qr, _pull_qr)


# --- A = U S Vᵀ, thin -------------------------------------------------------------------------------------------
def _svd(a: Any) -> Any:
    """Each singular value below its left and above its right singular vector."""
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    return np.concatenate([u, s[..., None, :], np.swapaxes(vt, -1, -2)], axis=-2)


def _gaps(s: Batches) -> Batches:
    """sⱼ² − sᵢ², without the cancellation of squares."""
    return (s - swap(s)) * (s + swap(s))


def _push_svd(t: Batches, z: Batches, a: Batches) -> Batches:
    """With P = Uᵀ Ȧ V: Ṡ is its diagonal, U̇ = U ((P S + S Pᵀ) / gaps), V̇ = V ((S P + Pᵀ S) / gaps), and in a matrix
    that is not square, what Ȧ does outside of the space of U or V.
    """
    m, n = shape(a)[-2:]
    u, s, v = rows(z, 0, m), rows(z, m, m + 1), rows(z, m + 1, None)
    p = matmul(swap(u), matmul(t, v))
    left = matmul(u, _over(p * s + swap(s * p), _gaps(s), _eye(s)))
    right = matmul(v, _over(swap(s) * p + swap(p) * s, _gaps(s), _eye(s)))
    if m > n:
        left = left + _over(matmul(t, v) - matmul(u, p), s)
    if n > m:
        right = right + _over(matmul(swap(t), u) - matmul(v, swap(p)), s)
    return _pile(left, _diagonal_row(p), right)


def _pull_svd(g: Batches, z: Batches, a: Batches) -> Batches:
    m, n = shape(a)[-2:]
    u, s, v = rows(z, 0, m), rows(z, m, m + 1), rows(z, m + 1, None)
    ubar, sbar, vbar = rows(g, 0, m), rows(g, m, m + 1), rows(g, m + 1, None)
    on_u, on_v = matmul(swap(u), ubar), matmul(swap(v), vbar)
    inner = _over(on_u - swap(on_u), _gaps(s), _eye(s)) * s + swap(s) * _over(on_v - swap(on_v), _gaps(s), _eye(s))
    found = matmul(u, matmul(where(sbar, inner, mask=_eye(s)), swap(v)))
    if m > n:
        found = found + matmul(_over(ubar - matmul(u, on_u), s), swap(v))
    if n > m:
        found = found + matmul(u, swap(_over(vbar - matmul(v, on_v), s)))
    return found


svd = decomposition("svd", _svd, _push_svd, _pull_svd)


# --- pseudoinverse ----------------------------------------------------------------------------------------------
def _push_pinv(t: Batches, z: Batches, a: Batches, rcond: Any) -> Batches:
    """Ṗ = −P Ȧ P + P Pᵀ Ȧᵀ (1 − A P) + (1 − P A) Ȧᵀ Pᵀ P, as long as the rank stays."""
    down, up = matmul(swap(t), _rest(a, z)), matmul(swap(t), matmul(swap(z), z))
    return matmul(z, matmul(swap(z), down) - matmul(t, z)) + matmul(_rest(z, a), up)


def _pull_pinv(g: Batches, z: Batches, a: Batches, rcond: Any) -> Batches:
    turned, outer = swap(g), swap(z)
    direct = matmul(outer, matmul(g, outer))
    return (
        matmul(matmul(_rest(a, z), turned), matmul(z, outer))
        + matmul(matmul(outer, z), matmul(turned, _rest(z, a)))
        - direct
    )


def _rest(x: Batches, y: Batches) -> Batches:
    """1 − x y, a projection."""
    product = matmul(x, y)
    return np.eye(shape(product)[-1], dtype=product.dtype) - product


pinv = decomposition("pinv", lambda a, rcond: np.linalg.pinv(a, rcond), _push_pinv, _pull_pinv)
BUILT_IN.update(entry.name for entry in (cholesky, eigh, qr, svd, pinv))

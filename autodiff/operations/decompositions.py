"""Array operations that decompose matrices: Cholesky, eigenvectors, QR, singular values; and the pseudoinverse.

The result of a decomposition is one array, its parts on top of each other: so a tape has one row for it, and its rule,
which is made of the result, can itself be differentiated. The rules are those of Giles (2008), of Walter & Lehmann
(2012, "Algorithmic differentiation of linear algebra functions") and, for the pseudoinverse, of Golub & Pereyra (1973).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.operations.array_facts import Words, regular
from autodiff.operations.arrays import swap, where
from autodiff.operations.matrices import (
    Batches,
    below,
    decomposition,
    diagonal_row,
    eye,
    folded,
    mirrored,
    over,
    pile,
    rows,
)
from autodiff.operations.operands import shape
from autodiff.operations.products import matmul
from autodiff.operations.systems import solve


# --- A = L Lᵀ ---------------------------------------------------------------------------------------------------
def _half(x: Batches) -> Batches:
    """The lower triangle, with half the diagonal."""
    return below(x, 0) * (1.0 - 0.5 * eye(x)).astype(x.dtype)


def _push_cholesky(t: Batches, z: Batches, a: Batches) -> Batches:
    """L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ)."""
    return matmul(z, _half(solve(z, swap(solve(z, mirrored(t))))))


def _pull_cholesky(g: Batches, z: Batches, a: Batches) -> Batches:
    """Ā = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹."""
    upper = swap(z)
    return folded(swap(solve(upper, swap(solve(upper, _half(matmul(upper, g)))))))


cholesky = decomposition(
    "cholesky",
    lambda a: np.linalg.cholesky(a),
    _push_cholesky,
    _pull_cholesky,
    Words(
        "is the lower triangle whose product with its transpose is {}",
        pushed="the tangent is divided by the triangle on both sides, and the triangle is multiplied by the lower half "
        "of the result",
        pulled="the transposed triangle is multiplied by the adjoint, and the lower half of the result is divided by "
        "the triangle on both sides",
    ),
)


# --- A V = V Λ, for symmetric A ---------------------------------------------------------------------------------
def _eigh(a: Any, uplo: Any) -> Any:
    """The eigenvalues as the first row, each above its eigenvector."""
    values, vectors = np.linalg.eigh(a, uplo)
    return np.concatenate([values[..., None, :], vectors], axis=-2)


def _push_eigh(t: Batches, z: Batches, a: Batches, uplo: str) -> Batches:
    """λ̇ is the diagonal of Vᵀ Ȧ V; V̇ = V X with the rest of it, divided by the gaps between the eigenvalues."""
    values, vectors = rows(z, 0, 1), rows(z, 1, None)
    moved = matmul(swap(vectors), matmul(mirrored(t, uplo), vectors))
    turned = over(moved, values - swap(values), eye(values))
    return pile(diagonal_row(moved), matmul(vectors, turned))


def _pull_eigh(g: Batches, z: Batches, a: Batches, uplo: str) -> Batches:
    values, vectors = rows(z, 0, 1), rows(z, 1, None)
    turned = over(matmul(swap(vectors), rows(g, 1, None)), values - swap(values), eye(values))
    inner = where(rows(g, 0, 1), turned, mask=eye(values))
    return folded(matmul(vectors, matmul(inner, swap(vectors))), uplo)


eigh = decomposition(
    "eigh",
    _eigh,
    _push_eigh,
    _pull_eigh,
    Words(
        "finds the eigenvalues and eigenvectors of {}",
        pushed="seen from the eigenvectors, the diagonal of the tangent moves the eigenvalues, and the rest, divided "
        "by the gaps between them, turns the eigenvectors",
        pulled="the adjoints of the eigenvalues and, divided by the gaps between them, those of the eigenvectors are "
        "carried back by the eigenvectors",
    ),
    (regular((3, 3), uplo="L"), regular((2, 3, 3), uplo="U")),
)


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
    lower = below(both, -1)
    upper = both - lower + swap(lower)
    return pile(moved - matmul(q, upper), matmul(upper, r))


def _pull_qr(g: Batches, z: Batches, a: Batches) -> Batches:
    """Ā = (Q̄ + Q S) R⁻ᵀ, where S is symmetric with the lower triangle of R R̄ᵀ − Q̄ᵀ Q."""
    m = shape(a)[-2]
    q, r, qbar, rbar = rows(z, 0, m), rows(z, m, None), rows(g, 0, m), rows(g, m, None)
    both = matmul(r, swap(rbar)) - matmul(swap(qbar), q)
    symmetric = below(both, 0) + swap(below(both, -1))
    return swap(solve(r, swap(qbar + matmul(q, symmetric))))


qr = decomposition(
    "qr",
    _qr,
    _push_qr,
    _pull_qr,
    Words(
        "factors {} into orthonormal columns and an upper triangle",
        pushed="the tangent is divided by the triangle and split into what turns the columns and what changes the "
        "triangle",
        pulled="the adjoints of both factors are put together and divided by the transposed triangle",
    ),
    (regular((3, 3)), regular((2, 4, 2))),
)


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
    that is not square, what Ȧ does outside the space of U or V.
    """
    m, n = shape(a)[-2:]
    u, s, v = rows(z, 0, m), rows(z, m, m + 1), rows(z, m + 1, None)
    p = matmul(swap(u), matmul(t, v))
    left = matmul(u, over(p * s + swap(s * p), _gaps(s), eye(s)))
    right = matmul(v, over(swap(s) * p + swap(p) * s, _gaps(s), eye(s)))
    if m > n:
        left = left + over(matmul(t, v) - matmul(u, p), s)
    if n > m:
        right = right + over(matmul(swap(t), u) - matmul(v, swap(p)), s)
    return pile(left, diagonal_row(p), right)


def _pull_svd(g: Batches, z: Batches, a: Batches) -> Batches:
    m, n = shape(a)[-2:]
    u, s, v = rows(z, 0, m), rows(z, m, m + 1), rows(z, m + 1, None)
    ubar, sbar, vbar = rows(g, 0, m), rows(g, m, m + 1), rows(g, m + 1, None)
    on_u, on_v = matmul(swap(u), ubar), matmul(swap(v), vbar)
    inner = over(on_u - swap(on_u), _gaps(s), eye(s)) * s + swap(s) * over(on_v - swap(on_v), _gaps(s), eye(s))
    found = matmul(u, matmul(where(sbar, inner, mask=eye(s)), swap(v)))
    if m > n:
        found = found + matmul(over(ubar - matmul(u, on_u), s), swap(v))
    if n > m:
        found = found + matmul(u, swap(over(vbar - matmul(v, on_v), s)))
    return found


svd = decomposition(
    "svd",
    _svd,
    _push_svd,
    _pull_svd,
    Words(
        "finds the singular values and singular vectors of {}",
        pushed="seen from the singular vectors, the diagonal of the tangent moves the singular values, and the rest, "
        "divided by the gaps between their squares, turns the vectors",
        pulled="the adjoints of the singular values and, divided by the gaps between their squares, those of the "
        "singular vectors are carried back by the vectors",
    ),
    (regular((3, 3)), regular((2, 4, 2)), regular((2, 4))),
)


# --- pseudoinverse ----------------------------------------------------------------------------------------------
def _push_pinv(t: Batches, z: Batches, a: Batches, rcond: Any) -> Batches:
    """Ṗ = −P Ȧ P + P Pᵀ Ȧᵀ (1 − A P) + (1 − P A) Ȧᵀ Pᵀ P, as long as the rank stays the same."""
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


pinv = decomposition(
    "pinv",
    lambda a, rcond: np.linalg.pinv(a, rcond),
    _push_pinv,
    _pull_pinv,
    Words(
        "is the pseudoinverse of {}",
        pushed="as for an inverse, the tangent is multiplied by it on both sides and its sign is turned, and what the "
        "matrix leaves out adds two terms",
        pulled="as for an inverse, the adjoint is multiplied by its transpose on both sides and its sign is turned, "
        "and what the matrix leaves out adds two terms",
    ),
    (regular((3, 3), rcond=1e-15), regular((2, 4, 2), rcond=1e-15), regular((2, 4), rcond=1e-15)),
)

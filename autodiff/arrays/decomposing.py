"""Decompositions of matrices: Cholesky, eigenvalues, QR, singular values, pseudoinverse, least squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.arrays.register import lift, refuse, stands_for
from autodiff.errors import AutodiffError, OptionError, UnsupportedError
from autodiff.operations import arrays as ops
from autodiff.operations import decompositions, products
from autodiff.operations.matrices import rows
from autodiff.operations.operands import plain, shape

ALL = slice(None)


def _result(function: Any, *parts: Any) -> Any:
    """The named tuple that numpy returns."""
    return type(function(np.eye(1)))(*parts)


def _vector(row: Any) -> Any:
    return ops.reshape(row, shape=(*shape(row)[:-2], shape(row)[-1]))


@stands_for(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """np.linalg.cholesky; numpy reads one triangle of the matrix, so only that one has a slope."""
    a = square_matrix(a)
    lower = decompositions.cholesky(ops.swap(a) if upper else a)
    return ops.swap(lower) if upper else lower


class MatrixError(AutodiffError, np.linalg.LinAlgError):
    """A function of matrices was given something else, or matrices whose shapes do not fit."""


def _matrix(a: Any) -> Any:
    a = lift(a)
    if len(shape(a)) < 2:
        raise MatrixError(f"a matrix is needed, not an array of shape {shape(a)}")
    return a


def square_matrix(a: Any) -> Any:
    """An operand that must be a square matrix, or a batch of them. Raises MatrixError."""
    a = _matrix(a)
    if shape(a)[-1] != shape(a)[-2]:
        raise MatrixError(f"a square matrix is needed, not an array of shape {shape(a)}")
    return a


@stands_for(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:  # noqa: N803  # numpy's name
    """np.linalg.eigh; eigenvectors of equal eigenvalues have no derivative: it is NaN."""
    if str(UPLO).upper() not in ("L", "U"):
        raise OptionError(f"np.linalg.eigh: UPLO is 'L' or 'U', not {UPLO!r}")
    z = decompositions.eigh(square_matrix(a), uplo=UPLO.upper())
    return _result(np.linalg.eigh, _vector(rows(z, 0, 1)), rows(z, 1, None))


@stands_for(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:  # noqa: N803  # numpy's name
    """np.linalg.eigvalsh."""
    return eigh(a, UPLO)[0]


@stands_for(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """np.linalg.qr; the derivative needs the first columns to be independent."""
    a = _matrix(a)
    m, n = shape(a)[-2:]
    if mode not in ("reduced", "r", "complete") or (mode == "complete" and m > n):
        raise UnsupportedError(f"np.linalg.qr(…, mode={mode!r}) has no rule for Duals and Vars: use mode='reduced'")
    front = (ALL,) * (len(shape(a)) - 1)
    z = decompositions.qr(ops.getitem(a, index=(*front, slice(0, m))))
    q, r = rows(z, 0, m), rows(z, m, None)
    if m < n:  # the remaining columns are combinations of those of Q
        others = products.matmul(ops.swap(q), ops.getitem(a, index=(*front, slice(m, n))))
        r = ops.concatenate(r, others, axis=len(front), ends=(m, n))
    return r if mode == "r" else _result(np.linalg.qr, q, r)


@stands_for(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """np.linalg.svd, thin; singular vectors of equal singular values have no derivative: it is NaN."""
    refuse("linalg.svd", {"hermitian": hermitian or None})
    a = _matrix(a)
    m, n = shape(a)[-2:]
    if compute_uv and full_matrices and m != n:
        raise UnsupportedError("np.linalg.svd of Duals and Vars needs full_matrices=False if the matrix is not square")
    z = decompositions.svd(a)
    s = _vector(rows(z, m, m + 1))
    return _result(np.linalg.svd, rows(z, 0, m), s, ops.swap(rows(z, m + 1, None))) if compute_uv else s


@stands_for(np.linalg.svdvals)
def svdvals(x: Any, /) -> Any:
    """np.linalg.svdvals: the singular values."""
    return svd(x, compute_uv=False)


@stands_for(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    """np.linalg.pinv; the derivative holds among matrices of the same rank."""
    refuse("linalg.pinv", {"hermitian": hermitian or None})
    a = lift(a)
    if rcond is None and rtol is None:
        rcond = _smallest(a)
    elif rcond is None:
        rcond = 1e-15 if rtol is np._NoValue else rtol
    return decompositions.pinv(a, rcond=plain(rcond))


def _smallest(a: Any) -> Any:
    """The size, relative to the largest, up to which numpy takes singular values for zero."""
    m, n = shape(a)[-2:]
    return (m if m > n else n) * np.finfo(a.dtype).eps


@stands_for(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """np.linalg.lstsq: the solution, the sums of squared residuals, the rank and the singular values."""
    a, b = _matrix(a), lift(b)
    if len(shape(a)) > 2 or len(shape(b)) not in (1, 2) or shape(a)[0] != shape(b)[0]:
        raise MatrixError(f"np.linalg.lstsq needs as many right sides as rows, not {shape(b)} for {shape(a)}")
    cut = _smallest(a) if rcond is None else np.finfo(a.dtype).eps if rcond == -1 else plain(rcond)
    (m, n), s = shape(a), svdvals(a)
    rank = np.sum(plain(s) > cut * np.max(plain(s), initial=0), dtype=np.int32)
    right = b if len(shape(b)) == 2 else ops.reshape(b, shape=(*shape(b), 1))
    x = products.matmul(decompositions.pinv(a, rcond=cut), right)
    away = right - products.matmul(a, x)
    residuals = ops.sum_(away * away, axis=(0,), keepdims=False)
    if rank < n or m <= n:  # as in numpy
        residuals = np.zeros(0, residuals.dtype)
    return ops.reshape(x, shape=(n, *shape(b)[1:])), residuals, rank, s

"""Array operations that reduce axes and are not linear: the largest entry, norms, spreads.

z is the result and x the operand; `axis` is a tuple of axes, counted from the front.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.operations.array_facts import SILENT, Sample, Words, over_axes
from autodiff.operations.array_rule import ArrayOperation, enter_array, kept, precision
from autodiff.operations.arrays import count, reshape, sum_, where
from autodiff.operations.elementary import absolute, agreed, exp, sign
from autodiff.operations.operands import Shape, shape
from autodiff.operations.rule import named


def reduction(
    name: str,
    function: Callable[..., Any],
    weight: Callable[..., Any],
    words: Words = SILENT,
    samples: tuple[Sample, ...] = over_axes(),
    **facts: Any,
) -> ArrayOperation:
    """Enter an operation that reduces axes and whose partials have the shape of x, such as a norm or a maximum.

    `weight(z, x, axis, **settings)` is ∂z/∂x with the reduced axes of z kept as axes of length 1. The settings of the
    operation are `axis`, a tuple, `keepdims`, and what else the function takes.
    """

    def push(tangents: Sequence[Any], z: Any, operands: Sequence[Any], *, width: int = 0, **settings: Any) -> Any:
        (x,), (t,) = operands, tangents
        w = partials(z, x, **settings)
        if width:
            w = reshape(w, shape=(*shape(x), 1))
        return sum_(t * w, axis=settings["axis"], keepdims=settings["keepdims"])

    def pull(k: int, g: Any, z: Any, x: Any, **settings: Any) -> Any:
        return _full(g, x, settings["axis"]) * partials(z, x, **settings)

    def partials(z: Any, x: Any, *, axis: Shape, keepdims: bool, **settings: Any) -> Any:
        return weight(_full(z, x, axis), x, axis, **settings)

    words = words.filled(
        pushed="the tangent of each entry is multiplied by its own partial, and the products are added up",
        pulled="each entry gets the adjoint times its own partial",
    )
    return enter_array(name, function, push, pull, push, words=words, samples=samples, **facts)


def _full(z: Any, x: Any, axis: Shape) -> Any:
    """The result with the reduced axes kept at length 1."""
    return reshape(z, shape=kept(shape(x), axis))


def _shared(z: Any, x: Any, axis: Shape) -> Any:
    """The slope at each entry: 1 at the extreme one, shared if there are several."""
    chosen = x == z
    return chosen / np.sum(chosen, axis=axis, keepdims=True).astype(precision(x))


def _or_corner(slope: Any, z: Any, x: Any, axis: Shape) -> Any:
    """The slope, but 0 by convention where z is 0; the derivative of that 0, along any entry, is not known (NaN)."""
    return where(agreed(0.0, sum_(x, axis=axis, keepdims=True)), slope, mask=z == 0)


def _norm(x: Any, axis: Shape, keepdims: bool) -> Any:
    """The Euclidean norm; entries whose squares would vanish or overflow are scaled first."""
    with np.errstate(over="ignore", under="ignore"):
        z = np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    if np.all((z > 1e-140) & (z < np.inf)) or not np.any(x):
        return z
    scale = np.max(np.abs(x), axis=axis, keepdims=True, initial=0)
    scale = np.where((scale > 0) & (scale < np.inf), scale, 1).astype(x.dtype)
    return np.sqrt(np.sum((x / scale) ** 2, axis=axis, keepdims=keepdims)) * np.reshape(scale, np.shape(z))


def _logsumexp(x: Any, axis: Shape, keepdims: bool) -> Any:
    """The logarithm of Σ eˣ, with the largest x factored out so that nothing overflows."""
    most = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    most = np.where(np.isfinite(most), most, 0).astype(precision(x))
    with np.errstate(divide="ignore"):  # nothing but −∞: their sum is 0, and its logarithm −∞
        z = np.log(np.sum(np.exp(x - most), axis=axis, keepdims=True)) + most
    return z if keepdims else np.reshape(z, tuple(n for k, n in enumerate(shape(x)) if k not in axis))[()]


def _softmax(z: Any, x: Any, axis: Shape) -> Any:
    weights = exp(x - z)  # their sum is 1, up to the rounding of z
    return weights / sum_(weights, axis=axis, keepdims=True)


def _centred(x: Any, axis: Shape) -> Any:
    """Distances from the mean; centred twice, so that their sum is 0 where the mean had to be rounded."""
    away = x - sum_(x, axis=axis, keepdims=True) / count(x, axis)
    return away - sum_(away, axis=axis, keepdims=True) / count(x, axis)


amax = reduction(
    "amax",
    lambda x, axis, keepdims: np.max(x, axis=axis, keepdims=keepdims),
    _shared,
    Words(
        "takes the largest entry of {}",
        pushed="only the tangent of the largest entry goes on",
        pulled="only the largest entry gets the adjoint, and equals share it",
    ),
    notation=named("max", "array"),
)
amin = reduction(
    "amin",
    lambda x, axis, keepdims: np.min(x, axis=axis, keepdims=keepdims),
    _shared,
    Words(
        "takes the smallest entry of {}",
        pushed="only the tangent of the smallest entry goes on",
        pulled="only the smallest entry gets the adjoint, and equals share it",
    ),
    notation=named("min", "array"),
)
norm = reduction(
    "norm",
    _norm,
    lambda z, x, axis: _or_corner(x / z, z, x, axis),
    Words(
        "takes the Euclidean length of {}",
        pushed="the tangent of each entry is multiplied by entry over length, and the products are added up",
        pulled="each entry gets the adjoint times entry over length",
    ),
)
pnorm = reduction(
    "pnorm",
    lambda x, axis, keepdims, p: np.sum(np.abs(x) ** p, axis=axis, keepdims=keepdims) ** (1.0 / p),
    lambda z, x, axis, p: _or_corner(sign(x) * (absolute(x) / z) ** (p - 1), z, x, axis),
    Words("takes the p-norm of {}"),
    over_axes(p=3),
)
logsumexp = reduction(
    "logsumexp",
    _logsumexp,
    _softmax,
    Words(
        "takes the logarithm of the sum of the exponentials of {}",
        pushed="the tangents are averaged with the weights of the softmax",
        pulled="the adjoint is shared out in proportion to the weights of the softmax",
    ),
)
std = reduction(
    "std",
    lambda x, axis, keepdims, ddof: np.std(x, axis=axis, keepdims=keepdims, ddof=ddof),
    lambda z, x, axis, ddof: _or_corner(_centred(x, axis) / (z * (count(x, axis) - ddof)), z, x, axis),
    Words(
        "takes the standard deviation of {}",
        pushed="the tangent of each entry counts in proportion to its distance from the mean",
        pulled="each entry gets the adjoint in proportion to its distance from the mean",
    ),
    over_axes(ddof=1),
)

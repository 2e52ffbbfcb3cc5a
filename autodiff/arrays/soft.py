"""Log-sum-exp and softmax, which numpy lacks: neither overflows, whatever goes in."""

from __future__ import annotations

from typing import Any


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The logarithm of the sum of eˣ over one axis, several, or all of them.

    >>> import numpy as np
    >>> float(logsumexp(np.array([1000.0, 1000.0])) - 1000)  # doctest: +ELLIPSIS
    0.693147180559...
    """
    from autodiff.arrays.register import lift, positives
    from autodiff.operations import reductions
    from autodiff.operations.operands import shape

    x = lift(x)
    return reductions.logsumexp(x, axis=positives(axis, len(shape(x))), keepdims=keepdims)


def softmax(x: Any, axis: Any = -1) -> Any:
    """eˣ over its sum along an axis: positive numbers that add up to 1.

    >>> import numpy as np
    >>> softmax(np.array([0.0, 0.0, -1000.0]))
    array([0.5, 0.5, 0. ])
    """
    from autodiff.operations.elementary import exp

    weights = exp(x - logsumexp(x, axis, keepdims=True))  # their sum is 1, up to the rounding of the logsumexp
    return weights / weights.sum(axis, keepdims=True)

"""What a Dual or Var that holds an array shares with numpy's arrays: shape, T, sum(), x[1:], @ and the rest."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autodiff.errors import ArgumentError, LostDerivativeError, UnsupportedError
from autodiff.operations import operands


def lost(value: Any, what: str) -> LostDerivativeError:
    """The complaint when something with a derivative is to become a plain number or array."""
    kind = type(value).__name__
    build = f", and np.stack([…]) to build an array of {kind}s" if what != "number" else ""
    return LostDerivativeError(
        f"a {kind} cannot become a plain {what}: its derivative would be lost. Use .primal for the value alone, "
        f"and autodiff.sin(x) or numpy.sin(x) instead of math.sin(x){build}"
    )


def _method(name: str) -> Callable[..., Any]:
    """x.name(…) is np.name(x, …)."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        import numpy as np

        return getattr(np, name)(self, *args, **kwargs)

    method.__name__, method.__doc__ = name, f"np.{name} of this array."
    return method


class ArrayMethods:
    """The methods and attributes of numpy's arrays; each method calls the numpy function of its name."""

    __slots__ = ()
    primal: Any

    sum, mean, prod, var, std = (_method(name) for name in ("sum", "mean", "prod", "var", "std"))
    max, min, cumsum, cumprod, ptp = (_method(name) for name in ("max", "min", "cumsum", "cumprod", "ptp"))
    ravel, squeeze, swapaxes, repeat = (_method(name) for name in ("ravel", "squeeze", "swapaxes", "repeat"))
    take, clip, dot, trace, diagonal = (_method(name) for name in ("take", "clip", "dot", "trace", "diagonal"))
    argmax, argmin, argsort, nonzero = (_method(name) for name in ("argmax", "argmin", "argsort", "nonzero"))
    any, all, searchsorted, flatten = (_method(name) for name in ("any", "all", "searchsorted", "ravel"))
    compress = _method("compress")

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values; () for a number."""
        return operands.shape(operands.plain(self))

    @property
    def ndim(self) -> int:
        """How many axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many entries."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> Any:
        """The precision of the values; a Python number has none."""
        return operands.plain(self).dtype

    @property
    def T(self) -> Any:  # noqa: N802  # numpy's name
        """The axes in reverse order."""
        return self.transpose()

    @property
    def mT(self) -> Any:  # noqa: N802  # numpy's name
        """The last two axes exchanged."""
        return self.swapaxes(-1, -2)

    @property
    def real(self) -> Any:
        """The same: all numbers are real."""
        return self

    def conj(self) -> Any:
        """The same: all numbers are real."""
        return self

    conjugate = conj

    @property
    def flat(self) -> Iterator[Any]:
        """The entries, one by one."""
        return iter(self.ravel())

    def transpose(self, *axes: Any) -> Any:
        """np.transpose; the axes may come as a tuple or one by one."""
        import numpy as np

        return np.transpose(self, axes[0] if len(axes) == 1 else axes or None)

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        """np.reshape; the lengths may come as a tuple or one by one."""
        import numpy as np

        return np.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)  # type: ignore[call-overload]

    def astype(self, dtype: Any, **_: Any) -> Any:
        """In another precision."""
        import numpy as np

        from autodiff.operations.arrays import astype

        if np.dtype(dtype).kind != "f":
            raise UnsupportedError(f"astype({dtype!r}) would drop the derivative: use .primal for the values alone")
        return astype(self, dtype=np.dtype(dtype))

    def copy(self, order: str = "C") -> Any:
        """The same: nothing can write into it."""
        return self

    def item(self, *index: Any) -> Any:
        """The only entry, or the one at an index."""
        return self.reshape(-1)[index] if len(index) == 1 else self[index] if index else self.reshape(())

    def tolist(self) -> Any:
        """The entries as nested lists of Duals or Vars."""
        return [entry.tolist() for entry in self] if self.shape else self

    def sort(self, *_: Any, **__: Any) -> Any:
        """Refused: it would write into the array."""
        raise UnsupportedError("x.sort() would write into the array: use np.sort(x), which returns a new one")

    def fill(self, *_: Any) -> Any:
        """Refused: it would write into the array."""
        raise UnsupportedError("x.fill() would write into the array: use np.full_like(x, value)")

    def __len__(self) -> int:
        if not self.shape:
            raise ArgumentError("len() of a number: it has no entries")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise ArgumentError("a number has no entries to go through")
        return (self[k] for k in range(self.shape[0]))

    def __getitem__(self, index: Any) -> Any:
        if not self.shape and index is not Ellipsis and index != ():
            raise ArgumentError("a number has no entries: x[…] needs an array")
        from autodiff.arrays.selecting import getitem

        return getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise UnsupportedError(
            "x[…] = value would write into an array whose old entries the derivative still needs: "
            "build a new array with np.where(mask, value, x), np.concatenate([…]) or np.stack([…])"
        )

    def __matmul__(self, other: Any) -> Any:
        import numpy as np

        return np.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        import numpy as np

        return np.matmul(other, self)

    @staticmethod
    def gather(entries: Sequence[Any], shape: tuple[int, ...]) -> Any:
        """Entries, some of them Duals or Vars, as one array of that shape, with the axes of the entries last."""
        from autodiff.operations import arrays

        return arrays.reshape(arrays.stack(*entries, axis=0), shape=(*shape, *operands.shape(entries[0])))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """A number becomes an array of one object, so np.array([x, y]) works; an array would lose its derivative."""
        import numpy as np

        if self.shape or (dtype is not None and np.dtype(dtype) != object):
            raise lost(self, "numpy array")
        holder = np.empty((), dtype=object)
        holder[()] = self
        return holder

"""What the entry of an array operation says besides its rule: its words, and where it is tried.

Sentences and tests read these facts from the entry; nothing else in the package knows an operation by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autodiff.operations.operands import Shape


@dataclass(frozen=True)
class Words:
    """What the sentences about a row say of its operation; where it has no words, they use general ones.

    `does` is what it does to its operands, which stand at the {}: all at one, or each at its own. `pulled` is what
    pulling an adjoint back means, `pushed` what pushing the tangent of one operand means. `together` is the same for
    several operands, where their tangents do not add up; `one` replaces `does` where the result is a number.
    """

    does: str = ""
    pulled: str = ""
    pushed: str = ""
    together: str = ""
    one: str = ""

    def filled(self, **general: str) -> Words:
        """The same, with the general words of its kind where it has none of its own.

        >>> Words("adds up the entries of {}").filled(does="is linear in {}", pushed="goes the same way").pushed
        'goes the same way'
        """
        return replace(self, **{what: text for what, text in general.items() if not getattr(self, what)})


SILENT = Words()


@dataclass(frozen=True)
class Sample:
    """Where an operation is tried: the shapes of its operands, and its settings.

    In a `regular` sample square matrices have a heavy diagonal, 2, 4, 6, …, and a little noise. They are invertible
    and positive definite, and their eigenvalues lie apart.
    """

    shapes: tuple[Shape, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    regular: bool = False


def sample(*shapes: Shape, **settings: Any) -> Sample:
    """Operands of these shapes, with these settings."""
    return Sample(shapes, settings)


def regular(*shapes: Shape, **settings: Any) -> Sample:
    """The same for operations that need regular matrices."""
    return Sample(shapes, settings, regular=True)


def over_axes(**settings: Any) -> tuple[Sample, ...]:
    """Where reductions are tried: over one axis, over two that are kept, over all."""
    return (
        sample((3, 4), axis=(1,), keepdims=False, **settings),
        sample((2, 3, 4), axis=(0, 2), keepdims=True, **settings),
        sample((2, 3), axis=(0, 1), keepdims=False, **settings),
    )

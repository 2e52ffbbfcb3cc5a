"""Names and words in LaTeX: whatever they hold, nothing in them is a command."""

from __future__ import annotations

import re
from collections.abc import Hashable

from autodiff.expression.blocks import Block
from autodiff.expression.names import Ref, ascii_ref
from autodiff.expression.printing import LatexPrinter
from autodiff.render.words.ascii import to_ascii

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': "''",
}  # fmt: skip
_MATHEMATICS = {
    "−": "-", "×": r"\times", "·": r"\cdot", "√": r"\surd", "∞": r"\infty", "½": r"\tfrac12", "✓": r"\checkmark",
    "✗": r"\times", "π": r"\pi", "∂": r"\partial", "…": r"\ldots",
}  # fmt: skip
_STRANGE = re.compile(r"([^ !'()*+,\-./0-9:;<=>?@A-Z\[\]_`a-z|×…]+)")  # what is no mathematics in the text of a setting
_WORD = re.compile(r"(?!_\Z)\w+(?<!__)")  # a name that the printer can typeset


class NamePrinter(LatexPrinter):
    r"""LaTeX in which a name that is not a word is set as text, where nothing is a command.

    >>> NamePrinter().ref("x1"), NamePrinter().ref(Ref("adjoint", "50%"))
    ('x_{1}', '\\text{adj 50\\%}')
    >>> NamePrinter().setting("axis", "0"), NamePrinter().setting("rate", "5%")
    ('\\text{axis}=0', '\\text{rate}=5\\text{\\%}')
    """

    def ref(self, key: Hashable) -> str:
        """A name."""
        names = (key.of, key.by) if isinstance(key, Ref) else (key,)
        if all(isinstance(name, int) or _WORD.fullmatch(str(name)) for name in names):
            return super().ref(key)
        return words(ascii_ref(key) if isinstance(key, Ref) else str(key))

    def setting(self, key: str, text: str) -> str:
        """A setting of an array operation."""
        return f"{key if re.fullmatch('[A-Za-z]', key) else words(key)}={self.data(text)}"

    def data(self, text: str) -> str:
        """The text of a setting."""
        parts = _STRANGE.split(text)
        return "".join(words(part) if n % 2 else super(NamePrinter, self).data(part) for n, part in enumerate(parts))


class MathPrinter(NamePrinter):
    """The same for documents that are LaTeX throughout."""

    def block(self, block: Block, *, with_shape: bool = True) -> str:
        """An array, with a space before its shape."""
        return super().block(block, with_shape=with_shape).replace("] (", r"]\;(")

    def data(self, text: str) -> str:
        """A setting of an array operation; the colon of a slice is not a relation."""
        return super().data(text).replace(":", "{:}")


def escape(text: str) -> str:
    r"""Text in which no character means anything to LaTeX; other scripts become ASCII.

    >>> escape("50% of x_1 − ½")
    '50\\% of x\\_1 $-$ $\\tfrac12$'
    """
    return re.sub(r"[\s\S]", lambda match: _character(match[0]), text)


def words(text: str) -> str:
    r"""Words that stand in mathematics; none of them contains the equals sign that joins its parts.

    >>> words(" (seed)"), words("a = $b$")
    ('\\text{ (seed)}', '\\text{a {=} \\$b\\$}')
    """
    return rf"\text{{{escape(text).replace('=', '{=}')}}}"


def _character(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char in _MATHEMATICS:
        return f"${_MATHEMATICS[char]}$"
    if not char.isprintable():
        return " " if char.isspace() else "?"
    return char if char.isascii() else escape(to_ascii(char))

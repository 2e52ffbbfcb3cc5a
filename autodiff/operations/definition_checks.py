"""What is wrong with a definition is said where it is given, not where it is first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autodiff.errors import DefinitionError, did_you_mean
from autodiff.operations.rule import BUILT_IN, Convention

# What a definition may say besides its value and partials.
FACTS = ("needs", "on", "at", "overflow", "numpy", "vector", "means", "sympy", "javascript", "poles", "forms", "orders",
         "latex", "mathml", "words")  # fmt: skip


def check_definition(name: str, function: object, rules: tuple[object, ...]) -> None:
    """Raises DefinitionError for what could not work: at the definition, not at the first use."""
    if not isinstance(name, str) or not name.isidentifier():
        raise DefinitionError(f"an operation needs a name made of letters, digits and _, not {name!r}")
    if name in BUILT_IN:
        raise DefinitionError(f"{name} is built in: choose another name, such as my_{name}")
    if not callable(function):
        raise DefinitionError(f"the value of {name} must be a function, not {type(function).__name__}")
    for k, rule in enumerate(rules):
        if not callable(rule) or not _takes(rule, len(rules) + 1):
            operands = ", ".join("xyuvw"[: len(rules)]) if len(rules) <= 5 else "…"
            raise DefinitionError(
                f"partial {k + 1} of {name} must be a function of the result z and the {len(rules)} operand"
                f"{'s' * (len(rules) > 1)}: lambda z, {operands}: …"
            )


def check_sweeps(name: str, push: Any, pull: Any) -> None:
    """The same for the rules of an operation on arrays, which may also take settings."""
    pushes, pulls = (rules if isinstance(rules, tuple) else (rules,) for rules in (push, pull))
    if len(pushes) != len(pulls):
        raise DefinitionError(
            f"push= and pull= of {name} have {len(pushes)} and {len(pulls)} rules: one for each operand"
        )
    for word, first, rules in (("push", "t", pushes), ("pull", "g", pulls)):
        if not all(callable(rule) and _takes(rule, len(rules) + 2, settings=True) for rule in rules):
            operands = ", ".join("xyuvw"[: len(rules)]) if len(rules) <= 5 else "…"
            raise DefinitionError(
                f"{word}= of {name} must be a function, or a tuple with one for each operand: "
                f"lambda {first}, z, {operands}: …"
            )


def _takes(rule: Callable[..., object], count: int, *, settings: bool = False) -> bool:
    """Whether a rule can be called with this many arguments, and perhaps with settings."""
    code = getattr(rule, "__code__", None)
    if code is not None and code.co_argcount == count:  # nearly always, and inspect is slow
        return True
    import inspect

    try:
        signature = inspect.signature(rule)
        (signature.bind_partial if settings else signature.bind)(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # a built-in function without a signature
        return True
    return True


# --- facts ----------------------------------------------------------------------------------------------------
def check_facts(name: str, arity: int, facts: Mapping[str, Any]) -> None:
    """Raises DefinitionError for facts that mean nothing, and for those of the wrong kind."""
    for fact, value in facts.items():
        if fact not in FACTS:
            hint = did_you_mean(fact, FACTS)
            takes = f"elementary takes no {fact}=: it takes {', '.join(FACTS)}"
            raise DefinitionError(f"{takes}\n{hint}" if hint else takes)
        if fact in WANTED and not WANTED[fact][0](value, arity):
            raise DefinitionError(f"{fact}= of {name} is {WANTED[fact][1]}, not {value!r:.60}")
    for convention in facts.get("at", ()):
        _check_convention(name, arity, convention)


def _check_convention(name: str, arity: int, convention: Convention) -> None:
    slopes = convention.partials
    if not isinstance(slopes, tuple) or len(slopes) != arity:
        raise DefinitionError(
            f"a Convention of {name} has a tuple of {arity}, a slope for each operand: {slopes!r:.60}"
        )
    if not callable(convention.where) or not _takes(convention.where, arity):
        raise DefinitionError(f"where= of a Convention of {name} must be a function of its {arity} operands")
    for k, slope in enumerate(slopes):
        if not (slope is None or isinstance(slope, (int, float)) or (callable(slope) and _takes(slope, arity + 1))):
            raise DefinitionError(
                f"slope {k + 1} of a Convention of {name} must be a number, None, or a function of the result z and "
                f"the operands, not {slope!r:.60}"
            )


def _is_interval(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(end, (int, float)) for end in value)


def _is_form(value: object, arity: int) -> bool:
    return (
        isinstance(value, tuple) and len(value) == 2 and value[0] in range(arity)
        and callable(value[1]) and _takes(value[1], arity + 1)
    )  # fmt: skip


def _tuple_of(holds: Callable[[Any, int], bool]) -> Callable[[Any, int], bool]:
    return lambda value, arity: isinstance(value, tuple) and all(holds(each, arity) for each in value)


def _is_text(value: object, _: int) -> bool:
    return isinstance(value, str)


def _is_function(value: Any, arity: int) -> bool:
    return callable(value) and _takes(value, arity)


WANTED: dict[str, tuple[Callable[[Any, int], bool], str]] = {
    "needs": (_is_text, "a sentence"),
    "on": (
        lambda value, arity: isinstance(value, tuple) and len(value) == arity and all(map(_is_interval, value)),
        "a tuple with an open interval (low, high) for each operand",
    ),
    "at": (_tuple_of(lambda value, _: isinstance(value, Convention)), "a tuple of Conventions, at=(Convention(…),)"),
    "overflow": (_is_function, "a function of the operands"),
    "numpy": (
        lambda value, arity: _is_text(value, arity) or _tuple_of(_is_text)(value, arity), "numpy's name, or several"
    ),
    "vector": (_is_function, "a function of arrays, one for each operand"),
    "means": (_is_function, "a function of the operands, made of other operations"),
    "sympy": (lambda value, arity: _is_text(value, arity) or _is_function(value, arity), "sympy's name, or a function"),
    "javascript": (_is_text, "JavaScript, as in 'Math.sin' or '(x) => x * x'"),
    "poles": (_is_function, "a function of the operands"),
    "forms": (_tuple_of(_is_form), "a tuple of pairs (k, lambda z, x: …), k being the place of an operand"),
    "orders": (_tuple_of(lambda value, arity: value in range(arity)), "a tuple of places of operands"),
}  # fmt: skip

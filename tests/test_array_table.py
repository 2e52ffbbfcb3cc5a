"""The table of array operations: every entry against numpy, differences and itself, in both modes, sentences included.

Everything here goes through the table, so a new operation arrives tested. Where it is tried stands in its entry.
"""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from autodiff import Trace, check_rule, elementary, grad, jvp, trace, vjp
from autodiff.errors import DefinitionError
from autodiff.expression.array_calls import Applied
from autodiff.expression.expr import Call, Symbol
from autodiff.expression.mathml import MathmlPrinter
from autodiff.expression.names import latex_function
from autodiff.expression.printing import AsciiPrinter, LatexPrinter, UnicodePrinter
from autodiff.modes.chain import pull, push
from autodiff.operations.array_facts import Sample, Words, sample
from autodiff.operations.array_rule import ARRAY_TABLE, ArrayOperation, enter_array, transposed
from autodiff.operations.array_table import ARRAYS_BY_NAME
from autodiff.operations.arrays import count
from autodiff.operations.reductions import reduction
from autodiff.operations.rule import BUILT_IN, BY_NAME, named
from autodiff.render.words.latex_words import MathPrinter
from autodiff.tracing.why.moments import moments

Array = Any
# The setting of a checkpoint is the run of a function, which is no data: it has tests of its own.
OPERATIONS = [each for each in ARRAYS_BY_NAME.values() if each.name in BUILT_IN - {"checkpoint"}]
SAMPLES = [(operation, each) for operation in OPERATIONS for each in operation.samples]
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def labels(pairs: list[tuple[ArrayOperation, Sample]]) -> list[str]:
    return [f"{operation.name}-{operation.samples.index(tried)}" for operation, tried in pairs]


each_sample = pytest.mark.parametrize(("operation", "tried"), SAMPLES, ids=labels(SAMPLES))


@pytest.fixture(autouse=True)
def tables_as_before() -> Iterator[None]:
    """Names that a test defines are gone after it."""
    before = [(names, names.copy()) for names in (BY_NAME, ARRAYS_BY_NAME, BUILT_IN)]
    yield
    for names, were in before:
        names.clear()  # type: ignore[attr-defined]
        names.update(were)  # type: ignore[attr-defined]


# --- points ---------------------------------------------------------------------------------------------------
def generator(operation: ArrayOperation) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(operation.name.encode()))


def operands(tried: Sample, rng: np.random.Generator, dtype: Any = float) -> list[Array]:
    drawn = [rng.normal(size=shape) for shape in tried.shapes]
    for x in drawn if tried.regular else []:
        x /= 4
        if x.ndim > 1 and x.shape[-1] == x.shape[-2]:
            x += np.diag(2.0 * np.arange(1, len(x.T) + 1))
    return [x.astype(dtype)[()] for x in drawn]


def directions(xs: list[Array], rng: np.random.Generator) -> list[Array]:
    return [rng.normal(size=np.shape(x)).astype(x.dtype)[()] for x in xs]


def applied(operation: ArrayOperation, tried: Sample) -> Callable[..., Any]:
    return lambda *xs: operation(*xs, **tried.settings)


def of_one(f: Callable[..., Any], xs: list[Array], k: int) -> Callable[[Any], Any]:
    """A function of operand k, the others being constants."""
    return lambda x: f(*xs[:k], x, *xs[k + 1 :])


def is_idle(operation: ArrayOperation, tried: Sample, xs: list[Array]) -> bool:
    return operation.idle is not None and operation.idle(*xs, **tried.settings)


def step_and_tolerance(z: Array) -> tuple[float, float]:
    """For differences of values in the precision of z."""
    return (1e-2, 1e-3) if z.dtype == np.float32 else (1e-6, 1e-6)


def close(found: Any, wanted: Any, tol: float = 1e-11) -> None:
    assert np.shape(found) == np.shape(wanted)
    np.testing.assert_allclose(found, wanted, rtol=tol, atol=tol)


def inner(xs: Any, ys: Any) -> float:
    return sum(float(np.sum(np.asarray(x, float) * y)) for x, y in zip(xs, ys, strict=True))


def movers(xs: list[Array], moves: list[Array]) -> Iterator[list[Array | None]]:
    """Tangents of all operands, and of each alone: None is that of a constant."""
    yield list(moves)
    if len(xs) > 1:
        for k in range(len(xs)):
            yield [t if n == k else None for n, t in enumerate(moves)]


# --- what an entry must say -----------------------------------------------------------------------------------
def missing(operation: ArrayOperation) -> list[str]:
    """What the entry of an operation does not say, in one sentence each."""
    name, words = operation.name, operation.words
    said = {"what it does": words.does, "what pushing means": words.pushed, "what pulling means": words.pulled}
    found = [f"{name} has no words for {what}: add words= to its entry" for what, text in said.items() if not text]
    if words.does and "{}" not in words.does:
        found.append(f"the words for what {name} does leave no place for its operands: put {{}} there")
    if not operation.samples:
        found.append(f"{name} is tried nowhere: add samples= to its entry, shapes of operands with settings")
    return found


@each_operation
def test_nothing_is_missing_in_the_entry(operation: ArrayOperation) -> None:
    assert missing(operation) == []


def test_what_an_entry_lacks_is_told_in_a_sentence() -> None:
    opposite = lambda k, g, z, x: -g  # noqa: E731
    enter_array("opposite", np.negative, lambda tangents, z, xs: -tangents[0], opposite, built_in=False)
    assert missing(ARRAYS_BY_NAME["opposite"]) == [
        "opposite has no words for what it does: add words= to its entry",
        "opposite has no words for what pushing means: add words= to its entry",
        "opposite has no words for what pulling means: add words= to its entry",
        "opposite is tried nowhere: add samples= to its entry, shapes of operands with settings",
    ]
    linear = transposed("turned", np.negative, opposite, Words("turns signs"), samples=(sample((2,)),), built_in=False)
    assert missing(linear) == [
        "turned has no words for what pulling means: add words= to its entry",
        "the words for what turned does leave no place for its operands: put {} there",
    ]


@each_operation
def test_every_sample_takes_the_settings_of_the_function(operation: ArrayOperation) -> None:
    for tried in operation.samples:
        value = applied(operation, tried)(*operands(tried, generator(operation)))
        assert np.isfinite(value).all()


# --- values ---------------------------------------------------------------------------------------------------
def placed(x: Array, index: Any, shape: tuple[int, ...]) -> Array:
    found = np.zeros(shape)
    places = np.arange(found.size).reshape(shape)[index]
    for place, entry in zip(places.ravel(), np.ravel(x), strict=True):
        found.flat[place] += entry
    return found


def lower(a: Array, uplo: str = "L") -> Array:
    """The symmetric matrix that has this triangle."""
    a = np.swapaxes(a, -1, -2) if uplo == "U" else a
    return np.tril(a) + np.swapaxes(np.tril(a, -1), -1, -2)


def orthonormal(q: Array) -> tuple[Array, Array]:
    return np.swapaxes(q, -1, -2) @ q, np.broadcast_to(np.eye(q.shape[-1]), (*q.shape[:-2], *q.shape[-1:] * 2))


def turned(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


# The value by other means than those of the entry.
DEFINITIONS: dict[str, Callable[..., Array]] = {
    "reshape": lambda x, shape: np.array(list(np.ravel(x))).reshape(shape)[()],
    "astype": lambda x, dtype: np.array(x, dtype),
    "getitem": lambda x, index: np.ravel(x)[np.arange(x.size).reshape(x.shape)[index]],
    "scatter": placed,
    "concatenate": lambda *xs, axis, ends: np.concatenate(xs, axis),
    "stack": lambda *xs, axis: np.concatenate([np.expand_dims(x, axis) for x in xs], axis),
    "where": lambda x, y, mask: np.where(mask, x, y),
    "einsum": lambda *xs, subscripts: np.einsum(subscripts, *xs),
    "pnorm": lambda x, axis, keepdims, p: np.power(np.sum(np.abs(x**p), axis, keepdims=keepdims), 1 / p),
    "logsumexp": lambda x, axis, keepdims: np.log(np.sum(np.exp(x), axis, keepdims=keepdims)),
    "det": lambda a, axis, keepdims: np.linalg.eigvals(a).prod(-1).real,
    "logabsdet": lambda a, axis, keepdims: np.log(np.abs(np.linalg.det(a))),
}


# What a decomposition must satisfy: pairs that are equal.
def of_cholesky(z: Array, a: Array) -> list[tuple[Array, Array]]:
    return [(z @ turned(z), lower(a)), (np.tril(z), z)]


def of_eigh(z: Array, a: Array, uplo: str) -> list[tuple[Array, Array]]:
    values, vectors = z[..., :1, :], z[..., 1:, :]
    return [(lower(a, uplo) @ vectors, vectors * values), orthonormal(vectors)]


def of_qr(z: Array, a: Array) -> list[tuple[Array, Array]]:
    q, r = np.split(z, [a.shape[-2]], axis=-2)
    return [(q @ r, a), (np.triu(r), r), orthonormal(q)]


def of_svd(z: Array, a: Array) -> list[tuple[Array, Array]]:
    u, s, v = np.split(z, [a.shape[-2], a.shape[-2] + 1], axis=-2)
    return [((u * s) @ turned(v), a), orthonormal(u), orthonormal(v)]


RELATIONS: dict[str, Callable[..., list[tuple[Array, Array]]]] = {
    "cholesky": of_cholesky, "eigh": of_eigh, "qr": of_qr, "svd": of_svd
}  # fmt: skip


def of_numpy(name: str) -> Callable[..., Array] | None:
    """The function of numpy's that has the name of an operation."""
    return getattr(np, name, None) or getattr(np.linalg, name, None)


# What any other operation is, only its own function says.
TWICE_KNOWN = [
    (each, tried) for each, tried in SAMPLES if {each.name} & {*RELATIONS, *DEFINITIONS} or of_numpy(each.name)
]


@pytest.mark.parametrize(("operation", "tried"), TWICE_KNOWN, ids=labels(TWICE_KNOWN))
def test_the_value_is_what_numpy_or_the_definition_says(operation: ArrayOperation, tried: Sample) -> None:
    xs = operands(tried, generator(operation))
    z = operation(*xs, **tried.settings)
    if operation.name in RELATIONS:
        pairs = RELATIONS[operation.name](z, *xs, **tried.settings)
    else:
        other = DEFINITIONS.get(operation.name) or of_numpy(operation.name)
        assert other is not None
        pairs = [(z, other(*xs, **tried.settings))]
    for found, wanted in pairs:
        close(found, wanted, 1e-13 if operation.name != "det" else 1e-12)


def test_the_values_of_all_operations_so_far_have_a_second_opinion() -> None:
    known = {operation.name for operation, _ in TWICE_KNOWN}
    assert len(known) >= 29
    assert {*RELATIONS, *DEFINITIONS} <= known


@each_sample
def test_both_modes_keep_the_value_its_shape_and_its_precision(operation: ArrayOperation, tried: Sample) -> None:
    for dtype in (np.float64, np.float32):
        rng = generator(operation)
        xs = operands(tried, rng, dtype)
        f, moves = applied(operation, tried), directions(xs, rng)
        z = f(*xs)
        assert z.dtype == tried.settings.get("dtype", dtype)
        for k in range(len(xs)):
            one = of_one(f, xs, k)
            value, tangent = jvp(one, (xs[k],), (moves[k],))
            again, pullback = vjp(one, xs[k])
            np.testing.assert_array_equal(value, z)
            np.testing.assert_array_equal(again, z)
            assert (np.shape(tangent), tangent.dtype) == (np.shape(z), z.dtype)
            (adjoint,) = pullback(np.ones_like(z))
            assert (np.shape(adjoint), np.asarray(adjoint).dtype) == (np.shape(xs[k]), dtype)


def test_an_idle_operation_hands_its_operand_on() -> None:
    found = [(each, tried) for each, tried in SAMPLES if is_idle(each, tried, operands(tried, generator(each)))]
    assert found
    for operation, tried in found:
        (x,) = operands(tried, generator(operation))
        assert operation(x, **tried.settings) is x


# --- derivatives ----------------------------------------------------------------------------------------------
@each_sample
def test_pushing_is_the_limit_of_differences(operation: ArrayOperation, tried: Sample) -> None:
    rng = generator(operation)
    xs = operands(tried, rng)
    f, z = applied(operation, tried), operation(*xs, **tried.settings)
    h, tol = step_and_tolerance(z)
    for tangents in movers(xs, directions(xs, rng)):
        ahead, behind = (
            np.asarray(f(*(x if t is None else x + sign * h * t for x, t in zip(xs, tangents, strict=True))), float)
            for sign in (1, -1)
        )
        close(push(operation, z, xs, tangents, tried.settings), (ahead - behind) / (2 * h), tol)


@each_sample
def test_pulling_is_the_transpose_of_pushing(operation: ArrayOperation, tried: Sample) -> None:
    rng = generator(operation)
    xs = operands(tried, rng)
    z = operation(*xs, **tried.settings)
    moves, g = directions(xs, rng), rng.normal(size=np.shape(z)).astype(z.dtype)[()]
    pulled = [pull(operation, k, z, xs, g, tried.settings) for k in range(len(xs))]
    for tangents in movers(xs, moves):
        moving = [k for k, t in enumerate(tangents) if t is not None]
        there = inner([g], [push(operation, z, xs, tangents, tried.settings)])
        back = inner([pulled[k] for k in moving], [tangents[k] for k in moving])
        assert there == pytest.approx(back, rel=1e-12 if z.dtype == float else 1e-5, abs=1e-13 * np.size(z))
    if operation.pull_all is not None:
        for one, other in zip(operation.pull_all(g, z, xs, **tried.settings), pulled, strict=True):
            close(one, other)


@each_sample
def test_many_directions_at_once_are_pushed_as_one_by_one(operation: ArrayOperation, tried: Sample) -> None:
    rng = generator(operation)
    xs = operands(tried, rng)
    z = operation(*xs, **tried.settings)
    many = [directions(xs, rng) for _ in range(3)]
    wide = [np.stack(each, axis=-1) for each in zip(*many, strict=True)]
    for tangents in movers(xs, wide):
        found = push(operation, z, xs, tangents, tried.settings, width=3)
        for n in range(3):
            one = [t if t is None else t[..., n] for t in tangents]
            close(found[..., n], push(operation, z, xs, one, tried.settings), 1e-12)


@each_sample
def test_second_derivatives_in_every_order_of_modes(operation: ArrayOperation, tried: Sample) -> None:
    rng = generator(operation)
    xs = operands(tried, rng)
    f, z = applied(operation, tried), operation(*xs, **tried.settings)
    u, v, weights = directions(xs, rng), directions(xs, rng), rng.normal(size=np.shape(z))
    h, tol = step_and_tolerance(z)
    single = z.dtype == np.float32

    def total(*args: Array) -> Array:  # curved before and behind it, so that tangents and adjoints move themselves
        return np.sum(np.sin(f(*(x + 0.1 * np.sin(x) for x in args))) * weights)

    gradient = grad(total, tuple(range(len(xs))))

    def slope(*args: Array) -> Array:
        return sum(np.sum(g * t) for g, t in zip(gradient(*args), v, strict=True))

    forward_over_reverse = jvp(gradient, xs, v)[1]
    ahead, behind = (gradient(*(x + sign * h * t for x, t in zip(xs, v, strict=True))) for sign in (1, -1))
    for found, after, before in zip(forward_over_reverse, ahead, behind, strict=True):
        close(found, (after - before) / (2 * h), 50 * tol)
    for found, wanted in zip(grad(slope, tuple(range(len(xs))))(*xs), forward_over_reverse, strict=True):
        close(found, wanted, 1e-5 if single else 1e-10)
    along_u = inner(jvp(gradient, xs, u)[1], v)
    assert along_u == pytest.approx(inner(forward_over_reverse, u), rel=1e-4 if single else 1e-9)
    forward_over_forward = jvp(lambda *args: jvp(total, args, tuple(v))[1], xs, u)[1]
    assert forward_over_forward == pytest.approx(along_u, rel=1e-4 if single else 1e-9)


@each_sample
def test_check_rule_agrees(operation: ArrayOperation, tried: Sample) -> None:
    xs = operands(tried, generator(operation))
    if operation(*xs, **tried.settings).dtype == np.float32:
        return  # the differences it takes are those of doubles
    report = check_rule(operation, *xs, **tried.settings)
    assert report.ok, str(report)


BATCHES = [(each, tried) for each, tried in SAMPLES if tried.regular and len(tried.shapes[0]) == 3]


@pytest.mark.parametrize(("operation", "tried"), BATCHES, ids=labels(BATCHES))
def test_a_batch_of_matrices_is_each_of_them(operation: ArrayOperation, tried: Sample) -> None:
    rng = generator(operation)
    xs = operands(tried, rng)
    settings = dict(tried.settings)
    if "axis" in settings:
        settings["axis"] = tuple(axis - 1 for axis in settings["axis"])
    z = operation(*xs, **tried.settings)
    moves, g = directions(xs, rng), rng.normal(size=z.shape)
    tangent = push(operation, z, xs, moves, tried.settings)
    adjoint = pull(operation, 0, z, xs, g, tried.settings)
    for n in range(len(z)):
        one, move = ([x[n] if x.ndim == 3 else x for x in each] for each in (xs, moves))
        close(operation(*one, **settings), z[n], 1e-13)
        close(push(operation, z[n], one, move, settings), tangent[n], 1e-12)
        close(pull(operation, 0, z[n], one, g[n][()], settings), adjoint[n], 1e-12)


def test_the_operations_on_matrices_work_in_batches() -> None:
    assert {each.name for each, _ in BATCHES} >= {"solve", "inv", "det", "logabsdet", "cholesky", "eigh", "qr", "svd"}


# --- how it is written ----------------------------------------------------------------------------------------
def formula(operation: ArrayOperation, tried: Sample) -> Call:
    return Call(Applied(operation, tried.settings), tuple(map(Symbol, "xyuvw"[: len(tried.shapes)])))


@each_sample
def test_it_is_written_in_every_medium(operation: ArrayOperation, tried: Sample) -> None:
    call = formula(operation, tried)
    unicode, ascii_ = UnicodePrinter().text(call), AsciiPrinter().text(call)
    assert ascii_.isascii()
    assert ascii_.replace(".T", "ᵀ") == unicode.replace("×", "x").replace("…", "...")
    for latex in (LatexPrinter().text(call), MathPrinter().text(call)):
        assert latex.isascii()
        assert latex.count("{") == latex.count("}")
        assert not re.search(r"(?<!\\)_", latex), "an underscore that is not escaped lowers what follows it"
    shown = "".join(ElementTree.fromstring(f"<math>{MathmlPrinter().text(call)}</math>").itertext())
    if operation.notation.kind == "array":
        assert unicode.startswith(f"{operation.notation.symbol}(x")
        name = operation.notation.latex or latex_function(operation.notation.symbol)
        assert LatexPrinter().text(call).startswith(name)
        assert shown.startswith(f"{operation.notation.symbol}(x")


@each_sample
def test_operands_are_put_in_parentheses_where_they_must(operation: ArrayOperation, tried: Sample) -> None:
    """A sum as an operand stays one: (x + y)ᵀ, (x + y)[1:], (x + y) @ u, sum(x + y)."""
    call = formula(operation, tried)
    sums = Call(call.operation, tuple(x + 1.0 for x in call.operands))
    text = UnicodePrinter().text(sums)
    for x in call.operands:
        assert re.search(rf"[(\[ ]{x.key}( \+ 1\)| \+ 1[,)])", text), text
    if operation.notation.kind != "array" and "(x + 1)" not in text:
        assert text.startswith(operation.name), text


# --- the sentences --------------------------------------------------------------------------------------------
def runs(operation: ArrayOperation, tried: Sample) -> list[Trace]:
    """A forward run in which all moves, and a reverse run."""
    f = applied(operation, tried)
    at = [x if np.ndim(x) else float(x) for x in operands(tried, generator(operation))]
    everything = [1.0] * sum(map(np.size, at))
    modes = {"forward": everything, "reverse": None}
    return [trace(lambda *x: np.sum(np.sin(f(*x))), at, mode=mode, seed=seed) for mode, seed in modes.items()]


def sentences(runs: list[Trace], operation: ArrayOperation) -> dict[str, list[str]]:
    """What is said about the rows of an operation, by phase."""
    told: dict[str, list[str]] = {"primal": [], "tangent": [], "adjoint": []}
    for moment in (each for run in runs for each in moments(run)):
        about = moment.contribution.step if moment.contribution else moment.step
        if about is not None and about.operation is operation:
            told[moment.phase].append(moment.why)
    return told


@each_sample
def test_why_says_what_it_does_and_what_pushing_and_pulling_mean(operation: ArrayOperation, tried: Sample) -> None:
    xs, words = operands(tried, generator(operation)), operation.words
    if is_idle(operation, tried, xs):
        return  # it makes no row
    told = sentences(runs(operation, tried), operation)
    z = operation(*xs, **tried.settings)
    does = words.does if np.shape(z) else words.one or words.does
    assert any(all(part in why for part in does.split("{}")) for why in told["primal"])
    pushed = words.pushed if len(xs) == 1 else words.together or "add up"
    assert any(pushed in why for why in told["tangent"])
    assert any(words.pulled in why for why in told["adjoint"])
    assert not any("as a whole" in why or "applies" in why for phase in told.values() for why in phase)


def test_an_operation_with_a_place_for_each_operand_names_them_there() -> None:
    (tried, *_) = ARRAYS_BY_NAME["solve"].samples
    told = sentences(runs(ARRAYS_BY_NAME["solve"], tried), ARRAYS_BY_NAME["solve"])
    assert re.search(r"the matrix v\S+ and the right-hand side v\S+; its shape is 3×2", told["primal"][0])


# --- as data and as objects -----------------------------------------------------------------------------------
@each_sample
def test_a_trace_of_it_is_the_same_after_a_round_through_json(operation: ArrayOperation, tried: Sample) -> None:
    for run in runs(operation, tried):
        again = Trace.from_json(run.to_json())
        assert again == run
        assert again.to_text() == run.to_text()


def test_a_trace_with_any_operation_is_read_in_a_process_of_its_own(tmp_path: Any) -> None:
    for name in ("sum", "norm", "einsum", "det", "svd"):
        operation = ARRAYS_BY_NAME[name]
        run = runs(operation, operation.samples[0])[1]
        (tmp_path / f"{name}.json").write_text(run.to_json(), "utf-8")
    program = (
        "import sys, pathlib; from autodiff import Trace\n"
        "for file in pathlib.Path(sys.argv[1]).iterdir(): Trace.from_json(file.read_text('utf-8'))"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@each_operation
def test_it_is_itself_after_a_pickle_and_a_copy(operation: ArrayOperation) -> None:
    assert pickle.loads(pickle.dumps(operation)) is operation
    assert copy.deepcopy(operation) is operation
    assert ARRAY_TABLE[operation.code] is operation
    assert repr(operation) == f"<operation {operation.name}>"


@each_operation
def test_nobody_may_define_it_anew(operation: ArrayOperation) -> None:
    with pytest.raises(DefinitionError, match=f"{operation.name} is built in"):
        elementary(operation.name, np.negative, push=lambda t, z, x: -t, pull=lambda g, z, x: -g)


# --- one entry is all that an operation needs -----------------------------------------------------------------
EVERYTHING = [
    test_both_modes_keep_the_value_its_shape_and_its_precision,
    test_pushing_is_the_limit_of_differences,
    test_pulling_is_the_transpose_of_pushing,
    test_many_directions_at_once_are_pushed_as_one_by_one,
    test_second_derivatives_in_every_order_of_modes,
    test_check_rule_agrees,
    test_it_is_written_in_every_medium,
    test_operands_are_put_in_parentheses_where_they_must,
    test_why_says_what_it_does_and_what_pushing_and_pulling_mean,
    test_a_trace_of_it_is_the_same_after_a_round_through_json,
]


@pytest.mark.parametrize("test", EVERYTHING, ids=lambda test: test.__name__)
def test_an_operation_that_is_entered_in_one_place_passes_everything(test: Callable[..., None]) -> None:
    rms = reduction(
        "rms",
        lambda x, axis, keepdims: np.sqrt(np.mean(x * x, axis=axis, keepdims=keepdims)),
        lambda z, x, axis: x / (z * count(x, axis)),
        Words(
            "takes the root mean square of {}",
            pushed="the tangent of each entry counts in proportion to the entry",
            pulled="each entry gets the adjoint in proportion to itself",
        ),
        notation=named("rms", "array", r"\mathrm{RMS}"),
    )
    assert missing(rms) == []
    for tried in rms.samples:
        test(rms, tried)


# --- operations of users --------------------------------------------------------------------------------------
def turn_round(**facts: Any) -> Any:
    return elementary("turn_round", np.flip, push=lambda t, z, x: t[::-1], pull=lambda g, z, x: g[::-1], **facts)


def test_latex_of_a_users_operation_is_honoured() -> None:
    at = [np.array([1.0, 2.0])]
    call = Call(Applied(turn_round(latex=r"\mathcal{R}"), {}), (Symbol("x"),))
    assert LatexPrinter().text(call) == r"\mathcal{R}(x)"
    assert UnicodePrinter().text(call) == "turn_round(x)"
    assert r"\mathcal{R}(v_{1})" in trace(lambda x: np.sum(ARRAYS_BY_NAME["turn_round"](x)), at).to_latex()
    plain = Call(Applied(turn_round(), {"keep_all": "a_b", "p": 2}), (Symbol("x"),))
    assert LatexPrinter().text(plain) == r"\operatorname{turn\_round}(x, \text{keep\_all}=a\_b, p=2)"


def test_words_of_a_users_operation_are_honoured() -> None:
    words = Words("reverses {}", pushed="the tangent is reversed too", pulled="the adjoint is turned back")
    f = turn_round(words=words)
    told = sentences(runs(f, sample((3,))), f)
    assert re.search(r"v\S+ reverses v\S+; its shape is 3\.", told["primal"][0])
    assert "the tangent is reversed too" in told["tangent"][0]
    assert "the adjoint is turned back" in told["adjoint"][0]


def test_without_words_it_is_told_in_general() -> None:
    f = turn_round()
    told = sentences(runs(f, sample((3,))), f)
    assert "applies turn_round to v" in told["primal"][0]
    assert "the tangent is pushed through turn_round as a whole" in told["tangent"][0]
    assert "the adjoint is pulled back through turn_round as a whole" in told["adjoint"][0]


def test_words_need_a_push_and_a_pull() -> None:
    with pytest.raises(DefinitionError, match="sine_again"):
        elementary("sine_again", np.sin, lambda z, x: np.cos(x), words=Words("takes the sine of {}"))

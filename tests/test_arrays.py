"""Arrays: what numpy computes, this package differentiates, in both modes, at any shape, layout and precision."""

from __future__ import annotations

import gc
import math
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autodiff import AutodiffError, Tape, Var, absolute, grad, jacobian, jvp, logsumexp, sigmoid, softplus, vjp
from autodiff.arrays import door
from autodiff.arrays.names import KNOWN_UFUNCS
from autodiff.operations.rule import TABLE
from tests.array_cases import CASES, Case

Function = Callable[..., Any]
Array = Any
each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
random = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def normal(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any = float) -> Array:
    return np.asarray(rng.normal(size=shape)).astype(dtype)[()]


def drawn(case: Case, dtype: Any = float) -> tuple[list[Array], list[Array], np.random.Generator]:
    """The arguments of a case, directions to move them in, and what further draws come from."""
    rng = np.random.default_rng(zlib.crc32(case.name.encode()))
    draw = (lambda s: np.asarray(rng.uniform(0.5, 2, s)).astype(dtype)[()]) if case.positive else None
    args = [draw(s) if draw else normal(rng, s, dtype) for s in case.shapes]
    return args, [normal(rng, s, dtype) for s in case.shapes], rng


def close(found: Any, wanted: Any, tol: float = 1e-11) -> None:
    assert np.shape(found) == np.shape(wanted)
    np.testing.assert_allclose(found, wanted, rtol=tol, atol=tol)


def inner(xs: Any, ys: Any) -> tuple[float, float]:
    """Σ⟨x, y⟩, and the sum of the sizes of its terms, which bounds its rounding."""
    terms = [np.asarray(x, float) * np.asarray(y, float) for x, y in zip(xs, ys, strict=True)]
    return sum(float(term.sum()) for term in terms), sum(float(np.abs(term).sum()) for term in terms)


def differences(f: Function, args: list[Array], moves: list[Array], h: float = 1e-6) -> Array:
    ahead, behind = ([x + sign * h * t for x, t in zip(args, moves, strict=True)] for sign in (1, -1))
    return [(np.asarray(a) - np.asarray(b)) / (2 * h) for a, b in zip(f(*ahead), f(*behind), strict=True)]


def every(args: Any) -> tuple[int, ...]:
    return tuple(range(len(args)))


# --- the table of programs ------------------------------------------------------------------------------------
@each_case
def test_the_value_is_numpys(case: Case) -> None:
    args, moves, _ = drawn(case)
    wanted = case.f(*args)
    close(jvp(case.f, args, moves)[0], wanted, 1e-13)
    close(vjp(case.f, *args)[0], wanted, 1e-13)


@each_case
def test_a_jvp_is_the_limit_of_central_differences(case: Case) -> None:
    args, moves, _ = drawn(case)
    (wanted,) = differences(lambda *xs: [case.f(*xs)], args, moves)
    close(jvp(case.f, args, moves)[1], wanted, 1e-6)


@each_case
def test_pulling_back_is_the_transpose_of_pushing_forward(case: Case) -> None:
    agree(case.f, *drawn(case)[0], jacobians=False)


@each_case
def test_the_jacobian_is_the_same_forward_and_in_reverse_and_column_by_column(case: Case) -> None:
    args, _, _ = drawn(case)
    forward, reverse = (jacobian(case.f, every(args), mode=mode)(*args) for mode in ("forward", "reverse"))
    for k, x in enumerate(args):
        columns = []
        for n in range(np.size(x)):
            unit = np.zeros(np.size(x))
            unit[n] = 1
            moves = [unit.reshape(np.shape(x)) if i == k else np.zeros(np.shape(y)) for i, y in enumerate(args)]
            columns.append(jvp(case.f, args, moves)[1])
        wanted = np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + np.shape(x))
        close(forward[k], wanted)
        close(reverse[k], wanted)


@each_case
def test_second_derivatives_are_the_differences_of_the_gradient_in_every_order_of_modes(case: Case) -> None:
    args, moves, rng = drawn(case)
    weights = normal(rng, np.shape(case.f(*args)))
    gradient = grad(lambda *xs: np.sum(np.sin(case.f(*xs)) * weights), every(args))
    forward_over_reverse = jvp(gradient, args, moves)[1]
    for found, wanted in zip(forward_over_reverse, differences(gradient, args, moves), strict=True):
        close(found, wanted, 2e-5)
    along = grad(lambda *xs: sum(np.sum(g * t) for g, t in zip(gradient(*xs), moves, strict=True)), every(args))
    for found, wanted in zip(along(*args), forward_over_reverse, strict=True):
        close(found, wanted, 1e-9)


@each_case
def test_single_precision_stays_single(case: Case) -> None:
    args, moves, rng = drawn(case, np.float32)
    args, moves = ([np.asarray(x) for x in xs] for xs in (args, moves))  # numpy's scalars are weakly typed no more
    kind = np.asarray(case.f(*args)).dtype  # float64 where the program itself brings doubles in
    value, tangent = jvp(case.f, args, moves)
    assert (value.dtype, tangent.dtype) == (kind, kind)
    seed = normal(rng, np.shape(value), kind)
    for bar, x in zip(vjp(case.f, *args)[1](seed), args, strict=True):
        assert (np.asarray(bar).dtype, np.shape(bar)) == (np.float32, x.shape)
    for mode in ("forward", "reverse"):
        for block, x in zip(jacobian(case.f, every(args), mode=mode)(*args), args, strict=True):
            assert (np.asarray(block).dtype, np.shape(block)) == (np.float32, np.shape(value) + x.shape)


def test_every_function_of_numpys_that_has_a_stand_in_is_run_by_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    for ufunc in list(KNOWN_UFUNCS):  # what was looked up before is looked up once more
        monkeypatch.delitem(KNOWN_UFUNCS, ufunc)
    called: set[Function] = set()

    def noting(ours: Function) -> Function:
        return lambda *args, **kwargs: (called.add(ours), ours(*args, **kwargs))[1]

    table = dict(door.KNOWN_FUNCTIONS)
    for key, ours in table.items():
        monkeypatch.setitem(door.KNOWN_FUNCTIONS, key, noting(ours))
    for case in CASES:
        vjp(case.f, *drawn(case)[0])
    assert {ours.__name__ for ours in table.values() if ours not in called} == {"write_into"}


@pytest.mark.parametrize("operation", [op for op in TABLE if not op.orders], ids=lambda op: op.name)
def test_an_elementary_operation_on_an_array_is_the_one_on_numbers_entry_by_entry(operation: Any) -> None:
    ends = [(max(low, -1.5), min(high, 2.5)) for low, high in operation.domain.intervals]
    columns = [np.linspace(low, high, 6)[1:-1] + 0.01 * k for k, (low, high) in enumerate(ends)]
    close(operation(*columns), [operation(*map(float, xs)) for xs in zip(*columns, strict=True)], 1e-13)
    found = grad(lambda *xs: np.sum(operation(*xs)), every(columns))(*columns)
    for k, slopes in enumerate(found):
        close(slopes, [grad(operation, k)(*map(float, xs)) for xs in zip(*columns, strict=True)], 1e-13)
    agree(operation, *columns)


# --- random shapes, layouts and precisions --------------------------------------------------------------------
def agree(f: Function, *args: Array, jacobians: bool = True, tol: float | None = None) -> None:
    """Value, shape and dtype are numpy's; both modes are transposes of each other; where numpy refuses, so do we."""
    rng = np.random.default_rng(len(args) + sum(map(np.size, args)))
    moves = [normal(rng, np.shape(x), getattr(x, "dtype", float)) for x in args]
    try:
        wanted = f(*args)
    except (ValueError, IndexError) as error:
        for attempt in (lambda: jvp(f, args, moves), lambda: vjp(f, *args)):
            with pytest.raises(type(error)):
                attempt()
        return
    single = any(getattr(x, "dtype", None) == np.float32 for x in args)
    tol = tol or (2e-5 if single else 1e-12)
    value, tangent = jvp(f, args, moves)
    also, pullback = vjp(f, *args)
    seed = normal(rng, np.shape(wanted), getattr(wanted, "dtype", float))
    bars = pullback(seed)
    for result in (value, also, tangent):
        assert np.shape(result) == np.shape(wanted)
        assert getattr(result, "dtype", np.dtype(float)) == getattr(wanted, "dtype", np.dtype(float))
    for bar, x in zip(bars, args, strict=True):
        assert (np.shape(bar), np.asarray(bar).dtype) == (np.shape(x), np.asarray(x).dtype)
    close(value, wanted, tol)
    close(also, wanted, tol)
    (left, size), (right, other) = inner([seed], [tangent]), inner(bars, moves)
    assert abs(left - right) <= 10 * tol * (size + other)
    if jacobians:
        both = (jacobian(f, every(args), mode=mode)(*args) for mode in ("forward", "reverse"))
        for forward, reverse, x, move in zip(*both, args, moves, strict=True):
            assert np.shape(forward) == np.shape(wanted) + np.shape(x)
            close(forward, reverse, 10 * tol)
            if len(args) == 1:
                close(np.tensordot(forward, move, np.ndim(x)), tangent, 100 * tol)


kinds = st.sampled_from([np.float64, np.float32])
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)
LAYOUTS: dict[str, Function] = {
    "as it is": lambda x: x,
    "every other": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "backwards": lambda x: np.ascontiguousarray(x[..., ::-1])[..., ::-1],
    "transposed": lambda x: np.ascontiguousarray(x.T).T,
    "broadcast": lambda x: np.broadcast_to(x[:1], x.shape),
    "read-only": lambda x: (x.setflags(write=False), x)[1],
}


@st.composite
def arrays(draw: st.DrawFn, its: Any = shapes, kind: Any = kinds, positive: bool = False) -> Array:
    """An array whose entries lie apart from each other and from 0, in some layout in memory."""
    shape = draw(its) if isinstance(its, st.SearchStrategy) else its
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = math.prod(shape)
    sizes = (rng.permutation(count) + rng.uniform(0.2, 0.8, count)) * 1.5 / max(count, 1) + 0.5
    x = (sizes if positive else sizes * rng.choice([-1, 1], count)).reshape(shape).astype(draw(kind))
    return LAYOUTS[draw(st.sampled_from(list(LAYOUTS)))](x) if shape else x[()]


REDUCTIONS: dict[str, Function] = {
    "sum": np.sum, "mean": np.mean, "prod": np.prod, "max": np.max, "min": np.min, "var": np.var, "std": np.std,
    "ptp": np.ptp, "square root of sum": lambda x, **o: np.sqrt(np.sum(x * x + 1, **o)),
    "method": lambda x, **o: x.sum(**o), "nansum": np.nansum,
}  # fmt: skip


@random
@given(st.data(), arrays(), st.sampled_from(list(REDUCTIONS)), st.booleans())
def test_reductions_of_any_shape(data: st.DataObject, x: Array, name: str, keepdims: bool) -> None:
    some = hnp.valid_tuple_axes(np.ndim(x)) | st.integers(-np.ndim(x) - 1, np.ndim(x))  # or one too far
    axis = data.draw(st.none() | some if np.ndim(x) else st.none())
    axes = range(np.ndim(x)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    count = math.prod(np.shape(x)[k] for k in axes if -np.ndim(x) <= k < np.ndim(x))
    if count or name in ("sum", "prod", "method", "max", "nansum"):  # numpy warns of the others when empty
        agree(lambda x: REDUCTIONS[name](x, axis=axis, keepdims=keepdims), x)


@random
@given(
    st.data(), arrays(), st.sampled_from(["cumsum", "cumprod", "sort", "median", "norm", "diff", "logsumexp", "flip"])
)
def test_functions_along_one_axis_of_any_shape(data: st.DataObject, x: Array, name: str) -> None:
    axis = data.draw(st.none() | st.integers(-np.ndim(x), np.ndim(x) - 1) if np.ndim(x) else st.none())
    if name == "logsumexp":
        plainly = lambda x: np.log(np.sum(np.exp(x), axis=axis))  # noqa: E731
        f = lambda x: logsumexp(x, axis) if hasattr(x, "level") else plainly(x)  # noqa: E731
    else:
        f = lambda x: getattr(np.linalg if name == "norm" else np, name)(x, axis=axis)  # noqa: E731
    if np.size(x) and not (name in ("sort", "diff") and axis is None):
        agree(f, x)


PAIRS: dict[str, Function] = {
    "+": lambda x, y: x + y, "−": lambda x, y: x - y, "×": lambda x, y: x * y, "/": lambda x, y: x / y,
    "**": lambda x, y: absolute(x) ** y, "maximum": np.maximum, "minimum": np.minimum, "hypot": np.hypot,
    "arctan2": np.arctan2, "logaddexp": np.logaddexp, "where": lambda x, y: np.where(x > y, x, y * y),
    "clip": lambda x, y: np.clip(x, -1.0, absolute(y)), "%": lambda x, y: x % absolute(y),
    "broadcast_arrays": lambda x, y: np.multiply(*np.broadcast_arrays(x, y)),
}  # fmt: skip
broadcastable = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3)


@random
@given(st.data(), broadcastable, st.sampled_from(list(PAIRS)))
def test_pairs_of_shapes_that_broadcast(data: st.DataObject, its: hnp.BroadcastableShapes, name: str) -> None:
    x, y = (data.draw(arrays(shape)) for shape in its.input_shapes)
    if x.dtype == y.dtype or (np.ndim(x) and np.ndim(y)):  # a float64 without axes counts as a Python number
        agree(PAIRS[name], x, y)


@random
@given(st.data(), arrays(hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3)))
def test_indexing_with_anything_that_numpy_takes(data: st.DataObject, x: Array) -> None:
    n = data.draw(st.integers(1, x.ndim))
    choices = [hnp.basic_indices(x.shape, allow_newaxis=True), hnp.arrays(bool, x.shape[:n])]
    if x.size:
        numbers = hnp.integer_array_indices(
            x.shape[:n], result_shape=hnp.array_shapes(min_dims=0, max_dims=2, max_side=4)
        )
        slices = st.tuples(*map(st.slices, x.shape[n:]))
        choices += [numbers, st.tuples(numbers, slices).map(lambda both: both[0] + both[1])]
        choices += [numbers.map(lambda index: (..., *index)[:2] if x.shape[0] == x.shape[-1] else index)]
        choices += [st.lists(st.integers(-x.shape[0], x.shape[0] - 1), max_size=5)]
    index = data.draw(st.one_of(choices))
    agree(lambda x: x[index], x)
    agree(lambda x: (x * x)[index] * 2, x)


@random
@given(st.data(), hnp.mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, max_side=3))
def test_matrix_products_of_all_combinations_of_shapes(data: st.DataObject, its: hnp.BroadcastableShapes) -> None:
    x, y = (data.draw(arrays(shape)) for shape in its.input_shapes)
    agree(lambda x, y: x @ y, x, y)
    agree(np.dot, x, y)
    if x.shape[-1:] == y.shape[-1:]:
        agree(np.inner, x, y)
    agree(lambda x, y: np.tensordot(x, y, 0), x, y, jacobians=False)
    agree(lambda x, y: np.einsum("...i,...j->j", x, y) if x.ndim == y.ndim == 1 else x @ y, x, y)


MOVES: dict[str, Function] = {
    "reshape flat": lambda x, k: np.reshape(x, -1), "ravel in Fortran's order": lambda x, k: np.ravel(x, order="F"),
    "merge": lambda x, k: np.reshape(x, (*x.shape[:k], math.prod(x.shape[k : k + 2]), *x.shape[k + 2 :])),
    "turn": lambda x, k: np.transpose(x, np.roll(np.arange(x.ndim), k)), "T": lambda x, k: x.T,
    "transpose with negative axes": lambda x, k: np.transpose(x, [-1 - i for i in range(x.ndim)]),
    "swapaxes": lambda x, k: np.swapaxes(x, k, -1), "moveaxis": lambda x, k: np.moveaxis(x, -1, k),
    "squeeze": lambda x, k: np.squeeze(x), "squeeze one": lambda x, k: np.squeeze(x, axis=k),
    "expand_dims": lambda x, k: np.expand_dims(x, (k, -1)), "flip": lambda x, k: np.flip(x, axis=k - x.ndim),
    "roll": lambda x, k: np.roll(x, 2, axis=k), "roll flat": lambda x, k: np.roll(x, -1),
    "repeat": lambda x, k: np.repeat(x, 2, axis=-1), "tile": lambda x, k: np.tile(x, (2, 1)),
    "broadcast_to": lambda x, k: np.broadcast_to(x, (2, *x.shape)), "atleast_3d": lambda x, k: np.atleast_3d(x),
    "take": lambda x, k: np.take(x, [0, 0, -1], axis=k), "split": lambda x, k: np.array_split(x, 2, axis=k)[0],
    "delete": lambda x, k: np.delete(x, 0, axis=k), "append": lambda x, k: np.append(x, x, axis=k),
    "rot90": lambda x, k: np.rot90(x if x.ndim > 1 else x[None], k), "diagonal": lambda x, k: np.diagonal(x, 1, k, -1),
    "trace": lambda x, k: np.trace(x, 0, 0, -1), "triu": lambda x, k: np.triu(x if x.ndim > 1 else x[None], k - 1),
}  # fmt: skip


@random
@given(st.data(), arrays(), st.sampled_from(list(MOVES)))
def test_moving_entries_about_in_any_shape(data: st.DataObject, x: Array, name: str) -> None:
    k = data.draw(st.integers(0, max(np.ndim(x) - 1, 0)))
    if np.ndim(x):
        agree(lambda x: MOVES[name](x, k), x)


@random
@given(st.data(), hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3))
def test_joining_parts_of_any_shape(data: st.DataObject, its: tuple[int, ...]) -> None:
    axis = data.draw(st.integers(-len(its), len(its) - 1))
    lengths = data.draw(st.lists(st.integers(0, 3), min_size=2, max_size=3))
    parts = [data.draw(arrays((*its[: axis % len(its)], n, *its[axis % len(its) + 1 :]))) for n in lengths]
    agree(lambda *xs: np.concatenate([*xs, np.ones_like(parts[0]), xs[0] * xs[0]], axis=axis), *parts)
    agree(lambda *xs: np.concatenate(xs, axis=None), *parts)
    agree(lambda x: np.stack([x, parts[0], 2 * x], axis=axis), parts[0])


@random
@given(st.data(), st.integers(0, 3), hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=2))
def test_linear_systems_of_any_size_and_batch(data: st.DataObject, n: int, batch: tuple[int, ...]) -> None:
    a, b = data.draw(arrays((*batch, n, n))), data.draw(arrays((*batch, n, 2)))
    well = lambda a: a + 8 * np.eye(n, dtype=a.dtype)  # noqa: E731
    agree(lambda a, b: np.linalg.solve(well(a), b), a, b)
    agree(lambda a, b: np.linalg.solve(well(a), b[(0,) * len(batch)]), a, b) if all(batch) else None
    agree(lambda a: np.linalg.inv(well(a)), a)
    agree(lambda a: np.linalg.det(well(a) / 8), a)
    agree(lambda a: np.linalg.slogdet(well(a))[1], a)


@random
@given(arrays(), st.sampled_from([np.sin, np.exp, np.tanh, np.abs, np.square, np.cbrt, np.negative, sigmoid, softplus]))
def test_functions_entry_by_entry_in_any_layout_and_shape(x: Array, f: Function) -> None:
    if np.ndim(x):
        agree(f, x, tol=3e-5 if x.dtype == np.float32 else None)


# --- memory ---------------------------------------------------------------------------------------------------
BIG = 50_000
STEPS = 20


@contextmanager
def arrays_held() -> Iterator[Callable[[], tuple[float, float]]]:
    """Without the garbage collector: how many big arrays live now, and lived at most since the last asking."""
    gc.collect()
    gc.disable()
    tracemalloc.start()

    def held() -> tuple[float, float]:
        now, peak = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        return now / (8 * BIG), peak / (8 * BIG)

    try:
        yield held
    finally:
        tracemalloc.stop()
        gc.enable()


def long_way(x: Any) -> Any:
    for _ in range(STEPS):
        x = np.sin(x).reshape(100, -1).T[::-1].reshape(-1) * 1.5
    return x.sum()


def test_a_tape_is_freed_with_its_last_var_and_holds_no_array_twice() -> None:
    with arrays_held() as held:
        with Tape() as tape:
            x = Var(np.ones(BIG))
        y = long_way(x)
        recorded = held()[0]
        assert recorded < 1 + 3 * STEPS + 0.5  # x; then a sine, a product and a reshape that must copy for each step
        y.backward()
        assert held()[0] < recorded + 6 * STEPS + 2  # backward keeps an adjoint for each of the six rows of a step
        del x, y, tape
        assert held()[0] < 0.2


def test_grad_holds_no_more_than_the_tape_and_a_few_adjoints() -> None:
    x = np.ones(BIG)
    with arrays_held() as held:
        gradient = grad(long_way)(x)
        now, peak = held()
        assert now < 1.2
        assert peak < 3 * STEPS + 6
        del gradient
        value, pullback = vjp(long_way, x)
        assert held()[0] < 3 * STEPS + 1
        del pullback
        assert held()[0] < 0.2
        assert math.isfinite(value)


def test_forward_mode_lets_go_of_what_it_has_passed() -> None:
    x = np.ones(BIG)
    with arrays_held() as held:
        jvp(long_way, x, x)
        now, peak = held()
        assert now < 0.2
        assert peak < 12


def test_views_are_recorded_as_views() -> None:
    with arrays_held() as held, Tape():
        y = Var(np.ones(BIG))
        for _ in range(STEPS):
            y = np.broadcast_to(y.reshape(100, -1).T[::-1].T[None], (5, 100, BIG // 100))[0].reshape(100, -1)
        assert held()[0] < 1.5


@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_an_error_on_the_way_leaves_no_tape_behind(mode: str) -> None:
    def f(x: Any) -> Any:
        return np.linalg.svd(np.sin(x)[None])

    with arrays_held() as held:
        x = np.ones(BIG)
        with pytest.raises(AutodiffError):
            grad(f)(x) if mode == "grad" else jvp(f, x, x)
        del x
        gc.collect()  # the traceback that pytest holds is a cycle
        assert held()[0] < 0.2

"""Derivatives over nested arguments: their structure, precision and memory, and what is said where they do not fit."""

from __future__ import annotations

import collections
import dataclasses
import inspect
import pickle
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from autodiff import derivative, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autodiff.derivatives.trees import leaves, map_leaves
from autodiff.errors import AutodiffError, LostDerivativeError

close = np.testing.assert_allclose
W = np.array([1.0, 2.0, 3.0])
MODES = ["forward", "reverse"]


class Pair(NamedTuple):
    w: Any
    b: Any


@dataclasses.dataclass
class Layer:
    w: Any
    b: Any
    name: str = "dense"
    comment: str | None = None


@dataclasses.dataclass(frozen=True)
class Frozen:
    w: Any
    b: Any
    name: str = "dense"
    comment: str | None = None


@dataclasses.dataclass(slots=True)
class Slotted:
    w: Any
    b: Any
    name: str = "dense"


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenSlotted:
    w: Any
    b: Any
    name: str = "dense"


class Weights(dict[str, Any]):
    pass


def w_of(p: Any) -> Any:
    return p["w"] if isinstance(p, dict) else p.w if hasattr(p, "w") else p[0]


def b_of(p: Any) -> Any:
    return p["b"] if isinstance(p, dict) else p.b if hasattr(p, "b") else p[1]


def loss(p: Any) -> Any:
    """w² summed, times b."""
    return np.sum(w_of(p) ** 2) * b_of(p)


NESTS: dict[str, Any] = {
    "dict": {"w": W, "b": 2.0},
    "labelled dict": {"w": W, "b": 2.0, "name": "dense", "comment": None},
    "ordered dict": collections.OrderedDict(w=W, b=2.0),
    "own dict": Weights(w=W, b=2.0),
    "tuple": (W, 2.0),
    "list": [W, 2.0],
    "namedtuple": Pair(W, 2.0),
    "dataclass": Layer(W, 2.0),
    "frozen": Frozen(W, 2.0),
    "slots": Slotted(W, 2.0),
    "frozen slots": FrozenSlotted(W, 2.0),
}
each_nest = pytest.mark.parametrize("nest", NESTS.values(), ids=NESTS)


def alike(found: Any, nest: Any) -> None:
    """Built alike, with leaves of the same shape, precision and kind, labels included."""
    assert type(found) is type(nest)
    if hasattr(nest, "name"):
        assert found.name == nest.name
    if isinstance(nest, dict):
        assert list(found) == list(nest)
        assert [v for v in found.values() if isinstance(v, str)] == [v for v in nest.values() if isinstance(v, str)]
    for ours, theirs in zip(leaves(found), leaves(nest), strict=True):
        assert ours.path == theirs.path
        assert np.shape(ours.value) == np.shape(theirs.value)
        assert getattr(ours.value, "dtype", float) == getattr(theirs.value, "dtype", float)


# --- every derivative over every nest -------------------------------------------------------------------------
@each_nest
def test_first_derivatives_are_built_like_the_argument(nest: Any) -> None:
    _, pullback = vjp(loss, nest)
    found = [grad(loss)(nest), value_and_grad(loss)(nest)[1], pullback(1.0)[0]]
    found += [jacobian(loss, mode=mode)(nest) for mode in MODES]
    for each in found:
        alike(each, nest)
        close(w_of(each), 4 * W)
        assert b_of(each) == 14.0
    value, slope = jvp(loss, (nest,), (map_leaves(np.ones_like, nest),))
    assert (value, slope) == (28.0, 38.0)
    close(w_of(nest), [1.0, 2.0, 3.0])  # the argument is as it was


@each_nest
@pytest.mark.parametrize("mode", MODES)
def test_hessians_are_nests_of_nests(nest: Any, mode: str) -> None:
    found = hessian(loss, mode=mode)(nest)
    assert type(found) is type(nest)
    close(w_of(w_of(found)), 4 * np.eye(3))
    close(b_of(w_of(found)), 2 * W)
    close(w_of(b_of(found)), 2 * W)
    assert b_of(b_of(found)) == 0.0


@each_nest
def test_hessian_vector_products_are_built_like_the_argument(nest: Any) -> None:
    found = hvp(loss, (nest,), (map_leaves(np.ones_like, nest),))
    alike(found, nest)
    close(w_of(found), 4 * np.ones(3) + 2 * W)
    assert b_of(found) == 12.0


def test_deep_nests_keep_their_labels() -> None:
    def f(p: Any, x: Any) -> Any:
        hidden = x
        for layer in p["layers"]:
            hidden = np.tanh(layer.w @ hidden + layer.b)
        return np.sum(hidden) * p["scale"][0][0]

    layers = [Frozen(np.eye(3) / 2, W, "first"), Layer(np.ones((2, 3)), W[:2], "second")]
    p = {"layers": layers, "scale": ((2.0,),), "kind": "mlp", "none": None, "empty": [{}, ()]}
    by_p, by_x = grad(f)(p, W)
    assert [type(layer) for layer in by_p["layers"]] == [Frozen, Layer]
    assert [layer.name for layer in by_p["layers"]] == ["first", "second"]
    assert (by_p["kind"], by_p["none"], by_p["empty"]) == ("mlp", None, [{}, ()])
    assert by_x.shape == (3,)
    direction = map_leaves(np.ones_like, p)
    slope = jvp(f, (p, W), (direction, np.zeros(3)))[1]
    assert slope == pytest.approx(sum(np.sum(leaf.value) for leaf in leaves(by_p)))


@pytest.mark.parametrize("mode", ["auto", *MODES])
def test_jacobians_of_nests_into_nests(mode: str) -> None:
    found = jacobian(lambda p: {"s": p["a"] * 2, "t": [np.sum(p["b"]), p["b"][:2]]}, mode=mode)({"a": 1.0, "b": W})
    assert found["s"]["a"] == 2.0
    close(found["s"]["b"], np.zeros(3))
    close(found["t"][0]["b"], np.ones(3))
    close(found["t"][1]["a"], np.zeros(2))
    close(found["t"][1]["b"], np.eye(2, 3))


# --- arguments ------------------------------------------------------------------------------------------------
def test_argnums() -> None:
    f = lambda a, b, c=1.0: a * b**2 * c  # noqa: E731
    assert grad(f, 0)(2.0, 3.0) == 9.0
    assert grad(f, -1)(2.0, 3.0) == 12.0
    assert grad(f, (-1, 0))(2.0, 3.0) == (12.0, 9.0)
    assert grad(f, [1])(2.0, 3.0) == (12.0,)
    assert grad(f, (1, 1, 0, -1))(2.0, 3.0) == (12.0, 12.0, 9.0, 12.0)
    assert grad(f, ())(2.0, 3.0) == ()
    assert grad(f, 0)(2.0, 3.0, c=2.0) == 18.0
    assert value_and_grad(f, (0, -1))(2.0, 3.0) == (18.0, (9.0, 12.0))
    assert jacobian(f, (1, 0), mode="forward")(2.0, 3.0) == (12.0, 9.0)
    assert hessian(f, (1, 1))(2.0, 3.0) == ((4.0, 4.0), (4.0, 4.0))
    assert hessian(f, -1)(2.0, 3.0) == 4.0
    assert grad(f, np.int64(1))(2.0, 3.0) == 12.0  # type: ignore[arg-type]
    for wrong in (2, -3, (0, 5)):
        with pytest.raises(IndexError, match="2 positional arguments"):
            grad(f, wrong)(2.0, 3.0)


def test_arrays_of_whole_numbers_that_are_not_differentiated_stay_as_they_are() -> None:
    index = np.array([0, 0, 2])

    def f(x: Any, i: Any) -> Any:
        assert i is index
        return np.sum(x[i] ** 2)

    close(grad(f, 0)(W, index), [4.0, 0.0, 6.0])
    close(hessian(f, 0)(W, index), np.diag([4.0, 0.0, 2.0]))
    close(jacobian(lambda x, i: x[i], 0)(W, index), np.eye(3)[index])
    with pytest.raises(LostDerivativeError, match="argument 1 holds real numbers, and this is an array of int64"):
        grad(f)(W, index)
    with pytest.raises(LostDerivativeError, match=r"argument 0\['i'\] holds real numbers"):
        grad(lambda p: np.sum(p["x"][p["i"]]))({"x": W, "i": index})


def test_has_aux() -> None:
    f = lambda x: (np.sum(x**2), {"first": x[0], "name": "aux", "kept": object})  # noqa: E731
    expected = {"first": 1.0, "name": "aux", "kept": object}
    slopes, aux = grad(f, has_aux=True)(W)
    close(slopes, 2 * W)
    assert aux == expected
    (value, aux), slopes = value_and_grad(f, has_aux=True)(W)
    assert (value, aux) == (14.0, expected)
    assert vjp(f, W, has_aux=True)[2] == expected
    for mode in MODES:
        found, aux = jacobian(f, mode=mode, has_aux=True)(W)
        close(found, 2 * W)
        assert aux == expected
        found, aux = hessian(f, mode=mode, has_aux=True)(W)
        close(found, 2 * np.eye(3))
        assert aux == expected
    with pytest.raises(LostDerivativeError, match="must return a pair"):
        grad(lambda x: x, has_aux=True)(2.0)
    assert type(aux["first"] + 0.0) in (float, np.float64)


# --- precision and memory -------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_have_the_precision_of_the_arguments(dtype: Any) -> None:
    nest = {"a": W.astype(dtype), "b": [W.reshape(3, 1)]}
    f = lambda p: np.sum(p["a"] * p["b"][0])  # noqa: E731
    for found in (grad(f)(nest), jacobian(f, mode="forward")(nest), hvp(f, (nest,), (nest,))):
        assert found["a"].dtype == dtype
        assert found["b"][0].dtype == np.float64
        assert found["b"][0].shape == (3, 1)
    second = hessian(f)(nest)
    assert second["a"]["a"].dtype == dtype
    assert second["b"][0]["a"].shape == (3, 1, 3)


def derivatives(f: Callable[..., Any], *args: Any) -> Iterator[tuple[str, Any]]:
    yield "grad", grad(lambda *x: np.sum(f(*x)))(*args)
    yield "vjp", vjp(f, *args)[1](np.ones(np.shape(f(*args))))
    yield "jvp", jvp(f, args, tuple(np.ones_like(x) for x in args))[1]
    for mode in MODES:
        yield f"jacobian {mode}", jacobian(f, mode=mode)(*args)
        yield f"hessian {mode}", hessian(lambda *x: np.sum(f(*x)), mode=mode)(*args)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x + y,
        lambda x, y: x,
        lambda x, y: x * y,
        lambda x, y: x - y,
        lambda x, y: (x + y) * 3.0,
        lambda x, y: x.reshape(3, 1) + y.reshape(3, 1),
        lambda x, y: np.concatenate([x, y]),
        lambda x, y: np.broadcast_to(x + y, (2, 3)),
    ],
    ids=["sum", "first", "product", "difference", "scaled", "reshaped", "joined", "broadcast"],
)
def test_results_are_writable_and_share_no_memory(f: Callable[..., Any]) -> None:
    args = (W.copy(), W + 1)
    for arg in args:
        arg.flags.writeable = False
    for who, found in derivatives(f, *args):
        arrays = [leaf.value for leaf in leaves(found if isinstance(found, tuple) else (found,))]
        for n, one in enumerate(arrays):
            assert one.flags.writeable, who
            assert not any(np.shares_memory(one, arg) for arg in args), who
            assert not any(np.shares_memory(one, other) for other in arrays[:n]), who


def test_an_argument_asked_for_twice_gives_two_arrays() -> None:
    first, second = grad(lambda x: np.sum(x * x), (0, 0))(W)
    assert not np.shares_memory(first, second)


def test_seeds_and_tangents_are_not_handed_out() -> None:
    seed, tangent = np.ones(3), np.ones(3)
    assert not np.shares_memory(vjp(lambda x: x, W)[1](seed)[0], seed)
    assert not np.shares_memory(jvp(lambda x: x, (W,), (tangent,))[1], tangent)
    one, other = jvp(lambda x: (x, x), (W,), (tangent,))[1]
    assert not np.shares_memory(one, other)


# --- odd functions --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["auto", *MODES])
def test_empty_arrays(mode: str) -> None:
    assert jacobian(lambda x: 2 * x, mode=mode)(np.zeros(0)).shape == (0, 0)
    assert jacobian(lambda x: 2 * x, mode=mode)(np.zeros((0, 3))).shape == (0, 3, 0, 3)
    assert jacobian(lambda x: x[:0], mode=mode)(W).shape == (0, 3)
    assert jacobian(np.sum, mode=mode)(np.zeros(0)).shape == (0,)
    assert grad(np.sum)(np.zeros((2, 0))).shape == (2, 0)
    assert grad(lambda p, a: 2 * a)({"a": [], "b": ()}, 2.0) == ({"a": [], "b": ()}, 2.0)


@pytest.mark.parametrize("mode", ["auto", *MODES])
def test_functions_that_ignore_an_argument(mode: str) -> None:
    by_x, by_p = jacobian(lambda x, p: 2 * x, mode=mode)(W, {"k": [1.0, W[:2]]})
    close(by_x, 2 * np.eye(3))
    close(by_p["k"][0], np.zeros(3))
    close(by_p["k"][1], np.zeros((3, 2)))
    by_x, by_p = grad(lambda x, p: 3.0)(W.astype(np.float32), Pair(1.0, W))
    assert by_x.dtype == np.float32
    close(by_x, np.zeros(3))
    assert by_p.w == 0.0
    close(by_p.b, np.zeros(3))
    assert jvp(lambda x: 3.0, (2.0,), (1.0,)) == (3.0, 0.0)


@pytest.mark.parametrize("mode", ["auto", *MODES])
def test_outputs_that_are_inputs_or_constants(mode: str) -> None:
    swapped = jacobian(lambda a, b: (b, a), mode=mode)(W[:2], 2.0)
    close(swapped[0][0], [0.0, 0.0])
    assert swapped[0][1] == 1.0
    close(swapped[1][0], np.eye(2))
    close(swapped[1][1], [0.0, 0.0])
    moving, constant = jacobian(lambda x: (x, np.arange(2.0)), mode=mode)(2.0)
    assert moving == 1.0
    assert np.shape(constant) == (2,)
    value, pullback = vjp(lambda a, b: (a, a, b), 2.0, 3.0)
    assert (value, pullback((1.0, 10.0, 100.0))) == ((2.0, 2.0, 3.0), (11.0, 100.0))


def test_directions_say_why() -> None:
    assert str(jacobian(lambda x: 2 * x).direction(W)) == "forward: 3 inputs to push, 3 outputs to pull back"
    assert str(jacobian(np.sum).direction(W)) == "reverse: 3 inputs to push, 1 outputs to pull back"
    forced = jacobian(np.sum, mode="forward").direction(W)
    assert (forced.mode, forced.inputs, forced.outputs) == ("forward", 3, 1)
    assert jacobian(lambda p, x: p["a"] * x, 0).direction({"a": 1.0}, W) == ("forward", 1, 3)
    assert jacobian(lambda x: (np.sum(x), x), has_aux=True).direction(W) == ("reverse", 3, 1)
    assert jacobian(lambda x: (np.sum(x), object()), has_aux=True).direction(W) == ("reverse", 3, 1)
    assert hessian(lambda x: np.sum(x * x)).direction(W).inputs == 3


@pytest.mark.parametrize("way", [jacobian, hessian])
@pytest.mark.parametrize("mode", ["rev", "", "both", None])
def test_unknown_modes_are_refused_at_once(way: Any, mode: Any) -> None:
    with pytest.raises(ValueError, match="choose 'auto', 'forward' or 'reverse'"):
        way(np.sum, mode=mode)


def test_tangents_of_another_structure_are_refused() -> None:
    f = lambda p: p["a"] * p["b"]  # noqa: E731
    point = {"a": 1.0, "b": 2.0}
    for way in (jvp, hvp):
        with pytest.raises(ValueError, match="tangents built like the primals; argument 0: 1 parts for 2"):
            way(f, (point,), ({"a": 1.0},))
        with pytest.raises(ValueError, match=r"\['b'\] is missing"):
            way(f, (point,), ({"a": 1.0, "c": 1.0},))
        with pytest.raises(ValueError, match="1 tangents for 2 primals"):
            way(lambda a, b: a * b, (1.0, 2.0), (1.0,))
    with pytest.raises(ValueError, match=r"has the shape of its primal, \(3,\), not \(2,\)"):
        jvp(np.sum, (W,), (W[:2],))
    with pytest.raises(ValueError, match="a number for each of the 2 outputs: 1 parts for 2"):
        vjp(lambda a: (a, a), 1.0)[1]((1.0,))
    with pytest.raises(ValueError, match=r"\(2, 3\), not \(3,\)"):
        vjp(lambda a: 2 * a, np.ones((2, 3)))[1](W)


def test_the_order_of_the_keys_of_a_tangent_does_not_matter() -> None:
    point, tangent = {"a": 2.0, "b": 5.0}, {"b": 0.0, "a": 1.0}
    assert jvp(lambda p: p["a"] * p["b"], (point,), (tangent,)) == (10.0, 5.0)


def test_what_is_no_number_is_named_with_its_place() -> None:
    with pytest.raises(LostDerivativeError, match=r"argument 0\['a'\]\[1\]"):
        grad(lambda p: p["a"][0])({"a": [1.0, {1, 2}]})
    with pytest.raises(LostDerivativeError, match=r"returns numbers, not .*word"):
        jacobian(lambda x: [x, "word"])(1.0)
    with pytest.raises(LostDerivativeError, match="returned an array of shape"):
        grad(lambda x: x)(W)
    with pytest.raises(AutodiffError):
        grad(lambda x: None)(1.0)


# --- functions and methods ------------------------------------------------------------------------------------
def energy(p: Any, x: float = 2.0, *, scale: float = 1.0) -> Any:
    """The energy."""
    return np.sum(p * p) * x * scale


@grad
def slope_of_square(x: float) -> float:
    """Twice x."""
    return x * x


class Model:
    weight = 3.0

    def cube(self, x: Any) -> Any:
        """The weighted cube."""
        return self.weight * x**3

    slope = grad(cube, argnums=1)
    curve = jacobian(slope, argnums=1)

    @staticmethod
    @derivative
    def static(x: Any) -> Any:
        return x * x


WAYS = [grad, value_and_grad, jacobian, hessian, derivative]


@pytest.mark.parametrize("way", WAYS)
def test_derived_functions_keep_name_docstring_and_signature(way: Any) -> None:
    derived = way(energy)
    assert (derived.__name__, derived.__doc__, derived.__module__) == ("energy", "The energy.", __name__)
    assert inspect.signature(derived) == inspect.signature(energy)
    assert "energy" in repr(derived)


@pytest.mark.parametrize("way", [grad, value_and_grad, jacobian, hessian])
def test_derived_functions_can_be_pickled(way: Any) -> None:
    derived = way(energy, argnums=0)
    found = pickle.loads(pickle.dumps(derived))(W, 3.0, scale=2.0)
    expected = derived(W, 3.0, scale=2.0)
    for ours, theirs in zip(leaves([found]), leaves([expected]), strict=True):
        close(ours.value, theirs.value)


def test_decorated_functions_and_methods() -> None:
    assert (slope_of_square(3.0), slope_of_square.__name__, slope_of_square.__doc__) == (
        6.0,
        "slope_of_square",
        "Twice x.",
    )
    assert pickle.loads(pickle.dumps(slope_of_square)) is slope_of_square
    assert Model().slope(2.0) == Model.slope(Model(), 2.0) == 36.0
    assert Model().curve(2.0) == 36.0
    assert (Model.slope.__name__, Model.slope.__doc__) == ("cube", "The weighted cube.")
    assert Model.static(3.0) == 6.0
    assert grad(Model().cube)(2.0) == 36.0
    assert pickle.loads(pickle.dumps(grad(Model().cube)))(2.0) == 36.0
    assert list(inspect.signature(Model().slope).parameters) == ["x"]
    with pytest.raises(TypeError, match="a derivative is taken of a function, not of float"):
        grad(3.0)  # type: ignore[arg-type]

"""Programs from the literature on automatic differentiation, each with its derivative known from elsewhere.

They are ordinary Python and numpy. Where a program is analytic, the same text runs on complex numbers too, and
Im f(x + ih)/h is its derivative with nothing subtracted (Squire & Trapp, 1998): a source of its own, to the last digit.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from autodiff import cos, derivative, exp, grad, hessian, hvp, jacobian, jvp, sin, tanh, value_and_grad

close = np.testing.assert_allclose


def complex_step(f: Callable[..., Any], *args: Any, wrt: int = 0) -> Any:
    """The derivative of f by one of its arguments, of shape (*output.shape, *argument.shape)."""
    x = np.asarray(args[wrt], dtype=complex)
    columns = []
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] += 1e-30j
        columns.append(np.imag(f(*args[:wrt], moved, *args[wrt + 1 :])) / 1e-30)
    return np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + x.shape)


# --- minimisation inside minimisation -------------------------------------------------------------------------
def descend(f: Callable[[Any], Any], x: Any) -> Any:
    """The minimiser of f by gradient descent."""
    slope = grad(f)(x)
    while np.max(np.abs(slope)) > 1e-8:
        x = x - 0.4 * slope
        slope = grad(f)(x)
    return x


@pytest.mark.parametrize("coupling", [0.0, 0.5])
def test_a_saddle_is_the_minimum_of_a_maximum(coupling: float) -> None:
    """Siskind & Pearlmutter, "Using Programming Language Theory to Make Automatic Differentiation Sound and
    Efficient" (2008): the least, over p, of the greatest, over q, of |p|² − |q|². The outer gradient runs through the
    loop of the inner one.

    With a term 2c (p − 1)·q the greatest is at q = c (p − 1) and worth |p|² + c² |p − 1|², least at p = c²/(1 + c²).
    """

    def f(p: Any, q: Any) -> Any:
        return p @ p - q @ q + 2 * coupling * (p - 1.0) @ q

    def highest(p: Any) -> Any:
        return descend(lambda q: -f(p, q), np.ones(2))

    p = descend(lambda p: f(p, highest(p)), np.ones(2))
    best = coupling**2 / (1 + coupling**2)
    close(p, [best, best], atol=1e-7)
    close(highest(p), coupling * (p - 1.0), atol=1e-7)
    # The maximiser itself has a derivative, known as well: c times the identity.
    close(jacobian(highest)(p), coupling * np.eye(2), atol=1e-7)


def potential(x: Any, y: Any, w: Any) -> Any:
    """The field of two bodies of the same charge as the particle, one of them moved by w."""
    return sum(1 / np.sqrt((x - 10.0) ** 2 + (y - height) ** 2) for height in (10.0 - w, 0.0))


def by_gradient(x: Any, y: Any, w: Any) -> Any:
    """The push on the particle, downhill."""
    return [-partial for partial in grad(potential, argnums=(0, 1))(x, y, w)]


def by_coulomb(x: Any, y: Any, w: Any) -> Any:
    """The same from Coulomb's law: the distance over its cube."""
    away = [(x - 10.0, y - height) for height in (10.0 - w, 0.0)]
    return [sum(d[k] / (d[0] ** 2 + d[1] ** 2) ** 1.5 for d in away) for k in (0, 1)]


def landing(w: Any, push: Callable[..., Any]) -> Any:
    """Where the particle comes down on the x axis, by Euler's method and a straight last step."""
    x, y, vx, vy = 0.0, 8.0, 0.75, 0.0
    while True:
        ax, ay = push(x, y, w)
        if (y + 0.1 * vy).real <= 0:
            return x - y / vy * vx
        x, y, vx, vy = x + 0.1 * vx, y + 0.1 * vy, vx + 0.1 * ax, vy + 0.1 * ay


@pytest.mark.no_cover
def test_a_particle_in_two_charged_fields_is_steered_to_the_origin() -> None:
    """The second problem of the same paper: Newton's method on the squared error of the place where a particle lands,
    whose path follows a gradient. The second derivative of a gradient: three levels.
    """

    def error(w: Any) -> Any:
        return landing(w, by_gradient) ** 2

    slope = 2 * landing(0.3, by_coulomb) * complex_step(landing, 0.3, by_coulomb)
    close(grad(error)(0.3), slope, rtol=1e-12)
    close(derivative(error)(0.3), slope, rtol=1e-12)

    w = 0.2
    for _ in range(3):
        w = w - grad(error)(w) / derivative(grad(error))(w)
    # On either side of the control found, the particle lands on either side of the origin.
    assert landing(w - 1e-9, by_coulomb) * landing(w + 1e-9, by_coulomb) < 0


def test_the_derivative_of_a_minimiser_is_the_derivative_of_its_closed_form() -> None:
    """The y that minimises cosh y − x y is arsinh x. Newton's method finds it with two derivatives by y inside
    those by x: four levels for the second one.
    """

    def minimiser(x: Any) -> Any:
        def f(y: Any) -> Any:
            return (exp(y) + exp(-y)) / 2 - x * y

        y = 0.0
        for _ in range(8):
            y = y - derivative(f)(y) / grad(derivative(f))(y)
        return y

    close(minimiser(0.75), np.arcsinh(0.75), rtol=1e-14)
    close(grad(minimiser)(0.75), 0.8, rtol=1e-14)
    close(derivative(minimiser)(0.75), 0.8, rtol=1e-14)
    close(derivative(grad(minimiser))(0.75), -0.75 * 0.8**3, rtol=1e-13)


# --- statistics and vision ------------------------------------------------------------------------------------
def log_sum_exp(x: Any, axis: int = -1) -> Any:
    """ln Σ exp x. Taking the greatest out first keeps exp from overflowing."""
    top = np.max(x, axis=axis, keepdims=True)
    return np.squeeze(top, axis) + np.log(np.sum(np.exp(x - top), axis=axis))


@pytest.mark.parametrize(
    "x", [[0.5, -1.0, 2.0], [1e3, 1e3 + 1, 998.0], [-1e5, -1e5, 3.0 - 1e5], [1e300, 0.0, -1e300], [7.0, 7.0, 7.0]]
)
def test_the_gradient_of_log_sum_exp_is_softmax_however_large_the_inputs(x: list[float]) -> None:
    """Softmax in arithmetic of 50 digits, whose exponents never overflow; its Jacobian is diag s − s sᵀ."""
    point = np.array(x)
    with mpmath.workdps(50):
        powers = [mpmath.exp(mpmath.mpf(entry)) for entry in x]
        value = float(mpmath.log(mpmath.fsum(powers)))
        softmax = np.array([float(power / mpmath.fsum(powers)) for power in powers])
    close(log_sum_exp(point), value, rtol=1e-14)
    close(grad(log_sum_exp)(point), softmax, rtol=1e-12, atol=1e-300)
    close(hessian(log_sum_exp)(point), np.diag(softmax) - np.outer(softmax, softmax), rtol=1e-12, atol=1e-15)


def test_the_gradient_of_a_gaussian_mixture_is_the_complex_step() -> None:
    """The first benchmark of ADBench (Šrajer, Kukelova & Fitzgibbon, 2018). Weights are a softmax of `alphas`, and
    the precision of each Gaussian is QᵀQ, with Q lower triangular and its diagonal exp q: no constraint is left.
    """
    random = np.random.default_rng(1)
    points = random.normal(size=(12, 3))
    places = np.zeros((3, 3, 3))  # where each entry below the diagonal stands
    places[range(3), [1, 2, 2], [0, 0, 1]] = 1.0

    def log_likelihood(alphas: Any, means: Any, q: Any, below: Any) -> Any:
        factors = np.exp(q)[:, :, None] * np.eye(3) + np.einsum("kl,lij->kij", below, places)
        whitened = np.einsum("kij,nkj->nki", factors, points[:, None, :] - means)
        heights = alphas + np.sum(q, axis=-1) - 0.5 * np.sum(whitened**2, axis=-1)
        return np.sum(log_sum_exp(heights)) - len(points) * (log_sum_exp(alphas) + 1.5 * np.log(2 * np.pi))

    at = random.normal(size=2), random.normal(size=(2, 3)), 0.3 * random.normal(size=(2, 3)), random.normal(size=(2, 3))
    for k, partial in enumerate(grad(log_likelihood)(*at)):
        close(partial, complex_step(log_likelihood, *at, wrt=k), rtol=1e-11, atol=1e-11)

    # The value, from the density as textbooks write it.
    alphas, means, q, below = at
    densities = np.zeros(len(points))
    for k in range(2):
        factor = np.diag(np.exp(q[k])) + np.tensordot(below[k], places, 1)
        heights = np.exp(-0.5 * np.sum(((points - means[k]) @ factor.T) ** 2, axis=1))
        densities += np.exp(alphas[k]) / np.sum(np.exp(alphas)) * heights * np.linalg.det(factor) / (2 * np.pi) ** 1.5
    close(log_likelihood(*at), np.sum(np.log(densities)), rtol=1e-12)


def test_a_newton_step_of_k_means_is_a_step_of_lloyds_algorithm() -> None:
    """k-means in ADBench's form: Σ min |point − centre|². Its Hessian is diagonal, twice the number of points of each
    centre, so its product with ones is all of it; and Newton's step leads each centre to the mean of its points.
    """
    random = np.random.default_rng(2)
    points = np.concatenate([random.normal(size=(8, 2)) + shift for shift in ([0, 0], [6, 1], [2, 7])])

    def loss(centres: Any) -> Any:
        return np.sum(np.min(np.sum((points[:, None, :] - centres) ** 2, axis=-1), axis=1))

    centres = points[[0, 1, 16]] + 0.1
    for _ in range(6):
        nearest = np.argmin(np.sum((points[:, None, :] - centres) ** 2, axis=-1), axis=1)
        counts = np.bincount(nearest, minlength=3)
        close(hessian(loss)(centres).reshape(6, 6), np.diag(np.repeat(2.0 * counts, 2)), atol=1e-12)
        centres = centres - grad(loss)(centres) / hvp(loss, centres, np.ones((3, 2)))
        close(centres, [points[nearest == k].mean(axis=0) for k in range(3)], rtol=1e-12, atol=1e-12)
    close(grad(loss)(centres), np.zeros((3, 2)), atol=1e-12)


def rotate(turn: Any, x: Any) -> Any:
    """Rodrigues' formula: x turned around the axis `turn` by its length; to first order where it has none."""
    square = turn @ turn
    if square == 0:
        return x + np.cross(turn, x)
    angle = np.sqrt(square)
    axis = turn / angle
    return x * np.cos(angle) + np.cross(axis, x) * np.sin(angle) + axis * (axis @ x) * (1 - np.cos(angle))


def reprojection(turn: Any, shift: Any, focal: Any, radial: Any, point: Any) -> Any:
    """How far from where it was seen a camera shows a point."""
    seen = rotate(turn, point) + shift
    flat = -seen[:2] / seen[2]
    square = flat @ flat
    return focal * (1 + radial[0] * square + radial[1] * square**2) * flat - np.array([12.0, -7.0])


CAMERA = ([0.3, -0.5, 0.2], [0.1, 0.2, -4.0], 500.0, [-0.12, 0.03], [0.7, -0.4, 1.1])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_jacobian_of_a_bundle_adjustment_residual_is_the_complex_step(mode: str) -> None:
    """The camera of Snavely's Bundler and of Agarwal et al., "Bundle Adjustment in the Large" (2010): 2 outputs by
    3 + 3 + 1 + 2 + 3 inputs.
    """
    at = [np.array(part) if isinstance(part, list) else part for part in CAMERA]
    blocks = jacobian(reprojection, mode=mode)(*at)
    assert [np.shape(block) for block in blocks] == [(2, 3), (2, 3), (2,), (2, 2), (2, 3)]
    for k, block in enumerate(blocks):
        close(block, complex_step(reprojection, *at, wrt=k), rtol=1e-11, atol=1e-10)
    x, y, z = point = at[4]
    # Around no axis at all, the rotation moves the point by the cross product.
    cross = [[0, z, -y], [-z, 0, x], [y, -x, 0]]
    close(jacobian(rotate, mode=mode)(np.zeros(3), point)[0], cross, rtol=1e-15)


# --- differential equations -----------------------------------------------------------------------------------
def runge_kutta(f: Callable[[Any], Any], y: Any, step: float, steps: int) -> Any:
    """The state after some steps of y′ = f(y), by the classical method of fourth order."""
    for _ in range(steps):
        k1 = f(y)
        k2 = f(y + step / 2 * k1)
        k3 = f(y + step / 2 * k2)
        k4 = f(y + step * k3)
        y = y + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_sensitivities_of_lotka_and_volterra_solve_the_variational_equation(mode: str) -> None:
    """Hairer, Nørsett & Wanner, "Solving Ordinary Differential Equations I", I.14: the derivative S of the state by the
    parameters obeys S′ = f_y S + f_p. A Runge-Kutta method commutes with differentiation, so both agree to rounding.
    """

    def hares_and_lynxes(p: Any, y: Any) -> Any:
        return np.stack([p[0] * y[0] - p[1] * y[0] * y[1], p[2] * y[0] * y[1] - p[3] * y[1]])

    def augmented(state: Any) -> Any:
        (x, y), s = state[0], state[1:].T
        by_state = np.array([[p[0] - p[1] * y, -p[1] * x], [p[2] * y, p[2] * x - p[3]]])
        by_parameters = np.array([[x, -x * y, 0, 0], [0, 0, x * y, -y]])
        return np.concatenate([[hares_and_lynxes(p, state[0])], (by_state @ s + by_parameters).T])

    p, start = np.array([1.1, 0.4, 0.1, 0.4]), np.array([10.0, 5.0])
    found = jacobian(lambda p: runge_kutta(lambda y: hares_and_lynxes(p, y), start, 0.05, 60), mode=mode)(p)
    state = runge_kutta(augmented, np.concatenate([[start], np.zeros((4, 2))]), 0.05, 60)
    close(found, state[1:].T, rtol=1e-11, atol=1e-11)


# --- linear algebra and recursion -----------------------------------------------------------------------------
def determinant(rows: Any) -> Any:
    """By cofactors along the first row: n! products, and no division."""
    if not rows:
        return 1.0
    first, *rest = rows
    return sum((-1) ** j * x * determinant([row[:j] + row[j + 1 :] for row in rest]) for j, x in enumerate(first))


@pytest.mark.parametrize(
    "rows",
    [
        [[2.0, -1.0, 0.0, 3.0], [1.0, 4.0, -2.0, 1.0], [0.0, 5.0, 3.0, -1.0], [2.0, 2.0, 1.0, 6.0]],
        [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]],  # of rank 2: there is no inverse to take it from
    ],
)
def test_the_gradient_of_a_determinant_is_the_matrix_of_cofactors(rows: list[list[float]]) -> None:
    """The example `detexam` of ADOL-C. Nothing is divided, so whole numbers stay exact to the last bit."""
    exact = sympy.Matrix([[int(x) for x in row] for row in rows])
    assert determinant(rows) == float(exact.det())
    assert grad(determinant)(rows) == [[float(x) for x in row] for row in exact.adjugate().T.tolist()]
    # numpy's comes from a factorisation, which rounds.
    close(grad(np.linalg.det)(np.array(rows)), np.array(exact.adjugate().T, dtype=float), rtol=1e-12)


def test_the_gradient_of_a_long_short_term_memory_is_the_complex_step() -> None:
    """Hochreiter & Schmidhuber (1997) with the forget gate of Gers, Schmidhuber & Cummins (2000): backpropagation
    through time, with the parameters by name.
    """
    random = np.random.default_rng(4)
    inputs, targets = random.normal(size=(6, 2)), random.normal(size=6)
    gates = ("input", "forget", "output", "change")
    parameters = {f"{gate}_weights": 0.5 * random.normal(size=(3, 5)) for gate in gates}
    parameters |= {f"{gate}_bias": random.normal(size=3) for gate in gates} | {"readout": random.normal(size=3)}

    def loss(p: dict[str, Any]) -> Any:
        hidden, cell, total = np.zeros(3), np.zeros(3), 0.0
        for x, target in zip(inputs, targets, strict=True):
            seen = np.concatenate([x, hidden])
            sums = {gate: p[f"{gate}_weights"] @ seen + p[f"{gate}_bias"] for gate in gates}
            enter, keep, leave = (1 / (1 + np.exp(-sums[gate])) for gate in gates[:3])
            cell = keep * cell + enter * np.tanh(sums["change"])
            hidden = leave * np.tanh(cell)
            total = total + (p["readout"] @ hidden - target) ** 2
        return total

    value, partials = value_and_grad(loss)(parameters)
    close(value, loss(parameters), rtol=1e-14)
    assert list(partials) == list(parameters)
    for name, partial in partials.items():
        known = complex_step(lambda part, name=name: loss({**parameters, name: part}), parameters[name])
        close(partial, known, rtol=1e-11, atol=1e-13)


# --- equations ------------------------------------------------------------------------------------------------
def kepler(anomaly: Any, eccentricity: Any, mean: Any) -> Any:
    return anomaly - eccentricity * sin(anomaly) - mean


def solve_kepler(eccentricity: Any, mean: Any) -> Any:
    """Newton's method with its own derivative. The value converges first and its derivative one step later (Gilbert,
    "Automatic differentiation and iterative processes", 1992), so a step follows the last.
    """
    anomaly, change = mean + eccentricity * sin(mean), 1.0
    while abs(change) > 1e-14:
        f, slope = jvp(lambda x: kepler(x, eccentricity, mean), anomaly, 1.0)
        change = f / slope
        anomaly = anomaly - change
    f, slope = jvp(lambda x: kepler(x, eccentricity, mean), anomaly, 1.0)
    return anomaly - f / slope


def test_the_derivative_of_a_root_through_newtons_iterations_is_that_of_the_implicit_function_theorem() -> None:
    """Kepler's equation E − e sin E = M: ∂E/∂e = sin E/(1 − e cos E), ∂E/∂M = 1/(1 − e cos E), from E in 40 digits."""
    e, mean = 0.3, 1.2
    with mpmath.workdps(40):
        root = mpmath.findroot(lambda x: x - mpmath.mpf(e) * mpmath.sin(x) - mpmath.mpf(mean), 1.5)
        slope = 1 - mpmath.mpf(e) * mpmath.cos(root)
        first = [float(mpmath.sin(root) / slope), float(1 / slope)]
        second = float(-mpmath.mpf(e) * mpmath.sin(root) / slope**3)
    close(solve_kepler(e, mean), float(root), rtol=1e-14)
    close(grad(solve_kepler)(e, mean), first, rtol=1e-14)
    close(jvp(solve_kepler, (e, mean), (0.0, 1.0))[1], first[1], rtol=1e-14)
    close(hessian(solve_kepler)(e, mean)[1][1], second, rtol=1e-13)
    # The theorem with our own partial derivatives, at the root alone.
    by_root, *by_parameters = grad(kepler)(float(root), e, mean)
    close([-partial / by_root for partial in by_parameters], first, rtol=1e-14)


def test_conjugate_gradients_on_hessian_vector_products_solve_newtons_system() -> None:
    """Logistic regression by truncated Newton (Nocedal & Wright, "Numerical Optimization", 7.1): no Hessian is ever
    formed. The one written by hand is Xᵀ D X + I with D = p (1 − p).
    """
    random = np.random.default_rng(5)
    rows, labels = random.normal(size=(30, 5)), np.sign(random.normal(size=30))

    def loss(w: Any) -> Any:
        return np.sum(np.logaddexp(0.0, -labels * (rows @ w))) + 0.5 * w @ w

    def solve(times: Callable[[Any], Any], b: Any) -> Any:
        x, r = np.zeros(len(b)), b
        d = r
        while r @ r > 1e-26:
            image = times(d)
            step = (r @ r) / (d @ image)
            x, before, r = x + step * d, r, r - step * image
            d = r + (r @ r) / (before @ before) * d
        return x

    w = np.zeros(5)
    for _ in range(7):
        chances = 1 / (1 + np.exp(labels * (rows @ w)))
        slope = w - rows.T @ (labels * chances)
        curvature = rows.T @ ((chances * (1 - chances))[:, None] * rows) + np.eye(5)
        close(grad(loss)(w), slope, rtol=1e-11, atol=1e-12)
        step = solve(lambda d, w=w: hvp(loss, w, d), grad(loss)(w))
        close(step, np.linalg.solve(curvature, slope), rtol=1e-10, atol=1e-11)
        w = w - step
    close(grad(loss)(w), np.zeros(5), atol=1e-12)


# --- in the hands of others -----------------------------------------------------------------------------------
def test_scipys_minimisers_take_the_gradient_and_the_hessian() -> None:
    """Rosenbrock's function as in the tutorial of scipy.optimize, whose own derivatives are written by hand."""
    optimize = pytest.importorskip("scipy.optimize")

    def rosenbrock(x: Any) -> Any:
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)

    x0 = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
    close(grad(rosenbrock)(x0), optimize.rosen_der(x0), rtol=1e-12)
    close(hessian(rosenbrock)(x0), optimize.rosen_hess(x0), rtol=1e-12, atol=1e-10)
    close(hvp(rosenbrock, x0, np.arange(5.0)), optimize.rosen_hess_prod(x0, np.arange(5.0)), rtol=1e-12)
    for method in ("trust-exact", "trust-constr", "Newton-CG"):
        found = optimize.minimize(
            value_and_grad(rosenbrock), x0, jac=True, hess=hessian(rosenbrock), method=method, tol=1e-8
        )
        close(found.x, np.ones(5), rtol=1e-5)


def test_scipys_root_finder_takes_the_jacobian() -> None:
    """The example of scipy.optimize.root's documentation, which returns a list; the solution printed there."""
    optimize = pytest.importorskip("scipy.optimize")

    def fun(x: Any) -> Any:
        return [x[0] + 0.5 * (x[0] - x[1]) ** 3 - 1.0, 0.5 * (x[1] - x[0]) ** 3 + x[1]]

    for method in ("hybr", "lm"):
        found = optimize.root(fun, [0.0, 0.0], jac=jacobian(fun), method=method)
        assert found.success
        close(found.x, [0.8411639, 0.1588361], rtol=1e-6)


def wave(x: Any) -> Any:
    return sin(x) * exp(-x / 2) + tanh(x * x)


def slopes_of_wave(xs: Iterable[float]) -> Any:
    """By hand."""
    xs = np.asarray(xs)
    return (np.cos(xs) - np.sin(xs) / 2) * np.exp(-xs / 2) + 2 * xs / np.cosh(xs * xs) ** 2


def test_threads_differentiate_side_by_side_at_every_level() -> None:
    """Each thread nests two differentiations; then one differentiation runs across threads that each take another."""
    xs = np.linspace(-1.5, 1.5, 64).tolist()

    def mixed(x: float) -> Any:
        return derivative(lambda x: x * grad(lambda y: sin(x * y))(2.0))(x)  # of x · x cos 2x

    with ThreadPoolExecutor(8) as pool:
        first = list(pool.map(grad(wave), xs))
        second = list(pool.map(mixed, xs))

        def total(scale: Any) -> Any:
            return sum(pool.map(lambda x: derivative(lambda y: sin(scale * y))(x), xs))  # of s cos(s x)

        outer = [grad(total)(0.7), derivative(total)(0.7)]

    points = np.array(xs)
    close(first, slopes_of_wave(xs), rtol=1e-12)
    close(second, 2 * points * np.cos(2 * points) - 2 * points**2 * np.sin(2 * points), rtol=1e-12, atol=1e-14)
    known = np.sum(np.cos(0.7 * points) - 0.7 * points * np.sin(0.7 * points))
    close(outer, [known, known], rtol=1e-12)


def test_processes_take_the_gradient_of_a_function_by_its_name() -> None:
    xs = [-0.5, 0.25, 1.5]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        close(list(pool.map(grad(wave), xs)), slopes_of_wave(xs), rtol=1e-14)
        close(list(pool.map(derivative(cos), xs)), -np.sin(xs), rtol=1e-14)

"""Every accelerator of x = F(x): one answer, no memory of the caller's arrays, restarts bit for bit."""

from __future__ import annotations

import itertools
import tracemalloc

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from bdg.errors import InputError, NumericalError
from bdg.fixed_point import MIXERS, Anderson, Linear, Pulay, least_squares, make_mixer

ACCELERATED = ("pulay", "anderson")


def iterate(function, x, mixer, tolerance=1e-13, limit=500):
    """The last x and the largest residual at each iteration; ends at ``tolerance``, fails at ``limit``."""
    residuals = []
    for _ in range(limit):
        residual = function(x) - x
        residuals.append(np.abs(residual).max(initial=0.0))
        if residuals[-1] <= tolerance:
            return x, residuals
        x = mixer.step(x, residual)
    raise AssertionError(f"residual {residuals[-1]:.1e} after {limit} turns")


def path(function, x, mixer, iterations):
    """The first points, shape (iterations + 1, n)."""
    points = [x]
    for _ in range(iterations):
        points.append(mixer.step(points[-1], function(points[-1]) - points[-1]))
    return np.array(points)


def linear_problem(eigenvalues, seed=0, *, symmetric=True):
    """F(x) = A x + b with the eigenvalues given, and its fixed point."""
    rng = np.random.default_rng(seed)
    n = len(eigenvalues)
    basis = rng.standard_normal((n, n)) if not symmetric else np.linalg.qr(rng.standard_normal((n, n)))[0]
    matrix = basis @ np.diag(eigenvalues) @ np.linalg.inv(basis)
    solution = rng.standard_normal(n)
    shift = solution - matrix @ solution
    return (lambda x: matrix @ x + shift), solution


def bcs_chain(n=10, attraction=2.5, temperature=0.1, disorder=1.0, seed=1):
    """Δ_i ← (U/2) [tanh(H/2T)]_{i, i+n} on an open disordered chain, H = [[h, Δ], [Δ, −h]]."""
    h = np.diag(disorder * (np.random.default_rng(seed).random(n) - 0.5) - 0.4)
    h -= np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)

    def function(delta):
        energies, states = np.linalg.eigh(np.block([[h, np.diag(delta)], [np.diag(delta), -h]]))
        return (
            0.5
            * attraction
            * np.einsum("in,in,n->i", states[:n], states[n:], np.tanh(energies / 2 / temperature))
        )

    return function


def derivative(function, x, step=1e-6):
    """∂F_i/∂x_j by central differences."""
    return np.array([(function(x + d) - function(x - d)) / (2 * step) for d in step * np.eye(len(x))]).T


def textbook_anderson(function, x, damping, history, iterations, weights):
    """The slow twin: all points kept, normal equations."""
    points, residuals = [x], [function(x) - x]
    for _ in range(iterations):
        x, r = points[-1], residuals[-1]
        steps = np.diff(points, axis=0)[-history:]
        changes = np.diff(residuals, axis=0)[-history:]
        if len(steps):
            metric = np.diag(weights)
            gamma = np.linalg.solve(changes @ metric @ changes.T, changes @ metric @ r)
            following = x + damping * r - (steps + damping * changes).T @ gamma
        else:
            following = x + damping * r
        points.append(following)
        residuals.append(function(following) - following)
    return np.array(points)


def textbook_pulay(function, x, damping, history, iterations, weights):
    """The slow twin: the bordered system with a Lagrange multiplier."""
    points, residuals = [], []
    every = [x]
    for _ in range(iterations):
        points, residuals = [*points, x][-history:], [*residuals, function(x) - x][-history:]
        k = len(points)
        system = np.ones((k + 1, k + 1))
        system[:k, :k] = np.array(residuals) * weights @ np.array(residuals).T
        system[k, k] = 0
        c = np.linalg.solve(system, np.eye(k + 1)[k])[:k]
        x = c @ (np.array(points) + damping * np.array(residuals))
        every.append(x)
    return np.array(every)


# ---- One answer -------------------------------------------------------------------------------------


def test_all_mixers_reach_one_order_parameter():
    function = bcs_chain()
    start = np.full(10, 0.5)
    answers = [iterate(function, start, make_mixer(name, 0.7, 6))[0] for name in MIXERS]
    assert np.abs(answers[0]).min() > 0.1, "a comparison of zeros"
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], rtol=0, atol=1e-12)


def test_all_mixers_reach_one_answer_where_it_is_stiff():
    """A charge-like mode at −5 beside a soft one at 0.99; damping 0.7 alone would diverge."""
    function, solution = linear_problem(np.r_[-5, 0.99, np.linspace(-0.9, 0.9, 18)])
    for mixer in (Linear(0.25), Pulay(0.7, 8), Anderson(0.7, 8)):
        answer, _ = iterate(function, np.zeros(20), mixer, tolerance=6e-15, limit=20_000)
        np.testing.assert_allclose(answer, solution, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", [Pulay, Anderson])
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize(
    "eigenvalues",
    [[0.5], [-5, 0.99], np.linspace(-0.9, 0.9, 9), [3, -7, 0.9, 1.5], np.linspace(-2, 0.98, 20)],
    ids=["one", "stiff", "contraction", "unstable", "twenty"],
)
def test_a_linear_problem_ends_after_n_steps(kind, symmetric, eigenvalues):
    """GMRES on n unknowns: n differences span the space, one more step goes to the solution."""
    n = len(eigenvalues)
    function, solution = linear_problem(eigenvalues, symmetric=symmetric)
    scale = np.abs(function(np.zeros(n))).max()
    mixer = kind(0.7, n + 1, stable=slice(None) if max(eigenvalues) < 1 else None)
    x, residuals = iterate(function, np.zeros(n), mixer, tolerance=1e-10 * scale, limit=n + 3)
    assert len(residuals) <= n + 2
    np.testing.assert_allclose(x, solution, atol=1e-7 * scale)


@pytest.mark.parametrize("name", ACCELERATED)
def test_acceleration_pays(name):
    function = bcs_chain()
    start = np.full(10, 0.5)
    plain = len(iterate(function, start, Linear(0.7))[1])
    assert len(iterate(function, start, make_mixer(name, 0.7, 6))[1]) < 0.6 * plain


@pytest.mark.parametrize("name", ACCELERATED)
def test_the_residual_goes_down_to_rounding_and_stays_there(name):
    """No ill-conditioned least squares throws the iteration out near the end."""
    function, _ = linear_problem(np.linspace(-3, 0.95, 30))
    mixer = make_mixer(name, 0.7, 12)
    points = path(function, np.zeros(30), mixer, 300)
    residuals = np.array([np.abs(function(x) - x).max() for x in points])
    floor = np.flatnonzero(residuals < 1e-13)[0]
    assert residuals[floor:].max() < 3e-13
    assert np.isfinite(points).all()


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 6),
    seed=st.integers(0, 2**32 - 1),
    slope=st.floats(0.0, 0.9),
    damping=st.floats(0.5, 1.0),
    history=st.integers(1, 8),
)
def test_any_contraction_is_solved(n, seed, slope, damping, history):
    """F(x) = A tanh x + b with ‖A‖ < 1 has one fixed point, and all find it."""
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((n, n))
    matrix *= slope / np.linalg.norm(matrix, 2)
    shift, start = rng.standard_normal(n), 3 * rng.standard_normal(n)
    answers = [
        iterate(lambda x: matrix @ np.tanh(x) + shift, start, make_mixer(name, damping, history), limit=900)[
            0
        ]
        for name in MIXERS
    ]
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], rtol=0, atol=1e-11)


@pytest.mark.parametrize("size", [1e-6, 0.05, 0.2])
@pytest.mark.parametrize("temperature", [0.02, 0.2])
@pytest.mark.parametrize("kind", [Anderson, Pulay])
def test_the_normal_state_is_left(kind, temperature, size):
    """Δ = 0 solves the gap equation too; below T_c no start, however small, may end there."""
    function = bcs_chain(temperature=temperature)
    answer, _ = iterate(function, np.full(10, 0.5), Linear(1.0))
    assert answer.min() > 0.1
    x, _ = iterate(function, np.full(10, size), kind(0.7, 6))
    np.testing.assert_allclose(x, answer, rtol=0, atol=1e-11)


@pytest.mark.parametrize("kind", [Anderson, Pulay])
def test_without_that_safeguard_it_is_the_normal_state(kind):
    x, _ = iterate(bcs_chain(), np.full(10, 1e-6), kind(0.7, 6, stable=None))
    assert np.abs(x).max() < 1e-6


def test_the_safeguard_ends_stagnation():
    """Restarted GMRES stalls on a stiff symmetric problem; a damped step now and then ends that."""
    function, solution = linear_problem(np.r_[-20, -5, 0.99, np.linspace(-0.9, 0.9, 47)])
    x, _ = iterate(function, np.zeros(50), Anderson(0.7, 4), tolerance=1e-10, limit=300)
    np.testing.assert_allclose(x, solution, atol=1e-7)
    with pytest.raises(AssertionError, match="after 300 turns"):
        iterate(function, np.zeros(50), Anderson(0.7, 4, stable=None), tolerance=1e-10, limit=300)


# ---- Slow twins -------------------------------------------------------------------------------------


@pytest.mark.parametrize("history", [1, 2, 4])
@pytest.mark.parametrize("weighted", [False, True])
def test_agreement_with_the_textbook(history, weighted):
    """More turns than history: the ring buffers go round."""
    function, start = bcs_chain(), np.full(10, 0.5)
    weights = np.geomspace(1, 100, 10) if weighted else np.ones(10)
    given_weights = weights if weighted else None
    anderson = path(function, start, Anderson(0.6, history, weights=given_weights), 9)
    np.testing.assert_allclose(
        anderson, textbook_anderson(function, start, 0.6, history, 9, weights), rtol=0, atol=1e-8
    )
    pulay = path(function, start, Pulay(0.6, history + 1, weights=given_weights), 9)
    np.testing.assert_allclose(
        pulay, textbook_pulay(function, start, 0.6, history + 1, 9, weights), rtol=0, atol=1e-8
    )
    np.testing.assert_allclose(pulay, anderson, rtol=0, atol=1e-8)


@pytest.mark.parametrize("kind", [Anderson, Pulay])
def test_weights_are_a_change_of_units(kind):
    """With w = 1/s², x in its own units does what y = x/s does unweighted."""
    function, start = bcs_chain(), np.full(10, 0.5)
    scale = np.geomspace(1e-3, 1e3, 10)
    in_x = path(function, start, kind(0.7, 5, weights=scale**-2), 8)
    in_y = path(lambda y: function(scale * y) / scale, start / scale, kind(0.7, 5), 8)
    np.testing.assert_allclose(in_x, in_y * scale, rtol=1e-7)
    assert np.abs(in_x - path(function, start, kind(0.7, 5), 8)).max() > 1e-4, "weights do nothing"


@pytest.mark.parametrize("n", [1, 3, 5, 2 * least_squares.BLOCK + 7])
@pytest.mark.parametrize("weighted", [False, True])
def test_triangular_factor_is_that_of_one_qr(n, weighted):
    rng = np.random.default_rng(n)
    vectors = list(np.geomspace(1, 1e-12, 4)[:, np.newaxis] * rng.standard_normal((4, n)))
    root = rng.random(n) + 0.5 if weighted else None
    blocked = least_squares.triangular_factor(vectors, root)
    whole = np.linalg.qr((np.array(vectors) * (1 if root is None else root)).T, mode="r")
    assert blocked.shape == whole.shape
    for column in range(4):
        np.testing.assert_allclose(
            np.abs(blocked[:, column]),
            np.abs(whole[:, column]),
            rtol=0,
            atol=1e-13 * np.linalg.norm(whole[:, column]),
        )


def test_norm_over_blocks():
    rng = np.random.default_rng(0)
    vector, root = rng.standard_normal((2, 3 * least_squares.BLOCK + 5))
    assert least_squares.weighted_norm(vector, root) == pytest.approx(
        np.linalg.norm(root * vector), rel=1e-14
    )


def test_dependent_columns_are_dropped_newest_kept():
    columns = np.array([[1.0, 0, 0, 0], [1, 1, 0, 0], [3, 2, 0, 0], [0, 0, 0, 0], [0, 0, 1e-9, 0]]).T
    assert least_squares.independent_columns(columns, 1e-10) == [0, 1, 4]
    columns[:, 4] = [1, 1, 1e-9, 0]
    assert least_squares.independent_columns(columns, 1e-8) == [0, 1]


@pytest.mark.parametrize("kind", [Anderson, Pulay])
def test_long_columns_do_not_explain_the_rounding_of_short_ones(kind):
    """Three unknowns in 64 copies each that only rounding tells apart: as quick as the three alone."""
    slope = np.array([[-1.5, 0.8, 0.2], [0.3, 0.9, -2.0], [0.5, 0.4, 0.1]])
    rng = np.random.default_rng(3)

    def three(x):
        return np.array([0.4, -0.6, 1.0]) + slope @ x + 0.1 * np.sin(x)

    def copies(x):
        return np.repeat(three(x.reshape(3, 64).mean(axis=1)), 64) * (1 + 2e-16 * rng.standard_normal(192))

    alone = len(iterate(three, np.zeros(3), kind(1.0, 10, stable=None), tolerance=1e-13)[1])
    together = len(iterate(copies, np.zeros(192), kind(1.0, 10, stable=None), tolerance=1e-13)[1])
    assert together <= alone + 2


@pytest.mark.parametrize("kind", [Anderson, Pulay])
def test_errors_that_are_told_are_not_fitted(kind):
    """Of a map that is computed as well as an iteration needs, with errors that no two turns share."""
    slope = np.array([[-1.5, 0.8, 0.2], [0.3, 0.9, -2.0], [0.5, 0.4, 0.1]])
    rng = np.random.default_rng(5)

    def exact(x):
        mean = x.reshape(3, -1).mean(axis=1)
        return np.repeat(np.array([0.4, -0.6, 1.0]) + slope @ mean + 0.1 * np.sin(mean), x.size // 3)

    def turns(told):
        x, mixer, error = np.zeros(192), kind(1.0, 10, stable=None), 1e-4
        for iteration in range(1, 200):
            residual = exact(x) - x + error * rng.uniform(-1, 1, x.size)
            largest = np.abs(residual).max()
            if largest < 1e-9:
                return iteration
            x, error = mixer.step(x, residual, error if told else 0.0), 1e-3 * largest
        return 200

    alone = len(iterate(exact, np.zeros(3), kind(1.0, 10, stable=None), tolerance=1e-9)[1])
    assert turns(told=True) <= alone + 4
    assert turns(told=False) > alone + 8


# ---- Preconditioner ---------------------------------------------------------------------------------


def test_the_inverse_jacobian_solves_a_linear_problem_at_once():
    function, solution = linear_problem([-5, 0.99, 0.3, -2.0])
    jacobian = derivative(function, np.zeros(4), step=1.0)
    mixer = Anderson(1.0, 4, preconditioner=lambda r: np.linalg.solve(np.eye(4) - jacobian, r))
    x, residuals = iterate(function, np.zeros(4), mixer, tolerance=1e-12)
    assert len(residuals) <= 3
    np.testing.assert_allclose(x, solution, atol=1e-10)


def test_a_local_newton_step_set_anew_at_each_point_saves_turns():
    function, start = bcs_chain(), np.full(10, 0.5)
    bare = len(iterate(function, start, Anderson(1.0, 6), tolerance=1e-10)[1])
    mixer = Anderson(1.0, 6)

    def prepared(x):
        near = np.abs(np.subtract.outer(np.arange(10), np.arange(10))) <= 1
        jacobian = np.where(near, derivative(function, x), 0)
        mixer.preconditioner = lambda r: np.linalg.solve(np.eye(10) - jacobian, r)
        return function(x)

    x, residuals = iterate(prepared, start, mixer, tolerance=1e-10)
    assert len(residuals) < bare
    np.testing.assert_allclose(x, iterate(function, start, Anderson(0.7, 6))[0], atol=1e-9)


def test_the_history_outlives_a_change_of_preconditioner():
    """Differences are of plain residuals: n of them end a linear problem whatever P was on the way."""
    function, solution = linear_problem([-5, 0.9, 0.3, -2.0, 0.7, -0.4])
    mixer = Anderson(1.0, 6)

    def switching(x, iteration=itertools.count()):  # noqa: B008 - the counter is meant to be shared
        factor = (1.0, 0.2, 5.0)[next(iteration) % 3]
        mixer.preconditioner = None if factor == 1.0 else (lambda r: factor * r)
        return function(x)

    x, residuals = iterate(switching, np.zeros(6), mixer, tolerance=1e-11, limit=10)
    assert len(residuals) <= 8
    np.testing.assert_allclose(x, solution, atol=1e-9)


def test_a_preconditioner_may_work_in_place():
    def halve(r):
        r *= 0.5
        return r

    function, start = bcs_chain(), np.full(10, 0.5)
    in_place = path(function, start, Anderson(0.7, 4, halve), 6)
    np.testing.assert_array_equal(in_place, path(function, start, Anderson(0.7, 4, lambda r: 0.5 * r), 6))


# ---- Safeguards -------------------------------------------------------------------------------------


def test_a_step_over_a_cliff_is_taken_back():
    """A flat residual asks for x = 1000, where it is a million: back, and on with damped steps."""

    def function(x):
        return x + (1 - 1e-3 * x if x[0] < 50 else np.full(1, 1e6))

    mixer = Anderson(0.5, 3)
    points = path(function, np.zeros(1), mixer, 3)
    assert points[2] > 50
    np.testing.assert_array_equal(points[3], points[1] + 0.5 * (function(points[1]) - points[1]))
    assert len(mixer.state()["steps"]) == 0


def test_growth_along_a_stiff_mode_is_not_mistaken_for_a_cliff():
    function, solution = linear_problem([-40, -3, 0.9, 0.5, 0.1])
    x, residuals = iterate(function, np.zeros(5), Anderson(1.0, 5), tolerance=1e-11, limit=8)
    assert max(residuals) > 20 * residuals[0]
    np.testing.assert_allclose(x, solution, atol=1e-9)


@pytest.mark.parametrize("kind", [Anderson, Pulay])
def test_exploding_coefficients_are_not_believed(kind):
    mixer = kind(0.5, 3)
    x = mixer.step(np.zeros(2), np.array([1.0, 2.0]))
    residual = np.array([1.0 + 1e-9, 2.0])
    np.testing.assert_array_equal(mixer.step(x, residual), x + 0.5 * residual)


def test_the_length_of_a_step_is_bounded():
    function, solution = linear_problem([0.99, 0.5, -2.0])
    points = path(function, np.full(3, 10.0), Anderson(0.7, 3, max_step=0.5), 80)
    changes = np.abs(np.diff(points, axis=0)).max(axis=1)
    assert changes.max() == pytest.approx(0.5)
    np.testing.assert_allclose(points[-1], solution, atol=1e-10)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", MIXERS)
def test_a_broken_residual_is_refused_and_the_past_kept(name, bad):
    mixer = make_mixer(name, 0.7, 3)
    points = path(bcs_chain(), np.full(10, 0.5), mixer, 3)
    before = mixer.state()
    residual = np.ones(10)
    residual[3] = bad
    with pytest.raises(NumericalError, match="NaN or infinity"):
        mixer.step(points[-1], residual)
    after = mixer.state()
    assert all(np.array_equal(before[key], after[key]) for key in before)


# ---- Degenerate histories ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", MIXERS)
class TestDegenerate:
    def test_zero_residual_stays(self, name):
        mixer = make_mixer(name, 0.7, 3)
        x = np.array([1.0, -2.0])
        for _ in range(5):
            np.testing.assert_array_equal(mixer.step(x, np.zeros(2)), x)

    def test_zero_residual_after_a_history(self, name):
        mixer = make_mixer(name, 0.7, 4)
        x = path(bcs_chain(), np.full(10, 0.5), mixer, 6)[-1]
        np.testing.assert_allclose(mixer.step(x, np.zeros(10)), x, rtol=0, atol=1e-15)

    def test_a_repeated_point_changes_nothing(self, name):
        mixer = make_mixer(name, 0.7, 3)
        function = bcs_chain()
        x = path(function, np.full(10, 0.5), mixer, 6)[-1]
        first = mixer.step(x, function(x) - x)
        for _ in range(5):
            again = mixer.step(x, function(x) - x)
            assert np.isfinite(again).all()
        if name != "pulay":  # Pulay's points are pushed out by the repeated ones
            np.testing.assert_array_equal(again, first)

    def test_a_constant_residual_gives_damped_steps(self, name):
        points = path(lambda x: x + 1.0, np.zeros(3), make_mixer(name, 0.5, 3), 6)
        np.testing.assert_allclose(np.diff(points, axis=0), 0.5)

    def test_no_unknowns(self, name):
        assert path(lambda x: x, np.zeros(0), make_mixer(name, 0.5, 3), 4).shape == (5, 0)

    def test_one_unknown_and_a_long_history(self, name):
        x, _ = iterate(np.cos, np.ones(1), make_mixer(name, 0.7, 20))
        np.testing.assert_allclose(x, 0.7390851332151607, atol=1e-13)

    @pytest.mark.parametrize("scale", [1e-320, 1e-200, 1e150])
    def test_scales_at_the_edge_of_floating_point(self, name, scale):
        """Numbers next to underflow give no NaN and no warning, even beside ordinary ones."""
        mixer = make_mixer(name, 0.7, 3)
        for iteration in range(6):
            x = mixer.step(np.array([1.0, iteration * scale]), np.array([0.5 + iteration * scale, scale]))
            assert np.isfinite(x).all()

    def test_two_points_taken_in_turn(self, name):
        """All differences parallel."""
        mixer = make_mixer(name, 0.7, 4)
        points = np.array([[0.0, 1.0], [1.0, 0.0]])
        for iteration in range(10):
            assert np.isfinite(mixer.step(points[iteration % 2], points[(iteration + 1) % 2])).all()


# ---- State ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MIXERS)
@pytest.mark.parametrize("iterations", [0, 1, 2, 3, 4, 7])
def test_interrupted_and_restored_is_uninterrupted(name, iterations, tmp_path):
    """Bit for bit, through a file, at every filling of the ring buffers and after they went round."""
    function, start = bcs_chain(), np.full(10, 0.5)
    whole = path(function, start, make_mixer(name, 0.7, 3), iterations + 6)
    mixer = make_mixer(name, 0.7, 3)
    x = path(function, start, mixer, iterations)[-1]
    with h5py.File(tmp_path / "state.h5", "w") as file:
        for key, value in mixer.state().items():
            file[key] = value
    with h5py.File(tmp_path / "state.h5") as file:
        restored = make_mixer(name, 0.7, 3)
        restored.restore({key: file[key][...] for key in file})
    assert path(function, x, restored, 6).tobytes() == whole[iterations:].tobytes()


@pytest.mark.parametrize("name", MIXERS)
def test_restored_bit_for_bit_over_many_blocks(name):
    """Long vectors, dropped columns on the way, another alignment in memory, any number of threads."""
    n = 20_001
    rate = np.random.default_rng(0).choice([-3.0, 0.2, 0.9], n)

    def function(x):
        return rate * x + 1

    mixer = make_mixer(name, 0.7, 6)
    x = path(function, np.zeros(n), mixer, 7)[-1]
    state = mixer.state()
    with threadpool_limits(2):
        expected = path(function, x, mixer, 3)
    shifted = np.empty(n + 1)[1:]
    shifted[:] = x
    restored = make_mixer(name, 0.7, 6)
    restored.restore(state)
    with threadpool_limits(1):
        assert path(function, shifted, restored, 3).tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", MIXERS)
def test_a_state_is_a_copy_and_the_callers_arrays_stay_his(name):
    function = bcs_chain()
    expected = path(function, np.full(10, 0.5), make_mixer(name, 0.7, 3), 6)
    mixer = make_mixer(name, 0.7, 3)
    for iteration in range(6):
        x = expected[iteration].copy()
        residual = function(x) - x
        kept = residual.copy()
        following = mixer.step(x, residual)
        np.testing.assert_array_equal(following, expected[iteration + 1])
        np.testing.assert_array_equal(x, expected[iteration])
        np.testing.assert_array_equal(residual, kept)
        for array in (x, residual, following, *mixer.state().values()):
            array[...] = np.nan


@pytest.mark.parametrize("name", MIXERS)
def test_reset_forgets(name):
    function, start = bcs_chain(), np.full(10, 0.5)
    mixer = make_mixer(name, 0.7, 3)
    first = path(function, start, mixer, 5)
    mixer.reset()
    assert mixer.state() == {}
    np.testing.assert_array_equal(path(function, start, mixer, 5), first)
    mixer.restore({})
    np.testing.assert_array_equal(path(function, start, mixer, 5), first)
    mixer.reset()
    assert mixer.step(np.zeros(4), np.ones(4)).shape == (4,)


@pytest.mark.parametrize(("kind", "key"), [(Anderson, "steps"), (Pulay, "points")])
def test_a_shorter_history_takes_the_newest_part(kind, key):
    function, long = bcs_chain(), kind(0.7, 6)
    path(function, np.full(10, 0.5), long, 8)
    short = kind(0.7, 2)
    short.restore(long.state())
    np.testing.assert_array_equal(short.state()[key], long.state()[key][:2])


def test_a_state_that_does_not_fit_is_refused():
    states = {}
    for name in MIXERS:
        mixer = make_mixer(name, 0.7, 3)
        path(bcs_chain(), np.full(10, 0.5), mixer, 4)
        states[name] = mixer.state()
    for name, other in itertools.permutations(ACCELERATED, 2):
        with pytest.raises(InputError, match="the state holds"):
            make_mixer(name, 0.7, 3).restore(states[other])
    with pytest.raises(InputError, match="the state holds"):
        Linear(0.7).restore(states["anderson"])
    with pytest.raises(InputError, match="don't fit each other"):
        Anderson(0.7, 3).restore(states["anderson"] | {"x": np.zeros(9)})
    with pytest.raises(InputError, match="don't fit each other"):
        Anderson(0.7, 3).restore(states["anderson"] | {"steps": np.zeros((1, 10))})
    with pytest.raises(InputError, match="don't fit each other"):
        Pulay(0.7, 3).restore(states["pulay"] | {"points": np.zeros(10)})
    with pytest.raises(InputError, match="no point"):
        Pulay(0.7, 3).restore({"points": np.zeros((0, 10)), "residuals": np.zeros((0, 10)), "errors": []})
    for name in ACCELERATED:
        with pytest.raises(InputError, match="don't fit each other"):
            make_mixer(name, 0.7, 3).restore(states[name] | {"errors": np.zeros(5)})
    with pytest.raises(InputError, match="10 components"):
        Anderson(0.7, 3, weights=np.ones(9)).restore(states["anderson"])


@pytest.mark.parametrize("kind", [Anderson, Pulay])
def test_no_copies_of_the_history(kind):
    """What a step takes beside the history: the next x and one vector more."""
    n, history = 200_000, 6
    mixer = kind(0.7, history)
    rate = np.linspace(-1, 0.9, n)
    x = path(lambda x: rate * x + 1, np.zeros(n), mixer, history + 2)[-1]
    residual = rate * x + 1 - x
    tracemalloc.start()
    try:
        mixer.step(x, residual)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2.5 * 8 * n


# ---- What is refused --------------------------------------------------------------------------------


def test_unknown_mixer_names_the_known():
    with pytest.raises(InputError, match=r"'broyden'.*linear, pulay, anderson"):
        make_mixer("broyden", 0.7, 6)


@pytest.mark.parametrize("name", MIXERS)
def test_the_factory_gives_what_it_is_asked_for(name):
    mixer = make_mixer(name, 0.3, 4, weights=np.ones(3))
    assert mixer.name == name
    np.testing.assert_allclose(mixer.step(np.zeros(3), np.ones(3)), 0.3)


@pytest.mark.parametrize("damping", [0.0, -0.1, 1.01, np.nan, np.inf])
@pytest.mark.parametrize("name", MIXERS)
def test_impossible_damping(name, damping):
    with pytest.raises(InputError, match="damping"):
        make_mixer(name, damping, 6)


@pytest.mark.parametrize("name", ACCELERATED)
def test_impossible_arguments(name):
    with pytest.raises(InputError, match="history"):
        make_mixer(name, 0.7, 0)
    for weights in (np.array([1.0, 0.0]), np.array([1.0, -1.0]), np.array([1.0, np.nan])):
        with pytest.raises(InputError, match="weight 1 is"):
            make_mixer(name, 0.7, 3, weights=weights)
    with pytest.raises(InputError, match="one number a component"):
        make_mixer(name, 0.7, 3, weights=np.ones((2, 2)))
    with pytest.raises(InputError, match="max_step"):
        Anderson(0.7, 3, max_step=0.0)


@pytest.mark.parametrize("name", ACCELERATED)
def test_vectors_that_do_not_fit(name):
    mixer = make_mixer(name, 0.7, 3)
    with pytest.raises(InputError, match="must be"):
        mixer.step(np.zeros(3), np.zeros(2))
    with pytest.raises(InputError, match="must be"):
        mixer.step(np.zeros((2, 2)), np.zeros((2, 2)))
    mixer.step(np.zeros(3), np.ones(3))
    with pytest.raises(InputError, match="4 components"):
        mixer.step(np.zeros(4), np.ones(4))
    with pytest.raises(InputError, match="4 components"):
        make_mixer(name, 0.7, 3, weights=np.ones(3)).step(np.zeros(4), np.ones(4))

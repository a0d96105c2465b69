"""Pole expansions: their certificates hold, their pole counts are minimal, and log det follows from them."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ellipj

from bdg.errors import InputError
from bdg.rational import fermi, log_trace, log_trace_from_determinants, sign_expansion, tanh_expansion
from bdg.rational.certificate import grid
from bdg.rational.elliptic import quarter_periods, sc
from bdg.rational.gate import ratio_of_step, step_above
from bdg.rational.minimax import solve

ROUNDING = 2e-15

exponents = st.floats(-2.0, 6.0)
tolerance_exponents = st.floats(-12.0, -2.0)
seeds = st.integers(0, 2**32 - 1)


def dense_points(low, high, gamma, seed, count=40_000):
    """Random points, several times as dense as the grid that the certificate was measured on."""
    rng = np.random.default_rng(seed)
    smallest = low or 1e-4 * min([high, *gamma])
    logarithmic = smallest * (high / smallest) ** rng.random(count)
    near_poles = np.concatenate([g * rng.uniform(0.3, 3.0, 300) for g in gamma] or [np.empty(0)])
    linear = rng.uniform(low, high, count // 2)
    ends = high - (high - low) * rng.random(count // 4) ** 4
    return np.clip(np.concatenate([logarithmic, linear, near_poles, ends, [low, high]]), low, high)


def humps(error):
    """Largest |error| between neighbouring sign changes of its samples."""
    pieces = np.split(np.abs(error), np.flatnonzero(error[1:] * error[:-1] < 0) + 1)
    return [piece.max() for piece in pieces]


def exact_log_trace(energies, temperature):
    energies = np.abs(energies)
    return np.sum(0.5 * energies + temperature * np.log1p(np.exp(-energies / temperature)))


def random_matrix(seed, dimension=24, gap=0.0):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(2, dimension, dimension))
    matrix = (matrix[0] + 1j * matrix[1]) / np.sqrt(dimension)
    energies, states = np.linalg.eigh(matrix + matrix.conj().T)
    energies += gap * np.sign(energies)
    return (states * energies) @ states.conj().T, energies, states


# ---------------------------------------------------------------- tanh


@settings(max_examples=60, deadline=None)
@given(exponents, tolerance_exponents, st.floats(-3, 3), seeds)
def test_error_of_tanh_never_exceeds_the_certificate(exponent, tolerance_exponent, log_temperature, seed):
    temperature, tolerance = 10.0**log_temperature, 10.0**tolerance_exponent
    bound = temperature * 10.0**exponent
    expansion = tanh_expansion(temperature, bound, tolerance)
    assert bound * (1 - 1e-14) <= expansion.bound <= 1.05 * bound
    assert expansion.error <= tolerance
    x = dense_points(0.0, expansion.bound, expansion.gamma, seed)
    # The truth in the longest floats at hand, so that the test's own rounding doesn't enter.
    error = np.abs(expansion(x) - np.tanh(x.astype(np.longdouble) / (2 * np.longdouble(temperature))))
    assert error.max() <= expansion.error
    # ... and the certificate is not slack either.
    assert expansion.error <= 1.01 * float(error.max()) + ROUNDING


@settings(max_examples=60, deadline=None)
@given(exponents, tolerance_exponents)
def test_no_expansion_with_fewer_poles_meets_the_tolerance(exponent, tolerance_exponent):
    tolerance = 10.0**tolerance_exponent
    expansion = tanh_expansion(1.0, 10.0**exponent, tolerance)
    if expansion.n_poles == 0:
        return
    fewer = solve(expansion.bound, expansion.n_poles - 1)
    # de la Vallée-Poussin: no approximation of this type has an error below the smallest of the humps.
    assert fewer.smallest > 0.98 * tolerance


@settings(max_examples=60, deadline=None)
@given(exponents, tolerance_exponents)
def test_all_terms_are_positive_and_the_poles_ascend(exponent, tolerance_exponent):
    expansion = tanh_expansion(1.0, 10.0**exponent, 10.0**tolerance_exponent)
    assert np.all(expansion.weights > 0)
    assert expansion.linear > 0
    assert np.all(np.diff(expansion.gamma) > 0)
    # The poles of a Stieltjes function's interpolant lie on its cut, beyond the first Matsubara frequency
    # (to rounding: on narrow intervals the error hardly depends on where exactly).
    assert np.all(expansion.gamma > 0.99 * np.pi)
    assert expansion.condition == pytest.approx(1.0)
    assert expansion.log_trace_shift == 0.0


@pytest.mark.parametrize(
    ("ratio", "tolerance", "poles"),
    [
        (200, 1e-8, 9),
        (1e3, 4e-10, 14),
        (1e4, 1e-10, 21),
        (180, 6e-3, 3),
        (180, 3e-4, 5),
        (180, 3e-5, 6),
        (180, 8e-6, 6),
        (180, 9e-7, 7),
        (180, 1e-8, 9),
    ],
)
def test_pole_counts(ratio, tolerance, poles):
    assert tanh_expansion(0.05, 0.05 * ratio, tolerance).n_poles == poles


@pytest.mark.parametrize("n_poles", [1, 4, 9])
def test_error_equioscillates(n_poles):
    fit = solve(180.0, n_poles)
    assert fit.largest <= 1.021 * fit.smallest
    x = grid(0.0, 180.0, fit.gamma)
    error = fit.linear * x + x * ((1 / (x[:, None] ** 2 + fit.gamma**2)) @ fit.weights) - np.tanh(x / 2)
    sizes = humps(error)
    assert len(sizes) == 2 * n_poles + 2
    assert max(sizes) <= 1.03 * min(sizes)


def test_lowest_poles_are_matsubara_frequencies():
    expansion = tanh_expansion(1.0, 1e3, 1e-12)
    np.testing.assert_allclose(expansion.gamma[:2], np.pi * np.array([1, 3]), rtol=1e-6)
    np.testing.assert_allclose(expansion.weights[:2], 4.0, rtol=1e-4)


@settings(max_examples=30, deadline=None)
@given(exponents, tolerance_exponents, seeds)
def test_symmetry_and_the_fermi_function(exponent, tolerance_exponent, seed):
    expansion = tanh_expansion(0.3, 0.3 * 10.0**exponent, 10.0**tolerance_exponent)
    x = np.random.default_rng(seed).uniform(-expansion.bound, expansion.bound, (5, 7))
    np.testing.assert_array_equal(expansion(-x), -expansion(x))
    assert expansion(0.0) == 0.0
    assert fermi(expansion, x).shape == x.shape
    exact = 0.5 * (1 - np.tanh(x / 0.6))
    assert np.abs(fermi(expansion, x) - exact).max() <= 0.5 * expansion.error + ROUNDING
    np.testing.assert_allclose(fermi(expansion, x) + fermi(expansion, -x), 1.0, rtol=0, atol=ROUNDING)


def test_temperature_only_sets_the_scale():
    one, other = tanh_expansion(1.0, 200.0, 1e-8), tanh_expansion(0.25, 50.0, 1e-8)
    np.testing.assert_array_equal(other.gamma, 0.25 * one.gamma)
    np.testing.assert_array_equal(other.weights, 0.25 * one.weights)
    assert (other.linear, other.bound, other.temperature) == (4 * one.linear, 0.25 * one.bound, 0.25)
    assert other.error == one.error


def test_drifting_bounds_share_one_expansion():
    first = tanh_expansion(0.05, 9.6, 1e-8)
    assert tanh_expansion(0.05, 9.6, 1e-8) is first
    assert tanh_expansion(0.05, first.bound, 1e-8) is first
    assert tanh_expansion(0.05, 0.99 * first.bound, 1e-8) is first
    assert tanh_expansion(0.05, 1.01 * first.bound, 1e-8) is not first
    # Hundreds of steps of a drifting bound cost a handful of expansions.
    assert len({id(tanh_expansion(0.05, bound, 1e-8)) for bound in np.linspace(9.0, 9.6, 200)}) <= 3


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-3, 1e3), exponents)
def test_an_expansion_covers_its_own_bound(temperature, exponent):
    # Seen without building anything: the same step of the coarse grid.
    step = step_above(10.0**exponent, -1000)
    assert step_above((ratio_of_step(step) * temperature) / temperature, -1000) == step
    assert ratio_of_step(step) >= 10.0**exponent * (1 - 2e-15)
    assert ratio_of_step(step - 1) < 10.0**exponent


def test_expansions_cannot_be_changed():
    expansion = tanh_expansion(1.0, 10.0, 1e-6)
    with pytest.raises(ValueError, match="read-only"):
        expansion.gamma[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        expansion.weights[0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        expansion.bound = 1.0


@pytest.mark.parametrize("ratio", [1e-300, 1e-9, 1e-3, 1e7, 1e8])
@pytest.mark.parametrize("tolerance", [1e-2, 1e-6, 1e-12])
def test_extreme_ratios(ratio, tolerance):
    expansion = tanh_expansion(2.0, 2.0 * ratio, tolerance)
    assert expansion.error <= tolerance
    x = dense_points(0.0, expansion.bound, expansion.gamma, seed=1)
    assert np.abs(expansion(x) - np.tanh(x / 4)).max() <= expansion.error


@pytest.mark.parametrize("ratio", [1.0, 10.0, 1e3, 1e6, 1e8])
def test_close_to_rounding(ratio):
    assert tanh_expansion(1.0, ratio, 5e-14).error <= 5e-14
    assert sign_expansion(1.0, ratio, 5e-14).error <= 5e-14


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0.0, 1.0, 1e-8), "sign_expansion"),
        ((-1.0, 1.0, 1e-8), "-1.0"),
        ((np.nan, 1.0, 1e-8), "nan"),
        ((1.0, 0.0, 1e-8), "bound"),
        ((1.0, np.inf, 1e-8), "inf"),
        ((1.0, 1.0, 0.0), "tolerance"),
        ((1.0, 1.0, 1.0), "tolerance"),
        ((1.0, 1.0, np.nan), "tolerance"),
        ((1.0, 2e8, 1e-8), "bound/T"),
        ((1.0, 200.0, 1e-17), "double precision"),
        ((1.0, 1e6, 1e-15), "double precision"),
    ],
)
def test_refusals_of_tanh_say_why(arguments, words):
    with pytest.raises(InputError, match=words) as refusal:
        tanh_expansion(*arguments)
    assert "\n" not in str(refusal.value)


# ---------------------------------------------------------------- sign


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 10.0), tolerance_exponents, st.floats(-3, 3), seeds)
def test_error_of_sign_never_exceeds_the_certificate(exponent, tolerance_exponent, log_gap, seed):
    gap, tolerance = 10.0**log_gap, 10.0**tolerance_exponent
    bound = gap * 10.0**exponent
    expansion = sign_expansion(gap, bound, tolerance)
    assert expansion.error <= tolerance
    assert (expansion.gap, expansion.temperature) == (gap, 0.0)
    assert bound * (1 - 1e-14) <= expansion.bound <= 1.05 * bound
    x = dense_points(gap, expansion.bound, expansion.gamma, seed)
    error = np.abs(expansion(x) - 1)
    assert error.max() <= expansion.error
    assert expansion.error <= 1.01 * error.max() + ROUNDING
    assert np.all(expansion.weights > 0)
    assert expansion.linear > 0
    assert np.all(np.diff(expansion.gamma) > 0)
    np.testing.assert_array_equal(expansion(-x), -expansion(x))


@pytest.mark.parametrize("ratio", [3.0, 1e3, 1e6])
@pytest.mark.parametrize("tolerance", [1e-2, 1e-5, 1e-8])
def test_sign_equioscillates_and_so_is_best(ratio, tolerance):
    expansion = sign_expansion(1.0, ratio, tolerance)
    x = grid(1.0, expansion.bound, expansion.gamma)
    error = expansion(x) - 1
    sizes = humps(error)
    assert len(sizes) == 2 * expansion.n_poles + 2
    np.testing.assert_allclose(sizes, expansion.error, rtol=0.01, atol=ROUNDING)


def test_sign_is_the_low_temperature_limit_of_tanh():
    energies = np.random.default_rng(3).uniform(1.0, 40.0, 50)
    cold, zero = tanh_expansion(0.02, 40.0, 1e-10), sign_expansion(1.0, 40.0, 1e-10)
    np.testing.assert_allclose(fermi(cold, energies), fermi(zero, energies), rtol=0, atol=1.1e-10)
    assert log_trace(cold, energies) == pytest.approx(log_trace(zero, energies), abs=1e-9)
    assert zero.n_poles < cold.n_poles


def test_scipy_agrees_with_sc_and_sc_with_its_symmetries():
    fraction = np.linspace(0.0, 0.99, 100)
    for kappa in (0.02, 0.3, 0.69, 0.71, 0.98):
        sn, cn, _, _ = ellipj(fraction * quarter_periods(kappa)[0], 1 - kappa**2)
        np.testing.assert_allclose(sc(fraction, kappa), sn / cn, rtol=1e-12)
    for kappa in (1e-10, 1e-5, 0.1, 0.699999, 0.9):
        np.testing.assert_allclose(sc(np.array([0.5]), kappa), kappa**-0.5, rtol=3e-15)
    # For κ → 0 the function is sinh where it is small against 1/κ.
    small = 0.2
    expected = np.sinh(small * quarter_periods(1e-10)[0])
    np.testing.assert_allclose(sc(np.array([small]), 1e-10), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0.0, 1.0, 1e-8), "without a gap"),
        ((-0.1, 1.0, 1e-8), "without a gap"),
        ((1.0, np.nan, 1e-8), "bound"),
        ((2.0, 1.0, 1e-8), "exceeds the bound"),
        ((1.0, 1e11, 1e-8), "small temperature"),
        ((1.0, 10.0, 2.0), "tolerance"),
        ((1.0, 10.0, 1e-16), "double precision"),
        ((1.0, 1e6, 3e-15), "double precision"),
    ],
)
def test_refusals_of_sign_say_why(arguments, words):
    with pytest.raises(InputError, match=words):
        sign_expansion(*arguments)


def test_sign_is_cached_too():
    first = sign_expansion(0.2, 9.0, 1e-8)
    assert sign_expansion(0.2, 9.0, 1e-8) is first
    np.testing.assert_allclose(sign_expansion(0.1, 4.5, 1e-8).gamma, 0.5 * first.gamma, rtol=1e-15)


# ---------------------------------------------------------------- log trace


@settings(max_examples=40, deadline=None)
@given(st.floats(-1.0, 5.0), tolerance_exponents, seeds)
def test_log_trace_of_levels(exponent, tolerance_exponent, seed):
    temperature = 0.1
    expansion = tanh_expansion(temperature, temperature * 10.0**exponent, 10.0**tolerance_exponent)
    rounding = ROUNDING * (expansion.bound + temperature)
    assert expansion.log_trace_error <= 0.5 * expansion.bound * expansion.error + rounding
    rng = np.random.default_rng(seed)
    energies = expansion.bound * np.concatenate([rng.uniform(-1, 1, 200), 10.0 ** rng.uniform(-6, 0, 200)])
    for level in energies[::10]:
        exact = exact_log_trace(np.array([level]), temperature)
        assert abs(log_trace(expansion, [level]) - exact) <= expansion.log_trace_error
    difference = abs(log_trace(expansion, energies) - exact_log_trace(energies, temperature))
    assert difference <= len(energies) * expansion.log_trace_error


@settings(max_examples=40, deadline=None)
@given(st.floats(0.0, 8.0), tolerance_exponents, seeds)
def test_log_trace_of_levels_without_temperature(exponent, tolerance_exponent, seed):
    gap = 0.1
    expansion = sign_expansion(gap, gap * 10.0**exponent, 10.0**tolerance_exponent)
    rng = np.random.default_rng(seed)
    energies = gap * (expansion.bound / gap) ** rng.random(200) * rng.choice([-1, 1], 200)
    for level in energies[::5]:
        assert abs(log_trace(expansion, [level]) - 0.5 * abs(level)) <= expansion.log_trace_error
    difference = abs(log_trace(expansion, energies) - 0.5 * np.abs(energies).sum())
    assert difference <= len(energies) * expansion.log_trace_error


@pytest.mark.parametrize(
    ("gap", "bound", "tolerance"), [(1.0, 8.0, 1e-4), (0.2, 9.0, 1e-8), (1e-3, 50.0, 1e-6)]
)
def test_shift_is_the_integral_through_the_gap(gap, bound, tolerance):
    expansion = sign_expansion(gap, bound, tolerance)
    edges = np.concatenate([[0.0], np.geomspace(1e-3 * expansion.gamma[0], expansion.bound, 400)])
    x, weights = np.polynomial.legendre.leggauss(12)
    middle, half = 0.5 * (edges[1:] + edges[:-1]), 0.5 * np.diff(edges)
    value = 0.5 * np.sum(half[:, None] * weights * (1 - expansion(middle[:, None] + half[:, None] * x)))
    assert expansion.log_trace_shift == pytest.approx(value, rel=1e-9)
    # All of it comes from the gap, and it follows the gap.
    assert 0.05 * gap < expansion.log_trace_shift < 0.5 * gap
    wider = sign_expansion(2 * gap, 2 * bound, tolerance)
    assert wider.log_trace_shift == pytest.approx(2 * expansion.log_trace_shift, rel=1e-12)


@pytest.mark.parametrize("temperature", [0.0, 0.02, 0.5])
def test_matrix_functions_from_inverses_and_determinants(temperature):
    matrix, energies, states = random_matrix(seed=7, gap=0.3)
    bound = np.abs(matrix).sum(axis=0).max()
    tolerance = 1e-9
    if temperature:
        expansion = tanh_expansion(temperature, bound, tolerance)
        occupation, exact = (
            0.5 - 0.5 * np.tanh(energies / (2 * temperature)),
            exact_log_trace(energies, temperature),
        )
    else:
        expansion = sign_expansion(0.3, bound, tolerance)
        occupation, exact = 0.5 * (energies < 0) * 2, 0.5 * np.abs(energies).sum()
    identity = np.eye(len(matrix))
    total, log_determinants = expansion.linear * matrix, []
    for gamma, weight in zip(expansion.gamma, expansion.weights, strict=True):
        shifted = matrix - 1j * gamma * identity
        inverse = np.linalg.inv(shifted)
        total = total + weight * 0.5 * (inverse + inverse.conj().T)
        log_determinants.append(np.linalg.slogdet(shifted).logabsdet)
    expected = (states * occupation) @ states.conj().T
    assert np.linalg.norm(0.5 * identity - 0.5 * total - expected, 2) <= 0.5 * expansion.error + 1e-13
    square = np.linalg.norm(matrix) ** 2
    value = log_trace_from_determinants(expansion, len(matrix), square, log_determinants)
    assert value == pytest.approx(log_trace(expansion, energies), rel=1e-12)
    assert abs(value - exact) <= len(matrix) * expansion.log_trace_error + 1e-11


@pytest.mark.parametrize(
    "make", [lambda: tanh_expansion(0.1, 9.0, 1e-8), lambda: sign_expansion(0.1, 9.0, 1e-8)]
)
def test_fermi_function_is_the_derivative_of_the_log_trace(make):
    expansion = make()
    step = 1e-4
    for energy in (0.15, 1.0, 8.0):
        slope = (log_trace(expansion, [energy + step]) - log_trace(expansion, [energy - step])) / (2 * step)
        assert slope == pytest.approx(0.5 - fermi(expansion, energy), abs=1e-6)
        assert slope > 0.1


@pytest.mark.parametrize(
    "make", [lambda: tanh_expansion(0.02, 6.0, 1e-9), lambda: sign_expansion(0.2, 6.0, 1e-9)]
)
def test_slopes_are_those_of_the_expansion_and_their_error_is_the_largest(make):
    expansion = make()
    x = dense_points(expansion.gap, expansion.bound, expansion.gamma, 1)
    step = 1e-5 * np.maximum(np.abs(x), expansion.gamma[0])
    difference = (expansion(x + step) - expansion(x - step)) / (2 * step)
    np.testing.assert_allclose(expansion.slope(x), difference, rtol=0, atol=1e-6 * expansion.steepest)
    exact = 0.0
    if expansion.temperature > 0:
        exact = 0.5 / expansion.temperature / np.cosh(0.5 * x / expansion.temperature) ** 2
    largest = np.abs(expansion.slope(x) - exact).max()
    assert 0.9 * largest <= expansion.slope_error <= 1.1 * largest

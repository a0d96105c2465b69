"""Sums of poles over a grid against the sums themselves."""

import numpy as np
import pytest

from bdg.observables.response.pole_sums import PER_BROADENING, POINTS, sum_of_poles


def direct(weights, places, z):
    return np.array([np.sum(weights / (places + one)) for one in z])


@pytest.mark.parametrize("broadening", [0.3, 0.02])
def test_poles_on_a_grid_have_the_sums_that_they_have_themselves(broadening):
    rng = np.random.default_rng(4)
    n = 40_000 if broadening < 0.1 else 4000
    places, weights = rng.uniform(-12, 12, n), rng.exponential(size=n)
    places[:4] = -12.0, 12.0, 0.0, -12 + broadening / PER_BROADENING  # ends, and points of the grid
    assert 24 * PER_BROADENING / broadening + POINTS < n  # so that there is a grid
    z = np.concatenate([np.linspace(-3, 4, 15) + 1j * broadening, np.linspace(0, 4, 5) - 1j * broadening])
    error = np.abs(sum_of_poles(weights, places, z) - direct(weights, places, z)).max()
    assert 0 < error < 8e-10 * weights.sum() / broadening  # Π|x − g|/η¹¹ in the middle of two points


def test_few_poles_and_none():
    z = np.array([0.1 + 0.05j, -0.3 + 0.05j])
    weights, places = np.array([1.0, -2.0, 0.5]), np.array([0.0, 3.0, 3.0])
    assert np.array_equal(sum_of_poles(weights, places, z), direct(weights, places, z))
    assert not sum_of_poles(np.zeros(0), np.zeros(0), z).any()


def test_poles_at_one_place():
    z = np.array([0.1 + 0.05j])
    weights = np.ones(100)
    assert sum_of_poles(weights, np.full(100, 0.7), z) == pytest.approx(100 / (0.7 + z), rel=1e-12)

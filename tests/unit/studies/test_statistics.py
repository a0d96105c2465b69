"""Ensembles against numbers that are known: by hand, and drawn from distributions with known moments."""

from __future__ import annotations

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.studies.collected.derivatives import derivative
from bdg.studies.collected.statistics import histogram, mean, quantiles, typical


def quantity(values, dims):
    values = np.asarray(values)
    coords = {
        dim: Quantity(np.arange(n), (dim,), "1", dim) for dim, n in zip(dims, values.shape, strict=True)
    }
    return Quantity(values, dims, "t", "gap", coords)


def test_mean_and_standard_error_by_hand():
    value, error = mean(quantity([[1.0, 3.0], [2.0, 2.0]], ("temperature", "seed")), "seed")
    assert value.values.tolist() == [2.0, 2.0]
    assert error.values == pytest.approx([1.0, 0.0])  # s² = 2, n = 2: s/√n = 1
    assert (value.dims, value.units, set(value.coords)) == (("temperature",), "t", {"temperature"})


def test_members_without_a_result_are_left_out_and_a_single_one_has_no_error():
    value, error = mean(
        quantity([[1.0, np.nan, 3.0], [5.0, np.nan, np.nan], [np.nan] * 3], ("t", "seed")), "seed"
    )
    assert value.values[:2].tolist() == [2.0, 5.0]
    assert error.values[0] == pytest.approx(1.0)
    assert np.isnan(error.values[1:]).all()
    assert np.isnan(value.values[2])


def test_the_standard_error_covers_the_mean_of_a_known_distribution():
    rng = np.random.default_rng(3)
    value, error = mean(quantity(rng.exponential(2.0, (400, 50)), ("trial", "seed")), "seed")
    off = (value.values - 2.0) / error.values
    assert 0.55 < np.mean(np.abs(off) < 1) < 0.8  # 0.68 of a normal one


def test_the_typical_value_of_a_log_normal_distribution_is_its_median():
    rng = np.random.default_rng(4)
    value, error = typical(quantity(np.exp(rng.normal(-1.0, 0.7, 40_000)), ("seed",)), "seed")
    assert abs(value.values - np.exp(-1.0)) < 3 * error.values
    assert error.values == pytest.approx(np.exp(-1.0) * 0.7 / 200, rel=0.03)
    zero, _ = typical(quantity([0.0, 1.0], ("seed",)), "seed")
    assert zero.values == 0.0


def test_quantiles():
    found = quantiles(quantity(np.arange(11.0).reshape(1, 11), ("t", "seed")), "seed", [0.0, 0.5, 1.0])
    assert found.values[:, 0].tolist() == [0.0, 5.0, 10.0]
    assert found.dims == ("quantile", "t")


def test_a_histogram_pools_its_axes_and_is_a_density():
    values = np.random.default_rng(0).uniform(0, 2, (3, 200, 50))
    found = histogram(quantity(values, ("t", "seed", "site")), ["seed", "site"], np.linspace(0, 2, 11))
    assert found.dims == ("t", "value")
    assert found.units == "1/t"
    assert found.values == pytest.approx(0.5, rel=0.1)
    assert found.values.sum(axis=1) * 0.2 == pytest.approx(1.0)


def test_what_has_no_meaning_is_refused():
    with pytest.raises(InputError, match="no axis 'sed'; it has seed"):
        mean(quantity([1.0], ("seed",)), "sed")
    with pytest.raises(InputError, match="complex"):
        mean(quantity([1.0j], ("seed",)), "seed")
    with pytest.raises(InputError, match="negative"):
        typical(quantity([-1.0, 1.0], ("seed",)), "seed")
    with pytest.raises(InputError, match="between 0 and 1"):
        quantiles(quantity([1.0], ("seed",)), "seed", 2)
    with pytest.raises(InputError, match="no numbers"):
        histogram(quantity([np.nan], ("seed",)), "seed")


def test_slopes_are_exact_for_parabolas_at_points_of_any_distance():
    x = np.array([0.0, 0.1, 0.4, 0.5, 1.0])
    values = np.stack([3 * x**2 - x, 2 * x])
    coords = {"x": Quantity(x, ("x",), "a", "x"), "u": Quantity(np.arange(2), ("u",), "1", "u")}
    found = derivative(Quantity(values, ("u", "x"), "t", "energy", coords), "x")
    assert found.values[0, 1:-1] == pytest.approx((6 * x - 1)[1:-1])
    assert found.values[1] == pytest.approx(2.0)
    assert (found.units, found.dims) == ("t/a", ("u", "x"))
    values[0, 2] = np.nan
    again = derivative(Quantity(values, ("u", "x"), "a", "energy", coords), "x")
    assert np.isnan(again.values[0, 2])
    assert again.values[0, [1, 3]] == pytest.approx((6 * x - 1)[[1, 3]])
    assert again.units == "1"
    with pytest.raises(InputError, match="no axis 'y'"):
        derivative(Quantity(values, ("u", "x"), "t", "energy", coords), "y")
    with pytest.raises(InputError, match="needs three values at least, not 2"):
        derivative(Quantity(values, ("u", "x"), "t", "energy", coords), "u")

"""Fixed filling where levels crowd: μ is found although the density hardly says where."""

import numpy as np
import pytest
from scipy.optimize import brentq

from bdg.lattice import build_sample
from bdg.model import build_model
from bdg.scf import ScfOptions, self_consistency
from bdg.scf.filling import CLOSE, mu_of_filling
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion


def kagome_levels(n_k):
    """ε of H = −Σ c†c on the kagome lattice: 2 (flat) and −1 ± √(3 + 2 Σ_d cos k_d), k₃ = k₁ − k₂."""
    k = 2 * np.pi * np.arange(n_k) / n_k
    k1, k2 = (axis.ravel() for axis in np.meshgrid(k, k))
    root = np.sqrt(np.maximum(0, 3 + 2 * (np.cos(k1) + np.cos(k2) + np.cos(k1 - k2))))
    return np.concatenate([np.full(len(root), 2.0), -1 + root, -1 - root])


def gap_and_mu(levels, attraction, temperature, filling):
    """Δ and μ of the uniform state, whose F is the same on all orbitals: two nested brackets."""

    def energies(mu, delta):
        return np.sqrt((levels - mu) ** 2 + delta**2)

    def mu_at(delta):
        def excess(mu):
            e = energies(mu, delta)
            return np.mean(1 - (levels - mu) / e * np.tanh(e / (2 * temperature))) - filling

        return brentq(excess, -6, 6, xtol=1e-14)

    def gap(delta):
        e = energies(mu_at(delta), delta)
        return attraction * np.mean(np.tanh(e / (2 * temperature)) / (2 * e)) - 1

    delta = brentq(gap, 1e-3, attraction, xtol=1e-14)
    return delta, mu_at(delta)


@pytest.mark.parametrize("solver", [Diagonalization(threads=1), SelectedInversion(threads=1)])
@pytest.mark.parametrize(("attraction", "filling"), [(0.5, 5 / 3), (0.5, 1.45), (0.3, 1.8)])
def test_a_flat_band_is_filled(solver, attraction, filling):
    sample = build_sample("kagome", [6, 6], "periodic")
    model = build_model(sample, filling=filling, attraction=attraction, temperature=0.005)
    outcome = self_consistency(model, solver, ScfOptions(tolerance=1e-10, max_iterations=60))
    delta, mu = gap_and_mu(kagome_levels(6), attraction, 0.005, filling)
    assert outcome.status == "converged"
    np.testing.assert_allclose(outcome.fields.delta, delta, rtol=0, atol=1e-8)
    assert outcome.fields.mu == pytest.approx(mu, abs=1e-8)


@pytest.mark.parametrize("width", [1e-6, 0.1, 10.0])
@pytest.mark.parametrize("start", [-3.9, 0.0, 3.9])
def test_the_search_finds_a_rise_however_steep(width, start):
    calls = []

    def missing_at(mu):
        calls.append(mu)
        return 1.3 - (1 + np.tanh((mu - 1.7) / width))

    mu = mu_of_filling(missing_at, start, missing_at(start), 4.0, (-40.0, 40.0))
    assert abs(missing_at(mu)) <= CLOSE
    assert len(calls) < 40


def test_the_search_ends_where_the_density_jumps_past_the_filling():
    mu = mu_of_filling(lambda mu: 0.3 if mu < 1.7 else -0.7, 0.0, 0.3, 4.0, (-40.0, 40.0))
    assert mu == pytest.approx(1.7, abs=1e-3)


def test_the_search_comes_back_from_the_last_level():
    """A first step too long for the band ends at its edge, where the density is 2: the search goes on."""
    mu = mu_of_filling(lambda mu: 1.3 - (1 + np.tanh(mu / 0.1)), -5.0, 1.3, 8.0, (-6.0, 2.0))
    assert abs(0.3 - np.tanh(mu / 0.1)) <= CLOSE

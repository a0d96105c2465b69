"""Uniform tori: real space against the gap equation on the same k grid."""

import numpy as np
import pytest

from bdg.lattice import Boundary, build_sample
from bdg.model import build_model
from bdg.scf import ScfOptions
from tests import reference as ref
from tests.bridge import measure, solved

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=400)


def check(
    size, attraction, temperature, hoppings=(1.0,), vector_potential=None, boundary="periodic", **given
):
    """Everything uniform theory knows, to 1e-10 a site."""
    hartree = given.pop("hartree", False)
    sample = build_sample(
        {1: "chain", 2: "square", 3: "cubic"}[len(size)], size, boundary, shells=len(hoppings)
    )
    fields = ("pairing", "hartree") if hartree else ("pairing",)
    density = {"chemical_potential": given["mu"]} if "mu" in given else {"filling": given["filling"]}
    model = build_model(
        sample,
        hopping=hoppings,
        attraction=attraction,
        temperature=temperature,
        fields=fields,
        vector_potential=vector_potential,
        **density,
    )
    outcome, state = solved(model, TIGHT)
    a = 0.0 if vector_potential is None else vector_potential
    twists = np.array([ends.twist for ends in sample.boundary]) / np.array(size)
    exact = ref.uniform(
        size,
        attraction,
        temperature=temperature,
        hartree=hartree,
        hoppings=hoppings,
        vector_potential=a + twists,
        **given,
    )
    assert outcome.status == "converged"
    np.testing.assert_allclose(np.abs(outcome.fields.delta), exact.delta, rtol=0, atol=1e-10)
    assert outcome.fields.mu == pytest.approx(exact.mu, abs=1e-10)
    np.testing.assert_allclose(measure(state, "density")["density"], exact.density, rtol=0, atol=1e-10)
    potential = measure(state, "grand_potential")
    assert potential["grand_potential"] / sample.n_sites == pytest.approx(exact.grand_potential, abs=1e-10)
    assert potential["free_energy"] / sample.n_sites == pytest.approx(exact.free_energy, abs=1e-10)
    assert measure(state, "entropy")["entropy"] / sample.n_sites == pytest.approx(exact.entropy, abs=1e-10)
    assert measure(state, "spectral_gap")["spectral_gap"] == pytest.approx(exact.spectral_gap, abs=1e-10)
    current = measure(state, "currents")["site_current"].mean(axis=0)
    np.testing.assert_allclose(current, exact.current_density, rtol=0, atol=1e-10)
    return exact


@pytest.mark.parametrize("attraction", [2.0, 2.5, 4.0])
@pytest.mark.parametrize("mu", [0.0, -0.5])
@pytest.mark.parametrize("temperature", [0.0, 0.05, 0.3, 1.5])
def test_small_torus_equals_k_space(attraction, mu, temperature):
    exact = check((8, 6), attraction, temperature, mu=mu)
    critical = ref.critical_temperature((8, 6), attraction, mu=mu)
    assert (exact.delta > 0.1) == (temperature < critical)


@pytest.mark.slow
@pytest.mark.parametrize("attraction", [2.0, 2.5, 4.0])
@pytest.mark.parametrize(("mu", "temperature"), [(0.0, 0.0), (-0.5, 0.1), (-0.5, 1.5)])
def test_large_torus_equals_k_space(attraction, mu, temperature):
    check((40, 40), attraction, temperature, mu=mu)


@pytest.mark.parametrize("filling", [0.3, 0.875, 1.6])
def test_filling_and_hartree_equal_k_space(filling):
    check((6, 5), 3.0, 0.1, filling=filling, hartree=True)


@pytest.mark.parametrize("size", [(6,), (1,), (2,), (1, 5), (2, 3), (2, 2, 1), (3, 2, 2)])
def test_thin_periodic_directions_wrap_right(size):
    exact = check(size, 5.0, 0.1, mu=-0.3)
    assert exact.delta > 0.1


def test_further_neighbours():
    check((5, 4), 3.0, 0.1, hoppings=(1.0, -0.3, 0.1), mu=-0.4)


def test_uniform_vector_potential_moves_every_momentum():
    exact = check((8, 6), 3.0, 0.1, vector_potential=np.array([0.11, -0.07]), mu=-0.5)
    assert np.abs(exact.current_density).min() > 1e-3


def test_a_twist_is_a_vector_potential():
    twisted = (Boundary("periodic", 0.6), Boundary("periodic", -0.3))
    exact = check((8, 6), 3.0, 0.1, boundary=twisted, mu=-0.5)
    assert np.abs(exact.current_density).min() > 1e-3

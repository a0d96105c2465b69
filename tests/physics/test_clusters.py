"""Random clusters: the package against Fock space, where there is no Nambu trick to get wrong."""

import numpy as np
import pytest

from bdg.scf import ScfOptions
from tests import reference as ref
from tests.bridge import mean_field_of, measure, problem_of, random_cluster, solved

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=2000)

CASES = [
    pytest.param(
        n_sites,
        seed,
        fields,
        mu,
        temperature,
        zeeman,
        id=f"{n_sites}-{seed}-{'h' if len(fields) > 1 else 'p'}",
    )
    for n_sites, seed, fields, mu, temperature, zeeman in [
        (4, 0, ("pairing",), {"chemical_potential": -0.3}, 0.2, 0.0),
        (4, 5, ("pairing", "hartree"), {"chemical_potential": -1.5}, 0.1, 0.05),
        (4, 2, ("pairing",), {"filling": 0.8}, 0.1, 0.2),
        (4, 6, ("pairing", "hartree"), {"filling": 0.6}, 0.1, 0.05),
        (4, 4, ("hartree",), {"filling": 0.7}, 0.3, 0.0),
        (4, 5, ("pairing",), {"chemical_potential": 0.1}, 0.0, 0.0),
    ]
] + [
    pytest.param(
        5, 6, ("pairing", "hartree"), {"filling": 0.9}, 0.15, 0.1, id="5-6-h", marks=pytest.mark.slow
    ),
    pytest.param(
        5, 7, ("pairing",), {"chemical_potential": -0.2}, 0.1, 0.0, id="5-7-p", marks=pytest.mark.slow
    ),
]


@pytest.mark.parametrize(("n_sites", "seed", "fields", "mu", "temperature", "zeeman"), CASES)
def test_densities_and_grand_potential_equal_fock_space(n_sites, seed, fields, mu, temperature, zeeman):
    model = random_cluster(n_sites, seed, zeeman=zeeman, fields=fields, temperature=temperature, **mu)
    outcome, state = solved(model, TIGHT)
    assert outcome.status == "converged"
    if "pairing" in fields:
        assert np.abs(outcome.fields.delta).min() > 1e-2  # not a comparison of zeros

    problem = problem_of(model, outcome.fields.mu)
    exact = ref.solve_fock(problem, mean_field_of(model, outcome.fields))
    np.testing.assert_allclose(measure(state, "density")["spin_density"], exact.density.T, atol=1e-10)
    np.testing.assert_allclose(
        measure(state, "anomalous_density")["anomalous_density"], exact.anomalous, atol=1e-10
    )
    currents = ref.bond_currents(problem, exact.bond_correlators).sum(axis=1)
    np.testing.assert_allclose(measure(state, "currents")["bond_current"], currents, atol=1e-10)

    # Δ = U F and V = −U n of Fock space reproduce the fields: they are the fixed point of the exact map too.
    if "pairing" in fields:
        np.testing.assert_allclose(problem.attraction * exact.anomalous, outcome.fields.delta, atol=1e-10)
    if "hartree" in fields:
        np.testing.assert_allclose(
            -problem.attraction * exact.density.T[::-1], outcome.fields.hartree, atol=1e-10
        )
    if "filling" in mu:
        assert exact.density.sum() / n_sites == pytest.approx(mu["filling"], abs=1e-11)

    constants = ref.mean_field_constants(problem, exact.local)
    omega = exact.quasiparticle_potential + sum(constants.values())
    if "pairing" not in fields:
        omega = exact.quasiparticle_potential + constants["hartree"]
    assert measure(state, "grand_potential")["grand_potential"] == pytest.approx(omega, abs=1e-10)
    assert measure(state, "entropy")["entropy"] == pytest.approx(exact.entropy, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_spectra_equal_lehmann_sums(seed):
    model = random_cluster(3, seed, zeeman=0.3, fields=("pairing",), chemical_potential=-0.2, temperature=0.1)
    outcome, state = solved(model, TIGHT)
    energies = np.linspace(-4, 4, 41)
    found = measure(state, "ldos", energies=energies, broadening=0.1)
    problem, mean = problem_of(model, outcome.fields.mu), mean_field_of(model, outcome.fields)
    exact = ref.ldos_fock(problem, mean, energies, 0.1)
    np.testing.assert_allclose(found["spin_ldos"], np.moveaxis(exact, 2, 0), atol=1e-10)
    np.testing.assert_allclose(found["ldos"], exact.sum(axis=2), atol=1e-10)
    gap = ref.solve_2n(problem, mean).spectral_gap
    assert measure(state, "spectral_gap")["spectral_gap"] == pytest.approx(gap, abs=1e-11)

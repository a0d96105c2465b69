"""Ω as a functional: stationary at self-consistency and only there; currents and gauge."""

from dataclasses import replace

import numpy as np
import pytest

from bdg.expectations import anomalous_density, site_pattern, spin_density
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Fields, build_model
from bdg.model.interactions import mean_field
from bdg.nambu import NambuAssembler
from bdg.observables import State
from bdg.scf import ScfOptions
from tests.bridge import measure, random_cluster, solved
from tests.support.variation import SOLVER, along, derivative, omega

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=2000)


@pytest.mark.parametrize("seed", [2, 4])
def test_grand_potential_is_stationary_at_the_fixed_point_and_not_away_from_it(seed):
    model = random_cluster(
        5, seed, zeeman=0.05, fields=("pairing", "hartree"), chemical_potential=-1.5, temperature=0.1
    )
    outcome, _ = solved(model, TIGHT)
    fields = outcome.fields
    assert outcome.status == "converged"
    assert np.abs(fields.delta).min() > 1e-2
    off = Fields(1.3 * fields.delta, 0.8 * fields.hartree, fields.mu)
    slopes_off = []
    for site in range(5):
        for name, index, direction in [
            ("delta", site, 1.0),
            ("delta", site, 1j),
            ("hartree", (0, site), 1.0),
            ("hartree", (1, site), 1.0),
        ]:
            slope = derivative(lambda s: omega(model, along(fields, name, index, s * direction)))  # noqa: B023
            assert abs(slope) < 1e-9
        slopes_off.append(derivative(lambda s: omega(model, along(off, "delta", site, s * off.delta[site]))))  # noqa: B023
    assert np.abs(slopes_off).max() > 1e-2


@pytest.mark.parametrize("seed", range(3))
def test_slope_away_from_the_fixed_point_is_the_residual(seed):
    """∂Ω/∂Δ* = F_in − F_out for any Δ."""
    model = random_cluster(4, seed, fields=("pairing",), chemical_potential=-1.0, temperature=0.2)
    rng = np.random.default_rng(seed)
    strength = model.attraction.strength
    fields = Fields(rng.normal(size=4) + 1j * rng.normal(size=4), np.zeros((2, 4)), -1.0)
    f = SOLVER.correlations(NambuAssembler(model).matrix(fields), 0.2, site_pattern(model.sample))
    missing_pairs = fields.delta / strength - anomalous_density(f)
    for site in range(4):
        by_real = derivative(lambda s: omega(model, along(fields, "delta", site, s)))  # noqa: B023
        by_imaginary = derivative(lambda s: omega(model, along(fields, "delta", site, 1j * s)))  # noqa: B023
        assert by_real == pytest.approx(2 * missing_pairs[site].real, abs=1e-8)
        assert by_imaginary == pytest.approx(2 * missing_pairs[site].imag, abs=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_slope_of_hartree_fields_is_the_residual_times_the_response(seed):
    """dΩ = Σ (V_out − V_in) dn_out at given Δ, for any fields."""
    model = random_cluster(4, seed, fields=("hartree",), chemical_potential=-1.0, temperature=0.2)
    strength = model.attraction.strength
    rng = np.random.default_rng(seed)
    fields = Fields(np.zeros(4), -rng.uniform(0.2, 0.8, (2, 4)) * strength, -1.0)

    def density(fields):
        matrix = NambuAssembler(model).matrix(fields)
        return spin_density(SOLVER.correlations(matrix, 0.2, site_pattern(model.sample)))

    missing = mean_field(model, "hartree", density(fields)) - fields.hartree
    for site in range(4):
        for spin in (0, 1):
            step = 1e-4
            ahead, behind = (density(along(fields, "hartree", (spin, site), s)) for s in (step, -step))
            expected = float(np.sum(missing * (ahead - behind)) / (2 * step))
            slope = derivative(lambda s: omega(model, along(fields, "hartree", (spin, site), s)))  # noqa: B023
            assert slope == pytest.approx(expected, abs=1e-7)
            assert abs(slope) > 1e-4


def current_carrying_model(seed=3):
    sample = build_sample("square", [4, 3], [Boundary("periodic", 0.4), "periodic"], shells=2)
    return build_model(
        sample,
        hopping=[1.0, -0.3],
        disorder=Disorder(1.0, seed),
        zeeman=0.1,
        attraction=3.0,
        fields=("pairing", "hartree"),
        vector_potential=[0.2, 0.1],
        filling=0.8,
        temperature=0.1,
    )


def test_current_is_minus_the_derivative_of_the_grand_potential():
    model = current_carrying_model()
    outcome, state = solved(model, TIGHT)
    currents = measure(state, "currents")["bond_current"]
    assert np.abs(currents).max() > 1e-2
    for bond in np.random.default_rng(0).choice(model.sample.n_bonds, 8, replace=False):

        def shifted(step, bond=bond):
            phase = model.phase.copy()
            phase[bond] += -1.0 * step  # φ = q A with q = −1
            return omega(replace(model, phase=phase), outcome.fields)

        assert currents[bond] == pytest.approx(-derivative(shifted), abs=1e-7)


def test_current_is_conserved_at_self_consistency_and_not_with_a_given_order_parameter():
    model = current_carrying_model()
    _, state = solved(model, TIGHT)
    assert np.abs(measure(state, "currents")["divergence"]).max() < 1e-10
    fixed = replace(
        model,
        attraction=replace(model.attraction, pairing=False),
        given_delta=np.full(model.sample.n_sites, 0.7 + 0j),
    )
    _, state = solved(fixed, TIGHT)
    assert np.abs(measure(state, "currents")["divergence"]).max() > 1e-4


@pytest.mark.parametrize("seed", range(3))
def test_random_gauge_transformation_changes_nothing_that_can_be_measured(seed):
    model = current_carrying_model(seed)
    outcome, state = solved(model, TIGHT)
    angle = np.random.default_rng(seed).uniform(-np.pi, np.pi, model.sample.n_sites)
    other, fields = model.transformed(angle), outcome.fields.transformed(angle)
    moved = State(other, fields, NambuAssembler(other).matrix(fields), SOLVER)
    energies = np.linspace(-5, 5, 21)
    for name, parameters in [
        ("density", {}),
        ("currents", {}),
        ("grand_potential", {}),
        ("entropy", {}),
        ("ldos", {"energies": energies, "broadening": 0.1}),
    ]:
        one, two = measure(state, name, **parameters), measure(moved, name, **parameters)
        for key in one:
            np.testing.assert_allclose(two[key], one[key], rtol=0, atol=2e-11, err_msg=key)
    np.testing.assert_allclose(np.abs(fields.delta), np.abs(outcome.fields.delta), atol=1e-14)
    np.testing.assert_allclose(
        measure(moved, "anomalous_density")["anomalous_density"],
        np.exp(2j * angle) * measure(state, "anomalous_density")["anomalous_density"],
        atol=1e-11,
    )
    # and the transformed model finds the transformed fields by itself
    again, _ = solved(other, TIGHT, initial=fields)
    assert len(again.history) == 1


def test_a_field_that_is_none_is_solved_in_a_real_gauge():
    """A uniform vector potential on an open sample is a gauge choice: same state, real arithmetic inside."""
    given = {"attraction": 3.0, "chemical_potential": -0.5, "temperature": 0.1, "disorder": Disorder(1.0)}
    sample = build_sample("square", [5, 4], "open")
    bare, _ = solved(build_model(sample, **given), TIGHT)
    outcome, state = solved(build_model(sample, vector_potential=[0.3, -0.8], **given), TIGHT)
    assert len(outcome.history) == len(bare.history)
    np.testing.assert_allclose(np.abs(outcome.fields.delta), bare.fields.delta, atol=1e-11)
    assert np.ptp(np.angle(outcome.fields.delta)) > 1
    assert np.abs(measure(state, "currents")["bond_current"]).max() < 1e-11

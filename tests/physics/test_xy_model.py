"""Monte Carlo of phases against exact integrals, the stiffness of bonds, and T_BKT of a uniform map."""

import numpy as np
import pytest
from scipy.special import ive

from bdg import Boundary, Disorder, ScfOptions, build_model, build_sample, solve
from bdg.errors import InputError
from bdg.expectations import bond_current
from bdg.experiments.xy.couplings import bond_couplings
from bdg.experiments.xy.monte_carlo import helicity_modulus
from bdg.experiments.xy.network import Network, repeated, stiffness
from bdg.experiments.xy.phases import Phases
from bdg.experiments.xy.unbinding import finite, unbinding
from bdg.observables import measure
from bdg.observables.response.vector_potential import in_uniform

TIGHT = ScfOptions(1e-11)
SIGMAS = 4.5


def ring(couplings):
    sites = np.arange(len(couplings))
    bonds = np.stack([sites, np.roll(sites, -1)], axis=1)
    return Network(len(sites), bonds, couplings, np.ones((len(sites), 1)), float(len(sites)))


@pytest.mark.parametrize("temperature", [0.1, 0.3])
def test_a_ring_has_the_modulus_and_the_energy_of_its_transfer_matrix(temperature):
    """Z(φ) = Σ_m e^{imφ} Π_b I_m(J_b/T): Υ of a twist φ = Nδ is −(T/N) ∂² ln Z/∂δ²."""
    couplings = np.random.default_rng(3).uniform(0.4, 1.5, 7)
    orders = np.arange(-40, 41)
    weights = np.prod([ive(orders, j / temperature) for j in couplings], axis=0)
    weights /= weights.sum()
    expected = len(couplings) * temperature * float(orders**2 @ weights)
    shifted = [0.5 * (ive(orders - 1, j / temperature) + ive(orders + 1, j / temperature)) for j in couplings]
    cosines = [one / ive(orders, j / temperature) for one, j in zip(shifted, couplings, strict=True)]
    energy = -float(sum(j * (cosine @ weights) for j, cosine in zip(couplings, cosines, strict=True))) / 7
    found = helicity_modulus(ring(couplings), temperature, 40_000, (1,))
    assert expected > 0.1
    assert 0 < found.error < 0.01
    assert abs(found.value - expected) < SIGMAS * found.error
    assert abs(found.energy - energy) < SIGMAS * found.energy_error


def test_four_spins_on_a_torus_with_a_bond_that_frustrates_are_the_integral_over_their_angles():
    sample = build_sample("square", (2, 2), "periodic")
    couplings = np.random.default_rng(0).uniform(0.5, 1.5, sample.n_bonds)
    couplings[2] = -0.1
    temperature, angles = 0.7, 2 * np.pi * np.arange(40) / 40
    theta = np.array([np.zeros(40**3), *np.stack(np.meshgrid(*[angles] * 3)).reshape(3, -1)])
    between = theta[sample.bonds.target] - theta[sample.bonds.source]
    weight = np.exp(couplings @ np.cos(between) / temperature)
    weight /= weight.sum()
    modulus = []
    for along in sample.bonds.displacement.T:
        stiff = (couplings * along**2) @ np.cos(between) @ weight
        flow = (couplings * along) @ np.sin(between)
        modulus.append((stiff - flow**2 @ weight / temperature) / 4)
    found = helicity_modulus(repeated(sample, couplings, 4.0, 1), temperature, 60_000, (5,))
    assert min(modulus) > 0.1
    assert abs(found.value - np.sqrt(np.prod(modulus))) < SIGMAS * found.error
    assert found.error < 0.01
    assert found == helicity_modulus(repeated(sample, couplings, 4.0, 1), temperature, 60_000, (5,))
    assert found != helicity_modulus(repeated(sample, couplings, 4.0, 1), temperature, 60_000, (6,))


def test_a_cold_network_is_one_of_conductors():
    sample = build_sample("square", (4, 3), "periodic", shells=2)
    couplings = np.random.default_rng(1).uniform(0.2, 1.5, sample.n_bonds)
    bonds, matrix = sample.bonds, np.zeros((12, 12))
    for i, j, value in zip(bonds.source, bonds.target, couplings, strict=True):
        matrix[[i, j, i, j], [i, j, j, i]] += value * np.array([1, 1, -1, -1])
    incidence = np.zeros((12, sample.n_bonds))
    np.add.at(incidence, (bonds.target, np.arange(sample.n_bonds)), 1.0)
    np.add.at(incidence, (bonds.source, np.arange(sample.n_bonds)), -1.0)
    forces = incidence @ (couplings[:, None] * bonds.displacement)
    direct = np.einsum("b,ba,bc->ac", couplings, bonds.displacement, bonds.displacement)
    modulus = (direct - forces.T @ np.linalg.pinv(matrix) @ forces) / 12
    expected = np.sqrt(np.linalg.det(modulus))
    assert stiffness(sample, couplings, 12.0) == pytest.approx(expected, rel=1e-7)
    assert expected < 0.99 * np.sqrt(np.linalg.det(direct / 12))
    copied = repeated(sample, couplings, 12.0, 2)
    assert (copied.n_sites, len(copied.bonds), copied.area) == (48, 4 * sample.n_bonds, 48.0)
    cold = helicity_modulus(copied, 0.01, 2000, (0,))
    isotropic = np.sqrt(modulus[0, 0] * modulus[1, 1])
    assert abs(cold.value - isotropic) < 0.01 * isotropic


@pytest.mark.parametrize("kind", ["square", "triangular"])
def test_couplings_are_the_currents_of_bonds_and_sum_to_the_superfluid_weight(kind):
    sample = build_sample(kind, (4, 3), "periodic")
    model = build_model(
        sample, attraction=2.5, disorder=Disorder(1.5, 2), chemical_potential=-0.5, temperature=0.15
    )
    state = solve(model, scf=TIGHT).state()
    couplings, error = bond_couplings(state)
    steps, small = sample.bonds.displacement, 1e-4
    slope = np.zeros(sample.n_bonds)
    for axis, unit in enumerate(np.eye(2)):
        ahead, behind = (in_uniform(state, sign * small * unit) for sign in (1, -1))
        change = bond_current(ahead.model, ahead.on_bonds) - bond_current(behind.model, behind.on_bonds)
        slope -= change / (2 * small) * steps[:, axis]
    assert couplings == pytest.approx(slope / np.sum(steps**2, axis=1) / 4, abs=1e-7)
    assert error < 1e-9
    if kind == "square":
        weight = measure(state, "superfluid_weight")["superfluid_weight"].values
        total = 4 * np.einsum("b,ba,bc->ac", couplings, steps, steps) / sample.n_sites
        assert np.diag(total) == pytest.approx(np.diag(weight), abs=1e-9)
        assert np.ptp(couplings) > 0.05


def test_moduli_made_of_the_formula_give_its_temperature_back():
    lengths, temperatures = np.array([8.0, 16.0, 32.0]), np.linspace(0.8, 1.0, 5)
    ratio = np.array([finite(length, 0.3) - 2.0 * (temperatures - 0.91) for length in lengths])
    modulus = 2 * temperatures / np.pi * ratio
    found = unbinding(temperatures, lengths, modulus, np.full(modulus.shape, 1e-4), 0)
    assert found.temperature == pytest.approx(0.91, abs=1e-6)
    assert found.constant == pytest.approx(0.3, abs=1e-4)
    assert 1e-6 < found.error < 1e-3
    assert found.misfit < 1e-6
    two = unbinding(temperatures, lengths[:2], modulus[:2], np.full((2, 5), 1e-4), 0)
    assert two.temperature == pytest.approx(0.91, abs=1e-6)
    assert np.isnan(two.misfit)


def infinite(**given):
    cell = build_sample("square", (1, 1), [Boundary("bloch", 0.0, 6, 0.5)] * 2)
    return build_model(cell, chemical_potential=-0.5, **{"attraction": 3.0, "temperature": 0.1, **given})


SHORT = {"copies": [4, 8], "sweeps": 320, "num": 3, "window": 0.15}


def test_couplings_that_follow_the_temperature_lower_it():
    state = solve(infinite(temperature=0.02), scf=TIGHT).state()
    found = {follow: measure(state, "xy_model", SHORT | {"follow": follow}) for follow in (True, False)}
    for quantities in found.values():
        stiff = float(quantities["xy_stiffness"])
        assert stiff == pytest.approx(float(quantities["xy_coupling"].values[0]), rel=1e-6)
        temperature = quantities["xy_bkt_temperature"]
        assert 0.7 < float(temperature) / stiff < 0.95
        assert quantities["helicity_modulus"].values.shape == (2, 3)
        assert (quantities["helicity_error"].values > 0).all()
    assert float(found[True]["xy_bkt_temperature"]) < float(found[False]["xy_bkt_temperature"])
    again = measure(state, "xy_model", SHORT | {"follow": False})
    np.testing.assert_array_equal(again["helicity_modulus"], found[False]["helicity_modulus"])


def test_a_temperature_beyond_those_looked_at_is_flagged(monkeypatch):
    state = solve(infinite(), scf=TIGHT).state()
    monkeypatch.setattr(Phases, "guess", lambda self, copies, sweeps, seed: 0.6 * self.stiffness(0.1))
    cold = measure(state, "xy_model", SHORT | {"window": 0.03, "follow": False, "sweeps": 2000})
    assert "raise window" in cold["xy_bkt_temperature"].attributes["warning"]


def test_states_without_stiffness_and_with_currents_are_refused():
    with pytest.raises(InputError, match="no stiffness"):
        measure(solve(infinite(attraction=0.5, temperature=0.5)).state(), "xy_model", SHORT)
    flowing = solve(infinite(vector_potential=[0.1, 0.0])).state()
    with pytest.raises(InputError, match="take the field away"):
        measure(flowing, "xy_model", SHORT)
    ladder = build_model(build_sample("square", (4, 2), ["periodic", "open"]), attraction=3.0)
    with pytest.raises(InputError, match="periodic in both directions"):
        measure(solve(ladder).state(), "xy_model", SHORT)


@pytest.mark.slow
def test_a_uniform_map_has_the_known_temperature():
    """T_BKT = 0.8929 J (Hasenbusch, J. Phys. A 38, 5869 (2005)), from 8 to 64 sites."""
    cell = build_sample("square", (1, 1), [Boundary("bloch", 0.0, 12, 0.5)] * 2)
    lengths, temperatures = np.array([8, 16, 32, 64]), np.linspace(0.86, 0.92, 4)
    found = [
        [helicity_modulus(repeated(cell, np.ones(2), 1.0, length), t, 16_000, (7, n)) for t in temperatures]
        for n, length in enumerate(lengths.tolist())
    ]
    modulus, error = (
        np.array([[getattr(one, name) for one in row] for row in found]) for name in ("value", "error")
    )
    best = unbinding(temperatures, lengths.astype(float), modulus, error, 0)
    assert best.error < 0.001
    assert best.temperature == pytest.approx(0.8929, abs=0.002)

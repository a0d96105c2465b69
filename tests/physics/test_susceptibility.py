"""Static susceptibilities: differences of self-consistent runs, k space, sum rules, Goldstone's theorem."""

from dataclasses import replace

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, build_model
from bdg.observables import State
from bdg.observables import measure as observed
from bdg.scf import ScfOptions, self_consistency
from bdg.scf.stability.jacobian import Jacobian
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests.bridge import measure

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=3000)
SOLVERS = {"dense": Diagonalization(1), "engine": SelectedInversion(1)}
BOTH = {"attraction": 2.5, "fields": ["pairing", "hartree"]}
MU, TEMPERATURE = -0.6, 0.1


def model_of(size=(4, 3), boundary="periodic", **terms):
    given = {"chemical_potential": MU, "temperature": TEMPERATURE, **BOTH, **terms}
    return build_model(build_sample("square", size, boundary), **given)


def state_of(model, solver=SOLVERS["dense"], initial="uniform"):
    outcome = self_consistency(model, solver, TIGHT, initial=initial)
    assert outcome.status == "converged"
    return State(model, outcome.fields, outcome.hamiltonian, solver)


def moment(state):
    density = measure(state, "density")["spin_density"]
    return density[0] - density[1]


def answers(state, channel):
    if channel == "charge":
        return np.asarray(measure(state, "density")["density"])
    if channel == "spin":
        return np.asarray(moment(state))
    return 2 * np.real(measure(state, "anomalous_density")["anomalous_density"])


def driven(model, channel, strength):
    if channel == "charge":
        return replace(model, onsite=model.onsite - strength)
    field = model.zeeman.copy()
    field[2] += strength
    return replace(model, zeeman=field)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("channel", ["charge", "spin"])
@pytest.mark.parametrize(
    "terms", [{}, {"zeeman": (0, 0, 0.1)}, {"rashba": 0.3}], ids=["singlet", "split", "any spin"]
)
def test_it_is_the_difference_of_self_consistent_runs(solver, channel, terms):
    model = model_of(disorder=Disorder(width=1.0, seed=2), **terms)
    state = state_of(model, SOLVERS[solver])
    place, step = 5, 2e-3
    unit = np.eye(model.sample.n_sites)[place]
    runs = [
        answers(state_of(driven(model, channel, m * step * unit), initial=state.fields), channel)
        for m in (1, -1, 2, -2)
    ]
    expected = (8 * (runs[0] - runs[1]) - (runs[2] - runs[3])) / (12 * step)
    found = measure(state, "susceptibility", channel=channel, sources=[place])
    np.testing.assert_allclose(found["susceptibility_map"][0], expected, rtol=0, atol=1e-6)
    assert np.abs(found["bare_susceptibility_map"][0] - expected).max() > 1e-3  # fields that follow matter


@pytest.mark.parametrize("temperature", [0.05, 0.3, 0.8])
def test_charge_at_q_0_is_the_compressibility_below_and_above_t_c(temperature):
    def density(mu):
        return float(
            np.mean(answers(state_of(model_of(chemical_potential=mu, temperature=temperature)), "charge"))
        )

    step = 2e-3
    expected = (
        8 * (density(MU + step) - density(MU - step)) - density(MU + 2 * step) + density(MU - 2 * step)
    ) / (12 * step)
    found = measure(state_of(model_of(temperature=temperature)), "susceptibility", channel="charge")
    assert found["susceptibility"][0] == pytest.approx(expected, abs=1e-6)
    assert found["susceptibility"][0] > 0.1


def test_of_normal_electrons_it_is_stoner_s_and_lindhard_s():
    """χ₀(q) = −(2/N) Σ_k (f_k − f_{k+q})/(ξ_k − ξ_{k+q}), and χ = χ₀/(1 ± ½|U| χ₀) of charge and spin."""
    size, repulsion, temperature = (6, 4), 1.2, 0.3
    model = model_of(size, attraction=-repulsion, fields=["hartree"], temperature=temperature)
    state = state_of(model, SOLVERS["engine"], initial="normal")
    kx, ky = np.meshgrid(*(2 * np.pi * np.arange(n) / n for n in size), indexing="ij")
    shift = MU - float(state.fields.hartree.mean())
    band = lambda x, y: -2 * np.cos(x) - 2 * np.cos(y) - shift  # noqa: E731
    f = lambda e: 1 / (np.exp(e / temperature) + 1)  # noqa: E731
    waves = [(0.0, 0.0), (np.pi / 3, 0.0), (np.pi, np.pi)]
    bare = []
    for qx, qy in waves:
        one, two = band(kx, ky), band(kx + qx, ky + qy)
        near = np.abs(one - two) < 1e-9
        slope = -f(one) * (1 - f(one)) / temperature
        ratio = np.where(near, slope, (f(one) - f(two)) / np.where(near, 1.0, one - two))
        bare.append(-2 * ratio.mean())
    for channel, sign in (("charge", 1), ("spin", -1)):
        found = measure(state, "susceptibility", channel=channel, wave_vectors=waves)
        np.testing.assert_allclose(found["bare_susceptibility"], bare, rtol=0, atol=1e-9)
        expected = np.array(bare) / (1 + sign * 0.5 * repulsion * np.array(bare))
        np.testing.assert_allclose(found["susceptibility"], expected, rtol=0, atol=1e-8)
    across = measure(state, "susceptibility", channel="spin", axis="x", wave_vectors=waves)
    np.testing.assert_allclose(across["susceptibility"], found["susceptibility"], rtol=0, atol=1e-8)


def test_pairs_of_a_normal_state_are_those_of_the_ladder():
    """χ₀ = (2/N) Σ_k tanh(ξ/2T)/2ξ at q = 0, and χ = χ₀/(1 − U χ₀/2): amplitude and phase alike."""
    size, temperature = (6, 4), 0.9
    model = model_of(size, fields=["pairing"], temperature=temperature)
    state = state_of(model, initial="normal")
    kx, ky = np.meshgrid(*(2 * np.pi * np.arange(n) / n for n in size), indexing="ij")
    xi = -2 * np.cos(kx) - 2 * np.cos(ky) - MU
    bare = float(np.mean(np.tanh(xi / (2 * temperature)) / xi))
    for channel in ("amplitude", "phase"):
        found = measure(state, "susceptibility", channel=channel)
        assert found["bare_susceptibility"][0] == pytest.approx(bare, abs=1e-9)
        assert found["susceptibility"][0] == pytest.approx(bare / (1 - 0.5 * 2.5 * bare), abs=1e-7)


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_phase_is_free_at_q_0_and_the_rest_is_bounded(solver):
    state = state_of(model_of((6, 4)), SOLVERS[solver])
    given = {"channel": "phase", "wave_vectors": [[0, 0], [np.pi / 3, 0]]}
    found = observed(state, "susceptibility", given)["susceptibility"]
    assert found.values[0] == np.inf
    assert "infinite" in found.attributes["warning"]
    assert 0 < found.values[1] < np.inf
    jacobian = Jacobian(state.model, state.solver, state.fields, 1.0)
    rotation = jacobian.rotation()
    assert np.linalg.norm(jacobian.product(rotation) - rotation) <= 1e-8 * np.linalg.norm(rotation)
    amplitude = measure(state, "susceptibility", channel="amplitude", wave_vectors=[[0, 0]])
    assert 0 < amplitude["susceptibility"][0] < np.inf


def test_phases_of_long_waves_cost_what_the_superfluid_weight_says():
    """A twist costs ½ (D/4) q² θ² a site, θ the phase of pairs; O = 2|F| θ: χ = (2|F|)²/(D q²/4)."""
    sample = build_sample("square", [40, 1], ["periodic", Boundary("bloch", n_k=12)])
    model = build_model(sample, chemical_potential=MU, attraction=3.0, temperature=TEMPERATURE)
    state = state_of(model)
    waves = 2 * np.pi / 40 * np.array([[1.0, 0], [2.0, 0]])
    found = measure(state, "susceptibility", channel="phase", wave_vectors=waves.tolist())
    weight = float(measure(state, "superfluid_weight")["superfluid_weight"][0, 0])
    pairs = float(np.mean(np.abs(measure(state, "anomalous_density")["anomalous_density"])))
    expected = (2 * pairs) ** 2 / (weight / 4 * waves[:, 0] ** 2)
    np.testing.assert_allclose(found["susceptibility"], expected, rtol=0.05)
    assert abs(found["susceptibility"][0] / expected[0] - 1) < abs(
        found["susceptibility"][1] / expected[1] - 1
    )


def test_maps_are_symmetric_and_sum_to_the_response_at_q_0():
    state = state_of(model_of(disorder=Disorder(width=1.0, seed=2)), SOLVERS["engine"])
    found = measure(state, "susceptibility", channel="charge", sources="all", wave_vectors=[[0, 0]])
    chi = np.asarray(found["susceptibility_map"])
    np.testing.assert_allclose(chi, chi.T, rtol=0, atol=1e-9)
    assert np.linalg.eigvalsh(chi)[0] > 0
    assert found["susceptibility"][0] == pytest.approx(chi.sum() / len(chi), abs=1e-9)


@pytest.mark.parametrize("channel", ["charge", "spin", "amplitude"])
def test_an_infinite_sample_and_one_site_answer_too(channel):
    """A site without hops is two levels; a block of one cell and its momenta are the torus at q = 0."""
    torus = measure(state_of(model_of((4, 4))), "susceptibility", channel=channel)["susceptibility"][0]
    cell = state_of(model_of((1, 1), [Boundary("bloch", n_k=4)] * 2))
    assert measure(cell, "susceptibility", channel=channel)["susceptibility"][0] == pytest.approx(
        torus, abs=1e-7
    )
    site = state_of(build_model(build_sample("square", [1, 1]), temperature=0.5), initial="normal")
    alone = measure(site, "susceptibility", channel=channel)["susceptibility"][0]
    assert alone == pytest.approx({"charge": 1.0, "spin": 1.0, "amplitude": 1.0}[channel], abs=1e-9)


def test_what_it_cannot_take_is_refused():
    state = state_of(model_of())
    for parameters, words in (
        ({"channel": "charge", "wave_vectors": [[0.3, 0]]}, "does not close"),
        ({"channel": "charge", "wave_vectors": [[0.0]]}, "2 components"),
        ({"channel": "colour"}, "channel"),
        ({"channel": "charge", "sources": [99]}, "not in the sample"),
    ):
        with pytest.raises(InputError, match=words):
            observed(state, "susceptibility", parameters)


def test_mu_is_held_where_the_run_fixes_the_filling():
    at_mu = state_of(model_of())
    filling = float(np.mean(answers(at_mu, "charge")))
    at_filling = state_of(model_of(filling=filling, chemical_potential=None))
    one, other = (measure(state, "susceptibility")["susceptibility"][0] for state in (at_mu, at_filling))
    assert one == pytest.approx(other, abs=1e-8)
    assert one > 0.1


def test_nothing_follows_where_nothing_is_self_consistent():
    given = build_model(build_sample("square", [4, 3]), given_delta=0.3, temperature=0.1)
    state = State(given, *given_state(given))
    found = measure(state, "susceptibility", channel="spin", sources=[2])
    np.testing.assert_array_equal(found["susceptibility_map"], found["bare_susceptibility_map"])
    assert found["susceptibility_map"][0, 2] > 0.01


def given_state(model):
    outcome = self_consistency(model, SOLVERS["dense"], TIGHT)
    return outcome.fields, outcome.hamiltonian, SOLVERS["dense"]

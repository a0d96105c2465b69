"""Collective modes: the RPA of k space, the static limit, brute-force motion, Goldstone's theorem."""

from dataclasses import replace

import numpy as np
import pytest

from bdg.errors import BdgError, InputError
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, build_model
from bdg.nambu import NambuAssembler
from bdg.observables import State
from bdg.observables import measure as observed
from bdg.scf import ScfOptions, self_consistency
from bdg.scf.stability.unrestricted import with_all_spins
from bdg.solvers.diagonalization import Diagonalization
from bdg.theory.uniform import modes
from bdg.theory.uniform.lattices import Dispersion
from bdg.theory.uniform.modes.lattice import _channels
from tests.bridge import measure

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=3000)
CHANNELS = ["amplitude", "phase", "charge", "spin"]
MU, ATTRACTION = -2.0, 3.5  # about 0.9 electrons a site, Hartree field included


def state_of(model, initial="uniform"):
    outcome = self_consistency(model, Diagonalization(1), TIGHT, initial=initial)
    assert outcome.status == "converged"
    return State(model, outcome.fields, outcome.hamiltonian, Diagonalization(1))


def model_of(size=(4, 3), boundary="periodic", **terms):
    fields = terms.pop("fields", ["pairing", "hartree"])
    given = {"chemical_potential": MU, "temperature": 0.0, "attraction": ATTRACTION, **terms}
    return build_model(build_sample("square", size, boundary), fields=fields, **given)


def complex_response(state, **parameters):
    return measure(state, "collective_modes", **{"accuracy": 1e-12, **parameters})["mode_response"]


@pytest.mark.parametrize("hartree", [False, True], ids=["pairs", "and density"])
@pytest.mark.parametrize("temperature", [0.0, 0.2])
def test_a_uniform_sample_is_the_rpa_of_k_space(hartree, temperature):
    n, fields = 6, ["pairing", "hartree"] if hartree else ["pairing"]
    given = {"chemical_potential": MU if hartree else -0.5, "temperature": temperature}
    state = state_of(model_of((n, n), fields=fields, **given))
    mu = given["chemical_potential"] - float(np.mean(state.fields.hartree))
    theory = modes.fluctuations(
        Dispersion(), (n, n), ATTRACTION, mu=mu, hartree=hartree, temperature=temperature
    )
    energies, steps = [0.3, 1.1, 2.4], [(0, 0), (1, 0), (2, 3)]
    q = 2 * np.pi / n * np.array(steps)
    found = complex_response(state, energies=energies, wave_vectors=q.tolist())
    bare = measure(state, "collective_modes", energies=energies, wave_vectors=q.tolist())
    for place, step in enumerate(steps):
        couplings = np.diag(_channels(theory, step)[1])
        for number, energy in enumerate(energies):
            matrix = modes.fluctuation_matrix(theory, step, energy + 0.05j)
            chi = matrix + np.linalg.inv(couplings)
            expected = -np.linalg.solve(np.eye(len(chi)) - chi @ couplings, chi)
            assert found[place, 0, number] == pytest.approx(expected[0, 0], abs=1e-10)
            assert abs(found[place, 1, number]) == pytest.approx(abs(expected[1, 0]), abs=1e-10)
            assert bare["bare_mode_spectrum"][place, number] == pytest.approx(
                -chi[0, 0].imag, rel=1e-9, abs=1e-12
            )


def test_phase_velocity_and_higgs_edge_are_those_of_theory():
    """A long strip, its momenta across as Bloch phases: the lowest modes at small q, absorption from 2Δ."""
    length, across, attraction, mu = 32, 6, 4.0, -0.5
    sample = build_sample("square", [length, 1], ["periodic", Boundary("bloch", n_k=across)])
    model = build_model(
        sample, chemical_potential=mu, attraction=attraction, temperature=0.0, fields=["pairing"]
    )
    state = state_of(model)
    theory = modes.fluctuations(Dispersion(), (length, across), attraction, mu=mu)
    expected = modes.mode_energies(theory, (1, 0))[0]
    q = 2 * np.pi / length
    energies = np.linspace(0.98, 1.02, 41) * expected
    found = measure(
        state,
        "collective_modes",
        channel="phase",
        energies=energies.tolist(),
        broadening=2e-3,
        wave_vectors=[[q, 0.0]],
    )
    peak = energies[int(np.argmax(found["mode_spectrum"][0]))]
    assert peak / q == pytest.approx(expected / q, rel=1e-3)
    edge = modes.pair_breaking_edge(theory, (0, 0))
    below, above = (
        measure(state, "collective_modes", energies=[factor * edge], broadening=1e-3)["mode_spectrum"][0, 0]
        for factor in (0.97, 1.001)
    )
    assert above > 20 * below


@pytest.mark.parametrize("terms", [{}, {"rashba": 0.3}, {"zeeman": (0, 0, 0.1)}], ids=["real", "4", "split"])
@pytest.mark.parametrize("channel", CHANNELS)
def test_at_frequency_zero_it_is_the_susceptibility_at_given_electrons(channel, terms):
    """χ − (χ u)(χ u)ᵀ/uᵀχu: an isolated sample keeps its electrons, and a run at given μ does not."""
    state = state_of(model_of(disorder=Disorder(width=1.0, seed=2), **terms))
    found = measure(
        state,
        "collective_modes",
        channel=channel,
        energies=[0.0],
        broadening=1e-6,
        sources=[5],
        map_energies=[0.0],
        accuracy=1e-12,
    )
    dynamic = found[f"mode_map_{channel}"][0, 0].real
    if channel == "phase":  # free to turn
        assert abs(dynamic[5]) > 1e3
        return
    static = measure(state, "susceptibility", channel=channel, sources=[5])["susceptibility_map"][0]
    if channel in ("charge", "amplitude"):
        charge = measure(state, "susceptibility", channel="charge", sources="all")["susceptibility_map"]
        added = charge.sum(axis=1)  # δn_i of δμ
        follows = added if channel == "charge" else amplitude_of_mu(state)
        static = static - follows * follows[5] / added.sum()
    np.testing.assert_allclose(dynamic, static, rtol=0, atol=1e-8)


def amplitude_of_mu(state):
    """∂/∂μ of 2 Re e^{−iθ}⟨c_↑ c_↓⟩ of each site, from self-consistent runs."""
    step = 1e-4
    values = []
    for sign in (1, -1, 2, -2):
        mu = state.model.chemical_potential + sign * step
        moved = state_of(replace(state.model, chemical_potential=mu), initial=state.fields)
        values.append(2 * np.abs(measure(moved, "anomalous_density")["anomalous_density"]))
    return (8 * (values[0] - values[1]) - (values[2] - values[3])) / (12 * step)


def brute_force(state, energies, broadening, site):
    """χ_ii of amplitude, charge and spin from the whole linearised equation of motion of ρ, 4 dofs a site."""
    model, n = state.model, state.model.sample.n_sites
    rho, normal = full_density_matrix(state)
    size, strength = 4 * n, model.attraction.strength

    def fields(change):
        """δH[δρ] of Δ = U⟨c_↑c_↓⟩, V_σ = −U⟨n_−σ⟩ and x = U⟨c†_↓c_↑⟩."""
        h = np.zeros((size, size), complex)
        for i in range(n):
            u, b = strength[i], 4 * i
            pair, up, down, flip = (
                -change[b, b + 2],
                change[b, b].real,
                change[b + 1, b + 1].real,
                change[b, b + 1],
            )
            h[b : b + 4, b : b + 4] = site_block(u * pair, -u * down, -u * up, u * flip)
        return h

    basis = [np.zeros((size, size), complex) for _ in range(size * size)]
    count = 0
    for a in range(size):
        for b in range(a, size):
            basis[count][a, b] = basis[count][b, a] = 1.0
            count += 1
            if a != b:
                basis[count][a, b], basis[count][b, a] = 1j, -1j
                count += 1

    def numbers(matrix):
        out = []
        for a in range(size):
            for b in range(a, size):
                out.append(matrix[a, b].real)
                if a != b:
                    out.append(matrix[a, b].imag)
        return np.array(out)

    def commutator(one, other):
        return one @ other - other @ one

    motion = np.array(
        [
            numbers(-1j * (commutator(normal, one) + commutator(fields(holes_too(one, n)), rho)))
            for one in basis
        ]
    ).T
    found = {}
    b = 4 * site
    for name, block in {
        "amplitude": site_block(1, 0, 0, 0),
        "charge": site_block(0, -1, -1, 0),
        "spin": site_block(0, -1, 1, 0),
    }.items():
        drive = np.zeros((size, size), complex)
        drive[b : b + 4, b : b + 4] = block
        start = numbers(-1j * commutator(drive, rho))
        values = []
        for energy in energies:
            z = energy + 1j * broadening
            moved = np.linalg.solve(-1j * z * np.eye(size * size) - motion, start)
            change = sum(
                value * one for value, one in zip(moved, basis, strict=True)
            )  # e^{−izt}, not Hermitian
            values.append(-0.5 * np.trace(drive @ change))
        found[name] = np.array(values)
    return found


def site_block(pair, up, down, flip):
    """A site's block of H: Δ·1 and its conjugate, h and −iσ_y h* (−iσ_y)."""
    h = np.array([[up, flip], [np.conj(flip), down]])
    turn = np.array([[0, 1], [-1, 0]])
    block = np.zeros((4, 4), complex)
    block[:2, :2], block[2:, 2:] = h, -turn @ np.conj(h) @ turn.T
    block[:2, 2:], block[2:, :2] = pair * np.eye(2), np.conj(pair) * np.eye(2)
    return block


def holes_too(change, n):
    """The mean of a change and of what it is for holes: electrons and holes move together."""
    turn = np.kron(np.eye(n), np.kron(np.array([[0, 1], [-1, 0]]), np.array([[0, 1], [-1, 0]])))
    return 0.5 * (change - turn @ np.conj(change) @ turn.T)


def full_density_matrix(state):
    """ρ = f(H) and H at T = 0 or above, dense, with 4 dofs a site whatever the state has."""
    model, fields = with_all_spins(state.model, state.fields)
    hamiltonian = NambuAssembler(replace(model, least_dofs=4)).matrix(fields).dense()
    levels, vectors = np.linalg.eigh(hamiltonian)
    temperature = model.temperature
    occupied = (levels < 0) * 1.0 if temperature == 0 else 1 / (np.exp(levels / temperature) + 1)
    return (vectors * occupied) @ vectors.conj().T, hamiltonian


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"temperature": 0.2},
        {"rashba": 0.4, "zeeman": (0.1, 0, 0.2)},
        {"zeeman": (0, 0, 0.3), "temperature": 0.3},
    ],
    ids=["T = 0", "warm", "any spin", "warm and split"],
)
def test_a_disordered_sample_moves_as_its_whole_density_matrix(terms):
    state = state_of(model_of((2, 2), "open", disorder=Disorder(width=1.5, seed=3), **terms))
    energies = [0.2, 1.3, 3.1]
    expected = brute_force(state, energies, 0.1, site=1)
    for channel, values in expected.items():
        found = complex_response(state, energies=energies, broadening=0.1, channel=channel, sources=[1])
        place = CHANNELS.index(channel)
        np.testing.assert_allclose(found[0, place], values, rtol=0, atol=1e-9)


def test_the_phase_turns_freely_and_only_its_inertia_holds_it():
    """L = ½ κ (θ̇/2)² a site and a torque 2|F| λ: χ(iη) η² → (2|F|)² · 4/κ, κ = ∂n/∂μ."""
    state = state_of(model_of((4, 4)))
    kappa = measure(state, "susceptibility", channel="charge")["susceptibility"][0]
    pairs = float(np.mean(np.abs(measure(state, "anomalous_density")["anomalous_density"])))
    for pattern in ("uniform", "order_parameter"):
        given = {"channel": "phase", "pattern": pattern, "energies": [0.0]}
        found = [complex_response(state, broadening=eta, **given)[0, 1, 0].real for eta in (2e-3, 1e-3)]
        limit = (4 * found[1] * 1e-6 - found[0] * 4e-6) / 3
        assert limit == pytest.approx(4 * (2 * pairs) ** 2 / kappa, rel=1e-5)
    amplitude = complex_response(state, energies=[0.0], broadening=1e-3)[0, 0, 0]
    assert 0 < amplitude.real < 10


def test_at_half_filling_charge_waves_are_as_free_as_the_phase():
    """Bipartite, μ at the middle, Hartree on: the pseudospin turns pairs into a wave of charge at (π, π)."""
    state = state_of(model_of((4, 4), filling=1.0, chemical_potential=None))
    q = [[np.pi, np.pi]]
    given = {"channel": "charge", "wave_vectors": q, "energies": [0.0], "accuracy": 1e-10}
    found = [complex_response(state, broadening=eta, **given)[0, 2, 0].real for eta in (0.02, 0.01)]
    assert found[1] / found[0] == pytest.approx(4.0, rel=5e-3)
    other = complex_response(state, **{**given, "wave_vectors": [[np.pi, 0.0]]})[0, 2, 0]
    assert 0 < other.real < 10


def test_a_uniform_potential_moves_no_electrons():
    state = state_of(model_of(disorder=Disorder(width=1.0, seed=2)))
    found = complex_response(state, channel="charge", energies=[0.2, 1.0])
    assert np.abs(found[0, 2]).max() < 1e-9


def test_d_wave_pairs_on_bonds_follow_their_own_pattern():
    """The RPA of k space with one pair field for each direction of bonds, both driven as Δ is."""
    n, attraction, mu = 6, 3.0, -0.5
    sample = build_sample("square", (n, n), "periodic")
    model = build_model(
        sample,
        chemical_potential=mu,
        temperature=0.0,
        bond_attraction=attraction,
        bond_fields=["pairing"],
    )
    state = state_of(model, initial="uniform")
    theory = modes.fluctuations(Dispersion(), (n, n), attraction, mu=mu, form="d")
    for channel, place in (("amplitude", 0), ("phase", 1)):
        found = complex_response(state, channel=channel, pattern="order_parameter", energies=[0.7, 1.9])
        for number, energy in enumerate((0.7, 1.9)):
            couplings = np.diag(_channels(theory, (0, 0))[1])
            chi = modes.fluctuation_matrix(theory, (0, 0), energy + 0.05j) + np.linalg.inv(couplings)
            whole = -np.linalg.solve(np.eye(4) - chi @ couplings, chi)
            d = np.array([1.0, 0, -1, 0]) if channel == "amplitude" else np.array([0, 1.0, 0, -1])
            assert found[0, place, number] == pytest.approx(d @ whole @ d, abs=1e-8)


def test_bloch_momenta_are_a_torus_and_maps_sum_to_the_response():
    torus = state_of(model_of((4, 4)))
    cell = state_of(model_of((1, 1), [Boundary("bloch", n_k=4)] * 2))
    half = state_of(model_of((4, 1), ["periodic", Boundary("bloch", n_k=4)]))
    given = {"energies": [0.4, 1.5], "map_energies": [1.5]}
    one, two, three = (complex_response(state, **given) for state in (torus, cell, half))
    np.testing.assert_allclose(two, one, rtol=0, atol=1e-9)
    np.testing.assert_allclose(three, one, rtol=0, atol=1e-9)
    found = measure(torus, "collective_modes", **given, accuracy=1e-12)
    maps = np.array([found[f"mode_map_{channel}"][0, 0] for channel in CHANNELS])
    np.testing.assert_allclose(maps.mean(axis=-1), one[0, :, 1], rtol=0, atol=1e-9)
    held = found["bare_mode_map"][0, 0].imag.mean()
    assert held == pytest.approx(found["bare_mode_spectrum"][0, 1], abs=1e-9)


def test_spins_across_are_spins_along_where_all_directions_are_alike():
    state = state_of(model_of(disorder=Disorder(width=1.0, seed=2)))
    along, across = (
        complex_response(state, channel="spin", axis=axis, energies=[0.3, 2.0], sources=[5])
        for axis in ("z", "x")
    )
    np.testing.assert_allclose(across[0, 3], along[0, 3], rtol=0, atol=1e-9)
    assert np.abs(along[0, 3].imag).max() > 1e-3


def test_one_site_and_no_pairs_move_too():
    """A normal site has no transitions, one with a given Δ those between two levels at ±Δ."""
    site = state_of(build_model(build_sample("square", [1, 1]), temperature=0.5), initial="normal")
    assert np.all(complex_response(site, channel="charge", energies=[0.5]) == 0)
    given = build_model(
        build_sample("square", [1, 1]), given_delta=0.3, temperature=0.0, chemical_potential=0.0
    )
    state = state_of(given)
    found = complex_response(state, channel="charge", energies=[0.2], broadening=0.01)[0, 2, 0]
    z = 0.2 + 0.01j  # two levels ±Δ, ⟨n|τ₃|m⟩ = 1
    assert found == pytest.approx(4 * 0.3 / (4 * 0.3**2 - z**2), abs=1e-12)


def test_what_it_cannot_take_is_refused(monkeypatch):
    state = state_of(model_of())
    both = {"energies": [0.3], "wave_vectors": [[0.0, 0.0]], "sources": [[0, 0]]}
    for parameters, words in (
        (both, "leave out"),
        ({"energies": [0.3], "wave_vectors": [[0.3, 0]]}, "does not close"),
        ({"energies": [0.3], "channel": "colour"}, "channel"),
    ):
        with pytest.raises(InputError, match=words):
            observed(state, "collective_modes", parameters)
    monkeypatch.setattr("bdg.observables.response.motion.linear_motion.MOST_WORK", 1e3)
    with pytest.raises(InputError, match="hours"):
        observed(state, "collective_modes", {"energies": [0.3]})
    monkeypatch.setattr("bdg.resources.available_memory", lambda: 1e3)
    monkeypatch.setattr("bdg.resources.NEGLIGIBLE", 0.0)
    with pytest.raises(BdgError, match="memory"):
        observed(state, "collective_modes", {"energies": [0.3]})


def test_a_state_that_is_no_minimum_is_refused():
    """The normal state below T_c, and a metal's level at zero energy."""
    normal = state_of(model_of((4, 4), temperature=0.05), initial="normal")
    with pytest.raises(InputError, match="no minimum"):
        measure(normal, "collective_modes", energies=[0.5])
    metal = build_model(build_sample("chain", 3), chemical_potential=0.0, temperature=0.0)
    with pytest.raises(InputError, match="zero energy"):
        measure(state_of(metal, initial="normal"), "collective_modes", energies=[0.5])

"""Cooper's pair, the BCS state and its quasiparticles, against sums, Fock space and exact diagonalisation."""

import numpy as np
import pytest
from scipy import constants
from scipy.integrate import quad

from bdg.errors import InputError
from bdg.theory.uniform import bcs_state, cooper, interaction, quasiparticles, statistics
from bdg.theory.uniform.band import constant_dos
from bdg.theory.uniform.gap import critical_temperature, solve
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from bdg.theory.uniform.response.coherence import coherence_length, pair_radius

# --- the interaction ------------------------------------------------------------------------------


def test_the_kick_of_an_ion_is_the_integral_of_the_force():
    kick = interaction.IonKick(2.0e6, 1.5e-10, 27 * constants.atomic_mass, 5e13)
    force = constants.e**2 / (4 * np.pi * constants.epsilon_0)
    b, v = kick.distance, kick.speed
    impulse = quad(lambda s: force * b / (b**2 + (s * b) ** 2) ** 1.5 * b / v, -np.inf, np.inf)[0]
    assert kick.impulse == pytest.approx(impulse, rel=1e-9)
    t = np.linspace(0, 1e-13, 20001)
    x = kick.displacement(t)
    assert (x[1] - x[0]) / t[1] == pytest.approx(
        kick.impulse / kick.mass, rel=1e-6
    )  # starts with that momentum
    assert x.max() == pytest.approx(kick.amplitude, rel=1e-6)
    moved = -force * (1 / (b - kick.amplitude) - 1 / b)
    assert kick.attraction == pytest.approx(moved, rel=2 * kick.amplitude / b)
    assert -100 < kick.attraction_mev < -1  # of the order of meV, as in a metal
    assert kick.delay_length > 100 * b  # retarded: the first electron is gone


def test_bardeen_pines_attracts_below_the_phonon_only():
    q, given = np.array([0.5, 1.0, 2.0]), {"screening": 1.3, "ion_plasma": 0.02}
    phonon = interaction.phonon_frequency(q, **given)
    assert (interaction.bardeen_pines(q, 0.9 * phonon, **given) < 0).all()
    assert (interaction.bardeen_pines(q, 1.1 * phonon, **given) > 0).all()
    np.testing.assert_array_equal(interaction.bardeen_pines(q, 0.0, **given), 0.0)
    np.testing.assert_allclose(interaction.bardeen_pines(q, 1e5, **given), 1 / (q**2 + 1.3**2), rtol=1e-9)
    well = interaction.square_well([-2, -0.5, 0.5, 2], 0.1, attraction=0.3, cutoff=1.0)
    np.testing.assert_array_equal(well, [0, -0.3, -0.3, 0])


def test_two_square_wells_give_lambda_minus_mu_star():
    attraction, repulsion, fermi = 0.35, 0.25, 300.0
    weakened = interaction.coulomb_pseudopotential(repulsion, fermi, 1.0)
    assert weakened < 0.5 * repulsion
    critical = critical_temperature(constant_dos(1.0), attraction - weakened, mu=0.0)
    matrix = interaction.two_square_wells(attraction, repulsion, 1.0, fermi, critical)
    assert np.linalg.eigvals(matrix).real.max() == pytest.approx(1, abs=1e-5)


# --- Cooper's problem -----------------------------------------------------------------------------


def test_the_sum_over_levels_is_an_eigenvalue_and_tends_to_the_closed_form():
    xi = np.array([0.0, 0.1, 0.25, 0.6, 1.0])
    hamiltonian = 2 * np.diag(xi) - 0.3
    bound = cooper.cooper_binding_discrete(xi, 0.3)
    assert -bound == pytest.approx(np.linalg.eigvalsh(hamiltonian)[0], abs=1e-12)
    closed, errors = cooper.cooper_binding(0.5, 1.0), []
    for n in (1000, 4000):  # midpoints: an error of second order in the spacing over B
        levels = (np.arange(n) + 0.5) / n
        levels_bound = cooper.cooper_binding_discrete(levels, 0.5 / n)
        errors.append(levels_bound / closed - 1)
    assert errors[0] / errors[1] == pytest.approx(16, rel=1e-2)
    assert abs(errors[1]) < 1e-5


def test_no_threshold_with_a_sea_and_one_without():
    assert cooper.cooper_binding(0.05, 1.0) == pytest.approx(2 * np.exp(-40), rel=1e-12)
    threshold = cooper.binding_threshold()
    assert cooper.binding_without_sea(0.99 * threshold, 1.0, 3) == 0
    bound = cooper.binding_without_sea(1.2 * threshold, 1.0, 3)
    assert 1.2 * threshold * quad(lambda x: np.sqrt(x) / (2 * x + bound), 0, 1)[0] == pytest.approx(
        1, rel=1e-9
    )
    assert cooper.binding_without_sea(0.2, 1.0, 2) == pytest.approx(cooper.cooper_binding(0.2, 1.0), rel=1e-9)
    chain = cooper.binding_without_sea(0.1, 1.0, 1)
    assert chain == pytest.approx((0.1 * np.pi) ** 2 / 2, rel=0.2)  # ∝ V², no threshold either
    with pytest.raises(InputError, match="no dimension 4"):
        cooper.binding_without_sea(0.2, 1.0, 4)


def test_size_of_coopers_pair():
    binding = cooper.cooper_binding(0.4, 1.0)
    top = quad(lambda x: 4 * cooper.pair_amplitude(x, binding) ** 4, 0, 1, points=[0.01, 0.1], epsabs=0)[0]
    bottom = quad(lambda x: cooper.pair_amplitude(x, binding) ** 2, 0, 1, points=[0.01, 0.1], epsabs=0)[0]
    assert cooper.cooper_pair_size(binding, 1.0, 3.0) == pytest.approx(3 * np.sqrt(top / bottom), rel=1e-9)
    weak = cooper.cooper_binding(0.2, 1.0)
    assert cooper.cooper_pair_size(weak, 1.0, 3.0) == pytest.approx(2 / np.sqrt(3) * 3 / weak, rel=1e-4)


# --- the BCS state --------------------------------------------------------------------------------


def fock_state(u, v):
    """Π_k (u_k + v_k b†_k)|0⟩ in the Fock space of modes (k↑, −k↓)."""
    c = statistics.annihilators(2 * len(u))
    state = np.zeros(2 ** (2 * len(u)), complex)
    state[0] = 1
    for k in range(len(u)):
        state = u[k] * state + v[k] * (statistics.pair_creator(c[2 * k], c[2 * k + 1]) @ state)
    return c, state


def test_the_state_in_fock_space():
    xi, delta = np.array([-0.7, 0.1, 0.9]), 0.4 * np.exp(0.6j)
    u, v = bcs_state.amplitudes(xi, delta)
    np.testing.assert_allclose(u**2 + np.abs(v) ** 2, 1, atol=1e-15)
    np.testing.assert_allclose(np.abs(v) ** 2, 0.5 * (1 - xi / np.hypot(xi, 0.4)), atol=1e-15)
    c, state = fock_state(u, v)
    n = sum(a.T @ a for a in c)

    def mean(operator):
        return (state.conj() @ operator @ state).real

    assert mean(np.eye(len(state))) == pytest.approx(1)
    assert mean(n) == pytest.approx(bcs_state.number(v), abs=1e-13)
    assert mean(n @ n) - mean(n) ** 2 == pytest.approx(bcs_state.number_variance(u, v), abs=1e-13)
    pair = state.conj() @ (c[1] @ c[0]) @ state
    assert pair == pytest.approx(bcs_state.pair_function(xi, delta)[0], abs=1e-14)
    chances = [np.sum(np.abs(state[np.diag(n) == m]) ** 2) for m in (0, 2, 4, 6)]
    np.testing.assert_allclose(bcs_state.number_distribution(v), chances, atol=1e-14)
    levels = bcs_state.PairLevels(xi, 0.3)
    b = [statistics.pair_creator(c[2 * k], c[2 * k + 1]) for k in range(3)]
    h = sum(2 * xi[k] * b[k] @ b[k].T for k in range(3)) - 0.3 * sum(x @ y.T for x in b for y in b)
    assert mean(h) == pytest.approx(levels.expectation(u, v), abs=1e-13)
    # e^{iθN} makes another state of the same numbers and energy
    turned = np.exp(0.8j * np.diag(n)) * state
    np.testing.assert_allclose(turned, fock_state(u, bcs_state.rotated(v, 0.8))[1], atol=1e-14)
    assert abs(np.vdot(turned, state)) < 0.9
    assert levels.expectation(u, bcs_state.rotated(v, 0.8)) == pytest.approx(mean(h), abs=1e-13)


def test_number_fluctuates_by_the_root_of_the_number():
    relative = []
    for side in (20, 40):
        band = lattice_band(Dispersion(), (side, side))
        state = solve(band, 3.0, filling=0.6)
        u, v = bcs_state.amplitudes(band.energy - state.mu, state.delta)
        assert bcs_state.number(v) == pytest.approx(0.6 * side**2, rel=1e-10)
        relative.append(np.sqrt(bcs_state.number_variance(u, v)) / bcs_state.number(v))
    assert relative[0] / relative[1] == pytest.approx(2, rel=1e-3)  # four times the electrons


def test_projection_lowers_the_energy_towards_the_exact_one():
    levels = bcs_state.PairLevels(np.arange(8.0), 0.9)
    u, v, delta = bcs_state.bcs_state_of(levels, 4)
    assert delta > 0.5
    assert bcs_state.number(v) == pytest.approx(8, abs=1e-10)
    free, projected = levels.expectation(u, v), bcs_state.projected_energy(levels, u, v, 4)
    exact = bcs_state.exact_energy(levels, 4)
    assert exact < projected < free
    assert projected - exact < 0.1 * (free - exact)
    # the average over all numbers is that of the state
    chances = bcs_state.number_distribution(v)
    parts = [chances[p] * bcs_state.projected_energy(levels, u, v, p) for p in range(1, 9)]
    assert sum(parts) == pytest.approx(free, abs=1e-10)


# --- quasiparticles -------------------------------------------------------------------------------


def test_quasiparticles_are_fermions_and_the_state_is_their_vacuum():
    xi, delta = 0.3, 0.5 * np.exp(0.4j)
    u, v = (x[None] for x in bcs_state.amplitudes(xi, delta))
    c, state = fock_state(u, v)
    new = quasiparticles.bogoliubov_matrix(xi, delta) @ np.array([c[0], c[1].T]).reshape(2, -1)
    up, down = new[0].reshape(4, 4), new[1].reshape(4, 4).conj().T
    for a, b in ((up, up), (up, down), (down, down)):
        np.testing.assert_allclose(a @ b + b @ a, 0, atol=1e-15)
        np.testing.assert_allclose(a @ b.conj().T + b.conj().T @ a, np.eye(4) * (a is b), atol=1e-15)
    np.testing.assert_allclose([up @ state, down @ state], 0, atol=1e-15)
    # H = ξ(n_↑ + n_↓) − Δ c†_↑c†_↓ − h.c. + … = E(γ†γ + γ†γ) + const for a state that gains from Δ
    pair = statistics.pair_creator(c[0], c[1])
    h = xi * (c[0].T @ c[0] + c[1].T @ c[1]) - delta * pair - np.conj(delta) * pair.T
    level = quasiparticles.excitation_energy(xi, delta)
    diagonal = level * (up.conj().T @ up + down.conj().T @ down) + (xi - level) * np.eye(4)
    np.testing.assert_allclose(h, diagonal, atol=1e-14)


def test_velocity_charge_and_occupation():
    xi, step = np.linspace(-2, 2, 9), 1e-5
    slope = quasiparticles.excitation_energy(xi + step, 0.5) - quasiparticles.excitation_energy(
        xi - step, 0.5
    )
    np.testing.assert_allclose(quasiparticles.group_velocity(xi, 0.5, 1.0), slope / (2 * step), atol=1e-9)
    u, v = bcs_state.amplitudes(xi, 0.5)
    np.testing.assert_allclose(quasiparticles.effective_charge(xi, 0.5), u**2 - np.abs(v) ** 2, atol=1e-15)
    normal = quasiparticles.electron_occupation(xi, 0.0, 0.3)
    np.testing.assert_allclose(normal, 1 / (np.exp(xi / 0.3) + 1), atol=1e-15)
    np.testing.assert_allclose(
        quasiparticles.electron_occupation(xi, 0.5, 0.0), bcs_state.occupation(xi, 0.5)
    )


def test_thermal_occupation_is_that_of_the_gibbs_state_in_fock_space():
    xi, delta, temperature = 0.3, 0.5, 0.4
    c = statistics.annihilators(2)
    pair = statistics.pair_creator(c[0], c[1])
    h = xi * (c[0].T @ c[0] + c[1].T @ c[1]) - delta * (pair + pair.T)
    energies, states = np.linalg.eigh(h)
    weights = np.exp(-energies / temperature)
    rho = (states * weights / weights.sum()) @ states.T
    found = quasiparticles.electron_occupation(xi, delta, temperature)
    assert found == pytest.approx(np.trace(rho @ c[0].T @ c[0]), abs=1e-14)
    u, v = bcs_state.amplitudes(xi, delta)
    gamma = u * c[0] - v * c[1].T
    quasi = quasiparticles.thermal_occupation(xi, delta, temperature)
    assert quasi == pytest.approx(np.trace(rho @ gamma.T @ gamma), abs=1e-14)


def test_states_are_conserved():
    upto = 5.0
    direct = quad(lambda x: quasiparticles.density_of_states(1 + x * x, 1.0) * 2 * x, 0, np.sqrt(upto - 1))[0]
    assert quasiparticles.states_below(upto, 1.0) == pytest.approx(direct, rel=1e-7)
    gone, piled = quasiparticles.states_moved(1.0, 1e6)
    assert piled == pytest.approx(gone, rel=1e-6)
    band = lattice_band(Dispersion(), (12, 12), "d")
    state = solve(band, 3.0, mu=-0.5)
    omega = np.linspace(-400, 400, 80001)
    total = np.trapezoid(quasiparticles.broadened_dos(state, omega, 0.1), omega)
    assert total == pytest.approx(2, abs=2 * 2 * 0.1 / (np.pi * 400) * 1.01)
    dynes = quasiparticles.density_of_states(np.linspace(-3, 3, 601), 1.0, 1e-9)
    np.testing.assert_allclose(
        dynes[:195], quasiparticles.density_of_states(np.linspace(-3, 3, 601), 1.0)[:195]
    )
    assert not quasiparticles.density_of_states([0.0, 0.99], 1.0).any()


def test_pair_radius_is_that_of_the_pair_function():
    """⟨r²⟩ = (ħv)² ∫|d(uv)/dξ|² / ∫|uv|²."""
    xi = np.linspace(-400, 400, 800001)
    f = bcs_state.pair_function(xi, 1.0).real
    squared = np.trapezoid(np.gradient(f, xi) ** 2, xi) / np.trapezoid(f**2, xi)
    assert pair_radius(2.0, 1.0) == pytest.approx(2 * np.sqrt(squared), rel=1e-3)
    assert coherence_length(2.0, 1.0) == pytest.approx(2 / np.pi)


# --- two electrons --------------------------------------------------------------------------------


def test_an_even_orbital_needs_the_singlet_and_an_odd_one_a_triplet():
    rng = np.random.default_rng(0)
    orbital = rng.normal(size=(4, 4))
    even, odd = orbital + orbital.T, orbital - orbital.T
    singlet = statistics.two_electrons(even, statistics.SINGLET)
    np.testing.assert_allclose(statistics.antisymmetrised(singlet), singlet, atol=1e-15)
    assert statistics.total_spin(singlet) == pytest.approx(0, abs=1e-14)
    assert not statistics.antisymmetrised(statistics.two_electrons(odd, statistics.SINGLET)).any()
    for triplet in statistics.TRIPLETS:
        psi = statistics.two_electrons(odd, triplet)
        np.testing.assert_allclose(statistics.antisymmetrised(psi), psi, atol=1e-15)
        assert statistics.total_spin(psi) == pytest.approx(2)
        assert not statistics.antisymmetrised(statistics.two_electrons(even, triplet)).any()


def test_pairs_commute_like_bosons_but_no_two_fit_in_one_state():
    c = statistics.annihilators(4)
    first, second = statistics.pair_creator(c[0], c[1]), statistics.pair_creator(c[2], c[3])
    np.testing.assert_array_equal(first @ second, second @ first)
    np.testing.assert_array_equal(first.T @ second, second @ first.T)
    assert not (first @ first).any()
    count = c[0].T @ c[0] + c[1].T @ c[1]
    np.testing.assert_array_equal(first.T @ first - first @ first.T, np.eye(16) - count)

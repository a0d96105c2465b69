"""The judges judged: the four independent solvers of ``tests/reference.py`` against one another.

Where a test compares with zero it also shows that the quantity is not zero for the wrong input.
"""

import functools
import math
from dataclasses import replace

import numpy as np
import pytest
import threadpoolctl

from tests import reference as ref

ATOL = 1e-12


@pytest.fixture(autouse=True, scope="module")
def _one_blas_thread():
    """Thousands of tiny matrices: on a busy machine BLAS threads cost ten times what they save."""
    with threadpoolctl.threadpool_limits(1):
        yield


CLUSTERS = [(2, 0), (3, 1), (4, 2)]


def assert_same_physics(one, other, atol=ATOL):
    np.testing.assert_allclose(one.density, other.density, rtol=0, atol=atol)
    np.testing.assert_allclose(one.anomalous, other.anomalous, rtol=0, atol=atol)
    np.testing.assert_allclose(one.spin_flip, other.spin_flip, rtol=0, atol=atol)
    np.testing.assert_allclose(one.bond_correlators, other.bond_correlators, rtol=0, atol=atol)
    assert one.quasiparticle_potential == pytest.approx(other.quasiparticle_potential, rel=0, abs=10 * atol)
    assert one.entropy == pytest.approx(other.entropy, rel=0, abs=10 * atol)


def in_common_phase(solution):
    """The global phase of Δ is nobody's choice: rotate it so that F_0 > 0."""
    phase = solution.anomalous[0] / abs(solution.anomalous[0])
    return replace(solution, anomalous=solution.anomalous / phase)


def shifted(local, name, index, amount):
    """The same correlators with one entry moved."""
    values = np.array(getattr(local, name))
    values[index] += amount
    return replace(local, **{name: values})


# ---- statistics ----------------------------------------------------------------------------------


def test_two_sites_by_hand():
    """One bond at μ = 0, no pairing, T = 0: one electron a spin in the bonding state, Ω = −2t."""
    dimer = ref.Problem(2, [(0, 1, 0.7, 0.4)])
    bare = ref.given_field(dimer)
    for solve in (ref.solve_2n, ref.solve_4n, ref.solve_fock):
        solution = solve(dimer, bare)
        np.testing.assert_allclose(solution.density, 0.5, atol=ATOL)
        # the bonding state (|0⟩ + e^{iφ}|1⟩)/√2 has ⟨c†_1 c_0⟩ = e^{−iφ}/2
        np.testing.assert_allclose(solution.bond_correlators, 0.5 * np.exp(-0.4j), atol=ATOL)
        assert solution.quasiparticle_potential == pytest.approx(-1.4, abs=ATOL)
        np.testing.assert_allclose(ref.bond_currents(dimer, solution.bond_correlators), 0, atol=ATOL)


def test_one_site_by_hand():
    """A single attractive site at half filling: Δ = U/2·tanh(Δ/2T), spectrum ±Δ, and F_i > 0 for Δ > 0."""
    site = ref.Problem(1, [], mu=-1.0, attraction=2.0, hartree=True, temperature=0.3)
    found = ref.self_consistent(site)
    delta = found.mean.delta[0]
    assert delta.real == pytest.approx(math.tanh(delta.real / 0.6), abs=1e-12)
    assert delta.real > 0.5
    np.testing.assert_allclose(found.solution.levels, [-delta.real, delta.real], atol=1e-12)
    np.testing.assert_allclose(found.solution.density, 0.5, atol=1e-12)


@pytest.mark.parametrize("solve", [ref.solve_2n, ref.solve_4n, ref.solve_fock])
def test_zero_mode_is_half_filled(solve):
    """A site at zero energy has n = ½ a spin and entropy 2 ln 2 at T = 0, as in the limit T → 0."""
    for temperature in (0.0, 1e-3):
        site = ref.Problem(1, [], temperature=temperature)
        solution = solve(site, ref.given_field(site))
        np.testing.assert_allclose(solution.density, 0.5, atol=ATOL)
        assert solution.entropy == pytest.approx(2 * math.log(2), abs=ATOL)


@pytest.mark.parametrize("temperature", [1e-3, 0.2, 5.0])
def test_statistics_are_derivatives_of_one_function(temperature):
    """f − ½ = −∂/∂E (T ln 2cosh E/2T), and the entropy is its temperature derivative."""
    step = 3e-3 * temperature
    for energy in (-1.3, -0.02, 0.0, 0.4):

        def potential(e, t):
            return float(ref.log_2cosh(e, t))

        slope = ref.derivative(lambda e: potential(e, temperature), energy, step)
        assert ref.fermi(energy, temperature) == pytest.approx(0.5 - slope, abs=1e-10)
        heat = ref.derivative(functools.partial(potential, energy), temperature, step)
        assert ref.mixing_entropy(energy, temperature) == pytest.approx(heat, abs=1e-10)


# ---- 2N, 4N and Fock space -------------------------------------------------------------------------


@pytest.mark.parametrize(("n_sites", "seed"), [*CLUSTERS, pytest.param(5, 3, marks=pytest.mark.slow)])
@pytest.mark.parametrize("temperature", [0.0, 0.2])
def test_three_solvers_agree_in_any_collinear_field(n_sites, seed, temperature):
    problem = ref.random_cluster(n_sites, seed, temperature=temperature)
    mean = ref.mean_field(problem, ref.random_local(problem, seed + 10))
    fock = ref.solve_fock(problem, mean)
    assert np.min(np.abs(fock.anomalous)) > 1e-3
    assert np.max(np.abs(fock.bond_correlators.imag)) > 1e-2
    assert np.max(np.abs(fock.density[:, 0] - fock.density[:, 1])) > 1e-2
    assert_same_physics(ref.solve_2n(problem, mean), fock)
    assert_same_physics(ref.solve_4n(problem, mean), fock)


@pytest.mark.parametrize(("n_sites", "seed"), [(2, 4), (3, 5), pytest.param(5, 6, marks=pytest.mark.slow)])
@pytest.mark.parametrize("temperature", [0.0, 0.2])
def test_4n_equals_fock_space_with_vector_zeeman_and_exchange(n_sites, seed, temperature):
    problem = ref.random_cluster(n_sites, seed, zeeman="vector", temperature=temperature)
    problem = replace(problem, zeeman=3 * problem.zeeman)
    mean = ref.mean_field(problem, ref.random_local(problem, seed + 10, spin_flip=True))
    fock = ref.solve_fock(problem, mean)
    assert np.max(np.abs(fock.spin_flip.imag)) > 1e-2
    assert_same_physics(ref.solve_4n(problem, mean), fock)
    with pytest.raises(ValueError, match="4N"):
        ref.solve_2n(problem, mean)


@pytest.mark.parametrize("temperature", [0.0, 0.3])
def test_4n_equals_fock_space_with_rashba_and_bond_pairings(temperature):
    """Spin-flip hops and pairs of any spin on bonds: whole normal and anomalous matrices."""
    problem = ref.random_cluster(3, 7, zeeman="vector", temperature=temperature)
    mean = ref.mean_field(problem, ref.random_local(problem, 8))
    h, d = ref.one_body_matrix(problem, mean), ref.pairing_matrix(problem, mean)
    rng = np.random.default_rng(9)
    for i, j, direction in [(0, 1, (1, 0)), (1, 2, (0, 1)), (0, 2, (0.6, 0.8))]:
        ref.add_hop(h, j, i, ref.rashba_block(0.7, direction))
        ref.add_bond_pairing(d, i, j, 0.3 * (rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))))
    np.testing.assert_allclose(d, -d.T, atol=0)
    nambu = ref.solve_quadratic_4n(h, d, temperature)
    fock = ref.solve_quadratic_fock(h, d, temperature)
    assert np.min(np.abs(fock.anomalous[:3, 1:3]).max(axis=0)) > 1e-2  # triplet pairs are there
    np.testing.assert_allclose(nambu.normal, fock.normal, atol=ATOL)
    np.testing.assert_allclose(nambu.anomalous, fock.anomalous, atol=ATOL)
    assert nambu.entropy == pytest.approx(fock.entropy, abs=1e-11)
    assert sum(nambu.parts.values()) == pytest.approx(sum(fock.parts.values()), abs=1e-11)


def test_rashba_bonds_sum_to_their_k_space_form():
    """On a plane wave e^{ik·r}: ε(k) + α (σ × sin k)_z, (σ × s)_z = σ_x s_y − σ_y s_x."""
    size, alpha = (5, 4), 0.6
    problem, displacements = ref.torus(size)
    h = ref.one_body_matrix(problem, ref.given_field(problem))
    for bond, d in zip(problem.bonds, displacements, strict=True):
        ref.add_hop(h, bond.end, bond.start, ref.rashba_block(alpha, d))
    np.testing.assert_allclose(h, h.conj().T, atol=1e-15)
    position = np.array(np.unravel_index(np.arange(20), size)).T
    for m in [(1, 0), (0, 1), (2, 3)]:
        k = 2 * np.pi * np.array(m) / size
        wave = np.exp(1j * position @ k)
        s_x, s_y = np.sin(k)
        block = alpha * np.array([[0, s_y + 1j * s_x], [s_y - 1j * s_x, 0]])
        block = block - 2 * np.sum(np.cos(k)) * np.eye(2)
        for spin in np.eye(2):
            np.testing.assert_allclose(h @ np.kron(spin, wave), np.kron(block @ spin, wave), atol=1e-13)


def test_the_two_fock_matrices_are_one():
    """Operators site by site, and Σ h c†c + ½ Σ (D c†c† + h.c.): the same matrix."""
    problem = ref.random_cluster(3, 11, zeeman="vector")
    mean = ref.mean_field(problem, ref.random_local(problem, 12, spin_flip=True))
    by_matrices = ref.fock_quadratic(ref.one_body_matrix(problem, mean), ref.pairing_matrix(problem, mean))
    np.testing.assert_allclose(ref.fock_hamiltonian(problem, mean), by_matrices, atol=1e-14)


def test_jordan_wigner_operators_anticommute():
    c = [operator.toarray() for operator in ref.annihilators(4)]
    for a in range(4):
        for b in range(4):
            np.testing.assert_array_equal(c[a] @ c[b] + c[b] @ c[a], 0)
            np.testing.assert_array_equal(c[a] @ c[b].T + c[b].T @ c[a], np.eye(16) * (a == b))


def test_spectra():
    """4N levels come in ±E; without exchange they are the 2N levels and their negatives."""
    problem = ref.random_cluster(4, 13, zeeman="vector")
    mean = ref.mean_field(problem, ref.random_local(problem, 14, spin_flip=True))
    levels = ref.solve_4n(problem, mean).levels
    np.testing.assert_allclose(levels, -levels[::-1], atol=ATOL)

    problem = ref.random_cluster(4, 13)
    mean = ref.mean_field(problem, ref.random_local(problem, 14))
    two, four = ref.solve_2n(problem, mean).levels, ref.solve_4n(problem, mean).levels
    assert np.max(np.abs(two + two[::-1])) > 1e-2  # h_z breaks ±E within the 2N levels
    np.testing.assert_allclose(four, np.sort(np.concatenate([two, -two])), atol=ATOL)


def test_particle_hole_operator():
    """Ψ* = C Ψ, C = τ_y σ_y up to sign, so C H* C⁻¹ = −H."""
    problem = ref.random_cluster(3, 15, zeeman="vector")
    mean = ref.mean_field(problem, ref.random_local(problem, 16, spin_flip=True))
    h = ref.hamiltonian_4n(ref.one_body_matrix(problem, mean), ref.pairing_matrix(problem, mean))
    # (c_↑, c_↓, c†_↓, −c†_↑)† = (c†_↑, c†_↓, c_↓, −c_↑): rows are −Ψ_4, Ψ_3, Ψ_2, −Ψ_1
    c = np.kron(np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0])), np.eye(3))
    np.testing.assert_allclose(c @ h.conj() @ c.T, -h, atol=1e-14)


def test_site_major_order():
    """Site by site, every diagonal block is [[ε − μ − h_z, Δ], [Δ*, −(ε − μ + h_z)]]."""
    problem = ref.Problem(3, [], onsite=[0.1, 0.2, 0.3], zeeman=[0.5, 0.6, 0.7], mu=-1.0)
    delta = np.array([1j, 2.0, 3.0 - 1j])
    h = ref.site_major(ref.hamiltonian_2n(problem, ref.given_field(problem, delta)), 3)
    for i in range(3):
        e, z, d = problem.onsite[i] + 1.0, problem.zeeman[i, 2], delta[i]
        np.testing.assert_allclose(h[2 * i : 2 * i + 2, 2 * i : 2 * i + 2], [[e - z, d], [d.conj(), -e - z]])


def test_ldos_of_three_solvers():
    problem = ref.random_cluster(2, 17)
    mean = ref.mean_field(problem, ref.random_local(problem, 18))
    energies = [-1.1, 0.0, 0.3, 2.0]
    two = ref.ldos_2n(problem, mean, energies, 0.1)
    assert np.max(np.abs(two[..., 0] - two[..., 1])) > 1e-2
    np.testing.assert_allclose(two, ref.ldos_4n(problem, mean, energies, 0.1), atol=ATOL)
    np.testing.assert_allclose(two, ref.ldos_fock(problem, mean, energies, 0.1), atol=ATOL)


# ---- self-consistency ------------------------------------------------------------------------------


@pytest.mark.parametrize("hartree", [False, True])
@pytest.mark.parametrize("filling", [None, 0.8])
def test_the_same_fixed_point_by_three_solvers(hartree, filling):
    problem = ref.random_cluster(2, 76 if hartree else 19, hartree=hartree, temperature=0.1)
    one = ref.self_consistent(problem, filling=filling)
    assert one.converged
    assert np.min(np.abs(one.mean.delta)) > 0.1
    for solve in (ref.solve_4n, ref.solve_fock):
        # in Fock space μ is searched once, in the field already found: the search is the slow part
        once = filling is not None and solve is ref.solve_fock
        if once:
            problem = replace(problem, mu=ref.find_mu(problem, one.mean, filling, solve))
        other = ref.self_consistent(problem, filling=None if once else filling, solve=solve)
        assert other.converged
        assert_same_physics(in_common_phase(one.solution), in_common_phase(other.solution), atol=1e-11)
        assert one.grand_potential["total"] == pytest.approx(other.grand_potential["total"], abs=1e-11)
        assert one.problem.mu == pytest.approx(other.problem.mu, abs=1e-11)
    if filling is not None:
        assert np.sum(one.solution.density) == pytest.approx(2 * filling, abs=1e-12)


@pytest.mark.parametrize(("n_sites", "seed"), [(3, 33), (4, 44)])
@pytest.mark.parametrize("temperature", [0.0, 0.15])
@pytest.mark.parametrize("hartree", [False, True])
def test_fock_space_confirms_the_fixed_point(n_sites, seed, temperature, hartree):
    problem = ref.random_cluster(n_sites, seed, temperature=temperature, hartree=hartree)
    found = ref.self_consistent(problem)
    assert found.converged
    fock = ref.solve_fock(problem, found.mean)
    assert_same_physics(found.solution, fock)
    np.testing.assert_allclose(found.mean.delta, problem.attraction * fock.anomalous, atol=1e-11)
    constants = sum(ref.mean_field_constants(problem, fock.local).values())
    assert found.grand_potential["total"] == pytest.approx(
        fock.quasiparticle_potential + constants, abs=1e-11
    )


def gradient(problem, local, solve):
    """Numerical ∂Ω/∂F_i^*, ∂Ω/∂n_iσ and ∂Ω/∂s_i^*, and what the correlators say they are."""

    def slope(name, index, direction):
        def omega(x):
            return ref.grand_potential(problem, shifted(local, name, index, direction * x), solve)["total"]

        return ref.derivative(omega)

    sites = range(problem.n_sites)
    u, new = problem.attraction, solve(problem, ref.mean_field(problem, local)).local
    on = problem.hartree
    numerical = {
        "anomalous": [0.5 * (slope("anomalous", i, 1) + 1j * slope("anomalous", i, 1j)) for i in sites],
        "density": [[slope("density", (i, s), 1) for s in (0, 1)] for i in sites],
    }
    expected = {
        "anomalous": u * (local.anomalous - new.anomalous),
        "density": on * (u[:, None] * (local.density - new.density))[:, ::-1],
    }
    if solve is not ref.solve_2n:
        numerical["spin_flip"] = [
            0.5 * (slope("spin_flip", i, 1) + 1j * slope("spin_flip", i, 1j)) for i in sites
        ]
        expected["spin_flip"] = -on * u * (local.spin_flip - new.spin_flip)
    return numerical, expected


@pytest.mark.parametrize(
    ("solve", "zeeman", "hartree"),
    [
        (ref.solve_2n, "z", True),
        (ref.solve_2n, "z", False),
        (ref.solve_4n, "vector", True),
        (ref.solve_4n, "vector", False),
    ],
)
def test_grand_potential_is_stationary_at_the_fixed_point_only(solve, zeeman, hartree):
    """∂Ω/∂(F*, n, s*) is what the equations say, everywhere; zero at self-consistency."""
    problem = ref.random_cluster(3, 33, zeeman=zeeman, hartree=hartree)
    away = ref.random_local(problem, 23, spin_flip=zeeman == "vector")
    numerical, expected = gradient(problem, away, solve)
    for name, values in expected.items():
        np.testing.assert_allclose(numerical[name], values, rtol=0, atol=1e-10)
        if name == "anomalous" or hartree:
            assert np.min(np.abs(values)) > 1e-3

    found = ref.self_consistent(problem, away, solve=solve)
    assert found.converged
    assert np.min(np.abs(found.mean.delta)) > 1e-2
    for values in gradient(problem, found.local, solve)[0].values():
        np.testing.assert_allclose(values, 0, atol=1e-10)


@pytest.mark.parametrize("zeeman", ["z", "vector"])
def test_mean_field_is_the_hubbard_model_in_a_gaussian_state(zeeman):
    """At self-consistency Ω = ⟨H⟩ − TS with −Σ U n_↑ n_↓ itself: Wick checks all signs.

    Of all Gaussian states this one is best: another field, same H, gives more.
    """
    problem = ref.random_cluster(3, 33, zeeman=zeeman)
    solve = ref.solve_2n if zeeman == "z" else ref.solve_4n
    found = ref.self_consistent(problem, solve=solve)
    assert found.converged
    hubbard = ref.fock_hamiltonian(problem, ref.given_field(problem))
    c = ref.annihilators(6)
    for i in range(3):
        n_up, n_down = ref.dagger(c[i]) @ c[i], ref.dagger(c[3 + i]) @ c[3 + i]
        hubbard = hubbard - problem.attraction[i] * (n_up @ n_down).toarray()

    def variational(mean):
        weights, _, states, _, entropy = ref.gibbs(ref.fock_hamiltonian(problem, mean), problem.temperature)
        rho = (states * weights) @ states.conj().T
        return np.trace(rho @ hubbard).real - problem.temperature * entropy

    best = variational(found.mean)
    assert best == pytest.approx(found.grand_potential["total"], abs=1e-11)
    rng = np.random.default_rng(37)
    for _ in range(4):
        moved = replace(found.mean, delta=found.mean.delta * (1 + 0.1 * rng.normal(size=3)))
        assert variational(moved) > best + 1e-6
        moved = replace(found.mean, potential=found.mean.potential + 0.05 * rng.normal(size=(3, 2)))
        assert variational(moved) > best + 1e-6


def test_thermodynamic_derivatives_at_self_consistency():
    """N = −dΩ/dμ and S = −dΩ/dT with everything relaxing: stationarity makes them the plain averages."""
    problem = ref.random_cluster(3, 33)
    found = ref.self_consistent(problem)

    def omega(**changes):
        return ref.self_consistent(replace(problem, **changes), found.local).grand_potential["total"]

    particles = -ref.derivative(lambda x: omega(mu=problem.mu + x), step=4e-3)
    entropy = -ref.derivative(lambda x: omega(temperature=problem.temperature + x), step=4e-3)
    assert particles == pytest.approx(np.sum(found.solution.density), abs=1e-10)
    assert entropy == pytest.approx(found.solution.entropy, abs=1e-10)
    assert entropy > 1e-2


def test_rotating_all_spins_changes_nothing():
    """A field along z in 2N, the same field along any axis in 4N: Ω, Δ and n agree at self-consistency."""
    along_z = ref.random_cluster(3, 33)
    field = along_z.zeeman[:, 2:]
    tilted = replace(along_z, zeeman=field * np.array([0.48, 0.6, 0.64]))
    one = ref.self_consistent(along_z)
    other = ref.self_consistent(tilted, solve=ref.solve_4n)
    assert np.max(np.abs(other.solution.spin_flip)) > 1e-2
    np.testing.assert_allclose(one.mean.delta, other.mean.delta, atol=1e-11)
    np.testing.assert_allclose(one.solution.density.sum(1), other.solution.density.sum(1), atol=1e-11)
    assert one.grand_potential["total"] == pytest.approx(other.grand_potential["total"], abs=1e-11)


def test_filling_out_of_reach_is_refused():
    problem = ref.random_cluster(2, 26)
    with pytest.raises(ValueError, match="chemical potential"):
        ref.find_mu(problem, ref.given_field(problem), 2.5)


# ---- currents and gauge ----------------------------------------------------------------------------


@pytest.mark.parametrize("solve", [ref.solve_2n, ref.solve_4n])
def test_current_is_minus_the_derivative_of_the_grand_potential(solve):
    """J_b = −∂Ω/∂A_b, φ_b = q A_b, fields fixed, bond by bond, a bond from a site to itself included."""
    problem = ref.random_cluster(3, 27)
    mean = ref.mean_field(problem, ref.random_local(problem, 28))
    currents = ref.bond_currents(problem, solve(problem, mean).bond_correlators).sum(axis=1)
    assert np.min(np.abs(currents)) > 1e-3
    phases = np.array([bond.phase for bond in problem.bonds])
    for b, current in enumerate(currents):

        def omega(a, b=b):
            moved = phases + ref.ELECTRON_CHARGE * a * (np.arange(len(phases)) == b)
            return solve(problem.with_phases(moved), mean).quasiparticle_potential

        assert current == pytest.approx(-ref.derivative(omega), abs=1e-11)


def test_current_flows_in_the_direction_of_charge():
    """dn_j/dt = i⟨[H, n_j]⟩ in Fock space, under the hops: q times it flows in."""
    problem = ref.random_cluster(3, 29)
    mean = ref.mean_field(problem, ref.random_local(problem, 30))
    moved = problem.with_phases(np.random.default_rng(31).uniform(-3, 3, len(problem.bonds)))
    solution = ref.solve_fock(problem, mean)
    weights, _, states, _, _ = ref.gibbs(ref.fock_hamiltonian(problem, mean), problem.temperature)
    rho = (states * weights) @ states.conj().T
    # the state of one Hamiltonian, evolving under the hops of another (without pairing)
    hops = ref.fock_hamiltonian(moved, ref.given_field(moved))
    outflow = ref.divergence(moved, ref.bond_currents(moved, solution.bond_correlators))
    assert np.min(np.abs(outflow)) > 1e-2
    c = ref.annihilators(6)
    for i in range(3):
        number = sum((ref.dagger(c[a]) @ c[a]).toarray() for a in (i, 3 + i))
        rate = np.trace(rho @ (1j * (hops @ number - number @ hops)))
        assert ref.ELECTRON_CHARGE * rate == pytest.approx(-outflow[i], abs=1e-12)


def test_currents_are_conserved_at_self_consistency_only():
    problem = ref.random_cluster(4, 44)
    found = ref.self_consistent(problem)
    currents = ref.bond_currents(problem, found.solution.bond_correlators)
    assert np.max(np.abs(currents)) > 1e-2
    np.testing.assert_allclose(ref.divergence(problem, currents), 0, atol=1e-11)
    away = ref.solve_2n(problem, ref.mean_field(problem, ref.random_local(problem, 33)))
    wrong = ref.divergence(problem, ref.bond_currents(problem, away.bond_correlators))
    assert np.max(np.abs(wrong)) > 1e-2


@pytest.mark.parametrize("solve", [ref.solve_2n, ref.solve_4n, ref.solve_fock])
def test_gauge_transformation(solve):
    """c_i → e^{iχ_i} c_i: n, |F|, currents, Ω and S stay, F and the correlators change phase as they must."""
    problem = ref.random_cluster(3, 34)
    local = ref.random_local(problem, 35)
    chi = np.random.default_rng(36).uniform(-3, 3, 3)
    turned, turned_local = ref.gauge_transform(problem, local, chi)
    one = solve(problem, ref.mean_field(problem, local))
    other = solve(turned, ref.mean_field(turned, turned_local))
    np.testing.assert_allclose(one.density, other.density, atol=ATOL)
    np.testing.assert_allclose(one.anomalous * np.exp(2j * chi), other.anomalous, atol=ATOL)
    assert one.quasiparticle_potential == pytest.approx(other.quasiparticle_potential, abs=1e-11)
    assert one.entropy == pytest.approx(other.entropy, abs=1e-11)
    np.testing.assert_allclose(
        ref.bond_currents(problem, one.bond_correlators),
        ref.bond_currents(turned, other.bond_correlators),
        atol=ATOL,
    )
    wrong = solve(turned, ref.mean_field(turned, local))
    assert abs(wrong.quasiparticle_potential - one.quasiparticle_potential) > 1e-3


def test_pair_phase_winds_against_the_flux():
    """A ring with one h/2e through it: Δ winds −1 (q = −e); winding 0 and −2 lie above, alike."""
    n = 8
    a = ref.ELECTRON_CHARGE * math.pi / n
    ring = ref.Problem(
        n, [(i, (i + 1) % n, 1.0, a) for i in range(n)], mu=-0.3, attraction=3.0, temperature=0.05
    )
    angle = 2 * math.pi * np.arange(n) / n
    omega = {}
    for winding in (-2, -1, 0):
        start = ref.starting_point(ring, anomalous=0.3 * np.exp(1j * winding * angle))
        found = ref.self_consistent(ring, start)
        assert found.converged
        steps = np.angle(np.roll(found.mean.delta, -1) / found.mean.delta)
        assert np.sum(steps) == pytest.approx(2 * math.pi * winding, abs=1e-9)
        omega[winding] = found.grand_potential["total"]
        if winding == -1:
            np.testing.assert_allclose(
                ref.bond_currents(ring, found.solution.bond_correlators), 0, atol=1e-11
            )
    assert omega[-1] < omega[0] - 1e-2
    assert omega[0] == pytest.approx(omega[-2], abs=1e-10)


# ---- k space ---------------------------------------------------------------------------------------

TORI = [
    pytest.param((6, 4), (1.0, -0.3), id="6x4"),
    pytest.param((5, 2), (1.0, -0.3), id="5x2"),
    pytest.param((6, 1), (1.0, 0.2), id="6x1"),
    pytest.param((2, 2), (1.0,), id="2x2"),
    pytest.param((8,), (1.0, 0.4), id="8"),
    pytest.param((3, 2, 2), (1.0, -0.2), id="3x2x2"),
]


def assert_torus_equals_uniform(size, hoppings, attraction, a, temperature, hartree, target):
    """Self-consistent in real space = the gap equation on the k grid, everything compared."""
    k = ref.uniform(
        size,
        attraction,
        temperature=temperature,
        hartree=hartree,
        hoppings=hoppings,
        vector_potential=a,
        onsite=0.15,
        **target,
    )
    given = {"mu": target.get("mu", 0.0)}
    problem, displacements = ref.torus(
        size,
        hoppings,
        a,
        attraction=attraction,
        hartree=hartree,
        temperature=temperature,
        onsite=0.15,
        **given,
    )
    # the start is uniform and near, so that no other self-consistent state is found
    start = ref.starting_point(problem, anomalous=k.delta / attraction + 0.02, density=k.density / 2)
    found = ref.self_consistent(problem, start, filling=target.get("filling"))
    assert found.converged
    n = problem.n_sites
    solution = found.solution
    np.testing.assert_allclose(found.mean.delta, k.delta, atol=1e-11)
    np.testing.assert_allclose(solution.density.sum(axis=1), k.density, atol=1e-11)
    assert found.problem.mu == pytest.approx(k.mu, abs=1e-11)
    assert found.grand_potential["total"] / n == pytest.approx(k.grand_potential, abs=1e-11)
    assert found.free_energy / n == pytest.approx(k.free_energy, abs=1e-11)
    assert solution.entropy / n == pytest.approx(k.entropy, abs=1e-11)
    assert solution.spectral_gap == pytest.approx(k.spectral_gap, abs=1e-11)
    for name in ("pairing", "hartree", "quasiparticles"):
        parts = found.grand_potential
        assert parts[name] / n == pytest.approx(k.parts[name], abs=1e-11)
    current = ref.torus_current_density(problem, displacements, solution.bond_correlators)
    np.testing.assert_allclose(current, k.current_density, atol=1e-11)
    return k


@pytest.mark.parametrize(("size", "hoppings"), TORI)
@pytest.mark.parametrize("target", [{"mu": -0.2}, {"filling": 0.7}], ids=["mu", "filling"])
@pytest.mark.parametrize("hartree", [False, True])
def test_torus_equals_k_space(size, hoppings, target, hartree):
    a = np.array([0.11, -0.07, 0.05])[: len(size)]
    if "mu" in target and hartree:
        near = ref.uniform(
            size, 4.0, temperature=0.15, filling=0.8, hartree=True, hoppings=hoppings, vector_potential=a
        )
        target = {"mu": round(near.mu, 2)}  # a μ that Hartree does not carry to n = 0 or 2
    k = assert_torus_equals_uniform(size, hoppings, 4.0, a, 0.15, hartree, target)
    assert k.delta > 0.3
    assert np.max(np.abs(k.current_density)) > 1e-2


@pytest.mark.parametrize("mu", [0.0, -0.5])
@pytest.mark.parametrize("temperature", [0.0, 0.05, 0.2, 1.0])
def test_torus_equals_k_space_from_zero_to_above_critical(mu, temperature):
    k = assert_torus_equals_uniform((6, 4), (1.0,), 2.5, 0.0, temperature, False, {"mu": mu})
    assert (k.delta == 0.0) == (temperature == 1.0)


def test_twist_is_a_vector_potential_in_another_gauge():
    """A phase e^{iθ} on the hops across the edge: A = −θ/L after c_x → e^{iθx/L} c_x."""
    length, theta = 6, 0.8
    plain, _ = ref.torus((length,), attraction=3.0, mu=-0.4, temperature=0.1)
    phases = [theta if bond.start == length - 1 else 0.0 for bond in plain.bonds]
    twisted = plain.with_phases(phases)
    x = np.arange(length)
    k = ref.uniform((length,), 3.0, mu=-0.4, temperature=0.1, vector_potential=-theta / length)
    start = ref.starting_point(twisted, anomalous=0.3 * np.exp(-2j * theta * x / length))
    found = ref.self_consistent(twisted, start)
    assert found.converged
    np.testing.assert_allclose(np.abs(found.mean.delta), k.delta, atol=1e-11)
    assert found.grand_potential["total"] / length == pytest.approx(k.grand_potential, abs=1e-11)
    currents = ref.bond_currents(twisted, found.solution.bond_correlators).sum(axis=1)
    np.testing.assert_allclose(currents, k.current_density[0], atol=1e-11)
    assert abs(k.current_density[0]) > 1e-2


def test_uniform_current_is_minus_the_derivative_of_the_grand_potential():
    """j = −∂(Ω/N)/∂A, and since Ω is stationary in Δ it does not matter that Δ relaxes."""
    a = np.array([0.15, -0.1])
    arguments = {"temperature": 0.2, "mu": -1.8, "hoppings": (1.0, -0.2), "hartree": True}
    k = ref.uniform((6, 4), 4.0, vector_potential=a, **arguments)
    for axis in (0, 1):

        def omega(x, axis=axis):
            moved = a + x * np.eye(2)[axis]
            return ref.uniform((6, 4), 4.0, vector_potential=moved, **arguments).grand_potential

        assert k.current_density[axis] == pytest.approx(-ref.derivative(omega), abs=1e-10)
        assert abs(k.current_density[axis]) > 1e-2


def test_critical_temperature_is_where_the_gap_closes():
    """Δ > 0 just below T_c and 0 just above, and Δ² falls linearly; with filling, Hartree and A too."""
    for given in (
        {"mu": -0.5},
        {"mu": 0.0},  # levels at ξ = 0, where tanh(ξ/2T)/2ξ is 1/4T
        {"filling": 0.8, "hartree": True},
        {"mu": -0.5, "vector_potential": [0.1, 0.0]},
    ):
        critical = ref.critical_temperature((6, 4), 3.0, **given)
        assert 0.1 < critical < 0.5
        below = [ref.uniform((6, 4), 3.0, temperature=critical * (1 - x), **given) for x in (1e-6, 4e-6)]
        above = ref.uniform((6, 4), 3.0, temperature=critical * (1 + 1e-6), **given)
        assert above.delta == 0
        assert below[1].delta / below[0].delta == pytest.approx(2, abs=1e-3)
    assert ref.critical_temperature((6, 4), 0.0 + 1e-3, mu=-8.0) == 0.0


def test_the_weak_attraction_needs_states_at_the_fermi_level():
    """On a finite k grid T = 0 pairing has a threshold unless a level sits at ξ = 0, where Δ → U M/2N."""
    assert ref.uniform((6, 4), 0.05, mu=-0.55).delta == 0.0
    k = ref.uniform((8,), 1e-4, mu=0.0)  # k = ±π/2: two of eight levels
    assert k.delta == pytest.approx(1e-4 * 2 / 16, rel=1e-3)


def test_uniform_refuses_an_ambiguous_question():
    with pytest.raises(ValueError, match="either mu or filling"):
        ref.uniform((4, 4), 2.0)
    with pytest.raises(ValueError, match="either mu or filling"):
        ref.uniform((4, 4), 2.0, mu=0.0, filling=1.0)


def test_shells_of_the_hypercubic_lattice():
    counts = {1: [2, 2, 2], 2: [4, 4, 4, 8], 3: [6, 12, 8, 6]}
    for dimension, expected in counts.items():
        for shell, neighbours in enumerate(expected, start=1):
            half = ref.shell_displacements(dimension, shell)
            assert len(half) == neighbours / 2
            assert not {tuple(-x for x in d) for d in half} & set(half)

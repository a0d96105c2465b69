"""Any spin structure: clusters against Fock space, spin rotations, currents, both Nambu spaces, k space."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg

from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Fields, Impurity, build_model, spin_matrices
from bdg.nambu import NambuAssembler
from bdg.observables import State, observable_named
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests import reference as ref
from tests.bridge import measure, quadratic_of, solved, spinful_cluster
from tests.support.variation import along, derivative, omega

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=2000)
SOLVER = Diagonalization(threads=1)
EVERYTHING = ("density", "magnetisation", "anomalous_density", "currents", "grand_potential", "entropy")
WEAK = {"field": 0.2, "coupling": 0.25}
"""So weak that pairs survive at a given μ."""

ENERGIES = np.linspace(-3, 3, 21)


def state_of(model, fields, solver=SOLVER):
    return State(model, fields, NambuAssembler(model).matrix(fields), solver)


def closed(model):
    """The fields of a state that reproduces itself, checked to be one with all fields on."""
    outcome, state = solved(model, TIGHT)
    assert outcome.status == "converged"
    assert outcome.hamiltonian.symmetry == "general"
    return outcome.fields, state


@pytest.mark.parametrize(
    ("n_sites", "seed", "fields", "given"),
    [
        (3, 19, ("pairing", "hartree"), {"chemical_potential": -1.5, "temperature": 0.1, **WEAK}),
        (4, 1, ("pairing", "hartree"), {"filling": 0.7, "temperature": 0.1}),
        (4, 2, ("pairing",), {"chemical_potential": -0.3, "temperature": 0.0}),
        (3, 3, ("hartree",), {"filling": 0.8, "temperature": 0.3}),
    ],
)
def test_clusters_equal_fock_space(n_sites, seed, fields, given):
    model = spinful_cluster(n_sites, seed, fields=fields, **given)
    found, state = closed(model)
    if "pairing" in fields:
        assert np.abs(found.delta).min() > 1e-2  # not a comparison of zeros
    h, d = quadratic_of(model, found)
    exact = ref.solve_quadratic_fock(h, d, model.temperature)
    n, bonds = n_sites, model.sample.bonds
    spin = exact.normal.reshape(2, n, 2, n)  # ⟨c†_b c_a⟩ by (spin, site) of a, then of b
    own = spin[:, range(n), :, range(n)]  # (site, spin, spin)

    density = np.einsum("ass->sa", own).real
    flip = own[:, 0, 1]
    pairs = exact.anomalous[np.arange(n), n + np.arange(n)]
    np.testing.assert_allclose(measure(state, "density")["spin_density"], density, atol=1e-10)
    moment = [2 * flip.real, -2 * flip.imag, density[0] - density[1]]
    measured = [measure(state, "magnetisation")[f"magnetisation_{axis}"] for axis in "xyz"]
    np.testing.assert_allclose(measured, moment, atol=1e-10)
    assert np.abs(moment).max(axis=1).min() > 1e-3
    np.testing.assert_allclose(measure(state, "anomalous_density")["anomalous_density"], pairs, atol=1e-10)

    hops = model.spin_amplitude
    between = spin[:, bonds.source, :, bonds.target]  # ⟨c†_tσ c_sσ'⟩ at [bond, σ', σ]
    current = 2 * ref.ELECTRON_CHARGE * np.einsum("bts,bst->b", hops, between).imag
    np.testing.assert_allclose(measure(state, "currents")["bond_current"], current, atol=1e-10)

    strength = model.attraction.strength
    constant = 0.0
    if "pairing" in fields:
        np.testing.assert_allclose(found.delta, strength * pairs, atol=1e-10)
        constant += np.sum(strength * np.abs(pairs) ** 2)
    if "hartree" in fields:
        np.testing.assert_allclose(found.hartree, -strength * density[::-1], atol=1e-10)
        np.testing.assert_allclose(found.exchange, strength * flip, atol=1e-10)
        assert np.abs(found.exchange).min() > 1e-3
        constant += np.sum(strength * (density[0] * density[1] - np.abs(flip) ** 2))
    grand = measure(state, "grand_potential")["grand_potential"]
    assert grand == pytest.approx(exact.parts["fock"] + constant, abs=1e-10)
    assert measure(state, "entropy")["entropy"] == pytest.approx(exact.entropy, abs=1e-9)


def test_spectra_equal_the_resolvent_of_the_reference():
    model = spinful_cluster(3, 5, fields=("pairing", "hartree"), chemical_potential=-1.0, temperature=0.1)
    found, state = closed(model)
    matrix = ref.hamiltonian_4n(*quadratic_of(model, found))
    exact = [
        -np.linalg.inv((energy + 0.1j) * np.eye(12) - matrix).diagonal()[:6].imag.reshape(2, 3) / np.pi
        for energy in ENERGIES
    ]
    measured = measure(state, "ldos", energies=ENERGIES, broadening=0.1)
    np.testing.assert_allclose(measured["spin_ldos"], np.swapaxes(exact, 0, 1), atol=1e-11)
    np.testing.assert_allclose(measured["ldos"], np.sum(exact, axis=1), atol=1e-11)
    gap = np.abs(np.linalg.eigvalsh(matrix)).min()
    assert measure(state, "spectral_gap")["spectral_gap"] == pytest.approx(gap, abs=1e-12)


@pytest.mark.parametrize("seed", [17, 19])
def test_grand_potential_is_stationary_in_every_field(seed):
    both = ("pairing", "hartree")
    model = spinful_cluster(3, seed, fields=both, chemical_potential=-1.5, temperature=0.1, **WEAK)
    found, _ = closed(model)
    off = Fields(1.5 * found.delta, 0.6 * found.hartree, found.mu, 8.0 * found.exchange)
    for name in ("delta", "exchange"):
        for direction in (1.0, 1j):
            for site in range(3):
                assert abs(derivative(lambda s: omega(model, along(found, name, site, s * direction)))) < 1e-9  # noqa: B023
        slopes = [derivative(lambda s: omega(model, along(off, name, site, s))) for site in range(3)]  # noqa: B023
        assert np.abs(slopes).max() > 1e-3
    for site in range(3):
        for spin in (0, 1):
            assert abs(derivative(lambda s: omega(model, along(found, "hartree", (spin, site), s)))) < 1e-9  # noqa: B023


def test_current_is_minus_the_derivative_of_the_grand_potential():
    model = spinful_cluster(4, 6, fields=("pairing",), chemical_potential=-0.5, temperature=0.1)
    found, state = closed(model)
    currents = measure(state, "currents")["bond_current"]
    assert np.abs(currents).max() > 1e-2
    for bond in range(model.sample.n_bonds):

        def shifted(step, bond=bond):
            phase = model.phase.copy()
            phase[bond] += ref.ELECTRON_CHARGE * step
            return omega(replace(model, phase=phase), found)

        assert currents[bond] == pytest.approx(-derivative(shifted), abs=1e-8)
    assert np.abs(measure(state, "currents")["divergence"]).max() < 1e-10


@pytest.mark.parametrize("seed", range(3))
def test_a_rotation_of_every_spin_changes_no_density(seed):
    model = spinful_cluster(4, seed, fields=("pairing", "hartree"), filling=0.8, temperature=0.15)
    found, state = closed(model)
    generator = np.random.default_rng(seed).normal(size=3)
    turn = scipy.linalg.expm(-0.5j * spin_matrices(np.zeros(1), generator[None])[0])
    pauli = [ref.SIGMA_X, ref.SIGMA_Y, ref.SIGMA_Z]
    rotation = np.array([[0.5 * np.trace(a @ turn @ b @ turn.conj().T).real for b in pauli] for a in pauli])
    other = replace(model, zeeman=rotation @ model.zeeman, spin_orbit=model.spin_orbit @ rotation.T)
    fields, moved = closed(other)
    np.testing.assert_allclose(np.abs(fields.delta), np.abs(found.delta), atol=1e-11)
    assert fields.mu == pytest.approx(found.mu, abs=1e-11)
    for name in ("density", "currents", "entropy", "grand_potential"):
        one, two = measure(state, name), measure(moved, name)
        for key in one:
            if key in ("spin_density", "hartree_constant", "exchange_constant"):
                continue
            np.testing.assert_allclose(two[key], one[key], atol=1e-11, rtol=0, err_msg=key)
    spins = [
        np.stack([measure(which, "magnetisation")[f"magnetisation_{axis}"] for axis in "xyz"])
        for which in (state, moved)
    ]
    np.testing.assert_allclose(spins[1], rotation @ spins[0], atol=1e-11)


COLLINEAR = {
    "no field": {"fields": ("pairing", "hartree")},
    "field along z": {"zeeman": 0.3, "fields": ("pairing", "hartree")},
    "moment along z, with a current": {
        "impurities": [Impurity([1, 1], 0.5, [0, 0, 0.8])],
        "vector_potential": [0.2, 0.1],
    },
    "at T = 0": {"zeeman": "0.1*x", "temperature": 0.0},
}


@pytest.mark.parametrize("given", COLLINEAR.values(), ids=COLLINEAR)
def test_a_collinear_model_is_the_same_in_four_dofs(given):
    sample = build_sample("square", [4, 3], ["periodic", "open"])
    common = {"attraction": 2.5, "chemical_potential": -0.8, "temperature": 0.1, "disorder": Disorder(1.0)}
    two, four = (build_model(sample, **{**common, **given}, least_dofs=least) for least in (2, 4))
    states = [solved(model, TIGHT)[1] for model in (two, four)]
    assert [state.hamiltonian.dofs for state in states] == [2, 4]
    assert np.abs(states[0].fields.delta).min() > 1e-2
    np.testing.assert_allclose(states[1].fields.delta, states[0].fields.delta, atol=1e-10)
    for name in EVERYTHING:
        one, other = (measure(state, name) for state in states)
        for key in one:
            np.testing.assert_allclose(other[key], one[key], atol=2e-10, rtol=0, err_msg=key)
    one, other = (measure(state, "ldos", energies=ENERGIES, broadening=0.1)["ldos"] for state in states)
    np.testing.assert_allclose(other, one, atol=1e-9)


@pytest.mark.parametrize(
    ("given", "symmetry"),
    [
        ({}, "singlet"),
        ({"zeeman": 0.1}, "collinear"),
        ({"zeeman": [0, 0.1, 0]}, "general"),
        ({"impurities": [Impurity([0, 0], 0.0, [0.2, 0, 0])]}, "general"),
        ({"rashba": 0.1}, "general"),
        ({"dresselhaus": "0.1*x"}, "general"),
    ],
)
def test_the_smallest_exact_space_is_chosen(given, symmetry):
    model = build_model(build_sample("square", [3, 3]), **given)
    start = Fields(np.full(9, 0.2), np.zeros((2, 9)), 0.0)
    assert NambuAssembler(model).matrix(start).symmetry == symmetry


SOLVED_BY_BOTH = {
    "Rashba and a field in the plane": {"rashba": 0.4, "zeeman": [0.3, 0.1, 0.0]},
    "a spin texture": {"zeeman": ["0.3*cos(x)", "0.3*sin(x)", "0.1*y"], "fields": ("pairing", "hartree")},
    "time reversal": {"rashba": 0.3, "dresselhaus": 0.2, "temperature": 0.0},
    "flux": {"rashba": 0.3, "zeeman": 0.2, "vector_potential": [0.1, 0.3]},
}


@pytest.mark.parametrize("given", SOLVED_BY_BOTH.values(), ids=SOLVED_BY_BOTH)
def test_both_solvers_agree(given):
    sample = build_sample("square", [6, 5], ["periodic", "open"])
    common = {"attraction": 2.5, "chemical_potential": -0.8, "temperature": 0.1, "disorder": Disorder(0.5)}
    model = build_model(sample, **{**common, **given})
    states = []
    for solver in (SOLVER, SelectedInversion(threads=1)):
        outcome = self_consistency(model, solver, ScfOptions(tolerance=1e-10, max_iterations=500))
        assert outcome.status == "converged"
        states.append(State(model, outcome.fields, outcome.hamiltonian, solver, tolerance=1e-11))
    assert np.abs(states[0].fields.delta).min() > 1e-2
    for name in EVERYTHING:
        one, two = (measure(state, name) for state in states)
        for key in one:  # the phase of a complex Δ is free
            first, second = (np.abs(x[key]) if np.iscomplexobj(x[key]) else x[key] for x in (one, two))
            np.testing.assert_allclose(second, first, atol=3e-8, rtol=0, err_msg=key)
    one, two = (measure(state, "ldos", energies=ENERGIES, broadening=0.1)["spin_ldos"] for state in states)
    np.testing.assert_allclose(two, one, atol=1e-7)


def rashba_levels(alpha, beta, field, mu, delta, kx, ky):
    """E of H_k = ξ τ_z + g·σ τ_z − h σ_z + Δ τ_x, g = α(sin k_y, −sin k_x) + β(sin k_x, −sin k_y)."""
    xi = -2 * (np.cos(kx) + np.cos(ky)) - mu
    gx, gy = alpha * np.sin(ky) + beta * np.sin(kx), -alpha * np.sin(kx) - beta * np.sin(ky)
    split = gx**2 + gy**2
    inner = np.sqrt(xi**2 * split + (xi**2 + delta**2) * field**2)
    square = xi**2 + split + delta**2 + field**2
    return np.sqrt(np.concatenate([square + 2 * inner, np.maximum(square - 2 * inner, 0)]))


def test_rashba_torus_has_the_energies_of_its_bands():
    alpha, beta, field, mu, delta, n = 0.7, 0.2, 0.4, -1.3, 0.5, 6
    model = build_model(
        build_sample("square", [n, n], "periodic"),
        rashba=alpha,
        dresselhaus=beta,
        zeeman=field,
        chemical_potential=mu,
        fields=(),
        given_delta=delta,
    )
    fields = Fields(model.given_delta, np.zeros((2, n * n)), mu)
    found = np.linalg.eigvalsh(NambuAssembler(model).matrix(fields).dense())
    kx, ky = (k.ravel() for k in np.meshgrid(*[2 * np.pi * np.arange(n) / n] * 2))
    exact = rashba_levels(alpha, beta, field, mu, delta, kx, ky)
    np.testing.assert_allclose(found, np.sort(np.concatenate([exact, -exact])), atol=1e-12)


def test_kane_mele_bulk_gap():
    """At the corner K of the zone the bands split by 2·3√3 λ (Phys. Rev. Lett. 95, 226801)."""
    root = np.sqrt(3)
    sample = build_sample("honeycomb", [3, 3], "periodic", shells=2)
    model = build_model(sample, intrinsic_soc=0.06, fields=())
    fields = Fields(np.zeros(18), np.zeros((2, 18)), 0.0)
    matrix = NambuAssembler(model).matrix(fields)
    assert matrix.dofs == 2  # spin along z is conserved
    levels = np.linalg.eigvalsh(matrix.dense())
    assert np.abs(levels).min() == pytest.approx(3 * root * 0.06, abs=1e-12)
    forced = NambuAssembler(replace(model, least_dofs=4)).matrix(fields)
    np.testing.assert_allclose(np.linalg.eigvalsh(forced.dense()), np.repeat(levels, 2), atol=1e-12)


@pytest.mark.parametrize(
    "given", [{"zeeman": [0.2, 0.0, 0.1]}, {"vector_potential": [0.0, 0.05], "zeeman": 0.2}]
)
def test_bloch_momenta_are_a_long_torus(given):
    """n_k repetitions of a strip are a torus of n_k times its length, spin–orbit coupling included."""
    common = {"rashba": 0.5, "attraction": 2.5, "chemical_potential": -1.0, "temperature": 0.1}
    strip = build_sample("square", [4, 1], ["open", Boundary("bloch", n_k=6)])
    torus = build_sample("square", [4, 6], ["open", "periodic"])
    (_, narrow), (_, wide) = (solved(build_model(s, **common, **given), TIGHT) for s in (strip, torus))
    assert narrow.hamiltonian.dofs == 4
    assert np.abs(narrow.fields.delta).min() > 1e-2
    rows = torus.cells[:, 1] == 0
    order = np.argsort(torus.cells[rows, 0])
    for name in ("density", "magnetisation", "currents"):
        one, two = (observable_named(name)(state) for state in (narrow, wide))
        on_sites = [key for key, part in one.items() if "site" in part.dims]
        assert on_sites
        for key in on_sites:
            axis = one[key].dims.index("site")
            there = np.moveaxis(two[key].values, axis, 0)[rows][order]
            here = np.moveaxis(one[key].values, axis, 0)
            np.testing.assert_allclose(here, there, atol=1e-10, err_msg=key)
    assert np.abs(measure(narrow, "magnetisation")["magnetisation_x"]).max() > 1e-3
    one, two = (measure(state, "grand_potential")["grand_potential"] for state in (narrow, wide))
    assert 6 * one == pytest.approx(two, abs=1e-9)
    assert 6 * measure(narrow, "entropy")["entropy"] == pytest.approx(
        measure(wide, "entropy")["entropy"], abs=1e-8
    )


def test_a_change_of_gauge_changes_nothing_that_can_be_measured():
    model = spinful_cluster(4, 8, fields=("pairing", "hartree"), chemical_potential=-1.0, temperature=0.1)
    found, state = closed(model)
    angle = np.random.default_rng(8).uniform(-np.pi, np.pi, 4)
    moved = state_of(model.transformed(angle), found.transformed(angle))
    for name in set(EVERYTHING) - {"anomalous_density"}:
        one, two = measure(state, name), measure(moved, name)
        for key in one:
            np.testing.assert_allclose(two[key], one[key], atol=2e-11, rtol=0, err_msg=key)


def test_a_helical_field_is_a_uniform_one_with_spin_orbit_coupling():
    """c → e^{−iθσ_z/2} c, θ = turn·x, makes of h(cos θ, sin θ, 0) h along x, of −t, −t e^{±iσ_z turn/2}."""
    n, turn = 9, 0.7
    sample = build_sample("chain", n)
    common = {"attraction": 3.0, "chemical_potential": -0.5, "temperature": 0.05}
    spiral = build_model(sample, zeeman=[f"0.4*cos({turn}*x)", f"0.4*sin({turn}*x)", 0], **common)

    coupling = np.zeros((n - 1, 3), complex)
    coupling[:, 2] = 1j * np.sin(turn / 2)
    plain = build_model(sample, zeeman=[0.4, 0, 0], hopping=np.cos(turn / 2), **common)
    wire = replace(plain, spin_orbit=coupling)
    one, two = closed(spiral)[0], closed(wire)[0]
    np.testing.assert_allclose(one.delta, two.delta, atol=1e-10)

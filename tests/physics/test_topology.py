"""Topological invariants against closed formulas, against each other, and against states at edges."""

import dataclasses

import numpy as np
import pytest

import bdg
from bdg.errors import InputError
from bdg.lattice import Boundary, build_sample
from bdg.model import build_model
from bdg.observables import State, observable_named
from bdg.observables import measure as measure_whole
from bdg.scf import self_consistency
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests import reference as ref
from tests.bridge import measure, quadratic_of, spinful_cluster
from tests.support.lattice_states import state_of

BLOCH = Boundary("bloch", n_k=4)
TOPOLOGICAL = {
    "pfaffian": {},
    "chern": {},
    "bott": {},
    "local_chern_marker": {},
    "spectral_localizer": {"sites": [3], "radius": 1.2},
    "zero_modes": {},
    "majorana_polarisation": {},
}


def number(state, name, quantity, **parameters):
    return float(measure(state, name, **parameters)[quantity])


def kitaev(size, boundary, mu, delta=0.3, **terms):
    return state_of("chain", size, boundary, chemical_potential=mu, given_bonds={"p_x": delta}, **terms)


def wire(size, boundary, field, mu=-1.7, **terms):
    given = {"rashba": 0.8, "given_delta": 0.4} | terms
    return state_of("chain", size, boundary, chemical_potential=mu, zeeman=[0, 0, field], **given)


def chiral(lattice, size, boundary, mu, delta=0.4, *, sign=1, **terms):
    pairs = {"p_x": delta, "p_y": 1j * sign * delta}
    return state_of(lattice, size, boundary, chemical_potential=mu, given_bonds=pairs, **terms)


def rashba_plane(size, boundary, field, mu=-4.0, **terms):
    given = {"rashba": 2.0, "given_delta": 0.8} | terms
    return state_of("square", size, boundary, chemical_potential=mu, zeeman=[0, 0, field], **given)


# -- chains


@pytest.mark.parametrize(("mu", "delta"), [(-1.9, 0.6), (1.95, 0.4), (-1.6, 0.8)])
def test_the_splitting_of_a_kitaev_chain_decays_with_the_analytic_length(mu, delta):
    """A zero mode goes as λⁿ, (t + Δ)λ² + μλ + (t − Δ) = 0; E₀ as the larger root to the length."""
    roots = np.roots([1 + delta, mu, 1 - delta])
    assert np.isreal(roots).all()
    root = max(np.abs(roots))
    lengths = [round(np.log(small) / np.log(root)) for small in (1e-4, 1e-9)]
    energies = [measure(kitaev(n, "open", mu, delta), "zero_modes")["lowest_levels"][0] for n in lengths]
    assert (energies[1] / energies[0]) ** (1 / (lengths[1] - lengths[0])) == pytest.approx(root, abs=1e-5)


@pytest.mark.parametrize("edge", [-2.0, 2.0])
def test_a_kitaev_chain_changes_at_mu_of_twice_the_hopping(edge):
    """The gap closes there, the Pfaffian of one spin's copy flips, and inside there are two modes a copy."""
    for step, invariant in ((-1e-9, -1), (1e-9, 1)):
        found = measure(kitaev(1, BLOCH, edge + step * np.sign(edge)), "pfaffian")
        assert found["pfaffian_invariant_per_spin"] == invariant
        assert found["pfaffian_invariant"] == 1  # of both copies
    gapless = measure(kitaev(1, BLOCH, edge), "pfaffian")
    assert gapless["pfaffian_invariant_per_spin"] == gapless["pfaffian_invariant"] == 0
    for mu, modes in ((0.8 * edge, 4), (1.2 * edge, 0)):
        assert number(kitaev(80, "open", mu), "zero_modes", "majorana_modes") == modes


@pytest.mark.parametrize(
    ("mu", "further"),
    [(-3.0, 0.0), (-1.0, 0.2), (1.2, -0.3), (0.4, 1.8), (0.0, -2.0), (-6.0, 1.5), (-3.5, 1.5)],
)
def test_the_pfaffian_of_a_chain_is_the_parity_of_its_end_modes(mu, further):
    """Pairs and hops to second neighbours: none, one or two modes an end; periodic as well as infinite."""
    k = np.linspace(0, 2 * np.pi, 2001)
    vector = -2 * (np.cos(k) + further * np.cos(2 * k)) - mu + 2j * (0.8 * np.sin(k) + np.sin(2 * k))
    modes = abs(round(np.angle(vector[1:] / vector[:-1]).sum() / (2 * np.pi)))  # an end, by the winding

    def chain(size, boundary):
        made = build_sample("chain", size, boundary, shells=2)
        on_bonds = np.array([0.8, 1.0])[made.bonds.shell - 1][:, None, None] * np.array([[0, 1], [1, 0]])
        return state_of(
            "chain",
            size,
            boundary,
            shells=2,
            hopping=[1.0, further],
            chemical_potential=mu,
            given_bonds=on_bonds,
        )

    assert number(chain(120, "open"), "zero_modes", "majorana_modes") == 4 * modes  # two spins, two ends
    for closed in (chain(1, BLOCH), chain(7, "periodic"), chain(8, "periodic")):
        assert number(closed, "pfaffian", "pfaffian_invariant_per_spin") == (-1) ** modes


@pytest.mark.parametrize(("mu", "delta", "alpha"), [(-1.7, 0.4, 0.8), (-2.3, 0.25, 0.5), (-1.0, 0.1, 1.2)])
def test_a_rashba_wire_closes_its_gap_where_the_formula_says_and_the_pfaffian_flips(mu, delta, alpha):
    critical = np.sqrt(delta**2 + (mu + 2) ** 2)
    at = wire(1, Boundary("bloch", n_k=16), critical, mu, given_delta=delta, rashba=alpha)
    assert float(measure(at, "spectral_gap")["spectral_gap"]) < 1e-10
    for step, invariant in ((-1e-10, 1), (1e-10, -1)):
        beside = wire(1, BLOCH, critical * (1 + step), mu, given_delta=delta, rashba=alpha)
        assert number(beside, "pfaffian", "pfaffian_invariant") == invariant
    for factor, modes in ((0.8, 0), (1.3, 2)):
        open_wire = wire(150, "open", factor * critical, mu, given_delta=delta, rashba=alpha)
        assert number(open_wire, "zero_modes", "majorana_modes", below=1e-2) == modes


def test_disorder_and_the_place_of_the_seam_leave_the_invariant():
    rng = np.random.default_rng(3)
    for field, invariant in ((0.3, 1), (0.8, -1)):
        ring = wire(24, "periodic", field, onsite=0.2 * rng.normal(size=24))
        found = measure(ring, "pfaffian")
        assert found["pfaffian_invariant"] == invariant == found["pfaffian_signs"].prod()
        assert found["fermion_parity"] == found["pfaffian_signs"][0]
        turned = wire(24, Boundary("periodic", np.pi), field, onsite=ring.model.onsite)
        assert measure(turned, "pfaffian")["fermion_parity"] == found["pfaffian_signs"][1]
        gauge = ring.model.transformed(rng.uniform(0, 6, 24))
        outcome = self_consistency(gauge, ring.solver)
        other = State(gauge, outcome.fields, outcome.hamiltonian, ring.solver)
        assert number(other, "pfaffian", "pfaffian_invariant") == invariant


@pytest.mark.parametrize("seed", range(8))
def test_the_parity_is_that_of_the_ground_state_in_fock_space(seed):
    model = spinful_cluster(3, seed, field=1.5)
    rng, solver = np.random.default_rng(seed), Diagonalization(threads=1)
    delta = 0.5 * rng.normal(size=3) + 0.2j * rng.normal(size=3)
    model = dataclasses.replace(
        model,
        given_delta=delta,
        attraction=dataclasses.replace(model.attraction, pairing=False, hartree=False),
    )
    outcome = self_consistency(model, solver)
    state = State(model, outcome.fields, outcome.hamiltonian, solver)
    h, d = quadratic_of(model, outcome.fields)
    assert number(state, "pfaffian", "fermion_parity") == fock_parity(h, d)


def fock_parity(h, d):
    """(−1)^N of the lowest state of Σ h c†c + ½ Σ (D c†c† + h.c.)."""
    n = len(h)
    creators = []
    for mode in range(n):
        parts = [np.diag([1.0, -1.0])] * mode + [np.array([[0, 0], [1, 0]])] + [np.eye(2)] * (n - mode - 1)
        full = np.eye(1)
        for part in parts:
            full = np.kron(full, part)
        creators.append(full)
    total = np.zeros((2**n, 2**n), complex)
    for a in range(n):
        for b in range(n):
            total += h[a, b] * creators[a] @ creators[b].T
            pair = 0.5 * d[a, b] * creators[a] @ creators[b]
            total += pair + pair.conj().T
    energies, vectors = np.linalg.eigh(total)
    assert energies[1] - energies[0] > 1e-6
    signs = np.diag(np.array([(-1) ** bin(s).count("1") for s in range(2**n)]))
    return round(float(np.real(vectors[:, 0].conj() @ signs @ vectors[:, 0])))


# -- planes


def winding(d, n=400):
    """(1/4π) ∫ d̂·(∂_x d̂ × ∂_y d̂) from the solid angles of triangles (van Oosterom, Strackee 1983)."""
    k = 2 * np.pi * (np.arange(n) + 0.37) / n
    unit = d(*np.meshgrid(k, k, indexing="ij"))
    unit = unit / np.linalg.norm(unit, axis=0)
    a, b, c = unit, np.roll(unit, -1, 1), np.roll(unit, (-1, -1), (1, 2))
    e = np.roll(unit, -1, 2)

    def angle(p, q, r):
        triple = np.einsum("i...,i...", p, np.cross(q, r, axis=0))
        plain = 1 + (p * q).sum(0) + (q * r).sum(0) + (r * p).sum(0)
        return 2 * np.arctan2(triple, plain)

    return (angle(a, b, c) + angle(a, c, e)).sum() / (4 * np.pi)


@pytest.mark.parametrize("mu", [-5.0, -3.0, -0.5, 1.0, 3.0, 5.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_chern_number_of_chiral_p_is_the_winding_of_its_vector(mu, sign):
    """H_k = ξ τ_z + Re Δ_k τ_x − Im Δ_k τ_y with Δ_k = Σ_D Δ(D) e^{−ik·D} = −2iΔ (sin k_x ± i sin k_y)."""

    def d(x, y):
        delta = -2j * 0.4 * (np.sin(x) + 1j * sign * np.sin(y))
        return np.stack([delta.real, -delta.imag, -2 * (np.cos(x) + np.cos(y)) - mu])

    found = measure(chiral("square", [1, 1], BLOCH, mu, sign=sign), "chern")
    assert found["chern_number_per_spin"] == round(winding(d))
    assert winding(d) == pytest.approx(round(winding(d)), abs=1e-6)
    assert found["chern_number"] == 2 * found["chern_number_per_spin"]
    x, y = np.meshgrid(*[np.linspace(0, 2 * np.pi, 401)] * 2)
    assert found["bulk_gap"] <= np.linalg.norm(d(x, y), axis=0).min() + 1e-9
    assert found["bulk_gap"] == pytest.approx(np.linalg.norm(d(x, y), axis=0).min(), abs=1e-3)


CHIRAL = [("square", mu) for mu in (-4.6, -2.5, 1.5, 4.4)] + [
    ("triangular", mu) for mu in (-6.5, -4, 1.0, 3.5)
]


@pytest.mark.parametrize(("lattice", "mu"), CHIRAL)
def test_chern_bott_marker_and_pfaffians_of_chiral_p_agree(lattice, mu):
    infinite = measure(chiral(lattice, [1, 1], BLOCH, mu), "chern")
    per_spin = infinite["chern_number_per_spin"]
    assert infinite["bulk_gap"] > 0.2
    signs = measure(chiral(lattice, [1, 1], BLOCH, mu), "pfaffian")
    assert signs["pfaffian_signs_per_spin"].shape == (4,)
    assert signs["pfaffian_signs_per_spin"].prod() == (-1) ** per_spin
    torus = chiral(lattice, [12, 10], "periodic", mu)
    assert number(torus, "bott", "bott_index") == 2 * per_spin
    assert number(torus, "chern", "chern_number") == 2 * per_spin
    assert number(torus, "pfaffian", "pfaffian_invariant_per_spin") == (-1) ** per_spin
    sample = chiral(lattice, [18, 18], "open", mu, delta=0.8)
    marker = measure(sample, "local_chern_marker")
    assert marker["local_chern_marker"].sum() == pytest.approx(0, abs=1e-9)
    assert marker["bulk_chern_marker"] == pytest.approx(2 * per_spin, abs=0.1)


def test_triangular_chern_numbers_are_those_of_the_winding():
    for mu in (-6.5, -4.0, 1.0, 3.5):

        def d(one, two, mu=mu):
            # Phases along a₁ and a₂; the third neighbour is a₂ − a₁. The bonds point at 0, 60, 120 degrees.
            phases = (one, two, two - one)
            delta = -2j * 0.4 * sum(np.exp(1j * np.pi * n / 3) * np.sin(p) for n, p in enumerate(phases))
            return np.stack([delta.real, -delta.imag, -2 * sum(np.cos(p) for p in phases) - mu])

        found = measure(chiral("triangular", [1, 1], BLOCH, mu), "chern")
        assert found["chern_number_per_spin"] == round(winding(d))


@pytest.mark.parametrize(
    ("mu", "field"), [(-3.7, 0.3), (-3.7, 0.8), (0.0, 0.8), (0.2, 0.3), (3.8, 0.9), (-3.0, 1.6)]
)
def test_a_plane_with_rashba_coupling_and_field(mu, field):
    """Sato, Takahashi, Fujimoto, Phys. Rev. Lett. 103, 020401 (2009); general space, no copies."""
    terms = {"rashba": 1.0, "given_delta": 0.4}
    infinite = measure(rashba_plane([1, 1], BLOCH, field, mu, **terms), "chern")
    chern = infinite["chern_number"]
    assert "chern_number_per_spin" not in infinite
    signs = measure(rashba_plane([1, 1], BLOCH, field, mu, **terms), "pfaffian")
    assert signs["pfaffian_invariant"] == (-1) ** chern
    # at invariant momenta Rashba coupling is zero, and the levels cross where h² = Δ² + ξ²
    xi = np.array([-2 * (x + y) - mu for x in (1, -1) for y in (1, -1)])
    np.testing.assert_array_equal(signs["pfaffian_signs"], np.sign(0.4**2 + xi**2 - field**2))
    if abs(mu) > 3.5:
        assert abs(chern) == (1 if field**2 > 0.4**2 + xi[0 if mu < 0 else 3] ** 2 else 0)
    turned = measure(rashba_plane([1, 1], BLOCH, -field, mu, **terms), "chern")
    assert turned["chern_number"] == -chern


def test_a_torus_and_an_open_plane_with_rashba_coupling():
    infinite = number(rashba_plane([1, 1], BLOCH, 1.4), "chern", "chern_number")
    assert abs(infinite) == 1
    torus = rashba_plane([12, 12], "periodic", 1.4)
    assert number(torus, "bott", "bott_index") == infinite
    assert number(torus, "local_chern_marker", "bulk_chern_marker") == pytest.approx(infinite, abs=0.1)
    assert number(torus, "pfaffian", "pfaffian_invariant") == -1


def test_the_localizer_tells_one_domain_from_another_and_takes_samples_of_any_size():
    """p_x + ip_y on the left, p_x − ip_y on the right of a sample whose projector would fill 1.5 GiB."""
    pairs = {"p_x": 0.4, "p_y": lambda x, y: 0.4j * np.sign(40.5 - x)}
    state = state_of(
        "square", [80, 60], "open", solver=SelectedInversion(), chemical_potential=-2.5, given_bonds=pairs
    )
    found = measure(state, "spectral_localizer", sites=[[15, 30], [65, 30]])
    left = number(chiral("square", [1, 1], BLOCH, -2.5), "chern", "chern_number")
    assert found["localizer_index"].tolist() == [left, -left]
    assert found["localizer_gap"].min() > 0.5


@pytest.mark.parametrize(("lattice", "mu"), CHIRAL)
def test_the_localizer_is_the_chern_number_on_tori(lattice, mu):
    expected = number(chiral(lattice, [1, 1], BLOCH, mu, delta=0.8), "chern", "chern_number")
    torus = chiral(lattice, [16, 16], "periodic", mu, delta=0.8)
    found = measure(torus, "spectral_localizer", sites=[[0, 0], [9, 3]], radius=5)
    assert found["localizer_index"].tolist() == [expected] * 2
    assert found["localizer_gap"][0] == pytest.approx(found["localizer_gap"][1], abs=1e-9)


def test_the_answer_does_not_depend_on_the_block_and_disorder_moves_no_integer():
    onsite = 0.3 * np.random.default_rng(1).normal(size=48)
    two = chiral("square", [8, 6], "periodic", -2.5, onsite=onsite)
    four = chiral("square", [8, 6], "periodic", -2.5, onsite=onsite, least_dofs=4)
    assert (two.hamiltonian.dofs, four.hamiltonian.dofs) == (2, 4)
    for name, quantity in (("bott", "bott_index"), ("chern", "chern_number"), ("pfaffian", "pfaffian_signs")):
        np.testing.assert_array_equal(measure(two, name)[quantity], measure(four, name)[quantity])
    for name, quantity in (("local_chern_marker",) * 2, ("zero_modes", "lowest_levels")):
        np.testing.assert_allclose(measure(two, name)[quantity], measure(four, name)[quantity], atol=1e-10)
    assert number(two, "bott", "bott_index") == 2


def test_two_chern_numbers_of_singlet_d_plus_id():
    pairs = {"d_x2_y2": 0.3, "d_xy": 0.3j}
    state = state_of("triangular", [1, 1], BLOCH, chemical_potential=0.5, given_bonds=pairs)
    assert abs(number(state, "chern", "chern_number_per_spin")) == 2
    assert abs(number(state, "chern", "chern_number")) == 4


@pytest.mark.parametrize("sign", [1, -1])
def test_modes_run_clockwise_where_the_chern_number_is_positive(sign):
    """On the upper edge of a strip with velocity along +x."""
    strip = chiral("square", [1, 40], [BLOCH, "open"], -2.5, sign=sign)
    per_spin = number(chiral("square", [1, 1], BLOCH, -2.5, sign=sign), "chern", "chern_number_per_spin")
    k, step = 0.15, 1e-4
    hamiltonian = dataclasses.replace(
        strip.hamiltonian, momenta=strip.hamiltonian.momenta.at(np.array([[k, 0.0], [k + step, 0.0]]))
    )
    upper = []
    for momentum in (0, 1):
        energies, vectors = np.linalg.eigh(hamiltonian.dense(momentum))
        inside = np.flatnonzero(np.abs(energies) < 0.3)
        assert len(inside) == 2
        weight = (np.abs(vectors[:, inside]) ** 2).reshape(40, 2, 2)[20:].sum(axis=(0, 1))
        assert abs(weight[0] - weight[1]) > 0.9  # one state at each edge
        upper.append(energies[inside[np.argmax(weight)]])
    assert np.sign(upper[1] - upper[0]) == per_spin


def test_where_the_gap_closes_there_is_no_number():
    nodal = state_of("square", [1, 1], BLOCH, chemical_potential=-0.61, given_bonds={"d_x2_y2": 0.3})
    found = measure(nodal, "chern")
    assert np.isnan(found["chern_number"])
    assert found["bulk_gap"] < 1e-9
    assert np.isnan(found["berry_curvature"]).all()
    metal = rashba_plane([1, 1], BLOCH, 1.0, given_delta=0.0)
    assert np.isnan(number(metal, "chern", "chern_number"))
    assert np.isnan(number(chiral("square", [6, 6], "periodic", -4.0), "bott", "bott_index"))


@pytest.mark.parametrize("mesh", [3, 24])
def test_the_berry_curvature_integrates_to_the_chern_number(mesh):
    state = chiral("square", [2, 3], BLOCH, -2.5)
    found = measure_whole(state, "chern", {"mesh": mesh})
    curvature = found["berry_curvature"]
    assert curvature.dims == ("k_1", "k_2")
    zone = (2 * np.pi) ** 2 / 6
    assert curvature.values.mean() * zone / (2 * np.pi) == pytest.approx(2, abs=1e-9)


# -- Majorana modes


@pytest.mark.parametrize("size", [60, 400])
def test_end_modes_are_their_own_antiparticles_each_in_its_half(size):
    """At 60 sites the two are one state with an energy; at 400 that is zero, and they come apart."""
    found = measure(wire(size, "open", 0.8), "majorana_polarisation")
    polarisation, content = found["majorana_polarisation"], found["majorana_content"]
    left, right = polarisation[:, : size // 2].sum(axis=1), polarisation[:, size // 2 :].sum(axis=1)
    if size == 60:
        assert abs(left[0] + right[0]) < 1e-9  # ⟨Cψ|ψ⟩ of a state that has an energy
        assert content[0] == pytest.approx(1, abs=1e-3)
        assert content[1] < 0.5
    else:
        np.testing.assert_allclose([abs(left[0]), abs(right[1])], 1, atol=1e-6)
        np.testing.assert_allclose([abs(right[0]), abs(left[1])], 0, atol=1e-6)


def test_what_is_no_majorana_mode_has_no_polarisation():
    """A quasiparticle of an s-wave chain in a field across it: u and v belong to opposite spins."""
    plain = state_of("chain", 20, "open", chemical_potential=-1.0, given_delta=0.4, zeeman=[0.1, 0, 0])
    assert np.abs(measure(plain, "majorana_polarisation", count=4)["majorana_content"]).max() < 1e-9


def test_degenerate_levels_come_one_behind_the_other():
    """Two equal islands far apart: each level lies on one of them, whatever basis LAPACK chose."""
    onsite = np.where(np.abs(np.arange(41) - 20) < 3, 1e3, 0.0)
    state = wire(41, "open", 0.3, onsite=onsite)
    for copy in (state, dataclasses.replace(state, solver=Diagonalization(threads=1))):
        found = measure(copy, "majorana_polarisation", count=3)["majorana_polarisation"]
        sides = np.abs(found[:, :18]).sum(axis=1), np.abs(found[:, 23:]).sum(axis=1)
        assert found.shape == (3, 41)
        assert sides[1][0] < 1e-6 < sides[0][0]
        assert sides[0][1] < 1e-6 < sides[1][1]


@pytest.mark.parametrize("field", [0.3, 0.8])
def test_modes_of_a_wire_too_long_for_all_its_levels(field):
    """600 sites, 2400 rows, by the engine: two modes, certified, each at its end, or none."""
    state = wire(600, "open", field, solver=SelectedInversion(), temperature=0.01)
    found = measure_whole(state, "zero_modes", {"count": 2})
    modes = found["majorana_modes"]
    assert modes.attributes["is_certain"]
    assert modes.values == (2 if field == 0.8 else 0)
    assert found["zero_mode_gap"].values > 0.1
    if field == 0.8:
        polarisation = measure(state, "majorana_polarisation")["majorana_polarisation"]
        ends = np.abs(polarisation[:, :100].sum(axis=1)), np.abs(polarisation[:, -100:].sum(axis=1))
        np.testing.assert_allclose(ends, [[1, 0], [0, 1]], atol=1e-6)


def test_majorana_modes_of_one_spins_copy_and_their_number():
    state = kitaev(100, "open", -1.0)
    found = measure(state, "zero_modes", count=3)
    assert found["majorana_modes"] == 4
    assert found["zero_mode_splitting"] < 1e-10
    assert found["lowest_levels"].shape == (3,)
    assert found["zero_mode_gap"] > 0.5
    np.testing.assert_allclose(measure(state, "majorana_polarisation")["majorana_content"][:2], 1, atol=1e-9)


# -- what cannot be measured


@pytest.mark.parametrize(
    ("name", "parameters", "size", "boundary", "words"),
    [
        ("chern", {}, [3, 3], "open", "two directions without ends, this sample has 0"),
        ("chern", {}, [3, 3], ["open", "periodic"], "has 1"),
        ("chern", {"mesh": 2}, [3, 3], "periodic", "mesh: must be at least 3, not 2"),
        ("bott", {}, [3, 3], "open", "measure local_chern_marker"),
        ("bott", {}, [1, 1], BLOCH, "measure chern"),
        ("local_chern_marker", {}, [1, 1], BLOCH, "measure chern"),
        ("local_chern_marker", {}, [5, 1], "open", "two dimensions"),
        ("spectral_localizer", {"radius": 5}, [8, 8], "periodic", "give at most 3"),
        ("spectral_localizer", {"kappa": 0}, [8, 8], "open", "kappa: must be greater than 0, not 0"),
        ("spectral_localizer", {"sites": [70]}, [8, 8], "open", "site 70"),
        ("zero_modes", {}, [1, 1], BLOCH, "measure pfaffian"),
        ("zero_modes", {"count": 0}, [3, 3], "open", "count: must be at least 1, not 0"),
        ("majorana_polarisation", {}, [1, 1], BLOCH, "measure pfaffian"),
        ("majorana_polarisation", {"count": 0}, [3, 3], "open", "count: must be at least 1, not 0"),
    ],
)
def test_samples_without_such_a_quantity_are_told_what_has_it(name, parameters, size, boundary, words):
    state = chiral("square", size, boundary, -2.5)
    with pytest.raises(InputError, match=words) as caught:
        measure_whole(state, name, parameters)
    assert "\n" not in str(caught.value)


def test_states_that_carry_spin_have_no_majorana_polarisation():
    """In two dofs it is zero by name, in four by computation."""
    for least in (2, 4):
        singlet = state_of("chain", 11, "open", given_delta=0.4, zeeman=[0, 0, 0.1], least_dofs=least)
        found = measure(singlet, "majorana_polarisation", count=3)
        assert found["majorana_polarisation"].shape == (3, 11)
        assert np.abs(found["majorana_polarisation"]).max() < 1e-12


def test_everything_goes_into_a_file_and_comes_back(tmp_path):
    sample = build_sample("square", [5, 5], "periodic")
    model = build_model(
        sample, chemical_potential=-2.5, given_bonds={"chiral_p": 0.4}, fields=(), temperature=0.0
    )
    result = bdg.solve(model, observables=TOPOLOGICAL)
    bdg.save(result, tmp_path / "all.h5")
    back = bdg.load(tmp_path / "all.h5")
    for name, quantity in result.quantities().items():
        np.testing.assert_array_equal(back[name].values, quantity.values)
        assert back[name].attributes == quantity.attributes
    assert all(observable_named(name).__doc__ for name in TOPOLOGICAL)
    assert ref.ELECTRON_CHARGE == -1


# -- large tori, whose levels are counted


@pytest.mark.parametrize("field", [0.3, 1.4, -1.4])
def test_a_quantum_of_flux_counts_the_bott_index_of_disordered_tori(field, monkeypatch):
    """The twin has all eigenvectors: shapes, seams and lattices, with and without a Chern number."""
    rng = np.random.default_rng(7)
    states = [
        rashba_plane([12, 9], "periodic", field, onsite=0.5 * rng.normal(size=108)),
        chiral(
            "triangular", [10, 12], "periodic", 1.0, sign=np.sign(field), onsite=0.3 * rng.normal(size=120)
        ),
        chiral("honeycomb", [9, 8], "periodic", 0.7, sign=np.sign(field)),
    ]
    for state in states:
        found = {}
        for rows in (10**6, 0):
            monkeypatch.setattr("bdg.observables.topology.bott.DENSE_ROWS", rows)
            found[rows] = measure_whole(state, "bott", {})["bott_index"]
        assert "smallest_energy_in_flux" in found[0].attributes
        assert "smallest_energy_in_flux" not in found[10**6].attributes
        assert found[0].values == found[10**6].values
        assert found[0].attributes["smallest_energy"] == pytest.approx(
            found[10**6].attributes["smallest_energy"], abs=1e-8
        )


def test_the_counted_chern_number_is_that_of_the_mesh(monkeypatch):
    for state in (
        rashba_plane([8, 9], "periodic", 1.4),
        chiral("triangular", [9, 8], "periodic", -4, sign=-1),
    ):
        dense = measure(state, "chern")
        monkeypatch.setattr("bdg.observables.topology.chern.DENSE_ROWS", 0)
        counted = measure(state, "chern")
        monkeypatch.undo()
        assert dense["chern_number"] == counted["chern_number"] != 0
        assert counted["bulk_gap"] == pytest.approx(dense["bulk_gap"], rel=0.05)
        assert "berry_curvature" in dense
        assert "berry_curvature" not in counted


def test_no_index_is_counted_without_a_gap(monkeypatch):
    monkeypatch.setattr("bdg.observables.topology.bott.DENSE_ROWS", 0)
    metal = state_of("square", [12, 12], "periodic", chemical_potential=0.0)
    assert np.isnan(number(metal, "bott", "bott_index"))


@pytest.mark.parametrize("seed", range(4))
def test_the_sparse_pfaffian_has_the_signs_of_the_dense_one(seed, monkeypatch):
    """Both signs, over ends and seams of disordered planes; and where leaves have Majorana modes."""
    rng = np.random.default_rng(seed)
    shapes = [([7, 6], "periodic"), ([6, 5], ["open", "periodic"]), ([5, 7], "open")]
    states = []
    for shape, boundary in shapes:
        onsite = rng.uniform(0, 3) * rng.normal(size=shape[0] * shape[1])
        field, mu = rng.uniform(0.2, 2.5), rng.uniform(-4.5, -1)
        states.append(rashba_plane(shape, boundary, field, mu, onsite=onsite))
    states += [
        kitaev(50 + seed, "periodic", 0.0, delta=1.0),
        kitaev(60, "open", [0.0, -1.0, -2.5, 2.0][seed]),
    ]
    for state in states:
        dense = measure(state, "pfaffian")
        monkeypatch.setattr("bdg.topology.parity.DENSE_ROWS", 0)
        sparse = measure(state, "pfaffian")
        monkeypatch.undo()
        assert dense.keys() == sparse.keys()
        for name, values in dense.items():
            assert np.array_equal(values, sparse[name]), name


def test_leaves_with_modes_at_zero_pass_them_on(monkeypatch):
    """Each piece of a chain of Majorana pairs between its sites ends in two zero modes."""
    from bdg.topology import sparse_pfaffian

    passed = []
    planes = sparse_pfaffian._delayed
    monkeypatch.setattr(
        sparse_pfaffian, "_delayed", lambda *front: passed.append(step := planes(*front)) or step
    )
    monkeypatch.setattr("bdg.topology.parity.DENSE_ROWS", 0)
    found = measure(kitaev(80, "periodic", 0.0, delta=1.0), "pfaffian")
    assert found["pfaffian_invariant_per_spin"] == -1
    assert sum(step.delayed for step in passed) > 0

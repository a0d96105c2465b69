"""Attraction on bonds and given pairs: clusters against Fock space, tori against k space, both spaces."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize

import bdg
from bdg.errors import InputError
from bdg.expectations import anomalous, bond_pattern
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Fields, Impurity, build_model
from bdg.model.interactions import mean_field
from bdg.model.pairs import components, given_pairs, matrices
from bdg.nambu import NambuAssembler
from bdg.observables import State
from bdg.scf import ScfOptions, initial_fields, self_consistency
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests import reference as ref
from tests.bridge import measure, quadratic_of, random_cluster, solved
from tests.support.bond_clusters import CLUSTERS, TIGHT, bound
from tests.support.variation import derivative, omega

SOLVER = Diagonalization(threads=1)
ALL = ("pairing", "hartree", "fock")


@pytest.mark.parametrize("made", CLUSTERS.values(), ids=CLUSTERS)
def test_clusters_equal_fock_space(made):
    model = made()
    outcome, state = solved(model, TIGHT)
    assert outcome.status == "converged"
    found, interaction, bonds = outcome.fields, model.bond_attraction, model.sample.bonds
    n = model.sample.n_sites
    assert np.abs(found.bond_delta).max() > 1e-2  # not a comparison of zeros
    assert np.abs(found.fock).max() > 1e-2
    exact = ref.solve_quadratic_fock(*quadratic_of(model, found), model.temperature)
    normal, pairs = (x.reshape(2, n, 2, n) for x in (exact.normal, exact.anomalous))
    density = np.einsum("sisi->si", normal).real
    np.testing.assert_allclose(measure(state, "density")["spin_density"], density, atol=1e-10)

    strength = interaction.strength
    between = np.array([normal[:, j, :, i] for i, j in zip(bonds.source, bonds.target, strict=True)])
    whole = np.array(  # Δ_{iσ,jσ'} = −V⟨c_jσ' c_iσ⟩
        [-v * pairs[:, j, :, i].T for v, i, j in zip(strength, bonds.source, bonds.target, strict=True)]
    )
    basis = interaction.basis
    np.testing.assert_allclose(found.bond_delta, matrices(components(whole, basis), basis), atol=1e-10)
    fock = strength[:, None, None] * between
    np.testing.assert_allclose(
        found.fock, fock if state.hamiltonian.dofs == 4 else fock * np.eye(2), atol=1e-10
    )
    felt = np.zeros(n)
    for v, i, j in zip(strength, bonds.source, bonds.target, strict=True):
        felt[i] += v * density[:, j].sum()
        felt[j] += v * density[:, i].sum()
    u, on = model.attraction.strength, model.attraction.hartree
    np.testing.assert_allclose(found.hartree, -felt - on * u * density[::-1], atol=1e-10)

    constant = np.sum(np.abs(found.bond_delta[strength > 0]) ** 2 / strength[strength > 0, None, None])
    constant += np.sum(strength * density.sum(axis=0)[bonds.source] * density.sum(axis=0)[bonds.target])
    constant -= np.sum(strength * np.sum(np.abs(between) ** 2, axis=(1, 2)))
    if model.attraction.pairing:
        constant += np.sum(u * np.abs(exact.anomalous[np.arange(n), n + np.arange(n)]) ** 2)
    if on:
        flip = exact.normal[np.arange(n), n + np.arange(n)]
        constant += np.sum(u * (density[0] * density[1] - np.abs(flip) ** 2))
    grand = measure(state, "grand_potential")["grand_potential"]
    assert grand == pytest.approx(exact.parts["fock"] + constant, abs=1e-10)
    assert measure(state, "entropy")["entropy"] == pytest.approx(exact.entropy, abs=1e-9)

    hops = model.spin_amplitude
    current = 2 * ref.ELECTRON_CHARGE * np.einsum("bts,bts->b", hops, between.conj()).imag
    np.testing.assert_allclose(measure(state, "currents")["bond_current"], current, atol=1e-10)
    assert np.abs(measure(state, "currents")["divergence"]).max() < 1e-9


def moved(fields, name, bond, direction, amount):
    values = np.array(getattr(fields, name), complex)
    values[bond] += amount * direction
    return replace(fields, **{name: values})


@pytest.mark.parametrize("made", [CLUSTERS["both, spin along z"], CLUSTERS["any spin, with exchange"]])
def test_grand_potential_is_stationary_in_the_fields_on_bonds(made):
    model = made()
    outcome, state = solved(model, TIGHT)
    found, dofs = outcome.fields, state.hamiltonian.dofs
    off = replace(
        found, bond_delta=1.3 * found.bond_delta, fock=2.0 * found.fock, hartree=0.5 * found.hartree
    )
    spins = {"bond_delta": model.bond_attraction.basis, "fock": np.eye(2)[:, :, None] * np.eye(2)[:, None]}
    if dofs == 4:
        spins["fock"] = np.eye(4).reshape(4, 2, 2)
    acting = model.bond_attraction.acting
    for name, basis in spins.items():
        slopes = []
        for bond in acting:
            for spin in basis:
                for turn in (1, 1j):
                    slope = derivative(lambda s: omega(model, moved(found, name, bond, turn * spin, s)))  # noqa: B023
                    assert abs(slope) < 2e-9
                    slopes.append(derivative(lambda s: omega(model, moved(off, name, bond, turn * spin, s))))  # noqa: B023
        assert np.abs(slopes).max() > 1e-2


@pytest.mark.parametrize("channels", [("singlet",), ("singlet", "triplet_z")])
def test_slope_away_from_the_fixed_point_is_the_residual(channels):
    """Of the coefficient g of a pair's spin matrix ∂Ω/∂Re g = 4 Re(g_in − g_out)/V, and likewise Im."""
    model = random_cluster(3, 5, fields=(), chemical_potential=-0.4, temperature=0.2)
    model = bound(model, 5, channels, hartree=False, fock=False)
    fields = initial_fields(model, is_complex=True)
    f = SOLVER.correlations(NambuAssembler(model).matrix(fields), 0.2, bond_pattern(model.sample))
    basis, strength = model.bond_attraction.basis, model.bond_attraction.strength
    out = mean_field(model, "bond_delta", anomalous(f).swapaxes(1, 2))
    missing = components(fields.bond_delta - out, basis)
    for bond in model.bond_attraction.acting:
        for spin, residual in zip(basis, missing[:, bond], strict=True):
            for turn, part in ((1, residual.real), (1j, residual.imag)):
                slope = derivative(lambda s: omega(model, moved(fields, "bond_delta", bond, turn * spin, s)))  # noqa: B023
                assert slope == pytest.approx(4 * part / strength[bond], abs=1e-8)


# Tori against k space --------------------------------------------------------------------------------------


def grid(n):
    return (k.ravel() for k in np.meshgrid(*[2 * np.pi * np.arange(n) / n] * 2, indexing="ij"))


def tori(n, mu, temperature, strength, waves, guess):
    """Amplitudes g of Δ_k = 2 Σ_d g_d w_d(k) with g_d = V/N Σ_k w_d Δ_k tanh(E_k/2T)/2E_k, and Ω a site."""
    kx, ky = grid(n)
    xi = -2 * np.cos(kx) - 2 * np.cos(ky) - mu
    w = np.array([waves(kx), waves(ky)])

    def levels(g):
        gap = 2 * g @ w
        return gap, np.sqrt(xi**2 + gap**2)

    def residual(g):
        gap, energy = levels(g)
        return strength * np.mean(w * gap * np.tanh(energy / (2 * temperature)) / (2 * energy), axis=1) - g

    found = scipy.optimize.root(residual, guess, tol=1e-14)
    assert np.abs(residual(found.x)).max() < 1e-12
    energy = levels(found.x)[1]
    omega = np.mean(xi - 2 * ref.log_2cosh(energy, temperature)) + 2 * np.sum(found.x**2) / strength
    return found.x, omega


@pytest.mark.parametrize(
    ("channel", "mu", "strength", "waves", "guess"),
    [
        ("d_x2_y2", -0.3, 1.5, np.cos, [0.3, -0.3]),
        ("s_extended", -2.9, 3.0, np.cos, [0.3, 0.3]),
        ("p_x", -1.2, 2.5, np.sin, [0.3, 0.0]),
    ],
)
def test_uniform_pairs_on_a_torus_solve_the_gap_equation_in_k_space(channel, mu, strength, waves, guess):
    n, temperature = 8, 0.05
    g, omega_site = tori(n, mu, temperature, strength, waves, np.array(guess))
    assert np.abs(g).max() > 0.05
    model = build_model(
        build_sample("square", [n, n], "periodic"),
        chemical_potential=mu,
        bond_attraction=strength,
        channels=channel,
        temperature=temperature,
    )
    outcome, state = solved(model, TIGHT)
    assert outcome.status == "converged"
    assert state.hamiltonian.dofs == 2
    found = components(outcome.fields.bond_delta, model.bond_attraction.basis)[0]
    along_x = model.sample.bonds.displacement[:, 0] == 1
    np.testing.assert_allclose(found, np.where(along_x, *g), atol=1e-10)
    grand = measure(state, "grand_potential")["grand_potential"]
    assert grand / n**2 == pytest.approx(omega_site, abs=1e-11)
    # the projection on its own symmetry is the amplitude, the same on every site
    np.testing.assert_allclose(measure(state, "bond_order")[channel], g[0], atol=1e-10)


def test_the_lower_of_s_and_d_wins_on_either_side_of_their_crossing():
    """Both gap equations in k space; from a mixed start the loop finds the one whose Ω is lower."""
    n, temperature, strength = 8, 0.05, 2.0
    sample = build_sample("square", [n, n], "periodic")
    winners = []
    for mu in (-0.5, -3.2):
        both = [
            tori(n, mu, temperature, strength, np.cos, np.array(guess)) for guess in ([0.3, -0.3], [0.3, 0.3])
        ]
        lower = int(np.argmin([omega_site for _, omega_site in both]))
        model = build_model(
            sample,
            chemical_potential=mu,
            bond_attraction=strength,
            channels="singlet",
            temperature=temperature,
        )
        _, state = solved(model, TIGHT)
        grand = measure(state, "grand_potential")["grand_potential"]
        assert grand / n**2 == pytest.approx(both[lower][1], abs=1e-9)
        winners.append(lower)
    assert winners == [0, 1]


def test_chiral_p_has_a_full_gap_and_currents_at_its_edge():
    model = build_model(
        build_sample("square", [6, 6], "open"),
        chemical_potential=-1.2,
        bond_attraction=3.0,
        channels="chiral_p",
        temperature=0.05,
    )
    outcome, state = solved(model, ScfOptions(tolerance=1e-10, max_iterations=1000))
    assert outcome.status == "converged"
    assert np.iscomplexobj(outcome.fields.bond_delta)
    currents = measure(state, "currents")
    assert np.abs(currents["bond_current"]).max() > 1e-3
    assert np.abs(currents["divergence"]).max() < 1e-8


def dirty(least=2, solver=SOLVER, **given):
    """d-wave with an impurity, all fields on; in less disorder there are many minima to end in."""
    common = {
        "bond_attraction": 1.8,
        "channels": "d_x2_y2",
        "fields": ALL,
        "attraction": -3.0,
        "magnetism": "off",
        "impurities": [Impurity([2, 2], 4.0)],
        "disorder": Disorder(1.0),
        "temperature": 0.05,
        "filling": 0.85,
    }
    sample = build_sample("square", [6, 5], "periodic")
    model = build_model(sample, **{**common, **given}, least_dofs=least)
    outcome = self_consistency(model, solver, ScfOptions(tolerance=1e-10, max_iterations=1000))
    assert outcome.status == "converged"
    return State(model, outcome.fields, outcome.hamiltonian, solver, tolerance=1e-11)


OBSERVED = ("density", "currents", "grand_potential", "entropy", "bond_order")


def compare(one, two, atol):
    for name in OBSERVED:
        first, second = measure(one, name), measure(two, name)
        for key in set(first) & set(second):  # the phase of complex pairs is free
            here, there = (np.abs(x[key]) if np.iscomplexobj(x[key]) else x[key] for x in (first, second))
            np.testing.assert_allclose(there, here, atol=atol, rtol=0, err_msg=key)


def test_two_dofs_and_four_are_the_same():
    two, four = dirty(), dirty(least=4)
    assert (two.hamiltonian.dofs, two.hamiltonian.symmetry, four.hamiltonian.dofs) == (2, "singlet", 4)
    assert np.abs(two.fields.bond_delta).max() > 0.05
    compare(two, four, 1e-8)


ANY_SPIN = {
    "channels": ("singlet", "triplet"),
    "rashba": 0.4,
    "zeeman": ["0.1", "0.2*cos(x)", "0.1"],
    "attraction": 0.5,
    "bond_attraction": 2.5,
    "vector_potential": [0.1, 0.2],
    "disorder": Disorder(0.3),
    "magnetism": "auto",
    "temperature": 0.2,
}


@pytest.mark.parametrize("given", [{}, ANY_SPIN], ids=["d wave", "all channels of any spin"])
def test_both_solvers_agree(given):
    states = [dirty(solver=solver, **given) for solver in (SOLVER, SelectedInversion(threads=1))]
    basis = states[0].model.bond_attraction.basis
    assert np.abs(components(states[0].fields.bond_delta, basis)).max(axis=1).min() > 0.03
    compare(*states, 3e-8)


def test_a_change_of_gauge_changes_nothing_that_can_be_measured():
    state = dirty(vector_potential=[0.1, 0.2])
    bonds = state.model.sample.bonds
    angle = np.random.default_rng(3).uniform(-np.pi, np.pi, 30)
    model, fields = state.model.transformed(angle), state.fields.transformed(angle, bonds)
    other = State(model, fields, NambuAssembler(model).matrix(fields), SOLVER, tolerance=1e-11)
    for name in ("density", "currents", "grand_potential", "entropy"):
        one, two = measure(state, name), measure(other, name)
        for key in one:
            np.testing.assert_allclose(two[key], one[key], atol=2e-11, rtol=0, err_msg=key)
    again = self_consistency(model, SOLVER, ScfOptions(tolerance=1e-9), initial=fields)
    assert len(again.history) == 1
    turn = np.exp(1j * (angle[bonds.source] + angle[bonds.target]))[:, None, None]
    np.testing.assert_allclose(again.fields.bond_delta, turn * state.fields.bond_delta, atol=1e-9)


@pytest.mark.parametrize("channel", ["d_x2_y2", "triplet"])
def test_bloch_momenta_are_a_long_torus(channel):
    given = {"channels": channel, "fields": ("pairing", "fock"), "filling": 0.6, "temperature": 0.05}
    given |= {"bond_attraction": 2.0, "rashba": 0.2 if channel == "triplet" else 0.0}
    strip = build_sample("square", [3, 1], ["open", Boundary("bloch", n_k=6)])
    torus = build_sample("square", [3, 6], ["open", "periodic"])
    options = ScfOptions(tolerance=1e-11, max_iterations=2000)
    (_, narrow), (_, wide) = (solved(build_model(sample, **given), options) for sample in (strip, torus))
    assert narrow.is_converged
    assert np.abs(narrow.fields.bond_delta).max() > 0.01
    rows = torus.cells[:, 1] == 0
    order = np.argsort(torus.cells[rows, 0])
    there = measure(wide, "density")["density"][rows][order]
    np.testing.assert_allclose(measure(narrow, "density")["density"], there, atol=1e-9)
    one, two = (measure(state, "grand_potential")["grand_potential"] for state in (narrow, wide))
    assert 6 * one == pytest.approx(two, abs=1e-8)


# Given pairs -----------------------------------------------------------------------------------------------


def given_state(model):
    fields = initial_fields(model)
    return State(model, fields, NambuAssembler(model).matrix(fields), SOLVER)


def test_a_kitaev_ring_has_the_bands_of_its_formula():
    """E_k² = (2 cos k + μ)² + (2Δ sin k)²."""
    n, mu, delta = 14, -0.7, 0.4
    model = build_model(
        build_sample("chain", n, "periodic"), chemical_potential=mu, fields=(), given_bonds={"p_x": delta}
    )
    state = given_state(model)
    assert state.hamiltonian.dofs == 2
    k = 2 * np.pi * np.arange(n) / n
    exact = np.hypot(2 * np.cos(k) + mu, 2 * delta * np.sin(k))
    found = np.linalg.eigvalsh(state.hamiltonian.dense())
    np.testing.assert_allclose(found, np.sort([*exact, *-exact]), atol=1e-12)


@pytest.mark.parametrize("d_vector", [(0, 0, 1), (0, 1, 0), (1, 2, -1)])
def test_a_kitaev_chain_has_zero_modes_inside_its_transition_alone(d_vector):
    """|μ| < 2t; every direction of d is the same chain, in four dofs unless it is z."""
    sample = build_sample("chain", 60)
    pairs = given_pairs(sample, {"p_x": 0.5}, sample.bonds.shell == 1, d_vector)
    for mu, is_zero in ((-1.0, True), (-2.5, False)):
        model = build_model(sample, chemical_potential=mu, fields=(), given_bonds=pairs)
        assert model.dofs == (2 if d_vector == (0, 0, 1) else 4)
        levels = np.sort(np.abs(np.linalg.eigvalsh(given_state(model).hamiltonian.dense())))
        n_zero = model.dofs  # an end has one for each spin; ½ of the 4-dof levels are copies
        assert (levels[:n_zero].max() < 1e-10) == is_zero
        assert levels[n_zero] > 0.1


@pytest.mark.parametrize("h_over_critical", [0.9, 1.0, 1.1])
def test_a_rashba_wire_closes_its_gap_where_theory_says(h_over_critical):
    """h² = Δ² + (μ + 2t)², at k = 0."""
    delta, mu = 0.4, -1.7
    critical = np.hypot(delta, mu + 2)
    sample = build_sample("chain", 1, Boundary("bloch", n_k=64))
    model = build_model(
        sample,
        chemical_potential=mu,
        rashba=0.6,
        zeeman=[0, 0, h_over_critical * critical],
        fields=(),
        given_delta=delta,
    )
    gap = measure(given_state(model), "spectral_gap")["spectral_gap"]
    assert gap == pytest.approx(abs(h_over_critical - 1) * critical, abs=1e-10)


def given_order(lattice, given, d_vector=(0, 0, 1), *, shells=1, shell=1, turn=1.0):
    """Projections of given pairs on a torus."""
    sample = build_sample(lattice, [4, 4], "periodic", shells=shells)
    chosen = sample.bonds.shell == shell if isinstance(shell, int) else np.isin(sample.bonds.shell, shell)
    pairs = turn * given_pairs(sample, given, chosen, d_vector)
    return measure(given_state(build_model(sample, fields=(), given_bonds=pairs)), "bond_order")


def test_every_symmetry_is_found_on_its_lattices_with_its_amplitude_and_no_other():
    """Of uniform pairs 0.3 f a site's projection on f is 0.3; on those at right angles to it zero."""
    for lattice, symmetry, zeros in [
        ("square", "s_extended", ["d_x2_y2"]),
        ("square", "d_x2_y2", ["s_extended"]),
        ("square", "p_y", []),
        ("triangular", "d_x2_y2", ["s_extended", "d_xy"]),
        ("triangular", "d_xy", ["s_extended", "d_x2_y2"]),
        ("triangular", "p_x", ["p_y"]),
        ("honeycomb", "d_xy", ["s_extended", "d_x2_y2"]),
        ("kagome", "s_extended", []),
    ]:
        order = given_order(lattice, {symmetry: 0.3})
        np.testing.assert_allclose(order[symmetry], 0.3, atol=1e-14, err_msg=f"{symmetry}, {lattice}")
        for name in zeros:
            np.testing.assert_allclose(order[name], 0, atol=1e-14, err_msg=f"{symmetry} on {name}, {lattice}")
        assert not {"d_id", "chiral_p"} & set(order)  # real pairs turn no way


@pytest.mark.parametrize("turn", [1.0, np.exp(0.7j)])
def test_chiral_pairs_are_told_from_those_that_turn_the_other_way(turn):
    for lattice, symmetry, other, parts, suffix, d_vector in [
        ("triangular", "d_id", "d_minus_id", ("d_x2_y2", "d_xy"), "", (0, 0, 1)),
        ("square", "chiral_p", "chiral_p_minus", ("p_x", "p_y"), "", (0, 0, 1)),
        ("triangular", "chiral_p", "chiral_p_minus", ("p_x", "p_y"), "_dx", (1, 0, 0)),
    ]:
        order = given_order(lattice, {symmetry: 0.3}, d_vector, turn=turn)
        np.testing.assert_allclose(order[symmetry + suffix], 0.3 * turn, atol=1e-14)
        np.testing.assert_allclose(order[other + suffix], 0, atol=1e-14)
        np.testing.assert_allclose(order[parts[0] + suffix], 0.3 * turn, atol=1e-14)
        np.testing.assert_allclose(order[parts[1] + suffix], 0.3j * turn, atol=1e-14)
    mirrored = given_order("triangular", {"d_x2_y2": 0.3, "d_xy": -0.3j}, turn=turn)
    np.testing.assert_allclose(mirrored["d_minus_id"], 0.3 * turn, atol=1e-14)
    np.testing.assert_allclose(mirrored["d_id"], 0, atol=1e-14)
    # between nearest neighbours of a square (D_x + iD_y)² is real: there is no other way to turn
    assert "d_id" not in given_order("square", {"d_x2_y2": 0.3}, turn=1j)


def test_shells_are_told_apart():
    """Two shells of a square: d_x2_y2 lives on the first alone, d_xy on the second, s on both."""
    order = given_order("square", {"d_x2_y2": 0.3, "d_xy": 0.1j, "s_extended": 0.05}, shells=2, shell=[1, 2])
    for name, value in {
        "d_x2_y2": 0.3,
        "d_xy": 0.1j,
        "s_extended_shell_1": 0.05,
        "s_extended_shell_2": 0.05,
        "d_x2_y2_shell_1": 0.3,
        "d_xy_shell_2": 0.1j,
        "d_id": 0.5 * (0.3 + 0.1),
        "d_minus_id": 0.5 * (0.3 - 0.1),
    }.items():
        np.testing.assert_allclose(order[name], value, atol=1e-14, err_msg=name)
    assert not {"d_xy_shell_1", "d_x2_y2_shell_2"} & set(order)


def test_what_cannot_be_is_refused():
    sample = build_sample("square", [3, 3])
    for given, words in [
        ({"bond_attraction": 1.0, "channels": "f_wave"}, "unknown channel 'f_wave'"),
        ({"bond_attraction": [1.0, 2.0]}, "bond_attraction has 2 shells"),
        ({"given_bonds": np.zeros((3, 2, 2))}, "given_bonds has shape"),
        ({"given_bonds": {"f": 0.1}}, "unknown symmetry 'f'"),
        ({"fields": ("fock",)}, "the field fock is of an attraction on bonds"),
    ]:
        with pytest.raises(InputError, match=words):
            build_model(sample, **given)
    with pytest.raises(InputError, match="a bond of a site to itself cannot attract"):
        build_model(build_sample("square", [1, 3], "periodic"), bond_attraction=1.0)
    model = build_model(sample, bond_attraction=1.0)
    fields = Fields(np.zeros(9), np.zeros((2, 9)), 0.0, bond_delta=np.zeros((4, 2, 2)))
    with pytest.raises(InputError, match="are of 4 bonds, the sample has 12"):
        self_consistency(model, SOLVER, initial=fields)


def test_interrupted_and_resumed_is_uninterrupted():
    """The packed vector holds every field on bonds, and a finished state starts where it ended."""
    given = {"attraction": 1.0, "bond_attraction": 2.0, "channels": ("d_x2_y2", "p_x"), "fields": ALL}
    model = build_model(
        build_sample("square", [4, 4]), zeeman=0.1, rashba=0.2, filling=0.8, temperature=0.1, **given
    )
    options = ScfOptions(tolerance=1e-9, max_iterations=500)
    whole = self_consistency(model, SOLVER, options)
    assert whole.status == "converged"
    first = self_consistency(model, SOLVER, replace(options, max_iterations=5))
    assert first.status == "not_converged"
    second = self_consistency(model, SOLVER, options, resume=first.snapshot)
    assert len(second.history) == len(whole.history)
    for name in ("delta", "hartree", "exchange", "bond_delta", "fock"):
        np.testing.assert_array_equal(getattr(second.fields, name), getattr(whole.fields, name), err_msg=name)
    again = self_consistency(model, SOLVER, ScfOptions(tolerance=2e-9), initial=whole.fields)
    assert len(again.history) == 1


def test_a_result_on_bonds_starts_the_next_run(tmp_path):
    model = build_model(
        build_sample("square", [4, 4], "periodic"),
        bond_attraction=2.0,
        channels="d_x2_y2",
        fields=("pairing", "fock"),
        chemical_potential=-0.4,
        temperature=0.05,
    )
    result = bdg.solve(model, observables=("bond_order", "density"))
    bdg.save(result, tmp_path / "d.h5")
    again = bdg.solve(model, initial=str(tmp_path / "d.h5"), scf=ScfOptions(tolerance=1e-7))
    assert len(again.history) == 1
    np.testing.assert_allclose(again.fields.bond_delta, result.fields.bond_delta)
    assert np.abs(result["d_x2_y2"]).min() > 0.01


def test_starts_that_differ_on_bonds_alone_are_ranked_and_told_apart():
    """d from two starts of opposite sign, and the normal state: Δ on the sites is zero in all of them."""
    model = build_model(
        build_sample("square", [4, 4], "periodic"),
        bond_attraction=2.0,
        channels="d_x2_y2",
        chemical_potential=-0.4,
        temperature=0.05,
    )
    fields = initial_fields(model)
    turned = replace(fields, bond_delta=-0.3 * fields.bond_delta)
    result = bdg.solve(model, initial=["normal", "uniform", turned])
    assert [start.name for start in result.starts] == ["uniform", "fields", "normal"]
    assert [start.same_as for start in result.starts] == ["", "uniform", ""]
    assert result.starts[0].mean_delta > 0.1
    assert not result.fields.delta.any()

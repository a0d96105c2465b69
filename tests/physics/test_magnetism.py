"""Magnetism: J S·S and repulsion against many-body operators in Fock space, k space, and spin rotations."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize

from bdg.errors import InputError
from bdg.expectations import magnetisation, site_pattern, spin_density
from bdg.lattice import build_sample
from bdg.model import BondAttraction, Disorder, Fields, Impurity, build_model
from bdg.model.interactions import mean_field
from bdg.model.magnetism import with_magnetism
from bdg.model.pairs import CHANNELS, components, matrices
from bdg.nambu import NambuAssembler
from bdg.observables import State, observable_named
from bdg.scf import ScfOptions, fields_from, initial_fields, self_consistency
from bdg.scf.starts.magnetic import magnetisation_of, sublattices
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests import reference as ref
from tests.bridge import measure, quadratic_of, random_cluster, solved, spinful_cluster
from tests.support.variation import derivative

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=3000)
SOLVER = Diagonalization(threads=1)
ALL = ("pairing", "hartree", "fock")


# Clusters: the operators of H in Fock space, no Wick anywhere


def interaction_in_fock_space(model):
    """−U n↑n↓ − V n_i n_j + J S_i·S_j + J′ (c†_i↑ c†_i↓ c_j↓ c_j↑ + h.c.), operators as on paper."""
    n, bonds, on_bonds = model.sample.n_sites, model.sample.bonds, model.bond_attraction
    modes = ref.annihilators(2 * n)
    c = [[modes[i], modes[n + i]] for i in range(n)]
    number = [sum(ref.dagger(a) @ a for a in c[i]) for i in range(n)]
    spin = [
        [
            0.5 * sum(s[a, b] * (ref.dagger(c[i][a]) @ c[i][b]) for a in (0, 1) for b in (0, 1))
            for s in (ref.SIGMA_X, ref.SIGMA_Y, ref.SIGMA_Z)
        ]
        for i in range(n)
    ]
    total = 0.0 * number[0]
    for i, u in enumerate(model.attraction.strength):
        up, down = (ref.dagger(a) @ a for a in c[i])
        total = total - u * (up @ down)
    for b, (i, j) in enumerate(zip(bonds.source, bonds.target, strict=True)):
        total = total - on_bonds.strength[b] * (number[i] @ number[j])
        for one, two in zip(spin[i], spin[j], strict=True):
            total = total + on_bonds.exchange[b] * (one @ two)
        pair_i, pair_j = (c[k][1] @ c[k][0] for k in (i, j))
        hop = on_bonds.pair_hopping[b] * (ref.dagger(pair_i) @ pair_j)
        total = total + hop + ref.dagger(hop)
    return total


def gibbs_functional(model, fields):
    """Tr ρ H − T S of the state that the fields make, H the Hamiltonian with its interactions."""
    nothing = Fields(np.zeros_like(fields.delta), np.zeros_like(fields.hartree), fields.mu)
    plain, _ = quadratic_of(model, nothing)
    temperature = model.temperature
    weights, _, states, _, entropy = ref.gibbs(ref.fock_quadratic(*quadratic_of(model, fields)), temperature)
    rho = (states * weights) @ states.conj().T
    one_body = ref.fock_quadratic(plain, np.zeros_like(plain))
    energy = np.sum(one_body * rho.T) + ref.expectation(rho, interaction_in_fock_space(model))
    return energy.real - temperature * entropy


def coupled(model, seed, channels, *, repulsion=False):
    """The model with random V, J and J′ on the bonds that join two sites, every field on."""
    rng, bonds = np.random.default_rng(seed), model.sample.bonds
    joins = bonds.source != bonds.target
    strength = rng.uniform(0.8, 1.6, len(bonds)) * joins
    exchange = rng.uniform(-1.5, 1.5, len(bonds)) * joins
    basis = np.array([matrix for channel in channels for matrix in CHANNELS[channel]])
    size = (len(basis), len(bonds))
    start = matrices(0.3 * (rng.normal(size=size) + 1j * rng.normal(size=size)), basis)
    pair_hopping = rng.uniform(-0.5, 0.5, len(bonds)) * joins
    interaction = BondAttraction(strength, channels, start, True, True, exchange, pair_hopping)
    onsite = replace(model.attraction, strength=(-0.3 if repulsion else 0.7) * model.attraction.strength)
    return replace(model, bond_attraction=interaction, attraction=onsite)


CLUSTERS = {
    "spin along z": lambda: coupled(
        random_cluster(3, 1, zeeman=0.2, fields=("pairing", "hartree"), filling=0.8, temperature=0.1),
        1,
        ("singlet", "triplet_z"),
    ),
    "any spin": lambda: coupled(
        spinful_cluster(
            3, 3, fields=("pairing", "hartree"), filling=0.8, temperature=0.1, field=0.2, coupling=0.2
        ),
        3,
        ("singlet", "triplet"),
    ),
    "any spin, repulsion": lambda: coupled(
        spinful_cluster(
            3, 4, fields=("pairing", "hartree"), filling=1.0, temperature=0.05, field=0.2, coupling=0.2
        ),
        4,
        ("singlet", "triplet"),
        repulsion=True,
    ),
    "four sites, any spin": lambda: coupled(
        spinful_cluster(
            4, 6, fields=("pairing", "hartree"), filling=0.7, temperature=0.15, field=0.2, coupling=0.2
        ),
        6,
        ("singlet", "triplet"),
    ),
}


@pytest.mark.parametrize("made", CLUSTERS.values(), ids=CLUSTERS)
def test_the_decoupling_is_that_of_the_operators(made):
    """Ω = Tr ρH − TS with S_i·S_j as operators, and no field changes it: the Gibbs–Bogoliubov functional."""
    model = made()
    outcome, state = solved(model, TIGHT)
    found = outcome.fields
    assert outcome.status == "converged"
    assert min(np.abs(x).max() for x in (found.bond_delta, found.fock, found.hartree)) > 1e-2
    exact = gibbs_functional(model, found)
    assert measure(state, "grand_potential")["grand_potential"] == pytest.approx(exact, abs=1e-10)
    off = replace(
        found, hartree=0.8 * found.hartree, fock=1.3 * found.fock, bond_delta=1.3 * found.bond_delta
    )
    rng = np.random.default_rng(0)
    for name in ("delta", "hartree", "exchange", "bond_delta", "fock"):
        value = getattr(found, name)
        if value is None:
            continue
        turn = rng.normal(size=value.shape) + (0 if name == "hartree" else 1j * rng.normal(size=value.shape))
        if name in ("bond_delta", "fock") and state.hamiltonian.dofs == 2:
            turn = turn * (np.eye(2)[::-1] if name == "bond_delta" else np.eye(2))

        def at(step, fields, name=name, turn=turn):
            return gibbs_functional(model, replace(fields, **{name: getattr(fields, name) + step * turn}))

        assert abs(derivative(lambda s: at(s, found), 1e-3)) < 1e-8
        assert abs(derivative(lambda s: at(s, off), 1e-3)) > 1e-4


# k space ----


def square_band(n):
    kx, ky = (k.ravel() for k in np.meshgrid(*[2 * np.pi * np.arange(n) / n] * 2, indexing="ij"))
    return kx, ky, -2 * np.cos(kx) - 2 * np.cos(ky)


@pytest.mark.parametrize(("repulsion", "exchange"), [(4.0, 0.0), (3.0, 0.5), (0.0, 1.5)])
@pytest.mark.parametrize("least_dofs", [2, 4])
def test_half_filled_antiferromagnet_solves_the_gap_equation_in_k_space(repulsion, exchange, least_dofs):
    """1 = (U + zJ/2)/N Σ_k tanh(E/2T)/2E, E² = ε² + h², h = (U/2 + zJ/4) m: U repels here, z = 4."""
    n, temperature = 8, 0.1
    _, _, band = square_band(n)
    stiffness = repulsion + 2 * exchange

    def missing(h):
        energy = np.hypot(band, h)
        return stiffness * np.mean(np.tanh(energy / (2 * temperature)) / (2 * energy)) - 1

    h = scipy.optimize.brentq(missing, 1e-6, 10, xtol=1e-15)
    moment = 2 * h / stiffness
    model = build_model(
        build_sample("square", [n, n], "periodic"),
        attraction=-repulsion,
        bond_exchange=exchange,
        fields="hartree",
        chemical_potential=repulsion / 2,
        temperature=temperature,
        least_dofs=least_dofs,
    )
    assert model.magnetism == "collinear"
    outcome, state = solved(model, TIGHT)
    assert outcome.status == "converged"
    assert state.hamiltonian.symmetry == ("collinear" if least_dofs == 2 else "general")
    found = measure(state, "magnetisation")["magnetisation_z"]
    np.testing.assert_allclose(found, moment * sublattices(model.sample), atol=1e-10)
    assert 0.2 < moment < 1
    energy = np.hypot(band, h)
    omega = np.mean(-2 * ref.log_2cosh(energy, temperature)) + moment**2 * (repulsion / 4 + exchange / 2)
    omega -= repulsion / 4  # of U n²/4 − μ n, both with n = 1, and of ½ tr h
    grand = measure(state, "grand_potential")["grand_potential"] / n**2
    assert grand == pytest.approx(omega, abs=1e-10)
    assert grand < omega_off(model)


def omega_off(model):
    """Ω a site of the paramagnetic state."""
    _, state = solved(with_magnetism(model, "off"), TIGHT)
    assert np.abs(measure(state, "magnetisation")["magnetisation_z"]).max() < 1e-12
    return measure(state, "grand_potential")["grand_potential"] / model.sample.n_sites


def test_t_j_d_wave_solves_its_equations_in_k_space():
    """Δ_s = J a_s, Fock −½J g_0, Hartree −¼J n_j, from three sums over k: H = J (S_i·S_j − n_i n_j/4)."""
    n, mu, temperature, exchange = 8, -0.6, 0.02, 0.9
    kx, ky, bare = square_band(n)
    wave, s_wave = np.cos(kx) - np.cos(ky), np.cos(kx) + np.cos(ky)

    def state_of(g, hop, density):
        """g = Δ_s on x bonds; hop ⟨c†_iσ c_jσ⟩; ε_k = −2(t + ½J hop)(cos + cos) − J n."""
        xi = bare * (1 + 0.5 * exchange * hop) - exchange * density - mu
        gap = 2 * g * wave
        return xi, gap, np.hypot(xi, gap)

    def residual(x):
        xi, gap, energy = state_of(*x)
        share = np.tanh(energy / (2 * temperature)) / energy
        occupied = 0.5 * (1 - xi * share)
        pairs = exchange * np.mean(0.25 * wave * gap * share)
        return [pairs - x[0], np.mean(occupied * s_wave) / 2 - x[1], 2 * np.mean(occupied) - x[2]]

    exact = scipy.optimize.root(residual, [0.2, 0.2, 0.8], tol=1e-14).x
    assert np.abs(residual(exact)).max() < 1e-13
    g, hop, density = exact
    assert g > 0.02
    model = build_model(
        build_sample("square", [n, n], "periodic"),
        chemical_potential=mu,
        bond_attraction=exchange / 4,
        bond_exchange=exchange,
        channels="d_x2_y2",
        fields=ALL,
        temperature=temperature,
        magnetism="off",
    )
    outcome, state = solved(model, TIGHT)
    assert state.hamiltonian.symmetry == "singlet"
    np.testing.assert_allclose(measure(state, "bond_order")["d_x2_y2"], g, atol=1e-10)
    np.testing.assert_allclose(outcome.fields.fock[:, 0, 0], -0.5 * exchange * hop, atol=1e-10)
    np.testing.assert_allclose(measure(state, "density")["density"], density, atol=1e-10)
    xi, _, energy = state_of(*exact)
    constants = 4 * g**2 / exchange + exchange * density**2 / 2 + 2 * exchange * hop**2
    omega = np.mean(xi - 2 * ref.log_2cosh(energy, temperature)) + constants
    grand = measure(state, "grand_potential")["grand_potential"] / n**2
    assert grand == pytest.approx(omega, abs=1e-11)


# Spin rotations, and both Nambu spaces ----


def rotation(seed):
    return scipy.linalg.expm(np.cross(np.eye(3), np.random.default_rng(seed).normal(size=3)))


def magnet(**given):
    """A dirty magnet of random couplings that pairs on its bonds: its spins point in all directions."""
    sample = build_sample("triangular", [3, 3], "open")
    settings = {
        "attraction": -3.5,
        "bond_attraction": 1.6,
        "bond_exchange": 0.6,
        "channels": ("singlet",),
        "fields": ALL,
        "filling": 0.7,
        "disorder": Disorder(1.0),
        "temperature": 0.03,
        "magnetism": "noncollinear",
    }
    return build_model(sample, **(settings | given))


@pytest.mark.parametrize("seed", [2, 6])
def test_rotating_the_first_magnetisation_rotates_the_last_and_changes_nothing_else(seed):
    """Of starts from which both loops end in one of the many minima: on their way spins turn differently."""
    model, turn = magnet(), rotation(seed)
    start = magnetisation_of(model, "random", seed)
    found = [
        solved(model, TIGHT, initial=fields_from(model, np.zeros(9), None, m)) for m in (start, turn @ start)
    ]
    assert [outcome.status for outcome, _ in found] == ["converged"] * 2
    (one, first), (two, second) = found
    moments = [magnetisation(state.on_sites) for state in (first, second)]
    assert np.linalg.svd(moments[0])[1][1] > 0.1  # they span a plane at least
    # the way there may turn all spins together: what they are to one another is what must agree
    np.testing.assert_allclose(moments[1].T @ moments[1], moments[0].T @ moments[0], atol=1e-9)
    assert two.fields.mu == pytest.approx(one.fields.mu, abs=1e-11)
    for name, keys in (("grand_potential", ("grand_potential", "free_energy")), ("density", ("density",))):
        for key in keys:
            np.testing.assert_allclose(measure(second, name)[key], measure(first, name)[key], atol=1e-9)
    size = [np.abs(components(f.fields.bond_delta, model.bond_attraction.basis)) for f in (one, two)]
    assert size[0].max() > 0.01
    np.testing.assert_allclose(size[1], size[0], atol=1e-9)


def test_triangles_turn_their_spins_by_120_degrees():
    """Half-filled, strongly repulsive: Néel order on three sublattices, and no collinear state comes near."""
    given = {"attraction": -8.0, "fields": "hartree", "filling": 1.0, "temperature": 0.05}
    sample = build_sample("triangular", [3, 3], "periodic")
    model = build_model(sample, magnetism="noncollinear", **given)
    _, state = solved(model, TIGHT, initial="random", seed=1)
    moments = magnetisation(state.on_sites)
    length = np.linalg.norm(moments, axis=0)
    np.testing.assert_allclose(length, length[0], atol=1e-8)
    cosines = np.sum(moments[:, sample.bonds.source] * moments[:, sample.bonds.target], axis=0)
    cosines /= length[0] ** 2
    np.testing.assert_allclose(cosines, -0.5, atol=1e-8)
    _, collinear = solved(build_model(sample, **given), TIGHT, initial="random", seed=1)
    assert np.abs(magnetisation(collinear.on_sites)[2]).max() > 0.3
    energies = [measure(which, "grand_potential")["free_energy"] for which in (state, collinear)]
    assert energies[0] < energies[1] - 0.1


DIRTY = {
    "attraction": -2.5,
    "bond_attraction": 1.4,
    "bond_exchange": 0.3,
    "channels": "d_x2_y2",
    "fields": ALL,
    "filling": 0.85,
    "impurities": [Impurity([2, 1], 4.0)],
    "disorder": Disorder(0.3),
    "temperature": 0.03,
}


def test_a_collinear_magnet_is_the_same_in_four_dofs_and_from_both_solvers():
    sample = build_sample("square", [4, 4], ["periodic", "open"])
    model = build_model(sample, **DIRTY)
    states = [
        solved(model, TIGHT)[1],
        solved(replace(model, magnetism="noncollinear"), TIGHT)[1],
    ]
    inversion = SelectedInversion(threads=1)
    outcome = self_consistency(model, inversion, ScfOptions(tolerance=1e-10))
    states.append(State(model, outcome.fields, outcome.hamiltonian, inversion))
    symmetries = [state.hamiltonian.symmetry for state in states]
    assert symmetries == ["collinear", "general", "collinear"]
    assert np.abs(measure(states[0], "magnetisation")["magnetisation_z"]).max() > 0.2
    assert np.abs(measure(states[0], "bond_order")["d_x2_y2"]).max() > 0.02
    for name in ("density", "magnetisation", "grand_potential", "entropy", "bond_order", "currents"):
        one, *others = (measure(state, name) for state in states)
        for other in others:
            for key in set(one) & set(other) - {"exchange_constant"}:
                np.testing.assert_allclose(other[key], one[key], atol=3e-8, rtol=0, err_msg=key)


# Where magnetism arises, starts, and what is refused


def test_spins_are_kept_apart_where_an_interaction_can_make_magnetism():
    sample = build_sample("square", [3, 3])
    both = ("pairing", "hartree")
    for given, magnetism, dofs in [
        ({"attraction": 2.0, "fields": both}, "off", 2),
        ({"attraction": -2.0, "fields": both}, "collinear", 2),
        ({"attraction": -2.0}, "off", 2),  # no field of the density
        ({"bond_exchange": 0.4, "fields": both}, "collinear", 2),
        ({"bond_attraction": 0.4, "fields": both}, "off", 2),
        ({"attraction": -2.0, "fields": both, "rashba": 0.2}, "noncollinear", 4),
        ({"attraction": -2.0, "fields": both, "magnetism": "off"}, "off", 2),
        ({"attraction": 2.0, "fields": both, "magnetism": "noncollinear"}, "noncollinear", 4),
    ]:
        model = build_model(sample, **given)
        assert (model.magnetism, model.dofs) == (magnetism, dofs), given
        assert model.is_spin_symmetric == (magnetism == "off")


def test_what_cannot_be_is_refused():
    sample = build_sample("triangular", [3, 3])
    both = ("pairing", "hartree")
    for given, words in [
        ({"magnetism": "spiral"}, "unknown magnetism 'spiral'; use auto, off, collinear, noncollinear"),
        ({"magnetism": "off", "zeeman": 0.1}, "magnetism off is impossible"),
        ({"magnetism": "collinear", "rashba": 0.1, "fields": both}, "magnetism collinear is impossible"),
        ({"magnetism": "collinear", "attraction": -1.0}, "add hartree to the fields"),
        ({"bond_exchange": [0.1, 0.2]}, "bond_exchange has 2 shells"),
    ]:
        with pytest.raises(InputError, match=words):
            build_model(sample, **given)
    magnetic = build_model(sample, attraction=-2.0, fields=both)
    for model, given, words in [
        (build_model(sample, attraction=2.0), 0.3, "keeps both spins alike"),
        (magnetic, [0.1, 0, 0], "keeps its magnetisation along z"),
        (magnetic, "staggered", "neighbours of this sample form odd rings"),
    ]:
        with pytest.raises(InputError, match=words):
            magnetisation_of(model, given)


def test_the_usual_start_is_staggered_or_random_and_normal_has_none():
    def spins(lattice, kind):
        model = build_model(build_sample(lattice, [4, 4]), attraction=-3.0, fields="hartree")
        fields = initial_fields(model, kind)
        return (fields.hartree[0] - fields.hartree[1]) / -3.0, sublattices(model.sample)

    felt, signs = spins("honeycomb", "uniform")
    np.testing.assert_allclose(felt, 0.5 * signs)
    felt, signs = spins("triangular", "uniform")
    assert signs is None
    assert len(np.unique(np.abs(felt))) == len(felt)
    assert not spins("square", "normal")[0].any()
    assert not np.array_equal(spins("square", "random")[0], spins("square", "uniform")[0])


def test_spin_density_of_the_start_is_what_was_asked():
    """The fields of a first magnetisation are those that the interaction makes of it."""
    model = magnet(magnetism="noncollinear", fields="hartree", filling=None, chemical_potential=-1.75)
    wanted = 0.4 * magnetisation_of(model, "random", 3)
    start = fields_from(model, np.zeros(9), None, wanted)
    density = np.stack([0.5 * (1 + wanted[2]), 0.5 * (1 - wanted[2])])
    np.testing.assert_allclose(start.hartree, mean_field(model, "hartree", density))
    flip = 0.5 * (wanted[0] - 1j * wanted[1])
    np.testing.assert_allclose(start.exchange, mean_field(model, "exchange", flip))
    f = SOLVER.correlations(
        NambuAssembler(model).matrix(start), 0.1, site_pattern(model.sample), tolerance=1e-10
    )
    assert np.sum(magnetisation(f) * wanted) > 0.02  # and they polarise the electrons that way
    assert spin_density(f).min() > 0


@pytest.mark.parametrize("exchange", [0.0, 0.5])
def test_a_paramagnet_tells_how_unstable_it_is(exchange):
    """The largest eigenvalue of the linearised map is Stoner's (U + zJ/2) χ_0(π, π), here above 1."""
    n, repulsion, temperature = 4, 2.5, 0.3
    _, _, band = square_band(n)
    size = np.abs(band) + 1e-9
    stoner = (repulsion + 2 * exchange) * np.mean(np.tanh(size / (2 * temperature)) / (2 * size))
    model = build_model(
        build_sample("square", [n, n], "periodic"),
        attraction=-repulsion,
        bond_exchange=exchange,
        fields="hartree",
        chemical_potential=repulsion / 2,
        temperature=temperature,
        magnetism="off",
    )
    _, state = solved(model, TIGHT)
    found = observable_named("stability")(state, count=2)
    assert stoner > 1
    assert float(found["stability_eigenvalues"].values[0]) == pytest.approx(stoner, abs=1e-6)

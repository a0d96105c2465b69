"""The second variation: minima, saddles, metastable states, and the temperature at which Δ appears."""

import numpy as np
import pytest
import scipy.optimize

import bdg
from bdg.errors import InputError
from bdg.lattice import build_sample, regions
from bdg.model import Fields, build_model
from bdg.model.interactions import acting
from bdg.nambu import NambuAssembler
from bdg.observables import State, observable_named
from bdg.scf import ScfOptions
from bdg.scf.stability.jacobian import Jacobian
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests import reference as ref
from tests.bridge import measure, problem_of, random_cluster, solved

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=2000)
ACROSS = 0.1 * np.random.default_rng(7).uniform(-1, 1, (3, 5))
SIZE, MU, ATTRACTION = (8, 6), -0.5, 2.5


def torus(temperature, solver=None, **given):
    model = build_model(
        build_sample("square", SIZE, "periodic"),
        chemical_potential=MU,
        attraction=ATTRACTION,
        temperature=temperature,
        **given,
    )
    return model, solver or Diagonalization(threads=1)


def normal_state(temperature, solver=None, **given):
    model, solver = torus(temperature, solver, **given)
    n = model.sample.n_sites
    fields = Fields(np.zeros(n), np.zeros((2, n)), MU)
    return State(model, fields, NambuAssembler(model).matrix(fields), solver)


def susceptibilities(temperature):
    """χ(q) = (1/N) Σ_k [1 − f(ξ_k) − f(ξ_{q−k})]/(ξ_k + ξ_{q−k}) of the normal state, at every q."""
    kx, ky = (2 * np.pi * np.arange(length) / length for length in SIZE)
    xi = -2 * np.cos(kx)[:, None] - 2 * np.cos(ky)[None] - MU
    found = []
    for qx, qy in np.ndindex(*SIZE):
        partner = xi[np.ix_((qx - np.arange(SIZE[0])) % SIZE[0], (qy - np.arange(SIZE[1])) % SIZE[1])]
        total = xi + partner
        filled = 1 - ref.fermi(xi, temperature) - ref.fermi(partner, temperature)
        slope = (
            ref.fermi(xi, temperature) * (1 - ref.fermi(xi, temperature)) / temperature
        )  # as ξ_k + ξ_{q−k} → 0
        near = np.abs(total) < 1e-9
        found.append(np.mean(np.where(near, slope, filled / np.where(near, 1, total))))
    return np.array(found)


@pytest.mark.parametrize(
    "solver", [Diagonalization(threads=1), SelectedInversion(threads=1)], ids=lambda s: s.name
)
@pytest.mark.parametrize("temperature", [0.05, 0.2, 0.6])
def test_normal_state_on_a_torus_answers_as_k_space_says(temperature, solver):
    whole = observable_named("stability")(normal_state(temperature, solver), count=10)
    found = {name: quantity.values for name, quantity in whole.items()}
    bands = ref.band(SIZE)
    exact = ATTRACTION * ref.pair_susceptibility(bands, MU, 0.0, temperature)
    assert float(found["largest_eigenvalue"]) == pytest.approx(exact, rel=1e-7)
    assert abs(float(found["largest_eigenvalue"]) - exact) < 1e-7
    everywhere = ATTRACTION * np.sort(np.repeat(susceptibilities(temperature), 2))[::-1]  # of Re Δ and Im Δ
    n_unstable = np.count_nonzero(everywhere > 1)
    assert int(found["unstable_directions"]) == n_unstable
    np.testing.assert_allclose(found["stability_eigenvalues"][0], everywhere[0], rtol=0, atol=2e-7)
    error = whole["stability_eigenvalues"].error
    assert error < 0.01 * np.abs(everywhere[:10] - 1).max() + 1e-5
    np.testing.assert_allclose(found["stability_eigenvalues"], everywhere[:10], rtol=0, atol=error)
    critical = ref.critical_temperature(SIZE, ATTRACTION, mu=MU)
    assert bool(found["is_minimum"]) == (temperature > critical)
    assert "phase_rotation_eigenvalue" not in found


def test_the_eigenvalue_is_one_at_the_critical_temperature():
    def excess(temperature):
        return float(measure(normal_state(temperature), "stability", count=1)["largest_eigenvalue"]) - 1

    critical = ref.critical_temperature(SIZE, ATTRACTION, mu=MU)
    found = scipy.optimize.brentq(excess, 0.9 * critical, 1.1 * critical, xtol=1e-8)
    assert found == pytest.approx(critical, abs=1e-6)


@pytest.mark.parametrize("temperature", [0.0, 0.05, 0.3])
def test_the_uniform_superconductor_is_a_minimum_with_a_goldstone_mode(temperature):
    outcome, state = solved(torus(temperature)[0], TIGHT)
    assert outcome.fields.delta.min() > 0.1
    found = measure(state, "stability")
    assert bool(found["is_minimum"])
    assert float(found["largest_eigenvalue"]) < 0.99  # the rotation itself is not among them
    assert float(found["phase_rotation_eigenvalue"]) == pytest.approx(1, abs=1e-8)


def brute_force(model, fields):
    """J by columns of the reference's map; at fixed filling μ is found anew for each."""
    n, interaction = model.sample.n_sites, model.attraction
    has_exchange = bool(acting(model, "exchange"))

    def outcome(vector):
        delta, potential = fields.delta, fields.hartree
        if interaction.pairing:
            delta = vector[:n] + 1j * vector[n : 2 * n]
        exchange = np.zeros(n)
        if has_exchange:
            exchange = vector[-2 * n : -n] + 1j * vector[-n:]
        if interaction.hartree:
            end = len(vector) - 2 * n * has_exchange
            potential = vector[end - 2 * n : end].reshape(2, n)
        problem, mean = (
            problem_of(model, fields.mu),
            ref.given_field(problem_of(model, 0.0), delta, potential.T, exchange),
        )
        solve = ref.solve_4n if has_exchange else ref.solve_2n
        if model.filling is not None:
            problem = problem_of(model, ref.find_mu(problem, mean, model.filling, solve))
        return packed(ref.mean_field(problem, solve(problem, mean).local))

    def packed(mean):
        parts = [mean.delta.real, mean.delta.imag] if interaction.pairing else []
        flips = [mean.exchange.real, mean.exchange.imag] if has_exchange else []
        return np.concatenate([*parts, *(mean.potential.T if interaction.hartree else ()), *flips])

    exchange = 0.0 if fields.exchange is None else fields.exchange
    center = packed(ref.given_field(problem_of(model, 0.0), fields.delta, fields.hartree.T, exchange))
    columns = []
    for direction in np.eye(len(center)):
        columns.append(ref.derivative(lambda s: outcome(center + s * direction), step=1e-3))  # noqa: B023
    return np.stack(columns, axis=1)


@pytest.mark.parametrize(
    ("fields", "density", "zeeman"),
    [
        (("pairing",), {"chemical_potential": -1.5}, 0.0),
        (("pairing", "hartree"), {"chemical_potential": -1.5}, 0.05),
        (("pairing", "hartree"), {"filling": 0.7}, 0.05),
        (("hartree",), {"filling": 0.7}, 0.0),
        (("pairing", "hartree"), {"filling": 0.7}, ACROSS),
    ],
    ids=["pairing", "hartree", "filling", "hartree only", "field across"],
)
@pytest.mark.parametrize("initial", ["uniform", "normal"])
def test_all_of_j_by_brute_force_has_the_same_eigenvalues(fields, density, zeeman, initial):
    """Complex Δ, Hartree fields by spin, at fixed μ and at fixed filling, away from any symmetry."""
    model = random_cluster(5, 2, zeeman=zeeman, fields=fields, temperature=0.2, **density)
    _, state = solved(model, TIGHT, initial=initial)
    exact = np.linalg.eigvals(brute_force(model, state.fields))
    assert np.abs(exact.imag).max() < 1e-6
    exact = np.sort(exact.real)[::-1]
    if np.abs(state.fields.delta).max() > 1e-3:
        rotation = np.argmin(np.abs(exact - 1))
        assert exact[rotation] == pytest.approx(1, abs=1e-6)
        exact = np.delete(exact, rotation)
    found = measure(state, "stability", count=5)
    np.testing.assert_allclose(found["stability_eigenvalues"], exact[:5], rtol=0, atol=1e-6)
    assert int(found["unstable_directions"]) == np.count_nonzero(exact[:5] > 1 + 1e-6)


def ring(size=14, inner=2.6, outer=6.2):
    middle = (size - 1) / 2
    return build_sample("square", [size, size], region=regions.ring(inner, outer, [middle, middle]))


def winding(sample, delta, middle):
    """Turns of the phase of Δ along a counter-clockwise loop through the sites next to a circle."""
    x, y = (sample.positions - middle).T
    circle = np.flatnonzero(np.abs(np.hypot(x, y) - 4.5) < 0.7)
    order = circle[np.argsort(np.arctan2(y[circle], x[circle]))]
    steps = np.angle(np.roll(delta[order], -1) / delta[order])
    return int(np.round(steps.sum() / (2 * np.pi)))


def test_a_vortex_in_a_ring_is_metastable_and_told_from_the_ground_state():
    sample = ring()
    model = build_model(sample, chemical_potential=-0.5, attraction=3.0, temperature=0.1)
    result = bdg.solve(
        model, initial=["vortex", "uniform"], observables=("stability",), solver=Diagonalization(threads=1)
    )
    best, other = result.starts
    assert (best.name, other.name) == ("uniform", "vortex")
    assert best.status == other.status == "converged"
    assert other.energy.values - best.energy.values > 0.1
    assert other.same_as == ""
    assert winding(sample, other.fields.delta, 6.5) == -1  # +h/2e of flux, for electrons
    assert winding(sample, best.fields.delta, 6.5) == 0
    assert bool(result["is_minimum"].values)
    state = State(model, other.fields, NambuAssembler(model).matrix(other.fields), Diagonalization(threads=1))
    found = measure(state, "stability")
    assert bool(found["is_minimum"])
    assert float(found["phase_rotation_eigenvalue"]) == pytest.approx(1, abs=1e-6)


def test_a_field_along_z_lets_the_vortex_start_win():
    """A flux of h/2e through the hole: the winding that the vortex starts with is the one of lower energy."""
    sample = ring(10, 1.6, 4.6)
    phase = flux_through_the_hole(sample, 4.5, 0.9 * np.pi)
    model = build_model(
        sample, chemical_potential=-0.5, attraction=3.0, temperature=0.1, vector_potential=phase
    )
    result = bdg.solve(
        model, initial=["uniform", "vortex"], observables=(), solver=Diagonalization(threads=1)
    )
    assert [entry.name for entry in result.starts] == ["vortex", "uniform"]


def flux_through_the_hole(sample, middle, flux):
    """∫A·dl of every bond for a thread of flux through the middle, A = flux/(2π r) along θ."""
    x, y = (sample.positions - middle).T
    angle = np.arctan2(y, x)
    turned = angle[sample.bonds.target] - angle[sample.bonds.source]
    return flux * ((turned + np.pi) % (2 * np.pi) - np.pi) / (2 * np.pi)


def test_a_pi_state_is_a_saddle_above_the_ground_state():
    """Two superconductors with opposite signs across a normal strip: turning one costs less than nothing."""
    sample = build_sample("square", [9, 5])
    model = build_model(
        sample,
        chemical_potential=-0.5,
        attraction=lambda x, y: np.where(np.abs(x - 4) > 0.5, 3.0, 0.0),
        temperature=0.05,
    )
    sign = np.sign(4.0 - sample.positions[:, 0])
    n = sample.n_sites
    pi_state = Fields(0.5 * sign, np.zeros((2, n)), -0.5)
    result = bdg.solve(
        model,
        initial=[pi_state, "uniform", "random"],
        observables=("stability",),
        solver=Diagonalization(threads=1),
    )
    by_name = {entry.name: entry for entry in result.starts}
    assert result.starts[0].name == "uniform"
    higher = by_name["fields"]
    assert higher.status == "converged"
    assert higher.energy.values > by_name["uniform"].energy.values + 1e-3
    assert higher.fields.delta[0] * higher.fields.delta[-1] < 0
    assert bool(result["is_minimum"].values)
    state = State(
        model, higher.fields, NambuAssembler(model).matrix(higher.fields), Diagonalization(threads=1)
    )
    found = measure(state, "stability")
    assert int(found["unstable_directions"]) >= 1
    # the way down turns the phase of one side against the other: imaginary, and of both signs
    mode = found["leading_mode"]
    assert np.abs(mode.real).max() < 1e-6
    assert mode.imag[0] * mode.imag[-1] * sign[0] * sign[-1] < 0
    # and going down that way leads to the ground state
    pushed = Fields(higher.fields.delta + 0.05 * mode, higher.fields.hartree, -0.5)
    again = bdg.solve(
        model, initial=pushed, observables=("grand_potential",), solver=Diagonalization(threads=1)
    )
    assert again["grand_potential"].values == pytest.approx(float(by_name["uniform"].energy.values), abs=1e-9)


def test_nothing_self_consistent_is_refused():
    sample = torus(0.1)[0].sample
    model = build_model(sample, chemical_potential=MU, fields=(), given_delta=0.3, temperature=0.1)
    _, state = solved(model)
    with pytest.raises(InputError, match="nothing is self-consistent"):
        measure(state, "stability")


def test_a_zero_level_at_zero_temperature_is_refused():
    model = build_model(build_sample("chain", 5), attraction=2.0, temperature=0.0)
    _, state = solved(model, initial="normal")
    with pytest.raises(InputError, match="temperature above 0"):
        measure(state, "stability")


def test_sites_without_attraction_have_no_direction_of_their_own():
    _, state = solved(
        build_model(
            build_sample("square", [6, 4]),
            chemical_potential=-0.5,
            attraction=lambda x, y: np.where(x < 3, 3.0, 0.0),
            temperature=0.1,
        )
    )
    normal = state.model.sample.positions[:, 0] >= 3
    found = measure(state, "stability")
    assert bool(found["is_minimum"])
    assert not found["leading_mode"][normal].any()
    assert np.abs(found["leading_mode"][~normal]).max() == pytest.approx(1)


@pytest.mark.parametrize(
    ("terms", "count"),
    [
        ({"fields": ["pairing", "hartree"]}, 3),  # no Hartree potential is imaginary
        ({"fields": ["pairing", "hartree"], "zeeman": (0, 0, 0.1)}, 2),
        ({"fields": ["pairing", "hartree"], "vector_potential": ["0.2*y", 0.0]}, 2),
        ({"fields": ["pairing", "hartree"], "zeeman": (0, 0, 0.1), "vector_potential": ["0.2*y", 0.0]}, 1),
        ({"bond_attraction": 1.0, "channels": ("singlet", "triplet")}, 2),
    ],
)
def test_j_keeps_real_from_imaginary_and_even_from_odd_where_the_state_allows(terms, count):
    sample = build_sample("square", [4, 3])
    model = build_model(sample, **{"attraction": 2.5, "chemical_potential": -0.5, "temperature": 0.1} | terms)
    _, state = solved(model, TIGHT)
    jacobian = Jacobian(state.model, state.solver, state.fields, 1.0)
    vector = np.random.default_rng(0).standard_normal(len(jacobian))
    parts = jacobian.sectors(vector)
    assert len(parts) == count
    np.testing.assert_allclose(sum(parts), vector, atol=1e-14)
    for part in parts:
        image = jacobian.product(part)
        assert np.linalg.norm(image) > 1e-3
        np.testing.assert_allclose(jacobian.sector(image), image, rtol=0, atol=1e-12)

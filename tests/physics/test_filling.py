"""Fixed filling where levels crowd or are far from μ: μ is found although the density hardly says where."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from bdg.lattice import UnitCell, build_sample
from bdg.model import Disorder, build_model
from bdg.scf import ScfOptions, initial_fields, self_consistency
from bdg.scf.filling import mu_of_filling
from bdg.scf.map import FixedPoint
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests import reference as ref
from tests.bridge import quadratic_of, random_cluster


def kagome_levels(n_k):
    """ε of H = −Σ c†c on the kagome lattice: 2 (flat) and −1 ± √(3 + 2 Σ_d cos k_d), k₃ = k₁ − k₂."""
    k = 2 * np.pi * np.arange(n_k) / n_k
    k1, k2 = (axis.ravel() for axis in np.meshgrid(k, k))
    root = np.sqrt(np.maximum(0, 3 + 2 * (np.cos(k1) + np.cos(k2) + np.cos(k1 - k2))))
    return np.concatenate([np.full(len(root), 2.0), -1 + root, -1 - root])


def gap_and_mu(levels, attraction, temperature, filling):
    """Δ and μ of the uniform state, whose F is the same on all orbitals: two nested brackets."""

    def energies(mu, delta):
        return np.sqrt((levels - mu) ** 2 + delta**2)

    def mu_at(delta):
        def excess(mu):
            e = energies(mu, delta)
            return np.mean(1 - (levels - mu) / e * np.tanh(e / (2 * temperature))) - filling

        return brentq(excess, -6, 6, xtol=1e-14)

    def gap(delta):
        e = energies(mu_at(delta), delta)
        return attraction * np.mean(np.tanh(e / (2 * temperature)) / (2 * e)) - 1

    delta = brentq(gap, 1e-3, attraction, xtol=1e-14)
    return delta, mu_at(delta)


@pytest.mark.parametrize("solver", [Diagonalization(threads=1), SelectedInversion(threads=1)])
@pytest.mark.parametrize(("attraction", "filling"), [(0.5, 5 / 3), (0.5, 1.45), (0.3, 1.8)])
def test_a_flat_band_is_filled(solver, attraction, filling):
    sample = build_sample("kagome", [6, 6], "periodic")
    model = build_model(sample, filling=filling, attraction=attraction, temperature=0.005)
    outcome = self_consistency(model, solver, ScfOptions(tolerance=1e-10, max_iterations=60))
    delta, mu = gap_and_mu(kagome_levels(6), attraction, 0.005, filling)
    assert outcome.status == "converged"
    np.testing.assert_allclose(outcome.fields.delta, delta, rtol=0, atol=1e-8)
    assert outcome.fields.mu == pytest.approx(mu, abs=1e-8)


BOTH = ("pairing", "hartree")


def square(size):
    return build_sample("square", [size, size], "periodic")


class Counted:
    """A dense solver that counts the evaluations of f(H)."""

    name = "counted"

    def __init__(self):
        self.solver, self.evaluations = Diagonalization(threads=1), 0

    def correlations(self, *given, **more):
        self.evaluations += 1
        return self.solver.correlations(*given, **more)


UNIFORM = {
    "few electrons bound in pairs": {"attraction": 12.0, "filling": 0.05, "temperature": 0.1},
    "the same with Hartree": {"attraction": 12.0, "filling": 0.05, "temperature": 0.1, "fields": BOTH},
    "few holes bound in pairs": {"attraction": 12.0, "filling": 1.95, "temperature": 0.1, "fields": BOTH},
    "fewer pairs, T = 0": {"attraction": 8.0, "filling": 0.005, "temperature": 0.0},
    "nearly full, normal": {"attraction": 3.0, "filling": 1.995, "temperature": 0.05},
    "hardly any electron": {"attraction": 6.0, "filling": 1e-6, "temperature": 0.1},
    "hardly any hole": {"attraction": 6.0, "filling": 2 - 1e-6, "temperature": 0.1, "fields": BOTH},
    "a gas, T above the band": {"attraction": 3.0, "filling": 0.1, "temperature": 5.0},
    "T far above the band": {"attraction": 3.0, "filling": 1.9, "temperature": 20.0, "fields": BOTH},
    "no attraction": {"attraction": 0.0, "filling": 0.3, "temperature": 0.05},
    "levels sharper than their distance": {"attraction": 0.0, "filling": 0.3, "temperature": 0.001},
}


@pytest.mark.parametrize("mu", [None, -1e4])
@pytest.mark.parametrize("given", UNIFORM.values(), ids=UNIFORM)
def test_a_torus_is_filled_as_in_k_space(given, mu):
    model, solver = build_model(square(6), **given), Counted()
    start = initial_fields(model) if mu is None else replace(initial_fields(model), mu=mu)
    outcome = self_consistency(model, solver, initial=start)
    terms = {"temperature": given["temperature"], "filling": given["filling"]}
    exact = ref.uniform((6, 6), given["attraction"], hartree="fields" in given, **terms)
    assert outcome.status == "converged"
    assert len(outcome.history) <= 20
    assert solver.evaluations <= 64  # with the products that look for pairs that grow
    np.testing.assert_allclose(outcome.fields.delta, exact.delta, rtol=0, atol=1e-6)
    slope = 1e-8 / min(given["filling"], 2 - given["filling"]) * max(1.0, given["temperature"])
    assert outcome.fields.mu == pytest.approx(exact.mu, abs=1e-6 + 10 * slope)


def ionic(filling, **more):
    """A square lattice whose sublattices are 6 t apart: an insulator with a gap of 6 t at filling 1."""
    sample = square(4)
    onsite = np.where(sample.positions.sum(axis=1).round() % 2 == 0, 3.0, -3.0)
    return build_model(sample, onsite=onsite, filling=filling, **({"temperature": 0.05} | more))


def two_bands(filling, distance=4.0, size=3, **more):
    """Two orbitals in one place with a band each, ``distance`` above and below zero."""
    hops = [(n, n, offset, 1.0) for n in (0, 1) for offset in ((1, 0), (0, 1))]
    cell = UnitCell.build([[1, 0], [0, 1]], [[0, 0], [0, 0]], hoppings=hops, onsite=[-distance, distance])
    sample = build_sample(cell, [size, size], "periodic")
    return build_model(sample, filling=filling, attraction=3.0, **({"temperature": 0.05} | more))


def on_bonds(filling, strength, fields, temperature):
    terms = {"bond_attraction": strength, "bond_fields": fields, "temperature": temperature}
    return build_model(square(4), filling=filling, **terms)


def magnet(filling, **more):
    return build_model(square(4), attraction=-8.0, fields=("hartree",), filling=filling, **more)


CASES = {
    "doped by 0.015": lambda: ionic(0.985, attraction=2.0),
    "doped by 0.015, Hartree": lambda: ionic(0.985, attraction=2.0, fields=BOTH),
    "doped by 0.01, T = 0": lambda: ionic(1.01, attraction=3.0, temperature=0.0),
    "doped by 0.0001": lambda: ionic(1.0001, attraction=2.0, temperature=0.02),
    "given pairs, T = 0": lambda: ionic(0.985, given_delta=0.2, fields=(), temperature=0.0),
    "two bands": lambda: two_bands(0.985, fields=BOTH),
    "two bands, T = 0": lambda: two_bands(1.01, fields=BOTH, temperature=0.0),
    "far bands": lambda: two_bands(1.02, 30.0),
    "far bands, few electrons": lambda: two_bands(0.02, 30.0),
    "lieb": lambda: build_model(
        build_sample("lieb", [3, 3], "periodic"), attraction=0.5, filling=0.9, fields=BOTH
    ),
    "kagome, nearly full": lambda: build_model(
        build_sample("kagome", [3, 3], "periodic"), attraction=0.5, filling=1.99, temperature=0.005
    ),
    "a doped antiferromagnet": lambda: magnet(0.95, magnetism="collinear", temperature=0.05),
    "one with spins in all directions": lambda: magnet(0.9875, magnetism="noncollinear", temperature=0.05),
    "polarised": lambda: build_model(square(6), zeeman=3.0, attraction=3.0, filling=0.1, temperature=0.05),
    "density that runs away at fixed mu": lambda: on_bonds(0.1, 1.5, ("pairing", "hartree", "fock"), 0.02),
    "the same with holes": lambda: on_bonds(1.9, 3.0, ("pairing", "hartree", "fock"), 0.1),
    "pairs and Fock fields, few electrons": lambda: on_bonds(0.01, 3.0, ("pairing", "fock"), 0.05),
    "no hopping": lambda: build_model(square(2), hopping=0.0, attraction=3.0, filling=0.3, temperature=0.1),
    "no hopping, T = 0": lambda: build_model(
        square(2), hopping=0.0, attraction=3.0, filling=1.7, fields=BOTH
    ),
    "disorder": lambda: build_model(
        square(4), attraction=2.5, disorder=Disorder(6.0), filling=0.02, temperature=0.05, fields=BOTH
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_mu_is_the_one_that_fills_the_levels_of_the_fields(case):
    """The density of the dense 4N twin in the fields that were found, bracketed by brute force."""
    model, solver = case(), Counted()
    outcome = self_consistency(model, solver)
    assert outcome.status == "converged"
    assert solver.evaluations <= 130
    h, d = quadratic_of(model, outcome.fields)

    def excess(change):
        f = ref.solve_quadratic_4n(h - change * np.eye(len(h)), d, model.temperature)
        return np.trace(f.normal).real / model.sample.n_sites - model.filling

    assert abs(excess(0.0)) <= 2e-8
    assert excess(-1e-3) < 0 < excess(1e-3)
    slope = (excess(1e-6) - excess(-1e-6)) / 2e-6
    assert brentq(excess, -80, 80, xtol=1e-13) == pytest.approx(0, abs=1e-7 + 2e-8 / slope)


@pytest.mark.parametrize("temperature", [0.0, 0.05])
@pytest.mark.parametrize("above", [0.0, 3.3])
def test_an_insulator_is_full_wherever_mu_lies_in_the_gap(temperature, above):
    model = ionic(1.0, attraction=2.0, temperature=temperature)
    model = replace(model, onsite=model.onsite + above)
    outcome = self_consistency(model, Diagonalization(threads=1), ScfOptions(1e-10))
    assert outcome.status == "converged"
    assert len(outcome.history) <= 10
    assert outcome.history[-1].filling_error <= 1e-10
    assert -3.0 < outcome.fields.mu - above < 3.0
    np.testing.assert_allclose(outcome.fields.delta, 0, atol=1e-9)


@pytest.mark.parametrize(
    "model",
    [
        build_model(square(6), attraction=0.0, filling=0.3),
        build_model(square(4), attraction=-4.0, fields=("hartree",), filling=0.3),
        build_model(square(4), attraction=-4.0, fields=("hartree",), filling=0.3, disorder=Disorder(2.0)),
    ],
    ids=["free", "Hartree", "disorder"],
)
def test_a_density_that_jumps_past_the_filling_is_refused_soon(model):
    solver = Counted()
    outcome = self_consistency(model, solver)
    assert outcome.status == "not_converged"
    assert len(outcome.history) < 40
    assert (
        "the density jumps past the filling, so no mu gives it; give a temperature above 0" in outcome.reason
    )


def test_a_level_that_the_filling_leaves_half_full_is_at_mu():
    """Half filling of a 6 × 6 torus at T = 0: ten levels at zero, of which f(0) = ½ fills five."""
    model = build_model(square(6), attraction=0.0, filling=1.0)
    for mu in (0.0, 1e3, -2.2):
        start = replace(initial_fields(model), mu=mu)
        outcome = self_consistency(model, Diagonalization(threads=1), initial=start)
        assert outcome.status == "converged"
        assert outcome.fields.mu == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("filling", [1e-6, 0.05, 1.0, 1.99])
@pytest.mark.parametrize("temperature", [0.0, 0.1, 7.0])
@pytest.mark.parametrize("seed", range(2))
def test_beyond_the_bounds_of_mu_there_are_too_few_or_too_many_electrons(filling, temperature, seed):
    model = random_cluster(5, seed, filling=filling, temperature=temperature, fields=BOTH)
    rng = np.random.default_rng(seed)
    size = 10.0 ** rng.uniform(-2, 2)
    fields = replace(
        initial_fields(model).as_complex(),
        delta=size * (rng.normal(size=5) + 1j * rng.normal(size=5)),
        hartree=rng.normal(size=(2, 5)),
    )
    fixed_point = FixedPoint(model, Diagonalization(threads=1), fields, 1e-10)
    low, high = fixed_point.mu_bounds(fields)
    for mu, sign in ((low, 1), (high, -1)):
        fixed_point(replace(fields, mu=mu))
        assert sign * (filling - fixed_point.electrons) >= -1e-15


@pytest.mark.parametrize("mixer", ["anderson", "linear"])
def test_interrupted_and_resumed_equals_uninterrupted_where_mu_is_eliminated(mixer):
    model, options = CASES["doped by 0.0001"](), ScfOptions(1e-6, 500, mixer=mixer, damping=0.5)
    solver, kept = Diagonalization(threads=1), []
    whole = self_consistency(model, solver, options)
    assert any(iteration.compressibility for iteration in whole.history)
    middle = len(whole.history) // 2

    def stop(iteration, snapshot):
        if iteration.iteration == middle:
            kept.append(snapshot())
        return iteration.iteration == middle

    self_consistency(model, solver, options, after_iteration=stop)
    resumed = self_consistency(model, solver, options, resume=kept[0])
    assert resumed.history == whole.history


def searched(density, filling, start, bounds, goal=1e-4):
    """Result of a search, and how many evaluations it took."""
    calls = []

    def density_at(mu):
        calls.append(mu)
        return density(mu), goal

    mu, slope = mu_of_filling(density_at, filling, start, 0.25 * filling * (2 - filling), bounds)
    return mu, slope, len(calls)


@pytest.mark.parametrize("width", [1e-6, 0.1, 10.0])
@pytest.mark.parametrize("start", [-3.9, 0.0, 3.9])
def test_the_search_finds_a_rise_however_steep(width, start):
    def density(mu):
        return 1 + np.tanh((mu - 1.7) / width)

    mu, slope, calls = searched(density, 1.3, start, (-40.0, 40.0))
    assert abs(density(mu) - 1.3) <= 1e-4
    assert calls < 40
    assert slope == pytest.approx((1 - 0.3**2) / width, rel=0.2)


@pytest.mark.parametrize("filling", [1e-10, 1e-5, 0.4, 1.99999])
def test_the_search_is_quick_in_the_tails(filling):
    """Far below and above a level ln n/(2 − n) is a straight line, along which secants end at once."""
    mu, _, calls = searched(
        lambda mu: 1 + np.tanh((mu - 1.7) / 0.2), filling, 0.0, (-40.0, 40.0), 1e-3 * filling * (2 - filling)
    )
    assert mu == pytest.approx(1.7 + 0.1 * np.log(filling / (2 - filling)), abs=1e-3)
    assert calls <= 8


def test_the_search_crosses_a_gap():
    def density(mu):
        return 1 + 0.5 * np.tanh((mu - 9.0) / 0.1) + 0.5 * np.tanh((mu + 9.0) / 0.1)

    for filling in (0.985, 1.0001):
        mu, _, calls = searched(density, filling, 0.3, (-40.0, 40.0), 1e-7)
        assert abs(density(mu) - filling) <= 1e-7
        assert calls <= 30


def test_the_search_ends_where_the_density_jumps_past_the_filling():
    mu, slope, _ = searched(lambda mu: 1.0 if mu < 1.7 else 2.0, 1.3, 0.0, (-40.0, 40.0))
    assert mu == pytest.approx(1.7, abs=1e-9)
    assert slope == np.inf


def test_the_search_comes_back_from_the_last_level():
    """A first step too long for the band ends at its edge, where the density is 2: the search goes on."""

    def density(mu):
        return 1 + np.tanh(mu / 0.1)

    mu, _, _ = searched(density, 1.3, -5.0, (-6.0, 2.0))
    assert abs(density(mu) - 1.3) <= 1e-4

"""T_c as the instability of the normal state: against closed formulas, dense eigenvectors and Δ itself."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

import bdg
from bdg.errors import InputError
from bdg.experiments.critical.instability import BEYOND, SHORTEST, Known, _on_a_line, _step
from bdg.gauge import UniformField
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Fields, build_model
from bdg.model.fields import TABLE
from bdg.model.pairs import components
from bdg.observables import State
from bdg.scf import ScfOptions, self_consistency
from bdg.scf.stability.ritz import Goal, largest_modes
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.theory.uniform.gap import critical_temperature
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from tests import reference as ref
from tests.bridge import measure, quadratic_of, random_cluster, spinful_cluster
from tests.support.bond_clusters import bound

DENSE = Diagonalization(threads=1)
SOLVERS = {"dense": DENSE, "selected inversion": SelectedInversion(threads=1)}
TIGHT = ScfOptions(tolerance=1e-13, max_iterations=2000)


def found(model, solver=DENSE, initial="normal", **parameters):
    outcome = self_consistency(model, solver, ScfOptions(tolerance=1e-9), initial=initial)
    state = State(model, outcome.fields, outcome.hamiltonian, solver)
    return measure(state, "critical_temperature", **({"tolerance": 1e-9} | parameters))


def square(*size, boundary="periodic", **terms):
    return build_model(build_sample("square", list(size), boundary), **({"temperature": 0.2} | terms))


@pytest.mark.parametrize("solver", SOLVERS.values(), ids=SOLVERS)
@pytest.mark.parametrize(("size", "attraction", "mu"), [((8, 6), 3.0, -0.5), ((6, 6), 2.0, 0.0)])
def test_of_a_torus_it_solves_the_linear_gap_equation(size, attraction, mu, solver):
    model = square(*size, attraction=attraction, chemical_potential=mu)
    expected = ref.critical_temperature(size, attraction, mu=mu)
    assert found(model, solver, count=1)["critical_temperature"] == pytest.approx(expected, abs=3e-9)


FORMS = {
    "s": ("s", {"attraction": 2.0, "chemical_potential": -0.4}, {"mu": -0.4}),
    "d": ("d_x2_y2", {"bond_attraction": 2.0, "chemical_potential": -0.4}, {"mu": -0.4}),
    "extended_s": ("s_extended", {"bond_attraction": 2.0, "filling": 0.2}, {"filling": 0.2}),
}


@pytest.mark.parametrize("form", FORMS)
def test_of_momenta_it_is_that_of_theory_in_its_channel(form):
    name, terms, given = FORMS[form]
    n_k = 16
    sample = build_sample("square", [1, 1], Boundary("bloch", n_k=n_k))
    expected = critical_temperature(lattice_band(Dispersion("square"), (n_k, n_k), form), 2.0, **given)
    result = found(build_model(sample, temperature=0.2, **terms), count=2)
    assert result["critical_temperature"] == pytest.approx(expected, abs=1e-8)
    assert result[f"share_{name}"][0] == pytest.approx(1.0, abs=1e-6)
    assert result["pairing_eigenvalues"][0] == pytest.approx(1.0, abs=1e-8)


def pair_map(model, fields=None):
    """K of pairs on sites and bonds from all eigenvectors, of a normal state with these fields or none.

    ⟨c_a c_b⟩ = Σ_mn u_am u_bn [1 − f(ξ_m) − f(ξ_n)]/(ξ_m + ξ_n) (u† D u*)_mn for ½ Σ D_ab c†_a c†_b + h.c.
    """
    sample, on_bonds, temperature = model.sample, model.on_bonds, model.temperature
    zero = Fields.of({row.name: np.zeros(row.shape(sample)) for row in TABLE.values()})
    zero = zero.having({"mu": fields.mu if fields else model.chemical_potential, "vector_potential": None})
    h, _ = quadratic_of(model, fields.with_pairs(0.0) if fields else zero)
    xi, u = np.linalg.eigh(h)
    filled, total = np.tanh(xi / (2 * temperature)), xi[:, None] + xi[None]
    weight = (filled[:, None] + filled[None]) / (2 * total)
    n, columns = sample.n_sites, []
    unit = list(np.eye(n)) if model.attraction.pairing else []
    starts = [zero.having({"delta": delta.astype(complex)}) for delta in unit]
    for matrix in on_bonds.basis:
        for bond in on_bonds.acting:
            pairs = np.zeros((sample.n_bonds, 2, 2))
            pairs[bond] = matrix
            starts.append(zero.having({"bond_delta": pairs}))
    for start in starts:
        _, d = quadratic_of(model, start)
        pairs = u @ (weight * (u.conj().T @ d @ u.conj())) @ u.T
        spins = [
            [pairs[s * n + sample.bonds.source, r * n + sample.bonds.target] for r in (0, 1)] for s in (0, 1)
        ]
        made = on_bonds.strength * components(np.moveaxis(np.array(spins), 2, 0), on_bonds.basis)
        on_sites = model.attraction.strength * pairs[np.arange(n), n + np.arange(n)]
        columns.append(np.concatenate([on_sites if unit else [], made[:, on_bonds.acting].ravel()]))
    return np.array(columns).T


def with_attraction(model, strength):
    """The model with another U on each site."""
    attraction = replace(model.attraction, strength=np.array(strength))
    return replace(model, attraction=attraction)


CLUSTERS = {
    "attraction, repulsion and neither": lambda t: with_attraction(
        random_cluster(5, 6, fields=("pairing",), temperature=t), [3.0, -2.5, 0.0, 2.0, 3.5]
    ),
    "one site": lambda t: square(
        1, 1, boundary="open", attraction=2.0, chemical_potential=0.3, temperature=t
    ),
    "sites, magnetic phases": lambda t: random_cluster(4, 3, fields=("pairing",), temperature=t),
    "sites, Zeeman field": lambda t: random_cluster(4, 5, zeeman=0.2, fields=("pairing",), temperature=t),
    "singlets and d_z": lambda t: bound(
        random_cluster(3, 1, zeeman=0.1, fields=("pairing",), temperature=t),
        1,
        ("singlet", "triplet_z"),
        hartree=False,
        fock=False,
    ),
    "bonds alone": lambda t: bound(
        random_cluster(4, 2, fields=(), temperature=t), 2, ("singlet",), hartree=False, fock=False
    ),
    "any spin": lambda t: bound(
        spinful_cluster(3, 4, field=0.1, fields=("pairing",), temperature=t),
        4,
        ("singlet", "triplet"),
        hartree=False,
        fock=False,
    ),
}


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_of_any_cluster_it_is_that_of_all_eigenvectors(cluster):
    def largest(log):
        return np.linalg.eigvals(pair_map(CLUSTERS[cluster](np.exp(log)))).real.max() - 1

    grid = np.log(2.0) - np.arange(14) * np.log(2) / 2
    below = next(log for log in grid if largest(log) > 0)
    expected = np.exp(brentq(largest, below, below + np.log(2) / 2, xtol=1e-13))
    result = found(CLUSTERS[cluster](0.3))
    assert result["critical_temperature"] == pytest.approx(expected, abs=1e-8)
    values = np.sort(np.linalg.eigvals(pair_map(CLUSTERS[cluster](expected))).real)[::-1]
    values, modes = values[np.abs(values) > 1e-9], result["pairing_eigenvalues"]  # without sites of no U
    np.testing.assert_allclose(modes, values[: len(modes)], rtol=0, atol=3e-4)


FIELDS = {
    "a Zeeman field that repulsion enhances, and singlets on bonds": {
        "attraction": -2.0, "bond_attraction": 2.2, "filling": 0.8, "zeeman": (0, 0, 0.15),
        "fields": ("hartree",), "bond_fields": ("pairing",), "magnetism": "collinear",
    },
    "Hartree and Fock fields of the bonds": {
        "attraction": 2.0, "bond_attraction": 0.8, "filling": 0.7, "disorder": Disorder(1.5, 2),
        "fields": ("pairing", "hartree"), "bond_fields": ("pairing", "hartree", "fock"),
    },
    "fields that mix the spins": {
        "attraction": -1.5, "bond_attraction": 2.2, "filling": 0.8, "zeeman": (0.1, 0.05, 0.1), "rashba": 0.3,
        "fields": ("hartree",), "bond_fields": ("pairing",),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_the_normal_state_has_its_own_fields(name):
    """At T_c all eigenvectors of the self-consistent normal state give the eigenvalue 1."""
    start = square(4, 3, boundary="open", temperature=0.05, **FIELDS[name])
    result = found(start, initial="random", count=1)
    critical = float(result["critical_temperature"])
    model = square(4, 3, boundary="open", temperature=critical, **FIELDS[name])
    cold = self_consistency(
        start, DENSE, ScfOptions(tolerance=1e-9, max_iterations=600), initial="random"
    ).fields
    options = ScfOptions(tolerance=1e-12, max_iterations=2000, leave_saddles=False)
    normal = self_consistency(model, DENSE, options, initial=cold.with_pairs(0.0))
    assert normal.status == "converged"
    assert np.abs(normal.fields.hartree).max() > 0.1
    if "Zeeman" in name:
        assert np.abs(np.diff(normal.fields.hartree, axis=0)).max() > 0.05
    values = np.linalg.eigvals(pair_map(model, normal.fields)).real
    assert values.max() == pytest.approx(1.0, abs=1e-7)


def where_delta_vanishes(model_at, guess):
    """Zero of Δ²(T), smooth through T_c, from temperatures below it."""
    squares, temperatures = [], guess * (1 - 0.002 * np.arange(1, 5))
    for temperature in temperatures:
        outcome = self_consistency(model_at(temperature), DENSE, TIGHT)
        assert outcome.status == "converged"
        squares.append(float(np.real(outcome.fields.overlap(outcome.fields))))
    return np.polynomial.Polynomial.fit(squares, temperatures, 3)(0.0)


SAMPLES = {
    "disorder and Hartree field at fixed filling": {
        "attraction": 2.5, "filling": 0.8, "disorder": Disorder(2.0, seed=1), "fields": ("pairing", "hartree")
    },
    "d wave with Fock fields": {
        "bond_attraction": 1.8, "filling": 0.9, "bond_fields": ("pairing", "fock"), "boundary": "open"
    },
    "a magnetic field": {
        "attraction": 2.5, "filling": 0.8, "vector_potential": UniformField(0.3), "boundary": "open"
    },
    "a Zeeman field and Rashba coupling": {
        "attraction": 3.0, "chemical_potential": -0.5, "zeeman": (0, 0, 0.2), "rashba": 0.4
    },
}  # fmt: skip


LARGER = {
    "disorder": {"attraction": 2.5, "chemical_potential": -0.5, "disorder": Disorder(3.0, seed=2)},
    "d wave in disorder": {"bond_attraction": 2.0, "filling": 0.9, "disorder": Disorder(1.0, seed=2)},
    "a field": {
        "attraction": 2.5, "filling": 0.8, "vector_potential": UniformField(0.1), "boundary": "open"
    },
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGER)
def test_in_larger_samples_too(name):
    def model_at(temperature):
        return square(9, 8, temperature=temperature, **LARGER[name])

    critical = float(found(model_at(0.2), count=1)["critical_temperature"])
    assert where_delta_vanishes(model_at, critical) == pytest.approx(critical, abs=1e-6)


@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_where_delta_vanishes(name):
    def model_at(temperature):
        return square(4, 4, temperature=temperature, **SAMPLES[name])

    result = found(model_at(0.2), count=1)
    critical = float(result["critical_temperature"])
    assert where_delta_vanishes(model_at, critical) == pytest.approx(critical, abs=1e-6)


def test_the_run_may_be_at_any_temperature_and_in_any_state():
    terms = {
        "attraction": 2.5,
        "filling": 0.7,
        "fields": ("pairing", "hartree"),
        "disorder": Disorder(1.0, 2),
    }
    values = [
        float(found(square(4, 4, temperature=t, **terms), initial=initial, count=1)["critical_temperature"])
        for t, initial in ((0.0, "uniform"), (0.05, "random"), (2.0, "normal"))
    ]
    np.testing.assert_allclose(values, values[0], rtol=0, atol=1e-8)


def test_in_another_gauge_it_is_the_same_and_its_mode_turns_along():
    model = square(
        4, 3, boundary="open", attraction=2.5, chemical_potential=-0.5, vector_potential=UniformField(0.3)
    )
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 12)
    one, other = found(model, count=1), found(model.transformed(angle), count=1)
    assert one["critical_temperature"] == pytest.approx(float(other["critical_temperature"]), abs=1e-9)
    turned = np.exp(2j * angle) * one["pairing_mode"][0]
    overlap = np.vdot(turned, other["pairing_mode"][0])
    sizes = np.linalg.norm(turned) * np.linalg.norm(other["pairing_mode"][0])
    assert abs(overlap) == pytest.approx(sizes, rel=1e-6)


@pytest.mark.parametrize(("attraction", "words"), [(0.0, "nothing attracts"), (-2.0, "nothing attracts")])
def test_without_attraction_it_is_zero_and_says_so(attraction, words):
    result = bdg.solve(square(3, 3, attraction=attraction), observables={"critical_temperature": {}})
    assert float(result["critical_temperature"]) == 0.0
    assert any(words in line for line in result.warnings)


def test_below_the_lowest_temperature_there_is_a_warning_with_the_eigenvalue_and_no_number():
    model = square(3, 3, attraction=0.1, chemical_potential=-0.5)
    result = bdg.solve(model, observables={"critical_temperature": {"lowest": 0.05, "count": 1}})
    assert np.isnan(float(result["critical_temperature"]))
    assert 0 < float(result["pairing_eigenvalues"].values[0]) < 1
    assert any("no T_c above 0.05 t" in line for line in result.warnings)


@pytest.mark.parametrize("field", [0.46, 0.4725])
def test_of_an_eigenvalue_that_falls_again_in_the_cold_the_highest_root_is_taken(field):
    """Near the limit of spins uniform pairs grow between two temperatures, which halving T may step over."""
    n_k, attraction, mu = 24, 3.0, -0.5
    k = 2 * np.pi * np.arange(n_k) / n_k
    xi = -2 * np.add.outer(np.cos(k), np.cos(k)) - mu

    def excess(temperature):
        both = np.tanh((xi + field) / (2 * temperature)) + np.tanh((xi - field) / (2 * temperature))
        return attraction * np.mean(both / (4 * xi)) - 1

    assert excess(0.05) < 0 < excess(0.21)
    sample = build_sample("square", [1, 1], Boundary("bloch", n_k=n_k))
    terms = {"attraction": attraction, "chemical_potential": mu, "zeeman": (0, 0, field)}
    result = found(build_model(sample, temperature=0.2, **terms), lowest=0.05, count=1)
    assert result["critical_temperature"] == pytest.approx(brentq(excess, 0.21, 0.5, xtol=1e-13), abs=1e-8)


@pytest.mark.parametrize("terms", [{"given_delta": 0.3}, {"attraction": 2.0, "fields": ("hartree",)}])
def test_pairs_that_are_not_self_consistent_have_none(terms):
    with pytest.raises(InputError, match="no pairs are self-consistent"):
        bdg.solve(square(3, 3, **terms), observables={"critical_temperature": {}})


@pytest.mark.parametrize("kind", [float, complex])
def test_modes_of_any_map_that_is_self_adjoint_in_a_metric_equal_ones_included(kind):
    rng, n = np.random.default_rng(1), 90
    unitary = np.linalg.qr(
        rng.normal(size=(n, n)) + (1j * rng.normal(size=(n, n)) if kind is complex else 0)
    )[0]
    metric = (unitary * np.linspace(0.3, 2, n)) @ unitary.conj().T
    root = (unitary * np.sqrt(np.linspace(0.3, 2, n))) @ unitary.conj().T
    other = np.linalg.qr(rng.normal(size=(n, n)))[0]
    values = np.concatenate([[1.0, 0.8, 0.8, 0.8], np.linspace(0.7, -0.5, n - 4)])
    symmetric = (other * values) @ other.T
    k = np.linalg.solve(root, symmetric @ root)
    starts = [rng.normal(size=n).astype(kind) for _ in range(3)]
    modes = largest_modes(
        lambda v: (k @ v, metric @ v),
        starts,
        sought=4,
        goal=Goal(1e-9),
        most=300,
        spares=[[rng.normal(size=n)]],
    )
    np.testing.assert_allclose(modes.values[:4], values[:4], rtol=0, atol=1e-9)
    vector = modes.vectors[0]
    np.testing.assert_allclose(k @ vector, vector, rtol=0, atol=1e-3)


def test_the_normal_state_of_a_sample_that_screens_lets_the_field_in():
    """Below T_c the field is expelled; where pairs first arise it is the applied one, but for weak μ₀."""
    terms = {
        "attraction": 2.5,
        "chemical_potential": -0.5,
        "vector_potential": UniformField(0.2, "symmetric"),
    }
    plain, screened = (
        square(5, 5, boundary="open", temperature=0.05, **terms, **screening)
        for screening in ({}, {"screening": {"mu0": 1e-9}})
    )
    expelled = square(5, 5, boundary="open", temperature=0.05, **terms, screening={"mu0": 0.5})
    expected = float(found(plain, count=1)["critical_temperature"])
    assert found(screened, initial="uniform", count=1)["critical_temperature"] == pytest.approx(
        expected, abs=1e-8
    )
    of_strong = float(found(expelled, initial="uniform", count=1)["critical_temperature"])
    assert of_strong == pytest.approx(expected, abs=2e-3)


def test_modes_are_found_with_few_directions_kept(monkeypatch):
    """Restarts keep the best ones: of a large sample that is all that memory holds."""
    monkeypatch.setattr("bdg.scf.stability.ritz.KEPT", (12, 12))
    rng, n = np.random.default_rng(3), 200
    other = np.linalg.qr(rng.normal(size=(n, n)))[0]
    values = np.sort(rng.uniform(-0.5, 1, n))[::-1]
    metric = np.diag(rng.uniform(0.5, 2, n))
    root = np.sqrt(metric)
    k = np.linalg.solve(root, (other * values) @ other.T @ root)
    starts = [rng.normal(size=n) for _ in range(2)]
    modes = largest_modes(lambda v: (k @ v, metric @ v), starts, sought=2, goal=Goal(1e-7), most=2000)
    np.testing.assert_allclose(modes.values[:2], values[:2], rtol=0, atol=1e-6)


def test_normal_fields_start_on_the_line_through_those_of_two_temperatures():
    def fields(x):
        return Fields(np.zeros(2), np.array([[x, 2 * x], [x, 3 * x]]), -x)

    assert _on_a_line({}, 0.0) is None
    assert _on_a_line({1.0: fields(1.0)}, 0.3).same_as(fields(1.0))
    known = {1.0: fields(1.0), 0.5: fields(0.5), -4.0: fields(7.0)}
    between, beyond = _on_a_line(known, 0.8), _on_a_line(known, 0.25)
    np.testing.assert_allclose(between.hartree, fields(0.8).hartree)
    assert between.mu == pytest.approx(-0.8)
    np.testing.assert_allclose(beyond.hartree, fields(0.25).hartree)
    assert _on_a_line({1.0: fields(1.0), 0.9: fields(0.9)}, 0.0).same_as(fields(0.9))  # too far


def test_the_next_temperature_is_a_little_beyond_the_root_of_a_secant_and_never_far():
    first, second = Known(0.0, -0.3, 0.0), Known(-0.7, -0.1, 0.0)
    assert _step([first]) == pytest.approx(np.log(0.5))
    assert _step([first, second]) == pytest.approx(-0.35 - BEYOND)
    assert _step([first, Known(-0.7, -0.29, 0.0)]) == pytest.approx(np.log(0.5))
    assert _step([first, Known(-0.7, -0.001, 0.0)]) == pytest.approx(-SHORTEST)
    assert _step([first, Known(-0.7, -0.4, 0.0)]) == pytest.approx(np.log(0.5))  # it falls on cooling

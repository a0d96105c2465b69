"""The dense solver, the Nambu matrix and the expectation values against the slow twin."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg

from bdg import resources, solve
from bdg.errors import InputError, NumericalError, ResourceError
from bdg.expectations import bond_pattern, site_pattern, spin_density
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Fields, build_model
from bdg.nambu import NambuAssembler
from bdg.observables import State, measure
from bdg.solvers import Pattern
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.lowest import _singlet_half, lowest_energy
from bdg.solvers.thermal import fermi, log_cosh
from tests import reference as ref
from tests.bridge import mean_field_of, problem_of, random_cluster

SOLVER = Diagonalization(threads=1)


def random_fields(model, seed, is_complex):
    rng = np.random.default_rng(seed)
    n = model.sample.n_sites
    delta = rng.normal(size=n) + (1j * rng.normal(size=n) if is_complex else 0)
    return Fields(delta, rng.normal(size=(2, n)), -0.3)


@pytest.mark.parametrize("complex_hopping", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_matrix_equals_the_slow_twin(seed, complex_hopping):
    model = random_cluster(5, seed, zeeman=0.3, complex_hopping=complex_hopping)
    fields = random_fields(model, seed, complex_hopping)
    matrix = NambuAssembler(model).matrix(fields)
    slow = ref.site_major(
        ref.hamiltonian_2n(problem_of(model, fields.mu), mean_field_of(model, fields)), model.sample.n_sites
    )
    np.testing.assert_allclose(matrix.dense(), slow, atol=1e-14)
    assert matrix.is_real == (not complex_hopping)
    assert matrix.symmetry == "collinear"
    np.testing.assert_array_equal(matrix.dense(), matrix.dense().conj().T)
    assert matrix.norm_bound() >= np.abs(np.linalg.eigvalsh(matrix.dense())).max()


def test_symmetry_is_singlet_without_zeeman_field():
    model = build_model(build_sample("square", [3, 3]), disorder=Disorder(1.0))
    matrix = NambuAssembler(model).matrix(Fields(np.ones(9), np.zeros((2, 9)), 0.0))
    assert matrix.symmetry == "singlet"
    np.testing.assert_array_equal(matrix.indices[matrix.diagonal], np.arange(9))


@pytest.mark.parametrize("temperature", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("is_complex", [False, True])
def test_density_matrix_equals_matrix_function(temperature, is_complex):
    model = random_cluster(5, 1, zeeman=0.2, complex_hopping=is_complex)
    matrix = NambuAssembler(model).matrix(random_fields(model, 1, is_complex))
    rows, columns = (index.ravel().astype(np.int32) for index in np.indices((5, 5)))
    found = SOLVER.correlations(matrix, temperature, Pattern(rows, columns))
    exact, _ = ref.fermi_matrix(matrix.dense(), temperature)
    blocks = exact.reshape(5, 2, 5, 2).transpose(0, 2, 1, 3).reshape(25, 2, 2)
    np.testing.assert_allclose(found.blocks, blocks, atol=1e-13)
    assert 0 < found.error < 1e-11


def test_greens_function_equals_inverse():
    model = random_cluster(5, 2, zeeman=0.2)
    matrix = NambuAssembler(model).matrix(random_fields(model, 2, True))
    z = np.array([0.3 + 0.1j, -1.0 + 0.5j, 2.0 - 0.2j])
    pattern = bond_pattern(model.sample)
    found = SOLVER.greens(matrix, z, pattern)
    for index, energy in enumerate(z):
        inverse = np.linalg.inv(energy * np.eye(10) - matrix.dense()).reshape(5, 2, 5, 2)
        np.testing.assert_allclose(
            found.blocks[index], inverse[pattern.rows, :, pattern.columns, :], atol=1e-12
        )


def test_zero_modes_are_half_filled_at_zero_temperature():
    """A ring of four sites at half filling has two levels at zero energy for each spin."""
    model = build_model(build_sample("chain", 4, "periodic"), fields=())
    matrix = NambuAssembler(model).matrix(Fields(np.zeros(4), np.zeros((2, 4)), 0.0))
    density = spin_density(SOLVER.correlations(matrix, 0.0, site_pattern(model.sample)))
    np.testing.assert_allclose(density, 0.5, atol=1e-12)


@pytest.mark.parametrize(
    ("size", "width", "delta"), [(5, 1.0, 0.4), (12, 1.0, 0.4), (12, 0.0, 0.4), (12, 0.0, 0.0)]
)
def test_lowest_energy_with_and_without_eigenvectors(size, width, delta):
    """The clean torus has degenerate levels, and without Δ at half filling levels at zero."""
    n = size * size
    model = build_model(build_sample("square", [size, size], "periodic"), disorder=Disorder(width))
    matrix = NambuAssembler(model).matrix(Fields(np.full(n, delta), np.zeros((2, n)), 0.0))
    exact = np.abs(np.linalg.eigvalsh(matrix.dense())).min()
    assert lowest_energy(matrix, SOLVER) == pytest.approx(exact, abs=1e-12)
    assert lowest_energy(matrix) == pytest.approx(exact, abs=1e-11)


@pytest.mark.parametrize(
    ("terms", "phase", "is_half"),
    [
        ({}, 1.0, True),
        ({"chemical_potential": -0.7}, 1.0, True),
        ({}, 1j, False),
        ({"zeeman": [0, 0, 0.2]}, 1.0, False),
        ({"zeeman": [0.2, 0, 0]}, 1.0, False),
        ({"rashba": 0.3}, 1.0, False),
    ],
)
def test_lowest_energy_of_a_real_singlet_comes_from_half_of_its_rows(terms, phase, is_half):
    sample, n = build_sample("square", [11, 11], "open"), 121
    model = build_model(sample, disorder=Disorder(1.0, 3), **terms)
    delta = phase * np.linspace(-0.2, 0.6, n)
    matrix = NambuAssembler(model).matrix(Fields(delta, np.zeros((2, n)), 0.0))
    exact = np.abs(np.linalg.eigvalsh(matrix.dense())).min()
    assert (_singlet_half(matrix, 0) is not None) == is_half
    assert lowest_energy(matrix) == pytest.approx(exact, abs=1e-12)


def test_thermal_functions_do_not_overflow():
    energies = np.array([-1e300, -1e3, -1e-3, 0.0, 1e-3, 1e3, 1e300])
    np.testing.assert_allclose(fermi(energies, 1e-10), [1, 1, 1, 0.5, 0, 0, 0])
    np.testing.assert_allclose(fermi(energies, 0.0), [1, 1, 1, 0.5, 0, 0, 0])
    np.testing.assert_allclose(log_cosh(energies, 0.0), np.abs(energies) / 2)
    assert np.isfinite(log_cosh(energies, 1e-10)).all()
    assert log_cosh(np.zeros(1), 2.0)[0] == pytest.approx(2 * np.log(2))


def test_a_matrix_that_is_not_finite_is_refused_and_a_site_named():
    model = build_model(build_sample("chain", 4))
    delta = np.array([0.1, 0.1, np.nan, 0.1])
    with pytest.raises(NumericalError, match="site 2"):
        SOLVER.correlations(
            NambuAssembler(model).matrix(Fields(delta, np.zeros((2, 4)), 0.0)),
            0.1,
            site_pattern(model.sample),
        )


def test_a_matrix_too_large_for_memory_is_refused_before_it_is_allocated(monkeypatch):
    monkeypatch.setattr(resources, "available_memory", lambda: 1e5)
    model = build_model(build_sample("square", [20, 20]))
    matrix = NambuAssembler(model).matrix(Fields(np.ones(400), np.zeros((2, 400)), 0.0))
    with pytest.raises(ResourceError, match="GiB"):
        SOLVER.correlations(matrix, 0.1, site_pattern(model.sample))


def test_available_memory_is_a_sensible_number():
    assert 1e6 < resources.available_memory() < 1e15
    assert resources.usable_cores() >= 1


def test_a_twisted_ring_is_complex_and_a_half_turned_one_real():
    for twist, real in [(0.3, False), (np.pi, True), (2 * np.pi, True)]:
        model = build_model(build_sample("chain", 4, Boundary("periodic", twist)))
        matrix = NambuAssembler(model).matrix(Fields(np.ones(4), np.zeros((2, 4)), 0.0))
        assert matrix.is_real == real


@pytest.mark.parametrize("boundary", ["periodic", Boundary("bloch", n_k=3)], ids=["one matrix", "a stack"])
def test_where_divide_and_conquer_fails_another_driver_takes_over(boundary, monkeypatch):
    """LAPACK's evd gives up now and then where levels all but coincide, and leaves its input overwritten."""
    model = build_model(build_sample("chain", 6, boundary), attraction=2.0, temperature=0.1)
    matrix = NambuAssembler(model).matrix(random_fields(model, 0, is_complex=True))
    pattern = site_pattern(model.sample)
    expected = SOLVER.correlations(matrix, 0.1, pattern).blocks
    right = scipy.linalg.eigh

    def evd_fails(a, driver=None, **options):
        if driver != "evd":
            return right(a, driver=driver, **options)
        a[:] = np.nan
        raise np.linalg.LinAlgError("Eigenvalues did not converge")

    def stack_fails(a):
        raise np.linalg.LinAlgError("Eigenvalues did not converge")

    monkeypatch.setattr(scipy.linalg, "eigh", evd_fails)
    monkeypatch.setattr(np.linalg, "eigh", stack_fails)
    found = Diagonalization(threads=1).correlations(matrix, 0.1, pattern).blocks
    np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.parametrize("temperature", [1e-300, 1e-16, 1e-15, 1e-14, 1e-12, 1e-9])
@pytest.mark.parametrize(
    ("kind", "size", "boundary", "mu"),
    [
        ("square", [6, 6], "periodic", 0.0),
        ("square", [7, 7], "open", 0.0),
        ("chain", [1], Boundary("bloch", n_k=12), 1.0),
        ("honeycomb", [3, 3], "periodic", 0.0),
    ],
)
def test_zero_modes_are_half_filled_at_temperatures_below_rounding(kind, size, boundary, mu, temperature):
    """… as at T = 0, and their entropy is ln 2 each; counted with levels rounded to 1e-10."""
    sample = build_sample(kind, size, boundary)
    model = build_model(sample, fields=(), chemical_potential=mu, temperature=temperature)
    matrix = NambuAssembler(model).matrix(Fields(np.zeros(sample.n_sites), np.zeros((2, sample.n_sites)), mu))
    momenta = matrix.momenta
    levels = [np.linalg.eigvalsh(matrix.dense(n)).round(10) for n in range(len(momenta))]
    at_zero = [momentum.weight * (own == 0).sum() for momentum, own in zip(momenta, levels, strict=True)]
    assert sum(at_zero) > 0
    state = State(model, Fields(np.zeros(sample.n_sites), np.zeros((2, sample.n_sites)), mu), matrix, SOLVER)
    cold = State(replace(model, temperature=0.0), state.fields, matrix, SOLVER)
    density, still = (measure(one, "density")["density"] for one in (state, cold))
    np.testing.assert_allclose(density.values, still.values, atol=1e-12)
    assert density.error < (1e-13 if temperature <= 1e-16 else 0.2)
    for one in (state, cold):
        entropy = measure(one, "entropy")["entropy"]
        assert float(entropy) == pytest.approx(np.log(2) * sum(at_zero), rel=1e-12)


@pytest.mark.parametrize("temperature", [0.0, 1e-300, 1e-16])
def test_the_weight_of_a_metal_with_levels_at_zero_and_no_temperature_is_infinite_and_refused(temperature):
    """Σ v² (−∂f/∂E) of levels at zero grows as 1/4T."""
    sample = build_sample("square", [6, 6], "periodic")
    model = build_model(sample, fields=(), temperature=temperature)
    with pytest.raises(InputError, match="a level at zero energy makes the response to a change of H inf"):
        solve(model, solver=SOLVER, observables=["superfluid_weight"])
    weights = [
        solve(build_model(sample, fields=(), temperature=t), solver=SOLVER, observables=["superfluid_weight"])
        for t in (1e-4, 5e-5)
    ]
    one, half = (float(weight["superfluid_weight"].values[0, 0]) for weight in weights)
    assert half / one == pytest.approx(2.0, rel=1e-3)


@pytest.mark.parametrize(("mu", "size"), [(0.0, [12, 12]), (0.3, [12, 12]), (0.0, [11, 11])])
def test_entropy_at_zero_temperature_counts_zero_modes_with_any_solver(mu, size):
    sample = build_sample("square", size, "open")
    model = build_model(sample, fields=(), chemical_potential=mu)
    energies = np.linalg.eigvalsh(NambuAssembler(model).matrix(normal_fields(sample.n_sites, mu)).dense())
    at_zero = int((energies.round(10) == 0).sum())
    assert (at_zero > 0) == (mu == 0)
    entropy = solve(model, observables=["entropy"])["entropy"]
    assert float(entropy) == pytest.approx(np.log(2) * at_zero, abs=1e-12)


def normal_fields(n_sites, mu):
    return Fields(np.zeros(n_sites), np.zeros((2, n_sites)), mu)

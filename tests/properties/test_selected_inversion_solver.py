"""The solver against dense diagonalisation, over symmetry classes, temperatures and graphs."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.nambu import Momentum, NambuMatrix
from bdg.solvers.contract import Pattern
from bdg.solvers.selected_inversion import SelectedInversion

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "selected_inversion"))
from random_matrices import random_matrix

CLASSES = [(s, real) for s in ("singlet", "collinear", "general") for real in (True, False)]


def wanted(hamiltonian, extra=4):
    n = hamiltonian.n_sites
    rows = np.repeat(np.arange(n), np.diff(hamiltonian.indptr))
    more = np.random.default_rng(2).integers(0, n, size=(extra, 2))
    return Pattern(
        np.concatenate((rows, more[:, 0])).astype(np.int32),
        np.concatenate((hamiltonian.indices, more[:, 1])).astype(np.int32),
    )


def function_blocks(hamiltonian, function, pattern, momentum=0):
    energies, vectors = np.linalg.eigh(hamiltonian.dense(momentum))
    dense = (vectors * function(energies)) @ vectors.conj().T
    n, d = hamiltonian.n_sites, hamiltonian.dofs
    return dense.reshape(n, d, n, d).transpose(0, 2, 1, 3)[pattern.rows, pattern.columns]


def fermi(temperature):
    if temperature == 0:
        return lambda e: 0.5 - 0.5 * np.sign(e)
    return lambda e: 0.5 - 0.5 * np.tanh(e / (2 * temperature))


def log_trace(hamiltonian, temperature, momentum=0):
    x = np.abs(np.linalg.eigvalsh(hamiltonian.dense(momentum)))
    half = 0.5 if hamiltonian.dofs == 4 else 1.0
    if temperature == 0:
        return -half * 0.5 * x.sum()
    return -half * np.sum(x / 2 + temperature * np.log1p(np.exp(-x / temperature)))


@pytest.mark.parametrize(("symmetry", "real"), CLASSES)
@pytest.mark.parametrize("graph", ["site", "square", "torus", "random"])
@pytest.mark.parametrize("temperature", [0.005, 0.1, 1.0])
@pytest.mark.parametrize("tolerance", [1e-5, 1e-8, 1e-11])
def test_correlations_and_grand_potential(symmetry, real, graph, temperature, tolerance):
    hamiltonian = random_matrix(graph, symmetry, real, seed=3)
    pattern = wanted(hamiltonian)
    result = SelectedInversion(threads=1).evaluate(hamiltonian, temperature, pattern, tolerance=tolerance)
    exact = function_blocks(hamiltonian, fermi(temperature), pattern)
    error = np.abs(result.correlations.blocks - exact).max()
    assert np.isrealobj(result.correlations.blocks) == real
    assert error <= tolerance
    assert error <= 3 * result.correlations.error
    omega_error = abs(result.grand_potential.value - log_trace(hamiltonian, temperature))
    assert omega_error <= 3 * result.grand_potential.error + 1e-13 * hamiltonian.dimension


@pytest.mark.parametrize(("symmetry", "real"), CLASSES)
def test_zero_temperature_needs_only_a_gap(symmetry, real):
    hamiltonian = random_matrix("torus", symmetry, real, seed=5)
    pattern = wanted(hamiltonian)
    result = SelectedInversion(threads=1).evaluate(hamiltonian, 0.0, pattern, tolerance=1e-8)
    exact = function_blocks(hamiltonian, fermi(0), pattern)
    assert np.abs(result.correlations.blocks - exact).max() < 1e-8
    assert result.grand_potential.value == pytest.approx(log_trace(hamiltonian, 0.0), abs=1e-6)


def test_gapless_zero_temperature_is_refused():
    hamiltonian = random_matrix("chain")
    hamiltonian.momenta[0].values[:] = 0
    with pytest.raises(InputError, match="no gap"):
        SelectedInversion().correlations(hamiltonian, 0.0, wanted(hamiltonian))


@pytest.mark.parametrize(("symmetry", "real"), CLASSES)
def test_greens_functions(symmetry, real):
    hamiltonian = random_matrix("torus", symmetry, real, seed=7)
    pattern = wanted(hamiltonian)
    z = np.linspace(-1, 1, 7) + 0.1j
    g = SelectedInversion(threads=2).greens(hamiltonian, z, pattern).blocks
    for energy, found in zip(z, g, strict=True):
        exact = function_blocks(hamiltonian, lambda e, energy=energy: 1 / (energy - e), pattern)
        np.testing.assert_allclose(found, exact, rtol=0, atol=1e-11)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_executors_agree_to_the_bit(workers):
    hamiltonian = random_matrix("torus", seed=9)
    pattern = wanted(hamiltonian)
    one = SelectedInversion(threads=1).evaluate(hamiltonian, 0.02, pattern)
    with ThreadPoolExecutor(workers) as executor:
        many = SelectedInversion().evaluate(hamiltonian, 0.02, pattern, executor=executor)
    assert np.array_equal(one.correlations.blocks, many.correlations.blocks)
    assert one.grand_potential == many.grand_potential


def test_values_refreshed_reuse_the_plan():
    solver = SelectedInversion(threads=1)
    first = random_matrix("torus", seed=1)
    pattern = wanted(first)
    solver.correlations(first, 0.1, pattern)
    momentum = Momentum(1.0, np.zeros(0), 0.5 * first.momenta[0].values)
    second = NambuMatrix(first.sparsity, 2, (momentum,), "singlet")
    found = solver.correlations(second, 0.1, pattern).blocks
    assert len(solver._plans) == 1
    np.testing.assert_allclose(found, function_blocks(second, fermi(0.1), pattern), atol=1e-9)


def test_momenta_and_crossings():
    base = random_matrix("torus", "general", False, seed=4)
    other = random_matrix("torus", "general", False, seed=6)
    momenta = tuple(
        Momentum(w, np.array([k]), m.momenta[0].values)
        for w, k, m in ((0.25, 0.3, base), (0.75, -1.1, other))
    )
    hamiltonian = NambuMatrix(base.sparsity, 4, momenta, "general")
    plain = wanted(hamiltonian)
    crossings = np.random.default_rng(0).integers(-1, 2, size=(len(plain), 1)).astype(np.int16)
    pattern = Pattern(plain.rows, plain.columns, crossings)
    found = SelectedInversion(threads=1).correlations(hamiltonian, 0.1, pattern).blocks
    exact = sum(
        m.weight
        * np.exp(1j * crossings[:, 0] * m.k[0])[:, None, None]
        * function_blocks(hamiltonian, fermi(0.1), plain, k)
        for k, m in enumerate(momenta)
    )
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-10)


@pytest.mark.parametrize("onsite", [1e4, 1e-3])
def test_hard_walls_and_weak_terms(onsite):
    hamiltonian = random_matrix("torus", onsite=onsite, seed=8)
    pattern = wanted(hamiltonian)
    result = SelectedInversion(threads=1).correlations(hamiltonian, 0.05, pattern, tolerance=1e-9)
    exact = function_blocks(hamiltonian, fermi(0.05), pattern)
    error = np.abs(result.blocks - exact).max()
    assert error <= 1e-9
    assert error <= 3 * result.error


def test_zero_modes_at_small_temperature():
    """A clean normal torus has exact zero modes; the lowest pole sits at πT."""
    hamiltonian = random_matrix("torus", seed=8)
    values = hamiltonian.momenta[0].values
    row = np.repeat(np.arange(hamiltonian.n_sites), np.diff(hamiltonian.indptr))
    values[:] = np.diag([-1.0, 1.0]) * (row != hamiltonian.indices)[:, None, None]
    pattern = wanted(hamiltonian)
    result = SelectedInversion(threads=1).correlations(hamiltonian, 1e-4, pattern, tolerance=1e-9)
    exact = function_blocks(hamiltonian, fermi(1e-4), pattern)
    error = np.abs(result.blocks - exact).max()
    assert error <= 3 * result.error
    assert error < 1e-8


@pytest.mark.parametrize("real", [True, False])
def test_response_is_the_derivative(real):
    """∂(Re F, Im F, n)_i/∂(Re Δ, Im Δ, V)_j by finite differences of f(H)."""
    hamiltonian = random_matrix("torus", "singlet", real, seed=2)
    pattern = wanted(hamiltonian, extra=0)
    values = hamiltonian.momenta[0].values.astype(complex)
    solver = SelectedInversion(threads=1)
    response = solver.correlations(hamiltonian, 0.1, pattern, tolerance=1e-11).response
    own, (j, step) = pattern.rows == pattern.columns, (11, 1e-5)
    changes = (np.array([[0, 1], [1, 0]]), np.array([[0, 1j], [-1j, 0]]), np.diag([1, -1]))
    near = pattern.columns == j
    assert near.sum() > 3
    for b, change in enumerate(changes):
        ends = []
        for sign in (1, -1):
            moved = values.copy()
            moved[hamiltonian.diagonal[j]] += sign * step * change
            momentum = Momentum(1.0, np.zeros(0), moved)
            shifted = NambuMatrix(hamiltonian.sparsity, 2, (momentum,), "singlet")
            f = solver.correlations(shifted, 0.1, pattern, tolerance=1e-12).blocks[own]
            ends.append(np.stack([-f[:, 0, 1].real, -f[:, 0, 1].imag, f[:, 0, 0].real], axis=1))
        derivative = (ends[0] - ends[1]) / (2 * step)
        np.testing.assert_allclose(response[near, :, b], derivative[pattern.rows[near]], rtol=0, atol=1e-6)

"""Selected entries and log determinants against dense inversion, for every algebra on awkward graphs."""

import numpy as np
import pytest
from random_matrices import GRAPHS, random_matrix

from bdg.solvers.contract import Pattern
from bdg.solvers.selected_inversion import ordering
from bdg.solvers.selected_inversion.algebra import choose_algebra, complex_algebra
from bdg.solvers.selected_inversion.factorisation import invert_selected
from bdg.solvers.selected_inversion.plan import make_plan

CLASSES = [(s, real) for s in ("singlet", "collinear", "general") for real in (True, False)]


def pattern_of(hamiltonian, extra=0):
    """The pattern of H and a few places outside it."""
    n = hamiltonian.n_sites
    rows = np.repeat(np.arange(n), np.diff(hamiltonian.indptr))
    more = np.random.default_rng(1).integers(0, n, size=(extra, 2))
    columns = np.concatenate((hamiltonian.indices, more[:, 1]))
    return Pattern(np.concatenate((rows, more[:, 0])).astype(np.int32), columns.astype(np.int32))


def dense_blocks(matrix, dofs, rows, columns):
    n = len(matrix) // dofs
    return matrix.reshape(n, dofs, n, dofs).transpose(0, 2, 1, 3)[rows, columns]


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize(("symmetry", "real"), CLASSES)
@pytest.mark.parametrize("on_axis", [True, False])
@pytest.mark.parametrize("pivoting", [False, True])
def test_entries_equal_dense_inverse(graph, symmetry, real, on_axis, pivoting):
    hamiltonian = random_matrix(graph, symmetry, real)
    pattern = pattern_of(hamiltonian, extra=5)
    shift, factor = (0.3, 1j) if on_axis else (0.4 + 0.2j, -1.0)
    algebra = choose_algebra(hamiltonian) if on_axis else complex_algebra(hamiltonian)
    plan = make_plan(hamiltonian, pattern, algebra)
    values = plan.load(hamiltonian.momenta[0].values, factor)
    result = invert_selected(plan, values, shift, pivoting=pivoting)

    dense = shift * np.eye(hamiltonian.dimension) + factor * hamiltonian.dense()
    inverse = np.linalg.inv(dense)
    scale, largest = np.abs(inverse).max(), 0.0
    for blocks, (rows, columns) in (
        (plan.read(result.entries), (pattern.rows, pattern.columns)),
        (plan.read_transposed(result.entries), (pattern.columns, pattern.rows)),
    ):
        expected = dense_blocks(inverse, hamiltonian.dofs, rows, columns)
        np.testing.assert_allclose(algebra.blocks(blocks), expected, rtol=0, atol=1e-13 * max(1.0, scale))
        largest = max(largest, np.abs(algebra.blocks(blocks) - expected).max())
    assert result.log_det == pytest.approx(np.linalg.slogdet(dense)[1], rel=1e-12, abs=1e-12)
    assert result.error < 100 * max(largest, 1e-13)


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("symmetry", ["singlet", "general"])
@pytest.mark.parametrize("which", ["random", "metis"])
def test_any_order_gives_the_same_entries(graph, symmetry, which):
    if which == "metis":
        pytest.importorskip("pymetis")

    def other(indptr, indices, positions, rows):
        shuffled = np.random.default_rng(2).permutation(len(positions)).astype(np.int32)
        permutation = shuffled if which == "random" else ordering.metis(indptr, indices)
        return ordering.fronts_of(indptr, indices, permutation, rows)

    hamiltonian = random_matrix(graph, symmetry, symmetry == "singlet")
    pattern = pattern_of(hamiltonian, extra=5)
    algebra = choose_algebra(hamiltonian)
    plan = make_plan(hamiltonian, pattern, algebra, ordering=other)
    result = invert_selected(plan, plan.load(hamiltonian.momenta[0].values), 0.3)
    dense = 0.3 * np.eye(hamiltonian.dimension) + 1j * hamiltonian.dense()
    inverse = np.linalg.inv(dense)
    expected = dense_blocks(inverse, hamiltonian.dofs, pattern.rows, pattern.columns)
    found = algebra.blocks(plan.read(result.entries))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * max(1.0, np.abs(inverse).max()))
    assert result.log_det == pytest.approx(np.linalg.slogdet(dense)[1], rel=1e-12, abs=1e-12)


def test_algebra_follows_symmetry():
    names = {(s, r): choose_algebra(random_matrix("torus", s, r)) for s, r in CLASSES}
    assert [names["singlet", r].name for r in (True, False)] == ["quaternion"] * 2
    assert [names["singlet", r].symmetric for r in (True, False)] == [True, False]
    assert [names["general", r].name for r in (True, False)] == ["majorana"] * 2
    assert [names["collinear", r].symmetric for r in (True, False)] == [True, False]


def test_mislabelled_singlet_is_not_trusted():
    wrong = random_matrix("torus", "collinear", True)
    object.__setattr__(wrong, "symmetry", "singlet")
    assert choose_algebra(wrong).name == "complex"


def test_single_precision_agrees_to_its_digits():
    hamiltonian = random_matrix("torus")
    plan = make_plan(hamiltonian, pattern_of(hamiltonian), choose_algebra(hamiltonian))
    values = plan.load(hamiltonian.momenta[0].values)
    double, single = invert_selected(plan, values, 0.3), invert_selected(plan, values.astype(np.float32), 0.3)
    assert single.entries.dtype == np.float32
    assert np.abs(double.entries - single.entries).max() < 1e-5
    assert 1e-8 < single.error < 1e-4


def test_what_decays_below_single_precision_costs_no_digits_and_changes_no_mode():
    """On a long chain of weak bonds G falls below 1e-38; denormal numbers are zero in the sweeps only."""
    hamiltonian = random_matrix("chain")
    hamiltonian.momenta[0].values[:] *= 0.1
    hamiltonian.momenta[0].values[hamiltonian.diagonal] = np.diag([3.0, -3.0])
    n = hamiltonian.n_sites
    ends = Pattern(np.array([0, 0], np.int32), np.array([0, n - 1], np.int32))
    plan = make_plan(hamiltonian, ends, choose_algebra(hamiltonian))
    values = plan.load(hamiltonian.momenta[0].values)
    double, single = (invert_selected(plan, v, 0.3) for v in (values, values.astype(np.float32)))
    far = [np.abs(plan.read(result.entries)[:, 1]).max() for result in (double, single)]
    assert 0 < far[0] < 1e-38
    assert far[1] == 0
    assert np.abs(double.entries - single.entries).max() < 1e-6
    assert np.float32(1e-40) * np.float32(0.5) > 0


def test_error_is_measured_not_assumed():
    """Where a leading block is nearly singular digits are lost; the residual must say so."""
    hamiltonian = random_matrix("torus")
    plan = make_plan(hamiltonian, pattern_of(hamiltonian), choose_algebra(hamiltonian))
    values = plan.load(hamiltonian.momenta[0].values)
    values[1:, plan.row == plan.column] = 0
    values[:, plan.row != plan.column] *= 1e3
    result = invert_selected(plan, values, 1e-9)
    exact = invert_selected(plan, values, 1e-9, pivoting=True)
    assert result.error > 1e-11
    assert np.isfinite(exact.error)

"""Eight shifts of a small matrix at a time: against dense inversion, and against one after the other."""

from dataclasses import replace

import numpy as np
import pytest
from random_matrices import GRAPHS, random_matrix

import bdg
from bdg.kernels.fronts.residual import diagonal_residual
from bdg.kernels.fronts.response import add_response
from bdg.kernels.registers.lanes import LANES
from bdg.model import Fields
from bdg.nambu import NambuAssembler
from bdg.solvers.selected_inversion import crowds, poles
from bdg.solvers.selected_inversion.algebra import choose_algebra
from bdg.solvers.selected_inversion.crowds import LARGEST, fewest, sum_crowd
from bdg.solvers.selected_inversion.factorisation import invert_selected
from bdg.solvers.selected_inversion.plan import make_plan
from bdg.solvers.selected_inversion.poles import Shift, sum_terms, terms_of
from benchmarks.samples import open_lattice, whole_pattern

SHIFTS, WEIGHTS = np.geomspace(0.2, 5.0, LANES), np.linspace(1.0, 2.0, LANES)


def planned(hamiltonian):
    plan = make_plan(hamiltonian, whole_pattern(hamiltonian), choose_algebra(hamiltonian))
    return plan, plan.load(hamiltonian.momenta[0].values)


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("count", [1, 5, LANES])
def test_sum_equals_that_of_dense_inverses(graph, count):
    hamiltonian = random_matrix(graph, "singlet", real=True)
    plan, values = planned(hamiltonian)
    entries, products, log_dets, errors, _ = sum_crowd(plan, values, SHIFTS[:count], WEIGHTS[:count])
    dense = 1j * hamiltonian.dense()
    inverses = [np.linalg.inv(dense + shift * np.eye(len(dense))) for shift in SHIFTS[:count]]
    total = np.tensordot(WEIGHTS[:count], inverses, 1)
    n, pattern = len(dense) // 2, plan.pattern
    expected = total.reshape(n, 2, n, 2).transpose(0, 2, 1, 3)[pattern.rows, pattern.columns]
    allowed = 1e-12 + float(np.dot(WEIGHTS[:count], errors))
    np.testing.assert_allclose(plan.algebra.blocks(plan.read(entries)), expected, rtol=0, atol=allowed)
    exact = [np.linalg.slogdet(dense + shift * np.eye(len(dense)))[1] for shift in SHIFTS[:count]]
    np.testing.assert_allclose(log_dets, exact, rtol=1e-12, atol=1e-12)
    assert max(errors) < 1e-8
    alone = np.zeros_like(products)
    for shift, weight in zip(SHIFTS[:count], WEIGHTS[:count], strict=True):
        add_response(weight, True, plan.partner, invert_selected(plan, values, shift).entries, alone)
    np.testing.assert_allclose(products, alone, rtol=0, atol=20 * allowed)


def test_batches_of_fronts_do_not_matter():
    plan, values = planned(open_lattice((23, 41)))
    alone = replace(plan, elimination=plan.elimination.alone)
    assert plan.elimination.tree.own_width.any()
    found, expected = (sum_crowd(p, values, SHIFTS, WEIGHTS)[0] for p in (plan, alone))
    np.testing.assert_array_equal(found, expected)


def test_workspaces_may_hold_anything():
    plan, values = planned(open_lattice((9, 11)))
    expected = sum_crowd(plan, values, SHIFTS, WEIGHTS)
    for buffer in crowds._workspaces(plan, values.dtype):
        buffer[:] = np.nan
    for found, before in zip(sum_crowd(plan, values, SHIFTS, WEIGHTS), expected, strict=True):
        np.testing.assert_array_equal(found, before)


def test_lanes_without_a_shift_do_not_matter():
    """Their matrices are inverted as well, at any shift; one that has no inverse there spoils nothing."""
    plan, values = planned(random_matrix("site", "singlet", real=True))
    entries, _, log_dets, errors, _ = sum_crowd(plan, 0 * values, [2.0], [3.0])
    assert entries[0] == pytest.approx(1.5)
    assert log_dets == pytest.approx([2 * np.log(2.0)])
    assert np.isfinite(errors).all()


def shifts_of(allowed):
    return [Shift(float(s), allowed, weight=float(w)) for s, w in zip(SHIFTS, WEIGHTS, strict=True)]


@pytest.mark.parametrize(("allowed", "calls"), [(1e-8, 0), (0.0, LANES)])
def test_what_is_not_exact_enough_is_done_one_by_one(allowed, calls, monkeypatch):
    plan, values = planned(open_lattice((8, 8)))
    accurate, made = poles.invert_accurately, []
    monkeypatch.setattr(poles, "invert_accurately", lambda *args: made.append(1) or accurate(*args))
    total = sum_terms(plan, values, terms_of(shifts_of(allowed), plan))
    assert len(made) == calls
    expected = sum(w * invert_selected(plan, values, s).entries for s, w in zip(SHIFTS, WEIGHTS, strict=True))
    np.testing.assert_allclose(total.entries, expected[plan.planes], rtol=0, atol=1e-12)
    assert 0 < total.error < 1e-11
    assert 0 < total.log_error < 1e-11


def test_singular_matrix_has_no_error_that_is_a_number():
    plan, values = planned(random_matrix("chain", "singlet", real=True))
    *_, errors, residuals = sum_crowd(plan, 0 * values, [0.0, 1.0], [1.0, 1.0])
    assert not np.isfinite(errors[0])
    assert not np.isfinite(residuals[0])
    assert np.isfinite(errors[1])


def test_terms_are_crowds_where_these_are_quicker():
    small, large = (planned(open_lattice(shape))[0] for shape in ((16, 16), (48, 48)))
    complex_one = planned(open_lattice((6, 6), "complex"))[0]
    assert fewest(small) <= 5
    assert small.elimination.products < LARGEST < large.elimination.products
    assert min(map(fewest, (large, complex_one))) > LANES
    many = shifts_of(1e-8) * 2
    assert list(map(len, terms_of(many[:11], small))) == [8, 3]
    assert list(map(len, terms_of(many[:3], large))) == [1, 1, 1]
    assert terms_of([], small) == [()]


@pytest.mark.parametrize("size", [8, 20])
def test_errors_hold_at_weak_coupling_and_low_temperature(size):
    """There pivots are small; the real part of the residual is right to rounding whatever the others are."""
    sample = bdg.build_sample("square", (size, size), "periodic")
    model = bdg.build_model(sample, chemical_potential=-0.5, attraction=1.0, temperature=0.003)
    delta, zero = np.full(sample.n_sites, 1e-4), np.zeros((2, sample.n_sites))
    hamiltonian = NambuAssembler(model).matrix(Fields(delta, zero, -0.5))
    plan, values = planned(hamiltonian)
    shift, n = 0.003 * np.pi, sample.n_sites
    inverse = np.linalg.inv(1j * hamiltonian.dense() + shift * np.eye(2 * n))
    exact = inverse.reshape(n, 2, n, 2).transpose(0, 2, 1, 3)[plan.pattern.rows, plan.pattern.columns]
    alone = replace(plan, elimination=plan.elimination.alone)
    together, _, _, (error,), _ = sum_crowd(plan, values, [shift], [1.0])
    for entries, stated in [(together, error)] + [
        (found.entries, found.error)
        for found in (
            invert_selected(plan, values, shift),
            invert_selected(alone, values, shift),
            invert_selected(plan, values, shift, pivoting=True),
        )
    ]:
        wrong = np.abs(plan.algebra.blocks(plan.read(entries)) - exact).max()
        assert wrong < 1e-8
        assert wrong < 3 * stated + 1e-12


@pytest.mark.parametrize("place", [0, 7, -1])
def test_a_residual_that_is_no_number_stays_none(place):
    """Whatever the rows after it have: an error of it would be taken for small."""
    plan, values = planned(open_lattice((4, 4)))
    entries = invert_selected(plan, values, 0.5).entries
    entries[2, plan.diagonal[place]] = np.nan
    defect = np.empty((4, plan.elimination.rows_total))
    found = diagonal_residual(4, True, plan.row, plan.column, plan.partner, values, 0.5, entries, defect)
    assert np.isnan(found[0])

"""The local Newton step where it is exact: samples in which every two sites share a bond."""

import numpy as np
import pytest
import scipy.sparse

from bdg.expectations import site_and_bond_pattern
from bdg.lattice import UnitCell, build_sample
from bdg.model import TABLE, Disorder, Fields, Free, Layout, OrbitalInteraction, build_model
from bdg.scf import FixedPoint, initial_fields, self_consistency
from bdg.scf.newton import response
from bdg.scf.newton.step import newton_step
from bdg.solvers import Correlations, Pattern
from bdg.solvers.selected_inversion import SelectedInversion

CASES = {
    "real": ({}, False),
    "complex": ({"vector_potential": [0.3]}, True),
    "Hartree": ({"fields": ("pairing", "hartree")}, False),
    "complex, Hartree": ({"vector_potential": [0.3], "fields": ("pairing", "hartree")}, True),
    "Hartree alone": ({"fields": ("hartree",)}, False),
    "filling": ({"filling": 0.8}, False),
    "all": ({"filling": 0.8, "vector_potential": [0.3], "fields": ("pairing", "hartree")}, True),
}


@pytest.mark.parametrize("size", [1, 2, 3])  # two sites in a ring have two bonds, in opposite orientation
@pytest.mark.parametrize("case", CASES)
def test_step_is_that_of_newton(size, case):
    terms, is_complex = CASES[case]
    sample = build_sample("chain", size, "periodic")
    if "filling" not in terms:
        terms = terms | {"chemical_potential": -0.4}
    model = build_model(
        sample, attraction=lambda x: 2.0 + 0.3 * x, disorder=Disorder(1.0), temperature=0.1, **terms
    )
    delta = 0.4 + 0.1 * np.arange(size) + (1j * np.sin(np.arange(size)) if is_complex else 0)
    start = Fields(delta, np.tile(-0.3 + 0.2 * np.arange(size), (2, 1)), -0.4)
    fixed_point = FixedPoint(model, SelectedInversion(threads=1), start, 1e-11)
    layout = fixed_point.layout

    def out(vector):
        return layout.pack(fixed_point(layout.unpack(vector, start))[0])

    vector, step = layout.pack(start), 1e-4
    unit = np.eye(len(vector))
    jacobian = np.stack(
        [(out(vector + step * e) - out(vector - step * e)) / (2 * step) for e in unit], axis=1
    )
    assert np.abs(jacobian - np.diag(np.diag(jacobian))).max() > 1e-3 or size == 1
    out(vector)
    newton = fixed_point.preconditioner()
    residual = np.linspace(1.0, 2.0, len(vector))
    np.testing.assert_allclose(newton(residual), np.linalg.solve(unit - jacobian, residual), rtol=1e-5)


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("filling", [None, 0.8])
def test_fields_on_bonds_are_taken_as_they_come(size, filling):
    """Those of the sites make Newton's step, with the Hartree potential of the bonds among them."""
    density = {"chemical_potential": -0.4} if filling is None else {"filling": filling}
    model = build_model(
        build_sample("chain", size, "periodic"),
        attraction=lambda x: 2.0 + 0.3 * x,
        bond_attraction=lambda x: 0.7 - 0.2 * x,
        fields=("pairing", "hartree", "fock"),
        disorder=Disorder(1.0),
        temperature=0.1,
        **density,
    )
    start = initial_fields(model)
    fixed_point = FixedPoint(model, SelectedInversion(threads=1), start, 1e-11)
    layout = fixed_point.layout

    def out(vector):
        return layout.pack(fixed_point(layout.unpack(vector, start))[0])

    vector, step, where = layout.pack(start), 1e-4, layout.slices()
    chosen = np.r_[where["delta"], where["hartree"], where["mu"]] if filling else np.r_[: 2 * size]
    unit = step * np.eye(len(vector))[chosen]
    jacobian = np.stack([(out(vector + e) - out(vector - e))[chosen] / (2 * step) for e in unit], axis=1)
    out(vector)
    residual = np.linspace(1.0, 2.0, len(vector))
    found, expected = fixed_point.preconditioner()(residual.copy()), residual.copy()
    expected[chosen] = np.linalg.solve(np.eye(len(chosen)) - jacobian, residual[chosen])
    assert np.abs(expected - residual).max() > 0.1
    assert len(expected) >= 2 * size + 2 * model.sample.n_bonds
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_singular_or_nearly_singular_step_is_not_taken():
    site = Pattern(np.zeros(1, np.int32), np.zeros(1, np.int32))
    f = Correlations(site, np.zeros((1, 2, 2)), 0.0, response=np.diag([0.5, 0.0, 0.0])[None])
    layout = Layout((Free(TABLE["delta"], (1,)),), is_complex=False, spin_resolved=False)

    def step(strength):
        blocks = {"delta": ([0, 1], scipy.sparse.csr_array([[strength]]))}
        return newton_step(f, blocks, layout, 1.0)(np.ones(1))

    assert step(2.0) == 1.0
    assert step(1.0) == pytest.approx(2.0)
    assert step(1.99) == 1.0  # not 200


@pytest.mark.parametrize("size", [[2, 1], [2, 3], [5, 4]])
@pytest.mark.parametrize("parts", [[0], [2], [0, 2], [0, 1, 2]])
@pytest.mark.parametrize("is_local", [True, False])
def test_matrices_between_sites_hold_every_entry_in_its_place(size, parts, is_local):
    sample, rng = build_sample("square", size, "periodic"), np.random.default_rng(1)
    n, pattern = sample.n_sites, site_and_bond_pattern(sample)
    sign, dense = np.diag([1.0, 1.0, -1.0]), rng.normal(size=(n, n, 3, 3))
    dense += sign @ dense.transpose(1, 0, 3, 2) @ sign  # ∂²Ω has one order only
    values = dense[pattern.rows, pattern.columns]
    is_known = np.zeros((n, n), bool)
    is_known[pattern.rows, pattern.columns] = is_known[pattern.columns, pattern.rows] = True
    dense[~is_known] = 0
    f = Correlations(pattern, np.zeros((len(pattern), 2, 2)), 0.0, response=values)
    gains = [
        scipy.sparse.csr_array(np.diag(rng.normal(size=n)) if is_local else rng.normal(size=(n, n)))
        for _ in parts
    ]
    found = response.ResponseMatrices(pattern, n, len(parts))
    rows = [[gain @ dense[:, :, a, b] for b in parts] for a, gain in zip(parts, gains, strict=True)]
    a, expected = parts[0], np.eye(n * len(parts)) - np.block(rows)
    np.testing.assert_allclose(found.one_minus(f, parts, gains).toarray(), expected, atol=1e-13)
    np.testing.assert_allclose(found.row_sums(f, a, 2), dense[:, :, a, 2].sum(axis=1), atol=1e-13)
    np.testing.assert_allclose(found.column_sums(f, 2, a), dense[:, :, 2, a].sum(axis=0), atol=1e-13)


def test_the_places_of_the_response_are_found_once_for_a_sample(monkeypatch):
    made, place = [], response.ResponseMatrices.__init__
    monkeypatch.setattr(response.ResponseMatrices, "__init__", lambda *given: made.append(1) or place(*given))
    response.response_matrices.cache_clear()
    for seed in (0, 1):
        model = build_model(
            build_sample("square", [5, 4], "periodic"), attraction=2.5, temperature=0.1,
            disorder=Disorder(1.0, seed),
        )  # fmt: skip
        found = self_consistency(model, SelectedInversion(threads=1))
        assert found.status == "converged"
        assert len(found.history) > 4
    assert len(made) == 1


@pytest.mark.parametrize("hund", [0.0, 0.4])
def test_pairs_that_hop_between_orbitals_make_newtons_step(hund):
    cell = UnitCell.build([[1.0]], [[0.0], [0.0]], hoppings=[(0, 1, [0], 0.3)], onsite=[0.2, -0.5])
    model = build_model(
        build_sample(cell, 1),
        attraction=[2.0, 1.5],
        orbital_interaction=OrbitalInteraction(0.4, hund, 0.3),
        fields=("pairing", "hartree"),
        bond_fields=("hartree",),
        chemical_potential=-0.4,
        temperature=0.1,
        magnetism="off",
    )
    start = Fields(np.array([0.4, -0.2]), np.tile([-0.3, -0.1], (2, 1)), -0.4)
    fixed_point = FixedPoint(model, SelectedInversion(threads=1), start, 1e-11)
    layout = fixed_point.layout

    def out(vector):
        return layout.pack(fixed_point(layout.unpack(vector, start))[0])

    vector = layout.pack(start)
    unit, step = np.eye(len(vector)), 1e-4
    jacobian = np.stack([(out(vector + step * e) - out(vector - step * e)) / (2 * step) for e in unit], 1)
    out(vector)
    residual = np.array([1.0, 2.0, -0.5, 0.3])
    expected = np.linalg.solve(unit - jacobian, residual)
    assert np.abs(expected - residual).max() > 0.1
    np.testing.assert_allclose(fixed_point.preconditioner()(residual.copy()), expected, rtol=1e-5)

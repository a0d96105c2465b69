"""Entries of −A⁻¹ D A⁻¹ and of δf(H) against dense products, for every algebra and any Hermitian change."""

from dataclasses import replace

import numpy as np
import pytest
from random_matrices import GRAPHS, random_matrix
from test_selected_entries import CLASSES, dense_blocks, pattern_of

from bdg.nambu import Momentum
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.solvers.selected_inversion.algebra import choose_algebra
from bdg.solvers.selected_inversion.dual import differentiate, parts_of
from bdg.solvers.selected_inversion.fallback import dense_dual
from bdg.solvers.selected_inversion.plan import make_plan

KINDS = ("singlet", "collinear", "general", "any")


def changed(hamiltonian, kind, real, seed=3):
    """A random Hermitian change on the pattern of a matrix: of a symmetry, or of none."""
    rng, sparsity, dofs = np.random.default_rng(seed), hamiltonian.sparsity, hamiltonian.dofs
    shape = (sparsity.n_blocks, dofs, dofs)
    values = rng.normal(size=shape) + (0 if real else 1j) * rng.normal(size=shape)
    if kind in ("singlet", "collinear"):
        h, pairs = values[:, 0, 0], values[:, 0, 1]
        values = np.stack([h, pairs, pairs.conj(), -h.conj()], axis=1).reshape(-1, 2, 2)
        if kind == "collinear":
            values = values + 0.3 * rng.normal(size=(len(values), 1, 1)) * np.eye(2)
    if kind == "general":
        swap = np.array([[0, 0, 0, -1], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]])
        values = (values - swap @ values.conj() @ swap) / 2
    opposite = sparsity.slots(sparsity.indices, sparsity.rows.astype(np.int32))
    values = (values + values[opposite].conj().swapaxes(1, 2)) / 2
    return replace(hamiltonian, momenta=(Momentum(1.0, np.zeros(0), values),))


def kinds_of(dofs):
    return [(kind, real) for kind in KINDS for real in (True, False) if (kind == "general") <= (dofs == 4)]


WAYS = [(graph, "sweeps") for graph in GRAPHS] + [("torus", "dense"), ("site", "dense")]


@pytest.mark.parametrize(("graph", "way"), WAYS)
@pytest.mark.parametrize(("symmetry", "real"), CLASSES)
def test_entries_are_those_of_the_dual_matrix(graph, way, symmetry, real):
    hamiltonian = random_matrix(graph, symmetry, real)
    pattern, algebra = pattern_of(hamiltonian, extra=5), choose_algebra(hamiltonian)
    plan = make_plan(hamiltonian.sparsity, pattern, algebra)
    kinds = [kind for kind in kinds_of(hamiltonian.dofs) if hamiltonian.dofs == 2 or kind[0] in KINDS[2:]]
    changes = [changed(hamiltonian, *kind, seed=n) for n, kind in enumerate(kinds)]
    parts = parts_of(algebra, [change.momenta[0].values for change in changes])
    given = np.stack([plan.load(values) for _, values in parts])
    signs = np.array([part.sign for part, _ in parts])
    values = plan.load(hamiltonian.momenta[0].values)
    found = (
        differentiate(plan, values, 0.3, given, signs, 1e-6)[0]
        if way == "sweeps"
        else dense_dual(plan, values, 0.3, given, signs)[0]
    )
    inverse = np.linalg.inv(0.3 * np.eye(hamiltonian.dimension) + 1j * hamiltonian.dense())
    for index, change in enumerate(changes):
        exact = -inverse @ (1j * change.dense()) @ inverse
        scale = np.abs(exact).max()
        for read, places in (
            (plan.read, (pattern.rows, pattern.columns)),
            (plan.read_transposed, (pattern.columns, pattern.rows)),
        ):
            total = sum(
                part.factor * algebra.blocks(read(one, part.sign))
                for (part, _), one in zip(parts, found, strict=True)
                if part.change == index
            )
            expected = dense_blocks(exact, hamiltonian.dofs, *places)
            np.testing.assert_allclose(total, expected, rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize(("graph", "temperature"), [("site", 0.1), ("torus", 0.1), ("chain", 0.0)])
@pytest.mark.parametrize(("symmetry", "real"), CLASSES)
def test_both_solvers_respond_alike_and_as_a_difference_of_f(graph, temperature, symmetry, real):
    hamiltonian = random_matrix(graph, symmetry, real)
    if symmetry == "collinear" and temperature == 0:
        pytest.skip("these levels lie on both sides of zero, as near as chance has it")
    pattern = pattern_of(hamiltonian, extra=5)
    kinds = [kind for kind in kinds_of(hamiltonian.dofs) if hamiltonian.dofs == 2 or kind[0] in KINDS[2:]]
    changes = [changed(hamiltonian, *kind, seed=n) for n, kind in enumerate(kinds)]
    dense, sparse = Diagonalization(), SelectedInversion(1)
    one, other = (
        solver.response(hamiltonian, changes, temperature, pattern, tolerance=1e-12)
        for solver in (dense, sparse)
    )
    for a, b, change in zip(one, other, changes, strict=True):
        assert np.abs(a.blocks - b.blocks).max() <= max(a.error + b.error, 1e-13)
        assert b.error < 1e-6 * max(1.0, np.abs(a.blocks).max())
        if temperature == 0:
            continue
        step = 1e-4 * temperature / change.norm_bound()
        ahead, behind = (
            dense.correlations(
                replace(
                    hamiltonian,
                    momenta=(
                        Momentum(
                            1.0,
                            np.zeros(0),
                            hamiltonian.momenta[0].values + sign * step * change.momenta[0].values,
                        ),
                    ),
                ),
                temperature,
                pattern,
            ).blocks
            for sign in (1, -1)
        )
        scale = np.abs(a.blocks).max()
        np.testing.assert_allclose(a.blocks, (ahead - behind) / (2 * step), rtol=0, atol=1e-7 * scale + 1e-9)


def test_nothing_responds_to_no_change_and_one_factor_serves_many():
    hamiltonian = random_matrix("torus")
    pattern = pattern_of(hamiltonian)
    change, other = changed(hamiltonian, "singlet", True), changed(hamiltonian, "any", False)
    none = replace(change, momenta=(Momentum(1.0, np.zeros(0), 0.0 * change.momenta[0].values),))
    solver = SelectedInversion(1)
    together = solver.response(hamiltonian, [none, change, other], 0.1, pattern)
    alone = solver.response(hamiltonian, [other], 0.1, pattern)[0]
    assert not together[0].blocks.any()
    assert np.isrealobj(together[1].blocks)
    np.testing.assert_allclose(together[2].blocks, alone.blocks, rtol=0, atol=1e-14)


def test_warming_is_the_response_to_minus_h_over_t():
    hamiltonian, temperature = random_matrix("kagome", "general", False), 0.2
    pattern = pattern_of(hamiltonian)
    cooler = replace(
        hamiltonian,
        momenta=(Momentum(1.0, np.zeros(0), -hamiltonian.momenta[0].values / temperature),),
    )
    step = 1e-4
    ahead, behind = (
        Diagonalization().correlations(hamiltonian, temperature + sign * step, pattern).blocks
        for sign in (1, -1)
    )
    for solver in (Diagonalization(), SelectedInversion(1)):
        found = solver.response(hamiltonian, [cooler], temperature, pattern)[0]
        np.testing.assert_allclose(found.blocks, (ahead - behind) / (2 * step), rtol=0, atol=1e-6)

"""An assembler changes nothing, and patterns are known by what they hold."""

import pickle

import numpy as np
import pytest

from bdg.expectations import bond_pattern, site_and_bond_pattern
from bdg.gauge import UniformField
from bdg.lattice import Boundary, build_sample
from bdg.model import Fields, build_model
from bdg.nambu import NambuAssembler, SparsityPattern, sparsity_of
from bdg.solvers.selected_inversion import SelectedInversion

MODELS = {
    "screened": lambda: build_model(
        build_sample("square", [4, 3], "open"),
        attraction=2.0,
        vector_potential=UniformField(0.2),
        screening={"mu0": 0.3, "geometry": "film"},
    ),
    "infinite": lambda: build_model(build_sample("square", [4, 2], ["open", Boundary("bloch", n_k=3)])),
    "spin-orbit": lambda: build_model(build_sample("square", [3, 3]), rashba=0.3, zeeman=[0.1, 0, 0]),
}


def values_of(matrix):
    return np.stack([momentum.values for momentum in matrix.momenta])


def random_fields(model, seed, is_complex):
    rng, n = np.random.default_rng(seed), model.sample.n_sites
    delta = rng.normal(size=n) + (1j * rng.normal(size=n) if is_complex else 0)
    return Fields(delta, rng.normal(size=(2, n)), -0.3)


def fields_with(model, seed):
    fields = random_fields(model, seed, True)
    if model.screening is None:
        return fields
    induced = np.random.default_rng(seed).normal(size=model.sample.n_bonds)
    return Fields(fields.delta, fields.hartree, fields.mu, vector_potential=induced)


@pytest.mark.parametrize("name", MODELS)
def test_a_matrix_does_not_depend_on_those_made_before(name):
    model = MODELS[name]()
    used = NambuAssembler(model)
    first, second = fields_with(model, 1), fields_with(model, 2)
    before, own_model = values_of(used.matrix(first)), used.model
    used.matrix(second)
    assert used.model is own_model
    for matrix in (used.matrix(first), NambuAssembler(model).matrix(first)):
        np.testing.assert_array_equal(values_of(matrix), before)
    assert not np.array_equal(values_of(used.matrix(second)), before)


def test_fields_without_a_vector_potential_are_those_of_the_model_whatever_came_before():
    model = MODELS["screened"]()
    plain, used = random_fields(model, 1, True), NambuAssembler(model)
    expected = values_of(used.matrix(plain))
    used.matrix(fields_with(model, 2))
    np.testing.assert_array_equal(values_of(used.matrix(plain)), expected)


def test_matrices_of_an_assembler_share_one_pattern():
    model = MODELS["spin-orbit"]()
    assembler = NambuAssembler(model)
    other = assembler.in_potential(np.full(model.sample.n_bonds, 0.1))
    patterns = {id(each.matrix(random_fields(model, seed, True)).sparsity) for seed, each in
                enumerate((assembler, assembler, other))}  # fmt: skip
    assert patterns == {id(assembler.sparsity)}


@pytest.mark.parametrize("make", [sparsity_of, bond_pattern, site_and_bond_pattern])
@pytest.mark.parametrize("ends", ["open", Boundary("bloch", n_k=4)])
def test_equal_patterns_built_twice_are_one_key(make, ends):
    one, other = (make(build_sample("honeycomb", [3, 4], ["open", ends])) for _ in range(2))
    assert one is not other
    assert one == other
    assert {one: "plan"}[other] == "plan"
    assert {one: "plan"}[pickle.loads(pickle.dumps(other))] == "plan"


def test_patterns_that_differ_in_anything_are_different_keys():
    sample = build_sample("square", [3, 4])
    one = sparsity_of(sample)
    others = [
        sparsity_of(build_sample("square", [4, 3])),
        sparsity_of(build_sample("square", [3, 4], "periodic")),
        SparsityPattern(one.indptr, one.indices, one.positions + 1e-12),
        SparsityPattern(one.indptr.astype(np.int32), one.indices, one.positions),
        SparsityPattern(one.indptr, one.indices, one.positions.reshape(-1, 1)),
    ]
    assert len({one, *others}) == 6
    assert bond_pattern(sample) != site_and_bond_pattern(sample)
    assert one != (one.indptr, one.indices, one.positions)


def test_a_plan_is_found_again_by_an_equal_sample_built_anew():
    solver, plans = SelectedInversion(threads=1), []
    for boundary in ("open", "open", "periodic"):
        model = build_model(build_sample("square", [5, 4], boundary), attraction=2.0, temperature=0.1)
        matrix = NambuAssembler(model).matrix(random_fields(model, 1, False))
        solver.correlations(matrix, 0.1, site_and_bond_pattern(model.sample))
        solver.grand_potential(matrix, 0.1)
        plans.append(set(map(id, solver._plans.values())))
    assert plans[0] == plans[1]
    assert [len(some) for some in plans] == [2, 2, 4]

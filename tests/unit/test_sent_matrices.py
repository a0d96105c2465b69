"""H as workers get it: what they build is what was sent, to the bit; of a change only that is sent."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, build_model
from bdg.nambu import NambuAssembler
from bdg.scf.starts.initial import initial_fields
from bdg.solvers.matrices import Matrices, compressed, restored

INFINITE = ["open", Boundary("bloch", n_k=6)]
D_WAVE = {"attraction": 0.0, "bond_attraction": 1.5, "channels": ("singlet",)}
CASES = {
    "s wave": {},
    "complex": {"boundary": [Boundary("periodic", twist=0.3), "open"]},
    "collinear": {"zeeman": 0.2},
    "four components": {"zeeman": [0.2, 0.1, 0.3]},
    "spin-orbit": {"rashba": 0.3},
    "d wave": D_WAVE,
    "infinite": {"boundary": INFINITE},
    "infinite d wave": {"boundary": INFINITE, **D_WAVE},
}


def assembled(terms):
    terms = dict(terms)
    sample = build_sample("square", [6, 5], terms.pop("boundary", "periodic"))
    given = {"attraction": 2.0, "temperature": 0.1, "chemical_potential": -0.4, "disorder": Disorder(1.0)}
    return build_model(sample, **given | terms)


def built(changed):
    """What a worker makes of what it is sent, each part pickled by itself."""
    changed_, base, graph = (
        pickle.loads(pickle.dumps(part)) for part in (changed, changed.base, changed.base.graph)
    )
    return changed_.build(base.build(graph.build()))


def assert_the_same(one, other):
    assert (one.dofs, one.symmetry, len(one.momenta)) == (other.dofs, other.symmetry, len(other.momenta))
    np.testing.assert_array_equal(one.indptr, other.indptr)
    np.testing.assert_array_equal(one.indices, other.indices)
    for mine, its in zip(one.momenta, other.momenta, strict=True):
        assert (mine.weight, mine.is_paired) == (its.weight, its.is_paired)
        assert mine.values.dtype == its.values.dtype
        np.testing.assert_array_equal(mine.values, its.values)


@pytest.mark.parametrize("name", CASES)
def test_workers_build_what_was_sent(name):
    model, matrices = assembled(CASES[name]), Matrices()
    assembler = NambuAssembler(model)
    for seed in (0, 1, 2):
        fields = initial_fields(model, "random", seed)
        matrix = assembler.matrix(replace(fields, mu=-0.1 * seed))
        assert_the_same(built(matrices.sent(matrix)), matrix)


@pytest.mark.parametrize("name", ["s wave", "four components", "infinite"])
def test_what_was_not_changed_is_not_sent(name):
    model, matrices = assembled(CASES[name]), Matrices()
    fields = initial_fields(model, "uniform")
    assembler = NambuAssembler(model)
    first = matrices.sent(assembler.matrix(fields))
    again = matrices.sent(assembler.matrix(fields))
    assert first.numbers.size == again.numbers.size == 0
    assert first.key == again.key
    delta = fields.delta * np.linspace(0.9, 1.1, model.sample.n_sites)
    changed = matrices.sent(assembler.matrix(replace(fields, delta=delta)))
    copies = 1 if model.dofs == 2 else 2  # of c_i↑ c_i↓ and of −c_i↓ c_i↑
    assert changed.numbers.size == copies * np.count_nonzero(delta != fields.delta)
    assert changed.base.key == first.base.key


def test_a_matrix_without_its_symmetry_is_sent_as_it_is():
    model, matrices = assembled({}), Matrices()
    matrix = NambuAssembler(model).matrix(initial_fields(model, "uniform"))
    values = matrix.momenta[0].values.copy()
    values[3, 1, 0] += 1e-15
    odd = replace(matrix, momenta=(replace(matrix.momenta[0], values=values),))
    assert_the_same(built(matrices.sent(odd)), odd)
    assert_the_same(built(matrices.sent(matrix)), matrix)


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.int64])
def test_integers_come_back(kind):
    some = np.random.default_rng(0).integers(-1000, 1000, (50, 3)).astype(kind)
    back = restored(compressed(some))
    assert back.dtype == some.dtype
    np.testing.assert_array_equal(back, some)
    smooth = np.arange(30_000, dtype=kind)
    assert len(compressed(smooth)[0]) < 1500

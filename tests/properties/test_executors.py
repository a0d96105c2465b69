"""Threads and processes of any number give the same bits: sums run in a fixed order."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from bdg.expectations import site_and_bond_pattern
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Fields, build_model
from bdg.nambu import NambuAssembler
from bdg.solvers.selected_inversion import SelectedInversion

SAMPLES = {
    "finite": build_sample("square", [14, 12]),
    "infinite": build_sample("square", [9, 1], ["open", Boundary("bloch", n_k=6)]),
}
Z = np.array([0.1 + 0.1j, 0.3 + 0.1j, -0.1 + 0.1j])


def everything(matrix, pattern, executor):
    solver = SelectedInversion(threads=1)
    found = solver.evaluate(matrix, 0.1, pattern, executor=executor)
    greens = solver.greens(matrix, Z, pattern, executor=executor)
    return found.correlations.blocks, found.grand_potential.value, greens.blocks


@pytest.mark.parametrize("name", SAMPLES)
def test_executors_give_the_same_bits(name):
    sample = SAMPLES[name]
    model = build_model(sample, attraction=2.0, temperature=0.1, disorder=Disorder(1.0))
    fields = Fields(np.full(sample.n_sites, 0.3), np.zeros((2, sample.n_sites)), -0.5)
    matrix, pattern = NambuAssembler(model).matrix(fields), site_and_bond_pattern(sample)
    alone = everything(matrix, pattern, None)
    context = multiprocessing.get_context("spawn")
    for executor in (ThreadPoolExecutor(3), ProcessPoolExecutor(1, mp_context=context)):
        with executor:
            for one, other in zip(alone, everything(matrix, pattern, executor), strict=True):
                np.testing.assert_array_equal(one, other)

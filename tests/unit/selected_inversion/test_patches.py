"""f(H) patch by patch against the sample in one piece; limits are set so that small samples are cut too."""

from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.expectations import site_and_bond_pattern
from bdg.nambu import NambuAssembler
from bdg.nambu.sparsity import sparsity_of
from bdg.scf.starts.start import start_fields
from bdg.solvers import Pattern
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.solvers.selected_inversion.local import decay, division, locality
from bdg.solvers.selected_inversion.local.cores import cut
from bdg.solvers.selected_inversion.local.decay import LADDER, Decay, further
from bdg.solvers.selected_inversion.local.patches import Surroundings

TEMPERATURE = 0.1
S_WAVE = {"chemical_potential": -0.5, "attraction": 2.5, "disorder": bdg.Disorder(width=2.0, seed=1)}


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """Cut what is a hundred times smaller than what pays."""
    monkeypatch.setattr(locality, "LEAST_SITES", 100)
    monkeypatch.setattr(locality, "WORTH", np.inf)
    monkeypatch.setattr(division, "SIZES", (60.0, 150.0))


def matrix_of(
    size=(36, 32), lattice="square", boundary="periodic", real=True, region=None, shape=0.4, **terms
):
    """H of a sample with a strong pair field that varies from site to site, and the usual pattern."""
    more = {} if region is None else {"region": region}
    sample = bdg.build_sample(lattice, list(size), boundary, **more)
    model = bdg.build_model(sample, temperature=TEMPERATURE, **{**S_WAVE, **terms})
    fields = start_fields(model, "uniform", (0, 0), None)
    shape = np.random.default_rng(0).uniform(1 - shape, 1 + shape, sample.n_sites)
    if not real:
        shape = shape * np.exp(0.3j * sample.positions[:, 0])
    matrix = NambuAssembler(model).matrix(replace(fields, delta=shape * np.abs(fields.delta)))
    if real and np.iscomplexobj(matrix.momenta[0].values) and not matrix.momenta[0].values.imag.any():
        values = np.ascontiguousarray(matrix.momenta[0].values.real)
        matrix = replace(matrix, momenta=(replace(matrix.momenta[0], values=values),))
    return matrix, site_and_bond_pattern(sample)


CASES = {
    "real": {},
    "clean": {"disorder": None, "shape": 0.0},  # where all patches are equal, and mirrors of themselves
    "open": {"boundary": "open"},
    "complex": {"real": False},
    "spin": {"size": (20, 18), "zeeman": [0.1, 0.0, 0.2], "rashba": 0.3},
    "honeycomb": {"lattice": "honeycomb", "size": (20, 20), "chemical_potential": -0.3},
    "disk": {"boundary": "open", "region": bdg.lattice.disk(16.0)},
    "cubic": {"lattice": "cubic", "size": (10, 9, 9)},
}


@pytest.mark.parametrize(
    ("case", "tolerance"), [("real", 1e-3), *((case, 1e-5 if case == "cubic" else 1e-6) for case in CASES)]
)
def test_patches_together_are_the_sample(case, tolerance):
    matrix, pattern = matrix_of(**CASES[case])
    solver = SelectedInversion(threads=1)
    found = solver.correlations(matrix, TEMPERATURE, pattern, tolerance=tolerance)
    assert solver._local._ground.territories, "the sample was not cut"
    whole = SelectedInversion(threads=1, locality=False)
    exact = whole.correlations(matrix, TEMPERATURE, pattern, tolerance=1e-10)
    error = np.abs(found.blocks - exact.blocks).max()
    assert error <= found.error
    assert error <= tolerance
    assert (found.response is None) == (exact.response is None)
    if exact.response is not None:
        assert np.abs(found.response - exact.response).max() < 30 * tolerance


@pytest.mark.parametrize("case", ["real", "complex", "spin"])
def test_the_grand_potential_core_by_core(case):
    matrix, _ = matrix_of(**CASES[case])
    found = SelectedInversion(threads=1).grand_potential(matrix, TEMPERATURE, tolerance=1e-7)
    exact = SelectedInversion(threads=1, locality=False).grand_potential(matrix, TEMPERATURE)
    assert abs(found.value - exact.value) <= found.error
    assert found.error <= 1e-5 * matrix.n_sites


@pytest.mark.parametrize(("n_k", "shift"), [(1, 0.0), (1, 0.5), (1, 0.25), (2, 0.5)])
def test_one_momentum_of_an_infinite_sample_has_its_phases(n_k, shift):
    ends = bdg.Boundary("bloch", n_k=n_k, shift=shift)
    matrix, pattern = matrix_of(size=(20, 20), boundary=[ends, "open"], real=False)
    assert len(matrix.momenta) == n_k
    found = SelectedInversion(threads=1).correlations(matrix, TEMPERATURE, pattern, tolerance=1e-6)
    exact = SelectedInversion(threads=1, locality=False).correlations(matrix, TEMPERATURE, pattern)
    assert np.abs(found.blocks - exact.blocks).max() <= min(found.error, 1e-6)


def test_results_do_not_depend_on_threads():
    matrix, pattern = matrix_of()
    one, two = (
        SelectedInversion(threads=threads).correlations(matrix, TEMPERATURE, pattern, tolerance=1e-5)
        for threads in (1, 2)
    )
    assert np.array_equal(one.blocks, two.blocks)
    assert one.error == two.error


def test_buffers_grow_where_they_leave_too_much(monkeypatch):
    matrix, pattern = matrix_of(boundary="open")
    monkeypatch.setattr(locality, "SPREAD", 1e-3)  # buffers that are too small by far
    solver = SelectedInversion(threads=1)
    found = solver.correlations(matrix, TEMPERATURE, pattern, tolerance=1e-6)
    exact = SelectedInversion(threads=1, locality=False).correlations(matrix, TEMPERATURE, pattern)
    assert np.abs(found.blocks - exact.blocks).max() <= min(found.error, 1e-6)


def test_poles_that_do_not_decay_stay_whole(monkeypatch):
    monkeypatch.setattr(decay, "MOST_SITES", 900)
    matrix, pattern = matrix_of(size=(40, 40), disorder=None)
    normal = matrix.momenta[0].values.copy()
    normal[:, 0, 1] = normal[:, 1, 0] = 0.0
    metal = replace(matrix, momenta=(replace(matrix.momenta[0], values=normal),))
    solver = SelectedInversion(threads=1)
    found = solver.correlations(metal, 0.01, pattern, tolerance=1e-6)
    reaches = next(iter(solver._local._ground.reaches.values()))
    assert reaches[0] is None
    assert reaches[-1] is not None
    exact = SelectedInversion(threads=1, locality=False).correlations(metal, 0.01, pattern)
    assert np.abs(found.blocks - exact.blocks).max() <= min(found.error, 1e-6)


def test_entries_beyond_neighbours_are_taken_from_the_whole():
    matrix, pattern = matrix_of(size=(16, 16))
    far = Pattern(
        np.append(pattern.rows, 0).astype(np.int32), np.append(pattern.columns, 40).astype(np.int32)
    )
    solver = SelectedInversion(threads=1)
    found = solver.correlations(matrix, TEMPERATURE, far, tolerance=1e-6)
    assert solver._local._ground is None
    exact = SelectedInversion(threads=1, locality=False).correlations(matrix, TEMPERATURE, far)
    assert np.abs(found.blocks - exact.blocks).max() <= found.error


def test_cores_are_all_of_the_sample():
    sparsity = sparsity_of(bdg.build_sample("triangular", [30, 20], "periodic"))
    cores = cut(sparsity, 50)
    counts = np.bincount(cores.owner)
    assert counts.min() > 0
    assert 25 <= counts.mean() <= 100
    assert np.array_equal(
        np.sort(np.concatenate([cores.sites(k) for k in range(cores.count)])), np.arange(600)
    )


def test_patches_of_one_shape_are_equal_wherever_they_lie():
    sparsity = sparsity_of(bdg.build_sample("square", [24, 24], "periodic"))
    surroundings, cores = Surroundings(sparsity), cut(sparsity, 36)
    shapes = {surroundings.patch(cores.sites(k), 3).sparsity for k in range(cores.count)}
    assert cores.count == 16
    assert len(shapes) == 1
    patch = next(iter(shapes))
    assert patch.n_sites == 12 * 12  # corners and all
    assert np.ptp(patch.positions, axis=0).tolist() == [11, 11]  # unrolled across the ends


def test_a_patch_is_a_piece_of_the_matrix():
    matrix, _ = matrix_of(size=(12, 11))
    patch = Surroundings(matrix.sparsity).patch(np.array([0, 1]), 2)
    values = matrix.momenta[0].values[patch.slots]
    piece = replace(
        matrix, sparsity=patch.sparsity, momenta=(replace(matrix.momenta[0], values=values),)
    ).dense()
    rows = (2 * patch.sites[:, None] + np.arange(2)).ravel()
    assert np.array_equal(piece, matrix.dense()[np.ix_(rows, rows)])


def test_reaches_do_not_trust_a_rung_that_is_small_by_chance():
    errors = np.full((2, len(LADDER)), np.inf)
    errors[0, :5] = 1e-2, 1e-9, 1e-4, 1e-5, 1e-7
    errors[1, :3] = 1e-4, 1e-6, 1e-8
    assert Decay(errors).reaches(np.array([1e-6, 1e-5])) == [LADDER[4], LADDER[1]]
    assert Decay(errors).reaches(np.array([1e-10, 1e-5])) == [None, LADDER[1]]
    assert Decay(errors).reaches(np.array([1e-1, 1e-12])) == [None, None]


def test_further_buffers_follow_the_decay():
    assert further(10, 0.5, np.e**2) == 14
    assert further(10, 0.5, 1.0) == 12
    assert further(LADDER[-1], 0.5, 2.0) is None


def test_measuring_the_decay_can_be_interrupted(monkeypatch):
    matrix, pattern = matrix_of(size=(16, 16))
    solver = SelectedInversion(threads=1)
    solver.monitor = bdg.solvers.monitor.Monitor(lambda: 2)
    with pytest.raises(bdg.errors.RunInterruptedError):
        solver.correlations(matrix, TEMPERATURE, pattern, tolerance=1e-5)

"""The solver that ``auto`` takes, at T = 0 above all, and the threads that solvers take."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import bdg
from bdg import control_groups, resources
from bdg.errors import InputError
from bdg.expectations import site_and_bond_pattern as WHOLE
from bdg.nambu import NambuAssembler
from bdg.scf.starts.start import start_fields
from bdg.solvers import choose
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion, gapless

ROOT = Path(__file__).parents[2]
WANTED = ["order_parameter", "density", "grand_potential", "spectral_gap"]
SQUARE = bdg.build_sample("square", [12, 10], "open")
"""More rows than ``auto`` diagonalizes unasked."""

GAPPED = {
    "s wave with disorder": {"attraction": 2.5, "disorder": bdg.Disorder(2.0, seed=3)},
    "a field": {"attraction": 2.5, "vector_potential": bdg.UniformField(0.03), "chemical_potential": -0.3},
    "nodal d wave": {
        "bond_attraction": 1.5,
        "channels": ["d_x2_y2"],
        "fields": ["pairing"],
        "chemical_potential": -0.37,
    },
    "Rashba and Zeeman": {"attraction": 3.0, "rashba": 0.4, "zeeman": [0.2, 0, 0.1]},
}
TORUS = bdg.build_sample("square", [12, 12], "periodic")
GAPLESS = {
    "a metal on a torus": (TORUS, {}),
    "nodes of a d wave on momenta of a torus": (TORUS, {"given_bonds": {"d_x2_y2": 0.3}, "fields": ()}),
    "the flat band of the Lieb lattice": (bdg.build_sample("lieb", [6, 6], "open"), {}),
    "an infinite metal": (bdg.build_sample("square", [119, 1], ["open", bdg.Boundary("bloch", n_k=4)]), {}),
}


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param(terms, id=name, marks=[pytest.mark.slow] if "Rashba" in name else [])
        for name, terms in GAPPED.items()
    ],
)
def test_at_zero_temperature_auto_inverts_what_has_a_gap_with_the_digits_of_lapack(terms, monkeypatch):
    model = bdg.build_model(SQUARE, **terms)
    assert model.temperature == 0
    with monkeypatch.context() as patched:
        patched.setattr(gapless.Diagonalization, "correlations", None)  # nobody asks for eigenvectors
        found = bdg.solve(model, observables=WANTED)
    exact = bdg.solve(model, observables=WANTED, solver=Diagonalization(threads=1))
    assert found.provenance.solver == "selected_inversion"
    assert np.abs(exact.fields.moduli).max() > 0.05
    for name in WANTED:
        np.testing.assert_allclose(found[name].values, exact[name].values, atol=1e-7)


@pytest.mark.parametrize(("sample", "terms"), GAPLESS.values(), ids=GAPLESS)
def test_where_levels_at_zero_leave_no_gap_auto_is_as_exact_as_lapack_and_inversion_refuses(sample, terms):
    model = bdg.build_model(sample, **terms)
    matrix, pattern = (
        NambuAssembler(model).matrix(start_fields(model, "uniform", (0, 0), None)),
        WHOLE(sample),
    )
    found = choose("auto", rows=matrix.dimension, temperature=0.0).correlations(matrix, 0.0, pattern)
    exact = Diagonalization(threads=1).correlations(matrix, 0.0, pattern)
    np.testing.assert_allclose(found.blocks, exact.blocks, atol=1e-10)
    density = np.array([2.0 * block[0, 0].real for block in found.blocks[: sample.n_sites]])
    assert density.mean() == pytest.approx(1.0, abs=1e-10)  # half filling by particle-hole symmetry
    with pytest.raises(InputError, match="use a small temperature, or method diagonalization"):
        SelectedInversion(1).correlations(matrix, 0.0, pattern)


def test_without_a_gap_and_too_large_to_diagonalize_a_temperature_is_asked_for():
    with pytest.raises(InputError, match="use a small temperature"):
        bdg.solve(bdg.build_model(TORUS), solver=gapless.InversionOrDense(1, dense_rows=287))
    assert bdg.solve(bdg.build_model(TORUS), solver=gapless.InversionOrDense(1, dense_rows=288)).residual == 0


@pytest.mark.parametrize("length", [40, 60, 80, 110])
def test_errors_of_density_matrices_cover_the_mixing_of_majorana_modes_at_zero_temperature(length):
    """Their level is exponentially near zero, where rounding mixes it with its partner at −E."""
    sample = bdg.build_sample("chain", [length], "open")
    model = bdg.build_model(
        sample, given_delta=0.3, fields=(), chemical_potential=-2, rashba=0.5, zeeman=[0.5, 0, 0]
    )
    matrix, pattern = (
        NambuAssembler(model).matrix(start_fields(model, "uniform", (0, 0), None)),
        WHOLE(sample),
    )
    shaken = replace(matrix, momenta=tuple(_shaken(momentum) for momentum in matrix.momenta))
    one, two = (Diagonalization(threads=1).correlations(each, 0.0, pattern) for each in (matrix, shaken))
    inverted = choose("auto", rows=matrix.dimension, temperature=0.0).correlations(matrix, 0.0, pattern)
    assert np.abs(one.blocks - two.blocks).max() <= one.error
    assert np.abs(one.blocks - inverted.blocks).max() <= one.error + inverted.error


def _shaken(momentum):
    """The same f(H) at T = 0 with another rounding: H in other units."""
    return replace(momentum, values=momentum.values * (1 / 3))


class TestThreads:
    """Where none are asked for."""

    @pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"])
    def test_the_environment_is_obeyed(self, name, monkeypatch):
        monkeypatch.setattr(resources, "usable_cores", lambda: 8)
        for other in resources.THREAD_VARIABLES:
            monkeypatch.delenv(other, raising=False)
        assert resources.default_threads() == 8
        for text, count in (("3", 3), ("2,4", 2), ("16", 8), ("", 8), ("0", 8), ("many", 8)):
            monkeypatch.setenv(name, text)
            assert resources.default_threads() == count
            assert SelectedInversion().threads == count
        assert SelectedInversion(5).threads == 5  # what is asked for is asked for

    @pytest.mark.parametrize(
        ("quota", "cores"), [("150000 100000", 2), ("50000 100000", 1), ("max 100000", 8)]
    )
    def test_a_container_is_kept_to_its_quota(self, quota, cores, tmp_path, monkeypatch):
        (tmp_path / "cpu.max").write_text(f"{quota}\n")
        monkeypatch.setattr(control_groups, "ROOT", tmp_path)
        monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(8)), raising=False)
        assert resources.usable_cores() == cores

    def test_the_affinity_is_obeyed(self, tmp_path, monkeypatch):
        monkeypatch.setattr(control_groups, "ROOT", tmp_path)
        monkeypatch.setattr("os.sched_getaffinity", lambda process: {1, 5, 7}, raising=False)
        assert resources.usable_cores() == 3

    def test_a_cap_on_blas_is_left_where_it_is_or_lowered(self, monkeypatch):
        monkeypatch.setattr(resources, "default_threads", lambda: 2)
        with threadpool_limits(1), resources.blas_threads(None):
            assert set(_blas_threads()) == {1}
        with threadpool_limits(3), resources.blas_threads(None):
            assert set(_blas_threads()) == {2}
        with threadpool_limits(1), resources.blas_threads(2):
            assert set(_blas_threads()) == {2}

    @pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"])
    def test_lapack_has_the_threads_that_the_environment_of_a_process_gives_it(self, name):
        program = """
import numpy as np, scipy.linalg
from bdg import control_groups, resources
with resources.blas_threads(None):
    print({library.num_threads for library in resources._controller().lib_controllers})
"""
        environment = {k: v for k, v in os.environ.items() if k not in resources.THREAD_VARIABLES}
        ran = subprocess.run(
            [sys.executable, "-c", program],
            env={**environment, "PYTHONPATH": str(ROOT), name: "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout == "{1}\n"

    def test_solve_takes_a_number(self, monkeypatch):
        taken = []

        class Watched(SelectedInversion):
            def __init__(self, threads=None, executor=None, **options):
                taken.append(threads)
                super().__init__(threads, executor, **options)

        monkeypatch.setattr("bdg.solvers.selected_inversion.SelectedInversion", Watched)
        model = bdg.build_model(SQUARE, attraction=2.5, temperature=0.1)
        bdg.solve(model, solver="selected_inversion", threads=3, observables=[])
        assert taken == [3]
        with pytest.raises(InputError, match="threads 0 is impossible"):
            bdg.solve(model, threads=0)
        with pytest.raises(InputError, match="give threads to the solver"):
            bdg.solve(model, solver=Diagonalization(1), threads=2)


def _blas_threads():
    return (library.num_threads for library in resources._controller().lib_controllers)


@pytest.mark.parametrize(
    ("size", "boundary", "slow"),
    [
        ([1, 1], bdg.Boundary("bloch", n_k=4), True),
        ([2, 2], "open", True),
        ([5, 5], "periodic", False),
        ([30], "open", False),
    ],
)
def test_a_run_says_where_selected_inversion_is_the_slower_solver(size, boundary, slow):
    sample = bdg.build_sample("chain" if len(size) == 1 else "square", size, boundary)
    model = bdg.build_model(sample, attraction=2.0, temperature=0.2)
    for solver, expected in (("selected_inversion", slow), ("diagonalization", False), ("auto", False)):
        told: list[str] = []
        bdg.solve(model, solver=solver, observables=[], hooks=bdg.Hooks(stage=told.append))
        assert ("diagonalization is faster" in told[0]) == expected

"""Real schedulers and real processes: the same numbers from loky, Dask and MPI as from a plain loop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import bdg
from tests.support.clusters import bdg_over_mpi, needs_dask, needs_mpi
from tests.torture import schedulers, sweeps

ROOT = Path(__file__).parents[2]
CONFIG = """
lattice: {kind: square, size: [6, 5], boundary: periodic}
hamiltonian: {chemical_potential: -0.4, disorder: {width: 1.0, seed: 0}}
interaction: {onsite: 2.5}
temperature: 0.05
observables: {order_parameter: {}, spectral_gap: {}}
sweep: {hamiltonian.disorder.seed: {count: 4}}
output: seeds.h5
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("studies")
    (path / "seeds.yaml").write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def reference(folder):
    return values(bdg.sweep(folder / "seeds.yaml", folder=folder / "serial", executor="serial"))


def values(study):
    assert study.counts() == {"converged": 4}
    together = bdg.collect(study)
    return np.hstack([together["order_parameter"].values, together["spectral_gap"].values[:, None]])


def test_processes_of_this_machine(folder, reference):
    study = bdg.sweep(folder / "seeds.yaml", folder=folder / "local", workers=2)
    np.testing.assert_allclose(values(study), reference, rtol=0, atol=1e-12)


@needs_dask
def test_a_dask_cluster(folder, reference):
    study = bdg.sweep(folder / "seeds.yaml", folder=folder / "dask", executor="dask", workers=2)
    np.testing.assert_allclose(values(study), reference, rtol=0, atol=1e-12)


@needs_dask
def test_a_dask_scheduler_by_its_address_and_an_executor_of_ones_own(folder, reference):
    import distributed

    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster:
        address = cluster.scheduler_address
        options = {"executor": "dask", "workers": 1, "scheduler": address}
        study = bdg.sweep(folder / "seeds.yaml", folder=folder / "address", **options)
        np.testing.assert_allclose(values(study), reference, rtol=0, atol=1e-12)
        with distributed.Client(address) as client:
            executor = client.get_executor(pure=False)
            study = bdg.sweep(folder / "seeds.yaml", folder=folder / "own", executor=executor, workers=1)
            np.testing.assert_allclose(values(study), reference, rtol=0, atol=1e-12)


@needs_mpi
def test_processes_of_mpiexec(folder, reference):
    bdg_over_mpi("sweep", "seeds.yaml", "--folder", "mpi", cwd=folder)
    np.testing.assert_allclose(values(bdg.open_study(folder / "mpi")), reference, rtol=0, atol=1e-12)


@pytest.mark.slow
@needs_dask
@pytest.mark.parametrize(
    "pause", [pytest.param(0.0, id="at once"), pytest.param(None, id="with the next call")]
)
def test_a_scheduler_that_is_killed_and_started_anew(tmp_path, monkeypatch, pause):
    """A row of ``scripts/torture``, one trial of each kind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seeds.yaml").write_text(sweeps.CONFIG)
    with schedulers.started() as cluster:
        before, ended = schedulers.killed_and_restarted(cluster, 4, pause)
        assert ended.code == (5 if pause is None else 0), ended.stderr
        assert ended.is_clean
        if pause is None:
            assert "the same command goes on" in ended.stderr
            cluster.start()
            assert schedulers.swept(cluster).end(180).code == 0
    numbers = [entry["point"] for entry in sweeps.entries()]
    assert sorted(numbers) == list(range(sweeps.POINTS))
    assert before

"""One system shared by real processes: the same bits as from this one, also where a worker dies meanwhile."""

from __future__ import annotations

import os
import re
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

import bdg
from bdg.errors import WorkerLostError
from bdg.executors import executor_named
from bdg.simulation.afterwards import measure_file
from tests.support.clusters import bdg_over_mpi, needs_dask, needs_mpi

CONFIG = """
lattice: {kind: square, size: [14, 12], boundary: periodic}
hamiltonian: {chemical_potential: -0.4, disorder: {width: 1.0, seed: 0}}
interaction: {onsite: 2.5, fields: [pairing, hartree]}
temperature: 0.05
solver: {method: selected_inversion}
observables: {ldos: {energies: {start: -1, stop: 1, num: 5}, broadening: 0.1}}
output: shared.h5
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("shared.yaml").write_text(CONFIG)
    return tmp_path


def numbers(result):
    assert result.status == "converged"
    return result.fields.delta, result.fields.hartree, result["ldos"].values


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    path = tmp_path_factory.mktemp("alone") / "shared.yaml"
    path.write_text(CONFIG)
    return numbers(bdg.run_file(path, [f"output={path.with_suffix('.h5')}", "solver.threads=1"]))


def assert_the_same(result, reference):
    for one, other in zip(numbers(result), reference, strict=True):
        np.testing.assert_array_equal(one, other)


def after(number, act):
    """Hooks that act once, after an iteration."""

    def after_iteration(iteration):
        if iteration.iteration == number:
            act()

    return bdg.Hooks(after_iteration=after_iteration)


def test_processes_of_this_machine_of_which_one_dies(reference):
    with executor_named("local", 2) as executor:
        hooks = after(2, lambda: executor.submit(os._exit, 1))
        assert_the_same(bdg.run_file("shared.yaml", hooks=hooks, executor=executor), reference)
        settings = ["ldos.sites=all", "ldos.energies=[0.1, 0.3]", "ldos.broadening=0.1"]
        with_workers = {"overwrite": True, "executor": executor}
        there = measure_file("shared.h5", ["ldos"], settings, **with_workers)["ldos"]["ldos"]
        here = bdg.measure(bdg.load("shared.h5"), "ldos", energies=[0.1, 0.3], broadening=0.1)["ldos"]
        np.testing.assert_array_equal(there.values, here.values)


@pytest.mark.slow
@needs_dask
def test_dask_workers_of_which_one_dies(reference):
    import distributed

    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:

        def kill_one():
            os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)

        executor = client.get_executor(pure=False)
        result = bdg.run_file("shared.yaml", hooks=after(2, kill_one), executor=executor)
        assert_the_same(result, reference)
        again = {"executor": "dask", "scheduler": cluster.scheduler_address, "overwrite": True}
        assert_the_same(bdg.run_file("shared.yaml", **again), reference)


@pytest.mark.slow
@needs_mpi
def test_processes_of_mpiexec_share_a_system(folder, reference):
    bdg_over_mpi("run", "shared.yaml", "--quiet", cwd=folder)
    assert_the_same(bdg.load("shared.h5"), reference)


def test_an_executor_that_breaks_leaves_a_checkpoint_and_one_line(reference):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        hooks = after(3, lambda: executor.submit(os._exit, 1))
        with pytest.raises(WorkerLostError) as caught:
            bdg.run_file("shared.yaml", hooks=hooks, executor=executor)
    assert re.fullmatch(
        r"the workers were lost, .*; continue with: bdg resume shared\.h5\.checkpoint", str(caught.value)
    )
    assert_the_same(bdg.resume_file("shared.h5"), reference)

"""A sweep that is stopped, killed or loses a worker loses nothing, and ends with the same numbers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import bdg
from bdg.studies.work import task

ROOT = Path(__file__).parents[2]
CONFIG = """
lattice: {kind: square, size: [8, 8], boundary: periodic}
hamiltonian: {chemical_potential: -0.4, disorder: {width: 1.0, seed: 0}}
interaction: {onsite: 2.5}
temperature: 0.05
solver: {method: diagonalization}
scf: {tolerance: 1e-9}
observables: {order_parameter: {}}
sweep: {hamiltonian.disorder.seed: {count: 16}}
output: seeds.h5
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seeds.yaml").write_text(CONFIG)
    return tmp_path


def start(folder, executor="local"):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    words = ["sweep", "seeds.yaml", "--executor", executor, "--workers", "2"]
    return subprocess.Popen(
        [sys.executable, "-m", "bdg", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def entries(folder):
    path = folder / "seeds/index.jsonl"
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]] if path.exists() else []


def wait_for(folder, process, count):
    began = time.monotonic()
    while len(entries(folder)) < count and process.poll() is None and time.monotonic() - began < 120:
        time.sleep(0.02)
    assert process.poll() is None, process.communicate()


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole")
    (path / "seeds.yaml").write_text(CONFIG)
    study = bdg.sweep(path / "seeds.yaml", folder=path / "seeds", executor="serial")
    return bdg.collect(study)["order_parameter"].values


def finished(folder, reference):
    process = start(folder)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "16 converged" in out
    values = bdg.collect(bdg.open_study(folder / "seeds"))["order_parameter"].values
    np.testing.assert_allclose(values, reference, rtol=0, atol=1e-12)


@pytest.mark.slow  # a kill -9 of all does the same, and more, in the default run
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_all_workers_and_the_same_command_runs_the_rest(folder, reference, number):
    process = start(folder)
    wait_for(folder, process, 3)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    assert "continue with the same command" in err
    done = {entry["point"] for entry in entries(folder) if entry["status"] == "converged"}
    assert 3 <= len(done) < 16
    before = len(entries(folder))
    finished(folder, reference)
    again = {entry["point"] for entry in entries(folder)[before:]}
    assert again == set(range(16)) - done


def test_kill_9_loses_only_what_was_in_flight(folder, reference):
    process = start(folder)
    wait_for(folder, process, 4)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    before = entries(folder)
    assert all(entry["status"] == "converged" for entry in before)
    finished(folder, reference)
    again = [entry["point"] for entry in entries(folder)[len(before) :]]
    assert sorted(again) == sorted(set(range(16)) - {entry["point"] for entry in before})


@pytest.mark.slow
def test_a_study_that_grows_goes_on_after_kill_9_to_the_same_members(folder):
    """As many seeds as the spread of those before says, whatever was killed in between."""
    until = "{quantity: largest_delta, error: 0.002, at_most: 20}"
    growing = f"sweep: {{hamiltonian.disorder.seed: {{count: 4}}, until: {until}}}"
    (folder / "seeds.yaml").write_text(
        CONFIG.replace("sweep: {hamiltonian.disorder.seed: {count: 16}}", growing)
    )
    whole = bdg.sweep("seeds.yaml", folder="whole", executor="serial")
    assert len(whole.points) > 8
    for count in (2, 5, 9):
        process = start(folder)
        wait_for(folder, process, count)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    process = start(folder)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    points = [entry["point"] for entry in entries(folder)]
    assert sorted(points) == list(range(len(whole.points)))
    again = bdg.collect(bdg.open_study("seeds"))
    before = bdg.collect(whole)
    assert again.coords["seed"].values.tolist() == before.coords["seed"].values.tolist()
    values = again["order_parameter"].values
    np.testing.assert_allclose(values, before["order_parameter"].values, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_a_worker_that_dies_costs_only_what_it_had_in_hand(folder, reference):
    process = start(folder)
    wait_for(folder, process, 2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        pytest.skip("the system does not list children")
    workers = [
        pid
        for pid in children.read_text().split()
        if "loky" in Path(f"/proc/{pid}/cmdline").read_text()
        and "tracker" not in Path(f"/proc/{pid}/cmdline").read_text()
    ]
    os.kill(int(workers[0]), signal.SIGKILL)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "16 converged" in out
    values = bdg.collect(bdg.open_study(folder / "seeds"))["order_parameter"].values
    np.testing.assert_allclose(values, reference, rtol=0, atol=1e-12)


def deadly(seed):
    if seed == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    sample = bdg.build_sample("chain", 4)
    return bdg.build_model(sample, attraction=2.0, disorder=bdg.Disorder(0.1, seed), temperature=0.1)


@pytest.mark.slow
def test_a_point_that_kills_its_worker_each_time_is_given_up(tmp_path):
    study = bdg.sweep(deadly, {"seed": [0, 1, 2, 3]}, folder=tmp_path / "deadly", executor="local", workers=1)
    assert study.entry(study.points[1]).status == "failed"
    assert "its worker died 3 times" in study.entry(study.points[1]).error
    assert study.counts()["converged"] >= 1


def test_a_stopped_point_goes_on_from_its_checkpoint(folder, reference):
    study = bdg.sweep("seeds.yaml", executor="serial", stop=lambda: True)
    assert study.counts() == {"waiting": 16}
    first = study.points[0]
    work = study.recipe.work(first, 1)
    asked = []

    def stop():
        asked.append(None)
        return len(asked) > 3

    output = study.file(first)
    output.parent.mkdir(parents=True, exist_ok=True)
    stopped = work.run(output, "", bdg.Hooks(stop=stop))
    assert stopped.status == "stopped"
    assert Path(f"{output}.checkpoint").exists()
    made = []
    result = work.run(output, "", bdg.Hooks(after_iteration=made.append))
    assert result.status == "converged"
    assert len(made) == len(result.history) - len(stopped.history)
    np.testing.assert_array_equal(result["order_parameter"].values, reference[0])


def test_a_checkpoint_of_another_configuration_is_not_gone_on_from(folder):
    study = bdg.sweep("seeds.yaml", executor="serial", stop=lambda: True)
    output = study.file(study.points[0])
    output.parent.mkdir(parents=True, exist_ok=True)
    study.recipe.work(study.points[1], 1).run(output, "", bdg.Hooks(stop=lambda: True))
    assert Path(f"{output}.checkpoint").exists()
    result = study.recipe.work(study.points[0], 1).run(output, "", bdg.Hooks())
    assert result.provenance.seed == 0


def test_a_point_in_the_hands_of_another_process_is_waited_for(folder, monkeypatch):
    from bdg.errors import FileBusyError

    monkeypatch.setattr(task, "PATIENCE", 0.01)
    tries = []

    def run():
        tries.append(None)
        if len(tries) < 3:
            raise FileBusyError("another run is at work on it")
        return "done"

    assert task._patiently(run, bdg.Hooks()) == "done"
    tries.clear()
    with pytest.raises(FileBusyError):
        task._patiently(run, bdg.Hooks(stop=lambda: True))

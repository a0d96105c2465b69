"""The log of a run as JSON lines: complete, readable while it grows, and never the end of a run."""

import json
import os

import pytest

from bdg.errors import InputError
from bdg.simulation.journal import Journal
from tests.support.commands import bdg_command

CONFIG = """\
lattice: {kind: square, size: [6, 6], boundary: [periodic, periodic]}
hamiltonian: {chemical_potential: -0.3}
interaction: {onsite: 2.5}
temperature: 0.1
observables: {spectral_gap: {}}
output: toy.h5
"""


@pytest.fixture
def place(tmp_path):
    (tmp_path / "toy.yaml").write_text(CONFIG)
    return tmp_path


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_leaves_every_iteration_and_its_end(place):
    done = bdg_command("run", "toy.yaml", "--quiet", "--log", "run.log", cwd=place)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    log = lines(place / "run.log")
    assert log[0]["event"] == "start"
    assert log[0]["subject"] == "toy.yaml"
    iterations = [line for line in log if line["event"] == "iteration"]
    assert [line["iteration"] for line in iterations] == list(range(1, len(iterations) + 1))
    assert log[-1]["event"] == "end"
    assert log[-1]["status"] == "converged"
    assert log[-1]["iterations"] == len(iterations)
    assert log[-1]["residual"] == iterations[-1]["residual"] < 1e-6
    assert log[-1]["output"] == "toy.h5"
    assert [line["elapsed"] for line in log] == sorted(line["elapsed"] for line in log)
    assert "computing spectral gap" in [line.get("message") for line in log]


def test_a_run_that_does_not_converge_is_resumed_in_the_same_log(place):
    arguments = ("toy.yaml", "--set", "scf.max_iterations=3")
    assert bdg_command("run", *arguments, "--log", "run.log", cwd=place).returncode == 3
    log = lines(place / "run.log")
    assert [line["event"] for line in log[-2:]] == ["end", "error"]
    assert log[-2]["status"] == "not_converged"
    assert log[-1]["exit_code"] == 3
    more = ("toy.h5", "--set", "scf.max_iterations=100", "--log", "run.log")
    assert bdg_command("resume", *more, cwd=place).returncode == 0
    again = lines(place / "run.log")
    assert again[: len(log)] == log
    assert again[-1]["status"] == "converged"


@pytest.mark.parametrize("path", ["nowhere/run.log", "."])
def test_a_log_that_cannot_be_written_is_refused_before_any_work(place, path):
    done = bdg_command("run", "toy.yaml", "--log", path, cwd=place)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"--log {path}: " in done.stderr
    assert not (place / "toy.h5").exists()


def test_a_pipe_without_a_reader_is_not_waited_for(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="--log"):
        Journal(tmp_path / "pipe", tmp_path)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_costs_the_log_alone(place):
    done = bdg_command("run", "toy.yaml", "--quiet", "--log", "/dev/full", cwd=place)
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert "the log ends here" in done.stderr
    assert (place / "toy.h5").exists()


def test_numbers_that_json_does_not_have_are_null(tmp_path):
    with Journal(tmp_path / "log", tmp_path) as journal:
        journal.write("iteration", residual=float("nan"), compressibility=float("inf"), mu=0.5)
    (line,) = [line for line in lines(tmp_path / "log") if line["event"] == "iteration"]
    assert (line["residual"], line["compressibility"], line["mu"]) == (None, None, 0.5)

"""``bdg check``, ``bdg rerun`` and ``bdg doctor``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

import bdg
from bdg.cli import app
from bdg.errors import FileRefusedError, NumericalError
from bdg.solvers.diagonalization import Diagonalization
from bdg.upkeep import check, examine, rerun, speed
from tests.support.hdf5 import without_digests

ROOT = Path(__file__).parents[2]

CONFIG = """
lattice: {kind: square, size: [4, 3], boundary: periodic}
hamiltonian: {filling: 0.9, disorder: {distribution: uniform, width: 1.0, seed: 3}}
interaction: {onsite: 2.0, fields: [pairing, hartree]}
temperature: 0.05
observables:
  order_parameter: {}
  density: {}
  ldos: {energies: {start: -1, stop: 1, num: 5}, broadening: 0.1}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text(CONFIG)
    return bdg.run_file("my.yaml").path


def said(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_whole_file(file):
    (line,) = check(file)
    assert line.startswith("result, schema 2, ")
    assert line.endswith(" quantities, whole")
    assert said("check", file).exit_code == 0


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_one_flipped_bit_is_found(file, place):
    data = bytearray(file.read_bytes())
    data[int(place * len(data))] ^= 1
    file.write_bytes(data)
    with pytest.raises(FileRefusedError, match="damaged"):
        check(file)


def test_a_run_that_did_not_converge_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text(CONFIG)
    path = bdg.run_file("my.yaml", ["scf.max_iterations=2"]).path
    assert any("did not converge" in line for line in check(path))
    (line,) = check(f"{path}.checkpoint")
    assert line == "checkpoint, schema 2, 2 iterations, whole"


def test_a_run_comes_out_again_to_the_last_bit(file):
    _, rows = rerun(file)
    assert {"delta", "mu", "density", "ldos"} <= {row.quantity for row in rows}
    assert max(row.largest for row in rows) == 0.0


@pytest.mark.parametrize("place", ["scf/delta", "observables/density/density", "observables/ldos/ldos"])
def test_a_number_that_was_changed_does_not_come_out_again(file, place):
    with h5py.File(file, "r+") as opened:
        opened[place][0] += 0.01
        without_digests(opened)
    name = place.rsplit("/", 1)[1]
    assert [row.quantity for row in rerun(file)[1] if not row.agrees] == [name]
    ended = said("rerun", "--quiet", file)
    assert isinstance(ended.exception, NumericalError)
    assert name in str(ended.exception)


def test_a_result_from_python_cannot_be_repeated(tmp_path):
    model = bdg.build_model(bdg.build_sample("chain", 4), attraction=1.0, temperature=0.1)
    bdg.save(bdg.solve(model), tmp_path / "python.h5")
    with pytest.raises(FileRefusedError, match="made from Python"):
        rerun(tmp_path / "python.h5")


def test_the_doctor_finds_all_well():
    findings = list(examine())
    assert [finding.topic for finding in findings if finding.is_wrong] == []
    assert len([finding for finding in findings if "uniform theory" in finding.text]) == 4


@pytest.mark.slow
def test_after_the_doctor_no_run_compiles(tmp_path):
    cache = tmp_path / "cache"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(cache)}

    def compiled(*arguments):
        subprocess.run([sys.executable, "-m", "bdg", *arguments], env=environment, check=True, cwd=tmp_path)
        return {path.name for path in cache.rglob("*.nbc")}

    ready = compiled("doctor", "--warm")
    for example in ("quickstart", "stm", "quench"):
        assert (
            compiled("run", str(ROOT / f"configs/{example}.yaml"), "--set", "output=r.h5", "--overwrite")
            == ready
        )


def test_the_doctor_finds_a_solver_that_is_wrong(monkeypatch):
    right = Diagonalization.correlations

    def wrong(self, *given, **options):
        found = right(self, *given, **options)
        found.blocks[:, 0, 1] *= 1 + 1e-6
        return found

    monkeypatch.setattr(Diagonalization, "correlations", wrong)
    topics = [finding.topic for finding in examine() if finding.is_wrong]
    assert topics == ["diagonalization", "diagonalization, Bloch momenta"]
    assert isinstance(said("doctor").exception, NumericalError)


class TestSpeed:
    def test_every_time_stands_beside_that_of_the_readme(self):
        shapes = {(6, 6): 2.0}, {(5, 5): 3.0}
        found = list(speed.timings(*shapes, spend=0.0))
        assert [timing.what for timing in found] == ["iteration, 6×6", "loop to 1e-08, 5×5"]
        assert [timing.readme for timing in found] == [2.0, 3.0]
        assert all(0 < timing.seconds < np.inf for timing in found)

    def test_the_command_prints_a_line_each(self, monkeypatch):
        timed = [speed.Timing("iteration, 24×24", 4.6e-3, 2.3e-3), speed.Timing("loop, 100×100", 0.3, 0.6)]
        monkeypatch.setattr("bdg.upkeep.examine", lambda: iter(()))
        monkeypatch.setattr("bdg.upkeep.timings", lambda: iter(timed))
        lines = [line.split() for line in said("doctor", "--speed").stdout.splitlines()]
        assert lines[-2:] == [
            ["iteration,", "24×24", "4.6", "ms", "2.3", "ms", "2.0"],
            ["loop,", "100×100", "300.0", "ms", "600.0", "ms", "0.5"],
        ]
        assert "README" not in said("doctor").stdout

    def test_the_numbers_are_those_of_the_readme(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        rows = re.findall(r"\| (\d+)×(\d+) \| ([\d.]+) ms \|", text)
        assert len(rows) >= 4
        known = {(int(a), int(b)): float(ms) for a, b, ms in rows}
        assert {shape: 1e3 * seconds for shape, seconds in speed.ITERATIONS.items()}.items() <= known.items()
        (a, b, seconds), *others = re.findall(r"A (\d+)×(\d+) sample converges .* and ([\d.]+) s ", text)
        assert (speed.LOOPS, others) == ({(int(a), int(b)): float(seconds)}, [])

    def test_an_iteration_is_the_same_on_every_solver(self):
        one, other = (
            speed.timed_iteration(method, (7, 6), spend=0.0)
            for method in ("diagonalization", "selected_inversion")
        )
        np.testing.assert_allclose(one["delta"], other["delta"], atol=1e-7)
        assert np.ptp(one["delta"]) > 0.01
        outcome, seconds = speed.timed_loop((7, 6))
        assert (outcome.status, seconds > 0) == ("converged", True)

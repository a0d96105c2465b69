"""What was measured is kept as it is found: a run killed among its observables measures none twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import bdg
from bdg.errors import NumericalError, ResourceError, RunStoppedError
from bdg.observables import Quantity, blocks
from bdg.observables.quantity import energy_axis
from bdg.solvers.diagonalization import Diagonalization
from bdg.store import parts
from bdg.store.parts import read_parts, remove_parts, write_parts
from tests.store.made_up import differences, result

CONFIG = """
lattice: {kind: chain, size: [8], boundary: periodic}
hamiltonian: {chemical_potential: -0.2, zeeman: [0, 0, 0.1], onsite: 0.1 * x}
interaction: {onsite: 2.0}
temperature: 0.05
solver: {method: diagonalization}
scf: {checkpoint: 0}
observables:
  density: {}
  ldos: {energies: {start: -2, stop: 2, num: 40}, broadening: 0.1}
  current_spectrum: {energies: {start: -2, stop: 2, num: 40}, broadening: 0.1}
  spectral_gap: {}
output: out.h5
"""

KILLED = """
import os, signal, bdg
from bdg.observables import blocks
from bdg.solvers.diagonalization import Diagonalization
blocks.WORTH_A_BLOCK = 1
run, made = Diagonalization.greens, []
def greens(*given, **named):
    made.append(1)
    if len(made) > {at}:
        os.kill(os.getpid(), signal.SIGKILL)
    return run(*given, **named)
Diagonalization.greens = greens
bdg.run_file("run.yaml")
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("run.yaml").write_text(CONFIG)
    monkeypatch.setattr(blocks, "WORTH_A_BLOCK", 1)  # blocks of 8 energies
    return tmp_path


@pytest.fixture
def solved(monkeypatch):
    """How many energies each call of the solver was for."""
    made, run = [], Diagonalization.greens

    def greens(self, hamiltonian, z, *given, **named):
        made.append(len(z))
        return run(self, hamiltonian, z, *given, **named)

    monkeypatch.setattr(Diagonalization, "greens", greens)
    return made


def same(one, other):
    """Whether two results hold the same, to the last bit."""
    one, other = bdg.load(one.path), bdg.load(other.path)
    return differences(dict(one.observables), dict(other.observables)) == []


@pytest.mark.parametrize("at", [5, 13])
def test_a_run_killed_among_its_energies_is_continued_from_the_last_block(folder, solved, at):
    """Ten calls for LDOS, up and down, then twenty for the currents, of which a block takes four."""
    whole = bdg.run_file("run.yaml", ["output=whole.h5"])
    assert solved == [8] * 30
    solved.clear()
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED.format(at=at))], env=os.environ)
    assert ended.returncode == -signal.SIGKILL
    resumed = bdg.resume_file("out.h5")
    per_block = 2 if at < 10 else 4
    lost = (at if at < 10 else at - 10) % per_block
    assert len(solved) == 30 - at + lost
    assert same(whole, resumed)
    assert sorted(path.name for path in folder.iterdir()) == ["out.h5", "run.yaml", "whole.h5"]


def test_blocks_do_not_change_a_spectrum(monkeypatch):
    in_blocks = bdg.run_file("run.yaml")
    monkeypatch.setattr(blocks, "WORTH_A_BLOCK", 1 << 20)
    at_once = bdg.run_file("run.yaml", ["output=other.h5"])
    for name in ("spin_ldos", "current_spectrum"):
        np.testing.assert_allclose(in_blocks[name].values, at_once[name].values, rtol=1e-12, atol=1e-14)
        assert in_blocks[name].error == pytest.approx(at_once[name].error, rel=0.5)


def test_a_kill_in_the_final_write_costs_no_observable(monkeypatch, solved):
    whole = bdg.run_file("run.yaml", ["output=whole.h5"])
    _killed_in(monkeypatch, "bdg.simulation.files.save")
    assert not Path("out.h5").exists()
    solved.clear()
    assert same(bdg.resume_file("out.h5"), whole)
    assert solved == []


def test_a_kill_after_the_final_write_costs_nothing(monkeypatch):
    _killed_in(monkeypatch, "bdg.simulation.files.remove_parts")
    assert bdg.load("out.h5").status == "converged"
    bdg.run_file("run.yaml", overwrite=True)
    assert sorted(path.name for path in Path().iterdir()) == ["out.h5", "run.yaml"]


def _killed_in(monkeypatch, function):
    """Run and be killed where a function would be called."""

    class Killed(BaseException):
        pass

    def kill(*given, **named):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(function, kill)
        with pytest.raises(Killed):
            bdg.run_file("run.yaml")


def test_a_signal_between_two_blocks_keeps_those_before(solved):
    with pytest.raises(RunStoppedError):
        bdg.run_file("run.yaml", ["scf.checkpoint=1000"], hooks=bdg.Hooks(interrupt=lambda: len(solved) >= 6))
    before = len(solved)
    solved.clear()
    bdg.resume_file("out.h5")
    assert len(solved) + before == 30


def test_what_failed_costs_itself_alone(monkeypatch, solved):
    with monkeypatch.context() as patch:
        patch.setattr("bdg.observables.currents.current_spectrum._flow", _fails)
        failed = bdg.run_file("run.yaml")
    assert list(failed.failures) == ["current_spectrum"]
    solved.clear()
    after = bdg.resume_file("out.h5")
    assert len(solved) == 20  # those of the currents alone
    assert same(after, bdg.run_file("run.yaml", ["output=whole.h5"]))


def _fails(*given):
    raise NumericalError("lost")


@pytest.mark.parametrize(
    "change",
    [
        "observables.ldos.broadening=0.2",
        "observables.ldos.energies.stop=1.5",
        "observables.ldos.sites=[[3]]",
        "solver.tolerance=1e-9",
        "solver.method=selected_inversion",
    ],
)
def test_what_was_found_for_something_else_is_not_taken(monkeypatch, change):
    with monkeypatch.context() as patch:
        patch.setattr("bdg.observables.currents.current_spectrum._flow", _fails)
        bdg.run_file("run.yaml")
    after = bdg.resume_file("out.h5", [change])
    fresh = bdg.run_file("run.yaml", [change, "output=fresh.h5"])
    assert after["ldos"].values.shape == fresh["ldos"].values.shape
    np.testing.assert_allclose(after["ldos"].values, fresh["ldos"].values, atol=1e-7)
    np.testing.assert_array_equal(
        after["ldos"].attributes["broadening"], fresh["ldos"].attributes["broadening"]
    )


def test_a_new_run_takes_nothing_of_an_earlier_one(monkeypatch, solved):
    hooks = bdg.Hooks(interrupt=lambda: len(solved) >= 15)
    with pytest.raises(RunStoppedError):
        bdg.run_file("run.yaml", hooks=hooks)
    assert read_parts(Path("out.h5.parts"))
    solved.clear()
    bdg.run_file("run.yaml")
    assert len(solved) == 30
    assert not Path("out.h5.parts").exists()
    solved.clear()
    bdg.resume_file("out.1.h5.checkpoint")  # that of the first, set aside with what it had found
    assert len(solved) == 30 - 18
    assert not list(Path().glob("*.parts"))


def test_little_work_leaves_no_files(monkeypatch):
    def write(*given):
        raise AssertionError

    monkeypatch.setattr("bdg.simulation.keeping.write_parts", write)
    bdg.run_file("run.yaml", ["scf.checkpoint=60"])


def test_a_disk_that_is_full_costs_no_observable(monkeypatch):
    def full(*given):
        raise ResourceError("no room on the disk")

    monkeypatch.setattr("bdg.simulation.keeping.write_parts", full)
    assert bdg.run_file("run.yaml").failures == {}


def test_a_damaged_file_is_as_good_as_none(solved):
    with pytest.raises(RunStoppedError):
        bdg.run_file("run.yaml", hooks=bdg.Hooks(interrupt=lambda: len(solved) >= 9))
    files = sorted(Path("out.h5.parts").iterdir())
    whole, block = files[-2], files[-3]  # the last one is the gap's
    data = bytearray(whole.read_bytes())
    data[len(data) // 2] ^= 1
    whole.write_bytes(data)
    block.write_bytes(b"")
    solved.clear()
    bdg.resume_file("out.h5")
    assert len(solved) == 30 - 10 + 2


def test_observables_added_to_a_file_are_kept_as_well(monkeypatch, solved):
    monkeypatch.setattr("bdg.simulation.keeping.WORTH_KEEPING", 0.0)
    monkeypatch.setattr("bdg.simulation.afterwards.WORTH_KEEPING", 0.0)
    bdg.run_file("run.yaml", ["observables={density: {}}"])
    spectrum = "dos.energies={start: -1, stop: 1, num: 32}"
    with pytest.raises(RunStoppedError):
        bdg.measure_file("out.h5", ["dos"], [spectrum], hooks=bdg.Hooks(interrupt=lambda: len(solved) >= 6))
    before = len(solved)
    solved.clear()
    bdg.measure_file("out.h5", ["dos"], [spectrum])
    assert before + len(solved) == 8
    assert not Path("out.h5.parts").exists()


def test_quantities_and_arrays_come_back_equal(tmp_path):
    made = {
        "a" * 32: result().observables["ldos"],
        "b" * 32: result().observables["entropy"],
        "c" * 32: {"rows": np.arange(6).reshape(2, 3), "z": np.array([1j, np.nan]), "none": np.zeros((0, 3))},
        "d" * 32: {"q": Quantity(np.array(True), (), "1", "is it", {}, None, {"warning": "no"})},
        "e" * 32: {
            "s": Quantity(np.arange(2.0), ("energy",), "1", "x", {"energy": energy_axis(np.arange(2.0))})
        },
    }
    folder = tmp_path / "r.parts"
    for name, one in made.items():
        write_parts(folder, {name: one})
    assert [path.name for path in parts._files(folder)] == [f"{n:06d}.h5" for n in range(1, 6)]
    assert differences(read_parts(folder), made) == []
    (folder / ".bdg-00000000-0123456789ab.tmp").touch()
    remove_parts(folder)
    assert not folder.exists()
    assert read_parts(folder) == {}


def test_what_else_is_in_the_folder_stays(tmp_path):
    write_parts(tmp_path, {"a": {"x": np.zeros(2)}})
    (tmp_path / "notes.txt").touch()
    remove_parts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt", "run.yaml"]

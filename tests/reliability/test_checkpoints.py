"""Whose a checkpoint is: a run never continues another one's, and never loses its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import bdg
from bdg.errors import FileRefusedError, InputError
from bdg.simulation.hooks import Hooks
from bdg.store import load_checkpoint

CONFIG = """
lattice: {kind: chain, size: [6], boundary: periodic}
hamiltonian: {chemical_potential: MU, disorder: {distribution: uniform, width: 1.0, seed: 1}}
interaction: {onsite: 2.0}
temperature: 0.05
output: out.h5
"""


class Killed(BaseException):
    """Stands for kill -9: nothing is written after it."""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, mu in (("first", "-0.2"), ("second", "-0.9")):
        Path(f"{name}.yaml").write_text(CONFIG.replace("MU", mu))


def stopped(config, *sets, after=3, **options):
    """Run and stop after so many iterations, as Ctrl-C does."""
    made = []
    hooks = Hooks(after_iteration=made.append, stop=lambda: len(made) >= after)
    result = bdg.run_file(config, list(sets), hooks=hooks, **options)
    assert result.status == "stopped"
    return result


def killed(monkeypatch, config, *sets, after=1, **options):
    """Run and be killed after so many iterations."""
    made = []

    def after_iteration(iteration):
        made.append(iteration)
        if len(made) == after:
            raise Killed

    hooks = Hooks(after_iteration=after_iteration)
    with monkeypatch.context() as patch:
        patch.setattr("bdg.simulation.checkpointing.CheckpointKeeper.write_latest", lambda self: None)
        with pytest.raises(Killed):
            bdg.run_file(config, list(sets), hooks=hooks, **options)


def test_a_killed_run_is_not_taken_for_the_one_before(monkeypatch):
    stopped("first.yaml")
    killed(monkeypatch, "second.yaml")
    with pytest.raises(InputError, match="there is no checkpoint"):
        bdg.resume_file("out.h5")
    result = bdg.resume_file("out.1.h5.checkpoint")
    path = result.path
    assert (result.fields.mu, path) == (-0.2, Path("out.1.h5"))
    whole = bdg.run_file("first.yaml", ["output=whole.h5"])
    np.testing.assert_array_equal(result.fields.delta, whole.fields.delta)


def test_a_result_knows_its_file_and_a_stopped_one_where_it_is_resumed():
    before = stopped("first.yaml")
    assert before.path == Path("out.h5")
    assert not before.path.exists()
    after = bdg.resume_file(before.path)
    assert after.path == bdg.load(after.path).path == Path("out.h5")
    assert bdg.load(after.path).fields.delta.tobytes() == after.fields.delta.tobytes()


def test_every_earlier_checkpoint_is_kept_and_named():
    lines = []
    stopped("first.yaml")
    stopped("second.yaml")
    bdg.run_file("first.yaml", hooks=Hooks(stage=lines.append))
    assert [p.name for p in sorted(Path().glob("*.checkpoint"))] == [
        "out.1.h5.checkpoint",
        "out.2.h5.checkpoint",
    ]
    assert any("kept as out.2.h5.checkpoint" in line for line in lines)


def test_a_wrong_configuration_leaves_the_checkpoint_in_its_place():
    stopped("first.yaml")
    with pytest.raises(InputError):
        bdg.run_file("second.yaml", ["scf.initial=nothing.h5"])
    assert Path("out.h5.checkpoint").exists()


def test_an_overwriting_run_that_was_stopped_is_continued():
    bdg.run_file("first.yaml")
    stopped("second.yaml", overwrite=True)
    assert bdg.load("out.h5").fields.mu == -0.2  # stays until there is another
    result = bdg.resume_file("out.h5")
    assert (result.status, result.fields.mu) == ("converged", -0.9)
    assert bdg.load("out.h5").fields.mu == -0.9
    assert not Path("out.h5.checkpoint").exists()


def test_an_overwriting_run_that_was_killed_leaves_nothing_to_continue(monkeypatch):
    bdg.run_file("first.yaml")
    killed(monkeypatch, "second.yaml", overwrite=True)
    with pytest.raises(FileRefusedError, match="it has converged"):
        bdg.resume_file("out.h5")


def test_a_checkpoint_that_outlived_its_own_result_is_not_continued(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda self, missing_ok=False: None)  # killed just before that
        bdg.run_file("first.yaml", ["scf.checkpoint=0"])
    assert Path("out.h5.checkpoint").exists()
    with pytest.raises(FileRefusedError, match="it has converged"):
        bdg.resume_file("out.h5")


@pytest.mark.parametrize(("interval", "expected"), [("0", 4), ("1000", 0)])
def test_the_interval_is_a_key(monkeypatch, interval, expected):
    written = []
    monkeypatch.setattr(
        "bdg.simulation.checkpointing.save_checkpoint", lambda path, kept: written.append(len(kept.history))
    )
    bdg.run_file("first.yaml", [f"scf.checkpoint={interval}", "scf.max_iterations=4"])
    assert written[:expected] == list(range(1, 1 + expected))
    # One at the end, as it did not converge; with 0 also one of the fields before what is measured is kept.
    assert written[expected:] == [4] * (2 if interval == "0" else 1)


def test_a_whole_checkpoint_is_not_replaced_by_one_without_the_mixer():
    made = []

    def after_iteration(iteration):
        made.append(iteration)
        if len(made) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bdg.run_file("first.yaml", ["scf.checkpoint=0"], hooks=Hooks(after_iteration=after_iteration))
    assert load_checkpoint("out.h5.checkpoint").mixer_state
    result = bdg.resume_file("out.h5")
    whole = bdg.run_file("first.yaml", ["output=whole.h5"])
    np.testing.assert_array_equal(result.fields.delta, whole.fields.delta)
    assert result.history == whole.history


def test_temporary_files_of_killed_runs_go_with_the_next_run_on_that_output():
    from bdg.store.safety.atomic import _temporary

    files = [_temporary(Path(name).resolve()) for name in ("out.h5", "out.h5.checkpoint", "other.h5")]
    for file in files:
        file.write_bytes(b"half")
    Path("out.h5.lock").touch()  # which a run that is killed leaves behind
    bdg.run_file("first.yaml")
    assert [file.exists() for file in files] == [False, False, True]


def test_a_run_that_is_killed_while_it_measures_keeps_its_fields(monkeypatch):
    """kill -9 leaves no time to write anything: what took a while is written before."""
    monkeypatch.setattr("bdg.simulation.checkpointing.WORTH_KEEPING", 0.0)
    kept = []

    def die(line):
        if line.startswith("computing"):
            kept.append(Path("out.h5.checkpoint").read_bytes())
            raise Killed

    with pytest.raises(Killed):
        bdg.run_file("first.yaml", ["observables={density: {}}"], hooks=Hooks(stage=die))
    Path("out.h5.checkpoint").write_bytes(kept[0])  # as it was when the run was killed
    result = bdg.resume_file("out.h5")
    whole = bdg.run_file("first.yaml", ["output=whole.h5"])
    np.testing.assert_array_equal(result.fields.delta, whole.fields.delta)
    assert result.history == whole.history

"""One run at a time on an output."""

import subprocess
import sys

import pytest

import bdg
from bdg.errors import FileRefusedError
from bdg.store.safety.lock import only_run_on
from tests.support.commands import ROOT

TOY = """
lattice: {kind: chain, size: [4]}
hamiltonian: {chemical_potential: 0}
interaction: {onsite: 2}
temperature: 0.1
"""


def test_a_second_run_on_an_output_is_refused_and_the_lock_goes_with_the_first(tmp_path):
    output = tmp_path / "run.h5"
    with only_run_on(output):
        with (
            pytest.raises(FileRefusedError, match=r"run\.h5: another run is at work on it"),
            only_run_on(output),
        ):
            pass
        with only_run_on(tmp_path / "other.h5"):
            pass
    with only_run_on(output):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_lock_goes_when_the_run_fails(tmp_path):
    with pytest.raises(KeyError), only_run_on(tmp_path / "run.h5"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_that_was_left_behind_holds_nobody_up(tmp_path):
    (tmp_path / "run.h5.lock").touch()
    with only_run_on(tmp_path / "run.h5"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("end", ["os._exit(143)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_process_that_ends_at_once_leaves_a_lock_that_holds_nobody_up(tmp_path, end):
    """As the watchdog of a signal and a scheduler end it: no cleaning up."""
    output = tmp_path / "run.h5"
    program = f"""
import os, signal
from bdg.store.safety.lock import only_run_on
with only_run_on({str(output)!r}):
    {end}
"""
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode in (143, -9)
    assert (tmp_path / "run.h5.lock").exists()
    with only_run_on(output):
        pass
    assert list(tmp_path.iterdir()) == []


def test_runs_and_resumed_runs_hold_it(tmp_path):
    config, output = tmp_path / "run.yaml", tmp_path / "run.h5"
    config.write_text(TOY)
    settings = [f"output={output}"]
    with only_run_on(output), pytest.raises(FileRefusedError, match="another run"):
        bdg.run_file(config, settings)
    stopped = bdg.run_file(config, [*settings, "scf.max_iterations=1"])
    assert stopped.status == "not_converged"
    with only_run_on(output), pytest.raises(FileRefusedError, match="another run"):
        bdg.resume_file(output, ["scf.max_iterations=50"])
    assert bdg.resume_file(output, ["scf.max_iterations=50"]).status == "converged"
    with pytest.raises(FileRefusedError, match="it has converged; there is nothing to continue"):
        bdg.resume_file(output)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.h5", "run.yaml"]


def test_a_lock_that_was_left_behind_tells_of_a_run_that_was_killed(tmp_path):
    for is_left in (False, True, False):
        if is_left:
            (tmp_path / "run.h5.lock").touch()
        with only_run_on(tmp_path / "run.h5") as was_killed:
            assert was_killed == is_left

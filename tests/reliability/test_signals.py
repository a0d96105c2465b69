"""Every signal that ends runs leaves a checkpoint; the one that asks for one leaves the run alone."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest

import bdg
from bdg.errors import RunStoppedError
from bdg.simulation.signals import OBEYED, SignalTrap
from bdg.store import load_checkpoint

CONFIG = """
lattice: {kind: chain, size: [8], boundary: periodic}
hamiltonian: {chemical_potential: -0.3, disorder: {distribution: uniform, width: 1.0, seed: 1}}
interaction: {onsite: 2.0}
temperature: 0.05
output: out.h5
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my.yaml").write_text(CONFIG)


def sending(number, at):
    """A hook that sends the process a signal after so many iterations."""
    made = []

    def after_iteration(iteration):
        made.append(iteration)
        if len(made) == at:
            signal.raise_signal(number)

    return after_iteration


def test_all_that_end_a_run_are_obeyed():
    """Ctrl-C, a scheduler's end, a terminal that closes, a limit on processor time."""
    assert set(OBEYED) == {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU}


@pytest.mark.parametrize("number", OBEYED, ids=lambda number: number.name)
def test_the_run_ends_with_a_checkpoint_and_goes_on_to_the_last_bit(number, capsys):
    with SignalTrap() as trap:
        hooks = bdg.Hooks(after_iteration=sending(number, 3), stop=trap.caught, interrupt=trap.interrupt)
        result = bdg.run_file("my.yaml", hooks=hooks)
    assert (result.status, trap.number) == ("stopped", number)
    assert len(load_checkpoint("out.h5.checkpoint").history) == 3
    resumed = bdg.resume_file("out.h5")
    whole = bdg.run_file("my.yaml", ["output=whole.h5"])
    np.testing.assert_array_equal(resumed.fields.delta, whole.fields.delta)


@pytest.mark.parametrize("number", OBEYED, ids=lambda number: number.name)
def test_the_exit_code_is_128_plus_the_number(number, capsys):
    with SignalTrap() as trap:
        os.kill(os.getpid(), number)
        with pytest.raises(RunStoppedError) as ended:
            trap.stop_immediately()
    assert ended.value.exit_code == 128 + number


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="a system without SIGUSR1")
def test_sigusr1_writes_a_checkpoint_and_the_run_goes_on(monkeypatch):
    kept = []
    monkeypatch.setattr(
        "bdg.simulation.checkpointing.save_checkpoint", lambda path, one: kept.append(len(one.history))
    )
    with SignalTrap() as trap:
        hooks = bdg.Hooks(after_iteration=sending(signal.SIGUSR1, 3), stop=trap.caught, keep=trap.keep)
        result = bdg.run_file("my.yaml", hooks=hooks)
    assert (result.status, trap.number, kept) == ("converged", None, [3])


def test_handlers_are_those_of_before_afterwards():
    before = [signal.getsignal(number) for number in (*OBEYED, signal.SIGUSR1)]
    with SignalTrap():
        pass
    assert [signal.getsignal(number) for number in (*OBEYED, signal.SIGUSR1)] == before

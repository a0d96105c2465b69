"""``scripts/torture`` in short: a few trials of rows that take little time, and what it prints."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tests.support.commands import ROOT
from tests.torture.every import ROWS
from tests.torture.plant import FAULTS
from tests.torture.row import Trials

IN_SHORT = {"bound-states": 10, "damaged-files": 40, "not-finite": 4, "hopeless": 3, "circles": 3, "soak": 30}


@pytest.mark.parametrize("name", IN_SHORT)
def test_nothing_gives_way(name):
    trials = Trials(IN_SHORT[name], 60.0, np.random.default_rng(7))
    ROWS[name].run(trials)
    assert trials.failures == []
    assert trials.done == IN_SHORT[name]


def test_a_trial_that_gives_way_is_counted_and_named():
    trials = Trials(3, 60.0, np.random.default_rng(0))
    for n in trials:
        trials.expect(n != 1, "gave way")
        trials.largest("largest", float(n))
    assert trials.failures == ["1: gave way"]
    assert trials.figure == "1 failed; largest 2"


def test_trials_end_with_the_time():
    assert list(Trials(10, 0.0, np.random.default_rng(0))) == []


@pytest.mark.slow
def test_the_table_has_a_row_for_each_that_was_asked_for():
    words = [sys.executable, "-m", "tests.torture", "--minutes", "0.05", "--only", "bound-states"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0
    assert told.stdout.count("\n| bound states of degenerate clean lattices") == 1
    assert "0 failed" in told.stdout


def test_the_rows_are_listed():
    words = [sys.executable, "-m", "tests.torture", "--list"]
    names = subprocess.run(words, cwd=ROOT, capture_output=True, text=True).stdout
    assert sorted(line.split()[0] for line in names.splitlines()) == sorted(ROWS)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_has_its_place(name):
    """A fault that is planted nowhere would show nothing; whether tests notice is shown by planting it."""
    fault = FAULTS[name]
    assert (ROOT / "bdg" / fault.file).read_text().count(fault.old) >= 1
    assert (ROOT / "tests" / fault.tests).exists()
    assert fault.old != fault.new

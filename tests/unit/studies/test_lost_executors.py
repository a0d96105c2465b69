"""An executor that loses its scheduler costs what it had in hand; one that takes no more ends with a line."""

from __future__ import annotations

import json
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

import bdg
from bdg import executors
from bdg.errors import WorkerLostError

PAIR = bdg.build_sample("chain", 2)
VALUES = {"x": list(range(9))}


def number(state, value):
    """A number that costs nothing."""
    return bdg.observables.Quantity(np.array(float(value)), (), "1", "number")


def curve(x):
    model = bdg.build_model(PAIR, attraction=0.0, temperature=0.1)
    return bdg.solve(model, observables={number: {"value": x}}, hooks=bdg.Hooks())


class Fickle(Executor):
    """Like one of Dask's whose scheduler dies after some calls, and is there again after some looks at it.

    Parameters
    ----------
    calls
        How many it does before it dies.
    looks
        After how many looks it is there again; never if ``None``.
    """

    def __init__(self, calls, looks):
        self._left, self._looks, self._held = calls, looks, []
        self._client = SimpleNamespace(status="running", nthreads=dict)
        self.done = []

    def submit(self, function, /, *args):
        """Do a call, or hold it when there are no more, to cancel it with the next."""
        future = Future()
        if self._left:
            self._left -= 1
            self.done.append(args[0].work.values["x"])
            future.set_result(function(*args))
            return future
        self._held.append(future)
        if len(self._held) == 2:
            for one in self._held:
                one.cancel()
                one.set_running_or_notify_cancel()
            self._client, self._held, self._left = Lost(self._looks), [], 100
        return future


class Lost:
    """A client that looks for its scheduler."""

    def __init__(self, looks):
        self._left = looks

    @property
    def status(self):
        """Whether it has found it."""
        if self._left is None:
            return "connecting"
        self._left -= 1
        return "connecting" if self._left > 0 else "running"


def numbers_of(folder):
    return [json.loads(line)["point"] for line in (folder / "index.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("looks", [0, 1, 5])
@pytest.mark.parametrize("calls", [0, 4])
def test_what_a_lost_scheduler_had_in_hand_is_handed_to_it_again(tmp_path, calls, looks):
    executor = Fickle(calls, looks)
    study = bdg.sweep(curve, VALUES, folder=tmp_path, executor=executor, workers=1)
    assert study.counts() == {"converged": 9}
    assert sorted(numbers_of(tmp_path)) == sorted(executor.done) == list(range(9))
    assert bdg.collect(study)["number"].values == pytest.approx(np.arange(9.0))


def test_a_scheduler_that_stays_away_ends_the_sweep_with_a_line_and_the_next_call_does_the_rest(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(executors, "ANSWERS", 0.2)
    with pytest.raises(WorkerLostError, match="what has ended is kept, and the same command goes on"):
        bdg.sweep(curve, VALUES, folder=tmp_path, executor=Fickle(5, None), workers=1)
    before = numbers_of(tmp_path)
    study = bdg.sweep(curve, VALUES, folder=tmp_path, executor="serial")
    assert study.counts() == {"converged": 9}
    assert len(before) == 5
    assert sorted(numbers_of(tmp_path)) == list(range(9))


class Broken(Executor):
    """One whose workers are dead."""

    def submit(self, function, /, *args):
        """Refuse."""
        raise BrokenExecutor("a worker died")


@pytest.mark.parametrize("kind", ["broken", "shut down"])
def test_an_executor_of_ones_own_that_takes_nothing_is_not_asked_for_ever(tmp_path, kind):
    executor = Broken() if kind == "broken" else ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(WorkerLostError, match="the executor takes no more points"):
        bdg.sweep(curve, VALUES, folder=tmp_path, executor=executor)

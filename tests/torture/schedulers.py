"""A sweep over Dask whose scheduler is killed, and started anew at the same address or not."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.clusters import free_port, wait_until_listening
from tests.support.commands import ROOT
from tests.torture.child import Child, Ended, folder
from tests.torture.row import Trials, row
from tests.torture.sweeps import CONFIG, POINTS, done, ends_right, entries, wait_for


class Cluster:
    """A scheduler and two workers, each a process of its own.

    Parameters
    ----------
    port
        Where the scheduler listens.
    """

    def __init__(self, port: int) -> None:
        self.port, self.address = port, f"tcp://127.0.0.1:{port}"
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start all of it; workers of an earlier scheduler end by themselves."""
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--no-show")
        self._scheduler = self._process("dask_scheduler", *where)
        wait_until_listening(self.port)
        alone = (self.address, "--nthreads", "1", "--no-nanny")
        self._workers += [self._process("dask_worker", *alone) for _ in range(2)]

    def kill_scheduler(self) -> None:
        """Kill the scheduler at once."""
        assert self._scheduler is not None
        self._scheduler.send_signal(signal.SIGKILL)
        self._scheduler.wait()

    def end(self) -> None:
        """Kill all that is left."""
        for process in (self._scheduler, *self._workers):
            if process is not None:
                process.kill()
                process.wait()

    def _process(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        words = (sys.executable, "-m", f"distributed.cli.{name}", *words, "--no-dashboard")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(words, env=environment, **quiet)


@contextmanager
def started() -> Iterator[Cluster]:
    """A cluster at a free port."""
    cluster = Cluster(free_port())
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.end()


def swept(cluster: Cluster) -> Child:
    """The sweep, begun."""
    words = ("sweep", "seeds.yaml", "--executor", "dask", "--workers", "2", "--scheduler", cluster.address)
    return Child(*words, before=os.setsid)


def killed_and_restarted(cluster: Cluster, count: int, pause: float | None) -> tuple[set[int], Ended]:
    """The points that were done when the scheduler was killed, and how the sweep ended."""
    child = swept(cluster)
    wait_for(count)
    cluster.kill_scheduler()
    before = done(entries())
    if pause is not None:
        time.sleep(pause)
        cluster.start()
    return before, child.end(180)


@row(
    "a sweep over Dask: kill -9 of the scheduler, started anew within 4 s or with the next call",
    most=20,
    share=6,
)
def schedulers(trials: Trials) -> None:
    if importlib.util.find_spec("distributed") is None:
        trials.count("not installed")
        return
    for n in trials:
        with folder(), started() as cluster:
            Path("seeds.yaml").write_text(CONFIG)
            count = int(trials.rng.integers(1, POINTS - 3))
            pause = None if n % 4 == 3 else float(trials.rng.uniform(0, 4))
            before, ended = killed_and_restarted(cluster, count, pause)
            trials.expect(ended.is_clean, ended.stderr[:4000])
            trials.expect(
                ended.code == (5 if pause is None else 0), f"exit {ended.code}: {ended.stderr[-300:]}"
            )
            if pause is None:
                trials.expect("the same command goes on" in ended.stderr, ended.stderr[-300:])
                trials.count("ended with a line")
                cluster.start()
                again = swept(cluster).end(180)
                trials.expect(again.code == 0 and again.is_clean, f"exit {again.code}: {again.stderr[-300:]}")
            numbers = [entry["point"] for entry in entries()]
            trials.expect(before <= set(numbers), "an entry is lost")
            trials.expect(sorted(numbers) == list(range(POINTS)), "done twice or not at all")
            trials.count("points left", POINTS - len(before))
            ends_right(trials, "scheduler killed")

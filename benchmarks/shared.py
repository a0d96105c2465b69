"""One large system on the workers of an executor: what a second one gains, and what is sent to and fro.

On a Dask cluster of this machine, or of MPI: ``mpiexec -n 3 python -m mpi4py.futures -m benchmarks shared``.
"""

from __future__ import annotations

import importlib.util
import os
import pickle
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bdg.executors import executor_named
from bdg.fixed_point import Anderson
from bdg.lattice import build_sample
from bdg.model import Disorder, Model, build_model
from bdg.scf.map import FixedPoint
from bdg.scf.starts.initial import initial_fields
from bdg.solvers.selected_inversion import SelectedInversion
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Table, measured

GAIN, SENT = Goal(1.7), Goal(2.0, at_least=False)
TEMPERATURE = 0.01


@dataclass(frozen=True)
class Done:
    """A task that was done: its processor time, what was sent and came back in bytes, and by whom."""

    seconds: float
    sent: int
    back: int
    worker: int


@dataclass
class Watched(Executor):
    """An executor that takes note of its tasks; the processes of mpiexec may be more than are to be used."""

    inner: Executor
    workers: int
    done: list[Done] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._max_workers = self.workers

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Give the call to the executor, to be timed there."""
        outer: Future[Any] = Future()
        sent = len(pickle.dumps((function, args, kwargs)))

        def take(inner: Future[Any]) -> None:
            if (error := inner.exception()) is not None:
                outer.set_exception(error)
                return
            result, seconds, back, worker = inner.result()
            self.done.append(Done(seconds, sent, back, worker))
            outer.set_result(result)

        self.inner.submit(_timed, function, args, kwargs).add_done_callback(take)
        return outer


def _timed(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, float, int, int]:
    began, buffers = time.thread_time(), list[Any]()
    result = function(*args, **kwargs)
    seconds = time.thread_time() - began
    back = len(pickle.dumps(result, protocol=5, buffer_callback=buffers.append))
    return result, seconds, back + sum(buffer.raw().nbytes for buffer in buffers), os.getpid()


@dataclass(frozen=True)
class Iterated:
    """An iteration: seconds, processor time of the thread that solves, and the tasks."""

    seconds: float
    own: float
    tasks: tuple[Done, ...]

    @property
    def alone(self) -> float:
        """Seconds on processors that do nothing else: those of who solves, and of the busiest worker."""
        busy: dict[int, float] = {}
        for task in self.tasks:
            busy[task.worker] = busy.get(task.worker, 0.0) + task.seconds
        return self.own + max(busy.values())


def measure(scale: Scale) -> list[Table]:
    """One worker and two, in turns; the best iteration of each counts."""
    side, rounds = pick(scale, 20, 400), pick(scale, 1, 3)
    name = "local" if importlib.util.find_spec("distributed") is None or scale == "toy" else "dask"
    name = "mpi" if "mpi4py.futures" in sys.modules else name
    model = build_model(
        build_sample("square", (side, side), "periodic"),
        attraction=2.5,
        temperature=TEMPERATURE,
        chemical_potential=-0.5,
        disorder=Disorder(1.0),
    )
    one, two = _both(model, name, rounds)
    fastest = [min(some, key=lambda it: it.seconds) for some in (one, two)]
    least = [min(it.alone for it in some) for some in (one, two)]
    tasks = [task for iteration in two for task in iteration.tasks]
    sent, back = (np.array([getattr(task, name) for task in tasks]) / 1e6 for name in ("sent", "back"))
    rows = [
        measured("an iteration, 1 worker / s", fastest[0].seconds, None),
        measured("an iteration, 2 workers / s", fastest[1].seconds, None),
        measured("gain of the second worker", fastest[0].seconds / fastest[1].seconds, GAIN),
        measured("the same by processor time", least[0] / least[1], GAIN),
        measured("of who solves / s", min(it.own for it in two), None),
        measured("sent a task / MB", float(sent.mean()), SENT),
        measured("most sent a task / MB", float(sent.max()), SENT),
        measured("comes back of a task / MB", float(back.mean()), None),
        measured("tasks an iteration", len(tasks) / len(two), None),
    ]
    notes = [
        f"{side}×{side}, T = {TEMPERATURE}, disorder of width 1, {name}; H, f(H) to 1e-9, Δ and mixing",
        "by processor time: as on a machine that does nothing else; first iterations, with plans, left out",
    ]
    return [Table("One system on several workers", rows, notes)]


def _both(model: Model, name: str, rounds: int) -> tuple[list[Iterated], list[Iterated]]:
    found: tuple[list[Iterated], list[Iterated]] = [], []
    with ExitStack() as stack:
        if name == "dask":
            executors = [stack.enter_context(executor_named(name, count)) for count in (1, 2)]
            for _ in range(rounds):
                for count, executor, some in zip((1, 2), executors, found, strict=True):
                    some += _iterations(model, SelectedInversion(1, Watched(executor, count)))
        for count, some in zip((1, 2), found, strict=True) if name != "dask" else ():
            with executor_named(name, count) as executor:
                for _ in range(rounds):
                    some += _iterations(model, SelectedInversion(1, Watched(executor, count)))
    return found


def _iterations(model: Model, solver: SelectedInversion, count: int = 3) -> list[Iterated]:
    """Iterations to full accuracy, but the first."""
    assert isinstance(solver.executor, Watched)
    watched, found = solver.executor, list[Iterated]()
    start = initial_fields(model, "uniform")
    fixed_point = FixedPoint(model, solver, start, 1e-8)
    fixed_point.set_accuracy(0.0)
    mixer, vector = Anderson(), fixed_point.layout.pack(start)
    for _ in range(count):
        began, own, first = time.perf_counter(), time.thread_time(), len(watched.done)
        out, _ = fixed_point(fixed_point.layout.unpack(vector, start))
        mixer.preconditioner = fixed_point.preconditioner()
        vector = mixer.step(vector, fixed_point.layout.pack(out) - vector)
        spent = time.perf_counter() - began, time.thread_time() - own
        found.append(Iterated(*spent, tuple(watched.done[first:])))
    return found[1:]

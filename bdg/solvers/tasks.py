"""Tasks on the threads, processes or machines of an executor, their results in a fixed order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from typing import Any, Generic, TypeVar

from bdg.errors import WorkerLostError
from bdg.executors import shares_memory, workers_of
from bdg.solvers.monitor import SILENT, Monitor
from bdg.solvers.parts import Failed, Job, Lacking, Parcel, Sent

PATIENCE = 0.2
"""Seconds between two questions whether to go on."""

ATTEMPTS = 3
"""How often a task is tried whose worker is lost."""

Outcome = TypeVar("Outcome")

EMPTY = Parcel((), Sent(), 0)
"""What tasks have in common that share nothing, or the memory of this process."""


def in_order(
    tasks: Iterable[Callable[[], Outcome]],
    executor: Executor | None,
    monitor: Monitor = SILENT,
    parcel: Parcel = EMPTY,
) -> Iterator[Outcome]:
    """Results of tasks in their order; a few more than there are workers are under way or held at a time.

    While one is waited for the monitor is asked whether to go on; if not, what has not begun never does. The
    caller caps BLAS at one thread for threads of this process; other processes do it themselves. A task whose
    worker is lost is done again by another one.

    Parameters
    ----------
    tasks, executor, monitor
        What to do, where, and who watches.
    parcel
        What the tasks have in common, of :class:`bdg.solvers.parts.Job` for other processes.

    Raises
    ------
    WorkerLostError
        If workers were lost with a task :data:`ATTEMPTS` times, or the executor takes no tasks any more.
    """
    if executor is None:
        for task in tasks:
            yield task()
        return
    most = workers_of(executor) + 1
    waiting: deque[_Flight[Outcome]] = deque()
    try:
        for task in tasks:
            waiting.append(_Flight(task, executor, parcel))
            if len(waiting) > most:
                yield waiting.popleft().result(monitor)
        while waiting:
            yield waiting.popleft().result(monitor)
    finally:
        for flight in waiting:
            flight.future.cancel()


class _Flight(Generic[Outcome]):
    """A task that an executor was given, as often as it takes."""

    def __init__(self, task: Callable[[], Outcome], executor: Executor, parcel: Parcel) -> None:
        self._executor, self._parcel, self._attempts = executor, parcel, 0
        self._is_here = shares_memory(executor)
        self._task: Callable[[], Any] = task
        if not (self._is_here or isinstance(task, Job)):
            self._task = EMPTY.job(task)
        self.future: Future[Any]
        self._submit()

    def result(self, monitor: Monitor) -> Outcome:
        """The result, unless the monitor ends the waiting before."""
        while True:
            while not wait([self.future], timeout=PATIENCE).done:
                monitor.check()
            try:
                found = self.future.result()
            except Exception as error:
                if self._is_here:
                    raise
                monitor.check()  # who ends a run may have ended its workers first
                self._try_again(error)
                continue
            if isinstance(found, Failed):
                raise found.error
            if not isinstance(found, Lacking):
                return found  # type: ignore[no-any-return]
            self._task = self._parcel.again(self._job, found.keys)
            self._submit()

    @property
    def _job(self) -> Job:
        assert isinstance(self._task, Job)
        return self._task

    def _submit(self) -> None:
        if self._is_here:
            self.future = self._executor.submit(self._task)
            return
        try:
            self.future = self._executor.submit(self._task)
        except Exception as error:
            raise _lost(error) from error

    def _try_again(self, error: Exception) -> None:
        self._attempts += 1
        if self._attempts >= ATTEMPTS:
            raise _lost(error) from error
        self._task = self._parcel.whole(self._job)
        self._submit()


def _lost(error: Exception) -> WorkerLostError:
    told = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return WorkerLostError(f"the workers were lost, for want of memory perhaps ({told})")

"""Tasks on the threads or processes of an executor, their results in a fixed order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from bdg.resources import blas_threads, usable_cores
from bdg.solvers.monitor import SILENT, Monitor

PATIENCE = 0.2
"""Seconds between two questions whether to go on."""

Outcome = TypeVar("Outcome")


def in_order(
    tasks: Iterable[Callable[[], Outcome]], executor: Executor | None, monitor: Monitor = SILENT
) -> Iterator[Outcome]:
    """Results of tasks in their order; a few more than there are workers are under way or held at a time.

    While one is waited for the monitor is asked whether to go on; if not, what has not begun never does. The
    caller caps BLAS at one thread, for threads; see :func:`capped` for processes.
    """
    if executor is None:
        for task in tasks:
            yield task()
        return
    waiting: deque[Future[Outcome]] = deque()
    try:
        for task in tasks:
            waiting.append(executor.submit(task))
            if len(waiting) > workers(executor) + 1:
                yield _awaited(waiting.popleft(), monitor)
        while waiting:
            yield _awaited(waiting.popleft(), monitor)
    finally:
        for future in waiting:
            future.cancel()


def workers(executor: Executor | None) -> int:
    """How many tasks are done at a time."""
    return 1 if executor is None else int(getattr(executor, "_max_workers", None) or usable_cores())


def shares_memory(executor: Executor | None) -> bool:
    """Whether tasks run in this process: nothing is pickled, and the cap of BLAS is that of the caller."""
    return executor is None or isinstance(executor, ThreadPoolExecutor)


def capped(function: Callable[..., Outcome], *arguments: Any) -> Outcome:
    """Call a function with one thread of BLAS: what a task of another process is wrapped in."""
    with blas_threads(1):
        return function(*arguments)


def _awaited(future: Future[Outcome], monitor: Monitor) -> Outcome:
    """The result, unless the monitor ends the waiting before."""
    while not wait([future], timeout=PATIENCE).done:
        monitor.check()
    return future.result()

"""Many selected inverses of one matrix, on the threads or processes of an executor, in a fixed order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bdg.resources import blas_threads, usable_cores
from bdg.solvers.monitor import SILENT, Monitor
from bdg.solvers.selected_inversion.factorisation import SelectedInverse, invert_accurately
from bdg.solvers.selected_inversion.plan import Plan

SMALL = 4000
"""Rows below which several shifts go into one task: handing over a task costs as much as a small inverse.
Below it, where there are many momenta, each is one task."""
_LARGE = 10_000
"""Rows from which single precision gains a quarter of the time; at 600 rows it is a seventh."""

PATIENCE = 0.2
"""Seconds between two questions whether to go on."""


@dataclass(frozen=True)
class Shift:
    """One inverse (value + A)⁻¹ that is wanted, and the error of its entries that is allowed."""

    value: complex
    allowed: float
    single: bool


def inverses(
    plan: Plan,
    values: NDArray[Any],
    shifts: Sequence[Shift],
    executor: Executor | None,
    monitor: Monitor = SILENT,
    part: str = "poles",
) -> Iterator[SelectedInverse]:
    """The selected inverses at all shifts, in their order, whatever the order in which they get done.

    At most a few more results than workers are held at a time. The caller must cap BLAS at one thread. The
    monitor is told how many are done, and asked between them whether to go on.
    """
    length = 1
    if executor is not None and plan.elimination.rows_total < SMALL:
        length = max(1, -(-len(shifts) // _workers(executor)))
    chunks = (shifts[first : first + length] for first in range(0, len(shifts), length))
    done = 0
    task = _chunk if executor is None or isinstance(executor, ThreadPoolExecutor) else _chunk_in_process
    monitor.report(part, done, len(shifts))
    for some in in_order((partial(task, plan, values, chunk) for chunk in chunks), executor, monitor):
        done += len(some)
        monitor.report(part, done, len(shifts))
        yield from some


Outcome = TypeVar("Outcome")


def in_order(
    tasks: Iterable[Callable[[], Outcome]], executor: Executor | None, monitor: Monitor = SILENT
) -> Iterator[Outcome]:
    """Results of tasks in their order; a few more than there are workers are under way or held at a time.

    While one is waited for the monitor is asked whether to go on; if not, what has not begun never does.
    """
    if executor is None:
        for task in tasks:
            yield task()
        return
    waiting: deque[Future[Outcome]] = deque()
    try:
        for task in tasks:
            waiting.append(executor.submit(task))
            if len(waiting) > _workers(executor) + 1:
                yield _awaited(waiting.popleft(), monitor)
        while waiting:
            yield _awaited(waiting.popleft(), monitor)
    finally:
        for future in waiting:
            future.cancel()


def _awaited(future: Future[Outcome], monitor: Monitor) -> Outcome:
    """The result, unless the monitor ends the waiting before."""
    while not wait([future], timeout=PATIENCE).done:
        monitor.check()
    return future.result()


def _workers(executor: Executor | None) -> int:
    return 1 if executor is None else int(getattr(executor, "_max_workers", None) or usable_cores())


def _chunk(plan: Plan, values: NDArray[Any], shifts: Sequence[Shift]) -> list[SelectedInverse]:
    return [invert_accurately(plan, values, s.value, s.allowed, s.single) for s in shifts]


def _chunk_in_process(plan: Plan, values: NDArray[Any], shifts: Sequence[Shift]) -> list[SelectedInverse]:
    with blas_threads(1):
        return _chunk(plan, values, shifts)


def worth_single_precision(gamma: float, allowed: float, n_rows: int) -> bool:
    """Whether float32 can be expected to be found as exact as that, and to be faster.

    On small samples it gains too little to be worth compiling the kernels for another type.

    The constants are those of gapped lattices with hopping 1; where they promise too much the residual says
    so, and the inverse is done again in double precision.
    """
    return n_rows >= _LARGE and float(np.finfo(np.float32).eps) * (6.0 + 2.0 / gamma) < allowed

"""Many selected inverses of one matrix, on the threads or processes of an executor, in a fixed order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bdg.resources import blas_threads, usable_cores
from bdg.solvers.selected_inversion.factorisation import SelectedInverse, invert_accurately
from bdg.solvers.selected_inversion.plan import Plan

SMALL = 4000
"""Rows below which several shifts go into one task: handing over a task costs as much as a small inverse.
Below it, where there are many momenta, each is one task."""
_LARGE = 10_000
"""Rows from which single precision gains a quarter of the time; at 600 rows it is a seventh."""


@dataclass(frozen=True)
class Shift:
    """One inverse (value + A)⁻¹ that is wanted, and the error of its entries that is allowed."""

    value: complex
    allowed: float
    single: bool


def inverses(
    plan: Plan, values: NDArray[Any], shifts: Sequence[Shift], executor: Executor | None
) -> Iterator[SelectedInverse]:
    """The selected inverses at all shifts, in their order, whatever the order in which they get done.

    At most a few more results than workers are held at a time. The caller must cap BLAS at one thread.
    """
    length = 1
    if executor is None or plan.elimination.rows_total < SMALL:
        length = max(1, -(-len(shifts) // _workers(executor)))
    chunks = (shifts[first : first + length] for first in range(0, len(shifts), length))
    task = _chunk if executor is None or isinstance(executor, ThreadPoolExecutor) else _chunk_in_process
    for some in in_order((partial(task, plan, values, chunk) for chunk in chunks), executor):
        yield from some


Outcome = TypeVar("Outcome")


def in_order(tasks: Iterable[Callable[[], Outcome]], executor: Executor | None) -> Iterator[Outcome]:
    """Results of tasks in their order; a few more than there are workers are under way or held at a time."""
    if executor is None:
        for task in tasks:
            yield task()
        return
    waiting: deque[Future[Outcome]] = deque()
    for task in tasks:
        waiting.append(executor.submit(task))
        if len(waiting) > _workers(executor) + 1:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


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

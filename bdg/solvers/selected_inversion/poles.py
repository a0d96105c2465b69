"""Many selected inverses of one matrix, on the threads or processes of an executor, in a fixed order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.resources import blas_threads, usable_cores
from bdg.solvers.selected_inversion.factorisation import SelectedInverse, invert_accurately
from bdg.solvers.selected_inversion.plan import Plan

_SMALL = 4000
"""Rows below which several shifts go into one task: handing over a task costs as much as a small inverse."""
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

    At most a few more results than workers are held at a time.
    """
    workers = 1 if executor is None else int(getattr(executor, "_max_workers", None) or usable_cores())
    length = -(-len(shifts) // workers) if plan.elimination.rows_total < _SMALL else 1
    chunks = [shifts[k : k + length] for k in range(0, len(shifts), max(1, length))]
    if executor is None or len(chunks) < 2:
        with blas_threads(1):
            for shift in shifts:
                yield invert_accurately(plan, values, shift.value, shift.allowed, shift.single)
        return
    task = _chunk if isinstance(executor, ThreadPoolExecutor) else _chunk_in_process
    waiting: deque[Future[list[SelectedInverse]]] = deque()
    # Parallelism is over poles. The cap belongs to the process: set once, around all threads.
    with blas_threads(1):
        for chunk in chunks:
            waiting.append(executor.submit(task, plan, values, chunk))
            if len(waiting) > workers + 1:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


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

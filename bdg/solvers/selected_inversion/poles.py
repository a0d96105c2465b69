"""Many selected inverses of one matrix, on the threads or processes of an executor, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.solvers.monitor import SILENT, Monitor
from bdg.solvers.selected_inversion.factorisation import SelectedInverse, invert_accurately
from bdg.solvers.selected_inversion.plan import Plan
from bdg.solvers.tasks import capped, in_order, shares_memory, workers

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
        length = max(1, -(-len(shifts) // workers(executor)))
    chunks = (shifts[first : first + length] for first in range(0, len(shifts), length))
    done = 0
    task = _chunk if shares_memory(executor) else partial(capped, _chunk)
    monitor.report(part, done, len(shifts))
    for some in in_order((partial(task, plan, values, chunk) for chunk in chunks), executor, monitor):
        done += len(some)
        monitor.report(part, done, len(shifts))
        yield from some


def _chunk(plan: Plan, values: NDArray[Any], shifts: Sequence[Shift]) -> list[SelectedInverse]:
    return [invert_accurately(plan, values, s.value, s.allowed, s.single) for s in shifts]


def worth_single_precision(gamma: float, allowed: float, n_rows: int) -> bool:
    """Whether float32 can be expected to be found as exact as that, and to be faster.

    On small samples it gains too little to be worth compiling the kernels for another type.

    The constants are those of gapped lattices with hopping 1; where they promise too much the residual says
    so, and the inverse is done again in double precision.
    """
    return n_rows >= _LARGE and float(np.finfo(np.float32).eps) * (6.0 + 2.0 / gamma) < allowed

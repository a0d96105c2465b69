"""Shortest of several runs, and the rate of the machine's own matrix product."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from bdg.resources import blas_threads
from bdg.upkeep.speed import best

__all__ = ["THREADS", "beside_dgemm", "best", "processor_time"]

THREADS = 2
"""Threads of both solvers wherever they are compared."""


def processor_time(function: Callable[[], object]) -> float:
    """Shortest processor time of this thread, in seconds: what others do on the machine counts little."""
    return best(function, batch=0.05, spend=1.0, clock=time.thread_time)


def beside_dgemm(function: Callable[[], object], n: int = 1500, rounds: int = 20) -> tuple[float, float]:
    """Processor time of one thread, and the flops a second of products of real n × n matrices beside it.

    They take turns, and the shortest time of each counts: a clock that slows down slows both.
    """
    a, b = (np.random.default_rng(seed).random((n, n)) for seed in (0, 1))
    own = product = np.inf

    def once(what: Callable[[], object]) -> float:
        return best(what, runs=1, spend=0.0, batch=0.05, clock=time.thread_time)

    with blas_threads(1):
        function()
        for _ in range(rounds):
            own, product = min(own, once(function)), min(product, once(lambda: a @ b))
    return own, 2.0 * n**3 / product

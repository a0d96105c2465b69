"""Shortest of several runs, and the rate of the machine's own matrix product."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from bdg.resources import blas_threads

THREADS = 2
"""Threads of both solvers wherever they are compared."""


def best(
    function: Callable[[], object],
    *,
    runs: int = 3,
    spend: float = 0.5,
    batch: float = 0.0,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Shortest of at least so many runs that take at least so long together, in seconds.

    Parameters
    ----------
    function
        What to do.
    runs, spend
        Smallest number of runs, and seconds they take together.
    batch
        Runs are timed by as many as take so long: a clock of processor time ticks coarsely.
    clock
        Wall time by default.
    """
    length = 1
    while True:
        start = clock()
        for _ in range(length):
            function()
        seconds = clock() - start
        if seconds >= batch:
            break
        length *= 2
    shortest, spent, count = seconds, seconds, 1
    while count < runs or spent < spend:
        start = clock()
        for _ in range(length):
            function()
        seconds = clock() - start
        shortest, spent, count = min(shortest, seconds), spent + seconds, count + 1
    return shortest / length


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

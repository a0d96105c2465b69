"""Benchmarks: tables with ratios and the goals they are judged by, measured in one run.

`command` runs them by name; each of the modules it names is one benchmark, ``measure(scale) -> list[Table]``.
Shared: `timing` (best of several, dgemm), `process` (a process of its own, peak memory), `samples`, `table`
(goals, printing), `machine`; :mod:`bdg.upkeep.speed`, which users have, times one iteration and one loop.
"""

from benchmarks.command import NAMES, bench

__all__ = ["NAMES", "bench"]

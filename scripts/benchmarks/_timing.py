"""Shared by the benchmarks: best of several runs, and a plain table."""

import time
from collections.abc import Callable, Sequence
from typing import Any


def best(function: Callable[[], Any], runs: int = 5) -> float:
    """Shortest of several runs, in seconds, after one to warm up."""
    function()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print columns, each as wide as it must be."""
    lines = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))

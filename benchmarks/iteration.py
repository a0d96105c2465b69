"""An SCF iteration at full tolerance, selected inversion against LAPACK, by size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bdg.upkeep.speed import TOLERANCE, Iterated, named, timed_iteration
from benchmarks.process import in_own_process
from benchmarks.scale import Scale, pick
from benchmarks.table import NO_GOAL, Goal, Row, Table
from benchmarks.timing import THREADS

GOALS = {16: Goal(8, 20), 24: Goal(20, 50), 40: Goal(120, 280), 100: Goal(2500, 6000)}


def measure(scale: Scale) -> list[Table]:
    """Disordered open square lattices, every measurement in a process of its own."""
    dense_sizes = pick(scale, (4, 6), (16, 24, 40), (16, 24, 40, 64))
    sizes = sorted({*dense_sizes, *pick(scale, (8,), (100,))})
    return [compare([(size, size) for size in sizes], [(size, size) for size in dense_sizes], GOALS)]


def compare(
    shapes: list[tuple[int, ...]], dense_shapes: list[tuple[int, ...]], goals: dict[int, Goal]
) -> Table:
    """Both solvers on the shapes; LAPACK's time is extrapolated by N³ where it isn't run."""
    dense = {
        shape: in_own_process(one_iteration, "diagonalization", shape, 0.05, 2) for shape in dense_shapes
    }
    largest = dense_shapes[-1]
    rows: list[Row] = []
    for shape in shapes:
        found, gibibytes = in_own_process(one_iteration, "selected_inversion", shape)
        row: Row = {"sites": named(shape), "selected inversion / s": found["seconds"]}
        if shape in dense:
            seconds, source = dense[shape][0]["seconds"], "run"
        else:
            growth = (math.prod(shape) / math.prod(largest)) ** 3
            seconds, source = dense[largest][0]["seconds"] * growth, f"{named(largest)} × {growth:.4g}"
        ratio = seconds / found["seconds"]
        row |= {"LAPACK / s": seconds, "LAPACK from": source, "ratio": ratio}
        row |= goals[shape[0]].judged(ratio) if shape[0] in goals else NO_GOAL
        row |= {"memory / GiB": gibibytes, "error estimate": found["error"]}
        row |= _against_dense(found, *dense[shape]) if shape in dense else {}
        rows.append(row)
    notes = [
        f"errors ≤ {TOLERANCE:g}, both on {THREADS} threads; width 2, U = 2.5, μ = −0.5, T = 0.05, open",
        f"LAPACK (evd, with vectors) beyond {named(largest)} is extrapolated from it by N³",
        "memory: peak of a process that does nothing else, interpreter and libraries included",
    ]
    return Table("SCF iteration: H, f(H) on sites and bonds, new Δ", rows, notes)


def _against_dense(found: Iterated, dense: Iterated, gibibytes: float) -> Row:
    difference = np.abs(np.subtract(found["delta"], dense["delta"])).max()
    return {"LAPACK memory / GiB": gibibytes, "difference of Δ / t": float(difference)}


def one_iteration(method: str, shape: Sequence[int], temperature: float = 0.05, runs: int = 3) -> Iterated:
    """Shortest time of an iteration on as many threads as everywhere in these tables."""
    return timed_iteration(method, shape, temperature, runs, THREADS)

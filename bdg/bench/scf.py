"""A whole self-consistency loop of a large disordered sample."""

from __future__ import annotations

import time

from bdg.bench.samples import disordered, named, uniform_fields
from bdg.bench.scale import Scale, pick
from bdg.bench.table import Goal, Row, Table
from bdg.bench.timing import THREADS
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.selected_inversion import SelectedInversion

GOAL = Goal(3, 1, at_least=False)


def measure(scale: Scale) -> list[Table]:
    """100×100 to 1e-8 from Δ = 0.5, compiled, symbolic phase included; the best of a few."""
    shape = pick(scale, (6, 6), (100, 100))
    rows = [_loop(shape) for _ in range(pick(scale, 1, 4))][1 if scale != "toy" else 0 :]
    row = min(rows, key=lambda row: float(row["s"]))
    if scale != "toy":
        row |= GOAL.judged(float(row["s"]))
    return [Table(f"SCF to 1e-8 from Δ = 0.5, {THREADS} threads, best of {len(rows)} after one", [row])]


def _loop(shape: tuple[int, ...]) -> Row:
    model = disordered(shape)
    start = time.perf_counter()
    solver = SelectedInversion(threads=THREADS)
    outcome = self_consistency(model, solver, ScfOptions(tolerance=1e-8), initial=uniform_fields(model))
    seconds = time.perf_counter() - start
    last = outcome.history[-1]
    return {
        "sites": named(shape),
        "ended": outcome.status,
        "iterations": len(outcome.history),
        "residual / t": last.residual,
        "s": seconds,
    }

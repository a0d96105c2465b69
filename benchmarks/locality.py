"""Patches against the sample in one piece: errors, their estimates and times; then a loop of a large one."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from bdg.expectations import site_and_bond_pattern
from bdg.lattice import build_sample
from bdg.model import Model, build_model
from bdg.nambu import NambuAssembler, NambuMatrix
from bdg.scf import ScfOptions, initial_fields, self_consistency
from bdg.solvers import Pattern
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.upkeep.speed import disordered
from benchmarks.process import in_own_process
from benchmarks.samples import matrix_of, named
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table
from benchmarks.timing import THREADS

TEMPERATURE = 0.05
BETTER = 1e-2
"""Tolerance of what patches are compared with, in units of theirs."""

SECONDS, MEMORY = Goal(120, 75, at_least=False), Goal(5, at_least=False)


def measure(scale: Scale) -> list[Table]:
    """Errors at 256×256; with ``large`` the loop of 1008×1008."""
    side = pick(scale, 12, 256)
    rows = [
        row
        for name, matrix, pattern in _matrices(side)
        for tolerance in pick(scale, (1e-4,), (1e-4, 1e-6, 1e-9))
        for row in [_compared(name, matrix, pattern, tolerance)]
    ]
    tables = [Table(f"patches against one piece, {named((side, side))} periodic, {THREADS} threads", rows)]
    if scale != "usual":
        loop, gibibytes = in_own_process(loop_of, pick(scale, 12, 1008, 1008), 1e-6)
        row: Row = {"sites": named((loop["side"],) * 2), **loop, "memory / GiB": gibibytes}
        row.pop("side")
        if scale == "large":
            row |= SECONDS.judged(float(loop["s"]))
        tables.append(Table("SCF to 1e-6: width 2, U = 2.5, T = 0.05, periodic", [row]))
    return tables


def loop_of(side: int, tolerance: float) -> Row:
    """A whole loop from Δ = 0.5: seconds, iterations and the error that was estimated."""
    model = disordered((side, side), boundary="periodic")
    start = time.perf_counter()
    outcome = self_consistency(model, SelectedInversion(threads=THREADS), ScfOptions(tolerance=tolerance))
    last = outcome.history[-1]
    return {
        "side": side,
        "ended": outcome.status,
        "iterations": len(outcome.history),
        "residual / t": last.residual,
        "error of Δ / t": last.solver_error,
        "mean Δ / t": last.mean_delta,
        "s": time.perf_counter() - start,
    }


def _matrices(side: int) -> list[tuple[str, NambuMatrix, Pattern]]:
    """Disordered s wave with a wide and a narrow gap, and d wave."""
    s_wave, d_wave = disordered((side, side), boundary="periodic"), _d_wave(side)
    pattern = site_and_bond_pattern(s_wave.sample)
    wide = matrix_of(s_wave)
    nodal = NambuAssembler(d_wave).matrix(initial_fields(d_wave, "uniform"))
    return [
        ("s wave, Δ = 0.5", wide, pattern),
        ("s wave, Δ = 0.1", _with_pairs(wide, 0.2), pattern),
        ("d wave", nodal, site_and_bond_pattern(d_wave.sample)),
    ]


def _d_wave(side: int) -> Model:
    sample = build_sample("square", [side, side], "periodic")
    return build_model(
        sample,
        chemical_potential=-0.5,
        bond_attraction=1.2,
        channels="d_x2_y2",
        temperature=TEMPERATURE,
    )


def _with_pairs(matrix: NambuMatrix, factor: float) -> NambuMatrix:
    """H with its pairs on sites scaled."""
    values = matrix.momenta[0].values.copy()
    values[:, [0, 1], [1, 0]] *= factor
    return replace(matrix, momenta=(replace(matrix.momenta[0], values=values),))


def _compared(name: str, matrix: NambuMatrix, pattern: Pattern, tolerance: float) -> Row:
    """Times of both ways, and how the error compares with what was estimated."""
    seconds, found = {}, {}
    for locality in (True, False):
        solver = SelectedInversion(threads=THREADS, locality=locality)
        for _ in range(2):  # the first one orders, and measures the decay
            start = time.perf_counter()
            found[locality] = solver.correlations(matrix, TEMPERATURE, pattern, tolerance=tolerance)
            seconds[locality] = time.perf_counter() - start
    solver = SelectedInversion(threads=THREADS, locality=False)
    exact = solver.correlations(matrix, TEMPERATURE, pattern, tolerance=BETTER * tolerance)
    error = float(np.abs(found[True].blocks - exact.blocks).max())
    return {
        "sample": name,
        "tolerance": tolerance,
        "patches / s": seconds[True],
        "one piece / s": seconds[False],
        "ratio": seconds[False] / seconds[True],
        "error": error,
        "estimate": found[True].error,
        "estimate/error": found[True].error / error,
    }

"""From how many sites on selected inversion is the faster solver."""

from __future__ import annotations

from bdg.solvers.choose import DENSE_BELOW, DENSE_BELOW_AT_ZERO
from bdg.upkeep.speed import named
from benchmarks.iteration import one_iteration
from benchmarks.scale import Scale, pick
from benchmarks.table import Row, Table
from benchmarks.timing import THREADS


def measure(scale: Scale) -> list[Table]:
    """Both solvers on square samples, at T = 0.05 and at T = 0."""
    warm = [(n, n) for n in pick(scale, (2, 3), (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16))]
    cold = [(n, n) for n in pick(scale, (4,), (4, 6, 8, 10, 12, 14, 16, 20, 24))]
    return [
        _compare(warm, 0.05, f"DENSE_BELOW in bdg/solvers/choose.py is {DENSE_BELOW} rows, 2 a site"),
        _compare(
            cold, 0.0, f"DENSE_BELOW_AT_ZERO is {DENSE_BELOW_AT_ZERO} rows; without a gap, all are LAPACK's"
        ),
    ]


def _compare(shapes: list[tuple[int, int]], temperature: float, note: str) -> Table:
    rows: list[Row] = []
    for shape in shapes:
        runs = 3 if shape[0] > 16 else 20
        dense, sparse = (
            one_iteration(method, shape, temperature, runs)["seconds"]
            for method in ("diagonalization", "selected_inversion")
        )
        n_sites = shape[0] * shape[1]
        row: Row = {"sites": named(shape), "n_sites": n_sites}
        rows.append(row | {"LAPACK / ms": 1e3 * dense, "selected inversion / ms": 1e3 * sparse})
        rows[-1]["ratio"] = dense / sparse
    slower = [int(row["n_sites"]) for row in rows if float(row["ratio"]) < 1]
    faster = [int(row["n_sites"]) for row in rows if not slower or int(row["n_sites"]) > max(slower)]
    crossing = f"selected inversion wins from {min(faster)} sites on" if faster else "LAPACK wins on all"
    title = f"An SCF iteration of both solvers at T = {temperature:g}, {THREADS} threads: {crossing}"
    return Table(title, rows, [note])

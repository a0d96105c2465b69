"""Sample and Nambu matrix of an open square lattice, warm, in a process of its own a size."""

from __future__ import annotations

from bdg.bench.process import in_own_process
from bdg.bench.samples import matrix_of, named
from bdg.bench.scale import Scale, pick
from bdg.bench.table import Row, Table
from bdg.bench.timing import best
from bdg.lattice import build_sample
from bdg.model import build_model
from bdg.nambu import NambuMatrix


def measure(scale: Scale) -> list[Table]:
    """Seconds and peak memory by size."""
    rows: list[Row] = []
    for size in pick(scale, (10,), (100, 300, 1000)):
        (seconds, entries), gibibytes = in_own_process(job, size)
        row: Row = {"sites": named((size, size)), "best of 5 / s": seconds}
        rows.append(row | {"peak memory / GiB": gibibytes, "stored entries": entries})
    return [Table("Sample and Nambu matrix", rows)]


def job(size: int) -> tuple[float, int]:
    """Shortest time, and entries stored."""
    entries = 4 * len(_matrix(size).indices)
    return best(lambda: _matrix(size), runs=5, spend=0.0), entries


def _matrix(size: int) -> NambuMatrix:
    model = build_model(build_sample("square", [size, size]), chemical_potential=-0.5, attraction=2.5)
    return matrix_of(model)

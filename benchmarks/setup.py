"""Sample and Nambu matrix, warm, in a process of its own a size: open squares, and disks with a hole."""

from __future__ import annotations

import numpy as np

from bdg.lattice import Sample, build_sample, difference, disk, preset
from bdg.model import build_model
from bdg.nambu import NambuMatrix
from benchmarks.process import in_own_process
from benchmarks.samples import matrix_of, named
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table
from benchmarks.timing import best

DISK = Goal(2.0, at_least=False)


def measure(scale: Scale) -> list[Table]:
    """Seconds and peak memory by size; then disks with a hole, of about 10⁵ sites."""
    rows: list[Row] = []
    for size in pick(scale, (10,), (100, 300, 1000)):
        (seconds, _, entries), gibibytes = in_own_process(job, "square", size)
        row: Row = {"sites": named((size, size)), "best of 5 / s": seconds}
        rows.append(row | {"peak memory / GiB": gibibytes, "stored entries": entries})
    disks: list[Row] = []
    for kind, size in pick(
        scale, {"square": 12, "triangular": 14}, {"square": 370, "triangular": 398}
    ).items():
        (seconds, sites, entries), gibibytes = in_own_process(job, kind, size, True)
        row = {"disk with a hole": kind, "sites": sites, "best of 5 / s": seconds}
        row |= DISK.judged(seconds) if scale != "toy" else {}
        disks.append(row | {"peak memory / GiB": gibibytes, "stored entries": entries})
    return [Table("Sample and Nambu matrix", rows), Table("Sample and Nambu matrix of a disk", disks)]


def job(kind: str, size: int, is_disk: bool = False) -> tuple[float, int, int]:
    """Shortest time, number of sites, and entries stored."""
    entries = 4 * len(_matrix(kind, size, is_disk).indices)
    sites = _sample(kind, size, is_disk).n_sites
    return best(lambda: _matrix(kind, size, is_disk), runs=5, spend=0.0), sites, entries


def _sample(kind: str, size: int, is_disk: bool) -> Sample:
    if not is_disk:
        return build_sample(kind, [size, size])
    vectors = preset(kind).vectors
    middle = vectors.sum(axis=0) * (size - 1) / 2
    height = (size - 1) * float(np.linalg.det(vectors)) / float(np.linalg.norm(vectors[0]))
    return build_sample(
        kind, [size, size], region=difference([disk(height / 2, middle), disk(height / 7, middle)])
    )


def _matrix(kind: str, size: int, is_disk: bool) -> NambuMatrix:
    model = build_model(_sample(kind, size, is_disk), chemical_potential=-0.5, attraction=2.5)
    return matrix_of(model)

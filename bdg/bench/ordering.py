"""Geometric nested dissection against METIS, by fill, flops and time; and the time of the symbolic phase."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.bench.samples import matrix_of, named, open_lattice, uniform_matrix, whole_pattern
from bdg.bench.scale import Scale, pick
from bdg.bench.table import Goal, Row, Table
from bdg.kernels.dissection import dissect
from bdg.kernels.fill import column_counts
from bdg.lattice import build_sample, regions
from bdg.model import build_model
from bdg.nambu import NambuMatrix
from bdg.solvers.selected_inversion.algebra import choose_algebra
from bdg.solvers.selected_inversion.elimination import analyse
from bdg.solvers.selected_inversion.plan import make_plan

SYMBOLIC = Goal(2.0, at_least=False)
LEAF = 16
Graph = tuple[NDArray[np.int64], NDArray[np.int32]]


def measure(scale: Scale) -> list[Table]:
    """Both orderings on samples of all sorts, then the symbolic phase by size."""
    return [_orderings(scale), _symbolic(scale)]


def _samples(scale: Scale) -> dict[str, NambuMatrix]:
    squares, cubes = pick(scale, (6,), (24, 100, 256)), pick(scale, (3,), (16, 24))
    matrices = {}
    for boundary in ("open", "periodic"):
        for shape in [(n, n) for n in squares] + [(n, n, n) for n in cubes]:
            matrices[f"{named(shape)} {boundary}"] = uniform_matrix(shape, boundary)
    n = squares[-1]
    ring = build_sample("square", [n, n], region=regions.ring(n / 4, n / 2, [n / 2 - 0.5] * 2))
    matrices[f"ring in {named((n, n))}"] = matrix_of(build_model(ring))
    shells = build_sample("square", [n, n], shells=2)
    matrices[f"{named((n, n))} open, t'"] = matrix_of(build_model(shells, hopping=[1.0, 0.3]))
    return matrices


def _orderings(scale: Scale) -> Table:
    rows: list[Row] = []
    notes = ["fill: entries of the scalar factor, Σ c; flops: Σ c² (c entries of a column)"]
    try:
        import pymetis
    except ImportError:
        pymetis = None
        notes.append("METIS is not installed (extra bdg[metis]): its columns are left out")
    for name, matrix in _samples(scale).items():
        graph = (matrix.indptr, matrix.indices)
        own, seconds = _timed(lambda m=matrix: dissect(m.indptr, m.indices, m.positions, LEAF)[0])
        fill, flops = _cost(graph, own)
        row: Row = {"sample": name, "fill": fill, "flops": flops, "s": seconds}
        if pymetis is not None:
            adjacency = pymetis.CSRAdjacency(*_without_diagonal(graph))
            found, seconds = _timed(lambda a=adjacency: pymetis.nested_dissection(a)[0])
            metis_fill, metis_flops = _cost(graph, np.asarray(found, np.int32))
            row |= {"METIS fill": metis_fill, "METIS flops": metis_flops, "METIS s": seconds}
            row |= {"fill METIS/own": metis_fill / fill, "flops METIS/own": metis_flops / flops}
        rows.append(row)
    return Table("Geometric nested dissection against METIS", rows, notes)


def _symbolic(scale: Scale) -> Table:
    rows: list[Row] = []
    for size in pick(scale, (6,), (100, 256, 512, 1000)):
        matrix = open_lattice((size, size))
        algebra, pattern = choose_algebra(matrix), whole_pattern(matrix)
        _, ordering = _timed(lambda m=matrix: dissect(m.indptr, m.indices, m.positions, LEAF))
        arithmetic = {"planes": algebra.planes, "rows": algebra.rows, "symmetric": algebra.symmetric}
        _, layout = _timed(lambda m=matrix, a=arithmetic: analyse(m.indptr, m.indices, m.positions, **a))
        _, plan = _timed(lambda m=matrix, a=algebra, p=pattern: make_plan(m, p, a))
        row: Row = {"sites": named((size, size)), "ordering / s": ordering, "with fronts / s": layout}
        row["whole plan / s"] = plan
        rows.append(row | (SYMBOLIC.judged(plan) if size == 1000 else {}))
    return Table(
        "Symbolic phase, once a sample", rows, ["the plan: ordering, fronts, all indices; best of 2"]
    )


def _timed(function: Any) -> tuple[Any, float]:
    """The result and the shorter of two times."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return result, min(times)


def _cost(graph: Graph, permutation: NDArray[np.int32]) -> tuple[float, float]:
    counts = column_counts(*graph, permutation).astype(float) + 1.0
    return float(counts.sum()), float((counts**2).sum())


def _without_diagonal(graph: Graph) -> Graph:
    indptr, indices = graph
    rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    kept = rows != indices
    starts = np.concatenate(([0], np.cumsum(np.bincount(rows[kept], minlength=len(indptr) - 1))))
    return starts.astype(np.int32), indices[kept].astype(np.int32)

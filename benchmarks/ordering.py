"""Our nested dissection against METIS, by fill, flops and times; and the time of the symbolic phase."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.ordering.dissection import dissect
from bdg.kernels.ordering.supernodes import column_tree
from bdg.lattice import build_sample, regions
from bdg.model import build_model
from bdg.nambu import NambuMatrix
from bdg.resources import blas_threads
from bdg.solvers.selected_inversion.algebra import choose_algebra
from bdg.solvers.selected_inversion.elimination import analyse
from bdg.solvers.selected_inversion.factorisation import invert_selected
from bdg.solvers.selected_inversion.ordering import fronts_of, metis, order
from bdg.solvers.selected_inversion.plan import make_plan
from benchmarks.samples import matrix_of, named, open_lattice, uniform_matrix, whole_pattern
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table
from benchmarks.timing import processor_time

SYMBOLIC = Goal(2.0, at_least=False)
LEAF = 10
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
    for name, matrix in _samples(scale).items():
        graph = (matrix.indptr, matrix.indices)
        row: Row = {"sample": name}
        own, seconds = _timed(lambda m=matrix: dissect(m.indptr, m.indices, m.positions, LEAF))
        fill, flops = _cost(graph, own[0])
        inverse = _inverse(matrix, own)
        row |= {"fill": fill, "flops": flops, "order / s": seconds, "inverse / s": inverse}
        permutation, seconds = _timed(lambda g=graph: metis(*g))
        if permutation is not None:
            metis_fill, metis_flops = _cost(graph, permutation)
            row |= {"fill METIS/own": metis_fill / fill, "flops METIS/own": metis_flops / flops}
            row["METIS / s"] = seconds
            row["inverse METIS/own"] = _inverse(matrix, fronts_of(*graph, permutation)) / inverse
        chosen = order(*graph, matrix.positions)
        row["chosen"] = "own" if np.array_equal(chosen[0], own[0]) else "METIS"
        rows.append(row)
    notes = [
        "fill: entries of the scalar factor, Σ c; flops: Σ c² (c entries of a column)",
        "inverse: one pole, one thread, our fronts or those made of METIS's order",
    ]
    if metis(np.array([0, 0]), np.zeros(0, np.int32)) is None:
        notes.append("METIS is not installed (extra bdg[metis]): its columns are left out")
    return Table("Our nested dissection against METIS", rows, notes)


def _inverse(matrix: NambuMatrix, found: tuple[Any, Any]) -> float:
    """Seconds of one selected inverse with these fronts."""
    plan = make_plan(
        matrix.sparsity, whole_pattern(matrix), choose_algebra(matrix), ordering=lambda *_: found
    )
    values = plan.load(matrix.momenta[0].values)
    with blas_threads(1):
        invert_selected(plan, values, 0.2)
        return processor_time(lambda: invert_selected(plan, values, 0.2))


def _symbolic(scale: Scale) -> Table:
    rows: list[Row] = []
    for size in pick(scale, (6,), (100, 256, 512, 1000)):
        matrix = open_lattice((size, size))
        algebra, pattern = choose_algebra(matrix), whole_pattern(matrix)
        found, ordering = _timed(lambda m=matrix: dissect(m.indptr, m.indices, m.positions, LEAF))
        arithmetic = {"planes": algebra.planes, "rows": algebra.rows, "symmetric": algebra.symmetric}
        _, layout = _timed(lambda m=matrix, f=found, a=arithmetic: analyse(m.indptr, m.indices, f, **a))
        _, plan = _timed(lambda m=matrix, a=algebra, p=pattern: make_plan(m.sparsity, p, a))
        row: Row = {"sites": named((size, size)), "ordering / s": ordering, "fronts / s": layout}
        row["whole plan / s"] = plan
        rows.append(row | (SYMBOLIC.judged(plan) if size == 1000 else {}))
    return Table(
        "Symbolic phase, once a sample", rows, ["the plan: ordering, fronts, all indices; best of 3"]
    )


def _timed(function: Any) -> tuple[Any, float]:
    """The result and the shortest of three times."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return result, min(times)


def _cost(graph: Graph, permutation: NDArray[np.int32]) -> tuple[float, float]:
    counts = column_tree(*graph, permutation)[1].astype(float) + 1.0
    return float(counts.sum()), float((counts**2).sum())

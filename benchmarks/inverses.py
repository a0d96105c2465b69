"""Selected entries of inverses of matrices from other fields, beside a sparse LU and a dense inverse."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

import bdg
from bdg.resources import blas_threads
from benchmarks.scale import Scale, pick
from benchmarks.table import Row, Table

DENSE = 3000
"""Most rows of which the dense inverse is measured; beyond, its time grows with the cube."""


def measure(scale: Scale) -> list[Table]:
    """The whole call, its entries against a solve, and what others take."""
    rows = [_row(name, matrix) for name, matrix in _matrices(scale).items()]
    notes = [
        "selected: entries at the places of the matrix, ln|det|, the error; with the order of elimination",
        f"dense: numpy.linalg.inv, measured to {DENSE} rows, then extrapolated with the cube; one thread",
        "SuperLU: the factorisation alone, which gives no entry yet, and then all columns one by one",
        "off: largest difference from a column by SuperLU, as a share of the largest entry",
    ]
    return [Table("Selected entries of the inverse of any sparse matrix", rows, notes)]


def _laplacian(n: int, dimension: int) -> Any:
    one = sparse.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(n, n))
    total = one
    for _ in range(dimension - 1):
        total = sparse.kron(total, sparse.eye_array(n)) + sparse.kron(sparse.eye_array(total.shape[0]), one)
    return sparse.csc_array(total)


def _matrices(scale: Scale) -> dict[str, Any]:
    plane, large, cube = pick(scale, (8, 12, 4), (100, 400, 20))
    wind = sparse.diags_array([0.4, -0.4], offsets=[1, -1], shape=(plane, plane))
    waves = (0.7 - 0.05j) * sparse.eye_array(plane**2)
    rng = np.random.default_rng(0)
    places = tuple(rng.integers(0, plane**2, (2, 3 * plane**2 // 2)))
    graph = sparse.coo_array((rng.random(len(places[0])), places), shape=(plane**2, plane**2))
    return {
        f"Laplacian {plane}²": _laplacian(plane, 2),
        f"Laplacian {large}²": _laplacian(large, 2),
        f"Laplacian {cube}³": _laplacian(cube, 3),
        f"with wind, {plane}²": _laplacian(plane, 2) + sparse.kron(wind, sparse.eye_array(plane)).tocsc(),
        f"waves with loss, {plane}²": sparse.csc_array(_laplacian(plane, 2) - waves),
        f"random graph, {plane**2}": sparse.csc_array(graph + graph.T + 4 * sparse.eye_array(plane**2)),
    }


def _row(name: str, matrix: Any) -> Row:
    n = matrix.shape[0]
    bdg.selected_inverse(sparse.eye_array(2, dtype=matrix.dtype, format="csr"))  # compiles
    found, seconds = _timed(lambda: bdg.selected_inverse(matrix, threads=1))
    with blas_threads(1):
        factors, factorised = _timed(lambda: splu(matrix))
        unit = np.zeros(n, matrix.dtype)
        unit[n // 2] = 1
        column, solved = _timed(lambda: factors.solve(unit))
        size = min(n, DENSE)
        _, dense = _timed(lambda: np.linalg.inv(matrix[:size, :size].toarray()))
    places = found.entries[:, [n // 2]].tocoo()
    off = np.abs(places.data - column[places.coords[0]]).max() / np.abs(found.entries.data).max()
    return {
        "matrix": name, "rows": n, "selected / s": seconds, "error": found.error, "off": float(off),
        "SuperLU / s": factorised, "all columns / s": solved * n, "dense / s": dense * (n / size) ** 3,
    }  # fmt: skip


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    found = function()
    return found, time.perf_counter() - began

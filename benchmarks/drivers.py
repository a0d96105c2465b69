"""LAPACK drivers for all eigenvectors of the real Nambu matrix of a disordered square sample."""

from __future__ import annotations

from typing import Any

import scipy.linalg

from bdg.resources import blas_threads
from benchmarks.samples import named, uniform_matrix
from benchmarks.scale import Scale, pick
from benchmarks.table import Row, Table
from benchmarks.timing import THREADS, best


def measure(scale: Scale) -> list[Table]:
    """Three drivers, and one for half the spectrum."""
    rows: list[Row] = []
    for size in pick(scale, (3,), (12, 16, 24)):
        matrix = uniform_matrix((size, size)).dense()
        half = [len(matrix) // 2, len(matrix) - 1]
        cases: dict[str, dict[str, Any]] = {
            f"{driver} / s": {"driver": driver} for driver in ("evd", "evr", "ev")
        }
        cases["evr, half / s"] = {"driver": "evr", "subset_by_index": half}
        row: Row = {"sites": named((size, size))}
        with blas_threads(THREADS):
            for name, options in cases.items():
                row[name] = best(
                    lambda m=matrix, o=options: scipy.linalg.eigh(m, check_finite=False, **o),  # type: ignore[misc]
                    spend=0.0,
                )
        rows.append(row)
    return [Table(f"LAPACK drivers, real Nambu matrix, {THREADS} threads", rows)]

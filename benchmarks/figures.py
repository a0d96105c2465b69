"""A map of every lattice drawn and written, each in a new interpreter, imports and sample included."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bdg.lattice import Sample, build_sample
from bdg.model import Fields
from bdg.result import Result
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table

LATTICES = ("square", "triangular", "honeycomb")

QUICK = Goal(5.0, at_least=False)


def measure(scale: Scale) -> list[Table]:
    """Seconds from the start of Python to the written file, of complex Δ: two maps a figure."""
    rows: list[Row] = []
    size = pick(scale, 6, 300)
    for lattice in LATTICES:
        for suffix in ("png", "pdf"):
            with tempfile.TemporaryDirectory() as folder:
                target = Path(folder, f"map.{suffix}")
                start = time.perf_counter()
                code = f"from benchmarks.figures import job; print(job({lattice!r}, {size}, {str(target)!r}))"
                done = subprocess.run(
                    [sys.executable, "-c", code], check=True, capture_output=True, text=True
                )
                seconds, cells = time.perf_counter() - start, int(done.stdout)
                length = target.stat().st_size
            row: Row = {"lattice": f"{lattice} {size}×{size}", "file": suffix, "cells": cells}
            rows.append(row | {"size / MiB": length / 2**20, "seconds": seconds, **QUICK.judged(seconds)})
    return [Table("Maps of |Δ| and its phase", rows)]


def job(lattice: str, size: int, target: str) -> int:
    """Draw and write one; returns how many cells a map has."""
    from bdg import plot

    sample = build_sample(lattice, [size, size], shells=0)
    plot.save_figure(plot.site_map(_vortex(sample), "delta"), target)
    return sample.n_sites


def _vortex(sample: Sample) -> Result:
    """Δ with a vortex in the middle."""
    x, y = (sample.positions - sample.positions.mean(axis=0) + 1e-3).T
    delta = np.tanh(np.hypot(x, y) / 5) * np.exp(1j * np.arctan2(y, x))
    fields = Fields(delta, np.zeros((2, sample.n_sites)), 0.0)
    return Result("A vortex", sample, 0.05, fields, (), "converged", 1e-8, {})

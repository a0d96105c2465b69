"""Iterations to 1e-8 and time of self-consistency loops on disordered samples."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from bdg.bench.scale import Scale, pick
from bdg.bench.table import Row, Table
from bdg.bench.timing import THREADS
from bdg.lattice import build_sample
from bdg.model import Disorder, build_model
from bdg.scf import self_consistency
from bdg.solvers.diagonalization import Diagonalization

MODELS: dict[str, dict[str, Any]] = {
    "U 2.5, μ −0.5, T 0.05": {"attraction": 2.5, "chemical_potential": -0.5, "temperature": 0.05},
    "U 1.5, n 0.875, Hartree, T 0": {
        "attraction": 1.5,
        "filling": 0.875,
        "fields": ("pairing", "hartree"),
    },
}


def measure(scale: Scale) -> list[Table]:
    """Periodic 24×24, three widths of disorder, two models, LAPACK."""
    rows: list[Row] = []
    size = pick(scale, 4, 24)
    sample = build_sample("square", [size, size], "periodic")
    for width in pick(scale, (2.0,), (2.0, 4.0, 6.0)):
        for name, terms in MODELS.items():
            model = build_model(sample, disorder=Disorder(width), **terms)
            start = time.perf_counter()
            outcome = self_consistency(model, Diagonalization(threads=THREADS))
            seconds = time.perf_counter() - start
            row: Row = {"width": width, "model": name, "ended": outcome.status}
            row |= {"iterations": len(outcome.history), "residual / t": outcome.history[-1].residual}
            rows.append(row | {"mean |Δ| / t": float(np.abs(outcome.fields.delta).mean()), "s": seconds})
    return [Table(f"Loops on {size}×{size}, periodic, LAPACK on {THREADS} threads", rows)]

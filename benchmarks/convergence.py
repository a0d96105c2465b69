"""Iterations to 1e-8 and time of self-consistency loops on disordered samples."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, build_model
from bdg.scf import self_consistency
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from benchmarks.scale import Scale, pick
from benchmarks.table import Row, Table
from benchmarks.timing import THREADS

MODELS: dict[str, dict[str, Any]] = {
    "U 2.5, μ −0.5, T 0.05": {"attraction": 2.5, "chemical_potential": -0.5, "temperature": 0.05},
    "the same, n 0.875": {"attraction": 2.5, "filling": 0.875, "temperature": 0.05},
    "U 1.5, n 0.875, Hartree, T 0": {
        "attraction": 1.5,
        "filling": 0.875,
        "fields": ("pairing", "hartree"),
    },
    "U 2.5, μ −0.5, T 0.05, twist 1": {
        "attraction": 2.5,
        "chemical_potential": -0.5,
        "temperature": 0.05,
        "twist": 1.0,
    },
}


def measure(scale: Scale) -> list[Table]:
    """Periodic 24×24, three widths of disorder: LAPACK, and selected inversion with its Newton steps."""
    rows: list[Row] = []
    size = pick(scale, 4, 24)
    for width in pick(scale, (2.0,), (2.0, 4.0, 6.0)):
        for name, given in MODELS.items():
            terms = dict(given)
            ends = [Boundary("periodic", terms.pop("twist", 0.0)), Boundary("periodic")]
            sample = build_sample("square", [size, size], ends)
            model = build_model(sample, disorder=Disorder(width), **terms)
            row: Row = {"width": width, "model": name}
            for what, solver in (
                ("LAPACK", Diagonalization(threads=THREADS)),
                ("engine", SelectedInversion(threads=THREADS)),
            ):
                start = time.perf_counter()
                outcome = self_consistency(model, solver)
                seconds = time.perf_counter() - start
                iterations = len(outcome.history)
                row |= {f"{what}: ended": outcome.status, f"{what}: turns": iterations, f"{what}: s": seconds}
            row["residual / t"] = outcome.history[-1].residual
            rows.append(row | {"mean |Δ| / t": float(np.abs(outcome.fields.delta).mean())})
    return [Table(f"Loops on {size}×{size}, periodic, {THREADS} threads", rows)]

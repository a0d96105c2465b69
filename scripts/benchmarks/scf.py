"""Iterations to 1e-8 and time of a self-consistency loop on disordered samples, dense solver."""

import time

import numpy as np
from _timing import table

import bdg
from bdg.scf import self_consistency
from bdg.solvers.diagonalization import Diagonalization

rows = []
sample = bdg.build_sample("square", [24, 24], "periodic")
for width in (2.0, 4.0, 6.0):
    for name, terms in {
        "U 2.5, μ −0.5, T 0.05": {"attraction": 2.5, "chemical_potential": -0.5, "temperature": 0.05},
        "U 1.5, n 0.875, Hartree, T 0": {
            "attraction": 1.5,
            "filling": 0.875,
            "fields": ("pairing", "hartree"),
        },
    }.items():
        model = bdg.build_model(sample, disorder=bdg.Disorder(width), **terms)
        start = time.perf_counter()
        outcome = self_consistency(model, Diagonalization())
        seconds = time.perf_counter() - start
        last = outcome.history[-1]
        rows.append(
            (
                f"{width:g}",
                name,
                outcome.status,
                len(outcome.history),
                f"{last.residual:.1e}",
                f"{np.abs(outcome.fields.delta).mean():.4f}",
                f"{seconds:.1f}",
            )
        )
table(("width", "model", "ended", "iterations", "residual / t", "mean |Δ| / t", "s"), rows)

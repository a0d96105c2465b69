"""LAPACK drivers for all eigenvectors of the real Nambu matrix of a disordered square sample."""

import numpy as np
import scipy.linalg
from _timing import best, table

import bdg
from bdg.nambu import NambuAssembler

rows = []
for size in (12, 16, 24):
    sample = bdg.build_sample("square", [size, size])
    model = bdg.build_model(sample, chemical_potential=-0.5, attraction=2.5, disorder=bdg.Disorder(2.0))
    fields = bdg.Fields(np.full(sample.n_sites, 0.5), np.zeros((2, sample.n_sites)), -0.5)
    matrix = NambuAssembler(model).matrix(fields).dense()
    seconds = {
        driver: best(lambda m=matrix, d=driver: scipy.linalg.eigh(m, driver=d, check_finite=False), 3)
        for driver in ("evd", "evr", "ev")
    }
    half = [len(matrix) // 2, len(matrix) - 1]
    seconds["evr, half"] = best(
        lambda m=matrix, h=half: scipy.linalg.eigh(m, driver="evr", subset_by_index=h, check_finite=False), 3
    )
    rows.append((f"{size}×{size}", *(f"{value:.4f}" for value in seconds.values())))
table(("sites", "evd / s", "evr / s", "ev / s", "evr, half / s"), rows)

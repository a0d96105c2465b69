"""Sample and Nambu matrix of an open square lattice, warm, in a process of its own a size."""

import subprocess
import sys

from _timing import table

CODE = """
import resource, sys, time
import numpy as np
import bdg
from bdg.nambu import NambuAssembler

def job(size):
    sample = bdg.build_sample("square", [size, size])
    model = bdg.build_model(sample, chemical_potential=-0.5, attraction=2.5)
    fields = bdg.Fields(np.full(sample.n_sites, 0.5), np.zeros((2, sample.n_sites)), -0.5)
    return NambuAssembler(model).matrix(fields)

job(10)
best = float("inf")
for _ in range(5):
    start = time.perf_counter()
    matrix = job(int(sys.argv[1]))
    best = min(best, time.perf_counter() - start)
    entries = 4 * len(matrix.indices)
    del matrix
print(best, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, entries)
"""

rows = []
for size in (100, 300, 1000):
    printed = subprocess.run(
        [sys.executable, "-c", CODE, str(size)], capture_output=True, text=True, check=True
    )
    seconds, gibibytes, entries = printed.stdout.split()
    rows.append((f"{size}×{size}", f"{float(seconds):.3f}", f"{float(gibibytes):.2f}", entries))
table(("sites", "best of 5 / s", "peak memory / GiB", "stored entries"), rows)

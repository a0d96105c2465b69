"""The LDOS at every site of a sample."""

from __future__ import annotations

import numpy as np

from bdg.solvers import Pattern
from bdg.solvers.selected_inversion import SelectedInversion
from benchmarks.samples import named, open_lattice
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Table, measured
from benchmarks.timing import THREADS, best

GOAL = Goal(12, 6, at_least=False)


def measure(scale: Scale) -> list[Table]:
    """All sites of 128×128, 201 energies from −3 to 3, η = 0.05: one factorisation for each ±E."""
    shape, energies = pick(scale, ((6, 6), 5), ((128, 128), 201))
    hamiltonian = open_lattice(shape)
    sites = np.arange(hamiltonian.n_sites, dtype=np.int32)
    pattern, z = Pattern(sites, sites), (np.linspace(-3, 3, energies) + 0.05j).astype(np.complex128)
    solver = SelectedInversion(threads=THREADS)
    solver.greens(hamiltonian, z[:1], pattern)
    seconds = best(lambda: solver.greens(hamiltonian, z, pattern), runs=1, spend=0.0)
    what = f"{named(shape)}, {energies} energies / s"
    row = measured(what, seconds, GOAL if scale != "toy" else None)
    return [Table(f"LDOS at all sites, η = 0.05, {THREADS} threads", [row])]

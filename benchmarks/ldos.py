"""The LDOS at every site of a sample, and at one of them."""

from __future__ import annotations

from functools import partial

import numpy as np

from bdg.solvers import Pattern
from bdg.solvers.chebyshev import Jackson, Line, Lorentz, Source, spectra
from bdg.solvers.chebyshev.bounds import spectral_bound
from bdg.solvers.contract import TOLERANCE
from bdg.solvers.selected_inversion import SelectedInversion
from benchmarks.samples import named, open_lattice
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table, measured
from benchmarks.timing import THREADS, best, processor_time

GOAL = Goal(12, 6, at_least=False)


def measure(scale: Scale) -> list[Table]:
    """128×128, 201 energies from −3 to 3, η = 0.05: one factorisation for each ±E, or moments of a vector."""
    shape, energies = pick(scale, ((6, 6), 5), ((128, 128), 201))
    hamiltonian = open_lattice(shape)
    sites = np.arange(hamiltonian.n_sites, dtype=np.int32)
    pattern, z = Pattern(sites, sites), (np.linspace(-3, 3, energies) + 0.05j).astype(np.complex128)
    solver = SelectedInversion(threads=THREADS)
    solver.greens(hamiltonian, z[:1], pattern)
    seconds = best(lambda: solver.greens(hamiltonian, z, pattern), runs=1, spend=0.0)
    what = f"{named(shape)}, {energies} energies / s"
    row = measured(what, seconds, GOAL if scale != "toy" else None)
    middle = [Source(np.array([hamiltonian.n_sites // 2 + shape[1] // 2]), np.array([[1.0, 0.0]]))]
    bound = spectral_bound(hamiltonian.sparsity, hamiltonian.momenta[0].values)
    lines: dict[str, Line] = {"Lorentzians to 1e-8": Lorentz(z), "Gaussians": Jackson(z.real, 0.05)}
    alone: list[Row] = []
    for name, line in lines.items():
        spent = processor_time(partial(spectra, hamiltonian, middle, line))
        alone.append({"line": name, "moments": line.count(bound, TOLERANCE), "ms": round(1e3 * spent, 2)})
    return [
        Table(f"LDOS at all sites, η = 0.05, {THREADS} threads", [row]),
        Table(f"LDOS at one site of {named(shape)}, {energies} energies, η or σ = 0.05, one thread", alone),
    ]

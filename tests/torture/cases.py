"""Small runs of many iterations and long observables, for both solvers."""

from __future__ import annotations

from pathlib import Path

COMMON = """
lattice: {{kind: square, size: [{0}, {1}], boundary: periodic}}
hamiltonian: {{filling: 0.9, disorder: {{distribution: uniform, width: 1.5, seed: 3}}}}
interaction: {{onsite: 1.6, fields: [pairing, hartree]}}
temperature: 0.02
solver: {{method: {2}, threads: 1}}
scf: {{tolerance: 1e-10, checkpoint: {3}, mixer: {4}, damping: 0.5}}
observables:
  density: {{}}
  ldos: {{energies: {{start: -1, stop: 1, num: 60}}, broadening: 0.1}}
  dos: {{energies: {{start: -1, stop: 1, num: 60}}, broadening: 0.1}}
  grand_potential: {{}}
output: out.h5
"""
SIZES = {"diagonalization": (6, 5), "selected_inversion": (10, 8)}


def write(method: str, interval: float = 0.0, mixer: str = "anderson") -> Path:
    """Write ``run.yaml`` into the working directory."""
    Path("run.yaml").write_text(COMMON.format(*SIZES[method], method, interval, mixer))
    return Path("run.yaml")

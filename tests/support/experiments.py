"""Every experiment there is, found in the registry, with a small sample that it can be done on."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache

from pydantic import ValidationError

import bdg
from bdg import setup
from bdg.config import ConfigSource
from bdg.errors import InputError
from bdg.observables.registry import contracts

SAMPLES = {
    "junction": """
        lattice: {kind: square, size: [5, 2], boundary: open}
        hamiltonian: {chemical_potential: -0.5, onsite: 1 if x == 2 else 0}
        interaction: {onsite: 2.5}
    """,
    "ring": """
        lattice: {kind: square, size: [6, 1], boundary: [periodic, open]}
        hamiltonian: {chemical_potential: -0.4}
        interaction: {onsite: 2.5}
    """,
    "plane": """
        lattice: {kind: square, size: [1, 1], boundary: {bloch: 6, shift: 0.5}}
        hamiltonian: {chemical_potential: -0.4}
        interaction: {onsite: 2.5}
    """,
    "cylinder": """
        lattice: {kind: square, size: [5, 5]}
        field: {applied: 0.0, gauge: symmetric, screening: {mu0: 0.3, geometry: cylinder}}
        hamiltonian: {chemical_potential: -0.5}
        interaction: {onsite: 2.5}
    """,
    "loop": """
        lattice: {kind: square, size: [5, 4], boundary: open, vacancies: [[2, 1], [2, 2]]}
        hamiltonian: {chemical_potential: -0.5, onsite: 1 if x == 2 else 0}
        interaction: {onsite: 2.5}
    """,
    "plate": """
        lattice: {kind: square, size: [8, 8], boundary: open}
        hamiltonian: {chemical_potential: -0.5}
        interaction: {onsite: 4}
    """,
    "half a quantum": """
        lattice: {kind: chain, size: [24], boundary: periodic}
        hamiltonian: {chemical_potential: -0.5}
        interaction: {onsite: 2.5}
        field: {vector_potential: [0.06544984694978735]}
    """,
}
ON = {"vortex_energy": "plate", "phase_slip": "half a quantum"}
"""Those that smaller samples are checked for but have no state on."""
COMMON = """
temperature: 0.05
scf: {tolerance: 1.0e-8, checkpoint: 0}
solver: {method: diagonalization}
output: run.h5
"""
SMALL = {
    "sweeps": 32,
    "copies": [2, 4],
    "images": 5,
    "potential": 0.5,
    "along": [[2.5, 3.5], [4.5, 3.5]],
    "num": 3,
    "phases": 3,
    "relax": True,
    "levels": 1,
    "tolerance": 0.01,
}
"""Of those parameters that an experiment has; else its defaults."""
STOPS = {"stop": 0.06}
LEADS = ({"leads": 1}, {})


@dataclass(frozen=True)
class Experiment:
    """An experiment and the configuration that does it."""

    name: str
    sample: str
    parameters: dict[str, object]

    @property
    def text(self) -> str:
        listed = ", ".join(f"{key}: {str(value).lower()}" for key, value in self.parameters.items())
        return f"{self.model_text}observables: {{{self.name}: {{{listed}}}}}\n"

    @property
    def model(self) -> bdg.Model:
        return _model(self.sample)

    @property
    def model_text(self) -> str:
        return textwrap.dedent(SAMPLES[self.sample]) + COMMON


@cache
def experiments() -> dict[str, Experiment]:
    """Those of the registry, each on the first sample that it takes."""
    rooms = {name: one.function.__module__.split(".")[1] for name, one in contracts().items()}
    return {name: _small(name) for name, room in rooms.items() if room == "experiments"}


def _small(name: str) -> Experiment:
    contract = contracts()[name]
    own = {key: value for key, value in SMALL.items() if key in contract.forms}
    own |= {key: value for key, value in STOPS.items() if contract.defaults.get(key) is ...}
    for sample in [ON[name]] if name in ON else SAMPLES:
        for leads in LEADS:
            try:
                section = contract.section.model_validate({**own, **leads})
                contract.check(_model(sample), section)
            except (InputError, ValidationError):
                continue
            return Experiment(name, sample, {**own, **leads})
    raise AssertionError(f"{name}: add a sample to {__name__} that it can be done on")


@cache
def _model(sample: str) -> bdg.Model:
    source = ConfigSource(textwrap.dedent(SAMPLES[sample]) + COMMON, "sample.yaml")
    config = source.parse()
    return setup.model_of(config, source, setup.sample_of(config, source))

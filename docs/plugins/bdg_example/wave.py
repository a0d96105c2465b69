"""A term: a charge-density wave that the lattice imposes."""

from dataclasses import dataclass

import numpy as np

import bdg
from bdg.errors import InputError


@dataclass(frozen=True)
class Wave(bdg.Term):
    """ε_i = amplitude · cos(q·r_i + phase).

    Parameters
    ----------
    amplitude
        In t.
    wave_vector
        q in 1/a, as many components as the lattice has directions.
    phase
        In radians.
    """

    amplitude: float
    wave_vector: tuple[float, ...] = (np.pi, np.pi)
    phase: float = 0.0

    def energies(self, sample):
        """On-site energies, shape ``(n_sites,)``, in t."""
        if len(self.wave_vector) != sample.positions.shape[1]:
            given, needed = len(self.wave_vector), sample.positions.shape[1]
            raise InputError(f"wave_vector has {given} components, positions have {needed}")
        return self.amplitude * np.cos(sample.positions @ np.asarray(self.wave_vector) + self.phase)

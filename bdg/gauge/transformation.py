"""Changes of gauge: c_i → e^{iχ_i} c_i, φ_ij → φ_ij + χ_i − χ_j, Δ_i → e^{2iχ_i} Δ_i."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.graph import tree_gauge
from bdg.lattice import Sample

REAL_TOLERANCE = 1e-12
"""How far from a multiple of π, in radians, a phase may be and still count as real."""


def transformed_phase(
    sample: Sample, phase: NDArray[np.float64], angle: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Phases of the bonds source → target after c_i → e^{iχ_i} c_i: φ + χ_target − χ_source."""
    return phase + angle[sample.bonds.target] - angle[sample.bonds.source]


def is_real(phase: NDArray[np.float64]) -> bool:
    """Whether every e^{iφ} is ±1."""
    return bool(np.all(np.abs(phase - np.pi * np.round(phase / np.pi)) <= REAL_TOLERANCE))


def real_gauge(sample: Sample, phase: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Gauge angles χ in which every hopping is real, or ``None`` if there are none.

    There are such angles when every closed loop holds a flux that is a multiple of half an electron's
    period: a uniform vector potential on an open sample, for example, is no field at all. The angles are
    zero where the phases are real as they stand.

    Parameters
    ----------
    sample
        The sample.
    phase
        Peierls phases, shape ``(n_bonds,)``.
    """
    if is_real(phase):
        return np.zeros(sample.n_sites)
    angle: NDArray[np.float64] = tree_gauge(sample.n_sites, sample.bonds.source, sample.bonds.target, phase)
    return angle if is_real(transformed_phase(sample, phase, angle)) else None

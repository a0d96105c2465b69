"""Changes of gauge: c_i → e^{iχ_i} c_i, φ_ij → φ_ij + χ_i − χ_j, Δ_i → e^{2iχ_i} Δ_i."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.kernels.ordering.graph import tree_gauge
from bdg.lattice import Sample

REAL_TOLERANCE = 1e-12
"""How far from a multiple of π, in radians, a phase may be and still count as real."""


def transformed_phase(
    sample: Sample, phase: NDArray[np.float64], angle: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Phases of the bonds source → target after c_i → e^{iχ_i} c_i: φ + χ_target − χ_source."""
    return phase + angle[sample.bonds.target] - angle[sample.bonds.source]


def phase_factor(phase: NDArray[np.float64]) -> Numbers:
    """e^{iφ}, exact and real where every phase is 0 or π."""
    turns = phase / np.pi
    if np.all(np.abs(turns - np.round(turns)) < 1e-12):
        return np.where(np.round(turns) % 2 == 0, 1.0, -1.0)
    turned: NDArray[np.complex128] = np.exp(1j * phase)
    return turned


def between(sample: Sample, values: Numbers, phase: NDArray[np.float64]) -> Numbers:
    """Mean of both ends of every bond, of what turns under a change of gauge as Δ of a site does.

    ½(e^{iφ} Δ_source + e^{−iφ} Δ_target) turns as Δ of the bond does, by χ_source + χ_target.

    Parameters
    ----------
    sample
        The sample.
    values
        Over sites, shape ``(n_sites,)``.
    phase
        Peierls phases of the bonds, shape ``(n_bonds,)``.
    """
    turned = phase_factor(phase)
    mean: Numbers = 0.5 * (
        turned * values[sample.bonds.source] + np.conj(turned) * values[sample.bonds.target]
    )
    return mean


def phase_between(
    sample: Sample, angle: NDArray[np.float64], phase: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Phase of Δ on every bond between ends of the phases θ: θ_source + φ + ½γ, γ = θ_target − θ_source − 2φ.

    γ is taken in [−π, π], so that it does not matter by which multiples of 2π the phases are given; where it
    is there already the result is the mean of both ends. Parameters as for :func:`between`.
    """
    start = angle[sample.bonds.source] + phase
    difference = angle[sample.bonds.target] - start - phase
    return start + 0.5 * (difference - 2 * np.pi * np.round(difference / (2 * np.pi)))


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

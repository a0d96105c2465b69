"""Sums around plaquettes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.conventions import ELECTRON_CHARGE
from bdg.lattice import Sample


def flux(sample: Sample, phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """Σ ± phase of the bonds around every plaquette, counter-clockwise, shape ``(n_plaquettes,)``.

    Of line integrals ∫ A·dl this is the flux Φ through the plaquette, in ħ/e; of Peierls phases (q/ħ)Φ, with
    q = −e. A change of gauge leaves it as it is.

    Parameters
    ----------
    sample
        The sample.
    phase
        A number for each bond, source → target, shape ``(n_bonds,)``.
    """
    plaquettes = sample.plaquettes
    if not len(plaquettes):
        return np.zeros(0)
    through: NDArray[np.float64] = np.add.reduceat(
        plaquettes.signs * phase[plaquettes.bonds], plaquettes.indptr[:-1]
    )
    return through


def flux_of_phases(sample: Sample, phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """Φ in ħ/e through every plaquette that Peierls phases mean, in (−π, π]: electrons see it modulo h/e.

    Parameters
    ----------
    sample
        The sample.
    phase
        Peierls phases of the bonds, shape ``(n_bonds,)``.
    """
    through = flux(sample, phase) / ELECTRON_CHARGE
    return through - 2 * np.pi * np.ceil(through / (2 * np.pi) - 0.5)

"""A thin ring: states of whole windings, their energy and their current as functions of the flux.

F. London, *Superfluids* I (1950); W. A. Little and R. D. Parks, Phys. Rev. Lett. 9, 9 (1962). Energies,
currents and fluxes are in the units of the carriers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Floats
from bdg.theory.macroscopic.carriers import PAIRS, Carriers


def ring_energy(winding: ArrayLike, flux: ArrayLike, radius: float, carriers: Carriers = PAIRS) -> Floats:
    """E_n(Φ) = (ħ²/2mR²)(n − qΦ/h)², energy of a carrier; a function of Φ with the period h/q if n may
    follow.

    Parameters
    ----------
    winding
        n.
    flux
        Φ through the ring, of the applied field and its own.
    radius
        R.
    """
    windings = np.asarray(winding) - np.asarray(flux) / carriers.flux_quantum_of_phase
    energy: Floats = carriers.hbar**2 / (2 * carriers.mass * radius**2) * windings**2
    return energy


def ring_state(flux: ArrayLike, carriers: Carriers = PAIRS) -> NDArray[np.int64]:
    """The winding of lowest energy: the whole number nearest to qΦ/h."""
    return np.rint(np.asarray(flux) / carriers.flux_quantum_of_phase).astype(np.int64)


def ring_current(
    winding: ArrayLike, flux: ArrayLike, radius: float, line_density: float, carriers: Carriers = PAIRS
) -> Floats:
    """I = q n_l v_s = (n_l q²/2πRm)(n h/q − Φ), −∂/∂Φ of the energy of all 2πR n_l carriers.

    Parameters
    ----------
    winding, flux, radius
        As for :func:`ring_energy`.
    line_density
        n_l, carriers a length of the ring: n_s times its cross-section.
    """
    missing = np.asarray(winding) * carriers.flux_quantum_of_phase - np.asarray(flux)
    current: Floats = line_density * carriers.charge**2 / (2 * np.pi * radius * carriers.mass) * missing
    return current

"""Majorana polarisation of the lowest states."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.nambu import NambuMatrix
from bdg.observables.quantity import Quantity
from bdg.observables.state import State
from bdg.topology import is_own_conjugate, localised, polarisation
from bdg.topology.places import along_extent
from bdg.topology.requirements import require


def majorana_polarisation(state: State, count: int = 2) -> dict[str, Quantity]:
    """Majorana polarisation P_r of the lowest states: how far each is its own antiparticle, site by site.

    Σ_r P_r over one half of a sample reaches the state's weight there where that half holds a Majorana mode:
    Sedlmayr, Bena, Phys. Rev. B 92, 115115 (2015). An energy that is not zero in double precision gives one
    state, both its Majorana modes with half the weight each and opposite phases; modes that cannot be told
    from zero come as the Majorana states themselves, ordered along the direction in which the sample
    reaches farthest.

    Parameters
    ----------
    state
        A state of a finite sample.
    count
        How many states; all modes at zero come whatever it is.

    Returns
    -------
    dict
        ``majorana_polarisation``, complex, shape ``(n_states, n_sites)``, with the energies as coordinate
        ``state_energy``; ``majorana_content`` |Σ P_r| of the one half plus that of the other, shape
        ``(n_states,)``: 1 of Majorana modes that lie in different halves, 0 of ordinary quasiparticles.

    Raises
    ------
    InputError
        If the sample is infinite, the count not positive, or spin along z is conserved so that no state can
        be its own antiparticle (but for triplet pairs with d along z, of which one spin's copy is
        measured).
    """
    require("majorana_polarisation", state.model.sample)
    hamiltonian = state.hamiltonian
    if count < 1:
        raise InputError(f"count {count} is impossible; give at least 1")
    if hamiltonian.dofs == 2 and not is_own_conjugate(hamiltonian):
        raise InputError(
            "spin along z is conserved: every quasiparticle carries it, and none is its own antiparticle;"
            " drop majorana_polarisation, or add a field across z, rashba or triplet pairs"
        )
    place = along_extent(state.model.sample)
    energies, states = _lowest(*state.levels, hamiltonian, place, count)
    values = polarisation(states, hamiltonian.dofs)
    halves = [np.abs(values[:, side].sum(axis=1)) for side in (place < 0, place >= 0)]
    axis = {"state_energy": Quantity(energies, ("state",), "t", "energy of the state")}
    name = "Majorana polarisation"
    return {
        "majorana_polarisation": Quantity(values, ("state", "site"), "1", name, axis),
        "majorana_content": Quantity(halves[0] + halves[1], ("state",), "1", "Majorana content", axis),
    }


def _lowest(
    energies: NDArray[np.float64],
    vectors: NDArray[Any],
    hamiltonian: NambuMatrix,
    place: NDArray[np.float64],
    count: int,
) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Energies and states, in columns: the Majorana states at zero, then those of positive energy."""
    rounding = 10 * float(np.finfo(float).eps) * hamiltonian.norm_bound() * np.sqrt(hamiltonian.dimension)
    zero, above = np.abs(energies) <= rounding, np.flatnonzero(energies > rounding)
    chosen = above[: max(0, count - int(zero.sum()))]
    states = vectors[:, chosen]
    if zero.any():
        states = np.concatenate([localised(vectors[:, zero], place, hamiltonian.dofs), states], axis=1)
    return np.concatenate([np.abs(energies[zero]), energies[chosen]]), states

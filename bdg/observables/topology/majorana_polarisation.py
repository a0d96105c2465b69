"""Majorana polarisation of the lowest states."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from bdg.observables.needs import finite
from bdg.observables.parameters import Count
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.solvers.states import degenerate_within, lowest_states
from bdg.topology import apart, is_own_conjugate, localised, polarisation
from bdg.topology.places import along_extent


@observable(
    title="How far the lowest states are their own antiparticles, site by site.",
    group="topology",
    needs=finite("a Majorana polarisation"),
)
def majorana_polarisation(
    state: State,
    count: Annotated[Count, "How many of the lowest states; all at zero energy come anyway."] = 2,
) -> dict[str, Quantity]:
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

    Where spin along z is conserved, every quasiparticle carries it, none is its own antiparticle, and P_r is
    zero; but if all pairs are triplets with d along z, one spin's copy is measured, electrons without spin.

    Raises
    ------
    InputError
        If the sample is infinite or the count not positive.
    """
    hamiltonian = state.hamiltonian
    place = along_extent(state.model.sample)
    if hamiltonian.dofs == 4 or is_own_conjugate(hamiltonian):
        energies, states = _lowest(state, place, count)
        values = polarisation(states, hamiltonian.dofs)
    else:
        energies = np.abs(lowest_states(hamiltonian, count, solver=state.solver).energies)[:count]
        values = np.zeros((len(energies), len(place)), np.complex128)
    halves = [np.abs(values[:, side].sum(axis=1)) for side in (place < 0, place >= 0)]
    axis = {"state_energy": Quantity(energies, ("state",), "t", "energy of the state")}
    name = "Majorana polarisation"
    return {
        "majorana_polarisation": Quantity(values, ("state", "site"), "1", name, axis),
        "majorana_content": Quantity(halves[0] + halves[1], ("state",), "1", "Majorana content", axis),
    }


def _lowest(state: State, place: NDArray[np.float64], count: int) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Energies and states, in columns: the Majorana states at zero, then those of positive energy."""
    hamiltonian, wanted = state.hamiltonian, 2 * count
    rounding = float(np.finfo(float).eps) * hamiltonian.norm_bound() * np.sqrt(hamiltonian.dimension)
    while True:
        found = lowest_states(hamiltonian, wanted, solver=state.solver)
        at_zero = np.abs(found.energies) <= 10 * max(rounding, float(found.errors.max()))
        if not at_zero.all() or not found.is_complete or wanted >= hamiltonian.dimension:
            break
        wanted *= 2
    above = np.flatnonzero((found.energies > 0) & ~at_zero)
    above = above[np.argsort(found.energies[above], kind="stable")]
    levels = [np.abs(found.energies[at_zero])]
    states = [localised(found.vectors[:, at_zero], place, hamiltonian.dofs)] if at_zero.any() else []
    # Levels that are distinguished by nothing but rounding: the count may cut such a group, not turn it.
    breaks = np.flatnonzero(np.diff(found.energies[above]) > degenerate_within(hamiltonian)) + 1
    for group in np.split(above, breaks):
        left = count - sum(map(len, levels))
        if left <= 0 or not len(group):
            break
        states.append(apart(found.vectors[:, group], place, hamiltonian.dofs)[:, :left])
        levels.append(found.energies[group][:left])
    return np.concatenate(levels), np.concatenate(states, axis=1)

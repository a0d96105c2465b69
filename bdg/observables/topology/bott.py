"""The Bott index of a torus."""

from __future__ import annotations

import numpy as np

from bdg.observables.needs import torus
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.topology import bott_index, closed_directions
from bdg.topology.chern import CLOSED
from bdg.topology.places import fractions, orientation


@observable(
    title="Bott index of a torus.", group="topology", needs=torus, numbers={"bott_index": "Bott index"}
)
def bott(state: State) -> dict[str, Quantity]:
    """Bott index of a torus: its Chern number from real space alone, so that disorder does not matter.

    Counted as the Chern number is, both spins together; see :func:`bdg.topology.bott_index`.

    Parameters
    ----------
    state
        A state of a sample that is periodic in two directions.

    Returns
    -------
    dict
        ``bott_index``, an integer; NaN where a level lies at zero energy.

    Raises
    ------
    InputError
        If the sample is no torus.
    """
    sample, hamiltonian = state.model.sample, state.hamiltonian
    closed = closed_directions(sample)
    if orientation(sample, closed) < 0:
        closed = closed[::-1]
    energies, vectors = state.levels
    gap, value = float(np.abs(energies).min()), np.nan
    if gap > CLOSED * hamiltonian.norm_bound():
        places = np.repeat(fractions(sample)[:, closed], hamiltonian.dofs, axis=0)
        value = np.rint(bott_index(vectors[:, energies < 0], places)) * (4 // hamiltonian.dofs)
    notes = {"smallest_energy": gap}
    return {"bott_index": Quantity(np.array(value), (), "1", "Bott index", attributes=notes)}

"""The Bott index of a torus."""

from __future__ import annotations

import numpy as np

from bdg.observables.dense import announce_dense
from bdg.observables.needs import torus
from bdg.observables.quantity import Notes, Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.topology import bott_index, closed_directions, counted_chern, is_wide
from bdg.topology.chern import CLOSED
from bdg.topology.places import fractions, orientation

DENSE_ROWS = 400
"""Rows up to which all eigenvectors are as quick as counting levels."""


@observable(
    title="Bott index of a torus.", group="topology", needs=torus, numbers={"bott_index": "Bott index"}
)
def bott(state: State) -> dict[str, Quantity]:
    """Bott index of a torus: its Chern number from real space alone, so that disorder does not matter.

    Counted as the Chern number is, both spins together: of small samples by :func:`bdg.topology.bott_index`
    from all eigenvectors, of larger ones by :func:`bdg.topology.counted_chern`, the same integer from the
    levels that a quantum of flux moves below zero.

    Parameters
    ----------
    state
        A state of a sample that is periodic in two directions.

    Returns
    -------
    dict
        ``bott_index``, an integer; NaN where a level lies at zero energy, with the flux or without.

    Raises
    ------
    InputError
        If the sample is no torus.
    """
    sample, hamiltonian = state.model.sample, state.hamiltonian
    closed = closed_directions(sample)
    if orientation(sample, closed) < 0:
        closed = closed[::-1]
    least, copies = CLOSED * hamiltonian.norm_bound(), 4 // hamiltonian.dofs
    notes: Notes
    if hamiltonian.dimension > DENSE_ROWS and is_wide(hamiltonian, sample, closed):
        found = counted_chern(hamiltonian, sample, closed, least)
        value, notes = (
            found.chern,
            {"smallest_energy": found.gap, "smallest_energy_in_flux": found.gap_in_flux},
        )
    else:
        value, notes = _dense(state, closed, least)
    return {"bott_index": Quantity(np.array(copies * value), (), "1", "Bott index", attributes=notes)}


def _dense(state: State, closed: list[int], least: float) -> tuple[float, Notes]:
    """The index of a block from all its eigenvectors."""
    announce_dense(
        state,
        f"the Bott index of {state.model.sample.n_sites} sites",
        state.hamiltonian.dimension,
        matrices=4,
        cubes=4,
        instead="make the torus wider than four of its longest bonds, whose levels are counted instead",
    )
    energies, vectors = state.levels
    gap, value = float(np.abs(energies).min()), np.nan
    if gap > least:
        places = np.repeat(fractions(state.model.sample)[:, closed], state.hamiltonian.dofs, axis=0)
        value = float(np.rint(bott_index(vectors[:, energies < 0], places)))
    return value, {"smallest_energy": gap}

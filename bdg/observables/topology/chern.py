"""The Chern number, on momenta."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bdg.lattice import Sample
from bdg.nambu import BlochMomenta, NambuMatrix
from bdg.observables.dense import announce_dense
from bdg.observables.needs import two_closed_directions
from bdg.observables.parameters import Mesh
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.solvers.lowest import lowest_energy
from bdg.topology import chern_number, closed_directions, closed_matrix, counted_chern, is_wide
from bdg.topology.chern import CLOSED, COARSEST
from bdg.topology.places import area, orientation

DENSE_ROWS = 400
"""Rows of a block up to which its states on a mesh are as quick as counting levels."""


@observable(
    title="Chern number, gap and Berry curvature of a sample without ends in two directions.",
    group="topology",
    needs=two_closed_directions,
    numbers={"chern_number": "Chern number"},
    uses_places=False,
)
def chern(state: State, mesh: Mesh = "auto") -> dict[str, Quantity]:
    """Chern number C of the states below zero energy, by Fukui, Hatsugai, Suzuki; see :mod:`bdg.topology`.

    C counts the Majorana modes that run along an edge, both spins together, clockwise where it is
    positive. The fields stay as they are; H is taken at momenta of its own, of a torus at twists of its
    boundary. Where the repeated block is large and no mesh is given, C is that of
    :func:`bdg.topology.counted_chern` instead: no states, no curvature.

    Parameters
    ----------
    state
        A state of a sample with two directions without ends.
    mesh
        Momenta along each; by default as many as it takes for the Berry flux of every plaquette to be small,
        and none where the block is large. With a number every state is found, however long that takes.

    Returns
    -------
    dict
        ``chern_number``, NaN where the gap closes or the mesh does not resolve it;
        ``chern_number_per_spin``, half of it, where spin along z is conserved: that of the block (c_↑,
        c†_↓); ``bulk_gap``, the smallest |E| over the zone, of counted levels at the momenta 0 and π;
        with a mesh ``berry_curvature`` Ω of all states below zero, mean over each plaquette, shape ``(n_k1,
        n_k2)`` with the coordinates k/2π of the plaquettes' middles, in a²; its integral is 2πC.

    Raises
    ------
    InputError
        If the number of directions without ends is not two, or the mesh is too coarse to be one.
    """
    sample = state.model.sample
    closed = closed_directions(sample)
    hamiltonian = closed_matrix(state.model, state.fields)
    is_large = hamiltonian.dimension > DENSE_ROWS and isinstance(hamiltonian.momenta, BlochMomenta)
    if mesh is None and is_large and is_wide(hamiltonian, sample, closed):
        return _counted(hamiltonian, sample, closed)
    length = min(sample.size[d] for d in closed)
    if is_large:
        announce_dense(
            state,
            f"the Berry curvature of {sample.n_sites} sites",
            hamiltonian.dimension,
            matrices=6,
            cubes=12,
            instead="without a mesh the levels of a wide torus are counted instead",
            times=(mesh or COARSEST) ** 2,
        )
    found = chern_number(hamiltonian, closed, orientation(sample, closed), length, mesh)
    copies, n = 4 // hamiltonian.dofs, len(found.k)
    block = area(sample, closed) * float(np.prod([sample.size[d] for d in closed]))
    axes = {
        f"k_{axis}": Quantity(found.k / (2 * np.pi) + 0.5 / n, (f"k_{axis}",), "1", f"k{axis} / 2π")
        for axis in (1, 2)
    }
    curvature = copies * found.flux * n**2 * block / (2 * np.pi) ** 2
    curved = Quantity(curvature, ("k_1", "k_2"), "a^2", "Berry curvature", axes, attributes={"mesh": n})
    return {"berry_curvature": curved, **_numbers(found.chern, copies, found.gap, found.gap_at)}


def _counted(hamiltonian: NambuMatrix, sample: Sample, closed: list[int]) -> dict[str, Quantity]:
    """From the levels of the block as a torus, in a quantum of flux and without."""
    assert isinstance(hamiltonian.momenta, BlochMomenta)
    k = np.zeros((4, hamiltonian.momenta.momenta.k.shape[1]))
    k[:, closed] = np.pi * np.array([(0, 0), (0, 1), (1, 0), (1, 1)])
    blocks = replace(hamiltonian, momenta=hamiltonian.momenta.at(k))
    least = CLOSED * hamiltonian.norm_bound()
    turned = closed if orientation(sample, closed) > 0 else closed[::-1]
    found = counted_chern(blocks, sample, turned, least)
    gaps = [found.gap, *(lowest_energy(blocks, momentum=n) for n in (1, 2, 3))]
    best = int(np.argmin(gaps))
    chern = found.chern if gaps[best] > least else np.nan
    at = (float(k[best, closed[0]]) / (2 * np.pi), float(k[best, closed[1]]) / (2 * np.pi))
    return _numbers(chern, 4 // hamiltonian.dofs, gaps[best], at)


def _numbers(chern: float, copies: int, gap: float, at: tuple[float, float]) -> dict[str, Quantity]:
    """C of all copies of a block, of one, and the gap."""
    where = f"({at[0]:.6g} {at[1]:.6g})"
    quantities = {
        "chern_number": scalar(copies * chern, "1", "Chern number"),
        "bulk_gap": Quantity(np.array(gap), (), "t", "gap of the bulk", attributes={"at": where}),
    }
    if copies == 2:
        quantities["chern_number_per_spin"] = scalar(chern, "1", "Chern number of one spin's block")
    return quantities

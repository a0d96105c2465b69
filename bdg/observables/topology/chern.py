"""The Chern number, on momenta."""

from __future__ import annotations

import numpy as np

from bdg.observables.needs import two_closed_directions
from bdg.observables.parameters import Mesh
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.topology import chern_number, closed_directions, closed_matrix
from bdg.topology.places import area, orientation


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
    boundary.

    Parameters
    ----------
    state
        A state of a sample with two directions without ends.
    mesh
        Momenta along each; by default as many as it takes for the Berry flux of every plaquette to be small.

    Returns
    -------
    dict
        ``chern_number``, NaN where the gap closes or the mesh does not resolve it;
        ``chern_number_per_spin``, half of it, where spin along z is conserved: that of the block (c_↑,
        c†_↓); ``bulk_gap``, the smallest |E| over the zone; ``berry_curvature`` Ω of all states below zero,
        mean over each plaquette, shape ``(n_k1, n_k2)`` with the coordinates k/2π of the plaquettes'
        middles, in a²; its integral is 2πC.

    Raises
    ------
    InputError
        If the number of directions without ends is not two, or the mesh is too coarse to be one.
    """
    sample = state.model.sample
    closed = closed_directions(sample)
    hamiltonian = closed_matrix(state.model, state.fields)
    length = min(sample.size[d] for d in closed)
    found = chern_number(hamiltonian, closed, orientation(sample, closed), length, mesh)
    copies, n = 4 // hamiltonian.dofs, len(found.k)
    block = area(sample, closed) * float(np.prod([sample.size[d] for d in closed]))
    axes = {
        f"k_{axis}": Quantity(found.k / (2 * np.pi) + 0.5 / n, (f"k_{axis}",), "1", f"k{axis} / 2π")
        for axis in (1, 2)
    }
    where = f"({found.gap_at[0]:.6g} {found.gap_at[1]:.6g})"
    curvature = copies * found.flux * n**2 * block / (2 * np.pi) ** 2
    quantities = {
        "berry_curvature": Quantity(
            curvature, ("k_1", "k_2"), "a^2", "Berry curvature", axes, attributes={"mesh": n}
        ),
        "chern_number": scalar(copies * found.chern, "1", "Chern number"),
        "bulk_gap": Quantity(np.array(found.gap), (), "t", "gap of the bulk", attributes={"at": where}),
    }
    if copies == 2:
        quantities["chern_number_per_spin"] = scalar(found.chern, "1", "Chern number of one spin's block")
    return quantities

"""The local Chern marker: a Chern number for every place of a finite sample."""

from __future__ import annotations

from bdg.observables.dense import announce_dense
from bdg.observables.needs import finite_plane
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.topology import local_chern_marker as marker_of
from bdg.topology.places import area, deep, differences


@observable(
    title="Chern number of each place of a finite sample in two dimensions.",
    group="topology",
    needs=finite_plane("a local Chern marker"),
    numbers={"bulk_chern_marker": "Bulk Chern marker"},
)
def local_chern_marker(state: State) -> dict[str, Quantity]:
    """Local Chern marker of every site, whose mean over a cell deep in a sample is the Chern number there.

    −4π Im ⟨r|P x Q y P|r⟩ over the area of a site, both spins together; see
    :func:`bdg.topology.local_chern_marker`. Over an open sample it sums to zero: the edge takes back what
    the bulk has.

    Parameters
    ----------
    state
        A state of a finite sample in two dimensions.

    Returns
    -------
    dict
        ``local_chern_marker``, shape ``(n_sites,)``; ``bulk_chern_marker``, its mean over the sites at half
        the greatest distance from the edge or more.

    Raises
    ------
    InputError
        If the sample is infinite or not two-dimensional.
    """
    sample, hamiltonian = state.model.sample, state.hamiltonian
    announce_dense(
        state,
        f"the local Chern marker of {sample.n_sites} sites",
        hamiltonian.dimension,
        matrices=6,
        cubes=5,
        instead="make the sample smaller, or measure spectral_localizer at some sites",
    )
    energies, vectors = state.levels
    a_site = area(sample, [0, 1]) / sample.cell.n_orbitals
    found = marker_of(vectors[:, energies < 0], differences(sample), hamiltonian.dofs)
    values = found * (4 // hamiltonian.dofs) / a_site
    name = "local Chern marker"
    return {
        "local_chern_marker": Quantity(values, ("site",), "1", name),
        "bulk_chern_marker": scalar(float(values[deep(sample)].mean()), "1", f"{name}, mean of the bulk"),
    }

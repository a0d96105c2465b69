"""The lowest quasiparticle energy."""

import numpy as np

from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.solvers.lowest import lowest_energy


@observable(
    title="Lowest quasiparticle energy.",
    group="spectra",
    numbers={"spectral_gap": "Spectral gap"},
    uses_places=False,
)
def spectral_gap(state: State) -> dict[str, Quantity]:
    """Spectral gap min_n |E_n|, in t: the energy of the lowest quasiparticle. Not the order parameter.

    In an infinite sample the least over the momenta of its grid.
    """
    if state.all_levels is not None:
        gap = float(np.abs(state.all_levels[0]).min())
    else:
        gap = min(lowest_energy(state.hamiltonian, momentum=k) for k in range(len(state.hamiltonian.momenta)))
    error = float(np.finfo(float).eps) * state.hamiltonian.norm_bound() * np.sqrt(state.hamiltonian.dimension)
    return {"spectral_gap": scalar(gap, "t", "spectral gap: lowest quasiparticle energy", float(error))}

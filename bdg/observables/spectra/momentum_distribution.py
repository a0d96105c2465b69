"""Electrons and pairs by momentum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bdg.arrays import Complexes, Floats
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.spectra.occupied import occupied
from bdg.observables.spectra.spectral_function import gauge_warning
from bdg.observables.spectra.zone import Zone, ZoneMesh
from bdg.observables.state import State
from bdg.solvers import SILENT

GAUGE = "n(k) and F(k) depend on the gauge of the vector potential"


@observable(
    title="Momentum distribution n(k) and pair amplitude F(k) over the Brillouin zone of the lattice.",
    group="spectra",
    example="{mesh: 16}",
    uses_places=False,
)
def momentum_distribution(state: State, mesh: ZoneMesh = None) -> dict[str, Quantity]:
    r"""Electrons n_σ(k) = Σ_α ⟨c†_kασ c_kασ⟩ and pairs F(k) = Σ_α ⟨c_−kα↓ c_kα↑⟩ by momentum.

    c_kα = Σ_R e^{−ik·R} c_Rα/√N_α over the cells R of orbital α, as in
    :func:`bdg.observables.spectra.spectral_function.spectral_function`, of any sample. Uniform:
    n = 1 − (ξ/E) tanh(E/2T), half of it a spin, and F = −(Δ/2E) tanh(E/2T) (−u v at T = 0). The amplitudes of
    all four pairs of spins, ⟨c_−kσ' c_kσ⟩, are (ψ + d·σ) iσ_y: ψ the singlet, d the triplet part.

    Parameters
    ----------
    state
        The state to measure.
    mesh
        Momenta along each direction; by default those of the sample, so that the sum over them is the number
        of electrons.

    Returns
    -------
    dict
        ``momentum_distribution``, shape ``(2, n_first, …)``, up then down; ``pair_amplitude``, shape
        ``(n_first, …)``; where pairs may be triplets ``triplet_pair_amplitude`` = d(k), shape
        ``(3, n_first, …)``.

    Raises
    ------
    InputError, NumericalError
        If a large sample has no gap at T = 0.
    """
    zone, matrix = Zone(state.model.sample, mesh), state.hamiltonian
    monitor = getattr(state.solver, "monitor", SILENT)
    settings = state.model.temperature, state.tolerance, monitor
    blocks, error = occupied(matrix, zone.waves, *settings)
    opposite = blocks
    if matrix.dofs == 2 and matrix.symmetry != "singlet":
        opposite, other = occupied(
            matrix, replace(zone.waves, coordinates=-zone.waves.coordinates), *settings
        )
        error = max(error, other)
    notes = gauge_warning(state, GAUGE)
    axes, dims = zone.axes, zone.dims
    electrons = _electrons(blocks, opposite, len(np.unique(state.model.sample.orbitals)), matrix.symmetry)
    singlet, triplet = _pairs(blocks, opposite)
    found = {
        "momentum_distribution": Quantity(
            zone.on_grid(electrons), ("spin", *dims), "1", "momentum distribution", axes, error, notes
        ),
        "pair_amplitude": Quantity(
            zone.on_grid(singlet + triplet[2]), dims, "1", "pair amplitude by momentum", axes, error, notes
        ),
    }
    if matrix.symmetry != "singlet":
        name = "triplet part of the pair amplitude by momentum"
        found["triplet_pair_amplitude"] = Quantity(
            zone.on_grid(triplet), ("component", *dims), "1", name, axes, error, notes
        )
    return found


def _electrons(blocks: Complexes, opposite: Complexes, n_orbitals: int, symmetry: str) -> Floats:
    """n_σ(k), shape ``(2, n_momenta)``: with 2 dofs the second component has c†_↓ of −k."""
    up = blocks[:, 0, 0].real
    if symmetry == "singlet":
        return np.stack([up, up])
    down = blocks[:, 1, 1].real if blocks.shape[-1] == 4 else n_orbitals - opposite[:, 1, 1].real
    return np.stack([up, down])


def _pairs(blocks: Complexes, opposite: Complexes) -> tuple[Complexes, Complexes]:
    """ψ and d of ⟨c_−kσ' c_kσ⟩, shapes ``(n_momenta,)`` and ``(3, n_momenta)``."""
    if blocks.shape[-1] == 4:  # Ψ = (c_↑, c_↓, c†_↓, −c†_↑)
        up_down, down_up = blocks[:, 0, 2], -blocks[:, 1, 3]
        up_up, down_down = -blocks[:, 0, 3], blocks[:, 1, 2]
    else:
        up_down, down_up = blocks[:, 0, 1], -opposite[:, 0, 1]
        up_up = down_down = np.zeros_like(up_down)
    d = [0.5 * (down_down - up_up), -0.5j * (up_up + down_down), 0.5 * (up_down + down_up)]
    return 0.5 * (up_down - down_up), np.array(d)

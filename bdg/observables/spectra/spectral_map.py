"""Contours of constant energy: the spectral function over the Brillouin zone."""

from __future__ import annotations

from bdg.observables.parameters import Broadening, Energies
from bdg.observables.quantity import Notes, Quantity, energy_axis
from bdg.observables.registry import observable
from bdg.observables.spectra.spectral_function import GAUGE, at_momenta, gauge_warning
from bdg.observables.spectra.zone import Zone, ZoneMesh
from bdg.observables.state import State


@observable(
    title="Spectral function A(k, ω) over the Brillouin zone of the lattice: contours of constant energy.",
    group="spectra",
    example="{energies: [-0.5, 0, 0.5], broadening: 0.1, mesh: 16}",
    uses_places=False,
)
def spectral_map(
    state: State, energies: Energies, broadening: Broadening = 0.05, mesh: ZoneMesh = None
) -> dict[str, Quantity]:
    """A(k, ω) on a grid of momenta at some energies, in 1/t, of both spins.

    As :func:`bdg.observables.spectra.spectral_function.spectral_function`, of any sample, over the zone
    instead of a path: at ω = 0 the Fermi line, or where a gap leaves it, its nodes.

    Parameters
    ----------
    state
        The state to measure.
    energies
        ω from the chemical potential, in t.
    broadening
        η, in t.
    mesh
        Momenta along each direction; by default those of the sample.

    Returns
    -------
    dict
        ``spectral_map``, shape ``(n_energies, n_first, …)``; where the spins differ ``spin_spectral_map``, of
        up and down.
    """
    zone, hamiltonian = Zone(state.model.sample, mesh), state.hamiltonian
    by_spin, error = at_momenta(state, zone.waves, energies, broadening)
    notes: Notes = {"broadening": float(broadening), **gauge_warning(state, GAUGE)}
    axes, dims = {"energy": energy_axis(energies), **zone.axes}, ("energy", *zone.dims)
    total, name = zone.on_grid(by_spin.sum(axis=0)), "spectral function"
    found = {"spectral_map": Quantity(total, dims, "1/t", name, axes, 2 * error, notes)}
    if hamiltonian.symmetry != "singlet":
        spins = zone.on_grid(by_spin)
        found["spin_spectral_map"] = Quantity(
            spins, ("spin", *dims), "1/t", f"{name} by spin", axes, error, notes
        )
    return found

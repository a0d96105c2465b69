"""Spectral function of momentum and energy, as photoemission sees it."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from bdg.arrays import Array, Complexes, Floats
from bdg.lattice.symmetry_points import lattice_path
from bdg.observables.blocks import in_blocks
from bdg.observables.loops import Numbers
from bdg.observables.parameters import Broadening, Energies, LatticePath, Momenta
from bdg.observables.quantity import Notes, Quantity, energy_axis
from bdg.observables.registry import observable
from bdg.observables.spectra.bands import along_path, path_notes
from bdg.observables.spectra.plane_waves import PlaneWaves, resolved, unique_rows
from bdg.observables.state import State
from bdg.solvers import SILENT

GAUGE = "A(k, ω) depends on the gauge of the vector potential"


@observable(
    title="Spectral function A(k, ω) along a path, unfolded onto the Brillouin zone of the lattice.",
    group="spectra",
    example="{path: [Gamma, X, M, Gamma], num: 101, energies: {start: -2, stop: 2, num: 201}}",
    uses_places=False,
)
def spectral_function(
    state: State,
    path: LatticePath,
    energies: Energies,
    broadening: Broadening = 0.05,
    num: Annotated[Momenta, "Momenta along it."] = 101,
) -> dict[str, Quantity]:
    r"""A(k, ω) = −(1/π) Σ_ασ Im ⟨k, α, σ| (ω + iη − H)⁻¹ |k, α, σ⟩, in 1/t, of electrons.

    |k, α, σ⟩ has the amplitude e^{ik·R}/√N_α on orbital α of every cell R. The sample may be finite, with
    disorder, vortices or edges, or infinite, of one cell or of many, whose levels are unfolded onto the zone
    of the lattice (Ku, Berlijn, Lee, Phys. Rev. Lett. 104, 216401 (2010)). ∫A dω is twice the number of
    orbitals of a cell. Between ends that are joined k is the nearest one that they allow. With a vector
    potential A(k, ω) is that of its gauge, and a warning says so.

    Parameters
    ----------
    state
        The state to measure.
    path
        Corners: points in units of the reciprocal vectors of the lattice (k·a_d = 2π × coordinate d), or
        names such as ``Gamma``, ``X``, ``M``, ``K``.
    energies
        ω from the chemical potential, in t.
    broadening
        η, in t.
    num
        Momenta along the whole path, ends included.

    Returns
    -------
    dict
        ``spectral_function``, shape ``(n_energies, num)``; where the spins differ ``spin_spectral_function``,
        shape ``(2, n_energies, num)``, up then down along z.

    Raises
    ------
    InputError
        If a point is not of the lattice, or the path has no length.
    """
    hamiltonian, sample = state.hamiltonian, state.model.sample
    asked, distance, ticks = along_path(sample.cell.vectors, lattice_path(sample, path), num)
    different, which = unique_rows(PlaneWaves.near(sample, asked).coordinates)
    by_spin, error = at_momenta(state, PlaneWaves(sample, different), energies, broadening)
    by_spin = by_spin[..., which]
    axes = {
        "energy": energy_axis(energies),
        "path": Quantity(distance, ("path",), "1/a", "distance along the path in the Brillouin zone"),
    }
    notes: Notes = {"broadening": float(broadening), **path_notes(ticks, path)}
    notes = {**notes, **gauge_warning(state, GAUGE)}
    dims, name = ("energy", "path"), "spectral function"
    quantities = {
        "spectral_function": Quantity(by_spin.sum(axis=0), dims, "1/t", name, axes, 2 * error, notes)
    }
    if hamiltonian.symmetry != "singlet":
        quantities["spin_spectral_function"] = Quantity(
            by_spin, ("spin", *dims), "1/t", f"{name} by spin", axes, error, notes
        )
    return quantities


def at_momenta(state: State, waves: PlaneWaves, energies: Floats, broadening: float) -> tuple[Floats, float]:
    """A(k, ω) by spin, shape ``(2, n_energies, n_momenta)``, and the estimate of its largest error."""
    hamiltonian, monitor = state.hamiltonian, getattr(state.solver, "monitor", SILENT)
    up = resolved(hamiltonian, waves, 0, monitor)
    down = up if hamiltonian.symmetry == "singlet" else resolved(hamiltonian, waves, 1, monitor)
    z: Complexes = np.asarray(energies + 1j * broadening, np.complex128)

    def compute(part: slice) -> Numbers:
        # With 2 dofs the second component destroys holes: N_↓(ω) is its spectrum at −ω.
        at: Array = z[part] if down is up or hamiltonian.dofs == 4 else -z[part].conj()
        (first, error), (second, other) = up(z[part]), down(at) if down is not up else (None, 0.0)
        by_spin = np.stack([first, first if second is None else second], axis=1)
        return {"by_spin": by_spin, "error": np.array(max(error, other))}

    key = ("spectral function", broadening, waves.coordinates.tobytes())
    found = in_blocks(state, key, energies, len(waves.coordinates) * hamiltonian.dimension, compute)
    return np.moveaxis(found["by_spin"], 0, 1), float(found["error"])


def gauge_warning(state: State, warning: str) -> Notes:
    """A warning where there is a vector potential that is not zero everywhere."""
    potential = state.model.vector_potential
    return {"warning": warning} if potential is not None and np.any(potential) else {}

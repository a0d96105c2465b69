"""Energy-resolved currents."""

from __future__ import annotations

import numpy as np

from bdg.arrays import Complexes
from bdg.conventions import ELECTRON_CHARGE
from bdg.expectations import bond_pattern
from bdg.observables.blocks import in_blocks
from bdg.observables.loops import Numbers
from bdg.observables.parameters import Broadening, Energies
from bdg.observables.quantity import Quantity, energy_axis
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.solvers import Pattern


@observable(title="Bond currents at each energy.", group="currents")
def current_spectrum(state: State, energies: Energies, broadening: Broadening = 0.05) -> dict[str, Quantity]:
    """Current of the electrons at each energy, j(ω): ∫ f(ω) j(ω) dω is the current of the bond.

    With the spectral function between the ends, a(ω) = (i/2π)(G_ts − G†_ts)(ω + iη), it is
    2q Im Σ_σσ' ⟨tσ|h|sσ'⟩ a*_{tσ,sσ'}(ω), in e/ħ.

    Parameters
    ----------
    state
        The state to measure.
    energies
        ω from the chemical potential, shape ``(n_energies,)``, in t.
    broadening
        η, in t.

    Returns
    -------
    dict
        ``current_spectrum``, shape ``(n_energies, n_bonds)``, source → target, and
        ``total_current_spectrum``, Σ_bonds j d, shape ``(n_energies, dimension)``.

    Raises
    ------
    InputError
        If the broadening is not positive or an energy not finite.
    """
    hops, sample = state.model.spin_amplitude, state.model.sample

    def compute(part: slice) -> Numbers:
        return _flow(state, (energies[part] + 1j * broadening).astype(np.complex128))

    found = in_blocks(state, ("current_spectrum", broadening), energies, sample.n_bonds, compute)
    values, off = 2 * ELECTRON_CHARGE * found["flow"], float(found["error"])
    error = 2 * abs(ELECTRON_CHARGE) * off * float(np.abs(hops).sum(axis=(1, 2)).max(initial=0.0))
    of_all = error * float(np.linalg.norm(sample.bonds.displacement, axis=1).sum())
    axis, notes = {"energy": energy_axis(energies)}, {"broadening": float(broadening)}
    total = values @ sample.bonds.displacement
    return {
        "current_spectrum": Quantity(
            values, ("energy", "bond"), "e/hbar", "current at each energy", axis, error, notes
        ),
        "total_current_spectrum": Quantity(
            total.T, ("component", "energy"), "e/hbar", "total current at each energy", axis, of_all, notes
        ),
    }


def _flow(state: State, z: Complexes) -> Numbers:
    """Σ_σσ' Im h a* of every bond, shape ``(n_z, n_bonds)``, and the error of a."""
    hops = state.model.spin_amplitude
    spectral, off = _between(state, z)
    if state.hamiltonian.dofs == 4:
        return {
            "flow": np.imag(hops * np.conj(spectral[:, :, :2, :2])).sum(axis=(2, 3)),
            "error": np.array(off),
        }
    holes, off_holes = _between(state, -np.conj(z))
    # The spectral function of spin down is the conjugate of that of holes.
    flow = np.imag(hops[:, 0, 0] * np.conj(spectral[..., 0, 0]) + hops[:, 1, 1] * holes[..., 1, 1])
    return {"flow": flow, "error": np.array(max(off, off_holes))}


def _between(state: State, z: Complexes) -> tuple[Complexes, float]:
    """(i/2π)(G − G†)_target,source at every z, shape ``(n_z, n_bonds, dofs, dofs)``, and its error."""
    there = bond_pattern(state.model.sample)
    back = Pattern(there.columns, there.rows, None if there.crossings is None else -there.crossings)
    greens = state.solver.greens
    forth = greens(state.hamiltonian, z, there, tolerance=state.tolerance)
    other = greens(state.hamiltonian, z, back, tolerance=state.tolerance)
    found: Complexes = 0.5j / np.pi * (forth.blocks - np.conj(other.blocks.swapaxes(2, 3)))
    return found, 0.5 / np.pi * (forth.error + other.error)

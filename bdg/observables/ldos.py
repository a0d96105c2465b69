"""Local density of states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.observables.quantity import Quantity, energy_axis
from bdg.observables.sites import checked_sites
from bdg.observables.state import State
from bdg.solvers import Pattern

GREENS_AT_ONCE = 1 << 22
"""Blocks of Green's functions held in memory at a time."""


def ldos(
    state: State,
    energies: ArrayLike,
    broadening: float,
    sites: Sequence[int] | Sequence[Sequence[int]] | None = None,
) -> dict[str, Quantity]:
    """Local density of states N_i(ω) = −(1/π) Σ_σ Im G_iσ,iσ(ω + iη), in 1/t; ∫N_i dω = 2.

    Parameters
    ----------
    state
        The state to measure.
    energies
        ω from the chemical potential, shape ``(n_energies,)``, in t.
    broadening
        η, the half width of the Lorentzian each level becomes, in t.
    sites
        Site indices, or cells (as :meth:`bdg.Sample.site_at` takes them); ``None`` for all.

    Raises
    ------
    InputError
        If the broadening is not positive, an energy not finite, or a site not in the sample.

    Returns
    -------
    dict
        ``ldos``, shape ``(n_energies, n_sites)``, and where the spins differ ``spin_ldos``, shape
        ``(2, n_energies, n_sites)``, up then down.
    """
    energies = checked_energies(energies, broadening)
    which = checked_sites(state.model.sample, sites)
    by_spin, error = spin_ldos(state, energies, broadening, which)
    axis, attributes = {"energy": energy_axis(energies)}, {"broadening": float(broadening)}
    dims = ("energy", "site")
    if sites is not None:
        axis["ldos_site"] = Quantity(which, ("ldos_site",), "1", "index of the site")
        dims = ("energy", "ldos_site")
    found = {
        "ldos": Quantity(
            by_spin.sum(axis=0), dims, "1/t", "local density of states", axis, 2 * error, attributes
        )
    }
    if state.hamiltonian.symmetry != "singlet":
        found["spin_ldos"] = Quantity(
            by_spin, ("spin", *dims), "1/t", "local density of states by spin", axis, attributes=attributes
        )
    return found


def checked_energies(energies: ArrayLike, broadening: float) -> NDArray[np.float64]:
    """Energies as an array.

    Raises
    ------
    InputError
        If they are not a list of finite numbers, or the broadening is not positive.
    """
    array = np.atleast_1d(np.asarray(energies, dtype=np.float64))
    if array.ndim != 1 or not np.isfinite(array).all():
        raise InputError("the energies of a spectrum must be a list of finite numbers")
    if not (np.isfinite(broadening) and broadening > 0):
        raise InputError(f"broadening {broadening} is impossible; give a positive number, 0.05 for example")
    return array


def spin_ldos(
    state: State, energies: NDArray[np.float64], broadening: float, sites: NDArray[np.integer]
) -> tuple[NDArray[np.float64], float]:
    """N_iσ(ω), shape ``(2, n_energies, n_sites)``, and the estimate of its largest error.

    Up is the particle component, N_i↑(ω) = −(1/π) Im G₀₀(ω + iη). With 4 dofs down is the next one; with 2 it
    is the hole component at the opposite energy, N_i↓(ω) = −(1/π) Im G₁₁(−ω + iη), equal with spin symmetry.
    """
    pattern = Pattern(sites.astype(np.int32), sites.astype(np.int32))
    found, error = np.empty((2, len(energies), len(sites))), 0.0
    step = max(1, GREENS_AT_ONCE // max(1, len(sites)))
    for first in range(0, len(energies), step):
        chunk = slice(first, first + step)
        z = (energies[chunk] + 1j * broadening).astype(np.complex128)
        particle = state.solver.greens(state.hamiltonian, z, pattern, tolerance=state.tolerance)
        found[:, chunk] = -particle.blocks[:, :, 0, 0].imag / np.pi
        error = max(error, particle.error / np.pi)
        if state.hamiltonian.dofs == 4:
            found[1, chunk] = -particle.blocks[:, :, 1, 1].imag / np.pi
        elif state.hamiltonian.symmetry != "singlet":
            hole = state.solver.greens(state.hamiltonian, -np.conj(z), pattern, tolerance=state.tolerance)
            found[1, chunk] = -hole.blocks[:, :, 1, 1].imag / np.pi
            error = max(error, hole.error / np.pi)
    return found, error

"""The conductance of a contact between two leads, and the probabilities it is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.errors import InputError
from bdg.leads import scattering
from bdg.observables.quantity import Quantity, energy_axis, scalar
from bdg.observables.state import State

NO_TRANSMISSION = 1e-12
"""A transmission that is none."""


def conductance(state: State, energies: ArrayLike, axis: int = 0) -> dict[str, Quantity]:
    """dI/dV = (e²/h)(T + 2 R_A) at eV = ω, without temperature, of electrons from the lower end of an axis.

    Both ends of the sample go on for ever as their outermost layers are: a normal lead where Δ = 0 there, a
    superconducting one where not. Electrons come from a normal one. Blonder, Tinkham, Klapwijk, Phys. Rev. B
    25, 4515 (1982).

    Parameters
    ----------
    state
        The state; the fields are taken as they are in the sample.
    energies
        ω from the chemical potential, shape ``(n_energies,)``, in t.
    axis
        The direction that the leads are along, one of the sample's.

    Returns
    -------
    dict
        Over ``energy``, both spins summed: ``conductance`` in e²/h; ``transmission`` T into the other lead,
        as electrons or quasiparticles; ``andreev_reflection`` R_A; ``open_channels``, which is the most T
        can be. Beside them :func:`normal_resistance`.

    Raises
    ------
    InputError
        If an energy is not finite; or see :func:`bdg.leads.scattering`.
    NumericalError
        If the surface of a lead is not found.
    """
    along = np.atleast_1d(np.asarray(energies, dtype=np.float64))
    if along.ndim != 1 or not np.isfinite(along).all():
        raise InputError(f"energies {along} are impossible; give a list of finite numbers")
    rows = np.array([_both_spins(state, float(energy), axis) for energy in along])
    channels, turned, through = rows.T
    dims, coords = ("energy",), {"energy": energy_axis(along)}
    return {
        "conductance": Quantity(through + 2 * turned, dims, "e^2/h", "conductance", coords),
        "transmission": Quantity(through, dims, "1", "transmission, both spins", coords),
        "andreev_reflection": Quantity(turned, dims, "1", "Andreev reflection, both spins", coords),
        "open_channels": Quantity(channels, dims, "1", "open channels, both spins", coords),
        **normal_resistance(state, axis),
    }


def normal_resistance(state: State, axis: int = 0) -> dict[str, Quantity]:
    """R_N = h/(e² T) of the same contact without its pairs, at the chemical potential; T of both spins.

    Parameters
    ----------
    state
        The state.
    axis
        The direction that the leads are along.

    Returns
    -------
    dict
        ``normal_resistance`` in h/e², of an infinite sample that of one repetition across; empty where no
        channel is open.

    Raises
    ------
    InputError
        If the ends are no leads, see :func:`bdg.leads.scattering`.
    NumericalError
        If the surface of a lead is not found.
    """
    through = _both_spins(state, 0.0, axis, normal=True)[2]
    if through <= NO_TRANSMISSION:
        return {}
    name = "normal resistance" + (" of a repeated block" if state.each else "")
    return {"normal_resistance": scalar(1 / through, "h/e^2", name)}


def _both_spins(state: State, energy: float, axis: int, *, normal: bool = False) -> list[float]:
    """Open channels, R_A and T of electrons of both spins.

    With 2 dofs, Ψ = (c_↑, c†_↓), an electron of spin down at ω is what comes in as a hole at −ω.
    """
    sample, hamiltonian = state.model.sample, state.hamiltonian
    up = [float(part[0]) for part in scattering(hamiltonian, sample, energy, axis, normal=normal)]
    if hamiltonian.dofs == 4:
        return up
    if state.model.is_spin_symmetric:
        return [2 * part for part in up]
    down = [float(part[1]) for part in scattering(hamiltonian, sample, -energy, axis, normal=normal)]
    return [one + other for one, other in zip(up, down, strict=True)]

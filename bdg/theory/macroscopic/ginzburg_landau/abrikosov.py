"""Abrikosov's lattices just below B_c2, where ψ is made of states of the lowest Landau level.

A. A. Abrikosov, Sov. Phys. JETP 5, 1174 (1957); W. H. Kleiner, L. M. Roth and S. H. Autler, Phys. Rev. 133,
A1226 (1964). Fields are in units of B_c2, lengths of ξ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import positive

SQUARE, TRIANGULAR = 1j, np.exp(1j * np.pi / 3)
"""τ = (second side)/(first side) of the cells, as complex numbers."""


def abrikosov_parameter(tau: complex = TRIANGULAR) -> float:
    """β_A = ⟨|ψ|⁴⟩/⟨|ψ|²⟩² of a lattice of single vortices: Σ_{m,n} exp(−π|m + nτ|²/Im τ).

    |ψ|² has the Fourier components ± exp(−π|m + nτ|²/2 Im τ), of which this is the sum of squares. The energy
    is lowest where β_A is smallest: 1.1596 for triangles, 1.1803 for squares. Kleiner, Roth and Autler, Phys.
    Rev. 133, A1226 (1964).

    Parameters
    ----------
    tau
        Ratio of the two sides of a cell in the complex plane, Im τ > 0.
    """
    height = _height(tau)
    # Terms below 1e-18 are left out: |m + nτ|² > 42 Im τ/π.
    reach = 42 * height / np.pi
    rows = int(np.sqrt(reach) / height) + 1
    columns = int(np.sqrt(reach)) + int(abs(tau.real) * rows) + 2
    m, n = np.meshgrid(np.arange(-columns, columns + 1), np.arange(-rows, rows + 1))
    return float(np.exp(-np.pi * np.abs(m + n * tau) ** 2 / height).sum())


def abrikosov_cell(tau: complex = TRIANGULAR) -> tuple[Floats, Floats]:
    """Sides of a cell that holds one flux quantum at B_c2, area 2πξ²: (0, a) and (−a Im τ, a Re τ), in ξ."""
    side = np.sqrt(2 * np.pi / _height(tau))
    return np.array([0.0, side]), np.array([-side * tau.imag, side * tau.real])


def abrikosov_state(x: ArrayLike, y: ArrayLike, tau: complex = TRIANGULAR) -> NDArray[np.complex128]:
    """ψ(x, y) of a vortex lattice at B = B_c2, in Landau's gauge qA/ħ = (0, x)/ξ², with ⟨|ψ|²⟩ = 1.

    ψ = C Σ_n exp(iπn² Re τ + ikny − ½(x − kn)²), k = 2π/a: every term is in the lowest level, (∇ − iqA/ħ)²ψ =
    −ψ.

    Parameters
    ----------
    x, y
        Places in ξ, shapes that broadcast.
    tau
        As for :func:`abrikosov_parameter`.
    """
    across, along = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    height = _height(tau)
    k = np.sqrt(2 * np.pi * height)
    first, last = np.floor((across.min() - 9) / k), np.ceil((across.max() + 9) / k)
    psi = np.zeros(across.shape, np.complex128)
    for n in np.arange(first, last + 1):
        psi += np.exp(1j * (np.pi * n**2 * tau.real + k * n * along) - 0.5 * (across - k * n) ** 2)
    # ⟨|ψ|²⟩ = ∫exp(−x²)dx / k before.
    return np.asarray(psi * np.sqrt(k / np.sqrt(np.pi)), np.complex128)


def magnetisation_near_upper_field(field: ArrayLike, kappa: float, tau: complex = TRIANGULAR) -> Floats:
    """μ₀M = (B_a − B_c2)/(β_A(2κ² − 1)) of a long body just below B_c2, in B_c2.

    Parameters
    ----------
    field
        B_a/B_c2 ≤ 1.
    kappa
        κ > 1/√2.
    tau
        The lattice.

    Raises
    ------
    InputError
        If κ is that of type I.
    """
    if kappa <= np.sqrt(0.5):
        raise InputError(f"kappa = {kappa} is type I, which has no vortex lattice; give more than 0.7072")
    return (np.asarray(field, np.float64) - 1) / (abrikosov_parameter(tau) * (2 * kappa**2 - 1))


def _height(tau: complex) -> float:
    return positive("tau.imag", complex(tau).imag)

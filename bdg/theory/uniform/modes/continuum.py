r"""Phase and amplitude modes of a weak-coupling superconductor at T = 0, in closed form.

With a linear dispersion and particle–hole symmetry the two decouple. Averaged over the Fermi surface,

    phase:      ⟨(ω² − p²) F⟩ = 0,              p = ħ v_F·q,
    amplitude:  ⟨(4Δ² − ω² + p²) F⟩ = 0,        F(β) = arcsin β/(β√(1 − β²)),   β² = (ω² − p²)/4Δ²       (23)

The phase mode (Anderson 1958, Bogoliubov 1959) starts as ω = v_F q/√d in d dimensions: ⟨p²⟩ = (v_F q)²/d and
F(0) = 1. The amplitude mode (Higgs) starts at 2Δ, where the continuum of broken pairs does, and is damped.

P. W. Anderson, Phys. Rev. 112, 1900 (1958); P. B. Littlewood and C. M. Varma, Phys. Rev. B 26, 4883 (1982).
Energies, ħ v_F q among them, are in the units of Δ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.uniform.band import panels
from bdg.theory.uniform.checks import require_positive


def phase_mode(wavenumber: ArrayLike, delta: float, fermi_velocity: float, dimension: int) -> Floats:
    """ω(q) of the Anderson–Bogoliubov mode of a neutral superfluid, between 0 and 2Δ.

    Parameters
    ----------
    wavenumber
        q, any shape; in one dimension v_F q must stay below 2Δ.
    delta, fermi_velocity
        Δ and ħv_F.
    dimension
        1, 2 or 3.

    Raises
    ------
    InputError
        If the dimension is none of these, or Δ or ħv_F not positive.
    """
    require_positive("the gap", delta, "a normal metal has no such mode")
    require_positive("the Fermi velocity", fermi_velocity, "it is ħv_F")
    cosine, share = directions(dimension)
    q = np.asarray(wavenumber, float)

    def at(p: float) -> float:
        if p == 0:
            return 0.0

        def excess(omega: float) -> float:
            invariant = omega**2 - (p * cosine) ** 2
            return float(np.sum(share * invariant * kernel(invariant / (4 * delta**2))))

        edge = 2 * delta * (1 - 1e-12)
        return p if dimension == 1 else float(brentq(excess, 0.0, min(p, edge), xtol=1e-14 * p))

    return np.array([at(float(x)) for x in (fermi_velocity * np.abs(q)).ravel()]).reshape(q.shape)


def phase_velocity(fermi_velocity: float, dimension: int, delta: float = 1.0) -> float:
    """Slope of a straight line through ω(q) at small q: v_F/√3, v_F/√2 and v_F."""
    q = np.linspace(0.01, 0.05, 5) * delta / fermi_velocity
    omega = phase_mode(q, delta, fermi_velocity, dimension)
    return float(np.sum(q * omega) / np.sum(q * q))


def amplitude_denominator(
    frequency: ArrayLike, wavenumber: float, delta: float, fermi_velocity: float, dimension: int
) -> Floats:
    """⟨(4Δ² − ω² + p²) F⟩/4Δ², whose inverse is the amplitude response; complex above the gap.

    At q = 0 it is √(1 − ω²/4Δ²) arcsin(ω/2Δ)/(ω/2Δ): zero at ω = 2Δ, as a square root, and nowhere else.
    """
    cosine, share = directions(dimension)
    omega = np.asarray(frequency, float)
    invariant = (omega[..., None] ** 2 - (wavenumber * fermi_velocity * cosine) ** 2) / (4 * delta**2)
    return np.asarray(np.sum(share * (1 - invariant) * kernel_above(invariant), axis=-1))


def higgs_energy(delta: float) -> float:
    """Where the amplitude response at q = 0 is largest, searched on a grid around the gap: 2Δ."""
    omega = delta * np.linspace(1.0, 3.0, 20001)
    response = 1 / np.maximum(np.abs(amplitude_denominator(omega, 0.0, delta, 1.0, 3)), 1e-30)
    return float(omega[np.argmax(response)])


def directions(dimension: int) -> tuple[Floats, Floats]:
    """The cosine of the angle between v_F and q over a Fermi surface, and weights that sum to 1."""
    if dimension == 1:
        return np.ones(1), np.ones(1)
    x, w = panels(np.linspace(0.0, 1.0, 9))
    if dimension == 3:
        return x, w
    if dimension == 2:
        return np.cos(np.pi / 2 * x), w
    raise InputError(f"there is no dimension {dimension} here; use 1, 2 or 3")


def kernel(squared: Floats) -> Floats:
    """F as a function of β² < 1, of either sign; from its series near 0."""
    b = np.sqrt(np.abs(squared))
    safe = np.where(b > 1e-3, b, 0.5)
    inside = np.arcsin(np.minimum(safe, 1 - 1e-16)) / (safe * np.sqrt(1 - np.minimum(safe, 1 - 1e-16) ** 2))
    outside = np.arcsinh(safe) / (safe * np.sqrt(1 + safe**2))
    series = 1 + squared * (2 / 3 + squared * 8 / 15)
    return np.asarray(np.where(b > 1e-3, np.where(squared > 0, inside, outside), series))


def kernel_above(squared: Floats) -> Floats:
    """F continued past β = 1 along ω + i0, where arcsin β = π/2 + i arccosh β."""
    below = kernel(np.minimum(squared, 1 - 1e-15))
    b = np.sqrt(np.maximum(squared, 1 + 1e-15))
    above = (np.pi / 2 + 1j * np.arccosh(b)) / (-1j * b * np.sqrt(b * b - 1))
    return np.asarray(np.where(squared < 1, below, above))

r"""Bogoliubov's quasiparticles: γ_k↑ = u c_k↑ − v c†_−k↓, γ†_−k↓ = v c_k↑ + u c†_−k↓.

They are fermions because u² + v² = 1. Each is an electron with chance u² and a hole with v²:

    E = √(ξ² + Δ²),    ∂E/∂k = (ξ/E) v_k,    q = −e (u² − v²) = −e ξ/E,    N_s(E) = N(0) E/√(E² − Δ²)     (15)

N. N. Bogoliubov, Sov. Phys. JETP 7, 41 (1958); J. G. Valatin, Nuovo Cimento 7, 843 (1958); for the broadening
Γ R. C. Dynes, V. Narayanamurti and J. P. Garno, Phys. Rev. Lett. 41, 1509 (1978). Energies are in the units
of Δ, densities of states over that of the normal metal or, of a band, in states per unit of energy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.uniform.bcs_state import amplitudes
from bdg.theory.uniform.checks import require_positive
from bdg.theory.uniform.gap.solution import Uniform
from bdg.theory.uniform.thermal import fermi


def excitation_energy(xi: ArrayLike, delta: ArrayLike) -> Floats:
    """E = √(ξ² + |Δ|²), never below |Δ|: a pair costs 2Δ to break."""
    return np.asarray(np.hypot(np.asarray(xi, float), np.abs(delta)))


def bogoliubov_matrix(xi: float, delta: complex) -> Floats:
    """The 2 × 2 unitary from (c_k↑, c†_−k↓) to (γ_k↑, γ†_−k↓), rows (u, −v) and (v*, u)."""
    u, v = amplitudes(xi, delta)
    return np.array([[u, -v], [np.conj(v), u]])


def group_velocity(xi: ArrayLike, delta: ArrayLike, normal_velocity: ArrayLike = 1.0) -> Floats:
    """∂E/∂k = (ξ/E) v_k: zero at the Fermi surface, backwards inside it."""
    x = np.asarray(xi, float)
    return np.asarray(x / excitation_energy(x, delta) * np.asarray(normal_velocity, float))


def effective_charge(xi: ArrayLike, delta: ArrayLike) -> Floats:
    """⟨charge⟩/(−e) = u² − v² = ξ/E: 1 for an electron, −1 for a hole, 0 at the gap's edge."""
    return group_velocity(xi, delta)


def thermal_occupation(xi: ArrayLike, delta: ArrayLike, temperature: float) -> Floats:
    """f(E_k) of either quasiparticle of a pair."""
    return fermi(excitation_energy(xi, delta), temperature)


def electron_occupation(xi: ArrayLike, delta: ArrayLike, temperature: float) -> Floats:
    """⟨c†_k c_k⟩ = u² f(E) + v² [1 − f(E)]."""
    u, v = amplitudes(xi, delta)
    f = thermal_occupation(xi, delta, temperature)
    return np.asarray(u**2 * f + np.abs(v) ** 2 * (1 - f))


def density_of_states(energy: ArrayLike, delta: float, broadening: float = 0.0) -> Floats:
    """N_s(E)/N(0) = |Re (E + iΓ)/√((E + iΓ)² − Δ²)|; without Γ zero in the gap and infinite at its edge.

    Γ is that of Dynes, Narayanamurti and Garno, Phys. Rev. Lett. 41, 1509 (1978).

    Raises
    ------
    InputError
        If the broadening is negative.
    """
    if broadening < 0:
        raise InputError(f"the broadening cannot be {broadening:g}; give 0 or more")
    e = np.abs(np.asarray(energy, float))
    if broadening:
        z = e + 1j * broadening
        return np.asarray((z / np.sqrt(z - delta) / np.sqrt(z + delta)).real)
    squared = (e - delta) * (e + delta)
    with np.errstate(divide="ignore"):
        above = e / np.sqrt(np.where(squared >= 0, squared, 1.0))
    normal = 1.0 if delta == 0 else 0.0
    return np.asarray(np.where(squared > 0, above, np.where((squared == 0) & (e > 0), above, normal)))


def states_below(energy: ArrayLike, delta: float) -> Floats:
    """∫₀^E N_s dE'/N(0) = √(E² − Δ²): behind E by E − √(E² − Δ²), and by nothing once E ≫ Δ."""
    e = np.asarray(energy, float)
    return np.asarray(np.sqrt(np.maximum(e * e - delta * delta, 0.0)))


def states_moved(delta: float, up_to: float) -> tuple[float, float]:
    """States per N(0) that left the gap, Δ, and those piled up up to an energy, √(E² − Δ²) − (E − Δ).

    The pile reaches Δ only as E → ∞, as Δ − Δ²/2E.

    Raises
    ------
    InputError
        If the energy is inside the gap.
    """
    require_positive("the gap", delta, "there are no states to move without one")
    if up_to < delta:
        raise InputError(f"the energy {up_to:g} lies in the gap; give at least {delta:g}")
    return delta, float(states_below(up_to, delta)) - (up_to - delta)


def broadened_dos(state: Uniform, energies: ArrayLike, broadening: float) -> Floats:
    """Σ_k w_k [u² L(ω − E) + v² L(ω + E)]·2, L a Lorentzian of half width η: both spins, any band.

    Parameters
    ----------
    state
        The superconductor.
    energies
        ω from the chemical potential, ``(n,)``.
    broadening
        η > 0.

    Raises
    ------
    InputError
        If the broadening is not positive.
    """
    require_positive("the broadening", broadening, "each level becomes a Lorentzian of that half width")
    band, omega = state.band, np.asarray(energies, float)
    levels = band.excitation(state.delta, state.mu)
    u, v = amplitudes(band.xi(state.mu), state.delta * band.form)
    u2, v2 = u**2, np.abs(v) ** 2
    found = [
        np.sum(
            band.weight
            * (u2 * _lorentzian(w - levels, broadening) + v2 * _lorentzian(w + levels, broadening))
        )
        for w in omega.ravel()
    ]
    return 2 * np.array(found).reshape(omega.shape)


def _lorentzian(x: Floats, width: float) -> Floats:
    return np.asarray(width / np.pi / (x * x + width * width))

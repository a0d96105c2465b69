"""Two weakly coupled macroscopic wave functions: Josephson's relations as Feynman derives them.

iħ dΨ₁/dt = U₁Ψ₁ + KΨ₂ and iħ dΨ₂/dt = U₂Ψ₂ + KΨ₁ with U₁ − U₂ = qV. With Ψ_i = √n_i e^{iθ_i} and δ = θ₂ − θ₁
the imaginary parts are dn₁/dt = (2K/ħ)√(n₁n₂) sin δ = −dn₂/dt, and the real ones dδ/dt = qV/ħ where n₁ = n₂.
Feynman, Lectures III, § 21-9.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import cumulative_trapezoid
from scipy.special import jv

from bdg.arrays import Floats
from bdg.theory.macroscopic.carriers import PAIRS, Carriers
from bdg.theory.macroscopic.wave.evolution import Evolution


def josephson_current(
    phase: ArrayLike, first: ArrayLike, second: ArrayLike, coupling: float, carriers: Carriers = PAIRS
) -> Floats:
    """Charge into the first side, I = q dn₁/dt = (2qK/ħ)√(n₁n₂) sin δ, δ = θ₂ − θ₁.

    Parameters
    ----------
    phase
        δ.
    first, second
        n₁ and n₂, carriers on each side.
    coupling
        K, an energy; negative if the lowest state has δ = 0.
    """
    critical = 2 * carriers.charge * coupling / carriers.hbar * np.sqrt(np.multiply(first, second))
    current: Floats = critical * np.sin(phase)
    return current


def josephson_frequency(voltage: ArrayLike, carriers: Carriers = PAIRS) -> Floats:
    """F = qV/h, with the sign of qV: 483.6 MHz a microvolt for pairs, in size."""
    return np.asarray(voltage, np.float64) / carriers.flux_quantum_of_phase


def two_waves(
    psi: ArrayLike,
    coupling: float,
    voltage: float | Callable[[float], float],
    *,
    duration: float,
    steps: int,
    carriers: Carriers = PAIRS,
) -> Evolution:
    """Exact evolution of (Ψ₁, Ψ₂) with nothing attached: the charge that flows is missed, and pulls the phase
    back.

    Each step is the exponential of the 2 × 2 matrix in its middle, so a constant voltage has no error at all.

    Parameters
    ----------
    psi
        (Ψ₁, Ψ₂) at t = 0, |Ψ_i|² = n_i.
    coupling
        K, an energy.
    voltage
        V, or a function of the time.
    duration, steps
        How long, in how many steps.
    """
    length = duration / steps
    states = [np.asarray(psi, np.complex128)]
    for number in range(steps):
        v = voltage((number + 0.5) * length) if callable(voltage) else voltage
        half, hop = 0.5 * carriers.charge * v, coupling
        size = float(np.hypot(half, hop))
        angle = size * length / carriers.hbar
        matrix = np.array([[half, hop], [hop, -half]])
        slope = np.sinc(angle / np.pi) * length / carriers.hbar
        states.append((np.cos(angle) * np.eye(2) - 1j * slope * matrix) @ states[-1])
    return Evolution(np.linspace(0.0, duration, steps + 1), np.array(states))


def driven_current(
    times: Floats, voltage: ArrayLike, critical: float, phase: float = 0.0, carriers: Carriers = PAIRS
) -> tuple[Floats, Floats]:
    """The phase δ and I = I_c sin δ of a junction whose sides a source keeps charged: dδ/dt = qV/ħ.

    Constant current at V = 0 (DC), oscillation at :func:`josephson_frequency` at constant V (AC).

    Parameters
    ----------
    times
        Shape ``(n,)``; the integral of V is by trapezoids.
    voltage
        V at those times, or a number.
    critical
        I_c.
    phase
        δ at the first time.

    Returns
    -------
    phase, current : ndarray
        Shape ``(n,)`` each.
    """
    applied = np.broadcast_to(np.asarray(voltage, np.float64), times.shape)
    accumulated = cumulative_trapezoid(applied, times, initial=0.0) * carriers.charge / carriers.hbar
    angle = phase + accumulated
    return angle, critical * np.sin(angle)


def shapiro_current(
    step: int, amplitude: ArrayLike, frequency: float, critical: float, carriers: Carriers = PAIRS
) -> Floats:
    """I_c |J_n(qV₁/ħω)|, the largest steady current at V₀ = nħω/q under V₀ + V₁ cos ωt.

    Parameters
    ----------
    step
        n.
    amplitude
        V₁.
    frequency
        ω.
    critical
        I_c.
    """
    argument = carriers.charge * np.asarray(amplitude, np.float64) / (carriers.hbar * frequency)
    current: Floats = critical * np.abs(jv(step, argument))
    return current

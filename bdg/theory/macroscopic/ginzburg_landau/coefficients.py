"""Coefficients of the free energy density f = α|ψ|² + (β/2)|ψ|⁴ + γ|(∇ − iqA/ħ)ψ|² + B²/2μ₀, and what they
fix.

ψ may be normalised as one likes: as Ψ with |Ψ|² = n_s, then γ = ħ²/2m, or as the order parameter Δ, as
Gor'kov's coefficients are. Lengths and fields do not depend on it.

V. L. Ginzburg and L. D. Landau, Zh. Eksp. Teor. Fiz. 20, 1064 (1950); L. P. Gor'kov, Sov. Phys. JETP 9, 1364
(1959). Lengths and fields are in the units of the carriers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, polygamma, zeta

from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import PAIRS, Carriers, positive

ZETA_3 = float(zeta(3))


@dataclass(frozen=True)
class GinzburgLandau:
    """α < 0, β > 0, γ > 0, and what follows from them; all in the units of the carriers.

    Parameters
    ----------
    alpha, beta, gamma
        Coefficients of |ψ|², |ψ|⁴/2 and |(∇ − iqA/ħ)ψ|².
    carriers
        Charge q, ħ and μ₀; their mass is not used, γ stands for it.

    Raises
    ------
    InputError
        If β or γ is not positive.
    """

    alpha: float
    beta: float
    gamma: float
    carriers: Carriers = PAIRS

    def __post_init__(self) -> None:
        positive("beta", self.beta)
        positive("gamma", self.gamma)

    @property
    def is_ordered(self) -> bool:
        """Whether α < 0: below T_c."""
        return self.alpha < 0

    @property
    def order_parameter(self) -> float:
        """ψ_∞ = √(−α/β) of the uniform state, 0 above T_c."""
        return math.sqrt(max(0.0, -self.alpha / self.beta))

    @property
    def condensation_energy(self) -> float:
        """α²/2β, by which the uniform state is below the normal one, an energy a volume."""
        return self.alpha**2 / (2 * self.beta) if self.is_ordered else 0.0

    @property
    def coherence_length(self) -> float:
        """ξ = √(γ/|α|); above T_c that of the fluctuations."""
        return math.sqrt(self.gamma / abs(self.alpha)) if self.alpha else math.inf

    @property
    def superfluid_density(self) -> float:
        """n_s = 2mγψ_∞²/ħ² for the mass of the carriers."""
        return 2 * self.carriers.mass * self.gamma * self.order_parameter**2 / self.carriers.hbar**2

    @property
    def penetration_depth(self) -> float:
        """λ = 1/√(2μ₀γq²ψ_∞²/ħ²), London's for n_s."""
        squared = 2 * self.carriers.mu0 * self.gamma * (self.carriers.charge / self.carriers.hbar) ** 2
        return 1 / math.sqrt(squared * self.order_parameter**2) if self.is_ordered else math.inf

    @property
    def kappa(self) -> float:
        """κ = λ/ξ = √(β/2μ₀) ħ/(|q|γ), the same at all temperatures; above 1/√2 there are vortices."""
        return (
            math.sqrt(self.beta / (2 * self.carriers.mu0))
            * self.carriers.hbar
            / (abs(self.carriers.charge) * self.gamma)
        )

    @property
    def critical_field(self) -> float:
        """B_c = |α|√(μ₀/β) = Φ₀/(2√2 πλξ), the thermodynamic one: B_c²/2μ₀ is the condensation energy."""
        return math.sqrt(2 * self.carriers.mu0 * self.condensation_energy)

    @property
    def upper_critical_field(self) -> float:
        """B_c2 = ħ/(|q|ξ²) = Φ₀/2πξ² = √2 κB_c."""
        if not self.is_ordered:
            return 0.0
        return self.carriers.hbar / (abs(self.carriers.charge) * self.coherence_length**2)

    @property
    def depairing_current(self) -> float:
        """J_d = Φ₀/(3√3 πμ₀λ²ξ), the largest uniform current density."""
        if not self.is_ordered:
            return 0.0
        area = 3 * math.sqrt(3) * math.pi * self.carriers.mu0 * self.penetration_depth**2
        return self.carriers.flux_quantum / (area * self.coherence_length)


def phenomenological(
    coherence_length: float, penetration_depth: float, carriers: Carriers = PAIRS
) -> GinzburgLandau:
    """The coefficients that give ξ and λ, for |ψ|² = n_s: γ = ħ²/2m, α = −γ/ξ², β = −α/n_s.

    Parameters
    ----------
    coherence_length, penetration_depth
        ξ and λ, lengths in the units of the carriers.

    Raises
    ------
    InputError
        If a length is not positive.
    """
    density = carriers.mass / (
        carriers.mu0 * carriers.charge**2 * positive("penetration_depth", penetration_depth) ** 2
    )
    gamma = carriers.hbar**2 / (2 * carriers.mass)
    alpha = -gamma / positive("coherence_length", coherence_length) ** 2
    return GinzburgLandau(alpha, -alpha / density, gamma, carriers)


def gorkov(
    *,
    density_of_states: float,
    fermi_velocity: float,
    temperature: float,
    critical_temperature: float,
    scattering_time: float = math.inf,
    dimension: int = 3,
    carriers: Carriers = PAIRS,
) -> GinzburgLandau:
    """Coefficients for ψ = Δ of a superconductor with a round Fermi surface and any purity.

    α = N(0) ln(T/T_c), β = N(0) 7ζ(3)/8π²T², γ = N(0) (7ζ(3)ħ²v_F²/16dπ²T²) χ(ħ/2πTτ) with Gor'kov's function
    χ of :func:`gorkov_function`: 1 when clean; πħD/8T in place of the bracket, D = v_F²τ/d, when dirty.
    Gor'kov, Sov. Phys. JETP 9, 1364 and 10, 998 (1959/60).

    Parameters
    ----------
    density_of_states
        N(0) of one spin, states an energy and volume.
    fermi_velocity
        v_F.
    temperature, critical_temperature
        k_B T and k_B T_c, energies.
    scattering_time
        τ of the elastic mean free path ℓ = v_Fτ; infinite if clean.
    dimension
        d of the Fermi surface, ⟨v_x²⟩ = v_F²/d.
    """
    t = positive("temperature", temperature)
    n0 = positive("density_of_states", density_of_states)
    clean = 7 * ZETA_3 * (carriers.hbar * fermi_velocity) ** 2 / (16 * dimension * math.pi**2 * t**2)
    impurity = carriers.hbar / (2 * math.pi * t * positive("scattering_time", min(scattering_time, 1e300)))
    return GinzburgLandau(
        n0 * math.log(t / positive("critical_temperature", critical_temperature)),
        n0 * 7 * ZETA_3 / (8 * math.pi**2 * t**2),
        n0 * clean * gorkov_function(impurity),
        carriers,
    )


def gorkov_function(impurity: float) -> float:
    """χ(ρ) = (8/7ζ(3)) Σ_{n≥0} 1/[(2n + 1)²(2n + 1 + ρ)], ρ = ħ/2πk_BTτ: 1 when clean, π²/7ζ(3)ρ when dirty.

    The sum is [ψ'(½)/4 − (ψ(½ + ρ/2) − ψ(½))/2ρ]/ρ with the digamma function.
    """
    if impurity < 0:
        raise InputError(f"an impurity parameter of {impurity} is negative; give ħ/2πTτ ≥ 0")
    if impurity < 1e-3:  # the terms cancel: Σ (2n+1)^-3 − ρ Σ (2n+1)^-4 + ρ² Σ (2n+1)^-5
        powers = [(1 - 2.0**-n) * float(zeta(n)) for n in (3, 4, 5)]
        total = powers[0] - impurity * powers[1] + impurity**2 * powers[2]
    else:
        bent = float(polygamma(1, 0.5)) / 4
        rise = float(digamma(0.5 + impurity / 2) - digamma(0.5)) / (2 * impurity)
        total = (bent - rise) / impurity
    return 8 / (7 * ZETA_3) * total


def lattice_coefficients(
    energies: NDArray[np.float64],
    velocities: NDArray[np.float64],
    *,
    attraction: float,
    temperature: float,
    carriers: Carriers = PAIRS,
) -> GinzburgLandau:
    """Coefficients for ψ = Δ of a clean band with on-site attraction U, a site for the volume.

    Ω/N = α|Δ|² + (β/2)|Δ|⁴ + γ|∇Δ|² with α = 1/U − ⟨tanh(ε/2T)/2ε⟩, β = ¼⟨g⟩, γ = ⅛⟨v_x² g⟩ and
    g = [tanh(ε/2T)/ε − ∂_ε tanh(ε/2T)]/ε², the mean ⟨⟩ over the Brillouin zone, at fixed μ. The gradient term
    is −½ ∂²/∂q² of the pair susceptibility, integrated by parts so that only v = ∂ε/∂k is needed.

    Parameters
    ----------
    energies
        ε_k − μ on an even mesh of the Brillouin zone, any shape.
    velocities
        ∂ε/∂k_x there, in t a, a = 1.
    attraction
        U > 0.
    temperature
        k_B T.
    """
    e, t = np.asarray(energies, np.float64), positive("temperature", temperature)
    x = e / (2 * t)
    small = np.abs(x) < 1e-2
    safe = np.where(small, 1.0, x)
    slope = np.cosh(np.clip(safe, -350, 350)) ** -2.0
    # (tanh x − x sech² x)/x³, by its series where they cancel.
    bracket = np.where(
        small, 2 / 3 - 8 * x**2 / 15 + 34 * x**4 / 105, (np.tanh(safe) - safe * slope) / safe**3
    )
    pairs = np.where(small, 1 - x**2 / 3 + 2 * x**4 / 15, np.tanh(safe) / safe) / (4 * t)
    kernel = bracket / (8 * t**3)
    return GinzburgLandau(
        1 / positive("attraction", attraction) - float(pairs.mean()),
        0.25 * float(kernel.mean()),
        0.125 * float((np.asarray(velocities) ** 2 * kernel).mean()),
        carriers,
    )


def free_energy_density(
    coefficients: GinzburgLandau,
    psi: NDArray[np.generic],
    gradient_squared: NDArray[np.float64] | float = 0.0,
) -> NDArray[np.float64]:
    """α|ψ|² + (β/2)|ψ|⁴ + γ|(∇ − iqA/ħ)ψ|², without the field's own energy.

    Parameters
    ----------
    coefficients
        α, β, γ.
    psi
        ψ, any shape.
    gradient_squared
        |(∇ − iqA/ħ)ψ|² at the same places.
    """
    n = np.abs(psi) ** 2
    density = coefficients.alpha * n + 0.5 * coefficients.beta * n**2
    return np.asarray(density + coefficients.gamma * np.asarray(gradient_squared), np.float64)

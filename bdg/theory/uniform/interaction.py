r"""Why electrons attract: a kicked ion, the exchange of phonons, and what is left of the Coulomb repulsion.

Energies of the semi-classical estimate are in SI units (J, m, s, kg); the rest has ħ = 1 and any unit.

J. Bardeen and D. Pines, Phys. Rev. 99, 1140 (1955); the pseudopotential and the two wells are those of P.
Morel and P. W. Anderson, Phys. Rev. 125, 1263 (1962).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import constants

from bdg.arrays import Floats
from bdg.theory.uniform.band import constant_dos
from bdg.theory.uniform.checks import require_positive
from bdg.theory.uniform.gap.solution import gap_sum

_COULOMB = constants.e**2 / (4 * np.pi * constants.epsilon_0)


@dataclass(frozen=True)
class IonKick:
    r"""An electron passes an ion, kicks it, and a second one finds it displaced (SI units).

    In the impulse approximation, the electron on a straight line at distance b with speed v,

        Δp = ∫ F_⊥ dt = 2Ze²/4πε₀bv,    x(t) = (Δp/Mω) sin ωt,    δU = −(Ze²/4πε₀) x_max/b² .            (9)

    Parameters
    ----------
    speed
        v of the electron, the Fermi velocity.
    distance
        b, its closest approach, about half a lattice constant.
    mass
        M of the ion.
    frequency
        ω of the lattice, about ω_D.
    charge
        Z of the ion.
    """

    speed: float
    distance: float
    mass: float
    frequency: float
    charge: float = 1.0

    def __post_init__(self) -> None:
        for name in ("speed", "distance", "mass", "frequency", "charge"):
            require_positive(f"the {name}", getattr(self, name), "SI units")

    @property
    def impulse(self) -> float:
        """Δp in kg m/s."""
        return float(2 * self.charge * _COULOMB / (self.distance * self.speed))

    @property
    def amplitude(self) -> float:
        """x_max in m."""
        return float(self.impulse / (self.mass * self.frequency))

    def displacement(self, time: ArrayLike) -> Floats:
        """x(t) in m."""
        return np.asarray(self.amplitude * np.sin(self.frequency * np.asarray(time, float)))

    @property
    def attraction(self) -> float:
        """δU in J, negative: what the second electron gains at distance b from the displaced ion."""
        return float(-self.charge * _COULOMB * self.amplitude / self.distance**2)

    @property
    def attraction_mev(self) -> float:
        """δU in meV."""
        return float(self.attraction / constants.e * 1e3)

    @property
    def delay_length(self) -> float:
        """How far the first electron is when the ion turns around, v·π/2ω in m: out of the other's way."""
        return float(self.speed * np.pi / (2 * self.frequency))


def bardeen_pines(
    wavenumber: ArrayLike, frequency: ArrayLike, *, screening: float, ion_plasma: float, strength: float = 1.0
) -> Floats:
    r"""Interaction of two electrons that exchange q and ω in jellium.

        V(q, ω) = (4πe²/(q² + k_s²)) [1 + ω_q²/(ω² − ω_q²)],    ω_q² = Ω_p² q²/(q² + k_s²) .            (10)

    Attractive for |ω| < ω_q, zero at ω = 0, bare Coulomb above
    (Bardeen and Pines, Phys. Rev. 99, 1140 (1955)).

    Parameters
    ----------
    wavenumber, frequency
        q and ω; they broadcast.
    screening
        k_s, the inverse Thomas–Fermi length.
    ion_plasma
        Ω_p, the plasma frequency of the bare ions.
    strength
        4πe² in the reader's units.

    Raises
    ------
    InputError
        If a wave number or frequency of the jellium is not positive.
    """
    require_positive("the screening wave number", screening, "it is the inverse Thomas–Fermi length")
    require_positive("the ion plasma frequency", ion_plasma, "it is that of the bare ions")
    q, w = np.asarray(wavenumber, float), np.asarray(frequency, float)
    screened = strength / (q**2 + screening**2)
    phonon = phonon_frequency(q, screening=screening, ion_plasma=ion_plasma) ** 2
    with np.errstate(divide="ignore"):
        return np.asarray(screened * w**2 / (w**2 - phonon))


def phonon_frequency(wavenumber: ArrayLike, *, screening: float, ion_plasma: float) -> Floats:
    """ω_q = Ω_p q/√(q² + k_s²): sound at small q, with the velocity of Bohm and Staver."""
    q = np.abs(np.asarray(wavenumber, float))
    return np.asarray(ion_plasma * q / np.hypot(q, screening))


def square_well(xi: ArrayLike, xi_other: ArrayLike, *, attraction: float, cutoff: float) -> Floats:
    """The interaction of BCS, −V where |ξ|, |ξ'| < ħω_D and nothing elsewhere."""
    inside = (np.abs(np.asarray(xi, float)) < cutoff) & (np.abs(np.asarray(xi_other, float)) < cutoff)
    return np.asarray(np.where(inside, -attraction, 0.0))


def coulomb_pseudopotential(repulsion: float, fermi_energy: float, cutoff: float) -> float:
    """μ* = μ/(1 + μ ln(E_F/ħω_D)): what the slow partner feels of an instantaneous repulsion μ = N(0)V_c.

    Raises
    ------
    InputError
        If a number is not positive.
    """
    require_positive("the Coulomb repulsion", repulsion, "it is N(0)V_c")
    require_positive("the Fermi energy", fermi_energy, "in the units of the cut-off")
    require_positive("the cut-off", cutoff, "it is ħω_D")
    return float(repulsion / (1 + repulsion * np.log(fermi_energy / cutoff)))


def two_square_wells(
    attraction: float, repulsion: float, cutoff: float, fermi_energy: float, temperature: float
) -> Floats:
    r"""The linearised gap equation, phonons up to ħω_D and Coulomb repulsion up to E_F, as a 2 × 2 matrix.

    Δ is constant in each of the shells |ξ| < ħω_D and ħω_D < |ξ| < E_F; T_c is where the largest eigenvalue
    is 1. Eliminating the outer shell gives λ − μ*, which is what (8) says.

    Parameters
    ----------
    attraction, repulsion
        λ and μ, both times N(0).
    cutoff, fermi_energy, temperature
        ħω_D, E_F and T.
    """
    inner = _log_sum(cutoff, temperature)
    outer = _log_sum(fermi_energy, temperature) - inner
    return np.array(
        [[(attraction - repulsion) * inner, -repulsion * outer], [-repulsion * inner, -repulsion * outer]]
    )


def _log_sum(cutoff: float, temperature: float) -> float:
    """∫₀^cutoff dξ tanh(ξ/2T)/ξ."""
    return gap_sum(constant_dos(cutoff), 0.0, 0.0, temperature)

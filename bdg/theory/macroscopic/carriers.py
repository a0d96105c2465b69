"""What carries the supercurrent, and in which units it is described."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import constants

from bdg.errors import InputError


@dataclass(frozen=True)
class Carriers:
    """Charge and mass of superelectrons, and the constants of the system of units.

    The default is pairs with ħ = e = m_e = μ₀ = 1: their flux quantum is π, that of :mod:`bdg.conventions`.

    Parameters
    ----------
    charge
        q, with its sign.
    mass
        m > 0.
    hbar, mu0
        ħ and μ₀ in the same units.

    Raises
    ------
    InputError
        If the charge is zero, or one of the others is not positive.
    """

    charge: float = -2.0
    mass: float = 2.0
    hbar: float = 1.0
    mu0: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.charge) and self.charge):
            raise InputError(f"carriers of charge {self.charge} carry no current; give q, −2e for pairs")
        for name in ("mass", "hbar", "mu0"):
            positive(name, getattr(self, name))

    @property
    def flux_quantum(self) -> float:
        """Φ₀ = h/|q|."""
        return 2 * math.pi * self.hbar / abs(self.charge)

    @property
    def flux_quantum_of_phase(self) -> float:
        """The flux h/q, with the sign of q, of one turn of the phase by 2π."""
        return 2 * math.pi * self.hbar / self.charge


def positive(name: str, value: float) -> float:
    """A number that must be positive and finite.

    Raises
    ------
    InputError
        If it is not.
    """
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{name.replace('_', ' ')} is {value}; give a positive number")
    return float(value)


PAIRS = Carriers()
"""Pairs of electrons, ħ = e = m_e = μ₀ = 1."""

PAIRS_SI = Carriers(-2 * constants.e, 2 * constants.m_e, constants.hbar, constants.mu_0)
"""Pairs of electrons in SI units: A s, kg, J s, T m/A."""

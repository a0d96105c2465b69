"""Thermal functions of energies, T = 0 included."""

from __future__ import annotations

import numpy as np

from bdg.arrays import Floats


def fermi(energies: Floats, temperature: float, zero: float = 0.0) -> Floats:
    """f(E) = ½(1 − tanh(E/2T)), a step at T = 0; ½ at every T where |E| ≤ ``zero``.

    Parameters
    ----------
    energies
        In t.
    temperature
        In t.
    zero
        Energies this small cannot be distinguished from a zero mode, which a T below them would fill or
        empty by the sign of its rounding.
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        # E/2T may overflow to ±inf, whose tanh is ±1; 0/0 is a zero mode at T = 0
        occupation = 0.5 * (1.0 - np.tanh(energies / (2.0 * temperature)))
    return np.where(np.abs(energies) <= zero, 0.5, occupation)


def log_cosh(energies: Floats, temperature: float) -> Floats:
    """T ln 2cosh(E/2T), which is |E|/2 at T = 0, without overflow."""
    size = np.abs(energies)
    if temperature == 0:
        return size / 2
    with np.errstate(over="ignore", under="ignore"):
        value: Floats = size / 2 + temperature * np.log1p(np.exp(-size / temperature))
    return value

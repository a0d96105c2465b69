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


def divided_fermi(energies: Floats, temperature: float, rounding: float) -> Floats:
    """(f_n − f_m)/(E_n − E_m), and f′ where the two energies are the same; shape ``(…, n, n)``."""
    occupied = fermi(energies, temperature, rounding)
    row, column = energies[..., :, None], energies[..., None, :]
    apart, middle = row - column, 0.5 * (row + column)
    # Differences of f lose digits where the energies are close: there f′ is better, to (δE/T)²/24.
    close = np.abs(apart) <= max(1e-5 * temperature, rounding)
    slope = np.zeros_like(middle)
    if temperature > rounding:  # below it, T is 0 to what the levels show
        slope = -0.25 / temperature / np.cosh(np.clip(middle / (2 * temperature), -300, 300)) ** 2
    ratio = (occupied[..., :, None] - occupied[..., None, :]) / np.where(close, 1.0, apart)
    return np.where(close, slope, ratio)


def log_cosh(energies: Floats, temperature: float) -> Floats:
    """T ln 2cosh(E/2T), which is |E|/2 at T = 0, without overflow."""
    size = np.abs(energies)
    if temperature == 0:
        return size / 2
    with np.errstate(over="ignore", under="ignore"):
        value: Floats = size / 2 + temperature * np.log1p(np.exp(-size / temperature))
    return value

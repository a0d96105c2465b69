r"""The thermal functions of a level, exact from E = 0 to E ≫ T and at T = 0.

All of BCS thermodynamics is one function of e = E² and T, the grand potential of a level,
ω(e, T) = −2T ln 2cosh(E/2T), and its derivatives. In e, not in E, they are analytic through e = 0, so that
nothing special happens at T_c or at a node of the gap.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats

# Below this E/2T the quotients are read from their series, which lose no digits.
_SERIES = 0.1


def fermi(energy: ArrayLike, temperature: float) -> Floats:
    """Fermi function 1/(e^{E/T} + 1); at T = 0 the step with f(0) = ½."""
    energy = np.asarray(energy, float)
    if temperature == 0:
        return np.asarray(0.5 * (1.0 - np.sign(energy)))
    return np.asarray(
        np.exp(-np.logaddexp(0.0, energy / temperature))
    )  # not SciPy's expit, which is slow to import


def fermi_step(energy: ArrayLike, step: float, temperature: float) -> Floats:
    """f(E) − f(E + step) for T > 0 and a step ≥ 0, with all digits where T is far above the step."""
    e = np.asarray(energy, float)
    return np.asarray(-fermi(e, temperature) * fermi(-e - step, temperature) * np.expm1(-step / temperature))


def fermi_slope(energy: ArrayLike, temperature: float) -> Floats:
    """−∂f/∂E = sech²(E/2T)/4T, for T > 0."""
    return np.asarray(sech_squared(np.asarray(energy, float) / (2 * temperature)) / (4 * temperature))


def sech_squared(y: ArrayLike) -> Floats:
    """1/cosh² y without overflow: 4f(1 − f)."""
    small = np.exp(-2 * np.abs(np.asarray(y, float)))
    return np.asarray(4 * small / (1 + small) ** 2)


def pair_susceptibility(energy: Floats, temperature: float) -> Floats:
    """−∂ω/∂e = tanh(E/2T)/2E, which is 1/4T at E = 0 and 1/2E at T = 0."""
    if temperature == 0:
        with np.errstate(divide="ignore"):
            return np.asarray(0.5 / np.abs(energy))
    y = np.abs(energy) / (2 * temperature)
    safe = np.maximum(y, _SERIES)
    u = np.minimum(y, _SERIES) ** 2
    near = 1 + u * (-1 / 3 + u * (2 / 15 + u * (-17 / 315 + u * (62 / 2835 - u * 1382 / 155925))))
    return np.asarray(np.where(y < _SERIES, near, np.tanh(safe) / safe) / (4 * temperature))


def pair_susceptibility_slope(energy: Floats, temperature: float) -> Floats:
    """−∂²ω/∂e², the derivative of tanh(E/2T)/2E with respect to E²: −1/48T³ at E = 0, −1/4E³ at T = 0."""
    if temperature == 0:
        with np.errstate(divide="ignore"):
            return np.asarray(-0.25 / np.abs(energy) ** 3)
    y = np.abs(energy) / (2 * temperature)
    safe = np.maximum(y, _SERIES)
    u = np.minimum(y, _SERIES) ** 2
    near = -1 / 3 + u * (4 / 15 + u * (-17 / 105 + u * (248 / 2835 - u * 1382 / 31185)))
    far = (sech_squared(safe) - np.tanh(safe) / safe) / (2 * safe**2)
    return np.asarray(np.where(y < _SERIES, near, far) / (16 * temperature**3))


def level_entropy(energy: Floats, temperature: float) -> Floats:
    """Entropy of the two quasiparticles of a level, 2[ln(1 + e^{−x}) + x f], x = E/T.

    At T = 0 it is 2 ln 2 of a level at zero, which is half full, and nothing else.
    """
    if temperature == 0:
        return np.where(energy == 0, 2 * np.log(2), 0.0)
    x = np.minimum(np.abs(energy) / temperature, 1e3)  # beyond, e^−x is nothing
    return np.asarray(2 * (np.log1p(np.exp(-x)) + x * fermi(x, 1.0)))

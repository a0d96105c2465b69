r"""Two bands with pairing within and between them.

Suhl, Matthias and Walker, Phys. Rev. Lett. 3, 552 (1959):

    Δ_i = Σ_j V_ij N_j Δ_j F(Δ_j, T),      F = ∫₀^{ħω_D} dξ tanh(E/2T)/E                               (3)

Below T_c both gaps are open as soon as V_12 ≠ 0; its sign is that of Δ₁Δ₂.

Energies, V_ij N_j being a number, are in the units of the cut-off ħω_D.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, root

from bdg.arrays import Floats
from bdg.errors import InputError, NumericalError
from bdg.theory.uniform.band import constant_dos
from bdg.theory.uniform.checks import require_positive, require_temperature
from bdg.theory.uniform.gap.solution import gap_sum
from bdg.theory.uniform.gap.weak import zero_temperature_gap


@dataclass(frozen=True)
class TwoBands:
    """Two Fermi surfaces of constant density of states with a common cut-off.

    Parameters
    ----------
    coupling
        V_ij ``(2, 2)``, symmetric; positive values attract.
    density
        N_i per spin, ``(2,)``.
    cutoff
        ħω_D.
    """

    coupling: Floats
    density: Floats
    cutoff: float

    @property
    def strongest(self) -> float:
        """Largest eigenvalue of √N_i V_ij √N_j, the coupling that sets T_c."""
        root = np.sqrt(self.density)
        return float(np.linalg.eigvalsh(root[:, None] * self.coupling * root)[-1])


def two_bands(coupling: ArrayLike, density: ArrayLike, cutoff: float) -> TwoBands:
    """Check and make :class:`TwoBands`.

    Raises
    ------
    InputError
        If the couplings are not a symmetric matrix, or nothing attracts.
    """
    v, n = np.asarray(coupling, float), np.asarray(density, float)
    if v.shape != (2, 2) or v[0, 1] != v[1, 0]:
        raise InputError(f"the couplings {v.tolist()} must be a symmetric 2 × 2 matrix")
    if n.shape != (2,) or not (n > 0).all():
        raise InputError(f"the densities of states {n.tolist()} must be two positive numbers")
    require_positive("the cut-off", cutoff, "it is ħω_D")
    bands = TwoBands(v, n, cutoff)
    if bands.strongest <= 0:
        raise InputError("no combination of the two bands attracts; make a coupling larger")
    return bands


def two_band_critical_temperature(bands: TwoBands) -> float:
    """T_c: ∫₀^{ħω_D} dξ tanh(ξ/2T_c)/ξ is the inverse of the strongest coupling."""
    shell, wanted = constant_dos(bands.cutoff), 1 / bands.strongest

    def excess(log_t: float) -> float:
        return gap_sum(shell, 0.0, 0.0, float(np.exp(log_t))) - wanted

    high = np.log(bands.cutoff * bands.strongest)
    return float(np.exp(brentq(excess, high - wanted - 5, high, xtol=1e-15)))


def two_band_gaps(bands: TwoBands, temperature: float = 0.0) -> Floats:
    """Δ₁ ≥ 0 and Δ₂ at a temperature, ``(2,)``; zeros from T_c on.

    Iterating (3) from above comes near; Newton's method with the derivative of F finishes.

    Raises
    ------
    InputError
        If the temperature is negative.
    NumericalError
        If Newton's method does not end.
    """
    require_temperature(temperature)
    if temperature >= two_band_critical_temperature(bands):
        return np.zeros(2)
    share = np.sqrt(bands.density)
    direction = np.linalg.eigh(share[:, None] * bands.coupling * share)[1][:, -1] / share
    scale = float(zero_temperature_gap(bands.strongest, bands.cutoff))
    gaps = 2 * scale * direction / np.abs(direction).max()
    for _ in range(100):
        gaps = bands.coupling @ (bands.density * _sums(bands, gaps, temperature) * gaps)
    found = root_of(lambda x: _residual(bands, x, temperature), gaps / scale, scale)
    return np.asarray(found if found[0] >= 0 else -found)


def root_of(residual: Callable[[Floats], Floats], start: Floats, scale: float) -> Floats:
    """Newton's method on Δ/scale."""
    found = root(lambda x: residual(x * scale) / scale, start, tol=1e-14)
    if float(np.abs(found.fun).max()) > 1e-10:
        raise NumericalError("the two gaps were not found; give a temperature further from T_c")
    return np.asarray(found.x * scale)


def _residual(bands: TwoBands, gaps: Floats, temperature: float) -> Floats:
    return np.asarray(gaps - bands.coupling @ (bands.density * _sums(bands, gaps, temperature) * gaps))


def _sums(bands: TwoBands, gaps: Floats, temperature: float) -> Floats:
    """F(Δ_i, T), shape ``(2,)``."""
    shell, floor = constant_dos(bands.cutoff), 1e-9 * bands.cutoff
    return np.array([gap_sum(shell, max(abs(gap), floor), 0.0, temperature) for gap in gaps])

r"""The shape that a level becomes: how many moments a shape takes, and the spectrum from them.

Lorentz: 1/(z − x) = [1 + 2 Σ_{n≥1} w^n T_n(x)]/√(z² − 1), w = z − √(z² − 1), |w| < 1, the generating function
of the polynomials, holds for any z off [−1, 1]: the shape is exactly that of ω + iη, and the terms left out
are less than 2|w|^{N+1}/((1 − |w|) |√(z² − 1)|) together.

Jackson: the polynomial of N terms that is positive and nearest to a delta function, a Gaussian of standard
deviation (π/N) √(a² − E²) (Weiße et al., Rev. Mod. Phys. 78, 275 (2006), eq. (71)–(75)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bdg.arrays import Complexes, Floats
from bdg.kernels.chebyshev.series import power_series


class Line(Protocol):
    """A shape of levels."""

    def count(self, bound: float, tolerance: float) -> int:
        """Moments that it takes, for levels within ±bound, to a share of its height."""
        ...

    def spectrum(self, moments: Floats, bound: float) -> Floats:
        """Σ_n |⟨n|s⟩|² δ(ω − E_n), broadened, at its energies."""
        ...

    def error(self, moments: Floats, bound: float, of_moments: float) -> float:
        """Bound on the error of the spectrum, by the terms that are left out and the errors of moments."""
        ...


@dataclass(frozen=True)
class Lorentz:
    """Lorentzians, −Im (z − E)⁻¹/π, at energies z off the real axis."""

    z: Complexes

    def count(self, bound: float, tolerance: float) -> int:
        """See :class:`Line`; the tolerance is one of 1/(z − E), that of 1 where |Im z| > 1."""
        ratio, root = _mapped(self.z / bound)
        allowed = tolerance * np.maximum(1.0, 1.0 / np.abs(self.z.imag)) * bound * np.abs(root)
        size = np.abs(ratio)
        terms = np.log(allowed * (1 - size) / 2) / np.log(size)
        return max(2, int(np.ceil(terms.max())))

    def spectrum(self, moments: Floats, bound: float) -> Floats:
        """See :class:`Line`."""
        ratio, root = _mapped(self.z / bound)
        greens = (moments[0] + 2 * power_series(moments, ratio)) / (root * bound)
        found: Floats = -np.sign(self.z.imag) * greens.imag / np.pi
        return found

    def error(self, moments: Floats, bound: float, of_moments: float) -> float:
        """See :class:`Line`."""
        ratio, root = _mapped(self.z / bound)
        size = np.abs(ratio)
        left_out = 2 * moments[0] * size ** len(moments) / (1 - size)
        inherited = of_moments * (1 + size) / (1 - size)
        return float(((left_out + inherited) / (np.abs(root) * bound)).max() / np.pi)


@dataclass(frozen=True)
class Jackson:
    """Gaussians of standard deviation σ√(1 − E²/a²), from N = πa/σ moments, at real energies."""

    energies: Floats
    width: float

    def count(self, bound: float, tolerance: float) -> int:
        """See :class:`Line`."""
        return max(2, int(np.ceil(np.pi * bound / self.width)))

    def spectrum(self, moments: Floats, bound: float) -> Floats:
        """See :class:`Line`."""
        x = self.energies / bound
        inside = np.abs(x) < 1
        angle = np.arccos(x[inside])
        ratio = np.exp(-1j * angle)
        weighted = self._weights(len(moments)) * moments
        found = np.zeros(len(x))
        total = weighted[0] + 2 * power_series(weighted, ratio).real
        found[inside] = total / (np.pi * bound * np.sin(angle))
        return found

    def error(self, moments: Floats, bound: float, of_moments: float) -> float:
        """See :class:`Line`."""
        sine = np.sqrt(np.maximum(1 - (self.energies / bound) ** 2, 0.0))
        nearest = float(sine[sine > 0].min(initial=1.0))
        return of_moments * 2 * float(self._weights(len(moments)).sum()) / (np.pi * bound * nearest)

    @staticmethod
    def _weights(count: int) -> Floats:
        n, angle = np.arange(count), np.pi / (count + 1)
        found: Floats = ((count - n + 1) * np.cos(n * angle) + np.sin(n * angle) / np.tan(angle)) / (
            count + 1
        )
        return found


def _mapped(z: Complexes) -> tuple[Complexes, Complexes]:
    """The ratio w = z − √(z² − 1), |w| < 1, and the root."""
    root = np.sqrt(z - 1) * np.sqrt(z + 1)  # the cut is on [−1, 1], where no energy is
    return 1 / (z + root), root

r"""On-site attraction in mean field: the fields it makes from correlators, and its constants in Ω.

H_int = −Σ U_i n_i↑ n_i↓ becomes, with what is switched on,

- pairing: Δ_i = U_i F_i on c†_i↑ c†_i↓, F_i = ⟨c_i↑ c_i↓⟩, and the constant +U_i |F_i|²;
- Hartree: V_iσ = −U_i n_i,−σ on n_iσ, and the constant +U_i n_i↑ n_i↓.

With these constants Ω is stationary at self-consistency with respect to every field.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64] | NDArray[np.complex128]


@dataclass(frozen=True)
class OnsiteAttraction:
    """Attraction U_i (positive attracts) and which of its mean fields are on.

    Parameters
    ----------
    strength
        U_i, shape ``(n_sites,)``, in t.
    pairing, hartree
        Which fields are self-consistent.
    """

    strength: NDArray[np.float64]
    pairing: bool = True
    hartree: bool = False

    def delta(self, anomalous_density: Array) -> Array:
        """Order parameter Δ_i = U_i ⟨c_i↑ c_i↓⟩."""
        return self.strength * anomalous_density

    def hartree_potential(self, density: NDArray[np.float64]) -> NDArray[np.float64]:
        """Potentials V_iσ = −U_i ⟨n_i,−σ⟩ from spin densities, both of shape ``(2, n_sites)``."""
        return -self.strength * density[::-1]

    def exchange(self, spin_flip: Array) -> Array:
        """Exchange field x_i = +U_i ⟨c†_i↓ c_i↑⟩ on c†_i↑ c_i↓, the spin flip's shape ``(n_sites,)``."""
        return self.strength * spin_flip

    def pairing_constant(self, delta: Array) -> float:
        """Σ U_i |F_i|², with F_i = Δ_i/U_i."""
        return float(np.sum(np.abs(delta) ** 2 * self._inverse))

    def hartree_energy(self, density: NDArray[np.float64]) -> float:
        """−Σ U_i ⟨n_i↑⟩⟨n_i↓⟩, from spin densities of shape ``(2, n_sites)``."""
        return -float(np.sum(self.strength * density[0] * density[1]))

    def exchange_energy(self, spin_flip: Array) -> float:
        """+Σ U_i |⟨c†_i↓ c_i↑⟩|²."""
        return float(np.sum(self.strength * np.abs(spin_flip) ** 2))

    @property
    def _inverse(self) -> NDArray[np.float64]:
        """1/U_i, and 0 where U_i = 0: there the fields vanish, and so do the constants."""
        return np.divide(1.0, self.strength, out=np.zeros_like(self.strength), where=self.strength != 0)

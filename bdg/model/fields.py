"""The self-consistent unknowns, and how they lie in one flat real vector."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64] | NDArray[np.complex128]


@dataclass(frozen=True)
class Fields:
    """Everything self-consistent, in t.

    Parameters
    ----------
    delta
        Order parameter Δ_i, shape ``(n_sites,)``, real or complex.
    hartree
        Potentials V_iσ on n_iσ, shape ``(2, n_sites)``, up then down.
    mu
        Chemical potential.
    exchange
        Field x_i on c†_i↑ c_i↓, shape ``(n_sites,)``, real or complex; ``None`` where spins do not mix.
    """

    delta: Array
    hartree: NDArray[np.float64]
    mu: float
    exchange: Array | None = None

    def transformed(self, angle: NDArray[np.float64]) -> Fields:
        """The same state after c_i → e^{iχ_i} c_i: Δ_i → e^{2iχ_i} Δ_i."""
        if not angle.any():
            return self
        return replace(self, delta=np.exp(2j * angle) * self.delta)


@dataclass(frozen=True)
class Layout:
    """Which unknowns are free, and the exact pack/unpack pair between :class:`Fields` and a real vector.

    The vector holds Re Δ, then Im Δ if complex, then the Hartree potentials (one set when the spins are
    alike, else up and down), then the exchange field like Δ, then μ.

    Parameters
    ----------
    n_sites
        Number of sites.
    delta, hartree, mu
        Which are unknowns; what isn't is taken from ``fixed`` when unpacking.
    is_complex
        Whether Δ and the exchange field have an imaginary part.
    spin_resolved
        Whether V_i↑ and V_i↓ may differ.
    exchange
        Whether the exchange field is unknown too.
    """

    n_sites: int
    delta: bool
    hartree: bool
    mu: bool
    is_complex: bool
    spin_resolved: bool
    exchange: bool = False

    def slices(self) -> dict[str, slice]:
        """Where each unknown lies in the vector: ``delta``, ``hartree``, ``exchange``, ``mu``, if free."""
        lengths = {
            "delta": self.n_sites * (2 if self.is_complex else 1) * self.delta,
            "hartree": self.n_sites * (2 if self.spin_resolved else 1) * self.hartree,
            "exchange": self.n_sites * (2 if self.is_complex else 1) * self.exchange,
            "mu": int(self.mu),
        }
        slices, start = {}, 0
        for name, length in lengths.items():
            if length:
                slices[name] = slice(start, start + length)
                start += length
        return slices

    def pack(self, fields: Fields) -> NDArray[np.float64]:
        """The free unknowns as one real vector."""
        parts: list[NDArray[np.float64]] = []
        if self.delta:
            parts.append(self._as_real(fields.delta))
        if self.hartree:
            parts.append(fields.hartree.ravel() if self.spin_resolved else fields.hartree[0])
        if self.exchange:
            assert fields.exchange is not None
            parts.append(self._as_real(fields.exchange))
        if self.mu:
            parts.append(np.array([fields.mu]))
        return np.concatenate(parts) if parts else np.zeros(0)

    def unpack(self, vector: NDArray[np.float64], fixed: Fields) -> Fields:
        """The fields of a vector; what is not free comes from ``fixed``."""
        where, n = self.slices(), self.n_sites
        delta, hartree, mu, exchange = fixed.delta, fixed.hartree, fixed.mu, fixed.exchange
        if self.delta:
            delta = self._as_field(vector[where["delta"]])
        if self.hartree:
            part = vector[where["hartree"]]
            hartree = part.reshape(2, n).copy() if self.spin_resolved else np.stack([part, part])
        if self.exchange:
            exchange = self._as_field(vector[where["exchange"]])
        if self.mu:
            mu = float(vector[where["mu"]][0])
        return Fields(delta, hartree, mu, exchange)

    def _as_real(self, field: Array) -> NDArray[np.float64]:
        real: NDArray[np.float64] = np.real(field)
        return np.concatenate([real, np.imag(field)]) if self.is_complex else real

    def _as_field(self, part: NDArray[np.float64]) -> Array:
        n = self.n_sites
        return part[:n] + 1j * part[n:] if self.is_complex else part.copy()

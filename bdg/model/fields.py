"""The self-consistent unknowns, and how they lie in one flat real vector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Bonds
from bdg.model.pairs import components, matrices

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
    bond_delta
        Δ_{source σ, target σ'} of each bond, shape ``(n_bonds, 2, 2)``; ``None`` where no bond has pairs.
    fock
        Added to ⟨target|h|source⟩, shape ``(n_bonds, 2, 2)``; ``None`` where it is off.
    vector_potential
        Line integrals ∫ A·dl of the field that the currents make, source → target of each bond, in ħ/e, shape
        ``(n_bonds,)``; ``None`` where nothing is screened. It stays in the gauge it was found in.
    """

    delta: Array
    hartree: NDArray[np.float64]
    mu: float
    exchange: Array | None = None
    bond_delta: Array | None = None
    fock: Array | None = None
    vector_potential: NDArray[np.float64] | None = None

    @property
    def moduli(self) -> NDArray[np.float64]:
        """The sizes |Δ_i|, or those of the pairs on the bonds that have any, where these are larger.

        A pair's size is that of its one component, or the root of the sum of squares of several.
        """
        on_sites: NDArray[np.float64] = np.abs(self.delta)
        if self.bond_delta is None:
            return on_sites
        size: NDArray[np.float64] = np.sqrt(0.5 * np.sum(np.abs(self.bond_delta) ** 2, axis=(1, 2)))
        return size[size > 0] if size.max(initial=0.0) > on_sites.max() else on_sites

    def first_not_finite(self) -> str | None:
        """Name of the first field that holds NaN or infinity; ``None`` if there is none."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return next((name for name, one in values if one is not None and not np.isfinite(one).all()), None)

    @property
    def is_complex(self) -> bool:
        """Whether any field is stored complex."""
        return any(np.iscomplexobj(field) for field in self._may_be_complex().values())

    def as_complex(self) -> Fields:
        """The same fields, all that may be complex stored so."""
        return self._each(lambda field: field.astype(np.complex128))

    def as_real(self) -> Fields:
        """The real parts."""
        return self._each(lambda field: np.ascontiguousarray(field.real))

    def imaginary(self) -> Fields:
        """The imaginary parts."""
        return self._each(lambda field: np.ascontiguousarray(np.imag(field)))

    def is_real_to(self, share: float) -> bool:
        """Whether imaginary parts are at most this share of the largest value, field by field."""
        return all(
            np.abs(field.imag).max(initial=0.0) <= share * np.abs(field).max(initial=0.0)
            for field in self._may_be_complex().values()
        )

    def transformed(self, angle: NDArray[np.float64], bonds: Bonds | None = None) -> Fields:
        """The same state after c_i → e^{iχ_i} c_i: Δ_i → e^{2iχ_i} Δ_i, Δ_ij → e^{i(χ_i + χ_j)} Δ_ij.

        ``bonds`` are those of the sample, needed where there are fields on them.
        """
        if not angle.any():
            return self
        moved = replace(self, delta=np.exp(2j * angle) * self.delta)
        if bonds is None or (self.bond_delta is None and self.fock is None):
            return moved
        start, end = angle[bonds.source][:, None, None], angle[bonds.target][:, None, None]
        pairs = None if self.bond_delta is None else np.exp(1j * (start + end)) * self.bond_delta
        fock = None if self.fock is None else np.exp(1j * (end - start)) * self.fock
        return replace(moved, bond_delta=pairs, fock=fock)

    def _each(self, change: Callable[[Array], Array]) -> Fields:
        """Change every field that may be complex."""
        changed: dict[str, Any] = {name: change(field) for name, field in self._may_be_complex().items()}
        return replace(self, **changed)

    def _may_be_complex(self) -> dict[str, Array]:
        """The fields there are but for the Hartree potentials and μ, which are real."""
        found = {name: getattr(self, name) for name in ("delta", "exchange", "bond_delta", "fock")}
        return {name: field for name, field in found.items() if field is not None}


@dataclass(frozen=True)
class BondLayout:
    """Which unknowns lie on bonds.

    Parameters
    ----------
    acting
        Bonds with an interaction, shape ``(n_acting,)``.
    pairs, hops
        Spin components of the pairs and of the Fock field, shape ``(n_components, 2, 2)``, of length √2 and
        at right angles; with none the field is not free.
    """

    acting: NDArray[np.int64]
    pairs: NDArray[np.float64]
    hops: NDArray[np.float64]


@dataclass(frozen=True)
class Layout:
    """Which unknowns are free, and the exact pack/unpack pair between :class:`Fields` and a real vector.

    The vector holds Re Δ, then Im Δ if complex, then the Hartree potentials (one set when the spins are
    alike, else up and down), then the exchange field like Δ, then the components of the pairs and of the Fock
    field on bonds likewise, then the vector potential, then μ.

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
    bonds
        What is unknown on bonds; ``None`` for nothing.
    vector_potential
        Number of bonds whose line integral is unknown: all or none.
    """

    n_sites: int
    delta: bool
    hartree: bool
    mu: bool
    is_complex: bool
    spin_resolved: bool
    exchange: bool = False
    bonds: BondLayout | None = None
    vector_potential: int = 0

    def slices(self) -> dict[str, slice]:
        """Where each unknown lies in the vector: ``delta``, ``hartree``, ``exchange``, …, ``mu``, if free."""
        numbers, bonds = 2 if self.is_complex else 1, self.bonds
        lengths = {
            "delta": self.n_sites * numbers * self.delta,
            "hartree": self.n_sites * (2 if self.spin_resolved else 1) * self.hartree,
            "exchange": self.n_sites * numbers * self.exchange,
            "bond_delta": 0 if bonds is None else len(bonds.acting) * len(bonds.pairs) * numbers,
            "fock": 0 if bonds is None else len(bonds.acting) * len(bonds.hops) * numbers,
            "vector_potential": self.vector_potential,
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
        if self.bonds is not None:
            for field, basis in ((fields.bond_delta, self.bonds.pairs), (fields.fock, self.bonds.hops)):
                if len(basis):
                    assert field is not None
                    parts.append(self._as_real(components(field[self.bonds.acting], basis).ravel()))
        if self.vector_potential:
            assert fields.vector_potential is not None
            parts.append(fields.vector_potential)
        if self.mu:
            parts.append(np.array([fields.mu]))
        return np.concatenate(parts) if parts else np.zeros(0)

    def unpack(self, vector: NDArray[np.float64], fixed: Fields) -> Fields:
        """The fields of a vector; what is not free comes from ``fixed``."""
        where, n = self.slices(), self.n_sites
        delta, hartree, mu, exchange = fixed.delta, fixed.hartree, fixed.mu, fixed.exchange
        bond_delta, fock = fixed.bond_delta, fixed.fock
        if self.delta:
            delta = self._as_field(vector[where["delta"]])
        if self.hartree:
            part = vector[where["hartree"]]
            hartree = part.reshape(2, n).copy() if self.spin_resolved else np.stack([part, part])
        if self.exchange:
            exchange = self._as_field(vector[where["exchange"]])
        if self.bonds is not None and "bond_delta" in where:
            bond_delta = self._on_bonds(vector[where["bond_delta"]], self.bonds.pairs, bond_delta)
        if self.bonds is not None and "fock" in where:
            fock = self._on_bonds(vector[where["fock"]], self.bonds.hops, fock)
        if self.mu:
            mu = float(vector[where["mu"]][0])
        vector_potential = fixed.vector_potential
        if "vector_potential" in where:
            vector_potential = vector[where["vector_potential"]].copy()
        return Fields(delta, hartree, mu, exchange, bond_delta, fock, vector_potential)

    def _on_bonds(self, part: NDArray[np.float64], basis: NDArray[np.float64], fixed: Array | None) -> Array:
        """Matrices on all bonds of packed components; zero where nothing acts."""
        assert fixed is not None
        assert self.bonds is not None
        coefficients = self._as_field(part).reshape(len(basis), -1)
        whole: NDArray[Any] = np.zeros(fixed.shape, coefficients.dtype)
        whole[self.bonds.acting] = matrices(coefficients, basis)
        return whole

    def _as_real(self, field: Array) -> NDArray[np.float64]:
        real: NDArray[np.float64] = np.real(field)
        return np.concatenate([real, np.imag(field)]) if self.is_complex else real

    def _as_field(self, part: NDArray[np.float64]) -> Array:
        half = len(part) // 2
        return part[:half] + 1j * part[half:] if self.is_complex else part.copy()

"""The self-consistent unknowns of a state; what can be done with each is in :mod:`bdg.model.fields.table`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.lattice import Bonds
from bdg.model.fields.table import TABLE, Row


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
    others
        Fields of further rows of the table, by name.
    """

    delta: Numbers
    hartree: NDArray[np.float64]
    mu: float
    exchange: Numbers | None = None
    bond_delta: Numbers | None = None
    fock: Numbers | None = None
    vector_potential: NDArray[np.float64] | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        """The field of a row of the table; ``None`` if this state lacks it."""
        return getattr(self, name) if name in _ATTRIBUTES else self.others.get(name)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Fields:
        """The fields by the names of their rows."""
        return cls(
            **{name: value for name, value in values.items() if name in _ATTRIBUTES},
            others={name: value for name, value in values.items() if name not in _ATTRIBUTES},
        )

    def present(self) -> Iterator[tuple[Row, Any]]:
        """The fields this state has, each with its row, in the order of the table."""
        found = ((row, self[row.name]) for row in TABLE.values())
        return ((row, value) for row, value in found if value is not None)

    def having(self, values: Mapping[str, Any]) -> Fields:
        """The same fields, some of them replaced by name."""
        return Fields.of({row.name: value for row, value in self.present()} | dict(values))

    def each(self, change: Callable[[Row, Any], Any]) -> Fields:
        """Change every field there is, by its row and values."""
        return Fields.of({row.name: change(row, value) for row, value in self.present()})

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
        return next((row.name for row, value in self.present() if not np.isfinite(value).all()), None)

    @property
    def is_complex(self) -> bool:
        """Whether any field is stored complex."""
        return any(np.iscomplexobj(value) for _, value in self._may_be_complex())

    def as_complex(self) -> Fields:
        """The same fields, all that may be complex stored so."""
        return self.having({row.name: value.astype(np.complex128) for row, value in self._may_be_complex()})

    def as_real(self) -> Fields:
        """The real parts."""
        return self.having(
            {row.name: np.ascontiguousarray(value.real) for row, value in self._may_be_complex()}
        )

    def imaginary(self) -> Fields:
        """The imaginary parts, of all that may be complex."""
        return self.having(
            {row.name: np.ascontiguousarray(np.imag(value)) for row, value in self._may_be_complex()}
        )

    def is_real_to(self, share: float) -> bool:
        """Whether imaginary parts are at most this share of the largest value, field by field."""
        return all(
            np.abs(value.imag).max(initial=0.0) <= share * np.abs(value).max(initial=0.0)
            for _, value in self._may_be_complex()
        )

    def matrices(self, *, on_bonds: bool, pairs: bool) -> Numbers | None:
        """What all fields add to the h, or the pairs D, of sites or bonds; ``None`` where there are none.

        Shape ``(n, 2, 2)``, of bonds at (target, source).
        """
        added = [
            row.spin.matrices(value)
            for row, value in self.present()
            if row.spin is not None and (row.on_bonds, row.is_of_pairs) == (on_bonds, pairs)
        ]
        return sum(added[1:], added[0]) if added else None

    def transformed(self, angle: NDArray[np.float64], bonds: Bonds | None = None) -> Fields:
        """The same state after c_i → e^{iχ_i} c_i: Δ_i → e^{2iχ_i} Δ_i, Δ_ij → e^{i(χ_i + χ_j)} Δ_ij.

        ``bonds`` are those of the sample, needed where there are fields on them.
        """
        return self.each(lambda row, value: row.transformed(value, angle, bonds)) if angle.any() else self

    def taken(self, sites: NDArray[np.intp], bonds: NDArray[np.intp]) -> Fields:
        """The fields of some sites and bonds, in their order."""
        return self.each(lambda row, value: row.taken(value, sites, bonds))

    def pairs(self) -> dict[str, Numbers]:
        """The fields that turn with a global phase of Δ."""
        return {row.name: value for row, value in self.present() if row.is_of_pairs}

    def with_pairs(self, factor: complex) -> Fields:
        """The same fields, all pairs times a number."""
        return self.having({name: factor * value for name, value in self.pairs().items()})

    def overlap(self, other: Fields) -> Any:
        """Σ f*·f' of the pairs of both; its phase is the global one between them."""
        theirs = other.pairs()
        return sum(np.vdot(value, theirs[name]) for name, value in self.pairs().items() if name in theirs)

    def changes(self, other: Fields) -> dict[str, float]:
        """The largest change of each field that both have, by name."""
        return {
            row.name: float(np.abs(value - other[row.name]).max(initial=0.0))
            for row, value in self.present()
            if other[row.name] is not None
        }

    def same_as(self, other: Fields) -> bool:
        """Whether all fields are equal to the last bit."""
        return all(_equal(self[name], other[name]) for name in TABLE)

    def _may_be_complex(self) -> Iterator[tuple[Row, Any]]:
        return ((row, value) for row, value in self.present() if row.may_be_complex)


_ATTRIBUTES = frozenset(Fields.__dataclass_fields__) - {"others"}


def _equal(one: Any, two: Any) -> bool:
    return one is two or (one is not None and two is not None and np.array_equal(one, two))


def zeros_like(fields: Fields) -> Fields:
    """Fields of the same shapes and types that are zero."""
    return replace(fields.each(lambda row, value: np.zeros_like(value)), mu=0.0)

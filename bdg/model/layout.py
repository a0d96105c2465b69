"""How the free fields lie in one flat real vector."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.model.fields import Fields, Row
from bdg.model.interactions import free_rows
from bdg.model.model import Model
from bdg.model.pairs import components, matrices
from bdg.model.spin import HOPS


@dataclass(frozen=True, eq=False)
class Free:
    """A field that is free, and which of its numbers are unknown.

    Parameters
    ----------
    row
        Its row of the table.
    shape
        Of the whole field.
    alike
        Whether both spins have one set of numbers.
    basis
        Spin components of the matrices, shape ``(n_components, 2, 2)``, of length √2 and at right angles;
        ``None`` where values are numbers.
    acting
        Bonds on which the matrices are free, shape ``(n_acting,)``.
    """

    row: Row
    shape: tuple[int, ...]
    alike: bool = False
    basis: NDArray[np.float64] | None = None
    acting: NDArray[np.int64] | None = None

    @property
    def length(self) -> int:
        """How many numbers are unknown."""
        if self.basis is not None and self.acting is not None:
            return len(self.basis) * len(self.acting)
        return int(np.prod(self.shape)) // (2 if self.alike else 1)

    def numbers(self, values: Any) -> Numbers:
        """The unknown numbers of a field, flat."""
        if self.basis is not None and self.acting is not None:
            coefficients: Numbers = components(values[self.acting], self.basis)
            return coefficients.ravel()
        return np.ravel(values[0] if self.alike else values)

    def field(self, numbers: Numbers) -> Any:
        """The field of unknown numbers; zero where nothing acts."""
        if self.basis is not None and self.acting is not None:
            whole: NDArray[Any] = np.zeros(self.shape, numbers.dtype)
            whole[self.acting] = matrices(numbers.reshape(len(self.basis), -1), self.basis)
            return whole
        if self.alike:
            return np.stack([numbers, numbers])
        return numbers.reshape(self.shape).copy() if self.shape else float(numbers[0])


@dataclass(frozen=True, eq=False)
class Layout:
    """Which unknowns are free, and the exact pack/unpack pair between :class:`Fields` and a real vector.

    The vector holds the free fields in the order of the table, of each the real parts and then, if they are
    complex, the imaginary ones; Hartree potentials once where the spins are alike; and μ last.

    Parameters
    ----------
    free
        The free fields; what isn't there is taken from ``fixed`` when unpacking.
    is_complex
        Whether fields that may be complex have an imaginary part.
    spin_resolved
        Whether the spins may differ.
    """

    free: tuple[Free, ...]
    is_complex: bool
    spin_resolved: bool

    @classmethod
    def of(
        cls,
        model: Model,
        *,
        is_complex: bool,
        spin_resolved: bool | None = None,
        fixed: tuple[str, ...] = (),
    ) -> Layout:
        """The layout of a model's free fields but those ``fixed``; spins resolved where they may differ."""
        resolved = not model.is_spin_symmetric if spin_resolved is None else spin_resolved
        rows = [row for row in free_rows(model) if row.name not in fixed]
        rows.sort(key=lambda row: row.name == "mu")  # mixers treat μ, the last, as a thing apart
        return cls(tuple(_free(row, model, resolved) for row in rows), is_complex, resolved)

    def __contains__(self, name: str) -> bool:
        return any(free.row.name == name for free in self.free)

    def without(self, *names: str) -> Layout:
        """The same without some fields."""
        return replace(self, free=tuple(free for free in self.free if free.row.name not in names))

    def pairs(self) -> Layout:
        """The pairs alone."""
        return replace(self, free=tuple(free for free in self.free if free.row.is_of_pairs))

    @property
    def has_matrices(self) -> bool:
        """Whether fields on bonds are free, as matrices of two spins."""
        return any(free.row.has_spin_matrices for free in self.free)

    def slices(self) -> dict[str, slice]:
        """Where each unknown lies in the vector: ``delta``, ``hartree``, ``exchange``, …, ``mu``, if free."""
        slices, start = {}, 0
        for free in self.free:
            length = free.length * (2 if self._has_parts(free) else 1)
            if length:
                slices[free.row.name] = slice(start, start + length)
                start += length
        return slices

    def pack(self, fields: Fields) -> NDArray[np.float64]:
        """The free unknowns as one real vector."""
        parts: list[NDArray[np.float64]] = []
        for free in self.free:
            numbers = free.numbers(fields[free.row.name])
            parts.append(np.real(numbers))
            if self._has_parts(free):
                parts.append(np.imag(numbers))
        return np.concatenate(parts) if parts else np.zeros(0)

    def unpack(self, vector: NDArray[np.float64], fixed: Fields) -> Fields:
        """The fields of a vector; what is not free comes from ``fixed``."""
        where, values = self.slices(), dict[str, Any]()
        for free in self.free:
            part = vector[where.get(free.row.name, slice(0, 0))]
            half = len(part) // 2
            numbers: Numbers = part[:half] + 1j * part[half:] if self._has_parts(free) else part
            values[free.row.name] = free.field(numbers.copy())
        return fixed.having(values)

    def _has_parts(self, free: Free) -> bool:
        return self.is_complex and free.row.may_be_complex


def _free(row: Row, model: Model, resolved: bool) -> Free:
    shape, bonds = row.shape(model.sample), model.on_bonds
    if not row.has_spin_matrices or row.free is not None:
        return Free(row, shape, alike="spin" in row.dims and not resolved)
    hops = HOPS[: model.dofs if resolved else 1]
    return Free(row, shape, basis=bonds.basis if row.is_of_pairs else hops, acting=bonds.acting)

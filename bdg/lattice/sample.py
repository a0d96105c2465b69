"""Samples: a finite piece of a lattice with its boundaries; every bond once, oriented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice.bonds import Bonds
from bdg.lattice.boundary import Boundary, Momenta, momentum_grid
from bdg.lattice.cell import UnitCell
from bdg.lattice.plaquettes.plaquettes import Plaquettes, find_plaquettes
from bdg.words import counted


@dataclass(frozen=True, repr=False)
class Sample:
    """Sites and bonds of a finite piece of a lattice; frozen. Build one with :func:`build_sample`.

    Parameters
    ----------
    cell, size, boundary
        What it was cut from: the unit cell, cells along each direction, one :class:`Boundary` each.
    cells
        Cell of each site, shape ``(n_sites, n_directions)``, from 0.
    orbitals
        Orbital of each site within its cell, shape ``(n_sites,)``.
    positions
        Shape ``(n_sites, dimension)``, in lattice constants.
    bonds
        See :class:`Bonds`.
    """

    cell: UnitCell
    size: tuple[int, ...]
    boundary: tuple[Boundary, ...]
    cells: NDArray[np.int32]
    orbitals: NDArray[np.int32]
    positions: NDArray[np.float64]
    bonds: Bonds

    def __repr__(self) -> str:
        """``square 24 × 24 (periodic, open), 576 sites, 1128 bonds``."""
        return describe(self.cell.name, self.size, self.boundary, self.n_sites, self.n_bonds)

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return len(self.positions)

    @property
    def n_bonds(self) -> int:
        """Number of bonds, each counted once."""
        return len(self.bonds)

    @property
    def dimension(self) -> int:
        """Number of coordinates of a position."""
        return self.cell.dimension

    @property
    def is_infinite(self) -> bool:
        """Whether it is repeated without end along some direction."""
        return any(ends.is_infinite for ends in self.boundary)

    @cached_property
    def momenta(self) -> Momenta:
        """The Bloch momenta that sums over repetitions run over; a finite sample has the one momentum 0."""
        return momentum_grid(self.boundary)

    @cached_property
    def plaquettes(self) -> Plaquettes:
        """The elementary faces between the bonds; see :mod:`bdg.lattice.plaquettes.plaquettes`."""
        return find_plaquettes(self.cell, self.size, self.boundary, self.cells, self.bonds)

    @cached_property
    def _site_index(self) -> NDArray[np.int32]:
        index = np.full((*self.size, self.cell.n_orbitals), -1, np.int32)
        index[(*self.cells.T, self.orbitals)] = np.arange(self.n_sites)
        return index

    def site_at(self, place: Sequence[int]) -> int:
        """Index of the site at a cell, ``[x, y]``, or with several orbitals at ``[x, y, orbital]``.

        In a sample of one cell its orbital alone will do.

        Raises
        ------
        InputError
            If there is no such site in the sample.
        """
        full = (*place, 0) if len(place) == len(self.size) and self.cell.n_orbitals == 1 else tuple(place)
        shape = self._site_index.shape
        if len(place) == 1 and set(self.size) == {1}:
            full = (0,) * len(self.size) + full[:1]
        if len(full) != len(shape):
            wanted = len(self.size) if self.cell.n_orbitals == 1 else len(shape)
            raise InputError(f"site {list(place)} has {len(place)} numbers, this lattice wants {wanted}")
        if any(not 0 <= value < extent for value, extent in zip(full, shape, strict=True)):
            raise InputError(
                f"site {list(place)} is outside the sample of {'×'.join(map(str, self.size))} cells"
            )
        site = int(self._site_index[full])
        if site < 0:
            raise InputError(f"there is no site at {list(place)}: a vacancy, or outside the region")
        return site


def describe(
    lattice: str, size: Sequence[int], boundary: Sequence[Boundary], n_sites: int, n_bonds: int
) -> str:
    """What a sample is, in a line."""
    extent, ends = " × ".join(map(str, size)), ", ".join(map(str, boundary))
    return f"{lattice} {extent} ({ends}), {counted(n_sites, 'site')}, {counted(n_bonds, 'bond')}"

"""Plaquettes: the elementary closed loops of a sample's bonds.

The loops of the infinite lattice are found once a cell (:mod:`bdg.lattice.plaquettes.faces` in the plane,
:mod:`bdg.lattice.plaquettes.rings` in space) and translated to every cell; a plaquette is there when all of
its bonds are. Samples with one coordinate have none: the loop that closes a ring encloses no face, and its
flux is the twist.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.lattice.bonds import Bonds
from bdg.lattice.boundary import Boundary
from bdg.lattice.cell import UnitCell
from bdg.lattice.plaquettes.faces import planar_loops
from bdg.lattice.plaquettes.loops import Loop
from bdg.lattice.plaquettes.rings import shortest_loops


@dataclass(frozen=True)
class Plaquettes:
    """Closed loops of bonds; those of plaquette p are ``bonds[indptr[p]:indptr[p + 1]]``, in order around it.

    Parameters
    ----------
    indptr
        Shape ``(n_plaquettes + 1,)``.
    bonds
        Bonds of all loops, shape ``(indptr[-1],)``.
    signs
        +1 where the loop runs along its bond, −1 where it runs against it, shape ``(indptr[-1],)``. Loops
        run counter-clockwise; in three dimensions, right-handed about the positive z axis, or y, or x, the
        first that their area has a component along.
    kind
        Which loop of the cell each is a translate of, shape ``(n_plaquettes,)``.
    area
        In squared lattice constants, shape ``(n_plaquettes,)``.
    center
        Mean of the corners, shape ``(n_plaquettes, dimension)``, not wrapped into the sample.
    """

    indptr: NDArray[np.int64]
    bonds: NDArray[np.int32]
    signs: NDArray[np.int8]
    kind: NDArray[np.int32]
    area: NDArray[np.float64]
    center: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.kind)


def find_plaquettes(
    cell: UnitCell,
    size: tuple[int, ...],
    boundary: tuple[Boundary, ...],
    cells: NDArray[np.int32],
    bonds: Bonds,
) -> Plaquettes:
    """All plaquettes of a sample, by kind, then by cell. Directions that are not open wrap.

    Parameters
    ----------
    cell, size, boundary, cells, bonds
        Of the sample; see :class:`bdg.Sample`.
    """
    search = {2: planar_loops, 3: shortest_loops}.get(cell.dimension)
    loops = search(cell, bonds.kinds) if search else []
    used = sorted({kind for loop in loops for kind in loop.kinds})
    slots = {kind: bond_slots(size, cells, bonds, kind) for kind in used}
    counts, members, signs, kind, area, center = [np.zeros(1, np.int64)], [], [], [], [], []
    for number, loop in enumerate(loops):
        found, places = translates(size, boundary, loop, slots)
        counts.append(np.full(len(found), len(loop.kinds), np.int64))
        members.append(found.ravel())
        signs.append(np.tile(loop.signs.astype(np.int8), len(found)))
        kind.append(np.full(len(found), number, np.int32))
        area.append(np.full(len(found), loop.area))
        center.append(loop.center + places.astype(np.float64) @ cell.vectors)
    return Plaquettes(
        np.cumsum(np.concatenate(counts)),
        np.concatenate([np.zeros(0, np.int32), *members]),
        np.concatenate([np.zeros(0, np.int8), *signs]),
        np.concatenate([np.zeros(0, np.int32), *kind]),
        np.concatenate([np.zeros(0), *area]),
        np.concatenate([np.zeros((0, cell.dimension)), *center]),
    )


def bond_slots(size: tuple[int, ...], cells: NDArray[np.int32], bonds: Bonds, kind: int) -> NDArray[np.int32]:
    """The bond of a kind whose source lies in each cell of the block, shape ``size``; −1 without one."""
    translated = np.flatnonzero(bonds.kind == kind)
    slots = np.full(size, -1, np.int32)
    slots[tuple(cells[bonds.source[translated]].T)] = translated
    return slots


def translates(
    size: tuple[int, ...], boundary: tuple[Boundary, ...], loop: Loop, slots: dict[int, NDArray[np.int32]]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Bonds of every copy of a loop that is whole, shape ``(n_copies, n_bonds of one)``, and their cells."""
    columns = []
    for kind, cell in zip(loop.kinds, loop.cells, strict=True):
        column = slots[kind]
        for direction, (n, ends, step) in enumerate(zip(size, boundary, cell, strict=True)):
            target = np.arange(n) + step
            column = np.take(column, target % n, axis=direction)
            if not ends.is_periodic:
                outside = [slice(None)] * len(size)
                outside[direction] = np.flatnonzero((target < 0) | (target >= n))  # type: ignore[call-overload]
                column[tuple(outside)] = -1
        columns.append(column)
    bonds = np.stack(columns, axis=-1)
    whole = np.all(bonds >= 0, axis=-1)
    return bonds[whole], np.argwhere(whole)

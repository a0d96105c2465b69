"""Bonds that cross others, as means of the shortest walks along bonds that don't."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse

from bdg.errors import InputError
from bdg.lattice.plaquettes.faces import planar_kinds
from bdg.lattice.plaquettes.loops import Cell, Darts, Loop
from bdg.lattice.plaquettes.plaquettes import bond_slots, translates
from bdg.lattice.sample import Sample

LONGEST = 6
"""Bonds of the longest walk that is looked for."""


def along_edges(sample: Sample) -> scipy.sparse.csr_array:
    r"""The matrix that takes line integrals along the edges of faces to those along all bonds.

    Bonds that cross no other are the edges, and are themselves. The straight line of a bond that crosses some
    (a second neighbour's, for example) splits the faces it passes through; the mean over the shortest walks
    along edges gives each of its sides the same share of the flux. Shape ``(n_bonds, n_bonds)``.

    Raises
    ------
    InputError
        If no short walk along edges joins the ends of a bond: there a face is missing.
    """
    kinds, n_bonds = sample.bonds.kinds, sample.n_bonds
    planar = planar_kinds(sample.cell, kinds)
    own = np.flatnonzero(np.isin(sample.bonds.kind, planar))
    rows, columns, signs = [own], [own.astype(np.int32)], [np.ones(len(own))]
    walks_of = np.zeros(n_bonds)
    walks_of[own] = 1
    darts = Darts(sample.cell, kinds, planar)
    slots = {
        int(kind): bond_slots(sample.size, sample.cells, sample.bonds, int(kind))
        for kind in np.unique(sample.bonds.kind)
    }
    for kind in set(slots) - set(planar):
        of_kind = np.flatnonzero(sample.bonds.kind == kind)
        for length in range(LONGEST + 1):
            lost = of_kind[walks_of[of_kind] == 0]  # those whose shorter walks lack a bond take longer ones
            if not len(lost):
                break
            for walk in _walks(darts, kind, length):
                found = translates(sample.size, sample.boundary, walk, slots)[0]
                found = found[np.isin(found[:, 0], lost)]
                walks_of[found[:, 0]] += 1
                rows.append(np.repeat(found[:, 0], length))
                columns.append(found[:, 1:].ravel())
                signs.append(np.tile(walk.signs[1:].astype(np.float64), len(found)))
    lost = np.flatnonzero(walks_of == 0)
    if len(lost):
        ends = int(sample.bonds.source[lost[0]]), int(sample.bonds.target[lost[0]])
        raise InputError(
            f"no walk along the edges of faces joins sites {ends[0]} and {ends[1]}, which a bond does; take"
            " out that bond, or do not thin the sample there"
        )
    row, column = np.concatenate(rows), np.concatenate(columns)
    share = np.concatenate(signs) / walks_of[row]
    return scipy.sparse.coo_array((share, (row, column)), shape=(n_bonds, n_bonds)).tocsr()


def _walks(darts: Darts, kind: int, length: int) -> list[Loop]:
    """The bond of a kind, then so many edges from its source to its target: one for each such walk."""
    kinds = darts.kinds
    origin: Cell = (0,) * darts.cell.n_directions
    start = int(kinds.source[kind]), origin
    goal = int(kinds.target[kind]), tuple(int(step) for step in kinds.offset[kind])
    loops = []
    for walk in _of_length(darts, start, goal, length):
        used = [
            (darts.chosen[dart // 2], darts.moved(cell, dart) if dart % 2 else cell) for dart, cell in walk
        ]
        names, cells = zip((kind, origin), *used, strict=True)
        signs = np.array([1, *(-1 if dart % 2 else 1 for dart, _ in walk)], np.int8)
        loops.append(Loop(names, cells, signs, 0.0, np.zeros(2)))
    return loops


Node = tuple[int, Cell]


def _of_length(darts: Darts, start: Node, goal: Node, length: int) -> Iterator[list[tuple[int, Cell]]]:
    """Walks of so many darts, each with the cell it leaves."""
    if length == 0:
        if start == goal:
            yield []
        return
    for dart in darts.leaving[start[0]]:
        node = int(darts.head[dart]), darts.moved(start[1], dart)
        for rest in _of_length(darts, node, goal, length - 1):
            yield [(dart, start[1]), *rest]

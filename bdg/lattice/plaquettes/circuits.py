"""The circuits of a planar sample: its plaquettes, its holes, and the closed ways around it.

Every closed walk over bonds is a sum of these, so the fluxes through faces and the line integrals along
closed directions tell all that a vector potential is, up to a change of gauge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice.plaquettes.faces import planar_kinds
from bdg.lattice.plaquettes.loops import NO_AREA, area_vector
from bdg.lattice.sample import Sample


@dataclass(frozen=True)
class Circuits:
    """Faces and closed directions of a planar sample.

    Parameters
    ----------
    curl
        Around face p, counter-clockwise, +1 along a bond and −1 against it; shape ``(n_faces, n_bonds)``. The
        plaquettes come first, in their order, then the holes.
    area
        Of each face, in squared lattice constants, shape ``(n_faces,)``.
    center
        Mean of the corners of each face, shape ``(n_faces, 2)``.
    corners
        Polygon of each hole, counter-clockwise, shape ``(n_corners, 2)`` each.
    outline
        Polygons around the sample itself, clockwise; empty where it closes on itself in both directions.
    closed
        Displacement of each bond along each direction that closes on itself, over that direction's length;
        shape ``(n_closed, n_bonds)``. A walk once around has a sum of 1.
    """

    curl: scipy.sparse.csr_array
    area: NDArray[np.float64]
    center: NDArray[np.float64]
    corners: tuple[NDArray[np.float64], ...]
    outline: tuple[NDArray[np.float64], ...]
    closed: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.area)


def circuits(sample: Sample) -> Circuits:
    """Find them: the plaquettes are known, and walks with a face on the left along what they leave.

    Raises
    ------
    InputError
        If the sample is not planar, or in several pieces.
    """
    if sample.dimension != 2:
        raise InputError(f"faces are those of a planar sample, this one has {sample.dimension} dimensions")
    plaquettes, n_bonds = sample.plaquettes, sample.n_bonds
    rows = np.repeat(np.arange(len(plaquettes)), np.diff(plaquettes.indptr))
    has_face = np.zeros((2, n_bonds), bool)  # on the left of the bond, on its right
    has_face[(plaquettes.signs < 0).astype(np.intp), plaquettes.bonds] = True
    holes, outline = [], []
    for walk, corners, is_closed in _walks_along_edges(sample, has_face):
        area = float(area_vector(corners)[0])
        if is_closed and area > NO_AREA:
            holes.append((walk, corners, area))
        elif is_closed:
            outline.append(corners)
    if len(outline) > 1:
        raise InputError(
            f"the sample is in {len(outline)} pieces that no bond joins; a field needs one piece"
        )
    walked = [(len(plaquettes) + number, *dart) for number, (walk, _, _) in enumerate(holes) for dart in walk]
    more = np.array(walked, np.int64).reshape(-1, 3)
    places = np.concatenate([rows, more[:, 0]]), np.concatenate([plaquettes.bonds, more[:, 1]])
    signs = np.concatenate([plaquettes.signs, more[:, 2]]).astype(np.float64)
    n_faces = len(plaquettes) + len(holes)
    curl = scipy.sparse.coo_array((signs, places), shape=(n_faces, n_bonds)).tocsr()
    curl.eliminate_zeros()  # a bond walked both ways
    centers = [corners.mean(axis=0) for _, corners, _ in holes]
    return Circuits(
        curl,
        np.concatenate([plaquettes.area, [area for _, _, area in holes]]),
        np.concatenate([plaquettes.center, np.reshape(centers, (-1, 2))]),
        tuple(corners for _, corners, _ in holes),
        tuple(outline),
        _closed_directions(sample),
    )


Dart = tuple[int, int]
"""A bond, and +1 along it or −1 against it."""


def _walks_along_edges(
    sample: Sample, has_face: NDArray[np.bool_]
) -> list[tuple[list[Dart], NDArray[np.float64], bool]]:
    """Walks with a face that is no plaquette on their left: darts, corners, and whether it closes.

    At every site a walk takes the first bond clockwise from the one it came by. One that ends in another
    repetition than it began does not close.
    """
    bonds = sample.bonds
    planar = np.isin(bonds.kind, planar_kinds(sample.cell, bonds.kinds))
    edge = np.flatnonzero(planar & ~has_face.all(axis=0))
    ends = np.union1d(bonds.source[edge], bonds.target[edge])
    near = np.isin(bonds.source, ends) | np.isin(bonds.target, ends)
    around: dict[int, list[tuple[float, Dart]]] = {}
    for bond in np.flatnonzero(planar & near).tolist():
        x, y = bonds.displacement[bond].tolist()
        around.setdefault(int(bonds.source[bond]), []).append((math.atan2(y, x), (bond, 1)))
        around.setdefault(int(bonds.target[bond]), []).append((math.atan2(-y, -x), (bond, -1)))
    leaving = {site: [dart for _, dart in sorted(darts)] for site, darts in around.items()}
    place = {dart: n for darts in leaving.values() for n, dart in enumerate(darts)}
    unseen = {
        (bond, sign): None
        for bond in edge.tolist()
        for side, sign in enumerate((1, -1))
        if not has_face[side, bond]
    }
    walks = []
    while unseen:
        dart = start = next(iter(unseen))
        walk, corners = [], [sample.positions[_tail(sample, dart)]]
        while True:
            unseen.pop(dart)
            walk.append(dart)
            bond, sign = dart
            corners.append(corners[-1] + sign * bonds.displacement[bond])
            darts = leaving[int(bonds.target[bond] if sign > 0 else bonds.source[bond])]
            dart = darts[place[bond, -sign] - 1]
            if dart == start:
                break
        is_closed = bool(np.allclose(corners[0], corners[-1], atol=NO_AREA**0.5))
        walks.append((walk, np.array(corners[:-1]), is_closed))
    return walks


def _tail(sample: Sample, dart: Dart) -> int:
    bond, sign = dart
    return int(sample.bonds.source[bond] if sign > 0 else sample.bonds.target[bond])


def _closed_directions(sample: Sample) -> NDArray[np.float64]:
    """See :class:`Circuits`."""
    turns = sample.bonds.displacement @ np.linalg.inv(sample.cell.vectors)
    closed = [direction for direction, ends in enumerate(sample.boundary) if ends.is_periodic]
    shares: NDArray[np.float64] = (turns[:, closed] / np.array(sample.size)[closed]).T
    return shares

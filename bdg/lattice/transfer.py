"""Values over the sites or bonds of one sample → values over those of another, by linear interpolation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.lattice.kinds import DISTANCE_TOLERANCE
from bdg.lattice.sample import Sample

MARGIN = 0.25
"""How far beyond a closed edge its other side is continued, as a share of the sample's length."""

NOTHING = 1e-9
"""Distances below are none, in lattice constants."""


def same_sites(one: Sample, other: Sample) -> bool:
    """Whether two samples have their sites at the same positions, in the same order."""
    return one.positions.shape == other.positions.shape and bool(
        np.abs(one.positions - other.positions).max(initial=0.0) < NOTHING
    )


def same_bonds(one: Sample, other: Sample) -> bool:
    """Whether two samples of the same sites have the same bonds, in the same order."""
    return one.n_bonds == other.n_bonds and all(
        np.array_equal(getattr(one.bonds, name), getattr(other.bonds, name))
        for name in ("source", "target", "crossing")
    )


def interpolated(values: NDArray[np.float64], source: Sample, target: Sample) -> NDArray[np.float64]:
    """Values of the sites of ``source`` at those of ``target``, shape ``(…, n_sites)``.

    Coordinates are stretched so that the bounding boxes of the positions agree. Directions that are closed in
    both samples wrap, and it is their lengths that agree; where there is one, coordinates are taken along the
    lattice vectors. Between the sites values are linear on a triangulation; outside their hull they are those
    of the nearest site. Where orbitals share a place, each is interpolated by itself. The same positions give
    an exact copy.

    Parameters
    ----------
    values
        Shape ``(…, n_sites)`` of the source.
    source, target
        Samples of the same dimension.

    Raises
    ------
    InputError
        If the dimensions differ.
    """
    if same_sites(source, target):
        return values.copy()
    if source.dimension != target.dimension:
        raise InputError(
            f"a sample of dimension {source.dimension} cannot be stretched to one of dimension"
            f" {target.dimension}; give a result of dimension {target.dimension}"
        )
    known, wanted, closed = _common_coordinates(source, target)
    table = values.reshape(-1, source.n_sites)
    found = np.empty((len(table), target.n_sites))
    for own, theirs in _orbital_by_orbital(source, target):
        places, site = _with_images(known[own], closed, source.size)
        spread = np.ptp(places, axis=0) > NOTHING  # an axis along which nothing is known changes nothing
        found[:, theirs] = _linear(places[:, spread], table[:, own].T[site], wanted[theirs][:, spread]).T
    return found.reshape(*values.shape[:-1], target.n_sites)


def _orbital_by_orbital(source: Sample, target: Sample) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Sites of the source and those of the target that take their values from them, as masks.

    All at once, unless orbitals share a place: then values at a place are not one, and orbitals go apart.
    """
    basis = source.cell.basis
    n_places = len(np.unique(np.round(basis / DISTANCE_TOLERANCE), axis=0))
    if n_places == len(basis) or len(basis) != len(target.cell.basis):
        return [(np.ones(source.n_sites, bool), np.ones(target.n_sites, bool))]
    pairs = [(source.orbitals == a, target.orbitals == a) for a in range(len(basis))]
    everywhere = np.ones(source.n_sites, bool)
    return [(own if own.any() else everywhere, theirs) for own, theirs in pairs if theirs.any()]


def _common_coordinates(source: Sample, target: Sample) -> tuple[Floats, Floats, list[bool]]:
    """Places of both samples in one box, shapes ``(n_sites, n_axes)``, and which axes are closed.

    A closed axis runs over [0, 1) and repeats; any other has the sample's first site at 0, its last at 1.
    """
    closed = [False] * source.dimension
    if len(source.size) == len(target.size):
        pairs = zip(source.boundary, target.boundary, strict=True)
        both = [one.is_periodic and other.is_periodic for one, other in pairs]
        closed = both + [False] * (source.dimension - len(both))
    along_vectors = any(closed)
    boxes = []
    for sample in (source, target):
        places = _along_vectors(sample) if along_vectors else sample.positions.copy()
        for axis, is_closed in enumerate(closed):
            if is_closed:
                places[:, axis] /= sample.size[axis]
            else:
                places[:, axis] = _stretched(places[:, axis])
        boxes.append(places)
    return boxes[0], boxes[1], closed


def _along_vectors(sample: Sample) -> Floats:
    """Coordinates along the lattice vectors, then along directions normal to all of them."""
    vectors = sample.cell.vectors
    normal = np.linalg.svd(vectors)[2][len(vectors) :]
    places: Floats = sample.positions @ np.linalg.inv(np.concatenate([vectors, normal]))
    return places


def _stretched(coordinate: Floats) -> Floats:
    """From 0 to 1; in the middle where all are the same."""
    extent = float(np.ptp(coordinate))
    if extent < NOTHING:
        return np.full(len(coordinate), 0.5)
    stretched: Floats = (coordinate - coordinate.min()) / extent
    return stretched


def _with_images(
    places: Floats, closed: list[bool], size: tuple[int, ...]
) -> tuple[Floats, NDArray[np.int64]]:
    """The places with what repeats near them across the closed edges, and the site that each belongs to."""
    site = np.arange(len(places))
    for axis in np.flatnonzero(closed):
        margin = max(MARGIN, 2.0 / size[axis])
        copies, sites = [], []
        for wrap in range(-int(np.ceil(margin)), 1 + int(np.ceil(margin))):
            moved = places.copy()
            moved[:, axis] += wrap
            near = (moved[:, axis] > -margin) & (moved[:, axis] < 1 + margin)
            copies.append(moved[near])
            sites.append(site[near])
        places, site = np.concatenate(copies), np.concatenate(sites)
    return places, site


def _linear(known: Floats, table: Floats, wanted: Floats) -> Floats:
    """Linear interpolation of the rows of ``table``; the nearest row outside the hull."""
    if known.shape[1] == 0:
        return np.repeat(table[:1], len(wanted), axis=0)
    if known.shape[1] == 1:
        order = np.argsort(known[:, 0], kind="stable")
        columns = [np.interp(wanted[:, 0], known[order, 0], column[order]) for column in table.T]
        return np.stack(columns, axis=1)
    from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator
    from scipy.spatial import QhullError

    nearest: Floats = NearestNDInterpolator(known, table)(wanted)
    try:
        inside: Floats = LinearNDInterpolator(known, table)(wanted)
    except QhullError:  # all on one oblique line
        return nearest
    return np.where(np.isnan(inside), nearest, inside)


def interpolated_on_bonds(
    values: NDArray[np.float64], source: Sample, target: Sample
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Values of the bonds of ``source`` at those of ``target``, by the direction of a bond.

    A bond takes its values from the bonds of the same displacement, of either orientation, by
    :func:`interpolated` from middle to middle; where both cells have the same orbitals, from those that join
    the same ones.

    Parameters
    ----------
    values
        Shape ``(…, 2, n_bonds)`` of the source: of every bond as it is, and as it would be the other way.
    source, target
        Samples of the same dimension.

    Returns
    -------
    values, known
        Shapes ``(…, n_bonds)`` and ``(n_bonds,)`` of the target: 0 where the source has no bond alike.
    """
    if same_sites(source, target) and same_bonds(source, target):
        return values[..., 0, :].copy(), np.ones(target.n_bonds, bool)
    found = np.zeros((*values.shape[:-2], target.n_bonds))
    known = np.zeros(target.n_bonds, bool)
    named = source.cell.basis.shape == target.cell.basis.shape
    named = named and bool(np.allclose(source.cell.basis, target.cell.basis))
    theirs = target.bonds.kinds
    for kind in np.unique(target.bonds.kind):
        wanted = np.flatnonzero(target.bonds.kind == kind)
        ends = (theirs.source[kind], theirs.target[kind]) if named else None
        own, reversed_ = _bonds_along(source, theirs.displacement[kind], ends)
        if not len(own):
            continue
        oriented = np.where(reversed_, values[..., 1, own], values[..., 0, own])
        found[..., wanted] = interpolated(oriented, _middles(source, own), _middles(target, wanted))
        known[wanted] = True
    return found, known


def _bonds_along(
    sample: Sample, displacement: Floats, ends: tuple[int, int] | None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Bonds of a displacement, between orbitals if these are named, and which of them run the other way."""
    kinds = sample.bonds.kinds
    ways = []
    for way, (first, last) in ((1, (kinds.source, kinds.target)), (-1, (kinds.target, kinds.source))):
        alike = np.abs(way * kinds.displacement - displacement).max(axis=1, initial=0.0) < 1e-6
        if ends is not None:
            alike &= (first == ends[0]) & (last == ends[1])
        ways.append(alike)
    own = np.flatnonzero((ways[0] | ways[1])[sample.bonds.kind])
    return own, ~ways[0][sample.bonds.kind[own]]


def _middles(sample: Sample, chosen: NDArray[np.int64]) -> Sample:
    """The middles of some bonds, as if they were the sites of a sample."""
    source = sample.bonds.source[chosen]
    return replace(
        sample,
        positions=sample.positions[source] + 0.5 * sample.bonds.displacement[chosen],
        cells=sample.cells[source],
        orbitals=np.zeros(len(chosen), np.int32),
    )

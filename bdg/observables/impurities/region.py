"""A part of an infinite lattice as a sample of its own, with the terms and fields of the bulk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from bdg.arrays import Array, Floats, Indices
from bdg.errors import InputError
from bdg.lattice import Boundary, Sample
from bdg.lattice.bonds import Bonds
from bdg.model import Fields, Model
from bdg.model.taken import taken


@dataclass(frozen=True, eq=False)
class Region:
    """The sites of an infinite lattice within a radius of some of them, and a ring around these.

    Parameters
    ----------
    sample
        A finite sample with open ends, whose cells count from 0.
    cells
        Of its sites in the infinite lattice, shape ``(n_sites, n_directions)``.
    bonds
        The bond of the repeated cell that each bond is, shape ``(n_bonds,)``.
    inside
        Sites within the radius, a mask.
    """

    sample: Sample
    cells: Array
    bonds: Indices
    inside: Array

    @property
    def inside_bonds(self) -> Array:
        """Bonds with both ends within the radius, a mask."""
        own = self.sample.bonds
        both: Array = self.inside[own.source] & self.inside[own.target]
        return both

    @property
    def orbitals(self) -> Indices:
        """Orbital of each site, shape ``(n_sites,)``."""
        return self.sample.orbitals.astype(np.intp)

    def model(self, bulk: Model, fields: Fields) -> Model:
        """The terms of the bulk on the region, at its chemical potential."""
        own = taken(bulk, self.sample, self.orbitals, self.bonds)
        return replace(own, chemical_potential=fields.mu, filling=None, least_dofs=bulk.dofs)

    def fields(self, bulk: Fields) -> Fields:
        """The fields of the bulk on the region."""
        return bulk.taken(self.orbitals, self.bonds)


def region_around(sample: Sample, cells: Array, orbitals: Indices, radius: float, most: int) -> Region:
    """The region around some sites.

    Parameters
    ----------
    sample
        One cell that is infinite along all directions.
    cells, orbitals
        The sites.
    radius
        In lattice constants; the ring around it is as wide as the longest bond.
    most
        Sites that it may have.

    Raises
    ------
    InputError
        If it has more.
    """
    longest = float(np.linalg.norm(sample.bonds.displacement, axis=1).max(initial=0.0))
    reach = radius + longest
    vectors, middles = sample.cell.vectors, cells @ sample.cell.vectors + sample.positions[orbitals]
    spread = np.ptp(sample.positions, axis=0)
    dual = np.linalg.norm(np.linalg.pinv(vectors), axis=0)
    spans = np.ceil(dual * (reach + float(np.linalg.norm(spread)))).astype(int)
    low, high = cells.min(axis=0) - spans, cells.max(axis=0) + spans
    every = np.array([*product(*(range(a, b + 1) for a, b in zip(low, high, strict=True)))])
    places = every[:, None] @ vectors + sample.positions  # (cells, orbitals, dimension)
    distance = np.min([np.linalg.norm(places - middle, axis=-1) for middle in np.atleast_2d(middles)], axis=0)
    kept = distance <= reach + 1e-9
    if (count := int(kept.sum())) > most:
        raise InputError(f"a radius of {radius:g} takes {count} sites, more than {most}; give a smaller one")
    which, own = np.nonzero(kept)
    return _region(sample, every[which], own.astype(np.int32), distance[kept] <= radius + 1e-9)


def _region(sample: Sample, cells: Array, orbitals: Array, inside: Array) -> Region:
    origin = cells.min(axis=0)
    index = np.full((*(np.ptp(cells, axis=0) + 1), sample.cell.n_orbitals), -1, np.int32)
    index[(*(cells - origin).T, orbitals)] = np.arange(len(cells))
    sources, targets, which = [], [], []
    for bond, (source, target, crossing) in enumerate(
        zip(sample.bonds.source, sample.bonds.target, sample.bonds.crossing, strict=True)
    ):
        starts = np.flatnonzero(orbitals == sample.orbitals[source])
        ends = cells[starts] + crossing - origin
        fits = ((ends >= 0) & (ends < index.shape[:-1])).all(axis=1)
        starts, ends = starts[fits], ends[fits]
        found = index[(*ends.T, np.full(len(ends), sample.orbitals[target]))]
        sources.append(starts[found >= 0])
        targets.append(found[found >= 0])
        which.append(np.full(int((found >= 0).sum()), bond))
    bonds = np.concatenate(which) if which else np.zeros(0, int)
    size = tuple(int(n) for n in np.ptp(cells, axis=0) + 1)
    own = Bonds(
        np.concatenate(sources).astype(np.int32),
        np.concatenate(targets).astype(np.int32),
        sample.bonds.kind[bonds],
        np.zeros((len(bonds), len(size)), np.int16),
        sample.bonds.kinds,
    )
    positions: Floats = cells @ sample.cell.vectors + sample.positions[orbitals]
    part = Sample(
        sample.cell,
        size,
        (Boundary(),) * len(size),
        (cells - origin).astype(np.int32),
        orbitals,
        positions,
        own,
    )
    return Region(part, cells, bonds, inside)

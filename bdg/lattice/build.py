"""Cut a sample from a lattice: which sites of the block of cells there are, and the bonds between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.keywords import named_keywords
from bdg.lattice.bonds import Bonds
from bdg.lattice.boundary import Boundary
from bdg.lattice.cell import UnitCell, preset
from bdg.lattice.hoppings import BondName, with_bonds
from bdg.lattice.kinds import BondKinds
from bdg.lattice.regions import Region
from bdg.lattice.sample import Sample
from bdg.lattice.shells import bond_kinds
from bdg.resources import require_memory

BYTES_A_SITE, BYTES_A_BOND = 100.0, 60.0
"""Peak memory while a sample is built, measured on square lattices of 10⁶ sites and rounded up."""


@named_keywords
def build_sample(
    lattice: str | UnitCell,
    size: int | Sequence[int],
    boundary: str | Boundary | Sequence[str | Boundary] = "open",
    *,
    shells: int | None = None,
    bonds: Sequence[BondName] = (),
    region: Region | ArrayLike | None = None,
    vacancies: Sequence[Sequence[int]] = (),
) -> Sample:
    """Cut a sample from a lattice.

    Parameters
    ----------
    lattice
        Name of a preset or a unit cell.
    size
        Cells along each direction.
    boundary
        ``"open"``, ``"periodic"`` or a :class:`Boundary`, for all directions or one each.
    shells
        Neighbour shells that have bonds: one, if nothing is said. A cell with hoppings of its own has the
        bonds they name, and no shells.
    bonds
        Bonds that must be there for an interaction, ``(from, to, offset)`` each, as a cell's hoppings but
        without an amplitude: those that a cell with hoppings lacks are added with the amplitude 0, others
        are reached with more shells. ``cell.pairs_within()`` names those between orbitals at one place.
    region
        Keeps the sites whose positions it accepts: one of :mod:`bdg.lattice.regions`, or any function from
        positions, shape ``(n, dimension)``, to booleans, shape ``(n,)``; or a mask over the whole block,
        boolean, shape ``size`` or ``(*size, n_orbitals)``, or flat, one for each site of the block in order.
    vacancies
        Cells (with several orbitals: cell and orbital) whose sites are taken out.

    Raises
    ------
    InputError
        If a size is not positive, numbers of directions differ, shells are asked of a cell that brings its
        own bonds, a region or mask does not fit, a vacancy is outside, or no site is left.
    """
    cell = preset(lattice) if isinstance(lattice, str) else lattice
    extent = (size,) if isinstance(size, int) else tuple(size)
    if len(extent) != cell.n_directions:
        raise InputError(
            f"size {list(extent)} has {len(extent)} entries,"
            f" the {cell.name} lattice has {cell.n_directions} directions"
        )
    if any(n != int(n) or n < 1 for n in extent):
        raise InputError(
            f"size {list(extent)} is impossible; every entry must be a whole number of at least 1"
        )
    extent = tuple(int(n) for n in extent)
    ends = boundaries(boundary, cell.n_directions)
    kinds = _kinds(cell, shells, bonds)
    return cut(cell, kinds, extent, ends, region, vacancies)


def repeated(sample: Sample, size: Sequence[int], boundary: str | Sequence[Boundary]) -> Sample:
    """Another size of the same lattice, with the same kinds of bonds and every site of the block."""
    ends = boundaries(boundary, len(sample.size))
    return cut(sample.cell, sample.bonds.kinds, tuple(size), ends)


def cut(
    cell: UnitCell,
    kinds: BondKinds,
    extent: tuple[int, ...],
    ends: tuple[Boundary, ...],
    region: Region | ArrayLike | None = None,
    vacancies: Sequence[Sequence[int]] = (),
) -> Sample:
    """The sample of :func:`build_sample`, of bonds that are known."""
    bytes_a_cell = BYTES_A_SITE * cell.n_orbitals + BYTES_A_BOND * len(kinds)
    require_memory(
        float(np.prod(extent, dtype=np.float64)) * bytes_a_cell,
        f"a sample of {'×'.join(map(str, extent))} cells",
        "make it smaller",
    )
    present = _present_sites(cell, extent, region, vacancies)
    n_sites = int(np.count_nonzero(present))
    if n_sites == 0:
        raise InputError(
            "the sample has no sites: the region or the vacancies leave none; enlarge the region"
        )
    index = np.full(present.shape, -1, np.int32)
    index[present] = np.arange(n_sites, dtype=np.int32)
    *cells, orbitals = np.nonzero(present)
    cells_ = np.stack(cells, axis=1).astype(np.int32)
    positions = cells_.astype(np.float64) @ cell.vectors + cell.basis[orbitals]
    bonds = _bonds(kinds, index, extent, ends)
    return Sample(cell, extent, ends, cells_, orbitals.astype(np.int32), positions, bonds)


def _kinds(cell: UnitCell, shells: int | None, bonds: Sequence[BondName]) -> BondKinds:
    """The bonds a cell brings, or those of its neighbour shells, and what must be there besides."""
    if cell.hoppings is None:
        return bond_kinds(cell, 1 if shells is None else shells, bonds)
    if shells is not None:
        raise InputError(
            f"shells={shells} asked of a cell whose hoppings decide its bonds; leave shells out,"
            " or give cell.with_hoppings(None)"
        )
    return with_bonds(cell.hoppings, cell.vectors, cell.basis, bonds)


def boundaries(
    boundary: str | Boundary | Sequence[str | Boundary], n_directions: int
) -> tuple[Boundary, ...]:
    """One boundary for each direction, from one for all or a list.

    Raises
    ------
    InputError
        If there are others than directions, or a name is unknown.
    """
    given = [boundary] * n_directions if isinstance(boundary, str | Boundary) else list(boundary)
    if len(given) != n_directions:
        raise InputError(
            f"{len(given)} boundaries given for {n_directions} directions; give one, or one for each"
        )
    return tuple(entry if isinstance(entry, Boundary) else Boundary.named(entry) for entry in given)


def _present_sites(
    cell: UnitCell,
    size: tuple[int, ...],
    region: Region | ArrayLike | None,
    vacancies: Sequence[Sequence[int]],
) -> NDArray[np.bool_]:
    """Which sites of the full block of cells exist, shape ``(*size, n_orbitals)``."""
    shape = (*size, cell.n_orbitals)
    present = np.ones(shape, bool)
    if callable(region):
        present = _accepted(region, _block_positions(cell, size)).reshape(shape)
    elif region is not None:
        mask = np.asarray(region)
        if mask.dtype != bool or mask.shape not in (size, shape, (present.size,)):
            raise InputError(
                f"the mask of the sample is {mask.dtype} of shape {mask.shape};"
                f" give booleans of shape {size}, {shape} or {(present.size,)}"
            )
        present[:] = mask.reshape(shape) if mask.size == present.size else mask[..., None]
    for place in vacancies:
        full = (*place, 0) if len(place) == len(size) and cell.n_orbitals == 1 else tuple(place)
        if len(full) != len(shape) or any(not 0 <= n < extent for n, extent in zip(full, shape, strict=True)):
            raise InputError(
                f"vacancy {list(place)} is outside the sample of {'×'.join(map(str, size))} cells"
            )
        present[full] = False
    return present


def _block_positions(cell: UnitCell, size: tuple[int, ...]) -> NDArray[np.float64]:
    """Positions of every site of the full block, in order, shape ``(n, dimension)``."""
    positions = np.zeros((*size, cell.n_orbitals, cell.dimension)) + cell.basis
    for direction, (n, vector) in enumerate(zip(size, cell.vectors, strict=True)):
        along = np.arange(n)[:, None] * vector
        positions += along.reshape((n,) + (1,) * (len(size) - direction) + (cell.dimension,))
    return positions.reshape(-1, cell.dimension)


def _accepted(region: Region, positions: NDArray[np.float64]) -> NDArray[np.bool_]:
    """What a region says of all positions."""
    inside = np.asarray(region(positions))
    if inside.dtype != bool or inside.shape != (len(positions),):
        raise InputError(
            f"the region returned {inside.dtype} of shape {inside.shape} for {len(positions)} positions;"
            " it must return one boolean for each"
        )
    return inside


def _bonds(
    kinds: BondKinds, index: NDArray[np.int32], size: tuple[int, ...], boundary: tuple[Boundary, ...]
) -> Bonds:
    """Translate every kind of bond to every cell; wrap periodic directions, drop what leaves open ones."""
    if set(size) == {1}:
        return _bonds_of_one_cell(kinds, index.ravel(), boundary)
    empty = np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros((0, len(size)), np.int16)
    parts = [empty] * len(kinds)
    offsets, which = np.unique(kinds.offset, axis=0, return_inverse=True)
    for number, offset in enumerate(offsets):
        start, end, passed = _window(offset, size, boundary)
        first, last = index[np.ix_(*start)], index[np.ix_(*end)]
        crossings = np.empty((first[..., 0].size, len(size)), np.int16)
        for direction, along in enumerate(np.meshgrid(*passed, indexing="ij", copy=False)):
            crossings[:, direction] = along.ravel()
        for kind in np.flatnonzero(which.ravel() == number).tolist():
            source, target = first[..., kinds.source[kind]].ravel(), last[..., kinds.target[kind]].ravel()
            exists = (source >= 0) & (target >= 0)
            whole = exists.all()  # nearly always, and then nothing is copied
            parts[kind] = (
                source if whole else source[exists],
                target if whole else target[exists],
                crossings if whole else crossings[exists],
            )
    source, target, crossing = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    kind_ = np.repeat(np.arange(len(kinds), dtype=np.int32), [len(part[0]) for part in parts])
    return Bonds(source, target, kind_, crossing, kinds)


def _bonds_of_one_cell(kinds: BondKinds, index: NDArray[np.int32], boundary: tuple[Boundary, ...]) -> Bonds:
    """One bond of each kind, except for those that leave the cell where it ends."""
    source, target = index[kinds.source], index[kinds.target]
    is_open = np.array([not ends.is_periodic for ends in boundary])
    kept = (source >= 0) & (target >= 0) & ~(kinds.offset[:, is_open] != 0).any(axis=1)
    kind = np.flatnonzero(kept).astype(np.int32)
    return Bonds(source[kept], target[kept], kind, kinds.offset[kept].astype(np.int16), kinds)


def _window(
    offset: NDArray[np.int32], size: tuple[int, ...], boundary: tuple[Boundary, ...]
) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """Cells along each direction that bonds of an offset start from and lead to, and the ends they pass."""
    start: list[NDArray[np.int64]] = []
    end: list[NDArray[np.int64]] = []
    passed: list[NDArray[np.int64]] = []
    for n, ends, step in zip(size, boundary, offset, strict=True):
        cells = np.arange(n)
        crossing, wrapped = np.divmod(cells + step, n)
        kept = np.ones(n, bool) if ends.is_periodic else crossing == 0
        start.append(cells[kept])
        end.append(wrapped[kept])
        passed.append(crossing[kept])
    return start, end, passed

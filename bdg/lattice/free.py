"""Samples of any positions and bonds: one cell that holds all sites, an orbital each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.lattice.boundary import Boundary
from bdg.lattice.build import boundaries, cut
from bdg.lattice.cell import UnitCell
from bdg.lattice.hoppings import as_spin_matrices, pauli_components
from bdg.lattice.kinds import DISTANCE_TOLERANCE, arranged, is_kept_orientation
from bdg.lattice.sample import Sample

Ends = str | Boundary | Sequence[str | Boundary]
Hops = complex | ArrayLike | Callable[[NDArray[np.float64]], ArrayLike]
"""t of all bonds, of each, or a function of their displacements, shape ``(n_bonds, dimension)``."""


def sample_of_positions(
    positions: ArrayLike,
    bonds: ArrayLike | None = None,
    *,
    radius: float | None = None,
    hopping: Hops = 1.0,
    onsite: ArrayLike | None = None,
    vectors: ArrayLike | None = None,
    boundary: Ends = "open",
    name: str = "sites",
) -> Sample:
    """A sample of any positions and bonds: a quasicrystal, a twisted bilayer, a molecule, a random network.

    The sample brings its hoppings and on-site energies, as a cell does that has its own. Sites keep their
    order; a site is ``[i]``.

    Parameters
    ----------
    positions
        Shape ``(n_sites, dimension)``, in lattice constants; sites may share a place.
    bonds
        Pairs of sites (i, j), shape ``(n_bonds, 2)``, each once; where the sample is periodic or infinite
        with the cell that j lies in behind them, shape ``(n_bonds, 2 + n_directions)``.
    radius
        In place of ``bonds``: every two sites that are no farther apart, and not at one place, have one.
    hopping
        t of −t c†_j c_i: a number, one for each bond, or 2 × 2 numbers between spins for each; or a function
        of the displacements r_j − r_i, shape ``(n_bonds, dimension)``, that returns them.
    onsite
        Energy of each site, or a Hermitian 2 × 2 matrix between spins for each, in t.
    vectors
        Lattice vectors, shape ``(n_directions, dimension)``, along which the sample repeats where
        ``boundary`` says so.
    boundary
        As for :func:`build_sample`, with ``vectors``.
    name
        For messages and figures.

    Raises
    ------
    InputError
        If numbers do not fit, a bond joins a site to itself or is given twice, or there is no site.
    """
    places = _positions(positions)
    cell_vectors = _box(places) if vectors is None else np.atleast_2d(np.asarray(vectors, np.float64))
    ends = boundaries(boundary, len(cell_vectors))
    if vectors is None and any(one.is_periodic for one in ends):
        raise InputError("positions that repeat need the vectors along which they do; give vectors")
    if (bonds is None) == (radius is None):
        raise InputError("give either bonds or a radius within which all sites have one")
    if radius is not None:
        source, target, offset = _within(places, float(radius), cell_vectors, ends)
    else:
        source, target, offset = _bonds(bonds, len(places), len(cell_vectors))
    displacement = offset @ cell_vectors + places[target] - places[source]
    t = hopping(displacement) if callable(hopping) else hopping
    scalar, spin = pauli_components(as_spin_matrices(t, len(source), "hopping"))
    kinds = arranged(cell_vectors, places, source, target, offset, scalar, -spin if spin.any() else None)
    cell = UnitCell.build(cell_vectors, places, name, hoppings=kinds, onsite=onsite)
    return cut(cell, kinds, (1,) * len(cell_vectors), ends)


def _positions(given: ArrayLike) -> NDArray[np.float64]:
    places = np.array(given, np.float64)
    places = places[:, None] if places.ndim == 1 else places
    if places.ndim != 2 or not len(places) or not 1 <= places.shape[1] <= 3:
        raise InputError(f"positions have shape {places.shape}; give (n_sites, dimension), dimension 1 to 3")
    if not np.isfinite(places).all():
        raise InputError("a position is not finite (NaN or infinity)")
    return places


def _box(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vectors of an upright box around the sites, a mean spacing larger along each axis."""
    extent = np.ptp(places, axis=0)
    axes = extent > DISTANCE_TOLERANCE
    spacing = float(np.prod(extent[axes]) / len(places)) ** (1 / axes.sum()) if axes.any() else 1.0
    return np.diag(extent + spacing)


def _bonds(
    given: ArrayLike | None, n_sites: int, n_directions: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Both sites of each bond, and the cell of the second."""
    rows = np.asarray(given)
    rows = rows.reshape(0, 2) if not rows.size else rows
    if rows.ndim != 2 or rows.shape[1] not in (2, 2 + n_directions) or rows.dtype.kind not in "iu":
        raise InputError(
            f"bonds are {rows.dtype} of shape {rows.shape}; give whole numbers (n_bonds, 2), i and j, or"
            f" (n_bonds, {2 + n_directions}) with the cell of j"
        )
    rows = rows.astype(np.int64)
    outside = np.flatnonzero(((rows[:, :2] < 0) | (rows[:, :2] >= n_sites)).any(axis=1))
    if len(outside):
        raise InputError(
            f"bond {outside[0]} joins {rows[outside[0], :2].tolist()}; there are {n_sites} sites"
        )
    offset = rows[:, 2:] if rows.shape[1] > 2 else np.zeros((len(rows), n_directions), np.int64)
    source, target = rows[:, 0], rows[:, 1]
    itself = np.flatnonzero((source == target) & ~offset.any(axis=1))
    if len(itself):
        raise InputError(
            f"bond {itself[0]} joins site {source[itself[0]]} to itself: that is an on-site energy"
        )
    reversed_ = ~is_kept_orientation(offset, source, target)
    key = np.column_stack([np.where(reversed_, target, source), np.where(reversed_, source, target)])
    key = np.hstack([key, np.where(reversed_[:, None], -offset, offset)])
    _, first = np.unique(key, axis=0, return_index=True)
    if len(first) < len(key):
        again = np.flatnonzero(~np.isin(np.arange(len(key)), first))[0]
        raise InputError(f"bond {again}, {rows[again].tolist()}, is given twice; its partner j, i is implied")
    return source, target, offset


def _within(
    places: NDArray[np.float64], radius: float, vectors: NDArray[np.float64], ends: Sequence[Boundary]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Every two sites no farther apart than a radius, across ends that are joined too."""
    from scipy.spatial import cKDTree  # slow to import, rarely needed

    if not (np.isfinite(radius) and radius > 0):
        raise InputError(f"radius {radius} is impossible; give a positive number")
    spread = float(np.linalg.norm(np.ptp(places, axis=0)))
    dual = np.linalg.norm(np.linalg.pinv(vectors), axis=0)
    most = [
        int((radius + spread) * d + 1e-9) if one.is_periodic else 0 for d, one in zip(dual, ends, strict=True)
    ]
    grid = np.meshgrid(*[np.arange(-n, n + 1) for n in most], indexing="ij")
    tree, found = cKDTree(places), []
    for cell in np.stack([axis.ravel() for axis in grid], axis=1):
        near = cKDTree(places + cell @ vectors).sparse_distance_matrix(
            tree, radius + DISTANCE_TOLERANCE, output_type="ndarray"
        )
        target, source = near["i"][near["v"] > DISTANCE_TOLERANCE], near["j"][near["v"] > DISTANCE_TOLERANCE]
        offset = np.broadcast_to(cell, (len(source), len(vectors)))
        once = is_kept_orientation(offset, source, target)
        found.append(np.column_stack([source, target, offset])[once])
    rows = np.concatenate(found).astype(np.int64)
    return rows[:, 0], rows[:, 1], rows[:, 2:]

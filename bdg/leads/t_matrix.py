r"""The T-matrix of a part of an infinite lattice that is changed: G = G₀ + G₀ T G₀, T = V (1 − G₀V)⁻¹."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from bdg.arrays import Array, Complexes, Floats
from bdg.leads.infinite import InfiniteLattice

STEPS = 8
"""Steps of the search of a pole."""

OFFSETS = np.arange(-3.0, 4.0)
"""Energies on the line ω + iη, in units of η/2 about a guess, through which det(1 − G₀V) is continued."""


@dataclass(frozen=True)
class Cluster:
    """Sites of an infinite lattice at which it is changed.

    Parameters
    ----------
    lattice
        The bulk.
    cells, orbitals
        Which sites, shapes ``(n, n_directions)`` and ``(n,)``; none twice.
    potential
        V, what is added to H between them, shape ``(n·dofs, n·dofs)``.
    """

    lattice: InfiniteLattice
    cells: Array
    orbitals: Array
    potential: Array

    @classmethod
    def of_impurities(cls, lattice: InfiniteLattice, cells: Array, orbitals: Array, blocks: Array) -> Cluster:
        """Impurities, each with its own block in the Nambu space of its orbital, ``(n, dofs, dofs)``."""
        n, dofs = blocks.shape[:2]
        whole = np.zeros((n, dofs, n, dofs), blocks.dtype)
        whole[np.arange(n), :, np.arange(n)] = blocks
        return cls(lattice, cells, orbitals, whole.reshape(n * dofs, n * dofs))

    @property
    def dofs(self) -> int:
        """Nambu components of an orbital."""
        return len(self.potential) // len(self.cells)

    def around(self, z: complex, window: tuple[int, ...], tolerance: float) -> tuple[Array, Array, float]:
        """G(r, r; z) of the orbitals of cells |c_d| ≤ window_d, that of the bulk, and their largest error.

        Returns
        -------
        tuple
            Shapes ``(2·window_0 + 1, …, n_orbitals, dofs, dofs)`` and ``(n_orbitals, dofs, dofs)``.
        """
        outward = np.array(window) + np.abs(self.cells).max(axis=0)
        reach = tuple(int(n) for n in np.maximum(outward, np.ptp(self.cells, axis=0)))
        bulk, error = self.lattice.greens(z, reach, tolerance)
        bulk = by_orbitals(bulk, self.dofs)
        inner = between_sites(bulk, reach, self.cells, self.orbitals)
        t = self.potential @ np.linalg.inv(np.eye(len(inner)) - inner @ self.potential)
        cells = np.array([*product(*(np.arange(-n, n + 1) for n in window))])
        at_home = np.einsum("oaob->oab", bulk[(*np.array(reach),)])
        to, fro = self._to_and_fro(bulk, reach, cells)  # (r·o·a, n·b), (n·b, r·o·a)
        scattered = to @ t
        size = len(t)
        change = np.einsum(
            "xqk,kxp->xqp", scattered.reshape(-1, self.dofs, size), fro.reshape(size, -1, self.dofs)
        )
        found = (at_home + change.reshape(len(cells), *at_home.shape)).reshape(
            *(2 * w + 1 for w in window), *at_home.shape
        )
        growth = (1 + np.abs(scattered).sum(axis=1).max()) * (1 + np.abs(t @ fro).sum(axis=0).max())
        return found, at_home, error * float(growth)

    def determinant(self, z: complex, tolerance: float) -> complex:
        """det(1 − G₀(z) V)."""
        reach = tuple(int(n) for n in self.cells.max(axis=0) - self.cells.min(axis=0))
        bulk, _ = self.lattice.greens(z, reach, tolerance)
        inner = between_sites(by_orbitals(bulk, self.dofs), reach, self.cells, self.orbitals)
        return complex(np.linalg.det(np.eye(len(inner)) - inner @ self.potential))

    def poles(self, energy: float, broadening: float, tolerance: float) -> list[tuple[complex, float]]:
        """Zeros of det(1 − G₀V), continued from the line ω + iη, that are near an energy; and their errors.

        Polynomials of sixth and of fifth order go through seven and six points of the line; the difference
        of their zeros is the error.
        """
        centre, found = energy, [(complex(np.nan), np.inf)]
        for _ in range(STEPS):
            points = centre + 1j * broadening + 0.5 * broadening * OFFSETS
            values = np.array([self.determinant(z, tolerance) for z in points])
            fine, coarse = (_zeros(0.5 * OFFSETS[:n], values[:n]) for n in (7, 6))
            if not len(fine) or not len(coarse):
                return []
            errors = np.abs(fine[:, None] - coarse).min(axis=1)
            zeros = points[3] + broadening * fine
            found = [*zip(map(complex, zeros), map(float, broadening * errors), strict=True)]
            step, centre = abs(zeros[0].real - centre), float(zeros[0].real)
            if not step > 1e-3 * broadening:
                break
        return found

    def _to_and_fro(self, bulk: Array, reach: tuple[int, ...], cells: Array) -> tuple[Array, Array]:
        """G₀ from the sites to all orbitals of cells, ``(n_cells·n_orbitals·dofs, n·dofs)``, and back."""
        apart = cells[:, None] - self.cells + np.array(reach)
        back = self.cells[:, None] - cells + np.array(reach)
        own, n = self.orbitals, len(self.cells) * self.dofs
        to = bulk[(*np.moveaxis(apart, -1, 0),)][:, np.arange(len(own)), :, :, own]  # (n, r, o, a, b)
        fro = bulk[(*np.moveaxis(back, -1, 0),)][np.arange(len(own)), :, own]  # (n, r, b, o, a)
        return (
            to.transpose(1, 2, 3, 0, 4).reshape(-1, n),
            fro.transpose(0, 2, 1, 3, 4).reshape(n, -1),
        )


def by_orbitals(bulk: Array, dofs: int) -> Array:
    """Green's functions between cells, ``(…, n_orbitals, dofs, n_orbitals, dofs)``."""
    n = bulk.shape[-1] // dofs
    return bulk.reshape(*bulk.shape[:-2], n, dofs, n, dofs)


def between_sites(bulk: Array, reach: tuple[int, ...], cells: Array, orbitals: Array) -> Complexes:
    """G₀ between some sites of it, shape ``(n·dofs, n·dofs)``, from that between cells up to ``reach``."""
    apart = cells[:, None] - cells + np.array(reach)
    n, dofs = len(cells), bulk.shape[-1]
    row, column = np.meshgrid(orbitals, orbitals, indexing="ij")
    blocks = bulk[(*np.moveaxis(apart, -1, 0), row, slice(None), column)]  # (n, n, a, b)
    found: Complexes = blocks.transpose(0, 2, 1, 3).reshape(n * dofs, n * dofs)
    return found


def _zeros(places: Floats, values: Complexes) -> Complexes:
    """Zeros of the polynomial through values at places, the nearest to the middle first."""
    scale = float(np.abs(values).max()) or 1.0
    roots: Complexes = np.asarray(np.roots(np.polyfit(places, values / scale, len(places) - 1)), complex)
    return roots[np.abs(roots).argsort()]


def minima(values: Floats) -> Array:
    """Places where numbers are less than on either side."""
    inner = (values[1:-1] < values[:-2]) & (values[1:-1] <= values[2:])
    return np.flatnonzero(inner) + 1

r"""The T-matrix of a few impurities in an infinite lattice: G = G₀ + G₀ T G₀, T = V (1 − G₀V)⁻¹."""

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
    """Impurities in an infinite lattice.

    Parameters
    ----------
    lattice
        The bulk.
    cells, orbitals
        Where the impurities are, shapes ``(n, n_directions)`` and ``(n,)``; no place twice.
    blocks
        V of each in the Nambu space of its orbital, shape ``(n, dofs, dofs)``.
    """

    lattice: InfiniteLattice
    cells: Array
    orbitals: Array
    blocks: Array

    @property
    def potential(self) -> Array:
        """V, shape ``(n·dofs, n·dofs)``."""
        n, dofs = self.blocks.shape[:2]
        whole = np.zeros((n, dofs, n, dofs), self.blocks.dtype)
        whole[np.arange(n), :, np.arange(n)] = self.blocks
        return whole.reshape(n * dofs, n * dofs)

    def around(self, z: complex, window: tuple[int, ...], tolerance: float) -> tuple[Array, Array, float]:
        """G(r, r; z) of the orbitals of cells |c_d| ≤ window_d, that of the bulk, and their largest error.

        Returns
        -------
        tuple
            Shapes ``(2·window_0 + 1, …, n_orbitals, dofs, dofs)`` and ``(n_orbitals, dofs, dofs)``.
        """
        furthest = np.abs(self.cells).max(axis=0)
        reach = tuple(int(n) for n in np.array(window) + furthest)
        bulk, error = self.lattice.greens(z, reach, tolerance)
        dofs = self.blocks.shape[1]
        bulk = bulk.reshape(*bulk.shape[:-2], -1, dofs, bulk.shape[-1] // dofs, dofs)
        t = self._t_matrix(bulk, reach)
        cells = np.array([*product(*(np.arange(-n, n + 1) for n in window))])
        here = bulk[(*np.array(reach),)]
        at_home = np.einsum("oaob->oab", here)
        out = [self._between(bulk, reach, cells - one, o, outward=True) for one, o in self._places]
        back = [self._between(bulk, reach, one - cells, o, outward=False) for one, o in self._places]
        to, fro = np.stack(out, axis=3), np.stack(back, axis=2)  # (r, o, a, n, b), (r, o, n, a, b)
        n = len(self.blocks)
        blocks = t.reshape(n, dofs, n, dofs)
        change = np.einsum("ropmc,mcnd,rondq->ropq", to, blocks, fro, optimize=True)
        found = (at_home + change).reshape(*(2 * w + 1 for w in window), -1, dofs, dofs)
        growth = 1 + float(np.linalg.norm(t, 2)) * float(np.abs(bulk).max()) * n * dofs
        return found, at_home, error * growth**2

    def determinant(self, z: complex, tolerance: float) -> complex:
        """det(1 − G₀(z) V)."""
        reach = tuple(int(n) for n in self._extent)
        bulk, _ = self.lattice.greens(z, reach, tolerance)
        dofs = self.blocks.shape[1]
        bulk = bulk.reshape(*bulk.shape[:-2], -1, dofs, bulk.shape[-1] // dofs, dofs)
        inner = self._inner(bulk, reach)
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

    @property
    def _places(self) -> list[tuple[Array, int]]:
        return [*zip(self.cells, map(int, self.orbitals), strict=True)]

    @property
    def _extent(self) -> Array:
        """Cells between the impurities, along each direction."""
        extent: Array = self.cells.max(axis=0) - self.cells.min(axis=0)
        return extent

    def _inner(self, bulk: Array, reach: tuple[int, ...]) -> Complexes:
        """G₀ between the impurities, shape ``(n·dofs, n·dofs)``."""
        rows = [
            np.concatenate(
                [bulk[(*(np.array(reach) + one - two), o, slice(None), p)] for two, p in self._places], axis=1
            )
            for one, o in self._places
        ]
        found: Complexes = np.concatenate(rows, axis=0)
        return found

    def _t_matrix(self, bulk: Array, reach: tuple[int, ...]) -> Complexes:
        inner, v = self._inner(bulk, reach), self.potential
        found: Complexes = v @ np.linalg.inv(np.eye(len(v)) - inner @ v)
        return found

    def _between(
        self, bulk: Array, reach: tuple[int, ...], apart: Array, orbital: int, *, outward: bool
    ) -> Array:
        """G₀ from the impurity's orbital to all orbitals of cells, or back; ``(n_cells, n_orbitals, …)``."""
        blocks = bulk[tuple((apart + np.array(reach)).T)]  # (cells, o, a, p, b)
        if outward:
            return np.asarray(blocks[:, :, :, orbital])
        return np.asarray(np.moveaxis(blocks[:, orbital], 2, 1))


def _zeros(places: Floats, values: Complexes) -> Complexes:
    """Zeros of the polynomial through values at places, the nearest to the middle first."""
    scale = float(np.abs(values).max()) or 1.0
    roots: Complexes = np.asarray(np.roots(np.polyfit(places, values / scale, len(places) - 1)), complex)
    return roots[np.abs(roots).argsort()]


def minima(values: Floats) -> Array:
    """Places where numbers are less than on either side."""
    inner = (values[1:-1] < values[:-2]) & (values[1:-1] <= values[2:])
    return np.flatnonzero(inner) + 1

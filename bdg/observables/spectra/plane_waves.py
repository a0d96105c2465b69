r"""Green's functions between plane waves, of any sample: what unfolds its levels onto the lattice's momenta.

A plane wave |k, α⟩ has the amplitude e^{ik·R}/√N_α on the orbitals α of all cells R, and none on others. A
finite sample has one H; of an infinite one k says which Bloch momentum its H is that of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.arrays import Array, Complexes, Floats
from bdg.lattice import Sample
from bdg.nambu import BlochMomenta, NambuMatrix
from bdg.resources import blas_threads
from bdg.solvers import SILENT, Monitor
from bdg.solvers.diagonalization import diagonalize

LEVELS = 2000
"""Rows of H up to which all levels are found once for all energies; beyond, each energy is solved for."""

Resolved = Callable[[Complexes], tuple[Floats, float]]
"""−(1/π) Im Σ ⟨k| (z − H)⁻¹ |k⟩ of energies z, shape ``(n_energies, n_momenta)``, and the largest error."""


@dataclass(frozen=True)
class PlaneWaves:
    """Plane waves at momenta that the ends of a sample allow.

    Parameters
    ----------
    sample
        Where they live.
    coordinates
        k·a_d = 2π × coordinate d, shape ``(n_momenta, n_directions)``.
    """

    sample: Sample
    coordinates: Floats

    @classmethod
    def near(cls, sample: Sample, coordinates: Floats) -> PlaneWaves:
        """Those nearest to the momenta that are asked for: joined ends allow k·L = twist + 2πm only."""
        allowed = coordinates.copy()
        for d, ends in enumerate(sample.boundary):
            if ends.is_periodic and not ends.is_infinite:
                part = ends.twist / (2 * np.pi)
                allowed[:, d] = (np.round(coordinates[:, d] * sample.size[d] - part) + part) / sample.size[d]
        return cls(sample, allowed)

    def amplitudes(self, momentum: int) -> Complexes:
        """Those of one wave for each orbital, shape ``(n_orbitals, n_sites)``."""
        wave = np.exp(2j * np.pi * (self.sample.cells @ self.coordinates[momentum]))
        own = self.sample.orbitals == np.unique(self.sample.orbitals)[:, None]
        found: Complexes = own * wave / np.sqrt(own.sum(axis=1))[:, None]
        return found

    @cached_property
    def bloch(self) -> Floats:
        """Phase of a repetition along each direction, less the twist of the ends."""
        twists = np.array([ends.twist_per_cell if ends.is_infinite else 0.0 for ends in self.sample.boundary])
        infinite = np.array([ends.is_infinite for ends in self.sample.boundary])
        phases: Floats = np.where(
            infinite, 2 * np.pi * self.coordinates * np.array(self.sample.size) - twists, 0
        )
        return phases


def resolved(
    hamiltonian: NambuMatrix, waves: PlaneWaves, component: int, monitor: Monitor = SILENT
) -> Resolved:
    """The spectral function of a Nambu component, from levels or from solutions at each energy.

    With 2 dofs the second one, c†↓, has e^{−ik·R} where an electron has the momentum k.
    """
    momenta, sign = hamiltonian.momenta, -1 if hamiltonian.dofs == 2 and component == 1 else 1
    sources = [*_sources(hamiltonian, waves, component, sign)]
    if not isinstance(momenta, BlochMomenta):
        return _of_one(hamiltonian, sources, monitor)
    each = []
    for place, source in enumerate(sources):
        monitor.check()
        at_k = replace(hamiltonian, momenta=momenta.at(sign * waves.bloch[place : place + 1]))
        each.append(_of_one(at_k, [source], monitor))

    def of_all(z: Complexes) -> tuple[Floats, float]:
        found = [one(z) for one in each]
        return np.concatenate([values for values, _ in found], axis=1), max(error for _, error in found)

    return of_all


def _sources(hamiltonian: NambuMatrix, waves: PlaneWaves, component: int, sign: int) -> Iterator[Complexes]:
    """The waves of each momentum in columns, shape ``(dimension, n_orbitals)``."""
    for place in range(len(waves.coordinates)):
        amplitudes = waves.amplitudes(place).T
        columns = np.zeros((hamiltonian.n_sites, hamiltonian.dofs, amplitudes.shape[1]), complex)
        columns[:, component] = amplitudes if sign > 0 else amplitudes.conj()
        yield columns.reshape(hamiltonian.dimension, -1)


def _of_one(hamiltonian: NambuMatrix, sources: list[Complexes], monitor: Monitor) -> Resolved:
    """That of one H, of several momenta."""
    if hamiltonian.dimension <= LEVELS:
        return _by_levels(hamiltonian, sources)
    return _by_solving(hamiltonian, sources, monitor)


def _by_levels(hamiltonian: NambuMatrix, sources: list[Complexes]) -> Resolved:
    (system,) = diagonalize(hamiltonian, None)
    shares = np.array([(np.abs(source.conj().T @ system.vectors) ** 2).sum(axis=0) for source in sources])

    def of_levels(z: Complexes) -> tuple[Floats, float]:
        greens = 1.0 / (z[:, None] - system.energies)
        # An error δE of a level is one of δE/η² of its Lorentzian.
        error = system.rounding * float((shares.sum(axis=1).max() / np.abs(z.imag) ** 2).max())
        found: Floats = -(greens.imag @ shares.T) / np.pi
        return found, error / np.pi

    return of_levels


def _by_solving(hamiltonian: NambuMatrix, sources: list[Complexes], monitor: Monitor) -> Resolved:
    right, ends = np.concatenate(sources, axis=1), np.cumsum([0, *(s.shape[1] for s in sources)])
    matrix = scipy.sparse.csc_array(hamiltonian.sparse()).astype(complex)
    unit = scipy.sparse.eye_array(hamiltonian.dimension, format="csc", dtype=complex)

    def at(z: complex) -> tuple[Floats, float]:
        monitor.check()
        shifted = scipy.sparse.csc_array(z * unit - matrix)
        with blas_threads(1):
            found = factors(shifted).solve(right)
        rest = float(np.linalg.norm(right - shifted @ found, axis=0).max()) / abs(z.imag)
        by_wave = -np.sum(right.conj() * found, axis=0).imag / np.pi
        most = float(np.diff(ends).max())
        return np.add.reduceat(by_wave, ends[:-1]), most * rest / np.pi

    def by_solving(z: Complexes) -> tuple[Floats, float]:
        found = [at(one) for one in z]
        return np.array([values for values, _ in found]), max(error for _, error in found)

    return by_solving


def factors(matrix: Any) -> Any:
    """LU factors of a matrix whose pattern is symmetric, pivots kept on the diagonal where they are large."""
    options = {"SymmetricMode": True}
    return scipy.sparse.linalg.splu(
        matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.01, options=options
    )


def unique_rows(coordinates: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Momenta that differ, and which of them each is."""
    rounded: Array = np.round(coordinates, 12) + 0.0
    _, first, which = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    return coordinates[first], which.ravel()

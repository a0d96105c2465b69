"""The two ends of a sample that are semi-infinite, each as its outermost layer of cells is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bdg.arrays import Complexes
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.leads.modes import OFF, Modes, modes_of
from bdg.leads.surface import residual, surface_green
from bdg.nambu import BlochMomenta, NambuMatrix

MOMENTA = 256
"""Momenta along a lead that its gap is looked for at first."""

CIRCLE = 256
"""Points on half of a circle."""


@dataclass(frozen=True)
class End:
    """A lead: slices that all are as the outermost layer of the sample, which is its first.

    Parameters
    ----------
    rows
        Rows of H of that layer, shape ``(n,)``.
    slice_, inward
        h of a slice, and α = ⟨n|H|n + 1⟩ to the next one deeper in the lead; shape ``(n, n)``.
    """

    rows: NDArray[np.int64]
    slice_: Complexes
    inward: Complexes

    def self_energy(self, z: complex) -> Complexes:
        """Σ(z) = α g(z) α†, what the slices beyond the sample add to its outermost layer, shape ``(n, n)``.

        Raises
        ------
        NumericalError
            If the surface is not found.
        """
        alpha, beta = self.inward, self.inward.conj().T
        return alpha @ surface_green(z, self.slice_, alpha, beta) @ beta

    def residual(self, z: complex) -> float:
        """How far the lead's surface Green's function is from solving its equation.

        Raises
        ------
        NumericalError
            If the surface is not found.
        """
        alpha, beta = self.inward, self.inward.conj().T
        return residual(z, self.slice_, alpha, beta, surface_green(z, self.slice_, alpha, beta))

    def modes(self, energy: float) -> Modes:
        """What goes out through the lead at an energy, and what comes in.

        Raises
        ------
        NumericalError
            If they cannot be told from each other.
        """
        return modes_of(energy, self.slice_, self.inward)

    def weight_within(self, radius: float) -> float:
        r"""Weight on the first slice of the levels |E| < radius of the lead by itself, below its gap.

        (1/2πi) ∮ tr g(z) dz around the circle: 0 unless levels are bound to the lead's own end.

        Raises
        ------
        NumericalError
            If the surface is not found.
        """
        points = radius * np.exp(1j * np.pi * (np.arange(CIRCLE) + 0.5) / CIRCLE)  # g(z*) = g(z)†
        alpha, beta = self.inward, self.inward.conj().T
        traces = [np.trace(surface_green(z, self.slice_, alpha, beta)) for z in points]
        return float(np.real(points @ np.array(traces))) / CIRCLE

    @cached_property
    def gap(self) -> float:
        """The least |E| of H(k) = h + α e^{ik} + α† e^{−ik}, the infinite lead, in t."""
        from scipy.optimize import minimize_scalar  # late: it is slow to import, and rarely needed

        def lowest(k: float) -> float:
            hop = np.exp(1j * k) * self.inward
            return float(np.abs(np.linalg.eigvalsh(self.slice_ + hop + hop.conj().T)).min())

        step = 2 * np.pi / MOMENTA
        k = step * np.argmin([lowest(step * n) for n in range(MOMENTA)])
        found = minimize_scalar(
            lowest, bounds=(k - step, k + step), method="bounded", options={"xatol": 1e-10}
        )
        return min(lowest(k), float(found.fun))


def ends_of(matrix: scipy.sparse.csr_array, layers: list[NDArray[np.int64]]) -> tuple[End, End]:
    """The lead at the lower end and that at the upper one; see :func:`layers_of`.

    Raises
    ------
    InputError
        If bonds at an end reach over a layer.
    """
    ends = []
    for first, second, third in (layers[:3], layers[:-4:-1]):
        if np.abs(block_of(matrix, first, third)).max() > OFF:
            raise InputError("bonds reach over a layer of cells; leads have bonds to the next layer only")
        ends.append(End(first, block_of(matrix, first, first), block_of(matrix, second, first)))
    return ends[0], ends[1]


def block_of(
    matrix: scipy.sparse.csr_array, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> Complexes:
    """A dense block of a sparse matrix."""
    block: Complexes = matrix[rows][:, columns].toarray().astype(complex)
    return block


def layers_of(sample: Sample, axis: int, dofs: int) -> list[NDArray[np.int64]]:
    """Rows of H of each layer of cells along the axis, those of layers that are alike in the same order.

    Raises
    ------
    InputError
        If the sample is not finite and open along the axis, has fewer than 4 layers, or its two outermost
        ones differ in their sites on either side.
    """
    if axis >= len(sample.size) or sample.boundary[axis].is_periodic:
        raise InputError(f"leads along axis {axis} need a finite sample with open ends there; open them")
    place = sample.cells[:, axis]
    across = np.delete(sample.cells, axis, axis=1)
    values = np.unique(place)
    if len(values) < 4:
        raise InputError(f"{len(values)} layers are too few for two leads; give 4 or more along axis {axis}")
    layers, shapes = [], []
    for value in values:
        sites = np.flatnonzero(place == value)
        keys = np.column_stack([across[sites], sample.orbitals[sites]])
        order = np.lexsort(keys.T)
        layers.append((sites[order][:, None] * dofs + np.arange(dofs)).ravel())
        shapes.append(keys[order])
    for one, two in ((0, 1), (-1, -2)):
        if not np.array_equal(shapes[one], shapes[two]):
            raise InputError("the two outermost layers of cells differ in their sites; leads repeat the last")
    return layers


def at_each_momentum(
    hamiltonian: NambuMatrix, sample: Sample
) -> Iterator[tuple[float, scipy.sparse.csr_array]]:
    """H at the momenta across the leads, with their weights; k and −k both, which leads tell apart."""
    momenta = hamiltonian.momenta
    if isinstance(momenta, BlochMomenta):
        momenta = replace(momenta, momenta=sample.momenta, is_paired=False)
    whole = replace(hamiltonian, momenta=momenta)
    for n in range(len(momenta)):
        yield momenta[n].weight, scipy.sparse.csr_array(whole.sparse(n))

"""Matrices as generators of a motion: e^{−iHt} on the orbitals, each at its own momentum."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.dynamics.orbitals import Orbitals
from bdg.kernels.evolution import evolve_columns, evolve_each
from bdg.nambu import BlochMomenta, NambuMatrix, SparsityPattern
from bdg.resources import default_threads

WIDTH = 16
"""Columns that the kernel works on at a time."""

ALONE = 1 << 18
"""Numbers below which a block of vectors is not worth a second thread."""


def combined(first: NambuMatrix, one: float, second: NambuMatrix, two: float) -> NambuMatrix:
    """The matrix ``one``·H + ``two``·H′ of two matrices of one sample."""

    def sum_of(a: Numbers, b: Numbers) -> Numbers:
        return one * a + two * b

    if not isinstance(first.momenta, BlochMomenta):
        values = sum_of(first.momenta[0].values, second.momenta[0].values)
        return replace(first, momenta=(replace(first.momenta[0], values=values),))
    assert isinstance(second.momenta, BlochMomenta)
    links = tuple(
        replace(a, blocks=sum_of(a.blocks, b.blocks))
        for a, b in zip(first.momenta.links, second.momenta.links, strict=True)
    )
    inside = sum_of(first.momenta.inside, second.momenta.inside)
    return replace(first, momenta=replace(first.momenta, inside=inside, links=links))


@dataclass(frozen=True)
class Entries:
    """Where a block matrix has its entries, row by row.

    Parameters
    ----------
    order
        Places of the entries in the flattened blocks ``(n_blocks, dofs, dofs)``, shape ``(n_entries,)``.
    rows, columns
        Of each, ascending rows.
    n_rows
        Number of rows.
    """

    order: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    n_rows: int

    @classmethod
    def of(cls, sparsity: SparsityPattern, dofs: int) -> Entries:
        """Those of blocks on a pattern."""
        inner = np.arange(dofs)
        shape = (sparsity.n_blocks, dofs, dofs)
        rows = np.broadcast_to(sparsity.rows[:, None, None] * dofs + inner[:, None], shape).ravel()
        columns = np.broadcast_to(
            sparsity.indices.astype(np.int64)[:, None, None] * dofs + inner, shape
        ).ravel()
        order = np.lexsort((columns, rows))
        return cls(order, rows[order], columns[order], dofs * sparsity.n_sites)

    def chosen(self, kept: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """``indptr`` and ``indices`` of some of the entries."""
        counts = np.bincount(self.rows[kept], minlength=self.n_rows)
        return np.concatenate([[0], np.cumsum(counts)]), self.columns[kept]


def evolved(
    orbitals: Orbitals, matrix: NambuMatrix, entries: Entries, time: float, tolerance: float
) -> Orbitals:
    """The orbitals after e^{−iHt}, unitary to the tolerance.

    Parameters
    ----------
    orbitals
        What moves.
    matrix, entries
        H, which does not change meanwhile, and where it has entries.
    time
        t, of either sign, in ħ/t.
    tolerance
        The largest error of a vector.
    """
    sizes = _sizes(matrix)[entries.order]
    kept = sizes != 0
    if not kept.any() or time == 0:
        return orbitals
    indptr, indices = entries.chosen(kept)
    radius = float(np.bincount(entries.rows[kept], sizes[kept]).max())
    coefficients = _coefficients(radius * time, tolerance)
    values = _values(matrix, orbitals, entries.order[kept])
    real = np.ascontiguousarray(values.real)
    imag = np.ascontiguousarray(values.imag) if np.iscomplexobj(values) else np.zeros((0,) * values.ndim)
    kernel: Any = evolve_columns if values.ndim == 1 else evolve_each
    vectors = orbitals.vectors.copy()

    def work_on(first: int, last: int) -> None:
        work = np.empty((6, entries.n_rows, WIDTH))
        kernel(indptr, indices, real, imag, vectors, coefficients, 1.0 / radius, first, last, work)

    _in_threads(work_on, orbitals.n_orbitals, vectors.size)
    return orbitals.moved(vectors)


def _in_threads(work_on: Any, n_columns: int, size: int) -> None:
    """Divide columns among threads; a result does not depend on their number."""
    threads = min(default_threads(), -(-n_columns // WIDTH)) if size > ALONE else 1
    if threads == 1:
        work_on(0, n_columns)
        return
    bounds = [WIDTH * (n_columns * n // (threads * WIDTH)) for n in range(threads)] + [n_columns]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work_on, bounds[:-1], bounds[1:]))


def _coefficients(angle: float, tolerance: float) -> NDArray[np.float64]:
    """(2 − δ_k0) (−1)^{k//2} J_k(Rt), up to where the rest is below the tolerance."""
    import scipy.special  # slow to import, and rarely needed

    size = abs(angle)
    k = np.arange(int(1.5 * size) + 40)
    bessel = scipy.special.jv(k, angle)
    last = int(np.flatnonzero(np.abs(bessel) > 0.1 * tolerance)[-1]) + 1
    found: NDArray[np.float64] = (np.where(k == 0, 1.0, 2.0) * (-1.0) ** (k // 2) * bessel)[: last + 1]
    return found


def _sizes(matrix: NambuMatrix) -> NDArray[np.float64]:
    """Bound on each entry at every momentum, flat."""
    momenta = matrix.momenta
    sizes = momenta.sizes() if isinstance(momenta, BlochMomenta) else np.abs(momenta[0].values)
    flat: NDArray[np.float64] = sizes.ravel()
    return flat


def _values(matrix: NambuMatrix, orbitals: Orbitals, places: NDArray[np.int64]) -> Numbers:
    """Values of some entries: ``(n,)``, or ``(n, n_orbitals)`` of a matrix that depends on the momentum."""
    momenta = matrix.momenta
    if not isinstance(momenta, BlochMomenta):
        values: Numbers = momenta[0].values.ravel()[places]
        return values
    flat = momenta.inside.ravel()[places].astype(np.complex128)
    linked = [link for link in momenta.links if link.blocks.any()]
    if not linked:
        return flat
    whole = np.repeat(flat[:, None], orbitals.n_orbitals, axis=1)
    for link in linked:
        blocks = np.zeros(momenta.inside.shape, link.blocks.dtype)
        blocks[link.slots] = link.blocks
        own = blocks.ravel()[places]
        for entry in np.flatnonzero(own):
            whole[entry] += own[entry] * orbitals.phase(-link.crossing)
    return whole if whole.imag.any() else np.ascontiguousarray(whole.real)

"""A tip that sees the vacuum tails of Wannier functions, whose waves interfere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise, product
from typing import Any

import numpy as np

from bdg.arrays import Array, Complexes, Floats, Indices
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.observables.blocks import in_blocks
from bdg.observables.loops import Numbers
from bdg.observables.spectra.ldos import by_blocks
from bdg.observables.state import State
from bdg.observables.tunnelling.parameters import TailTable, Tip
from bdg.observables.tunnelling.places import near_sites
from bdg.solvers import Pattern
from bdg.solvers.contract import Greens

SAME = 1e-3
"""Distance, in a, within which a place of the table is that of a site."""

MOST = 200_000
"""Pairs of sites between which Green's functions are wanted, at most."""


@dataclass(frozen=True, eq=False)
class Waves:
    """The amplitudes ψ_i(R) of sites at the tip: c_R = Σ_i ψ_i(R) c_i.

    Parameters
    ----------
    tips, sites
        Place of the tip, an index of those it stands over, and the site, shape ``(n_entries,)``.
    images
        Sample lengths by which the site is repeated, shape ``(n_entries, n_directions)``.
    amplitudes
        ψ_i(R), shape ``(n_entries,)``.
    count
        How many places the tip has.
    """

    tips: Indices
    sites: Indices
    images: Indices
    amplitudes: Array
    count: int

    @classmethod
    def of(cls, sample: Sample, tip: Tip, over: Indices) -> Waves:
        """The sites whose tails reach a tip over some of them.

        Raises
        ------
        InputError
            If the table can't be read, or one of its places is that of no site.
        """
        table = _table(tip)
        orbitals, offsets, amplitudes = table[:, 0].real, table[:, 1:3].real, table[:, 3]
        if (orbitals != np.round(orbitals)).any() or not np.isin(
            orbitals, range(sample.cell.n_orbitals)
        ).all():
            raise InputError(
                f"a cell has the orbitals 0 to {sample.cell.n_orbitals - 1}; correct the table of tails"
            )
        radius = float(np.linalg.norm(offsets, axis=1).max()) + SAME
        rows, columns, apart, images = near_sites(sample, over, radius)
        flat: Floats = np.zeros((len(apart), 2))
        flat[:, : min(2, apart.shape[1])] = apart[:, :2]
        found = []
        for orbital, offset, amplitude in zip(orbitals, offsets, amplitudes, strict=True):
            at = (sample.orbitals[columns] == orbital) & (np.linalg.norm(flat + offset, axis=1) < SAME)
            if not at.any():
                x, y = offset
                raise InputError(
                    f"no orbital {int(orbital)} is at [{-x:g}, {-y:g}] from a site that the tip stands over;"
                    " places are those of the tip from the orbital, in a"
                )
            found.append((rows[at], columns[at], images[at], np.full(int(at.sum()), amplitude)))
        tips, sites, cells, values = (np.concatenate(part) for part in zip(*found, strict=True))
        return cls(tips, sites, cells, values, len(over))

    def weights(self, sample: Sample) -> Any:
        """Sum of |ψ_i(R)|² of each site, a sparse matrix ``(n_over, n_sites)``: without interference."""
        from scipy.sparse import csr_array  # slow to import, rarely needed

        where = (self.tips, self.sites)
        return csr_array((np.abs(self.amplitudes) ** 2, where), shape=(self.count, sample.n_sites))

    def pairs(self, sample: Sample) -> tuple[Pattern, Any]:
        """Which G_ij are wanted, and ψ_i ψ*_j of each place and pair, a sparse matrix.

        Raises
        ------
        InputError
            If there are more than :data:`MOST`.
        """
        from scipy.sparse import csr_array

        order = np.argsort(self.tips, kind="stable")
        starts = np.searchsorted(self.tips[order], np.arange(self.count + 1))
        own = [order[a:b] for a, b in pairwise(starts)]
        first = np.concatenate([np.repeat(one, len(one)) for one in own])
        second = np.concatenate([np.tile(one, len(one)) for one in own])
        infinite = np.array([ends.is_infinite for ends in sample.boundary])
        crossing = (self.images[first] - self.images[second]) * infinite
        keys = np.column_stack([self.sites[first], self.sites[second], crossing])
        unique, index = np.unique(keys, axis=0, return_inverse=True)
        if len(unique) > MOST:
            raise InputError(
                f"the tails of {len(self.sites)} sites make {len(unique)} pairs, more than {MOST}; give fewer"
                " sites, or a shorter table"
            )
        values = self.amplitudes[first] * np.conj(self.amplitudes[second])
        shape = (self.count, len(unique))
        sums = csr_array((values, (self.tips[first], index.ravel())), shape=shape)
        crossings = unique[:, 2:].astype(np.int16) if infinite.any() else None
        return Pattern(unique[:, 0].astype(np.int32), unique[:, 1].astype(np.int32), crossings), sums


def interfering_ldos(
    state: State, energies: Floats, broadening: Floats, waves: Waves
) -> tuple[Floats, Floats, float]:
    """N_σ(R, ω) = −(1/π) Im Σ_ij ψ_i G_ij ψ*_j along z, the spin part, and an error; places last.

    Holes, c†_R = Σ ψ*_i c†_i, have the conjugate amplitudes.

    Raises
    ------
    InputError
        If there are phases that depend on a gauge, or too many pairs.
    """
    _require_no_gauge(state)
    dofs, symmetry = state.hamiltonian.dofs, state.hamiltonian.symmetry
    pattern, sums = waves.pairs(state.model.sample)
    largest = float(np.abs(sums).sum(axis=1).max())
    z: Complexes = np.asarray(energies + 1j * broadening, np.complex128)

    def greens(part: Complexes) -> Greens:
        found = state.solver.greens(state.hamiltonian, part, pattern, tolerance=state.tolerance)
        blocks: Complexes = np.zeros((len(part), waves.count, dofs, dofs), complex)
        for a, b in product(range(dofs), repeat=2):
            if (a < dofs // 2) == (b < dofs // 2):  # of electrons, and of holes
                own = sums if a < dofs // 2 else sums.conj()
                blocks[:, :, a, b] = (own @ found.blocks[:, :, a, b].T).T
        return Greens(blocks, found.error * largest)

    holes_apart = dofs == 2 and symmetry != "singlet"
    compute = partial(_part, greens, z, holes_apart)
    key = ("waves", broadening, pattern.rows, pattern.columns, sums.data, sums.indices, sums.indptr)
    found = in_blocks(state, key, energies, len(pattern), compute)
    by_spin, vector = (np.moveaxis(found[name], 0, 1) for name in ("by_spin", "vector"))
    return by_spin, vector, float(found["error"])


def _require_no_gauge(state: State) -> None:
    potential, ends = state.model.vector_potential, state.model.sample.boundary
    if (potential is not None and np.any(potential)) or any(one.twist_per_cell for one in ends):
        raise InputError(
            "with a vector potential or a twist the interference of tails depends on the gauge;"
            " write interference: false"
        )


def _part(greens: Any, z: Complexes, holes_apart: bool, part: slice) -> Numbers:
    return by_blocks(greens, z[part], holes_apart=holes_apart)


def _table(tip: Tip) -> Complexes:
    """Orbital, x, y and complex amplitude, a row each."""
    given = tip.tails
    if isinstance(given, TailTable):
        try:
            rows = np.loadtxt(given.file, ndmin=2)
        except (OSError, ValueError) as error:
            raise InputError(
                f"{given.file}: can't be read: {error}; give lines of orbital, x, y and amplitude"
            ) from None
        unit = given.unit
    else:
        rows, unit = np.array([(*row, 0.0)[:5] for row in given or ()], float), 1.0
    if rows.shape[1] not in (4, 5):
        raise InputError(
            f"a table of tails has 4 columns (orbital, x, y, amplitude) or 5, not {rows.shape[1]}"
        )
    if not np.isfinite(rows).all() or not rows[:, 3:].any():
        raise InputError("a table of tails has finite amplitudes, which are not all zero; correct it")
    imaginary = rows[:, 4] if rows.shape[1] == 5 else 0.0
    return np.column_stack([rows[:, 0], unit * rows[:, 1:3], rows[:, 3] + 1j * imaginary])

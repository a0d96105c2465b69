"""From a model to its Nambu matrix: the pattern and the hopping once, the on-site values at every refresh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.assembly import add_collinear_hopping, add_collinear_sites, block_pattern, block_slots
from bdg.lattice import Sample
from bdg.lattice.boundary import half_momentum_grid
from bdg.model import Fields, Model
from bdg.nambu.bloch import BlochMomenta, Link, Momentum
from bdg.nambu.matrix import NambuMatrix, Symmetry

Array = NDArray[np.float64] | NDArray[np.complex128]


class NambuAssembler:
    """Builds H from fields, in the spin-collinear Nambu space Ψ_i = (c_i↑, c†_i↓).

    The block of sites (i, j) is [[h_ij↑, Δ_ij], [Δ*_ji, −(h_ij↓)*]]. The pattern and the hopping blocks are
    made here, once; :meth:`matrix` adds what the fields change.

    Parameters
    ----------
    model
        The model; its sample decides the pattern.
    """

    def __init__(self, model: Model) -> None:
        sample, bonds = model.sample, model.sample.bonds
        self.model = model
        self._indptr, self._indices = block_pattern(sample.n_sites, bonds.source, bonds.target)
        sites = np.arange(sample.n_sites, dtype=np.int32)
        self._diagonal = block_slots(self._indptr, self._indices, sites, sites)
        forward = block_slots(self._indptr, self._indices, bonds.target, bonds.source)
        backward = block_slots(self._indptr, self._indices, bonds.source, bonds.target)
        amplitude = model.amplitude
        leaves = _crossing(sample).any(axis=1)
        self._hopping = np.zeros((len(self._indices), 2, 2), amplitude.dtype)
        add_collinear_hopping(self._hopping, forward[~leaves], backward[~leaves], amplitude[~leaves])
        self._links = _links(_crossing(sample)[leaves], forward[leaves], backward[leaves], amplitude[leaves])

    def matrix(self, fields: Fields) -> NambuMatrix:
        """H at the given fields, at every momentum of the sample; real where hopping and Δ are.

        Parameters
        ----------
        fields
            Order parameter, Hartree potentials and chemical potential; see :class:`bdg.model.Fields`.
        """
        sample = self.model.sample
        inside, symmetry = self._inside(fields)
        momenta: Sequence[Momentum] = (Momentum(1.0, np.zeros(sample.cell.n_directions), inside),)
        if sample.is_infinite:
            is_real = np.isrealobj(inside)  # as the links then are
            grid = half_momentum_grid(sample.boundary) if is_real else sample.momenta
            momenta = BlochMomenta(grid, inside, self._links, is_paired=is_real)
        return NambuMatrix(self._indptr, self._indices, sample.positions, 2, momenta, symmetry)

    def _inside(self, fields: Fields) -> tuple[Array, Symmetry]:
        """Blocks of the sites and of the bonds within the sample."""
        model = self.model
        values = self._hopping.astype(np.result_type(self._hopping, fields.delta), copy=True)
        level = model.onsite - fields.mu
        up = level + fields.hartree[0] - model.zeeman
        down = level + fields.hartree[1] + model.zeeman
        add_collinear_sites(values, self._diagonal, up, down, fields.delta)
        return values, "singlet" if np.array_equal(up, down) else "collinear"


def _crossing(sample: Sample) -> NDArray[np.int64]:
    """How many repetitions each bond passes, shape ``(n_bonds, n_directions)``; 0 along finite directions."""
    infinite = np.array([ends.is_infinite for ends in sample.boundary])
    crossing: NDArray[np.int64] = sample.bonds.crossing.astype(np.int64) * infinite
    return crossing


def _links(
    crossing: NDArray[np.int64], forward: NDArray[np.int64], backward: NDArray[np.int64], amplitude: Array
) -> tuple[Link, ...]:
    """The hopping between repetitions: of each bond, H(c) at its forward slot, H(−c) at the backward one."""
    both = np.concatenate([crossing, -crossing])
    slots = np.concatenate([forward, backward])
    hop = np.concatenate([amplitude, np.conj(amplitude)])
    links = []
    for c in np.unique(both, axis=0):
        chosen = np.flatnonzero((both == c).all(axis=1))
        places, entry = np.unique(slots[chosen], return_inverse=True)
        blocks: NDArray[Any] = np.zeros((len(places), 2, 2), amplitude.dtype)
        np.add.at(blocks[:, 0, 0], entry, hop[chosen])
        np.add.at(blocks[:, 1, 1], entry, -np.conj(hop[chosen]))
        links.append(Link(c.astype(np.int64), places, blocks))
    return tuple(links)

"""From a model to its Nambu matrix: the pattern and the hopping once, the on-site values at every refresh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.assembly import add_blocks, add_conjugate_blocks, block_pattern, block_slots
from bdg.lattice import Sample
from bdg.lattice.boundary import half_momentum_grid
from bdg.model import Fields, Model, spin_matrices
from bdg.nambu.bloch import BlochMomenta, Link, Momentum
from bdg.nambu.matrix import NambuMatrix, Symmetry
from bdg.nambu.spaces import nambu_blocks

Array = NDArray[np.float64] | NDArray[np.complex128]


class NambuAssembler:
    """Builds H from fields, in the smallest Nambu space that is exact for the model; see :mod:`.spaces`.

    The pattern and the hopping blocks are made here, once; :meth:`matrix` adds what the fields change.

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
        hops = model.spin_amplitude
        blocks = nambu_blocks(model.dofs, hops)
        self._spins_alike = np.array_equal(hops[:, 0, 0], hops[:, 1, 1])
        crossing = _crossing(sample)
        stays = slice(None) if not crossing.any() else ~crossing.any(axis=1)
        leaves = slice(0) if not crossing.any() else crossing.any(axis=1)
        self._hopping = np.zeros((len(self._indices), model.dofs, model.dofs), blocks.dtype)
        add_blocks(self._hopping, forward[stays], blocks[stays])
        add_conjugate_blocks(self._hopping, backward[stays], blocks[stays])
        self._links = _links(crossing[leaves], forward[leaves], backward[leaves], blocks[leaves])

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
            is_real = np.isrealobj(inside) and all(np.isrealobj(link.blocks) for link in self._links)
            grid = half_momentum_grid(sample.boundary) if is_real else sample.momenta
            momenta = BlochMomenta(grid, inside, self._links, is_paired=is_real)
        return NambuMatrix(self._indptr, self._indices, sample.positions, self.model.dofs, momenta, symmetry)

    def _inside(self, fields: Fields) -> tuple[Array, Symmetry]:
        """Blocks of the sites and of the bonds within the sample."""
        model = self.model
        h = site_matrices(model, fields)
        pairing: NDArray[Any] = np.zeros((len(h), 2, 2), fields.delta.dtype)
        pairing[:, 0, 1], pairing[:, 1, 0] = fields.delta, -fields.delta
        blocks = nambu_blocks(model.dofs, h, pairing)
        values = self._hopping.astype(np.result_type(self._hopping, blocks), copy=True)
        add_blocks(values, self._diagonal, blocks)
        if model.dofs == 4:
            return values, "general"
        alike = self._spins_alike and np.array_equal(h[:, 0, 0], h[:, 1, 1])
        return values, "singlet" if alike else "collinear"


def site_matrices(model: Model, fields: Fields) -> Array:
    """⟨iσ|h|iσ'⟩ = ε_i − μ + V_iσ − h_i·σ + x_i σ_+ + x*_i σ_−, bonds apart, shape ``(n_sites, 2, 2)``."""
    h = spin_matrices(model.onsite - fields.mu, -model.zeeman.T if model.zeeman.any() else None)
    h[:, 0, 0] += fields.hartree[0]
    h[:, 1, 1] += fields.hartree[1]
    if fields.exchange is not None:
        h = h.astype(np.result_type(h, fields.exchange))
        h[:, 0, 1] += fields.exchange
        h[:, 1, 0] += np.conj(fields.exchange)
    return h


def _crossing(sample: Sample) -> NDArray[np.int64]:
    """How many repetitions each bond passes, shape ``(n_bonds, n_directions)``; 0 along finite directions."""
    infinite = np.array([ends.is_infinite for ends in sample.boundary])
    crossing: NDArray[np.int64] = sample.bonds.crossing.astype(np.int64) * infinite
    return crossing


def _links(
    crossing: NDArray[np.int64], forward: NDArray[np.int64], backward: NDArray[np.int64], hops: Array
) -> tuple[Link, ...]:
    """The hopping between repetitions: of each bond, H(c) at its forward slot, H(−c) at the backward one."""
    both = np.concatenate([crossing, -crossing])
    slots = np.concatenate([forward, backward])
    hop = np.concatenate([hops, np.conj(hops.swapaxes(1, 2))])
    links = []
    for c in np.unique(both, axis=0):
        chosen = np.flatnonzero((both == c).all(axis=1))
        places, entry = np.unique(slots[chosen], return_inverse=True)
        blocks: NDArray[Any] = np.zeros((len(places), *hop.shape[1:]), hop.dtype)
        np.add.at(blocks, entry, hop[chosen])
        links.append(Link(c.astype(np.int64), places, blocks))
    return tuple(links)

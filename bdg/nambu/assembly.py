"""From a model to its Nambu matrix: the pattern and the hopping once, the on-site values at every refresh."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
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

    The pattern and the hopping blocks are made here, once (but where fields have a vector potential);
    :meth:`matrix` adds what the fields change.

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
        crossing = _crossing(sample)
        leaves = crossing.any(axis=1)
        self._stays = np.flatnonzero(~leaves) if leaves.any() else slice(None)
        self._leaves = np.flatnonzero(leaves)
        self._forward, self._backward = forward[self._stays], backward[self._stays]
        self._places = _link_places(crossing[leaves], forward[leaves], backward[leaves])
        self._set_hopping()

    def in_potential(self, vector_potential: NDArray[np.float64]) -> NambuAssembler:
        """The assembler of the model with other line integrals A_ij on its bonds; the pattern is kept."""
        other = copy(self)
        other.model = self.model.in_potential(vector_potential)
        other._set_hopping()
        return other

    def _set_hopping(self) -> None:
        """The blocks of the hopping, Peierls phases included."""
        hops = self.model.spin_amplitude
        blocks = nambu_blocks(self.model.dofs, hops)
        self._spins_alike = np.array_equal(hops[:, 0, 0], hops[:, 1, 1])
        self._hopping = np.zeros((len(self._indices), self.model.dofs, self.model.dofs), blocks.dtype)
        self._add_bonds(self._hopping, blocks)
        self._leaving_hops = blocks[self._leaves]
        self._links = _links(self._places, self._leaving_hops)

    def matrix(self, fields: Fields) -> NambuMatrix:
        """H at the given fields, at every momentum of the sample; real where hopping and Δ are.

        Parameters
        ----------
        fields
            Order parameter, Hartree potentials and chemical potential; see :class:`bdg.model.Fields`.
        """
        sample = self.model.sample
        if fields.vector_potential is not None:
            self.model = self.model.at(fields)
            self._set_hopping()
        on_bonds = self._field_blocks(fields)
        inside, symmetry = self._inside(fields, on_bonds)
        links = self._links
        if on_bonds is not None and len(self._leaves):
            links = _links(self._places, self._leaving_hops + on_bonds[self._leaves])
        momenta: Sequence[Momentum] = (Momentum(1.0, np.zeros(sample.cell.n_directions), inside),)
        if sample.is_infinite:
            is_real = np.isrealobj(inside) and all(np.isrealobj(link.blocks) for link in links)
            grid = half_momentum_grid(sample.boundary) if is_real else sample.momenta
            momenta = BlochMomenta(grid, inside, links, is_paired=is_real)
        return NambuMatrix(self._indptr, self._indices, sample.positions, self.model.dofs, momenta, symmetry)

    def _add_bonds(self, values: NDArray[Any], blocks: Array) -> None:
        """Add the blocks of the bonds within the sample, both ways."""
        add_blocks(values, self._forward, blocks[self._stays])
        add_conjugate_blocks(values, self._backward, blocks[self._stays])

    def _field_blocks(self, fields: Fields) -> Array | None:
        """Blocks (target, source) of what the fields put on bonds; ``None`` for nothing.

        D_ts = −D_stᵀ: pairs are antisymmetric.
        """
        if fields.bond_delta is None and fields.fock is None:
            return None
        fock: Array = np.zeros((self.model.sample.n_bonds, 2, 2)) if fields.fock is None else fields.fock
        pairs = None if fields.bond_delta is None else -fields.bond_delta.swapaxes(1, 2)
        return nambu_blocks(self.model.dofs, fock, pairs)

    def _inside(self, fields: Fields, on_bonds: Array | None) -> tuple[Array, Symmetry]:
        """Blocks of the sites and of the bonds within the sample."""
        model = self.model
        h = site_matrices(model, fields)
        pairing: NDArray[Any] = np.zeros((len(h), 2, 2), fields.delta.dtype)
        pairing[:, 0, 1], pairing[:, 1, 0] = fields.delta, -fields.delta
        blocks = nambu_blocks(model.dofs, h, pairing)
        kind = np.result_type(self._hopping, blocks, blocks if on_bonds is None else on_bonds)
        values = self._hopping.astype(kind, copy=True)
        add_blocks(values, self._diagonal, blocks)
        if on_bonds is not None:
            self._add_bonds(values, on_bonds)
        if model.dofs == 4:
            return values, "general"
        alike = self._spins_alike and np.array_equal(h[:, 0, 0], h[:, 1, 1]) and _is_singlet(fields)
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


def _is_singlet(fields: Fields) -> bool:
    """Whether the fields on bonds are the same for both spins: pairs in singlets, one Fock field."""
    pairs, fock = fields.bond_delta, fields.fock
    return (pairs is None or np.array_equal(pairs[:, 0, 1], -pairs[:, 1, 0])) and (
        fock is None or np.array_equal(fock[:, 0, 0], fock[:, 1, 1])
    )


def _crossing(sample: Sample) -> NDArray[np.int64]:
    """How many repetitions each bond passes, shape ``(n_bonds, n_directions)``; 0 along finite directions."""
    infinite = np.array([ends.is_infinite for ends in sample.boundary])
    crossing: NDArray[np.int64] = sample.bonds.crossing.astype(np.int64) * infinite
    return crossing


@dataclass(frozen=True)
class _LinkPlaces:
    """Where bonds that leave by a crossing go: bond ``chosen`` (past them all, conjugate) to ``entry``."""

    crossing: NDArray[np.int64]
    slots: NDArray[np.int64]
    chosen: NDArray[np.int64]
    entry: NDArray[np.int64]


def _link_places(
    crossing: NDArray[np.int64], forward: NDArray[np.int64], backward: NDArray[np.int64]
) -> tuple[_LinkPlaces, ...]:
    """Places of bonds between repetitions: of each, H(c) at its forward slot, H(−c) at the backward one."""
    both = np.concatenate([crossing, -crossing])
    slots = np.concatenate([forward, backward])
    found = []
    for c in np.unique(both, axis=0):
        chosen = np.flatnonzero((both == c).all(axis=1))
        places, entry = np.unique(slots[chosen], return_inverse=True)
        found.append(_LinkPlaces(c.astype(np.int64), places, chosen, entry))
    return tuple(found)


def _links(places: tuple[_LinkPlaces, ...], blocks: Array) -> tuple[Link, ...]:
    """The links of blocks (target, source) on the bonds that leave."""
    both = np.concatenate([blocks, np.conj(blocks.swapaxes(1, 2))])
    links = []
    for place in places:
        total: NDArray[Any] = np.zeros((len(place.slots), *both.shape[1:]), both.dtype)
        np.add.at(total, place.entry, both[place.chosen])
        links.append(Link(place.crossing, place.slots, total))
    return tuple(links)

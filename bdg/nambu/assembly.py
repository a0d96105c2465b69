"""From a model to its Nambu matrix: the pattern and the hopping once, the on-site values at every refresh."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.conventions import ELECTRON_CHARGE
from bdg.kernels.assembly import add_blocks, add_conjugate_blocks
from bdg.lattice import Sample
from bdg.lattice.boundary import half_momentum_grid
from bdg.model import Fields, Model, spin_matrices
from bdg.nambu.bloch import BlochMomenta, Link, Momentum
from bdg.nambu.matrix import NambuMatrix, Symmetry
from bdg.nambu.spaces import nambu_blocks
from bdg.nambu.sparsity import SparsityPattern, sparsity_of


class NambuAssembler:
    """Builds H from fields, in the smallest Nambu space that is exact for the model; see :mod:`.spaces`.

    The pattern and the hopping blocks are made here, once (of fields with a vector potential the hopping is
    made anew); :meth:`matrix` adds what the fields change. Nothing of an assembler changes after it is made.

    Parameters
    ----------
    model
        The model; its sample decides the pattern.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._places = _places_on(model.sample)
        self._hopping = _hopping_of(model, self._places)

    @property
    def sparsity(self) -> SparsityPattern:
        """The pattern that all its matrices share."""
        return self._places.sparsity

    def in_potential(self, vector_potential: NDArray[np.float64]) -> NambuAssembler:
        """The assembler of the model with other line integrals A_ij on its bonds; the pattern is shared."""
        other = copy(self)
        other.model = self.model.in_potential(vector_potential)
        other._hopping = _hopping_of(other.model, self._places)
        return other

    def matrix(self, fields: Fields) -> NambuMatrix:
        """H at the given fields, at every momentum of the sample; real where hopping and Δ are.

        Parameters
        ----------
        fields
            Order parameter, Hartree potentials and chemical potential; see :class:`bdg.model.Fields`.
        """
        model, places = self.model.at(fields), self._places
        sample = model.sample
        hopping = self._hopping if model is self.model else _hopping_of(model, places)
        on_bonds = _field_blocks(model, fields)
        inside, symmetry = _inside(model, fields, places, hopping, on_bonds)
        links = hopping.links
        if on_bonds is not None and len(places.leaves):
            links = _links(places.links, hopping.leaving + on_bonds[places.leaves])
        momenta = _momenta(sample, inside, links)
        return NambuMatrix(places.sparsity, model.dofs, momenta, symmetry)

    def change(self, at: Fields, by: Fields) -> NambuMatrix:
        """δH, to first order in a change of the fields at given ones, μ and a vector potential included.

        It is real where the change is, whatever H is, and need not have the symmetry of H.
        """
        model, places = self.model.at(at), self._places
        h = spin_matrices(np.full(model.sample.n_sites, -by.mu))
        added = by.matrices(on_bonds=False, pairs=False)
        pairs = by.matrices(on_bonds=False, pairs=True)
        blocks = _real(nambu_blocks(model.dofs, h if added is None else h + added, pairs))
        on_bonds = _changed_bonds(model, by)
        kind = np.result_type(blocks, on_bonds)
        inside = np.zeros((places.sparsity.n_blocks, model.dofs, model.dofs), kind)
        add_blocks(inside, places.diagonal, blocks.astype(kind))
        places.add_bonds(inside, on_bonds.astype(kind))
        momenta = _momenta(model.sample, inside, _links(places.links, on_bonds[places.leaves]))
        return NambuMatrix(
            places.sparsity, model.dofs, momenta, "general" if model.dofs == 4 else "collinear"
        )


@dataclass(frozen=True)
class _Places:
    """Where sites and bonds of a sample stand in its pattern.

    ``diagonal``: the sites. ``stays``: which bonds end in the repetition they begin in; ``forward``,
    ``backward``: their (target, source) and (source, target). ``leaves``: the other bonds; ``links``: theirs.
    """

    sparsity: SparsityPattern
    diagonal: NDArray[np.int64]
    stays: NDArray[np.intp] | slice
    forward: NDArray[np.int64]
    backward: NDArray[np.int64]
    leaves: NDArray[np.intp]
    links: tuple[_LinkPlaces, ...]

    def add_bonds(self, values: NDArray[Any], blocks: Numbers) -> None:
        """Add the blocks (target, source) of the bonds within the sample, both ways."""
        add_blocks(values, self.forward, blocks[self.stays])
        add_conjugate_blocks(values, self.backward, blocks[self.stays])


def _places_on(sample: Sample) -> _Places:
    sparsity, bonds = sparsity_of(sample), sample.bonds
    sites = np.arange(sample.n_sites, dtype=np.int32)
    forward, backward = sparsity.slots(bonds.target, bonds.source), sparsity.slots(bonds.source, bonds.target)
    crossing = _crossing(sample)
    leaves = crossing.any(axis=1)
    stays = np.flatnonzero(~leaves) if leaves.any() else slice(None)
    links = _link_places(crossing[leaves], forward[leaves], backward[leaves])
    diagonal = sparsity.slots(sites, sites)
    return _Places(sparsity, diagonal, stays, forward[stays], backward[stays], np.flatnonzero(leaves), links)


@dataclass(frozen=True)
class _Hopping:
    """The blocks of the hopping, Peierls phases included: within the sample, and of bonds that leave."""

    inside: Numbers
    leaving: Numbers
    links: tuple[Link, ...]
    is_same_for_both_spins: bool


def _hopping_of(model: Model, places: _Places) -> _Hopping:
    hops = model.spin_amplitude
    blocks = nambu_blocks(model.dofs, hops)
    inside: NDArray[Any] = np.zeros((places.sparsity.n_blocks, model.dofs, model.dofs), blocks.dtype)
    places.add_bonds(inside, blocks)
    leaving = blocks[places.leaves]
    same = np.array_equal(hops[:, 0, 0], hops[:, 1, 1])
    return _Hopping(inside, leaving, _links(places.links, leaving), same)


def _field_blocks(model: Model, fields: Fields) -> Numbers | None:
    """Blocks (target, source) of what the fields put on bonds; ``None`` for nothing."""
    hops, pairs = (fields.matrices(on_bonds=True, pairs=kind) for kind in (False, True))
    if hops is None and pairs is None:
        return None
    return nambu_blocks(model.dofs, np.zeros((model.sample.n_bonds, 2, 2)) if hops is None else hops, pairs)


def _changed_bonds(model: Model, by: Fields) -> Numbers:
    """Blocks (target, source) of δH on bonds: of fields, and iq δA_ij ⟨t|h|s⟩ of a vector potential."""
    on_bonds, moved = _field_blocks(model, by), by.vector_potential
    if moved is not None and moved.any():
        turned = 1j * ELECTRON_CHARGE * moved[:, None, None] * model.spin_amplitude
        hops = nambu_blocks(model.dofs, turned)
        on_bonds = hops if on_bonds is None else hops + on_bonds
    if on_bonds is None:
        return np.zeros((model.sample.n_bonds, model.dofs, model.dofs))
    return _real(on_bonds)


def _real(blocks: Numbers) -> Numbers:
    """Blocks, real if they are."""
    return blocks if blocks.imag.any() else np.ascontiguousarray(blocks.real)


def _momenta(sample: Sample, inside: Numbers, links: tuple[Link, ...]) -> Sequence[Momentum]:
    """A matrix at the momenta of a sample; where it is real each stands for −k too."""
    if not sample.is_infinite:
        return (Momentum(1.0, np.zeros(sample.cell.n_directions), inside),)
    is_real = np.isrealobj(inside) and all(np.isrealobj(link.blocks) for link in links)
    grid = half_momentum_grid(sample.boundary) if is_real else sample.momenta
    return BlochMomenta(grid, inside, links, is_paired=is_real)


def _inside(
    model: Model, fields: Fields, places: _Places, hopping: _Hopping, on_bonds: Numbers | None
) -> tuple[Numbers, Symmetry]:
    """Blocks of the sites and of the bonds within the sample."""
    h = site_matrices(model, fields)
    blocks = nambu_blocks(model.dofs, h, fields.matrices(on_bonds=False, pairs=True))
    kind = np.result_type(hopping.inside, blocks, blocks if on_bonds is None else on_bonds)
    values = hopping.inside.astype(kind, copy=True)
    add_blocks(values, places.diagonal, blocks)
    if on_bonds is not None:
        places.add_bonds(values, on_bonds)
    if model.dofs == 4:
        return values, "general"
    alike = hopping.is_same_for_both_spins and np.array_equal(h[:, 0, 0], h[:, 1, 1]) and _is_singlet(fields)
    return values, "singlet" if alike else "collinear"


def site_matrices(model: Model, fields: Fields) -> Numbers:
    """⟨iσ|h|iσ'⟩ = ε_i − μ + V_iσ − h_i·σ + x_i σ_+ + x*_i σ_−, bonds apart, shape ``(n_sites, 2, 2)``."""
    h = spin_matrices(model.onsite - fields.mu, -model.zeeman.T if model.zeeman.any() else None)
    added = fields.matrices(on_bonds=False, pairs=False)
    return h if added is None else h + added


def _is_singlet(fields: Fields) -> bool:
    """Whether the fields on bonds are the same for both spins: pairs in singlets, one field that hops."""
    hops, pairs = (fields.matrices(on_bonds=True, pairs=kind) for kind in (False, True))
    return (pairs is None or np.array_equal(pairs[:, 0, 1], -pairs[:, 1, 0])) and (
        hops is None or np.array_equal(hops[:, 0, 0], hops[:, 1, 1])
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


def _links(places: tuple[_LinkPlaces, ...], blocks: Numbers) -> tuple[Link, ...]:
    """The links of blocks (target, source) on the bonds that leave."""
    both = np.concatenate([blocks, np.conj(blocks.swapaxes(1, 2))])
    links = []
    for place in places:
        total: NDArray[Any] = np.zeros((len(place.slots), *both.shape[1:]), both.dtype)
        np.add.at(total, place.entry, both[place.chosen])
        links.append(Link(place.crossing, place.slots, total))
    return tuple(links)

r"""Pairs on the bonds of a cut: their part of V, and the entries of f(H) that make them.

V has what hops across, whose phase is φ/2, and pairs across, which face two phases. In the gauge of
:mod:`bdg.leads.cut` both sides keep Δ as it is, and pairs on a bond midway between them are real where both
are: whoever knows what makes them says what they are at each φ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Complexes, Numbers
from bdg.lattice import Sample
from bdg.nambu.spaces import nambu_blocks


@dataclass(frozen=True)
class PairsAcross:
    """The bonds that cross, and where their blocks go.

    Parameters
    ----------
    bonds
        Every bond that crosses, shape ``(n_across,)``.
    joined
        Which of the pairs of sites that V joins each belongs to, shape ``(n_across,)``.
    places
        Source and target of each, as places among the sites of the cut; shape ``(2, n_across)``.
    factors
        e^{−ik·c} of each at every momentum, c the repetitions it passes; shape ``(n_momenta, n_across)``.
    n_sites, dofs
        Sites of the cut, and Nambu components of each.
    """

    bonds: NDArray[np.int64]
    joined: NDArray[np.int64]
    places: NDArray[np.int64]
    factors: NDArray[np.complex128]
    n_sites: int
    dofs: int

    def block(self, pairs: Numbers, momentum: int) -> Complexes:
        """The part of V that pairs Δ_{source σ, target σ'} make at a momentum, shape ``(n, n)``.

        ``pairs`` has the shape ``(n_across, 2, 2)``.
        """
        source, target = self.places
        blocks = nambu_blocks(self.dofs, np.zeros((len(pairs), 2, 2)), -pairs.swapaxes(1, 2))
        blocks = blocks * self.factors[momentum][:, None, None]
        whole: Complexes = np.zeros((self.n_sites, self.n_sites, self.dofs, self.dofs), complex)
        np.add.at(whole, (target, source), blocks)
        np.add.at(whole, (source, target), np.conj(blocks.swapaxes(1, 2)))
        size = self.n_sites * self.dofs
        return whole.transpose(0, 2, 1, 3).reshape(size, size)

    def entries(self, matrix: Complexes, momentum: int) -> Complexes:
        """What a matrix at a momentum adds to its blocks (target, source) on the bonds."""
        source, target = self.places
        blocks = matrix.reshape(self.n_sites, self.dofs, self.n_sites, self.dofs).transpose(0, 2, 1, 3)
        found: Complexes = blocks[target, source] * np.conj(self.factors[momentum])[:, None, None]
        return found


def pairs_across(
    sample: Sample, crossing: NDArray[np.float64], sites: NDArray[np.int64], dofs: int
) -> PairsAcross:
    """The bonds of a cut.

    Parameters
    ----------
    sample, crossing
        See :func:`bdg.leads.cut.open_cut`.
    sites
        The sites of the cut, ascending.
    dofs
        Nambu components of a site.
    """
    across = np.flatnonzero(crossing)
    ends = np.stack([sample.bonds.source[across], sample.bonds.target[across]])
    joined = np.unique(np.sort(ends, axis=0), axis=1, return_inverse=True)[1]
    infinite = np.array([each.is_infinite for each in sample.boundary])
    factors = np.exp(-1j * sample.momenta.k @ (sample.bonds.crossing[across] * infinite).T)
    places = np.searchsorted(sites, ends)
    return PairsAcross(across, joined.ravel(), places, factors, len(sites), dofs)

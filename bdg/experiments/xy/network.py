"""Couplings on bonds, and the sample they are of repeated along its directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.lattice import Sample
from bdg.scf.newton.phases import poisson


@dataclass(frozen=True, eq=False)
class Network:
    """Sites joined by couplings.

    Parameters
    ----------
    n_sites
        How many sites.
    bonds
        Both sites of each bond, shape ``(n_bonds, 2)``.
    couplings
        J, shape ``(n_bonds,)``.
    steps
        From the first site of a bond to the second, shape ``(n_bonds, dimension)``.
    area
        Of all, in a².
    """

    n_sites: int
    bonds: NDArray[np.int64]
    couplings: Floats
    steps: Floats
    area: float

    def neighbours(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """The bonds from each site to others: where they begin, ``(n_sites + 1,)``, where they lead, J."""
        apart = self.bonds[:, 0] != self.bonds[:, 1]
        ends = np.concatenate([self.bonds[apart], self.bonds[apart][:, ::-1]])
        order = np.argsort(ends[:, 0], kind="stable")
        first = np.searchsorted(ends[order, 0], np.arange(self.n_sites + 1)).astype(np.int64)
        values = np.tile(self.couplings[apart], 2)[order]
        return first, np.ascontiguousarray(ends[order, 1]), values


def repeated(sample: Sample, couplings: Floats, area: float, copies: int) -> Network:
    """A sample that many times along each of its directions, the last copies joined to the first.

    Parameters
    ----------
    sample, couplings
        The sample, and J of its bonds.
    area
        Of the sample.
    copies
        How many.
    """
    bonds, n_directions = sample.bonds, len(sample.size)
    grid = np.indices((copies,) * n_directions).reshape(n_directions, -1).T  # (n_copies, n_directions)
    beyond = (grid[:, None] + bonds.crossing) % copies
    there = np.ravel_multi_index(tuple(np.moveaxis(beyond, -1, 0)), (copies,) * n_directions)
    here = np.arange(len(grid))[:, None]
    ends = [here * sample.n_sites + bonds.source, there * sample.n_sites + bonds.target]
    return Network(
        len(grid) * sample.n_sites,
        np.stack([end.ravel() for end in ends], axis=1).astype(np.int64),
        np.tile(couplings, len(grid)),
        np.tile(bonds.displacement, (len(grid), 1)),
        area * len(grid),
    )


def stiffness(sample: Sample, couplings: Floats, area: float) -> float:
    """√det Υ of the couplings without fluctuations, in t: J of a uniform square lattice.

    As of conductors, Υ_ab = Σ_bonds J d_a (d_b − φ_b(target) + φ_b(source))/area with the potential φ_b that
    leaves no current in any site; couplings below 0 count as none.
    """
    positive, steps, bonds = np.maximum(couplings, 0.0), sample.bonds.displacement, sample.bonds
    solve = poisson(sample, positive, None)
    modulus = np.zeros((sample.dimension, sample.dimension))
    for axis in range(sample.dimension):
        flow, force = positive * steps[:, axis], np.zeros(sample.n_sites)
        np.add.at(force, bonds.target, flow)
        np.subtract.at(force, bonds.source, flow)
        turned = solve(force)
        left = steps[:, axis] - turned[bonds.target] + turned[bonds.source]
        modulus[axis] = (positive * left) @ steps / area
    return float(np.sqrt(max(np.linalg.det(modulus), 0.0)))

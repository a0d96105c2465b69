"""A sample cut into cores: boxes of sites of about one size, which together are all of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Indices
from bdg.nambu import SparsityPattern


@dataclass(frozen=True)
class Cores:
    """Boxes of sites.

    Parameters
    ----------
    owner
        The box of each site, shape ``(n_sites,)``, from 0 and none of them empty.
    """

    owner: NDArray[np.int32]

    @cached_property
    def count(self) -> int:
        """How many there are."""
        return int(self.owner.max()) + 1

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return np.cumsum(np.bincount(self.owner, minlength=self.count))

    @cached_property
    def _sites(self) -> Indices:
        return np.argsort(self.owner, kind="stable")

    def sites(self, core: int) -> Indices:
        """Those of a box, in ascending order."""
        end = self._ends[core]
        return self._sites[self._ends[core - 1] if core else 0 : end]

    def places(self, sites: NDArray[np.int32]) -> list[Indices]:
        """For each box the places in an array of sites where its own stand, in ascending order."""
        owners = self.owner[sites]
        order = np.argsort(owners, kind="stable")
        return np.split(order, np.cumsum(np.bincount(owners, minlength=self.count))[:-1])


def cut(sparsity: SparsityPattern, size: float) -> Cores:
    """Boxes of about ``size`` sites, as near to cubes as they go, in the order of their corners.

    Boxes of one direction are equally wide, so that on a lattice nearly all of them hold equal pieces.
    """
    positions = sparsity.positions
    low = np.array([axis.min() for axis in positions.T])
    extent = np.array([axis.max() for axis in positions.T]) - low
    wide = np.flatnonzero(extent > 1e-9)
    owner = np.zeros(len(positions), np.int64)
    if len(wide):
        spacing = _spacing(extent[wide], len(positions))
        for axis, boxes in zip(wide, _boxes(extent[wide] + spacing, len(positions) / size), strict=True):
            share = (positions[:, axis] - low[axis] + 0.25 * spacing) / (extent[axis] + spacing)
            owner = owner * boxes + np.minimum((share * boxes).astype(np.int64), boxes - 1)
    return Cores(np.unique(owner, return_inverse=True)[1].astype(np.int32))


def _spacing(extent: Floats, n_sites: int) -> float:
    """Edge of the cube that a site has for itself."""
    return float((np.prod(extent) / n_sites) ** (1.0 / len(extent)))


def _boxes(extent: Floats, count: float) -> list[int]:
    """Boxes along each direction, so that all of them are about ``count`` and cubes."""
    edge = float((np.prod(extent) / max(1.0, count)) ** (1.0 / len(extent)))
    return [max(1, round(float(each) / edge)) for each in extent]

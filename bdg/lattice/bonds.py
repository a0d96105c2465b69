"""The bonds of a sample."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bdg.lattice.kinds import BondKinds


@dataclass(frozen=True)
class Bonds:
    """Every bond of a sample once, oriented source → target.

    Parameters
    ----------
    source, target
        Site indices, shape ``(n_bonds,)``. In a direction one cell wide a bond may join a site to itself,
        in one two cells wide two different bonds join the same two sites.
    kind
        Row of ``kinds`` each bond is a translate of.
    crossing
        How many times the bond passes the end of each direction, shape ``(n_bonds, n_directions)``.
    kinds
        The bonds of one cell.
    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    kind: NDArray[np.int32]
    crossing: NDArray[np.int16]
    kinds: BondKinds

    def __len__(self) -> int:
        return len(self.source)

    @cached_property
    def displacement(self) -> NDArray[np.float64]:
        """r_target − r_source along the bond itself (not wrapped), shape ``(n_bonds, dimension)``."""
        return self.kinds.displacement[self.kind]

    @cached_property
    def shell(self) -> NDArray[np.int32]:
        """Neighbour shell of each bond, from 1; 0 between orbitals at one place."""
        return self.kinds.shell[self.kind]

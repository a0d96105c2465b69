"""What makes a vector potential: anything that knows its line integral along every bond."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample


class VectorPotential(ABC):
    """A source of vector potential; :func:`bdg.gauge.bond_vector_potential` takes one, or a list of them."""

    @abstractmethod
    def on_bonds(self, sample: Sample) -> NDArray[np.float64]:
        """Line integrals A_ij = ∫ A·dl of every bond source → target, shape ``(n_bonds,)``, in ħ/e."""


def require_plane(sample: Sample, what: str) -> None:
    """Refuse a flux where positions have one coordinate only.

    Raises
    ------
    InputError
        If they have.
    """
    if sample.dimension < 2:
        raise InputError(
            f"{what} needs a plane, and a {sample.cell.name} has none;"
            " the flux through a ring is a vector potential, or the twist of its boundary"
        )


def middle(sample: Sample) -> NDArray[np.float64]:
    """Middle of a sample, from which a gauge counts, shape ``(dimension,)``.

    Along an open direction it is halfway between the outermost sites, else that of the block of cells: a
    vacancy moves nothing, and a strip has its middle in itself, whatever it was cut from.
    """
    vectors, basis = sample.cell.vectors, sample.cell.basis.mean(axis=0)
    steps = (sample.positions - basis) @ np.linalg.pinv(vectors)
    halfway = 0.5 * (steps.min(axis=0) + steps.max(axis=0))
    is_periodic = np.array([ends.is_periodic for ends in sample.boundary], dtype=bool)
    place: NDArray[np.float64] = (
        basis + np.where(is_periodic, (np.array(sample.size) - 1) / 2, halfway) @ vectors
    )
    return place


def periods(sample: Sample) -> NDArray[np.float64]:
    """Vectors L_d from a sample to its next repetition, zero along open directions, in lattice constants.

    Shape ``(n_directions, dimension)``.
    """
    lengths = [n if ends.is_periodic else 0 for n, ends in zip(sample.size, sample.boundary, strict=True)]
    whole: NDArray[np.float64] = np.array(lengths, dtype=np.float64)[:, None] * sample.cell.vectors
    return whole

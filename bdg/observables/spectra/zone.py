"""A grid of momenta over the Brillouin zone of the lattice, and quantities on it."""

from __future__ import annotations

from itertools import product
from typing import Annotated

import numpy as np
from pydantic import Field

from bdg.arrays import Array, Floats
from bdg.lattice import Boundary, Sample
from bdg.observables.quantity import Quantity
from bdg.observables.spectra.plane_waves import PlaneWaves

MOMENTA = (
    "Momenta along each direction; none: those of the sample, a direction with open ends as many as cells."
)

ZoneMesh = Annotated[Annotated[int, Field(strict=True, ge=2, le=2000)] | None, MOMENTA]
"""How many momenta along each direction."""

AXES = ("k_first", "k_second", "k_third")
"""Axes of the grid: components along the reciprocal vectors of the lattice."""


class Zone:
    """Momenta from −½ on along each reciprocal vector; joined ends allow no others than their own."""

    def __init__(self, sample: Sample, mesh: int | None) -> None:
        along = [
            _along(sample, d, ends, n, mesh)
            for d, (ends, n) in enumerate(zip(sample.boundary, sample.size, strict=True))
        ]
        self.shape = tuple(len(one) for one in along)
        self.dims = AXES[: len(along)]
        self.waves = PlaneWaves(sample, np.array([*product(*along)]))
        self.axes = {
            dim: Quantity(one, (dim,), "1", f"k along the {dim[2:]} reciprocal vector")
            for dim, one in zip(self.dims, along, strict=True)
        }

    def on_grid(self, values: Array) -> Array:
        """Values whose last axis is all momenta, with an axis for each direction."""
        found: Array = values.reshape(*values.shape[:-1], *self.shape)
        return found


def _along(sample: Sample, direction: int, ends: Boundary, length: int, mesh: int | None) -> Floats:
    """Coordinates along one direction, in its reciprocal vector."""
    most = length * ends.n_k if ends.is_periodic else None
    count = (most or length) if mesh is None else mesh
    if most is not None and not ends.is_infinite:
        count = min(count, most)
    whole = (np.arange(count) - count // 2) / count
    if ends.is_infinite and mesh is None:
        return whole + (ends.shift / ends.n_k + ends.twist_per_cell / (2 * np.pi)) / length
    coordinates = np.zeros((count, len(sample.boundary)))
    coordinates[:, direction] = whole
    return PlaneWaves.near(sample, coordinates).coordinates[:, direction]

"""Wave vectors of a source: those that fit into a sample."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, Tag

from bdg.lattice import Sample
from bdg.observables.contract import Form, at
from bdg.parameters.base import LIST, Number
from bdg.parameters.problems import refuse

FITS = 1e-6
"""Part of 2π by which a wave may miss a whole number of periods."""


def _fitting(vectors: Any, sample: Sample) -> NDArray[np.float64] | None:
    """As an array, ``(n_wave_vectors, dimension)``; refused where a wave does not close."""
    if vectors is None:
        return None
    lengths = np.array(
        [
            vector * size
            for vector, size, ends in zip(sample.cell.vectors, sample.size, sample.boundary, strict=True)
            if ends.kind != "open"
        ]
    ).reshape(-1, sample.dimension)
    for index, vector in enumerate(vectors):
        with at(index):
            if len(vector) != sample.dimension:
                refuse(f"a wave vector has {sample.dimension} components here, not {len(vector)}")
            periods = lengths @ np.array(vector) / (2 * np.pi)
            if np.abs(periods - np.round(periods)).max(initial=0.0) > FITS:
                refuse(
                    f"a wave {[round(float(x), 6) for x in vector]} does not close in the sample",
                    hint="take 2π over its length times a whole number along every joined direction",
                )
    return np.array(vectors, dtype=np.float64)


_Vector = Annotated[tuple[Number, ...], Field(min_length=1, max_length=3), Tag(LIST)]

WaveVectors = Annotated[
    Any,
    Form(
        Annotated[tuple[_Vector, ...], Field(min_length=1), Tag(LIST)] | None,
        _fitting,
    ),
    "Wave vectors in 1/a, [[0, 0], [3.14159265, 0]]; each must fit into the sample.",
]
"""Wave vectors; the function receives an array, or ``None``."""

"""Sums over the neighbours that a bond joins a site to."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.lattice import Sample


def over_neighbours(sample: Sample, strength: Numbers, values: Numbers) -> Numbers:
    """Σ_j strength_ij values_j of every site, shape ``(n_sites,)``; strength_ts of bonds, strength_st its
    conjugate.
    """
    felt: NDArray[Any] = np.zeros(sample.n_sites, np.result_type(strength, values))
    source, target = sample.bonds.source, sample.bonds.target
    np.add.at(felt, source, np.conj(strength) * values[target])
    np.add.at(felt, target, strength * values[source])
    return felt


def between_sites(sample: Sample, strength: NDArray[np.float64]) -> scipy.sparse.csr_array:
    """The strengths of bonds as a symmetric matrix over sites."""
    bonds, n = sample.bonds, sample.n_sites
    ends = np.concatenate([bonds.source, bonds.target]), np.concatenate([bonds.target, bonds.source])
    return scipy.sparse.csr_array((np.tile(strength, 2), ends), shape=(n, n))

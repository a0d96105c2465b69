r"""The spectral localizer: a Chern number at a point, from the matrix of a small window about it alone.

Where position and energy are nearly sharp together, at r₀ and zero energy, the Hermitian matrix

    L = κ [(x − x₀) σ_x + (y − y₀) σ_y] + H σ_z

has no level near zero, and half its signature, the levels above zero less those below, is minus the Chern
number there (in the sign of :mod:`bdg.topology`). Far away the coordinates alone keep L from zero, so that
a window of a few coherence lengths is enough, however large the sample: Loring, Schulz-Baldes, J.
Noncommut. Geom. 14, 1 (2020).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse
from numpy.typing import NDArray


def localizer_index(
    h: NDArray[np.complex128], x: NDArray[np.float64], y: NDArray[np.float64], kappa: float
) -> tuple[int, float]:
    """−½ sig L of a window, and the smallest |level| of L in t: any change of H smaller than that leaves it.

    Parameters
    ----------
    h
        H of the window, dense, shape ``(n, n)``.
    x, y
        Coordinates of its rows from the middle, shape ``(n,)``.
    kappa
        κ in t/a.
    """
    off = kappa * np.diag(x - 1j * y)
    levels = np.linalg.eigvalsh(np.block([[h, off], [np.conj(off), -h]]))
    signature = np.count_nonzero(levels > 0) - np.count_nonzero(levels < 0)
    return -int(signature) // 2, float(np.abs(levels).min())


def window(
    matrix: scipy.sparse.csr_array, sites: NDArray[np.intp], dofs: int
) -> tuple[NDArray[np.complex128], NDArray[np.intp]]:
    """The dense matrix of some sites, and the site of each of its rows."""
    rows = (sites[:, None] * dofs + np.arange(dofs)).ravel()
    dense: NDArray[np.complex128] = matrix[rows][:, rows].toarray().astype(np.complex128)
    return dense, np.repeat(sites, dofs)

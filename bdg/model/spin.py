"""Two-by-two matrices in spin space."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers

HOPS = np.array(
    [[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, -1.0]], [[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0], [-1.0, 0.0]]]
)
"""Spin components of a Fock field, 1, σ_z, σ_x, iσ_y: the first for spins alike, two if σ_z is conserved."""


def spin_matrices(scalar: Numbers, vector: Numbers | None = None) -> Numbers:
    """scalar·1 + vector·σ, shape ``(n, 2, 2)``, index 0 up and 1 down; real where every entry is.

    Parameters
    ----------
    scalar
        Shape ``(n,)``.
    vector
        Coefficients of σ_x, σ_y, σ_z, shape ``(n, 3)``; ``None`` for zero.
    """
    n = len(scalar)
    if vector is None:
        plain: NDArray[Any] = np.zeros((n, 2, 2), scalar.dtype)
        plain[:, 0, 0] = plain[:, 1, 1] = scalar
        return plain
    x, y, z = vector.T
    kind = np.result_type(scalar, vector, np.complex128 if y.any() else np.float64)
    whole: NDArray[Any] = np.empty((n, 2, 2), kind)
    whole[:, 0, 0], whole[:, 1, 1] = scalar + z, scalar - z
    whole[:, 0, 1], whole[:, 1, 0] = (x - 1j * y, x + 1j * y) if y.any() else (x, x)
    if np.iscomplexobj(whole) and not whole.imag.any():
        return np.ascontiguousarray(whole.real)
    return whole

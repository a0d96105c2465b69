"""The surface of a semi-infinite lead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import NumericalError

Matrix = NDArray[np.complex128]

DOUBLINGS = 80
"""Slices that are decimated double each time: with Im z = 1e-10 some 45 times are enough."""


def surface_green(z: complex, slice_: Matrix, inward: Matrix, outward: Matrix) -> Matrix:
    """Green's function g = (z − h − α g β)⁻¹ of the last slice of a lead whose slices all are alike.

    By decimation, every second slice at a time (López Sancho et al., J. Phys. F 15, 851 (1985)).

    Parameters
    ----------
    z
        Energy, with a positive imaginary part.
    slice_, inward, outward
        h of a slice, α = ⟨n|H|n + 1⟩ to the next one deeper in the lead, β = α†; shape ``(n, n)``.

    Raises
    ------
    NumericalError
        If it does not converge.
    """
    surface, bulk = slice_.astype(complex), slice_.astype(complex)
    alpha, beta, one = inward.astype(complex), outward.astype(complex), np.eye(len(slice_))
    for _ in range(DOUBLINGS):
        inner = np.linalg.solve(z * one - bulk, np.hstack([alpha, beta]))
        to_alpha, to_beta = np.hsplit(inner, 2)
        surface = surface + alpha @ to_beta
        bulk = bulk + alpha @ to_beta + beta @ to_alpha
        alpha, beta = alpha @ to_alpha, beta @ to_beta
        if max(np.abs(alpha).max(), np.abs(beta).max()) < 1e-14:
            green: Matrix = np.linalg.inv(z * one - surface)
            return green
    raise NumericalError(f"the lead's surface was not found at z = {z:.6g}; give a larger imaginary part")

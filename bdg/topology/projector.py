"""Chern numbers without momenta, from the projector on the states below zero: Bott index, local marker."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def bott_index(occupied: NDArray[Any], fractions: NDArray[np.float64]) -> float:
    """The Bott index of a torus, in the sign of :mod:`bdg.topology`; it tends to the Chern number.

    U = V† e^{2πi s₁} V and likewise W, V the states below zero and s a site's coordinates as fractions of the
    torus, are all but unitary on a large torus and all but commute; B = (1/2π) Im tr ln(W U W† U†) is then an
    integer (Loring, Hastings, Europhys. Lett. 92, 67004 (2010)), with this order the Chern number.

    Parameters
    ----------
    occupied
        V, shape ``(dimension, n_occupied)``.
    fractions
        s₁ and s₂ of every row of V, shape ``(dimension, 2)``, s₂ counter-clockwise from s₁.
    """
    u, w = (np.conj(occupied.T) @ (np.exp(2j * np.pi * s)[:, None] * occupied) for s in fractions.T)
    values = np.linalg.eigvals(w @ u @ np.conj(w.T) @ np.conj(u.T))
    return float(np.angle(values).sum() / (2 * np.pi))


def local_chern_marker(
    occupied: NDArray[Any], differences: tuple[NDArray[np.float64], NDArray[np.float64]], dofs: int
) -> NDArray[np.float64]:
    """−4π Im Σ ⟨r|P x Q y P|r⟩ of every site, Q = 1 − P: per area it is the local Chern marker.

    Bianco, Resta, Phys. Rev. B 84, 241106 (2011). As P x Q = −P [x, P] and Q y P = [y, P] P, only
    differences of coordinates are wanted, and a torus has markers too.

    Parameters
    ----------
    occupied
        V, P = V V†, shape ``(dimension, n_occupied)``.
    differences
        x_i − x_j and y_i − y_j of every two sites, shape ``(n_sites, n_sites)``; of a torus the shortest
        ones.
    dofs
        Rows of V a site.
    """
    projector = occupied @ np.conj(occupied.T)
    n_sites = len(projector) // dofs

    def commutator(difference: NDArray[np.float64]) -> NDArray[Any]:
        blocks = projector.reshape(n_sites, dofs, n_sites, dofs) * difference[:, None, :, None]
        return np.asarray(blocks.reshape(projector.shape))

    left = projector @ commutator(differences[0])
    right = commutator(differences[1]) @ projector
    diagonal = np.einsum("ij,ji->i", left, right)
    return np.asarray(4 * np.pi * diagonal.imag.reshape(n_sites, dofs).sum(axis=1))

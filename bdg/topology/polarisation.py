"""How much a state is its own antiparticle, place by place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def conjugation(dofs: int) -> NDArray[np.float64]:
    """The matrix U of particle–hole conjugation C ψ = U ψ* on a site: τ_y σ_y, or τ_x without spin."""
    return np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0])) if dofs == 4 else np.array([[0.0, 1.0], [1.0, 0.0]])


def polarisation(states: NDArray[Any], dofs: int) -> NDArray[np.complex128]:
    """Majorana polarisation P_r = ⟨Cψ|r⟩⟨r|ψ⟩ = Σ_ab ψ_ra U_ab ψ_rb, shape ``(n_states, n_sites)``.

    |P_r| ≤ |ψ_r|², with equality where ψ_r is its own conjugate except for a phase, which is that of P_r:
    Sedlmayr, Bena, Phys. Rev. B 92, 115115 (2015).

    Parameters
    ----------
    states
        In columns, rows site by site, shape ``(dimension, n_states)``.
    dofs
        4; or 2 of a block that is its own conjugate.
    """
    by_site = states.reshape(-1, dofs, states.shape[1])
    found: NDArray[np.complex128] = np.einsum("ran,ab,rbn->nr", by_site, conjugation(dofs), by_site) + 0j
    return found


def localised(states: NDArray[Any], coordinate: NDArray[np.float64], dofs: int) -> NDArray[Any]:
    """Majorana states that span a space of zero modes, one behind the other along a coordinate.

    LAPACK gives any basis of levels that it cannot tell apart. With ψ and Cψ the space has a basis of states
    that are their own conjugates, Cγ = γ; in it the coordinate is a real symmetric matrix, whose
    eigenvectors lie as far apart as can be and keep Cγ = γ.

    Parameters
    ----------
    states
        In columns, an even number of them, closed under conjugation, shape ``(dimension, n_states)``.
    coordinate
        Of each site, shape ``(n_sites,)``.
    dofs
        4; or 2 of a block that is its own conjugate.
    """
    count = states.shape[1]
    by_site = np.conj(states).reshape(-1, dofs, count)
    conjugate = np.einsum("ab,rbn->ran", conjugation(dofs), by_site).reshape(states.shape)
    # Of ψ + Cψ and i(ψ − Cψ), twice as many as there can be, the real span holds just the space.
    own = np.concatenate([states + conjugate, 1j * (states - conjugate)], axis=1)
    real_overlap = np.real(np.conj(own.T) @ own)
    weights, combine = np.linalg.eigh(real_overlap)
    kept = combine[:, -count:] / np.sqrt(weights[-count:])
    majoranas = own @ kept
    return apart(majoranas, coordinate, dofs, is_real=True)


def apart(
    states: NDArray[Any], coordinate: NDArray[np.float64], dofs: int, *, is_real: bool = False
) -> NDArray[Any]:
    """The basis of a space of states in which a coordinate is diagonal: one state behind the other.

    Parameters
    ----------
    states
        In columns, orthonormal, shape ``(dimension, n_states)``.
    coordinate
        Of each site, shape ``(n_sites,)``.
    dofs
        Rows a site.
    is_real
        Whether only real combinations are allowed, which leave Majorana states such.
    """
    matrix = np.conj(states.T) @ (np.repeat(coordinate, dofs)[:, None] * states)
    found: NDArray[Any] = states @ np.linalg.eigh(matrix.real if is_real else matrix)[1]
    return found

r"""The modes of a lead at an energy: ψ_{n+1} = λ ψ_n from slice to slice, deeper and deeper.

With h of a slice, α = ⟨n|H|n + 1⟩ and β = α†, the pairs (ψ_n, ψ_{n+1}) of a mode solve the transfer pencil

    ⎛  0    1   ⎞ ⎛ ψ_n     ⎞       ⎛ 1  0 ⎞ ⎛ ψ_n     ⎞
    ⎝ −β  z − h ⎠ ⎝ ψ_{n+1} ⎠  =  λ ⎝ 0  α ⎠ ⎝ ψ_{n+1} ⎠,

whose generalised Schur form (QZ; Golub, Van Loan, Matrix Computations, 7.7) needs no inverse: α may be
singular, λ zero or infinite, and a slice may have a level at z. At real z the modes |λ| < 1 decay and those
|λ| = 1 propagate; their direction is the sign of the flux

    J = i (ψ_n† α ψ_{n+1} − ψ_{n+1}† β ψ_n),

which is the same from every slice to the next, positive into the lead.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray
from scipy.linalg import lapack

from bdg.arrays import Complexes
from bdg.errors import NumericalError

ON_CIRCLE = 1e-9
"""How far |λ| of a propagating mode may be from 1."""

OFF = 1e-12
"""A matrix element that is none."""

CONSISTENT = 1e-6
"""Largest flux of the wrong sign among normalised modes, and largest residual of the pencil."""


class Modes(NamedTuple):
    """Modes of a lead, in columns ψ_n above ψ_{n+1}.

    Parameters
    ----------
    outgoing
        A basis of all that decays or moves into the lead, shape ``(2n, n)``.
    incoming
        Propagating modes that come out of the lead, each with the flux −1, shape ``(2n, n_open)``.
    threshold
        How near the lead is to opening or closing a channel: the least |1 − |λ|| of what decays, and the
        least velocity of what propagates; infinite without either.
    residual
        Largest residual of the pencil, and of the fluxes that the modes must have.
    """

    outgoing: Complexes
    incoming: Complexes
    threshold: float
    residual: float


def modes_of(z: complex, slice_: Complexes, inward: Complexes) -> Modes:
    """The modes of a lead, those of slices that fall apart into blocks block by block.

    Parameters
    ----------
    z
        Energy: real, or in the upper half plane, where nothing propagates.
    slice_, inward
        h of a slice, and α to the next one deeper in the lead; shape ``(n, n)``.

    Raises
    ------
    NumericalError
        If the modes of the two directions cannot be told from each other.
    """
    size = len(slice_)
    h, alpha = (np.where(np.abs(part) > OFF, part, 0.0) for part in (slice_, inward))
    pattern = scipy.sparse.csr_array((h != 0) | (alpha != 0))
    n_blocks, label = scipy.sparse.csgraph.connected_components(pattern, directed=False)
    outgoing, incoming = np.zeros((2 * size, size), complex), [np.zeros((2 * size, 0), complex)]
    thresholds, residuals = [np.inf], [0.0]
    for block in range(n_blocks):
        own = np.flatnonzero(label == block)
        both, inner = np.concatenate([own, size + own]), np.ix_(own, own)
        try:
            found = _of_block(z, h[inner], alpha[inner])
        except np.linalg.LinAlgError as error:  # a flat band is there: every λ is a mode
            raise NumericalError(f"a lead has no definite modes at {z:.6g} t") from error
        outgoing[np.ix_(both, own)] = found.outgoing
        incoming.append(np.zeros((2 * size, found.incoming.shape[1]), complex))
        incoming[-1][both] = found.incoming
        thresholds.append(found.threshold)
        residuals.append(found.residual)
    return Modes(outgoing, np.hstack(incoming), min(thresholds), max(residuals))


def flux(one: Complexes, inward: Complexes, other: Complexes | None = None) -> Complexes:
    """J between modes, shape ``(n, m)``: positive what moves deeper into the lead."""
    n = len(inward)
    left, right = one, one if other is None else other
    onward = left[:n].conj().T @ inward @ right[n:]
    back = left[n:].conj().T @ inward.conj().T @ right[:n]
    found: Complexes = 1j * (onward - back)
    return found


def _of_block(z: complex, h: Complexes, alpha: Complexes) -> Modes:
    n, one = len(h), np.eye(len(h))
    lower = np.hstack([-alpha.conj().T, z * one - h])
    # Rows of very different size, such as those of a wall, would take the digits of the others.
    rows = 1.0 / np.maximum(np.abs(np.hstack([lower, alpha])).max(axis=1, keepdims=True), OFF)
    a = np.vstack([np.hstack([np.zeros((n, n)), one]), rows * lower]).astype(complex)
    b = scipy.linalg.block_diag(one, rows * alpha).astype(complex)
    schur = scipy.linalg.qz(a, b, output="complex")
    size = _moduli(schur[0], schur[1])
    decays = size < 1 - ON_CIRCLE if z.imag == 0 else size < 1
    circle = ~decays & (size < 1 + ON_CIRCLE) if z.imag == 0 else np.zeros(2 * n, dtype=bool)
    inside, off_inside = _decaying(schur, decays, a, b)
    forth, back, off_circle = _propagating(schur, circle, a, b, alpha)
    if inside.shape[1] + forth.shape[1] != n or forth.shape[1] != back.shape[1]:
        raise NumericalError(f"the modes of a lead at {z:.6g} t are not half outgoing, half incoming")
    residual = max(off_inside, off_circle)
    if z.imag == 0:
        residual = max(residual, _mixing(inside, forth, back, alpha))
    if not residual < CONSISTENT:
        raise NumericalError(f"the modes of a lead at {z:.6g} t cannot be told from each other")
    velocities = [1.0 / np.linalg.norm(mode[:n]) ** 2 for mode in (*forth.T, *back.T)]
    outgoing = np.hstack([inside, forth / np.linalg.norm(forth, axis=0)])
    return Modes(outgoing, back, min([np.inf, *velocities, *np.abs(1 - size[~circle])]), residual)


def _moduli(a: Complexes, b: Complexes) -> NDArray[np.float64]:
    """|λ| of the eigenvalues of a pencil in Schur form."""
    top, bottom = np.abs(a.diagonal()), np.abs(b.diagonal())
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.float64] = np.where(bottom > 0, top / bottom, np.inf)
    return found


def _leading(schur: tuple[Complexes, ...], chosen: NDArray[np.bool_]) -> tuple[Complexes, ...]:
    """The Schur form with the chosen eigenvalues first."""
    if chosen.all() or not chosen.any():
        return schur
    a, b, _, _, q, z, *_, info = lapack.ztgsen(chosen, *schur, ijob=0, lwork=1, liwork=1)
    if info:
        raise NumericalError("the modes of a lead are too close to each other to be put in order")
    return a, b, q, z


def _decaying(
    schur: tuple[Complexes, ...], decays: NDArray[np.bool_], a: Complexes, b: Complexes
) -> tuple[Complexes, float]:
    """An orthonormal basis of the modes |λ| < 1, and its residual."""
    count = int(np.count_nonzero(decays))
    upper, lower, q, z = _leading(schur, decays)
    left, states = q[:, :count], z[:, :count]
    off = [m @ states - left @ t[:count, :count] for m, t in ((a, upper), (b, lower))]
    return states, max(float(np.abs(part).max(initial=0.0)) for part in off)


def _propagating(
    schur: tuple[Complexes, ...], circle: NDArray[np.bool_], a: Complexes, b: Complexes, alpha: Complexes
) -> tuple[Complexes, Complexes, float]:
    """The modes |λ| = 1 into the lead and out of it, with the flux ±1, and their largest residual."""
    count = int(np.count_nonzero(circle))
    if not count:
        empty = np.zeros((len(circle), 0), complex)
        return empty, empty, 0.0
    upper, lower, _, z = _leading(schur, circle)
    upper, lower = np.triu(upper[:count, :count]), np.triu(lower[:count, :count])
    factors, vectors = np.linalg.eig(scipy.linalg.solve_triangular(lower, upper))
    states: Complexes = z[:, :count] @ vectors
    off = float(np.abs(a @ states - (b @ states) * factors).max() / np.abs(states).max())
    along = np.real(np.sum(states.conj() * _conjugate(states, alpha), axis=0))
    parts = []
    for sign in (1, -1):
        own = states[:, sign * along > 0]
        values, rotation = np.linalg.eigh(sign * flux(own, alpha))
        if not (values > 0).all():
            raise NumericalError("modes of a lead that are degenerate move in both directions")
        parts.append(own @ rotation / np.sqrt(values))
    return parts[0], parts[1], off


def _conjugate(states: Complexes, alpha: Complexes) -> Complexes:
    """What the flux is the overlap of states with."""
    n = len(alpha)
    found: Complexes = np.vstack([1j * alpha @ states[n:], -1j * alpha.conj().T @ states[:n]])
    return found


def _mixing(inside: Complexes, forth: Complexes, back: Complexes, alpha: Complexes) -> float:
    """By how much the flux is not 0 of what decays, ±1 of what propagates, and 0 between any two modes."""
    states = np.hstack([inside, forth, back])
    wanted = np.repeat([0.0, 1.0, -1.0], [part.shape[1] for part in (inside, forth, back)])
    return float(np.abs(flux(states, alpha) - np.diag(wanted)).max(initial=0.0))

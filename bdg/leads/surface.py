"""The surface of a semi-infinite lead."""

from __future__ import annotations

import numpy as np

from bdg.arrays import Complexes
from bdg.errors import NumericalError
from bdg.leads.modes import modes_of

DOUBLINGS = 80
"""Slices that are decimated double each time: with Im z = 1e-10 some 45 times are enough."""

BESIDE = 1e-9
"""Imaginary part of an energy whose modes have no limit on the axis that can be told, in t."""

HUGE = 1e100
"""What joins slices does not grow to this if decimation converges."""

EXACT = 1e-11
"""Residual that decimation may leave; its rounding errors grow near the levels of a slice."""

FOUND = 1e-6
"""Residual beyond which the surface is not found."""


def surface_green(z: complex, slice_: Complexes, inward: Complexes, outward: Complexes) -> Complexes:
    """Green's function g = (z − h − α g β)⁻¹ of the last slice of a lead whose slices all are alike.

    By decimation, every second slice at a time (López Sancho et al., J. Phys. F 15, 851 (1985)), which takes
    few steps off the real axis or in a gap. It inverts z − h, and where a slice has a level near z, or there
    are propagating modes, g is made of the modes of the lead, :mod:`bdg.leads.modes`. Of all solutions of
    its equation g is the one that absorbs, i(g − g†) ≥ 0.

    Parameters
    ----------
    z
        Energy: in the upper half plane, or real, for the limit from there.
    slice_, inward, outward
        h of a slice, α = ⟨n|H|n + 1⟩ to the next one deeper in the lead, β = α†; shape ``(n, n)``.

    Raises
    ------
    NumericalError
        If g does not solve its equation.
    """
    h, alpha, beta = (np.asarray(part, dtype=complex) for part in (slice_, inward, outward))
    best, off = np.zeros_like(h), np.inf
    for method in (_decimated, _from_modes):
        found = method(complex(z), h, alpha, beta)
        missed = np.inf if found is None else residual(z, h, alpha, beta, found)
        if found is not None and missed < off:
            best, off = found, missed
        if off < EXACT:
            break
    if not off < FOUND:
        raise NumericalError(f"the lead's surface was not found at z = {z:.6g}; move the energy")
    return best


def residual(z: complex, slice_: Complexes, alpha: Complexes, beta: Complexes, green: Complexes) -> float:
    """How far g is from solving its equation and from absorbing, over |g| or 1, if that is more."""
    left = (z * np.eye(len(slice_)) - slice_ - alpha @ green @ beta) @ green - np.eye(len(slice_))
    emits = -np.linalg.eigvalsh(1j * (green - green.conj().T)).min()
    return float(max(np.abs(left).max(), emits) / max(1.0, np.abs(green).max()))


def _decimated(z: complex, slice_: Complexes, inward: Complexes, outward: Complexes) -> Complexes | None:
    """By decimation; ``None`` where it does not converge."""
    surface, bulk, alpha, beta, one = slice_, slice_, inward, outward, np.eye(len(slice_))
    try:
        for _ in range(DOUBLINGS):
            inner = np.linalg.solve(z * one - bulk, np.hstack([alpha, beta]))
            to_alpha, to_beta = np.hsplit(inner, 2)
            surface = surface + alpha @ to_beta
            bulk = bulk + alpha @ to_beta + beta @ to_alpha
            alpha, beta = alpha @ to_alpha, beta @ to_beta
            size = max(np.abs(alpha).max(), np.abs(beta).max())
            if size < 1e-14:
                green: Complexes = np.linalg.inv(z * one - surface)
                return green
            if not size < HUGE:
                break
    except np.linalg.LinAlgError:
        pass
    return None


def _from_modes(z: complex, slice_: Complexes, alpha: Complexes, beta: Complexes) -> Complexes | None:
    """ψ₀ of the source 1 on the first slice, all of which goes out; ``None`` if the modes are not found."""
    n = len(slice_)
    for beside in (0.0, BESIDE) if z.imag == 0 else (0.0,):  # where a channel opens, or modes cross
        try:
            outgoing = modes_of(z + 1j * beside, slice_, alpha).outgoing
            here, next_ = outgoing[:n], outgoing[n:]
            green: Complexes = here @ np.linalg.inv((z * np.eye(n) - slice_) @ here - alpha @ next_)
        except (NumericalError, np.linalg.LinAlgError):
            continue
        return green
    return None

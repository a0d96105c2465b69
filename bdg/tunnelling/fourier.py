"""Fourier transforms of maps on a lattice: less the mean, in a window, symmetrised."""

from __future__ import annotations

from typing import Literal

import numpy as np

from bdg.arrays import Array, Floats

Window = Literal["none", "hann", "gaussian"]
Symmetry = Literal["none", "c2v", "c4v"]


def window_over(size: tuple[int, int], kind: Window) -> Floats:
    """Weights that fall to the ends of a block of cells, mean 1, shape ``size``; all 1 for ``none``."""
    if kind == "none":
        return np.ones(size)
    away = [(np.arange(n) - (n - 1) / 2) / n for n in size]
    if kind == "hann":
        each = [np.cos(np.pi * place) ** 2 for place in away]
    else:
        each = [np.exp(-0.5 * (place / 0.2) ** 2) for place in away]
    weights: Floats = np.multiply.outer(each[0], each[1])
    normalised: Floats = weights / weights.mean()
    return normalised


def fourier(
    values: Floats, offsets: Floats, origin: tuple[int, int], window: Floats, padding: int = 1
) -> Array:
    r"""(1/N) Σ_r w(r) [g(r) − ḡ] e^{−iq·(r − r₀)}, ḡ the mean with the weights w, so that q = 0 has nothing.

    Parameters
    ----------
    values
        g, shape ``(..., n_first, n_second, n_orbitals)``, cells and orbitals.
    offsets
        Places of the orbitals in the cell, in lattice vectors, shape ``(n_orbitals, 2)``.
    origin
        The cell r₀.
    window
        w, shape ``(n_first, n_second)``.
    padding
        p: as if the sample were p times as long and wide and had nothing there, with q p times as close.

    Returns
    -------
    array
        Shape ``(..., p n_first, p n_second)``, q = 0 in the middle; see :func:`wave_numbers`.
    """
    sizes = [padding * n for n in window.shape]
    waves = np.fft.fft2(_weighted(values, window), s=sizes, axes=(-3, -2))
    first, second = (np.fft.fftfreq(n) for n in sizes)
    grid = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1)
    moved = np.exp(-2j * np.pi * (grid @ (offsets - np.array(origin)).T))
    total = (waves * moved).sum(axis=-1) / np.prod(values.shape[-3:])
    shifted: Array = np.fft.fftshift(total, axes=(-2, -1))
    return shifted


def fourier_at(
    values: Floats, offsets: Floats, origin: tuple[int, int], window: Floats, momenta: Floats
) -> Array:
    """The same at any q, in units of the reciprocal vectors, shape ``(n_momenta, 2)``, without interpolation.

    Between ends that are joined only those q are free of the sample's shape that it allows.

    Returns
    -------
    array
        Shape ``(..., n_momenta)``.
    """
    weighted = _weighted(values, window)
    first, second = (
        np.exp(-2j * np.pi * np.multiply.outer(np.arange(n), momenta[:, axis]))
        for axis, n in enumerate(window.shape)
    )
    orbitals = np.exp(-2j * np.pi * (momenta @ (offsets - np.array(origin)).T))
    along = np.einsum("...ijo,jq->...ioq", weighted, second, optimize=True)
    waves = np.einsum("...ioq,iq->...oq", along, first, optimize=True)
    found: Array = np.einsum("...oq,qo->...q", waves, orbitals) / np.prod(values.shape[-3:])
    return found


def _weighted(values: Floats, window: Floats) -> Floats:
    """W(r) [g(r) − ḡ]."""
    weights = window[..., None]
    mean = (values * weights).mean(axis=(-3, -2, -1), keepdims=True) / weights.mean()
    weighted: Floats = (values - mean) * weights
    return weighted


def same_by_symmetry(momenta: Floats, symmetry: Symmetry) -> list[Floats]:
    """Momenta that a point group makes of others, each of the same shape."""
    if symmetry == "none":
        return [momenta]
    signs = [momenta * np.array([one, other]) for one in (1, -1) for other in (1, -1)]
    return signs if symmetry == "c2v" else [*signs, *(each[:, ::-1] for each in signs)]


def wave_numbers(count: int) -> Floats:
    """Components of q along a reciprocal vector, of which each is 1, ascending from −½."""
    return np.fft.fftshift(np.fft.fftfreq(count))


def symmetrised(values: Array, symmetry: Symmetry) -> Array:
    """The mean over the operations of a point group, of a map with q = 0 in the middle."""
    if symmetry == "none":
        return values
    plain = np.fft.ifftshift(values, axes=(-2, -1))
    plain = 0.5 * (plain + _mirrored(plain, -1))
    plain = 0.5 * (plain + _mirrored(plain, -2))
    if symmetry == "c4v":
        plain = 0.5 * (plain + plain.swapaxes(-1, -2))
    shifted: Array = np.fft.fftshift(plain, axes=(-2, -1))
    return shifted


def _mirrored(values: Array, axis: int) -> Array:
    """The map at −q along an axis, of a map with q = 0 first."""
    return np.roll(np.flip(values, axis), 1, axis)

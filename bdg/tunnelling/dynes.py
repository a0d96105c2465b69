"""Fits of Dynes's formula to many spectra at once, by Levenberg's and Marquardt's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bdg.arrays import Floats
from bdg.theory.uniform.thermal import fermi_slope

AT_ONCE = 256
"""Spectra fitted together."""

TOGETHER = 50_000
"""Numbers computed together, which fit into a cache."""

MOST_STEPS = 60
"""Of the fit."""

REACH = 0.6
"""How far residuals are correlated, as a share of the gap."""

QUANTILE = 2.55
"""Standard errors of the interval that holds 95 %: as of Student's t with 5 degrees of freedom.

The peaks are a few correlation lengths wide, and their residuals all there is to know the errors from.
"""


@dataclass(frozen=True)
class Smearing:
    """A normalised kernel that a spectrum is convolved with, as shifts and weights.

    Parameters
    ----------
    shifts, weights
        Shape ``(n_shifts,)``.
    """

    shifts: Floats
    weights: Floats

    @classmethod
    def of(cls, temperature: float = 0.0, amplitude: float = 0.0, count: int = 32) -> Smearing:
        """That of a thermal tip and of a modulation with this peak amplitude.

        The nodes lie within ± 10 T, beyond which 1e-4 of the weight is: 32 do for spectra as sharp as T/2.
        """
        shifts, weights = np.zeros(1), np.ones(1)
        if temperature:
            nodes, shares = np.polynomial.legendre.leggauss(count)
            reach = 10 * temperature
            shifts, weights = reach * nodes, reach * shares
            weights = weights * fermi_slope(shifts, temperature)
        if amplitude:
            angles = np.pi * np.arange(1, 13) / 13
            steps, shares = amplitude * np.cos(angles), 2 / 13 * np.sin(angles) ** 2
            shifts, weights = np.add.outer(shifts, steps).ravel(), np.outer(weights, shares).ravel()
        return cls(shifts, weights / weights.sum())


@dataclass(frozen=True)
class DynesFits:
    """Fits (a + bE) Re (E + iΓ)/√((E + iΓ)² − Δ²), smeared.

    Parameters
    ----------
    delta, gamma
        Δ and Γ, shape ``(n_spectra,)``; NaN where a fit fails.
    delta_error, gamma_error
        Half widths of the intervals that hold them with 95 %, from what the fit leaves, whose neighbours are
        correlated.
    level, slope
        a and b.
    """

    delta: Floats
    gamma: Floats
    delta_error: Floats
    gamma_error: Floats
    level: Floats
    slope: Floats


def dynes_spectra(energies: Floats, parameters: Floats, smearing: Smearing) -> tuple[Floats, Floats]:
    """Spectra and their derivatives by Δ, Γ, a and b.

    Parameters
    ----------
    energies
        Shape ``(n_energies,)``.
    parameters
        Δ, Γ, a, b of each spectrum, shape ``(n_spectra, 4)``.
    smearing
        What they are convolved with.

    Returns
    -------
    tuple
        Shape ``(n_spectra, n_energies)`` and ``(n_spectra, n_energies, 4)``.
    """
    delta, gamma, level, slope = (parameters[:, n, None] for n in range(4))
    form, by_delta, by_gamma = (np.zeros((len(parameters), len(energies))) for _ in range(3))
    together = max(1, TOGETHER // max(1, form.size))
    for first in range(0, len(smearing.shifts), together):
        part = slice(first, first + together)
        z = energies - smearing.shifts[part, None, None] + 1j * gamma
        root = np.sqrt(z - delta) * np.sqrt(z + delta)
        ratio, cube = z / root, root**3
        weights = smearing.weights[part]
        form += np.tensordot(weights, ratio.real, axes=1)
        by_delta += np.tensordot(weights, (z * delta / cube).real, axes=1)
        by_gamma += np.tensordot(weights, (delta**2 / cube).imag, axes=1)
    line = level + slope * energies
    jacobian = np.stack([line * by_delta, line * by_gamma, form, form * energies], axis=-1)
    return line * form, jacobian


def fit_dynes(
    energies: Floats, spectra: Floats, start: Floats, smearing: Smearing, mask: Floats | None = None
) -> DynesFits:
    """Fit Δ, Γ and a line of the normal state to each spectrum.

    Parameters
    ----------
    energies
        Evenly spaced, shape ``(n_energies,)``.
    spectra
        Shape ``(n_spectra, n_energies)``.
    start
        First Δ, Γ, a, b, shape ``(n_spectra, 4)``.
    smearing
        What is known of the instrument.
    mask
        Weights 0 or 1 of the points, shape as ``spectra``; all by default.
    """
    weights = np.ones_like(spectra) if mask is None else mask
    parts = [slice(n, n + AT_ONCE) for n in range(0, len(spectra), AT_ONCE)]
    found = [_fit(energies, spectra[part], start[part], smearing, weights[part]) for part in parts]
    values, errors = (np.concatenate(each) for each in zip(*found, strict=True))
    return DynesFits(values[:, 0], values[:, 1], errors[:, 0], errors[:, 1], values[:, 2], values[:, 3])


def _fit(
    energies: Floats, spectra: Floats, start: Floats, smearing: Smearing, weights: Floats
) -> tuple[Floats, Floats]:
    """Parameters and their 95 % half widths."""
    values = start.copy()
    damping, active = np.full(len(start), 1e-2), np.arange(len(start))
    model, jacobian = dynes_spectra(energies, values, smearing)
    misfit = np.sum(weights * (spectra - model) ** 2, axis=1)
    for _ in range(MOST_STEPS):
        trial = _step(
            values[active], jacobian[active], weights[active], (spectra - model)[active], damping[active]
        )
        moved, slopes = dynes_spectra(energies, trial, smearing)
        left = np.sum(weights[active] * (spectra[active] - moved) ** 2, axis=1)
        better, gain = left < misfit[active], 1 - left / np.maximum(misfit[active], 1e-300)
        chosen = active[better]
        values[chosen], model[chosen], jacobian[chosen] = trial[better], moved[better], slopes[better]
        misfit[chosen] = left[better]
        damping[active] = np.clip(damping[active] * np.where(better, 0.2, 4.0), 1e-9, 1e6)
        done = np.where(better, gain < 1e-8, damping[active] > 1e3)
        active = active[~done]
        if not len(active):
            break
    return values, _half_widths(spectra - model, model, jacobian, weights, energies, values)


def _step(values: Floats, jacobian: Floats, weights: Floats, residual: Floats, damping: Floats) -> Floats:
    """Parameters after a damped step; neither Δ nor Γ changes by more than a factor of 3."""
    normal = np.einsum("sek,se,sel->skl", jacobian, weights, jacobian)
    gradient = np.einsum("sek,se->sk", jacobian, weights * residual)
    diagonal = np.einsum("skk->sk", normal)
    added = damping[:, None] * diagonal + 1e-12 * diagonal.max(axis=1, keepdims=True)
    trial: Floats = values + np.linalg.solve(normal + np.eye(4) * added[:, None], gradient[..., None])[..., 0]
    trial[:, :2] = np.clip(trial[:, :2], values[:, :2] / 3, 3 * values[:, :2])
    return trial


def _half_widths(
    residual: Floats, model: Floats, jacobian: Floats, weights: Floats, energies: Floats, values: Floats
) -> Floats:
    r"""The 95 % half widths of fits with correlated residuals: (JᵀJ)⁻¹ Jᵀ C J (JᵀJ)⁻¹.

    C is that of residuals whose size goes half with the spectrum, as wiggles do, and half with the normal
    state, as noise does; their correlation up to :data:`REACH` of the gap is taken from all of the fit.
    """
    size = 0.5 * (np.abs(model) + np.abs(values[:, 2, None]))
    relative, scores = weights * residual / size, jacobian * (weights * size)[..., None]
    count = np.maximum(weights.sum(axis=1), 8.0)
    step = float(energies[1] - energies[0])
    lags = np.clip((REACH * values[:, 0] / step).astype(int), 1, len(energies) // 3)
    middle = np.zeros((len(values), 4, 4))
    for lag in range(int(lags.max()) + 1):
        share = np.maximum(1 - lag / (lags + 1), 0.0)
        covariance = np.einsum("se,se->s", relative[:, lag:], relative[:, : len(energies) - lag]) / (
            count - 4
        )
        product = np.einsum("sek,sel->skl", scores[:, lag:], scores[:, : len(energies) - lag])
        product = product if lag == 0 else product + product.swapaxes(1, 2)
        middle += (share * covariance)[:, None, None] * product
    normal = np.einsum("sek,se,sel->skl", jacobian, weights, jacobian)
    inverse = np.linalg.pinv(normal, hermitian=True)
    spread = np.einsum("skk->sk", inverse @ middle @ inverse)
    widths: Floats = QUANTILE * np.sqrt(np.maximum(spread, 0.0))
    return widths

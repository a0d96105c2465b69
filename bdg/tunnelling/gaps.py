"""Gaps of many spectra: coherence peaks on both sides, and states between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bdg.arrays import Floats, Indices
from bdg.tunnelling.dynes import Smearing, dynes_spectra

SHARP = 1.08
"""Height of a coherence peak over the normal state, below which there is none."""

SHALLOW = 0.85
"""Least value within a gap over the normal state, above which it is none."""

INSIDE = 0.75
"""Share of the gap below which a peak is a state in it."""


NORMAL = (1.4, 2.4)
"""Where the level of the normal state is taken, in gaps."""

ENHANCED = (np.sqrt(NORMAL[1] ** 2 - 1) - np.sqrt(NORMAL[0] ** 2 - 1)) / (NORMAL[1] - NORMAL[0])
"""Mean of E/√(E² − Δ²) there: what superconductivity adds to the normal state."""

RANGE = 2.5
"""By which factor a gap may differ from that of the mean spectrum."""

DOUBTFUL = 0.35
"""Uncertainty of a gap with one peak alone, as a share of it: that may be a feature of the normal state."""

UNSURE = 0.12
"""Uncertainty of the shift of a peak, as a share of it."""


@dataclass(frozen=True)
class Gaps:
    """What the two-sided finder sees of each spectrum; NaN where it sees nothing.

    Parameters
    ----------
    gap, error
        The gap and the half width of the interval that holds it with 95 %, shape ``(n_spectra,)``.
    positive, negative
        Energies of the coherence peaks on the two sides, as they are, without any correction.
    gamma
        The broadening Γ that heights of the peaks speak of.
    level
        Of the normal state.
    inner, inner_height
        The energy of the largest peak within the gap and its height in units of the normal state's.
    """

    gap: Floats
    error: Floats
    positive: Floats
    negative: Floats
    gamma: Floats
    level: Floats
    inner: Floats
    inner_height: Floats


def find_gaps(energies: Floats, spectra: Floats, smearing: Smearing, width: float) -> Gaps:
    """Find the coherence peaks of each spectrum and what they say of its gap.

    First the step between the gap and the normal state is found, as where the means of the symmetric spectrum
    inside and outside differ most: neither a state in the gap nor wiggles of a finite sample move it much.
    Then near it the highest place of either side is refined by a parabola. The peak of Dynes's formula is
    some Γ/√3 outside of Δ: by how much is taken from its height.

    Parameters
    ----------
    energies
        Evenly spaced and on both sides of zero, shape ``(n_energies,)``.
    spectra
        Shape ``(n_spectra, n_energies)``.
    smearing
        What is known of the instrument.
    width
        Energy over which spectra are smoothed before peaks are looked for: that of their noise.
    """
    step = float(energies[1] - energies[0])
    smooth = _smoothed(spectra, width / step)
    edge, level = _steps(energies, smooth)
    peaks, errors, heights = (np.empty((2, len(spectra))) for _ in range(3))
    floor = np.min(np.where(np.abs(energies) < edge[:, None], smooth, np.inf), axis=1)
    level[floor > SHALLOW * level] = np.inf  # no gap: no peak is as high
    for side, sign in enumerate((1, -1)):
        peaks[side], errors[side], heights[side] = _peak(sign * energies, smooth, spectra, edge, level)
    gap, error, gamma = _corrected(energies, smearing, width, level, peaks, errors, heights)
    level = level / ENHANCED
    inner, high = _inside(energies, smooth, spectra, gap, level)
    return Gaps(gap, error, peaks[0], -peaks[1], gamma, level, inner, high)


def _smoothed(spectra: Floats, steps: float) -> Floats:
    """Spectra convolved with a Gaussian of so many steps."""
    from scipy.ndimage import gaussian_filter1d  # slow to import, rarely needed

    return np.asarray(gaussian_filter1d(spectra, max(steps, 0.5), axis=1, mode="nearest"))


def _steps(energies: Floats, spectra: Floats) -> tuple[Floats, Floats]:
    """Where each spectrum rises from the gap to the normal state, and the level of that."""
    reach = float(min(-energies[0], energies[-1]))
    grid = np.linspace(0.0, reach, len(energies) // 2)
    both = _at(energies, spectra, grid) + _at(energies, spectra, -grid)
    level = np.median(both[:, grid > 0.6 * reach], axis=1)
    clipped = np.minimum(both, 1.3 * level[:, None])
    sums = np.cumsum(clipped, axis=1)
    places = np.arange(3, int(0.7 * len(grid)))
    score = _score(sums, places)
    typical = grid[places[np.argmax(_score(sums.mean(axis=0, keepdims=True), places))]]
    possible = (grid[places] > typical / RANGE) & (grid[places] < typical * RANGE)
    edge = grid[places[np.argmax(np.where(possible, score, -np.inf), axis=1)]]
    outer = (grid >= NORMAL[0] * edge[:, None]) & (grid <= NORMAL[1] * edge[:, None])
    return edge, 0.5 * (both * outer).sum(axis=1) / np.maximum(outer.sum(axis=1), 1)


def _score(sums: Floats, places: Indices) -> Floats:
    """How clearly spectra, by their cumulative sums, have a step at each place."""
    inside = sums[:, places - 1] / places
    last = np.minimum(2 * places + 2, sums.shape[1] - 1)
    outside = (sums[:, last] - sums[:, places - 1]) / (last - places + 1)
    score: Floats = (outside - inside) * np.sqrt(places * (last - places + 1) / (last + 1))
    return score


def _at(energies: Floats, spectra: Floats, places: Floats) -> Floats:
    """Spectra at energies between those they are known at."""
    step = energies[1] - energies[0]
    below = np.clip(((places - energies[0]) / step).astype(int), 0, len(energies) - 2)
    share = (places - energies[below]) / step
    values: Floats = spectra[:, below] * (1 - share) + spectra[:, below + 1] * share
    return values


def _peak(
    signed: Floats, smooth: Floats, spectra: Floats, edge: Floats, level: Floats
) -> tuple[Floats, Floats, Floats]:
    """Energy, standard error and height of the coherence peak on the side where ``signed`` is positive."""
    order = np.argsort(signed)
    places, smooth, rough = signed[order], smooth[:, order], spectra[:, order]
    step = float(places[1] - places[0])
    near = (places > 0.65 * edge[:, None]) & (places < 1.5 * edge[:, None] + 2 * step)
    top = np.argmax(np.where(near, smooth, -np.inf), axis=1)
    rows = np.arange(len(smooth))
    height = smooth[rows, top]
    half = _half_width(smooth, top, 0.5 * (height + np.maximum(level, 0.0)), step)
    centre, error = _parabola(places, rough, top, np.maximum(half, 2.0 * step), step)
    fails = (height < SHARP * level) | (top <= 1) | (top >= len(places) - 2)
    return np.where(fails, np.nan, centre), np.where(fails, np.nan, error), height


def _half_width(smooth: Floats, top: Indices, level: Floats, step: float) -> Floats:
    """Distance from the top to where the spectrum falls below a level, on the nearer side."""
    widths = np.empty(len(top))
    for n, (row, start) in enumerate(zip(smooth, top, strict=True)):
        below = np.flatnonzero(row < level[n])
        away = np.abs(below - start)
        widths[n] = step * (away.min() if len(away) else len(row))
    return widths


def _parabola(
    places: Floats, spectra: Floats, top: Indices, half: Floats, step: float
) -> tuple[Floats, Floats]:
    """The vertex of the parabola through the points about the top, and its standard error."""
    centres, errors = np.empty(len(top)), np.empty(len(top))
    for n, start in enumerate(top):
        reach = max(2, round(half[n] / step))
        part = slice(max(0, start - reach), start + reach + 1)
        x, y = places[part] - places[start], spectra[n, part]
        matrix = np.vander(x, 3)
        inverse = np.linalg.pinv(matrix.T @ matrix)
        a, b, _ = inverse @ matrix.T @ y
        left = y - matrix @ np.linalg.lstsq(matrix, y, rcond=None)[0]
        variance = float(left @ left) / max(1, len(x) - 3)
        inside = a < 0 and abs(b / (2 * a)) <= half[n] + step
        shift = -b / (2 * a) if inside else 0.0
        gradient = np.array([b / (2 * a * a), -1 / (2 * a), 0.0]) if inside else np.zeros(3)
        spread = float(gradient @ inverse @ gradient) * variance
        centres[n] = places[start] + shift
        errors[n] = np.sqrt(spread + (step / np.sqrt(12)) ** 2) if inside else max(half[n], step)
    return centres, errors


def _corrected(
    energies: Floats, smearing: Smearing, width: float, level: Floats, peaks: Floats, errors: Floats,
    heights: Floats,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Gap, error and Γ: the mean of the peaks of both sides less the shift that goes with their height."""
    both = np.isfinite(peaks).sum(axis=0)
    raw = np.nansum(peaks, axis=0) / np.where(both, both, np.nan)
    height = np.where(np.isfinite(peaks), heights, 0.0).sum(axis=0) / np.maximum(both, 1)
    relative = height / np.maximum(level, 1e-300)
    shift, gamma = _shifts(energies, smearing, width, raw, relative)
    noise = np.sqrt(np.nansum(errors**2, axis=0)) / np.maximum(both, 1)
    apart = np.where(both == 2, 0.5 * np.abs(peaks[0] - peaks[1]), DOUBTFUL * raw)
    error = 2 * np.sqrt(noise**2 + 0.5 * apart**2 + (UNSURE * shift) ** 2)
    return raw - shift, error, gamma


def _shifts(
    energies: Floats, smearing: Smearing, width: float, raw: Floats, relative: Floats
) -> tuple[Floats, Floats]:
    """How far peaks are outside of Δ, and Γ: as the finder sees Dynes's formula with peaks as high."""
    shift, gamma = np.full(len(raw), np.nan), np.full(len(raw), np.nan)
    known = np.flatnonzero(np.isfinite(raw))
    if not len(known):
        return shift, gamma
    scales = np.unique(np.quantile(raw[known], np.linspace(0.02, 0.98, 5)))
    shares = np.geomspace(0.003, 0.5, 24)
    tables = [_table(energies, smearing, width, scale, scale * shares) for scale in scales]
    shifts, gammas = (
        np.stack([np.interp(-relative[known], -height, each[n]) for height, *each in tables]) for n in (0, 1)
    )
    for column, site in enumerate(known):
        shift[site] = np.interp(raw[site], scales, shifts[:, column])
        gamma[site] = np.interp(raw[site], scales, gammas[:, column])
    return shift, gamma


def _table(
    energies: Floats, smearing: Smearing, width: float, scale: float, gammas: Floats
) -> tuple[Floats, Floats, Floats]:
    """Heights of the peaks, falling, their shifts, and Γ."""
    step, count = float(energies[1] - energies[0]), len(gammas)
    parameters = np.column_stack([np.full(count, scale), gammas, np.ones(count), np.zeros(count)])
    forms, _ = dynes_spectra(energies, parameters, smearing)
    smooth = _smoothed(forms, width / step)
    edge, level = _steps(energies, smooth)
    peak, _, height = _peak(energies, smooth, forms, edge, level)
    height = height / level
    has = np.isfinite(peak)
    if not has.any():  # no Γ makes peaks that would be seen: none is corrected
        return np.ones(1), np.zeros(1), gammas[-1:]
    return np.minimum.accumulate(height[has]), peak[has] - scale, gammas[has]


def _inside(
    energies: Floats, smooth: Floats, spectra: Floats, gap: Floats, level: Floats
) -> tuple[Floats, Floats]:
    """Energy of the highest local maximum within each gap, and its height over the normal state's level."""
    inner, heights = np.full(len(smooth), np.nan), np.full(len(smooth), np.nan)
    rises = (smooth[:, 1:-1] > smooth[:, :-2]) & (smooth[:, 1:-1] >= smooth[:, 2:])
    for n, row in enumerate(smooth):
        within = rises[n] & (np.abs(energies[1:-1]) < INSIDE * gap[n])
        for place in np.flatnonzero(within) + 1:
            inside = np.abs(energies) < gap[n]
            floor = np.quantile(row[inside], 0.05)
            high = (spectra[n, place - 1 : place + 2].mean() - floor) / level[n]
            if high > 0.15 and not high <= heights[n]:
                inner[n], heights[n] = energies[place], high
    return inner, heights

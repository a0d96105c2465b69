"""Maxima of curves one beside the other: how far the peaks of interference move with the bias."""

from __future__ import annotations

import numpy as np

from bdg.arrays import Floats

PROMINENCE = 0.1
"""Share of the largest value of a curve by which a maximum must stand out of what lies around it."""


def highest_maxima(curve: Floats, count: int) -> Floats:
    """Places of the highest maxima of a curve, in steps from its first point, from left to right.

    Each is refined by the parabola through the maximum and its two neighbours. Ends of the curve are none.

    Returns
    -------
    array
        Shape ``(count,)``, NaN where there are fewer.
    """
    from scipy.signal import find_peaks  # slow to import

    found = np.full(count, np.nan)
    if not np.isfinite(curve).all() or not curve.size:
        return found
    at, about = find_peaks(curve, prominence=PROMINENCE * float(curve.max()))
    kept = np.sort(at[np.argsort(about["prominences"], kind="stable")[::-1][:count]])
    below, middle, above = curve[kept - 1], curve[kept], curve[kept + 1]
    bend = below - 2 * middle + above
    found[: len(kept)] = kept + 0.5 * (below - above) / np.where(bend == 0, 1.0, bend)
    return found

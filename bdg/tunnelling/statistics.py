"""Statistics of maps: correlations with the distance, their lengths and errors; means of sorted spectra."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bdg.arrays import Array, Floats, Indices


@dataclass(frozen=True)
class Pairs:
    """Every two places no farther apart than a radius, by their distance.

    Parameters
    ----------
    first, second
        Places, shape ``(n_pairs,)``.
    shell
        Bin of their distance.
    distances
        Mean distance of each bin, shape ``(n_bins,)``.
    block
        A patch of the sample that each place belongs to, shape ``(n_places,)``.
    """

    first: Indices
    second: Indices
    shell: Indices
    distances: Floats
    block: Indices


@dataclass(frozen=True)
class Correlation:
    """C(r) = ⟨δa(x) δb(x + r)⟩/σ_a σ_b.

    Parameters
    ----------
    values, errors
        C and its standard error, shape ``(n_bins,)``.
    length, length_error
        Where C has fallen to 1/e of what it is at zero; NaN where it does not.
    """

    values: Floats
    errors: Floats
    length: float
    length_error: float


def correlation(pairs: Pairs, first: Floats, second: Floats) -> Correlation:
    """The correlation of two maps, places without a number left out; errors are jackknifed over patches.

    Parameters
    ----------
    pairs
        Of the places.
    first, second
        The maps a and b, shape ``(n_places,)``.
    """
    known = np.isfinite(first) & np.isfinite(second)
    one, other = (np.where(known, each - each[known].mean(), 0.0) for each in (first, second))
    used = known[pairs.first] & known[pairs.second]
    here, there, shell = pairs.first[used], pairs.second[used], pairs.shell[used]
    ones = np.ones(len(here))

    def without(weights: Floats, bins: Indices, first: Indices, second: Indices) -> Floats:
        """Sums by bin, of all and without each of the patches: of pairs with neither place in it."""
        count = int(bins.max()) + 1

        def held(patch: Indices, chosen: Array) -> Array:
            place = patch[chosen] * count + bins[chosen]
            return np.asarray(np.bincount(place, weights[chosen], patches * count).reshape(patches, count))

        every = np.ones(len(bins), bool)
        removed = held(first, every) + held(second, every) - held(first, first == second)
        return np.vstack([np.bincount(bins, weights, count), np.bincount(bins, weights, count) - removed])

    ends, patches = (pairs.block[here], pairs.block[there]), int(pairs.block.max()) + 1
    sums, counts = (without(weights, shell, *ends) for weights in (one[here] * other[there], ones))
    none = np.zeros(len(one), np.intp)
    of_one, of_other, sites = (
        without(each, none, pairs.block, pairs.block) for each in (one**2, other**2, known.astype(float))
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        every = sums / counts / (np.sqrt(of_one * of_other) / sites)
    lengths = np.array([[_length(pairs.distances, each)] for each in every])
    return Correlation(
        every[0], _jackknifed(every[1:]), float(lengths[0, 0]), float(_jackknifed(lengths[1:])[0])
    )


def _jackknifed(without: Floats) -> Floats:
    """Standard error of what is known without each of the patches; NaN where one of them is all there is."""
    count, finite = len(without), np.isfinite(without).all(axis=0)
    known = np.where(finite, without, 0.0)
    spread = np.sqrt((count - 1) / count * ((known - known.mean(axis=0)) ** 2).sum(axis=0))
    return np.where(finite, spread, np.nan)


def _length(distances: Floats, values: Floats) -> float:
    """Where values fall to 1/e of the first."""
    below = np.flatnonzero(values < values[0] / np.e)
    if not len(below):
        return np.nan
    n = int(below[0])
    share = (values[n - 1] - values[0] / np.e) / (values[n - 1] - values[n])
    return float(distances[n - 1] + share * (distances[n] - distances[n - 1]))


def sorted_means(values: Floats, spectra: Floats, groups: int) -> tuple[Floats, Floats]:
    """Mean spectrum of each of several equally large groups of places, by a value that sorts them.

    Parameters
    ----------
    values
        Shape ``(n_places,)``; those that are not finite are in no group.
    spectra
        Shape ``(n_places, n_energies)``.
    groups
        How many.

    Returns
    -------
    tuple
        The mean value of each group and its mean spectrum, shape ``(n_groups, n_energies)``.
    """
    order = np.argsort(values, kind="stable")[: int(np.isfinite(values).sum())]
    parts = [part for part in np.array_split(order, groups) if len(part)]
    return np.array([values[part].mean() for part in parts]), np.array(
        [spectra[part].mean(axis=0) for part in parts]
    )

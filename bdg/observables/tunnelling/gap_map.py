"""Gaps as an STM would find them: a map of coherence peaks, its statistics, and states in the gap."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from bdg.arrays import Floats, Indices
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.model import Model
from bdg.observables.parameters import ALL, PositiveEnergy, Sites, Steps
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import call, observable
from bdg.observables.state import State
from bdg.observables.tunnelling.parameters import Biases, Lifetime, Modulation, TipOverSites
from bdg.observables.tunnelling.places import near_sites
from bdg.observables.tunnelling.spectra import Tunnelled, tunnelled
from bdg.observables.tunnelling.stm import Accuracy
from bdg.tunnelling.dynes import DynesFits, Smearing, fit_dynes
from bdg.tunnelling.gaps import INSIDE, Gaps, find_gaps
from bdg.tunnelling.statistics import Correlation, Pairs, correlation, sorted_means

GROUPS = 5
"""Groups of sites whose mean spectra are kept."""

FARTHEST = 12.0
"""Largest distance of a correlation, in a."""

PATCHES = 4
"""Patches of the sample along each direction, over which errors of correlations are jackknifed."""

RESOLVED = 0.3
"""Largest error, as a share of the gap, of sites that count in histograms, means and correlations."""

FEWEST = 16
"""Sites whose gap is known, of fewer of which there are no correlations."""

UNEVEN = 1e-6
"""Spread of a map, as a share of its mean, below which it has no correlations."""


def normal_tip(model: Model, tip: Any) -> None:
    """A tip whose own gap is not in the spectrum."""
    if tip is not None and (tip.delta > 0 or tip.dos is not None):
        raise InputError("a gap map is of a normal tip; remove tip.delta and tip.dos")


def even_biases(model: Model, biases: Any) -> None:
    """Biases that are evenly spaced, on both sides of zero."""
    values = (
        np.linspace(biases.start, biases.stop, biases.num) if hasattr(biases, "num") else np.array(biases)
    )
    if len(values) < 31 or values[0] >= 0 or values[-1] <= 0:
        raise InputError(
            "a gap map needs 31 biases at least, on both sides of zero; write {start, stop, num}"
        )
    if np.ptp(np.diff(values)) > 1e-9 * np.ptp(values):
        raise InputError("the biases of a gap map are evenly spaced; write {start, stop, num}")


@observable(
    title="Map of the gaps that an STM finds, their histogram and correlations.",
    group="spectra",
    needs=(normal_tip, even_biases),
    example="{biases: {start: -2, stop: 2, num: 201}, method: peaks, bins: 60, smoothing: 0.04}",
    numbers={"mean_tunnelling_gap": "Mean tunnelling gap"},
)
def gap_map(
    state: State,
    biases: Biases,
    broadening: Lifetime = 0.05,
    sites: Sites = ALL,
    method: Annotated[
        Literal["peaks", "dynes"], "From coherence peaks, or a fit of Dynes's formula to each spectrum."
    ] = "peaks",
    modulation: Annotated[Modulation | None, "Lock-in modulation: {rms: …} or {peak: …}; none."] = None,
    tip: TipOverSites = None,
    bins: Annotated[Steps, "Bins of the histogram, from 0 to the largest bias."] = 60,
    smoothing: Annotated[
        PositiveEnergy | None, "Energy over which spectra are smoothed; by default two steps of the bias."
    ] = None,
    accuracy: Accuracy = 1e-4,
) -> dict[str, Quantity]:
    """The gap of each site from the spectrum that an STM measures there; not the order parameter.

    Parameters
    ----------
    state
        The state to measure.
    biases
        Evenly spaced, well beyond the gap on both sides.
    broadening, sites, modulation, tip, accuracy
        See :func:`bdg.observables.tunnelling.stm.stm`.
    method
        ``peaks``: see :func:`bdg.tunnelling.gaps.find_gaps`; ``dynes``: a fit of Δ and Γ that starts there.
    bins
        Of the histogram.
    smoothing
        See :func:`bdg.tunnelling.gaps.find_gaps`.

    Returns
    -------
    dict
        On the sites ``tunnelling_gap``, ``tunnelling_gap_error`` (half width of the 95 % interval),
        ``coherence_peak_positive`` and ``_negative`` (as they stand in the spectrum),
        ``tunnelling_gap_width`` = Γ, and of the largest peak within the gap ``in_gap_energy`` and
        ``in_gap_height``, over that of the normal state; NaN where there is none. Of the sites whose gap is
        known to 30 % ``gap_histogram`` per energy, ``gap_sorted_spectra`` of five equally large groups,
        ``mean_tunnelling_gap`` and ``tunnelling_gap_spread``. Where all sites of a sample are measured and
        differ, ``gap_correlation`` by the distance, its ``_error`` and ``gap_correlation_length`` (1/e), and
        ``gap_density_correlation``, ``gap_delta_correlation``, ``gap_potential_correlation`` of what varies.

    Raises
    ------
    InputError
        If no site has a gap.
    """
    found = tunnelled(state, biases, broadening, sites, modulation, tip, accuracy)
    smearing = Smearing.of(*_instrument(state, tip, modulation))
    width = 2 * float(biases[1] - biases[0]) if smoothing is None else smoothing
    spectra = np.ascontiguousarray(found.conductance.T)
    gaps = find_gaps(biases, spectra, smearing, width)
    if not (gaps.error < RESOLVED * gaps.gap).any():
        raise InputError(
            "no site has coherence peaks; take biases well beyond the gap, or a smaller broadening"
        )
    fits = _fitted(biases, spectra, gaps, smearing) if method == "dynes" else None
    quantities = _on_sites(found, gaps, fits, sites)
    size, error = quantities["tunnelling_gap"].values, quantities["tunnelling_gap_error"].values
    values = np.where(error < RESOLVED * size, size, np.nan)
    quantities |= _distribution(biases, spectra, values, bins)
    if sites is None:
        quantities |= _correlations(state, values)
    return quantities


def _instrument(state: State, tip: Any, modulation: Modulation | None) -> tuple[float, float]:
    """Temperature of the tip and amplitude of the modulation."""
    temperature = state.model.temperature if tip is None or tip.temperature is None else tip.temperature
    return temperature, 0.0 if modulation is None else modulation.amplitude


def _fitted(biases: Floats, spectra: Floats, gaps: Gaps, smearing: Smearing) -> DynesFits:
    """Fits about the gap; where there are states in it, of its outer part alone."""
    known = np.isfinite(gaps.gap)
    start = np.column_stack([gaps.gap, gaps.gamma, gaps.level, 0 * gaps.gap])[known]
    size = np.abs(biases) / start[:, :1]
    mask = (size < 2.5) & ~(np.isfinite(gaps.inner[known])[:, None] & (size < INSIDE))
    fits = fit_dynes(biases, spectra[known], start, smearing, mask.astype(float))
    every = [np.full(len(known), np.nan) for _ in range(6)]
    parts = (fits.delta, fits.gamma, fits.delta_error, fits.gamma_error, fits.level, fits.slope)
    for whole, part in zip(every, parts, strict=True):
        whole[known] = part
    return DynesFits(*every)


def _on_sites(
    found: Tunnelled, gaps: Gaps, fits: DynesFits | None, sites: Indices | None
) -> dict[str, Quantity]:
    dims, coords = ("site",), {}
    if sites is not None:
        dims = ("ldos_site",)
        coords = {"ldos_site": Quantity(sites, dims, "1", "index of the site")}
    size, error, width = (
        (gaps.gap, gaps.error, gaps.gamma) if fits is None else (fits.delta, fits.delta_error, fits.gamma)
    )
    notes = {"method": "peaks" if fits is None else "dynes", "energies": found.energies}
    table = {
        "tunnelling_gap": (size, "tunnelling gap"),
        "tunnelling_gap_error": (error, "95 % half width of the tunnelling gap"),
        "tunnelling_gap_width": (width, "broadening of the coherence peaks"),
        "coherence_peak_positive": (gaps.positive, "coherence peak at positive bias"),
        "coherence_peak_negative": (gaps.negative, "coherence peak at negative bias"),
        "in_gap_energy": (gaps.inner, "energy of the largest peak within the gap"),
    }
    made = {
        name: Quantity(values, dims, "t", text, coords, attributes=notes)
        for name, (values, text) in table.items()
    }
    text = "height of the largest peak within the gap, over the normal state"
    return made | {"in_gap_height": Quantity(gaps.inner_height, dims, "1", text, coords)}


def _distribution(biases: Floats, spectra: Floats, gaps: Floats, bins: int) -> dict[str, Quantity]:
    """Histogram, mean and spread, and the mean spectra of groups of sites."""
    known = gaps[np.isfinite(gaps)]
    density, edges = np.histogram(known, bins, (0.0, float(np.abs(biases).max())))
    share = density / len(known) / np.diff(edges)
    places = Quantity(0.5 * (edges[1:] + edges[:-1]), ("gap_bin",), "t", "tunnelling gap")
    groups, means = sorted_means(gaps, spectra, GROUPS)
    axes = {
        "gap_group": Quantity(groups, ("gap_group",), "t", "mean tunnelling gap of the group"),
        "bias": Quantity(biases, ("bias",), "t/e", "bias of the sample"),
    }
    notes = {"resolved_sites": len(known), "all_sites": len(gaps)}
    mean, spread = float(known.mean()), float(known.std())
    return {
        "gap_histogram": Quantity(
            share, ("gap_bin",), "1/t", "share of the sites", {"gap_bin": places}, attributes=notes
        ),
        "gap_sorted_spectra": Quantity(
            means, ("gap_group", "bias"), "1/t", "mean dI/dV of sites with similar gaps", axes
        ),
        "mean_tunnelling_gap": scalar(mean, "t", "mean tunnelling gap", spread / np.sqrt(len(known))),
        "tunnelling_gap_spread": scalar(spread, "t", "standard deviation of the tunnelling gap"),
    }


def _correlations(state: State, gaps: Floats) -> dict[str, Quantity]:
    """The correlation of the gap with itself and with what varies from site to site."""
    fields = {
        "": gaps,
        "density_": call(state, "density", {})["density"].values,
        "delta_": np.abs(state.fields.delta),
        "potential_": state.model.onsite,
    }
    texts = {"": "itself", "density_": "the density", "delta_": "|Δ|", "potential_": "the on-site energy"}
    uneven = {name: values for name, values in fields.items() if _varies(values)}
    if "" not in uneven or np.isfinite(gaps).sum() < FEWEST:
        return {}
    pairs = pairs_of(state.model.sample)
    coords = {"distance": Quantity(pairs.distances, ("distance",), "a", "distance")}
    found: dict[str, Quantity] = {}
    for name, values in uneven.items():
        each: Correlation = correlation(pairs, gaps, values)
        text = f"correlation of the tunnelling gap with {texts[name]}"
        found[f"gap_{name}correlation"] = Quantity(each.values, ("distance",), "1", text, coords)
        found[f"gap_{name}correlation_error"] = Quantity(
            each.errors, ("distance",), "1", f"standard error of the {text}", coords
        )
        if not name:
            found["gap_correlation_length"] = scalar(
                each.length, "a", "correlation length of the tunnelling gap", each.length_error
            )
    return found


def _varies(values: Floats) -> bool:
    known = values[np.isfinite(values)]
    return len(known) > 1 and float(known.std()) > UNEVEN * float(np.abs(known).mean())


def pairs_of(sample: Sample) -> Pairs:
    """The pairs of sites up to half a sample apart, by whole distances, and patches of sites."""
    extents = [
        n * float(np.linalg.norm(vector))
        for n, vector in zip(sample.size, sample.cell.vectors, strict=True)
        if n > 1
    ]
    radius = max(1.0, min(FARTHEST, *(0.5 * extent for extent in extents))) if extents else 1.0
    first, second, apart, _ = near_sites(sample, np.arange(sample.n_sites), radius)
    distance = np.linalg.norm(apart, axis=1)
    _, shell = np.unique(np.rint(distance).astype(int), return_inverse=True)
    means = np.bincount(shell, distance) / np.bincount(shell)
    share = PATCHES * sample.cells // np.array(sample.size)
    _, block = np.unique(share, axis=0, return_inverse=True)
    return Pairs(first.astype(np.intp), second.astype(np.intp), shell, means, block.ravel())

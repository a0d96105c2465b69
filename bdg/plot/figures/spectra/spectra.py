"""Spectra: density of states, and local ones at chosen sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.plot.canvas.finding import order_of, spectral_values
from bdg.plot.canvas.geometry import distances_from
from bdg.plot.canvas.labels import add_si_axis, capital, is_uniform, label, site_name
from bdg.plot.canvas.scale import amount_scale
from bdg.plot.canvas.style import COLOURS, SEQUENTIAL, add_title, new_figure, styled
from bdg.result import Result

MOST_LINES = 6
"""More spectra than this are drawn above one another, a step apart."""

MOST_STEPS = 40
"""More than this become a map."""

FEW_ENERGIES = 12
"""Fewer than this are points: what lies between them is not known."""

SPINS = ("up", "down")

MOST_NAMES = 14
"""Lines of a waterfall that have a name beside them; of more every second, third, …"""

COMPONENTS = ("along x", "along y", "along z")

DASHES = ("-", "--", ":")
"""Of the lines of one site, one for each spin or component."""

Line = tuple[str, NDArray[Any]]


@styled
def spectrum(result: Result, sites: Sequence[int] | None = None, name: str = "ldos") -> Any:
    """Density of states and local density of states against energy.

    Parameters
    ----------
    result
        With ``dos``, ``ldos`` or both.
    sites
        Site indices. Without them, where the LDOS is known everywhere: the sites of the smallest and of the
        largest |Δ| and the mean of all, that is on and off an impurity; else all sites it is known at.
    name
        Which local spectrum: ``ldos``, ``spin_ldos`` for the spins apart, ``spin_vector_ldos``, ``tip_ldos``;
        ``dos`` for the mean alone.

    Returns
    -------
    matplotlib.figure.Figure
        The figure: lines, a waterfall if there are many, a map if there are very many.

    Raises
    ------
    InputError
        If there is no spectrum, or none at a site that was asked for.
    """
    known = result.quantities()
    if name not in known and "dos" not in known:
        raise InputError(f"the result has no dos and no {name}; add one to observables and run again")
    if sites is not None and name not in known:
        raise InputError(f"the result has no {name}; add it to observables and run again")
    figure = new_figure(6.4, 4.4)
    draw_spectrum(figure.subplots(), result, sites, name)
    add_title(figure, result.title)
    return figure


def draw_spectrum(axes: Any, result: Result, sites: Sequence[int] | None = None, name: str = "ldos") -> None:
    """Draw the spectra there are into one panel."""
    known = result.quantities()
    local = known.get(name) if name != "dos" else None
    lines = [] if local is None else ldos_lines(result, local, sites)
    reference = local if local is not None else known["dos"]
    energies = np.asarray(spectral_values(reference).values)
    axes.set_title(capital(reference.long_name))
    if len(lines) > MOST_STEPS:
        mark_gap(axes, result, float(energies.max()))
        values = np.stack([values for _, values in lines])
        draw_energy_map(axes, energies, np.arange(len(lines)), values, reference)
        axes.set_ylabel("Site, in the order of the file")
    elif len(lines) > MOST_LINES:
        shown = [(name.partition(" at ")[2], values) for name, values in lines]
        mark_gap(axes, result, float(energies.max()))
        draw_waterfall(axes, energies, shown, reference)
    else:
        _draw_lines(axes, energies, lines, result, reference)
    label_energies(axes, energies, reference, result)


def label_energies(axes: Any, energies: NDArray[Any], reference: Quantity, result: Result) -> None:
    """Limits and label of an energy axis, with SI units on top."""
    from matplotlib.ticker import MaxNLocator

    margin = 0.03 * float(np.ptp(energies)) if len(energies) < FEW_ENERGIES else 0.0  # points have a size
    margin = margin if np.ptp(energies) else 0.5  # one energy
    axes.set_xlim(float(energies.min()) - margin, float(energies.max()) + margin)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7))
    axes.set_xlabel(label(spectral_values(reference)))
    add_si_axis(axes, "x", spectral_values(reference).units, result.units)


def sites_with(quantity: Quantity, n_sites: int) -> NDArray[np.intp]:
    """The sites a local spectrum is known at, in the order of its last axis."""
    if "ldos_site" in quantity.dims:
        return np.asarray(quantity.coords["ldos_site"].values, dtype=np.intp)
    return np.arange(n_sites)


def ldos_lines(result: Result, local: Quantity, sites: Sequence[int] | None) -> list[Line]:
    """The local spectra to draw, with their labels; of spins, up and down for each site.

    Raises
    ------
    InputError
        If a site that was asked for has none.
    """
    sample = result.sample
    available = sites_with(local, sample.n_sites)
    column = {int(site): n for n, site in enumerate(available)}
    if sites is not None:
        missing = [site for site in sites if site not in column]
        if missing:
            where = f"site {missing[0]}"
            if 0 <= missing[0] < sample.n_sites:
                where += f", {site_name(sample, missing[0])}"
            raise InputError(f"there is no LDOS at {where}; the result has it at {len(available)} sites")
        named = {int(site): site_name(sample, int(site)) for site in sites}
    elif len(available) < sample.n_sites:
        named = {int(site): site_name(sample, int(site)) for site in available}
    else:
        named = on_and_off(result)
    called = "LDOS" if "energy" in local.dims else capital(local.long_name)
    if apart(local):
        return [
            (f"LDOS at {name}, spin {spin}", local.values[n, :, column[site]])
            for site, name in named.items()
            for n, spin in enumerate(apart(local))
        ]
    return [(f"{called} at {name}", local.values[:, column[site]]) for site, name in named.items()]


def apart(local: Quantity) -> tuple[str, ...]:
    """Names of the parts that a local spectrum has along its first axis: spins or components."""
    return {"spin": SPINS, "component": COMPONENTS}.get(local.dims[0], ())


def on_and_off(result: Result) -> dict[int, str]:
    """The sites of the smallest and of the largest |Δ|; one site if all are alike.

    Where Δ tells nothing, those where the lowest state is largest and smallest, if states were measured. Of
    sites that are alike, the one farthest from the other.
    """
    size, known = np.abs(order_of(result)[1].values), result.quantities()
    names = "smallest |Δ|", "largest |Δ|"
    if is_uniform(size):
        if "states" not in known:
            return {int(np.argmin(size)): f"{site_name(result.sample, int(np.argmin(size)))}"}
        size = -(known["state_electron"].values[0] + known["state_hole"].values[0])
        names = "most of the lowest state", "least of it"
    least = int(np.argmin(size))
    alike = size >= size.max() - 1e-6 * np.ptp(size)
    most = int(np.argmax(np.where(alike, distances_from(result.sample, least), -1.0)))
    found = zip((least, most), names, strict=True)
    return {site: f"{site_name(result.sample, site)}, {name}" for site, name in found}


def _draw_lines(
    axes: Any, energies: NDArray[Any], lines: list[Line], result: Result, reference: Quantity
) -> None:
    mean = _mean_of_all(result, reference)
    if mean is not None:
        place, values, name = mean
        if len(place) < FEW_ENERGIES:
            axes.plot(place, values, "s", color="#8a8f98", label=name, clip_on=False)
        else:
            axes.fill_between(place, values, color="#d9dde3", linewidth=0, label=name)
        if not lines:
            axes.plot(place, values, _style(len(place), "-"), color=COLOURS[0], linewidth=1.1)
    each = max(1, len(apart(reference)))
    for n, (name, values) in enumerate(lines):
        colour = COLOURS[n // each % len(COLOURS)]
        style = _style(len(energies), DASHES[n % each])
        axes.plot(energies, values, style, color=colour, label=name, clip_on=len(energies) >= FEW_ENERGIES)
    if all(float(np.nanmin(values)) >= 0 for _, values in lines):  # a spin has both signs
        axes.set_ylim(bottom=0)
    axes.set_ylabel(label(reference))
    low, high = axes.get_ylim()
    mark_gap(axes, result, float(energies.max()), high)
    # Room for the legend above all that is drawn: its share of the panel's height, at least 2.6 inches.
    share = 0.03 + 0.075 * len(axes.get_legend_handles_labels()[0])
    axes.set_ylim(low, low + (high - low) / (1 - share))
    axes.legend(loc="upper left")


def _mean_of_all(result: Result, reference: Quantity) -> tuple[NDArray[Any], NDArray[Any], str] | None:
    """Energies, density of states and its name: as it was measured, or the mean of the LDOS at all sites."""
    known = result.quantities()
    if "dos" in known and "energy" in reference.dims:
        return known["dos"].coords["energy"].values, known["dos"].values, "mean (DOS)"
    if len(reference.dims) != 2 or reference.dims[1] != "site":
        return None
    return spectral_values(reference).values, reference.values.mean(axis=1), "mean of all sites"


def _style(count: int, line: str) -> str:
    """A line through many energies; points at a few."""
    return line if count >= FEW_ENERGIES else {"-": "o", "--": "^", ":": "v"}[line]


def draw_waterfall(axes: Any, energies: NDArray[Any], lines: list[Line], reference: Quantity) -> None:
    """Draw spectra above one another, each a step higher than the one before, named at their right ends."""
    import matplotlib

    largest = max(float(np.max(values)) for _, values in lines)
    step = _round(largest * (0.5 if len(lines) < 15 else 0.3))
    colours = matplotlib.colormaps[SEQUENTIAL](np.linspace(0, 0.85, len(lines)))
    for n, ((name, values), colour) in enumerate(zip(lines, colours, strict=True)):
        axes.plot(energies, values + n * step, _style(len(energies), "-"), color=colour, linewidth=1.1)
        if n % -(-len(lines) // MOST_NAMES) == 0:
            # At the line's own zero: where spectra differ at their ends, names beside those would collide.
            place, across = (1.01, n * step), axes.get_yaxis_transform()
            axes.text(*place, name, transform=across, fontsize=7.5, color="#333333", va="center")
            axes.axhline(n * step, color="#cccccc", linewidth=0.5, zorder=0)
    axes.text(1.01, 1.0, "site", transform=axes.transAxes, fontsize=7.5, color="#333333", va="center")
    if all(float(np.nanmin(values)) >= 0 for _, values in lines):
        axes.set_ylim(bottom=0)
    units = reference.units.removeprefix("1") if reference.units.startswith("1/") else f" {reference.units}"
    axes.set_ylabel(f"{label(reference)}, each {step:.3g}{units} higher")


def draw_energy_map(
    axes: Any, energies: NDArray[Any], places: NDArray[Any], values: NDArray[Any], reference: Quantity
) -> None:
    """Draw spectra as rows of a map, energies to the right and places upwards."""
    scale = amount_scale(values, reference.long_name, reference.units, from_zero=True)
    drawn = axes.pcolormesh(energies, places, values, **scale.look, shading="nearest", rasterized=True)
    axes.figure.colorbar(drawn, ax=axes, label=label(reference), extend=scale.beyond)


def mark_gap(axes: Any, result: Result, largest: float, top: float | None = None) -> None:
    """Dotted lines at ± the spectral gap, up to a value or through the panel."""
    known = result.quantities()
    if "spectral_gap" not in known:
        return
    gap = float(known["spectral_gap"].values)
    if 0 < gap < largest:
        dotted = {"color": "#777777", "linewidth": 0.9, "linestyle": ":"}
        if top is None:
            axes.axvline(-gap, **dotted)
            axes.axvline(gap, **dotted)
        else:
            axes.plot([-gap, -gap], [0, top], **dotted)
            axes.plot([gap, gap], [0, top], label="± spectral gap", **dotted)


def _round(value: float) -> float:
    """A value to one digit."""
    return float(f"{value:.1g}")

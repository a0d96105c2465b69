"""Spectra: density of states, and local ones at chosen sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.plot.geometry import distances_from
from bdg.plot.labels import add_si_axis, capital, is_uniform, label, site_name
from bdg.plot.maps import order_of
from bdg.plot.style import COLOURS, SEQUENTIAL, add_title, new_figure, styled
from bdg.result import Result

MOST_LINES = 6
"""More spectra than this are drawn above one another, a step apart."""

MOST_STEPS = 40
"""More than this become a map."""

SPINS = ("up", "down")

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
        Site indices. Without them, where the LDOS is known everywhere: the site of the smallest |Δ| and the
        one farthest from it, that is on and off an impurity; else all sites it is known at.
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
    energies = np.asarray(reference.coords["energy"].values)
    axes.set_title(capital(reference.long_name))
    if len(lines) > MOST_STEPS:
        mark_gap(axes, result, float(energies.max()))
        values = np.stack([values for _, values in lines])
        draw_energy_map(axes, energies, np.arange(len(lines)), values, reference)
        axes.set_ylabel("Site, in the order of the file")
    elif len(lines) > MOST_LINES:
        shown = [(name.removeprefix("LDOS at "), values) for name, values in lines]
        mark_gap(axes, result, float(energies.max()))
        draw_waterfall(axes, energies, shown, reference)
    else:
        _draw_lines(axes, energies, lines, result, reference)
    label_energies(axes, energies, reference, result)


def label_energies(axes: Any, energies: NDArray[Any], reference: Quantity, result: Result) -> None:
    """Limits and label of an energy axis, with SI units on top."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(float(energies.min()), float(energies.max()))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7))
    axes.set_xlabel(label(reference.coords["energy"]))
    add_si_axis(axes, "x", "t", result.units)


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
    if apart(local):
        return [
            (f"LDOS at {name}, spin {spin}", local.values[n, :, column[site]])
            for site, name in named.items()
            for n, spin in enumerate(apart(local))
        ]
    return [(f"LDOS at {name}", local.values[:, column[site]]) for site, name in named.items()]


def apart(local: Quantity) -> tuple[str, ...]:
    """Names of the parts that a local spectrum has along its first axis: spins or components."""
    return {"spin": SPINS, "component": COMPONENTS}.get(local.dims[0], ())


def on_and_off(result: Result) -> dict[int, str]:
    """The site of the smallest |Δ| and the one farthest from it; one site if all are alike.

    Where Δ tells nothing, the site where the lowest state is largest, if states were measured.
    """
    modulus, known = np.abs(order_of(result)[1].values), result.quantities()
    chosen, why = int(np.argmin(modulus)), "smallest |Δ|"
    if is_uniform(modulus):
        if "states" not in known:
            return {chosen: f"{site_name(result.sample, chosen)}"}
        weight = known["state_electron"].values[0] + known["state_hole"].values[0]
        chosen, why = int(np.argmax(weight)), "most of the lowest state"
    farthest = int(np.argmax(distances_from(result.sample, chosen)))
    return {
        chosen: f"{site_name(result.sample, chosen)}, {why}",
        farthest: f"{site_name(result.sample, farthest)}, farthest from it",
    }


def _draw_lines(
    axes: Any, energies: NDArray[Any], lines: list[Line], result: Result, reference: Quantity
) -> None:
    known = result.quantities()
    if "dos" in known:
        dos = known["dos"]
        place, values = dos.coords["energy"].values, dos.values
        axes.fill_between(place, values, color="#d9dde3", linewidth=0, label="mean (DOS)")
        if not lines:
            axes.plot(place, values, color=COLOURS[0], linewidth=1.1)
    each = max(1, len(apart(reference)))
    for n, (name, values) in enumerate(lines):
        colour = COLOURS[n // each % len(COLOURS)]
        axes.plot(energies, values, DASHES[n % each], color=colour, label=name)
    if all(float(values.min()) >= 0 for _, values in lines):  # a spin has both signs
        axes.set_ylim(bottom=0)
    axes.set_ylabel(label(reference))
    low, high = axes.get_ylim()
    mark_gap(axes, result, float(energies.max()), high)
    # Room for the legend above all that is drawn: its share of the panels' height, which is about 3 inches.
    share = 0.03 + 0.066 * len(axes.get_legend_handles_labels()[0])
    axes.set_ylim(low, low + (high - low) / (1 - share))
    axes.legend(loc="upper left")


def draw_waterfall(axes: Any, energies: NDArray[Any], lines: list[Line], reference: Quantity) -> None:
    """Draw spectra above one another, each a step higher than the one before, named at their right ends."""
    import matplotlib

    largest = max(float(np.max(values)) for _, values in lines)
    step = _round(largest * (0.5 if len(lines) < 15 else 0.3))
    colours = matplotlib.colormaps[SEQUENTIAL](np.linspace(0, 0.85, len(lines)))
    for n, ((name, values), colour) in enumerate(zip(lines, colours, strict=True)):
        axes.plot(energies, values + n * step, color=colour, linewidth=1.1)
        if n % -(-len(lines) // 14) == 0:
            place = (1.01, values[-1] + n * step)
            axes.text(
                *place, name, transform=axes.get_yaxis_transform(), fontsize=7.5, color=colour, va="center"
            )
    if all(float(values.min()) >= 0 for _, values in lines):
        axes.set_ylim(bottom=0)
    units = reference.units.removeprefix("1") if reference.units.startswith("1/") else f" {reference.units}"
    axes.set_ylabel(f"{label(reference)}, each {step:.3g}{units} higher")


def draw_energy_map(
    axes: Any, energies: NDArray[Any], places: NDArray[Any], values: NDArray[Any], reference: Quantity
) -> None:
    """Draw spectra as rows of a map, energies to the right and places upwards."""
    drawn = axes.pcolormesh(
        energies, places, values, cmap=SEQUENTIAL, vmin=0, shading="nearest", rasterized=True
    )
    axes.figure.colorbar(drawn, ax=axes, label=label(reference))


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

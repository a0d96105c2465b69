"""Spectra: density of states, and local ones at chosen sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.plot.geometry import distances_from
from bdg.plot.labels import add_si_axis, is_uniform, label, site_name
from bdg.plot.style import COLOURS, SEQUENTIAL, new_figure, styled
from bdg.result import Result

MOST_LINES = 6
"""More spectra than this are drawn above one another, a step apart."""

MOST_STEPS = 40
"""More than this become a map."""

Line = tuple[str, NDArray[Any]]


@styled
def spectrum(result: Result, sites: Sequence[int] | None = None) -> Any:
    """Density of states and local density of states against energy.

    Parameters
    ----------
    result
        With ``dos``, ``ldos`` or both.
    sites
        Site indices. Without them, where the LDOS is known everywhere: the site of the smallest |Δ| and the
        one farthest from it, that is on and off an impurity; else all sites it is known at.

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
    if "ldos" not in known and "dos" not in known:
        raise InputError("the result has no dos and no ldos; add one to observables and run again")
    figure = new_figure(6.4, 4.4)
    axes = figure.subplots()
    draw_spectrum(axes, result, sites)
    if result.title:
        figure.suptitle(result.title, fontsize=11.5)
    return figure


def draw_spectrum(axes: Any, result: Result, sites: Sequence[int] | None = None) -> None:
    """Draw the spectra there are into one panel."""
    known = result.quantities()
    local = known.get("ldos")
    lines = [] if local is None else ldos_lines(result, local, sites)
    reference = local if local is not None else known["dos"]
    energies = np.asarray(reference.coords["energy"].values)
    _mark_gap(axes, known, energies)
    if len(lines) > MOST_STEPS:
        _draw_map(axes, energies, lines, reference)
    elif len(lines) > MOST_LINES:
        _draw_waterfall(axes, energies, lines, reference)
    else:
        _draw_lines(axes, energies, lines, known, reference)
    axes.set_xlim(float(energies.min()), float(energies.max()))
    axes.set_xlabel(label(reference.coords["energy"]))
    add_si_axis(axes, "x", "t", result.units)


def ldos_lines(result: Result, local: Quantity, sites: Sequence[int] | None) -> list[Line]:
    """The local spectra to draw, with their labels.

    Raises
    ------
    InputError
        If a site that was asked for has none.
    """
    values, sample = local.values, result.sample
    if "ldos_site" in local.dims:
        available = [int(site) for site in local.coords["ldos_site"].values]
    else:
        available = list(range(sample.n_sites))
    if sites is not None:
        missing = [site for site in sites if site not in set(available)]
        if missing:
            raise InputError(f"there is no LDOS at site {missing[0]}; the result has {len(available)} sites")
        named = {int(site): site_name(sample, int(site)) for site in sites}
    elif len(available) < sample.n_sites:
        named = {site: site_name(sample, site) for site in available}
    else:
        named = on_and_off(result)
    column = {site: n for n, site in enumerate(available)}
    return [(f"LDOS at {name}", values[:, column[site]]) for site, name in named.items()]


def on_and_off(result: Result) -> dict[int, str]:
    """The site of the smallest |Δ| and the one farthest from it; one site if all are alike."""
    modulus = np.abs(result.fields.delta)
    weakest = int(np.argmin(modulus))
    if is_uniform(modulus):
        return {weakest: f"{site_name(result.sample, weakest)}"}
    farthest = int(np.argmax(distances_from(result.sample, weakest)))
    return {
        weakest: f"{site_name(result.sample, weakest)}, smallest |Δ|",
        farthest: f"{site_name(result.sample, farthest)}, farthest from it",
    }


def _draw_lines(
    axes: Any, energies: NDArray[Any], lines: list[Line], known: dict[str, Quantity], reference: Quantity
) -> None:
    if "dos" in known:
        dos = known["dos"]
        axes.fill_between(
            dos.coords["energy"].values, dos.values, color="#d9dde3", linewidth=0, label="mean (DOS)"
        )
    for n, (name, values) in enumerate(lines):
        axes.plot(energies, values, color=COLOURS[n % len(COLOURS)], label=name)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(label(reference))
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + (0.085 * (len(lines) + 2)) * (high - low))  # room for the legend
    axes.legend(loc="upper left")


def _draw_waterfall(axes: Any, energies: NDArray[Any], lines: list[Line], reference: Quantity) -> None:
    import matplotlib

    step = 0.5 * max(float(np.max(values)) for _, values in lines)
    colours = matplotlib.colormaps[SEQUENTIAL](np.linspace(0, 0.85, len(lines)))
    for n, ((name, values), colour) in enumerate(zip(lines, colours, strict=True)):
        axes.plot(energies, values + n * step, color=colour, linewidth=1.1)
        if n % -(-len(lines) // 14) == 0:
            place = (1.01, values[-1] + n * step)
            short = name.removeprefix("LDOS at ")
            axes.text(
                *place, short, transform=axes.get_yaxis_transform(), fontsize=7.5, color=colour, va="center"
            )
    axes.set_ylim(bottom=0)
    axes.set_ylabel(f"{label(reference)}, each {step:.3g} higher")


def _draw_map(axes: Any, energies: NDArray[Any], lines: list[Line], reference: Quantity) -> None:
    values = np.stack([line for _, line in lines])
    drawn = axes.pcolormesh(
        energies, np.arange(len(lines)), values, cmap=SEQUENTIAL, shading="nearest", rasterized=True
    )
    axes.figure.colorbar(drawn, ax=axes, label=label(reference))
    axes.set_ylabel("Site, in the order of the file")


def _mark_gap(axes: Any, known: dict[str, Quantity], energies: NDArray[Any]) -> None:
    """Dotted lines at ± the spectral gap."""
    if "spectral_gap" not in known:
        return
    gap = float(known["spectral_gap"].values)
    if 0 < gap < energies.max():
        dotted = {"color": "#777777", "linewidth": 0.9, "linestyle": ":"}
        axes.axvline(-gap, **dotted)
        axes.axvline(gap, **dotted, label="± spectral gap")

"""The right figure for a name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.keywords import did_you_mean
from bdg.observables import Quantity, contracts
from bdg.plot.canvas.finding import spectral_axis
from bdg.plot.canvas.labels import number
from bdg.plot.canvas.looks import Looks
from bdg.plot.figures.other import scalars
from bdg.plot.figures.runs.convergence import convergence
from bdg.plot.figures.runs.starts import starts
from bdg.plot.figures.sample.currents import current_arrows
from bdg.plot.figures.sample.maps import site_map
from bdg.plot.figures.spectra.cuts import line_cut
from bdg.plot.figures.spectra.spectra import spectrum
from bdg.plot.figures.spectra.states import states
from bdg.plot.overview import overview
from bdg.plot.table import LOCAL_SPECTRA, figure_of
from bdg.result import Result
from bdg.store import read
from bdg.store.groups.starts import field_quantities
from bdg.words import counted

FIGURES = ("overview", "convergence", "spectrum", "currents", "numbers", "starts", "states")
"""Figures that are of no single quantity."""

WARNING = "#b3261e"


def plot(
    result: Result | str | os.PathLike[str],
    quantity: str | None = None,
    *,
    energy: float | None = None,
    sites: Sequence[int] | None = None,
    line: tuple[int, int] | None = None,
    looks: Looks | None = None,
) -> Any:
    """Draw a result: one page with all there is, or one quantity in the way that suits it.

    Parameters
    ----------
    result
        From :func:`bdg.solve` or :func:`bdg.load`, or its file.
    quantity
        Name of a quantity or an observable; ``delta``, ``hartree``; or ``overview`` (as without a name),
        ``convergence``, ``spectrum``, ``currents``, ``numbers``, ``starts``, ``states``. With one of the
        options below, ``ldos`` if it is not given.
    energy
        A map at this energy, in t, of a quantity on energies and sites.
    sites
        The spectrum at these sites, by index.
    line
        A cut along the straight line between two sites, by index.
    looks
        Colours, ends of scales, size in print, a bar in place of axes, an inset.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    InputError
        If the name is unknown; the message lists those there are. If an option does not go with it, or it is
        no result.
    """
    result = _result_of(result)
    looks = looks or Looks()
    if looks.width is not None and quantity in (None, "overview"):
        raise InputError("the page of all there is has no size for print; name the quantity to draw")
    with looks.opened():
        figure = _figure(result, quantity, energy, sites, line)
    if mark := mark_of(result):  # nobody must take it for a sound result by mistake
        figure.text(0.995, 0.99, mark, color=WARNING, weight="bold", ha="right", va="top")
    return figure


def _result_of(what: Result | str | os.PathLike[str]) -> Result:
    """The result itself, or the one in the file."""
    if isinstance(what, str | os.PathLike):
        return read(what)
    if not isinstance(what, Result):
        raise InputError(
            f"plot draws a result or its file, not a {type(what).__name__}; a study is drawn by"
            ' bdg.collect(study).plot("spectral_gap")'
        )
    return what


def mark_of(result: Result) -> str:
    """What is written on every figure of a result: that it did not converge, and how many warnings it has."""
    state = "" if result.status == "converged" else result.status.replace("_", " ")
    warned = counted(len(result.warnings), "warning") if result.warnings else ""
    return ", ".join(filter(None, (state, warned)))


def _figure(
    result: Result,
    quantity: str | None,
    energy: float | None,
    sites: Sequence[int] | None,
    line: tuple[int, int] | None,
) -> Any:
    """The figure for a name and options."""
    figures = {
        "overview": overview,
        "convergence": convergence,
        "spectrum": spectrum,
        "currents": current_arrows,
        "numbers": scalars,
        "starts": starts,
        "states": states,
    }
    optional = energy is not None or sites is not None or line is not None
    name = quantity or ("ldos" if optional else "overview")
    if name == "spectrum" and optional:
        name = "ldos"
    if name in figures:
        if optional:
            raise InputError(f"{name} takes no energy, site or line; name a quantity, such as ldos or delta")
        return figures[name](result)
    known = field_quantities(result) | result.quantities()
    if name not in known and result.observables.get(name):
        name = next(iter(result.observables[name]))  # an observable: its first quantity
    if optional and name == "ldos" and name not in known:
        raise InputError("the result has no ldos; add it to observables and run again, or name what it has")
    if name not in known:
        names = ", ".join([*FIGURES, *sorted(known)])
        raise InputError(
            f"there is nothing called {name!r} to plot{_how_to_get(name, known)}; there are {names}"
        )
    if energy is not None:
        _check_energy(name, known[name], energy, result)
    if sites is not None:
        return _at_sites(result, name, sites, energy is not None or line is not None)
    if line is not None:
        return line_cut(result, *line, name, energy=energy)
    return (
        site_map(result, name, energy=energy) if energy is not None else figure_of(result, name, known[name])
    )


def _how_to_get(name: str, known: Mapping[str, Quantity]) -> str:
    """How the file gets an observable that it lacks, or which name was probably meant."""
    if name in contracts():
        return f"; bdg measure FILE {name} adds it"
    return did_you_mean(name, [*FIGURES, *known, *contracts()])


def _check_energy(name: str, quantity: Quantity, energy: float, result: Result) -> None:
    along = spectral_axis(quantity)
    if along is None or "site" not in quantity.dims:
        if "ldos_site" in quantity.dims:
            count = len(quantity.coords["ldos_site"].values)
            raise InputError(
                f"{name} is known at {count} sites, a map needs all; run again with"
                " observables.ldos.sites: all"
            )
        has = ", ".join(quantity.dims) or "none"
        raise InputError(
            f"a map at an energy needs a quantity on all sites and energies; the axes of {name}: {has}"
        )
    axis = np.asarray(quantity.coords[along].values)
    if not axis.min() <= energy <= axis.max():
        low, high = (number(float(end), "t", result.units) for end in (axis.min(), axis.max()))
        raise InputError(f"energy {energy:g} t is outside the spectrum, which goes from {low} to {high}")


def _at_sites(result: Result, name: str, sites: Sequence[int], more: bool) -> Any:
    if more:
        raise InputError("a site goes with neither an energy nor a line; give one of the three")
    if name not in LOCAL_SPECTRA:
        raise InputError(f"{name} has no spectrum at a site; sites go with {' or '.join(LOCAL_SPECTRA)}")
    return spectrum(result, sites, name)

"""The right figure for a name."""

from __future__ import annotations

from typing import Any

from bdg.errors import InputError
from bdg.plot.bonds import bond_map
from bdg.plot.convergence import convergence
from bdg.plot.currents import current_arrows
from bdg.plot.maps import site_map
from bdg.plot.other import generic, scalars
from bdg.plot.overview import overview
from bdg.plot.spectra import spectrum
from bdg.result import Result
from bdg.store.results import field_quantities

FIGURES = ("overview", "convergence", "spectrum", "currents", "numbers")
"""Figures that are of no single quantity."""


def plot(result: Result, quantity: str | None = None) -> Any:
    """Draw a result: one page with all there is, or one quantity in the way that suits it.

    Parameters
    ----------
    result
        From :func:`bdg.solve` or :func:`bdg.load`.
    quantity
        Name of a quantity or an observable; ``delta``, ``hartree``; or ``overview`` (as without a name),
        ``convergence``, ``spectrum``, ``currents``, ``numbers``.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    InputError
        If the name is unknown; the message lists those there are.
    """
    figures = {
        "overview": overview,
        "convergence": convergence,
        "spectrum": spectrum,
        "currents": current_arrows,
        "numbers": scalars,
    }
    name = quantity or "overview"
    if name in figures:
        return figures[name](result)
    known = field_quantities(result) | result.quantities()
    if name not in known and result.observables.get(name):
        name = next(iter(result.observables[name]))  # an observable: its first quantity
    if name not in known:
        names = ", ".join([*FIGURES, *sorted(known)])
        raise InputError(f"there is nothing called {name!r} to plot; use one of {names}")
    return _one(result, name, known)


def _one(result: Result, name: str, known: dict[str, Any]) -> Any:
    chosen = known[name]
    if name in ("ldos", "dos"):
        return spectrum(result)
    if name == "site_current":
        return current_arrows(result)
    if "site" in chosen.dims:
        return site_map(result, name)
    if chosen.dims == ("bond",):
        return bond_map(result, chosen)
    return generic(result, name, chosen) if chosen.dims else scalars(result)

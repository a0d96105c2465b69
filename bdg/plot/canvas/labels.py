"""Labels with units, second axes in SI units, names of sites."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.result import Result, Units
from bdg.words import yes_or_no

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def spelled(units: str) -> str:
    """Units as a paper writes them: ``e^2 a^2/hbar`` is e² a²/ħ."""
    text = units.replace("hbar", "ħ").replace("k_B", "k$_B$")
    return re.sub(r"\^(-?\d+)", lambda found: found[1].translate(RAISED), text)


SYMMETRIES = {
    r"d[_ ]x2[_ ]y2": "d$_{x^2{-}y^2}$",
    r"d[_ ]xy": "d$_{xy}$",
    r"d[_ ]id": "d$_{x^2{-}y^2}$ + id$_{xy}$",
    r"s[_ ]extended": "extended s",
    r"chiral[_ ]p": "p$_x$ + ip$_y$",
    r"p[_ ]([xyz])": r"p$_\1$",
}
"""Names of pairs on bonds as a paper writes them."""


def pretty(text: str) -> str:
    """A text with the symmetries of pairs as a paper writes them."""
    for name, symbol in SYMMETRIES.items():
        text = re.sub(rf"(?<![A-Za-z]){name}(?![A-Za-z0-9])", symbol, text)
    return text


def with_units(text: str, units: str) -> str:
    """``Order parameter (t)``; no parentheses for pure numbers."""
    return capital(text) if units in ("1", "") else f"{capital(text)} ({spelled(units)})"


def capital(text: str) -> str:
    """A text that begins with a capital letter, a symbol such as π as it is; see :func:`pretty`."""
    text = pretty(text)
    is_symbol = not text[:1].isascii() or text.startswith(("d$", "p$", "dI/"))
    return text if is_symbol else text[:1].upper() + text[1:]


def label(quantity: Quantity) -> str:
    """The axis label of a quantity."""
    return with_units(quantity.long_name, quantity.units)


def number(value: float, units: str, si: Units | None) -> str:
    """A value with its units, and in SI units where they are known."""
    unit = "" if units == "1" else f" {spelled(units)}"
    converted = si.si(units) if si is not None else None
    second = "" if converted is None else f" = {_readable(value * converted[0], converted[1])}"
    return f"{value:.6g}{unit}{second}".replace("-", "−")


def value_of(quantity: Quantity, si: Units | None) -> str:
    """The value of a quantity that is one number, with its units; yes or no of one that is true or false.

    One that is no larger than its error is 0 as far as is known.
    """
    value = quantity.values[()]
    if quantity.values.dtype == bool:
        return yes_or_no(bool(value))
    if np.iscomplexobj(value) and value.imag:
        unit = "" if quantity.units == "1" else f" {spelled(quantity.units)}"
        return f"{value:.6g}{unit}"
    if quantity.error is not None and abs(value) <= np.max(quantity.error):
        return f"0 within {np.max(quantity.error):.1g}"
    return number(float(np.real(value)), quantity.units, si)


def _readable(value: float, unit: str) -> str:
    larger = {"meV": "eV", "nA": "µA"}
    if unit in larger and abs(value) >= 9999.5:
        value, unit = value / 1e3, larger[unit]
    return f"{value:.4g} {unit}"


def add_si_axis(axes: Any, along: str, units: str, si: Units | None, text: str | None = None) -> None:
    """Add a second axis in SI units on top (``along`` = x) or on the right (y), where units are known."""
    converted = si.si(units) if si is not None else None
    if converted is None:
        return
    factor, name = converted
    functions = (lambda value: value * factor, lambda value: value / factor)
    second = (
        axes.secondary_xaxis("top", functions=functions)
        if along == "x"
        else axes.secondary_yaxis("right", functions=functions)
    )
    (second.set_xlabel if along == "x" else second.set_ylabel)(name if text is None else f"{text} ({name})")


def length_label(coordinate: str, si: Units | None) -> str:
    """``x (a)``, or ``x (nm)`` where the lattice constant is known: for axes with :func:`length_ticks`."""
    return f"{coordinate} (a)" if si is None or si.length is None else f"{coordinate} (nm)"


def length_ticks(axis: Any, si: Units | None, ticks: int = 9) -> None:
    """Give an axis of lengths in a round ticks in nm, where the lattice constant is known."""
    from matplotlib.ticker import MaxNLocator

    converted = si.si("a") if si is not None else None
    if converted is None:
        return
    factor = converted[0]

    class InNanometres(MaxNLocator):
        def tick_values(self, vmin: float, vmax: float) -> Any:
            return np.asarray(super().tick_values(factor * vmin, factor * vmax)) / factor

    axis.set_major_locator(InNanometres(nbins=ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(lambda place, _: f"{factor * place:.6g}".replace("-", "−"))


def site_name(sample: Sample, site: int) -> str:
    """The cell of a site, and its orbital if a cell has several: ``[12, 12]``."""
    place = [int(n) for n in sample.cells[site]]
    if set(sample.size) == {1} and sample.cell.n_orbitals > 1:
        return str(int(sample.orbitals[site]))
    return str(place if sample.cell.n_orbitals == 1 else [*place, int(sample.orbitals[site])])


def delta_is_given(result: Result) -> bool:
    """Whether Δ was held fixed: it is not zero, and no iteration moved it."""
    moved = any(turn.residual_delta != 0 for turn in result.history)
    ran = result.status == "converged" or bool(result.history)
    return ran and not moved and bool(np.any(result.fields.delta != 0))


def caveat(result: Result, quantity: Quantity) -> str:
    """Why a current need not be conserved; nothing if it is."""
    if quantity.attributes.get("self_consistent", True):
        return ""
    is_given = result.status == "converged" or delta_is_given(result)
    return f"{'Δ is given' if is_given else 'Not converged'}: currents need not be conserved"


def add_caveat(axes: Any, result: Result, quantity: Quantity) -> None:
    """Say below a panel of currents why they need not be conserved, if so."""
    if caveat(result, quantity):
        axes.set_xlabel(f"{axes.get_xlabel()}\n{caveat(result, quantity)}")


def is_uniform(values: NDArray[Any]) -> bool:
    """Whether numbers are equal as far as a picture can tell."""
    finite = values[np.isfinite(values)]
    return not finite.size or float(np.ptp(finite)) <= 1e-6 * float(np.abs(finite).max())

"""What a scanning tunnelling microscope measures over every site: dI/dV and I, at a height or a set point."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.observables.parameters import ALL, Sites
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.observables.tunnelling.parameters import Biases, Lifetime, Modulation, SetPoint, TipOverSites
from bdg.observables.tunnelling.spectra import Tunnelled, density_of, tunnelled

Accuracy = Annotated[
    float,
    Field(strict=True, ge=1e-12, le=1e-2),
    "Largest error of the spectrum between its energies, as a share of its largest value.",
]
"""What decides how many energies the spectrum is computed at."""


@observable(
    title="dI/dV and I of a scanning tunnelling microscope.",
    group="spectra",
    example="{biases: {start: -1, stop: 1, num: 101}, modulation: {rms: 0.01}, sites: [[8, 8]]}",
)
def stm(
    state: State,
    biases: Biases,
    broadening: Lifetime = 0.05,
    sites: Sites = ALL,
    modulation: Annotated[Modulation | None, "Lock-in modulation: {rms: …} or {peak: …}; none."] = None,
    tip: TipOverSites = None,
    set_point: Annotated[
        SetPoint | None, "Set point {bias, current, decay} of a constant-current map."
    ] = None,
    accuracy: Accuracy = 1e-6,
) -> dict[str, Quantity]:
    r"""The current and the differential conductance between a tip and the sample.

    I(V) = ∫ dω N(ω) N_t(ω − eV) [f_t(ω − eV) − f_s(ω)], N the local density of states and N_t that of the tip
    (1 for a normal one); see :mod:`bdg.tunnelling.junction`. The factor of the tunnelling matrix element, 2πe
    |M|² N_t(normal)/ħ, is the unit of I.

    Parameters
    ----------
    state
        The state to measure; its temperature is that of f_s.
    biases
        eV of the sample, shape ``(n_biases,)``, in t: V > 0 finds empty states.
    broadening
        η of the sample's states.
    sites
        Sites that the tip stands over.
    modulation
        Of the bias; ``stm_conductance`` is then the first harmonic.
    tip
        The tip.
    set_point
        Spectra of a feedback loop that holds I(V_s) = I_s before each of them.
    accuracy
        See :func:`bdg.tunnelling.panels.resolve`.

    Returns
    -------
    dict
        ``stm_conductance`` = dI/dV, in 1/t, ``stm_current`` = I (without modulation) and
        ``stm_normalised`` = (dI/dV)/(I/V), shape ``(n_biases, n_sites)``; with a set point
        ``stm_set_point_conductance`` = dI/dV · I_s/|I(V_s)| of the same shape, ``stm_set_point_current``, the
        map of I(V_s) at constant height, and with its decay ``stm_height`` = ln(|I(V_s)|/I_s)/2κ, in a.

    Raises
    ------
    InputError
        If the broadening is not positive at an energy, a table can't be read, or no current flows at the set
        point.
    """
    density_of(tip)  # a table that can't be read is refused before any work
    asked = biases if set_point is None else np.append(biases, set_point.bias)
    found = tunnelled(state, asked, broadening, sites, modulation, tip, accuracy)
    shown = len(biases)
    dims, coords = _axes(biases, sites)
    notes = {"broadening": broadening.written, "energies": found.energies}
    notes |= {} if modulation is None else {"modulation_peak": modulation.amplitude}
    quantities = {
        "stm_conductance": Quantity(
            found.conductance[:shown], dims, "1/t", "dI/dV", coords, found.error, notes
        ),
        "stm_current": Quantity(
            found.current[:shown], dims, "1", "tunnel current", coords, found.current_error, notes
        ),
        "stm_normalised": Quantity(
            found.normalised[:shown], dims, "1", "(dI/dV)/(I/V)", coords, attributes=notes
        ),
    }
    if set_point is not None:
        quantities |= _at_set_point(found, set_point, shown, dims, coords)
    return quantities


def _axes(biases: Floats, sites: Floats | None) -> tuple[tuple[str, ...], dict[str, Quantity]]:
    """Axes of maps over biases and sites."""
    coords = {"bias": Quantity(biases, ("bias",), "t/e", "bias of the sample")}
    if sites is None:
        return ("bias", "site"), coords
    coords["ldos_site"] = Quantity(sites, ("ldos_site",), "1", "index of the site")
    return ("bias", "ldos_site"), coords


def _at_set_point(
    found: Tunnelled, set_point: SetPoint, shown: int, dims: tuple[str, ...], coords: dict[str, Quantity]
) -> dict[str, Quantity]:
    """The conductance normalised by the current at the set point, that current, and the heights."""
    size = np.abs(found.current[-1])
    if (size <= 4 * found.current_error).any():
        raise InputError(
            f"no current flows at the set point, {set_point.bias:g} t/e, over some site: {size.min():.2g};"
            " give a larger bias"
        )
    current = float(size.mean()) if set_point.current is None else set_point.current
    notes = {"set_point_bias": set_point.bias, "set_point_current": current}
    place = {name: one for name, one in coords.items() if name != "bias"}
    values = found.conductance[:shown] * current / size
    error = found.error * current / float(size.min())
    name = "dI/dV at constant current"
    quantities = {
        "stm_set_point_conductance": Quantity(values, dims, "1/t", name, coords, error, notes),
        "stm_set_point_current": Quantity(
            found.current[-1], dims[1:], "1", "current at the bias of the set point", place,
            found.current_error, notes,
        ),
    }  # fmt: skip
    if set_point.decay is not None:
        height = np.log(size / current) / (2 * set_point.decay)
        quantities["stm_height"] = Quantity(
            height, dims[1:], "a", "height of the tip less that of the mean current"
            if set_point.current is None else "height of the tip less that of constant height",
            place, attributes=notes,
        )  # fmt: skip
    return quantities

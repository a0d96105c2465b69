"""What a result has of a microscope's measurement, in volts, metres and amperes."""

from __future__ import annotations

import numpy as np

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.measured.measured import Channel, Measured
from bdg.observables import Quantity
from bdg.result import Result

CHANNELS = {"stm_current": ("Current", "A"), "stm_conductance": ("LI Demod 1 X", "A")}
"""Names and units of quantities, as a Nanonis controller has them."""


def simulated(
    result: Result, name: str | None = None, *, bias: float | None = None, factor: float = 1e-9
) -> Measured:
    """The spectra of ``stm``, or one quantity on sites, on a grid of the sample's cells.

    Parameters
    ----------
    result
        Of a rectangular sample with one orbital a cell and known units of energy and length.
    name
        A quantity on all sites: a map; of one with biases that at ``bias``. By default the current and dI/dV
        of ``stm``: spectra.
    bias
        In t/e.
    factor
        Current in A that is 1 in the unit of ``stm_current``. The lock-in signal is dI/dV in A/V, for 1 V.

    Raises
    ------
    InputError
        If the result has no such quantity, the sample is no rectangle, or units are not known.
    """
    if result.units is None or result.units.length is None:
        raise InputError("a microscope's file is in V and m; give units: {energy: 2 meV, length: 0.4 nm}")
    places, axes = _grid(result.sample, result.units.length)
    known = result.quantities()
    wanted = list(CHANNELS) if name is None else [name]
    missing = [one for one in wanted if one not in known or "site" not in known[one].dims]
    if missing:
        raise InputError(f"the result has no {missing[0]} on all sites; measure it with sites: all")
    volt = result.units.si("t/e")
    assert volt is not None
    if name is None:
        axes["bias"] = (1e-3 * volt[0] * known["stm_current"].coords["bias"].values, "V")
        scales = {"stm_current": factor, "stm_conductance": factor / (1e-3 * volt[0])}
        channels = {
            CHANNELS[one][0]: Channel(
                scales[one] * _mapped(known[one], places), ("bias", "y", "x"), CHANNELS[one][1]
            )
            for one in wanted
        }
        comment = f"simulated by bdg: LI Demod 1 X is dI/dV in A/V, the unit of the current {factor:g} A"
        return Measured(result.title or "simulated", channels, axes, {"comment": comment})
    quantity = known[name]
    values = _mapped(quantity, places)
    if "bias" in quantity.dims or "energy" in quantity.dims:
        along = quantity.coords["bias" if "bias" in quantity.dims else "energy"].values
        if bias is None:
            raise InputError(f"{name} has {len(along)} biases; choose one, bias=0.1")
        values = values[int(np.argmin(np.abs(along - bias)))]
    if values.ndim != 2 or np.iscomplexobj(values):
        raise InputError(f"{name} is no real map, its axes are {', '.join(quantity.dims)}")
    return Measured(result.title or "simulated", {name: Channel(values, ("y", "x"), quantity.units)}, axes)


def _grid(sample: Sample, length: float) -> tuple[Floats, dict[str, tuple[Floats, str]]]:
    """Index of the site at each point, and the axes in m."""
    vectors = np.asarray(sample.cell.vectors)
    is_flat = sample.dimension == 2 and sample.cell.n_orbitals == 1 and len(sample.size) == 2
    if (
        not is_flat
        or abs(vectors[0, 1]) + abs(vectors[1, 0]) > 1e-12
        or sample.n_sites != np.prod(sample.size)
    ):
        raise InputError(
            f"a grid has rows and columns, {sample!r} has not; take a square lattice without holes"
        )
    places = np.empty(sample.size[::-1], int)
    places[sample.cells[:, 1], sample.cells[:, 0]] = np.arange(sample.n_sites)
    axes = {
        name: (length * vectors[n, n] * np.arange(sample.size[n]), "m") for n, name in enumerate(("x", "y"))
    }
    return places, axes


def _mapped(quantity: Quantity, places: Floats) -> Floats:
    values: Floats = np.moveaxis(quantity.values, quantity.dims.index("site"), -1)[..., places]
    return values

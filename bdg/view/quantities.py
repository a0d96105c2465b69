"""Quantities in a page: axes, names, units, numbers; what each is drawn as is the table of `bdg plot`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bdg.observables import Quantity
from bdg.plot.canvas.labels import spelled
from bdg.plot.canvas.scale import FLOW
from bdg.plot.figures.spectra.bands import path_marks
from bdg.plot.table import PLACES, picture_of
from bdg.view.packing import Blocks
from bdg.words import yes_or_no

NAMES = {"spin": ("up", "down"), "component": ("x", "y", "z")}
"""Of the members of an axis that has no numbers."""

FLUX_QUANTA = {"phase_difference": (np.pi, "π")}
"""Axes that a page divides by a number, and its name."""

UNSAID = ("warning", "path_ticks", "path_labels", "momenta")
"""Notes that a page shows elsewhere."""

Part = dict[str, Any]


def quantity_part(blocks: Blocks, name: str, quantity: Quantity, swept: Sequence[str] = ()) -> Part:
    """One quantity: the axis of its place, if it has one, goes last.

    Parameters
    ----------
    blocks
        Where its numbers go.
    name, quantity
        What it is.
    swept
        Axes of a study among its own; they are first.
    """
    own = _own(quantity, swept)
    picture = picture_of(name, own)
    last = next((dim for dim in quantity.dims if dim in PLACES), picture.along or "")
    if last not in quantity.dims:
        last = quantity.dims[-1] if quantity.dims else ""
    dims = [dim for dim in quantity.dims if dim != last] + [last] * bool(last)
    values = quantity.values.transpose([quantity.dims.index(dim) for dim in dims])
    is_complex = np.iscomplexobj(values)
    numbers = np.stack([values.real, values.imag]) if is_complex else values.astype(np.float64)
    return {
        "name": name,
        "long": capital(quantity.long_name),
        "units": unit(quantity.units),
        "kind": picture.kind,
        "complex": is_complex,
        "flow": quantity.units == FLOW,
        "bands": "path" in dims and "band" in dims,
        "levels": any(dim in dims for dim in ("junction_level", "level")),
        "axes": [_axis(blocks, quantity, dim) for dim in dims],
        "data": blocks.packed(np.atleast_1d(numbers)),
        "notes": {key: _said(value) for key, value in quantity.attributes.items() if key not in UNSAID},
        "error": quantity.error if quantity.error is not None and math.isfinite(quantity.error) else None,
    }


def _said(value: str | float | int | bool) -> str:
    """A note in words."""
    if isinstance(value, bool | np.bool_):
        return yes_or_no(bool(value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def is_shown(quantity: Quantity) -> bool:
    """Whether it is made of numbers, and there are some."""
    return quantity.values.dtype.kind in "iufcb" and quantity.values.size > 0


def _own(quantity: Quantity, swept: Sequence[str]) -> Quantity:
    """A quantity of one point of a study."""
    dims = tuple(dim for dim in quantity.dims if dim not in swept)
    if len(dims) == len(quantity.dims):
        return quantity
    return replace(quantity, values=quantity.values[(0,) * (len(quantity.dims) - len(dims))], dims=dims)


def _axis(blocks: Blocks, quantity: Quantity, dim: str) -> Part:
    """An axis: its numbers, or the names of its members."""
    count = quantity.values.shape[quantity.dims.index(dim)]
    coordinate = quantity.coords.get(dim)
    axis: Part = {"name": dim, "count": count, "label": capital(dim.replace("_", " ")), "units": "1"}
    if dim in PLACES and coordinate is None:
        return axis
    if coordinate is not None and coordinate.values.dtype.kind in "iuf":
        factor, called = FLUX_QUANTA.get(dim, (1.0, unit(coordinate.units)))
        label, values = capital(coordinate.long_name), np.asarray(coordinate.values, np.float64) / factor
        axis |= {"label": label, "units": called, "values": blocks.exact(values)}
    elif coordinate is not None:
        axis |= {"label": capital(coordinate.long_name), "names": [str(one) for one in coordinate.values]}
    elif dim in NAMES:
        axis |= {"names": list(NAMES[dim][:count])}
    if dim == "state" and "state_energy" in quantity.coords:
        levels = quantity.coords["state_energy"]
        named = enumerate(np.asarray(levels.values), 1)
        axis |= {"names": [f"{n}, energy {level:.5g} {unit(levels.units)}" for n, level in named]}
    if dim == "path":
        ticks, names = path_marks(quantity)
        axis |= {
            "marks": [[tick, called.replace("$", "")] for tick, called in zip(ticks, names, strict=True)]
        }
        axis |= {"label": "Distance along the path"}
    return axis


def unit(units: str) -> str:
    """Units as a page writes them; 1 of pure numbers."""
    return plain(spelled(units)) or "1"


def plain(text: str) -> str:
    """A text without the marks of mathematics."""
    return text.replace("$_B$", "_B").replace("$", "").replace("^2", "²")


def capital(text: str) -> str:
    """A text that begins with a capital letter, where its first word is one of the language."""
    word = text.split(" ")[0]
    return text[:1].upper() + text[1:] if word.replace("-", "").isalpha() and len(word) > 1 else text

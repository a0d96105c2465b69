"""A quantity as a table: a line a number, the places along its axes before it."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from bdg.arrays import Array
from bdg.errors import InputError
from bdg.exported.chosen import cut
from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.store.safety.atomic import write_text


def write_csv(
    path: str | os.PathLike[str], sample: Sample, found: Mapping[str, Quantity], energy: float | None
) -> None:
    """Write the quantities of one observable that lie along the same axes, a column each.

    Columns of ``site`` are its number and position, of ``bond`` its ends; numbers have all their digits,
    complex ones a column for each part.

    Raises
    ------
    InputError
        If they lie along different axes.
    """
    quantities = {name: cut(quantity, energy) for name, quantity in found.items()}
    first = next(iter(quantities.values()))
    if any(one.dims != first.dims for one in quantities.values()):
        raise InputError(f"{', '.join(quantities)} lie along different axes; name one of them")
    index = [row.ravel() for row in np.indices(first.values.shape)]
    columns: dict[str, Any] = {}
    for dim, rows in zip(first.dims, index, strict=True):
        columns |= {title: values[rows] for title, values in _places(sample, dim, first).items()}
    for name, one in quantities.items():
        columns |= _numbers(name, one)
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows(zip(*(np.atleast_1d(values).tolist() for values in columns.values()), strict=True))
    write_text(path, text.getvalue(), overwrite=True)


def _places(sample: Sample, dim: str, quantity: Quantity) -> dict[str, Array]:
    """What stands for the places along an axis, by the titles of columns."""
    if dim == "site":
        names = "xyz"[: sample.dimension] if sample.dimension <= 3 else ""
        along = {f"{name} (a)": sample.positions[:, n] for n, name in enumerate(names)}
        return {"site": np.arange(sample.n_sites), **along}
    if dim == "bond":
        return {"bond": np.arange(sample.n_bonds), "from": sample.bonds.source, "to": sample.bonds.target}
    if dim in quantity.coords:
        coord = quantity.coords[dim]
        return {_titled(dim, coord.units): coord.values}
    words = {"spin": ["up", "down"], "component": [*"xyz"]}.get(dim)
    length = quantity.values.shape[quantity.dims.index(dim)]
    return {dim: np.array(words[:length]) if words is not None else np.arange(length)}


def _numbers(name: str, quantity: Quantity) -> dict[str, Array]:
    values = quantity.values.ravel()
    if np.iscomplexobj(values):
        return {
            _titled(f"{name} real", quantity.units): values.real,
            _titled(f"{name} imag", quantity.units): values.imag,
        }
    return {_titled(name, quantity.units): values}


def _titled(name: str, units: str) -> str:
    return name if units in ("1", "") else f"{name} ({units})"

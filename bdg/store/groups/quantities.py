"""Quantities ⇄ datasets with dimension scales, units and long names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.result import Units
from bdg.store.groups.arrays import (
    is_bare,
    is_scale,
    read_array,
    read_attribute,
    write_array,
    write_bare_scale,
    write_scale,
)
from bdg.store.safety.digests import SHA256

RESERVED = {
    *("units", "long_name", "error", "si_units", "si_factor", "actual_range", "modulus_range", "dtype"),
    *("coordinates", "coordinate_name", "CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "_FillValue"),
    *("scale_factor", "add_offset", "missing_value", SHA256),
}
"""Attributes with a meaning of their own; a quantity's own attribute of such a name is stored with ESCAPE."""

ESCAPE = "attribute_"


def write_quantities(
    group: Any, quantities: Mapping[str, Quantity], shared: Mapping[str, Any], units: Units | None
) -> None:
    """Write the quantities of one observable, each a dataset, and the axes they have of their own.

    Parameters
    ----------
    group
        The HDF5 group to fill.
    quantities
        By name.
    shared
        Dimension scales of the axes that all observables share: site, bond, spin, component.
    units
        What t and a are, for the SI attributes.
    """
    writer = _Writer(group, shared, units, taken={*quantities, *shared})
    for name, quantity in quantities.items():
        writer.write(name, quantity)


def read_quantities(group: Any) -> dict[str, Quantity]:
    """The quantities of one observable, as :func:`write_quantities` got them."""
    axes = _Axes(group)
    return {name: _read(dataset, axes) for name, dataset in group.items() if is_quantity(dataset)}


def is_quantity(dataset: Any) -> bool:
    """Whether a dataset of a group is a quantity and not one of its axes."""
    return not is_scale(dataset) and "coordinate_name" not in dataset.attrs


def read_quantity(dataset: Any) -> Quantity:
    """One quantity with its own axes."""
    return _read(dataset, _Axes(dataset.parent))


def _read(dataset: Any, axes: _Axes) -> Quantity:
    coords = {}
    for scale in (axis[0] for axis in dataset.dims):
        if axes.is_own(scale) and not is_bare(scale):
            coords[axes.name_of(scale)] = _plain_quantity(scale, axes.dims_of(scale))
    for name in str(dataset.attrs.get("coordinates", "")).split():
        other = axes.group[name]
        coords[axes.name_of(other)] = _plain_quantity(other, axes.dims_of(other))
    return _plain_quantity(dataset, axes.dims_of(dataset), coords)


def describe(quantity: Quantity, units: Units | None) -> dict[str, Any]:
    """The attributes of a quantity's dataset: units, long name, error, SI unit and factor, range, its own."""
    attributes: dict[str, Any] = {"units": quantity.units, "long_name": quantity.long_name}
    if quantity.error is not None:
        attributes["error"] = float(quantity.error)
    attributes |= si_attributes(quantity.units, units)
    attributes |= _range(quantity.values)
    for key, value in quantity.attributes.items():
        attributes[ESCAPE + key if key in RESERVED or key.startswith(ESCAPE) else key] = value
    return attributes


def si_attributes(unit: str, units: Units | None) -> dict[str, Any]:
    """``si_units`` and ``si_factor`` (SI value = factor × value), where the config says what t is."""
    converted = units.si(unit) if units is not None else None
    return {} if converted is None else {"si_units": converted[1], "si_factor": converted[0]}


def _range(values: NDArray[Any]) -> dict[str, Any]:
    """Smallest and largest value, so that they can be shown without reading the data."""
    if values.dtype.kind not in "biufc" or not values.size:
        return {}
    if values.dtype.kind == "b":
        values = values.astype(np.int8)
    name, shown = ("modulus_range", np.abs(values)) if values.dtype.kind == "c" else ("actual_range", values)
    finite = shown[np.isfinite(shown)]
    return {name: np.array([finite.min(), finite.max()])} if finite.size else {}


@dataclass
class _Writer:
    """Writes into one group and remembers the axes that are there already."""

    group: Any
    shared: Mapping[str, Any]
    units: Units | None
    taken: set[str]
    written: list[tuple[str, Quantity, Any]] = field(default_factory=list)
    bare: dict[tuple[str, int], Any] = field(default_factory=dict)

    def write(self, name: str, quantity: Quantity) -> None:
        if not name or "/" in name or name in (".", ".."):
            raise InputError(f"a quantity cannot be called {name!r} in a file; use letters, digits and _")
        # Axes first: other coordinates may lie along them.
        order = sorted(quantity.coords, key=lambda key: quantity.coords[key].dims != (key,))
        own = {key: self._coordinate(name, key, quantity) for key in order}
        scales = self._scales(name, quantity, quantity, own)
        attributes = describe(quantity, self.units)
        others = [dataset.name.rsplit("/", 1)[1] for key, dataset in own.items() if key not in quantity.dims]
        if others:
            attributes["coordinates"] = " ".join(others)
        write_array(self.group, name, quantity.values, scales, attributes)

    def _coordinate(self, name: str, key: str, owner: Quantity) -> Any:
        """The dataset of a coordinate, shared with an earlier quantity that has the same."""
        coordinate = owner.coords[key]
        for known, other, dataset in self.written:
            if known == key and _same(coordinate, other):
                return dataset
        place = self._free(key, name)
        attributes = {**describe(coordinate, self.units), "coordinate_name": key}
        if coordinate.dims == (key,):
            dataset = write_scale(self.group, place, coordinate.values, attributes, compact=False)
        else:
            along = {other: dataset for other, _, dataset in self.written if other in owner.coords}
            scales = self._scales(name, coordinate, owner, along)
            dataset = write_array(self.group, place, coordinate.values, scales, attributes)
        self.written.append((key, coordinate, dataset))
        return dataset

    def _scales(self, name: str, quantity: Quantity, owner: Quantity, own: Mapping[str, Any]) -> list[Any]:
        """A scale for each axis: its own, a shared one, or one without values."""
        scales: list[Any] = []
        for dim, length in zip(quantity.dims, quantity.values.shape, strict=True):
            candidates = [own[dim]] if dim in own else []
            if dim in self.shared and dim not in owner.coords:
                candidates.append(self.shared[dim])
            # netCDF allows a dimension once in a variable, and one length for it.
            fitting = [c for c in candidates if is_scale(c) and c.shape == (length,) and c not in scales]
            scales.append(fitting[0] if fitting else self._bare(dim, length, name, scales))
        return scales

    def _bare(self, dim: str, length: int, name: str, used: list[Any]) -> Any:
        known = self.bare.get((dim, length))
        if known is None or known in used:
            known = write_bare_scale(self.group, self._free(dim, name), length, {"coordinate_name": dim})
            self.bare[(dim, length)] = known
        return known

    def _free(self, wanted: str, owner: str) -> str:
        """A name not yet in use, the wanted one if possible."""
        plain = "_".join(wanted.replace("/", " ").split()) or "axis"
        names = [plain, f"{plain}_{owner}", *(f"{plain}_{owner}_{n}" for n in range(2, 2 + len(self.taken)))]
        chosen = next(name for name in names if name not in self.taken)
        self.taken.add(chosen)
        return chosen


def _same(one: Quantity, other: Quantity) -> bool:
    return one is other or (
        (one.dims, one.units, one.long_name, one.error)
        == (other.dims, other.units, other.long_name, other.error)
        and dict(one.attributes) == dict(other.attributes)
        and one.values.dtype == other.values.dtype
        and np.array_equal(one.values, other.values)
    )


class _Axes:
    """The names of the axes of datasets in a group, by where their scales lie in the file.

    A scale is met as a reference without a name, and HDF5 would look through the whole file for it.
    """

    def __init__(self, group: Any) -> None:
        self.group = group
        self._own, self._shared = _names(group), _names(group.file)

    def is_own(self, scale: Any) -> bool:
        """Whether a scale is in the group."""
        return _address(scale) in self._own

    def name_of(self, scale: Any) -> str:
        """The name of the axis."""
        name, place = scale.attrs.get("coordinate_name"), _address(scale)
        if name is None:
            name = self._own.get(place) or self._shared.get(place) or scale.name.rsplit("/", 1)[1]
        return str(name)

    def dims_of(self, dataset: Any) -> tuple[str, ...]:
        """The names of all axes of a dataset; of a scale its own."""
        if is_scale(dataset):
            return (self.name_of(dataset),)
        return tuple(self.name_of(axis[0]) for axis in dataset.dims)


def _names(group: Any) -> dict[int, str]:
    """The members of a group by their addresses."""
    return {group.id.links.get_info(name.encode()).u: name for name in group}


def _address(member: Any) -> int:
    return int(h5py.h5o.get_info(member.id).addr)


def _plain_quantity(
    dataset: Any, dims: tuple[str, ...], coords: Mapping[str, Quantity] | None = None
) -> Quantity:
    attributes = dict(dataset.attrs)
    error = attributes.get("error")
    own = {
        key.removeprefix(ESCAPE): read_attribute(value)
        for key, value in attributes.items()
        if key not in RESERVED
    }
    return Quantity(
        read_array(dataset),
        dims,
        str(attributes["units"]),
        str(attributes["long_name"]),
        coords or {},
        None if error is None else float(error),
        own,
    )

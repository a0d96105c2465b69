"""XDMF: a text that says what the arrays of an HDF5 file beside it are; sites are points, bonds lines.

Reference: XDMF Model and Format, version 3 (www.xdmf.org).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

import h5py
import numpy as np

from bdg.arrays import Array
from bdg.exported.drawn import DrawnArray, drawn_arrays, drawn_bonds, points_of, series_of
from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.plot.canvas.finding import spectral_axis
from bdg.result import Result
from bdg.store.safety.atomic import new_file, write_bytes

CENTERS = {"site": "Node", "bond": "Cell"}
"""Where numbers on sites and on bonds are."""

CELLS = {1: "Polyvertex", 2: "Polyline"}
"""Kinds of cells by their number of points."""

TYPES = {"f": "Float", "i": "Int", "u": "UInt"}


def write_xdmf(
    path: str | os.PathLike[str],
    result: Result,
    found: Mapping[str, Quantity],
    energy: float | None,
    *,
    is_all: bool = False,
) -> None:
    """Write NAME.xdmf and the arrays, NAME.xdmf.h5, which belong together.

    Spectra without an energy are a series of grids, whose time is the energy; all that is no spectrum is in
    each of them.

    Parameters
    ----------
    path, result, found
        Where, and what.
    energy
        Where spectra are cut.
    is_all
        Whether quantities that cannot be written, spectra without an energy among them, are left out rather
        than refused.

    Raises
    ------
    InputError
        If a quantity lies on neither sites nor bonds, or spectra have different energies.
    """
    sample = result.sample
    spectra = (
        {} if is_all or energy is not None else {k: one for k, one in found.items() if spectral_axis(one)}
    )
    rest = {name: one for name, one in found.items() if name not in spectra}
    still = drawn_arrays(sample, rest, energy, is_all=is_all) if rest else []
    spectra, energies = series_of(spectra) if spectra else ({}, [])
    file = f"{Path(path).name}.h5"
    document = Element("Xdmf", Version="3.0")
    domain = SubElement(document, "Domain")
    with new_file(f"{os.fspath(path)}.h5", overwrite=True) as stream, h5py.File(stream, "w") as arrays:
        heavy = _Heavy(arrays, file)
        geometry = heavy.item("points", points_of(sample)), heavy.item("cells", _cells(sample), "1")
        common = [(one, heavy.item(f"still/{one.name}", _own(one, sample), one.units)) for one in still]
        if not energies:
            _grid(domain, result.title, geometry, common)
        else:
            series = SubElement(domain, "Grid", Name=result.title, GridType="Collection")
            series.set("CollectionType", "Temporal")
        for n, at in enumerate(energies):
            cuts = drawn_arrays(sample, spectra, at, is_all=False)
            own = [(one, heavy.item(f"{n:04d}/{one.name}", _own(one, sample), one.units)) for one in cuts]
            grid = _grid(series, f"{n:04d}", geometry, [*common, *own])
            grid.insert(0, Element("Time", Value=repr(at)))
    write_bytes(path, tostring(document, encoding="utf-8", xml_declaration=True) + b"\n", overwrite=True)


class _Heavy:
    """The file of the arrays."""

    def __init__(self, file: h5py.File, name: str) -> None:
        self._file, self._name = file, name

    def item(self, name: str, values: Array, units: str = "a") -> Element:
        """Store an array with its unit, and name its place."""
        stored = values.astype(np.uint8) if values.dtype == bool else values
        self._file[name] = stored
        self._file[name].attrs["units"] = units
        item = Element("DataItem", Format="HDF", Dimensions=" ".join(map(str, stored.shape)))
        item.set("NumberType", TYPES[stored.dtype.kind])
        item.set("Precision", str(stored.dtype.itemsize))
        item.text = f"{self._name}:/{name}"
        return item


def _own(one: DrawnArray, sample: Sample) -> Array:
    """Numbers on sites, or on bonds without the sites before them."""
    return one.values if one.place == "site" else one.values[sample.n_sites :]


def _grid(
    parent: Element,
    name: str,
    geometry: tuple[Element, Element],
    attributes: Sequence[tuple[DrawnArray, Element]],
) -> Element:
    grid = SubElement(parent, "Grid", Name=name, GridType="Uniform")
    points, cells = geometry
    count, size = (cells.get("Dimensions") or "").split()
    shape: dict[str, str] = {
        "NumberOfElements": count,
        "NodesPerElement": size,
        "TopologyType": CELLS[int(size)],
    }
    SubElement(grid, "Topology", shape).append(cells)
    SubElement(grid, "Geometry", GeometryType="XYZ").append(points)
    for one, item in attributes:
        kind = "Scalar" if one.values.ndim == 1 else "Vector"
        attribute = SubElement(
            grid, "Attribute", Name=one.name, AttributeType=kind, Center=CENTERS[one.place]
        )
        attribute.append(item)
    return grid


def _cells(sample: Sample) -> Array:
    """The two ends of each bond inside the sample; where there is none, the sites themselves."""
    lines = drawn_bonds(sample)
    if not len(lines):
        return np.arange(sample.n_sites, dtype=np.int64)[:, None]
    return np.column_stack([sample.bonds.source[lines], sample.bonds.target[lines]]).astype(np.int64)

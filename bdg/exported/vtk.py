"""PolyData of the Visualization Toolkit: sites as points, bonds as lines, quantities on both.

Reference: VTK File Formats, XML formats (www.vtk.org).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from bdg.arrays import Array
from bdg.errors import InputError
from bdg.exported.chosen import cut
from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.plot.canvas.finding import spectral_axis
from bdg.result import Result
from bdg.store.safety.atomic import write_text

MOST_PARTS = 64
"""Arrays at most that one quantity becomes, those along its other axes."""

TYPES = {"f8": "Float64", "i8": "Int64", "u1": "UInt8"}

PLACES = {"site": "PointData", "bond": "CellData"}
"""Axes of a sample and where VTK keeps what lies on them."""


def write_vtp(
    path: str | os.PathLike[str],
    result: Result,
    found: Mapping[str, Quantity],
    energy: float | None,
    *,
    is_all: bool = False,
) -> None:
    """Write sites, the bonds that do not pass an end of the sample, and quantities on them.

    Complex numbers become four arrays, real, imag, modulus and phase, components along x, y, z a vector, and
    numbers along other axes an array each. Numbers on bonds stand on lines, NaN on the points.

    Parameters
    ----------
    path, result, found
        Where, and what.
    energy
        Where spectra are cut.
    is_all
        Whether quantities that cannot be written are left out rather than refused.

    Raises
    ------
    InputError
        If a quantity lies on neither sites nor bonds, or is a spectrum and no energy is given.
    """
    arrays: dict[str, list[str]] = {"PointData": [], "CellData": []}
    lines = _lines(result.sample)
    for name, quantity in found.items():
        why = _why_not(quantity, energy)
        if why and is_all:
            continue
        if why:
            raise InputError(f"{name} {why}")
        one = cut(quantity, energy)
        place = next(dim for dim in PLACES if dim in one.dims)
        for part, values in _parts(name, one, place):
            known = values if place == "site" else _on_cells(values, result.sample.n_sites, lines)
            arrays[PLACES[place]].append(_array(part, known, one.units))
    if not any(arrays.values()):
        raise InputError("nothing of the result lies on sites or bonds; give an energy for spectra")
    write_text(path, _document(result.sample, lines, arrays, result.title), overwrite=True)


def write_series(path: str | os.PathLike[str], result: Result, found: Mapping[str, Quantity]) -> None:
    """Write a file for each energy or bias into a folder, and one that names them in their order.

    Raises
    ------
    InputError
        If there is no spectrum on sites or bonds, or several along different energies.
    """
    spectra = {name: one for name, one in found.items() if spectral_axis(one) and {*PLACES} & {*one.dims}}
    axes = [one.coords[spectral_axis(one) or ""].values for one in spectra.values()]
    if not axes:
        raise InputError("a series is of spectra on all sites or bonds, such as ldos with sites: all")
    if any(one.shape != axes[0].shape or np.any(one != axes[0]) for one in axes):
        raise InputError(f"{', '.join(spectra)} have different energies; name one of them")
    target, entries = Path(path), []
    for n, energy in enumerate(axes[0].tolist()):
        piece = Path(target.stem, f"{n:04d}.vtp")
        write_vtp(target.parent / piece, result, spectra, energy)
        entries.append(f'<DataSet timestep="{energy!r}" part="0" file={quoteattr(piece.as_posix())}/>')
    body = "".join(entries)
    collection = f'<VTKFile type="Collection" version="1.0"><Collection>{body}</Collection></VTKFile>'
    write_text(path, f'<?xml version="1.0"?>\n{collection}\n', overwrite=True)


def _why_not(quantity: Quantity, energy: float | None) -> str:
    """Why a quantity cannot be written; nothing if it can."""
    if quantity.values.dtype.kind not in "biufc":
        return "is text"
    if not {*PLACES} & {*quantity.dims}:
        return f"lies on neither sites nor bonds; its axes: {', '.join(quantity.dims) or 'none'}"
    if spectral_axis(quantity) and energy is None:
        return "is a spectrum; give an energy, or write a series, .pvd"
    others = [n for dim, n in zip(quantity.dims, quantity.values.shape, strict=True) if dim not in PLACES]
    along = spectral_axis(quantity)
    count = int(np.prod(others)) // (len(quantity.coords[along].values) if along else 1)
    return f"has {count} numbers at a place; measure fewer" if count > MOST_PARTS else ""


def _lines(sample: Sample) -> Array:
    """The bonds that are drawn: those that do not pass an end of the sample."""
    found: Array = np.flatnonzero(~sample.bonds.crossing.any(axis=1))
    return found


def _parts(name: str, quantity: Quantity, place: str) -> Iterator[tuple[str, Array]]:
    """Arrays by name, the place first: numbers, vectors of three, parts along other axes."""
    values = np.moveaxis(quantity.values, quantity.dims.index(place), 0)
    dims = [dim for dim in quantity.dims if dim != place]
    is_vector = "component" in dims
    if is_vector:
        values = np.moveaxis(values, 1 + dims.index("component"), -1)
        dims.remove("component")
    for index in np.ndindex(*values.shape[1 : 1 + len(dims)]):
        one = values[(slice(None), *index)]
        part = "_".join([name, *(_place_name(dim, n) for dim, n in zip(dims, index, strict=True))])
        if is_vector:
            one = np.pad(one, ((0, 0), (0, max(0, 3 - one.shape[1]))))[:, :3]
        if np.iscomplexobj(one):
            kinds = {"real": one.real, "imag": one.imag, "modulus": np.abs(one), "phase": np.angle(one)}
            yield from ((f"{part}_{kind}", each) for kind, each in kinds.items())
        else:
            yield part, one


def _place_name(dim: str, index: int) -> str:
    return ("up", "down")[index] if dim == "spin" else str(index)


def _on_cells(values: Array, n_sites: int, lines: Array) -> Array:
    """Numbers on bonds for all cells: the sites come first, and have none."""
    own = values[lines].astype(np.float64)
    return np.concatenate([np.full((n_sites, *own.shape[1:]), np.nan), own])


def _array(name: str, values: Array, units: str = "") -> str:
    """An array in base64, behind its number of bytes."""
    kind = {"b": "u1", "i": "i8", "u": "i8"}.get(values.dtype.kind, "f8")
    stored = np.ascontiguousarray(values, dtype=f"<{kind}")
    data = base64.b64encode(np.uint64(stored.nbytes).tobytes() + stored.tobytes()).decode()
    components = 1 if values.ndim == 1 else values.shape[1]
    unit = (
        f'<InformationKey name="UNITS_LABEL" location="vtkDataArray"><![CDATA[{units}]]></InformationKey>'
        if units and units != "1"
        else ""
    )
    # The data first: readers look for them right behind the tag.
    return (
        f'<DataArray type="{TYPES[kind]}" Name={quoteattr(name)} NumberOfComponents="{components}"'
        f' format="binary">{data}{unit}</DataArray>\n'
    )


def _document(sample: Sample, lines: Array, arrays: Mapping[str, list[str]], title: str) -> str:
    n, size = sample.n_sites, min(3, sample.dimension)
    points = np.zeros((n, 3))
    points[:, :size] = sample.positions[:, :size]
    ends = np.column_stack([sample.bonds.source[lines], sample.bonds.target[lines]]).ravel()
    cells: dict[str, tuple[Array, Array]] = {
        "Verts": (np.arange(n), np.arange(1, n + 1)),
        "Lines": (ends, 2 * np.arange(1, len(lines) + 1)),
    }
    parts = ["".join((f"<{place}>\n", *own, f"</{place}>\n")) for place, own in arrays.items()]
    parts.append(f"<Points>\n{_array('points', points)}</Points>\n")
    for kind, (connectivity, offsets) in cells.items():
        own = _array("connectivity", connectivity) + _array("offsets", offsets)
        parts.append(f"<{kind}>\n{own}</{kind}>\n")
    counts = f'NumberOfPoints="{n}" NumberOfVerts="{n}" NumberOfLines="{len(lines)}"'
    return (
        '<?xml version="1.0"?>\n'
        '<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">\n'
        f"<!-- {title.replace('--', '- -')} -->\n"
        f'<PolyData>\n<Piece {counts} NumberOfStrips="0" NumberOfPolys="0">\n'
        f"{''.join(parts)}</Piece>\n</PolyData>\n</VTKFile>\n"
    )

"""PolyData of the Visualization Toolkit: sites as points, bonds as lines, quantities on both.

Reference: VTK File Formats, XML formats (www.vtk.org).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from bdg.arrays import Array
from bdg.exported.drawn import drawn_arrays, drawn_bonds, points_of, series_of
from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.result import Result
from bdg.store.safety.atomic import write_text

TYPES = {"f8": "Float64", "i8": "Int64", "u1": "UInt8"}

PLACES = {"site": "PointData", "bond": "CellData"}
"""Where VTK keeps what lies on sites and on bonds."""


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
    for one in drawn_arrays(result.sample, found, energy, is_all=is_all):
        arrays[PLACES[one.place]].append(_array(one.name, one.values, one.units))
    lines = drawn_bonds(result.sample)
    write_text(path, _document(result.sample, lines, arrays, result.title), overwrite=True)


def write_series(path: str | os.PathLike[str], result: Result, found: Mapping[str, Quantity]) -> None:
    """Write a file for each energy or bias into a folder, and one that names them in their order.

    Raises
    ------
    InputError
        If there is no spectrum on sites or bonds, or several along different energies.
    """
    spectra, energies = series_of(found)
    target, entries = Path(path), []
    for n, energy in enumerate(energies):
        piece = Path(target.stem, f"{n:04d}.vtp")
        write_vtp(target.parent / piece, result, spectra, energy)
        entries.append(f'<DataSet timestep="{energy!r}" part="0" file={quoteattr(piece.as_posix())}/>')
    body = "".join(entries)
    collection = f'<VTKFile type="Collection" version="1.0"><Collection>{body}</Collection></VTKFile>'
    write_text(path, f'<?xml version="1.0"?>\n{collection}\n', overwrite=True)


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
    n, points = sample.n_sites, points_of(sample)
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

"""Samples ⇄ /sample, and the axes that all quantities share."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.lattice import BondKinds, Bonds, Boundary, Sample, UnitCell
from bdg.lattice.kinds import DISTANCE_TOLERANCE
from bdg.result import Units
from bdg.store.groups.arrays import read_array, write_array, write_scale
from bdg.store.groups.objects import write_attributes
from bdg.store.groups.quantities import si_attributes

SHARED = ("site", "bond", "spin", "spin_pair", "component")
"""Axes in the root of a file."""


def write_shared_scales(file: Any, sample: Sample) -> dict[str, Any]:
    """Write the axes site, bond, spin and component into the root, where every group sees them."""
    names = "xyz" if sample.dimension <= 3 else [f"x{n}" for n in range(sample.dimension)]
    axes: dict[str, tuple[Any, str]] = {
        "site": (np.arange(sample.n_sites, dtype=np.int32), "index of the site"),
        "bond": (np.arange(sample.n_bonds, dtype=np.int32), "index of the bond"),
        "spin": (np.array(["up", "down"]), "spin along z"),
        "spin_pair": (np.array(["up up", "up down", "down up", "down down"]), "spins of two sites"),
        "component": (np.array(list(names[: sample.dimension])), "Cartesian component"),
    }
    return {
        name: write_scale(file, name, values, {"long_name": long_name})
        for name, (values, long_name) in axes.items()
    }


def write_sample(group: Any, sample: Sample, shared: dict[str, Any], units: Units | None) -> None:
    """Write everything that is needed to rebuild a sample, and each bond's displacement besides."""
    bonds, kinds, cell = sample.bonds, sample.bonds.kinds, sample.cell
    has_spin = kinds.spin is not None or cell.zeeman is not None
    warnings = {"warnings": "\n".join(cell.warnings)} if cell.warnings else {}
    write_attributes(group, {"lattice": cell.name, **warnings})
    own = {
        name: write_scale(group, name, np.arange(length, dtype=np.int32), {"long_name": long_name})
        for name, length, long_name in (
            ("direction", cell.n_directions, "index of the lattice vector"),
            ("orbital", cell.n_orbitals, "index of the orbital in a cell"),
            ("kind", len(kinds), "index of the bond of a cell"),
            ("shell", kinds.n_shells, "index of the neighbour shell"),
            *([("pauli", 3, "spin component x, y, z")] if has_spin else []),
        )
    }
    scales = {**shared, **own}

    def put(name: str, values: Any, dims: tuple[str, ...], long_name: str, unit: str = "1") -> None:
        attributes = {"units": unit, "long_name": long_name, **si_attributes(unit, units)}
        write_array(group, name, values, [scales[dim] for dim in dims], attributes, compact=True)

    put("positions", sample.positions, ("site", "component"), "position of the site", "a")
    put("cells", sample.cells, ("site", "direction"), "cell of the site")
    put("orbitals", sample.orbitals, ("site",), "orbital of the site within its cell")
    put("bond_source", bonds.source, ("bond",), "site the bond starts from")
    put("bond_target", bonds.target, ("bond",), "site the bond leads to")
    put("bond_kind", bonds.kind, ("bond",), "row of the kind_ datasets this bond is a translate of")
    put(
        "bond_crossing",
        bonds.crossing,
        ("bond", "direction"),
        "times the bond passes the end of each direction",
    )
    put("bond_displacement", bonds.displacement, ("bond", "component"), "vector along the bond", "a")
    put("vectors", cell.vectors, ("direction", "component"), "lattice vectors", "a")
    put("basis", cell.basis, ("orbital", "component"), "positions of the orbitals in a cell", "a")
    if cell.onsite is not None:
        put("onsite", cell.onsite, ("orbital",), "energy of the orbital", "t")
    if cell.zeeman is not None:
        put("zeeman", cell.zeeman, ("orbital", "pauli"), "h of -h sigma of the orbital", "t")
    put("size", np.array(sample.size, np.int64), ("direction",), "cells along each direction")
    put("boundary", np.array([b.kind for b in sample.boundary]), ("direction",), "boundary of each direction")
    twists = np.array([b.twist for b in sample.boundary], np.float64)
    put("twist", twists, ("direction",), "phase an electron gains across a periodic boundary")
    n_k = np.array([b.n_k for b in sample.boundary], np.int64)
    put("n_k", n_k, ("direction",), "Bloch momenta of an infinite direction")
    shifts = np.array([b.shift for b in sample.boundary], np.float64)
    put("k_shift", shifts, ("direction",), "shift of the Bloch momenta, in units of their spacing")
    put("kind_source", kinds.source, ("kind",), "orbital a bond starts from")
    put("kind_target", kinds.target, ("kind",), "orbital a bond leads to")
    put("kind_offset", kinds.offset, ("kind", "direction"), "cell of the target less cell of the source")
    put("kind_shell", kinds.shell, ("kind",), "neighbour shell of the bond, from 1; 0 within a place")
    put("kind_displacement", kinds.displacement, ("kind", "component"), "vector along the bond", "a")
    put("shell_distance", kinds.distance, ("shell",), "length of the shell's bonds", "a")
    if kinds.amplitude is not None:
        put("kind_amplitude", kinds.amplitude, ("kind",), "t of -t c^dagger_target c_source", "t")
    if kinds.spin is not None:
        put("kind_spin", kinds.spin, ("kind", "pauli"), "coefficients of sigma in <target|h|source>", "t")


def read_sample(group: Any) -> Sample:
    """The sample, as it was written."""

    def get(name: str) -> Any:
        return read_array(group[name])

    def optional(name: str) -> Any:
        return get(name) if name in group else None

    shell, distance = get("kind_shell").astype(np.int32), get("shell_distance")
    if len(distance) and distance[0] <= DISTANCE_TOLERANCE:
        # Older files count bonds within a place as the first shell.
        shell, distance = shell - 1, distance[1:]
    kinds = BondKinds(
        get("kind_source"),
        get("kind_target"),
        get("kind_offset"),
        shell,
        get("kind_displacement"),
        distance,
        optional("kind_amplitude"),
        optional("kind_spin"),
    )
    # Bonds with amplitudes are those the cell brought.
    cell = UnitCell(
        get("vectors"),
        get("basis"),
        str(group.attrs["lattice"]),
        None if kinds.amplitude is None else kinds,
        optional("onsite"),
        optional("zeeman"),
        tuple(filter(None, str(group.attrs.get("warnings", "")).split("\n"))),
    )
    cell.vectors.flags.writeable = cell.basis.flags.writeable = False
    bonds = Bonds(
        get("bond_source"), get("bond_target"), get("bond_kind").astype(np.int32), get("bond_crossing"), kinds
    )
    size = tuple(int(n) for n in get("size"))
    sample = Sample(cell, size, read_boundary(group), get("cells"), get("orbitals"), get("positions"), bonds)
    _require_consistent(sample)
    return sample


def _require_consistent(sample: Sample) -> None:
    """Refuse indices that point nowhere and shapes that do not fit: kernels trust them.

    Raises
    ------
    ValueError
        If there are any.
    """
    n, bonds, kinds, cell = sample.n_sites, sample.bonds, sample.bonds.kinds, sample.cell
    directions, dimension = cell.vectors.shape
    shapes = (
        (sample.positions, (n, dimension)),
        (sample.cells, (n, directions)),
        (sample.orbitals, (n,)),
        (cell.basis, (cell.n_orbitals, dimension)),
        (bonds.source, (len(bonds),)),
        (bonds.target, (len(bonds),)),
        (bonds.kind, (len(bonds),)),
        (bonds.crossing, (len(bonds), directions)),
        (kinds.target, (len(kinds),)),
        (kinds.offset, (len(kinds), directions)),
        (kinds.displacement, (len(kinds), dimension)),
        (np.array(sample.size), (directions,)),
        (np.array(sample.boundary), (directions,)),
    )
    if not n or any(array.shape != shape for array, shape in shapes):
        raise ValueError("an array of the sample has the wrong shape")
    indices = (
        (bonds.source, n),
        (bonds.target, n),
        (bonds.kind, len(kinds)),
        (sample.orbitals, cell.n_orbitals),
        (kinds.source, cell.n_orbitals),
        (kinds.target, cell.n_orbitals),
        (sample.cells, np.array(sample.size)),
    )
    if any(len(array) and not ((array >= 0) & (array < length)).all() for array, length in indices):
        raise ValueError("an index of the sample points nowhere")
    if not (np.isfinite(sample.positions).all() and np.isfinite(cell.vectors).all()):
        raise ValueError("a position is not finite")


def read_boundary(group: Any) -> tuple[Boundary, ...]:
    """The boundaries of a stored sample; files older than infinite directions say nothing of momenta."""
    kinds, twists = read_array(group["boundary"]), read_array(group["twist"])
    n_k = read_array(group["n_k"]) if "n_k" in group else np.ones(len(kinds))
    shifts = read_array(group["k_shift"]) if "k_shift" in group else np.zeros(len(kinds))
    numbers = twists, n_k, shifts
    return tuple(
        Boundary(kind, float(twist), int(n_k), float(shift))
        for kind, twist, n_k, shift in zip(kinds.tolist(), *numbers, strict=True)
    )

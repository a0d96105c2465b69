"""Quantities as arrays on the sites of a sample and on the bonds inside it, for programs that draw them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from bdg.arrays import Array, Floats
from bdg.errors import InputError
from bdg.exported.chosen import cut
from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.plot.canvas.finding import spectral_axis

MOST_PARTS = 64
"""Arrays at most that one quantity becomes, those along its other axes."""

PLACES = ("site", "bond")
"""Axes of a sample that are drawn."""


@dataclass(frozen=True)
class DrawnArray:
    """Numbers, shape ``(n,)``, or vectors, ``(n, 3)``.

    Those on bonds are on cells, of which the sites are the first, where they are NaN.
    """

    name: str
    place: str
    values: Array
    units: str


def drawn_arrays(
    sample: Sample, found: Mapping[str, Quantity], energy: float | None, *, is_all: bool
) -> list[DrawnArray]:
    """Arrays of quantities: of complex numbers real part, imaginary part, modulus and phase.

    Components along x, y, z are a vector, and numbers along other axes an array each.

    Parameters
    ----------
    sample, found
        What lies where.
    energy
        Where spectra are cut.
    is_all
        Whether quantities that cannot be written are left out rather than refused.

    Raises
    ------
    InputError
        If a quantity lies on neither sites nor bonds, or is a spectrum and no energy is given; or if nothing
        is left.
    """
    lines, arrays = drawn_bonds(sample), []
    for name, quantity in found.items():
        why = _why_not(quantity, energy)
        if why and is_all:
            continue
        if why:
            raise InputError(f"{name} {why}")
        one = cut(quantity, energy)
        place = next(dim for dim in PLACES if dim in one.dims)
        for part, values in _parts(name, one, place):
            known = values if place == "site" else _on_cells(values, sample.n_sites, lines)
            arrays.append(DrawnArray(part, place, known, one.units))
    if not arrays:
        raise InputError("nothing of the result lies on sites or bonds; give an energy for spectra")
    return arrays


def series_of(found: Mapping[str, Quantity]) -> tuple[dict[str, Quantity], list[float]]:
    """Spectra on sites or bonds, and the energies, or biases, that they have in common.

    Raises
    ------
    InputError
        If there is none, or several along different energies.
    """
    spectra = {name: one for name, one in found.items() if spectral_axis(one) and {*PLACES} & {*one.dims}}
    axes = [one.coords[spectral_axis(one) or ""].values for one in spectra.values()]
    if not axes:
        raise InputError("a series is of spectra on all sites or bonds, such as ldos with sites: all")
    if any(one.shape != axes[0].shape or np.any(one != axes[0]) for one in axes):
        raise InputError(f"{', '.join(spectra)} have different energies; name one of them")
    return spectra, axes[0].tolist()


def points_of(sample: Sample) -> Floats:
    """Places of the sites in three dimensions, shape ``(n_sites, 3)``, in lattice constants."""
    size = min(3, sample.dimension)
    points = np.zeros((sample.n_sites, 3))
    points[:, :size] = sample.positions[:, :size]
    return points


def drawn_bonds(sample: Sample) -> Array:
    """The bonds that are drawn: those that do not pass an end of the sample."""
    found: Array = np.flatnonzero(~sample.bonds.crossing.any(axis=1))
    return found


def _why_not(quantity: Quantity, energy: float | None) -> str:
    """Why a quantity cannot be written; nothing if it can."""
    if quantity.values.dtype.kind not in "biufc":
        return "is text"
    if not {*PLACES} & {*quantity.dims}:
        return f"lies on neither sites nor bonds; its axes: {', '.join(quantity.dims) or 'none'}"
    if spectral_axis(quantity) and energy is None:
        return "is a spectrum; give an energy, or write a series, .pvd or .xdmf"
    others = [n for dim, n in zip(quantity.dims, quantity.values.shape, strict=True) if dim not in PLACES]
    along = spectral_axis(quantity)
    count = int(np.prod(others)) // (len(quantity.coords[along].values) if along else 1)
    return f"has {count} numbers at a place; measure fewer" if count > MOST_PARTS else ""


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

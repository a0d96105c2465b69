"""Quasiparticle interference: Fourier transforms of maps of dI/dV and of their ratio at opposite biases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from bdg.arrays import Array, Floats
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.lattice.symmetry_points import lattice_path
from bdg.model import Model
from bdg.observables.parameters import Momenta, OptionalLatticePath
from bdg.observables.quantity import Notes, Quantity
from bdg.observables.registry import observable
from bdg.observables.spectra.bands import along_path, path_notes
from bdg.observables.state import State
from bdg.observables.tunnelling.parameters import Biases, Lifetime, Modulation, TipOverSites
from bdg.observables.tunnelling.spectra import tunnelled
from bdg.observables.tunnelling.stm import Accuracy
from bdg.parameters.base import Cell
from bdg.tunnelling.fourier import (
    Symmetry,
    Window,
    fourier,
    fourier_at,
    same_by_symmetry,
    symmetrised,
    wave_numbers,
    window_over,
)
from bdg.tunnelling.ridges import highest_maxima

Padding = Annotated[int, Field(strict=True, ge=1, le=32)]

Peaks = Annotated[int, Field(strict=True, ge=1, le=100)]

SAME = 1e-9
"""Biases closer than this, in t/e, are one."""


def filled_plane(model: Model) -> None:
    """A block of cells in the plane without holes."""
    sample = model.sample
    whole = sample.n_sites == int(np.prod(sample.size)) * sample.cell.n_orbitals
    if len(sample.size) != 2 or min(sample.size) < 2 or not whole:
        raise InputError(
            f"interference needs a block of cells in the plane without holes, not {sample!r}; give a size of"
            " two numbers, and no region or vacancy"
        )


def symmetric_lattice(model: Model, symmetry: Symmetry) -> None:
    """A lattice that has the symmetry."""
    first, second = np.asarray(model.sample.cell.vectors)[:, :2]
    lengths = np.linalg.norm(first), np.linalg.norm(second)
    if symmetry != "none" and abs(first @ second) > 1e-9:
        raise InputError(f"symmetry: {symmetry} is of rectangular lattices; write none")
    if symmetry == "c4v":
        n, m = model.sample.size
        if n != m or abs(lengths[0] - lengths[1]) > 1e-9:
            raise InputError("symmetry: c4v is of square samples; write c2v")


@observable(
    title="Quasiparticle interference: Fourier transform of dI/dV, and of Z = g(V)/g(−V).",
    group="spectra",
    needs=(filled_plane, symmetric_lattice),
    example="{biases: [-0.2, 0.2], window: none, padding: 1, symmetry: c4v, origin: [8, 8], peaks: 3}",
)
def qpi(
    state: State,
    biases: Biases,
    broadening: Lifetime = 0.05,
    window: Annotated[Window, "Weights towards the ends of the sample: none, hann or gaussian."] = "none",
    symmetry: Annotated[Symmetry, "Point group over which |FT| is averaged: none, c2v or c4v."] = "none",
    origin: Annotated[Cell | None, "Cell of an impurity, the origin of phases; none: no phases."] = None,
    padding: Annotated[Padding, "Makes the grid of q so many times finer, by nothing beside the sample."] = 1,
    path: OptionalLatticePath = None,
    num: Annotated[Momenta, "Momenta along the path."] = 201,
    peaks: Annotated[Peaks, "Maxima of a cut that are followed with the bias."] = 3,
    modulation: Annotated[Modulation | None, "Lock-in modulation: {rms: …} or {peak: …}; none."] = None,
    tip: TipOverSites = None,
    accuracy: Accuracy = 1e-6,
) -> dict[str, Quantity]:
    """Fourier transforms of maps: g(q, V) = (1/N) Σ_r [dI/dV(r, V) − mean] e^{−iq·r}.

    Parameters
    ----------
    state
        The state to measure.
    biases
        Each is a map; of V and −V there is Z = g(V)/g(−V), whose set-point errors cancel (Hanaguri et al.,
        Nature Phys. 3, 865 (2007)).
    broadening, modulation, tip, accuracy
        See :func:`bdg.observables.tunnelling.stm.stm`.
    window
        For samples whose ends are open.
    symmetry
        For single impurities; of disorder it halves the noise.
    origin
        Where an impurity is: then the phases count, and the antisymmetrised map tells sign changes of the
        gap (Hirschfeld, Altenfeld, Eremin, Mazin, Phys. Rev. B 92, 184513 (2015)).
    padding
        Of a window, whose transform is wider than a step of the grid; what lies between the momenta that
        joined ends allow is the shape of the sample.
    path, num
        Where the transform is cut: corners in units of the reciprocal vectors of the lattice, or names, such
        as ``Gamma`` and ``M``. At each of the ``num`` momenta it is the sum over the sites itself.
    peaks
        How many of the most prominent maxima of each cut are told, refined by a parabola.

    Returns
    -------
    dict
        ``qpi`` = |g(q, V)|, in 1/t, and where −V is measured too ``qpi_z`` of Z (NaN at other biases),
        shape ``(n_biases, n_first, n_second)``; with an origin ``qpi_antisymmetrised`` = Re g(q, V) −
        Re g(q, −V). The axes ``q_first`` and ``q_second`` are components along the reciprocal vectors of the
        lattice, from −½ to ½: of a square one in 2π/a. ``z_map``, Z on the sites. With a path ``qpi_cut`` and
        ``qpi_z_cut``, shape ``(n_biases, num)``, and ``qpi_peaks`` and ``qpi_z_peaks``: how far along the
        path their maxima are, in 1/a, shape ``(n_biases, peaks)``, NaN where there are fewer.

    Raises
    ------
    InputError
        If the origin is not in the sample.
    """
    sample = state.model.sample
    if origin is not None:
        sample.site_at([*origin[:2], 0][: 2 + (sample.cell.n_orbitals > 1)])
    found = tunnelled(state, biases, broadening, None, modulation, tip, accuracy)
    weights = window_over((sample.size[0], sample.size[1]), window)
    start = (0, 0) if origin is None else (int(origin[0]), int(origin[1]))
    waves = _transformed(sample, found.conductance, start, weights, padding)
    partner = _partners(biases)
    axes = {"bias": Quantity(biases, ("bias",), "t/e", "bias of the sample")}
    notes = {"window": window, "symmetry": symmetry, "energies": found.energies}
    axes |= {
        f"q_{name}": Quantity(
            wave_numbers(padding * n), (f"q_{name}",), "1", f"q along the {name} reciprocal vector"
        )
        for name, n in zip(("first", "second"), sample.size, strict=True)
    }
    dims = ("bias", "q_first", "q_second")

    def made(values: Floats, units: str, name: str, error: float | None = None) -> Quantity:
        return Quantity(symmetrised(values, symmetry), dims, units, name, axes, error, notes)

    quantities = {"qpi": made(np.abs(waves), "1/t", "Fourier transform of dI/dV", found.error)}
    if (partner >= 0).any():
        ratio = _ratio(found.conductance, partner)
        z_waves = _transformed(sample, ratio, start, weights, padding)
        quantities["qpi_z"] = made(np.abs(z_waves), "1", "Fourier transform of Z = g(V)/g(−V)")
        quantities["z_map"] = Quantity(ratio, ("bias", "site"), "1", "Z = g(V)/g(−V)", {"bias": axes["bias"]})
        if origin is not None:
            odd = np.where((partner >= 0)[:, None, None], np.real(waves - waves[partner]), np.nan)
            quantities["qpi_antisymmetrised"] = made(odd, "1/t", "antisymmetrised Fourier transform of dI/dV")
    if path is not None:
        coordinates, distance, ticks = along_path(sample.cell.vectors, lattice_path(sample, path), num)
        along = Quantity(distance, ("path",), "1/a", "distance along the path in the Brillouin zone")
        cut = _Cut(coordinates, along, axes["bias"], {**notes, **path_notes(ticks, path)})
        same = same_by_symmetry(coordinates, symmetry)
        curves = _cut_along(sample, found.conductance, start, weights, same)
        quantities["qpi_cut"] = cut.of(curves, "1/t", "Fourier transform of dI/dV along a path", found.error)
        quantities["qpi_peaks"] = cut.peaks(curves, peaks)
        if "z_map" in quantities:
            of_z = _cut_along(sample, ratio, start, weights, same)
            quantities["qpi_z_cut"] = cut.of(of_z, "1", "Fourier transform of Z along a path")
            quantities["qpi_z_peaks"] = cut.peaks(of_z, peaks)
    return quantities


@dataclass(frozen=True)
class _Cut:
    """Where the transforms are cut."""

    coordinates: Floats
    along: Quantity
    biases: Quantity
    notes: Notes

    def of(self, curves: Floats, units: str, name: str, error: float | None = None) -> Quantity:
        """Cuts at all biases."""
        axes = {"bias": self.biases, "path": self.along}
        return Quantity(curves, ("bias", "path"), units, name, axes, error, self.notes)

    def peaks(self, curves: Floats, count: int) -> Quantity:
        """How far along the path their maxima are."""
        step = float(self.along.values[1] - self.along.values[0])
        places = step * np.array([highest_maxima(curve, count) for curve in curves])
        name = "distance of the maxima along the path"
        return Quantity(places, ("bias", "peak"), "1/a", name, {"bias": self.biases}, None, self.notes)


def _transformed(
    sample: Sample, values: Floats, origin: tuple[int, int], window: Floats, padding: int
) -> Array:
    """Transforms of values on the sites, shape ``(n_values, p n_first, p n_second)``."""
    return fourier(*_in_cells(sample, values), origin, window, padding)


def _cut_along(
    sample: Sample, values: Floats, origin: tuple[int, int], window: Floats, same: Sequence[Floats]
) -> Floats:
    """Moduli of transforms at momenta, means of those that are the same by symmetry, ``(n_values, num)``."""
    cells, offsets = _in_cells(sample, values)
    moduli = [np.abs(fourier_at(cells, offsets, origin, window, momenta)) for momenta in same]
    mean: Floats = np.mean(moduli, axis=0)
    return mean


def _in_cells(sample: Sample, values: Floats) -> tuple[Floats, Floats]:
    """Values by cell and orbital, and where the orbitals are in the cell, in lattice vectors."""
    cells = np.empty((len(values), *sample.size, sample.cell.n_orbitals))
    cells[:, sample.cells[:, 0], sample.cells[:, 1], sample.orbitals] = values
    vectors = np.asarray(sample.cell.vectors)
    return cells, np.asarray(sample.cell.basis) @ np.linalg.pinv(vectors)


def _partners(biases: Floats) -> Array:
    """Index of −V for each V; −1 where it was not measured, and at V = 0."""
    away = np.abs(biases[:, None] + biases)
    nearest = away.argmin(axis=1)
    known = (away.min(axis=1) < SAME) & (np.abs(biases) > SAME)
    return np.where(known, nearest, -1)


def _ratio(conductance: Floats, partner: Array) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = conductance / conductance[partner]
    return np.where((partner >= 0)[:, None], ratio, np.nan)

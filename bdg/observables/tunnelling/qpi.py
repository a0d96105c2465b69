"""Quasiparticle interference: Fourier transforms of maps of dI/dV and of their ratio at opposite biases."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from bdg.arrays import Array, Floats
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.model import Model
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.observables.tunnelling.parameters import Biases, Lifetime, Modulation, TipOverSites
from bdg.observables.tunnelling.spectra import tunnelled
from bdg.observables.tunnelling.stm import Accuracy
from bdg.parameters.base import Cell
from bdg.tunnelling.fourier import Symmetry, Window, fourier, symmetrised, wave_numbers, window_over

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
    example="{biases: [-0.2, 0.2], window: none, symmetry: c4v, origin: [8, 8]}",
)
def qpi(
    state: State,
    biases: Biases,
    broadening: Lifetime = 0.05,
    window: Annotated[Window, "Weights towards the ends of the sample: none, hann or gaussian."] = "none",
    symmetry: Annotated[Symmetry, "Point group over which |FT| is averaged: none, c2v or c4v."] = "none",
    origin: Annotated[Cell | None, "Cell of an impurity, the origin of phases; none: no phases."] = None,
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

    Returns
    -------
    dict
        ``qpi`` = |g(q, V)|, in 1/t, and where −V is measured too ``qpi_z`` of Z (NaN at other biases), shape
        ``(n_biases, n_first, n_second)``; with an origin ``qpi_antisymmetrised`` = Re g(q, V) − Re g(q, −V).
        The axes ``q_first`` and ``q_second`` are components along the reciprocal vectors of the lattice, from
        −½ to ½: of a square one in 2π/a. ``z_map``, Z on the sites.

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
    waves = _transformed(sample, found.conductance, start, weights)
    partner = _partners(biases)
    axes = {"bias": Quantity(biases, ("bias",), "t/e", "bias of the sample")}
    notes = {"window": window, "symmetry": symmetry, "energies": found.energies}
    axes |= {
        f"q_{name}": Quantity(wave_numbers(n), (f"q_{name}",), "1", f"q along the {name} reciprocal vector")
        for name, n in zip(("first", "second"), sample.size, strict=True)
    }
    dims = ("bias", "q_first", "q_second")

    def made(values: Floats, units: str, name: str, error: float | None = None) -> Quantity:
        return Quantity(symmetrised(values, symmetry), dims, units, name, axes, error, notes)

    quantities = {"qpi": made(np.abs(waves), "1/t", "Fourier transform of dI/dV", found.error)}
    if (partner >= 0).any():
        ratio = _ratio(found.conductance, partner)
        z_waves = _transformed(sample, ratio, start, weights)
        quantities["qpi_z"] = made(np.abs(z_waves), "1", "Fourier transform of Z = g(V)/g(−V)")
        quantities["z_map"] = Quantity(ratio, ("bias", "site"), "1", "Z = g(V)/g(−V)", {"bias": axes["bias"]})
        if origin is not None:
            odd = np.where((partner >= 0)[:, None, None], np.real(waves - waves[partner]), np.nan)
            quantities["qpi_antisymmetrised"] = made(odd, "1/t", "antisymmetrised Fourier transform of dI/dV")
    return quantities


def _transformed(sample: Sample, values: Floats, origin: tuple[int, int], window: Floats) -> Array:
    """Transforms of values on the sites, shape ``(n_values, n_first, n_second)``."""
    cells = np.empty((len(values), *sample.size, sample.cell.n_orbitals))
    cells[:, sample.cells[:, 0], sample.cells[:, 1], sample.orbitals] = values
    vectors = np.asarray(sample.cell.vectors)
    offsets = np.asarray(sample.cell.basis) @ np.linalg.pinv(vectors)
    return fourier(cells, offsets, origin, window)


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

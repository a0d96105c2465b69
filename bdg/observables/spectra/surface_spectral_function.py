"""Spectral function at the surface of a half-infinite sample."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from bdg.arrays import Complexes, Floats
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.lattice.symmetry_points import lattice_path
from bdg.leads.half_infinite import HalfInfinite, of_bulk, of_strip
from bdg.leads.infinite import InfiniteLattice
from bdg.model import Model
from bdg.observables.blocks import in_blocks
from bdg.observables.loops import Numbers
from bdg.observables.parameters import Axis, Broadening, Energies, LatticePath, Momenta
from bdg.observables.quantity import Notes, Quantity, energy_axis
from bdg.observables.registry import observable
from bdg.observables.spectra.bands import along_path, path_notes
from bdg.observables.state import State

UNEVEN = 1e-3
"""Difference of neighbouring slices in the middle of a strip, in t, beyond which a warning says so."""

Depth = Annotated[int, Field(strict=True, ge=1, le=100)]


def half_infinite(model: Model, axis: int | None, cells: int = 1) -> None:
    """A surface with momenta along it, and below it what can be continued."""
    sample = model.sample
    normal = _normal(sample, axis)
    others = [n for n in range(len(sample.size)) if n != normal]
    is_repeated = all(sample.boundary[n].is_infinite and sample.size[n] == 1 for n in others)
    is_bulk = sample.boundary[normal].is_infinite and sample.size[normal] == 1
    if not others or not is_repeated or not (is_bulk or sample.boundary[normal].kind == "open"):
        raise InputError(
            "a surface has momenta along it; take a strip, size: [24, 1], boundary: [open, {bloch: 64}], or"
            " one cell that is infinite along every direction"
        )
    if not is_bulk:
        layers, range_ = sample.size[normal], _range(sample, normal)
        if np.unique(np.bincount(sample.cells[:, normal], minlength=layers)).size > 1:
            raise InputError("the layers of the strip have different numbers of sites; leave none out")
        if layers // range_ < 4 or (layers // range_ - 1) // 2 * range_ < cells:
            raise InputError(
                f"a strip of {layers} layers is too thin to be continued from its middle; take more"
            )


@observable(
    title="Spectral function A(k, ω) at the surface of a half-infinite sample, k along the surface.",
    group="spectra",
    example="{path: [[0, -0.5], [0, 0.5]], energies: [0, 0.5, 1], side: first, cells: 1}",
    needs=half_infinite,
    uses_places=False,
)
def surface_spectral_function(
    state: State,
    path: LatticePath,
    energies: Energies,
    broadening: Broadening = 0.05,
    num: Annotated[Momenta, "Momenta along the path."] = 101,
    axis: Annotated[
        Axis | None, "Direction of the cell that ends at the surface; by default the open one, or the first."
    ] = None,
    side: Annotated[
        Literal["first", "last"], "At which end along it the surface is: first or last."
    ] = "first",
    cells: Annotated[Depth, "Outermost cells that are added up."] = 1,
) -> dict[str, Quantity]:
    r"""A(k, ω) = −(1/π) Σ_ασ Im ⟨k, α, σ| (ω + iη − H)⁻¹ |k, α, σ⟩ of the outermost cells, in 1/t.

    H is that of a half-infinite sample: of a strip, self-consistent with its surfaces, from one of them to
    its middle, the slice there being repeated without end; or of an infinite one, which ends as it is. There
    are neither levels nor a second surface; the Green's function of what is repeated is decimated (López
    Sancho et al., J. Phys. F 15, 851 (1985)).

    Parameters
    ----------
    state
        Of a strip that is one cell wide along its infinite directions, or of one infinite cell.
    path
        Corners in units of the reciprocal vectors of the lattice, [0, 0.5]; what they are along ``axis`` does
        not count.
    energies
        ω from the chemical potential, in t.
    broadening
        η, in t.
    num
        Momenta along the whole path, ends included.
    axis, side
        The surface.
    cells
        How many cells below it count.

    Returns
    -------
    dict
        ``surface_spectral_function``, shape ``(n_energies, num)``; where the spins differ
        ``spin_surface_spectral_function``, shape ``(2, n_energies, num)``, up then down along z.

    Raises
    ------
    InputError
        If the path has no length along the surface.
    """
    sample, normal = state.model.sample, _normal(state.model.sample, axis)
    half, k, axis_of_path, notes = _surface(state, normal, side, cells), *_along(sample, path, normal, num)
    uneven = half.unevenness(k)
    notes |= {"broadening": float(broadening), "side": side, "unevenness": uneven}
    if uneven > UNEVEN:
        notes |= {"warning": f"the strip is uneven in its middle, by {uneven:.1e} t: take a thicker one"}
    by_spin, error = _by_spin(state, half, k, energies, broadening, cells * _sites_of_a_cell(sample), normal)
    axes = {"energy": energy_axis(energies), "path": axis_of_path}
    dims, name = ("energy", "path"), "spectral function at the surface"
    quantities = {
        "surface_spectral_function": Quantity(by_spin.sum(axis=0), dims, "1/t", name, axes, 2 * error, notes)
    }
    if state.hamiltonian.symmetry != "singlet":
        quantities["spin_surface_spectral_function"] = Quantity(
            by_spin, ("spin", *dims), "1/t", f"{name} by spin", axes, error, notes
        )
    return quantities


def _by_spin(
    state: State, half: HalfInfinite, k: Floats, energies: Floats, broadening: float, sites: int, normal: int
) -> tuple[Floats, float]:
    """A of each spin, shape ``(2, n_energies, n_momenta)``, and the estimate of its largest error."""
    dofs, alike = state.hamiltonian.dofs, state.hamiltonian.symmetry == "singlet"
    z: Complexes = np.asarray(energies + 1j * broadening, np.complex128)

    def at(part: Complexes, momenta: Floats, spin: int) -> tuple[Floats, float]:
        diagonal, error = half.greens(part, momenta, sites * dofs)
        return -diagonal[..., spin::dofs].imag.sum(axis=-1) / np.pi, error * sites / np.pi

    def compute(part: slice) -> Numbers:
        up, error = at(z[part], k, 0)
        down, other = up, error
        if not alike and dofs == 4:
            down, other = at(z[part], k, 1)
        elif not alike:  # the second component destroys holes: N_↓(k, ω) is its spectrum at −k and −ω
            down, other = at(-z[part].conj(), -k, 1)
        return {"by_spin": np.stack([up, down], axis=1), "error": np.array(max(error, other))}

    rows = sum(map(len, half.slices))
    key = ("surface", broadening, k.tobytes(), sites, normal, [one.tolist() for one in half.slices])
    found = in_blocks(state, key, energies, len(k) * rows, compute)
    return np.moveaxis(found["by_spin"], 0, 1), float(found["error"])


def _surface(state: State, normal: int, side: str, cells: int) -> HalfInfinite:
    sample = state.model.sample
    if sample.boundary[normal].is_infinite:
        lattice = InfiniteLattice(state.hamiltonian)
        return of_bulk(lattice, normal, cells, at_the_end=side == "last")
    layers = sample.cells[:, normal].astype(np.intp)
    layers = layers if side == "first" else layers.max() - layers
    return of_strip(state.hamiltonian, layers, _range(sample, normal))


def _along(sample: Sample, path: Any, normal: int, num: int) -> tuple[Floats, Quantity, dict[str, Any]]:
    """Momenta, how far along the path they are, and its corners."""
    corners = np.delete(np.asarray(lattice_path(sample, path)), normal, axis=1)
    if not np.ptp(corners, axis=0).any():
        raise InputError("the path has no length along the surface; give two different points")
    vectors = np.delete(np.asarray(sample.cell.vectors), normal, axis=0)
    coordinates, distance, ticks = along_path(vectors, corners, num)
    notes: Notes = path_notes(ticks, path)
    axis = Quantity(distance, ("path",), "1/a", "distance along the path in the zone of the surface")
    return 2 * np.pi * np.insert(coordinates, normal, 0.0, axis=1), axis, dict(notes)


def _normal(sample: Sample, axis: int | None) -> int:
    """The direction that ends."""
    if axis is not None:
        if axis >= len(sample.size):
            raise InputError(
                f"the lattice has {len(sample.size)} directions; give axis 0 to {len(sample.size) - 1}"
            )
        return axis
    ends = [n for n, one in enumerate(sample.boundary) if not one.is_infinite]
    return ends[0] if ends else 0


def _range(sample: Sample, normal: int) -> int:
    """How many layers bonds pass."""
    layers = sample.cells[:, normal]
    apart = np.abs(layers[sample.bonds.target] - layers[sample.bonds.source])
    return max(1, int(apart.max(initial=1)))


def _sites_of_a_cell(sample: Sample) -> int:
    return sample.cell.n_orbitals

r"""Vortex lattices: the field that puts so many vortices into a cell, and Abrikosov's order parameter in it.

Just below the upper critical field Δ(r) is a state of the lowest Landau level of pairs (Abrikosov, Sov.
Phys. JETP 5, 1174 (1957)). With one zero in every cell of the vortex lattice Λ there is one such state, the
Gaussian of that level symmetrised by the magnetic translations of charge 2q,

    Δ(r) ∝ Σ_{v ∈ Λ} e^{−iβ_v(r) + i(2q/ħ) ∫_0^{r+v} A·dl − |B||r + v|²/2},   β_v(r) = (2q/ħ)(Mv)·r + κ·v.

κ makes it quasi-periodic with the cell as electrons are, Δ(r + L) = e^{2iα_L(r)} Δ(r), and thereby decides
where in the cell the zeros are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.conventions import ELECTRON_CHARGE
from bdg.errors import InputError
from bdg.gauge.source import VectorPotential, middle, periods, require_plane
from bdg.gauge.uniform import GaugeName, UniformField, translation
from bdg.lattice import Sample
from bdg.words import counted

Geometry = Literal["square", "triangular"]

PAIR_CHARGE = 2 * ELECTRON_CHARGE

COSINES = {"square": 0.0, "triangular": 0.5}
"""Cosine of the angle between the two shortest vectors, which are equally long."""

NEGLIGIBLE = 40.0
"""−ln of what is left out of the sum."""


@dataclass(frozen=True)
class VortexLattice(VectorPotential):
    """A uniform field with so many vortices, of h/2e each, in the cell that a sample that is periodic is.

    Parameters
    ----------
    vortices
        How many; two make one h/e, and a cell holds whole ones only.
    geometry
        The arrangement Δ starts from: of all lattices of so many vortices in the cell the one most like it.
    gauge
        See :class:`UniformField`.
    """

    vortices: int = 2
    geometry: Geometry = "triangular"
    gauge: GaugeName = "landau"

    def on_bonds(self, sample: Sample) -> Floats:
        """∫ A·dl along each bond, shape ``(n_bonds,)``, in ħ/e.

        Raises
        ------
        InputError
            If the number is odd, not positive or larger than that of plaquettes, or the sample is no torus.
        """
        return self.field(sample).on_bonds(sample)

    def field(self, sample: Sample) -> UniformField:
        """The field, vortices · (h/2e) / area.

        Raises
        ------
        InputError
            If the number is odd or not positive, or the sample is not periodic in two directions.
        """
        require_plane(sample, "a vortex lattice")
        if self.vortices < 2 or self.vortices % 2:
            raise InputError(
                f"{self.vortices} vortices in a cell are impossible: two make one h/e, of which a cell holds"
                f" a whole number; use {max(2, self.vortices + 1)}"
            )
        cell = _cell(sample)
        if cell is None:
            raise InputError(
                "a vortex lattice needs a sample periodic in two directions; make both"
                " boundaries periodic or bloch"
            )
        n_faces = len(sample.plaquettes)
        if 0 < n_faces < self.vortices:  # more than h/2e through one is less the other way
            raise InputError(
                f"{self.vortices} vortices in a cell of {counted(n_faces, 'plaquette')} are more than"
                " the lattice tells apart; give fewer, or a larger sample"
            )
        return UniformField(self.vortices * np.pi / abs(_area(cell)), self.gauge)


def abrikosov(sample: Sample, field: UniformField, geometry: Geometry) -> NDArray[np.complex128] | None:
    """Δ of Abrikosov's vortex lattice on the sites, at most 1 in size, shape ``(n_sites,)``.

    ``None`` where the sample is no torus, or holds no flux.
    """
    cell = _cell(sample)
    if cell is None or field.strength == 0:
        return None
    n_vortices = int(np.round(abs(field.strength * _area(cell)) / np.pi))
    lattice = vortex_vectors(cell, n_vortices, geometry)
    gradient = field.gradient(2)
    place = (sample.positions - middle(sample))[:, :2]
    bloch = _bloch_angles(lattice, cell, gradient, _twists(sample))
    reach = np.sqrt(2 * NEGLIGIBLE / abs(field.strength))
    total = np.zeros(sample.n_sites, dtype=np.complex128)
    for times in _within(lattice, reach + np.linalg.norm(place, axis=1).max()):
        moved = place + times @ lattice
        exponent = -0.5 * abs(field.strength) * np.einsum("si,si->s", moved, moved)
        near = np.flatnonzero(exponent > -NEGLIGIBLE)
        path = 0.5 * np.einsum("si,ij,sj->s", moved[near], gradient, moved[near])
        angle = (
            PAIR_CHARGE * (path - translation(gradient, lattice, times[None], place[near])) - times @ bloch
        )
        total[near] += np.exp(exponent[near] + 1j * angle)
    shape: NDArray[np.complex128] = total / np.abs(total).max()
    return shape


def broken_translations(sample: Sample, field: UniformField, geometry: Geometry) -> tuple[str, ...]:
    """A line, where the momenta of the cell break the symmetry between its vortices.

    Moving the lattice by one of its vectors v shifts the phase of an electron along a length L of the cell by
    (q/ħ)B v × L, a whole number of π: momenta 2πm/n_k are the same ones again where it is even, or n_k is.
    """
    cell = _cell(sample)
    if cell is None or field.strength == 0:
        return ()
    vectors = vortex_vectors(cell, int(np.round(abs(field.strength * _area(cell)) / np.pi)), geometry)
    steps = np.linalg.lstsq(sample.cell.vectors[:, :2].T, vectors.T, rcond=None)[0]
    kept = vectors[np.abs(steps - np.round(steps)).max(axis=0) < 1e-9]
    crossed = kept[:, None, 0] * cell[:, 1] - kept[:, None, 1] * cell[:, 0]
    is_odd = (np.round(field.strength * crossed / np.pi) % 2).any(axis=0)
    joined = np.flatnonzero(np.linalg.norm(periods(sample)[:, :2], axis=1) > 0)
    torn = [int(d) for d, odd in zip(joined, is_odd, strict=True) if odd and sample.boundary[d].n_k % 2]
    if not torn:
        return ()
    numbers = [2 * ends.n_k if d in torn else ends.n_k for d, ends in enumerate(sample.boundary)]
    wanted = ", ".join("periodic" if n == 1 else f"{{bloch: {n}}}" for n in numbers)
    return (
        "the momenta of the cell break the symmetry between its vortices, which differ by that;"
        f" boundary: [{wanted}] keeps it",
    )


def vortex_vectors(cell: Floats, n_vortices: int, geometry: Geometry) -> Floats:
    """The two shortest vectors of the vortex lattice that is most like a geometry, shape ``(2, 2)``.

    Every lattice of which the cell is ``n_vortices`` cells comes from one matrix [[p, 0], [s, t]], p·t =
    ``n_vortices``, 0 ≤ s < t, that makes the vectors of the cell from its own.

    Parameters
    ----------
    cell
        Its two vectors, in rows.
    n_vortices, geometry
        As in :class:`VortexLattice`.
    """
    cosine, found = COSINES[geometry], list[tuple[float, Floats]]()
    for p in (p for p in range(1, n_vortices + 1) if n_vortices % p == 0):
        for s in range(n_vortices // p):
            whole = np.array([[p, 0], [s, n_vortices // p]], dtype=np.float64)
            vectors = _reduced(np.asarray(np.linalg.solve(whole, cell), dtype=np.float64))
            one, two = np.linalg.norm(vectors, axis=1)
            off = abs(abs(vectors[0] @ vectors[1]) / (one * two) - cosine)
            found.append((float(two / one - 1 + off), vectors))
    return min(found, key=lambda entry: round(entry[0], 9))[1]


def _reduced(vectors: Floats) -> Floats:
    """The two shortest vectors of a lattice (Lagrange and Gauss), the shorter first."""
    one, two = sorted(vectors, key=lambda vector: float(np.linalg.norm(vector)))
    while True:
        two = two - np.round((one @ two) / (one @ one)) * one
        if np.linalg.norm(two) >= np.linalg.norm(one) * (1 - 1e-12):
            return np.array([one, two])
        one, two = two, one


def _cell(sample: Sample) -> Floats | None:
    """The two lengths, in the plane, along which the sample is periodic; ``None`` if it is not."""
    joined = [length[:2] for length in periods(sample) if np.hypot(*length[:2]) > 0]
    return np.array(joined) if len(joined) == 2 and abs(_area(np.array(joined))) > 0 else None


def _area(cell: Floats) -> float:
    return float(cell[0, 0] * cell[1, 1] - cell[0, 1] * cell[1, 0])


def _twists(sample: Sample) -> Floats:
    """Phase an electron gains along each of the two lengths, besides that of the field."""
    pairs = zip(periods(sample), sample.boundary, strict=True)
    return np.array([ends.twist_per_cell for length, ends in pairs if np.hypot(*length[:2]) > 0])


def _bloch_angles(lattice: Floats, cell: Floats, gradient: Floats, twists: Floats) -> Floats:
    """κ along the vectors of the vortex lattice that gives Δ the period of the cell, shape ``(2,)``."""
    times = np.round(np.linalg.solve(lattice.T, cell.T).T)
    origin = np.zeros((2, 2))
    of_cell = translation(gradient, cell, np.eye(2), origin)
    own = translation(gradient, lattice, times, origin)
    return np.asarray(np.linalg.solve(times, 2 * twists + PAIR_CHARGE * (of_cell - own)), dtype=np.float64)


def _within(lattice: Floats, reach: float) -> list[Floats]:
    """Multiples of the lattice vectors whose sum is no longer than ``reach``."""
    heights = abs(_area(lattice)) / np.linalg.norm(lattice[::-1], axis=1)
    most = np.ceil(reach / heights).astype(int)
    every = (np.array(n, dtype=np.float64) for n in product(*(range(-m, m + 1) for m in most)))
    return [times for times in every if np.linalg.norm(times @ lattice) <= reach]

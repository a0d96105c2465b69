r"""A uniform field, and the magnetic translations that let a sample in it be periodic.

A(r) = M(r − c) with ∂_x A_y − ∂_y A_x = B. From one repetition to the next it changes by the constant ML,
which is a change of gauge, so that electrons are periodic up to a phase that depends on the place,

    ψ(r + L) = e^{iα_L(r)} ψ(r),   α_L(r) = (q/ħ) (ML)·(r + L/2 − c),

and a translation by several L is one after another (Zak, Phys. Rev. 134, A1602 (1964)). Their order does not
matter where every cell holds a whole number of h/e, which is what a field on a torus must do. The straight
way through c from one end to the other, which α_L closes, then encloses no flux in any gauge M: the twists of
the boundary are all there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.gauge.source import VectorPotential, middle, periods, require_plane
from bdg.lattice import Sample

GaugeName = Literal["landau", "symmetric"]

WHOLE = 1e-9
"""How far from a whole number a count of flux quanta may be."""


@dataclass(frozen=True)
class UniformField(VectorPotential):
    """A field B along z.

    Parameters
    ----------
    strength
        B, in ħ/(e a²): a plaquette of area 1 has the flux B, and 2π is one h/e.
    gauge
        ``landau``, A = (0, Bx), or ``symmetric``, A = B(−y, x)/2, from the middle of the sample. Any other is
        a change of gauge away.
    """

    strength: float
    gauge: GaugeName = "landau"

    def on_bonds(self, sample: Sample) -> NDArray[np.float64]:
        """∫ A·dl along each bond, shape ``(n_bonds,)``, in ħ/e; bonds that pass an end have the phase α of
        the translation too.

        Raises
        ------
        InputError
            If the sample has no plane, or is a torus that holds no whole number of h/e.
        """
        require_plane(sample, "a uniform field")
        self._require_whole_flux(sample)
        bonds = sample.bonds
        origin = middle(sample)
        halfway = sample.positions[bonds.source] + 0.5 * bonds.displacement - origin
        gradient = self.gradient(sample.dimension)
        along: NDArray[np.float64] = np.einsum("bi,ij,bj->b", bonds.displacement, gradient, halfway)
        lengths = np.array(sample.size)[:, None] * sample.cell.vectors
        place = sample.positions[bonds.target] - origin
        return along - translation(gradient, lengths, bonds.crossing.astype(np.float64), place)

    def gradient(self, dimension: int) -> NDArray[np.float64]:
        """M of A = M(r − c), shape ``(dimension, dimension)``."""
        gradient = np.zeros((dimension, dimension))
        share = 1.0 if self.gauge == "landau" else 0.5
        gradient[1, 0], gradient[0, 1] = share * self.strength, (share - 1.0) * self.strength
        return gradient

    def _require_whole_flux(self, sample: Sample) -> None:
        lengths = periods(sample)
        for one, two in combinations(lengths, 2):
            area = abs(one[0] * two[1] - one[1] * two[0])
            quanta = self.strength * area / (2 * np.pi)
            if abs(quanta - np.round(quanta)) > WHOLE * max(1.0, abs(quanta)):
                whole = np.round(quanta) or np.sign(quanta)
                nearest = 2 * np.pi / area * whole
                raise InputError(
                    f"a uniform field of {self.strength:g} puts {quanta:.6g} h/e through a torus of area"
                    f" {area:g}, which holds whole ones only; the nearest field is {nearest:.15g},"
                    f" that of a vortex lattice of {2 * abs(whole):.0f} vortices"
                )


def translation(
    gradient: NDArray[np.float64],
    lengths: NDArray[np.float64],
    times: NDArray[np.float64],
    place: NDArray[np.float64],
) -> NDArray[np.float64]:
    """α_R(r)·ħ/q of the translation by R = Σ_d times_d L_d, the last direction first, shape ``(n,)``.

    Parameters
    ----------
    gradient
        M of A = M r, shape ``(dimension, dimension)``.
    lengths
        L_d, shape ``(n_directions, dimension)``.
    times
        How often along each, whole numbers, shape ``(n, n_directions)``, or ``(1, n_directions)`` for all.
    place
        r, shape ``(n, dimension)``.
    """
    total = np.zeros(len(place))
    for length, n in reversed(list(zip(lengths, times.T, strict=True))):
        change = gradient @ length
        total += n * (place @ change) + 0.5 * n * n * (change @ length)
        place = place + n[:, None] * length
    return total

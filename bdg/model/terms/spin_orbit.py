"""Spin–orbit coupling on bonds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array
from bdg.errors import InputError
from bdg.lattice import BondKinds, Sample, SiteValue, real_values, values_at
from bdg.model.terms.term import Term

STRAIGHT = 1e-6
"""A way over a site whose steps span less area, in squared lattice constants, does not turn there."""


@dataclass(frozen=True)
class Rashba(Term):
    """⟨target|h|source⟩ = (iα/2)(σ_x D_y − σ_y D_x) on nearest neighbours, D the unit vector along the bond.

    Summed over a square lattice α(σ × sin k)_z.

    Parameters
    ----------
    alpha
        α in t: a value over sites, of which a bond takes the mean of its ends, or an array over bonds.
    """

    alpha: SiteValue

    def spin_hopping(self, sample: Sample) -> Array:
        """Coefficients of σ_x, σ_y, σ_z."""
        along = _directions(sample)
        return _coefficients(self.alpha, "rashba", sample, along[:, 1], -along[:, 0])


@dataclass(frozen=True)
class Dresselhaus(Term):
    """⟨target|h|source⟩ = (iβ/2)(σ_x D_x − σ_y D_y); as :class:`Rashba`, β(σ_x sin k_x − σ_y sin k_y)."""

    beta: SiteValue

    def spin_hopping(self, sample: Sample) -> Array:
        """Coefficients of σ_x, σ_y, σ_z."""
        along = _directions(sample)
        return _coefficients(self.beta, "dresselhaus", sample, along[:, 0], -along[:, 1])


@dataclass(frozen=True)
class IntrinsicSpinOrbit(Term):
    """⟨target|h|source⟩ = iλν σ_z on second neighbours (Kane, Mele, Phys. Rev. Lett. 95, 226801 (2005)).

    ν = +1 where the way from source to target over the site between turns left, −1 where it turns right.

    Parameters
    ----------
    strength
        λ in t, as α of :class:`Rashba`.
    """

    strength: SiteValue

    def spin_hopping(self, sample: Sample) -> Array:
        """Coefficients of σ_x, σ_y, σ_z.

        Raises
        ------
        InputError
            If there are no second neighbours, or a way between two of them is straight or not the only one.
        """
        sense = _senses(sample)
        strength = bond_values(sample, self.strength, "intrinsic_soc")
        coefficients: Array = 1j * np.stack([0 * sense, 0 * sense, strength * sense], axis=1)
        return coefficients


def bond_values(sample: Sample, value: SiteValue, name: str) -> NDArray[np.float64]:
    """One real number a bond: an array over bonds as it is, else the mean of a value over sites at both ends.

    Where there are as many sites as bonds an array is over sites.

    Raises
    ------
    InputError
        See :func:`bdg.lattice.site_values`.
    """
    bonds = sample.bonds
    if sample.n_bonds != sample.n_sites and np.shape(np.asarray(value, object)) == (sample.n_bonds,):
        return real_values(values_at(bonds.displacement, value, name), name)
    on_sites = real_values(values_at(sample.positions, value, name), name)
    return 0.5 * (on_sites[bonds.source] + on_sites[bonds.target])


def _directions(sample: Sample) -> NDArray[np.float64]:
    """D_x and D_y of nearest neighbours, 0 on other bonds, shape ``(n_bonds, 2)``."""
    found = np.zeros((sample.n_bonds, 2))
    chosen = sample.bonds.shell == 1
    displacement = sample.bonds.displacement[chosen]
    within = displacement[:, :2] / np.linalg.norm(displacement, axis=1)[:, None]
    found[chosen, : within.shape[1]] = within
    return found


def _coefficients(
    value: SiteValue, name: str, sample: Sample, x: NDArray[np.float64], y: NDArray[np.float64]
) -> Array:
    along = np.stack([x, y, np.zeros(sample.n_bonds)], axis=1)
    found: Array = 0.5j * bond_values(sample, value, name)[:, None] * along
    return found


def _senses(sample: Sample) -> NDArray[np.float64]:
    """ν of second neighbours, 0 on other bonds, shape ``(n_bonds,)``."""
    kinds = sample.bonds.kinds
    if kinds.n_shells < 2 or sample.dimension != 2:
        raise InputError(
            "intrinsic_soc acts between second neighbours of a lattice in the plane, which this sample lacks;"
            " build it with shells=2"
        )
    sense = np.zeros(len(kinds))
    for kind in np.flatnonzero(kinds.shell == 2):
        areas = [np.cross(np.append(one, 0), np.append(two, 0))[2] for one, two in _ways(kinds, int(kind))]
        if len(areas) != 1 or abs(areas[0]) < STRAIGHT:
            raise InputError(
                f"intrinsic_soc needs one site between second neighbours, and a turn there; between"
                f" orbitals {kinds.source[kind]} and {kinds.target[kind]} of this lattice there are"
                f" {len(areas)} ways; use a honeycomb"
            )
        sense[kind] = np.sign(areas[0])
    return sense[sample.bonds.kind]


def _ways(kinds: BondKinds, kind: int) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The two steps of every way of two first-neighbour bonds from the source to the target of a kind."""
    steps = []
    for near in np.flatnonzero(kinds.shell == 1):
        ends, offset, step = (kinds.source[near], kinds.target[near]), kinds.offset[near], kinds.displacement
        steps += [(*ends, offset, step[near]), (*ends[::-1], -offset, -step[near])]
    source, target, offset = kinds.source[kind], kinds.target[kind], kinds.offset[kind]
    return [
        (first[3], second[3])
        for first in steps
        for second in steps
        if first[0] == source
        and first[1] == second[0]
        and second[1] == target
        and np.array_equal(first[2] + second[2], offset)
    ]

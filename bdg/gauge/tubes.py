"""Tubes of flux along z: through plaquettes, through holes, or, with a radius, solenoids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.gauge.source import VectorPotential, middle, periods, require_plane
from bdg.lattice import Sample

ASKEW = 0.1180339887
"""Share of a period by which a cut goes sideways."""

APART = 1e-6
"""A tube nearer to a bond than this, in lattice constants, lies on it."""


@dataclass(frozen=True)
class FluxTube:
    """Flux through a point, or through a disk around it.

    Parameters
    ----------
    through
        The point [x, y], in lattice constants.
    value
        Φ in ħ/e: 2π is one h/e, π one h/2e.
    radius
        Of a solenoid, over which the flux is spread evenly; 0 for one as thin as can be: a bond through its
        middle has half of the flux on either side, and ∫ A·dl = 0 along it.
    """

    through: Sequence[float]
    value: float
    radius: float = 0.0


@dataclass(frozen=True)
class FluxTubes(VectorPotential):
    """Any number of tubes.

    On a sample with open ends A circles the tube, A_θ = Φ/2πr (Φr/2πR² inside a solenoid). Where ends are
    joined A is a cut instead: bonds that pass it have Φ at once. Between two periodic ends it runs out of the
    sample, away from its middle: a ring holds the tubes between it and the middle. On a torus all cuts end in
    the first tube, which is right if the fluxes together are a whole number of h/e.

    Parameters
    ----------
    tubes
        The tubes.
    """

    tubes: Sequence[FluxTube]

    def on_bonds(self, sample: Sample) -> NDArray[np.float64]:
        """∫ A·dl along each bond, shape ``(n_bonds,)``, in ħ/e.

        Raises
        ------
        InputError
            If the sample has no plane, a tube lies on a site (on a torus, on a bond), has no radius it can
            have or passes beside a sample with open ends, or a torus holds no whole number of h/e.
        """
        require_plane(sample, "a flux")
        for tube in self.tubes:
            _check(tube, sample)
        ends = [length for length in periods(sample)[:, :2] if length.any()]
        if not ends:
            _require_near(self.tubes, sample)
            return sum((_circling(tube, sample) for tube in self.tubes), np.zeros(sample.n_bonds))
        if len(ends) == 1:
            return sum(
                (_cut(tube, _outside(tube, sample, ends[0]), sample) for tube in self.tubes),
                np.zeros(sample.n_bonds),
            )
        total = sum(tube.value for tube in self.tubes)
        if abs(total - 2 * np.pi * np.round(total / (2 * np.pi))) > 1e-9 * max(1.0, abs(total)):
            raise InputError(
                f"the fluxes add up to {total / (2 * np.pi):.6g} h/e, and a torus holds whole ones only;"
                " add a tube that takes back the rest"
            )
        sink = np.array(self.tubes[0].through, dtype=np.float64)
        return sum((_cut(tube, sink, sample) for tube in self.tubes[1:]), np.zeros(sample.n_bonds))


def _check(tube: FluxTube, sample: Sample) -> None:
    if len(tube.through) != 2 or not np.isfinite([*tube.through, tube.value, tube.radius]).all():
        raise InputError(f"a flux through {list(tube.through)} is impossible; give [x, y] and a finite value")
    joined = any(ends.is_periodic for ends in sample.boundary)
    if tube.radius < 0 or (tube.radius and joined):
        raise InputError(
            f"a solenoid of radius {tube.radius:g} is impossible here;"
            + (" where ends are joined use tubes of radius 0" if joined else " give a positive radius")
        )
    on_torus = sum(length.any() for length in periods(sample)[:, :2]) == 2
    if tube.radius == 0 and _clearance(tube, sample, ends=not on_torus) < APART:
        what = "a bond" if on_torus else "a site"
        raise InputError(f"the flux through {list(tube.through)} lies on {what}; move it into a plaquette")


def _require_near(tubes: Sequence[FluxTube], sample: Sample) -> None:
    """Refuse a tube that passes beside a sample with open ends, where A is a pure gauge."""
    low, high = sample.positions[:, :2].min(axis=0), sample.positions[:, :2].max(axis=0)
    for tube in tubes:
        through = np.array(tube.through, dtype=np.float64)
        if np.linalg.norm(through - np.clip(through, low, high)) > tube.radius:
            raise InputError(
                f"the flux through {list(tube.through)} passes beside the sample, where it does nothing; give"
                f" a point with x from {low[0]:.6g} to {high[0]:.6g} and y from {low[1]:.6g} to {high[1]:.6g}"
            )


def _clearance(tube: FluxTube, sample: Sample, *, ends: bool) -> float:
    """Distance of the tube from the nearest bond, or only from the nearest end of one."""
    start, along = _segments(sample)
    length = np.maximum(np.einsum("bi,bi->b", along, along), 1e-300)
    least = np.inf
    for shift in _shifts(sample):
        away = np.array(tube.through) - start - shift
        share = np.clip(np.einsum("bi,bi->b", away, along) / length, 0.0, 1.0)
        share = np.round(share) if ends else share
        least = min(least, np.linalg.norm(away - share[:, None] * along, axis=1).min(initial=np.inf))
    return float(least)


def _segments(sample: Sample) -> tuple[Floats, Floats]:
    """Starts and displacements of the bonds in the plane, both of shape ``(n_bonds, 2)``."""
    bonds = sample.bonds
    return sample.positions[bonds.source][:, :2], bonds.displacement[:, :2]


def _shifts(sample: Sample) -> list[Floats]:
    """Whole lengths by which a bond may lie away from a point of the sample and yet be near it."""
    reach = 1 + int(np.abs(sample.bonds.crossing).max(initial=0))
    lengths = periods(sample)[:, :2]
    times = [range(-reach, reach + 1) if length.any() else (0,) for length in lengths]
    return [np.array(n, dtype=np.float64) @ lengths for n in product(*times)]


def _circling(tube: FluxTube, sample: Sample) -> NDArray[np.float64]:
    """∫ A·dl of A = Φ/2πr around the tube: Φ/2π times the angle under which the bond is seen from it.

    Inside a solenoid Φ/2πR² times twice the area between the bond and the middle.
    """
    start, along = _segments(sample)
    start = start - np.array(tube.through)
    if tube.radius == 0:
        return tube.value / (2 * np.pi) * _angle(start, start + along)
    enter, leave = _inside(start, along, tube.radius)
    one, two = start + enter[:, None] * along, start + leave[:, None] * along
    within = _cross(one, two) / tube.radius**2
    return tube.value / (2 * np.pi) * (_angle(start, one) + within + _angle(two, start + along))


def _inside(start: Floats, along: Floats, radius: float) -> tuple[Floats, Floats]:
    """Shares of the way along each bond at which it enters and leaves a disk around 0; equal if never."""
    a = np.einsum("bi,bi->b", along, along)
    b = np.einsum("bi,bi->b", start, along)
    c = np.einsum("bi,bi->b", start, start) - radius**2
    root = np.sqrt(np.maximum(b**2 - a * c, 0.0))
    a = np.where(a > 0, a, 1.0)
    return np.clip((-b - root) / a, 0.0, 1.0), np.clip((-b + root) / a, 0.0, 1.0)


def _cut(tube: FluxTube, end: Floats, sample: Sample) -> NDArray[np.float64]:
    """Φ on every bond that passes the cut from the tube to ``end`` counter-clockwise, −Φ the other way."""
    begin = np.array(tube.through, dtype=np.float64)
    way = end - begin
    total = np.zeros(sample.n_bonds)
    if not way.any():
        return total
    start, along = _segments(sample)
    for shift in _shifts(sample):
        one = start + shift - begin
        sides = _cross(way, one), _cross(way, one + along)
        # A site on the cut counts as beyond it, for all of its bonds.
        beyond = [side > -APART * np.linalg.norm(way) for side in sides]
        passes = np.flatnonzero(beyond[0] != beyond[1])
        rate = sides[1][passes] - sides[0][passes]
        place = one[passes] - (sides[0][passes] / rate)[:, None] * along[passes]
        share = place @ way / (way @ way)
        reach = np.linalg.norm(way)
        part = np.where(np.abs(share) * reach < APART, 0.5, (share > 0) & (share < 1))
        total[passes] += tube.value * part * np.where(beyond[1][passes], 1.0, -1.0)
    return total


def _outside(tube: FluxTube, sample: Sample, length: Floats) -> Floats:
    """A point out of the sample, across from the tube to the periodic ends but not in line with any bonds.

    It lies on the tube's side of the middle, so that a ring holds the tubes between it and the middle, as in
    a uniform field.
    """
    across = np.array([-length[1], length[0]]) / np.hypot(*length)
    side = (np.array(tube.through) - middle(sample)[:2]) @ across
    if abs(side) < APART:  # a tube in the middle: the same side whichever way the ends are joined
        side = across[np.flatnonzero(np.abs(across) > APART)[0]]
    across = across * np.sign(side)
    places = np.concatenate([sample.positions[:, :2] - np.array(tube.through), np.zeros((1, 2))])
    reach = (places @ across).max() + np.linalg.norm(sample.bonds.displacement, axis=1).max(initial=0) + 1.0
    beyond: Floats = np.array(tube.through) + reach * across + ASKEW * length
    return beyond


def _cross(one: Floats, two: Floats) -> Floats:
    product_: Floats = one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0]
    return product_


def _angle(one: Floats, two: Floats) -> Floats:
    """Angle from one direction to the other, in (−π, π); 0 where they are opposite."""
    sine, cosine = _cross(one, two), np.einsum("bi,bi->b", one, two)
    opposite = (cosine < 0) & (np.abs(sine) < APART * np.abs(cosine))
    return np.where(opposite, 0.0, np.arctan2(sine, cosine))

r"""A vortex that is held in a plaquette: what turns Δ around it, and the change that puts it there.

Δ is multiplied by e^{inΘ}, Θ the angle around the middle of the plaquette, and at the corners of the
plaquette the phase of Δ is held, as it is at those of every vortex that the state has. All else follows: |Δ|
at the corners, currents around the vortex, those that the edge and other vortices make it have. Ω is
stationary in everything but these phases, and depends on the place of the vortex alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.errors import NumericalError
from bdg.experiments.change import Change
from bdg.experiments.loop import converged
from bdg.lattice import Sample
from bdg.model import Fields
from bdg.observables.local.vortices import site_order, winding
from bdg.observables.loops import Loops, fingerprint
from bdg.observables.state import State
from bdg.solvers import Solver


@dataclass(frozen=True, eq=False)
class Pinned:
    """A state with sites where Δ keeps its phase, shape ``(n_sites,)``."""

    state: State
    held: NDArray[np.bool_]

    @property
    def fields(self) -> Fields:
        """See :class:`bdg.experiments.follow.Followed`."""
        return self.state.fields

    @property
    def fingerprint(self) -> str:
        """See :class:`bdg.experiments.follow.Followed`."""
        return fingerprint(self.state.fingerprint, self.held)

    @property
    def loops(self) -> Loops:
        """See :class:`bdg.experiments.follow.Followed`."""
        return self.state.loops

    @property
    def solver(self) -> Solver:
        """See :class:`bdg.experiments.follow.Followed`."""
        return self.state.solver


def settled(pinned: Pinned) -> Pinned:
    """The same with its fields made self-consistent, but for the phases that are held.

    Raises
    ------
    NumericalError
        If the loop finds no state, or a vortex has left where its phases are held: Δ of a corner has gone
        through 0 then, as where an edge or another vortex is too near.
    """
    found = replace(pinned, state=converged(pinned.state, pinned.held))
    cores, n = _windings(pinned), _windings(found)
    if (cores[cores != 0] != n[cores != 0]).any():
        raise NumericalError("a vortex leaves the plaquette in which it is held")
    return found


def _windings(pinned: Pinned) -> NDArray[np.int64]:
    """Of the plaquettes whose corners are all held."""
    sample, state = pinned.state.model.sample, pinned.state
    if not pinned.held.any():
        return np.zeros(0, np.int64)
    faces, bonds = sample.plaquettes, sample.bonds
    ends = pinned.held[bonds.source] & pinned.held[bonds.target]
    is_held = np.logical_and.reduceat(ends[faces.bonds], faces.indptr[:-1])
    return winding(sample, site_order(state), state.model.peierls_phase)[is_held]


@dataclass(frozen=True)
class VortexIn(Change[Pinned]):
    """A vortex more, in the plaquette of a number.

    Parameters
    ----------
    winding
        n: −1 of a vortex that a field along +z makes.
    """

    winding: int

    symbol = "plaquette"

    def start(self, first: Pinned, fields: Fields, step: float) -> Pinned:
        """See :class:`bdg.experiments.change.Change`: always from the first one's fields."""
        sample, plaquette = first.state.model.sample, int(self.value)
        wound = with_vortex(first.fields, sample, sample.plaquettes.center[plaquette], self.winding)
        held = first.held.copy()
        held[corners(sample, plaquette)] = True
        return Pinned(first.state.elsewhere(first.state.model, wound), held)


def with_vortex(fields: Fields, sample: Sample, place: Floats, winding: int) -> Fields:
    """The fields with all pairs turned by nΘ, Θ the angle around a place where no site is."""
    away = sample.positions - place
    angle = winding * np.arctan2(away[:, 1], away[:, 0])
    bonds = sample.bonds
    along = np.angle(np.exp(1j * (angle[bonds.target] - angle[bonds.source])))
    across = np.exp(1j * (angle[bonds.source] + 0.5 * along))[:, None, None]
    factors: dict[bool, Any] = {False: np.exp(1j * angle), True: across}
    turned = fields.as_complex()
    return turned.each(lambda row, values: values * factors[row.on_bonds] if row.is_of_pairs else values)


def corners(sample: Sample, plaquette: int) -> NDArray[np.int64]:
    """The sites around a plaquette."""
    faces, bonds = sample.plaquettes, sample.bonds
    around = faces.bonds[faces.indptr[plaquette] : faces.indptr[plaquette + 1]]
    found: NDArray[np.int64] = np.unique(np.concatenate([bonds.source[around], bonds.target[around]]))
    return found


def at_vortices(state: State) -> NDArray[np.bool_]:
    """The corners of all vortices of a state, shape ``(n_sites,)``."""
    sample = state.model.sample
    held = np.zeros(sample.n_sites, bool)
    for plaquette in np.flatnonzero(winding(sample, site_order(state), state.model.peierls_phase)):
        held[corners(sample, int(plaquette))] = True
    return held

r"""A phase difference across a junction: a vector potential on the bonds of one cut.

c_i → e^{iχ} c_i beyond the cut turns Δ there by 2χ, and adds χ to the phases of the bonds that cross. So

    φ = θ_before − θ_beyond  is  A_ij = −φ/2 on every bond that crosses along the axis, in ħ/e,

with Δ left as it is (of pairs on the bonds that cross see :mod:`.facing`), and J = −∂Ω/∂A_ij says that the
charge that flows across is, exactly,

    I(φ) = (2e/ħ) ∂Ω/∂φ.

On a closed ring φ = 2Φ, twice the flux. On an open sample it is a pure gauge, unless the phases of Δ are held
in the leads (or Δ is given).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bdg.errors import InputError
from bdg.expectations import bond_current
from bdg.lattice import Sample
from bdg.model import Model
from bdg.model.interactions import given_pairs
from bdg.observables.response.vector_potential import in_potential
from bdg.observables.state import State

EDGE = 1e-9
"""Rounding of a position."""


@dataclass(frozen=True)
class Junction:
    """A cut, and the leads on its sides.

    Parameters
    ----------
    crossing
        1 for a bond that crosses along the axis, −1 against it, else 0; shape ``(n_bonds,)``.
    before
        Sites on the lower side, shape ``(n_sites,)``.
    held
        Sites whose phase of Δ is held, shape ``(n_sites,)``; ``None`` for none.
    """

    crossing: NDArray[np.float64]
    before: NDArray[np.bool_]
    held: NDArray[np.bool_] | None

    def across(self, on_bonds: NDArray[np.float64]) -> NDArray[np.float64]:
        """What flows on bonds as what flows along the axis on each that crosses, shape ``(n_crossing,)``."""
        crosses = self.crossing != 0
        flowing: NDArray[np.float64] = self.crossing[crosses] * on_bonds[crosses]
        return flowing


def junction_of(
    model: Model, axis: int, at: float | None, leads: float | None, *, is_fixed: bool = False
) -> Junction:
    """The cut at a coordinate, by default in the middle, and leads as deep from both ends of the sample.

    Parameters
    ----------
    model
        The model.
    axis, at
        Coordinate across the cut, and the place of the cut on it.
    leads
        Depth to which the phase of Δ is held; ``None`` for nowhere.
    is_fixed
        Whether the phase of Δ is fixed anyway, beyond the ends of the sample.

    Raises
    ------
    InputError
        If no bond crosses there, a lead reaches the cut, or a phase difference would be but a gauge.
    """
    sample = model.sample
    if model.screening is not None:
        raise InputError("a junction whose currents make a field is not followed; remove field.screening")
    if not 0 <= axis < sample.dimension:
        raise InputError(f"axis {axis} is none of the sample's; use one below {sample.dimension}")
    place, name = sample.positions[:, axis], "xyz"[axis]
    low, high = float(place.min()), float(place.max())
    cut = 0.5 * (low + high) if at is None else at
    source = place[sample.bonds.source]
    target = source + sample.bonds.displacement[:, axis]
    before, beyond = source < cut - EDGE, target < cut - EDGE
    crossing = before.astype(float) - beyond
    if not low < cut <= high or not crossing.any():
        raise InputError(f"no bond crosses {name} = {cut:g}; give a place between {low:g} and {high:g}")
    held = None
    if leads is not None:
        held = (place < low + leads - EDGE) | (place > high - leads + EDGE)
        near = np.flatnonzero(crossing)
        if held[sample.bonds.source[near]].any() or held[sample.bonds.target[near]].any():
            raise InputError(f"leads {leads:g} deep reach the cut at {name} = {cut:g}; make them shorter")
    elif not (is_fixed or is_given(model) or _closes(sample, crossing)):
        raise InputError(
            f"a phase difference across {name} = {cut:g} is a pure gauge in an open sample; hold the phase in"
            " leads of some depth, or close the sample"
        )
    return Junction(crossing, place < cut - EDGE, held)


def is_given(model: Model) -> bool:
    """Whether Δ, on sites or bonds, is given and does not follow."""
    return bool(given_pairs(model))


def _closes(sample: Sample, crossing: NDArray[np.float64]) -> bool:
    """Whether a way leads around the cut."""
    source, target = sample.bonds.source, sample.bonds.target
    rest = crossing == 0
    graph = coo_array((np.ones(rest.sum()), (source[rest], target[rest])), shape=(sample.n_sites,) * 2)
    label = connected_components(graph, directed=False)[1]
    return bool(np.any(label[source[~rest]] == label[target[~rest]]))


def biased(state: State, junction: Junction, phase: float | NDArray[np.float64]) -> State:
    """The state with a phase difference added, one number or one for each bond; the fields held."""
    return in_potential(state, -0.5 * phase * junction.crossing)


def current_across(state: State, junction: Junction) -> float:
    """The charge that flows across the cut along the axis, in e t/ħ."""
    return float(junction.across(bond_current(state.model, state.on_bonds)).sum())

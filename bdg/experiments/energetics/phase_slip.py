"""The barrier between two windings of a ring: what a phase slip costs."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from bdg.errors import InputError
from bdg.experiments.energetics.energy import energy_of
from bdg.experiments.energetics.string import minimum_energy_path
from bdg.experiments.follow import branch
from bdg.experiments.persistent_current import Threaded, closed, require_ring
from bdg.model import Fields
from bdg.observables.local.vortices import site_order
from bdg.observables.loops import Numbers, fingerprint
from bdg.observables.needs import free_pairs, free_winding
from bdg.observables.parameters import Axis
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State

NORMAL = 1e-3
"""Largest |Δ| of a normal ring, in t."""

Images = Annotated[int, Field(strict=True, ge=5, le=1000)]
"""How many images a path has."""


@observable(
    title="Barrier of a phase slip in a ring: path of least energy to another winding, and its saddle.",
    group="thermodynamics",
    needs=(free_winding, free_pairs, closed),
    example="{winding: -1, images: 15}",
    numbers={"slip_barrier": "Barrier of a phase slip"},
)
def phase_slip(
    state: State,
    winding: Annotated[int, Field(strict=True, ge=-9, le=9), "Added to that of the state."] = -1,
    images: Annotated[Images, "How many images the path has, both ends included."] = 15,
    axis: Annotated[Axis, "Coordinate along the ring."] = 0,
) -> dict[str, Quantity]:
    """Ω along the path of least energy from the state to one with another winding, at its μ.

    Δ vanishes on the way where it is weakest in the state. Near T_c the saddle of a long clean ring is
    (8√2/3)(H_c²/8π)Aξ above the ring at rest (Langer and Ambegaokar, Phys. Rev. 164, 498 (1967)).

    Parameters
    ----------
    state
        A converged state.
    winding
        Of Δ around the ring, added; −1 lowers Ω where a flux between 0 and h/2e is left.
    images
        How many images the path has.
    axis
        Coordinate along the ring.

    Returns
    -------
    dict
        ``path_energy`` of each ``image`` less that of the state, in t, at equal distances along the path;
        ``slip_barrier``, that of the saddle, which is self-consistent, and ``slip_barrier_back``, seen from
        the other winding; ``saddle_delta``, |Δ| of each site there.

    Raises
    ------
    InputError
        If there is no ring, the winding is 0 or the state is normal.
    NumericalError
        If the other winding has no state, or the path none between both.
    """
    if winding == 0:
        raise InputError("a phase slip changes the winding; give -1 or 1")
    if np.abs(site_order(state)).max() <= NORMAL:
        raise InputError("a normal ring has no winding; start below T_c")
    length = require_ring(state.model.sample, axis)
    other = branch(state).at(Threaded(0.0, axis, length, winding)).required().state
    assert other is not None

    def run() -> Numbers:
        path = minimum_energy_path(state, _opposite(state, other), images)
        first = energy_of(path.images[0])
        return {
            "energies": path.energies,
            "barrier": np.array([energy_of(path.saddle) - one for one in (first, first + path.energies[-1])]),
            "delta": np.abs(site_order(path.saddle)),
        }

    name = fingerprint("phase slip", state.fingerprint, other.fingerprint, images, state.loops.options)
    found = state.loops.points.get(name, run)
    share = Quantity(np.linspace(0, 1, images), ("image",), "1", "distance along the path")
    forth, back = found["barrier"]
    what = "barrier of a phase slip"
    return {
        "path_energy": Quantity(
            found["energies"], ("image",), "t", "energy along the path", {"image": share}
        ),
        "slip_barrier": scalar(float(forth), "t", what),
        "slip_barrier_back": scalar(float(back), "t", f"{what}, from the other winding"),
        "saddle_delta": Quantity(found["delta"], ("site",), "t", "modulus of Δ at the saddle"),
    }


def _opposite(state: State, other: State) -> Fields:
    """The other fields with the global phase at which Δ is opposite where the state's is weakest."""
    own, theirs = site_order(state), site_order(other)
    weakest = int(np.argmin(np.where(np.abs(own) > NORMAL, np.abs(own), np.inf)))
    ratio = own[weakest] / theirs[weakest]
    return other.fields.with_pairs(-complex(ratio / abs(ratio)))

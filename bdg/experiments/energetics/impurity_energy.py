"""What an impurity costs in each place of a sample: where it would pin vortices, and where they drive it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from bdg.experiments.change import Change
from bdg.experiments.curve import without_state
from bdg.experiments.energetics.energy import energy_of
from bdg.experiments.energetics.vortex import Pinned, at_vortices, settled
from bdg.experiments.follow import Branch, Measured
from bdg.experiments.schedule import alone, can_schedule
from bdg.model import Fields
from bdg.observables.needs import interaction
from bdg.observables.parameters import ALL, Flag, Sites
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.parameters.dimensions import EnergyNumber


@dataclass(frozen=True)
class ImpurityAt(Change[Pinned]):
    """A potential on the site of a number, in t."""

    potential: float

    symbol = "site"

    def start(self, first: Pinned, fields: Fields, step: float) -> Pinned:
        """See :class:`bdg.experiments.change.Change`: always from the first one's fields."""
        model = first.state.model
        onsite = model.onsite.copy()
        onsite[int(self.value)] += self.potential
        return replace(first, state=first.state.elsewhere(replace(model, onsite=onsite), first.fields))


@observable(
    title="Energy of an impurity against its place, every field following.",
    group="thermodynamics",
    needs=interaction,
    example="{potential: 1.0, hold_vortices: true}",
)
def impurity_energy(
    state: State,
    potential: Annotated[EnergyNumber, "Added to the site, in t."],
    sites: Sites = ALL,
    hold_vortices: Annotated[Flag, "Whether vortices stay in their plaquettes."] = True,
) -> dict[str, Quantity]:
    """Ω with an impurity less that without, over its place: G where currents make a field, F at a filling.

    Each place has its own self-consistent fields. To first order in the potential V the energy is V n_i.
    Where it is least an impurity would sit; with vortices held its map shows where these would be pinned.

    Parameters
    ----------
    state
        A converged state.
    potential
        Of the impurity, in t.
    sites
        Places of it.
    hold_vortices
        Whether phases of Δ are held at the corners of the vortices there are, see
        :mod:`bdg.experiments.energetics.vortex`; else they may leave for the impurity, or for the edge.

    Returns
    -------
    dict
        ``impurity_energy`` of each site in t, NaN where it was not, or where there is no state.

    Raises
    ------
    InputError
        If nothing is self-consistent.
    NumericalError
        If no place has a state.
    """
    n_sites = state.model.sample.n_sites
    places = np.arange(n_sites) if sites is None else np.asarray(sites)
    held = at_vortices(state) if hold_vortices and state.fields.is_complex else np.zeros(n_sites, bool)
    first = Pinned(state, held)
    many = (lambda pinned: Pinned(alone(pinned.state), pinned.held)) if can_schedule(state) else None
    visits = Branch(first, settled, _measured, is_independent=True, alone=many)
    points = list(visits.along([ImpurityAt(float(site), potential) for site in places]))
    if all(point.why for point in points):
        points[0].required()
    energies = np.full(n_sites, np.nan)
    energies[places] = [point["energy"] for point in points]
    energies -= energy_of(state)
    notes = {**without_state(points), "potential": potential}
    return {"impurity_energy": Quantity(energies, ("site",), "t", "energy of the impurity", attributes=notes)}


def _measured(pinned: Pinned) -> Measured:
    return {"energy": energy_of(pinned.state)}

"""Branches of a study: the best of them at each point, where two exist side by side, where they cross.

States compete by the energy that a study keeps of every branch. Two branches are one state where their
energies agree within their errors and their |Δ| within what the residuals allow, as for named starts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.ground_state.ranking import SOFTEST
from bdg.observables import Quantity
from bdg.studies.collected.collection import Collection
from bdg.studies.plan.crossings import crossing


@dataclass(frozen=True)
class Transition:
    """A transition of first order along a key.

    Parameters
    ----------
    place
        Where both branches have the same energy, with its error.
    lower, upper
        The ends of the interval in which both states exist, the spinodals: the middle of the two values of
        the key between which a branch is lost, half their distance as error. ``None`` beyond the values.
    """

    place: Quantity
    lower: Quantity | None
    upper: Quantity | None


def best(collection: Collection) -> Collection:
    """At each point the branch of lowest energy, without the axis ``branch``.

    Its name is the quantity ``branch``, empty where no branch has converged. Where energies agree within
    their errors the first branch is kept.

    Raises
    ------
    InputError
        If there are no branches.
    """
    require_branches(collection)
    energy, error = collection["energy"], collection["energy_error"].values
    values, margins = _last(energy), np.moveaxis(error, energy.dims.index("branch"), -1)
    lowest = np.nanmin(np.where(np.isnan(values), np.inf, values), axis=-1)
    slack = np.nanmax(np.where(np.isnan(margins), 0.0, margins), axis=-1)
    chosen = np.argmax(values <= (lowest + 2 * slack)[..., None], axis=-1)  # NaN is never chosen
    names = collection.coords["branch"].values[chosen]
    dims = tuple(dim for dim in collection.dims if dim != "branch")
    coords = {name: one for name, one in collection.coords.items() if name != "branch"}
    quantities = {name: _chosen(one, chosen) for name, one in collection.quantities.items()}
    names = np.where(np.isfinite(lowest), names, "")
    quantities["branch"] = Quantity(names, dims, "1", "branch of lowest energy", coords)
    return replace(collection, dims=dims, coords=coords, quantities=quantities)


def coexistence(collection: Collection, between: tuple[str, str]) -> Quantity:
    """Whether two branches are different states, at each point; false where one has not converged.

    Raises
    ------
    InputError
        If there are no such branches.
    """
    require_branches(collection)
    names = list(collection.coords["branch"].values)
    for name in between:
        if name not in names:
            raise InputError(f"there is no branch {name!r}; there are {', '.join(names)}")
    pick = [names.index(name) for name in between]
    energy, error, delta, residual = (
        _last(collection[name])[..., pick] for name in ("energy", "energy_error", "largest_delta", "residual")
    )
    rounding = 1e-12 * np.abs(energy).max(axis=-1) + error.sum(axis=-1)
    differ = np.abs(energy[..., 0] - energy[..., 1]) > rounding
    differ |= np.abs(delta[..., 0] - delta[..., 1]) > residual.sum(axis=-1) / SOFTEST + 1e-12
    dims = tuple(dim for dim in collection.dims if dim != "branch")
    coords = {name: one for name, one in collection.coords.items() if name != "branch"}
    return Quantity(differ, dims, "1", f"{between[0]} and {between[1]} are different states", coords)


def transition(
    collection: Collection, along: str, between: tuple[str, str] = ("forward", "backward")
) -> Transition:
    """The transition of first order along a key, of a study with no other axis than that and the branches.

    Parameters
    ----------
    collection
        With two branches that have their energies; other axes are fixed by :meth:`Collection.at`.
    along
        The key.
    between
        The branches.

    Raises
    ------
    InputError
        If other axes are left, there are no such branches, or their energies do not cross.
    """
    if sorted(collection.dims) != sorted((along, "branch")):
        others = [dim for dim in collection.dims if dim not in (along, "branch")]
        raise InputError(f"a transition is one along {along}; choose a value of {', '.join(others) or along}")
    apart = np.asarray(coexistence(collection, between).values, dtype=bool)
    names = list(collection.coords["branch"].values)
    energy = _chosen_branches(collection["energy"], [names.index(name) for name in between])
    coord = collection.coords[along]
    order = np.argsort(coord.values)
    order = order[np.isfinite(energy.values).all(axis=energy.dims.index("branch"))[order]]
    kept = replace(coord, values=coord.values[order])
    place = crossing(_along(energy, along, order, kept), along)
    at = int(np.searchsorted(kept.values, float(place.values)))  # between at − 1 and at
    lower, upper = _ends(apart[order], at)
    return Transition(place, _edge(kept, lower, "lower"), _edge(kept, upper, "upper"))


def require_branches(collection: Collection) -> None:
    """Refuse a study without branches whose energies are known.

    Raises
    ------
    InputError
        That says how to get some.
    """
    if "branch" not in collection.dims or "energy" not in collection.quantities:
        raise InputError("the study has no branches; follow a key with direction: both, or give starts")


def _ends(apart: NDArray[np.bool_], at: int) -> tuple[int | None, int | None]:
    """The places before which the two states begin and cease to be different, around a place."""
    same_below = np.flatnonzero(~apart[:at])
    same_above = np.flatnonzero(~apart[at:])
    lower = int(same_below[-1]) + 1 if len(same_below) else None
    return lower, at + int(same_above[0]) if len(same_above) else None


def _edge(coord: Quantity, before: int | None, word: str) -> Quantity | None:
    """The middle between a value and the one before."""
    if before is None:
        return None
    low, high = coord.values[before - 1 : before + 1]
    name = f"{word} spinodal of {coord.long_name}"
    return Quantity(np.array(0.5 * (low + high)), (), coord.units, name, error=0.5 * abs(high - low))


def _along(quantity: Quantity, along: str, order: NDArray[np.intp], coord: Quantity) -> Quantity:
    values = np.take(quantity.values, order, axis=quantity.dims.index(along))
    return replace(quantity, values=values, coords={**quantity.coords, along: coord})


def _chosen_branches(quantity: Quantity, pick: list[int]) -> Quantity:
    return replace(quantity, values=np.take(quantity.values, pick, axis=quantity.dims.index("branch")))


def _last(quantity: Quantity) -> Floats:
    """The numbers with the branches along the last axis."""
    return np.moveaxis(quantity.values, quantity.dims.index("branch"), -1)


def _chosen(quantity: Quantity, chosen: NDArray[np.intp]) -> Quantity:
    at = quantity.dims.index("branch")
    index = chosen.reshape(*chosen.shape[:at], 1, *(1,) * (quantity.values.ndim - at - 1))
    values = np.take_along_axis(quantity.values, index, axis=at).squeeze(axis=at)
    dims = tuple(dim for dim in quantity.dims if dim != "branch")
    coords = {name: one for name, one in quantity.coords.items() if name != "branch"}
    return replace(quantity, values=values, dims=dims, coords=coords)

"""The order parameter around impurities in an infinite lattice."""

from __future__ import annotations

import numpy as np

from bdg.arrays import Array, Numbers
from bdg.observables.impurities.relaxation import Relaxed
from bdg.observables.local.bond_order import bond_order, largest_symmetry
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.state import State

AXES = ("first", "second", "third")


def cell_axes(half: tuple[int, ...]) -> dict[str, Quantity]:
    """Axes of a map over the cells within ``half`` of the middle one."""
    names = [f"cell_{name}" for name in AXES[: len(half)]]
    return {
        name: Quantity(np.arange(-n, n + 1), (name,), "1", f"cell along the {name[5:]} vector")
        for name, n in zip(names, half, strict=True)
    }


def order_around(state: State, found: Relaxed, half: tuple[int, ...]) -> dict[str, Quantity]:
    """The order parameter on a window of cells, beyond the region the bulk's, and what the rim misses."""
    symmetry, region = _symmetry(state), found.region
    far = _order(state, symmetry)
    near = _order(state.elsewhere(found.model, found.fields), symmetry)
    axes, n_orbitals = cell_axes(half), state.model.sample.cell.n_orbitals
    shape = tuple(2 * n + 1 for n in half)
    values: Array = np.broadcast_to(far, (*shape, n_orbitals)).astype(np.result_type(far, near))
    places = region.cells + np.array(half)
    shown = ((places >= 0) & (places < shape)).all(axis=1) & region.inside
    values[(*places[shown].T, region.sample.orbitals[shown])] = near[shown]
    if n_orbitals == 1:
        values = values[..., 0]
    else:
        axes["orbital"] = Quantity(np.arange(n_orbitals), ("orbital",), "1", "orbital of the cell")
    part = f", {symmetry.replace('_', ' ')} part" if symmetry else ""
    name, notes = f"order parameter around the impurity{part}", {"iterations": found.iterations}
    missed = "largest change of a field next to the region"
    return {
        "impurity_order": Quantity(values, tuple(axes), "t", name, axes, found.rim, notes),
        "impurity_rim": scalar(found.rim, "t", missed, found.residual),
    }


def _symmetry(state: State) -> str:
    """The largest symmetry of the bulk's pairs on bonds; empty where those on sites are larger."""
    pairs = state.fields.bond_delta
    if pairs is None or not np.abs(pairs).max() > np.abs(state.fields.delta).max():
        return ""
    orders = bond_order(state)
    largest = largest_symmetry(orders)
    return next(name for name, one in orders.items() if one.values is largest)


def _order(state: State, symmetry: str) -> Numbers:
    """The order parameter on the sites."""
    return bond_order(state)[symmetry].values if symmetry else state.fields.delta

"""Where each start of a search led ⇄ /scf/starts: one group a start, the best first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bdg.ground_state import Candidate
from bdg.model import Fields
from bdg.observables import Quantity
from bdg.observables.quantity import scalar
from bdg.result import Result, Units
from bdg.store.arrays import new_group, read_array, write_array
from bdg.store.history import read_history, write_history
from bdg.store.quantities import describe, read_quantity

OPTIONAL = ("exchange", "bond_delta", "fock", "vector_potential")
"""Fields that a state may lack."""


def field_quantities(found: Result | Candidate) -> dict[str, Quantity]:
    """The self-consistent fields: ``delta``, ``hartree``, ``mu``, and those they may lack."""
    fields = found.fields
    quantities = {
        "delta": Quantity(fields.delta, ("site",), "t", "order parameter"),
        "hartree": Quantity(fields.hartree, ("spin", "site"), "t", "Hartree potential"),
        "mu": scalar(fields.mu, "t", "chemical potential"),
    }
    if fields.exchange is not None:
        quantities["exchange"] = Quantity(fields.exchange, ("site",), "t", "exchange field between the spins")
    on_bonds = {
        "bond_delta": (fields.bond_delta, "order parameter on bonds, spins of source and target"),
        "fock": (fields.fock, "Fock field on bonds, spins of target and source"),
    }
    for name, (values, long_name) in on_bonds.items():
        if values is not None:
            quantities[name] = Quantity(values.reshape(-1, 4), ("bond", "spin_pair"), "t", long_name)
    if fields.vector_potential is not None:
        quantities["vector_potential"] = Quantity(
            fields.vector_potential, ("bond",), "hbar/e", "line integral of the induced vector potential"
        )
    return quantities


def read_fields(group: Any) -> Fields:
    """The fields, as :func:`field_quantities` has them written."""
    found = {name: read_array(group[name]) for name in OPTIONAL if name in group}
    for name in {"bond_delta", "fock"} & set(found):
        found[name] = found[name].reshape(-1, 2, 2)
    fields = Fields(read_array(group["delta"]), read_array(group["hartree"]), float(group["mu"][()]), **found)
    if fields.delta.ndim != 1 or fields.hartree.shape != (2, len(fields.delta)):
        raise ValueError("a field has the wrong shape")
    if (broken := fields.first_not_finite()) is not None:
        raise ValueError(f"{broken} is not finite")
    return fields


def write_starts(
    group: Any, starts: tuple[Candidate, ...], shared: Mapping[str, Any], units: Units | None
) -> None:
    """Write the starts in groups named by their rank, from 1."""
    for rank, candidate in enumerate(starts, 1):
        write_candidate(new_group(group, str(rank)), candidate, shared, units)


def read_starts(group: Any) -> tuple[Candidate, ...]:
    """The starts, the best first."""
    return tuple(read_candidate(group[str(rank)]) for rank in range(1, 1 + len(group)))


def write_candidate(
    group: Any, candidate: Candidate, shared: Mapping[str, Any], units: Units | None = None
) -> None:
    """Fill the group of one start."""
    facts = {
        "name": candidate.name,
        "status": candidate.status,
        "same_as": candidate.same_as,
        "iterations": len(candidate.history),
        "residual": candidate.residual,
        "mean_delta": candidate.mean_delta,
        "saddle": candidate.history[-1].saddle if candidate.history else 0.0,
    }
    for key, value in facts.items():
        group.attrs[key] = value
    for name, quantity in {"energy": candidate.energy, **field_quantities(candidate)}.items():
        scales = [shared[dim] for dim in quantity.dims]
        write_array(group, name, quantity.values, scales, describe(quantity, units))
    write_history(new_group(group, "history"), candidate.history)


def read_candidate(group: Any) -> Candidate:
    """One start, as it was written."""
    return Candidate(
        str(group.attrs["name"]),
        group.attrs["status"],
        read_quantity(group["energy"]),
        read_fields(group),
        read_history(group["history"]),
        str(group.attrs["same_as"]),
    )

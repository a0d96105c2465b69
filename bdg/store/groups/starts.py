"""Where each start of a search led ⇄ /scf/starts: one group a start, the best first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bdg.ground_state import Candidate
from bdg.model import TABLE, Fields, Row
from bdg.observables import Quantity
from bdg.result import Result, Units
from bdg.store.groups.arrays import read_array, write_array
from bdg.store.groups.history import read_history, write_history
from bdg.store.groups.objects import new_group, write_attributes
from bdg.store.groups.quantities import describe, read_quantity


def field_quantities(found: Result | Candidate) -> dict[str, Quantity]:
    """The self-consistent fields there are, by the names of their rows."""
    return {
        row.name: Quantity(_flat(row, value), row.dims, row.units, row.long_name)
        for row, value in found.fields.present()
    }


def _flat(row: Row, values: Any) -> Any:
    """The values as a file has them: a pair of spins is one axis there."""
    array = np.asarray(values)
    return array.reshape(-1, 4) if row.has_spin_matrices else array


def read_fields(group: Any) -> Fields:
    """The fields, as :func:`field_quantities` has them written."""
    found = {row.name: _read_field(row, group) for row in TABLE.values() if row.name in group}
    fields = Fields.of(found)
    n_bonds = next((len(value) for row, value in fields.present() if row.on_bonds), 0)
    for row, value in fields.present():
        if np.shape(value) != row.shape_of(len(fields.delta), n_bonds):
            raise ValueError(f"{row.name} has the wrong shape")
    if (broken := fields.first_not_finite()) is not None:
        raise ValueError(f"{broken} is not finite")
    return fields


def _read_field(row: Row, group: Any) -> Any:
    if not row.dims:
        return float(group[row.name][()])
    array = read_array(group[row.name])
    return array.reshape(-1, 2, 2) if row.has_spin_matrices else array


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
    write_attributes(group, facts)
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

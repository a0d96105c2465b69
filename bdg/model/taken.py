"""A model on another sample, whose sites and bonds are each like one of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bdg.arrays import Indices
from bdg.lattice import Sample
from bdg.model.fields import TABLE
from bdg.model.model import Model


def taken(model: Model, sample: Sample, sites: Indices, bonds: Indices) -> Model:
    """The model on a sample, with the terms of these sites and bonds of its own, in the order of that sample.

    Screening stays as it is: its vector potential belongs to the whole of a sample.
    """

    def each(values: Any, which: Indices) -> Any:
        return None if values is None else values[which]

    given: dict[str, Any] = {}
    for row in TABLE.values():
        if row.given and getattr(model, row.given) is not None:
            given[row.given] = row.taken(getattr(model, row.given), sites, bonds)
    return replace(
        model,
        sample=sample,
        hopping=model.hopping[bonds],
        phase=model.phase[bonds],
        onsite=model.onsite[sites],
        zeeman=model.zeeman[:, sites],
        spin_orbit=each(model.spin_orbit, bonds),
        attraction=replace(model.attraction, strength=model.attraction.strength[sites]),
        bond_attraction=model.on_bonds.taken(bonds),
        vector_potential=each(model.vector_potential, bonds),
        start_shape=each(model.start_shape, sites),
        **given,
    )

"""The fields of one sample as a start for another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample
from bdg.lattice.transfer import interpolated
from bdg.model import Fields, Model
from bdg.scf.initial import fields_from

Field = NDArray[np.float64] | NDArray[np.complex128]


def transferred(sample: Sample, fields: Fields, model: Model) -> Fields:
    """Fields of ``sample`` brought to the sample of a model by :func:`bdg.lattice.transfer.interpolated`.

    Δ is zero where there is no attraction, and the model's own where it has a given one. Hartree potentials
    and μ are taken along where the model has them as unknowns; those that ``fields`` lacks start from a
    uniform density. Fields on bonds are taken along where the bonds are the same, and else start anew.

    Parameters
    ----------
    sample, fields
        A state, in the gauge of its own model; Δ is interpolated as it stands there.
    model
        Of the same dimension.

    Raises
    ------
    InputError
        If the dimensions differ.
    """
    interaction, delta = model.attraction, fields.delta
    parts = np.stack([np.real(delta), np.imag(delta), *fields.hartree])
    real, imaginary, *hartree = interpolated(parts, sample, model.sample)
    moved = real + 1j * imaginary if np.iscomplexobj(delta) else real
    start = fields_from(model, moved if model.given_delta is None else model.given_delta)
    if _same_bonds(sample, model.sample):
        start = replace(
            start,
            bond_delta=_taken(fields.bond_delta, start.bond_delta),
            fock=_taken(fields.fock, start.fock),
        )
    if interaction.hartree and fields.hartree.any():
        start = replace(start, hartree=np.where(interaction.strength != 0, np.stack(hartree), 0.0))
    return start if model.filling is None else replace(start, mu=fields.mu)


def _same_bonds(one: Sample, two: Sample) -> bool:
    return all(
        np.array_equal(getattr(one.bonds, name), getattr(two.bonds, name))
        for name in ("source", "target", "displacement")
    )


def _taken(known: Field | None, fresh: Field | None) -> Field | None:
    """The field that is known, if it is wanted."""
    return known if known is not None and fresh is not None else fresh

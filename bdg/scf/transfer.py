"""The fields of one sample as a start for another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample
from bdg.lattice.transfer import interpolated, interpolated_on_bonds
from bdg.model import Fields, Model
from bdg.model.pairs import components, matrices
from bdg.scf.initial import fields_from

Field = NDArray[np.float64] | NDArray[np.complex128]


def transferred(sample: Sample, fields: Fields, model: Model) -> Fields:
    """Fields of ``sample`` brought to the sample of a model by :func:`bdg.lattice.transfer.interpolated`.

    Δ is zero where there is no attraction, and the model's own where it has a given one. Hartree potentials,
    the exchange field and μ are taken along where the model has them as unknowns; those that ``fields`` lacks
    start from a uniform density. Fields on bonds are taken along by the direction of a bond, pairs in the
    channels that the model has; they start anew where there was no such bond.

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
    delta, exchange = fields.delta, np.zeros(1) if fields.exchange is None else fields.exchange
    across = np.broadcast_to(exchange, delta.shape)
    parts = [np.real(delta), np.imag(delta), np.real(across), np.imag(across), *fields.hartree]
    real, imaginary, x_real, x_imaginary, *hartree = interpolated(np.stack(parts), sample, model.sample)
    moved = real + 1j * imaginary if np.iscomplexobj(delta) else real
    start = fields_from(model, moved if model.given_delta is None else model.given_delta)
    felt = model.feels_density
    if fields.hartree.any():
        start = replace(start, hartree=np.where(felt, np.stack(hartree), 0.0))
    if start.exchange is not None and exchange.any():
        turned = x_real + 1j * x_imaginary if np.iscomplexobj(exchange) else x_real
        start = replace(start, exchange=np.where(felt, turned, 0.0))
    start = replace(
        start, bond_delta=_pairs(sample, fields, model, start), fock=_fock(sample, fields, start, model)
    )
    return start if model.filling is None else replace(start, mu=fields.mu)


def _pairs(sample: Sample, fields: Fields, model: Model, start: Fields) -> Field | None:
    """Pairs on bonds in the channels of the model; those of the start where nothing of them is known."""
    interaction = model.bond_attraction
    if fields.bond_delta is None or interaction is None or not interaction.pairing:
        return start.bond_delta
    assert start.bond_delta is not None
    own = fields.bond_delta
    moved, known = _moved(own, -own.swapaxes(1, 2), sample, model.sample)
    moved = matrices(components(moved, interaction.basis), interaction.basis)
    if not moved.any():  # of another channel than the model's
        return start.bond_delta
    pairs: Field = np.where(known[:, None, None], moved, start.bond_delta)
    pairs[interaction.largest == 0] = 0.0
    return pairs


def _fock(sample: Sample, fields: Fields, start: Fields, model: Model) -> Field | None:
    """Fock fields on bonds, 0 where nothing is known of them or acts."""
    interaction = model.bond_attraction
    if fields.fock is None or start.fock is None or interaction is None:
        return start.fock
    moved, _ = _moved(fields.fock, fields.fock.conj().swapaxes(1, 2), sample, model.sample)
    moved[interaction.largest == 0] = 0.0
    return moved


def _moved(field: Field, turned: Field, source: Sample, target: Sample) -> tuple[Field, NDArray[np.bool_]]:
    """A field on the bonds of one sample, here with these turned around too, on the bonds of another."""
    both = np.stack([field, turned]).reshape(2, -1, 4).transpose(2, 0, 1)
    parts = np.stack([both.real, both.imag])
    (real, imaginary), known = interpolated_on_bonds(parts, source, target)
    moved: Field = (real + 1j * imaginary if np.iscomplexobj(field) else real).T.reshape(-1, 2, 2).copy()
    return moved, known

"""The fields of one sample as a start for another."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bdg.gauge import peierls_phase, phase_between, turn, twist_phase
from bdg.lattice import Sample
from bdg.lattice.transfer import interpolated, interpolated_on_bonds, same_sites
from bdg.model import Fields, Model
from bdg.model.pairs import components, matrices
from bdg.scf.initial import fields_from

Field = NDArray[np.float64] | NDArray[np.complex128]


class Carrier(NamedTuple):
    """Phase factors of the twists of a sample, in which pairs and hops vary as slowly as they can.

    Parameters
    ----------
    delta
        e^{iθ} of Δ on the sites, θ = q·r, shape ``(n_sites,)``.
    pairs, hops
        Of the pairs on bonds, midway between Δ of both ends, and of the Fock fields, what brings the Peierls
        phases of a uniform vector potential to those of the seam; shape ``(n_bonds, 1, 1)``, or 1.
    """

    delta: Field
    pairs: Field
    hops: Field

    @classmethod
    def of(cls, sample: Sample, gained: NDArray[np.float64]) -> Carrier:
        """Those of a sample whose Δ gains these phases along its directions, shape ``(n_directions,)``."""
        angle, bonds = twist_phase(sample, gained), sample.bonds
        seam = peierls_phase(sample, np.zeros(sample.n_bonds))
        twists = np.array([ends.twist_per_cell for ends in sample.boundary])
        electron = twist_phase(sample, twists)
        hops = electron[bonds.target] - electron[bonds.source]
        pairs = phase_between(sample, angle, seam)
        return cls(turn(angle), turn(pairs)[:, None, None], turn(hops)[:, None, None])


def _without_twist(sample: Sample, fields: Fields, target: Sample) -> tuple[Fields, Carrier]:
    """Fields without the phases of their twists, and the phases to put in on another sample.

    Those of a twist that grew a little follow it, even where Δ would wind the other way by itself.
    """
    if same_sites(sample, target) and sample.boundary == target.boundary:
        return fields, Carrier(*(np.ones(1) for _ in Carrier._fields))  # an exact copy
    before, after = (np.array([ends.pair_twist for ends in each.boundary]) for each in (sample, target))
    if before.shape == after.shape:
        change = after - before
        after = before + change - 2 * np.pi * np.round(change / (2 * np.pi))
    own, theirs = Carrier.of(sample, before), Carrier.of(target, after)
    return (
        replace(
            fields,
            delta=np.conj(own.delta) * fields.delta,
            bond_delta=None if fields.bond_delta is None else np.conj(own.pairs) * fields.bond_delta,
            fock=None if fields.fock is None else np.conj(own.hops) * fields.fock,
        ),
        theirs,
    )


def transferred(sample: Sample, fields: Fields, model: Model) -> Fields:
    """Fields of ``sample`` brought to the sample of a model by :func:`bdg.lattice.transfer.interpolated`.

    Δ is zero where there is no attraction, and the model's own where it has a given one. Hartree potentials,
    the exchange field and μ are taken along where the model has them as unknowns; those that ``fields`` lacks
    start from a uniform density. Fields on bonds are taken along by the direction of a bond, pairs in the
    channels that the model has; they start anew where there was no such bond.

    Parameters
    ----------
    sample, fields
        A state, in the gauge of its own model; Δ is interpolated as it stands there, the phases of twists
        taken out before and put in again after, see :class:`Carrier`.
    model
        Of the same dimension.

    Raises
    ------
    InputError
        If the dimensions differ.
    """
    fields, carrier = _without_twist(sample, fields, model.sample)
    delta, exchange = fields.delta, np.zeros(1) if fields.exchange is None else fields.exchange
    across = np.broadcast_to(exchange, delta.shape)
    parts = [np.real(delta), np.imag(delta), np.real(across), np.imag(across), *fields.hartree]
    real, imaginary, x_real, x_imaginary, *hartree = interpolated(np.stack(parts), sample, model.sample)
    moved = carrier.delta * (real + 1j * imaginary if np.iscomplexobj(delta) else real)
    start = fields_from(model, moved if model.given_delta is None else model.given_delta)
    felt = model.feels_density
    if fields.hartree.any():
        start = replace(start, hartree=np.where(felt, np.stack(hartree), 0.0))
    if start.exchange is not None and exchange.any():
        turned = x_real + 1j * x_imaginary if np.iscomplexobj(exchange) else x_real
        start = replace(start, exchange=np.where(felt, turned, 0.0))
    start = replace(
        start,
        bond_delta=_pairs(sample, fields, model, start, carrier),
        fock=_fock(sample, fields, start, model, carrier),
    )
    return start if model.filling is None else replace(start, mu=fields.mu)


def _pairs(sample: Sample, fields: Fields, model: Model, start: Fields, carrier: Carrier) -> Field | None:
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
    pairs: Field = np.where(known[:, None, None], carrier.pairs * moved, start.bond_delta)
    pairs[interaction.largest == 0] = 0.0
    return pairs


def _fock(sample: Sample, fields: Fields, start: Fields, model: Model, carrier: Carrier) -> Field | None:
    """Fock fields on bonds, 0 where nothing is known of them or acts."""
    interaction = model.bond_attraction
    if fields.fock is None or start.fock is None or interaction is None:
        return start.fock
    moved, _ = _moved(fields.fock, fields.fock.conj().swapaxes(1, 2), sample, model.sample)
    moved[interaction.largest == 0] = 0.0
    fock: Field = carrier.hops * moved
    return fock


def _moved(field: Field, turned: Field, source: Sample, target: Sample) -> tuple[Field, NDArray[np.bool_]]:
    """A field on the bonds of one sample, here with these turned around too, on the bonds of another."""
    both = np.stack([field, turned]).reshape(2, -1, 4).transpose(2, 0, 1)
    parts = np.stack([both.real, both.imag])
    (real, imaginary), known = interpolated_on_bonds(parts, source, target)
    moved: Field = (real + 1j * imaginary if np.iscomplexobj(field) else real).T.reshape(-1, 2, 2).copy()
    return moved, known

"""The fields of one sample as a start for another."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.gauge import peierls_phase, phase_between, phase_factor, twist_phase
from bdg.lattice import Sample
from bdg.lattice.transfer import interpolated, interpolated_on_bonds, same_sites
from bdg.model import TABLE, Fields, Model, Row
from bdg.model.interactions import free_rows, is_free, reach
from bdg.model.pairs import components, matrices
from bdg.scf.starts.initial import fields_from


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

    delta: Numbers
    pairs: Numbers
    hops: Numbers

    @classmethod
    def of(cls, sample: Sample, gained: NDArray[np.float64]) -> Carrier:
        """Those of a sample whose Δ gains these phases along its directions, shape ``(n_directions,)``."""
        angle, bonds = twist_phase(sample, gained), sample.bonds
        seam = peierls_phase(sample, np.zeros(sample.n_bonds))
        twists = np.array([ends.twist_per_cell for ends in sample.boundary])
        electron = twist_phase(sample, twists)
        hops = electron[bonds.target] - electron[bonds.source]
        pairs = phase_between(sample, angle, seam)
        return cls(phase_factor(angle), phase_factor(pairs)[:, None, None], phase_factor(hops)[:, None, None])

    def factor(self, row: Row) -> Any:
        """The phase factors of a field, that broadcast over its values."""
        if not any(row.charges):
            return 1.0
        if not row.on_bonds:
            return self.delta
        phase_factor = self.pairs if row.is_of_pairs else self.hops
        return phase_factor if row.has_spin_matrices else phase_factor.ravel()


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
        fields.each(lambda row, values: np.conj(own.factor(row)) * values),
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
    moved = {
        name: carrier.factor(TABLE[name]) * values
        for name, values in _on_sites(sample, fields, model.sample).items()
    }
    delta = moved.pop("delta")
    start = fields_from(model, delta)
    for name in moved:
        if TABLE[name].free is None:
            moved[name] = np.where(reach(model, name), moved[name], 0.0)
    on_bonds = {
        row.name: _on_bonds(row, sample, fields, start, model, carrier)
        for row, values in fields.present()
        if row.on_bonds and not row.starts_anew
    }
    # What is zero tells nothing: it starts anew.
    known = {name: values for name, values in (moved | on_bonds).items() if np.any(fields[name])}
    known |= {row.name: fields[row.name] for row in free_rows(model) if not row.dims}
    return start.having({name: values for name, values in known.items() if start[name] is not None})


def _on_sites(sample: Sample, fields: Fields, target: Sample) -> dict[str, Any]:
    """All fields on sites, on those of another sample: their parts are interpolated together."""
    rows = [(row, values) for row, values in fields.present() if row.dims[-1:] == ("site",)]
    parts = [part for _, values in rows for part in _parts(values)]
    found, moved = iter(interpolated(np.stack(parts), sample, target)), dict[str, Any]()
    for row, values in rows:
        numbers = [next(found) for _ in _parts(values)]
        if np.iscomplexobj(values):
            half = len(numbers) // 2
            numbers = [re + 1j * im for re, im in zip(numbers[:half], numbers[half:], strict=True)]
        moved[row.name] = np.stack(numbers) if np.ndim(values) > 1 else numbers[0]
    return moved


def _parts(values: Numbers) -> list[NDArray[np.float64]]:
    """The real and, of a complex field, the imaginary parts, of each spin."""
    each = list(np.atleast_2d(values))
    imaginary = [np.imag(one) for one in each] if np.iscomplexobj(values) else []
    return [np.real(one) for one in each] + imaginary


def _on_bonds(
    row: Row, sample: Sample, fields: Fields, start: Fields, model: Model, carrier: Carrier
) -> Numbers | None:
    """Values on bonds, those of the start where nothing is known of them; pairs in the model's channels."""
    own, begun, interaction = fields[row.name], start[row.name], model.on_bonds
    if begun is None or not is_free(row, model):
        return None if begun is None else np.asarray(begun)
    moved, known = _moved(own, row.reversed(own), sample, model.sample)
    if row.is_of_pairs:
        moved = matrices(components(moved, interaction.basis), interaction.basis)
        if not moved.any():  # of another channel than the model's
            return np.asarray(begun)
    factor = carrier.factor(row)
    field: Numbers = np.where(known.reshape(-1, *np.ones(moved.ndim - 1, int)), factor * moved, begun)
    if row.free is None:
        field[interaction.largest == 0] = 0.0
    return field


def _moved(
    field: Numbers, turned: Numbers, source: Sample, target: Sample
) -> tuple[Numbers, NDArray[np.bool_]]:
    """A field on the bonds of one sample, here with these turned around too, on the bonds of another."""
    each = field.shape[1:]
    both = np.stack([field, turned]).reshape(2, len(field), -1).transpose(2, 0, 1)
    parts = np.stack([both.real, both.imag])
    (real, imaginary), known = interpolated_on_bonds(parts, source, target)
    moved: Numbers = (real + 1j * imaginary if np.iscomplexobj(field) else real).T.reshape(-1, *each).copy()
    return moved, known

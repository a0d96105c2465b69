"""What a loop starts from, made fit for the model: its gauge, and what the model has fixed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.gauge import real_gauge
from bdg.model import TABLE, Fields, Layout, Model
from bdg.model.interactions import free_rows, given_pairs
from bdg.model.reality import allows_real_delta
from bdg.scf.starts.initial import InitialKind, fields_from, initial_fields


def in_working_gauge(model: Model) -> tuple[Model, NDArray[np.float64] | None]:
    """The model in a gauge where H is real, if there is one, and χ of each site that turned it; else None."""
    angle = real_gauge(model.sample, model.phase) if allows_real_delta(model) else None
    return (model if angle is None else model.transformed(angle)), angle


def fields_at(
    model: Model, initial: InitialKind | Fields, drawn: tuple[int, int], vector: NDArray[np.float64]
) -> Fields:
    """The fields that a loop packed into a vector, in the gauge of the model.

    Parameters
    ----------
    model, initial, drawn
        As the loop had them.
    vector
        Of a snapshot.
    """
    work, angle = in_working_gauge(model)
    start = start_fields(work, initial, drawn, angle)
    layout = Layout.of(work, is_complex=start.is_complex)
    if len(layout.pack(start)) != len(vector):  # Δ has become complex on the way
        start = start.as_complex()
        layout = Layout.of(work, is_complex=True)
    fields = layout.unpack(vector, start)
    return fields if angle is None else fields.transformed(-angle, model.sample.bonds)


def start_fields(
    work: Model, initial: InitialKind | Fields, drawn: tuple[int, int], angle: NDArray[np.float64] | None
) -> Fields:
    """Fields to start from in the working gauge, Δ real where it and H can be and the start is not random.

    Parameters
    ----------
    work
        The model in the working gauge.
    initial
        Name of a start, or fields in the gauge of the model before it was turned.
    drawn
        Seed of a random start, and which of its draws.
    angle
        χ of each site that turned the model, shape ``(n_sites,)``; ``None`` where H stays complex.

    Raises
    ------
    InputError
        If the fields are those of another sample, or there is no start of that name.
    """
    if isinstance(initial, str):
        complex_given = any(np.iscomplexobj(pairs) for pairs in given_pairs(work))
        seed, draw = drawn
        has_phases = initial == "random" and any(any(row.charges) for row in free_rows(work))
        is_complex = angle is None or complex_given or has_phases
        start = initial_fields(work, initial, seed, is_complex=is_complex, draw=draw)
        return start.as_complex() if start.is_complex else start
    sample = work.sample
    for row, values in initial.present():
        if np.shape(values) == row.shape(sample):
            continue
        if row.on_bonds:
            raise InputError(
                f"the fields to start from are of {len(values)} bonds, the sample has {sample.n_bonds}"
            )
        raise InputError(
            f"the fields to start from are of {len(initial.delta)} sites, the sample has {sample.n_sites}"
        )
    turned = initial if angle is None else initial.transformed(angle, work.sample.bonds)
    start = _with_what_is_fixed(work, turned)
    if angle is not None and start.is_real_to(1e-12):
        return start.as_real()
    return start.as_complex()


def _with_what_is_fixed(work: Model, start: Fields) -> Fields:
    """The start with what is not its to say from the model: a given Δ, a fixed μ, fields that are off."""
    taken = {row.name: start[row.name] for row in free_rows(work) if start[row.name] is not None}
    if work.is_spin_symmetric:
        alike = {name: values.mean(axis=0) for name, values in taken.items() if "spin" in TABLE[name].dims}
        taken |= {name: np.broadcast_to(mean, taken[name].shape) for name, mean in alike.items()}
    return fields_from(work, start.delta).having(taken)

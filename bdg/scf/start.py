"""What a loop starts from, made fit for the model: its gauge, and what the model has fixed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.model import Fields, Model
from bdg.scf.initial import InitialKind, fields_from, initial_fields


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
        given = (work.given_delta, work.given_bonds)
        complex_given = any(np.iscomplexobj(delta) for delta in given if delta is not None)
        seed, draw = drawn
        has_phases = initial == "random" and (work.pairs_are_free or work.has_fock)
        is_complex = angle is None or complex_given or has_phases
        start = initial_fields(work, initial, seed, is_complex=is_complex, draw=draw)
        return start.as_complex() if start.is_complex else start
    n_sites = work.sample.n_sites
    if initial.delta.shape != (n_sites,) or initial.hartree.shape != (2, n_sites):
        raise InputError(
            f"the fields to start from are of {len(initial.delta)} sites, the sample has {n_sites}"
        )
    for field in (initial.bond_delta, initial.fock):
        if field is not None and field.shape != (work.sample.n_bonds, 2, 2):
            raise InputError(
                f"the fields to start from are of {len(field)} bonds, the sample has {work.sample.n_bonds}"
            )
    turned = initial if angle is None else initial.transformed(angle, work.sample.bonds)
    start = _with_what_is_fixed(work, turned)
    if angle is not None and start.is_real_to(1e-12):
        return start.as_real()
    return start.as_complex()


def _with_what_is_fixed(work: Model, start: Fields) -> Fields:
    """The start with what is not its to say from the model: a given Δ, a fixed μ, fields that are off."""
    delta, hartree, mu, exchange = start.delta, start.hartree, start.mu, start.exchange
    if work.given_delta is not None:
        delta = work.given_delta
    elif not work.attraction.pairing:
        delta = np.zeros(len(delta))
    if not work.has_hartree:
        hartree = np.zeros_like(hartree)
    elif work.is_spin_symmetric:
        hartree = np.broadcast_to(hartree.mean(axis=0), hartree.shape)
    if work.chemical_potential is not None:
        mu = work.chemical_potential
    fresh = fields_from(work, delta)
    if not work.has_exchange or exchange is None:
        exchange = fresh.exchange
    bond_delta = fresh.bond_delta
    if work.given_bonds is None and bond_delta is not None and start.bond_delta is not None:
        bond_delta = start.bond_delta
    fock = start.fock if fresh.fock is not None and start.fock is not None else fresh.fock
    induced = fresh.vector_potential if start.vector_potential is None else start.vector_potential
    if work.screening is None:
        induced = None
    return Fields(delta, hartree, mu, exchange, bond_delta, fock, induced)

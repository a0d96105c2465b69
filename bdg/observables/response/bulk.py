r"""The uniform bulk that the inside of a sample is like, and its superfluid weight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.expectations import bond_current, bond_pattern
from bdg.lattice import Boundary, repeated
from bdg.model import Fields, Model
from bdg.model.taken import taken
from bdg.nambu import NambuAssembler
from bdg.observables.state import State
from bdg.solvers.diagonalization import dense_beside

STEP = 1e-3
"""Vector potential, in ħ/ea, of the difference quotient −∂J/∂A, taken to fourth order."""

MOMENTA = 256
"""Bloch momenta of the bulk along each direction."""

FEW = 32
"""Momenta that are enough for a difference between two cells."""

QUARTILES = (0.25, 0.5, 0.75)
"""Ranks by |Δ| of the cells that are compared."""


def stiffness_spread(state: State) -> NDArray[np.float64]:
    """Relative error of D of each kind of bond, as that of one cell of a sample too small to have a bulk.

    The largest change from the typical cell to those at the quartiles of |Δ|. Shape ``(n_kinds,)``; 0 where
    D is.
    """
    low, middle, high = (bulk_stiffness(state, FEW, rank) for rank in QUARTILES)
    change = np.maximum(np.abs(low - middle), np.abs(high - middle))
    return np.divide(change, np.abs(middle), out=np.zeros_like(change), where=middle != 0)


def bulk_stiffness(state: State, momenta: int = MOMENTA, rank: float = 0.5) -> NDArray[np.float64]:
    """D = −∂J/∂A of each kind of bond in the bulk, A uniform along the bond, at fixed Δ, in t.

    The bulk repeats the cell whose mean |Δ| is the median of all cells that have all of their bonds. For one
    bond a cell along a direction this is the superfluid weight along it: what is diamagnetic less what is
    paramagnetic (Scalapino, White and Zhang, Phys. Rev. B 47, 7995 (1993)).

    Parameters
    ----------
    state
        The state.
    momenta
        Number of momenta along each direction; L·T ≥ 10 or L·Δ ≥ 10 wants to hold.
    rank
        Which cell it is, by the share of cells whose |Δ| is less.

    Returns
    -------
    array
        Shape ``(n_kinds,)``; 0 for bonds within a place, which have no direction.

    Raises
    ------
    InputError
        If no cell of the sample has all its bonds.
    """
    model, fields = _bulk(state, momenta, rank)
    displacement = model.sample.bonds.displacement
    found = np.zeros(len(displacement))
    for kind in np.flatnonzero(model.sample.bonds.shell > 0).tolist():
        step = displacement[kind]
        along = displacement @ step / float(step @ step)

        def current(a: float, along: NDArray[np.float64] = along, kind: int = kind) -> float:
            moved = model.in_potential(a * along)
            on_bonds = dense_beside(state.solver).correlations(
                NambuAssembler(moved).matrix(fields),
                model.temperature,
                bond_pattern(model.sample),
                tolerance=1e-13,
            )
            return float(bond_current(moved, on_bonds)[kind])

        near, far = current(STEP) - current(-STEP), current(2 * STEP) - current(-2 * STEP)
        found[kind] = -(8 * near - far) / (12 * STEP)
    return found


def _bulk(state: State, momenta: int, rank: float) -> tuple[Model, Fields]:
    """One cell without end, with the terms and fields of a cell inside the sample."""
    model, sample = state.model, state.model.sample
    sites, bonds = _typical_cell(state, rank)
    ends = [Boundary("bloch", n_k=momenta)] * sample.cell.n_directions
    cell = repeated(sample, (1,) * sample.cell.n_directions, ends)
    bonds = bonds[cell.bonds.kind]
    bulk = replace(
        taken(model, cell, sites, bonds),
        phase=(model.phase - model.peierls_phase)[bonds],
        given_delta=None,
        given_bonds=None,
        bond_attraction=None,
        screening=None,
        vector_potential=None,
        start_shape=None,
        least_dofs=model.dofs,
    )
    fields = state.fields
    phase_factor = np.exp(-1j * np.angle(fields.delta[sites[0]])) if fields.delta.any() else 1.0
    return bulk, replace(fields.with_pairs(phase_factor).taken(sites, bonds), vector_potential=None)


def _typical_cell(state: State, rank: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sites by orbital, and bonds by kind, of a cell that has them all."""
    sample = state.model.sample
    bonds = sample.bonds
    flat = np.ravel_multi_index(tuple(sample.cells.T), sample.size)
    site_of = np.full((int(np.prod(sample.size)), sample.cell.n_orbitals), -1)
    site_of[flat, sample.orbitals] = np.arange(sample.n_sites)
    bond_of = np.full((len(site_of), len(bonds.kinds)), -1)
    bond_of[flat[bonds.source], bonds.kind] = np.arange(len(bonds))
    whole = np.flatnonzero((site_of >= 0).all(axis=1) & (bond_of >= 0).all(axis=1))
    if not len(whole):
        raise InputError("no cell of the sample has all its bonds, so that there is no bulk; make it larger")
    size = np.abs(state.fields.delta)[site_of[whole]].mean(axis=1)
    if state.fields.bond_delta is not None and not size.any():
        size = np.abs(state.fields.bond_delta).sum(axis=(1, 2))[bond_of[whole]].mean(axis=1)
    typical = whole[np.argsort(size, kind="stable")[int(rank * len(size))]]
    return site_of[typical], bond_of[typical]

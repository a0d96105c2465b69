"""Finite differences for any λ(x, y): the cross-section of a long body in a field along it.

B obeys ∇·(λ²∇B) − B = −Σ Φ_v δ(r − r_v). A hole carries no current, so B is one number in it, and integrating
the equation over the hole gives the quantisation of its fluxoid: ∮λ²∂_nB dl − Φ = −nΦ₀. On cells this is the
same line of a matrix as a vortex in one cell, with the hole's cells merged into one unknown; holes need
nothing of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.ndimage import label
from scipy.sparse.linalg import spsolve

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import PAIRS, Carriers, positive

OUTSIDE = -1


@dataclass(frozen=True)
class Section:
    """Field and currents in a cross-section.

    Parameters
    ----------
    field
        B_z of each cell, shape ``(n_x, n_y)``.
    current
        (J_x, J_y) of each cell, shape ``(2, n_x, n_y)``: means over its two faces each way; zero in normal
        cells.
    holes
        Number of the hole each cell is in, from 1; 0 in the superconductor, −1 outside.
    spacing
        Side of a cell.
    """

    field: Floats
    current: Floats
    holes: NDArray[np.int64]
    spacing: float

    def flux(self, cells: NDArray[np.bool_]) -> float:
        """∫B dA over some cells."""
        return float(self.field[cells].sum()) * self.spacing**2


def solve_section(
    depth: ArrayLike,
    spacing: float,
    applied: float,
    *,
    fluxoids: ArrayLike | None = None,
    carriers: Carriers = PAIRS,
) -> Section:
    """B(x, y) of a long body with any cross-section, with holes and vortices.

    Parameters
    ----------
    depth
        λ of each cell, shape ``(n_x, n_y)``; ``inf`` in holes and, where the body does not fill the grid,
        outside.
    spacing
        Side of a cell, in the units of λ.
    applied
        B outside; the border of the grid is outside.
    fluxoids
        Flux quanta of each cell, shape of ``depth``: 1 in the cell of a vortex, or in any cell of a hole that
        has trapped one. The current turns around them so that ∮(μ₀λ²J)·dl + Φ = nΦ₀.

    Raises
    ------
    InputError
        If shapes differ, a depth is not positive, or a fluxoid lies outside.
    """
    lengths = np.asarray(depth, np.float64)
    if lengths.ndim != 2 or not np.all(lengths > 0):
        raise InputError("depth wants positive numbers of shape (n_x, n_y), inf in holes and outside")
    quanta = np.zeros(lengths.shape) if fluxoids is None else np.asarray(fluxoids, np.float64)
    if quanta.shape != lengths.shape:
        raise InputError(f"fluxoids have shape {quanta.shape}, the depth {lengths.shape}; give one a cell")
    holes = _holes(lengths)
    if quanta[holes == OUTSIDE].any():
        raise InputError("a fluxoid lies outside the body; put it in the superconductor or in a hole")
    unknown, n_unknown = _unknowns(holes)
    operator, source = _equations(lengths, positive("spacing", spacing), applied, unknown, n_unknown)
    np.add.at(source, unknown[unknown >= 0], -carriers.flux_quantum * quanta[unknown >= 0])
    solved = np.append(spsolve(operator, source), applied)  # the last stands for outside, number −1
    field = solved[unknown]
    return Section(field, _currents(field, lengths, applied, spacing, carriers), holes, spacing)


def _holes(depth: Floats) -> NDArray[np.int64]:
    """Connected normal cells, numbered; those that reach the border are outside."""
    found, _ = label(np.isinf(depth))
    border = np.unique(np.concatenate([found[0], found[-1], found[:, 0], found[:, -1]]))
    outside = np.isin(found, border[border > 0])
    _, numbers = np.unique(np.where(outside, 0, found), return_inverse=True)
    return np.where(outside, OUTSIDE, numbers.reshape(depth.shape))


def _unknowns(holes: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """The unknown of each cell, −1 outside: one for each superconducting cell, one for each hole."""
    unknown = np.full(holes.shape, OUTSIDE, np.int64)
    own = holes == 0
    unknown[own] = np.arange(own.sum())
    in_hole = holes > 0
    unknown[in_hole] = own.sum() + holes[in_hole] - 1
    return unknown, int(own.sum() + holes.max(initial=0))


def _conductance(first: Floats, second: Floats) -> Floats:
    """λ² between the middles of two cells in series: 2/(1/λ₁² + 1/λ₂²); twice λ² next to a normal cell."""
    stiffness = first**-2.0 + second**-2.0
    return np.divide(2.0, stiffness, out=np.zeros_like(stiffness), where=stiffness > 0)


def _equations(
    depth: Floats, spacing: float, applied: float, unknown: NDArray[np.int64], n_unknown: int
) -> tuple[sparse.csc_matrix, Floats]:
    """The matrix, and the side that the applied field makes."""
    rows, columns, values = [], [], []
    diagonal, source = np.zeros(n_unknown + 1), np.zeros(n_unknown + 1)
    padded, numbers = np.pad(depth, 1, constant_values=np.inf), np.pad(unknown, 1, constant_values=OUTSIDE)
    for axis in (0, 1):
        first, second = np.moveaxis(numbers, axis, 0)[:-1].ravel(), np.moveaxis(numbers, axis, 0)[1:].ravel()
        flow = np.moveaxis(padded, axis, 0)
        through = _conductance(flow[:-1], flow[1:]).ravel()
        for one, other in ((first, second), (second, first)):
            inside = (one >= 0) & (one != other)
            np.add.at(diagonal, one[inside], -through[inside])
            joined, edge = inside & (other >= 0), inside & (other < 0)
            rows.append(one[joined])
            columns.append(other[joined])
            values.append(through[joined])
            np.add.at(source, one[edge], -through[edge] * applied)
    np.add.at(diagonal, unknown[unknown >= 0], -(spacing**2))
    everyone = np.arange(n_unknown)
    matrix = sparse.coo_matrix(
        (
            np.concatenate([*values, diagonal[:-1]]),
            (np.concatenate([*rows, everyone]), np.concatenate([*columns, everyone])),
        ),
        shape=(n_unknown, n_unknown),
    )
    return matrix.tocsc(), source[:-1]


def _currents(field: Floats, depth: Floats, applied: float, spacing: float, carriers: Carriers) -> Floats:
    """μ₀J = (∂_yB, −∂_xB): λ²∂B is continuous between cells, so each has its own slope towards a face."""
    padded = np.pad(field, 1, constant_values=applied)
    length = np.pad(depth, 1, constant_values=np.inf)
    slopes = []
    for axis in (0, 1):
        b, d = np.moveaxis(padded, axis, 0), np.moveaxis(length, axis, 0)
        flow = _conductance(d[:-1], d[1:]) * np.diff(b, axis=0) / spacing
        mean = 0.5 * (flow[1:] + flow[:-1])[:, 1:-1] * np.moveaxis(depth, axis, 0) ** -2.0
        slopes.append(np.moveaxis(mean, 0, axis))
    return np.stack([slopes[1], -slopes[0]]) / carriers.mu0

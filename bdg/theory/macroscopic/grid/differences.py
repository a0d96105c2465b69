"""Covariant differences: (D Ψ)_link = (e^{−iφ} Ψ_next − Ψ)/h, and what is made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bdg.arrays import Complexes, Floats
from bdg.theory.macroscopic.grid.grid import Grid
from bdg.theory.macroscopic.grid.links import Links, plaquette_flux


def neighbour(psi: Complexes, direction: int, phase: Floats) -> Complexes:
    """e^{−iφ}Ψ of the next point, carried back along the link, where it can be compared with Ψ here."""
    carried: Complexes = np.exp(-1j * phase) * np.roll(psi, -1, direction)
    return carried


def covariant_laplacian(grid: Grid, phases: Links) -> sparse.csr_matrix:
    """(∇ − iqA/ħ)² on the points: Σ_links (e^{−iφ}Ψ_next + e^{iφ}Ψ_previous − 2Ψ)/h².

    At free ends the missing link leaves Ψ out of the sum on both sides and the half cell there doubles the
    one that is left, so that the operator stays of second order; it is then symmetric in the inner product
    that counts points at such ends by half.

    Returns
    -------
    scipy.sparse.csr_matrix
        Shape ``(n_points, n_points)``, complex.
    """
    index = np.arange(grid.n_points).reshape(grid.shape)
    rows, columns, values = [], [], []
    diagonal = np.zeros(grid.shape)
    for direction, step in enumerate(grid.spacing):
        weight = np.full(grid.shape, step**-2.0)
        diagonal -= 2 * step**-2.0
        ends = np.moveaxis(weight, direction, 0)
        if grid.ends[direction] == "free":
            ends[0] = ends[-1] = 2 * step**-2.0
        present = grid.links(direction)
        here, there = index[present], np.roll(index, -1, direction)[present]
        hop = np.exp(-1j * phases[direction][present])
        rows += [here, there]
        columns += [there, here]
        values += [weight[present] * hop, np.roll(weight, -1, direction)[present] * hop.conj()]
    rows.append(index.ravel())
    columns.append(index.ravel())
    values.append(diagonal.ravel().astype(np.complex128))
    entries = np.concatenate([part.ravel() for part in values])
    places = np.concatenate([part.ravel() for part in rows]), np.concatenate([p.ravel() for p in columns])
    return sparse.coo_matrix((entries, places), shape=(grid.n_points, grid.n_points)).tocsr()


def divergence(grid: Grid, flows: Links) -> Floats:
    """∇·flow at every point, from a flow on the links; a point at a free end has half a cell."""
    total = np.zeros(grid.shape)
    for direction, step in enumerate(grid.spacing):
        flow = np.where(grid.links(direction), flows[direction], 0.0)
        net = (flow - np.roll(flow, 1, direction)) / step
        if grid.ends[direction] == "free":
            ends = np.moveaxis(net, direction, 0)
            ends[0] *= 2
            ends[-1] *= 2
        total += net
    return total


def on_points(grid: Grid, values: Links) -> list[Floats]:
    """Links to points: the mean of the two links each way, of the one there is at an end."""
    means = []
    for direction in range(grid.dimension):
        present = grid.links(direction).astype(np.float64)
        value = values[direction] * present
        count = present + np.roll(present, 1, direction)
        means.append((value + np.roll(value, 1, direction)) / count)
    return means


def winding(grid: Grid, psi: Complexes, phases: Links) -> NDArray[np.int64]:
    """How often the phase of Ψ winds around each square, with the sign of the turn: vortices.

    (1/2π)(Σ_links arg(Ψ* e^{−iφ} Ψ_next) + (q/ħ)Φ), gauge-invariant, shape of the grid; Σ is taken with every
    term between −π and π, and Φ is that of :func:`plaquette_flux`.
    """
    steps = [
        np.where(grid.links(d), np.angle(psi.conj() * neighbour(psi, d, phases[d])), 0.0) for d in (0, 1)
    ]
    along, up = steps
    around = along + np.roll(up, -1, 0) - np.roll(along, -1, 1) - up
    squares = grid.links(0) & grid.links(1)
    windings = np.where(squares, (around + plaquette_flux(grid, phases)) / (2 * np.pi), 0.0)
    return np.rint(windings).astype(np.int64)

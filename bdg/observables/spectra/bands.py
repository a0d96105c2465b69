"""Quasiparticle bands of infinite samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bdg.lattice.symmetry_points import Point, point_name, zone_path
from bdg.nambu import BlochMomenta
from bdg.observables.parameters import Momenta, ZonePath
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.solvers import executor_of
from bdg.solvers.diagonalization import diagonalize
from bdg.solvers.states import degenerate_within


@observable(
    title="Quasiparticle bands E(k) of an infinite sample.",
    group="spectra",
    example="{path: [Gamma, X, M, Gamma], num: 201}",
    uses_places=False,
)
def bands(
    state: State, path: ZonePath, num: Annotated[Momenta, "Momenta along it."] = 201
) -> dict[str, Quantity]:
    """Quasiparticle energies E_n(k) along a path through the Brillouin zone, all of both signs, in t.

    Parameters
    ----------
    state
        A state of an infinite sample.
    path
        Corners: points in units of the reciprocal vectors of the sample (k·L_d = 2π × coordinate d, L_d the
        sample's length along direction d; 0 along finite directions), or names such as ``Gamma``, ``X``,
        ``M``, ``K`` where every direction is infinite and one cell long.
    num
        Momenta along the whole path, ends included.

    Returns
    -------
    dict
        ``bands``, shape ``(num, n_bands)``, ascending at each k; ``particle_weight`` = Σ_i |u_i|², the part
        of each level that is electron (spin up only, where spin is conserved), of the same shape. Levels that
        are degenerate at a k, to √ε of the scale of hops and pairs, all have the mean of theirs: each by
        itself would be what the basis LAPACK happens to choose makes of it.

    Raises
    ------
    InputError
        If no direction is infinite, a point is not of the Brillouin zone, or the path has no length.
    """
    momenta, sample = state.hamiltonian.momenta, state.model.sample
    corners = zone_path(sample, path)
    assert isinstance(momenta, BlochMomenta)
    vectors = np.array(sample.size)[:, None] * sample.cell.vectors
    coordinates, distance, ticks = along_path(vectors, corners, num)
    hamiltonian = replace(state.hamiltonian, momenta=momenta.at(2 * np.pi * coordinates))
    energies, weight = [], []
    for system in diagonalize(hamiltonian, None, executor_of(state.solver)):
        by_site = np.abs(system.vectors.reshape(hamiltonian.n_sites, hamiltonian.dofs, -1)) ** 2
        particle = by_site[:, : hamiltonian.dofs // 2].sum(axis=(0, 1))
        energies.append(system.energies.reshape(system.n_momenta, -1))
        weight.append(particle.reshape(system.n_momenta, -1))
    axis = {"path": Quantity(distance, ("path",), "1/a", "distance along the path in the Brillouin zone")}
    notes = path_notes(ticks, path)
    levels = np.concatenate(energies)
    shares = _mean_of_degenerate(levels, np.concatenate(weight), degenerate_within(hamiltonian))
    rounding = float(np.finfo(float).eps) * hamiltonian.norm_bound()
    error, dims = float(rounding * np.sqrt(hamiltonian.dimension)), ("path", "band")
    return {
        "bands": Quantity(levels, dims, "t", "quasiparticle energy", axis, error, notes),
        "particle_weight": Quantity(shares, dims, "1", "electron part of the level", axis),
    }


def _mean_of_degenerate(
    energies: NDArray[np.float64], weight: NDArray[np.float64], distance: float
) -> NDArray[np.float64]:
    """Weights, those of neighbours in a row that are within a distance replaced by their mean."""
    starts = np.ones(energies.shape, dtype=bool)
    starts[:, 1:] = np.diff(energies, axis=1) > distance
    group = np.cumsum(starts.ravel()) - 1
    means = np.bincount(group, weight.ravel()) / np.bincount(group)
    shared: NDArray[np.float64] = means[group].reshape(energies.shape)
    return shared


def along_path(
    vectors: NDArray[np.float64], corners: NDArray[np.float64], num: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Momenta evenly along a path, their distance along it, and the distance of the corners.

    Corners and momenta are in units of the reciprocal vectors of lattice vectors, rows of ``vectors``.
    """
    reciprocal = 2 * np.pi * np.linalg.pinv(vectors).T
    steps = np.linalg.norm(np.diff(corners @ reciprocal, axis=0), axis=1)
    ticks = np.concatenate([[0.0], np.cumsum(steps)])
    distance = np.linspace(0.0, ticks[-1], num)
    kept = np.concatenate([[True], steps > 0])  # a point listed twice in a row has no length
    coordinates = [np.interp(distance, ticks[kept], corners[kept, d]) for d in range(corners.shape[1])]
    return np.stack(coordinates, axis=1), distance, ticks


def path_notes(ticks: NDArray[np.float64], path: Sequence[Point]) -> dict[str, str]:
    """The corners of a path as attributes: how far along they are, and their names."""
    return {
        "path_ticks": ", ".join(f"{tick:.12g}" for tick in ticks),
        "path_labels": ", ".join(_label(point) for point in path),
    }


def _label(point: Point) -> str:
    return point_name(point) if isinstance(point, str) else f"({' '.join(f'{value:g}' for value in point)})"

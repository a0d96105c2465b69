"""Where the sites lie: coordinates on a torus, areas, the direction of greatest extent, depths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.topology.closed import closed_directions


def orientation(sample: Sample, directions: list[int]) -> int:
    """+1 where the second of two directions turns counter-clockwise from the first, −1 where clockwise.

    Seen from the coordinate axis nearest to the normal of the two.
    """
    first, second = (np.append(sample.cell.vectors[d], [0.0, 0.0])[:3] for d in directions)
    normal = np.cross(first, second)
    return int(np.sign(normal[np.argmax(np.abs(normal))]))


def area(sample: Sample, directions: list[int]) -> float:
    """Area of one cell that two directions span, in squares of the lattice constant."""
    span = sample.cell.vectors[directions]
    return float(np.sqrt(np.linalg.det(span @ span.T)))


def fractions(sample: Sample) -> NDArray[np.float64]:
    """Coordinates along the lattice directions, 1 the sample's length, shape ``(n_sites, n_directions)``."""
    found: NDArray[np.float64] = (
        sample.positions @ np.linalg.pinv(sample.cell.vectors) / np.array(sample.size)
    )
    return found


def differences(sample: Sample) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x_i − x_j and y_i − y_j, the shortest along closed directions, shape ``(n_sites, n_sites)`` each."""
    s, steps = fractions(sample), sample.cell.vectors * np.array(sample.size)[:, None]
    total = np.zeros((2, sample.n_sites, sample.n_sites))
    for d in range(s.shape[1]):
        apart = s[:, None, d] - s[None, :, d]
        if d in closed_directions(sample):
            apart -= np.rint(apart)
            # Half a turn away there are two shortest ways, and their mean is none.
            apart[np.isclose(np.abs(apart), 0.5)] = 0.0
        total += steps[d, :2, None, None] * apart
    return total[0], total[1]


def steps_from(sample: Sample, site: int, radius: float) -> NDArray[np.float64]:
    """Steps in x and y from one site to every site, the shortest ones on a torus, shape ``(n_sites, 2)``.

    Raises
    ------
    InputError
        If a circle of the radius reaches around the sample to itself.
    """
    require_room(sample, radius)
    s, steps = fractions(sample), _turns(sample)
    closed = closed_directions(sample)
    apart = s - s[site]
    apart[:, closed] -= np.rint(apart[:, closed])
    found: NDArray[np.float64] = (apart @ steps)[:, :2]
    return found


def require_room(sample: Sample, radius: float) -> None:
    """Refuse a radius of which a circle reaches around the sample to itself.

    Raises
    ------
    InputError
        If it does.
    """
    heights = 1 / np.linalg.norm(np.linalg.pinv(_turns(sample)), axis=0)
    for d in closed_directions(sample):
        if 2 * radius >= heights[d] - 1:
            most = heights[d] / 2 - 1
            raise InputError(
                f"radius {radius:g} reaches around a torus that is {heights[d]:.4g} wide;"
                + (f" give at most {most:.4g}" if most > 0 else " make the sample wider")
            )


def _turns(sample: Sample) -> NDArray[np.float64]:
    """Vectors across the whole sample along its directions."""
    vectors: NDArray[np.float64] = sample.cell.vectors * np.array(sample.size)[:, None]
    return vectors


def along_extent(sample: Sample) -> NDArray[np.float64]:
    """Coordinate of each site along the direction in which the sample reaches farthest, 0 in its middle."""
    centred = sample.positions - sample.positions.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    place = centred @ axes[0]
    sign = 1.0 if axes[0][np.argmax(np.abs(axes[0]))] > 0 else -1.0
    found: NDArray[np.float64] = sign * (place - 0.5 * (place.max() + place.min()))
    return found


def deep(sample: Sample) -> NDArray[np.bool_]:
    """The sites far from every edge: at half the greatest depth or more; all where there is no edge.

    Sites at an edge have fewer bonds than others of their orbital.
    """
    from scipy.spatial import cKDTree  # late: it is slow to import, and rarely needed

    bonds = sample.bonds
    degree = np.bincount(np.concatenate([bonds.source, bonds.target]), minlength=sample.n_sites)
    most = np.zeros(sample.cell.n_orbitals, np.intp)
    np.maximum.at(most, sample.orbitals, degree)
    edge = degree < most[sample.orbitals]
    if not edge.any():
        return np.ones(sample.n_sites, bool)
    depth, _ = cKDTree(sample.positions[edge]).query(sample.positions)
    found: NDArray[np.bool_] = depth >= 0.5 * depth.max()
    return found

r"""Mutual inductances of the faces of a thin film: Biot and Savart's law for sheets of magnetisation.

A current g around face p is a dipole sheet of moment g a_p. In the plane of the film its flux through another
face q is −μ₀ g a_p a_q/4πr³, so

    M_pq = −a_p a_q/(4π r_pq³)  (p ≠ q),      M_pp = Σ_{q≠p} |M_pq| + a_p² C_p,
    C_p = (1/4π) ∫_outside d²r/|r − r_p|³ = (1/4π) Σ_edges (sin β₂ − sin β₁)/h,

since no flux passes the whole plane: what a dipole sheet sends up through itself comes down around it. The
integral over all that the faces leave out is one over their outline, edge by edge: h the distance from r_p to
the edge's line, β the angles at r_p from the foot to its two ends.

A hole is one face of many cells: it is filled with those of the whole lattice, and M of a hole is their sum.

E. H. Brandt, Phys. Rev. B 72, 024529 (2005), where a face is a grid point and its weight.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bdg.lattice import Sample, polygon, repeated
from bdg.lattice.plaquettes.circuits import Circuits
from bdg.resources import require_memory


def mutual_inductance(sample: Sample, faces: Circuits) -> NDArray[np.float64]:
    """M in units of μ₀a, symmetric and positive definite, shape ``(n_faces, n_faces)``.

    Parameters
    ----------
    sample
        With open boundaries.
    faces
        Its faces.

    Raises
    ------
    ResourceError
        If there are more faces than memory holds the square of.
    """
    center, area, member = _filled(sample, faces)
    require_memory(5 * 8.0 * len(center) ** 2, f"the inductances of {len(center)} faces", "take fewer sites")
    apart = center[:, None, :] - center[None, :, :]
    distance = np.hypot(apart[..., 0], apart[..., 1])
    np.fill_diagonal(distance, np.inf)
    cells = -np.outer(area, area) / (4 * np.pi * distance**3)
    np.fill_diagonal(cells, -cells.sum(axis=1) + area**2 * _beyond(center, faces.outline))
    by_face: NDArray[np.float64] = member @ (member @ cells.T).T
    return by_face


def _filled(
    sample: Sample, faces: Circuits
) -> tuple[NDArray[np.float64], NDArray[np.float64], scipy.sparse.csr_array]:
    """Centers and areas of the cells that fill all faces, and the face of each, ``(n_faces, n_cells)``."""
    n_plaquettes = len(faces) - len(faces.corners)
    centers, areas = [faces.center[:n_plaquettes]], [faces.area[:n_plaquettes]]
    owner = [np.arange(n_plaquettes)]
    if faces.corners:
        whole = repeated(sample, sample.size, "open").plaquettes
    for number, corners in enumerate(faces.corners):
        inside = polygon(corners)(whole.center)
        centers.append(whole.center[inside])
        areas.append(whole.area[inside])
        owner.append(np.full(np.count_nonzero(inside), n_plaquettes + number))
    owners = np.concatenate(owner)
    ones = np.ones(len(owners))
    member = scipy.sparse.csr_array((ones, (owners, np.arange(len(owners)))), (len(faces), len(owners)))
    return np.concatenate(centers), np.concatenate(areas), member


def _beyond(points: NDArray[np.float64], outline: tuple[NDArray[np.float64], ...]) -> NDArray[np.float64]:
    """C of each point: (1/4π) ∫ d²r/|r − r_p|³ over what lies outside of a clockwise outline."""
    total = np.zeros(len(points))
    for corners in outline:
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            length = float(np.hypot(*(end - start)))
            along = (end - start) / length
            from_start, from_end = start - points, end - points
            height = from_start[:, 0] * along[1] - from_start[:, 1] * along[0]
            sines = from_end @ along / np.hypot(*from_end.T) - from_start @ along / np.hypot(*from_start.T)
            on_line = np.abs(height) < 1e-9
            total -= np.where(on_line, 0.0, sines / np.where(on_line, 1.0, height))
    return total / (4 * np.pi)

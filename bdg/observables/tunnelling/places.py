"""Which sites a tip sees, and how much of each."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from bdg.arrays import Floats, Indices
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.observables.tunnelling.parameters import Tip

LEAST = 1e-7
"""Weight, as a share of that of an orbital right below the tip, that is left out."""

FARTHEST = 12.0
"""Largest distance along the surface from which a site may count, in a."""


def site_weights(sample: Sample, tip: Tip | None, over: Indices) -> Any:
    r"""Weights of the sites in what a tip over some of them sees, a sparse matrix ``(n_over, n_sites)``.

    At a height z the weight of a site at the distance d from the tip is a_o² Y² e^{−2κ(d − z)}, a_o the
    amplitude of its orbital and Y the angular part of its tail; right over a site without a height, a_o². The
    waves of different sites are added without their phases.

    Parameters
    ----------
    sample
        The sample; beyond ends that are joined there are its images.
    tip
        The tip; ``None`` for one that sees the site below it.
    over
        The sites it stands over.

    Raises
    ------
    InputError
        If sites farther than :data:`FARTHEST` would count.
    """
    from scipy.sparse import csr_array

    amplitude = np.ones(sample.cell.n_orbitals) if tip is None or tip.orbitals is None else tip.orbitals
    factor = np.asarray(amplitude)[sample.orbitals] ** 2
    shape = (len(over), sample.n_sites)
    if tip is None or tip.height is None:
        return csr_array((factor[over], (np.arange(len(over)), over)), shape=shape)
    assert tip.decay is not None
    reach = tip.height - np.log(LEAST) / (2 * tip.decay)
    radius = float(np.sqrt(reach**2 - tip.height**2))
    if radius > FARTHEST:
        raise InputError(
            f"a tip with height {tip.height:g} a and decay {tip.decay:g}/a sees sites"
            f" {radius:.3g} a away, more than {FARTHEST:g} a; lower the height or raise the decay"
        )
    rows, columns, apart, _ = near_sites(sample, over, radius)
    along = np.zeros((len(apart), 3))
    along[:, : min(2, apart.shape[1])] = apart[:, :2]
    along[:, 2] = tip.height - (apart[:, 2] if apart.shape[1] == 3 else 0.0)
    distance = np.linalg.norm(along, axis=1)
    tail = np.exp(-2 * tip.decay * (distance - tip.height)) * _angular(tip.shape, along.T / distance) ** 2
    return csr_array((factor[columns] * tail, (rows, columns)), shape=shape)


def near_sites(sample: Sample, over: Indices, radius: float) -> tuple[Indices, Indices, Floats, Indices]:
    """Sites, or images of them, within a radius along the surface: tip, site, site less tip, and which image.

    Images are counted by sample lengths along the periodic directions, shape ``(n_pairs, n_directions)``.
    """
    from scipy.spatial import cKDTree  # slow to import, rarely needed

    surface = slice(0, min(2, sample.dimension))
    places, vectors = sample.positions, np.asarray(sample.size)[:, None] * sample.cell.vectors
    spread = float(np.linalg.norm(np.ptp(places, axis=0)))
    dual = np.linalg.norm(np.linalg.pinv(vectors), axis=0)
    most = [
        int((radius + spread) * d + 1e-9) if one.is_periodic else 0
        for d, one in zip(dual, sample.boundary, strict=True)
    ]
    tree, found = cKDTree(places[over][:, surface]), []
    for cell in product(*(range(-n, n + 1) for n in most)):
        images = places + np.asarray(cell) @ vectors
        near = cKDTree(images[:, surface]).sparse_distance_matrix(tree, radius, output_type="ndarray")
        apart = images[near["i"]] - places[over][near["j"]]
        found.append((near["j"], near["i"], apart, np.tile(cell, (len(apart), 1))))
    rows, columns, apart, images = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return rows.astype(np.intp), columns.astype(np.intp), apart, images.astype(np.intp)


def _angular(shape: str, direction: Floats) -> Floats:
    """Angular part of an orbital in a direction ``(3, n)``, at most 1."""
    x, y, z = direction
    parts = {
        "s": np.ones_like(x),
        "p_x": x,
        "p_y": y,
        "p_z": z,
        "d_x2_y2": x**2 - y**2,
        "d_xy": 2 * x * y,
        "d_z2": (3 * z**2 - 1) / 2,
    }
    part: Floats = parts[shape]
    return part

"""Which order of elimination: our own nested dissection, or METIS where that is worth its time.

Our own takes about 0.6 µs a site and does fewer products than METIS on nearly every sample we know of; METIS
takes 3 to 5 µs and does fewer in some small periodic cubes (``scripts/bench ordering``). So METIS is asked
only where that is a small part of the work, :data:`METIS_FROM`, and taken where the predicted time is less.
The rule sees the graph alone, and every run of a sample gets the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array
from bdg.kernels.ordering.dissection import dissect
from bdg.kernels.ordering.supernodes import column_tree, put_together
from bdg.kernels.ordering.symbolic import find_boundaries
from bdg.resources import default_threads

Ordering = Callable[[NDArray[Any], NDArray[Any], NDArray[Any], int], tuple[NDArray[Any], NDArray[Any]]]
"""Makes an order of elimination; see :func:`order`."""

METIS_FROM = 20_000.0
"""Products a site of our own order from which METIS takes less than a thirtieth of ten inverses."""

COSTS = np.array([1000.0, 10.0, 1.0])
"""Time of a front of s own and b boundary rows: [0] + [1]·(s + b)² + [2]·products; in products."""


def order(indptr: Array, indices: Array, positions: Array, rows: int = 1) -> tuple[Array, Array]:
    """Permutation and fronts, as from :func:`bdg.kernels.ordering.dissection.dissect`.

    Parameters
    ----------
    indptr, indices
        CSR graph of the sites, symmetric; shapes (n + 1,) and (n_edges,).
    positions
        Shape (n, dimension).
    rows
        Rows of a site; leaves have a few sites less where it is large.
    """
    own = dissect(indptr, indices, positions, 4 + 6 // rows, default_threads())
    time, products = predicted(indptr, indices, *own)
    if products < METIS_FROM * len(positions):
        return own
    permutation = metis(indptr, indices)
    if permutation is None:
        return own
    other = fronts_of(indptr, indices, permutation, rows)
    return other if predicted(indptr, indices, *other)[0] < time else own


def fronts_of(indptr: Array, indices: Array, permutation: Array, rows: int = 1) -> tuple[Array, Array]:
    """An equivalent permutation, and its fronts, of any order of elimination."""
    parent, counts = column_tree(indptr, indices, permutation)
    return put_together(permutation, parent, counts, rows, COSTS)


def predicted(indptr: Array, indices: Array, permutation: Array, fronts: Array) -> tuple[float, float]:
    """Time of an inverse by :data:`COSTS`, and its products s³/2 + 3s²b/2 + 3sb²/2, with one row a site."""
    starts = find_boundaries(indptr, indices, permutation, fronts)[3]
    s, b = (fronts[:, 1] - fronts[:, 0]).astype(float), np.diff(starts).astype(float)
    products = float(np.sum(s * (0.5 * s * s + 1.5 * s * b + 1.5 * b * b)))
    return float(COSTS[0] * len(s) + COSTS[1] * np.sum((s + b) ** 2) + COSTS[2] * products), products


def metis(indptr: Array, indices: Array) -> NDArray[np.int32] | None:
    """METIS's order of elimination, the same at every call; ``None`` where pymetis is not installed."""
    try:
        import pymetis
    except ImportError:
        return None
    row = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    others = row != indices
    starts = np.concatenate(([0], np.cumsum(np.bincount(row[others], minlength=len(indptr) - 1))))
    if not others.any():  # METIS cannot do without bonds
        return np.arange(len(indptr) - 1, dtype=np.int32)
    graph = pymetis.CSRAdjacency(starts.astype(np.int32), indices[others].astype(np.int32))
    return np.asarray(pymetis.nested_dissection(graph)[0], np.int32)

"""Magnetisation that a loop starts from: without any, spins that are alike stay so."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample, VectorValue, vector_values
from bdg.lattice.kinds import DISTANCE_TOLERANCE
from bdg.model import Model
from bdg.model.terms.disorder import uniform_at_sites

Pattern = Literal["staggered", "random"]
PATTERNS: tuple[str, ...] = get_args(Pattern)

SHARE = 0.5
"""Size of the patterns, as a share of the largest magnetisation that the starting density allows."""


def magnetisation_of(
    model: Model, given: Pattern | VectorValue, seed: int = 0, draw: int = 0
) -> NDArray[np.float64]:
    """⟨c†_i σ c_i⟩ to start from, shape ``(3, n_sites)``.

    Parameters
    ----------
    model
        What starts; its spins must be apart.
    given
        ``"staggered"``: along z, up on one sublattice and down on the other; ``"random"``: a random size on
        every site, along ±z or, where the magnetisation may turn, in a random direction; or values, see
        :func:`bdg.lattice.vector_values`.
    seed, draw
        Of a random one.

    Raises
    ------
    InputError
        If the model keeps its spins alike, or along z and other components are given; or the sample has no
        two sublattices.
    """
    if model.is_spin_symmetric:
        raise InputError(
            "the model keeps both spins alike, and a magnetisation tells them apart; set magnetism to"
            " collinear or noncollinear"
        )
    if isinstance(given, str) and given in PATTERNS:
        pattern = _random(model, seed, draw) if given == "random" else _staggered_moments(model.sample)
        density = 1.0 if model.filling is None else model.filling
        return SHARE * min(density, 2.0 - density) * pattern
    values = vector_values(model.sample, given, "initial magnetisation")
    if model.dofs == 2 and values[:2].any():
        raise InputError(
            "the model keeps its magnetisation along z, and x or y components are given; set magnetism to"
            " noncollinear"
        )
    return values


def usual_magnetisation(model: Model, seed: int = 0, draw: int = 0) -> NDArray[np.float64]:
    """``staggered`` where there are two sublattices, else ``random``; zero where no magnetism arises."""
    if model.magnetism == "off":
        return np.zeros((3, model.sample.n_sites))
    has_two = sublattices(model.sample) is not None
    return magnetisation_of(model, "staggered" if has_two else "random", seed, draw)


def sublattices(sample: Sample) -> NDArray[np.float64] | None:
    """±1 on every site, unlike on nearest neighbours, shape ``(n_sites,)``; ``None`` where that cannot be.

    Orbitals at one place are alike. Parts of a sample that no bond joins each begin with +1.
    """
    bonds, apart = sample.bonds, sample.bonds.shell > 0
    _, place = np.unique(np.round(sample.positions / DISTANCE_TOLERANCE), axis=0, return_inverse=True)
    order = np.unique(place, return_index=True)[1].argsort().argsort()  # in the order of the sites
    place = order[place.ravel()]
    n = int(place.max()) + 1
    near = apart & (bonds.shell == bonds.shell[apart].min(initial=np.iinfo(np.int32).max))
    source, target = place[bonds.source[near]], place[bonds.target[near]]
    graph = scipy.sparse.csr_array((np.ones(len(source)), (source, target)), shape=(n, n))
    sign, (_, part) = np.zeros(n), scipy.sparse.csgraph.connected_components(graph, directed=False)
    for first in np.unique(part, return_index=True)[1]:
        walk, before = scipy.sparse.csgraph.breadth_first_order(graph, first, directed=False)
        sign[first] = 1.0
        for there in walk[1:]:
            sign[there] = -sign[before[there]]
    return sign[place] if np.all(sign[source] == -sign[target]) else None


def staggered(sample: Sample, what: str) -> NDArray[np.float64]:
    """The signs of :func:`sublattices`.

    Raises
    ------
    InputError
        If there are no two sublattices for ``what`` is to be staggered.
    """
    sign = sublattices(sample)
    if sign is None:
        raise InputError(
            f"a staggered {what} needs two sublattices, and neighbours of this sample form odd rings;"
            " use random, or an expression"
        )
    return sign


def _staggered_moments(sample: Sample) -> NDArray[np.float64]:
    sign = staggered(sample, "magnetisation")
    return np.stack([np.zeros_like(sign), np.zeros_like(sign), sign])


def _random(model: Model, seed: int, draw: int) -> NDArray[np.float64]:
    """Vectors of up to 1, with streams of random numbers that no random Δ uses."""
    u, v, w = (uniform_at_sites(model.sample, seed, stream=10_000 + 3 * draw + n) for n in range(3))
    height = np.sign(v - 0.5) if model.dofs == 2 else 2 * v - 1
    across = np.sqrt(1 - height**2)
    direction = np.stack([across * np.cos(2 * np.pi * w), across * np.sin(2 * np.pi * w), height])
    vectors: NDArray[np.float64] = u * direction
    return vectors

"""Small random Nambu matrices on awkward graphs, for comparison with dense inversion."""

import numpy as np

from bdg.nambu import Momentum, NambuMatrix, SparsityPattern

_SWAP = np.array([[0, 0, 0, -1], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]])


def graph_pairs(kind, rng):
    """Positions and bonds (i < j) of a graph."""
    if kind == "site":
        return np.zeros((1, 2)), np.zeros((0, 2), int)
    if kind == "chain":
        positions = np.arange(40.0)[:, None]
        return positions, np.array([(i, i + 1) for i in range(39)])
    if kind == "random":
        positions = rng.random((60, 3))
        distance = np.linalg.norm(positions[:, None] - positions, axis=2)
        return positions, np.argwhere(np.triu(distance < 0.3, 1))
    if kind == "orbitals":  # four at each of 20 places; between places like with like
        places = np.repeat(np.argwhere(np.ones((5, 4))), 4, axis=0)
        distance = np.abs(places[:, None] - places).sum(axis=2)
        alike = np.arange(80)[:, None] % 4 == np.arange(80) % 4
        return places.astype(float), np.argwhere(np.triu((distance < 1) | (alike & (distance < 2)), 1))
    if kind == "kagome":
        cell = np.argwhere(np.ones((5, 5))) @ np.array([[1, 0], [0.5, np.sqrt(0.75)]])
        positions = (cell[:, None] + np.array([[0, 0], [0.5, 0], [0.25, np.sqrt(3) / 4]])).reshape(-1, 2)
        distance = np.linalg.norm(positions[:, None] - positions, axis=2)
        return positions, np.argwhere(np.triu(distance < 0.51, 1))
    if kind in ("ring", "ragged"):
        sites = np.argwhere(np.ones((15, 15))) - 7
        radius = np.linalg.norm(sites, axis=1)
        keep = (radius > 4) & (radius < 7.3) if kind == "ring" else radius < 4.8 + rng.random(len(sites))
        sites = sites[keep].astype(float)
        distance = np.linalg.norm(sites[:, None] - sites, axis=2)
        return sites, np.argwhere(np.triu(distance < 1.1, 1))
    if kind == "complete":
        return np.zeros((30, 2)), np.argwhere(np.triu(np.ones((30, 30)), 1))
    shape = {"square": (9, 8), "torus": (8, 9), "cube": (4, 4, 5), "far": (9, 9)}[kind]
    sites = np.argwhere(np.ones(shape))
    delta = np.abs(sites[:, None] - sites)
    if kind == "torus":
        delta = np.minimum(delta, np.array(shape) - delta)
    reach = 2.1 if kind == "far" else 1.1
    if kind == "square":  # ragged and in two pieces
        keep = (sites[:, 0] != 4) & (rng.random(len(sites)) > 0.1)
        sites, delta = sites[keep], delta[np.ix_(keep, keep)]
    return sites.astype(float), np.argwhere(np.triu(np.linalg.norm(delta, axis=2) < reach, 1))


GRAPHS = ("site", "chain", "square", "torus", "cube", "far", "random", "complete", "orbitals", "kagome")
GRAPHS += ("ring", "ragged")


def random_matrix(kind="square", symmetry="singlet", real=True, seed=0, onsite=1.0):
    """A Nambu matrix with random hoppings, pairings and on-site terms on one of ``GRAPHS``."""
    rng = np.random.default_rng(seed)
    positions, bonds = graph_pairs(kind, rng)
    n, dofs = len(positions), 4 if symmetry == "general" else 2
    rows = np.concatenate((bonds[:, 0], bonds[:, 1], np.arange(n)))
    columns = np.concatenate((bonds[:, 1], bonds[:, 0], np.arange(n)))
    upper = _structured(rng, len(bonds), symmetry, real, 1.0)
    diagonal = _structured(rng, n, symmetry, real, onsite)
    diagonal = (diagonal + diagonal.conj().swapaxes(1, 2)) / 2
    values = np.concatenate((upper, upper.conj().swapaxes(1, 2), diagonal))
    order = np.lexsort((columns, rows))
    indptr = np.searchsorted(rows[order], np.arange(n + 1)).astype(np.int64)
    values = np.ascontiguousarray(values[order])
    momentum = Momentum(1.0, np.zeros(0), values.real.copy() if real else values)
    sparsity = SparsityPattern(indptr, columns[order].astype(np.int32), positions)
    return NambuMatrix(sparsity, dofs, (momentum,), symmetry)


def _structured(rng, count, symmetry, real, scale):
    if symmetry == "general":
        block = rng.normal(size=(count, 4, 4)) + (0 if real else 1j) * rng.normal(size=(count, 4, 4))
        return scale * (block - _SWAP @ block.conj() @ _SWAP) / 2
    h = rng.normal(size=count) + (0 if real else 1j) * rng.normal(size=count)
    delta = 0.5 * rng.normal(size=count) + (0 if real else 0.5j) * rng.normal(size=count)
    block = np.stack([h, delta, delta.conj(), -h.conj()], axis=1).reshape(-1, 2, 2) * scale
    if symmetry == "collinear":
        block = block + 0.3 * rng.normal(size=count)[:, None, None] * np.eye(2)
    return block

"""The samples that are measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bdg.model import Model
from bdg.nambu import Momentum, NambuAssembler, NambuMatrix, SparsityPattern
from bdg.solvers import Pattern
from bdg.upkeep.speed import disordered, named, uniform_fields

__all__ = [
    "Kind",
    "disordered",
    "matrix_of",
    "named",
    "open_lattice",
    "uniform_fields",
    "uniform_matrix",
    "whole_pattern",
]

Kind = Literal["real", "complex", "rashba"]
SIGMA_Y = np.array([[0, -1j], [1j, 0]])


def uniform_matrix(shape: Sequence[int], boundary: str = "open") -> NambuMatrix:
    """H of :func:`disordered` with :func:`uniform_fields`."""
    return matrix_of(disordered(shape, boundary=boundary))


def matrix_of(model: Model) -> NambuMatrix:
    """H of a model with :func:`uniform_fields`."""
    return NambuAssembler(model).matrix(uniform_fields(model))


def open_lattice(shape: Sequence[int], kind: Kind = "real", seed: int = 0) -> NambuMatrix:
    """Disordered s-wave sample: ``real`` or ``complex`` singlet (a Peierls phase), or ``rashba``.

    The last has 4 dofs, for which there is no model yet; so all three are put together here, alike.
    """
    rng = np.random.default_rng(seed)
    index = np.arange(int(np.prod(shape))).reshape(shape)
    positions = np.argwhere(np.ones(shape)).astype(float)
    pairs = [
        (np.take(index, range(n - 1), d).ravel(), np.take(index, range(1, n), d).ravel(), d)
        for d, n in enumerate(shape)
    ]
    i, j = (np.concatenate([pair[k] for pair in pairs]) for k in (0, 1))
    axis = np.concatenate([np.full(len(pair[0]), pair[2]) for pair in pairs])
    n = index.size
    onsite, delta = 2 * (rng.random(n) - 0.5) + 0.5, 0.3 + 0.2 * rng.random(n)
    one = np.eye(2)
    h: NDArray[Any]
    local: NDArray[Any]
    gap: NDArray[Any]
    if kind == "rashba":
        coupling = np.where((axis == 0)[:, None, None], 0.25j * SIGMA_Y, -0.25j * np.array([[0, 1], [1, 0]]))
        h, local = -one + coupling, onsite[:, None, None] * one + 0.2 * np.diag([1, -1])
        gap = delta[:, None, None] * one
    else:
        phase = np.exp(0.05j * positions[i, 0] * (axis == 1)) if kind == "complex" else np.ones(len(i))
        h, local, gap = -phase[:, None, None], onsite[:, None, None] + 0j, delta[:, None, None]
    bonds, sites = _nambu_blocks(h, 0 * h), _nambu_blocks(local, gap)
    rows, columns = np.concatenate((i, j, np.arange(n))), np.concatenate((j, i, np.arange(n)))
    order = np.lexsort((columns, rows))
    values = np.concatenate((bonds, bonds.conj().swapaxes(1, 2), sites))[order]
    values = values.real.copy() if kind == "real" else np.ascontiguousarray(values)
    indptr = np.searchsorted(rows[order], np.arange(n + 1)).astype(np.int64)
    return NambuMatrix(
        SparsityPattern(indptr, columns[order].astype(np.int32), positions),
        dofs=values.shape[1],
        momenta=(Momentum(1.0, np.zeros(0), values),),
        symmetry="general" if kind == "rashba" else "singlet",
    )


def whole_pattern(hamiltonian: NambuMatrix) -> Pattern:
    """Every place where H has a block."""
    rows = np.repeat(np.arange(hamiltonian.n_sites), np.diff(hamiltonian.indptr))
    return Pattern(rows.astype(np.int32), hamiltonian.indices)


def _nambu_blocks(h: NDArray[Any], gap: NDArray[Any]) -> NDArray[Any]:
    """[[h, Δ], [Δ†, hole]] for blocks of one or two spin components."""
    hole = -h.conj() if h.shape[1] == 1 else -(SIGMA_Y @ h.conj() @ SIGMA_Y)
    top = np.concatenate((h, gap + 0 * h), axis=2)
    return np.concatenate((top, np.concatenate((gap.conj() + 0 * h, hole), axis=2)), axis=1)

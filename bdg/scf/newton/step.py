"""The local Newton preconditioner of the self-consistency loop."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.model import Layout
from bdg.solvers import Correlations

Vector = NDArray[np.float64]
Step = Callable[[Vector], Vector]

LONGEST = 10.0
"""Largest step that is believed, in units of the residual."""

_PARITY = np.array([1.0, 1.0, -1.0])
"""∂²Ω has one order only: ∂F_i/∂V_j = −∂n_j/∂Δ_i, the other pairs without a sign."""


def newton_step(
    f: Correlations,
    strength: Vector,
    layout: Layout,
    mu_per_filling: float,
    neighbours: scipy.sparse.csr_array | None = None,
) -> Step | None:
    """Approximate Newton step r → (1 − J)⁻¹ r; ``None`` if J is unknown.

    J = ∂out/∂in of the map with Δ_out = U F, V_out = −U n − 2 V n and μ_out = μ + κ (filling − 2 Σ n/N). Its
    entries on sites and bonds come for free with f(H); the others, which decay over the coherence length, are
    left to the accelerator, and so are pairs and Fock fields on bonds, which the step takes as they come.

    Parameters
    ----------
    f
        Entries of f(H) on sites and bonds, with their ``response``.
    strength
        U_i, shape ``(n_sites,)``.
    layout
        Which unknowns are free, and where they lie in the packed vector.
    mu_per_filling
        κ, an energy.
    neighbours
        V_ij between sites, shape ``(n_sites, n_sites)``, where it makes a Hartree potential.
    """
    if f.response is None or layout.spin_resolved:
        return None
    pairing = scipy.sparse.diags_array(strength, format="csr")
    gain = [pairing, pairing, -pairing if neighbours is None else -(pairing + 2.0 * neighbours)]
    # F or n that a field is made of: Re F, Im F, n.
    pairs = "delta" in layout
    free = [0] * pairs + [1] * (pairs and layout.is_complex) + [2] * ("hartree" in layout)
    if not free:
        return None
    response = _response_matrices(f, len(strength), [*free, 2] if "mu" in layout else free)
    blocks = [[-gain[a] @ response[a, b] for b in free] for a in free]
    matrix = scipy.sparse.csc_matrix(scipy.sparse.block_array(blocks))
    matrix = matrix + scipy.sparse.eye_array(matrix.shape[0], format="csc")
    if "mu" not in layout:
        return _cautious(lambda residual: _solved(matrix, residual), matrix.shape[0])
    # μ stands in H as −V on every site.
    share = 2.0 * mu_per_filling / len(strength)
    column = np.concatenate([gain[a] @ response[a, 2].sum(axis=1) for a in free])
    row = share * np.concatenate([response[2, b].sum(axis=0) for b in free])
    corner = -share * float(response[2, 2].sum())
    step = _bordered(matrix, column, row, corner)
    return None if step is None else _cautious(step, matrix.shape[0])


def _cautious(step: Step, n_fields: int) -> Step:
    """The step where its fields are of a size to be believed, else the residual itself.

    What is left out of J is small against 1 − J only where that is not nearly singular, as it is along soft
    turns of the phase.
    """

    def cautious(residual: Vector) -> Vector:
        taken = step(residual)
        longest = np.abs(taken[:n_fields]).max()
        return taken if longest <= LONGEST * np.abs(residual).max() else residual

    return cautious


def _bordered(matrix: scipy.sparse.csc_array, column: Vector, row: Vector, corner: float) -> Step | None:
    """Solve [[A, column], [row, corner]] x = r by elimination of A."""
    shift = _solved(matrix, column)
    schur = corner - float(row @ shift)
    if schur == 0:
        return None

    def step(residual: Vector) -> Vector:
        fields = _solved(matrix, residual[:-1])
        mu = (residual[-1] - float(row @ fields)) / schur
        return np.append(fields - mu * shift, mu)

    return step


def _solved(matrix: scipy.sparse.csc_array, right: Vector) -> Vector:
    """Solve A x = right: by a few products, since A is near 1; where they don't do it, directly.

    A that is exactly singular, as at the critical temperature, gives the right side back: no Newton step.
    """
    solution, failed = scipy.sparse.linalg.bicgstab(matrix, right, rtol=1e-8, maxiter=100)
    if not failed:
        return np.asarray(solution)
    try:
        return np.asarray(scipy.sparse.linalg.splu(matrix).solve(right))
    except RuntimeError:
        return right.copy()


def _response_matrices(
    f: Correlations, n: int, wanted: list[int]
) -> dict[tuple[int, int], scipy.sparse.csr_array]:
    """Those of ∂(Re F, Im F, n)_i/∂(Re Δ, Im Δ, V)_j with both indices wanted, as sparse matrices."""
    assert f.response is not None
    i, j = f.pattern.rows.astype(np.int64), f.pattern.columns.astype(np.int64)
    # Two bonds may join the same two sites, either way round: each carries the whole entry; count it once.
    places, first = np.unique(np.concatenate([i * n + j, j * n + i]), return_index=True)
    indices, starts = places % n, np.searchsorted(places, np.arange(n + 1, dtype=np.int64) * n)
    matrices = {}
    for a, b in product(dict.fromkeys(wanted), repeat=2):
        mirrored = _PARITY[a] * _PARITY[b] * f.response[:, b, a]
        values = np.concatenate([f.response[:, a, b], mirrored])[first]
        matrices[a, b] = scipy.sparse.csr_array((values, indices, starts), shape=(n, n))
    return matrices

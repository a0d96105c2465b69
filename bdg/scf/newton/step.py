"""The local Newton preconditioner of the self-consistency loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from bdg.arrays import Floats
from bdg.model import Layout, Model
from bdg.model.interactions import acting
from bdg.scf.newton.response import response_matrices
from bdg.solvers import Correlations

Step = Callable[[Floats], Floats]

Blocks = dict[str, tuple[list[int], scipy.sparse.csr_array]]
"""By field: which correlators of :data:`RESPONDING` it is made of, and W between sites."""

RESPONDING = {"anomalous_density": [0, 1], "spin_density": [2]}
"""The correlators y whose response the solvers know, Re F, Im F and n, by their index in it."""

DENSITY = 2
"""Index of n."""

ENOUGH = 1e-6
"""Residual of a step, in units of its right side: what is left out of J is larger by far."""

LONGEST = 10.0
"""Largest step that is believed, in units of the residual."""


def newton_blocks(model: Model, layout: Layout) -> Blocks:
    """The blocks of those free fields whose interactions all know theirs, in the order of the layout."""
    blocks: Blocks = {}
    for free in layout.free:
        kinds = acting(model, free.row.name)
        known = [block for kind in kinds if (block := kind.newton(model)) is not None]
        if known and len(known) == len(kinds):
            blocks[free.row.name] = RESPONDING[kinds[0].correlator], sum(known[1:], known[0])
    return blocks


def newton_step(f: Correlations, blocks: Blocks, layout: Layout, mu_per_filling: float) -> Step | None:
    """Approximate Newton step r → (1 − J)⁻¹ r; ``None`` if J is unknown.

    J = ∂out/∂in = W χ of the map with fields out = W y of y = (Re F, Im F, n), such as Δ = U F and
    V = −U n − 2 V n, and μ_out = μ + κ (filling − 2 Σ n/N). The entries of χ = ∂y/∂f on sites and bonds come
    for free with f(H); the others, which decay over the coherence length, are left to the accelerator, and so
    are the fields without a block, such as pairs and Fock fields on bonds, which the step takes as they come.

    Parameters
    ----------
    f
        Entries of f(H) on sites and bonds, with their ``response``.
    blocks
        W of each field, see :func:`newton_blocks`.
    layout
        How the unknowns of these blocks, and μ, lie in the packed vector.
    mu_per_filling
        κ, an energy.
    """
    if f.response is None or layout.spin_resolved:
        return None
    n_parts = 2 if layout.is_complex else 1
    unknowns = [(part, block) for parts, block in blocks.values() for part in parts[:n_parts]]
    if not unknowns:
        return None
    free, n = [part for part, _ in unknowns], unknowns[0][1].shape[0]
    response = response_matrices(f.pattern, n, len(free))
    matrix = response.one_minus(f, free, [gain for _, gain in unknowns])
    if "mu" not in layout:
        return _cautious(lambda residual: _solved(matrix, residual), matrix.shape[0])
    # μ stands in H as −V on every site.
    share = 2.0 * mu_per_filling / n
    column = np.concatenate([gain @ response.row_sums(f, a, DENSITY) for a, gain in unknowns])
    row = share * np.concatenate([response.column_sums(f, DENSITY, b) for b in free])
    corner = -share * float(response.values(f, DENSITY, DENSITY).sum())
    step = _bordered(matrix, column, row, corner)
    return None if step is None else _cautious(step, matrix.shape[0])


def among(step: Step | None, layout: Layout, others: Sequence[str]) -> Step | None:
    """The step of all but some fields, whose residual is taken as it is."""
    if step is None or not others:
        return step
    where = layout.slices()
    rest = np.concatenate([np.arange(where[name].start, where[name].stop) for name in others])

    def whole(residual: Floats) -> Floats:
        taken = residual.copy()
        chosen = np.delete(np.arange(len(residual)), rest)
        taken[chosen] = step(residual[chosen])
        return taken

    return whole


def _cautious(step: Step, n_fields: int) -> Step:
    """The step where its fields are of a size to be believed, else the residual itself.

    What is left out of J is small against 1 − J only where that is not nearly singular, as it is along soft
    turns of the phase.
    """

    def cautious(residual: Floats) -> Floats:
        taken = step(residual)
        longest = np.abs(taken[:n_fields]).max()
        return taken if longest <= LONGEST * np.abs(residual).max() else residual

    return cautious


def _bordered(matrix: scipy.sparse.csr_array, column: Floats, row: Floats, corner: float) -> Step | None:
    """Solve [[A, column], [row, corner]] x = r by elimination of A."""
    shift = _solved(matrix, column)
    schur = corner - float(row @ shift)
    if schur == 0:
        return None

    def step(residual: Floats) -> Floats:
        fields = _solved(matrix, residual[:-1])
        mu = (residual[-1] - float(row @ fields)) / schur
        return np.append(fields - mu * shift, mu)

    return step


def _solved(matrix: scipy.sparse.csr_array, right: Floats) -> Floats:
    """Solve A x = right: by a few products, since A is near 1; where they don't do it, directly.

    A that is exactly singular, as at the critical temperature, gives the right side back: no Newton step.
    """
    solution, failed = scipy.sparse.linalg.bicgstab(matrix, right, rtol=ENOUGH, maxiter=100)
    if not failed:
        return np.asarray(solution)
    try:
        return np.asarray(scipy.sparse.linalg.splu(matrix.tocsc()).solve(right))
    except RuntimeError:
        return right.copy()

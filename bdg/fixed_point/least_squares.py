r"""Least squares over a few long vectors, without squaring the condition number.

A least-squares problem min_γ ‖W^½ (b − A γ)‖ with n rows and k ≪ n columns goes through the triangular
factor of W^½ [A, b] alone, which is found by sequential Householder QR over blocks of rows: accurate as
QR, no copy of A, and n k² operations. The Gram matrix would be faster, but it loses directions already at
a condition number of 10⁸, which the differences of a converging iteration reach.

Reference: Demmel, Grigori, Hoemmen & Langou, SIAM J. Sci. Comput. 34, A206 (2012).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bdg.errors import NumericalError

# Elements of a block. Blocks stay in cache, and below the size at which BLAS starts threads: results
# don't depend on their number, and threads cost 20 times more than they save on matrices this narrow.
BLOCK = 8192


def blocks(length: int, columns: int = 1) -> Iterator[slice]:
    """Slices that cover ``range(length)``, of such widths that ``columns`` vectors fit a block."""
    width = max(BLOCK // columns, 4 * columns)
    return (slice(low, low + width) for low in range(0, length, width))


def weighted_norm(vector: NDArray[np.float64], root_weights: NDArray[np.float64] | None = None) -> float:
    """‖W^½ v‖ = (Σ_i w_i v_i²)^½.

    Raises
    ------
    bdg.errors.NumericalError
        It is NaN or infinite.
    """
    norm = 0.0
    for part in blocks(len(vector)):
        piece = vector[part] if root_weights is None else root_weights[part] * vector[part]
        norm = float(np.hypot(norm, np.linalg.norm(piece)))
    if not np.isfinite(norm):
        raise NumericalError("the residual of the fixed point holds NaN or infinity")
    return norm


def goes_back(
    x: NDArray[np.float64],
    following: NDArray[np.float64],
    residual: NDArray[np.float64],
    among: slice | None,
    root_weights: NDArray[np.float64] | None = None,
) -> bool:
    """Whether the step of some components (``None``: no) is not along the residual: Σ_i w_i Δx_i r_i ≤ 0.

    The exact step is Δx = B⁻¹ r with B = 1 − ∂F/∂x, and Δx·r = Δx·B Δx. Where the damped iteration is
    drawn to the fixed point, B is positive, and so is this; along a mode with an eigenvalue of ∂F/∂x above
    1 it is negative: the step leads back to a fixed point that plain iteration leaves. No step at all
    leads nowhere either.
    """
    if among is None:
        return False
    x, following, residual = x[among], following[among], residual[among]
    weights = None if root_weights is None else root_weights[among]
    along = 0.0
    for part in blocks(len(x)):
        step, r = following[part] - x[part], residual[part]
        if weights is not None:
            step, r = weights[part] * step, weights[part] * r
        along += float(step @ r)
    return along <= 0


def rounding_noise(x: NDArray[np.float64], root_weights: NDArray[np.float64] | None = None) -> float:
    """Norm of a change of the residual F(x) − x that may be rounding alone: that of x, and what F adds."""
    return 16 * float(np.finfo(float).eps) * weighted_norm(x, root_weights)


def norm_of_errors(error: float, length: int, root_weights: NDArray[np.float64] | None = None) -> float:
    """Norm of a vector whose components are all off by ``error``."""
    return error * float(np.sqrt(length) if root_weights is None else np.linalg.norm(root_weights))


def triangular_factor(
    vectors: Sequence[NDArray[np.float64]], root_weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """R of W^½ [v₁ … v_k] = Q R, with Q orthonormal.

    Parameters
    ----------
    vectors
        The columns v, each of shape ``(n,)``.
    root_weights
        W^½, shape ``(n,)``; ``None``: 1.

    Returns
    -------
    factor
        Shape ``(min(n, k), k)``. Each column is accurate relative to its own norm.
    """
    k = len(vectors)
    factor = np.empty((0, k))
    for part in blocks(len(vectors[0]), k):
        piece = np.stack([vector[part] for vector in vectors], axis=1)
        if root_weights is not None:
            piece *= root_weights[part, np.newaxis]
        factor = _triangle(np.concatenate([factor, piece]))
    return factor


def trusted_solution(
    matrix: NDArray[np.float64],
    right: NDArray[np.float64],
    cutoff: float,
    limit: float,
    noise: float | NDArray[np.float64] = 0.0,
) -> tuple[NDArray[np.float64], list[int]]:
    """γ of min ‖right − matrix γ‖ over the columns that can be trusted; first columns are preferred.

    Dependent columns (see :func:`independent_columns`) are left out; then, as long as some |γ_i| is above
    ``limit``, the last one of the others.

    Parameters
    ----------
    matrix, right
        Shapes ``(rows, columns)`` and ``(rows,)``, both small.
    cutoff, limit
        Least sine of an angle, largest coefficient.
    noise
        Norm of the error of a column, or of each.

    Returns
    -------
    solution, kept
        Coefficients of the columns kept, and which these are.
    """
    kept = independent_columns(matrix, cutoff, noise)
    solution = _solve(matrix[:, kept], right)
    while not np.all(np.abs(solution) <= limit):
        kept.pop()
        solution = _solve(matrix[:, kept], right)
    return solution, kept


def independent_columns(
    matrix: NDArray[np.float64], cutoff: float, noise: float | NDArray[np.float64] = 0.0
) -> list[int]:
    """Columns that stand on their own, the first ones preferred.

    A column is dropped when the sine of its angle with the space of those kept before it is not above
    ``cutoff``, or the part of it outside that space is no longer than what ``noise`` may make of it; so are
    zero columns. With c = Σ_j s_j v_j + p, v_j the columns before it, that is noise + Σ_j |s_j| noise_j:
    short columns know their space with an error noise_j/‖v_j‖ only, and a long one, of which all lies in that
    space, seems to have a large part outside. Kept, it would explain the errors of the short ones.

    References
    ----------
    Pollock & Rebholz, "Filtering for Anderson acceleration" (2023).
    """
    kept: list[int] = []
    errors = np.broadcast_to(noise, matrix.shape[1])
    is_triangle = not np.tril(matrix, -1).any()
    for column in range(matrix.shape[1]):
        norm = np.linalg.norm(matrix[:, column])
        if norm == 0 or len(kept) == matrix.shape[0]:
            continue
        if is_triangle and len(kept) == column:  # its own factor
            factor = matrix[: column + 1, : column + 1]
        else:
            factor = _triangle(matrix[:, [*kept, column]])
        shares = np.linalg.solve(factor[:-1, :-1], factor[:-1, -1])
        doubt = float(errors[column] + np.abs(shares) @ errors[kept])
        if abs(factor[-1, -1]) > max(cutoff * norm, doubt):
            kept.append(column)
    return kept


def subtract_combination(
    target: NDArray[np.float64],
    coefficients: Iterable[float],
    vectors: Sequence[NDArray[np.float64]],
) -> None:
    """``target -= Σ_i coefficients[i] · vectors[i]`` in place, summed in the order given."""
    coefficients = list(coefficients)
    for part in blocks(len(target)):
        piece = target[part]
        for coefficient, vector in zip(coefficients, vectors, strict=True):
            piece -= coefficient * vector[part]


def _solve(matrix: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """γ of min ‖right − matrix γ‖ for independent columns, scaled to one; infinite where it overflows."""
    if matrix.shape[1] == 0:
        return np.zeros(0)
    scale = np.linalg.norm(matrix, axis=0)
    scaled, n = matrix / scale, matrix.shape[1]
    if np.tril(scaled, -1).any():
        q, scaled = np.linalg.qr(scaled)
        right = q.T @ right
    with np.errstate(over="ignore"):
        solution: NDArray[np.float64] = np.linalg.solve(scaled[:n], right[:n]) / scale
    return solution


def _triangle(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """R of matrix = Q R."""
    return np.asarray(np.linalg.qr(matrix, mode="r"))

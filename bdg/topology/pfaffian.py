"""The Pfaffian of an antisymmetric matrix, as sign and logarithm."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

PANEL = 32
"""Steps whose updates are applied at once: one product of matrices instead of many of vectors."""


def log_pfaffian(matrix: ArrayLike) -> tuple[Any, float]:
    r"""Sign (or phase) and ln|Pf A| of an antisymmetric matrix; (0, −∞) where it is singular.

    Parlett and Reid's reduction with pivoting, A = P L T Lᵀ Pᵀ with T tridiagonal, L of unit determinant
    and P a permutation: Pf A = det P · Π_j T_{2j, 2j+1} (Wimmer, ACM Trans. Math. Softw. 38, 30 (2012)).
    Every second step of it is enough. The logarithm keeps the product of thousands of numbers from
    overflowing.

    Parameters
    ----------
    matrix
        Shape ``(n, n)``, real or complex, antisymmetric; what is below the diagonal is trusted to be minus
        what is above.

    Raises
    ------
    ValueError
        If it is not square. Of odd n the Pfaffian is 0.
    """
    a: NDArray[Any] = np.array(matrix, dtype=np.result_type(np.asarray(matrix), np.float64))
    if a.ndim != 2 or a.shape[0] != a.shape[1]:
        raise ValueError(f"a matrix of shape {a.shape} has no Pfaffian; it must be square")
    n = len(a)
    if n % 2:
        return a.dtype.type(0), -np.inf
    sign, log = a.dtype.type(1), 0.0
    for first in range(0, n, 2 * PANEL):
        last = min(first + 2 * PANEL, n)
        # A + X Yᵀ − Y Xᵀ is what is left of the matrix; a column of X and Y comes with each step.
        x, y = (np.zeros((n, (last - first) // 2), a.dtype) for _ in range(2))
        for step, k in enumerate(range(first, last, 2)):
            row = _row(a, x, y, step, k)
            pivot = k + 1 + int(np.argmax(np.abs(row[k + 1 :])))
            if pivot != k + 1:
                _swap(a, x, y, k + 1, pivot)
                row[[k + 1, pivot]] = row[[pivot, k + 1]]
                sign = -sign
            size = abs(row[k + 1])
            if size == 0:
                return a.dtype.type(0), -np.inf
            sign, log = sign * (row[k + 1] / size), log + float(np.log(size))
            x[k + 2 :, step] = row[k + 2 :] / row[k + 1]
            y[k + 2 :, step] = -_row(a, x, y, step, k + 1)[k + 2 :]
        rest = slice(last, n)
        product = x[rest] @ y[rest].T
        a[rest, rest] += product - product.T
    return sign, log


def _row(a: NDArray[Any], x: NDArray[Any], y: NDArray[Any], steps: int, k: int) -> NDArray[Any]:
    """Row k of A + X Yᵀ − Y Xᵀ, of so many columns of X and Y."""
    row: NDArray[Any] = a[k] + y[:, :steps] @ x[k, :steps] - x[:, :steps] @ y[k, :steps]
    return row


def _swap(a: NDArray[Any], x: NDArray[Any], y: NDArray[Any], one: int, other: int) -> None:
    """Exchange two rows and the same columns."""
    a[[one, other]] = a[[other, one]]
    a[:, [one, other]] = a[:, [other, one]]
    x[[one, other]], y[[one, other]] = x[[other, one]], y[[other, one]]

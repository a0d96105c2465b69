"""What a least-squares fit says of its parameters: intervals, correlations, and what it says nothing of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats

SILENT = 1e-5
"""Change of the curve, as a share of it, by a whole scale of a parameter, below which it has none."""

DEGENERATE = 1e-5
"""Singular value of the normalised Jacobian, as a share of the largest, below which it is zero."""


@dataclass(frozen=True, eq=False)
class Confidence:
    """The 95 % intervals of fitted parameters, Student's, of independent noise.

    Parameters
    ----------
    half_widths
        Infinite where the data determine nothing, shape ``(n_parameters,)``.
    correlation
        Shape ``(n_parameters, n_parameters)``; zero beside such a parameter.
    silent
        Parameters that do not change the curve, a mask.
    """

    half_widths: Floats
    correlation: Floats
    silent: NDArray[np.bool_]


def confidence(jacobian: Floats, residual: Floats, size: float) -> Confidence:
    r"""Intervals from the covariance σ² (JᵀJ)⁻¹, σ² = Σ r²/(n_points − n_parameters).

    Parameters
    ----------
    jacobian
        Derivatives of the curve by the parameters, each in units of its scale, ``(n_points, n_parameters)``.
    residual
        What the fit leaves, shape ``(n_points,)``.
    size
        Root of the sum of the squares of the curve.
    """
    from scipy.stats import t as student  # slow to import, rarely needed

    points, count = jacobian.shape
    norms = np.linalg.norm(jacobian, axis=0)
    silent = norms <= SILENT * size
    _, values, vectors = np.linalg.svd(jacobian / np.where(silent, np.inf, norms), full_matrices=False)
    lost = values <= DEGENERATE * max(float(values.max(initial=0.0)), 1e-300)
    unknown = silent | (np.sum(vectors[lost] ** 2, axis=0) > DEGENERATE)
    kept = vectors[~lost] / values[~lost, None]
    variance = float(np.sum(residual**2)) / (points - count)
    covariance = variance * (kept.T @ kept)
    errors = np.sqrt(np.diag(covariance))
    known = ~unknown[:, None] & ~unknown
    correlation = np.where(known, covariance / np.maximum(np.outer(errors, errors), 1e-300), np.eye(count))
    widths = student.ppf(0.975, points - count) * errors / np.where(silent, 1.0, norms)
    return Confidence(np.where(unknown, np.inf, widths), correlation, silent)

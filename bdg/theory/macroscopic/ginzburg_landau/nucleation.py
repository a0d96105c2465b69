"""Where the normal state becomes unstable: the lowest level of −(∇ − iA)² against 1."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import eigsh

from bdg.errors import InputError
from bdg.theory.macroscopic.ginzburg_landau.functional import Film
from bdg.theory.macroscopic.grid import Grid, covariant_laplacian


def growth_rate(film: Film) -> float:
    """Fastest growth of a small ψ in the applied field, 1 − (lowest level of −(∇ − iA)²) for c = 1.

    In units of |α| over the relaxation constant. Zero at the upper critical field of the grid; the smallest
    level is b(1 − bh²/4 …) on a torus of spacing h, so the grid's B_c2 is within O(h²) of 1.

    Parameters
    ----------
    film
        With its applied field.
    """
    weight = film.points.ravel()
    matrix = covariant_laplacian(film.grid, film.uniform_links())
    gain = np.broadcast_to(np.asarray(film.condensation, np.float64), film.grid.shape).ravel()
    # Symmetric in the inner product of the points' areas: turned into an ordinary Hermitian one.
    root = np.sqrt(weight)
    hermitian = matrix.multiply(root[:, None]).multiply(1 / root[None, :]).tocsc()
    hermitian.setdiag(hermitian.diagonal() + gain)
    top = eigsh(hermitian, k=1, sigma=float(gain.max()) + 0.05, which="LM", return_eigenvectors=False)
    return float(top[0])


def upper_critical_field(vortices: int, spacing: float) -> float:
    """B_c2 of the discretised equation on a square torus that holds some flux quanta, in the continuum's B_c2
    = 1.

    Finds the side at which :func:`growth_rate` is zero for ``vortices`` quanta and a grid as near to the
    spacing as whole numbers of points allow.

    Parameters
    ----------
    vortices
        Flux quanta through the torus, 1 or more.
    spacing
        Of the grid, in ξ.
    """
    if vortices < 1:
        raise InputError(f"{vortices} flux quanta; give 1 or more")
    points = max(3, round(np.sqrt(2 * np.pi * vortices) / spacing))

    def growth(field: float) -> float:
        side = np.sqrt(2 * np.pi * vortices / field)
        return growth_rate(Film(Grid.build((points, points), side / points, "periodic"), applied=field))

    low, high = 0.5, 2.0
    while high - low > 1e-10:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if growth(middle) > 0 else (low, middle)
    return 0.5 * (low + high)

"""Pulay's direct inversion in the iterative subspace (DIIS)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.fixed_point import least_squares
from bdg.fixed_point.checks import (
    ALL,
    check_vectors,
    checked_arrays,
    checked_damping,
    checked_history,
    root_of_weights,
)


class Pulay:
    r"""DIIS: the best weighted mean of the last points.

    With the last m points x_i and their residuals r_i = F(x_i) − x_i::

        c = argmin ‖W^½ Σ_i c_i r_i‖  with  Σ_i c_i = 1,    x ← Σ_i c_i (x_i + β r_i)

    The constrained problem is solved in the space of the triangular factor of W^½ [r_1 … r_m], not from
    the bordered matrix of products r_i·r_j, whose condition number is the square. Points whose residual
    differs from the newest one in a direction that others show already are forgotten.

    Parameters
    ----------
    damping
        β, 0 < β ≤ 1; may be set between steps.
    history
        m, the number of points remembered, the present one included: 2m vectors are kept.
    weights
        Metric of the least squares, see :class:`bdg.fixed_point.Anderson`.
    rank_cutoff
        Sine of the angle below which a difference counts as dependent.
    max_coefficient
        Largest |c_i| of an older point that is believed; the oldest points go until it holds.
    stable
        Take a damped step, of these components, where the accelerated one would go against the residual,
        as in :class:`bdg.fixed_point.Anderson`.

    Raises
    ------
    bdg.errors.InputError
        A value is out of range.

    References
    ----------
    Pulay, Chem. Phys. Lett. 73, 393 (1980).
    """

    name = "pulay"
    _newest_first: list[int]  # rows of the two ring buffers that are in use
    _points: NDArray[np.float64]
    _residuals: NDArray[np.float64]

    def __init__(
        self,
        damping: float = 0.7,
        history: int = 6,
        *,
        weights: NDArray[np.float64] | None = None,
        rank_cutoff: float = 1e-10,
        max_coefficient: float = 1e6,
        stable: slice | None = ALL,
    ) -> None:
        self.damping = checked_damping(damping)
        self.history = checked_history(history)
        self.rank_cutoff, self.max_coefficient = rank_cutoff, max_coefficient
        self.stable = stable
        self._root_weights = root_of_weights(weights)
        self._length = None if self._root_weights is None else len(self._root_weights)
        self.reset()

    def reset(self) -> None:
        """Forget the past."""
        self._allocate(0)

    def step(
        self, x: NDArray[np.float64], residual: NDArray[np.float64], error: float = 0.0
    ) -> NDArray[np.float64]:
        """Next x; see :meth:`bdg.fixed_point.Mixer.step`."""
        check_vectors(x, residual, self._points.shape[1] or self._length)
        least_squares.weighted_norm(residual, self._root_weights)
        if not self._newest_first:
            self._allocate(len(x))
        self._remember(x, residual, error)
        older = self._coefficients()
        following = x + self.damping * residual
        newest, rows = self._newest_first[0], self._newest_first[1:]
        # Σ c_i x_i as x + Σ c_i (x_i − x): exact in x however the c_i round.
        for part in least_squares.blocks(len(x)):
            for coefficient, row in zip(older, rows, strict=True):
                following[part] += coefficient * (self._points[row, part] - self._points[newest, part])
                following[part] += (self.damping * coefficient) * (
                    self._residuals[row, part] - self._residuals[newest, part]
                )
        if least_squares.goes_back(x, following, residual, self.stable, self._root_weights):
            following[self.stable] = (x + self.damping * residual)[self.stable]
        return following

    def state(self) -> dict[str, NDArray[np.float64]]:
        """Points and residuals, newest first; see :meth:`bdg.fixed_point.Mixer.state`."""
        if not self._newest_first:
            return {}
        return {
            "points": self._points[self._newest_first],
            "residuals": self._residuals[self._newest_first],
            "errors": self._errors[self._newest_first],
        }

    def restore(self, state: Mapping[str, NDArray[np.float64]]) -> None:
        """Take up a state; see :meth:`bdg.fixed_point.Mixer.restore`."""
        if not state:
            return self.reset()
        given = checked_arrays(state, {"points": 2, "residuals": 2, "errors": -1}, self.name)
        points, residuals = given["points"], given["residuals"]
        if not len(points):
            raise InputError("the state of the pulay mixer holds no point; it is damaged")
        check_vectors(points[0], residuals[0], self._length)
        self._allocate(points.shape[1])
        kept = min(self.history, len(points))
        self._points[:kept], self._residuals[:kept] = points[:kept], residuals[:kept]
        self._errors[:kept] = given["errors"][:kept]
        self._newest_first = list(range(kept))
        return None

    def _allocate(self, length: int) -> None:
        self._newest_first = []
        self._points, self._residuals = np.empty((self.history, length)), np.empty((self.history, length))
        self._errors = np.zeros(self.history)

    def _remember(self, x: NDArray[np.float64], residual: NDArray[np.float64], error: float) -> None:
        """Put the point in the place of the oldest one."""
        if len(self._newest_first) == self.history:
            row = self._newest_first.pop()
        else:
            row = min(set(range(self.history)) - set(self._newest_first))
        self._points[row], self._residuals[row], self._errors[row] = x, residual, error
        self._newest_first.insert(0, row)

    def _coefficients(self) -> NDArray[np.float64]:
        """c_i of the older points worth keeping, newest first; c of the present one is 1 − Σ c_i."""
        rows = [self._residuals[row] for row in self._newest_first]
        factor = least_squares.triangular_factor(rows, self._root_weights)
        present = factor[:, 0]
        differences = factor[:, 1:] - present[:, np.newaxis]
        newest, *older = self._errors[self._newest_first]
        length = self._points.shape[1]
        errors = [least_squares.norm_of_errors(newest + error, length, self._root_weights) for error in older]
        rounding = least_squares.rounding_noise(self._points[self._newest_first[0]], self._root_weights)
        coefficients, kept = least_squares.trusted_solution(
            differences, -present, self.rank_cutoff, self.max_coefficient, rounding + np.array(errors)
        )
        self._newest_first = [self._newest_first[0], *(self._newest_first[1:][index] for index in kept)]
        return coefficients

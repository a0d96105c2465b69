"""Anderson acceleration of type II."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from bdg.fixed_point import least_squares
from bdg.fixed_point.checks import (
    ALL,
    check_vectors,
    checked_arrays,
    checked_damping,
    checked_history,
    checked_max_step,
    root_of_weights,
)

Preconditioner = Callable[[NDArray[np.float64]], NDArray[np.float64]]

SMALL = 0.02
"""Longest step, as a share of x, that goes further away from a fixed point than the residual does."""


class Anderson:
    r"""Anderson acceleration: the residual, as far as past steps explain it, is undone.

    With r = F(x) − x, the last m steps Δx_i and the changes Δr_i of the residual along them::

        γ = argmin ‖W^½ (r − Σ_i γ_i Δr_i)‖,    x ← x − Σ_i γ_i Δx_i + β P (r − Σ_i γ_i Δr_i)

    On a linear problem this is GMRES: with m ≥ n it ends after n + 1 steps, whatever the eigenvalues.
    P, the preconditioner, turns what is left of the residual into a step; it may change from one step to
    the next, since the history holds plain residuals.

    What keeps it sound:

    - Differences that depend on newer ones are dropped, by angle, before the least squares, which goes
      through QR, and so are those that errors of the residual, if they are told, could make depend on them.
      Steps along which x or the residual did not change at all are not remembered.
    - Coefficients beyond ``max_coefficient`` are not believed: the oldest differences go until the others
      give better ones.
    - An accelerated step that goes against the residual, Σ_i w_i Δx_i r_i < 0, gives way to a damped one
      (``stable``). Where the residual grew along the last step, that one is as long as the accelerated one
      was, and all differences but the newest are forgotten: they tell of the fixed point that is left.
      Without this, an iteration that starts at a small order parameter ends in the normal state, which solves
      x = F(x) as well, and one that starts with a vortex on a site stays on a saddle; it also ends the
      stagnation that a short history falls into on stiff problems.
    - An accelerated step that made the residual grow more than ``max_growth`` times is taken back: history
      cleared, a damped step without P from where it started.
    - No component changes by more than ``max_step``.

    Parameters
    ----------
    damping
        β, 0 < β ≤ 1; may be set between steps. With a good preconditioner, 1.
    history
        m, the number of differences remembered: 2(m + 1) vectors are kept.
    preconditioner
        P, from a residual to an approximate Newton step (1 − ∂F/∂x)⁻¹ r, both of shape ``(n,)``; it may be
        set between steps, and ``None`` is P = 1. It may change its argument in place.
    downhill
        A symmetric positive preconditioner for the steps that go along the residual, away from a fixed point;
        may be set between steps, and ``None`` is 1. It must not change its argument.
    weights
        w_i > 0 of the metric Σ_i w_i r_i² of the least squares, shape ``(n,)``; ``None``: all 1. Use it
        where components differ in scale: with w_i = 1/s_i², s_i the size of a residual that matters in
        component i, all count alike. A single number among many (a chemical potential) may
        want the weight of many.
    rank_cutoff
        Sine of the angle below which a difference counts as dependent.
    max_coefficient
        Largest |γ_i| that is believed. A slowest mode with eigenvalue λ asks for 1/(1 − λ).
    stable
        Components along which to look only for fixed points that the damped iteration is drawn to, where
        1 − ∂F/∂x is positive; ``None`` for a saddle.
    max_growth
        Largest growth of ‖W^½ r‖ in one accelerated step. In sound steps it grows up to β(1 + |λ|) times,
        λ the most negative eigenvalue.
    max_step
        Largest change of a component in a step, in units of x; longer steps are shortened as a whole.

    Raises
    ------
    bdg.errors.InputError
        A value is out of range.

    References
    ----------
    Anderson, J. ACM 12, 547 (1965); Walker & Ni, SIAM J. Numer. Anal. 49, 1715 (2011).
    """

    name = "anderson"
    _newest_first: list[int]  # rows of the two ring buffers that are in use
    _steps: NDArray[np.float64]
    _changes: NDArray[np.float64]
    _errors: NDArray[np.float64]  # of a component of a change
    _x: NDArray[np.float64]
    _residual: NDArray[np.float64]

    def __init__(
        self,
        damping: float = 0.7,
        history: int = 6,
        preconditioner: Preconditioner | None = None,
        *,
        downhill: Preconditioner | None = None,
        weights: NDArray[np.float64] | None = None,
        rank_cutoff: float = 1e-10,
        max_coefficient: float = 1e6,
        stable: slice | None = ALL,
        max_growth: float = 100.0,
        max_step: float = np.inf,
    ) -> None:
        self.damping = checked_damping(damping)
        self.history = checked_history(history)
        self.preconditioner, self.downhill = preconditioner, downhill
        self.rank_cutoff, self.max_coefficient = rank_cutoff, max_coefficient
        self.stable = stable
        self.max_growth, self.max_step = max_growth, checked_max_step(max_step)
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
        check_vectors(x, residual, len(self._x) or self._length)
        norm = least_squares.weighted_norm(residual, self._root_weights)
        if not len(self._x):
            self._allocate(len(x))
        elif self._newest_first and norm > self.max_growth * self._last_norm():
            self._newest_first = []
            return self._shortened(self._x, self._x + self.damping * self._residual)
        else:
            self._remember(x, residual, error)
        self._x[:], self._residual[:], self._error = x, residual, error

        coefficients = self._coefficients(x, residual)
        following, left = x.astype(np.float64), residual.astype(np.float64)
        least_squares.subtract_combination(following, coefficients, self._rows(self._steps))
        least_squares.subtract_combination(left, coefficients, self._rows(self._changes))
        if self.preconditioner is not None:
            left = self.preconditioner(left)
        least_squares.subtract_combination(following, [-self.damping], [left])
        if least_squares.goes_back(x, following, residual, self.stable, self._root_weights):
            times = self._times_away(x, following, residual)
            onward = residual if self.downhill is None else self.downhill(residual)
            following[self.stable] = (x + times * self.damping * onward)[self.stable]
        return self._shortened(x, following)

    def _times_away(
        self, x: NDArray[np.float64], following: NDArray[np.float64], residual: NDArray[np.float64]
    ) -> float:
        """How many residuals to go away from the fixed point that ``following`` leads back to.

        Along a mode that grows, λ > 1, the residual is λ − 1 times the distance, a small part of it where λ
        is near 1: going as far as the fixed point is doubles the distance. One residual where that is no
        small step, or the last step does not show that the residual grows along it. That it grows shows
        nothing where other components are moved as well, which belong to a saddle at its best.
        """
        newest = self._newest_first[:1]
        if not newest or self.stable != ALL or self._steps[newest[0]] @ self._changes[newest[0]] <= 0:
            return 1.0
        self._newest_first = newest
        size, distance, step = (
            least_squares.weighted_norm(part, self._root_weights) for part in (x, following - x, residual)
        )
        return max(1.0, min(distance, SMALL * size) / step) if step else 1.0

    def state(self) -> dict[str, NDArray[np.float64]]:
        """Differences, newest first, and the last point; see :meth:`bdg.fixed_point.Mixer.state`."""
        if not len(self._x):
            return {}
        return {
            "steps": self._steps[self._newest_first],
            "changes": self._changes[self._newest_first],
            "errors": np.append(self._errors[self._newest_first], self._error),
            "x": self._x.copy(),
            "residual": self._residual.copy(),
        }

    def restore(self, state: Mapping[str, NDArray[np.float64]]) -> None:
        """Take up a state; see :meth:`bdg.fixed_point.Mixer.restore`."""
        if not state:
            return self.reset()
        axes = {"steps": 2, "changes": 2, "errors": -2, "x": 1, "residual": 1}
        given = checked_arrays(state, axes, self.name)
        check_vectors(given["x"], given["residual"], self._length)
        self._allocate(len(given["x"]))
        kept = min(self.history, len(given["steps"]))
        self._steps[:kept], self._changes[:kept] = given["steps"][:kept], given["changes"][:kept]
        self._errors[:kept], self._error = given["errors"][:kept], float(given["errors"][-1])
        self._x[:], self._residual[:] = given["x"], given["residual"]
        self._newest_first = list(range(kept))
        return None

    def _allocate(self, length: int) -> None:
        self._newest_first = []
        self._steps, self._changes = np.empty((self.history, length)), np.empty((self.history, length))
        self._x, self._residual = np.empty(length), np.empty(length)
        self._errors, self._error = np.zeros(self.history), 0.0

    def _last_norm(self) -> float:
        return least_squares.weighted_norm(self._residual, self._root_weights)

    def _rows(self, buffer: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        return [buffer[row] for row in self._newest_first]

    def _remember(self, x: NDArray[np.float64], residual: NDArray[np.float64], error: float) -> None:
        """Put the last step, and the change of the residual along it, in the place of the oldest ones."""
        if np.array_equal(x, self._x) or np.array_equal(residual, self._residual):
            return
        if len(self._newest_first) == self.history:
            row = self._newest_first.pop()
        else:
            row = min(set(range(self.history)) - set(self._newest_first))
        np.subtract(x, self._x, out=self._steps[row])
        np.subtract(residual, self._residual, out=self._changes[row])
        self._errors[row] = error + self._error
        self._newest_first.insert(0, row)

    def _coefficients(self, x: NDArray[np.float64], residual: NDArray[np.float64]) -> NDArray[np.float64]:
        """γ for the differences that are worth keeping, newest first; the others are forgotten."""
        factor = least_squares.triangular_factor([*self._rows(self._changes), residual], self._root_weights)
        errors = [
            least_squares.norm_of_errors(self._errors[row], len(x), self._root_weights)
            for row in self._newest_first
        ]
        noise = least_squares.rounding_noise(x, self._root_weights) + np.array(errors)
        coefficients, kept = least_squares.trusted_solution(
            factor[:, :-1], factor[:, -1], self.rank_cutoff, self.max_coefficient, noise
        )
        self._newest_first = [self._newest_first[index] for index in kept]
        return coefficients

    def _shortened(self, x: NDArray[np.float64], following: NDArray[np.float64]) -> NDArray[np.float64]:
        """``following``, or the point on the way to it where no component is further than max_step."""
        if self.max_step == np.inf:
            return following
        change = following - x
        longest = max(change.max(initial=0.0), -change.min(initial=0.0))
        return following if longest <= self.max_step else x + (self.max_step / longest) * change

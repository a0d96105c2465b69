"""The expansion itself, and the two quantities it gives: the Fermi function and the log trace.

(M19) to (M22) of docs/theory/mean_field.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats

SLOPES = 64
"""Energies for each pole at which the slope of an expansion is compared."""


@dataclass(frozen=True, eq=False)
class Expansion:
    """A partial-fraction approximation r(x) = c·x + Σ_p w_p x/(x² + γ_p²) of tanh(x/2T), or of sign(x).

    Energies and temperature are in one unit (k_B = 1); the arrays are read-only.

    Parameters
    ----------
    gamma
        Pole positions γ_p > 0 on the imaginary axis, energies, ascending, shape ``(n_poles,)``.
    weights
        w_p > 0, energies, shape ``(n_poles,)``.
    linear
        c > 0, an inverse energy.
    error
        Largest |r(x) − tanh(x/2T)| measured for ``gap`` ≤ |x| ≤ ``bound``; dimensionless.
    bound
        Half width of the interval, an energy.  At least the bound asked for, see `tanh_expansion`.
    temperature
        T, an energy; zero where r approximates sign(x).
    log_trace_shift
        b = ½∫₀^bound (1 − r) dx where T = 0, else zero; an energy.
    gap
        Lower end of the interval where T = 0, else zero; an energy.
    log_trace_error
        Largest error of one level's contribution to `log_trace`, measured; an energy.
    """

    gamma: Floats
    weights: Floats
    linear: float
    error: float
    bound: float
    temperature: float
    log_trace_shift: float
    gap: float
    log_trace_error: float

    def __post_init__(self) -> None:
        # Expansions are shared through a cache: nobody may change one under another's feet.
        self.gamma.flags.writeable = False
        self.weights.flags.writeable = False

    @property
    def n_poles(self) -> int:
        """Number of poles, that is, of matrix inverses an application of r costs."""
        return len(self.gamma)

    @property
    def condition(self) -> float:
        """Largest Σ|terms|/|r| at x = γ_p, by which the sum can magnify rounding; 1: no term is negative."""
        x = self.gamma[:, None]
        terms = np.column_stack([self.weights * x / (x**2 + self.gamma**2), self.linear * self.gamma])
        return float(np.max(np.abs(terms).sum(axis=1) / np.abs(terms.sum(axis=1)), initial=1.0))

    def scaled(self, unit: float) -> Expansion:
        """Return the same expansion with its energies multiplied by ``unit``.

        r_unit(x) = r(x/unit), so γ, w, bound, gap, T and b gain the factor and c loses it.
        """
        return Expansion(
            gamma=self.gamma * unit,
            weights=self.weights * unit,
            linear=self.linear / unit,
            error=self.error,
            bound=self.bound * unit,
            temperature=self.temperature * unit,
            log_trace_shift=self.log_trace_shift * unit,
            gap=self.gap * unit,
            log_trace_error=self.log_trace_error * unit,
        )

    def slope(self, x: ArrayLike) -> Floats:
        """Return r′(x) = c + Σ_p w_p (γ_p² − x²)/(x² + γ_p²)² for energies ``x`` of any shape."""
        square, poles = np.asarray(x, dtype=float)[..., None] ** 2, self.gamma**2
        return np.asarray(self.linear + ((poles - square) / (square + poles) ** 2) @ self.weights)

    @property
    def steepest(self) -> float:
        """Largest (t(x) − t(y))/(x − y) of t = tanh(x/2T) or, at T = 0, of sign(x); an inverse energy."""
        return 0.5 / self.temperature if self.temperature > 0 else 1.0 / self.gap

    @cached_property
    def slope_error(self) -> float:
        """Largest |r′ − ∂/∂x tanh(x/2T)|, T = 0 included, for gap ≤ |x| ≤ bound; an inverse energy."""
        nearest = self.gap or 1e-3 * min(self.temperature, self.bound)
        x = np.geomspace(nearest, self.bound, SLOPES * (self.n_poles + 2))
        exact = np.zeros_like(x)
        if self.temperature > 0:
            exact += 0.5 / self.temperature / np.cosh(np.minimum(0.5 * x / self.temperature, 350.0)) ** 2
        return float(np.abs(self.slope(x) - exact).max())

    def __call__(self, x: ArrayLike) -> Floats:
        """Return r(x) for energies ``x`` of any shape."""
        x = np.asarray(x, dtype=float)
        return np.asarray(self.linear * x + x * ((1.0 / (x[..., None] ** 2 + self.gamma**2)) @ self.weights))


def fermi(expansion: Expansion, x: ArrayLike) -> Floats:
    """Fermi function f(x) = ½ − ½ r(x), with an absolute error of at most ½ ``expansion.error``.

    Parameters
    ----------
    expansion
        From `tanh_expansion` or `sign_expansion`.
    x
        Energies, any shape, with gap ≤ |x| ≤ bound of the expansion.

    Returns
    -------
    numpy.ndarray
        f(x); same shape.
    """
    return np.asarray(0.5 - 0.5 * expansion(x))


def log_trace_from_determinants(
    expansion: Expansion, dimension: int, square_trace: float, log_determinants: ArrayLike
) -> float:
    """Σ_n T ln 2cosh(E_n/2T) of a matrix H from its log-determinants at the poles; Σ_n ½|E_n| where T = 0.

    (T ln 2 + b)·dim + (c/4) tr H² + ½ Σ_p w_p (ln|det(H − iγ_p)| − dim·ln γ_p),

    the integral of ½r: d/dE T ln 2cosh(E/2T) = ½ tanh(E/2T) and d/dE ½w·½ln(E² + γ²) = ½wE/(E² + γ²).

    Parameters
    ----------
    expansion
        From `tanh_expansion` or `sign_expansion`.
    dimension
        Number of rows of H.
    square_trace
        tr H², the sum of |H_ab|² over all entries; a squared energy.
    log_determinants
        ln|det(H − iγ_p)| at each pole, shape ``(n_poles,)``.

    Returns
    -------
    float
        The log trace, an energy, wrong by at most ``dimension * expansion.log_trace_error``.
    """
    constant = expansion.temperature * np.log(2.0) + expansion.log_trace_shift
    excess = np.asarray(log_determinants, dtype=float) - dimension * np.log(expansion.gamma)
    return float(
        dimension * constant + 0.25 * expansion.linear * square_trace + 0.5 * expansion.weights @ excess
    )


def log_trace(expansion: Expansion, energies: ArrayLike) -> float:
    """Σ_n T ln 2cosh(E_n/2T) from the expansion and all eigenvalues; Σ_n ½|E_n| where T = 0.

    What `log_trace_from_determinants` gives, with Σ_n ½ ln(1 + E_n²/γ²) in the place of the determinants.

    Parameters
    ----------
    expansion
        From `tanh_expansion` or `sign_expansion`.
    energies
        Eigenvalues, any shape, with gap ≤ |E| ≤ bound of the expansion.

    Returns
    -------
    float
        The log trace, an energy, wrong by at most ``expansion.log_trace_error`` a level.
    """
    energies = np.asarray(energies, dtype=float).ravel()
    constant = expansion.temperature * np.log(2.0) + expansion.log_trace_shift
    return float(
        np.sum(constant + excess_log_trace(energies, expansion.gamma, expansion.weights, expansion.linear))
    )


def excess_log_trace(energies: Floats, gamma: Floats, weights: Floats, linear: float) -> Floats:
    """∫₀^E ½r dx = (c/4)E² + ¼ Σ_p w_p ln(1 + E²/γ_p²), each level by itself, shape ``(n_levels,)``."""
    return np.asarray(
        0.25 * linear * energies**2 + 0.25 * np.log1p((energies[:, None] / gamma) ** 2) @ weights
    )

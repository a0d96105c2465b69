"""The record of a self-consistency loop."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Status = Literal["converged", "not_converged", "stopped", "broken"]
"""``not_converged``: out of iterations, or no μ gives the filling. ``stopped``: by a signal. ``broken``: NaN
or infinity appeared."""


@dataclass(frozen=True)
class Iteration:
    """One iteration of the loop, before mixing.

    Parameters
    ----------
    iteration
        From 1.
    residual_delta
        max_i |Δ_out − Δ_in|, in t.
    residual_hartree
        max_iσ |V_out − V_in|, that of the exchange field included, in t.
    filling_error
        |electrons per site − filling|; 0 where μ is given.
    mean_delta
        Mean of |Δ_i| over the sample, or of the pairs on bonds where there are no others, in t.
    mu
        Chemical potential, in t.
    residual_bond
        Largest change of a component of the pairs or of the Fock field on bonds, in t.
    residual_field
        Largest change of a line integral of the vector potential that the currents make, in ħ/e.
    saddle
        λ > 1 of a saddle that the fields are, which the loop leaves if it goes on; 0 elsewhere.
    delta_error
        Error of small pairs that have converged close to T_c, in t, see
        :mod:`bdg.scf.stability.near_critical`; else 0.
    compressibility
        ∂n/∂μ at fixed fields, per site and t, where μ is found at the other fields in this iteration and all
        later ones, infinite where n jumps; 0 where the mixer finds μ with them.
    solver_error
        Largest error of the fields that came out, by the estimate of the solver, in t.
    pair_growth
        Δ·F(Δ)/Δ·Δ of all pairs, F the map of the iteration: 1 where they reproduce themselves; 0 without any.
    """

    iteration: int
    residual_delta: float
    residual_hartree: float
    filling_error: float
    mean_delta: float
    mu: float
    residual_bond: float = 0.0
    residual_field: float = 0.0
    saddle: float = 0.0
    delta_error: float = 0.0
    compressibility: float = 0.0
    solver_error: float = 0.0
    pair_growth: float = 0.0

    @property
    def residual(self) -> float:
        """The largest of all; NaN if one of them is."""
        return _largest(self.residual_of_fields, self.filling_error)

    @property
    def residual_of_fields(self) -> float:
        """The largest of all but the filling error."""
        on_sites = self.residual_delta, self.residual_hartree
        return _largest(*on_sites, self.residual_bond, self.residual_field)


def _largest(*values: float) -> float:
    """The largest; NaN if one of them is, which Python's ``max`` would drop."""
    return float(max(values)) if all(value == value for value in values) else math.nan


def left_saddle(history: tuple[Iteration, ...]) -> float:
    """The largest λ > 1 of the saddles that a loop has left; 0 if it left none."""
    return max((iteration.saddle for iteration in history[:-1]), default=0.0)


def by_way_of(eigenvalue: float) -> str:
    """The end of a line on how a loop ended: the saddle that it left, if any."""
    return f", left a saddle with λ = {eigenvalue:.6g}" if eigenvalue else ""


def columns(history: tuple[Iteration, ...]) -> dict[str, NDArray[Any]]:
    """The history as one array for each column, in the order of :class:`Iteration`."""
    found: dict[str, NDArray[Any]] = {}
    for column in fields(Iteration):
        values = [getattr(iteration, column.name) for iteration in history]
        found[column.name] = np.array(values, dtype=np.int64 if column.name == "iteration" else np.float64)
    return found

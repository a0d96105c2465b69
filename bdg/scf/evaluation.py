"""One iteration before mixing: the map evaluated, where needed at the μ that gives the filling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bdg.arrays import Floats
from bdg.errors import NumericalError
from bdg.model import TABLE, Fields
from bdg.scf.filling import LONG, has_stalled, is_gross, most_missing, mu_of_filling
from bdg.scf.history import Iteration
from bdg.scf.map import FixedPoint

Evaluation = tuple[Floats, Iteration, Fields]

JUMPS = 5
"""Iterations in which the density jumps past the filling until that is taken to be final."""


def evaluation(fixed_point: FixedPoint, vector: Floats, history: tuple[Iteration, ...]) -> Evaluation:
    """The next iteration: the vector it is of, its record, and the fields that came out.

    The mixer looks for μ together with the other fields. Where it can't, as the density hardly depends on μ,
    it is left the other fields alone from then on, and μ is what gives the filling at them.

    Raises
    ------
    NumericalError
        If something that came out is not finite.
    """
    first, filling = _evaluated(fixed_point, vector, len(history) + 1), fixed_point.model.filling
    if filling is None:
        return first
    missing, others = first[1].filling_error, first[1].residual_of_fields
    known = history[-1].compressibility if history else 0.0
    before = [iteration.filling_error for iteration in history[-2 * LONG :]]
    is_eliminated = known > 0 or has_stalled(missing, others, before)
    if missing <= most_missing(others, filling, is_eliminated) or not (
        is_eliminated or is_gross(missing, filling)
    ):
        return first[0], replace(first[1], compressibility=known), first[2]
    (vector, iteration, out), found = _filled(fixed_point, first, known, is_eliminated)
    kept = found if is_eliminated or np.isinf(found) else 0.0
    return vector, replace(iteration, compressibility=kept), out


def why_no_mu(history: tuple[Iteration, ...]) -> str:
    """Why the loop can't go on, if the density jumps past the filling however the other fields change."""
    last = [iteration.compressibility for iteration in history[-JUMPS:]]
    if len(last) < JUMPS or np.isfinite(last).any():
        return ""
    return (
        f"at mu = {history[-1].mu:.6g} the density jumps past the filling, so no mu gives it; "
        "give a temperature above 0, or a filling at which a level is full"
    )


def _evaluated(fixed_point: FixedPoint, vector: Floats, number: int) -> Evaluation:
    """The map evaluated once."""
    fields = fixed_point.layout.unpack(vector, fixed_point.start)
    out, filling_error = fixed_point(fields)
    changes, residuals = out.changes(fields), dict[str, float]()
    for field, change in changes.items():
        column = TABLE[field].residual
        residuals[column] = float(np.maximum(residuals.get(column, 0.0), change))  # NaN stays
    residuals["filling_error"] = filling_error
    mean = float(fields.moduli.mean())
    error = fixed_point.gain * fixed_point.error
    length = float(np.real(fields.overlap(fields)))
    growth = float(np.real(fields.overlap(out))) / length if length else 0.0
    iteration = Iteration(
        number, mean_delta=mean, mu=fields.mu, solver_error=error, pair_growth=growth, **residuals
    )
    if (name := out.first_not_finite()) is not None:
        raise NumericalError(f"{name} is not finite (NaN or infinity)")
    if not np.isfinite(iteration.residual):
        raise NumericalError("the residual is not finite (NaN or infinity)")
    return vector, iteration, out


def _filled(
    fixed_point: FixedPoint, first: Evaluation, compressibility: float, is_eliminated: bool
) -> tuple[Evaluation, float]:
    """The evaluation at the μ that gives the filling while the other fields stay, and ∂n/∂μ there.

    ``first`` is the last evaluation so far, ``compressibility`` ∂n/∂μ of the last iteration if it is known.
    """
    (vector, iteration, _), filling = first, fixed_point.model.filling
    last = first
    assert filling is not None

    def density_at(mu: float) -> tuple[float, float]:
        nonlocal last
        if mu != last[1].mu:
            last = _evaluated(fixed_point, np.append(vector[:-1], mu), iteration.iteration)
        goal = most_missing(last[1].residual_of_fields, filling, is_eliminated)
        return fixed_point.electrons, max(goal, fixed_point.accuracy)

    bounds = fixed_point.mu_bounds(fixed_point.layout.unpack(vector, fixed_point.start))
    start = compressibility or filling * (2.0 - filling) / fixed_point.mu_per_filling
    mu, found = mu_of_filling(density_at, filling, iteration.mu, start, bounds)
    density_at(mu)
    return last, found

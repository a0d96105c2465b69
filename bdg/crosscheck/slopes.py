"""−∂Ω/∂μ and −∂Ω/∂T at fixed fields, by finite differences, against the electrons and the entropy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bdg.crosscheck.difference import Difference, compared
from bdg.crosscheck.states import state_at
from bdg.observables import State, measure

STEP = 2e-3
"""Change of μ in t, and of T where that is large."""


def slopes(state: State) -> list[Difference]:
    """The derivatives of Ω against what they are; that by T where it is not 0."""
    model, fields, solver = state.model, state.fields, state.solver.name

    def by_mu(step: float) -> tuple[float, float]:
        return _omega(state_at(model, replace(fields, mu=fields.mu + step), solver))

    def by_temperature(step: float) -> tuple[float, float]:
        return _omega(state_at(replace(model, temperature=model.temperature + step), fields, solver))

    found = [_compared("-d omega/d mu", "electrons", state, "grand_potential", by_mu, STEP)]
    if model.temperature > 0:
        step = min(STEP, model.temperature / 20)
        found.append(_compared("-d omega/d T", "entropy", state, "entropy", by_temperature, step))
    return found


def _omega(state: State) -> tuple[float, float]:
    """Ω of the quasiparticles, the constants of the mean fields apart, and its error."""
    parts = measure(state, "grand_potential")
    levels = parts["quasiparticle_part"]
    return float(parts["normal_part"]) + float(levels), float(levels.error or 0.0)


def _compared(
    method: str,
    quantity: str,
    state: State,
    observable: str,
    omega: Callable[[float], tuple[float, float]],
    step: float,
) -> Difference:
    """A quantity against −dΩ/ds; what half the step changes is the error of that."""
    measured = measure(state, observable)[quantity]
    coarse, _ = _slope(omega, step)
    fine, error = _slope(omega, step / 2)
    known = 0.0 if measured.error is None else float(np.max(measured.error))
    total = abs(coarse - fine) + error + max(known, state.on_sites.error * state.model.sample.n_sites)
    value = np.asarray(measured.values)
    return compared(method, quantity, value, np.asarray(-fine), measured.units, total)


def _slope(omega: Callable[[float], tuple[float, float]], step: float) -> tuple[float, float]:
    """Fourth-order central difference, and what the errors of Ω and rounding make of it."""
    weights = {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}
    points = {n: omega(n * step) for n in weights}
    value = sum(weight * points[n][0] for n, weight in weights.items()) / step
    largest = max(abs(point) for point, _ in points.values())
    error = max(error for _, error in points.values()) + float(np.finfo(float).eps) * largest
    return value, error / step

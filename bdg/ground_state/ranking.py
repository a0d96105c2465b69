"""Where starts led, and which of these states is the best: by Ω at fixed μ, by F at fixed filling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bdg.model import Fields
from bdg.observables import Quantity, State
from bdg.observables.quantity import scalar
from bdg.observables.thermodynamics.grand_potential import grand_potential
from bdg.scf import Iteration, Status
from bdg.words import counted

SOFTEST = 0.01
"""The smallest 1 − λ, λ an eigenvalue of the map, for which the error estimates of a state hold."""


@dataclass(frozen=True, eq=False)  # arrays inside: nothing to compare with ==
class Candidate:
    """Where a start led.

    Parameters
    ----------
    name
        The start.
    status
        How its loop ended.
    energy
        Ω at fixed μ, F = Ω + μN at fixed filling, of the whole sample, in t, with its error; NaN where
        numerical failure.
    fields
        The last good fields, in the gauge of the model.
    history
        One entry an iteration.
    same_as
        Name of a better ranked start that led to the same state up to a global phase, or empty.
    """

    name: str
    status: Status
    energy: Quantity
    fields: Fields
    history: tuple[Iteration, ...]
    same_as: str = ""

    @property
    def residual(self) -> float:
        """The last residual, in t; 0 where nothing was self-consistent."""
        return self.history[-1].residual if self.history else 0.0

    @property
    def is_saddle(self) -> bool:
        """Whether the state was found to be a saddle."""
        return bool(self.history and self.history[-1].saddle)

    @property
    def mean_delta(self) -> float:
        """Mean of |Δ_i| over the sample, or of the pairs on bonds where there are no others, in t."""
        return float(self.fields.moduli.mean())


def told(candidate: Candidate) -> str:
    """A line on how a start ended."""
    iterations = counted(len(candidate.history), "iteration")
    line = f"{candidate.name}: {candidate.status.replace('_', ' ')} after {iterations}"
    if not np.isnan(candidate.energy.values):
        line += f", {candidate.energy.long_name} {float(candidate.energy.values):.10g} t"
    return line


def ranked(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates with the best first, and those that are one state told so.

    Whatever converged comes before what did not; then the lower energy. Energies that agree within their
    error estimates don't decide: these states keep their order in the list.
    """
    left = sorted(candidates, key=lambda entry: (_class(entry), _value(entry)))
    order: list[Candidate] = []
    while left:
        tied = [entry for entry in left if _tie(left[0], entry)]
        order += sorted(tied, key=candidates.index)
        left = [entry for entry in left if entry not in tied]
    found: list[Candidate] = []
    for entry in order:
        twins = (other.name for other in found if not other.same_as and same_state(other, entry))
        found.append(replace(entry, same_as=next(twins, "")))
    return tuple(found)


def same_state(one: Candidate, other: Candidate) -> bool:
    """Whether two converged candidates are one state up to a global phase, within what their residuals allow.

    A state is off its fixed point by its residual over 1 − λ, and 1 − λ ≥ 0.01 is assumed.
    """
    if not (one.status == other.status == "converged" and _tie(one, other)):
        return False
    a, b = one.fields, other.fields
    overlap = complex(a.overlap(b))
    turned = a.with_pairs(overlap / abs(overlap)) if overlap else a
    apart = max(turned.changes(b).values())
    rounding = 1e-12 * float(a.moduli.max())
    return apart <= (one.residual + other.residual) / SOFTEST + rounding


def energy_of(state: State, residual: float) -> Quantity:
    """What states compete by: Ω at fixed μ, F = Ω + μN at fixed filling with N what it should be, in t.

    Where the currents make a field, its energy is added to either.

    Both are stationary at self-consistency, with N fixed F too: a state off by ε = residual/(1 − λ) costs
    ε R Σ 1/U in Ω and about ε² a site by its filling, which with 1 − λ ≥ 0.01 is in the error estimate.
    """
    model = state.model
    found = grand_potential(state)
    omega = found.get("gibbs_potential", found["grand_potential"])
    value, error = float(omega.values), float(omega.error or 0.0)
    strength = np.abs(model.attraction.strength)
    soft = float(np.sum(1.0 / strength[strength > 0]))
    on_bonds = model.on_bonds.largest  # of four components each
    soft += 4.0 * float(np.sum(1.0 / on_bonds[on_bonds > 0]))
    if model.filling is not None:
        value += state.fields.mu * model.filling * model.sample.n_sites
        soft += model.sample.n_sites
    if model.screening is not None:  # of what the circulations on bonds cost
        soft += model.screening.energy_error_bound
    error += soft * residual**2 / SOFTEST + float(np.finfo(float).eps) * abs(value)
    name = "grand potential" if model.filling is None else "free energy"
    name += "" if model.screening is None else " with field"
    return scalar(value, "t", f"{name}{state.each}", error)


def _class(candidate: Candidate) -> int:
    return {"converged": 0, "not_converged": 1}.get(candidate.status, 2)


def _value(candidate: Candidate) -> float:
    value = float(candidate.energy.values)
    return float("inf") if np.isnan(value) else value


def _tie(one: Candidate, other: Candidate) -> bool:
    if one is other:
        return True
    if _class(one) != _class(other):
        return False
    margin = (one.energy.error or 0.0) + (other.energy.error or 0.0)
    return abs(float(one.energy.values) - float(other.energy.values)) <= margin

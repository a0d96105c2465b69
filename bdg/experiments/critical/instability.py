"""The largest eigenvalue of the linearised map of pairs against temperature, and where it is 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.errors import NumericalError
from bdg.experiments.change import Temperature
from bdg.experiments.follow import branch
from bdg.model import Fields
from bdg.model.interactions import acting
from bdg.observables.loops import fingerprint
from bdg.observables.state import State
from bdg.scf.stability.pairing import PairMap
from bdg.scf.stability.ritz import Goal, Modes

RATIO = 0.5
"""Of temperatures at which the search looks for the first one with an eigenvalue above 1."""

BEYOND, SHORTEST = 0.1, 0.2
"""Of ln T: how far beyond the root of a secant the next temperature is, and how far on at least."""

ROUGH = Goal(1e-3, 0.1)
"""How well an eigenvalue is known where its place above or below 1 is asked for."""

SURE = Goal(1e-4, 0.01)
"""The same where it decides that there is no T_c."""

SHARE = 0.01
"""The same for a secant, as a share of the distance from 1."""

END = 0.1
"""Error of the eigenvalue at T_c, as a share of what the tolerance allows."""

NEAR = 1e-3
"""Distance of an eigenvalue from 1 at which the finite size of the pairs begins to count."""

CARRIED = 5
"""Modes that are carried from one temperature to the next: the first is found the sooner without others."""

ROUGH_FIELDS = 1e-6
"""Residual of a normal state, in t, where eigenvalues are asked for roughly."""

FARTHEST = 1.5
"""How far fields are extrapolated, in units of the distance of two temperatures in ln T."""

COARSE = 1e-5
"""Error of an eigenvalue up to which it is found before any better."""

NEAR_MAXIMUM = 0.02
"""Of ln T, where an eigenvalue that is largest between two temperatures is looked for."""

STEPS = 40
"""Temperatures at most in search of the root."""

SLOPED = 1e-5
"""Difference of two eigenvalues that gives a slope."""


class Known(NamedTuple):
    """ln T, the largest eigenvalue λ less 1, and its error."""

    log: float
    excess: float
    error: float


@dataclass(frozen=True)
class Transition:
    """T_c and its error, in t, and dλ/d ln T there."""

    temperature: float
    error: float
    slope: float


@dataclass(frozen=True)
class FromFields(Temperature):
    """A temperature, and fields to start from there in place of those that are known."""

    fields: Fields | None = None

    def start(self, first: State, fields: Fields, step: float) -> State:
        """See :class:`bdg.experiments.change.Change`."""
        return super().start(first, fields if self.fields is None else self.fields, step)


class Instability:
    """The modes of pairs in the normal state of a sample, temperature after temperature.

    The normal state has its own self-consistent fields at each, followed from those of the state; the modes
    start from those of the last temperature.

    Parameters
    ----------
    state
        Any state of the sample; its pairs are left out.
    """

    def __init__(self, state: State) -> None:
        normal, scf = without_pairs(state), state.loops.for_differences.scf
        self._normal = branch(normal, scf=scf)
        self._roughly = branch(normal, scf=replace(scf, tolerance=max(scf.tolerance, ROUGH_FIELDS)))
        self._known: dict[float, Fields] = {}
        self._carried: list[Numbers] = []

    @property
    def highest(self) -> float:
        """A temperature that T_c hardly exceeds, in t: χ of any level is at most 1/4T."""
        model = self._normal.first.model
        return sum(kind.gain(model) for kind in acting(model) if kind.row.is_of_pairs) / 4

    def modes(
        self, temperature: float, count: int, goal: Goal, *, looks: bool = False
    ) -> tuple[PairMap, Modes]:
        """The map at a temperature, and its modes, looked for beside those that are known or not."""
        state = self._normal_state(temperature, goal)
        pairs = PairMap.of(state.model, state.solver, state.fields)
        carried = self._carried
        points = state.loops.points

        def found() -> dict[str, NDArray[Any]]:
            modes = _coarse_to_fine(pairs, carried, count, goal, looks)
            return {name: getattr(modes, name) for name in ("values", "errors", "vectors")}

        known = points.get(
            fingerprint("modes of pairs", state.fingerprint, carried, count, goal, looks), found
        )
        modes = Modes(known["values"], known["errors"], known["vectors"])
        self._carried = list(modes.vectors[:CARRIED])
        return pairs, modes

    def _normal_state(self, temperature: float, goal: Goal) -> State:
        """The normal state, from fields on the line through those of the two nearest temperatures."""
        log, normal = float(np.log(temperature)), self._roughly if goal is ROUGH else self._normal
        change = FromFields(temperature, _on_a_line(self._known, log))
        state = normal.at(change).required().state
        assert state is not None
        self._known[log] = state.fields
        return state

    def largest(self, log: float, goal: Goal = ROUGH) -> Known:
        """The largest eigenvalue at ln T."""
        pairs, modes = self.modes(float(np.exp(log)), 1, goal, looks=goal is SURE)
        value, error = float(modes.values[0]), float(modes.errors[0])
        if abs(value - 1.0) < NEAR:
            value, rest = pairs.sharpened(modes.vectors[0])
            error += rest
        return Known(log, value - 1.0, error)

    def bracket(self, lowest: float) -> tuple[Known, Known] | None:
        """The highest temperature found at which pairs grow, and a higher one; ``None`` if they never do.

        Of an eigenvalue that rises and falls again, as in a strong Zeeman field, the maximum is looked at.
        """
        end = float(np.log(lowest))
        known = [self.largest(float(np.log(max(self.highest, 2 * lowest))))]
        while known[0].excess >= 0:
            known = [self.largest(known[0].log - float(np.log(RATIO)))]
        while known[-1].excess < 0 and known[-1].log > end:
            known.append(self.largest(max(known[-1].log + _step(known[-2:]), end)))
            last = [one.excess for one in known[-3:]]
            if len(last) == 3 and last[1] == max(last) and last[1] < 0:
                top = self._maximum(known[-1].log, known[-3].log)
                if top.excess >= 0:
                    return top, min(one for one in known if one.log > top.log)
        if known[-1].excess < 0:  # what is known roughly may be too small
            known.append(self.largest(max(known, key=lambda one: one.excess).log, SURE))
        above = [one for one in known if one.log > known[-1].log]
        return (known[-1], above[-1]) if known[-1].excess >= 0 and above else None

    def root(self, bracket: tuple[Known, Known], tolerance: float) -> Transition:
        """Where the eigenvalue is 1, by secants kept between two temperatures.

        A Rayleigh quotient is never too large: the lower end is sure, the upper one is looked at again where
        the secants lead beyond it.

        Raises
        ------
        NumericalError
            If it is not found.
        """
        last, before = bracket
        low, high = last.log, before.log
        goal = Goal(END * tolerance / float(np.exp(high)), SHARE)
        for _ in range(STEPS):
            slope = _slope(last, before)
            log = last.log - last.excess / slope if slope else high
            if (log >= high or slope >= 0) and last.excess >= 0:
                before = self.above(high)
                high = before.log
                log = last.log - last.excess / _slope(last, before)
            if not low < log < high:
                log = 0.5 * (low + high)
            found = self.largest(log, goal)
            before = last if abs(found.excess - last.excess) > SLOPED else before
            last, slope = found, _slope(found, before)
            low, high = (log, high) if found.excess >= 0 else (low, log)
            if abs(found.excess / slope) * np.exp(log) < tolerance / 2:
                temperature = float(np.exp(log - found.excess / slope))
                return Transition(temperature, temperature * found.error / abs(slope) + tolerance, slope)
        raise NumericalError(
            f"T_c is not found to {tolerance:g} t: at T = {np.exp(last.log):.6g} t the largest eigenvalue is"
            f" {1 + last.excess:.9g} ± {last.error:.1e}; give a larger tolerance"
        )

    def above(self, log: float) -> Known:
        """A temperature, this or a higher one, where the eigenvalue is surely below 1."""
        while (known := self.largest(log, SURE)).excess >= 0:
            log -= float(np.log(RATIO))
        return known

    def _maximum(self, low: float, high: float) -> Known:
        """The largest eigenvalue between two temperatures."""
        from scipy.optimize import minimize_scalar  # rarely needed, imported late

        found = minimize_scalar(
            lambda log: -self.largest(log).excess,
            bounds=(low, high),
            method="bounded",
            options={"xatol": NEAR_MAXIMUM},
        )
        return self.largest(float(found.x))


def without_pairs(state: State) -> State:
    """The normal state to start from; no currents of pairs make a field."""
    fields = state.fields.with_pairs(0.0)
    if fields.vector_potential is not None:
        fields = replace(fields, vector_potential=np.zeros_like(fields.vector_potential))
    return state.elsewhere(state.model.at(fields), fields)


def _step(last: list[Known]) -> float:
    """How far on in ln T to look for an eigenvalue above 1: a little beyond where a secant is 1.

    Normal states far below T_c take many iterations.
    """
    farthest = float(np.log(RATIO))
    if len(last) < 2 or (slope := _slope(*last)) >= 0:
        return farthest
    return float(np.clip(-last[-1].excess / slope - BEYOND, farthest, -SHORTEST))


def _coarse_to_fine(pairs: PairMap, carried: list[Numbers], count: int, goal: Goal, looks: bool) -> Modes:
    """The modes to a goal: first as well as few poles tell, and better where they are near 1."""
    coarse = Goal(max(goal.least, COARSE), goal.share)
    modes = pairs.modes(carried, sought=count, goal=coarse, looks=looks)
    if goal.of(modes.values[:count]).min() >= coarse.least:
        return modes
    return pairs.modes(list(modes.vectors[:CARRIED]), sought=count, goal=goal, looks=False)


def _on_a_line(known: Mapping[float, Fields], log: float) -> Fields | None:
    """Fields at ln T on the line through the two nearest known ones; the nearest where that is far."""
    nearest = sorted(known, key=lambda other: abs(other - log))[:2]
    if not nearest:
        return None
    one = known[nearest[0]]
    if len(nearest) < 2:
        return one
    share = (log - nearest[0]) / (nearest[1] - nearest[0])
    if abs(share) > FARTHEST:
        return one
    other = known[nearest[1]]
    return one.each(lambda row, values: values + share * (other[row.name] - values))


def _slope(one: Known, other: Known) -> float:
    return float((one.excess - other.excess) / (one.log - other.log))

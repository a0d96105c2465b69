"""The junction of a sample with the leads that are asked for."""

from __future__ import annotations

from typing import Literal

import numpy as np

from bdg.errors import InputError, NumericalError
from bdg.experiments.follow import ADVICE
from bdg.experiments.josephson.biased import Biased
from bdg.experiments.josephson.endless import Endless
from bdg.experiments.josephson.following import Following
from bdg.experiments.josephson.junction import Junction, junction_of
from bdg.leads import cut_layers, open_cut
from bdg.model import Model
from bdg.observables.state import State

SEMI_INFINITE: Literal["semi_infinite"] = "semi_infinite"
Leads = float | Literal["semi_infinite"] | None
"""Depth to which the phase of Δ is held; or semi-infinite ends; or neither."""


def require_junction(model: Model, axis: int, at: float | None, leads: Leads) -> Junction:
    """The cut, of a model that has one: what can be told before its fields are known.

    Parameters
    ----------
    model
        The model.
    axis, at, leads
        See :func:`bdg.experiments.josephson.current_phase.current_phase`.

    Raises
    ------
    InputError
        If there is no such junction, see :func:`bdg.experiments.josephson.junction.junction_of` and
        :func:`bdg.leads.cut_layers`.
    """
    if not isinstance(leads, str):
        return junction_of(model, axis, at, leads)
    if leads != SEMI_INFINITE:
        raise InputError(f"leads {leads!r} are unknown; give their depth, or {SEMI_INFINITE}")
    junction = junction_of(model, axis, at, None, is_fixed=True)
    cut_layers(model.sample, junction.before, axis, model.temperature, model.dofs)
    return junction


def biased_junction(state: State, axis: int, at: float | None, leads: Leads) -> tuple[Junction, Biased]:
    """The cut, and the junction as it is.

    Raises
    ------
    InputError
        If there is no such junction, see :func:`require_junction`.
    NumericalError
        If the fields do not converge, or the surface of a lead is not found.
    """
    model = state.model
    junction = require_junction(model, axis, at, leads)
    if isinstance(leads, str):
        cut = open_cut(
            state.hamiltonian,
            model.sample,
            junction.crossing,
            junction.before,
            axis,
            model.temperature,
            state.tolerance,
        )
        return junction, Endless(cut, np.zeros(len(cut.bonds)), state, junction)
    start = Following((state,), junction, np.zeros(model.sample.n_bonds), state)
    try:
        return junction, start.converged()
    except NumericalError as error:
        raise NumericalError(f"no state with the phase of Δ held in the leads: {error}; {ADVICE}") from error

"""The moment of a sample that screens, as the applied field grows or falls."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np

from bdg.errors import NumericalError
from bdg.gauge import UniformField
from bdg.model import Model
from bdg.observables.local.vortices import site_order, winding
from bdg.observables.loops import counted
from bdg.observables.needs import screened_field
from bdg.observables.parameters import FieldNumber, Steps
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.vector_potential import relaxed
from bdg.observables.state import State
from bdg.observables.thermodynamics.grand_potential import grand_potential

FOLLOWS_TO = 1e-7
"""Residual of the fields at every step, in t: a moment is a sum of large currents, a jump far larger."""

HALVINGS = 4
"""Times that the step of the list in which the winding changes is halved."""

WINDING = 4
"""Place of the winding in a row: B, M, G, |Δ|, winding."""


@observable(
    title="Moment, G and vortices while the applied field goes on, the state following.",
    group="currents",
    needs=screened_field,
    example="{stop: 0.1, num: 21}",
    numbers={"entry_field": "Entry field"},
)
def magnetisation_curve(
    state: State,
    stop: Annotated[FieldNumber, "The last applied field, in ħ/(e a²)."],
    num: Annotated[Steps, "How many, both ends included."] = 21,
) -> dict[str, Quantity]:
    """Moment per area M(B) while the applied field goes to ``stop``, every state from the one before.

    The loop follows a state as long as it is a minimum of G, beyond the field where one with more vortices is
    lower: where the barrier at the surface is gone vortices enter, and M jumps. From a state without a field
    up, that is a sample cooled in none; from a vortex state down, how many stay.

    Parameters
    ----------
    state
        A converged state that screens.
    stop
        The last applied field, in ħ/(e a²).
    num
        How many fields, the present one and ``stop`` included.

    Returns
    -------
    dict
        ``curve_moment``, ``curve_gibbs`` (G per site), ``curve_delta`` (mean |Δ|) and ``curve_winding`` (of
        all vortices) over ``applied``; ``entry_field``, at which the winding becomes another one, looked for
        between the fields of the list too, with its error; NaN if it stays. Where the fields find no state,
        the list ends, and ``no_state`` says where and why.

    Raises
    ------
    InputError
        If nothing is screened, or the numbers are out of range.
    """
    assert state.model.screening is not None  # it needs one
    faces = state.model.screening.faces
    start = float(state.model.screening.flux(state.model.screening.applied).sum() / faces.area.sum())
    rows, now, ends = list[tuple[float, ...]](), state, dict[str, str]()
    entry: tuple[float, float | None] = (float("nan"), None)
    for applied in counted(state.solver, np.linspace(start, stop, num).tolist()):
        before = now
        try:
            now = relaxed(_in_field(now, applied - rows[-1][0]) if rows else now, at_most=FOLLOWS_TO)
        except NumericalError as error:
            ends["no_state"] = f"at B = {applied:.6g} ħ/(e a²): {error}"
            break
        rows.append((applied, *_measured(now)))
        if np.isnan(entry[0]) and rows[-1][WINDING] != rows[0][WINDING]:
            entry = _entry(before, rows[-2][0], applied, rows[0][WINDING])
    field, moment, gibbs, size, wound = np.array(rows).T
    coords = {"applied": Quantity(field, ("applied",), "hbar/(e a^2)", "applied field")}
    lines = {
        "curve_moment": (moment, "e t/hbar", "moment per area"),
        "curve_gibbs": (gibbs, "t", "grand potential with field, per site"),
        "curve_delta": (size, "t", "mean |Δ|"),
        "curve_winding": (wound, "1", "winding of all vortices"),
    }
    return {
        name: Quantity(values, ("applied",), units, long_name, coords, attributes=ends)
        for name, (values, units, long_name) in lines.items()
    } | {
        "entry_field": scalar(
            entry[0], "hbar/(e a^2)", "field at which the number of vortices changes", entry[1]
        )
    }


def _entry(before: State, low: float, high: float, winding_before: float) -> tuple[float, float]:
    """The field at which the winding changes and its error, halved down to from the last state before."""
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        try:
            now = relaxed(_in_field(before, middle - low), at_most=FOLLOWS_TO)
        except NumericalError:
            break
        if _measured(now)[WINDING - 1] == winding_before:
            before, low = now, middle
        else:
            high = middle
    return 0.5 * (low + high), 0.5 * abs(high - low)


def _in_field(state: State, change: float) -> State:
    """The state in another applied field, its currents' field as London's theory has it change."""
    before = state.model.screening
    assert before is not None
    assert state.fields.vector_potential is not None
    added = UniformField(change, "symmetric").on_bonds(state.model.sample)
    screening = replace(before, applied=before.applied + added)
    induced = state.fields.vector_potential + screening.london(added, np.abs(state.model.hopping))
    model = replace(state.model, screening=screening)
    fields = replace(state.fields, vector_potential=induced).as_complex()
    return state.elsewhere(model, fields)


def _measured(state: State) -> tuple[float, float, float, float]:
    """M, G per site, mean |Δ| and the winding."""
    model: Model = state.model
    assert model.screening is not None
    assert state.fields.vector_potential is not None
    area = model.screening.faces.area
    moment = float(model.screening.circulating(state.fields.vector_potential) @ area / area.sum())
    gibbs = float(grand_potential(state)["gibbs_potential"]) / model.sample.n_sites
    wound = winding(model.sample, site_order(state), model.peierls_phase).sum()
    return moment, gibbs, float(state.fields.moduli.mean()), float(wound)

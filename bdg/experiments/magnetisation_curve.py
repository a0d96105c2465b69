"""The moment of a sample that screens, as the applied field grows or falls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from bdg.experiments.change import AppliedField
from bdg.experiments.curve import Line, curves
from bdg.experiments.follow import Branch, Measured, Point, branch
from bdg.model import Model
from bdg.observables.local.vortices import site_order, winding
from bdg.observables.needs import screened_field
from bdg.observables.parameters import FieldNumber, Steps
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.observables.thermodynamics.grand_potential import grand_potential

HALVINGS = 4
"""Times that the step of the list in which the winding changes is halved."""

LINES = {
    "curve_moment": Line("moment", "e t/hbar", "moment per area"),
    "curve_gibbs": Line("gibbs", "t", "grand potential with field, per site"),
    "curve_delta": Line("delta", "t", "mean |Δ|"),
    "curve_winding": Line("winding", "1", "winding of all vortices"),
}


@observable(
    title="Moment, G and vortices along the applied field, the state following.",
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
        all vortices) over ``applied``, see :func:`bdg.experiments.curve.curves`; ``entry_field``, at which
        the winding becomes another one, looked for between the fields of the list too, with its error; NaN if
        it stays.

    Raises
    ------
    InputError
        If nothing is screened, or the numbers are out of range.
    """
    start = AppliedField(stop).origin(state)
    fields = np.linspace(start, stop, num)
    magnetised = branch(state, _measured)
    points = list(magnetised.along([AppliedField(field) for field in fields.tolist()]))
    applied = Quantity(fields, ("applied",), "hbar/(e a^2)", "applied field")
    return curves(points, applied, LINES) | {"entry_field": _entry(magnetised, points)}


def _entry(magnetised: Branch[State], points: Sequence[Point[State]]) -> Quantity:
    """The field at which the winding changes and its error, from halves of the step in which it does."""
    name = "field at which the number of vortices changes"
    there = [point for point in points if not point.why]
    first = there[0]["winding"]
    after = next((n for n, point in enumerate(there) if point["winding"] != first), None)
    if after is None:
        return scalar(float("nan"), "hbar/(e a^2)", name)
    low, high = there[after - 1].change.value, there[after].change.value
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        point = magnetised.at(AppliedField(middle))
        if point.why:
            break
        low, high = (middle, high) if point["winding"] == first else (low, middle)
    return scalar(0.5 * (low + high), "hbar/(e a^2)", name, 0.5 * abs(high - low))


def _measured(state: State) -> Measured:
    """M, G per site, mean |Δ| and the winding."""
    model: Model = state.model
    assert model.screening is not None
    assert state.fields.vector_potential is not None
    area = model.screening.faces.area
    return {
        "moment": model.screening.circulating(state.fields.vector_potential) @ area / area.sum(),
        "gibbs": float(grand_potential(state)["gibbs_potential"]) / model.sample.n_sites,
        "delta": state.fields.moduli.mean(),
        "winding": winding(model.sample, site_order(state), model.peierls_phase).sum(),
    }

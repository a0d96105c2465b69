"""The current–phase relation of a junction, and its levels."""

from __future__ import annotations

import numpy as np

from bdg.errors import InputError, NumericalError
from bdg.observables.grand_potential import grand_potential
from bdg.observables.junction import biased, current_across, junction_of
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.response import relaxed
from bdg.observables.state import State
from bdg.observables.states import states

FOLLOWS_TO = 1e-9
"""Residual of the fields at every phase difference."""


def current_phase(
    state: State,
    stop: float = 2 * np.pi,
    num: int = 25,
    axis: int = 0,
    at: float | None = None,
    leads: float | None = None,
    levels: int = 0,
) -> dict[str, Quantity]:
    """Current I(φ) = (2e/ħ) ∂Ω/∂φ and Ω(φ) of a junction while φ grows from 0.

    φ = θ_before − θ_beyond is the phase difference added to that of the state: a vector potential on the
    bonds of a cut; see :mod:`bdg.observables.junction`. All fields follow, each state from the one before,
    but for the phase of Δ in the leads. Where there are several states at one φ, as in long weak links and in
    rings, the loop follows the first.

    Parameters
    ----------
    state
        A converged state.
    stop
        The last φ.
    num
        How many, 0 and ``stop`` included.
    axis
        Coordinate that the current is along.
    at
        Where on it the cut is; by default in the middle. Between leads the current is the same at every cut.
    leads
        Depth from either end, in lattice constants, to which the phase of Δ is held; its size follows.
        ``None`` holds nothing: of a ring, where φ = 2Φ, Φ the flux, or of a given Δ.
    levels
        How many of the lowest quasiparticle energies to find at each φ.

    Returns
    -------
    dict
        ``junction_current`` along the axis, in e t/ħ, ``junction_potential``, and with ``levels``
        ``junction_levels``, shape ``(num, levels)``, over ``phase_difference``; the largest |I| found,
        ``junction_critical_current``, and those along the axis and against it, ``junction_critical_forward``
        and ``junction_critical_backward``, which differ in a diode. Where the fields find no state, the
        list ends.

    Raises
    ------
    InputError
        If the numbers are out of range, or see :func:`bdg.observables.junction.junction_of`.
    NumericalError
        If the fields do not converge where φ = 0.
    """
    if not (np.isfinite(stop) and stop > 0) or num < 2:
        raise InputError(
            f"{num} steps up to {stop} are impossible; give a positive stop and num of at least 2"
        )
    if levels < 0:
        raise InputError(f"{levels} levels are impossible; give a number of at least 0")
    junction = junction_of(state.model, axis, at, leads)
    rows, found, now = list[tuple[float, ...]](), list[np.ndarray](), state
    for n in range(num):
        try:
            now = relaxed(biased(now, junction, stop / (num - 1)) if n else now, FOLLOWS_TO, junction.held)
        except NumericalError:
            if not n:
                raise
            break
        omega = float(grand_potential(now)["grand_potential"])
        rows.append((n * stop / (num - 1), current_across(now, junction), omega))
        if levels:
            found.append(states(now, levels)["states"].values)
    phase, current, omega_ = np.array(rows).T
    dims = ("phase_difference",)
    coords = {"phase_difference": Quantity(phase, dims, "rad", "phase difference")}
    notes = {"self_consistent": state.model.given_delta is None and state.is_converged}
    quantities = {
        "junction_current": Quantity(
            current, dims, "e t/hbar", f"junction current{state.each}", coords, attributes=notes
        ),
        "junction_potential": Quantity(omega_, dims, "t", f"grand potential{state.each}", coords),
        "junction_critical_current": scalar(
            float(np.abs(current).max()), "e t/hbar", "critical current of the junction"
        ),
    }
    for name, most in (("forward", current.max()), ("backward", -current.min())):
        text = f"critical current of the junction, {name}"
        quantities[f"junction_critical_{name}"] = scalar(float(most), "e t/hbar", text)
    if levels:
        name = "quasiparticle energy"
        quantities["junction_levels"] = Quantity(np.array(found), (*dims, "state"), "t", name, coords)
    return quantities

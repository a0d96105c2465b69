"""The conductance of a contact between two leads, and the probabilities it is made of."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bdg.errors import NumericalError
from bdg.leads import scattering, upper_lead_superconducts
from bdg.observables.blocks import WORTH_A_BLOCK, in_blocks
from bdg.observables.loops import Numbers
from bdg.observables.needs import lead_ends
from bdg.observables.parameters import Axis, Energies
from bdg.observables.quantity import Notes, Quantity, energy_axis, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State

NO_TRANSMISSION = 1e-12
"""A transmission, or a reflection, that is none."""

JUMP = 0.05
"""Error of a number of channels that only one that opens there makes."""


@observable(
    title="Conductance, transmission and Andreev reflection between two semi-infinite leads.",
    group="junctions",
    needs=lead_ends,
    example="{energies: {start: -1, stop: 1, num: 201}, axis: 0}",
)
def conductance(
    state: State,
    energies: Energies,
    axis: Annotated[Axis, "Direction of the leads, which continue the sample's outermost layers."] = 0,
) -> dict[str, Quantity]:
    """dI/dV = (e²/h)(T + 2 R_A) at eV = ω, without temperature, of electrons from the lower end of an axis.

    Both ends are semi-infinite, as their outermost layers are: a normal lead where Δ = 0 there, a
    superconducting one where not. Electrons come from a normal one. Blonder, Tinkham, Klapwijk, Phys. Rev. B
    25, 4515 (1982). I is the current in the lead at the lower end, V its voltage against everything else: the
    other lead and all that superconducts in between are grounded, and take up the pairs of the Andreev
    reflection wherever they enter. So a superconductor that is walled off from the other lead conducts as
    well; where both leads are normal, what reaches the other one is T alone, and a warning says so.

    Parameters
    ----------
    state
        The state; the fields are taken as they are in the sample.
    energies
        ω from the chemical potential, shape ``(n_energies,)``, in t.
    axis
        The direction that the leads are along, one of the sample's.

    Returns
    -------
    dict
        Over ``energy``, both spins summed: ``conductance`` in e²/h; ``transmission`` T into the other lead,
        as electrons or quasiparticles; ``andreev_reflection`` R_A; ``open_channels``, which is the most T +
        R_A can be; ``conductance_error``, a bound on the errors of these, see
        :class:`bdg.leads.Probabilities`. Where a channel opens they jump, and are the mean of both sides.
        NaN where they are not found. Beside them :func:`normal_resistance`.

    Raises
    ------
    InputError
        If an energy is not finite; or see :func:`bdg.leads.scattering`.
    """

    def compute(part: slice) -> Numbers:
        return {"rows": np.array([_both_spins(state, float(energy), axis) for energy in energies[part]])}

    rows = in_blocks(state, ("conductance", axis), energies, WORTH_A_BLOCK, compute)["rows"].reshape(-1, 4)
    channels, turned, through, error = rows.T
    dims, coords = ("energy",), {"energy": energy_axis(energies)}
    worst = float(np.max(error, where=np.isfinite(error), initial=0.0))

    def made(values: NDArray[np.float64], name: str) -> Quantity:
        return Quantity(values, dims, "1", name, coords, error=worst)

    has_pairs = bool(np.nanmax(turned, initial=0.0) > NO_TRANSMISSION)
    name = "conductance" + (", superconductors grounded" if has_pairs else "")
    whole, notes = through + 2 * turned, _notes(state, axis, energies, rows)
    return {
        "conductance": Quantity(whole, dims, "e^2/h", name, coords, error=3 * worst, attributes=notes),
        "transmission": made(through, "transmission, both spins"),
        "andreev_reflection": made(turned, "Andreev reflection, both spins"),
        "open_channels": made(channels, "open channels, both spins"),
        "conductance_error": Quantity(3 * error, dims, "e^2/h", "error of the conductance", coords),
        **normal_resistance(state, axis),
    }


def _notes(state: State, axis: int, energies: NDArray[np.float64], rows: NDArray[np.float64]) -> Notes:
    """What a reader must know of the conductance, if anything."""
    lines = []
    lost, jumps = energies[np.isnan(rows[:, 3])], energies[rows[:, 3] > JUMP]
    if len(lost):
        lines.append(f"the scattering is not found at {_listed(lost)} t, where the conductance is NaN")
    if len(jumps):
        lines.append(
            f"a channel opens at {_listed(jumps)} t, and the conductance there is the mean of both sides"
        )
    if np.nanmax(rows[:, 1], initial=0.0) > NO_TRANSMISSION and not upper_lead_superconducts(
        state.hamiltonian, state.model.sample, axis
    ):
        lines.append(
            "both leads are normal, and the superconductor between them is taken as grounded: the conductance"
            " is that of the lower lead, and of its current only the transmission reaches the upper one"
        )
    return {"warning": "; ".join(lines)} if lines else {}


def _listed(energies: NDArray[np.float64]) -> str:
    """Some energies, the first three by name."""
    more = f" and {len(energies) - 3} more" if len(energies) > 3 else ""
    return ", ".join(f"{energy:g}" for energy in energies[:3]) + more


def normal_resistance(state: State, axis: int = 0) -> dict[str, Quantity]:
    """R_N = h/(e² T) of the same contact without its pairs, at the chemical potential; T of both spins.

    Parameters
    ----------
    state
        The state.
    axis
        The direction that the leads are along.

    Returns
    -------
    dict
        ``normal_resistance`` in h/e², of an infinite sample that of one repetition across, NaN where it is
        not found; empty where no channel is open.

    Raises
    ------
    InputError
        If the ends are no leads, see :func:`bdg.leads.scattering`.
    """
    through, error = _both_spins(state, 0.0, axis, normal=True)[2:]
    if through <= NO_TRANSMISSION:
        return {}
    name, notes = "normal resistance" + (" of a repeated block" if state.each else ""), {}
    if np.isnan(through):
        notes = {"warning": "the scattering without pairs is not found at 0 t; no resistance"}
    elif error > JUMP:
        notes = {"warning": "a channel opens at 0 t; the resistance is that of the mean of both sides"}
    return {"normal_resistance": scalar(1 / through, "h/e^2", name, error / through**2, notes)}


def _both_spins(state: State, energy: float, axis: int, *, normal: bool = False) -> NDArray[np.float64]:
    """Open channels, R_A, T and their error, of electrons of both spins; NaN if they are not found.

    With 2 dofs, Ψ = (c_↑, c†_↓), an electron of spin down at ω is what comes in as a hole at −ω.
    """
    sample, hamiltonian = state.model.sample, state.hamiltonian

    def of_kind(kind: int, energy: float) -> NDArray[np.float64]:
        try:
            found = scattering(hamiltonian, sample, energy, axis, normal=normal)
        except NumericalError:
            return np.full(4, np.nan)
        return np.array(found)[:, kind]

    up = of_kind(0, energy)
    if hamiltonian.dofs == 4:
        return up
    return up + (up if state.model.is_spin_symmetric else of_kind(1, -energy))

"""The critical temperature of a sample."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from bdg.experiments.critical.channels import pictures, shares
from bdg.experiments.critical.instability import Instability, Known
from bdg.model.interactions import favoured
from bdg.observables.needs import free_pairs
from bdg.observables.parameters import Count, PositiveEnergy
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.scf.stability.ritz import Goal

NAME = "critical temperature"

MODES = Goal(3e-4)
"""How well the eigenvalues of the modes beside the first are known."""


MISSED = 1e-5
"""An eigenvalue as far above 1 at T_c is that of a mode which the search has not seen."""


@observable(
    title="Critical temperature, and which pairs arise there (normal states at several temperatures).",
    group="thermodynamics",
    needs=free_pairs,
    numbers={"critical_temperature": "T_c"},
)
def critical_temperature(
    state: State,
    lowest: Annotated[PositiveEnergy, "The lowest temperature that is tried."] = 1e-3,
    tolerance: Annotated[PositiveEnergy, "Largest error of the search for T_c."] = 1e-7,
    count: Annotated[Count, "How many of the modes of pairs to find."] = 4,
) -> dict[str, Quantity]:
    r"""T_c, below which the normal state is unstable towards pairs: the largest eigenvalue of K = W χ is 1.

    χ is the pair susceptibility of the normal state with its own self-consistent fields at every temperature
    (Hartree, exchange, Fock, μ of a filling), followed from those of the run, W the interaction; K v comes
    from the map of the loop at small pairs, whatever the solver (see :mod:`bdg.scf.stability.pairing`). It is
    the highest temperature with an eigenvalue 1. Where Δ jumps, as in a strong Zeeman field, it is the lower
    end of the normal state's stability. In an infinite sample pairs are those that repeat with it.

    Parameters
    ----------
    state
        A state of the sample at any temperature; its own pairs are left out.
    lowest
        In t.
    tolerance
        In t.
    count
        The largest eigenvalues of K at T_c.

    Returns
    -------
    dict
        ``critical_temperature`` with its error and, as ``channel``, the symmetry that most of the first mode
        has; 0 where nothing attracts pairs, NaN, with a warning, where there is none above ``lowest``.
        ``pairing_eigenvalues`` of the first modes at T_c (or ``lowest``); maps of these, ``pairing_mode`` on
        the sites, ``pairing_mode_singlet``, … on bonds with the projections ``pairing_mode_d_x2_y2``, …; and
        ``share_s``, ``share_d_x2_y2``, …, how much of each mode has which symmetry.

    Raises
    ------
    InputError
        If no pairs are self-consistent.
    NumericalError
        If a normal state is not found.
    """
    if "pairs" not in favoured(state.model):
        note = "no pairs arise at any temperature, as nothing attracts them"
        return {"critical_temperature": scalar(0.0, "t/k_B", NAME, 0.0, {"warning": note})}
    instability = Instability(state)
    bracket = instability.bracket(lowest)
    if bracket is None:
        found = _modes(state, instability, lowest, count)
        most = float(found["pairing_eigenvalues"].values[0])
        note = f"no T_c above {lowest:g} t: the largest eigenvalue there is {most:.6g}"
        return {"critical_temperature": scalar(np.nan, "t/k_B", NAME, attributes={"warning": note}), **found}
    while True:
        transition = instability.root(bracket, tolerance)
        found = _modes(state, instability, transition.temperature, count)
        missed = float(found["pairing_eigenvalues"].values[0]) - 1.0
        if missed < MISSED:
            break
        log = float(np.log(transition.temperature))  # pairs of another symmetry grow already
        bracket = Known(log, missed, 0.0), instability.above(log + float(np.log(2)))
    notes: Notes = {
        "fixed": "chemical potential" if state.model.filling is None else "filling",
        "channel": _channel(found),
        "eigenvalue_slope": transition.slope,
    }
    return {
        "critical_temperature": scalar(transition.temperature, "t/k_B", NAME, transition.error, notes),
        **found,
    }


def _modes(state: State, instability: Instability, temperature: float, count: int) -> dict[str, Quantity]:
    """The first modes at a temperature."""
    pairs, modes = instability.modes(temperature, count, MODES, looks=True)
    values, error = modes.values[:count].copy(), float(modes.errors[:count].max())
    values[0], rest = pairs.sharpened(modes.vectors[0])
    error += rest + abs(float(values[0] - modes.values[0]))  # what a finite size of the pairs does to all
    fields = [pairs.pairs_of(vector) for vector in modes.vectors[:count]]
    name, notes = "eigenvalues of the linearised map of pairs", {"temperature": temperature}
    eigenvalues = Quantity(values, ("mode",), "1", name, error=error, attributes=notes)
    return {
        "pairing_eigenvalues": eigenvalues,
        **pictures(state.model, fields, eigenvalues),
        **{
            f"share_{symmetry}": Quantity(
                share, ("mode",), "1", f"share of {symmetry.replace('_', ' ')} pairs"
            )
            for symmetry, share in shares(state.model, fields).items()
        },
    }


def _channel(found: dict[str, Quantity]) -> str:
    """The symmetry of most of the first mode."""
    of_first = {name: one.values[0] for name, one in found.items() if name.startswith("share_")}
    return max(of_first, key=lambda name: float(of_first[name])).removeprefix("share_") if of_first else ""

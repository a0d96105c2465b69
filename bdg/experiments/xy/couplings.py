r"""The couplings J of the XY model E = −Σ_bonds J cos(θ_i − θ_j) whose spins are the phases of Δ.

A uniform A turns the phase along a bond d by 2A·d, so that with the fields held

    Ω = Ω₀ + ½ Σ_b D_b (A·d_b)²,    D_b = −Σ_a d_a ∂J_b/∂A_a / |d_b|²,    J = ħ² D_b/4e².

Of the superfluid weight the bond has D_b: N D_aa = Σ_b d_a² D_b where bonds lie along coordinates.
A bond between orbitals at one place has its diamagnetic part alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.expectations import bond_current, bond_stiffness, current_of
from bdg.model.fields import zeros_like
from bdg.observables.response.vector_potential import model_in_potential
from bdg.observables.state import State
from bdg.scf.derivative import CorrelatorChanges, Derivative

NORMAL = 1e-3
"""Largest |Δ| of a normal state, in t, whose phases mean nothing."""

FLOWING = 1e-5
"""Largest current of a bond at rest, as a share of the largest coupling."""


def bond_couplings(state: State) -> tuple[Floats, float]:
    """J of every bond, in t, shape ``(n_bonds,)``, and its error; 0 of a normal state.

    Raises
    ------
    InputError
        If the state carries currents.
    """
    steps = state.model.sample.bonds.displacement
    if state.fields.moduli.max() <= NORMAL:
        return np.zeros(len(steps)), 0.0
    stiffness = bond_stiffness(state.model, state.on_bonds)
    change, error = _paramagnetic(state)
    squared = np.sum(steps**2, axis=1)
    flow = stiffness * squared - np.einsum("ab,ba->b", change, steps)
    weight = np.divide(flow, squared, out=stiffness.copy(), where=squared > 0)
    largest = float(np.abs(weight).max(initial=0.0))
    if np.abs(bond_current(state.model, state.on_bonds)).max(initial=0.0) > FLOWING * largest:
        raise InputError("phases of a state with currents are not those of an XY model; take the field away")
    return weight / 4, error / 4


def _paramagnetic(state: State) -> tuple[Floats, float]:
    """∂J_b/∂A_a by the response of f(H), shape ``(n_axes, n_bonds)``, and its error."""
    steps = state.model.sample.bonds.displacement
    model = model_in_potential(state.model, np.zeros(len(steps)))
    fields = replace(state.fields, vector_potential=None)
    drivers = [replace(zeros_like(fields), vector_potential=along) for along in steps.T]
    slopes = Derivative(model, state.solver, fields).along(*drivers)
    made = [current_of(model, CorrelatorChanges(model.sample, slope.f)["normal"]) for slope in slopes]
    hops = float(np.abs(model.spin_amplitude).sum(axis=(1, 2)).max(initial=0.0))
    return np.array(made), 2 * hops * (max(slope.f.error for slope in slopes) + state.on_bonds.error)

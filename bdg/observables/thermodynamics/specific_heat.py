"""The specific heat at fixed chemical potential and at fixed filling."""

from __future__ import annotations

import numpy as np

from bdg.arrays import Numbers
from bdg.expectations import spin_density
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.spectra.spectral_gap import spectral_gap
from bdg.observables.state import State
from bdg.observables.thermodynamics.entropy import FROZEN, entries
from bdg.scf.derivative import FINEST, scaled
from bdg.scf.stability.warming import warmings

FIXED = {"mu": "chemical potential", "filling": "number of electrons"}
"""What is held, by the end of its quantity's name."""


@observable(
    title="Specific heat at fixed chemical potential and at fixed filling, the fields following.",
    group="thermodynamics",
    numbers={
        "specific_heat_mu": "Specific heat at fixed μ",
        "specific_heat_filling": "Specific heat, fixed n",
    },
    uses_places=False,
)
def specific_heat(state: State) -> dict[str, Quantity]:
    r"""C = T dS/dT with every self-consistent field following, in k_B, of the whole sample.

    dS/dT = ∂S/∂T + (∂y/∂T)·(1 − J)⁻¹ ∂F/∂T from the linearised map J of the state, see
    :mod:`bdg.scf.stability.warming`: no second state is needed, so that C is that of the state's own side of
    a transition right up to it. ∂f(H)/∂T at fixed fields is the response of f(H) to −H/T, or S a sum over
    levels where these are known. In the normal state Δ is held at 0, and C is that of normal electrons.

    Returns
    -------
    dict
        ``specific_heat_mu`` and ``specific_heat_filling``, at fixed μ and N, whichever of the two the run
        fixes; ``specific_heat_held``, T ∂S/∂T with fields and μ held; ``order_parameter_slope``, dΔ_i/dT
        under the condition of the run.

    Raises
    ------
    NumericalError
        If the state does not follow the temperature, as at T_c itself.
    """
    temperature = state.model.temperature
    if temperature == 0:
        return _frozen(state)
    gap = float(spectral_gap(state)["spectral_gap"])
    held, error = (0.0, 0.0) if gap > FROZEN * temperature else _held(state)
    electrons = float(spin_density(state.on_sites).sum())
    scale = float(np.hypot(np.pi * temperature, gap))
    found = warmings(state.model, state.solver, state.fields, electrons / state.model.sample.n_sites, scale)
    notes: Notes = {"self_consistent": state.is_converged}
    if state.model.screening is not None:
        notes = {**notes, "warning": "the specific heat is that with the field of the currents held"}
    run = found["mu" if state.model.filling is None else "filling"]
    values = {
        f"specific_heat_{name}": scalar(
            held + temperature * one.entropy,
            "k_B",
            f"specific heat at fixed {FIXED[name]}{state.each}",
            error + temperature * one.error,
            notes,
        )
        for name, one in found.items()
    }
    return {
        **values,
        "specific_heat_held": _of_fields_held(state, held, error),
        "order_parameter_slope": _slope_of(state, run.fields.delta),
    }


def _frozen(state: State) -> dict[str, Quantity]:
    """At T = 0: nothing, by the third law."""
    return {
        **{
            f"specific_heat_{name}": scalar(0.0, "k_B", f"specific heat at fixed {what}{state.each}", 0.0)
            for name, what in FIXED.items()
        },
        "specific_heat_held": _of_fields_held(state, 0.0, 0.0),
        "order_parameter_slope": _slope_of(state, np.zeros_like(state.fields.delta)),
    }


def _of_fields_held(state: State, value: float, error: float) -> Quantity:
    return scalar(value, "k_B", f"specific heat with all fields held{state.each}", error)


def _slope_of(state: State, values: Numbers) -> Quantity:
    values = values if np.iscomplexobj(state.fields.delta) else np.real(values)
    return Quantity(values, ("site",), "k_B", "slope of the order parameter in temperature")


def _held(state: State) -> tuple[float, float]:
    """T ∂S/∂T at fixed fields and μ, and its error: ∂/∂T of the energy tr H f(H) of fixed levels."""
    temperature, hamiltonian = state.model.temperature, state.hamiltonian
    half = 0.5 if hamiltonian.dofs == 4 else 1.0
    if state.all_levels is not None:
        energies, weights = state.all_levels
        x = np.minimum(np.abs(energies) / temperature, 700.0)
        value = half * float(np.sum(weights * (x / (2 * np.cosh(x / 2))) ** 2))
        return value, float(np.finfo(float).eps) * hamiltonian.norm_bound() / temperature * value
    pattern, values = entries(hamiltonian)
    cooler = scaled(hamiltonian, -1.0 / temperature)
    (f,) = state.solver.response(hamiltonian, [cooler], temperature, pattern, tolerance=FINEST)
    value = half * float(np.sum(np.conj(values) * f.blocks).real)
    return value, half * f.error * float(np.linalg.norm(values))

"""Condensation and internal energy: against closed formulas, Maxwell's relations and ⟨H⟩ term by term."""

from dataclasses import replace

import numpy as np
import pytest

from bdg.lattice import build_sample
from bdg.model import Disorder, build_model
from bdg.observables import State
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.diagonalization import Diagonalization
from bdg.theory.uniform import thermodynamics as thermo
from bdg.theory.uniform.gap import solve
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from tests.bridge import measure

DENSE = Diagonalization(threads=1)
TIGHT = ScfOptions(tolerance=1e-11, max_iterations=1000)
SIZE = (6, 6)


def state_of(model, initial="uniform"):
    outcome = self_consistency(model, DENSE, TIGHT, initial=initial)
    assert outcome.status == "converged"
    return State(model, outcome.fields, outcome.hamiltonian, DENSE)


def square(*size, **terms):
    return build_model(build_sample("square", list(size), "periodic"), **({"temperature": 0.1} | terms))


@pytest.mark.parametrize("form", ["s", "d"])
@pytest.mark.parametrize("temperature", [0.0, 0.15])
@pytest.mark.parametrize("fixed", ["mu", "filling"])
def test_of_a_uniform_superconductor_it_is_that_of_theory(form, temperature, fixed):
    if fixed == "filling" and temperature == 0:
        temperature = 0.05  # the normal density of a torus jumps at T = 0
    band = lattice_band(Dispersion("square"), SIZE, form)
    exact = solve(band, 3.0, temperature, mu=-0.4)
    assert exact.delta > 0.05
    terms = {"attraction": 3.0} if form == "s" else {"bond_attraction": 3.0, "channels": "d_x2_y2"}
    given = {"chemical_potential": -0.4} if fixed == "mu" else {"filling": exact.density}
    found = measure(state_of(square(*SIZE, temperature=temperature, **given, **terms)), "condensation_energy")
    of_theory = thermo.condensation_energy if fixed == "mu" else thermo.free_energy_gain
    assert found["condensation_energy"] / np.prod(SIZE) == pytest.approx(of_theory(exact), abs=1e-9)


TERMS = {
    "disorder at fixed filling": {
        "filling": 0.8,
        "disorder": Disorder(1.5, 1),
        "fields": ("pairing", "hartree"),
    },
    "fixed μ": {"chemical_potential": -0.5},
}


@pytest.mark.parametrize("name", TERMS)
def test_its_slope_in_temperature_is_minus_the_difference_of_the_entropies(name):
    def found(temperature):
        return measure(
            state_of(square(4, 4, attraction=2.8, temperature=temperature, **TERMS[name])),
            "condensation_energy",
        )

    step, at = 2e-3, 0.2
    values = [float(found(at + n * step)["condensation_energy"]) for n in (-2, -1, 1, 2)]
    slope = np.dot([1, -8, 8, -1], values) / (12 * step)
    entropies = float(found(at)["entropy_of_condensation"])
    assert entropies > 0.1
    assert -slope == pytest.approx(entropies, abs=1e-6)


def test_in_the_normal_state_it_is_zero():
    state = state_of(square(4, 4, attraction=2.0, chemical_potential=-0.5, temperature=0.8), initial="normal")
    found = measure(state, "condensation_energy")
    assert found["condensation_energy"] == pytest.approx(0.0, abs=1e-10)
    assert found["entropy_of_condensation"] == pytest.approx(0.0, abs=1e-10)


def test_the_critical_field_of_a_sample_that_screens_is_that_of_its_condensation_energy():
    sample = build_sample("square", [4, 4])
    model = build_model(
        sample, attraction=3.0, chemical_potential=-0.5, temperature=0.1, screening={"mu0": 0.2}
    )
    found = measure(state_of(model), "condensation_energy")
    energy = float(found["condensation_energy"]) / 16
    assert energy > 0.01
    assert found["critical_field"] == pytest.approx(np.sqrt(2 * 0.2 * energy), rel=1e-12)
    assert "critical_field" not in measure(state_of(square(3, 3, attraction=3.0)), "condensation_energy")


@pytest.mark.parametrize("hartree", [False, True])
def test_the_internal_energy_is_the_sum_of_kinetic_onsite_and_interaction_energies(hartree):
    """⟨H⟩ = Σ_bonds kinetic + Σ ε n − Σ U (F² + n_↑ n_↓), the last only where Hartree fields are on."""
    fields = ("pairing", "hartree") if hartree else ("pairing",)
    model = square(4, 4, attraction=2.5, filling=0.8, disorder=Disorder(1.5, 1), fields=fields)
    state = state_of(model)
    density = measure(state, "density")["density"]
    pairs = measure(state, "anomalous_density")["anomalous_density"]
    interaction = -2.5 * np.sum(np.abs(pairs) ** 2) - hartree * 2.5 * np.sum((density / 2) ** 2)
    kinetic = float(measure(state, "kinetic_energy")["total_kinetic_energy"])
    expected = kinetic + float(model.onsite @ density) + interaction
    assert measure(state, "internal_energy")["internal_energy"] == pytest.approx(expected, abs=1e-9)


def test_its_slope_is_the_specific_heat_at_fixed_filling():
    model = square(4, 4, attraction=2.5, filling=0.8, temperature=0.12)
    step = 1e-3
    values = [
        float(
            measure(state_of(replace(model, temperature=0.12 + n * step)), "internal_energy")[
                "internal_energy"
            ]
        )
        for n in (-2, -1, 1, 2)
    ]
    slope = np.dot([1, -8, 8, -1], values) / (12 * step)
    assert measure(state_of(model), "specific_heat")["specific_heat_filling"] == pytest.approx(
        slope, abs=1e-6
    )

"""The error that a quantity states covers the distance to the truth, whatever accuracy was asked for.

The truth of the same fields comes from all eigenvectors; the tested value from the rational expansion, at a
tolerance that is asked of it (1e-3, 1e-5, or next to nothing).
"""

from dataclasses import replace

import numpy as np
import pytest

from bdg import solve
from bdg.experiments.josephson.critical import SHARP
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Fields, build_model
from bdg.model.interactions import mean_field
from bdg.nambu import NambuAssembler
from bdg.observables import State, measure
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests.support.junctions import barrier, relation, through_barrier

DENSE, ENGINE = Diagonalization(threads=1), SelectedInversion(threads=1)
ENERGIES = np.array([-1.3, -0.2, 0.0, 0.35, 1.1])
SPECTRUM = {"energies": ENERGIES, "broadening": 0.08}
TORUS = ["periodic", "periodic"]

MODELS = {
    "dirty": (build_sample("square", [7, 6], TORUS), {"disorder": Disorder(1.5)}),
    "half filled": (build_sample("square", [6, 6], TORUS), {"chemical_potential": 0.0}),
    "normal": (build_sample("square", [7, 5], TORUS), {"given_delta": 0.0, "chemical_potential": -0.3}),
    "at zero temperature": (build_sample("square", [7, 6]), {"temperature": 0.0}),
    "hot": (build_sample("square", [6, 5]), {"temperature": 2.0}),
    "in a vector potential": (build_sample("square", [8, 6], TORUS), {"vector_potential": [0.2, -0.1]}),
    "with spin and orbit": (
        build_sample("square", [6, 5], TORUS),
        {"rashba": 0.4, "zeeman": [0.1, 0.0, 0.3], "disorder": Disorder(0.7)},
    ),
    "in a field along z": (build_sample("square", [7, 5], TORUS), {"zeeman": 0.2}),
    "without ends, one momentum": (build_sample("square", [9, 1], ["open", Boundary("bloch", n_k=1)]), {}),
    "without ends": (build_sample("square", [9, 1], ["open", Boundary("bloch", n_k=12)]), {"onsite": 0.2}),
    "two dimensions of momenta": (
        build_sample("honeycomb", [1, 1], [Boundary("bloch", n_k=9), Boundary("bloch", n_k=8)]),
        {"chemical_potential": 0.0},
    ),
}
MEASURED = {
    "density": {},
    "anomalous_density": {},
    "magnetisation": {},
    "currents": {},
    "grand_potential": {},
    "entropy": {},
    "ldos": SPECTRUM,
    "dos": SPECTRUM,
    "current_spectrum": SPECTRUM,
    "spectral_gap": {},
    "superfluid_weight": {},
}
FLOOR = 1e-12
"""Rounding of the eigenvectors' own sums, on the scale of the numbers."""


def state_of(name, solver, tolerance):
    sample, terms = MODELS[name]
    settings = {"chemical_potential": -0.5, "given_delta": 0.3, "temperature": 0.05, "fields": ()}
    model = build_model(sample, **(settings | terms))
    delta = np.broadcast_to(model.given_delta, sample.n_sites).copy()
    fields = Fields(delta, np.zeros((2, sample.n_sites)), model.chemical_potential)
    return State(model, fields, NambuAssembler(model).matrix(fields), solver, tolerance)


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5, 1e-12])
@pytest.mark.parametrize("name", MODELS)
def test_the_error_covers_the_distance_to_all_eigenvectors(name, tolerance):
    exact, state = state_of(name, DENSE, 1e-10), state_of(name, ENGINE, tolerance)
    missed, checked = {}, 0
    for observable, parameters in MEASURED.items():
        if observable == "superfluid_weight" and not any(e.is_periodic for e in state.model.sample.boundary):
            continue
        truth = measure(exact, observable, parameters)
        for key, quantity in measure(state, observable, parameters).items():
            off = np.abs(quantity.values - truth[key].values).max(initial=0.0)
            floor = FLOOR * max(1.0, float(np.abs(truth[key].values).max(initial=0.0)))
            if quantity.error is None:
                assert off <= floor, key
                continue
            checked += 1
            if not off <= quantity.error + floor:
                missed[key] = (float(off), quantity.error)
    assert missed == {}
    assert checked >= 12


@pytest.mark.parametrize("temperature", [0.3, 0.05, 0.002])
@pytest.mark.parametrize("name", ["dirty", "half filled", "normal", "with spin and orbit", "without ends"])
def test_differences_of_the_current_cover_kubo_s_formula(name, temperature):
    """At low T the current of a normal metal is no polynomial in A over a step, and the error says so."""
    state = state_of(name, DENSE, 1e-10)
    model = replace(state.model, temperature=temperature)
    state = State(model, state.fields, NambuAssembler(model).matrix(state.fields), DENSE)
    exact, found = (measure(state, "superfluid_weight", {"method": m}) for m in ("exact", "difference"))
    for key in ("superfluid_weight", "diamagnetic", "paramagnetic"):
        off = np.abs(found[key].values - exact[key].values).max()
        assert off <= found[key].error + exact[key].error, (key, off)
    mean = np.diag(exact["superfluid_weight"].values)
    local = found["local_stiffness"]
    assert np.abs(local.values.mean(axis=1) - mean).max() <= local.error
    if name != "normal":
        assert local.error < 1e-3


@pytest.mark.parametrize("tolerance", [1e-3, 1e-8])
def test_the_weight_of_fields_that_follow_covers_the_second_derivative_of_omega(tolerance):
    sample = build_sample("square", [5, 4], TORUS)
    terms = {"attraction": 2.5, "disorder": Disorder(1.0), "chemical_potential": -0.5, "temperature": 0.2}

    def solved(a):
        model = build_model(sample, vector_potential=[a, 0.0], **terms)
        options = ScfOptions(1e-12, 500)
        outcome = self_consistency(model, DENSE, options)
        return State(model, outcome.fields, outcome.hamiltonian, DENSE)

    def omega(a):
        return float(measure(solved(a), "grand_potential")["grand_potential"])

    h = 0.005
    curvature = (16 * omega(h) - omega(2 * h) - 15 * omega(0.0)) / (6 * h**2) / sample.n_sites
    state = replace(solved(0.0), solver=ENGINE, tolerance=tolerance)
    weight = measure(state, "superfluid_weight", {"relax": True})["relaxed_weight"]
    assert abs(weight.values[0, 0] - curvature) <= weight.error + 1e-7  # what the curvature is known to


@pytest.mark.parametrize(
    "name", ["dirty", "half filled", "normal", "with spin and orbit", "at zero temperature"]
)
def test_the_error_of_the_lowest_levels_covers_those_of_all_eigenvectors(name):
    exact, state = state_of(name, DENSE, 1e-10), state_of(name, ENGINE, 1e-10)
    levels = np.sort(np.abs(exact.levels[0]))[:: 2 if exact.hamiltonian.dofs == 4 else 1]
    for observable, key in (("states", "states"), ("zero_modes", "lowest_levels")):
        found = measure(state, observable, {"count": 6})[key]
        off = np.abs(np.sort(np.abs(found.values)) - np.sort(levels)[: len(found.values)])
        assert off.max() <= found.error + FLOOR


@pytest.mark.parametrize("mu", [0.0, -0.7, 1.3])
@pytest.mark.parametrize("height", [0.0, 0.9])
def test_the_error_of_a_conductance_covers_the_closed_form(mu, height):
    """A site of energy V in a normal chain, also at the centre of the band and for no barrier at all."""
    model = barrier(4, 0.0, height, chemical_potential=mu, temperature=0.0)
    sample, solver = model.sample, DENSE
    fields = Fields(np.zeros(sample.n_sites), np.zeros((2, sample.n_sites)), mu)
    state = State(model, fields, NambuAssembler(model).matrix(fields), solver)
    energies = np.array([0.0, 0.2])
    found = measure(state, "conductance", {"energies": energies})["conductance"]
    exact = [2 * through_barrier(height, mu + energy) for energy in energies]
    assert np.abs(found.values - exact).max() <= found.error
    assert found.error < 1e-6


def test_the_error_of_a_critical_current_covers_the_largest_of_a_fine_curve():
    model = barrier(5, 0.4, 0.6, chemical_potential=-0.3, temperature=0.02)
    coarse = relation(model, num=9)
    found = coarse["junction_critical_current"]
    fine = relation(model, num=401)["junction_current"].values
    assert abs(float(found) - np.abs(fine).max()) <= found.error + 5e-5 * float(found)  # of the curve's step
    assert found.error < 1e-3 * float(found)


@pytest.mark.parametrize(("height", "temperature"), [(0.6, 0.02), (0.0, 0.1), (3.0, 0.3)])
def test_the_error_of_extremes_between_leads_contains_that_of_the_current(height, temperature):
    model = barrier(5, 0.4, height, chemical_potential=-0.3, temperature=temperature)
    rough, fine = (
        solve(
            model, observables={"current_phase": {"num": 25, "leads": "semi_infinite"}}, solver_tolerance=at
        )
        for at in (1e-4, 1e-12)
    )
    for which in ("critical_current", "critical_forward", "critical_backward"):
        one, other = rough[f"junction_{which}"], fine[f"junction_{which}"]
        assert one.error > rough["junction_current"].error > 1e-3 * SHARP * float(one)
        assert abs(float(one) - float(other)) <= one.error + other.error


@pytest.mark.parametrize("temperature", [0.05, 0.4])
def test_the_error_of_a_stability_eigenvalue_covers_the_jacobian_by_differences(temperature):
    sample = build_sample("chain", [7])
    terms = {"attraction": 2.2, "disorder": Disorder(0.8), "chemical_potential": -0.3}
    model = build_model(sample, temperature=temperature, **terms)
    outcome = self_consistency(model, DENSE, ScfOptions(1e-13, 500))
    state = State(model, outcome.fields, outcome.hamiltonian, DENSE)

    def image(vector):
        delta = vector[:7] + 1j * vector[7:]
        fields = replace(outcome.fields, delta=delta)
        moved = State(model, fields, NambuAssembler(model).matrix(fields), DENSE)
        out = mean_field(model, "delta", measure(moved, "anomalous_density")["anomalous_density"].values)
        return np.concatenate([out.real, out.imag])

    at = np.concatenate([outcome.fields.delta.real, np.imag(outcome.fields.delta)])
    h = 1e-5
    jacobian = np.array([(image(at + h * e) - image(at - h * e)) / (2 * h) for e in np.eye(14)]).T
    largest = np.sort(np.linalg.eigvals(jacobian).real)[::-1]
    found = measure(state, "stability", {"count": 2})["stability_eigenvalues"]
    truth = [value for value in largest if abs(value - 1) > 1e-6]  # without the rotation of the phase
    assert np.abs(found.values - truth[:2]).max() <= found.error + 1e-7, (found.values, largest)


@pytest.mark.slow
def test_the_error_of_a_critical_superflow_covers_a_finer_search():
    sample = build_sample("square", [1, 1], [Boundary("bloch", n_k=24)] * 2)
    model = build_model(sample, attraction=2.5, chemical_potential=-0.5, temperature=0.15)

    def flow(num):
        return solve(model, observables={"superflow": {"stop": 0.6, "num": num}})

    coarse, fine = flow(7)["critical_current"], flow(61)["critical_current"]
    assert abs(float(coarse) - float(fine)) <= coarse.error + fine.error
    assert float(coarse) + coarse.error >= np.nanmax(np.abs(flow(241)["superflow_current"].values))
    assert coarse.error < 1e-3 * float(coarse)


@pytest.mark.slow
def test_the_error_of_a_largest_ring_current_covers_a_finer_search():
    ring = build_sample("chain", [14], ["periodic"])
    model = build_model(ring, attraction=2.0, chemical_potential=-0.4, temperature=0.08)
    coarse, fine = (solve(model, observables={"persistent_current": {"num": num}}) for num in (11, 61))
    found, finer = coarse["largest_persistent_current"], fine["largest_persistent_current"]
    assert float(found) + found.error >= np.abs(fine["persistent_current"].values).max() - 1e-8
    assert abs(float(found) - float(finer)) <= found.error + finer.error + 1e-8
    assert found.error < 0.05 * float(found)

"""Junctions: currents as derivatives of Ω, tunnelling, Andreev levels, the phase held in leads."""

import numpy as np
import pytest

from bdg import Disorder, ScfOptions, State, build_model, build_sample, solve
from bdg.errors import InputError
from bdg.expectations import bond_current, divergence
from bdg.experiments.josephson.junction import biased, current_across, junction_of
from bdg.experiments.loop import converged
from bdg.lattice import Boundary
from bdg.nambu import NambuAssembler
from bdg.observables import measure
from bdg.observables.loops import Loops
from bdg.solvers import choose
from tests.reference import derivative
from tests.support.junctions import relation, through_weak_link, weak_link

TIGHT = 1e-11


def dirty(**given):
    """A normal strip between two superconductors, disordered everywhere."""
    sample = build_sample("square", (16, 3), ["open", "periodic"])
    return build_model(sample, chemical_potential=-0.5, disorder=Disorder(0.6, 1), temperature=0.1, **given)


def outside(strength):
    return lambda x, y: strength * (np.abs(x - 7.5) > 1)


LINKS = {
    "s wave": {"attraction": outside(2.5)},
    "spin–orbit in a field": {"attraction": outside(2.5), "rashba": 0.4, "zeeman": [0.0, 0.2, 0.05]},
    "d wave": {"bond_attraction": outside(2.0), "channels": "d_x2_y2"},
}


@pytest.mark.parametrize("name", LINKS)
def test_the_current_is_the_derivative_of_omega_and_conserved_between_the_leads(name):
    model = dirty(**LINKS[name])
    solver = choose("diagonalization", rows=96, temperature=0.1)
    fields = solve(model, observables=(), solver=solver, scf=ScfOptions(TIGHT)).fields
    loops = Loops(ScfOptions(TIGHT))
    state = State(model, fields, NambuAssembler(model).matrix(fields), solver, loops=loops)
    leads = 3.0
    junction = junction_of(model, 0, None, leads)

    def at(phase):
        return converged(biased(state, junction, phase), junction.held)

    def omega(phase):
        return float(measure(at(phase), "grand_potential")["grand_potential"])

    now = at(0.8)
    current = current_across(now, junction)
    assert current == pytest.approx(2 * derivative(omega, 0.8), abs=1e-7)
    assert abs(current) > 1e-2
    sources = divergence(model.sample, bond_current(now.model, now.on_bonds))
    assert np.abs(sources[~junction.held]).max() < 1e-8
    assert sources[model.sample.positions[:, 0] < leads].sum() == pytest.approx(current, abs=1e-8)
    for place in (5.0, 9.5):  # another cut is another gauge
        elsewhere = junction_of(model, 0, place, leads)
        there = converged(biased(state, elsewhere, 0.8), elsewhere.held)
        assert current_across(there, elsewhere) == pytest.approx(current, abs=1e-8)
        assert there.fields.moduli == pytest.approx(now.fields.moduli, abs=1e-8)


def test_a_closed_junction_feels_twice_the_flux():
    attraction = np.where(np.arange(16) < 12, 2.5, 0.0)
    given = {"attraction": attraction, "chemical_potential": -0.5, "temperature": 0.1}
    open_ring = build_model(build_sample("chain", (16,), "periodic"), **given)
    result = solve(
        open_ring,
        observables={"current_phase": {"stop": 1.0, "num": 3, "at": 13.5}},
        scf=ScfOptions(TIGHT),
    )
    twisted = build_model(build_sample("chain", (16,), Boundary("periodic", -0.5)), **given)
    flux = solve(twisted, observables=("currents", "grand_potential"), scf=ScfOptions(TIGHT))
    assert result["junction_current"].values[-1] == pytest.approx(flux["bond_current"].values[0], abs=1e-8)
    assert result["junction_potential"].values[-1] == pytest.approx(float(flux["grand_potential"]), abs=1e-9)
    assert result["junction_current"].values[-1] > 1e-2


def test_the_tunnel_current_is_the_sum_over_the_leads_own_anomalous_functions():
    """I = 4 T t'² Σ_n F_L(iω_n) F_R(iω_n) sin φ, the n of both signs, except for the order t'⁴."""
    n, mu, delta, temperature = 12, -0.4, 0.4, 0.08
    onsite = np.random.default_rng(5).uniform(-1, 1, 2 * n)
    frequencies = np.pi * temperature * (2 * np.arange(20000) + 1)

    def anomalous(energies, end):
        h = np.diag(energies - mu) - np.eye(n, k=1) - np.eye(n, k=-1)
        levels, states = np.linalg.eigh(np.block([[h, delta * np.eye(n)], [delta * np.eye(n), -h]]))
        weights = states[end] * states[n + end]
        # Levels come in pairs ±E with opposite weights: the imaginary parts cancel.
        return np.sum(weights[:, None] * -levels[:, None] / (frequencies**2 + levels[:, None] ** 2), axis=0)

    pairs = anomalous(onsite[:n], n - 1) * anomalous(onsite[n:], 0)
    lowest = 8 * temperature * pairs.sum() * np.sin(1.1)
    given = {"onsite": onsite, "chemical_potential": mu, "temperature": temperature}
    ratios = []
    for weak in (0.2, 0.1, 0.05):
        result = relation(weak_link(n, delta, weak, **given), stop=1.1, num=2)
        ratios.append(result["junction_current"].values[-1] / (weak**2 * lowest))
    off = 1 - np.array(ratios)
    assert abs(off[2]) < 2e-3
    assert off[:2] / off[1:] == pytest.approx([4, 4], rel=0.1)


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_critical_current_and_normal_resistance_of_a_tunnel_junction(share):
    """Ambegaokar and Baratoff's I_c = (πΔ/2e R_N) tanh(Δ/2T), 1/R_N = (e²/πħ) τ, with the order τ², at π/2.

    I = eΔ² τ/(2ħE) tanh(E/2T), E² = Δ²(1 − τ/2), is the limit Δ/t → 0; the band adds Δ/t and (Δ/t) ln(Δ/t).
    """
    weak, mu, deltas = 0.05, -0.5, np.array([0.08, 0.04, 0.02])
    tau = through_weak_link(weak, mu)
    currents = []
    for delta in deltas:
        model = weak_link(round(12 / delta), delta, weak, chemical_potential=mu, temperature=share * delta)
        currents.append(relation(model, stop=np.pi / 2, num=2)["junction_current"].values[-1] / delta)
    terms = np.stack([np.ones(3), deltas, deltas * np.log(deltas)], axis=1)
    limit = np.linalg.solve(terms, currents)[0]
    level = np.sqrt(1 - tau / 2)
    assert limit == pytest.approx(0.5 * tau / level * np.tanh(0.5 * level / share), rel=2e-3)
    assert limit == pytest.approx(0.5 * tau * np.tanh(0.5 / share), rel=0.01)


@pytest.mark.slow
def test_a_flux_in_the_barrier_makes_a_diffraction_pattern():
    """Minima at whole h/2e within 2 %, with under 3 % of the current; the side lobe of a uniform sheet."""
    sample = build_sample("square", (9, 16), "open")
    here = sample.positions[:, 0] == 4
    model = build_model(
        sample,
        chemical_potential=-2.0,
        onsite=4.0 * here,
        given_delta=0.3 * ~here,
        fields=(),
        temperature=0.05,
    )
    fluxes = {"stop": 3.06, "num": 154, "phases": 4}  # π/2 and 3π/2 are the largest
    result = solve(model, observables={"fraunhofer": fluxes})
    pattern, flux = result["fraunhofer"].values, result["fraunhofer"].coords["junction_flux"].values
    pattern = pattern / pattern[0]
    for n in (1, 2, 3):
        near = np.flatnonzero(np.abs(flux - n) < 0.2 if n < 3 else flux > 2.8)
        least = near[np.argmin(pattern[near])]
        assert flux[least] == pytest.approx(n, rel=0.02)
        whole = {"stop": float(n), "num": 2, "phases": 24}
        found = solve(model, observables={"fraunhofer": whole})["fraunhofer"].values
        assert found[1] < 0.03 * found[0]
    assert pattern[(flux > 1) & (flux < 2)].max() == pytest.approx(0.2172, rel=0.1)


def test_spin_orbit_coupling_in_a_field_makes_a_diode():
    """The critical currents forward and backward differ, and change places with the field."""
    sample = build_sample("square", (14, 3), "open")
    normal = np.abs(sample.positions[:, 0] - 6.5) < 2

    def critical(field, rashba=0.8, **leads):
        model = build_model(
            sample,
            chemical_potential=-1.5,
            given_delta=0.5 * ~normal,
            fields=(),
            rashba=rashba,
            zeeman=[0.0, field * normal, 0.0],
            temperature=0.05,
        )
        result = relation(model, num=25, **leads)
        efficiency = result["junction_diode_efficiency"]
        return [float(result[f"junction_critical_{way}"]) for way in ("forward", "backward")], efficiency

    for leads in ({}, {"leads": "semi_infinite"}):
        (there, one), (back, other) = critical(0.4, **leads), critical(-0.4, **leads)
        assert there == pytest.approx(back[::-1], rel=1e-6)
        assert float(one) == pytest.approx((there[0] - there[1]) / sum(there), rel=1e-12)
        assert float(other) == pytest.approx(-float(one), abs=one.error)
        assert abs(float(one)) > 0.02 > 100 * one.error
    for field, rashba in ((0.0, 0.8), (0.4, 0.0)):
        _, efficiency = critical(field, rashba)
        assert abs(float(efficiency)) < efficiency.error + 1e-12


def test_two_states_at_one_phase_are_no_diode():
    """Where a state with a current outlasts φ = π, φ has to fall from 0 for the same the other way."""
    sample = build_sample("chain", (22,), "open")
    link = {"attraction": lambda x: 2.0 * (np.abs(x - 10.5) > 2), "chemical_potential": -0.4}
    result = relation(build_model(sample, temperature=0.01, **link), num=33, leads=5.0)
    current, efficiency = result["junction_current"], result["junction_diode_efficiency"]
    assert current.attributes["hysteretic"]
    forward = result["junction_critical_forward"]
    assert forward.attributes["phase_difference"] > 1.05 * np.pi
    assert forward.values > -1.05 * current.values.min()
    assert abs(float(efficiency)) <= efficiency.error
    warm = relation(build_model(sample, temperature=0.15, **link), num=33, leads=5.0)
    assert not warm["junction_current"].attributes["hysteretic"]


def test_what_is_no_junction_is_refused():
    model = dirty(attraction=2.5)
    for parameters, words in (
        ({}, "pure gauge"),
        ({"leads": 8}, "reach the cut"),
        ({"leads": 3, "at": 16}, "give a place between 0 and 15"),
        ({"leads": 3, "axis": 2}, "use one below 2"),
        ({"leads": 3, "levels": -1}, "levels: must be at least 0, not -1"),
        ({"leads": 3, "num": 1}, "num: must be at least 2, not 1"),
    ):
        with pytest.raises(InputError, match=words):
            relation(model, **parameters)
    with pytest.raises(InputError, match="whose ends along y are open"):
        solve(model, observables={"fraunhofer": {"leads": 3}})

"""Rings, superflow, loop currents and currents by energy."""

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bdg import (
    Disorder,
    FluxTube,
    FluxTubes,
    ScfOptions,
    State,
    UniformField,
    build_model,
    build_sample,
    solve,
)
from bdg.errors import InputError
from bdg.experiments.loop import converged
from bdg.experiments.persistent_current import _Ring, _wound
from bdg.lattice import Boundary
from bdg.nambu import NambuAssembler
from bdg.observables import measure
from bdg.observables.response.vector_potential import in_uniform
from bdg.solvers import choose
from tests.reference import derivative

GIVEN = {"chemical_potential": -0.5, "attraction": 2.0, "temperature": 0.05}


def ring(length, flux, initial="uniform", **given):
    sample = build_sample("chain", length, Boundary("periodic", flux))
    model = build_model(sample, **(GIVEN | given))
    return solve(model, observables=("currents", "grand_potential"), scf=ScfOptions(1e-11), initial=initial)


def test_the_current_of_a_ring_is_the_derivative_of_omega_by_the_flux():
    dirty = {"disorder": Disorder(1.0, 2)}
    result = ring(12, 0.7, **dirty)
    current = result["bond_current"].values
    # A flux Φ is a twist of the boundary, both phases being −Φ·q/ħ around the ring.
    slope = derivative(lambda flux: float(ring(12, flux, **dirty)["grand_potential"]), 0.7)
    assert current == pytest.approx(-slope, abs=1e-7)
    assert abs(slope) > 1e-3
    assert np.abs(result["divergence"].values).max() < 1e-8


def test_a_ring_has_the_period_h_over_e_and_h_over_2e_the_longer_it_is():
    splits = []
    for length in (8, 24, 40):
        omega = [float(ring(length, flux)["grand_potential"]) for flux in (0.2, 0.2 + 2 * np.pi)]
        assert omega[0] == pytest.approx(omega[1], abs=1e-9)
        # A pair flux quantum turns pairs by 2π where the ring is closed, which they do not notice.
        other = ring(length, 0.2 + np.pi)
        splits.append(abs(float(other["grand_potential"]) - omega[0]))
    assert splits[0] > 10 * splits[1] > 100 * splits[2]
    assert splits[0] > 0.1


def test_even_and_odd_windings_differ_by_what_goes_around_the_ring_once():
    """Ω(0) − Ω(h/2e) = 16 T Σ_n Re e^{ik_n L}, 2cos k_n + μ = i√(ω_n² + Δ²), ω_n = (2n + 1)πT, Im k_n > 0.

    The sum over k of ln(ω_n² + ξ² + Δ²), by Poisson's formula; e^{2ik_n L} is left out.
    """
    mu, temperature = -1.0, 0.05
    frequencies = np.pi * temperature * (2 * np.arange(200) + 1)
    splits = []
    for length in (24, 36, 37):
        here, there = (ring(length, flux, chemical_potential=mu) for flux in (0.0, np.pi))
        found = float(here["grand_potential"]) - float(there["grand_potential"])
        delta = 0.5 * (here.fields.delta[0] + there.fields.delta[0])
        k = np.arccos(0.5 * (-mu + 1j * np.hypot(frequencies, delta)))
        k *= np.sign(k.imag)
        splits.append(found / (16 * temperature * np.sum(np.exp(1j * k * length).real)))
    assert splits == pytest.approx([1, 1, 1], abs=0.02)
    assert abs(splits[1] - 1) < 0.3 * abs(splits[0] - 1)


@pytest.mark.slow
def test_a_ring_finds_its_winding_at_every_flux():
    """I = −dΩ/dΦ along the curve but where the state changes, the period h/e, and h/2e of a long ring."""
    apart = []
    for length in (8, 24):
        model = build_model(build_sample("chain", length, "periodic"), **GIVEN)
        found = solve(model, observables={"persistent_current": {"num": 81}}, scf=ScfOptions(1e-11))
        current, omega = found["persistent_current"].values, found["ring_potential"].values
        winding, size = found["ring_winding"].values, found["ring_delta"].values
        flux = found["ring_potential"].coords["flux"].values
        assert current[-1] == pytest.approx(current[0], abs=1e-8)
        assert omega[-1] == pytest.approx(omega[0], abs=1e-10)
        assert omega == pytest.approx(omega[::-1], abs=1e-10)
        other = [float(ring(length, flux[7], start)["grand_potential"]) for start in ("uniform", "normal")]
        assert omega[7] == pytest.approx(min(other), abs=1e-10)
        exact = derivative(lambda at, n=length: float(ring(n, at)["grand_potential"]), flux[7])
        assert current[7] == pytest.approx(-exact, abs=1e-7)
        slope = (8 * (omega[3:-1] - omega[1:-3]) - (omega[4:] - omega[:-4])) / (12 * flux[1])
        around = np.lib.stride_tricks.sliding_window_view([winding, size], 5, axis=1)
        smooth = (np.ptp(around[0], axis=1) == 0) & (np.ptp(around[1], axis=1) < 0.005)
        assert smooth.sum() > 40
        assert np.abs((current[2:-2] + slope)[smooth]).max() < 1e-5  # what the differences leave out
        apart.append(float(found["half_period_difference"]))
        if length == 24:
            assert list(dict.fromkeys(winding)) == [0, -1, -2]
    assert apart[0] > 0.4
    assert apart[1] < 0.15


@pytest.mark.slow
def test_the_script_of_rings_draws_its_figure(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    script = Path(__file__).parents[2] / "scripts/persistent_current.py"
    runpy.run_path(str(script))["main"](12, 18)
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert float(last[2]) == pytest.approx(float(last[3]), rel=0.01)
    assert Path("persistent_current.png").stat().st_size > 10_000


@pytest.mark.parametrize("turns", [1, 2])
def test_wound_pairs_have_no_seam(turns):
    """Where −n h/2e takes the winding n back nothing flows, and every site is like any other."""
    model = build_model(
        build_sample("square", (6, 4), "periodic"),
        chemical_potential=-0.4,
        attraction=1.0,
        bond_attraction=1.5,
        channels="d_x2_y2",
        fields=("pairing", "fock"),
        temperature=0.1,
    )
    state = state_of(model)
    wound = replace(state, fields=_wound(state.fields, model.sample, turns / 6, 0))
    moved = in_uniform(wound, np.array([-np.pi * turns / 6, 0.0]))
    one, two = (measure(each, "density") | measure(each, "currents") for each in (state, moved))
    assert np.ptp(two["density"].values) < 1e-11
    assert np.abs(two["bond_current"].values).max() < 1e-11
    if turns == 2:  # a change of gauge
        assert two["density"].values == pytest.approx(one["density"].values, abs=1e-11)
    assert np.abs(state.fields.fock).max() > 0.05
    assert np.abs(state.fields.bond_delta).max() > 0.05


def test_what_is_no_ring_or_keeps_its_winding_is_refused():
    wanted = {"persistent_current": {"num": 5}}
    for ends, given, words in (
        ("open", {"attraction": 2.0}, "no ring along axis 0"),
        (Boundary("bloch", n_k=4), {"attraction": 2.0}, "no ring along axis 0"),
        ("periodic", {"given_delta": 0.3, "fields": ()}, "keeps its winding"),
    ):
        model = build_model(build_sample("chain", 4, ends), temperature=0.1, **given)
        with pytest.raises(InputError, match=words):
            solve(model, observables=wanted)
    model = build_model(build_sample("chain", 4, "periodic"), attraction=2.0, temperature=0.1)
    with pytest.raises(InputError, match=r"must be odd, not 4.*write 5"):
        solve(model, observables={"persistent_current": {"num": 4}})


def test_superflow_breaks_pairs_and_its_current_is_the_derivative_of_omega():
    cell = build_sample("square", (1, 1), [Boundary("bloch", 0.0, 24, 0.5)] * 2)
    result = solve(
        build_model(cell, **GIVEN),
        observables={"superflow": {"stop": 0.16, "num": 65}},
        scf=ScfOptions(1e-11),
    )
    current, omega = result["superflow_current"].values, result["superflow_potential"].values
    a = result["superflow_current"].coords["vector_potential"].values
    size, end = result["superflow_delta"].values, int(np.isfinite(current).sum())
    assert 0 < end < len(a) == len(current) == len(omega) == 65
    assert np.isnan(np.stack([current, size, omega])[:, end:]).all()
    current, omega, a, size = (values[:end] for values in (current, omega, a, size))
    slope = (8 * (omega[3:-1] - omega[1:-3]) - (omega[4:] - omega[:-4])) / (12 * a[1])
    assert current[2:-10] == pytest.approx(-slope[:-8], abs=1e-6)
    assert a[-1] < 0.15  # there the state ends
    told = result["superflow_current"].attributes["no_state"]
    assert told.startswith(f"at A = {a[-1] + a[1]:.6g} ħ/(e a): the pairs are broken; at A = ")
    assert told.endswith(f"; the {65 - end - 2} beyond not tried")
    assert f"superflow_current: no state {told}" in result.warnings
    assert np.abs(current).argmax() not in (0, len(a) - 1)
    assert size[-1] < 0.9 * size[0]
    weight = solve(
        build_model(cell, **GIVEN), observables={"superfluid_weight": {"relax": True}}, scf=ScfOptions(1e-11)
    )
    assert current[1] / a[1] == pytest.approx(-weight["relaxed_weight"].values[0, 0], rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("length", [6, 8, 11])
def test_the_extremes_of_a_ring_are_looked_for_between_the_fluxes_of_a_coarse_list(length):
    state = state_of(build_model(build_sample("chain", length, "periodic"), **GIVEN))
    coarse, dense = (measure(state, "persistent_current", {"num": num}) for num in (9, 61))
    largest, listed = coarse["largest_persistent_current"], np.abs(dense["persistent_current"].values).max()
    assert largest.error <= 0.02 * listed
    assert listed <= float(largest) + largest.error + 1e-9
    other = dense["largest_persistent_current"]
    assert abs(float(largest) - float(other)) <= largest.error + other.error
    one, two = coarse["half_period_difference"], dense["half_period_difference"]
    assert abs(float(one) - float(two)) <= one.error + two.error


@pytest.mark.parametrize(("length", "flux"), [(8, 1.898), (8, 1.88), (10, 1.85), (13, 1.75)])
def test_an_odd_winding_is_found_where_the_pairs_of_an_even_one_are_no_start_for_it(length, flux):
    """|Δ| at rest is 0.18 with the winding 0 and 0.39 with −1, of 8 sites; followed from h/2e to the flux."""
    state = state_of(build_model(build_sample("chain", length, "periodic"), **GIVEN))
    near, last = replace(state, fields=_wound(state.fields, state.model.sample, -1 / length, 0)), 0.0
    for at in np.linspace(np.pi, flux, 12):
        near, last = converged(in_uniform(near, np.array([(at - last) / length]))), at
    found = _Ring(state, 0).at(flux)
    assert near.fields.moduli.mean() > 0.1
    assert found["potential"] == pytest.approx(float(measure(near, "grand_potential")["grand_potential"]))
    assert found["delta"] == pytest.approx(near.fields.moduli.mean(), abs=1e-6)
    assert found["winding"] == -1


@pytest.mark.parametrize(
    ("attraction", "temperature"),
    [
        (2.5, 0.2),
        pytest.param(2.0, 0.15, marks=pytest.mark.slow),
        pytest.param(3.0, 0.4, marks=pytest.mark.slow),
    ],
    ids=["warm", "weak", "near T_c"],
)
def test_the_critical_current_is_looked_for_between_the_points_of_a_coarse_list(attraction, temperature):
    """Against a parabola through the highest points of a list that is much denser."""
    cell = build_sample("square", (1, 1), [Boundary("bloch", n_k=24)] * 2)
    terms = {"chemical_potential": -0.5, "attraction": attraction, "temperature": temperature}
    state = state_of(build_model(cell, **terms))
    found = measure(state, "superflow", {"stop": 0.5, "num": 6})
    largest, place = found["critical_current"], found["critical_current"].attributes["vector_potential"]
    listed = np.nanmax(np.abs(found["superflow_current"].values))
    dense = measure(state, "superflow", {"stop": 1.02 * place, "num": 52})["superflow_current"]
    a, j = dense.coords["vector_potential"].values[-3:], np.abs(dense.values[-3:])
    bend, slope, rest = np.polyfit(a, j, 2)
    assert float(largest) > listed + 10 * largest.error
    assert abs(float(largest) - (rest - slope**2 / (4 * bend))) <= largest.error + 1e-5 * listed
    assert largest.error < 1e-3 * listed


def test_a_current_that_still_grows_at_the_last_point_is_flagged():
    cell = build_sample("square", (1, 1), [Boundary("bloch", n_k=24)] * 2)
    state = state_of(build_model(cell, chemical_potential=-0.5, attraction=3.0, temperature=0.05))
    current = measure(state, "superflow", {"stop": 0.1, "num": 3})["critical_current"]
    assert current.error is None
    assert "raise stop" in current.attributes["warning"]


def state_of(model, method="diagonalization"):
    solver = choose(method, rows=2 * model.sample.n_sites, temperature=model.temperature)
    result = solve(model, observables=(), solver=solver, scf=ScfOptions(1e-11))
    return State(model, result.fields, NambuAssembler(model).matrix(result.fields), solver)


def test_loop_currents_are_the_currents_and_their_moment_is_that_of_an_open_sample():
    sample = build_sample("triangular", (6, 5))
    state = state_of(
        build_model(sample, **GIVEN, vector_potential=UniformField(0.2), disorder=Disorder(1.0, 1))
    )
    found, flow = measure(state, "loop_currents"), measure(state, "currents")
    current, bonds = flow["bond_current"].values, sample.bonds
    assert found["loop_current"].attributes["remainder"] < 1e-9
    assert np.abs(current).max() > 1e-2
    middle = sample.positions[bonds.source] + 0.5 * bonds.displacement
    moment = 0.5 * np.sum(
        current * (middle[:, 0] * bonds.displacement[:, 1] - middle[:, 1] * bonds.displacement[:, 0])
    )
    assert float(found["magnetic_moment"]) == pytest.approx(moment, abs=1e-9)
    assert moment < 0  # diamagnetic
    assert float(flow["largest_divergence"]) < 1e-9


@pytest.mark.parametrize("dofs", [2, 4])
def test_currents_at_all_energies_are_the_current(dofs):
    sample = build_sample("square", (4, 4), vacancies=[[1, 1], [2, 2]])
    tubes = FluxTubes([FluxTube([1.2, 1.2], 1.0)])
    state = state_of(build_model(sample, **GIVEN, vector_potential=tubes, zeeman=0.1, least_dofs=dofs))
    energies = np.linspace(-20, 20, 8001)
    occupied = 1 / (1 + np.exp(np.clip(energies / 0.05, -500, 500)))
    current = []
    for broadening in (0.02, 0.01):
        found = measure(state, "current_spectrum", {"energies": energies, "broadening": broadening})
        current.append(np.trapezoid(found["current_spectrum"].values * occupied[:, None], energies, axis=0))
    known = measure(state, "currents")["bond_current"].values
    assert np.abs(known).max() > 0.05
    # A broadening takes from the current in proportion to it.
    assert 2 * current[1] - current[0] == pytest.approx(known, abs=0.01 * np.abs(known).max())

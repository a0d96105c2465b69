"""Paths between two windings of a ring, their saddles, and the barrier of Langer and Ambegaokar near T_c."""

import numpy as np
import pytest
from scipy.optimize import brentq

from bdg import Disorder, ScfOptions, build_model, build_sample, solve
from bdg.errors import InputError
from bdg.experiments.energetics.energy import energy_of
from bdg.experiments.energetics.string import saddle_near
from bdg.observables import measure
from bdg.theory.macroscopic.ginzburg_landau.coefficients import lattice_coefficients

K = 2 * np.pi * np.arange(4000) / 4000
LANGER_AMBEGAOKAR = 8 * np.sqrt(2) / 3


def coefficients(temperature, attraction=2.0):
    band = -2 * np.cos(K) + 0.5
    return lattice_coefficients(band, 2 * np.sin(K), attraction=attraction, temperature=temperature)


def ring(n, temperature, flux, **given):
    model = build_model(
        build_sample("chain", n, "periodic"),
        chemical_potential=-0.5,
        attraction=2.0,
        temperature=temperature,
        vector_potential=[flux / n],
        **given,
    )
    return solve(model, scf=ScfOptions(1e-10, 500), solver="diagonalization").state()


def barriers(n, share, images):
    """At half a flux quantum: the saddle above the ring at rest over (8√2/3)(H_c²/8π)ξ; the slip."""
    critical = brentq(lambda t: coefficients(t).alpha, 0.05, 1)
    theory = coefficients(share * critical)
    length, condensed = np.sqrt(-theory.gamma / theory.alpha), theory.alpha**2 / (2 * theory.beta)
    wound, rest = (ring(n, share * critical, flux) for flux in (np.pi / 2, 0.0))
    found = measure(wound, "phase_slip", {"images": images})
    above = float(found["slip_barrier"]) + energy_of(wound) - energy_of(rest)
    return above / (LANGER_AMBEGAOKAR * condensed * length), found


def test_the_saddle_of_a_ring_has_a_node_and_lies_between_equal_states():
    ratio, found = barriers(60, 0.87, 7)
    assert ratio == pytest.approx(1, abs=0.05)
    energy, barrier = found["path_energy"].values, float(found["slip_barrier"])
    assert energy[0] == 0
    assert energy[-1] == pytest.approx(0, abs=1e-7)
    assert energy == pytest.approx(energy[::-1], abs=1e-6)
    assert barrier == pytest.approx(float(found["slip_barrier_back"]), abs=1e-7)
    assert energy.max() == pytest.approx(barrier, rel=0.02)
    delta = found["saddle_delta"].values
    assert delta.min() < 1e-6
    assert delta.max() > 0.1


@pytest.mark.slow
def test_near_the_critical_temperature_the_barrier_is_that_of_langer_and_ambegaokar():
    ratio, _ = barriers(120, 0.97, 9)
    assert ratio == pytest.approx(1, abs=0.03)
    further, _ = barriers(60, 0.9, 9)
    assert abs(ratio - 1) < abs(further - 1)


def test_disorder_chooses_where_the_phase_slips_and_the_saddle_is_self_consistent():
    state = ring(20, 0.12, np.pi / 2, disorder=Disorder(0.6, 2))
    found = measure(state, "phase_slip", {"images": 7})
    delta = found["saddle_delta"].values
    assert abs(int(np.argmin(delta)) - int(np.argmin(np.abs(state.fields.delta)))) <= 2
    assert 0 < float(found["slip_barrier"]) < 0.2


def test_newtons_steps_end_in_the_minimum_they_begin_near():
    state = ring(12, 0.1, 0.3)
    rng = np.random.default_rng(0)
    off = state.fields.as_complex()
    off = off.having({"delta": off.delta * (1 + 0.02 * rng.standard_normal(12))})
    found = saddle_near(state.elsewhere(state.model, off))
    assert np.abs(found.fields.delta) == pytest.approx(np.abs(state.fields.delta), abs=1e-8)
    assert energy_of(found) == pytest.approx(energy_of(state), abs=1e-10)


def test_what_has_no_phase_slip_is_refused():
    with pytest.raises(InputError, match="changes the winding"):
        measure(ring(8, 0.1, 0.0), "phase_slip", {"winding": 0})
    with pytest.raises(InputError, match="start below T_c"):
        measure(ring(8, 0.9, 0.0), "phase_slip")
    with pytest.raises(InputError, match="no ring along axis"):
        measure(solve(build_model(build_sample("chain", 8), attraction=2.0)).state(), "phase_slip")

"""From a lattice result to Ψ: its current beside that of the quasiparticles, and its fluxoids."""

import dataclasses

import numpy as np
import pytest

import bdg
from bdg.bridge import LATTICE_PAIRS, macroscopic_state, rectangle_loop
from bdg.config import parse_config
from bdg.config.dump import dump_resolved
from bdg.errors import InputError
from bdg.gauge import UniformField
from bdg.result import Provenance
from bdg.theory.macroscopic.london import london_parameter

SMALL = 1e-3


def solved(sample, vector_potential=None, *, initial="uniform", mu=-0.5, **more):
    model = bdg.build_model(
        sample,
        chemical_potential=mu,
        attraction=3.0,
        temperature=0.05,
        vector_potential=vector_potential,
        **more,
    )
    return bdg.solve(model, observables="currents", initial=initial, scf=bdg.ScfOptions(tolerance=1e-10))


def uniform_stiffness(mu=-0.5):
    """D of the torus from the current of a small uniform A."""
    sample = bdg.build_sample("square", [12, 12], "periodic")
    return -float(solved(sample, [SMALL, 0], mu=mu)["site_current"].values[0, 0]) / SMALL


class TestUniformFlow:
    sample = bdg.build_sample("square", [12, 12], "periodic")

    def test_london_current_is_the_quasiparticles_to_third_order(self):
        """J = −DA for θ = 0, with an error ∝ A³; n_s and Λ = m/(n_s q²) = 1/D hang together."""
        d = uniform_stiffness()
        errors = []
        for a in (0.02, 0.04):
            given = [a, -0.5 * a]
            result = solved(self.sample, given)
            state = macroscopic_state(result, d, vector_potential=given)
            errors.append(np.abs(state.current - result["site_current"].values).max())
            np.testing.assert_allclose(state.velocity[:, 0], -LATTICE_PAIRS.charge * a, atol=1e-12)
        assert np.log2(errors[1] / errors[0]) == pytest.approx(3, abs=0.3)
        assert errors[0] < 1e-3 * d * 0.02
        assert london_parameter(state.density[0], LATTICE_PAIRS) == pytest.approx(1 / d)

    def test_a_winding_phase_is_a_flow_without_field(self):
        """Δ e^{2πi n x/L}: n times h/q around the torus, all of it kinetic; undone by that much flux."""
        turn = np.exp(2j * np.pi * self.sample.positions[:, 0] / 12)
        result = solved(self.sample, initial={"delta": 0.6 * turn})
        state = macroscopic_state(result, 1.0)
        around = [self.sample.site_at([x, 4]) for x in range(12)]
        found = state.fluxoid(around)
        assert (found.winding, found.flux) == (1, 0)
        assert found.kinetic == pytest.approx(LATTICE_PAIRS.flux_quantum_of_phase)
        np.testing.assert_allclose(state.wave_vector[:, 0], 2 * np.pi / 12, atol=1e-6)
        assert np.sign(result["site_current"].values[0, 0]) == np.sign(state.current[0, 0])
        a = LATTICE_PAIRS.flux_quantum_of_phase / 12
        still = solved(self.sample, [a, 0], initial={"delta": 0.6 * turn})
        undone = macroscopic_state(still, 1.0, vector_potential=[a, 0]).fluxoid(around)
        assert undone.flux == pytest.approx(LATTICE_PAIRS.flux_quantum_of_phase)
        assert undone.kinetic == pytest.approx(0, abs=1e-8)
        assert np.abs(still["site_current"].values).max() < 1e-8


SQUARE, FIELD = bdg.build_sample("square", [15, 15], "open"), 0.015


@pytest.fixture(scope="module")
def result():
    return solved(SQUARE, UniformField(FIELD), initial="vortex", mu=-0.8)


@pytest.fixture(scope="module")
def state(result):
    return macroscopic_state(result, uniform_stiffness(-0.8), vector_potential=UniformField(FIELD))


class TestVortex:
    def test_fluxoids_around_it_and_beside_it(self, state):
        around = state.fluxoid(rectangle_loop(SQUARE, [3, 3], [11, 11]))
        assert abs(around.winding) == 1
        assert around.total == pytest.approx(around.winding * LATTICE_PAIRS.flux_quantum_of_phase, abs=1e-12)
        assert around.flux == pytest.approx(FIELD * 64)
        beside = state.fluxoid(rectangle_loop(SQUARE, [0, 0], [4, 12]))
        assert beside.winding == 0
        assert beside.kinetic == pytest.approx(-FIELD * 48)

    def test_the_same_in_another_gauge(self, result, state):
        """c → e^{iχ}c: Δ → e^{2iχ}Δ and A → A − χ_j + χ_i on bonds with q = −e."""
        chi = np.random.default_rng(0).uniform(-0.3, 0.3, SQUARE.n_sites)
        bonds = SQUARE.bonds
        a = UniformField(FIELD).on_bonds(SQUARE) - chi[bonds.target] + chi[bonds.source]
        fields = dataclasses.replace(result.fields, delta=result.fields.delta * np.exp(2j * chi))
        other = macroscopic_state(
            dataclasses.replace(result, fields=fields), state.stiffness[0, 0], vector_potential=a
        )
        np.testing.assert_allclose(other.current, state.current, atol=1e-10)
        loop = rectangle_loop(SQUARE, [3, 3], [11, 11])
        assert other.fluxoid(loop).kinetic == pytest.approx(state.fluxoid(loop).kinetic, abs=1e-10)

    def test_currents_agree_outside_the_core_and_not_in_it(self, result, state):
        """London with one D everywhere: within a fifth some way from core and edge, too much at the core."""
        x, y = (SQUARE.positions - SQUARE.positions.mean(axis=0)).T
        r = np.hypot(x, y)
        ring = (r > 3) & (r < 5)
        london, bdg_current = state.current, result["site_current"].values
        off = np.linalg.norm(london - bdg_current, axis=1) / np.linalg.norm(bdg_current, axis=1).max()
        assert off[ring].max() < 0.2
        near = (r > 0.5) & (r < 1.5)
        sizes = [np.linalg.norm(flow, axis=1)[near].mean() for flow in (london, bdg_current)]
        assert sizes[0] > 1.2 * sizes[1]
        loop = rectangle_loop(SQUARE, [3, 3], [11, 11])
        assert state.kinetic_of(bdg_current, loop) == pytest.approx(state.fluxoid(loop).kinetic, rel=0.15)
        assert state.kinetic_of(london, loop) == pytest.approx(state.fluxoid(loop).kinetic, rel=0.05)


class TestMeasuredStiffness:
    def test_a_torus_and_a_strip(self):
        """The stiffness of the observable is the default; on a strip that along it stands for both."""
        given = {"chemical_potential": -0.5, "attraction": 3.0, "temperature": 0.05}
        torus = bdg.build_sample("square", [8, 8], "periodic")
        model = bdg.build_model(torus, vector_potential=[0.02, 0], **given)
        result = bdg.solve(model, observables=("superfluid_weight", "currents"))
        state = macroscopic_state(result, vector_potential=[0.02, 0])
        np.testing.assert_allclose(state.current, result["site_current"].values, atol=2e-5)
        weight = result["superfluid_weight"].values[0, 0]
        assert state.current[0, 0] == pytest.approx(-0.02 * weight, rel=2e-3)
        strip = bdg.build_sample("square", [7, 6], ["open", "periodic"])
        model = bdg.build_model(strip, vector_potential=[0, 0.02], **given)
        result = bdg.solve(model, observables=("superfluid_weight", "currents"))
        state = macroscopic_state(result, vector_potential=[0, 0.02])
        np.testing.assert_allclose(state.current, result["site_current"].values, atol=5e-5)
        assert np.ptp(state.density) > 1e-2 * state.density.mean()

    def test_screened_fields_are_part_of_it(self):
        """London's current of a slab that screens goes with that of the quasiparticles."""
        sample = bdg.build_sample("square", [30, 1], ["open", bdg.Boundary("bloch", n_k=32)])
        model = bdg.build_model(
            sample,
            chemical_potential=-0.8,
            attraction=2.5,
            temperature=0.1,
            vector_potential=UniformField(0.004),
            screening={"mu0": 0.04, "geometry": "slab"},
        )
        result = bdg.solve(model, observables=("superfluid_weight", "currents"))
        state = macroscopic_state(result, vector_potential=UniformField(0.004))
        flow = result["site_current"].values
        assert np.abs(flow[15, 1]) < 0.2 * np.abs(flow[0, 1])
        np.testing.assert_allclose(state.current[:, 1], flow[:, 1], atol=0.15 * np.abs(flow).max())
        np.testing.assert_allclose(state.current[1:-1, 1], flow[1:-1, 1], rtol=0.06)
        without = dataclasses.replace(result.fields, vector_potential=None)
        bare = macroscopic_state(
            dataclasses.replace(result, fields=without), vector_potential=UniformField(0.004)
        )
        assert np.abs(bare.current[:, 1] - flow[:, 1]).max() > 0.3 * np.abs(flow).max()


class TestGiven:
    sample = bdg.build_sample("square", [5, 4], "periodic")

    def test_the_vector_potential_of_the_configuration(self):
        text = """
lattice: {kind: square, size: [5, 4], boundary: [periodic, {twist: 0.4}]}
hamiltonian: {hopping: [1.0], chemical_potential: -0.5}
interaction: {onsite: 3.0}
field: {vector_potential: [0.05, 0]}
temperature: 0.1
"""
        resolved = dump_resolved(parse_config(text))
        sample = bdg.build_sample("square", [5, 4], ["periodic", bdg.Boundary("periodic", 0.4)])
        model = bdg.build_model(sample, attraction=3.0, temperature=0.1, vector_potential=[0.05, 0])
        bare = bdg.solve(model, observables="currents")
        kept = dataclasses.replace(bare, provenance=Provenance(config_resolved=resolved))
        state = macroscopic_state(kept, 1.0)
        np.testing.assert_allclose(
            state.current, macroscopic_state(bare, 1.0, vector_potential=[0.05, 0]).current
        )
        np.testing.assert_allclose(state.current[:, 0], -0.05)
        around = [sample.site_at([2, y]) for y in range(4)]
        assert state.fluxoid(around).flux == pytest.approx(0.4)

    def test_pairs_on_bonds_and_normal_sites(self):
        model = bdg.build_model(
            self.sample, attraction=np.where(np.arange(20) == 7, 0.0, 3.0), temperature=0.1
        )
        result = bdg.solve(model, observables=())
        state = macroscopic_state(result, 0.5)
        assert state.is_normal[7]
        assert state.is_normal.sum() == 1
        with pytest.raises(InputError, match="site 7 on the loop is normal"):
            state.fluxoid([6, 7, 11, 10])

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({}, "no local_stiffness; measure superfluid_weight"),
            ({"stiffness": -1.0}, "negative"),
            ({"stiffness": [1.0, 2.0]}, "shape"),
            ({"stiffness": 1.0, "phase": [0.0]}, "one each"),
        ],
    )
    def test_errors_say_what_would_do(self, given, words):
        result = bdg.solve(bdg.build_model(self.sample, attraction=3.0), observables=())
        with pytest.raises(InputError, match=words):
            macroscopic_state(result, **given)

    def test_loops_need_bonds(self):
        result = bdg.solve(bdg.build_model(self.sample, attraction=3.0), observables=())
        with pytest.raises(InputError, match="have no bond"):
            macroscopic_state(result, 1.0).fluxoid([0, 1, 10])

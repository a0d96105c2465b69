"""States in time: against a twin that knows spin orbitals only, in other gauges, backwards, in the limits."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import curve_fit

import bdg
from bdg.dynamics.drives import Drives, Pulse, Voltage
from bdg.dynamics.generators import evolved
from bdg.dynamics.magnus import GAUSS, magnus_step
from bdg.dynamics.mean_fields import MeanFields
from bdg.dynamics.motion import dynamics
from bdg.dynamics.orbitals import initial_orbitals
from bdg.dynamics.propagation import Moment, propagate
from bdg.errors import InputError, RunInterruptedError
from bdg.expectations import site_and_bond_pattern
from bdg.lattice import Boundary, build_sample
from bdg.model import Fields, build_model
from bdg.model.interactions import acting
from bdg.nambu import NambuAssembler
from bdg.observables import State
from bdg.observables.loops import Loops, Points, Watch
from bdg.solvers import Monitor
from bdg.solvers.diagonalization import Diagonalization
from tests.support.hfb import System

DENSE = Diagonalization(1)
TIGHT = bdg.ScfOptions(tolerance=1e-11, leave_saddles=False)


def state_of(model, fields=None):
    """A state of given fields, or the self-consistent one."""
    if fields is None:
        fields = bdg.solve(model, observables=[], scf=TIGHT, solver=DENSE).fields
    return State(model, fields, NambuAssembler(model).matrix(fields), DENSE)


def uniform(n, boundary="bloch", **terms):
    ends = [Boundary("bloch", n_k=n)] * 2 if boundary == "bloch" else boundary
    sample = build_sample("square", [1, 1] if boundary == "bloch" else [n, n], ends)
    return build_model(sample, **({"chemical_potential": -0.5, "attraction": 3.0} | terms))


def some_fields(model, seed=0):
    """Fields that are no solution, complex where they may be."""
    rng = np.random.default_rng(seed)
    sample = model.sample
    values = {"mu": -0.4, "hartree": np.zeros((2, sample.n_sites)), "delta": np.zeros(sample.n_sites)}
    for kind in acting(model):
        shape = kind.row.shape(sample)
        value = 0.4 * rng.normal(size=shape)
        if kind.row.may_be_complex:
            value = value + 0.4j * rng.normal(size=shape)
        values[kind.field] = value
    return Fields.of(values)


def in_spin_orbitals(fields, sample):
    """Γ and Δ of fields, by H_Δ = Σ Δ_iσ,jσ' c†_iσ c†_jσ' + h.c. and its like."""
    n = sample.n_sites
    gamma, delta = np.zeros((2 * n, 2 * n), complex), np.zeros((2 * n, 2 * n), complex)
    for i in range(n):
        gamma[2 * i, 2 * i], gamma[2 * i + 1, 2 * i + 1] = fields.hartree[:, i]
        delta[2 * i, 2 * i + 1], delta[2 * i + 1, 2 * i] = fields.delta[i], -fields.delta[i]
        if fields.exchange is not None:
            gamma[2 * i, 2 * i + 1] = fields.exchange[i]
            gamma[2 * i + 1, 2 * i] = np.conj(fields.exchange[i])
    for b, (i, j) in enumerate(zip(sample.bonds.source, sample.bonds.target, strict=True)):
        if fields.bond_delta is not None:
            delta[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += fields.bond_delta[b]
            delta[2 * j : 2 * j + 2, 2 * i : 2 * i + 2] -= fields.bond_delta[b].T
        if fields.fock is not None:
            gamma[2 * j : 2 * j + 2, 2 * i : 2 * i + 2] += fields.fock[b]
            gamma[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += fields.fock[b].conj().T
    return gamma, delta


POTENTIAL = "0.6*exp(-(x - 0.5*t)**2)"
ALL = ("pairing", "hartree", "fock")
TWINS = {
    "any spin, all fields": (
        {"rashba": 0.3, "zeeman": (0.2, 0.1, 0.3), "channels": ("singlet", "triplet")},
        {"u": 2.0, "v": 0.8},
    ),
    "spins alike": ({}, {"u": 2.0, "v": 0.8}),
    "along z": ({"zeeman": (0, 0, 0.3)}, {"u": 2.5}),
}


@pytest.mark.parametrize("name", TWINS)
def test_all_mean_fields_follow_as_by_wicks_theorem(name):
    terms, coupling = TWINS[name]
    sample = build_sample("square", [3, 2], "open")
    on_bonds = {"bond_attraction": coupling["v"], "bond_fields": ALL} if "v" in coupling else {}
    model = build_model(
        sample,
        chemical_potential=-0.4,
        attraction=coupling["u"],
        fields=("pairing", "hartree"),
        temperature=0.2,
        **on_bonds,
        **terms,
    )
    fields = some_fields(model)
    if name != "any spin, all fields":  # fields of spins that are alike, and of no triplets
        hops = None if fields.fock is None else np.einsum("b,st->bst", fields.fock[:, 0, 0], np.eye(2))
        pairs = None
        if fields.bond_delta is not None:
            pairs = np.einsum("b,st->bst", fields.bond_delta[:, 0, 1], [[0, 1], [-1, 0]])
        fields = replace(fields, hartree=fields.hartree[[0, 0]], fock=hops, bond_delta=pairs)
    pulse = Pulse(0.5, 1.5, 1.0, 0.7, (1.0, 0.5))
    found = dynamics(
        state_of(model, fields),
        until=3.0,
        every=0.5,
        tolerance=1e-7,
        interaction="1 - 0.2*t",
        potential=POTENTIAL,
        pulse={"amplitude": 0.5, "frequency": 1.5, "center": 1.0, "width": 0.7, "direction": [1.0, 0.5]},
    )
    twin = System(
        sample, mu=fields.mu, **coupling, **{k: terms[k] for k in ("rashba", "zeeman") if k in terms}
    )
    gamma, delta = in_spin_orbitals(fields, sample)
    start = twin.start(gamma, delta, 0.2)
    x = sample.positions[:, 0]

    def drive(t):
        return {
            "line_integrals": sample.bonds.displacement @ pulse.at(t),
            "extra": 0.6 * np.exp(-((x - 0.5 * t) ** 2)),
        }

    times = found["delta_in_time"].coords["time"].values
    moving = twin.motion(start, times, drive, lambda t: 1 - 0.2 * t)
    pairs = np.array(
        [coupling["u"] * (1 - 0.2 * t) * twin.pairs(r) for t, r in zip(times, moving, strict=True)]
    )
    energy = [
        twin.energy(r, twin.one_body(**drive(t)), 1 - 0.2 * t) / 6 for t, r in zip(times, moving, strict=True)
    ]
    assert np.ptp(np.abs(pairs[:, 0])) > 0.05
    np.testing.assert_allclose(found["delta_in_time"].values, pairs, atol=3e-8)
    np.testing.assert_allclose(found["density_in_time"].values, [twin.density(r) for r in moving], atol=3e-8)
    np.testing.assert_allclose(found["energy_in_time"].values, energy, atol=3e-8)
    assert found["electrons_drift"].values < 1e-8


def test_a_torus_is_a_sum_over_momenta():
    drives = {"interaction": "2/3", "vector_potential": ["0.2*sin(t)", "0"], "until": 2.0, "tolerance": 1e-7}
    in_space = dynamics(state_of(uniform(4, "periodic", temperature=0.1)), **drives)
    by_momenta = dynamics(state_of(uniform(4, temperature=0.1)), **drives)
    for name in ("mean_delta_in_time", "mean_current_in_time", "energy_in_time", "electrons_in_time"):
        np.testing.assert_allclose(in_space[name].values, by_momenta[name].values, atol=1e-8)
    assert np.ptp(by_momenta["mean_current_in_time"].values[:, 0]) > 0.01


def test_d_waves_on_a_torus_are_a_sum_over_momenta():
    terms = {
        "attraction": 0.0,
        "bond_attraction": 2.0,
        "channels": ("d_x2_y2",),
        "bond_fields": ("pairing", "fock"),
    }
    drives = {"interaction": "0.8", "until": 2.0, "tolerance": 1e-7}
    in_space = dynamics(state_of(uniform(4, "periodic", temperature=0.1, **terms)), **drives)
    by_momenta = dynamics(state_of(uniform(4, temperature=0.1, **terms)), **drives)
    one = np.abs(in_space["bond_delta_in_time"].values)
    np.testing.assert_allclose(one, one[:, :1] + 0 * one, atol=1e-9)
    np.testing.assert_allclose(one[:, 0], np.abs(by_momenta["bond_delta_in_time"].values[:, 0]), atol=1e-6)
    assert np.ptp(one[:, 0]) > 0.01


def test_a_field_is_the_same_as_a_potential_or_a_vector_potential():
    sample = build_sample("square", [5, 2], "open")
    model = build_model(sample, chemical_potential=-0.5, attraction=3.0, temperature=0.1)
    state, shared = state_of(model), {"until": 2.0, "tolerance": 1e-7}
    # E = 0.3 sin t along x: A = −∫E dt = −0.3 (1 − cos t), or the energy −eφ = +E x of an electron.
    by_a = dynamics(state, vector_potential=["-0.3*(1 - cos(t))", "0"], **shared)
    by_v = dynamics(state, potential="0.3*sin(t)*x", **shared)
    for name in ("density_in_time", "bond_current_in_time", "electrons_in_time"):
        np.testing.assert_allclose(by_a[name].values, by_v[name].values, atol=1e-6)
    sizes = [np.abs(one["delta_in_time"].values) for one in (by_a, by_v)]
    np.testing.assert_allclose(*sizes, atol=1e-6)
    assert np.abs(by_a["bond_current_in_time"].values).max() > 0.05


def test_currents_carry_the_charge_from_site_to_site():
    sample = build_sample("square", [4, 3], "open")
    model = build_model(sample, chemical_potential=-0.5, attraction=2.5, temperature=0.1)
    found = dynamics(state_of(model), until=1.0, every=0.01, tolerance=1e-7, potential="0.4*t*cos(x + y)")
    density, current = found["density_in_time"].values, found["bond_current_in_time"].values
    out = np.zeros_like(density)
    for b, (i, j) in enumerate(zip(sample.bonds.source, sample.bonds.target, strict=True)):
        out[:, i] += current[:, b]
        out[:, j] -= current[:, b]
    slope = (density[2:] - density[:-2]) / 0.02
    np.testing.assert_allclose(-slope, -out[1:-1], atol=3e-5)  # d(−n)/dt = −div J, to the square of 0.01
    assert np.abs(slope).max() > 0.01


def moved(model, drives, until, tolerance):
    state = state_of(model)
    mean_fields = MeanFields(model, state.fields, drives)
    orbitals = initial_orbitals(state.hamiltonian, model.sample.momenta, model.temperature)
    begin = Moment.at_rest(mean_fields, orbitals)
    return mean_fields, begin, propagate(mean_fields, begin, until, tolerance)


def test_time_that_turns_back_brings_the_state_back():
    pulse = Pulse(0.4, 1.0, 1.0, 0.6, (1.0, 0.0))
    mean_fields, begin, there = moved(uniform(6, "open"), Drives("0.8", pulse=pulse), 4.0, 1e-9)
    back = propagate(mean_fields, there.forgetful(), 0.0, 1e-9)
    pattern = site_and_bond_pattern(mean_fields.model.sample)
    states = [one.orbitals.correlations(pattern).blocks for one in (begin, there, back)]
    assert np.abs(states[1] - states[0]).max() > 1e-2
    np.testing.assert_allclose(states[2], states[0], atol=1e-7)


def test_orbitals_stay_orthonormal():
    _, _, there = moved(uniform(4, "open", temperature=0.1), Drives("0.7"), 5.0, 1e-5)
    vectors = there.orbitals.vectors
    np.testing.assert_allclose(vectors.conj().T @ vectors, np.eye(vectors.shape[1]), atol=1e-9)


def test_a_step_is_of_fourth_order():
    model = uniform(3, "open")
    state = state_of(model)
    drives = Drives(potential="0.8*sin(3*t + x)*cos(y)", vector_potential=("0.5*sin(2*t)", "0.2*t"))
    mean_fields = MeanFields(
        build_model(model.sample, chemical_potential=-0.5, fields=()), state.fields, drives
    )
    orbitals = initial_orbitals(state.hamiltonian, model.sample.momenta, 0.0)
    none = np.zeros(0, complex)

    def after(n):
        found, h = orbitals, 1.0 / n
        for step in range(n):
            pair = [mean_fields.matrix(none, (step + c) * h) for c in GAUSS]
            found = magnus_step(found, *pair, mean_fields.entries, h, 1e-15)
        return found.vectors

    exact = after(256)
    errors = [np.abs(after(n) - exact).max() for n in (4, 8, 16, 32)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders[1:] - 4) < 0.25), orders


def test_an_exponential_is_that_of_the_matrix():
    import scipy.linalg

    model = uniform(3, "open", rashba=0.3, vector_potential=[0.2, 0.1])
    matrix = NambuAssembler(model).matrix(some_fields(model))
    orbitals = initial_orbitals(matrix, model.sample.momenta, 0.1)
    entries = MeanFields(model, some_fields(model), Drives()).entries
    for time in (0.3, -2.0):
        exact = scipy.linalg.expm(-1j * time * matrix.dense()) @ orbitals.vectors
        np.testing.assert_allclose(evolved(orbitals, matrix, entries, time, 1e-13).vectors, exact, atol=1e-11)


def test_a_weak_push_has_the_linear_response():
    sample = build_sample("square", [3, 2], "open")
    model = build_model(
        sample, chemical_potential=-0.4, attraction=3.0, fields=("pairing", "hartree"), temperature=0.2
    )
    state, size = state_of(model), 1e-3
    there, back = (
        dynamics(state, until=3.0, every=1.0, tolerance=1e-7, potential=f"{sign * size}*x*sin(1.3*t)")
        for sign in (1, -1)
    )
    twin = System(sample, mu=state.fields.mu, u=3.0)
    start = twin.start(*in_spin_orbitals(state.fields, sample), 0.2)
    times, x = there["density_in_time"].coords["time"].values, sample.positions[:, 0]
    moving = twin.linear_motion(start, times, lambda t: x * np.sin(1.3 * t))
    for name, exact in (("density_in_time", twin.density), ("delta_in_time", lambda r: 3.0 * twin.pairs(r))):
        response = (there[name].values - back[name].values) / (2 * size)
        assert np.abs(response).max() > 0.05
        np.testing.assert_allclose(response, [exact(r) for r in moving], atol=1e-4)


LIMITS = {
    "no interaction": ({"attraction": 0.0, "fields": ()}, {"potential": "x*t/10"}),
    "a normal state": ({"attraction": -1.0, "fields": ("hartree",)}, {"interaction": "0.5"}),
    "given pairs": ({"attraction": 0.0, "given_delta": 0.3, "fields": ()}, {"potential": "0.2*x"}),
    "nothing changes": ({"attraction": 2.0}, {}),
    "half filling": ({"attraction": 2.0, "chemical_potential": 0.0}, {"interaction": "0.5"}),
}


@pytest.mark.parametrize("temperature", [0.0, 0.3])
@pytest.mark.parametrize("size", [[1, 1], [3, 2]])
@pytest.mark.parametrize("name", LIMITS)
def test_limits(name, size, temperature):
    terms, drives = LIMITS[name]
    given = {"chemical_potential": -0.3, "temperature": temperature} | terms
    model = build_model(build_sample("square", size, "open"), **given)
    found = dynamics(state_of(model), until=2.0, tolerance=1e-8, **drives)
    assert all(np.isfinite(one.values).all() for one in found.values())
    if name != "given pairs":
        assert found["electrons_drift"].values < 1e-7
    if "t" not in drives.get("potential", ""):
        assert found["energy_drift"].values < 1e-7
    if name == "nothing changes":
        start = found["delta_in_time"].values[0]
        np.testing.assert_allclose(found["delta_in_time"].values, start[None] + np.zeros((5, 1)), atol=1e-6)


def test_an_interaction_that_is_off_leaves_electrons_free():
    model = uniform(3, "open", attraction=2.0)
    state = state_of(model)
    found = dynamics(state, until=3.0, tolerance=1e-7, interaction="0")
    rho = state.solver.correlations(state.hamiltonian, 0.0, site_and_bond_pattern(model.sample))
    bare = NambuAssembler(model).matrix(replace(state.fields, delta=np.zeros(9))).dense()
    energies, states = np.linalg.eigh(state.hamiltonian.dense())
    occupied = states[:, energies < 0]
    later, vectors = np.linalg.eigh(bare)
    for time, density in zip([0, 0.5, 1.0, 1.5], found["density_in_time"].values, strict=False):
        moved_there = (vectors * np.exp(-1j * later * time)) @ vectors.conj().T @ occupied
        f = np.sum(np.abs(moved_there) ** 2, axis=1).reshape(-1, 2)
        np.testing.assert_allclose(density, f[:, 0] + 1 - f[:, 1], atol=1e-6)
    assert rho.error < 1e-10


def test_a_jump_of_a_drive_is_crossed():
    model = uniform(6, temperature=0.1)
    late = dynamics(state_of(model), until=3.0, tolerance=1e-8, interaction="1 if t < 1 else 2/3")
    at_once = dynamics(state_of(model), until=2.0, tolerance=1e-8, interaction="2/3")
    np.testing.assert_allclose(
        late["mean_delta_in_time"].values[3:], at_once["mean_delta_in_time"].values[1:], atol=1e-6
    )


def test_a_voltage_is_a_potential_that_jumps_at_its_cut():
    sample = build_sample("chain", [8], "open")
    weak = np.where(sample.bonds.source == 3, 0.3, 1.0)
    state = state_of(build_model(sample, hopping=weak, chemical_potential=-0.3, attraction=2.5))
    shared = {"until": 2.0, "tolerance": 1e-7}
    by_cut = dynamics(state, voltage={"value": 0.2, "at": 3.5}, **shared)
    by_potential = dynamics(state, potential="0.2 if x > 3.5 else 0", **shared)
    for name in ("bond_current_in_time", "density_in_time", "mean_delta_in_time"):
        np.testing.assert_allclose(by_cut[name].values, by_potential[name].values, atol=1e-6)
    assert np.abs(by_cut["bond_current_in_time"].values[:, 3]).max() > 1e-3


@pytest.mark.slow
def test_a_constant_voltage_across_a_weak_link_makes_a_current_of_the_josephson_frequency():
    sample = build_sample("chain", [16], "periodic")
    is_weak = (sample.bonds.source == 7) & (sample.bonds.displacement[:, 0] > 0)
    model = build_model(sample, hopping=np.where(is_weak, 0.1, 1.0), chemical_potential=-0.3, attraction=2.5)
    found = dynamics(
        state_of(model), until=160.0, every=0.25, tolerance=1e-5, voltage={"value": 0.2, "at": 7.5}
    )
    current = found["bond_current_in_time"].values[:, np.flatnonzero(is_weak)[0]]
    times = found["bond_current_in_time"].coords["time"].values

    def wave(t, one, two, constant, frequency):
        return one * np.sin(frequency * t) + two * np.cos(frequency * t) + constant

    best, _ = curve_fit(wave, times, current, [np.abs(current).max(), 0.0, 0.0, 0.4])
    assert best[3] == pytest.approx(2 * 0.2, rel=1e-3)
    assert abs(best[0]) > 20 * abs(best[1])  # I_c sin φ of φ = 2Vt


def test_what_does_not_suit_is_refused():
    model = uniform(3, "open")
    state = state_of(model)
    for wrong, text in (
        ({"vector_potential": ["t"]}, "has 1 components"),
        ({"interaction": "x"}, "x"),
        ({"potential": "z*t"}, "z"),
        ({"interaction": "1j"}, "complex"),
        ({"voltage": {"value": 0.1, "at": 7.0}}, "no bond crosses the cut"),
        ({"pulse": {"amplitude": 1, "frequency": 1, "center": 0, "width": 1, "direction": [0, 0]}}, "length"),
        ({"until": 1e9}, "too many"),
    ):
        with pytest.raises(InputError, match=text):
            dynamics(state, **{"until": 1.0, **wrong})


def test_voltages_and_pulses_are_integrals_of_their_fields():
    sample = build_sample("chain", [4], "open")
    voltage = Voltage(0.3, 0.2, 1.7)
    step = 1e-5
    slope = (voltage.on_bonds(sample, 2 + step) - voltage.on_bonds(sample, 2 - step)) / (2 * step)
    np.testing.assert_allclose(slope, [0, -(0.3 + 0.2 * np.cos(3.4)), 0], atol=1e-9)


def test_a_motion_that_is_interrupted_goes_on_where_it_was():
    drives = {"until": 3.0, "tolerance": 1e-6, "interaction": "0.8"}
    model = uniform(4, "open")
    whole = dynamics(state_of(model), **drives)
    points, seen = Points(), []

    def kept(interrupt):
        solver = Diagonalization(1)
        solver.monitor = Monitor(interrupt, lambda part, done, total: seen.append((part, done)))
        return replace(state_of(model), solver=solver, loops=Loops(watch=Watch(points)))

    with pytest.raises(RunInterruptedError):
        dynamics(kept(lambda: bool(seen) and seen[-1] == ("times", 4)), **drives)
    assert len(points.known) == 4
    assert sum("vectors" in one for one in points.known.values()) == 1
    seen.clear()
    resumed = dynamics(kept(lambda: 0), **drives)
    assert seen[0] == ("times", 4)
    for name, one in whole.items():
        np.testing.assert_array_equal(one.values, resumed[name].values)


@pytest.mark.slow
def test_a_quench_rings_at_twice_the_final_gap():
    model = uniform(96, attraction=2.5)
    found = dynamics(state_of(model), until=40.0, every=0.25, tolerance=1e-4, interaction="0.9")
    delta = found["mean_delta_in_time"].values
    times = found["mean_delta_in_time"].coords["time"].values
    last = delta[60:].mean()

    def ringing(t, constant, size, exponent, frequency, phase):
        return constant + size * t**exponent * np.cos(frequency * t + phase)

    best, _ = curve_fit(ringing, times[20:], delta[20:], [last, 0.06, -0.5, 2 * last, 0.8])
    assert abs(best[3]) == pytest.approx(2 * best[0], rel=0.01)
    assert best[2] == pytest.approx(-0.5, abs=0.05)


@pytest.mark.slow
def test_the_current_in_a_pulse_has_a_third_harmonic_that_grows_as_its_cube():
    model = uniform(16, attraction=2.5)
    sizes = []
    for amplitude in (0.1, 0.2):
        pulse = {"amplitude": amplitude, "frequency": 0.4, "center": 30, "width": 9, "direction": [1, 0]}
        spectrum = dynamics(state_of(model), until=60.0, every=0.5, tolerance=1e-4, pulse=pulse)[
            "mean_current_spectrum"
        ]
        frequency = spectrum.coords["frequency"].values
        near = np.abs(frequency - 1.2) < 0.2
        sizes.append((spectrum.values[:, 0].max(), spectrum.values[near, 0].max()))
    growth = np.log2(np.array(sizes[1]) / sizes[0])
    np.testing.assert_allclose(growth, [1, 3], atol=0.1)

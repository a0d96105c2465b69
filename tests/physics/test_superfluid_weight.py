"""The superfluid weight against sums over k, derivatives of Ω, and what theory says of its temperature."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from bdg import Disorder, ScfOptions, State, build_model, build_sample, solve
from bdg.errors import InputError
from bdg.gauge import UniformField
from bdg.lattice import Boundary
from bdg.nambu import NambuAssembler
from bdg.observables import measure
from bdg.observables.response.vector_potential import in_uniform, joined_axes
from bdg.solvers import choose

TIGHT = ScfOptions(1e-11)


def by_momenta(n, mu, delta, temperature, shift=0.5):
    """Diamagnetic and paramagnetic weight of the square lattice, summed over n × n momenta."""
    k = 2 * np.pi * (np.arange(n) + shift) / n
    kx, ky = np.meshgrid(k, k)
    xi = -2 * np.cos(kx) - 2 * np.cos(ky) - mu
    e = np.hypot(xi, delta)
    occupied = 1 - xi / e * np.tanh(e / (2 * temperature))
    dia = np.mean(2 * np.cos(kx) * occupied)
    sech = 1 / np.cosh(np.minimum(e / (2 * temperature), 300))
    return dia, -np.mean((2 * np.sin(kx) * sech) ** 2) / (2 * temperature)


def infinite(n, **given):
    cell = build_sample("square", (1, 1), [Boundary("bloch", 0.0, n, 0.5)] * 2)
    return build_model(cell, chemical_potential=-0.5, **given)


@pytest.mark.parametrize("method", ["exact", "difference"])
@pytest.mark.parametrize("dofs", [2, 4])
def test_kubo_is_the_sum_over_momenta(dofs, method):
    model = infinite(16, attraction=2.5, temperature=0.15, least_dofs=dofs)
    result = solve(model, observables={"superfluid_weight": {"method": method}}, scf=TIGHT)
    dia, para = by_momenta(16, -0.5, abs(result.fields.delta[0]), 0.15)
    assert para < -0.01
    assert result["diamagnetic"].values == pytest.approx(dia * np.eye(2), abs=1e-10)
    assert result["paramagnetic"].values == pytest.approx(para * np.eye(2), abs=1e-10)
    assert result["local_stiffness"].values == pytest.approx(dia + para, abs=1e-9)


MODELS = {
    "dirty": {"attraction": 2.5, "disorder": Disorder(2.0, 1)},
    "flowing": {"attraction": 2.5, "vector_potential": [0.07, 0.02], "disorder": Disorder(1.0, 4)},
    "spin–orbit": {"attraction": 2.5, "rashba": 0.5, "zeeman": [0.1, 0.0, 0.2]},
    "d wave": {"bond_attraction": 1.5, "channels": "d_x2_y2", "disorder": Disorder(0.5, 2)},
}


@pytest.mark.parametrize("name", MODELS)
def test_it_is_the_second_derivative_of_omega_with_the_fields_held(name):
    ends = [Boundary("periodic"), Boundary("bloch", 0.0, 2, 0.5)]
    sample = build_sample("square", (5, 4), ends, shells=2)
    model = build_model(sample, hopping=[1.0, -0.3], chemical_potential=-0.6, temperature=0.1, **MODELS[name])
    solver = choose("diagonalization", rows=40, temperature=0.1)
    result = solve(model, observables=(), solver=solver)
    state = State(model, result.fields, NambuAssembler(model).matrix(result.fields), solver)
    weight = measure(state, "superfluid_weight", {"method": "exact"})
    other = measure(state, "superfluid_weight", {"method": "difference"})

    def omega(shift):
        return float(measure(in_uniform(state, np.array(shift)), "grand_potential")["grand_potential"]) / 20

    h = 0.004
    along = [omega((n * h, 0.0)) for n in (-2, -1, 0, 1, 2)]
    second = np.dot([-1, 16, -30, 16, -1], along) / (12 * h**2)
    mixed = omega((h, h)) - omega((h, -h)) - omega((-h, h)) + omega((-h, -h))
    found = weight["superfluid_weight"].values
    assert found[0, 0] == pytest.approx(second, abs=1e-7)
    assert found[0, 1] == pytest.approx(mixed / (4 * h**2), abs=2e-5)
    assert other["superfluid_weight"].values == pytest.approx(found, abs=1e-8)
    assert found == pytest.approx(found.T, abs=1e-12)


def test_what_follows_lowers_the_weight_and_conserves_the_current():
    sample = build_sample("square", (6, 6), "periodic")
    model = build_model(
        sample, chemical_potential=-0.5, attraction=2.5, temperature=0.1, disorder=Disorder(3.0, 1)
    )
    result = solve(model, observables={"superfluid_weight": {"relax": True}}, scf=ScfOptions(1e-10))
    held, follows = (result[name].values for name in ("superfluid_weight", "relaxed_weight"))
    assert np.all(np.linalg.eigvalsh(held - follows) > 1e-3)
    # A conserved current along x passes every column alike: the local map sums to the same in each.
    by_column = result["relaxed_stiffness"].values[0].reshape(6, 6).mean(axis=1)
    assert np.ptp(by_column) < 1e-6
    assert by_column.mean() == pytest.approx(follows[0, 0], abs=1e-8)
    assert np.ptp(result["local_stiffness"].values[0].reshape(6, 6).mean(axis=1)) > 1e-3


@pytest.mark.slow
def test_it_vanishes_at_the_critical_temperature_of_a_fine_mesh():
    """L·T_c = 13: in proportion to T_c − T, and what is left in the normal state is the mesh's."""

    def at(temperature, initial="uniform"):
        model = infinite(80, attraction=2.0, temperature=temperature)
        options = ScfOptions(1e-11, max_iterations=1000)
        result = solve(
            model, observables={"superfluid_weight": {"method": "difference"}}, initial=initial, scf=options
        )
        assert result["diamagnetic"].values[0, 0] > 0.5
        return result["superfluid_weight"].values[0, 0]

    k = 2 * np.pi * (np.arange(80) + 0.5) / 80
    xi = 0.5 - 2 * np.cos(k) - 2 * np.cos(k)[:, None]
    critical = brentq(lambda t: np.mean(np.tanh(xi / (2 * t)) / (2 * xi)) - 1 / 2.0, 0.05, 1.0)
    assert critical * 80 > 10
    assert abs(at(critical, "normal")) < 1e-6
    assert abs(at(1.01 * critical)) < 1e-6
    near, nearer = at(0.98 * critical), at(0.99 * critical)
    assert 0 < near < 0.06
    assert near / nearer == pytest.approx(2, rel=0.03)


def test_its_temperature_is_that_of_yosida_in_weak_coupling():
    """D(T)/D(0) = 1 − Y(Δ/T), Y = ∫ dx (1/4T) sech²(√(x² + Δ²)/2T) over the Fermi surface."""
    for reduced in (2.0, 3.0):
        delta, n = 0.04, 1600
        temperature = delta / reduced
        at, cold = (sum(by_momenta(n, -0.5, delta, t)) for t in (temperature, delta / 40))
        yosida = quad(lambda x, r=reduced: 0.5 / np.cosh(0.5 * np.hypot(x, r)) ** 2, 0, 60)[0]
        assert at / cold == pytest.approx(1 - yosida, abs=4e-3)
        assert 0.1 < yosida < 0.9


def test_only_directions_with_joined_ends_have_one():
    ends = [Boundary("periodic"), Boundary("open")]
    assert joined_axes(build_sample("square", (4, 4), ends)) == [0]
    assert joined_axes(build_sample("triangular", (4, 4), ["periodic", "periodic"])) == [0, 1]
    assert joined_axes(build_sample("triangular", (4, 4), ends)) == [0]


@pytest.mark.parametrize("dofs", [2, 4])
def test_the_conductivity_obeys_its_sum_rule_and_is_inductive_below_the_gap(dofs):
    sample = build_sample("square", (5, 4), [Boundary("periodic"), Boundary("bloch", 0.0, 3, 0.5)])
    model = build_model(
        sample,
        chemical_potential=-0.5,
        attraction=3.0,
        temperature=0.1,
        disorder=Disorder(2.0, 1),
        least_dofs=dofs,
    )
    omega, eta = np.linspace(-60, 60, 8001), 0.05
    parameters = {"energies": omega, "broadening": eta}
    result = solve(
        model, observables={"conductivity": parameters, "superfluid_weight": {"method": "exact"}}, scf=TIGHT
    )
    dia, weight = (np.diag(result[name].values) for name in ("diamagnetic", "superfluid_weight"))
    real, imaginary = (result[f"conductivity_{part}"].values for part in ("real", "imaginary"))
    assert np.all(real > -1e-12)
    tails = 2 * eta / 60  # of the Lorentzian that η makes of everything
    assert np.trapezoid(real, omega, axis=1) == pytest.approx((np.pi - tails) * dia, rel=1e-4)
    assert imaginary == pytest.approx(-imaginary[:, ::-1], abs=1e-9)
    low = np.argmin(np.abs(omega - 0.2))
    assert omega[low] * imaginary[:, low] == pytest.approx(weight, rel=0.1)
    assert float(result["kinetic_inductance"]) == pytest.approx(1 / weight[0], rel=1e-10)
    assert np.all(weight < 0.95 * dia)


def test_the_conductivity_of_a_clean_lattice_is_that_of_its_free_carriers():
    """σ = i · diamagnetic/(ω + iη): currents decay into nothing; what D lacks of it is at ω = 0 alone."""
    parameters = {"energies": [0.0, 0.3, 2.0], "broadening": 0.01}
    model = infinite(16, attraction=2.5, temperature=0.15)
    result = solve(
        model, observables={"conductivity": parameters, "superfluid_weight": {"method": "exact"}}, scf=TIGHT
    )
    dia, weight = (result[name].values[0, 0] for name in ("diamagnetic", "superfluid_weight"))
    sigma = result["conductivity_real"].values[0] + 1j * result["conductivity_imaginary"].values[0]
    assert sigma == pytest.approx(1j * dia / (np.array([0.0, 0.3, 2.0]) + 0.01j), abs=1e-9)
    assert float(result["kinetic_inductance"]) == pytest.approx(1 / weight, rel=1e-9)
    assert weight < 0.98 * dia


def test_vortices_unbind_where_the_stiffness_of_the_lattice_says():
    model = infinite(24, attraction=3.0, temperature=0.05)
    result = solve(model, observables={"bkt_temperature": {"tolerance": 1e-7}}, scf=TIGHT)
    temperature = float(result["bkt_temperature"])
    k = 2 * np.pi * (np.arange(24) + 0.5) / 24
    xi = 0.5 - 2 * np.cos(k) - 2 * np.cos(k)[:, None]

    def missing(delta):
        e = np.hypot(xi, delta)
        return np.mean(np.tanh(e / (2 * temperature)) / (2 * e)) - 1 / 3.0

    delta = brentq(missing, 1e-3, 2.0)
    assert np.pi / 8 * sum(by_momenta(24, -0.5, delta, temperature)) == pytest.approx(temperature, abs=1e-6)
    assert 0.1 < temperature < 0.3


@pytest.mark.parametrize(("attraction", "temperature"), [(0.0, 0.05), (2.5, 5.0)])
def test_nothing_unbinds_in_a_metal_whose_momenta_are_few(attraction, temperature):
    """Its weight is that of a small ring, no stiffness."""
    model = infinite(8, attraction=attraction, temperature=temperature)
    with pytest.raises(InputError, match="no stiffness; start below T_c"):
        solve(model, observables=["bkt_temperature"])


def test_where_currents_make_a_field_it_is_held():
    """The local parts are the weight's, and not zero because the field made up for the shift of A."""
    sample = build_sample("square", [16, 1], ["open", Boundary("bloch", n_k=12)])
    model = build_model(
        sample,
        chemical_potential=-0.8,
        attraction=2.5,
        temperature=0.1,
        vector_potential=UniformField(0.004),
        screening={"mu0": 0.04, "geometry": "slab"},
    )
    result = solve(model, observables={"superfluid_weight": {"method": "exact"}})
    weight = result["superfluid_weight"].values[0, 0]
    assert result["local_stiffness"].values.mean() == pytest.approx(weight, rel=1e-7)
    assert weight > 0.3


@pytest.mark.parametrize(
    "terms", [{"filling": 0.8}, {"chemical_potential": -0.6, "rashba": 0.3}], ids=["filling", "any spin"]
)
def test_fields_that_follow_do_what_self_consistent_runs_in_a_field_do(terms):
    """∂²F/∂A² from runs at ±A, the fields (and μ) self-consistent in each."""
    sample = build_sample("square", (5, 4), "periodic")
    options, h = ScfOptions(1e-12, max_iterations=3000), 0.004

    def at(a, observables=()):
        model = build_model(
            sample,
            attraction=2.5,
            fields=["pairing", "hartree"],
            temperature=0.1,
            disorder=Disorder(2.0, 1),
            vector_potential=[a, 0.0],
            **terms,
        )
        return solve(model, observables=observables, scf=options)

    currents = [at(n * h, ("currents",))["total_current"].values for n in (1, -1, 2, -2)]
    slope = -(8 * (currents[0] - currents[1]) - (currents[2] - currents[3])) / (12 * h) / 20
    found = at(0.0, {"superfluid_weight": {"relax": True, "method": "response"}})
    relaxed = found["relaxed_weight"]
    np.testing.assert_allclose(relaxed.values[:, 0], slope, rtol=0, atol=1e-6)
    np.testing.assert_allclose(relaxed.values, relaxed.values.T, rtol=0, atol=1e-9)
    assert relaxed.error < 1e-7
    assert np.linalg.eigvalsh(found["superfluid_weight"].values - relaxed.values)[0] > 1e-3

"""Near T_c the lattice is what Ginzburg and Landau say, with coefficients from the band alone."""

import numpy as np
import pytest
from scipy.optimize import brentq

import bdg
from bdg.macroscopic import ginzburg_landau as gl
from bdg.macroscopic.grid import Grid

ATTRACTION, MU = 3.0, -0.5
TIGHT = bdg.ScfOptions(tolerance=1e-9, max_iterations=400)


def coefficients(temperature):
    k = 2 * np.pi * np.arange(400) / 400
    kx, ky = np.meshgrid(k, k, indexing="ij")
    energies = -2 * (np.cos(kx) + np.cos(ky)) - MU
    return gl.lattice_coefficients(energies, 2 * np.sin(kx), attraction=ATTRACTION, temperature=temperature)


@pytest.fixture(scope="module")
def critical_temperature():
    return brentq(lambda temperature: coefficients(temperature).alpha, 0.1, 1.0)


@pytest.mark.parametrize("share", [0.1, 0.05, pytest.param(0.025, marks=pytest.mark.slow)])
def test_the_order_parameter_heals_over_the_coherence_length(critical_temperature, share):
    """Beside a column without attraction Δ = Δ_∞ tanh((x + x₀)/√2ξ), x₀ fitted; Δ_∞ = √(−α/β); errors ∝ 1 −
    T/T_c.
    """
    temperature = critical_temperature * (1 - share)
    expected = coefficients(temperature)
    n = int(24 * expected.coherence_length) // 2 * 2
    sample = bdg.build_sample("square", [n, 1], ["periodic", bdg.Boundary("bloch", n_k=48)])
    attraction = np.full(n, ATTRACTION)
    attraction[0] = 0.0
    given = {"chemical_potential": MU, "attraction": attraction, "temperature": temperature}
    result = bdg.solve(bdg.build_model(sample, **given), observables=(), scf=TIGHT)
    delta = np.abs(result.fields.delta)
    assert result.status == "converged"
    assert delta[n // 2] / expected.order_parameter == pytest.approx(
        1 + 0.43 * share, abs=0.02 * share + 1e-3
    )
    profile, x = delta[: n // 2] / delta[n // 2], np.arange(n // 2)
    xi, fitted = expected.coherence_length, 4
    offset = np.sqrt(2) * xi * np.arctanh(profile[fitted]) - fitted
    assert 0 < offset < 0.5 * xi
    away = x > 1
    np.testing.assert_allclose(
        gl.healing_profile(x + offset, xi)[away], profile[away], atol=0.1 * share + 0.004
    )
    assert profile[2] < 0.75


@pytest.mark.parametrize("share", [0.1, 0.05])
def test_the_stiffness_is_that_of_the_gradient_term(critical_temperature, share):
    """−∂J/∂A = 2γq²Δ²: of a torus with a small uniform A, up to a term ∝ 1 − T/T_c."""
    temperature, small = critical_temperature * (1 - share), 1e-3
    sample = bdg.build_sample("square", [32, 32], ["periodic", bdg.Boundary("periodic")])
    given = {"chemical_potential": MU, "attraction": ATTRACTION, "temperature": temperature}
    model = bdg.build_model(sample, vector_potential=[small, 0], **given)
    result = bdg.solve(model, observables="currents", scf=TIGHT)
    stiffness = -result["site_current"].values[:, 0].mean() / small
    expected = coefficients(temperature)
    ratio = stiffness / (8 * expected.gamma * expected.order_parameter**2)
    assert ratio == pytest.approx(1 - 0.8 * share, abs=0.02 * share + 1e-3)


def links_of(model):
    """Link phases (2q/ħ)∫A·dl of pairs from every site to the next, by direction."""
    sample, bonds = model.sample, model.sample.bonds
    phases = [np.zeros(sample.size) for _ in range(2)]
    for bond, step in enumerate(np.round(bonds.displacement).astype(int)):
        direction, ahead = int(np.flatnonzero(step)[0]), step.sum() > 0
        begins = bonds.source[bond] if ahead else bonds.target[bond]
        phases[direction][tuple(sample.cells[begins])] = 2 * model.phase[bond] * (1 if ahead else -1)
    return phases


def two_vortices(temperature, size):
    """|Δ| over that without a field, of the lattice and by relaxation of F; both energies."""
    expected = coefficients(temperature)
    given = {"chemical_potential": MU, "attraction": ATTRACTION, "temperature": temperature}
    sample = bdg.build_sample("square", [size, size], "periodic")
    model = bdg.build_model(sample, vector_potential=bdg.VortexLattice(2, "square"), **given)
    found, normal = (
        bdg.solve(model, observables="grand_potential", initial=start, scf=TIGHT)
        for start in ("uniform", "normal")
    )
    cell = bdg.build_sample("square", [1, 1], bdg.Boundary("bloch", n_k=200))
    plain = bdg.solve(bdg.build_model(cell, **given), observables=(), scf=TIGHT).fields.delta[0]
    assert found.status == "converged"

    xi, at = expected.coherence_length, np.zeros((size, size), int)
    at[tuple(sample.cells.T)] = np.arange(sample.n_sites)
    flux = 2 * 2 * np.pi * xi**2 / size**2
    film = gl.Film(Grid.build((size, size), 1 / xi, "periodic"), applied=flux)
    # From the lattice's own Δ: on a torus vortices may lie anywhere, and so lie at the same places.
    psi = found.fields.delta[at] / expected.order_parameter
    end = gl.relax(gl.FilmState(film, psi.astype(complex), links_of(model)), duration=60.0)
    assert np.abs(end.vortices).sum() == 2
    assert end.residual < 1e-5
    energies = (
        float(found["grand_potential"]) - float(normal["grand_potential"]),
        end.free_energy * xi**2 * expected.alpha**2 / expected.beta,
    )
    return np.abs(found.fields.delta[at]) / plain, np.abs(end.psi), energies


def test_a_vortex_lattice_is_that_of_relaxation_in_two_dimensions(critical_temperature):
    """Nearly the same B/B_c2 at two temperatures: |Δ| and the energy are apart by what falls as 1 − T/T_c."""
    apart, off = [], []
    for share, size in ((0.1, 20), (0.05, 28)):
        lattice, relaxed, energies = two_vortices((1 - share) * critical_temperature, size)
        assert relaxed.min() < 0.25
        assert relaxed.max() > 0.95
        apart.append(np.abs(lattice - relaxed).max())
        off.append(energies[0] / energies[1] - 1)
    for errors, largest in ((apart, 0.025), (off, 0.06)):
        assert 0 < errors[1] < largest
        assert errors[0] / errors[1] == pytest.approx(2, abs=0.25)

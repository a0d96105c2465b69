"""A(k, ω) against closed formulas of one cell, of tori and of larger cells, and against sums over sites."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import bdg
from bdg import Boundary
from bdg.errors import InputError
from bdg.observables.spectra import plane_waves
from bdg.observables.spectra.bands import along_path

ENERGIES = np.linspace(-5.0, 5.0, 41)
ETA = 0.1
PATH = ["Gamma", "X", "M", "Gamma"]
MU = -0.5


def lorentzian(x):
    return ETA / np.pi / (x * x + ETA * ETA)


def measured(model, path=PATH, num=13):
    result = bdg.solve(model)
    settings = {"path": path, "num": num, "energies": ENERGIES, "broadening": ETA}
    return bdg.measure(result, "spectral_function", **settings)


def allowed(sample, corners, num=13):
    """The momenta k·a_d/2π of a path that the ends allow."""
    asked = along_path(sample.cell.vectors, np.array(corners, float), num)[0]
    return plane_waves.PlaneWaves.near(sample, asked).coordinates


SQUARE = [[0, 0], [0.5, 0], [0.5, 0.5], [0, 0]]


def band(coordinates):
    return -2 * np.cos(2 * np.pi * coordinates).sum(axis=1) - MU


def bcs(xi, delta, shift=0.0):
    """u² δ(ω − E) + v² δ(ω + E) of one spin."""
    energy = np.hypot(xi, delta)
    u2, w = 0.5 * (1 + xi / energy), ENERGIES[:, None] - shift
    return u2 * lorentzian(w - energy) + (1 - u2) * lorentzian(w + energy)


def bloch(n_k, **more):
    return Boundary("bloch", n_k=n_k, **more)


SAMPLES = {
    "one cell": ([1, 1], bloch(12)),
    "a large cell": ([3, 2], bloch(4)),
    "a torus": ([12, 12], "periodic"),
    "a strip without ends": ([12, 1], ["periodic", bloch(12)]),
}


@pytest.fixture(params=["levels", "solutions"])
def way(request, monkeypatch):
    """Both ways to a Green's function between plane waves."""
    if request.param == "solutions":
        monkeypatch.setattr(plane_waves, "LEVELS", 0)


@pytest.mark.parametrize(("size", "boundary"), SAMPLES.values(), ids=SAMPLES)
def test_bcs(size, boundary, way):
    sample = bdg.build_sample("square", size, boundary)
    found = measured(bdg.build_model(sample, chemical_potential=MU, given={"onsite": 0.6}, temperature=0.1))
    values, exact = found["spectral_function"], 2 * bcs(band(allowed(sample, SQUARE)), 0.6)
    assert np.abs(values.values - exact).max() <= values.error + 1e-13
    assert values.error < 1e-8
    assert values.attributes["path_labels"] == "Gamma, X, M, Gamma"


def test_d_wave_in_a_zeeman_field():
    """H_Z = −h σ_z: the levels of spin up are lower."""
    sample = bdg.build_sample("square", [2, 2], bloch(6))
    found = measured(
        bdg.build_model(
            sample, chemical_potential=MU, given={"d_x2_y2": 0.2}, zeeman=[0, 0, 0.4], temperature=0.1
        )
    )
    k = 2 * np.pi * allowed(sample, SQUARE)
    pairs = GAP * 0.2 * (np.cos(k[:, 0]) - np.cos(k[:, 1]))
    up, down = (bcs(band(k / (2 * np.pi)), pairs, shift) for shift in (-0.4, 0.4))
    np.testing.assert_allclose(found["spin_spectral_function"].values, [up, down], atol=1e-9)
    np.testing.assert_allclose(found["spectral_function"].values, up + down, atol=1e-9)


GAP = 2.0
"""Δ on the bonds of both directions makes 2Δ (cos k_x − cos k_y)."""


@pytest.mark.parametrize(
    ("size", "boundary"),
    [
        ([6, 4], [Boundary("periodic", twist=0.7), Boundary("periodic", twist=-1.1)]),
        ([2, 1], [bloch(3, twist=0.7), bloch(4, shift=0.3)]),
    ],
)
def test_ends_with_a_twist(size, boundary):
    """ψ(r + L) = e^{iφ} ψ(r): momenta (2πm + φ)/L."""
    sample = bdg.build_sample("square", size, boundary)
    found = measured(bdg.build_model(sample, chemical_potential=MU, temperature=0.1))
    coordinates = allowed(sample, SQUARE)
    if not sample.is_infinite:
        phases = 2 * np.pi * coordinates * size - [0.7, -1.1]
        np.testing.assert_allclose(np.exp(1j * phases), 1.0, atol=1e-12)
    exact = 2 * lorentzian(ENERGIES[:, None] - band(coordinates))
    np.testing.assert_allclose(found["spectral_function"].values, exact, atol=1e-10)


def test_two_orbitals():
    """Graphene: the trace over both, whatever the phase between them."""
    sample = bdg.build_sample("honeycomb", [2, 2], bloch(3))
    found = measured(bdg.build_model(sample, chemical_potential=0.0, temperature=0.1), ["Gamma", "K", "M"])
    k = 2 * np.pi * allowed(sample, [[0, 0], [2 / 3, 1 / 3], [0.5, 0]])
    size = np.abs(1 + np.exp(1j * k).sum(axis=1))
    exact = 2 * (lorentzian(ENERGIES[:, None] - size) + lorentzian(ENERGIES[:, None] + size))
    np.testing.assert_allclose(found["spectral_function"].values, exact, atol=1e-10)


def test_spin_orbit_coupling(way):
    """Rashba: each helicity half of each spin."""
    sample = bdg.build_sample("square", [2, 1], bloch(4))
    found = measured(bdg.build_model(sample, chemical_potential=MU, rashba=0.4, temperature=0.1))
    k = 2 * np.pi * allowed(sample, SQUARE)
    size = 0.4 * np.hypot(np.sin(k[:, 0]), np.sin(k[:, 1]))
    xi, w = band(k / (2 * np.pi)), ENERGIES[:, None]
    both = lorentzian(w - xi - size) + lorentzian(w - xi + size)
    np.testing.assert_allclose(found["spectral_function"].values, both, atol=1e-9)
    np.testing.assert_allclose(found["spin_spectral_function"].values, [both / 2, both / 2], atol=1e-9)


MODELS = {
    "disorder": {"disorder": bdg.Disorder(1.0, seed=1), "given": {"onsite": 0.5}},
    "currents": {"given": {"onsite": 0.5, "phase": "0.5*x"}},
    "spins": {"zeeman": [0.0, 0.0, 0.3], "given": {"onsite": 0.4}, "disorder": bdg.Disorder(1.0, seed=1)},
    "noncollinear": {"zeeman": [0.2, 0.1, 0.3], "rashba": 0.3, "given": {"d_x2_y2": 0.2}},
}


@pytest.mark.parametrize("lattice", ["square", "honeycomb"])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_all_momenta_together_are_all_sites(lattice, model):
    """Σ_k A(k, ω) = Σ_i N_i(ω), spin by spin: another observable and another solver."""
    size = [4, 3]
    sample = bdg.build_sample(lattice, size, [Boundary("periodic", twist=0.4), Boundary("periodic")])
    if lattice == "honeycomb" and "d_x2_y2" in model.get("given", {}):
        model = model | {"given": {"onsite": 0.3}}
    result = bdg.solve(bdg.build_model(sample, chemical_potential=MU, temperature=0.1, **model))
    ldos = bdg.measure(result, "ldos", energies=ENERGIES, broadening=ETA)
    by_site = ldos["spin_ldos"].values if "spin_ldos" in ldos else [ldos["ldos"].values / 2] * 2
    grid = np.array([*product(*(np.arange(n) / n for n in size))])
    waves = plane_waves.PlaneWaves.near(sample, grid)
    z, hamiltonian = ENERGIES + 1j * ETA, result.state().hamiltonian
    for component in (0, 1):
        at = -z.conj() if hamiltonian.dofs == 2 and component else z
        values, error = plane_waves.resolved(hamiltonian, waves, component)(at)
        np.testing.assert_allclose(values.sum(axis=1), by_site[component].sum(axis=1), atol=1e-8)
        assert error < 1e-9


def test_a_region_with_vacancies_has_all_its_electrons():
    """∫A dω = 2 for each orbital of the cell at any momentum, whatever the shape."""
    sample = bdg.build_sample("square", [9, 9], region=bdg.disk(4, [4, 4]))
    model = bdg.build_model(sample, chemical_potential=0.0, attraction=2.0, temperature=0.1)
    energies = np.linspace(-60, 60, 6001)
    found = bdg.measure(
        bdg.solve(model), "spectral_function", path=[[0, 0], [0.3, 0.1]], num=3, energies=energies
    )
    total = found["spectral_function"].values.sum(axis=0) * (energies[1] - energies[0])
    np.testing.assert_allclose(total, 2.0, atol=2 * 2 * 0.05 / np.pi / 50)


def test_with_a_vector_potential_the_gauge_is_named():
    """A constant one shifts the momenta of electrons, k → k + A, though nothing else has changed."""
    sample = bdg.build_sample("square", [2, 2], bloch(6))
    model = bdg.build_model(sample, chemical_potential=MU, temperature=0.1, vector_potential=[0.3, 0.0])
    found = measured(model)["spectral_function"]
    k = allowed(sample, SQUARE)
    along = [band(k + sign * np.array([0.3, 0.0]) / (2 * np.pi)) for sign in (1, -1)]
    far = [np.abs(found.values - 2 * lorentzian(ENERGIES[:, None] - xi)).max() for xi in along]
    assert min(far) < 1e-9
    assert "gauge" in found.attributes["warning"]


@pytest.mark.parametrize(
    ("lattice", "path", "told"),
    [
        ("square", ["Gamma", "K"], "the square lattice has no point 'K'; use Gamma, X, Y, M or coordinates"),
        ("square", ["X", "X"], "the path has no length"),
        ("square", [[0.0], [0.5]], "wants 2 finite numbers"),
        ("chain", ["Gamma", "M"], "the chain lattice has no point 'M'"),
    ],
)
def test_what_is_no_path_is_refused(lattice, path, told):
    result = bdg.solve(bdg.build_model(bdg.build_sample(lattice, [4] * (1 + (lattice == "square")))))
    with pytest.raises(InputError, match=told):
        bdg.measure(result, "spectral_function", path=path, energies=[0.0])

"""n(k) and F(k) against BCS, against sums over the density matrix, and A(k, ω) over the zone."""

from __future__ import annotations

import numpy as np
import pytest

import bdg
from bdg import Boundary
from bdg.observables import measure
from bdg.observables.spectra import occupied as module
from bdg.solvers.thermal import fermi
from tests.support.states import DENSE, state_of

DISORDER = bdg.Disorder(1.0, seed=5)
TURNED = [Boundary("periodic", twist=0.4), Boundary("periodic")]
STATES = {
    "disorder": ("square", [5, 4], TURNED, {"disorder": DISORDER}),
    "open ends": ("square", [4, 3], "open", {"disorder": DISORDER}),
    "collinear": ("square", [4, 4], "periodic", {"zeeman": [0.0, 0.0, 0.4], "disorder": DISORDER}),
    "general": (
        "square",
        [4, 3],
        "periodic",
        {"rashba": 0.3, "zeeman": [0.1, 0.2, 0.3], "disorder": DISORDER},
    ),
    "two orbitals": ("honeycomb", [3, 3], "periodic", {"rashba": 0.2, "disorder": DISORDER}),
    "T = 0": ("square", [4, 4], "periodic", {"disorder": DISORDER, "temperature": 0.0}),
}


def made(name):
    kind, size, boundary, terms = STATES[name]
    return state_of(bdg.build_sample(kind, size, boundary), DENSE, **{"temperature": 0.1} | terms)


def density_matrix(state):
    """⟨c†_j c_i⟩ and ⟨c_j c_i⟩ with spins, shapes (n, n, 2, 2), from f(H) as Ψ says, by hand."""
    matrix = state.hamiltonian
    n, dofs = matrix.n_sites, matrix.dofs
    energies, vectors = np.linalg.eigh(matrix.dense())
    f = (vectors * fermi(energies, state.model.temperature)) @ vectors.conj().T
    f = f.reshape(n, dofs, n, dofs).transpose(0, 2, 1, 3)
    normal, pairs = np.zeros((n, n, 2, 2), complex), np.zeros((n, n, 2, 2), complex)
    if dofs == 2:  # Ψ = (c_↑, c†_↓)
        normal[:, :, 0, 0] = f[:, :, 0, 0]
        normal[:, :, 1, 1] = np.eye(n) - f[:, :, 1, 1].T
        pairs[:, :, 0, 1] = f[:, :, 0, 1]
        pairs[:, :, 1, 0] = -f[:, :, 0, 1].T
    else:  # Ψ = (c_↑, c_↓, c†_↓, −c†_↑)
        normal[:] = f[:, :, :2, :2]
        pairs[:, :, :, 1], pairs[:, :, :, 0] = f[:, :, :2, 2], -f[:, :, :2, 3]
    return normal, pairs


@pytest.mark.parametrize("by_poles", [False, True])
@pytest.mark.parametrize("name", STATES)
def test_sums_over_the_density_matrix(name, by_poles, monkeypatch):
    """Σ_ij e^{−ik·(R_i − R_j)}⟨c†_j c_i⟩/N and Σ_ij e^{−ik·(R_i − R_j)}⟨c_j c_i⟩/N, within each orbital."""
    monkeypatch.setattr(module, "LEVELS", 1 if by_poles else 2000)
    state = made(name)
    sample = state.model.sample
    found = measure(state, "momentum_distribution", {})
    normal, pairs = density_matrix(state)
    same = sample.orbitals[:, None] == sample.orbitals
    grid = np.meshgrid(
        *(found["pair_amplitude"].coords[d].values for d in ("k_first", "k_second")), indexing="ij"
    )
    k = np.stack(grid, axis=-1)
    apart = sample.cells[:, None] - sample.cells
    waves = np.exp(-2j * np.pi * np.einsum("fsd,ijd->fsij", k, apart)) * same / np.prod(sample.size)
    n = np.einsum("fsij,ijab->abfs", waves, normal)
    pair = np.einsum("fsij,ijab->abfs", waves, pairs)
    np.testing.assert_allclose(found["momentum_distribution"].values, [n[0, 0], n[1, 1]], atol=1e-9)
    np.testing.assert_allclose(found["pair_amplitude"].values, pair[0, 1], atol=1e-9)
    assert np.abs(pair[0, 1]).max() > 0.05
    if "triplet_pair_amplitude" in found:
        x, y, z = found["triplet_pair_amplitude"].values
        np.testing.assert_allclose(y * 1j - x, pair[0, 0], atol=1e-9)
        np.testing.assert_allclose(y * 1j + x, pair[1, 1], atol=1e-9)
        np.testing.assert_allclose(2 * z, pair[0, 1] + pair[1, 0], atol=1e-9)
    else:
        np.testing.assert_allclose(pair[0, 1], -pair[1, 0], atol=1e-9)


@pytest.mark.parametrize("name", STATES)
def test_the_sum_over_momenta_is_the_number_of_electrons(name):
    state = made(name)
    found = measure(state, "momentum_distribution", {})["momentum_distribution"].values
    spins = measure(state, "density", {})["spin_density"].values
    np.testing.assert_allclose(found.sum(axis=(1, 2)), spins.sum(axis=1), atol=1e-10)


@pytest.mark.parametrize(
    ("size", "ends"), [([1, 1], Boundary("bloch", n_k=8)), ([8, 8], "periodic"), ([2, 1], "mixed")]
)
@pytest.mark.parametrize("temperature", [0.0, 0.2])
def test_a_uniform_state_has_the_amplitudes_of_bcs(size, ends, temperature):
    """n_σ = v² and F = −u v at T = 0; (1 − ξ/E tanh)/2 and −Δ/2E tanh above."""
    ends = [Boundary("bloch", n_k=4), Boundary("bloch", n_k=8)] if ends == "mixed" else ends
    state = state_of(bdg.build_sample("square", size, ends), delta=0.3, temperature=temperature)
    found = measure(state, "momentum_distribution", {})
    x, y = (found["pair_amplitude"].coords[d].values * 2 * np.pi for d in ("k_first", "k_second"))
    xi = -2 * np.cos(x)[:, None] - 2 * np.cos(y) + 0.7
    energy = np.hypot(xi, 0.3)
    factor = np.tanh(energy / (2 * temperature)) if temperature else 1.0
    assert xi.shape == (8, 8)
    for spin in found["momentum_distribution"].values:
        np.testing.assert_allclose(spin, 0.5 * (1 - xi / energy * factor), atol=1e-12)
    np.testing.assert_allclose(found["pair_amplitude"].values, -0.3 / (2 * energy) * factor, atol=1e-12)


def test_equal_spins_of_a_kitaev_chain_are_a_triplet():
    """p wave along x with d along z: F is odd in k, and all of it d_z."""
    sample = bdg.build_sample("chain", [1], Boundary("bloch", n_k=6))
    model = bdg.build_model(sample, chemical_potential=-0.5, given={"p_x": 0.4}, temperature=0.1)
    result = bdg.solve(model, observables=["momentum_distribution"])
    pairs, triplet = result["pair_amplitude"].values, result["triplet_pair_amplitude"].values
    np.testing.assert_allclose(triplet[2], pairs, atol=1e-12)
    np.testing.assert_allclose(triplet[:2], 0, atol=1e-12)
    np.testing.assert_allclose(pairs[1:], -pairs[1:][::-1], atol=1e-12)
    assert np.abs(pairs).max() > 0.1


def test_no_pairs_and_no_temperature_fill_the_fermi_sea():
    state = state_of(bdg.build_sample("square", [1, 1], Boundary("bloch", n_k=7)), delta=0.0, temperature=0.0)
    found = measure(state, "momentum_distribution", {"mesh": 7})
    x, y = (found["pair_amplitude"].coords[d].values * 2 * np.pi for d in ("k_first", "k_second"))
    xi = -2 * np.cos(x)[:, None] - 2 * np.cos(y) + 0.7
    np.testing.assert_allclose(found["momentum_distribution"].values[0], xi < 0, atol=1e-12)
    np.testing.assert_allclose(found["pair_amplitude"].values, 0, atol=1e-12)


@pytest.mark.parametrize("name", ["disorder", "collinear", "general"])
def test_the_map_over_the_zone_is_the_path_where_they_meet(name):
    state = made(name)
    energies = [-1.0, 0.2, 0.9]
    zone = measure(state, "spectral_map", {"energies": energies, "broadening": 0.1})
    first, second = (zone["spectral_map"].coords[d].values for d in ("k_first", "k_second"))
    corners = [[first[0], second[1]], [first[-1], second[1]]]
    how = {"energies": energies, "broadening": 0.1, "path": corners, "num": len(first)}
    path = measure(state, "spectral_function", how)
    np.testing.assert_allclose(
        zone["spectral_map"].values[:, :, 1], path["spectral_function"].values, atol=1e-10
    )
    if "spin_spectral_map" in zone:
        both = path["spin_spectral_function"].values
        np.testing.assert_allclose(zone["spin_spectral_map"].values[..., 1], both, atol=1e-10)
    local = measure(state, "dos", {"energies": energies, "broadening": 0.1})["dos"].values
    np.testing.assert_allclose(
        zone["spectral_map"].values.sum(axis=(1, 2)), local * state.hamiltonian.n_sites, atol=1e-9
    )


@pytest.mark.parametrize("name", ["momentum_distribution", "spectral_map", "spectral_function"])
@pytest.mark.parametrize(("potential", "expected"), [(None, 0), ([0.0, 0.0], 0), ([0.2, 0.0], 1)])
def test_a_warning_names_the_gauge_where_there_is_a_vector_potential_only(name, potential, expected):
    model = bdg.build_model(
        bdg.build_sample("square", [4, 4]), vector_potential=potential, given={"onsite": 0.3}, temperature=0.1
    )
    how = {"energies": [0.0]} | ({"path": ["Gamma", "X"]} if name == "spectral_function" else {})
    result = bdg.solve(model, observables={name: {} if name == "momentum_distribution" else how})
    warned = [one for one in result.warnings if "gauge of the vector potential" in one]
    assert len(warned) == expected

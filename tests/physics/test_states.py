"""The lowest states: none missed, against dense diagonalization; what they are made of."""

from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Impurity, build_model
from bdg.solvers.states import lowest as room
from bdg.solvers.states import lowest_states
from bdg.solvers.states.inertia import Inertia
from tests.bridge import measure
from tests.support.states import ENGINE, SOC, state_of


def matrix_of(size, kind="square", boundary="periodic", **terms):
    return state_of(build_sample(kind, size, boundary), **terms).hamiltonian


MATRICES = {
    "clean, highly degenerate": ([16, 16], {}),
    "half filling: every state at the edge is degenerate": ([14, 14], {"chemical_potential": 0.0}),
    "normal and disordered": ([18, 18], {"delta": 0.0, "disorder": Disorder(2.0, seed=1)}),
    "normal, at half filling: zero modes": ([16, 16], {"delta": 0.0, "chemical_potential": 0.0}),
    "spins": ([12, 12], SOC),
    "collinear spins": ([15, 15], {"zeeman": "0.2*cos(x)"}),
    "complex": ([16, 15], {"vector_potential": [0.1, 0.07]}),
}


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("near", [0.0, 0.41])
def test_the_nearest_states_are_those_of_dense_diagonalization(name, near, monkeypatch):
    monkeypatch.setattr(room, "DENSE_ROWS", 0)
    size, terms = MATRICES[name]
    hamiltonian = matrix_of(size, **terms)
    found = lowest_states(hamiltonian, 5, near)
    assert len(found) >= 5
    distance = np.sort(np.abs(np.linalg.eigvalsh(hamiltonian.dense()) - near))
    mine = np.sort(np.abs(found.energies - near))
    np.testing.assert_allclose(mine, distance[: len(mine)], rtol=0, atol=1e-12)
    if found.is_complete:
        assert distance[len(mine)] > found.radius >= mine[-1]
    vectors, dense = found.vectors, hamiltonian.dense()
    np.testing.assert_allclose(vectors.conj().T @ vectors, np.eye(len(found)), atol=1e-12)
    residual = np.linalg.norm(dense @ vectors - vectors * found.energies, axis=0)
    assert (residual <= found.errors + 1e-13).all()
    assert found.errors.max() < 1e-9


@pytest.mark.parametrize("name", MATRICES)
def test_inertia_counts_the_levels_below_any_energy(name):
    size, terms = MATRICES[name]
    hamiltonian = matrix_of(size, **terms)
    levels, inertia = np.linalg.eigvalsh(hamiltonian.dense()), Inertia(hamiltonian)
    middle = levels[len(levels) // 2]
    energies = [*np.linspace(-1.03, 1.01, 9), 1e-6, middle + 1e-7, middle - 1e-7]  # next to levels too
    for energy in energies:
        count = inertia.below(energy)
        nearest = np.abs(levels - energy).min()
        assert count.distance < 1e-8
        if nearest > count.distance:
            assert count.below == np.count_nonzero(levels < energy)


def test_directions_that_are_nearly_singular_are_passed_on():
    """Two sites a leaf at exactly its own level: F_SS is singular to rounding, and nothing is lost."""
    hamiltonian = matrix_of([24], "chain", "open", delta=0.0, chemical_potential=0.0)
    inertia = Inertia(hamiltonian)
    levels = np.linalg.eigvalsh(hamiltonian.dense())
    for n in range(1, 20):
        for cluster in -2 * np.cos(np.pi * np.arange(1, n + 1) / (n + 1)):  # levels of n sites of the chain
            count = inertia.below(cluster + 1e-13)
            if np.abs(levels - cluster).min() > 1e-9:
                assert count.distance < 1e-10
                assert count.below == np.count_nonzero(levels < cluster)


def test_lanczos_alone_would_miss_copies_and_they_are_found(monkeypatch):
    """Two equal chains that nothing joins: a start that is zero on one of them never sees it."""
    monkeypatch.setattr(room, "DENSE_ROWS", 0)
    sample = build_sample("square", [2, 120], ["open", "open"])
    bonds = np.where(
        sample.positions[sample.bonds.source][:, 0] == sample.positions[sample.bonds.target][:, 0], 1.0, 0.0
    )
    hamiltonian = state_of(sample, hopping=bonds).hamiltonian

    class Blind:
        """Random numbers on the first chain alone, at the first turn."""

        turns = 0

        def __init__(self, seed):
            self.seed = seed

        def standard_normal(self, n):
            start = np.random.Generator(np.random.PCG64(self.seed)).standard_normal(n)
            Blind.turns += 1
            if Blind.turns == 2:  # the first is the probe of the factors
                left = np.repeat(sample.positions[:, 0] == 0, 2)
                start[~left] = 0.0
            return start

    monkeypatch.setattr(np.random, "default_rng", Blind)
    found = lowest_states(hamiltonian, 4)
    assert Blind.turns > 2
    levels = np.sort(np.abs(np.linalg.eigvalsh(hamiltonian.dense())))
    np.testing.assert_allclose(np.abs(found.energies), levels[: len(found)], atol=1e-12)


@pytest.mark.parametrize("terms", [{}, {"zeeman": 0.1}, SOC, {"vector_potential": [0.03, 0.0]}])
def test_states_of_all_momenta_are_those_of_the_torus(terms, monkeypatch):
    """Lowest over k: the same energies, and the weights of a whole level."""
    torus = state_of(build_sample("square", [12, 4], "periodic"), **terms)
    bloch = state_of(build_sample("square", [2, 4], [Boundary("bloch", n_k=6), "periodic"]), **terms)
    whole = measure(torus, "states", count=24)
    for rows in (0, 400):
        monkeypatch.setattr(room, "DENSE_ROWS", rows)
        parts = measure(replace(bloch, solver=ENGINE), "states", count=12)
        # Where H is real −k is not listed, so energies are compared as a set.
        for energy in parts["states"]:
            assert np.abs(whole["states"] - energy).min() < 1e-10
        assert parts["states"][0] == pytest.approx(whole["states"][0], abs=1e-10)
        assert parts["state_momentum"].shape == (12, 2)


def test_dense_and_sparse_states_have_the_same_weights(monkeypatch):
    sample = build_sample("square", [9, 10], "periodic")
    terms = {"impurities": [Impurity((4, 4), potential=0.5, moment=(0.3, 0.5, 2.0))], "rashba": 0.2}
    dense = measure(state_of(sample, **terms), "states", count=5)
    monkeypatch.setattr(room, "DENSE_ROWS", 0)
    sparse = measure(state_of(sample, ENGINE, **terms), "states", count=5)
    assert set(dense) == set(sparse)
    for name in set(dense) - {"state_error"}:
        np.testing.assert_allclose(dense[name], sparse[name], atol=1e-9, err_msg=name)
    assert np.abs(dense["state_spin_x"]).max() > 1e-3


@pytest.mark.parametrize(
    "terms",
    [
        {"zeeman": [0.0, 0.0, 0.15]},
        {"impurities": [Impurity((1, 1), potential=0.3, moment=(0, 0, 1.5))]},
        {"zeeman": [0.1, 0.05, 0.1], "rashba": 0.3},
    ],
)
def test_a_quasiparticle_changes_density_and_spin_by_what_its_weights_say(terms):
    """Filling the lowest level in the density matrix changes n_i and S_i by −charge and spin of the state."""
    state = state_of(build_sample("square", [4, 3], "open"), **terms)
    found = measure(state, "states", count=1)
    hamiltonian = state.hamiltonian
    energies, vectors = np.linalg.eigh(hamiltonian.dense())
    lowest = int(np.argmin(np.abs(energies)))
    n, dofs = hamiltonian.n_sites, hamiltonian.dofs
    psi = vectors[:, lowest].reshape(n, dofs)
    if dofs == 2:
        # f gains |ψ⟩⟨ψ| if the level was empty, and loses it if it was filled.
        change = (1 if energies[lowest] > 0 else -1) * np.abs(psi) ** 2
        up, down = change[:, 0], -change[:, 1]
        moments = {"z": up - down}
    else:
        # With the partner at −E emptied: ⟨c†_σ' c_σ⟩ gains u u† − v* vᵀ.
        partner = vectors[:, int(np.argmin(np.abs(energies + energies[lowest])))].reshape(n, 4)
        sign = 1 if energies[lowest] > 0 else -1
        block = sign * (
            np.einsum("ia,ib->iab", psi[:, :2], psi[:, :2].conj())
            - np.einsum("ia,ib->iab", partner[:, :2], partner[:, :2].conj())
        )
        up, down = block[:, 0, 0].real, block[:, 1, 1].real
        moments = {"x": 2 * block[:, 0, 1].real, "y": -2 * block[:, 0, 1].imag, "z": up - down}
    np.testing.assert_allclose(-found["state_charge"][0], up + down, atol=1e-10)
    for axis, moment in moments.items():
        np.testing.assert_allclose(found[f"state_spin_{axis}"][0], moment, atol=1e-10)
        assert np.abs(moment).max() > 1e-3
    np.testing.assert_allclose((found["state_electron"] + found["state_hole"]).sum(), 1.0)


def test_both_nambu_spaces_have_the_same_quasiparticles():
    sample = build_sample("square", [6, 5], "periodic")
    terms = {"impurities": [Impurity((2, 2), potential=0.4, moment=(0, 0, 1.5))], "disorder": Disorder(0.5)}
    two = measure(state_of(sample, **terms), "states", count=6)
    four = measure(state_of(sample, least_dofs=4, **terms), "states", count=6)
    for name in set(two) - {"state_error"}:
        np.testing.assert_allclose(two[name], four[name], atol=1e-10, err_msg=name)


def test_majorana_modes_are_half_electron_and_at_the_ends():
    result = bdg.solve(
        build_model(
            build_sample("chain", 120),
            chemical_potential=-1.7,
            rashba=0.8,
            zeeman=0.7,
            given_delta=0.4,
            fields=(),
            temperature=0.01,
        ),
        observables={"states": {"count": 2}},
        solver="selected_inversion",
    )
    assert result["states"].values[0] < 1e-8 < 0.1 < result["states"].values[1]
    weight = result["state_electron"].values[0] + result["state_hole"].values[0]
    assert weight[:30].sum() == pytest.approx(0.5, abs=1e-4)
    assert result["state_electron"].values[0].sum() == pytest.approx(0.5, abs=1e-6)
    assert result["state_participation"].values[0] < 12 < 60 < result["state_participation"].values[1]


@pytest.mark.slow
def test_a_hundred_thousand_sites_are_certified():
    hamiltonian = matrix_of([316, 316], delta=0.0, disorder=Disorder(2.0, seed=1))
    found = lowest_states(hamiltonian, 6)
    assert found.is_complete
    assert found.errors.max() < 1e-9
    assert found.radius > np.abs(found.energies).max()

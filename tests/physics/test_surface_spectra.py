"""Spectral functions at surfaces against wide strips and the closed formulas of surface states."""

from __future__ import annotations

import numpy as np
import pytest

import bdg
from bdg import Boundary
from bdg.errors import InputError
from bdg.nambu import NambuAssembler
from bdg.observables import State, measure
from tests.support.states import DENSE

ENERGIES = [-0.9, -0.2, 0.0, 0.4, 1.5]
ACROSS = bdg.UnitCell.build([[1, 1], [-1, 1]], [[0, 0], [0, 1]])
"""Vectors along (110) and (−110)."""


def state_on(kind, size, ends, **terms):
    boundary = [Boundary("bloch", n_k=8) if one == "bloch" else Boundary(one) for one in ends]
    shells = terms.pop("shells", 1)
    model = bdg.build_model(bdg.build_sample(kind, size, boundary, shells=shells), **terms)
    fields = bdg.solve(model, observables=[]).fields
    return State(model, fields, NambuAssembler(model).matrix(fields), DENSE)


def bulk(kind, **terms):
    return state_on(kind, [1, 1], ["bloch", "bloch"], **terms)


def of_a_strip(state, axis, k, spin, side):
    """A of the outermost layer of a strip as it is, by dense inverses at momenta along it."""
    sample, matrix = state.model.sample, state.hamiltonian
    layers = sample.cells[:, axis]
    own = layers == (0 if side == "first" else layers.max())
    z = np.asarray(ENERGIES) + 0.35j
    sign = 1
    component = spin
    if spin == 1 and matrix.dofs == 2:
        z, sign = -z.conj(), -1
    momenta = np.zeros((len(k), 2))
    momenta[:, 1 - axis] = sign * k
    h = matrix.to_dense(matrix.momenta.values_at(momenta))
    green = np.linalg.inv(z[:, None, None, None] * np.eye(h.shape[-1]) - h)
    diagonal = np.diagonal(green, axis1=-2, axis2=-1)[..., component :: matrix.dofs]
    return -diagonal[..., own].imag.sum(axis=-1) / np.pi


TERMS = {
    "s wave": ("square", {"chemical_potential": -0.5, "given_delta": 0.3}, 0),
    "d wave across": (ACROSS, {"chemical_potential": -0.5, "given": {"d_x2_y2": 0.2}}, 0),
    "spin-orbit coupling, the other way": (
        "square", {"chemical_potential": -1.5, "given_delta": 0.3, "rashba": 0.4, "zeeman": [0.1, 0.3, 0.5]},
        1,
    ),
    "a field along z": ("square", {"chemical_potential": 0.3, "given_delta": 0.3, "zeeman": [0, 0, 0.4]}, 0),
    "chiral pairs": ("square", {"chemical_potential": -1.0, "given": {"chiral_p": 0.3}}, 1),
    "far hops": ("square", {"chemical_potential": -0.5, "given_delta": 0.3, "hopping": [1, -0.3, 0.2],
                            "shells": 3}, 0),
    "orbitals": ("honeycomb", {"chemical_potential": 0.2, "given_delta": 0.3, "zeeman": [0, 0, 0.2]}, 0),
}  # fmt: skip


@pytest.mark.parametrize("side", ["first", "last"])
@pytest.mark.parametrize("name", TERMS)
def test_it_is_that_of_a_wide_strip(name, side):
    """At η = 0.35 the other surface, e^{−2·64·0.35/4} away, does not count; a strip does as the bulk does."""
    kind, terms, axis = TERMS[name]
    size, ends = [1, 1], ["bloch", "bloch"]
    size[axis], ends[axis] = 64, "open"
    wide = state_on(kind, size, ends, **dict(terms))
    size[axis] = 24
    strip = state_on(kind, size, ends, **dict(terms))
    path = np.zeros((2, 2))
    path[:, 1 - axis] = [-0.4, 0.5]
    how = {"path": path.tolist(), "num": 5, "energies": ENERGIES, "broadening": 0.35, "side": side}
    k = 2 * np.pi * np.linspace(-0.4, 0.5, 5)
    up, down = (of_a_strip(wide, axis, k, spin, side) for spin in (0, 1))
    for state in (bulk(kind, **dict(terms)), strip):
        found = measure(state, "surface_spectral_function", how | {"axis": axis})
        total = found["surface_spectral_function"]
        np.testing.assert_allclose(total.values, up + down, atol=2e-6)
        assert total.error < 1e-9
        assert "warning" not in total.attributes
        if "spin_surface_spectral_function" in found:
            np.testing.assert_allclose(found["spin_surface_spectral_function"].values, [up, down], atol=2e-6)
        else:
            np.testing.assert_allclose(up, down, atol=2e-6)


def kitaev(k, mu, delta, layers=4000):
    """Weight of the state at zero energy on the two outermost layers of a (110) surface; 0 without one.

    At the momentum k along the surface, per cell of length √2, the layers are Kitaev's chain with t' =
    2 cos(k/2) and Δ' = 2Δ sin(k/2), Δ that of k_x and −Δ that of k_y: |μ| < 2t', ψ_n ∝ λ₊ⁿ − λ₋ⁿ, λ± =
    (−μ ± √(μ² − 4t'² + 4Δ'²))/2(t' + Δ').
    """
    t, d = 2 * np.cos(k / 2), abs(2 * delta * np.sin(k / 2))
    if abs(mu) >= 2 * abs(t) or d == 0:
        return 0.0
    root = np.sqrt(complex(mu**2 - 4 * t**2 + 4 * d**2))
    plus, minus = ((-mu + sign * root) / (2 * (abs(t) + d)) for sign in (1, -1))
    n = np.arange(1, layers + 1)
    wave = plus**n - minus**n
    return float(np.sum(np.abs(wave[:2]) ** 2) / np.sum(np.abs(wave) ** 2))


def test_a_d_wave_has_a_flat_band_at_zero_energy_between_its_nodes():
    """Hu (1994): A(k, 0) → Z(k)/πη between the nodes, |cos(k/2)| > |μ|/4, and no state beyond."""
    mu, delta, eta = -1.0, 0.2, 1e-4
    state = bulk(ACROSS, chemical_potential=mu, given={"d_x2_y2": delta})
    how = {"path": [[0, -0.5], [0, 0.5]], "num": 41, "energies": [0.0], "broadening": eta}
    values = measure(state, "surface_spectral_function", how)["surface_spectral_function"].values[0]
    k = 2 * np.pi * np.linspace(-0.5, 0.5, 41)
    expected = np.array([kitaev(one, mu, delta) for one in k])
    inside = (np.abs(np.cos(k / 2)) > 1.2 * abs(mu) / 4) & (np.abs(k) > 0.2)
    assert inside.sum() > 20
    np.testing.assert_allclose(np.pi * eta * values[inside], expected[inside], rtol=2e-3)
    beyond = np.abs(np.cos(k / 2)) < 0.8 * abs(mu) / 4
    assert beyond.sum() > 2
    assert (np.pi * eta * values[beyond] < 1e-4).all()


def test_a_surface_along_the_axes_of_a_d_wave_has_none():
    state = bulk("square", chemical_potential=-1.0, given={"d_x2_y2": 0.2})
    how = {"path": [[0, -0.5], [0, 0.5]], "num": 41, "energies": [0.0], "broadening": 1e-3}
    values = measure(state, "surface_spectral_function", how)["surface_spectral_function"].values
    assert np.pi * 1e-3 * values.max() < 0.02


@pytest.mark.parametrize("side", ["first", "last"])
def test_the_edge_mode_of_chiral_pairs_has_one_velocity_and_runs_the_other_way_at_the_other_edge(side):
    """E = ±2Δ sin k of the state at zero energy of the chain across, an eigenstate of the other component."""
    delta = 0.3
    state = bulk("square", chemical_potential=-1.0, given={"chiral_p": delta})
    energies = np.linspace(-0.5, 0.5, 201)
    how = {"path": [[0, -0.08], [0, 0.08]], "num": 5, "energies": energies, "broadening": 5e-3}
    found = measure(state, "surface_spectral_function", how | {"side": side})["surface_spectral_function"]
    k = 2 * np.pi * np.linspace(-0.08, 0.08, 5)
    peaks = energies[found.values.argmax(axis=0)]
    sign = np.sign(peaks[-1])
    np.testing.assert_allclose(peaks, sign * 2 * delta * np.sin(k), atol=6e-3)
    other = measure(
        state, "surface_spectral_function", how | {"side": "last" if side == "first" else "first"}
    )
    opposite = energies[other["surface_spectral_function"].values.argmax(axis=0)]
    np.testing.assert_allclose(opposite, -peaks, atol=6e-3)


def test_the_sum_over_energies_counts_the_states_of_the_cells():
    state = bulk("square", chemical_potential=-0.5, given_delta=0.3)
    energies = np.linspace(-60, 60, 6001)
    for cells in (1, 3):
        how = {
            "path": [[0, 0.1], [0, 0.3]],
            "num": 2,
            "energies": energies,
            "broadening": 0.2,
            "cells": cells,
        }
        values = measure(state, "surface_spectral_function", how)["surface_spectral_function"].values
        tails = 2 * 0.2 / np.pi / 60  # of each Lorentzian
        np.testing.assert_allclose(np.trapezoid(values, energies, axis=0), 2 * cells * (1 - tails), rtol=2e-4)


def test_deep_cells_are_those_of_the_bulk():
    state = bulk("square", chemical_potential=-0.5, given_delta=0.3)
    how = {"path": [[0, 0.1], [0, 0.3]], "num": 2, "energies": [0.2, 1.0], "broadening": 0.5}
    many, one = (
        measure(state, "surface_spectral_function", how | {"cells": n})["surface_spectral_function"].values
        for n in (20, 19)
    )
    k = 2 * np.pi * np.array([0.1, 0.3])
    across = 2 * np.pi * np.arange(400) / 400
    xi = -2 * np.cos(across) - 2 * np.cos(k)[:, None] + 0.5
    level = np.hypot(xi, 0.3)
    z = np.array([0.2, 1.0])[:, None, None] + 0.5j
    expected = -2 / np.pi * np.mean((z + xi) / (z**2 - level**2), axis=-1).imag
    np.testing.assert_allclose(many - one, expected, atol=1e-3)


def test_a_strip_that_is_uneven_in_its_middle_is_said():
    model = bdg.build_model(
        bdg.build_sample("square", [12, 1], ["open", Boundary("bloch", n_k=8)]),
        onsite="0.05*x",
        given_delta=0.3,
    )
    state = bdg.solve(model, observables=[]).state(DENSE)
    how = {"path": [[0, 0], [0, 0.5]], "num": 3, "energies": [0.0], "broadening": 0.1}
    found = measure(state, "surface_spectral_function", how)["surface_spectral_function"]
    assert found.attributes["unevenness"] == pytest.approx(0.05)
    assert "uneven in its middle" in found.attributes["warning"]


@pytest.mark.parametrize(
    ("size", "ends", "change", "words"),
    [
        ([8, 8], ["open", "open"], {}, "momenta along it"),
        ([8, 2], ["open", "bloch"], {}, "momenta along it"),
        ([6, 1], ["periodic", "bloch"], {}, "momenta along it"),
        ([3, 1], ["open", "bloch"], {}, "too thin"),
        ([12, 1], ["open", "bloch"], {"cells": 9}, "too thin"),
        ([1, 1], ["bloch", "bloch"], {"axis": 2}, "axis 0 to 1"),
        ([1, 1], ["bloch", "bloch"], {"path": [[0, 0], [0.5, 0]]}, "no length along the surface"),
    ],
)
def test_what_has_no_surface_with_momenta_is_refused(size, ends, change, words):
    state = state_on("square", size, ends, given_delta=0.3)
    how = {"path": [[0, -0.5], [0, 0.5]], "num": 3, "energies": [0.0]}
    with pytest.raises(InputError, match=words):
        measure(state, "surface_spectral_function", how | change)

"""Impurities in an infinite lattice against large samples, sums over momenta and known levels."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize

import bdg
from bdg import Boundary
from bdg.errors import InputError, NumericalError
from bdg.leads.infinite import InfiniteLattice
from bdg.nambu import NambuAssembler
from bdg.observables import State, measure
from tests.support.states import DENSE, ENGINE, state_of

ENERGIES = np.array([-1.5, -0.2, 0.0, 0.35, 2.0])
BLOCH = Boundary("bloch", n_k=4)
SOC = {"rashba": 0.3, "zeeman": [0.1, 0.2, 0.3]}


def d_wave():
    """A state of given pairs on bonds."""
    model = bdg.build_model(
        bdg.build_sample("square", [1, 1], BLOCH), chemical_potential=-0.5, given={"d_x2_y2": 0.15}
    )
    fields = bdg.solve(model, observables=[]).fields
    return State(model, fields, NambuAssembler(model).matrix(fields), DENSE)


def bulk(kind="square", size=(1, 1), **terms):
    return state_of(bdg.build_sample(kind, [*size], BLOCH), DENSE, **terms)


LATTICES = {
    "square": ("square", {}),
    "spin-orbit coupling": ("square", SOC),
    "two orbitals": ("honeycomb", {"zeeman": [0.0, 0.0, 0.3]}),
    "diagonal bonds": ("triangular", {}),
    "far hops": ("square", {"hopping": [1.0, -0.3, 0.2]}),
    "pairs on bonds": ("square", {}),
}


@pytest.mark.parametrize("name", LATTICES)
def test_the_bulk_is_the_sum_over_all_momenta(name):
    kind, terms = LATTICES[name]
    if "hopping" in terms:
        sample = bdg.build_sample(kind, [1, 1], BLOCH, shells=3)
        state = state_of(sample, DENSE, **terms)
    else:
        state = d_wave() if name == "pairs on bonds" else bulk(kind, **terms)
    matrix, n, z = state.hamiltonian, 192, 0.3 + 0.25j
    grid = 2 * np.pi * np.arange(n) / n
    k = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1).reshape(-1, 2)
    greens = np.linalg.inv(z * np.eye(matrix.dimension) - matrix.to_dense(matrix.momenta.values_at(k)))
    summed = np.fft.ifft2(greens.reshape(n, n, *greens.shape[1:]), axes=(0, 1))
    window = np.ix_(np.arange(-3, 4), np.arange(-2, 3))
    lattice = InfiniteLattice(matrix)
    found, error = lattice.greens(z, (3, 2), 1e-9)
    assert lattice.range == (2 if name == "far hops" else 1)
    np.testing.assert_allclose(found, summed[window], atol=1e-9)
    assert error < 1e-8


def test_the_bulk_in_one_and_in_three_dimensions():
    chain = bulk("chain", (1,)).hamiltonian
    cube = bulk("cubic", (1, 1, 1)).hamiltonian
    for matrix, n, z, tolerance in ((chain, 2000, 0.2 + 0.05j, 1e-9), (cube, 32, 0.2 + 1j, 1e-6)):
        grid = 2 * np.pi * np.arange(n) / n
        d = len(matrix.momenta.momenta.k[0])
        k = np.stack(np.meshgrid(*[grid] * d, indexing="ij"), axis=-1).reshape(-1, d)
        greens = np.linalg.inv(z * np.eye(2) - matrix.to_dense(matrix.momenta.values_at(k)))
        found, _ = InfiniteLattice(matrix).greens(z, (0,) * d, tolerance)
        np.testing.assert_allclose(found.reshape(2, 2), greens.mean(axis=0), atol=10 * tolerance)


CLUSTERS = {
    "a potential": ("square", [{"site": [0, 0], "potential": 5.0}], {}, 64),
    "a spin beside a potential": (
        "square",
        [{"site": [0, 0], "moment": [0, 0, 2.0], "potential": 1.0}, {"site": [1, -1], "potential": -2.0}],
        {},
        64,
    ),
    "on both sides of the window": (
        "square",
        [{"site": [-3, 0], "potential": 2.0}, {"site": [3, 1], "potential": -1.0}],
        {},
        64,
    ),
    "a spin askew": (
        "square",
        [{"site": [0, 0], "moment": [0.5, 0, 2.0]}, {"site": [1, 0], "potential": -2.0}],
        SOC,
        40,
    ),
    "orbitals": (
        "honeycomb",
        [
            {"site": [0, 0, 1], "potential": 3.0, "moment": [0, 0, 1.0]},
            {"site": [0, 1, 0], "potential": -2.0},
        ],
        {},
        40,
    ),
}


@pytest.mark.parametrize("name", CLUSTERS)
def test_around_a_cluster_it_is_a_large_sample(name):
    """At η = 0.4 the ends of 64 × 64 sites, e^{−64·0.4/2} away, no longer count."""
    kind, impurities, terms, size = CLUSTERS[name]
    how = {"energies": ENERGIES, "broadening": 0.4}
    found = measure(bulk(kind, **terms), "impurity_in_bulk", how | {"impurities": impurities, "window": 3})
    sample, middle = bdg.build_sample(kind, [size, size], "periodic"), size // 2
    placed = [
        bdg.Impurity(
            [middle + one["site"][0], middle + one["site"][1], *one["site"][2:]],
            one.get("potential", 0.0),
            one.get("moment", (0.0, 0.0, 0.0)),
        )
        for one in impurities
    ]
    large = state_of(sample, ENGINE, impurities=placed, **terms)
    orbitals = [[o] for o in range(2)] if kind == "honeycomb" else [[]]
    cells = [[middle + x, middle + y, *o] for x in (-1, 0, 1) for y in (-1, 0, 1) for o in orbitals]
    local = measure(large, "ldos", how | {"sites": cells, "method": "solver"})
    for key, other in (("impurity_ldos", "ldos"), ("impurity_spin_ldos", "spin_ldos")):
        assert (key in found) == (other in local) or key == "impurity_spin_ldos"
        if key in found:
            values = found[key].values
            same = values.reshape(*values.shape[: 1 + ("spin" in found[key].dims)], -1)
            np.testing.assert_allclose(same, local[other].values, atol=1e-4)
            assert found[key].error < 1e-5


def gap_level(state, spin, potential=0.0):
    """The zero of det(1 − V G₀(E)) in the gap, G₀ by a grid of 300 × 300 momenta at real energies."""
    grid = 2 * np.pi * np.arange(300) / 300
    xi = (-2 * np.cos(grid)[:, None] - 2 * np.cos(grid) + 0.7).ravel()

    def determinant(energy):
        size = np.mean(1 / (energy**2 - xi**2 - 0.3**2))
        g0, g1, g3 = energy * size, 0.3 * size, np.mean(xi / (energy**2 - xi**2 - 0.3**2))
        green = np.array([[g0 + g3, g1], [g1, g0 - g3]])
        return np.linalg.det(np.eye(2) - np.diag([potential + spin, spin - potential]) @ green)

    return scipy.optimize.brentq(determinant, -0.29, 0.29, xtol=1e-12)


@pytest.mark.parametrize(("spin", "potential"), [(1.0, 0.0), (2.5, 0.0), (2.0, 1.0), (-1.5, 0.5)])
def test_a_classical_spin_binds_the_level_of_yu_shiba_and_rusinov(spin, potential):
    """Of collinear pairs Ψ = (c_↑, c†_↓) one zero of the determinant, its width 0: a bound state."""
    state = bulk()
    how = {"energies": np.linspace(-0.28, 0.28, 15), "broadening": 0.02, "window": 1}
    one = {"site": [0, 0], "moment": [0, 0, spin], "potential": potential}
    found = measure(state, "impurity_in_bulk", how | {"impurities": [one]})
    (energy,), (width,) = found["resonance_energy"].values, found["resonance_width"].values
    assert energy == pytest.approx(gap_level(state, spin, potential), abs=1e-4)
    assert abs(width) < 1e-4
    assert found["resonance_energy"].error < 1e-3
    up, down = found["impurity_spin_ldos"].values[:, :, 0, 0]
    peak, mirrored = np.abs(how["energies"] - energy).argmin(), np.abs(how["energies"] + energy).argmin()
    assert up[peak] > 5 * np.median(up)
    assert down[mirrored] > 5 * np.median(down)


def test_a_weak_spin_in_a_wide_band_has_the_level_of_the_formula():
    """|E|/Δ = |1 − α² − γ²|/√((1 − α² − γ²)² + 4α²), α = πN(0)JS, γ = JS Re G of the normal metal."""
    delta, moment, mu = 0.03, 2.0, {"chemical_potential": -2.0}
    how = {"energies": np.linspace(-0.029, 0.029, 11), "broadening": 2e-3, "window": 1}
    one = {"site": [0, 0], "moment": [0, 0, moment]}
    found = measure(bulk(delta=delta, **mu), "impurity_in_bulk", how | {"impurities": [one]})
    green, _ = InfiniteLattice(bulk(delta=0.0, **mu).hamiltonian).greens(2e-3j, (0, 0), 1e-6)
    gamma, alpha = moment * green[0, 0, 0, 0].real, -moment * green[0, 0, 0, 0].imag
    part = 1 - alpha**2 - gamma**2
    (level,) = found["resonance_energy"].values
    assert abs(level) == pytest.approx(delta * abs(part) / np.hypot(part, 2 * alpha), rel=0.03)


def test_the_resonance_of_a_d_wave_is_at_zero_where_one_over_u_is_the_green_function():
    """Balatsky, Salkola, Rosengren (1995): 1/U = Re G₀(0); next to it poles at ±ω − iΓ that grow apart."""
    state = d_wave()
    green, _ = InfiniteLattice(state.hamiltonian).greens(1e-3j, (0, 0), 1e-5)
    unitary = 1 / green[0, 0, 0, 0].real
    how = {"energies": np.linspace(-0.075, 0.075, 11), "broadening": 0.015, "window": 1}
    widths, places = [], []
    for potential in (0.7 * unitary, 0.5 * unitary):
        one = {"site": [0, 0], "potential": float(potential)}
        found = measure(state, "impurity_in_bulk", how | {"impurities": [one]})
        energy, width = found["resonance_energy"].values, found["resonance_width"].values
        np.testing.assert_allclose(energy, -energy[::-1], atol=1e-12)
        np.testing.assert_allclose(width, width[::-1], atol=1e-12)
        widths.append(width[0])
        places.append(energy[-1])
    assert 0 < widths[0] < widths[1]
    assert 0 < places[0] < places[1]


def test_no_impurity_changes_nothing_and_the_bulk_is_the_density_of_states():
    state = bulk()
    how = {"energies": ENERGIES, "broadening": 0.4}
    found = measure(state, "impurity_in_bulk", how | {"impurities": [{"site": [0, 0]}], "window": 3})
    fine = state_of(bdg.build_sample("square", [1, 1], Boundary("bloch", n_k=128)), DENSE)
    dos = measure(fine, "dos", how)["dos"].values
    np.testing.assert_allclose(found["bulk_ldos"].values, dos, atol=1e-8)
    np.testing.assert_allclose(found["impurity_ldos"].values[:, 1, 1], dos, atol=1e-8)
    np.testing.assert_allclose(found["impurity_qpi"].values, 0, atol=1e-12)
    assert len(found["resonance_energy"].values) == 0


def test_interference_is_the_transform_of_the_map():
    how = {
        "energies": [0.4],
        "broadening": 0.1,
        "window": 7,
        "impurities": [{"site": [0, 0], "potential": 2.0}],
    }
    found = measure(bulk(), "impurity_in_bulk", how)
    change = found["impurity_ldos"].values[0] - found["bulk_ldos"].values[0]
    r = np.arange(-3, 4)
    q = found["impurity_qpi"].coords["q_first"].values
    waves = np.exp(-2j * np.pi * np.outer(q, r))
    np.testing.assert_allclose(
        found["impurity_qpi"].values[0], np.abs(waves @ change @ waves.T) / 49, atol=1e-12
    )


@pytest.mark.parametrize(
    ("state", "change", "words"),
    [
        (lambda: state_of(bdg.build_sample("square", [4, 4], "periodic")), {}, "one cell that is infinite"),
        (lambda: state_of(bdg.build_sample("square", [2, 1], BLOCH)), {}, "one cell that is infinite"),
        (bulk, {"window": 4}, "take 5"),
        (bulk, {"impurities": [{"site": [0, 0], "moment": [1, 0, 0]}]}, "along z"),
        (bulk, {"impurities": [{"site": [0, 0, 0]}]}, "3 numbers; give 2"),
        (bulk, {"impurities": [{"site": [0, 0]}, {"site": [0, 0]}]}, "add up the two"),
        (lambda: bulk("honeycomb"), {"impurities": [{"site": [0, 0, 2]}]}, "orbitals 0 to 1"),
    ],
)
def test_what_has_no_bulk_is_refused(state, change, words):
    how = {"energies": [0.0], "impurities": [{"site": [0, 0], "potential": 1.0}]}
    with pytest.raises(InputError, match=words):
        measure(state(), "impurity_in_bulk", how | change)


def test_too_small_a_broadening_is_refused_in_three_dimensions():
    with pytest.raises(NumericalError, match="take a larger broadening"):
        InfiniteLattice(bulk("cubic", (1, 1, 1)).hamiltonian).greens(2.0 + 0.01j, (0, 0, 0), 1e-8)

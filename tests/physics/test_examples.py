"""What the worked examples of pairing and magnetism show, each against its theory."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize

import bdg
from bdg.lattice import Boundary, UnitCell, build_sample
from bdg.model import build_model
from bdg.scf import ScfOptions
from bdg.solvers.diagonalization import Diagonalization
from tests import reference as ref
from tests.bridge import measure
from tests.support.lattice_states import state_of

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=1000)
DENSE = Diagonalization(threads=1)


# -- surfaces of a d-wave superconductor


def ribbon(vectors, basis, length, momentum, **terms):
    """Levels at one momentum along a ribbon whose ends are open across."""
    cell = UnitCell.build(vectors, basis)
    state = state_of(cell, [length, 1], ["open", Boundary("bloch", n_k=4)], **terms)
    at = state.hamiltonian.momenta.at(np.array([[0.0, momentum]]))
    return np.linalg.eigvalsh(replace(state.hamiltonian, momenta=at).dense(0))


@pytest.mark.parametrize("mu", [-0.5, 1.2, -3.0])
def test_a_110_surface_has_a_zero_mode_for_each_winding_and_a_100_surface_none(mu):
    """At a momentum along the surface ξ + iΔ_k winds as k goes across the zone: |W| modes an end.

    Sato, Tanaka, Yada, Yokoyama, Phys. Rev. B 83, 224511 (2011). Here |W| is 1 for |μ| < 4t |cos k/2|.
    """
    terms = {"chemical_potential": mu, "given_bonds": {"d_x2_y2": 0.3}}
    counts = []
    for k in np.linspace(0.3, 2.9, 9):
        across = np.linspace(0, 4 * np.pi, 4001)
        kx, ky = (across - k) / 2, (across + k) / 2
        vector = -2 * (np.cos(kx) + np.cos(ky)) - mu + 2j * 0.3 * (np.cos(kx) - np.cos(ky))
        if abs(abs(mu) - 4 * np.cos(k / 2)) < 0.3:
            continue  # where W changes modes reach far into the ribbon
        winding = abs(round(np.angle(vector[1:] / vector[:-1]).sum() / (2 * np.pi)))
        levels = np.abs(ribbon([[1, 1], [-1, 1]], [[0, 0], [0, 1]], 150, k, **terms))
        assert np.count_nonzero(levels < 1e-6) == 2 * winding
        counts.append(winding)
        straight = ribbon([[1, 0], [0, 1]], [[0, 0]], 100, k, **terms)
        nodal = abs(k - np.arccos(-mu / 4)) < 0.2
        assert nodal or np.abs(straight).min() > 0.01
    assert set(counts) == ({0, 1} if abs(mu) > 1 else {1})


# -- pairs with a momentum


def moving_pairs(n, mu, field, attraction, temperature, turns, guess):
    """Δ and Ω a site of Δe^{iqx}: E = ½(ε_k − ε_{q−k}) − h ± √(¼(ε_k + ε_{q−k})² + Δ²), q = 2π turns/n."""
    k = 2 * np.pi * np.arange(n) / n
    one, other = -2 * np.cos(k) - mu, -2 * np.cos(2 * np.pi * turns / n - k) - mu
    middle, apart = 0.5 * (one + other), 0.5 * (one - other) - field

    def levels(delta):
        return np.hypot(middle, delta)

    def missing(delta):
        size = levels(delta)
        filled = [ref.fermi(apart + sign * size, temperature) for sign in (-1, 1)]
        return attraction * np.mean((filled[0] - filled[1]) / (2 * size)) - 1

    low, high = guess
    delta = scipy.optimize.brentq(missing, low, high, xtol=1e-15)
    size = levels(delta)
    pressure = sum(np.mean(ref.log_2cosh(apart + sign * size, temperature)) for sign in (-1, 1))
    return delta, np.mean(middle) - pressure + delta**2 / attraction


def test_in_a_field_pairs_with_a_momentum_win():
    """Fulde and Ferrell's state and the one at rest solve gap equations in k space; the lower Ω wins."""
    n, mu, attraction, temperature = 60, -0.5, 2.0, 0.02
    sample, turns = build_sample("chain", n, "periodic"), 3
    starts = ["uniform", {"delta": f"0.2*exp(2j*pi*{turns}*x/{n})"}]
    winners = []
    for field in (0.15, 0.3):
        model = build_model(
            sample, chemical_potential=mu, attraction=attraction, zeeman=field, temperature=temperature
        )
        result = bdg.solve(model, initial=starts, observables=(), solver=DENSE, scf=TIGHT)
        found = {start.name: start for start in result.starts}
        rest, moving = found["uniform"], found["delta"]
        delta, omega = moving_pairs(n, mu, field, attraction, temperature, 0, (0.325, 1.0))
        np.testing.assert_allclose(np.abs(rest.fields.delta), delta, atol=1e-10)
        assert float(rest.energy) / n == pytest.approx(omega, abs=1e-11)
        if field == 0.3:
            delta, omega = moving_pairs(n, mu, field, attraction, temperature, turns, (0.02, 0.3))
            np.testing.assert_allclose(np.abs(moving.fields.delta), delta, atol=1e-10)
            phase = np.angle(moving.fields.delta[1:] / moving.fields.delta[:-1])
            np.testing.assert_allclose(phase, 2 * np.pi * turns / n, atol=1e-9)
            assert float(moving.energy) / n == pytest.approx(omega, abs=1e-11)
        winners.append(result.starts[0].name)
    assert winners == ["uniform", "delta"]


def test_pairs_in_a_ferromagnet_change_their_sign_with_the_difference_of_the_fermi_momenta():
    """⟨c_↑ c_↓⟩ ∝ cos((k_↑ − k_↓)x)/x in a chain: nodes every π/(k_↑ − k_↓), on top of waves of k_↑ + k_↓."""
    mu, field, half = 0.0, 0.25, 300
    sample = build_sample("chain", 2 * half)
    model = build_model(
        sample,
        chemical_potential=mu,
        given_delta=f"0.1 if x < {half} else 0",
        fields=(),
        zeeman=f"{field} if x >= {half} else 0",
        temperature=1e-3,
    )
    result = bdg.solve(model, observables="anomalous_density")
    order = np.argsort(sample.positions[:, 0])
    pairs = np.real(result["anomalous_density"].values[order])[half : half + 120]
    pairs = np.convolve(pairs, [0.25, 0.5, 0.25], "valid")  # k_↑ + k_↓ = π
    ups = np.flatnonzero(np.sign(pairs[1:]) != np.sign(pairs[:-1]))
    nodes = ups + pairs[ups] / (pairs[ups] - pairs[ups + 1])
    momenta = [np.arccos(-(mu + sign * field) / 2) for sign in (1, -1)]
    assert len(nodes) >= 5
    spacing = np.polyfit(np.arange(len(nodes)), nodes, 1)[0]
    assert spacing == pytest.approx(np.pi / (momenta[0] - momenta[1]), rel=0.03)


# -- chains of magnetic atoms


@pytest.mark.parametrize(("turn", "mu"), [(1.2, -1.5), (0.6 * np.pi, 0.8)])
def test_a_spiral_of_moments_is_topological_between_two_fields(turn, mu):
    """On every site: a wire with hopping t cos(θ/2), whose gap closes at k = 0 and π, h² = Δ² + (μ ± 2t
    cos(θ/2))²: Choy, Edge, Akhmerov, Beenakker, Phys. Rev. B 84, 195442 (2011).
    """
    delta, n = 0.4, 240
    lower, upper = sorted(np.hypot(delta, mu + sign * 2 * np.cos(turn / 2)) for sign in (1, -1))
    for field, modes in ((0.85 * lower, 0), (0.6 * lower + 0.4 * upper, 2), (1.15 * upper, 0)):
        spiral = [f"{field}*sin({turn}*x)", 0, f"{field}*cos({turn}*x)"]
        given = {"chemical_potential": mu, "given_delta": delta, "zeeman": spiral}
        state = state_of("chain", n, "open", **given)
        found = measure(state, "zero_modes")
        assert found["majorana_modes"] == modes, field
        if modes:
            ends = measure(state, "majorana_polarisation")["majorana_polarisation"]
            assert np.abs(ends[0][: n // 4].sum()) == pytest.approx(1, abs=1e-3)

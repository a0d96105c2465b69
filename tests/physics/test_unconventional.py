"""Unconventional pairing on tori against gap equations in k space: mixed, chiral and competing states."""

import numpy as np
import pytest
import scipy.optimize

import bdg
from bdg.lattice import build_sample
from bdg.model import build_model
from bdg.model.pairs import components
from bdg.nambu import NambuAssembler
from bdg.observables import State
from bdg.scf import ScfOptions
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests import reference as ref
from tests.bridge import measure

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=3000)
SOLVERS = {"dense": Diagonalization(threads=1), "engine": SelectedInversion(threads=1)}
SQUARE = np.array([[1, 0], [0, 1]])
TRIANGULAR = np.array([[1, 0], [0, 1], [-1, 1]])  # bonds in lattice vectors (1, 0) and (1/2, √3/2)


class Torus:
    """Uniform states of n × n cells: Δ_k = U F + 2 Σ_d g_d w(k·d), by the gap equations

        F = (1/N) Σ_k Δ_k K_k ,   g_d = (V/N) Σ_k w_d Δ_k K_k ,   K = tanh(E/2T)/2E ,   E² = ξ² + |Δ_k|² ,

    ξ_k = ε_k − μ + 2 Σ_d f_d cos(k·d) with the Fock field f_d = (V/N) Σ_k cos(k·d) n_kσ where it is on.
    """  # fmt: skip

    def __init__(self, n, bonds, *, mu, temperature, onsite=0.0, between=0.0, wave=np.cos, fock=False):
        k = np.stack(np.meshgrid(*[2 * np.pi * np.arange(n) / n] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
        self.waves, self.cosines = wave(k @ bonds.T).T, np.cos(k @ bonds.T).T
        self.mu, self.temperature, self.fock = mu, temperature, fock
        self.onsite, self.between, self.count = onsite, between, len(bonds)

    def levels(self, pairs, hops):
        xi = -2 * self.cosines.sum(axis=0) - self.mu + 2 * hops @ self.cosines
        gap = self.onsite * pairs[0] + 2 * pairs[1:] @ self.waves
        return xi, gap, np.sqrt(xi**2 + np.abs(gap) ** 2)

    def image(self, pairs, hops):
        xi, gap, energy = self.levels(pairs, hops)
        kernel = np.tanh(energy / (2 * self.temperature)) / (2 * energy)
        made = [np.mean(gap * kernel), *(self.between * np.mean(self.waves * gap * kernel, axis=1))]
        filled = 0.5 - xi * kernel  # of one spin
        return np.array(made), self.between * np.mean(self.cosines * filled, axis=1) * self.fock

    def solve(self, onsite, between):
        """F, g and f to rounding, from a guess, by least squares: the phase is free."""
        guess = np.array([onsite, *between], complex)

        def split(x):
            real, imaginary, hops = np.split(x, [len(guess), 2 * len(guess)])
            return real + 1j * imaginary, hops

        def residual(x):
            pairs, hops = split(x)
            made, added = self.image(pairs, hops)
            return np.concatenate([(made - pairs).real, (made - pairs).imag, added - hops])

        start = np.concatenate([guess.real, guess.imag, np.zeros(self.count)])
        found = scipy.optimize.root(residual, start, method="lm", options={"xtol": 1e-15, "ftol": 1e-15})
        x = found.x
        for _ in range(3):  # Newton's steps from there
            slope = np.stack(
                [(residual(x + d) - residual(x - d)) / 2e-6 for d in 1e-6 * np.eye(len(x))], axis=1
            )
            x = x - np.linalg.lstsq(slope, residual(x), rcond=1e-7)[0]
        assert np.abs(residual(x)).max() < 1e-13
        return split(x)

    def omega(self, pairs, hops):
        """Ω a site: Σ(ξ − 2T ln 2cosh E/2T)/N + U|F|² + 2 Σ |g|²/V − 2 Σ f²/V."""
        xi, _, energy = self.levels(pairs, hops)
        value = np.mean(xi - 2 * ref.log_2cosh(energy, self.temperature)) + self.onsite * abs(pairs[0]) ** 2
        value += 2 * np.sum(np.abs(pairs[1:]) ** 2) / self.between
        return value - 2 * np.sum(hops**2) / self.between * self.fock


def direction(sample, bonds):
    """Which of the directions each bond of a sample runs along."""
    cell = np.round(sample.bonds.displacement @ np.linalg.inv(sample.cell.vectors)).astype(int)
    same = [(bonds == step).all(axis=1) | (bonds == -step).all(axis=1) for step in cell]
    return np.argmax(same, axis=1)


def agrees(start, model, torus, pairs, hops, bonds):
    """A state is that of the gap equations to 1e-10, up to a phase and reversal of time, and so is its Ω."""
    fields, n = start.fields, model.sample.n_sites
    found = components(fields.bond_delta, model.bond_attraction.basis)[0]
    which = direction(model.sample, bonds)
    pairs = max(pairs, pairs.conj(), key=lambda one: abs(np.vdot(one[1:][which], found)))
    turn = np.vdot(pairs[1:][which], found)
    turn /= abs(turn)
    np.testing.assert_allclose(found, turn * pairs[1:][which], rtol=0, atol=1e-10)
    np.testing.assert_allclose(fields.delta, turn * torus.onsite * pairs[0], rtol=0, atol=1e-10)
    if torus.fock:
        np.testing.assert_allclose(fields.fock[:, 0, 0], hops[which], rtol=0, atol=1e-10)
    state = State(model, fields, NambuAssembler(model).matrix(fields), SOLVERS["dense"])
    grand = float(measure(state, "grand_potential")["grand_potential"])
    assert grand / n == pytest.approx(torus.omega(pairs, hops), abs=1e-11)


def ranked(model, starts, solver="dense"):
    result = bdg.solve(model, initial=starts, observables=(), solver=SOLVERS[solver], scf=TIGHT)
    assert all(start.status == "converged" for start in result.starts)
    return result.starts


@pytest.mark.parametrize("solver", SOLVERS)
def test_s_and_d_cross_as_the_filling_falls(solver):
    """Both solve the gap equations on either side of the crossing; the lower Ω wins."""
    n, temperature, strength = 6, 0.1, 3.5
    sample = build_sample("square", [n, n], "periodic")
    winners = []
    for mu in (-1.5, -1.7, -1.8, -1.9):
        model = build_model(
            sample,
            chemical_potential=mu,
            bond_attraction=strength,
            channels="singlet",
            temperature=temperature,
        )
        torus = Torus(n, SQUARE, mu=mu, temperature=temperature, between=strength)
        exact = {"d_x2_y2": torus.solve(0, [0.2, -0.2]), "s_extended": torus.solve(0, [0.2, 0.2])}
        starts = ranked(model, [{"d_x2_y2": 0.2}, {"s_extended": 0.2}], solver)
        for start in starts:
            assert np.abs(start.fields.bond_delta).max() > 0.1
            agrees(start, model, torus, *exact[start.name], SQUARE)
        omegas = {name: torus.omega(*found) for name, found in exact.items()}
        assert starts[0].name == min(omegas, key=omegas.get)
        winners.append(starts[0].name)
    assert winners[0] == "d_x2_y2"
    assert winners[-1] == "s_extended"


def test_near_the_crossing_s_plus_i_d_beats_both():
    n, mu, temperature, strength = 6, -1.75, 0.1, 3.5
    torus = Torus(n, SQUARE, mu=mu, temperature=temperature, between=strength)
    model = build_model(
        build_sample("square", [n, n], "periodic"),
        chemical_potential=mu,
        bond_attraction=strength,
        channels="singlet",
        temperature=temperature,
    )
    mixed = torus.solve(0, [0.2 + 0.2j, 0.2 - 0.2j])
    both = {"d_x2_y2": 0.2, "s_extended": 0.2j}
    best, *others = ranked(model, [{"d_x2_y2": 0.2}, {"s_extended": 0.2}, both])
    agrees(best, model, torus, *mixed, SQUARE)
    assert " and " in best.name
    assert all(float(other.energy) > float(best.energy) + 1e-3 for other in others)


@pytest.mark.parametrize("fock", [False, True])
def test_pairs_on_sites_and_on_bonds_mix(fock):
    """Δ_k = Δ₀ + 2g(cos k_x + cos k_y), with the Fock field of the bonds and without."""
    n, mu, temperature = 8, -1.4, 0.08
    torus = Torus(n, SQUARE, mu=mu, temperature=temperature, onsite=1.5, between=1.0, fock=fock)
    pairs, hops = torus.solve(0.2, [0.1, 0.1])
    assert np.abs(pairs).min() > 0.01
    assert np.abs(hops).max() > 0.1 or not fock
    model = build_model(
        build_sample("square", [n, n], "periodic"),
        chemical_potential=mu,
        attraction=1.5,
        bond_attraction=1.0,
        channels="singlet",
        fields=("pairing", "fock") if fock else ("pairing",),
        temperature=temperature,
    )
    (start,) = ranked(model, [{"delta": 0.3, "s_extended": 0.1}, "normal"])[:1]
    agrees(start, model, torus, pairs, hops, SQUARE)


@pytest.mark.parametrize("channels", ["chiral_p", ("triplet",)])
def test_chiral_p_wave_beats_p_wave_along_an_axis(channels):
    """Also in the general Nambu space, where d may point anywhere: all directions are one."""
    n, mu, temperature, strength = 6, -1.1, 0.1, 3.5
    torus = Torus(n, SQUARE, mu=mu, temperature=temperature, between=strength, wave=np.sin)
    model = build_model(
        build_sample("square", [n, n], "periodic"),
        chemical_potential=mu,
        bond_attraction=strength,
        channels=channels,
        temperature=temperature,
    )
    exact = {"chiral_p": torus.solve(0, [0.3, 0.3j]), "p_x": torus.solve(0, [0.3, 0])}
    first, second = ranked(model, [{"p_x": 0.3}, {"chiral_p": 0.3}])
    assert first.name == "chiral_p"
    for start in (first, second):
        assert np.abs(start.fields.bond_delta).max() > 0.1
        agrees(start, model, torus, *exact[start.name], SQUARE)


def test_d_plus_id_wins_on_the_triangular_lattice():
    """Below d_x2_y2 and d_xy, which solve the gap equations too; extended s has no solution there."""
    n, mu, temperature, strength = 6, 0.8, 0.05, 2.5
    torus = Torus(n, TRIANGULAR, mu=mu, temperature=temperature, between=strength)
    model = build_model(
        build_sample("triangular", [n, n], "periodic"),
        chemical_potential=mu,
        bond_attraction=strength,
        channels="singlet",
        temperature=temperature,
    )
    angle = np.array([0, np.pi / 3, 2 * np.pi / 3])
    guesses = {"d_x2_y2": np.cos(2 * angle), "d_xy": np.sin(2 * angle), "d_id": np.exp(2j * angle)}
    exact = {name: torus.solve(0, 0.2 * guess) for name, guess in guesses.items()}
    starts = ranked(model, [{name: 0.2} for name in guesses] + [{"s_extended": 0.2}, "normal"])
    assert starts[0].name == "d_id"
    by_name = {start.name: start for start in starts}
    for name, found in exact.items():
        assert np.abs(found[0]).max() > 0.05
        agrees(by_name[name], model, torus, *found, TRIANGULAR)
    assert by_name["normal"].same_as == "s_extended" or by_name["s_extended"].same_as == "normal"

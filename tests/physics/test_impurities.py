"""Single impurities against the T-matrix of the infinite lattice, and d-wave spectra against Dirac cones.

The reference knows nothing of the package: G₀(r, z) = Σ_k e^{ik·r} (z − ξ_k τ_z − Δ_k τ_x)⁻¹ by a sum over a
grid of momenta, which converges exponentially, G = G₀ + G₀ V (1 − G₀ V)⁻¹ G₀, and a bound state is a zero of
det(1 − V G₀(E)). A spin along z is V = J·1 in (c_↑, c†_↓), a potential V = U τ_z.
"""

import numpy as np
import pytest
import scipy.optimize

import bdg
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, Impurity, build_model
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests.bridge import measure
from tests.support.states import state_of

ONE, TAU_X, TAU_Z = np.eye(2), np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([1.0, -1.0])
ENGINE = SelectedInversion(threads=2)


class Lattice:
    """The clean square lattice (or chain), infinite."""

    def __init__(self, n_k, mu, pairing, dimension=2):
        k = 2 * np.pi * (np.arange(n_k) + 0.5) / n_k
        self.k = np.meshgrid(*[k] * dimension, indexing="ij")
        self.xi = -2 * sum(np.cos(q) for q in self.k) - mu
        self.delta = pairing(*self.k) + 0 * self.xi

    def green(self, z, r=None):
        """G₀(r, z), 2×2."""
        wave = 1.0 if r is None else np.cos(sum(q * x for q, x in zip(self.k, r, strict=True)))
        weight = wave / (z**2 - self.xi**2 - self.delta**2)
        parts = [np.mean(weight * part) for part in (z + 0 * self.xi, self.xi, self.delta)]
        return parts[0] * ONE + parts[1] * TAU_Z + parts[2] * TAU_X

    def bound_states(self, v, edge):
        """Zeros of det(1 − V G₀(E)) within the gap."""

        def determinant(energy):
            return np.linalg.det(ONE - v @ self.green(energy))

        grid = np.linspace(-0.999 * edge, 0.999 * edge, 41)
        values = [determinant(energy) for energy in grid]
        return [
            scipy.optimize.brentq(determinant, a, b, xtol=1e-13)
            for a, b, one, two in zip(grid, grid[1:], values, values[1:], strict=False)
            if one * two < 0
        ]

    def ldos(self, z, v, r):
        """N(r, ω) of both spins next to an impurity at the origin: electrons at ω, holes at −ω."""
        t = v @ np.linalg.inv(ONE - self.green(z) @ v)
        full = self.green(z) + self.green(z, r) @ t @ self.green(z, r)
        return -full[0, 0].imag / np.pi


def isotropic(delta):
    return lambda *k: delta


@pytest.mark.parametrize(
    ("spin", "potential", "delta", "mu"),
    [(1.0, 0.0, 0.5, -0.5), (2.5, 0.0, 0.5, -0.5), (2.0, 1.0, 0.6, -1.0), (4.0, -2.0, 0.5, 0.3)],
)
def test_ysr_levels_are_those_of_the_t_matrix(spin, potential, delta, mu):
    exact = Lattice(300, mu, isotropic(delta)).bound_states(spin * ONE + potential * TAU_Z, delta)
    assert len(exact) == 1
    assert abs(exact[0]) < 0.95 * delta
    errors = []
    for size in (21, 41):
        impurity = Impurity((size // 2, size // 2), potential=potential, moment=(0, 0, spin))
        sample = build_sample("square", [size, size], "periodic")
        state = state_of(sample, ENGINE, delta, chemical_potential=mu, impurities=[impurity])
        found = measure(state, "states", count=1)
        turned = np.sign(found["state_spin_z"].sum())  # a quasiparticle of spin down is a level E < 0
        errors.append(abs(turned * found["states"][0] - exact[0]))
    assert errors[1] < 1e-4
    assert errors[1] < 0.2 * errors[0]  # it is the size that is left


def test_in_any_direction_the_spin_has_the_same_level():
    delta, exact = 0.5, Lattice(300, -0.5, isotropic(0.5)).bound_states(1.5 * ONE, 0.5)
    impurity = Impurity((15, 15), moment=tuple(1.5 * np.array([0.48, -0.6, 0.64])))
    sample = build_sample("square", [31, 31], "periodic")
    state = state_of(sample, ENGINE, delta, chemical_potential=-0.5, impurities=[impurity])
    found = measure(state, "states", count=1)
    assert found["states"][0] == pytest.approx(abs(exact[0]), abs=1e-4)
    spin = [found[f"state_spin_{axis}"].sum() for axis in "xyz"]
    np.testing.assert_allclose(spin, np.sign(exact[0]) * np.array([0.48, -0.6, 0.64]), atol=1e-9)


def test_the_ground_state_binds_a_quasiparticle_where_its_level_crosses_zero():
    """The transition of a self-consistent sample: the other parity, one spin more, a level of the other spin,
    Δ of the other sign at the impurity; of two starts the state of the nearer side has the lower Ω.
    """
    sample = build_sample("square", [11, 11], "periodic")
    middle = sample.site_at([5, 5])
    wanted = {"states": {"count": 1}, "magnetisation": {}, "pfaffian": {}}

    def solved_at(spin, initial="uniform", wanted=()):
        model = build_model(
            sample,
            chemical_potential=-0.5,
            attraction=2.5,
            impurities=[Impurity((5, 5), moment=(0, 0, spin))],
            temperature=0.02,
        )
        return bdg.solve(model, observables=wanted, initial=initial, scf=bdg.ScfOptions(1e-9))

    ends = [solved_at(spin, wanted=wanted) for spin in (1.0, 2.0)]
    for result, sign, moment in zip(ends, (1, -1), (0, -1), strict=True):
        assert result.status == "converged"
        assert sign * result.fields.delta[middle] > 0.05
        assert np.delete(result.fields.delta, middle).min() > 0.4
        assert result["magnetisation_z"].values.sum() == pytest.approx(moment, abs=1e-3)
        assert result["state_spin_z"].values.sum() == pytest.approx(-sign)
        assert 0.1 < result["states"].values[0] < 0.35
    assert float(ends[0]["fermion_parity"]) == -float(ends[1]["fermion_parity"])
    for spin, sign in ((1.45, 1), (1.7, -1)):
        both = solved_at(spin, [end.fields for end in ends])
        assert sign * both.fields.delta[middle] > 0.05


@pytest.mark.parametrize("spin", [0.5, 1.5, 3.0])
def test_in_a_wide_band_the_level_is_that_of_yu_shiba_and_rusinov(spin):
    """E = Δ(1 − α²)/(1 + α²), α = π N(0) J S; a half-filled chain has N(0) = 1/2π a spin, corrections Δ²."""
    alpha = 0.5 * spin
    formula = (1 - alpha**2) / (1 + alpha**2)
    errors = []
    for delta, size in ((0.08, 800), (0.04, 1600)):
        sample = build_sample("chain", size, "periodic")
        impurity = Impurity((size // 2,), moment=(0, 0, spin))
        state = state_of(sample, ENGINE, delta, chemical_potential=0.0, impurities=[impurity])
        found = measure(state, "states", count=1)
        # Below the transition the quasiparticle is bound with its spin against the impurity's.
        level = -np.sign(found["state_spin_z"].sum()) * found["states"][0] / delta
        errors.append(abs(level - formula))
    assert errors[1] < 3e-4
    assert errors[0] / errors[1] == pytest.approx(4.0, abs=0.3)


@pytest.mark.parametrize(
    "defects", [{"impurities": [Impurity((6, 6), potential=5.0)]}, {"disorder": Disorder(3.0)}]
)
def test_no_potential_binds_a_state_in_a_uniform_s_wave_gap(defects):
    """H² = ξ² + Δ² for any h: Anderson's theorem for a uniform Δ."""
    sample, delta = build_sample("square", [13, 14], "periodic"), 0.3
    state = state_of(sample, ENGINE, delta, chemical_potential=-0.5, **defects)
    normal = state_of(sample, Diagonalization(threads=1), 0.0, chemical_potential=-0.5, **defects)
    bands = np.linalg.eigvalsh(normal.hamiltonian.dense()[::2, ::2])
    exact = np.sqrt(np.sort(np.abs(bands))[:3] ** 2 + delta**2)
    found = measure(state, "states", count=6)["states"]
    np.testing.assert_allclose(found, np.repeat(exact, 2), atol=1e-11)
    assert found.min() >= delta


def d_wave(strength):
    """Δ_k of Δ on x bonds and −Δ on y bonds."""
    return lambda x, y: 2 * strength * (np.cos(x) - np.cos(y))


@pytest.mark.parametrize("potential", [-5.0, 100.0])
def test_the_resonance_of_a_unitary_scatterer_is_that_of_the_t_matrix(potential):
    """LDOS next to it, with a broadening that makes 81 × 81 sites as good as infinite.

    The phase shift at the Fermi level is ±π/2 where 1/U = Re G₀(0), U ≈ −5 here; a site that electrons
    cannot enter is not far from that.
    """
    mu, strength, eta, size = -0.5, 0.13, 0.15, 81
    energies = np.linspace(-0.5, 0.5, 21)
    model = build_model(
        build_sample("square", [size, size], "periodic"),
        chemical_potential=mu,
        impurities=[Impurity((40, 40), potential=potential)],
        given_bonds={"d_x2_y2": strength},
        fields=(),
        temperature=0.01,
    )
    sites = [[41, 40], [41, 41], [42, 40], [40, 40]]
    given = {"energies": energies, "broadening": eta, "sites": sites}
    result = bdg.solve(model, observables={"ldos": given}, solver=ENGINE)
    lattice = Lattice(400, mu, d_wave(strength))
    for n, place in enumerate(sites):
        r = np.array(place) - 40
        exact = [2 * lattice.ldos(energy + 1j * eta, potential * TAU_Z, r) for energy in energies]
        np.testing.assert_allclose(result["ldos"].values[:, n], exact, atol=1e-3)
    # What the impurity adds next to it peaks at zero energy.
    clean = [-2 * lattice.green(energy + 1j * eta)[0, 0].imag / np.pi for energy in energies]
    added = result["ldos"].values[:, 0] - clean
    assert abs(energies[added.argmax()]) <= (0.05 if potential < 0 else 0.1)
    assert added.max() > clean[added.argmax()]


@pytest.mark.slow
def test_the_low_energy_density_of_states_is_that_of_four_dirac_cones():
    """N(ω) = 2|ω|/(π v_F v_Δ) with both spins, v_F and v_Δ the two velocities at a node on the diagonal."""
    mu, strength, n_k = -0.5, 0.25, 1024
    node = np.arccos(-mu / 4)
    v_fermi = 2 * np.sqrt(2) * np.sin(node)
    v_delta = 2 * np.sqrt(2) * strength * np.sin(node)
    model = build_model(
        build_sample("square", [1, 1], [Boundary("bloch", n_k=n_k, shift=0.5)] * 2),
        chemical_potential=mu,
        given_bonds={"d_x2_y2": strength},
        fields=(),
        temperature=0.01,
    )
    energies, eta = np.array([-0.08, -0.04, 0.04, 0.08]), 0.01
    result = bdg.solve(
        model,
        observables={"ldos": {"energies": energies, "broadening": eta}},
        solver=Diagonalization(threads=1),
    )
    found = result["ldos"].values[:, 0]
    rise = 0.5 * (found[3] + found[0] - found[2] - found[1])  # the mean of both sides: the band is curved

    def broadened(energy):
        """|ω| with Lorentzians of half width η, except for a constant."""
        whole = energy * np.arctan(energy / eta) - 0.5 * eta * np.log(energy**2 + eta**2)
        return 2 / np.pi * whole

    slope = rise / (broadened(0.08) - broadened(0.04))
    assert slope == pytest.approx(2 / (np.pi * v_fermi * v_delta), rel=1e-2)  # the cones curve by (ω/4Δ)²

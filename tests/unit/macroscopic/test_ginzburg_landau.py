"""Ginzburg and Landau: coefficients, critical fields, vortices and their lattices."""

import numpy as np
import pytest
from scipy import constants
from scipy.optimize import brentq

from bdg.errors import InputError, NumericalError
from bdg.theory.macroscopic import PAIRS_SI, Carriers, london
from bdg.theory.macroscopic import ginzburg_landau as gl
from bdg.theory.macroscopic.ginzburg_landau.coefficients import ZETA_3
from bdg.theory.macroscopic.ginzburg_landau.functional import REDUCED
from bdg.theory.macroscopic.grid import Grid, covariant_laplacian, gauge_transformed, link_phases
from bdg.theory.macroscopic.wave import loop_fluxoid, rectangle

BOGOMOLNY = np.sqrt(0.5)
BCS = {"density_of_states": 0.7, "fermi_velocity": 1.3, "critical_temperature": 0.2}


def square_lattice(n, mu):
    k = 2 * np.pi * np.arange(n) / n
    kx, ky = np.meshgrid(k, k, indexing="ij")
    return -2 * (np.cos(kx) + np.cos(ky)) - mu, 2 * np.sin(kx)


class TestCoefficients:
    def test_lengths_and_fields_hang_together(self):
        made = gl.phenomenological(39e-9, 52e-9, PAIRS_SI)
        assert made.coherence_length == pytest.approx(39e-9)
        assert made.penetration_depth == pytest.approx(52e-9)
        assert made.kappa == pytest.approx(52 / 39)
        assert made.order_parameter**2 == pytest.approx(made.superfluid_density)
        assert london.london_depth(made.superfluid_density, PAIRS_SI) == pytest.approx(52e-9)
        assert made.upper_critical_field == pytest.approx(np.sqrt(2) * made.kappa * made.critical_field)
        phi = PAIRS_SI.flux_quantum
        assert made.critical_field == pytest.approx(phi / (2 * np.sqrt(2) * np.pi * 39e-9 * 52e-9))
        assert made.upper_critical_field == pytest.approx(phi / (2 * np.pi * 39e-9**2))
        energy = made.critical_field**2 / (2 * constants.mu_0)
        assert made.condensation_energy == pytest.approx(energy)

    def test_the_uniform_state_is_the_minimum(self):
        made = gl.phenomenological(1.0, 2.0)
        psi = np.linspace(0, 2, 20001) * made.order_parameter
        energy = gl.free_energy_density(made, psi)
        assert psi[np.argmin(energy)] == pytest.approx(made.order_parameter, rel=1e-4)
        assert energy.min() == pytest.approx(-made.condensation_energy, rel=1e-6)

    def test_depairing_current(self):
        """The largest J = (2γq/ħ)|ψ|²p over uniform states with momentum ħp, |ψ|² = −(α + γp²)/β."""
        made = gl.phenomenological(0.8, 1.9)
        p = np.linspace(0, 1 / 0.8, 100001)
        n = -(made.alpha + made.gamma * p**2) / made.beta
        current = 2 * made.gamma * abs(made.carriers.charge) / made.carriers.hbar * n * p
        assert made.depairing_current == pytest.approx(current.max(), rel=1e-8)

    def test_clean_limit(self):
        """ξ(T) = 0.7385 ξ₀/√(1 − T/T_c), ξ₀ = ħv_F/πΔ₀; Δ = 3.0633 T_c √(1 − T/T_c); ΔC/γT_c."""
        t = 1 - 1e-6
        made = gl.gorkov(**BCS, temperature=0.2 * t)
        pippard = 1.3 / (np.pi * np.pi * np.exp(-np.euler_gamma) * 0.2)
        assert made.coherence_length * 1e-3 == pytest.approx(0.7385 * pippard, rel=1e-4)
        assert made.order_parameter == pytest.approx(3.0633 * 0.2 * 1e-3, rel=1e-4)
        # Condensation energy ½ ΔC (T − T_c)²/T_c with ΔC/γT_c = 12/7ζ(3), γ = 2π²N(0)/3.
        jump = 2 * made.condensation_energy / (0.2 * 1e-6) ** 2 * 0.2
        assert jump / (2 * np.pi**2 / 3 * 0.7 * 0.2) == pytest.approx(12 / (7 * ZETA_3), rel=1e-5)

    def test_dirty_limit(self):
        """γ = N(0)πħD/8T, D = v_F²τ/3; in between it is a sum over Matsubara frequencies."""
        tau = 1e-5 / 0.2
        made = gl.gorkov(**BCS, temperature=0.19, scattering_time=tau)
        diffusion = 1.3**2 * tau / 3
        assert made.gamma == pytest.approx(0.7 * np.pi * diffusion / (8 * 0.19), rel=1e-3)
        assert gl.gorkov_function(0.0) == pytest.approx(1.0, rel=1e-12)
        n = 2 * np.arange(200000) + 1
        for rho in (1e-4, 0.9e-3, 1.1e-3, 0.3, 4.0, 100.0):
            total = np.sum(1 / (n**2 * (n + rho))) * 8 / (7 * ZETA_3)
            assert gl.gorkov_function(rho) == pytest.approx(total, rel=1e-9)

    @pytest.mark.parametrize("mu", [-0.5, 0.0])
    def test_lattice_coefficients_are_derivatives_of_the_grand_potential(self, mu):
        """α, β from Ω(Δ) at small Δ; γ from the pair susceptibility at small q; both by differences."""
        n, t, u = 192, 0.3, 2.5
        energies, velocities = square_lattice(n, mu)
        made = gl.lattice_coefficients(energies, velocities, attraction=u, temperature=t)

        def omega(delta):
            e = np.sqrt(energies**2 + delta**2)
            return delta**2 / u - np.mean(2 * t * np.log(2 * np.cosh(e / (2 * t))))

        d = 0.02
        first, second = (omega(d * m) - omega(0) for m in (1, 2))
        a = (16 * first - second) / (12 * d**2)
        b = (second - 4 * first) / (6 * d**4)
        assert made.alpha == pytest.approx(a, abs=1e-6)
        assert made.beta == pytest.approx(b, rel=1e-2)

        def susceptibility(q):
            k = 2 * np.pi * (np.arange(n) + 0.5) / n
            kx, ky = np.meshgrid(k, k, indexing="ij")
            one, two = (-2 * (np.cos(kx + s * q / 2) + np.cos(ky)) - mu for s in (1, -1))
            total = one + two
            close = np.abs(total) < 1e-6
            ratio = (np.tanh(one / (2 * t)) + np.tanh(two / (2 * t))) / np.where(close, 1, total)
            limit = np.cosh((one - two) / (4 * t)) ** -2.0 / (2 * t)
            return np.mean(np.where(close, limit, ratio)) / 2

        q = 0.05
        curvature = (susceptibility(2 * q) - 16 * susceptibility(q) + 15 * susceptibility(0)) / (12 * q**2)
        assert made.gamma == pytest.approx(curvature, rel=1e-4)

    def test_band_with_a_round_fermi_surface_is_gorkovs(self):
        """At low density the square lattice is a parabola in two dimensions."""
        t, mu = 0.01, -3.7
        energies, velocities = square_lattice(1200, mu)
        made = gl.lattice_coefficients(energies, velocities, attraction=2.5, temperature=t)
        fermi_velocity = 2 * np.sqrt(0.3)  # ε = k², v² = 4k²
        ideal = gl.gorkov(
            density_of_states=1 / (4 * np.pi),
            fermi_velocity=fermi_velocity,
            temperature=t,
            critical_temperature=t,
            dimension=2,
        )
        assert made.gamma / ideal.gamma == pytest.approx(1, abs=0.03)
        assert made.beta / ideal.beta == pytest.approx(1, abs=0.06)

    @pytest.mark.parametrize(
        ("call", "words"),
        [
            (lambda: gl.GinzburgLandau(-1.0, 0.0, 1.0), "beta is 0.0"),
            (lambda: gl.gorkov_function(-1.0), "negative"),
            (lambda: gl.vortex(1.0, 0), "winding of 0"),
            (lambda: gl.abrikosov_parameter(1 - 1j), "tau.imag"),
            (lambda: gl.magnetisation_near_upper_field(0.9, 0.5), "type I"),
            (lambda: gl.Film(Grid.build(9, 1.0, "free")), "two directions"),
            (lambda: gl.Film(Grid.build((9, 9), 1.0, "periodic"), applied=0.01), "whole number"),
            (lambda: gl.upper_critical_field(0, 0.5), "1 or more"),
        ],
    )
    def test_errors_say_what_would_do(self, call, words):
        with pytest.raises(InputError, match=words):
            call()


class TestAbrikosov:
    def test_parameter(self):
        assert gl.abrikosov_parameter(gl.SQUARE) == pytest.approx(1.18034059901609, rel=1e-12)
        assert gl.abrikosov_parameter() == pytest.approx(1.15959526696393, rel=1e-12)
        # The same lattice seen from another cell; and triangles are the lowest of all.
        assert gl.abrikosov_parameter(3 - 1 / (gl.SQUARE + 2)) == pytest.approx(
            gl.abrikosov_parameter(gl.SQUARE), rel=1e-12
        )
        for tau in (0.45 + 0.9j, 0.5 + 0.8j, 0.55 + 0.87j):
            assert gl.abrikosov_parameter(tau) > gl.abrikosov_parameter()

    @pytest.mark.parametrize("tau", [gl.SQUARE, gl.TRIANGULAR, 0.3 + 1.4j])
    def test_state(self, tau):
        """One vortex a cell, ⟨|ψ|²⟩ = 1, ⟨|ψ|⁴⟩ = β_A, and a state of the lowest Landau level."""
        first, second = gl.abrikosov_cell(tau)
        assert abs(np.linalg.det([first, second])) == pytest.approx(2 * np.pi)
        share = (np.arange(64) + 0.5) / 64
        one, two = np.meshgrid(share, share, indexing="ij")
        x, y = (one * first[i] + two * second[i] for i in (0, 1))
        n = np.abs(gl.abrikosov_state(x, y, tau)) ** 2
        assert n.mean() == pytest.approx(1.0, rel=1e-10)
        assert (n**2).mean() == pytest.approx(gl.abrikosov_parameter(tau), rel=1e-10)
        moved = np.abs(gl.abrikosov_state(x + second[0], y + second[1], tau)) ** 2
        np.testing.assert_allclose(moved, n, atol=1e-10)
        errors = []
        for points in (41, 81):
            grid = Grid.build((points, points), 4.0 / (points - 1), "hard")
            phases = link_phases(grid, lambda x, y: (0 * x, x), REDUCED)
            psi = gl.abrikosov_state(*grid.coordinates(), tau)
            left = (covariant_laplacian(grid, phases) @ psi.ravel()).reshape(grid.shape) + psi
            errors.append(np.abs(left[1:-1, 1:-1]).max())
        assert np.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.1)


class TestVortex:
    def test_bogomolny_point(self):
        """At κ = 1/√2: ε = 2πn, B_c1 = B_c = B_c2, and the first-order equations hold."""
        for winding in (1, 2, 3):
            found = gl.vortex(BOGOMOLNY, winding)
            assert found.energy == pytest.approx(2 * np.pi * winding, rel=1e-6)
            np.testing.assert_allclose(found.field, 1 - found.amplitude**2, atol=1e-5)
        assert gl.lower_critical_field(BOGOMOLNY) == pytest.approx(1.0, rel=1e-6)

    def test_vortices_attract_below_and_repel_above(self):
        for kappa, sign in ((0.5, -1), (1.0, 1)):
            bound = gl.vortex(kappa, 2).energy - 2 * gl.vortex(kappa).energy
            assert np.sign(bound) == sign

    def test_large_kappa(self):
        """2κ²B_c1/B_c2 = ln κ + 0.497 (Hu, Phys. Rev. B 6, 1756 (1972)); London's field outside."""
        kappa = 200.0
        found = gl.vortex(kappa)
        assert 2 * kappa**2 * found.lower_critical_field - np.log(kappa) == pytest.approx(0.497, abs=1e-3)
        outside = (found.r > 0.5 * kappa) & (found.r < 4 * kappa)
        bulk = london.vortex_field(found.r[outside], kappa, Carriers(1.0, 0.5))
        np.testing.assert_allclose(found.field[outside], bulk, rtol=2e-3)

    def test_one_flux_quantum(self):
        found = gl.vortex(3.0)
        flux = 2 * np.pi * np.trapezoid(found.field * found.r**2, np.log(found.r))
        assert flux == pytest.approx(2 * np.pi, rel=1e-6)
        slope = -np.gradient(found.field, found.r)
        middle = (found.r > 0.1) & (found.r < 5)
        np.testing.assert_allclose(found.current[middle], slope[middle], rtol=2e-3, atol=1e-5)


class TestWalls:
    def test_wall_energy_changes_sign_at_the_bogomolny_point(self):
        assert gl.wall_energy(BOGOMOLNY) == pytest.approx(0.0, abs=1e-8)
        assert brentq(gl.wall_energy, 0.6, 0.8, xtol=1e-7) == pytest.approx(BOGOMOLNY, abs=1e-6)
        assert gl.wall_energy(0.3) > 0 > gl.wall_energy(1.5)
        # √8/3 as κ → 0, approached as √κ.
        kappas = np.array([0.05, 0.1, 0.2])
        series = np.polyfit(np.sqrt(kappas), [gl.wall_energy(kappa) for kappa in kappas], 2)
        assert series[-1] == pytest.approx(np.sqrt(8) / 3, rel=0.01)

    def test_surfaces_and_films(self):
        assert gl.surface_critical_ratio() == pytest.approx(1.69461, abs=2e-5)
        assert gl.film_critical_field(0.1) * 0.1 == pytest.approx(np.sqrt(12), rel=1e-3)
        assert gl.film_critical_field(14.0) == pytest.approx(1.6946, abs=1e-3)

    @pytest.mark.parametrize("extrapolation", [0.0, 0.7])
    def test_healing(self, extrapolation):
        x = np.linspace(0, 6, 2001)
        psi = gl.healing_profile(x, 1.3, extrapolation)
        bent = np.gradient(np.gradient(psi, x), x)[2:-2]
        np.testing.assert_allclose(1.3**2 * bent, (psi**3 - psi)[2:-2], atol=1e-4)
        slope = np.gradient(psi, x, edge_order=2)[0]
        assert psi[0] == pytest.approx(extrapolation * slope, abs=1e-5)


class TestSlab:
    def test_weak_field_and_large_kappa_are_london(self):
        """B of the slab with λ = κξ; where fields vary slowly ψ² = 1 − a²."""
        found = gl.slab(30.0, 10.0, 1e-3)
        exact = london.slab_field(found.x, 30.0, 10.0, 1e-3)
        np.testing.assert_allclose(found.field, exact, rtol=1e-4)
        strong = gl.slab(60.0, 30.0, 0.01)
        inside = np.abs(strong.x) < 25
        local = np.sqrt(1 - strong.potential[inside] ** 2)
        np.testing.assert_allclose(strong.amplitude[inside], local, atol=2e-3)
        # Weaker order screens less: the field is above London's.
        assert strong.field[np.argmin(np.abs(strong.x))] > london.slab_field(0.0, 60.0, 30.0, 0.01)

    def test_thin_slabs_lose_order_as_films_do(self):
        """For d ≪ ξ, λ: ψ² = 1 − (B/B_∥)² with B_∥ = √12 B_c2 ξ/d."""
        d, kappa = 0.3, 5.0
        for share in (0.4, 0.8):
            found = gl.slab(d, kappa, share * np.sqrt(12) / d)
            assert found.amplitude.max() ** 2 == pytest.approx(1 - share**2, abs=0.01)

    def test_current_is_the_curl_of_the_field(self):
        found = gl.slab(6.0, 1.5, 0.3)
        slope = -np.gradient(found.field, found.x)[2:-2]
        np.testing.assert_allclose(found.current[2:-2], slope, atol=1e-4)


class TestFilm:
    def test_slopes_are_derivatives_of_the_free_energy(self):
        rng = np.random.default_rng(2)
        for ends, applied in (("free", 0.4), ("periodic", 2 * np.pi * 2 / (6 * 0.7 * 5 * 0.7))):
            film = gl.Film(Grid.build((6, 5), 0.7, ends), 1.3, applied, rng.uniform(-1, 1, (6, 5)))
            psi = rng.standard_normal((6, 5)) + 1j * rng.standard_normal((6, 5))
            phases = [
                p + 0.1 * rng.standard_normal((6, 5)) * film.grid.links(d)
                for d, p in enumerate(film.uniform_links())
            ]
            by_psi, by_phase = film.slopes(psi, phases)
            for _ in range(3):
                way = rng.standard_normal((6, 5)) + 1j * rng.standard_normal((6, 5))
                turn = [rng.standard_normal((6, 5)) * film.grid.links(d) for d in (0, 1)]
                up, down = (
                    film.free_energy(psi + s * way, [p + s * t for p, t in zip(phases, turn, strict=True)])
                    for s in (1e-5, -1e-5)
                )
                slope = 2 * np.sum((by_psi.conj() * way).real)
                slope += sum(np.sum(f * t) for f, t in zip(by_phase, turn, strict=True))
                assert (up - down) / 2e-5 == pytest.approx(slope, rel=1e-7)
            chi = rng.uniform(-3, 3, (6, 5))
            other = gauge_transformed(film.grid, phases, chi)
            assert film.free_energy(psi * np.exp(1j * chi), other) == pytest.approx(
                film.free_energy(psi, phases), rel=1e-12
            )

    def test_upper_critical_field_of_the_grid(self):
        """The normal state is unstable below B_c2 = ħ/|q|ξ², up to the square of the spacing."""
        found = [gl.upper_critical_field(2, spacing) for spacing in (0.5, 0.25)]
        errors = np.array(found) - 1
        assert np.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.2)
        assert found[0] + (found[1] - found[0]) * 4 / 3 == pytest.approx(1.0, abs=2e-3)

    def test_superconductivity_at_the_edge_beyond_it(self):
        """At 1.3 B_c2 ψ grows in a sample with edges and dies on a torus."""
        side = 9.0
        edges = gl.Film(Grid.build((37, 37), side / 36, "free"), applied=1.3)
        whole = round(1.3 * side**2 / (2 * np.pi))
        torus = gl.Film(Grid.build((36, 36), side / 36, "periodic"), applied=2 * np.pi * whole / side**2)
        assert gl.growth_rate(edges) > 0.1
        assert gl.growth_rate(torus) < -0.1

    @pytest.mark.slow
    def test_vortices_of_a_torus_reach_bogomolnys_bound(self):
        """At κ = 1/√2 any arrangement of N vortices costs 2πN; noise relaxes to it, with the error ∝
        spacing².
        """
        errors = []
        for n in (16, 32):
            film = gl.Film(Grid.build((n, n), 8.0 / n, "periodic"), BOGOMOLNY, applied=2 * np.pi * 3 / 64)
            energies = []

            def watch(time, state, energies=energies):
                energies.append(state.free_energy)

            done = gl.relax(gl.start(film, seed=1, amplitude=0.3), duration=30.0, watch=watch)
            assert np.all(np.diff(energies) < 1e-9)
            assert done.vortices.sum() == np.abs(done.vortices).sum() == 3
            assert film.field(done.phases).sum() * film.grid.cell == pytest.approx(2 * np.pi * 3)
            errors.append(abs((done.free_energy + 32.0) / (2 * np.pi * 3) - 1))
        assert np.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.25)
        assert errors[1] < 5e-3

    def test_a_sample_with_an_edge_lets_vortices_in(self):
        """In a field between B_c1 and B_c2 they enter; ∮(ΛJ + A) is whole around them; J flows along the
        edge.
        """
        film = gl.Film(Grid.build((33, 33), 0.375, "free"), kappa=2.0, applied=0.55)
        done = gl.relax(gl.start(film, seed=4, amplitude=0.2), duration=60.0)
        inside = int(done.vortices.sum())
        assert inside >= 3
        found = loop_fluxoid(*rectangle(film.grid, done.psi, done.phases, (0, 0), (32, 32)), REDUCED)
        assert found.winding == inside
        assert found.flux < 0.55 * 12**2
        flows = film.supercurrent(done.psi, done.phases)
        # It shields: with B along +z clockwise, so towards −y at the right edge.
        assert flows[1][-1, 16] < 0 < flows[1][0, 16]

    def test_minimum_is_where_relaxation_ends(self):
        film = gl.Film(Grid.build((14, 14), 0.5, "free"), kappa=1.2, applied=0.3)
        slow = gl.relax(gl.start(film), duration=150.0)
        fast = gl.minimise(gl.start(film), tolerance=1e-8)
        assert fast.free_energy == pytest.approx(slow.free_energy, rel=1e-8)
        assert fast.residual < 1e-5
        np.testing.assert_allclose(np.abs(fast.psi), np.abs(slow.psi), atol=1e-4)

    def test_healing_at_a_normal_region(self):
        """c = −400 kills ψ within its own ξ/20: beyond, tanh(x/√2), by the de Gennes length of that layer."""
        n, spacing = 161, 0.05
        c = np.ones((n, 3))
        c[:41] = -400.0
        film = gl.Film(Grid.build((n, 3), spacing, "free"), condensation=c)
        done = gl.minimise(gl.start(film), tolerance=1e-9)
        x = np.arange(n - 41) * spacing + 0.5 * spacing
        exact = gl.healing_profile(x, 1.0, 1 / 20)
        half = x < 4
        np.testing.assert_allclose(np.abs(done.psi[41:, 1])[half], exact[half], atol=0.02)

    def test_too_long_a_step_is_told(self):
        film = gl.Film(Grid.build((8, 8), 0.5, "free"))
        with pytest.raises(NumericalError, match="shorter"):
            gl.relax(gl.start(film, seed=0), duration=2.0, step=0.2)

"""The macroscopic wave function: conserved where it should be, covariant, and of the order it says."""

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import expm
from scipy.sparse.linalg import eigsh

from bdg.errors import InputError
from bdg.theory.macroscopic import PAIRS, PAIRS_SI, Carriers, wave
from bdg.theory.macroscopic.grid import (
    Grid,
    covariant_laplacian,
    divergence,
    gauge_transformed,
    link_phases,
    plaquette_flux,
    uniform_field,
    winding,
)

ONE = Carriers(charge=-1.0, mass=1.0)


def order(errors):
    """Powers by which errors fall when a step is halved."""
    return np.log2(np.asarray(errors)[:-1] / np.asarray(errors)[1:])


def oblong(n, ends="hard", width=16.0):
    return Grid.build((n, n), width / (n + 1), ends)


class TestGrid:
    def test_laplacian_is_hermitian_and_that_of_free_ends_in_its_own_product(self):
        rng = np.random.default_rng(0)
        for ends in ("periodic", "hard", "free"):
            grid = Grid.build((5, 6), 0.3, ends)
            phases = [np.where(grid.links(d), rng.uniform(-3, 3, grid.shape), 0) for d in (0, 1)]
            matrix = covariant_laplacian(grid, phases).toarray()
            weight = np.ones(grid.shape)
            if ends == "free":
                for line in (weight[0], weight[-1], weight[:, 0], weight[:, -1]):
                    line *= 0.5
            matrix = weight.ravel()[:, None] * matrix
            np.testing.assert_allclose(matrix, matrix.conj().T, atol=1e-12)
            assert np.linalg.eigvalsh(matrix).max() < 1e-12

    def test_every_plaquette_of_a_torus_has_the_same_flux(self):
        grid = Grid.build((6, 8), 0.5, "periodic")
        field = 3 * PAIRS.flux_quantum / (3.0 * 4.0)
        phases = uniform_field(grid, field)
        turn = PAIRS.charge * field * 0.25
        np.testing.assert_allclose(plaquette_flux(grid, phases), turn)
        with pytest.raises(InputError, match=r"1\.5 flux quanta"):
            uniform_field(grid, -0.5 * field)

    def test_landau_levels_of_a_torus(self):
        """ħω_c(n + ½), each as often as there are flux quanta, up to the square of the spacing."""
        errors = []
        for n in (12, 24):
            grid = Grid.build((n, n), 8.0 / n, "periodic")
            field = 4 * ONE.flux_quantum / 64.0
            matrix = wave.hamiltonian(grid, uniform_field(grid, field, ONE), carriers=ONE)
            levels = np.linalg.eigvalsh(matrix.toarray())  # Lanczos would miss some of those that coincide
            cyclotron = field
            np.testing.assert_allclose(levels[:4], levels[0], rtol=1e-8)
            errors.append(abs(levels[[0, 4]] / cyclotron - [0.5, 1.5]).max())
        assert order(errors) == pytest.approx(2, abs=0.1)

    @pytest.mark.parametrize(
        ("call", "words"),
        [
            (lambda: Grid.build((4, 4, 4), 1.0, "hard"), "3 directions"),
            (lambda: Grid.build((2, 4), 1.0, "hard"), "too small"),
            (lambda: Grid.build(8, -1.0, "hard"), "spacing is -1.0"),
            (lambda: Grid.build(8, 1.0, "open"), "unknown ends 'open'"),
            (lambda: wave.hamiltonian(Grid.build(8, 1.0, "free")), "free ends"),
            (lambda: wave.evolve(np.ones(2), sparse.eye(2), duration=1, steps=10, keep=3), "divisor"),
            (lambda: wave.evolve(np.ones(2), sparse.eye(2), duration=1, steps=10, order=3), "give 2 or 4"),
            (lambda: wave.wave_function(-1.0, 0.0), "n_s ≥ 0"),
            (lambda: wave.loop_fluxoid([1, 0, 1], [0, 0, 0]), "vanishes on the loop"),
        ],
    )
    def test_errors_say_what_would_do(self, call, words):
        with pytest.raises(InputError, match=words):
            call()


class TestEvolution:
    @pytest.mark.parametrize("accuracy", [2, 4])
    def test_norm_is_kept_whatever_the_fields_do(self, accuracy):
        grid = oblong(16)
        x, y = grid.coordinates()
        start = wave.wave_packet(grid, (1.0, -1.0), 1.2, (0.7, 0.3))

        def changing(t):
            phases = [
                (1 + np.sin(3 * t)) * p for p in link_phases(grid, lambda x, y: (0.3 * y, x * y / 9), ONE)
            ]
            return wave.hamiltonian(grid, phases, np.cos(t) * x + y**2 / 9, ONE)

        for matrix, steps in ((changing(0.3), 2000), (changing, 40)):
            end = wave.evolve(start, matrix, duration=5.0, steps=steps, order=accuracy).states[-1]
            assert abs(wave.density(end).sum() * grid.cell - 1) < 1e-12
            assert np.abs(end - start).max() > 0.05

    @pytest.mark.parametrize("accuracy", [2, 4])
    def test_order_in_time(self, accuracy):
        """Against the exponential of the matrix, and for fields that change against far finer steps."""
        grid = Grid.build(24, 0.5, "hard")
        (x,) = grid.coordinates()
        start = wave.wave_packet(grid, (1.0,), 1.0, (0.6,))
        matrix = wave.hamiltonian(grid, None, x**2 / 8, ONE)
        exact = expm(-1j * matrix.toarray()) @ start

        def changing(t):
            phase = link_phases(grid, lambda x: (np.sin(2 * t) + 0 * x,), ONE)
            return wave.hamiltonian(grid, phase, np.cos(3 * t) * x, ONE)

        def errors(hamiltonian, reference, steps):
            return [
                np.abs(
                    wave.evolve(start, hamiltonian, duration=1.0, steps=n, order=accuracy).states[-1]
                    - reference
                ).max()
                for n in steps
            ]

        assert order(errors(matrix, exact, (16, 32, 64))) == pytest.approx(accuracy, abs=0.15)
        fine = wave.evolve(start, changing, duration=1.0, steps=640, order=4).states[-1]
        assert order(errors(changing, fine, (20, 40, 80))) == pytest.approx(accuracy, abs=0.15)

    def test_order_in_space(self):
        """A free packet: |Ψ|² is a Gaussian about ħkt/m of width w√(1 + (ħt/2mw²)²)."""
        width, k, time, errors = 1.0, 1.0, 1.5, []
        for n in (79, 159, 319):
            grid = Grid.build(n, 24.0 / (n + 1), "hard")
            (x,) = grid.coordinates()
            matrix = wave.hamiltonian(grid, carriers=PAIRS)
            end = wave.evolve(
                wave.wave_packet(grid, (-2.0,), width, (k,)), matrix, duration=time, steps=60, order=4
            ).states[-1]
            spread = width * np.hypot(1, time / (2 * PAIRS.mass * width**2))
            centre = -2.0 + k * time / PAIRS.mass
            exact = np.exp(-((x - centre) ** 2) / (2 * spread**2)) / np.sqrt(2 * np.pi) / spread
            errors.append(np.abs(wave.density(end) - exact).max())
        assert order(errors) == pytest.approx(2, abs=0.1)

    def test_ehrenfest_in_an_electric_field(self):
        """⟨p⟩ = p₀ + qEt and ⟨x⟩ = x₀ + p₀t/m + qEt²/2m, with E in φ and with E in A; errors ∝ spacing²."""
        field, time, start_at, k = 0.4, 2.0, -1.0, 0.5
        force = PAIRS.charge * field
        expected = [
            start_at + k * time / PAIRS.mass + force * time**2 / (2 * PAIRS.mass),
            k + force * time,
        ]
        for in_phi in (True, False):
            errors = []
            for n in (119, 239):
                grid = Grid.build(n, 24.0 / (n + 1), "hard")
                (x,) = grid.coordinates()
                start = wave.wave_packet(grid, (start_at,), 1.2, (k,))
                none = [np.zeros(n)]
                if in_phi:
                    matrix, final = wave.hamiltonian(grid, none, -force * x), none
                else:

                    def phases(t, grid=grid):
                        return link_phases(grid, lambda place, t=t: (-field * t + 0 * place,))

                    def matrix(t, grid=grid, phases=phases):
                        return wave.hamiltonian(grid, phases(t))

                    final = phases(time)
                end = wave.evolve(start, matrix, duration=time, steps=80, order=4).states[-1]
                found = [wave.mean_position(grid, end)[0], wave.mean_momentum(grid, end, final)[0]]
                errors.append(np.abs(np.subtract(found, expected)))
            np.testing.assert_allclose(order(errors), 2, atol=0.15)
            assert np.max(errors[-1]) < 5e-3

    def test_ehrenfest_in_a_magnetic_field(self):
        """⟨r⟩ goes round a circle with ω_c = qB/m: a third of a turn in the sense that the charge has."""
        field, k, errors = 1.5, 1.2, []
        cyclotron = PAIRS.charge * field / PAIRS.mass
        time = 2 * np.pi / abs(cyclotron) / 3
        # m v = ħk at the start, because A vanishes where the packet is in the gauge (0, Bx).
        speed = k / PAIRS.mass
        turned = cyclotron * time
        expected = speed / cyclotron * np.array([np.sin(turned), np.cos(turned) - 1])
        for n in (47, 95):
            grid = oblong(n, width=11.0)
            phases = uniform_field(grid, field)
            matrix = wave.hamiltonian(grid, phases)
            start = wave.wave_packet(grid, (0.0, 0.0), 0.9, (k, 0.0))
            end = wave.evolve(start, matrix, duration=time, steps=40, order=4).states[-1]
            errors.append(np.abs(wave.mean_position(grid, end) - expected).max())
        assert order(errors) == pytest.approx(2, abs=0.2)
        assert errors[-1] < 0.02 * np.abs(expected).max()

    def test_every_gauge_gives_the_same_density_and_current(self):
        """Ψ → e^{iχ}Ψ with rough χ: n_s, J and v_s after a while, to rounding."""
        grid = oblong(14, width=8.0)
        phases = uniform_field(grid, 0.8)
        start = wave.wave_packet(grid, (0.5, 0.0), 1.0, (0.4, 0.2))
        chi = np.random.default_rng(1).uniform(-9, 9, grid.shape)
        other = gauge_transformed(grid, phases, chi)
        ends = []
        for links, psi in ((phases, start), (other, start * np.exp(1j * chi))):
            end = wave.evolve(psi, wave.hamiltonian(grid, links), duration=1.0, steps=20).states[-1]
            flow = wave.supercurrent(grid, end, links)
            ends.append(np.array([wave.density(end), *flow, *wave.velocity(grid, end, links)]))
        assert np.abs(ends[0][1]).max() > 1e-3
        np.testing.assert_allclose(ends[0][:3], ends[1][:3], atol=1e-13)
        full = ends[0][0] > 1e-6
        np.testing.assert_allclose(ends[0][3][full], ends[1][3][full], atol=1e-7)

    def test_a_gauge_that_changes_with_time_needs_its_potential(self):
        """A → A + (ħ/q)∇χ with χ(r, t) takes qφ → qφ − ħ∂χ/∂t along; without it the density is another."""
        grid = Grid.build(60, 0.25, "hard")
        (x,) = grid.coordinates()
        start = wave.wave_packet(grid, (0.0,), 1.0, (0.5,))
        none = [np.zeros(60)]
        shape = 0.2 * x**2
        plain = wave.evolve(start, wave.hamiltonian(grid, none), duration=1.0, steps=100, order=4).states[-1]

        def changed(with_potential):
            def matrix(t):
                links = gauge_transformed(grid, none, np.sin(2 * t) * shape)
                return wave.hamiltonian(grid, links, -2 * np.cos(2 * t) * shape * with_potential)

            return wave.evolve(start, matrix, duration=1.0, steps=100, order=4).states[-1]

        np.testing.assert_allclose(wave.density(changed(True)), wave.density(plain), atol=1e-7)
        assert np.abs(wave.density(changed(False)) - wave.density(plain)).max() > 1e-2


class TestMadelung:
    def flowing(self, n, steps, field=0.2):
        """Two states a step apart of a packet that moves and spreads in a field and a potential."""
        grid = oblong(n, width=12.0)
        x, y = grid.coordinates()
        phases = link_phases(grid, lambda x, y: (-field * y + 0.1 * x, 0.1 * np.sin(x) + 0 * y))
        potential = 0.1 * x**2 + 0.2 * y
        matrix = wave.hamiltonian(grid, phases, potential)
        start = wave.wave_packet(grid, (0.3, -0.2), 1.1, (0.5, 0.2))
        states = wave.evolve(start, matrix, duration=0.5, steps=steps, keep=steps).states[-2:]
        return grid, phases, potential, states, 0.5 / steps

    def test_what_flows_out_is_what_is_lost(self):
        grid, phases, _, (before, after), step = self.flowing(20, 20)
        flow = wave.supercurrent(grid, 0.5 * (before + after), phases)
        rate = PAIRS.charge * (wave.density(after) - wave.density(before)) / step
        assert np.abs(rate).max() > 1e-3
        np.testing.assert_allclose(rate, -divergence(grid, flow), atol=1e-13)

    def test_both_equations_hold_as_the_grid_gets_finer(self):
        errors = []
        for n, steps in ((23, 20), (47, 40), (95, 80)):
            grid, phases, potential, (before, after), step = self.flowing(n, steps)
            lost = wave.continuity_residual(grid, before, after, step, phases)
            energy = wave.energy_phase_residual(grid, before, after, step, phases, potential)
            n_s = wave.density(before)
            errors.append([np.abs(lost).max(), np.abs(n_s * energy).max() / n_s.max()])
        np.testing.assert_allclose(order(errors)[-1], 2, atol=0.15)
        assert np.max(errors[-1]) < 0.01

    def test_currents_of_both_forms_meet(self):
        errors = []
        for n in (23, 47):
            grid, phases, _, (before, _), _ = self.flowing(n, 20)
            pair = wave.supercurrent(grid, before, phases), wave.london_current(grid, before, phases)
            errors.append(np.abs(np.subtract(*pair)).max() / np.abs(pair[0]).max())
        assert order(errors) == pytest.approx(2, abs=0.25)


class TestSlips:
    """Three slips that are easily made; docs/macroscopic.md explains them."""

    grid = Grid.build((32, 32), 2 * np.pi / 32, "periodic")
    x, y = grid.coordinates()
    amplitude = 1.0 + 0.3 * np.cos(x) + 0.2 * np.sin(x + y)
    theta = 0.4 * np.sin(y) + 0.3 * np.cos(x - y)
    a = (0.7 * np.sin(x) + 0.2 * np.cos(y), 0.5 * np.cos(y) * np.sin(x))  # ∇·A ≠ 0

    def direct(self):
        """e^{−iθ}(1/2m)(−iħ∇ − qA)²Ψ₀e^{iθ}, the operator twice on Ψ."""
        k = np.fft.fftfreq(32, 1 / 32)

        def momentum(psi, axis):
            shape = (32, 1) if axis == 0 else (1, 32)
            slope = np.fft.ifft(1j * k.reshape(shape) * np.fft.fft(psi, axis=axis), axis=axis)
            return -1j * slope - PAIRS.charge * self.a[axis] * psi

        psi = self.amplitude * np.exp(1j * self.theta)
        return (
            sum(momentum(momentum(psi, d), d) for d in (0, 1)) * np.exp(-1j * self.theta) / (2 * PAIRS.mass)
        )

    def test_the_modulus_is_the_root_of_the_density(self):
        psi = wave.wave_function(self.amplitude**2, self.theta)
        np.testing.assert_allclose(np.abs(psi), self.amplitude)
        np.testing.assert_allclose(wave.density(psi), self.amplitude**2)
        none = [np.zeros(self.grid.shape)] * 2
        # J is q n_s v_s with n_s = |Ψ|²; with |Ψ| in its place it is off by a factor |Ψ|.
        flow, speed = wave.supercurrent(self.grid, psi, none), wave.velocity(self.grid, psi, none)
        wrong = PAIRS.charge * np.abs(psi) * speed[0]
        right = wave.london_current(self.grid, psi, none)[0]
        assert np.abs(flow[0] - right).max() < 0.05 * np.abs(flow[0]).max()
        assert np.abs(flow[0] - wrong).max() > 0.2 * np.abs(flow[0]).max()

    def test_the_expansion_has_the_divergence_of_the_vector_potential(self):
        terms = wave.expanded_kinetic_terms(self.grid, self.amplitude, self.theta, self.a)
        exact = self.direct()
        np.testing.assert_allclose(sum(terms.values()), exact, atol=1e-10)
        without = sum(term for name, term in terms.items() if name != "divergence")
        missing = exact - without
        assert np.abs(missing.real).max() < 1e-10
        assert np.abs(missing.imag).max() > 0.1
        # Its imaginary part written down without that term is not gauge-invariant: with A = (ħ/q)∇χ alone and
        # θ = χ nothing flows, and nothing changes; but not without the term.
        chi = 0.6 * np.sin(self.x) + 0.2 * np.cos(self.y)
        pure = (0.6 * np.cos(self.x) / PAIRS.charge, -0.2 * np.sin(self.y) / PAIRS.charge)
        still = wave.expanded_kinetic_terms(self.grid, self.amplitude, chi, pure)
        assert np.abs(sum(still.values()).imag).max() < 1e-12
        assert np.abs((sum(still.values()) - still["divergence"]).imag).max() > 0.05

    def test_the_imaginary_part_is_continuity_over_twice_the_root(self):
        terms = wave.expanded_kinetic_terms(self.grid, self.amplitude, self.theta, self.a)
        rate = sum(terms.values()).imag  # ħ ∂Ψ₀/∂t
        k = np.fft.fftfreq(32, 1 / 32)
        slopes = (
            lambda f: np.fft.ifft(1j * k[:, None] * np.fft.fft(f, axis=0), axis=0).real,
            lambda f: np.fft.ifft(1j * k * np.fft.fft(f, axis=1), axis=1).real,
        )
        n_s = self.amplitude**2
        flow = [
            n_s * (slope(self.theta) - PAIRS.charge * a) / PAIRS.mass
            for slope, a in zip(slopes, self.a, strict=True)
        ]
        out = sum(slope(part) for slope, part in zip(slopes, flow, strict=True))
        np.testing.assert_allclose(rate, -out / (2 * self.amplitude), atol=1e-11)
        assert np.abs(rate + out).max() > 0.1


class TestFluxoids:
    @pytest.mark.parametrize("turns", [-3, 0, 2])
    def test_whole_numbers_around_any_loop(self, turns):
        rng = np.random.default_rng(turns + 5)
        angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        psi = rng.uniform(0.2, 2, 60) * np.exp(1j * (turns * angle + 0.3 * rng.uniform(-1, 1, 60)))
        phases = 0.2 * rng.uniform(-1, 1, 60) + 0.05
        found = wave.loop_fluxoid(psi, phases)
        assert found.winding == turns
        assert found.total == pytest.approx(turns * PAIRS.flux_quantum_of_phase, abs=1e-12)
        assert found.flux == pytest.approx(phases.sum() / PAIRS.charge)
        chi = rng.uniform(-0.5, 0.5, 60)
        other = wave.loop_fluxoid(psi * np.exp(1j * chi), phases + np.roll(chi, -1) - chi)
        assert other.winding == turns
        assert other.kinetic == pytest.approx(found.kinetic, abs=1e-12)

    def test_rectangles_count_the_vortices_inside(self):
        grid = Grid.build((20, 20), 0.5, "free")
        x, y = grid.coordinates()
        psi = ((x - 2.1) + 1j * (y - 2.2)) * ((x + 2.3) + 1j * (y - 0.1)) * ((x - 1.3) - 1j * (y + 2.4))
        phases = uniform_field(grid, -0.2)
        vortices = winding(grid, psi, phases)
        assert np.abs(vortices).sum() == 3
        for corner, opposite in (
            ((0, 0), (19, 19)),
            ((10, 10), (18, 18)),
            ((2, 1), (9, 15)),
            ((9, 0), (19, 9)),
        ):
            found = wave.loop_fluxoid(*wave.rectangle(grid, psi, phases, corner, opposite))
            inside = vortices[corner[0] : opposite[0], corner[1] : opposite[1]].sum()
            assert found.winding == inside
            area = (opposite[0] - corner[0]) * (opposite[1] - corner[1]) * 0.25
            assert found.flux == pytest.approx(-0.2 * area)

    @pytest.mark.parametrize("flux", [0.0, 0.3, 0.8, -1.4])
    def test_ring(self, flux):
        """Lowest state of a ring on a grid: its winding, energy and current are those of the closed forms."""
        n, radius = 240, 1.7
        through = flux * PAIRS.flux_quantum_of_phase
        grid = Grid.build(n, 2 * np.pi * radius / n, "periodic")
        phases = [np.full(n, 2 * np.pi * flux / n)]
        energy, states = eigsh(wave.hamiltonian(grid, phases), k=2, sigma=-1.0)
        lowest = states[:, np.argmin(energy)] * np.sqrt(5.0 * n)
        found = wave.loop_fluxoid(lowest, phases[0])
        assert found.winding == wave.ring_state(through)
        assert found.total == pytest.approx(found.winding * PAIRS.flux_quantum_of_phase)
        exact = wave.ring_energy(found.winding, through, radius)
        assert energy.min() == pytest.approx(exact, abs=1e-4)
        current = wave.supercurrent(grid, lowest, phases)[0]
        np.testing.assert_allclose(current, wave.ring_current(found.winding, through, radius, 5.0), atol=1e-3)

    def test_current_of_a_ring_is_the_derivative_of_its_energy(self):
        flux, step, radius, line = 0.37, 1e-6, 2.0, 4.0
        up, down = (wave.ring_energy(1, flux + s * step, radius) for s in (1, -1))
        carriers = 2 * np.pi * radius * line
        assert wave.ring_current(1, flux, radius, line) == pytest.approx(
            -carriers * (up - down) / (2 * step), rel=1e-7
        )


class TestJosephson:
    def test_dc(self):
        """Without voltage the current is that of the phase, constant to first order in the coupling."""
        coupling, delta = -1e-4, 0.7
        psi = np.sqrt([2.0, 3.0]) * np.exp([0, 1j * delta])
        done = wave.two_waves(psi, coupling, 0.0, duration=1.0, steps=10)
        rate = PAIRS.charge * np.gradient(wave.density(done.states[:, 0]), done.times, edge_order=2)
        np.testing.assert_allclose(rate, wave.josephson_current(delta, 2.0, 3.0, coupling), rtol=1e-3)
        assert wave.josephson_current(0.0, 2.0, 3.0, coupling) == 0

    def test_ac(self):
        """A weak link at a voltage: n₁ oscillates at qV/h, with amplitude (I_c/q)/ω."""
        coupling, voltage = 1e-3, 0.9
        frequency = abs(float(wave.josephson_frequency(voltage)))
        duration, steps = 20 / frequency, 4000
        done = wave.two_waves([1.0, 1.0], coupling, voltage, duration=duration, steps=steps)
        n = wave.density(done.states[:-1, 0])
        spectrum = np.abs(np.fft.rfft(n - n.mean()))
        assert np.argmax(spectrum) == 20
        critical = abs(float(wave.josephson_current(np.pi / 2, 1, 1, coupling)))
        amplitude = critical / abs(PAIRS.charge) / (2 * np.pi * frequency)
        assert 0.5 * np.ptp(n) == pytest.approx(amplitude, rel=1e-4)
        np.testing.assert_allclose(wave.density(done.states).sum(axis=1), 2.0, atol=1e-12)

    def test_two_waves_are_two_points_of_the_same_equation(self):
        done = wave.two_waves([1.0, 0.5j], 0.3, 0.4, duration=2.0, steps=7)
        energy = 0.5 * PAIRS.charge * 0.4
        matrix = np.array([[energy, 0.3], [0.3, -energy]])
        np.testing.assert_allclose(done.states[-1], expm(-2j * matrix) @ [1.0, 0.5j], atol=1e-13)

    def test_phase_of_two_waves_turns_as_the_voltage_says(self):
        times = np.linspace(0, 3, 601)

        def voltage(t):
            return 0.4 + 0.3 * np.cos(2 * t)

        done = wave.two_waves([1.0, 1.0], 1e-6, voltage, duration=3.0, steps=600)
        delta = np.unwrap(np.angle(done.states[:, 1] / done.states[:, 0]))
        driven, current = wave.driven_current(times, voltage(times), 2.0)
        np.testing.assert_allclose(delta, driven, atol=1e-4)
        np.testing.assert_allclose(current, 2 * np.sin(driven))

    def test_shapiro_steps(self):
        """The mean current at qV₀ = nħω, largest over the phase, is a Bessel function of the drive."""
        omega, amplitude = 2.0, 1.7
        times = np.linspace(0, 2 * np.pi / omega * 4, 8001)
        for step in (0, 1, 2):
            voltage = step * omega / PAIRS.charge + amplitude * np.cos(omega * times)
            phases = np.linspace(0, 2 * np.pi, 400, endpoint=False)
            turned, _ = wave.driven_current(times, voltage, 1.0)
            means = [np.trapezoid(np.sin(turned + phase), times) / times[-1] for phase in phases]
            assert max(means) == pytest.approx(wave.shapiro_current(step, amplitude, omega, 1.0), abs=2e-4)

    def test_si(self):
        assert abs(wave.josephson_frequency(1e-6, PAIRS_SI)) == pytest.approx(483.5978e6, rel=1e-6)

"""London: closed forms against the equations, the finite differences and their own limits."""

import numpy as np
import pytest
from scipy import constants

from bdg.errors import InputError
from bdg.theory.macroscopic import PAIRS, PAIRS_SI, Carriers, london


def order(errors):
    """Powers of the spacing by which errors fall when it is halved."""
    return np.log2(np.asarray(errors)[:-1] / np.asarray(errors)[1:])


class TestDepth:
    def test_si_value_and_pairs_against_electrons(self):
        """n = 6e28/m³ is 21.7 nm; twice the charge and the mass at half the density is the same."""
        electrons = Carriers(-constants.e, constants.m_e, constants.hbar, constants.mu_0)
        depth = london.london_depth(6e28, electrons)
        assert depth == pytest.approx(21.69e-9, rel=1e-3)
        assert london.london_depth(3e28, PAIRS_SI) == pytest.approx(depth, rel=1e-14)
        assert PAIRS_SI.flux_quantum == pytest.approx(constants.physical_constants["mag. flux quantum"][0])
        assert london.superfluid_density(depth, electrons) == pytest.approx(6e28)

    def test_two_fluids(self):
        temperatures = np.array([0.0, 0.5, 0.999, 1.0, 1.3])
        depth = london.two_fluid_depth(40.0, temperatures, 1.0)
        assert depth[0] == 40
        assert depth[1] == pytest.approx(40 / np.sqrt(15 / 16))
        assert depth[2] * np.sqrt(4 * 0.001) == pytest.approx(40, rel=1e-3)
        assert np.all(np.isinf(depth[3:]))

    def test_screening_at_frequencies_goes_from_london_to_the_skin_effect(self):
        omega, depth, normal = 1e-9, 3.0, 0.4
        assert london.skin_depth(omega, depth, normal) == pytest.approx(depth)
        skin = london.skin_depth(0.7, 1e9, normal)
        assert skin == pytest.approx((1 + 1j) / np.sqrt(2 * 0.7 * normal))

    @pytest.mark.parametrize(
        ("call", "words"),
        [
            (lambda: london.london_depth(0.0), "give n_s > 0"),
            (lambda: london.two_fluid_fraction(-1, 1), "below zero"),
            (lambda: Carriers(charge=0.0), "carry no current"),
            (lambda: Carriers(mass=-1.0), "mass is -1.0"),
            (lambda: london.solve_slab(1.0, np.inf, 1.0), "normal everywhere"),
            (lambda: london.solve_slab(1.0, -2.0, 1.0), "penetration depth of -2.0"),
            (lambda: london.solve_cylinder(1.0, 0.1, 1.0, trapped=3.0), "no hole"),
            (lambda: london.solve_section(np.ones((3, 3)), 1.0, 1.0, fluxoids=[1]), "shape"),
            (lambda: london.strip_current(2.0, 1.0, 1.0), "inside the strip"),
        ],
    )
    def test_errors_say_what_would_do(self, call, words):
        with pytest.raises(InputError, match=words):
            call()


class TestEquations:
    """J and B of every closed form obey ∇×(ΛJ) = −B, and a ramped field gives E = ∂(ΛJ)/∂t."""

    depth = 0.7

    def in_the_plane(self, current, field):
        """The error of the second equation at two spacings, on a square beside the axis."""
        errors = []
        for n in (161, 321):
            x = np.linspace(-1.0, 1.0, n)
            spacing = x[1] - x[0]
            place = np.meshgrid(x + 1.8, x + 0.3, indexing="ij")  # off the axis
            flow, b = current(*place), field(*place)
            left = london.second_equation(flow, b, spacing, self.depth**2)
            errors.append(np.abs(left).max() / np.abs(b).max())
        assert order(errors) == pytest.approx(2, abs=0.1)
        assert errors[-1] < 2e-3

    def round(self, size, field):
        def current(x, y):
            r = np.hypot(x, y)
            return -y / r * size(r), x / r * size(r)

        return current, lambda x, y: field(np.hypot(x, y))

    def test_slab(self):
        given = (8.0, self.depth, 0.9)
        self.in_the_plane(
            lambda x, y: (0 * x, london.slab_current(x, *given)), lambda x, y: london.slab_field(x, *given)
        )

    def test_cylinder(self):
        given = (6.0, self.depth, 0.9)
        self.in_the_plane(
            *self.round(
                lambda r: london.cylinder_current(r, *given), lambda r: london.cylinder_field(r, *given)
            )
        )

    def test_bulk_vortex(self):
        self.in_the_plane(
            *self.round(
                lambda r: london.vortex_current(r, self.depth), lambda r: london.vortex_field(r, self.depth)
            )
        )

    def test_pearl_vortex(self):
        """In the film Λ is that of the sheet, μ₀Λ_P/2; here Λ_P = 2λ²."""
        length = 2 * self.depth**2
        self.in_the_plane(
            *self.round(
                lambda r: london.pearl_vortex_current(r, length),
                lambda r: london.pearl_vortex_field(r, length),
            )
        )

    def test_first_equation_in_a_ramped_field(self):
        """E_y of −∂A/∂t with A from the slab, the field rising as t²: J follows E/Λ at every place."""
        errors = []
        for n in (41, 81):
            t = np.linspace(0.0, 1.0, n)[:, None]
            x = np.linspace(-1.9, 1.9, 7)
            flow = london.slab_current(x, 4.0, self.depth, 1.0)
            electric = 3 * t**2 * self.depth**2 * flow
            left = london.first_equation(t**3 * flow, electric, t[:, 0], self.depth**2)
            errors.append(np.abs(left).max() / np.abs(electric).max())
        assert order(errors) == pytest.approx(2, abs=0.1)


class TestClosedForms:
    @pytest.mark.parametrize("thickness", [0.05, 3.0, 4000.0])
    def test_slab_magnetisation_is_the_mean_of_what_is_missing(self, thickness):
        x = 0.5 * thickness * (1 - np.geomspace(1e-12, 1, 200001))  # fine near the face
        missing = np.trapezoid(london.slab_field(x, thickness, 0.6, 2.0) - 2.0, x) / (x[-1] - x[0])
        assert london.slab_magnetisation(thickness, 0.6, 2.0) == pytest.approx(missing, rel=1e-6)

    @pytest.mark.parametrize("radius", [0.3, 4.0])
    def test_cylinder_magnetisation_is_that_of_its_currents_and_of_the_missing_field(self, radius):
        r = np.linspace(0, radius, 20001)
        area = np.pi * radius**2
        flow = london.cylinder_current(r, radius, 0.6, 2.0)
        missing = 2 * np.pi * r * (london.cylinder_field(r, radius, 0.6, 2.0) - 2.0)
        found = london.cylinder_magnetisation(radius, 0.6, 2.0)
        assert found == pytest.approx(np.trapezoid(missing, r) / area, rel=1e-6)
        moment = np.trapezoid(np.pi * r**2 * flow, r)  # of a length, πr² times each ring's current
        assert found == pytest.approx(moment / area, rel=1e-6)

    def test_a_face_of_a_thick_slab_is_that_of_the_half_space(self):
        x = np.linspace(-1, 4, 51)
        exact = london.half_space_field(x, 0.6, 1.7)
        np.testing.assert_allclose(london.slab_field(30 - x, 60.0, 0.6, 1.7), exact, rtol=1e-9)
        assert (exact[x <= 0] == 1.7).all()

    def test_the_vector_potential_of_a_sphere_is_its_flux(self):
        """∮A·dl = ∫B through every circle in the plane of its equator, and beyond its surface."""
        for depth in (0.2, 3.0):
            r = np.linspace(1e-6, 1.5, 60001)
            up = -london.sphere_field(r, np.pi / 2, 1.0, depth, 1.3)[1]
            flux = np.cumsum(2 * np.pi * r * up) * (r[1] - r[0])
            potential = london.sphere_vector_potential(r, 1.0, depth, 1.3)
            np.testing.assert_allclose(2 * np.pi * r * potential, flux, atol=3e-4)

    def test_two_fluids_conduct_side_by_side(self):
        """What does not dissipate obeys E = ∂(ΛJ)/∂t = −iωΛJ."""
        omega = np.array([0.3, 2.0])
        sigma = london.complex_conductivity(omega, 1.4, 0.25)
        np.testing.assert_allclose(sigma.real, 0.25)
        parameter = PAIRS.mu0 * 1.4**2
        np.testing.assert_allclose(-1j * omega * parameter * (sigma - 0.25), 1.0)
        np.testing.assert_allclose(london.skin_depth(omega, 1.4, 0.25) ** -2, -1j * omega * PAIRS.mu0 * sigma)

    def test_thin_limits(self):
        assert london.slab_magnetisation(0.01, 1.0, 1.0) == pytest.approx(-(0.01**2) / 12, rel=1e-4)
        assert london.sphere_moment(0.05, 1.0, 1.0) == pytest.approx(-2 * np.pi * 0.05**5 / 15, rel=1e-3)
        thin = london.kinetic_inductance(1.0, 0.01)
        assert thin == pytest.approx(london.pearl_length(1.0, 0.01) / 2, rel=1e-4)
        assert london.kinetic_inductance(1.0, 50.0) == pytest.approx(1.0)

    def test_currents_add_up(self):
        x = np.linspace(-1.5, 1.5, 4001)
        assert np.trapezoid(london.slab_transport_current(x, 3.0, 0.4, 2.5), x) == pytest.approx(
            2.5, rel=1e-5
        )
        r = np.linspace(0, 1.5, 4001)
        total = np.trapezoid(2 * np.pi * r * london.wire_current(r, 1.5, 0.4, 2.5), r)
        assert total == pytest.approx(2.5, rel=1e-5)
        flux = np.trapezoid(2 * np.pi * r * london.wire_current(r, 1.5, 0.4, 2.5), r)
        assert london.wire_field(1.5, 1.5, 0.4, 2.5) == pytest.approx(flux / (2 * np.pi * 1.5), rel=1e-5)

    def test_a_vortex_holds_one_flux_quantum(self):
        r = np.geomspace(1e-8, 60, 400001)
        flux = np.trapezoid(2 * np.pi * r * london.vortex_field(r, 1.3), r)
        assert flux == pytest.approx(PAIRS.flux_quantum, rel=1e-6)

    def test_small_and_large_distances_of_pearls_vortex(self):
        """K → Φ₀/πμ₀Λr and Φ₀/πμ₀r²; B → Φ₀Λ/2πr³; no jump where the formula changes."""
        phi = PAIRS.flux_quantum
        assert london.pearl_vortex_current(1e-4, 1.0) == pytest.approx(phi / (np.pi * 1e-4), rel=1e-3)
        assert london.pearl_vortex_current(1e4, 1.0) == pytest.approx(phi / (np.pi * 1e8), rel=1e-6)
        assert london.pearl_vortex_field(1e4, 1.0) == pytest.approx(phi / (2 * np.pi * 1e12), rel=1e-6)
        for function in (london.pearl_vortex_current, london.pearl_vortex_field):
            below, above = function(np.array([9.9999999, 10.0000001]), 1.0)
            assert below == pytest.approx(above, rel=1e-7)

    def test_pearls_field_above_the_film_comes_down_to_it(self):
        r = np.array([0.4, 1.0, 3.0])
        heights = np.array([[0.02], [0.01]])
        above = london.pearl_field_by_momentum(r, heights, 1.0)
        extrapolated = 2 * above[1] - above[0]
        np.testing.assert_allclose(extrapolated, london.pearl_vortex_field(r, 1.0), rtol=2e-3)

    def test_sphere_joins_the_field_outside(self):
        """B and its flux are continuous at R, far away B is the applied one, the moment that of −∫r×J/2."""
        eps, angle = 1e-7, 0.6
        for depth in (0.05, 0.4, 5.0):
            inside = london.sphere_field(1 - eps, angle, 1.0, depth, 1.3)
            outside = london.sphere_field(1 + eps, angle, 1.0, depth, 1.3)
            np.testing.assert_allclose(inside, outside, rtol=1e-5)
            far = london.sphere_field(1e4, angle, 1.0, depth, 1.3)
            np.testing.assert_allclose(far, [1.3 * np.cos(angle), -1.3 * np.sin(angle)], rtol=1e-9)
            r = np.linspace(0, 1, 20001)
            equator = london.sphere_current(r, np.pi / 2, 1.0, depth, 1.3)
            moment = np.trapezoid(np.pi * r**3 * equator, r) * 4 / 3
            assert london.sphere_moment(1.0, depth, 1.3) == pytest.approx(moment, rel=1e-4)


class TestFiniteDifferences:
    """Second order against every closed form."""

    depth, cells = 0.31, (50, 100, 200)

    def check(self, solve, exact_current, exact_field):
        errors = []
        for n in self.cells:
            solved = solve(n)
            errors.append(
                [
                    np.linalg.norm(solved.current - exact_current(solved.place)) / np.sqrt(n),
                    np.linalg.norm(solved.field - exact_field(solved)) / np.sqrt(n),
                ]
            )
        np.testing.assert_allclose(order(errors), 2, atol=0.15)
        assert np.max(errors[-1]) < 2e-3

    def test_slab(self):
        given = (2.0, self.depth, 0.8)
        self.check(
            lambda n: london.solve_slab(*given, cells=n),
            lambda x: london.slab_current(x, *given),
            lambda solved: london.slab_field(solved.faces, *given),
        )

    def test_slab_with_a_current(self):
        self.check(
            lambda n: london.solve_slab(2.0, self.depth, (0.5, -0.5), cells=n),
            lambda x: london.slab_transport_current(x, 2.0, self.depth, 1.0),
            lambda solved: 0.5 * np.sinh(-solved.faces / self.depth) / np.sinh(1 / self.depth),
        )

    def test_cylinder(self):
        given = (1.0, self.depth, 0.8)
        self.check(
            lambda n: london.solve_cylinder(*given, cells=n),
            lambda r: london.cylinder_current(r, *given),
            lambda solved: london.cylinder_field(solved.faces, *given),
        )

    def test_sphere(self):
        given = (1.0, self.depth, 0.8)
        self.check(
            lambda n: london.solve_sphere(*given, cells=n),
            lambda r: london.sphere_current(r, np.pi / 2, *given),
            lambda solved: london.sphere_field(solved.place, 0.0, *given)[0],
        )

    def test_layers_with_different_depths(self):
        """λ₁ | λ₂ | λ₁: cosh in the middle, exponentials outside, B and λ²B' continuous at the joints."""
        first, second, half, joint = 0.2, 0.7, 1.5, 0.5
        # B = a cosh(x/λ₂) inside |x| < joint, c e^{x/λ₁} + d e^{−x/λ₁} beyond.
        matrix = [
            [np.cosh(joint / second), -np.exp(joint / first), -np.exp(-joint / first)],
            [
                second * np.sinh(joint / second),
                -first * np.exp(joint / first),
                first * np.exp(-joint / first),
            ],
            [0.0, np.exp(half / first), np.exp(-half / first)],
        ]
        a, c, d = np.linalg.solve(matrix, [0.0, 0.0, 1.0])
        solved = london.solve_slab(3.0, lambda x: np.where(np.abs(x) < joint, second, first), 1.0, cells=600)
        x = np.abs(solved.faces)
        exact = np.where(x < joint, a * np.cosh(x / second), c * np.exp(x / first) + d * np.exp(-x / first))
        np.testing.assert_allclose(solved.field, exact, atol=2e-4)

    def test_tube_holds_whole_fluxoids(self):
        """∮ΛJ + Φ = nΦ₀ on every circle through a tube, whatever is applied, and B is flat in its hole."""
        hole, trapped = 0.5, 3 * PAIRS.flux_quantum
        solved = london.solve_cylinder(
            1.0, lambda r: np.where(r < hole, np.inf, 0.2), 0.7, trapped=trapped, cells=400
        )
        r, flux = solved.place, 2 * np.pi * solved.place * solved.vector_potential
        kinetic = 0.2**2 * 2 * np.pi * r * solved.current
        np.testing.assert_allclose((kinetic + flux)[r > hole], trapped, rtol=1e-12)
        np.testing.assert_allclose(solved.field[:200], solved.field[0], rtol=1e-10)

    def test_any_section(self):
        """A round section is the cylinder; a wide bar in its middle is the slab; with the error ∝ spacing."""
        errors = []
        for n in (40, 80):
            spacing = 2.2 / n
            x = (np.arange(n) + 0.5) * spacing - 1.1
            r = np.hypot(*np.meshgrid(x, x, indexing="ij"))
            solved = london.solve_section(np.where(r < 1, 0.4, np.inf), spacing, 1.0)
            errors.append(np.abs(solved.field - london.cylinder_field(r, 1.0, 0.4, 1.0)).max())
        assert errors[1] < 0.6 * errors[0] < 0.05
        bar = london.solve_section(np.full((40, 400), 0.3), 0.05, 1.0)
        x = (np.arange(40) + 0.5) * 0.05 - 1.0
        np.testing.assert_allclose(bar.field[:, 200], london.slab_field(x, 2.0, 0.3, 1.0), atol=4e-3)
        np.testing.assert_allclose(bar.current[1, :, 200], london.slab_current(x, 2.0, 0.3, 1.0), atol=4e-2)
        assert np.abs(bar.current[0, :, 200]).max() < 1e-9

    def test_holes_and_vortices_hold_their_fluxoids(self):
        """∮μ₀λ²J·dl + Φ = nΦ₀ round a hole, a vortex, both and neither, to rounding, with λ varying."""
        n, spacing = 60, 0.1
        rng = np.random.default_rng(3)
        depth = rng.uniform(0.5, 1.5, (n, n))
        depth[15:25, 20:30] = np.inf
        quanta = np.zeros((n, n))
        quanta[20, 25], quanta[45, 40] = 2, 1
        solved = london.solve_section(depth, spacing, 0.3, fluxoids=quanta)
        assert solved.holes[20, 25] == 1
        assert np.ptp(solved.field[15:25, 20:30]) < 1e-12
        for box, turns in (
            ((10, 30, 15, 35), 2),
            ((40, 50, 35, 45), 1),
            ((5, 55, 5, 55), 3),
            ((40, 50, 5, 15), 0),
        ):
            left, right, low, high = box
            inside = np.zeros((n, n), bool)
            inside[left:right, low:high] = True
            assert self.out_of(depth, solved.field, box) + solved.flux(inside) == pytest.approx(
                turns * PAIRS.flux_quantum, rel=1e-10, abs=1e-10
            )

    @staticmethod
    def out_of(depth, field, box):
        """∮ μ₀λ²J·dl = −∮ λ²∂_nB dl through the faces of a box of cells."""
        left, right, low, high = box
        total = 0.0
        for inner, outer in (
            ((left, slice(low, high)), (left - 1, slice(low, high))),
            ((right - 1, slice(low, high)), (right, slice(low, high))),
            ((slice(left, right), low), (slice(left, right), low - 1)),
            ((slice(left, right), high - 1), (slice(left, right), high)),
        ):
            through = 2 / (depth[inner] ** -2.0 + depth[outer] ** -2.0)
            total -= np.sum(through * (field[outer] - field[inner]))
        return total

    def test_strip_goes_from_pearls_limit_to_perfect_screening(self):
        x, sheet = london.solve_strip(1.0, 1e4, 0.6)
        np.testing.assert_allclose(sheet, -2 * 0.6 * x / 1e4, rtol=1e-3)
        x, sheet = london.solve_strip(1.0, 1e-4, 0.6, cells=800)
        middle = np.abs(x) < 0.9
        np.testing.assert_allclose(sheet[middle], london.strip_current(x, 1.0, 0.6)[middle], rtol=0.01)

"""Lattices of several orbitals: spectra against Bloch's formulas, self-consistency against brute force."""

from dataclasses import replace

import numpy as np
import pytest

from bdg.expectations import site_and_bond_pattern
from bdg.lattice import Boundary, UnitCell, build_sample, preset
from bdg.model import Disorder, Fields, build_model
from bdg.nambu import NambuAssembler
from bdg.observables import State
from bdg.scf import ScfOptions
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests import reference as ref
from tests.bridge import measure, solved

TIGHT = ScfOptions(tolerance=1e-12, max_iterations=2000)
SIZE, TWIST = (4, 5), (0.4, -1.1)


def phases(size=SIZE, twist=TWIST):
    """k·a of every direction on the twisted grid, flat."""
    axes = [(2 * np.pi * np.arange(n) + t) / n for n, t in zip(size, twist, strict=True)]
    return [axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")]


def levels(model):
    """One-electron energies of spin up: the particle block of H without Δ."""
    n = model.sample.n_sites
    fields = Fields(np.zeros(n), np.zeros((2, n)), 0.0)
    return np.linalg.eigvalsh(NambuAssembler(model).matrix(fields).dense()[::2, ::2])


def twisted(lattice, **options):
    return build_sample(lattice, SIZE, [Boundary("periodic", twist) for twist in TWIST], **options)


def triangular(one, two):
    return np.cos(one) + np.cos(two) + np.cos(one - two)


def bands_triangular(one, two):
    return [-2 * triangular(one, two)]


def bands_honeycomb(one, two):
    energy = np.sqrt(3 + 2 * triangular(one, two))
    return [energy, -energy]


def bands_kagome(one, two):
    root = np.sqrt(3 + 2 * triangular(one, two))
    return [np.full_like(one, 2.0), -1 - root, -1 + root]


def bands_lieb(one, two):
    energy = 2 * np.sqrt(np.cos(one / 2) ** 2 + np.cos(two / 2) ** 2)
    return [np.zeros_like(one), energy, -energy]


@pytest.mark.parametrize(
    ("name", "bands"),
    [
        ("triangular", bands_triangular),
        ("honeycomb", bands_honeycomb),
        ("kagome", bands_kagome),
        ("lieb", bands_lieb),
    ],
)
def test_spectra_are_those_of_bloch(name, bands):
    exact = np.sort(np.concatenate(bands(*phases())))
    np.testing.assert_allclose(levels(build_model(twisted(name))), exact, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "bands", "mu"),
    [
        ("triangular", bands_triangular, -0.7),
        ("honeycomb", bands_honeycomb, 0.0),
        ("kagome", bands_kagome, 2.0),
    ],
)
@pytest.mark.parametrize("infinite", [False, True])
def test_uniform_order_parameter_solves_the_gap_equation(name, bands, mu, infinite):
    """1/U = ⟨tanh(E/2T)/2E⟩ over all levels, on lattices whose sites are all alike."""
    temperature, attraction, n = 0.05, 3.0, 6
    cells, ends = (1, Boundary("bloch", n_k=n)) if infinite else (n, Boundary("periodic"))
    sample = build_sample(name, [cells, cells], [ends, ends])
    model = build_model(sample, chemical_potential=mu, attraction=attraction, temperature=temperature)
    outcome, _ = solved(model, TIGHT)
    delta = outcome.fields.delta
    assert np.ptp(delta) < 1e-10 < 0.1 < delta.min()
    energy = np.sqrt((np.concatenate(bands(*phases((n, n), (0, 0)))) - mu) ** 2 + delta[0] ** 2)
    assert np.mean(np.tanh(energy / (2 * temperature)) / (2 * energy)) == pytest.approx(
        1 / attraction, abs=1e-10
    )


def haldane(t2, angle, mass):
    """Haldane's model, Phys. Rev. Lett. 61, 2015 (1988): second neighbours hop with a phase."""
    cell = preset("honeycomb")
    near = [(0, 1, [0, 0], 1.0), (0, 1, [0, -1], 1.0), (0, 1, [1, -1], 1.0)]
    around = [([1, 0], 1), ([-1, 1], 1), ([0, -1], 1)]
    far = [(a, a, offset, t2 * np.exp(1j * angle * (1 - 2 * a))) for a in (0, 1) for offset, _ in around]
    return UnitCell.build(cell.vectors, cell.basis, hoppings=near + far, onsite=[mass, -mass])


def test_complex_hoppings_make_the_bands_of_haldane():
    t2, angle, mass = 0.2, 0.7, 0.3
    one, two = phases()
    even = np.cos(one) + np.cos(two - one) + np.cos(two)
    odd = np.sin(one) + np.sin(two - one) - np.sin(two)
    # −t2 (e^{iφ} Σ e^{−ik·b} + c.c.) on one sublattice, with −φ on the other.
    middle, half = -2 * t2 * np.cos(angle) * even, mass - 2 * t2 * np.sin(angle) * odd
    root = np.sqrt(3 + 2 * triangular(one, two) + half**2)
    exact = np.sort(np.concatenate([middle + root, middle - root]))
    np.testing.assert_allclose(levels(build_model(twisted(haldane(t2, angle, mass)))), exact, atol=1e-12)


HOPPINGS = [
    (0, 0, (1, 0), 1.0),
    (0, 0, (0, 1), 0.9),
    (1, 1, (1, 0), -0.4),
    (1, 1, (0, 1), 0.3 + 0.1j),
    (0, 1, (0, 0), 0.25j),  # two orbitals at one place
    (1, 2, (0, 0), 0.5 - 0.2j),
    (2, 0, (1, 1), 0.35 * np.exp(0.4j)),
    (2, 0, (0, 0), 0.6),
]
BASIS = [[0, 0], [0, 0], [0.5, 0.5]]
ONSITE = [0.1, -0.3, 0.2]
VECTORS = np.array([[1.0, 0.0], [0.2, 1.1]])


def two_in_one(size, boundary, region=None):
    return build_sample(
        UnitCell.build(VECTORS, BASIS, hoppings=HOPPINGS, onsite=ONSITE), size, boundary, region=region
    )


def problem_by_hand(size, vector_potential, **given):
    """The torus of :data:`HOPPINGS` put together cell by cell."""
    index = np.arange(size[0] * size[1] * 3).reshape(*size, 3)
    bonds = []
    for x in range(size[0]):
        for y in range(size[1]):
            for start, end, offset, amplitude in HOPPINGS:
                other = index[(x + offset[0]) % size[0], (y + offset[1]) % size[1], end]
                d = np.array(offset) @ VECTORS + np.array(BASIS[end]) - BASIS[start]
                phase = np.angle(amplitude) - d @ vector_potential  # q = −e
                bonds.append(ref.Bond(int(index[x, y, start]), int(other), abs(amplitude), phase))
    n = index.size
    zeros = np.zeros(n)
    return ref.Problem(
        n, bonds, onsite=np.tile(ONSITE, n // 3), zeeman=zeros, attraction=np.full(n, 4.0), **given
    )


@pytest.mark.parametrize(("size", "hartree"), [((2, 3), True), ((1, 2), False), ((3, 1), False)])
def test_several_orbitals_are_self_consistent_as_by_brute_force(size, hartree):
    a, mu = np.array([0.2, -0.1]), -2.4 if hartree else -0.6  # Hartree lowers every level by about 2
    sample = two_in_one(size, "periodic")
    model = build_model(
        sample,
        attraction=4.0,
        chemical_potential=mu,
        fields=("pairing", "hartree") if hartree else ("pairing",),
        vector_potential=a,
        temperature=0.1,
    )
    outcome, state = solved(model, TIGHT)
    assert outcome.status == "converged"
    problem = problem_by_hand(size, a, mu=mu, hartree=hartree, temperature=0.1)
    exact = ref.self_consistent(problem)
    assert exact.converged
    assert np.abs(exact.mean.delta).min() > 1e-2
    found = measure(state, "density")["density"]
    np.testing.assert_allclose(found, exact.solution.density.sum(axis=1), atol=1e-10)
    np.testing.assert_allclose(np.abs(outcome.fields.delta), np.abs(exact.mean.delta), atol=1e-10)
    omega = measure(state, "grand_potential")["grand_potential"]
    assert omega == pytest.approx(exact.grand_potential["total"], abs=1e-10)


@pytest.mark.parametrize("lattice", ["kagome", "custom"])
def test_solvers_agree_on_lattices_of_several_orbitals(lattice):
    """Ordering and fronts with sites that share their places, ragged edges and a seam."""
    if lattice == "custom":
        sample = two_in_one((9, 8), ["periodic", "open"], region=lambda r: np.abs(r[:, 1] - r[:, 0] / 3) < 6)
    else:
        sample = build_sample("kagome", [9, 8], ["open", "periodic"], vacancies=[[4, 4, 1], [5, 4, 0]])
    model = build_model(sample, disorder=Disorder(1.0, 3), vector_potential=[0.1, 0.2], temperature=0.05)
    n = sample.n_sites
    hamiltonian = NambuAssembler(model).matrix(Fields(np.full(n, 0.3 + 0.1j), np.zeros((2, n)), -0.3))
    pattern = site_and_bond_pattern(sample)
    one, two = (
        solver.correlations(hamiltonian, 0.05, pattern, tolerance=1e-10)
        for solver in (SelectedInversion(threads=1), Diagonalization(threads=1))
    )
    np.testing.assert_allclose(one.blocks, two.blocks, rtol=0, atol=1e-10)


def omega(state):
    return float(measure(state, "grand_potential")["grand_potential"])


def test_currents_of_complex_hoppings_are_minus_the_slope_of_the_grand_potential():
    """J = −∂Ω/∂A on every bond, at fixed fields; bonds between orbitals at one place included."""
    sample = two_in_one((2, 2), "periodic")
    rng = np.random.default_rng(0)
    n = sample.n_sites
    integrals = rng.normal(size=sample.n_bonds)
    model = build_model(sample, attraction=2.0, vector_potential=integrals, temperature=0.1)
    fields = Fields(rng.normal(size=n) + 1j * rng.normal(size=n), np.zeros((2, n)), -0.2)

    def state(a):
        moved = replace(model, phase=model.phase - a)  # q = −e
        return State(moved, fields, NambuAssembler(moved).matrix(fields), SelectedInversion(threads=1))

    current = measure(state(0.0), "currents")["bond_current"]
    for bond in range(sample.n_bonds):
        unit = np.zeros(sample.n_bonds)
        unit[bond] = 1.0
        slope = ref.derivative(lambda s: omega(state(s * unit)))  # noqa: B023
        assert current[bond] == pytest.approx(-slope, abs=1e-8)
    assert np.abs(current).min() > 1e-3

"""Vector potentials: line integrals against closed formulas, plaquettes against the flux."""

import numpy as np
import pytest

from bdg import build_sample
from bdg.errors import InputError
from bdg.gauge import (
    Dipole,
    FluxTube,
    FluxTubes,
    Potential,
    UniformField,
    VortexLattice,
    abrikosov,
    bond_vector_potential,
    flux,
    flux_of_phases,
    peierls_phase,
    real_gauge,
)
from bdg.gauge.tubes import _circling, _cut
from bdg.lattice import Boundary, UnitCell
from bdg.observables.local.vortices import winding

LATTICES = {"square": (12, 8), "triangular": (8, 6), "honeycomb": (5, 6), "kagome": (4, 5), "lieb": (6, 4)}


@pytest.mark.parametrize("gauge", ["landau", "symmetric"])
@pytest.mark.parametrize("name", [*LATTICES, "cubic"])
def test_every_plaquette_of_an_open_sample_holds_its_area_times_the_field(name, gauge):
    sample = build_sample(name, LATTICES.get(name, (4, 3, 3)))
    through = flux(sample, UniformField(0.13, gauge).on_bonds(sample))
    faces = sample.plaquettes
    inside = faces.area
    if name == "cubic":  # faces across z hold it all, the others nothing
        steps = faces.signs[:, None] * sample.bonds.displacement[faces.bonds]
        inside = faces.area * (np.add.reduceat(np.abs(steps[:, 2]), faces.indptr[:-1]) == 0)
        assert 0 < inside.sum() < faces.area.sum()
    assert np.abs(through - 0.13 * inside).max() < 1e-13


@pytest.mark.parametrize("gauge", ["landau", "symmetric"])
@pytest.mark.parametrize("ends", ["periodic", [Boundary("bloch", 0.4, 3), Boundary("periodic", 0.3)]])
@pytest.mark.parametrize("name", LATTICES)
def test_on_a_torus_every_plaquette_holds_the_same_flux_modulo_one_quantum(name, ends, gauge):
    sample = build_sample(name, LATTICES[name], ends)
    source = VortexLattice(4, "square", gauge)
    field = source.field(sample).strength
    phase = peierls_phase(sample, source.on_bonds(sample))
    assert sample.plaquettes.area.sum() * field == pytest.approx(4 * np.pi)
    assert np.abs(flux_of_phases(sample, phase) - field * sample.plaquettes.area).max() < 1e-13
    assert abs(flux(sample, phase).sum()) < 1e-11  # every bond twice: the sum itself is zero


@pytest.mark.parametrize("gauge", ["landau", "symmetric"])
@pytest.mark.parametrize("geometry", ["square", "triangular"])
@pytest.mark.parametrize("name", LATTICES)
def test_abrikosov_has_a_vortex_for_every_pair_quantum_and_no_seam(name, geometry, gauge):
    sample = build_sample(name, LATTICES[name], [Boundary("periodic", 0.3), Boundary("bloch", 0.4, 3)])
    field = VortexLattice(4, geometry, gauge).field(sample)
    phase, bonds = peierls_phase(sample, field.on_bonds(sample)), sample.bonds
    for sign in (1, -1):
        field = UniformField(sign * field.strength, gauge)
        phase = peierls_phase(sample, field.on_bonds(sample))
        delta = abrikosov(sample, field, geometry)
        wound = winding(sample, delta, phase)
        assert (wound.sum(), np.abs(wound).sum()) == (-4 * sign, 4)
        # The supercurrent along a bond, as large across the ends as anywhere.
        current = (np.conj(delta[bonds.source]) * np.exp(-2j * phase) * delta[bonds.target]).imag
        across = bonds.crossing.any(axis=1)
        assert np.abs(current[across]).max() <= 1.1 * np.abs(current[~across]).max()
        assert np.abs(current[~across]).max() > 0.01


SKEW = {
    "honeycomb": ((1, 4), ("open", "periodic")),
    "triangular": ((3, 3), ("open", "periodic")),
    "kagome": ((1, 3), ("open", Boundary("bloch", 0.0, 2))),
}
SKEW |= {f"{name}_torus": (SKEW[name][0], "periodic") for name in ("honeycomb", "triangular")}


@pytest.mark.parametrize("name", SKEW)
def test_both_gauges_put_the_same_flux_through_the_rings_of_a_skew_sample(name):
    size, ends = SKEW[name]
    sample = build_sample(name.removesuffix("_torus"), size, ends)
    strength = 0.3
    if name.endswith("torus"):
        one, two = np.array(size)[:, None] * sample.cell.vectors
        strength = 2 * np.pi / abs(one[0] * two[1] - one[1] * two[0])
    ways = [UniformField(strength, gauge).on_bonds(sample) for gauge in ("landau", "symmetric")]
    assert np.abs(ways[0] - ways[1]).max() > 1e-3
    assert _levels(sample, ways[0]) == pytest.approx(_levels(sample, ways[1]), abs=1e-9)


def _levels(sample, along):
    """Energies of electrons on the sample, which the flux through any loop changes."""
    h = np.zeros((sample.n_sites, sample.n_sites), complex)
    np.add.at(h, (sample.bonds.target, sample.bonds.source), -np.exp(1j * peierls_phase(sample, along)))
    return np.linalg.eigvalsh(h + h.conj().T)


def test_abrikosovs_parameter_of_both_lattices():
    """β = ⟨|Δ|⁴⟩/⟨|Δ|²⟩²: 1.1803 of the square lattice, 1.1596 of the triangular one."""
    for geometry, size, beta in (("square", (48, 24), 1.18034), ("triangular", (45, 26), 1.1595953)):
        sample = build_sample("square", size, "periodic")
        for gauge in ("landau", "symmetric"):
            field = VortexLattice(2, geometry, gauge).field(sample)
            size_2 = np.abs(abrikosov(sample, field, geometry)) ** 2
            assert np.mean(size_2**2) / np.mean(size_2) ** 2 == pytest.approx(beta, abs=1e-4)


def test_a_tube_is_seen_by_its_own_plaquette_alone_and_a_solenoid_by_those_it_covers():
    sample = build_sample("triangular", (7, 6))
    here = sample.plaquettes.center[9]
    through = flux(sample, FluxTubes([FluxTube(here, 1.3)]).on_bonds(sample))
    assert through[9] == pytest.approx(1.3, abs=1e-13)
    assert np.abs(np.delete(through, 9)).max() < 1e-13
    square = build_sample("square", (9, 9))
    wide = flux(square, FluxTubes([FluxTube([4.0, 4.0], 1.3, 2.5)]).on_bonds(square))
    at = np.linalg.norm(square.plaquettes.center - 4.0, axis=1)
    assert wide[at < 1] == pytest.approx(1.3 / (np.pi * 2.5**2), abs=1e-13)
    assert np.abs(wide[at > 2.5 + np.sqrt(0.5)]).max() < 1e-13
    assert wide.sum() == pytest.approx(1.3, abs=1e-13)


@pytest.mark.parametrize("ends", [["periodic", "open"], ["open", "periodic"]])
def test_a_tube_through_a_cylinder_is_in_one_plaquette(ends):
    sample = build_sample("square", (9, 7), ends)
    through = flux(sample, FluxTubes([FluxTube([6.5, 4.5], 0.7)]).on_bonds(sample))
    hit = np.flatnonzero(np.abs(through) > 1e-13)
    assert through[hit] == pytest.approx([0.7])
    assert sample.plaquettes.center[hit].tolist() == [[6.5, 4.5]]


@pytest.mark.parametrize("ends", [("periodic", "open", "open"), ("open", "periodic", "periodic")])
def test_a_tube_through_a_sample_in_space_is_in_one_plaquette_of_every_layer(ends):
    sample = build_sample("cubic", (4, 4, 2), ends)
    through = flux_of_phases(
        sample, peierls_phase(sample, FluxTubes([FluxTube([1.5, 1.5], 0.7)]).on_bonds(sample))
    )
    held = np.flatnonzero(np.abs(through) > 1e-9)
    assert len(held) == 2
    assert np.abs(through[held]) == pytest.approx(0.7)


@pytest.mark.parametrize("through", [(0.6, 0.55), (0.6, 2.4), (1.4, 1.5)])
def test_a_ring_holds_the_tubes_between_it_and_the_middle_whichever_way_its_ends_are_joined(through):
    tube, ends = FluxTubes([FluxTube(through, 0.9)]), ("periodic", "open")
    there = build_sample(UnitCell.build([[1, 0], [0, 1]]), (4, 4), ends)
    back = build_sample(UnitCell.build([[-1, 0], [0, 1]], [[3, 0]]), (4, 4), ends)
    assert _levels(there, tube.on_bonds(there)) == pytest.approx(
        _levels(back, tube.on_bonds(back)), abs=1e-12
    )
    row = there.cells[there.bonds.source][:, 1]
    along = np.abs(there.bonds.displacement[:, 0]) > 0.5
    held = [tube.on_bonds(there)[along & (row == y)].sum() for y in range(4)]
    beyond = [(y - through[1]) * (through[1] - 1.5) > 0 or (through[1] == 1.5 and y > 1.5) for y in range(4)]
    assert np.abs(held) == pytest.approx(0.9 * np.array(beyond))


def test_tubes_of_a_torus_take_each_other_back():
    sample = build_sample("honeycomb", (5, 4), "periodic")
    first, second = sample.plaquettes.center[[3, 14]]
    through = flux(sample, FluxTubes([FluxTube(first, 0.7), FluxTube(second, -0.7)]).on_bonds(sample))
    assert through[[3, 14]] == pytest.approx([0.7, -0.7])
    assert np.abs(np.delete(through, [3, 14])).max() < 1e-13
    with pytest.raises(InputError, match=r"add up to 0\.111408 h/e, and a torus holds whole ones only"):
        FluxTubes([FluxTube(first, 0.7)]).on_bonds(sample)


def test_a_cut_is_a_change_of_gauge_of_the_circling_potential_for_bonds_through_the_tube_too():
    sample = build_sample("square", (8, 7), shells=3)
    tube = FluxTube([3.5, 2.5], 1.3)
    cut = _cut(tube, np.array([20.3, 5.1]), sample)
    assert real_gauge(sample, cut - _circling(tube, sample)) is not None
    assert real_gauge(sample, cut) is None


def test_quadrature_is_exact_for_what_is_smooth():
    sample = build_sample("triangular", (6, 5), shells=2)
    start, d = sample.positions[sample.bonds.source], sample.bonds.displacement
    end = start + d
    by_text = Potential(["2*x*y", "x**2"]).on_bonds(sample)  # the gradient of x² y
    assert by_text == pytest.approx(end[:, 0] ** 2 * end[:, 1] - start[:, 0] ** 2 * start[:, 1], abs=1e-12)
    landau = bond_vector_potential(sample, [0.0, lambda x, y: 0.2 * (x - sample.positions[:, 0].mean())])
    assert landau == pytest.approx(UniformField(0.2).on_bonds(sample), abs=1e-13)
    both = bond_vector_potential(sample, [UniformField(0.2), Potential(["2*x*y", "x**2"])])
    assert both == pytest.approx(landau + by_text, abs=1e-12)


def test_a_dipole_far_above_is_a_uniform_field():
    sample = build_sample("square", (3, 3))
    far = Dipole([1.0, 1.0, 60.0], [0.0, 0.0, 60.0**3]).on_bonds(sample)
    assert flux(sample, far) == pytest.approx(2.0, rel=1e-3)  # B = 2m/z³


def test_what_periodic_ends_cannot_have_is_refused_with_what_would_do():
    sample = build_sample("square", (10, 8), "periodic")
    with pytest.raises(InputError, match=r"0\.127324 h/e .* is 0\.0785398163397448, that of .* 2 vortices$"):
        UniformField(0.01).on_bonds(sample)
    UniformField(0.0785398163397448).on_bonds(sample)
    with pytest.raises(InputError, match=r"changes by 0\.8 over the length of the periodic direction 1"):
        Potential(["-0.1*y", 0.0]).on_bonds(sample)
    Potential(["0.1*sin(pi*y/4)", 0.0]).on_bonds(sample)
    with pytest.raises(InputError, match="use 4"):
        VortexLattice(3).on_bonds(sample)
    with pytest.raises(InputError, match="lies on a site"):
        FluxTubes([FluxTube([3, 2], 1.0)]).on_bonds(build_sample("square", (5, 5)))
    with pytest.raises(InputError, match="needs a plane"):
        UniformField(0.1).on_bonds(build_sample("chain", 5))

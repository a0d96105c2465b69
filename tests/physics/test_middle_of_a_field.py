"""The middle from which the gauge of a field counts: that of the sample, whatever is missing within it."""

import numpy as np
import pytest

from bdg import Boundary, FluxTube, FluxTubes, UniformField, VortexLattice, build_sample
from bdg.gauge import abrikosov, bond_vector_potential

STRIP = ["periodic", "open"]
TORUS = "periodic"
WHOLE = 2 * np.pi
CASES = {
    "strip": ("square", (5, 4), STRIP, UniformField(0.21)),
    "strip, symmetric gauge": ("triangular", (4, 5), STRIP, UniformField(0.21, "symmetric")),
    "infinite strip": ("lieb", (2, 4), [Boundary("bloch", n_k=4), "open"], UniformField(-0.3)),
    "torus": ("square", (5, 4), TORUS, UniformField(WHOLE / 20, "symmetric")),
    "torus of vortices": ("honeycomb", (3, 4), TORUS, VortexLattice(2)),
    "tube just beside the middle": ("square", (5, 4), STRIP, FluxTubes([FluxTube((2.5, 1.55), 0.7)])),
}


def by_ends(sample, values):
    """Values over bonds by the places that a bond joins, and the ends that it passes."""
    ends = np.column_stack([sample.cells, sample.orbitals])
    bonds = zip(
        map(tuple, ends[sample.bonds.source]),
        map(tuple, ends[sample.bonds.target]),
        map(tuple, sample.bonds.crossing),
        strict=True,
    )
    return dict(zip(bonds, values, strict=True))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("where", [(0, 0), (1, 3), (1, 1)])
def test_a_vacancy_changes_no_flux_through_a_ring(name, where):
    lattice, size, ends, field = CASES[name]
    whole = build_sample(lattice, size, ends)
    place = where if whole.cell.n_orbitals == 1 else (*where, 1)
    holed = build_sample(lattice, size, ends, vacancies=[place])
    intact = by_ends(whole, bond_vector_potential(whole, field))
    left = by_ends(holed, bond_vector_potential(holed, field))
    assert 0 < len(left) < len(intact)
    assert list(left.values()) == pytest.approx([intact[bond] for bond in left], abs=1e-12)


def test_a_vacancy_moves_no_vortices():
    whole = build_sample("square", (6, 6), "periodic")
    holed = build_sample("square", (6, 6), "periodic", vacancies=[(1, 2)])
    field = VortexLattice(2).field(whole)
    before, after = (abrikosov(sample, field, "triangular") for sample in (whole, holed))
    kept = [site for site in range(36) if site != whole.site_at((1, 2))]
    ratio = after / before[kept]
    assert ratio == pytest.approx(np.full(35, ratio[0]), abs=1e-9)


@pytest.mark.parametrize("rows", [(0, 3), (2, 5), (4, 7)])
def test_a_strip_cut_from_a_block_is_the_strip_of_its_size(rows):
    low, high = rows
    cut = build_sample(
        "square", (5, 8), STRIP, region=lambda r: (r[:, 1] > low - 0.5) & (r[:, 1] < high + 0.5)
    )
    alone = build_sample("square", (5, high - low + 1), STRIP)
    field = UniformField(0.21)
    one = by_ends(alone, bond_vector_potential(alone, field))
    own = by_ends(cut, bond_vector_potential(cut, field))
    moved = {
        (source[0], source[1] - low, target[0], target[1] - low, *passed): value
        for (source, target, passed), value in own.items()
    }
    expected = {(*source[:2], *target[:2], *passed): value for (source, target, passed), value in one.items()}
    assert moved.keys() == expected.keys()
    assert [moved[bond] for bond in expected] == pytest.approx(list(expected.values()), abs=1e-12)

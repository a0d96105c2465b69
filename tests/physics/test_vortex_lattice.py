"""Vortex lattices on magnetic cells: how many vortices, where |Δ| is least, that the cell repeats itself,
and what is bound to the cores."""

import re

import numpy as np
import pytest

from bdg import Disorder, ScfOptions, UniformField, VortexLattice, build_model, build_sample, solve
from bdg.gauge.vortex_lattice import vortex_vectors
from bdg.lattice import Boundary, disk
from bdg.theory.uniform import gap
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from bdg.theory.uniform.response.coherence import coherence_length

WANTED = ("density", "currents", "vortices", "grand_potential")


def lattice(size, boundary="periodic", geometry="square", vortices=2, wanted=WANTED, **given):
    sample = build_sample("square", size, boundary)
    field = VortexLattice(vortices, geometry)
    model = build_model(
        sample,
        **({"chemical_potential": -0.5, "attraction": 1.7, "temperature": 0.01} | given),
        vector_potential=field,
    )
    return solve(model, observables=wanted, scf=ScfOptions(1e-9))


def test_a_cell_of_40_by_20_has_two_vortices_where_delta_is_least():
    result = lattice((40, 20))
    sample, size = result.sample, np.abs(result.fields.delta)
    winding = result["winding"].values
    assert (winding.sum(), np.abs(winding).sum()) == (-2, 2)
    faces, bonds = sample.plaquettes, sample.bonds
    wound = np.flatnonzero(winding)
    beside = [set(bonds.source[faces.bonds[faces.indptr[p] : faces.indptr[p + 1]]]) for p in wound]
    beside += [set(bonds.target[faces.bonds[faces.indptr[p] : faces.indptr[p + 1]]]) for p in wound]
    assert set(np.argsort(size)[:8].tolist()) == set.union(*beside)
    assert size.min() < 0.5 * size.max()
    assert np.abs(result["divergence"].values).max() < 1e-8


def on_fermi_surface(mu, n=1000):
    """Mean wave number and velocity on the Fermi surface of the square lattice."""
    k = 2 * np.pi * (np.arange(n) + 0.5) / n - np.pi
    kx, ky = np.meshgrid(k, k)
    near = np.exp(-0.5 * ((2 * np.cos(kx) + 2 * np.cos(ky) + mu) / 0.03) ** 2)
    speed = 2 * np.hypot(np.sin(kx), np.sin(ky))
    return np.average(np.hypot(kx, ky), weights=near), np.average(speed, weights=near)


def test_levels_below_the_gap_are_bound_to_the_cores_and_make_a_peak_at_zero_bias():
    energies = np.linspace(-0.2, 0.2, 41)
    wanted = {"states": {"count": 4}, "ldos": {"energies": energies, "broadening": 0.02}, "vortices": {}}
    result = lattice((40, 20), wanted=wanted)
    bulk = gap.solve(lattice_band(Dispersion("square", (1.0,)), (200, 200), "s"), 1.7, 0.01, mu=-0.5)
    assert coherence_length(on_fermi_surface(-0.5)[1], bulk.delta) > 3
    assert result["states"].values.max() < 0.15 * bulk.spectral_gap
    box = np.array([40, 20])
    apart = result.sample.positions[:, None] - result["vortex_position"].values
    distance = np.linalg.norm((apart + box / 2) % box - box / 2, axis=2).min(axis=1)
    weight = result["state_electron"].values + result["state_hole"].values
    core = distance < 4
    assert np.all(weight[:, core].sum(axis=1) > 3 * core.mean())
    spectra = result["ldos"].values
    beside = spectra[:, np.argsort(np.abs(result.fields.delta))[:8]].mean(axis=1)
    between = spectra[:, np.argmax(distance)]
    assert abs(energies[np.argmax(beside)]) < 0.03
    assert beside[20] > 4 * beside[[0, -1]].max()
    assert beside[20] > 5 * between[20]


def test_the_levels_of_a_vortex_are_those_of_caroli_de_gennes_and_matricon():
    """E = ½ω, 3/2 ω, … with ω = ∫ (Δ/k_F r) e^{−2K} dr / ∫ e^{−2K} dr, K = ∫ Δ dr/v_F, of the Δ(r) found.

    For k_F ξ ≫ 1; here it is 6, and the levels further up come closer.
    """
    sample = build_sample("square", (49, 49), region=disk(24.2, (24, 24)))
    model = build_model(
        sample,
        chemical_potential=-1.5,
        attraction=2.2,
        temperature=0.02,
        vector_potential=UniformField(0.0017, "symmetric"),
    )
    result = solve(model, observables={"states": {"count": 6}}, initial="vortex")
    radius = np.linalg.norm(sample.positions - 24, axis=1)
    r = np.linspace(1e-3, 20, 4000)
    order = np.argsort(radius)
    delta = np.interp(r, radius[order], np.abs(result.fields.delta)[order])
    wave_number, speed = on_fermi_surface(-1.5)
    bound = np.exp(-2 * np.cumsum(delta) * (r[1] - r[0]) / speed)
    spacing = np.sum(delta / (wave_number * r) * bound) / bound.sum()
    levels = result["states"].values
    assert levels[1::2] == pytest.approx(levels[::2], abs=1e-8)  # both spins
    assert levels[0] == pytest.approx(0.5 * spacing, rel=0.2)
    assert levels[[2, 4]] / levels[0] == pytest.approx([3, 5], rel=0.2)
    assert levels[0] < np.median(delta) ** 2 / 2.5 < 2 * levels[0]  # Δ²/E_F, from the bottom of the band
    weight = (result["state_electron"].values + result["state_hole"].values)[::2]
    assert np.all(np.diff(weight @ radius) > 0)


@pytest.mark.parametrize("soc", [{}, {"zeeman": 0.1, "rashba": 0.3}])
def test_momenta_of_one_magnetic_cell_are_a_larger_sample_whose_densities_repeat(soc):
    given = {"chemical_potential": -0.5, "attraction": 3.0, "temperature": 0.05} | soc
    cell = build_sample("square", (6, 6), ["periodic", Boundary("bloch", 0.0, 2)])
    torus = build_sample("square", (6, 12), "periodic")
    one_model = build_model(cell, vector_potential=VortexLattice(2, "square"), **given)
    kinds = zip(cell.bonds.kind, cell.bonds.source, strict=True)
    place = {(kind, *cell.cells[site]): n for n, (kind, site) in enumerate(kinds)}
    bonds = torus.bonds
    here = [
        place[(kind, *(torus.cells[site] % 6))] for kind, site in zip(bonds.kind, bonds.source, strict=True)
    ]
    two_model = build_model(torus, vector_potential=one_model.vector_potential[here], **given)
    one = solve(one_model, observables=WANTED, scf=ScfOptions(1e-10))
    sites = [cell.site_at(place_) for place_ in torus.cells % 6]
    two = solve(
        two_model, observables=WANTED, scf=ScfOptions(1e-10), initial={"delta": one.fields.delta[sites]}
    )
    assert two.fields.delta == pytest.approx(one.fields.delta[sites], abs=1e-8)
    assert two["density"].values == pytest.approx(one["density"].values[sites], abs=1e-8)
    assert two["bond_current"].values == pytest.approx(one["bond_current"].values[here], abs=1e-8)
    assert float(two["grand_potential"]) == pytest.approx(2 * float(one["grand_potential"]), abs=1e-9)
    assert float(two["total_winding"]) == 2 * float(one["total_winding"]) == -4
    assert np.ptp(np.abs(one.fields.delta)) > 0.01


def test_where_the_vortex_lattice_has_a_smaller_cell_the_densities_repeat_with_it():
    """Half the cell on electrons have another twist, which momenta 0 and π along y make one and the same."""
    result = lattice((16, 8), ["periodic", Boundary("bloch", 0.0, 2)], attraction=2.5)
    for name in ("density", "site_current"):
        values = result[name].values.reshape(16, 8, -1)
        assert values == pytest.approx(np.roll(values, 8, axis=0), abs=1e-6)
        assert np.ptp(values) > 1e-3
    size = np.abs(result.fields.delta).reshape(16, 8)
    assert size == pytest.approx(np.roll(size, 8, axis=0), abs=1e-6)


@pytest.mark.parametrize(
    ("size", "geometry", "vortices", "boundary", "wanted"),
    [
        ((12, 6), "square", 2, ["periodic", "periodic"], "[periodic, {bloch: 2}]"),
        ((12, 6), "square", 2, [Boundary("bloch", n_k=2), "periodic"], "[{bloch: 2}, {bloch: 2}]"),
        ((6, 12), "square", 2, ["periodic", Boundary("bloch", n_k=3)], "[{bloch: 2}, {bloch: 3}]"),
        ((8, 8), "triangular", 2, ["periodic", "periodic"], "[{bloch: 2}, {bloch: 2}]"),
        ((8, 8), "square", 4, ["periodic", "periodic"], None),
        ((12, 6), "square", 2, ["periodic", Boundary("bloch", n_k=2)], None),
    ],
)
def test_momenta_that_tear_the_vortices_apart_are_named_with_those_that_do_not(
    size, geometry, vortices, boundary, wanted
):
    """|Δ| repeats with the vectors of the vortex lattice, which are translations of the crystal here."""
    given = {"geometry": geometry, "vortices": vortices, "attraction": 3.0, "temperature": 0.05, "wanted": ()}

    def spread(result):
        delta = np.abs(result.fields.delta).reshape(size)
        vectors = vortex_vectors(np.diag(size).astype(float), vortices, geometry).astype(int)
        return max(np.abs(np.roll(delta, tuple(v), (0, 1)) - delta).max() for v in vectors)

    result = lattice(size, boundary, **given)
    if wanted is None:
        assert result.warnings == ()
        assert spread(result) < 1e-13
        return
    assert spread(result) > 1e-3
    (line,) = result.warnings
    assert line.endswith(f"boundary: {wanted} keeps it")
    advised = [
        Boundary("bloch", n_k=int(n)) if n else "periodic" for n in re.findall(r"bloch: (\d+)|periodic", line)
    ]
    kept = lattice(size, advised, **given)
    assert kept.warnings == ()
    assert spread(kept) < 1e-12


def test_where_the_crystal_does_not_repeat_no_symmetry_is_missed():
    sites = np.arange(72.0)
    for more in ({"onsite": 0.01 * sites}, {"disorder": Disorder(0.5)}, {"attraction": 2 + (sites < 30)}):
        sample = build_sample("square", (12, 6), "periodic")
        given = {"attraction": 3.0, "chemical_potential": -0.5} | more
        assert build_model(sample, vector_potential=VortexLattice(2, "square"), **given).warnings == ()


@pytest.mark.parametrize(
    ("size", "attraction", "is_core"),
    [((24, 12), 1.9, True), ((12, 6), 8.0, False), ((8, 4), 6.0, False), ((4, 4), 1.9, False)],
    ids=["a core", "smaller than a bond", "on bonds", "as large as the cell"],
)
def test_a_core_that_is_none_has_no_radius(size, attraction, is_core):
    boundary = [Boundary("bloch", n_k=2)] * 2
    result = lattice(size, boundary, attraction=attraction, temperature=0.05)
    radius = result["core_radius"].values
    assert np.isfinite(radius).all() == is_core
    assert any("have no radius" in line for line in result.warnings) != is_core
    if is_core:
        distance = np.linalg.norm(np.diff(result["vortex_position"].values, axis=0))
        assert ((radius > 1) & (radius < distance / 2)).all()


@pytest.mark.parametrize("name", ["triangular", "honeycomb", "kagome"])
def test_other_lattices_converge_with_the_vortices_asked_for(name):
    size = {"triangular": (8, 8), "honeycomb": (6, 6), "kagome": (4, 4)}[name]
    sample = build_sample(name, size, "periodic")
    model = build_model(
        sample, chemical_potential=-0.7, attraction=5.0, temperature=0.05, vector_potential=VortexLattice(2)
    )
    result = solve(model, observables=WANTED, scf=ScfOptions(1e-9))
    assert result.status == "converged"
    assert np.abs(result.fields.delta).max() > 0.5
    assert float(result["total_winding"]) == -2
    assert np.abs(result["divergence"].values).max() < 1e-8
    assert np.abs(result["bond_current"].values).max() > 1e-3


def test_pairs_on_bonds_make_one_too():
    given = {"attraction": 0.0, "bond_attraction": 2.0, "channels": "d_x2_y2", "temperature": 0.05}
    result = lattice((16, 8), **given)
    assert result.status == "converged"
    assert float(result["total_winding"]) == -2
    assert np.abs(result["divergence"].values).max() < 1e-8

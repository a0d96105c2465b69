"""Screened fields: London's theory, stationarity of G, the gauge, slabs as cylinders, films."""

import sys
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import bdg
from bdg.errors import InputError
from bdg.gauge import Potential, UniformField, physical_mu0, screening_of
from bdg.lattice import Boundary, build_sample, disk
from bdg.model import build_model
from bdg.nambu import NambuAssembler
from bdg.observables import State, measure
from bdg.observables.response.bulk import bulk_stiffness, stiffness_spread
from bdg.observables.response.meissner import beyond
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion

TIGHT = ScfOptions(tolerance=1e-10, max_iterations=300)
ENGINE = SelectedInversion(threads=1)


def slab(n_y=1, n_k=64, *, bloch=True, solver=None, size=30, **given):
    ends = Boundary("bloch", n_k=n_k) if bloch else Boundary("periodic")
    sample = build_sample("square", (size, n_y), ["open", ends])
    terms = {"attraction": 4.0, "chemical_potential": -0.5, "temperature": 0.05} | given
    model = build_model(
        sample,
        vector_potential=UniformField(0.01),
        screening={"mu0": 0.04, "geometry": "slab"},
        **terms,
    )
    return solved(model, solver)


def solved(model, solver=None, options=TIGHT, initial="uniform"):
    solver = solver or Diagonalization()
    outcome = self_consistency(model, solver, options, initial=initial)
    assert outcome.status == "converged"
    return State(model, outcome.fields, outcome.hamiltonian, solver, 1e-12)


def kubo(delta, mu, temperature, n_k=400):
    """D along y of a uniform square lattice, from sums over k: diamagnetic less paramagnetic."""
    k = 2 * np.pi * np.arange(n_k) / n_k
    kx, ky = np.meshgrid(k, k)
    xi = -2 * (np.cos(kx) + np.cos(ky)) - mu
    e = np.hypot(xi, delta)
    occupied = 1 - xi / e * np.tanh(e / 2 / temperature)
    diamagnetic = np.mean(2 * np.cos(ky) * occupied)
    slope = 1 / (4 * temperature * np.cosh(e / 2 / temperature) ** 2)
    return diamagnetic - np.mean(2 * (2 * np.sin(ky)) ** 2 * slope)


@pytest.mark.parametrize("temperature", [0.05, pytest.param(0.35, marks=pytest.mark.slow)])
def test_a_slab_has_the_depth_of_london(temperature):
    """2cosh(1/λ) − 2 = μ₀D with D from k space, within 1%, as is the cosh further than 4 from the faces."""
    found = measure(slab(size=40, temperature=temperature), "meissner")
    state_delta = found["delta_profile"].values
    stiffness = kubo(float(np.median(state_delta)), -0.5, temperature)
    london = 1 / np.arccosh(1 + 0.04 * stiffness / 2)
    assert 5 < london < 9
    assert float(found["london_depth"]) == pytest.approx(london, rel=1e-6)
    assert float(found["depth"]) == pytest.approx(london, rel=0.01)
    assert float(found["fit_deviation"]) < 0.01
    assert 0.3 < float(found["surface_offset"]) < 0.9
    b, j = found["field_profile"].values, found["current_profile"].values
    np.testing.assert_allclose(np.diff(b), -0.04 * j[1:-1], atol=1e-9)  # Ampère
    assert abs(j.sum()) < 1e-8


SLABS = {
    "short coherence length": {"mu0": 0.09, "attraction": 2.5, "temperature": 0.05},
    "deeper": {"mu0": 0.04, "attraction": 2.5, "temperature": 0.05},
    "warm": {"mu0": 0.09, "attraction": 3.0, "temperature": 0.3, "chemical_potential": -1.0},
    "long coherence length": {"mu0": 0.06, "attraction": 2.0, "temperature": 0.1},
}


@pytest.mark.slow
@pytest.mark.parametrize("given", SLABS.values(), ids=SLABS)
def test_the_errors_of_a_thin_slab_cover_the_depths_of_the_bulk(given, monkeypatch):
    """Of the field deep in a slab of 70 sites, and of London's theory with the D of its middle."""
    few = partial(bulk_stiffness, momenta=64)
    monkeypatch.setattr(sys.modules["bdg.observables.response.meissner"], "bulk_stiffness", few)
    given = dict(given)
    mu0 = given.pop("mu0")

    def found(size, surface):
        sample = build_sample("square", (size, 1), ["open", Boundary("bloch", n_k=32)])
        terms = {"chemical_potential": -0.5} | given
        screening = {"mu0": mu0, "geometry": "slab"}
        model = build_model(sample, vector_potential=UniformField(0.01), screening=screening, **terms)
        return measure(solved(model, ENGINE), "meissner", {"surface": surface})

    thick = found(70, 14.0)
    middle = float(thick["delta_profile"].values[35])
    stiffness = kubo(middle, given.get("chemical_potential", -0.5), given["temperature"])
    london = 1 / np.arccosh(1 + mu0 * stiffness / 2)
    for size in (20, 34):
        thin = found(size, 4.0)
        for name, bulk in (("depth", float(thick["depth"])), ("london_depth", london)):
            assert abs(float(thin[name]) - bulk) <= thin[name].error
            assert thin[name].error < 0.1 * bulk


@pytest.mark.slow
@pytest.mark.parametrize("given", list(SLABS.values())[1:], ids=list(SLABS)[1:])
def test_the_error_of_londons_depth_covers_the_cells_that_might_stand_for_the_bulk(given):
    """D of the middle of a slab of 20 sites, of cells by rank of |Δ|, against that of the middle of 60."""
    given = {"chemical_potential": -0.5} | {k: v for k, v in given.items() if k != "mu0"}
    states = []
    for size in (20, 60):
        sample = build_sample("square", (size, 1), ["open", Boundary("bloch", n_k=32)])
        screening = {"mu0": 0.05, "geometry": "slab"}
        model = build_model(sample, vector_potential=UniformField(0.01), screening=screening, **given)
        states.append(solved(model, ENGINE))
    thin, thick = (bulk_stiffness(state, 32) for state in states)
    assert (np.abs(thin / thick - 1) <= stiffness_spread(states[0])).all()
    assert (stiffness_spread(states[1]) < stiffness_spread(states[0])).all()


def test_a_depth_that_goes_on_changing_is_as_uncertain_as_all_its_changes():
    assert beyond([4.0, 3.9, 3.85]) == pytest.approx(2 * 0.1 / (1 - 0.5))
    assert beyond([4.0, 3.9]) == pytest.approx(2 * 0.1 / (1 - 0.9))
    assert beyond([4.0, 4.0, 4.0]) == 0.0
    assert beyond([4.0, 3.9, 3.7]) == pytest.approx(2 * 0.1 / (1 - 0.9))


@pytest.mark.slow
def test_another_solver_and_the_repetitions_change_nothing():
    one = slab(n_k=6)
    profile = measure(one, "meissner")["field_profile"].values
    others = (
        slab(n_k=6, solver=SelectedInversion(threads=1)),
        slab(n_y=2, n_k=3),
        slab(n_y=6, bloch=False),
        slab(n_k=6, least_dofs=4),
    )
    for other in others:
        np.testing.assert_allclose(measure(other, "meissner")["field_profile"].values, profile, atol=1e-9)


OTHER_GAUGES = {
    "slab": ["0.1*x + 0.02*sin(pi*y/3)", "0.01*x + 0.02*pi/3*x*cos(pi*y/3)"],
    "cylinder": ["0", "0.01*(x - 22) + 0.1"],
}


@pytest.mark.slow
@pytest.mark.parametrize("geometry", ["slab", "cylinder"])
def test_a_slab_has_one_depth_in_all_gauges_and_as_a_piece_of_any_shape(geometry):
    """A with a gradient more, or another zero; the slab as a cylinder, closed along y."""
    one = slab(n_y=6, bloch=False, size=20, solver=ENGINE)
    model = build_model(
        one.model.sample,
        attraction=4.0,
        chemical_potential=-0.5,
        temperature=0.05,
        vector_potential=Potential(OTHER_GAUGES[geometry]),
        screening={"mu0": 0.04, "geometry": geometry},
    )
    other = solved(model, ENGINE)
    assert np.abs(model.screening.applied - one.model.screening.applied).max() > 0.02
    profiles, others = (measure(state, "meissner") for state in (one, other))
    names = ["screened_field", "london_field", "moment_per_area", "field_energy"]
    names += ["depth", "delta_profile"] if geometry == "slab" else []
    for name in names:
        assert others[name].values == pytest.approx(profiles[name].values, rel=1e-6, abs=1e-9)
    assert np.abs(other.fields.delta) == pytest.approx(np.abs(one.fields.delta), abs=1e-9)


def small_disk(geometry, gauge="landau", lattice="square", **given):
    sample = build_sample(lattice, (9, 9), region=disk(4.2, (4, 4)), vacancies=[[4, 4]])
    terms = {"attraction": 2.5, "temperature": 0.05} | given
    if "filling" not in terms:
        terms["chemical_potential"] = -0.5
    return build_model(
        sample,
        vector_potential=UniformField(0.05, gauge),
        screening={"mu0": 0.5, "geometry": geometry},
        **terms,
    )


@pytest.mark.parametrize("geometry", ["cylinder", "film"])
@pytest.mark.parametrize(
    "terms",
    [{}, {"rashba": 0.3, "zeeman": 0.1}, {"filling": 0.9, "fields": ("pairing", "hartree")}],
    ids=["2 dofs", "4 dofs", "fixed filling"],
)
def test_the_gibbs_potential_is_stationary(geometry, terms):
    """∂G/∂A = 0 along random directions of A: circulations around faces and gradients."""
    state = solved(small_disk(geometry, **terms))
    rng = np.random.default_rng(3)

    def gibbs(vector_potential):
        fields = replace(state.fields, vector_potential=vector_potential)
        moved = State(state.model, fields, NambuAssembler(state.model).matrix(fields), state.solver, 1e-12)
        return float(measure(moved, "grand_potential")["gibbs_potential"].values)

    here, step = state.fields.vector_potential, 1e-3
    for _ in range(2):
        along = rng.normal(size=len(here))
        slope = (gibbs(here + step * along) - gibbs(here - step * along)) / (2 * step)
        curvature = (gibbs(here + step * along) + gibbs(here - step * along) - 2 * gibbs(here)) / step**2
        assert abs(slope) < 1e-7 * curvature
    current = measure(state, "currents")
    assert np.abs(current["divergence"].values).max() < 1e-8
    screening = state.model.screening
    ampere = screening.faces.curl.T @ screening.circulating(here)
    np.testing.assert_allclose(current["bond_current"].values, ampere, atol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("geometry", ["cylinder", "film"])
def test_the_gauge_does_not_matter(geometry):
    one, two = (solved(small_disk(geometry, gauge), ENGINE) for gauge in ("landau", "symmetric"))
    for name in ("screened_field", "hole_flux", "field_energy"):
        a, b = (measure(state, "meissner")[name].values for state in (one, two))
        np.testing.assert_allclose(a, b, atol=1e-9)
    np.testing.assert_allclose(np.abs(one.fields.delta), np.abs(two.fields.delta), atol=1e-9)


@pytest.mark.slow
def test_a_hole_may_hold_a_flux():
    """From a start that winds around the hole: near h/2e of flux more, another fluxoid, a higher G."""
    model = small_disk("cylinder")
    flat, wound = (solved(model, ENGINE, initial=start) for start in ("uniform", "vortex"))
    fluxes = [float(measure(state, "meissner")["hole_flux"].values[0]) for state in (flat, wound)]
    assert fluxes[1] > fluxes[0]
    for state, winding in ((flat, 0), (wound, 1)):
        sample, screening = state.model.sample, state.model.screening
        bonds, delta = sample.bonds, state.fields.delta
        a = screening.applied + state.fields.vector_potential
        momentum = np.angle(delta[bonds.target] * np.conj(delta[bonds.source]) * np.exp(2j * a))
        hole = screening.faces.curl[[-1]]
        fluxoid = -float((hole @ momentum)[0]) / 2 + float((hole @ a)[0])
        assert fluxoid == pytest.approx(np.pi * winding, abs=1e-9)


def test_a_film_that_screens_all_has_the_moment_of_a_perfect_diamagnet():
    """m = −8R³B/3μ₀ of a disk that no field enters (Landau and Lifshitz, Electrodynamics, §54)."""
    errors = []
    for radius in (6.0, 12.0):
        n = int(2 * radius) + 1
        sample = build_sample("square", (n, n), region=disk(radius, ((n - 1) / 2, (n - 1) / 2)))
        applied = UniformField(1.0, "symmetric").on_bonds(sample)
        screening = screening_of(sample, 1.0, "film", applied=applied)
        induced = screening.london(applied, np.full(sample.n_bonds, 1e6))
        np.testing.assert_allclose(screening.flux(applied + induced), 0, atol=1e-4)
        moment = float(screening.circulating(induced) @ screening.faces.area)
        effective = np.sqrt(screening.faces.area.sum() / np.pi)
        errors.append(abs(moment / (-8 * effective**3 / 3) - 1))
    assert errors[1] < 0.6 * errors[0]
    assert errors[1] < 0.1


def test_a_large_hole_in_a_film_is_filled():
    """The flux of a hole is the sum over the cells that fill it: with them as faces M is that of no hole."""
    from bdg.gauge.film import mutual_inductance
    from bdg.lattice.plaquettes.circuits import circuits

    whole, holed = (build_sample("square", (7, 7), vacancies=taken) for taken in ([], [[3, 3]]))
    full, less = circuits(whole), circuits(holed)
    one, two = mutual_inductance(whole, full), mutual_inductance(holed, less)
    member = np.array([np.abs(full.center - c).max(axis=1) < (0.6 if p == len(less) - 1 else 0.1)
                       for p, c in enumerate(less.center)], float)  # fmt: skip
    np.testing.assert_allclose(member @ one @ member.T, two, atol=1e-12)
    assert np.linalg.eigvalsh(one).min() > 0


@pytest.mark.slow
def test_second_neighbours_and_d_wave_pairs_are_screened_as_well():
    sample = build_sample("square", (20, 1), ["open", Boundary("bloch", n_k=32)], shells=2)
    model = build_model(
        sample,
        hopping=[1.0, -0.25],
        chemical_potential=-0.8,
        bond_attraction=2.0,
        channels="d_x2_y2",
        temperature=0.02,
        vector_potential=UniformField(0.01),
        screening={"mu0": 0.2, "geometry": "slab"},
    )
    state = solved(model, options=ScfOptions(tolerance=1e-8, max_iterations=300))
    found = measure(state, "meissner")
    b, j = found["field_profile"].values, found["current_profile"].values
    assert b[len(b) // 2] < 0.5 * 0.01
    inner = slice(2, -2)
    # A diagonal bond's current is spread over the two plaquettes it crosses; Ampère's law holds for the sum.
    np.testing.assert_allclose(np.diff(b)[inner], -0.2 * j[1:-1][inner], rtol=0.05, atol=1e-6)


def test_a_vortex_lattice_keeps_its_flux():
    sample = build_sample("square", (8, 8), "periodic")
    model = build_model(
        sample,
        attraction=4.0,
        chemical_potential=-0.5,
        temperature=0.05,
        vector_potential=[bdg.gauge.VortexLattice(2, "square")],
        screening={"mu0": 0.3, "geometry": "cylinder"},
    )
    state = solved(model, SelectedInversion(), ScfOptions(tolerance=1e-7, max_iterations=400))
    screening = state.model.screening
    assert abs(screening.flux(state.fields.vector_potential).sum()) < 1e-10
    b = measure(state, "meissner")["screened_field"].values
    assert b.max() > b.min() + 1e-3  # crowded at the vortices


def test_the_moment_is_the_slope_of_the_gibbs_potential():
    """M A = −dG/dB_a along the curve; a growing field keeps the winding until the barrier is gone."""
    model = small_disk("cylinder")
    at_rest = replace(model.in_potential(0 * model.vector_potential))
    at_rest = replace(at_rest, screening=replace(model.screening, applied=0 * model.screening.applied))
    state = solved(at_rest, ENGINE)
    curve = measure(state, "magnetisation_curve", {"stop": 0.02, "num": 9})
    field, gibbs = curve["curve_gibbs"].coords["applied"].values, curve["curve_gibbs"].values
    area, sites = model.screening.faces.area.sum(), model.sample.n_sites
    slope = (gibbs[2:] - gibbs[:-2]) / (field[2:] - field[:-2]) * sites / area
    np.testing.assert_allclose(-slope, curve["curve_moment"].values[1:-1], rtol=2e-3)
    assert not curve["curve_winding"].values.any()
    assert np.isnan(float(curve["entry_field"]))


@pytest.mark.slow
def test_vortices_enter_late_and_leave_late_and_g_ranks_what_is_cooled_in_the_field():
    """Of states at one field the one with a vortex has the lower G before vortices enter by themselves."""
    sample = build_sample("square", (15, 15), region=disk(7.2, (7, 7)))

    def cylinder(field):
        return build_model(
            sample,
            attraction=2.5,
            chemical_potential=-0.5,
            temperature=0.05,
            vector_potential=UniformField(field, "symmetric"),
            screening={"mu0": 0.3, "geometry": "cylinder"},
        )

    rising = measure(solved(cylinder(0.0), ENGINE), "magnetisation_curve", {"stop": 0.4, "num": 21})
    entry, moment = float(rising["entry_field"]), rising["curve_moment"].values
    jump = int(np.argmax(rising["curve_winding"].values != 0))
    assert np.all(np.diff(moment[:jump]) < 0)
    assert moment[jump] > moment[jump - 1]
    fields = rising["curve_moment"].coords["applied"].values
    assert fields[jump - 1] < entry < fields[jump]
    assert rising["entry_field"].error == pytest.approx((fields[1] - fields[0]) / 32)
    assert np.all(np.diff(rising["curve_gibbs"].values[:jump]) > 0)
    cooled = bdg.solve(
        cylinder(0.7 * entry),
        initial=["uniform", "vortex"],
        observables=("vortices", "grand_potential"),
        solver=ENGINE,
        scf=TIGHT,
    )
    best, other = cooled.starts
    assert (best.name, other.name) == ("vortex", "uniform")
    assert float(cooled["total_winding"]) == -1
    assert float(best.energy) == pytest.approx(float(cooled["gibbs_potential"]))
    assert float(other.energy) - float(best.energy) > 0.1
    state = solved(cylinder(0.7 * entry), ENGINE, initial="vortex")
    falling = measure(state, "magnetisation_curve", {"stop": 0.0, "num": 15})
    assert np.all(falling["curve_winding"].values == -1)
    assert falling["curve_gibbs"].values[-1] > rising["curve_gibbs"].values[0] + 1e-4


def test_mu0_of_the_si():
    """λ = (μ₀D)^(−½): with t = 100 meV, a = 0.4 nm, layers 1.2 nm apart, λ² = ħ²d/μ₀e²tD."""
    from scipy import constants as si

    t, a, d = 0.1 * si.e, 0.4e-9, 1.2e-9
    depth = a / np.sqrt(physical_mu0(t, a, d) * 0.65)
    assert depth == pytest.approx(np.sqrt(si.hbar**2 * d / (si.mu_0 * si.e**2 * t * 0.65)), rel=1e-12)


def test_the_coupling_of_a_config_is_that_of_its_units(tmp_path):
    config = tmp_path / "slab.yaml"
    config.write_text("""
units: {energy: 100 meV, length: 0.4 nm, layer: 1.2 nm}
lattice: {kind: square, size: [12, 1], boundary: [open, {bloch: 8}]}
hamiltonian: {chemical_potential: -0.5}
interaction: {onsite: 4}
field: {applied: 0.01, screening: {mu0: physical, geometry: slab}}
temperature: 0.05
observables: {meissner: {surface: 1}}
""")
    result = bdg.run_file(config, [f"output={tmp_path / 'slab.h5'}"])
    assert float(result["mu0"]) == pytest.approx(6.19e-6, rel=2e-3)
    assert float(result["mu0"]) == pytest.approx(physical_mu0(1.602176634e-20, 4e-10, 1.2e-9), rel=1e-12)
    assert result["screened_field"].values == pytest.approx(0.01, rel=1e-3)  # 12 a are far thinner than λ


@pytest.mark.parametrize(
    ("size", "boundary", "given", "wrong"),
    [
        ((4, 4), "open", {"mu0": -1.0, "geometry": "film"}, "mu0 -1.0 is impossible"),
        ((4, 4), "open", {"mu0": 0.1, "geometry": "slab"}, "a slab is closed"),
        ((4, 4), ["open", "periodic"], {"mu0": 0.1, "geometry": "film"}, "a film needs open"),
        ((4, 4), "open", {"mu0": 0.1, "geometry": "sphere"}, "unknown geometry 'sphere'"),
        ((4, 1), "open", {"mu0": 0.1, "geometry": "cylinder"}, "encloses no face"),
    ],
)
def test_what_cannot_be_is_refused(size, boundary, given, wrong):
    sample = build_sample("square", size, boundary)
    with pytest.raises(InputError, match=wrong):
        build_model(sample, attraction=1.0, screening=given)

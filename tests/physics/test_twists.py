"""What a twist means, for every Δ: ψ(r + L) = e^{iφ} ψ(r), a uniform vector potential φ/L up to the gauge."""

from dataclasses import replace

import numpy as np
import pytest

from bdg import Boundary, ScfOptions, build_model, build_sample, run_file, solve
from bdg.gauge import Dipole, FluxTube, FluxTubes, Potential, UniformField, VortexLattice
from bdg.lattice import UnitCell
from bdg.scf import fields_by_symmetry, initial_fields
from bdg.scf.starts.transfer import transferred

TIGHT = ScfOptions(1e-11, max_iterations=500)
NUMBERS = ("spectral_gap", "grand_potential", "density")
GIVEN = {"chemical_potential": -0.7, "fields": ()}
LARGE = {"chain": (8,), "square": (6, 5), "triangular": (5, 4), "honeycomb": (4, 3)}


def periodic(*twists):
    return [Boundary("periodic", twist) for twist in twists]


def bloch(*twists, n_k=1):
    return [Boundary("bloch", n_k=n_k, shift=twist / (2 * np.pi)) for twist in twists]


def numbers(sample, solver="diagonalization", scf=None, **terms):
    """The gap, Ω of a site, and the density and the sizes of the pairs at every site."""
    wanted = (*NUMBERS, *(("bond_order",) if "given_bonds" in terms or "bond_attraction" in terms else ()))
    result = solve(build_model(sample, **terms), observables=wanted, solver=solver, scf=scf)
    orders = result.observables.get("bond_order", {})
    sizes = {name: np.abs(order.values) for name, order in orders.items() if order.dims == ("site",)}
    per_site = float(result["grand_potential"]) / sample.n_sites
    return result, np.array([float(result["spectral_gap"]), per_site]), sizes


def assert_alike(one, other, to=1e-11):
    """Two states of one sample: the same in everything a gauge leaves alone."""
    assert one[1] == pytest.approx(other[1], abs=to)
    assert one[0]["density"].values == pytest.approx(other[0]["density"].values, abs=10 * to)
    assert np.abs(one[0].fields.delta) == pytest.approx(np.abs(other[0].fields.delta), abs=10 * to)
    assert one[2].keys() == other[2].keys()
    for name in one[2]:
        assert one[2][name] == pytest.approx(other[2][name], abs=10 * to)


PAIRS = {
    "p_x": {"p_x": 0.3},
    "d": {"d_x2_y2": 0.3},
    "extended s": {"s_extended": 0.25},
    "chiral p": {"chiral_p": 0.3},
    "d + id": {"d_id": 0.3},
}


@pytest.mark.parametrize(
    ("lattice", "pairs"),
    [
        ("chain", "p_x"),
        ("square", "d"),
        ("square", "chiral p"),
        ("triangular", "d + id"),
        ("honeycomb", "extended s"),
    ],
)
def test_half_a_twist_is_half_a_step_of_the_momenta(lattice, pairs):
    """Both ways along: pairs at rest, electrons that change their sign; nothing depends on the place."""
    size = LARGE[lattice]
    twisted = build_sample(lattice, size, periodic(*[np.pi] * len(size)))
    cell = build_sample(lattice, [1] * len(size), [Boundary("bloch", n_k=n, shift=0.5) for n in size])
    one, crystal = (numbers(sample, given_bonds=PAIRS[pairs], **GIVEN) for sample in (twisted, cell))
    assert one[1] == pytest.approx(crystal[1], abs=1e-13)
    assert np.ptp(one[0]["density"].values) < 1e-13
    for name, size_ in one[2].items():
        assert size_ == pytest.approx(np.resize(crystal[2][name], len(size_)), abs=1e-13)
    assert one[1] != pytest.approx(
        numbers(build_sample(lattice, size, "periodic"), given_bonds=PAIRS[pairs], **GIVEN)[1], abs=1e-3
    )


CASES = [
    ("chain", (0.9,), {"given_bonds": PAIRS["p_x"]}),
    ("chain", (-1.2,), {"given_delta": 0.3, "given_bonds": PAIRS["extended s"]}),
    ("square", (0.9, 0.0), {"given_bonds": PAIRS["d"], "temperature": 0.1}),
    ("square", (0.9, -0.4), {"given_bonds": PAIRS["chiral p"], "least_dofs": 4, "temperature": 0.1}),
    ("square", (0.5, 1.3), {"given_delta": "0.3*(1 + 0.5*cos(2*pi*x/6))", "rashba": 0.4, "zeeman": 0.1}),
    ("triangular", (0.9, 1.1), {"given_bonds": PAIRS["d + id"], "onsite": "0.3*(x > 2)"}),
    ("honeycomb", (0.2, -1.1), {"given_bonds": PAIRS["p_x"], "zeeman": 0.1}),
]


@pytest.mark.parametrize("solver", ["diagonalization", "selected_inversion"])
@pytest.mark.parametrize(("lattice", "twists", "terms"), CASES)
def test_a_twist_is_a_shift_and_a_uniform_vector_potential(lattice, twists, terms, solver):
    terms = {"temperature": 0.15} | GIVEN | terms
    size = LARGE[lattice]
    plain = build_sample(lattice, size, "periodic")
    lengths = np.array(size)[:, None] * plain.cell.vectors
    uniform = numbers(plain, solver, vector_potential=np.linalg.pinv(lengths) @ twists, **terms)
    for ends in (periodic(*twists), bloch(*twists)):
        assert_alike(numbers(build_sample(lattice, size, ends), solver, **terms), uniform, 1e-9)


def test_found_pairs_follow_a_twist_as_given_ones_do():
    """d wave, s wave with its density, and triplets of a chain, each with an impurity."""
    for lattice, twists, terms in [
        (
            "square",
            (0.9, -0.4),
            {"bond_attraction": 1.5, "channels": "d_x2_y2", "bond_fields": ("pairing", "fock")},
        ),
        ("triangular", (0.9, 0.3), {"attraction": 3.0, "fields": ("pairing", "hartree")}),
        ("chain", (1.3,), {"bond_attraction": 2.5, "channels": "p_x"}),
    ]:
        terms = terms | {"chemical_potential": -0.5, "temperature": 0.05, "onsite": "0.4*(x == 1)"}
        size = LARGE[lattice]
        plain = build_sample(lattice, size, "periodic")
        lengths = np.array(size)[:, None] * plain.cell.vectors
        uniform = numbers(plain, scf=TIGHT, vector_potential=np.linalg.pinv(lengths) @ twists, **terms)
        assert uniform[0].fields.moduli.min() > 1e-2
        for ends in (periodic(*twists), bloch(*twists)):
            found = numbers(build_sample(lattice, size, ends), scf=TIGHT, **terms)
            assert_alike(found, uniform, 1e-9)
            sample, fields = found[0].sample, found[0].fields  # as arrays they are the state itself
            given = {
                name: value for name, value in terms.items() if name not in ("attraction", "bond_attraction")
            }
            if fields.fock is None and not fields.hartree.any():
                on_bonds = {} if fields.bond_delta is None else {"given_bonds": fields.bond_delta}
                again = numbers(
                    sample,
                    given_delta=fields.delta,
                    **given | {"fields": (), "channels": "singlet"},
                    **on_bonds,
                )
                assert again[1][0] == pytest.approx(found[1][0], abs=1e-9)


def centre_of_mass(n, shift, mu, delta):
    """Gap and Ω of a chain whose pairs (κ, 2Q − κ) are p_x, κ = 2π(m + s)/n, at T = 0, levels of one spin."""
    kappa = 2 * np.pi * (np.arange(n) + shift) / n
    rest = 2 * shift - np.round(2 * shift)
    q = np.pi * rest / n
    xi, other = -2 * np.cos(kappa) - mu, -2 * np.cos(2 * q - kappa) - mu
    pair = 2 * delta * np.sin(kappa - q)
    root = np.sqrt((0.5 * (xi + other)) ** 2 + pair**2)
    levels = np.concatenate([0.5 * (xi - other) + root, 0.5 * (xi - other) - root])
    return np.abs(levels).min(), (np.sum(xi) - 0.5 * np.sum(np.abs(levels))) / n


@pytest.mark.parametrize("shift", [0.1, 0.25, 1 / 3, 0.5, 0.8, -0.3, 1.7])
def test_any_shift_of_the_momenta_gives_pairs_their_centre_of_mass(shift):
    n, mu, delta = 9, -0.7, 0.3
    exact = centre_of_mass(n, shift, mu, delta)
    terms = {"chemical_potential": mu, "fields": (), "given_bonds": {"p_x": delta}}
    for sample in (
        build_sample("chain", 1, Boundary("bloch", n_k=n, shift=shift)),
        build_sample("chain", 3, Boundary("bloch", n_k=3, shift=shift)),
        build_sample("chain", n, Boundary("periodic", 2 * np.pi * shift)),
    ):
        assert numbers(sample, **terms)[1] == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize(
    ("lattice", "shift", "terms"),
    [
        ("square", 0.15, {"bond_attraction": 3.0, "channels": "d_x2_y2"}),
        ("triangular", 0.4, {"attraction": 6.0, "zeeman": 0.1}),
        ("honeycomb", -0.2, {"bond_attraction": 3.0, "attraction": 4.0, "least_dofs": 4}),
    ],
)
def test_momenta_of_a_cell_are_a_larger_sample(lattice, shift, terms):
    terms = terms | {"chemical_potential": -0.5, "temperature": 0.05}
    ends = [Boundary("bloch", n_k=4, shift=shift), Boundary("bloch", n_k=3, shift=0.5)]
    cell = numbers(build_sample(lattice, (1, 1), ends), scf=TIGHT, **terms)
    large = build_sample(lattice, (4, 3), periodic(2 * np.pi * shift, np.pi))
    whole = numbers(large, scf=TIGHT, **terms)
    assert whole[1] == pytest.approx(cell[1], abs=1e-9)
    one, other = cell[0].fields.moduli, whole[0].fields.moduli
    kinds = large.bonds.kind if len(other) == large.n_bonds else np.zeros(len(other), int)
    assert other == pytest.approx(one[kinds], abs=1e-9)
    assert cell[0].fields.moduli.max() > 1e-2


@pytest.mark.parametrize(
    "terms",
    [{"given_bonds": PAIRS["d"]}, {"given_delta": 0.3}, {"bond_attraction": 1.5, "channels": "d_x2_y2"}],
)
def test_omega_by_the_twist_is_omega_by_the_vector_potential_and_its_slope_the_current(terms):
    """The superfluid weight with it: J across the seam, of given and found pairs, is −∂Ω/∂φ."""
    terms = {"chemical_potential": -0.5, "temperature": 0.1} | terms
    terms |= {} if "bond_attraction" in terms else {"fields": ()}

    def omega(twist):
        sample = build_sample("square", (6, 4), [Boundary("periodic", twist), "periodic"])
        model = build_model(sample, **terms)
        return solve(model, observables=("grand_potential", "currents"), scf=TIGHT)

    plain = build_sample("square", (6, 4), "periodic")
    for twist in (0.0, 0.3, 0.6):
        uniform = solve(
            build_model(plain, vector_potential=[twist / 6, 0.0], **terms),
            observables=("grand_potential",),
            scf=TIGHT,
        )
        assert float(omega(twist)["grand_potential"]) == pytest.approx(
            float(uniform["grand_potential"]), abs=1e-9
        )
    h = 0.02
    far, near = (
        float(omega(0.6 + step)["grand_potential"]) - float(omega(0.6 - step)["grand_potential"])
        for step in (2 * h, h)
    )
    now = omega(0.6)
    seam = now.sample.bonds.crossing[:, 0] != 0
    assert now["bond_current"].values[seam].sum() == pytest.approx(-(8 * near - far) / (12 * h), abs=1e-6)
    assert abs(now["bond_current"].values[seam].sum()) > 0.05
    assert np.abs(now["divergence"].values).max() < 1e-9


def test_a_random_gauge_leaves_a_twisted_state_alone():
    rng = np.random.default_rng(3)
    for lattice, twists, terms in CASES[:4]:
        sample = build_sample(lattice, LARGE[lattice], periodic(*twists))
        model = build_model(sample, **({"temperature": 0.15} | GIVEN | terms))
        turned = model.transformed(rng.uniform(-np.pi, np.pi, sample.n_sites))
        one, two = (
            solve(each, observables=(*NUMBERS, "bond_order"), solver="diagonalization")
            for each in (model, turned)
        )
        for name in NUMBERS:
            assert one[name].values == pytest.approx(two[name].values, abs=1e-11)
        for name, order in one.observables["bond_order"].items():
            assert np.abs(order.values) == pytest.approx(np.abs(two[name].values), abs=1e-11)


def test_starts_have_the_phases_of_a_twist():
    """A start of one symmetry has that symmetry at every site, the same size, and no other."""
    for lattice, name, channels in [
        ("square", "d_x2_y2", "singlet"),
        ("triangular", "d_id", "singlet"),
        ("square", "p_x", "triplet"),
    ]:
        sample = build_sample(lattice, LARGE[lattice], periodic(0.8, -1.9))
        model = build_model(sample, bond_attraction=1.0, channels=channels)
        given = build_model(sample, given_bonds={name: 0.3}, fields=())
        assert fields_by_symmetry(model, {name: 0.3}).bond_delta == pytest.approx(
            given.given_bonds, abs=1e-15
        )
        bonds = initial_fields(model, is_complex=True).bond_delta[sample.bonds.kind == 0]
        assert np.ptp(np.abs(bonds), axis=0) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("twists", [(0.4, 0.9), (1.5, 1.7), (2.0, -2.0), (np.pi, 3.3)])
def test_a_result_brings_its_state_to_another_twist(twists):
    """Pairs, Fock fields and Δ of any sample: what came over is a step away, not a kink at the seam."""
    terms = {
        "bond_attraction": 1.5,
        "attraction": 1.0,
        "bond_fields": ("pairing", "fock"),
        "chemical_potential": -0.5,
    }
    first, second = (
        build_model(
            build_sample("square", size, [Boundary("periodic", twist), "periodic"]), temperature=0.1, **terms
        )
        for size, twist in zip([(6, 6), (9, 6)], twists, strict=True)
    )
    one = solve(first, scf=TIGHT)
    moved = transferred(first.sample, one.fields, second)
    along = second.sample.bonds.kind == 0
    for field in (moved.bond_delta, moved.fock):
        assert np.ptp(np.abs(field[along]), axis=0) == pytest.approx(0, abs=1e-9)
    again = solve(second, initial=one, scf=TIGHT)
    assert again.status == "converged"
    kept = transferred(first.sample, one.fields, first)
    assert np.array_equal(kept.bond_delta, one.fields.bond_delta)
    assert np.array_equal(kept.fock, one.fields.fock)


def test_a_twist_that_no_bond_passes_is_nothing():
    island = {"region": lambda r: np.hypot(r[:, 0] - 3, r[:, 1] - 3) < 2.5}
    found = [
        numbers(
            build_sample("square", (7, 7), ends, **island), given_delta=0.3, given_bonds=PAIRS["d"], **GIVEN
        )
        for ends in ("open", periodic(1.0, -0.7))
    ]
    assert_alike(*found)


def test_the_chern_number_does_not_depend_on_the_twist():
    for twist in (0.0, 0.7, np.pi):
        sample = build_sample("square", (4, 4), periodic(twist, np.pi))
        model = build_model(sample, chemical_potential=-1.5, fields=(), given_bonds={"chiral_p": 0.4})
        assert float(solve(model, observables=("chern",))["chern_number"]) == 2, twist


CONFIG = """
lattice: {{kind: square, size: [5, 4], boundary: [{ends}, periodic]}}
hamiltonian: {{chemical_potential: -0.6}}
interaction: {{given: {{{given}}}}}
temperature: 0.1
observables: {{spectral_gap: {{}}, grand_potential: {{}}, density: {{}}, bond_order: {{}}}}
{field}
output: {path}/out.h5
"""


@pytest.mark.parametrize(
    "given", ["d_x2_y2: 0.3", "onsite: 0.2, p_x: 0.3, phase: 0.4*y", "chiral_p: 0.2 + 0.1*(x > 1)"]
)
def test_a_configuration_means_the_same_by_its_three_names(given, tmp_path):
    ways = [
        ("{twist: 1.1}", ""),
        (f"{{bloch: 1, shift: {1.1 / (2 * np.pi)!r}}}", ""),
        ("periodic", f"field: {{vector_potential: [{1.1 / 5!r}, 0]}}"),
    ]
    found = []
    for number, (ends, field) in enumerate(ways):
        (tmp_path / f"{number}.yaml").write_text(
            CONFIG.format(ends=ends, field=field, given=given, path=tmp_path)
        )
        result = run_file(tmp_path / f"{number}.yaml", [f"output={tmp_path}/{number}.h5"])
        sizes = (
            [np.abs(order.values) for order in result.observables["bond_order"].values()]
            if "chiral" not in given
            else []
        )
        found.append([result[name].values for name in NUMBERS] + sizes)
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            assert two == pytest.approx(one, abs=1e-11)


FIELDS = [
    ("square", (6, 6), "periodic", VortexLattice(2)),
    ("square", (6, 5), periodic(0.6, -1.1), VortexLattice(2, "square")),
    ("triangular", (5, 4), "periodic", VortexLattice(2)),
    ("honeycomb", (3, 4), periodic(0.3, 0.0), VortexLattice(2)),
    ("square", (6, 5), "open", UniformField(0.17)),
    ("triangular", (5, 4), ["open", "periodic"], UniformField(0.2)),
    ("square", (5, 5), [*periodic(0.8), "open"], UniformField(0.11)),
]


@pytest.mark.parametrize(
    "pairs", [{"given_delta": 0.3}, {"given_bonds": PAIRS["d"]}, {"given_bonds": PAIRS["chiral p"]}]
)
@pytest.mark.parametrize(("lattice", "size", "ends", "field"), FIELDS)
def test_a_given_order_parameter_means_the_same_in_every_gauge_of_a_field(lattice, size, ends, field, pairs):
    sample = build_sample(lattice, size, ends)
    terms = {"temperature": 0.1} | GIVEN | pairs
    one, two = (
        numbers(sample, vector_potential=[replace(field, gauge=gauge)], **terms)
        for gauge in ("landau", "symmetric")
    )
    assert_alike(one, two)
    none = numbers(sample, **terms)
    assert abs(one[1][1] - none[1][1]) > 1e-5


@pytest.mark.parametrize("flux", [0.4, 2.0, np.pi, 2 * np.pi])
def test_a_flux_through_a_cylinder_leaves_no_trace_of_its_cut(flux):
    """Through any plaquette around, or through its mirror image, reversed in time; h/e is none.

    The cut goes away from the middle: there is no flux in the bore but beyond it.
    """
    sample = build_sample("square", (6, 4), ["periodic", "open"])
    for pairs in ({"given_delta": 0.3}, {"given_bonds": PAIRS["d"]}, {"given_bonds": PAIRS["chiral p"]}):
        terms = {"temperature": 0.1} | GIVEN | pairs
        places = [0.5, 0.5], [2.5, 0.5], [5.5, 0.5], [1.5, 2.5]
        found = [
            numbers(sample, vector_potential=FluxTubes([FluxTube(through, flux)]), **terms)[1]
            for through in places
        ]
        for other in found[1:]:
            assert other == pytest.approx(found[0], abs=1e-11)
        none = numbers(sample, **terms)[1]
        assert (abs(found[0] - none).max() < 1e-11) == (flux == 2 * np.pi)


@pytest.mark.parametrize(
    "source",
    [
        UniformField(0.05),
        FluxTubes([FluxTube([2.5, 2.5], 0.5)]),
        [Dipole([1.2, 2.7, 1.0], [0, 0, 0.4]), UniformField(0.1, "symmetric")],
    ],
)
def test_a_given_order_parameter_has_londons_phases_in_open_samples(source):
    """Those without a source of London's current; an array is Δ itself, and stays as it is."""
    sample = build_sample("square", (6, 5), "open")
    terms = GIVEN | {"vector_potential": source}
    model, literal = (build_model(sample, given_delta=delta, **terms) for delta in (0.2, np.full(30, 0.2)))
    assert np.array_equal(literal.given_delta, np.full(30, 0.2))
    start, end = sample.bonds.source, sample.bonds.target
    steps = np.angle(model.given_delta[end] / model.given_delta[start]) - 2 * model.peierls_phase
    assert np.abs(steps).max() > 1e-2
    assert np.bincount(end, steps, 30) == pytest.approx(np.bincount(start, steps, 30), abs=1e-12)
    assert np.abs(model.given_delta) == pytest.approx(0.2, abs=1e-15)


def test_orbitals_of_a_cell_of_ones_own_know_the_seam_too():
    cell = UnitCell.build(
        [[1.0, 0.0], [0.3, 1.1]],
        [[0.0, 0.0], [0.4, 0.3]],
        hoppings=[(0, 1, (0, 0), 1.0), (1, 0, (1, 0), 0.7), (0, 0, (0, 1), 0.5), (1, 1, (1, 1), 0.4 + 0.1j)],
    )
    uniform = build_sample(cell, (4, 3), "periodic")
    lengths = np.array([4, 3])[:, None] * cell.vectors
    twists = (0.9, -1.3)
    for pairs in ({"given_delta": 0.3}, {"given_bonds": {"s_extended": 0.3}}, {"given_bonds": {"p_x": 0.3}}):
        one = numbers(uniform, vector_potential=np.linalg.pinv(lengths) @ twists, **GIVEN, **pairs)
        assert_alike(numbers(build_sample(cell, (4, 3), periodic(*twists)), **GIVEN, **pairs), one)


@pytest.mark.parametrize(
    ("terms", "source", "warned"),
    [
        ({"given_delta": 0.3}, ["0", "0.1*x"], True),
        ({"given_bonds": {"d_x2_y2": 0.3}}, ["0", "0.1*y"], True),
        (
            {"given_delta": "0.3*(x > 1)"},
            [UniformField(0.1), Potential([lambda x, y: 0.1 * x * y, 0.0])],
            True,
        ),
        ({"given_delta": np.full(30, 0.3)}, ["0", "0.1*y"], False),
        ({"given_bonds": {"p_x": 0.3}}, [0.1, 0.0], True),
        ({"attraction": 2.0, "fields": ("pairing",)}, ["0", "0.1*y"], False),
        ({"given_delta": 0.3}, UniformField(0.1), False),
    ],
)
def test_a_given_order_parameter_in_a_vector_potential_with_sources_is_flagged(terms, source, warned):
    """The gauge is then that of whoever gave both: another one of the same field is another state."""
    sample = build_sample("square", (6, 5), "open")
    result = solve(build_model(sample, vector_potential=source, temperature=0.1, **GIVEN | terms))
    assert any("in the gauge of the given vector potential" in line for line in result.warnings) == warned


@pytest.mark.parametrize("given", ["onsite: 0.3, s_extended: 0.1", "d_x2_y2: 0.3"])
def test_a_configuration_flags_it_too_but_not_a_uniform_flow_around_a_ring(given, tmp_path):
    field = "field: {vector_potential: [0.1, 0]}"
    for ends, expected in (("open", True), ("periodic", False)):
        path = tmp_path / f"{ends}.yaml"
        path.write_text(CONFIG.format(ends=ends, field=field, given=given, path=tmp_path))
        result = run_file(path, [f"output={tmp_path}/{ends}.h5"])
        assert bool(result.warnings) == expected


@pytest.mark.parametrize(
    "terms", [{"given_bonds": PAIRS["d"]}, {"bond_attraction": 1.5, "channels": "d_x2_y2"}]
)
def test_the_superfluid_weight_is_the_curvature_of_omega_by_the_twist(terms):
    terms = {"chemical_potential": -0.5, "temperature": 0.15} | terms
    terms |= {} if "bond_attraction" in terms else {"fields": ()}
    name = "superfluid_weight" if "given_bonds" in terms else "relaxed_weight"

    def result(twist, observables):
        sample = build_sample("square", (6, 6), [Boundary("periodic", twist), "periodic"])
        return solve(build_model(sample, **terms), observables=observables, scf=TIGHT)

    omega = [float(result(twist, ["grand_potential"])["grand_potential"]) for twist in (0.0, 0.1, 0.2)]
    curvature = (16 * (omega[1] - omega[0]) - (omega[2] - omega[0])) * 2 / (12 * 0.1**2)
    wanted = {"superfluid_weight": {"relax": "bond_attraction" in terms}}
    weight = result(0.0, wanted)[name].values[0, 0]
    assert weight == pytest.approx(curvature * 6**2 / 36, abs=1e-5)
    assert weight > 0.05


def test_a_file_of_a_found_order_parameter_is_the_state_itself(tmp_path):
    """Given and as a start: its phases are those of the twist already."""
    text = """
lattice: {kind: square, size: [6, 4], boundary: [{twist: 1.2}, periodic]}
hamiltonian: {chemical_potential: -0.5}
interaction: {INTERACTION}
temperature: 0.1
scf: {tolerance: 1e-10, initial: {delta: START}}
observables: {spectral_gap: {}, grand_potential: {}, currents: {}}
"""
    found = tmp_path / "found.h5"
    file = f"{{file: {found}, dataset: scf/delta}}"
    ways = ("onsite: 3.0", "0.5"), (f"given: {{onsite: {file}}}", "0.5"), ("onsite: 3.0", file)
    results = []
    for number, (interaction, start) in enumerate(ways):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text.replace("INTERACTION", interaction).replace("START", start))
        output = found if number == 0 else tmp_path / f"{number}.h5"
        results.append(run_file(path, [f"output={output}"]))
    first, given, again = results
    assert float(given["spectral_gap"]) == pytest.approx(float(first["spectral_gap"]), abs=1e-9)
    assert given["bond_current"].values == pytest.approx(first["bond_current"].values, abs=1e-8)
    assert np.abs(given["divergence"].values).max() < 1e-8
    assert len(again.history) <= 2
    assert first.fields.moduli.min() > 0.1


def test_the_screening_of_a_twist_starts_as_that_of_a_vector_potential():
    """A slab along y, closed with a twist: London's answer to A of both, and the state it comes to."""
    terms = {"attraction": 3.0, "temperature": 0.1, "chemical_potential": -0.5}
    terms["screening"] = {"mu0": 0.05, "geometry": "slab"}
    flow, found = Potential([0.0, 0.15]), []
    for ends, sources in (
        ("periodic", [flow]),
        (Boundary("periodic", 0.6), []),
        (Boundary("bloch", 0.6, 1), []),
    ):
        sample = build_sample("square", (8, 4), ["open", ends])
        model = build_model(sample, vector_potential=[UniformField(0.02), *sources], **terms)
        start = initial_fields(model, is_complex=True).vector_potential
        result = solve(model, scf=TIGHT, observables=("currents",))
        found.append((start, np.abs(result.fields.delta), result["site_current"].values))
    assert np.abs(found[0][2]).max() > 1e-3
    for other in found[1:]:
        for one, two, to in zip(found[0], other, (1e-12, 1e-8, 1e-8), strict=True):
            assert two == pytest.approx(one, abs=to)


@pytest.mark.parametrize("vacancy", [0, 2, 3])
@pytest.mark.parametrize("pairs", [{"given_delta": 0.3}, {"given_bonds": {"p_x": 0.3}}])
def test_a_cut_ring_feels_no_twist_wherever_it_is_cut(vacancy, pairs):
    """A ring with a site taken out has no flux: the energies of an open chain, given Δ at rest."""
    cut = build_sample("chain", (6,), periodic(1.1), vacancies=[[vacancy]])
    chain = build_sample("chain", (5,))
    energies = [numbers(sample, **GIVEN, **pairs)[1][1] * sample.n_sites for sample in (cut, chain)]
    assert energies[0] == pytest.approx(energies[1], abs=1e-12)


@pytest.mark.parametrize("offset", [0, 1, -1])
def test_pieces_that_only_a_name_of_their_cells_joins_feel_no_twist(offset):
    """Dimers along a ring, the second site said to be of the next cell: no way leads around."""
    cell = UnitCell.build([[1.0]], [[0.0], [0.4 - offset]], hoppings=[(0, 1, [offset], 0.8)])
    sample = build_sample(cell, (3,), periodic(1.3))
    alone = build_sample(UnitCell.build([[1.0]], [[0.0], [0.4]], hoppings=[(0, 1, [0], 0.8)]), (3,))
    energies = [numbers(each, **GIVEN, given_delta=0.3)[1] for each in (sample, alone)]
    assert energies[0] == pytest.approx(energies[1], abs=1e-12)

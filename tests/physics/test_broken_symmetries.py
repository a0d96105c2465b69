"""Starts that break symmetries: charge order, time reversal, pairs that wind; and what turns a magnet."""

import dataclasses

import numpy as np
import pytest

import bdg
from bdg.errors import ConfigError
from bdg.model import build_model
from bdg.nambu import NambuAssembler
from bdg.observables import State, observable_named
from bdg.scf import density_of, initial_fields
from bdg.scf.stability.jacobian import Jacobian
from bdg.scf.stability.unrestricted import unrestricted
from tests.bridge import measure, solved
from tests.support.saddles import OMEGA, SOLVER, THREE_BANDS, TWO_ORBITALS, bands, solve, triangular

BOTH = ("hartree", "fock")


def repulsive(lattice, size, repulsion, **given):
    sample = bdg.build_sample(lattice, size, "periodic")
    settings = {"filling": 1.0, "fields": BOTH, "temperature": 0.05, "bond_attraction": -repulsion}
    return build_model(sample, **(settings | given))


@pytest.mark.parametrize(
    ("lattice", "size", "repulsion"),
    [("honeycomb", (3, 3), 2.0), ("square", (4, 4), 1.0), ("chain", 8, 1.5), ("cubic", (4, 2, 2), 0.7)],
)
def test_neighbours_that_repel_order_the_charge(lattice, size, repulsion):
    """From a staggered density, from a formula, from ``random`` and below the uniform state; F falls."""
    model = repulsive(lattice, size, repulsion)
    plain = solve(model)
    uniform = float(plain["free_energy"])
    assert plain.history[-1].saddle > 1
    (line,) = plain.warnings
    assert line.startswith("the state is a saddle")
    ordered = bdg.solve(
        model, initial={"density": "staggered"}, observables=("density", *OMEGA), solver=SOLVER
    )
    assert ordered.status == "converged"
    assert ordered.warnings == ()
    lowest = float(ordered["free_energy"])
    assert lowest < uniform - 0.05
    assert np.ptp(ordered["density"].values) > 0.5
    alternating = density_of(model, "staggered")
    assert alternating.mean() == pytest.approx(1.0)
    starts = [{"density": alternating}, {"density": 2.0 - alternating}, ["uniform", "normal"]]
    for start in starts:
        assert float(solve(model, initial=start)["free_energy"]) == pytest.approx(lowest, abs=1e-7)
    found = solve(model, initial=["random", "random", "random"])
    assert float(found["free_energy"]) == pytest.approx(lowest, abs=1e-7)


def test_a_first_density_stands_in_a_configuration(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.yaml").write_text(
        "lattice: {kind: square, size: [4, 4], boundary: periodic}\n"
        "hamiltonian: {filling: 1.0}\n"
        "interaction: {bonds: [{shell: 1, value: -1.0}], fields: [hartree, fock]}\n"
        "temperature: 0.05\n"
        "scf: {initial: {density: staggered}}\n"
        "observables: {density: {}}\n"
    )
    for number, given in enumerate(("staggered", "'1 + 0.3*cos(pi*(x + y))'", "random")):
        result = bdg.run_file("run.yaml", [f"scf.initial={{density: {given}}}", f"output={number}.h5"])
        assert np.ptp(result["density"].values) > 0.5
    region = "[{region: {rectangle: {size: [1, 1]}}, value: 1.5}]"
    result = bdg.run_file("run.yaml", [f"scf.initial={{density: {region}}}", "output=region.h5"])
    assert result.status == "converged"
    for given, words in (
        ("staggred", "did you mean 'staggered'"),
        ("2.5", "2.5 to 2.5 electrons on a site is impossible"),
        ("-0.1", "-0.1 to -0.1 electrons on a site is impossible"),
    ):
        with pytest.raises(ConfigError, match=words):
            bdg.run_file("run.yaml", [f"scf.initial={{density: {given}}}", "output=no.h5"])
    with pytest.raises(ConfigError, match="none is on; add hartree to the fields"):
        bdg.run_file("run.yaml", ["interaction.fields=[pairing]", "output=no.h5"])
    with pytest.raises(ConfigError, match="a staggered density needs two sublattices"):
        bdg.run_file("run.yaml", ["lattice.kind=triangular", "output=no.h5"])


def test_a_first_density_beside_pairs_and_a_magnetisation():
    sample = bdg.build_sample("square", (4, 4), "periodic")
    model = build_model(sample, filling=0.8, attraction=-3.0, fields=("pairing", "hartree"), temperature=0.1)
    start = bdg.simulation.starts.starts_from(
        {"delta": 0.2, "magnetisation": "staggered", "density": "staggered"}, model
    )[0]
    assert start.name == "delta and magnetisation and density"
    up, down = -start.initial.hartree[::-1] / -3.0
    np.testing.assert_allclose(up + down, density_of(model, "staggered"), atol=1e-12)
    assert np.ptp(up - down) > 0.5


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_random_starts_find_what_breaks_time_reversal(seed):
    """d + id on the triangular lattice, 120° between three bands; of s± they keep what is real so."""
    best = float(solve(triangular(), initial={"d_id": 0.3})["grand_potential"])
    assert float(solve(triangular(), initial="random", seed=seed)["grand_potential"]) == pytest.approx(
        best, abs=1e-7
    )
    found = solve(bands(THREE_BANDS, 1.5, 1.0), initial="random", seed=seed)
    delta = found.fields.delta.reshape(-1, 3)
    np.testing.assert_allclose(np.abs(delta), np.abs(delta).mean(), atol=1e-5)
    np.testing.assert_allclose(delta.sum(axis=1), 0.0, atol=1e-5)
    plain = solve(bands(TWO_ORBITALS, 2.0, 1.0), initial="random", seed=seed)
    real = solve(bands(TWO_ORBITALS, 2.0, 1.0))
    assert float(plain["grand_potential"]) == pytest.approx(float(real["grand_potential"]), abs=1e-7)


def winding(seed=None, temperature=0.02):
    """A triplet of polarised electrons on the triangular lattice."""
    sample = bdg.build_sample("triangular", (6, 6), "periodic")
    return build_model(
        sample,
        bond_attraction=1.0,
        filling=0.6,
        zeeman=[0, 0, 1.0],
        channels="triplet",
        temperature=temperature,
    )


def test_random_pairs_on_bonds_find_a_triplet_that_winds():
    """Every component of every bond is drawn by itself, so that pairs along x are not those along 60°."""
    model = winding()
    best = solve(model, initial={"chiral_p": 0.3})
    real = solve(model, scf=bdg.ScfOptions(leave_saddles=False))
    found = solve(model, initial="random")
    assert found.status == real.status == "converged"
    assert float(found["free_energy"]) < float(real["free_energy"]) - 0.01
    assert float(found["free_energy"]) <= float(best["free_energy"]) + 1e-6
    pairs = initial_fields(model, "random", is_complex=True).bond_delta
    kinds = model.sample.bonds.kind
    for kind in np.unique(kinds):
        assert len(np.unique(np.round(pairs[kinds == kind, 0, 0], 12))) == np.count_nonzero(kinds == kind)
    again = initial_fields(model, "random", is_complex=True).bond_delta
    np.testing.assert_array_equal(pairs, again)


def test_random_starts_are_of_the_whole_density_matrix():
    model = repulsive("square", (4, 4), 1.0, filling=0.8, attraction=2.0, fields=("pairing", *BOTH))
    one, two = (initial_fields(model, "random", draw=draw, is_complex=True) for draw in (0, 1))
    for name in ("delta", "hartree", "fock"):
        first, second = getattr(one, name), getattr(two, name)
        assert np.abs(first).max() > 0.01
        assert np.abs(first - second).max() > 0.01
        assert len(np.unique(np.round(np.abs(first).ravel(), 12))) > 10
    assert np.iscomplexobj(one.fock)
    assert one.fock.imag.any()
    real = initial_fields(model, "random")
    assert not any(np.iscomplexobj(field) for field in (real.delta, real.fock))


def magnet(lattice, size, repulsion, pattern, **given):
    """A magnet along z, and the state that a pattern leads to."""
    sample = bdg.build_sample(lattice, size, "periodic")
    settings = {"filling": 1.0, "fields": ("hartree",), "temperature": 0.05, "magnetism": "collinear"}
    model = build_model(sample, attraction=-repulsion, **(settings | given))
    (start,) = bdg.simulation.starts.starts_from({"magnetisation": pattern}, model)
    return model, solved(model, bdg.ScfOptions(1e-11, 500), initial=start.initial)[1]


@pytest.mark.parametrize(
    ("lattice", "size", "pattern", "given"),
    [
        ("triangular", (4, 4), lambda x, y: 0.5 * (-1.0) ** np.round(y / np.sqrt(0.75)), {}),
        ("triangular", (3, 3), "random", {}),
        ("triangular", (3, 3), "random", {"filling": 0.9}),
        ("square", (4, 4), "staggered", {"zeeman": [0, 0, 0.3]}),
    ],
    ids=["stripe", "three sublattices", "doped", "spin flop"],
)
def test_spins_of_a_collinear_magnet_that_would_turn_make_it_a_saddle(lattice, size, pattern, given):
    """Its λ is that of the same state where spins may turn; and going down there lowers the energy."""
    model, state = magnet(lattice, size, 8.0, pattern, **given)
    found = measure(state, "stability", count=2)
    assert float(found["largest_eigenvalue"]) > 1 + 1e-4
    assert not found["is_minimum"]
    free = dataclasses.replace(model, magnetism="noncollinear")
    fields = dataclasses.replace(state.fields, exchange=np.zeros(model.sample.n_sites))
    again = State(free, fields, NambuAssembler(free).matrix(fields), SOLVER)
    other = measure(again, "stability", count=2)
    assert float(other["largest_eigenvalue"]) == pytest.approx(float(found["largest_eigenvalue"]), abs=1e-5)
    before = bdg.solve(model, initial=state.fields, observables=OMEGA, solver=SOLVER)
    after = bdg.solve(free, initial=[fields, "normal"], observables=OMEGA, solver=SOLVER)
    assert float(after["free_energy"]) < float(before["free_energy"]) - 1e-4
    pair = bdg.solve(model, initial=[state.fields, state.fields], observables=OMEGA, solver=SOLVER)
    assert pair.starts[0].is_saddle
    assert "let spins turn" in pair.warnings[0]


@pytest.mark.parametrize(
    ("lattice", "size", "repulsion"), [("square", (4, 4), 4.0), ("honeycomb", (2, 2), 5.0), ("chain", 6, 3.0)]
)
def test_turning_all_spins_of_an_antiferromagnet_costs_nothing_and_is_left_out(lattice, size, repulsion):
    model, state = magnet(lattice, size, repulsion, "staggered")
    found = observable_named("stability")(state)
    assert bool(found["is_minimum"].values)
    assert float(found["largest_eigenvalue"]) < 0.99
    assert found["largest_eigenvalue"].attributes["spin_rotations_projected_out"] == 2
    opened, fields = unrestricted(model, state.fields)
    jacobian = Jacobian(opened, SOLVER, fields, 0.1)
    for turned in jacobian.spin_rotations():
        np.testing.assert_allclose(jacobian.product(turned), turned, atol=1e-6 * np.abs(turned).max())


def test_spins_that_are_alike_are_not_let_turn():
    model = build_model(
        bdg.build_sample("square", (4, 4), "periodic"), attraction=2.0, filling=0.8, temperature=0.1
    )
    state = solved(model)[1]
    assert unrestricted(model, state.fields) == (model, state.fields)

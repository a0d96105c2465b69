"""Starts that break symmetries: charge order, time reversal, pairs that wind; and what turns a magnet."""

import numpy as np
import pytest

import bdg
from bdg.errors import ConfigError
from bdg.model import build_model
from bdg.scf import density_of, initial_fields
from tests.physics.test_saddles import OMEGA, SOLVER, THREE_BANDS, TWO_ORBITALS, bands, solve, triangular

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
    uniform = float(solve(model)["free_energy"])
    ordered = bdg.solve(
        model, initial={"density": "staggered"}, observables=("density", *OMEGA), solver=SOLVER
    )
    assert ordered.status == "converged"
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
        result, _ = bdg.run_file("run.yaml", [f"scf.initial={{density: {given}}}", f"output={number}.h5"])
        assert np.ptp(result["density"].values) > 0.5
    region = "[{region: {rectangle: {size: [1, 1]}}, value: 1.5}]"
    result, _ = bdg.run_file("run.yaml", [f"scf.initial={{density: {region}}}", "output=region.h5"])
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
    start = bdg.starts.starts_from(
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

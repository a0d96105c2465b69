"""The normal state below T_c, and other saddles: a loop that is led there by symmetry goes on."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

import bdg
from bdg.errors import InputError
from bdg.gauge import UniformField
from bdg.model import Fields
from bdg.scf import initial_fields, self_consistency
from bdg.simulation.hooks import Hooks
from bdg.simulation.progress import Console
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.store import summary
from tests import reference as ref
from tests.store.made_up import differences
from tests.support.saddles import (
    ATTRACTION,
    MU,
    SIZE,
    SOLVER,
    THREE_BANDS,
    TWO_ORBITALS,
    bands,
    solve,
    triangular,
)


def torus(temperature=0.05, size=SIZE, **given):
    sample = bdg.build_sample("square", size, "periodic")
    settings = {"chemical_potential": MU, "attraction": ATTRACTION}
    return bdg.build_model(sample, temperature=temperature, **(settings | given))


def left(history):
    return [turn.saddle for turn in history if turn.saddle]


NOTHING = Fields(np.zeros(48), np.zeros((2, 48)), MU)


@pytest.mark.parametrize("solver", [SOLVER, SelectedInversion(threads=1)], ids=lambda s: s.name)
@pytest.mark.parametrize(
    "start",
    [
        {"delta": 1e-9},
        {"delta": 0.0},
        {"delta": lambda x, y: 1e-10 * (-1.0) ** (x + y)},
        NOTHING,
        replace(NOTHING, delta=np.full(48, 1e-13j)),
    ],
    ids=["below the tolerance", "zero", "staggered", "fields", "complex"],
)
def test_the_normal_state_below_the_critical_temperature_is_left(start, solver):
    """The λ that is reported is U χ of the normal state, and the end is where ``uniform`` ends."""
    model = torus()
    found, expected = (solve(model, initial=initial, solver=solver) for initial in (start, "uniform"))
    exact = ATTRACTION * ref.pair_susceptibility(ref.band(SIZE), MU, 0.0, 0.05)
    assert found.status == expected.status == "converged"
    assert found.left_saddle == pytest.approx(exact, abs=1e-3)
    assert expected.left_saddle == 0
    assert float(found["grand_potential"]) == pytest.approx(float(expected["grand_potential"]), abs=1e-8)
    np.testing.assert_allclose(np.abs(found.fields.delta), expected.fields.delta, atol=1e-6)


def test_a_series_that_cools_through_the_critical_temperature_finds_the_superconductor():
    """Also at a filling, with Hartree fields; and above T_c a warm start costs a few evaluations alone."""
    critical = ref.critical_temperature(SIZE, ATTRACTION, mu=MU)
    for given in ({}, {"filling": 0.8, "chemical_potential": None, "fields": ("pairing", "hartree")}):
        before = solve(torus(1.5 * critical, **given))
        assert not before.left_saddle
        assert np.abs(before.fields.delta).max() < 1e-6
        again = solve(torus(1.4 * critical, **given), initial=before)
        assert not again.left_saddle
        for share in (0.5, 0.4):
            before = solve(torus(share * critical, **given), initial=before)
            fresh = solve(torus(share * critical, **given))
            assert bool(before.left_saddle) == (share == 0.5)
            assert len(before.history) < 25  # and not the 60 in which they would grow by themselves
            np.testing.assert_allclose(before.fields.delta, fresh.fields.delta, atol=1e-6)


def test_above_the_critical_temperature_the_normal_state_costs_few_evaluations():
    class Counting:
        name = "counting"
        calls = 0

        def correlations(self, *arguments, **options):
            self.calls += 1
            return SOLVER.correlations(*arguments, **options)

    for model, most in (
        (torus(0.6), 12),
        (torus(0.05, attraction=0.0), 1),
        (torus(0.05, attraction=-2.0), 1),
    ):
        solver = Counting()
        outcome = self_consistency(model, solver, initial=NOTHING)
        assert outcome.status == "converged"
        assert not outcome.fields.delta.any()
        assert solver.calls <= most
    solver = Counting()
    outcome = self_consistency(torus(), solver)  # of one sign everywhere: nothing is looked for
    assert solver.calls <= len(outcome.history) + 1


def test_the_normal_state_that_is_asked_for_stays():
    model = torus()
    assert not solve(model, initial="normal").fields.delta.any()
    plain = bdg.ScfOptions(leave_saddles=False)
    assert not solve(model, initial=NOTHING, scf=plain).fields.delta.any()


def test_a_small_order_parameter_is_no_normal_state():
    """Below the root of the tolerance, and yet what the equations say."""
    model = torus(attraction=ATTRACTION)
    critical = ref.critical_temperature(SIZE, ATTRACTION, mu=MU)
    loose = bdg.ScfOptions(tolerance=1e-2)  # whose root is 0.1
    near = replace(model, temperature=0.995 * critical)
    exact = solve(near, scf=bdg.ScfOptions(tolerance=1e-10))
    assert 1e-3 < exact.fields.delta[0] < 0.1
    kept = solve(near, initial=exact, scf=loose)
    assert not kept.left_saddle
    np.testing.assert_allclose(kept.fields.delta, exact.fields.delta, atol=1e-3)


def test_a_vortex_that_does_not_fit_its_cell_goes_on_to_the_vortex_lattice():
    """Its pairs die away where the phases of the field wind against its own."""
    sample = bdg.build_sample("square", [8, 8], "periodic")
    model = bdg.build_model(
        sample,
        chemical_potential=MU,
        attraction=3.0,
        temperature=0.3,
        vector_potential=bdg.VortexLattice(2, "square"),
    )
    anti = Fields(1e-3 * np.conj(initial_fields(model, "vortex").delta), np.zeros((2, 64)), MU)
    found, again = (
        solve(model, initial=start) for start in (anti, Fields(np.zeros(64), np.zeros((2, 64)), MU))
    )
    best = solve(model)
    assert again.left_saddle > 1
    for one in (found, again):
        assert one.status == "converged"
        assert np.abs(one.fields.delta).max() > 0.1
        assert float(one["grand_potential"]) == pytest.approx(float(best["grand_potential"]), abs=1e-6)


@pytest.mark.parametrize(
    ("hopped", "attraction"),
    [(2.0, 1.0), (1.5, 1.5), (2.5, 0.0), (1.0, 1.001)],
    ids=["s±", "balanced", "J′", "near"],
)
def test_equal_signs_in_two_bands_that_want_opposite_ones_are_left(hopped, attraction):
    """λ of equal signs is (U − J′)χ, of opposite ones (U + J′)χ."""
    model = bands(TWO_ORBITALS, hopped, attraction)
    found = solve(model)
    chi = ref.pair_susceptibility(ref.band((4, 4)), MU, 0.0, 0.05)
    assert found.status == "converged"
    assert found.left_saddle == pytest.approx((attraction + hopped) * chi, abs=1e-3)
    delta = found.fields.delta.reshape(-1, 2)
    np.testing.assert_allclose(delta[:, 0], -delta[:, 1], atol=1e-7)
    by_hand = solve(model, initial={"delta": delta.ravel()})
    assert float(found["grand_potential"]) == pytest.approx(float(by_hand["grand_potential"]), abs=1e-8)


def test_three_bands_go_on_to_phases_of_120_degrees():
    """Equal signs lead to nothing, that to two bands with opposite signs, that to the triangle."""
    model = bands(THREE_BANDS, 1.5, 1.0)
    found = solve(model)
    assert found.status == "converged"
    assert len(left(found.history)) == 2
    delta = found.fields.delta.reshape(-1, 3)
    np.testing.assert_allclose(np.abs(delta), np.abs(delta).mean(), atol=1e-6)
    np.testing.assert_allclose(delta.sum(axis=1), 0.0, atol=1e-6)


def test_real_d_waves_on_the_triangular_lattice_go_on_to_d_plus_id():
    """From no symmetry by name; one that is given by name is kept and called a saddle."""
    best = solve(triangular(), initial={"d_id": 0.3})
    found = solve(triangular())
    assert found.status == "converged"
    assert found.left_saddle == pytest.approx(1.1368, abs=2e-3)
    assert float(found["grand_potential"]) == pytest.approx(float(best["grand_potential"]), abs=1e-8)
    kept = solve(triangular(), initial={"d_x2_y2": 0.3})
    assert kept.status == "converged"
    assert not kept.left_saddle
    assert float(kept["grand_potential"]) > float(best["grand_potential"]) + 0.01
    (line,) = kept.warnings
    assert line.startswith("the state is a saddle: a deviation grows by λ = 1.136")
    assert best.warnings == found.warnings == ()


def test_a_search_that_ends_at_a_saddle_goes_on_from_it():
    """Also where each start is a symmetry by name; the saddle is called so in the ranking."""
    found = solve(triangular(), initial=[{"d_x2_y2": 0.3}, {"s_extended": 0.3}])
    best = solve(triangular(), initial={"d_id": 0.3})
    assert [start.name for start in found.starts] == ["d_x2_y2", "s_extended"]
    assert found.starts[0].history[-1].saddle == pytest.approx(1.1368, abs=2e-3)
    assert found.left_saddle == found.starts[0].history[-1].saddle
    assert found.warnings == ()
    assert float(found["grand_potential"]) == pytest.approx(float(best["grand_potential"]), abs=1e-8)
    assert float(found["grand_potential"]) < float(found.starts[0].energy) - 0.01


CONFIG = """
lattice: {kind: triangular, size: [6, 6], boundary: periodic}
hamiltonian: {chemical_potential: 0.3}
interaction: {bonds: [{shell: 1, value: 2.0}]}
temperature: 0.02
scf: {initial: START}
output: run.h5
"""


@pytest.mark.parametrize("start", ["uniform", "{delta: 0}", "[{d_x2_y2: 0.3}, {s_extended: 0.3}]"])
def test_stopped_anywhere_on_the_way_and_resumed_is_as_if_nothing_had_happened(tmp_path, monkeypatch, start):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.yaml").write_text(CONFIG.replace("START", start))
    iterations = []
    whole = bdg.run_file("run.yaml", ["output=whole.h5"], hooks=Hooks(after_iteration=iterations.append))
    assert whole.left_saddle > 1
    at = next((number for number, one in enumerate(iterations, 1) if one.saddle), len(iterations) - 4)
    for number in (at, at + 1) if start[0] != "[" else (at,):
        made = []
        hooks = Hooks(after_iteration=made.append, stop=lambda: len(made) >= number)  # noqa: B023
        stopped = bdg.run_file("run.yaml", [f"output={number}.h5"], hooks=hooks)
        path = stopped.path
        assert stopped.status == "stopped"
        result = bdg.resume_file(path)
        assert differences(whole.history, result.history) == []
        assert differences(whole.fields, result.fields) == []
        assert differences(whole.starts, result.starts) == []


def test_a_saddle_that_was_left_is_in_the_file_and_in_the_log(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.yaml").write_text(CONFIG.replace("START", "{delta: 0}"))
    with Console() as console:
        result = bdg.run_file("run.yaml", hooks=Hooks(console.iteration, stage=console.stage))
        path = result.path
    assert "a saddle: deviations grow by λ = " in capsys.readouterr().out
    again = bdg.load(path)
    assert again.left_saddle == result.left_saddle > 1
    assert f"left a saddle with λ = {result.left_saddle:.6g}" in summary(path)
    assert f"left a saddle with λ = {result.left_saddle:.6g}" in repr(again)
    kept = bdg.run_file("run.yaml", ["scf.initial={d_x2_y2: 0.3}", "output=kept.h5"])
    path = kept.path
    assert "warning: the state is a saddle" in summary(path)
    plain = bdg.run_file("run.yaml", ["scf.leave_saddles=false", "output=plain.h5"])
    assert not plain.fields.bond_delta.any() or plain.left_saddle == 0
    assert kept.warnings


@pytest.mark.parametrize(
    ("lattice", "symmetry", "channel", "words"),
    [
        ("square", "d_xy", "singlet", "vanishes .* those of shell 2 or 4 or 5"),
        ("square", "p_z", "triplet_z", "all other shells"),
        ("chain", "p_y", "triplet_z", "all other shells"),
        ("cubic", "d_xy", "singlet", "those of shell 2"),
        ("triangular", "p_z", "triplet", "all other shells"),
    ],
)
def test_a_symmetry_that_the_bonds_do_not_have_is_refused_with_the_shells_that_do(
    lattice, symmetry, channel, words
):
    """As a start, as the symmetry of a channel, and as given pairs."""
    size = {"chain": 6, "cubic": (4, 4, 4)}.get(lattice, (6, 6))
    sample = bdg.build_sample(lattice, size, "periodic")
    model = bdg.build_model(sample, bond_attraction=1.0, channels=channel, temperature=0.1)
    with pytest.raises(InputError, match=words):
        solve(model, initial={symmetry: 0.3})
    with pytest.raises(InputError, match=words):
        bdg.build_model(sample, bond_attraction=1.0, channels=symmetry)
    with pytest.raises(InputError, match=words):
        bdg.build_model(sample, fields=(), given_bonds={symmetry: 0.3})


def test_the_shell_that_is_named_has_the_symmetry():
    sample = bdg.build_sample("square", (6, 6), "periodic", shells=2)
    model = bdg.build_model(sample, bond_attraction=[0.0, 4.0], chemical_potential=-1.0, temperature=0.05)
    assert np.abs(solve(model, initial={"d_xy": 0.3}).fields.bond_delta).max() > 0.01


@pytest.mark.parametrize("share", [0.99, 0.9])
def test_in_a_field_the_normal_state_is_left_along_modes_of_another_symmetry_than_the_start(share):
    """Uniform pairs have next to nothing of the vortices that grow: λ − 1 is 0.4 % at 0.99 T_c."""
    terms = {"attraction": 2.5, "chemical_potential": -0.5, "vector_potential": UniformField(0.1)}
    model = bdg.build_model(bdg.build_sample("square", (9, 8)), temperature=share * 0.3140888, **terms)
    outcome = self_consistency(model, SOLVER, bdg.ScfOptions(tolerance=1e-7))
    assert outcome.status == "converged"
    assert outcome.fields.moduli.max() > 0.1


@pytest.mark.parametrize("lower", [0.3, 0.6])
def test_pairs_of_one_sign_across_a_ferromagnet_are_left_where_the_other_sign_is_lower(lower):
    """S–F–S: the loop ends in the lower one of 0 and π; a 0 state that was named is said to be a saddle."""
    sample = bdg.build_sample("chain", 44)
    inside = (sample.positions[:, 0] >= 20) & (sample.positions[:, 0] < 24)
    model = bdg.build_model(
        sample, chemical_potential=-0.5, attraction=np.where(inside, 0.0, 2.0),
        zeeman=[0.0, 0.0, np.where(inside, lower, 0.0)], temperature=0.02,
    )  # fmt: skip
    other = np.where(sample.positions[:, 0] < 21.5, 0.4, -0.4)
    starts = ("uniform", {"delta": 0.4}, {"delta": other})
    found, zero, pi = (bdg.solve(model, initial=start, observables=["grand_potential"]) for start in starts)
    assert [one.status for one in (found, zero, pi)] == ["converged"] * 3
    energies = [float(one["grand_potential"].values) for one in (found, zero, pi)]
    assert energies[0] == pytest.approx(min(energies), abs=1e-7)
    is_pi = np.sign(found.fields.delta[2].real * found.fields.delta[-3].real) < 0
    assert is_pi == (energies[2] < energies[1]) == (lower > 0.5)
    assert any("saddle" in warning for warning in zero.warnings) == (lower > 0.5)


@pytest.mark.parametrize("size", [(8, 8), (4, 4), (6, 10)])
@pytest.mark.parametrize("solver", ["auto", "diagonalization"])
def test_levels_at_zero_energy_at_zero_temperature_pair_at_once(size, solver):
    """Half filling of a torus: the response to pairs is infinite there, and no linear map has a mode."""
    model = torus(0.0, size, chemical_potential=0.0, attraction=2.0)
    empty = Fields(np.zeros(model.sample.n_sites), np.zeros((2, model.sample.n_sites)), 0.0)
    result = bdg.solve(model, initial=empty, observables=(), solver=solver)
    band = ref.band(size).energy

    def missing(delta):
        return float(np.mean(0.5 / np.hypot(band, delta))) * 2.0 - 1.0

    assert result.status == "converged"
    assert left(result.history)
    np.testing.assert_allclose(np.abs(result.fields.delta), brentq(missing, 1e-3, 2.0), atol=1e-7)


def test_pairs_that_do_not_respond_are_no_saddle():
    sample = bdg.build_sample("chain", 1)
    model = bdg.build_model(sample, attraction=-1.0, temperature=0.0, fields=["hartree"])
    assert bdg.solve(model, observables=()).status == "converged"

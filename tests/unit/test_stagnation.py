"""Loops that get nowhere are noticed, helped where that is possible, and reported where it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import bdg
from bdg.cli import app
from bdg.fixed_point import MIXERS, make_mixer
from bdg.scf import ScfOptions, self_consistency, stagnation
from bdg.scf.history import Iteration
from bdg.scf.remarks import warnings_of
from bdg.scf.stagnation import Stagnation, described, has_stalled, period_of
from bdg.solvers.diagonalization import Diagonalization


def history(residuals, means=None, mus=None):
    means = np.zeros(len(residuals)) if means is None else means
    mus = np.zeros(len(residuals)) if mus is None else mus
    rows = zip(residuals, means, mus, strict=True)
    return [Iteration(n, r, 0.5 * r, 0.0, mean, mu) for n, (r, mean, mu) in enumerate(rows, 1)]


def repulsive(u, temperature=0.02, **changes):
    """Hartree repulsion: density sloshes, the more the stronger it is."""
    common = {"fields": ("hartree",), "filling": 0.9, "disorder": bdg.Disorder(1.0, 1)}
    sample = bdg.build_sample("square", (4, 3), "periodic")
    return bdg.build_model(sample, attraction=-u, temperature=temperature, **(common | changes))


@pytest.mark.parametrize("period", range(2, 13))
def test_a_cycle_is_found_with_its_period(period):
    rng = np.random.default_rng(period)
    pattern = rng.uniform(0.5, 1.0, period)
    residuals = np.concatenate([np.geomspace(10, 1.5, 9), np.resize(pattern, 4 * period + 12)])
    assert period_of(history(residuals)) == period
    assert f"limit cycle of period {period}, amplitude {pattern.max():.1e} t" in described(history(residuals))


@pytest.mark.parametrize("column", ["means", "mus"])
def test_a_cycle_shows_in_any_column(column):
    ones = np.ones(30)
    assert period_of(history(ones)) == 0
    assert period_of(history(ones, **{column: np.resize([0.1, -0.1], 30)})) == 2
    assert period_of(history(ones, **{column: np.resize([0.1, 0.3, -0.1], 30)})) == 3


@pytest.mark.parametrize("ratio", [0.3, 0.9, 0.97, -0.9])
def test_what_converges_however_slowly_is_left_alone(ratio):
    fine = history(np.abs(ratio) ** np.arange(150), means=float(ratio) ** np.arange(150))
    mixer = make_mixer("linear", 0.7, 1)
    watch = Stagnation(mixer)
    for iteration in fine:
        watch.watch(iteration)
    assert mixer.damping == 0.7
    assert described(fine) == ""


def test_a_residual_that_falls_no_more_is_restarted_then_damped_and_then_left():
    noise = np.linspace(1.0, 2.0, 600)
    mixer, dampings = make_mixer("anderson", 0.8, 4), []
    watch = Stagnation(mixer)
    for iteration in history(noise):
        watch.watch(iteration)
        dampings.append(mixer.damping)
        assert (mixer.state() == {}) == (iteration.iteration in (1, 60, 120, 180, 240, 300))
        mixer.step(np.zeros(3), np.full(3, iteration.residual))
    assert sorted(set(dampings), reverse=True) == [0.8 / 2**n for n in range(5)]
    assert dampings[59] == 0.8  # the first time its memory goes, the damping stays
    text = described(history(noise))
    assert text.startswith(f"the residual stagnates: its least was {noise.min():.1e} t, in iteration")
    assert "the mixer was restarted and its damping divided by 16" in text


def test_leaving_a_saddle_begins_anew():
    stuck = history(np.ones(59))
    assert has_stalled([*stuck, stuck[0]])
    mixer = make_mixer("anderson", 0.7, 4)
    watch = Stagnation(mixer, [*stuck, replace(stuck[0], saddle=1.2), *stuck[1:]])
    mixer.step(np.zeros(3), np.ones(3))
    watch.watch(stuck[0])
    assert mixer.state()
    watch.watch(stuck[0])
    assert not mixer.state()


SETTINGS = [("linear", 8, 0.02), ("linear", 12, 0.02), ("linear", 12, 0.2)]


@pytest.mark.parametrize(("mixer", "u", "temperature"), SETTINGS)
def test_a_cycle_of_real_fields_is_ended(mixer, u, temperature):
    """The full step overshoots: without help these loops run in circles for ever."""
    options = ScfOptions(mixer=mixer, damping=1.0, max_iterations=400)
    outcome = self_consistency(repulsive(u, temperature), Diagonalization(), options)
    assert outcome.status == "converged"
    assert warnings_of(outcome.history, outcome.status, options.tolerance) == ()
    best = self_consistency(repulsive(u, temperature), Diagonalization())
    np.testing.assert_allclose(outcome.fields.hartree, best.fields.hartree, atol=1e-6)


def test_without_help_they_run_in_circles(monkeypatch):
    monkeypatch.setattr(stagnation, "HALVINGS", -1)
    found = []
    for mixer, u, temperature in SETTINGS:
        options = ScfOptions(mixer=mixer, damping=1.0, max_iterations=60)
        outcome = self_consistency(repulsive(u, temperature), Diagonalization(), options)
        found += warnings_of(outcome.history, outcome.status, options.tolerance)
    assert any(line.startswith("limit cycle of period") for line in found)


@pytest.mark.parametrize("after", [20, 45, 50])
def test_a_resumed_loop_does_what_the_unbroken_one_does(after):
    model, options = repulsive(12), ScfOptions(mixer="linear", damping=1.0, max_iterations=200)
    whole = self_consistency(model, Diagonalization(), options)
    assert len(whole.history) > after
    part = self_consistency(
        model,
        Diagonalization(),
        options,
        after_iteration=lambda iteration, take: iteration.iteration == after,
    )
    rest = self_consistency(model, Diagonalization(), options, resume=part.snapshot)
    assert rest.history == whole.history
    np.testing.assert_array_equal(rest.fields.hartree, whole.fields.hartree)


@pytest.mark.parametrize("mixer", MIXERS)
def test_what_cannot_converge_ends_with_exit_3_and_says_why(tmp_path, monkeypatch, mixer):
    """At T = 0 the density of a few levels jumps with the field: there is no fixed point."""
    monkeypatch.chdir(tmp_path)
    Path("jump.yaml").write_text(f"""
lattice: {{kind: square, size: [4, 3], boundary: periodic}}
hamiltonian: {{chemical_potential: -0.5, disorder: {{distribution: uniform, width: 1.0, seed: 1}}}}
interaction: {{onsite: -12, fields: [hartree]}}
temperature: 0
scf: {{mixer: {mixer}, damping: 1.0, max_iterations: 150}}
output: jump.h5
""")
    ended = CliRunner().invoke(app, ["run", "jump.yaml"])
    assert getattr(ended.exception, "exit_code", None) == 3
    assert any(word in ended.stderr for word in ("limit cycle of period", "stagnate"))
    told = CliRunner().invoke(app, ["info", "jump.h5"]).stdout
    assert "not converged after 150 iterations" in told
    assert any(line.startswith("warning: ") and "mixer was restarted" in line for line in told.splitlines())


def test_a_solver_less_accurate_than_the_tolerance_is_named():
    last = replace(history([1e-9])[0], solver_error=3e-7)
    (line,) = warnings_of((last,), "converged", 1e-8)
    assert line.startswith("the solver is accurate to 3.0e-07 t only")
    assert warnings_of((replace(last, solver_error=3e-9),), "converged", 1e-8) == ()


def test_the_error_of_the_solver_is_in_the_history():
    result = bdg.solve(repulsive(2), observables=())
    errors = [iteration.solver_error for iteration in result.history]
    assert 0 < errors[-1] < 1e-9
    assert all(np.isfinite(errors))

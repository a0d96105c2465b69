"""Experiments are stopped, killed and resumed with no loop made twice; loops run as the user said."""

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

import bdg
from bdg.errors import RunStoppedError
from bdg.experiments import loop
from bdg.experiments.follow import Branch
from bdg.experiments.josephson import facing
from bdg.scf.loop import Outcome
from tests.support.experiments import experiments

LONG = ("persistent_current", "squid", "fraunhofer", "bkt_temperature")
"""Those with many loops, of which the largest current is looked for between points."""

NO_LIST = ("bkt_temperature", "xy_model", "phase_slip", "critical_temperature", "condensation_energy")
"""Those that are a search as a whole, or one loop."""

EVERY = tuple(experiments().values())


def each(*, long=(), only=()):
    """Every experiment, or some, those that take long marked as slow."""
    some = (one for one in EVERY if not only or one.name in only)
    return [pytest.param(one, id=one.name, marks=[pytest.mark.slow] * (one.name in long)) for one in some]


@pytest.fixture(params=each(long=LONG))
def folder(request, tmp_path, monkeypatch):
    return laid(request.param, tmp_path, monkeypatch)


@pytest.fixture(params=each())
def every(request, tmp_path, monkeypatch):
    return laid(request.param, tmp_path, monkeypatch)


def laid(experiment, tmp_path, monkeypatch):
    """A folder with the configuration of an experiment."""
    monkeypatch.chdir(tmp_path)
    Path("run.yaml").write_text(experiment.text)
    return experiment


@pytest.fixture
def loops(monkeypatch):
    """The options of each loop that an observable runs."""
    made, run = [], loop.self_consistency

    def noted(model, solver, options, **given):
        made.append(options)
        return run(model, solver, options, **given)

    monkeypatch.setattr(loop, "self_consistency", noted)
    return made


def numbers(result):
    return {name: quantity.values for name, quantity in result.observables.popitem()[1].items()}


def same(one, other):
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name])


def test_a_stopped_experiment_goes_on_where_it_was(folder, loops, monkeypatch):
    whole = numbers(bdg.run_file("run.yaml", ["output=whole.h5"]))
    count = len(loops)
    loops.clear()
    hooks = bdg.Hooks(interrupt=lambda: len(loops) > count // 2)
    with pytest.raises(RunStoppedError):
        bdg.run_file("run.yaml", hooks=hooks)
    before = len(loops)
    loops.clear()
    same(numbers(bdg.resume_file("run.h5")), whole)
    assert before + len(loops) in (count, count + 1)  # the one that was stopped


KILLED = """
import os, signal, bdg
from bdg.experiments import loop
run, made = loop.self_consistency, []
def noted(*given, **named):
    made.append(1)
    if len(made) > {at}:
        os.kill(os.getpid(), signal.SIGKILL)
    return run(*given, **named)
loop.self_consistency = noted
bdg.run_file("run.yaml")
"""


def test_a_killed_experiment_goes_on_where_it_was(folder, loops):
    whole = numbers(bdg.run_file("run.yaml", ["output=whole.h5"]))
    count = len(loops)
    loops.clear()
    at = 2 * count // 3
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED.format(at=at))], env=os.environ)
    assert ended.returncode == -signal.SIGKILL
    same(numbers(bdg.resume_file("run.h5")), whole)
    assert len(loops) == count - at


OPTIONS = ["scf.mixer=pulay", "scf.damping=0.7", "scf.history=4", "scf.max_iterations=77"]
OPTIONS += ["scf.checkpoint=1000"]


def as_it_is(model, solver, options, *, initial, **given):
    """A loop that finds its start."""
    return Outcome(initial, None, (), "converged", None)


def test_the_options_of_the_run_reach_every_loop(every, monkeypatch):
    made = []

    def noted(model, solver, options, **given):
        made.append(options)
        return as_it_is(model, solver, options, **given)

    monkeypatch.setattr(loop, "self_consistency", noted)
    bdg.run_file("run.yaml", [*OPTIONS, "scf.tolerance=1e-7"])
    assert made
    assert {(o.mixer, o.damping, o.history, o.max_iterations) for o in made} == {("pulay", 0.7, 4, 77)}
    relaxed = {"condensation_energy": {1e-9}, "critical_temperature": {1e-6, 1e-9}}  # roughly, far from T_c
    assert {round(o.tolerance, 12) for o in made} == relaxed.get(every.name, {1e-7})


def test_the_options_of_the_run_reach_pairs_across_the_cut_of_semi_infinite_leads(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made, run = [], facing.make_mixer

    def noted(*options):
        made.append(options)
        return run(*options)

    monkeypatch.setattr(facing, "make_mixer", noted)
    Path("run.yaml").write_text(experiments()["current_phase"].model_text)
    pairs = "interaction.bonds=[{shell: 1, value: 1.5}]"
    phases = "observables.current_phase={num: 2, stop: 0.3, leads: semi_infinite}"
    result = bdg.run_file("run.yaml", [*OPTIONS, pairs, phases, "interaction.onsite=0"])
    assert made
    assert set(made) == {("pulay", 0.7, 4)}
    assert np.isfinite(result["junction_current"].values).all()
    few = ["scf.tolerance=1e-300", "scf.max_iterations=9"]
    none = bdg.run_file("run.yaml", [pairs, phases, "interaction.onsite=0", "output=none.h5", *few])
    line = "current_phase failed: no state at φ = 0π: not converged after 9 iterations, residual"
    assert any(one.startswith(line) for one in none.warnings)


def test_progress_says_which_point_of_how_many(folder):
    told = []
    bdg.run_file("run.yaml", hooks=bdg.Hooks(progress=lambda *one: told.append(one)))
    points = [(done, total) for part, done, total in told if part == "points"]
    assert len(points) >= 3
    if folder.name in NO_LIST:
        assert {total for _, total in points} == {0}
        return
    lists = [list(some) for _, some in groupby(points, key=lambda one: one[1])]
    for some in lists:
        assert [done for done, _ in some] == sorted(done for done, _ in some)
    *_, listed = (some for some in lists if some[0][1])  # what is looked for between has no number
    assert listed[-1][0] == listed[-1][1] >= 3


VALUES = {
    "magnetisation_curve": 0.03,
    "superflow": 0.03,
    "persistent_current": np.pi,
    "current_phase": np.pi,
    "fraunhofer": 1.5,
    "squid": 1.0,
}
"""The second point of each."""


@pytest.fixture
def failing(monkeypatch):
    """Fields that do not follow where a change has a value."""
    values, reached, run, found = [], set(), loop.self_consistency, Branch._found

    def seen(self, change, *given):
        values.append(change.value)
        try:
            return found(self, change, *given)
        finally:
            values.pop()

    def ended(model, solver, options, **given):
        if reached & set(values):
            options = replace(options, max_iterations=1, tolerance=1e-300)
        return run(model, solver, options, **given)

    monkeypatch.setattr(Branch, "_found", seen)
    monkeypatch.setattr(loop, "self_consistency", ended)
    return reached


@pytest.mark.parametrize("folder", each(long=("fraunhofer", "squid"), only=VALUES), indirect=True)
def test_a_point_without_a_state_is_nan_with_its_place_and_the_reason(folder, failing):
    failing.add(VALUES[folder.name])
    said = []
    result = bdg.run_file("run.yaml", hooks=bdg.Hooks(stage=said.append))
    (quantities,) = result.observables.values()
    lacking = {name: one for name, one in quantities.items() if "no_state" in one.attributes}
    assert lacking
    for one in lacking.values():
        text = one.attributes["no_state"]
        assert f"{VALUES[folder.name] / np.pi:.3g}π" in text or f"= {VALUES[folder.name]:.6g}" in text
        assert "not converged after 1 iterations, residual" in text
        if one.values.ndim == 1:
            assert np.isnan(one.values).tolist() == [False, True, False]
    assert any(line.startswith("no state at ") for line in said)
    assert sum("no state at " in line for line in result.warnings) >= 1
    assert "no state at " in bdg.store.summary("run.h5")


def test_a_search_that_finds_no_state_says_where(tmp_path, monkeypatch, failing):
    one = laid(experiments()["bkt_temperature"], tmp_path, monkeypatch)
    failing.add(one.model.temperature)
    result = bdg.run_file("run.yaml")
    (line,) = (line for line in result.warnings if line.startswith("bkt_temperature failed"))
    assert "no state at T = " in line
    assert "not converged after 1 iterations" in line


def test_a_branch_that_ends_is_not_followed_further(tmp_path, monkeypatch):
    laid(experiments()["superflow"], tmp_path, monkeypatch)
    wanted = "observables.superflow={stop: 3.0, num: 13}"
    current = bdg.run_file("run.yaml", [wanted])["superflow_current"]
    lost = np.isnan(current.values)
    first = int(np.argmax(lost))
    assert 0 < first < 11
    assert lost[first:].all()
    assert current.attributes["no_state"].endswith(f"; the {13 - first - 2} beyond not tried")


def test_a_point_of_another_model_is_not_taken_for_this_one():
    """Also where the fields are given, and so the same."""
    sample = bdg.build_sample("square", [4, 3], "periodic")
    common = {"given_delta": 0.3, "fields": (), "chemical_potential": -0.4, "temperature": 0.1}
    changes = (
        {},
        {"hopping": 1.1},
        {"onsite": 0.2},
        {"chemical_potential": -0.5},
        {"zeeman": 0.1},
        {"temperature": 0.2},
        {"disorder": bdg.Disorder(1.0, 1)},
        {"disorder": bdg.Disorder(1.0, 2)},
        {"vector_potential": [0.1, 0.0]},
        {"given_delta": 0.4},
    )
    models = [bdg.build_model(sample, **(common | change)) for change in changes]
    names = [bdg.solve(model, observables=()).state().fingerprint for model in models]
    assert len(set(names)) == len(changes)
    again = bdg.build_model(bdg.build_sample("square", [4, 3], "periodic"), **common)
    assert bdg.solve(again, observables=()).state().fingerprint == names[0]

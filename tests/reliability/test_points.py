"""Experiments are stopped, killed and resumed with no loop made twice; loops run as the user said."""

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import bdg
from bdg.errors import Stopped
from bdg.observables.response import vector_potential as response

RING = """
lattice: {kind: square, size: [6, 1], boundary: [periodic, open]}
hamiltonian: {chemical_potential: -0.4}
interaction: {onsite: 2.5}
temperature: 0.05
scf: {tolerance: 1.0e-8, checkpoint: 0}
solver: {method: diagonalization}
output: run.h5
"""
JUNCTION = """
lattice: {kind: square, size: [5, 2], boundary: open}
hamiltonian: {chemical_potential: -0.5, onsite: 1 if x == 2 else 0}
interaction: {onsite: 2.5}
temperature: 0.05
scf: {tolerance: 1.0e-8, checkpoint: 0}
solver: {method: diagonalization}
output: run.h5
"""
CYLINDER = """
lattice: {kind: square, size: [5, 5]}
field: {applied: 0.0, gauge: symmetric, screening: {mu0: 0.3, geometry: cylinder}}
hamiltonian: {chemical_potential: -0.5}
interaction: {onsite: 2.5}
temperature: 0.05
scf: {tolerance: 1.0e-8, checkpoint: 0}
solver: {method: diagonalization}
output: run.h5
"""
EXPERIMENTS = {
    "magnetisation_curve": (CYLINDER, "magnetisation_curve: {stop: 0.05, num: 4}"),
    "superflow": (RING, "superflow: {stop: 0.1, num: 4}"),
    "persistent_current": (RING, "persistent_current: {num: 5}"),
    "fraunhofer": (JUNCTION, "fraunhofer: {stop: 0.5, num: 3, phases: 3, leads: 1}"),
    "current_phase": (JUNCTION, "current_phase: {stop: 1.0, num: 3, leads: 1}"),
}


LONG = ("persistent_current",)
PARAMS = [
    pytest.param(both, id=name, marks=[pytest.mark.slow] * (name in LONG))
    for name, both in EXPERIMENTS.items()
]


@pytest.fixture(params=PARAMS)
def folder(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text, observable = request.param
    Path("run.yaml").write_text(f"{text}observables:\n  {observable}\n")
    return tmp_path


@pytest.fixture
def loops(monkeypatch):
    """The options of each loop that an observable runs."""
    made, run = [], response.self_consistency

    def noted(model, solver, options, **given):
        made.append(options)
        return run(model, solver, options, **given)

    monkeypatch.setattr(response, "self_consistency", noted)
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
    with pytest.raises(Stopped):
        bdg.run_file("run.yaml", hooks=hooks)
    before = len(loops)
    loops.clear()
    same(numbers(bdg.resume_file("run.h5")), whole)
    assert before + len(loops) in (count, count + 1)  # the one that was stopped


KILLED = """
import os, signal, bdg
from bdg.observables.response import vector_potential as response
run, made = response.self_consistency, []
def noted(*given, **named):
    made.append(1)
    if len(made) > {at}:
        os.kill(os.getpid(), signal.SIGKILL)
    return run(*given, **named)
response.self_consistency = noted
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


def test_the_options_of_the_run_reach_every_loop(folder, loops):
    options = ["scf.mixer=pulay", "scf.damping=0.7", "scf.history=4", "scf.max_iterations=77"]
    bdg.run_file("run.yaml", [*options, "scf.tolerance=1e-10"])
    assert loops
    assert {(o.mixer, o.damping, o.history, o.max_iterations) for o in loops} == {("pulay", 0.7, 4, 77)}
    assert {o.tolerance for o in loops} == {1e-10}


def test_progress_says_which_point_of_how_many(folder):
    told = []
    bdg.run_file("run.yaml", hooks=bdg.Hooks(progress=lambda *one: told.append(one)))
    points = [(done, total) for part, done, total in told if part == "points"]
    assert [done for done, _ in points] == sorted(done for done, _ in points)
    assert points[-1][0] == points[-1][1] >= 3


def test_a_point_without_a_state_is_named_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("run.yaml").write_text(f"{CYLINDER}observables:\n  magnetisation_curve: {{stop: 0.05, num: 3}}\n")
    run, made = response.self_consistency, []

    def failing(model, solver, options, **given):
        made.append(options)
        few = replace(options, max_iterations=1) if len(made) == 2 else options
        return run(model, solver, few, **given)

    monkeypatch.setattr(response, "self_consistency", failing)
    moment = bdg.run_file("run.yaml")["curve_moment"]
    assert len(moment.values) == 1
    assert moment.attributes["no_state"].startswith("at B = 0.025 ħ/(e a²): the fields did not follow")


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

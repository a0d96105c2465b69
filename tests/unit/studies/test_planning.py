"""Points that are added while a study runs: the same ones however it is run, stopped or resumed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.optimize import brentq, minimize_scalar

import bdg
from bdg.config.schema.sweep import Sweep
from bdg.errors import ConfigError, InputError
from bdg.studies.collected.statistics import mean
from bdg.studies.plan.planning import Group, plan_of

PAIR = bdg.build_sample("chain", 2)


def number(state, value):
    """A number that costs nothing."""
    return bdg.observables.Quantity(np.array(float(value)), (), "1", "number")


def result(curve, **values):
    model = bdg.build_model(PAIR, attraction=0.0, temperature=0.1)
    return bdg.solve(model, observables={number: {"value": curve(**values)}}, hooks=bdg.Hooks())


def ran(curve, values, folder, **options):
    """The study of a function, and the numbers of the points that were run."""
    numbers = []

    def watch(progress):
        numbers.append(progress.latest.point)

    options = {"executor": "serial"} | options
    study = bdg.sweep(partial(result, curve), values, folder=folder, watch=watch, **options)
    return study, numbers


def rows(study):
    return [(*point.values.values(), point.branch) for point in study.points]


STEP = {
    "x": [0.0, 1.0, 2.0],
    "refine": {"keys": ["x"], "quantity": "number", "tolerance": 0.3, "halvings": 3},
}


def step(x, y=0.0):
    return np.tanh(20 * (x - 0.4 - y))


def test_a_step_is_resolved_and_nothing_else(tmp_path):
    study, numbers = ran(step, STEP, tmp_path / "step")
    x = sorted(point.values["x"] for point in study.points)
    assert x == [0.0, 0.25, 0.375, 0.5, 1.0, 2.0]
    assert numbers == list(range(6))
    together = bdg.collect(study)
    assert together.coords["x"].values.tolist() == x
    assert together["number"].values == pytest.approx([step(one) for one in x])
    assert rows(bdg.open_study(tmp_path / "step")) == rows(study)
    assert ran(step, STEP, tmp_path / "step")[1] == []


def noise(x, seed):
    return x * np.random.default_rng(seed).normal()


MEANS = {"x": [0.1, 1.0], "seed": {"count": 6}, "until": {"quantity": "number", "error": 0.3, "at_most": 20}}


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(STEP, id="refined"),
        pytest.param(STEP | {"y": [0.0, 0.3]}, id="refined twice", marks=pytest.mark.slow),
        pytest.param(MEANS, id="ensembles", marks=pytest.mark.slow),
    ],
)
def test_the_same_points_follow_from_any_executor_and_after_any_stop(values, tmp_path):
    curve = step if "refine" in values else noise
    whole, numbers = ran(curve, values, tmp_path / "whole")
    with ThreadPoolExecutor(3) as executor:
        others = ran(curve, values, tmp_path / "threads", executor=executor, workers=3)[0]
    assert rows(others) == rows(whole)
    done = []
    for most in (3, 2, 1000):
        looks = []

        def stop(looks=looks, most=most):
            looks.append(None)
            return len(looks) > most

        study, count = ran(curve, values, tmp_path / "stopped", stop=stop, workers=1)
        done += [one for one in count if study.entry(study.points[one]).status == "converged"]
    assert sorted(done) == numbers  # nothing twice, nothing left out
    assert rows(study) == rows(whole)


def test_a_boundary_between_two_keys_is_resolved(tmp_path):
    plan = plan_of(
        Sweep.model_validate(
            {
                "x": {"start": 0, "stop": 1, "num": 3},
                "y": {"start": 0, "stop": 1, "num": 3},
                "refine": {"keys": ["x", "y"], "quantity": "q", "tolerance": 0.5, "halvings": 4},
            }
        )
    )

    def inside(x, y):
        return float(x**2 + y**2 < 0.7)

    numbers = {(x, y): (inside(x, y),) for x in (0, 0.5, 1) for y in (0, 0.5, 1)}
    while following := plan.following(Group({}, ("",), numbers)):
        assert not set(following) & set(numbers)
        numbers |= {row: (inside(*row),) for row in following}
    assert len(numbers) < 0.4 * 33**2
    fine = [row for row in numbers if any(one % 0.0625 for one in row)]
    assert fine  # cells of 1/32 …
    assert all(abs(np.hypot(*row) - np.sqrt(0.7)) < 0.12 for row in fine)  # … only along the circle
    missed = [
        (x, y)
        for x in np.arange(32) / 32
        for y in np.arange(32) / 32
        if len({inside(x + a, y + b) for a in (0, 1 / 32) for b in (0, 1 / 32)}) > 1
        and not {(x + a, y + b) for a in (0, 1 / 32) for b in (0, 1 / 32)} <= set(numbers)
    ]
    assert not missed


def test_equal_ratios_are_halved_to_equal_ratios_and_there_are_at_most_so_many():
    given = {"x": {"start": 0.01, "stop": 1, "num": 2, "spacing": "log"}}
    refine = {"keys": ["x"], "quantity": "q", "tolerance": 0.1}
    plan = plan_of(Sweep.model_validate(given | {"refine": refine}))
    numbers = {(0.01,): (0.0,), (1.0,): (2.0,)}
    assert plan.following(Group({}, ("",), numbers)) == [(0.1,)]
    numbers[0.1,] = (0.5,)
    assert [row[0] for row in plan.following(Group({}, ("",), numbers))] == pytest.approx(
        [0.316228, 0.0316228], rel=1e-5
    )
    plan = plan_of(Sweep.model_validate(given | {"refine": refine | {"at_most": 4}}))
    assert len(plan.following(Group({}, ("",), numbers))) == 1


def test_points_that_a_condition_leaves_out_are_not_waited_for(tmp_path):
    values = STEP | {"y": [0.0, 0.1], "where": "x != 0.5"}
    study, _ = ran(step, values | {"refine": STEP["refine"] | {"keys": ["x", "y"]}}, tmp_path / "left")
    x = {point.values["x"] for point in study.points}
    assert 0.5 not in x
    assert study.counts() == {"converged": len(study.points)}


def test_an_ensemble_ends_when_its_error_is_small_enough(tmp_path):
    study, _ = ran(noise, MEANS, tmp_path / "until")
    members = {x: [p.values["seed"] for p in study.points if p.values["x"] == x] for x in (0.1, 1.0)}
    assert members[0.1] == list(range(6))  # an error of 0.04 after the first six
    count = len(members[1.0])
    assert members[1.0] == list(range(count))

    def error(n):
        return np.std([noise(1.0, seed) for seed in range(n)], ddof=1) / np.sqrt(n)

    assert 6 < count <= 20
    assert error(count) <= 0.3
    assert error(6) > 0.3
    together = bdg.collect(study)
    value, spread = mean(together["number"], "seed")
    assert spread.values[1] == pytest.approx(error(count))
    assert value.values[0] == pytest.approx(np.mean([noise(0.1, seed) for seed in range(6)]))


def test_an_ensemble_has_at_most_so_many_members_also_where_none_converges():
    plan = plan_of(Sweep.model_validate(MEANS))
    numbers = {(seed,): (float("nan"),) for seed in range(6)}
    while following := plan.following(Group({}, ("",), numbers)):
        numbers |= {row: (float("nan"),) for row in following}
    assert list(numbers) == [(seed,) for seed in range(20)]


CONFIG = """
lattice: {kind: square, size: [1, 1], boundary: [{bloch: 12}, {bloch: 12}]}
hamiltonian: {chemical_potential: -0.5, zeeman: [0, 0, 0]}
interaction: {onsite: 2.5}
temperature: 0.02
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "bulk.yaml"
    path.write_text(CONFIG + f"output: {tmp_path}/bulk.h5\n")
    return path


def critical_temperature(attraction):
    k = 2 * np.pi * np.arange(12) / 12
    xi = (-2 * np.cos(k)[:, None] - 2 * np.cos(k) + 0.5).ravel()
    return brentq(lambda t: np.mean(np.tanh(xi / (2 * t)) / (2 * xi)) - 1 / attraction, 0.01, 2)


@pytest.mark.parametrize(
    ("attractions", "find", "settings"),
    [
        pytest.param([3.0], {"quantity": "largest_delta", "at": "onset", "tolerance": 1e-3}, [], id="onset"),
        pytest.param(
            [2.0, 3.0],
            {"quantity": "largest_delta", "at": "onset", "tolerance": 1e-4},
            [],
            id="onset for each attraction",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            [2.0, 3.0],
            {"quantity": "largest_eigenvalue", "value": 1, "tolerance": 1e-4},
            ["scf.initial=normal", "observables={stability: {}}"],
            id="instability of the normal state",
        ),
    ],
)
def test_critical_temperatures(config, tmp_path, attractions, find, settings):
    """Against the linearised gap equation in k space."""
    find = {"key": "temperature", "between": [0.1, 0.6], **find}
    values = {"interaction.onsite": attractions, "find": find}
    study = bdg.sweep(config, values, folder=tmp_path / "tc", overrides=settings, executor="serial")
    together = bdg.collect(study)
    found, error = together["found_temperature"], together["found_temperature_error"].values
    exact = [critical_temperature(attraction) for attraction in attractions]
    assert (found.dims, found.units) == (("onsite",), "t")
    assert np.all(np.abs(found.values - exact) <= error)
    assert np.all(error < 1.2 * find["tolerance"])
    assert str(study.found[-1]).startswith(f"{found.values[-1]:.8g} ± ")
    assert str(study.found[-1]).endswith(" at interaction.onsite = 3")


@pytest.mark.slow
def test_the_critical_field_of_equal_energies(config, tmp_path):
    """Where Ω of superconductor and normal metal are equal, in k space (Chandrasekhar, Clogston)."""
    key, levels = "hamiltonian.zeeman[2]", ["lattice.boundary=[{bloch: 24}, {bloch: 24}]"]
    k = 2 * np.pi * np.arange(24) / 24
    xi = (-2 * np.cos(k)[:, None] - 2 * np.cos(k) + 0.5).ravel()
    shift = np.array([1, -1])[:, None]

    def omega(h, delta):
        e = np.sqrt(xi**2 + delta**2)
        return delta**2 / 2.5 - 0.04 * np.mean(np.log(2 * np.cosh((e + shift * h) / 0.04)))

    def least(h):
        return minimize_scalar(partial(omega, h), bounds=(0.45, 0.7), options={"xatol": 1e-9}).fun

    exact = brentq(lambda h: least(h) - omega(h, 0.0), 0.3, 0.45)
    find = {"key": key, "between": [0.2, 0.6], "at": "crossing", "tolerance": 1e-5}
    ways = {"starts": ["uniform", "normal"]}, {"follow": key, "direction": "both"}
    for number, branches in enumerate(ways):
        folder = tmp_path / str(number)
        values = {"find": find, **branches}
        study = bdg.sweep(config, values, folder=folder, overrides=levels, executor="serial")
        (found,) = study.found
        assert abs(found.value - exact) < 1e-7 < found.error < 1e-5
        assert found.branch == ""
        assert bdg.collect(study)["found_zeeman_2"].dims == ()


@pytest.mark.slow
def test_both_spinodals_are_found_with_the_state_carried_along(config, tmp_path):
    key = "hamiltonian.zeeman[2]"
    find = {"key": key, "between": [0.2, 0.7], "quantity": "largest_delta", "at": "onset", "tolerance": 1e-2}
    study = bdg.sweep(
        config,
        {"find": find, "follow": key, "direction": "both"},
        overrides=["lattice.boundary=[{bloch: 24}, {bloch: 24}]"],
        folder=tmp_path / "ends",
        executor="serial",
    )
    up, down = study.found
    assert (up.branch, down.branch) == ("forward", "backward")
    for point in study.points:
        before = None if point.after is None else study.points[point.after].values[key]
        assert before is None or (before < point.values[key]) == (point.branch == "forward")
    delta = 0.5534
    assert 0.45 * delta < down.value < 0.6 * delta
    assert 0.8 * delta < up.value < delta
    together = bdg.collect(study)
    assert together["found_zeeman_2"].values.tolist() == [up.value, down.value]
    assert together["found_zeeman_2"].dims == ("branch",)


def test_a_quantity_that_is_not_there_is_named(config, tmp_path):
    find = {"key": "temperature", "between": [0.1, 0.6], "quantity": "largest_eigenvalu", "tolerance": 1e-3}
    with pytest.raises(InputError, match=r"quantity: .*may hold .*largest_delta"):
        bdg.sweep(config, {"find": find}, folder=tmp_path / "x", executor="serial")


def test_values_that_would_be_added_are_checked_before_any_work(config, tmp_path):
    refine = {"keys": ["lattice.size[0]"], "quantity": "largest_delta", "tolerance": 0.1}
    with pytest.raises(ConfigError, match=r"size\[0\] = 1\.5"):
        bdg.sweep(config, {"lattice.size[0]": [1, 2], "refine": refine}, executor="serial")
    find = {"key": "temperatur", "between": [0.1, 0.6], "quantity": "largest_delta", "tolerance": 1e-3}
    with pytest.raises(ConfigError, match="did you mean 'temperature'"):
        bdg.sweep(config, {"find": find}, executor="serial")
    assert not (tmp_path / "bulk").exists()


def test_a_share_of_a_study_that_grows_is_refused(config):
    find = {"key": "temperature", "between": [0.1, 0.6], "quantity": "largest_delta", "tolerance": 1e-3}
    with pytest.raises(InputError, match="run this sweep as a whole"):
        bdg.sweep(config, {"find": find}, share="1/2", executor="serial")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"refine": {"keys": ["b"], "quantity": "q", "tolerance": 1}}, "'b' takes no numbers"),
        ({"refine": {"keys": ["w"], "quantity": "q", "tolerance": 1}}, "'w' takes no numbers"),
        ({"refine": {"keys": ["a", "a"], "quantity": "q", "tolerance": 1}}, "'a' is named twice"),
        ({"until": {"quantity": "q", "error": 1, "at_most": 9}}, "names no seeds"),
        ({"until": {"quantity": "q", "error": 1, "at_most": 9, "over": "a"}}, "names no seeds"),
        (
            {"s": {"count": 9}, "until": {"quantity": "q", "error": 1, "at_most": 4}},
            "fewer than the 9 to begin",
        ),
        (
            {"find": {"key": "x", "between": [0, 1], "quantity": "q", "tolerance": 1, "over": "s"}},
            "'s' is not",
        ),
        (
            {"find": {"key": "x", "between": [0, 1], "quantity": "q", "tolerance": 1, "over": "x"}},
            "'x' is not",
        ),
        ({"a": [0, 2, 1], "refine": {"keys": ["a"], "quantity": "q", "tolerance": 1}}, "ascend or descend"),
    ],
)
def test_what_cannot_add_points_is_refused(given, problem):
    with pytest.raises(ValidationError, match=problem):
        Sweep.model_validate({"a": [0, 1], "w": ["x", "y"], **given})


SHIFTS = 0.1 * np.array([0.3, -1.2, 0.5, 1.9, -0.4])


def line(x, seed):
    return x - 0.4 - SHIFTS[seed]


def bend(x, seed):
    return -((x - 0.4 - SHIFTS[seed]) ** 2)


def fading(x, seed):
    return max(0.0, 0.4 + SHIFTS[seed] / 4 - x) ** 0.5


@pytest.mark.parametrize(
    ("shape", "find", "exact"),
    [
        pytest.param(line, {"at": "value"}, 0.4 + SHIFTS.mean(), id="value"),
        pytest.param(bend, {"at": "maximum"}, 0.4 + SHIFTS.mean(), id="maximum"),
        pytest.param(fading, {"at": "onset"}, 0.4 + SHIFTS.max() / 4, id="onset"),  # the last member counts
    ],
)
def test_a_search_for_the_mean_of_an_ensemble_states_its_standard_error(tmp_path, shape, find, exact):
    find = {"key": "x", "between": [0.0, 1.0], "quantity": "number", "tolerance": 1e-4, **find}
    seeds = {"seed": {"count": 5}}
    study, _ = ran(shape, {**seeds, "find": {**find, "over": "seed"}}, tmp_path / "mean")
    together = bdg.collect(study)
    found, error = together["found_x"], together["found_x_error"]
    assert found.dims == error.dims == ()
    assert float(found.values) == pytest.approx(exact, abs=2e-4 if shape is not fading else 1e-3)
    if shape is not fading:
        assert float(error.values) == pytest.approx(SHIFTS.std(ddof=1) / np.sqrt(5), abs=3e-4)
    assert float(error.values) > 1e-2
    x = {point.values["x"] for point in study.points}
    assert len(study.points) == 5 * len(x)


def test_a_mean_is_along_the_other_keys(tmp_path):
    find = {"key": "x", "between": [0.0, 1.0], "quantity": "number + y", "tolerance": 1e-3, "over": "seed"}
    values = {"y": [0.0, 0.2], "seed": {"count": 5}, "find": find}
    study, _ = ran(lambda x, y, seed: line(x, seed), values, tmp_path / "mean")
    together = bdg.collect(study)
    assert together["found_x"].dims == ("y",)
    assert together["found_x"].values == pytest.approx(0.4 + SHIFTS.mean() - np.array([0, 0.2]), abs=1e-3)


def test_where_one_member_decides_whether_there_is_a_place_the_error_is_infinite(tmp_path):
    find = {"key": "x", "between": [0.0, 1.0], "quantity": "number", "tolerance": 1e-2, "over": "seed"}
    given = {"seed": {"count": 3}, "find": find}
    study, _ = ran(lambda x, seed: x - (0.1, 0.2, 1.2)[seed], given, tmp_path / "mean")
    assert study.found[0].value == pytest.approx(0.5, abs=1e-2)
    assert np.isfinite(study.found[0].error)
    study, _ = ran(lambda x, seed: x - (0.1, -0.2, 2.1)[seed] + 0.4, given, tmp_path / "edge")
    assert study.found[0].error == np.inf

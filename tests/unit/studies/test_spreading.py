"""States that spread over a plane of two keys and more: every point ends in the lowest state there is."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

import bdg
from bdg.cli import app
from bdg.config.schema.sweep import Sweep
from bdg.errors import InputError
from bdg.studies import best
from bdg.studies.kept.index import Entry
from bdg.studies.plan.planning import following
from bdg.studies.plan.points import points_of
from bdg.studies.plan.spreading import unsettled

CONFIG = """
lattice: {kind: square, size: [1, 1], boundary: [{bloch: 12}, {bloch: 12}]}
hamiltonian: {chemical_potential: -0.5, zeeman: [0, 0, 0]}
interaction: {onsite: 2.5}
temperature: 0.02
scf: {max_iterations: 1000}
"""
FIELD = "hamiltonian.zeeman[2]"
PLANE = {"interaction.onsite": [2.2, 2.5, 2.8], FIELD: [0.26, 0.32, 0.38, 0.44, 0.5]}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "bulk.yaml"
    path.write_text(CONFIG + f"output: {tmp_path}/bulk.h5\n")
    return path


@pytest.mark.parametrize(
    "plane",
    [
        pytest.param({"interaction.onsite": [2.2, 2.8], FIELD: [0.26, 0.38, 0.5]}, id="six points"),
        pytest.param(PLANE, id="fifteen points", marks=pytest.mark.slow),
    ],
)
def test_a_first_order_line_oblique_to_both_keys_is_reached_from_both_sides(config, tmp_path, plane):
    """Small pairs vanish where the normal state is a minimum: the superconductor comes from lower fields."""
    spread = {**plane, "spread": {"keys": list(plane)}}
    study = bdg.sweep(
        config, spread, folder=tmp_path / "a", overrides=["scf.initial={delta: 0.02}"], executor="serial"
    )
    both = {**plane, "starts": ["uniform", "normal"]}
    options = {"overrides": ["scf.leave_saddles=false"], "executor": "serial"}
    forced = best(bdg.collect(bdg.sweep(config, both, folder=tmp_path / "b", **options)))
    together = bdg.collect(study)
    lowest, first = best(together), together.at(branch="initial")
    assert lowest["energy"].values == pytest.approx(forced["energy"].values, abs=1e-9)
    assert lowest["largest_delta"].values == pytest.approx(forced["largest_delta"].values, abs=1e-5)
    gained = first["energy"].values - lowest["energy"].values > 1e-6
    assert np.count_nonzero(gained) >= len(plane["interaction.onsite"]) - 1
    there = np.count_nonzero(lowest["largest_delta"].values > 0.1, axis=1)
    assert np.all(np.diff(there) > 0)  # oblique
    assert study.unsettled == 0
    again = bdg.open_study(tmp_path / "a")
    assert [(p.branch, p.after, dict(p.values)) for p in again.points] == [
        (p.branch, p.after, dict(p.values)) for p in study.points
    ]
    assert again.counts() == {"converged": len(study.points)}


class Landscape:
    """States with energies that are planes over the keys, each a minimum up to its spinodal.

    Parameters
    ----------
    seed
        Of the planes.
    shape
        Values of each key.
    count
        How many states there are.
    """

    def __init__(self, seed, shape, count):
        rng = np.random.default_rng(seed)
        self.slopes, self.offsets = 3 * rng.normal(size=(count, len(shape))), rng.normal(size=count)
        self.keys = [f"temperature.k{n}" for n in range(len(shape))]
        keys = {key: list(range(length)) for key, length in zip(self.keys, shape, strict=True)}
        self.sweep = Sweep.model_validate({**keys, "spread": {"keys": self.keys}})
        self.reach = 0.6

    def energies(self, point):
        x = np.array([point.values[key] for key in self.keys]) / 4
        return self.offsets + self.slopes @ x

    def settled(self, point, state):
        """Where a start leads: a state stays while it is not far above the lowest, and else falls to that."""
        energies = self.energies(point)
        return state if energies[state] < energies.min() + self.reach else int(np.argmin(energies))

    def run(self):
        """The states and energies at all points when nothing follows any more, and how they were got."""
        points, entries, states = points_of(self.sweep), [], []
        while len(entries) < len(points):
            for point in points[len(entries) :]:
                start = 0 if point.after is None else states[point.after]
                states.append(self.settled(point, start))
                energy = float(self.energies(point)[states[-1]])
                numbers = {"energy": energy, "energy_error": 1e-9}
                entries.append(
                    Entry(point.number, "", "converged", point.values, point.branch, numbers=numbers)
                )
            points.extend(following(self.sweep, points, entries))
        return points, entries


@pytest.mark.parametrize(("shape", "count"), [((9,), 2), ((7, 8), 2), ((7, 8), 4), ((4, 5, 4), 3)])
def test_no_point_can_be_lowered_by_a_neighbour_and_all_that_is_connected_is_reached(shape, count):
    gained = 0
    for seed in range(12):
        landscape = Landscape(seed, shape, count)
        points, entries = landscape.run()
        lowest, states = {}, {}
        for point, entry in zip(points, entries, strict=True):
            place = tuple(point.values.values())
            if entry.numbers["energy"] < lowest.get(place, np.inf) - 1e-9:
                lowest[place] = entry.numbers["energy"]
                states[place] = int(np.argmin(np.abs(landscape.energies(point) - entry.numbers["energy"])))
        for point in points:
            place = tuple(point.values.values())
            for n in range(len(shape)):
                for step in (-1, 1):
                    there = (*place[:n], place[n] + step, *place[n + 1 :])
                    if there in states:
                        state = landscape.settled(point, states[there])
                        assert landscape.energies(point)[state] >= lowest[place] - 1e-8
        if (
            count == 2 and len(set(states.values())) == 2
        ):  # both are there, and each has a half of the lattice
            exact = [landscape.energies(point).min() for point in points]
            assert [lowest[tuple(point.values.values())] for point in points] == pytest.approx(exact)
        first = sum(entry.numbers["energy"] for entry in entries[: len(lowest)])
        gained += first > sum(lowest.values()) + 1e-6
        assert unsettled(landscape.sweep, points, entries) == 0
        assert max(Counter(tuple(point.values.values()) for point in points).values()) <= 21
    assert gained > 3


def test_points_that_a_condition_leaves_out_are_stepped_over_and_trials_are_bounded():
    keys = {"temperature": [1, 2, 3], "interaction.onsite": [1, 2]}
    given = {**keys, "where": "temperature != 2", "spread": {"keys": ["temperature"], "at_most": 1}}
    sweep = Sweep.model_validate(given)
    points = points_of(sweep)
    entries = [
        Entry(
            point.number, "", "converged", point.values, point.branch, numbers={"energy": -1.0 * point.number}
        )
        for point in points
    ]
    added = following(sweep, points, entries)
    assert [(dict(p.values), p.after, p.branch) for p in added] == [
        ({"temperature": t, "interaction.onsite": u}, start, "spread 1")
        for t, u, start in [(1, 1, 2), (1, 2, 3), (3, 1, 0), (3, 2, 1)]
    ]
    for point in added:  # all as before but one, which is lower
        energy = -9.0 if point.after == 2 else -1.0 * points[(point.after + 2) % 4].number
        entries.append(
            Entry(point.number, "", "converged", point.values, point.branch, numbers={"energy": energy})
        )
    assert following(sweep, [*points, *added], entries) == []
    assert unsettled(sweep, [*points, *added], entries) == 1


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        pytest.param({"keys": ["temperature", "mu"]}, "'mu' is not swept", id="key that is not swept"),
        pytest.param({"keys": ["temperature", "temperature"]}, "named twice", id="twice"),
        pytest.param({"keys": []}, "at least 1", id="none"),
    ],
)
def test_what_cannot_spread_is_refused(given, problem):
    with pytest.raises(ValidationError, match=problem):
        Sweep.model_validate({"temperature": [0.1, 0.2], "spread": given})


def test_a_plane_that_was_stopped_goes_on_to_the_same_end(config, tmp_path):
    plane = {"interaction.onsite": [2.2, 2.8], FIELD: [0.3, 0.4]}
    given = {**plane, "spread": {"keys": list(plane)}}
    options = {"overrides": ["scf.initial={delta: 0.02}"], "executor": "serial"}
    whole = bdg.sweep(config, given, folder=tmp_path / "whole", **options)
    asked = []

    def stop():
        asked.append(None)
        return len(asked) > 3

    stopped = bdg.sweep(config, given, folder=tmp_path / "stopped", stop=stop, **options)
    done = stopped.counts()["converged"]
    assert 0 < done < len(whole.points)
    study = bdg.sweep(config, given, folder=tmp_path / "stopped", **options)
    assert study.counts() == {"converged": len(whole.points)}
    for one, other in zip(whole.points, study.points, strict=True):
        assert (one.branch, one.after, one.values) == (other.branch, other.after, other.values)
        assert whole.entry(one).numbers["energy"] == study.entry(other).numbers["energy"]
    assert len((tmp_path / "stopped/index.jsonl").read_text().splitlines()) <= len(whole.points) + 2


def test_trials_that_end_too_early_are_told(config, tmp_path):
    plane = {"interaction.onsite": [2.2, 2.8], FIELD: [0.3, 0.4]}
    given = {**plane, "spread": {"keys": list(plane), "at_most": 1}}
    options = {"overrides": ["scf.initial={delta: 0.02}"], "executor": "serial"}
    study = bdg.sweep(config, given, folder=tmp_path / "study", **options)
    assert study.unsettled == 4
    told = CliRunner().invoke(app, ["status", str(tmp_path / "study")]).stdout
    assert "4 points may be lower yet: raise sweep.spread.at_most" in told


def test_a_share_of_states_that_spread_is_refused(config):
    with pytest.raises(InputError, match="points are added as others end"):
        bdg.sweep(config, {**PLANE, "spread": {"keys": [FIELD]}}, share="1/2", executor="serial")

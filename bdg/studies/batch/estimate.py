"""What a point of a study takes, by the dry run of the points that take most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bdg.config import ConfigSource
from bdg.simulation.dry_run import dry_run_of
from bdg.studies.plan.points import Point
from bdg.studies.work.recipes import FromConfiguration

ITERATIONS = 40
"""Iterations that a loop may well take."""

SAME_WORK = (
    "temperature",
    "hamiltonian.disorder.seed",
    "hamiltonian.chemical_potential",
    "hamiltonian.filling",
)
"""Keys of which every value makes the same work."""

MOST_TRIED = 6
"""Points whose dry runs are made."""


@dataclass(frozen=True)
class Needs:
    """Bytes of memory of a process at its peak, and seconds; NaN where they are not known."""

    memory: float
    seconds: float


def needs_of_run(source: ConfigSource) -> Needs:
    """What one run of a configuration takes, with :data:`ITERATIONS` iterations.

    Raises
    ------
    ConfigError, ResourceError
        As the run itself.
    """
    found = dry_run_of(source)
    weights = {"one iteration": ITERATIONS}
    return Needs(found.memory, sum(weights.get(stage.name, 1) * stage.seconds for stage in found.stages))


def needs_of_points(recipe: FromConfiguration, points: Sequence[Point]) -> Needs:
    """The most that any of these points takes.

    Raises
    ------
    ConfigError, ResourceError
        As a run of one of them.
    """
    needs = [needs_of_run(recipe.source_of(point)) for point in _different(points)]
    seconds = [one.seconds for one in needs]
    return Needs(
        max(one.memory for one in needs), math.nan if any(map(math.isnan, seconds)) else max(seconds)
    )


def _different(points: Sequence[Point]) -> list[Point]:
    """Points with different work, the last of each, a few of them where there are many."""
    by_work = {
        repr([value for key, value in point.settings.items() if key not in SAME_WORK]): point
        for point in points
    }
    every = list(by_work.values())
    step = max(1, -(-len(every) // MOST_TRIED))
    return every[::-1][::step]

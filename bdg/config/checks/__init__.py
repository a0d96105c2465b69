"""Checks between the keys: what each allows by itself, but not together with another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bdg.config.checks.geometry import cell_problems, direction_problems, hopping_problems, region_problems
from bdg.config.checks.physics import (
    field_problems,
    interaction_problems,
    magnetisation_problems,
    vortex_problems,
)
from bdg.config.checks.places import place_problems
from bdg.config.checks.sites import impurity_problems, measured_site_problems, vacancy_problems
from bdg.parameters.problems import Problem

if TYPE_CHECKING:
    from bdg.config.schema.config import Config


def cross_checks(config: Config) -> Iterator[Problem]:
    """All that doesn't fit together."""
    yield from cell_problems(config.lattice)
    yield from direction_problems(config.lattice)
    yield from hopping_problems(config)
    yield from region_problems(config)
    yield from field_problems(config)
    yield from interaction_problems(config.interaction)
    yield from vortex_problems(config)
    yield from magnetisation_problems(config)
    yield from place_problems(config)
    if len(config.lattice.size) == config.lattice.n_directions:
        yield from vacancy_problems(config.lattice)
        yield from impurity_problems(config)
        yield from measured_site_problems(config)


__all__ = ["cross_checks"]

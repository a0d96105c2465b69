"""Points that a study gains while it runs, in rounds: when all have ended, a plan says which others follow.

A plan sees numbers of points that have ended and nothing else, neither workers nor times, so that the same
points follow wherever and however often a study is run: one that was stopped takes the same decisions again
from its index, and goes on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Protocol

from bdg.config.schema.sweep import Sweep
from bdg.studies.kept.index import Entry
from bdg.studies.plan.axes import axes_of
from bdg.studies.plan.ensembles import Ensemble
from bdg.studies.plan.formulas import formula
from bdg.studies.plan.group import Group, Members
from bdg.studies.plan.points import Point, Points, shown
from bdg.studies.plan.refinement import Refinement
from bdg.studies.plan.search import Place, Search
from bdg.studies.plan.spreading import spreading


@dataclass(frozen=True)
class Found:
    """What a search found; of the mean of an ensemble, ``error`` has the standard error as well.

    Parameters
    ----------
    others
        The values of the other keys.
    branch
        The branch; empty of a crossing, or without branches.
    value, error
        Of the key that was searched; NaN where there is nothing between the ends.
    """

    others: Mapping[str, Any]
    branch: str
    value: float
    error: float

    def __str__(self) -> str:
        """``0.307137 ± 3e-05 at interaction.onsite = 2.5``."""
        where = ", ".join(f"{key} = {shown(value)}" for key, value in self.others.items())
        told = "nothing" if math.isnan(self.value) else f"{self.value:.8g} ± {self.error:.1g}"
        return told + (f" at {where}" if where else "") + (f" ({self.branch})" if self.branch else "")


class Plan(Protocol):
    """Which points follow from those that have ended."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys whose values it chooses."""
        ...

    @property
    def quantity(self) -> str:
        """The formula of the number that it looks at."""
        ...

    @property
    def takes_branches_together(self) -> bool:
        """Whether all branches have the same points."""
        ...

    def following(self, group: Group) -> list[tuple[Any, ...]]:
        """The values of its keys at points that follow in a group; none where it is complete."""
        ...


def plan_of(sweep: Sweep) -> Plan | None:
    """The plan of a section, if points are added at all."""
    if sweep.refine is not None:
        return Refinement.of(sweep)
    if sweep.find is not None:
        return Search(sweep.find)
    if sweep.until is not None:
        return Ensemble(sweep.until, sweep.ensemble)
    return None


def grows(sweep: Sweep) -> bool:
    """Whether points are added as others end."""
    return plan_of(sweep) is not None or sweep.spread is not None


def following(sweep: Sweep, points: Sequence[Point], entries: Sequence[Entry | None]) -> list[Point]:
    """The points that follow when all have ended; none while one has not, or where the plan is complete.

    Raises
    ------
    InputError
        If the quantity of the plan is not among the numbers of a result.
    """
    if any(entry is None or entry.status == "stopped" for entry in entries):
        return []
    if sweep.spread is not None:
        return spreading(sweep, points, entries)
    plan = plan_of(sweep)
    if plan is None:
        return []
    known, count = Points(sweep, points), len(points)
    for group in groups_of(sweep, plan, points, entries):
        for row in plan.following(group):
            for member, branch in product(_members(sweep), group.branches):
                known.add(_values(sweep, {**group.others, **member}, plan, row), branch)
    return known.all[count:]


def found_by(sweep: Sweep, points: Sequence[Point], entries: Sequence[Entry | None]) -> list[Found]:
    """What the search of a section found, for all values of the other keys; empty without a search.

    Raises
    ------
    InputError
        If its quantity is not among the numbers of a result.
    """
    if sweep.find is None:
        return []
    search, found = Search(sweep.find), []
    for group in groups_of(sweep, search, points, entries):
        place = search.place(group)
        branch = "" if search.takes_branches_together else group.branches[0]
        value, error = (place.value, place.error) if place.is_bracketed else (math.nan, math.nan)
        error += jackknife([_value(search.place(replace(group, numbers=one))) for one in group.without])
        found.append(Found(group.others, branch, value, error))
    return found


def groups_of(
    sweep: Sweep, plan: Plan, points: Sequence[Point], entries: Sequence[Entry | None]
) -> list[Group]:
    """The groups of a plan, in the order of their first points.

    Raises
    ------
    InputError
        If the quantity of the plan is not among the numbers of a result.
    """
    known, over = Points(sweep, points), _over(sweep)
    found: dict[tuple[Any, ...], Members] = {}
    others: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for point, entry in zip(points, entries, strict=True):
        rest = {key: value for key, value in point.values.items() if key not in (*plan.keys, over)}
        name = (*map(repr, rest.values()), "" if plan.takes_branches_together else point.branch)
        row = tuple(point.values[key] for key in plan.keys)
        others.setdefault(name, rest)
        branches = tuple(sweep.branches) if plan.takes_branches_together else (point.branch,)
        number, member = _number(plan.quantity, point, entry), repr(point.values.get(over))
        found.setdefault(name, Members(branches)).add(row, point.branch, member, number)
    return [
        Group(
            others[name],
            tuple(one.branches),
            one.mean(),
            _left_out(known, sweep, others[name], plan),
            one.without_each,
        )
        for name, one in found.items()
    ]


def jackknife(values: Sequence[float]) -> float:
    """The standard error of a number, √((n − 1) Σ (x − x̄)²/n), from those without one of n members each.

    Infinite where one member decides whether there is a number at all.
    """
    if not values:
        return 0.0
    if any(map(math.isnan, values)):
        return math.inf
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((one - mean) ** 2 for one in values) * (len(values) - 1) / len(values))


def _value(place: Place) -> float:
    return place.value if place.is_bracketed else math.nan


def _over(sweep: Sweep) -> str:
    """The key of the members whose mean a search looks at; empty where there is none."""
    return sweep.find.over or "" if sweep.find is not None else ""


def _members(sweep: Sweep) -> list[dict[str, Any]]:
    """Its values, one for each member."""
    over = _over(sweep)
    axis = next((axis for axis in axes_of(sweep) if over in axis.keys), None)
    return [{}] if axis is None else [{over: value} for value in axis.values[0]]


def _left_out(
    known: Points, sweep: Sweep, others: Mapping[str, Any], plan: Plan
) -> Callable[[tuple[Any, ...]], bool]:
    member = _members(sweep)[0]
    return lambda row: not known.is_wanted(_values(sweep, {**others, **member}, plan, row))


def _values(sweep: Sweep, others: Mapping[str, Any], plan: Plan, row: Sequence[Any]) -> dict[str, Any]:
    """The values of all swept keys, in their order."""
    given = {**others, **dict(zip(plan.keys, row, strict=True))}
    return {key: given[key] for key in sweep.axes}


def _number(quantity: str, point: Point, entry: Entry | None) -> float:
    if entry is None or entry.status != "converged":
        return math.nan
    numbers = {key: one for key, one in point.values.items() if isinstance(one, int | float)}
    numbers |= entry.numbers
    if quantity in numbers:
        return float(numbers[quantity])
    return float(formula("quantity", quantity, numbers)(numbers))

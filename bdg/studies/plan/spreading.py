"""States that spread over a lattice of points: each is tried at the neighbours, and kept where it is lower.

Points that differ by one step of one key are neighbours. When all have ended, a point is run again from the
best state of every neighbour that has not been tried there, each run a branch of its own. Where that lowers
its energy, its neighbours are run from this state in the next round, so that a state advances up to the line
on which another has the same energy, whatever the direction of that line. The end is reached where no point
can be lowered by the state of a neighbour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bdg.config.schema.sweep import Sweep
from bdg.studies.kept.index import Entry
from bdg.studies.plan.axes import Places, axes_of
from bdg.studies.plan.points import Point, Points

ROUNDING = 1e-12
"""Differences of energies, relative to them, that count for nothing."""

Place = tuple[int, ...]
"""Where a point is along each axis."""


@dataclass
class _Known:
    """What is known at one place.

    Parameters
    ----------
    values
        The point that stands there.
    best
        Number of the run of lowest energy, and that energy with its error; ``None`` where none has converged.
    tried
        Numbers of the runs of neighbours from which it was tried.
    """

    values: Point
    best: tuple[int, float, float] | None = None
    tried: set[int] = field(default_factory=set)

    def take(self, point: Point, entry: Entry | None) -> None:
        """Take note of a run. Of equal energies the first counts, so that a state is tried once."""
        if point.is_trial and point.after is not None:
            self.tried.add(point.after)
        if entry is None or entry.status != "converged" or "energy" not in entry.numbers:
            return
        energy, error = entry.numbers["energy"], entry.numbers.get("energy_error", 0.0)
        if self.best is None or energy < self.best[1] - error - self.best[2] - ROUNDING * abs(energy):
            self.best = point.number, energy, error


def spreading(sweep: Sweep, points: Sequence[Point], entries: Sequence[Entry | None]) -> list[Point]:
    """The runs that follow when all have ended.

    Parameters
    ----------
    sweep
        A section with ``spread``.
    points, entries
        All runs, and how they ended.
    """
    assert sweep.spread is not None
    runs, count = Points(sweep, points), len(points)
    for here, starts in _open(sweep, points, entries):
        for start in starts[: sweep.spread.at_most - len(here.tried)]:
            here.tried.add(start)
            runs.try_from(start, here.values.values, sweep.trials[len(here.tried) - 1])
    return runs.all[count:]


def unsettled(sweep: Sweep, points: Sequence[Point], entries: Sequence[Entry | None]) -> int:
    """How many points have states of neighbours left to try that would be more than ``at_most``."""
    assert sweep.spread is not None
    if any(entry is None or entry.status == "stopped" for entry in entries):
        return 0
    most = sweep.spread.at_most
    return sum(len(here.tried) >= most for here, _ in _open(sweep, points, entries))


def _open(
    sweep: Sweep, points: Sequence[Point], entries: Sequence[Entry | None]
) -> Iterator[tuple[_Known, list[int]]]:
    """Places with the runs of their neighbours that have not been tried there, in the order of the grid."""
    assert sweep.spread is not None
    axes = axes_of(sweep)
    where, known = Places(axes), dict[Place, _Known]()
    for point, entry in zip(points, entries, strict=True):
        known.setdefault(where.of(point.values), _Known(point)).take(point, entry)
    along = [n for n, axis in enumerate(axes) if set(axis.keys) & set(sweep.spread.keys)]
    lengths = [len(axis) for axis in axes]
    for place, here in known.items():
        starts = [
            one.best[0]
            for n in along
            for step in (-1, 1)
            if (one := _neighbour(known, place, n, step, lengths[n])) is not None
            and one.best is not None
            and one.best[0] not in here.tried
        ]
        if starts:
            yield here, starts


def _neighbour(known: dict[Place, _Known], place: Place, n: int, step: int, length: int) -> _Known | None:
    """The next place along an axis; beyond those that a condition leaves out."""
    at = place[n] + step
    while 0 <= at < length:
        there = known.get((*place[:n], at, *place[n + 1 :]))
        if there is not None:
            return there
        at += step
    return None

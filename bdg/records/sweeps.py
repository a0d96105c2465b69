"""In what two studies differ: points of the same swept values and the same branch are compared."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from bdg.errors import BdgError
from bdg.records.differences import Diff, diff
from bdg.studies import Study, open_study
from bdg.studies.plan.points import Point


@dataclass(frozen=True)
class PointDifference:
    """A point of two studies.

    Parameters
    ----------
    point
        Its swept values, as text.
    diff
        In what its results differ; ``None`` where not both studies have one.
    missing
        Why not.
    """

    point: str
    diff: Diff | None
    missing: str = ""

    @property
    def is_same(self) -> bool:
        """Whether both have a result with the same values, whatever else was configured."""
        return not self.missing and (self.diff is None or self.diff.has_same_values)


@dataclass(frozen=True)
class StudyDiff:
    """In what two studies differ.

    Parameters
    ----------
    names
        Their folders.
    points
        All points of either, the same ones too.
    """

    names: tuple[str, str]
    points: tuple[PointDifference, ...]

    @property
    def differing(self) -> tuple[PointDifference, ...]:
        """The points that are not the same."""
        return tuple(point for point in self.points if not point.is_same)

    @property
    def is_same(self) -> bool:
        """Whether all points are."""
        return not self.differing

    def __repr__(self) -> str:
        """How many points differ."""
        told = f"{len(self.differing)} of {len(self.points)} points differ" if self.differing else "the same"
        return f"{self.names[0]} and {self.names[1]}: {told}"


def diff_studies(
    first: str | os.PathLike[str], second: str | os.PathLike[str], *, tolerance: float | None = None
) -> StudyDiff:
    """In what two studies differ; results are read one pair after the other.

    Parameters
    ----------
    first, second
        Their folders.
    tolerance
        As for :func:`bdg.records.diff`.

    Raises
    ------
    InputError
        If a folder holds no study.
    """
    one, two = open_study(first), open_study(second)
    ours, theirs = _by_values(one), _by_values(two)
    points = tuple(
        _compared((one, ours.get(key)), (two, theirs.get(key)), tolerance)
        for key in dict.fromkeys([*ours, *theirs])
    )
    return StudyDiff((str(Path(first)), str(Path(second))), points)


def _by_values(study: Study) -> dict[str, Point]:
    return {
        json.dumps([point.values, point.branch], sort_keys=True, default=str): point for point in study.points
    }


def _compared(
    first: tuple[Study, Point | None], second: tuple[Study, Point | None], tolerance: float | None
) -> PointDifference:
    named = str(first[1] or second[1])
    files = [_file(*first), _file(*second)]
    lacking = [
        str(study.folder) for (study, _), file in zip((first, second), files, strict=True) if file is None
    ]
    if len(lacking) == 2:  # neither has run it
        return PointDifference(named, None, "" if first[1] and second[1] else "not in both")
    if lacking:
        return PointDifference(named, None, f"no result in {lacking[0]}")
    try:
        return PointDifference(named, diff(*filter(None, files), tolerance=tolerance))
    except BdgError as error:
        return PointDifference(named, None, str(error))


def _file(study: Study, point: Point | None) -> Path | None:
    entry = None if point is None else study.entry(point)
    return study.folder / entry.file if entry is not None and entry.file else None

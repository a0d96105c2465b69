"""A study: a folder with the results of a sweep, one for each point, and an index.

    STUDY/study.yaml          the configuration, as it was given
    STUDY/index.jsonl         how each point ended, with the single numbers of its result
    STUDY/points/00012.h5     the result of point 12; .checkpoint beside it where the run was stopped

Where several processes have a share of the points each, each has an index of its own beside,
``index-2-of-8.jsonl``: no file is written by two.

A point is known by its configuration: where that has changed, the point is run again.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bdg.config import load_config
from bdg.config.schema.sweep import Sweep
from bdg.errors import FileRefusedError, InputError
from bdg.result import Result
from bdg.store import load, only_run_on, require_no_run_on, write_text
from bdg.studies.kept.index import Entry, Index
from bdg.studies.kept.stamps import has_stamp
from bdg.studies.plan.axes import Axis, axes_of, with_values
from bdg.studies.plan.planning import Found, following, found_by, grows, plan_of
from bdg.studies.plan.points import Point, Points, points_of
from bdg.studies.plan.spreading import unsettled
from bdg.studies.work.recipes import FromConfiguration, Recipe, recipe_from
from bdg.studies.work.recovery import entry_of_file
from bdg.studies.work.shares import Share

CONFIGURATION, INDEX, POINTS, STOP = "study.yaml", "index.jsonl", "points", "stop"
"""Names within a study's folder; the last is a file that asks the runs of all workers to stop."""

OTHER_INDICES = "index-*-of-*.jsonl"
"""The indices of shares."""


@dataclass(frozen=True)
class Study:
    """The points of a sweep and what is known of them.

    Parameters
    ----------
    folder
        Where it lies.
    recipe
        How its points are made.
    points
        In their order.
    share
        The part of them that is run here; ``None`` for all.
    """

    folder: Path
    recipe: Recipe = field(repr=False)
    points: list[Point] = field(repr=False)
    share: Share | None = None

    def __repr__(self) -> str:
        """``study results/gap, 12 points: 10 converged, 2 waiting``."""
        counted = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in self.counts().items())
        which = "" if self.share is None else f"share {self.share}, "
        return f"study {self.folder}, {which}{len(self.own_points)} points: {counted}"

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes of the grid, with the values of points that were added."""
        return with_values(axes_of(self.recipe.sweep), [point.values for point in self.points])

    @cached_property
    def index(self) -> Index:
        """How each point ended that was run from here."""
        return Index(self._own(INDEX))

    @cached_property
    def _indices(self) -> list[Index]:
        """All there are, that of this share first."""
        every = [self.folder / INDEX, *sorted(self.folder.glob(OTHER_INDICES))]
        return [self.index, *(Index(path) for path in every if path != self.index.path)]

    @property
    def stop_file(self) -> Path:
        """A file whose existence asks the runs of all workers to stop."""
        return self._own(STOP)

    def _own(self, name: str) -> Path:
        """A file of this share's in the folder."""
        path = self.folder / name
        return path if self.share is None else path.with_name(f"{path.stem}{self.share.suffix}{path.suffix}")

    def file(self, point: Point) -> Path:
        """Where the result of a point lies."""
        return self.folder / POINTS / f"{point.number:05d}.h5"

    def entry(self, point: Point) -> Entry | None:
        """How a point ended, unless its configuration has changed since or its file is gone or damaged.

        The index is believed of a file that is the one it speaks of, see :mod:`bdg.studies.kept.stamps`; any
        other that lies in its place is read, and counts if it is a result of the point's configuration.
        """
        entries = self._entries(point)
        there = [one for one in entries if not one.file or has_stamp(self.folder / one.file, one.stamp)]
        digest = self.digest(point)
        valid = [one for one in there if one.digest == digest]
        if there and not valid:
            return None  # the file is that of an earlier configuration
        # Of several, which only another division into shares leaves, one that is done.
        return next((one for one in valid if one.is_done), valid[0] if valid else self._recovered(point))

    def _entries(self, point: Point) -> list[Entry]:
        """What the indices say of a point."""
        return [one for index in self._indices if (one := index.entries.get(point.number)) is not None]

    def _recovered(self, point: Point) -> Entry | None:
        """The entry of a file that no index knows; it is read once as long as it does not change."""
        path = self.file(point)
        try:
            state = os.stat(path)
        except OSError:
            return None
        key = point.number, state.st_size, state.st_mtime_ns
        if key not in self._read:
            name = str(path.relative_to(self.folder))
            self._read[key] = entry_of_file(path, name, self.recipe, point)
        return self._read[key]

    @cached_property
    def _read(self) -> dict[tuple[int, int, int], Entry | None]:
        return {}

    @cached_property
    def _digests(self) -> dict[int, tuple[Point, str]]:
        return {}

    def digest(self, point: Point) -> str:
        """What a point is known by; see :class:`bdg.studies.work.recipes.Recipe`."""
        kept = self._digests.get(point.number)
        if kept is None or kept[0] is not point:  # points that are added may be others under the same number
            kept = self._digests[point.number] = point, self.recipe.digest(point)
        return kept[1]

    def is_done(self, point: Point) -> bool:
        """Whether a point has converged, and all that was to be measured is."""
        entry = self.entry(point)
        return entry is not None and entry.is_done

    @property
    def own_points(self) -> Sequence[Point]:
        """The points of this share, or all."""
        return self.points if self.share is None else self.share.of_points(self.points)

    @property
    def todo(self) -> list[Point]:
        """Points of this share that are not done, in their order."""
        return [point for point in self.own_points if not self.is_done(point)]

    def restart(self) -> None:
        """Forget points that were added: they follow once more from those of the grid."""
        del self.points[len(points_of(self.recipe.sweep)) :]

    def grow(self) -> list[Point]:
        """Add the points that follow from those which have ended, and return them, see :mod:`.planning`."""
        if not grows(self.recipe.sweep):
            return []
        added = following(self.recipe.sweep, self.points, [*map(self.entry, self.points)])
        self.points.extend(added)
        return added

    @property
    def found(self) -> list[Found]:
        """What its search found, one for each combination of the other keys."""
        return found_by(self.recipe.sweep, self.points, [*map(self.entry, self.points)])

    @property
    def unsettled(self) -> int:
        """How many points have states of neighbours left to try that would be more than allowed."""
        if self.recipe.sweep.spread is None:
            return 0
        return unsettled(self.recipe.sweep, self.points, [*map(self.entry, self.points)])

    def results(self) -> Iterator[tuple[Point, Result]]:
        """The results of all points that have one, whether converged or not, read one after the other."""
        for point in self.points:
            entry = self.entry(point)
            if entry is not None and entry.file:
                yield point, load(self.folder / entry.file, warn=False)

    def counts(self) -> Counter[str]:
        """How many points of this share ended how; ``waiting`` are those without an entry."""
        entries = map(self.entry, self.own_points)
        return Counter("waiting" if entry is None else entry.status for entry in entries)

    def stop(self) -> None:
        """Ask the runs of all workers to stop, with checkpoints."""
        self.stop_file.touch()

    @contextmanager
    def only_sweep(self) -> Iterator[None]:
        """Hold the study, or this share of it, while the block runs.

        Raises
        ------
        FileBusyError
            If another sweep is at work on any of its points.
        """
        self._make_folders()
        with only_run_on(self.index.path):
            others = self.folder.glob(OTHER_INDICES) if self.share is None else [self.folder / INDEX]
            for path in others:
                require_no_run_on(path)
            yield

    def begin(self) -> None:
        """Make the folder, keep the recipe in it, and take back an earlier request to stop.

        Results that the index does not know get their entries.

        Raises
        ------
        FileRefusedError, ResourceError
            If the folder cannot be written to, or holds another study.
        """
        self._make_folders()
        with suppress(FileNotFoundError):
            self.stop_file.unlink()
        write_text(self.folder / CONFIGURATION, self.recipe.text, overwrite=True)
        for point in self.own_points:
            entry = self.entry(point)
            if entry is not None and entry not in self._entries(point):
                self.index.add(entry)

    def _make_folders(self) -> None:
        try:
            (self.folder / POINTS).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileRefusedError(
                f"{self.folder}: cannot be a folder ({error.strerror}); name another"
            ) from error


def study_of(
    path: str | os.PathLike[str], overrides: Sequence[str] = (), folder: str | os.PathLike[str] | None = None
) -> Study:
    """The study that a configuration with a section ``sweep`` describes.

    Parameters
    ----------
    path
        The configuration.
    overrides
        ``a.b=value`` texts that replace values of it.
    folder
        Where the study lies; by default the configuration's ``output`` without its ending.

    Raises
    ------
    ConfigError
        If the configuration, or that of a point, is wrong, or nothing is swept.
    """
    config, source = load_config(path, overrides)
    recipe = FromConfiguration(source)
    section = recipe.sweep
    try:
        points = points_of(section)
    except InputError as error:
        raise source.error("sweep", str(error)) from None
    study = Study(Path(folder or Path(config.output).with_suffix("")), recipe, points)
    for point in (*_telling(points), *_between(section, points)):
        if not study.is_done(point):
            recipe.check(point)
    return study


def open_study(folder: str | os.PathLike[str]) -> Study:
    """A study from its folder.

    Raises
    ------
    InputError
        If the folder holds none.
    """
    path = Path(folder) / CONFIGURATION
    if not path.exists():
        raise InputError(f"{os.fspath(folder)}: no study, {CONFIGURATION} is missing; bdg sweep makes one")
    recipe = recipe_from(path.read_text(encoding="utf-8"), path)
    study = Study(Path(folder), recipe, points_of(recipe.sweep))
    while study.grow():
        pass
    return study


def _between(sweep: Sweep, points: Sequence[Point]) -> list[Point]:
    """A point such as may be added, to be checked before any work."""
    plan = plan_of(sweep)
    if plan is None:
        return []
    axes = {axis.keys[0]: axis.values[0] for axis in axes_of(sweep)}
    added = {key: axes[key][-1] + 1 if sweep.until else sum(axes[key][:2]) / 2 for key in plan.keys}
    point = Points(sweep).add({**points[0].values, **added}, points[0].branch)
    return [] if point is None else [point]


def _telling(points: Sequence[Point]) -> list[Point]:
    """Points in which every value of every key occurs: those that are checked before any work."""
    seen: set[tuple[str, str]] = set()
    chosen = []
    for point in points:
        fresh = {(key, repr(value)) for key, value in point.values.items()} | {("", point.branch)}
        fresh -= seen
        if fresh:
            chosen.append(point)
            seen |= fresh
    return chosen

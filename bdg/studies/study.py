"""A study: a folder with the results of a sweep, one for each point, and an index.

    STUDY/study.yaml          the configuration, as it was given
    STUDY/index.jsonl         how each point ended, with the single numbers of its result
    STUDY/points/00012.h5     the result of point 12; .checkpoint beside it where the run was stopped

A point is known by its configuration: where that has changed, the point is run again.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bdg.config import load_config
from bdg.errors import FileRefusedError, InputError
from bdg.result import Result
from bdg.store import load, write_text
from bdg.studies.index import Entry, Index
from bdg.studies.points import Point, points_of
from bdg.studies.recipes import FromConfiguration, Recipe, recipe_from

CONFIGURATION, INDEX, POINTS, STOP = "study.yaml", "index.jsonl", "points", "stop"
"""Names within a study's folder; the last is a file that asks the runs of all workers to stop."""


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
    """

    folder: Path
    recipe: Recipe = field(repr=False)
    points: Sequence[Point] = field(repr=False)

    def __repr__(self) -> str:
        """``study results/gap, 12 points: 10 converged, 2 waiting``."""
        counted = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in self.counts().items())
        return f"study {self.folder}, {len(self.points)} points: {counted}"

    @cached_property
    def index(self) -> Index:
        """How each point ended."""
        return Index(self.folder / INDEX)

    def file(self, point: Point) -> Path:
        """Where the result of a point lies."""
        return self.folder / POINTS / f"{point.number:05d}.h5"

    def entry(self, point: Point) -> Entry | None:
        """How a point ended, unless its configuration has changed since or its file is gone."""
        entry = self.index.entries.get(point.number)
        if entry is None or entry.digest != self.recipe.digest(point):
            return None
        return entry if not entry.file or (self.folder / entry.file).exists() else None

    def is_done(self, point: Point) -> bool:
        """Whether a point has converged, and all that was to be measured is."""
        entry = self.entry(point)
        return entry is not None and entry.status == "converged" and not entry.error

    @property
    def todo(self) -> list[Point]:
        """Points that are not done, in their order."""
        return [point for point in self.points if not self.is_done(point)]

    def results(self) -> Iterator[tuple[Point, Result]]:
        """The results of all points that have one, whether converged or not, read one after the other."""
        for point in self.points:
            entry = self.entry(point)
            if entry is not None and entry.file:
                yield point, load(self.folder / entry.file, warn=False)

    def counts(self) -> Counter[str]:
        """How many points ended how; ``waiting`` are those without an entry."""
        entries = map(self.entry, self.points)
        return Counter("waiting" if entry is None else entry.status for entry in entries)

    def stop(self) -> None:
        """Ask the runs of all workers to stop, with checkpoints."""
        (self.folder / STOP).touch()

    def begin(self) -> None:
        """Make the folder, keep the recipe in it, and take back an earlier request to stop.

        Raises
        ------
        FileRefusedError, ResourceError
            If the folder cannot be written to, or holds another study.
        """
        try:
            (self.folder / POINTS).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileRefusedError(
                f"{self.folder}: cannot be a folder ({error.strerror}); name another"
            ) from error
        with suppress(FileNotFoundError):
            (self.folder / STOP).unlink()
        write_text(self.folder / CONFIGURATION, self.recipe.text, overwrite=True)


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
    for point in _telling(points):
        recipe.check(point)
    return Study(Path(folder or Path(config.output).with_suffix("")), recipe, points)


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
    return Study(Path(folder), recipe, points_of(recipe.sweep))


def _telling(points: Sequence[Point]) -> list[Point]:
    """Points in which every value of every key occurs: those that are checked before any work."""
    seen: set[tuple[int, int]] = set()
    chosen = []
    for point in points:
        fresh = set(enumerate(point.place)) - seen
        if fresh:
            chosen.append(point)
            seen |= fresh
    return chosen

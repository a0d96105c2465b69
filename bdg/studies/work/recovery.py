"""Entries of results that the index does not know: the entry was lost, or the file was replaced by hand."""

from __future__ import annotations

from pathlib import Path

from bdg.errors import BdgError
from bdg.store import read
from bdg.studies.kept.index import Entry
from bdg.studies.kept.stamps import stamp_of
from bdg.studies.plan.points import Point
from bdg.studies.work.recipes import Recipe
from bdg.studies.work.task import energy_numbers, numbers_of


def entry_of_file(path: Path, name: str, recipe: Recipe, point: Point) -> Entry | None:
    """The entry of a result.

    Parameters
    ----------
    path, name
        The file, and what it is called in the index.
    recipe, point
        What it should be of.

    Returns
    -------
    Entry or None
        ``None`` if the file is damaged, no result, or of another configuration.
    """
    try:
        stamp, result = stamp_of(path), read(path)
        if not recipe.is_of(point, result):
            return None
        ranks = energy_numbers(result) if recipe.sweep.compete else {}
    except (BdgError, OSError):
        return None
    return Entry(
        point.number,
        recipe.digest(point),
        result.status,
        point.values,
        point.branch,
        name,
        iterations=len(result.history),
        numbers=numbers_of(result) | ranks,
        error="; ".join(f"{one} failed" for one in result.failed),
        residual=float(result.residual) if result.history else None,
        stamp=stamp,
    )

"""A table of many results: a row for each file, a column for each fact that is asked for."""

from __future__ import annotations

import glob
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bdg.errors import BdgError, InputError, UnknownKeyError
from bdg.expressions.condition import Condition
from bdg.keywords import did_you_mean
from bdg.store.glance import SUMMARIES, Glance, glance_at
from bdg.studies.collected.keys import unit_of
from bdg.studies.study import CONFIGURATION, POINTS
from bdg.words import quoted

FACTS = {
    **dict.fromkeys(("temperature", "residual", "tolerance", "delta_error"), "t"),
    **dict.fromkeys(("title", "status", "iterations", "left_saddle", "solver", "created", "seed"), "1"),
    "warnings": "1",
}
"""Facts of every run, and their units."""

ENDS = ("converged", "not_converged", "stopped", "broken")
"""Statuses, which stand for 1 or 0 in a condition."""

LARGEST = "largest_delta"
"""The largest |Δ| on a site, in t."""

USUAL = ("temperature", LARGEST, "iterations", "residual")
"""Columns where none are named."""


_unit_of = cache(unit_of)


@dataclass(frozen=True)
class Record:
    """A row.

    Parameters
    ----------
    file
        As it was named.
    status
        How the run ended; of a file that cannot be read, why not.
    values
        By column; ``None`` where the file has no such thing.
    is_readable
        Whether it could be read.
    """

    file: str
    status: str
    values: Mapping[str, Any] = field(default_factory=dict)
    is_readable: bool = True


@dataclass(frozen=True)
class Listing:
    """A table.

    Parameters
    ----------
    columns
        Their names.
    units
        By name.
    records
        The rows.
    """

    columns: tuple[str, ...]
    units: Mapping[str, str]
    records: tuple[Record, ...]


def files_of(patterns: Sequence[str]) -> list[str]:
    """The files that names, patterns and folders stand for, in the order of their names.

    Parameters
    ----------
    patterns
        ``results/*.h5``; a folder stands for the results in it, that of a study for its points.

    Raises
    ------
    InputError
        If there are none.
    """
    found: list[str] = []
    for pattern in patterns:
        if os.path.isdir(pattern):
            points = POINTS if os.path.exists(os.path.join(pattern, CONFIGURATION)) else ""
            inside = sorted(glob.glob(os.path.join(glob.escape(pattern), points, "*.h5")))
        else:
            inside = [pattern] if os.path.exists(pattern) else sorted(glob.glob(pattern, recursive=True))
        if not inside:
            raise InputError(f"no result matches {quoted(pattern)}; write for example 'results/*.h5'")
        found += inside
    return list(dict.fromkeys(found))


def listing(
    files: Sequence[str], columns: Sequence[str] = (), *, where: str | None = None, sort: str | None = None
) -> Listing:
    """A table of results, of which only what the table needs is read.

    Parameters
    ----------
    files
        Their names; those that cannot be read have rows that say so.
    columns
        Facts of the run (:data:`FACTS`, ``largest_delta``), keys of the configuration, quantities: a number
        is itself, of an array the range, ``NAME.mean``, ``NAME.min``, ``NAME.max``; ``NAME.error`` is the
        stated error.
    where
        A condition in these, ``converged and temperature < 0.1``; rows without what it asks are left out.
    sort
        The column or formula by which rows are sorted, ``-NAME`` from the largest on.

    Raises
    ------
    InputError
        If no file has a column, or a condition or formula is wrong.
    """
    chosen = tuple(columns) or USUAL
    condition = None if where is None else Condition(where)
    order = None if sort is None else Condition(sort.removeprefix("-"))
    needed = [name for one in (condition, order) if one is not None for name in one.names]
    wanted = list(dict.fromkeys([*chosen, *(name for name in needed if name not in ENDS)]))
    units: dict[str, str] = {}
    rows = [_record(file, wanted, units) for file in files]
    _require_known([name for name in wanted if columns or name not in USUAL], rows, files)
    if condition is not None:
        rows = [row for row in rows if row.is_readable and _value(condition, row)]
    if order is not None and sort is not None:
        rows = _sorted(rows, order, is_descending=sort.startswith("-"))
    return Listing(chosen, {name: units.get(name, "1") for name in chosen}, tuple(rows))


def _record(file: str, wanted: Sequence[str], units: dict[str, str]) -> Record:
    try:
        with glance_at(file) as glance:
            values = {}
            for name in wanted:
                values[name], unit = _asked(glance, name)
                if values[name] is not None and units.get(name, "1") == "1":
                    units[name] = unit
            return Record(file, str(glance.fact("status")), values)
    except BdgError as error:
        why = str(error).removeprefix(f"{file}: ").split(";")[0]
        return Record(file, why, is_readable=False)


def _asked(glance: Glance, name: str) -> tuple[Any, str]:
    """A value and its unit; ``None`` where the file has none of that name."""
    if name in FACTS:
        fact = glance.fact(name)
        return (len(str(fact).splitlines()) if name == "warnings" else fact), FACTS[name]
    if name == LARGEST:
        return max(abs(glance.summary("delta", end)) for end in ("min", "max")), "t"
    quantity, _, which = name.rpartition(".")
    if name in glance.places:
        return glance.summary(name), glance.units(name)
    if quantity in glance.places and which in SUMMARIES:
        return glance.summary(quantity, which), glance.units(quantity)
    try:
        return (None if glance.settings is None else glance.settings[name]), _unit_of(name)
    except UnknownKeyError:
        return None, "1"


def _require_known(wanted: Sequence[str], rows: Sequence[Record], files: Sequence[str]) -> None:
    """Refuse a column that no file has.

    Raises
    ------
    InputError
        With the nearest that the first one has.
    """
    readable = [row for row in rows if row.is_readable]
    for name in wanted:
        if not readable or any(row.values[name] is not None for row in readable):
            continue
        with glance_at(readable[0].file) as glance:
            keys = {} if glance.settings is None else glance.settings.flat()
            known = [*FACTS, LARGEST, *glance.places, *keys]
        ends = [key for key in keys if key.split(".")[-1] == name]
        hint = f"; did you mean {ends[0]!r}?" if ends else did_you_mean(name, known)
        hint = hint or f"; {readable[0].file} has {', '.join(known)}"
        raise InputError(f"no file has {name!r}{hint}")


def _value(formula: Condition, row: Record) -> float | None:
    """The value for a row; ``None`` where it lacks something."""
    values = {name: float(row.status == name) for name in ENDS} | dict(row.values)
    needed = [values.get(name) for name in formula.names]
    if any(value is None or (isinstance(value, float) and not math.isfinite(value)) for value in needed):
        return None
    return formula(values)


def _sorted(rows: list[Record], order: Condition, *, is_descending: bool) -> list[Record]:
    """The rows by a formula, or by a column of text; those that lack it come last."""
    single = order.names[0] if order.names == (order.text.strip(),) else None

    def key(row: Record) -> Any:
        if single is not None and single not in ENDS:
            return row.values.get(single)
        return _value(order, row) if row.is_readable else None

    there = [row for row in rows if key(row) is not None]
    lacking = [row for row in rows if key(row) is None]
    are_text = any(isinstance(key(row), str | list) for row in there)
    by = (lambda row: str(key(row))) if are_text else key
    return [*sorted(there, key=by, reverse=is_descending), *lacking]


def as_cell(value: Any) -> str:
    """A value as a table shows it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)

"""Repeating a run from what its file holds, and comparing."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.config import ConfigSource
from bdg.errors import FileRefused
from bdg.result import Result
from bdg.run import Hooks, run
from bdg.store import load
from bdg.store.starts import field_quantities

DIFFERENCE_PER_TOLERANCE = 1e3
"""Differences up to so many tolerances of the loop, as a share of the values, are another machine's."""


@dataclass(frozen=True)
class Comparison:
    """A quantity of the file beside that of the repeated run.

    Parameters
    ----------
    name, units
        Which quantity, in which units.
    difference
        Largest difference of any value; infinite where the shapes differ or one is not finite.
    allowed
        What another machine, or another number of threads, may make of it.
    """

    name: str
    units: str
    difference: float
    allowed: float

    @property
    def agrees(self) -> bool:
        """Whether the difference is allowed."""
        return self.difference <= self.allowed


def rerun(path: str | os.PathLike[str], hooks: Hooks | None = None) -> tuple[Result, list[Comparison]]:
    """Run the resolved configuration of a result again and compare every field and quantity.

    Nothing is written.

    Raises
    ------
    FileRefused
        If the file is none, or holds no configuration, being made from Python.
    InputError, ResourceError, NumericalError
        As the run itself.
    """
    before = load(path)
    text = before.provenance.config_resolved
    if not text:
        raise FileRefused(f"{os.fspath(path)}: made from Python, without a configuration to run again")
    source = ConfigSource(text, os.fspath(path))
    after = run(source.parse(), source, hooks=hooks)
    return after, compare(before, after)


def compare(before: Result, after: Result) -> list[Comparison]:
    """Every field and quantity of one result beside that of another."""
    share = DIFFERENCE_PER_TOLERANCE * max(before.tolerance, after.tolerance)
    old, new = ({**field_quantities(result), **result.quantities()} for result in (before, after))
    rows = []
    for name, quantity in old.items():
        values, other = quantity.values, new[name].values if name in new else None
        if values.dtype.kind not in "iufcb":
            continue
        error = (quantity.error or 0.0) + ((new[name].error or 0.0) if name in new else 0.0)
        scale = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
        difference = np.inf if other is None else _largest(values, other)
        rows.append(Comparison(name, quantity.units, difference, share * max(1.0, scale) + error))
    return rows


def _largest(one: NDArray[np.generic], two: NDArray[np.generic]) -> float:
    if one.shape != two.shape:
        return np.inf
    one, two = (values.astype(np.int8) if values.dtype.kind == "b" else values for values in (one, two))
    same = (one == two) | (np.isnan(one) & np.isnan(two))
    with np.errstate(invalid="ignore"):
        apart = np.abs(np.where(same, 0.0, np.subtract(two, one)))
    return float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))

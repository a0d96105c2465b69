"""The same problem on every solver that can do it, and how far they are apart."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.config import Config, ConfigSource
from bdg.crosscheck.difference import SAFETY, Difference, as_numbers, largest, largest_of, stated_error
from bdg.errors import InputError, NumericalError, ResourceError
from bdg.result import Result
from bdg.simulation.run import run
from bdg.solvers.choose import METHODS


@dataclass(frozen=True)
class Run:
    """One solver's run of the problem.

    Parameters
    ----------
    method
        Name of the solver.
    result
        What it found; ``None`` if it could not do the job.
    seconds
        Wall time, compilation included.
    reason
        Why there is no result.
    """

    method: str
    result: Result | None
    seconds: float
    reason: str = ""


def run_all(config: Config, source: ConfigSource) -> list[Run]:
    """Run a configuration with every solver one after the other; nothing is written.

    Raises
    ------
    InputError
        If fewer than two can do it.
    """
    runs = []
    for method in METHODS[1:]:
        chosen = config.model_copy(update={"solver": config.solver.model_copy(update={"method": method})})
        start = time.perf_counter()
        try:
            result, reason = _run(chosen, source), ""
        except (InputError, NumericalError, ResourceError) as error:
            result, reason = None, str(error)
        runs.append(Run(method, result, time.perf_counter() - start, reason))
    if sum(entry.result is not None for entry in runs) < 2:
        reasons = "; ".join(f"{entry.method}: {entry.reason}" for entry in runs if entry.reason)
        raise InputError(f"fewer than two solvers can do this problem ({reasons})")
    return runs


def _run(config: Config, source: ConfigSource) -> Result:
    """Run it; what fails in an observable is raised, for nothing is compared without it."""
    result = run(config, source)
    for error in result.failures.values():
        raise error
    return result


LOOSE = 1e3
"""Two loops that end at one tolerance may be this many times as far apart: 1/(1 − λ) and what follows."""


def differences(runs: list[Run]) -> list[Difference]:
    """Every solver's fields and quantities against those of the first that has a result."""
    first, *others = [(entry.method, entry.result) for entry in runs if entry.result is not None]
    return [row for method, result in others for row in results_compared(method, first[1], result)]


def results_compared(method: str, first: Result, other: Result) -> list[Difference]:
    """The fields and quantities of one result against those of another, found by ``method``.

    What turns with Δ is compared up to its global phase, which a loop leaves free.
    """
    expected, values, factor = _values(first), _values(other), _global_phase(first, other)
    slack, found = LOOSE * (first.tolerance + other.tolerance), []
    for name, (array, units, error) in expected.items():
        two, _, its_error = values.get(name, (np.array(np.nan), units, 0.0))
        scale = largest_of(array)
        allowed = SAFETY * (error + its_error) + slack * max(1.0, scale)
        apart = largest(array, two)
        if np.iscomplexobj(array) or np.iscomplexobj(two):
            apart = min(apart, largest(array, factor * two))
        found.append(Difference(method, name, apart, scale, units, allowed))
    return found


def _global_phase(one: Result, two: Result) -> complex:
    """e^{iα} that brings Δ of the second as near as can be to that of the first."""
    overlap = complex(two.fields.overlap(one.fields))
    return overlap / abs(overlap) if abs(overlap) > 0 else 1.0


def _values(result: Result) -> dict[str, tuple[NDArray[Any], str, float]]:
    """Values, units and error of every field and quantity."""
    fields: dict[str, tuple[NDArray[Any], str, float]] = {
        row.name: (np.asarray(value), row.units, 0.0) for row, value in result.fields.present()
    }
    return fields | {
        name: (as_numbers(quantity.values), quantity.units, stated_error(quantity))
        for name, quantity in result.quantities().items()
    }

"""The same problem on every solver that can do it, and how far they are apart."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from bdg.config import Config, ConfigSource
from bdg.errors import InputError, NumericalError, ResourceError
from bdg.result import Result
from bdg.run import run
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


@dataclass(frozen=True)
class Difference:
    """How far a quantity of one solver is from that of the first.

    Parameters
    ----------
    method, quantity
        Which solver, which quantity.
    largest
        Largest difference of any value.
    scale
        Largest value, to compare with.
    units
        Of both.
    """

    method: str
    quantity: str
    largest: float
    scale: float
    units: str


def run_all(config: Config, source: ConfigSource) -> list[Run]:
    """Run a configuration with every solver in turn; nothing is written.

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


def differences(runs: list[Run]) -> list[Difference]:
    """Every solver's fields and quantities against those of the first that has a result."""
    first, *others = [entry for entry in runs if entry.result is not None]
    assert first.result is not None
    expected, found = _values(first.result), []
    for other in others:
        assert other.result is not None
        values = _values(other.result)
        for name, (array, units) in expected.items():
            difference = _largest(array, values[name][0]) if name in values else np.inf
            scale = float(np.abs(array[np.isfinite(array)]).max(initial=0.0))
            found.append(Difference(other.method, name, difference, scale, units))
    return found


def _largest(one: np.ndarray, two: np.ndarray) -> float:
    """The largest difference; infinite where only one is a number, or the shapes are not the same."""
    if one.shape != two.shape:
        return np.inf
    equal = (one == two) | (np.isnan(one) & np.isnan(two))
    with np.errstate(invalid="ignore"):
        apart = np.abs(np.where(equal, 0.0, two - one))
    return float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))


def _values(result: Result) -> dict[str, tuple[np.ndarray, str]]:
    fields = {
        "delta": (np.asarray(result.fields.delta), "t"),
        "hartree": (result.fields.hartree, "t"),
        "mu": (np.array(result.fields.mu), "t"),
    }
    for name in ("exchange", "bond_delta", "fock"):
        if getattr(result.fields, name) is not None:
            fields[name] = (np.asarray(getattr(result.fields, name)), "t")
    return fields | {
        name: (_numbers(quantity.values), quantity.units) for name, quantity in result.quantities().items()
    }


def _numbers(values: np.ndarray) -> np.ndarray:
    """Truth values as 0 and 1, which have a difference."""
    return values.astype(np.int8) if values.dtype.kind == "b" else values

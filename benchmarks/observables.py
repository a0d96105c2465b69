"""What each observable costs beside the self-consistency of its sample, and how that grows with the sites."""

from __future__ import annotations

import math
import multiprocessing
import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

import yaml

import bdg
from bdg.errors import BdgError
from bdg.observables import registry
from bdg.resources import blas_threads
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table

MOST = Goal(10.0, at_least=False)
PATIENCE = 60.0
"""Times of the self-consistency after which an observable is left; what has no end there has no growth."""

LEFT = "–"

LEAST = 10.0
"""Seconds that each may take in any case."""


def samples(side: int) -> Iterator[tuple[str, bdg.Model]]:
    """Samples of so many sites a side: of these an observable takes the first that has what it needs."""
    torus = bdg.build_sample("square", (side, side), "periodic")
    plane = bdg.build_sample("square", (side, side), "open")
    usual: dict[str, Any] = {"temperature": 0.05, "chemical_potential": -0.5, "disorder": bdg.Disorder(1.0)}
    yield "disordered", bdg.build_model(torus, attraction=2.5, **usual)
    yield (
        "in a field",
        bdg.build_model(plane, attraction=2.5, vector_potential=bdg.UniformField(2e-3), **usual),
    )
    wire: dict[str, Any] = {
        "rashba": 0.5,
        "zeeman": (0.0, 0.0, 1.2),
        "given_delta": 0.4,
        "chemical_potential": -4.0,
    }
    yield "Rashba", bdg.build_model(torus, **wire)
    yield "Rashba, open", bdg.build_model(plane, **wire)


def measure(scale: Scale) -> list[Table]:
    """Every observable with its defaults and what its template gives, on the sample that it can be had of."""
    sides = pick(scale, (8,), (24, 48), (32, 64, 96))
    found: dict[str, list[Row]] = {}
    for side in sides:
        for name, row in _of(side):
            found.setdefault(name, []).append(row)
    rows = [_line(name, some, sides) for name, some in found.items()]
    notes = [
        "one process, one thread; an SCF is that of the sample, from a uniform start to 1e-8",
        f"{LEFT}: left after {PATIENCE:g} SCFs and {LEAST:g} s; experiments take three states",
        "growth: exponent of the number of sites, from the last two sizes",
    ]
    return [Table("Observables, in units of the self-consistency of their sample", rows, notes)]


def _line(name: str, found: list[Row], sides: Sequence[int]) -> Row:
    """One observable at all sizes."""
    row: Row = {"observable": name, "sample": found[-1]["sample"]}
    seconds = [float(each["seconds"]) for each in found]
    for side, spent, each in zip(sides, seconds, found, strict=True):
        row[f"{side}² / s"] = spent if math.isfinite(spent) else LEFT
        row[f"{side}² / SCF"] = spent / float(each["scf"]) if math.isfinite(spent) else LEFT
    if len(seconds) > 1 and math.isfinite(seconds[-1]):
        row["growth"] = 0.5 * math.log(seconds[-1] / seconds[-2]) / math.log(sides[-1] / sides[-2])
    return row | MOST.judged(seconds[-1] / float(found[-1]["scf"]))


def _of(side: int) -> Iterator[tuple[str, Row]]:
    """Processor time of every observable on the samples of a size."""
    left = {*registry.contracts()}
    for sample, model in samples(side):
        with blas_threads(1):
            began = time.process_time()
            state = bdg.solve(model, observables=[], threads=1, hooks=bdg.Hooks())
            alone = time.process_time() - began
        for name in sorted(left):
            seconds = _seconds(state, name, max(LEAST, PATIENCE * alone))
            if seconds is not None:
                left.remove(name)
                yield name, {"sample": sample, "seconds": seconds, "scf": alone}


def _seconds(state: bdg.Result, name: str, patience: float) -> float | None:
    """What an observable takes, in a process of its own; infinity past ``patience``, ``None`` if refused."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    worker = context.Process(target=_timed, args=(there, state, name, patience))
    worker.start()
    there.close()
    try:
        seconds: float | None = here.recv()
        return seconds
    except EOFError:  # the system ended it
        return math.inf
    finally:
        worker.join()


def _timed(report: Connection, state: bdg.Result, name: str, patience: float) -> None:
    """Send the seconds that an observable takes, ``None`` if its sample does not have what it needs."""
    parameters: Mapping[str, Any] = yaml.safe_load(registry.contracts()[name].example or "{}")
    parameters = {key: 3 if key in ("num", "phases") else value for key, value in parameters.items()}
    began = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(began + patience),) * 2)
    try:
        bdg.measure(state, name, **parameters)
    except BdgError:
        report.send(None)
        return
    report.send(time.process_time() - began)

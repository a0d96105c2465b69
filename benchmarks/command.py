"""Runs benchmarks by name, prints their tables and writes them down."""

from __future__ import annotations

import importlib
import json as json_format
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bdg.errors import InputError
from bdg.store import require_writable, write_text
from benchmarks.machine import machine
from benchmarks.scale import Scale
from benchmarks.table import Table

NAMES = (
    "iteration",
    "scf",
    "unconventional",
    "kernel",
    "ldos",
    "cubic",
    "large",
    "locality",
    "response",
    "observables",
    "accuracy",
    "crossover",
    "ordering",
    "inverses",
    "expansions",
    "convergence",
    "hard",
    "drivers",
    "setup",
    "startup",
    "studies",
    "shared",
    "figures",
)
"""Every benchmark is a module of this package with a function ``measure(scale) -> list[Table]``."""


def bench(names: Sequence[str], json: Path | None, large: bool, scale: Scale | None = None) -> dict[str, Any]:
    """Measure, print a table as soon as it is there, and write all of them as JSON.

    Parameters
    ----------
    names
        Some of :data:`NAMES`; none means all.
    json
        Where to write the tables and what machine they are of.
    large
        Run the slow comparisons that are extrapolated otherwise.
    scale
        In place of ``large``.

    Raises
    ------
    InputError
        If there is no benchmark of that name.
    """
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise InputError(f"unknown benchmark {unknown[0]!r}; use {', '.join(NAMES)}")
    if json is not None:
        require_writable(json)  # an older one is refused now, not after minutes
    scale = scale or ("large" if large else "usual")
    document: dict[str, Any] = {"machine": machine(), "scale": scale, "benchmarks": {}}
    for key, value in document["machine"].items():
        print(f"{key:>12}: {value}")
    verdicts = []
    for name in names or NAMES:
        start = time.perf_counter()
        tables: list[Table] = importlib.import_module(f"benchmarks.{name}").measure(scale)
        seconds = time.perf_counter() - start
        print(f"\n== {name} ({seconds:.0f} s)")
        for table in tables:
            print("\n".join(table.lines()), flush=True)
            verdicts += [(f"{name}, {what}", verdict) for what, verdict in table.verdicts()]
        document["benchmarks"][name] = {"seconds": seconds, "tables": [_plain(table) for table in tables]}
        if json is not None:
            text = json_format.dumps(document, indent=1, ensure_ascii=False) + "\n"
            write_text(json, text, overwrite=True)  # its own of a table ago
    missed = [what for what, verdict in verdicts if verdict == "MISS"]
    if verdicts:
        print(f"\n{len(verdicts) - len(missed)} of {len(verdicts)} gates met")
        print("".join(f"missed: {what}\n" for what in missed), end="")
    return document


def _plain(table: Table) -> dict[str, Any]:
    return {"title": table.title, "notes": list(table.notes), "rows": table.rows}

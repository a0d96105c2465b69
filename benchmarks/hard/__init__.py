"""Loops that are hard to bring to self-consistency: whether they arrive, at what cost, and where."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import yaml

import bdg
from bdg.config import ConfigSource
from bdg.errors import BdgError
from bdg.ground_state.ranking import energy_of
from bdg.scf.map import FixedPoint
from bdg.simulation.run import run
from benchmarks.scale import Scale, pick
from benchmarks.table import Row, Table

ROOT = Path(__file__).parents[2]
CASES: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text())
BEST: dict[str, float] = json.loads((Path(__file__).parent / "best.json").read_text())
"""The lowest energies known, by case."""

MOST = 200
"""Evaluations of f(H) that a loop may take."""

SAME = 1e-6
"""Energies this close, per site, are those of one state."""

STABLE_FROM = 1.0 + 1e-3
"""Largest eigenvalue of the linearised map from which a state is a saddle."""

TOY = ("below T_c, clean", "level at the chemical potential, T = 0")


def measure(scale: Scale) -> list[Table]:
    """How each case ended, after how many evaluations, how far above the best known, and how stable."""
    names = pick(scale, TOY, tuple(CASES))
    rows = [_measured(name) for name in names]
    counts = np.array([row["evaluations"] for row in rows])
    late = sum(row["ended"] != "converged" for row in rows)
    saddles = sum(row["saddle"] == "unreported" for row in rows)
    above = sum(bool(row["above"]) for row in rows)
    notes = [
        f"median of evaluations {np.median(counts):g}; not converged {late} of {len(rows)}",
        f"saddles that nothing says {saddles}; above the best known {above}",
        "what ended as converged has its largest eigenvalue computed, up to 1000 unknowns",
    ]
    return [Table("Loops that are hard", rows, notes)]


def source_of(case: dict[str, Any]) -> ConfigSource:
    """The configuration of a case, without its observables."""
    changed = {"observables": {}, "output": "none.h5", **case.get("set", {})}
    path = ROOT / "configs" / f"{case['from']}.yaml" if "from" in case else None
    text = yaml.safe_dump(case["config"]) if path is None else path.read_text()
    return ConfigSource(text, "case.yaml" if path is None else str(path), (), tuple(changed.items()))


def _measured(name: str) -> Row:
    began = time.perf_counter()
    with _counted() as evaluations:
        try:
            source = source_of(CASES[name])
            result = run(source.parse(), source, hooks=bdg.Hooks(stop=lambda: len(evaluations) > MOST))
        except BdgError as error:
            told = str(error).split("; ")[0][-60:]
            return {"case": name, "ended": told, "evaluations": len(evaluations), "above": "", "saddle": ""}
    row: Row = {"case": name, "ended": result.status, "evaluations": len(evaluations)}
    seconds = time.perf_counter() - began
    energy = float(energy_of(result.state(), result.residual).values) / result.sample.n_sites
    above = energy - BEST.get(name, energy)
    row["above"] = f"{above:.1e}" if above > SAME else ""
    row |= _stability(result) | {"Ω per site / t": energy, "residual": float(result.residual), "s": seconds}
    return row


def _stability(result: bdg.Result) -> Row:
    """What is said of the state, and the largest eigenvalue where it is quick."""
    said = any("saddle" in line for line in result.warnings)
    unknowns = result.sample.n_sites * (2 if result.fields.is_complex else 1)
    if result.status != "converged" or unknowns > 1000:
        return {"saddle": "said" if said else "", "eigenvalue": ""}
    try:
        found = bdg.measure(result, "stability")
    except BdgError as error:
        return {"saddle": "said" if said else "", "eigenvalue": str(error)[:30]}
    largest = float(found["largest_eigenvalue"].values)
    is_saddle = largest > STABLE_FROM
    return {"saddle": ("said" if said else "unreported") if is_saddle else "", "eigenvalue": f"{largest:.5f}"}


@contextmanager
def _counted() -> Iterator[list[int]]:
    """The evaluations of the map in the block."""
    made: list[int] = []
    plain = FixedPoint.__call__

    def counted(self: FixedPoint, fields: Any) -> Any:
        made.append(1)
        return plain(self, fields)

    with patch.object(FixedPoint, "__call__", counted):
        yield made

"""Run after run in one process with faults at random, where memory must not grow; static analysis."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

import bdg
from bdg.errors import BdgError
from bdg.resources import memory_in_use
from bdg.solvers.selected_inversion import SelectedInversion
from tests.torture.row import Trials, row

WARM = 20
"""Runs before the memory is looked at."""


@row("soak: runs in one process, every third with a fault", most=20_000, share=3)
def soak(trials: Trials) -> None:
    sample = bdg.build_sample("square", (12, 10), "periodic")
    real, start, iterations = SelectedInversion.correlations, None, 0
    for n in trials:
        fault, at = (
            ("", "nan", "memory", "linalg", "interrupt", "value")[
                int(trials.rng.integers(6)) if n % 3 == 0 else 0
            ],
            n % 5,
        )
        SelectedInversion.correlations = _faulty(real, fault, at)
        model = bdg.build_model(
            sample, attraction=2.0, chemical_potential=-0.4, temperature=0.05, disorder=bdg.Disorder(1.0, n)
        )
        try:
            made = bdg.solve(
                model, solver="selected_inversion", threads=1, hooks=bdg.Hooks(), observables=["density"]
            )
            iterations += len(made.history)
            is_fine = made.status == "converged" or (fault == "nan" and made.status == "broken")
            trials.expect(is_fine or bool(fault), f"{fault}: {made.status}")
        except (BdgError, KeyboardInterrupt, MemoryError, np.linalg.LinAlgError, ZeroDivisionError):
            trials.expect(bool(fault), "an error without a fault")
        finally:
            SelectedInversion.correlations = real
        if n == WARM:
            start, iterations = memory_in_use(), 0
    if start is not None and iterations:
        growth = 100 * (memory_in_use() / start - 1) / (iterations / 1000)
        trials.figures["iterations"] = iterations
        trials.figures["growth / % per 1000 iterations"] = growth
        trials.expect(growth < 1 or iterations < 1000, f"memory grows by {growth:.2g} %")


def _faulty(real, fault, at):
    calls = []

    def correlations(self, *given, **named):
        found = real(self, *given, **named)
        calls.append(1)
        if fault and len(calls) == at + 2:
            if fault == "nan":
                found.blocks[0, 0, 0] = np.nan
            else:
                raise {
                    "memory": MemoryError(),
                    "linalg": np.linalg.LinAlgError("singular"),
                    "interrupt": KeyboardInterrupt(),
                    "value": ZeroDivisionError(),
                }[fault]
        return found

    return correlations


@row("bandit -r bdg -ll", most=1)
def bandit(trials: Trials) -> None:
    for _ in trials:
        if importlib.util.find_spec("bandit") is None:
            trials.count("not installed")
            continue
        root = Path(__file__).parents[2]
        words = [sys.executable, "-m", "bandit", "-r", "bdg", "-ll", "-q", "-f", "json"]
        ended = subprocess.run(words, cwd=root, capture_output=True, text=True)
        found = json.loads(ended.stdout)["results"]
        trials.expect(
            not found, "; ".join(f"{one['filename']}:{one['line_number']} {one['test_id']}" for one in found)
        )

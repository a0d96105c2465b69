"""The estimate of the memory against the peak of processes that run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.reliability.test_dry_run import CONFIG, PEAK, SIZES
from tests.torture.child import folder
from tests.torture.row import Trials, row

ROOT = str(Path(__file__).parents[2])


@row("memory estimate, both solvers, 2D and 3D, four sizes: within a quarter of the peak", most=16, share=2)
def memory_estimate(trials: Trials) -> None:
    cases = [(*which, sides[n]) for n in range(4) for which, sides in SIZES.items()]
    for n in trials:
        method, kind, side = cases[n]
        size = [side] * (3 if kind == "cubic" else 2)
        sets = [
            f"lattice.kind={kind}",
            f"lattice.size={size}",
            f"solver.method={method}",
            "observables={density: {}}",
        ]
        words = [word for one in sets for word in ("--set", one)]
        with folder():
            Path("run.yaml").write_text(CONFIG)
            told, peak = (
                subprocess.run(
                    [sys.executable, *start, *words],
                    capture_output=True,
                    text=True,
                    env={"PYTHONPATH": ROOT, "PATH": ""},
                ).stdout
                for start in (("-m", "bdg", "run", "run.yaml", "--dry-run"), ("-c", PEAK))
            )
        number, unit = re.search(r"peak memory ([\d.]+) (\w)iB", told).groups()
        ratio = float(number) * {"M": 2**20, "G": 2**30}[unit] / int(peak)
        trials.largest("largest estimate/peak", ratio)
        trials.figures["least estimate/peak"] = min(trials.figures.get("least estimate/peak", 9.0), ratio)
        trials.expect(0.75 < ratio < 1.25, f"{method} {kind} {side}: {ratio:.2f}")

"""Time to import the package, to print the help, and to run the smallest configuration."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table
from benchmarks.timing import best

TINY = "lattice: {kind: chain, size: [4]}\nhamiltonian: {chemical_potential: 0}\n"
SMALL = """
lattice: {kind: square, size: [24, 24]}
hamiltonian: {chemical_potential: -0.5, disorder: {distribution: uniform, width: 2.0, seed: 0}}
interaction: {onsite: 2.5}
temperature: 0.05
"""
SECOND_START = Goal(3.0, at_least=False)


def measure(scale: Scale) -> list[Table]:
    """Best of three starts of a new interpreter, the compile cache warm."""
    with tempfile.TemporaryDirectory() as folder:
        tiny, small = Path(folder, "tiny.yaml"), Path(folder, "small.yaml")
        tiny.write_text(TINY)
        small.write_text(SMALL)
        run = ["-m", "bdg", "run", "--overwrite", "--quiet"]
        output = ["--set", f"output={Path(folder, 'out.h5')}"]
        commands: dict[str, list[str]] = {
            "python": ["-c", "pass"],
            "import bdg": ["-c", "import bdg"],
            "bdg --help": ["-m", "bdg", "--help"],
            "bdg validate": ["-m", "bdg", "validate", str(tiny)],
            "bdg run (4 sites)": [*run, str(tiny), *output],
            "bdg run (24×24)": [*run, str(small), *output],
        }
        rows: list[Row] = []
        for name in list(commands)[: pick(scale, 3, 6)]:
            seconds = _start(commands[name], pick(scale, 1, 3))
            goal = SECOND_START.judged(seconds) if name == "bdg run (24×24)" else {}
            rows.append({"command": name, "best of 3 / s": seconds, **goal})
    return [Table("Starts of the command line", rows)]


def _start(arguments: list[str], runs: int) -> float:
    def once() -> None:
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    once()
    return best(once, runs=runs, spend=0.0)
